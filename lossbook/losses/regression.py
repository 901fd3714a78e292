"""Losses of a real prediction and a real target.

Each takes ``(y_true, y_pred)`` of one shape and returns one value per example. The residual is
``r = y_pred - y_true``. At a kink the gradient is the subgradient 0: a perfect prediction is not
pulled anywhere.
"""

from __future__ import annotations

import math

import numpy as np

from lossbook.losses._loss import Elsewhere, Formula, Source, loss
from lossbook.losses.domains import NON_NEGATIVE, NON_ZERO, POSITIVE, UNIT_OPEN, Interval
from lossbook.losses.numerics import (
    OnePlusSquare,
    expm1_ratio,
    log1p_difference,
    sign,
    squared_ratio,
    times_exp,
)

__all__ = [
    "absolute_error",
    "absolute_percentage_error",
    "cauchy",
    "epsilon_insensitive",
    "expectile",
    "geman_mcclure",
    "general_robust",
    "half_squared_error",
    "huber",
    "log_cosh",
    "pinball",
    "pseudo_huber",
    "quantile_huber",
    "smooth_l1",
    "squared_epsilon_insensitive",
    "squared_error",
    "squared_log_error",
    "tukey_biweight",
    "welsch",
]

_LEGENDRE = Source(
    "A.-M. Legendre", 1805, "Nouvelles méthodes pour la détermination des orbites des comètes"
)
#: log1p of it is finite.
ABOVE_MINUS_ONE = Interval(-1)

_MEAN_FIRST = "averages over the examples; the prediction comes first"
_MEAN = "averages over the examples"
_FIRST = "the prediction comes first"


@loss(
    task="regression",
    formula=r"(\hat y - y)^2",
    derivative=r"2\,(\hat y - y)",
    convex=True,
    gradient_bound=lambda: math.inf,
    estimates="mean",
    use="The default where misses are about symmetric and no target is wild.",
    noise_model="Gaussian",
    source=_LEGENDRE,
    elsewhere={
        "PyTorch": Elsewhere("torch.nn.functional.mse_loss(y_pred, y_true)", _MEAN_FIRST),
        "Keras": Elsewhere("keras.losses.MeanSquaredError()(y_true, y_pred)", _MEAN),
        "optax": Elsewhere("optax.losses.squared_error(y_pred, y_true)", _FIRST),
        "scikit-learn": Elsewhere("sklearn.metrics.mean_squared_error(y_true, y_pred)", _MEAN),
    },
)
def squared_error(y_true, y_pred):
    r"""Squared error, without the ½ that some texts put before it.

    Its cost is minimised by the mean. The derivative :math:`2r` grows without bound, so one
    outlier can outweigh all other examples.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.

    Returns
    -------
    ndarray
        The loss of each example, in the unit squared.

    Examples
    --------
    >>> squared_error([3.0, 5.0], [2.5, 7.0])
    array([0.25, 4.  ])
    >>> squared_error.gradient([3.0, 5.0], [2.5, 7.0])
    array([-1.,  4.])
    """
    r = y_pred - y_true
    return Formula(value=lambda: r * r, gradient=lambda: 2 * r)


@loss(
    task="regression",
    formula=r"|\hat y - y|",
    derivative=r"\operatorname{sign}(\hat y - y)",
    convex=True,
    kinks=lambda: (0.0,),
    gradient_bound=lambda: 1.0,
    estimates="median",
    use="Some targets may be wrong, or the median is what you want.",
    noise_model="Laplace",
    source=Source(
        "P.-S. Laplace", 1774, "Mémoire sur la probabilité des causes par les événements"
    ),
    elsewhere={
        "PyTorch": Elsewhere("torch.nn.functional.l1_loss(y_pred, y_true)", _MEAN_FIRST),
        "Keras": Elsewhere("keras.losses.MeanAbsoluteError()(y_true, y_pred)", _MEAN),
        "scikit-learn": Elsewhere("sklearn.metrics.mean_absolute_error(y_true, y_pred)", _MEAN),
    },
)
def absolute_error(y_true, y_pred):
    r"""Absolute error: the size of the residual.

    Its cost is minimised by the median. Every example pulls with the same strength, however far
    away it is. At the kink :math:`r = 0` the gradient is the subgradient 0 (any number in
    :math:`[-1, 1]` is one).

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.

    Returns
    -------
    ndarray
        The loss of each example, in that unit.

    Examples
    --------
    >>> absolute_error([3.0, 5.0, 1.0], [2.5, 7.0, 1.0])
    array([0.5, 2. , 0. ])
    >>> absolute_error.gradient([3.0, 5.0, 1.0], [2.5, 7.0, 1.0])
    array([-1.,  1.,  0.])
    """
    r = y_pred - y_true
    return Formula(value=lambda: np.abs(r), gradient=lambda: sign(r))


