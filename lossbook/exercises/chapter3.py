"""The exercises of chapter 3, regression losses."""

from __future__ import annotations

import numpy as np

from lossbook.exercises import Exercise, Mistake, pairs
from lossbook.losses import Formula, loss

__all__ = ["EXERCISES"]

_BY_HAND = Exercise(
    name="ch3-by-hand",
    wanted="four numbers, as fractions or to two decimals: the mean squared error, its slope, the "
    "mean absolute error, its slope",
    parts=("mean squared error", "its slope", "mean absolute error", "slope of that"),
    answer=(17 / 3, -2.0, 5 / 3, 0.0),
    tolerance=2e-3,
    mistakes=(
        Mistake((17.0, -6.0, 5.0, ...), "that is the sum over the examples: divide by n."),
        Mistake((17 / 6, ..., ..., ...), "there is no ½ in this mean squared error."),
        Mistake((..., -1.0, ..., ...), "the 2 of the square's derivative is missing."),
        Mistake(
            (..., 2.0, ..., ...),
            "the sign: derive with respect to the prediction, so that r = ŷ − y.",
        ),
        Mistake((np.sqrt(17 / 3), ..., ..., ...), "that is the root of it."),
        Mistake(
            (..., ..., ..., -1 / 3),
            "one residual is zero: there the subgradient 0 is taken, and the other two cancel.",
        ),
        Mistake(
            (..., ..., ..., 1 / 3),
            "one residual is zero: there the subgradient 0 is taken, and the other two cancel.",
        ),
    ),
    remark="Squared error pulls the prediction up, towards the mean; absolute error leaves it.",
)


@loss(kinks=lambda: (0.0,))
def _lateness(y_true, y_pred):
    late = y_true - y_pred
    return Formula(
        value=np.where(late > 0, 3 * late, -late),
        gradient=1.0 * (late < 0) - 3.0 * (late > 0),
    )


@loss
def _earliness(y_true, y_pred):
    return Formula(
        value=_lateness(-y_true, -y_pred), gradient=-_lateness.gradient(-y_true, -y_pred)
    )


_LATENESS = Exercise(
    name="ch3-lateness",
    wanted="a loss made with @loss, or a pair of functions (value, gradient) of (y_true, y_pred)",
    answer=_lateness,
    inputs=pairs(),
    mistakes=(
        Mistake(_earliness, "here waiting costs three times as much: you are late where y > ŷ."),
        Mistake(
            (lambda y, p: _lateness(y, p) / 4, lambda y, p: _lateness.gradient(y, p) / 4),
            "a quarter of it: the pinball loss with τ = 0.75 has slopes −0.75 and 0.25, where "
            "the exercise wants −3 and 1.",
        ),
        Mistake(
            (..., lambda y, p: -_lateness.gradient(y, p)),
            "the sign: that is the derivative with respect to the target. Which way does the "
            "loss go when the prediction is raised?",
        ),
        Mistake(
            (lambda y, p: np.where(y > p, 3 * (y - p), p * 0), ...),
            "being early costs something too: one for each minute of waiting.",
        ),
        Mistake(
            (
                lambda y, p: np.where(y > p, 3, 1) * (y - p) ** 2,
                lambda y, p: 2 * np.where(y > p, 3, 1) * (p - y),
            ),
            "that is squared: a loss of this kind estimates an expectile. Here each further "
            "minute costs the same.",
        ),
    ),
    remark="It is the pinball loss with τ = 3 / (3 + 1) = 0.75, times 4.",
)

EXERCISES = (_BY_HAND, _LATENESS)
