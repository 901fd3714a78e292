"""Between distributions: entropy, cross-entropy and divergences, in nats.

They take one row of probabilities per example along the last axis and reduce it. The gradient is
with respect to the last argument: each probability on its own, without the condition that they sum
to 1.
"""

from __future__ import annotations

import math

import numpy as np

from lossbook.losses._loss import Elsewhere, Formula, Source, loss
from lossbook.losses.domains import DISTRIBUTION, POSITIVE, REAL_ROW
from lossbook.losses.numerics import (
    ratio,
    relative_entropy,
    relative_entropy_of_logits,
    times_log,
)

__all__ = [
    "cross_entropy",
    "entropy",
    "js_divergence",
    "kl_divergence",
    "kl_divergence_with_logits",
]

_SHANNON = Source("C. E. Shannon", 1948, "A mathematical theory of communication")
_KULLBACK = Source("S. Kullback and R. A. Leibler", 1951, "On information and sufficiency")


@loss(
    task="distributions",
    domains={"p": DISTRIBUTION},
    predictions=("p",),
    formula=r"-\sum_k p_k \log p_k",
    derivative=r"-\log p_k - 1",
    variable="prediction",
    convex=False,
    gradient_bound=lambda: math.inf,
    estimates="nothing, as it has no target; it is lowest, at 0, where p is certain",
    use="To reward or punish how spread out a predicted distribution is.",
    source=_SHANNON,
    wide=True,
)
def entropy(p):
    r"""Entropy :math:`H(p)`: the surprise to expect, in nats.

    It is 0 for a certain outcome and highest, log C, for equal probabilities. Concave.

    Parameters
    ----------
    p : array_like of shape (..., C)
        Probabilities; each row sums to 1.

    Returns
    -------
    ndarray of shape (...)
        The entropy of each row.

    Examples
    --------
    >>> entropy([[0.5, 0.5], [1.0, 0.0]]).round(4)
    array([0.6931, 0.    ])
    >>> entropy.gradient([0.5, 0.5]).round(4)
    array([-0.3069, -0.3069])
    """
    with np.errstate(divide="ignore"):
        log = np.log(p)
    return Formula(value=lambda: times_log(p, p).sum(axis=-1), gradient=lambda: -log - 1)


@loss(
    task="distributions",
    domains={"p": DISTRIBUTION, "q": DISTRIBUTION},
    formula=r"-\sum_k p_k \log q_k",
    derivative=r"-\frac{p_k}{q_k}",
    variable="prediction",
    convex=True,
    gradient_bound=lambda: math.inf,
    estimates="the mean of the true distributions; of a single one, that one",
    use="Targets are whole distributions and predictions are probabilities.",
    noise_model="categorical",
    source=_SHANNON,
    elsewhere={
        "Keras": Elsewhere(
            "keras.losses.CategoricalCrossentropy()(p, q)",
            "averages; divides q by its sum; clips q to [1e-7, 1 - 1e-7], on TensorFlow not if q "
            "comes from a softmax layer",
        ),
    },
    wide=True,
)
def cross_entropy(p, q):
    r"""Cross-entropy :math:`H(p, q)` of two distributions.

    The surprise to expect when p is true and q is believed: how *badly* q describes p. For
    a given p it is lowest at q = p, where it is the :func:`entropy` of p. It is not symmetric.

    Parameters
    ----------
    p, q : array_like of shape (..., C)
        Probabilities, the true and the predicted; each row sums to 1.

    Returns
    -------
    ndarray of shape (...)
        The cross-entropy of each pair of rows; infinite where q is 0 and p is not.

    Examples
    --------
    >>> cross_entropy([0.5, 0.5], [0.25, 0.75]).round(4)
    np.float64(0.837)
    >>> cross_entropy.gradient([0.5, 0.5], [0.25, 0.75]).round(4)
    array([-2.    , -0.6667])
    """
    return Formula(
        value=lambda: times_log(p, q).sum(axis=-1),
        gradient=lambda: 0 - ratio(p, q),
    )


@loss(
    task="distributions",
    domains={"p": DISTRIBUTION, "q": DISTRIBUTION},
    formula=r"\sum_k \bigl(p_k \log \tfrac{p_k}{q_k} - p_k + q_k\bigr)",
    derivative=r"1 - \frac{p_k}{q_k}",
    variable="prediction",
    convex=True,
    gradient_bound=lambda: math.inf,
    estimates="the mean of the true distributions; of a single one, that one",
    use="Like cross-entropy, but 0 where the two distributions agree.",
    source=_KULLBACK,
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.kl_div(log(q), p, reduction='none').sum(-1)",
            "averages over all elements by default; the prediction comes first, as a logarithm",
        ),
        "Keras": Elsewhere(
            "keras.losses.KLDivergence()(p, q)", "averages; clips both to [1e-7, 1]"
        ),
        "optax": Elsewhere(
            "optax.losses.kl_divergence(log(q), p)",
            "the prediction comes first, as a logarithm",
        ),
    },
    wide=True,
)
def kl_divergence(p, q):
    r"""Kullback-Leibler divergence: what believing q costs when p is true.

    .. math:: D(p \Vert q) = \sum_k p_k \log \frac{p_k}{q_k} = H(p, q) - H(p)

    0 where q = p, and not symmetric. It is computed as a sum of terms
    :math:`p_k \log(p_k / q_k) - p_k + q_k`, none of them negative: the same for rows that sum to 1,
    and right also where p and q are so close that the plain sum is nothing but rounding errors. Its
    gradient is that of this sum, :math:`1 - p_k / q_k`.

    Parameters
    ----------
    p, q : array_like of shape (..., C)
        Probabilities, the true and the predicted; each row sums to 1.

    Returns
    -------
    ndarray of shape (...)
        The divergence of each pair of rows; infinite where q is 0 and p is not.

    Examples
    --------
    >>> kl_divergence([0.5, 0.5], [0.25, 0.75]).round(4)
    np.float64(0.1438)
    >>> kl_divergence.gradient([0.5, 0.5], [0.25, 0.75]).round(4)
    array([-1.    ,  0.3333])
    """
    return Formula(
        value=lambda: relative_entropy(p, q).sum(axis=-1),
        gradient=lambda: np.where(p == q, 0, ratio(q - p, q)),
    )


