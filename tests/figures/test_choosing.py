"""Captions of chapter 5's figures, against numbers computed here in another way."""

import math
import re
from functools import cache

import numpy as np
import pytest

from lossbook.choosing import answers, choose
from lossbook.explore import Stage
from lossbook.figures import choosing
from lossbook.fitting import pinball_line

NUMBER = re.compile(r"(?<![\w.])−?\d+(?:\.\d+)?")
CELSIUS, CUPS = choosing.fruit_cups()


@cache
def stage(name):
    return Stage(getattr(choosing, name))


def caption(name, **values):
    return stage(name).frame(values).caption.replace("\N{NO-BREAK SPACE}", " ")


def numbers(name, **values):
    return [float(n.replace("−", "-")) for n in NUMBER.findall(caption(name, **values))]


def euros(demand, order, shortage):
    return sum(shortage * (d - q) if d > q else q - d for d, q in zip(demand, order, strict=True))


def test_the_made_up_days_follow_their_law():
    assert CUPS.shape == CELSIUS.shape == (400,)
    base, scatter = 30 + 3 * (CELSIUS - 12), 4 + 1.2 * (CELSIUS - 12)
    for level in (0.2, 0.5, 0.8):  # the share below the true quantile is the level
        below = (base - scatter * np.log(1 - level) >= CUPS).mean()
        assert below == pytest.approx(level, abs=0.05)
    assert (np.round(base) - CUPS <= 0).all()
    assert (np.mod(CUPS, 1) == 0).all()


@pytest.mark.parametrize("given", [*answers()][::17], ids=" / ".join)
def test_chooser_names_loss_reason_and_output_layer(given):
    choice = choose(*given)
    answered = dict(zip(("predict", "want", "data"), given, strict=True))
    told = caption("chooser", **answered)
    for part in (choice.name, choice.because, choice.output_layer):
        assert part in told
    assert choice.name in stage("chooser").frame(answered).svg


@pytest.mark.parametrize("shortage", [1, 4, 9])
@pytest.mark.parametrize("order", [40, 72, 128])
def test_order_quantity_states_share_and_costs(order, shortage):
    demand = CUPS[:200]
    costs = {q: euros(demand, [q] * 200, shortage) / 200 for q in range(30, 171)}
    best = min(costs, key=costs.get)
    expected = [order, shortage, 1, 100 * (demand > order).mean(), costs[order], costs[best], best]
    assert numbers("order_quantity", order=order, shortage=shortage) == pytest.approx(
        expected, abs=0.51
    )
    stated = numbers("order_quantity", order=order, shortage=shortage)
    assert stated[4:] == pytest.approx(expected[4:], abs=0.051)


@pytest.mark.parametrize("shortage", [1, 4, 9])
def test_order_lines_state_the_costs_of_held_out_days(shortage):
    slope, intercept = np.polyfit(CELSIUS[:200], CUPS[:200], 1)
    own = pinball_line(CELSIUS[:200], CUPS[:200], quantile=shortage / (shortage + 1))
    median = pinball_line(CELSIUS[:200], CUPS[:200])
    lines = [slope * CELSIUS + intercept, median(CELSIUS), own(CELSIUS)]
    costs = [euros(CUPS[200:], line[200:], shortage) / 200 for line in lines]
    stated = numbers("order_lines", shortage=shortage)
    assert stated == pytest.approx([shortage, 1, *costs, own.slope], abs=0.051)


@pytest.mark.parametrize("name", choosing.CANDIDATES)
def test_good_loss_finds_a_chord_below_the_curve_of_those_that_are_not_convex(name):
    rises = [
        "rises" in caption("good_loss", loss=name, chord=chord)
        for chord in np.arange(0.5, 4.1, 0.5)
    ]
    convex = "not convex" not in caption("good_loss", loss=name)
    assert any(rises) == (not convex)
    assert convex == (name not in ("Tukey, c = 3", "square root"))


def test_good_loss_finds_both_faults():
    faults = {
        name: ("gradient wrong" in told, "not bounded below" in told)
        for name in choosing.CANDIDATES
        for told in [caption("good_loss", loss=name)]
    }
    assert {name: fault for name, fault in faults.items() if any(fault)} == {
        "signed miss": (False, True),
        "forgotten 2": (True, False),
    }


@pytest.mark.parametrize(("name", "estimates"), [("Tukey, c = 3", 2.3), ("square root", 21.2)])
def test_good_loss_says_how_an_estimate_lies_to_median_and_mean(name, estimates):
    assert f"estimates {estimates}, below median and mean," in caption("good_loss", loss=name)


@pytest.mark.parametrize("halved", [False, True])
@pytest.mark.parametrize("swapped", [False, True])
def test_conventions_state_the_number(swapped, halved):
    y, p = [1, -0.5, 2, 0, 3], [1.5, -2.5, 2, 0.25, -1]
    labels, logits = [1, 0, 1, 0, 1], [2, -1, -0.5, 3, 0.1]
    if swapped:
        y, p, labels, logits = p, y, logits, labels
    each = {
        "squared error": [(a - b) ** 2 for a, b in zip(y, p, strict=True)],
        "pinball, τ = 0.75": [
            max(0.75 * (a - b), 0.25 * (b - a)) for a, b in zip(y, p, strict=True)
        ],
        "cross-entropy of logits": [
            math.log(1 + math.exp(z)) - z * label for label, z in zip(labels, logits, strict=True)
        ],
    }
    for name, losses in each.items():
        for reduction, total in (("sum", sum(losses)), ("mean", sum(losses) / 5)):
            told = caption(
                "conventions", loss=name, reduction=reduction, swapped=swapped, halved=halved
            )
            stated = float(told.split(": ")[1].split(";")[0].replace("−", "-"))
            assert stated == pytest.approx(total / (2 if halved else 1), abs=5.1e-5)


@pytest.mark.parametrize(("logit", "torch"), [(0, None), (20, None), (35, None), (40, 100.0)])
def test_clipping_states_what_each_library_returns(logit, torch):
    exact = math.log1p(math.exp(-logit)) + logit
    expected = [0, logit, exact, torch or exact]
    expected += [min(exact, -math.log(2.0**-52)), min(exact, -math.log(1e-7))]
    stated = [n for n in numbers("clipping", logit=logit) if n != 64]
    assert stated == pytest.approx(expected, abs=0.16)  # p has few digits left near 1


@pytest.mark.parametrize("w", [-0.5, 0.0, 1.0, 2.0])
def test_broadcast_states_the_cost_of_examples_or_of_pairs(w):
    x, y = choosing.INPUTS.tolist(), choosing.OUTPUTS.tolist()
    examples = sum((b - w * a) ** 2 for a, b in zip(x, y, strict=True)) / 6
    pairs = sum((b - w * a) ** 2 for a in x for b in y) / 36
    told = caption("broadcast", w=w, shape="(6,)")
    assert f"averages 6 residuals and says {examples:.2f}" in told
    told = caption("broadcast", w=w, shape="(6, 1)")
    assert f"averages 36 residuals and says {pairs:.2f}" in told
    assert "lowest at w = 0.00" in told
