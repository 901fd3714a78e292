"""The training loop, gradient descent, the gradient check."""

import math

import numpy as np
import pytest

import lossbook
from lossbook import (
    L2,
    Adam,
    Cost,
    DivergenceError,
    Formula,
    GradientDescent,
    Linear,
    Momentum,
    absolute_error,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    brier,
    check_gradient,
    expectile,
    generalized_cross_entropy,
    huber,
    loss,
    squared_error,
    train,
)

RNG = np.random.default_rng(1)
X = RNG.standard_normal((40, 3))
Y = X @ [1.0, -2.0, 0.5] + 3 + 0.1 * RNG.standard_normal(40)
COST = Cost(squared_error)


def test_one_step_by_hand():
    # ŷ = 0, slope of the cost 2 (ŷ - y) / 2: (-1, -3); w: -1 - 6 = -7, b: -4.
    model = Linear(1)
    history = train(model, [[1.0], [2.0]], [1.0, 3.0], COST, GradientDescent(0.1), epochs=1)
    assert model.parameters["w"] == pytest.approx([0.7])
    assert model.parameters["b"] == pytest.approx(0.4)
    # New residuals 0.1 and -1.2.
    assert history.cost == pytest.approx([5, (0.01 + 1.44) / 2])


def test_gradient_descent_finds_least_squares():
    model = Linear(3)
    history = train(model, X, Y, COST, GradientDescent(0.2), epochs=500)
    design = np.column_stack([X, np.ones(40)])
    best = np.linalg.lstsq(design, Y)[0]
    np.testing.assert_allclose(model.parameters["w"], best[:3], rtol=1e-10)
    np.testing.assert_allclose(model.parameters["b"], best[3], rtol=1e-10)
    assert (np.diff(history.cost) <= 1e-14).all()


def test_gradient_descent_with_penalty_finds_ridge_with_free_bias():
    model = Linear(3)
    train(model, X, Y, Cost(squared_error, penalties=[L2(0.5)]), GradientDescent(0.1), epochs=500)
    centred = X - X.mean(axis=0)
    ridge = np.linalg.solve(centred.T @ centred / 40 + 0.5 * np.eye(3), centred.T @ Y / 40)
    np.testing.assert_allclose(model.parameters["w"], ridge, rtol=1e-10)


def test_history_holds_the_start_and_every_epoch():
    model = Linear(3)
    history = train(model, X, Y, COST, GradientDescent(0.1), epochs=7)
    assert history.cost.shape == (8,)
    assert history.parameters["w"].shape == (8, 3)
    assert history.parameters["b"].shape == (8,)
    assert history.parameters["w"][0].tolist() == [0, 0, 0]
    np.testing.assert_array_equal(history.at(-1)["w"], model.parameters["w"])
    for epoch in range(8):
        there = model.with_parameters(history.at(epoch))
        assert history.cost[epoch] == COST(Y, there.forward(X))


def test_training_goes_on_from_where_the_model_is():
    once, twice = Linear(3), Linear(3)
    step = GradientDescent(0.1)
    train(once, X, Y, COST, step, epochs=10)
    train(twice, X, Y, COST, step, epochs=4)
    train(twice, X, Y, COST, step, epochs=6)
    np.testing.assert_array_equal(once.parameters["w"], twice.parameters["w"])


def test_no_epochs_leave_the_model():
    model = Linear(3)
    history = train(model, X, Y, COST, GradientDescent(0.1), epochs=0)
    assert len(history.cost) == 1
    assert model.parameters["b"] == 0


class Counting(Linear):
    """Remembers the batches of its backward passes."""

    def __init__(self, n_features):
        super().__init__(n_features)
        self.batches = []

    def backward(self, X, gradient):
        self.batches.append(np.asarray(X)[:, 0].tolist())
        return super().backward(X, gradient)


@pytest.mark.parametrize(("size", "sizes"), [(None, [5]), (5, [5]), (9, [5]), (2, [2, 2, 1])])
def test_every_epoch_sees_every_example_once(size, sizes):
    model = Counting(1)
    x = np.arange(5.0)[:, np.newaxis]
    train(model, x, np.zeros(5), COST, GradientDescent(1e-3), epochs=2, batch_size=size, seed=3)
    assert [len(batch) for batch in model.batches] == 2 * sizes
    half = len(sizes)
    for batches in (model.batches[:half], model.batches[half:]):
        assert sorted(v for batch in batches for v in batch) == [0, 1, 2, 3, 4]


