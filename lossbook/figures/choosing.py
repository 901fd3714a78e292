"""Figures of chapter 5, choosing and making a loss.

Every function draws one position and returns its caption. Axis limits never depend on the
position, so that only what changes moves.
"""

from __future__ import annotations

import math
import textwrap
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from lossbook import (
    Formula,
    absolute_error,
    assess,
    binary_cross_entropy_with_logits,
    card,
    choose,
    huber,
    loss,
    pinball,
    sigmoid,
    squared_error,
    tukey_biweight,
)
from lossbook.explore import FAINT, INK, MUTED, PAPER, figure, handle
from lossbook.figures.style import (
    ABSOLUTE,
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
    ticks,
)
from lossbook.fitting import Line, fit_line

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from lossbook.cards import Card
    from lossbook.losses import Loss

#: The days that the kiosk learns from; the days after them test what it has learnt.
LEARN, TEST = slice(0, 200), slice(200, 400)


@cache
def fruit_cups() -> tuple[NDArray, NDArray]:
    """Return 400 days of a beach kiosk, made up: the forecast in °C, fruit cups asked for.

    The warmer the day the more are asked for, and the more the days differ: the scatter is
    exponential, and its mean grows with the temperature. So the best order is known: the quantile
    τ of the demand at t °C is ``30 + 3 (t - 12) - (4 + 1.2 (t - 12)) log(1 - τ)``.
    """
    rng = np.random.default_rng(5)
    celsius = np.round(12 + 20 * rng.random(400), 1)
    scatter = -np.log1p(-rng.random(400))
    cups = np.round(30 + 3 * (celsius - 12) + (4 + 1.2 * (celsius - 12)) * scatter)
    for column in (celsius, cups):
        column.flags.writeable = False
    return celsius, cups


def money(demand: NDArray, order: NDArray | float, shortage: float = 4.0) -> NDArray:
    """Return what each day costs, in euros: 1 for each cup left over, ``shortage`` for each short.

    It is the pinball loss in other units: ``shortage + 1`` times that of the quantile
    ``shortage / (shortage + 1)``.
    """
    order = np.broadcast_to(np.asarray(order, dtype=float), demand.shape).copy()
    return (shortage + 1) * pinball(demand, order, quantile=shortage / (shortage + 1))


# The chooser -----------------------------------------------------------------------------


@cache
def _card(loss: Loss) -> Card:
    return card(loss)


@figure(size=(5.4, 3.5))
def chooser(
    fig: Figure,
    predict: str = "a number",
    want: str = "the mean, or a probability",
    data: str = "nothing special",
) -> str:
    """Draw the loss that three answers lead to: its curve, its slope and its output layer.

    Look at which answer changes the loss, and which changes nothing. The first one settles the
    output layer; the others settle the shape of the curve.
    """
    choice = choose(predict, want, data)
    drawn = _card(choice.loss)
    width, height = 388.8, 252.0  # points
    top = panel(fig, 0, 5.4, 0, 3.5)
    top.set(xlim=(0, width), ylim=(0, height))
    top.set_axis_off()
    note(top, 8, 238, choice.name, fontsize=12, fontweight="bold")
    estimates = f"estimates: {choice.loss.declaration.estimates}"
    for row, line in enumerate(textwrap.wrap(estimates, 58)):
        note(top, 8, 219 - 14 * row, line)
    for row, line in enumerate(textwrap.wrap(f"output: {choice.output_layer}", 58)):
        note(top, 8, 24 - 14 * row, line)
    variable = drawn.variable
    for left, right, y, color, name in (
        (0.45, 2.6, drawn.value, LOSS, "loss"),
        (3.25, 5.3, drawn.slope, GRADIENT, "slope"),
    ):
        ax = panel(fig, left, right, 0.98, 2.55)
        low, high = _limits(y)
        ax.set(xlim=(drawn.x[0], drawn.x[-1]), ylim=(low, high))
        name_axes(ax, variable, name)
        ax.axhline(0, color=MUTED, linewidth=0.8)
        ax.plot(drawn.x, np.clip(y, low - 1, high + 1), color=color, linewidth=2.2)
    return f"{choice.name}: {choice.because}. Output layer: {choice.output_layer}."


def _limits(y: NDArray) -> tuple[float, float]:
    """Return limits that leave out the few values near a pole."""
    low, high = np.quantile(y[np.isfinite(y)], [0.02, 0.98])
    low, high = min(low, 0.0), max(high, 0.0)
    gap = 0.08 * (high - low) or 0.5
    return low - gap, high + gap


