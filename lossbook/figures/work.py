"""Figures of chapter 6, losses at work: text, grades, masks, pairs, several losses, teachers.

Every function draws one position and returns its caption. Axis limits never depend on the
position, so that only what changes moves.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from lossbook import (
    binary_cross_entropy,
    dice,
    kl_divergence_with_logits,
    ordinal_nll,
    pairwise_logistic,
    sigmoid,
    softmax,
    squared_error,
)
from lossbook.explore import FAINT, INK, MUTED, figure, handle
from lossbook.figures.digits import digits, draw_digit, network
from lossbook.figures.style import (
    GRADIENT,
    LINES,
    LOSS,
    OTHER,
    PREDICTION,
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
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


# Tokens ----------------------------------------------------------------------------------

#: Jane Taylor, The Star (1806): five stanzas.
STAR = """\
Twinkle, twinkle, little star,
How I wonder what you are!
Up above the world so high,
Like a diamond in the sky.
When the blazing sun is gone,
When he nothing shines upon,
Then you show your little light,
Twinkle, twinkle, all the night.
Then the traveller in the dark
Thanks you for your tiny spark;
He could not see which way to go,
If you did not twinkle so.
In the dark blue sky you keep,
And often through my curtains peep,
For you never shut your eye
Till the sun is in the sky.
As your bright and tiny spark
Lights the traveller in the dark,
Though I know not what you are,
Twinkle, twinkle, little star.
""".lower().splitlines(keepends=True)

#: The lines that the model learns from; it is judged by the others.
READ, UNREAD = STAR[:12], STAR[12:]
#: The tokens: every character of the poem, the end of the line last.
TOKENS = [*sorted(set("".join(STAR)) - {"\n"}), "\n"]
#: What stands in the target where there is no token.
PADDING = -100


def encode(lines: list[str], length: int) -> NDArray[np.int64]:
    """Return the token numbers of lines, one row for each, filled up with :data:`PADDING`."""
    rows = np.full((len(lines), length), PADDING)
    for row, line in zip(rows, lines, strict=True):
        row[: len(line)] = [TOKENS.index(character) for character in line]
    return rows


@cache
def letter_logits() -> NDArray[np.float64]:
    """Return for each token the logits of the next one, counted in the lines that were read.

    The last row is for the beginning of a line. A tenth is added to each count, so that nothing
    is impossible.
    """
    counts = np.full((len(TOKENS) + 1, len(TOKENS)), 0.1)
    for line in READ:
        numbers = [TOKENS.index(character) for character in line]
        np.add.at(counts, (np.array([len(TOKENS), *numbers[:-1]]), np.array(numbers)), 1)
    logits = np.log(counts / counts.sum(axis=1, keepdims=True))
    logits.flags.writeable = False
    return logits


def next_logits(targets: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the logits for each place of some rows of tokens; those of the padding are idle."""
    before = np.concatenate([np.full((len(targets), 1), len(TOKENS)), targets[:, :-1]], axis=1)
    return letter_logits()[np.where(before == PADDING, TOKENS.index("\n"), before)]


@cache
def _surprises() -> list[NDArray[np.float64]]:
    """Return the surprise of the model at each token of the lines that it has not read."""
    return [
        -logits[np.arange(len(line)), targets[: len(line)]]
        for line, targets, logits in zip(
            UNREAD, encode(UNREAD, 36), next_logits(encode(UNREAD, 36)), strict=True
        )
    ]


