"""Captions of chapter 1's figures, against numbers computed here in another way."""

import math
import re
from functools import cache

import numpy as np
import pytest

from lossbook.datasets import load_breast_cancer
from lossbook.explore import Stage
from lossbook.figures import cost

NUMBER = re.compile(r"(?<![\w.])−?\d+(?:\.\d+)?")


@cache
def stage(name):
    return Stage(getattr(cost, name))


def frame(name, **values):
    return stage(name).frame(values)


def numbers(name, **values):
    caption = frame(name, **values).caption
    return [float(n.replace("−", "-")) for n in NUMBER.findall(caption)]


@pytest.mark.parametrize("prediction", [16, 19.5, 20, 23.25])
def test_one_prediction_states_both_losses_and_slopes(prediction):
    r = prediction - 20
    sign = (r > 0) - (r < 0)
    assert numbers("one_prediction", prediction=prediction) == pytest.approx(
        [prediction, 20, r, r * r, 2 * r, abs(r), sign], abs=5e-3
    )


@pytest.mark.parametrize("w", [3.0, 3.6, 5.0, 6.3])
def test_residual_squares_state_the_four_squares_and_the_cost(w):
    squares = [(w * x - y) ** 2 for x, y in ((1, 7), (2, 9), (3, 11), (4, 23))]
    J = 7.5 + 7.5 * (w - 5) ** 2
    assert sum(squares) / 4 == pytest.approx(J)
    stated = numbers("residual_squares", weight_w=w)
    assert stated == pytest.approx(
        [w, *squares, 4 * J, J, math.sqrt(J), 15 * (w - 5)], abs=0.05 + 1e-9
    )


def _polygons(svg):
    """Return width and height of every filled rectangle of a picture, in points."""
    found = []
    for path in re.findall(r'<path d="([^"]+)z" [^>]*style="fill: #b0454e', svg):
        corners = []
        for command, text in re.findall(r"([MLHVlhv])([^MLHVlhv]*)", path):
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", text)]
            x, y = corners[-1] if corners and command in "lhvHV" else (0.0, 0.0)
            if command in "hv":
                step = (numbers[0], 0) if command == "h" else (0, numbers[0])
            elif command in "HV":
                step = (numbers[0] - x, 0) if command == "H" else (0, numbers[0] - y)
            else:
                step = numbers
            corners.append((x + step[0], y + step[1]))
        found.append(np.ptp(corners, axis=0))
    return np.array(found)


@pytest.mark.parametrize("w", [3.0, 4.4, 7.0])
def test_the_squares_are_square_on_the_page_and_have_one_scale(w):
    sides = _polygons(frame("residual_squares", weight_w=w).svg)
    residuals = [abs(w * x - y) for x, y in ((1, 7), (2, 9), (3, 11), (4, 23))]
    expected = 7.2 * np.array([*residuals, math.sqrt(np.square(residuals).mean())])
    assert len(sides) == 5
    assert sides[:, 0] == pytest.approx(sides[:, 1], abs=0.25)
    assert sides[:, 0] == pytest.approx(expected, abs=0.25)


@pytest.mark.parametrize("copies", [1, 4, 8, 9, 10])
@pytest.mark.parametrize("rate", [0.002, 0.004, 0.04])
def test_sum_or_mean_states_where_both_descents_arrive(copies, rate):
    n = 4 * copies

    def after(factor):
        return 5 - 2 * (1 - rate * factor) ** 20

    caption = frame("sum_or_mean", copies=copies, learning_rate=rate).caption
    stated = numbers("sum_or_mean", copies=copies, learning_rate=rate)
    assert stated[:5] == pytest.approx([n, rate, 3, -30 * n, -30])
    assert ("the sum runs away" in caption) == (rate * 15 * n > 2)
    if rate * 15 * n < 2:
        assert stated[6] == pytest.approx(after(15 * n), abs=5e-3)
    assert stated[-1] == pytest.approx(after(15), abs=5e-3)