def test_batches_are_shuffled_anew_and_repeatably():
    def batches(seed):
        model = Counting(1)
        x = np.arange(20.0)[:, np.newaxis]
        train(model, x, np.zeros(20), COST, GradientDescent(1e-3), 2, batch_size=4, seed=seed)
        return model.batches

    assert batches(1) == batches(1)
    assert batches(1) != batches(2)
    assert batches(1)[:5] != batches(1)[5:]


def test_batches_take_their_weights_along():
    weights = np.r_[np.ones(20), np.zeros(20)]
    model, kept = Linear(3), Linear(3)
    step = GradientDescent(0.1)
    cost = Cost(squared_error, "sum")
    small = GradientDescent(0.01)
    train(model, X, Y, cost, small, 50, batch_size=1, seed=0, sample_weight=weights)
    train(kept, X[:20], Y[:20], cost, small, 50, batch_size=1, seed=0)
    np.testing.assert_allclose(model.parameters["w"], kept.parameters["w"], atol=0.02)
    full, part = Linear(3), Linear(3)
    train(full, X, Y, COST, step, 20, sample_weight=weights)
    train(part, X[:20], Y[:20], COST, step, 20)
    np.testing.assert_allclose(full.parameters["w"], part.parameters["w"])


@pytest.mark.parametrize("each", [squared_error, expectile.bind(tau=0.9)])
def test_divergence_names_the_learning_rate_and_keeps_the_history(each):
    with pytest.raises(DivergenceError, match=r"learning_rate=1e\+20.*smaller") as caught:
        train(Linear(3), X, Y, Cost(each), GradientDescent(1e20), epochs=1000)
    history = caught.value.history
    assert 1 < len(history.cost) < 1000
    assert np.isfinite(history.cost).all()
    assert len(history.parameters["w"]) == len(history.cost)


def test_start_beyond_all_bounds_is_a_divergence_too():
    model = Linear(1).with_parameters({"w": [1e200], "b": 0.0})
    with pytest.raises(DivergenceError, match="before the first epoch"):
        train(model, [[1.0]], [0.0], COST, GradientDescent(0.1), epochs=1)


def test_momentum_by_hand():
    step = Momentum(learning_rate=0.5, momentum=0.5)
    p = {"w": np.array([1.0])}
    for gradient, expected in [(2.0, 0.0), (0.0, -0.5), (-1.0, -0.25)]:
        p = step.update(p, {"w": np.array([gradient])})
        assert p["w"].tolist() == [expected]


def test_momentum_of_zero_is_gradient_descent():
    plain, momentum = Linear(3), Linear(3)
    train(plain, X, Y, COST, GradientDescent(0.1), epochs=20)
    train(momentum, X, Y, COST, Momentum(0.1, momentum=0), epochs=20)
    np.testing.assert_allclose(momentum.parameters["w"], plain.parameters["w"], rtol=1e-12)


def test_adam_by_hand():
    step = Adam(learning_rate=0.1, beta1=0.5, beta2=0.75, epsilon=1e-12)
    p = step.update({"w": np.array(0.0)}, {"w": np.array(4.0)})
    assert p["w"] == pytest.approx(-0.1)
    # m = (2/2 + 0) / (1 - 1/4) and v = (4 · 3/4) / (1 - 9/16) after a gradient of 0.
    p = step.update(p, {"w": np.array(0.0)})
    assert p["w"] == pytest.approx(-0.1 - 0.1 * (1 / 0.75) / np.sqrt(3 / 0.4375))