@loss(
    task="regression",
    intervals={"delta": POSITIVE},
    formula=(
        r"\begin{cases} \tfrac12 r^2 & |r| \le \delta \\"
        r" \delta\,(|r| - \tfrac12\delta) & \text{otherwise} \end{cases}"
    ),
    derivative=r"\max(-\delta, \min(\delta, r))",
    convex=True,
    seams=lambda delta: (-delta, delta),
    gradient_bound=lambda delta: delta,
    estimates="usually between the median (small δ) and the mean (large δ)",
    use=(
        "A few targets may be wild and the fit should settle smoothly; δ is in the unit of "
        "the target."
    ),
    noise_model="Gaussian in the middle with Laplace tails",
    source=Source("P. J. Huber", 1964, "Robust estimation of a location parameter"),
    elsewhere={
        "PyTorch": Elsewhere("torch.nn.functional.huber_loss(y_pred, y_true)", _MEAN_FIRST),
        "Keras": Elsewhere("keras.losses.Huber(delta=1.0)(y_true, y_pred)", _MEAN),
        "optax": Elsewhere("optax.losses.huber_loss(y_pred, y_true, delta=1.0)", _FIRST),
        "scikit-learn": Elsewhere(
            "sklearn.linear_model.HuberRegressor(epsilon=1.35)",
            "only inside estimators; fits the scale as well, and has no ½",
        ),
    },
)
def huber(y_true, y_pred, *, delta=1.0):
    r"""Huber's loss: half the squared error up to `delta`, then a straight line.

    The derivative is the residual, clipped to :math:`[-\delta, \delta]`.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.
    delta : float, default 1.0
        Where the parabola ends, in the unit of the residual; in (0, ∞).

    Returns
    -------
    ndarray
        The loss of each example, in the unit squared.

    Examples
    --------
    >>> huber([0.0, 0.0], [0.5, 3.0], delta=1.0)
    array([0.125, 2.5  ])
    >>> huber.gradient([0.0, 0.0], [0.5, 3.0], delta=1.0)
    array([0.5, 1. ])
    """
    r = y_pred - y_true
    g = np.clip(r, -delta, delta)
    # One expression for both branches: r² / 2 where g = r, and δ (|r| - δ / 2) where g = ±δ.
    return Formula(value=lambda: g * (r - 0.5 * g), gradient=lambda: g)


@loss(
    task="regression",
    formula=r"\log\cosh r",
    derivative=r"\tanh r",
    convex=True,
    gradient_bound=lambda: 1.0,
    estimates="usually between the median and the mean",
    use="Like Huber's loss, with nothing to set: bring the targets to a scale of about 1 first.",
    noise_model="hyperbolic secant",
    source=Source(
        "P. J. Green",
        1990,
        "Bayesian reconstructions from emission tomography data using a modified EM algorithm",
    ),
    elsewhere={
        "Keras": Elsewhere("keras.losses.LogCosh()(y_true, y_pred)", _MEAN),
        "optax": Elsewhere("optax.losses.log_cosh(y_pred, y_true)", _FIRST),
    },
    wide=True,
)
def log_cosh(y_true, y_pred):
    r"""Logarithm of the hyperbolic cosine of the residual.

    Smooth everywhere: about :math:`r^2/2` near 0 and :math:`|r| - \log 2` far away.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers. The loss has a unit built in: 1 is where the
        parabola turns into a line.

    Returns
    -------
    ndarray
        The loss of each example.

    Examples
    --------
    >>> log_cosh([0.0, 0.0], [0.001, 1000.0]).round(9)
    array([5.00000000e-07, 9.99306853e+02])
    >>> log_cosh.gradient(0.0, 2.0).round(6)
    np.float64(0.964028)
    """
    r = y_pred - y_true
    a = np.abs(r)

    def value():
        near = np.log1p(2 * np.sinh(np.minimum(a, 1) / 2) ** 2)
        return np.where(a < 1, near, a + (np.log1p(np.exp(-2 * a)) - math.log(2)))

    return Formula(value=value, gradient=lambda: np.tanh(r))


@loss(
    task="regression",
    intervals={"delta": POSITIVE},
    formula=r"\delta^2 \left(\sqrt{1 + (r/\delta)^2} - 1\right)",
    derivative=r"\frac{r}{\sqrt{1 + (r/\delta)^2}}",
    convex=True,
    gradient_bound=lambda delta: delta,
    estimates="usually between the median (small δ) and the mean (large δ)",
    use="Like Huber's loss, but with a second derivative everywhere.",
    noise_model="hyperbolic",
    source=Source(
        "P. Charbonnier, L. Blanc-Féraud, G. Aubert and M. Barlaud",
        1994,
        "Two deterministic half-quadratic regularization algorithms for computed imaging",
    ),
    wide=True,
)
def pseudo_huber(y_true, y_pred, *, delta=1.0):
    r"""Pseudo-Huber (Charbonnier) loss.

    A smooth neighbour of :func:`huber`: about :math:`r^2/2` near 0, slope
    :math:`\pm\delta` far away.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.
    delta : float, default 1.0
        Where the parabola turns into a line, in the unit of the residual; in (0, ∞).

    Returns
    -------
    ndarray
        The loss of each example, in the unit squared.

    Examples
    --------
    >>> pseudo_huber(0.0, 0.75)
    np.float64(0.25)
    >>> pseudo_huber.gradient(0.0, 0.75)
    np.float64(0.6)
    """
    r = y_pred - y_true
    a = np.abs(r)
    small, large = np.minimum(a, delta), np.maximum(a, delta)
    # In units of the larger of |r| and δ; (h² - δ²) / (h + δ) in place of h - δ, which cancels.
    h = np.hypot(1, small / large)
    return Formula(
        value=lambda: a / (h + delta / large) * small, gradient=lambda: np.copysign(small, r) / h
    )


