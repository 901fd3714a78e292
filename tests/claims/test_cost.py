"""What chapter 1 says, claim by claim."""

import math
from fractions import Fraction

import numpy as np
import pytest

from lossbook import (
    L1,
    L2,
    Cost,
    Linear,
    Objective,
    absolute_error,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy,
    check_gradient,
    gaussian_nll,
    laplace_nll,
    sigmoid,
    squared_error,
    zero_one,
)
from lossbook.datasets import load_breast_cancer, load_handwritten_digits
from lossbook.figures import cost as draw

from .predicting import prediction

KM, MINUTES = draw.DISTANCE, draw.MINUTES


def mse(w):
    return Cost(squared_error)(MINUTES, w * KM)


@pytest.fixture(scope="module")
def pixels():
    return draw.lost_pixel_data()


@pytest.fixture(scope="module")
def least_squares(pixels):
    X, y, _, _ = pixels
    return np.linalg.lstsq(X - X.mean(axis=0), y - y.mean(), rcond=None)[0]


def at_strength(penalty, log10):
    """Return weights, training error and held-out error of the lost pixel at a strength."""
    at = int(np.argmin(np.abs(draw.STRENGTHS - log10)))
    return tuple(part[at] for part in draw.lost_pixel_fits(penalty))


# One prediction


def test_within_a_minute_of_the_target_the_squared_error_is_the_smaller_one():
    near, far = np.linspace(0.01, 0.99, 99), np.linspace(1.01, 10, 99)
    zero = np.zeros(99)
    assert (squared_error(zero, near) < absolute_error(zero, near)).all()
    assert (squared_error(zero, far) > absolute_error(zero, far)).all()
    for miss in (0.0, 1.0, -1.0):
        assert squared_error(0.0, miss) == absolute_error(0.0, miss)


def test_the_slope_says_which_way_the_prediction_should_move():
    for loss in (squared_error, absolute_error):
        for said in (17.0, 24.0):
            slope = loss.gradient(20.0, said)
            assert loss(20.0, said - 0.1 * np.sign(slope)) < loss(20.0, said)


@prediction("predict-one-prediction")
def _():
    def agree(*misses):
        """Whether these are the misses, among those of the slider, where the losses agree."""
        r = np.arange(-4, 4.25, 0.25)
        equal = squared_error(np.zeros_like(r), r) == absolute_error(np.zeros_like(r), r)
        return set(np.abs(r[equal])) == set(misses)

    return [agree(0, 1), agree(0), agree()]


def test_the_absolute_error_takes_the_subgradient_zero_at_its_corner():
    assert absolute_error.gradient(20.0, 20.0) == 0
    grid = np.linspace(-3, 3, 61)
    for subgradient in (-1.0, -0.3, 0.0, 1.0):  # each line stays below the corner
        assert (subgradient * grid <= absolute_error(np.zeros(61), grid) + 1e-15).all()


# From one example to the cost


def test_the_cost_of_the_four_deliveries_is_lowest_at_5_and_no_point_lies_on_that_line():
    for w in np.linspace(3, 7, 41):
        assert mse(w) == pytest.approx(7.5 + 7.5 * (w - 5) ** 2)
    assert (np.abs(5 * KM - MINUTES) >= 1).all()
    assert list(5 * KM - MINUTES) == [-2, 1, 4, -3]


@prediction("predict-residual-squares")
def _():
    best = KM @ MINUTES / (KM @ KM)
    meets = np.isclose(best * KM, MINUTES)
    return [not meets.any(), meets[2], meets[3]]


def test_through_the_point_at_4_km_the_mean_square_is_half_as_large_again():
    squares = (5.75 * KM - MINUTES) ** 2
    assert squares[3] == 0
    assert squares[2] == pytest.approx(39, abs=0.1)
    assert mse(5.75) == pytest.approx(11.7, abs=0.05)
    assert mse(5) == 7.5


