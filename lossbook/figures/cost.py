"""Figures of chapter 1, loss, cost and objective.

Every function draws one position and returns its caption. Axis limits never depend on the
position, so that only what changes moves.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from lossbook import (
    L1,
    L2,
    Cost,
    absolute_error,
    gaussian_nll,
    laplace_nll,
    sigmoid,
    squared_error,
)
from lossbook.datasets import load_handwritten_digits, split
from lossbook.explore import INK, MUTED, figure, handle
from lossbook.figures.style import (
    ABSOLUTE,
    GRADIENT,
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
from lossbook.figures.tumours import BIAS, tumour_scores, tumours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from lossbook.losses import Loss

#: Four bicycle deliveries, made up for this chapter: distance in km, duration in minutes. Under
#: ŷ = w · km their mean squared error is 7.5 + 7.5 (w − 5)².
DISTANCE = np.array([1.0, 2.0, 3.0, 4.0])
MINUTES = np.array([7.0, 9.0, 11.0, 23.0])
#: Hours of sleep that each of ten patients gained under one drug more than under another
#: (A. R. Cushny and A. R. Peebles, 1905; Student, 1908).
SLEEP = np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])


def _tangent(ax: Axes, x: float, y: float, slope: float, reach: float) -> None:
    """Draw a piece of the tangent at a point, ``reach`` points of the page to both sides."""
    scale = ax.transData.transform([(0, 0), (1, slope)])
    across = np.hypot(*(scale[1] - scale[0])) * 72 / ax.figure.dpi
    half = reach / across
    ends = np.array([x - half, x + half])
    ax.plot(ends, y + slope * (ends - x), color=GRADIENT, linewidth=2.4, zorder=4)


# One example -----------------------------------------------------------------------------

#: The duration of one delivery, in minutes.
TARGET_MINUTES = 20.0
_SPAN = 4.0


@figure(size=(5.4, 3.2))
def one_prediction(fig: Figure, prediction: float = 17) -> str:
    """Draw the squared and the absolute loss of one prediction, and their slopes.

    Watch the rings as the prediction passes the target. The squared loss is the smaller of the two
    within a minute of it and the larger beyond; its slope grows with the miss, while that of the
    absolute loss depends only on the side.
    """
    target = TARGET_MINUTES
    grid = np.linspace(target - _SPAN, target + _SPAN, 65)
    left = panel(fig, 0.35, 2.6, 0.48, 2.85)
    left.set(xlim=(grid[0], grid[-1]), ylim=(0, 17))
    name_axes(left, "prediction ŷ (min)", "loss of one example")
    ticks(left, x=range(16, 25, 2), y=[0, 5, 10, 15])
    right = panel(fig, 3.1, 5.3, 0.48, 2.85)
    right.set(xlim=(grid[0], grid[-1]), ylim=(-9, 9))
    name_axes(right, "prediction ŷ (min)", "slope of the loss")
    ticks(right, x=range(16, 25, 2), y=[-8, -4, 0, 4, 8])
    right.axhline(0, color=MUTED, linewidth=0.8)

    at = {}
    for kind, loss, color in (
        ("squared", squared_error, SQUARED),
        ("absolute", absolute_error, ABSOLUTE),
    ):
        value, slope = loss.value_and_gradient(np.full_like(grid, target), grid)
        left.plot(grid, value, **LINES[kind])
        if kind == "squared":
            right.plot(grid, slope, **LINES[kind])
        else:
            for side in (-1, 1):
                right.plot([target, target + side * _SPAN], [side, side], **LINES[kind])
        here = [float(number) for number in loss.value_and_gradient(target, prediction)]
        _tangent(left, prediction, here[0], here[1], reach=20)
        ring(left, prediction, here[0], color)
        ring(right, prediction, here[1], color)
        at[kind] = [number(part) for part in here]
    look: dict[str, Any] = {"color": PREDICTION, "linewidth": 1.2, "zorder": 2}
    both = prediction, prediction
    lines = left.plot(both, (0, 13.4), **look) + right.plot(both, (-9, 9), **look)
    handle(lines, "prediction")
    points(left, [target], [0], markersize=7, clip_on=False)
    left.plot([target, target], [0, 9.6], color=MUTED, linewidth=0.8, zorder=1)
    note(left, target, 10.6, "target 20", ha="center")
    key(left, 0.27, 0.96, "squared", LINES["squared"])
    key(left, 0.27, 0.87, "absolute", LINES["absolute"])
    residual = prediction - target
    return (
        f"Predicting {number(prediction)} for {number(target, 0)}, residual {number(residual)}: "
        f"squared loss {at['squared'][0]} with slope {at['squared'][1]}, absolute loss "
        f"{at['absolute'][0]} with slope {at['absolute'][1]}."
    )


# From one example to the cost ------------------------------------------------------------


_SQUARE: dict[str, Any] = {"facecolor": (LOSS, 0.2), "edgecolor": LOSS, "linewidth": 1.4}


@lru_cache
def _weight_costs() -> tuple[NDArray, NDArray]:
    weights = np.linspace(3, 7, 81)
    return weights, np.array([weight_cost(w)[0] for w in weights])


def weight_cost(w: float) -> tuple[float, float]:
    """Return the mean squared error of ŷ = w · km on the four deliveries, and its slope dJ/dw."""
    J, to_predictions = Cost(squared_error).value_and_gradient(MINUTES, w * DISTANCE)
    return J, float(to_predictions @ DISTANCE)


@figure(size=(5.4, 3.9))
def residual_squares(fig: Figure, weight_w: float = 3.6) -> str:
    """Draw the square of every residual as a square, and the cost as their mean.

    Left, each square has one side on the residual, and its area is what this delivery adds.
    Right, the cost of every weight, with your point on it; below, the square whose area is the
    mean of the four, at the same scale. Make it as small as you can.
    """
    inches_per_minute = 0.1
    left = panel(fig, 0.42, 3.22, 0.5, 3.5)
    left.set(xlim=(0, 5.6), ylim=(0, 30))
    name_axes(left, "distance (km)", "duration (min)")
    ticks(left, x=range(6), y=range(0, 31, 10))
    km_per_minute = inches_per_minute / (2.8 / 5.6)  # so that squares are square on the page
    residuals = weight_w * DISTANCE - MINUTES
    for x, y, r in zip(DISTANCE, MINUTES, residuals, strict=True):
        # On the side that faces away from the line.
        side = r * km_per_minute
        corners = np.array([[x, y], [x, y + r], [x + side, y + r], [x + side, y]])
        left.fill(*corners.T, **_SQUARE)
        if abs(r) >= 4.5:  # room for the number
            note(left, x + side / 2, y + r / 2, number(r * r, 1), ha="center", fontsize=9.5)
    ends = np.array([0, 5.6])
    left.plot(ends, weight_w * ends, color=PREDICTION, linewidth=2.2)
    points(left, DISTANCE, MINUTES, markersize=6)
    note(left, 0.2, 28.6, f"ŷ = {number(weight_w, 1)} · km", fontsize=11)

    J, slope = weight_cost(weight_w)
    right = panel(fig, 3.72, 5.3, 1.85, 3.5)
    right.set(xlim=(2.9, 7.1), ylim=(0, 42))
    name_axes(right, "weight w (min per km)", "cost J (min²)")
    ticks(right, x=range(3, 8), y=[0, 10, 20, 30, 40])
    right.plot(*_weight_costs(), color=LOSS, linewidth=2.2)
    _tangent(right, weight_w, J, slope, reach=22)
    handle(ring(right, weight_w, J, PREDICTION), "weight_w")

    below = panel(fig, 3.72, 5.3, 0.12, 0.92)
    below.set_axis_off()
    below.set(xlim=(0, 15.8), ylim=(0, 8))
    dotted = {"facecolor": "none", "edgecolor": MUTED, "linewidth": 1, "linestyle": ":"}
    for area, look in ((J, _SQUARE), (7.5, dotted)):
        side = math.sqrt(area)
        below.fill([0.1, 0.1 + side, 0.1 + side, 0.1], [0.1, 0.1, 0.1 + side, 0.1 + side], **look)
    note(below, 0, 8.6, "the mean square", va="center")
    note(below, 7, 4.9, f"area {number(J, 1)}", fontsize=9.5)
    note(below, 7, 2.9, f"side {number(math.sqrt(J), 1)}", fontsize=9.5)
    squares = ", ".join(number(r * r, 1) for r in residuals)
    return (
        f"Weight {number(weight_w, 1)}: squares of {squares} min², sum {number(4 * J, 1)}, cost "
        f"{number(J, 1)} min² (a square of side {number(math.sqrt(J), 1)} min), slope "
        f"{number(slope, 1)}."
    )


# Sum or mean -----------------------------------------------------------------------------

_DESCENT_STEPS = 20
_MEAN_LINE: dict[str, Any] = {"color": LOSS, "linewidth": 2.2}
_START = 3.0


@lru_cache
def reduction_descent(reduction: str, copies: int, learning_rate: float) -> NDArray:
    """Return the weights of gradient descent on the four deliveries, each there several times."""
    x, y = np.tile(DISTANCE, copies), np.tile(MINUTES, copies)
    cost = Cost(squared_error, reduction)
    path = [_START]
    for _ in range(_DESCENT_STEPS):
        path.append(path[-1] - learning_rate * float(cost.gradient(y, path[-1] * x) @ x))
    return np.array(path)


@figure(size=(5.4, 3.3))
def sum_or_mean(fig: Figure, copies: int = 1, learning_rate: float = 0.004) -> str:
    """Draw the sum and the mean of the same losses, and gradient descent on both.

    Left, the two costs on a logarithmic axis: one curve is the other, moved up, and both are
    lowest at the same weight. Right, the same learning rate for both: every further copy of the
    data makes the steps of the sum longer, until they overshoot and run away.
    """
    n = 4 * copies
    weights, mean = _weight_costs()
    left = panel(fig, 0.5, 2.45, 0.48, 2.9)
    left.set(xlim=(2.9, 7.1), ylim=(4, 20_000), yscale="log")
    left.minorticks_off()
    name_axes(left, "weight w", "cost J (min²), log scale")
    ticks(left, x=range(3, 8), y=[10, 100, 1000])
    left.plot([5, 5], [4, 7.5 * n], color=MUTED, linewidth=0.8)
    left.plot(weights, mean, **_MEAN_LINE)
    left.plot(weights, n * mean, **LINES["other"])
    ring(left, _START, 37.5, PREDICTION, size=8)
    handle(ring(left, _START, 37.5 * n, PREDICTION, size=8), "copies")

    right = panel(fig, 2.9, 5.3, 0.48, 2.9)
    right.set(xlim=(0, 20.5), ylim=(2.4, 8.2))
    name_axes(right, "step", "weight w")
    ticks(right, x=range(0, 21, 5), y=range(3, 9))
    right.axhline(5, color=MUTED, linewidth=0.8)
    steps = np.arange(_DESCENT_STEPS + 1)
    last, slopes = {}, {}
    for reduction, look in (("sum", LINES["other"]), ("mean", _MEAN_LINE)):
        path = reduction_descent(reduction, copies, learning_rate)
        outside = np.flatnonzero(np.abs(path - 5) > 3.2)
        shown = outside[0] + 1 if len(outside) else len(path)  # until it leaves the picture
        right.plot(steps[:shown], path[:shown], marker="o", markersize=2.5, **look)
        x, y = np.tile(DISTANCE, copies), np.tile(MINUTES, copies)
        slopes[reduction] = float(Cost(squared_error, reduction).gradient(y, _START * x) @ x)
        grows = abs(path[-1] - 5) > abs(path[0] - 5)
        last[reduction] = "runs away" if grows else f"is at w = {number(path[-1])}"
    key(left, 0.28, 0.97, "sum", LINES["other"])
    key(left, 0.28, 0.88, "mean", _MEAN_LINE)
    return (
        f"{n} examples, η = {learning_rate:g}: at w = 3 the slope of the sum is "
        f"{number(slopes['sum'], 0)} and that of the mean {number(slopes['mean'], 0)}; after "
        f"{_DESCENT_STEPS} steps the sum {last['sum']} and the mean {last['mean']}."
    )


# Regularisation --------------------------------------------------------------------------

#: Where the loss alone would put the one weight.
UNPENALISED = 2.0


def penalised_weight(penalty: str, λ: float) -> float:
    """Return the weight with the lowest (w − 2)² plus penalty."""
    if penalty == "L1":
        return max(0.0, UNPENALISED - λ / 2)
    return UNPENALISED / (1 + λ)


@figure(size=(5.4, 3.4))
def one_weight(fig: Figure, strength_λ: float = 1) -> str:
    """Draw a data term and a penalty on one weight, and their sum with its lowest point.

    Under L2 the cost only gets steeper: its lowest point slides towards zero and never arrives.
    The V of L1 has a corner at zero, and from λ = 4 on the lowest point sits in it.
    """
    grid = np.linspace(-1.5, 4, 111)  # holds 0, where the corner is
    fit = (grid - UNPENALISED) ** 2
    lines: dict[str, dict[str, Any]] = {
        "data": {"color": MUTED, "linewidth": 1.2},
        "penalty": {"color": OTHER, "linewidth": 1.8, "linestyle": (0, (4, 2))},
        "cost": {"color": LOSS, "linewidth": 2.2},
    }
    best, rings = {}, []
    for edges, name, kind in (((0.35, 2.6), "L2", L2), ((3.05, 5.3), "L1", L1)):
        ax = panel(fig, *edges, 0.54, 2.7)
        ax.set(xlim=(-1.5, 4), ylim=(0, 14))
        sign = "λ w²" if name == "L2" else "λ |w|"
        name_axes(ax, "weight w", f"{name}: cost = data + {sign}")
        ticks(ax, x=range(-1, 5), y=[0, 5, 10])
        penalty = kind(strength_λ)
        extra = np.array([penalty({"w": w}) for w in grid])
        for curve, look in zip((fit, extra, fit + extra), lines.values(), strict=True):
            ax.plot(grid, curve, **look)
        w = best[name] = penalised_weight(name, strength_λ)
        lowest = (w - UNPENALISED) ** 2 + penalty({"w": np.array(w)})
        ax.plot([w, w], [0, lowest], color=PREDICTION, linewidth=1.4)
        rings.append(ring(ax, w, lowest, PREDICTION))
        if name == "L2":
            for place, (what, look) in zip((0, 0.62, 1.35), lines.items(), strict=True):
                key(ax, place, 1.25, what, look)
    handle(rings, "strength_λ")
    return (
        f"λ = {number(strength_λ)}: the data term alone is lowest at w = 2; with λ w² the cost is "
        f"lowest at w = {number(best['L2'])}, with λ |w| at w = {number(best['L1'])}."
    )


#: The pixel that is lost, in row and column from 0, and how many images are for training.
LOST_PIXEL = (3, 4)
TRAINING_IMAGES = 100
_LOST = 8 * LOST_PIXEL[0] + LOST_PIXEL[1]
#: Strengths of the penalty, as powers of ten.
STRENGTHS = np.arange(-12, 25) / 8


@lru_cache
def lost_pixel_data(seed: int = 0) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Return the 63 other pixels and the lost one: of the training images, of the others."""
    ink = load_handwritten_digits().images.reshape(-1, 64)
    train, held_out = split(len(ink), test_share=0.5, seed=seed)
    train = train[:TRAINING_IMAGES]
    others = np.delete(ink, _LOST, axis=1)
    return others[train], ink[train, _LOST], others[held_out], ink[held_out, _LOST]


