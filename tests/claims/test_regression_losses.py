"""What chapter 3 says, claim by claim."""

import json
import math
import re
from fractions import Fraction
from itertools import combinations, pairwise
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from lossbook import (
    Cost,
    Formula,
    absolute_error,
    absolute_percentage_error,
    cauchy,
    censored_gaussian_nll,
    check_gradient,
    crps_gaussian,
    expectile,
    gaussian_nll,
    general_robust,
    huber,
    log_cosh,
    loss,
    negative_binomial_nll,
    pinball,
    pseudo_huber,
    quantile_huber,
    smooth_l1,
    squared_error,
    tukey_biweight,
)
from lossbook.datasets import load_belgian_phone_calls, load_engel_food
from lossbook.explore import Stage
from lossbook.figures import regression as draw
from lossbook.fitting import Line, fit_line, least_squares_line, reweighted_line

from .predicting import prediction

CHAPTER = Path(__file__).parents[2] / "chapters" / "03-regression-losses.ipynb"

X, Y = np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 7.0])
KM, MINUTES = draw.DISTANCE, draw.MINUTES


def cost(loss, line, x, y):
    return loss(y, line(x)).mean()


def lowest_constant(loss, targets, grid):
    """Try every constant prediction of the grid."""
    each = np.tile(np.asarray(targets, dtype=float), len(grid))
    costs = loss(each, np.repeat(grid, len(targets))).reshape(len(grid), -1).mean(axis=1)
    return grid[costs.argmin()]


@pytest.fixture(scope="module")
def phone():
    data = load_belgian_phone_calls()
    return data.year - 1950, data.calls, data.in_minutes


@pytest.fixture(scope="module")
def engel():
    data = load_engel_food()
    return data.income, data.food_expenditure


# Mean squared error


def test_one_step_by_hand_lowers_the_squared_cost_though_it_spoils_two_perfect_predictions():
    x, y = [1, 2, 3], [2, 3, 7]
    w = b = Fraction(1)
    eta = Fraction(1, 10)
    r = [w * xi + b - yi for xi, yi in zip(x, y, strict=True)]
    assert r == [0, 0, -3]
    assert sum(ri**2 for ri in r) / 3 == 3
    to_w = sum(2 * ri * xi for ri, xi in zip(r, x, strict=True)) / 3
    to_b = sum(2 * ri for ri in r) / 3
    assert (to_w, to_b) == (-6, -2)
    w, b = w - eta * to_w, b - eta * to_b
    assert (w, b) == (Fraction(16, 10), Fraction(12, 10))
    predictions = [w * xi + b for xi in x]
    assert predictions == [Fraction(28, 10), Fraction(44, 10), 6]
    r = [p - yi for p, yi in zip(predictions, y, strict=True)]
    assert sum(ri**2 for ri in r) / 3 == Fraction(12, 10)
    assert [abs(ri) for ri in r] > [0, 0, 0]


def test_residuals_of_a_least_squares_line_add_up_to_zero(engel):
    for x, y in ((X, Y), (KM, MINUTES), engel):
        residuals = fit_line(x, y, squared_error)(x) - y
        assert abs(residuals.sum()) < 1e-9 * np.abs(y).sum()


def test_half_a_squared_error_has_the_same_best_line_and_half_the_slope():
    @loss
    def half(y_true, y_pred):
        r = y_pred - y_true
        return Formula(value=r**2 / 2, gradient=r)

    line = reweighted_line(KM, MINUTES, half)
    assert line == pytest.approx(fit_line(KM, MINUTES, squared_error))
    assert 2 * half.gradient(0.0, 3.0) == squared_error.gradient(0.0, 3.0)


def test_least_squares_maximises_the_likelihood_of_gaussian_noise():
    best = fit_line(KM, MINUTES, squared_error)

    def log_likelihood(line, sigma=1.5):
        return (-((line(KM) - MINUTES) ** 2) / (2 * sigma**2)).sum()

    for slope, intercept in ((0.01, 0), (-0.01, 0), (0, 0.05), (0, -0.05), (0.02, -0.06)):
        other = Line(best.slope + slope, best.intercept + intercept)
        assert log_likelihood(other) < log_likelihood(best)


# Mean absolute error


def test_a_typing_error_leaves_the_absolute_gradient_and_multiplies_the_squared_one_by_232():
    def to_w(loss, third):
        return (loss.gradient(np.array([2.0, 3.0, third]), X + 1) * X).mean()

    assert to_w(absolute_error, 7.0) == to_w(absolute_error, 700.0) == -1
    assert to_w(squared_error, 700.0) / to_w(squared_error, 7.0) == pytest.approx(232)


def test_absolute_error_takes_the_subgradient_zero_at_a_perfect_prediction():
    assert absolute_error.gradient(3.0, 3.0) == 0


def test_every_slope_from_minus_one_to_one_touches_the_absolute_error_from_below():
    r = np.linspace(-5, 5, 101)
    for slope in np.linspace(-1, 1, 21):
        assert (slope * r <= np.abs(r)).all()


def test_some_line_of_least_absolute_error_passes_through_two_points():
    for x, y in ((X, Y), (KM, MINUTES)):
        line = fit_line(x, y, absolute_error)
        assert np.count_nonzero(np.abs(line(x) - y) < 1e-9) >= 2
    line = fit_line(X, Y, absolute_error)
    assert line == pytest.approx((2.5, -0.5))
    for angle in np.linspace(0, 2 * np.pi, 73):  # the only best line: every way out leads up
        beside = Line(line.slope + np.cos(angle) / 100, line.intercept + np.sin(angle) / 100)
        assert cost(absolute_error, beside, X, Y) > cost(absolute_error, line, X, Y) + 1e-4
    assert cost(absolute_error, line, X, Y) == pytest.approx(0.5)


def test_fixed_steps_on_the_absolute_error_bounce_by_a_third_of_the_rate_for_ever():
    for rate in (0.3, 0.6, 0.9):
        steps = np.diff(draw._constant_descent("absolute", rate)[-10:])
        assert np.abs(steps) == pytest.approx(rate / 3)
        assert (np.sign(steps[1:]) == -np.sign(steps[:-1])).all()


@pytest.mark.parametrize(("rate", "steps"), [(0.9, 7), (0.3, 21)])
def test_after_how_many_steps_the_hops_across_the_median_begin(rate, steps):
    path = draw._constant_descent("absolute", rate)
    assert (path[:steps] > 3).all()
    assert path[steps] < 3


def test_squared_error_comes_to_rest_and_so_does_absolute_error_with_shrinking_steps():
    for rate in (0.3, 0.6, 0.9):
        assert draw._constant_descent("squared", rate)[-1] == pytest.approx(4, abs=2e-3)
    absolute, shrinking = (draw._constant_descent(k, 0.9) for k in ("absolute", "shrinking"))
    assert abs(shrinking[-8:] - 3).max() < abs(absolute[-8:] - 3).max() / 3


# Outliers


def test_squared_error_follows_the_flat_tyre_absolute_error_stays_huber_stops():
    fits = {lost: draw._punctured_fits(lost) for lost in range(0, 31, 2)}
    squared = [fits[lost]["squared"].slope for lost in fits]
    assert squared[0] == pytest.approx(3.09, abs=5e-3)
    assert squared[-1] == pytest.approx(5.35, abs=5e-3)
    assert np.diff(squared) == pytest.approx(np.diff(squared)[0])
    assert len({fits[lost]["absolute"] for lost in fits}) == 1
    moved = [fits[lost]["Huber"].slope for lost in fits]
    assert moved[3] - moved[0] > 0.2
    assert np.ptp(moved[4:]) < 1e-6


