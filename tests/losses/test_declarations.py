"""What losses declare of themselves, what they estimate and of which noise, from mathematics."""

import itertools
import math

import numpy as np
import pytest

import lossbook
from lossbook import Cost, Loss, log_softmax, softmax

LOSSES = {
    n: getattr(lossbook, n) for n in lossbook.__all__ if isinstance(getattr(lossbook, n), Loss)
}

Y = np.array([0.5, 1.0, 1.5, 2.0, 3.0, 4.5, 9.0])
#: Seven labels in ten are 1.
LABELS = np.repeat([1.0, 0.0], [7, 3])
SIGNS = 2 * LABELS - 1
ODDS = math.log(7 / 3)
#: Five, three and two of each class.
CLASSES = np.repeat([0, 1, 2], [5, 3, 2])
SHARES = np.array([0.5, 0.3, 0.2])
ROWS = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.25, 0.25, 0.5]])


def is_best(loss, y, *best, atol=1e-12):
    """Whether the gradient of the cost is 0 at a constant prediction (or several of them)."""
    n = len(y)
    gradient = loss.gradient(y, *(np.repeat([part], n, axis=0) for part in best))
    gradient = gradient if isinstance(gradient, tuple) else (gradient,)
    return all(np.allclose(g.mean(axis=0), 0, atol=atol) for g in gradient)


def least(loss, y, places):
    return places[np.argmin([loss(y, np.full(len(y), place)).mean() for place in places])]


def between(loss, y, low, high):
    return low <= Cost(loss).optimal_constant(y) <= high


def decides(loss):
    """Whether the best prediction for three independent elements is 0 or 1 each, by a threshold."""
    grid = np.array(list(itertools.product(np.linspace(0, 1, 9), repeat=3)))
    rng = np.random.default_rng(0)
    for smooth, q in itertools.product((0, 0.1, 1), rng.uniform(size=(12, 3))):
        expected = 0
        for y in itertools.product((0.0, 1.0), repeat=3):
            weight = np.prod(np.where(np.array(y) == 1, q, 1 - q))
            expected = expected + weight * loss(np.tile(y, (len(grid), 1)), grid, smooth=smooth)
        best = grid[np.argmin(expected)]
        if not set(best) <= {0, 1} or (best[q > 0.5] == 0).any():
            return False
        if q[best == 1].min(initial=1) <= q[best == 0].max(initial=0):
            return False
    return True


def misses_fewer():
    """Whether a larger price of misses puts more elements in."""
    y = np.array(list(itertools.product((0.0, 1.0), repeat=4)))
    sizes = []
    for beta in (0.2, 0.5, 0.8):
        sets = [
            lossbook.tversky(y, np.tile(s, (16, 1)), alpha=1 - beta, beta=beta, smooth=0) for s in y
        ]
        weights = np.prod(np.where(y == 1, [0.8, 0.6, 0.4, 0.2], [0.2, 0.4, 0.6, 0.8]), axis=-1)
        sizes.append(y[np.argmin([weights @ each for each in sets])].sum())
    return sizes == sorted(sizes) and sizes[0] < sizes[-1]


def weighted_median(y, weights):
    order = np.argsort(y)
    return y[order][np.searchsorted(weights[order].cumsum(), weights.sum() / 2)]


def modes(loss, **scale):
    """Whether far targets do not count: the best constant is in the bulk whatever they are."""
    bulk = np.array([-0.2, -0.1, 0.0, 0.1, 0.2])
    return all(
        abs(least(loss.bind(**scale), np.r_[bulk, far], np.linspace(-1, 1, 401))) < 0.1
        for far in (50.0, 1e6)
    )


L = lossbook
MEAN, MEDIAN = Y.mean(), np.median(Y)
QUANTILE = np.quantile(Y, 0.8, method="inverted_cdf")
EXPECTILE = Cost(L.expectile.bind(tau=0.8)).optimal_constant(Y)

