"""Distributions as losses: negative log-likelihoods, deviances, ranked probability scores.

Minimising a negative log-likelihood or a deviance is maximum likelihood for the distribution in its
name. A deviance is twice the log-likelihood that is lost against a perfect prediction, so it is 0
there. The continuous ranked probability score (CRPS) judges a distribution too, in the unit of the
target.
"""

from __future__ import annotations

import math

import numpy as np

from lossbook.losses._loss import Elsewhere, Formula, Source, loss
from lossbook.losses.domains import NON_NEGATIVE, POSITIVE, Counts, Interval, Limited, Real
from lossbook.losses.numerics import (
    erf,
    half_deviance,
    is_near,
    log1p_gap,
    log_ratio,
    negative_binomial,
    normal_surprise,
    sign,
    standardized,
)

__all__ = [
    "censored_gaussian_nll",
    "crps_gaussian",
    "crps_laplace",
    "gamma_deviance",
    "gaussian_nll",
    "laplace_nll",
    "negative_binomial_nll",
    "poisson_nll",
    "tweedie_deviance",
]

_MEAN = "averages over the examples"
_MEAN_FIRST = "averages over the examples; the prediction comes first"
_GNEITING = Source(
    "T. Gneiting and A. E. Raftery",
    2007,
    "Strictly proper scoring rules, prediction, and estimation",
)
_NELDER = Source("J. A. Nelder and R. W. M. Wedderburn", 1972, "Generalized linear models")


@loss(
    task="regression",
    domains={"y_true": NON_NEGATIVE},
    formula=r"e^{z} - y z",
    derivative=r"e^{z} - y",
    variable="prediction",
    axis="log rate",
    link="log",
    convex=True,
    gradient_bound=lambda: math.inf,
    estimates="logarithm of the mean",
    use="Targets are counts, and the model predicts the logarithm of their mean.",
    noise_model="Poisson",
    source=_NELDER,
    elsewhere={
        "PyTorch": Elsewhere("torch.nn.functional.poisson_nll_loss(log_rate, y_true)", _MEAN_FIRST),
        "Keras": Elsewhere(
            "keras.losses.Poisson()(y_true, exp(log_rate))",
            "averages; takes the rate, and adds 1e-7 to it inside the logarithm",
        ),
        "scikit-learn": Elsewhere(
            "sklearn.metrics.mean_poisson_deviance(y_true, exp(log_rate))",
            "averages; takes the rate; twice the difference from a perfect prediction",
        ),
    },
    wide=True,
)
def poisson_nll(y_true, log_rate):
    r"""Poisson negative log-likelihood of a log-rate, without the constant :math:`\log y!`.

    For counts. It can be negative. Value and gradient are differences of two terms, and good to 4
    ulp of the larger.

    Parameters
    ----------
    y_true : array_like
        Counts, not negative; they need not be whole numbers.
    log_rate : array_like of the same shape
        Predicted logarithm of the rate, any finite numbers; the loss is infinite above 709.

    Returns
    -------
    ndarray
        The loss of each example, in nats.

    Examples
    --------
    >>> poisson_nll([0.0, 3.0], [0.0, 1.0]).round(4)
    array([ 1.    , -0.2817])
    >>> poisson_nll.gradient([0.0, 3.0], [0.0, 1.0]).round(4)
    array([ 1.    , -0.2817])
    """
    rate = np.exp(log_rate)
    z = np.where(rate < np.inf, log_rate, 0)  # where the rate is infinite, so is the loss
    return Formula(value=lambda: rate - y_true * z, gradient=lambda: rate - y_true)