def test_a_wild_input_ruins_all_four_lines():
    typo = KM.copy()
    typo[-1] = 59
    for kind in (squared_error, absolute_error, huber.bind(delta=3), tukey_biweight.bind(c=10)):
        assert fit_line(KM, MINUTES, kind).slope > 3
        assert fit_line(typo, MINUTES, kind).slope < 0.2


def test_tukey_lets_go_of_a_wild_input_if_the_start_has_not_seen_it():
    typo = KM.copy()
    typo[-1] = 59
    tukey = tukey_biweight.bind(c=10)
    spoilt = fit_line(typo, MINUTES, tukey)
    start = fit_line(KM[:-1], MINUTES[:-1], squared_error)
    good = reweighted_line(typo, MINUTES, tukey, start=start)
    assert round(good.slope, 2) == 3.03
    assert cost(tukey, good, typo, MINUTES) < cost(tukey, spoilt, typo, MINUTES) / 2
    for kind in (squared_error, absolute_error):  # the usual starts keep the wrong point
        usual = fit_line(typo, MINUTES, kind)
        assert abs(usual(59.0) - MINUTES[-1]) < 1
        rest = reweighted_line(typo, MINUTES, tukey, start=usual)
        assert abs(rest(59.0) - MINUTES[-1]) < 1


@pytest.mark.parametrize("kind", [absolute_error, huber.bind(delta=3)])
def test_under_a_convex_loss_a_wild_target_far_out_in_x_carries_the_line_anywhere(kind):
    typo, late = KM.copy(), MINUTES.copy()
    typo[-1] = 59
    for slope in (10.0, 100.0):
        late[-1] = 59 * slope
        assert fit_line(typo, late, kind).slope > slope


def test_a_far_point_on_the_line_does_no_harm():
    far_km, far_minutes = KM.copy(), MINUTES.copy()
    far_km[-1] = 59
    far_minutes[-1] = fit_line(KM, MINUTES, squared_error)(59.0)
    assert round(float(far_minutes[-1])) == 188
    for kind in (squared_error, absolute_error, huber.bind(delta=3), tukey_biweight.bind(c=10)):
        assert round(fit_line(far_km, far_minutes, kind).slope, 2) == 3.09
    assert round(fit_line(KM, MINUTES, absolute_error).slope, 2) == 3.14
    assert fit_line(far_km, far_minutes, absolute_error)(59.0) == pytest.approx(far_minutes[-1])


@pytest.mark.parametrize(
    ("name", "slope"), [("squared", 5.04), ("absolute", 1.20), ("Huber", 1.54), ("Tukey", 1.10)]
)
def test_slopes_of_the_telephone_calls(name, slope):
    assert round(draw.phone_fits()[name][1].slope, 2) == slope


def test_lines_of_least_absolute_error_through_the_telephone_calls_fill_a_patch(phone):
    since, calls, _ = phone
    x, y = [Fraction(int(t)) for t in since], [Fraction(str(c)) for c in calls]
    corners = {}
    for i, j in combinations(range(len(x)), 2):
        slope = (y[j] - y[i]) / (x[j] - x[i])
        misses = (abs(slope * (t - x[i]) + y[i] - c) for t, c in zip(x, y, strict=True))
        corners.setdefault(sum(misses), set()).add(slope)
    best = corners[min(corners)]
    assert len(best) > 1
    assert (round(float(min(best)), 2), round(float(max(best)), 2)) == (1.16, 1.62)
    assert Fraction("1.2") in best


def test_the_squared_line_fits_neither_the_good_years_nor_the_wrong_ones(phone):
    since, calls, wrong = phone
    miss = np.abs(fit_line(since, calls, squared_error)(since) - calls)
    assert np.median(miss[~wrong]) > 15
    assert miss[wrong].min() > 50


def test_parameters_on_the_telephone_calls_follow_the_recipe(phone):
    since, calls, _ = phone
    residuals = fit_line(since, calls, absolute_error)(since) - calls
    scale = 1.4826 * np.median(np.abs(residuals))
    for name, factor in (("Huber", 1.345), ("Cauchy", 2.385), ("Tukey", 4.685)):
        (parameter,) = draw.phone_fits()[name][0].parameters.values()
        assert parameter == pytest.approx(factor * scale)


def test_under_squared_error_good_years_pull_harder_than_some_wrong_ones(phone):
    since, calls, _ = phone
    pull = squared_error.gradient(calls, fit_line(since, calls, squared_error)(since))
    assert pull[-3:].min() > -pull[14:17].min() > 0  # 1971 to 1973, and 1964 to 1966
    assert (pull[14:17] < 0).all()


def test_huber_is_convex():
    r = np.linspace(-8, 8, 401)
    slope = huber.gradient(np.zeros_like(r), r, delta=2)
    assert (np.diff(slope) >= 0).all()


def test_least_squares_through_the_other_eighteen_years(phone):
    since, calls, wrong = phone
    assert (~wrong).sum() == 18
    assert round(fit_line(since[~wrong], calls[~wrong], squared_error).slope, 2) == 1.30


def test_the_squared_line_hides_the_wrong_years_and_the_absolute_line_shows_them(phone):
    since, calls, wrong = phone

    def flagged(kind):
        residuals = fit_line(since, calls, kind)(since) - calls
        return np.abs(residuals) > 3 * draw.mad_scale(residuals)

    assert not flagged(squared_error).any()
    assert flagged(absolute_error)[wrong].all()
    assert (1950 + since[flagged(absolute_error) & ~wrong]).tolist() == [1970]


def test_mad_scale_estimates_the_standard_deviation_of_gaussian_noise():
    noise = 3 * np.random.default_rng(0).standard_normal(200_000)
    assert draw.mad_scale(noise) == pytest.approx(3, rel=0.01)


@pytest.mark.parametrize(
    "kind", [huber.bind(delta=1.345), cauchy.bind(c=2.385), tukey_biweight.bind(c=4.685)]
)
def test_the_usual_factors_need_five_percent_more_examples_on_gaussian_data(kind):
    # The asymptotic variance of a location estimate is E ψ² / (E ψ')²; for the mean it is 1.
    r = np.linspace(-9, 9, 180_001)
    density = np.exp(-(r**2) / 2) / np.sqrt(2 * np.pi)
    psi = kind.gradient(np.zeros_like(r), r)
    step = r[1] - r[0]
    expected_slope = (psi * r * density).sum() * step  # E ψ' = E r ψ, by parts
    variance = (psi**2 * density).sum() * step / expected_slope**2
    assert variance == pytest.approx(1 / 0.95, abs=2e-3)


def test_how_many_wrong_years_the_absolute_error_line_survives(phone):
    since, calls, _ = phone

    def slopes(years):
        """Return the lowest and highest slope of the best lines after each further year."""
        spoiled = calls.copy()
        for year in years:
            spoiled[year - 1950] += 150
            first, second = np.triu_indices(24, k=1)
            slope = (spoiled[second] - spoiled[first]) / (since[second] - since[first])
            intercept = spoiled[first] - slope * since[first]
            sums = np.abs(np.outer(slope, since) + intercept[:, None] - spoiled).sum(axis=1)
            best = slope[sums < sums.min() + 1e-9]
            yield round(float(best.min()), 1), round(float(best.max()), 1)

    assert list(slopes((1973, 1972))) == [(2.3, 2.3), (9.1, 9.1)]
    *_, second, third, fourth = slopes((1963, 1962, 1961, 1960))
    assert (second, third, fourth) == ((2.2, 2.2), (2.1, 9.8), (9.2, 9.2))
    *four, fifth = slopes(range(1950, 1955))
    assert all(0 < low <= high < 2 for low, high in four)
    assert fifth[1] < 0


