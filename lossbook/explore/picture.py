"""The picture of a live figure: a widget that shows at once what the browser has seen."""

from __future__ import annotations

from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from lossbook.explore.frame import Frame
from lossbook.explore.static import ASSETS

__all__ = ["Picture"]

_Position = tuple[int, ...]


class Picture(anywidget.AnyWidget):
    """Picture and caption, with handles, and the frames that the browser has seen.

    Attributes
    ----------
    label : str
        What the figure is called for a screen reader.
    controls : list of ipywidgets controls
        What the reader moves; the browser itself reads their positions, and sets them in a drag.
    traits_of_controls : list
        For each control the trait that it moves, and the values of its positions, or None where
        the trait is the position.
    parameters : list of str
        Their names.
    shape : list of int
        How many positions each has.
    keeps_frames : bool
        Whether a position always has the same picture.
    frame : dict
        What was drawn for the last move to a position that the browser did not have.
    """

    _esm = "\n".join((ASSETS / name).read_text("utf-8") for name in ("handles.js", "live.js"))
    _css = "\n".join((ASSETS / name).read_text("utf-8") for name in ("explore.css", "live.css"))

    label = traitlets.Unicode().tag(sync=True)
    controls = traitlets.List(traitlets.Instance(widgets.Widget)).tag(
        sync=True, **widgets.widget_serialization
    )
    traits_of_controls: traitlets.List = traitlets.List().tag(sync=True)
    parameters: traitlets.List = traitlets.List().tag(sync=True)
    shape: traitlets.List = traitlets.List().tag(sync=True)
    keeps_frames = traitlets.Bool().tag(sync=True)
    frame = traitlets.Dict().tag(sync=True)

    def __init__(self, **options: Any) -> None:
        self.sent: set[_Position] = set()  # what the browser has
        super().__init__(**options)

    def show(self, position: _Position, frame: Frame) -> None:
        """Show a frame; where the browser has it, it does so by itself."""
        if position not in self.sent or "error" in self.frame:
            self._note(position)
            self.frame = _told(position, frame)

    def push(self, position: _Position, frame: Frame) -> None:
        """Send a frame that may be asked for soon; of a figure that changes, its handles only."""
        if position not in self.sent:
            self._note(position)
            told = _told(position, frame)
            if not self.keeps_frames:
                del told["svg"]
            self.send({"pushed": told})

    def fail(self, position: _Position, text: str) -> None:
        """Show an error in place of the picture."""
        self.frame = {"at": position, "error": text}

    def forget(self, position: _Position) -> None:
        """Take it that the browser has this position only."""
        self.sent = {position} if self.keeps_frames else set()

    def _note(self, position: _Position) -> None:
        if self.keeps_frames:
            self.sent.add(position)


def _told(position: _Position, frame: Frame) -> dict[str, Any]:
    return {
        "at": position,
        "svg": frame.svg,
        "caption": frame.caption,
        "grips": [grip._asdict() for grip in frame.grips],
    }
