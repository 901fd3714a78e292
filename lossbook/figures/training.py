"""Figures of chapter 2, the training loop.

Every function draws one position and returns its caption. Axis limits never depend on the
position, so that only what changes moves.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lossbook import (
    MLP,
    Cost,
    GradientDescent,
    categorical_cross_entropy_with_logits,
    one_hot,
    softmax,
    squared_error,
    train,
)
from lossbook.datasets import load_engel_food
from lossbook.explore import INK, MUTED, PAPER, figure, handle
from lossbook.figures.digits import digits, network
from lossbook.figures.regression import DISTANCE, MINUTES
from lossbook.figures.style import (
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
    pixels,
    points,
    ring,
    stems,
    ticks,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from lossbook import History

Parameters = dict[str, "NDArray"]


def _page(fig: Figure) -> Axes:
    """Return Axes without axes over the whole figure, in inches: for drawings and tables."""
    width, height = fig.get_size_inches()
    ax = panel(fig, 0, width, 0, height)
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.set_axis_off()
    return ax


def _arrow(ax: Axes, start: Any, end: Any, color: str = MUTED) -> None:
    look = {"arrowstyle": "-|>", "color": color, "linewidth": 1.2, "mutation_scale": 9}
    ax.annotate("", end, start, arrowprops=look | {"shrinkA": 0, "shrinkB": 0})


# The six stages --------------------------------------------------------------------------

#: Three examples, made up for this chapter, and where the line starts.
X3, Y3 = np.array([1.0, 2.0, 3.0]), np.array([1.0, 5.0, 6.0])
W_START, B_START = 1.0, 0.0
RATE = 0.1
ROUNDS = 4

STAGES = (
    "initialise",
    "forward pass",
    "loss",
    "backpropagation",
    "parameter update",
    "iterate",
)
_COLORS = (INK, PREDICTION, LOSS, GRADIENT, INK, INK)


class Round(NamedTuple):
    """One round of the loop with two parameters: what each stage computes."""

    w: float
    b: float
    y_pred: NDArray
    losses: NDArray
    slopes: NDArray
    to_w: float
    to_b: float


@cache
def rounds() -> tuple[Round, ...]:
    """Return the rounds of the loop for the three examples, computed stage by stage."""
    done, w, b = [], W_START, B_START
    for _ in range(ROUNDS + 1):
        y_pred = w * X3 + b
        losses, slopes = squared_error.value_and_gradient(Y3, y_pred)
        to_w, to_b = float((slopes * X3).mean()), float(slopes.mean())
        done.append(Round(w, b, y_pred, losses, slopes, to_w, to_b))
        w, b = w - RATE * to_w, b - RATE * to_b
    return tuple(done)


def _draw_loop(ax: Axes, stage: int, place: tuple[float, float]) -> None:
    """Draw the loop of the six stages, the present one with a thick border and bold."""
    x, y = place
    centers = [(0.66, 1.98), (0.66, 1.42), (2.05, 1.42), (2.05, 0.8), (1.35, 0.18), (0.66, 0.8)]
    half, tall = 0.61, 0.16
    for k, ((cx, cy), name) in enumerate(zip(centers, STAGES, strict=True)):
        now = k == stage
        label = name.removeprefix("parameter ").removesuffix("agation").removesuffix(" pass")
        note(
            ax,
            x + cx,
            y + cy,
            f"{k + 1} {label}",
            ha="center",
            fontsize=9.5,
            fontweight="bold" if now else "normal",
        )
        left, right, low, high = x + cx - half, x + cx + half, y + cy - tall, y + cy + tall
        ax.plot(
            [left, right, right, left, left],
            [low, low, high, high, low],
            color=_COLORS[k] if now else MUTED,
            linewidth=2.6 if now else 0.8,
            solid_joinstyle="round",
        )
    for start, end in (
        ((0.66, 1.82), (0.66, 1.58)),
        ((1.27, 1.42), (1.44, 1.42)),
        ((2.05, 1.26), (2.05, 0.96)),
        ((1.95, 0.64), (1.67, 0.34)),
        ((1.03, 0.34), (0.75, 0.64)),
        ((0.66, 0.96), (0.66, 1.26)),
    ):
        _arrow(ax, (x + start[0], y + start[1]), (x + end[0], y + end[1]))


@figure(size=(5.4, 4.3))
def loop_stages(fig: Figure, step: int = 0) -> str:
    """Draw one pass after the other through the training loop, with the numbers of each stage.

    Look at where the numbers come from: the forward pass needs the parameters, the loss needs
    the predictions, backpropagation needs the slopes of the loss, and the update the gradient.
    """
    done, stage = (0, 0) if step == 0 else ((step - 1) // 5, (step - 1) % 5 + 1)
    now, after = rounds()[done], rounds()[done + 1]
    w, b = (after if stage >= 4 else now)[:2]

    page = _page(fig)
    _draw_loop(page, stage, (0.02, 2.05))

    right = panel(fig, 3.1, 5.25, 2.3, 4.0)
    right.set(xlim=(0, 3.6), ylim=(-0.5, 9))
    name_axes(right, "x", "y")
    ticks(right, x=[0, 1, 2, 3], y=[0, 3, 6, 9])
    ends = np.array([0, 3.6])
    if stage in (1, 2, 3):
        right.plot(ends, now.w * ends + now.b, color=PREDICTION, linewidth=2.2)
    if stage >= 4:
        old: dict[str, Any] = {"color": MUTED, "linewidth": 1.2, "linestyle": (0, (3, 2))}
        right.plot(ends, now.w * ends + now.b, **old)
        right.plot(ends, w * ends + b, color=PREDICTION, linewidth=2.2)
    if stage in (2, 3):
        stems(right, X3, Y3, now.y_pred, color=LOSS, linewidth=1.6)
    points(right, X3, Y3)

    def row(k: int, name: str, values: NDArray, rest: str, *, known: bool = True) -> None:
        y = 1.62 - 0.27 * k
        bold = "bold" if k == stage + 1 and stage in (1, 2, 3) else "normal"
        note(page, 0.1, y, name, fontweight=bold)
        for x, value in zip((1.7, 2.3, 2.9), values, strict=True):
            text = number(value, 1 if k < 3 else 2) if known else "·"
            note(page, x, y, text, ha="right", fontweight=bold)
        note(page, 3.2, y, rest if known else "", fontweight=bold)

    row(0, "x", X3, "")
    row(1, "y", Y3, "")
    row(2, "ŷ = w x + b", now.y_pred, "", known=stage >= 1)
    cost = now.losses.mean()
    row(3, "ℓ = (ŷ − y)²", now.losses, f"J = {number(cost)}", known=stage >= 2)
    slopes = f"∂J/∂w = {number(now.to_w)}, ∂J/∂b = {number(now.to_b)}"
    row(4, "∂ℓ/∂ŷ", now.slopes, "", known=stage >= 3)
    note(page, 3.2, 1.62 - 0.27 * 4, slopes.partition(",")[0] if stage >= 3 else "")
    note(page, 3.2, 1.62 - 0.27 * 5, slopes.partition(", ")[2] if stage >= 3 else "")
    bold = "bold" if stage in (0, 4) else "normal"
    note(page, 0.1, 1.62 - 0.27 * 5, f"w = {number(w)}, b = {number(b)}", fontweight=bold)
    rule: dict[str, Any] = {"color": MUTED, "linewidth": 0.6}
    page.plot([0.1, 5.25], [1.83, 1.83], **rule)
    page.plot([0.1, 2.95], [1.215, 1.215], **rule)

    said = (
        f"the parameters start at w = {number(w)} and b = {number(b)}",
        f"the predictions are {_listed(now.y_pred, 1)}",
        f"the losses are {_listed(now.losses)}, and the cost J is {number(cost)}",
        f"the slopes of the losses are {_listed(now.slopes)}, so {slopes.replace(',', ' and')}",
        f"w goes from {number(now.w)} to {number(w)} and b from {number(now.b)} to {number(b)}",
        f"once more from stage 2, now with w = {number(w)} and b = {number(b)}",
    )[stage]
    which = "Stage 1" if stage == 0 else f"Round {done + 1}, stage {stage + 1}"
    return f"{which}, {STAGES[stage]}: {said}."


def _listed(values: NDArray, digits: int | None = 2) -> str:
    *first, last = (number(value, digits) for value in values)
    return f"{', '.join(first)} and {last}"


# Backpropagation -------------------------------------------------------------------------

#: A network small enough to do by hand: one input, three hidden units, one output.
TINY: Parameters = {
    "W1": np.array([[0.5, -0.5, -1.0]]),
    "b1": np.array([0.0, 3.0, 1.0]),
    "W2": np.array([[2.0], [-1.0], [1.0]]),
    "b2": np.array([1.0]),
}
TINY_X, TINY_Y = 2.0, 3.0

BACKWARD_STEPS = (
    "the input and the ten parameters are given",
    "each hidden unit computes its z from the input",
    "the ReLU keeps what is positive and cuts off the rest",
    "the output adds up the hidden units, each times its weight",
    "the loss compares the prediction with the target",
    "now backwards, first the slope of the loss",
    "the output’s weights and bias: the slope times what came in",
    "back through the output’s weights to the hidden units",
    "back through the ReLU, which passes the slope on where it was open",
    "the hidden weights and biases: the slope times what came in",
)


@figure(size=(5.4, 4.1))
def backward_pass(fig: Figure, step: int = 0) -> str:
    """Draw values going forward through a tiny network, then slopes coming back.

    Look at the third hidden unit: its ReLU is closed, so it adds nothing to the prediction, and
    no slope comes back through it.
    """
    w1, b1, w2, b2 = TINY["W1"][0], TINY["b1"], TINY["W2"][:, 0], float(TINY["b2"][0])
    z = w1 * TINY_X + b1
    h = np.maximum(z, 0)
    y_pred = float(h @ w2) + b2
    slope = 2 * (y_pred - TINY_Y)
    to_h = slope * w2
    to_z = to_h * (z > 0)

    ax = _page(fig)
    heights = (3.3, 2.05, 0.8)
    x_in, x_hidden, x_out = 0.4, 2.6, 4.7
    middle = heights[1]
    for k, y in enumerate(heights):
        for (x0, y0), (x1, y1), forward, backward in (
            ((x_in, middle), (x_hidden, y), step >= 1, step >= 9),
            ((x_hidden, y), (x_out, middle), step >= 3, step >= 7),
        ):
            alive = backward and to_z[k] != 0 if x0 == x_in else backward
            color = GRADIENT if alive else PREDICTION if forward else MUTED
            ax.plot([x0, x1], [y0, y1], color=color, linewidth=1.8 if forward else 0.9, zorder=1)

    def node(x: float, y: float, lines: Sequence[str], width: float = 0.4) -> None:
        tall = 0.11 + 0.09 * len(lines)
        ax.fill(
            [x - width, x + width, x + width, x - width],
            [y - tall, y - tall, y + tall, y + tall],
            facecolor=PAPER,
            edgecolor=INK,
            linewidth=0.9,
            zorder=2,
        )
        for i, line in enumerate(lines):
            at = y + 0.09 * (len(lines) - 1) - 0.18 * i
            bold = "bold" if line.startswith("∂") else "normal"
            note(ax, x, at, line, ha="center", fontsize=9.5, fontweight=bold)

    def label(x: float, y: float, lines: Sequence[str]) -> None:
        for i, line in enumerate(lines):
            bold = "bold" if line.startswith("∂") else "normal"
            at = y + 0.08 * (len(lines) - 1) - 0.17 * i
            half = 0.08 + 0.045 * len(line)  # text is wider on a phone
            ax.fill(
                [x - half, x + half, x + half, x - half],
                [at - 0.09, at - 0.09, at + 0.09, at + 0.09],
                facecolor=PAPER,
                edgecolor="none",
                zorder=1.5,
            )
            note(ax, x, at, line, ha="center", fontsize=9, fontweight=bold)

    node(x_in, middle, [f"x = {TINY_X:g}"], width=0.34)
    for k, y in enumerate(heights):
        lines = []
        lines += [f"z = {number(z[k], None)}"] if step >= 1 else ["z"]
        lines += [f"h = {number(h[k], None)}"] if step >= 2 else []
        lines += [f"∂h: {number(to_h[k], None)}"] if step >= 7 else []
        lines += [f"∂z: {number(to_z[k], None)}"] if step >= 8 else []
        node(x_hidden, y, lines)
        mid = middle + 0.5 * (y - middle)
        back = step >= 9
        bias = [f"w {number(w1[k], None)}, b {number(b1[k], None)}"]
        grads = [f"∂w: {number(to_z[k] * TINY_X, None)}, ∂b: {number(to_z[k], None)}"]
        label((x_in + x_hidden) / 2 - 0.03, mid, bias + grads if back else bias)
        weight = [f"w {number(w2[k], None)}"]
        grads = [f"∂w: {number(slope * h[k], None)}"]
        label((x_hidden + x_out) / 2, mid, weight + grads if step >= 6 else weight)
    lines = [f"b {number(b2, None)}"]
    lines += [f"ŷ = {number(y_pred, None)}"] if step >= 3 else ["ŷ"]
    lines += [f"∂ŷ: {number(slope, None)}"] if step >= 5 else []
    lines += [f"∂b: {number(slope, None)}"] if step >= 6 else []
    node(x_out, middle, lines)
    note(ax, x_out, 3.3, f"y = {TINY_Y:g}", ha="center")
    if step >= 4:
        note(ax, x_out, 3.05, f"ℓ = {number((y_pred - TINY_Y) ** 2, None)}", ha="center")
    if step >= 5:
        note(ax, 0.06, 0.12, "∂w stands for ∂ℓ/∂w", va="bottom")
    key(ax, 0.6, 0.1, "a value went forward", {"color": PREDICTION, "linewidth": 1.8})
    key(ax, 0.6, 0.04, "a slope came back", {"color": GRADIENT, "linewidth": 1.8})

    found = (
        f"x = {TINY_X:g}, y = {TINY_Y:g}",
        f"z = {_listed(z, None)}",
        f"h = {_listed(h, None)}",
        f"ŷ = {number(y_pred, None)}",
        f"ℓ = {number((y_pred - TINY_Y) ** 2, None)}",
        f"∂ℓ/∂ŷ = {number(slope, None)}",
        f"∂ℓ/∂w = {_listed(slope * h, None)}, ∂ℓ/∂b = {number(slope, None)}",
        f"∂ℓ/∂h = {_listed(to_h, None)}",
        f"∂ℓ/∂z = {_listed(to_z, None)}",
        f"∂ℓ/∂w = {_listed(to_z * TINY_X, None)}, ∂ℓ/∂b = {_listed(to_z, None)}",
    )[step]
    return f"Step {step}, {BACKWARD_STEPS[step]}: {found}."


# The learning rate -----------------------------------------------------------------------

RATE_STEPS = 30


class Bowl(NamedTuple):
    """The cost of a line over its two parameters: squared error makes it a bowl.

    J(θ) = lowest + (θ - best)ᵀ (hessian / 2) (θ - best).
    """

    best: NDArray
    lowest: float
    hessian: NDArray

    @classmethod
    def of(cls, x: NDArray, y: NDArray) -> Bowl:
        """Return the bowl of the mean squared error of a line through the data."""
        features = np.column_stack([x, np.ones_like(x)])
        best = np.linalg.lstsq(features, y, rcond=None)[0]
        lowest = float(((features @ best - y) ** 2).mean())
        return cls(best, lowest, 2 * features.T @ features / len(y))

    @property
    def limit(self) -> float:
        """The critical learning rate: 2 divided by the largest bend."""
        return 2 / float(np.linalg.eigvalsh(self.hessian)[-1])

    def __call__(self, theta: NDArray) -> NDArray:
        """Return the cost at each row of ``theta``."""
        away = theta - self.best
        return self.lowest + (away @ self.hessian * away).sum(axis=-1) / 2

    def draw(self, ax: Axes, heights: Sequence[float]) -> None:
        """Draw the ellipses of equal cost at these heights above the lowest."""
        values, vectors = np.linalg.eigh(self.hessian)
        angle = np.linspace(0, 2 * np.pi, 73)
        circle = np.column_stack([np.cos(angle), np.sin(angle)])
        for height in heights:
            ring = self.best + (circle * np.sqrt(2 * height / values)) @ vectors.T
            ax.plot(*ring.T, color=MUTED, linewidth=0.7)


@cache
def bowl(inputs: str) -> Bowl:
    """Return the bowl of the ten deliveries, with the distance "as measured" or "centred"."""
    return Bowl.of(DISTANCE - DISTANCE.mean() if inputs == "centred" else DISTANCE, MINUTES)


@cache
def rate_path(inputs: str, share: float) -> NDArray:
    """Return the path of gradient descent from (0, 0), at a share of the critical rate."""
    valley = bowl(inputs)
    path = [np.zeros(2)]
    for _ in range(RATE_STEPS):
        gradient = valley.hessian @ (path[-1] - valley.best)
        path.append(path[-1] - share * valley.limit * gradient)
    return np.array(path)


@figure(size=(5.4, 3.4))
def learning_rate(fig: Figure, rate_η_over_limit: float = 0.5, inputs: str = "centred") -> str:
    """Draw 30 steps of gradient descent on the map of the cost, for a learning rate.

    Look at how the path gets to the lowest point, marked by a cross: without ever crossing the
    valley, crossing it at every step, or ending up further out each time.
    """
    valley, path = bowl(inputs), rate_path(inputs, rate_η_over_limit)
    rate = rate_η_over_limit * valley.limit

    left = panel(fig, 0.35, 2.88, 0.48, 3.0)
    if inputs == "centred":
        left.set(xlim=(-1.5, 8), ylim=(-4, 34))
        ticks(left, x=[0, 2, 4, 6, 8], y=[0, 10, 20, 30])
    else:
        left.set(xlim=(-1.5, 9.7), ylim=(-1, 9))
        ticks(left, x=[0, 2, 4, 6, 8], y=[0, 2, 4, 6, 8])
    name_axes(left, "w (min/km)", "b (min)")
    valley.draw(left, [1, 4, 16, 64, 256] if inputs == "centred" else [0.25, 4, 16, 64, 256])
    left.plot(*valley.best, "+", color=INK, markersize=9, markeredgewidth=1.6)
    left.plot(*path.T, "o-", color=GRADIENT, linewidth=1.3, markersize=3, markeredgewidth=0)
    handle(ring(left, path[1, 0], path[1, 1], INK, size=8), "rate_η_over_limit")
    if (np.abs(path[-1] - valley.best) < 30).all():
        inside = left.get_xlim()[0] < path[-1, 0] < left.get_xlim()[1]
        if inside and left.get_ylim()[0] < path[-1, 1] < left.get_ylim()[1]:
            ring(left, path[-1][0], path[-1][1], GRADIENT)

    right = panel(fig, 3.6, 5.25, 0.48, 3.0)
    right.set(xlim=(0, RATE_STEPS + 1), ylim=(0.3, 3e4), yscale="log")
    right.minorticks_off()
    name_axes(right, "step", "cost J (min²), log")
    ticks(right, x=[0, 10, 20, 30], y=[1, 10, 100, 1000, 10000])
    right.axhline(valley.lowest, color=MUTED, linewidth=0.8)
    costs = valley(path)
    right.plot(np.arange(RATE_STEPS + 1), costs, color=LOSS, linewidth=1.8)
    regime = rate_regime(rate_η_over_limit)
    # Where the curve does not come: it begins between the two places.
    if regime == "diverging":
        note(right, 30, 3, regime, ha="right")
    else:
        note(right, 2, 9000, regime)
    values = np.linalg.eigvalsh(valley.hessian)
    slow, fast = 1 - rate * values
    return (
        f"η = {rate:.4f}, {rate_η_over_limit:.2f} of the limit {valley.limit:.4f}, {regime}: in "
        f"each step the error is multiplied by {number(fast)} where the cost bends most and by "
        f"{number(slow, 3)} where it bends least; after {RATE_STEPS} steps J = "
        f"{number(costs[-1], 2 if costs[-1] < 1000 else 0)}, the lowest is {number(valley.lowest)}."
    )


def rate_regime(share: float) -> str:
    """Return what gradient descent does where the cost bends most, at a share of the limit.

    The error there is multiplied by 1 - 2 · share in each step.
    """
    factor = 1 - 2 * share
    if abs(share - 1) < 1e-9:
        return "on the edge"
    if factor < -1:
        return "diverging"
    if factor < -0.3:
        return "oscillating"
    return "creeping" if factor > 0.7 else "good"


# Batches ---------------------------------------------------------------------------------

BATCH_EPOCHS = 2


@cache
def households() -> tuple[NDArray, NDArray]:
    """Return Engel's households: income, standardised, and food expenditure in 100 francs."""
    data = load_engel_food()
    income = (data.income - data.income.mean()) / data.income.std()
    return income, data.food_expenditure / 100


