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
    Adam,
    Cost,
    GradientDescent,
    Linear,
    Loss,
    Momentum,
    binary_cross_entropy_with_logits,
    brier,
    categorical_cross_entropy_with_logits,
    categorical_focal_with_logits,
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
from lossbook.calibration import (
    adjust_logits,
    expected_calibration_error,
    fit_temperature,
)
from lossbook.calibration import reliability as reliability_of
from lossbook.datasets import load_breast_cancer, load_handwritten_digits, split
from lossbook.explore import INK, MUTED, figure, handle
from lossbook.figures.digits import (
    EPOCHS,
    HEADS,
    LABELS,
    Digits,
    digits,
    draw_digit,
    heads_targets,
    network,
)
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

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

#: A smooth curve over logits needs no more points than these.
_LOGITS = np.linspace(-6, 6, 49)


def _bars(ax: Axes, x: Any, heights: Any, width: float, color: str = PREDICTION) -> None:
    """Draw bars from zero, as one path."""
    stems(ax, x, 0, heights, color=color, linewidth=width, solid_capstyle="butt")


def _dots(ax: Axes, x: Any, y: Any, size: float, **options: Any) -> None:
    """Draw dots of one size as one path: lines with round ends, too short to have a length."""
    look = {"color": INK, "linewidth": size, "solid_capstyle": "round", "zorder": 3} | options
    stems(ax, x, y, np.asarray(y) + 1e-6, snap=False, **look)  # snapped to pixels, PNG loses them


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
def two_distributions(fig: Figure, truth_p: float = 0.3, forecast_q: float = 0.75) -> str:
    """Draw a true chance of rain p, a forecast q, and what believing the forecast costs.

    Right, the expected surprise H(p, q) of every forecast: a bowl with its floor H(p) at
    q = p. The part above the floor is KL. Swap the roles and H(q, p) is another curve.
    """
    p, q = truth_p, forecast_q
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
    handle(left.plot([0], [p], "o", color=INK, markersize=7, zorder=3), "truth_p")
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
    handle(ring(right, q, cost, LOSS), "forecast_q")
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
def logit(fig: Figure, logit_z: float = -2, label_y: int = 1) -> str:
    """Draw one example: its logit, the probability that the sigmoid makes of it, its loss.

    The distance from the probability to the label (left) is the slope of the loss (right).
    """
    z, y = logit_z, label_y
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
    handle(rings, "logit_z")
    return (
        f"Logit {number(z, 1)}: probability {number(p, 3)} of the label 1. The label is "
        f"{y}: loss {number(loss, 3)}, slope p − y = {number(slope, 3)}. That is the bar on the "
        "left, and the tilt of the line on the right."
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
        Cost(binary_cross_entropy_with_logits, class_weight={0: 1, 1: positive_weight}),
        GradientDescent(learning_rate=4),
        epochs=1000,
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

    Left, the line beyond which it says malignant; missed cases are ringed. Right, the total
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
    _dots(left, *case.features[case.malignant].T, 4)
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
        f"{missed} of {case.malignant.sum()} malignant tumours missed, false alarms for {false} of "
        f"{benign.sum()} benign ones, total cost {total}; the costs advise a threshold of "
        f"{number(advised)} (the vertical line)."
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
    A digit without any label has no such row and is left out. All else is as in :func:`network`.
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
        Adam(learning_rate=0.003),
        epochs=EPOCHS,
        batch_size=32,
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
    note(left, 1.1, 3.6e3, "computed as ∞")
    note(right, 1.1, -325, "computed as 0")
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


@figure(size=(5.4, 3.4))
def weight_or_threshold(fig: Figure, weight: int = 9, threshold: float = 0.5) -> str:
    """Draw the forecasts of a weighted diagnosis beside those of the plain one, and its mistakes.

    Left, each tumour by both forecasts; the line is the plain one with its odds times the weight.
    Right, missed cases against false alarms at every threshold: a weight leads to another place on
    nearly the same line.
    """
    plain, weighted = diagnosis(), diagnosis(float(weight))
    before, after = sigmoid(plain.logits), sigmoid(weighted.logits)
    sick = plain.malignant
    same = threshold / (threshold + weight * (1 - threshold))
    missed, false = mistakes(threshold, float(weight))
    plainly = mistakes(same)

    left = panel(fig, 0.4, 2.75, 0.48, 2.9)
    left.set(xlim=(0, 1), ylim=(0, 1))
    name_axes(left, "forecast without weight", f"forecast with weight {weight}")
    ticks(left, x=[0, 0.5, 1], y=[0, 0.5, 1])
    shift = math.log(weight)
    z = np.linspace(-6, 6, 31) - shift / 2  # as far before the curve's middle as after it
    left.plot(sigmoid(z), sigmoid(z + shift), color=MUTED, linewidth=1.2)
    left.plot([same, same], [0, threshold], color=MUTED, linewidth=1.2, linestyle=(0, (3, 2)))
    hollow: dict[str, Any] = {"markerfacecolor": "none", "markeredgewidth": 0.9, "markersize": 3.6}
    points(left, before[~sick], after[~sick], clip_on=False, **hollow)
    _dots(left, before[sick], after[sick], 4, clip_on=False)
    handle(left.axhline(threshold, color=PREDICTION, linewidth=2.2), "threshold")
    note(left, 0.42, 0.17, "● malignant\n○ benign")

    right = panel(fig, 3.25, 5.2, 0.48, 2.9)
    right.set(xlim=(0, 95), ylim=(0, 24))
    name_axes(right, "false alarms", "missed cases")
    ticks(right, x=[0, 30, 60, 90], y=[0, 10, 20])
    plain_look: dict[str, Any] = {"color": INK, "linewidth": 1.2}
    look: dict[str, Any] = {"color": PREDICTION, "linewidth": 2.2, "linestyle": (0, (4, 2))}
    right.plot(*_trade(1.0), drawstyle="steps-post", **plain_look)
    right.plot(*_trade(float(weight)), drawstyle="steps-post", **look)
    key(right, 0.14, 0.95, "without weight", plain_look)
    key(right, 0.14, 0.84, f"weight {weight}", look)
    ring(right, false, missed, PREDICTION)
    return (
        f"Weight {weight}, threshold {number(threshold)}: {missed} of {sick.sum()} malignant "
        f"tumours missed, false alarms for {false} of {(~sick).sum()} benign ones. Without weight, "
        f"at a threshold of {number(same, 3)}: {plainly[0]} and {plainly[1]}. The mean forecast is "
        f"{number(float(after.mean()))}, while a share of {number(float(sick.mean()))} is "
        "malignant."
    )


@cache
def _trade(positive_weight: float) -> tuple[NDArray, NDArray]:
    """Return false alarms and missed cases as the threshold falls from 1 to 0."""
    case = diagnosis(positive_weight)
    falling = case.malignant[np.argsort(-case.logits)]
    false, found = np.cumsum(~falling), np.cumsum(falling)
    return np.append(0, false), falling.sum() - np.append(0, found)


#: Images to train on for each digit: from 120 zeros to four nines, each about 1.5 times the next.
TAIL = np.round(120 * (4 / 120) ** (np.arange(10) / 9)).astype(int)
TAIL_STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)


