"""Captions of chapter 2's figures, against numbers computed here in another way."""

import re
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from lossbook import check_gradient
from lossbook.explore import Stage
from lossbook.figures import training
from lossbook.figures.digits import digits, network

NUMBER = re.compile(r"(?<![\w.,])−?\d[\d,]*(?:\.\d+)?")


@cache
def stage(name):
    return Stage(getattr(training, name))


def caption(name, **values):
    return stage(name).frame(values).caption.replace("\N{NO-BREAK SPACE}", " ")


def numbers(name, **values):
    found = NUMBER.findall(caption(name, **values))
    return [float(n.replace("−", "-").replace(",", "")) for n in found]


def loop_by_hand(rounds):
    """Go round the loop in exact fractions; return what the stages of the last round compute."""
    x, y = (1, 2, 3), (1, 5, 6)
    w, b, eta = Fraction(1), Fraction(0), Fraction(1, 10)
    for _ in range(rounds):
        before = w, b
        predictions = [w * a + b for a in x]
        losses = [(p - t) ** 2 for p, t in zip(predictions, y, strict=True)]
        slopes = [2 * (p - t) for p, t in zip(predictions, y, strict=True)]
        to_w = sum(s * a for s, a in zip(slopes, x, strict=True)) / 3
        to_b = sum(slopes) / Fraction(3)
        w, b = w - eta * to_w, b - eta * to_b
    return before, predictions, losses, slopes, (to_w, to_b), (w, b)


@pytest.mark.parametrize("turn", [1, 2, 4])
def test_loop_stages_state_the_numbers_of_each_stage(turn):
    before, predictions, losses, slopes, gradient, after = loop_by_hand(turn)
    first = 5 * (turn - 1) + 1
    stated = [numbers("loop_stages", step=first + k) for k in range(5)]
    assert stated[0] == pytest.approx([turn, 2, *map(float, predictions)], abs=0.0501)
    cost = float(sum(losses)) / 3
    assert stated[1] == pytest.approx([turn, 3, *map(float, losses), cost], abs=5.01e-3)
    assert stated[2] == pytest.approx([turn, 4, *map(float, [*slopes, *gradient])], abs=5.01e-3)
    (w0, b0), (w1, b1) = before, after
    assert stated[3] == pytest.approx([turn, 5, *map(float, (w0, w1, b0, b1))], abs=5.01e-3)
    assert stated[4] == pytest.approx([turn, 6, 2, float(w1), float(b1)], abs=5.01e-3)


def test_loop_stages_begin_with_the_initial_parameters():
    assert numbers("loop_stages", step=0) == [1, 1, 0]


def test_backward_pass_states_the_derivatives_that_finite_differences_give():
    names = ("W1", "b1", "W2", "b2")

    def loss(parameters):
        h = np.maximum(training.TINY_X * parameters["W1"][0] + parameters["b1"], 0)
        return float((h @ parameters["W2"][:, 0] + parameters["b2"][0] - training.TINY_Y) ** 2)

    to_w2, to_w1 = (numbers("backward_pass", step=step)[1:] for step in (6, 9))
    stated = {
        "W1": np.array([to_w1[:3]]),
        "b1": np.array(to_w1[3:]),
        "W2": np.array(to_w2[:3])[:, np.newaxis],
        "b2": np.array(to_w2[3:]),
    }
    assert [stated[name].shape for name in names] == [training.TINY[n].shape for n in names]
    assert check_gradient(loss, training.TINY, gradient=lambda _: stated)


@pytest.mark.parametrize("inputs", ["centred", "as measured"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95, 1.1])
def test_learning_rate_states_the_cost_after_thirty_steps(inputs, share):
    x, y, w, b = training.DISTANCE, training.MINUTES, 0.0, 0.0
    if inputs == "centred":
        x = x - x.mean()
    bends = np.linalg.svd(np.column_stack([x, np.ones_like(x)]), compute_uv=False) ** 2 * 2 / 10
    rate = share * 2 / bends.max()
    for _ in range(30):
        r = w * x + b - y
        w, b = w - rate * 2 * (r * x).mean(), b - rate * 2 * r.mean()
    stated = numbers("learning_rate", inputs=inputs, rate_η_over_limit=share)
    cost = ((w * x + b - y) ** 2).mean()
    assert stated[:3] == pytest.approx([rate, share, rate / share], abs=5.1e-5)
    assert stated[3] == pytest.approx(1 - rate * bends.max(), abs=5e-3)
    assert stated[4] == pytest.approx(1 - rate * bends.min(), abs=5e-4)
    assert stated[6] == pytest.approx(cost, abs=5e-3, rel=1e-4)


