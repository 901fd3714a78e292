"""Draw one position of a figure: an SVG that belongs to its page, and a caption.

Matplotlib draws. What it writes is then made small and at home on any page: text stays text in
the page's own font, neutral colours follow the page (so dark mode works), coordinates are
rounded to a tenth of a point, and only the ids that something refers to are kept.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import io
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from lossbook.explore.handles import Drawing, Grip, drawing
from lossbook.explore.words import unbroken

# Matplotlib is imported where something is drawn: who asks for a name or a colour only, as a Sphinx
# extension does, need not wait for it.
if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FAINT", "INK", "MUTED", "PAPER", "Frame", "Stage", "figure", "panel"]

# Neutral colours are names for what the page decides. Each stands in Matplotlib as a colour of
# its own that nobody would choose, looks right if the figure is used without a page, and is
# replaced in the SVG.
INK = "#1b1e23"
"""Text, axes and data points: the colour of the page's text."""
MUTED = "#63686f"
"""What should stand back: ticks, helper lines."""
FAINT = "#dcdee1"
"""Grid lines and fills behind the data; never the only carrier of meaning."""
PAPER = "#fffefd"
"""The colour of the page behind the figure, for halos."""

NEUTRAL = {
    INK: "currentColor",
    MUTED: "var(--explore-muted,#63686f)",
    FAINT: "var(--explore-faint,#dcdee1)",
    PAPER: "var(--explore-paper,#fffefd)",
    "#000000": "currentColor",
}

DEFAULT_SIZE = (5.4, 3.2)
TICKS = {"size": 3, "width": 0.8, "pad": 3}

STYLE: dict[str, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "lossbook",  # the same figure gives the same ids
    "font.sans-serif": ["DejaVu Sans"],  # to measure with; the page brings its own
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.labelsize": 10,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    **{f"{axis}tick.major.{k}": v for axis in "xy" for k, v in TICKS.items()},
    "lines.linewidth": 2,
    "lines.solid_capstyle": "round",
    "figure.subplot.left": 0.12,
    "figure.subplot.right": 0.97,
    "figure.subplot.bottom": 0.16,
    "figure.subplot.top": 0.93,
}


class Frame(NamedTuple):
    """One position as drawn.

    Attributes
    ----------
    svg : str
        The whole ``<svg>`` element.
    caption : str
        What the draw function returned.
    grips : tuple of Grip
        What the reader can take hold of, and where it lies.
    """

    svg: str
    caption: str
    grips: tuple[Grip, ...] = ()


def figure(*, size: tuple[float, float] = DEFAULT_SIZE) -> Callable[[Callable], Callable]:
    """Say how large a draw function's figure is, in inches of width and height.

    Parameters
    ----------
    size : (float, float)
        The page scales the figure to its column. Keep the width at 5.4, so that text has one
        size in the whole book.

    Raises
    ------
    ValueError
        If `size` is not two numbers above zero.

    Examples
    --------
    >>> @figure(size=(5.4, 2.4))
    ... def line(ax, slope):
    ...     ax.plot([0, 1], [0, slope])
    ...     return f"slope {slope}"
    >>> Stage(line).size
    (5.4, 2.4)
    """
    if len(size) != 2 or not all(side > 0 for side in size):
        raise ValueError(f"size={size!r}; allowed: a width and a height in inches, above zero")

    def decorate(draw: Callable) -> Callable:
        draw.explore_size = tuple(size)
        return draw

    return decorate


