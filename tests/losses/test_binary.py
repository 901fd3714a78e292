"""Losses of two classes: hand values, high-precision references, identities, tails."""

import math

import numpy as np
import pytest
from mpmath import mp, mpf

from lossbook import (
    Loss,
    asymmetric_with_logits,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    brier,
    check_gradient,
    exponential,
    focal_with_logits,
    hinge,
    logistic,
    modified_huber,
    perceptron,
    sigmoid,
    squared_hinge,
    zero_one,
)

from .reference import exp, ulps

BCE = binary_cross_entropy_with_logits
MARGINS = [exponential, hinge, logistic, modified_huber, perceptron, squared_hinge, zero_one]
LOG3 = math.log(3)  # the sigmoid of it is 3/4


# -- values by hand -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("each", "parameters", "y_true", "prediction", "value", "gradient"),
    [
        (binary_cross_entropy, {}, 1, 0.25, math.log(4), -4),
        (binary_cross_entropy, {}, 0, 0.75, math.log(4), 4),
        (binary_cross_entropy, {}, 0.5, 0.5, math.log(2), 0),
        (binary_cross_entropy, {}, 1, 1, 0, -1),
        (binary_cross_entropy, {}, 0, 0, 0, 1),
        (BCE, {}, 1, LOG3, math.log(4 / 3), -0.25),
        (BCE, {}, 0, LOG3, math.log(4), 0.75),
        (BCE, {}, 0.5, LOG3, (math.log(4) + math.log(4 / 3)) / 2, 0.25),
        (BCE, {"pos_weight": 3}, 1, LOG3, 3 * math.log(4 / 3), -0.75),
        (BCE, {"pos_weight": 3}, 0, LOG3, math.log(4), 0.75),
        (
            BCE,
            {"label_smoothing": 0.2},
            1,
            LOG3,
            0.9 * math.log(4 / 3) + 0.1 * math.log(4),
            -0.15,
        ),
        (focal_with_logits, {}, 1, LOG3, math.log(4 / 3) / 16, None),
        (focal_with_logits, {"gamma": 1}, 0, LOG3, 0.75 * math.log(4), None),
        (focal_with_logits, {"gamma": 1, "alpha": 0.25}, 0, LOG3, 0.5625 * math.log(4), None),
        (focal_with_logits, {"gamma": 0, "alpha": 0.25}, 1, LOG3, math.log(4 / 3) / 4, -0.0625),
        (asymmetric_with_logits, {"gamma_positive": 1}, 1, LOG3, math.log(4 / 3) / 4, None),
        (asymmetric_with_logits, {"margin": 0.25}, 0, LOG3, math.log(2) / 16, None),
        (asymmetric_with_logits, {"margin": 0.5}, 0, -LOG3, 0, 0),
        (brier, {}, 1, 0.25, 0.5625, -1.5),
        (zero_one, {}, 1, 2, 0, 0),
        (zero_one, {}, 1, -2, 1, 0),
        (zero_one, {}, -1, 0, 1, 0),
        (logistic, {}, 1, LOG3, math.log(4 / 3), -0.25),
        (logistic, {}, -1, LOG3, math.log(4), 0.75),
        (hinge, {}, -1, 2, 3, 1),
        (hinge, {}, 1, 1, 0, 0),  # at the kink
        (squared_hinge, {}, -1, 2, 9, 6),
        (modified_huber, {}, -1, 0.5, 2.25, 3),
        (modified_huber, {}, 1, -1, 4, -4),  # where the branches meet
        (modified_huber, {}, 1, -3, 12, -4),
        (modified_huber, {}, 1, 3, 0, 0),
        (exponential, {}, -1, LOG3, 3, 3),
        (perceptron, {}, -1, 2, 2, 1),
        (perceptron, {}, 1, 0, 0, 0),
    ],
)
def test_value_and_gradient_by_hand(each, parameters, y_true, prediction, value, gradient):
    assert each(y_true, prediction, **parameters) == pytest.approx(value, rel=1e-14)
    if gradient is not None:
        slope = each.gradient(y_true, prediction, **parameters)
        assert slope == pytest.approx(gradient, rel=1e-14, abs=1e-16)


def test_certain_and_wrong_costs_infinity_and_certain_and_right_nothing():
    value, gradient = binary_cross_entropy.value_and_gradient([1, 0, 1, 0], [0.0, 1.0, 1.0, 0.0])
    assert value.tolist() == [math.inf, math.inf, 0, 0]
    assert gradient.tolist() == [-math.inf, math.inf, -1, 1]


