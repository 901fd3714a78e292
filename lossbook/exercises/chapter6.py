"""The exercises of chapter 6, losses at work."""

from __future__ import annotations

import numpy as np

from lossbook.exercises import Exercise, Mistake

__all__ = ["EXERCISES"]


def _sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


_PADDING = Exercise(
    name="ch6-padding",
    wanted="four numbers: two means, a mean over all places, a perplexity (to two decimals)",
    parts=("mean over tokens", "mean of means", "mean over places", "perplexity"),
    answer=(2.8, 4.0, 1.4, float(np.exp(2.8))),
    tolerance=2e-3,
    mistakes=(
        Mistake(
            (4.0, 2.8, ..., ...),
            "the first two are the other way round: which of them counts each token once?",
        ),
        Mistake((..., ..., 2.8, ...), "here the places without a token count too."),
        Mistake((..., ..., ..., 2**2.8), "the surprises are in nats: the base is e, not 2."),
        Mistake(
            (..., ..., ..., float(np.exp(14))),
            "that is e to the power of the sum: the mean is wanted.",
        ),
        Mistake((14.0, ..., ..., ...), "that is the sum: divide by the number of tokens."),
    ),
    remark="The single token of the short line counts as much as four in (b), and as one in (a).",
)

_GRADE = _sigmoid([-2.0, 0.0])
_GRADES = Exercise(
    name="ch6-grades",
    wanted="four numbers: three probabilities and a loss, to three decimals",
    parts=("grade 0", "grade 1", "grade 2", "loss"),
    answer=(
        float(_GRADE[0]),
        float(_GRADE[1] - _GRADE[0]),
        float(1 - _GRADE[1]),
        float(-np.log(1 - _GRADE[1])),
    ),
    tolerance=2e-3,
    mistakes=(
        Mistake(
            (0.5, ..., 0.1192, 2.1269),
            "the sign: subtract the score from the cut point, not the other way round.",
        ),
        Mistake(
            (..., 0.5, ..., ...),
            "that is the probability of grade 1 or less: subtract that of grade 0.",
        ),
        Mistake(
            (0.2689, 0.4621, 0.2689, 1.3133),
            "that is for a score of 0: subtract the score from each cut point first.",
        ),
    ),
    remark="The areas add up to 1, and a score of 1 is exactly at the upper cut point.",
)

_HALF_PIXEL = Exercise(
    name="ch6-half-pixel",
    wanted="a function of (pi, p), for p > 0",
    answer=lambda pi, p: pi * (1 - p) / (1 + p) + (1 - pi),
    inputs=(
        np.array([0.1, 0.3, 0.5, 0.7, 0.9, 0.25]),
        np.array([0.2, 0.9, 0.5, 0.1, 1.0, 0.6]),
    ),
    arguments=("pi", "p"),
    mistakes=(
        Mistake(
            lambda pi, p: pi * (1 - p) / (1 + p),
            "what is the loss if the pixel is out and p is above 0?",
        ),
        Mistake(
            lambda pi, p: pi * (1 - p) / (1 + p) + (1 - pi) * p,
            "if the pixel is out, the common part is 0, and 1 − 0 / p is 1 however small p is.",
        ),
        Mistake(
            lambda pi, p: 1 - 2 * pi * p / (pi + p),
            "that is the loss at the mean mask: take the mean of the losses, for y = 1 and y = 0.",
        ),
        Mistake(
            lambda pi, p: pi * 2 * p / (1 + p),
            "that is the expected overlap: the loss is 1 minus it.",
        ),
    ),
    remark="A single pixel is the clearest case: the best p above 0 is 1, whatever π > 0 is.",
)