@lru_cache
def lost_pixel_fits(penalty: str, seed: int = 0) -> tuple[NDArray, NDArray, NDArray]:
    """Return weights, training cost and held-out error at every strength of a penalty.

    The training cost is the mean squared error without the penalty; `seed` says which images are
    for training.
    """
    X, y, X_new, y_new = lost_pixel_data(seed)
    middle, level = X.mean(axis=0), y.mean()
    A, b = X - middle, y - level  # the bias is free, so it takes up the means
    gram, pull = A.T @ A / len(y), A.T @ b / len(y)
    weights = np.zeros((len(STRENGTHS), 63))
    w = np.zeros(63)
    for i in reversed(range(len(STRENGTHS))):  # from the strongest: the next is never far
        λ = 10.0 ** STRENGTHS[i]
        w = _lasso(gram, pull, λ, w) if penalty == "L1" else _ridge(gram, pull, λ)
        weights[i] = w
    train = ((A @ weights.T - b[:, None]) ** 2).mean(axis=0)
    new = (((X_new - middle) @ weights.T + level - y_new[:, None]) ** 2).mean(axis=0)
    return weights, train, new


def _ridge(gram: NDArray, pull: NDArray, λ: float) -> NDArray:
    """Minimise the mean squared error plus λ Σ w²: its slope is zero."""
    return np.linalg.solve(gram + λ * np.eye(len(pull)), pull)