# -- high-precision references ------------------------------------------------------------------


def _plus(z):
    return max(z, mpf(0)) + mp.log1p(exp(-abs(z)))


def _sigmoid(z):
    return 1 / (1 + exp(-z)) if z > 0 else exp(z) / (1 + exp(z))


def _bce(y, z, pos_weight=1, label_smoothing=0):
    y = y * (1 - label_smoothing) + label_smoothing / 2
    return pos_weight * y * _plus(-z) + (1 - y) * _plus(z)


def _bce_slope(y, z, pos_weight=1, label_smoothing=0):
    y = y * (1 - label_smoothing) + label_smoothing / 2
    return (1 - y) * _sigmoid(z) - pos_weight * y * _sigmoid(-z)


def _focal(y, z, gamma, alpha=None):
    m = z if y == 1 else -z
    weight = 1 if alpha is None else (alpha if y == 1 else 1 - alpha)
    return weight * _sigmoid(-m) ** gamma * _plus(-m)


def _focal_slope(y, z, gamma, alpha=None):
    sign = 1 if y == 1 else -1
    m, weight = sign * z, 1 if alpha is None else (alpha if y == 1 else 1 - alpha)
    q = _sigmoid(-m)
    return -sign * weight * q**gamma * (q + gamma * _sigmoid(m) * _plus(-m))


def _asymmetric(y, z, gamma_positive, gamma_negative, margin):
    if y == 1:
        return _focal(1, z, gamma_positive)
    shifted = max(mpf(0), _sigmoid(z) - margin)
    return shifted**gamma_negative * _surprise(shifted, z, margin) if shifted else mpf(0)


def _surprise(shifted, z, margin):
    return -mp.log1p(-shifted) if shifted < 0.5 else -mp.log(_sigmoid(-z) + margin)


def _asymmetric_slope(y, z, gamma_positive, gamma_negative, margin):
    if y == 1:
        return _focal_slope(1, z, gamma_positive)
    p, q = _sigmoid(z), _sigmoid(-z)
    if p <= margin:
        return mpf(0)
    shifted, rest = p - margin, q + margin
    rise = gamma_negative * shifted ** (gamma_negative - 1) * _surprise(shifted, z, margin)
    return (rise + shifted**gamma_negative / rest) * p * q


EXACT = {
    BCE: (_bce, _bce_slope),
    focal_with_logits: (_focal, _focal_slope),
    asymmetric_with_logits: (_asymmetric, _asymmetric_slope),
    logistic: (lambda y, s: _plus(-y * s), lambda y, s: -y * _sigmoid(-y * s)),
    exponential: (lambda y, s: mp.exp(-y * s), lambda y, s: -y * mp.exp(-y * s)),
    hinge: (lambda y, s: max(mpf(0), 1 - y * s), lambda y, s: -y if y * s < 1 else mpf(0)),
    squared_hinge: (
        lambda y, s: max(mpf(0), 1 - y * s) ** 2,
        lambda y, s: -2 * y * max(mpf(0), 1 - y * s),
    ),
    modified_huber: (
        lambda y, s: max(mpf(0), 1 - y * s) ** 2 if y * s >= -1 else -4 * y * s,
        lambda y, s: -2 * y * max(mpf(0), 1 - max(mpf(-1), y * s)),
    ),
    perceptron: (lambda y, s: max(mpf(0), -y * s), lambda y, s: -y if y * s < 0 else mpf(0)),
    zero_one: (lambda y, s: mpf(y * s <= 0), lambda y, s: mpf(0)),
}
SETTINGS = [
    *[(each, {}) for each in MARGINS],
    (BCE, {}),
    (BCE, {"pos_weight": 3.7}),
    (BCE, {"label_smoothing": 0.1}),
    (BCE, {"pos_weight": 0.3, "label_smoothing": 0.25}),
    *[(focal_with_logits, {"gamma": g}) for g in (0.0, 0.5, 1.0, 2.0)],
    (focal_with_logits, {"gamma": 2.0, "alpha": 0.25}),
    (asymmetric_with_logits, {}),
    (asymmetric_with_logits, {"gamma_negative": 1.0, "margin": 0.0}),
    (asymmetric_with_logits, {"gamma_positive": 1.0, "gamma_negative": 0.0, "margin": 0.2}),
]
every_setting = pytest.mark.parametrize(
    ("each", "parameters"), SETTINGS, ids=lambda x: x.name if isinstance(x, Loss) else str(x)
)


