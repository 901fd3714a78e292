"""What chapter 4 says, claim by claim."""

import json
import math
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lossbook import (
    adjust_logits,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    brier,
    categorical_cross_entropy_with_logits,
    check_gradient,
    cross_entropy,
    entropy,
    expected_calibration_error,
    exponential,
    fit_temperature,
    focal_with_logits,
    generalized_cross_entropy,
    hinge,
    kl_divergence,
    logistic,
    perceptron,
    sigmoid,
    softmax,
    squared_hinge,
)
from lossbook.datasets import load_breast_cancer, load_handwritten_digits, split
from lossbook.figures import classification as draw
from lossbook.figures.digits import LABELS, digits, heads_targets, network

from . import side_by_side
from .predicting import prediction

CHAPTER = Path(__file__).parents[2] / "chapters" / "04-classification-losses.ipynb"
GRID = np.linspace(0.001, 0.999, 999)


def two(p):
    return np.column_stack([p, 1 - np.asarray(p)])


def lowest(loss, pi, scores):
    """Return the score of lowest expected loss where the label 1 has the probability pi."""
    n = len(scores)
    ones = np.ones(n, dtype=int)
    expected = pi * loss(ones, scores) + (1 - pi) * loss(-ones, scores)
    return scores[expected.argmin()]


# Surprise, entropy, cross-entropy


def test_surprises_of_the_forecasts():
    assert round(-math.log(0.05), 2) == 3.00
    assert round(-math.log(0.75), 2) == 0.29


def test_surprises_of_independent_events_add_up():
    assert -math.log(0.3 * 0.2) == pytest.approx(-math.log(0.3) - math.log(0.2))


def test_entropy_is_the_surprise_that_remains_for_the_best_forecast():
    p = np.array([0.3, 0.7])
    costs = cross_entropy(np.tile(p, (999, 1)), two(GRID))
    assert GRID[costs.argmin()] == pytest.approx(0.3)
    assert costs.min() == pytest.approx(float(entropy(p)))
    assert round(float(entropy(p)), 2) == 0.61


def test_divergence_is_the_difference_never_negative_and_zero_at_equality_only():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(4), 500), rng.dirichlet(np.ones(4), 500)
    assert kl_divergence(p, q) == pytest.approx(cross_entropy(p, q) - entropy(p))
    assert (kl_divergence(p, q) > 0).all()
    assert (kl_divergence(p, p) == 0).all()


def test_cross_entropy_is_not_symmetric_and_larger_when_the_two_differ_more():
    assert float(cross_entropy([0.5, 0.5], [0.25, 0.75])) != pytest.approx(
        float(cross_entropy([0.25, 0.75], [0.5, 0.5]))
    )
    costs = cross_entropy(np.tile([0.3, 0.7], (999, 1)), two(GRID))
    assert (np.diff(costs[GRID > 0.301]) > 0).all()
    assert (np.diff(costs[GRID < 0.299]) < 0).all()


@pytest.mark.parametrize("p", [0.1, 0.3, 0.5, 0.9])
def test_swapped_cross_entropy_of_two_outcomes_is_a_line_that_meets_the_bowl_at_p_and_1_minus_p(p):
    bowl = cross_entropy(np.tile([p, 1 - p], (999, 1)), two(GRID))
    line = cross_entropy(two(GRID), np.tile([p, 1 - p], (999, 1)))
    assert np.abs(np.diff(line, 2)).max() < 1e-12
    assert (np.diff(bowl, 2) > 0).all()
    meeting = GRID[np.abs(bowl - line) < 1e-9]
    assert meeting == pytest.approx(sorted({p, round(1 - p, 3)}), abs=1e-9)


def test_a_one_hot_target_has_no_entropy_and_its_cross_entropy_is_the_surprise():
    target, q = np.array([0.0, 1.0, 0.0]), np.array([0.2, 0.7, 0.1])
    assert entropy(target) == 0
    assert float(cross_entropy(target, q)) == pytest.approx(-math.log(0.7))


# Two classes


def test_a_step_of_one_in_the_logit_multiplies_the_odds_by_e():
    odds = sigmoid([0.4, 1.4]) / (1 - sigmoid([0.4, 1.4]))
    assert odds[1] / odds[0] == pytest.approx(math.e)


def test_worked_example_of_the_logit():
    p = float(sigmoid(-2.0))
    assert round(p, 3) == 0.119
    assert round(float(binary_cross_entropy_with_logits(1, -2.0)), 3) == 2.127
    assert round(float(binary_cross_entropy_with_logits.gradient(1, -2.0)), 3) == -0.881


def test_gradient_with_respect_to_the_logit_is_p_minus_y_by_the_chain_rule():
    z = np.linspace(-5, 5, 41)
    for y in (0, 1):
        labels = np.full(41, y)
        p = sigmoid(z)
        in_two_parts = -y / p + (1 - y) / (1 - p)
        assert in_two_parts == pytest.approx((p - y) / (p * (1 - p)))
        by_hand = binary_cross_entropy.gradient(labels, p) * p * (1 - p)
        assert by_hand == pytest.approx(p - y, abs=1e-9)
        gradient = binary_cross_entropy_with_logits.gradient(labels, z)
        assert gradient == pytest.approx(p - y, abs=1e-12)
        assert check_gradient(binary_cross_entropy_with_logits, labels, z)


def test_pull_of_one_example_never_exceeds_one_and_is_strongest_where_most_wrong():
    z = np.linspace(-40, 30, 281)
    slope = binary_cross_entropy_with_logits.gradient(np.ones(281, dtype=int), z)
    assert (np.abs(slope) <= 1).all()
    assert (np.diff(slope) >= 0).all()
    assert slope[-1] < 0  # fades, never to zero
    assert float(binary_cross_entropy_with_logits.gradient(1, 0.0)) == -0.5


