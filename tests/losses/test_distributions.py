"""Divergences, likelihoods, overlap and similarity: hand values, references, identities."""

import math

import numpy as np
import pytest
from mpmath import mp, mpf

from lossbook import (
    Loss,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy,
    categorical_cross_entropy_with_logits,
    contrastive,
    cosine_distance,
    cross_entropy,
    dice,
    entropy,
    gamma_deviance,
    gaussian_nll,
    half_squared_error,
    info_nce,
    jaccard,
    js_divergence,
    kl_divergence,
    kl_divergence_with_logits,
    laplace_nll,
    margin_ranking,
    poisson_nll,
    softmax,
    triplet,
    tversky,
    tweedie_deviance,
)

from .reference import ulps

LOG = math.log
EPS = np.finfo(float).eps


def numbers(x):
    return [mpf(float(v)) for v in x]


@pytest.mark.parametrize(
    ("each", "parameters", "arguments", "value", "gradient"),
    [
        (entropy, {}, ([0.5, 0.25, 0.25],), 1.5 * LOG(2), [LOG(2) - 1, LOG(4) - 1, LOG(4) - 1]),
        (entropy, {}, ([1.0, 0.0],), 0, None),
        (cross_entropy, {}, ([0.5, 0.5], [0.25, 0.75]), (LOG(4) + LOG(4 / 3)) / 2, [-2, -2 / 3]),
        (cross_entropy, {}, ([1.0, 0.0], [0.5, 0.5]), LOG(2), [-2, 0]),
        (kl_divergence, {}, ([0.5, 0.5], [0.25, 0.75]), LOG(4 / 3) / 2, [-1, 1 / 3]),
        (kl_divergence, {}, ([1.0, 0.0], [0.5, 0.5]), LOG(2), [-1, 1]),
        (kl_divergence, {}, ([0.5, 0.5], [1.0, 0.0]), math.inf, [0.5, -math.inf]),
        (kl_divergence_with_logits, {}, ([0.0, 0.0], [LOG(3), 0.0]), LOG(4 / 3) / 2, [0.25, -0.25]),
        (js_divergence, {}, ([1.0, 0.0], [0.0, 1.0]), LOG(2), [-math.inf, LOG(2) / 2]),
        (poisson_nll, {}, (3.0, 0.0), 1, -2),
        (poisson_nll, {}, (3.0, LOG(3)), 3 - 3 * LOG(3), 0),
        (gamma_deviance, {}, (1.0, 2.0), 2 * LOG(2) - 1, 0.5),
        (gamma_deviance, {}, (2.0, 1.0), 2 - 2 * LOG(2), -2),
        (tweedie_deviance, {"power": 1.5}, (0.0, 4.0), 8, 1),
        (tweedie_deviance, {"power": 1.5}, (4.0, 1.0), 4, -6),
        (tweedie_deviance, {"power": 1}, (2.0, 1.0), 4 * LOG(2) - 2, -2),
        (tweedie_deviance, {"power": 1}, (0.0, 3.0), 6, 2),
        (tweedie_deviance, {"power": 3}, (2.0, 1.0), 0.5, -2),  # (y - m)² / (y m²)
        (gaussian_nll, {}, (1.0, 3.0, 4.0), (LOG(4) + 1) / 2, (0.5, 0)),
        (gaussian_nll, {}, (1.0, 3.0, 1.0), 2, (2, -1.5)),
        (laplace_nll, {}, (1.0, 3.0, 4.0), LOG(4) + 0.5, (0.25, 0.125)),
        (laplace_nll, {}, (3.0, 3.0, 2.0), LOG(2), (0, 0.5)),
        (dice, {"smooth": 0}, ([1, 1, 0], [1.0, 0.5, 0.5]), 0.25, None),
        (dice, {"smooth": 1}, ([1, 1, 0], [1.0, 0.5, 0.5]), 0.2, None),
        (dice, {"smooth": 0}, ([0, 0], [0.0, 0.0]), 0, [0, 0]),
        (dice, {"smooth": 0}, ([1, 0], [0.0, 0.0]), 1, [-2, 0]),  # the sizes add up to 1
        (jaccard, {"smooth": 0}, ([1, 1, 0], [1.0, 0.5, 0.5]), 0.4, None),
        (jaccard, {"smooth": 0}, ([0, 0], [0.0, 0.0]), 0, [0, 0]),
        (tversky, {"smooth": 0}, ([0, 0], [0.0, 0.0]), 0, [0, 0]),
        (tversky, {"alpha": 1, "beta": 3, "smooth": 0}, ([1, 1, 0], [1, 0.5, 0.5]), 4 / 7, None),
        (cosine_distance, {}, ([3.0, 4.0], [4.0, 3.0]), 0.04, None),
        (cosine_distance, {}, ([1.0, 0.0], [-2.0, 0.0]), 2, [0, 0]),
        (cosine_distance, {}, ([1.0, 0.0], [0.0, 2.0]), 1, [-0.5, 0]),
        (contrastive, {"margin": 2}, (1, 3.0), 4.5, 3),
        (contrastive, {"margin": 2}, (0, 0.5), 1.125, -1.5),
        (contrastive, {"margin": 2}, (0, 3.0), 0, 0),
        (triplet, {}, ([0.0, 0.0], [3.0, 4.0], [0.0, 5.5]), 0.5, None),
        (triplet, {}, ([0.0, 0.0], [3.0, 4.0], [0.0, 7.0]), 0, None),
        (margin_ranking, {"margin": 1}, (1, 2.0, 1.5), 0.5, (-1, 1)),
        (margin_ranking, {"margin": 1}, (-1, 2.0, 1.5), 1.5, (1, -1)),
        (margin_ranking, {}, (1, 2.0, 1.5), 0, (0, 0)),
        (info_nce, {"temperature": 0.5}, (0, [LOG(2) / 2, 0.0, 0.0]), LOG(2), [-1, 0.5, 0.5]),
    ],
    ids=lambda x: x.name if isinstance(x, Loss) else None,
)
def test_value_and_gradient_by_hand(each, parameters, arguments, value, gradient):
    assert each(*arguments, **parameters) == pytest.approx(value, rel=1e-14, abs=1e-15)
    if gradient is not None:
        slope = each.gradient(*arguments, **parameters)
        assert slope == pytest.approx(gradient, rel=1e-14, abs=1e-15)


