"""The check-list: it finds what is wrong with a loss, and says right of ours what is known."""

import numpy as np
import pytest

import lossbook
from lossbook import Formula, Loss, assess, loss
from lossbook.assessment import TARGETS

LOSSES = [getattr(lossbook, n) for n in lossbook.__all__ if isinstance(getattr(lossbook, n), Loss)]
#: What no optimiser can use as it is, or what overflows because its true values do.
FAULTY = {"zero_one"}


@pytest.fixture(scope="module")
def reports():
    return {each.name: assess(each) for each in LOSSES}


@pytest.mark.parametrize("each", LOSSES, ids=lambda each: each.name)
def test_every_loss_of_the_library_is_sound(each, reports):
    report = reports[each.name]
    assert bool(report) == (each.name not in FAULTY), report
    assert report["gradient right"].passed


@pytest.mark.parametrize("each", LOSSES, ids=lambda each: each.name)
def test_convexity_is_as_declared(each, reports):
    if each.convex is not None:
        assert (reports[each.name]["convex in the prediction"].passed is True) == each.convex


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("squared_error", "the mean, 39.9"),
        ("half_squared_error", "the mean"),
        ("gamma_deviance", "the mean"),
        ("tweedie_deviance", "the mean"),
        ("absolute_error", "the median, 27.7"),
        ("pinball", "the median"),
        ("huber", "next to the median"),
        ("squared_log_error", "23.9, below median and mean"),
        ("logistic", "with 30 % of the labels 1: -0.85, whose sigmoid is 0.30"),
        ("perceptron", "with 30 % of the labels 1: 0.00"),
    ],
)
def test_what_a_loss_estimates(name, start, reports):
    assert reports[name]["estimates"].answer.startswith(start)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.8, 0.95])
def test_best_constants_are_those_of_an_exact_search(quantile):
    answer = assess(lossbook.pinball, quantile=quantile)["estimates"].answer
    best = float(answer.split(", ")[1].split(":")[0])
    assert best == pytest.approx(np.quantile(TARGETS, quantile), abs=0.06 + 2 * (quantile > 0.9))
    assert answer.startswith("the median" if quantile == 0.5 else "a quantile")


def test_an_expectile_is_no_quantile():
    answer = assess(lossbook.expectile, tau=0.8)["estimates"].answer
    assert answer.startswith("63.8, above median and mean")


@pytest.mark.parametrize(
    ("each", "unit"),
    [
        (lossbook.squared_error, "of factor k multiplies it by k^2"),
        (lossbook.absolute_error, "of factor k multiplies it by k"),
        (lossbook.tweedie_deviance, "of factor k multiplies it by k^0.5"),
        (lossbook.absolute_percentage_error, "changes nothing"),
        (lossbook.huber, "changes its shape: a parameter or a constant has a unit"),
        (lossbook.squared_log_error, "changes its shape: a parameter or a constant has a unit"),
    ],
    ids=lambda x: getattr(x, "name", ""),
)
def test_another_unit(each, unit, reports):
    assert reports[each.name]["another unit"].answer == unit


def test_a_shift_of_both_matters_to_relative_errors_only(reports):
    assert reports["absolute_error"]["shift of both"].answer == "changes nothing"
    assert reports["absolute_percentage_error"]["shift of both"].answer == "changes the loss"


@pytest.mark.parametrize("each", LOSSES, ids=lambda each: each.name)
def test_slope_far_away_keeps_to_the_declared_bound(each, reports):
    try:
        answer = reports[each.name]["slope far away"].answer
    except KeyError:
        return
    bound = each.gradient_bound
    if bound is None or bound == 0 or each.name == "absolute_percentage_error":
        return  # its slope is 1 / |y|: bounded for each target, not for all
    assert (answer == "grows without bound") == (bound == np.inf)
    if bound < np.inf:
        assert float(answer.split("at most ")[1].split(",")[0]) == pytest.approx(bound, rel=0.03)


def test_redescending_losses_return_to_zero(reports):
    for name in ("cauchy", "tukey_biweight", "welsch", "geman_mcclure"):
        assert reports[name]["slope far away"].answer.startswith("returns to 0")