def test_log_loss_is_convex_in_the_logit():
    z = np.linspace(-8, 8, 321)
    for y in (0, 1):
        values = binary_cross_entropy_with_logits(np.full(321, y), z)
        assert (np.diff(values, 2) > 0).all()


def test_separable_classes_have_no_best_logistic_regression():
    x, y = np.array([-2.0, -1.0, 1.0, 2.0]), np.array([0, 0, 1, 1])
    costs = [binary_cross_entropy_with_logits(y, w * x).mean() for w in (1, 10, 100)]
    assert costs[0] > costs[1] > costs[2] > 0


def test_tumours_of_the_text():
    data = load_breast_cancer()
    case = draw.diagnosis()
    assert (len(data), data.malignant.sum()) == (569, 212)
    assert (len(case.malignant), case.malignant.sum()) == (142, 50)


@pytest.mark.parametrize("k", [1, 4, 9, 19])
def test_expected_costs_of_both_decisions_are_equal_at_the_advised_threshold(k):
    p = 1 / (1 + k)
    assert k * p == pytest.approx(1 - p)
    assert k * (p + 0.01) > 1 - (p + 0.01)  # above it silence is dearer


def test_mistakes_and_costs_of_the_diagnosis():
    assert draw.mistakes(0.5) == (7, 8)
    assert draw.mistakes(0.1) == (1, 18)
    assert 9 * 7 + 8 == 71
    assert 9 * 1 + 18 == 27
    _, costs = draw._threshold_costs(9)
    assert costs.min() == 23


# One of many classes


def test_worked_example_of_the_softmax():
    assert [round(math.exp(z), 2) for z in (2, 0, 4)] == [7.39, 1.0, 54.6]
    assert round(sum(math.exp(z) for z in (2, 0, 4)), 2) == 62.99
    p = softmax([2.0, 0.0, 4.0])
    assert p.round(3).tolist() == [0.117, 0.016, 0.867]
    assert round(float(categorical_cross_entropy_with_logits(0, [2.0, 0.0, 4.0])), 2) == 2.14
    gradient = categorical_cross_entropy_with_logits.gradient(0, [2.0, 0.0, 4.0])
    assert gradient.round(3).tolist() == [-0.883, 0.016, 0.867]


def test_gradient_of_a_softmax_is_p_minus_y_and_adds_up_to_zero():
    rng = np.random.default_rng(0)
    z, y = 3 * rng.standard_normal((50, 6)), rng.integers(0, 6, 50)
    gradient = categorical_cross_entropy_with_logits.gradient(y, z)
    assert gradient == pytest.approx(softmax(z) - np.eye(6)[y])
    assert gradient.sum(axis=1) == pytest.approx(np.zeros(50), abs=1e-12)


def test_only_differences_of_logits_count_and_two_classes_are_a_sigmoid():
    assert softmax([0.0, 0.0, 0.0]) == pytest.approx(softmax([4.0, 4.0, 4.0]))
    assert softmax([1.7, 0.0])[0] == pytest.approx(float(sigmoid(1.7)))


def test_a_temperature_keeps_the_order_and_its_ends_are_uniform_and_certain():
    z = np.array([2.0, 0.0, 4.0])
    for t in (0.5, 1, 2, 4, 50):
        assert softmax(z / t).argsort().tolist() == [1, 0, 2]
    assert softmax(z / 1e4) == pytest.approx(np.full(3, 1 / 3), abs=1e-3)
    assert softmax(z / 0.05).max() == pytest.approx(1)


def test_an_untrained_network_starts_near_log_10_and_the_trained_one_gets_98_percent():
    data, run = digits(), network("multi-class")
    before = categorical_cross_entropy_with_logits(data.y_test, run.logits(data.X_test, 0)).mean()
    assert 0 <= before - math.log(10) < 0.05
    right = (run.logits(data.X_test).argmax(axis=1) == data.y_test).mean()
    assert right == pytest.approx(0.98, abs=0.005)
    assert (len(data.y_train) + len(data.y_test), len(data.X_train[0])) == (1797, 64)


def losses_of(image):
    data, run, place = digits(), network("multi-class"), draw.IMAGES[image]
    epochs = range(0, 31, 3)
    logits = np.stack([run.logits(data.X_test[[place]], epoch)[0] for epoch in epochs])
    labels = np.full(len(logits), data.y_test[place])
    return categorical_cross_entropy_with_logits(labels, logits), softmax(logits)


def test_the_four_images_behave_as_told():
    clear, p = losses_of("a clear 0")
    assert p[2, 0] == pytest.approx(0.98, abs=0.005)
    assert (np.diff(clear) < 0).all()
    doubt, p = losses_of("an 8 in doubt")
    assert (p[1:, [1, 8]].sum(axis=1) > 0.6).all()
    assert (np.sign(np.diff(doubt)) > 0).any()
    _, p = losses_of("a 2 taken for a 1")
    assert p[2].argmax() == 2
    assert p[-1].argmax() == 1
    three, p = losses_of("a 3 taken for a 5")
    assert three.argmin() == 0
    assert three[[0, -1]] == pytest.approx([2.09, 4.21], abs=0.02)
    run, data = network("multi-class"), digits()
    mean = [
        categorical_cross_entropy_with_logits(data.y_test, run.logits(data.X_test, e)).mean()
        for e in (0, 30)
    ]
    assert mean[1] < mean[0]


