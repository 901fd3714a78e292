"""Captions of chapter 3's figures, against numbers computed here in another way."""

import math
import re
from functools import cache

import numpy as np
import pytest

from lossbook import absolute_error, expectile, huber, pinball, squared_error
from lossbook.datasets import load_belgian_phone_calls, load_engel_food
from lossbook.explore import Stage
from lossbook.figures import regression
from lossbook.fitting import pinball_line

NUMBER = re.compile(r"(?<![\w.])−?\d+(?:\.\d+)?")


@cache
def stage(name):
    return Stage(getattr(regression, name))


def numbers(name, **values):
    caption = stage(name).frame(values).caption
    return [float(n.replace("−", "-")) for n in NUMBER.findall(caption)]


@pytest.mark.parametrize("rate", [0.3, 0.9])
@pytest.mark.parametrize("step", [0, 3, 24])
def test_constant_pull_states_all_three_paths(step, rate):
    targets = [2, 3, 7]
    squared = absolute = shrinking = 5.05
    for t in range(1, step + 1):
        squared -= rate * sum(2 * (squared - y) for y in targets) / 3
        absolute -= rate * sum(math.copysign(1, absolute - y) for y in targets) / 3
        shrinking -= rate / math.sqrt(t) * sum(math.copysign(1, shrinking - y) for y in targets) / 3
    stated = numbers("constant_pull", step=step, learning_rate=rate)
    assert stated == pytest.approx([step, rate, squared, 4, absolute, 3, shrinking], abs=5e-3)


@pytest.mark.parametrize("lost", [0, 13, 30])
def test_outlier_states_the_slopes_and_the_pull_of_the_punctured_delivery(lost):
    x, y = regression.DISTANCE, regression.MINUTES.copy()
    y[8] += lost
    stated = numbers("outlier", minutes_lost=lost)
    slope, intercept = np.polyfit(x, y, 1)
    line = pinball_line(x, y)
    assert stated[:3] == pytest.approx([lost, slope, line.slope], abs=5e-3)
    assert stated[4] == pytest.approx(2 * (slope * x[8] + intercept - y[8]), abs=0.05)
    assert stated[5] == -1  # the point lies above the line
    assert -3 <= stated[6] < 0
    assert numbers("flat_tyre", minutes_lost=lost) == pytest.approx(
        [lost, slope, line.slope], abs=5e-3
    )


def test_telephone_calls_state_the_share_of_the_pull_of_the_wrong_years():
    data = load_belgian_phone_calls()
    slope, intercept = np.polyfit(data.year, data.calls, 1)
    pull = np.abs(slope * data.year + intercept - data.calls)
    share = 100 * pull[data.in_minutes].sum() / pull.sum()
    stated = numbers("telephone_calls", loss="squared")
    assert stated == pytest.approx([slope, share], abs=0.5)
    # Of 24 years two lie on the absolute-error line and the other 22 pull alike.
    assert numbers("telephone_calls", loss="absolute")[1] == round(100 * 6 / 22)
    assert numbers("telephone_calls", loss="Tukey")[-1] == 0


WAITING = pytest.mark.parametrize(
    ("name", "loss"),
    [
        ("squared", squared_error),
        ("absolute", absolute_error),
        ("Huber, δ = 4", huber.bind(delta=4)),
        ("pinball, τ = 0.75", pinball.bind(quantile=0.75)),
        ("expectile, τ = 0.75", expectile.bind(tau=0.75)),
    ],
)


@pytest.mark.parametrize("prediction", [0, 11, 27])
@WAITING
def test_constant_prediction_states_cost_and_slope(prediction, name, loss):
    here = np.full(9, float(prediction))
    stated = numbers("constant_prediction", prediction=prediction, loss=name)
    expected = [prediction, loss(regression.WAITS, here).mean()]
    expected += [float(name.split("= ")[1])] if "=" in name else []
    expected += [loss.gradient(regression.WAITS, here).mean()]
    assert stated[: len(expected)] == pytest.approx(expected, abs=5e-3)


@WAITING
def test_constant_prediction_names_the_lowest_place_within_a_minute_of_it_only(name, loss):
    grid = np.linspace(0, 40, 40001)
    costs = loss(np.repeat(regression.WAITS, len(grid)), np.tile(grid, 9))
    costs = costs.reshape(9, -1).mean(axis=0)
    best = grid[costs.argmin()]
    for prediction in range(41):
        frame = stage("constant_prediction").frame({"prediction": prediction, "loss": name})
        near = abs(prediction - best) <= 1.002  # the grid is that fine
        assert ("lowest" in frame.caption) == ("lowest" in frame.svg) == near
        if near:
            stated = re.search(r"lowest, ([\d.]+), at ([\d.]+)", frame.caption)
            assert float(stated[1]) == pytest.approx(costs.min(), abs=5e-3)
            assert float(stated[2]) == pytest.approx(best, abs=5.1e-2)


def test_huber_figure_ends_on_the_least_squares_line():
    stated = numbers("huber_delta", limit_δ=20, loss="Huber")
    assert stated[1] == stated[3]
    assert numbers("huber_delta", limit_δ=2, loss="Huber")[1] < 3.3