class LongTail(NamedTuple):
    """Logits of a network for digits of which some were rare in training, and the digits."""

    logits: NDArray[np.float64]
    truth: NDArray[np.int64]

    def found(self, strength: float) -> NDArray[np.float64]:
        """Return of each digit the share that is found, with adjusted logits."""
        said = adjust_logits(self.logits, TAIL, strength=strength).argmax(axis=1)
        return np.array([(said[self.truth == k] == k).mean() for k in range(10)])


def tail_split(labels: NDArray[np.int64], seed: int) -> tuple[NDArray, NDArray]:
    """Return which digits to train on, as many of each as :data:`TAIL` says, and which judge."""
    order = np.random.default_rng(seed).permutation(len(labels))
    of = [order[labels[order] == k] for k in range(10)]
    training = np.concatenate([rows[:n] for rows, n in zip(of, TAIL, strict=True)])
    return training, np.concatenate([rows[TAIL[0] :] for rows in of])


@cache
def long_tailed(weights: bool = False, seed: int = 0) -> LongTail:
    """Train on a random choice of digits that gets rarer from class to class; judge by the rest.

    With weights, an example counts in inverse proportion to the frequency of its class.
    """
    data = load_handwritten_digits()
    X, y = data.images.reshape(len(data), -1) / 16, data.labels
    training, rest = tail_split(y, seed)
    model = MLP((64, 32, 10), seed=seed)
    train(
        model,
        X[training],
        y[training],
        Cost(
            categorical_cross_entropy_with_logits,
            class_weight="balanced" if weights else None,
        ),
        Momentum(learning_rate=0.1),
        epochs=60,
        batch_size=32,
        seed=seed,
    )
    return LongTail(model.forward(X[rest]), y[rest])