@figure(size=(5.4, 3.6))
def padded_lines(fig: Figure, line: int = 1, length: int = 36) -> str:
    """Draw how a model of letters is surprised by a line, and three means over eight lines.

    Above, one bar for each letter of the line, and a dot for each place that only fills it up.
    Below, the perplexity by three means: the places that fill up change one of them.
    """
    surprises = _surprises()
    shown, text = surprises[line - 1], UNREAD[line - 1]
    top = panel(fig, 0.35, 5.3, 1.95, 3.2)
    top.set(xlim=(-1, 52), ylim=(0, 7.5))
    name_axes(top, "", f"surprise at each letter of line {line}")
    ticks(top, y=[0, 3, 6])
    top.set_xticks([])
    places = np.arange(len(shown))
    stems(top, places, 0, shown, color=LOSS, linewidth=4, solid_capstyle="butt")
    start = 0
    for word in text.split():
        note(top, start - 0.4, -0.85, word, fontsize=9)
        start += len(word) + 1
    filling = np.arange(len(shown), length)
    top.plot(filling, np.full(len(filling), 0.2), "o", color=MUTED, markersize=2.2)

    total, tokens = sum(s.sum() for s in surprises), sum(len(s) for s in surprises)
    means = {
        "over the letters": total / tokens,
        "of the lines’ means": float(np.mean([s.mean() for s in surprises])),
        "over all places": total / (len(surprises) * length),
    }
    below = panel(fig, 1.95, 5.3, 0.45, 1.3)
    below.set(xlim=(1, 12.4), ylim=(-0.6, 2.6), yticks=[])
    name_axes(below, "perplexity: e to the power of the mean")
    ticks(below, x=[1, 4, 7, 10])
    for place, (name, mean) in zip((2, 1, 0), means.items(), strict=True):
        right = place > 0
        color = PREDICTION if right else OTHER
        below.plot(
            [1, math.exp(mean)], [place, place], color=color, linewidth=7, solid_capstyle="butt"
        )
        note(below, math.exp(mean) + 0.15, place, number(math.exp(mean), 1))
        note(below, 0.8, place, name, ha="right")
    return (
        f"Line {line} of the eight unread ones, {len(shown)} letters: mean surprise "
        f"{number(shown.mean())}. All eight padded to {length} places: the mean over the "
        f"letters is {number(means['over the letters'])}, a perplexity of "
        f"{number(math.exp(means['over the letters']), 1)}; the mean over all places is "
        f"{number(means['over all places'])}, a perplexity of "
        f"{number(math.exp(means['over all places']), 1)}."
    )


# Ordered classes -------------------------------------------------------------------------

#: Tonsils of 1398 children, normal, enlarged, greatly enlarged: of those who carry a streptococcus
#: and of those who do not (M. C. Holmes and R. E. O. Williams, 1954, as in P. McCullagh, 1980).
TONSILS = {"carriers": np.array([19, 29, 24]), "not carriers": np.array([497, 560, 269])}
GRADES = ("normal", "enlarged", "greatly enlarged")
#: The cut points that maximise the likelihood, the score of those who carry none being 0.
CUTS = (-0.5085, 1.3627)


def grade_shares(score: float, cuts: tuple[float, ...] = CUTS) -> NDArray[np.float64]:
    """Return the probabilities of the grades at a score: areas between the cut points."""
    return np.diff(sigmoid(np.array(cuts) - score), prepend=0, append=1)