def test_at_3_point_6_one_square_has_vanished_and_one_is_five_times_the_other_three():
    squares = (3.6 * KM - MINUTES) ** 2
    assert squares[2] == pytest.approx(0.04)
    assert round(squares[3]) == 74
    assert squares[3] / squares[:3].sum() == pytest.approx(5, abs=0.05)


def test_a_minute_off_a_side_of_nine_saves_17_and_off_a_side_of_two_saves_3():
    assert (9**2 - 8**2, 2**2 - 1**2) == (17, 3)


def test_cost_and_slope_at_3_by_hand():
    x, y = [1, 2, 3, 4], [7, 9, 11, 23]
    r = [3 * a - b for a, b in zip(x, y, strict=True)]
    assert r == [-4, -3, -2, -11]
    assert Fraction(sum(a * a for a in r), 4) == Fraction(75, 2)
    pulls = [2 * a * b for a, b in zip(r, x, strict=True)]
    assert pulls == [-8, -12, -12, -88]
    assert sum(pulls) / 4 == -30
    J, slopes = Cost(squared_error).value_and_gradient(MINUTES, 3 * KM)
    assert (J, slopes @ KM) == (37.5, -30)


def test_sum_and_mean_share_their_lowest_point_and_differ_by_n_in_value_and_slope():
    total, mean = Cost(squared_error, "sum"), Cost(squared_error)
    for w in (3.0, 4.9, 5.0, 6.0):
        assert total(MINUTES, w * KM) == pytest.approx(4 * mean(MINUTES, w * KM))
        assert total.gradient(MINUTES, w * KM) == pytest.approx(4 * mean.gradient(MINUTES, w * KM))
    assert total.gradient(MINUTES, 5 * KM) @ KM == 0


@pytest.mark.parametrize(("copies", "runs_away"), [(8, False), (9, True)])
def test_with_the_rate_of_the_figure_the_sum_runs_away_from_36_examples_on(copies, runs_away):
    path = draw.reduction_descent("sum", copies, 0.004)
    assert (abs(path[-1] - 5) > abs(path[0] - 5)) == runs_away
    bend = 2 * copies * (KM**2).sum()
    assert bend == 15 * 4 * copies
    assert (2 / bend < 0.004) == runs_away
    assert math.floor(2 / 0.004 / 15) == 33


@prediction("predict-sum-or-mean")
def _():
    once, four, eight, nine = (draw.reduction_descent("sum", k, 0.004) for k in (1, 4, 8, 9))
    away = [np.abs(path - 5) for path in (once, four, eight, nine)]
    nothing = away[0] == pytest.approx(away[1])
    faster = away[0][5] > away[1][5]
    overshoots = eight[0] < 5 < eight[1]
    runs_away = away[3][-1] > away[3][0]
    return [nothing, faster and not runs_away, faster and overshoots and runs_away]


def test_a_step_covers_eta_times_the_bend_of_the_distance():
    for copies in (1, 4, 9):
        path = draw.reduction_descent("sum", copies, 0.004) - 5
        share = 0.004 * 15 * 4 * copies
        assert path[1:] == pytest.approx((1 - share) * path[:-1])


def test_at_16_examples_the_sum_is_nearly_there_after_one_step():
    assert abs(draw.reduction_descent("sum", 4, 0.004)[1] - 5) < 0.1


def test_copies_of_the_data_do_not_change_the_path_of_the_mean():
    once = draw.reduction_descent("mean", 1, 0.04)
    assert draw.reduction_descent("mean", 7, 0.04) == pytest.approx(once)


def test_the_sum_with_a_learning_rate_divided_by_n_takes_the_steps_of_the_mean():
    for copies in (1, 5):
        by_sum = draw.reduction_descent("sum", copies, 0.04 / (4 * copies))
        assert by_sum == pytest.approx(draw.reduction_descent("mean", copies, 0.04))


def test_half_the_square_has_the_same_lowest_point_and_the_slope_r():
    grid = np.linspace(3, 7, 401)
    halves = [mse(w) / 2 for w in grid]
    assert grid[np.argmin(halves)] == pytest.approx(5)
    assert squared_error.gradient(20.0, 17.0) / 2 == 17 - 20


