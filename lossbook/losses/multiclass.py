"""Losses of one label out of several classes.

The prediction is one row per example: probabilities ``p``, logits or scores, of shape (n, C). The
targets are class numbers of shape (n,), integers from 0 to C - 1; most losses take rows of
probabilities of shape (n, C) as well.
"""

from __future__ import annotations

import math

import numpy as np

from lossbook.losses._loss import Elsewhere, Formula, Source, loss
from lossbook.losses.binary import focal_with_logits
from lossbook.losses.domains import (
    CLASSES,
    DISTRIBUTION,
    NON_NEGATIVE,
    REAL_ROW,
    Classes,
    ClassWeights,
    Grades,
    Increasing,
    Interval,
)
from lossbook.losses.numerics import (
    Softmax,
    SoftmaxOfClass,
    expm1_ratio,
    inverse_expm1_difference,
    log1p_gap,
    log_complement,
    one_hot_rows,
    ratio,
    softplus_difference,
    sparsemax_gap,
    times_log,
)

__all__ = [
    "categorical_cross_entropy",
    "categorical_cross_entropy_with_logits",
    "categorical_focal_with_logits",
    "generalized_cross_entropy",
    "multiclass_hinge",
    "ordinal_nll",
    "poly_cross_entropy_with_logits",
    "sparsemax_loss",
    "token_cross_entropy",
    "weston_watkins_hinge",
]

#: Class numbers only.
CLASS_NUMBERS = Classes(rows=False)

_GOOD = Source("I. J. Good", 1952, "Rational decisions")
_MEAN = "averages over the examples"
_MEAN_FIRST = "averages over the examples; the prediction comes first"
_FIRST = "the prediction comes first"


@loss(
    task="multi-class",
    domains={"y_true": CLASSES, "p": DISTRIBUTION},
    formula=r"-\sum_k y_k \log p_k",
    derivative=r"-\frac{y_k}{p_k}",
    variable="prediction",
    convex=True,
    gradient_bound=lambda: math.inf,
    estimates="class probabilities",
    use=(
        "Predictions are already probabilities; where you have the logits, take the form "
        "with logits."
    ),
    noise_model="categorical",
    source=_GOOD,
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.nll_loss(log(p), y_true)",
            "averages; the prediction comes first and is the logarithm of p",
        ),
        "Keras": Elsewhere(
            "keras.losses.CategoricalCrossentropy()(y_true, p)",
            "averages; divides p by its sum; clips p to [1e-7, 1 - 1e-7], on TensorFlow not if p "
            "comes from a softmax layer; SparseCategoricalCrossentropy for class numbers",
        ),
        "scikit-learn": Elsewhere(
            "sklearn.metrics.log_loss(y_true, p)", "averages; clips p by the machine epsilon"
        ),
    },
    wide=True,
)
def categorical_cross_entropy(y_true, p):
    r"""Categorical cross-entropy of probabilities.

    A certain prediction that is wrong costs infinity: nothing is clipped. If you have logits, use
    :func:`categorical_cross_entropy_with_logits`.

    Parameters
    ----------
    y_true : array_like of int, shape (n,), or of float, shape (n, C)
        Class numbers, or one row of probabilities per example.
    p : array_like of shape (n, C)
        Predicted probabilities; each row sums to 1.

    Returns
    -------
    ndarray of shape (n,)
        The loss of each example, in nats.

    Examples
    --------
    >>> categorical_cross_entropy([2, 0], [[0.25, 0.25, 0.5], [0.25, 0.25, 0.5]]).round(4)
    array([0.6931, 1.3863])
    >>> categorical_cross_entropy.gradient(2, [0.25, 0.25, 0.5])
    array([ 0.,  0., -2.])
    """
    y = one_hot_rows(y_true, p)
    return Formula(
        value=lambda: times_log(y, p).sum(axis=-1),
        gradient=lambda: 0 - ratio(y, p),
    )