@figure(size=(5.4, 3.2))
def ordered_grades(fig: Figure, score: float = 0.0, children: str = "carriers") -> str:
    """Draw one curve over two fixed cut points: the areas between them are the three grades.

    Move the score: the curve moves as a whole, and all three probabilities change together. The
    rings are what was seen.
    """
    counts = TONSILS[children]
    shares = grade_shares(score)
    left = panel(fig, 0.3, 3.1, 0.5, 2.6)
    left.set(xlim=(-5, 6), ylim=(0, 0.34), yticks=[])
    name_axes(left, "score + noise", "where the cut points lie")
    ticks(left, x=[-4, -2, 0, 2, 4])
    x = np.linspace(-5, 6, 221)
    density = sigmoid(x - score) * sigmoid(score - x)
    edges = (-5, *CUTS, 6)
    for grade, alpha in enumerate((0.25, 0.5, 0.85)):
        inside = np.unique(np.clip(x, edges[grade], edges[grade + 1]))
        height = sigmoid(inside - score) * sigmoid(score - inside)
        left.fill_between(inside, height, color=PREDICTION, alpha=alpha, linewidth=0)
    left.plot(x, density, color=INK, linewidth=1.2)
    for cut, name in zip(CUTS, ("cut 1", "cut 2"), strict=True):
        left.plot([cut, cut], [0, 0.28], color=MUTED, linewidth=1)
        note(left, cut, 0.3, name, ha="center", fontsize=9)
    handle(ring(left, score, 0.25, PREDICTION), "score")

    right = panel(fig, 3.55, 5.3, 0.5, 2.6)
    right.set(xlim=(-0.6, 2.6), ylim=(0, 0.72), xticks=[])
    name_axes(right, "", "share of each grade")
    ticks(right, y=[0, 0.2, 0.4, 0.6])
    for grade, (share, alpha) in enumerate(zip(shares, (0.25, 0.5, 0.85), strict=True)):
        look = LINES["squared"] | {"color": PREDICTION, "alpha": alpha, "linewidth": 18}
        right.plot([grade, grade], [0, share], solid_capstyle="butt", **look)
        note(right, grade, -0.06, ("normal", "larger", "large")[grade], ha="center", fontsize=9)
    seen = counts / counts.sum()
    note(right, 2.5, 0.68, "○ seen", ha="right")
    points(right, range(3), seen, markerfacecolor="none", markeredgewidth=1.4, markersize=7)
    cost = float(ordinal_nll(np.arange(3), np.full(3, score), CUTS) @ seen)
    named = ", ".join(f"{name} {number(p)}" for name, p in zip(GRADES, shares, strict=True))
    return (
        f"Score {number(score, 1)}: {named}. Seen among {children}: "
        f"{', '.join(number(p) for p in seen)}. Mean loss {number(cost, 3)}."
    )


# Masks -----------------------------------------------------------------------------------


@cache
def eights() -> NDArray[np.float64]:
    """Return which pixels carry ink in the eights that are there for training: masks of 64."""
    data = digits()
    masks = (data.X_train[data.y_train == 8] > 0.5).astype(float)
    masks.flags.writeable = False
    return masks


@cache
def best_map(loss: str) -> list[NDArray]:
    """Return one map of probabilities for all eights, at each step of gradient descent.

    The map is the sigmoid of 64 parameters, which begin at 0.
    """
    masks = eights()
    judge, rate = {"cross-entropy": (binary_cross_entropy, 16.0), "Dice": (dice, 20.0)}[loss]
    logits, maps = np.zeros(masks.shape[1]), []
    for _ in range(MASK_STEPS[-1] + 1):
        p = sigmoid(logits)
        maps.append(p)
        everywhere = np.broadcast_to(p, masks.shape).copy()
        slope = judge.gradient(masks, everywhere).mean(axis=0)
        if loss == "cross-entropy":
            slope = slope / masks.shape[1]  # its mean over the pixels
        logits = logits - rate * slope * p * (1 - p)
    return maps


MASK_STEPS = [0, 5, 10, 20, 40, 80, 160, 320, 640, 1280]


@figure(size=(5.4, 3.0))
def mask_map(fig: Figure, loss: str = "cross-entropy", step: int = 10) -> str:
    """Draw the one map of ink that a loss likes best for all eights, and what each pixel got.

    Right, a point for each pixel: how many of the eights have ink there, and the probability that
    the map gives. On the diagonal a probability is what it says.
    """
    masks = eights()
    p, share = best_map(loss)[step], masks.mean(axis=0)
    left = panel(fig, 0.2, 2.2, 0.45, 2.45)
    left.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    left.set_axis_off()
    pixels(left, p.reshape(8, 8), 0, 0, 1)
    note(left, 0, 1.09, f"the map after {step} steps")
    right = panel(fig, 3.0, 5.2, 0.5, 2.45)
    right.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04))
    name_axes(right, "share of eights with ink there", "predicted probability")
    ticks(right, x=[0, 0.5, 1], y=[0, 0.5, 1])
    right.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8)
    right.plot(share, p, "o", color=PREDICTION, markersize=5, markeredgewidth=0, alpha=0.7)
    everywhere = np.broadcast_to(p, masks.shape).copy()
    overlap = 1 - float(dice(masks, everywhere).mean())
    surprise = float(binary_cross_entropy(masks, everywhere).mean())
    sure, seldom = (int(np.sum((x < 0.05) | (x > 0.95))) for x in (p, share))
    return (
        f"{loss}, {step} steps: mean Dice overlap with the eights {number(overlap)}, mean "
        f"cross-entropy of a pixel {number(surprise)}; {sure} of 64 pixels are predicted below "
        f"0.05 or above 0.95; {seldom} of the 64 shares lie there."
    )


