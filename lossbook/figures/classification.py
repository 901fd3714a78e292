"""Figures of chapter 4, classification losses.

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
    Linear,
    Loss,
    Momentum,
    binary_cross_entropy_with_logits,
    brier,
    categorical_cross_entropy_with_logits,
    cross_entropy,
    entropy,
    exponential,
    focal_with_logits,
    hinge,
    kl_divergence,
    logistic,
    perceptron,
    sigmoid,
    softmax,
    squared_hinge,
    train,
    zero_one,
)
from lossbook.datasets import load_breast_cancer, split
from lossbook.explore import INK, MUTED, figure, handle
from lossbook.figures.digits import LABELS, digits, draw_digit, heads_targets, network
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
    stems,
    ticks,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

#: A smooth curve over logits needs no more points than these.
_LOGITS = np.linspace(-6, 6, 49)


def _bars(ax: Axes, x: Any, heights: Any, width: float, color: str = PREDICTION) -> None:
    """Draw bars from zero, as one path."""
    stems(ax, x, 0, heights, color=color, linewidth=width, solid_capstyle="butt")


def _rows(ax: Axes, y: Any, lengths: Any, width: float, color: str = PREDICTION) -> None:
    """Draw horizontal bars from zero, as one path."""
    y, lengths = np.broadcast_arrays(y, lengths)
    gap = np.full(y.shape, np.nan)
    ax.plot(
        np.ravel([np.zeros(y.shape), lengths, gap], order="F"),
        np.ravel([y, y, gap], order="F"),
        color=color,
        linewidth=width,
        solid_capstyle="butt",
    )


# Surprise, entropy, cross-entropy --------------------------------------------------------


@figure(size=(5.4, 3.3))
def two_distributions(fig: Figure, p: float = 0.3, q: float = 0.75) -> str:
    """Draw a true chance of rain p, a forecast q, and what believing the forecast costs.

    Right, the expected surprise H(p, q) of every forecast: a bowl with its floor H(p) at
    q = p. The part above the floor is KL. Swap the roles and H(q, p) is another curve.
    """
    true, believed = np.array([p, 1 - p]), np.array([q, 1 - q])
    floor, cost = float(entropy(true)), float(cross_entropy(true, believed))
    reverse = float(cross_entropy(believed, true))

    left = panel(fig, 0.35, 2.3, 0.48, 2.85)
    left.set(xlim=(-0.6, 1.6), ylim=(0, 1.28))
    name_axes(left, "", "● true p, bar: forecast q")
    ticks(left, y=[0, 0.5, 1])
    left.xaxis.set_ticks([0, 1], ["rain", "dry"])
    _bars(left, np.arange(2), believed, 26)
    points(left, [1], [1 - p], markersize=7, clip_on=False)
    handle(left.plot([0], [p], "o", color=INK, markersize=7, zorder=3), "p")
    for x, surprise in enumerate(-np.log(believed)):
        note(left, x, 1.17, f"surprise\n{number(surprise)}", ha="center")

    right = panel(fig, 2.8, 4.85, 0.48, 2.85)
    right.set(xlim=(0, 1), ylim=(0, 3.3))
    name_axes(right, "forecast q", "expected surprise (nats)")
    ticks(right, x=[0, 0.25, 0.5, 0.75, 1], y=[0, 1, 2, 3])
    grid = np.concatenate([[0.01, 0.02], np.arange(0.04, 0.97, 0.04), [0.98, 0.99]])
    forecasts = np.column_stack([grid, 1 - grid])
    right.plot(grid, cross_entropy(np.tile(true, (len(grid), 1)), forecasts), **_FORWARD)
    right.plot([0, 1], -np.log([1 - p, p]), **_REVERSE)
    right.axhline(floor, color=MUTED, linewidth=1)
    right.plot([q, q], [floor, cost], color=LOSS, linewidth=1.2)
    handle(ring(right, q, cost, LOSS), "q")
    ring(right, q, reverse, OTHER, size=7)
    key(right, 0.2, 0.95, "H(p, q)", _FORWARD)
    key(right, 0.2, 0.86, "H(q, p)", _REVERSE)
    note(right, 1.04, floor, "H(p)")
    return (
        f"True chance of rain {number(p)}, forecast {number(q)}: entropy H(p) = {number(floor)}, "
        f"cross-entropy H(p, q) = {number(cost)}, so KL = "
        f"{number(float(kl_divergence(true, believed)))}; with the roles swapped "
        f"H(q, p) = {number(reverse)}."
    )


_FORWARD: dict[str, Any] = {"color": LOSS, "linewidth": 2.2}
_REVERSE = LINES["other"]


# Two classes -----------------------------------------------------------------------------


@figure(size=(5.4, 3.1))
def logit(fig: Figure, z: float = -2, y: int = 1) -> str:
    """Draw one example: its logit, the probability that the sigmoid makes of it, its loss.

    The distance from the probability to the label (left) is the slope of the loss (right).
    """
    p = float(sigmoid(z))
    loss = float(binary_cross_entropy_with_logits(y, z))
    slope = p - y

    left = panel(fig, 0.35, 2.5, 0.48, 2.7)
    left.set(xlim=(-6.3, 6.3), ylim=(-0.06, 1.12))
    name_axes(left, "logit z", f"probability p, label y = {y}")
    ticks(left, x=[-6, -3, 0, 3, 6], y=[0, 0.5, 1])
    left.axhline(y, color=INK, linewidth=1.2, linestyle=(0, (1, 1.5)))
    left.plot(_LOGITS, sigmoid(_LOGITS), color=PREDICTION, linewidth=2.2)
    left.plot([z, z], [y, p], color=GRADIENT, linewidth=3)
    rings = [ring(left, z, p, PREDICTION)]

    right = panel(fig, 3.05, 5.2, 0.48, 2.7)
    right.set(xlim=(-6.3, 6.3), ylim=(-0.32, 6.4))
    name_axes(right, "logit z", "loss ℓ, and its slope p − y")
    ticks(right, x=[-6, -3, 0, 3, 6], y=[0, 2, 4, 6])
    right.plot(
        _LOGITS,
        binary_cross_entropy_with_logits(np.full(_LOGITS.shape, y), _LOGITS),
        color=LOSS,
        linewidth=2.2,
    )
    reach = np.array([-1.5, 1.5]) / math.hypot(1, slope)
    right.plot(z + reach, loss + slope * reach, color=GRADIENT, linewidth=2.6)
    rings.append(ring(right, z, loss, LOSS))
    handle(rings, "z")
    return (
        f"Logit {number(z, 1)}: probability {number(p, 3)} of the label 1. The label is "
        f"{y}: loss {number(loss, 3)}, slope p − y = {number(slope, 3)}."
    )


class Diagnosis(NamedTuple):
    """A classifier of breast tumours, and those that it has not seen.

    ``features`` and ``malignant`` are held out; ``logits`` are of them.
    """

    features: NDArray[np.float64]
    malignant: NDArray[np.bool_]
    logits: NDArray[np.float64]
    weights: NDArray[np.float64]
    bias: float

    def boundary(self, threshold: float, radius: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the second feature at which the probability is the threshold."""
        level = math.log(threshold / (1 - threshold))
        return (level - self.bias - self.weights[0] * radius) / self.weights[1]