@loss(
    task="multi-class",
    domains={"y_true": CLASSES, "logits": REAL_ROW},
    intervals={
        "label_smoothing": Interval(0, 1, includes_low=True),
        "class_weight": ClassWeights(),
    },
    formula=r"-\sum_k y_k \log \operatorname{softmax}(z)_k",
    derivative=r"\operatorname{softmax}(z)_k - y_k",
    variable="logit",
    convex=True,
    gradient_bound=lambda label_smoothing, class_weight: (
        1.0 if class_weight is None else float(np.max(class_weight))
    ),
    estimates="logarithms of the class probabilities, up to a constant",
    use="The default for one of several classes.",
    noise_model="categorical",
    source=_GOOD,
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.cross_entropy(logits, y_true)",
            "the prediction comes first; averages, with class weights over the sum of the weights",
        ),
        "Keras": Elsewhere(
            "keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y_true, logits)",
            "averages; CategoricalCrossentropy for rows, which alone smooths labels",
        ),
        "optax": Elsewhere(
            "optax.losses.softmax_cross_entropy_with_integer_labels(logits, y_true)",
            "the prediction comes first; softmax_cross_entropy for rows",
        ),
        "scikit-learn": Elsewhere(
            "sklearn.linear_model.LogisticRegression()", "only inside estimators"
        ),
    },
    wide=True,
)
def categorical_cross_entropy_with_logits(
    y_true, logits, *, label_smoothing=0.0, class_weight=None
):
    r"""Categorical cross-entropy of logits.

    Its derivative is :math:`\operatorname{softmax}(z) - y`, the plain difference of prediction and
    target. Value and gradient keep their digits however sure the prediction is: at a lead of 40
    the usual :math:`p - 1` is 0, the gradient is not.

    Parameters
    ----------
    y_true : array_like of int, shape (n,), or of float, shape (n, C)
        Class numbers, or one row of probabilities per example.
    logits : array_like of shape (n, C)
        Predicted logits, any finite numbers.
    label_smoothing : float, default 0.0
        ε, the share that is divided among all classes: y becomes :math:`(1 - ε) y + ε / C`; in
        [0, 1).
    class_weight : array_like of shape (C,) or None, default None
        What the term of each class is multiplied by; not negative. With a :class:`.Cost`
        the mean is still over the number of examples: give weights per example to divide by them.

    Returns
    -------
    ndarray of shape (n,)
        The loss of each example, in nats.

    Examples
    --------
    >>> categorical_cross_entropy_with_logits([2, 0], [[0.0, 0.0, 40.0], [0.0, 0.0, 40.0]])
    array([8.49670851e-18, 4.00000000e+01])
    >>> categorical_cross_entropy_with_logits.gradient(2, [0.0, 0.0, 40.0])
    array([ 4.24835426e-18,  4.24835426e-18, -8.49670851e-18])
    """
    if y_true.ndim == 1 and label_smoothing == 0 and class_weight is None:
        of = SoftmaxOfClass(logits, y_true)
        return Formula(value=lambda: of.surprise, gradient=lambda: of.slope)
    s = Softmax(logits)
    y = (1 - label_smoothing) * one_hot_rows(y_true, logits) + label_smoothing / logits.shape[-1]
    y = y * _weights(class_weight, logits)
    return Formula(value=lambda: (y * s.surprise).sum(axis=-1), gradient=lambda: s.slope(y))