# What a loss estimates


WAITS = draw.WAITS
GRID = np.linspace(0, 40, 8001)


@pytest.mark.parametrize("seed", range(3))
def test_mean_squared_error_is_minimised_by_the_mean(seed):
    targets = np.random.default_rng(seed).lognormal(2, 0.6, 31)
    grid = np.linspace(targets.min(), targets.max(), 20_001)
    spacing = grid[1] - grid[0]
    assert lowest_constant(squared_error, targets, grid) == pytest.approx(
        targets.mean(), abs=spacing
    )


@pytest.mark.parametrize("seed", range(3))
def test_mean_absolute_error_is_minimised_by_the_median(seed):
    targets = np.random.default_rng(seed).lognormal(2, 0.6, 31)
    grid = np.linspace(targets.min(), targets.max(), 20_001)
    spacing = grid[1] - grid[0]
    assert lowest_constant(absolute_error, targets, grid) == pytest.approx(
        np.median(targets), abs=spacing
    )


@pytest.mark.parametrize("tau", [0.1, 0.5, 0.75, 0.9])
def test_pinball_loss_is_minimised_where_a_share_tau_lies_below(tau):
    targets = np.random.default_rng(5).lognormal(2, 0.6, 101)
    grid = np.linspace(targets.min(), targets.max(), 20_001)
    best = lowest_constant(pinball.bind(quantile=tau), targets, grid)
    spacing = grid[1] - grid[0]
    assert (targets < best - spacing).mean() <= tau <= (targets <= best + spacing).mean()


@pytest.mark.parametrize("tau", [0.2, 0.5, 0.75])
def test_expectile_balances_weighted_distances(tau):
    best = Cost(expectile.bind(tau=tau)).optimal_constant(WAITS)
    below = np.maximum(best - WAITS, 0).sum()
    above = np.maximum(WAITS - best, 0).sum()
    assert (1 - tau) * below == pytest.approx(tau * above)


@pytest.mark.parametrize(
    ("kind", "best"),
    [
        (squared_error, 15),
        (absolute_error, 11),
        (pinball.bind(quantile=0.75), 18),
        (expectile.bind(tau=0.75), 20.1),
        (huber.bind(delta=4), 11.5),
    ],
)
def test_best_constants_of_the_nine_waiting_times(kind, best):
    assert lowest_constant(kind, WAITS, GRID) == pytest.approx(best, abs=0.05)
    assert Cost(kind).optimal_constant(WAITS) == pytest.approx(best, abs=0.05)


def test_huber_need_not_lie_between_median_and_mean():
    targets = np.array([-14.0, -5, -4, -3, -3, 0, 0, 3, 8])
    best = Cost(huber.bind(delta=4)).optimal_constant(targets)
    assert np.median(targets) < targets.mean() < best - 0.1
    targets = np.array([-3.0, -1, 0, 2, 2])
    assert np.median(targets) == targets.mean() == 0
    relatives = (
        huber.bind(delta=1.5),
        smooth_l1.bind(beta=1.5),
        pseudo_huber.bind(delta=1.5),
        quantile_huber.bind(delta=1.5),
        log_cosh,
    )
    found = [lowest_constant(kind, targets, np.linspace(-3, 3, 6001)) for kind in relatives]
    assert found[:2] == pytest.approx([0.25, 0.25])
    assert min(found) > 0.05


@pytest.mark.parametrize(
    ("each", "lowest"),
    [(squared_error, 15), (absolute_error, 11), (pinball.bind(quantile=0.8), 25)],
)
def test_at_the_lowest_point_the_slopes_add_up_to_zero_or_change_their_sign(each, lowest):
    def total(at):
        return each.gradient(WAITS, np.full(9, float(at))).sum()

    assert total(lowest - 1e-6) < 0 < total(lowest + 1e-6)
    assert total(lowest) == pytest.approx(0.6 if each.name == "pinball" else 0)


def test_absolute_error_does_not_care_if_38_becomes_380_and_squared_error_does():
    far = np.where(WAITS == 38, 380, WAITS)
    for kind in (absolute_error, pinball.bind(quantile=0.75), huber.bind(delta=4)):
        assert Cost(kind).optimal_constant(far) == pytest.approx(Cost(kind).optimal_constant(WAITS))
    for kind in (squared_error, expectile.bind(tau=0.75)):
        assert Cost(kind).optimal_constant(far) > 2 * Cost(kind).optimal_constant(WAITS)


def test_with_an_even_number_of_targets_everything_between_the_middle_two_is_best():
    targets = np.array([1.0, 4.0, 6.0, 20.0])
    costs = [absolute_error(targets, np.full(4, c)).mean() for c in np.linspace(4, 6, 9)]
    assert costs == pytest.approx([costs[0]] * 9)
    assert absolute_error(targets, np.full(4, 3.9)).mean() > costs[0] + 1e-3


def test_nine_medians_add_up_to_less_than_the_nine_waits():
    assert 9 * np.median(WAITS) == 99
    assert WAITS.sum() == 9 * WAITS.mean() == 135


# Huber and relatives


def test_the_slope_of_huber_is_the_residual_clipped():
    r = np.linspace(-9, 9, 37)
    assert huber.gradient(np.zeros(37), r, delta=2.5) == pytest.approx(np.clip(r, -2.5, 2.5))


def test_huber_is_least_squares_once_nothing_is_clipped():
    late = draw.punctured_minutes(25)
    squared = fit_line(KM, late, squared_error)
    assert np.abs(squared(KM) - late).max() == pytest.approx(19.4, abs=0.05)
    assert fit_line(KM, late, huber.bind(delta=20)) == pytest.approx(squared, abs=1e-6)
    assert fit_line(KM, late, huber.bind(delta=19)).slope < squared.slope - 1e-3
    assert fit_line(KM, late, pseudo_huber.bind(delta=20)).slope < squared.slope - 0.1


def test_delta_two_is_close_to_the_absolute_error_line():
    late = draw.punctured_minutes(25)
    absolute = fit_line(KM, late, absolute_error).slope
    squared = fit_line(KM, late, squared_error).slope
    near = fit_line(KM, late, huber.bind(delta=2)).slope
    assert abs(near - absolute) < 0.1 * (squared - absolute)


def test_delta_has_the_unit_of_the_target():
    in_minutes = fit_line(KM, draw.punctured_minutes(25), huber.bind(delta=1)).slope
    seconds = 60 * draw.punctured_minutes(25)
    assert abs(fit_line(KM, seconds, huber.bind(delta=1)).slope / 60 - in_minutes) > 0.01
    assert fit_line(KM, seconds, huber.bind(delta=60)).slope / 60 == pytest.approx(in_minutes)


@pytest.mark.parametrize("kind", [huber, pseudo_huber, log_cosh])
def test_relatives_are_half_the_square_near_zero_and_lines_of_slope_one_far_away(kind):
    assert kind(0.0, 1e-3) == pytest.approx(5e-7, rel=1e-5)
    assert kind.gradient(0.0, 1e3) == pytest.approx(1)
    assert kind(0.0, 1001.0) - kind(0.0, 1000.0) == pytest.approx(1)


