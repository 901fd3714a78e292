"""Cost, penalties, objective."""

import copy
import inspect
import math
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossbook import (
    L1,
    L2,
    Cost,
    Formula,
    Linear,
    Momentum,
    Objective,
    absolute_error,
    binary_cross_entropy,
    brier,
    categorical_cross_entropy_with_logits,
    check_gradient,
    gaussian_nll,
    hinge,
    huber,
    loss,
    squared_error,
    train,
    tukey_biweight,
    tweedie_deviance,
    zero_one,
)

Y, P = np.array([1.0, 2.0, 3.0]), np.array([1.5, 4.0, 0.0])  # losses 0.25, 4, 9
PARAMETERS = {"w": np.array([3.0, -4.0]), "b": np.array(10.0)}


def test_mean_and_sum_by_hand():
    assert Cost(squared_error)(Y, P) == 13.25 / 3
    assert Cost(squared_error, "sum")(Y, P) == 13.25
    np.testing.assert_allclose(Cost(squared_error).gradient(Y, P), np.array([1, 4, -6]) / 3)
    np.testing.assert_array_equal(Cost(squared_error, "sum").gradient(Y, P), [1, 4, -6])


def test_weighted_mean_divides_by_the_sum_of_the_weights():
    weights = [4, 1, 0]
    assert Cost(squared_error)(Y, P, sample_weight=weights) == (1 + 4) / 5
    assert Cost(squared_error, "sum")(Y, P, sample_weight=weights) == 5
    gradient = Cost(squared_error).gradient(Y, P, sample_weight=weights)
    np.testing.assert_allclose(gradient, [4 / 5, 4 / 5, 0])


def test_weight_of_two_is_the_example_twice():
    once = Cost(huber)(Y, P, sample_weight=[1, 2, 1])
    assert once == pytest.approx(Cost(huber)([1, 2, 2, 3], [1.5, 4, 4, 0]))


@given(st.floats(1e-3, 1e3))
def test_common_factor_of_the_weights_does_not_change_the_mean(factor):
    weights = np.array([1.0, 2.0, 5.0])
    expected = Cost(huber)(Y, P, sample_weight=weights)
    assert Cost(huber)(Y, P, sample_weight=factor * weights) == pytest.approx(expected)


def test_penalties_by_hand():
    assert L1(0.5)(PARAMETERS) == 3.5
    assert L2(0.5)(PARAMETERS) == 12.5
    np.testing.assert_array_equal(L1(0.5).gradient(PARAMETERS)["w"], [0.5, -0.5])
    np.testing.assert_array_equal(L2(0.5).gradient(PARAMETERS)["w"], [3, -4])


@pytest.mark.parametrize("penalty", [L1(0.3), L2(0.3)])
def test_penalties_leave_biases_alone_and_their_gradients_are_right(penalty):
    assert penalty({"b": np.array(5.0), "b2": np.ones(3)}) == 0
    assert penalty.gradient(PARAMETERS)["b"] == 0
    assert check_gradient(penalty, PARAMETERS)


def test_cost_adds_penalties_once():
    cost = Cost(squared_error, penalties=[L1(0.5), L2(0.5)])
    assert cost(Y, P, PARAMETERS) == pytest.approx(13.25 / 3 + 16)
    assert cost.value_and_gradient(Y, P, PARAMETERS)[0] == cost(Y, P, PARAMETERS)
    np.testing.assert_array_equal(cost.penalty_gradient(PARAMETERS)["w"], [3.5, -4.5])
    np.testing.assert_array_equal(cost.gradient(Y, P), Cost(squared_error).gradient(Y, P))


def test_cost_with_penalties_needs_the_parameters():
    with pytest.raises(ValueError, match="parameters must be given"):
        Cost(squared_error, penalties=[L2(1)])(Y, P)


def test_value_and_gradient_agree_with_each_alone():
    cost = Cost(huber)
    value, gradient = cost.value_and_gradient(Y, P, sample_weight=[1, 2, 3])
    assert value == cost(Y, P, sample_weight=[1, 2, 3])
    np.testing.assert_array_equal(gradient, cost.gradient(Y, P, sample_weight=[1, 2, 3]))


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("weights", [None, [1.0, 0.0, 2.5]])
def test_gradient_is_the_derivative_of_the_cost(reduction, weights):
    cost = Cost(huber, reduction)
    objective = Objective(
        lambda p: cost(Y, p, sample_weight=weights),
        lambda p: cost.gradient(Y, p, sample_weight=weights),
    )
    assert check_gradient(objective, P)