def _lasso(gram: NDArray, pull: NDArray, λ: float, w: NDArray) -> NDArray:
    """Minimise the mean squared error plus λ Σ |w| by proximal gradient steps, from ``w``.

    A step down the slope of the smooth part, then every weight moves towards zero by step · λ and
    stops there: so it reaches zero exactly. With the momentum of A. Beck and M. Teboulle (2009),
    "A fast iterative shrinkage-thresholding algorithm for linear inverse problems".
    """
    step = 1 / (2 * np.linalg.eigvalsh(gram)[-1])
    ahead, t = w, 1.0
    for _ in range(50_000):
        moved = ahead - step * 2 * (gram @ ahead - pull)
        moved = np.sign(moved) * np.maximum(np.abs(moved) - step * λ, 0)
        if np.dot(ahead - moved, moved - w) > 0:  # the momentum leads uphill: start it anew
            t = 1.0
        following = (1 + math.sqrt(1 + 4 * t * t)) / 2
        ahead = moved + (t - 1) / following * (moved - w)
        w, change, t = moved, np.abs(moved - w).max(), following
        if change < 1e-9:
            break
    return w


def _draw_weights(ax: Axes, weights: NDArray) -> None:
    """Draw the 63 weights where their pixels are: area for size, filled if positive."""
    ax.set_axis_off()
    ax.set(xlim=(-0.55, 7.55), ylim=(7.55, -0.55))
    every = np.insert(weights, _LOST, 0)
    for place, weight in enumerate(every):
        row, column = divmod(place, 8)
        half = 0.46 * math.sqrt(min(1.0, abs(weight)))
        if half < 0.012:
            ax.plot([column], [row], "o", markersize=1.6, markeredgewidth=0, color=MUTED)
            continue
        x, y = column + half * np.array([-1, 1, 1, -1]), row + half * np.array([-1, -1, 1, 1])
        if weight > 0:
            ax.fill(x, y, facecolor=PREDICTION, linewidth=0)
        else:
            ax.fill(x, y, facecolor="none", edgecolor=ABSOLUTE, linewidth=1.4)
    row, column = LOST_PIXEL
    ax.plot([column], [row], "x", markersize=9, markeredgewidth=2, color=INK)