# Your own loss ---------------------------------------------------------------------------

_ORDERS = np.arange(30, 171.0)


@figure(size=(5.4, 3.6))
def order_quantity(fig: Figure, order: int = 72, shortage: int = 4) -> str:
    """Draw one fixed order for all days: who goes without, what is thrown away, what it costs.

    The lowest cost is where the days that run out have the share 1 / (shortage + 1): with equal
    costs half of the days, at 4 to 1 one day in five. An arrowhead in place of the ring says that
    the cost lies above the picture.
    """
    _, cups = fruit_cups()
    demand = cups[LEARN]
    costs = np.array([money(demand, q, shortage).mean() for q in _ORDERS])
    best = _ORDERS[costs.argmin()]
    short = float((demand > order).mean())
    now = float(money(demand, order, shortage).mean())

    top = panel(fig, 0.5, 5.25, 2.28, 3.3)
    top.set(xlim=(25, 215), ylim=(0, 42))
    name_axes(top, "", "days")
    ticks(top, x=range(40, 201, 40), y=[0, 20, 40])
    edges = np.arange(24.5, 217, 8)  # an order of 40, 48, ... lies between two bars
    for color, part in ((HUBER, demand[demand <= order]), (LOSS, demand[demand > order])):
        top.hist(part, bins=list(edges), color=color, alpha=0.75)
    note(top, 213, 36, f"{100 * short:.0f} % of the days run out", ha="right")
    note(top, 213, 26, f"{100 - 100 * short:.0f} % have enough", ha="right")

    low = panel(fig, 0.5, 5.25, 0.48, 1.68)
    low.set(xlim=(25, 215), ylim=(0, 130))
    name_axes(low, "cups ordered, cups asked for", "cost per day (€)")
    ticks(low, x=range(40, 201, 40), y=[0, 50, 100])
    low.plot(_ORDERS, np.minimum(costs, 140), color=LOSS, linewidth=2.2)
    lines = [ax.axvline(order, color=PREDICTION, linewidth=2.2) for ax in (top, low)]
    handle(lines, "order")
    low.plot([best, best], [0, costs.min()], color=MUTED, linewidth=1)
    if now <= 130:
        ring(low, order, now, PREDICTION)
    else:
        low.plot([order], [125], "^", color=PREDICTION, markersize=9, zorder=5)
    note(low, 213, 112, f"lowest: {number(costs.min(), 1)} € at {best:.0f} cups", ha="right")
    return (
        f"{order} cups every day, a cup short costs {shortage} € and a cup left over 1 €: "
        f"{100 * short:.0f} % of the days run out, {number(now, 1)} € a day; the lowest cost is "
        f"{number(costs.min(), 1)} € at {best:.0f} cups."
    )


@cache
def stock_lines(shortage: float) -> dict[str, Line]:
    """Return the lines that three losses fit to the first 200 days."""
    celsius, cups = (column[LEARN] for column in fruit_cups())
    own = pinball.bind(quantile=shortage / (shortage + 1))
    losses = {"squared": squared_error, "absolute": absolute_error, "other": own}
    return {name: fit_line(celsius, cups, each) for name, each in losses.items()}


