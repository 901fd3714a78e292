"""What chapter 2 says, claim by claim."""

import inspect
import math
import re
from pathlib import Path

import numpy as np
import pytest

from lossbook import (
    MLP,
    Adam,
    Cost,
    GradientDescent,
    Linear,
    Momentum,
    Objective,
    categorical_cross_entropy_with_logits,
    check_gradient,
    one_hot,
    softmax,
    squared_error,
    train,
)
from lossbook.datasets import load_engel_food, load_handwritten_digits
from lossbook.figures import training as draw
from lossbook.figures.digits import digits, network

from . import side_by_side
from .predicting import prediction

CHAPTER = Path(__file__).parents[2] / "chapters" / "02-training-loop.ipynb"
CROSS_ENTROPY = Cost(categorical_cross_entropy_with_logits)
SEEDS = range(20)
SIZES = (64, 32, 10)


def gradients(x, y, w=0.0, b=0.0):
    """Return the derivatives of each example's squared error with respect to w and b."""
    r = w * x + b - y
    return np.column_stack([2 * r * x, 2 * r])


def bends(x):
    features = np.column_stack([x, np.ones_like(x)])
    return np.linalg.eigvalsh(2 * features.T @ features / len(x))


def read_correctly(parameters):
    """Return the share of test images that each run of a stack reads correctly."""
    data = digits()
    z = side_by_side.forward(parameters, data.X_test)[1]
    return (z.argmax(axis=2) == data.y_test).mean(axis=1)


def trained(start, slope=side_by_side.of_cross_entropy, **given):
    data = digits()
    targets = one_hot(data.y_train, 10)
    return side_by_side.train(start, data.X_train, targets, slope, seeds=SEEDS, **given)


# Six stages


def test_the_loop_in_the_text_is_what_train_does():
    model = Linear(1)
    model.parameters = {"w": np.array([1.0]), "b": np.array(0.0)}
    history = train(
        model, draw.X3[:, None], draw.Y3, Cost(squared_error), GradientDescent(0.1), epochs=4
    )
    assert history.cost == pytest.approx([turn.losses.mean() for turn in draw.rounds()])
    assert history.cost.round(2).tolist() == [6, 0.83, 0.75, 0.74, 0.73]
    assert history.parameters["w"][:, 0] == pytest.approx([turn.w for turn in draw.rounds()])


def test_the_first_step_is_long_spoils_a_perfect_prediction_and_goes_too_far():
    first, second = draw.rounds()[:2]
    assert (first.to_w, first.to_b) == (-10, -4)
    assert first.losses.tolist() == [0, 9, 9]
    assert (second.w, second.b) == pytest.approx((2, 0.4))
    assert second.losses[0] > 0
    assert (second.losses[1:] < 9).all()
    assert (round(second.to_w, 2), round(second.to_b, 2)) == (0.93, 0.8)


@prediction("predict-loop-stages")
def _():
    before, after = draw.rounds()[:2]
    stays = after.losses[0] == before.losses[0]
    falls = after.losses.mean() < before.losses.mean()
    assert after.y_pred[0] == pytest.approx(2.4)
    assert after.losses[0] == pytest.approx(1.96)
    return [stays, not stays and falls, not stays and not falls]


def test_the_lowest_cost_of_the_three_examples_is_one_half():
    slope, intercept = np.polyfit(draw.X3, draw.Y3, 1)
    assert ((slope * draw.X3 + intercept - draw.Y3) ** 2).mean() == pytest.approx(0.5)


def test_the_update_never_uses_the_value_of_the_cost():
    class Blind(Cost):
        """The same slopes, and another value."""

        def __call__(self, *arguments):
            return 7.0

    paths = []
    for cost in (Cost(squared_error), Blind(squared_error)):
        model = Linear(1)
        train(model, draw.X3[:, None], draw.Y3, cost, GradientDescent(0.1), epochs=9)
        paths.append(np.append(model.parameters["w"], model.parameters["b"]))
    np.testing.assert_array_equal(*paths)