@loss(
    task="regression",
    domains={"y_true": POSITIVE, "y_pred": POSITIVE},
    formula=r"2\left(\log\frac{\hat y}{y} + \frac{y}{\hat y} - 1\right)",
    derivative=r"\frac{2\,(\hat y - y)}{\hat y^2}",
    variable="prediction",
    convex=False,
    gradient_bound=lambda: math.inf,
    estimates="mean",
    use="Targets are positive and scatter in proportion to their mean: durations, sizes of claims.",
    noise_model="gamma",
    source=_NELDER,
    elsewhere={
        "scikit-learn": Elsewhere("sklearn.metrics.mean_gamma_deviance(y_true, y_pred)", _MEAN),
    },
    wide=True,
)
def gamma_deviance(y_true, y_pred):
    r"""Gamma deviance: for positive targets whose spread grows with their size.

    Only the ratio counts: a prediction ten times too large costs the same for 1 and for 1000.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predicted means, above 0, in one unit.

    Returns
    -------
    ndarray
        The loss of each example, without unit.

    Examples
    --------
    >>> gamma_deviance([1.0, 2.0], [2.0, 2.0]).round(4)
    array([0.3863, 0.    ])
    >>> gamma_deviance.gradient([1.0, 2.0], [2.0, 2.0])
    array([0.5, 0. ])
    """
    u = (y_true - y_pred) / y_pred

    def value():
        far = u - log_ratio(y_true, y_pred)
        return 2 * np.where(is_near(u), log1p_gap(u), far)

    return Formula(value=value, gradient=lambda: 2 * ((y_pred - y_true) / y_pred) / y_pred)


@loss(
    task="regression",
    domains={
        "y_true": lambda power: POSITIVE if power >= 2 else NON_NEGATIVE,
        "y_pred": POSITIVE,
    },
    intervals={"power": Interval(1, 3, includes_low=True, includes_high=True)},
    formula=(
        r"2\left(\frac{y^{2-p}}{(1-p)(2-p)} - \frac{y\,\hat y^{1-p}}{1-p}"
        r" + \frac{\hat y^{2-p}}{2-p}\right)"
    ),
    derivative=r"\frac{2\,(\hat y - y)}{\hat y^{p}}",
    variable="prediction",
    convex=lambda power: power == 1,
    gradient_bound=lambda power: math.inf,
    estimates="mean",
    use=(
        "With a power between 1 and 2, amounts that are often exactly 0: rain, insurance "
        "claims per policy."
    ),
    noise_model="Tweedie: Poisson (p = 1), gamma (p = 2), inverse Gaussian (p = 3)",
    source=Source("B. Jørgensen", 1987, "Exponential dispersion models"),
    elsewhere={
        "scikit-learn": Elsewhere(
            "sklearn.metrics.mean_tweedie_deviance(y_true, y_pred, power=1.5)",
            "averages over the examples; any power but those between 0 and 1",
        ),
    },
    wide=True,
)
def tweedie_deviance(y_true, y_pred, *, power=1.5):
    r"""Tweedie deviance: for targets whose variance grows as a power of their mean.

    and its limits: p = 1 is the Poisson deviance, p = 2 is :func:`gamma_deviance`. Between 1 and 2
    it fits amounts that are often exactly 0, such as insurance claims.

    Parameters
    ----------
    y_true : array_like
        Targets, not negative (above 0 for ``power`` of 2 or more).
    y_pred : array_like of the same shape
        Predicted means, above 0, in the same unit.
    power : float, default 1.5
        p, the power of the mean that the variance grows with; in [1, 3].

    Returns
    -------
    ndarray
        The loss of each example.

    Examples
    --------
    >>> tweedie_deviance([0.0, 4.0], [1.0, 1.0], power=1.5)
    array([4., 4.])
    >>> tweedie_deviance.gradient([0.0, 4.0], [1.0, 1.0], power=1.5)
    array([ 2., -6.])
    """
    half = y_pred ** ((power - 1) / 2)  # in two steps: the power may leave the range of floats
    return Formula(
        value=lambda: 2 * half_deviance(y_true, y_pred, power),
        gradient=lambda: 2 * ((y_pred - y_true) / y_pred) / half / half,
    )