# -- high-precision references ------------------------------------------------------------------


def distributions():
    rng = np.random.default_rng(10)
    p = rng.dirichlet(np.ones(4), 150)
    q = rng.dirichlet(0.2 * np.ones(4), 150)
    sharp = softmax(rng.uniform(-300, 300, (40, 4)))
    close = p[:60] * (1 + 10.0 ** rng.uniform(-7, -1, (60, 1)) * rng.standard_normal((60, 4)))
    close /= close.sum(axis=-1, keepdims=True)
    return np.concatenate([p, sharp, p[:60]]), np.concatenate([q, p[:40], close])


def exact_sum(p, q, term):
    return [
        sum(term(a, b) for a, b in zip(numbers(x), numbers(y), strict=True))
        for x, y in zip(p, q, strict=True)
    ]


def relative_error(result, exact):
    return np.array(
        [
            float(abs(mpf(float(a)) - e) / abs(e)) if e else float(a != 0)
            for a, e in zip(result, exact, strict=True)
        ]
    )


def test_entropies_are_within_8_eps():
    p, q = distributions()
    plain = exact_sum(p, q, lambda a, b: -a * mp.log(a) if a else mpf(0))
    assert relative_error(entropy(p), plain).max() <= 8 * EPS
    finite = np.where((q == 0) & (p > 0), False, True).all(axis=-1)
    crossed = exact_sum(p[finite], q[finite], lambda a, b: -a * mp.log(b) if a else mpf(0))
    assert relative_error(cross_entropy(p[finite], q[finite]), crossed).max() <= 8 * EPS


def test_kl_divergence_is_within_8_eps_also_where_p_and_q_are_close():
    p, q = distributions()
    exact = exact_sum(p, q, lambda a, b: (a * mp.log(a / b) if a else mpf(0)) - a + b)
    assert relative_error(kl_divergence(p, q), exact).max() <= 8 * EPS


def test_js_divergence_is_within_16_eps():
    p, q = distributions()

    def term(a, b):
        m = (a + b) / 2
        return ((a * mp.log(a / m) if a else 0) + (b * mp.log(b / m) if b else 0)) / 2

    assert relative_error(js_divergence(p, q), exact_sum(p, q, term)).max() <= 16 * EPS
    np.testing.assert_allclose(js_divergence(p, q), js_divergence(q, p), rtol=1e-14)


