"""What chapter 5 says, claim by claim."""

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lossbook import (
    Cost,
    Formula,
    GradientDescent,
    Linear,
    absolute_error,
    assess,
    binary_cross_entropy_with_logits,
    brier,
    categorical_cross_entropy_with_logits,
    check_gradient,
    choose,
    generalized_cross_entropy,
    hinge,
    log_cosh,
    loss,
    pinball,
    sigmoid,
    softmax,
    squared_error,
    train,
)
from lossbook.choosing import QUESTIONS
from lossbook.figures import choosing as draw
from lossbook.fitting import fit_line

from .predicting import prediction

RECORDED = json.loads(
    (Path(__file__).parents[1] / "data" / "recorded_values.json").read_text(encoding="utf-8")
)
VALUES = RECORDED["values"]
CELSIUS, CUPS = draw.fruit_cups()


@loss(task="regression", kinks=lambda **costs: (0.0,))
def stock(y_true, y_pred, *, shortage=4.0, leftover=1.0):
    r = y_pred - y_true
    return Formula(
        value=np.where(r < 0, -shortage * r, leftover * r),
        gradient=leftover * (r > 0) - shortage * (r < 0),
    )


# The chooser


@prediction("predict-chooser")
def _():
    plain, dear = choose("yes or no").loss, choose("yes or no", data="too low costs more").loss
    rare = choose("yes or no", data="sizes differ a lot").loss
    assert choose("a number").loss is not choose("a number", data="too low costs more").loss
    (wishes,) = (question.answers for question in QUESTIONS if question.name == "want")
    assert {choose("yes or no", want, "too low costs more").name for want in wishes} == {dear.name}
    assert [want for want in wishes if choose("yes or no", want).name != plain.name] == [
        "only what to do"
    ]
    assert choose("yes or no", "only what to do").name == "hinge"
    return [dear is not plain, dear is plain, rare is not plain]


def test_a_yes_pays_above_the_probability_b_over_a_plus_b():
    missed, alarm = 4, 1
    threshold = Fraction(alarm, missed + alarm)
    assert threshold == Fraction(1, 5)
    for p in (Fraction(i, 100) for i in range(101)):
        assert (p * missed > (1 - p) * alarm) == (p > threshold)


def test_wanting_the_mean_or_the_typical_value_matters_not_at_unequal_costs():
    wishes = ("the mean, or a probability", "the typical value")
    losses = [choose("a number", wish, "too low costs more").loss for wish in wishes]
    assert repr(losses[0]) == repr(losses[1]) == "pinball(quantile=0.8)"


def test_generalized_cross_entropy_makes_79_percent_of_60():
    p = np.linspace(0.001, 0.999, 999)
    rows = np.column_stack([p, 1 - p])
    labels = np.zeros(999, dtype=int)
    cost = 0.6 * generalized_cross_entropy(labels, rows)
    cost += 0.4 * generalized_cross_entropy(labels + 1, rows)
    assert p[cost.argmin()] == pytest.approx(0.79, abs=0.005)
    assert "79 % of 60 %" in choose("one of many classes", data="some targets are wrong").because


def test_one_wrong_label_costs_without_limit_under_hinge_loss_and_at_most_1_under_brier():
    assert hinge(-1.0, 1000.0) == 1001
    assert brier(0.0, 1.0) == 1


# Your own loss


def test_the_stock_loss_is_five_times_the_pinball_loss_at_0_8():
    for shortage, leftover in ((4.0, 1.0), (9.0, 1.0), (3.0, 2.0)):
        total = shortage + leftover
        own = stock(CUPS, CUPS[::-1], shortage=shortage, leftover=leftover)
        assert own == pytest.approx(total * pinball(CUPS, CUPS[::-1], quantile=shortage / total))
    assert draw.money(CUPS, CUPS[::-1]) == pytest.approx(stock(CUPS, CUPS[::-1]))
    assert check_gradient(stock)


