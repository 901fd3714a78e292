"""The shortest time of a call: how the benchmarks of the losses measure."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np


def best(*calls: Callable[[], Any], seconds: float = 0.6, repeats: int = 1) -> list[float]:
    """Return the shortest time of each call, in seconds; they are measured in turns.

    Each turn calls `repeats` times, and takes the mean of them.
    """
    for call in calls:
        call()
    shortest, end = [np.inf] * len(calls), time.perf_counter() + seconds
    while time.perf_counter() < end:
        for i, call in enumerate(calls):
            if repeats > 1:  # what the others have left in the caches is gone after one
                call()
            start = time.perf_counter()
            for _ in range(repeats):
                call()
            shortest[i] = min(shortest[i], (time.perf_counter() - start) / repeats)
    return shortest
