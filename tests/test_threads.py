"""Nothing of the book's sizes starts or waits for a thread of the BLAS library."""

import os
import subprocess
import sys

import numpy as np
import pytest

from lossbook.losses.numerics import product, sum_of_squares


class Watched(np.ndarray):
    """An array that notes the sizes of the products that it takes part in."""

    sizes: list = []  # noqa: RUF012

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        plain = [np.asarray(x) for x in inputs]
        if ufunc is np.matmul:
            a, b = plain
            self.sizes.append((a.size * (b.shape[1] if b.ndim == 2 else 1), b.ndim))
        return getattr(ufunc, method)(*plain, **options)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((20_000, 1), (1,)),
        ((1, 20_000), (20_000,)),
        ((569, 30), (30,)),
        ((1437, 64), (64, 32)),
        ((64, 1437), (1437, 32)),
        ((1437, 32), (32, 10)),
        ((20_000, 1), (1, 8)),
        ((3, 4), (4, 2)),
        ((0, 4), (4,)),
    ],
)
def test_products_of_the_books_sizes_stay_on_one_thread(a, b):
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal(a), rng.standard_normal(b)
    Watched.sizes.clear()
    found = product(a.view(Watched), b)
    np.testing.assert_allclose(found, a @ b, rtol=1e-12, atol=1e-12)
    # OpenBLAS takes threads from 9,216 multiplications on for a vector, from 262,144 for a matrix.
    assert max(size for size, _ in Watched.sizes) <= 250_000
    assert all(size <= 9_000 for size, axes in Watched.sizes if axes == 1 or min(a.shape) == 1)


def test_sum_of_squares_is_that_of_the_whole():
    x = np.random.default_rng(0).standard_normal(35_001)
    assert sum_of_squares(x) == pytest.approx(float((x * x).sum()), rel=1e-12)
    assert np.isnan(sum_of_squares(np.append(x, np.nan)))


def test_no_other_thread_works():
    # In a process of its own: the tests' may be told to use one thread.
    code = """
import time
import os
import subprocess
import sys

import numpy as np
from lossbook import Cost, GradientDescent, Linear, MLP, squared_error, softmax, train
from lossbook.losses import *
from lossbook.fitting import fit_line
y, p = np.random.default_rng(0).standard_normal((2, 100_000))
for call in (
    lambda: squared_error.value_and_gradient(y, p),
    lambda: Cost(huber)(y, p),
    lambda: softmax(y.reshape(-1, 10)),
    lambda: train(Linear(1), y[:, None], p, Cost(squared_error), GradientDescent(0.1), 1),
    lambda: train(MLP((64, 32, 1)), y[:96_000].reshape(-1, 64), p[:1500], Cost(squared_error),
                  GradientDescent(0.001), 2),
    lambda: fit_line(y[:20_000], p[:20_000], huber),
):
    everybody, caller = time.process_time(), time.thread_time()
    call()
    everybody, caller = time.process_time() - everybody, time.thread_time() - caller
    assert everybody - caller < 0.002 + 0.02 * caller, (everybody, caller)
"""
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