@loss(
    task="distributions",
    domains={"p_logits": REAL_ROW, "logits": REAL_ROW},
    intervals={"temperature": POSITIVE},
    formula=(
        r"T^2 \sum_k p_k \log \tfrac{p_k}{q_k},\quad p = \operatorname{softmax}(a / T),\ "
        r"q = \operatorname{softmax}(z / T)"
    ),
    derivative=r"T\,(q_k - p_k)",
    variable="logit",
    convex=True,
    gradient_bound=lambda temperature: temperature,
    estimates="T times the logarithm of the mean of the softened p, up to a constant",
    use=(
        "A small model learns the probabilities of a large one, both given as logits: distillation."
    ),
    source=_KULLBACK,
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.kl_div(log_softmax(logits), log_softmax(p_logits), "
            "log_target=True)",
            "averages over all elements; the prediction comes first; at another temperature divide "
            "both logits by it, and multiply by its square yourself",
        ),
    },
    wide=True,
)
def kl_divergence_with_logits(p_logits, logits, *, temperature=1.0):
    r"""Kullback-Leibler divergence of two softmaxes, from their logits: the loss of distillation.

    It keeps its digits even where the two are close, as in distillation and trust regions, where
    the plain sum can be wrong by a factor. The gradient is with respect to the second logits.

    A temperature above 1 softens both distributions, so that the small model also learns which
    wrong classes the large one finds likely. Alone it would make the gradient smaller by about
    :math:`T^2`; the factor :math:`T^2` takes that back, so that the weight against another loss
    need not change with T (G. Hinton, O. Vinyals and J. Dean, 2015, "Distilling the knowledge in
    a neural network").

    Parameters
    ----------
    p_logits, logits : array_like of shape (..., C)
        Logits of the true and of the predicted distribution (a large and a small model, say), any
        finite numbers.
    temperature : float, default 1.0
        T, what both logits are divided by; in (0, ∞).

    Returns
    -------
    ndarray of shape (...)
        The divergence of each pair of rows, in nats, times :math:`T^2`.

    Examples
    --------
    >>> kl_divergence_with_logits([0.0, 0.0], [1e-9, 0.0])
    np.float64(1.25e-19)
    >>> kl_divergence_with_logits.gradient([0.0, 0.0], [1.0, 0.0]).round(4)
    array([ 0.2311, -0.2311])

    From a temperature of some ten on it hardly matters how large T is: the loss is then half the
    variance of the differences of the logits, over all classes alike.

    >>> kl_divergence_with_logits([0.0, 0.0], [1.0, 0.0], temperature=100).round(4)
    np.float64(0.125)
    """
    value, gradient = relative_entropy_of_logits(p_logits, logits, temperature)
    return Formula(value=value, gradient=gradient)


@loss(
    task="distributions",
    domains={"p": DISTRIBUTION, "q": DISTRIBUTION},
    formula=r"\tfrac12 D(p \Vert m) + \tfrac12 D(q \Vert m),\quad m = \tfrac12 (p + q)",
    derivative=r"\tfrac12 \log\frac{2 q_k}{p_k + q_k}",
    variable="prediction",
    convex=True,
    gradient_bound=lambda: math.inf,
    estimates="the true distribution; where there are several, one between them",
    use="To compare two distributions on an equal footing: symmetric, and never above log 2.",
    source=Source("J. Lin", 1991, "Divergence measures based on the Shannon entropy"),
    wide=True,
)
def js_divergence(p, q):
    r"""Jensen-Shannon divergence: symmetric, and never above log 2.

    Parameters
    ----------
    p, q : array_like of shape (..., C)
        Probabilities, the true and the predicted; each row sums to 1.

    Returns
    -------
    ndarray of shape (...)
        The divergence of each pair of rows, in nats.

    Examples
    --------
    >>> js_divergence([[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]]).round(4)
    array([0.6931, 0.    ])
    >>> js_divergence.gradient([1.0, 0.0], [0.5, 0.5]).round(4)
    array([-0.2027,  0.3466])
    """
    m = (p + q) / 2
    with np.errstate(divide="ignore"):  # far below p, 1 + (q - p) / (p + q) has lost q
        far = np.log(q) - np.log(np.where(m == 0, 1, m))
        log = np.where(q < p / 3, far, np.log1p(ratio(q - p, np.maximum(p + q, q))))
    return Formula(
        value=lambda: (relative_entropy(p, m) + relative_entropy(q, m)).sum(axis=-1) / 2,
        gradient=lambda: log / 2,
    )
