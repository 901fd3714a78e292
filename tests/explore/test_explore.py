"""explore(): one call, two fronts."""

import asyncio
import base64
import html
import json
import re
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import ipywidgets as widgets
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lossbook.explore
from lossbook.explore import FRONT_VARIABLE, Stage, explore, handle
from lossbook.explore.live import LiveFigure
from lossbook.explore.picture import Picture
from lossbook.explore.static import StaticFigure, pack, unpack


def line(ax, slope=0.2, kind="solid", dashed=False, epoch=2):
    ax.plot([0, 1], [0, slope], "--" if dashed else "-")
    ax.set_title(kind)
    return f"slope {slope}, {kind}, dashed {dashed}, epoch {epoch}"


GRID = {
    "slope": (0.0, 0.5, 0.1),
    "kind": ["solid", "a < b & c"],
    "dashed": False,
    "epoch": (0, 2, 1),
}


@pytest.fixture
def static(monkeypatch):
    monkeypatch.setenv(FRONT_VARIABLE, "static")


# Live


def test_live_is_the_default_front():
    assert isinstance(explore(line, slope=(0.0, 1.0, 0.1)), LiveFigure)


def test_live_controls_are_those_of_ipywidgets():
    controls = explore(line, **GRID).controls
    assert type(controls["slope"]) is widgets.FloatSlider
    assert type(controls["kind"]) is widgets.Dropdown
    assert type(controls["dashed"]) is widgets.Checkbox
    assert type(controls["epoch"]) is widgets.IntSlider
    assert controls["slope"].readout_format == ".1f"


def test_moving_a_control_redraws_picture_and_caption():
    shown = explore(line, **GRID)
    before = shown.svg
    shown.controls["slope"].value = 0.5
    assert shown.caption == "slope 0.5, solid, dashed False, epoch 2"
    assert shown.svg != before
    shown.controls["kind"].value = "a < b & c"
    assert "a &lt; b" in shown.svg
    shown.controls["dashed"].value = True
    assert "dashed True" in shown.caption


def play_through(control):
    """Move a control as a browser does: in floats from its lower end, or by index."""
    if hasattr(control, "index"):
        for index in range(len(control.options)):
            control.index = index
            yield index
    elif isinstance(control, widgets.FloatLogSlider):
        for i in range(round((control.max - control.min) / control.step) + 1):
            control.value = control.base ** (control.min + i * control.step)
            yield i
    else:
        for i in range(round((control.max - control.min) / control.step) + 1):
            control.value = control.min + i * control.step
            yield i


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("x", lambda: [1e-15, 1e-13, 1e-12, 1e-7]),
        ("x", lambda: (10**9, 10**9 + 5, 1)),
        ("x", lambda: (2**60, 2**60 + 3, 1)),
        ("x", lambda: (0.0, 1e-12, 1e-13)),
        ("x", lambda: (1e20, 3e20, 1e20)),
        ("x", lambda: (-1.0, 1.0, 0.1)),
        ("x", lambda: (np.float32(0), np.float32(0.5), np.float32(0.1))),
        ("step", lambda: (0.0, 1.0, 0.1)),
        ("x", lambda: (4, 4)),
        ("x", lambda: range(5)),
        ("x", lambda: np.arange(0, 1, 0.1)),
        ("x", lambda: {1, 2, 3}),
        ("x", lambda: (i for i in range(3))),
        ("x", lambda: {"a": np.arange(3.0), "b": np.arange(4.0), "c": np.arange(3.0)}),
        ("x", lambda: [np.zeros((2, 2)), np.ones((2, 2)), np.zeros(0)]),
        ("x", lambda: [float("nan"), float("inf"), 0.0]),
        ("x", lambda: {"one": [1], "another": [1]}),  # the same value under two names
        ("x", lambda: [None, True, "text"]),
        ("x", lambda: {"it": {"a": 1}, "or": np.sin}),
        ("x", lambda: widgets.FloatLogSlider(min=-15, max=-7, step=1, value=1e-12)),
        ("x", lambda: widgets.FloatLogSlider(base=2, min=0, max=0.05, step=0.0005, value=1)),
        ("x", lambda: widgets.SelectionSlider(options=[("a", 1), ("b", 1), ("c", 2)])),
        ("x", lambda: widgets.RadioButtons(options=["x", "y"])),
        ("x", lambda: widgets.BoundedFloatText(min=0, max=1, step=0.25)),
        ("x", lambda: widgets.IntSlider(min=2, max=11, step=3)),
    ],
)
def test_both_fronts_have_the_same_positions_and_captions(monkeypatch, name, form):
    def draw(ax, **values):
        return " ".join(f"{label} is {value!r}" for label, value in values.items())

    live = explore(draw, **{name: form()})
    control = live.controls[name]
    start = control.index if hasattr(control, "index") else live._position[0]
    begins = live.caption
    moved = []
    for _ in play_through(control):
        moved.append(live.caption)
        assert "error" not in live._picture.frame
    monkeypatch.setenv(FRONT_VARIABLE, "static")
    baked = explore(draw, **{name: form()})
    assert moved == frames_of(baked)[0]["captions"]
    assert begins == baked.caption == moved[start]
    if hasattr(control, "options") and not isinstance(control, widgets.RadioButtons):
        assert frames_of(baked)[0]["labels"][0] == list(control._options_labels)


