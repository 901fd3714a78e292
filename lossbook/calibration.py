"""Probabilities after training: how good they are, and two corrections of logits.

These are measures and corrections, no losses: nothing here is trained with. A calibrated model that
says 70 % is right in 70 % of such cases.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.losses import (
    Interval,
    binary_cross_entropy_with_logits,
    brier,
    categorical_cross_entropy,
    categorical_cross_entropy_with_logits,
)
from lossbook.losses.domains import (
    check_labels,
    finite_array,
    one_of,
    real_array,
    vector,
    whole_number,
)

__all__ = [
    "Reliability",
    "adjust_logits",
    "expected_calibration_error",
    "fit_temperature",
    "perplexity",
    "reliability",
]


class Reliability(NamedTuple):
    """What a reliability diagram shows; one entry for each bin that is not empty.

    Attributes
    ----------
    confidence : ndarray
        The mean predicted probability.
    frequency : ndarray
        The share that came true.
    count : ndarray
        The number of predictions.
    """

    confidence: NDArray[np.float64]
    frequency: NDArray[np.float64]
    count: NDArray[np.int64]


def reliability(
    y_true: ArrayLike, p: ArrayLike, *, bins: int = 15, equal: str = "width"
) -> Reliability:
    """Return predicted probabilities beside the shares that came true, bin by bin.

    Parameters
    ----------
    y_true : array_like of shape (n,)
        Labels 0 or 1.
    p : array_like of shape (n,)
        Predicted probabilities of the label 1.
    bins : int
        The number of bins.
    equal : {"width", "mass"}
        Bins of equal width, :math:`(k/B, (k + 1)/B]` with 0 in the first; or bins of about as many
        predictions each, in which equal predictions stay together.

    Returns
    -------
    Reliability

    Raises
    ------
    ValueError, TypeError
        Bad labels, probabilities or bins.

    Examples
    --------
    >>> reliability([0, 0, 1, 1, 1], [0.1, 0.2, 0.3, 0.7, 0.9], bins=2)
    Reliability(confidence=array([0.2, 0.8]), frequency=array([0.33333333, 1.        ]), count=array([3, 2]))
    """  # noqa: E501
    brier(y_true, p)  # raises if these are not labels and probabilities of one shape
    y, p = np.asarray(y_true, np.float64).ravel(), np.asarray(p, np.float64).ravel()
    if not y.size:
        raise ValueError("p must hold at least one probability: got none")
    bins = whole_number("bins", bins, least=1)
    one_of("equal", equal, "width", "mass")
    shares = np.arange(1, bins) / bins
    edges = shares if equal == "width" else np.quantile(p, shares, method="inverted_cdf")
    place = np.searchsorted(edges, p)  # an edge belongs to the bin below it
    count = np.bincount(place, minlength=bins)
    confidence, frequency = (np.bincount(place, x, minlength=bins) for x in (p, y))
    full = count > 0
    return Reliability(confidence[full] / count[full], frequency[full] / count[full], count[full])


def expected_calibration_error(
    y_true: ArrayLike,
    p: ArrayLike,
    *,
    bins: int = 15,
    equal: str = "width",
    classes: str = "top",
) -> float:
    r"""Return the expected calibration error (ECE): how far confidence and frequency are apart.

    .. math:: \mathrm{ECE} = \sum_b \frac{n_b}{n} \,\lvert \text{frequency}_b - \text{confidence}_b \rvert

    It is a measure, not a loss: who always predicts the overall frequency has an ECE of 0. It
    depends on the bins, so say which; and with few examples in a bin it is above 0 even for a model
    that is calibrated.

    Parameters
    ----------
    y_true : array_like of shape (n,)
        Labels 0 or 1; for several classes class numbers from 0.
    p : array_like of shape (n,) or (n, C)
        Predicted probabilities of the label 1, or one row for each example.
    bins : int
        The number of bins.
    equal : {"width", "mass"}
        As in :func:`reliability`.
    classes : {"top", "each"}
        Of several classes, judge the probability of the predicted class alone (top-label); or that
        of each class against all others, and take the mean over the classes (class-wise).

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError, TypeError
        Bad labels, probabilities, bins or `classes`.

    References
    ----------
    M. P. Naeini, G. F. Cooper and M. Hauskrecht (2015), "Obtaining well calibrated probabilities
    using Bayesian binning"; of the top label: C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger
    (2017), "On calibration of modern neural networks"; class-wise: M. Kull and others (2019),
    "Beyond temperature scaling".

    Examples
    --------
    >>> expected_calibration_error([0, 0, 1, 1], [0.25, 0.25, 0.75, 0.75], bins=2)
    0.25
    >>> p = [[0.75, 0.25, 0.0], [0.75, 0.25, 0.0]]
    >>> expected_calibration_error([0, 1], p), expected_calibration_error([0, 1], p, classes="each")
    (0.25, 0.16666666666666666)
    """  # noqa: E501
    one_of("classes", classes, "top", "each")
    if real_array("p", p).ndim < 2:
        return _gap(reliability(y_true, p, bins=bins, equal=equal))
    y = real_array("y_true", y_true)
    if y.ndim != 1:
        raise ValueError(f"y_true must have shape (n,), class numbers: got {y.shape}")
    categorical_cross_entropy(y_true, p)  # raises if these are not classes and probabilities
    table = np.asarray(p, np.float64)
    if classes == "top":
        pairs = [(y == table.argmax(axis=-1), table.max(axis=-1))]
    else:
        pairs = [(y == k, column) for k, column in enumerate(table.T)]
    # A top probability may be above 1 by the rounding that a sum of 1 is allowed.
    gaps = [_gap(reliability(hit, np.minimum(q, 1), bins=bins, equal=equal)) for hit, q in pairs]
    return math.fsum(gaps) / len(gaps)


def _gap(table: Reliability) -> float:
    gaps = np.abs(table.frequency - table.confidence)
    return float(np.sum(table.count * gaps) / np.sum(table.count))


def fit_temperature(y_true: ArrayLike, logits: ArrayLike) -> float:
    r"""Return the temperature T for which logits / T have the lowest cross-entropy.

    Dividing all logits by one number changes neither their order nor the accuracy, but the log
    loss: a network that is too sure has its best T above 1. Fit it on examples that were not
    trained on.

    Parameters
    ----------
    y_true : array_like of shape (n,)
        Labels 0 or 1; for several classes class numbers from 0.
    logits : array_like of shape (n,) or (n, C)
        Predicted logits.

    Returns
    -------
    float
        T, above 0; infinite where the logits are no better than none.

    Raises
    ------
    ValueError, TypeError
        Bad labels or logits, or every prediction is right, so that the best T would be 0.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger (2017), "On calibration of modern neural
    networks".

    Examples
    --------
    Three of four are right at log-odds of 4; log-odds of log 3 would have said so:

    >>> T = fit_temperature([1, 1, 1, 0], [4.0, 4.0, 4.0, 4.0])
    >>> round(4 / T, 6), round(np.log(3), 6)
    (1.098612, np.float64(1.098612))
    """
    loss: Any = categorical_cross_entropy_with_logits
    z = real_array("logits", logits)
    loss = loss if z.ndim > 1 else binary_cross_entropy_with_logits
    if not np.size(loss(y_true, logits)):
        raise ValueError("logits must hold at least one example: got none")
    z = z.astype(np.float64)
    if z.ndim > 1:
        z = z - z.max(axis=-1, keepdims=True)
    size = np.max(np.abs(z))
    z = z / (size or 1.0)

    def slope(inverse: float) -> float:
        """Return the derivative with respect to 1 / T, which only rises."""
        return float(np.sum(loss.gradient(y_true, inverse * z) * z))

    if slope(0.0) >= 0:
        return math.inf
    if slope(1e300) == 0:
        raise ValueError("every prediction is right: the best temperature would be 0")
    high = 1.0
    while slope(high) < 0:
        high *= 2
    low = 0.0 if high == 1 else high / 2
    while low < (middle := low + (high - low) / 2) < high:
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    with np.errstate(over="ignore"):
        return float(size / high)


def adjust_logits(
    logits: ArrayLike,
    frequencies: ArrayLike,
    *,
    target: ArrayLike | None = None,
    strength: float = 1.0,
) -> NDArray[np.float64]:
    r"""Return logits for other class frequencies than those of the training data.

    .. math:: z_k + \tau\,(\log \pi'_k - \log \pi_k)

    By Bayes' rule these are the logits for classes as frequent as :math:`\pi'`, if within each
    class the examples are the same. For equal frequencies the class of the highest one has the
    least *balanced* error, the mean of the error rates of the classes. With ``strength=-1`` (and no
    target) before the loss, in training alone, a model learns such logits by itself.

    Parameters
    ----------
    logits : array_like of shape (..., C)
        Predicted logits.
    frequencies : array_like of shape (C,)
        π, how frequent each class is in the training data; only their ratios count.
    target : array_like of shape (C,), optional
        π', how frequent each class is where the model is used; equal unless given.
    strength : float
        τ, 1 for Bayes' rule.

    Returns
    -------
    ndarray of the logits' shape

    Raises
    ------
    ValueError, TypeError
        Frequencies that are not above 0, or not one for each class.

    References
    ----------
    A. K. Menon, S. Jayasumana, A. S. Rawat, H. Jain, A. Veit and S. Kumar (2021), "Long-tail
    learning via logit adjustment".

    Examples
    --------
    >>> adjust_logits([2.0, 0.0], [0.9, 0.1]).round(4)
    array([1.4122, 1.6094])
    """
    z = finite_array("logits", logits).astype(np.float64, copy=False)
    if z.ndim == 0 or not z.shape[-1]:
        raise ValueError(f"logits must have one row per example: got shape {z.shape}")
    strength = Interval().parameter("strength", strength)
    if target is None:
        target = np.ones(z.shape[-1])
    shift = _log_shares("target", target, z.shape[-1])
    shift -= _log_shares("frequencies", frequencies, z.shape[-1])
    with np.errstate(over="ignore"):
        return z + strength * shift


def _log_shares(name: str, frequencies: ArrayLike, classes: int) -> NDArray[np.float64]:
    shares = vector(name, frequencies, "class")
    if shares.shape != (classes,):
        raise ValueError(f"{name} must have one number per class, ({classes},): got {shares.shape}")
    bad = ~((shares > 0) & (shares < np.inf))
    if bad.any():
        raise ValueError(f"{name} must be finite and above 0: got {shares[bad][0]}")
    log = np.log(shares)
    return log - log.max() - math.log(np.sum(np.exp(log - log.max())))


def perplexity(y_true: ArrayLike, logits: ArrayLike, *, ignore: int | None = -100) -> float:
    r"""Return the perplexity of a model of sequences, :math:`e^{\text{mean cross-entropy}}`.

    Among so many equally likely tokens the model is as undecided as here, on (geometric) average.
    The mean is over the tokens that count: take it over a whole text, not over the means of its
    pieces, and compare only models with the same vocabulary.

    Parameters
    ----------
    y_true : array_like of int, shape (...)
        The token at each position, a number from 0 to C - 1, or `ignore`.
    logits : array_like of shape (..., C)
        Predicted logits.
    ignore : int or None
        The label of positions that do not count, such as padding.

    Returns
    -------
    float
        At least 1; C for a model that knows nothing.

    Raises
    ------
    ValueError, TypeError
        Bad tokens or logits, or no token counts.

    References
    ----------
    F. Jelinek, R. L. Mercer, L. R. Bahl and J. K. Baker (1977), "Perplexity: a measure of the
    difficulty of speech recognition tasks".

    Examples
    --------
    >>> round(perplexity([[0, 1, -100]], [[[0.0, 0.0], [0.0, 0.0], [9.0, 0.0]]]), 12)
    2.0
    """
    check_labels(("y_true", "logits"), (y_true, logits))
    y, z = real_array("y_true", y_true), real_array("logits", logits)
    if z.shape[:-1] != y.shape:
        raise ValueError(
            f"logits must have one row per token, shape {(*y.shape, 'C')}: got {z.shape}"
        )
    if ignore is not None:
        ignore = whole_number("ignore", ignore)
    counts = np.ones(y.shape, bool) if ignore is None else y != ignore
    if not counts.any():
        raise ValueError("y_true must have a token that counts: all of them are ignored")
    losses = categorical_cross_entropy_with_logits(y[counts], z[counts])
    with np.errstate(over="ignore"):
        return float(np.exp(np.mean(losses, dtype=np.float64)))
