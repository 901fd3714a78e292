"""One frame: an SVG at home on a page, and a caption."""

import gc
import re
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossbook.explore import FAINT, INK, MUTED, PAPER, Stage, figure, panel
from lossbook.explore.frame import relative

SVG = "{http://www.w3.org/2000/svg}"


def busy(ax, n=20):
    """Draw one of everything that the book uses."""
    x = np.linspace(-1, 1, n)
    ax.plot(x, x**2, color="#0072b2")
    ax.plot(x, x, "o", color=INK)
    ax.fill_between(x, 0, x**2, color=FAINT)
    ax.axhline(0.123456, color=MUTED)
    ax.scatter(x, -x, color="#d55e00", edgecolor=PAPER)
    ax.text(0, 0.5, "0.123456 < ŷ & δ", ha="center", weight="bold")
    ax.set_title("Title")
    ax.set_ylabel("loss")
    return f"{n} points"


@pytest.fixture(scope="module")
def root():
    return ET.fromstring(Stage(busy).frame({}, prefix="busy-").svg)


def test_frame_is_well_formed_and_has_its_view_box(root):
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 388.8 230.4"
    assert root.get("width") is None


def test_no_setting_of_the_reader_changes_a_figure():
    usual = Stage(busy).frame({}).svg
    settings = {"text.usetex": True, "axes.grid": True, "font.size": 20, "xtick.direction": "in"}
    with mpl.rc_context(settings):
        assert Stage(busy).frame({}).svg == usual
        assert mpl.rcParams["font.size"] == 20
    with mpl.style.context("dark_background"):
        assert Stage(busy).frame({}).svg == usual


def test_empty_groups_leave_nothing_behind():
    def hidden(ax):
        ax.plot([], [], "o")
        ax.scatter([], [])
        ax.text(0.5, 0.5, "")
        return "nothing but axes"

    svg = Stage(hidden).frame({}).svg
    ET.fromstring(svg)
    assert "<g>" not in svg
    assert "<g/>" not in svg


def test_text_stays_text_in_the_font_of_the_page(root):
    texts = {t.text for t in root.iter(f"{SVG}text")}
    assert {"0.123456 < ŷ & δ", "Title", "loss"} <= texts
    assert "font-family" not in ET.tostring(root, "unicode")


def test_neutral_colours_belong_to_the_page(root):
    styles = " ".join(e.get("style", "") for e in root.iter())
    for neutral in (INK, MUTED, FAINT, PAPER, "#000000"):
        assert not re.search(rf"(?<!,){neutral}", styles)
    assert "fill: currentColor" in styles
    for name in ("muted", "faint", "paper"):
        assert f"var(--explore-{name}," in styles
    assert "stroke: #0072b2" in styles


def test_coordinates_are_rounded_to_a_tenth(root):
    for element in root.iter():
        for name in ("d", "x", "y", "transform"):
            assert not re.search(r"\.\d\d", element.get(name, ""))


def absolute(path):
    """Follow a path and return the points it goes through, controls included."""
    counts = {"M": 2, "m": 2, "l": 2, "h": 1, "v": 1, "q": 4, "c": 6}
    x = y = 0.0
    points, start = [], None
    for command, rest in re.findall(r"([a-zA-Z])([^a-zA-Z]*)", path):
        if command == "z":
            x, y = start
            continue
        numbers = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest)]
        for i in range(0, len(numbers), counts[command]):
            step = numbers[i : i + counts[command]]
            step = {"h": [*step, 0], "v": [0, *step]}.get(command, step)
            here = [(x + dx, y + dy) for dx, dy in zip(step[::2], step[1::2], strict=True)]
            points += here
            x, y = here[-1]
            start = (x, y) if command in "Mm" else start
    return points


number = st.floats(-500, 500, allow_nan=False)
segments = st.one_of(
    *(
        st.tuples(st.just(command), st.lists(number, min_size=count, max_size=count))
        for command, count in (("M", 2), ("L", 2), ("L", 2), ("Q", 4), ("C", 6))
    ),
    st.just(("z", [])),
)


@given(st.lists(segments, max_size=40))
def test_relative_path_goes_through_the_same_points_rounded(segments):
    segments = [("M", [1.26, -3.04]), *segments]
    given_path = " ".join(f"{c} {' '.join(f'{n:f}' for n in numbers)}" for c, numbers in segments)
    expected = [n for _, numbers in segments for n in numbers]
    points = absolute(relative(given_path))
    assert [n for point in points for n in point] == pytest.approx(expected, abs=0.0501)


def test_rounding_does_not_add_up_along_a_path():
    path = "M 0 0" + "".join(f" L {0.04 * i:.2f} {0.34 * i:.2f}" for i in range(1, 101))
    assert absolute(relative(path))[-1] == pytest.approx((4, 34), abs=1e-9)


@pytest.mark.parametrize("path", ["M 0 0 A 1 1 0 0 0 1 1", "M 0 0 L 1", "M 0 0 L 1 1 2 2", "m 0 0"])
def test_path_of_another_kind_is_refused(path):
    with pytest.raises(ValueError, match="allowed: M and L with 2 numbers"):
        relative(path)


def test_only_ids_that_are_referred_to_are_kept_each_with_its_prefix(root):
    text = ET.tostring(root, "unicode")
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    used = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text))
    assert ids
    assert set(ids) == {a or b for a, b in used}
    assert len(set(ids)) == len(ids)
    assert all(i.startswith("busy-") for i in ids)


