"""Value and gradient of the losses against PyTorch and scikit-learn, one thread each.

Run it with::

    OMP_NUM_THREADS=1 python -m benchmarks.losses

PyTorch and scikit-learn are not requirements of the project: without one of them its columns stay
empty. Each cell is the best of several runs.
"""

from __future__ import annotations

import numpy as np

from benchmarks.timing import best
from lossbook import (
    Cost,
    absolute_error,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy_with_logits,
    huber,
    squared_error,
)

try:
    import torch
except ImportError:
    torch = None
try:
    import sklearn.metrics as metrics
except ImportError:
    metrics = None

CLASSES = 10


def autograd(loss, y, prediction):
    """Return a call of a PyTorch loss and its backward pass, per example."""

    def call():
        leaf = prediction.detach().requires_grad_()
        value = loss(leaf, y)
        value.backward(torch.ones_like(value))
        return value, leaf.grad

    return call


def cases(n, dtype):
    """Yield name, ours, PyTorch's call, and our and scikit-learn's mean, for one size."""
    rng = np.random.default_rng(0)
    y, p = rng.standard_normal((2, n)).astype(dtype)
    labels = (y > 0).astype(dtype)
    rows = max(1, n // CLASSES)
    z = rng.standard_normal((rows, CLASSES)).astype(dtype)
    classes = rng.integers(0, CLASSES, rows)
    theirs = {}
    if torch is not None:
        functional = torch.nn.functional
        t = [torch.from_numpy(a) for a in (y, p, labels, z, classes)]
        theirs = {
            "squared": autograd(
                lambda a, b: functional.mse_loss(a, b, reduction="none"), t[0], t[1]
            ),
            "absolute": autograd(
                lambda a, b: functional.l1_loss(a, b, reduction="none"), t[0], t[1]
            ),
            "Huber": autograd(
                lambda a, b: functional.huber_loss(a, b, reduction="none"), t[0], t[1]
            ),
            "BCE with logits": autograd(
                lambda a, b: functional.binary_cross_entropy_with_logits(a, b, reduction="none"),
                t[2],
                t[1],
            ),
            "softmax CE": autograd(
                lambda a, b: functional.cross_entropy(a, b, reduction="none"), t[4], t[3]
            ),
        }
    others = {}
    mean_squared, mean_absolute = Cost(squared_error), Cost(absolute_error)
    if metrics is not None:
        others = {
            "squared": (
                lambda: mean_squared(y, p),
                lambda: metrics.mean_squared_error(y, p),
            ),
            "absolute": (
                lambda: mean_absolute(y, p),
                lambda: metrics.mean_absolute_error(y, p),
            ),
        }
    for name, ours in {
        "squared": lambda: squared_error.value_and_gradient(y, p),
        "absolute": lambda: absolute_error.value_and_gradient(y, p),
        "Huber": lambda: huber.value_and_gradient(y, p),
        "BCE with logits": lambda: binary_cross_entropy_with_logits.value_and_gradient(labels, p),
        "softmax CE": lambda: categorical_cross_entropy_with_logits.value_and_gradient(classes, z),
    }.items():
        yield name, ours, theirs.get(name), others.get(name)


def main():
    """Print the table."""
    if torch is not None:
        torch.set_num_threads(1)
    print(
        f"{'loss':16} {'dtype':8} {'n':>9} {'ours':>10} {'PyTorch':>10} {'ratio':>6} {'sklearn':>8}"
    )
    for dtype in (np.float64, np.float32):
        for n in (1_000, 100_000, 10_000_000):
            for name, ours, theirs, others in cases(n, dtype):
                (mine,) = best(ours)
                line = f"{name:16} {np.dtype(dtype).name:8} {n:9} {1e6 * mine:8.1f}µs"
                if theirs is not None:
                    (other,) = best(theirs)
                    line += f" {1e6 * other:8.1f}µs {other / mine:6.2f}"
                if others is not None:  # the mean of the values, without gradients
                    us, them = best(*others)
                    line += f" {them / us:8.2f}"
                print(line, flush=True)
    n = 10_000_000
    y, p = np.random.default_rng(0).standard_normal((2, n))  # zeros would be one page, read n times

    def transfer():  # the same traffic: two arrays read, two new ones written
        first, second = np.empty_like(y), np.empty_like(p)
        first[:] = y
        second[:] = p
        return first, second

    us, bytes_alone = best(lambda: squared_error.value_and_gradient(y, p), transfer)
    print(f"squared error at 1e7 against reading and writing its bytes: {us / bytes_alone:.2f}")


if __name__ == "__main__":
    main()