@loss(
    task="regression",
    domains={"variance": POSITIVE},
    formula=r"\tfrac12 \log v + \frac{(\mu - y)^2}{2v}",
    derivative=r"\partial_\mu = \frac{\mu - y}{v},\quad \partial_v = \frac{v - (\mu - y)^2}{2v^2}",
    variable="residual",
    convex=False,
    gradient_bound=lambda: math.inf,
    estimates="mean and variance",
    use="The model should also predict its own uncertainty, and no target is wild.",
    noise_model="Gaussian of predicted variance",
    source=Source(
        "D. A. Nix and A. S. Weigend",
        1994,
        "Estimating the mean and variance of the target probability distribution",
    ),
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.nn.functional.gaussian_nll_loss(mean, y_true, variance)",
            "averages; the prediction comes first; clips the variance at 1e-6",
        ),
    },
    wide=True,
)
def gaussian_nll(y_true, mean, variance):
    r"""Gaussian negative log-likelihood: a prediction that states its own uncertainty.

    without the constant :math:`\tfrac12 \log 2\pi`. It can be negative.

    Parameters
    ----------
    y_true, mean : array_like of the same shape
        Targets and predicted means, any finite numbers in one unit.
    variance : array_like of the same shape
        Predicted variances, above 0, in the unit squared.

    Returns
    -------
    ndarray
        The loss of each example, in nats. The gradient is a pair: with respect to the mean and with
        respect to the variance.

    Examples
    --------
    >>> gaussian_nll([0.0, 0.0], [2.0, 2.0], [1.0, 4.0]).round(4)
    array([2.    , 1.1931])
    >>> gaussian_nll.gradient([0.0, 0.0], [2.0, 2.0], [1.0, 4.0])
    (array([2. , 0.5]), array([-1.5,  0. ]))
    """
    r = mean - y_true
    s = r / np.sqrt(variance)
    return Formula(
        value=lambda: (np.log(variance) + s * s) / 2,
        gradient=lambda: (r / variance, (1 - s) / variance * ((1 + s) / 2)),
    )


@loss(
    task="regression",
    domains={"scale": POSITIVE},
    formula=r"\log b + \frac{|\mu - y|}{b}",
    derivative=(
        r"\partial_\mu = \frac{\operatorname{sign}(\mu - y)}{b},\quad"
        r" \partial_b = \frac{b - |\mu - y|}{b^2}"
    ),
    variable="residual",
    convex=False,
    kink_distance=lambda y_true, mean, scale: np.abs(mean - y_true),
    gradient_bound=lambda: math.inf,
    estimates="median and mean absolute deviation from it",
    use="The model should also predict its own uncertainty, and some targets may be wild.",
    noise_model="Laplace of predicted scale",
    source=Source(
        "P.-S. Laplace", 1774, "Mémoire sur la probabilité des causes par les événements"
    ),
    wide=True,
)
def laplace_nll(y_true, mean, scale):
    r"""Laplace negative log-likelihood: like :func:`gaussian_nll`, but robust.

    without the constant :math:`\log 2`. It can be negative. At the kink :math:`\mu = y` the
    gradient with respect to the mean is the subgradient 0.

    Parameters
    ----------
    y_true, mean : array_like of the same shape
        Targets and predicted centres, any finite numbers in one unit.
    scale : array_like of the same shape
        Predicted scales, above 0, in the same unit.

    Returns
    -------
    ndarray
        The loss of each example, in nats. The gradient is a pair: with respect to the mean and with
        respect to the scale.

    Examples
    --------
    >>> laplace_nll([0.0, 0.0], [2.0, 2.0], [1.0, 4.0]).round(4)
    array([2.    , 1.8863])
    >>> laplace_nll.gradient([0.0, 0.0], [2.0, 2.0], [1.0, 4.0])
    (array([1.  , 0.25]), array([-1.   ,  0.125]))
    """
    a = np.abs(mean - y_true)
    return Formula(
        value=lambda: np.log(scale) + a / scale,
        gradient=lambda: (np.sign(mean - y_true) / scale, (scale - a) / scale / scale),
    )