#: Two of the thirty measurements: enough for a map, too few for a perfect diagnosis.
TUMOUR_FEATURES = ("mean radius", "mean concave points")


@cache
def diagnosis(positive_weight: float = 1.0) -> Diagnosis:
    """Fit a logistic regression to three quarters of the tumours, with a weight on the malignant.

    Gradient descent on standardised features; the parameters returned are for the original ones.
    """
    data = load_breast_cancer()
    columns = [data.feature_names.index(name) for name in TUMOUR_FEATURES]
    X = data.features[:, columns]
    training, held_out = split(len(X))
    mean, spread = X[training].mean(axis=0), X[training].std(axis=0)
    model = Linear(2)
    train(
        model,
        (X[training] - mean) / spread,
        data.malignant[training].astype(float),
        Cost(binary_cross_entropy_with_logits.bind(pos_weight=positive_weight)),
        GradientDescent(learning_rate=2 / positive_weight),
        epochs=300,
    )
    weights = model.parameters["w"] / spread
    bias = float(model.parameters["b"] - weights @ mean)
    features = X[held_out]
    return Diagnosis(features, data.malignant[held_out], features @ weights + bias, weights, bias)


def mistakes(threshold: float, positive_weight: float = 1.0) -> tuple[int, int]:
    """Return how many held-out cases are missed, and how many alarms are false.

    Malignant is what reaches the threshold.
    """
    case = diagnosis(positive_weight)
    alarm = sigmoid(case.logits) >= threshold
    return int((case.malignant & ~alarm).sum()), int((~case.malignant & alarm).sum())


