"""Controls as data: positions, labels, defaults, and what is refused."""

import ipywidgets as widgets
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossbook.explore import MAX_POSITIONS, Grid
from lossbook.explore.parameters import Parameter


def test_float_range_has_the_numbers_that_were_meant():
    p = Parameter.of("delta", (0.0, 1.0, 0.1))
    assert p.values == (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    assert p.labels[3] == "0.3"
    assert p.labels[0] == "0.0"


def test_integer_range_gives_integers():
    p = Parameter.of("outlier", (0, 30, 10))
    assert p.values == (0, 10, 20, 30)
    assert all(type(v) is int for v in p.values)
    assert p.labels == ("0", "10", "20", "30")


def test_numpy_numbers_are_numbers():
    p = Parameter.of("n", (np.int64(1), np.int64(3), np.int64(1)))
    assert p.values == (1, 2, 3)
    assert Parameter.of("x", (np.float32(0), 1.0, 0.5)).values == (0.0, 0.5, 1.0)


def test_range_without_step_takes_the_step_of_ipywidgets():
    assert Parameter.of("n", (0, 3)).values == (0, 1, 2, 3)
    assert len(Parameter.of("x", (0.0, 1.0)).values) == 11


def test_negative_labels_carry_a_minus_sign():
    assert Parameter.of("x", (-0.5, 0.5, 0.5)).labels == ("−0.5", "0.0", "0.5")


@given(
    low=st.decimals(-1000, 1000, places=3),
    step=st.decimals("0.001", 10, places=3),
    count=st.integers(1, 200),
)
def test_every_position_is_the_float_nearest_to_its_decimal(low, step, count):
    p = Parameter.of("x", (float(low), float(low + step * count), float(step)))
    assert len(p.values) == count + 1
    assert p.values == tuple(float(low + i * step) for i in range(count + 1))
    assert all(float(t.replace("−", "-")) == v for t, v in zip(p.labels, p.values, strict=True))
    assert len(set(p.labels)) == len(p.labels)


def test_range_starts_in_the_middle_and_list_at_the_first():
    assert Parameter.of("x", (0, 10, 1)).default == 5
    assert Parameter.of("x", ["a", "b"]).default == 0
    assert Parameter.of("x", True).default == 1


def test_default_of_the_draw_function_is_where_the_control_starts():
    assert Parameter.of("x", (0.0, 1.0, 0.1), default=0.1 + 0.2).values[3] == 0.3
    assert Parameter.of("x", (0.0, 1.0, 0.1), default=0.1 + 0.2).default == 3
    assert Parameter.of("x", ["a", "b"], default="b").default == 1


def test_choices_take_labels_from_pairs_and_dicts():
    pairs = Parameter.of("loss", [("squared", 2), ("absolute", 1)])
    assert (pairs.labels, pairs.values) == (("squared", "absolute"), (2, 1))
    assert Parameter.of("loss", {"squared": 2, "absolute": 1}).labels == pairs.labels
    assert Parameter.of("alpha", [2, -1.5]).labels == ("2", "−1.5")


def test_bool_is_a_switch_with_both_positions():
    p = Parameter.of("log", False)
    assert (p.kind, p.values) == ("switch", (False, True))


@pytest.mark.parametrize("name", ["epoch", "epochs", "step", "steps", "iteration", "iterations"])
def test_parameters_that_are_time_get_a_play_button(name):
    assert Parameter.of(name, (0, 10, 1)).is_time
    assert not Parameter.of(name, [1, 2]).is_time


@pytest.mark.parametrize(
    ("control", "values", "start"),
    [
        (widgets.IntSlider(min=0, max=4, step=2, value=2), (0, 2, 4), 1),
        (widgets.FloatSlider(min=0, max=0.3, step=0.1, value=0.3), (0.0, 0.1, 0.2, 0.3), 3),
        (widgets.BoundedIntText(min=0, max=2, value=1), (0, 1, 2), 1),
        (widgets.BoundedFloatText(min=0, max=1, step=0.5, value=0.5), (0.0, 0.5, 1.0), 1),
        (widgets.Play(min=0, max=2, value=0), (0, 1, 2), 0),
        (widgets.Dropdown(options=["a", "b"], value="b"), ("a", "b"), 1),
        (widgets.RadioButtons(options=[("A", 1), ("B", 2)], value=2), (1, 2), 1),
        (widgets.ToggleButtons(options=["a", "b"]), ("a", "b"), 0),
        (widgets.Select(options=["a", "b"], value="a"), ("a", "b"), 0),
        (widgets.SelectionSlider(options=[("1e-1", 0.1), ("1e0", 1.0)]), (0.1, 1.0), 0),
        (widgets.Checkbox(value=True), (False, True), 1),
        (widgets.ToggleButton(value=False), (False, True), 0),
    ],
    ids=lambda x: type(x).__name__ if isinstance(x, widgets.Widget) else "",
)
def test_controls_of_ipywidgets_have_the_positions_a_reader_can_reach(control, values, start):
    p = Parameter.of("x", control)
    assert p.values == values
    assert p.default == start
    assert p.widget is control


def test_log_slider_has_powers_of_its_base():
    p = Parameter.of("rate", widgets.FloatLogSlider(min=-2, max=1, step=1, value=0.1))
    assert p.values == pytest.approx((0.01, 0.1, 1.0, 10.0))
    assert p.labels == ("0.01", "0.1", "1", "10")
    assert p.default == 1


def test_play_control_is_time_whatever_its_name():
    assert Parameter.of("t", widgets.Play(min=0, max=3, value=0)).is_time


def test_description_of_a_control_is_its_label():
    assert Parameter.of("x", widgets.IntSlider(description="weight")).description == "weight"
    assert Parameter.of("learning_rate", (0, 1, 1)).description == "learning rate"


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ([], ValueError, r"x=\[\]; there must be at least one value"),
        ({}, ValueError, "at least one value"),
        ((0, 10, 0), ValueError, r"x=\(0, 10, 0\); the step must be above zero, got 0"),
        ((0, 10, -1), ValueError, "the step must be above zero, got -1"),
        ((10, 0, 1), ValueError, r"the range is empty: 0 is below 10"),
        ((0, 10, 3), ValueError, r"steps of 3 from 0 end at 9, not at 10"),
        ((0.0, float("inf"), 1.0), ValueError, "must be finite"),
        ((0.0, float("nan"), 1.0), ValueError, "must be finite"),
        ((0,), TypeError, r"a tuple is \(min, max\) or \(min, max, step\)"),
        (("a", "b"), TypeError, "in numbers"),
        ((True, False), TypeError, "in numbers"),
        (3, TypeError, r"x=3; allowed: \(min, max, step\)"),
        ("squared", TypeError, "allowed: "),
        (None, TypeError, "allowed: "),
        ([("a", 1), ("a", 2)], ValueError, "the label 'a' is there twice"),
        (widgets.Text(), TypeError, "is a Text, whose positions cannot be counted"),
        (widgets.IntText(), TypeError, "cannot be counted"),
        (widgets.Dropdown(options=["a"], value=None), ValueError, "nothing selected"),
    ],
    ids=repr,
)
def test_what_is_no_control_is_refused_with_the_reason(given, error, message):
    with pytest.raises(error, match=message):
        Parameter.of("x", given)


