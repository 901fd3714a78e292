"""The exercises of chapter 5, choosing and making a loss."""

from __future__ import annotations

import numpy as np

from lossbook.exercises import Exercise, Mistake, pairs
from lossbook.losses import Formula, log_cosh, loss

__all__ = ["EXERCISES"]

_FIVE_DAYS = Exercise(
    name="ch5-five-days",
    wanted="three numbers: the mean cost of ordering 75, its slope, the best order",
    parts=("mean cost", "its slope", "best order"),
    answer=(39.0, -0.6, 80.0),
    tolerance=1e-3,
    mistakes=(
        Mistake((195.0, -3.0, ...), "that is the sum over the days: divide by 5."),
        Mistake(
            (37.0, 1.4, 60.0),
            "the costs are the other way round: a cup short costs 3, a cup left over 1.",
        ),
        Mistake(
            (..., 0.6, ...),
            "the sign: count 1 for each day with leftovers and −3 for each day that runs out.",
        ),
        Mistake(
            (..., ..., 76.0), "that is the mean: it answers squared error, which charges squares."
        ),
        Mistake(
            (..., ..., 120.0),
            "there only one cost is left. Follow the slope: where does it change its sign?",
        ),
    ),
    remark="Three of five days need at most 70, four at most 80: the 0.75-quantile is 80.",
)


@loss(kinks=lambda *, free: (-free, free))
def _heating(y_true, y_pred, *, free=0.25):
    r = y_pred - y_true
    return Formula(
        value=np.where(r < 0, 5.0, 2.0) * np.maximum(np.abs(r) - free, 0),
        gradient=np.where(r > free, 2.0, 0.0) - np.where(r < -free, 5.0, 0.0),
    )


_HEATING = Exercise(
    name="ch5-heating",
    wanted="a loss made with @loss, or a pair of functions (value, gradient) of (y_true, y_pred)",
    answer=_heating,
    inputs=pairs(low=-1, high=1),
    mistakes=(
        Mistake(
            (lambda y, p: np.where(p < y, 5.0, 2.0) * np.abs(p - y), ...),
            "the first quarter of a degree is free.",
        ),
        Mistake(
            (
                lambda y, p: (
                    np.where(p < y, 5.0, 2.0) * np.where(np.abs(p - y) > 0.25, np.abs(p - y), 0)
                ),
                ...,
            ),
            "it jumps at the edge of the free band: charge only what lies beyond the quarter.",
        ),
        Mistake(
            (..., lambda y, p: np.where(p < y, -5.0, 2.0)),
            "inside the free band the cost does not change: the slope there is 0.",
        ),
        Mistake(
            (
                lambda y, p: _heating(-y, -p),
                lambda y, p: -_heating.gradient(-y, -p),
            ),
            "too cold is ŷ < y: that is the expensive side.",
        ),
    ),
    remark="It is convex, with kinks at −0.25 and 0.25, and its slope is bounded by 5.",
)

_RATES = Exercise(
    name="ch5-rates",
    wanted="three learning rates: for the mean of optax.l2_loss, for the sum over 32 examples, "
    "for SmoothL1Loss(beta=2)",
    parts=("mean of l2_loss", "sum over 32", "SmoothL1Loss"),
    answer=(0.02, 0.01 / 32, 0.02),
    tolerance=1e-7,
    mistakes=(
        Mistake(
            (0.005, ..., ...),
            "half the loss has half the gradient: the rate has to make up for it.",
        ),
        Mistake(
            (..., 0.32, ...),
            "the sum has 32 times the gradient of the mean: which way must the rate go?",
        ),
        Mistake(
            (..., ..., 0.005),
            "SmoothL1Loss is Huber's loss divided by beta: its gradient is smaller.",
        ),
    ),
    remark="The steps of plain gradient descent depend only on the rate times the factor.",
)