def test_a_few_confident_mistakes_hold_most_of_the_cost():
    data, run = digits(), network("multi-class")
    losses = categorical_cross_entropy_with_logits(data.y_test, run.logits(data.X_test))
    share = np.sort(losses)[::-1][:20].sum() / losses.sum()  # 20 of 449
    assert share > 0.6


# Several labels


def test_table_of_the_labels():
    table = heads_targets("multi-label", np.arange(10)).T
    text = "\n".join("".join(cell["source"]) for cell in notebook()["cells"])
    for name, row in zip(LABELS, table, strict=True):
        assert f"| {name} | " + " | ".join(map(str, row)) + " |" in text


def test_sigmoids_get_all_four_labels_right_for_91_percent_and_the_softmax_for_24():
    data = digits()
    truth = heads_targets("multi-label", data.y_test)

    def all_right(head, threshold):
        return ((draw.label_probabilities(data.X_test, head) >= threshold) == truth).all(axis=1)

    assert all_right("sigmoids", 0.5).mean() == pytest.approx(0.91, abs=0.006)
    assert all_right("softmax", 0.5).mean() == pytest.approx(0.24, abs=0.006)


def test_over_20_starts_the_softmax_stays_far_behind_the_sigmoids():
    data, seeds = digits(), range(20)
    labels = heads_targets("multi-label", data.y_train)
    truth = heads_targets("multi-label", data.y_test)
    some = labels.any(axis=1)
    shares = labels[some] / labels[some].sum(axis=1, keepdims=True)

    def right(X, y, slope, probabilities, *thresholds):
        start = side_by_side.starts((64, 32, 4), seeds)
        (*_, end) = side_by_side.train(
            start, X, y, slope, seeds=seeds, epochs=30, rate=0.003, adam=True
        )
        p = probabilities(side_by_side.forward(end, data.X_test)[1])
        return [((p >= t) == truth).all(axis=2).mean(axis=1) for t in thresholds]

    (of_sigmoids,) = right(data.X_train, labels, lambda z, y: (sigmoid(z) - y) / 4, sigmoid, 0.5)
    of_softmax, lower = right(
        data.X_train[some], shares, side_by_side.of_cross_entropy, softmax, 0.5, 0.15
    )
    assert of_sigmoids[0] == pytest.approx(0.913, abs=0.002)  # the book's own network
    assert of_softmax[0] == pytest.approx(0.245, abs=0.002)
    assert (of_sigmoids.min(), of_sigmoids.max()) == pytest.approx((0.88, 0.93), abs=0.006)
    assert (of_softmax.min(), of_softmax.max()) == pytest.approx((0.21, 0.25), abs=0.006)
    assert (lower.min(), lower.max()) == pytest.approx((0.81, 0.85), abs=0.006)


def test_a_softmax_over_labels_gives_three_true_labels_about_a_third_each():
    data = digits()
    p = draw.label_probabilities(data.X_test[data.y_test == 8], "softmax")
    assert p.mean(axis=0)[[0, 2, 3]] == pytest.approx(np.full(3, 1 / 3), abs=0.05)
    p = draw.label_probabilities(data.X_test[data.y_test == 1], "softmax")
    assert p.sum(axis=1) == pytest.approx(np.ones(len(p)))


def test_labels_that_depend_on_each_other_leave_each_probability_right():
    both = [(1, 1)] * 3 + [(0, 0)] * 6 + [(1, 0)]  # where one is true the other mostly is
    labels = np.array(both)
    assert np.corrcoef(labels.T)[0, 1] > 0.7
    z = np.linspace(-3, 3, 6001)
    for each in labels.T:
        n = len(each)
        cost = binary_cross_entropy_with_logits(np.tile(each, len(z)), np.repeat(z, n))
        best = z[cost.reshape(-1, n).sum(axis=1).argmin()]
        assert float(sigmoid(best)) == pytest.approx(each.mean(), abs=1e-3)


def test_class_numbers_and_rows_give_the_same_value():
    z = np.array([[0.3, -1.0, 2.0], [1.0, 0.0, -2.0]])
    by_number = categorical_cross_entropy_with_logits([2, 0], z)
    assert by_number == pytest.approx(categorical_cross_entropy_with_logits(np.eye(3)[[2, 0]], z))


# Numbers that break


@pytest.mark.parametrize(("dtype", "first"), [("float32", 17), ("float64", 37)])
def test_sigmoid_rounds_to_one_from_the_stated_logit_on(dtype, first):
    z = np.arange(1, 1001).astype(dtype)
    with np.errstate(over="ignore"):
        one = 1 / (1 + np.exp(-z)) == 1
    assert z[one].min() == first
    assert one[first - 1 :].all()
    label_0, label_1 = draw.naive_losses(z, dtype)
    assert np.isinf(label_0).argmax() == first - 1
    assert (label_1[first - 1 :] == 0).all()


def test_stable_form_is_exact_where_the_naive_one_is_infinite():
    assert float(binary_cross_entropy_with_logits(0, 1000.0)) == 1000
    assert float(binary_cross_entropy_with_logits(1, 40.0)) == pytest.approx(math.exp(-40))
    z = np.linspace(-30, 30, 61)
    for y in (0, 1):
        stable = np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))
        assert stable == pytest.approx(binary_cross_entropy_with_logits(np.full(61, y), z))
    assert np.log1p(np.exp(z)) == pytest.approx(z + np.log1p(np.exp(-z)))
    label_0, label_1 = (binary_cross_entropy_with_logits(np.full(61, y), z) for y in (0, 1))
    assert label_0 == pytest.approx(np.log1p(np.exp(z)))
    assert label_1 == pytest.approx(label_0 - z, abs=1e-12)