def test_naive_log_cosh_overflows_beyond_710_and_a_half_and_ours_does_not():
    with np.errstate(over="ignore"):
        assert np.isfinite(np.cosh(710.4))
        assert np.isinf(np.cosh(710.5))
    assert log_cosh(0.0, 711.0) == pytest.approx(711 - np.log(2))


def test_only_huber_has_a_jump_in_its_second_derivative():
    def second(kind, r, h=1e-5):
        return (kind.gradient(0.0, r + h) - kind.gradient(0.0, r - h)) / (2 * h)

    for kind, jumps in ((huber, True), (pseudo_huber, False), (log_cosh, False)):
        assert (abs(second(kind, 0.999) - second(kind, 1.001)) > 0.5) == jumps


# Losses that let go


def test_slopes_of_cauchy_and_tukey_rise_and_fall_back():
    r = np.linspace(0, 100, 2001)
    for kind, far in ((cauchy.bind(c=5), 0.26), (tukey_biweight.bind(c=15), 0)):
        slope = kind.gradient(np.zeros_like(r), r)
        top = slope.argmax()
        assert 0 < top < 400
        assert (np.diff(slope[top:]) <= 0).all()
        assert slope[-1] <= far


@pytest.mark.parametrize(
    ("kind", "formula", "slope"),
    [
        (
            cauchy.bind(c=3),
            lambda r: 4.5 * np.log(1 + (r / 3) ** 2),
            lambda r: r / (1 + (r / 3) ** 2),
        ),
        (
            tukey_biweight.bind(c=3),
            lambda r: 1.5 * (1 - np.maximum(1 - (r / 3) ** 2, 0) ** 3),
            lambda r: r * np.maximum(1 - (r / 3) ** 2, 0) ** 2,
        ),
        (
            pseudo_huber.bind(delta=3),
            lambda r: 9 * (np.sqrt(1 + (r / 3) ** 2) - 1),
            lambda r: r / np.sqrt(1 + (r / 3) ** 2),
        ),
    ],
)
def test_formulas_in_the_text_are_those_of_the_library(kind, formula, slope):
    r = np.linspace(-9, 9, 91)
    value, gradient = kind.value_and_gradient(np.zeros_like(r), r)
    assert value == pytest.approx(formula(r))
    assert gradient == pytest.approx(slope(r))


def test_a_bad_start_leads_tukey_to_another_valley_with_a_higher_cost(phone):
    since, calls, wrong = phone
    tukey = tukey_biweight.bind(c=10)
    good = reweighted_line(since, calls, tukey, start=fit_line(since, calls, absolute_error))
    start = fit_line(since[wrong], calls[wrong], squared_error)
    bad = reweighted_line(since, calls, tukey, start=start)
    assert good.slope == pytest.approx(1.10, abs=5e-3)
    assert bad.slope == pytest.approx(18.68, abs=5e-3)
    assert cost(tukey, good, since, calls) == pytest.approx(5.46, abs=5e-3)
    assert cost(tukey, bad, since, calls) == pytest.approx(13.39, abs=5e-3)
    weight = tukey.gradient(calls, bad(since)) / (bad(since) - calls)
    assert (1950 + since[weight > 0]).tolist() == [1959, 1965, 1966, 1967, 1968]
    assert abs(bad(9) - calls[9]) < 0.5  # 1959 lies on the line
    # No small step from there leads down.
    rng = np.random.default_rng(0)
    for slope, intercept in rng.normal(0, [0.02, 0.2], (300, 2)):
        near = Line(bad.slope + slope, bad.intercept + intercept)
        assert cost(tukey, near, since, calls) >= cost(tukey, bad, since, calls)


def test_no_round_of_reweighting_raises_the_cost(phone):
    since, calls, _ = phone
    for kind in (huber.bind(delta=3), cauchy.bind(c=5), tukey_biweight.bind(c=10)):
        line = fit_line(since, calls, squared_error)
        costs = [cost(kind, line, since, calls)]
        for _ in range(30):
            r = line(since) - calls
            weight = kind.gradient(np.zeros_like(r), r) / r
            line = least_squares_line(since, calls, sample_weight=weight)
            costs.append(cost(kind, line, since, calls))
        assert all(after <= before + 1e-12 for before, after in pairwise(costs))


@pytest.mark.parametrize(
    ("alpha", "member"),
    [
        (2, lambda u: u / 2),
        (1, lambda u: np.sqrt(1 + u) - 1),
        (0, lambda u: np.log(1 + u / 2)),
        (-2, lambda u: 2 * u / (u + 4)),
        (-np.inf, lambda u: 1 - np.exp(-u / 2)),
    ],
)
def test_members_of_the_general_robust_loss(alpha, member):
    r = np.linspace(-8, 8, 65)
    values = general_robust(np.zeros_like(r), r, alpha=alpha, c=2)
    assert values == pytest.approx(member((r / 2) ** 2))


@pytest.mark.parametrize(("alpha", "power"), [(2, 1), (1, 0), (0, -1), (-2, -3)])
def test_how_fast_the_slope_of_the_family_grows_or_falls_far_away(alpha, power):
    near, far = (float(general_robust.gradient(0.0, r, alpha=alpha)) for r in (1e4, 2e4))
    assert np.log2(far / near) == pytest.approx(power, abs=1e-3)


@pytest.mark.parametrize(("limit", "beside"), [(2, 2 - 1e-7), (0, 1e-7)])
def test_the_limits_of_the_general_robust_loss(limit, beside):
    r = np.linspace(-6, 6, 25)
    zero = np.zeros_like(r)
    assert general_robust(zero, r, alpha=beside) == pytest.approx(
        general_robust(zero, r, alpha=limit), rel=1e-5
    )


@pytest.mark.parametrize(("alpha", "slope"), [(2.0, 5.04), (1.5, 4.23), (1.0, 1.93), (0.75, 1.38)])
def test_where_the_family_lets_go_of_the_wrong_years(alpha, slope):
    assert round(draw.robust_family_lines()[alpha].slope, 2) == slope


def test_below_zero_hardly_anything_happens_any_more():
    lines = draw.robust_family_lines()
    assert abs(lines[0.0].slope - lines[-2.0].slope) < 0.05


# Quantiles


@pytest.mark.parametrize("tau", [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95])
def test_a_share_tau_of_the_households_lies_below_the_pinball_line(engel, tau):
    income, food = engel
    excess = food - fit_line(income, food, pinball.bind(quantile=tau))(income)
    tolerance = 1e-9 * food.max()
    assert (excess < -tolerance).mean() <= tau <= (excess <= tolerance).mean()


def test_quantile_lines_of_engel_fan_out(engel):
    slopes = [
        fit_line(*engel, pinball.bind(quantile=tau)).slope for tau in (0.1, 0.25, 0.5, 0.75, 0.9)
    ]
    assert (np.diff(slopes) > 0).all()
    assert [round(slopes[0], 2), round(slopes[-1], 2)] == [0.40, 0.69]


def test_eleven_households_lie_above_the_line_of_095(engel):
    income, food = engel
    line = fit_line(income, food, pinball.bind(quantile=0.95))
    assert np.count_nonzero(food > line(income) + 1e-6) == 11


def test_neighbouring_quantile_lines_cross_among_the_poorest(engel):
    income, _ = engel
    lines = [draw.engel_quantile_line(k / 20) for k in range(1, 20)]
    crossed = [income[upper(income) < lower(income) - 1e-6] for lower, upper in pairwise(lines)]
    assert sum(len(c) > 0 for c in crossed) > 1
    assert max(c.max() for c in crossed if len(c)) < np.quantile(income, 0.15)