@loss(
    task="regression",
    intervals={"quantile": UNIT_OPEN},
    formula=r"\max\bigl(\tau\,(y - \hat y),\ (\tau - 1)(y - \hat y)\bigr)",
    derivative=r"\begin{cases} -\tau & \hat y < y \\ 1 - \tau & \hat y > y \end{cases}",
    convex=True,
    kinks=lambda quantile: (0.0,),
    gradient_bound=lambda quantile: max(quantile, 1 - quantile),
    estimates="quantile",
    use="You want a quantile, or a miss costs more on one side than on the other.",
    noise_model="asymmetric Laplace",
    source=Source("R. Koenker and G. Bassett", 1978, "Regression quantiles"),
    elsewhere={
        "scikit-learn": Elsewhere(
            "sklearn.metrics.mean_pinball_loss(y_true, y_pred, alpha=0.5)", _MEAN
        ),
    },
)
def pinball(y_true, y_pred, *, quantile=0.5):
    r"""Pinball (quantile) loss: its cost is minimised by the `quantile` of the targets.

    At the kink :math:`r = 0` the gradient is the subgradient 0 (any number in
    :math:`[-\tau, 1 - \tau]` is one). At ``quantile=0.5`` it is half of :func:`absolute_error`.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.
    quantile : float, default 0.5
        τ, the share of targets that should lie below the prediction; in (0, 1).

    Returns
    -------
    ndarray
        The loss of each example, in that unit.

    Examples
    --------
    >>> pinball([10.0, 10.0], [8.0, 12.0], quantile=0.75)
    array([1.5, 0.5])
    >>> pinball.gradient([10.0, 10.0], [8.0, 12.0], quantile=0.75)
    array([-0.75,  0.25])
    """
    r = y_pred - y_true
    return Formula(
        value=lambda: np.maximum(-quantile * r, (1 - quantile) * r),
        gradient=lambda: (1 - quantile) * (r > 0) - quantile * (r < 0),
    )


@loss(
    task="regression",
    intervals={"tau": UNIT_OPEN},
    formula=r"\begin{cases} \tau\, r^2 & \hat y < y \\ (1 - \tau)\, r^2 & \hat y \ge y \end{cases}",
    derivative=(
        r"\begin{cases} 2\tau\, r & \hat y < y \\ 2(1 - \tau)\, r & \hat y \ge y \end{cases}"
    ),
    convex=True,
    seams=lambda tau: (0.0,) if tau != 0.5 else (),
    gradient_bound=lambda tau: math.inf,
    estimates="expectile",
    use="Misses on one side weigh more, and large ones should count by their square.",
    noise_model="asymmetric Gaussian",
    source=Source(
        "W. K. Newey and J. L. Powell", 1987, "Asymmetric least squares estimation and testing"
    ),
)
def expectile(y_true, y_pred, *, tau=0.5):
    r"""Asymmetric squared error: its cost is minimised by the `tau`-expectile of the targets.

    It is to the mean what :func:`pinball` is to the median. At ``tau=0.5`` it is half of
    :func:`squared_error`.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.
    tau : float, default 0.5
        The weight of predictions that are too low, against ``1 - tau`` for those too high; in
        (0, 1).

    Returns
    -------
    ndarray
        The loss of each example, in the unit squared.

    Examples
    --------
    >>> expectile([10.0, 10.0], [8.0, 12.0], tau=0.75)
    array([3., 1.])
    >>> expectile.gradient([10.0, 10.0], [8.0, 12.0], tau=0.75)
    array([-3.,  1.])
    """
    r = y_pred - y_true
    weighted = r * np.where(r < 0, tau, 1 - tau)
    return Formula(value=lambda: weighted * r, gradient=lambda: 2 * weighted)