def test_a_clipped_loss_is_flat_where_the_model_is_most_wrong():
    def clipped(z, epsilon=1e-7):
        return -math.log(min(max(float(sigmoid(z)), epsilon), 1 - epsilon))

    assert clipped(-20.0) == clipped(-21.0) == pytest.approx(-math.log(1e-7))
    assert round(-math.log(1e-7), 1) == 16.1
    assert float(sigmoid(-20.0)) == pytest.approx(2e-9, rel=0.05)
    assert float(binary_cross_entropy_with_logits.gradient(1, -20.0)) == pytest.approx(-1)


def test_a_double_softmax_cannot_be_surer_than_e_over_e_plus_9():
    twice = softmax(softmax(100 * np.eye(10)[0]))
    assert twice[0] == pytest.approx(math.e / (math.e + 9))
    assert round(math.e / (math.e + 9), 2) == 0.23


# Squared error


def test_learning_rates_of_the_race_make_the_steepest_steps_one():
    z = np.linspace(-6, 6, 120001)
    assert np.abs(draw.squared_slope(z)).max() * 27 / 8 == pytest.approx(1)
    slope = binary_cross_entropy_with_logits.gradient(np.ones(2, dtype=int), [-50.0, 0.0])
    assert abs(slope[0]) == pytest.approx(1)


def test_slope_of_the_squared_error_has_the_factor_p_times_1_minus_p():
    z, step = np.linspace(-5, 5, 21), 1e-5
    numeric = (sigmoid(z + step) - 1) ** 2 - (sigmoid(z - step) - 1) ** 2
    assert draw.squared_slope(z) == pytest.approx(numeric / (2 * step), abs=1e-8)


def test_who_wins_the_race():
    def passes(start, name):
        path = sigmoid(draw.race_paths(start)[name])
        return int((path > 0.5).argmax()) if path[-1] > 0.5 else None

    assert passes(-2, "squared") == passes(-2, "cross-entropy") == 3
    assert (passes(-4, "cross-entropy"), passes(-4, "squared")) == (5, 12)
    assert (passes(-6, "cross-entropy"), passes(-6, "squared")) == (7, None)
    assert round(float(sigmoid(draw.race_paths(-6)["squared"][-1])), 2) == 0.05
    assert float(sigmoid(draw.race_paths(-8)["squared"][-1])) < 0.001


def test_at_minus_8_the_slope_of_the_squared_error_is_1500_times_smaller():
    cross = float(binary_cross_entropy_with_logits.gradient(1, -8.0))
    squared = float(draw.squared_slope(-8.0))
    assert round(cross, 2) == -1
    assert round(squared, 5) == -0.00067
    assert cross / squared == pytest.approx(1500, rel=0.01)


def test_squared_error_is_not_convex_in_the_logit():
    z = np.linspace(-6, 6, 121)
    bends = np.diff((sigmoid(z) - 1) ** 2, 2)
    assert bends.min() < 0 < bends.max()


# Imbalance and noise


@pytest.mark.parametrize("weight", [2.0, 9.0])
def test_a_weight_multiplies_the_odds_and_is_the_same_as_a_threshold(weight):
    z = np.linspace(-8, 8, 16001)
    for pi in (0.02, 0.1, 0.4):
        expected = pi * binary_cross_entropy_with_logits(
            np.ones(z.shape, dtype=int), z, pos_weight=weight
        ) + (1 - pi) * binary_cross_entropy_with_logits(np.zeros(z.shape, dtype=int), z)
        best = z[expected.argmin()]
        assert best == pytest.approx(math.log(weight * pi / (1 - pi)), abs=2e-3)
        assert (best >= 0) == (pi >= 1 / (1 + weight))


def test_weighted_diagnosis_decides_as_the_threshold_does_and_inflates_the_probabilities():
    plain, weighted = draw.diagnosis(), draw.diagnosis(9.0)
    assert draw.mistakes(0.5, 9.0) == draw.mistakes(0.1) == (1, 18)
    means = [sigmoid(z).mean() for z in (plain.logits, weighted.logits)]
    means.append(sigmoid(weighted.logits - math.log(9)).mean())
    assert [round(float(m), 2) for m in means] == [0.36, 0.51, 0.37]
    assert round(float(plain.malignant.mean()), 2) == 0.35


def tumours():
    data = load_breast_cancer()
    columns = [data.feature_names.index(name) for name in draw.TUMOUR_FEATURES]
    return data.features[:, columns], data.malignant


def logistic_regression(X, y, weight=1.0):
    """Fit by Newton's method: weights for the features, and the bias."""
    inputs, each = np.column_stack([X, np.ones(len(X))]), np.where(y, weight, 1.0)
    parameters = np.zeros(inputs.shape[1])
    for _ in range(40):
        p = sigmoid(inputs @ parameters)
        bend = (inputs.T * (each * p * (1 - p))) @ inputs
        parameters -= np.linalg.solve(bend, inputs.T @ (each * (p - y)))
    return parameters


def test_on_200_splits_weight_and_threshold_agree_everywhere_in_43_percent():
    X, y = tumours()
    differences = []
    for seed in range(200):
        training, held_out = split(len(X), seed=seed)
        Z = (X - X[training].mean(axis=0)) / X[training].std(axis=0)
        plain, weighted = (
            Z[held_out] @ fit[:2] + fit[2]
            for fit in (logistic_regression(Z[training], y[training], w) for w in (1.0, 9.0))
        )
        differences.append(int(((plain >= -math.log(9)) != (weighted >= 0)).sum()))
    assert len(held_out) == 142
    assert np.mean(np.array(differences) == 0) == pytest.approx(0.43, abs=0.006)
    assert max(differences) == 4


