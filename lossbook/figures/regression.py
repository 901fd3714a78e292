"""Figures of chapter 3, regression losses.

Every function draws one position and returns its caption. Axis limits never depend on the
position, so that only what changes moves.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from lossbook import (
    Cost,
    absolute_error,
    cauchy,
    censored_gaussian_nll,
    crps_gaussian,
    expectile,
    gaussian_nll,
    general_robust,
    huber,
    negative_binomial_nll,
    pinball,
    poisson_nll,
    pseudo_huber,
    squared_error,
    tukey_biweight,
)
from lossbook.datasets import load_belgian_phone_calls, load_engel_food
from lossbook.explore import INK, MUTED, figure, handle
from lossbook.figures.style import (
    ABSOLUTE,
    CURVES,
    GRADIENT,
    HUBER,
    LINES,
    LOSS,
    OTHER,
    PREDICTION,
    SQUARED,
    cursor,
    key,
    name_axes,
    note,
    number,
    panel,
    points,
    ring,
    stems,
    ticks,
)
from lossbook.fitting import Line, fit_line, least_squares_line, pinball_line, reweighted_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from numpy.typing import NDArray

    from lossbook.losses import Loss

#: Ten bicycle deliveries, made up for this chapter: distance in km, duration in minutes.
DISTANCE = np.array([0.8, 1.3, 1.9, 2.4, 2.8, 3.5, 4.1, 4.6, 5.2, 5.9])
MINUTES = np.array([8.0, 9.0, 12.0, 12.0, 15.0, 15.0, 19.0, 18.0, 22.0, 24.0])
#: The delivery whose tyre goes flat.
PUNCTURED = 8
#: Nine waiting times at a help desk in minutes, made up: mean 15, median 11.
WAITS = np.array([5.0, 7.0, 8.0, 9.0, 11.0, 14.0, 18.0, 25.0, 38.0])
#: Deaths by horse kick in 200 corps-years of the Prussian army, 1875 to 1894: how many
#: corps-years had 0, 1, 2, 3 and 4 deaths (L. von Bortkiewicz, 1898).
HORSE_KICKS = np.array([109, 65, 22, 3, 1])
#: Accidents of 647 women who made shells, in five weeks: how many women had 0, 1, 2, 3, 4 and 5
#: (M. Greenwood and G. U. Yule, 1920).
ACCIDENTS = np.array([447, 132, 42, 21, 3, 2])

#: Places that lie closer where a curve bends most: near zero, once raised to a power.
_UNIT = np.linspace(-1, 1, 31)


def residual_curve(loss: Loss, residuals: NDArray, **parameters: Any) -> tuple[NDArray, NDArray]:
    """Return a regression loss and its derivative as functions of the residual ŷ - y."""
    return loss.value_and_gradient(np.zeros_like(residuals), residuals, **parameters)


def mad_scale(residuals: NDArray) -> float:
    """Return 1.4826 times the median absolute residual: σ, if the residuals are Gaussian."""
    return 1.4826 * float(np.median(np.abs(residuals)))


# The constant pull of the absolute error -------------------------------------------------

THREE = np.array([2.0, 3.0, 7.0])
_START = 5.05
_STEPS = 30


@lru_cache
def _constant_descent(kind: str, learning_rate: float) -> NDArray:
    """Return the path of gradient descent on a constant for the targets 2, 3 and 7."""
    loss = squared_error if kind == "squared" else absolute_error
    path = [_START]
    for step in range(_STEPS):
        rate = learning_rate / math.sqrt(step + 1) if kind == "shrinking" else learning_rate
        gradient = loss.gradient(THREE, np.full_like(THREE, path[-1])).mean()
        path.append(path[-1] - rate * float(gradient))
    return np.array(path)


@figure(size=(5.4, 3.3))
def constant_pull(fig: Figure, step: int = 3, learning_rate: float = 0.9) -> str:
    """Draw why the absolute error bounces: its slope does not shrink near the optimum.

    Left, the slope of each cost: a straight line that passes through zero at the mean, and
    a staircase that jumps over zero at the median. Right, what gradient descent makes of it.
    """
    squared = _constant_descent("squared", learning_rate)[: step + 1]
    absolute = _constant_descent("absolute", learning_rate)[: step + 1]
    shrinking = _constant_descent("shrinking", learning_rate)[: step + 1]

    left = panel(fig, 0.42, 2.35, 0.48, 2.9)
    left.set(xlim=(1.5, 7.5), ylim=(-3.2, 5.2))
    name_axes(left, "prediction a", "slope of the cost, dJ/da")
    ticks(left, x=THREE, y=[-2, 0, 2, 4])
    left.axhline(0, color=MUTED, linewidth=0.8)
    ends = np.array([1.5, 7.5])
    left.plot(ends, 2 * (ends - THREE.mean()), **LINES["squared"])
    left.plot(
        [1.5, 2, 2, 3, 3, 7, 7, 7.5],
        np.array([-3, -3, -1, -1, 1, 1, 3, 3]) / 3,
        **LINES["absolute"],
    )
    ring(left, squared[-1], 2 * (squared[-1] - THREE.mean()), SQUARED)
    ring(left, absolute[-1], np.sign(absolute[-1] - THREE).mean(), ABSOLUTE)

    right = panel(fig, 2.8, 4.7, 0.48, 2.9)
    right.set(xlim=(0, 25), ylim=(1.2, 5.6))
    name_axes(right, "step", "prediction a")
    ticks(right, x=range(0, 25, 8), y=[2, 3, 4, 5])
    for value, name in ((4, "mean"), (3, "median")):
        right.axhline(value, color=MUTED, linewidth=0.8)
        note(right, 25.6, value, name)
    handle(cursor(right, step), "step")
    steps = np.arange(step + 1)
    dotted: dict[str, Any] = {"color": INK, "linewidth": 1.2, "linestyle": (0, (1, 1.5))}
    right.plot(steps, shrinking, **dotted)
    right.plot(steps, squared, **LINES["squared"])
    thin: dict[str, Any] = {"color": ABSOLUTE, "linewidth": 1.2}
    right.plot(steps, absolute, **thin)
    ring(right, step, squared[-1], SQUARED, size=8)
    ring(right, step, absolute[-1], ABSOLUTE, size=8)
    key(right, 0.07, 0.25, "squared, η fixed", LINES["squared"])
    key(right, 0.07, 0.15, "absolute, η fixed", thin)
    key(right, 0.07, 0.05, "absolute, η / √t", dotted)
    return (
        f"Step {step} with η = {learning_rate:g}: squared error is at {number(squared[-1])} "
        f"(optimum 4); absolute error is at {number(absolute[-1])} (optimum 3) with the fixed "
        f"rate and at {number(shrinking[-1])} with a shrinking one."
    )


# Outliers --------------------------------------------------------------------------------

_HUBER_MINUTES = 3.0


@lru_cache
def _punctured_fits(minutes_lost: float) -> dict[str, Line]:
    minutes = punctured_minutes(minutes_lost)
    return {
        "squared": fit_line(DISTANCE, minutes, squared_error),
        "absolute": fit_line(DISTANCE, minutes, absolute_error),
        "Huber": fit_line(DISTANCE, minutes, huber.bind(delta=_HUBER_MINUTES)),
    }


def punctured_minutes(minutes_lost: float) -> NDArray:
    """Return the durations of the deliveries with ``minutes_lost`` on the ninth."""
    minutes = MINUTES.copy()
    minutes[PUNCTURED] += minutes_lost
    return minutes


def _draw_punctured(ax: Axes, minutes_lost: float, kinds: tuple[str, ...]) -> Line2D:
    """Draw the deliveries and lines through them; return the ring around the punctured one."""
    minutes = punctured_minutes(minutes_lost)
    ax.set(xlim=(0, 6.6), ylim=(0, 58))
    name_axes(ax, "distance (km)", "duration (min)")
    ticks(ax, x=range(0, 7, 2), y=range(0, 51, 10))
    ends = np.array([0, 6.6])
    for kind in kinds:
        ax.plot(ends, _punctured_fits(minutes_lost)[kind](ends), **LINES[kind])
    ordinary = np.arange(len(DISTANCE)) != PUNCTURED
    points(ax, DISTANCE[ordinary], minutes[ordinary])
    points(ax, DISTANCE[PUNCTURED], minutes[PUNCTURED])
    return ring(ax, DISTANCE[PUNCTURED], minutes[PUNCTURED])


@figure(size=(5.4, 3.3))
def outlier(fig: Figure, minutes_lost: int = 12) -> str:
    """Draw one delivery losing time to a flat tyre, and the lines that three losses fit.

    The squared-error line follows the point however far it goes, the absolute-error line does not
    move, the Huber line follows a little and stops. Right: the pull of that point on each line.
    """
    fits = _punctured_fits(minutes_lost)
    minutes = punctured_minutes(minutes_lost)

    left = panel(fig, 0.35, 2.95, 0.48, 2.9)
    punctured = _draw_punctured(left, minutes_lost, ("squared", "absolute", "Huber"))
    handle(punctured, "minutes_lost")
    key(left, 0.05, 0.95, "squared", LINES["squared"])
    key(left, 0.05, 0.86, "absolute", LINES["absolute"])
    key(left, 0.05, 0.77, "Huber, δ = 3", LINES["Huber"])

    right = panel(fig, 3.45, 5.3, 0.48, 2.9)
    right.set(xlim=(-32, 5), ylim=(-11, 4))
    name_axes(right, "residual ŷ − y (min)", "slope of the loss")
    ticks(right, x=range(-30, 1, 10), y=[-10, -3, 0, 3])
    right.axhline(0, color=MUTED, linewidth=0.8)
    grid = np.linspace(-32, 5, 75)
    slopes = {}
    for kind, loss in (
        ("squared", squared_error),
        ("absolute", absolute_error),
        ("Huber", huber.bind(delta=_HUBER_MINUTES)),
    ):
        right.plot(grid, residual_curve(loss, grid)[1], **LINES[kind])
        residual = float(fits[kind](DISTANCE[PUNCTURED])) - minutes[PUNCTURED]
        slopes[kind] = float(loss.gradient(0.0, residual))
        if slopes[kind] > -11:
            ring(right, residual, slopes[kind], LINES[kind]["color"], size=9)
        else:
            note(right, -31, -10, f"squared: {number(slopes[kind], 0)}")
    return (
        f"{minutes_lost} minutes lost: slopes {number(fits['squared'].slope)} (squared), "
        f"{number(fits['absolute'].slope)} (absolute) and {number(fits['Huber'].slope)} min/km "
        f"(Huber); the point pulls with {number(slopes['squared'], 1)}, "
        f"{number(slopes['absolute'], 1)} and {number(slopes['Huber'], 1)}."
    )


@figure(size=(5.4, 3.0))
def flat_tyre(ax: Axes, minutes_lost: int = 25) -> str:
    """Draw how far one bad point pulls two fitted lines, for the front page.

    The squared-error line turns towards the point; the absolute-error line stays.
    """
    handle(_draw_punctured(ax, minutes_lost, ("squared", "absolute")), "minutes_lost")
    fits = _punctured_fits(minutes_lost)
    key(ax, 0.03, 0.93, "squared error", LINES["squared"])
    key(ax, 0.03, 0.83, "absolute error", LINES["absolute"])
    return (
        f"With {minutes_lost} minutes lost to a flat tyre, the squared error says "
        f"{number(fits['squared'].slope)} minutes per kilometre and the absolute error "
        f"{number(fits['absolute'].slope)}."
    )


# Belgian telephone calls -----------------------------------------------------------------


@lru_cache
def _phone_calls() -> tuple[NDArray, NDArray, NDArray]:
    data = load_belgian_phone_calls()
    return data.year.astype(float), data.calls, data.in_minutes


@lru_cache
def phone_scale() -> float:
    """Return the scale (MAD) of the residuals around the absolute-error line, in millions."""
    year, calls, _ = _phone_calls()
    return mad_scale(calls - pinball_line(year - 1950, calls)(year - 1950))


@lru_cache
def phone_fits() -> dict[str, tuple[Loss, Line]]:
    """Return the losses compared on the telephone calls, each with its line from 1950 on."""
    year, calls, _ = _phone_calls()
    since, scale = year - 1950, phone_scale()
    losses = {
        "squared": squared_error,
        "absolute": absolute_error,
        "Huber": huber.bind(delta=1.345 * scale),
        "Cauchy": cauchy.bind(c=2.385 * scale),
        "Tukey": tukey_biweight.bind(c=4.685 * scale),
    }
    return {name: (loss, fit_line(since, calls, loss)) for name, loss in losses.items()}


def _described(loss: Loss) -> str:
    """Return the name of a loss of :func:`phone_fits`, with its parameter."""
    names = {
        "squared_error": "the squared error",
        "absolute_error": "the absolute error",
        "huber": "Huber’s loss with δ",
        "cauchy": "the Cauchy loss with c",
        "tukey_biweight": "Tukey’s biweight with c",
    }
    return " = ".join([names[loss.name], *(number(p, 1) for p in loss.parameters.values())])


def _draw_phone_calls(ax: Axes) -> None:
    year, calls, wrong = _phone_calls()
    ax.set(xlim=(1949, 1974), ylim=(-25, 225))
    name_axes(ax, "year", "telephone calls (millions)")
    ticks(ax, x=[1950, 1960, 1970], y=[0, 50, 100, 150, 200])
    ax.xaxis.set_ticklabels(["1950", "1960", "1970"])
    ax.axhline(0, color=MUTED, linewidth=0.8)
    points(ax, year[~wrong], calls[~wrong])
    points(ax, year[wrong], calls[wrong], markerfacecolor="none", markeredgewidth=1.2)
    note(ax, 1963.4, 205, "minutes,\nnot calls", ha="right")


@figure(size=(5.4, 3.3))
def telephone_calls(fig: Figure, loss: str = "squared") -> str:
    """Draw the Belgian telephone calls, six years of them in minutes (open circles).

    Right, how hard each year pulls, as a share of the strongest pull; below zero it wants the
    line higher. The squared error listens to wrong years and to good ones, the absolute error
    to all alike (except those on its line), Tukey's biweight not at all to the wrong ones.
    """
    year, calls, wrong = _phone_calls()
    function, line = phone_fits()[loss]
    look = CURVES.get(loss, CURVES["other"])

    left = panel(fig, 0.42, 3.1, 0.48, 2.9)
    _draw_phone_calls(left)
    ends = np.array([1949, 1974])
    left.plot(ends, line(ends - 1950), **look)

    right = panel(fig, 3.5, 5.3, 0.48, 2.9)
    right.set(xlim=(1949, 1974), ylim=(-1.1, 1.1))
    name_axes(right, "year", "pull, strongest = ±1")
    ticks(right, x=[1950, 1960, 1970], y=[-1, 0, 1])
    right.axhline(0, color=MUTED, linewidth=0.8)
    right.xaxis.set_ticklabels(["1950", "1960", "1970"])
    pull = function.gradient(calls, line(year - 1950))
    strength = np.abs(pull)
    share = pull / strength.max()
    stems(right, year, 0, share, color=GRADIENT, linewidth=1.6)
    points(right, year[~wrong], share[~wrong], markersize=4)
    points(
        right, year[wrong], share[wrong], markersize=4, markerfacecolor="none", markeredgewidth=1.2
    )
    return (
        f"Under {_described(function)} the line rises by {number(line.slope)} million calls a "
        f"year, and {number(100 * strength[wrong].sum() / strength.sum(), 0)} % of the pull, up "
        f"and down together, comes from the six wrong years."
    )


# What a loss estimates -------------------------------------------------------------------

#: The losses of the constant prediction, each with what its best constant is called.
CONSTANT_LOSSES: dict[str, tuple[Loss, str, str]] = {
    "squared": (squared_error, "the mean", "squared"),
    "absolute": (absolute_error, "the median", "absolute"),
    "Huber, δ = 4": (huber.bind(delta=4.0), "between median and mean", "Huber"),
    "pinball, τ = 0.75": (pinball.bind(quantile=0.75), "the upper quartile", "other"),
    "expectile, τ = 0.75": (expectile.bind(tau=0.75), "the 0.75 expectile", "other"),
}
_PREDICTIONS = np.linspace(0, 40, 81)


@lru_cache
def _constant_costs(loss: str) -> tuple[NDArray, float]:
    """Return the cost of every constant prediction on the grid, and the best constant."""
    function = CONSTANT_LOSSES[loss][0]
    costs = np.array([function(WAITS, np.full_like(WAITS, c)).mean() for c in _PREDICTIONS])
    return costs, Cost(function).optimal_constant(WAITS)


@figure(size=(5.4, 3.5))
def constant_prediction(fig: Figure, prediction: float = 30, loss: str = "squared") -> str:
    """Draw the cost of predicting one number for nine waiting times.

    Above, the nine targets and your prediction. Below, the cost of every constant; the
    ring is yours. Change the loss and find its lowest point again: each loss has its own. It
    is named once you are within a minute of it.
    """
    function, name, look = CONSTANT_LOSSES[loss]
    costs, best = _constant_costs(loss)
    here = np.full_like(WAITS, prediction)
    cost = float(function(WAITS, here).mean())
    slope = float(function.gradient(WAITS, here).mean())

    top = panel(fig, 0.2, 5.25, 2.45, 3.1)
    top.spines["left"].set_visible(False)
    top.set(xlim=(-0.5, 40.5), ylim=(0, 1))
    ticks(top, x=range(0, 41, 10), y=[])
    name_axes(top, "", "nine waiting times (min)")
    heights = np.full_like(WAITS, 0.4)
    (line,) = top.plot([prediction, prediction], [0, 0.95], color=PREDICTION, linewidth=2.2)
    points(top, WAITS, heights, markersize=6)

    bottom = panel(fig, 0.2, 5.25, 0.48, 1.85)
    bottom.set(xlim=(-0.5, 40.5), ylim=(0, 1.08))
    name_axes(bottom, "prediction a (min)", "cost J(a)")
    ticks(bottom, x=range(0, 41, 10), y=[0])
    unit = costs.max()
    bottom.plot(_PREDICTIONS, costs / unit, **CURVES[look])
    cursor(bottom, prediction, PREDICTION)  # stored once for all losses, as a stem would not be
    handle([line, ring(bottom, prediction, cost / unit, PREDICTION)], "prediction")
    caption = (
        f"Predicting {number(prediction, 0)} minutes costs {number(cost)} ({loss}), and the cost "
        f"changes by {number(slope)} per minute there"
    )
    if abs(prediction - best) > 1 + 1e-9:  # bisection is that exact
        return f"{caption}."
    lowest = float(function(WAITS, np.full_like(WAITS, best)).mean())
    bottom.plot([best, best], [lowest / unit, 0.86], color=MUTED, linewidth=1)
    note(bottom, 17, 0.95, f"lowest at {number(best, 1)}, {name}", ha="center")
    return f"{caption}; it is lowest, {number(lowest)}, at {number(best, 1)}, {name}."


# Between squared and absolute ------------------------------------------------------------

_PUNCTURE = 25.0
#: How far to both sides the shape of a Huber loss is drawn, in minutes.
_REACH = 30.0


@lru_cache
def _between_fit(loss: str, delta: float) -> Line:
    function = {"Huber": huber, "pseudo-Huber": pseudo_huber}[loss].bind(delta=delta)
    return fit_line(DISTANCE, punctured_minutes(_PUNCTURE), function)


def _shape_panels(fig: Figure, grid: NDArray, top_name: str, bottom_name: str) -> tuple[Axes, Axes]:
    """Return two small axes at the left: the loss above, its slope below."""
    above = panel(fig, 0.5, 2.2, 2.0, 2.9)
    below = panel(fig, 0.5, 2.2, 0.48, 1.5)
    for ax in (above, below):
        ax.set_xlim(grid[0], grid[-1])
    above.tick_params(labelbottom=False)
    name_axes(above, "", top_name)
    name_axes(below, "residual ŷ − y", bottom_name)
    return above, below


@figure(size=(5.4, 3.3))
def huber_delta(fig: Figure, limit_δ: float = 4, loss: str = "Huber") -> str:
    """Draw Huber's loss with its parameter: where squared stops and absolute begins.

    With a small δ the line lies on the absolute-error line, with a large one on the
    squared-error line. Left below: the slope of the loss is cut off at ±δ. The green dots are
    at δ, the rings at the flat tyre.
    """
    δ = limit_δ
    function = {"Huber": huber, "pseudo-Huber": pseudo_huber}[loss]
    line = _between_fit(loss, δ)
    # Points where the loss bends: between the corners, or close together near zero.
    if loss == "Huber":
        grid = np.array([-_REACH, *np.linspace(-δ, δ, 17), _REACH])
    else:
        end = math.asinh(_REACH / δ)
        grid = δ * np.sinh(np.linspace(-end, end, 21))
    value, slope = residual_curve(function, grid, delta=δ)

    parabola = np.linspace(-_REACH, _REACH, 41)
    above, below = _shape_panels(fig, parabola, "loss", "slope of the loss")
    above.set_ylim(0, 290)
    ticks(above, x=[-20, 0, 20], y=[0, 100, 200])
    above.plot(parabola, parabola**2 / 2, color=MUTED, linewidth=1)
    above.plot(grid, value, **CURVES["Huber"])
    note(above, 0, 240, "½ r²", ha="center")
    below.set_ylim(-24, 24)
    ticks(below, x=[-20, 0, 20], y=[-20, 0, 20])
    below.axhline(0, color=MUTED, linewidth=0.8)
    below.plot(parabola[[0, -1]], parabola[[0, -1]], color=MUTED, linewidth=1)
    below.plot(grid, slope, **CURVES["Huber"])
    residual = float(line(DISTANCE[PUNCTURED])) - punctured_minutes(_PUNCTURE)[PUNCTURED]
    for ax, height in zip(
        (above, below), function.value_and_gradient(0.0, residual, delta=δ), strict=True
    ):
        ring(ax, residual, float(height), size=9)
    corner = function.value_and_gradient(0.0, δ, delta=δ)
    look: dict[str, Any] = {"color": HUBER, "markersize": 8, "markeredgewidth": 0, "zorder": 5}
    dots = [
        ax.plot([δ], [float(height)], "o", **look)[0]
        for ax, height in zip((above, below), corner, strict=True)
    ]
    handle(dots, "limit_δ")

    right = panel(fig, 2.7, 5.3, 0.48, 2.9)
    _draw_punctured(right, _PUNCTURE, ("squared", "absolute"))
    ends = np.array([0, 6.6])
    right.plot(ends, line(ends), **LINES["Huber"])
    key(right, 0.05, 0.95, "squared", LINES["squared"])
    key(right, 0.05, 0.86, "absolute", LINES["absolute"])
    key(right, 0.05, 0.77, f"δ = {δ:g}", LINES["Huber"])
    fits = _punctured_fits(_PUNCTURE)
    return (
        f"{loss} with δ = {δ:g} min (green dots; the rings are the flat tyre): slope "
        f"{number(line.slope)} min/km, between "
        f"{number(fits['absolute'].slope)} (absolute) and "
        f"{number(fits['squared'].slope)} (squared)."
    )


# One family ------------------------------------------------------------------------------

_FAMILY_NAMES = {
    2.0: "squared error",
    1.0: "pseudo-Huber (Charbonnier)",
    0.0: "Cauchy",
    -2.0: "Geman-McClure",
}
_ROBUST_SCALE = 5.0
#: From squared error downwards, as far as the reader may turn α.
ALPHAS = np.arange(8, -9, -1) / 4


@lru_cache
def robust_family_lines() -> dict[float, Line]:
    """Return one line per α, each fit started from the line of the previous α (from 2 down).

    Below α = 1 the cost is not convex. Following the minimum from the convex end is the
    "graduated non-convexity" of Blake and Zisserman (1987).
    """
    year, calls, _ = _phone_calls()
    since = year - 1950
    lines: dict[float, Line] = {}
    line = least_squares_line(since, calls)
    for alpha in map(float, ALPHAS):
        loss = general_robust.bind(alpha=alpha, c=_ROBUST_SCALE)
        line = reweighted_line(since, calls, loss, start=line)
        lines[alpha] = line
    return lines


@figure(size=(5.4, 3.3))
def robust_family(fig: Figure, shape_α: float = 2) -> str:
    """Draw Barron's general robust loss: one number makes the squared error let go.

    Watch the slope of the loss (left below). Above α = 1 it grows without bound; at 1 it
    levels off; below 1 it comes back towards zero, and the line lets go of the wrong years.
    """
    α = shape_α
    line = robust_family_lines()[α]
    grid = 40 * np.sign(_UNIT) * np.abs(_UNIT) ** 1.5
    value, slope = residual_curve(general_robust, grid, alpha=α, c=_ROBUST_SCALE)

    above, below = _shape_panels(fig, grid, "loss", "slope of the loss")
    above.set_ylim(0, 12)
    ticks(above, x=[-40, -20, 0, 20, 40], y=[0, 5, 10])
    above.plot(grid, value, **CURVES["other"])
    below.set_ylim(-0.6, 0.6)
    ticks(below, x=[-40, -20, 0, 20, 40], y=[-0.5, 0, 0.5])
    below.axhline(0, color=MUTED, linewidth=0.8)
    below.plot(grid, slope, **CURVES["other"])

    right = panel(fig, 2.75, 5.3, 0.48, 2.9)
    _draw_phone_calls(right)
    ends = np.array([1949, 1974])
    right.plot(ends, line(ends - 1950), **CURVES["other"])
    known = f" ({_FAMILY_NAMES[α]})" if α in _FAMILY_NAMES else ""
    return (
        f"α = {number(α, None)}{known}, c = {number(_ROBUST_SCALE, None)}: "
        f"the line rises by {number(line.slope)} million calls "
        f"a year and is at {number(float(line(20)), 0)} million in 1970."
    )


# Quantiles -------------------------------------------------------------------------------

#: One household, with an income of 4958 francs, lies outside the picture; all fits use it.
_INCOME_SHOWN = 3000


@lru_cache
def _engel() -> tuple[NDArray, NDArray]:
    data = load_engel_food()
    return data.income, data.food_expenditure


@lru_cache
def engel_quantile_line(quantile: float) -> Line:
    """Return the line of lowest pinball loss through the 235 households."""
    return pinball_line(*_engel(), quantile=quantile)


def _draw_engel(ax: Axes) -> None:
    income, food = _engel()
    ax.set(xlim=(300, _INCOME_SHOWN), ylim=(0, 2150))
    name_axes(ax, "income (francs a year)", "spent on food (francs)")
    ticks(ax, x=[1000, 2000, 3000], y=[0, 500, 1000, 1500, 2000])
    shown = income <= _INCOME_SHOWN
    points(ax, income[shown], food[shown], markersize=2.6, alpha=0.75)


@figure(size=(5.4, 3.4))
def quantile_line(fig: Figure, quantile_τ: float = 0.5) -> str:
    """Draw the pinball loss on Engel's households: τ is the share below the line.

    The loss (left) charges τ per franc for predicting too little and 1 − τ for predicting
    too much. Look at the slopes: the richer the household, the wider the spread.
    """
    τ = quantile_τ
    income, food = _engel()
    line = engel_quantile_line(τ)

    left = panel(fig, 0.35, 2.1, 0.48, 3.0)
    left.set(xlim=(-1.1, 1.1), ylim=(0, 1.45))
    name_axes(left, "residual ŷ − y", "loss, and its slopes")
    ticks(left, x=[-1, 0, 1], y=[0, 0.5, 1])
    ends = np.array([-1.0, 0.0, 1.0])
    left.plot(ends, residual_curve(pinball, ends, quantile=τ)[0], **CURVES["other"])
    note(left, -0.58, 1.27, f"too low\n−{number(τ)}", ha="center")
    note(left, 0.58, 1.27, f"too high\n+{number(1 - τ)}", ha="center")

    right = panel(fig, 2.65, 5.15, 0.48, 3.0)
    _draw_engel(right)
    ends = np.array([300, _INCOME_SHOWN])
    right.plot(ends, line(ends), **CURVES["other"])
    at = 0.97 * _INCOME_SHOWN
    handle(ring(right, at, float(line(at)), OTHER), "quantile_τ")
    below = np.count_nonzero(food < line(income) - 1e-9 * food.max())
    return (
        f"τ = {number(τ)}: food = {number(line.intercept, 1)} + {number(line.slope, 3)} "
        f"· income; {below} of {len(food)} households "
        f"({number(100 * below / len(food), 1)} %) lie below the line."
    )


@lru_cache
def _interval_lines(nominal: int) -> tuple[tuple[Line, Line], tuple[Line, Line]]:
    """Return lower and upper line, by pinball loss and by squared error ± constant noise."""
    income, food = _engel()
    tail = (100 - nominal) / 200
    by_quantile = engel_quantile_line(tail), engel_quantile_line(1 - tail)
    middle = least_squares_line(income, food)
    sigma = math.sqrt(float(((food - middle(income)) ** 2).sum()) / (len(food) - 2))
    reach = NormalDist().inv_cdf(1 - tail) * sigma
    low, high = (Line(middle.slope, middle.intercept + s * reach) for s in (-1, 1))
    return by_quantile, (low, high)


def interval_coverage(lines: tuple[Line, Line]) -> NDArray:
    """Return the share of households inside, for the poorest, middle and richest third."""
    income, food = _engel()
    slack = 1e-9 * food.max()
    inside = (food >= lines[0](income) - slack) & (food <= lines[1](income) + slack)
    thirds = np.array_split(np.argsort(income, kind="stable"), 3)
    return np.array([inside[third].mean() for third in thirds])


@figure(size=(5.4, 3.4))
def prediction_interval(fig: Figure, aim: int = 80) -> str:
    """Draw two ways to say "between": two quantile lines, or one line ± a constant.

    Right, the share of households inside, by thirds of the incomes: the quantile lines stay
    near the share aimed at, the constant width holds too many of the poor and too few of the rich.
    """
    by_quantile, by_noise = _interval_lines(aim)
    shares = interval_coverage(by_quantile), interval_coverage(by_noise)

    left = panel(fig, 0.5, 3.2, 0.48, 3.0)
    _draw_engel(left)
    ends = np.array([300, _INCOME_SHOWN])
    for lines, look in ((by_quantile, "other"), (by_noise, "squared")):
        for line in lines:
            left.plot(ends, line(ends), **LINES[look] | {"linewidth": 1.8})
    key(left, 0.04, 0.96, "two quantile lines", LINES["other"])
    key(left, 0.04, 0.88, "squared ± constant", LINES["squared"])

    right = panel(fig, 3.72, 5.05, 0.48, 3.0)
    right.set(xlim=(-0.5, 2.5), ylim=(0, 105))
    name_axes(right, "third of incomes", "share inside (%)")
    handle(right.axhline(aim, color=MUTED, linewidth=1), "aim")
    note(right, 2.6, aim, "aim")
    ticks(right, y=[0, 25, 50, 75, 100])
    right.xaxis.set_ticks([0, 1, 2], ["low", "mid", "high"])
    right.plot(range(3), 100 * shares[0], marker="s", markersize=6, **LINES["other"])
    right.plot(range(3), 100 * shares[1], marker="o", markersize=6, **LINES["squared"])
    percent = [" / ".join(number(100 * share, 0) for share in row) for row in shares]
    return (
        f"Aiming at {aim} %: share inside for low, middle and high incomes is {percent[0]} % "
        f"between the quantile lines and {percent[1]} % within a constant distance."
    )


# Counts ----------------------------------------------------------------------------------


_COUNTS = {"accidents": ACCIDENTS, "horse kicks": HORSE_KICKS}


@lru_cache
def _counted(data: str) -> NDArray:
    """Return one count for each woman, or for each corps in each year."""
    table = _COUNTS[data]
    return np.repeat(np.arange(len(table), dtype=float), table)


def counts_expected(mean: float, dispersion: float, upto: int = 6) -> NDArray:
    """Return the probabilities of 0 to ``upto``: negative binomial, Poisson without dispersion."""
    y = np.arange(upto + 1.0)
    z = np.full_like(y, math.log(mean))
    if dispersion:
        nll = negative_binomial_nll(y, z, np.full_like(y, dispersion))
    else:
        nll = poisson_nll(y, z)
    return np.exp(-nll) / np.array([math.factorial(int(k)) for k in y])


def dispersion_cost(data: str, dispersion: float) -> float:
    """Return the negative binomial's mean loss at the best rate, less that of Poisson."""
    y = _counted(data)
    z = np.full_like(y, math.log(y.mean()))
    if not dispersion:
        return 0.0
    return float(
        (negative_binomial_nll(y, z, np.full_like(y, dispersion)) - poisson_nll(y, z)).mean()
    )