@pytest.mark.parametrize("optimizer", [Momentum(0.05), Adam(0.2)])
def test_optimizers_find_the_least_squares_solution(optimizer):
    model = Linear(3)
    train(model, X, Y, COST, optimizer, epochs=1500)
    best = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), Y, rcond=None)[0]
    np.testing.assert_allclose(model.parameters["w"], best[:3], atol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Momentum(0), r"learning_rate must be in \(0, ∞\): got 0"),
        (lambda: Momentum(0.1, momentum=1), r"momentum must be in \[0, 1\): got 1"),
        (lambda: Adam(-1), r"learning_rate must be in \(0, ∞\): got -1"),
        (lambda: Adam(beta1=1.5), r"beta1 must be in \[0, 1\): got 1.5"),
        (lambda: Adam(beta2=-0.1), r"beta2 must be in \[0, 1\): got -0.1"),
        (lambda: Adam(epsilon=0), r"epsilon must be in \(0, ∞\): got 0"),
    ],
)
def test_bad_parameters_of_optimizers_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_critical_learning_rate_is_two_over_the_largest_curvature():
    design = np.column_stack([X, np.ones(40)])
    critical = 2 / np.linalg.eigvalsh(2 * design.T @ design / 40)[-1]
    below = train(Linear(3), X, Y, COST, GradientDescent(0.99 * critical), epochs=400)
    above = train(Linear(3), X, Y, COST, GradientDescent(1.01 * critical), epochs=1200)
    assert below.cost[-1] < below.cost[0]
    assert above.cost[-1] > above.cost[0]


@pytest.mark.parametrize("bad", [0, -0.1, math.nan, math.inf])
def test_bad_learning_rate_is_refused(bad):
    with pytest.raises(ValueError, match=r"learning_rate must be in \(0, ∞\): got"):
        GradientDescent(bad)
    with pytest.raises(TypeError, match="learning_rate must be a number"):
        GradientDescent("0.1")


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"y": Y[:-1]}, ValueError, r"one entry per example: got shapes \(40, 3\) and \(39,\)"),
        ({"epochs": -1}, ValueError, "epochs must be at least 0: got -1"),
        ({"epochs": 1.5}, TypeError, "epochs must be a whole number"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1: got 0"),
        ({"X": X[:, 0]}, ValueError, "X must have shape"),
    ],
)
def test_bad_training_is_refused(change, error, message):
    arguments = {
        "model": Linear(3),
        "X": X,
        "y": Y,
        "cost": COST,
        "optimizer": GradientDescent(0.1),
        "epochs": 1,
    }
    with pytest.raises(error, match=message):
        train(**{**arguments, **change})


# -- check_gradient -----------------------------------------------------------------------------


def own(value, gradient, **declarations):
    @loss(**declarations)
    def mine(y_true, y_pred):
        r = y_pred - y_true
        return Formula(value=value(r), gradient=gradient(r))

    return mine


def test_right_gradient_of_an_own_loss_passes():
    result = check_gradient(own(lambda r: r**4, lambda r: 4 * r**3))
    assert result
    assert result.checked > 100
    assert result.skipped == 0
    assert str(result).startswith("The gradient is right")


@pytest.mark.parametrize(
    "gradient",
    [
        lambda r: 2 * r**3,  # a factor forgotten
        lambda r: -4 * r**3,  # the sign of y_true - y_pred
        lambda r: 4 * r**3 * (1 + 1e-4),
        lambda r: np.where(r > 5, 0, 4 * r**3),  # clipped somewhere
        lambda r: np.where(r > 5, np.nan, 4 * r**3),
    ],
)
def test_wrong_gradient_of_an_own_loss_fails(gradient):
    assert not check_gradient(own(lambda r: r**4, gradient))


def test_worst_place_is_reported():
    result = check_gradient(
        own(lambda r: r**2, lambda r: np.where(r > 2, r, 2 * r)), [0.0, 1.0], [1.0, 4.0]
    )
    assert result.where == "y_true=1, y_pred=4"
    assert (result.analytic, result.numerical) == (3, pytest.approx(6))
    assert result.error == pytest.approx(0.5)
    assert result.checked == 2


def test_declared_kinks_are_left_out_and_undeclared_ones_found():
    places = ([0.0, 0.0, 0.0], [0.0, 1e-4, 1.0])
    result = check_gradient(absolute_error, *places)
    assert result
    assert (result.checked, result.skipped) == (1, 2)
    assert "2 at a kink left out" in str(result)
    assert not check_gradient(own(np.abs, np.sign), *places)
    assert check_gradient(own(np.abs, np.sign, kinks=lambda: (0.0,)), *places)


