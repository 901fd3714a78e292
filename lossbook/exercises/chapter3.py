"""The exercises of chapter 3, regression losses."""

from __future__ import annotations

import numpy as np

from lossbook.exercises import Exercise, Mistake, Satisfying, pairs
from lossbook.losses import Formula, general_robust, loss

__all__ = ["EXERCISES"]

_PAIR = "a loss made with @loss, or a pair of functions (value, gradient)"
_ZERO_PULLS_NOT = (
    "one residual is zero: take the subgradient 0 there, and the other two pulls cancel."
)

_BY_HAND = Exercise(
    name="ch3-by-hand",
    wanted="four numbers, as fractions or to two decimals: the mean squared error, its slope, the "
    "mean absolute error, its slope",
    parts=("mean squared error", "its slope", "mean absolute error", "slope of that"),
    answer=(17 / 3, -2.0, 5 / 3, 0.0),
    tolerance=2e-3,
    mistakes=(
        Mistake((17.0, -6.0, 5.0, ...), "that is the sum over the examples: divide by n."),
        Mistake((17 / 6, ..., ..., ...), "there is no ½ in the mean squared error."),
        Mistake((np.sqrt(17 / 3), ..., ..., ...), "that is its root, the RMSE."),
        Mistake((..., -1.0, ..., ...), "the 2 from the derivative of the square is missing."),
        Mistake(
            (..., 2.0, ..., ...),
            "the sign: differentiate with respect to the prediction, so that r = ŷ − y.",
        ),
        Mistake((..., ..., ..., -1 / 3), _ZERO_PULLS_NOT),
        Mistake((..., ..., ..., 1 / 3), _ZERO_PULLS_NOT),
    ),
    remark="Squared error moves the prediction up, to the mean, 3; absolute error leaves it at "
    "the median, 2.",
)


def _balanced(residuals) -> bool:
    r = np.asarray(residuals, dtype=float)
    return r.shape == (3,) and np.unique(r).size > 1 and np.ptp(np.abs(r)) < 1e-9 < abs(r[0])


def _all_alike(residuals) -> bool:
    r = np.asarray(residuals, dtype=float)
    return r.shape == (3,) and np.unique(r).size == 1


_RMSE_MAE = Exercise(
    name="ch3-rmse-mae",
    wanted="the standard deviation, to one decimal, and a list of three residuals",
    parts=("standard deviation of the sizes", "residuals"),
    answer=(np.sqrt(375), Satisfying(_balanced, [-2.0, 2.0, 2.0], among=((-10, 10, 1),) * 3)),
    tolerance=3e-3,
    mistakes=(
        Mistake((375.0, ...), "that is the variance of the sizes; its root is asked for."),
        Mistake(
            (15.0, ...),
            "you cannot swap root and difference: subtract the squares, then take the root.",
        ),
        Mistake((np.sqrt(425), ...), "the variance is the mean square minus the squared mean."),
        Mistake(
            (..., Satisfying(_all_alike, [2.0, 2.0, 2.0])),
            "RMSE and MAE are equal there, but find three that are not all alike.",
        ),
    ),
    remark="RMSE² − MAE² is the variance of the sizes of the misses: it is zero when all sizes "
    "are equal.",
)

_HUBER_CONSTANT = Exercise(
    name="ch3-huber-constant",
    wanted="one number",
    answer=11.5,
    tolerance=1e-4,
    mistakes=(
        Mistake(11.0, "that is the median, where the numbers of targets balance: here residuals "
        "up to 4 count by their size."),
        Mistake(15.0, "that is the mean: residuals beyond 4 count as 4 and no more."),
        Mistake(10.5, "the far targets pull too: two with +4 and three with −4."),
        Mistake(5.5, "the sign of the far targets: where a is too low, a − y is negative and is "
        "clipped to −4."),
    ),
    remark="The median is 11 and the mean 15: Huber's constant is between them.",
)  # fmt: skip


@loss(kinks=lambda: (0.0,))
def _lateness(y_true, y_pred):
    late = y_true - y_pred
    return Formula(
        value=np.where(late > 0, 3 * late, -late),
        gradient=1.0 * (late < 0) - 3.0 * (late > 0),
    )


