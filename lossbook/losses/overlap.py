"""Overlap of a predicted set with a true one: losses of segmentation and of several labels.

The set is one row per example along the last axis: for each element (pixel, label) whether it
belongs, as a label 0 or 1 or a probability. The loss is one number per row. Flatten an image first.
"""

from __future__ import annotations

import numpy as np

from lossbook.losses._loss import Elsewhere, Formula, Source, loss
from lossbook.losses.domains import NON_NEGATIVE, Interval

__all__ = ["dice", "jaccard", "tversky"]

MEMBERS = Interval(0, 1, includes_low=True, includes_high=True, row=True, labels=True)
PROBABILITIES = Interval(0, 1, includes_low=True, includes_high=True, row=True)

_FLAT = (
    "takes the whole array as one set; has no smooth, but adds 1e-7 to the denominator, so that "
    "two empty sets cost 1"
)


def _bound(smooth, price=1.0):
    """Return the most that a derivative can be; None without smoothing, where it is not known."""
    return price / smooth if smooth > 0 else None


def _quotient(top, bottom, d_top, d_bottom):
    """Return top / bottom with its gradient, where 0 / 0 (two empty sets) is a perfect 0."""
    empty = bottom == 0  # then top is 0 too
    safe = np.where(empty, 1, bottom)
    value = top / safe

    def gradient():
        slope = (d_top - value[:, np.newaxis] * d_bottom) / safe[:, np.newaxis]
        return np.where(empty[:, np.newaxis], 0, slope)

    return Formula(value=value, gradient=gradient)


@loss(
    task="multi-label",
    domains={"y_true": MEMBERS, "p": PROBABILITIES},
    intervals={"smooth": NON_NEGATIVE},
    formula=r"1 - \frac{2 \sum y p + s}{\sum y + \sum p + s}",
    derivative=r"\frac{1 - 2 y_k - \ell}{\sum y + \sum p + s}",
    variable="prediction",
    convex=False,
    gradient_bound=_bound,  # reached where both sets are empty
    estimates="decisions, not probabilities: 0 or 1 for each element, by a threshold of at most ½",
    use="Segmentation of small objects: the overlap of the two sets counts, not each pixel.",
    source=Source(
        "C. H. Sudre, W. Li, T. Vercauteren, S. Ourselin and M. J. Cardoso",
        2017,
        "Generalised Dice overlap as a deep learning loss function for highly unbalanced "
        "segmentations",
    ),
    elsewhere={"Keras": Elsewhere("keras.losses.Dice()(y_true, p)", _FLAT)},
    wide=True,
)
def dice(y_true, p, *, smooth=1.0):
    r"""Soft Dice loss: one minus twice the overlap over the sum of the sizes.

    Its best predictions are *decisions*, not probabilities, even where nobody can know: if each of
    16 pixels belongs to the set with probability 0.3, it is best to say 1 for all of them. Of
    elements that are independent of each other, it is best to include those whose probability is
    above some threshold, at most ½. Train with cross-entropy where the probabilities count.

    F. Milletari, N. Navab and S.-A. Ahmadi (2016, "V-Net") trained with it first, in a form with
    squares in the denominator.

    The smoothing s, on top and below, keeps the slope finite where both sets are small, and lets a
    small set count less: to miss a set of n elements altogether costs :math:`n / (n + s)`.

    Parameters
    ----------
    y_true : array_like of shape (..., K)
        Membership of each element: labels 0 or 1, or probabilities.
    p : array_like of shape (..., K)
        Predicted probabilities, in [0, 1].
    smooth : float, default 1.0
        s, which keeps the loss calm for small sets; in [0, ∞). With 0, two empty sets cost 0.

    Returns
    -------
    ndarray of shape (...)
        The loss of each row, from 0 to 1.

    Examples
    --------
    >>> dice([1, 1, 0, 0], [1.0, 0.5, 0.5, 0.0], smooth=0)
    np.float64(0.25)
    >>> dice.gradient([1, 0], [0.5, 0.5], smooth=0)
    array([-0.75,  0.25])
    """
    differ = (y_true * (1 - p) + p * (1 - y_true)).sum(axis=-1)
    sizes = y_true.sum(axis=-1) + p.sum(axis=-1) + smooth
    return _quotient(differ, sizes, 1 - 2 * y_true, 1)


