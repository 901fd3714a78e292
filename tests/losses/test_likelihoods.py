"""Distributions as losses: scores, counts and censored targets against high precision."""

import math

import numpy as np
import pytest
from mpmath import mp, mpf

from lossbook import (
    absolute_error,
    censored_gaussian_nll,
    check_gradient,
    crps_gaussian,
    crps_laplace,
    gaussian_nll,
    negative_binomial_nll,
    poisson_nll,
)

from .reference import ulps

LOG = math.log


def exact(x):
    return [mpf(float(v)) for v in x]


def density(t):
    return mp.exp(-t * t / 2) / mp.sqrt(2 * mp.pi)


def normal_surprise(t):
    """Return -log Φ(t) and φ(t) / Φ(t)."""
    tail = mp.erfc(abs(t) / mp.sqrt(2)) / 2
    if t > 0:
        return -mp.log1p(-tail), density(t) / (1 - tail)
    return -mp.log(tail), density(t) / tail


def errors(result, reference, terms):
    """Return the distance of each result from its reference, in ulps of its largest term."""
    return np.array(
        [
            float(abs(mpf(float(x)) - e) / mpf(float(np.spacing(float(max(term, abs(e)))))))
            for x, e, term in zip(result, reference, terms, strict=True)
        ]
    )


@pytest.mark.parametrize(
    ("each", "parameters", "arguments", "value", "gradient"),
    [
        # At the target 2 φ(0) - 1/√π is all there is.
        (crps_gaussian, {}, (1.0, 1.0, 2.0), 2 * (math.sqrt(2) - 1) / math.sqrt(math.pi), None),
        (crps_laplace, {}, (1.0, 1.0, 2.0), 0.5, (0, 0.25)),
        (crps_laplace, {}, (0.0, LOG(2), 1.0), LOG(2) - 0.25, (0.5, (LOG(2) - 0.5) / 2)),
        # A dispersion of 1 makes the geometric distribution: (1 + λ)^-(y + 1) λ^y.
        (negative_binomial_nll, {}, (0.0, 0.0, 1.0), LOG(2), (0.5, 0.5 - LOG(2))),
        (negative_binomial_nll, {}, (1.0, 0.0, 1.0), 2 * LOG(2), (0, 1 - LOG(2))),
        (negative_binomial_nll, {}, (2.0, 0.0, 1.0), 2 * LOG(2), (-0.5, 1 - LOG(2))),
        (censored_gaussian_nll, {}, (0.0, 0.0, 2.0), LOG(2), (1 / math.sqrt(2 * math.pi), 0)),
        (censored_gaussian_nll, {}, (1.0, 3.0, 2.0), LOG(2) + 0.5, (0.5, 0)),
        (
            censored_gaussian_nll,
            {"lower": None, "upper": 3},
            (3.0, 3.0, 2.0),
            LOG(2),
            (-1 / math.sqrt(2 * math.pi), 0),
        ),
    ],
)
def test_value_and_gradient_by_hand(each, parameters, arguments, value, gradient):
    assert each(*arguments, **parameters) == pytest.approx(value, rel=1e-14, abs=1e-15)
    if gradient is not None:
        assert each.gradient(*arguments, **parameters) == pytest.approx(
            gradient, rel=1e-14, abs=1e-15
        )


# -- ranked probability scores --------------------------------------------------------------------


def forecasts():
    rng = np.random.default_rng(30)
    scale = 10.0 ** rng.uniform(-3, 3, 400)
    z = np.r_[10.0 ** rng.uniform(-9, 3, 200), rng.uniform(0, 6, 200)] * rng.choice([-1, 1], 400)
    y = rng.standard_normal(400)
    return y, y + scale * z, scale


