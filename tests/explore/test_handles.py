"""Handles: what a draw function may say, and what a front learns of it."""

import json
import re

import pytest
from ipywidgets import fixed

from lossbook.explore import FRONT_VARIABLE, Stage, explore, handle
from lossbook.explore.handles import tables
from lossbook.explore.parameters import Grid


@pytest.fixture(params=["live", "static"])
def front(request, monkeypatch):
    """Both fronts refuse the same."""
    monkeypatch.setenv(FRONT_VARIABLE, request.param)


@pytest.fixture
def static(monkeypatch):
    monkeypatch.setenv(FRONT_VARIABLE, "static")


def on_axes(ax):
    ax.set_position((0, 0, 1, 1))
    ax.set(xlim=(0, 5.4), ylim=(0, 3.2))  # a unit is 72 points


def ring(ax, a=1, b=2, dashed=False):
    on_axes(ax)
    (line,) = ax.plot([a], [b / 2], "o")
    handle(line, "a", "b")
    return f"at {a}, {b}"


def handles_of(baked):
    data = json.loads(re.search(r'<script type="application/json">(.*)</script>', baked.html)[1])
    return data.get("handles", [])


def test_handle_is_marked_in_the_picture_and_lies_where_it_is_drawn():
    frame = Stage(ring).frame({"a": 2, "b": 2})
    assert frame.svg.count("data-handle=") == frame.svg.count('<g data-handle="a b">') == 1
    (grip,) = frame.grips
    assert grip.names == ("a", "b")
    assert grip.place == (1440, 1584)  # 2 inches from the left, 1 of 3.2 from below
    marker = re.search(r'data-handle="a b">.*?<use [^>]*x="([^"]*)" y="([^"]*)"', frame.svg, re.S)
    assert [10 * float(marker[i]) for i in (1, 2)] == pytest.approx(grip.place, abs=1)


def test_page_holds_the_places_of_all_positions_once(static):
    (held,) = handles_of(explore(ring, a=(0, 4), b=(0, 6, 2), dashed=False))
    assert held["moves"] == [0, 1]
    assert held["x"] == [[5, 1, 1], [0, 720, 1440, 2160, 2880]]  # whatever b is
    assert held["y"] == [[1, 4, 1], [2304, 1584, 864, 144]]


def test_parameter_without_a_control_moves_nothing(static):
    (held,) = handles_of(explore(ring, b=(0, 6, 2)))
    assert held["moves"] == [0]
    assert handles_of(explore(ring, dashed=True)) == []
    (held,) = handles_of(explore(ring, a=fixed(1), b=(0, 6, 2)))
    assert held["moves"] == [0]


def test_line_is_met_anywhere_along_it_and_a_bar_at_its_edge(static):
    def threshold(ax, t=1):
        on_axes(ax)
        handle(ax.axvline(t), "t")
        return f"t is {t}"

    def bar(ax, t=1):
        on_axes(ax)
        (drawn,) = ax.bar([2], [t], width=1)
        handle(drawn, "t", at=(2, t))
        return f"t is {t}"

    (line,) = handles_of(explore(threshold, t=(0, 3)))
    assert line["reach"][0] <= 3
    assert line["reach"][1] == pytest.approx(1.6 * 72, abs=3)
    assert line["y"][0] == [1]
    (top,) = handles_of(explore(bar, t=(0, 3)))
    assert top["reach"] == [36, 0]
    assert top["x"] == [[1], [1440]]
    assert top["y"] == [[4], [2304, 1584, 864, 144]]


def test_each_artist_of_one_call_can_be_dragged(static):
    def two(ax, a=1):
        on_axes(ax)
        handle([*ax.plot([a], [1], "o"), *ax.plot([4 - a], [2], "o")], "a")
        return f"a is {a}"

    left, right = handles_of(explore(two, a=(0, 4)))
    assert left["x"][1] == right["x"][1][::-1]