@loss(
    task="multi-class",
    domains={"y_true": CLASSES, "logits": REAL_ROW},
    intervals={"gamma": NON_NEGATIVE, "class_weight": ClassWeights()},
    formula=r"-\sum_k y_k (1 - p_k)^\gamma \log p_k",
    derivative=(
        r"p_k \sum_j a_j - a_k,\quad"
        r" a_k = y_k (1 - p_k)^\gamma \Bigl(1 - \gamma\,\tfrac{p_k}{1 - p_k} \log p_k\Bigr)"
    ),
    variable="logit",
    convex=lambda gamma, class_weight: gamma == 0,
    gradient_bound=lambda gamma, class_weight: (
        float(focal_with_logits.bind(gamma=gamma).gradient_bound or 0)  # two classes reach it
        * (1.0 if class_weight is None else float(np.max(class_weight)))
    ),
    estimates="logits nearer to each other than the log-probabilities (γ > 0)",
    use="One of several classes, and easy examples far outnumber hard ones.",
    source=Source(
        "T.-Y. Lin, P. Goyal, R. Girshick, K. He and P. Dollár",
        2017,
        "Focal loss for dense object detection",
    ),
    elsewhere={
        "Keras": Elsewhere(
            "keras.losses.CategoricalFocalCrossentropy(from_logits=True)(y_true, logits)",
            "averages; takes rows; multiplied by alpha=0.25; clips p to [1e-7, 1 - 1e-7]",
        ),
    },
    wide=True,
)
def categorical_focal_with_logits(y_true, logits, *, gamma=2.0, class_weight=None):
    r"""Focal loss of several classes.

    Parameters
    ----------
    y_true : array_like of int, shape (n,), or of float, shape (n, C)
        Class numbers, or one row of probabilities per example.
    logits : array_like of shape (n, C)
        Predicted logits, any finite numbers.
    gamma : float, default 2.0
        How little easy examples count; 0 is :func:`categorical_cross_entropy_with_logits`; in
        [0, ∞).
    class_weight : array_like of shape (C,) or None, default None
        What the term of each class is multiplied by; not negative.

    Returns
    -------
    ndarray of shape (n,)
        The loss of each example.

    Examples
    --------
    >>> categorical_focal_with_logits([0, 0], [[0.0, 0.0], [4.0, 0.0]]).round(6)
    array([1.73287e-01, 6.00000e-06])
    >>> categorical_focal_with_logits.gradient(0, [0.0, 0.0]).round(4)
    array([-0.2983,  0.2983])
    """
    s = Softmax(logits)
    y = one_hot_rows(y_true, logits) * _weights(class_weight, logits)
    # Where q is nearly 1 its power is taken from p, which has the digits.
    fade = y * np.where(s.p < 0.5, np.exp(gamma * np.log1p(-np.minimum(s.p, 0.5))), s.q**gamma)
    # The surprise over 1 - p tends to 1 where both tend to 0.
    return Formula(
        value=lambda: (fade * s.surprise).sum(axis=-1),
        gradient=lambda: s.slope(
            fade * (1 + gamma * s.p * np.where(s.q > 0, ratio(s.surprise, s.q), 1))
        ),
    )


