"""Losses of two classes.

Two conventions, and the names tell them apart: with labels 0 and 1 the prediction is a probability
``p`` or a logit; with labels -1 and 1 it is a score, and the loss is a function of the *margin*
``m = y_true * score``.
"""

from __future__ import annotations

import math

import numpy as np

from lossbook.losses._loss import Elsewhere, Formula, Source, loss
from lossbook.losses.domains import (
    BINARY,
    NON_NEGATIVE,
    PROBABILITY,
    SIGNS,
    Interval,
    LabelWeights,
)
from lossbook.losses.numerics import (
    log1p_fraction,
    ratio,
    sigmoid_power,
    sigmoids,
    softplus,
    steepest,
)

__all__ = [
    "asymmetric_with_logits",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "brier",
    "exponential",
    "focal_with_logits",
    "hinge",
    "logistic",
    "modified_huber",
    "perceptron",
    "squared_hinge",
    "zero_one",
]

#: A label, or a probability that the label is 1.
SOFT_LABEL = Interval(0, 1, includes_low=True, includes_high=True, labels=True)
#: A share that must not be the whole.
SMOOTHING = Interval(0, 1, includes_low=True)

_GOOD = Source("I. J. Good", 1952, "Rational decisions")
_MEAN = "averages over the examples"
_MEAN_FIRST = "averages over the examples; the prediction comes first"
_FIRST = "the prediction comes first"
_SIGNED_KERAS = "averages over the examples; turns labels 0 into -1"


@loss(
    task="binary",
    domains={"y_true": SOFT_LABEL, "p": PROBABILITY},
    formula=r"-y \log p - (1 - y) \log(1 - p)",
    derivative=r"\frac{p - y}{p\,(1 - p)}",
    variable="prediction",
    convex=True,
    gradient_bound=lambda: math.inf,
    estimates="probability of the label 1",
    use=(
        "Predictions are already probabilities; where you have the logits, take the form "
        "with logits."
    ),
    noise_model="Bernoulli",
    source=_GOOD,
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.binary_cross_entropy(p, y_true)",
            "averages; the prediction comes first; clips the logarithm at -100",
        ),
        "Keras": Elsewhere(
            "keras.losses.BinaryCrossentropy()(y_true, p)",
            "averages; clips p to [1e-7, 1 - 1e-7], on TensorFlow not if p comes from a sigmoid "
            "layer",
        ),
        "scikit-learn": Elsewhere(
            "sklearn.metrics.log_loss(y_true, p)", "averages; clips p by the machine epsilon"
        ),
    },
    wide=True,
)
def binary_cross_entropy(y_true, p):
    r"""Binary cross-entropy (log loss) of a probability.

    A certain prediction that is wrong (``p = 0`` for a label 1) costs infinity: nothing is clipped.
    If you have logits, use :func:`binary_cross_entropy_with_logits`, which keeps its digits where p
    rounds to 1.

    Parameters
    ----------
    y_true : array_like
        Labels 0 or 1, or the probability of the label 1; in [0, 1].
    p : array_like of the same shape
        Predicted probability of the label 1; in [0, 1].

    Returns
    -------
    ndarray
        The loss of each example, in nats.

    Examples
    --------
    >>> binary_cross_entropy([1, 0, 1], [0.5, 0.5, 0.9]).round(4)
    array([0.6931, 0.6931, 0.1054])
    >>> binary_cross_entropy.gradient([1, 0], [0.5, 0.5])
    array([-2.,  2.])
    """

    @np.errstate(divide="ignore", invalid="ignore")  # 0 · log 0 and 0 / 0 are taken out below
    def value():
        hit, miss = -y_true * np.log(p), (y_true - 1) * np.log1p(-p)
        return np.where(y_true == 0, 0, hit) + np.where(y_true == 1, 0, miss)

    @np.errstate(divide="ignore", invalid="ignore")
    def gradient():
        slope = np.where(y_true == 1, -1 / p, (p - y_true) / (p * (1 - p)))
        return np.where(y_true == 0, 1 / (1 - p), slope)

    return Formula(value=value, gradient=gradient)