def test_options_that_refuse_to_be_compared_are_options_like_others():
    class Unlike:  # as a Series of pandas beside one with other labels
        def __eq__(self, other):
            raise ValueError("can only compare identically-labeled objects")

        __hash__ = object.__hash__

    first, second = Unlike(), Unlike()

    def draw(ax, data=second):
        return "the first" if data is first else "the second"

    shown = explore(draw, data={"a": first, "b": second})
    assert shown.caption == "the second"
    shown.controls["data"].value = "a"
    assert shown.caption == "the first"


def test_what_is_fixed_has_no_control(monkeypatch):
    for front in ("live", "static"):
        monkeypatch.setenv(FRONT_VARIABLE, front)
        shown = explore(line, slope=(0.0, 0.5, 0.1), kind=widgets.fixed("dotted"))
        assert shown.caption == "slope 0.2, dotted, dashed False, epoch 2"
    assert 'name="kind"' not in shown.html
    assert list(explore(line, kind=widgets.fixed(3))._repr_mimebundle_()) == [
        "text/html",
        "text/plain",
    ]


def test_time_in_floats_starts_at_the_default_and_plays_over_positions():
    def draw(ax, step=0.5):
        return f"step {step}"

    shown = explore(draw, step=(0.0, 1.0, 0.1))
    assert shown.caption == "step 0.5"
    play, slider = play_of(shown)
    assert (play.min, play.max, play.step, play.value) == (0, 10, 1, 5)
    assert slider.index == 5


def test_a_number_that_is_typed_between_positions_is_refused_and_seen():
    shown = explore(line, slope=widgets.BoundedFloatText(min=0, max=1, step=0.25))
    shown.controls["slope"].value = 0.3
    assert "slope=0.3 is not a position of its control" in shown._picture.frame["error"]


def test_rounding_noise_of_a_slider_never_reaches_the_draw_function():
    shown = explore(line, **GRID)
    shown.controls["slope"].value = 0.1 + 0.2  # 0.30000000000000004
    assert shown.values["slope"] == 0.3
    assert shown.caption.startswith("slope 0.3,")


@pytest.mark.parametrize(("module", "drawn"), [("lossbook.figures.cost", 3), ("__main__", 5)])
def test_live_draws_a_position_of_a_modules_figure_once_and_of_the_notebooks_each_time(
    module, drawn
):
    positions = []

    def draw(ax, at):
        positions.append(at)
        return f"at {at}"

    draw.__module__ = module
    shown = explore(draw, at=[0, 1, 2])
    for at in (1, 2, 1, 0):
        shown.controls["at"].index = at
        assert shown.caption == f"at {at}"
    assert len(positions) == drawn