@prediction("predict-order-quantity")
def _():
    best = {a: _best_order(a) for a in (1, 4)}
    assert best[1] in (69, 70)
    factor = best[4] / best[1]
    return [abs(factor - 4) < 0.5, 1.25 < factor < 1.45, factor == 1]


def _best_order(shortage):
    costs = [draw.money(CUPS[draw.LEARN], q, shortage).mean() for q in range(30, 400)]
    return 30 + int(np.argmin(costs))


@prediction("predict-order-lines")
def _():
    even, dear = draw.stock_lines(1), draw.stock_lines(4)
    fixed = all(even[name] == dear[name] for name in ("squared", "absolute"))
    ends = [dear["other"](celsius) - even["other"](celsius) for celsius in (13.0, 31.0)]
    parallel = abs(ends[1] - ends[0]) < 1
    return [not fixed, fixed and parallel and min(ends) > 0, fixed and 0 < ends[0] < ends[1] - 5]


def _simulated(seed):
    """Return what a day costs in a summer of its own: three losses, and a mean with a margin."""
    rng = np.random.default_rng(seed)
    celsius = 12 + 20 * rng.random(400)
    scatter = (4 + 1.2 * (celsius - 12)) * -np.log1p(-rng.random(400))
    cups = 30 + 3 * (celsius - 12) + scatter
    learn, test = draw.LEARN, draw.TEST
    mean, median = (
        fit_line(celsius[learn], cups[learn], each) for each in (squared_error, absolute_error)
    )
    own = fit_line(celsius[learn], cups[learn], pinball.bind(quantile=0.8))
    margin = np.quantile(cups[learn] - mean(celsius[learn]), 0.8)
    orders = [line(celsius[test]) for line in (mean, median, own)]
    orders.append(orders[0] + margin)
    return [draw.money(cups[test], order).mean() for order in orders]


def test_in_27_of_30_simulations_the_loss_that_states_the_costs_is_the_cheapest():
    mean, median, own, margin = np.array([_simulated(seed) for seed in range(100, 130)]).T
    assert (own < np.minimum(mean, median)).sum() == 27
    assert (own < margin).sum() == 25
    for saved, told, error in ((mean - own, 3.8, 0.4), (margin - own, 0.5, 0.1)):
        assert saved.mean() == pytest.approx(told, abs=0.05)
        assert saved.std(ddof=1) / 30**0.5 == pytest.approx(error, abs=0.05)


def test_the_cheapest_fixed_order_runs_out_on_one_day_in_five():
    costs = [stock(CUPS[:200], np.full(200, q)).mean() for q in range(30, 171)]
    best = 30 + int(np.argmin(costs))
    assert best == 94
    assert (CUPS[:200] > best).mean() == pytest.approx(0.2, abs=0.01)
    assert best == pytest.approx(np.quantile(CUPS[:200], 0.8), abs=1)


@pytest.mark.parametrize(("shortage", "best"), [(1, 69), (4, 94), (9, 109)])
def test_best_orders_at_the_cost_ratios_of_the_text(shortage, best):
    told = f"at {best} cups."
    figure = draw.order_quantity
    from lossbook.explore import Stage

    caption = Stage(figure).frame({"order": 72, "shortage": shortage}).caption
    assert caption.endswith(told), caption


def test_the_curve_is_steeper_where_too_little_is_ordered():
    costs = {q: stock(CUPS[:200], np.full(200, float(q))).mean() for q in (64, 94, 124)}
    assert costs[64] - costs[94] > 1.5 * (costs[124] - costs[94])


@pytest.fixture(scope="module")
def held_out():
    """Costs per held-out day and orders of the three trained lines."""
    X = ((CELSIUS - 22) / 5)[:, None]
    costs, shares = {}, {}
    for kind, rate in ((squared_error, 0.2), (absolute_error, 0.5), (stock, 0.5)):
        model = Linear(1)
        train(model, X[:200], CUPS[:200], Cost(kind), GradientDescent(rate), epochs=1000)
        order = model.forward(X[200:])
        costs[kind.name] = stock(CUPS[200:], order).mean()
        shares[kind.name] = (CUPS[200:] > order).mean()
    return costs, shares


