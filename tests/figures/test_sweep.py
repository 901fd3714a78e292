"""Every position of every interactive figure of the book, drawn and looked at."""

import html
import json
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise, product
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Bbox

from lossbook.explore import Frame, Grid, Stage
from lossbook.explore.live import LiveFigure
from lossbook.explore.static import unpack
from lossbook.figures import regression

CONTRIBUTING = (Path(__file__).parent.parent.parent / "CONTRIBUTING.md").read_text("utf-8")
SVG = "{http://www.w3.org/2000/svg}"
SMALLEST_TEXT = 9  # points: a phone shows the figure about 1:1
SLACK = 1  # points that a text may stand over the edge: the page's fonts are narrower

NOT_A_NUMBER = re.compile(r"\b(nan|inf|None|array|np\.\w+)\b|[\d.]{13,}|\$")
NOT_FINITE = re.compile(r"[\s,(\"MLCQ-](nan|inf)(?![a-z])")


class Control(NamedTuple):
    """A control: its name, and what each of its positions is called."""

    name: str
    labels: list[str]


@dataclass(frozen=True)
class Position:
    """What one position drew."""

    index: tuple[int, ...]
    at: str
    frame: Frame

    @cached_property
    def root(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.frame.svg)

    @cached_property
    def texts(self) -> list[SimpleNamespace]:
        return list(_texts(self.root))


class Sweep(NamedTuple):
    """What all positions drew."""

    controls: list[Control]
    positions: list[Position]


def sweep(controls: list[Control], frames: list[Frame]) -> Sweep:
    places = product(*(range(len(control.labels)) for control in controls))
    positions = []
    for index, frame in zip(places, frames, strict=True):
        at = (f"{c.name}={c.labels[i]}" for c, i in zip(controls, index, strict=True))
        positions.append(Position(index, ", ".join(at), frame))
    return Sweep(controls, positions)


def sweep_of_drawn(draw: Callable[..., str], **given: Any) -> Sweep:
    """Draw all positions of a figure that is on no page."""
    grid, stage = Grid.of(draw, given), Stage(draw)
    controls = [Control(p.name, p.labels) for p in grid.parameters]
    return sweep(controls, [stage.frame(values) for values in grid])


@cache
def sweep_of_page(page: Path, ident: str) -> Sweep:
    """Take all positions from the page that shows them: the build has drawn them."""
    start = f'<figure class="explore" id="{ident}">'
    text = page.read_text("utf-8").partition(start)[2].partition("</figure>")[0]
    default = re.search(r"<svg .*?</svg>", text, re.S)[0]
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', text, re.S)[1])
    root, *inside, end = default.split("\n")
    pictures = ["\n".join([root, *lines, end]) for lines in unpack(data, inside)]
    names = re.findall(r'<(?:input|select) [^>]*\bname="([^"]*)"', text)
    controls = list(map(Control, map(html.unescape, names), data["labels"]))
    return sweep(controls, list(map(Frame, pictures, data["captions"])))


# What must hold of each figure


def check_svg_is_well_formed_and_finite(swept: Sweep) -> None:
    for position in swept.positions:
        assert position.root.tag.endswith("svg")
        bad = NOT_FINITE.search(position.frame.svg)
        assert not bad, f"{position.at}: a coordinate is {bad[1]}"


def check_captions_hold_numbers(swept: Sweep) -> None:
    for at, caption in ((p.at, p.frame.caption) for p in swept.positions):
        assert caption.strip(), f"{at}: no caption"
        bad = NOT_A_NUMBER.search(caption)
        assert not bad, f"{at}: {bad[0]!r} in the caption {caption!r}"


def check_every_step_shows(swept: Sweep) -> None:
    """A control that does nothing is a bug, and so is a step of it that does nothing."""
    shown = {p.index: p.frame for p in swept.positions}
    for axis, control in enumerate(swept.controls):
        for (i, here), (j, there) in pairwise(enumerate(control.labels)):
            pairs = [
                (frame, shown[(*index[:axis], j, *index[axis + 1 :])])
                for index, frame in shown.items()
                if index[axis] == i
            ]
            step = f"{control.name} from {here} to {there}"
            for part in ("svg", "caption"):
                changes = any(getattr(a, part) != getattr(b, part) for a, b in pairs)
                assert changes, f"{step} never changes the {part}"


def check_all_frames_share_one_root(swept: Sweep) -> None:
    # The page keeps the root element and exchanges what is inside.
    roots = {p.frame.svg.partition("\n")[0] for p in swept.positions}
    assert len(roots) == 1, roots
    assert re.search(r'viewBox="0 0 [\d.]+ [\d.]+"', roots.pop())


def check_text_is_plain_text(swept: Sweep) -> None:
    for position in swept.positions:
        assert "<tspan" not in position.frame.svg, f"{position.at}: mathtext in the picture"
        for text in position.texts:
            assert not re.search(r"[$\\�]|\bnan\b", text.string), f"{text.string!r} in the picture"
            assert text.size >= SMALLEST_TEXT, f"{text.string!r} is set in {text.size} pt"