def test_cost_of_a_loss_of_several_predictions_takes_a_tuple():
    @loss
    def two(y_true, mean, scale):
        return Formula(value=scale * (mean - y_true), gradient=lambda: (scale, mean - y_true))

    value, gradients = Cost(two).value_and_gradient([1.0, 1.0], ([3.0, 2.0], [5.0, 7.0]))
    assert value == (10 + 7) / 2
    np.testing.assert_array_equal(gradients, [[2.5, 3.5], [1, 0.5]])
    with pytest.raises(TypeError, match=r"y_pred must be a tuple \(mean, scale\)"):
        Cost(two)([1.0], [2.0])


def test_float32_gradient_stays_float32():
    gradient = Cost(squared_error).gradient(Y.astype(np.float32), P.astype(np.float32))
    assert gradient.dtype == np.float32


def test_cost_of_many_float32_does_not_lose_digits():
    y = np.full(3_000_000, 0.1, np.float32)
    assert Cost(absolute_error, "sum")(np.zeros_like(y), y) == pytest.approx(300_000, rel=1e-7)


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ([1, 2], ValueError, r"one weight per example, shape \(3,\): got shape \(2,\)"),
        ([[1], [2], [3]], ValueError, "one weight per example"),
        ([1, -2, 1], ValueError, r"must be finite and not negative: got -2\.0"),
        ([1, np.nan, 1], ValueError, "finite and not negative: got nan"),
        ([1, np.inf, 1], ValueError, "finite and not negative: got inf"),
        ([0, 0, 0], ValueError, "must not be all zero"),
        (["a", "b", "c"], TypeError, "sample_weight must hold real numbers"),
    ],
)
def test_bad_weights_are_refused(weights, error, message):
    for method in (Cost(squared_error), Cost(squared_error).gradient):
        with pytest.raises(error, match=message):
            method(Y, P, sample_weight=weights)


def test_cost_of_no_examples_is_refused():
    with pytest.raises(ValueError, match="at least one example"):
        Cost(squared_error)([], [])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("mse",), TypeError, "loss must be a Loss"),
        ((squared_error, "none"), ValueError, '"mean" or "sum": got \'none\''),
        ((squared_error, "mean", L2(1)), TypeError, "penalties must be a list"),
    ],
)
def test_bad_cost_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        Cost(*arguments)


@pytest.mark.parametrize("bad", [-1, np.nan, np.inf])
def test_bad_strength_is_refused(bad):
    with pytest.raises(ValueError, match=r"strength must be in \[0, ∞\)"):
        L2(bad)
    with pytest.raises(TypeError, match="strength must be a number"):
        L1("1")


# -- optimal constant ---------------------------------------------------------------------------


def test_optimal_constant_counts_the_weights():
    assert Cost(squared_error).optimal_constant([0, 10], [1, 3]) == pytest.approx(7.5, rel=1e-12)
    assert Cost(absolute_error).optimal_constant([0, 1, 10], [1, 1, 5]) == 10
    assert Cost(absolute_error).optimal_constant([0, 1, 10], [1, 0, 1]) == pytest.approx(5)


def test_optimal_constant_of_one_target_is_the_target():
    assert Cost(huber).optimal_constant([3.25]) == 3.25
    assert Cost(tukey_biweight).optimal_constant([3.25]) == pytest.approx(3.25)


def test_optimal_constant_finds_the_deepest_valley():
    y = np.r_[np.linspace(-1, 1, 5), np.linspace(99, 101, 9)]
    assert Cost(tukey_biweight).optimal_constant(y) == pytest.approx(100)


def test_optimal_constant_refuses_columns():
    with pytest.raises(ValueError, match=r"y_true must have shape \(n,\): got \(2, 1\)"):
        Cost(squared_error).optimal_constant([[1.0], [2.0]])


# -- objective ----------------------------------------------------------------------------------