@pytest.mark.parametrize(
    ("share", "regime"),
    [
        (0.05, "creeping"),
        (0.5, "good"),
        (0.9, "oscillating"),
        (1.0, "on the edge"),
        (1.05, "diverging"),
    ],
)
def test_learning_rate_names_the_regime(share, regime):
    assert f"{regime}:" in caption("learning_rate", rate_η_over_limit=share)


@pytest.mark.parametrize("rate", [0.02, 0.5])
def test_full_batch_states_two_steps_of_plain_gradient_descent(rate):
    x, y = training.households()
    w = b = 0.0
    for _ in range(2):
        r = w * x + b - y
        w, b = w - rate * 2 * (r * x).mean(), b - rate * 2 * r.mean()
    stated = numbers("batches", batch_size=235, learning_rate=rate)
    assert stated[:3] == pytest.approx([235, rate, 2])
    assert stated[4] == pytest.approx(((w * x + b - y) ** 2).mean(), abs=5e-3)


@pytest.mark.parametrize("size", [1, 4, 16, 64, 235])
def test_batches_count_their_updates_and_see_each_household_twice(size):
    assert numbers("batches", batch_size=size)[2] == 2 * -(-235 // size)
    seen, theta = training.batch_path(size, 0.1)
    assert seen[-1] == 470
    assert len(seen) == len(theta)


def test_initial_scale_states_cost_and_accuracy():
    history, accuracy = training.initialised(1.0)
    data = digits()
    z = network().model.with_parameters(history.at(training.INIT_EPOCHS)).forward(data.X_test)
    assert accuracy == (z.argmax(axis=1) == data.y_test).mean()
    stated = numbers("initial_scale", scale=1.0)
    assert stated[1] == pytest.approx(history.cost[0], abs=5e-3)
    assert stated[3] == pytest.approx(history.cost[-1], abs=5e-3)
    assert stated[4] == round(100 * accuracy)


@pytest.mark.parametrize("epoch", [0, 3, 30])
def test_digit_epochs_state_the_probabilities_of_the_images_shown(epoch):
    data = digits()
    z = network().logits(data.X_test, epoch)
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    stated = numbers("digit_epochs", epoch=epoch)
    of_target = p[np.arange(len(p)), data.y_test]
    assert stated[2] == pytest.approx(-np.log(of_target).mean(), abs=5.01e-3)
    assert stated[3] == pytest.approx(100 * (p.argmax(axis=1) == data.y_test).mean(), abs=0.05)
    for k, index in enumerate(training.SHOWN):
        label, read, sure = stated[4 + 3 * k : 7 + 3 * k]
        assert (label, read) == (data.y_test[index], p[index].argmax())
        assert sure == pytest.approx(p[index].max(), abs=5.01e-3)


def test_cost_surface_has_the_trained_network_at_its_centre():
    run = network()
    costs = training.landscape_costs(run.model.parameters)
    for loss, cost in costs.items():
        middle = training.landscape(0)[loss].shape[0] // 2
        assert training.landscape(0)[loss][middle, middle] == pytest.approx(cost)
        assert numbers("cost_surface", loss=loss)[1] == pytest.approx(cost, abs=5e-4)


def test_landscape_has_no_bits_that_differ_between_processors():
    """Else two machines build two sites: contours end as the last bits of the costs have it."""
    for costs in training.landscape(0).values():
        np.testing.assert_array_equal(costs, np.round(costs, 9))


def test_costs_of_the_landscape_are_relative_to_guessing():
    zero = {name: np.zeros_like(p) for name, p in network().model.parameters.items()}
    assert training.landscape_costs(zero) == pytest.approx({"cross-entropy": 1, "squared error": 1})


def test_filter_normalized_direction_is_as_large_as_each_unit():
    parameters = network().model.parameters
    direction = training.filter_normalized(parameters, seed=3)
    for name in ("W1", "W2"):
        assert np.linalg.norm(direction[name], axis=0) == pytest.approx(
            np.linalg.norm(parameters[name], axis=0)
        )
    assert not direction["b1"].any()
    assert not direction["b2"].any()