def test_kinks_may_be_in_the_margin_or_in_the_prediction():
    @loss(kinks=lambda: (1.0,), variable="margin")
    def hinge(y_true, y_pred):
        return Formula(
            value=np.maximum(0, 1 - y_true * y_pred),
            gradient=np.where(y_true * y_pred < 1, -y_true, 0),
        )

    result = check_gradient(hinge, [1.0, -1.0, -1.0], [1.0, -1.0, 1.0])
    assert result
    assert (result.checked, result.skipped) == (1, 2)

    @loss(kinks=lambda: (2.0,), variable="prediction")
    def bent(y_true, y_pred):
        return Formula(value=np.abs(y_pred - 2), gradient=np.sign(y_pred - 2))

    assert check_gradient(bent, [5.0, 5.0], [2.0, 3.0]).skipped == 1


def test_nothing_but_kinks_is_an_error():
    with pytest.raises(ValueError, match="no place to check"):
        check_gradient(absolute_error, [1.0], [1.0])


def test_parameters_reach_the_loss():
    assert check_gradient(huber, [0.0], [2.0], delta=3).numerical == pytest.approx(2)
    assert check_gradient(huber, [0.0], [2.0], delta=1).numerical == pytest.approx(1)


def test_every_prediction_of_a_loss_is_checked():
    def pair(second):
        @loss
        def product(y_true, mean, scale):
            return Formula(
                value=scale**2 * (mean - y_true), gradient=lambda: (scale**2, second(scale))
            )

        return product

    places = ([0.0], [1.0], [3.0])
    assert check_gradient(pair(lambda scale: 2 * scale), *places).checked == 2
    wrong = check_gradient(pair(lambda scale: scale), *places)
    assert not wrong
    assert "with respect to scale" in wrong.where


def test_any_function_of_an_array_or_of_named_arrays():
    assert check_gradient(lambda x: x**3, 2.0, gradient=lambda x: 3 * x**2)
    x = np.arange(6.0).reshape(2, 3)
    assert check_gradient(lambda x: (x**3).sum(), x, gradient=lambda x: 3 * x**2).checked == 6
    wrong = check_gradient(
        lambda x: (x**3).sum(), x, gradient=lambda x: np.where(x == 4, 0, 3 * x**2)
    )
    assert not wrong
    assert wrong.where == "x[1, 1]=4"
    named = check_gradient(
        lambda p: float(p["a"] * p["b"].sum()),
        {"a": 2.0, "b": [1.0, 2.0]},
        gradient=lambda p: {"a": p["b"].sum(), "b": np.full(2, p["a"])},
    )
    assert named
    assert named.checked == 3


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((np.sum, [1.0]), {}, TypeError, "gradient must be given"),
        ((np.sum,), {"gradient": np.ones_like}, TypeError, "the one argument"),
        ((huber,), {"gradient": np.sign}, TypeError, "must not be given for a loss"),
        ((huber,), {"beta": 1}, TypeError, "no parameter 'beta'"),
        ((np.sum, [1.0, 2.0]), {"gradient": lambda x: 1.0}, ValueError, r"shape \(2,\): got \(\)"),
    ],
)
def test_bad_check_is_refused(arguments, options, error, message):
    with pytest.raises(error, match=message):
        check_gradient(*arguments, **options)


def test_gradient_wrong_only_where_it_is_tiny_is_found():
    def tail(r):
        return np.exp(-(r**2))

    right = own(tail, lambda r: -2 * r * tail(r))
    wrong = own(tail, lambda r: np.where(np.abs(r) > 3, 0, -2 * r * tail(r)))
    places = (np.zeros(1), np.array([3.5]))
    assert check_gradient(right, *places)
    assert not check_gradient(wrong, *places)