@loss(
    task="regression",
    domains={"y_true": Counts(), "dispersion": POSITIVE},
    formula=(
        r"\bigl(y + \tfrac{1}{\alpha}\bigr) \log(1 + \alpha \lambda) - y z"
        r" - \log \frac{\alpha^y\,\Gamma(y + 1/\alpha)}{\Gamma(1/\alpha)},\quad \lambda = e^z"
    ),
    derivative=(
        r"\begin{aligned} \partial_z &= \frac{\lambda - y}{1 + \alpha \lambda}, \\[0.4em]"
        r" \partial_\alpha &= \frac{1}{\alpha^2} \Bigl(\psi\bigl(y + \tfrac{1}{\alpha}\bigr)"
        r" - \psi\bigl(\tfrac{1}{\alpha}\bigr) - \log(1 + \alpha \lambda)\Bigr)"
        r" + \frac{\lambda - y}{\alpha\,(1 + \alpha \lambda)} \end{aligned}"
    ),
    variable="prediction",
    axis="log rate",
    link="log",
    convex=False,
    gradient_bound=lambda: math.inf,
    estimates="logarithm of the mean, and how much the counts scatter beyond Poisson's",
    use="Targets are counts that scatter more than Poisson's: their variance is above their mean.",
    noise_model="negative binomial: mean λ, variance λ + α λ²",
    source=Source("J. F. Lawless", 1987, "Negative binomial and mixed Poisson regression"),
    elsewhere={
        "PyTorch": Elsewhere(
            "torch.distributions.NegativeBinomial(1 / dispersion, "
            "logits=log_rate + log(dispersion)).log_prob(y_true)",
            "minus ours, and minus the logarithm of y!",
        ),
    },
    wide=True,
)
def negative_binomial_nll(y_true, log_rate, dispersion):
    r"""Negative log-likelihood of the negative binomial, from a log-rate and a dispersion.

    Like :func:`poisson_nll`, its limit for a dispersion of 0, but for counts whose variance is
    :math:`\lambda + \alpha \lambda^2` and not just :math:`\lambda`. Without the constant
    :math:`\log y!`, so it can be negative. Value and gradients are sums of terms of both signs, and
    good to 16 ulp of the largest.

    Parameters
    ----------
    y_true : array_like
        Counts, from 0 to 1e150; they need not be whole numbers.
    log_rate : array_like of the same shape
        z, the predicted logarithm of the rate (the mean), any finite numbers.
    dispersion : array_like of the same shape
        α, above 0: the predicted variance is the rate plus α times its square. Other texts and
        libraries take 1 / α, and call it the size or the number of failures.

    Returns
    -------
    ndarray
        The loss of each example, in nats. The gradient is a pair: with respect to the log-rate and
        with respect to the dispersion.

    Examples
    --------
    >>> negative_binomial_nll([0.0, 3.0], [0.0, 1.0], [0.5, 0.5]).round(4)
    array([0.8109, 0.1929])
    >>> for slope in negative_binomial_nll.gradient([0.0, 3.0], [0.0, 1.0], [0.5, 0.5]):
    ...     print(slope.round(4))
    [ 0.6667 -0.1194]
    [-0.2885  0.6613]
    """
    value, gradient = negative_binomial(y_true, log_rate, dispersion)
    return Formula(value=value, gradient=gradient)


def _between(lower, upper):
    """Return the domain of targets that are cut off at limits, of which each may be none."""
    low, high = -math.inf if lower is None else lower, math.inf if upper is None else upper
    if low >= high:
        raise ValueError(f"lower must be below upper: got {lower!r} and {upper!r}")
    return Limited(low, high, includes_low=lower is not None, includes_high=upper is not None)