# Pairs -----------------------------------------------------------------------------------

#: The seven teams of baseball's American League, Eastern Division.
TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
#: How often the team of the row beat that of the column in 1987, in 13 games
#: (A. Agresti, Categorical Data Analysis, 1990).
WINS = np.array(
    [
        [0, 7, 9, 7, 7, 9, 11],
        [6, 0, 7, 5, 11, 9, 9],
        [4, 6, 0, 7, 7, 8, 12],
        [6, 8, 6, 0, 6, 7, 10],
        [6, 2, 6, 7, 0, 7, 12],
        [4, 4, 5, 6, 6, 0, 6],
        [2, 4, 1, 3, 1, 7, 0],
    ]
)


@cache
def strengths() -> NDArray[np.float64]:
    """Return the strengths of lowest cost, Baltimore's being 0: gradient descent on the pairs."""
    winner, loser = np.nonzero(WINS)
    games = WINS[winner, loser]
    strength = np.zeros(len(TEAMS))
    for _ in range(2000):
        slope = games * pairwise_logistic.gradient(
            np.ones(len(games)), strength[winner] - strength[loser]
        )
        # The difference rises with the winner's strength and falls with the loser's.
        pull = np.bincount(winner, slope, len(TEAMS)) - np.bincount(loser, slope, len(TEAMS))
        strength = strength - 0.03 * pull
    return strength - strength[-1]


def pair_cost(team: int, strength: float) -> float:
    """Return the mean loss over a team's games, given its strength; the others have their best."""
    others = [k for k in range(len(TEAMS)) if k != team]
    difference = strength - strengths()[others]
    won, lost = WINS[team, others], WINS[others, team]
    ones = np.ones(len(others))
    losses = won * pairwise_logistic(ones, difference) + lost * pairwise_logistic(
        0 * ones, difference
    )
    return float(losses.sum() / (won + lost).sum())


@figure(size=(5.4, 3.3))
def pairs(fig: Figure, team: str = "Boston", strength: float = 0.0) -> str:
    """Draw what a strength predicts against each opponent, what was played, and the cost.

    Left, a row for each opponent: the ring is the predicted share of games won, the dot the share
    of 13 that was won. Right, the mean loss of the team's 78 games over its strength.
    """
    chosen = TEAMS.index(team)
    others = [k for k in range(len(TEAMS)) if k != chosen]
    predicted = sigmoid(strength - strengths()[others])
    won = WINS[chosen, others] / 13
    rows = np.arange(len(others))[::-1]
    left = panel(fig, 1.05, 2.95, 0.5, 2.75)
    left.set(xlim=(0, 1), ylim=(-0.6, 5.6), yticks=[])
    name_axes(left, "share of games won", f"{team} against")
    ticks(left, x=[0, 0.5, 1])
    left.axvline(0.5, color=FAINT, linewidth=1)
    for row, other in zip(rows, others, strict=True):
        note(left, -0.05, row, TEAMS[other], ha="right", fontsize=9)
    stems_x = np.stack([won, predicted])
    for row, (a, b) in zip(rows, stems_x.T, strict=True):
        left.plot([a, b], [row, row], color=GRADIENT, linewidth=2)
    points(left, won, rows)
    left.plot(
        predicted, rows, "o", markerfacecolor="none", markeredgecolor=PREDICTION, markersize=8
    )
    right = panel(fig, 3.5, 5.3, 0.5, 2.75)
    grid = np.linspace(-1, 3, 81)
    right.set(xlim=(-1, 3), ylim=(0.45, 1.55))
    name_axes(right, f"strength of {team}", "mean loss")
    ticks(right, x=[-1, 0, 1, 2, 3], y=[0.6, 0.9, 1.2, 1.5])
    right.plot(grid, [pair_cost(chosen, s) for s in grid], color=LOSS, linewidth=2.2)
    cost = pair_cost(chosen, strength)
    handle(ring(right, strength, cost, PREDICTION), "strength")
    expected = float(13 * predicted.sum())
    return (
        f"{team} at strength {number(strength, 1)}: {number(expected, 1)} wins expected in 78 "
        f"games, {int(WINS[chosen].sum())} won; mean loss {number(cost, 3)}."
    )