#: What is declared under "estimates", as a statement.
ESTIMATES = {
    "squared_error": lambda: is_best(L.squared_error, Y, MEAN),
    "half_squared_error": lambda: is_best(L.half_squared_error, Y, MEAN),
    "absolute_error": lambda: least(L.absolute_error, Y, np.linspace(0, 9, 901)) == MEDIAN,
    "huber": lambda: (
        between(L.huber, Y, MEDIAN, MEAN)
        and between(L.huber.bind(delta=1e-6), Y, MEDIAN - 1e-5, MEDIAN + 1e-5)
        and between(L.huber.bind(delta=100), Y, MEAN - 1e-9, MEAN + 1e-9)
    ),
    "smooth_l1": lambda: (
        between(L.smooth_l1, Y, MEDIAN, MEAN)
        and between(L.smooth_l1.bind(beta=1e-6), Y, MEDIAN - 1e-5, MEDIAN + 1e-5)
        and between(L.smooth_l1.bind(beta=100), Y, MEAN - 1e-9, MEAN + 1e-9)
    ),
    "pseudo_huber": lambda: (
        between(L.pseudo_huber, Y, MEDIAN, MEAN)
        and between(L.pseudo_huber.bind(delta=1e-3), Y, MEDIAN - 1e-2, MEDIAN + 1e-2)
        and between(L.pseudo_huber.bind(delta=1e4), Y, MEAN - 1e-5, MEAN + 1e-5)
    ),
    "log_cosh": lambda: between(L.log_cosh, Y, MEDIAN, MEAN),
    "pinball": lambda: least(L.pinball.bind(quantile=0.8), Y, np.linspace(0, 9, 901)) == QUANTILE,
    "expectile": lambda: math.isclose(
        0.8 * np.maximum(Y - EXPECTILE, 0).sum(), 0.2 * np.maximum(EXPECTILE - Y, 0).sum()
    ),
    "quantile_huber": lambda: all(
        between(L.quantile_huber.bind(quantile=0.8, delta=delta), Y, best - 1e-5, best + 1e-5)
        for delta, best in ((1e-6, QUANTILE), (99, EXPECTILE))
    ),
    "epsilon_insensitive": lambda: (
        between(L.epsilon_insensitive.bind(epsilon=0), Y, MEDIAN, MEDIAN)
        and between(L.epsilon_insensitive.bind(epsilon=4.2), Y, 4.7, 4.8)
    ),  # halfway from 0.5 to 9
    "squared_epsilon_insensitive": lambda: (
        between(L.squared_epsilon_insensitive.bind(epsilon=0), Y, MEAN - 1e-9, MEAN + 1e-9)
        and between(L.squared_epsilon_insensitive.bind(epsilon=4.2), Y, 4.7, 4.8)
    ),
    "tukey_biweight": lambda: (
        modes(L.tukey_biweight, c=1) and L.tukey_biweight.gradient(0.0, 5.0) == 0
    ),
    "cauchy": lambda: modes(L.cauchy, c=0.5),
    "geman_mcclure": lambda: modes(L.geman_mcclure, c=0.5),
    "welsch": lambda: modes(L.welsch, c=0.5),
    "general_robust": lambda: (
        is_best(L.general_robust.bind(alpha=2), Y, MEAN)
        and modes(L.general_robust, alpha=-100, c=0.5)
    ),
    "squared_log_error": lambda: is_best(L.squared_log_error, Y, np.exp(np.log1p(Y).mean()) - 1),
    "absolute_percentage_error": lambda: (
        least(L.absolute_percentage_error, Y, np.linspace(0.01, 9, 900))
        == pytest.approx(weighted_median(Y, 1 / Y))
        and weighted_median(Y, 1 / Y) <= MEDIAN
    ),
    "poisson_nll": lambda: is_best(L.poisson_nll, Y, math.log(MEAN)),
    "gamma_deviance": lambda: is_best(L.gamma_deviance, Y, MEAN),
    "tweedie_deviance": lambda: all(
        is_best(L.tweedie_deviance.bind(power=p), Y, MEAN) for p in (1, 1.5, 2, 3)
    ),
    "gaussian_nll": lambda: is_best(L.gaussian_nll, Y, MEAN, Y.var()),
    "laplace_nll": lambda: is_best(L.laplace_nll, Y, MEDIAN, np.abs(Y - MEDIAN).mean()),
    "negative_binomial_nll": lambda: (
        L.negative_binomial_nll.gradient(Y, np.full(7, math.log(MEAN)), np.ones(7))[0].mean()
        == pytest.approx(0, abs=1e-15)
    ),
    "censored_gaussian_nll": lambda: _censored_moments(),
    "crps_gaussian": lambda: _crps_of_quantiles(L.crps_gaussian),
    "crps_laplace": lambda: _crps_of_quantiles(L.crps_laplace),
    "binary_cross_entropy": lambda: is_best(L.binary_cross_entropy, LABELS, 0.7),
    "binary_cross_entropy_with_logits": lambda: is_best(
        L.binary_cross_entropy_with_logits, LABELS, ODDS
    ),
    "focal_with_logits": lambda: (
        0 < least(L.focal_with_logits, LABELS, np.linspace(-3, 3, 601)) < ODDS - 0.1
    ),
    "asymmetric_with_logits": lambda: (
        least(L.asymmetric_with_logits, LABELS, np.linspace(-3, 9, 601)) > ODDS + 0.1
    ),
    "brier": lambda: is_best(L.brier, LABELS, 0.7),
    "zero_one": lambda: L.zero_one(SIGNS, np.ones(10)).mean() == pytest.approx(0.3),
    "logistic": lambda: is_best(L.logistic, SIGNS, ODDS),
    "hinge": lambda: least(L.hinge, SIGNS, np.linspace(-2, 2, 401)) == 1,
    "squared_hinge": lambda: is_best(L.squared_hinge, SIGNS, 2 * 0.7 - 1),
    "modified_huber": lambda: is_best(L.modified_huber, SIGNS, 2 * 0.7 - 1),
    "exponential": lambda: is_best(L.exponential, SIGNS, ODDS / 2),
    "perceptron": lambda: least(L.perceptron, SIGNS, np.linspace(-2, 2, 401)) == 0,
    "categorical_cross_entropy": lambda: _best_on_simplex(L.categorical_cross_entropy, SHARES),
    "categorical_cross_entropy_with_logits": lambda: is_best(
        L.categorical_cross_entropy_with_logits, CLASSES, np.log(SHARES) + 5
    ),
    "token_cross_entropy": lambda: (
        is_best(L.token_cross_entropy, CLASSES, np.log(SHARES) + 5)
        and is_best(L.token_cross_entropy.bind(z_loss=0.1), CLASSES, np.log(SHARES))
    ),
    "categorical_focal_with_logits": lambda: _spread(L.categorical_focal_with_logits) < -0.05,
    "poly_cross_entropy_with_logits": lambda: _spread(L.poly_cross_entropy_with_logits) > 0.05,
    "generalized_cross_entropy": lambda: _best_on_simplex(
        L.generalized_cross_entropy, SHARES ** (1 / 0.3) / (SHARES ** (1 / 0.3)).sum()
    ),
    "sparsemax_loss": lambda: is_best(L.sparsemax_loss, CLASSES, SHARES + 5),
    "multiclass_hinge": lambda: _hinge_decides(),
    "weston_watkins_hinge": lambda: _flat_around(L.weston_watkins_hinge),
    "ordinal_nll": lambda: is_best(
        L.ordinal_nll, CLASSES, 2.0, 2 + np.array([math.log(1), math.log(0.8 / 0.2)])
    ),
    "entropy": lambda: L.entropy([[1.0, 0.0]]) == 0 < L.entropy([[0.9, 0.1]]),
    "cross_entropy": lambda: _best_on_simplex(L.cross_entropy, ROWS.mean(axis=0), ROWS),
    "kl_divergence": lambda: _best_on_simplex(L.kl_divergence, ROWS.mean(axis=0), ROWS),
    "kl_divergence_with_logits": lambda: all(
        is_best(
            L.kl_divergence_with_logits.bind(temperature=t),
            np.log(ROWS),
            t * np.log(softmax(np.log(ROWS) / t).mean(axis=0)) + 3,
            atol=1e-9,
        )
        for t in (1, 4)
    ),
    "js_divergence": lambda: (
        _best_on_simplex(L.js_divergence, ROWS[0], ROWS[:1])
        and not _best_on_simplex(L.js_divergence, ROWS.mean(axis=0), ROWS)
    ),
    "dice": lambda: decides(L.dice),
    "jaccard": lambda: decides(L.jaccard),
    "tversky": lambda: decides(L.tversky) and misses_fewer(),
    "cosine_distance": lambda: _direction(),
    "contrastive": lambda: L.contrastive([1, 0, 0], [0.0, 1.0, 2.0]).sum() == 0,
    "triplet": lambda: L.triplet([0.0], [1.0], [2.0]) == 0 < L.triplet([0.0], [1.0], [1.5]),
    "margin_ranking": lambda: L.margin_ranking([1, 1], [2.0, 9.0], [1.0, 1.0]).sum() == 0,
    "info_nce": lambda: is_best(L.info_nce.bind(temperature=0.5), CLASSES, np.log(SHARES) / 2 + 5),
    "pairwise_logistic": lambda: is_best(L.pairwise_logistic, LABELS, ODDS),
}


