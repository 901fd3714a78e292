"""The exercises of chapter 4, classification losses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lossbook.activations import log_softmax, sigmoid
from lossbook.exercises import Exercise, Mistake, binary_logits
from lossbook.losses import (
    binary_cross_entropy_with_logits as binary,
)
from lossbook.losses import focal_with_logits

__all__ = ["EXERCISES"]

_BY_HAND = Exercise(
    name="ch4-by-hand",
    wanted="four numbers, as fractions or to three decimals: the loss, and the three parts of the "
    "gradient with respect to the logits",
    parts=("loss", "first part", "second part", "third part"),
    answer=(np.log(4), 1 / 8, -3 / 4, 5 / 8),
    tolerance=2e-3,
    mistakes=(
        Mistake((2.0, ..., ..., ...), "that is in bits: this book takes the natural logarithm."),
        Mistake((-np.log(4), ..., ..., ...), "the sign: a surprise is never negative."),
        Mistake(
            (np.log(8 / 5), ..., ..., ...),
            "that is the surprise at the most probable class; the loss looks at the label.",
        ),
        Mistake(
            (..., -1 / 8, 3 / 4, -5 / 8), "prediction minus target, p − y, not the other way round."
        ),
        Mistake(
            (..., 0.0, -4.0, 0.0),
            "that is the derivative with respect to the probabilities; the logits are one more "
            "step of the chain rule away.",
        ),
        Mistake((..., 1 / 8, 1 / 4, 5 / 8), "those are the probabilities; subtract the target."),
    ),
    remark="The parts of the gradient add up to zero, as always with a softmax.",
)

_TWO_WAYS = Exercise(
    name="ch4-two-ways",
    wanted="three numbers, to three decimals: H(p,\u00a0q), H(q,\u00a0p) and D(p\u00a0‖\u00a0q)",
    parts=("H(p, q)", "H(q, p)", "D(p ‖ q)"),
    answer=(
        -(np.log(1 / 4) + np.log(3 / 4)) / 2,
        np.log(2),
        -(np.log(1 / 4) + np.log(3 / 4)) / 2 - np.log(2),
    ),
    tolerance=2e-3,
    mistakes=(
        Mistake(
            (np.log(2), -(np.log(1 / 4) + np.log(3 / 4)) / 2, ...),
            "those two are swapped: H(p, q) averages with p and takes its surprises from q.",
        ),
        Mistake(
            (1.2075187, 1.0, 0.2075187), "those are bits: this book takes the natural logarithm."
        ),
        Mistake(
            (..., ..., (np.log(1 / 4) + np.log(3 / 4)) / 2 + np.log(2)),
            "the sign: a divergence is never negative.",
        ),
        Mistake(
            (..., ..., np.log(2) + np.log(1 / 4) / 4 + 3 * np.log(3 / 4) / 4),
            "that is D(q ‖ p): which of the two is true?",
        ),
    ),
    remark="If p is the fair coin, every belief q costs H(p, q) ≥ log 2; the other way round, "
    "H(q, p) is log 2 whatever q is.",
)

_THRESHOLD = Exercise(
    name="ch4-threshold",
    wanted="two thresholds, as fractions or to four decimals",
    parts=("true alarm free", "true alarm costs 20"),
    answer=(20 / 520, 20 / 500),
    tolerance=2e-4,
    mistakes=(
        Mistake(
            (500 / 520, ...), "compare again: if a miss is expensive, you raise the alarm earlier."
        ),
        Mistake(
            (20 / 500, ...),
            "that forgets that an alarm is false only with the probability 1 − p.",
        ),
        Mistake(
            (..., 20 / 520),
            "now an alarm costs 20 whether the case is malignant or not: write down its "
            "expected cost again.",
        ),
        Mistake((..., 20 / 480), "a true alarm costs 20 too; it does not save 20."),
    ),
    remark="A threshold follows from all four outcomes, the right decisions included.",
)

_ECE = Exercise(
    name="ch4-ece",
    wanted="two numbers, as fractions or to four decimals: the error with two bins, and with one",
    parts=("two bins", "one bin"),
    answer=(1 / 12, 1 / 60),
    tolerance=2e-4,
    mistakes=(
        Mistake(
            (1 / 6, ...),
            "each gap counts by the share of the forecasts in its bin; the shares sum to 1.",
        ),
        Mistake(
            (1 / 60, ...),
            "take the absolute value in each bin before you add: otherwise one gap cancels the "
            "other.",
        ),
        Mistake(
            (5 / 12, ...),
            "that is the mean distance of a forecast from its outcome; compare averages.",
        ),
        Mistake(
            (..., 5 / 12),
            "that is the mean distance of a forecast from its outcome; compare the mean forecast "
            "with the frequency.",
        ),
        Mistake((..., -1 / 60), "the sign: the error is an absolute value."),
        Mistake((..., 1 / 12), "with one bin all six forecasts are averaged before you compare."),
    ),
    remark="Fewer bins can only hide gaps: merging two bins never raises the error.",
)

_SQUARED = Exercise(
    name="ch4-squared",
    wanted="four numbers, as fractions or to four decimals: two slopes, a probability, and the "
    "size of the slope there",
    parts=("slope of log loss", "slope of squared error", "p of the hardest pull", "its size"),
    answer=(-0.99, -0.019602, 1 / 3, 8 / 27),
    tolerance=2e-4,
    mistakes=(
        Mistake((-100.0, ..., ..., ...), "that is the slope in p; the logit is one step further."),
        Mistake((0.99, ..., ..., ...), "the sign: the logit should go up."),
        Mistake(
            (..., -1.98, ..., ...),
            "that is the slope in p: the chain rule multiplies it by the slope of the sigmoid.",
        ),
        Mistake((..., -0.009801, ..., ...), "the derivative of a square has a factor of 2."),
        Mistake((..., 0.019602, ..., ...), "the sign: the logit should go up."),
        Mistake(
            (..., ..., 1 / 2, ...),
            "there the sigmoid is steepest, but the miss counts too: maximise the product.",
        ),
        Mistake(
            (..., ..., -np.log(2), ...), "that is the logit; give the probability that it makes."
        ),
        Mistake((..., ..., ..., -8 / 27), "that is the slope: how large is it, without its sign?"),
        Mistake((..., ..., ..., 4 / 27), "the derivative of a square has a factor of 2."),
    ),
    remark="Below p = 1/3 the pull of squared error gets weaker as the model gets more wrong.",
)

_CLINIC = Exercise(
    name="ch4-other-clinic",
    wanted="two numbers, to three decimals: the probability at the clinic, and what to subtract "
    "from the logit",
    parts=("probability", "to subtract"),
    answer=(6 / 105, np.log(99)),
    tolerance=2e-3,
    mistakes=(
        Mistake(
            (0.03, ...),
            "the probability itself is not multiplied by 1 % over 20 %: the odds are.",
        ),
        Mistake(
            (0.6, ...),
            "the tumours look the same, but malignant ones are rarer here, and that is evidence "
            "too.",
        ),
        Mistake(
            (1.5 * 99 / 4 / (1 + 1.5 * 99 / 4), ...),
            "that makes malignant tumours more frequent: the odds fall here.",
        ),
        Mistake(
            (1.5 / 20 / (1 + 1.5 / 20), ...),
            "the odds are multiplied by the ratio of the odds, 1 : 99 and 20 : 80, not by that of "
            "the shares.",
        ),
        Mistake(
            (..., np.log(4)), "that takes off the weight; the clinic needs a shift of its own."
        ),
        Mistake((..., np.log(99 / 4)), "that is for the clinic alone; the weight comes on top."),
        Mistake((..., -np.log(99)), "the sign: what is too high has to be lowered."),
        Mistake((..., 99.0), "the odds are divided by that; the logit is their logarithm."),
    ),
    remark="A weight and a change of the frequencies are both a shift of the logits, so one "
    "subtraction repairs both.",
)


def _weighted_value(y_true, logits, weight):
    return np.where(y_true == 1, weight, 1.0) * binary(y_true, logits)


def _weighted_gradient(y_true, logits, weight):
    return np.where(y_true == 1, weight, 1.0) * (sigmoid(logits) - y_true)


def _weights_of(logits) -> np.ndarray:
    return np.random.default_rng(1).integers(2, 20, len(logits)).astype(float)


_LABELS, _LOGITS = binary_logits()

_WEIGHT = Exercise(
    name="ch4-weight",
    wanted="a pair of functions (value, gradient) of (y_true, logits, weight)",
    parts=("value", "gradient"),
    answer=(_weighted_value, _weighted_gradient),
    inputs=(_LABELS, _LOGITS, _weights_of(_LOGITS)),
    arguments=("y_true", "logits", "weight"),
    mistakes=(
        Mistake(
            (
                lambda y, z, w: np.where(y == 0, w, 1.0) * binary(y, z),
                lambda y, z, w: np.where(y == 0, w, 1.0) * (sigmoid(z) - y),
            ),
            "the weight is on the other label: here misses of the label 1 are the expensive ones.",
        ),
        Mistake(
            (
                lambda y, z, w: w * binary(y, z),
                lambda y, z, w: w * (sigmoid(z) - y),
            ),
            "the weight belongs to the label 1 only; the label 0 counts as before.",
        ),
        Mistake(
            (..., lambda y, z, w: sigmoid(z) - y),
            "the value is weighted, so its derivative is too.",
        ),
        Mistake(
            (..., lambda y, z, w: sigmoid(z) - w * y),
            "where y = 1 the whole difference is multiplied, not the label alone.",
        ),
    ),
    remark="At a true probability π the pulls balance at odds w·π / (1 − π): the logit is shifted "
    "by log w.",
)


def _stable(label, logits):
    return -float(log_softmax(np.asarray(logits, dtype=float))[label])


def _without_the_maximum(label, logits):
    z = np.asarray(logits, dtype=float)
    return float(np.log(np.exp(z - z.max()).sum()) - z[label])


_STABLE = Exercise(
    name="ch4-stable",
    wanted="a function of (label, logits), where logits is one row, that returns one number",
    answer=_stable,
    elementwise=False,
    inputs=[
        (0, np.array([2.0, 0.0, 4.0])),
        (2, np.array([2.0, 0.0, 4.0])),
        (1, np.array([1000.0, 0.0, 0.0])),
        (0, np.array([1000.0, 0.0, 0.0])),
        (1, np.array([-1000.0, -1001.0])),
        (3, np.array([800.0, 0.0, -800.0, 799.0])),
    ],
    arguments=("label", "logits"),
    mistakes=(
        Mistake(
            _without_the_maximum,
            "if you subtract the largest logit inside the exponentials, you have to add it back "
            "somewhere.",
        ),
        Mistake(
            lambda label, logits: -_stable(label, logits),
            "the sign: a surprise is never negative.",
        ),
        Mistake(
            lambda label, logits: float(np.max(logits) - logits[label]),
            "the largest logit alone is not the logarithm of the sum: the other terms count too.",
        ),
    ),
    remark="Subtracting the largest logit changes no probability, and leaves no exponent positive.",
)

_SHARES = Exercise(
    name="ch4-shares",
    wanted="three numbers, to three decimals: two lowest losses, and a probability",
    parts=("lowest with a softmax", "lowest with sigmoids", "largest common probability"),
    answer=(np.log(3), 0.0, 1 / 3),
    tolerance=2e-3,
    mistakes=(
        Mistake(
            (0.0, ..., ...),
            "a cross-entropy is never below the entropy of its target, and this target has some.",
        ),
        Mistake((np.log(4), ..., ...), "an even split over all four labels is not the best one."),
        Mistake((np.log2(3), ..., ...), "that is in bits."),
        Mistake(
            (..., 4 * np.log(2), ...), "that is the loss at logits of 0; large logits do better."
        ),
        Mistake(
            (..., ..., 1 / 4),
            "the label that is false needs no share: its probability can be nearly zero.",
        ),
        Mistake((..., ..., 1.0), "softmax probabilities sum to 1, so three of them cannot be 1."),
    ),
    remark="If no model can bring the loss to zero, however right it is, the pair may be wrong.",
)


_TARGET = np.array([0.91] + [0.01] * 9)

_SMOOTHING = Exercise(
    name="ch4-smoothing",
    wanted="three numbers, to three decimals: a target, a gap between logits, a loss",
    parts=("target", "gap", "lowest loss"),
    answer=(0.91, np.log(91), float(-_TARGET @ np.log(_TARGET))),
    tolerance=2e-3,
    mistakes=(
        Mistake(
            (0.9, ..., ...), "the true class gets back its part of ε: all ten classes share it."
        ),
        Mistake(
            (..., np.log(81), ...),
            "all ten classes share ε, the true one too: what are the two targets?",
        ),
        Mistake(
            (..., np.log(0.91 / 0.09), ...),
            "that is the gap to all wrong classes taken together; compare with one of them.",
        ),
        Mistake((..., 91.0, ...), "that is the ratio of the probabilities: take its logarithm."),
        Mistake(
            (..., ..., 0.0), "a cross-entropy is never below the entropy of its target: compute it."
        ),
        Mistake(
            (..., ..., -np.log(0.91)),
            "that is the surprise at the true class; the wrong ones have a part in the target too.",
        ),
        Mistake(
            (..., ..., float(-_TARGET @ np.log2(_TARGET))),
            "that is in bits: this book takes the natural logarithm.",
        ),
    ),
    remark="A larger gap raises the loss again: that is how smoothing caps the confidence.",
)


_FOCAL = Exercise(
    name="ch4-focal",
    wanted="a pair of functions (value, gradient) of (y_true, logits, gamma), or a loss with the "
    "parameter gamma",
    answer=focal_with_logits,
    inputs=binary_logits(),
    parameters=({"gamma": 1.0}, {"gamma": 2.0}),
    arguments=("y_true", "logits"),
    mistakes=(
        Mistake(
            (
                ...,
                lambda y, z, gamma: sigmoid((1 - 2 * y) * z) ** gamma * (sigmoid(z) - y),
            ),
            "the factor in front depends on the logit too: use the product rule.",
        ),
        Mistake(
            (
                lambda y, z, gamma: sigmoid((2 * y - 1) * z) ** gamma * binary(y, z),
                ...,
            ),
            "that fades the hard examples: take the power of 1 − p, with the p of the true label.",
        ),
        Mistake(
            (lambda y, z, gamma: sigmoid(-z) ** gamma * binary(y, z), ...),
            "for the label 0 the probability of the true label is 1 − p, not p.",
        ),
    ),
    remark="The second term is why a hard example may even pull a little harder than under "
    "cross-entropy.",
)


def _focal_pull(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how hard a label of probability `p` pulls on its logit: focal loss, γ = 2."""
    return (1 - p) ** 2 * (1 - p - 2 * p * np.log(p))