def test_a_band_of_constant_width_holds_all_the_poor_and_too_few_rich():
    by_quantile, by_noise = draw._interval_lines(80)
    assert np.round(100 * draw.interval_coverage(by_quantile)).tolist() == [73, 86, 83]
    assert np.round(100 * draw.interval_coverage(by_noise)).tolist() == [100, 96, 72]


def test_one_household_lies_outside_the_picture(engel):
    income, _ = engel
    assert np.round(income[income > draw._INCOME_SHOWN]).tolist() == [4958]


# Scale and units


def test_rmse_is_never_below_mae_and_equal_only_for_equal_misses():
    rng = np.random.default_rng(1)
    for _ in range(50):
        misses = np.abs(rng.standard_normal(8))
        assert np.sqrt((misses**2).mean()) > misses.mean()
    assert np.sqrt(np.mean([2.0**2, 2.0**2])) == 2


def test_rmse_and_mae_of_the_waiting_times_around_their_mean():
    misses = np.abs(WAITS - 15)
    assert round(np.sqrt((misses**2).mean()), 1) == 10.0
    assert misses.mean() == 8.0


def test_the_rmse_of_a_dataset_is_not_the_mean_over_its_batches():
    batches = np.array([[1.0, 1.0], [7.0, 7.0]])
    whole = np.sqrt((batches**2).mean())
    assert np.sqrt((batches**2).mean(axis=1)).mean() < whole - 0.9


def absolute_percentage(y, c):
    return np.abs(c - y) / y


def squared_log(y, c):
    return (np.log1p(c) - np.log1p(y)) ** 2


def test_the_percentage_error_wants_a_median_weighted_by_one_over_y():
    best = lowest_constant(absolute_percentage, WAITS, GRID)
    assert best == 8
    weight = 1 / WAITS
    assert weight[best > WAITS].sum() < weight.sum() / 2 < weight[best >= WAITS].sum()


def test_the_squared_log_error_wants_a_geometric_mean():
    best = lowest_constant(squared_log, WAITS, GRID)
    assert best == pytest.approx(np.prod(1 + WAITS) ** (1 / 9) - 1, abs=5e-3)
    assert round(best, 1) == 12.5
    assert best < WAITS.mean()


def test_percentage_error_forgives_low_predictions_and_log_error_charges_factors_alike():
    for factor in (2, 3, 4, 5):
        low, high = absolute_percentage(100, 100 / factor), absolute_percentage(100, 100 * factor)
        assert low < 1 < factor - 1 + 1e-9 <= high + 1e-9
        assert np.log(100 / factor / 100) ** 2 == pytest.approx(np.log(factor) ** 2)
        with_one = squared_log(100, np.array([100 / factor, 100 * factor]))
        assert with_one[0] == pytest.approx(with_one[1], rel=0.05)
    assert absolute_percentage(100, 100 / 4) == 0.75
    assert absolute_percentage(100, 100 * 4) == 3


# Counts

DEATHS = np.repeat(np.arange(5.0), draw.HORSE_KICKS)
ACCIDENTS = np.repeat(np.arange(6.0), draw.ACCIDENTS)


def poisson(y, rate):
    return rate - y * np.log(rate)


def test_minus_the_logarithm_of_the_poisson_probability_is_the_loss_with_its_constant():
    y = np.arange(5)
    factorial = np.array([1, 1, 2, 6, 24])
    for rate in (0.3, 0.61, 2.5):
        probability = rate**y * np.exp(-rate) / factorial
        assert -np.log(probability) == pytest.approx(poisson(y, rate) + np.log(factorial))


def test_poisson_loss_is_minimised_by_the_mean():
    assert DEATHS.sum() == 122
    assert len(DEATHS) == 200
    assert lowest_constant(poisson, DEATHS, np.linspace(0.01, 2, 200)) == pytest.approx(0.61)


def test_the_slope_of_the_poisson_loss_in_the_log_rate_is_prediction_minus_target():
    z, h = 0.4, 1e-6
    slope = (np.exp(z + h) - 3 * (z + h) - (np.exp(z - h) - 3 * (z - h))) / (2 * h)
    assert slope == pytest.approx(np.exp(z) - 3)


def test_the_variance_of_the_horse_kicks_is_about_their_mean():
    assert DEATHS.var() == pytest.approx(DEATHS.mean(), rel=0.01)


def test_with_the_four_corps_of_another_kind_the_variance_exceeds_the_mean():
    # All fourteen corps, 280 corps-years (L. von Bortkiewicz, 1898).
    deaths = np.repeat(np.arange(5.0), [144, 91, 32, 11, 2])
    assert len(deaths) == 280
    assert (round(deaths.mean(), 2), round(deaths.var(), 2)) == (0.70, 0.76)


def test_the_accidents_have_more_variance_than_their_mean():
    assert len(ACCIDENTS) == 647
    assert (round(ACCIDENTS.mean(), 2), round(ACCIDENTS.var(), 2)) == (0.47, 0.69)


def dispersed(y, dispersion):
    log_rate = np.full(len(y), np.log(y.mean()))
    return negative_binomial_nll(y, log_rate, np.full(len(y), dispersion)).mean()


def test_the_accidents_want_a_dispersion_of_1_point_16_and_the_horse_kicks_none():
    grid = np.arange(1, 201) / 100
    costs = [dispersed(ACCIDENTS, each) for each in grid]
    assert grid[np.argmin(costs)] == pytest.approx(1.16)
    assert (np.diff([dispersed(DEATHS, each) for each in grid]) > 0).all()


def test_counts_whose_rates_are_spread_as_a_gamma_distribution_are_negative_binomial():
    mean, dispersion, y = 0.465, 1.1, np.arange(6)
    # The Poisson probabilities, weighed by the gamma density of the rate and added up.
    rate = np.linspace(1e-6, 30, 600_001)
    density = rate ** (1 / dispersion - 1) * np.exp(-rate / (dispersion * mean))
    density /= density.sum()
    mixed = [density @ (rate**k * np.exp(-rate)) / math.factorial(k) for k in y]
    assert draw.counts_expected(mean, dispersion, 5) == pytest.approx(mixed, rel=2e-3)
    more = np.arange(61)
    p = draw.counts_expected(mean, dispersion, 60)
    assert p @ more == pytest.approx(mean)
    assert p @ (more - mean) ** 2 == pytest.approx(mean + dispersion * mean**2)


def test_the_slope_of_the_negative_binomial_is_that_of_poisson_divided_by_its_excess():
    for z, kappa in ((-1.0, 0.3), (2.0, 1.5)):
        rate = np.exp(z)
        slope = negative_binomial_nll.gradient(3.0, z, kappa)[0]
        assert slope == pytest.approx((rate - 3) / (1 + kappa * rate))
        tiny = negative_binomial_nll.gradient(3.0, z, 1e-9)[0]
        assert tiny == pytest.approx(rate - 3, rel=1e-6)  # the limit is Poisson


def test_the_interval_that_poisson_promises_for_the_mean_holds_it_less_often():
    holds = []
    for seed in range(20):
        samples = np.random.default_rng(seed).choice(ACCIDENTS, (1000, 100))
        mean = samples.mean(axis=1)
        holds.append((np.abs(mean - ACCIDENTS.mean()) < 1.96 * np.sqrt(mean / 100)).mean())
    assert round(100 * np.mean(holds)) == 89
    assert max(holds) < 0.92


# Uncertainty


