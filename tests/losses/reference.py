"""High-precision references, and the distance from them in units in the last place (ulp)."""

from functools import cache

import numpy as np
from mpmath import mp

# The references avoid cancellation by themselves; the digits leave room for the powers.
mp.dps = 60


def exp(z):
    """Return exp(z); of a huge z that takes long, and they come again."""
    return _exp(z, mp.prec)


@cache
def _exp(z, precision):
    return mp.exp(z)


def ulps(x, exact):
    """Return the distance of each ``x`` from the exact value, in ulps of the exact value.

    An exact value beyond the largest number must give infinity. Below 1e-300 (1e-36 in float32),
    where intermediate results may underflow, the ulp is the one of 1e-300.
    """
    x = np.atleast_1d(x)
    near = [float(e) for e in exact]
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = np.array(near).astype(x.dtype)
        # What the float nearest to the exact value leaves of it is far below an ulp.
        rest = np.array(
            [float(e - n) if abs(n) < np.inf else 0.0 for e, n in zip(exact, near, strict=True)]
        )
        smallest = x.dtype.type(1e-300 if x.dtype == np.float64 else 1e-36)
        spacing = np.spacing(np.maximum(np.abs(rounded), smallest)).astype(np.float64)
        distance = np.abs((x.astype(np.float64) - near) - rest) / spacing
    infinite = np.isinf(rounded) | np.isinf(x)
    return np.where(infinite, np.where(x == rounded, 0, np.inf), distance)


@cache
def residuals(dtype=np.float64):
    """Return residuals of both signs and of every size, dense where the formulas change."""
    rng = np.random.default_rng(20)
    info = np.finfo(dtype)
    sizes = np.concatenate(
        [
            10.0 ** rng.uniform(-4, 3, 300),
            rng.uniform(0, 8, 300),
            10.0 ** rng.uniform(np.log10(info.tiny) + 8, np.log10(info.max) * 0.45, 120),
            [0, 0.5, 1, 2, 3, 4.685, 30, 1e3, 1e-300 if dtype == np.float64 else 1e-30],
        ]
    )
    return np.concatenate([sizes, -sizes]).astype(dtype)