@loss(
    task="binary",
    domains={"y_true": SOFT_LABEL},
    intervals={"pos_weight": LabelWeights(0), "label_smoothing": SMOOTHING},
    formula=r"-y \log \sigma(z) - (1 - y) \log(1 - \sigma(z))",
    derivative=r"\sigma(z) - y",
    variable="logit",
    convex=True,
    gradient_bound=lambda pos_weight, label_smoothing: (
        max(1.0, np.max(pos_weight)) * (1 - label_smoothing / 2)
    ),
    estimates="log-odds of the label 1",
    use="The default for two classes, and for each of several labels.",
    noise_model="Bernoulli",
    source=_GOOD,
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.binary_cross_entropy_with_logits(logits, y_true)", _MEAN_FIRST
        ),
        "Keras": Elsewhere(
            "keras.losses.BinaryCrossentropy(from_logits=True)(y_true, logits)", _MEAN
        ),
        "optax": Elsewhere("optax.losses.sigmoid_binary_cross_entropy(logits, y_true)", _FIRST),
        "scikit-learn": Elsewhere(
            "sklearn.linear_model.LogisticRegression()", "only inside estimators"
        ),
    },
    wide=lambda pos_weight, label_smoothing: np.any(pos_weight != 1.0) or label_smoothing > 0,
)
def binary_cross_entropy_with_logits(y_true, logits, *, pos_weight=1.0, label_smoothing=0.0):
    r"""Binary cross-entropy (log loss) of a logit.

    Its derivative is :math:`\sigma(z) - y`, the plain difference of prediction and target. For
    several labels per example give arrays of shape (n, labels): each label is its own question.

    Parameters
    ----------
    y_true : array_like
        Labels 0 or 1, or the probability of the label 1; in [0, 1].
    logits : array_like of the same shape
        Predicted log-odds of the label 1, any finite numbers.
    pos_weight : float or array_like of shape (labels,), default 1.0
        What the term of the label 1 is multiplied by, one number for all labels or one for each; in
        (0, ∞).
    label_smoothing : float, default 0.0
        ε, the share that is divided among both labels: y becomes :math:`(1 - ε) y + ε / 2`; in
        [0, 1).

    Returns
    -------
    ndarray
        The loss of each example (and label), in nats.

    Examples
    --------
    >>> binary_cross_entropy_with_logits([1, 0, 1], [0.0, 2.0, 40.0])
    array([6.93147181e-01, 2.12692801e+00, 4.24835426e-18])
    >>> binary_cross_entropy_with_logits.gradient([1, 0], [0.0, 2.0]).round(4)
    array([-0.5   ,  0.8808])
    """
    above, e = (logits > 0).astype(logits.dtype), np.exp(-np.abs(logits))
    if label_smoothing == 0 and np.all(pos_weight == 1):
        d = above - y_true
        # A sum of positive terms, and a difference that cancels only where the gradient is 0.
        return Formula(
            value=lambda: d * logits + log1p_fraction(e),
            gradient=lambda: d - (above - 0.5) * (e / (0.5 + 0.5 * e)),
        )
    a, b = (label_smoothing / 2 + (1 - label_smoothing) * s for s in (y_true, 1 - y_true))
    a, d = pos_weight * a, np.where(logits > 0, b, -pos_weight * a)
    return Formula(
        value=lambda: d * logits + (a + b) * log1p_fraction(e),
        gradient=lambda: d - (a + b) * (above - 0.5) * (e / (0.5 + 0.5 * e)),
    )