def _best_on_simplex(loss, best, y=None):
    """Whether moving probability from one class to another changes nothing, to first order."""
    y = CLASSES if y is None else y
    slope = loss.gradient(y, np.tile(best, (len(y), 1))).mean(axis=0)
    return np.allclose(slope, slope[0], atol=1e-12)


def _spread(loss):
    """Return by how much the best logits are farther apart than the logarithms of the shares."""
    logits = np.log(SHARES)
    for _ in range(4000):
        logits = logits - 0.3 * loss.gradient(CLASSES, np.tile(logits, (10, 1))).mean(axis=0)
    return np.ptp(log_softmax(logits)) - np.ptp(np.log(SHARES))


def _hinge_decides():
    """Whether the best scores name a class of 70 %, and are all equal where none has half."""
    scores = np.array(list(itertools.product(np.linspace(0, 1, 5), repeat=3)))

    def best(classes):
        n = len(classes)
        return scores[
            np.argmin([L.multiclass_hinge(classes, np.tile(s, (n, 1))).mean() for s in scores])
        ]

    return best(np.repeat([0, 1, 2], [7, 2, 1])).argmax() == 0 and not np.ptp(
        best(np.repeat([0, 1, 2], [4, 3, 3]))
    )


def _flat_around(loss):
    """Whether other frequencies of the classes may have the same best scores."""
    scores = np.array(list(itertools.product(np.linspace(-1, 1, 7), repeat=2)))
    scores = np.column_stack([scores, -scores.sum(axis=-1)])
    best = []
    for counts in ([65, 24, 11], [68, 22, 10]):
        classes = np.repeat([0, 1, 2], counts)
        cost = [loss(classes, np.tile(s, (100, 1))).mean() for s in scores]
        best.append(scores[np.argmin(cost)])
    return (best[0] == best[1]).all()