_PREDICTED = np.array([0.65, 0.75])
_TRUE = _focal_pull(1 - _PREDICTED) / (_focal_pull(_PREDICTED) + _focal_pull(1 - _PREDICTED))
_COOLING = np.log(_PREDICTED / (1 - _PREDICTED)) / np.log(_TRUE / (1 - _TRUE))
_PRODUCT_RULE_LEFT_OUT = _PREDICTED**3 / (_PREDICTED**3 + (1 - _PREDICTED) ** 3)

_FOCAL_TEMPERATURE = Exercise(
    name="ch4-focal-temperature",
    wanted="four numbers, to three decimals: the two true probabilities, then the two temperatures",
    parts=(
        "truth behind 0.65",
        "truth behind 0.75",
        "temperature for 0.65",
        "temperature for 0.75",
    ),
    answer=(*_TRUE, *_COOLING),
    tolerance=3e-3,
    mistakes=(
        Mistake(
            (*_PREDICTED, ..., ...),
            "that would hold for log loss; focal loss draws its best prediction towards one half.",
        ),
        Mistake(
            (*_PRODUCT_RULE_LEFT_OUT, ..., ...),
            "the factor (1 − p)² depends on the logit too: its slope belongs to the pull.",
        ),
        Mistake(
            (*(1 - _TRUE), ..., ...),
            "those are the probabilities of the label 0: the pull of each label is weighted by "
            "its own probability.",
        ),
        Mistake(
            (..., ..., *(1 / _COOLING)), "the logits are divided by a temperature, not multiplied."
        ),
        Mistake(
            (..., ..., *(_PREDICTED / _TRUE)),
            "a temperature divides the logits, not the probabilities.",
        ),
    ),
    remark="Both temperatures are 0.373, though not exactly the same: focal loss is nearly, but "
    "not quite, log loss at a temperature.",
)