def test_likelihood_and_its_negative_are_one_problem():
    likelihood = Objective(
        lambda p: 7 * np.log(p) + 3 * np.log(1 - p),
        lambda p: 7 / p - 3 / (1 - p),
        "maximize",
    )
    cost = likelihood.negated()
    assert (likelihood.direction, cost.direction) == ("maximize", "minimize")
    assert cost(0.3) == -likelihood(0.3)
    assert cost.gradient(0.3) == -likelihood.gradient(0.3)
    for first, second in [(0.7, 0.5), (0.5, 0.9)]:
        assert likelihood.better(first, second) == cost.better(first, second)
    assert likelihood.better(0.7, 0.5)
    assert not likelihood.better(0.5, 0.7)
    assert not likelihood.better(0.7, 0.7)
    assert check_gradient(likelihood, 0.4)


def test_objective_without_derivative_says_so():
    objective = Objective(lambda p: p**2)
    assert objective.negated().derivative is None
    with pytest.raises(NotImplementedError, match="without a derivative"):
        objective.gradient(1.0)


def test_bad_objective_is_refused():
    with pytest.raises(ValueError, match='"minimize" or "maximize"'):
        Objective(lambda p: p, direction="up")
    with pytest.raises(TypeError, match="function must be callable"):
        Objective(3.0)


def test_cost_as_a_function_of_the_parameters():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((9, 2)), rng.standard_normal(9)
    model = Linear(2)
    objective = Objective.from_cost(model, X, y, Cost(huber, penalties=[L2(0.1)]), np.arange(9.0))
    where = {"w": np.array([0.5, -2.0]), "b": np.array(0.3)}
    assert check_gradient(objective, where)
    assert check_gradient(objective.negated(), where)
    assert model.parameters["w"].tolist() == [0, 0]


@pytest.mark.parametrize("n", [9_999, 12_345, 80_000, 250_000])
def test_float32_costs_lose_less_than_a_rounding(n):
    rng = np.random.default_rng(n)
    y, p = rng.standard_normal((2, n)).astype(np.float32)
    exact = math.fsum(squared_error(y, p).tolist()) / n
    cost = Cost(squared_error)
    assert cost(y, p) == pytest.approx(exact, rel=2e-8)
    assert cost.value_and_gradient(y, p)[0] == pytest.approx(exact, rel=2e-8)


def test_cost_of_many_examples_is_that_of_their_losses():
    y, p = np.random.default_rng(0).standard_normal((2, 250_001))
    exact = math.fsum(squared_error(y, p).tolist())
    assert Cost(squared_error, "sum")(y, p) == pytest.approx(exact, rel=1e-14)
    with pytest.raises(ValueError, match="y_pred must be finite: got nan at index 240000"):
        Cost(squared_error)(y, np.where(np.arange(250_001) == 240_000, np.nan, p))


# -- examples that are not there ------------------------------------------------------------------


def test_an_example_of_weight_zero_may_have_an_infinite_loss():
    cost = Cost(binary_cross_entropy)
    y, p, weights = [1, 1], [0, 0.5], [0, 1]
    assert cost(y, p, sample_weight=weights) == pytest.approx(math.log(2))
    assert cost.gradient(y, p, weights).tolist() == [0, -2]
    value, gradient = cost.value_and_gradient(y, p, sample_weight=weights)
    assert (value, gradient.tolist()) == (pytest.approx(math.log(2)), [0, -2])


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_masked_target_may_be_missing(reduction):
    cost, mask = Cost(squared_error, reduction), [[True, False], [True, True]]
    y, p = [[1.0, np.nan], [2.0, 3.0]], [[2.0, np.inf], [2.0, 1.0]]
    total = 5 if reduction == "sum" else 5 / 3
    share = 1 if reduction == "sum" else 1 / 3
    assert cost(y, p, mask=mask) == pytest.approx(total)
    np.testing.assert_allclose(
        cost.gradient(y, p, mask=mask), [[2 * share, 0], [0, -4 * share]], rtol=1e-15
    )
    with pytest.raises(ValueError, match="y_pred must be finite: got inf at index 0, 1"):
        cost([[1.0, 2.0], [3.0, 4.0]], p, mask=[[False, True], [True, True]])


def test_ignored_class_numbers_are_not_there():
    rng = np.random.default_rng(0)
    z, y = rng.standard_normal((3, 4, 5)), rng.integers(0, 5, (3, 4))
    y[0, 1:] = y[2, 3] = -100
    cost, there = Cost(categorical_cross_entropy_with_logits, ignore=-100), y != -100
    plain = Cost(categorical_cross_entropy_with_logits)
    assert cost(y, z) == pytest.approx(plain(y[there], z[there]), rel=1e-15)
    gradient = cost.gradient(y, z)
    assert gradient.shape == z.shape
    np.testing.assert_allclose(gradient[there], plain.gradient(y[there], z[there]), rtol=1e-15)
    assert not gradient[~there].any()
    with pytest.raises(ValueError, match="from 0 to 4: got -100"):
        plain(y, z)