@figure(size=(5.4, 3.3))
def long_tail(fig: Figure, strength_τ: float = 0, class_weights: str = "none") -> str:
    """Draw how many of each digit are found by a network that saw some of them rarely.

    The 0 was in the training data 120 times, the 9 four times. Taking the logarithms of the
    frequencies off the logits gives the rare digits a chance; weights in training hardly do.
    """
    τ = strength_τ
    runs = {name: long_tailed(name != "none") for name in ("none", "1 / frequency")}
    found = runs[class_weights].found(τ)

    left = panel(fig, 0.4, 2.65, 0.48, 2.65)
    left.set(xlim=(-0.6, 9.6), ylim=(0, 1.04))
    name_axes(left, "digit", "share found (● at first)")
    ticks(left, x=range(10), y=[0, 0.5, 1])
    _bars(left, np.arange(10), found, 10)
    points(left, np.arange(10), runs["none"].found(0.0), markersize=4.5)

    right = panel(fig, 3.2, 5.2, 0.48, 2.65)
    right.set(xlim=(-0.05, 2.05), ylim=(0.8, 1))
    name_axes(right, "strength τ", "share found")
    ticks(right, x=[0, 0.5, 1, 1.5, 2], y=[0.8, 0.9, 1])
    handle(cursor(right, τ), "strength_τ")
    mean = [runs[class_weights].found(t).mean() for t in TAIL_STRENGTHS]
    usual = [np.average(runs[class_weights].found(t), weights=TAIL) for t in TAIL_STRENGTHS]
    solid: dict[str, Any] = {"color": HUBER, "linewidth": 2.2}
    right.plot(TAIL_STRENGTHS, mean, **solid)
    right.plot(TAIL_STRENGTHS, usual, **LINES["other"])
    ring(right, τ, found.mean(), HUBER, size=9)
    ring(right, τ, np.average(found, weights=TAIL), OTHER, size=9)
    key(right, 0.03, 0.19, "mean of digits", solid)
    key(right, 0.03, 0.08, "as in training", LINES["other"])
    return (
        f"τ = {number(τ, None)}, class weights: {class_weights}. With four 9s to learn from, "
        f"{number(100 * found[9], 0)} % of the held-out ones are found; on average over the digits "
        f"{number(100 * found.mean(), 1)} %; with digits as frequent as in training "
        f"{number(100 * float(np.average(found, weights=TAIL)), 1)} %."
    )


#: Probabilities for a smooth curve: closer where it turns, near 0 and 1.
_PROBABILITIES = (1 - np.cos(np.pi * np.linspace(0.03, 0.97, 25))) / 2
FOCUSINGS = (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0)