@pytest.mark.parametrize("distance", [1e-12, 1e-9, 1e-6, 1e-3, 0.1, 1.0, 10.0, 100.0])
def test_kl_of_logits_keeps_its_digits_at_every_distance(distance):
    rng = np.random.default_rng(11)
    a = np.round(rng.uniform(-3, 3, (40, 4)), 3)
    a[20:, 1] -= 40  # far apart, if at all, in a class that hardly counts
    b = a + distance * rng.standard_normal((40, 4))
    b[20:, [0, 2, 3]] = a[20:, [0, 2, 3]]
    value, gradient = kl_divergence_with_logits.value_and_gradient(a, b)
    values, slopes = [], []
    for x, y in zip(a, b, strict=True):
        x, y = numbers(x), numbers(y)
        sx, sy = sum(map(mp.exp, x)), sum(map(mp.exp, y))
        p, q = [mp.exp(v) / sx for v in x], [mp.exp(v) / sy for v in y]
        values.append(sum(u * mp.log(u / v) for u, v in zip(p, q, strict=True)))
        slopes.append([v - u for u, v in zip(p, q, strict=True)])
    assert relative_error(value, values).max() <= 16 * EPS
    scale = np.abs(gradient).max(axis=-1)
    # An exponent of 40 has been rounded to 40 times the rounding of 1.
    scale[20:] *= np.maximum(4, np.abs(b[20:]).max(axis=-1) / 8)
    error = np.array(
        [
            [float(abs(mpf(float(g)) - e)) for g, e in zip(row, exact, strict=True)]
            for row, exact in zip(gradient, slopes, strict=True)
        ]
    )
    assert (error <= 16 * EPS * scale[:, np.newaxis]).all()


def test_plain_sum_is_wrong_by_factors_where_ours_is_right():
    a, b = np.array([0.0, 0.3, -0.2]), np.array([1e-9, 0.3, -0.2])
    p, q = softmax(a), softmax(b)
    p0 = softmax(a)[0]
    exact = p0 * (1 - p0) * 1e-18 / 2
    assert kl_divergence_with_logits(a, b) == pytest.approx(exact, rel=1e-8)
    assert abs((p * (np.log(p) - np.log(q))).sum() / exact - 1) > 0.5


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gamma_and_tweedie_deviance_are_accurate(dtype):
    rng = np.random.default_rng(12)
    mean = 10.0 ** rng.uniform(-3, 3, 400)
    y = mean * np.r_[10.0 ** rng.uniform(-3, 3, 200), 1 + 10.0 ** rng.uniform(-8, -0.5, 200)]
    y, mean = y.astype(dtype), mean.astype(dtype)
    pairs = list(zip(numbers(y), numbers(mean), strict=True))
    value, gradient = gamma_deviance.value_and_gradient(y, mean)
    assert ulps(value, [2 * (mp.log(m / x) + x / m - 1) for x, m in pairs]).max() <= 5
    assert ulps(gradient, [2 * (m - x) / m**2 for x, m in pairs]).max() <= 4
    for power in (1.0, 1.2, 1.5, 1.9, 2.0, 2.5, 3.0):
        a = mpf(power)

        def exact(x, m, a=a):
            if a == 1:
                return 2 * (x * mp.log(x / m) - x + m)
            if a == 2:
                return 2 * (mp.log(m / x) + x / m - 1)
            return 2 * (
                x ** (2 - a) / ((1 - a) * (2 - a))
                - x * m ** (1 - a) / (1 - a)
                + m ** (2 - a) / (2 - a)
            )

        value, gradient = tweedie_deviance.value_and_gradient(y, mean, power=power)
        # Far from the mean three terms of size 1 / |(1 - p)(2 - p)| are added up.
        near = 1 if power in (1, 2) else 1 + 0.5 / abs((1 - power) * (2 - power))
        assert ulps(value, [exact(x, m) for x, m in pairs]).max() <= 10 * near
        slopes = [2 * (m - x) / m**a for x, m in pairs]
        assert ulps(gradient, slopes).max() <= 4


def test_likelihoods_are_within_4_ulp_of_their_terms():
    rng = np.random.default_rng(13)
    y, z = rng.integers(0, 20, 300).astype(float), rng.uniform(-20, 20, 300)
    value, gradient = poisson_nll.value_and_gradient(y, z)
    terms = np.maximum(np.exp(z), np.abs(y * z))
    exact = [mp.exp(b) - a * b for a, b in zip(numbers(y), numbers(z), strict=True)]
    error = np.array([float(abs(mpf(float(v)) - e)) for v, e in zip(value, exact, strict=True)])
    assert (error <= 4 * np.spacing(terms)).all()
    exact = [mp.exp(b) - a for a, b in zip(numbers(y), numbers(z), strict=True)]
    error = np.array([float(abs(mpf(float(v)) - e)) for v, e in zip(gradient, exact, strict=True)])
    assert (error <= 4 * np.spacing(np.maximum(np.exp(z), y))).all()