def test_money_saved_on_held_out_days(held_out):
    costs, shares = held_out
    assert costs["squared_error"] == pytest.approx(29.1, abs=0.05)
    assert costs["absolute_error"] == pytest.approx(34.7, abs=0.05)
    assert costs["stock"] == pytest.approx(24.2, abs=0.05)
    assert 960 < 200 * (costs["squared_error"] - costs["stock"]) < 1000
    assert 200 * (costs["absolute_error"] - costs["stock"]) == pytest.approx(2100, abs=20)
    assert costs["squared_error"] - costs["stock"] == pytest.approx(5, abs=0.1)
    assert shares["stock"] == pytest.approx(0.2, abs=0.02)


def test_a_safety_margin_repairs_most_of_it_and_the_trained_loss_is_better(held_out):
    line = fit_line(CELSIUS[:200], CUPS[:200], squared_error)
    margin = np.quantile(CUPS[:200] - line(CELSIUS[:200]), 0.8)
    with_margin = stock(CUPS[200:], line(CELSIUS[200:]) + margin).mean()
    costs, _ = held_out
    assert margin == pytest.approx(7.9, abs=0.05)
    assert costs["stock"] < with_margin < (costs["stock"] + costs["squared_error"]) / 2


def test_the_trained_loss_costs_13_cents_more_than_the_true_quantile(held_out):
    warm = CELSIUS[200:] - 12
    best = 30 + 3 * warm - (4 + 1.2 * warm) * math.log(0.2)
    assert round(float(held_out[0]["stock"]), 2) == 24.16
    assert round(float(stock(CUPS[200:], best).mean()), 2) == 24.03


def test_the_scatter_has_its_080_quantile_at_minus_log_02_and_its_063_quantile_at_the_mean():
    scatter = -np.log1p(-(np.arange(10_000) + 0.5) / 10_000)  # exponential, of mean 1
    assert scatter.mean() == pytest.approx(1, abs=1e-3)
    assert np.quantile(scatter, 0.8) == pytest.approx(-math.log(0.2), abs=1e-3)
    assert (scatter < 1).mean() == pytest.approx(0.63, abs=5e-3)


def test_at_2_to_1_squared_error_is_a_little_ahead():
    lines = draw.stock_lines(2)
    costs = {n: draw.money(CUPS[200:], line(CELSIUS[200:]), 2).mean() for n, line in lines.items()}
    assert (round(costs["squared"], 1), round(costs["other"], 1)) == (16.9, 17.1)
    for shortage in (1, 3, 4, 9):
        lines = draw.stock_lines(shortage)
        squared, own = (
            draw.money(CUPS[200:], lines[n](CELSIUS[200:]), shortage).mean()
            for n in ("squared", "other")
        )
        assert own < squared


def test_only_the_line_that_knows_the_costs_moves_and_it_turns():
    lines = {shortage: draw.stock_lines(shortage) for shortage in (1, 4, 9)}
    for name in ("squared", "absolute"):
        assert lines[1][name] == lines[4][name] == lines[9][name]
    slopes = [lines[shortage]["other"].slope for shortage in (1, 4, 9)]
    assert slopes[0] < slopes[1] < slopes[2]
    assert lines[1]["other"] == pytest.approx(lines[1]["absolute"])


# Is it a good loss?


def test_the_check_list_says_of_the_stock_loss_what_the_text_says():
    report = assess(stock)
    assert report
    assert "79% of the targets below, 20% above" in report["estimates"].answer  # 80 of 101 below
    assert round(0.79 * 101) == 80


@prediction("predict-good-loss")
def _():
    def those(test):
        return {name for name, each in draw.CANDIDATES.items() if test(assess(each))}

    bent = those(lambda report: report["convex in the prediction"].passed is not True)
    bounded = those(lambda report: report["slope far away"].answer.startswith("bounded"))
    assert len(draw.CANDIDATES) == 8
    return [bent == {"Tukey, c = 3", "square root"}, bent == {"signed miss"}, bent == bounded]


