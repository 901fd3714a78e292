"""Activations: references, float32, bad input."""

import math

import numpy as np
import pytest
from mpmath import mp, mpf

from lossbook import log_sigmoid, log_softmax, one_hot, sigmoid, softmax

from .losses.reference import ulps

Z = np.concatenate([np.linspace(-1000, 1000, 201), np.linspace(-5, 5, 201), [1e-300, 0.0]])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sigmoid_and_its_logarithm_are_within_4_ulp(dtype):
    z = Z.astype(dtype)
    numbers = [mpf(float(x)) for x in z]
    assert sigmoid(z).dtype == log_sigmoid(z).dtype == dtype
    assert ulps(sigmoid(z), [1 / (1 + mp.exp(-x)) for x in numbers]).max() <= 4
    exact = [min(x, 0) - mp.log1p(mp.exp(-abs(x))) for x in numbers]
    assert ulps(log_sigmoid(z), exact).max() <= 4


def test_softmax_by_hand():
    np.testing.assert_allclose(softmax([math.log(2), 0.0, 0.0]), [0.5, 0.25, 0.25], rtol=1e-15)
    np.testing.assert_allclose(log_softmax([math.log(2), 0.0, 0.0]), -np.log([2, 4, 4]), rtol=1e-15)
    np.testing.assert_array_equal(softmax([[3.0], [-2.0]]), [[1], [1]])


def test_log_softmax_keeps_the_top_class():
    for lead in (40.0, 300.0, 700.0):
        assert log_softmax([lead, 0.0])[0] == pytest.approx(-math.exp(-lead), rel=1e-14)


def test_rows_sum_to_one_and_float32_stays():
    z = np.random.default_rng(0).standard_normal((3, 4, 5)).astype(np.float32)
    assert softmax(z).dtype == log_softmax(z).dtype == np.float32
    np.testing.assert_allclose(softmax(z).sum(axis=-1), 1, rtol=1e-6)
    np.testing.assert_allclose(np.exp(log_softmax(z)), softmax(z), rtol=1e-6)


def test_one_hot():
    assert one_hot(1, 3).tolist() == [0, 1, 0]
    assert one_hot([[0, 2]], 3).tolist() == [[[1, 0, 0], [0, 0, 1]]]
    assert one_hot(np.zeros(0, int), 3).shape == (0, 3)
    with pytest.raises(ValueError, match="class numbers from 0 to 2: got 3"):
        one_hot([0, 3], 3)
    with pytest.raises(ValueError, match="class numbers from 0 to 2: got -1"):
        one_hot([-1], 3)
    with pytest.raises(TypeError, match="labels must be integers: got dtype float64"):
        one_hot([0.0], 3)
    with pytest.raises(ValueError, match="classes must be at least 1"):
        one_hot([0], 0)


@pytest.mark.parametrize("each", [sigmoid, log_sigmoid, softmax, log_softmax])
def test_bad_logits_are_refused(each):
    with pytest.raises(ValueError, match="z must be finite: got nan at index 1"):
        each([0.0, np.nan])
    with pytest.raises(TypeError, match="z must hold real numbers"):
        each(["a"])


def test_rows_are_needed():
    with pytest.raises(ValueError, match="rows of at least one logit"):
        softmax(1.0)
    with pytest.raises(ValueError, match="rows of at least one logit"):
        log_softmax(np.zeros((2, 0)))