def test_cosine_distance_of_nearly_parallel_vectors():
    for angle in (1e-8, 1e-6, 1e-3):
        value = cosine_distance([1.0, 0.0], [math.cos(angle), math.sin(angle)])
        assert value == pytest.approx(2 * math.sin(angle / 2) ** 2, rel=1e-7)
    # The tangent points away from the target, over the length.
    gradient = cosine_distance.gradient([1.0, 0.0], [2.0, 2e-8])
    assert gradient[1] == pytest.approx(0.5e-8, rel=1e-7)


# -- identities ---------------------------------------------------------------------------------


def test_cross_entropy_is_entropy_plus_divergence():
    rng = np.random.default_rng(14)
    p, q = rng.dirichlet(np.ones(5), 50), rng.dirichlet(np.ones(5), 50)
    np.testing.assert_allclose(cross_entropy(p, q), entropy(p) + kl_divergence(p, q), rtol=1e-12)
    np.testing.assert_array_equal(cross_entropy(p, q), categorical_cross_entropy(p, q))
    assert (kl_divergence(p, p) == 0).all()
    assert not np.allclose(kl_divergence(p, q), kl_divergence(q, p))
    assert (js_divergence(p, q) <= math.log(2)).all()
    assert (entropy(p) <= math.log(5)).all()


def test_kl_of_logits_is_kl_of_their_softmax():
    rng = np.random.default_rng(15)
    a, b = rng.standard_normal((50, 4)), 3 * rng.standard_normal((50, 4))
    expected = kl_divergence(softmax(a), softmax(b))
    np.testing.assert_allclose(kl_divergence_with_logits(a, b), expected, rtol=1e-11)
    one_hot_like = categorical_cross_entropy_with_logits(softmax(a), b)
    np.testing.assert_allclose(expected, one_hot_like - entropy(softmax(a)), rtol=1e-10)


def test_temperature_divides_both_logits_and_its_square_multiplies():
    rng = np.random.default_rng(17)
    a, b = rng.standard_normal((50, 4)), 3 * rng.standard_normal((50, 4))
    for t in (0.5, 4.0):
        value, gradient = kl_divergence_with_logits.value_and_gradient(a, b, temperature=t)
        plain = kl_divergence_with_logits.value_and_gradient(a / t, b / t)
        np.testing.assert_allclose(value, t * t * plain[0], rtol=1e-12)
        np.testing.assert_allclose(gradient, t * plain[1], rtol=1e-10, atol=1e-15)