@figure(size=(5.4, 3.4))
def missed_case(fig: Figure, threshold: float = 0.5, miss_costs: int = 9) -> str:
    """Draw the diagnosis of tumours that the model has not seen, and what its mistakes cost.

    Left, the line from which on it says malignant; missed cases are ringed. Right, the total
    cost of every threshold; the vertical line is the threshold that follows from the costs.
    """
    case = diagnosis()
    missed, false = mistakes(threshold)
    total = miss_costs * missed + false
    advised = 1 / (1 + miss_costs)

    left = panel(fig, 0.45, 2.75, 0.48, 2.95)
    left.set(xlim=(6, 23), ylim=(0, 0.178))
    name_axes(left, "mean radius (pixels)", "concave points of the outline")
    ticks(left, x=[10, 15, 20], y=[0, 0.05, 0.1, 0.15])
    benign = ~case.malignant
    hollow: dict[str, Any] = {"markerfacecolor": "none", "markeredgewidth": 0.9, "markersize": 3.6}
    points(left, *case.features[benign].T, **hollow)
    points(left, *case.features[case.malignant].T, markersize=4)
    ends = np.array([6.0, 23.0])
    left.plot(ends, case.boundary(threshold, ends), color=PREDICTION, linewidth=2.2)
    wrong = case.malignant & (sigmoid(case.logits) < threshold)
    look: dict[str, Any] = {
        "markerfacecolor": "none",
        "markeredgewidth": 1.6,
        "markeredgecolor": LOSS,
    }
    points(left, *case.features[wrong].T, markersize=9, **look)
    note(left, 6.3, 0.163, "● malignant, ○ benign")

    right = panel(fig, 3.3, 5.2, 0.48, 2.95)
    right.set(xlim=(0, 1), ylim=(8, 600), yscale="log")
    right.minorticks_off()
    name_axes(right, "threshold", "total cost, log scale")
    ticks(right, x=[0, 0.5, 1], y=[10, 100])
    right.axvline(advised, color=MUTED, linewidth=1)
    grid, costs = _threshold_costs(miss_costs)
    right.plot(grid, costs, color=LOSS, linewidth=1.8)
    handle(ring(right, threshold, total, PREDICTION), "threshold")
    return (
        f"A miss costs {miss_costs} times a false alarm, threshold {number(threshold)}: "
        f"{missed} of {case.malignant.sum()} malignant tumours missed, {false} of {benign.sum()} "
        f"false alarms, total cost {total}; the costs advise a threshold of "
        f"{number(advised)}."
    )


@cache
def _threshold_costs(miss_costs: int) -> tuple[NDArray, NDArray]:
    grid = np.arange(2, 98) / 100
    counts = np.array([mistakes(float(threshold)) for threshold in grid])
    return grid, counts @ [miss_costs, 1]


# One of many classes ---------------------------------------------------------------------

ANIMALS = ("cat", "dog", "hen")


@figure(size=(5.4, 2.9))
def three_logits(
    fig: Figure, cat: float = 2, dog: float = 0, hen: float = 4, temperature: float = 1
) -> str:
    """Draw three logits, divided by a temperature, and the probabilities of their softmax.

    Add the same to all three and nothing happens: only differences count. A high temperature
    brings the probabilities together, a low one drives them apart. The label is cat.
    """
    logits = np.array([cat, dog, hen]) / temperature
    p = softmax(logits)
    loss = float(categorical_cross_entropy_with_logits(0, logits))
    rows = np.array([2, 1, 0])

    left = panel(fig, 0.55, 2.55, 0.48, 2.5)
    left.set(xlim=(0, 8.6), ylim=(-0.6, 2.6))
    name_axes(left, "score", "logit / temperature")
    ticks(left, x=[0, 2, 4, 6, 8])
    right = panel(fig, 2.95, 4.7, 0.48, 2.5)
    right.set(xlim=(0, 1.02), ylim=(-0.6, 2.6))
    name_axes(right, "probability", "softmax (● label)")
    ticks(right, x=[0, 0.5, 1])
    for ax, values in ((left, logits), (right, p)):
        ax.yaxis.set_ticks(rows, ANIMALS if ax is left else ["", "", ""])
        _rows(ax, rows, values, 17)
    for name, row, value in zip(ANIMALS, rows, logits, strict=True):
        handle(ring(left, value, row), name)
    points(right, [1, 0, 0], rows, markersize=7, clip_on=False)
    for row, value in zip(rows, p, strict=True):
        note(right, 1.06, row, number(float(value)))
    chances = ", ".join(
        f"{name} {number(float(value), 3)}" for name, value in zip(ANIMALS, p, strict=True)
    )
    return (
        f"Logits {number(cat, 0)}, {number(dog, 0)} and {number(hen, 0)} at temperature "
        f"{number(temperature, None)}: {chances}. If the label is cat, the loss is "
        f"{number(loss)}."
    )


#: Held-out images to follow through the network: what they show, and their place.
IMAGES = {"a clear 0": 3, "an 8 in doubt": 35, "a 2 taken for a 1": 14, "a 3 taken for a 5": 431}