_PROBABILITIES = np.arange(1, 20) / 20

_BEST_SCORE = Exercise(
    name="ch4-best-score",
    wanted="three functions of the true probability pi, in the order logistic, exponential, "
    "squared hinge",
    parts=("logistic", "exponential", "squared hinge"),
    answer=(
        lambda pi: np.log(pi / (1 - pi)),
        lambda pi: np.log(pi / (1 - pi)) / 2,
        lambda pi: 2 * pi - 1,
    ),
    inputs=(_PROBABILITIES,),
    arguments=("pi",),
    mistakes=(
        Mistake(
            (..., lambda pi: np.log(pi / (1 - pi)), ...),
            "solve π e^(−s) = (1 − π) e^s again: s is on both sides.",
        ),
        Mistake(
            (..., ..., lambda pi: pi),
            "that is the probability itself; the scores run from −1 to 1.",
        ),
        Mistake(
            (..., ..., lambda pi: np.sign(2 * pi - 1)), "that is the hinge; this one is squared."
        ),
    ),
    remark="All three tell you π; the plain hinge only tells you which side of one half it is on.",
)

EXERCISES = (
    _BY_HAND,
    _TWO_WAYS,
    _THRESHOLD,
    _ECE,
    _SQUARED,
    _WEIGHT,
    _CLINIC,
    _STABLE,
    _SHARES,
    _SMOOTHING,
    _FOCAL,
    _FOCAL_TEMPERATURE,
    _BEST_SCORE,
)