# Several losses at once ------------------------------------------------------------------

#: Light over 7442.42 m, as a time beyond 24,800 ns: 66 measurements (S. Newcomb, 1882, as in
#: S. M. Stigler, 1977). Rounding the path to 7442 m would cost 17 km/s.
NEWCOMB = np.array(
    [
        28, -44, 29, 30, 24, 28, 37, 32, 36, 27, 26, 28, 29, 26, 27, 22, 23, 20, 25, 25, 36, 23,
        31, 32, 24, 27, 33, 16, 24, 29, 36, 21, 28, 26, 27, 27, 32, 25, 28, 24, 40, 21, 31, 32,
        28, 26, 30, 27, 26, 24, 32, 29, 34, -2, 25, 19, 36, 29, 30, 22, 28, 33, 39, 25, 16, 23,
    ],
    dtype=float,
)  # fmt: skip
#: The speed of light, less 299,000 km/s: 100 measurements (A. A. Michelson, 1879, as in Stigler).
MICHELSON = np.array(
    [
        850, 740, 900, 1070, 930, 850, 950, 980, 980, 880, 1000, 980, 930, 650, 760, 810, 1000,
        1000, 960, 960, 960, 940, 960, 940, 880, 800, 850, 880, 900, 840, 830, 790, 810, 880, 880,
        830, 800, 790, 760, 800, 880, 880, 880, 860, 720, 720, 620, 860, 970, 950, 880, 910, 850,
        870, 840, 840, 850, 840, 840, 840, 890, 810, 810, 820, 800, 770, 760, 740, 750, 760, 910,
        920, 890, 860, 880, 720, 840, 850, 850, 780, 890, 840, 780, 810, 760, 810, 790, 810, 820,
        850, 870, 870, 810, 740, 810, 940, 950, 800, 810, 870,
    ],
    dtype=float,
)  # fmt: skip
_METRES = 7442.42
#: How large a nanosecond is in each unit.
UNITS = {"nanoseconds": 1.0, "picoseconds": 1000.0}


def speed_costs(speed: NDArray | float, unit: str = "nanoseconds") -> tuple[NDArray, NDArray]:
    """Return the mean squared errors of both experiments for a speed of light in km/s.

    Newcomb's is in squared units of time, Michelson's in (km/s)².
    """
    speed = np.asarray(speed, dtype=float)
    times = UNITS[unit] * (_METRES / speed * 1e6 - 24_800)
    mine, theirs = times[..., np.newaxis], speed[..., np.newaxis] - 299_000
    shape = np.broadcast_shapes(mine.shape, NEWCOMB.shape)
    first = squared_error(
        np.broadcast_to(UNITS[unit] * NEWCOMB, shape), np.broadcast_to(mine, shape)
    )
    shape = np.broadcast_shapes(theirs.shape, MICHELSON.shape)
    second = squared_error(np.broadcast_to(MICHELSON, shape), np.broadcast_to(theirs, shape))
    return first.mean(axis=-1), second.mean(axis=-1)