def test_weight_2_means_the_same_as_the_example_twice():
    weighted = Cost(squared_error)(MINUTES, 3 * KM, sample_weight=[1, 1, 1, 2])
    twice = [0, 1, 2, 3, 3]
    assert weighted == pytest.approx(Cost(squared_error)(MINUTES[twice], 3 * KM[twice]))


def test_in_batches_of_4_4_and_2_the_last_two_count_twice_as_much():
    losses = np.arange(10.0)
    batches = [losses[:4], losses[4:8], losses[8:]]
    mean_of_means = np.mean([batch.mean() for batch in batches])
    say = np.array([1 / 12] * 8 + [1 / 6] * 2)
    assert mean_of_means == pytest.approx(say @ losses)
    assert mean_of_means != pytest.approx(losses.mean())
    equal = [losses[:5], losses[5:]]
    assert np.mean([batch.mean() for batch in equal]) == pytest.approx(losses.mean())


# Regularisation


def test_least_squares_is_ten_times_worse_than_the_mean_on_new_images(pixels, least_squares):
    X, y, X_new, y_new = pixels
    assert (len(y), len(y_new), X.shape[1]) == (100, 898, 63)
    middle, level = X.mean(axis=0), y.mean()
    training = (((X - middle) @ least_squares + level - y) ** 2).mean()
    new = (((X_new - middle) @ least_squares + level - y_new) ** 2).mean()
    always = ((level - y_new) ** 2).mean()
    assert training == pytest.approx(5.8, abs=0.05)
    assert new / always == pytest.approx(10, abs=0.5)


DRAWS = range(20)


def test_over_20_draws_least_squares_loses_to_the_constant_guess_in_8():
    errors, worse = [], 0
    for seed in DRAWS:
        X, y, X_new, y_new = draw.lost_pixel_data(seed)
        middle, level = X.mean(axis=0), y.mean()
        w = np.linalg.lstsq(X - middle, y - level, rcond=None)[0]
        errors.append((((X_new - middle) @ w + level - y_new) ** 2).mean())
        worse += errors[-1] > ((level - y_new) ** 2).mean()
    assert min(errors) == pytest.approx(19, abs=0.5)
    assert max(errors) == errors[0] == pytest.approx(361, abs=0.5)
    assert worse == 8


def test_over_20_draws_the_held_out_error_falls_and_rises_and_the_lasso_is_ahead():
    best = {}
    for penalty in ("L2", "L1"):
        errors = [draw.lost_pixel_fits(penalty, seed)[2] for seed in DRAWS]
        assert all(0 < error.argmin() < len(error) - 1 for error in errors)
        best[penalty] = np.array([error.min() for error in errors])
    assert (best["L1"] < best["L2"]).all()


@prediction("predict-lost-pixel")
def _():
    curves = [draw.lost_pixel_fits(penalty)[2] for penalty in ("L2", "L1")]
    rises = all((np.diff(new) > 0).all() for new in curves)
    falls = all((np.diff(new) < 0).all() for new in curves)
    both = all(0 < new.argmin() < len(new) - 1 for new in curves)
    return [rises, both, falls]


def test_its_largest_weight_is_of_a_corner_with_a_trace_of_ink_once(pixels, least_squares):
    X, _, X_new, _ = pixels
    assert np.abs(least_squares).argmax() == 62  # the last of 63: row 7, column 7
    assert least_squares[62] == pytest.approx(9.3, abs=0.05)
    assert sorted(X[:, 62])[-2:] == [0, 1]
    assert np.count_nonzero(X_new[:, 62]) == 55
    assert X_new[:, 62].max() == load_handwritten_digits().images.max() == 16