@lru_cache
def _dispersion_costs(data: str) -> tuple[NDArray, NDArray]:
    grid = np.linspace(0, 2, 41)
    return grid, np.array([dispersion_cost(data, float(each)) for each in grid])


@figure(size=(5.4, 3.2))
def overdispersion(fig: Figure, dispersion_κ: float = 0, data: str = "accidents") -> str:
    """Draw recorded counts against a negative binomial distribution with their mean.

    Left, how many women had each number of accidents: points recorded, bars predicted. Without
    dispersion (Poisson) their bars are too short at both ends. Right, the cost, less Poisson's:
    the accidents want a dispersion of about 1.2, the horse kicks none.
    """
    κ = dispersion_κ
    y = _counted(data)
    expected = len(y) * counts_expected(y.mean(), κ)

    left = panel(fig, 0.51, 2.75, 0.48, 2.8)
    left.set(xlim=(-0.6, 6.6), ylim=(0.03, 1500), yscale="log")
    left.minorticks_off()
    who = "women" if data == "accidents" else "corps-years"
    name_axes(left, "accidents" if data == "accidents" else "deaths", f"{who}, log scale")
    ticks(left, x=range(7), y=[0.1, 1, 10, 100, 1000])
    stems(left, range(7), 0.03, expected, color=PREDICTION, linewidth=11, solid_capstyle="butt")
    points(left, range(len(_COUNTS[data])), _COUNTS[data], markersize=6)
    note(left, 6.6, 800, "points: recorded", ha="right")
    note(left, 6.6, 350, "bars: predicted", ha="right")

    right = panel(fig, 3.35, 5.25, 0.48, 2.8)
    right.set(xlim=(0, 2.05), ylim=(-0.05, 0.1))
    name_axes(right, "dispersion κ", "cost, less Poisson’s")
    ticks(right, x=[0, 0.5, 1, 1.5, 2], y=[-0.05, 0, 0.05, 0.1])
    right.axhline(0, color=MUTED, linewidth=0.8)
    right.plot(*_dispersion_costs(data), color=LOSS, linewidth=2.2)
    cost = dispersion_cost(data, κ)
    handle(ring(right, κ, cost, PREDICTION), "dispersion_κ")
    many = expected[3:].sum() + len(y) * (1 - counts_expected(y.mean(), κ).sum())
    return (
        f"κ = {number(κ, None)}: {number(expected[0], 0)} of {len(y)} {who} with none predicted, "
        f"{_COUNTS[data][0]} recorded; {number(many, 0)} with three or more predicted, "
        f"{_COUNTS[data][3:].sum()} recorded; cost {number(cost, 3)} compared with Poisson’s."
    )