@loss(
    task="regression",
    intervals={"c": POSITIVE},
    formula=(
        r"\begin{cases} \tfrac{c^2}{6}\bigl(1 - (1 - (r/c)^2)^3\bigr) & |r| \le c \\[0.4em]"
        r" \tfrac{c^2}{6} & \text{otherwise} \end{cases}"
    ),
    derivative=(
        r"\begin{cases} r\,\bigl(1 - (r/c)^2\bigr)^2 & |r| \le c \\"
        r" 0 & \text{otherwise} \end{cases}"
    ),
    convex=False,
    seams=lambda c: (-c, c),
    gradient_bound=lambda c: 16 * c / (25 * math.sqrt(5)),
    estimates="a centre of the bulk of the data; examples beyond c do not count at all",
    use=(
        "Gross errors in the targets should not count at all; it is not convex, so start "
        "from a robust fit."
    ),
    source=Source(
        "A. E. Beaton and J. W. Tukey",
        1974,
        "The fitting of power series, meaning polynomials, illustrated on band-spectroscopic data",
    ),
    wide=True,
)
def tukey_biweight(y_true, y_pred, *, c=4.685):
    r"""Tukey's biweight: about :math:`r^2/2` near 0, constant beyond `c`.

    The gradient *redescends*: far outliers do not pull at all. The price is that the cost is not
    convex, and a fit that starts far from the data may never learn.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.
    c : float, default 4.685
        Where the loss becomes flat, in the unit of the residual; in (0, ∞). The default is 95 %
        as efficient as the mean on Gaussian data of standard deviation 1.

    Returns
    -------
    ndarray
        The loss of each example, in the unit squared.

    Examples
    --------
    >>> tukey_biweight([0.0, 0.0, 0.0], [1.0, 2.0, 100.0], c=2.0).round(6)
    array([0.385417, 0.666667, 0.666667])
    >>> tukey_biweight.gradient([0.0, 0.0, 0.0], [1.0, 2.0, 100.0], c=2.0)
    array([0.5625, 0.    , 0.    ])
    """
    r = y_pred - y_true
    a = np.minimum(np.abs(r), c)

    t, low = squared_ratio(a, c)
    q = 1 - t - low
    # 1 - (1 - t)³ is multiplied out, so that nothing cancels near 0.
    return Formula(value=lambda: a * (3 + t * (t - 3)) / 6 * a, gradient=lambda: r * q * q)


@loss(
    task="regression",
    intervals={"c": POSITIVE},
    formula=r"\tfrac{c^2}{2}\log\bigl(1 + (r/c)^2\bigr)",
    derivative=r"\frac{r}{1 + (r/c)^2}",
    convex=False,
    gradient_bound=lambda c: c / 2,
    estimates="a centre of the bulk of the data",
    use=(
        "Wild targets should lose their pull with distance; it is not convex, so start from "
        "a robust fit."
    ),
    noise_model="Cauchy",
    source=Source(
        "M. J. Black and P. Anandan",
        1996,
        "The robust estimation of multiple motions: parametric and piecewise-smooth flow fields",
    ),
    wide=True,
)
def cauchy(y_true, y_pred, *, c=1.0):
    r"""Cauchy (Lorentzian) loss.

    About :math:`r^2/2` near 0; beyond `c` the pull of an example decreases as :math:`c^2/r`, but
    never to nothing. Not convex.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.
    c : float, default 1.0
        The residual that pulls hardest, in the unit of the residual; in (0, ∞).

    Returns
    -------
    ndarray
        The loss of each example, in the unit squared.

    Examples
    --------
    >>> cauchy([0.0, 0.0], [1.0, 10.0]).round(6)
    array([0.346574, 2.30756 ])
    >>> cauchy.gradient([0.0, 0.0], [1.0, 10.0]).round(6)
    array([0.5    , 0.09901])
    """
    r = y_pred - y_true
    w = OnePlusSquare(r, c)
    return Formula(
        value=lambda: np.where(np.abs(r) / c < 1e-9, r * (r / 2), c / 2 * w.log() * c),
        gradient=lambda: w.power(-1, times=r),
    )


def _steepest_general_robust(alpha):
    """Return the supremum of the slope of the general robust loss at c = 1."""
    if alpha == -math.inf:
        return math.exp(-0.5)
    if alpha >= 1:
        return 1.0 if alpha == 1 else math.inf
    # The slope z (1 + z² / b)^(α/2 - 1) is highest at z² = b / (1 - α).
    power = math.exp((alpha / 2 - 1) * math.log1p(1 / (1 - alpha)))
    return math.sqrt((2 - alpha) / (1 - alpha)) * power