def logits(dtype):
    rng = np.random.default_rng(4)
    z = np.concatenate(
        [
            rng.uniform(-6, 6, 250),
            rng.uniform(-80, 80, 150),
            rng.uniform(-1000, 1000, 100),
            10.0 ** rng.uniform(-30, 0, 50),
            [0, 1, -1, 37, 40, 700, 1000],
        ]
    )
    return np.concatenate([z, -z]).astype(dtype)


def targets(each, z):
    """Return labels of the kind that a loss takes: hard ones, then (for BCE) soft ones."""
    if each in MARGINS:
        return np.where(np.arange(len(z)) % 2, 1, -1).astype(z.dtype)
    labels = (np.arange(len(z)) % 2).astype(z.dtype)
    if each is BCE:
        labels[::5] = np.random.default_rng(5).uniform(0, 1, len(labels[::5]))
    return labels


@every_setting
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_value_and_gradient_are_within_4_ulp(each, parameters, dtype):
    z = logits(dtype)
    y = targets(each, z)
    precise = {**{k: v for k, v in each.parameters.items() if v is not None}, **parameters}
    precise = {k: mpf(v) for k, v in precise.items()}
    pairs = [(mpf(float(a)), mpf(float(b))) for a, b in zip(y, z, strict=True)]
    for result, exact, is_gradient in zip(
        each.value_and_gradient(y, z, **parameters), EXACT[each], (False, True), strict=True
    ):
        distance = ulps(result, [exact(*pair, **precise) for pair in pairs])
        if each is BCE and is_gradient:
            distance = distance / conditions(y, z, **parameters)
        if each is asymmetric_with_logits:
            distance = distance / shift_conditions(y, z, **{**each.parameters, **parameters})
        worst = int(np.argmax(distance))
        assert distance[worst] <= 4, f"{distance[worst]:.1f} ulp at y={y[worst]}, z={z[worst]}"


def conditions(y, z, pos_weight=1.0, label_smoothing=0.0):
    """Return how much larger the terms of the gradient are than their difference."""
    y, z = y.astype(float) * (1 - label_smoothing) + label_smoothing / 2, z.astype(float)
    first, second = (1 - y) * sigmoid(z), pos_weight * y * sigmoid(-z)
    alone = (first == 0) | (second == 0)
    return np.where(
        alone, 1, np.maximum(first, second) / np.where(alone, 1, np.abs(first - second))
    )


def shift_conditions(y, z, gamma_negative, margin, **others):
    """Return how much an error in p counts after the margin has been taken off."""
    p = sigmoid(z.astype(float))
    shifted = np.maximum(p - margin, 1e-300)
    return np.where((y == 0) & (margin > 0), 1 + (gamma_negative + 1) * p / shifted, 1)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_loss_of_probabilities_is_within_4_ulp(dtype):
    rng = np.random.default_rng(6)
    low = -300 if dtype == np.float64 else -36
    p = np.concatenate(
        [
            rng.uniform(0, 1, 300),
            10.0 ** rng.uniform(low, 0, 200),
            1 - 10.0 ** rng.uniform(-15, 0, 99),
        ]
    ).astype(dtype)
    p = p[(p > 0) & (p < 1)]
    y = (np.arange(len(p)) % 2).astype(dtype)
    y[::5] = 0.25
    pairs = [(mpf(float(a)), mpf(float(b))) for a, b in zip(y, p, strict=True)]
    value, gradient = binary_cross_entropy.value_and_gradient(y, p)
    assert ulps(value, [-a * mp.log(b) - (1 - a) * mp.log1p(-b) for a, b in pairs]).max() <= 4
    assert ulps(gradient, [(b - a) / (b * (1 - b)) for a, b in pairs]).max() <= 4


def test_gradient_is_right_where_p_minus_y_is_zero():
    z = np.array([37.0, 40.0, 100.0, 700.0])
    gradient = BCE.gradient(np.ones(4), z)
    naive = sigmoid(z) - 1
    assert (naive[1:] == 0).all()
    np.testing.assert_allclose(gradient, -np.exp(-z), rtol=1e-15)


def test_loss_is_right_where_logaddexp_loses_everything():
    naive = np.logaddexp(0, 40.0) - 40.0
    assert naive == 0
    assert BCE(1, 40.0) == pytest.approx(math.exp(-40), rel=1e-15)