@loss(
    task="multi-class",
    domains={"y_true": CLASSES, "logits": REAL_ROW},
    intervals={"epsilon": Interval(-1, includes_low=True)},
    formula=r"\sum_k y_k \bigl(-\log p_k + \varepsilon\,(1 - p_k)\bigr)",
    derivative=r"p_k \sum_j a_j - a_k,\quad a_k = y_k (1 + \varepsilon\, p_k)",
    variable="logit",
    # For two classes ℓ″ = p (1 - p) (1 - ε + 2 ε p), negative at small p from ε = 1 on.
    convex=lambda epsilon: epsilon <= 1,
    # (1 - p)(1 + ε p) is highest at p = 0 or halfway between its zeros.
    gradient_bound=lambda epsilon: (1 + epsilon) ** 2 / (4 * epsilon) if epsilon > 1 else 1.0,
    estimates="logits farther from each other than the log-probabilities (ε > 0)",
    use="Cross-entropy works and one more parameter is worth tuning.",
    source=Source(
        "Z. Leng, M. Tan, C. Liu, E. D. Cubuk, X. Shi, S. Cheng and D. Anguelov",
        2022,
        "PolyLoss: a polynomial expansion perspective of classification loss functions",
    ),
    elsewhere={
        "optax": Elsewhere(
            "optax.losses.poly_loss_cross_entropy(logits, y_true, epsilon=2.0)",
            "the prediction comes first; takes rows",
        ),
    },
    wide=True,
)
def poly_cross_entropy_with_logits(y_true, logits, *, epsilon=2.0):
    r"""Poly-1 loss: cross-entropy with more (or less) weight on its first polynomial term.

    Convex for ε up to 1.

    Parameters
    ----------
    y_true : array_like of int, shape (n,), or of float, shape (n, C)
        Class numbers, or one row of probabilities per example.
    logits : array_like of shape (n, C)
        Predicted logits, any finite numbers.
    epsilon : float, default 2.0
        What is added to the weight of the first term; in [-1, ∞).

    Returns
    -------
    ndarray of shape (n,)
        The loss of each example.

    Examples
    --------
    >>> poly_cross_entropy_with_logits(0, [0.0, 0.0], epsilon=2).round(4)
    np.float64(1.6931)
    >>> poly_cross_entropy_with_logits.gradient(0, [0.0, 0.0], epsilon=2)
    array([-1.,  1.])
    """
    s, y = Softmax(logits), one_hot_rows(y_true, logits)

    def gradient():
        return s.slope(y * (1 + epsilon * s.p if epsilon >= 0 else 1 + epsilon - epsilon * s.q))

    def value():  # -log p - (1 - p) without cancellation, for the ε that take it away
        gap = np.where(s.q < 0.5, log1p_gap(-s.q), s.surprise - s.q)
        whole = s.surprise + epsilon * s.q if epsilon >= 0 else (1 + epsilon) * s.surprise
        whole = whole if epsilon >= 0 else whole - epsilon * gap
        return (y * np.where(y == 0, 0, whole)).sum(axis=-1)  # 0 times what may be infinite is 0

    return Formula(value=value, gradient=gradient)


@loss(
    task="multi-class",
    domains={"y_true": CLASSES, "p": DISTRIBUTION},
    intervals={"q": Interval(0, 1, includes_high=True)},
    formula=r"\sum_k y_k \frac{1 - p_k^q}{q}",
    derivative=r"-y_k\, p_k^{q - 1}",
    variable="prediction",
    convex=True,
    gradient_bound=lambda q: 1.0 if q == 1 else math.inf,
    estimates="class probabilities, sharpened (q > 0)",
    use=(
        "Some labels are wrong: from cross-entropy (q near\u00a00) to a loss linear in p "
        "(q\u00a0=\u00a01)."
    ),
    source=Source(
        "Z. Zhang and M. R. Sabuncu",
        2018,
        "Generalized cross entropy loss for training deep neural networks with noisy labels",
    ),
    elsewhere={
        "Keras": Elsewhere(
            "keras.losses.CategoricalGeneralizedCrossEntropy(q=0.7)(y_true, p)",
            "averages; takes class numbers; q is 0.5 unless given",
        ),
    },
    wide=True,
)
def generalized_cross_entropy(y_true, p, *, q=0.7):
    r"""Generalised cross-entropy: from log loss to absolute error.

    For labels that are sometimes wrong: the loss is at most 1 / q. As q tends to 0 it becomes
    :func:`categorical_cross_entropy`; at q = 1 it is 1 - p.

    Parameters
    ----------
    y_true : array_like of int, shape (n,), or of float, shape (n, C)
        Class numbers, or one row of probabilities per example.
    p : array_like of shape (n, C)
        Predicted probabilities; each row sums to 1.
    q : float, default 0.7
        The exponent, in (0, 1].

    Returns
    -------
    ndarray of shape (n,)
        The loss of each example.

    Examples
    --------
    >>> generalized_cross_entropy([1, 0], [[0.75, 0.25], [0.0, 1.0]], q=0.5)
    array([1., 2.])
    >>> generalized_cross_entropy.gradient(1, [0.75, 0.25], q=0.5)
    array([-0., -2.])
    """
    y = one_hot_rows(y_true, p)
    p = np.where(y == 0, 1, p)
    with np.errstate(divide="ignore"):
        log = np.log(p)
        slope = p ** (q - 1) if q >= 0.5 else ratio(p**q, p)  # q - 1 without rounding
    near, far = np.maximum(q * log, -1), -np.expm1(q * log) / q
    return Formula(
        value=lambda: (y * np.where(q * log < -1, far, -log * expm1_ratio(near))).sum(axis=-1),
        gradient=lambda: -y * slope,
    )


