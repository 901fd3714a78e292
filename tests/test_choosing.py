"""The chooser: every combination of answers leads to a loss that fits it."""

import inspect
import json
from pathlib import Path

import numpy as np
import pytest

import lossbook
from lossbook import Distribution, Interval, choose
from lossbook.choosing import _RULES, LIBRARIES, QUESTIONS, _fits, answers
from lossbook.losses.coverage import OTHER_NAMES

RECORDED = json.loads(
    (Path(__file__).parent / "data" / "recorded_values.json").read_text(encoding="utf-8")
)
TASKS = {
    "a number": {"regression"},
    "an amount, never negative": {"regression"},
    "a count": {"regression"},
    "yes or no": {"binary"},
    "one of many classes": {"multi-class"},
    "one of several grades, in order": {"multi-class"},
    "several labels at once": {"binary", "multi-label"},  # a binary loss for each label
}
EVERY = list(answers())


def test_there_are_as_many_combinations_as_answers_multiplied():
    assert len(EVERY) == len(set(EVERY)) == 7 * 5 * 4 < 150


@pytest.mark.parametrize("given", EVERY, ids=" / ".join)
def test_choice_fits_what_is_predicted(given):
    choice = choose(*given)
    assert choice.loss.declaration.task in TASKS[given[0]]
    assert choice.because
    assert choice.because[0].islower()
    assert not choice.because.endswith(".")
    assert set(choice.calls) | set(choice.missing) == set(LIBRARIES)
    assert not set(choice.calls) & set(choice.missing)


def test_every_rule_is_reached_and_decides_something():
    used = {next(i for i, rule in enumerate(_RULES) if _fits(rule[:3], given)) for given in EVERY}
    assert used == set(range(len(_RULES)))


def test_every_pattern_names_real_answers():
    for rule in _RULES:
        for pattern, question in zip(rule[:3], QUESTIONS, strict=True):
            named = pattern if isinstance(pattern, set) else {pattern} - {...}
            assert named <= set(question.answers)


def test_arguments_are_the_names_of_the_questions():
    assert list(inspect.signature(choose).parameters) == [q.name for q in QUESTIONS]
    assert choose().loss is lossbook.squared_error


@pytest.mark.parametrize(
    ("given", "loss"),
    [
        (("a number", "the typical value"), "absolute_error"),
        (("a number", "a level to stay below"), "pinball"),
        (("a number", "also how sure it is"), "gaussian_nll"),
        (("a number", "the mean, or a probability", "some targets are wrong"), "huber"),
        (("a number", "the mean, or a probability", "too low costs more"), "pinball"),
        (("a count",), "poisson_nll"),
        (("yes or no",), "binary_cross_entropy_with_logits"),
        (("yes or no", "only what to do", "some targets are wrong"), "brier"),
        (("a count", "also how sure it is", "sizes differ a lot"), "negative_binomial_nll"),
        (("one of several grades, in order",), "ordinal_nll"),
        (("one of many classes",), "categorical_cross_entropy_with_logits"),
        (("several labels at once",), "binary_cross_entropy_with_logits"),
    ],
)
def test_textbook_answers(given, loss):
    assert choose(*given).loss.name == loss


@pytest.mark.parametrize("predict", ["yes or no", "one of many classes", "several labels at once"])
def test_unequal_costs_do_not_change_the_loss_of_labels_but_that_of_numbers(predict):
    for want in QUESTIONS[1].answers:
        chosen = choose(predict, want, "too low costs more").loss
        assert chosen.name.endswith("cross_entropy_with_logits")
    for number in ("a number", "an amount, never negative", "a count"):
        for want in QUESTIONS[1].answers:
            assert choose(number, want, "too low costs more").loss.name == "pinball"


@pytest.mark.parametrize("given", EVERY, ids=" / ".join)
def test_output_layer_brings_predictions_into_the_domain(given):
    choice = choose(*given)
    layer = choice.output_layer
    for name in choice.loss.predictions:
        domain = choice.loss.arguments[name]
        if isinstance(domain, Distribution):
            assert "softmax" in layer
        elif isinstance(domain, Interval):
            assert ("sigmoid" if domain.high == 1 else "exp") in layer
        else:
            assert "no activation" in layer
    outputs = [n for n in choice.loss.predictions if n != "cuts"]
    assert layer.startswith(f"{len(outputs)} outputs") == (len(outputs) > 1)
    assert ("cuts: numbers that all examples share" in layer) == ("cuts" in choice.loss.predictions)
    assert ("per class" in layer) == (given[0] == "one of many classes")
    assert ("per label" in layer) == (given[0] == "several labels at once")