def test_crps_of_a_gaussian_is_within_8_ulp_of_its_terms():
    y, mean, scale = forecasts()
    value, (slope, spread) = crps_gaussian.value_and_gradient(y, mean, scale)
    values, slopes, spreads = [], [], []
    for a, m, s in zip(exact(y), exact(mean), exact(scale), strict=True):
        z = (m - a) / s
        slopes.append(mp.erf(z / mp.sqrt(2)))
        spreads.append(2 * density(z) - 1 / mp.sqrt(mp.pi))
        values.append((m - a) * slopes[-1] + s * spreads[-1])
    assert ulps(value, values).max() <= 8
    assert ulps(slope, slopes).max() <= 4
    assert errors(spread, spreads, [0.5] * 400).max() <= 8


def test_crps_of_a_laplace_is_within_8_ulp_of_its_terms():
    y, mean, scale = forecasts()
    value, (slope, spread) = crps_laplace.value_and_gradient(y, mean, scale)
    values, slopes, spreads = [], [], []
    for a, m, b in zip(exact(y), exact(mean), exact(scale), strict=True):
        m = m - a
        e = mp.exp(-abs(m) / b)
        values.append(abs(m) + b * (e - mpf(3) / 4))
        slopes.append(mp.sign(m) * (1 - e))
        spreads.append(e * (1 + abs(m) / b) - mpf(3) / 4)
    assert ulps(value, values).max() <= 8
    assert ulps(slope, slopes).max() <= 4
    assert errors(spread, spreads, [0.5] * 400).max() <= 8


@pytest.mark.parametrize("each", [crps_gaussian, crps_laplace])
def test_crps_is_the_integral_that_defines_it(each):
    for y, mean, scale in ((0.3, 1.0, 2.0), (-2.0, 0.5, 0.7)):
        x = np.linspace(mean - 60 * scale, mean + 60 * scale, 2_000_001)
        z = (x - mean) / scale
        if each is crps_gaussian:
            cdf = np.array([math.erfc(-v / math.sqrt(2)) / 2 for v in z[::100]])
            x = x[::100]
        else:
            cdf = np.where(z < 0, np.exp(np.minimum(z, 0)) / 2, 1 - np.exp(-np.maximum(z, 0)) / 2)
        gap = (cdf - (x >= y)) ** 2
        assert np.trapezoid(gap, x) == pytest.approx(each(y, mean, scale), abs=3 * (x[1] - x[0]))


@pytest.mark.parametrize("each", [crps_gaussian, crps_laplace])
def test_crps_is_convex_in_centre_and_scale_together(each):
    rng = np.random.default_rng(31)
    a, b = rng.standard_normal((2, 2000, 2))
    a, b = np.exp([[0], [1]] * a.T) * [[1], [1]], np.exp(b.T)
    y = np.zeros(2000)
    ends = (each(y, *a) + each(y, *b)) / 2
    assert (each(y, *((a + b) / 2)) <= ends * (1 + 1e-12)).all()


def test_crps_is_least_for_the_true_distribution():
    # Quantiles of the distribution itself: their mean score is an integral over it.
    shares = (np.arange(20_000) + 0.5) / 20_000
    laplace = np.where(shares < 0.5, np.log(2 * shares), -np.log(2 - 2 * shares))
    centre, spread = crps_laplace.gradient(laplace, np.zeros(20_000), np.ones(20_000))
    assert abs(centre.mean()) < 1e-9
    assert abs(spread.mean()) < 1e-4
    x = np.linspace(-9, 9, 20_001)
    weight = np.exp(-x * x / 2) / math.sqrt(2 * math.pi) * (x[1] - x[0])
    centre, spread = crps_gaussian.gradient(x, 0 * x, 0 * x + 1)
    assert abs((weight * centre).sum()) < 1e-12
    assert abs((weight * spread).sum()) < 1e-12


def test_crps_far_away_is_the_absolute_error():
    far = np.array([1e9, -1e9])
    zero, one = np.zeros(2), np.ones(2)
    np.testing.assert_allclose(crps_gaussian(zero, far, one), absolute_error(zero, far), rtol=1e-8)
    np.testing.assert_array_equal(crps_laplace.gradient(zero, far, one)[0], [1, -1])


# -- counts ---------------------------------------------------------------------------------------