def _rivals(y_true, scores):
    """Return each score less the one of the true class, with the true class at -∞."""
    rows = np.arange(len(scores))
    gaps = scores - scores[rows, y_true][:, np.newaxis]
    gaps[rows, y_true] = -np.inf
    return rows, gaps


def _hinge_distance(y_true, scores):
    """Return how far an example is from a kink of the hinge, or from a tie of two rivals."""
    _, gaps = _rivals(np.asarray(y_true), np.asarray(scores))
    best = np.sort(gaps, axis=-1)
    tie = best[..., -1] - best[..., -2] if best.shape[-1] > 2 else np.inf
    return np.minimum(np.abs(1 + best[..., -1]), tie)


@loss(
    task="multi-class",
    domains={"y_true": CLASS_NUMBERS, "scores": REAL_ROW},
    formula=r"\max\bigl(0,\ 1 + \max_{k \ne y} s_k - s_y\bigr)",
    derivative=(
        r"\begin{cases} 1 & k \text{ the best rival} \\ -1 & k = y \\"
        r" 0 & \text{otherwise} \end{cases}\ \text{where the loss is not 0}"
    ),
    variable="margin",
    axis="score of the first class",
    convex=True,
    kink_distance=_hinge_distance,
    gradient_bound=lambda: 1.0,
    estimates="the most frequent class, if it is more frequent than all others together",
    use="Only the decision between several classes counts, not its probability.",
    source=Source(
        "K. Crammer and Y. Singer",
        2001,
        "On the algorithmic implementation of multiclass kernel-based vector machines",
    ),
    elsewhere={
        "optax": Elsewhere("optax.losses.multiclass_hinge_loss(scores, y_true)", _FIRST),
        "scikit-learn": Elsewhere("sklearn.metrics.hinge_loss(y_true, scores)", _MEAN),
    },
)
def multiclass_hinge(y_true, scores):
    r"""Hinge loss of several classes (Crammer and Singer): against the best rival only.

    At the kink of the hinge the gradient is the subgradient 0; if rivals tie, the first is pushed.

    Parameters
    ----------
    y_true : array_like of int, shape (n,)
        Class numbers.
    scores : array_like of shape (n, C)
        Predicted scores, any finite numbers.

    Returns
    -------
    ndarray of shape (n,)
        The loss of each example.

    Examples
    --------
    >>> multiclass_hinge([0, 1], [[2.0, 1.5, 0.0], [2.0, 0.0, 0.0]])
    array([0.5, 3. ])
    >>> multiclass_hinge.gradient(0, [2.0, 1.5, 0.0])
    array([-1.,  1.,  0.])
    """
    rows, gaps = _rivals(y_true, scores)
    worst = np.maximum(1 + gaps.max(axis=-1), 0)

    def gradient():
        slope = np.zeros_like(scores)
        slope[rows, gaps.argmax(axis=-1)] = worst > 0
        slope[rows, y_true] = np.where(worst > 0, -1, 0)
        return slope

    return Formula(value=worst, gradient=gradient)


