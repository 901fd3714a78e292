"""Measures of probabilities, and corrections of logits: hand values and what they promise."""

import math

import numpy as np
import pytest

from lossbook import (
    adjust_logits,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy_with_logits,
    expected_calibration_error,
    fit_temperature,
    perplexity,
    reliability,
    sigmoid,
    softmax,
)

# -- bins -----------------------------------------------------------------------------------------


def test_bins_of_equal_width_hold_their_upper_edge():
    table = reliability([0, 1, 1, 1], [0.0, 0.5, 0.50001, 1.0], bins=2)
    assert table.count.tolist() == [2, 2]
    assert table.frequency.tolist() == [0.5, 1]
    assert table.confidence == pytest.approx([0.25, 0.750005])


def test_empty_bins_are_left_out():
    assert reliability([0, 1], [0.05, 0.95], bins=10).count.tolist() == [1, 1]


def test_bins_of_equal_mass_hold_about_as_many_and_never_part_equal_predictions():
    rng = np.random.default_rng(0)
    p = rng.uniform(size=1000) ** 3
    assert set(reliability(np.zeros(1000), p, bins=8, equal="mass").count) == {125}
    tied = np.repeat([0.1, 0.2, 0.9], [10, 70, 20])
    table = reliability(np.zeros(100), tied, bins=4, equal="mass")
    assert table.confidence == pytest.approx([0.2 - 1 / 80, 0.9])  # 80 and 20: the ties stay
    assert table.count.tolist() == [80, 20]


def test_expected_calibration_error_by_hand():
    y, p = [0, 1, 1, 0, 1], [0.1, 0.3, 0.7, 0.8, 0.9]
    # Below one half: 0.2 against 1/2; above: 0.8 against 2/3.
    wanted = (2 * 0.3 + 3 * (0.8 - 2 / 3)) / 5
    assert expected_calibration_error(y, p, bins=2) == pytest.approx(wanted, rel=1e-14)


def test_top_label_judges_the_predicted_class_and_class_wise_each_against_the_rest():
    y, p = [0, 1, 2], [[0.6, 0.4, 0.0], [0.6, 0.4, 0.0], [0.1, 0.1, 0.8]]
    assert expected_calibration_error(y, p, bins=1) == pytest.approx(2 / 3 - 2 / 3, abs=1e-15)
    assert expected_calibration_error(y, p, bins=5) == pytest.approx((2 * 0.1 + 0.2) / 3)
    by_hand = np.mean(
        [expected_calibration_error(np.equal(y, k), np.array(p)[:, k], bins=5) for k in range(3)]
    )
    assert expected_calibration_error(y, p, bins=5, classes="each") == pytest.approx(by_hand)


@pytest.mark.parametrize("equal", ["width", "mass"])
def test_error_of_true_probabilities_shrinks_with_the_number_of_examples(equal):
    errors = []
    for n in (200, 20_000):
        rng = np.random.default_rng(1)
        p = rng.uniform(size=(20, n))
        y = rng.uniform(size=(20, n)) < p
        errors.append(
            np.mean(
                [expected_calibration_error(a, b, equal=equal) for a, b in zip(y, p, strict=True)]
            )
        )
    assert errors[1] < 0.15 * errors[0]
    assert errors[0] > 0.04  # few examples look uncalibrated when they are not


