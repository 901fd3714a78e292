"""Every loss over the whole range of its arguments and parameters, against high precision.

Values and gradients must be right to 16 ulp, or infinite or 0 where they are out of range; never
NaN, and never with a warning. A loss that is missing here fails a test.
"""

import functools
import math
import zlib

import numpy as np
import pytest
from mpmath import mp, mpf

import lossbook
from lossbook import Loss
from lossbook.losses.domains import (
    Classes,
    Counts,
    Distribution,
    Increasing,
    Interval,
    Labels,
    Limited,
    NonZero,
)

from . import test_binary, test_likelihoods, test_regression
from .reference import exp

LOSSES = {
    n: getattr(lossbook, n) for n in lossbook.__all__ if isinstance(getattr(lossbook, n), Loss)
}
DIGITS = 700
#: How many sets of parameters, and how many examples for each.
SETS, EXAMPLES = 8, 20
ZERO, ONE = mpf(0), mpf(1)


class Terms:
    """A sum that may cancel: it is as good as its largest term allows."""

    def __init__(self, *terms, size=ZERO):
        self.total = sum(terms, ZERO)
        self.size = max(size, *(abs(t) for t in terms))


# -- references that stand in no other test -----------------------------------------------------


def _softmax(z):
    top = max(z)
    e = [exp(x - top) for x in z]
    total = sum(e)
    others = [total - x for x in e]
    surprise = [mp.log(total) - (x - top) for x in z]
    return [x / total for x in e], [x / total for x in others], surprise


def _slope(p, q, a):
    """Return p · sum(a) - a, apart."""
    total = sum(a)
    return [x * (total - b) - y * b for x, y, b in zip(p, q, a, strict=True)]


def _cross_entropy_with_logits(c, z, label_smoothing=0, class_weight=None):
    p, q, s = _softmax(z)
    y = [label_smoothing / len(z) + (1 - label_smoothing) * (k == c) for k in range(len(z))]
    value = sum(a * b for a, b in zip(y, s, strict=True))
    return value, [
        [
            Terms(a * sum(y), -b) if label_smoothing else x
            for a, b, x in zip(p, y, _slope(p, q, y), strict=True)
        ]
    ]


def _focal_rows(c, z, gamma, class_weight=None):
    p, q, s = _softmax(z)
    a = [ZERO] * len(z)
    fade = q[c] ** gamma if q[c] else ZERO**gamma
    a[c] = fade * (1 + gamma * p[c] * (s[c] / q[c] if q[c] else 1))
    # An error of the base counts γ times.
    return Terms(fade * s[c], gamma * fade * s[c], -gamma * fade * s[c]), [
        [Terms(x, gamma * x, -gamma * x) for x in _slope(p, q, a)]
    ]


def _poly(c, z, epsilon):
    p, q, s = _softmax(z)
    a = [ZERO] * len(z)
    a[c] = 1 + epsilon * p[c]
    return s[c] + epsilon * q[c], [_slope(p, q, a)]


def _sparsemax(c, z):
    order = sorted(z, reverse=True)
    size = max(k for k in range(1, len(z) + 1) if k * order[k - 1] > sum(order[:k]) - 1)
    tau = (sum(order[:size]) - 1) / size
    p = [max(x - tau, ZERO) for x in z]
    y = [mpf(k == c) for k in range(len(z))]
    miss = [a - b for a, b in zip(p, y, strict=True)]
    slope = [
        Terms(x, -tau, -b, max(z), -max(z)) if a else -b for a, b, x in zip(p, y, z, strict=True)
    ]
    return sum(m * m for m in miss) / 2 + max(tau - z[c], ZERO), [slope]


def _gaussian(y, mean, variance):
    r = mean - y
    value = Terms(mp.log(variance) / 2, r * r / 2 / variance)
    slope = Terms(1 / variance / 2, -r * r / variance**2 / 2)
    return value, [r / variance, slope]


def _laplace(y, mean, scale):
    r = mean - y
    return (
        Terms(mp.log(scale), abs(r) / scale),
        [mp.sign(r) / scale, Terms(1 / scale, -abs(r) / scale**2)],
    )


