"""The colours of the figures: contrast on both pages, and apart for every kind of eye."""

from itertools import combinations

import numpy as np
import pytest

from lossbook.figures import style

WHITE, DARK = "#ffffff", "#121212"
ROLES = {name: getattr(style, name) for name in ("PREDICTION", "LOSS", "GRADIENT")}
LOSSES = {name: getattr(style, name) for name in ("SQUARED", "ABSOLUTE", "HUBER", "OTHER")}

# Machado, Oliveira and Fernandes (2009), "A physiologically-based model for simulation of color
# vision deficiency", table 1, severity 1.0; they apply to linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def linear_rgb(color):
    srgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(first, second):
    """Return the contrast ratio of the Web Content Accessibility Guidelines 2.2."""
    luminances = [linear_rgb(c) @ [0.2126, 0.7152, 0.0722] for c in (first, second)]
    return (max(luminances) + 0.05) / (min(luminances) + 0.05)


def oklab(linear):
    """Return the place in Oklab (Ottosson, 2020), where equal distances look alike."""
    to_cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return to_lab @ np.cbrt(to_cones @ np.clip(linear, 0, 1))


def test_contrast_formula_on_its_extremes():
    assert contrast("#000000", WHITE) == pytest.approx(21)
    assert contrast("#777777", WHITE) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("page", [WHITE, DARK])
@pytest.mark.parametrize("name", [*ROLES, *LOSSES])
def test_data_colours_have_a_contrast_of_three_on_both_pages(name, page):
    assert contrast(getattr(style, name), page) >= 3


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("group", [ROLES, LOSSES], ids=["roles", "losses"])
def test_colours_of_a_group_stay_apart_in_every_vision(group, vision):
    seen = {name: oklab(VISION[vision] @ linear_rgb(color)) for name, color in group.items()}
    for first, second in combinations(seen, 2):
        distance = np.linalg.norm(seen[first] - seen[second])
        assert distance >= 0.08, f"{first} and {second} are {distance:.3f} apart"


def test_a_pair_that_is_known_to_be_confused_would_be_found():
    green, red = (oklab(VISION["deuteranopia"] @ linear_rgb(c)) for c in ("#2ca02c", "#d62728"))
    assert np.linalg.norm(green - red) < 0.08


def test_each_loss_has_a_line_style_of_its_own_beside_its_colour():
    for part in ("color", "linestyle"):
        assert len({str(look[part]) for look in style.LINES.values()}) == len(style.LINES)


def test_one_colour_means_one_thing():
    assert len({*ROLES.values(), *LOSSES.values()}) == len(ROLES) + len(LOSSES)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(-1.234, 2, "−1.23"), (-0.004, 2, "0.00"), (0.3, None, "0.3"), (12.5, 0, "12")],
)
def test_numbers_are_written_with_a_true_minus_sign(value, digits, text):
    assert style.number(value, digits) == text