@loss(
    task="binary",
    domains={"y_true": BINARY},
    intervals={
        "gamma": NON_NEGATIVE,
        "alpha": Interval(0, 1, includes_low=True, includes_high=True, or_none=True),
    },
    formula=r"-\alpha_y\,(1 - p_y)^\gamma \log p_y",
    derivative=r"\alpha_y (1 - 2y)(1 - p_y)^\gamma \bigl(1 - p_y - \gamma\, p_y \log p_y\bigr)",
    variable="logit",
    convex=lambda gamma, alpha: gamma == 0,
    gradient_bound=lambda gamma, alpha: (
        steepest(lambda z: focal_with_logits.gradient(np.ones_like(z), z, gamma=gamma))
        * (1 if alpha is None else max(alpha, 1 - alpha))
    ),
    estimates="a logit nearer to 0 than the log-odds (γ > 0)",
    use="Easy examples far outnumber hard ones; it pulls probabilities towards ½: calibrate them.",
    source=Source(
        "T.-Y. Lin, P. Goyal, R. Girshick, K. He and P. Dollár",
        2017,
        "Focal loss for dense object detection",
    ),
    elsewhere={
        "Keras": Elsewhere(
            "keras.losses.BinaryFocalCrossentropy(gamma=2.0, from_logits=True)(y_true, logits)",
            "averages over the examples; alpha only with apply_class_balancing=True",
        ),
        "optax": Elsewhere(
            "optax.losses.sigmoid_focal_loss(logits, y_true, alpha=None, gamma=2.0)", _FIRST
        ),
    },
    wide=True,
)
def focal_with_logits(y_true, logits, *, gamma=2.0, alpha=None):
    r"""Focal loss: cross-entropy in which easy examples hardly count.

    where :math:`p_y` is the probability that the logit gives to the true label.

    Parameters
    ----------
    y_true : array_like
        Labels 0 or 1.
    logits : array_like of the same shape
        Predicted log-odds of the label 1, any finite numbers.
    gamma : float, default 2.0
        How little easy examples count; 0 is :func:`binary_cross_entropy_with_logits`; in [0, ∞).
    alpha : float or None, default None
        The weight of the label 1, against ``1 - alpha`` for the label 0, in [0, 1]; None for no
        weights.

    Returns
    -------
    ndarray
        The loss of each example.

    Examples
    --------
    >>> focal_with_logits([1, 1], [0.0, 4.0]).round(6)
    array([1.73287e-01, 6.00000e-06])
    >>> focal_with_logits.gradient([1, 0], [0.0, 0.0]).round(4)
    array([-0.2983,  0.2983])
    """
    sign = 1 - 2 * y_true
    weight = 1.0 if alpha is None else np.where(y_true == 1, alpha, 1 - alpha)
    p, q = sigmoids(-sign * logits)  # of the true label, and of the other
    surprise, fade = softplus(sign * logits), weight * sigmoid_power(sign * logits, gamma)
    return Formula(
        value=lambda: fade * surprise,
        gradient=lambda: sign * fade * (q + gamma * p * surprise),
    )


def _logit(margin):
    return (math.log(margin) - math.log1p(-margin),) if margin else ()