@loss
def gaussian(y_true, mean, log_sigma):
    r, variance = mean - y_true, np.exp(2 * log_sigma)
    return Formula(
        value=log_sigma + r**2 / (2 * variance),
        gradient=(r / variance, 1 - r**2 / variance),
    )


def test_gradients_of_the_gaussian_likelihood():
    assert check_gradient(gaussian, [3.0, 0.0, 5.0], [1.0, 0.5, 4.0], [0.2, -1.0, 1.5])


def test_the_best_sigma_is_the_root_mean_square_of_the_residuals():
    y = np.array([1.0, 4.0, -2.0, 0.5])
    sigmas = np.linspace(0.5, 5, 901)
    costs = [gaussian(y, np.zeros(4), np.full(4, np.log(s))).mean() for s in sigmas]
    assert sigmas[np.argmin(costs)] == pytest.approx(np.sqrt((y**2).mean()), abs=5e-3)


def test_the_width_moves_before_the_line_does():
    path = draw._uncertainty_descent()
    incomes = np.array([500.0, 2000.0])
    means, sigmas = zip(*(draw._uncertainty_outputs(p, incomes) for p in path), strict=True)
    at_start, soon, at_end = 0, 2, 60
    assert sigmas[soon][1] > sigmas[at_start][1]  # wider for the rich
    assert sigmas[1][1] > 1.5 * sigmas[at_start][1]  # at once
    assert (round(sigmas[at_start][0]), round(sigmas[1][0])) == (276, 192)  # for the poor it falls
    for income in (0, 1):  # then the band closes in for both
        assert (np.diff([each[income] for each in sigmas[2:40:4]]) < 0).all()
    turned = (means[soon][1] - means[soon][0]) / (means[at_end][1] - means[at_end][0])
    assert turned < 0.1
    assert np.round(sigmas[at_end]).tolist() == [39, 200]


def test_the_best_laplace_scale_is_the_mean_absolute_residual():
    y = np.array([1.0, 4.0, -2.0, 0.5])
    scales = np.linspace(0.5, 5, 9001)
    costs = [(np.log(s) + np.abs(y) / s).mean() for s in scales]
    assert scales[np.argmin(costs)] == pytest.approx(np.abs(y).mean(), abs=1e-3)


def test_the_likelihood_has_no_floor_and_the_crps_has_one():
    widths = np.array([1.0, 1e-3, 1e-9, 1e-100])
    assert (np.diff(gaussian_nll(np.zeros(4), np.zeros(4), widths**2)) < -6).all()
    crps = crps_gaussian(np.zeros(4), np.zeros(4), widths)
    assert (crps > 0).all()
    assert crps[-1] < 1e-99
    assert (crps_gaussian(np.full(4, 3.0), np.zeros(4), widths) >= 0).all()


def test_what_sure_and_wrong_costs():
    assert round(float(gaussian_nll(26.0, 20.0, 0.4**2))) == 112
    assert round(float(crps_gaussian(26.0, 20.0, 0.4)), 1) == 5.8


def test_crps_is_a_squared_distance_and_twice_the_mean_of_the_pinball_loss():
    y, mean, scale = 1.3, 0.4, 0.8
    normal = NormalDist(mean, scale)
    x = np.linspace(mean - 12 * scale, mean + 12 * scale, 40_001)
    distance = np.array([normal.cdf(each) for each in x]) - (x >= y)
    crps = float(crps_gaussian(y, mean, scale))
    assert (distance**2).sum() * (x[1] - x[0]) == pytest.approx(crps, rel=1e-3)
    taus = (np.arange(20_000) + 0.5) / 20_000
    quantiles = np.array([normal.inv_cdf(tau) for tau in taus])
    losses = np.where(quantiles < y, taus * (y - quantiles), (1 - taus) * (quantiles - y))
    assert 2 * losses.mean() == pytest.approx(crps, rel=1e-4)
    assert crps_gaussian(y, mean, 1e-12) == pytest.approx(abs(y - mean))  # a single number


def test_the_pull_of_the_crps_on_the_mean_is_bounded():
    r = np.array([-1e9, -3.0, 0.0, 1.0, 1e9])
    pull = crps_gaussian.gradient(np.zeros(5), r, np.ones(5))[0]
    assert pull == pytest.approx([2 * NormalDist().cdf(each) - 1 for each in r])
    assert (np.abs(pull) <= 1).all()


@pytest.mark.parametrize("kind", ["likelihood", "CRPS"])
def test_both_are_proper_the_true_distribution_has_the_lowest_expected_loss(kind):
    y = np.array([NormalDist(5, 2).inv_cdf(p) for p in (np.arange(4000) + 0.5) / 4000])

    def expected(mean, scale):
        if kind == "CRPS":
            return crps_gaussian(y, np.full(4000, mean), np.full(4000, scale)).mean()
        return gaussian_nll(y, np.full(4000, mean), np.full(4000, scale**2)).mean()

    for mean, scale in ((5.2, 2.0), (4.8, 2.0), (5.0, 2.2), (5.0, 1.8), (5.3, 2.3)):
        assert expected(mean, scale) > expected(5.0, 2.0)


def slopes_of(kind, r, scale):
    """Return the slopes in the mean and in log σ; ``weighted``: the likelihood times its σ."""
    if kind == "squared":
        return 2 * r, 0 * r
    if kind == "CRPS":
        to_mean, to_scale = crps_gaussian.gradient(np.zeros_like(r), r, scale)
        return to_mean, to_scale * scale
    weight = scale if kind == "weighted" else 1.0
    return r / scale**2 * weight, (1 - (r / scale) ** 2) * weight