def test_one_wild_target_carries_the_mean_and_not_the_median(reports):
    assert "1.00 times as far" in reports["squared_error"]["one wild target"].answer
    assert "where it was" in reports["absolute_error"]["one wild target"].answer


# What is wrong is found


def test_a_wrong_gradient_is_named_with_its_place():
    @loss
    def forgotten(y_true, y_pred):
        r = y_pred - y_true
        return Formula(value=r**2, gradient=r)

    report = assess(forgotten)
    assert not report
    assert report["gradient right"].answer.startswith("no: at y_true=")


def test_a_missing_gradient_is_a_fault_and_the_rest_is_assessed():
    @loss
    def unfinished(y_true, y_pred):
        return Formula(value=(y_pred - y_true) ** 2)

    report = assess(unfinished)
    assert report["gradient right"].passed is False
    assert report["estimates"].answer.startswith("the mean")
    with pytest.raises(KeyError, match="slope far away"):
        report["slope far away"]


def test_a_loss_without_a_lower_bound_is_found():
    @loss
    def signed(y_true, y_pred):
        return Formula(value=y_pred - y_true, gradient=np.ones_like(y_pred))

    report = assess(signed)
    assert report["bounded below"].passed is False
    assert report["estimates"].answer.startswith("nothing")


def test_likelihoods_have_no_lower_bound_and_that_is_no_fault(reports):
    assert reports["gaussian_nll"]["bounded below"].passed is None
    assert reports["gaussian_nll"]


def test_a_counter_example_to_convexity_is_one():
    report = assess(lossbook.cauchy)["convex in the prediction"]
    numbers = dict(
        part.split("=") for part in report.answer.replace(",", "").split() if "=" in part
    )
    assert report.passed is None
    y = float(numbers["y_true"])
    ends = [float(part.split(" ")[0]) for part in report.answer.split("y_pred=")[1:]]
    middle = lossbook.cauchy(y, sum(ends) / 2)
    assert middle > lossbook.cauchy([y, y], ends).mean()


def test_a_declaration_that_is_contradicted_is_a_fault():
    @loss(convex=True)
    def claimed(y_true, y_pred):
        r = y_pred - y_true
        return Formula(value=np.sqrt(1 + np.abs(r)), gradient=np.sign(r) / 2)

    assert assess(claimed)["convex in the prediction"].passed is False

    @loss(gradient_bound=lambda: 1.0)
    def steeper(y_true, y_pred):
        r = y_pred - y_true
        return Formula(value=2 * np.abs(r), gradient=2 * np.sign(r))

    assert assess(steeper)["slope far away"].passed is False


def test_values_that_overflow_before_their_slope_does_are_a_fault():
    @loss
    def naive(y_true, y_pred):
        r = y_pred - y_true
        return Formula(value=np.log(np.cosh(r)), gradient=np.tanh(r))

    report = assess(naive)
    assert report["values finite"].passed is False
    assert "inf at" in report["values finite"].answer
    assert assess(lossbook.exponential)["values finite"].passed is None


def test_a_loss_that_teaches_nothing_is_a_fault(reports):
    assert reports["zero_one"]["slope far away"].passed is False


def test_parameters_are_bound_and_named():
    report = assess(lossbook.huber, delta=3)
    assert report.name == "huber(delta=3.0)"
    assert report["slope far away"].answer == "bounded: at most 3"
    with pytest.raises(TypeError, match="huber has no parameter 'width'"):
        assess(lossbook.huber, width=3)
    with pytest.raises(TypeError, match="loss must be a Loss"):
        assess(np.square)


def test_report_shows_itself_as_text_and_as_a_table(reports):
    report = reports["squared_error"]
    lines = repr(report).splitlines()
    assert lines[0] == "squared_error()"
    assert lines[1].startswith("✓ gradient right")
    assert len(lines) == 1 + len(report.findings)
    table = report._repr_html_().replace(' style="text-align: left"', "").replace("<wbr>", "")
    assert '<th scope="col"><code>squared_error()</code></th>' in table
    assert '<tr><th scope="row">✓ gradient right</th><td>equal to differences' in table
    assert table.count("<tr>") == 1 + len(report.findings)
