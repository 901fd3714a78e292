"""The visual language of the figures: one colour and one line style per meaning.

The neutral colours ``INK`` and ``MUTED`` follow the page, light or dark. The data colours
are fixed, so they have a contrast of at least 3:1 on white and on #121212, and the members
of each group stay apart under the three kinds of colour blindness. Because no colour may
carry a meaning alone, every loss has a line style as well and text is always ``INK``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lossbook import explore, text
from lossbook.explore import INK, MUTED

# A chapter reads the data and the numbers of its figures where there is no Matplotlib, as in the
# Python of a page: what draws imports it when it draws.
if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.text import Text
    from numpy.typing import ArrayLike

# Roles.
TARGET = INK
PREDICTION = "#328dc1"
LOSS = "#b0454e"
GRADIENT = "#a08c1c"

# Identities of losses.
SQUARED = "#515fdf"
ABSOLUTE = "#f2541f"
HUBER = "#179f6f"
OTHER = "#9861a5"

#: Line style of each loss, as keyword arguments of ``Axes.plot``.
LINES: dict[str, dict[str, Any]] = {
    "squared": {"color": SQUARED, "linestyle": "-", "linewidth": 2.2},
    "absolute": {"color": ABSOLUTE, "linestyle": (0, (6, 2)), "linewidth": 2.2},
    "Huber": {"color": HUBER, "linestyle": (0, (2, 1.2)), "linewidth": 2.4},
    "cross-entropy": {"color": LOSS, "linestyle": (0, (10, 1.5)), "linewidth": 2.2},
    "other": {"color": OTHER, "linestyle": (0, (7, 1.5, 1.5, 1.5)), "linewidth": 2.2},
}

#: The same colours as a solid line, for a picture with one loss in it.
CURVES: dict[str, dict[str, Any]] = {
    name: look | {"linestyle": "-", "linewidth": 2.2} for name, look in LINES.items()
}

TEXT_SIZE = 10
LABEL_DEPTH = 19.5  # points from the axis to the top of its name: past tick, pad and tick label


def panel(fig: Figure, left: float, right: float, bottom: float, top: float) -> Axes:
    """Return empty Axes at the given edges, in inches from the figure's lower left corner."""
    from matplotlib.transforms import ScaledTranslation

    width, height = fig.get_size_inches()
    ax = explore.panel(
        fig, (left / width, bottom / height, (right - left) / width, (top - bottom) / height)
    )
    # A fixed place for the names of the axes: to find one, Matplotlib measures every tick label.
    below = ScaledTranslation(0, -LABEL_DEPTH / 72, fig.dpi_scale_trans)
    ax.xaxis.set_label_coords(1, 0, ax.transAxes + below)
    ax.yaxis.set_label_coords(0, 1, ax.transAxes)
    return ax


def name_axes(ax: Axes, x: str = "", y: str = "") -> None:
    """Name the axes: x below at the right end, y horizontally above the axis, easy to read."""
    if x:
        ax.set_xlabel(x, loc="right", fontsize=TEXT_SIZE, color=INK)
    if y:
        ax.annotate(
            y,
            (0, 1),
            (-4, 7),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="left",
            va="baseline",
            fontsize=TEXT_SIZE,
            color=INK,
        )


def ticks(ax: Axes, x: ArrayLike | None = None, y: ArrayLike | None = None) -> None:
    """Set the tick positions, labelled with a true minus sign."""
    for axis, positions in ((ax.xaxis, x), (ax.yaxis, y)):
        if positions is not None:
            places = np.asarray(positions).tolist()
            axis.set_ticks(places, [number(value, None) for value in places])


def points(ax: Axes, x: ArrayLike, y: ArrayLike, **options: Any) -> None:
    """Draw data points in the colour of the target."""
    look: dict[str, Any] = {
        "color": TARGET,
        "markersize": 4.5,
        "markeredgewidth": 0,
        "zorder": 3,
    } | options
    ax.plot(x, y, "o", **look)