def test_the_loop_of_train_has_some_twenty_lines_and_numbers_six_stages():
    source = inspect.getsource(train)
    loop = source[source.index("# 1. Initialise") :]
    assert 18 <= len(loop.splitlines()) <= 30
    for number, word in enumerate(
        ("Initialise", "Forward pass", "Loss", "Backpropagation", "and the optimiser", "Iterate"), 1
    ):
        assert re.search(rf"# {number}\. .*{word}|# {number}\. \.\.\. {word}", loop), number


# Backpropagation


def test_ten_parameters_three_of_which_have_a_zero_derivative():
    tiny = MLP((1, 3, 1)).with_parameters(draw.TINY)
    X, y = np.array([[draw.TINY_X]]), np.array([draw.TINY_Y])
    gradient = tiny.backward(X, squared_error.gradient(y, tiny.forward(X)))
    flat = np.concatenate([g.ravel() for g in gradient.values()])
    assert flat.size == 10
    assert np.count_nonzero(flat == 0) == 3
    assert gradient["W1"][0].tolist() == [-16, 8, 0]
    assert gradient["b1"].tolist() == [-8, 4, 0]
    assert gradient["W2"][:, 0].tolist() == [-4, -8, 0]
    assert gradient["b2"].tolist() == [-4]
    assert check_gradient(Objective.from_cost(tiny, X, y, Cost(squared_error)), tiny.parameters)


@prediction("predict-backward-pass")
def _():
    tiny = MLP((1, 3, 1)).with_parameters(draw.TINY)
    X = np.array([[draw.TINY_X]])
    slope = squared_error.gradient(np.array([draw.TINY_Y]), tiny.forward(X))
    return sum(int((g == 0).sum()) for g in tiny.backward(X, slope).values())


def test_another_input_opens_the_third_unit():
    z = -1.0 * draw.TINY["W1"][0] + draw.TINY["b1"]
    assert z[2] > 0


def test_a_unit_closed_for_every_example_never_learns_again():
    model = MLP((2, 3, 1), seed=1)
    model.parameters["b1"] = np.array([-100.0, 0.0, 0.0])
    before = model.parameters["W1"][:, 0].copy()
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    train(model, X, X.sum(axis=1), Cost(squared_error), GradientDescent(0.05), epochs=30)
    np.testing.assert_array_equal(model.parameters["W1"][:, 0], before)
    assert model.parameters["b1"][0] == -100


def test_the_backward_pass_costs_about_as_much_as_the_forward_pass():
    forward = 64 * 32 + 32 * 10
    backward = 64 * 32 + 32 * 10 + 32 * 10  # weights of both layers, and back to the hidden units
    assert 1 < backward / forward < 1.2


def test_relu_has_the_derivative_zero_at_its_kink():
    model = MLP((1, 1, 1)).with_parameters({"W1": [[1.0]], "b1": [0.0], "W2": [[1.0]], "b2": [0.0]})
    assert model.backward([[0.0]], [1.0])["b1"].tolist() == [0]


def test_one_gradient_and_three_optimisers():
    gradient = {"W2": np.array([-4.0, -8.0, 0.0])}
    before = {"W2": np.array([2.0, -1.0, 1.0])}
    moved = {}
    for optimizer in (GradientDescent(0.01), Momentum(0.01), Adam(0.01)):
        steps = [before]
        for _ in range(2):
            steps.append(optimizer.update(steps[-1], gradient))
        moved[type(optimizer).__name__] = np.diff([p["W2"] for p in steps], axis=0)
    plain, momentum, adam = moved.values()
    assert plain[0] == pytest.approx(plain[1])
    assert momentum[1] == pytest.approx(1.9 * momentum[0])
    assert adam[:, 0] == pytest.approx(adam[:, 1])
    assert all((steps[:, 2] == 0).all() for steps in moved.values())


# Learning rate