@figure(size=(5.4, 3.3))
def digit(fig: Figure, image: str = "a clear 0", epoch: int = 0) -> str:
    """Draw one held-out image on its way through the network: pixels, logits, softmax, loss."""
    data, place = digits(), IMAGES[image]
    label = int(data.y_test[place])
    logits = network("multi-class").logits(data.X_test[[place]], epoch)[0]
    p = softmax(logits)
    loss = float(categorical_cross_entropy_with_logits(label, logits))
    classes = np.arange(10)

    left = panel(fig, 0.1, 1.7, 1.25, 2.85)
    draw_digit(left, data.X_test[place])
    for height, text in ((-0.16, f"label {label}"), (-0.34, f"loss {number(loss)}")):
        note(left, 0.03, height, text, fontsize=11, transform=left.transAxes)

    above = panel(fig, 2.25, 5.25, 1.95, 2.95)
    above.set(xlim=(-0.6, 9.6), ylim=(-23, 19))
    name_axes(above, "", "ten logits z")
    ticks(above, x=[], y=[-20, -10, 0, 10])
    above.axhline(0, color=MUTED, linewidth=0.8)
    _bars(above, classes, logits, 11)

    below = panel(fig, 2.25, 5.25, 0.48, 1.5)
    below.set(xlim=(-0.6, 9.6), ylim=(0, 1.04))
    name_axes(below, "class", "softmax p (● label)")
    ticks(below, x=classes, y=[0, 0.5, 1])
    _bars(below, classes, p, 11)
    points(below, label, 1, markersize=6, clip_on=False)
    best = int(p.argmax())
    return (
        f"{image.capitalize()} after {epoch} epochs: the network gives its label {label} the "
        f"probability {number(float(p[label]), 3)}, so the loss is {number(loss, 3)}; its most "
        f"probable class is {best} with {number(float(p[best]), 3)}."
    )


# Several labels at once ------------------------------------------------------------------


@cache
def softmax_over_labels() -> MLP:
    """Train the network of the multi-label head with the wrong one: a softmax over the labels.

    Its targets are the labels divided by their number, since a softmax needs rows that sum to 1.
    A digit without any label has no such row and is left out.
    """
    data = digits()
    labels = heads_targets("multi-label", data.y_train)
    some = labels.any(axis=1)
    model = MLP((64, 32, len(LABELS)), seed=0)
    train(
        model,
        data.X_train[some],
        labels[some] / labels[some].sum(axis=1, keepdims=True),
        Cost(categorical_cross_entropy_with_logits),
        Momentum(learning_rate=0.1),
        epochs=30,
        batch_size=64,
        seed=0,
    )
    return model


def label_probabilities(X: NDArray[np.float64], head: str) -> NDArray[np.floating]:
    """Return one probability per image and label, by four sigmoids or by one softmax."""
    if head == "softmax":
        return softmax(softmax_over_labels().forward(X))
    return sigmoid(network("multi-label").logits(X))


@figure(size=(5.4, 2.9))
def several_labels(fig: Figure, digit: int = 8, head: str = "four sigmoids") -> str:
    """Draw one image with four labels, any number of which may be true.

    Four sigmoids answer four questions. A softmax has a single probability to share out: with
    three true labels none should have more than a third, and with none it must still sum to 1.
    """
    data = digits()
    place = int(np.flatnonzero(data.y_test == digit)[0])
    truth = heads_targets("multi-label", np.array([digit]))[0]
    p = label_probabilities(data.X_test[[place]], head.split()[-1])[0]
    rows = np.arange(len(LABELS))[::-1]

    left = panel(fig, 0.05, 1.6, 0.7, 2.25)
    draw_digit(left, data.X_test[place])

    right = panel(fig, 2.75, 4.75, 0.48, 2.5)
    right.set(xlim=(0, 1.02), ylim=(-0.6, 3.6))
    name_axes(right, "probability", "● what is true")
    ticks(right, x=[0, 0.5, 1])
    right.yaxis.set_ticks(rows, list(LABELS))
    right.axvline(0.5, color=MUTED, linewidth=1)
    _rows(right, rows, p, 15)
    points(right, truth, rows, markersize=7, clip_on=False)
    for row, value in zip(rows, p, strict=True):
        note(right, 1.08, row, number(float(value)))
    said = [name for name, value in zip(LABELS, p, strict=True) if value >= 0.5]
    right_answers = int(((p >= 0.5) == truth).sum())
    return (
        f"A handwritten {digit}, {head}: above one half "
        f"{'are ' if len(said) > 1 else 'is '}{', '.join(said) or 'no label'}; "
        f"{right_answers} of 4 answers right. The four probabilities sum to {number(p.sum())}."
    )


# Numbers that break ----------------------------------------------------------------------

#: Logits up to 1000, closer where something happens.
STEEP_LOGITS = (1, 5, 10, 15, 20, 30, 40, 60, 80, 90, 100, 200, 500, 700, 720, 800, 1000)


def naive_losses(z: Any, dtype: str = "float64") -> tuple[NDArray, NDArray]:
    """Return the losses of the labels 0 and 1 at logits z, computed as a textbook writes them."""
    z = np.asarray(z, dtype=dtype)
    with np.errstate(all="ignore"):  # that they overflow is the point
        p = 1 / (1 + np.exp(-z))
        return -np.log(1 - p), -np.log(p)