def test_labels_of_an_array_are_without_noise_where_that_is_enough():
    assert Parameter.of("x", np.arange(0, 0.5, 0.1)).labels == ("0.0", "0.1", "0.2", "0.3", "0.4")
    assert Parameter.of("x", [1.0, 1 + 1e-15]).labels == ("1.0", "1.000000000000001")
    assert Parameter.of("x", {"a": np.arange(2)}).labels == ("a",)


@pytest.mark.parametrize(
    ("values", "value", "index"),
    [
        ((10**9, 10**9 + 5, 1), 10**9 + 3, 3),
        ([1e-15, 1e-13], 1e-13, 1),
        ((0.0, 1e-12, 1e-13), 3 * 1e-13, 3),
        ((0.0, 1.0, 0.1), 0.1 + 0.2, 3),
        ((-1.0, 1.0, 0.1), -1 + 10 * 0.1 + 1e-16, 10),
        ([0.3], 0.1 + 0.2, 0),
    ],
)
def test_noise_is_small_against_number_and_step(values, value, index):
    assert Parameter.of("x", values).index(value) == index


def test_default_between_positions_is_refused():
    with pytest.raises(ValueError, match=r"default x=0\.25 is not a position"):
        Parameter.of("x", (0.0, 1.0, 0.1), default=0.25)


def test_value_at_no_position_is_named_with_what_is_allowed():
    with pytest.raises(ValueError, match=r"x=70 is not a position .*; allowed: 0, 1, 2, …, 20"):
        Parameter.of("x", (0, 20, 1)).index(70)


def draw(ax, slope, dashed=False):
    return f"{slope} {dashed}"


def test_grid_is_every_combination_and_its_last_parameter_moves_fastest():
    grid = Grid.of(draw, {"slope": (0, 2, 1), "dashed": False})
    assert len(grid) == 6
    assert list(grid)[:3] == [
        {"slope": 0, "dashed": False},
        {"slope": 0, "dashed": True},
        {"slope": 1, "dashed": False},
    ]
    assert grid.default == {"slope": 1, "dashed": False}
    assert list(grid)[grid.default_index] == grid.default


def test_grid_without_parameters_has_one_position():
    assert list(Grid.of(lambda ax: "still", {})) == [{}]


def test_unknown_parameter_is_named_with_those_that_exist():
    with pytest.raises(TypeError, match=r"draw has no parameter 'slop'; it takes: slope, dashed"):
        Grid.of(draw, {"slop": (0, 1, 1)})


def test_missing_parameter_is_named():
    with pytest.raises(TypeError, match="draw needs the parameter 'slope'"):
        Grid.of(draw, {"dashed": True})


def test_too_large_a_grid_is_refused_with_its_count():
    with pytest.raises(ValueError, match=r"2,002 positions \(1001 × 2\).*limit is 600"):
        Grid.of(draw, {"slope": (0, 1000, 1), "dashed": False})
    assert MAX_POSITIONS == 600
    assert len(Grid.of(draw, {"slope": (0, 1000, 1)}, max_positions=None)) == 1001
    assert len(Grid.of(draw, {"slope": (1, 600, 1)})) == 600