@figure(size=(5.4, 3.2))
def focal(fig: Figure, focusing_γ: float = 2, weight_α: float = 0) -> str:
    """Draw what focal loss does to the pull of an example, and to the probability it teaches.

    Left, easy examples (at the right end) hardly pull any more. Right, the price: at γ > 0 the
    best prediction lies nearer to one half than the true probability. α, where it is not 0, weighs
    the labels, α for the 1 and 1 - α for the 0.
    """
    γ, α = focusing_γ, weight_α or None
    of = focal_with_logits.bind(gamma=γ, alpha=α)

    def pull(label: int, z: NDArray) -> NDArray:
        return np.abs(of.gradient(np.full(z.shape, label), z))

    # Where the pulls of both labels balance, in the proportion of their probabilities.
    z = np.linspace(-12, 12, 121)
    true_logit = np.log(pull(0, z) / pull(1, z))

    left = panel(fig, 0.4, 2.5, 0.48, 2.8)
    left.set(xlim=(0, 1), ylim=(0, 1.6))
    name_axes(left, "probability of the true label", "size of the pull on z")
    ticks(left, x=[0, 0.5, 1], y=[0, 0.5, 1, 1.5])
    plain: dict[str, Any] = {"color": MUTED, "linewidth": 1.4, "linestyle": (0, (2, 1.5))}
    left.plot([0, 1], [1, 0], **plain)
    looks = {"label 1": CURVES["other"], "label 0": {"color": INK, "linewidth": 1.2}}
    p = _PROBABILITIES
    logits = np.log(p / (1 - p))
    left.plot(p, pull(0, -logits), **looks["label 0"])
    left.plot(p, pull(1, logits), **looks["label 1"])
    pulls = [float(-of.gradient(1, logit)) for logit in (math.log(9), -math.log(4))]
    for x, pull in zip((0.9, 0.2), pulls, strict=True):
        ring(left, x, pull, GRADIENT, size=9)
    for row, (name, look) in enumerate(looks.items()):
        key(left, 0.5, 0.95 - 0.1 * row, name, look)
    key(left, 0.5, 0.75, "log loss", plain)

    right = panel(fig, 3.05, 5.15, 0.48, 2.8)
    right.set(xlim=(0, 1), ylim=(0, 1.05))
    name_axes(right, "true probability", "best prediction p")
    ticks(right, x=[0, 0.5, 1], y=[0, 0.5, 1])
    right.plot([0, 1], [0, 1], color=MUTED, linewidth=1.2)
    best = sigmoid(np.interp(logits, true_logit, z))
    right.plot([0, *p, 1], [0, *best, 1], color=PREDICTION, linewidth=2.2)
    taught = float(sigmoid(np.interp(math.log(9), true_logit, z)))
    ring(right, 0.9, taught, PREDICTION, size=9)
    said = f" and α = {number(α, None)}" if α else ""
    return (
        f"γ = {number(γ, None)}{said}: the label 1 pulls with {_scientific(pulls[0])} where it is "
        f"easy (p = 0.9), and with {number(pulls[1], 3)} where it is hard (p = 0.2); where its "
        f"true probability is 0.9 the best prediction is {number(taught)}."
    )


SMOOTHINGS = (0.0, 0.1, 0.3, 0.6)
_NOISY_IMAGES = 600


class Smoothed(NamedTuple):
    """What a network trained with one ε on labels, some of them wrong, does on held-out images."""

    accuracy: float
    confidence: float


def noisy_digits(wrong: float, seed: int = 0) -> Digits:
    """Return 600 random digits, a share of whose labels is replaced at random, and all others."""
    data = load_handwritten_digits()
    images = data.images.reshape(len(data), -1) / 16
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(data))
    noisy, others = order[:_NOISY_IMAGES], order[_NOISY_IMAGES:]
    y = data.labels[noisy].copy()
    spoilt = rng.permutation(len(y))[: round(wrong * len(y))]
    y[spoilt] = (y[spoilt] + rng.integers(1, 10, len(spoilt))) % 10
    return Digits(images[noisy], y, images[others], data.labels[others])


@cache
def smoothed(label_smoothing: float, wrong: float) -> Smoothed:
    """Train on digits with wrong labels; judge by others with the right ones."""
    data = noisy_digits(wrong)
    model = MLP((64, 32, 10), seed=0)
    train(
        model,
        data.X_train,
        data.y_train,
        Cost(categorical_cross_entropy_with_logits.bind(label_smoothing=label_smoothing)),
        Momentum(learning_rate=0.3),
        epochs=80,
    )
    p = softmax(model.forward(data.X_test))
    return Smoothed(float((p.argmax(axis=1) == data.y_test).mean()), float(p.max(axis=1).mean()))