@loss(
    task="multi-class",
    domains={"y_true": CLASS_NUMBERS, "scores": REAL_ROW},
    intervals={"margin": NON_NEGATIVE},
    formula=r"\sum_{k \ne y} \max(0,\ m + s_k - s_y)",
    derivative=r"[\,m + s_k > s_y\,] \text{ for } k \ne y,\ \text{minus their sum for } k = y",
    variable="margin",
    axis="score of the first class",
    convex=True,
    kink_distance=lambda y_true, scores, margin: np.abs(
        margin + _rivals(np.asarray(y_true), np.asarray(scores))[1]
    ).min(axis=-1),
    estimates="scores, not class probabilities",
    use="Like the multi-class hinge, but every rival that is too near counts, not only the best.",
    source=Source(
        "J. Weston and C. Watkins",
        1999,
        "Support vector machines for multi-class pattern recognition",
    ),
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.multi_margin_loss(scores, y_true)",
            "averages; the prediction comes first; divides by the number of classes",
        ),
    },
)
def weston_watkins_hinge(y_true, scores, *, margin=1.0):
    r"""Hinge loss of several classes (Weston and Watkins): summed over all rivals.

    At a kink the gradient is the subgradient 0.

    Parameters
    ----------
    y_true : array_like of int, shape (n,)
        Class numbers.
    scores : array_like of shape (n, C)
        Predicted scores, any finite numbers.
    margin : float, default 1.0
        m, the lead at which a rival no longer costs anything; in [0, ∞).

    Returns
    -------
    ndarray of shape (n,)
        The loss of each example.

    Examples
    --------
    >>> weston_watkins_hinge([0, 1], [[2.0, 1.5, 0.0], [2.0, 0.0, 0.0]])
    array([0.5, 4. ])
    >>> weston_watkins_hinge.gradient(1, [2.0, 0.0, 0.0])
    array([ 1., -2.,  1.])
    """
    rows, gaps = _rivals(y_true, scores)
    hinges = np.maximum(margin + gaps, 0)

    def gradient():
        slope = (hinges > 0).astype(scores.dtype)
        slope[rows, y_true] = -slope.sum(axis=-1)
        return slope

    return Formula(value=lambda: hinges.sum(axis=-1), gradient=gradient)


def _sparsemax_distance(y_true, logits):
    """Return how far an example is from a change of the set of classes with p > 0."""
    return np.abs(sparsemax_gap(np.asarray(logits, dtype=np.float64))).min(axis=-1)


@loss(
    task="multi-class",
    domains={"y_true": CLASSES, "logits": REAL_ROW},
    formula=(
        r"\tfrac12 \lVert y - p \rVert^2 + \sum_k y_k \max(0, \tau - z_k),\quad"
        r" p = \operatorname{sparsemax}(z) = \max(0, z - \tau)"
    ),
    derivative=r"\operatorname{sparsemax}(z)_k - y_k",
    variable="logit",
    convex=True,
    kink_distance=_sparsemax_distance,
    gradient_bound=lambda: 1.0,
    estimates="class probabilities, up to a constant",
    use="Most of many classes should get a probability of exactly 0.",
    source=Source(
        "A. F. T. Martins and R. F. Astudillo",
        2016,
        "From softmax to sparsemax: a sparse model of attention and multi-label classification",
    ),
    elsewhere={
        "optax": Elsewhere(
            "optax.losses.multiclass_sparsemax_loss(logits, y_true)",
            "the prediction comes first; sparsemax_loss is its form for two classes",
        ),
    },
    wide=True,
)
def sparsemax_loss(y_true, logits):
    r"""Sparsemax loss: like cross-entropy, but unlikely classes get a probability of exactly 0.

    The threshold :math:`\tau` is chosen so that p sums to 1. The loss is exactly 0 once the true
    class leads by 1.

    Parameters
    ----------
    y_true : array_like of int, shape (n,), or of float, shape (n, C)
        Class numbers, or one row of probabilities per example.
    logits : array_like of shape (n, C)
        Predicted logits, any finite numbers.

    Returns
    -------
    ndarray of shape (n,)
        The loss of each example.

    Examples
    --------
    >>> sparsemax_loss([0, 0], [[0.5, 0.0], [3.0, 0.0]])
    array([0.0625, 0.    ])
    >>> sparsemax_loss.gradient(0, [0.5, 0.0])
    array([-0.25,  0.25])
    """
    y = one_hot_rows(y_true, logits)
    gap = sparsemax_gap(logits)
    miss = np.maximum(-gap, 0) - y
    return Formula(
        value=lambda: (miss**2 / 2 + y * np.maximum(gap, 0)).sum(axis=-1), gradient=lambda: miss
    )


