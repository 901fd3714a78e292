"""Many runs of one small network at once, for claims that are made over many seeds.

An experiment over twenty starts, one after the other, takes twenty times as long as one; as one
stack of arrays it takes little longer than one. The arithmetic is written anew here, so that it is
a second source for :class:`lossbook.MLP` and :func:`lossbook.train` as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lossbook import MLP

Stack = dict[str, NDArray]
Slope = Callable[[NDArray, NDArray], NDArray]


def stack(runs: Sequence[dict[str, NDArray]]) -> Stack:
    """Put the parameters of many networks of one hidden layer into one array for each name."""
    return {name: np.stack([run[name] for run in runs]) for name in runs[0]}


def starts(sizes: tuple[int, int, int], seeds: Sequence[int], scale: float = 1.0) -> Stack:
    """Return the random initial parameters of an :class:`lossbook.MLP` for each seed."""
    return stack([MLP(sizes, scale=scale, seed=seed).parameters for seed in seeds])


def forward(p: Stack, X: NDArray) -> tuple[NDArray, NDArray]:
    """Return the hidden units and the outputs of each run; X is one batch, or one for each run."""
    h = np.maximum(X @ p["W1"] + p["b1"][:, None], 0)
    return h, h @ p["W2"] + p["b2"][:, None]


def backward(p: Stack, X: NDArray, h: NDArray, slope: NDArray) -> Stack:
    """Return the gradients of each run, from the slope with respect to its outputs."""
    to_h = (slope @ p["W2"].swapaxes(1, 2)) * (h > 0)
    return {
        "W1": X.swapaxes(-1, -2) @ to_h,
        "b1": to_h.sum(axis=1),
        "W2": h.swapaxes(1, 2) @ slope,
        "b2": slope.sum(axis=1),
    }


def of_cross_entropy(z: NDArray, y: NDArray) -> NDArray:
    """Return the slope of the cross-entropy of a softmax: probabilities minus target."""
    return softmax(z) - y


def of_squared_error(z: NDArray, y: NDArray) -> NDArray:
    """Return the slope of the squared error between a softmax and the target."""
    p = softmax(z)
    r = 2 * (p - y)
    return p * (r - (r * p).sum(axis=-1, keepdims=True))


def softmax(z: NDArray) -> NDArray:
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def train(
    p: Stack,
    X: NDArray,
    y: NDArray,
    slope: Slope,
    *,
    seeds: Sequence[int],
    epochs: int,
    rate: float,
    batch_size: int = 32,
    adam: bool = False,
    momentum: float = 0.0,
    rows: Sequence[NDArray] | None = None,
) -> list[Stack]:
    """Train each run on batches of its own, and return the parameters after each epoch.

    With `rows`, each run has its own examples, equally many of them.
    """
    rows = [np.arange(len(X)) for _ in seeds] if rows is None else rows
    shuffles = [np.random.default_rng(seed) for seed in seeds]
    p = {name: each.copy() for name, each in p.items()}
    mean = {name: np.zeros_like(each) for name, each in p.items()}
    square = {name: np.zeros_like(each) for name, each in p.items()}
    history, step = [{name: each.copy() for name, each in p.items()}], 0
    for _ in range(epochs):
        order = np.stack(
            [of[shuffle.permutation(len(of))] for of, shuffle in zip(rows, shuffles, strict=True)]
        )
        for first in range(0, order.shape[1], batch_size):
            batch = order[:, first : first + batch_size]
            h, z = forward(p, X[batch])
            gradient = backward(p, X[batch], h, slope(z, y[batch]) / batch.shape[1])
            step += 1
            for name, g in gradient.items():
                if adam:
                    mean[name] += 0.1 * (g - mean[name])
                    square[name] += 0.001 * (g * g - square[name])
                    size = np.sqrt(square[name] / (1 - 0.999**step))
                    g = mean[name] / (1 - 0.9**step) / (size + 1e-8)
                elif momentum:
                    mean[name] = g = momentum * mean[name] + g
                p[name] -= rate * g
        history.append({name: each.copy() for name, each in p.items()})
    return history