@loss(
    task="regression",
    intervals={
        "alpha": Interval(-math.inf, 2, includes_low=True, includes_high=True),
        "c": POSITIVE,
    },
    formula=(
        r"\frac{|\alpha - 2|}{\alpha}"
        r"\left(\left(\frac{(r/c)^2}{|\alpha - 2|} + 1\right)^{\alpha/2} - 1\right)"
    ),
    derivative=r"\frac{r}{c^2}\left(\frac{(r/c)^2}{|\alpha - 2|} + 1\right)^{\alpha/2 - 1}",
    convex=lambda alpha, c: alpha >= 1,
    gradient_bound=lambda alpha, c: _steepest_general_robust(alpha) / c,
    estimates="from the mean (α = 2) to a mode (α → −∞)",
    use=(
        "How robust to be is an open question: one parameter leads from squared error to "
        "Welsch's loss."
    ),
    source=Source("J. T. Barron", 2019, "A general and adaptive robust loss function"),
    wide=True,
)
def general_robust(y_true, y_pred, *, alpha=1.0, c=1.0):
    r"""Barron's general robust loss: one family from squared error to Welsch's loss.

    and its limits where this has none: α = 2 is :math:`\tfrac12 (r/c)^2` (squared error), α = 0 is
    :math:`\log(1 + \tfrac12 (r/c)^2)` (Cauchy), α = −∞ is :math:`1 - e^{-(r/c)^2/2}` (Welsch).
    Between them: α = 1 is pseudo-Huber, α = −2 is Geman-McClure. Convex for α ≥ 1.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.
    alpha : float, default 1.0
        The shape: the lower, the less an outlier counts; in [−∞, 2].
    c : float, default 1.0
        The scale: the loss is about :math:`\tfrac12 (r/c)^2` for residuals within `c`, in the unit
        of the residual; in (0, ∞).

    Returns
    -------
    ndarray
        The loss of each example, without unit.

    Examples
    --------
    >>> general_robust(0.0, 3.0, alpha=2)
    np.float64(4.5)
    >>> [float(general_robust(0.0, 3.0, alpha=a).round(4)) for a in (1, 0, -2, -np.inf)]
    [2.1623, 1.7047, 1.3846, 0.9889]
    >>> general_robust.gradient(0.0, 3.0, alpha=1).round(6)
    np.float64(0.948683)
    """
    r = y_pred - y_true
    if alpha == 2:
        return Formula(value=lambda: (r / c) ** 2 / 2, gradient=lambda: r / c / c)
    if alpha < -1e24:  # no float64 can tell it from -inf
        return Formula(
            value=lambda: -np.expm1(-((r / c) ** 2) / 2),
            gradient=lambda: times_exp(r, r, c, -0.5) / c / c,
        )
    b = 2 - alpha
    w = OnePlusSquare(r, c, b)
    # Where 1 is nothing beside the square, powers of it by halves: the whole may leave the range of
    # floats where what it is multiplied with brings it back.
    far = np.abs(r) / c > 1e100
    half = w.power(alpha / 4) if far.any() else 1.0

    def value():
        # (w^(α/2) - 1) / (α/2), by expm1 while it is small and by the power when it is large.
        u = alpha / 2 * w.log()
        small = b / 2 * w.log() * expm1_ratio(np.minimum(u, 1))
        small = np.where(np.abs(r) / c < 1e-9, (r / c) ** 2 / 2, small)
        if alpha <= 0:
            return small
        power = np.where(far, b * half * half, b * w.power(alpha / 2))
        return np.where(u < 1, small, (power - b) / alpha)

    @np.errstate(invalid="ignore")  # of what is not taken
    def gradient():
        near = w.power(-1, alpha / 2, times=r / c) / c  # in two steps: α/2 - 1 would be rounded
        return np.where(far, b * half / np.where(far, r, 1) * half, near)

    return Formula(value=value, gradient=gradient)


@loss(
    task="regression",
    formula=r"\tfrac12 (\hat y - y)^2",
    derivative=r"\hat y - y",
    convex=True,
    gradient_bound=lambda: math.inf,
    estimates="mean",
    use="Like squared error; the ½ makes the slope equal to the residual.",
    noise_model="Gaussian",
    source=_LEGENDRE,
    elsewhere={
        "optax": Elsewhere("optax.losses.l2_loss(y_pred, y_true)", _FIRST),
        "scikit-learn": Elsewhere(
            "sklearn.ensemble.HistGradientBoostingRegressor(loss='squared_error')",
            "only inside estimators",
        ),
    },
)
def half_squared_error(y_true, y_pred):
    r"""Half the squared error: its derivative is the residual itself.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.

    Returns
    -------
    ndarray
        The loss of each example, in the unit squared.

    Examples
    --------
    >>> half_squared_error([3.0, 5.0], [2.5, 7.0])
    array([0.125, 2.   ])
    >>> half_squared_error.gradient([3.0, 5.0], [2.5, 7.0])
    array([-0.5,  2. ])
    """
    r = y_pred - y_true
    return Formula(value=lambda: r * (r / 2), gradient=lambda: r)