@pytest.mark.parametrize("given", EVERY, ids=" / ".join)
def test_calls_are_those_of_the_declaration_with_the_chosen_parameters(given):
    choice = choose(*given)
    declared = choice.loss.declaration.elsewhere
    for library, call in choice.calls.items():
        if given[0] == "several labels at once" and "LogisticRegression" in call:
            assert call == f"sklearn.multiclass.OneVsRestClassifier({declared[library].call})"
        elif choice.loss.name == "pinball":
            quantile = choice.loss.parameters["quantile"]
            assert call == declared[library].call.replace("alpha=0.5", f"alpha={quantile}")
            assert f"alpha={quantile}" in call
        else:
            assert call == declared[library].call
        assert choice.differs.get(library, "") == declared[library].differs


def test_no_library_is_said_to_lack_a_loss_that_it_is_known_to_have():
    for given in EVERY:
        choice = choose(*given)
        for library in choice.missing:
            assert choice.loss.name not in RECORDED["values"][library]
            known = {ours for (there, _), (ours, _) in OTHER_NAMES.items() if there == library}
            assert choice.loss.name not in known


NAMESPACE = {
    **{name: getattr(np, name) for name in ("abs", "log", "log1p", "maximum", "sqrt")},
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lossbook.sigmoid,
}


@pytest.mark.parametrize("given", EVERY, ids=" / ".join)
def test_a_loss_that_a_library_lacks_is_written_out_and_right(given):
    choice = choose(*given)
    if not set(choice.missing) - {"scikit-learn"}:
        return
    y_true, *predictions = choice.loss.sample(20)
    names = dict(zip(choice.loss.predictions, predictions, strict=True))
    if choice.loss.name == "generalized_cross_entropy":
        names["p_of_true_class"] = names["p"][np.arange(20), y_true]
    if choice.loss.name == "ordinal_nll":
        far = np.full((20, 1), 700.0)  # beyond it a sigmoid is 0 or 1
        edges = np.hstack([-far, names["cuts"], far])
        for place, name in enumerate(("cut_below", "cut_above")):
            names[name] = edges[np.arange(20), y_true + place]
    if choice.loss.name == "negative_binomial_nll":
        assert choice.missing == ("Keras", "scikit-learn")
        assert "Keras: no such loss, nor all functions to write it with" in repr(choice)
        return
    got = eval(choice.formula, NAMESPACE, {"y_true": y_true, **names})
    np.testing.assert_allclose(got, choice.loss(y_true, *predictions), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("given", EVERY, ids=" / ".join)
def test_only_what_to_do_is_answered_by_a_probability_or_with_the_price_of_having_none(given):
    choice = choose(*given)
    assert "focal" not in choice.loss.name
    assert "asymmetric" not in choice.loss.name
    if choice.loss.name == "hinge":
        assert "the price: no probability" in choice.because


def test_choice_shows_itself_as_text_and_as_a_table():
    choice = choose("a number", "a level to stay below")
    assert "loss: pinball(quantile=0.9)" in repr(choice)
    assert "output layer: one output, no activation" in repr(choice)
    table = choice._repr_html_().replace(' style="text-align: left"', "").replace("<wbr>", "")
    assert '<th scope="row">loss</th><td><code>pinball(quantile=0.9)</code></td>' in table
    formula = "maximum(0.9 * (y_true - y_pred), (1 - 0.9) * (y_pred - y_true))"
    assert '<th scope="row">Keras</th><td>no such loss; with the functions of keras.ops:' in table
    assert f"<code>{formula}</code>" in table
    call = "sklearn.metrics.mean_pinball_loss(y_true, y_pred, alpha=0.9)"
    assert f"<code>{call}</code> (averages" in table
    assert "<th></th>" not in table
    assert "`" not in table


def test_answer_that_is_none_is_refused_with_the_ones_that_are():
    with pytest.raises(ValueError, match=r"predict must be one of 'a number', .*: got 'a cat'"):
        choose("a cat")
    with pytest.raises(ValueError, match=r"data must be one of .*: got ''"):
        choose(data="")