@figure(size=(5.4, 3.5))
def lost_pixel(fig: Figure, log10_of_strength_λ: float = -1.5, penalty: str = "L2") -> str:
    """Draw the weights that guess a lost pixel from the other 63, under a penalty on them.

    Left, each weight is drawn where its pixel is: filled where it is positive, hollow where it is
    negative, with an area in proportion (one beyond 1 is drawn as 1). Right, the mean squared
    error: on the 100 training images it can only rise with λ, on held-out images it first falls.
    """
    weights, train, new = lost_pixel_fits(penalty)
    at = int(np.argmin(np.abs(STRENGTHS - log10_of_strength_λ)))

    left = panel(fig, 0.15, 2.75, 0.35, 2.95)
    _draw_weights(left, weights[at])
    name_axes(left, y="weights of the other 63 pixels")
    left.fill([0, 0.5, 0.5, 0], [7.72, 7.72, 8.22, 8.22], facecolor=PREDICTION, clip_on=False)
    note(left, 0.75, 8, "positive", fontsize=9.5)
    box = [3.6, 4.1, 4.1, 3.6], [7.72, 7.72, 8.22, 8.22]
    left.fill(*box, facecolor="none", edgecolor=ABSOLUTE, linewidth=1.4, clip_on=False)
    note(left, 4.35, 8, "negative", fontsize=9.5)

    right = panel(fig, 3.25, 5.15, 0.48, 2.95)
    right.set(xlim=(-1.6, 3.1), ylim=(5, 160), yscale="log")
    right.minorticks_off()
    name_axes(right, "strength λ, log scale", "mean squared error, log")
    right.xaxis.set_ticks([-1, 0, 1, 2, 3], ["0.1", "1", "10", "100", "1000"])
    ticks(right, y=[5, 10, 20, 50, 100])
    held_out: dict[str, Any] = {"color": OTHER, "linewidth": 2.2, "linestyle": (0, (6, 2))}
    right.plot(STRENGTHS, train, color=LOSS, linewidth=2.2)
    right.plot(STRENGTHS, new, **held_out)
    handle(cursor(right, log10_of_strength_λ), "log10_of_strength_λ")
    ring(right, log10_of_strength_λ, train[at], LOSS, size=9)
    ring(right, log10_of_strength_λ, new[at], OTHER, size=9)
    key(right, 0.4, 0.96, "held out", held_out)
    key(right, 0.4, 0.87, "training", {"color": LOSS, "linewidth": 2.2})
    in_use = np.count_nonzero(weights[at])
    λ = float(f"{10**log10_of_strength_λ:.3g}")
    return (
        f"{penalty}, λ = {λ:g}: {in_use} of 63 weights are not zero, the largest is "
        f"{number(float(np.abs(weights[at]).max()))}; mean squared error "
        f"{number(train[at], 1)} in training, {number(new[at], 1)} on held-out images."
    )