@figure(size=(5.4, 3.2))
def label_smoothing(fig: Figure, smoothing_ε: float = 0, wrong_labels: float = 0.3) -> str:
    """Draw the smoothed target of a 3, and what training with it does on held-out digits.

    With wrong labels in the data, smoothing raises the accuracy. It lowers the confidence in any
    case.
    """
    ε = smoothing_ε
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
    handle(cursor(right, ε), "smoothing_ε")
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

_FEW_IMAGES = 100


class Forecasts(NamedTuple):
    """Logits of a network trained too long on too little, and what is true."""

    logits: NDArray[np.float64]
    truth: NDArray[np.int64]


@cache
def overconfident(gamma: float = 0.0, seed: int = 0, head: str = "binary") -> Forecasts:
    """Train on 100 random digits for 100 epochs; return what the network says of all others.

    It says whether they are at least five, or which they are, by `head`. It is trained with log
    loss, or with focal loss if `gamma` is not 0.
    """
    data = load_handwritten_digits()
    X, y = data.images.reshape(len(data), -1) / 16, heads_targets(head, data.labels)
    loss = focal_with_logits if head == "binary" else categorical_focal_with_logits
    order = np.random.default_rng(seed).permutation(len(y))
    few, others = order[:_FEW_IMAGES], order[_FEW_IMAGES:]
    model = MLP((64, 32, HEADS[head]), seed=seed)
    train(
        model,
        X[few],
        y[few],
        Cost(loss.bind(gamma=gamma)),
        Momentum(learning_rate=0.1),
        epochs=100,
        batch_size=25,
        seed=seed,
    )
    return Forecasts(model.forward(X[others]), y[others])


def _reliability_panel(ax: Axes, p: NDArray, truth: NDArray, bins: int = 10) -> None:
    """Draw how often each kind of forecast came true; larger dots stand for more forecasts."""
    forecast, frequency, counts = reliability_of(truth, p, bins=bins)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    name_axes(ax, "forecast p", "observed frequency")
    ticks(ax, x=[0, 0.5, 1], y=[0, 0.5, 1])
    ax.plot([0, 1], [0, 1], color=MUTED, linewidth=1)
    stems(ax, forecast, frequency, forecast, color=LOSS, linewidth=1.2)
    # Few sizes, all dots of one as one path: a page holds hundreds of these dots.
    sizes = np.rint(3 + 9 * np.sqrt(counts / len(truth)))
    for size in np.unique(sizes):
        of = sizes == size
        _dots(ax, forecast[of], frequency[of], size, color=PREDICTION, clip_on=False)


_TEMPERATURES = np.arange(1, 11) / 2
#: The losses that the overconfident network is trained with, by the γ of focal loss.
TRAINED_WITH = {"log loss": 0.0, "focal, γ = 2": 2.0, "focal, γ = 5": 5.0}


@cache
def _temperature_costs(gamma: float) -> NDArray:
    """Return log loss, Brier score and calibration error for each temperature."""
    logits, truth = overconfident(gamma)
    return np.array(
        [
            (
                binary_cross_entropy_with_logits(truth, logits / t).mean(),
                brier(truth, sigmoid(logits / t)).mean(),
                expected_calibration_error(truth, sigmoid(logits / t), bins=10),
            )
            for t in _TEMPERATURES
        ]
    )