class Stage:
    """A draw function with the one Matplotlib figure that it draws on again and again.

    Parameters
    ----------
    draw : callable
        ``draw(ax, **values)`` or ``draw(fig, **values)``; returns the caption.

    Raises
    ------
    TypeError
        If `draw` is not callable or takes no argument to draw on.
    """

    def __init__(self, draw: Callable[..., str]) -> None:
        if not callable(draw):
            raise TypeError(f"draw={draw!r}; allowed: a function draw(ax, **values)")
        self.draw = draw
        self.name: str = getattr(draw, "__name__", type(draw).__name__)
        arguments = list(inspect.signature(draw).parameters)
        if not arguments:
            raise TypeError(f"{self.name} takes no argument; its first must be ax or fig")
        if arguments[0] not in ("ax", "fig"):
            raise TypeError(
                f"the first argument of {self.name} is {arguments[0]!r}; it must be named ax "
                "(to get one Axes) or fig (to get the Figure)"
            )
        self.wants_axes = arguments[0] == "ax"
        self.size: tuple[float, float] = getattr(draw, "explore_size", DEFAULT_SIZE)
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        # A figure that is reused draws twice as fast as a new one.
        with _style():
            self._figure = Figure(figsize=self.size)
        FigureCanvasSVG(self._figure)

    def frame(self, values: dict[str, Any], *, prefix: str = "") -> Frame:
        """Draw the position `values`.

        Parameters
        ----------
        values : dict
            The arguments of the draw function.
        prefix : str
            Put before each id, so that two figures on one page share none.

        Raises
        ------
        TypeError, ValueError
            If the draw function does not return a caption.
        """
        with _style(), _collector_paused():
            self._clear()
            self._figure.subplots_adjust(
                **{s: STYLE[f"figure.subplot.{s}"] for s in ("left", "right", "bottom", "top")}
            )
            on = self._figure.add_subplot() if self.wants_axes else self._figure
            with drawing(Drawing(self.draw, self._figure, values)) as handles:
                caption = self.draw(on, **values)
            at = ", ".join(f"{name}={value!r}" for name, value in values.items())
            if not isinstance(caption, str):
                raise TypeError(
                    f"{self.name}({at}) returned {caption!r}; it must return the caption: one "
                    "sentence with the numbers of this position"
                )
            if not caption.strip():
                raise ValueError(f"{self.name}({at}) returned an empty caption")
            marks = handles.mark()
            file = io.StringIO()
            self._figure.savefig(file, format="svg", metadata=dict.fromkeys(METADATA))
            grips = handles.grips()  # only now each thing has its place
        svg = tidy(file.getvalue(), prefix=prefix, marks=marks)
        return Frame(svg, unbroken(" ".join(caption.split())), grips)

    def picture(self, values: dict[str, Any], note: str) -> bytes:
        """Draw the position `values` as a PNG, with the caption and a note below.

        Parameters
        ----------
        values : dict
            The arguments of the draw function.
        note : str
            What is to be read below the caption.
        """
        caption = self.frame(values).caption
        below = "\n".join([*textwrap.wrap(caption, int(15 * self.size[0])), note])
        with _style():
            self._figure.text(0.02, -0.02, below, va="top", color=INK)  # until the next frame
            file = io.BytesIO()
            looks = {"facecolor": "white", "bbox_inches": "tight", "dpi": 110}
            self._figure.savefig(file, format="png", **looks)
        return file.getvalue()

    def _clear(self) -> None:
        """Empty the figure; the Axes that :func:`panel` made wait for being asked for again."""
        waiting = {}
        for axes in self._figure.axes:
            self._figure.delaxes(axes)  # else clear() would first empty each, for nothing
            if rectangle := getattr(axes, "explore_panel", None):
                _empty(axes)
                waiting[rectangle] = axes
        self._figure.clear()
        self._figure.explore_waiting = waiting


def panel(fig: Figure, rectangle: tuple[float, float, float, float]) -> Axes:
    """Return empty Axes in a figure, as ``fig.add_axes(rectangle)`` does, but faster.

    Half of the time of a small figure goes into new Axes with new ticks. In the next frame of the
    same figure these come back, emptied of all that was drawn, with ticks and limits as they were:
    set those in every frame or in none.

    Parameters
    ----------
    fig : Figure
        What the draw function got.
    rectangle : (left, bottom, width, height)
        In fractions of the figure.
    """
    waiting = getattr(fig, "explore_waiting", {}).pop(rectangle, None)
    axes = fig.add_axes(rectangle if waiting is None else waiting)
    axes.explore_panel = rectangle
    return axes