@pytest.mark.parametrize("inputs", ["centred", "as measured"])
@pytest.mark.parametrize(("share", "converges"), [(0.999, True), (1.001, False)])
def test_gradient_descent_converges_below_two_over_the_largest_bend_only(inputs, share, converges):
    valley = draw.bowl(inputs)
    theta = np.array([5.0, -3.0])
    for _ in range(20_000):
        theta = theta - share * valley.limit * valley.hessian @ (theta - valley.best)
    distance = np.linalg.norm(theta - valley.best)
    assert (distance < 1e-6) if converges else (distance > 1e6)


@prediction("predict-learning-rate")
def _():
    valley, path = draw.bowl("centred"), draw.rate_path("centred", 0.95)
    strongest = np.linalg.eigh(valley.hessian)[1][:, -1]
    across = (path - valley.best) @ strongest
    jumps = bool((np.sign(across[1:]) == -np.sign(across[:-1])).all())
    grows = abs(across[-1]) > abs(across[0])
    assert across[1:] == pytest.approx(-0.9 * across[:-1])
    assert round(float(valley(path)[-1]), 2) == 0.81
    assert round(valley.lowest, 2) == 0.76
    return [not jumps, jumps and not grows, jumps and grows]


def test_each_step_multiplies_the_distance_by_one_minus_rate_times_bend():
    valley = draw.bowl("as measured")
    values, vectors = np.linalg.eigh(valley.hessian)
    path = (draw.rate_path("as measured", 0.9) - valley.best) @ vectors
    factors = path[1:] / path[:-1]
    expected = 1 - 0.9 * valley.limit * values
    np.testing.assert_allclose(factors, np.broadcast_to(expected, factors.shape), rtol=1e-6)


def test_centring_lowers_the_condition_number_and_raises_the_limit_five_times():
    raw, centred = bends(draw.DISTANCE), bends(draw.DISTANCE - draw.DISTANCE.mean())
    assert draw.DISTANCE.mean() == pytest.approx(3.25)
    assert round(raw[1] / raw[0]) == 75
    assert round(centred[1] / centred[0], 1) == 2.6
    assert 5 < raw[1] / centred[1] < 5.5
    assert round(1 - raw[0] / raw[1], 3) == 0.987  # half the critical rate is 1 / largest bend
    assert draw.bowl("centred").best[0] == pytest.approx(draw.bowl("as measured").best[0])
    assert draw.bowl("centred").lowest == pytest.approx(draw.bowl("as measured").lowest)


def test_thirty_steps_are_plenty_if_centred_and_not_if_as_measured():
    for inputs, share, arrives in (("centred", 0.5, True), ("as measured", 0.95, False)):
        valley = draw.bowl(inputs)
        last = valley(draw.rate_path(inputs, share)[-1])
        assert (last < 1.001 * valley.lowest) == arrives


def test_beyond_the_limit_the_swings_across_the_valley_grow_with_every_step():
    valley = draw.bowl("centred")
    _, vectors = np.linalg.eigh(valley.hessian)
    for share in (1.05, 1.1):
        across = np.abs((draw.rate_path("centred", share) - valley.best) @ vectors[:, -1])
        assert (np.diff(across) > 0).all()


# Batches


def test_gradients_of_equal_batches_average_to_the_full_gradient():
    x, y = draw.households()
    order = np.random.default_rng(0).permutation(235)
    each = gradients(x, y, 1.0, 2.0)
    batches = each[order].reshape(47, 5, 2).mean(axis=1)
    assert batches.mean(axis=0) == pytest.approx(each.mean(axis=0))


def test_the_noise_of_a_batch_shrinks_with_the_square_root_of_its_size():
    x, y = draw.households()
    each = gradients(x, y)[:, 0]
    assert round(each.std()) == 26
    assert 5 < each.std() / abs(each.mean()) < 5.2
    misses = np.abs(each - each.mean())
    assert 9 < np.median(misses) < 10
    largest = np.argsort(misses)[-5:]  # five households make most of the mean square
    assert (misses[largest] ** 2).sum() > 0.7 * (misses**2).sum()
    assert (x[largest] > 2).all()
    rng = np.random.default_rng(1)
    for size in (4, 16, 64):
        spread = rng.choice(each, (20_000, size)).mean(axis=1).std()
        assert spread == pytest.approx(each.std() / math.sqrt(size), rel=0.03)