# A model that predicts its own uncertainty -----------------------------------------------


@lru_cache
def _uncertainty_descent() -> list[tuple[float, float, float, float]]:
    """Return w, b, a, k of mean = w·u + b and log σ = a + k·v after each epoch.

    The unit is 100 francs; u and v are the standardised income and log income.
    """
    income, food = _engel()
    y = food / 100
    u = (income - income.mean()) / income.std()
    v = np.log(income)
    v = (v - v.mean()) / v.std()
    w = k = 0.0
    b, a = float(y.mean()), math.log(float(y.std()))
    path = [(w, b, a, k)]
    for _ in range(60):
        sigma = np.exp(a + k * v)
        to_mean = (w * u + b - y) / sigma**2
        to_log_sigma = 1 - (w * u + b - y) ** 2 / sigma**2
        rate = 0.25
        w, b = w - rate * float((to_mean * u).mean()), b - rate * float(to_mean.mean())
        a, k = a - rate * float(to_log_sigma.mean()), k - rate * float((to_log_sigma * v).mean())
        path.append((w, b, a, k))
    return path


@figure(size=(5.4, 3.3))
def predicted_uncertainty(fig: Figure, epoch: int = 0) -> str:
    """Draw a model with two outputs that learns the mean and its own standard deviation.

    At first one wide band serves all households, and at once it widens where incomes are
    high. While the line turns, the band tightens: the fan of the data appears. Right: the cost.
    """
    income, food = _engel()
    path = _uncertainty_descent()
    costs = [_uncertainty_cost(parameters) for parameters in path]

    left = panel(fig, 0.5, 3.35, 0.48, 2.9)
    _draw_engel(left)
    grid = np.geomspace(300, _INCOME_SHOWN, 13)
    mean, sigma = _uncertainty_outputs(path[epoch], grid)
    left.plot(grid[[0, -1]], mean[[0, -1]], color=PREDICTION, linewidth=2.2)
    for side in (-2, 2):
        left.plot(grid, mean + side * sigma, color=PREDICTION, linewidth=1.4, linestyle=(0, (5, 2)))
    note(left, 380, 2020, "ŷ and ŷ ± 2σ")

    right = panel(fig, 3.9, 5.3, 0.48, 2.9)
    right.set(xlim=(0, 62), ylim=(4.7, 6.3))
    name_axes(right, "epoch", "cost J")
    ticks(right, x=[0, 30, 60], y=[5, 5.5, 6])
    right.plot(range(len(costs)), costs, color=LOSS, linewidth=1.6)
    handle(ring(right, epoch, costs[epoch], LOSS), "epoch")
    mean, sigma = _uncertainty_outputs(path[epoch], income)
    inside = np.count_nonzero(np.abs(food - mean) <= 2 * sigma)
    poor, rich = _uncertainty_outputs(path[epoch], np.array([500.0, 2000.0]))[1]
    return (
        f"Epoch {epoch}: σ is {number(poor, 0)} francs at an income of 500 and "
        f"{number(rich, 0)} at 2000; {number(100 * inside / len(food), 0)} % of the "
        f"households lie within 2σ; cost {number(costs[epoch], 3)}."
    )