def check_text_is_inside(swept: Sweep) -> None:
    for position in swept.positions:
        width, height = _size(position.frame.svg)
        for text in position.texts:
            box = text.box
            inside = (
                box.x0 >= -SLACK
                and box.y0 >= -SLACK
                and box.x1 <= width + SLACK
                and box.y1 <= height + SLACK
            )
            assert inside, (
                f"{position.at}: {text.string!r} at {box.extents.round(1)} is outside "
                f"the figure of {width} × {height} points"
            )


CHECKS = [
    check_svg_is_well_formed_and_finite,
    check_captions_hold_numbers,
    check_every_step_shows,
    check_all_frames_share_one_root,
    check_text_is_plain_text,
    check_text_is_inside,
]


def _size(svg: str) -> tuple[float, float]:
    width, height = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups()
    return float(width), float(height)


def _texts(root: ElementTree.Element) -> Iterator[SimpleNamespace]:
    """Yield each text of a picture: its string, its size, the box it takes."""

    def walk(element: ElementTree.Element, outer: Affine2D) -> Iterator[SimpleNamespace]:
        here = _transform(element.get("transform", "")) + outer
        if element.tag == f"{SVG}text":
            yield _text(element, here)
        for child in element:
            yield from walk(child, here)

    yield from walk(root, Affine2D())


def _transform(text: str) -> Affine2D:
    transform = Affine2D()
    for name, numbers in reversed(re.findall(r"(\w+)\(([^)]*)\)", text)):
        values = [float(x) for x in re.split(r"[\s,]+", numbers.strip())]
        if name == "translate":
            transform.translate(*values)
        elif name == "scale":
            transform.scale(*values)
        elif name == "rotate":
            transform.rotate_deg_around(*(values[1:] or (0, 0)), values[0])
        else:
            raise AssertionError(f"this test does not know the transform {name!r}")
    return transform


@cache
def _extent(string: str, size: float, weight: str) -> tuple[float, float, float]:
    font = FontProperties(size=size, weight=weight)
    return text_to_path.get_text_width_height_descent(string, font, False)


def _text(element: ElementTree.Element, transform: Affine2D) -> SimpleNamespace:
    style = dict(re.findall(r"([\w-]+): ([^;]*)", element.get("style", "")))
    string = "".join(element.itertext()).strip()
    size = float(style.get("font-size", "10px").removesuffix("px"))
    width, height, descent = _extent(string, size, style.get("font-weight", "normal"))
    x, y = float(element.get("x", 0)), float(element.get("y", 0))
    x -= {"start": 0, "middle": width / 2, "end": width}[style.get("text-anchor", "start")]
    box = Bbox([[x, y - height + descent], [x + width, y + descent]])
    corners = transform.transform(box.corners())
    return SimpleNamespace(
        string=string, size=size, box=Bbox([corners.min(axis=0), corners.max(axis=0)])
    )


# The figures of the book


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_"))
def test_figure(site: Path, figure_name: tuple[str, str], check: Callable[[Sweep], None]) -> None:
    page, ident = figure_name
    check(sweep_of_page(site / f"{page}.html", ident))


def test_figure_of_the_worked_example_passes_too() -> None:
    """The one that CONTRIBUTING.md walks through, from empty to merged."""
    (example,) = re.findall(r"^ +```python\n( +@figure.*?)^ +```", CONTRIBUTING, re.M | re.S)
    namespace = dict(vars(regression))
    exec(textwrap.dedent(example), namespace)
    swept = sweep_of_drawn(namespace["growth"], residual=(-4, 4, 0.5))
    for check in CHECKS:
        check(swept)


def test_every_position_of_every_live_control_is_reached(book_figure: Any) -> None:
    """A slider whose steps miss its end, or whose floats miss the grid, shows here."""

    def blank(fig: Any, **values: Any) -> str:
        return "blank"

    live = LiveFigure(Stage(blank), book_figure.grid, label="blank")
    for parameter in book_figure.grid.parameters:
        control = live.controls[parameter.name]
        given = book_figure.given[parameter.name]
        if isinstance(given, tuple):
            assert (parameter.values[0], parameter.values[-1]) == (given[0], given[1])
        if hasattr(control, "index"):
            assert len(control.options) == len(parameter.values)
            for index, expected in enumerate(parameter.values):
                control.index = index
                assert live.values[parameter.name] == expected
            continue
        if hasattr(control, "step"):
            assert (control.min, control.max) == (parameter.values[0], parameter.values[-1])
            # The browser counts steps from the lower end, in floats.
            reached = [control.min + i * control.step for i in range(len(parameter.values))]
            assert reached == pytest.approx(parameter.values, rel=1e-9, abs=1e-12)
        else:
            reached = parameter.values
        for value, expected in zip(reached, parameter.values, strict=True):
            control.value = value
            assert live.values[parameter.name] == expected