def test_handle_may_be_drawn_at_some_positions_only(static):
    def shy(ax, a=1, shown="yes"):
        on_axes(ax)
        dots = ax.plot([a], [1], "o")
        if shown == "yes":
            handle(dots, "a")
        return f"a is {a}, {shown}"

    (held,) = handles_of(explore(shy, a=(0, 2), shown=["yes", "no"]))
    assert held["x"] == [[3, 2], [0, None, 720, None, 1440, None]]


def test_function_draws_without_explore_too():
    from matplotlib.figure import Figure

    assert ring(Figure().add_subplot()) == "at 1, 2"


def moving(make):
    """Return a draw function of `a` that draws a point and calls `make` with it."""

    def moving(ax, a=1, b=1, dashed=False):
        on_axes(ax)
        (point,) = ax.plot([a], [1], "o")
        make(ax, point, a)
        return f"{a}, {b}, {dashed}"

    return moving


REFUSED = {
    "unknown parameter": (
        lambda ax, point, a: handle(point, "c"),
        TypeError,
        "handle for 'c': moving has no parameter 'c'; it takes: a, b, dashed",
    ),
    "not drawn": (
        lambda ax, point, a: handle(type(point)([a], [1]), "a"),
        ValueError,
        "handle for 'a': the Line2D is not in the figure that moving draws",
    ),
    "removed": (
        lambda ax, point, a: (point.remove(), handle(point, "a")),
        ValueError,
        "the Line2D is not in the figure",
    ),
    "no artist": (
        lambda ax, point, a: handle("point", "a"),
        TypeError,
        "'point' is not an artist; pass what a plotting call returned",
    ),
    "no parameter": (lambda ax, point, a: handle(point), ValueError, "one parameter, or two"),
    "three parameters": (
        lambda ax, point, a: handle(point, "a", "b", "dashed"),
        ValueError,
        "allowed: one parameter, or two in the plane",
    ),
    "check box": (
        lambda ax, point, a: handle(point, "dashed"),
        ValueError,
        "handle for 'dashed': 'dashed' is a check box",
    ),
    "contradicting places": (
        lambda ax, point, a: (handle(point, "a"), handle(ax.plot([a], [2], "o"), "a")),
        ValueError,
        "'a' has two handles in contradicting places, at .* pass them in one call",
    ),
    "in the plane and alone": (
        lambda ax, point, a: (handle(point, "a", "b"), handle(ax.plot([a], [2], "o"), "a")),
        ValueError,
        "'a' has two handles in contradicting places",
    ),
    "twice": (
        lambda ax, point, a: (handle(point, "a"), handle(point, "b")),
        ValueError,
        "the Line2D is a handle for 'a' already; to move it in the plane, name both",
    ),
    "outside": (
        lambda ax, point, a: (point.set_xdata([3 * a]), handle(point, "a")),
        ValueError,
        r"moving\(a=2, .*: the handle for 'a' lies outside the axes",
    ),
    "nowhere": (
        lambda ax, point, a: (point.set_xdata([float("nan")]), handle(point, "a")),
        ValueError,
        "the handle for 'a' lies outside the axes",
    ),
    "same place": (
        lambda ax, point, a: handle(point, "b"),
        ValueError,
        "handle for 'b': it has the same place at every position of 'b'",
    ),
    "same place one way": (
        lambda ax, point, a: handle(point, "a", "b"),
        ValueError,
        "handle for 'a' and 'b': it has the same place at every position of 'b'",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_handle_is_refused_at_the_call(front, name):
    make, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        explore(moving(make), a=(0, 2), b=(0, 2), dashed=False)


def test_two_things_at_one_place_are_no_contradiction(front):
    def twice(ax, point, a):
        handle(point, "a")
        handle(ax.plot([a], [1], "s"), "a")

    explore(moving(twice), a=(0, 2))


def test_handle_that_ends_where_it_began_is_none_that_never_moves(front):
    def round_trip(ax, point, a):
        point.set_xdata([a % 4])
        handle(point, "a")

    explore(moving(round_trip), a=(0, 4))


def test_tables_of_a_figure_without_handles_are_empty():
    def plain(ax, a=1):
        return f"{a}"

    grid = Grid.of(plain, {"a": (0, 2)})
    assert tables(grid, [Stage(plain).frame(values).grips for values in grid]) == []