@loss(
    task="multi-label",
    domains={"y_true": BINARY},
    intervals={
        "gamma_positive": NON_NEGATIVE,
        "gamma_negative": NON_NEGATIVE,
        "margin": SMOOTHING,
    },
    formula=(
        r"\begin{cases} -(1 - p)^{\gamma_+} \log p & y = 1 \\"
        r" -p_m^{\gamma_-} \log(1 - p_m),\ p_m = \max(0, p - m) & y = 0 \end{cases}"
    ),
    derivative=(
        r"\begin{cases} -(1 - p)^{\gamma_+} (1 - p - \gamma_+\, p \log p) & y = 1 \\"
        r" p (1 - p)\, p_m^{\gamma_-} \Bigl(\frac{1}{1 - p_m}"
        r" - \frac{\gamma_-}{p_m} \log(1 - p_m)\Bigr) & y = 0 \end{cases}"
    ),
    variable="logit",
    convex=lambda gamma_positive, gamma_negative, margin: (
        gamma_positive == gamma_negative == margin == 0
    ),
    kinks=lambda gamma_positive, gamma_negative, margin: (
        _logit(margin) if gamma_negative == 0 else ()
    ),
    seams=lambda gamma_positive, gamma_negative, margin: (
        _logit(margin) if gamma_negative > 0 else ()
    ),
    gradient_bound=lambda **parameters: max(
        steepest(lambda z, y=y: asymmetric_with_logits.gradient(0 * z + y, z, **parameters))
        for y in (0, 1)
    ),
    estimates="by default a logit above the log-odds of the label 1: missed labels cost more",
    use="Several labels, each of them rare: the many easy negatives lose their weight.",
    source=Source(
        "T. Ridnik, E. Ben-Baruch, N. Zamir, A. Noy, I. Friedman, M. Protter and L. Zelnik-Manor",
        2021,
        "Asymmetric loss for multi-label classification",
    ),
    wide=True,
)
def asymmetric_with_logits(y_true, logits, *, gamma_positive=0.0, gamma_negative=4.0, margin=0.05):
    r"""Asymmetric loss: focal loss with more focus on the many labels that are absent.

    Labels 0 with a probability below `margin` cost nothing at all. Give arrays of shape
    (n, labels): each label is a question of its own. At the kink :math:`p = m` the gradient is 0.

    Parameters
    ----------
    y_true : array_like
        Labels 0 or 1.
    logits : array_like of the same shape
        Predicted log-odds of the label 1, any finite numbers.
    gamma_positive, gamma_negative : float, default 0.0 and 4.0
        How little easy examples with the label 1 and 0 count; in [0, ∞).
    margin : float, default 0.05
        m, what is taken off the probability of labels 0; in [0, 1).

    Returns
    -------
    ndarray
        The loss of each example and label.

    Examples
    --------
    >>> asymmetric_with_logits([1, 0, 0], [0.0, 0.0, -4.0]).round(4)
    array([0.6931, 0.0245, 0.    ])
    >>> asymmetric_with_logits.gradient([1, 0, 0], [0.0, 0.0, -4.0]).round(4)
    array([-0.5   ,  0.0731,  0.    ])
    """
    p, q = sigmoids(logits)
    shifted = np.maximum(p - margin, 0)
    # Without a margin the logarithm is a softplus, which never overflows.
    near = -np.log1p(-np.minimum(shifted, 0.5))
    surprise = (
        softplus(logits) if margin == 0 else np.where(shifted < 0.5, near, -np.log(q + margin))
    )
    missed, fade = softplus(-logits), sigmoid_power(-logits, gamma_positive)

    def negative_slope():
        power = shifted**gamma_negative
        rise = gamma_negative * ratio(power * surprise, shifted) * p * q
        return (rise + power * p * (q / (q + margin) if margin else 1)) * (shifted > 0)

    return Formula(
        value=lambda: np.where(y_true == 1, fade * missed, shifted**gamma_negative * surprise),
        gradient=lambda: np.where(
            y_true == 1, -fade * (q + gamma_positive * p * missed), negative_slope()
        ),
    )


@loss(
    task="binary",
    domains={"y_true": SOFT_LABEL, "p": PROBABILITY},
    formula=r"(p - y)^2",
    derivative=r"2\,(p - y)",
    variable="prediction",
    convex=True,
    gradient_bound=lambda: 2.0,
    estimates="probability of the label 1",
    use="To judge probabilities on a bounded scale: a confident mistake costs 1 and no more.",
    source=Source(
        "G. W. Brier", 1950, "Verification of forecasts expressed in terms of probability"
    ),
    elsewhere={
        "scikit-learn": Elsewhere(
            "sklearn.metrics.brier_score_loss(y_true, p)",
            "averages over the examples; takes one label per example",
        ),
    },
)
def brier(y_true, p):
    r"""Brier score of a probability: bounded, and proper like the log loss.

    Parameters
    ----------
    y_true : array_like
        Labels 0 or 1, or the probability of the label 1; in [0, 1].
    p : array_like of the same shape
        Predicted probability of the label 1; in [0, 1].

    Returns
    -------
    ndarray
        The loss of each example, from 0 to 1.

    Examples
    --------
    >>> brier([1, 0], [0.75, 0.5])
    array([0.0625, 0.25  ])
    >>> brier.gradient([1, 0], [0.75, 0.5])
    array([-0.5,  1. ])
    """
    r = p - y_true
    return Formula(value=lambda: r * r, gradient=lambda: 2 * r)


