"""Lines of lowest cost: against published values, gradients that vanish, and brute force."""

import numpy as np
import pytest

import lossbook
from lossbook import (
    absolute_error,
    cauchy,
    expectile,
    huber,
    log_cosh,
    pinball,
    pseudo_huber,
    squared_error,
    tukey_biweight,
)
from lossbook.datasets import load_belgian_phone_calls, load_engel_food
from lossbook.fitting import (
    Line,
    fit_line,
    least_squares_line,
    pinball_line,
    reweighted_line,
)


@pytest.fixture
def points():
    rng = np.random.default_rng(3)
    x = rng.uniform(0, 10, 31)
    y = 2 + 0.7 * x + rng.standard_t(2, 31)
    return x, y


def cost(loss, line, x, y):
    return loss(y, line(x)).mean()


def test_least_squares_by_hand():
    line = least_squares_line([1, 2, 3], [2, 3, 7])
    assert line.slope == pytest.approx(2.5)
    assert line.intercept == pytest.approx(-1)


def test_least_squares_agrees_with_numpy(points):
    assert least_squares_line(*points) == pytest.approx(np.polyfit(*points, 1))


def test_whole_weights_count_like_repeated_points(points):
    x, y = points
    weight = np.arange(31) % 4
    repeated = least_squares_line(np.repeat(x, weight), np.repeat(y, weight))
    assert least_squares_line(x, y, sample_weight=weight) == pytest.approx(repeated)


# `rq(foodexp ~ income, tau, data = engel)` of R's quantreg, in the digits published.
@pytest.mark.parametrize(
    ("quantile", "intercept", "slope"),
    [
        (0.05, 124.880, 0.343),
        (0.10, 110.142, 0.402),
        (0.25, 95.484, 0.474),
        (0.50, 81.482, 0.560),
        (0.75, 62.397, 0.644),
        (0.90, 67.351, 0.686),
        (0.95, 64.104, 0.709),
    ],
)
def test_quantile_lines_of_engel_are_those_of_quantreg(quantile, intercept, slope):
    data = load_engel_food()
    line = pinball_line(data.income, data.food_expenditure, quantile=quantile)
    assert line.intercept == pytest.approx(intercept, abs=5.1e-4)
    assert line.slope == pytest.approx(slope, abs=5.1e-4)


def test_median_line_of_engel_to_seven_digits():
    data = load_engel_food()
    line = pinball_line(data.income, data.food_expenditure)
    assert line.intercept == pytest.approx(81.48225, abs=5e-6)
    assert line.slope == pytest.approx(0.5601806, abs=5e-8)


# `lm(calls ~ year, data = phones)` in R, where years count from 1900.
def test_least_squares_line_of_the_telephone_calls_is_that_of_r():
    data = load_belgian_phone_calls()
    line = least_squares_line(data.year - 1900, data.calls)
    assert line.slope == pytest.approx(5.0415, abs=5e-5)
    assert line.intercept == pytest.approx(-260.0592, abs=5e-5)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.8])
def test_pinball_line_passes_through_two_points_and_nothing_near_is_better(points, quantile):
    x, y = points
    loss = pinball.bind(quantile=quantile)
    line = pinball_line(x, y, quantile=quantile)
    assert np.count_nonzero(np.abs(line(x) - y) < 1e-9) == 2
    lowest = cost(loss, line, x, y)
    rng = np.random.default_rng(4)
    for slope, intercept in rng.normal(0, [0.05, 0.3], (500, 2)):
        near = Line(line.slope + slope, line.intercept + intercept)
        assert cost(loss, near, x, y) >= lowest - 1e-12


def test_quantile_half_is_the_absolute_error(points):
    assert fit_line(*points, absolute_error) == fit_line(*points, pinball.bind(quantile=0.5))


def test_one_of_several_equally_good_lines_is_chosen_whatever_the_rounding():
    # Every line that separates the pairs in the middle has the same absolute error.
    x, y = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.3, 0.1, 0.3])
    assert pinball_line(x, y) == pinball_line(x, 1e3 * y / 1e3)
    assert cost(absolute_error, pinball_line(x, y), x, y) == pytest.approx(0.1)


@pytest.mark.parametrize(
    "loss",
    [
        squared_error,
        huber.bind(delta=0.7),
        pseudo_huber.bind(delta=0.7),
        log_cosh,
        expectile.bind(tau=0.8),
        cauchy.bind(c=2.0),
        tukey_biweight.bind(c=5.0),
    ],
    ids=lambda loss: loss.name,
)
def test_both_derivatives_of_the_cost_vanish_at_the_reweighted_line(points, loss):
    x, y = points
    line = reweighted_line(x, y, loss)
    pull = loss.gradient(y, line(x))
    assert pull.mean() == pytest.approx(0, abs=1e-7)
    assert (pull * x).mean() == pytest.approx(0, abs=1e-7)


def test_reweighting_finds_the_closed_form_of_the_squared_error(points):
    assert reweighted_line(*points, squared_error) == pytest.approx(least_squares_line(*points))