def binomial_terms(y, z, a):
    """Return value and gradients of high precision, each with its largest term."""
    rate, r = mp.exp(z), 1 / a
    rising = mp.loggamma(y + r) - mp.loggamma(r) + y * mp.log(a)
    log = mp.log1p(a * rate)
    value = (y + r) * log - y * z - rising
    terms = max(r * log, abs(y * (log - z)), abs(rising))
    slope = (rate - y) / (1 + a * rate)
    slope_terms = max(rate, y) / (1 + a * rate)
    log_part = -r * r * log + (y + r) * rate / (1 + a * rate)
    rising_part = -r * r * (mp.digamma(y + r) - mp.digamma(r)) + y * r
    own = max(y * rate, rate * rate) if a * rate < 1 else r * max(y + r, r * log)
    whole = max(y * y, y, mpf(1) / 12) if a * y < 1 else r * max(y, r)
    return value, terms, slope, slope_terms, log_part - rising_part, max(own, whole)


@pytest.mark.parametrize("dispersion", [1e-12, 1e-6, 1e-3, 0.05, 0.3, 1.0, 10.0, 1e4])
def test_negative_binomial_is_within_16_ulp_of_its_terms(dispersion):
    mp.dps = 80
    rng = np.random.default_rng(32)
    y = np.r_[rng.integers(0, 40, 150), np.floor(10.0 ** rng.uniform(0, 6, 100))]
    z = np.r_[rng.uniform(-6, 6, 150), rng.uniform(-30, 30, 100)]
    z[:30] *= 1e-3  # rates near 1, of which the logarithm is near 0
    a = dispersion * np.exp(rng.uniform(-0.5, 0.5, 250))
    value, (slope, scatter) = negative_binomial_nll.value_and_gradient(y, z, a)
    wanted = [binomial_terms(*each) for each in zip(exact(y), exact(z), exact(a), strict=True)]
    mp.dps = 60
    v, v_terms, s, s_terms, d, d_terms = zip(*wanted, strict=True)
    assert errors(value, v, v_terms).max() <= 16
    assert errors(slope, s, s_terms).max() <= 8
    assert errors(scatter, d, d_terms).max() <= 16


def test_negative_binomial_without_dispersion_is_poisson():
    y, z = np.array([0.0, 1.0, 7.0, 40.0]), np.array([-2.0, 0.0, 2.0, 3.0])
    tiny = np.full(4, 1e-300)
    value, (slope, scatter) = negative_binomial_nll.value_and_gradient(y, z, tiny)
    wanted = poisson_nll.value_and_gradient(y, z)
    np.testing.assert_allclose(value, wanted[0], rtol=1e-14)
    np.testing.assert_allclose(slope, wanted[1], rtol=1e-14)
    # At the start the dispersion pays where the squared miss is above the count.
    np.testing.assert_allclose(scatter, (y - (y - np.exp(z)) ** 2) / 2, rtol=1e-12)


def test_negative_binomial_probabilities_sum_to_one():
    y = np.arange(4000.0)
    for rate, dispersion in ((3.0, 0.5), (10.0, 2.0)):
        nll = negative_binomial_nll(y, np.full(4000, LOG(rate)), np.full(4000, dispersion))
        p = np.exp(-nll - np.array([math.lgamma(v + 1) for v in y]))
        assert p.sum() == pytest.approx(1, rel=1e-11)
        mean = (p * y).sum()
        assert mean == pytest.approx(rate, rel=1e-9)
        assert (p * (y - mean) ** 2).sum() == pytest.approx(rate + dispersion * rate**2, rel=1e-8)


def test_negative_binomial_is_minimised_by_the_mean():
    y = np.array([0.0, 1.0, 2.0, 9.0])
    slope, _ = negative_binomial_nll.gradient(y, np.full(4, LOG(3)), np.full(4, 0.7))
    assert slope.sum() == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("z", [-800.0, -50.0, 0.0, 50.0, 800.0, 1e300])