@loss(
    task="binary",
    domains={"y_true": SIGNS},
    formula=r"[\, m \le 0 \,]",
    derivative=r"0",
    variable="margin",
    convex=False,
    kinks=lambda: (0.0,),
    gradient_bound=lambda: 0.0,
    estimates="the more frequent label",
    use="To count the mistakes of a finished model; there is no slope to train on.",
    elsewhere={
        "scikit-learn": Elsewhere(
            "sklearn.metrics.zero_one_loss(y_true, y_pred)",
            "averages over the examples; takes labels, not scores",
        ),
    },
)
def zero_one(y_true, score):
    r"""0-1 loss: 1 for a score of the wrong sign, 0 for one of the right sign.

    Its mean is one minus the accuracy. The derivative is 0 wherever there is one, so it cannot be
    used for training; the other losses of the margin stand in for it. A score of 0 counts as wrong.

    Parameters
    ----------
    y_true : array_like
        Labels -1 or 1.
    score : array_like of the same shape
        Predicted scores, any finite numbers.

    Returns
    -------
    ndarray
        The loss of each example, 0 or 1.

    Examples
    --------
    >>> zero_one([1, 1, -1], [3.0, -0.5, -2.0])
    array([0., 1., 0.])
    >>> zero_one.gradient([1, 1, -1], [3.0, -0.5, -2.0])
    array([0., 0., 0.])
    """
    m = y_true * score
    return Formula(value=lambda: m <= 0, gradient=lambda: np.zeros_like(m))


@loss(
    task="binary",
    domains={"y_true": SIGNS},
    formula=r"\log(1 + e^{-m})",
    derivative=r"-y\,\sigma(-m)",
    variable="margin",
    convex=True,
    gradient_bound=lambda: 1.0,
    estimates="log-odds of the label 1",
    use="The same as binary cross-entropy with logits, for labels -1 and 1.",
    noise_model="Bernoulli",
    source=Source("D. R. Cox", 1958, "The regression analysis of binary sequences"),
    elsewhere={
        "PyTorch": Elsewhere("torch.nn.functional.soft_margin_loss(score, y_true)", _MEAN_FIRST),
        "optax": Elsewhere(
            "optax.losses.sigmoid_binary_cross_entropy(score, (y_true + 1) / 2)",
            "the prediction comes first; labels 0 and 1",
        ),
    },
    wide=True,
)
def logistic(y_true, score):
    r"""Logistic loss of the margin :math:`m = y \cdot score`.

    :func:`binary_cross_entropy_with_logits` with the labels -1 and 1.

    Parameters
    ----------
    y_true : array_like
        Labels -1 or 1.
    score : array_like of the same shape
        Predicted log-odds of the label 1, any finite numbers.

    Returns
    -------
    ndarray
        The loss of each example, in nats.

    Examples
    --------
    >>> logistic([1, -1], [0.0, 2.0]).round(4)
    array([0.6931, 2.1269])
    >>> logistic.gradient([1, -1], [0.0, 2.0]).round(4)
    array([-0.5   ,  0.8808])
    """
    m = y_true * score
    return Formula(value=lambda: softplus(-m), gradient=lambda: -y_true * sigmoids(-m)[0])