_LATENESS = Exercise(
    name="ch3-lateness",
    wanted=f"{_PAIR} of (y_true, y_pred)",
    answer=_lateness,
    inputs=pairs(),
    mistakes=(
        Mistake(
            (lambda y, p: _lateness(-y, -p), lambda y, p: -_lateness.gradient(-y, -p)),
            "this charges being early three times as much. You are late where y > ŷ: the day "
            "takes longer than you planned for.",
        ),
        Mistake(
            (lambda y, p: _lateness(y, p) / 4, lambda y, p: _lateness.gradient(y, p) / 4),
            "a quarter of it: the slopes of the pinball loss with τ = 0.75 are −0.75 and 0.25, "
            "those wanted here are −3 and 1.",
        ),
        Mistake(
            (..., lambda y, p: -_lateness.gradient(y, p)),
            "the sign: that is the derivative with respect to the target. Which way does the "
            "loss go when the prediction is raised?",
        ),
        Mistake(
            (lambda y, p: np.where(y > p, 3 * (y - p), 0.0), lambda y, p: -3.0 * (y > p)),
            "being early costs something too: one for each minute of waiting.",
        ),
        Mistake(
            (
                lambda y, p: np.where(y > p, 3, 1) * (y - p) ** 2,
                lambda y, p: 2 * np.where(y > p, 3, 1) * (p - y),
            ),
            "that is squared, the loss of an expectile. Here each further minute costs as much "
            "as the one before.",
        ),
    ),
    remark="It is the pinball loss with τ = 3 / (3 + 1) = 0.75, times 4: you are late on about "
    "one day in four.",
)


_INTERVAL = Exercise(
    name="ch3-interval",
    wanted="four numbers, to two decimals: the price of a minute of width, that of a minute "
    "outside, and the mean costs of “5 to 25” and “5 to 38”",
    parts=("minute of width", "minute outside", "cost of 5 to 25", "cost of 5 to 38"),
    answer=(0.1, 1.0, 2.0 + 13 / 9, 3.3),
    tolerance=2e-3,
    mistakes=(
        Mistake(
            (0.2, ..., ..., ...),
            "the two ends share the width: one charges for y − l, the other for u − y.",
        ),
        Mistake((0.8, ..., ..., ...), "that is the share inside; what does the sum charge?"),
        Mistake(
            (0.9, ..., ..., ...),
            "inside, the lower end is too low and the upper end too high, at 0.1 each.",
        ),
        Mistake(
            (..., 0.9, ..., ...),
            "that is the nearer end alone; the other one charges for the same minute too.",
        ),
        Mistake((..., 0.1, ..., ...), "that is the further end alone; the nearer one charges 0.9."),
        Mistake((..., ..., 31.0, 29.7), "that is the sum over the nine callers: divide by nine."),
        Mistake((..., ..., 2.0, ...), "that is the width alone: one caller waited 38 minutes."),
        Mistake(
            (..., ..., 15.0, ...),
            "only one caller of the nine lies outside: take the mean of those minutes too.",
        ),
    ),
    remark="The 13 further minutes of width cost 1.30 and save 1.44: the wider interval wins.",
)


_cauchy_limit = general_robust.bind(alpha=0)


def _limit_in_u(y_true, y_pred, c):
    return 0.5 / (1 + 0.5 * ((y_pred - y_true) / c) ** 2)


_LIMIT = Exercise(
    name="ch3-limits",
    wanted="a pair of functions (value, gradient) of (y_true, y_pred, c)",
    parts=("value", "gradient"),
    answer=(
        lambda y_true, y_pred, c: _cauchy_limit(y_true, y_pred, c=c),
        lambda y_true, y_pred, c: _cauchy_limit.gradient(y_true, y_pred, c=c),
    ),
    inputs=pairs(),
    parameters=({"c": 1.0}, {"c": 2.5}),
    mistakes=(
        Mistake(
            (lambda y, p, c: ((p - y) / c) ** 2 / 2, lambda y, p, c: (p - y) / c**2),
            "that is the limit for α → 2.",
        ),
        Mistake((lambda y, p, c: np.log1p(((p - y) / c) ** 2), ...), "there is a ½ before (r/c)²."),
        Mistake(
            (..., _limit_in_u),
            "that is the derivative with respect to (r/c)²: multiply by the inner derivative, "
            "2 r / c².",
        ),
        Mistake(
            (..., lambda y, p, c: _limit_in_u(y, p, c) * 2 * (p - y) / c),
            "the derivative of (r/c)² is 2 r / c², with c squared.",
        ),
        Mistake(
            (..., lambda y, p, c: _limit_in_u(y, p, c) * 2 * (p - y)),
            "the derivative of (r/c)² has c in it.",
        ),
    ),
    remark="The slope falls off like 2/r far away: this member of the family redescends.",
)