# Likelihood ------------------------------------------------------------------------------

#: The constants that the losses leave out: log of what makes the area under the density 1.
_CONSTANT = {"Gaussian": math.log(2 * math.pi) / 2, "Laplace": math.log(2)}


def negative_log_likelihood(distribution: str, centre: float, spread: float) -> NDArray:
    """Return −log of the density at each of the ten patients."""
    here = np.full_like(SLEEP, centre)
    if distribution == "Gaussian":
        loss: Loss = gaussian_nll
        second = spread**2
    else:
        loss, second = laplace_nll, spread
    return loss(SLEEP, here, np.full_like(SLEEP, second)) + _CONSTANT[distribution]


def _density(distribution: str, x: NDArray, centre: float, spread: float) -> NDArray:
    distance = np.abs(x - centre) / spread
    exponent = distance**2 / 2 if distribution == "Gaussian" else distance
    return np.exp(-exponent - _CONSTANT[distribution]) / spread


_CENTRES = np.union1d(np.linspace(0, 3, 61), SLEEP[SLEEP <= 3])


@lru_cache
def _likelihood_curve(distribution: str, spread: float) -> NDArray:
    """Return the negative log-likelihood of all ten patients for every centre."""
    return np.array([negative_log_likelihood(distribution, c, spread).sum() for c in _CENTRES])