def test_mask_works_for_losses_of_several_predictions():
    mask = [True, False]
    value, gradients = Cost(gaussian_nll).value_and_gradient(
        [0.0, np.nan], ([2.0, 0.0], [1.0, -1.0]), mask=mask
    )
    assert value == 2
    assert [g.tolist() for g in gradients] == [[2, 0], [-1.5, 0]]


def test_all_left_out_is_an_error_for_a_mean_and_zero_for_a_sum():
    with pytest.raises(ValueError, match="must not be all zero"):
        Cost(squared_error)([1.0], [2.0], mask=[False])
    assert Cost(squared_error, "sum")([1.0], [2.0], mask=[False]) == 0
    assert Cost(squared_error, "sum").gradient([1.0], [2.0], mask=[False]).tolist() == [0]


@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        ([1, 0], TypeError, "mask must hold booleans"),
        ([True], ValueError, r"one entry per example, shape \(2,\): got shape \(1,\)"),
        ("yes", TypeError, "mask must hold"),
    ],
)
def test_bad_mask_is_refused(mask, error, message):
    with pytest.raises(error, match=message):
        Cost(squared_error)([1.0, 2.0], [1.0, 3.0], mask=mask)


# -- labels of any type, and their weights ---------------------------------------------------------


@pytest.mark.parametrize(
    ("each", "prediction"), [(brier, [0.2, 0.9, 0.4]), (hinge, [0.2, -0.9, 0.4])]
)
def test_two_classes_of_any_type(each, prediction):
    low, high = (0, 1) if each is brier else (-1, 1)
    cost = Cost(each, classes=["ham", "spam"])
    assert cost(["ham", "spam", "ham"], prediction) == Cost(each)([low, high, low], prediction)


def test_weights_of_classes_are_weights_of_examples():
    y, z = [2, 0, 1], np.random.default_rng(0).standard_normal((3, 3))
    plain = Cost(categorical_cross_entropy_with_logits)
    names = np.array(["ant", "bee", "cow"])[y]
    weighted = Cost(
        categorical_cross_entropy_with_logits,
        classes=["ant", "bee", "cow"],
        class_weight={"ant": 1, "bee": 0, "cow": 4},
    )
    assert weighted(names, z) == pytest.approx(plain(y, z, sample_weight=[4, 1, 0]), rel=1e-15)
    np.testing.assert_array_equal(
        weighted.gradient(names, z), plain.gradient(y, z, sample_weight=[4, 1, 0])
    )
    assert weighted(names, z, sample_weight=[1, 4, 1]) == pytest.approx(
        plain(y, z, sample_weight=[1, 1, 0]), rel=1e-15
    )


def test_balanced_weights_give_each_class_the_same_say():
    cost = Cost(hinge, class_weight="balanced", ignore=0)
    weights = cost.weights([1, -1, -1, -1, 0], [0.0] * 5)
    np.testing.assert_allclose(weights, [2, 2 / 3, 2 / 3, 2 / 3, 0])


@pytest.mark.parametrize(
    ("options", "y", "error", "message"),
    [
        ({"classes": ["a", "b"]}, ["a", "c"], ValueError, r"of \['a', 'b'\]: got 'c'"),
        ({"classes": [0, 1]}, ["0", "1"], ValueError, r"got '0'"),
        ({"classes": ["a", "a"]}, ["a", "a"], ValueError, "different labels: got 'a' twice"),
        ({"classes": "ab"}, ["a", "b"], TypeError, "classes must be a list of labels"),
        ({"classes": ["a", "b", "c"]}, ["a", "b"], ValueError, "must be 2 labels for zero_one"),
        ({"class_weight": [1, 2]}, [0, 1], TypeError, "class_weight must be a mapping"),
        ({"class_weight": {0: 1.0}}, [0, 1], ValueError, "no weight for the label 1"),
        ({"class_weight": {0: 1.0, 1: -1}}, [0, 1], ValueError, r"class_weight\[1\] must be in"),
        (
            {"classes": ["a", "b"], "class_weight": {"a": 1, "x": 2}},
            ["a", "b"],
            ValueError,
            "for the classes .*: got 'x'",
        ),
        ({"ignore": -100}, [[0, 1]], ValueError, "one label per example"),
    ],
)
def test_bad_classes_and_weights_are_refused(options, y, error, message):
    with pytest.raises(error, match=message):
        Cost(zero_one, **options)(y, [0.2, 0.8])