@pytest.mark.parametrize(("alpha", "name"), [(2.0, "squared error"), (0.0, "Cauchy")])
def test_robust_family_names_its_known_members(alpha, name):
    assert f"({name})" in stage("robust_family").frame({"shape_α": alpha}).caption


def test_robust_family_starts_at_the_least_squares_line():
    data = load_belgian_phone_calls()
    slope, intercept = np.polyfit(data.year, data.calls, 1)
    stated = numbers("robust_family", shape_α=2.0)
    assert stated[:3] == pytest.approx([2, 5, slope], abs=5e-3)
    assert stated[3] == round(slope * 1970 + intercept)


@pytest.mark.parametrize("quantile", [0.05, 0.5, 0.95])
def test_quantile_line_counts_the_households_below(quantile):
    data = load_engel_food()
    line = pinball_line(data.income, data.food_expenditure, quantile=quantile)
    below = int((data.food_expenditure - line(data.income) < -1e-6).sum())
    stated = numbers("quantile_line", quantile_τ=quantile)
    assert stated[0] == quantile
    assert stated[1:3] == pytest.approx([line.intercept, line.slope], abs=0.05)
    assert stated[3:] == pytest.approx([below, 235, 100 * below / 235], abs=0.05)


def test_interval_shares_add_up_to_what_the_constant_band_contains():
    data = load_engel_food()
    slope, intercept = np.polyfit(data.income, data.food_expenditure, 1)
    residuals = data.food_expenditure - slope * data.income - intercept
    # 1.2816 is the 0.9 quantile of the standard normal distribution.
    inside = np.abs(residuals) <= 1.2815516 * math.sqrt((residuals**2).sum() / 233)
    stated = numbers("prediction_interval", aim=80)
    sizes = np.array([79, 78, 78])
    assert stated[0] == 80
    assert stated[4:] @ sizes / 100 == pytest.approx(inside.sum(), abs=1.2)


@pytest.mark.parametrize("dispersion", [0.0, 0.5, 2.0])
@pytest.mark.parametrize(
    ("data", "table"),
    [("accidents", [447, 132, 42, 21, 3, 2]), ("horse kicks", [109, 65, 22, 3, 1])],
)
def test_overdispersion_states_both_ends_and_the_cost(dispersion, data, table):
    counts = np.repeat(range(len(table)), table)
    mean, n = counts.mean(), len(counts)
    r = 1 / max(dispersion, 1e-7)

    def log_probability(k):
        choose = math.lgamma(k + r) - math.lgamma(r) - math.lgamma(k + 1)
        return choose - r * math.log1p(mean / r) + k * math.log(mean / (mean + r))

    def poisson(k):
        return k * math.log(mean) - mean - math.lgamma(k + 1)

    p = [math.exp(log_probability(k)) for k in range(3)]
    cost = np.mean([poisson(k) - log_probability(k) for k in counts])
    expected = [dispersion, round(n * p[0]), n, table[0], round(n * (1 - sum(p))), sum(table[3:])]
    stated = numbers("overdispersion", dispersion_κ=dispersion, data=data)
    assert stated == pytest.approx([*expected, cost], abs=6e-4)


def test_predicted_uncertainty_starts_with_one_width_and_lowers_the_cost():
    first, last = (numbers("predicted_uncertainty", epoch=epoch) for epoch in (0, 60))
    assert first[1] == first[3] == pytest.approx(load_engel_food().food_expenditure.std(), abs=0.5)
    assert last[1] < last[3]
    assert last[-1] < first[-1] - 1


def test_gradients_of_the_uncertainty_descent_are_those_of_its_cost():
    path = regression._uncertainty_descent()
    here, there = np.array(path[10]), np.array(path[11])
    gradient = (here - there) / 0.25
    for k in range(4):
        step = np.zeros(4)
        step[k] = 1e-5
        rise = regression._uncertainty_cost(tuple(here + step))
        rise -= regression._uncertainty_cost(tuple(here - step))
        assert gradient[k] == pytest.approx(rise / 2e-5, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize(("width", "miss"), [(0.2, 0), (2.0, 4), (6.0, 6)])
def test_sure_and_wrong_states_both_losses(width, miss):
    z = miss / width
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    inside = math.erf(z / math.sqrt(2))
    crps = width * (z * inside + 2 * density - 1 / math.sqrt(math.pi))
    stated = numbers("sure_and_wrong", width_σ=width, miss=miss)
    expected = [20, width, 20 + miss, math.log(width) + z * z / 2, crps]
    assert stated == pytest.approx(expected, abs=5e-3)


@pytest.mark.parametrize("cap", [400, 700, 1200])
def test_censored_targets_state_how_many_are_cut_off_and_the_slopes(cap):
    data = load_engel_food()
    x, y = np.log(data.income), np.log(data.food_expenditure)
    known = data.food_expenditure < cap
    stated = numbers("censored_targets", cap=cap)
    assert stated[:3] == [(~known).sum(), 235, cap]
    fits = [(x, np.minimum(y, np.log(cap))), (x[known], y[known]), (x, y)]
    stands, left_out, full = (np.polyfit(*each, 1)[0] for each in fits)
    assert [stated[i] for i in (4, 5, 7)] == pytest.approx([stands, left_out, full], abs=5e-3)
    assert stated[6] == pytest.approx(full, abs=0.07)