@pytest.mark.parametrize("strength", [0, 1, 3.75, 4, 5])
def test_one_weight_states_the_lowest_points_that_a_search_finds(strength):
    grid = np.linspace(-1, 3, 400_001)
    ridge = grid[np.argmin((grid - 2) ** 2 + strength * grid**2)]
    lasso = grid[np.argmin((grid - 2) ** 2 + strength * np.abs(grid))]
    stated = numbers("one_weight", strength_λ=strength)
    assert stated[:2] == [strength, 2]
    assert stated[2:] == pytest.approx([ridge, lasso], abs=5e-3 + 1e-5)


@pytest.mark.parametrize("log10", [-1.5, 0.0, 0.5, 2.0])
@pytest.mark.parametrize("penalty", ["L2", "L1"])
def test_lost_pixel_states_the_weights_that_minimise_the_penalised_cost(penalty, log10):
    X, y, X_new, y_new = cost.lost_pixel_data()
    weights, *_ = cost.lost_pixel_fits(penalty)
    w = weights[int(np.argmin(np.abs(cost.STRENGTHS - log10)))]
    middle, level, strength = X.mean(axis=0), y.mean(), 10**log10
    residuals = (X - middle) @ w + level - y
    # At the lowest point the slope is zero, or, under L1 at a weight of zero, within ±λ.
    slope = 2 * (X - middle).T @ residuals / len(y)
    if penalty == "L2":
        assert slope + 2 * strength * w == pytest.approx(np.zeros(63), abs=1e-8)
    else:
        assert slope[w != 0] == pytest.approx(-strength * np.sign(w[w != 0]), abs=1e-5)
        assert (np.abs(slope[w == 0]) <= strength + 1e-5).all()
    held_out = (((X_new - middle) @ w + level - y_new) ** 2).mean()
    stated = numbers("lost_pixel", log10_of_strength_λ=log10, penalty=penalty)
    assert stated[-5:] == pytest.approx(
        [np.count_nonzero(w), 63, np.abs(w).max(), (residuals**2).mean(), held_out], abs=0.05
    )


@pytest.mark.parametrize("spread", [0.7, 2.0])
@pytest.mark.parametrize("centre", [0.7, 1.3, 2.2])
@pytest.mark.parametrize("distribution", ["Gaussian", "Laplace"])
def test_fit_distribution_states_the_product_of_the_densities(distribution, centre, spread):
    likelihood = 1.0
    for x in (1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4):
        if distribution == "Gaussian":
            z = (x - centre) / spread
            likelihood *= math.exp(-z * z / 2) / (spread * math.sqrt(2 * math.pi))
        else:
            likelihood *= math.exp(-abs(x - centre) / spread) / (2 * spread)
    values = {"centre": centre, "spread": spread, "distribution": distribution}
    caption = frame("fit_distribution", **values).caption
    mantissa, power = re.search(r"likelihood ([\d.]+)\s·\s10(\S+?),", caption).groups()
    power = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    assert float(f"{mantissa}e{power}") == pytest.approx(likelihood, rel=0.06)
    total, each = numbers("fit_distribution", **values)[-2:]
    assert total == pytest.approx(-math.log(likelihood), abs=5e-3)
    assert each == pytest.approx(-math.log(likelihood) / 10, abs=5e-3)


@pytest.mark.parametrize("w", [0.7, 0.8, 1.0, 1.08, 1.5])
def test_accuracy_staircase_states_accuracy_log_loss_and_its_slope(w):
    data = load_breast_cancer()
    radius, malignant = data.features[::28, 0], data.malignant[::28]
    p = 1 / (1 + np.exp(-(w * radius - 15)))
    right = np.count_nonzero((p > 0.5) == malignant)
    log_loss = -np.log(np.where(malignant, p, 1 - p)).mean()
    slope = ((p - malignant) * radius).mean()
    assert numbers("accuracy_staircase", weight_w=w) == pytest.approx(
        [w, right, 21, right / 21, 0, log_loss, slope], abs=5e-3
    )


def test_the_staircase_has_the_accuracy_of_its_weight_between_its_jumps():
    stairs, levels, *_ = cost._tumour_curves()
    middles = (stairs[::2] + stairs[1::2]) / 2
    assert [cost.tumour_scores(w)[0] for w in middles] == pytest.approx(levels[::2])
    for w in np.arange(70, 151, 2) / 100:  # no position of the slider is at a jump
        assert np.abs(stairs[1:-1] - w).min() > 1e-5