def test_live_keeps_a_limited_number_of_frames(monkeypatch):
    monkeypatch.setattr("lossbook.explore.live._MOST_FRAMES", 2)
    positions = []

    def draw(ax, at):
        positions.append(at)
        return f"at {at}"

    draw.__module__ = "lossbook.figures.cost"
    shown = explore(draw, at=[0, 1, 2])
    for at in (1, 2, 0, 2):  # 2 pushes 0 out
        shown.controls["at"].index = at
        assert shown.caption == f"at {at}"
    assert positions == [0, 1, 2, 0]


@pytest.fixture
def soon(monkeypatch):
    """What is drawn ahead is drawn after so many seconds."""
    seconds = 0.01
    monkeypatch.setattr("lossbook.explore.live._AHEAD_SECONDS", (seconds,))
    return seconds


async def until_quiet(positions):
    """Wait until nothing has been drawn for a while."""
    seen = -1
    while seen != len(positions):
        seen = len(positions)
        await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    ("module", "moves", "drawn"),
    [
        # Near ones first, and of two equally near the one that the move points to.
        ("lossbook.figures.cost", [3], [0, 3, 4, 2, 5, 1]),
        ("lossbook.figures.cost", [5, 3], [0, 5, 3, 2, 4, 1]),  # 5 waits for nobody
        ("lossbook.figures.cost", [1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]),
        ("__main__", [3], [0, 3]),  # what a cell changes may change the picture
    ],
)
def test_live_draws_where_a_control_leads_while_the_reader_looks(soon, module, moves, drawn):
    positions = []

    def draw(ax, at, other):
        positions.append(at)
        return f"at {at}, {other}"

    draw.__module__ = module

    async def reader():
        shown = explore(draw, at=[0, 1, 2, 3, 4, 5], other=[0, 1, 2])
        for at in moves:
            shown.controls["at"].index = at
            assert shown.caption == f"at {at}, 0"
        await until_quiet(positions)
        assert shown.caption == f"at {at}, 0"
        for at in range(6):
            shown.controls["at"].index = at
            assert shown.caption == f"at {at}, 0"

    asyncio.run(reader())
    assert positions[: len(drawn)] == drawn
    if module != "__main__":
        assert len(positions) == 6, "each once"


def test_live_draws_one_picture_at_a_time_though_moves_have_a_thread_of_their_own(soon):
    drawing, together, positions = [], [], []

    def draw(ax, at):
        drawing.append(at)
        time.sleep(0.02)
        together.extend(drawing[1:])
        drawing.remove(at)
        positions.append(at)
        return f"at {at}"

    draw.__module__ = "lossbook.figures.cost"

    async def reader():
        shown = explore(draw, at=(0, 20, 1))

        def move():
            for at in (1, 6, 11, 16):
                shown.controls["at"].value = at
                assert shown.caption == f"at {at}"
                time.sleep(2 * soon)  # the next one is being drawn

        await asyncio.to_thread(move)
        await until_quiet(positions)

    asyncio.run(reader())
    assert together == []
    assert set(positions) == set(range(21))


def test_live_error_in_a_position_drawn_ahead_shows_when_the_reader_gets_there(soon):
    tried = []

    def fragile(ax, at):
        tried.append(at)
        if at == 2:
            raise RuntimeError("cannot draw")
        return f"at {at}"

    fragile.__module__ = "lossbook.figures.cost"

    async def reader():
        shown = explore(fragile, at=[0, 1, 2])
        shown.controls["at"].index = 1
        await until_quiet(tried)
        assert shown.caption == "at 1"
        shown.controls["at"].index = 2
        assert "RuntimeError: cannot draw" in shown._picture.frame["error"]

    asyncio.run(reader())
    assert tried == [0, 1, 2, 2]


