"""Similarity: losses that pull representations together or push them apart."""

from __future__ import annotations

import math

import numpy as np

from lossbook.losses._loss import Elsewhere, Formula, Source, loss
from lossbook.losses.binary import SOFT_LABEL, binary_cross_entropy_with_logits
from lossbook.losses.domains import (
    BINARY,
    NON_NEGATIVE,
    POSITIVE,
    REAL_ROW,
    SIGNS,
    Classes,
    NonZero,
)
from lossbook.losses.numerics import SoftmaxOfClass, ratio

__all__ = [
    "contrastive",
    "cosine_distance",
    "info_nce",
    "margin_ranking",
    "pairwise_logistic",
    "triplet",
]

VECTOR = NonZero(row=True)

_FIRST = "the prediction comes first"
_MEAN = "averages over the examples"


def _unit(x):
    """Return rows of length 1 and their lengths, without overflow."""
    size = np.abs(x).max(axis=-1, keepdims=True)
    length = np.sqrt(((x / size) ** 2).sum(axis=-1, keepdims=True))
    return x / size / length, size * length


@loss(
    task="similarity",
    domains={"y_true": VECTOR, "y_pred": VECTOR},
    formula=r"1 - \frac{y \cdot \hat y}{\lVert y \rVert \lVert \hat y \rVert}",
    derivative=(
        r"\frac{1}{\lVert \hat y \rVert} \left((1 - \ell) \frac{\hat y}{\lVert \hat y \rVert}"
        r" - \frac{y}{\lVert y \rVert}\right)"
    ),
    variable="prediction",
    axis="first component",
    convex=False,
    gradient_bound=lambda: math.inf,
    estimates="the direction of the mean of the normalised targets",
    use="Only the direction of a vector counts, not its length: embeddings.",
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.cosine_embedding_loss(y_pred, y_true, ones)",
            "averages; the prediction comes first; takes a label 1 or -1 as well; adds a small "
            "number to the squared lengths",
        ),
        "Keras": Elsewhere(
            "keras.losses.CosineSimilarity()(y_true, y_pred)",
            "averages; minus the cosine, so 1 less than ours",
        ),
        "optax": Elsewhere("optax.losses.cosine_distance(y_pred, y_true)", _FIRST),
    },
    wide=True,
)
def cosine_distance(y_true, y_pred):
    r"""Cosine distance: one minus the cosine of the angle between two vectors.

    Computed as half the squared distance of the unit vectors, which keeps its digits for vectors
    that are nearly parallel.

    Parameters
    ----------
    y_true, y_pred : array_like of shape (..., d)
        Vectors, not zero.

    Returns
    -------
    ndarray of shape (...)
        The loss of each pair of rows, from 0 to 2.

    Examples
    --------
    >>> cosine_distance([[1.0, 0.0], [3.0, 4.0]], [[0.0, 2.0], [6.0, 8.0]])
    array([1., 0.])
    >>> cosine_distance.gradient([1.0, 0.0], [0.0, 2.0])
    array([-0.5,  0. ])
    """
    (u, _), (v, length) = _unit(y_true), _unit(y_pred)
    value = ((v - u) ** 2).sum(axis=-1) / 2
    # cos v - u, put as a difference of the vectors and a small rest.
    return Formula(value=value, gradient=lambda: ((v - u) - value[:, np.newaxis] * v) / length)