def misses_of_a_sine(kind, seeds=range(20), n=64, hidden=24, steps=2000):
    """Train one small network for each seed, all as one stack, and return its RMSE."""
    X, y, W, V = [], [], [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        X.append(rng.uniform(-1, 1, (n, 1)))
        y.append(np.sin(2 * np.pi * X[-1][:, 0]) + 0.05 * rng.normal(size=n))
        W.append(np.sqrt(2) * rng.normal(size=(1, hidden)))
        V.append(rng.normal(size=(hidden, 2)) / np.sqrt(hidden))
    X, y = np.array(X), np.array(y)
    p = [np.array(W), np.zeros((len(y), 1, hidden)), np.array(V), np.zeros((len(y), 1, 2))]
    mean, square = [[np.zeros_like(each) for each in p] for _ in range(2)]
    for step in range(1, steps + 1):
        h = np.tanh(X @ p[0] + p[1])
        out = h @ p[2] + p[3]
        r, scale = out[..., 0] - y, np.exp(out[..., 1])
        to_out = np.stack(slopes_of(kind, r, scale), axis=-1) / n
        to_h = (to_out @ p[2].swapaxes(1, 2)) * (1 - h**2)
        gradients = (
            X.swapaxes(1, 2) @ to_h,
            to_h.sum(axis=1, keepdims=True),
            h.swapaxes(1, 2) @ to_out,
            to_out.sum(axis=1, keepdims=True),
        )
        for i, g in enumerate(gradients):  # Adam
            mean[i] += 0.1 * (g - mean[i])
            square[i] += 0.001 * (g**2 - square[i])
            size = np.sqrt(square[i] / (1 - 0.999**step)) + 1e-8
            p[i] = p[i] - 0.005 * mean[i] / (1 - 0.9**step) / size
    return np.sqrt((r**2).mean(axis=1))


def test_under_the_likelihood_alone_a_small_network_still_misses_the_sine():
    kinds = ("squared", "likelihood", "weighted", "CRPS")
    typical = {kind: np.median(misses_of_a_sine(kind)) for kind in kinds}
    assert 0.1 < typical.pop("likelihood") < 0.25  # it depends on the last digits, and so on NumPy
    assert list(typical.values()) == pytest.approx([0.05] * 3, abs=0.005)


def width_of_the_households(income, food, kind):
    """Return σ at an income of 1000, in francs, of the model of the figure."""
    u, v = income - income.mean(), np.log(income)
    u, v = u / income.std(), (v - v.mean()) / v.std()
    w, b = np.polyfit(u, food / 100, 1)
    a, k, rate = np.log(food.std() / 100), 0.0, 0.05 if kind == "likelihood" else 0.5
    for _ in range(2000):
        to_mean, to_log = slopes_of(kind, w * u + b - food / 100, np.exp(a + k * v))
        w, b = w - rate * (to_mean * u).mean(), b - rate * to_mean.mean()
        a, k = a - rate * to_log.mean(), k - rate * (to_log * v).mean()
    at = (np.log(1000) - np.log(income).mean()) / np.log(income).std()
    return 100 * np.exp(a + k * at)


def test_three_mistyped_households_inflate_the_width_of_the_likelihood_and_not_of_the_crps(engel):
    income, food = engel
    clean = {kind: width_of_the_households(income, food, kind) for kind in ("likelihood", "CRPS")}
    factors, hit = {kind: [] for kind in clean}, []
    for seed in range(20):
        wrong = np.random.default_rng(seed).choice(235, 3, replace=False)
        typed = food.copy()
        typed[wrong] *= 10
        hit.append(income.argmax() in wrong)
        for kind, width in clean.items():
            factors[kind].append(width_of_the_households(income, typed, kind) / width)
    low, high = min(factors["likelihood"]), max(factors["likelihood"])
    assert (round(low, 1), round(high, 1)) == (3.4, 9.1)
    hit, robust = np.array(hit), np.array(factors["CRPS"])
    assert hit.sum() == 1
    assert np.abs(robust[~hit] - 1).max() < 0.045
    assert robust[hit] < 0.5


# Censored targets


def test_slopes_of_the_households_cut_off_at_600(engel):
    lines = draw.censored_lines(600)
    slopes = [round(float(line.slope), 2) for line in lines.values()]
    assert list(lines) == ["all known", "as they stand", "left out", "censored"]
    assert slopes == [0.86, 0.43, 0.74, 0.9]
    assert (engel[1] >= 600).sum() == 108


def test_censored_lines_have_the_highest_likelihood(engel):
    x, y = map(np.log, engel)
    limit = np.log(600)
    seen = np.minimum(y, limit)

    def cost(slope, intercept, scale):
        each = slope * x + intercept, np.full(235, scale)
        return censored_gaussian_nll(seen, *each, lower=None, upper=limit).mean()

    line = draw.censored_lines(600)["censored"]
    scales = np.linspace(0.1, 0.2, 201)
    scale = scales[np.argmin([cost(*line, each) for each in scales])]
    best = cost(*line, scale)
    for to_slope, to_intercept in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, -6.8), (-1, 6.8)):
        beside = line.slope + to_slope / 50, line.intercept + to_intercept / 50
        assert cost(*beside, scale) > best


def test_leaving_out_is_too_flat_in_each_of_200_samples_and_censoring_is_nearer_in_most(engel):
    x, y = map(np.log, engel)
    slopes = []
    for seed in range(200):
        drawn = np.random.default_rng(seed).choice(235, 235)
        lines = draw.censored_fits(x[drawn], y[drawn], np.log(600))
        slopes.append([line.slope for line in lines.values()])
    full, _, left_out, censored = np.transpose(slopes)
    assert (left_out < full).all()
    nearer = np.abs(censored - full) < np.abs(left_out - full)
    assert round(100 * nearer.mean()) == 81


def test_in_francs_the_noise_grows_and_the_censored_line_is_too_steep(engel):
    full, _, left_out, censored = (
        line.slope for line in draw.censored_fits(*engel, 600.0).values()
    )
    assert censored - full == pytest.approx(0.08, abs=0.005)
    assert abs(left_out - full) < abs(censored - full)


def test_a_censored_target_asks_for_nothing_once_the_prediction_is_well_above():
    pull, _ = censored_gaussian_nll.gradient(600.0, 900.0, 60.0, lower=None, upper=600)
    assert abs(pull) < 1e-6
    assert censored_gaussian_nll(600.0, 900.0, 60.0, lower=None, upper=600) < 1e-5


# Other libraries


def test_pytorch_and_optax_put_the_prediction_first_keras_and_scikit_learn_the_target():
    first = {"PyTorch": "y_pred", "optax": "y_pred", "Keras": "y_true", "scikit-learn": "y_true"}
    for kind in (squared_error, absolute_error, huber, pinball):
        for library, same in kind.declaration.elsewhere.items():
            arguments = re.findall(r"y_\w+", same.call)
            assert not arguments or arguments[0] == first[library], same.call


def test_swapped_arguments_turn_tau_into_one_minus_tau():
    assert pinball(3.0, 5.0, quantile=0.9) == pytest.approx(pinball(5.0, 3.0, quantile=0.1))
    for kind in (squared_error, absolute_error, huber):
        assert kind(3.0, 5.0) == kind(5.0, 3.0)


# Exercises


def test_exercise_one():
    targets, here = np.array([1.0, 2.0, 6.0]), np.full(3, 2.0)
    assert squared_error(targets, here).mean() == pytest.approx(17 / 3)
    assert squared_error.gradient(targets, here).mean() == -2
    assert absolute_error(targets, here).mean() == pytest.approx(5 / 3)
    assert absolute_error.gradient(targets, here).mean() == 0


def test_exercise_two():
    assert round(np.sqrt(20**2 - 5**2), 1) == 19.4


def test_code_of_the_solutions_runs_and_says_what_the_text_says(capsys):
    cells = json.loads(CHAPTER.read_text("utf-8"))["cells"]
    namespace = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "cell", "exec"), namespace)
    text = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    solutions = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(solutions) == 12
    capsys.readouterr()
    for solution in solutions:
        exec(compile(solution, "solution", "exec"), namespace)
    said = capsys.readouterr().out
    assert said.count("The gradient is right") == 2
    assert "wrong" not in said
    assert "18.0" in said
    slopes = [float(s) for s in re.findall(r"[\d.]+", re.search(r"\[(.*)\]", said)[1])]
    assert len(slopes) == 4
    assert slopes == pytest.approx([3.09] * 4, abs=0.05)


# Predictions


@prediction("predict-three-points")
def _():
    before, after = (np.abs(line(X) - Y) for line in (Line(1, 1), Line(1.6, 1.2)))
    better = int((after < before).sum())
    falls = (after**2).mean() < (before**2).mean()
    return [better == 0, better == 1 and falls, better == 3]


def caption(name, **values):
    return Stage(getattr(draw, name)).frame(values).caption.replace("\N{NO-BREAK SPACE}", " ")


@prediction("predict-mistyped")
def _():
    def slope(loss, third):
        return float((loss.gradient(np.array([2.0, 3.0, third]), X + 1) * X).mean())

    squared, absolute = (
        slope(loss, 700.0) / slope(loss, 7.0) for loss in (squared_error, absolute_error)
    )
    return [
        abs(squared - 100) < 10 and abs(absolute - 100) < 10,
        squared > 200 and absolute == 1,
        squared == 1,
    ]


