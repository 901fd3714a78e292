"""High-precision references, and the distance from them in units in the last place (ulp)."""

from functools import cache

import numpy as np
from mpmath import mp, mpf

# The references avoid cancellation by themselves; the digits leave room for the powers.
mp.dps = 60


def ulps(x, exact):
    """Return the distance of each ``x`` from the exact value, in ulps of the exact value.

    An exact value beyond the largest number must give infinity. Below 1e-300 (1e-36 in float32),
    where intermediate results may underflow, the ulp is the one of 1e-300.
    """
    x = np.atleast_1d(x)
    distances = []
    for number, e in zip(x, exact, strict=True):
        with np.errstate(over="ignore"):
            rounded = x.dtype.type(float(e))
        if np.isinf(rounded) or np.isinf(number):
            distances.append(0.0 if number == rounded else np.inf)
        else:
            smallest = x.dtype.type(1e-300 if x.dtype == np.float64 else 1e-36)
            spacing = float(np.spacing(np.maximum(np.abs(rounded), smallest)))
            distances.append(float(abs(mpf(float(number)) - e) / mpf(spacing)))
    return np.array(distances)


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