@figure(size=(5.4, 3.9))
def fit_distribution(
    fig: Figure, centre: float = 0.9, spread: float = 2.0, distribution: str = "Gaussian"
) -> str:
    """Draw a distribution over ten observations, and how well it explains them.

    Above, the height of the curve over each patient is the density of that observation. Below
    left, the product of the ten heights: the likelihood, to be made large. Below right, the sum of
    their negative logarithms, to be made small. Both are best at the same centre.
    """
    top = panel(fig, 0.35, 5.3, 2.3, 3.6)
    top.set(xlim=(-1.6, 5.6), ylim=(0, 0.8))
    name_axes(top, "extra sleep (hours)", "density")
    ticks(top, x=range(-1, 6), y=[0, 0.2, 0.4, 0.6])
    heights = _density(distribution, SLEEP, centre, spread)
    grid = np.union1d(np.linspace(-1.6, 5.6, 109), [centre])
    top.plot(grid, _density(distribution, grid, centre, spread), color=PREDICTION, linewidth=2.2)
    stems(top, SLEEP, 0, heights, color=LOSS, linewidth=1.4)
    peak = float(_density(distribution, np.array([centre]), centre, spread)[0])
    handle(ring(top, centre, peak, PREDICTION), "centre", "spread")
    lift = np.zeros_like(SLEEP)
    lift[3] = 0.055  # the second of the two patients with 1.3 hours
    points(top, SLEEP, lift, markersize=6, clip_on=False)

    curve = _likelihood_curve(distribution, spread)
    total = float(negative_log_likelihood(distribution, centre, spread).sum())
    left = panel(fig, 0.42, 2.55, 0.48, 1.55)
    left.set(xlim=(0, 3), ylim=(0, 1.3))
    name_axes(left, "centre", "likelihood (millionths)")
    ticks(left, x=range(4), y=[0, 0.5, 1])
    left.plot(_CENTRES, 1e6 * np.exp(-curve), color=PREDICTION, linewidth=2.2)
    ring(left, centre, 1e6 * math.exp(-total), PREDICTION)
    right = panel(fig, 3.17, 5.3, 0.48, 1.55)
    right.set(xlim=(0, 3), ylim=(12, 32))
    name_axes(right, "centre", "negative log-likelihood")
    ticks(right, x=range(4), y=[15, 20, 25, 30])
    right.plot(_CENTRES, curve, color=LOSS, linewidth=2.2)
    ring(right, centre, total, LOSS)
    mantissa, exponent = f"{math.exp(-total):.1e}".split("e")
    power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return (
        f"{distribution}, centre {number(centre, 1)}, spread {number(spread, 1)} hours: likelihood "
        f"{mantissa} · 10{power}, negative log-likelihood {number(total)}, "
        f"{number(total / len(SLEEP))} per patient."
    )