@loss(
    task="regression",
    intervals={"beta": POSITIVE},
    formula=(
        r"\begin{cases} \tfrac{1}{2\beta} r^2 & |r| \le \beta \\"
        r" |r| - \tfrac12\beta & \text{otherwise} \end{cases}"
    ),
    derivative=r"\max(-1, \min(1, r / \beta))",
    convex=True,
    seams=lambda beta: (-beta, beta),
    gradient_bound=lambda beta: 1.0,
    estimates="usually between the median (small β) and the mean (large β)",
    use="Huber's loss divided by its δ: the usual loss for box coordinates in object detection.",
    noise_model="Gaussian in the middle with Laplace tails",
    source=Source("R. Girshick", 2015, "Fast R-CNN"),
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.smooth_l1_loss(y_pred, y_true, beta=1.0)", _MEAN_FIRST
        ),
    },
)
def smooth_l1(y_true, y_pred, *, beta=1.0):
    r"""Smooth L1: the absolute error with its kink rounded off over `beta`.

    :func:`huber` with ``delta=beta``, divided by `beta`: the slope far away is 1 for every `beta`.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.
    beta : float, default 1.0
        Where the parabola ends, in the unit of the residual; in (0, ∞).

    Returns
    -------
    ndarray
        The loss of each example, in the unit of the residual.

    Examples
    --------
    >>> smooth_l1([0.0, 0.0], [1.0, 3.0], beta=2.0)
    array([0.25, 2.  ])
    >>> smooth_l1.gradient([0.0, 0.0], [1.0, 3.0], beta=2.0)
    array([0.5, 1. ])
    """
    r = y_pred - y_true
    g = np.clip(r, -beta, beta)
    return Formula(value=lambda: g / beta * (r - g / 2), gradient=lambda: g / beta)


@loss(
    task="regression",
    intervals={"quantile": UNIT_OPEN, "delta": POSITIVE},
    formula=(
        r"\begin{cases} \tau\, L_\delta(r) & \hat y < y \\"
        r" (1 - \tau)\, L_\delta(r) & \hat y \ge y \end{cases}"
        r"\quad\text{with Huber's } L_\delta"
    ),
    derivative=(
        r"\begin{cases} \tau \max(-\delta, r) & \hat y < y \\"
        r" (1 - \tau) \min(\delta, r) & \hat y \ge y \end{cases}"
    ),
    convex=True,
    seams=lambda quantile, delta: (-delta, *((0.0,) if quantile != 0.5 else ()), delta),
    gradient_bound=lambda quantile, delta: delta * max(quantile, 1 - quantile),
    estimates="usually between the quantile (small δ) and the expectile (large δ)",
    use=(
        "You want a quantile, and the slope should not jump, as in distributional "
        "reinforcement learning."
    ),
    source=Source(
        "W. Dabney, M. Rowland, M. G. Bellemare and R. Munos",
        2018,
        "Distributional reinforcement learning with quantile regression",
    ),
    wide=True,
)
def quantile_huber(y_true, y_pred, *, quantile=0.5, delta=1.0):
    r"""Huber's loss with the asymmetric weights of the pinball loss.

    :math:`\tau\,L_\delta(r)` for predictions that are too low and :math:`(1 - \tau)\,L_\delta(r)`
    for those too high, where :math:`L_\delta` is :func:`huber`: a :func:`pinball` loss without a
    kink.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.
    quantile : float, default 0.5
        τ, the share of targets that should lie below the prediction; in (0, 1).
    delta : float, default 1.0
        Where the parabola ends, in the unit of the residual; in (0, ∞).

    Returns
    -------
    ndarray
        The loss of each example, in the unit squared.

    Examples
    --------
    >>> quantile_huber([0.0, 0.0], [-3.0, 3.0], quantile=0.75)
    array([1.875, 0.625])
    >>> quantile_huber.gradient([0.0, 0.0], [-3.0, 3.0], quantile=0.75)
    array([-0.75,  0.25])
    """
    r = y_pred - y_true
    g = np.clip(r, -delta, delta)
    share = np.where(r < 0, quantile, 1 - quantile)
    return Formula(value=lambda: share * (r - g / 2) * g, gradient=lambda: share * g)


@loss(
    task="regression",
    intervals={"epsilon": NON_NEGATIVE},
    formula=r"\max(0, |\hat y - y| - \varepsilon)",
    derivative=(
        r"\begin{cases} 0 & |r| \le \varepsilon \\"
        r" \operatorname{sign} r & \text{otherwise} \end{cases}"
    ),
    convex=True,
    kinks=lambda epsilon: (-epsilon, epsilon),
    gradient_bound=lambda epsilon: 1.0,
    estimates="the median for ε = 0; for larger ε a middle between extremes",
    use="Misses of up to ε do not matter at all: support vector regression.",
    source=Source("V. N. Vapnik", 1995, "The Nature of Statistical Learning Theory"),
    elsewhere={
        "scikit-learn": Elsewhere(
            "sklearn.svm.LinearSVR(loss='epsilon_insensitive', epsilon=0.0)",
            "only inside estimators",
        ),
    },
    wide=True,
)
def epsilon_insensitive(y_true, y_pred, *, epsilon=0.1):
    r"""Absolute error beyond a tube of half-width `epsilon` in which errors are free.

    The loss of support vector regression. At the kinks :math:`|r| = \varepsilon` the gradient is
    the subgradient 0.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.
    epsilon : float, default 0.1
        The largest residual that costs nothing, in the unit of the residual; in [0, ∞).

    Returns
    -------
    ndarray
        The loss of each example, in the unit of the residual.

    Examples
    --------
    >>> epsilon_insensitive([0.0, 0.0], [-0.25, 2.0], epsilon=0.5)
    array([0. , 1.5])
    >>> epsilon_insensitive.gradient([0.0, 0.0], [-0.25, 2.0], epsilon=0.5)
    array([0., 1.])
    """
    r = y_pred - y_true
    excess = r - np.clip(r, -epsilon, epsilon)
    return Formula(value=lambda: np.abs(excess), gradient=lambda: sign(excess))