@loss(
    task="binary",
    domains={"y_true": SIGNS},
    formula=r"\max(0, 1 - m)",
    derivative=r"\begin{cases} -y & m < 1 \\ 0 & m \ge 1 \end{cases}",
    variable="margin",
    convex=True,
    kinks=lambda: (1.0,),
    gradient_bound=lambda: 1.0,
    estimates="the more frequent label",
    use="Only the decision counts, not its probability: support vector machines.",
    source=Source("C. Cortes and V. Vapnik", 1995, "Support-vector networks"),
    elsewhere={
        "Keras": Elsewhere("keras.losses.Hinge()(y_true, score)", _SIGNED_KERAS),
        "optax": Elsewhere("optax.losses.hinge_loss(score, y_true)", _FIRST),
        "scikit-learn": Elsewhere("sklearn.metrics.hinge_loss(y_true, score)", _MEAN),
    },
)
def hinge(y_true, score):
    r"""Hinge loss: the loss of the support vector machine.

    At the kink :math:`m = 1` the gradient is the subgradient 0.

    Parameters
    ----------
    y_true : array_like
        Labels -1 or 1.
    score : array_like of the same shape
        Predicted scores, any finite numbers.

    Returns
    -------
    ndarray
        The loss of each example.

    Examples
    --------
    >>> hinge([1, 1, -1], [0.5, 2.0, 1.0])
    array([0.5, 0. , 2. ])
    >>> hinge.gradient([1, 1, -1], [0.5, 2.0, 1.0])
    array([-1.,  0.,  1.])
    """
    gap = 1 - y_true * score
    return Formula(value=lambda: np.maximum(gap, 0), gradient=lambda: np.where(gap > 0, -y_true, 0))


@loss(
    task="binary",
    domains={"y_true": SIGNS},
    formula=r"\max(0, 1 - m)^2",
    derivative=r"-2y \max(0, 1 - m)",
    variable="margin",
    convex=True,
    seams=lambda: (1.0,),
    gradient_bound=lambda: math.inf,
    estimates="2p - 1 for a probability p of the label 1",
    use="Like the hinge, but its slope does not jump; for clean labels.",
    source=Source("C. Cortes and V. Vapnik", 1995, "Support-vector networks"),
    elsewhere={
        "Keras": Elsewhere("keras.losses.SquaredHinge()(y_true, score)", _SIGNED_KERAS),
        "scikit-learn": Elsewhere(
            "sklearn.svm.LinearSVC(loss='squared_hinge')", "only inside estimators"
        ),
    },
)
def squared_hinge(y_true, score):
    r"""Squared hinge loss: a hinge without a kink.

    Parameters
    ----------
    y_true : array_like
        Labels -1 or 1.
    score : array_like of the same shape
        Predicted scores, any finite numbers.

    Returns
    -------
    ndarray
        The loss of each example.

    Examples
    --------
    >>> squared_hinge([1, 1, -1], [0.5, 2.0, 1.0])
    array([0.25, 0.  , 4.  ])
    >>> squared_hinge.gradient([1, 1, -1], [0.5, 2.0, 1.0])
    array([-1.,  0.,  4.])
    """
    gap = np.maximum(1 - y_true * score, 0)
    return Formula(
        value=lambda: gap * gap, gradient=lambda: np.where(gap > 0, -2 * y_true * gap, 0)
    )


@loss(
    task="binary",
    domains={"y_true": SIGNS},
    formula=r"\begin{cases} \max(0, 1 - m)^2 & m \ge -1 \\ -4m & m < -1 \end{cases}",
    derivative=r"\begin{cases} -2y \max(0, 1 - m) & m \ge -1 \\ -4y & m < -1 \end{cases}",
    variable="margin",
    convex=True,
    seams=lambda: (-1.0, 1.0),
    gradient_bound=lambda: 4.0,
    estimates="2p - 1 for a probability p of the label 1",
    use="Like the squared hinge, but for labels that may be wrong: bad mistakes count linearly.",
    source=Source(
        "T. Zhang",
        2004,
        "Solving large scale linear prediction problems using stochastic gradient descent "
        "algorithms",
    ),
    elsewhere={
        "scikit-learn": Elsewhere(
            "sklearn.linear_model.SGDClassifier(loss='modified_huber')", "only inside estimators"
        ),
    },
)
def modified_huber(y_true, score):
    r"""Huberised squared hinge, which becomes a line for margins below -1.

    Parameters
    ----------
    y_true : array_like
        Labels -1 or 1.
    score : array_like of the same shape
        Predicted scores, any finite numbers.

    Returns
    -------
    ndarray
        The loss of each example.

    Examples
    --------
    >>> modified_huber([1, 1, -1], [0.5, 2.0, 3.0])
    array([ 0.25,  0.  , 12.  ])
    >>> modified_huber.gradient([1, 1, -1], [0.5, 2.0, 3.0])
    array([-1.,  0.,  4.])
    """
    m = y_true * score
    g = np.clip(1 - m, 0, 2)
    # (1 - m)² where g = 1 - m, and -4m = 4 (1 - m) - 4 where g = 2.
    return Formula(
        value=lambda: np.where(m < -1, -4 * m, g * g),
        gradient=lambda: np.where(g > 0, -2 * y_true * g, 0),
    )