def test_51_pixels_have_ink_in_the_training_images_and_keep_a_weight_under_ridge(pixels):
    X = pixels[0]
    with_ink = X.any(axis=0)
    assert np.count_nonzero(with_ink) == 51
    weights, _, _ = draw.lost_pixel_fits("L2")
    assert (np.count_nonzero(weights, axis=1) == 51).all()
    assert not weights[:, ~with_ink].any()


@pytest.mark.parametrize("penalty", ["L2", "L1"])
def test_the_training_error_rises_with_the_strength_and_the_held_out_error_falls_first(penalty):
    _, training, new = draw.lost_pixel_fits(penalty)
    assert (np.diff(training) >= -1e-9).all()
    best = int(np.argmin(new))
    assert 0 < best < len(new) - 1
    assert new[best] < 0.7 * new[0]
    assert new[best] < 0.5 * new[-1]


def test_under_l2_the_weights_shrink_as_a_whole_and_single_ones_grow_for_a_while():
    size = np.abs(draw.lost_pixel_fits("L2")[0])
    assert (np.diff((size**2).sum(axis=1)) < 0).all()
    grows = np.diff(size, axis=0) > 1e-9
    assert np.count_nonzero(grows.any(axis=0)) > 20
    assert not grows[-1].any()


@pytest.mark.parametrize("penalty", ["L2", "L1"])
def test_a_larger_strength_moves_the_best_weights_to_a_smaller_penalty(penalty):
    weights, *_ = draw.lost_pixel_fits(penalty)
    sizes = (np.abs(weights) if penalty == "L1" else weights**2).sum(axis=1)
    assert (np.diff(sizes) <= 0).all()


def test_the_numbers_of_the_lost_pixel():
    _, training, new = draw.lost_pixel_fits("L2")
    assert 10 ** draw.STRENGTHS[new.argmin()] == pytest.approx(3.16, abs=0.01)
    assert new.min() == pytest.approx(15.15, abs=0.01)
    assert training[new.argmin()] == pytest.approx(7.31, abs=0.01)
    w, _, held_out = at_strength("L1", 0.0)
    assert np.count_nonzero(w) == 26
    assert held_out == pytest.approx(14.06, abs=0.01)
    assert np.count_nonzero(at_strength("L1", 1.25)[0]) == 4
    assert not at_strength("L1", 1.75)[0].any()
    assert at_strength("L1", 1.625)[0].any()
    # Above, below and to the left of the lost pixel, in the list without it.
    assert set(np.argsort(-np.abs(w))[:3]) == {20, 35, 27}
    assert (w[[20, 35, 27]] > 0).all()


def test_the_three_largest_weights_of_the_lasso_are_those_of_neighbours():
    weights = draw.lost_pixel_fits("L1")[0][np.argmin(np.abs(draw.STRENGTHS))]
    row, column = draw.LOST_PIXEL
    pixels = np.insert(weights, 8 * row + column, 0).reshape(8, 8)
    largest = {divmod(int(at), 8) for at in np.argsort(np.abs(pixels).ravel())[-3:]}
    assert largest == {(row - 1, column), (row + 1, column), (row, column - 1)}


def test_with_one_weight_ridge_never_reaches_zero_and_the_lasso_does_at_4():
    grid = np.linspace(-0.5, 3, 350_001)
    for strength in (0.5, 1.0, 3.9, 4.0, 5.0):
        ridge = grid[np.argmin((grid - 2) ** 2 + strength * grid**2)]
        lasso = grid[np.argmin((grid - 2) ** 2 + strength * np.abs(grid))]
        assert ridge == pytest.approx(2 / (1 + strength), abs=1e-5)
        assert lasso == pytest.approx(max(0, 2 - strength / 2), abs=1e-5)
    assert 2 / (1 + 1e6) > 0


@prediction("predict-one-weight")
def _():
    strengths = np.arange(0, 5.01, 0.25)  # those of the slider
    grid = np.linspace(-1, 3, 40_001)
    best = [grid[np.argmin((grid - 2) ** 2 + each * np.abs(grid))] for each in strengths]
    return strengths[np.argmax(np.isclose(best, 0))]