@loss(
    task="multi-class",
    domains={"y_true": CLASS_NUMBERS, "logits": REAL_ROW},
    intervals={"z_loss": NON_NEGATIVE},
    formula=(r"-\log \operatorname{softmax}(z)_y + \zeta\,(\log Z)^2,\quad Z = \sum_k e^{z_k}"),
    derivative=(r"p_k - [\,k = y\,] + 2 \zeta \log(Z)\,p_k,\quad p = \operatorname{softmax}(z)"),
    variable="logit",
    convex=lambda z_loss: z_loss == 0,  # below log Z = 0 the square falls as Z rises
    gradient_bound=lambda z_loss: 1.0 if z_loss == 0 else math.inf,
    estimates="log-probabilities of the next token, up to a constant, which is 0 with ζ > 0",
    use="Sequences: one class out of a vocabulary at each position, with padding left out.",
    noise_model="categorical",
    source=Source("A. Chowdhery and others", 2023, "PaLM: scaling language modeling with Pathways"),
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.cross_entropy(logits.flatten(0, -2), y_true.flatten(), "
            "ignore_index=-100)",
            "averages over the tokens that count; the prediction comes first; without z-loss",
        ),
        "Keras": Elsewhere(
            "keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-100)"
            "(y_true, logits)",
            "averages over the tokens that count; without z-loss",
        ),
        "optax": Elsewhere(
            "optax.losses.softmax_cross_entropy_with_integer_labels(logits, y_true)",
            "the prediction comes first; without z-loss",
        ),
    },
    wide=True,
)
def token_cross_entropy(y_true, logits, *, z_loss=0.0):
    r"""Cross-entropy of the tokens of sequences, with an optional z-loss.

    One value per token. The z-loss :math:`\zeta\,(\log Z)^2` holds the logits, which cross-entropy
    leaves free to drift by a constant, where :math:`\log Z` is near 0 and rounding is small.

    Sequences of unequal length are padded, and padding must not count, neither in the sum nor in
    the number that it is divided by: give the padding a label of its own and say
    ``Cost(token_cross_entropy, ignore=-100)``. :func:`.perplexity` is the exponential of
    that mean.

    Parameters
    ----------
    y_true : array_like of int, shape (...)
        The token at each position, a number from 0 to C - 1: shape (batch, time), for instance.
    logits : array_like of shape (..., C)
        Predicted logits, any finite numbers.
    z_loss : float, default 0.0
        ζ, the weight of the z-loss; 1e-4 is usual; in [0, ∞).

    Returns
    -------
    ndarray of shape (...)
        The loss of each token, in nats.

    Examples
    --------
    Two sequences of two tokens, out of a vocabulary of three:

    >>> logits = [[[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 3.0, 0.0], [0.0, 0.0, 0.0]]]
    >>> token_cross_entropy([[0, 1], [1, 2]], logits).round(4)
    array([[0.2395, 1.0986],
           [0.0949, 1.0986]])
    >>> token_cross_entropy.gradient(0, [0.0, 0.0], z_loss=0.1).round(4)
    array([-0.4307,  0.5693])
    """
    s = SoftmaxOfClass(logits, y_true)
    log_z = s.log_sum
    return Formula(
        value=lambda: s.surprise + z_loss * log_z * log_z,
        gradient=lambda: s.slope + 2 * z_loss * (log_z[:, np.newaxis] * s.p),
    )