def test_gradient_of_distillation_hardly_changes_with_a_high_temperature():
    rng = np.random.default_rng(18)
    a, b = rng.standard_normal((2, 50, 4))
    centred = (b - a) - (b - a).mean(axis=-1, keepdims=True)
    value, gradient = kl_divergence_with_logits.value_and_gradient(a, b, temperature=1e5)
    np.testing.assert_allclose(gradient, centred / 4, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(value, (centred**2).mean(axis=-1) / 2, rtol=1e-3)


@pytest.mark.parametrize("temperature", [1e-150, 1e-3, 1.0, 1e3, 1e150])
def test_no_temperature_gives_nan(temperature):
    a, b = np.array([[0.0, 1e300], [1.0, 2.0]]), np.array([[1e300, -1e300], [2.0, 1.0]])
    for result in kl_divergence_with_logits.value_and_gradient(a, b, temperature=temperature):
        assert not np.isnan(result).any()


def test_tweedie_holds_gamma_and_is_smooth_in_its_power():
    rng = np.random.default_rng(16)
    y, mean = rng.lognormal(0, 1, 100), rng.lognormal(0, 1, 100)
    gamma = gamma_deviance(y, mean)
    np.testing.assert_allclose(tweedie_deviance(y, mean, power=2), gamma, rtol=1e-12)
    np.testing.assert_allclose(tweedie_deviance(y, mean, power=2 - 1e-7), gamma, rtol=1e-5)
    poisson = tweedie_deviance(y, mean, power=1)
    np.testing.assert_allclose(tweedie_deviance(y, mean, power=1 + 1e-7), poisson, rtol=1e-5)
    lost = poisson_nll(y, np.log(mean)) - poisson_nll(y, np.log(y))
    np.testing.assert_allclose(poisson, 2 * lost, rtol=1e-9, atol=1e-13)


def test_gaussian_nll_of_variance_one_is_half_the_squared_error():
    r = np.linspace(-5, 5, 41)
    one = np.ones(41)
    np.testing.assert_allclose(
        gaussian_nll(np.zeros(41), r, one), half_squared_error(np.zeros(41), r), rtol=1e-15
    )
    np.testing.assert_array_equal(laplace_nll(np.zeros(41), r, one), np.abs(r))


def test_likelihoods_are_minimised_by_what_they_estimate():
    y = np.array([1.0, 2.0, 4.0, 9.0])
    full = np.ones(4)
    variance = y.var()
    mean_slope, variance_slope = gaussian_nll.gradient(y, y.mean() * full, variance * full)
    assert mean_slope.sum() == pytest.approx(0, abs=1e-14)
    assert variance_slope.sum() == pytest.approx(0, abs=1e-14)
    scale = np.abs(y - np.median(y)).mean()
    centre_slope, scale_slope = laplace_nll.gradient(y, np.median(y) * full, scale * full)
    assert centre_slope.sum() == pytest.approx(0, abs=1e-14)
    assert scale_slope.sum() == pytest.approx(0, abs=1e-14)
    assert poisson_nll.gradient(y, np.log(y.mean()) * full).sum() == pytest.approx(0, abs=1e-13)
    for power in (1, 1.5, 2, 3):
        slope = tweedie_deviance.gradient(y, y.mean() * full, power=power)
        assert slope.sum() == pytest.approx(0, abs=1e-14)


@pytest.mark.parametrize(
    ("each", "parameters"),
    [
        *[(each, {"smooth": s}) for each in (dice, jaccard) for s in (0.1, 1, 30)],
        *[(tversky, {"alpha": a, "beta": b}) for a, b in [(0.7, 0.3), (0, 0), (0.3, 0.7), (2, 5)]],
        (tversky, {"alpha": 1, "beta": 0.5, "smooth": 0.1}),
    ],
)
def test_gradient_bound_of_overlap_holds_and_is_reached_where_both_sets_are_empty(each, parameters):
    bound = each.bind(**parameters)
    rng = np.random.default_rng(3)
    for size in (1, 2, 5):
        # Many near 0 and 1, where it is steepest.
        y, p = rng.beta(0.2, 0.2, (2, 4000, size)) ** rng.choice([1, 30], (2, 4000, 1))
        for labels in (y, y.round()):
            assert np.abs(bound.gradient(labels, p)).max() <= bound.gradient_bound * (1 + 1e-12)
    alpha, beta = (bound.parameters.get(name, 1) for name in ("alpha", "beta"))
    if alpha >= beta >= 0.5:
        at_empty_sets = bound.gradient([0.0, 0.0], [0.0, 0.0])
        assert at_empty_sets == pytest.approx([bound.gradient_bound] * 2)


def test_gradient_bound_of_overlap_is_not_declared_without_smoothing():
    assert [each.bind(smooth=0).gradient_bound for each in (dice, jaccard, tversky)] == [None] * 3


def test_tversky_holds_dice_and_jaccard():
    y, p = dice.sample(50)
    for a, b in zip(
        tversky.value_and_gradient(y, p, alpha=0.5, beta=0.5, smooth=0.5),
        dice.value_and_gradient(y, p, smooth=1),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-16)
    for a, b in zip(
        tversky.value_and_gradient(y, p, alpha=1, beta=1, smooth=1),
        jaccard.value_and_gradient(y, p, smooth=1),
        strict=True,
    ):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-16)


def test_overlap_is_perfect_or_nothing():
    y = np.array([1.0, 0.0, 1.0])
    for each in (dice, jaccard, tversky):
        assert each(y, y) == 0
        assert each(y, 1 - y, smooth=0) == 1


def test_info_nce_is_cross_entropy_at_a_temperature():
    s = np.random.default_rng(0).standard_normal((20, 5))
    y = np.arange(20) % 5
    expected = categorical_cross_entropy_with_logits.value_and_gradient(y, s / 0.25)
    value, gradient = info_nce.value_and_gradient(y, s, temperature=0.25)
    np.testing.assert_allclose(value, expected[0], rtol=1e-13)
    np.testing.assert_allclose(gradient, 4 * expected[1], rtol=1e-12)