def stems(ax: Axes, x: ArrayLike, low: ArrayLike, high: ArrayLike, **options: Any) -> None:
    """Join ``low`` and ``high`` at each ``x``: one path, broken by NaN, however many there are."""
    x, low, high = np.broadcast_arrays(x, low, high)
    gap = np.full(x.shape, np.nan)
    ax.plot(np.ravel([x, x, x], order="F"), np.ravel([low, high, gap], order="F"), **options)


def ring(ax: Axes, x: float, y: float, color: str = INK, size: float = 10) -> Line2D:
    """Mark the point that the reader moves with a ring, and return it."""
    (line,) = ax.plot(
        [x],
        [y],
        "o",
        markersize=size,
        markerfacecolor="none",
        markeredgecolor=color,
        markeredgewidth=1.8,
        zorder=5,
        clip_on=False,
    )
    return line


def cursor(ax: Axes, x: float, color: str = MUTED) -> Line2D:
    """Draw a thin line through all curves at ``x``, for the reader to move, and return it."""
    return ax.axvline(x, color=color, linewidth=1.2, zorder=2)


def note(ax: Axes, x: float, y: float, text: str, **options: Any) -> Text:
    """Write ``text`` at data coordinates (or those of ``transform``), always in ink."""
    look: dict[str, Any] = {
        "fontsize": TEXT_SIZE,
        "color": INK,
        "ha": "left",
        "va": "center",
        "zorder": 6,
    }
    return ax.text(x, y, text, **(look | options))


def pixels(
    ax: Axes,
    values: ArrayLike,
    x: float,
    y: float,
    size: float,
    *,
    shades: int = 16,
    color: str = INK,
    negative: str | None = None,
) -> None:
    """Draw a small square image with its lower left corner at ``(x, y)``, in data units.

    Values from 0 to 1 become shades of ``color``, those from -1 to 0 of ``negative``. All pixels
    of one shade are one path, so that an image stays light and follows the page.
    """
    from matplotlib.patches import PathPatch, Rectangle
    from matplotlib.path import Path

    levels = np.rint(shades * np.clip(values, -1, 1)).astype(int)
    cell = size / len(levels)
    for level in np.unique(levels[levels != 0]):
        path = []
        for row, line in enumerate(levels == level):
            top, bottom = y + size - row * cell, y + size - (row + 1) * cell
            # Neighbours in a row are one rectangle: the edges of its run of pixels.
            edges = np.flatnonzero(np.diff(line, prepend=False, append=False))
            for start, end in x + cell * edges.reshape(-1, 2):
                path.append([(start, bottom), (end, bottom), (end, top), (start, top)])
        ax.add_patch(
            PathPatch(
                Path.make_compound_path(*(Path([*p, p[0]], closed=True) for p in path)),
                facecolor=color if level > 0 or negative is None else negative,
                alpha=abs(level) / shades,
                linewidth=0,
                clip_on=False,
            )
        )
    edge: dict[str, Any] = {
        "edgecolor": MUTED,
        "facecolor": "none",
        "linewidth": 0.6,
        "clip_on": False,
    }
    ax.add_patch(Rectangle((x, y), size, size, **edge))


def key(ax: Axes, x: float, y: float, text: str, line: dict[str, Any]) -> None:
    """Write ``text`` at axes fractions with a sample of its line in front."""
    sample = 22 / 72 / (ax.figure.get_figwidth() * ax.get_position().width)
    style = line.get("linestyle")
    if isinstance(style, tuple) and style[1][0] * line["linewidth"] >= 22:
        # Its first dash would be as long as the sample: begin in the middle of it.
        line = line | {"linestyle": (style[1][0] / 2, style[1])}
    ax.plot([x, x + sample], [y, y], transform=ax.transAxes, clip_on=False, zorder=6, **line)
    note(ax, x + 1.25 * sample, y, text, transform=ax.transAxes)


def number(value: float, digits: int | None = 2) -> str:
    """Return ``value`` as text with a true minus sign and never a negative zero.

    Examples
    --------
    >>> number(-1.234), number(-0.001), number(12, 0), number(0.5, None)
    ('−1.23', '0.00', '12', '0.5')
    """
    return text.number(value, "g" if digits is None else f".{digits}f")