def test_without_replacement_the_noise_falls_faster_and_a_batch_of_all_has_none():
    each = gradients(*draw.households())[:, 0]
    rng = np.random.default_rng(0)

    def spread(size, replace):
        return np.std([rng.choice(each, size, replace=replace).mean() for _ in range(2000)])

    assert spread(128, replace=True) == pytest.approx(each.std() / math.sqrt(128), rel=0.05)
    left = {size: math.sqrt((235 - size) / 234) for size in (4, 128)}  # of the noise
    assert spread(128, replace=False) == pytest.approx(
        left[128] * each.std() / math.sqrt(128), rel=0.05
    )
    assert left[128] < 0.7 < 0.99 < left[4]
    assert spread(235, replace=False) < 1e-12


def test_the_bowl_of_the_standardised_households_is_round():
    x, _ = draw.households()
    assert bends(x) == pytest.approx([2, 2])
    assert len(x) == len(load_engel_food()) == 235


def test_after_two_epochs_at_a_tenth_small_batches_have_arrived_and_the_full_batch_has_not():
    valley = draw.Bowl.of(*draw.households())
    assert round(valley.lowest, 2) == 1.29
    costs = {size: valley(draw.batch_path(size, 0.1).theta) for size in (1, 16, 235)}
    assert round(costs[235][-1], 2) == 19.84
    assert costs[16][-1] < 1.05 * valley.lowest
    seen_by_then = {
        size: draw.batch_path(size, 0.1).seen[np.argmax(costs[size] < 1.2 * valley.lowest)]
        for size in (1, 16)
    }
    assert 0 < seen_by_then[1] < seen_by_then[16] / 3