@figure(size=(5.4, 3.3))
def naive_and_stable(fig: Figure, logit: int = 10, precision: str = "float32") -> str:
    """Draw the binary cross-entropy computed in two ways as the logit grows to 1000.

    The line is the stable form. The points are the formula as the textbook writes it: for the
    label 0 it jumps to infinity, for the label 1 it drops to zero.
    """
    dtype = np.dtype(precision)
    z = np.array(STEEP_LOGITS)
    naive = naive_losses(z, precision)
    stable = {
        label: binary_cross_entropy_with_logits(np.full(z.shape, label, dtype), z.astype(dtype))
        for label in (0, 1)
    }
    at = STEEP_LOGITS.index(logit)
    look = {"color": INK, "markersize": 3.6}

    infinity = 8e3
    left = panel(fig, 0.5, 2.5, 0.48, 2.85)
    left.set(xlim=(0.8, 1300), ylim=(0.7, 1.4e4), xscale="log", yscale="log")
    name_axes(left, "logit z", "loss, label 0")
    right = panel(fig, 3.2, 5.2, 0.48, 2.85)
    right.set(xlim=(0.8, 1300), ylim=(-365, 14), xscale="log")
    name_axes(right, "logit z", "log₁₀ of the loss, label 1")
    for ax in (left, right):
        ax.minorticks_off()
        ticks(ax, x=[1, 10, 100, 1000])
    left.yaxis.set_ticks([1, 10, 100, 1000, infinity], ["1", "10", "100", "1000", "∞"])
    right.yaxis.set_ticks([-350, -300, -200, -100, 0], ["zero", "−300", "−200", "−100", "0"])

    left.plot(z, stable[0], color=LOSS, linewidth=2.2)
    shown = np.where(np.isfinite(naive[0]), naive[0], infinity)
    points(left, z, shown, **look)
    rings = [ring(left, logit, shown[at])]
    with np.errstate(divide="ignore"):
        logs = {"stable": np.log10(stable[1]), "naive": np.log10(naive[1])}
    kept = np.isfinite(logs["stable"])
    right.plot(z[kept], logs["stable"][kept], color=LOSS, linewidth=2.2)
    shown = np.where(np.isfinite(logs["naive"]), logs["naive"], -350)
    points(right, z, shown, **look)
    rings.append(ring(right, logit, shown[at]))
    handle(rings, "logit")
    key(left, 0.05, 0.64, "stable", {"color": LOSS, "linewidth": 2.2})
    points(left, 1.6, 130, markersize=4)
    note(left, 2.55, 130, "naive")
    return (
        f"Logit {logit} in {precision}, naive and stable: the label 0 costs "
        f"{_scientific(naive[0][at])} and {_scientific(stable[0][at])}, the label 1 costs "
        f"{_scientific(naive[1][at])} and {_scientific(stable[1][at])}."
    )


def _scientific(value: Any) -> str:
    """Return a number that may be huge, tiny or infinite, as a reader writes it."""
    value = float(value)
    if math.isinf(value):
        return "infinity"
    if value == 0:
        return "0"  # whatever its sign
    if 1e-3 <= abs(value) < 1e5:
        return f"{value:.4g}" if value >= 1 else f"{value:.2g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa} · 10" + str(int(exponent)).translate(_SUPERSCRIPT)


_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


# Squared error on classes ----------------------------------------------------------------

RACE_STEPS = 60
#: The learning rates of the race: the steepest slope of each loss times its rate is 1.
RACE_RATES = {"squared": 27 / 8, "cross-entropy": 1.0}


def squared_slope(z: Any) -> Any:
    """Return the derivative of (σ(z) - 1)² with respect to the logit: the label is 1."""
    p = sigmoid(z)
    return brier.gradient(np.ones_like(p), p) * p * (1 - p)


@cache
def race_paths(start: float) -> dict[str, NDArray]:
    """Return the logits of both runners after each step, for one example with the label 1."""
    paths = {name: [start] for name in RACE_RATES}
    for _ in range(RACE_STEPS):
        squared, entropy_ = paths["squared"][-1], paths["cross-entropy"][-1]
        paths["squared"].append(squared - RACE_RATES["squared"] * float(squared_slope(squared)))
        slope = float(binary_cross_entropy_with_logits.gradient(1, entropy_))
        paths["cross-entropy"].append(entropy_ - RACE_RATES["cross-entropy"] * slope)
    return {name: np.array(path) for name, path in paths.items()}