@pytest.mark.parametrize("weight", [1.0, 9.0, 27.0])
def test_gradient_descent_of_the_diagnosis_has_arrived(weight):
    X, y = tumours()
    training, held_out = split(len(X))
    mean, spread = X[training].mean(axis=0), X[training].std(axis=0)
    fit = logistic_regression((X[training] - mean) / spread, y[training], weight)
    z = (X[held_out] - mean) / spread @ fit[:2] + fit[2]
    assert sigmoid(draw.diagnosis(weight).logits) == pytest.approx(sigmoid(z), abs=2e-3)


# Many classes, some of them rare


def test_logit_adjustment_is_bayes_rule():
    rng = np.random.default_rng(0)
    within = rng.dirichlet(np.ones(5), 3)  # of three classes, how probable each of five inputs is
    training, used = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.5, 0.4])
    learnt = np.log(within.T * training)
    wanted = within.T * used / (within.T * used).sum(axis=1, keepdims=True)
    assert softmax(adjust_logits(learnt, training, target=used)) == pytest.approx(wanted)
    shifted = learnt + np.log(used / training)
    assert softmax(shifted) == pytest.approx(wanted)


def test_a_loss_with_added_logarithms_teaches_the_adjusted_logits():
    within, f = np.array([[0.6, 0.3], [0.4, 0.7]]), np.array([0.9, 0.1])
    z = np.log(within)  # of two inputs and two classes as frequent as each other
    p = softmax(z + np.log(f))
    joint = within * f
    assert p == pytest.approx(joint / joint.sum(axis=1, keepdims=True))


SEEDS = range(20)


def all_digits():
    data = load_handwritten_digits()
    return data.images.reshape(len(data), -1) / 16, data.labels


@cache
def tails():
    """Return, for 20 networks each, what is found without anything, with weights, and at τ = 1."""
    X, y = all_digits()
    training, rest = zip(*(draw.tail_split(y, seed) for seed in SEEDS), strict=True)
    balance = draw.TAIL.sum() / (10 * draw.TAIL)

    def slope(weights):
        def of(z, target):
            each = (target @ weights)[..., np.newaxis]
            return (softmax(z) - target) * each / each.mean(axis=1, keepdims=True)

        return of

    found = []
    for weights, τ in ((np.ones(10), 0), (balance, 0), (np.ones(10), 1)):
        (*_, end) = side_by_side.train(
            side_by_side.starts((64, 32, 10), SEEDS),
            X,
            np.eye(10)[y],
            slope(weights),
            seeds=SEEDS,
            rows=training,
            epochs=60,
            rate=0.1,
            momentum=0.9,
        )
        z = side_by_side.forward(end, X[np.stack(training)])[1]
        assert (z.argmax(axis=2) == y[np.stack(training)]).all(), "all of them learnt by heart"
        runs = zip(side_by_side.forward(end, X[np.stack(rest)])[1], y[np.stack(rest)], strict=True)
        found.append([draw.LongTail(*run).found(τ) for run in runs])
    return np.array(found).swapaxes(0, 1)


def test_the_network_of_the_long_tail_is_one_of_the_20():
    assert draw.long_tailed().found(0) == pytest.approx(tails()[0, 0])
    assert draw.long_tailed(True).found(0) == pytest.approx(tails()[0, 1])


def test_over_20_choices_adjusted_logits_find_more_rare_digits_than_weights():
    assert (draw.TAIL[0], draw.TAIL[9]) == (120, 4)
    assert (np.diff(draw.TAIL) < 0).all()
    plain, weights, adjusted = tails().mean(axis=2).T
    assert plain.mean() == pytest.approx(0.877, abs=1.5e-3)
    for gain, told, error in ((weights - plain, 0.006, 0.003), (adjusted - plain, 0.029, 0.002)):
        assert gain.mean() == pytest.approx(told, abs=1e-3)
        assert gain.std(ddof=1) / 20**0.5 == pytest.approx(error, abs=6e-4)
    assert (adjusted > weights).all()
    nines = tails()[:, :, 9].mean(axis=0)
    assert nines[[0, 2]] == pytest.approx((0.56, 0.72), abs=0.006)
    usual = np.average(tails(), axis=2, weights=draw.TAIL).mean(axis=0)
    assert (100 * usual[[0, 2]]).round(1).tolist() == [96.4, 95.9]


# Focal loss


@pytest.mark.parametrize("α", [0.25, 0.75])
def test_alpha_of_focal_loss_is_a_class_weight(α):
    z = np.linspace(-3, 3, 13)
    for y, weight in ((np.ones(13, int), α), (np.zeros(13, int), 1 - α)):
        weighted = focal_with_logits(y, z, gamma=2, alpha=α)
        assert weighted == pytest.approx(weight * focal_with_logits(y, z, gamma=2))


def test_focal_loss_weakens_the_easy_example_35_times_and_teaches_069():
    easy, hard = math.log(9), -math.log(4)
    assert float(focal_with_logits.gradient(1, easy, gamma=2)) == pytest.approx(-0.0029, abs=5e-5)
    ratio = -0.1 / float(focal_with_logits.gradient(1, easy, gamma=2))
    assert round(ratio) == 35
    assert float(focal_with_logits.gradient(1, hard, gamma=2)) == pytest.approx(-0.924, abs=5e-4)
    assert 0.924 > 0.8
    z = np.linspace(-4, 4, 8001)
    ones = np.ones(z.shape, dtype=int)
    for pi, best in ((0.9, 0.69), (0.5, 0.5)):
        cost = pi * focal_with_logits(ones, z) + (1 - pi) * focal_with_logits(0 * ones, z)
        assert float(sigmoid(z[cost.argmin()])) == pytest.approx(best, abs=5e-3)


