"""Distributions as losses: negative log-likelihoods and deviances.

Minimising one of them is maximum likelihood for the distribution in its name. A deviance is twice
the log-likelihood that is lost against a perfect prediction, so it is 0 there.
"""

from __future__ import annotations

import math

import numpy as np

from lossbook.losses._domains import NON_NEGATIVE, POSITIVE, Interval
from lossbook.losses._loss import Elsewhere, Formula, Source, loss
from lossbook.losses._numerics import deviance_ratio, is_near, log1p_gap, log_ratio

__all__ = [
    "gamma_deviance",
    "gaussian_nll",
    "laplace_nll",
    "poisson_nll",
    "tweedie_deviance",
]

_MEAN = "averages over the examples"
_MEAN_FIRST = "averages over the examples; the prediction comes first"
_NELDER = Source("J. A. Nelder and R. W. M. Wedderburn", 1972, "Generalized linear models")


@loss(
    task="regression",
    domains={"y_true": NON_NEGATIVE},
    formula=r"e^{z} - y z",
    derivative=r"e^{z} - y",
    variable="prediction",
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
            "averages; takes the rate; twice the difference to a perfect prediction",
        ),
    },
    wide=True,
)
def poisson_nll(y_true, log_rate):
    r"""Poisson negative log-likelihood of a log-rate, without the constant :math:`\log y!`.

    .. math:: \ell = e^{z} - y z, \qquad z = \log \lambda

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

    Raises
    ------
    ValueError, TypeError
        By the rules of every loss: :class:`lossbook.Loss`.

    References
    ----------
    J. A. Nelder and R. W. M. Wedderburn (1972), "Generalized linear models".

    Examples
    --------
    >>> poisson_nll([0.0, 3.0], [0.0, 1.0]).round(4)
    array([ 1.    , -0.2817])
    >>> poisson_nll.gradient([0.0, 3.0], [0.0, 1.0]).round(4)
    array([ 1.    , -0.2817])
    """
    rate = np.exp(log_rate)
    z = np.minimum(log_rate, 1e3)  # beyond, the rate is infinite and so is the loss
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

    .. math:: \ell = 2\left(\log\frac{\hat y}{y} + \frac{y}{\hat y} - 1\right)

    Only the ratio counts: ten times too large costs the same for 1 and for 1000.

    Parameters
    ----------
    y_true, y_pred : array_like of the same shape
        Targets and predicted means, above 0, in one unit.

    Returns
    -------
    ndarray
        The loss of each example, without unit.

    Raises
    ------
    ValueError, TypeError
        By the rules of every loss: :class:`lossbook.Loss`.

    References
    ----------
    J. A. Nelder and R. W. M. Wedderburn (1972), "Generalized linear models".

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

    .. math:: \ell = 2\left(\frac{y^{2-p}}{(1-p)(2-p)} - \frac{y\,\hat y^{1-p}}{1-p}
        + \frac{\hat y^{2-p}}{2-p}\right)

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

    Raises
    ------
    ValueError, TypeError
        By the rules of every loss: :class:`lossbook.Loss`.

    References
    ----------
    B. Jørgensen (1987), "Exponential dispersion models".

    Examples
    --------
    >>> tweedie_deviance([0.0, 4.0], [1.0, 1.0], power=1.5)
    array([4., 4.])
    >>> tweedie_deviance.gradient([0.0, 4.0], [1.0, 1.0], power=1.5)
    array([ 2., -6.])
    """
    return Formula(
        value=lambda: 2 * y_pred ** (2 - power) * deviance_ratio(y_true, y_pred, power),
        gradient=lambda: 2 * (y_pred - y_true) / y_pred**power,
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
    use="The model should also predict its uncertainty, and no target is wild.",
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

    .. math:: \ell = \tfrac12 \log v + \frac{(\mu - y)^2}{2v}

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

    Raises
    ------
    ValueError, TypeError
        By the rules of every loss: :class:`lossbook.Loss`.

    References
    ----------
    D. A. Nix and A. S. Weigend (1994), "Estimating the mean and variance of the target probability
    distribution".

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
        gradient=lambda: (r / variance, (1 - s) * (1 + s) / (2 * variance)),
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
    use="The model should also predict its uncertainty, and some targets may be wild.",
    noise_model="Laplace of predicted scale",
    source=Source(
        "P.-S. Laplace", 1774, "Mémoire sur la probabilité des causes par les événements"
    ),
    wide=True,
)
def laplace_nll(y_true, mean, scale):
    r"""Laplace negative log-likelihood: as :func:`gaussian_nll`, but robust.

    .. math:: \ell = \log b + \frac{|\mu - y|}{b}

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

    Raises
    ------
    ValueError, TypeError
        By the rules of every loss: :class:`lossbook.Loss`.

    References
    ----------
    P.-S. Laplace (1774), "Mémoire sur la probabilité des causes par les événements".

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