@loss(
    task="multi-class",
    domains={"y_true": Grades(), "cuts": Increasing()},
    predictions=("score", "cuts"),
    formula=(
        r"-\log\bigl(\sigma(c_{y+1} - s) - \sigma(c_y - s)\bigr),\quad"
        r" c_0 = -\infty,\ c_K = \infty"
    ),
    derivative=(
        r"\begin{aligned} \partial_s &= \sigma(s - c_{y+1}) - \sigma(c_y - s),"
        r" \quad q = \frac{1}{e^{c_{y+1} - c_y} - 1}, \\[0.3em]"
        r" \partial_{c_{y+1}} &= -\sigma(s - c_{y+1}) - q, \quad"
        r" \partial_{c_y} = \sigma(c_y - s) + q \end{aligned}"
    ),
    variable="prediction",
    axis="score",
    convex=True,
    gradient_bound=lambda: math.inf,
    estimates="log-odds of a grade above each cut: the score less the cut",
    use="Classes have an order (ratings, stages): far misses should cost more than near ones.",
    noise_model="logistic noise on the score, which the cuts divide into grades",
    source=Source("P. McCullagh", 1980, "Regression models for ordinal data"),
    wide=True,
)
def ordinal_nll(y_true, score, cuts):
    r"""Ordinal negative log-likelihood: the cumulative link (proportional odds) model.

    One score, and K - 1 cut points that divide its axis into K grades: the grade is above a cut
    with probability :math:`\sigma(s - c)`. Convex in score and cuts together. Value and gradients
    are good to 4 ulp of their largest term, also far in the tails.

    Seen another way, each cut asks a yes-or-no question: is the grade above it? The sum of
    :func:`.binary_cross_entropy_with_logits` over all of these is the *all-thresholds*
    loss; this one asks only at the two cuts around the true grade, and pushes those two apart.

    Parameters
    ----------
    y_true : array_like of int, shape (n,)
        Grades, from 0 to K - 1.
    score : array_like of shape (n,)
        Predicted scores, any finite numbers: the higher, the higher the grade.
    cuts : array_like of shape (K - 1,) or (n, K - 1)
        The cut points, increasing: one row for all examples, or one for each.

    Returns
    -------
    ndarray of shape (n,)
        The loss of each example, in nats. The gradient is a pair: with respect to the score, and
        with respect to the cuts, in one row per example. Of cuts that all examples share, the
        gradient is the sum of the rows.

    Examples
    --------
    >>> ordinal_nll([0, 1, 2], [0.0, 0.0, 0.0], cuts=[-1.0, 1.0]).round(4)
    array([1.3133, 0.7719, 1.3133])
    >>> for slope in ordinal_nll.gradient([1, 2], [0.0, 0.0], cuts=[-1.0, 1.0]):
    ...     print(slope.round(4))
    [ 0.     -0.7311]
    [[ 0.4255 -0.4255]
     [ 0.      0.7311]]
    """
    rows, ends = np.arange(len(score)), np.full((len(score), 1), np.inf)
    edges = np.concatenate([-ends, cuts, ends], axis=-1)
    low, high = edges[rows, y_true], edges[rows, y_true + 1]
    (over, down), (under, up) = softplus_difference(score, high), softplus_difference(low, score)

    def gradient():
        push, slope = inverse_expm1_difference(high, low), np.zeros_like(edges)
        slope[rows, y_true + 1], slope[rows, y_true] = -down - push, up + push
        return down - up, slope[:, 1:-1]

    # The difference of the sigmoids is a product: σ(high - s) σ(s - low) (1 - exp(low - high)).
    return Formula(value=lambda: over + under + log_complement(high - low), gradient=gradient)


def _weights(class_weight, logits):
    """Return the class weights in the dtype of the logits, checked for their number."""
    if class_weight is None:
        return 1
    if len(class_weight) != logits.shape[-1]:
        raise ValueError(
            f"class_weight must have one number per class, {logits.shape[-1]}: "
            f"got {len(class_weight)}"
        )
    return class_weight.astype(logits.dtype)
