"""Handles: drawn things that a reader takes hold of, instead of the control beside the figure.

A draw function says which artist stands for which parameter. With every frame the place of that
artist is noted, so a front needs none of the figure's mathematics: it shows the position whose
handle lies nearest to the pointer.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from lossbook.explore.parameters import Grid

__all__ = ["Drawing", "Grip", "Place", "check", "drawing", "handle", "tables"]

SLACK = 3.0
"""How far outside its axes a handle may lie, in points: a ring on their edge is still inside."""
BROAD = 30.0
"""What is broader than this both ways, in points, is taken hold of near its place only."""

Place = tuple[int, int]


class Grip(NamedTuple):
    """One drawn thing to take hold of, in one frame.

    Attributes
    ----------
    names : tuple of str
        The parameters that it stands for, one or two.
    place : (int, int)
        In tenths of the SVG's units, from the upper left corner.
    reach : (float, float)
        How far the drawn thing goes on to either side of its place, and above and below it.
    """

    names: tuple[str, ...]
    place: Place
    reach: tuple[float, float]


class _Call(NamedTuple):
    artists: tuple[Artist, ...]
    names: tuple[str, ...]
    at: tuple[float, float] | None


class Drawing:
    """One call of a draw function, and what it said is a handle.

    Parameters
    ----------
    draw : callable
        The draw function.
    figure : Figure
        What it draws on.
    values : dict
        What it is called with.
    """

    def __init__(self, draw: Callable[..., str], figure: Figure, values: dict[str, Any]) -> None:
        self.name = getattr(draw, "__name__", type(draw).__name__)
        self.figure, self.values = figure, values
        arguments = list(inspect.signature(draw).parameters.values())[1:]
        self.takes = [a.name for a in arguments if a.kind not in (a.VAR_KEYWORD, a.VAR_POSITIONAL)]
        self.calls: list[_Call] = []

    def add(self, call: _Call) -> None:
        """Note that artists stand for parameters; :func:`handle` says what is refused."""
        known = dict.fromkeys([*self.takes, *self.values])
        for name in call.names:
            if name not in known:
                raise TypeError(
                    f"{_said(call.names)}: {self.name} has no parameter {name!r}; it takes: "
                    f"{', '.join(known) or 'no parameter'}"
                )
        for artist in call.artists:
            if _figure_of(artist) is not self.figure:
                raise ValueError(
                    f"{_said(call.names)}: the {type(artist).__name__} is not in the figure that "
                    f"{self.name} draws; pass what a plotting call of this frame returned"
                )
            for other in self.calls:
                if any(artist is taken for taken in other.artists):
                    raise ValueError(
                        f"{_said(call.names)}: the {type(artist).__name__} is a handle for "
                        f"{_named(other.names)} already; to move it in the plane, name both "
                        "parameters in one call"
                    )
        # A parameter without a control, where the function is used with fewer, moves nothing.
        names = tuple(name for name in call.names if name in self.values)
        self.calls.append(call._replace(names=names))

    def mark(self) -> dict[str, str]:
        """Give each artist an id; return what stands in the SVG in place of each of them."""
        marks: dict[str, str] = {}
        for artists, names, _ in self.calls:
            for artist in artists if names else ():
                ident = f"explore-handle-{len(marks)}"
                artist.set_gid(ident)
                marks[f'id="{ident}"'] = f'data-handle="{" ".join(names)}"'
        return marks

    def grips(self) -> tuple[Grip, ...]:
        """Return each handle with its place, once all is drawn.

        Raises
        ------
        ValueError
            If a handle lies outside its axes, or two calls put one parameter in two places.
        """
        found: list[Grip] = []
        for names, artists, at in ((c.names, c.artists, c.at) for c in self.calls):
            if not names:
                continue
            before = len(found)
            for artist in artists:
                if artist.get_visible():
                    found.append(Grip(names, *self._where(artist, names, at)))
            for other in found[:before]:
                for mine in found[before:]:
                    self._agree(other, mine)
        return tuple(found)

    def _agree(self, one: Grip, two: Grip) -> None:
        both = set(one.names) & set(two.names)
        apart = max(abs(a - b) for a, b in zip(one.place, two.place, strict=True))
        if both and (one.names != two.names or apart > 1):
            raise ValueError(
                f"{self.name}: {min(both)!r} has two handles in contradicting places, at "
                f"{_point(one.place)} and {_point(two.place)}; if both things stand for it, pass "
                "them in one call: handle([one, two], ...)"
            )

    def _where(
        self, artist: Artist, names: tuple[str, ...], at: tuple[float, float] | None
    ) -> tuple[Place, tuple[float, float]]:
        """Return place and reach of an artist."""
        scale = 72 / self.figure.dpi
        extent = artist.get_window_extent()
        x, y = extent.min + extent.size / 2
        if at is not None and artist.axes is not None:
            x, y = artist.axes.transData.transform(at)
        within = (artist.axes or self.figure).bbox
        slack = SLACK / scale
        if not (
            within.x0 - slack <= x <= within.x1 + slack
            and within.y0 - slack <= y <= within.y1 + slack
        ):
            at_values = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
            raise ValueError(
                f"{self.name}({at_values}): the handle for {_named(names)} lies outside the axes"
            )
        reach = (
            max(0.0, min(x - extent.x0, extent.x1 - x) * scale),
            max(0.0, min(y - extent.y0, extent.y1 - y) * scale),
        )
        height = self.figure.bbox.height
        return (round(10 * x * scale), round(10 * (height - y) * scale)), reach


_present: ContextVar[Drawing | None] = ContextVar("drawing", default=None)


@contextmanager
def drawing(this: Drawing) -> Iterator[Drawing]:
    """While this lasts, :func:`handle` belongs to `this`."""
    token = _present.set(this)
    try:
        yield this
    finally:
        _present.reset(token)


def handle(
    artist: Artist | Sequence[Artist], /, *parameters: str, at: tuple[float, float] | None = None
) -> None:
    """Let the reader drag a drawn thing, which stands for one parameter of the figure or for two.

    Called in a draw function, after the thing is drawn. Dragging it shows, among the positions
    that its parameters can reach with all others as they are, the one whose handle lies nearest to
    the pointer. The controls stay, for the keyboard and for screen readers.

    Parameters
    ----------
    artist : Artist or sequence of Artist
        What stands for the parameters; each artist of a sequence can be dragged.
    *parameters : str
        One name, or two for what moves in the plane.
    at : (float, float), optional
        Where the thing is held, in the data coordinates of its axes: the upper edge of a bar, the
        end of a line. By default in the middle of what is drawn.

    Raises
    ------
    TypeError
        If an artist is none, or if the draw function has no parameter of that name.
    ValueError
        If there are not one or two names, or an artist is not in the figure, or is a handle
        already. When the frame is drawn: if the handle lies outside its axes, or if another call
        puts the same parameter in another place. By `explore`: if a parameter is a check box, or
        if the handle has the same place at every position of its parameters.

    Notes
    -----
    Where a draw function is called without `explore`, on axes of your own, this does nothing.

    Examples
    --------
    >>> from lossbook.explore import explore
    >>> def parabola(ax, x=1):
    ...     ax.set(xlim=(-3, 3), ylim=(-1, 10))
    ...     handle(ax.plot([x], [x * x], "o"), "x")
    ...     return f"the square of {x} is {x * x}"
    >>> explore(parabola, x=(-3, 3))
    the square of 1 is 1
    """
    if not 1 <= len(parameters) <= 2 or len(set(parameters)) < len(parameters):
        raise ValueError(f"handle for {parameters!r}; allowed: one parameter, or two in the plane")
    artists = tuple(artist) if isinstance(artist, list | tuple) else (artist,)
    for each in artists:
        if not hasattr(each, "get_window_extent"):
            raise TypeError(
                f"{_said(parameters)}: {each!r} is not an artist; "
                "pass what a plotting call returned"
            )
    if not artists:
        raise ValueError(f"{_said(parameters)}: no artist; pass what a plotting call returned")
    this = _present.get()
    if this is not None:
        this.add(_Call(artists, parameters, at))


def tables(grid: Grid, frames: Sequence[Sequence[Grip]]) -> list[dict[str, Any]]:
    """Return what a front needs to know of the handles at all positions of a grid.

    Parameters
    ----------
    grid : Grid
        The controls.
    frames : sequence of sequences of Grip
        What each position has, in the order of the grid.

    Returns
    -------
    list of dict
        For each thing to take hold of: ``moves``, the numbers of its parameters; ``reach``, how
        far it goes on beyond its place; ``x`` and ``y``, the places, each a pair of a shape and a
        flat list. The shape is the grid's with 1 for each parameter that changes nothing, as NumPy
        broadcasts. At positions where the thing is not drawn there is ``None``.

    Raises
    ------
    ValueError
        If a handle's parameter is a check box, or if it has the same place everywhere.
    """
    shape = tuple(len(p.values) for p in grid.parameters)
    names = [p.name for p in grid.parameters]
    places: dict[tuple[tuple[str, ...], int], list[Grip | None]] = {}
    for position, grips in enumerate(frames):
        seen: list[tuple[str, ...]] = []
        for grip in grips:
            key = grip.names, seen.count(grip.names)
            seen.append(grip.names)
            places.setdefault(key, [None] * len(frames))[position] = grip
    found = []
    for (held, _), grips in places.items():
        _refuse_switches(grid, held)
        controlled = [names.index(name) for name in held if name in names]  # others are fixed
        moves = [number for number in controlled if shape[number] > 1]
        if not moves:
            continue
        there = [grip for grip in grips if grip]
        reach = [min(grip.reach[side] for grip in there) for side in (0, 1)]
        xy = [
            np.array([grip and grip.place[side] for grip in grips], dtype=object).reshape(shape)
            for side in (0, 1)
        ]
        for move in moves:
            if all(_same_along(values, move) for values in xy):
                raise _immovable(held, names[move])
        found.append(
            {
                "moves": moves,
                "reach": [0, 0] if min(reach) > BROAD else [round(r) for r in reach],
                "x": _packed(xy[0]),
                "y": _packed(xy[1]),
            }
        )
    return found


def check(
    grid: Grid,
    start: tuple[int, ...],
    grips: Sequence[Grip],
    grips_at: Callable[[tuple[int, ...]], Sequence[Grip]],
) -> None:
    """Refuse what :func:`tables` refuses, from few positions: the first, and both ends.

    Parameters
    ----------
    grid : Grid
        The controls.
    start : tuple of int
        The first position.
    grips : sequence of Grip
        What is there.
    grips_at : callable
        From a position to its grips.

    Raises
    ------
    ValueError
        If a handle's parameter is a check box, or if it has the same place everywhere.
    """
    for held in dict.fromkeys(grip.names for grip in grips):
        _refuse_switches(grid, held)

        def places(number: int, index: int, held: tuple[str, ...] = held) -> list[Place]:
            position = (*start[:number], index, *start[number + 1 :])
            return [grip.place for grip in grips_at(position) if grip.names == held]

        for number, parameter in enumerate(grid.parameters):
            last = len(parameter.values) - 1
            # Only where both ends agree, what lies between must be looked at.
            if parameter.name in held and last > 0 and places(number, 0) == places(number, last):
                between = [places(number, index) for index in range(1, last)]
                if all(found == places(number, 0) for found in between):
                    raise _immovable(held, parameter.name)


def _refuse_switches(grid: Grid, held: Sequence[str]) -> None:
    for parameter in grid.parameters:
        if parameter.name in held and parameter.kind == "switch":
            raise ValueError(
                f"{_said(held)}: {parameter.name!r} is a check box, which has no place"
            )


def _immovable(held: Sequence[str], name: str) -> ValueError:
    return ValueError(f"{_said(held)}: it has the same place at every position of {name!r}")


def _same_along(values: np.ndarray, axis: int) -> bool:
    return bool((values == values.take([0], axis)).all())


def _packed(values: np.ndarray) -> tuple[list[int], list[int | None]]:
    for axis in range(values.ndim):
        if _same_along(values, axis):
            values = values.take([0], axis)
    return list(values.shape), values.ravel().tolist()


def _figure_of(artist: Artist) -> Figure | None:
    return artist.get_figure(root=True)


def _named(names: Sequence[str]) -> str:
    return " and ".join(map(repr, names))


def _said(names: Sequence[str]) -> str:
    return f"handle for {_named(names)}"


def _point(place: Place) -> str:
    return f"({place[0] / 10:g}, {place[1] / 10:g})"