@figure(size=(5.4, 3.2))
def race(fig: Figure, start: int = -6, step: int = 0) -> str:
    """Draw squared error and cross-entropy on their way from a wrong answer to the right one.

    Left, the size of each slope: near the right end both fade, as they should; near the left end,
    where the answer is most wrong, only the squared error's does.
    """
    paths = race_paths(start)
    probability = {name: sigmoid(path) for name, path in paths.items()}

    left = panel(fig, 0.4, 2.5, 0.48, 2.8)
    left.set(xlim=(-9, 5), ylim=(0, 1.08))
    name_axes(left, "logit z (label 1)", "η · size of the slope")
    ticks(left, x=[-8, -4, 0, 4], y=[0, 0.5, 1])
    grid = np.linspace(-9, 5, 57)
    pulls = {
        "squared": lambda z: -RACE_RATES["squared"] * squared_slope(z),
        "cross-entropy": lambda z: sigmoid(-np.asarray(z, dtype=float)),
    }
    right = panel(fig, 2.95, 5.2, 0.48, 2.8)
    right.set(xlim=(0, 62), ylim=(0, 1.08))
    name_axes(right, "step", "probability of the label")
    ticks(right, x=[0, 20, 40, 60], y=[0, 0.5, 1])
    handle(cursor(right, step), "step")
    for name, look in (("cross-entropy", LINES["cross-entropy"]), ("squared", LINES["squared"])):
        left.plot(grid, pulls[name](grid), **look)
        place = paths[name][step]
        ring(left, min(place, 5), float(pulls[name](place)), look["color"], size=9)
        right.plot(np.arange(step + 1), probability[name][: step + 1], **look)
        ring(right, step, probability[name][step], look["color"], size=9)
    key(right, 0.33, 0.6, "cross-entropy", LINES["cross-entropy"])
    key(right, 0.33, 0.5, "squared error", LINES["squared"])
    return (
        f"Step {step} from logit {number(start, 0)}: cross-entropy gives the label the probability "
        f"{number(float(probability['cross-entropy'][step]), 3)}, squared error "
        f"{number(float(probability['squared'][step]), 3)}."
    )


# Imbalance and noise ---------------------------------------------------------------------


@figure(size=(5.4, 3.2))
def focal(fig: Figure, γ: float = 2) -> str:
    """Draw what focal loss does to the pull of an example, and to the probability it teaches.

    Left, easy examples (at the right end) hardly pull any more. Right, the price: at γ > 0 the
    best prediction lies nearer to one half than the true probability.
    """
    z = np.concatenate([[-12, -9, -7.5], np.linspace(-6, 6, 61), [7.5, 9, 12]])
    p = sigmoid(z)
    pull_of_one = focal_with_logits.gradient(np.ones(z.shape, dtype=int), z, gamma=γ)
    pull_of_zero = focal_with_logits.gradient(np.zeros(z.shape, dtype=int), z, gamma=γ)
    # Where the pulls of both labels balance, in the proportion of their probabilities.
    true = pull_of_zero / (pull_of_zero - pull_of_one)

    left = panel(fig, 0.4, 2.5, 0.48, 2.8)
    left.set(xlim=(0, 1), ylim=(0, 1.6))
    name_axes(left, "probability of the true label", "size of the pull on z")
    ticks(left, x=[0, 0.5, 1], y=[0, 0.5, 1, 1.5])
    left.plot([0, 1], [1, 0], color=MUTED, linewidth=1.2)
    left.plot(p, -pull_of_one, **LINES["other"] | {"linestyle": "-"})
    easy = math.log(9)
    pulls = [
        float(-focal_with_logits.gradient(1, logit, gamma=γ)) for logit in (easy, -math.log(4))
    ]
    for x, pull in zip((0.9, 0.2), pulls, strict=True):
        ring(left, x, pull, GRADIENT, size=9)
    note(left, 0.5, 1.25, "grey: γ = 0")

    right = panel(fig, 3.05, 5.15, 0.48, 2.8)
    right.set(xlim=(0, 1), ylim=(0, 1.05))
    name_axes(right, "true probability", "best prediction p")
    ticks(right, x=[0, 0.5, 1], y=[0, 0.5, 1])
    right.plot([0, 1], [0, 1], color=MUTED, linewidth=1.2)
    right.plot(true, p, color=PREDICTION, linewidth=2.2)
    taught = float(np.interp(0.9, true, p))
    ring(right, 0.9, taught, PREDICTION, size=9)
    return (
        f"γ = {number(γ, None)}: the pull of an easy example (p = 0.9) is {_scientific(pulls[0])}, "
        f"of a hard one (p = 0.2) {number(pulls[1], 3)}; where the true probability is 0.9 the "
        f"best prediction is {number(taught)}."
    )


SMOOTHINGS = (0.0, 0.1, 0.3, 0.6)
_NOISY_IMAGES = 600


class Smoothed(NamedTuple):
    """What a network trained with one ε on labels, some of them wrong, does on held-out images."""

    accuracy: float
    confidence: float