def _direction():
    unit = ROWS / np.linalg.norm(ROWS, axis=-1, keepdims=True)
    return is_best(L.cosine_distance, ROWS, 7 * unit.mean(axis=0))


def _censored_moments():
    """Whether mean and deviation before the cut come back from quantiles that were cut at 0."""
    x = np.linspace(-7, 9, 40_001)
    weight = np.exp(-((x - 1) ** 2) / 8)
    y = np.maximum(x, 0)
    slopes = L.censored_gaussian_nll.gradient(y, np.full(40_001, 1.0), np.full(40_001, 2.0))
    return all(abs((weight * s).sum() / weight.sum()) < 1e-3 for s in slopes)


def _crps_of_quantiles(loss):
    """Whether centre 1 and scale 2 of the family itself are best for its own targets."""
    x = np.linspace(-60, 62, 200_001)
    z = (x - 1) / 2
    weight = np.exp(-z * z / 2) if loss is L.crps_gaussian else np.exp(-np.abs(z))
    slopes = loss.gradient(x, np.full(200_001, 1.0), np.full(200_001, 2.0))
    return all(abs((weight * s).sum() / weight.sum()) < 1e-6 for s in slopes)


@pytest.mark.parametrize("name", LOSSES)
def test_what_it_is_said_to_estimate_is_what_it_estimates(name):
    assert ESTIMATES[name]()


# -- noise models ---------------------------------------------------------------------------------


def _gauss(y, m, v=1.0):
    return (y - m) ** 2 / (2 * v) + np.log(2 * math.pi * v) / 2


def _softened(y, z):
    return np.logaddexp.reduce(z, axis=-1) - np.take_along_axis(z, y[:, None], -1)[:, 0]


R = np.linspace(-4, 4, 9)
POSITIVE = np.linspace(0.5, 4, 9)
P = np.linspace(0.1, 0.9, 9)
TABLE = softmax(np.random.default_rng(0).standard_normal((9, 3)))