@figure(size=(5.4, 3.3))
def order_lines(fig: Figure, shortage: int = 4) -> str:
    """Draw what three losses order on the days after, and what that costs.

    The two lines that know nothing of the costs stay where they are; the line of the loss that
    states them moves up and turns, since warm days scatter more.
    """
    celsius, cups = (column[TEST] for column in fruit_cups())
    lines = stock_lines(shortage)
    costs = {
        name: float(money(cups, line(celsius), shortage).mean()) for name, line in lines.items()
    }
    left = panel(fig, 0.4, 2.95, 0.48, 2.95)
    left.set(xlim=(11, 33), ylim=(20, 215))
    name_axes(left, "forecast (°C)", "fruit cups")
    ticks(left, x=[15, 20, 25, 30], y=[50, 100, 150, 200])
    points(left, celsius, cups, markersize=2.6, alpha=0.6)
    ends = np.array([11.5, 32.5])
    for name, line in lines.items():
        left.plot(ends, line(ends), zorder=4, **LINES[name])
    at = 31.5
    handle(ring(left, at, float(lines["other"](at)), OTHER), "shortage")
    key(left, 0.05, 0.95, "squared", LINES["squared"])
    key(left, 0.05, 0.86, "absolute", LINES["absolute"])
    key(left, 0.05, 0.77, f"yours, {shortage} to 1", LINES["other"])

    right = panel(fig, 3.35, 5.35, 0.48, 2.95)
    right.set(xlim=(-0.55, 2.55), ylim=(0, 88))
    name_axes(right, "", "€ a day, held-out days")
    right.set_xticks([])
    ticks(right, y=[0, 20, 40, 60])
    for place, (name, color) in enumerate(
        (("squared", SQUARED), ("absolute", ABSOLUTE), ("other", OTHER))
    ):
        right.bar([place], [costs[name]], width=0.7, color=color)
        note(right, place, costs[name] + 3, number(costs[name], 1), ha="center")
        label = {"squared": "squared", "absolute": "absolute", "other": "yours"}[name]
        note(
            right,
            place,
            -11 if name == "absolute" else -5,
            label,
            ha="center",
            fontsize=9,
            clip_on=False,
        )
    return (
        f"A cup short costs {shortage} €, a cup left over 1 €: on held-out days squared error "
        f"costs {number(costs['squared'], 1)} € a day, absolute error "
        f"{number(costs['absolute'], 1)} € and the loss that states the costs "
        f"{number(costs['other'], 1)} €; its order rises by {number(lines['other'].slope, 1)} cups "
        f"a degree."
    )


# Is it a good loss? ----------------------------------------------------------------------


@loss(kinks=lambda: (0.0,))
def root_error(y_true, y_pred):
    """Charge the square root of the miss: far misses hardly count."""
    r = y_pred - y_true
    slope = np.sign(r) / (2 * np.sqrt(np.where(r == 0, 1.0, np.abs(r))))
    return Formula(value=np.sqrt(np.abs(r)), gradient=slope)


@loss
def signed_error(y_true, y_pred):
    """Charge the miss with its sign: a prediction that is too low earns money."""
    return Formula(value=y_pred - y_true, gradient=np.ones_like(y_pred))


@loss
def forgotten_factor(y_true, y_pred):
    """Charge the squared miss, by an author who forgot the 2 in the gradient."""
    r = y_pred - y_true
    return Formula(value=r**2, gradient=r)


#: The losses on the check-list, by their names in the figure.
CANDIDATES: dict[str, Loss] = {
    "squared error": squared_error,
    "absolute error": absolute_error,
    "Huber, δ = 1": huber.bind(delta=1),
    "pinball, τ = 0.8": pinball.bind(quantile=0.8),
    "Tukey, c = 3": tukey_biweight.bind(c=3),
    "square root": root_error,
    "signed miss": signed_error,
    "forgotten 2": forgotten_factor,
}

_CHORD_START = -0.25


@cache
def _report(name: str) -> tuple[tuple[bool | None, str], ...]:
    """Return the check-list of a candidate in a few words a line."""
    report = assess(CANDIDATES[name])
    convex, bounded = report["convex in the prediction"], report["bounded below"]
    unit = report["another unit"].answer
    estimates = report["estimates"].answer
    slope = report["slope far away"].answer.partition(":")[0].replace(" without bound", " for ever")
    power = unit.partition("multiplies it by ")[2].replace("k^2", "k²").replace("k^0.5", "√k")
    gradient = report["gradient right"].passed
    return (
        (gradient, "gradient right" if gradient else "gradient wrong"),
        (bounded.passed, "bounded below" if bounded.passed else "not bounded below"),
        (convex.passed, "no chord passes below" if convex.passed else "not convex"),
        (None, f"unit × k, loss × {power}" if power else "has a unit of its own"),
        (None, f"estimates {_in_short(estimates)}"),
        (None, f"slope {slope}"),
    )


def _in_short(estimates: str) -> str:
    """Return what a loss estimates in a few words: a number says nothing without its place."""
    first, _, rest = estimates.partition(" (")[0].partition(":")[0].partition(", ")
    return f"{first}, {rest}" if first[0].isdigit() else first