def test_gradient_descent_hops_around_the_corner_of_the_lasso_and_a_proximal_step_stops_in_it():
    strength, rate, hopping, stopping = 5.0, 0.1, 2.0, 2.0
    path = []
    for _ in range(200):
        slope = 2 * (hopping - 2) + L1(strength).gradient({"w": np.array(hopping)})["w"]
        hopping -= rate * float(slope)
        path.append(hopping)
        stopping -= rate * 2 * (stopping - 2)
        stopping = math.copysign(max(0.0, abs(stopping) - rate * strength), stopping)
    assert stopping == 0
    tail = np.array(path[-50:])
    assert np.abs(tail).max() > 0.01
    assert (np.sign(tail[1:]) != np.sign(tail[:-1])).any()


def test_penalties_leave_the_bias_alone_and_are_added_once():
    parameters = {"w": np.array([3.0, -4.0]), "b": np.array(10.0)}
    for penalty, value in ((L2(0.5), 12.5), (L1(0.5), 3.5)):
        assert penalty(parameters) == value
        assert penalty.gradient(parameters)["b"] == 0
        for reduction in ("mean", "sum"):
            with_penalty = Cost(squared_error, reduction, [penalty])
            without = Cost(squared_error, reduction)
            y = np.arange(6.0)
            extra = with_penalty(y, y + 1, parameters) - without(y, y + 1)
            assert extra == pytest.approx(value)


def _ridge(X, y, strength):
    """Minimise Σ r² + strength Σ w², without a bias."""
    return np.linalg.solve(X.T @ X + strength * np.eye(X.shape[1]), X.T @ y)


def test_a_penalty_has_units_and_least_squares_has_none(pixels):
    X, y = pixels[0][:, [9, 10, 20]], pixels[1]
    scale = np.array([1.0, 1.0, 1000.0])
    plain = X @ _ridge(X, y, 0.0)
    assert (X * scale) @ _ridge(X * scale, y, 0.0) == pytest.approx(plain)
    before, after = _ridge(X, y, 2000.0), _ridge(X * scale, y, 2000.0)
    assert not np.allclose(X @ before, (X * scale) @ after, rtol=0.01)
    # The third weight is a thousand times smaller and nearly free: no smaller than without λ.
    assert after[2] * 1000 > before[2]


def test_the_table_of_strengths_gives_the_same_lowest_point(pixels):
    X, y = pixels[0][:, [9, 10, 20]] / 16, pixels[1] / 16
    n, strength = len(y), 0.3
    w = _ridge(X, y, n * strength)  # scikit-learn's Ridge with α = n λ
    ours = Objective.from_cost(Linear(3), X, y, Cost(squared_error, penalties=[L2(strength)]))
    assert ours.gradient({"w": w, "b": np.array(0.0)})["w"] == pytest.approx(np.zeros(3), abs=1e-12)
    # Lasso: half the mean and α = λ/2 is half of ours everywhere.
    for v in (w, -w):
        theirs = ((X @ v - y) ** 2).sum() / (2 * n) + strength / 2 * np.abs(v).sum()
        mine = Cost(squared_error, penalties=[L1(strength)])(y, X @ v, {"w": v})
        assert theirs == pytest.approx(mine / 2)
    # LogisticRegression: C Σ ℓ + ½ Σ w² with C = 1 / (2 n λ) is ours times C n.
    labels = (y > 0.5).astype(float)
    C = 1 / (2 * n * strength)
    for v in (w, -w):
        theirs = C * binary_cross_entropy_with_logits(labels, X @ v).sum() + (v @ v) / 2
        cost = Cost(binary_cross_entropy_with_logits, penalties=[L2(strength)])
        assert theirs == pytest.approx(C * n * cost(labels, X @ v, {"w": v}))
    # weight_decay · w is the gradient of our penalty at weight_decay = 2 λ.
    assert L2(strength).gradient({"w": w})["w"] == pytest.approx(2 * strength * w)


# Objective


