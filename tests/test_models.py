"""The linear model."""

import numpy as np
import pytest

from lossbook import Cost, Linear, Objective, check_gradient, squared_error

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
    with pytest.raises(ValueError, match=r"one entry per example, shape \(3,\)"):
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