def test_focal_loss_keeps_the_order_of_probabilities():
    z = np.linspace(-6, 6, 121)
    ones = np.ones(z.shape, dtype=int)
    zero, one = focal_with_logits.gradient(0 * ones, z), focal_with_logits.gradient(ones, z)
    assert (np.diff(zero / (zero - one)) > 0).all()


def test_smoothed_target_is_met_at_a_finite_lead():
    z = np.zeros(10)
    z[3] = math.log(0.91 / 0.01)
    gradient = categorical_cross_entropy_with_logits.gradient(3, z, label_smoothing=0.1)
    assert gradient == pytest.approx(np.zeros(10), abs=1e-12)
    assert math.isclose(1 - 0.6 + 0.6 / 10, 0.46)


def test_confidence_falls_with_smoothing_below_the_accuracy():
    for wrong in (0.0, 0.3):
        runs = [draw.smoothed(ε, wrong) for ε in draw.SMOOTHINGS]
        assert (np.diff([run.confidence for run in runs]) < 0).all()
        assert all(run.confidence < run.accuracy - 0.1 for run in runs[1:])


@cache
def smoothed_accuracy(ε, wrong):
    """Return the accuracy of 20 networks, each with its own split, labels and start."""
    runs = [draw.noisy_digits(wrong, seed) for seed in SEEDS]
    X, y, X_test, y_test = map(np.stack, zip(*runs, strict=True))
    n = y.shape[1]
    (*_, end) = side_by_side.train(
        side_by_side.starts((64, 32, 10), SEEDS),
        X.reshape(-1, 64),
        (1 - ε) * np.eye(10)[y.ravel()] + ε / 10,
        side_by_side.of_cross_entropy,
        seeds=SEEDS,
        rows=np.arange(y.size).reshape(-1, n),
        epochs=80,
        rate=0.3,
        momentum=0.9,
        batch_size=n,
    )
    return (side_by_side.forward(end, X_test)[1].argmax(axis=2) == y_test).mean(axis=1)


def test_the_network_of_the_smoothing_figure_is_one_of_the_20():
    for ε, wrong in ((0.0, 0.3), (0.1, 0.0)):
        assert draw.smoothed(ε, wrong).accuracy == pytest.approx(smoothed_accuracy(ε, wrong)[0])


def test_over_20_splits_smoothing_helps_against_wrong_labels():
    without, smooth = (smoothed_accuracy(ε, 0.3) for ε in (0.0, 0.3))
    assert (without.mean(), smooth.mean()) == pytest.approx((0.852, 0.902), abs=1e-3)
    assert (smooth > without).all()


def test_over_20_splits_a_little_smoothing_helps_with_right_labels_and_much_does_not():
    without = smoothed_accuracy(0.0, 0.0)
    for ε, told, error in ((0.1, 0.006, 0.002), (0.6, -0.004, 0.002)):
        gain = smoothed_accuracy(ε, 0.0) - without
        assert gain.mean() == pytest.approx(told, abs=6e-4)
        assert gain.std(ddof=1) / 20**0.5 == pytest.approx(error, abs=5e-4)


def test_generalised_cross_entropy_bounds_the_loss_of_one_example():
    p = np.array([[1e-12, 1 - 1e-12]])
    assert float(generalized_cross_entropy([0], p, q=0.7)[0]) <= 1 / 0.7


# Margins

M = np.linspace(-6, 6, 2401)
ONES = np.ones(M.shape, dtype=int)


def test_logistic_loss_is_binary_cross_entropy_with_other_labels():
    assert logistic(ONES, M) == pytest.approx(binary_cross_entropy_with_logits(ONES, M))
    assert logistic(-ONES, M) == pytest.approx(binary_cross_entropy_with_logits(0 * ONES, M))


def test_slopes_of_the_margin_losses():
    bounded = [
        float(np.abs(loss.gradient(ONES, M)).max()) for loss in (perceptron, hinge, logistic)
    ]
    assert max(bounded) <= 1
    assert float(squared_hinge.gradient(1, -3.0)) == -8
    assert float(exponential.gradient(1, -3.0)) == pytest.approx(-20, abs=0.1)
    assert float(perceptron.gradient(1, 0.5)) == 0
    assert float(hinge.gradient(1, 0.5)) == -1
    assert float(hinge.gradient(1, 1.5)) == float(squared_hinge.gradient(1, 1.5)) == 0
    assert float(logistic.gradient(1, 30.0)) < 0
    assert float(exponential.gradient(1, 30.0)) < 0


def test_a_score_of_zero_costs_the_perceptron_nothing():
    assert float(perceptron(1, 0.0)) == float(perceptron(-1, 0.0)) == 0


@pytest.mark.parametrize("pi", [0.2, 0.7, 0.9])
def test_what_the_margin_losses_estimate(pi):
    log_odds = math.log(pi / (1 - pi))
    assert lowest(logistic, pi, M) == pytest.approx(log_odds, abs=5e-3)
    assert lowest(exponential, pi, M) == pytest.approx(log_odds / 2, abs=5e-3)
    assert lowest(squared_hinge, pi, M) == pytest.approx(2 * pi - 1, abs=5e-3)
    assert lowest(hinge, pi, M) == pytest.approx(math.copysign(1, log_odds), abs=5e-3)


# Calibration


@pytest.mark.parametrize("pi", [0.05, 0.3, 0.8])
def test_log_loss_and_brier_score_are_proper(pi):
    ones = np.ones(GRID.shape, dtype=int)
    for loss in (binary_cross_entropy, brier):
        expected = pi * loss(ones, GRID) + (1 - pi) * loss(0 * ones, GRID)
        assert GRID[expected.argmin()] == pytest.approx(pi, abs=1e-9)