@figure(size=(5.4, 3.2))
def good_loss(fig: Figure, loss: str = "squared error", chord: float = 2.0) -> str:
    """Draw a loss, a chord of its curve, and what the check-list says.

    A loss is convex if no chord passes below its curve. Look for the candidates whose curve rises
    above the chord, and for what else is wrong with them.
    """
    candidate = CANDIDATES[loss]
    ends = np.array([_CHORD_START, chord])
    at_ends = candidate(np.zeros(2), ends)
    between = np.linspace(ends[0], ends[1], 41)
    straight = np.interp(between, ends, at_ends)
    above = candidate(np.zeros(41), between) - straight
    rises = float(above.max())

    left = panel(fig, 0.4, 2.75, 0.48, 2.85)
    left.set(xlim=(-4, 4.2), ylim=(-2.2, 5.2))
    name_axes(left, "residual ŷ − y", "loss")
    ticks(left, x=[-4, -2, 0, 2, 4], y=[-2, 0, 2, 4])
    grid = np.linspace(-4, 4.2, 165)
    grid = np.sort(np.append(grid, 0.0))
    left.axhline(0, color=MUTED, linewidth=0.8)
    value = candidate(np.zeros_like(grid), grid)
    left.plot(grid, np.where(np.abs(value) < 6, value, np.nan), color=LOSS, linewidth=2.2)
    if rises > 1e-9:
        left.fill_between(
            between, straight, straight + np.maximum(above, 0), color=LOSS, alpha=0.3, linewidth=0
        )
    handle(cursor(left, chord), "chord")
    left.plot(ends, at_ends, color=INK, linewidth=1.3)
    inside = at_ends < 5.2
    left.plot(ends[inside], at_ends[inside], "o", color=INK, markersize=4)

    right = panel(fig, 2.95, 5.4, 0.3, 2.95)
    right.set(xlim=(0, 1), ylim=(0, 1))
    right.set_axis_off()
    for row, (passed, text) in enumerate(_report(loss)):
        mark = {True: "✓", False: "✗", None: "·"}[passed]
        color = {True: HUBER, False: LOSS, None: MUTED}[passed]
        y = 0.93 - 0.15 * row
        right.text(0.02, y, mark, fontsize=12, color=color, va="center", fontweight="bold")
        note(right, 0.12, y, textwrap.fill(text, 24))
    verdict = (
        f"the curve rises {number(rises)} above the chord"
        if rises > 1e-9
        else "no part of the curve is above it"
    )
    return (
        f"{loss}, chord from residual −0.25 to {number(chord, 1)}: {verdict}; "
        f"check-list: {', '.join(text for _, text in _report(loss))}."
    )


# Why is my number different? -------------------------------------------------------------

#: The five examples of the recorded values: targets and predictions; labels and logits.
TARGETS = np.array([1.0, -0.5, 2.0, 0.0, 3.0])
PREDICTIONS = np.array([1.5, -2.5, 2.0, 0.25, -1.0])
LABELS = np.array([1.0, 0.0, 1.0, 0.0, 1.0])
LOGITS = np.array([2.0, -1.0, -0.5, 3.0, 0.1])


def unchecked_cross_entropy(label: NDArray, logit: NDArray) -> NDArray:
    """Return the formula of the frameworks, which takes any numbers for labels."""
    return np.maximum(logit, 0) - logit * label + np.log1p(np.exp(-np.abs(logit)))


#: Formula, its two arguments, and who returns which number: halved or not, reduced or not.
CONVENTIONS = {
    "squared error": (squared_error, TARGETS, PREDICTIONS),
    "pinball, τ = 0.75": (pinball.bind(quantile=0.75), TARGETS, PREDICTIONS),
    "cross-entropy of logits": (unchecked_cross_entropy, LABELS, LOGITS),
}
_SUMMED = "PyTorch returns this with reduction='sum', Keras too for shape (5, 1)"
_RETURNED_BY = {
    ("squared error", False, "mean"): "PyTorch, Keras and scikit-learn return this",
    ("squared error", False, "sum"): _SUMMED,
    ("squared error", True, "mean"): "this is the mean of optax.l2_loss",
    ("squared error", True, "sum"): "this is the sum of optax.l2_loss",
    ("pinball, τ = 0.75", False, "mean"): "scikit-learn returns this with alpha=0.75",
    ("cross-entropy of logits", False, "mean"): "PyTorch and Keras return this",
    ("cross-entropy of logits", False, "sum"): _SUMMED,
}