@loss(
    task="similarity",
    domains={"y_true": BINARY, "distance": NON_NEGATIVE},
    intervals={"margin": POSITIVE},
    formula=r"\tfrac12 y\, d^2 + \tfrac12 (1 - y) \max(0, m - d)^2",
    derivative=r"y\, d - (1 - y) \max(0, m - d)",
    variable="prediction",
    axis="distance",
    convex=True,
    seams=lambda margin: (margin,),
    gradient_bound=lambda margin: math.inf,
    estimates="a distance of 0 for pairs that belong together, of at least m for others",
    use="Learning a distance from pairs that are known to belong together or apart.",
    source=Source(
        "R. Hadsell, S. Chopra and Y. LeCun",
        2006,
        "Dimensionality reduction by learning an invariant mapping",
    ),
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.hinge_embedding_loss(distance, 2 * y_true - 1)",
            "averages; the prediction comes first; labels -1 and 1; not squared",
        ),
    },
)
def contrastive(y_true, distance, *, margin=1.0):
    r"""Contrastive loss: pairs that belong together are pulled, others pushed beyond a margin.

    Parameters
    ----------
    y_true : array_like
        1 for pairs that belong together, 0 for others. (The original paper has it the other way
        round.)
    distance : array_like of the same shape
        Distance of the two representations, not negative.
    margin : float, default 1.0
        m, the distance beyond which a pair that does not belong together is free; in (0, ∞).

    Returns
    -------
    ndarray
        The loss of each pair.

    Examples
    --------
    >>> contrastive([1, 0, 0], [0.5, 0.5, 2.0])
    array([0.125, 0.125, 0.   ])
    >>> contrastive.gradient([1, 0, 0], [0.5, 0.5, 2.0])
    array([ 0.5, -0.5,  0. ])
    """
    g = np.where(y_true == 1, distance, np.minimum(distance - margin, 0))
    return Formula(value=lambda: g * (g / 2), gradient=lambda: g)


def _length(x):
    """Return the lengths of rows, without overflow: in units of a power of 2, which is exact."""
    exponent = np.frexp(np.abs(x).max(axis=-1))[1]
    scaled = np.ldexp(x, -exponent[..., np.newaxis])
    return np.ldexp(np.sqrt((scaled * scaled).sum(axis=-1)), exponent)


def _lengths(anchor, positive, negative):
    return _length(anchor - positive), _length(anchor - negative)


def _triplets(x):
    """Return triplets of which the positive is by `x` farther from the anchor than the negative."""
    rows = {name: np.zeros((len(x), 2)) for name in ("anchor", "positive", "negative")}
    rows["positive"][:, 0] = 5 + x
    rows["negative"][:, 1] = 5
    return "positive", rows


def _triplet_distance(anchor, positive, negative, margin):
    near, far = _lengths(anchor, positive, negative)
    return np.minimum(np.abs(near - far + margin), np.minimum(near, far))


@loss(
    task="similarity",
    domains={"anchor": REAL_ROW, "positive": REAL_ROW, "negative": REAL_ROW},
    predictions=("anchor", "positive", "negative"),
    intervals={"margin": NON_NEGATIVE},
    formula=r"\max\bigl(0,\ \lVert a - p \rVert - \lVert a - n \rVert + m\bigr)",
    derivative=(
        r"\begin{aligned} \partial_p &= \frac{p - a}{\lVert p - a \rVert},\quad"
        r" \partial_n = \frac{a - n}{\lVert a - n \rVert}, \\[0.4em]"
        r" \partial_a &= -\partial_p - \partial_n \quad\text{where } \ell > 0 \end{aligned}"
    ),
    variable="prediction",
    axis="difference of the distances",
    curve=_triplets,
    convex=False,
    kink_distance=_triplet_distance,
    gradient_bound=lambda margin: 2.0,
    estimates="representations in which the positive is nearer than the negative by m",
    use="Learning a distance from comparisons: the anchor is nearer to this one than to that one.",
    source=Source(
        "F. Schroff, D. Kalenichenko and J. Philbin",
        2015,
        "FaceNet: a unified embedding for face recognition and clustering",
    ),
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.triplet_margin_loss(anchor, positive, negative)",
            "averages; adds 1e-6 to each difference",
        ),
        "optax": Elsewhere(
            "optax.losses.triplet_margin_loss(anchor, positive, negative)",
            "adds 1e-6 to each squared distance",
        ),
    },
    wide=True,
)
def triplet(anchor, positive, negative, *, margin=1.0):
    r"""Triplet loss: the anchor should be nearer to the positive than to the negative.

    At kinks, and for points that coincide, the gradient is the subgradient 0. The original takes
    squared distances.

    Parameters
    ----------
    anchor, positive, negative : array_like of shape (..., d)
        Representations, any finite numbers.
    margin : float, default 1.0
        m, the lead at which a triplet no longer costs anything; in [0, ∞).

    Returns
    -------
    ndarray of shape (...)
        The loss of each triplet. The gradient is a triple, one for each argument.

    Examples
    --------
    >>> triplet([0.0, 0.0], [3.0, 4.0], [0.0, 2.0])
    np.float64(4.0)
    >>> triplet.gradient([0.0, 0.0], [3.0, 4.0], [0.0, 2.0])
    (array([-0.6,  0.2]), array([0.6, 0.8]), array([ 0., -1.]))
    """
    near, far = _lengths(anchor, positive, negative)
    gap = np.where(near == far, 0, near - far)  # two lengths may both be infinite
    value = np.maximum(gap + margin, 0)

    def gradient():
        active = (value > 0)[:, np.newaxis]
        pull = np.where(active, ratio(positive - anchor, near[:, np.newaxis]), 0)
        push = np.where(active, ratio(anchor - negative, far[:, np.newaxis]), 0)
        return -pull - push + 0.0, pull, push

    return Formula(value=value, gradient=gradient)


