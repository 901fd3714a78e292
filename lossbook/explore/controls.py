"""The controls of a live figure: real ones of ipywidgets, of which positions are read.

What a control calls its value differs: a number that has been through the browser, or one of the
options, which may be anything. A position is a whole number, the same as on the website.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from lossbook.explore.parameters import Parameter

__all__ = ["Control"]

_PLAY_MILLISECONDS = 6000
_WIDTH = "40rem"  # of the picture at most
_LARGEST_WHOLE = 2**53  # that a browser counts up to


class Control:
    """One control.

    Parameters
    ----------
    parameter : Parameter
        What it stands for.

    Attributes
    ----------
    widget : ipywidgets control
        What the reader moves.
    row : ipywidgets widget
        What is shown: the control, with its play button if it has one.
    """

    def __init__(self, parameter: Parameter) -> None:
        self._parameter = parameter
        given = parameter.widget
        self.widget = given if given is not None and not _is_play(given) else _new(parameter)
        self._trait = "index" if isinstance(self.widget, _Selection) else "value"
        self.row = self.widget
        play = _play(parameter, self._trait)
        if play:
            # The browser itself links the two: the picture may come late, the slider does not.
            widgets.jslink((play, "value"), (self.widget, self._trait))
            self.widget.layout.flex = "1 1 auto"
            self.row = widgets.HBox([play, self.widget], layout={"max_width": _WIDTH})

    @property
    def trait_and_values(self) -> tuple[str, list[Any] | None]:
        """What the browser moves, and its value at each position; None if that is the position."""
        return self._trait, None if self._trait == "index" else list(self._parameter.values)

    @property
    def position(self) -> int:
        """Where the control stands."""
        at = getattr(self.widget, self._trait)
        return int(at) if self._trait == "index" else self._parameter.index(at)

    @position.setter
    def position(self, index: int) -> None:
        value = index if self._trait == "index" else self._parameter.values[index]
        setattr(self.widget, self._trait, value)

    def observe(self, moved: Callable[[dict[str, Any]], None]) -> None:
        """Call `moved` whenever the position may have changed."""
        self.widget.observe(moved, names=self._trait)


_Selection = widgets.widget_selection._Selection


def _is_play(widget: Any) -> bool:
    return isinstance(widget, widgets.Play)


def _new(p: Parameter) -> Any:
    common: dict[str, Any] = {
        "description": p.description,
        "style": {"description_width": "initial"},
    }
    if p.kind == "switch":
        return widgets.Checkbox(value=bool(p.default), indent=False, **common)
    if p.kind == "choice":
        return widgets.Dropdown(options=p.labels, index=p.default, **common)
    common["layout"] = {"width": "auto", "max_width": _WIDTH}
    whole = _is_whole(p)
    if len(p.values) == 1 or (not whole and (p.is_time or isinstance(p.values[0], int))):
        # There is nowhere to go, or a play button is to go along, which counts in whole numbers,
        # or the numbers are larger than a browser can count.
        return widgets.SelectionSlider(options=p.labels, index=p.default, **common)
    decimals = len(p.labels[0].partition(".")[2])
    return (widgets.IntSlider if whole else widgets.FloatSlider)(
        value=p.values[p.default],
        min=p.values[0],
        max=p.values[-1],
        step=p.step,
        readout_format="d" if whole else f".{decimals}f",
        **common,
    )


def _is_whole(p: Parameter) -> bool:
    """Say whether a range is of whole numbers that a browser can count."""
    return all(isinstance(v, int) and abs(v) < _LARGEST_WHOLE for v in p.values)


def _play(p: Parameter, trait: str) -> Any:
    """Return the play button of a control, or None."""
    if _is_play(p.widget):
        return p.widget
    if not p.is_time or (trait == "value" and not _is_whole(p)):
        return None
    if trait == "index":
        low, high, step, now = 0, len(p.values) - 1, 1, p.default
    else:
        low, high, step, now = p.values[0], p.values[-1], p.step, p.values[p.default]
    interval = max(60, min(400, _PLAY_MILLISECONDS // len(p.values)))
    return widgets.Play(min=low, max=high, step=step, value=now, interval=interval)