def _uncertainty_outputs(
    parameters: tuple[float, float, float, float], income: NDArray
) -> tuple[NDArray, NDArray]:
    """Return mean and standard deviation in francs that the model predicts for these incomes."""
    w, b, a, k = parameters
    known = _engel()[0]
    u = (income - known.mean()) / known.std()
    v = (np.log(income) - np.log(known).mean()) / np.log(known).std()
    return 100 * (w * u + b), 100 * np.exp(a + k * v)


def _uncertainty_cost(parameters: tuple[float, float, float, float]) -> float:
    """Return the mean Gaussian negative log-likelihood, without the constant."""
    income, food = _engel()
    mean, sigma = _uncertainty_outputs(parameters, income)
    return float((np.log(sigma) + (food - mean) ** 2 / (2 * sigma**2)).mean())


# A whole distribution, judged ------------------------------------------------------------

_FORECAST = 20.0
_LOSS_TOP, _LOSS_BOTTOM = 8.0, -2.5


@figure(size=(5.4, 3.2))
def sure_and_wrong(fig: Figure, width_σ: float = 2, miss: int = 4) -> str:
    """Draw what two losses charge for a predicted distribution, narrow or wide, right or wrong.

    Left, the predicted distribution function and the step of the target: the CRPS is the squared
    distance between them, added up. Right, both losses for every width: confident and right, the
    likelihood falls without end; confident and wrong, it shoots up, and the CRPS stays near the
    miss.
    """
    σ, target = width_σ, _FORECAST + miss

    left = panel(fig, 0.4, 2.65, 0.48, 2.8)
    left.set(xlim=(5, 32), ylim=(0, 1.05))
    name_axes(left, "duration (min)", "chance of being there by then")
    ticks(left, x=[10, 20, 30], y=[0, 0.5, 1])
    # What is shaded has few corners: there is one shape for each position of both sliders.
    for z, look in (
        (np.linspace(-4, 4, 33), {"color": PREDICTION, "linewidth": 2.2}),
        (np.linspace(-3, 3, 13), {}),
    ):
        x = np.clip(_FORECAST + σ * z, 5, 32)
        predicted = [NormalDist(_FORECAST, σ).cdf(each) for each in x]
        if look:
            left.plot([5, *x, 32], [predicted[0], *predicted, predicted[-1]], **look)
    x = np.sort([5, target, 32, *x])
    predicted = [NormalDist(_FORECAST, σ).cdf(each) for each in x]
    here = int(np.searchsorted(x, target))
    before, after = slice(here + 1), slice(here, None)
    left.fill(
        [5, *x[before], target],
        [0, *predicted[before], 0],
        [target, *x[after], 32],
        [1, *predicted[after], 1],
        color=OTHER,
        alpha=0.3,
        linewidth=0,
    )
    (line,) = left.plot([5, target, target, 32], [0, 0, 1, 1], color=INK, linewidth=1.6)
    handle(line, "miss", at=(target, 0.5))
    key(left, 0.03, 0.9, "predicted", {"color": PREDICTION, "linewidth": 2.2})
    key(left, 0.03, 0.8, "target", {"color": INK, "linewidth": 1.6})
    note(left, 5.8, 0.62, "shaded and\nsquared: CRPS")

    right = panel(fig, 3.2, 5.25, 0.48, 2.8)
    right.set(xlim=(0, 6.1), ylim=(_LOSS_BOTTOM, _LOSS_TOP))
    name_axes(right, "predicted width σ (min)", "loss")
    ticks(right, x=range(0, 7, 2), y=range(-2, 9, 2))
    right.axhline(0, color=MUTED, linewidth=0.8)
    widths = np.geomspace(0.06, 6.1, 41)
    same = np.full_like(widths, target)
    mean = np.full_like(widths, _FORECAST)
    likelihood = gaussian_nll(same, mean, widths**2)
    shown = likelihood < 3 * _LOSS_TOP
    right.plot(widths[shown], likelihood[shown], **LINES["cross-entropy"])
    right.plot(widths, crps_gaussian(same, mean, widths), **LINES["other"])
    nll = float(gaussian_nll(target, _FORECAST, σ**2))
    crps = float(crps_gaussian(target, _FORECAST, σ))
    handle(cursor(right, σ), "width_σ")
    ring(right, σ, crps, OTHER, size=8)
    if nll < _LOSS_TOP:
        ring(right, σ, nll, LOSS, size=8)
    key(right, 0.34, 0.98, "− log density", LINES["cross-entropy"])
    key(right, 0.34, 0.89, "CRPS (min)", LINES["other"])
    return (
        f"Predicted 20 ± {number(σ, None)} minutes, and it takes {number(target, 0)}: the negative "
        f"log-likelihood is {number(nll)}, the CRPS {number(crps)} minutes."
    )