# -- gradients ----------------------------------------------------------------------------------


@every_setting
def test_gradient_is_the_derivative_of_the_value(each, parameters):
    rng = np.random.default_rng(7)
    z = rng.uniform(-8, 8, 200)
    y = targets(each, z)
    if each is asymmetric_with_logits:  # next to the margin a difference has no digits left
        z = z[(y == 1) | (np.abs(sigmoid(z) - {**each.parameters, **parameters}["margin"]) > 0.01)]
        y = targets(each, z)
    result = check_gradient(each, y, z, **parameters)
    assert result, str(result)


@pytest.mark.parametrize("each", [binary_cross_entropy, brier])
def test_gradient_of_probabilities_is_the_derivative(each):
    result = check_gradient(each)
    assert result, str(result)


@every_setting
def test_gradient_jumps_at_declared_kinks_and_nowhere_else(each, parameters):
    bound = each.bind(**parameters)
    h = 1e-9
    for place in {0.0, 0.7, *bound.kinks, *bound.seams}:
        y = np.array([1.0, 1.0]) if each in MARGINS else np.zeros(2)
        ends = np.array([place - h, place + h])
        what = each if each is zero_one else bound.gradient
        jump = abs(np.diff(what(y, ends))[0])
        if place in bound.kinks:
            assert jump > 1e-4
        else:
            assert jump < 1e-5


@every_setting
def test_gradient_bound_holds_and_is_nearly_reached(each, parameters):
    bound = each.bind(**parameters)
    z = np.linspace(-60, 60, 2001)
    labels = (-1, 1) if each in MARGINS else (0, 1)
    steepest = max(np.abs(bound.gradient(np.full(2001, label), z)).max() for label in labels)
    assert steepest <= bound.gradient_bound * (1 + 1e-12)
    if math.isfinite(bound.gradient_bound):
        assert steepest >= bound.gradient_bound * (1 - 1e-3)
    else:
        assert steepest > 100


# -- identities ---------------------------------------------------------------------------------

Z = np.concatenate([np.linspace(-30, 30, 121), [-800.0, 800.0]])


@pytest.mark.parametrize("label", [0, 1])
def test_identities_between_logits(label):
    y = np.full(len(Z), label)
    expected = BCE.value_and_gradient(y, Z)
    for each, labels, parameters in [
        (focal_with_logits, y, {"gamma": 0}),
        (logistic, 2 * y - 1, {}),
        (
            asymmetric_with_logits,
            y,
            {"gamma_positive": 0, "gamma_negative": 0, "margin": 0},
        ),
        (BCE, y.astype(float), {"pos_weight": 1, "label_smoothing": 0}),
    ]:
        for a, b in zip(each.value_and_gradient(labels, Z, **parameters), expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=2e-15)


def test_asymmetric_without_margin_is_focal_of_equal_gammas():
    y = np.arange(len(Z)) % 2
    same = {"gamma_positive": 2, "gamma_negative": 2, "margin": 0}
    expected = focal_with_logits.value_and_gradient(y, Z, gamma=2)
    for a, b in zip(asymmetric_with_logits.value_and_gradient(y, Z, **same), expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=4e-15)


def test_logits_and_probabilities_agree():
    y, z = np.arange(61) % 2, np.linspace(-10, 10, 61)
    p = sigmoid(z)
    np.testing.assert_allclose(BCE(y, z), binary_cross_entropy(y, p), rtol=1e-11)
    chain = binary_cross_entropy.gradient(y, p) * p * (1 - p)
    np.testing.assert_allclose(BCE.gradient(y, z), chain, rtol=1e-11)


def test_label_smoothing_mixes_the_labels():
    smooth = BCE(1, Z[5], label_smoothing=0.2)
    assert smooth == pytest.approx(BCE(0.9, Z[5]), rel=1e-14)


def test_surrogates_bound_the_zero_one_loss():
    y, s = np.where(np.arange(41) % 2, 1, -1), np.linspace(-4, 4, 41)
    mistakes = zero_one(y, s)
    for each in (hinge, squared_hinge, modified_huber, exponential):
        assert (each(y, s) >= mistakes).all()
    assert (logistic(y, s) / math.log(2) >= mistakes).all()


def test_several_labels_are_questions_of_their_own():
    y, z = np.array([[0, 1, 1], [1, 0, 0]]), np.array([[0.5, 2.0, -1.0], [3.0, 0.0, -2.0]])
    np.testing.assert_array_equal(BCE(y, z)[1], BCE(y[1], z[1]))
    assert BCE(y, z).shape == asymmetric_with_logits(y, z).shape == (2, 3)


