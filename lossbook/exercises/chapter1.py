"""The exercises of chapter 1, loss, cost and objective."""

from __future__ import annotations

from functools import cache

import numpy as np

from lossbook.exercises import Exercise, Mistake, Satisfying, pairs
from lossbook.figures.tumours import tumour_scores

__all__ = ["EXERCISES"]

_BY_HAND = Exercise(
    name="ch1-by-hand",
    wanted="three losses, three slopes of the losses, and the cost, as ([…], […], cost)",
    parts=("losses", "slopes", "cost"),
    answer=(np.array([4.0, 16.0, 0.0]), np.array([-4.0, 8.0, 0.0]), 20 / 3),
    tolerance=2e-3,
    mistakes=(
        Mistake((np.array([2.0, 4.0, 0.0]), ..., ...), "those are the absolute errors."),
        Mistake((np.array([2.0, 8.0, 0.0]), ..., ...), "there is no ½ in this squared error."),
        Mistake(
            (..., np.array([-2.0, 4.0, 0.0]), ...),
            "the 2 of the square's derivative is missing.",
        ),
        Mistake(
            (..., np.array([4.0, -8.0, 0.0]), ...),
            "the sign: differentiate with respect to the prediction, so that r = ŷ − y.",
        ),
        Mistake(
            (..., np.array([-4 / 3, 8 / 3, 0.0]), ...),
            "those are slopes of the cost; a loss knows nothing of the other examples.",
        ),
        Mistake((..., ..., 20.0), "that is the sum of the losses; the mean is asked for."),
        Mistake((..., ..., np.sqrt(20 / 3)), "that is the root of the cost, the RMSE."),
    ),
    remark="The first prediction should go up, the second down twice as urgently, the third stay.",
)

_LEARNING_RATE = Exercise(
    name="ch1-learning-rate",
    wanted="two learning rates: for the sum over batches of 32, and for the sum over batches of 64",
    parts=("sum over 32", "sum over 64"),
    answer=(0.0025, 0.00125),
    mistakes=(
        Mistake((0.08, ...), "the slope of the sum is 32 times as large, and so is every step."),
        Mistake((2.56, ...), "the wrong way round: the larger slope needs the smaller rate."),
        Mistake((..., 0.0025), "a batch of 64 has twice as many terms: its sum is twice as steep."),
        Mistake((..., 0.005), "the wrong way round: the larger slope needs the smaller rate."),
        Mistake((..., 5.12), "the wrong way round: the larger slope needs the smaller rate."),
        Mistake((..., 0.08), "that is the rate for the mean; here the 64 losses are summed."),
    ),
    remark="With the mean, 0.08 would have done for both.",
)


def _elastic(w, l1, l2):
    return l1 * np.abs(w).sum() + l2 * np.square(w).sum()


def _elastic_gradient(w, l1, l2):
    return l1 * np.sign(w) + 2 * l2 * w


_ELASTIC = Exercise(
    name="ch1-elastic-net",
    wanted="a pair of functions (value, gradient) of (w, l1, l2): a number, and an array like w",
    parts=("value", "gradient"),
    answer=(_elastic, _elastic_gradient),
    arguments=("w", "l1", "l2"),
    inputs=[
        (np.array([1.5, -2.0, 0.0]), 0.5, 0.1),
        (np.array([0.2, 0.3, -0.7, 4.0]), 2.0, 0.3),
        (np.array([-1.0, 3.0]), 0.7, 0.0),
        (np.array([2.5, -0.5, 1.0]), 0.0, 0.4),
    ],
    elementwise=False,
    mistakes=(
        Mistake(
            (lambda w, l1, l2: l1 * np.abs(w).mean() + l2 * np.square(w).mean(), ...),
            "that is a mean over the weights; a penalty is their sum.",
        ),
        Mistake(
            (lambda w, l1, l2: l1 * np.abs(w).sum() + l2 * np.sqrt(np.square(w).sum()), ...),
            "the squares are added up, and no root is taken.",
        ),
        Mistake(
            (lambda w, l1, l2: l1 * np.abs(w).sum() + l2 * np.square(w).sum() / 2, ...),
            "there is no ½ in this L2.",
        ),
        Mistake(
            (..., lambda w, l1, l2: l1 * np.sign(w) + l2 * w),
            "the derivative of w² has a 2.",
        ),
        Mistake(
            (..., lambda w, l1, l2: l1 * np.abs(w) + 2 * l2 * w),
            "the derivative of |w| does not grow with w: it is 1 on one side and −1 on the other.",
        ),
        Mistake(
            (..., lambda w, l1, l2: l1 + 2 * l2 * w),
            "what if a weight is negative? There |w| falls as w rises.",
        ),
    ),
    remark="This is the elastic net (Zou and Hastie, 2005): zeros from L1, small weights from L2.",
)