@loss(
    task="similarity",
    domains={"y_true": SIGNS},
    intervals={"margin": NON_NEGATIVE},
    formula=r"\max\bigl(0,\ m - y\,(s_1 - s_2)\bigr)",
    derivative=r"\partial_{s_1} = -y,\quad \partial_{s_2} = y \quad\text{where the loss is not 0}",
    variable="margin",
    convex=True,
    kink_distance=lambda y_true, first, second, margin: np.abs(margin - y_true * (first - second)),
    gradient_bound=lambda margin: 1.0,
    estimates="an order, not a size",
    use="Only the order of two scores counts.",
    source=Source(
        "R. Herbrich, T. Graepel and K. Obermayer",
        1999,
        "Support vector learning for ordinal regression",
    ),
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.margin_ranking_loss(first, second, y_true)",
            "averages; the label comes last; margin=0",
        ),
    },
    wide=True,
)
def margin_ranking(y_true, first, second, *, margin=0.0):
    r"""Margin ranking loss: which of two should score higher.

    At the kink the gradient is the subgradient 0.

    Parameters
    ----------
    y_true : array_like
        1 where the first should score higher, -1 where the second should.
    first, second : array_like of the same shape
        Predicted scores, any finite numbers.
    margin : float, default 0.0
        m, the lead at which a pair no longer costs anything; in [0, ∞).

    Returns
    -------
    ndarray
        The loss of each pair. The gradient is a pair, one for each score.

    Examples
    --------
    >>> margin_ranking([1, -1], [2.0, 2.0], [1.5, 1.5], margin=1.0)
    array([0.5, 1.5])
    >>> margin_ranking.gradient([1, -1], [2.0, 2.0], [1.5, 1.5], margin=1.0)
    (array([-1.,  1.]), array([ 1., -1.]))
    """
    value = np.maximum(margin - y_true * (first - second), 0)
    return Formula(
        value=value,
        gradient=lambda: (np.where(value > 0, -y_true, 0), np.where(value > 0, y_true, 0)),
    )