def test_squares_added_up_over_both_classes_are_twice_the_brier_score():
    for y in (0, 1):
        target = np.array([1 - y, y])
        for p in (0.2, 0.9):
            assert ((np.array([1 - p, p]) - target) ** 2).sum() == pytest.approx(2 * brier(y, p))


def test_a_temperature_of_two_and_a_half_repairs_the_overconfident_network():
    logits, truth = draw.overconfident()
    assert len(truth) == 1697
    right = (logits > 0) == truth
    assert round(right.mean(), 2) == 0.89
    told = {}
    for t in (1, 2.5):
        p = sigmoid(logits / t)
        told[t] = (
            binary_cross_entropy_with_logits(truth, logits / t).mean(),
            expected_calibration_error(truth, p, bins=10),
        )
        assert (((p > 0.5) == truth) == right).all()
    assert told[1] == pytest.approx((0.40, 0.069), abs=5e-3)
    assert told[2.5] == pytest.approx((0.27, 0.024), abs=5e-3)
    claimed = np.maximum(sigmoid(logits), sigmoid(-logits))
    sure = claimed >= 0.9
    assert right[sure].mean() == pytest.approx(0.94, abs=0.005)
    assert np.median(claimed[sure]) > 0.99


FOCUSINGS = (0.0, 2.0, 5.0)


@cache
def focused():
    """Return for 20 networks and each γ the error as trained, after a temperature, and that."""

    X, y = all_digits()
    y = (y >= 5).astype(int)
    orders = [np.random.default_rng(seed).permutation(len(y)) for seed in SEEDS]

    def run(gamma):
        def slope(z, target):
            return focal_with_logits.gradient(target, z, gamma=gamma)

        (*_, end) = side_by_side.train(
            side_by_side.starts((64, 32, 1), SEEDS),
            X,
            y[:, np.newaxis],
            slope,
            seeds=SEEDS,
            rows=[order[:100] for order in orders],
            epochs=100,
            rate=0.1,
            momentum=0.9,
            batch_size=25,
        )
        others = np.stack([order[100:] for order in orders])
        return side_by_side.forward(end, X[others])[1][..., 0], y[others]

    def judged(logits, truth):
        t = fit_temperature(truth[:400], logits[:400])
        errors = (
            expected_calibration_error(truth[400:], sigmoid(logits[400:] / each), bins=10)
            for each in (1, t)
        )
        return (*errors, t)

    ran = [run(gamma) for gamma in FOCUSINGS]
    assert ran[0][0][0] == pytest.approx(draw.overconfident().logits)  # the book's own network
    return np.array([[judged(*each) for each in zip(*runs, strict=True)] for runs in ran])


def test_over_20_networks_one_temperature_repairs_what_focal_loss_may():
    before, after, temperature = focused().mean(axis=1).T
    assert before == pytest.approx((0.087, 0.041, 0.172), abs=1e-3)
    assert after == pytest.approx((0.038, 0.038, 0.038), abs=5e-4)
    assert temperature == pytest.approx((2.8, 1.0, 0.35), rel=0.02)


def test_calibration_error_of_the_same_frequency_every_day_is_zero():
    y = np.array([0, 1, 0, 0, 1])
    assert expected_calibration_error(y, np.full(5, y.mean())) == pytest.approx(0, abs=1e-12)


def test_100_forecasts_cannot_tell_the_network_from_a_perfect_one_and_1600_can():
    error, (low, middle, high) = draw._errors_of_bins(100)
    at = np.array(draw.BINS) >= 10
    assert ((low <= error) & (error <= high))[at].all()
    assert (np.diff(middle) > 0).all()
    assert error[-1] > error[0]
    error, (_, middle, high) = draw._errors_of_bins(1600)
    assert (error[1:] > 0.9 * high[1:]).all()
    assert (error[at] > high[at]).mean() > 0.5
    assert (high < draw._errors_of_bins(100)[1][2]).all()


def test_merging_bins_can_only_hide_misses():
    rng = np.random.default_rng(0)
    p = rng.random(200)
    y = (rng.random(200) < p**2).astype(int)
    errors = [expected_calibration_error(y, p, bins=b) for b in (16, 8, 4, 2, 1)]
    assert (np.diff(errors) <= 1e-12).all()


# The chapter itself


def notebook():
    return json.loads(CHAPTER.read_text("utf-8"))


def test_every_section_has_its_anchor_and_one_sentence_to_keep():
    text = "\n\n".join("".join(cell["source"]) for cell in notebook()["cells"])
    anchors = (
        *("entropy", "binary", "multiclass", "multilabel", "heads", "numbers", "squared"),
        *("imbalance", "margins", "calibration", "summary", "exercises", "quiz", "further"),
    )
    places = [text.index(f"(ch4-{anchor})=\n## ") for anchor in anchors]
    assert places == sorted(places)
    assert text.count(":class: keep") == 15
    # The reliability has two predictions, and that about focal loss goes back to it.
    figures = text.count("explore(\n") + text.count("explore(draw")
    assert text.count(":class: predict") == figures + 2
    summary = text[places[10] : places[11]]
    assert len(re.findall(r"^\d\. ", summary, re.MULTILINE)) == 5


# Predictions


@prediction("predict-two-distributions")
def _():
    costs = cross_entropy(np.tile([0.3, 0.7], (999, 1)), two(GRID))
    best, remains = GRID[costs.argmin()], costs.min()
    at_truth = math.isclose(best, 0.3)
    return [at_truth and remains < 0.01, at_truth and remains > 0.1, best < 0.29]