def test_every_order_of_seven_heads_in_ten_tosses_is_equally_probable():
    p = 0.6
    for tosses in ((1,) * 7 + (0,) * 3, (1, 0, 1, 1, 0, 1, 1, 0, 1, 1)):
        probability = np.prod([p if heads else 1 - p for heads in tosses])
        assert probability == pytest.approx(p**7 * (1 - p) ** 3)


def test_a_maximum_is_the_minimum_of_the_negative():
    likelihood = Objective(
        lambda p: 7 * np.log(p) + 3 * np.log(1 - p),
        derivative=lambda p: 7 / p - 3 / (1 - p),
        direction="maximize",
    )
    negative = likelihood.negated()
    grid = np.linspace(0.01, 0.99, 99)
    assert grid[np.argmax([likelihood(p) for p in grid])] == pytest.approx(0.7)
    assert grid[np.argmin([negative(p) for p in grid])] == pytest.approx(0.7)
    assert likelihood.better(0.7, 0.6)
    assert negative.better(0.7, 0.6)
    assert check_gradient(likelihood, 0.6)


def test_the_best_line_through_the_four_deliveries_goes_through_the_origin():
    J = Objective.from_cost(Linear(1), KM[:, None], MINUTES, Cost(squared_error))
    slope = J.gradient({"w": np.array([5.0]), "b": np.array(0.0)})
    assert (slope["w"][0], slope["b"]) == (0, 0)
    assert np.polyfit(KM, MINUTES, 1) == pytest.approx([5, 0], abs=1e-12)


# Likelihood


def nll(distribution, centre, spread):
    return draw.negative_log_likelihood(distribution, centre, spread).sum()


@pytest.mark.parametrize("spread", [0.7, 1.2, 2.0])
@pytest.mark.parametrize(("distribution", "best"), [("Gaussian", 1.58), ("Laplace", 1.3)])
def test_the_most_likely_centre_is_the_mean_or_the_median_whatever_the_spread(
    distribution, best, spread
):
    grid = np.linspace(0, 3, 301)
    assert grid[np.argmin([nll(distribution, c, spread) for c in grid])] == pytest.approx(best)
    assert draw.SLEEP.mean() == pytest.approx(1.58)
    assert np.median(draw.SLEEP) == 1.3


@prediction("predict-fit-distribution")
def _():
    centres = np.linspace(0, 3, 301)
    best = {
        centres[np.argmin([nll("Gaussian", c, spread) for c in centres])]
        for spread in (0.7, 1.2, 2.0)
    }
    (centre,) = best
    return [centre == pytest.approx(1.58), centre == pytest.approx(1.3), len(best) > 1]


def test_two_thirds_of_a_gaussian_lie_within_one_standard_deviation():
    assert math.erf(1 / math.sqrt(2)) == pytest.approx(2 / 3, abs=0.02)


def test_the_laplace_density_has_the_heavier_tails_at_the_same_standard_deviation():
    far = np.array([3.0, 4.0, 6.0])
    gauss = draw._density("Gaussian", far, 0.0, 1.0)
    laplace = draw._density("Laplace", far, 0.0, 1 / math.sqrt(2))
    assert (laplace > gauss).all()
    assert draw._density("Laplace", np.zeros(1), 0.0, 1 / math.sqrt(2)) > draw._density(
        "Gaussian", np.zeros(1), 0.0, 1.0
    )


def test_the_mean_moves_with_the_patient_of_4_point_6_hours_and_the_median_does_not():
    further = np.where(draw.SLEEP == 4.6, 9.2, draw.SLEEP)
    assert further.mean() > draw.SLEEP.mean() + 0.4
    assert np.median(further) == np.median(draw.SLEEP)


def test_known_widths_become_weights_of_one_over_sigma_squared():
    y, sigma = draw.SLEEP[:4], np.array([0.5, 1.0, 2.0, 1.0])
    grid = np.linspace(0, 3, 3001)
    each = [gaussian_nll(y, np.full(4, c), sigma**2).sum() for c in grid]
    expected = np.average(y, weights=1 / sigma**2)
    assert grid[np.argmin(each)] == pytest.approx(expected, abs=1e-3)