@figure(size=(5.4, 3.4))
def reliability(fig: Figure, temperature: float = 1, trained_with: str = "log loss") -> str:
    """Draw how often "at least five" is true where the network says so with probability p.

    On the diagonal a probability means what it says. Dividing all logits by a temperature
    changes no decision at one half, and it can bring the points back to the diagonal. Focal loss
    in training does so too, if its γ is right.
    """
    gamma = TRAINED_WITH[trained_with]
    logits, truth = overconfident(gamma)
    p = sigmoid(logits / temperature)
    costs = _temperature_costs(gamma)
    at = int(np.argmin(np.abs(_TEMPERATURES - temperature)))

    left = panel(fig, 0.4, 2.85, 0.48, 2.95)
    _reliability_panel(left, p, truth)
    right = panel(fig, 3.35, 5.15, 0.48, 2.95)
    right.set(xlim=(0.3, 5.2), ylim=(0, 1))
    name_axes(right, "temperature", "log loss, and ECE")
    ticks(right, x=range(1, 6), y=[0, 0.5, 1])
    handle(cursor(right, temperature), "temperature")
    for name, column, look, height in (
        ("log loss", 0, LINES["cross-entropy"], 0.95),
        ("ECE", 2, CURVES["other"], 0.85),
    ):
        right.plot(_TEMPERATURES, costs[:, column], **look)
        ring(right, temperature, costs[at, column], look["color"], size=9)
        key(right, 0.2, height, name, look)
    right_answers = 100 * float(((logits > 0) == truth).mean())
    return (
        f"Trained with {trained_with}, temperature {number(temperature, None)}: log loss "
        f"{number(costs[at, 0], 3)}, Brier score {number(costs[at, 1], 3)}, expected calibration "
        f"error {number(costs[at, 2], 3)}; {number(right_answers, 0)} % of the decisions at one "
        f"half are right."
    )


BINS = (2, 5, 10, 15, 20, 30, 50)
_SIZES = (100, 400, 1600)
_DRAWS = 200


@cache
def _errors_of_bins(forecasts: int) -> tuple[NDArray, NDArray]:
    """Return the calibration error for each number of bins, and that of perfect models.

    The forecasts are the first of the overconfident network, at a temperature fitted to the rest
    or, where all are used, to themselves. A perfect model makes the same forecasts, and chance
    brings about what they say; of many such draws these are the 5th, 50th and 95th percentile.
    """
    p, truth = _cooled(forecasts)
    chance = np.random.default_rng(0).random((_DRAWS, len(p))) < p
    error = [expected_calibration_error(truth, p, bins=b) for b in BINS]
    perfect = [
        [expected_calibration_error(draw.astype(int), p, bins=b) for draw in chance] for b in BINS
    ]
    return np.array(error), np.percentile(perfect, [5, 50, 95], axis=1)


def _cooled(forecasts: int) -> tuple[NDArray, NDArray]:
    """Return the first forecasts of the overconfident network at its best temperature."""
    logits, truth = overconfident()
    p = sigmoid(logits / fit_temperature(truth, logits))
    return p[:forecasts], truth[:forecasts]


@figure(size=(5.4, 3.4))
def calibration_bins(fig: Figure, bins: int = 15, forecasts: int = 100) -> str:
    """Draw the calibration error of one model, sorted into more or fewer bins.

    Right, the same for perfect models: their forecasts are the true probabilities, and yet their
    error is not 0, because each bin holds only a few cases.
    """
    p, truth = _cooled(forecasts)
    error, (low, middle, high) = _errors_of_bins(forecasts)
    at = BINS.index(bins)

    left = panel(fig, 0.4, 2.85, 0.48, 2.95)
    _reliability_panel(left, p, truth, bins)
    right = panel(fig, 3.35, 5.15, 0.48, 2.95)
    right.set(xlim=(0, 52), ylim=(0, 0.2))
    name_axes(right, "bins", "calibration error")
    ticks(right, x=[0, 10, 20, 30, 40, 50], y=[0, 0.1, 0.2])
    handle(cursor(right, bins), "bins")
    model = CURVES["other"]
    ideal: dict[str, Any] = {"color": INK, "linewidth": 1.4, "linestyle": (0, (3, 2))}
    right.fill_between(BINS, low, high, color=MUTED, alpha=0.25, linewidth=0)
    right.plot(BINS, middle, **ideal)
    right.plot(BINS, error, **model)
    ring(right, bins, error[at], OTHER, size=9)
    key(right, 0.08, 0.95, "this network", model)
    key(right, 0.08, 0.85, "perfect models", ideal)
    return (
        f"{len(p)} forecasts in {bins} bins: expected calibration error {number(error[at], 3)}. "
        f"Half of the perfect models have an error above {number(middle[at], 3)}, and nine in ten "
        f"have one between {number(low[at], 3)} and {number(high[at], 3)}."
    )