@loss(
    task="similarity",
    domains={"y_true": SOFT_LABEL},
    formula=r"-y \log \sigma(d) - (1 - y) \log \sigma(-d),\quad d = s_1 - s_2",
    derivative=r"\sigma(d) - y",
    variable="logit",
    axis="difference of the scores",
    convex=True,
    gradient_bound=lambda: 1.0,
    estimates="log-odds that the first is preferred; scores, up to a constant",
    use="You know which of two was preferred, not how good either is: ranking, human feedback.",
    noise_model="Bernoulli: the better one wins with probability σ(d)",
    source=Source(
        "R. A. Bradley and M. E. Terry",
        1952,
        "Rank analysis of incomplete block designs: I. The method of paired comparisons",
    ),
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.binary_cross_entropy_with_logits(first - second, y_true)",
            "averages over the examples; the prediction comes first",
        ),
    },
    wide=True,
)
def pairwise_logistic(y_true, difference):
    r"""Pairwise logistic loss: a preference between two, from the difference of their scores.

    :func:`.binary_cross_entropy_with_logits` of the difference. With this one loss,

    - Bradley and Terry rate players, or wines, by who beat whom;
    - RankNet learns to rank: the scores are those of a network for two documents of one query,
      and the derivative is pushed back into both, with opposite signs (C. Burges and others, 2005);
    - reward models learn from human feedback, with ``y_true`` 1 for the answer that was preferred;
    - direct preference optimisation (DPO) takes as the score of an answer
      :math:`\beta \log(\pi / \pi_0)`, with its probabilities under the model and under the one that
      training started from (R. Rafailov and others, 2023).

    Parameters
    ----------
    y_true : array_like
        1 where the first is preferred, 0 where the second is, and a number between them for a share
        of votes: 0.5 for a tie.
    difference : array_like of the same shape
        d, the score of the first less the score of the second, any finite numbers.

    Returns
    -------
    ndarray
        The loss of each pair, in nats.

    Examples
    --------
    >>> pairwise_logistic([1, 0, 0.5], [2.0, 2.0, 0.0]).round(4)
    array([0.1269, 2.1269, 0.6931])
    >>> pairwise_logistic.gradient([1, 0, 0.5], [2.0, 2.0, 0.0]).round(4)
    array([-0.1192,  0.8808,  0.    ])
    """
    return binary_cross_entropy_with_logits.__wrapped__(y_true, difference)


@loss(
    task="similarity",
    domains={"y_true": Classes(rows=False), "similarities": REAL_ROW},
    intervals={"temperature": POSITIVE},
    formula=r"-\log \operatorname{softmax}(s / \tau)_y",
    derivative=r"\tfrac{1}{\tau} \bigl(\operatorname{softmax}(s / \tau)_k - [k = y]\bigr)",
    variable="logit",
    axis="first similarity",
    convex=True,
    gradient_bound=lambda temperature: 1 / temperature,
    estimates="τ times the logarithm of a density ratio, up to a constant",
    use="Learning representations: one right partner has to be told from many others.",
    noise_model="categorical",
    source=Source(
        "A. van den Oord, Y. Li and O. Vinyals",
        2018,
        "Representation learning with contrastive predictive coding",
    ),
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.cross_entropy(similarities / temperature, y_true)",
            "averages; the prediction comes first",
        ),
    },
    wide=True,
)
def info_nce(y_true, similarities, *, temperature=0.1):
    r"""InfoNCE: cross-entropy of picking the true partner out of several candidates.

    Parameters
    ----------
    y_true : array_like of int, shape (n,)
        Which candidate is the true partner.
    similarities : array_like of shape (n, C)
        Similarity of each example to each candidate, any finite numbers.
    temperature : float, default 0.1
        τ, the difference of similarity that counts as much as a logit of 1; in (0, ∞).

    Returns
    -------
    ndarray of shape (n,)
        The loss of each example, in nats.

    Examples
    --------
    >>> info_nce([0, 1], [[0.9, 0.1], [0.9, 0.1]], temperature=0.5).round(4)
    array([0.1839, 1.7839])
    >>> info_nce.gradient(0, [0.5, 0.5], temperature=0.5)
    array([-1.,  1.])
    """
    gap = (similarities - similarities.max(axis=-1, keepdims=True)) / temperature
    s = SoftmaxOfClass(gap, y_true)
    return Formula(value=lambda: s.surprise, gradient=lambda: s.slope / temperature)
