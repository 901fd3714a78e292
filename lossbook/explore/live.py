"""The front with a kernel: ipywidgets controls that redraw an SVG."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import ipywidgets as widgets
from IPython.display import publish_display_data

from lossbook.explore.controls import Control
from lossbook.explore.frame import Frame, Stage
from lossbook.explore.handles import check
from lossbook.explore.parameters import Grid
from lossbook.explore.picture import Picture

__all__ = ["LiveFigure"]

_number = itertools.count(1)

_VIEW = "application/vnd.jupyter.widget-view+json"
_ASLEEP = "Run the cell to move the figure."
_MOST_FRAMES = 300  # of some 20 kB each
# Before the next position is drawn ahead, before the rest, between those: a drag goes on sooner,
# and is not to wait for this.
_AHEAD_SECONDS = 0.03, 0.3, 0.02
# JupyterLab answers moves in a thread of their own, and Matplotlib's settings are one for all.
_drawing = threading.Lock()

_Position = tuple[int, ...]


class LiveFigure:
    """A figure in a live notebook.

    Parameters
    ----------
    stage : Stage
        Draws a position.
    grid : Grid
        The controls.
    label : str
        What the figure is called for a screen reader.

    Attributes
    ----------
    controls : dict
        Name of the parameter to its ipywidgets control. A choice has the labels as its options:
        its ``index`` is the position.
    caption, svg : str
        What is shown at the moment.
    """

    def __init__(self, stage: Stage, grid: Grid, *, label: str) -> None:
        self._stage, self._grid, self._label = stage, grid, label
        self._prefix = f"explore-{next(_number)}-"
        self._frames: dict[_Position, Frame] = {}
        # A function of the notebook may depend on what its cells change; one of a module draws
        # the same picture for the same values, as it does for the website.
        self._keeps_frames = getattr(stage.draw, "__module__", "__main__") != "__main__"
        # What is drawn ahead waits for the kernel to be idle, so it belongs to the loop of cells.
        self._loop: asyncio.AbstractEventLoop | None = None
        with contextlib.suppress(RuntimeError):  # there is none outside a kernel
            self._loop = asyncio.get_running_loop()
        self._ahead: asyncio.TimerHandle | None = None
        self._held: list[int] = []  # the parameters of the handle in the reader's hand
        self._controls = [Control(parameter) for parameter in grid.parameters]
        self.controls: dict[str, Any] = {
            p.name: control.widget
            for p, control in zip(grid.parameters, self._controls, strict=True)
        }
        self._picture = Picture(
            label=label,
            controls=list(self.controls.values()),
            traits_of_controls=[control.trait_and_values for control in self._controls],
            parameters=[p.name for p in grid.parameters],
            shape=[len(p.values) for p in grid.parameters],
            keeps_frames=self._keeps_frames,
        )
        self._shown = self._position
        self._show()  # an error in the first position is an error of the call
        check(grid, self._shown, self._grips, lambda position: self._frame(position).grips)
        for control in self._controls:
            control.observe(self._moved)
        rows = [control.row for control in self._controls]
        self._picture.on_msg(self._told)
        self._box = widgets.VBox([*rows, self._picture])

    @property
    def _position(self) -> _Position:
        return tuple(control.position for control in self._controls)

    @property
    def values(self) -> dict[str, Any]:
        """The arguments that the draw function gets at the present position."""
        return self._grid.at(self._position)

    def _frame(self, position: _Position) -> Frame:
        """Return the frame of a position, drawn once if that is enough."""
        if kept := self._frames.get(position):
            return kept
        with _drawing:
            frame = self._stage.frame(self._grid.at(position), prefix=self._prefix)
            if self._keeps_frames:
                if len(self._frames) == _MOST_FRAMES:
                    del self._frames[next(iter(self._frames))]
                self._frames[position] = frame
        return frame

    def _show(self) -> None:
        frame = self._frame(self._shown)
        self.svg, self.caption, self._grips = frame
        self._picture.show(self._shown, frame)

    def _moved(self, _change: dict[str, Any]) -> None:
        try:
            before, self._shown = self._shown, self._position
            self._show()
        except Exception:
            # Jupyter drops what a callback raises; the reader must see it.
            self.svg = self.caption = ""
            self._picture.fail(self._shown, traceback.format_exc())
        else:
            if self._keeps_frames:
                line = self._along(before, self._shown)
                self._plan(self._reachable(self._held) if self._held else line)

    def _told(self, _picture: Picture, message: dict[str, Any], _buffers: Any) -> None:
        """Hear what happens in the browser: a new page, a reader who comes near, a drag."""
        if "has" in message:
            has = tuple(message["has"])
            self._picture.forget(has)
            if has != self._shown:
                self._show()
        elif "held" in message:
            self._held = message["held"]
            if self._held:
                self._plan(self._reachable(self._held))
        elif self._keeps_frames:
            self._plan(self._around())

    def _plan(self, positions: Iterator[_Position]) -> None:
        """While the reader looks, draw these positions."""
        if self._loop and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._look_ahead, positions)

    def _look_ahead(self, positions: Iterator[_Position]) -> None:
        if self._ahead:
            self._ahead.cancel()
        delays = itertools.chain(_AHEAD_SECONDS, itertools.repeat(_AHEAD_SECONDS[-1]))
        self._draw_ahead(None, positions, delays)

    def _reachable(self, moves: list[int]) -> Iterator[_Position]:
        """Yield where a handle can lead that moves these parameters, near positions first."""
        now = self._shown
        ranges = [
            range(len(p.values)) if number in moves else [at]
            for number, (p, at) in enumerate(zip(self._grid.parameters, now, strict=True))
        ]

        def steps(position: _Position) -> int:
            return sum(abs(a - b) for a, b in zip(position, now, strict=True))

        yield from sorted(itertools.product(*ranges), key=steps)[1:]

    def _around(self) -> Iterator[_Position]:
        """Yield where one control can lead, near positions first."""
        lines = [self._reachable([number]) for number in range(len(self._grid.parameters))]
        for others in itertools.zip_longest(*lines):
            yield from filter(None, others)

    def _along(self, before: _Position, now: _Position) -> Iterator[_Position]:
        """Yield the positions of the control that was moved, near ones first, ahead before back."""
        for number, (old, new) in enumerate(zip(before, now, strict=True)):
            if old != new:
                places = range(len(self._grid.parameters[number].values))
                distance = {at: (abs(at - new), (at - new) * (new - old) < 0) for at in places}
                for at in sorted(places, key=distance.get):
                    yield (*now[:number], at, *now[number + 1 :])

    def _draw_ahead(
        self, position: _Position | None, others: Iterator[_Position], delays: Iterator[float]
    ) -> None:
        if position is not None:
            with contextlib.suppress(Exception):  # whoever moves there sees it
                self._picture.push(position, self._frame(position))
        following = next((p for p in others if p not in self._picture.sent), None)
        if following is not None:
            self._ahead = self._loop.call_later(
                next(delays), self._draw_ahead, following, others, delays
            )

    def __repr__(self) -> str:
        return self.caption

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        # A saved notebook has no widgets: what it shows is an output of its own, a picture that
        # hides while the widgets are there. (In one output, Jupyter would prefer the widgets that
        # are gone.)
        view = self._box._repr_mimebundle_()
        publish_display_data({_VIEW: view[_VIEW]})
        with _drawing:
            png = self._stage.picture(self.values, _ASLEEP)
        return {"image/png": base64.b64encode(png).decode(), "text/plain": self.caption}