def _tweedie(y, p, power):
    slope = 2 * (p - y) / p**power
    if power == 1:
        value = 2 * ((y * mp.log(y / p) if y else 0) - y + p)
    elif power == 2:
        value = 2 * (mp.log(p / y) + y / p - 1)
    else:
        a, b = 1 - power, 2 - power
        value = 2 * ((y**b if y or b > 0 else 0) / (a * b) - y * p**a / a + p**b / b)
    return value, [slope]


def _triplet(anchor, positive, negative, margin):
    def away(x):
        d = [a - b for a, b in zip(x, anchor, strict=True)]
        return d, mp.sqrt(sum(x * x for x in d))

    (near, n), (far, f) = away(positive), away(negative)
    value = n - f + margin
    if abs(value) < 1e-15 * max(n, f, margin):
        return Terms(n, -f, margin), [[None] * len(anchor)] * 3  # rounding decides
    value = max(value, ZERO)
    on = value > 0
    pull = [x / n if on and n else ZERO for x in near]
    push = [-x / f if on and f else ZERO for x in far]
    back = [Terms(-a, -b) for a, b in zip(pull, push, strict=True)]
    return value if not on else Terms(n, -f, margin), [back, pull, push]


def _kl(p, q):
    def term(a, b):
        return (a * mp.log(a / b) - a + b if b else mp.inf) if a else b

    def slope(a, b):
        return 1 - a / b if b else (ZERO if a == b else -mp.inf)

    pairs = list(zip(p, q, strict=True))
    return sum(term(a, b) for a, b in pairs), [[slope(a, b) for a, b in pairs]]


def _js(p, q):
    def half(a, m):
        return a * mp.log(a / m) if a else ZERO

    pairs = [(a, b, (a + b) / 2) for a, b in zip(p, q, strict=True)]
    value = sum(half(a, m) + half(b, m) for a, b, m in pairs) / 2
    return value, [[(mp.log(b / m) / 2 if b else (-mp.inf if a else ZERO)) for a, b, m in pairs]]


def _overlap(y, p, smooth, price):
    """Return top / bottom with the derivatives of both, price(y, p) of one element."""
    top, bottom, d_top, d_bottom = price(y, p)
    bottom += smooth
    if not bottom:
        return ZERO, [[ZERO] * len(p)]
    value = top / bottom
    return value, [
        [Terms(a / bottom, -value * b / bottom) for a, b in zip(d_top, d_bottom, strict=True)]
    ]


def _dice(y, p):
    pairs = list(zip(y, p, strict=True))
    top = sum(a * (1 - b) + b * (1 - a) for a, b in pairs)
    return top, sum(y) + sum(p), [1 - 2 * a for a in y], [ONE] * len(p)


def _jaccard(y, p):
    top, *_ = _dice(y, p)
    bottom = sum(a + b - a * b for a, b in zip(y, p, strict=True))
    return top, bottom, [1 - 2 * a for a in y], [1 - a for a in y]


def _tversky(alpha, beta):
    def price(y, p):
        pairs = list(zip(y, p, strict=True))
        over, under = sum(b * (1 - a) for a, b in pairs), sum(a * (1 - b) for a, b in pairs)
        top = alpha * over + beta * under
        d_top = [alpha * (1 - a) - beta * a for a in y]
        return (
            top,
            sum(a * b for a, b in pairs) + top,
            d_top,
            [d + a for d, a in zip(d_top, y, strict=True)],
        )

    return price


def _hinges(c, scores, margin, best):
    gaps = [margin + s - scores[c] for s in scores]
    rivals = [k for k in range(len(scores)) if k != c]
    slope = [ZERO] * len(scores)
    if best:
        rivals = [max(rivals, key=lambda k: gaps[k])]
    for k in rivals:
        if abs(gaps[k]) < 1e-15 * max(margin, abs(scores[k]), abs(scores[c])):
            slope = None  # rounding decides which side of the kink it is
            break
        if gaps[k] > 0:
            slope[k] += 1
            slope[c] -= 1
    if best and len({float(gaps[k]) for k in range(len(scores)) if k != c}) == 1:
        slope = None  # a tie
    terms = [t for k in rivals for t in (margin, scores[k], -scores[c]) if gaps[k] > 0]
    return Terms(*terms) if terms else ZERO, [slope or [None] * len(scores)]


