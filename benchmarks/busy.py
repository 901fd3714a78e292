"""Losses, training and line fits beside a busy process, with threads as a user has them.

Run it with::

    python -m benchmarks.busy

Each case runs in a process of its own, in turn alone with one thread and beside a process that
keeps one core busy, with the variables for threads taken out of the environment. The times are
medians, so that waiting for threads now and then is not hidden by the best run. The last column
says how much of the work was done by other threads than the caller's.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

import numpy as np

from lossbook import (
    Cost,
    GradientDescent,
    Linear,
    categorical_cross_entropy_with_logits,
    huber,
    squared_error,
    train,
)
from lossbook.fitting import fit_line

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
BUSY = (sys.executable, "-c", "while True: pass")


def cases():
    """Return a call for each name."""
    rng = np.random.default_rng(0)
    y, p = rng.standard_normal((2, 100_000))
    X, t = rng.standard_normal((20_000, 1)), rng.standard_normal(20_000)
    z, classes = rng.standard_normal((10_000, 10)), rng.integers(0, 10, 10_000)
    cost = Cost(squared_error)
    return {
        "squared error, 1e5": lambda: squared_error.value_and_gradient(y, p),
        "Huber, 1e5": lambda: huber.value_and_gradient(y, p),
        "softmax CE, (1e4, 10)": lambda: categorical_cross_entropy_with_logits.value_and_gradient(
            classes, z
        ),
        "train Linear, 2e4 rows, 10 epochs": lambda: train(
            Linear(1), X, t, cost, GradientDescent(0.1), 10
        ),
        "fit a line by Huber, 2e4": lambda: fit_line(X[:, 0], t, huber),
    }


def median(name: str, seconds: float = 1.0) -> tuple[float, float]:
    """Return the median time of a case's call, in seconds, and the share of other threads."""
    call, times, end = cases()[name], [], time.perf_counter() + seconds
    call()
    everybody, caller = time.process_time(), time.thread_time()
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    everybody, caller = time.process_time() - everybody, time.thread_time() - caller
    return statistics.median(times), 1 - caller / everybody


def measured(name: str, *, threads: bool) -> tuple[float, float]:
    """Run a case in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if k not in THREADS}
    if not threads:
        environment |= dict.fromkeys(THREADS, "1")
    command = (sys.executable, "-m", "benchmarks.busy", name)
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    seconds, others = map(float, done.stdout.split())
    return seconds, others


def main() -> None:
    """Print the table."""
    print(
        f"{'what':36} {'alone, 1 thread':>18} {'beside a busy one':>18} {'ratio':>6} {'others':>7}"
    )
    for name in cases():
        alone, beside = [], []
        for _ in range(5):
            alone.append(measured(name, threads=False)[0])
            with subprocess.Popen(BUSY) as process:
                beside.append(measured(name, threads=True))
                process.kill()
        a, (b, others) = min(alone), min(beside)
        print(
            f"{name:36} {1e3 * a:15.2f} ms {1e3 * b:15.2f} ms {b / a:6.2f} {others:7.1%}",
            flush=True,
        )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(*median(sys.argv[1]))
    else:
        main()
