"""Regression losses: hand values, high-precision references, properties, identities."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from lossbook import (
    Cost,
    Loss,
    absolute_error,
    absolute_percentage_error,
    cauchy,
    check_gradient,
    epsilon_insensitive,
    expectile,
    geman_mcclure,
    general_robust,
    half_squared_error,
    huber,
    log_cosh,
    pinball,
    pseudo_huber,
    quantile_huber,
    smooth_l1,
    squared_epsilon_insensitive,
    squared_error,
    squared_log_error,
    tukey_biweight,
    welsch,
)
from lossbook.losses import regression

from .reference import residuals, ulps

INF = math.inf
EVERY = [getattr(regression, name) for name in regression.__all__]
#: All but the two that are not functions of the residual alone.
ALL = [each for each in EVERY if each not in (squared_log_error, absolute_percentage_error)]
every_loss = pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)


# -- values by hand -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("each", "parameters", "y_true", "y_pred", "value", "gradient"),
    [
        (squared_error, {}, 3, 5, 4, 4),
        (squared_error, {}, 5, 3, 4, -4),
        (absolute_error, {}, 3, 5, 2, 1),
        (absolute_error, {}, 5, 3, 2, -1),
        (huber, {"delta": 2}, 0, 1, 0.5, 1),
        (huber, {"delta": 2}, 0, 2, 2, 2),  # where the branches meet
        (huber, {"delta": 2}, 0, -5, 8, -2),  # 2 · (5 - 1)
        (log_cosh, {}, 0, math.log(3), math.log(5 / 3), 0.8),  # cosh(log 3) = (3 + 1/3) / 2
        (pseudo_huber, {"delta": 4}, 0, 3, 4, 2.4),  # 16 · (5/4 - 1), 3 / (5/4)
        (pseudo_huber, {"delta": 3}, 4, 0, 6, -2.4),  # 9 · (5/3 - 1), -4 / (5/3)
        (pinball, {"quantile": 0.75}, 4, 0, 3, -0.75),
        (pinball, {"quantile": 0.75}, 0, 4, 1, 0.25),
        (expectile, {"tau": 0.75}, 4, 0, 12, -6),
        (expectile, {"tau": 0.75}, 0, 4, 4, 2),
        (tukey_biweight, {"c": 2}, 0, 1, 37 / 96, 9 / 16),  # 4/6 · (1 - 27/64)
        (tukey_biweight, {"c": 3}, 0, -7, 1.5, 0),  # 9/6
        (cauchy, {"c": 2}, 0, 2, 2 * math.log(2), 1),
        (cauchy, {"c": 1}, 0, 3, math.log(10) / 2, 0.3),
        (general_robust, {"alpha": 2, "c": 2}, 0, 6, 4.5, 1.5),
        (general_robust, {"alpha": 1, "c": 1}, 0, math.sqrt(3), 1, math.sqrt(3) / 2),
        (general_robust, {"alpha": 0, "c": 1}, 0, 2, math.log(3), 2 / 3),
        (general_robust, {"alpha": -2, "c": 1}, 0, 2, 1, 0.5),  # 2 · 4 / (4 + 4)
        (general_robust, {"alpha": -INF, "c": 1}, 0, 1, 1 - math.exp(-0.5), math.exp(-0.5)),
        (half_squared_error, {}, 3, 5, 2, 2),
        (smooth_l1, {"beta": 2}, 0, 1, 0.25, 0.5),
        (smooth_l1, {"beta": 2}, 0, -5, 4, -1),
        (quantile_huber, {"quantile": 0.75, "delta": 2}, 0, 1, 0.125, 0.25),
        (quantile_huber, {"quantile": 0.75, "delta": 2}, 5, 0, 6, -1.5),
        (epsilon_insensitive, {"epsilon": 0.5}, 2, 0, 1.5, -1),
        (epsilon_insensitive, {"epsilon": 0.5}, 0, 0.25, 0, 0),
        (epsilon_insensitive, {"epsilon": 0.5}, 0, 0.5, 0, 0),  # at the kink
        (epsilon_insensitive, {"epsilon": 0}, 1, 3, 2, 1),
        (squared_epsilon_insensitive, {"epsilon": 0.5}, 2, 0, 2.25, -3),
        (squared_epsilon_insensitive, {"epsilon": 0.5}, 0, -0.25, 0, 0),
        (geman_mcclure, {"c": 2}, 0, 2, 1, 0.5),
        (geman_mcclure, {"c": 1}, 0, -3, 0.45, -0.03),
        (welsch, {"c": 2}, 0, 2, 2 - 2 / math.e, 2 / math.e),
        (squared_log_error, {}, 1, 7, math.log(4) ** 2, math.log(4) / 4),
        (squared_log_error, {}, 7, 1, math.log(4) ** 2, -math.log(4)),
        (squared_log_error, {}, -0.5, 0, math.log(2) ** 2, 2 * math.log(2)),
        (absolute_percentage_error, {}, 4, 5, 0.25, 0.25),
        (absolute_percentage_error, {}, -4, -2, 0.5, 0.25),
        (absolute_percentage_error, {}, -4, -5, 0.25, -0.25),
        (absolute_percentage_error, {}, 4, 4, 0, 0),
    ],
)
def test_value_and_gradient_by_hand(each, parameters, y_true, y_pred, value, gradient):
    assert each(y_true, y_pred, **parameters) == pytest.approx(value, rel=1e-15)
    assert each.gradient(y_true, y_pred, **parameters) == pytest.approx(gradient, rel=1e-15)


@every_loss
def test_perfect_prediction_costs_nothing_and_does_not_pull(each):
    value, gradient = each.value_and_gradient([-3.0, 0.0, 1e9], [-3.0, 0.0, 1e9])
    assert value.tolist() == gradient.tolist() == [0, 0, 0]


# -- high-precision references ------------------------------------------------------------------


def _huber(r, delta):
    return r * r / 2 if abs(r) <= delta else delta * (abs(r) - delta / 2)


def _log_cosh(r):
    a = abs(r)
    if a < 1:  # cosh r - 1 = 2 sinh² (r / 2), which 60 digits hold also where r is 1e-300
        return mp.log1p(2 * mp.sinh(a / 2) ** 2)
    return a + mp.log1p(mp.exp(-2 * a)) - mp.log(2)


def _bell(x):
    """Return exp(-x²), and none of its hundred million digits where it is that small."""
    return mp.exp(-x * x) if abs(x) < 1e4 else mpf(0)


def _tukey(r, c):
    return c**2 / 6 * -mp.expm1(3 * mp.log1p(-((r / c) ** 2))) if abs(r) < c else c**2 / 6


def _general(r, alpha, c):
    z = r / c
    if alpha == 2:
        return z * z / 2
    if alpha == 0:
        return mp.log1p(z * z / 2)
    if alpha == -INF:
        return -mp.expm1(-z * z / 2)
    b = abs(alpha - 2)
    return b / alpha * mp.expm1(alpha / 2 * mp.log1p(z * z / b))


def _general_slope(r, alpha, c):
    z = r / c
    if alpha == 2:
        return z / c
    if alpha == -INF:
        return z / c * mp.exp(-z * z / 2)
    return z / c * mp.exp((alpha / 2 - 1) * mp.log1p(z * z / abs(alpha - 2)))


#: Value and derivative as functions of the residual, in mpmath's numbers.
EXACT = {
    squared_error: (lambda r: r * r, lambda r: 2 * r),
    absolute_error: (abs, mp.sign),
    huber: (_huber, lambda r, delta: max(-delta, min(delta, r))),
    log_cosh: (_log_cosh, mp.tanh),
    pseudo_huber: (
        lambda r, delta: delta**2 * mp.expm1(mp.log1p((r / delta) ** 2) / 2),
        lambda r, delta: r / mp.sqrt(1 + (r / delta) ** 2),
    ),
    pinball: (
        lambda r, quantile: max(-quantile * r, (1 - quantile) * r),
        lambda r, quantile: (1 - quantile if r > 0 else -quantile) if r else mpf(0),
    ),
    expectile: (
        lambda r, tau: (tau if r < 0 else 1 - tau) * r * r,
        lambda r, tau: 2 * (tau if r < 0 else 1 - tau) * r,
    ),
    tukey_biweight: (
        _tukey,
        lambda r, c: r * (1 - (r / c) ** 2) ** 2 if abs(r) < c else mpf(0),
    ),
    cauchy: (
        lambda r, c: c**2 / 2 * mp.log1p((r / c) ** 2),
        lambda r, c: r / (1 + (r / c) ** 2),
    ),
    general_robust: (_general, _general_slope),
    half_squared_error: (lambda r: r * r / 2, lambda r: r),
    smooth_l1: (
        lambda r, beta: _huber(r, beta) / beta,
        lambda r, beta: max(mpf(-1), min(mpf(1), r / beta)),
    ),
    quantile_huber: (
        lambda r, quantile, delta: (quantile if r < 0 else 1 - quantile) * _huber(r, delta),
        lambda r, quantile, delta: (
            (quantile if r < 0 else 1 - quantile) * max(-delta, min(delta, r))
        ),
    ),
    epsilon_insensitive: (
        lambda r, epsilon: max(mpf(0), abs(r) - epsilon),
        lambda r, epsilon: mp.sign(r) if abs(r) > epsilon else mpf(0),
    ),
    squared_epsilon_insensitive: (
        lambda r, epsilon: max(mpf(0), abs(r) - epsilon) ** 2,
        lambda r, epsilon: 2 * max(mpf(0), abs(r) - epsilon) * mp.sign(r),
    ),
    geman_mcclure: (
        lambda r, c: r * r / 2 / (1 + (r / c) ** 2),
        lambda r, c: r / (1 + (r / c) ** 2) ** 2,
    ),
    welsch: (
        lambda r, c: c**2 / 2 * (-mp.expm1(-((r / c) ** 2)) if abs(r) < c else 1 - _bell(r / c)),
        lambda r, c: r * _bell(r / c),
    ),
}
SETTINGS = [
    (squared_error, {}),
    (absolute_error, {}),
    *[(huber, {"delta": d}) for d in (1.0, 1.345, 1e-3, 700.0)],
    (log_cosh, {}),
    *[(pseudo_huber, {"delta": d}) for d in (1.0, 1.345, 1e-3, 700.0)],
    *[(pinball, {"quantile": q}) for q in (0.5, 0.9, 0.01)],
    *[(expectile, {"tau": t}) for t in (0.5, 0.9, 0.01)],
    *[(tukey_biweight, {"c": c}) for c in (4.685, 1.0, 1e-3, 1e3)],
    *[(cauchy, {"c": c}) for c in (1.0, 2.385, 1e-3, 1e3)],
    *[(general_robust, {"alpha": a, "c": 1.0}) for a in (2.0, 1.0, 0.0, -2.0, -INF)],
    *[(general_robust, {"alpha": a, "c": 1.3}) for a in (1.5, 0.1, -1.0, -10.0, -INF)],
    *[(general_robust, {"alpha": a, "c": 0.02}) for a in (1.0, 0.0, -4.0, -100.0, -1e30)],
    (half_squared_error, {}),
    *[(smooth_l1, {"beta": b}) for b in (1.0, 1.345, 1e-3, 700.0)],
    *[(quantile_huber, {"quantile": q, "delta": d}) for q, d in ((0.5, 1.0), (0.9, 1.3))],
    *[(epsilon_insensitive, {"epsilon": e}) for e in (0.0, 0.1, 2.0)],
    *[(squared_epsilon_insensitive, {"epsilon": e}) for e in (0.0, 0.1, 2.0)],
    *[(geman_mcclure, {"c": c}) for c in (1.0, 2.385, 1e-3, 1e3)],
    *[(welsch, {"c": c}) for c in (1.0, 2.985, 1e-3, 1e3)],
    # Near the values at which the formula has no meaning:
    *[(general_robust, {"alpha": 2 + d, "c": 1.0}) for d in (-1e-9, -(2.0**-52))],
    *[(general_robust, {"alpha": d, "c": 1.0}) for d in (-1e-9, 1e-9, 1e-300)],
]
every_setting = pytest.mark.parametrize(
    ("each", "parameters"), SETTINGS, ids=lambda x: x.name if isinstance(x, Loss) else str(x)
)


@every_setting
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_value_and_gradient_are_within_4_ulp(each, parameters, dtype):
    r = residuals(dtype)
    precise = {name: mpf(value) for name, value in parameters.items()}
    results = each.value_and_gradient(np.zeros_like(r), r, **parameters)
    if not {"quantile", "tau"} & set(parameters):  # the same to both sides
        r, left = np.split(r, 2)
        (value, mirrored), (slope, opposite) = (np.split(x, 2) for x in results)
        np.testing.assert_array_equal(left, -r)
        np.testing.assert_array_equal(mirrored, value)
        np.testing.assert_array_equal(opposite, -slope)
        results = value, slope
    numbers = [mpf(float(x)) for x in r]
    for result, exact in zip(results, EXACT[each], strict=True):
        distance = ulps(result, [exact(x, **precise) for x in numbers])
        worst = int(np.argmax(distance))
        assert distance[worst] <= 4, f"{distance[worst]:.1f} ulp at residual {r[worst]}"


@every_loss
def test_residual_is_the_prediction_minus_the_target(each):
    # Differences without rounding, so that only the sign and the size of the residual count.
    y_true, y_pred = np.array([5.0, -2.0, 1.5]), np.array([7.0, -7.0, 1.25])
    expected = each.value_and_gradient(np.zeros(3), y_pred - y_true)
    np.testing.assert_array_equal(each.value_and_gradient(y_true, y_pred), expected)


# -- gradients ----------------------------------------------------------------------------------


@every_setting
def test_gradient_is_the_derivative_of_the_value(each, parameters):
    scale = min([1.0, *(v for k, v in parameters.items() if k in ("c", "delta", "beta"))])
    r = scale * np.linspace(-6, 6, 97) + scale * 1e-3
    result = check_gradient(each, np.zeros(97), r, step=1e-3 * scale, **parameters)
    assert result, str(result)
    assert result.checked > 85


@every_setting
def test_gradient_jumps_at_declared_kinks_and_nowhere_else(each, parameters):
    bound = each.bind(**parameters)
    places = sorted({0.0, 0.7, *bound.kinks, *bound.seams})
    h = 1e-9
    for place in places:
        left, right = bound.gradient(np.zeros(2), np.array([place - h, place + h]))
        jump = abs(right - left)
        if place in bound.kinks:
            assert jump > 1e-3
        else:
            assert jump <= 1e-5 * max(1, abs(left))


@every_setting
def test_curvature_jumps_at_declared_seams(each, parameters):
    bound = each.bind(**parameters)
    for seam in bound.seams:
        h = 1e-4 * max(abs(seam), 1e-3)
        x = seam + np.array([-2 * h, -h, h, 2 * h])
        g = bound.gradient(np.zeros(4), x)
        left, right = g[1] - g[0], g[3] - g[2]
        if each is not tukey_biweight:  # there it is the third derivative that jumps
            assert abs(left - right) > 0.01 * max(abs(left), abs(right)) > 0


@every_setting
def test_gradient_bound_holds_and_is_nearly_reached(each, parameters):
    bound = each.bind(**parameters)
    scale = {"c": 1.0, "delta": 1.0, **parameters}
    unit = min(scale["c"], scale["delta"])
    r = np.concatenate([unit * np.linspace(-20, 20, 4001), np.geomspace(1e-6, 1e6, 2000)])
    steepest = np.abs(bound.gradient(np.zeros_like(r), r)).max()
    limit = bound.gradient_bound
    assert steepest <= limit * (1 + 1e-12)
    if limit < INF:
        assert steepest >= 0.99 * limit
    elif parameters.get("alpha", 2) > 1.1:
        assert steepest > 100


# -- properties ---------------------------------------------------------------------------------

numbers = st.floats(-1e6, 1e6)
anything = st.floats(allow_nan=False, allow_infinity=False, min_value=-8e307, max_value=8e307)
sizes = st.floats(1e-6, 1e6)
shares = st.floats(1e-6, 1 - 1e-6)
shapes = st.one_of(st.floats(-50, 2), st.sampled_from([2.0, 1.0, 0.0, -2.0, -INF]))
DRAWN = {
    "delta": sizes,
    "beta": sizes,
    "epsilon": sizes,
    "c": sizes,
    "quantile": shares,
    "tau": shares,
    "alpha": shapes,
}


@st.composite
def bound_losses(draw):
    each = draw(st.sampled_from(ALL))
    return each.bind(**{name: draw(DRAWN[name]) for name in each.parameters})


@pytest.mark.parametrize("alpha", [5e-324, 1e-310])
def test_general_robust_at_a_subnormal_alpha_is_its_limit_at_zero(alpha):
    for r in (0.0, 1e-8, 1.0, 1e3):
        assert general_robust(0.0, r, alpha=alpha) == general_robust(0.0, r, alpha=0.0)


@pytest.mark.parametrize("alpha", [1.0, 0.25, -0.25])
def test_general_robust_at_ratios_that_are_no_floats(alpha):
    r, c = np.array([1e-300, 1e150, 8e307]), 1e-320
    value, slope = general_robust.value_and_gradient(np.zeros(3), r, alpha=alpha, c=c)
    numbers = [mpf(float(x)) for x in r]
    for result, exact in ((value, _general), (slope, _general_slope)):
        assert ulps(result, [exact(x, mpf(alpha), mpf(c)) for x in numbers]).max() <= 16


@given(bound_losses(), anything, anything)
@settings(max_examples=500, deadline=None)
def test_finite_input_never_gives_nan_nor_a_negative_loss(each, y_true, y_pred):
    value, gradient = each.value_and_gradient(y_true, y_pred)
    assert value >= 0
    assert not np.isnan(gradient)


@given(bound_losses(), numbers, numbers, numbers)
@settings(max_examples=500, deadline=None)
def test_convex_where_it_says_so(each, y_true, first, second):
    if each.convex:
        middle = first + (second - first) / 2
        ends = (each(y_true, first) + each(y_true, second)) / 2
        assert each(y_true, middle) <= ends * (1 + 1e-12) + 1e-300


@every_setting
def test_not_convex_where_it_says_so(each, parameters):
    bound = each.bind(**parameters)
    r = parameters.get("c", 1.0) * np.linspace(0, 30, 3001)
    slopes = np.diff(bound.gradient(np.zeros_like(r), r))
    assert bound.convex == bool((slopes >= -1e-12 * np.abs(slopes).max()).all())


@given(bound_losses(), numbers, numbers)
@settings(max_examples=300, deadline=None)
def test_loss_grows_with_the_size_of_the_residual(each, r, more):
    sign = math.copysign(1, r)
    nearer, farther = each([0.0, 0.0], [r, r + sign * abs(more)])
    assert nearer <= farther * (1 + 1e-12)


@given(bound_losses(), numbers, numbers)
@settings(max_examples=300, deadline=None)
def test_gradient_pulls_towards_the_target(each, y_true, y_pred):
    gradient = each.gradient(y_true, y_pred)
    assert gradient * np.sign(y_pred - y_true) >= 0


@given(bound_losses(), numbers)
@settings(max_examples=300, deadline=None)
def test_symmetric_but_for_the_two_asymmetric_losses(each, r):
    value, gradient = each.value_and_gradient([0.0, 0.0], [r, -r])
    if "quantile" in each.parameters or "tau" in each.parameters:
        mirrored = each.bind(
            **{k: 1 - v for k, v in each.parameters.items() if k in ("quantile", "tau")}
        )
        assert value[1] == pytest.approx(mirrored(0.0, r), rel=1e-9)
    else:
        assert value[0] == value[1]
        assert gradient[0] == -gradient[1]


# -- identities ---------------------------------------------------------------------------------

R = np.concatenate([np.linspace(-30, 30, 241), [1e-8, 1e-3, 1e4]])
ZERO = np.zeros_like(R)


def same(first, second, parameters=None, other=None, factor=1.0, rtol=1e-14):
    for a, b in zip(
        first.value_and_gradient(ZERO, R, **(parameters or {})),
        second.value_and_gradient(ZERO, R, **(other or {})),
        strict=True,
    ):
        np.testing.assert_allclose(a, factor * b, rtol=rtol, atol=1e-290)


def test_smooth_l1_is_huber_over_its_delta():
    same(huber, smooth_l1, {"delta": 1.7}, {"beta": 1.7}, factor=1.7)


def test_half_squared_error_is_half_the_squared_error():
    same(half_squared_error, squared_error, factor=0.5)


def test_quantile_huber_at_the_median_is_half_of_huber():
    same(quantile_huber, huber, {"quantile": 0.5, "delta": 1.5}, {"delta": 1.5}, factor=0.5)


def test_quantile_huber_with_a_narrow_bowl_is_nearly_pinball():
    r = np.array([-3.0, -0.5, 0.5, 3.0])
    narrow = quantile_huber(np.zeros(4), r, quantile=0.8, delta=1e-6) / 1e-6
    np.testing.assert_allclose(narrow, pinball(np.zeros(4), r, quantile=0.8), rtol=1e-5)


def test_epsilon_insensitive_without_a_tube():
    same(epsilon_insensitive, absolute_error, {"epsilon": 0})
    same(squared_epsilon_insensitive, squared_error, {"epsilon": 0})


@pytest.mark.parametrize("c", [0.1, 1.0, 7.0])
def test_general_robust_holds_the_redescending_losses(c):
    same(general_robust, geman_mcclure, {"alpha": -2, "c": c}, {"c": 2 * c}, factor=1 / c**2)
    same(
        general_robust,
        welsch,
        {"alpha": -INF, "c": c},
        {"c": math.sqrt(2) * c},
        factor=1 / c**2,
        rtol=1e-12,  # far out, the rounding of √2 shows
    )


def test_pinball_at_the_median_is_half_the_absolute_error():
    same(pinball, absolute_error, {"quantile": 0.5}, factor=0.5)


def test_expectile_at_one_half_is_half_the_squared_error():
    same(expectile, squared_error, {"tau": 0.5}, factor=0.5)


def test_huber_with_a_wide_bowl_is_half_the_squared_error():
    same(huber, squared_error, {"delta": 1e5}, factor=0.5)


@pytest.mark.parametrize("c", [0.1, 1.0, 7.0])
def test_general_robust_holds_the_other_losses(c):
    same(general_robust, squared_error, {"alpha": 2, "c": c}, factor=0.5 / c**2)
    same(general_robust, pseudo_huber, {"alpha": 1, "c": c}, {"delta": c}, factor=1 / c**2)
    same(general_robust, cauchy, {"alpha": 0, "c": c}, {"c": math.sqrt(2) * c}, factor=1 / c**2)


@pytest.mark.parametrize("alpha", [2, 0])
def test_general_robust_has_no_step_where_its_formula_has_no_meaning(alpha):
    r = np.linspace(-5, 5, 101)
    middle = general_robust(np.zeros(101), r, alpha=alpha)
    for near in (alpha - 1e-10, min(alpha + 1e-10, 2)):
        values = general_robust(np.zeros(101), r, alpha=near)
        np.testing.assert_allclose(values, middle, rtol=1e-8)


def test_general_robust_tends_to_welsch():
    r = np.linspace(-5, 5, 101)
    limit = general_robust(np.zeros(101), r, alpha=-INF)
    near = general_robust(np.zeros(101), r, alpha=-1e9)
    np.testing.assert_allclose(near, limit, rtol=1e-7)


def test_log_cosh_is_a_parabola_near_zero_and_a_line_far_away():
    assert log_cosh(0.0, 1e-5) == pytest.approx(0.5e-10, rel=1e-9)
    assert log_cosh(0.0, 500.0) == 500 - math.log(2)


# -- what each loss estimates -------------------------------------------------------------------

Y = np.array([1.0, 2.0, 2.5, 4.0, 7.0, 8.0, 30.0])


def test_squared_error_is_minimised_by_the_mean():
    assert Cost(squared_error).optimal_constant(Y) == pytest.approx(Y.mean(), rel=1e-12)


def test_absolute_error_is_minimised_by_the_median():
    assert Cost(absolute_error).optimal_constant(Y) == np.median(Y)
    assert Cost(absolute_error).optimal_constant(Y[:-1]) == pytest.approx(np.median(Y[:-1]))


@pytest.mark.parametrize("quantile", [0.1, 0.25, 0.5, 0.9])
def test_pinball_is_minimised_by_the_quantile(quantile):
    best = Cost(pinball.bind(quantile=quantile)).optimal_constant(Y)
    assert best == np.quantile(Y, quantile, method="inverted_cdf")


@pytest.mark.parametrize("tau", [0.1, 0.5, 0.9])
def test_expectile_is_minimised_by_the_expectile(tau):
    best = Cost(expectile.bind(tau=tau)).optimal_constant(Y)
    # The definition: the pulls from above and below are in balance, tau to 1 - tau.
    above, below = np.maximum(Y - best, 0).sum(), np.maximum(best - Y, 0).sum()
    assert tau * above == pytest.approx((1 - tau) * below, rel=1e-9)


def test_huber_goes_from_the_median_to_the_mean():
    narrow, wide = (Cost(huber.bind(delta=d)).optimal_constant(Y) for d in (1e-6, 1e6))
    assert narrow == pytest.approx(np.median(Y), abs=1e-5)
    assert wide == pytest.approx(Y.mean())


@pytest.mark.parametrize(
    "each",
    [
        tukey_biweight,
        cauchy,
        geman_mcclure,
        welsch.bind(c=2),
        general_robust.bind(alpha=-2),
    ],
    ids=repr,
)
def test_redescending_losses_ignore_the_outlier(each):
    best = Cost(each).optimal_constant(Y)
    np.testing.assert_allclose(best, Cost(each).optimal_constant(np.where(Y == 30, 1e6, Y)), 0.05)
    assert Cost(each)(Y, np.full(7, best)) <= min(
        Cost(each)(Y, np.full(7, x)) for x in np.linspace(0, 30, 3001)
    )


def test_squared_log_error_is_minimised_by_a_geometric_mean():
    best = Cost(squared_log_error).optimal_constant(Y)
    assert best == pytest.approx(np.exp(np.log1p(Y).mean()) - 1, rel=1e-9)


def test_percentage_error_is_minimised_below_the_median():
    best = Cost(absolute_percentage_error).optimal_constant(Y)
    assert best < np.median(Y)
    assert best == Cost(absolute_error).optimal_constant(Y, 1 / Y)


# -- the two that are not functions of the residual -----------------------------------------------


def _pairs(low, high, dtype):
    rng = np.random.default_rng(3)
    y = np.concatenate([10.0 ** rng.uniform(low, high, 300), rng.uniform(-0.999, 3, 300)])
    close = y * (1 + rng.choice([1e-15, 1e-9, 1e-3], 600) * rng.standard_normal(600))
    y, p = np.r_[y, y, 0, 0], np.r_[np.roll(y, 7), close, 1e-3, 0]
    return y.astype(dtype), np.maximum(p, -0.9999).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_squared_log_error_is_within_4_ulp(dtype):
    y, p = _pairs(-20, 3, dtype)
    value, gradient = squared_log_error.value_and_gradient(y, p)
    pairs = [(mpf(float(a)), mpf(float(b))) for a, b in zip(y, p, strict=True)]
    logs = [mp.log1p(b) - mp.log1p(a) for a, b in pairs]
    assert ulps(value, [x * x for x in logs]).max() <= 4
    slopes = [2 * x / (1 + b) for x, (_, b) in zip(logs, pairs, strict=True)]
    assert ulps(gradient, slopes).max() <= 4


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_absolute_percentage_error_is_within_4_ulp(dtype):
    y, p = _pairs(-20, 3, dtype)
    y[y == 0] = 1
    value, gradient = absolute_percentage_error.value_and_gradient(y, p)
    pairs = [(mpf(float(a)), mpf(float(b))) for a, b in zip(y, p, strict=True)]
    assert ulps(value, [abs((b - a) / a) for a, b in pairs]).max() <= 4
    assert ulps(gradient, [mp.sign(b - a) / abs(a) for a, b in pairs]).max() <= 4


@pytest.mark.parametrize("each", [squared_log_error, absolute_percentage_error])
def test_gradients_that_depend_on_more_than_the_residual(each):
    result = check_gradient(each)
    assert result, str(result)


def test_numbers_outside_the_domain_are_named():
    with pytest.raises(ValueError, match=r"y_pred must be in \(−1, ∞\): got -1.0 at index 1"):
        squared_log_error([0.0, 0.0], [0.0, -1.0])
    with pytest.raises(ValueError, match=r"y_true must be finite and not 0: got 0.0 at index 0"):
        absolute_percentage_error([0.0, 1.0], [0.0, 0.0])


# -- declarations -------------------------------------------------------------------------------


@pytest.mark.parametrize("each", EVERY, ids=lambda each: each.name)
def test_declaration_is_complete(each):
    d = each.declaration
    assert d.task == "regression"
    assert d.formula
    assert d.derivative
    assert d.estimates
    if each not in (squared_log_error, absolute_percentage_error):  # of no single origin
        assert d.source.author.split()[-1] in each.__doc__
        assert f"({d.source.year})" in each.__doc__
    assert each.convex in (True, False)
    assert each.gradient_bound > 0
    assert set(d.elsewhere) <= {"PyTorch", "Keras", "optax", "scikit-learn"}


@pytest.mark.parametrize(
    ("each", "bad"),
    [
        (pinball, {"quantile": 0}),
        (pinball, {"quantile": 1}),
        (expectile, {"tau": 1.5}),
        (tukey_biweight, {"c": 0}),
        (cauchy, {"c": -1}),
        (pseudo_huber, {"delta": INF}),
        (general_robust, {"alpha": 2.5}),
        (general_robust, {"c": 0}),
    ],
)
def test_parameter_outside_its_interval_is_named(each, bad):
    (name,) = bad
    with pytest.raises(ValueError, match=rf"{name} must be in [\[(].*, .*[\])]: got"):
        each(0.0, 1.0, **bad)