@loss(
    task="regression",
    domains={"y_true": _between, "scale": POSITIVE},
    intervals={"lower": Real(or_none=True), "upper": Real(or_none=True)},
    formula=(
        r"\begin{cases} -\log \Phi\bigl(\frac{a - \mu}{\sigma}\bigr) & y = a \\[0.3em]"
        r" \log \sigma + \frac{(\mu - y)^2}{2 \sigma^2} & a < y < b \\[0.3em]"
        r" -\log \Phi\bigl(\frac{\mu - b}{\sigma}\bigr) & y = b \end{cases}"
    ),
    derivative=(
        r"\begin{aligned} &\partial_\mu = \tfrac{\mu - y}{\sigma^2},\quad"
        r" \partial_\sigma = \tfrac{\sigma^2 - (\mu - y)^2}{\sigma^3}"
        r" \quad\text{between the limits;} \\[0.3em]"
        r" &\partial_\mu = \pm \tfrac{1}{\sigma} \tfrac{\varphi(t)}{\Phi(t)},\quad"
        r" \partial_\sigma = \tfrac{t}{\sigma} \tfrac{\varphi(t)}{\Phi(t)}"
        r" \quad\text{at } a \text{ and } b, \text{ for } -\log \Phi(t) \end{aligned}"
    ),
    variable="residual",
    convex=False,
    gradient_bound=lambda lower, upper: math.inf,
    estimates="mean and standard deviation of the targets before they were cut off",
    use="Targets are cut off at a limit: a full meter, a sold-out shop, zero for anything below.",
    noise_model="Gaussian, seen only between the limits",
    source=Source("J. Tobin", 1958, "Estimation of relationships for limited dependent variables"),
    wide=True,
)
def censored_gaussian_nll(y_true, mean, scale, *, lower=0.0, upper=None):
    r"""Gaussian negative log-likelihood of targets that are cut off (censored): the Tobit model.

    A target at a limit says only that the number behind it lies there or beyond, so what counts is
    the probability of that. All others count as in :func:`gaussian_nll` with the variance
    :math:`\sigma^2`, again without the constant :math:`\tfrac12 \log 2\pi`. It can be negative.

    Parameters
    ----------
    y_true : array_like
        Targets between the limits, or at one of them.
    mean : array_like of the same shape
        μ, the predicted mean of the number before it is cut off, any finite numbers.
    scale : array_like of the same shape
        σ, its predicted standard deviation, above 0, in the same unit.
    lower, upper : float or None, default 0.0 and None
        a and b, where targets are cut off; None where they are not.

    Returns
    -------
    ndarray
        The loss of each example, in nats. The gradient is a pair: with respect to the mean and with
        respect to the scale.

    Examples
    --------
    >>> censored_gaussian_nll([0.0, 0.0, 2.0], [1.0, -30.0, 1.0], [1.0, 1.0, 2.0]).round(4)
    array([1.841 , 0.    , 0.8181])
    >>> for slope in censored_gaussian_nll.gradient([0.0, 2.0], [1.0, 1.0], [1.0, 2.0]):
    ...     print(slope.round(4))
    [ 1.5251 -0.25  ]
    [-1.5251  0.375 ]
    """
    low, high = y_true == lower, y_true == upper
    s = (mean - y_true) / scale
    # The argument t of Φ: (a - μ) / σ at the lower limit, (μ - b) / σ at the upper.
    t, rest = (np.where(high, part, -part) for part in standardized(mean, y_true, scale))
    surprise, hazard = normal_surprise(t, rest)
    # t by factors, of which one is at most 1: the product must not leave the range of floats early.
    near, far = np.maximum(np.abs(t), 1), np.clip(t, -1, 1)
    return Formula(
        value=lambda: np.where(low | high, surprise, np.log(scale) + s * s / 2),
        gradient=lambda: (
            np.where(low, hazard, np.where(high, -hazard, s)) / scale,
            np.where(low | high, far * hazard / scale * near, (1 - s) / scale * (1 + s)),
        ),
    )