_TRANSLATE = Exercise(
    name="ch1-translate",
    wanted="four numbers: alpha of Ridge, alpha of Lasso, C of LogisticRegression, weight_decay",
    parts=("Ridge alpha", "Lasso alpha", "LogisticRegression C", "weight_decay"),
    answer=(10.0, 0.025, 0.05, 0.1),
    mistakes=(
        Mistake((0.05, ..., ..., ...), "Ridge sums the squares and does not average them."),
        Mistake(
            (0.00025, ..., ..., ...),
            "the sum is the larger data term, so it takes a larger penalty to balance it.",
        ),
        Mistake((..., 0.05, ..., ...), "Lasso halves the mean of the squares."),
        Mistake((..., 0.1, ..., ...), "Lasso halves the data term, so halve the penalty too."),
        Mistake((..., ..., 20.0, ...), "C multiplies a sum over all n examples."),
        Mistake((..., ..., 0.1, ...), "LogisticRegression puts ½ in front of the sum of w²."),
        Mistake((..., ..., ..., 0.05), "the gradient of λ w² is 2 λ w."),
        Mistake((..., ..., ..., 0.025), "compare the gradients: λ w² has 2 λ w."),
    ),
    remark="Four numbers from 0.025 to 10, and all of them mean the same λ = 0.05.",
)


def _soft(a, strength):
    return np.sign(a) * np.maximum(np.abs(a) - strength / 2, 0)


_SOFT_RNG = np.random.default_rng(1)
_SOFT_PLACES = _SOFT_RNG.integers(-40, 41, 40) / 10
_SOFT_STRENGTHS = _SOFT_RNG.integers(1, 60, 40) / 10

_SHRINK = Exercise(
    name="ch1-shrink",
    wanted="a function of (a, strength) that returns the best weight; numbers or arrays",
    answer=_soft,
    arguments=("a", "strength"),
    inputs=(_SOFT_PLACES, _SOFT_STRENGTHS),
    mistakes=(
        Mistake(
            lambda a, strength: a - strength / 2,
            "that holds for a positive weight only: try a = 1 with λ = 4, and a = −2.",
        ),
        Mistake(
            lambda a, strength: np.maximum(a - strength / 2, 0),
            "what if a is negative? The penalty pulls towards zero from both sides.",
        ),
        Mistake(
            lambda a, strength: np.sign(a) * np.maximum(np.abs(a) - strength, 0),
            "the slope of (w − a)² has a 2: by how much does λ move the place where both cancel?",
        ),
        Mistake(
            lambda a, strength: a - np.sign(a) * strength / 2,
            "when λ is large, this goes past zero and out on the other side.",
        ),
        Mistake(lambda a, strength: a / (1 + strength), "that is for L2."),
    ),
    remark="This is soft thresholding: the step towards zero in the L1 fits of the lost pixel.",
)

_EXPONENTIAL = Exercise(
    name="ch1-waiting",
    wanted="a loss made with @loss, or a pair of functions (value, gradient) of (y_true, y_pred)",
    parts=("value", "gradient"),
    answer=(lambda y, m: np.log(m) + y / m, lambda y, m: 1 / m - y / m**2),
    inputs=pairs(low=0.2, high=6.0),
    up_to=("constant",),
    mistakes=(
        Mistake((lambda y, m: np.exp(-y / m) / m, ...), "that is the density: take −log of it."),
        Mistake((lambda y, m: -np.log(m) - y / m, ...), "that is to be maximised: flip the sign."),
        Mistake(
            (lambda y, m: y / m, ...),
            "log m depends on the prediction, so it stays. Without it, predicting ∞ is best.",
        ),
        Mistake(
            (..., lambda y, m: y / m**2 - 1 / m),
            "check the sign. If the wait was longer than predicted, should m go up or down?",
        ),
        Mistake((..., lambda y, m: 1 / m - y / m), "the derivative of 1/m is −1/m²."),
    ),
    remark="It is lowest at m = y, and over many examples at their mean, as squared error is.",
)


_score = cache(tumour_scores)  # a page asks for each of a thousand pairs of weights


def _scores(weights):
    """Return accuracy and log loss of two weights."""
    u, v = weights
    return _score(u)[:2], _score(v)[:2]


def _disagree(weights):
    (accuracy, loss), (other_accuracy, other_loss) = _scores(weights)
    return accuracy > other_accuracy and loss > other_loss


def _agree(weights):
    (accuracy, loss), (other_accuracy, other_loss) = _scores(weights)
    return accuracy > other_accuracy and loss < other_loss


_DISAGREE = Exercise(
    name="ch1-disagree",
    wanted="two weights (u, v): u has the higher accuracy on the 21 tumours, v the lower log loss",
    answer=Satisfying(_disagree, (1.03, 0.97), among=((0.7, 1.5, 0.01),) * 2),
    mistakes=(
        Mistake(
            Satisfying(lambda weights: _disagree(weights[::-1]), (0.97, 1.03)),
            "you have found such a pair; the one with the higher accuracy comes first.",
        ),
        Mistake(
            Satisfying(_agree, (1.0, 0.8)),
            "the first has the higher accuracy and the lower log loss too: there the two agree.",
        ),
    ),
    remark="Let the metric decide which of the two you prefer, on data that was held out.",
)

EXERCISES = (
    _BY_HAND,
    _LEARNING_RATE,
    _ELASTIC,
    _TRANSLATE,
    _SHRINK,
    _EXPONENTIAL,
    _DISAGREE,
)