@prediction("predict-logit")
def _():
    slope = float(binary_cross_entropy_with_logits.gradient(1, -40.0))
    return [slope < -2, math.isclose(slope, -1), abs(slope) < 0.01]


@prediction("predict-missed-case")
def _():
    before, after = (np.dot(draw.mistakes(threshold), [9, 1]) for threshold in (0.5, 0.1))
    return [after > before, after < before / 2, after == before]


@prediction("predict-three-logits")
def _():
    before, after = (softmax(np.array([2.0, 0.0, 4.0]) / t) for t in (1, 2))
    first = after.argmax() == 2
    return [not first, first and after[2] < before[2], np.ptp(after) < 0.05]


@prediction("predict-digit")
def _():
    losses, _ = losses_of("a 3 taken for a 5")
    return [
        losses[-1] < losses[0],
        losses[-1] > 1.5 * losses[0],
        abs(losses - math.log(10)).max() < 0.5,
    ]


@prediction("predict-several-labels")
def _():
    most = max(
        softmax(np.array([*z, 0.0]))[:3].min()
        for z in [*np.random.default_rng(0).normal(0, 20, (500, 3)), (40, 40, 40)]
    )
    return [math.isclose(most, share, abs_tol=1e-6) for share in (1, 1 / 2, 1 / 3)]


@prediction("predict-naive-and-stable")
def _():
    z = np.arange(1, 2001)
    first = z[np.isinf(draw.naive_losses(z, "float32")[0])][0]
    return [first == 17, 80 < first < 100, first > 1000]


@prediction("predict-race")
def _():
    end = {name: float(sigmoid(path[60])) for name, path in draw.race_paths(-6).items()}
    squared, other = end.pop("squared"), *end.values()
    return [other > 0.5 and squared > 0.5, other > 0.5 and squared < 0.1, squared > other]


@prediction("predict-weight-or-threshold")
def _():
    mean = sigmoid(draw.diagnosis(9.0).logits).mean()
    return [abs(mean - guess) < 0.03 for guess in (0.35, 0.5, 0.83)]


@prediction("predict-long-tail")
def _():
    plain, weights, adjusted = tails().mean(axis=(0, 2))
    hardly = max(weights, adjusted) - plain < 0.005
    return [weights > adjusted, adjusted > weights and not hardly, hardly]


@prediction("predict-calibration-bins")
def _():
    perfect = draw._errors_of_bins(100)[1][1][draw.BINS.index(15)]
    return [perfect < 0.01, abs(perfect - 0.07) < 0.01, abs(perfect - 0.3) < 0.1]


@prediction("predict-focal")
def _():
    z = np.linspace(-4, 4, 8001)
    ones = np.ones(z.shape, dtype=int)
    cost = 0.9 * focal_with_logits(ones, z) + 0.1 * focal_with_logits(0 * ones, z)
    best = float(sigmoid(z[cost.argmin()]))
    return [abs(best - 0.9) < 0.01, best < 0.89, best > 0.91]


@prediction("predict-label-smoothing")
def _():
    without, smooth = (draw.smoothed(ε, 0.3) for ε in (0.0, 0.3))
    accuracy, confidence = (b > a for a, b in zip(without, smooth, strict=True))
    return [accuracy and confidence, accuracy and not confidence, not accuracy and not confidence]


@prediction("predict-margins")
def _():
    losses = {name: loss for name, (loss, _) in draw.MARGIN_LOSSES.items() if name != "0-1"}
    bounded = {n for n, loss in losses.items() if abs(float(loss.gradient(1, -50.0))) <= 1}
    return [
        bounded == set(losses),
        bounded == {"perceptron", "hinge", "logistic"},
        bounded == set(losses) - {"exponential"},
    ]


@prediction("predict-reliability")
def _():
    logits, truth = draw.overconfident()
    p = sigmoid(logits)
    gap = (truth - p)[p > 0.5].mean()
    return [abs(gap) < 0.03, gap < -0.03, gap > 0.03]


@prediction("predict-reliability-2")
def _():
    logits, truth = draw.overconfident()
    errors = [
        expected_calibration_error(truth, sigmoid(logits / T), bins=10) for T in (0.5, 1.0, 2.5)
    ]
    return [error == min(errors) for error in errors]


@prediction("predict-focal-calibration")
def _():
    (*_, before), _, (*_, after) = focused().mean(axis=1)
    return [math.isclose(before, after, rel_tol=0.1), after > 1.1 * before, after < 1]


def test_focal_loss_is_nearly_log_loss_at_a_temperature():
    z = np.linspace(0.1, 2, 20)
    ones = np.ones(z.shape, dtype=int)
    zero, one = focal_with_logits.gradient(0 * ones, z), focal_with_logits.gradient(ones, z)
    π = zero / (zero - one)
    assert z / np.log(π / (1 - π)) == pytest.approx(0.373, abs=3e-3)


def test_focal_gradient_of_the_solution_is_finite_and_right_at_large_logits():
    sources = ("".join(cell["source"]) for cell in notebook()["cells"])
    text = next(s for s in sources if "{dropdown} Solution: The gradient of focal loss" in s)
    code = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[-1]
    scope = {"np": np, "sigmoid": sigmoid}
    exec(code, scope)
    z, y = np.array([-800.0, -3, 0, 3, 800] * 2), np.repeat([0, 1], 5)
    for gamma in (1.0, 2.0):
        value, gradient = (f(y, z, gamma) for f in scope["answer"])
        assert value == pytest.approx(focal_with_logits(y, z, gamma=gamma))
        assert gradient == pytest.approx(focal_with_logits.gradient(y, z, gamma=gamma))