@prediction("predict-constant-pull")
def _():
    text = caption("constant_pull", step=24, learning_rate=0.3)
    squared, absolute, _ = (float(x) for x in re.findall(r"at (\d+\.\d+)", text))
    rests = [abs(squared - 4) < 0.01, abs(absolute - 3) < 0.01]
    return [all(rests), rests == [True, False], not any(rests)]


@prediction("predict-outlier")
def _():
    slopes = np.array(
        [
            [float(x) for x in re.findall(r"(\d+\.\d+) (?:\(|min)", text)]
            for text in (caption("outlier", minutes_lost=m) for m in (12, 20, 30))
        ]
    )
    squared, absolute, of_huber = np.ptp(slopes, axis=0) > 0
    return [
        bool(squared and not of_huber and not absolute),
        bool(squared and of_huber and not absolute),
        bool(squared and of_huber and absolute),
    ]


@prediction("predict-telephone-calls")
def _():
    data = load_belgian_phone_calls()
    since = data.year - 1950
    pull = np.abs(fit_line(since, data.calls, squared_error)(since) - data.calls)
    wrong = data.in_minutes
    good = pull[~wrong]
    return [
        good.max() < pull[wrong].min() / 2,
        np.sum(good > np.sort(pull[wrong])[2]) >= 3,
        np.ptp(pull) < 0.2 * pull.mean(),
    ]


@prediction("predict-constant-prediction")
def _():
    moved = set()
    for name, (kind, *_) in draw.CONSTANT_LOSSES.items():
        far = np.where(draw.WAITS == 38, 380.0, draw.WAITS)
        if abs(Cost(kind).optimal_constant(far) - Cost(kind).optimal_constant(draw.WAITS)) > 0.01:
            moved.add(name.partition(",")[0].partition(" ")[0])
    return [len(moved) == 5, moved == {"squared", "expectile"}, moved == {"squared"}]


@prediction("predict-huber-delta")
def _():
    text = caption("huber_delta", limit_δ=2, loss="Huber")
    slope, absolute, squared = (
        float(x)
        for x in re.search(r"slope ([\d.]+).*?([\d.]+) \(abs.*?([\d.]+) \(sq", text).groups()
    )
    near = abs(slope - absolute) < 0.2 * abs(slope - squared)
    return [abs(slope - squared) < 0.1, near, False]


@prediction("predict-robust-family")
def _():
    lines = draw.robust_family_lines()
    way = {
        shape: (lines[2].slope - line.slope) / (lines[2].slope - lines[-2].slope)
        for shape, line in lines.items()
    }
    gradual = 0.1 < way[1.5] < way[1.0]
    return [way[1.0] > 0.75 and gradual, way[0.25] < 0.2 < way[0.0], way[0.0] < 0.5]


@prediction("predict-quantile-line")
def _():
    middle, upper = (draw.engel_quantile_line(q).slope for q in (0.5, 0.9))
    return [abs(upper - middle) < 0.02, upper > middle + 0.05, upper < middle - 0.05]


@prediction("predict-prediction-interval")
def _():
    text = caption("prediction_interval", aim=80)
    poor, middle, rich = (
        int(x) for x in re.search(r"and (\d+) / (\d+) / (\d+) % within", text).groups()
    )
    return [poor < 80, middle < 80, rich < 80]


@prediction("predict-relative-errors")
def _():
    both = np.array([50.0, 200.0])
    percent, factor = (
        float(np.ptp(kind(np.full(2, 100.0), both))) < 1e-3 * kind(100.0, 200.0)
        for kind in (absolute_percentage_error, lambda y, p: np.log(p / y) ** 2)
    )
    return [percent and not factor, factor and not percent, percent and factor]


@prediction("predict-overdispersion")
def _():
    mean = ACCIDENTS.mean()
    zeros = 647 * np.exp(-mean)
    many = 647 - zeros * (1 + mean + mean**2 / 2)
    assert (round(zeros), round(many)) == (406, 8)
    assert ((ACCIDENTS == 0).sum(), (ACCIDENTS >= 3).sum()) == (447, 26)
    too_few = zeros < 447, many < 26
    return [too_few == (False, True), all(too_few), not any(too_few)]


@prediction("predict-predicted-uncertainty")
def _():
    start, first, *_, end = (parameters for parameters in draw._uncertainty_descent()[:61])
    # The mean, as a slope, and the width, as an intercept and a slope of its logarithm.
    slope, width = abs(first[0] - start[0]), np.hypot(first[2] - start[2], first[3] - start[3])
    share = slope / abs(end[0] - start[0])
    moved = width / np.hypot(end[2] - start[2], end[3] - start[3])
    return [share > moved, moved > share, bool(np.isclose(share, moved, rtol=0.05))]


@prediction("predict-sure-and-wrong")
def _():
    widths = np.array([1.0, 1e-5, 1e-50, 1e-300])
    exactly = np.full(4, 20.0)
    likelihood = exactly[0] * 0 + np.log(widths)  # the residual is zero
    assert gaussian_nll(exactly[:3], exactly[:3], widths[:3] ** 2) == pytest.approx(likelihood[:3])
    ends = {"likelihood": likelihood[-1], "CRPS": crps_gaussian(exactly, exactly, widths)[-1]}
    falls = {name: end < -100 for name, end in ends.items()}
    to_zero = {name: abs(end) < 1e-100 for name, end in ends.items()}
    return [
        to_zero["likelihood"] and to_zero["CRPS"],
        falls["likelihood"] and to_zero["CRPS"],
        falls["likelihood"] and falls["CRPS"],
    ]


@prediction("predict-censored-targets")
def _():
    lines = draw.censored_lines(600)
    full, left_out = lines["all known"].slope, lines["left out"].slope
    return [abs(left_out - full) < 0.05, left_out < full - 0.05, left_out > full + 0.05]


# Scales


def _mad(residuals):
    return 1.4826 * float(np.median(np.abs(residuals)))


def test_scale_around_the_best_absolute_lines_differs_and_repeating_the_fit_settles_it(phone):
    since, calls, _ = phone
    lines = [
        Line(slope, calls[i] - slope * since[i])
        for i, j in combinations(range(24), 2)
        for slope in [(calls[j] - calls[i]) / (since[j] - since[i])]
    ]
    costs = [np.abs(line(since) - calls).mean() for line in lines]
    best = [line for line, cost in zip(lines, costs, strict=True) if cost < min(costs) + 1e-9]
    between = Line(1.564, 0.864)  # the set has an inside, too, and there the spread is widest
    assert np.abs(between(since) - calls).mean() == pytest.approx(min(costs))
    best.append(between)
    scales = [_mad(line(since) - calls) for line in best]
    assert (round(min(scales), 1), round(max(scales), 1)) == (1.7, 5.0)
    for line, scale in zip(best, scales, strict=True):
        for _ in range(6):
            tukey = tukey_biweight.bind(c=4.685 * scale)
            line = reweighted_line(since, calls, tukey, start=line)
            scale = _mad(line(since) - calls)
        assert (round(scale, 2), round(line.slope, 2)) == (1.66, 1.10)


def test_with_eight_wrong_years_the_robust_start_itself_is_carried_away(phone):
    since, calls, _ = phone
    calls = calls.copy()
    calls[20:22] *= 8  # 1970 and 1971, in minutes too
    start = fit_line(since, calls, absolute_error)
    scale = _mad(start(since) - calls)
    tukey = reweighted_line(since, calls, tukey_biweight.bind(c=4.685 * scale), start=start)
    assert round(scale) == 44
    assert round(tukey.slope, 1) == 8.7