# The slopes of the four lines in minutes per kilometre, in the order of the cell: squared,
# absolute, Huber, Tukey.
_ON_THE_LINE = (3.0945, 3.0910, 3.0945, 3.0944)
_AS_TYPED = (0.1888, 0.1622, 0.1849, 0.1898)
_RIGHT_DISTANCE = (19.808, 3.1818, 3.5150, 3.0330)

_LEVERAGE = Exercise(
    name="ch3-leverage",
    wanted="four slopes, to two decimals, in the order squared, absolute, Huber, Tukey",
    parts=("squared", "absolute", "Huber", "Tukey"),
    answer=_ON_THE_LINE,
    tolerance=5e-3,
    mistakes=(
        Mistake(_AS_TYPED, "that is the cell unchanged: change the duration as well, to 188."),
        Mistake(
            _RIGHT_DISTANCE,
            "these are the durations with 188 at the right distances: fit on the distances with "
            "59 km.",
        ),
    ),
    remark="A far point on the line does no harm: it pins the slope down.",
)


_K = (0.691 - 0.465) / 0.465**2


def _zeros(mean: float, dispersion: float) -> float:
    return 647 * (1 + dispersion * mean) ** (-1 / dispersion)


_DISPERSION = Exercise(
    name="ch3-dispersion",
    wanted="three numbers: κ to two decimals, and two numbers of women",
    parts=("κ", "Poisson", "negative binomial"),
    answer=(_K, 647 * np.exp(-0.465), _zeros(0.465, _K)),
    tolerance=5e-3,
    mistakes=(
        Mistake(
            (0.691 / 0.465, ..., ...),
            "that is the ratio of variance to mean. Set λ + κ λ² equal to the variance.",
        ),
        Mistake(
            (0.226 / 0.465, ..., ...),
            "the excess over the mean is κ λ²: divide by the mean once more.",
        ),
        Mistake((0.226, ..., ...), "that is the excess itself, κ λ²: divide by λ²."),
        Mistake((1 / _K, ..., ...), "that is 1 / κ, the size parameter of other texts."),
        Mistake(
            (..., float(np.exp(-0.465)), _zeros(0.465, _K) / 647),
            "these are probabilities: how many of 647 women is that?",
        ),
        Mistake(
            (..., 647 * 0.465 * np.exp(-0.465), ...),
            "that is how many have exactly one accident.",
        ),
        Mistake(
            (..., ..., 647 / (1 + _K * 0.465)),
            "the power: it is −1 / κ, not −1.",
        ),
    ),
    remark="447 women had none. The dispersion turns 406 into 443.",
)


@loss
def _laplace(y_true, center, log_scale):
    r, scale = center - y_true, np.exp(log_scale)
    return Formula(
        value=log_scale + np.abs(r) / scale,
        gradient=(np.sign(r) / scale, 1 - np.abs(r) / scale),
    )


def _miss(y_true, center, log_scale):
    """Return |r| / s."""
    return np.abs(center - y_true) / np.exp(log_scale)


_LAPLACE = Exercise(
    name="ch3-laplace",
    wanted=f"{_PAIR} of (y_true, center, log_scale); the gradient has two parts",
    answer=_laplace,
    inputs=(*pairs(), np.random.default_rng(1).integers(-15, 16, 60) / 10),
    arguments=("y_true", "center", "log_scale"),
    up_to=("constant",),
    mistakes=(
        Mistake(
            (_miss, ..., lambda y, m, k: -_miss(y, m, k)),
            "log s is missing: without it the best scale is infinite.",
        ),
        Mistake(
            (..., ..., lambda y, m, k: (1 - _miss(y, m, k)) / np.exp(k)),
            "that is the derivative with respect to s. The output is log s: multiply by "
            "∂s / ∂log s = s.",
        ),
        Mistake(
            (..., ..., lambda y, m, k: _miss(y, m, k) - 1),
            "the sign: a wider scale makes the second term smaller and the first larger.",
        ),
        Mistake(
            (..., lambda y, m, k: np.sign(m - y), ...), "the scale is missing: a model that "
            "is sure is pulled harder.",
        ),
        Mistake(
            (
                lambda y, m, k: k + (m - y) ** 2 / (2 * np.exp(2 * k)),
                lambda y, m, k: (m - y) / np.exp(2 * k),
                lambda y, m, k: 1 - _miss(y, m, k) ** 2,
            ),
            "that is the Gaussian: here the residual counts as |r|.",
        ),
        Mistake(
            (lambda y, m, k: np.exp(k) + _miss(y, m, k), ..., ...),
            "the first term is log s, not s: the argument log_scale itself.",
        ),
        Mistake(
            (
                lambda y, m, k: k + np.abs(m - y) / k,
                lambda y, m, k: np.sign(m - y) / k,
                lambda y, m, k: 1 - np.abs(m - y) / k**2,
            ),
            "the third argument is log s: the scale is np.exp(log_scale).",
        ),
    ),
    remark="The mean of 1 − |r| / s is zero at s = mean |r|: an outlier counts as |r|, not as r².",
)  # fmt: skip