# Censored targets ------------------------------------------------------------------------


@lru_cache
def censored_lines(cap: float) -> dict[str, Line]:
    """Return the lines through log income and log food, where food is known up to ``cap`` only."""
    income, food = _engel()
    return censored_fits(np.log(income), np.log(food), math.log(cap))


def censored_fits(x: NDArray, y: NDArray, upper: float) -> dict[str, Line]:
    """Return four lines: of all targets, and three of targets that are cut off at ``upper``."""
    seen, known = np.minimum(y, upper), y < upper
    return {
        "all known": least_squares_line(x, y),
        "as they stand": least_squares_line(x, seen),
        "left out": least_squares_line(x[known], y[known]),
        "censored": _tobit(x, seen, upper),
    }


def _tobit(x: NDArray, y: NDArray, upper: float) -> Line:
    """Return the line of highest likelihood through targets that are cut off at ``upper``."""
    u = (x - x.mean()) / x.std()
    start = least_squares_line(u, y)
    w, b, s = start.slope, start.intercept, float((y - start(u)).std())
    for _ in range(1000):
        to_mean, to_scale = censored_gaussian_nll.gradient(
            y, w * u + b, np.full_like(y, s), lower=None, upper=upper
        )
        # The steps are in units of the noise: near the end, that is Newton's step.
        slopes = s * float((to_mean * u).mean()), s * float(to_mean.mean())
        w, b = w - s * slopes[0], b - s * slopes[1]
        to_scale = s * float(to_scale.mean())
        s *= math.exp(-0.5 * to_scale)
        if max(map(abs, (*slopes, to_scale))) < 1e-6:
            break
    return Line(float(w / x.std()), float(b - w * x.mean() / x.std()))