def test_the_forgotten_2_halves_the_slope_and_leaves_the_minimum():
    r = np.linspace(-3, 3, 13)
    zero = np.zeros(13)
    assert 2 * draw.forgotten_factor.gradient(zero, r) == pytest.approx(
        squared_error.gradient(zero, r)
    )
    assert (draw.forgotten_factor(zero, r) == squared_error(zero, r)).all()


def test_squared_error_passes_every_line():
    assert all(finding.passed is not False for finding in assess(squared_error).findings)


def test_naive_log_cosh_is_infinite_where_the_value_is_999():
    with np.errstate(over="ignore"):
        assert np.log(np.cosh(1000.0)) == math.inf
    assert log_cosh(0.0, 1000.0) == pytest.approx(999.3, abs=0.05)


# Why is my number different?


def test_the_five_examples_are_the_recorded_ones():
    given = RECORDED["given"]
    assert given["Y"] == draw.TARGETS.tolist()
    assert given["P"] == draw.PREDICTIONS.tolist()
    assert given["LABELS"] == draw.LABELS.tolist()
    assert given["LOGITS"] == draw.LOGITS.tolist()
    versions = RECORDED["versions"]
    assert [versions[n].rsplit(".", 1)[0] for n in ("PyTorch", "Keras", "scikit-learn")] == [
        "2.13",
        "3.15",
        "1.9",
    ]
    assert versions["optax"] == "0.2.8"


def test_squared_error_of_four_libraries_is_one_loss():
    each = squared_error(draw.TARGETS, draw.PREDICTIONS)
    for library in ("PyTorch", "Keras", "optax"):
        assert each == pytest.approx(VALUES[library]["squared_error"]["value"])
    assert each.mean() == VALUES["scikit-learn"]["squared_error"]["value"] == 4.0625
    assert (each / 2).tolist() == VALUES["optax"]["half_squared_error"]["value"]
    assert (each / 2).tolist() == [0.125, 2, 0, 0.03125, 8]


def test_keras_sums_only_over_what_the_last_axis_leaves():
    summed = RECORDED["Keras reduction='sum'"]
    for name, kind, y, p in (
        ("squared_error", squared_error, draw.TARGETS, draw.PREDICTIONS),
        (
            "binary_cross_entropy_with_logits",
            binary_cross_entropy_with_logits,
            draw.LABELS,
            draw.LOGITS,
        ),
    ):
        each = kind(y, p)
        assert summed[name]["(5, 1)"] == pytest.approx(each.sum(), rel=1e-6)
        assert summed[name]["(5,)"] == pytest.approx(each.mean(), rel=1e-6)


@prediction("predict-conventions")
def _():
    y, p = draw.TARGETS, draw.PREDICTIONS
    same = [
        np.array_equal(squared_error(y, p), squared_error(p, y)),
        np.allclose(pinball(y, p, quantile=0.9).mean(), pinball(p, y, quantile=0.9).mean()),
    ]
    swapped = draw.unchecked_cross_entropy(draw.LOGITS, draw.LABELS)
    return [*same, np.allclose(swapped, draw.unchecked_cross_entropy(draw.LABELS, draw.LOGITS))]


def test_pinball_swapped_is_the_pinball_loss_at_one_minus_tau():
    y, p = draw.TARGETS, draw.PREDICTIONS
    assert pinball(y, p, quantile=0.75).mean() == 0.9375
    assert VALUES["scikit-learn"]["pinball"]["value"] == 0.9375
    swapped = pinball(p, y, quantile=0.75)
    assert swapped == pytest.approx(pinball(y, p, quantile=0.25))
    assert swapped.mean() == 0.4125