class BatchPath(NamedTuple):
    """A run of gradient descent on batches: examples seen, and (w, b), after each update."""

    seen: NDArray
    theta: NDArray


@cache
def batch_path(batch_size: int, rate: float, seed: int = 0) -> BatchPath:
    """Return the path of two epochs on Engel's households, update by update."""
    x, y = households()
    shuffle = np.random.default_rng(seed)
    theta, seen = [np.zeros(2)], [0]
    for _ in range(BATCH_EPOCHS):
        order = shuffle.permutation(len(y))
        for start in range(0, len(y), batch_size):
            batch = order[start : start + batch_size]
            w, b = theta[-1]
            slopes = squared_error.gradient(y[batch], w * x[batch] + b)
            gradient = np.array([(slopes * x[batch]).mean(), slopes.mean()])
            theta.append(theta[-1] - rate * gradient)
            seen.append(seen[-1] + len(batch))
    return BatchPath(np.array(seen), np.array(theta))


@figure(size=(5.4, 3.4))
def batches(fig: Figure, batch_size: int = 235, learning_rate: float = 0.1) -> str:
    """Draw the path of two epochs over Engel's households, for a batch size.

    Look at the number of steps, and at how far the path strays near the lowest point, marked by
    a cross.
    """
    valley = Bowl.of(*households())
    seen, theta = batch_path(batch_size, learning_rate)

    left = panel(fig, 0.35, 3.0, 0.48, 3.0)
    left.set(xlim=(-1, 4.2), ylim=(-1, 8.6))
    name_axes(left, "w (100 francs per std)", "b (100 francs)")
    ticks(left, x=[0, 1, 2, 3, 4], y=[0, 2, 4, 6, 8])
    valley.draw(left, [0.1, 1, 4, 9, 16, 25, 36])
    many = len(theta) > 60
    look: dict[str, Any] = {"marker": "" if many else "o", "linewidth": 0.8 if many else 1.3}
    left.plot(*theta.T, color=GRADIENT, markersize=3, markeredgewidth=0, **look)
    left.plot(*valley.best, "+", color=INK, markersize=9, markeredgewidth=1.6, zorder=6)
    if (theta[-1] < [4.2, 8.6]).all() and (theta[-1] > -1).all():
        ring(left, theta[-1][0], theta[-1][1], GRADIENT)

    right = panel(fig, 3.55, 5.25, 0.48, 3.0)
    right.set(xlim=(0, 490), ylim=(0.8, 100), yscale="log")
    right.minorticks_off()
    name_axes(right, "examples seen", "cost J of all, log")
    ticks(right, x=[0, 235, 470], y=[1, 10, 100])
    right.axhline(valley.lowest, color=MUTED, linewidth=0.8)
    costs = valley(theta)
    right.plot(seen, costs, color=LOSS, linewidth=0.9 if many else 1.8)
    steps = len(theta) - 1
    last = float(valley(theta[-max(1, steps // 4) :]).mean() / valley.lowest)
    times = number(last) if last < 1000 else f"{last:,.0f}"
    return (
        f"Batches of {batch_size}, η = {learning_rate:g}: two epochs are {steps} updates; the cost "
        f"goes from {number(costs[0], 1)} to {number(costs[-1])} (lowest {number(valley.lowest)}), "
        f"and over the last quarter of the updates it is {times} times the lowest."
    )


# Initialisation --------------------------------------------------------------------------

INIT_EPOCHS = 8
SCALES = (0.0, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


@cache
def initialised(scale: float) -> tuple[History, float]:
    """Train the digits network by plain gradient descent from initial weights of this scale.

    Returns
    -------
    History, float
        The run, and the share of test images that are right after it.
    """
    data = digits()
    model = MLP((64, 32, 10), scale=scale, seed=0)
    history = train(
        model,
        data.X_train,
        data.y_train,
        Cost(categorical_cross_entropy_with_logits),
        GradientDescent(learning_rate=0.1),
        epochs=INIT_EPOCHS,
        batch_size=32,
        seed=0,
    )
    return history, float((model.forward(data.X_test).argmax(axis=1) == data.y_test).mean())


@figure(size=(5.4, 3.5))
def initial_scale(fig: Figure, scale: float = 1.0) -> str:
    """Draw eight epochs from initial weights of a given scale.

    Left, the cost; the thin lines are the other scales, the dashed line is what ten equal
    probabilities cost. Right, what twelve hidden units have learnt to look for: their weights as
    images, blue for plus and red for minus.
    """
    history, accuracy = initialised(scale)

    left = panel(fig, 0.4, 2.75, 0.48, 3.1)
    left.set(xlim=(0, INIT_EPOCHS + 0.3), ylim=(0.1, 900), yscale="log")
    left.minorticks_off()
    name_axes(left, "epoch", "training cost J, log")
    ticks(left, x=range(0, INIT_EPOCHS + 1, 2), y=[0.1, 1, 10, 100])
    for other in SCALES:
        left.plot(initialised(other)[0].cost, color=MUTED, linewidth=0.6)
    left.axhline(math.log(10), color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
    note(left, 0.6, 600, f"scale {number(scale, None)}", fontsize=11)
    left.plot(history.cost, color=LOSS, linewidth=2.4)
    ring(left, INIT_EPOCHS, history.cost[-1], LOSS)

    page = _page(fig)
    weights = history.at(INIT_EPOCHS)["W1"]
    largest = float(np.abs(weights).max())
    note(page, 3.05, 3.1 + 7 / 72, "weights of 12 hidden units", va="baseline")  # as on the left
    for k in range(12):
        row, column = divmod(k, 4)
        image = weights[:, k].reshape(8, 8) / (largest or 1.0)
        x, y = 3.05 + 0.57 * column, 2.55 - 0.6 * row
        pixels(page, image, x, y, 0.5, shades=4, color=PREDICTION, negative=LOSS)
    note(page, 3.05, 1.02, f"largest weight {number(largest)}")
    note(page, 3.05, 0.74, f"test accuracy {100 * accuracy:.0f} %")
    return (
        f"Scale {number(scale, None)}: the cost starts at {number(history.cost[0])} and after "
        f"{INIT_EPOCHS} epochs is {number(history.cost[-1])}; {100 * accuracy:.0f} % of the test "
        f"images are right, and the largest weight of a hidden unit is {number(largest)}."
    )


# The digits network ----------------------------------------------------------------------

#: Three test images: one that is easy, one that is learnt late, one that stays wrong.
SHOWN = (3, 24, 14)


@cache
def digits_curves() -> dict[str, NDArray]:
    """Return cost and accuracy of the digits network on test images, after each epoch."""
    data, run = digits(), network()
    cost = Cost(categorical_cross_entropy_with_logits)
    logits = [run.logits(data.X_test, epoch) for epoch in range(len(run.history.cost))]
    return {
        "training": run.history.cost,
        "test": np.array([cost(data.y_test, z) for z in logits]),
        "accuracy": np.array([(z.argmax(axis=1) == data.y_test).mean() for z in logits]),
        "p": np.array([softmax(z[list(SHOWN)]) for z in logits]),
    }


@figure(size=(5.4, 4.4))
def digit_epochs(fig: Figure, epoch: int = 0) -> str:
    """Draw the training of the digits network, and what it makes of three test images.

    Look at the order in which the three settle, and at the one that settles on the wrong digit.
    """
    data, curves = digits(), digits_curves()
    epochs = np.arange(epoch + 1)

    top = panel(fig, 0.45, 3.6, 2.55, 4.05)
    top.set(xlim=(0, 30.5), ylim=(0.02, 4), yscale="log")
    top.minorticks_off()
    name_axes(top, "epoch", "cost J, log scale")
    ticks(top, x=[0, 10, 20, 30], y=[0.1, 1])
    train_look: dict[str, Any] = {"color": LOSS, "linewidth": 2.0}
    test_look: dict[str, Any] = {"color": INK, "linewidth": 1.6, "linestyle": (0, (4, 2))}
    top.plot(epochs, curves["training"][: epoch + 1], **train_look)
    top.plot(epochs, curves["test"][: epoch + 1], **test_look)
    handle(cursor(top, epoch), "epoch")
    ring(top, epoch, curves["training"][epoch], LOSS, size=8)
    ring(top, epoch, curves["test"][epoch], INK, size=8)
    key(top, 0.5, 0.95, "training images", train_look)
    key(top, 0.5, 0.83, "test images", test_look)

    page = _page(fig)
    accuracy = curves["accuracy"][epoch]
    note(page, 3.95, 3.75, "test accuracy")
    note(page, 3.95, 3.42, f"{100 * accuracy:.1f} %", fontsize=16)
    note(page, 3.95, 3.05, f"J training {number(curves['training'][epoch])}")
    note(page, 3.95, 2.8, f"J test {number(curves['test'][epoch])}")

    said = []
    for k, index in enumerate(SHOWN):
        label = int(data.y_test[index])
        p = curves["p"][epoch, k]
        x = 0.3 + 1.75 * k
        pixels(page, data.X_test[index].reshape(8, 8), x, 1.3, 0.7)
        note(page, x + 0.8, 1.8, f"target {label}")
        note(page, x + 0.8, 1.55, f"p = {number(p[label])}")
        bars = panel(fig, x, x + 1.45, 0.3, 1.1)
        bars.set(xlim=(-0.6, 9.6), ylim=(0, 1))
        ticks(bars, x=range(10), y=[])
        bars.spines["left"].set_visible(False)
        bars.tick_params(axis="x", length=0)
        wide = {"linewidth": 7, "solid_capstyle": "butt"}
        others = np.delete(np.arange(10), label)
        stems(bars, others, 0, p[others], color=MUTED, **wide)
        stems(bars, [label], 0, [p[label]], color=PREDICTION, **wide)
        best = int(p.argmax())
        said.append(f"the {label} is read as {best} with p = {number(p[best])}")
    return (
        f"Epoch {epoch}: cost {number(curves['training'][epoch])} on the training images and "
        f"{number(curves['test'][epoch])} on the test images, {100 * accuracy:.1f} % of which are "
        f"right; {said[0]}, {said[1]}, {said[2]}."
    )


# The landscape ---------------------------------------------------------------------------

SLICE = 2.0
_ALONG = np.linspace(-SLICE, SLICE, 21)
LANDSCAPES = {"cross-entropy": math.log(10), "squared error": 0.9}
"""The losses that are compared, and what ten equal probabilities cost in each."""


def filter_normalized(parameters: Parameters, seed: int) -> Parameters:
    """Return a random direction in which every unit's weights move by their own size.

    Parameters
    ----------
    parameters : dict of str to ndarray
        Of an :class:`.MLP`: a column of ``"Wk"`` holds the weights into one unit.
    seed : int
        Which random direction.

    Returns
    -------
    dict of str to ndarray
        Gaussian noise, each column scaled to the norm of the parameters' column; biases stay.

    References
    ----------
    H. Li, Z. Xu, G. Taylor, C. Studer and T. Goldstein (2018), "Visualizing the loss landscape of
    neural nets".
    """
    rng = np.random.default_rng(seed)
    direction = {}
    for name, p in parameters.items():
        if p.ndim < 2:
            direction[name] = np.zeros_like(p)
            continue
        noise = rng.standard_normal(p.shape)
        direction[name] = noise / np.linalg.norm(noise, axis=0) * np.linalg.norm(p, axis=0)
    return direction


def landscape_costs(parameters: Parameters) -> dict[str, float]:
    """Return both costs of the digits network at parameters, relative to ten equal probabilities.

    Cross-entropy, and the squared error between the ten probabilities and the one-hot target,
    added up over the classes; both on every third training image.
    """
    images, labels = digits().X_train[::3], digits().y_train[::3]
    logits = network().model.with_parameters(parameters).forward(images)
    cross_entropy = Cost(categorical_cross_entropy_with_logits)(labels, logits)
    squared = squared_error(one_hot(labels, 10), softmax(logits)).sum(axis=1).mean()
    return {
        "cross-entropy": cross_entropy / LANDSCAPES["cross-entropy"],
        "squared error": float(squared) / LANDSCAPES["squared error"],
    }


@cache
def landscape(seed: int) -> dict[str, NDArray]:
    """Return both costs over a square patch of parameters around the trained network."""
    center = network().model.parameters
    first, second = filter_normalized(center, 2 * seed), filter_normalized(center, 2 * seed + 1)
    costs = [
        landscape_costs({n: p + a * first[n] + b * second[n] for n, p in center.items()})
        for b in _ALONG
        for a in _ALONG
    ]
    shape = (len(_ALONG), len(_ALONG))
    # The last bits differ between processors, and with them which contours end with a "close path".
    return {loss: np.round([c[loss] for c in costs], 9).reshape(shape) for loss in LANDSCAPES}


@figure(size=(5.4, 3.5))
def cost_surface(fig: Figure, loss: str = "cross-entropy", random_slice: int = 1) -> str:
    """Draw a slice of the cost surface of the trained digits network, in random directions.

    Look at what lies far from the centre: walls that go on rising, or a plateau.
    """
    surface = landscape(random_slice - 1)
    z = surface[loss]

    left = panel(fig, 0.4, 2.85, 0.48, 3.0)
    left.set(xlim=(-SLICE, SLICE), ylim=(-SLICE, SLICE))
    name_axes(left, "along direction 1", "direction 2")
    ticks(left, x=[-2, -1, 0, 1, 2], y=[-2, -1, 0, 1, 2])
    levels = [0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0, 16.0]
    color = {"cross-entropy": OTHER, "squared error": SQUARED}[loss]
    widths = [2.4 if level == 1 else 0.9 for level in levels]
    left.contour(_ALONG, _ALONG, z, levels=levels, colors=color, linewidths=widths)
    left.axhline(0, color=MUTED, linewidth=0.8, linestyle=(0, (2, 2)))
    left.plot(0, 0, "+", color=INK, markersize=9, markeredgewidth=1.6)

    right = panel(fig, 3.4, 5.25, 0.48, 3.0)
    right.set(xlim=(-SLICE, SLICE), ylim=(0, 8))
    name_axes(right, "along direction 1", "cost (guessing = 1)")
    ticks(right, x=[-2, -1, 0, 1, 2], y=[0, 1, 2, 4, 6, 8])
    right.axhline(1, color=MUTED, linewidth=0.8)
    middle = len(_ALONG) // 2
    looks = {"cross-entropy": LINES["other"], "squared error": LINES["squared"]}
    for name, look in looks.items():
        width = {"linewidth": 2.6 if name == loss else 1.3}
        right.plot(_ALONG, surface[name][middle], **(look | width))
    key(right, 0.2, 0.98, "cross-entropy", looks["cross-entropy"])
    key(right, 0.2, 0.89, "squared error", looks["squared error"])
    end = (z[middle, 0] + z[middle, -1]) / 2
    half = (z[middle, middle // 2] + z[middle, -1 - middle // 2]) / 2
    return (
        f"{loss.capitalize()}, random slice {random_slice}: the trained network costs "
        f"{number(z[middle, middle], 3)} times what guessing costs; along direction 1 it is "
        f"{number(half)} times at distance 1, and {number(end)} times at distance 2 (each the mean "
        f"of the two sides)."
    )