class Labelled:
    """What labels its entries, as a pandas Series does."""

    class Index(list):
        def equals(self, other):
            return self == other

    def __init__(self, values, index):
        self.values, self.index = np.array(values), self.Index(index)

    def __array__(self, dtype=None, copy=None):
        return self.values


def test_what_carries_labels_is_not_paired_by_position():
    y, p = Labelled([1.0, 2.0], "ab"), Labelled([1.0, 2.0], "ba")
    for call in (squared_error, Cost(squared_error)):
        with pytest.raises(ValueError, match="y_true and y_pred must have the same index"):
            call(y, p)
    assert squared_error(y, Labelled([1.0, 3.0], "ab")).tolist() == [0, 1]
    assert squared_error(y, [1.0, 3.0]).tolist() == [0, 1]
    with pytest.raises(ValueError, match="y_true and sample_weight must have the same index"):
        Cost(squared_error)(y, [1.0, 2.0], sample_weight=Labelled([1, 2], "ba"))
    with pytest.raises(TypeError, match="y_true must be an array of numbers: got a dict"):
        squared_error({0: 1.0}, {0: 1.0})
    with pytest.raises(ValueError, match="X and y must have the same index"):
        train(Linear(1), Labelled([[1.0], [2.0]], "ab"), p, Cost(squared_error), Momentum(0.1), 1)


# -- where functions go ----------------------------------------------------------------------------


def test_a_cost_goes_where_functions_go():
    cost = Cost(huber.bind(delta=2), class_weight=None)
    assert cost.__name__ == "mean_huber"  # scikit-learn's scorers ask for it
    assert list(inspect.signature(cost).parameters)[:2] == ["y_true", "y_pred"]
    for same in (pickle.loads(pickle.dumps(cost)), copy.deepcopy(cost)):
        assert repr(same) == repr(cost)
        assert same([0.0], [3.0]) == cost([0.0], [3.0])
    with ThreadPoolExecutor(4) as pool:
        p = np.random.default_rng(0).standard_normal((20, 5000))
        found = list(pool.map(lambda row: cost(np.zeros(5000), row), p))
    assert found == [cost(np.zeros(5000), row) for row in p]


def test_a_mean_is_finite_where_the_sum_is_not():
    cost = Cost(absolute_error)
    assert cost([0.0, 0.0, 0.0], [8e307] * 3) == pytest.approx(8e307, rel=1e-15)
    assert cost([0.0] * 3, [8e307] * 3, sample_weight=[1e308] * 3) == pytest.approx(8e307)
    assert cost.gradient([0.0] * 3, [1.0] * 3, sample_weight=[1e308] * 3) == pytest.approx(1 / 3)
    assert cost([0.0, 0.0], [1.0, 3.0], sample_weight=[5e-324, 5e-324]) == 2


def test_only_biases_go_free():
    parameters = {
        name: np.array(3.0) for name in ("w", "beta", "bandwidth", "b", "b12", "bias", "out_bias")
    }
    assert L1(1)(parameters) == 9
    gradient = L2(1).gradient(parameters)
    assert [name for name, g in gradient.items() if g] == ["w", "beta", "bandwidth"]


def test_optimal_constant_of_a_loss_with_a_border():
    assert Cost(tweedie_deviance).optimal_constant([0.0, 3.0]) == pytest.approx(1.5)
    assert Cost(squared_error).optimal_constant([0.0, np.nan, 2.0], mask=[True, False, True]) == 1


def test_a_weight_that_is_nothing_beside_the_others_still_counts():
    cost = Cost(binary_cross_entropy)
    value, slope = cost.value_and_gradient([1, 1], [0.0, 0.5], sample_weight=[5e-324, 1e16])
    assert value == np.inf
    assert slope[0] == -np.inf


def test_penalties_of_lists_and_of_huge_weights():
    assert L2(0.5).gradient({"w": [3, -4]})["w"].tolist() == [3, -4]
    assert L2(1e-300)({"w": np.array([1e200])}) == pytest.approx(1e100)
    assert L2(0)({"w": np.array([1e200])}) == 0