def test_cross_entropy_swapped_has_one_negative_loss():
    each = draw.unchecked_cross_entropy(draw.LOGITS, draw.LABELS)
    assert (each < 0).sum() == 1
    right = draw.unchecked_cross_entropy(draw.LABELS, draw.LOGITS)
    for library in ("PyTorch", "Keras", "optax"):
        recorded = VALUES[library]["binary_cross_entropy_with_logits"]["value"]
        assert right == pytest.approx(recorded, rel=1e-6)


def test_smooth_l1_is_huber_divided_by_its_parameter():
    small, huber = (VALUES["PyTorch"][n]["value"] for n in ("smooth_l1", "huber"))
    assert [1.5 * v for v in small] == pytest.approx(huber)
    assert (small[-1], huber[-1]) == (3.25, 4.875)


def test_probabilities_taken_for_logits_have_a_floor():
    labels, logits = draw.LABELS, draw.LOGITS
    right = binary_cross_entropy_with_logits(labels, logits).mean()
    wrong = binary_cross_entropy_with_logits(labels, sigmoid(logits)).mean()
    assert right == pytest.approx(1.0215, abs=5e-5)
    assert wrong == pytest.approx(0.6898, abs=5e-5)
    p = np.linspace(0, 1, 101)
    floor = binary_cross_entropy_with_logits(np.ones(101), p).min()
    assert floor == pytest.approx(math.log(1 + math.exp(-1)))
    assert floor == pytest.approx(0.313, abs=5e-4)


def _leaves(library):
    """Return the logit from which on a library's loss is off by more than a half."""
    name = next(name for name in draw.clipped_losses(0.0) if name.startswith(library))
    return next(
        z
        for z in np.arange(0, 121, 0.25)
        if abs(draw.clipped_losses(z)[name] - draw.clipped_losses(z)["exact"]) > 0.5
    )


def test_where_clipped_losses_leave_the_exact_one():
    assert _leaves("Keras") == pytest.approx(16, abs=1)
    assert _leaves("scikit-learn") == pytest.approx(36, abs=1)
    torch = _leaves("PyTorch")
    assert 36 < torch < 37
    assert draw.clipped_losses(37.0)["PyTorch, log at −100"] == 100


@prediction("predict-clipping")
def _():
    first = {name: _leaves(name) for name in ("PyTorch", "Keras", "scikit-learn")}
    return [first[name] == min(first.values()) for name in first]


def test_the_gradient_of_pytorch_fades_from_a_logit_of_28_on():
    recorded = RECORDED["PyTorch binary_cross_entropy of a label 0 at a logit"]
    for logit, there in recorded.items():
        p = 1 / (1 + math.exp(-float(logit)))
        slope = p * (1 - p)  # of the sigmoid
        assert there["gradient"] == pytest.approx(p * slope / max(slope, 1e-12), rel=1e-6)
    assert recorded["27.0"]["gradient"] == pytest.approx(1)
    assert recorded["28.0"]["gradient"] < 0.7
    assert recorded["28.0"]["value"] == pytest.approx(28)  # while the value still follows
    assert recorded["37.0"] == {"value": 100, "gradient": 0}


def test_in_32_bits_a_probability_is_one_from_a_logit_of_17_on():
    p = [1 / (1 + np.exp(np.float32(-z))) for z in (16, 17)]
    assert p[0] < 1 == p[1]


# A gallery of bugs


@prediction("predict-broadcast")
def _():
    x, y = draw.INPUTS, draw.OUTPUTS
    return [(y - x[:, np.newaxis]).size == number for number in (6, 12, 36)]


def test_cost_of_all_pairs_splits_into_two_variances_and_a_difference_of_means():
    for w in (-0.5, 0.0, 1.0):
        prediction, y = w * draw.INPUTS + 0.3, draw.OUTPUTS
        pairs = ((prediction[:, None] - y) ** 2).mean()
        parts = prediction.var() + y.var() + (prediction.mean() - y.mean()) ** 2
        assert pairs == pytest.approx(parts)
    assert draw.lowest_weight(pairs=True) == 0
    assert draw.lowest_weight(pairs=False) == pytest.approx(0.95, abs=5e-3)