def test_no_two_markers_share_an_id_by_accident():
    """Ids are cut to seven characters: enough for the dozens that a figure has."""

    def many(ax):
        for i in range(40):
            ax.plot([0], [i], marker="o", ms=3 + i / 10)
        return "forty sizes"

    svg = Stage(many).frame({}).svg
    ids = re.findall(r' id="([^"]*)"', svg)
    assert len(ids) == len(set(ids)) >= 40


def test_same_position_gives_the_same_bytes():
    stage = Stage(busy)
    first = stage.frame({"n": 7})
    stage.frame({"n": 9})
    assert stage.frame({"n": 7}) == first == Stage(busy).frame({"n": 7})


def test_frame_leaves_the_settings_of_matplotlib_alone():
    before = dict(mpl.rcParams)
    Stage(busy).frame({})
    assert dict(mpl.rcParams) == before


def test_layout_of_one_frame_does_not_leak_into_the_next():
    def squeezed(fig, squeeze):
        if squeeze:
            fig.subplots_adjust(left=0.5)
        fig.subplots().plot([0, 1])
        return f"{squeeze}"

    stage = Stage(squeezed)
    plain = stage.frame({"squeeze": False})
    stage.frame({"squeeze": True})
    assert stage.frame({"squeeze": False}) == plain


def test_panels_come_back_empty():
    """What one frame draws, names, scales or hides in a panel is not in the next."""

    def changing(fig, wild):
        ax = panel(fig, (0.1, 0.1, 0.8, 0.8))
        if wild:
            ax.plot([0, 900], [1, 900], "o-")
            ax.bar([1], [2])
            ax.scatter([1], [2])
            ax.imshow([[1, 2], [3, 4]])
            ax.invert_yaxis()
            ax.text(0.5, 0.5, "wild")
            ax.set(xscale="log", xlabel="wild", ylabel="wild", title="wild")
            ax.legend(["wild"])
            ax.axis("off")
        else:
            ax.plot([0, 1])
        ax.set(xlim=(1, 2), ylim=(0, 1))  # limits are for every frame to set
        return f"wild: {wild}"

    stage = Stage(changing)
    calm = stage.frame({"wild": False})
    assert "wild" in stage.frame({"wild": True}).svg
    assert stage.frame({"wild": False}) == calm


def test_panels_are_reused_in_the_order_of_this_frame():
    made = []

    def two(fig, swap):
        places = [(0.1, 0.1, 0.3, 0.8), (0.6, 0.1, 0.3, 0.8)]
        made.append([panel(fig, place) for place in (places[::-1] if swap else places)])
        assert fig.axes == made[-1]
        return "two"

    stage = Stage(two)
    for swap in (False, True):
        stage.frame({"swap": swap})
    assert made[1] == made[0][::-1]


def test_collector_runs_again_after_a_frame_that_fails():
    def failing(ax):
        assert not gc.isenabled()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        Stage(failing).frame({})
    assert gc.isenabled()


def test_first_argument_named_fig_gets_the_figure():
    def two(fig):
        left, right = fig.subplots(1, 2)
        left.plot([0, 1])
        right.plot([1, 0])
        return "two panels"

    assert Stage(two).frame({}).caption == "two panels"


def test_size_is_the_one_asked_for():
    @figure(size=(5.4, 2.0))
    def flat(ax):
        return "flat"

    assert 'viewBox="0 0 388.8 144"' in Stage(flat).frame({}).svg


@pytest.mark.parametrize("size", [(0, 1), (1, -1), (1, 2, 3)])
def test_impossible_size_is_refused(size):
    with pytest.raises(ValueError, match="allowed: a width and a height"):
        figure(size=size)


@pytest.mark.parametrize("caption", [None, 3, ["a"]])
def test_draw_that_returns_no_caption_is_refused(caption):
    def silent(ax, n):
        return caption

    with pytest.raises(TypeError, match=r"silent\(n=1\) returned .*must return the caption"):
        Stage(silent).frame({"n": 1})


def test_a_caption_breaks_between_words_and_not_within_a_formula_or_before_a_unit():
    told = "η = 0.4: J = −1.5 min², 98 % of 3 km in 7 minutes; 4.5 · 10⁻⁵ · km, slope p − y = 2"
    caption = Stage(lambda ax: told).frame({}).caption
    assert caption.replace("\N{NO-BREAK SPACE}", " ") == told
    assert caption.split(" ") == [
        *(
            "η\xa0=\xa00.4:",
            "J\xa0=\xa0−1.5\xa0min²,",
            "98\xa0%",
            "of",
            "3\xa0km",
            "in",
            "7",
            "minutes;",
        ),
        *("4.5\xa0·\xa010⁻⁵", "·", "km,", "slope", "p\xa0−\xa0y\xa0=\xa02"),
    ]


def test_empty_caption_is_refused():
    with pytest.raises(ValueError, match="empty caption"):
        Stage(lambda ax: "  ").frame({})


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        ("line", "allowed: a function"),
        (lambda: "", "takes no argument"),
        (lambda x: "", "must be named ax"),
    ],
)
def test_what_cannot_draw_is_refused(draw, message):
    with pytest.raises(TypeError, match=message):
        Stage(draw)