def test_a_live_figure_shows_its_widgets_and_leaves_a_picture_for_when_they_are_gone(monkeypatch):
    published = []
    monkeypatch.setattr("lossbook.explore.live.publish_display_data", published.append)
    shown = explore(line, **GRID)
    bundle = shown._repr_mimebundle_()
    assert [list(data) for data in published] == [["application/vnd.jupyter.widget-view+json"]]
    assert bundle["text/plain"] == shown.caption == repr(shown)
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    svg = shown.svg
    shown.controls["slope"].value = 0.4
    shown.controls["slope"].value = 0.2
    assert shown.svg == svg, "nothing of the picture is left in the frames"


def test_live_picture_has_all_that_the_browser_needs_to_move_it():
    shown = explore(line, label="A <line>", **GRID)
    picture = shown._picture
    assert picture.label == "A <line>"
    assert picture.controls == list(shown.controls.values())
    assert picture.traits_of_controls == [
        ("value", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        ("index", None),
        ("value", [False, True]),
        ("value", [0, 1, 2]),
    ]
    assert picture.parameters == list(GRID)
    assert picture.shape == [6, 2, 2, 3]
    assert picture.frame["at"] == (2, 0, 0, 2)
    assert picture.frame["caption"] == shown.caption


@pytest.fixture
def sent(monkeypatch):
    """What pictures send to the browser besides their state."""
    sent = []
    monkeypatch.setattr(Picture, "send", lambda _self, content, buffers=None: sent.append(content))
    return sent


def dragged(ax, at=0, other=0):
    ax.set(xlim=(-1, 6), ylim=(-1, 6))
    handle(ax.plot([at], [other], "o"), "at", "other")
    return f"{at}, {other}"


@pytest.mark.parametrize("module", ["lossbook.figures.cost", "__main__"])
def test_browser_that_takes_a_handle_is_told_where_it_can_lead(monkeypatch, soon, sent, module):
    monkeypatch.setattr(dragged, "__module__", module)

    async def reader():
        shown = explore(dragged, at=(0, 3), other=(0, 2))
        shown._told(shown._picture, {"held": [0, 1]}, [])
        await until_quiet(sent)
        shown.controls["at"].value = 1
        await until_quiet(sent)

    asyncio.run(reader())
    told = [content["pushed"] for content in sent]
    assert {frame["at"] for frame in told} == set(product(range(4), range(3))) - {(0, 0)}
    assert len(told) == 11, "each once"
    assert told[0]["at"] in ((0, 1), (1, 0)), "near ones first"
    # A figure of the notebook is drawn anew when the reader gets there.
    assert all(("svg" in frame) == (module != "__main__") for frame in told)
    assert all(len(frame["grips"]) == 1 for frame in told)


def test_page_that_is_opened_again_gets_what_it_has_not(soon, sent):
    async def reader():
        shown = explore(kept, at=(0, 3))
        shown.controls["at"].value = 3
        await until_quiet(sent)
        assert shown._picture.sent == {(0,), (1,), (2,), (3,)}
        shown.controls["at"].value = 1
        assert shown._picture.frame["at"] == (3,), "the browser shows 1 by itself"
        shown._told(shown._picture, {"has": [3]}, [])
        assert shown._picture.frame["at"] == (1,)
        assert shown._picture.sent == {(3,), (1,)}

    asyncio.run(reader())


def kept(ax, at=0):
    return f"at {at}"


def test_live_error_after_a_move_is_shown_with_its_traceback_and_goes_away():
    def fragile(ax, n=0):
        if n == 1:
            raise RuntimeError("cannot draw <one>")
        return f"n {n}"

    shown = explore(fragile, n=(0, 2, 1))
    shown.controls["n"].value = 1
    assert "RuntimeError: cannot draw <one>" in shown._picture.frame["error"]
    assert "in fragile" in shown._picture.frame["error"]
    shown.controls["n"].value = 2
    assert shown.caption == "n 2"
    assert "error" not in shown._picture.frame


def test_error_at_the_first_position_is_an_error_of_the_call():
    def broken(ax, n=0):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        explore(broken, n=(0, 1, 1))


def test_given_control_is_used_itself():
    slider = widgets.IntSlider(min=0, max=5, value=3, description="weight")
    shown = explore(line, epoch=slider)
    assert shown.controls["epoch"] is slider
    slider.value = 4
    assert shown.caption.endswith("epoch 4")


def play_of(shown):
    rows = [row for row in shown._box.children if isinstance(row, widgets.HBox)]
    assert len(rows) == 1
    return rows[0].children


def test_time_has_a_play_button_linked_to_its_slider():
    play, slider = play_of(explore(line, epoch=(0, 3, 1)))
    assert isinstance(play, widgets.Play)
    assert (play.min, play.max, play.step) == (0, 3, 1)
    assert isinstance(slider, widgets.IntSlider)


def test_given_play_control_gets_a_slider():
    given = widgets.Play(min=0, max=4, value=2)
    play, slider = play_of(explore(line, slope=given))
    assert play is given
    assert (slider.min, slider.max, slider.value) == (0, 4, 2)


def test_two_live_figures_share_no_ids():
    def ids(shown):
        return set(re.findall(r' id="([^"]+)"', shown.svg))

    first, second = explore(line, slope=(0.0, 0.2, 0.2)), explore(line, slope=(0.0, 0.2, 0.2))
    assert ids(first)
    assert not ids(first) & ids(second)


# Static


def test_static_figure_holds_the_default_frame_itself(static):
    baked = explore(line, **GRID)
    assert isinstance(baked, StaticFigure)
    assert baked.caption == "slope 0.2, solid, dashed False, epoch 2"
    assert baked.html.count("<svg") == 1
    assert ">slope 0.2, solid, dashed False, epoch 2</output>" in baked.html
    bundle = baked._repr_mimebundle_()
    assert bundle == {"text/html": baked.html, "text/plain": baked.caption}
    assert "widget" not in baked.html


def frames_of(baked):
    data = json.loads(re.search(r'<script type="application/json">(.*)</script>', baked.html)[1])
    given = re.search(r"<svg [^>]*>\n(.*)\n</svg>", baked.html, re.DOTALL)[1].split("\n")
    return data, ["\n".join(lines) for lines in unpack(data, given)]


def test_static_frames_are_what_draw_gives_at_every_position(static):
    baked = explore(line, **GRID)
    data, frames = frames_of(baked)
    assert data["shape"] == [6, 2, 2, 3]
    stage, i = Stage(line), 0
    for slope in [j / 10 for j in range(6)]:
        for kind in ("solid", "a < b & c"):
            for dashed in (False, True):
                for epoch in range(3):
                    if i % 7 == 0:  # each kind of step is hit; all would only take longer
                        expected = stage.frame(
                            {"slope": slope, "kind": kind, "dashed": dashed, "epoch": epoch},
                            prefix=f"{baked.id}-",
                        )
                        assert frames[i] == "\n".join(expected.svg.split("\n")[1:-1])
                        assert data["captions"][i] == expected.caption
                    i += 1
    assert i == len(frames) == len(data["captions"])


def test_static_controls_are_native_and_labelled(static):
    text = explore(line, label='A "line"', **GRID).html
    ident = re.search(r'<figure class="explore" id="([^"]+)"', text)[1]
    assert 'role="group" aria-label="A &quot;line&quot;"' in text
    for name in GRID:
        assert f'<label for="{ident}-{name}">{name}</label>' in text
        assert f'id="{ident}-{name}" name="{name}"' in text
    assert text.count('type="range"') == 2
    assert text.count("<select") == text.count('type="checkbox"') == 1
    assert 'min="0" max="5" step="1" value="2" aria-valuetext="0.2"' in text
    assert '<option value="1">a &lt; b &amp; c</option>' in text
    assert text.count("<button") == 1
    assert f'data-for="{ident}-epoch"' in text
    assert 'role="img"' in text
    assert 'aria-live="polite"' in text


def test_same_function_twice_on_a_page_shares_no_ids(static):
    def ids(baked):
        return re.findall(r' id="([^"]+)"', baked.html)

    first, second = explore(line, slope=(0.0, 0.2, 0.2)), explore(line, slope=(0.0, 0.2, 0.2))
    assert first.id != second.id
    assert not set(ids(first)) & set(ids(second))
    assert len(ids(first)) == len(set(ids(first)))


def test_caption_cannot_end_the_data_block(static):
    def hostile(ax, n=0):
        return f"</script><b>{n}"

    baked = explore(hostile, n=(0, 1, 1))
    assert baked.html.count("</script>") == 1
    assert html.escape("</script><b>0") in baked.html
    assert frames_of(baked)[0]["captions"] == ["</script><b>0", "</script><b>1"]


def test_static_error_names_nothing_less_than_the_error_of_draw(static):
    def fragile(ax, n=0):
        if n == 1:
            raise RuntimeError("cannot draw one")
        return f"n {n}"

    with pytest.raises(RuntimeError, match="cannot draw one"):
        explore(fragile, n=(0, 2, 1))


def test_unknown_front_is_refused(monkeypatch):
    monkeypatch.setenv(FRONT_VARIABLE, "stale")
    with pytest.raises(ValueError, match="'stale' in the environment; allowed: live, static, page"):
        explore(line)


# A page of its own


@pytest.fixture
def page(monkeypatch):
    monkeypatch.setenv(FRONT_VARIABLE, "page")
    monkeypatch.setattr(StaticFigure, "_bearer", None)


def html_of(shown):
    return shown._repr_mimebundle_()["text/html"]


def test_on_a_page_of_its_own_the_first_figure_shown_brings_style_and_script(page):
    never_shown, first, second = (explore(line, slope=(0.0, 0.2, 0.2)) for _ in range(3))
    for text in (html_of(first), html_of(first)):  # a figure that is shown twice has not changed
        assert text.count("<style>") == 1
        assert text.count("<script>") == 1
        assert text.endswith(first.html)
    assert html_of(second) == second.html
    assert html_of(never_shown) == never_shown.html


def test_script_and_style_can_stand_in_a_page(page):
    text = html_of(explore(line, slope=(0.0, 0.2, 0.2)))
    assert re.findall("</(?:style|script)", text) == ["</style", "</script", "</script"]
    assert "<!--" not in text


# For any book


def test_explore_needs_nothing_else_of_lossbook_and_draws_nothing_before_it_must():
    source = Path(lossbook.explore.__file__).parent
    imports = re.compile(r"^ *(?:from|import) (lossbook\S*)", re.MULTILINE)
    for path in source.glob("*.py"):
        for name in imports.findall(path.read_text("utf-8")):
            assert name.startswith("lossbook.explore"), f"{path.name}: {name}"
    code = "import lossbook.explore, sys; print({'matplotlib', 'ipywidgets'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=12), max_size=6))
def test_packing_loses_nothing_and_stores_each_line_once(frames):
    packed = pack(frames)
    assert unpack(packed) == frames
    first = list(dict.fromkeys(frames[0])) if frames else []
    assert set(packed["lines"]) == {line for frame in frames for line in frame}
    assert len(packed["lines"]) == len(set(packed["lines"]))
    assert packed["lines"][: len(first)] == first


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=12), min_size=1, max_size=6))
def test_packing_stores_nothing_that_the_page_has(frames):
    packed = pack(frames, frames[-1])
    assert unpack(packed, frames[-1]) == frames
    assert not set(packed["lines"]) & set(frames[-1])
    assert packed["frames"][-1] == ([0, len(frames[-1])] if frames[-1] else [])


def test_packed_frames_that_differ_in_one_line_cost_three_runs():
    base = [f"line {i}" for i in range(100)]
    other = [*base[:50], "changed", *base[51:]]
    assert pack([base, other])["frames"] == [[0, 100], [0, 50, 100, 1, 51, 49]]
