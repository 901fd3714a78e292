"""Arithmetic for the few formulas that rounding errors would blow up.

``exp(-z² / 2)`` at z = 30 turns an error of 1 ulp in z² into 450 ulp of the result. The remedy is
old (T. J. Dekker, 1971): keep z² as a sum of two floats, ``high + low``, and put the low part back
at the end. Arrays are float64 unless a function says otherwise: the losses that come here declare
``wide``.
"""

from __future__ import annotations

import functools
import math

import numpy as np

#: Ratios beyond this are factored out before they are squared (a power of two: no rounding).
_LARGE = 2.0**465

#: BLAS libraries hand anything larger to a pool of threads, and a call then waits until the system
#: gives each of them a turn: on a busy machine, far longer than the work takes.
_DOT, _GEMV, _GEMM = 10_000, 9_000, 250_000
#: From this many multiplications on, threads are worth the wait.
_LARGE_PRODUCT = 100_000_000


def sum_of_squares(x):
    """Return the sum of the squares of an array with one axis, on the calling thread."""
    if x.size <= _DOT:
        return x.dot(x)
    pieces = (x[i : i + _DOT] for i in range(0, x.size, _DOT))
    return sum(float(piece.dot(piece)) for piece in pieces)


def product(a, b):
    """Return a @ b on the calling thread; a large product is left to the threads of the BLAS."""
    work = a.size * (b.shape[1] if b.ndim == 2 else 1)
    limit = _GEMM if min(*a.shape, *b.shape[1:2]) > 1 and b.ndim == 2 else _GEMV
    if work <= limit or work > _LARGE_PRODUCT:
        return a @ b
    n, k = a.shape
    step = max(1, max(n, k) * limit // work)
    if n >= k:
        return np.concatenate([a[i : i + step] @ b for i in range(0, n, step)])
    return sum(a[:, i : i + step] @ b[i : i + step] for i in range(0, k, step))


def row_sums(x):
    """Return the sum of each row, on the calling thread."""
    if x.size <= _GEMV:  # a product with ones takes a third of the time of a reduction then
        return x.dot(_ones(x.shape[-1], x.dtype))
    return np.add.reduce(x, axis=-1)


@functools.cache
def _ones(n, dtype):
    return np.ones(n, dtype)


def two_product(x, y):
    """Return x·y as a sum of two floats, exactly (Dekker and Veltkamp)."""
    high = x * y
    (a, b), (c, d) = _halves(x), _halves(y)
    return high, ((a * c - high) + a * d + b * c) + b * d


def _halves(x):
    """Split a float into two of 26 bits each, whose products are exact."""
    t = 134217729.0 * x
    high = t - (t - x)
    return high, x - high


def two_sum(x, y):
    """Return x + y as a sum of two floats, exactly (D. E. Knuth)."""
    high = x + y
    part = high - x
    return high, (x - (high - part)) + (y - part)


def log1p_difference(x, y):
    """Return log(1 + x) - log(1 + y) to about 1 ulp, also where x and y are close."""
    # The logarithm of the larger over the smaller is log1p of a positive number: no cancellation.
    low, high = np.minimum(x, y), np.maximum(x, y)
    n, n_rest = two_sum(high, -low)
    d, d_rest = two_sum(1, low)
    q = n / d
    p, e = two_product(np.minimum(q, 1e290), d)
    rest = ((n - p) - e + n_rest - q * d_rest) / d
    far = np.log(np.maximum(n, 1)) - np.log(d)
    return np.copysign(np.where(q < 1e290, np.log1p(q) + rest / (1 + q), far), x - y)


def squared_ratio(r, c, b=1.0):
    """Return (r / c)² / b as a sum of two floats, with |r / c| clipped to 2⁴⁶⁵."""
    mantissa, exponent = math.frexp(c)
    r = np.clip(np.ldexp(r, -exponent), -_LARGE * mantissa, _LARGE * mantissa)
    z = r / mantissa
    p, e = two_product(z, mantissa)
    high, low = two_product(z, z)
    low += 2 * z * (((r - p) - e) / mantissa)  # what the division has rounded off
    if b == 1:
        return high, low
    s = high / b
    p, e = two_product(s, b)
    return s, ((high - p) - e + low) / b


def times_exp(x, r, c, factor):
    """Return x · exp(factor · (r / c)²), for a negative factor, to about 2 ulp."""
    high, low = squared_ratio(r, c)
    half = np.exp(factor / 2 * high)  # its square may underflow where x times the square does not
    return x * (1 + factor * np.clip(low, -1, 1)) * half * half


class OnePlusSquare:
    """``w = 1 + (r / c)² / b``, ready for its logarithm and its powers.

    Both are good to 1 or 2 ulp however large the exponent and the ratio.
    """

    def __init__(self, r, c, b=1.0):
        self._s, low = squared_ratio(r, c, b)
        self._w, rest = two_sum(1, self._s)
        self._rest = (rest + low) / self._w
        self._low = low / self._w
        self._largest = np.max(self._w, initial=1)
        # What is clipped: a factor of at most 1e300, and another.
        excess, beyond = np.abs(r) / _LARGE / c, np.abs(r) / _LARGE / 1e300 / c
        size = np.log(np.maximum(np.abs(r) / _LARGE, 1e-300))
        self._log_excess = np.where(excess > 1, size - math.log(c), 0)
        self._excess = None
        if np.max(excess, initial=0) > 1:
            self._excess = np.clip(excess, 1, 1e300), np.maximum(beyond, 1)

    def log(self):
        """Return log w."""
        log = np.log1p(self._s) + self._low
        return log if self._excess is None else log + 2 * self._log_excess

    def power(self, *exponents, times=1.0):
        """Return w to the power of each exponent in turn, times a factor."""
        result = times + times * np.expm1(np.minimum(sum(exponents) * self._rest, 700))
        for exponent in exponents:
            if self._excess is None and self._largest ** abs(exponent / 300) < 10:
                # A division is one rounding less than the product with a reciprocal.
                w = self._w
                result = result / w if exponent == -1 else result * w**exponent
                continue
            # By halves: the power may leave the range of floats where the product does not.
            half = self._w ** (exponent / 2)
            if self._excess is not None:
                half = half * self._excess[0] ** exponent * self._excess[1] ** exponent
            result = result * half * half
        return result


def sign(x):
    """Return -1, 0 or 1 as small integers: what `numpy.sign` says, in a third of its time."""
    return np.subtract((x > 0).view(np.int8), (x < 0).view(np.int8))


def float64_sum(x):
    """Return the sum in float64.

    Of many float32 numbers eight at a time are added in float32 first. That halves the time, and
    the error is a few roundings of eight numbers, which have been rounded before.
    """
    if x.dtype == np.float32 and x.size >= 10_000 and x.size % 8 == 0:
        x = np.add.reduce(x.reshape(8, -1), axis=0)
    return float(np.add.reduce(x, axis=None, dtype=np.float64))


def expm1_ratio(x):
    """Return (exp(x) - 1) / x, which is 1 at 0."""
    safe = np.where(x == 0, 1, x)
    return np.where(x == 0, 1, np.expm1(safe) / safe)


def log1p_ratio(x):
    """Return log(1 + x) / x, which is 1 at 0."""
    safe = np.where(x == 0, 1, x)
    return np.where(x == 0, 1, np.log1p(safe) / safe)


def sigmoids(z):
    """Return sigmoid(z) and sigmoid(-z), each without cancellation."""
    e = np.exp(-np.abs(z))
    # The larger numerator is 1 and the smaller e; maxima are faster than a choice.
    return np.maximum(e, z >= 0) / (1 + e), np.maximum(e, z < 0) / (1 + e)


def sigmoid_power(z, exponent):
    """Return sigmoid(z) to a power, without multiplying the error of the sigmoid by it."""
    d, rest = two_sum(1, np.exp(-np.abs(z)))
    high, low = np.minimum(z, 0) * exponent, 0
    if exponent < 1e140:  # beyond, the power is 0 or 1 but for logits that nobody has
        high, low = two_product(np.clip(z, -1e150, 0), exponent)
    return np.exp(high) * d**-exponent * np.exp(np.minimum(low - exponent * (rest / d), 700))


def softplus(z):
    """Return log(1 + exp(z)); -softplus(-z) is the logarithm of the sigmoid."""
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def log1p_fraction(e):
    """Return log(1 + e) for 0 <= e <= 1, to 2 ulp, in half the time of `numpy.log1p`."""
    if e.dtype == np.float32:  # in which NumPy's logarithm is only good to 3 ulp near 1
        r = e / (2 + e)
        return 2 * r * (r * r * series(r * r, _ATANH[:6])) + 2 * r
    w = 1 + e
    return np.log(w) + (e - (w - 1)) / w  # what 1 + e has rounded off is put back


def times_log(x, p):
    """Return -x · log p, which is 0 where x is, and infinite where only p is 0."""
    with np.errstate(divide="ignore"):
        return x * -np.log(np.where(x == 0, 1, p))


def ratio(x, p):
    """Return x / p, which is 0 where x is, and infinite where only p is 0."""
    with np.errstate(divide="ignore"):
        return x / np.where(x == 0, 1, p)


class Softmax:
    """The softmax of rows of logits, with what cancels kept apart.

    Attributes
    ----------
    gap : ndarray
        Each logit less the highest of its row.
    rest : ndarray
        The sum of exp(gap) over all classes of a row but the first with the highest logit.
    """

    def __init__(self, logits):
        self._top = np.arange(len(logits)), logits.argmax(axis=-1)
        self.gap = logits - logits[self._top][:, np.newaxis]
        self._exp = np.exp(self.gap)
        self._exp[self._top] = 0
        self.rest = self._exp.sum(axis=-1)
        self._exp[self._top] = 1

    @property
    def p(self):
        """The probability of each class."""
        return self._exp / (1 + self.rest)[:, np.newaxis]

    @property
    def q(self):
        """One minus the probability of each class, right also where that is nearly 1."""
        # A class that is not on top is at most half of the sum: the difference does not cancel.
        sums = 1 + self.rest
        others = sums[:, np.newaxis] - self._exp
        others[self._top] = self.rest
        return others / sums[:, np.newaxis]

    @property
    def root(self):
        """The square root of the probability of each class, also where that is too small."""
        return np.exp(self.gap / 2) / np.sqrt(1 + self.rest)[:, np.newaxis]

    @property
    def surprise(self):
        """Minus the logarithm of the probability of each class."""
        return np.log1p(self.rest)[:, np.newaxis] - self.gap

    def slope(self, a):
        """Return p · sum(a) - a, without cancellation where p is near 1."""
        total = a.sum(axis=-1, keepdims=True)
        return self.p * (total - a) - self.q * a


class SoftmaxOfClass:
    """The softmax of rows of logits, seen from one class of each row."""

    def __init__(self, logits, classes):
        self._at = np.arange(len(logits)), classes
        self._highest = np.maximum.reduce(logits, axis=-1)
        self._exp = np.exp(logits - self._highest[:, np.newaxis])
        self._lag = self._highest - logits[self._at]
        self._own = self._exp[self._at]
        self._exp[self._at] = 0
        self._others = np.add.reduce(self._exp, axis=-1)
        self._sums = self._own + self._others

    @property
    def log_sum(self):
        """The logarithm of the sum of exp(logits)."""
        return self._highest + self._log_sum

    @property
    def _log_sum(self):
        # The sum less 1; that of the others itself, to the last digit, where the class is on top.
        return np.log1p(self._others - (1 - self._own))

    @property
    def surprise(self):
        """Minus the logarithm of the probability of the class."""
        return self._lag + self._log_sum

    @property
    def p(self):
        """The probability of each class of a row."""
        p = self._exp / self._sums[:, np.newaxis]
        p[self._at] = self._own / self._sums
        return p

    @property
    def slope(self):
        """The probabilities less 1 for the class itself, without cancellation."""
        slope = self._exp / self._sums[:, np.newaxis]
        slope[self._at] = -self._others / self._sums
        return slope


def one_hot_rows(y_true, logits):
    """Return targets as rows: class numbers become rows of zeros and one 1."""
    if y_true.ndim == logits.ndim:
        return y_true
    rows = np.zeros_like(logits)
    rows[np.arange(len(y_true)), y_true] = 1
    return rows


def sparsemax_gap(logits):
    """Return how far each logit is below the threshold τ: the sparsemax is max(0, -gap)."""
    z = logits - logits.max(axis=-1, keepdims=True)
    ordered = -np.sort(-z, axis=-1)
    sums = np.cumsum(ordered, axis=-1) - 1
    size = (np.arange(1, z.shape[-1] + 1) * ordered > sums).sum(axis=-1, keepdims=True)
    return np.take_along_axis(sums, size - 1, axis=-1) / size - z


def series(x, coefficients):
    """Return the polynomial with these coefficients, the constant first (Horner)."""
    total = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total *= x
        total += coefficient
    return total


def log1p_gap(u):
    """Return u - log(1 + u), about u² / 2, without cancellation; of a u that is not near 0, 0."""
    v = np.where(is_near(u), u, 0)
    # log(1 + v) = 2 atanh(v / (2 + v)), and the first term of its series is nearly v.
    r = v / (2 + v)
    return r * (v - 2 * r * r * series(r * r, _ATANH))


def is_near(u):
    """Return where 1 + u is so near 1 that u - log(1 + u) is taken from its series."""
    return (u >= -2 / 3) & (u <= 2)


_ATANH = [1 / (2 * k + 3) for k in range(28)]


def expm1_gap_over_square(d):
    """Return (exp(d) - 1 - d) / d² for |d| <= 1, which is 1/2 at 0."""
    return series(d, _EXP)


_EXP = [1 / math.factorial(k + 2) for k in range(18)]


def log_ratio(x, y):
    """Return log(x / y) of positive numbers, also where the quotient is out of range."""
    ratio = x / y
    inside = (ratio > 1e-300) & (ratio < 1e300)
    return np.where(inside, np.log(np.clip(ratio, 1e-300, 1e300)), np.log(x) - np.log(y))


def relative_entropy(p, q):
    """Return p · log(p / q) - p + q, which is never negative; infinite where only q is 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        u = (p - q) / q
        near = q * (u * u - (1 + u) * log1p_gap(u))
        far = p * log_ratio(p, q) - p + q
    return np.where(p == 0, q, np.where(is_near(u), near, far))


def tempered(logits, temperature):
    """Return logits divided by a temperature, the highest of each row moved to 0."""
    if temperature == 1:
        return logits
    return np.maximum((logits - logits.max(axis=-1, keepdims=True)) / temperature, -1e300)


def relative_entropy_of_logits(a, z, temperature):
    """Return functions for T² KL(softmax(a / T), softmax(z / T)) and its gradient in z.

    With d = z - a less its mean under p, KL is log(1 + E), E = Σ p (exp(d / T) - 1 - d / T), of
    which no term is negative. What is tiny at a high temperature is multiplied by T at once.
    """
    true, guess = (Softmax(tempered(x, temperature)) for x in (a, z))
    # Halves, so that no difference leaves the range of floats: t is T / 2.
    (a, a_rest), (z, z_rest) = (
        two_sum(x / 2, -(x / 2).max(axis=-1, keepdims=True)) for x in (a, z)
    )
    t, root = max(temperature / 2, 5e-324), true.root

    def weigh(x):  # the products with p, also where that is too small
        return root * (root * x)

    d = (z - a) + (z_rest - a_rest)
    centre = weigh(d).sum(axis=-1, keepdims=True)
    d = d - centre
    mean = weigh(d).sum(axis=-1)  # what rounding has left
    near, close = np.abs(d) <= t, np.clip(d, -t, t)
    gap = expm1_gap_over_square(close / t)
    level = z - centre  # t times the logarithm of p exp(d / t), up to a constant
    highest = level.max(axis=-1, keepdims=True)
    large = highest > 30 * t
    rise = np.exp(np.minimum(level / t, 30) / 2) / np.sqrt(1 + true.rest)[:, np.newaxis]
    far = np.where(large, 0, (rise * (rise * t) - weigh(t)) - weigh(d))
    # t² E, t E and E, and t log(1 + E), which where E is large is the logarithm of a sum.
    square = np.where(near, (root * close) ** 2 * gap, t * far).sum(axis=-1)
    line = np.where(near, (root * close) * (root * close / t) * gap, far).sum(axis=-1) + mean
    excess = np.where(large[:, 0], 1e300, np.minimum(line / t, 1e300))
    others = np.log(np.exp((level - highest) / t).sum(axis=-1)) - np.log1p(true.rest)
    log = np.where(large[:, 0], highest[:, 0] + t * others, line * log1p_ratio(excess))

    def value():
        # Of a small E, log(1 + E) - mean less what cancels: E - (E + mean)² / 2.
        small = square - np.minimum(line * line / 2, 1e307)  # 4 times it is infinite
        return 4 * np.where(excess < 1e-9, small, t * (log - mean))

    def gradient():
        shift = d - log[:, np.newaxis]
        near = (np.abs(d) <= t) & (log <= t)[:, np.newaxis]
        close = weigh(np.where(near, shift, 0)) * expm1_ratio(np.where(near, shift / t, 0))
        apart = np.where(
            true.p > 0.5, t * (true.q - guess.q), t * guess.root * guess.root - t * root * root
        )
        return 2 * np.where(near, close, apart)

    return value, gradient


def half_deviance(y, mean, power):
    """Return half the Tweedie deviance.

    With t = log(y / mean) it is the integral of exp(s) · expm1((1 - power) s) / (1 - power) over s
    from 0 to t, times mean^(2 - power). Near t = 0 the integral is taken numerically, since nothing
    in it cancels; elsewhere it is y^(2 - power) times a sum of two powers of mean / y less 1.
    """
    a = 2 - power
    u = (y - mean) / mean
    t = np.log1p(np.clip(u, -0.9, 9))
    near = np.zeros_like(t)
    for node, weight in zip(*_GAUSS, strict=True):
        s = t * (node + 1) / 2
        rise = s if power == 1 else np.expm1((1 - power) * s) / (1 - power)
        near = near + weight / 2 * np.exp(s) * rise
    positive = np.where(y == 0, 1, y)
    log, whole, half = log_ratio(mean, positive), positive**a, mean ** ((1 - power) / 2)

    def power_less_1(exponent, first):  # y^a · (exp(exponent · log) - 1) / exponent
        x = exponent * log
        near = whole * log * expm1_ratio(np.clip(x, -1, 1))
        return near if exponent == 0 else np.where(np.abs(x) > 1, (first - whole) / exponent, near)

    with np.errstate(invalid="ignore"):  # of two infinite terms the second is the larger
        rise = -power_less_1(1 - power, y * half * half)
        far = np.where(np.isinf(rise), rise, power_less_1(a, mean**a) + rise)
    far = np.where(y == 0, mean**a / a if a else 0, far)
    return np.where((u >= -0.9) & (u <= 9), mean**a * t * near, far)


#: Nodes and weights of Gauss-Legendre quadrature: exact to the last bit for |t| < 2.4.
_GAUSS = np.polynomial.legendre.leggauss(24)


def steepest(slope):
    """Return the supremum over all logits of a smooth slope with one peak, or none."""
    low, high = -45.0, 45.0  # beyond, a sigmoid differs from 0 or 1 by less than rounding does
    for _ in range(6):
        z = np.linspace(low, high, 1001)
        size = np.abs(slope(z))
        at = int(size.argmax())
        low, high = z[max(at - 1, 0)], z[min(at + 1, 1000)]
    return float(size.max())


# -- the normal distribution ---------------------------------------------------------------------


def erf(x):
    """Return the error function of each element, to 1 ulp: the C library's."""
    return np.fromiter(map(math.erf, x.tolist()), np.float64, x.size)


def mills(t):
    """Return Mills' ratio Φ(-t) / φ(t) for t >= 0, to 3 ulp: √(π/2) erfcx(t / √2).

    (1 + t) times it is nearly constant, and a polynomial in s = (t - 9/2) / (t + 9/2), which maps
    all of [0, ∞] to [-1, 1] (M. M. Shepherd and J. G. Laframboise, 1981).
    """
    t = np.minimum(t, 1e300)
    s = (t - 4.5) / (t + 4.5)
    # Every fourth coefficient makes a polynomial in s⁴: the four are evaluated together.
    fourth, rows = s**4, np.zeros((4, *t.shape)) + _MILLS[-1]
    for coefficients in _MILLS[-2::-1]:
        rows = rows * fourth + coefficients
    return (rows[0] + s * rows[1] + s * s * (rows[2] + s * rows[3])) / (1 + t)


#: A Chebyshev interpolation at 48 points, cut off after 26 terms (below 2e-19) and written out in
#: powers of s, with two zeros to fill the rows.
_MILLS = np.array(
    [
        1.1691381924311748, -0.2367679825591326,
        0.05976544964130705, 0.04743206622192605,
        -0.07614357379042298, 0.05669068323389339,
        -0.02654791395942041, 0.006796086148063614,
        0.00029892963405264743, -0.0008848443543233397,
        0.0001778509361712195, 8.481249629214977e-05,
        -3.734027553691202e-05, -8.99061555500014e-06,
        6.397086194815076e-06, 1.3237652600957926e-06,
        -1.077027011407785e-06, -2.7775026924055135e-07,
        1.776554959256803e-07, 6.783295785832417e-08,
        -2.6568607366345864e-08, -1.5534912185933418e-08,
        3.0966863080431226e-09, 2.7124297066268365e-09,
        -2.0233360144274278e-10, -2.5438062796626967e-10,
        0, 0,
    ]
).reshape(7, 4, 1)  # fmt: skip


def normal_surprise(t, rest=0.0):
    """Return -log Φ(t + rest) and the hazard φ / Φ there, of a rest that is tiny against t."""
    a = np.abs(t)
    ratio = mills(a)
    high, low = two_product(np.minimum(a, 40), np.minimum(a, 40))  # beyond, φ underflows
    density = np.exp(-high / 2) * (1 - low / 2) / math.sqrt(2 * math.pi)
    tail = density * ratio
    hazard = np.where(t > 0, density / (1 - tail), 1 / ratio)
    near = a < 40
    rest = np.where(near, rest, 0)
    far = a * a / 2 - np.log(ratio) + math.log(2 * math.pi) / 2
    surprise = np.where(t > 0, -np.log1p(-tail), far) - hazard * rest
    return surprise, hazard * (1 - rest * np.where(near, t + hazard, 0))


@np.errstate(over="ignore", invalid="ignore")  # where the rest does not matter
def standardized(x, y, c):
    """Return (x - y) / c as a sum of two floats, and at most ±1e300."""
    d, d_rest = two_sum(x, -y)
    t = np.clip(d / c, -1e300, 1e300)
    p, e = two_product(t, c)
    rest = ((d - p) - e + d_rest) / c
    return t, np.where(np.isfinite(rest), rest, 0)


# -- counts that scatter more than Poisson's -----------------------------------------------------


def gap_over_square(u):
    """Return (u - log(1 + u)) / u² for u >= 0, which is 1/2 at 0."""
    v = np.minimum(u, 1)
    r = v / (2 + v)
    near = (1 - 2 * r * series(r * r, _ATANH[:18]) / (2 + v)) / (2 + v)
    big = np.maximum(u, 1)
    return np.where(u < 1, near, (1 - np.log1p(big) / big) / big)


def log_rising(y, a):
    """Return log Γ(y + 1/a) - log Γ(1/a) + y log a and its derivative with respect to a.

    That is the sum of log(1 + a j) over the whole numbers j below y: 0 for a → 0.
    """
    # Stirling's series is good from Γ(10) on: for a > 1/10 ten factors are taken out before it.
    value = slope = 0.0
    if np.max(a, initial=0) > 0.1:
        large = a > 0.1
        big = np.where(large, a, 1)
        size = 1 / big  # Γ(size + y) / Γ(size), as it is usually written
        steps = size + np.arange(10.0)[:, np.newaxis]
        factors = np.log1p(np.minimum(y / steps, 1e300)).sum(axis=0)
        factors += np.log(np.maximum(y / 1e300 * big, 1))  # of the first, a y, where that is larger
        factors_slope = (y / (steps + y) * (size / steps)).sum(axis=0) * size
        value = np.where(large, y * (np.log(big) + np.log(size + 10)) - factors, 0)
        slope = np.where(large, 10 * y * size / (size + 10) - factors_slope, 0)
        a = np.where(large, 1 / (size + 10), a)
        inner = np.where(large, size / (size + 10), 1) ** 2
    else:
        inner = 1
    u = a * y
    log, gap = np.log1p(u), gap_over_square(u)
    w = a / (1 + u)
    main = y * (log - u * gap) - log / 2
    correction = w * series(w * w, _STIRLING) - a * series(a * a, _STIRLING)
    main_slope = y * (y * gap) - y / 2 / (1 + u)
    correction_slope = series(w * w, _STIRLING_SLOPE) / (1 + u) ** 2 - series(
        a * a, _STIRLING_SLOPE
    )
    return value + main + correction, slope + (main_slope + correction_slope) * inner


#: log Γ(x) = (x - 1/2) log x - x + log(2π) / 2 + this polynomial in 1/x, its odd powers.
_STIRLING = [
    1 / 12,
    -1 / 360,
    1 / 1260,
    -1 / 1680,
    1 / 1188,
    -691 / 360360,
    1 / 156,
    -3617 / 122400,
]
_STIRLING_SLOPE = [(2 * k + 1) * coefficient for k, coefficient in enumerate(_STIRLING)]


def log1p_exp(a, z):
    """Return log(1 + a exp(z)) for a > 0, also where the product leaves the range of floats."""
    product = a * np.exp(np.minimum(z, 700))
    inside = (z < 700) & (product < np.inf)
    return np.where(inside, np.log1p(np.where(inside, product, 0)), np.log(a) + z)


def negative_binomial(y, z, a):
    """Return functions for value and gradient of the negative binomial log-likelihood.

    Written in e = exp(-|z|), so that no rate overflows.
    """
    e, above = np.exp(-np.abs(z)), z > 0
    rate, log = np.exp(np.minimum(z, 709.7)), log1p_exp(a, z)
    rising, rising_slope = log_rising(y, a)

    def value():
        # log(1 + a λ) / a, which is λ for a → 0, and log(1 + a λ) - z, without cancellation where
        # λ is large.
        first = np.where(a * rate < 1e-17, rate, log / a)
        near = np.log1p(np.maximum(a + np.expm1(-np.abs(z)), -0.5))
        less = np.where(above, np.where(e > 0.5, near, np.log(a + e)), log - z)
        return first + y * less - rising

    @np.errstate(invalid="ignore")  # near is not taken where its terms are infinite
    def gradient():
        # (λ - y) / (1 + a λ) and a λ / (1 + a λ)
        whole = np.where(above, a + e, 1 + a * e)
        slope = np.where(above, 1 - y * e, e - y) / whole
        q = np.where(above, a, a * e) / whole
        u = np.minimum(a * rate, 1)
        near = rate / (1 + u) * (y - rate * (1 - (1 + u) * gap_over_square(u)))
        far = (y * q + (q - log) / a) / a
        return slope, np.where(log < math.log(2), near, far) - rising_slope

    return value, gradient


# -- ordered classes -----------------------------------------------------------------------------


def softplus_difference(x, y):
    """Return log(1 + exp(x - y)) and its derivative sigmoid(x - y), to 3 ulp also far below 0."""
    z = x - y
    with np.errstate(invalid="ignore"):
        _, rest = two_sum(x, -y)
    rest = np.where(np.abs(z) < 1e3, rest, 0)  # beyond, it does not matter, and may not be a number
    up, down = sigmoids(z)
    return softplus(z) + up * rest, up * (1 + down * rest)


def log_complement(d):
    """Return -log(1 - exp(-d)) for d > 0, to 2 ulp whether d is small or large."""
    with np.errstate(divide="ignore"):
        return np.where(d < 1, -np.log(-np.expm1(-d)), -np.log1p(-np.exp(-d)))


def inverse_expm1_difference(x, y):
    """Return 1 / (exp(x - y) - 1) for x > y, to 3 ulp also where it is tiny."""
    d = x - y
    with np.errstate(invalid="ignore"):
        _, rest = two_sum(x, -y)
    inverse = 1 / np.expm1(d)
    return inverse * (1 - np.where((d > 1) & (d < 1e3), rest, 0) * (1 + np.minimum(inverse, 1)))