def test_a_convex_loss_leads_to_one_line_from_anywhere(points):
    loss = huber.bind(delta=0.5)
    lines = [reweighted_line(*points, loss, start=Line(s, 5 - s)) for s in (-3, 0, 4)]
    assert lines[1] == pytest.approx(lines[0], abs=1e-6)
    assert lines[2] == pytest.approx(lines[0], abs=1e-6)


def test_huber_approaches_the_two_losses_it_lies_between(points):
    squared = fit_line(*points, huber.bind(delta=1e4))
    absolute = fit_line(*points, huber.bind(delta=1e-3))
    assert squared == pytest.approx(fit_line(*points, squared_error), abs=1e-9)
    assert absolute == pytest.approx(fit_line(*points, absolute_error), abs=1e-2)


def test_a_loss_that_is_not_convex_may_rest_at_another_line_from_another_start():
    data = load_belgian_phone_calls()
    since = data.year - 1950
    loss = tukey_biweight.bind(c=10.0)
    wrong = least_squares_line(since[data.in_minutes], data.calls[data.in_minutes])
    good, trapped = (
        fit_line(since, data.calls, loss),
        reweighted_line(since, data.calls, loss, start=wrong),
    )
    assert good.slope == pytest.approx(1.1, abs=0.05)
    assert trapped.slope > 15
    assert cost(loss, good, since, data.calls) < cost(loss, trapped, since, data.calls)


@pytest.mark.parametrize("route", [least_squares_line, pinball_line])
@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([1, 2], [1, 2, 3], r"x and y must have the same shape, got \(2,\) and \(3,\)"),
        ([[1], [2]], [1, 2], r"x must have shape \(n,\), got \(2, 1\)"),
        ([1, 2], [1, np.nan], "y must be finite: got nan at index 1"),
        ([2, 2, 2], [1, 2, 3], r"two different x at least, got 3 point\(s\) at 1 position"),
        ([], [], r"got 0 point\(s\)"),
    ],
)
def test_points_that_make_no_line_are_refused(route, x, y, message):
    with pytest.raises(ValueError, match=message):
        route(x, y)


@pytest.mark.parametrize("quantile", [0, 1, -0.1, 1.5, np.nan])
def test_quantile_outside_its_interval_is_refused(quantile):
    with pytest.raises(ValueError, match=r"quantile must be in \(0, 1\)"):
        pinball_line([1, 2], [1, 2], quantile=quantile)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ([1, -1, 1], "sample_weight must be at least 0, got -1"),
        ([1, 1], r"sample_weight must have the shape of x, \(3,\), not \(2,\)"),
        ([0, 1, 0], "two different x"),
    ],
)
def test_weights_that_make_no_line_are_refused(weight, message):
    with pytest.raises(ValueError, match=message):
        least_squares_line([1, 2, 3], [1, 2, 3], sample_weight=weight)


@pytest.mark.parametrize("loss", [absolute_error, pinball.bind(quantile=0.2)])
def test_reweighting_refuses_a_loss_with_a_kink(points, loss):
    with pytest.raises(ValueError, match=r"has a kink at 0\.0; allowed: losses with a continuous"):
        reweighted_line(*points, loss)


def test_giving_up_says_how_far_it_is_from_rest(points):
    with pytest.raises(RuntimeError, match=r"still moves by .* after max_iterations=1 rounds"):
        reweighted_line(*points, huber.bind(delta=0.1), max_iterations=1)


def test_a_loss_is_fitted_as_what_it_is_whatever_its_name():
    def named(name, value, slope):
        def function(y_true, y_pred):
            r = y_pred - y_true
            return lossbook.Formula(value=value(r), gradient=slope(r))

        function.__name__ = name
        return lossbook.loss(function)

    x, y = [1, 2, 3, 4, 5], [1.0, 2.0, 3.0, 4.0, 50.0]
    bounded = named("squared_error", lambda r: huber(0 * r, r), lambda r: np.clip(r, -1, 1))
    np.testing.assert_allclose(fit_line(x, y, bounded), fit_line(x, y, huber), rtol=1e-6)
    least = named("pinball", abs, np.sign)
    assert fit_line(x, y, least) == pinball_line(x, y)
    squares = named("mine", lambda r: 3 * r * r, lambda r: 6 * r)
    assert fit_line(x, y, squares) == least_squares_line(x, y)


@pytest.mark.parametrize(
    "loss",
    [lossbook.poisson_nll, lossbook.squared_log_error, lossbook.hinge, lossbook.crps_laplace],
)
@pytest.mark.parametrize("fit", [fit_line, reweighted_line])
def test_a_line_is_fitted_by_losses_of_the_residual_alone(fit, loss):
    with pytest.raises(ValueError, match=f"loss must be a loss of the residual.*got {loss.name}"):
        fit([1, 2, 3], [1, 2, 3], loss)


def test_a_loss_that_pushes_away_is_refused_by_name():
    @lossbook.loss
    def away(y_true, y_pred):
        r = y_pred - y_true
        return lossbook.Formula(value=-r * r, gradient=-2 * r)

    with pytest.raises(ValueError, match=r"loss=away\(\) pulls away from the target"):
        reweighted_line([1, 2, 3], [1, 2, 4], away)
