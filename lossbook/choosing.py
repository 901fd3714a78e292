"""The loss chooser: three questions lead to a loss, its output layer and its calls elsewhere.

The answers are data: one table of rules, read from top to bottom. All that is said of a loss
(output layer, what it estimates, calls in other libraries) is read from its declaration.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

from lossbook.losses import (
    Distribution,
    Interval,
    Loss,
    absolute_error,
    binary_cross_entropy_with_logits,
    brier,
    categorical_cross_entropy_with_logits,
    gamma_deviance,
    gaussian_nll,
    generalized_cross_entropy,
    hinge,
    huber,
    laplace_nll,
    negative_binomial_nll,
    ordinal_nll,
    pinball,
    poisson_nll,
    squared_error,
    squared_log_error,
    tweedie_deviance,
)
from lossbook.text import html_table

__all__ = ["LIBRARIES", "QUESTIONS", "Choice", "Question", "answers", "choose"]

#: The libraries whose calls a choice names.
LIBRARIES = ("PyTorch", "Keras", "scikit-learn")


@dataclass(frozen=True)
class Question:
    """A question of the chooser: its name as an argument, its words, its possible answers."""

    name: str
    text: str
    answers: tuple[str, ...]


NUMBER, AMOUNT, COUNT = "a number", "an amount, never negative", "a count"
BINARY, CLASSES, LABELS = "yes or no", "one of many classes", "several labels at once"
GRADES = "one of several grades, in order"
MEAN, MIDDLE, LEVEL = "the mean, or a probability", "the typical value", "a level to stay below"
SURE, DECISION = "also how sure it is", "only what to do"
PLAIN, WRONG = "nothing special", "some targets are wrong"
UNEQUAL, SIZES = "too low costs more", "sizes differ a lot"

#: What the chooser asks, with the answers that each question allows.
#:
#: :meta hide-value:
QUESTIONS = (
    Question(
        "predict",
        "What do you predict?",
        (NUMBER, AMOUNT, COUNT, BINARY, CLASSES, GRADES, LABELS),
    ),
    Question("want", "What should the prediction tell you?", (MEAN, MIDDLE, LEVEL, SURE, DECISION)),
    Question("data", "What is special?", (PLAIN, WRONG, UNEQUAL, SIZES)),
)

#: How many outputs the model has, by what is predicted; a loss of two predictions takes two.
_OUTPUTS = {BINARY: "one output", CLASSES: "one output per class", LABELS: "one output per label"}


@dataclass(frozen=True, eq=False)
class Choice:
    """What :func:`choose` recommends.

    Attributes
    ----------
    loss : Loss
        The loss, with its parameters bound.
    because : str
        The reason, and how the answers were read where they do not quite fit together.
    predict : str
        What is predicted: it says how many outputs the model has.
    """

    loss: Loss
    because: str
    predict: str

    @property
    def name(self) -> str:
        """The loss as one writes it, with those parameters alone that are not the defaults."""
        defaults = inspect.signature(self.loss.__wrapped__).parameters
        changed = [
            f"{name}={value!r}"
            for name, value in self.loss.parameters.items()
            if value != defaults[name].default
        ]
        return f"{self.loss.name}({', '.join(changed)})" if changed else self.loss.name

    @property
    def output_layer(self) -> str:
        """The number of outputs and the activation that the loss needs."""
        domains = self.loss.arguments
        names = [name for name in self.loss.predictions if not _shared(domains[name])]
        if len(names) > 1:
            parts = [f"{name} ({_activation(self.loss, name)})" for name in names]
            return f"{len(names)} outputs: {', '.join(parts)}"
        outputs = _OUTPUTS.get(self.predict, "one output")
        common = [name for name in self.loss.predictions if _shared(domains[name])]
        more = f"; {', '.join(common)}: numbers that all examples share" if common else ""
        return f"{outputs}, {_activation(self.loss, names[0])}{more}"

    @property
    def calls(self) -> dict[str, str]:
        """Library to the call there; only the libraries that have the loss."""
        found = self.loss.declaration.elsewhere
        calls = {name: _call(self.loss, found[name].call) for name in LIBRARIES if name in found}
        estimator = calls.get("scikit-learn", "")
        if self.predict == LABELS and estimator.endswith("LogisticRegression()"):
            # It takes one label; several are as many estimators.
            calls["scikit-learn"] = f"sklearn.multiclass.OneVsRestClassifier({estimator})"
        return calls

    @property
    def formula(self) -> str:
        """The loss of one example in the functions of an array library that lacks it."""
        return _FORMULAS.get(self.loss.name, "").format(**self.loss.parameters)

    @property
    def differs(self) -> dict[str, str]:
        """Library to what differs there from the loss of one example."""
        found = self.loss.declaration.elsewhere
        return {name: found[name].differs for name in self.calls if found[name].differs}

    @property
    def missing(self) -> tuple[str, ...]:
        """The libraries that do not have the loss; :attr:`formula` is what to write there."""
        return tuple(name for name in LIBRARIES if name not in self.calls)

    def _rows(self) -> Iterator[tuple[str, str]]:
        yield "loss", self.name
        yield "because", self.because
        if self.loss.declaration.estimates:
            yield "estimates", self.loss.declaration.estimates
        yield "output layer", self.output_layer
        for library in LIBRARIES:
            call = self.calls.get(library) or self._substitute(library)
            note = self.differs.get(library, "")
            yield library, f"{call} ({note})" if note else call

    def _substitute(self, library: str) -> str:
        """Return what to do where a library does not have the loss."""
        if library == "scikit-learn":
            return "no such loss, and its estimators take none from outside"
        if not self.formula:
            return "no such loss, nor all functions to write it with"
        namespace = {"PyTorch": "torch", "Keras": "keras.ops"}[library]
        return f"no such loss; with the functions of {namespace}: `{self.formula}`"

    def __repr__(self) -> str:
        return "\n".join(
            textwrap.fill(
                f"{heading}: {text}",
                76,
                subsequent_indent="    ",
                break_long_words=False,
                break_on_hyphens=False,
            )
            for heading, text in self._rows()
        )

    def _repr_html_(self) -> str:
        rows = ((heading, _cell(heading, text)) for heading, text in self._rows())
        return html_table(("what", "answer"), rows)


def _cell(heading: str, text: str) -> str:
    """Return a cell of the table, with what is code between backquotes."""
    if heading != "loss" and heading not in LIBRARIES:
        return text
    code, between, note = text.partition(" (")
    return text if text.startswith("no such") else f"`{code}`{between}{note}"


def _shared(domain: Any) -> bool:
    """Whether one row of these numbers serves all examples: then they are no output."""
    return getattr(domain, "shared", False)


def _activation(loss: Loss, name: str) -> str:
    """Return which activation brings an output into the domain of a prediction."""
    domain = loss.domains[name]
    if isinstance(domain, Distribution):
        return "through softmax"
    if isinstance(domain, Interval):
        return "through the sigmoid" if domain.high == 1 else "through exp"
    last = {"logits": "no activation: the loss takes logits", "log_rate": "no activation: log rate"}
    return last.get(name, "no activation")


def _call(loss: Loss, call: str) -> str:
    """Return a declared call with the parameters of this loss in place of the defaults."""
    signature = inspect.signature(loss.__wrapped__).parameters
    for name, value in loss.parameters.items():
        if value != signature[name].default:
            call = call.replace(f"={signature[name].default}", f"={value}")
    return call


#: What to write where a library lacks a loss: one value per example, its parameters in braces.
_FORMULAS = {
    "brier": "(p - y_true) ** 2",
    "gamma_deviance": "2 * (log(y_pred / y_true) + y_true / y_pred - 1)",
    "gaussian_nll": "(log(variance) + (y_true - mean) ** 2 / variance) / 2",
    "generalized_cross_entropy": "(1 - p_of_true_class ** {q}) / {q}",
    "hinge": "relu(1 - y_true * score)",
    "laplace_nll": "log(scale) + abs(y_true - mean) / scale",
    "ordinal_nll": "-log(sigmoid(cut_above - score) - sigmoid(cut_below - score))",
    "pinball": "maximum({quantile} * (y_true - y_pred), (1 - {quantile}) * (y_pred - y_true))",
    "squared_log_error": "(log1p(y_pred) - log1p(y_true)) ** 2",
    "tweedie_deviance": "4 * (sqrt(y_true) - sqrt(y_pred)) ** 2 / sqrt(y_pred)",
}

# The rules -----------------------------------------------------------------------------------

_REGRESSION = {NUMBER, AMOUNT, COUNT}
_LABELLED = {BINARY, CLASSES, LABELS}
_HIGH, _COSTLY = pinball.bind(quantile=0.9), pinball.bind(quantile=0.8)
_SIGMOID, _SOFTMAX = binary_cross_entropy_with_logits, categorical_cross_entropy_with_logits

#: Predict, want, data; loss; reason. A set stands for any of its answers, ``...`` for all of them.
#: The first rule that fits decides.
# fmt: off
_RULES = (
    # Numbers, amounts, counts: first the wishes that settle the matter.
    (_REGRESSION, SURE, UNEQUAL, _COSTLY,
     "learn the level that your costs ask for: if a unit too little costs a and one too "
     "much b, it is the quantile a / (a + b), 0.8 at 4 to 1; a second quantile turns it "
     "into an interval"),
    (_REGRESSION, ..., UNEQUAL, _COSTLY,
     "unequal costs ask for a quantile: if a unit too little costs a and one too much b, "
     "for a / (a + b), which is 0.8 at 4 to 1"),
    (_REGRESSION, LEVEL, WRONG, _HIGH,
     "it pulls by 0.9 or 0.1 however far away the target is; but wrong targets still count"
     " as targets above or below"),
    (_REGRESSION, LEVEL, ..., _HIGH,
     "nine targets in ten lie below the 0.9-quantile; set the quantile to the share you "
     "need, and let it follow the inputs"),
    ({NUMBER, AMOUNT}, SURE, WRONG, laplace_nll,
     "the model learns a middle and a width, and a wrong target pulls on both less than "
     "under a Gaussian"),
    ({NUMBER, AMOUNT}, SURE, ..., gaussian_nll,
     "the model learns a mean and a variance, which may follow the inputs"),
    (COUNT, SURE, WRONG, laplace_nll,
     "the model learns a middle and a width of its own; the Poisson loss would tie the "
     "width to the mean, and wrong counts spoil that"),
    (COUNT, SURE, SIZES, negative_binomial_nll,
     "counts that differ a lot scatter more than Poisson's: the model learns a rate and, "
     "beside it, how much more"),
    (COUNT, SURE, ..., poisson_nll,
     "the rate says the spread as well: the variance of a Poisson count is its mean; where "
     "yours is larger, take negative_binomial_nll"),
    # One number is wanted.
    (NUMBER, MEAN, PLAIN, squared_error,
     "only a loss that estimates the mean gets sums right, and this one is smooth and "
     "convex"),
    (NUMBER, MEAN, SIZES, gaussian_nll,
     "where some examples scatter far more than others it divides each miss by the size it"
     " expects; the mean stays the mean"),
    (AMOUNT, MEAN, PLAIN, tweedie_deviance,
     "it estimates the mean, keeps predictions positive, allows zeros, and expects larger "
     "amounts to scatter more"),
    (AMOUNT, MEAN, SIZES, gamma_deviance,
     "it estimates the mean and judges misses in proportion to it; targets must be above 0"
     " (with zeros: Tweedie)"),
    (COUNT, MEAN, {PLAIN, SIZES}, poisson_nll,
     "it estimates the mean, keeps rates positive, and expects more noise where it expects"
     " more events"),
    (NUMBER, MEAN, WRONG, huber,
     "a wrong target pulls by at most δ; set δ in the unit of the target; the smaller it is,"
     " the nearer the estimate is to the median"),
    ({AMOUNT, COUNT}, MEAN, WRONG, huber,
     "a wrong target pulls by at most δ; set δ in the unit of the target; the estimate moves"
     " towards the median, and nothing keeps it positive"),
    (AMOUNT, MIDDLE, SIZES, squared_log_error,
     "it judges factors, not differences, and estimates a geometric mean, which is near "
     "the median of many skewed amounts"),
    ({NUMBER, COUNT}, MIDDLE, SIZES, absolute_error,
     "it estimates the median wherever the sizes are; if the width differs between "
     "examples, laplace_nll learns it too"),
    (_REGRESSION, MIDDLE, WRONG, absolute_error,
     "it estimates the median, and a wrong target pulls no harder than a right one"),
    (_REGRESSION, MIDDLE, ..., absolute_error,
     "it estimates the median: half of the targets lie above"),
    (_REGRESSION, DECISION, PLAIN, absolute_error,
     "if a unit too much costs what a unit too little costs, the cheapest decision is the "
     "median"),
    (_REGRESSION, DECISION, WRONG, absolute_error,
     "with equal costs the cheapest decision is the median, and wrong targets hardly move "
     "it"),
    (_REGRESSION, DECISION, ..., absolute_error,
     "with equal costs for each unit the cheapest decision is the median, whatever the "
     "sizes"),
    # Labels: a probability first, and decisions from it.
    (BINARY, DECISION, PLAIN, hinge,
     "it finds the likelier label and nothing else; the price: no probability, so neither a "
     "doubt nor another threshold later; targets are −1 and 1"),
    # Grades: the same loss, and the question is what is read off its probabilities.
    (GRADES, ..., UNEQUAL, ordinal_nll,
     "learn the probabilities first, then take the grade whose expected cost is lowest"),
    (GRADES, {MIDDLE, DECISION}, ..., ordinal_nll,
     "grades have an order, so there is a middle one: add the probabilities up from below, "
     "and take the grade that passes one half"),
    (GRADES, LEVEL, ..., ordinal_nll,
     "add the probabilities up from below, and take the grade that passes the level"),
    (GRADES, ..., WRONG, ordinal_nll,
     "a wrong grade costs in proportion to its distance, not to the square of that"),
    (GRADES, ..., ..., ordinal_nll,
     "it estimates the probability of each grade and knows their order, so a near miss costs"
     " less than a far one"),
    ({BINARY, LABELS}, ..., WRONG, brier,
     "it estimates the probability, and one wrong label costs at most 1, where cross-"
     "entropy has no limit; through the sigmoid it hardly pulls where it is far wrong, so "
     "start from a fit by cross-entropy"),
    (CLASSES, ..., WRONG, generalized_cross_entropy,
     "one wrong label costs at most 1 / q, where cross-entropy has no limit; it sharpens "
     "probabilities (at q = 0.7 it makes 79 % of 60 %), the less the smaller q is"),
    ({BINARY, LABELS}, ..., UNEQUAL, _SIGMOID,
     "learn the probability first: if a missed yes costs a and a false alarm b, say yes "
     "above b / (a + b), which is 0.2 at 4 to 1"),
    (CLASSES, ..., UNEQUAL, _SOFTMAX,
     "learn the probabilities first, then take the class whose expected cost is lowest"),
    ({BINARY, LABELS}, ..., SIZES, _SIGMOID,
     "rare labels do not bend its probabilities, as weights and focal losses would; choose "
     "the threshold afterwards"),
    (CLASSES, ..., SIZES, _SOFTMAX,
     "rare classes do not bend its probabilities, as weights and focal losses would; weigh "
     "the classes when you decide"),
    (BINARY, LEVEL, ..., _SIGMOID,
     "for a label the level is a threshold on its probability: learn that, then set the "
     "threshold"),
    (CLASSES, LEVEL, ..., _SOFTMAX,
     "for classes the level is a set of them: collect the most probable until they add up "
     "to it"),
    (LABELS, LEVEL, ..., _SIGMOID,
     "for labels the level is a threshold on each probability: learn these, then set the "
     "thresholds"),
    (BINARY, MIDDLE, ..., _SIGMOID,
     "a label has no middle: take the likelier one, above a probability of one half"),
    (BINARY, ..., ..., _SIGMOID,
     "it estimates the log-odds, whose sigmoid is the probability: that says how sure it "
     "is"),
    (CLASSES, MIDDLE, ..., _SOFTMAX,
     "classes have no middle: take the most probable one"),
    (CLASSES, DECISION, ..., _SOFTMAX,
     "learn the probabilities and take the largest; the multi-class hinge may miss the "
     "most probable class"),
    (CLASSES, ..., ..., _SOFTMAX,
     "it estimates the probabilities of the classes, which add up to 1"),
    (LABELS, {MIDDLE, DECISION}, ..., _SIGMOID,
     "each label is a yes or no of its own: say yes above a probability of one half"),
    (LABELS, ..., ..., _SIGMOID,
     "each label is a yes or no of its own; a softmax would force the labels to compete"),
)
# fmt: on


def choose(predict: str = NUMBER, want: str = MEAN, data: str = PLAIN) -> Choice:
    """Return the loss that fits the answers to three questions.

    Parameters
    ----------
    predict, want, data : str
        Answers from :data:`QUESTIONS`.

    Returns
    -------
    Choice
        The loss with its reason, its output layer and its calls in other libraries.

    Raises
    ------
    ValueError
        An answer is none of those of its question.

    Examples
    --------
    >>> chosen = choose("a number", "a level to stay below")
    >>> chosen.loss, chosen.output_layer
    (pinball(quantile=0.9), 'one output, no activation')
    >>> chosen.calls
    {'scikit-learn': 'sklearn.metrics.mean_pinball_loss(y_true, y_pred, alpha=0.9)'}
    >>> choose("one of many classes").loss.name
    'categorical_cross_entropy_with_logits'
    """
    given = (predict, want, data)
    for question, answer in zip(QUESTIONS, given, strict=True):
        if not isinstance(answer, str) or answer not in question.answers:
            allowed = ", ".join(map(repr, question.answers))
            raise ValueError(f"{question.name} must be one of {allowed}: got {answer!r}")
    *_, loss, because = next(rule for rule in _RULES if _fits(rule[:3], given))
    return Choice(loss, because, predict)


def _fits(pattern: tuple[object, ...], given: tuple[str, ...]) -> bool:
    return all(
        part is ... or answer == part or (isinstance(part, set) and answer in part)
        for part, answer in zip(pattern, given, strict=True)
    )


def answers() -> Iterator[tuple[str, str, str]]:
    """Yield every combination of answers.

    >>> len(list(answers()))
    140
    """
    yield from product(*(question.answers for question in QUESTIONS))