def _pair(value, gradient):
    """Return a reference of one argument more than the pair of functions of a residual has."""
    return lambda y, p, **parameters: (
        value(p - y, **parameters),
        [gradient(p - y, **parameters)],
    )


def _binary(pair):
    return lambda y, z, **parameters: (pair[0](y, z, **parameters), [pair[1](y, z, **parameters)])


def _bce(y, z, pos_weight, label_smoothing):
    y = y * (1 - label_smoothing) + label_smoothing / 2
    plus, sigmoid = test_binary._plus, test_binary._sigmoid
    return (
        Terms(pos_weight * y * plus(-z), (1 - y) * plus(z)),
        [Terms((1 - y) * sigmoid(z), -pos_weight * y * sigmoid(-z))],
    )


def _of_probability(y, p):
    value = (-y * mp.log(p) if p else mp.inf) if y else ZERO
    value += (-(1 - y) * mp.log1p(-p) if p < 1 else mp.inf) if y < 1 else ZERO
    hit = (-y / p if p else -mp.inf) if y else ZERO
    miss = ((1 - y) / (1 - p) if p < 1 else mp.inf) if y < 1 else ZERO
    if mp.isinf(hit) or mp.isinf(miss):
        return value, [hit + miss]
    return value, [(p - y) / (p * (1 - p)) if 0 < p < 1 else hit + miss]


def _log_of_class(c, p):
    return -mp.log(p[c]) if p[c] else mp.inf, [
        [(-1 / x if x else -mp.inf) if k == c else ZERO for k, x in enumerate(p)]
    ]


def _generalized(c, p, q):
    slope = [ZERO] * len(p)
    slope[c] = -(p[c] ** (q - 1)) if p[c] else (-mp.inf if q < 1 else -ONE)
    return -mp.expm1(q * mp.log(p[c])) / q if p[c] else 1 / q, [slope]


def _crossed(p, q):
    value = sum((-a * mp.log(b) if b else mp.inf) if a else ZERO for a, b in zip(p, q, strict=True))
    return value, [[(-a / b if b else -mp.inf) if a else ZERO for a, b in zip(p, q, strict=True)]]


def _nce(c, s, temperature):
    value, [slope] = _cross_entropy_with_logits(c, [x / temperature for x in s])
    # An exponent of 700 has been rounded to 700 times the rounding of 1.
    gaps = [min(750, (max(s) - x) / temperature) for x in s]
    return value, [
        [
            Terms(x / temperature, x / temperature * max(gaps), -x / temperature * max(gaps))
            for x in slope
        ]
    ]


def _logs(y, p):
    log = mp.log1p(p) - mp.log1p(y)
    return log * log, [2 * log / (1 + p)]


def _contrastive(y, d, margin):
    g = d if y == 1 else min(d - margin, ZERO)
    return g * g / 2, [g]


def _ranking(y, first, second, margin):
    value = margin - y * (first - second)
    if abs(value) < 1e-15 * max(margin, abs(first), abs(second)):
        return Terms(margin, abs(first), abs(second), -margin, -abs(first), -abs(second)), [
            None,
            None,
        ]
    value = Terms(margin, -y * first, y * second) if value > 0 else ZERO
    return value, [-y if value else ZERO, y if value else ZERO]


def _cosine(y, p):
    length = mp.sqrt(sum(x * x for x in p))
    u, v = [x / mp.sqrt(sum(x * x for x in y)) for x in y], [x / length for x in p]
    dot = sum(a * b for a, b in zip(u, v, strict=True))
    pairs = list(zip(u, v, strict=True))
    return Terms(ONE, -dot), [
        [Terms(b * dot / length, -a / length, b / length, -b / length) for a, b in pairs]
    ]


def _pairwise(y, d):
    plus, sigmoid = test_binary._plus, test_binary._sigmoid
    return (
        Terms(y * plus(-d), (1 - y) * plus(d)),
        [Terms((1 - y) * sigmoid(d), -y * sigmoid(-d))],
    )