_THRESHOLD = Exercise(
    name="ch5-threshold",
    wanted="a function of (missed, alarm): the smallest probability at which to say yes",
    answer=lambda missed, alarm: alarm / (missed + alarm),
    inputs=[(4.0, 1.0), (1.0, 1.0), (1.0, 3.0), (50.0, 2.0)],
    elementwise=False,
    arguments=("missed", "alarm"),
    mistakes=(
        Mistake(
            lambda missed, alarm: missed / (missed + alarm),
            "the more a missed yes costs, the sooner you should say yes.",
        ),
        Mistake(lambda missed, alarm: 0.5, "that fits equal costs only."),
        Mistake(
            lambda missed, alarm: alarm / missed,
            "that is the odds at the threshold; a probability is odds / (1 + odds).",
        ),
    ),
    remark="At 4 to 1 you say yes from a probability of 0.2 upwards.",
)

_TWICE = np.array([1.0, 1.0, 5.0])
_WEIGHTS = Exercise(
    name="ch5-weights",
    wanted="a function of (losses, weights) that returns one number",
    answer=lambda losses, weights: np.sum(weights * losses) / np.sum(weights),
    inputs=[
        (_TWICE, np.array([1.0, 1.0, 4.0])),
        (_TWICE, np.array([2.0, 0.5, 0.0])),
        (np.array([0.3, 2.0, 7.0, 1.0]), np.array([1.0, 2.0, 3.0, 4.0])),
    ],
    elementwise=False,
    arguments=("losses", "weights"),
    mistakes=(
        Mistake(
            lambda losses, weights: np.mean(weights * losses),
            "that divides by the number of examples: a weight of 2 would cost more than the same "
            "example twice.",
        ),
        Mistake(
            lambda losses, weights: np.sum(weights * losses), "divide by the sum of the weights."
        ),
        Mistake(lambda losses, weights: np.mean(losses), "the weights are not used."),
    ),
    remark="If all weights are 10 instead of 1 nothing changes; a weight of 0 leaves an example "
    "out.",
)

_STABLE = Exercise(
    name="ch5-stable",
    wanted="a loss made with @loss, or a pair of functions (value, gradient) of (y_true, y_pred)",
    answer=log_cosh,
    # Where it bends, and where exp overflows.
    inputs=tuple(map(np.concatenate, zip(pairs(), pairs(low=-900, high=900), strict=True))),
    tolerance=1e-9,
    mistakes=(
        Mistake(
            (lambda y, p: np.abs(p - y), ...),
            "far away log cosh r is |r| less a constant: which one?",
        ),
        Mistake(
            (..., lambda y, p: np.sign(p - y)),
            "the slope is tanh r: near 0 it is not a sign.",
        ),
    ),
    remark="Taking the larger exponential out of the sum is the same trick as in log-softmax.",
)


@loss(seams=lambda *, delta: (-delta, 0.0, delta))
def _smooth_stock(y_true, y_pred, *, delta=1.0):
    r = y_pred - y_true
    weight = np.where(r < 0, 4.0, 1.0)
    inside = np.abs(r) <= delta
    return Formula(
        value=weight * np.where(inside, r * r / (2 * delta), np.abs(r) - delta / 2),
        gradient=weight * np.clip(r / delta, -1, 1),
    )


_SMOOTH = Exercise(
    name="ch5-smooth",
    wanted="a loss made with @loss, or a pair of functions (value, gradient) of (y_true, y_pred), "
    "with the parameter delta",
    answer=_smooth_stock,
    inputs=pairs(),
    parameters=({"delta": 1.0}, {"delta": 2.5}),
    mistakes=(
        Mistake(
            (
                lambda y, p, delta: delta * _smooth_stock(y, p, delta=delta),
                lambda y, p, delta: delta * _smooth_stock.gradient(y, p, delta=delta),
            ),
            "far away the slopes must be −4 and 1 whatever delta is: divide by it.",
        ),
        Mistake(
            (
                lambda y, p, delta: np.where(
                    np.abs(p - y) <= delta,
                    np.where(p < y, 4.0, 1.0) * (p - y) ** 2 / (2 * delta),
                    np.where(p < y, 4.0, 1.0) * np.abs(p - y),
                ),
                ...,
            ),
            "the pieces do not meet: at |r| = delta the parabola is half as high as the line.",
        ),
    ),
    remark="With a small delta it estimates roughly the 0.8-quantile, with a large one roughly an "
    "expectile.",
)

EXERCISES = (_FIVE_DAYS, _HEATING, _RATES, _THRESHOLD, _WEIGHTS, _STABLE, _SMOOTH)