def test_four_distributions_give_four_losses_up_to_constants():
    y, y_hat, sigma, b = np.array([1.2, 4.6, -2.0]), np.array([1.6, 1.6, 0.0]), 1.2, 0.7
    r = y_hat - y
    gauss = np.exp(-(r**2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))
    laplace = np.exp(-np.abs(r) / b) / (2 * b)
    assert -np.log(gauss) == pytest.approx(
        squared_error(y, y_hat) / (2 * sigma**2) + math.log(sigma) + math.log(2 * math.pi) / 2
    )
    assert -np.log(gauss) == pytest.approx(
        gaussian_nll(y, y_hat, np.full(3, sigma**2)) + math.log(2 * math.pi) / 2
    )
    assert -np.log(laplace) == pytest.approx(absolute_error(y, y_hat) / b + math.log(2 * b))
    assert -np.log(laplace) == pytest.approx(laplace_nll(y, y_hat, np.full(3, b)) + math.log(2))
    p = np.array([0.9, 0.2])
    assert binary_cross_entropy([1, 0], p) == pytest.approx(-np.log([0.9, 0.8]))
    three = np.array([[0.2, 0.7, 0.1]])
    for k in range(3):
        assert categorical_cross_entropy([k], three)[0] == pytest.approx(-math.log(three[0, k]))
        one_hot = np.eye(3)[k]
        assert -(one_hot * np.log(three[0])).sum() == pytest.approx(-math.log(three[0, k]))


def test_with_two_classes_categorical_is_binary_cross_entropy():
    p = np.array([0.9, 0.3, 0.6])
    y = np.array([1, 0, 0])
    both = categorical_cross_entropy(y, np.column_stack([1 - p, p]))
    assert both == pytest.approx(binary_cross_entropy(y, p))


def test_a_product_of_1075_halves_is_zero_in_double_precision():
    assert np.prod(np.full(1075, 0.5)) == 0
    assert np.prod(np.full(1074, 0.5)) > 0


def test_a_density_can_exceed_1_and_the_likelihood_changes_with_the_unit():
    narrow = draw._density("Gaussian", np.array([1.3]), 1.3, 0.1)[0]
    assert narrow > 1
    assert -math.log(narrow) < 0
    hours, minutes = draw.SLEEP, 60 * draw.SLEEP

    def total(x, centre, spread):
        return gaussian_nll(x, np.full(10, centre), np.full(10, spread**2)).sum()

    for centre in (1.0, 1.58):
        difference = total(minutes, 60 * centre, 72.0) - total(hours, centre, 1.2)
        assert difference == pytest.approx(10 * math.log(60))


def test_a_gaussian_belief_in_small_weights_is_a_ridge_penalty():
    sigma, sigma_w, n = 2.0, 0.5, 4
    strength = sigma**2 / (n * sigma_w**2)
    w = np.linspace(0, 7, 7001)
    r = w[:, None] * KM - MINUTES
    log_posterior = -(r**2).sum(axis=1) / (2 * sigma**2) - w**2 / (2 * sigma_w**2)
    penalised = (r**2).mean(axis=1) + strength * w**2
    assert w[log_posterior.argmax()] == w[penalised.argmin()]
    assert 2 * sigma**2 / n * -log_posterior == pytest.approx(penalised)


# A loss is not a metric


def test_the_accuracy_is_flat_at_the_weights_of_the_text_and_the_log_loss_points_to_its_minimum():
    h = 1e-6
    for w, direction in ((0.8, -1), (0.9, -1), (1.2, 1), (1.4, 1)):
        above, below = draw.tumour_scores(w + h), draw.tumour_scores(w - h)
        assert above[0] == below[0]
        slope = draw.tumour_scores(w)[2]
        assert np.sign(slope) == direction
        assert (above[1] - below[1]) / (2 * h) == pytest.approx(slope, abs=1e-5)