def _token(c, z, z_loss):
    p, q, s = _softmax(z)
    log_z = s[c] + z[c]
    slope = _slope(p, q, [mpf(k == c) for k in range(len(z))])
    return (
        Terms(s[c], z_loss * log_z * log_z),
        [[Terms(a, 2 * z_loss * log_z * b) for a, b in zip(slope, p, strict=True)]],
    )


def _ordinal(c, score, cuts):
    plus, sigmoid = test_binary._plus, test_binary._sigmoid
    edges, pulls = [None, *cuts, None], [ZERO] * (len(cuts) + 2)
    low, high = edges[c : c + 2]
    value = down = up = push = ZERO
    if high is not None:
        value, down = value + plus(score - high), sigmoid(score - high)
    if low is not None:
        value, up = value + plus(low - score), sigmoid(low - score)
    if high is not None and low is not None:
        value, push = value - mp.log(-mp.expm1(low - high)), 1 / mp.expm1(high - low)
    pulls[c], pulls[c + 1] = up + push, -down - push
    return value, [Terms(down, -up), pulls[1:-1]]


def _censored(y, mean, scale, lower, upper=None):
    if y not in (lower, upper):
        z = (mean - y) / scale
        return Terms(mp.log(scale), z * z / 2), [z / scale, Terms(1 / scale, -z * z / scale)]
    side = 1 if y == lower else -1
    t = side * (y - mean) / scale
    if abs(t) < 1e30:
        surprise, hazard = test_likelihoods.normal_surprise(t)
    else:  # the asymptotic series, to 60 digits
        surprise, hazard = (ZERO, ZERO) if t > 0 else (t * t / 2 + mp.log(-t), -t)
        surprise += mp.log(2 * mp.pi) / 2 if t < 0 else 0
    return surprise, [side * hazard / scale, t * hazard / scale]


def _crps_gaussian(y, mean, scale):
    r = mean - y
    z = r / scale
    slope = mp.erf(z / mp.sqrt(2)) if abs(z) < 1e20 else mp.sign(z)
    peak, floor = 2 * test_likelihoods.density(z), 1 / mp.sqrt(mp.pi)
    return (
        Terms(r * slope, scale * peak, -scale * floor),
        [slope, Terms(peak, -floor)],
    )


def _crps_laplace(y, mean, scale):
    r = mean - y
    a, low = abs(r) / scale, mpf(3) / 4
    e = mp.exp(-a)
    return (
        Terms(abs(r), scale * e, -scale * low),
        [mp.sign(r) * -mp.expm1(-a), Terms(e * (1 + a), -low)],
    )


def _negative_binomial(*arguments):
    value, size, slope, slope_size, scatter, scatter_size = test_likelihoods.binomial_terms(
        *arguments
    )
    return Terms(value, size=size), [
        Terms(slope, size=slope_size),
        Terms(scatter, size=scatter_size),
    ]


def _kl_with_logits(a, z, temperature):
    a, z = ([x / temperature for x in row] for row in (a, z))
    (p, _, own), (q, _, other) = _softmax(a), _softmax(z)
    rows = list(zip(p, q, own, other, strict=True))
    value = temperature**2 * sum(u * (s - r) for u, _, r, s in rows)
    # An exponent of 700 has been rounded to 700 times the rounding of 1.
    gap = min(mpf(1500), max(own))
    return Terms(value, size=gap * value), [
        [Terms(temperature * (v - u), size=gap * temperature * max(u, v)) for u, v, *_ in rows]
    ]