@loss(
    task="regression",
    intervals={"epsilon": NON_NEGATIVE},
    formula=r"\max(0, |\hat y - y| - \varepsilon)^2",
    derivative=r"2 \max(0, |r| - \varepsilon)\,\operatorname{sign} r",
    convex=True,
    seams=lambda epsilon: (-epsilon, epsilon) if epsilon else (),
    gradient_bound=lambda epsilon: math.inf,
    estimates="the mean for ε = 0; for larger ε a middle between extremes",
    use="Like the ε-insensitive loss, but its slope does not jump; only if no target is wild.",
    source=Source("V. N. Vapnik", 1995, "The Nature of Statistical Learning Theory"),
    elsewhere={
        "scikit-learn": Elsewhere(
            "sklearn.svm.LinearSVR(loss='squared_epsilon_insensitive', epsilon=0.0)",
            "only inside estimators",
        ),
    },
    wide=True,
)
def squared_epsilon_insensitive(y_true, y_pred, *, epsilon=0.1):
    r"""Squared error beyond a tube of half-width `epsilon` in which errors are free.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.
    epsilon : float, default 0.1
        The largest residual that costs nothing, in the unit of the residual; in [0, ∞).

    Returns
    -------
    ndarray
        The loss of each example, in the unit squared.

    Examples
    --------
    >>> squared_epsilon_insensitive([0.0, 0.0], [-0.25, 2.0], epsilon=0.5)
    array([0.  , 2.25])
    >>> squared_epsilon_insensitive.gradient([0.0, 0.0], [-0.25, 2.0], epsilon=0.5)
    array([0., 3.])
    """
    r = y_pred - y_true
    excess = r - np.clip(r, -epsilon, epsilon)
    return Formula(value=lambda: excess * excess, gradient=lambda: 2 * excess)


@loss(
    task="regression",
    intervals={"c": POSITIVE},
    formula=r"\tfrac12 \frac{r^2}{1 + (r/c)^2}",
    derivative=r"\frac{r}{\bigl(1 + (r/c)^2\bigr)^2}",
    convex=False,
    gradient_bound=lambda c: c * 9 / (16 * math.sqrt(3)),
    estimates="a centre of the bulk of the data",
    use="Like Cauchy's loss, but it lets go of wild targets sooner.",
    source=Source("S. Geman and D. E. McClure", 1985, "Bayesian image analysis"),
    wide=True,
)
def geman_mcclure(y_true, y_pred, *, c=1.0):
    r"""Geman-McClure loss: about :math:`r^2/2` near 0, at most :math:`c^2/2`.

    The pull of an example decreases as :math:`1/r^3` beyond `c`. Not convex.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.
    c : float, default 1.0
        The residual at which half of the largest loss is reached, in the unit of the residual; in
        (0, ∞).

    Returns
    -------
    ndarray
        The loss of each example, in the unit squared.

    Examples
    --------
    >>> geman_mcclure([0.0, 0.0], [1.0, 3.0])
    array([0.25, 0.45])
    >>> geman_mcclure.gradient([0.0, 0.0], [1.0, 3.0])
    array([0.25, 0.03])
    """
    r = y_pred - y_true
    w = OnePlusSquare(r, c)
    return Formula(
        value=lambda: np.where(np.abs(r) / c > 1e9, c / 2 * c, r / 2 * w.power(-1, times=r)),
        gradient=lambda: w.power(-2, times=r),
    )


