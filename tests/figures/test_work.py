"""Captions of chapter 6's figures, against numbers computed here in another way."""

import math
import re
from collections import Counter
from functools import cache

import numpy as np
import pytest

from lossbook.explore import Stage
from lossbook.figures import work

NUMBER = re.compile(r"(?<![\w.])−?\d[\d,]*(?:\.\d+)?")


@cache
def stage(name):
    return Stage(getattr(work, name))


def caption(name, **values):
    return stage(name).frame(values).caption.replace("\N{NO-BREAK SPACE}", " ")


def numbers(name, **values):
    found = NUMBER.findall(caption(name, **values))
    return [float(n.replace("−", "-").replace(",", "")) for n in found]


def surprises(line):
    """Count in plain Python what the letter model says of a line."""
    counts = Counter()
    for known in work.READ:
        counts.update(_pairs(known))
    before = Counter()
    for (a, _), times in counts.items():
        before[a] += times
    size = len(work.TOKENS)
    return [-math.log((counts[a, b] + 0.1) / (before[a] + 0.1 * size)) for a, b in _pairs(line)]


def _pairs(line):
    return list(zip(["start", *line], line, strict=False))


@pytest.mark.parametrize("length", [36, 52])
@pytest.mark.parametrize("line", [1, 8])
def test_padded_lines_states_the_means_of_a_model_that_counts(line, length):
    each = [surprises(text) for text in work.UNREAD]
    total, tokens = sum(map(sum, each)), sum(map(len, each))
    told = numbers("padded_lines", line=line, length=length)
    mine = each[line - 1]
    assert told[:3] == [line, len(mine), round(sum(mine) / len(mine), 2)]
    assert told[3:] == pytest.approx(
        [
            length,
            total / tokens,
            math.exp(total / tokens),
            total / (8 * length),
            math.exp(total / (8 * length)),
        ],
        abs=0.051,
    )


@pytest.mark.parametrize("children", list(work.TONSILS))
@pytest.mark.parametrize("score", [-1.0, 0.0, 0.6])
def test_ordered_grades_states_areas_of_the_logistic_curve(score, children):
    low, high = (1 / (1 + math.exp(score - cut)) for cut in work.CUTS)
    shares = np.array([low, high - low, 1 - high])
    seen = work.TONSILS[children] / work.TONSILS[children].sum()
    told = numbers("ordered_grades", score=score, children=children)
    expected = [score, *shares, *seen, -(seen @ np.log(shares))]
    assert told == pytest.approx(expected, abs=0.0051)


def test_mask_map_ends_at_the_shares_or_at_a_mask():
    masks = work.eights()
    overlap, surprise, sure, seldom = _mask_numbers("cross-entropy", 1280)
    share = masks.mean(axis=0)
    entropy = -np.mean(
        [s * math.log(s) + (1 - s) * math.log(1 - s) if 0 < s < 1 else 0 for s in share]
    )
    assert surprise == pytest.approx(entropy, abs=0.01)
    assert sure == seldom == np.sum((share < 0.05) | (share > 0.95))
    assert overlap < 0.72
    assert _mask_numbers("Dice", 1280)[0] >= 0.79
    assert _mask_numbers("Dice", 0) == _mask_numbers("cross-entropy", 0)


def _mask_numbers(loss, step):
    text = caption("mask_map", loss=loss, step=step)
    return [
        float(re.search(pattern, text)[1])
        for pattern in (
            r"eights (\d\.\d+)",
            r"of a pixel (\d\.\d+)",
            r"; (\d+) of 64",
            r"(\d+) of the 64 shares lie",
        )
    ]


@pytest.mark.parametrize("team", ["Boston", "Baltimore"])
def test_pairs_states_wins_and_the_loss_of_78_games(team):
    row = work.TEAMS.index(team)
    others = [k for k in range(7) if k != row]
    strength = 0.7
    wins = loss = 0.0
    for k in others:
        p = 1 / (1 + math.exp(work.strengths()[k] - strength))
        wins += 13 * p
        loss -= work.WINS[row, k] * math.log(p) + work.WINS[k, row] * math.log(1 - p)
    told = numbers("pairs", team=team, strength=strength)
    assert told == pytest.approx([strength, wins, 78, work.WINS[row].sum(), loss / 78], abs=0.051)


@pytest.mark.parametrize("unit", list(work.UNITS))
def test_two_losses_states_the_lowest_point_of_the_weighted_sum(unit):
    factor = work.UNITS[unit]
    speeds = np.linspace(299_740, 299_880, 701)
    times = factor * (7442.42 / speeds * 1e6 - 24_800)
    first = np.array([np.mean((factor * work.NEWCOMB - t) ** 2) for t in times])
    second = np.array([np.mean((work.MICHELSON - (c - 299_000)) ** 2) for c in speeds])
    best = speeds[np.argmin(first + 0.01 * second)]
    text = caption("two_losses", log10_of_weight=-2, unit=unit)
    assert f"lowest at {best:,.0f} km/s" in text
    assert "at 299,834 km/s in either unit" in text


@pytest.mark.parametrize("temperature", [1, 4, 16])
def test_teacher_states_softened_probabilities_and_both_pulls(temperature):
    logits = work.teacher_logits()[1][350] / temperature
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    text = caption("teacher", temperature=temperature, image="a 7, much like a 9")
    assert f"gives {shares[7]:.3f} to 7 and {shares[9]:.3f} to 9" in text
    bare = math.sqrt(np.sum((0.1 - shares) ** 2)) / temperature
    full, told = (float(x) for x in re.findall(r"by (\d\.\d+)", text))
    assert full == pytest.approx(bare * temperature**2, rel=0.02)
    assert told == pytest.approx(bare, rel=0.02)
