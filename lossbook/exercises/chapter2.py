"""The exercises of chapter 2, the training loop."""

from __future__ import annotations

import numpy as np

from lossbook.exercises import Exercise, Mistake

__all__ = ["EXERCISES"]

_ONE_ROUND = Exercise(
    name="ch2-one-round",
    wanted="five numbers: the cost J, the derivatives of J with respect to w and to b, and the new "
    "w and b",
    parts=("J", "∂J/∂w", "∂J/∂b", "new w", "new b"),
    answer=(2.0, -4.0, -2.0, 2.4, 1.2),
    tolerance=2e-3,
    mistakes=(
        Mistake((4.0, ..., ..., ..., ...), "that is the sum over the examples: divide by n."),
        Mistake((..., -8.0, ..., ..., ...), "that is the sum over the examples: divide by n."),
        Mistake((..., ..., -4.0, ..., ...), "that is the sum over the examples: divide by n."),
        Mistake(
            (..., -2.0, ..., ..., ...), "the 2 of the square's derivative is missing, or x is."
        ),
        Mistake((..., ..., -1.0, ..., ...), "the 2 of the square's derivative is missing."),
        Mistake((..., 4.0, ..., ..., ...), "the sign: the residual is ŷ − y."),
        Mistake((..., ..., 2.0, ..., ...), "the sign: the residual is ŷ − y."),
        Mistake((..., ..., ..., 1.6, ...), "that goes up the slope: the update subtracts."),
        Mistake((..., ..., ..., ..., 0.8), "that goes up the slope: the update subtracts."),
    ),
    remark="Both derivatives are negative, so both parameters go up.",
)

_BACKWARD = Exercise(
    name="ch2-backward",
    wanted="two arrays of three numbers: the derivatives of the loss with respect to the hidden "
    "weights W1, and to the output weights W2",
    parts=("W1", "W2"),
    answer=(np.array([0.0, -2.0, 2.0]), np.array([0.0, -7.0, -4.0])),
    mistakes=(
        Mistake(
            (np.array([4.0, -2.0, 2.0]), ...),
            "which ReLUs are open at this input? Nothing comes back through a closed one.",
        ),
        Mistake(
            (np.array([0.0, 2.0, -2.0]), ...),
            "that is the slope at each hidden unit: multiply by the value at the weight's start.",
        ),
        Mistake(
            (..., np.array([1.0, -7.0, -4.0])),
            "the output weights meet h, after the ReLU, not z.",
        ),
        Mistake((..., np.array([0.0, -3.5, -2.0])), "the 2 of the square's derivative is missing."),
        Mistake((np.array([0.0, -1.0, 1.0]), ...), "the 2 of the square's derivative is missing."),
    ),
    remark="At this input the first unit is closed; at x = 2 it was the third.",
)


def _hessian(x):
    features = np.column_stack([x, np.ones_like(x)])
    return 2 * features.T @ features / len(x)


def _limit(x):
    return 2 / np.linalg.eigvalsh(_hessian(x))[-1]


_rng = np.random.default_rng(0)
_INPUTS = [
    (np.round(_rng.normal(center, spread, n), 1),)
    for center, spread, n in ((0, 1, 5), (3, 1, 8), (-2, 0.5, 12), (0, 4, 20), (10, 2, 6))
]

_CRITICAL_RATE = Exercise(
    name="ch2-critical-rate",
    wanted="a function of the array of inputs x that returns the critical learning rate",
    answer=_limit,
    arguments=("x",),
    inputs=_INPUTS,
    elementwise=False,
    mistakes=(
        Mistake(
            lambda x: 1 / np.linalg.eigvalsh(_hessian(x))[-1],
            "there the steepest direction needs a single step; the rate may be twice as high.",
        ),
        Mistake(
            lambda x: 4 / np.linalg.eigvalsh(_hessian(x))[-1],
            "the second derivative of a square has a 2.",
        ),
        Mistake(
            lambda x: 2 / (len(x) * np.linalg.eigvalsh(_hessian(x))[-1]),
            "that is for the sum of the squared errors; the cost is their mean.",
        ),
        Mistake(
            lambda x: 2 / np.linalg.eigvalsh(_hessian(x))[0],
            "which direction diverges first, the one that bends least or the one that bends most?",
        ),
        Mistake(lambda x: 1 / np.mean(np.square(x)), "that is for a line without an intercept b."),
    ),
    remark="It depends on the inputs alone; the targets play no part.",
)


