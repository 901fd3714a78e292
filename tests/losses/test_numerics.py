"""What the losses are made of, where no loss shows it."""

import math

import numpy as np
import pytest

from lossbook.losses.numerics import float64_sum


@pytest.mark.parametrize("size", [0, 1, 9_999, 10_000, 10_001, 10_004, 80_000])
def test_sum_of_float32_is_right_to_a_rounding_of_float32(size):
    x = np.random.default_rng(size).uniform(0.5, 1, size).astype(np.float32)
    assert float64_sum(x) == pytest.approx(math.fsum(x), rel=2.0**-24)


@pytest.mark.parametrize("size", [16, 9_992])
def test_sum_of_few_float32_loses_nothing(size):
    x = np.ones(size, np.float32)
    x[0] = 2**24  # where float32 no longer counts by one
    assert float64_sum(x) == 2**24 + size - 1