# A loss is not a metric ------------------------------------------------------------------


@lru_cache
def _tumour_curves() -> tuple[NDArray, NDArray, NDArray, NDArray]:
    """Return the staircase of the accuracy (weights, shares) and the log loss (the same)."""
    radius, _ = tumours()
    jumps = np.sort(-BIAS / radius)  # at this weight a tumour changes sides
    jumps = jumps[(jumps > 0.7) & (jumps < 1.5)]
    edges = np.concatenate([[0.7], jumps, [1.5]])
    levels = [tumour_scores((a + b) / 2)[0] for a, b in pairwise(edges)]
    weights = np.linspace(0.7, 1.5, 81)
    losses = np.array([tumour_scores(w)[1] for w in weights])
    return np.repeat(edges, 2)[1:-1], np.repeat(levels, 2), weights, losses


@figure(size=(5.4, 3.8))
def accuracy_staircase(fig: Figure, weight_w: float = 0.8) -> str:
    """Draw accuracy and log loss of a model with one weight, on 21 real tumours.

    Above, the probability of "malignant" and the tumours; rings mark those on the wrong side of
    one half. Below, both scores for every weight: the accuracy is flat and then jumps, so its
    slope says nothing; the slope of the log loss says which way to go, and is 0 only at the lowest
    point.
    """
    radius, malignant = tumours()
    accuracy, J, slope = tumour_scores(weight_w)
    top = panel(fig, 0.42, 5.3, 2.3, 3.5)
    top.set(xlim=(8.5, 20.5), ylim=(-0.06, 1.06))
    name_axes(top, "mean radius of the nuclei", "probability of malignant")
    ticks(top, x=range(10, 21, 2), y=[0, 0.5, 1])
    grid = np.linspace(8.5, 20.5, 97)
    top.plot(grid, sigmoid(weight_w * grid + BIAS), color=PREDICTION, linewidth=2.2)
    edge = -BIAS / weight_w
    if 8.5 < edge < 20.5:
        top.plot([edge, edge], [0, 1], color=MUTED, linewidth=0.8)
    points(top, radius, malignant, markersize=5.5)
    wrong = (weight_w * radius + BIAS > 0) != malignant
    top.plot(
        radius[wrong],
        malignant[wrong],
        "o",
        markersize=10,
        markerfacecolor="none",
        markeredgecolor=LOSS,
        markeredgewidth=1.8,
        clip_on=False,
    )

    stairs, levels, weights, losses = _tumour_curves()
    left = panel(fig, 0.42, 2.55, 0.48, 1.6)
    left.set(xlim=(0.68, 1.52), ylim=(0.35, 1.03))
    name_axes(left, "weight w", "accuracy")
    ticks(left, x=[0.8, 1, 1.2, 1.4], y=[0.4, 0.6, 0.8, 1])
    left.plot(stairs, levels, color=OTHER, linewidth=2.2)
    _tangent(left, weight_w, accuracy, 0, reach=16)
    rings = [ring(left, weight_w, accuracy, OTHER)]
    right = panel(fig, 3.17, 5.3, 0.48, 1.6)
    right.set(xlim=(0.68, 1.52), ylim=(0, 2.9))
    name_axes(right, "weight w", "log loss")
    ticks(right, x=[0.8, 1, 1.2, 1.4], y=[0, 1, 2])
    right.plot(weights, losses, color=LOSS, linewidth=2.2)
    _tangent(right, weight_w, J, slope, reach=16)
    rings.append(ring(right, weight_w, J, LOSS))
    handle(rings, "weight_w")
    return (
        f"Weight {number(weight_w)}: {round(accuracy * len(radius))} of {len(radius)} tumours "
        f"right, accuracy {number(accuracy)} with slope 0; log loss {number(J)} with slope "
        f"{number(slope)}."
    )