_Z = np.sqrt(np.log(2))  # r / σ where the CRPS is lowest

_CRPS = Exercise(
    name="ch3-crps",
    wanted="three numbers, to two decimals: two widths and a CRPS",
    parts=("σ by the likelihood", "σ by the CRPS", "CRPS as σ goes to 0"),
    answer=(2.0, 2 / _Z, 2.0),
    tolerance=4e-3,
    mistakes=(
        Mistake((4.0, ..., ...), "that is the variance: σ is its root."),
        Mistake(
            (..., 2.0, ...),
            "that is the width for the likelihood. Set the given slope of the CRPS to zero.",
        ),
        Mistake((..., _Z, ...), "that is r / σ: solve it for σ."),
        Mistake((..., 2 * _Z, ...), "r / σ is known there, and r: σ is the quotient."),
        Mistake((..., 2 / np.log(2), ...), "that is r / z²: take the root of log 2."),
        Mistake(
            (..., ..., 0.0),
            "that is the limit of a miss of 0. What is the price of a single number that is 2 off?",
        ),
    ),
    remark="The misses are not Gaussian, so the two losses settle on different widths.",
)

_THERMOMETER = Exercise(
    name="ch3-censored",
    wanted="four numbers, to two decimals: loss and slope of the censored reading, and of 40",
    parts=("censored loss", "censored slope", "loss of 40", "slope of that"),
    answer=(-np.log(0.1587), -0.2420 / 0.1587 / 2, np.log(2) + 0.5, -0.5),
    tolerance=5e-3,
    mistakes=(
        Mistake(
            (-np.log(1 - 0.1587), ..., ..., ...),
            "that is the loss of less than 40: the reading says 40 or more.",
        ),
        Mistake((0.1587, ..., ..., ...), "that is the probability: the loss is −log of it."),
        Mistake(
            (..., 0.2420 / 0.1587 / 2, ..., ...),
            "the sign: a higher prediction makes the reading more probable, so the loss falls.",
        ),
        Mistake(
            (..., -0.2420 / 0.1587, ..., ...),
            "the chain rule: the argument of Φ changes with ŷ at the rate 1 / σ.",
        ),
        Mistake(
            (..., -0.2420 / 2, ..., ...),
            "the derivative of the logarithm divides by Φ itself.",
        ),
        Mistake((..., ..., 0.5, ...), "log σ is missing from the loss of a known target."),
        Mistake((..., ..., ..., 0.5), "the residual is ŷ − y, below zero here."),
        Mistake((..., ..., ..., -1.0), "the slope is r / σ², with σ squared."),
    ),
    remark="“40 or more” pulls harder than “40”, since it may be much more.",
)


def _is_three_or_four(n) -> bool:
    return float(n) in (3.0, 4.0)


_BREAKDOWN = Exercise(
    name="ch3-breakdown",
    wanted="three whole numbers: how many further wrong years tip the line over, going backwards "
    "from 1973, backwards from 1963, forwards from 1950",
    parts=("backwards from 1973", "backwards from 1963", "forwards from 1950"),
    answer=(2, Satisfying(_is_three_or_four, 4, among=((0, 24, 1),)), 5),
    mistakes=(
        Mistake(
            (1, Satisfying(lambda n: float(n) == 2, 2), 4),
            "the line survives that many: count the year that tips it over as well.",
        ),
        Mistake((8, ..., 11), "the six wrong years of the data do not count: further ones."),
        Mistake(
            (12, Satisfying(lambda n: float(n) == 12, 12), 12),
            "half of the data, as for the median of a sample? A line survives less than that.",
        ),
    ),
    remark="The median of a sample survives anything below one half; a line survives less, and "
    "how much less depends on where the wrong points are.",
)

EXERCISES = (
    _BY_HAND,
    _RMSE_MAE,
    _HUBER_CONSTANT,
    _LATENESS,
    _INTERVAL,
    _LIMIT,
    _LEVERAGE,
    _DISPERSION,
    _LAPLACE,
    _CRPS,
    _THERMOMETER,
    _BREAKDOWN,
)