#: Speeds at which the costs are looked at, in km/s.
SPEEDS = np.linspace(299_740, 299_880, 701)


def weighted_speed(weight: float, unit: str) -> float:
    """Return the speed of lowest cost where Michelson's loss counts ``weight`` times."""
    first, second = speed_costs(SPEEDS, unit)
    return float(SPEEDS[np.argmin(first + weight * second)])


def learned_speed(unit: str) -> tuple[float, float, float]:
    """Return the speed, and the two widths, of lowest Gaussian surprise.

    At its best width a Gaussian has the mean surprise log σ + 1/2 with σ² the mean squared error,
    so the sum over both experiments is half the logarithm of the product.
    """
    first, second = speed_costs(SPEEDS, unit)
    best = np.argmin(np.log(first) + np.log(second))
    return float(SPEEDS[best]), float(np.sqrt(first[best])), float(np.sqrt(second[best]))


@figure(size=(5.4, 3.2))
def two_losses(fig: Figure, log10_of_weight: int = 0, unit: str = "nanoseconds") -> str:
    """Draw one speed of light under two losses, and the compromise that a weight makes.

    Each curve is the loss of one experiment, as a multiple of its lowest value. The rings are
    at the lowest point of their weighted sum in the units that were chosen.
    """
    first, second = (cost / cost.min() for cost in speed_costs(SPEEDS))
    ax = panel(fig, 0.5, 5.2, 0.5, 2.6)
    ax.set(xlim=(740, 880), ylim=(0.95, 2.6))
    name_axes(ax, "speed of light − 299,000 km/s", "loss, as a multiple of its lowest")
    ticks(ax, x=[750, 780, 810, 840, 870], y=[1, 1.5, 2, 2.5])
    ax.plot(SPEEDS - 299_000, first, **LINES["squared"])
    ax.plot(SPEEDS - 299_000, second, **LINES["other"])
    note(ax, 879, 1.72, "Newcomb’s times", ha="right")
    note(ax, 771, 2.2, "Michelson’s speeds")
    compromise = weighted_speed(10**log10_of_weight, unit)
    learned, width, spread = learned_speed(unit)
    at = np.searchsorted(SPEEDS, compromise)
    ax.axvline(learned - 299_000, color=MUTED, linewidth=1, linestyle=(0, (2, 2)))
    note(ax, learned - 299_000 + 1.5, 2.45, "both widths learnt")
    x = compromise - 299_000
    ax.plot([x, x], [0.95, max(first[at], second[at])], color=PREDICTION, linewidth=1.2)
    for curve in (first, second):
        ring(ax, x, float(curve[at]), PREDICTION, size=8)
    return (
        f"Times in {unit}, weight of Michelson’s loss {_power(log10_of_weight)}: the sum is lowest "
        f"at 299,{compromise - 299_000:03.0f} km/s. With both widths learnt it is at "
        f"299,{learned - 299_000:03.0f} km/s in either unit (widths {width:,.1f} {unit} and "
        f"{spread:.0f} km/s)."
    )


def _power(exponent: float) -> str:
    """Return a power of ten as a number that can be read."""
    return f"{10**exponent:.3g}" if abs(exponent) < 4 else f"10^{number(exponent, None)}"


# Teachers --------------------------------------------------------------------------------

#: Some held-out images, by their numbers, and what the teacher thinks of them.
IMAGES = {"a 7, much like a 9": 350, "a 0, perhaps a 6": 395, "an 8, a little like a 1": 44}
#: Sums and differences of temperatures are of no interest: each is a factor.
TEMPERATURES = [1, 1.5, 2, 3, 4, 6, 8, 12, 16]


