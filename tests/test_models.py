"""The models: forward by hand, backward against differences."""

import numpy as np
import pytest

from lossbook import (
    MLP,
    Cost,
    Linear,
    Objective,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy_with_logits,
    check_gradient,
    squared_error,
)

X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


def test_forward_and_backward_by_hand():
    model = Linear(2).with_parameters({"w": [10.0, 1.0], "b": 0.5})
    np.testing.assert_array_equal(model.forward(X), [12.5, 34.5, 56.5])
    gradient = model.backward(X, [1.0, 0.0, -1.0])
    np.testing.assert_array_equal(gradient["w"], [-4, -4])
    assert gradient["b"] == 0
    assert gradient["b"].shape == ()


def test_starts_at_zero():
    assert Linear(2).forward(X).tolist() == [0, 0, 0]


def test_backward_is_the_derivative_of_forward():
    objective = Objective.from_cost(Linear(2), X, [1.0, 5.0, -2.0], Cost(squared_error))
    assert check_gradient(objective, {"w": np.array([0.3, -0.7]), "b": np.array(2.0)})


def test_with_parameters_leaves_the_model():
    model = Linear(1)
    other = model.with_parameters({"w": [2], "b": 1})
    assert (other.parameters["w"].dtype, other.parameters["w"][0]) == (np.float64, 2)
    assert model.parameters["w"][0] == 0


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(3), r"X must have shape \(n, 2\).*got \(3,\).*newaxis"),
        (np.zeros((3, 1)), r"X must have shape \(n, 2\).*got \(3, 1\)$"),
        (np.zeros((1, 3, 2)), r"got \(1, 3, 2\)"),
    ],
)
def test_features_of_the_wrong_shape_are_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        Linear(2).forward(bad)
    with pytest.raises(ValueError, match=message):
        Linear(2).backward(bad, np.zeros(3))


def test_features_that_are_no_numbers_are_refused():
    with pytest.raises(TypeError, match="X must hold real numbers"):
        Linear(1).forward([["a"]])


@pytest.mark.parametrize("bad", [np.zeros(2), np.zeros((3, 1)), 0.0])
def test_gradient_of_the_wrong_shape_is_refused(bad):
    with pytest.raises(ValueError, match=r"the shape of the predictions, \(3,\)"):
        Linear(2).backward(X, bad)


def test_bad_model_is_refused():
    with pytest.raises(ValueError, match="n_features must be at least 1: got 0"):
        Linear(0)
    with pytest.raises(TypeError, match="n_features must be a whole number"):
        Linear(1.5)
    with pytest.raises(ValueError, match='parameters must be "w" and "b"'):
        Linear(1).with_parameters({"w": [1.0]})
    with pytest.raises(ValueError, match=r"w must have shape \(2,\): got \(1,\)"):
        Linear(2).with_parameters({"w": [1.0], "b": 0})


# The multi-layer perceptron


def test_mlp_by_hand():
    model = MLP((2, 2, 1)).with_parameters(
        {"W1": [[1.0, -1.0], [2.0, 1.0]], "b1": [0.0, -3.0], "W2": [[10.0], [100.0]], "b2": [0.5]}
    )
    # Hidden units at (1, 1): 1 + 2 = 3, and -1 + 1 - 3 = -3, which ReLU makes 0.
    assert model.forward([[1.0, 1.0]]).tolist() == [30.5]
    gradient = model.backward([[1.0, 1.0]], [2.0])
    assert gradient["b2"].tolist() == [2]
    assert gradient["W2"].tolist() == [[6], [0]]
    assert gradient["b1"].tolist() == [20, 0]
    assert gradient["W1"].tolist() == [[20, 0], [20, 0]]


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("hidden", [(), (5,), (5, 4)])
def test_mlp_backward_is_the_derivative_of_its_cost(activation, hidden):
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((7, 3)), rng.integers(0, 4, 7)
    model = MLP((3, *hidden, 4), activation, seed=2)
    cost = Objective.from_cost(model, x, y, Cost(categorical_cross_entropy_with_logits))
    assert check_gradient(cost, model.parameters, step=1e-4)


def test_mlp_of_one_output_fits_the_losses_of_one_number():
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((6, 3)), rng.integers(0, 2, 6)
    model = MLP((3, 4, 1), "tanh")
    cost = Objective.from_cost(model, x, y, Cost(binary_cross_entropy_with_logits))
    assert check_gradient(cost, model.parameters)


def test_mlp_without_hidden_layer_is_linear():
    model = MLP((2, 1)).with_parameters({"W1": [[10.0], [1.0]], "b1": [0.5]})
    line = Linear(2).with_parameters({"w": [10.0, 1.0], "b": 0.5})
    np.testing.assert_array_equal(model.forward(X), line.forward(X))


@pytest.mark.parametrize(("activation", "gain"), [("relu", 2), ("tanh", 1)])
def test_initial_weights_have_the_stated_spread_and_biases_are_zero(activation, gain):
    model = MLP((400, 300, 2), activation, scale=3.0, seed=4)
    spread = model.parameters["W1"].std()
    assert spread == pytest.approx(3 * np.sqrt(gain / 400), rel=0.01)
    assert not model.parameters["b1"].any()
    again = MLP((400, 300, 2), activation, scale=3.0, seed=4)
    np.testing.assert_array_equal(again.parameters["W1"], model.parameters["W1"])


def test_he_initialization_keeps_the_size_of_the_signal():
    x = np.random.default_rng(5).standard_normal((500, 100))
    squares = [(MLP((100, 300, 300, 300), seed=s).forward(x) ** 2).mean() for s in range(20)]
    assert np.mean(squares) == pytest.approx(2, rel=0.15)  # without ReLU after the last layer


def test_all_zero_weights_leave_hidden_units_alike():
    model = MLP((3, 4, 2), "tanh", scale=0)
    gradient = model.backward([[1.0, 2.0, 3.0]], [[1.0, -1.0]])
    assert not gradient["W1"].any()
    assert not gradient["W2"].any()
    assert gradient["b2"].tolist() == [1, -1]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"sizes": (3,)}, ValueError, "sizes must be inputs, hidden units and outputs: got"),
        ({"sizes": (3, 0, 1)}, ValueError, r"sizes\[1\] must be at least 1: got 0"),
        ({"sizes": (3, 2.5)}, TypeError, r"sizes\[1\] must be a whole number: got 2.5"),
        ({"sizes": 3}, TypeError, "sizes must be a list of whole numbers: got 3"),
        ({"sizes": (3, 1), "activation": "gelu"}, ValueError, 'must be "relu" or "tanh": got'),
        ({"sizes": (3, 1), "scale": -1}, ValueError, r"scale must be in \[0, ∞\): got -1"),
        ({"sizes": (3, 1), "scale": "big"}, TypeError, "scale must be a number: got 'big'"),
    ],
)
def test_bad_mlp_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        MLP(**arguments)


def test_mlp_refuses_parameters_and_gradients_of_other_shapes():
    model = MLP((3, 2))
    with pytest.raises(ValueError, match='parameters must be "W1" and "b1": got'):
        model.with_parameters({"W1": np.zeros((3, 2))})
    with pytest.raises(ValueError, match=r"b1 must have shape \(2,\): got \(3,\)"):
        model.with_parameters({"W1": np.zeros((3, 2)), "b1": np.zeros(3)})
    with pytest.raises(ValueError, match=r"shape of the predictions, \(1, 2\): got \(1,\)"):
        model.backward(np.zeros((1, 3)), [1.0])
    with pytest.raises(ValueError, match=r"X must have shape \(n, 3\)"):
        model.forward(np.zeros((1, 2)))