def last_quarter(size, rate, seed):
    """Return the mean cost over the last quarter of the updates, as multiples of the lowest."""
    valley = draw.Bowl.of(*draw.households())
    costs = valley(draw.batch_path(size, rate, seed).theta)
    return costs[-max(1, (len(costs) - 1) // 4) :].mean() / valley.lowest


@prediction("predict-batches")
def _():
    times = [last_quarter(size, 0.1, seed=0) for size in (235, 16, 1)]
    assert [round(each, 1) for each in times] == [15.4, 1.1, 6.0]
    return [each < 1.5 for each in times]


def test_over_20_shuffles_batches_of_16_arrive_and_batches_of_1_do_not_stay():
    def low_and_high(size, rate):
        times = [last_quarter(size, rate, seed) for seed in SEEDS]
        return [round(min(times), 1), round(max(times))]

    assert low_and_high(1, 0.1) == [1.5, 85]
    sixteen = [last_quarter(16, 0.1, seed) for seed in SEEDS]
    assert [round(min(sixteen), 1), round(max(sixteen), 1)] == [1.0, 1.2]
    careful = [last_quarter(1, 0.02, seed) for seed in SEEDS]
    assert [round(min(careful), 1), round(max(careful), 1)] == [1.1, 2.1]


def test_over_20_shuffles_the_highest_cost_comes_after_the_far_household_in_35_of_40_epochs():
    x, y = draw.households()
    valley, straight_after = draw.Bowl.of(x, y), 0
    for seed in SEEDS:
        costs = valley(draw.batch_path(1, 0.1, seed).theta)[1:]
        shuffle = np.random.default_rng(seed)
        for epoch in range(2):
            order = shuffle.permutation(235)
            arrived = 30 if epoch == 0 else 0
            peak = arrived + costs[235 * epoch :][arrived:235].argmax()
            straight_after += order[peak] == x.argmax()
    assert straight_after == 35


def test_one_household_is_far_out_and_its_own_limit_is_low():
    x, _ = draw.households()
    assert round(x.max(), 2) == 7.67
    bends, directions = np.linalg.eigh(2 * np.array([[x.max() ** 2, x.max()], [x.max(), 1]]))
    bend = bends[-1]
    assert bend == pytest.approx(2 * (1 + x.max() ** 2))
    assert directions[0, -1] / directions[1, -1] == pytest.approx(x.max())  # along (x, 1)
    assert round(bend) == 120
    assert round(2 / bend, 3) == 0.017


def test_the_far_household_makes_the_highest_spike_of_each_epoch():
    x, y = draw.households()
    valley = draw.Bowl.of(x, y)
    for rate in (0.02, 0.1):
        costs = valley(draw.batch_path(1, rate).theta)
        shuffle = np.random.default_rng(0)
        for epoch in range(2):
            visit = int(np.flatnonzero(shuffle.permutation(235) == x.argmax())[0])
            start = 235 * epoch + (60 if epoch == 0 else 0)  # the way down is no spike
            after = costs[start + 1 : 235 * (epoch + 1) + 1]
            peak = start + int(after.argmax())
            assert 0 <= peak - (235 * epoch + visit) <= 3, (rate, epoch)


def test_at_one_half_the_full_batch_needs_one_step_and_small_batches_go_astray():
    valley = draw.Bowl.of(*draw.households())
    assert valley(draw.batch_path(235, 0.5).theta[1]) == pytest.approx(valley.lowest)
    assert valley(draw.batch_path(1, 0.5).theta).max() > 1e6
    assert valley(draw.batch_path(4, 0.5).theta)[60:].mean() > 5 * valley.lowest


# Initialisation


def test_from_all_zeros_only_the_biases_of_the_outputs_move():
    history, accuracy = draw.initialised(0.0)
    for name in ("W1", "b1", "W2"):
        assert not history.parameters[name].any(), name
    assert history.parameters["b2"][-1].any()
    assert history.cost == pytest.approx(math.log(10), abs=5e-3)
    assert accuracy < 0.15


@prediction("predict-initial-scale")
def _():
    history, accuracy = draw.initialised(0.0)
    nothing = not any(history.parameters[name].any() for name in ("W1", "b1", "W2"))
    same = accuracy == pytest.approx(draw.initialised(1.0)[1], abs=0.02)
    assert history.cost[0] == pytest.approx(draw.initialised(0.01)[0].cost[0], abs=1e-3)
    return [same, not same and not nothing, nothing]


def test_units_that_start_alike_stay_alike():
    data = digits()
    model = MLP((64, 32, 10))
    model.parameters = {name: np.full_like(p, 0.1) for name, p in model.parameters.items()}
    rate = GradientDescent(0.1)
    train(model, data.X_train, data.y_train, CROSS_ENTROPY, rate, 8, batch_size=32, seed=0)
    for name, axis in (("W1", 1), ("b1", 0), ("W2", 0)):
        assert np.ptp(model.parameters[name], axis=axis).max() < 1e-6
    assert np.abs(model.parameters["W1"] - 0.1).max() > 0.05
    assert np.ptp(model.parameters["W2"], axis=1).max() > 0.01  # the outputs do differ
    # The 32 units are one: the same function from a single unit with the sum of their weights.
    one = MLP((64, 1, 10)).with_parameters(
        {
            "W1": model.parameters["W1"][:, :1],
            "b1": model.parameters["b1"][:1],
            "W2": model.parameters["W2"].sum(axis=0, keepdims=True),
            "b2": model.parameters["b2"],
        }
    )
    np.testing.assert_allclose(one.forward(data.X_test), model.forward(data.X_test), atol=1e-4)


def test_what_the_scales_reach():
    reached = {scale: draw.initialised(scale) for scale in draw.SCALES}
    assert reached[30.0][0].cost[0] > 300
    assert (np.abs(reached[0.01][0].cost[:4] - math.log(10)) < 0.01).all()  # the plateau


def test_over_20_starts_large_weights_keep_most_of_their_start_and_read_fewer_images():
    accuracy, moved = {}, {}
    for scale in (0.3, 1.0, 3.0, 30.0):
        history = trained(side_by_side.starts(SIZES, SEEDS, scale), epochs=8, rate=0.1)
        first, last = (history[epoch]["W1"] for epoch in (0, -1))
        changes = np.linalg.norm(last - first, axis=(1, 2)) / np.linalg.norm(first, axis=(1, 2))
        moved[scale] = round(changes.mean(), 2)
        accuracy[scale] = read_correctly(history[-1]).mean()
        if scale == 1:  # the figure's own run is the first of them
            assert read_correctly(history[-1])[0] == draw.initialised(1.0)[1]
    assert (moved[1.0], moved[30.0]) == (0.64, 0.20)
    assert round(accuracy[1.0], 2) == 0.93
    assert accuracy[30.0] == pytest.approx(0.7, abs=0.015)
    for scale in (0.3, 3.0):  # a factor of three costs one to three points
        assert 0.01 < accuracy[1.0] - accuracy[scale] < 0.03


def test_at_scale_thirty_the_network_starts_wrong_and_completely_sure():
    data = digits()
    start = draw.initialised(30.0)[0].at(0)
    p = softmax(network().model.with_parameters(start).forward(data.X_train))
    assert (p.argmax(axis=1) != data.y_train).mean() > 0.8
    assert np.median(p.max(axis=1)) > 0.999


def test_he_weights_keep_the_size_of_the_signal_through_fifty_layers():
    rng = np.random.default_rng(0)
    h = rng.normal(size=(200, 128))
    start = (h**2).mean()
    sizes = {}
    for scale in (1 / 3, 1.0, 3.0):
        signal = h
        for _ in range(50):
            W = rng.normal(0, scale * math.sqrt(2 / 128), (128, 128))
            signal = np.maximum(signal @ W, 0)
        sizes[scale] = (signal**2).mean() / start
    assert 0.1 < sizes[1.0] < 10
    assert sizes[1 / 3] < 1e-40
    assert sizes[3.0] > 1e40


# The digits


def test_the_digits_network_reaches_98_percent():
    data = digits()
    model = MLP((64, 32, 10), seed=0)
    train(
        model,
        data.X_train,
        data.y_train,
        CROSS_ENTROPY,
        Adam(learning_rate=0.003),
        epochs=30,
        batch_size=32,
        seed=0,
    )
    accuracy = (model.forward(data.X_test).argmax(axis=1) == data.y_test).mean()
    assert accuracy >= 0.95
    assert round(100 * accuracy) == 98
    assert sum(p.size for p in model.parameters.values()) == 2410


def test_the_data_of_the_digits():
    data = load_handwritten_digits()
    assert data.images.shape == (1797, 8, 8)
    assert np.unique(data.images).tolist() == list(range(17))
    assert len(digits().y_test) == 449
    assert len(digits().y_train) == 1348 == 42 * 32 + 4


def test_cross_entropy_has_the_slope_probabilities_minus_target():
    data, z = digits(), network().logits(digits().X_test)
    slope = categorical_cross_entropy_with_logits.gradient(data.y_test, z)
    np.testing.assert_allclose(slope, softmax(z) - one_hot(data.y_test, 10), atol=1e-12)


def test_how_the_digits_network_learns():
    curves = draw.digits_curves()
    accuracy = 100 * curves["accuracy"]
    assert round(curves["training"][0], 2) == 2.32
    assert round(accuracy[0]) == 13
    assert accuracy[5] > 95
    assert round(accuracy[30], 1) == 98.0
    assert (round(curves["training"][30], 2), round(curves["test"][30], 2)) == (0.03, 0.08)
    assert curves["test"][25:].mean() < curves["test"][15:20].mean()


@pytest.fixture(scope="module")
def runs():
    """The digits network from 20 starts: the parameters after each epoch."""
    start = side_by_side.starts(SIZES, SEEDS)
    return trained(start, epochs=30, rate=0.003, adam=True)


def losses_of(parameters):
    """Return the loss of each test image in each run of a stack."""
    data = digits()
    p = side_by_side.softmax(side_by_side.forward(parameters, data.X_test)[1])
    return -np.log(p[:, np.arange(len(data.y_test)), data.y_test])


def test_over_20_starts_the_digits_network_reads_95_to_98_percent(runs):
    accuracy = 100 * read_correctly(runs[-1])
    assert accuracy[0] == pytest.approx(100 * draw.digits_curves()["accuracy"][-1])
    assert [round(each) for each in (accuracy.min(), accuracy.mean(), accuracy.max())] == [
        95,
        97,
        98,
    ]


def test_over_20_starts_some_images_get_worse_while_the_cost_falls(runs):
    early, late = losses_of(runs[5]), losses_of(runs[30])
    assert (late.mean(axis=1) < early.mean(axis=1)).all()
    worse = 100 * (late > early).mean(axis=1)
    assert [round(worse.min()), round(worse.max())] == [1, 4]


def test_over_20_starts_the_test_cost_is_lowest_between_epoch_25_and_30(runs):
    lowest = np.array([losses_of(each).mean(axis=1) for each in runs]).argmin(axis=0)
    assert (lowest.min(), lowest.max()) == (25, 30)


def test_the_2_ends_as_a_1_in_19_of_20_runs(runs):
    image = digits().X_test[draw.SHOWN[2]]
    read = side_by_side.forward(runs[-1], image[None])[1].argmax(axis=2)
    assert np.count_nonzero(read == 1) == 19


@prediction("predict-digit-epochs")
def _():
    read = draw.digits_curves()["p"][-1].argmax(axis=1)
    right = (read == [0, 8, 2]).tolist()
    return [right == wanted for wanted in ([True] * 3, [True, True, False], [True, False, False])]


def test_what_the_three_images_go_through():
    p = draw.digits_curves()["p"]
    labels = digits().y_test[list(draw.SHOWN)]
    assert labels.tolist() == [0, 8, 2]
    read = p.argmax(axis=2)
    assert (read[1:, 0] == 0).all()  # the 0 is right from the first epoch on
    assert round(p[6, 0, 0], 2) == 0.98
    assert (read[1:9, 1] == 1).all()  # the 8 is taken for a 1 at first
    assert (read[9:, 1] != 8).sum() == 1
    assert p[20, 1, 8] < 0.7  # and stays unsure
    assert (read[1:8, 2] == 2).all()  # the 2 is right at first, without conviction
    assert p[1:8, 2, 2].max() < 0.54
    assert (read[8:, 2] == 1).all()
    assert round(p[30, 2, 1], 2) == 0.87


# The landscape


def test_the_direction_does_not_depend_on_how_the_layers_share_their_size():
    run = network()
    other = dict(run.model.parameters)
    other["W1"], other["b1"], other["W2"] = 10 * other["W1"], 10 * other["b1"], other["W2"] / 10
    X = digits().X_test
    np.testing.assert_allclose(run.model.with_parameters(other).forward(X), run.logits(X))
    for seed in range(3):
        moved = [
            run.model.with_parameters(
                {n: p + 0.7 * draw.filter_normalized(theta, seed)[n] for n, p in theta.items()}
            ).forward(X)
            for theta in (run.model.parameters, other)
        ]
        np.testing.assert_allclose(*moved, rtol=1e-9, atol=1e-9)


def moved(distance, seed):
    """Return the trained network's parameters, moved along a random direction."""
    center = network().model.parameters
    direction = draw.filter_normalized(center, seed)
    return {name: p + distance * direction[name] for name, p in center.items()}


def test_along_20_directions_the_cross_entropy_rises_where_the_squared_error_flattens_out():
    rise = {loss: [] for loss in draw.LANDSCAPES}
    for seed in SEEDS:
        for side in (-1, 1):
            far, near = (draw.landscape_costs(moved(side * d, seed)) for d in (2.0, 1.6))
            for loss, rises in rise.items():
                rises.append(abs(far[loss] - near[loss]) / 0.4)
    assert np.mean(rise["cross-entropy"]) == pytest.approx(7.8, abs=0.05)
    assert np.mean(rise["squared error"]) == pytest.approx(0.4, abs=0.02)


def test_at_distance_2_the_gradient_of_the_squared_error_is_11_to_137_times_smaller():
    data = digits()
    X, targets = data.X_train[::3], one_hot(data.y_train[::3], 10)
    far = side_by_side.stack([moved(2, seed) for seed in SEEDS])
    h, z = side_by_side.forward(far, X)
    sizes = []
    for slope in (side_by_side.of_cross_entropy, side_by_side.of_squared_error):
        gradient = side_by_side.backward(far, X, h, slope(z, targets))
        sizes.append(np.sqrt(sum((g.reshape(20, -1) ** 2).sum(axis=1) for g in gradient.values())))
    times = sizes[0] / sizes[1]
    assert [round(each) for each in (times.min(), np.median(times), times.max())] == [11, 27, 137]


def test_from_distance_2_training_gets_on_under_both_losses_and_further_under_cross_entropy():
    far = side_by_side.stack([moved(2, seed) for seed in SEEDS])
    before = read_correctly(far).mean()
    reached = {
        (slope, adam): read_correctly(trained(far, slope, epochs=5, rate=rate, adam=adam)[-1])
        for slope in (side_by_side.of_squared_error, side_by_side.of_cross_entropy)
        for adam, rate in ((False, 0.1), (True, 0.003))
    }
    shares = [round(100 * each.mean()) for each in reached.values()]
    assert shares == [54, 61, 90, 83]
    assert all((each > before).all() for each in reached.values())


@prediction("predict-cost-surface")
def _():
    target = one_hot(np.array([3]), 10)
    guessing = squared_error(target, np.full((1, 10), 0.1)).sum()
    worst = max(squared_error(target, np.eye(10)[[k]]).sum() for k in range(10))
    assert guessing == pytest.approx(0.9)
    return worst / guessing


def test_squared_error_of_probabilities_is_never_above_two():
    p = np.eye(10)
    worst = squared_error(one_hot(np.full(10, 3), 10), p).sum(axis=1).max()
    assert worst == 2
    assert round(2 / draw.LANDSCAPES["squared error"], 1) == 2.2
    assert max(draw.landscape(seed)["squared error"].max() for seed in range(4)) < 2.23


def test_far_out_the_squared_error_sends_hardly_anything_back():
    run, data = network(), digits()
    direction = draw.filter_normalized(run.model.parameters, 2)
    far = {n: p + 3 * direction[n] for n, p in run.model.parameters.items()}
    z = run.model.with_parameters(far).forward(data.X_train)
    y = one_hot(data.y_train, 10)
    p = softmax(z)
    cross = np.abs(p - y).sum(axis=1)
    r = 2 * (p - y)
    squared = np.abs(p * (r - (p * r).sum(axis=1, keepdims=True))).sum(axis=1)
    wrong = p.argmax(axis=1) != data.y_train
    assert wrong.mean() > 0.4
    assert np.median(squared[wrong]) < 0.01 * np.median(cross[wrong])


def test_exchanging_hidden_units_changes_no_prediction():
    run = network()
    order = np.random.default_rng(0).permutation(32)
    p = run.model.parameters
    other = {"W1": p["W1"][:, order], "b1": p["b1"][order], "W2": p["W2"][order], "b2": p["b2"]}
    X = digits().X_test
    np.testing.assert_allclose(run.model.with_parameters(other).forward(X), run.logits(X))
    assert len(np.unique(p["W1"], axis=1).T) == 32  # no two units are alike: 32! places


# Exercises


def test_numbers_of_the_solution_about_the_best_rate():
    for x, share, left in (
        (draw.DISTANCE, 0.99, 0.974),
        (draw.DISTANCE - draw.DISTANCE.mean(), 0.72, 0.44),
    ):
        low, high = bends(x)
        assert (2 / (low + high)) / (2 / high) == pytest.approx(share, abs=5e-3)
        assert (high - low) / (high + low) == pytest.approx(left, abs=5e-3)


def test_a_tenfold_loss_with_a_tenth_of_the_rate_takes_the_same_path():
    x, y = draw.X3, draw.Y3
    paths = []
    for factor in (1.0, 10.0):
        theta = np.zeros(2)
        for _ in range(20):
            theta = theta - 0.1 / factor * factor * gradients(x, y, *theta).mean(axis=0)
        paths.append(theta)
    assert paths[0] == pytest.approx(paths[1])