@cache
def teacher_logits() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the logits of the digits network of chapter 2, for training and held-out images."""
    data, model = digits(), network().model
    return model.forward(data.X_train), model.forward(data.X_test)


@cache
def _pulls(image: int) -> tuple[NDArray, NDArray, NDArray]:
    """Return how hard an image pulls on a student who knows nothing, over the temperature.

    The length of the gradient for the student's ten logits: of the divergence itself, and of T²
    times it.
    """
    teacher = teacher_logits()[1][image : image + 1]
    temperatures = np.geomspace(1, 16, 41)
    full = [
        float(
            np.linalg.norm(
                kl_divergence_with_logits.gradient(teacher, np.zeros((1, 10)), temperature=T)
            )
        )
        for T in temperatures
    ]
    return temperatures, np.array(full) / temperatures**2, np.array(full)


@figure(size=(5.4, 3.4))
def teacher(fig: Figure, temperature: float = 1, image: str = "a 7, much like a 9") -> str:
    """Draw what a teacher says about an image at a temperature, and how hard a student is pulled.

    Left, the image and the ten probabilities: the higher the temperature, the more is told about
    the wrong classes. Right, the length of the gradient, with the factor T² and without.
    """
    number_of = IMAGES[image]
    shares = softmax(teacher_logits()[1][number_of : number_of + 1] / temperature)[0]
    picture = panel(fig, 0.1, 0.95, 1.95, 2.8)
    draw_digit(picture, digits().X_test[number_of])
    left = panel(fig, 1.15, 3.1, 0.5, 2.75)
    left.set(xlim=(-0.6, 9.6), ylim=(0, 1))
    name_axes(left, "digit", f"teacher, T = {temperature:g}")
    ticks(left, x=range(10), y=[0, 0.5, 1])
    stems(left, np.arange(10), 0, shares, color=PREDICTION, linewidth=9, solid_capstyle="butt")
    right = panel(fig, 3.7, 5.3, 0.5, 2.75)
    right.set(xlim=(0.9, 18), ylim=(0.002, 3), xscale="log", yscale="log")
    right.minorticks_off()
    name_axes(right, "temperature T", "pull on the student")
    ticks(right, x=[1, 2, 4, 8, 16], y=[0.01, 0.1, 1])
    temperatures, bare, full = _pulls(number_of)
    right.plot(temperatures, bare, **LINES["other"])
    right.plot(temperatures, full, color=GRADIENT, linewidth=2.2)
    note(right, 16, 0.42, "times T²", ha="right", fontsize=9)
    note(right, 5.5, 0.006, "without", ha="right", fontsize=9)
    here = [float(np.interp(temperature, temperatures, y)) for y in (bare, full)]
    held = [ring(right, temperature, y, PREDICTION, size=8) for y in here]
    handle(held[1], "temperature")
    first, second = np.argsort(-shares)[:2]
    return (
        f"T = {temperature:g}: the teacher gives {number(shares[first], 3)} to {first} and "
        f"{number(shares[second], 3)} to {second}; a student who knows nothing is pulled by "
        f"{number(here[1], 3)} with the factor T², by {number(here[0], 4)} without."
    )


def student_accuracy(seed: int, temperature: float | None, images: int = 60) -> float:
    """Return the share of held-out images that a student gets right.

    It is softmax regression on a few of the training images, by 300 steps of gradient descent at
    a rate of 1: on the teacher's probabilities at a temperature, or on labels where it is None.
    """
    data, (logits, _) = digits(), teacher_logits()
    chosen = np.random.default_rng(seed).choice(len(data.X_train), images, replace=False)
    X, teacher = data.X_train[chosen], logits[chosen]
    if temperature is None:  # nothing but the label: a teacher who is certain
        temperature, target = 1.0, np.eye(10)[data.y_train[chosen]]
    else:
        target = np.asarray(softmax(teacher / temperature))
    weights: NDArray = np.zeros((64, 10))
    bias: NDArray = np.zeros(10)
    for _ in range(300):
        # The slope of T² times the cross-entropy at temperature T, for the logits.
        pull = temperature * (softmax((X @ weights + bias) / temperature) - target) / images
        weights, bias = weights - X.T @ pull, bias - pull.sum(axis=0)
    guesses = np.argmax(data.X_test @ weights + bias, axis=1)
    return float(np.mean(guesses == data.y_test))