@figure(size=(5.4, 3.5))
def censored_targets(ax: Axes, cap: int = 600) -> str:
    """Draw Engel's households as if the form had ended at a box "or more".

    The ticks are the households that lie there or above; where they truly are is known here, and
    drawn faint. Taken as they stand, they flatten the line. With them left out, it is still too
    flat. As censored targets they count with the probability of lying there or above, and the line
    is nearly that of all.
    """
    income, food = _engel()
    lines = censored_lines(cap)
    above = food >= cap
    ax.set(xlim=(350, 5200), ylim=(150, 2400), xscale="log", yscale="log")
    ax.minorticks_off()
    name_axes(ax, "income (francs a year, log scale)", "spent on food (francs, log scale)")
    ticks(ax, x=[500, 1000, 2000, 4000], y=[250, 500, 1000, 2000])
    # By bands, so that each point is stored twice at most: above the limit and below it.
    for low, high in pairwise([0, *range(400, 1201, 200), math.inf]):
        band = (food >= low) & (food < high)
        points(ax, income[band], food[band], markersize=2.6, alpha=0.25 if low >= cap else 0.75)
    ticks_ = {"markersize": 6, "markeredgewidth": 0.9, "fillstyle": "none"}
    ax.plot(income[above], np.full(above.sum(), cap), "|", color=INK, **ticks_)
    handle(ax.axhline(cap, color=MUTED, linewidth=1), "cap")
    ends = np.array([350, 5200])
    looks = {"as they stand": "absolute", "left out": "Huber", "censored": "other"}
    ax.plot(ends, np.exp(lines["all known"](np.log(ends))), color=MUTED, linewidth=4, alpha=0.5)
    for name, look in looks.items():
        ax.plot(ends, np.exp(lines[name](np.log(ends))), **LINES[look])
    for place, (name, look) in enumerate(looks.items()):
        key(ax, 0.64, 0.29 - 0.08 * place, name, LINES[look])
    key(ax, 0.64, 0.05, "if all were known", {"color": MUTED, "linewidth": 4, "alpha": 0.5})
    slopes = {name: number(line.slope) for name, line in lines.items()}
    return (
        f"{above.sum()} of {len(food)} households say “{cap} or more” (the row of ticks; the faint "
        f"dots are where they truly lie). For each extra 1 % of income, spending on "
        f"food rises by {slopes['as they stand']} % with these as they stand, "
        f"{slopes['left out']} % with these left out, {slopes['censored']} % with these censored; "
        f"it would be {slopes['all known']} % if all were known."
    )