def test_who_always_says_the_base_rate_is_calibrated_and_useless():
    y = np.repeat([0, 1], [70, 30])
    assert expected_calibration_error(y, np.full(100, 0.3)) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([0, 1], [0.5, 1.5]), {}, r"p must be in \[0, 1\]: got 1.5"),
        (([0, 2], [0.5, 0.5]), {}, r"y_true must be in \[0, 1\]: got 2"),
        (([], []), {}, "p must hold at least one probability"),
        (([0], [0.5]), {"bins": 0}, "bins must be at least 1: got 0"),
        (([0], [0.5]), {"equal": "size"}, 'equal must be "width" or "mass": got \'size\''),
        (([0], [0.5]), {"classes": "all"}, 'classes must be "top" or "each": got \'all\''),
        (([0], [[0.5, 0.6]]), {}, "each row of p must sum to 1"),
        (([[0.5, 0.5]], [[0.5, 0.5]]), {}, r"y_true must have shape \(n,\), class numbers"),
    ],
)
def test_bad_input_of_the_calibration_error_is_named(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        expected_calibration_error(*arguments, **options)


def test_bins_must_be_a_whole_number():
    with pytest.raises(TypeError, match=r"bins must be a whole number: got 2.5"):
        reliability([0], [0.5], bins=2.5)


# -- temperature ----------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.2, 1.0, 3.0])
def test_fitted_temperature_is_the_one_that_the_labels_were_drawn_with(temperature):
    rng = np.random.default_rng(2)
    z = 2 * temperature * rng.standard_normal((20_000, 4))
    p = softmax(z / temperature)
    y = (p.cumsum(axis=-1) < rng.uniform(size=(20_000, 1))).sum(axis=-1)
    assert fit_temperature(y, z) == pytest.approx(temperature, rel=0.05)
    binary = rng.uniform(size=20_000) < sigmoid(z[:, 0] / temperature)
    assert fit_temperature(binary, z[:, 0]) == pytest.approx(temperature, rel=0.05)


def test_fitted_temperature_is_where_the_log_loss_is_least():
    rng = np.random.default_rng(3)
    z, y = 3 * rng.standard_normal((200, 3)), rng.integers(0, 3, 200)
    y[:120] = z[:120].argmax(axis=-1)
    best = fit_temperature(y, z)
    losses = [
        categorical_cross_entropy_with_logits(y, z / (best * f)).mean() for f in (0.999, 1, 1.001)
    ]
    assert losses[1] == min(losses)
    assert fit_temperature(y, 1e200 * z) == pytest.approx(1e200 * best, rel=1e-9)
    binary = (y > 0).astype(int)
    z = z[:, 1]
    best = fit_temperature(binary, z)
    if best < math.inf:
        slope = binary_cross_entropy_with_logits.gradient(binary, z / best) @ z
        assert abs(slope) < 1e-10 * np.abs(z).sum()


def test_temperature_changes_the_log_loss_and_not_the_accuracy():
    rng = np.random.default_rng(4)
    y = rng.integers(0, 3, 500)
    z = rng.standard_normal((500, 3))
    z[np.arange(500), y] += 1.5
    z *= 6  # far too sure
    best = fit_temperature(y, z)
    assert best > 2
    assert (z.argmax(axis=-1) == (z / best).argmax(axis=-1)).all()
    before, after = (categorical_cross_entropy_with_logits(y, z / t).mean() for t in (1, best))
    assert after < before / 2


def test_temperature_without_a_finite_best_one():
    assert fit_temperature([0, 1], [3.0, -3.0]) == math.inf
    assert fit_temperature([0, 1], [0.0, 0.0]) == math.inf
    with pytest.raises(ValueError, match="every prediction is right: the best temperature"):
        fit_temperature([0, 1], [-3.0, 3.0])
    with pytest.raises(ValueError, match="logits must hold at least one example"):
        fit_temperature([], [])
    with pytest.raises(ValueError, match="y_true must be a class number from 0 to 1: got 2"):
        fit_temperature([2], [[0.0, 1.0]])


# -- class frequencies ----------------------------------------------------------------------------


def test_adjusted_logits_are_those_of_bayes_for_other_class_frequencies():
    rng = np.random.default_rng(5)
    likelihood = rng.uniform(0.1, 1, (50, 3))
    train, use = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])
    adjusted = adjust_logits(np.log(likelihood * train), train, target=use)
    wanted = likelihood * use / (likelihood * use).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(softmax(adjusted), wanted, rtol=1e-12)
    np.testing.assert_allclose(adjust_logits(np.log(train), 50 * train), 0 * train - np.log(3))


def test_adjusting_lowers_the_balanced_error():
    rng = np.random.default_rng(6)
    y = np.repeat([0, 1], [9500, 500])
    x = rng.standard_normal(10_000) + 2.0 * y
    log_odds = 2 * x - 2 + math.log(500 / 9500)
    z = np.column_stack([np.zeros(10_000), log_odds])

    def balanced(scores):
        return np.mean([(scores.argmax(axis=-1) != y)[y == k].mean() for k in (0, 1)])

    assert balanced(adjust_logits(z, [9500, 500])) < 0.17 < 0.3 < balanced(z)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"frequencies": [0.5]}, r"frequencies must have one number per class, \(2,\): got \(1,\)"),
        ({"frequencies": [0.5, 0]}, "frequencies must be finite and above 0: got 0"),
        ({"frequencies": [1, 1], "target": [1, -1]}, "target must be finite and above 0: got -1"),
        ({"frequencies": [1, 1], "strength": math.inf}, "strength must be in .*: got inf"),
    ],
)
def test_bad_frequencies_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        adjust_logits([[0.0, 1.0]], **options)


# -- perplexity -----------------------------------------------------------------------------------


def test_perplexity_is_the_number_of_equally_likely_tokens():
    assert perplexity([0, 5, 2], np.zeros((3, 7))) == pytest.approx(7, rel=1e-14)
    z = np.log([[0.5, 0.25, 0.25], [0.5, 0.25, 0.25]])
    assert perplexity([0, 1], z) == pytest.approx(math.sqrt(8), rel=1e-14)


def test_padding_does_not_count():
    rng = np.random.default_rng(7)
    y, z = rng.integers(0, 5, (3, 6)), rng.standard_normal((3, 6, 5))
    padded = y.copy()
    padded[:, 4:] = -100
    assert perplexity(padded, z) == perplexity(y[:, :4], z[:, :4])
    padded[padded == -100] = 0
    assert perplexity(padded, z, ignore=0) == perplexity(
        y[y * (np.arange(6) < 4) > 0], z[y * (np.arange(6) < 4) > 0]
    )
    with pytest.raises(ValueError, match="y_true must be a class number from 0 to 4: got -100"):
        perplexity([-100], z[0, :1], ignore=None)
    with pytest.raises(ValueError, match="y_true must have a token that counts"):
        perplexity([-100], z[0, :1])
    with pytest.raises(ValueError, match=r"logits must have one row per token, shape \(1, 'C'\)"):
        perplexity([1], z[0])