@loss(
    task="multi-label",
    domains={"y_true": MEMBERS, "p": PROBABILITIES},
    intervals={"smooth": NON_NEGATIVE},
    formula=r"1 - \frac{\sum y p + s}{\sum (y + p - y p) + s}",
    derivative=r"\frac{1 - 2 y_k - \ell\,(1 - y_k)}{\sum (y + p - y p) + s}",
    variable="prediction",
    convex=False,
    gradient_bound=_bound,  # reached where both sets are empty
    estimates="decisions, not probabilities: 0 or 1 for each element, by a threshold of at most ½",
    use="Like Dice, for when intersection over union is the metric.",
    source=Source(
        "M. A. Rahman and Y. Wang",
        2016,
        "Optimizing intersection-over-union in deep neural networks for image segmentation",
    ),
    wide=True,
)
def jaccard(y_true, p, *, smooth=1.0):
    r"""Soft Jaccard (intersection over union) loss.

    Parameters
    ----------
    y_true : array_like of shape (..., K)
        Membership of each element: labels 0 or 1, or probabilities.
    p : array_like of shape (..., K)
        Predicted probabilities, in [0, 1].
    smooth : float, default 1.0
        s, which keeps the loss calm for small sets; in [0, ∞). With 0, two empty sets cost 0.

    Returns
    -------
    ndarray of shape (...)
        The loss of each row, from 0 to 1.

    Examples
    --------
    >>> jaccard([1, 1, 0, 0], [1.0, 0.5, 0.5, 0.0], smooth=0)
    np.float64(0.4)
    >>> jaccard.gradient([1, 0], [0.5, 0.5], smooth=0).round(4)
    array([-0.6667,  0.2222])
    """
    differ = (y_true * (1 - p) + p * (1 - y_true)).sum(axis=-1)
    union = (y_true + p * (1 - y_true)).sum(axis=-1) + smooth
    return _quotient(differ, union, 1 - 2 * y_true, 1 - y_true)


@loss(
    task="multi-label",
    domains={"y_true": MEMBERS, "p": PROBABILITIES},
    intervals={"alpha": NON_NEGATIVE, "beta": NON_NEGATIVE, "smooth": NON_NEGATIVE},
    formula=(
        r"1 - \frac{\sum y p + s}{\sum y p + \alpha \sum (1 - y) p + \beta \sum y (1 - p) + s}"
    ),
    derivative=(
        r"\frac{a_k - \ell\,(y_k + a_k)}{\text{denominator of } \ell},\quad"
        r" a_k = \alpha (1 - y_k) - \beta y_k"
    ),
    variable="prediction",
    convex=False,
    # Reached where both sets are empty, for β between 1/2 and α; for others it is an upper bound.
    gradient_bound=lambda alpha, beta, smooth: _bound(
        smooth, max(alpha, beta if beta >= 0.5 else 1 / (4 * (1 - beta)))
    ),
    estimates="decisions, not probabilities: 0 or 1 for each element; more are 1 for a larger β",
    use="Like Dice, for when a missed pixel costs more, or less, than a false one.",
    source=Source(
        "S. S. M. Salehi, D. Erdogmus and A. Gholipour",
        2017,
        "Tversky loss function for image segmentation using 3D fully convolutional deep networks",
    ),
    elsewhere={
        "Keras": Elsewhere(
            "keras.losses.Tversky(alpha=0.5, beta=0.5)(y_true, p)",
            f"{_FLAT}; up to Keras 3.15 alpha is the price of misses (our beta), whatever its "
            "documentation says: its source has been corrected since",
        )
    },
    wide=True,
)
def tversky(y_true, p, *, alpha=0.5, beta=0.5, smooth=1.0):
    r"""Tversky loss: Dice with a price of its own for false alarms and for misses.

    ``alpha = beta = 0.5`` is :func:`dice` (with twice the `smooth`), ``alpha = beta = 1`` is
    :func:`jaccard`.

    Parameters
    ----------
    y_true : array_like of shape (..., K)
        Membership of each element: labels 0 or 1, or probabilities.
    p : array_like of shape (..., K)
        Predicted probabilities, in [0, 1].
    alpha, beta : float, default 0.5
        The price of false alarms and of misses; in [0, ∞).
    smooth : float, default 1.0
        s, which keeps the loss calm for small sets; in [0, ∞). With 0, two empty sets cost 0.

    Returns
    -------
    ndarray of shape (...)
        The loss of each row, from 0 to 1.

    Examples
    --------
    >>> tversky([1, 1, 0, 0], [1.0, 0.5, 0.5, 0.0], alpha=0.5, beta=1.5, smooth=0)
    np.float64(0.4)
    >>> tversky.gradient([1, 0], [0.5, 0.5], smooth=0)
    array([-0.75,  0.25])
    """
    # In units of the largest weight, so that no sum of weights overflows.
    unit = max(1.0, alpha, beta) if max(alpha, beta) > 1e100 else 1.0
    alpha, beta, smooth, members = alpha / unit, beta / unit, smooth / unit, y_true / unit
    shared = (members * p).sum(axis=-1)
    wrong = (alpha * (1 - y_true) * p + beta * y_true * (1 - p)).sum(axis=-1)
    slope = alpha * (1 - y_true) - beta * y_true
    return _quotient(wrong, shared + wrong + smooth, slope, members + slope)