# -- what each loss estimates -------------------------------------------------------------------


def best(each, labels, places, **parameters):
    labels = np.asarray(labels)
    costs = [each(labels, np.full(len(labels), p), **parameters).mean() for p in places]
    return places[int(np.argmin(costs))]


LABELS = np.array([1, 1, 1, 0])


def test_proper_losses_are_minimised_by_the_probability():
    places = np.linspace(0.01, 0.99, 99)
    assert best(binary_cross_entropy, LABELS, places) == pytest.approx(0.75)
    assert best(brier, LABELS, places) == pytest.approx(0.75)


def test_losses_of_logits_are_minimised_by_the_log_odds():
    places = np.linspace(-4, 4, 8001)
    assert best(BCE, LABELS, places) == pytest.approx(LOG3, abs=1e-3)
    assert best(logistic, 2 * LABELS - 1, places) == pytest.approx(LOG3, abs=1e-3)
    assert best(exponential, 2 * LABELS - 1, places) == pytest.approx(LOG3 / 2, abs=1e-3)
    assert best(squared_hinge, 2 * LABELS - 1, places) == pytest.approx(0.5, abs=1e-3)
    assert best(modified_huber, 2 * LABELS - 1, places) == pytest.approx(0.5, abs=1e-3)
    assert best(hinge, 2 * LABELS - 1, places) == pytest.approx(1, abs=1e-3)
    assert 0 < best(focal_with_logits, LABELS, places) < LOG3
    assert best(asymmetric_with_logits, LABELS, places) > LOG3


# -- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("each", "y_true", "prediction", "message"),
    [
        (binary_cross_entropy, [0, 1], [0.5, 1.5], r"p must be in \[0, 1\]: got 1.5 at index 1"),
        (binary_cross_entropy, [0, 1], [np.nan, 0.5], r"p must be in \[0, 1\]: got nan at index 0"),
        (
            binary_cross_entropy,
            [0, 2],
            [0.5, 0.5],
            r"y_true must be in \[0, 1\]: got 2.0 at index 1",
        ),
        (BCE, [-1, 1], [0.5, 0.5], r"y_true must be in \[0, 1\]: got -1.0 at index 0"),
        (BCE, [0, 1], [0.5, np.inf], r"logits must be finite: got inf at index 1"),
        (focal_with_logits, [0, 0.5], [0.0, 0.0], r"y_true must be 0 or 1: got 0.5 at index 1"),
        (asymmetric_with_logits, [0, 3], [0.0, 0.0], r"y_true must be 0 or 1: got 3.0"),
        (hinge, [0, 1], [0.0, 0.0], r"y_true must be −1 or 1: got 0.0 at index 0"),
        (logistic, [np.nan, 1], [0.0, 0.0], r"y_true must be −1 or 1: got nan"),
        (brier, [0, 1], [-0.1, 0.5], r"p must be in \[0, 1\]: got -0.1"),
    ],
)
def test_labels_and_probabilities_outside_the_domain_are_named(each, y_true, prediction, message):
    with pytest.raises(ValueError, match=message):
        each(y_true, prediction)


@pytest.mark.parametrize(
    ("each", "bad", "message"),
    [
        (BCE, {"pos_weight": 0}, r"pos_weight must be in \(0, ∞\)"),
        (BCE, {"label_smoothing": 1}, r"label_smoothing must be in \[0, 1\)"),
        (focal_with_logits, {"gamma": -1}, r"gamma must be in \[0, ∞\)"),
        (focal_with_logits, {"alpha": 1.1}, r"alpha must be in \[0, 1\]"),
        (asymmetric_with_logits, {"margin": 1}, r"margin must be in \[0, 1\)"),
    ],
)
def test_parameter_outside_its_interval_is_named(each, bad, message):
    with pytest.raises(ValueError, match=message):
        each(1, 0.5, **bad)


def test_integer_labels_keep_float32():
    z = np.zeros(3, np.float32)
    for labels in (np.array([0, 1, 1]), [True, False, True], np.array([0, 1, 1], np.uint8)):
        assert BCE(labels, z).dtype == np.float32
        assert focal_with_logits(labels, z).dtype == np.float32
    assert hinge([1, -1, 1], z).dtype == np.float32
    assert BCE([0.0, 1.0, 0.5], z).dtype == np.float64