_PREFERENCE = Exercise(
    name="ch6-preference",
    wanted="a pair of functions (value, gradient) of (d, epsilon)",
    parts=("value", "gradient"),
    answer=(
        lambda d, epsilon: np.logaddexp(0, d) - (1 - epsilon) * d,
        lambda d, epsilon: _sigmoid(d) - (1 - epsilon),
    ),
    inputs=(
        np.array([-3.0, -1.0, 0.0, 0.5, 2.0, 4.0]),
        np.array([0.1, 0.2, 0.05, 0.3, 0.1, 0.25]),
    ),
    arguments=("d", "epsilon"),
    mistakes=(
        Mistake(
            (
                lambda d, epsilon: np.logaddexp(0, -d) + 0 * epsilon,
                lambda d, epsilon: _sigmoid(d) - 1 + 0 * epsilon,
            ),
            "that is the loss of a preference that is certain: where does ε come in?",
        ),
        Mistake(
            (
                lambda d, epsilon: np.logaddexp(0, d) - epsilon * d,
                lambda d, epsilon: _sigmoid(d) - epsilon,
            ),
            "the target is the probability that a is preferred: 1 − ε.",
        ),
        Mistake(
            (..., lambda d, epsilon: (1 - epsilon) - _sigmoid(d)),
            "the sign: the slope is negative where d is too small.",
        ),
        Mistake(
            (lambda d, epsilon: (1 - epsilon) * np.logaddexp(0, -d), ...),
            "the other outcome has a loss too, with the weight ε.",
        ),
    ),
    remark="It is label smoothing for two classes: the best difference is log((1 − ε) / ε).",
)

_WIDTH = Exercise(
    name="ch6-width",
    wanted="two functions of J: the lowest value, and the weight 1 / (2 s²) there",
    parts=("lowest value", "weight"),
    answer=(lambda J: 0.5 + 0.5 * np.log(J), lambda J: 1 / (2 * J)),
    inputs=(np.array([0.1, 0.5, 1.0, 2.0, 10.0]),),
    arguments=("J",),
    mistakes=(
        Mistake(
            (lambda J: 0.5 + np.log(J), ...), "log s is half of log s², and s² is J at the best s."
        ),
        Mistake((lambda J: 0.5 * np.log(J), ...), "the first term is not 0 there: it is 1/2."),
        Mistake((..., lambda J: 1 / (2 * J**2)), "the best s² is J; so s is the root of J."),
        Mistake((..., lambda J: 1 / J), "the weight has a 2 in its denominator."),
    ),
    remark="At the best widths the cost is half the sum of log J, plus a constant: a product in "
    "disguise.",
)


def _soften(logits, temperature):
    shifted = np.exp((logits - np.max(logits)) / temperature)
    return shifted / np.sum(shifted)


_TEACHER = Exercise(
    name="ch6-teacher",
    wanted="a function of (teacher, student, temperature), two rows of logits in, one row out",
    answer=lambda teacher, student, temperature: (
        temperature * (_soften(student, temperature) - _soften(teacher, temperature))
    ),
    inputs=[
        (np.array([2.0, 0.0, -1.0]), np.array([0.0, 1.0, 0.0]), 2.0),
        (np.array([5.0, 1.0, 1.0]), np.array([1.0, 0.5, 0.0]), 4.0),
        (np.array([0.5, -0.5, 3.0]), np.array([-1.0, 2.0, 0.5]), 1.0),
    ],
    elementwise=False,
    arguments=("teacher", "student", "temperature"),
    mistakes=(
        Mistake(
            lambda teacher, student, temperature: (
                _soften(student, temperature) - _soften(teacher, temperature)
            ),
            "the powers of T: the chain rule leaves 1/T, the factor is T².",
        ),
        Mistake(
            lambda teacher, student, temperature: (
                (_soften(student, temperature) - _soften(teacher, temperature)) / temperature
            ),
            "that is without the factor T².",
        ),
        Mistake(
            lambda teacher, student, temperature: (
                temperature * (_soften(teacher, temperature) - _soften(student, temperature))
            ),
            "the sign: prediction minus target.",
        ),
        Mistake(
            lambda teacher, student, temperature: (
                temperature**2 * (_soften(student, temperature) - _soften(teacher, temperature))
            ),
            "z is divided by T before the softmax: the chain rule has a factor for that.",
        ),
    ),
    remark="Prediction minus target once more, at the temperature of both.",
)

EXERCISES = (_PADDING, _GRADES, _HALF_PIXEL, _PREFERENCE, _WIDTH, _TEACHER)
