"""Preferences between two and orders: hand values, identities."""

import math

import numpy as np
import pytest

from lossbook import (
    binary_cross_entropy_with_logits,
    logistic,
    margin_ranking,
    pairwise_logistic,
    triplet,
)


def test_value_and_gradient_by_hand():
    value, gradient = pairwise_logistic.value_and_gradient([1, 0, 0.5], [math.log(3)] * 3)
    assert value == pytest.approx([math.log(4 / 3), math.log(4), math.log(4) - math.log(3) / 2])
    assert gradient == pytest.approx([-0.25, 0.75, 0.25], rel=1e-15)


def test_a_preference_is_binary_cross_entropy_of_the_difference():
    y, d = pairwise_logistic.sample(100)
    np.testing.assert_array_equal(pairwise_logistic(y, d), binary_cross_entropy_with_logits(y, d))
    sure = (y > 0.5).astype(float)
    np.testing.assert_allclose(pairwise_logistic(sure, d), logistic(2 * sure - 1, d), rtol=1e-14)


def test_which_of_two_is_called_the_first_does_not_matter():
    y, d = pairwise_logistic.sample(100)
    np.testing.assert_allclose(pairwise_logistic(y, d), pairwise_logistic(1 - y, -d), rtol=1e-13)


def test_ratings_of_bradley_and_terry_are_log_odds_of_winning():
    # Of 10 games the first won 8: the best difference is log(8 / 2).
    won = np.repeat([1.0, 0.0], [8, 2])
    slope = pairwise_logistic.gradient(won, np.full(10, math.log(4)))
    assert slope.sum() == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize("lead", [40.0, 700.0])
def test_sure_preferences_keep_their_digits(lead):
    value, gradient = pairwise_logistic.value_and_gradient(1, lead)
    assert value == pytest.approx(math.exp(-lead), rel=1e-14)
    assert gradient == pytest.approx(-math.exp(-lead), rel=1e-14)


def test_bad_preference_is_named():
    with pytest.raises(ValueError, match=r"y_true must be in \[0, 1\]: got -1.0"):
        pairwise_logistic(-1, 2.0)


def test_float32_scores_that_lead_by_about_the_margin_keep_their_digits():
    second = np.random.default_rng(0).uniform(-3, 3, 200).astype(np.float32)
    first = (second + 0.1).astype(np.float32)  # but for a rounding
    exact = np.maximum(0.1 - (first.astype(np.float64) - second), 0)
    found = margin_ranking(np.ones(200, np.float32), first, second, margin=0.1)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, exact, rtol=1e-7)


def test_curve_of_triplet_is_over_how_much_farther_the_positive_is():
    x = np.array([-2.0, 0.0, 3.0])
    name, rows = triplet.declaration.curve(x)
    far = [np.linalg.norm(rows["anchor"] - rows[k], axis=-1) for k in ("positive", "negative")]
    assert name == "positive"
    np.testing.assert_array_equal(far[0] - far[1], x)