@figure(size=(5.4, 2.9))
def conventions(
    fig: Figure,
    loss: str = "squared error",
    reduction: str = "mean",
    swapped: bool = False,
    halved: bool = False,
) -> str:
    """Draw one number for five examples, and what the conventions of libraries make of it.

    Look at which switch is silent: swapping the arguments of a symmetric loss. And at which one is
    loud but raises no error: swapping those of any other.
    """
    formula, y_true, y_pred = CONVENTIONS[loss]
    each = (formula(y_pred, y_true) if swapped else formula(y_true, y_pred)) / (2 if halved else 1)
    total = float(each.mean() if reduction == "mean" else each.sum())

    left = panel(fig, 0.4, 3.5, 0.48, 2.55)
    left.set(xlim=(0.4, 5.6), ylim=(-1.6, 16.5) if "squared" in loss else (-1.6, 4.6))
    name_axes(left, "example", "loss of each example")
    ticks(left, x=range(1, 6), y=[0, 5, 10, 15] if "squared" in loss else [-1, 0, 1, 2, 3, 4])
    left.axhline(0, color=MUTED, linewidth=0.8)
    left.bar(np.arange(1, 6), each, width=0.6, color=LOSS)
    gap = 0.35 if "squared" not in loss else 1.0
    for place, value in enumerate(each, start=1):
        note(left, place, max(value, 0) + gap, number(value), ha="center", fontsize=9.5)

    right = panel(fig, 3.6, 5.4, 0.3, 2.7)
    right.set(xlim=(0, 1), ylim=(0, 1))
    right.set_axis_off()
    note(right, 0.5, 0.62, number(total, 4), ha="center", fontsize=22)
    told = reduction + (" of halves" if halved else "")
    note(right, 0.5, 0.4, told, ha="center")
    note(right, 0.5, 0.28, "arguments swapped" if swapped else "target first", ha="center")
    who = _RETURNED_BY.get((loss, halved, reduction), "none of the four libraries returns this")
    if swapped:
        same = "squared" in loss
        who = f"{who}, swapped or not" if same else "a mix-up, and no error is raised"
    return (
        f"{loss[0].upper()}{loss[1:]}, {told}, {'arguments swapped' if swapped else 'in order'}: "
        f"{number(total, 4)}; {who}."
    )


_EPSILONS = {"Keras, 1e-7": 1e-7, "scikit-learn, 2.2e-16": np.finfo(float).eps}


def clipped_losses(logit: float) -> dict[str, float]:
    """Return −log(1 − p) for a label 0 and p = sigmoid(logit), as libraries compute it from p.

    In float64, by their documentation: PyTorch clips the logarithm at −100, Keras and scikit-learn
    clip p. "exact" is computed from the logit.
    """
    p = float(sigmoid(logit))
    with np.errstate(divide="ignore"):
        naive = -float(np.log1p(-p))
    losses = {"exact": float(binary_cross_entropy_with_logits(0.0, float(logit)))}
    losses["PyTorch, log at −100"] = min(naive, 100.0)
    for name, epsilon in _EPSILONS.items():
        losses[name] = -math.log1p(-min(max(p, epsilon), 1 - epsilon))
    return losses


@cache
def _clipped_curves() -> tuple[NDArray, dict[str, NDArray]]:
    logits = np.arange(0, 121.0)
    rows = [clipped_losses(z) for z in logits]
    return logits, {name: np.array([row[name] for row in rows]) for name in rows[0]}


@figure(size=(5.4, 3.3))
def clipping(ax, logit: int = 20) -> str:
    """Draw the loss of an example that is badly wrong, as clipped probabilities see it.

    Up to a point all agree. Beyond it the clipped losses are flat: the example costs the same
    however wrong it is, and its gradient is zero. Computed from the logit nothing is lost.
    """
    ax.set_position((0.085, 0.15, 0.885, 0.74))
    ax.set(xlim=(0, 121), ylim=(0, 125))
    name_axes(ax, "logit z of a label 0", "loss")
    ticks(ax, x=range(0, 121, 20), y=range(0, 121, 20))
    logits, curves = _clipped_curves()
    looks = {
        "exact": {"color": INK, "linewidth": 1.4},
        "PyTorch, log at −100": LINES["absolute"],
        "Keras, 1e-7": LINES["Huber"],
        "scikit-learn, 2.2e-16": LINES["squared"],
    }
    for name, curve in curves.items():
        ax.plot(logits, curve, **looks[name])
    here = clipped_losses(float(logit))
    handle(cursor(ax, logit), "logit")
    for name, value in here.items():
        ring(ax, logit, value, looks[name]["color"], size=9)
    note(ax, 74, 66, "from the logit: exact")
    note(ax, 44, 106, "PyTorch: log clipped at −100")
    note(ax, 119, 42, "scikit-learn: p clipped by 2.2e-16", ha="right")
    note(ax, 119, 22, "Keras: p clipped by 1e-7", ha="right")
    return (
        f"Label 0, logit {logit}: the loss is {number(here['exact'], 1)}; from a probability in "
        f"float64, PyTorch gets {number(here['PyTorch, log at −100'], 1)}, scikit-learn "
        f"{number(here['scikit-learn, 2.2e-16'], 1)} and Keras {number(here['Keras, 1e-7'], 1)}."
    )