@cache
def smoothed(label_smoothing: float, wrong: float) -> Smoothed:
    """Train on 600 digits, a share of whose labels is replaced by a random other digit."""
    data = digits()
    X, y = data.X_train[:_NOISY_IMAGES], data.y_train[:_NOISY_IMAGES].copy()
    rng = np.random.default_rng(0)
    spoilt = rng.permutation(len(y))[: round(wrong * len(y))]
    y[spoilt] = (y[spoilt] + rng.integers(1, 10, len(spoilt))) % 10
    model = MLP((64, 32, 10), seed=0)
    train(
        model,
        X,
        y,
        Cost(categorical_cross_entropy_with_logits.bind(label_smoothing=label_smoothing)),
        Momentum(learning_rate=0.3),
        epochs=80,
    )
    p = softmax(model.forward(data.X_test))
    return Smoothed(float((p.argmax(axis=1) == data.y_test).mean()), float(p.max(axis=1).mean()))


@figure(size=(5.4, 3.2))
def label_smoothing(fig: Figure, ε: float = 0, wrong_labels: float = 0.3) -> str:
    """Draw the smoothed target of a 3, and what training with it does on held-out digits.

    With wrong labels in the data, smoothing raises the accuracy. It lowers the confidence in any
    case.
    """
    left = panel(fig, 0.4, 2.35, 0.48, 2.8)
    left.set(xlim=(-0.6, 9.6), ylim=(0, 1.05))
    name_axes(left, "class", "target of a 3")
    ticks(left, x=[0, 3, 6, 9], y=[0, 0.5, 1])
    target = np.full(10, ε / 10)
    target[3] += 1 - ε
    _bars(left, np.arange(10), target, 9, INK)

    right = panel(fig, 2.95, 5.2, 0.48, 2.8)
    right.set(xlim=(-0.03, 0.63), ylim=(0, 1.05))
    name_axes(right, "smoothing ε", "held-out digits")
    ticks(right, x=[0, 0.2, 0.4, 0.6], y=[0, 0.5, 1])
    runs = [smoothed(epsilon, wrong_labels) for epsilon in SMOOTHINGS]
    here = smoothed(ε, wrong_labels)
    solid: dict[str, Any] = {"color": HUBER, "linewidth": 2.2}
    dashed = LINES["absolute"]
    right.plot(SMOOTHINGS, [run.accuracy for run in runs], marker="o", markersize=4, **solid)
    right.plot(SMOOTHINGS, [run.confidence for run in runs], marker="o", markersize=4, **dashed)
    handle(cursor(right, ε), "ε")
    ring(right, ε, here.accuracy, HUBER)
    ring(right, ε, here.confidence, ABSOLUTE)
    key(right, 0.06, 0.19, "accuracy", solid)
    key(right, 0.06, 0.09, "mean confidence", dashed)
    return (
        f"ε = {number(ε, None)} with {number(100 * wrong_labels, 0)} % of the training labels "
        f"wrong: {number(100 * here.accuracy, 1)} % of the held-out digits right, mean confidence "
        f"{number(100 * here.confidence, 0)} %."
    )


# Margins ---------------------------------------------------------------------------------

#: The losses of the margin, each with its line.
MARGIN_LOSSES: dict[str, tuple[Loss, dict[str, Any]]] = {
    "0-1": (zero_one, {"color": INK, "linewidth": 1.4}),
    "perceptron": (perceptron, {"color": GRADIENT, "linestyle": (0, (2, 1.2)), "linewidth": 2.2}),
    "hinge": (hinge, LINES["absolute"]),
    "squared hinge": (squared_hinge, {"color": SQUARED, "linewidth": 2.2}),
    "logistic": (logistic, LINES["cross-entropy"]),
    "exponential": (exponential, LINES["other"]),
}


@figure(size=(5.4, 3.6))
def margins(fig: Figure, margin: float = -1, show: str = "loss") -> str:
    """Draw six losses of the margin m = y · score, or the size of their slopes.

    All but the 0-1 loss bound it or follow it from afar; what tells them apart is how hard they
    pull on mistakes, and whether they ever stop pulling on what is right.
    """
    ax = panel(fig, 0.35, 2.95, 0.48, 3.2)
    ax.set(xlim=(-3, 3), ylim=(0, 5))
    name_axes(ax, "margin m = y · score", "loss" if show == "loss" else "size of the slope")
    ticks(ax, x=range(-3, 4), y=range(6))
    handle(cursor(ax, margin), "margin")
    grid = np.concatenate([np.linspace(-3, -0.05, 24), [-1e-9, 1e-9], np.linspace(0.05, 3, 24)])
    grid = np.union1d(grid, [1 - 1e-9, 1, 1 + 1e-9])
    values = {}
    for row, (name, (loss, look)) in enumerate(MARGIN_LOSSES.items()):
        curve = loss(np.ones(grid.shape, dtype=int), grid)
        here = float(loss(1, margin))
        if show != "loss":
            curve = -loss.gradient(np.ones(grid.shape, dtype=int), grid)
            here = abs(float(loss.gradient(1, margin)))
        ax.plot(grid, curve, **look)
        values[name] = here
        height = 0.93 - 0.115 * row
        key(ax, 1.06, height, name, look)
        note(ax, 1.93, height, number(here), transform=ax.transAxes, ha="right")
    what = "the losses" if show == "loss" else "the sizes of the slopes"
    listed = ", ".join(f"{name} {number(value)}" for name, value in values.items())
    return f"At margin {number(margin)} {what} are: {listed}."