@loss(
    task="binary",
    domains={"y_true": SIGNS},
    formula=r"e^{-m}",
    derivative=r"-y\,e^{-m}",
    variable="margin",
    convex=True,
    gradient_bound=lambda: math.inf,
    estimates="half the log-odds of the label 1",
    use="Boosting on clean labels; a single wrong label can outweigh all others.",
    source=Source(
        "Y. Freund and R. E. Schapire",
        1997,
        "A decision-theoretic generalization of on-line learning and an application to boosting",
    ),
    elsewhere={
        "scikit-learn": Elsewhere(
            "sklearn.ensemble.GradientBoostingClassifier(loss='exponential')",
            "only inside estimators",
        ),
    },
    wide=True,
)
def exponential(y_true, score):
    r"""Exponential loss: the loss of AdaBoost, and the harshest on mistakes.

    Parameters
    ----------
    y_true : array_like
        Labels -1 or 1.
    score : array_like of the same shape
        Predicted scores, any finite numbers; the loss is infinite for margins below -709.

    Returns
    -------
    ndarray
        The loss of each example.

    Examples
    --------
    >>> exponential([1, -1], [0.0, 2.0]).round(4)
    array([1.    , 7.3891])
    >>> exponential.gradient([1, -1], [0.0, 2.0]).round(4)
    array([-1.    ,  7.3891])
    """
    value = np.exp(-y_true * score)
    return Formula(value=value, gradient=lambda: -y_true * value)


@loss(
    task="binary",
    domains={"y_true": SIGNS},
    formula=r"\max(0, -m)",
    derivative=r"\begin{cases} -y & m < 0 \\ 0 & m \ge 0 \end{cases}",
    variable="margin",
    convex=True,
    kinks=lambda: (0.0,),
    gradient_bound=lambda: 1.0,
    estimates="nothing: a score of 0 costs nothing whatever the label",
    use=(
        "Of historical interest: it asks for no margin, and a score of 0 for every example is "
        "one of its minima."
    ),
    source=Source(
        "F. Rosenblatt",
        1958,
        "The perceptron: a probabilistic model for information storage and organization in the "
        "brain",
    ),
    elsewhere={
        "optax": Elsewhere("optax.losses.perceptron_loss(score, y_true)", _FIRST),
        "scikit-learn": Elsewhere(
            "sklearn.linear_model.SGDClassifier(loss='perceptron')", "only inside estimators"
        ),
    },
)
def perceptron(y_true, score):
    r"""Perceptron loss: a hinge without a margin.

    At the kink :math:`m = 0` the gradient is the subgradient 0.

    Parameters
    ----------
    y_true : array_like
        Labels -1 or 1.
    score : array_like of the same shape
        Predicted scores, any finite numbers.

    Returns
    -------
    ndarray
        The loss of each example.

    Examples
    --------
    >>> perceptron([1, 1, -1], [0.5, -2.0, 3.0])
    array([0., 2., 3.])
    >>> perceptron.gradient([1, 1, -1], [0.5, -2.0, 3.0])
    array([ 0., -1.,  1.])
    """
    m = y_true * score
    return Formula(value=lambda: np.maximum(-m, 0), gradient=lambda: np.where(m < 0, -y_true, 0))