def test_divergence_of_two_outcomes_is_the_binary_loss():
    z = np.linspace(-10, 10, 41)
    table = np.column_stack([np.zeros(41), z])
    sure = categorical_cross_entropy_with_logits(np.ones(41, int), table)
    np.testing.assert_allclose(sure, binary_cross_entropy_with_logits(np.ones(41), z), rtol=1e-14)


@pytest.mark.parametrize(
    ("each", "parameters", "arguments", "message"),
    [
        (poisson_nll, {}, (-1.0, 0.0), r"y_true must be in \[0, ∞\): got -1.0"),
        (gamma_deviance, {}, (0.0, 1.0), r"y_true must be in \(0, ∞\): got 0.0"),
        (gamma_deviance, {}, (1.0, 0.0), r"y_pred must be in \(0, ∞\): got 0.0"),
        (tweedie_deviance, {"power": 2}, (0.0, 1.0), r"y_true must be in \(0, ∞\): got 0.0"),
        (tweedie_deviance, {"power": 0.5}, (1.0, 1.0), r"power must be in \[1, 3\]: got 0.5"),
        (gaussian_nll, {}, (0.0, 0.0, 0.0), r"variance must be in \(0, ∞\): got 0.0"),
        (laplace_nll, {}, (0.0, 0.0, -1.0), r"scale must be in \(0, ∞\): got -1.0"),
        (kl_divergence, {}, ([0.5, 0.6], [0.5, 0.5]), "each row of p must sum to 1"),
        (kl_divergence, {}, ([0.5, 0.5], [0.5, -0.5]), r"q must be in \[0, 1\]: got -0.5"),
        (
            entropy,
            {},
            ([[[0.5, 0.5], [0.5, 0.5]], [[0.9, 0.2], [0.5, 0.5]]],),
            "each row of p must sum to 1.*at index 1, 0$",
        ),
        (entropy, {}, ([[0.5, 0.5], [0.9, 0.2]],), "each row of p must sum to 1.*at index 1"),
        (dice, {}, ([1, 0], [0.5, 1.5]), r"p must be in \[0, 1\]: got 1.5 at index 1"),
        (cosine_distance, {}, ([0.0, 0.0], [1.0, 0.0]), "y_true must be finite and not all zero"),
        (
            cosine_distance,
            {},
            ([[1.0, 0.0], [1.0, 0.0]], [[0.0, 4.0], [0.0, 0.0]]),
            "y_pred must be finite and not all zero in a row: got 0.0 at index 1, 0",
        ),
        (contrastive, {}, (1, -1.0), r"distance must be in \[0, ∞\): got -1.0"),
        (contrastive, {}, (2, 1.0), "y_true must be 0 or 1: got 2.0"),
        (info_nce, {}, (2, [0.0, 0.0]), "y_true must be a class number from 0 to 1: got 2"),
        (info_nce, {"temperature": 0}, (0, [0.0, 0.0]), r"temperature must be in \(0, ∞\)"),
        (triplet, {}, ([0.0], [0.0, 1.0], [0.0]), "anchor, positive and negative must have"),
    ],
    ids=lambda x: x.name if isinstance(x, Loss) else None,
)
def test_bad_input_is_named(each, parameters, arguments, message):
    with pytest.raises(ValueError, match=message):
        each(*arguments, **parameters)


@pytest.mark.parametrize(
    ("positive", "negative", "distance"),
    [
        (1.0, 2.5, 0.5),  # that far from costing nothing
        (4.0, 2.5, 2.5),  # a distance has its own kink at 0: the nearer one counts
        (0.25, 2.0, 0.25),
        (1.0, 2.0, 0.0),  # on the margin
    ],
)
def test_distance_to_a_kink_of_triplet_is_to_its_margin_or_to_a_coinciding_point(
    positive, negative, distance
):
    rows = (np.array([[side, 0.0]]) for side in (0.0, positive, -negative))
    assert triplet.declaration.kink_distance(*rows, margin=1.0) == distance


def test_gradients_of_triplet_have_no_negative_zeros():
    gradients = triplet.gradient([[0.0, 1.0]], [[0.0, 2.0]], [[0.0, 1.5]])
    assert not any(np.signbit(g[g == 0]).any() for g in gradients)
