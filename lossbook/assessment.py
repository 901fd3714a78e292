"""Is it a good loss? A check-list that runs on any loss, ours or the reader's own.

Nothing here trusts the declaration: each answer is measured on values and gradients alone, and a
declaration that the measurement contradicts is reported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbook.activations import sigmoid
from lossbook.losses import Distribution, Domain, Interval, Labels, Loss
from lossbook.objective import lowest_constants
from lossbook.text import html_table, number
from lossbook.training import check_gradient

__all__ = ["Assessment", "Finding", "assess"]

#: Skewed targets, whose mean, median and quantiles lie far apart: 101 quantiles of the exponential
#: distribution with mean 40.
TARGETS = -40 * np.log1p(-(np.arange(101) + 0.5) / 101)
#: Labels of a binary loss: 30 of 100 are 1 (the others 0 or −1).
_SHARE = 0.3
_FAR = 10.0 ** np.arange(1, 7)
_SEGMENTS = 20_000


@dataclass(frozen=True)
class Finding:
    """One line of the check-list.

    Attributes
    ----------
    question : str
        What was asked.
    answer : str
        What was found, with its evidence.
    passed : bool or None
        False for a fault, True for a check that passed, None for a property that is neither.
    """

    question: str
    answer: str
    passed: bool | None = None


@dataclass(frozen=True)
class Assessment:
    """The check-list of one loss; it counts as true if nothing failed. Made by :func:`assess`.

    Attributes
    ----------
    name : str
        The loss, with its parameters.
    findings : tuple of Finding
        The lines, in the order of the check-list.
    """

    name: str
    findings: tuple[Finding, ...]

    def __bool__(self) -> bool:
        return all(finding.passed is not False for finding in self.findings)

    def __getitem__(self, question: str) -> Finding:
        for finding in self.findings:
            if finding.question == question:
                return finding
        raise KeyError(f"{question!r}; asked: {', '.join(f.question for f in self.findings)}")

    def __repr__(self) -> str:
        width = max(len(finding.question) for finding in self.findings)
        lines = [f"{_MARKS[f.passed]} {f.question:{width}}  {f.answer}" for f in self.findings]
        return "\n".join([self.name, *lines])

    def _repr_html_(self) -> str:
        rows = ((f"{_MARKS[f.passed]} {f.question}", f.answer) for f in self.findings)
        return html_table(("check", f"`{self.name}`"), rows)


_MARKS = {True: "✓", False: "✗", None: "·"}


def assess(loss: Loss, **parameters: Any) -> Assessment:
    """Ask of a loss what one should ask of any loss.

    Parameters
    ----------
    loss : Loss
        Any loss.
    **parameters
        Parameters to assess it with, other than its defaults.

    Returns
    -------
    Assessment
        Whether its gradient is right, its values stay finite, it is bounded below and convex in the
        prediction; how it answers to a shift and to another unit; what the best constant
        prediction is, and what a far target does to it. Questions that a loss of its kind has no
        answer to are left out.

    Raises
    ------
    TypeError
        ``loss`` is not a Loss, or has no such parameter.

    Notes
    -----
    Convexity and bounds are looked for, not proved: "no counter-example" is as strong as the
    20 000 segments that were tried. "Not convex" comes with its counter-example, which is a proof.

    Examples
    --------
    >>> from lossbook import huber
    >>> report = assess(huber, delta=2)
    >>> bool(report)
    True
    >>> print(report["slope far away"].answer)
    bounded: at most 2
    """
    if not isinstance(loss, Loss):
        raise TypeError(f"loss must be a Loss: got {loss!r}")
    loss = loss.bind(**parameters)
    checks = (
        _gradient_right,
        _finite,
        _bounded_below,
        _convex,
        _shift,
        _unit,
        _estimates,
        _slope_far_away,
        _outlier,
    )
    with np.errstate(all="ignore"):
        found = [check(loss) for check in checks]
    return Assessment(repr(loss), tuple(finding for finding in found if finding))


# The checks ------------------------------------------------------------------------------------


def _gradient_right(loss: Loss) -> Finding:
    question = "gradient right"
    try:
        check = check_gradient(loss)
    except NotImplementedError:
        return Finding(question, "it has none: give its Formula gradient=...", False)
    if check:
        skipped = f", {check.skipped} at a kink left out" if check.skipped else ""
        return Finding(question, f"equal to differences at {check.checked} places{skipped}", True)
    return Finding(
        question,
        f"no: at {check.where} it says {check.analytic:.4g}, differences say {check.numerical:.4g}",
        False,
    )


def _finite(loss: Loss) -> Finding | None:
    """Look for values that are no number, or too early infinite, at predictions up to 1000."""
    domains = loss.domains
    if not all(domains[name].unlimited for name in loss.predictions):
        return None
    arguments = _spread(loss)
    for size in (1.0, 10.0, 100.0, 1000.0):
        far = {
            name: np.sign(x) * size if name in loss.predictions else x
            for name, x in arguments.items()
        }
        value = loss(**far)
        if not (bad := ~np.isfinite(value)).any():
            continue
        i = int(np.argmax(bad))
        answer = f"no: {value.flat[i]:g} at {_place(far, i)}"
        if np.isinf(value.flat[i]) and not _slopes_are_finite(loss, far, i):
            return Finding("values finite", f"{answer}: too large for a float")
        return Finding("values finite", f"{answer}, where the slope is finite", False)
    return Finding("values finite", "for predictions up to ±1000", True)


def _bounded_below(loss: Loss) -> Finding:
    """Follow each prediction far out and see whether the loss keeps falling."""
    question = "bounded below"
    least, where = math.inf, ""
    for arguments in (_spread(loss), _perfect(loss)):
        if arguments is None:
            continue
        value = loss(**arguments)
        i = int(np.nanargmin(value))
        if value.flat[i] < least:
            least, where = float(value.flat[i]), _place(arguments, i)
        for moved in _journeys(loss, arguments):
            lows = np.array([np.nanmin(loss(**step)) for step in moved])
            falls = (np.diff(lows[-3:]) < -0.2).all() or lows.min() == -math.inf
            if falls:
                i = int(np.nanargmin(loss(**moved[-1])))
                return Finding(
                    question,
                    f"no: it keeps falling, {_short(lows[-1])} at {_place(moved[-1], i)}",
                    False if len(loss.predictions) == 1 else None,
                )
            if lows.min() < least:
                k = int(np.argmin(lows))
                least = float(lows[k])
                where = _place(moved[k], int(np.nanargmin(loss(**moved[k]))))
    return Finding(question, f"least value found {_short(least)}, at {where}", True)


def _convex(loss: Loss) -> Finding:
    """Compare the loss half-way between two predictions with the mean of its two values."""
    question = "convex in the prediction"
    first, second = _spread(loss, n=_SEGMENTS, seed=1), _spread(loss, n=_SEGMENTS, seed=2)
    both = {n: (second if n in loss.predictions else first)[n] for n in first}
    half = {n: (first[n] + both[n]) / 2 if n in loss.predictions else first[n] for n in first}
    middle, ends = loss(**half), (loss(**first) + loss(**both)) / 2
    gap = middle - ends
    scale = 1e-9 * (1 + np.abs(ends) + np.abs(middle))
    excess = np.where(np.isfinite(gap), gap - scale, -np.inf)
    i = int(np.argmax(excess))
    declared = loss.convex
    if excess[i] > 0:
        targets = tuple(name for name in first if name not in loss.predictions)
        where = f"at {_place(first, i, targets)}, " if targets else ""
        answer = (
            f"no: {where}half-way from {_place(first, i, loss.predictions)} to "
            f"{_place(both, i, loss.predictions)} it is {_short(middle[i])}, above the mean "
            f"{_short(ends[i])} of the ends"
        )
        return Finding(question, answer, False if declared else None)
    return Finding(question, f"no counter-example in {_SEGMENTS:,} segments", True)


def _shift(loss: Loss) -> Finding | None:
    """Add the same number to target and prediction."""
    if not _is_plain_regression(loss):
        return None
    y, p = _spread(loss).values()
    same = np.allclose(loss(y + 5, p + 5), loss(y, p), rtol=1e-9, atol=1e-9)
    return Finding("shift of both", "changes nothing" if same else "changes the loss")


def _unit(loss: Loss) -> Finding | None:
    """Multiply target and prediction by the same factor."""
    if not _is_plain_regression(loss):
        return None
    y, p = _spread(loss).values()
    before = loss(y, p)
    use = np.isfinite(before) & (np.abs(before) > 1e-9)
    if not use.any():
        return None
    ratios = [loss(f * y[use], f * p[use]) / before[use] for f in (2.0, 10.0)]
    if any(np.ptp(r) > 1e-6 * np.abs(r).max() for r in ratios):
        return Finding("another unit", "changes its shape: a parameter or a constant has a unit")
    two, ten = (float(np.median(r)) for r in ratios)
    power = math.log10(ten)
    if not math.isclose(two, 2**power, rel_tol=1e-6):
        return Finding("another unit", "changes its shape: a parameter or a constant has a unit")
    if abs(power) < 1e-9:
        return Finding("another unit", "changes nothing")
    return Finding("another unit", f"of factor k multiplies it by k^{power:.3g}".removesuffix("^1"))


def _estimates(loss: Loss) -> Finding | None:
    domains = loss.domains
    question = "estimates"
    if _is_plain_regression(loss):
        best, flat = _best_constant(loss, TARGETS)
        if best is None:
            return Finding(question, "nothing: its cost has no lowest place among the targets")
        if flat:
            return Finding(question, f"no single number: {flat} are equally good")
        share = float(np.mean(best - TARGETS > 1e-6))
        return Finding(question, _called(loss, best, share))
    target = next(iter(domains.values()))
    if len(loss.predictions) != 1 or not isinstance(target, Labels) or len(loss.arguments) != 2:
        return None
    return Finding(question, _from_labels(loss, target, domains[loss.predictions[0]]))


def _slope_far_away(loss: Loss) -> Finding | None:
    """Follow the size of the slope outwards on the side where the prediction is wrong."""
    steps = _slopes_outwards(loss)
    if steps is None:
        return None
    question = "slope far away"
    largest = float(np.max(steps))
    declared = loss.gradient_bound
    if largest == 0:
        return Finding(question, "0 everywhere: nothing can learn from it", False)
    if declared is not None and largest > declared * (1 + 1e-9):
        return Finding(question, f"{largest:.3g}, above the declared {declared:.3g}", False)
    if not math.isfinite(largest) or steps[-1] > 2 * steps[-2] > 0:
        return Finding(question, "grows without bound")
    if steps[-1] < 1e-3 * largest:
        return Finding(question, f"returns to 0: at most {largest:.3g}, then less and less")
    return Finding(question, f"bounded: at most {largest:.3g}")


def _outlier(loss: Loss) -> Finding | None:
    """Make the largest of the targets ten times as large."""
    if not _is_plain_regression(loss):
        return None
    wild = TARGETS.copy()
    wild[-1] *= 10
    (before, flat), (after, _) = _best_constant(loss, TARGETS), _best_constant(loss, wild)
    if before is None or after is None or flat:
        return None
    share = (after - before) / ((wild[-1] - TARGETS[-1]) / len(TARGETS))
    if share < 0.005:
        return Finding("one wild target", "leaves the best constant where it was")
    return Finding("one wild target", f"moves the best constant {share:.2f} times as far as a mean")


def _slopes_are_finite(loss: Loss, arguments: dict[str, NDArray[Any]], i: int) -> bool:
    try:
        slopes = loss.gradient(**{name: x[i : i + 1] for name, x in arguments.items()})
    except NotImplementedError:
        return False
    slopes = slopes if isinstance(slopes, tuple) else (slopes,)
    return all(np.isfinite(slope).all() for slope in slopes)


# What they share -------------------------------------------------------------------------------


def _is_plain_regression(loss: Loss) -> bool:
    """Whether it takes one number and one prediction of it, and both may be positive."""
    domains = list(loss.domains.values())
    return (
        len(domains) == 2
        and len(loss.predictions) == 1
        and loss.declaration.task in ("", "regression")
        and not any(d.row or d.labels for d in domains)
        and all(d.contains(TARGETS) for d in domains)
        and not loss.declaration.link
    )


def _spread(loss: Loss, n: int = 400, seed: int = 0) -> dict[str, NDArray[Any]]:
    return dict(zip(loss.arguments, loss.sample(n, seed=seed), strict=True))


def _place(arguments: dict[str, NDArray[Any]], i: int, names: tuple[str, ...] | None = None) -> str:
    """Say where an example is, by its numbers."""
    shown = names or tuple(arguments)
    return ", ".join(f"{name}={_numbers(arguments[name][i])}" for name in shown)


def _numbers(x: Any) -> str:
    if np.ndim(x):
        return f"[{', '.join(map(_numbers, x))}]"
    return _short(float(x))


def _short(x: float, spec: str = ".3g") -> str:
    return number(x, spec, minus="-")


def _perfect(loss: Loss) -> dict[str, NDArray[Any]] | None:
    """Return predictions that equal their targets, where that means something."""
    names = list(loss.arguments)
    spread, domains = _spread(loss), loss.domains
    if domains[names[0]].labels:
        return None
    aim = spread[names[0]]
    name = loss.predictions[0]
    if name not in names[1:] or spread[name].shape != aim.shape or not domains[name].contains(aim):
        return None
    return spread | {name: aim}


def _journeys(
    loss: Loss, arguments: dict[str, NDArray[Any]]
) -> list[list[dict[str, NDArray[Any]]]]:
    """Return, for each prediction and direction, the arguments on the way outwards."""
    domains = loss.domains
    found = []
    for name in loss.predictions:
        x, domain = arguments[name], domains[name]
        if isinstance(domain, Distribution):
            continue
        if not isinstance(domain, Interval):
            ends = [[x + side * far for far in _FAR] for side in (-1, 1)]
        else:
            ends = []
            if math.isfinite(domain.low):
                ends.append([domain.low + (x - domain.low) / far for far in _FAR])
            if math.isfinite(domain.high):
                ends.append([domain.high - (domain.high - x) / far for far in _FAR])
            else:
                ends.append([x * far for far in _FAR])
        found += [[arguments | {name: place} for place in way] for way in ends]
    return found


def _slopes_outwards(loss: Loss) -> NDArray[np.float64] | None:
    """Return the largest size of the slope at each of several distances outwards."""
    if len(loss.predictions) != 1:
        return None
    domain = loss.domains[loss.predictions[0]]
    if domain.row or isinstance(domain, Interval):
        return None
    arguments = _spread(loss)
    try:
        near = [float(np.abs(loss.gradient(**arguments)).max())]
        return np.array(
            near
            + [
                max(
                    float(np.abs(loss.gradient(**way[k])).max())
                    for way in _journeys(loss, arguments)
                )
                for k in range(len(_FAR))
            ]
        )
    except NotImplementedError:
        return None


def _best_constants(
    loss: Loss, targets: NDArray[np.float64], low: float, high: float
) -> tuple[float, float]:
    """Return the first and the last constant of the lowest cost, measured on values alone."""

    def costs(constants: NDArray[np.float64]) -> NDArray[np.float64]:
        values = loss(np.tile(targets, len(constants)), np.repeat(constants, len(targets)))
        return values.reshape(len(constants), -1).mean(axis=1)

    def slope(constant: float) -> float:
        before, after = costs(np.clip([constant - step, constant + step], low, high))
        return after - before if abs(after - before) > 1e-12 * (1 + abs(before)) else 0.0

    step = 1e-7 * (high - low)
    # A loss with a cusp has a valley at each target.
    places = np.union1d(np.linspace(low, high, 1501), targets)
    return lowest_constants(places, costs(places), slope)


def _best_constant(loss: Loss, targets: NDArray[np.float64]) -> tuple[float | None, str]:
    """Return the constant of the lowest cost, and the range of equally good ones, if wide."""
    width = float(np.ptp(targets))
    low, high = float(targets.min()) - width, float(targets.max()) + width
    if not loss.domains[loss.predictions[0]].contains(np.array([low])):
        low = float(targets.min()) / 100
    first, last = _best_constants(loss, targets, low, high)
    best = (first + last) / 2
    if np.abs(targets - best).min() < 1e-6 * width:
        best = float(targets[np.argmin(np.abs(targets - best))])
    if last - first > 0.02 * width:
        return best, f"{first:.3g} to {last:.3g}"
    if best < low + 1e-3 * width or best > high - 1e-3 * width:
        return None, ""
    return best, ""


def _called(loss: Loss, best: float, share: float) -> str:
    """Say which statistic of the targets the best constant is."""
    near = 1e-3 * float(np.ptp(TARGETS))
    mean, median = float(TARGETS.mean()), float(np.median(TARGETS))
    for name, value in (("mean", mean), ("median", median)):
        if abs(best - value) < near:
            exactly = abs(best - value) < near / 50
            return f"{'the' if exactly else 'next to the'} {name}, {best:.1f}"
    if _is_quantile(loss, best):
        above = float(np.mean(TARGETS - best > 1e-6))
        return f"a quantile, {best:.1f}: {share:.0%} of the targets below, {above:.0%} above"
    side = "below" if best < min(mean, median) else "above" if best > max(mean, median) else ""
    where = f"{side} median and mean" if side else "between median and mean"
    return f"{best:.1f}, {where} ({median:.1f} and {mean:.1f}); {share:.0%} of the targets below"


def _is_quantile(loss: Loss, best: float) -> bool:
    """Whether the best constant is a target, and is the same one after a monotone change of all."""
    near = 1e-4 * float(np.ptp(TARGETS))
    i = int(np.argmin(np.abs(TARGETS - best)))
    if abs(TARGETS[i] - best) > near:
        return False
    bent = np.sqrt(TARGETS * TARGETS[-1])
    other, _ = _best_constant(loss, bent)
    return other is not None and abs(bent[i] - other) < near


def _from_labels(loss: Loss, target: Labels, domain: Domain) -> str:
    """Say which constant is best when 30 of 100 labels are the larger one."""
    small, large = min(target.values), max(target.values)
    labels = np.where(np.arange(100) < 100 * _SHARE, large, small)
    is_probability = isinstance(domain, Interval) and domain.high == 1
    low, high = (1e-4, 1 - 1e-4) if is_probability else (-10.0, 10.0)
    if isinstance(domain, Interval) and not is_probability:
        low = max(low, domain.low)
    first, last = _best_constants(loss, labels, low, high)
    best = (first + last) / 2
    told = f"with 30 % of the labels {large:g}: "
    if last - first > 0.1:
        return f"{told}no single prediction: {first:.2f} to {last:.2f} are equally good"
    if is_probability:
        return f"{told}{best:.2f}" + (", the probability" if abs(best - _SHARE) < 2e-3 else "")
    p = float(sigmoid(best))
    is_log_odds = abs(p - _SHARE) < 2e-3
    return told + _short(best, ".2f") + (f", whose sigmoid is {p:.2f}" if is_log_odds else "")