# A gallery of bugs -----------------------------------------------------------------------

#: Six examples, made up: inputs with mean 0, and targets near 1 times the input.
INPUTS = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5])
OUTPUTS = np.array([-2.2, -1.9, -0.1, 0.2, 1.9, 2.1])


def pair_costs(w: float) -> tuple[float, float]:
    """Return the mean squared error of ŷ = w x: over the six examples, and over all 36 pairs."""
    prediction = w * INPUTS
    pairs = OUTPUTS - prediction[:, None]  # (6,) less (6, 1): every target, every prediction
    return float(((OUTPUTS - prediction) ** 2).mean()), float((pairs**2).mean())


@figure(size=(5.4, 3.1))
def broadcast(fig: Figure, w: float = 1.0, shape: str = "(6, 1)") -> str:
    """Draw which residuals a cost averages, with predictions of shape (6,) and of shape (6, 1).

    With (6, 1) NumPy pairs every prediction with every target: 36 residuals. The cost of the pairs
    is lowest where the model ignores its input.
    """
    prediction = w * INPUTS
    right_cost, wrong_cost = pair_costs(w)
    wrong = shape == "(6, 1)"

    left = panel(fig, 0.35, 2.55, 0.42, 2.62)
    left.set(xlim=(0.4, 6.6), ylim=(6.6, 0.4))
    name_axes(left, "target", "prediction")
    ticks(left, x=range(1, 7), y=range(1, 7))
    for i in range(6):
        for j in range(6):
            counted = wrong or i == j
            side = min(abs(prediction[i] - OUTPUTS[j]) / 9.5, 1) * 0.95
            color = (LOSS if i != j else PREDICTION) if counted else FAINT
            corner = (j + 1 - side / 2, i + 1 - side / 2)
            left.add_patch(_square(corner, side, color))

    right = panel(fig, 3.15, 5.3, 0.48, 2.62)
    right.set(xlim=(-0.6, 2.1), ylim=(0, 15))
    name_axes(right, "weight w", "cost")
    ticks(right, x=[0, 1, 2], y=[0, 5, 10, 15])
    grid = np.linspace(-0.6, 2.1, 55)
    costs = np.array([pair_costs(each) for each in grid])
    looks: tuple[dict[str, Any], ...] = (
        {"color": PREDICTION, "linewidth": 2.2},
        {"color": LOSS, "linewidth": 2.2, "linestyle": (0, (5, 2))},
    )
    for place, (name, look) in enumerate(zip(("6 examples", "36 pairs"), looks, strict=True)):
        right.plot(grid, costs[:, place], **look)
        key(right, 0.05, 0.96 - 0.1 * place, name, look)
    here = wrong_cost if wrong else right_cost
    handle(ring(right, w, here, LOSS if wrong else PREDICTION), "w")
    return (
        f"w = {number(w)}, predictions of shape {shape}: the cost averages "
        f"{36 if wrong else 6} residuals and says {number(wrong_cost if wrong else right_cost)}; "
        f"it is lowest at w = {number(lowest_weight(wrong))}."
    )


def lowest_weight(pairs: bool) -> float:
    """Return the weight with the lowest cost, over the examples or over all pairs."""
    if pairs:
        return float(INPUTS.mean() * OUTPUTS.mean() / (INPUTS**2).mean())
    return float((INPUTS @ OUTPUTS) / (INPUTS @ INPUTS))


def _square(corner: tuple[float, float], side: float, color: str):
    from matplotlib.patches import Rectangle

    return Rectangle(corner, side, side, facecolor=color, edgecolor=PAPER, linewidth=0.4)