# Calibration -----------------------------------------------------------------------------


class Forecasts(NamedTuple):
    """Logits for "at least five" of a network trained too long on too little, and the truth."""

    logits: NDArray[np.float64]
    truth: NDArray[np.int64]


@cache
def overconfident() -> Forecasts:
    """Train on the first 200 digits for 100 epochs; return what it says of all held-out ones."""
    data = digits()
    X, y = data.X_train[:200], heads_targets("binary", data.y_train[:200])
    model = MLP((64, 32, 1), seed=0)
    train(
        model,
        X,
        y,
        Cost(binary_cross_entropy_with_logits),
        Momentum(learning_rate=0.1),
        epochs=100,
        batch_size=50,
        seed=0,
    )
    X = np.concatenate([data.X_train[200:], data.X_test])
    y = np.concatenate([data.y_train[200:], data.y_test])
    return Forecasts(model.forward(X), heads_targets("binary", y))


def reliability_bins(
    p: NDArray[np.float64], truth: NDArray[np.int64], bins: int = 10
) -> tuple[NDArray, NDArray, NDArray]:
    """Return mean forecast, observed frequency and count of each bin that is not empty."""
    index = np.minimum((p * bins).astype(int), bins - 1)
    counts = np.bincount(index, minlength=bins)
    used = counts > 0
    forecast = np.bincount(index, weights=p, minlength=bins)[used] / counts[used]
    frequency = np.bincount(index, weights=truth, minlength=bins)[used] / counts[used]
    return forecast, frequency, counts[used]


_TEMPERATURES = np.arange(1, 11) / 2


@cache
def _temperature_costs() -> NDArray:
    """Return log loss and Brier score for each temperature."""
    logits, truth = overconfident()
    return np.array(
        [
            (
                binary_cross_entropy_with_logits(truth, logits / t).mean(),
                brier(truth, sigmoid(logits / t)).mean(),
            )
            for t in _TEMPERATURES
        ]
    )


@figure(size=(5.4, 3.4))
def reliability(fig: Figure, temperature: float = 1) -> str:
    """Draw how often "at least five" is true where the network says so with probability p.

    On the diagonal a probability means what it says. Dividing all logits by a temperature
    changes no decision at one half, and it can bring the points back to the diagonal.
    """
    logits, truth = overconfident()
    p = sigmoid(logits / temperature)
    forecast, frequency, counts = reliability_bins(p, truth)
    costs = _temperature_costs()
    at = int(np.argmin(np.abs(_TEMPERATURES - temperature)))

    left = panel(fig, 0.4, 2.85, 0.48, 2.95)
    left.set(xlim=(0, 1), ylim=(0, 1))
    name_axes(left, "forecast p", "observed frequency")
    ticks(left, x=[0, 0.5, 1], y=[0, 0.5, 1])
    left.plot([0, 1], [0, 1], color=MUTED, linewidth=1)
    left.plot(forecast, frequency, color=PREDICTION, linewidth=1.6)
    for x, y, count in zip(forecast, frequency, counts, strict=True):
        size = 3 + 9 * math.sqrt(count / len(truth))
        points(left, x, y, color=PREDICTION, markersize=size, clip_on=False)

    right = panel(fig, 3.35, 5.15, 0.48, 2.95)
    right.set(xlim=(0.3, 5.2), ylim=(0, 1.2))
    name_axes(right, "temperature", "cost")
    ticks(right, x=range(1, 6), y=[0, 0.5, 1])
    handle(cursor(right, temperature), "temperature")
    for column, look in enumerate((LINES["cross-entropy"], LINES["squared"])):
        right.plot(_TEMPERATURES, costs[:, column], **look)
        ring(right, temperature, costs[at, column], look["color"], size=9)
    key(right, 0.3, 0.95, "log loss", LINES["cross-entropy"])
    key(right, 0.3, 0.85, "Brier score", LINES["squared"])
    right_answers = 100 * float(((logits > 0) == truth).mean())
    sure = np.abs(p - 0.5) >= 0.4
    good = 100 * float((((p > 0.5) == truth)[sure]).mean())
    return (
        f"Temperature {number(temperature, None)}: log loss {number(costs[at, 0], 3)}, Brier score "
        f"{number(costs[at, 1], 3)}; of the forecasts with at least 90 % confidence "
        f"{number(good, 0)} % are right, of all {number(right_answers, 0)} %."
    )