def _batch_gradients(sizes, seed):
    gradients = np.random.default_rng(seed).integers(-9, 10, (len(sizes), 2)).astype(float)
    return gradients, np.array(sizes)


def _combined(gradients, sizes):
    return (gradients * sizes[:, np.newaxis]).sum(axis=0) / sizes.sum()


_FULL_GRADIENT = Exercise(
    name="ch2-full-gradient",
    wanted="a function of (gradients, sizes), arrays of shape (batches, d) and (batches,), that "
    "returns the full gradient, of shape (d,)",
    answer=_combined,
    arguments=("gradients", "sizes"),
    inputs=[
        _batch_gradients(sizes, seed)
        for seed, sizes in enumerate(((4, 4, 2), (32, 32, 3), (5, 1), (10, 10, 10, 7)))
    ],
    elementwise=False,
    mistakes=(
        Mistake(
            lambda gradients, sizes: gradients.mean(axis=0),
            "that gives the few examples of the last batch as much weight as a whole batch.",
        ),
        Mistake(
            lambda gradients, sizes: gradients.sum(axis=0),
            "each batch gave a mean; a mean of everything is wanted, not a sum of means.",
        ),
        Mistake(
            lambda gradients, sizes: (gradients * sizes[:, np.newaxis]).sum(axis=0),
            "that is the sum over all examples: divide by their number.",
        ),
        Mistake(
            lambda gradients, sizes: (gradients / sizes[:, np.newaxis]).sum(axis=0),
            "each batch's gradient is a mean already: what undoes the division?",
        ),
    ),
    remark="A mean of means is the mean of all only if the groups are equally large.",
)

_KEEP_THE_SIGNAL = Exercise(
    name="ch2-keep-the-signal",
    wanted="a function of the number n of inputs that returns the standard deviation of a weight",
    answer=lambda n: np.sqrt(2 / n),
    arguments=("n",),
    inputs=(np.array([1.0, 2.0, 10.0, 32.0, 64.0, 500.0]),),
    mistakes=(
        Mistake(
            lambda n: np.sqrt(1 / n),
            "that keeps the mean square of z. What does the ReLU leave of it?",
        ),
        Mistake(lambda n: 2 / n, "that is the variance of a weight: its root is wanted."),
        Mistake(lambda n: 1 / n, "that is a variance, and without the ReLU."),
        Mistake(
            lambda n: np.sqrt(4 / n),
            "the ReLU halves the mean square, not its root: work with the squares.",
        ),
    ),
    remark="This is the size of the initial weights in He and others (2015), and in lossbook.MLP.",
)

_BEST_RATE = Exercise(
    name="ch2-best-rate",
    wanted="two functions of (low, high), the smallest and the largest bend: the best learning "
    "rate, and the factor of the slowest direction there",
    parts=("learning rate", "factor"),
    answer=(
        lambda low, high: 2 / (low + high),
        lambda low, high: (high - low) / (high + low),
    ),
    arguments=("low", "high"),
    inputs=(np.array([0.1, 0.5, 1.0, 2.0, 0.4]), np.array([1.0, 2.0, 1.5, 7.0, 28.0])),
    mistakes=(
        Mistake(
            (lambda low, high: 2 / high, ...), "at that limit the steepest direction never shrinks."
        ),
        Mistake(
            (lambda low, high: 1 / high, ...),
            "there the steepest direction is done in one step. Could it wait a little, so that the "
            "other gets on faster?",
        ),
        Mistake(
            (lambda low, high: 1 / low, ...), "at that rate the steepest direction may diverge."
        ),
        Mistake(
            (lambda low, high: 1 / np.sqrt(low * high), ...),
            "the two factors must be equal in size; it is their difference from 1 that counts.",
        ),
        Mistake(
            (..., lambda low, high: 1 - low / high),
            "that is the factor at η = 1 / high.",
        ),
    ),
    remark="With the condition number κ = high / low the factor is (κ − 1) / (κ + 1).",
)

EXERCISES = (
    _ONE_ROUND,
    _BACKWARD,
    _CRITICAL_RATE,
    _FULL_GRADIENT,
    _KEEP_THE_SIGNAL,
    _BEST_RATE,
)