@prediction("predict-double-softmax")
def _():
    rows = np.zeros((2, 10))
    rows[:, 0] = 0, 1000
    start, end = categorical_cross_entropy_with_logits([0, 0], softmax(rows))
    return [abs(end) < 0.1, abs(end - 1.46) < 0.005, end == start]


def test_two_softmaxes_have_a_floor_and_a_tenth_of_the_slope():
    rows = np.zeros((1, 10))
    rows[0, 0] = 50
    floor = categorical_cross_entropy_with_logits([0], softmax(rows))[0]
    assert floor == pytest.approx(math.log(1 + 9 / math.e))
    assert floor == pytest.approx(1.461, abs=5e-4)

    def twice(z):
        return categorical_cross_entropy_with_logits([0], softmax([[z] + [0.0] * 9]))[0]

    slope = (twice(1e-5) - twice(-1e-5)) / 2e-5
    right = categorical_cross_entropy_with_logits.gradient([0], np.zeros((1, 10)))[0, 0]
    assert slope == pytest.approx(right / 10, rel=1e-5)


@prediction("predict-log-zero")
def _():
    with np.errstate(divide="ignore"):
        naive = -np.log(1 - 1 / (1 + np.exp(-np.array([5.0, 40.0, 800.0]))))
    infinite = np.isinf(naive).tolist()
    return [infinite == which for which in ([False] * 3, [False, False, True], [False, True, True])]


def test_from_a_logit_of_37_on_one_minus_p_is_zero():
    p = [1 / (1 + np.exp(-z)) for z in (36.0, 37.0)]
    assert 1 - p[0] > 0 == 1 - p[1]


@prediction("predict-weighted-means")
def _():
    losses, w = np.array([1.0, 1.0, 5.0]), np.array([1.0, 1.0, 4.0])
    by_number = [float((k * w * losses).mean()) for k in (1, 10)]
    by_weight = [float(np.average(losses, weights=k * w)) for k in (1, 10)]
    moved = [by_number[0] != by_number[1], not math.isclose(*by_weight)]
    return [not any(moved), *moved]


def test_only_the_mean_over_the_weights_is_one():
    losses, weights = np.array([1.0, 1.0, 5.0]), np.array([1.0, 1.0, 4.0])
    by_weight = np.average(losses, weights=weights)
    assert np.average(losses, weights=10 * weights) == pytest.approx(by_weight)
    assert by_weight == pytest.approx(np.mean([1, 1, 5, 5, 5, 5]))
    assert (weights * losses).mean() == pytest.approx(22 / 3)
    zero = Cost(squared_error)
    assert zero(np.zeros(3), np.sqrt(losses), sample_weight=weights) == pytest.approx(by_weight)


@prediction("predict-label-signs")
def _():
    z = np.arange(-1000.0, 1001.0)
    told = draw.unchecked_cross_entropy(np.full(len(z), -1.0), z)
    lowest = z[np.argmin(told)]
    return [lowest == 0, lowest == z[0] and (np.diff(told) > 0).all(), lowest > 10]


def test_cross_entropy_of_a_label_of_minus_one_has_no_lower_bound():
    values = draw.unchecked_cross_entropy(np.full(3, -1.0), np.array([-10.0, -100.0, -1000.0]))
    assert values == pytest.approx([-10, -100, -1000], abs=1e-4)
    with pytest.raises(ValueError, match=r"y_true must be in \[0, 1\]: got -1.0 at index 1"):
        binary_cross_entropy_with_logits([1, -1], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"y_true must be −1 or 1: got 0.0 at index 1"):
        hinge([1, 0], [0.5, 0.5])


@pytest.mark.parametrize("classes", [2, 10])
def test_cross_entropy_of_equal_probabilities_starts_at_log_c(classes):
    start = categorical_cross_entropy_with_logits([0], np.zeros((1, classes)))
    assert start == pytest.approx(math.log(classes))
