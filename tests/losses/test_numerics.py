"""What the losses are made of, where no loss shows it."""

import math

import numpy as np
import pytest
from mpmath import mp, mpf

from lossbook.losses.numerics import (
    Softmax,
    SoftmaxOfClass,
    float64_sum,
    log1p_difference,
    log1p_exp,
    log1p_fraction,
    product,
    sum_of_squares,
)

from .reference import ulps


@pytest.mark.parametrize("size", [0, 1, 9_999, 10_000, 10_001, 10_004, 80_000])
def test_sum_of_float32_is_right_to_a_rounding_of_float32(size):
    x = np.random.default_rng(size).uniform(0.5, 1, size).astype(np.float32)
    assert float64_sum(x) == pytest.approx(math.fsum(x), rel=2.0**-24)


@pytest.mark.parametrize("size", [16, 9_992])
def test_sum_of_few_float32_loses_nothing(size):
    x = np.ones(size, np.float32)
    x[0] = 2**24  # where float32 no longer counts by one
    assert float64_sum(x) == 2**24 + size - 1


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_logarithm_of_1_and_a_fraction_is_within_2_ulp(dtype):
    rng = np.random.default_rng(0)
    e = np.concatenate([rng.uniform(0, 1, 1000), 2.0 ** rng.uniform(-100, 0, 1000), [0, 1]])
    e = e.astype(dtype)
    assert ulps(log1p_fraction(e), [mp.log1p(mpf(float(x))) for x in e]).max() <= 2


def test_difference_of_logarithms_is_within_1_2_ulp():
    rng = np.random.default_rng(0)
    x, y = 10.0 ** rng.uniform(-3, 3, (2, 3000))
    y[:1000] = x[:1000] * (1 + 10.0 ** rng.uniform(-12, 0, 1000))  # nearly the same
    exact = [mp.log1p(mpf(float(a))) - mp.log1p(mpf(float(b))) for a, b in zip(x, y, strict=True)]
    assert ulps(log1p_difference(x, y), exact).max() <= 1.2


@pytest.mark.parametrize("spread", [0, 1e-9, 1, 30, 1e3])
def test_softmax_seen_from_one_class_is_the_softmax_of_all(spread):
    rng = np.random.default_rng(0)
    logits, classes = spread * rng.standard_normal((500, 4)), rng.integers(0, 4, 500)
    at = np.arange(500), classes
    whole, one = Softmax(logits), SoftmaxOfClass(logits, classes)
    slope = whole.p.copy()
    slope[at] = -whole.q[at]
    np.testing.assert_allclose(one.surprise, whole.surprise[at], rtol=1e-15)
    np.testing.assert_allclose(one.p, whole.p, rtol=1e-15)
    np.testing.assert_allclose(one.slope, slope, rtol=1e-15)
    log_sum = logits.max(axis=-1) + np.log1p(whole.rest)
    np.testing.assert_allclose(one.log_sum, log_sum, rtol=1e-15, atol=1e-15)


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


def test_log1p_exp_goes_on_where_the_exponential_ends():
    z = np.array([600.0, 699.0, 701.0, 800.0, 2000.0])
    np.testing.assert_allclose(log1p_exp(1e-10, z), math.log(1e-10) + z, rtol=1e-15)