REFERENCES = {
    **{each.name: _pair(*pair) for each, pair in test_regression.EXACT.items()},
    **{each.name: _binary(pair) for each, pair in test_binary.EXACT.items()},
    "binary_cross_entropy_with_logits": _bce,
    "binary_cross_entropy": _of_probability,
    "brier": lambda y, p: ((p - y) ** 2, [2 * (p - y)]),
    "squared_log_error": _logs,
    "absolute_percentage_error": lambda y, p: (abs(p - y) / abs(y), [mp.sign(p - y) / abs(y)]),
    "poisson_nll": lambda y, z: (Terms(mp.exp(z), -y * z), [Terms(mp.exp(z), -y)]),
    "gamma_deviance": functools.partial(_tweedie, power=2),
    "tweedie_deviance": _tweedie,
    "gaussian_nll": _gaussian,
    "laplace_nll": _laplace,
    "categorical_cross_entropy": _log_of_class,
    "categorical_cross_entropy_with_logits": _cross_entropy_with_logits,
    "categorical_focal_with_logits": _focal_rows,
    "poly_cross_entropy_with_logits": _poly,
    "generalized_cross_entropy": _generalized,
    "multiclass_hinge": lambda c, s: _hinges(c, s, ONE, best=True),
    "weston_watkins_hinge": lambda c, s, margin: _hinges(c, s, margin, best=False),
    "sparsemax_loss": _sparsemax,
    "entropy": lambda p: (
        sum(-x * mp.log(x) if x else ZERO for x in p),
        [[Terms(-mp.log(x), -1) if x else mp.inf for x in p]],
    ),
    "cross_entropy": _crossed,
    "kl_divergence": _kl,
    "js_divergence": _js,
    "cosine_distance": _cosine,
    "dice": lambda y, p, smooth: _overlap(y, p, smooth, _dice),
    "jaccard": lambda y, p, smooth: _overlap(y, p, smooth, _jaccard),
    "tversky": lambda y, p, alpha, beta, smooth: _overlap(y, p, smooth, _tversky(alpha, beta)),
    "contrastive": _contrastive,
    "triplet": _triplet,
    "margin_ranking": _ranking,
    "info_nce": _nce,
    "pairwise_logistic": _pairwise,
    "token_cross_entropy": _token,
    "ordinal_nll": _ordinal,
    "censored_gaussian_nll": _censored,
    "crps_gaussian": _crps_gaussian,
    "crps_laplace": _crps_laplace,
    "negative_binomial_nll": _negative_binomial,
    "kl_divergence_with_logits": _kl_with_logits,
}


# -- the walk -------------------------------------------------------------------------------------


def sizes(dtype):
    """Return positive numbers from the smallest to the largest that are allowed."""
    if dtype == np.float32:
        powers = (-44, -38, -30, -19, -8, -3, 3, 8, 19, 30)
        return [*(10.0**k for k in powers), 0.5, 1, 3, 37, 1.6e38]
    powers = (-320, -308, -300, -200, -160, -154, -100, -16, -8, -3, 3, 8, 16, 100, 154, 200, 300)
    return [*(10.0**k for k in powers), 5e-324, 0.5, 1, 3, 37, 8e307]


def numbers(domain, rng, shape, dtype):
    """Return extreme numbers of a domain."""
    if isinstance(domain, Labels):
        return domain.sample(rng, shape)
    if isinstance(domain, Classes):
        return rng.integers(0, 3, shape[:1])
    some = sizes(dtype)
    if isinstance(domain, Increasing):
        both = np.array([*some, 0.0, *(-x for x in some)])
        return np.sort([rng.choice(both, 3, replace=False) for _ in range(shape[0])], axis=-1)
    if isinstance(domain, Distribution):
        small = [x for x in some if x < 1e-2]
        rows = np.zeros((*shape, 3)) + rng.choice([0, *small], (*shape, 3))
        rows[:, 0] = 1 - rows[:, 1:].sum(axis=-1)
        rows[::3] = rng.dirichlet([1, 1, 1], rows[::3].shape[0])
        return rng.permuted(rows, axis=-1)
    if domain.row:
        shape = (*shape, 3)
    if isinstance(domain, Interval):
        low, high = domain.low, domain.high
        places = [x for x in some if low < x < high] + [-x for x in some if low < -x < high]
        for end, included, inside in (
            (low, domain.includes_low, 1),
            (high, domain.includes_high, -1),
        ):
            if math.isfinite(end) and end:
                places += [end + inside * x for x in (1e-3, 1e-7)]
            if included and end != -math.inf:
                places.append(end)
        if isinstance(domain, Counts):  # what is no count at all has no digits either
            places = [x for x in places if domain.allowed(x) and (x == 0 or x > 1e-8)]
        if isinstance(domain, Limited):
            places += [low] * len(places)
        return rng.choice(places, shape)
    places = [*some, *(-x for x in some), *([] if isinstance(domain, NonZero) else [0.0])]
    return rng.choice(places, shape)