@prediction("predict-accuracy-staircase")
def _():
    weights = np.arange(0.8, 1.5, 0.02)
    scores = np.array([draw.tumour_scores(w)[:2] for w in weights])
    accuracy, log_loss = (np.diff(scores, axis=0) != 0).T
    return [
        accuracy.all() and log_loss.all(),
        log_loss.all() and accuracy.any() and not accuracy.all(),
        accuracy.all() and not log_loss.all(),
    ]


def test_area_under_the_roc_curve_is_the_share_of_pairs_in_the_right_order():
    radius, malignant = draw.tumours()
    order = (radius[malignant == 1][:, None] > radius[malignant == 0]).mean()
    cuts = np.unique(radius)
    rates = np.array(
        [[(radius[malignant == kind] > cut).mean() for kind in (0, 1)] for cut in cuts[::-1]]
    )
    rates = np.vstack([[0, 0], rates, [1, 1]])
    assert len(cuts) == len(radius)  # no ties
    assert np.trapezoid(rates[:, 1], rates[:, 0]) == pytest.approx(order)


def test_the_tumours_are_every_28th_of_569():
    data = load_breast_cancer()
    radius, malignant = draw.tumours()
    assert (len(data.malignant), len(radius), malignant.sum()) == (569, 21, 8)


def test_the_lowest_log_loss_lies_on_the_highest_step():
    weights = np.linspace(0.7, 1.5, 801)
    scores = np.array([draw.tumour_scores(w) for w in weights])
    best = scores[:, 1].argmin()
    assert weights[best] == pytest.approx(0.99, abs=0.005)
    assert scores[best, 0] == scores[:, 0].max() == pytest.approx(20 / 21)


def test_one_minus_the_accuracy_is_the_mean_zero_one_loss():
    radius, malignant = draw.tumours()
    for w in (0.8, 1.0, 1.2):
        mean = zero_one(np.where(malignant, 1, -1), w * radius + draw.BIAS).mean()
        assert 1 - draw.tumour_scores(w)[0] == pytest.approx(mean)


def test_the_lowest_log_loss_need_not_have_the_highest_accuracy():
    x, y = np.array([1.0, 1.0, 1.0, -10.0]), np.ones(4)
    weights = np.linspace(-2, 2, 4001)
    losses = [binary_cross_entropy_with_logits(y, w * x).mean() for w in weights]
    best = weights[np.argmin(losses)]
    assert best < 0
    assert np.count_nonzero(sigmoid(best * x) > 0.5) == 1
    for w in (0.01, 0.5, 2.0):
        assert np.count_nonzero(sigmoid(w * x) > 0.5) == 3


# Exercises and quiz


def test_a_miss_of_3_minutes_in_hours():
    assert absolute_error(0.0, 3 / 60) == pytest.approx(0.05)
    assert squared_error(0.0, 3 / 60) == pytest.approx(0.0025)


def test_beside_a_sum_a_fixed_strength_fades_with_more_data_and_beside_a_mean_it_does_not(pixels):
    X, y = pixels[0][:, [9, 10, 20]], pixels[1]
    more, targets = np.tile(X, (10, 1)), np.tile(y, 10)
    free = np.linalg.norm(_ridge(X, y, 0.0))
    strength = 20_000.0
    by_sum = [np.linalg.norm(_ridge(*data, strength)) for data in ((X, y), (more, targets))]
    assert by_sum[0] < by_sum[1] < free
    by_mean = [_ridge(A, b, strength / 100 * len(b)) for A, b in ((X, y), (more, targets))]
    assert by_mean[0] == pytest.approx(by_mean[1])


def test_at_the_far_end_of_the_highest_step_accuracy_and_log_loss_disagree():
    (accuracy, loss, _), (other_accuracy, other_loss, _) = map(draw.tumour_scores, (1.03, 0.97))
    assert accuracy > other_accuracy
    assert loss > other_loss
    assert round(21 * (accuracy - other_accuracy)) == 1