# -- what is not there, and what is wrong ----------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_a_batch_without_weights_is_skipped(seed):
    X, y = np.arange(8.0)[:, np.newaxis] / 8, np.arange(8.0)
    weights = [1] * 6 + [0] * 2
    models = [Linear(1), Linear(1)]
    cost, step = Cost(squared_error), GradientDescent(0.1)
    run = train(models[0], X, y, cost, step, 3, batch_size=2, sample_weight=weights, seed=seed)
    without = train(models[1], X[:6], y[:6], cost, step, 3, batch_size=2, seed=seed)
    np.testing.assert_allclose(run.cost, without.cost, rtol=1e-15)


def test_training_goes_through_the_passes_that_a_subclass_defines():
    class Doubled(Linear):
        def forward(self, X):
            return 2 * super().forward(X)

    model = Doubled(3)
    history = train(model, X, Y, COST, GradientDescent(0.1), 1)
    assert history.cost[1] == COST(Y, 2 * Linear(3).with_parameters(model.parameters).forward(X))


def test_examples_that_do_not_count_may_be_missing_altogether():
    X, y = [[0.0], [np.nan], [1.0]], [1.0, np.nan, 3.0]
    model = Linear(1)
    cost = Cost(squared_error)
    history = train(model, X, y, cost, GradientDescent(0.5), 300, mask=[True, False, True])
    assert history.cost[-1] == pytest.approx(0, abs=1e-12)


def test_class_weights_are_those_of_the_whole_dataset_in_every_batch():
    y, X = np.array(["a"] * 9 + ["b"]), np.zeros((10, 1))
    cost = Cost(binary_cross_entropy_with_logits, classes=["a", "b"], class_weight="balanced")
    model = Linear(1)
    train(model, X, y, cost, GradientDescent(0.3), 400, batch_size=5, seed=0)
    assert abs(float(model.parameters["b"])) < 1  # without weights it is -2.2


def test_missing_input_is_named_by_its_row():
    model = Linear(1)
    with pytest.raises(ValueError, match=r"X must be finite: got nan in row 1\."):
        train(model, [[0.0], [np.nan]], [1.0, 2.0], Cost(squared_error), GradientDescent(0.01), 1)
    with pytest.raises(ValueError, match=r"got inf in row 2\."):
        train(
            model,
            [[0.0], [np.nan], [np.inf]],
            [1.0, 2.0, 3.0],
            Cost(squared_error),
            GradientDescent(0.01),
            1,
            sample_weight=[1, 0, 1],
        )


@pytest.mark.parametrize("step", [0, 1e-14, -1e-3, 1, np.nan])
def test_a_step_that_cannot_tell_is_refused(step):
    with pytest.raises(ValueError, match="step must be in"):
        check_gradient(squared_error, step=step)


def test_gradients_are_checked_from_one_side_where_the_domain_ends():
    assert check_gradient(brier, [1, 1, 0], [0.0, 1.0, 1.0])

    @loss(domains={"p": lossbook.Interval(0, 1, includes_low=True, includes_high=True)})
    def half(y_true, p):
        return Formula(value=(p - y_true) ** 2, gradient=p - y_true)

    wrong = check_gradient(half, [1.0], [0.0])
    assert not wrong
    assert wrong.numerical == pytest.approx(-2)
    rows = check_gradient(generalized_cross_entropy.bind(q=1), [0], [[0.0, 1.0, 0.0]])
    assert rows
    assert rows.skipped == 1  # from the first of the two that cannot be less to the next
    assert check_gradient(binary_cross_entropy, [1.0, 1.0], [0.0, 0.5]).skipped == 1


def test_history_has_no_epoch_that_was_not():
    history = train(Linear(1), [[1.0]], [1.0], Cost(squared_error), GradientDescent(0.1), 2)
    assert history.at(-1)["b"] == history.at(2)["b"]
    for epoch in (3, -4):
        with pytest.raises(ValueError, match=f"epoch must be from 0 to 2: got {epoch}"):
            history.at(epoch)


def test_gradient_of_other_parameters_is_refused():
    step = GradientDescent(0.1)
    with pytest.raises(
        ValueError, match=r"gradient must be of the parameters \['w'\]: got \['b'\]"
    ):
        step.update({"w": np.ones(2)}, {"b": np.ones(2)})
    with pytest.raises(ValueError, match=r"gradient of w must have its shape \(2,\): got \(3,\)"):
        step.update({"w": np.ones(2)}, {"w": np.ones(3)})