def parameters_of(each, rng):
    """Return sets of parameters: the defaults, then extreme ones."""
    yield {}
    for _ in range(SETS - 1):
        chosen = {}
        for name, domain in each.declaration.intervals.items():
            if not isinstance(domain, Interval) or domain.or_none:
                continue
            chosen[name] = float(numbers(domain, rng, (1,), np.float64)[0])
            if name in ("pos_weight", "label_smoothing"):  # small ones times small labels are 0
                chosen[name] = max(chosen[name], 1e-100)
        if not chosen:
            continue
        yield chosen


def exactly(result, exact, dtype):
    """Return the distance of a number from the exact one, in ulps."""
    size = exact.size if isinstance(exact, Terms) else abs(exact)
    exact = exact.total if isinstance(exact, Terms) else exact
    with np.errstate(over="ignore"):
        rounded = dtype(float(exact))
        largest = dtype(float(size))
    if np.isinf(rounded) or np.isinf(result) or np.isinf(largest):
        return 0.0 if result == rounded or (np.isinf(largest) and not np.isnan(result)) else np.inf
    smallest = dtype(1e-300 if dtype == np.float64 else 1e-36)
    spacing = mpf(float(np.spacing(np.maximum(largest, smallest))))
    return float(abs(mpf(float(result)) - exact) / spacing)


def precise(x):
    """Return an argument of one example as mpmath's numbers."""
    if np.ndim(x):
        return [mpf(float(v)) for v in x]
    return int(x) if isinstance(x, np.integer) else mpf(float(x))


def cases(each, dtype):
    """Yield parameters and arguments of extreme sizes."""
    rng = np.random.default_rng(zlib.crc32(each.name.encode()))
    for parameters in parameters_of(each, rng):
        bound = each.bind(**parameters)
        arguments = [numbers(d, rng, (EXAMPLES,), dtype) for d in bound.domains.values()]
        residual = each.declaration.variable == "residual" and len(arguments) == 2
        if residual and not isinstance(bound.domains["y_true"], NonZero):
            arguments[0] = np.zeros(EXAMPLES)  # a rounded difference is not the formula's fault
        yield bound, [a.astype(dtype) if a.dtype.kind == "f" else a for a in arguments]


@pytest.mark.parametrize("dtype", [np.float64, np.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("each", LOSSES.values(), ids=LOSSES)
def test_extremes_are_right_or_out_of_range(each, dtype):
    wrong = []
    for bound, arguments in cases(each, dtype):
        if any(isinstance(d, Distribution) for d in bound.domains.values()) and dtype == np.float32:
            continue  # rows that sum to 1 in float32 do not in the reference
        value, gradients = bound.value_and_gradient(*arguments)
        gradients = gradients if isinstance(gradients, tuple) else (gradients,)
        for result in (value, *gradients):
            assert not np.isnan(result).any(), (bound, [a[np.isnan(value)][:3] for a in arguments])
        known = {k: mpf(v) for k, v in bound.parameters.items() if v is not None}
        with mp.workdps(DIGITS):
            for i in range(EXAMPLES):
                given = [precise(a[i]) for a in arguments]
                exact, slopes = REFERENCES[each.name](*given, **known)
                found = [(value[i], exact)]
                for g, s in zip(gradients, slopes, strict=True):
                    found += zip(g[i], s, strict=True) if g.ndim > 1 else [(g[i], s)]
                for k, (result, reference) in enumerate(found):
                    if reference is None:
                        continue
                    off = exactly(result, reference, dtype)
                    if off > 16:
                        right = reference.total if isinstance(reference, Terms) else reference
                        place = ", ".join(str(a[i]) for a in arguments)
                        what = "value" if k == 0 else f"gradient {k}"
                        wrong.append(
                            f"{bound} at {place}: {what} {result}, right is {mp.nstr(right, 5)}"
                        )
    assert not wrong, f"{len(wrong)} wrong:\n" + "\n".join(wrong[:6])


def test_every_loss_has_a_high_precision_reference():
    assert set(REFERENCES) >= set(LOSSES), (
        "give each loss its formula in mpmath: value and gradients"
    )