#: For each loss with a noise model: targets, predictions, minus the log-likelihood of each, and a
#: factor (a scale of the noise). The difference must not depend on the prediction.
NOISE = {
    "squared_error": (1.0, (R,), lambda y, m: 2 * _gauss(y, m), 1),
    "half_squared_error": (1.0, (R,), _gauss, 1),
    "absolute_error": (1.0, (R,), lambda y, m: abs(y - m) + math.log(2), 1),
    "huber": (
        1.0,
        (R,),
        lambda y, m: np.where(abs(y - m) < 1, (y - m) ** 2 / 2, abs(y - m) - 0.5),
        1,
    ),
    "smooth_l1": (
        1.0,
        (R,),
        lambda y, m: np.where(abs(y - m) < 1, (y - m) ** 2 / 2, abs(y - m) - 0.5),
        1,
    ),
    "log_cosh": (1.0, (R,), lambda y, m: -np.log(1 / np.cosh(y - m) / math.pi), 1),
    "pseudo_huber": (1.0, (R,), lambda y, m: np.sqrt(1 + (y - m) ** 2), 1),
    "pinball": (1.0, (R,), lambda y, m: abs(y - m) / 2 + math.log(4), 1),
    "expectile": (1.0, (R,), lambda y, m: 0.5 * (y - m) ** 2, 1),
    "cauchy": (1.0, (R,), lambda y, m: -np.log(1 / (math.pi * (1 + (y - m) ** 2))), 2),
    "squared_log_error": (
        1.0,
        (POSITIVE,),
        lambda y, m: 2 * _gauss(np.log1p(y), np.log1p(m)) + np.log1p(y),
        1,
    ),
    "poisson_nll": (3.0, (R,), lambda y, z: np.exp(z) - y * z + math.lgamma(y + 1), 1),
    "gamma_deviance": (2.0, (POSITIVE,), lambda y, m: 2 * (np.log(m) + y / m), 1),  # shape 1, twice
    "tweedie_deviance": (
        2.0,
        (POSITIVE,),
        # y θ - κ(θ), with θ = m^(1 - p) / (1 - p) and κ = m^(2 - p) / (2 - p)
        lambda y, m: -2 * (y * m**-0.5 / -0.5 - m**0.5 / 0.5),
        1,
    ),
    "gaussian_nll": (1.0, (R, POSITIVE), _gauss, 1),
    "laplace_nll": (1.0, (R, POSITIVE), lambda y, m, b: abs(y - m) / b + np.log(2 * b), 1),
    "negative_binomial_nll": (
        3.0,
        (R, POSITIVE),
        # r failures with success probability αλ / (1 + αλ)
        lambda y, z, a: (
            -np.array(
                [
                    math.lgamma(y + 1 / b)
                    - math.lgamma(1 / b)
                    - math.lgamma(y + 1)
                    - math.log1p(b * math.exp(v)) / b
                    + y * (math.log(b) + v - math.log1p(b * math.exp(v)))
                    for v, b in zip(z, a, strict=True)
                ]
            )
        ),
        1,
    ),
    "censored_gaussian_nll": (
        0.0,
        (R, POSITIVE),
        lambda y, m, s: -np.log([math.erfc(v / math.sqrt(2)) / 2 for v in m / s]),
        1,
    ),
    "binary_cross_entropy": (1.0, (P,), lambda y, p: -np.log(p), 1),
    "binary_cross_entropy_with_logits": (0.0, (R,), lambda y, z: np.log1p(np.exp(z)), 1),
    "logistic": (-1.0, (R,), lambda y, z: np.log1p(np.exp(z)), 1),
    "pairwise_logistic": (1.0, (R,), lambda y, d: np.log1p(np.exp(-d)), 1),
    "categorical_cross_entropy": (1, (TABLE,), lambda y, p: -np.log(p[:, 1]), 1),
    "categorical_cross_entropy_with_logits": (1, (TABLE,), _softened, 1),
    "token_cross_entropy": (1, (TABLE,), _softened, 1),
    "info_nce": (1, (TABLE,), lambda y, s: _softened(y, s / 0.1), 1),
    "cross_entropy": ([0.0, 1.0, 0.0], (TABLE,), lambda y, q: -np.log(q[:, 1]), 1),
    "ordinal_nll": (
        1,
        (R, np.tile([-1.0, 2.0], (9, 1))),
        lambda y, s, c: -np.log(1 / (1 + np.exp(s - 2)) - 1 / (1 + np.exp(s + 1))),
        1,
    ),
}


@pytest.mark.parametrize("name", [n for n, each in LOSSES.items() if each.declaration.noise_model])
def test_minimising_it_is_maximum_likelihood_of_its_noise_model(name):
    target, predictions, surprise, factor = NOISE[name]
    y = np.repeat([target], 9, axis=0)
    value = factor * LOSSES[name](y, *predictions)
    difference = value - np.asarray(
        surprise(y if y.ndim == 1 and name not in SCALAR else target, *predictions)
    )
    np.testing.assert_allclose(difference, difference[0], atol=1e-12)


#: Those whose surprise is written for one target.
SCALAR = {"poisson_nll", "negative_binomial_nll"}


def test_losses_without_a_noise_model_are_those_that_are_no_likelihood():
    assert set(NOISE) == {n for n, each in LOSSES.items() if each.declaration.noise_model}
    assert set(ESTIMATES) == set(LOSSES)