@contextlib.contextmanager
def _style() -> Iterator[None]:
    """Draw in the style of figures, whatever the reader's matplotlibrc or style sheet says."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()  # what has no part in drawing, as the backend, stays
        mpl.rcParams.update(STYLE)
        yield


@contextlib.contextmanager
def _collector_paused() -> Iterator[None]:
    # A frame makes some ten thousand objects that live for milliseconds; the collector would walk
    # through all that the notebook holds, several times.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _empty(axes: Axes) -> None:
    from matplotlib.transforms import Bbox

    for artist in [*axes.lines, *axes.patches, *axes.collections, *axes.texts, *axes.images]:
        artist.remove()
    axes.legend_ = None
    axes.set_prop_cycle(None)
    for axis, set_scale in ((axes.xaxis, axes.set_xscale), (axes.yaxis, axes.set_yscale)):
        axis.label.set_text("")
        if axis.get_scale() != "linear":
            set_scale("linear")
    axes.set_title("")
    axes.set_axis_on()
    axes.set_aspect("auto")
    axes.dataLim.set_points(Bbox.null().get_points())
    axes.autoscale(True)


METADATA = ("Creator", "Date", "Format", "Type")  # each is written unless it is set to None

_COORDINATES = re.compile(r' (d|x|y|cx|cy|r|width|height|points|transform)="([^"]*)"')
_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_SEGMENT = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_COUNT = {"M": 2, "L": 2, "Q": 4, "C": 6}  # of the numbers after each command
_NO_ROTATION = re.compile(r' transform="rotate\(-?0 [^"]*\)"')
_FONT = re.compile(r"font-family: [^;\"]*;? ?")
_EMPTY_STYLE = re.compile(r' style="[; ]*"')
_ID = re.compile(r' id="([^"]*)"')
_REFERENCE = re.compile(r'(?:url\(|href=")#([^")]*)')
_HEX = re.compile(r"#[0-9a-f]{6}\b")
_BETWEEN = re.compile(r">\s+<")
_LARGE = re.compile(r'<text (?=style="[^"]*font-size: (?:1[2-9]|[2-9]\d))')
_INVISIBLE = re.compile(r'<path d="[^"]*" style="fill: none"/>')


def _rounded(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def _coordinates(match: re.Match[str]) -> str:
    name, value = match.groups()
    if name == "d":
        return f' d="{relative(value)}"'
    return f' {name}="{_NUMBER.sub(_rounded, " ".join(value.split()))}"'


def relative(path: str) -> str:
    """Return a path with each point as the step from the one before, in tenths.

    Steps are short, and alike in the frames of a figure, so a page with relative paths is lighter.
    The steps lie between rounded points: no error adds up along a path.

    Parameters
    ----------
    path : str
        What a ``d`` attribute holds, with the commands that Matplotlib writes: ``M``, ``L``,
        ``C``, ``Q`` and ``z``, all absolute.

    Raises
    ------
    ValueError
        If there is another command, or not the numbers that it needs.

    Examples
    --------
    >>> relative("M 10.04 20 L 30.5 20 L 30.5 19.75 L 29.88 18.9 z")
    'M10 20h20.5v-.2l-.6-.9z'
    """
    written: list[str] = []
    x = y = 0  # where the path is, in tenths
    start = None  # where its piece began
    previous = ""
    for command, numbers in _SEGMENT.findall(path):
        if command in "Zz":
            written.append("z")
            x, y = start
            previous = "z"
            continue
        points = [round(10 * float(number)) for number in numbers.split()]
        if len(points) != _COUNT.get(command):
            raise ValueError(
                f"the path has {command + numbers!r}; allowed: M and L with 2 numbers, Q with 4, "
                "C with 6, z"
            )
        steps = [point - (y if i % 2 else x) for i, point in enumerate(points)]
        x, y = points[-2:]
        if command == "M":
            command = "M" if start is None else "m"
            start = x, y
        elif command == "L" and 0 in steps:
            command, steps = ("h", steps[:1]) if steps[1] == 0 else ("v", steps[1:])
        else:
            command = command.lower()
        text = _steps(tuple(steps))
        if command != previous:
            written.append(command)
        elif text[0] != "-":
            written.append(" ")
        written.append(text)
        previous = command
    return "".join(written)


@lru_cache(maxsize=100_000)  # the frames of a figure share most of theirs
def _steps(tenths: tuple[int, ...]) -> str:
    """Write numbers as short as a path allows: no zero before a point, a sign is a separator."""
    text = ""
    for number in tenths:
        whole, rest = divmod(abs(number), 10)
        digits = (str(whole) if whole or not rest else "") + (f".{rest}" if rest else "")
        text += ("-" if number < 0 else " " if text else "") + digits
    return text


def _without_bare_groups(lines: list[str]) -> Iterator[str]:
    has_attributes = []
    for line in lines:
        if line == "<g/>":
            keep = False
        elif line.startswith("<g") and not line.endswith("/>"):
            has_attributes.append(line != "<g>")
            keep = has_attributes[-1]
        else:
            keep = has_attributes.pop() if line == "</g>" else True
        if keep:
            yield line


def tidy(svg: str, *, prefix: str = "", marks: Mapping[str, str] | None = None) -> str:
    """Make Matplotlib's SVG small and at home on a page: one element a line, no stray ids.

    The attributes in `marks` are replaced by what each stands for.
    """
    width, height = re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups()
    body = svg[svg.index("</defs>") + len("</defs>") : svg.rindex("</svg>")]
    body = body.replace("xlink:href", "href")
    for written, meant in (marks or {}).items():
        body = body.replace(written, meant)
    used = set(_REFERENCE.findall(body))
    body = _ID.sub(lambda m: f' id="{prefix}{m[1][:7]}"' if m[1] in used else "", body)
    body = _REFERENCE.sub(lambda m: m[0].replace(m[1], prefix + m[1][:7]), body)
    body = _NO_ROTATION.sub("", body)
    body = _FONT.sub("", body)
    body = _EMPTY_STYLE.sub("", body)
    body = _COORDINATES.sub(_coordinates, body)
    body = _HEX.sub(lambda m: NEUTRAL.get(m[0], m[0]), body)
    body = _INVISIBLE.sub("", body)
    body = _LARGE.sub('<text class="large" ', body)  # which a phone leaves as it is
    body = "\n".join(_without_bare_groups(_BETWEEN.sub(">\n<", body).strip().split("\n")))
    # The joins are Matplotlib's defaults, which it writes as a style sheet of its own.
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'style="stroke-linejoin:round;stroke-linecap:butt">\n{body}\n</svg>'
    )
