"""Inputs at which answers are compared: many, repeatable, and short enough to be quoted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def pairs(
    n: int = 60, *, low: float = -5.0, high: float = 5.0, seed: int = 0
) -> tuple[Array, Array]:
    """Return `n` targets and `n` predictions between two bounds, never equal.

    They have one decimal, so that a hint can quote them; nothing is equal, so that no kink at
    a residual of zero decides.

    Examples
    --------
    >>> y_true, y_pred = pairs(4)
    >>> y_true.shape, bool((y_true != y_pred).all())
    ((4,), True)
    """
    rng = np.random.default_rng(seed)
    steps = np.arange(round(10 * low), round(10 * high) + 1)
    y_true, y_pred = rng.choice(steps, n), rng.choice(steps, n)
    again = y_true == y_pred
    y_pred[again] = np.where(y_pred[again] < steps[-1], y_pred[again] + 1, y_pred[again] - 1)
    return y_true / 10, y_pred / 10


def binary_logits(
    n: int = 60, *, low: float = -6.0, high: float = 6.0, seed: int = 0
) -> tuple[Array, Array]:
    """Return `n` labels, 0 or 1, and `n` logits; use ``sigmoid`` for probabilities.

    Examples
    --------
    >>> y_true, logits = binary_logits(50)
    >>> sorted(set(y_true.tolist()))
    [0.0, 1.0]
    """
    rng = np.random.default_rng(seed)
    steps = np.arange(round(10 * low), round(10 * high) + 1)
    steps = steps[steps != 0]
    return rng.integers(0, 2, n).astype(float), rng.choice(steps, n) / 10


def multi_class_logits(
    n: int = 60, classes: int = 4, *, seed: int = 0
) -> tuple[NDArray[np.int64], Array]:
    """Return `n` class numbers and logits of shape ``(n, classes)``.

    Examples
    --------
    >>> y_true, logits = multi_class_logits(50, 3)
    >>> y_true.shape, logits.shape, sorted(set(y_true.tolist()))
    ((50,), (50, 3), [0, 1, 2])
    """
    rng = np.random.default_rng(seed)
    return rng.integers(0, classes, n), rng.integers(-40, 41, (n, classes)) / 10