@pytest.mark.parametrize("dispersion", [1e-320, 1e-12, 1.0, 1e12, 1e300])
def test_negative_binomial_of_any_rate_is_a_number(z, dispersion):
    for y in (0.0, 1.0, 1e6):
        value, gradient = negative_binomial_nll.value_and_gradient(y, z, dispersion)
        assert not np.isnan([value, *gradient]).any()


# -- censored targets -----------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["lower", "upper"])
def test_censored_targets_are_within_8_ulp_in_both_tails(side):
    rng = np.random.default_rng(33)
    limit = 0.7
    scale = 10.0 ** rng.uniform(-1, 1, 500)
    t = np.r_[
        rng.uniform(-38, 38, 400), 10.0 ** rng.uniform(-8, 0, 50), -(10.0 ** np.arange(2, 7, 0.1))
    ]
    mean = limit - scale * t if side == "lower" else limit + scale * t
    limits = {"lower": None, "upper": None, side: limit}
    full = np.full(500, limit)
    value, (slope, spread) = censored_gaussian_nll.value_and_gradient(full, mean, scale, **limits)
    values, slopes, spreads = [], [], []
    sign = 1 if side == "lower" else -1
    for m, s in zip(exact(mean), exact(scale), strict=True):
        x = sign * (mpf(limit) - m) / s
        surprise, hazard = normal_surprise(x)
        values.append(surprise)
        slopes.append(sign * hazard / s)
        spreads.append(x * hazard / s)
    assert ulps(value, values).max() <= 8
    assert ulps(slope, slopes).max() <= 8
    assert ulps(spread, spreads).max() <= 8


def test_uncensored_targets_are_those_of_the_gaussian():
    y, mean, scale = forecasts()
    value, (slope, spread) = censored_gaussian_nll.value_and_gradient(
        y, mean, scale, lower=None, upper=None
    )
    wanted, (slopes, variances) = gaussian_nll.value_and_gradient(y, mean, scale**2)
    np.testing.assert_allclose(value, wanted, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(slope, slopes, rtol=1e-12)
    np.testing.assert_allclose(spread, variances * 2 * scale, rtol=1e-9, atol=1e-9)


def test_probabilities_of_a_censored_gaussian_sum_to_one():
    mean, scale = 0.4, 1.3
    inside = np.linspace(0, 2, 200_001)[1:-1]
    full = np.full(inside.size, mean), np.full(inside.size, scale)
    nll = censored_gaussian_nll(inside, *full, upper=2)
    density_inside = np.exp(-nll) / math.sqrt(2 * math.pi)
    ends = np.exp(-censored_gaussian_nll([0.0, 2.0], [mean] * 2, [scale] * 2, upper=2))
    assert ends.sum() + density_inside.sum() * 1e-5 == pytest.approx(1, abs=1e-5)


def test_gradient_of_censored_targets_holds_at_both_limits():
    rng = np.random.default_rng(34)
    mean, scale = rng.uniform(-3, 4, 200), rng.uniform(1, 3, 200)
    y = np.clip(mean + scale * rng.standard_normal(200), -1, 2)
    assert check_gradient(censored_gaussian_nll, y, mean, scale, lower=-1, upper=2)


@pytest.mark.parametrize(
    ("parameters", "arguments", "message"),
    [
        ({}, (-1.0, 0.0, 1.0), r"y_true must be in \[0, ∞\), and finite: got -1.0"),
        ({"upper": 2}, (3.0, 0.0, 1.0), r"y_true must be in \[0, 2\], and finite: got 3.0"),
        ({"lower": 2, "upper": 2}, (2.0, 0.0, 1.0), "lower must be below upper: got 2.0 and 2.0"),
        ({"lower": math.nan}, (2.0, 0.0, 1.0), "lower must be finite: got nan"),
        ({}, (1.0, 0.0, 0.0), r"scale must be in \(0, ∞\): got 0.0"),
    ],
)
def test_limits_are_checked(parameters, arguments, message):
    with pytest.raises(ValueError, match=message):
        censored_gaussian_nll(*arguments, **parameters)
