"""What one call of `value_and_gradient` costs over the bare formula of the loss.

Run it with::

    OMP_NUM_THREADS=1 python -m benchmarks.calls

Both are timed in turns, and the best of many runs counts. The formula alone is evaluated under
`numpy.errstate`, as anybody would who wants no warning of an overflow: that alone costs every call
of NumPy inside it some hundredths of a microsecond.
"""

from __future__ import annotations

import numpy as np

from benchmarks.timing import best
from lossbook import losses

SIZES = (1, 100)


def bare(loss, arguments):
    """Return a call of the formula alone."""

    @np.errstate(all="ignore")
    def call():
        formula = loss.__wrapped__(*arguments, **loss.parameters)
        value = formula.value() if callable(formula.value) else formula.value
        gradient = formula.gradient() if callable(formula.gradient) else formula.gradient
        return value, gradient

    return call


def main():
    """Print the table, and how many losses stay within 15 microseconds."""
    print(f"{'loss':40}" + "".join(f" {f'n={n}: formula':>15} {'over':>6}" for n in SIZES))
    found = []
    for name in losses.__all__:
        loss = getattr(losses, name)
        if not isinstance(loss, losses.Loss):
            continue
        line, row = f"{name:40}", []
        for n in SIZES:
            arguments = loss.sample(n)
            formula, call = best(
                bare(loss, arguments),
                lambda a=arguments, f=loss: f.value_and_gradient(*a),
                seconds=0.3,
                repeats=5,
            )
            row.append(1e6 * (call - formula))
            line += f" {1e6 * formula:13.1f}µs {row[-1]:6.1f}"
        found.append(row)
        print(line, flush=True)
    for n, over in zip(SIZES, np.transpose(found), strict=True):
        print(
            f"n={n}: median {np.median(over):.1f} µs over the formula, at most {over.max():.1f}; "
            f"{np.count_nonzero(over <= 15)} of {len(over)} losses within 15"
        )


if __name__ == "__main__":
    main()