# Each check fails on a figure that it is there for


def never_moves(ax: Any, a: int) -> str:
    ax.plot([0, a])
    return "always the same"


def caption_alone_moves(ax: Any, a: int) -> str:
    ax.plot([0, 1])
    return f"a is {a}"


def last_step_is_dead(ax: Any, a: int) -> str:
    ax.plot([0, min(a, 1)])
    return f"a is {a}"


def not_a_number_in_caption(ax: Any, a: int) -> str:
    ax.plot([0, a])
    return f"the mean is {float('nan') if a == 2 else a}"


def rounding_noise_in_caption(ax: Any, a: int) -> str:
    ax.plot([0, a])
    return f"the mean is {a * 0.1 + 0.2}"


def text_over_the_edge(ax: Any, a: int) -> str:
    ax.set(xlim=(0, 2), ylim=(0, 1))
    ax.text(a, 0.5, "a long remark that ends outside")
    return f"a is {a}"


def turned_text_over_the_edge(fig: Any, a: int) -> str:
    fig.text(0.5, 0.45 * a, "a long remark", rotation=90, va="bottom")
    return f"a is {a}"


def mathtext(ax: Any, a: int) -> str:
    ax.set(xscale="log", xlim=(1, 10 ** (a + 1)))
    return f"a is {a}"


def tiny_text(ax: Any, a: int) -> str:
    ax.set_title(f"a is {a}", fontsize=6)
    return f"a is {a}"


def size_depends_on_position(fig: Any, a: int) -> str:
    fig.set_size_inches(4, 2 + a)
    return f"a is {a}"


@pytest.mark.parametrize(
    ("draw", "check", "message"),
    [
        (
            never_moves,
            check_every_step_shows,
            "a from 0 to 1 never changes the caption",
        ),
        (caption_alone_moves, check_every_step_shows, "never changes the svg"),
        (last_step_is_dead, check_every_step_shows, "a from 1 to 2 never changes"),
        (not_a_number_in_caption, check_captions_hold_numbers, "'nan' in the caption"),
        (rounding_noise_in_caption, check_captions_hold_numbers, "'0.30000000000000004' in the"),
        (text_over_the_edge, check_text_is_inside, "'a long remark that ends outside' at"),
        (turned_text_over_the_edge, check_text_is_inside, "'a long remark' at"),
        (mathtext, check_text_is_plain_text, "mathtext in the picture"),
        (tiny_text, check_text_is_plain_text, "is set in 6.0 pt"),
        (size_depends_on_position, check_all_frames_share_one_root, "viewBox"),
    ],
)
def test_check_fails_where_it_should(
    draw: Callable[..., str], check: Callable[[Sweep], None], message: str
) -> None:
    with pytest.raises(AssertionError, match=re.escape(message)):
        check(sweep_of_drawn(draw, a=(0, 2, 1)))


@pytest.mark.parametrize(
    ("svg", "error"),
    [
        ('<svg viewBox="0 0 9 9">\n<path d="MnanL1 2"/></svg>', "a coordinate is nan"),
        ('<svg viewBox="0 0 9 9">\n<text x="-inf">a</text></svg>', "a coordinate is inf"),
    ],
)
def test_coordinate_that_is_no_number_is_found(svg: str, error: str) -> None:
    with pytest.raises(AssertionError, match=error):
        check_svg_is_well_formed_and_finite(sweep([], [Frame(svg, "caption")]))


def test_measured_text_agrees_with_matplotlib() -> None:
    figures = []

    def remark(fig: Any) -> str:
        fig.text(0.5, 0.5, "centred", ha="center", fontsize=11)
        fig.text(0.2, 0.2, "turned", rotation=90)
        figures.append(fig)
        return "two texts"

    svg = Stage(remark).frame({}).svg
    fig = figures[0]
    renderer = FigureCanvasAgg(fig).get_renderer()
    to_svg = Affine2D().scale(72 / fig.dpi).scale(1, -1).translate(0, _size(svg)[1])
    for text, drawn in zip(_texts(ElementTree.fromstring(svg)), fig.texts, strict=True):
        box = drawn.get_window_extent(renderer).transformed(to_svg)
        # Matplotlib gives every line room for a descender.
        assert text.box.min == pytest.approx(box.min, abs=1)
        assert text.box.max == pytest.approx(box.max, abs=3)


def test_frame_is_the_same_whatever_was_shown_before(book_figure):
    """Panels are reused: nothing of one position may stay for the next."""
    positions = list(book_figure.grid)
    used = Stage(book_figure.draw)
    for values in (positions[0], positions[-1], positions[len(positions) // 2]):
        used.frame(values)
    default = book_figure.grid.default
    assert used.frame(default) == Stage(book_figure.draw).frame(default)