@loss(
    task="regression",
    intervals={"c": POSITIVE},
    formula=r"\tfrac{c^2}{2}\bigl(1 - e^{-(r/c)^2}\bigr)",
    derivative=r"r\, e^{-(r/c)^2}",
    convex=False,
    gradient_bound=lambda c: c / math.sqrt(2 * math.e),
    estimates="a centre of the bulk of the data",
    use=(
        "Like Tukey's biweight, but smooth: the pull of a wild target fades to nothing without "
        "an edge."
    ),
    source=Source(
        "J. E. Dennis and R. E. Welsch",
        1978,
        "Techniques for nonlinear least squares and robust regression",
    ),
    wide=True,
)
def welsch(y_true, y_pred, *, c=1.0):
    r"""Welsch (Leclerc) loss.

    About :math:`r^2/2` near 0, at most :math:`c^2/2`. Beyond `c` the pull of an example dies out
    faster than any power of the residual. Not convex. ``c=2.985`` is 95 % as efficient as the mean
    on Gaussian data of standard deviation 1.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, any finite numbers in one unit.
    c : float, default 1.0
        The scale, in the unit of the residual; in (0, ∞).

    Returns
    -------
    ndarray
        The loss of each example, in the unit squared.

    Examples
    --------
    >>> welsch([0.0, 0.0], [1.0, 3.0]).round(6)
    array([0.31606 , 0.499938])
    >>> welsch.gradient([0.0, 0.0], [1.0, 3.0]).round(6)
    array([0.367879, 0.00037 ])
    """
    r = y_pred - y_true
    return Formula(
        value=lambda: np.where(
            np.abs(r) / c < 1e-9, r * (r / 2), c / 2 * -np.expm1(-((r / c) ** 2)) * c
        ),
        gradient=lambda: times_exp(r, r, c, -1),
    )


@loss(
    task="regression",
    domains={"y_true": ABOVE_MINUS_ONE, "y_pred": ABOVE_MINUS_ONE},
    formula=r"\bigl(\log(1 + \hat y) - \log(1 + y)\bigr)^2",
    derivative=r"\frac{2}{1 + \hat y}\log\frac{1 + \hat y}{1 + y}",
    variable="prediction",
    convex=False,
    gradient_bound=lambda: math.inf,
    estimates="geometric mean of 1 + y, less 1",
    use=(
        "Targets are not negative, span orders of magnitude, and factors count rather than "
        "differences."
    ),
    noise_model="log-normal",
    elsewhere={
        "Keras": Elsewhere(
            "keras.losses.MeanSquaredLogarithmicError()(y_true, y_pred)",
            "averages over the examples; replaces numbers below 1e-7 by 1e-7",
        ),
        "scikit-learn": Elsewhere("sklearn.metrics.mean_squared_log_error(y_true, y_pred)", _MEAN),
    },
    wide=True,
)
def squared_log_error(y_true, y_pred):
    r"""Squared error of the logarithms.

    For targets that span orders of magnitude: it is the ratio that counts, and a prediction that is
    too low costs more than one that is too high by the same amount. Not convex.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predictions, above -1.

    Returns
    -------
    ndarray
        The loss of each example, without unit.

    Examples
    --------
    >>> squared_log_error([9.0, 9.0], [99.0, 0.0]).round(4)
    array([5.3019, 5.3019])
    >>> squared_log_error.gradient([9.0, 9.0], [99.0, 0.0]).round(4)
    array([ 0.0461, -4.6052])
    """
    log = log1p_difference(y_pred, y_true)
    return Formula(value=lambda: log * log, gradient=lambda: 2 * log / (1 + y_pred))


@loss(
    task="regression",
    domains={"y_true": NON_ZERO},
    formula=r"\frac{|\hat y - y|}{|y|}",
    derivative=r"\frac{\operatorname{sign}(\hat y - y)}{|y|}",
    convex=True,
    kinks=lambda: (0.0,),
    gradient_bound=lambda: math.inf,
    estimates="median with the weights 1 / |y|: for positive targets never above the median",
    use=(
        "Only where relative misses count and no target is near 0; it favours predictions "
        "that are too near 0."
    ),
    elsewhere={
        "Keras": Elsewhere(
            "keras.losses.MeanAbsolutePercentageError()(y_true, y_pred)",
            "averages over the examples; per cent; divides by 1e-7 where |y| is smaller",
        ),
        "scikit-learn": Elsewhere(
            "sklearn.metrics.mean_absolute_percentage_error(y_true, y_pred)",
            "averages over the examples; divides by 2.2e-16 where |y| is smaller",
        ),
    },
    wide=True,
)
def absolute_percentage_error(y_true, y_pred):
    r"""Absolute error as a share of the target.

    A fraction, despite its name: 0.5 is 50 %. For positive targets it rewards predictions that are
    too low: 0 costs 1, whatever the target, while there is no limit above. At the kink
    :math:`r = 0` the gradient is the subgradient 0.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets, not 0, and predictions, any finite numbers, in one unit.

    Returns
    -------
    ndarray
        The loss of each example, without unit.

    Examples
    --------
    >>> absolute_percentage_error([100.0, -2.0], [150.0, -1.0])
    array([0.5, 0.5])
    >>> absolute_percentage_error.gradient([100.0, -2.0], [150.0, -1.0])
    array([0.01, 0.5 ])
    """
    r = y_pred - y_true
    return Formula(
        value=lambda: np.abs(r) / np.abs(y_true),
        gradient=lambda: np.sign(r) / np.abs(y_true),
    )