@loss(
    task="regression",
    domains={"scale": POSITIVE},
    formula=(
        r"\sigma \left(z\,\bigl(2 \Phi(z) - 1\bigr) + 2 \varphi(z) - \tfrac{1}{\sqrt{\pi}}\right),"
        r"\quad z = \frac{\mu - y}{\sigma}"
    ),
    derivative=(
        r"\partial_\mu = 2 \Phi(z) - 1,\quad"
        r" \partial_\sigma = 2 \varphi(z) - \tfrac{1}{\sqrt{\pi}}"
    ),
    variable="residual",
    convex=True,
    gradient_bound=lambda: 1.0,
    estimates="mean and standard deviation, of Gaussian targets; for others, of a Gaussian nearby",
    use="Like the Gaussian likelihood, but a wild target or a tiny variance does not take over.",
    source=_GNEITING,
    wide=True,
)
def crps_gaussian(y_true, mean, scale):
    r"""Continuous ranked probability score of a Gaussian, in the target's unit.

    The squared distance of the predicted distribution function from the step at the target. Far
    from the target it is the absolute error less :math:`\sigma / \sqrt{\pi}`, so no target pulls
    with a slope above 1. It is convex in mean and scale together; :func:`gaussian_nll` is not.

    Parameters
    ----------
    y_true, mean : array_like of the same shape
        Targets and predicted means, any finite numbers in one unit.
    scale : array_like of the same shape
        σ, the predicted standard deviations, above 0, in the same unit.

    Returns
    -------
    ndarray
        The loss of each example, in that unit. The gradient is a pair: with respect to the mean and
        with respect to the scale.

    Examples
    --------
    >>> crps_gaussian([0.0, 0.0], [2.0, 2.0], [1.0, 4.0]).round(4)
    array([1.4528, 1.3256])
    >>> for slope in crps_gaussian.gradient([0.0, 0.0], [2.0, 2.0], [1.0, 4.0]):
    ...     print(slope.round(4))
    [0.9545 0.3829]
    [-0.4562  0.1399]
    """
    r = mean - y_true
    z = r / scale
    slope = erf(z / math.sqrt(2))
    # 2 φ(z) - 1/√π, with the factor 1/√π taken out of both.
    spread = np.expm1((math.log(2) - z * z) / 2) / math.sqrt(math.pi)
    return Formula(value=lambda: r * slope + scale * spread, gradient=lambda: (slope, spread))


@loss(
    task="regression",
    domains={"scale": POSITIVE},
    formula=r"|r| + b \left(e^{-|r| / b} - \tfrac34\right),\quad r = \mu - y",
    derivative=(
        r"\partial_\mu = \operatorname{sign}(r) \left(1 - e^{-|r| / b}\right),\quad"
        r" \partial_b = e^{-|r| / b} \left(1 + \tfrac{|r|}{b}\right) - \tfrac34"
    ),
    variable="residual",
    convex=True,
    gradient_bound=lambda: 1.0,
    estimates="centre and scale, of Laplace targets; for others, of a Laplace distribution nearby",
    use="Like the CRPS of a Gaussian, but for targets with a sharp peak and heavy tails.",
    source=_GNEITING,
    wide=True,
)
def crps_laplace(y_true, mean, scale):
    r"""Continuous ranked probability score of a Laplace distribution, in the target's unit.

    The squared distance of the predicted distribution function from the step at the target. Convex
    in centre and scale together, and smooth, where :func:`laplace_nll` has a kink.

    Parameters
    ----------
    y_true, mean : array_like of the same shape
        Targets and predicted centres, any finite numbers in one unit.
    scale : array_like of the same shape
        b, the predicted scales, above 0, in the same unit.

    Returns
    -------
    ndarray
        The loss of each example, in that unit. The gradient is a pair: with respect to the centre
        and with respect to the scale.

    Examples
    --------
    >>> crps_laplace([0.0, 0.0], [2.0, 2.0], [1.0, 4.0]).round(4)
    array([1.3853, 1.4261])
    >>> for slope in crps_laplace.gradient([0.0, 0.0], [2.0, 2.0], [1.0, 4.0]):
    ...     print(slope.round(4))
    [0.8647 0.3935]
    [-0.344   0.1598]
    """
    r = mean - y_true
    a = np.minimum(np.abs(r) / scale, 1e3)  # beyond, the exponential is 0
    e = np.exp(-a)
    return Formula(
        value=lambda: np.abs(r) + scale * (e - 0.75),
        gradient=lambda: (-sign(r) * np.expm1(-a), e * (1 + a) - 0.75),
    )
