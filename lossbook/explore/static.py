"""The front without a kernel: every position drawn once, and shown by a small script.

The markup is a contract with ``assets/explore.js`` and with readers who have no script: the
default position stands in the page itself, and all others as data beside it.
"""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from lossbook.explore.frame import Frame, Stage
from lossbook.explore.handles import tables
from lossbook.explore.parameters import Grid, Parameter

__all__ = ["ASSETS", "START", "StaticFigure", "figure_id", "pack", "unpack"]

ASSETS = Path(__file__).parent / "assets"
"""The folder of the style and the scripts that each page with figures needs."""
SCRIPTS = ("handles.js", "explore.js")
"""In this order: the second uses the first."""

START = "<explore-start></explore-start>"
"""The element that starts a figure. It comes last: all that the script needs stands before it."""

_times_used: Counter[str] = Counter()


def figure_id(name: str, used: Counter[str]) -> str:
    """Return the id of a figure that a function of that name draws; `used` counts, by id."""
    ident = name.strip("_").replace("_", "-")
    used[ident] += 1
    return ident if used[ident] == 1 else f"{ident}-{used[ident]}"


class StaticFigure:
    """A figure of the website: drawn at every position when it is made.

    Parameters
    ----------
    stage : Stage
        Draws a position.
    grid : Grid
        The controls.
    label : str
        What the group of controls is called for a screen reader.
    brings_assets : bool
        Whether the page has no style and script for figures: the first figure shown brings them.

    Attributes
    ----------
    caption, svg : str
        What the page shows before a control is moved.
    html : str
        The ``<figure>`` with controls, default frame and all frames.
    """

    _bearer: ClassVar[StaticFigure | None] = None

    def __init__(
        self, stage: Stage, grid: Grid, *, label: str, brings_assets: bool = False
    ) -> None:
        self._brings_assets = brings_assets
        self.id = name = figure_id(stage.name, _times_used)
        frames = [stage.frame(values, prefix=f"{name}-") for values in grid]
        self.svg, self.caption, _ = frames[grid.default_index]
        self.html = self._figure(grid, label, frames)

    def _figure(self, grid: Grid, label: str, frames: list[Frame]) -> str:
        caption_id = f"{self.id}-caption"
        # The root element and its attributes are the same in all frames, and stay.
        lines = [frame.svg.split("\n")[1:-1] for frame in frames]
        svg = self.svg.replace(
            "<svg ", f'<svg class="explore-frame" role="img" aria-labelledby="{caption_id}" ', 1
        )
        controls = "\n".join(_control(self.id, p) for p in grid.parameters)
        inputs = " ".join(f"{self.id}-{p.name}" for p in grid.parameters)
        data = {
            "shape": [len(p.values) for p in grid.parameters],
            "labels": [p.labels for p in grid.parameters],
            "captions": [frame.caption for frame in frames],
            **pack(lines, lines[grid.default_index]),  # which the page holds already
        }
        if handles := tables(grid, [frame.grips for frame in frames]):
            data["handles"] = handles
        # "</" would end the script element, wherever it stands.
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        return (
            f'<figure class="explore" id="{self.id}">\n'
            f'<div class="explore-controls" role="group" aria-label="{_attribute(label)}">\n'
            f"{controls}\n</div>\n"
            f'<div class="explore-picture">\n{svg}\n</div>\n'
            f'<script type="application/json">{text}</script>\n'
            f'<figcaption><output id="{caption_id}" for="{inputs}" aria-live="polite">'
            f"{html.escape(self.caption)}</output>"
            f"{START}</figcaption>\n"
            "</figure>"
        )

    def __repr__(self) -> str:
        return self.caption

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        text = self.html
        if self._brings_assets:
            StaticFigure._bearer = StaticFigure._bearer or self
            if StaticFigure._bearer is self:
                text = f"{_assets()}\n{text}"
        return {"text/html": text, "text/plain": self.caption}


def _assets() -> str:
    style, *scripts = ((ASSETS / name).read_text("utf-8") for name in ("explore.css", *SCRIPTS))
    return f"<style>\n{style}</style>\n<script>\n{''.join(scripts)}</script>"


def _attribute(text: str) -> str:
    return html.escape(text, quote=True)


def _control(figure: str, p: Parameter) -> str:
    """Return a native control; its value is a position, its text the label of that position."""
    ident, name = f"{figure}-{p.name}", _attribute(p.description)
    common = f'id="{ident}" name="{_attribute(p.name)}"'
    label = f'<label for="{ident}">{name}</label>'
    if p.kind == "switch":
        checked = " checked" if p.default else ""
        control = f'<input type="checkbox" {common}{checked}>'
        return f'<div class="explore-control explore-short">{control}{label}</div>'
    common += ' autocomplete="off"'  # which a checkbox may not have
    if p.kind == "choice":
        options = "".join(
            f'<option value="{i}"{" selected" if i == p.default else ""}>{html.escape(text)}'
            "</option>"
            for i, text in enumerate(p.labels)
        )
        select = f"<select {common}>{options}</select>"
        return f'<div class="explore-control explore-short">{label}{select}</div>'
    now = _attribute(p.labels[p.default])
    widest = max(len(text) for text in p.labels)
    play = (
        f'<button type="button" class="explore-play" data-for="{ident}" '
        f'aria-label="Play {name}"></button>'
        if p.is_time
        else ""
    )
    return (
        f'<div class="explore-control">{label}{play}'
        f'<input type="range" {common} min="0" max="{len(p.values) - 1}" step="1" '
        f'value="{p.default}" aria-valuetext="{now}">'
        f'<span class="explore-value" style="min-width:{widest}ch" aria-hidden="true">{now}'
        "</span></div>"
    )


def pack(frames: list[list[str]], given: Sequence[str] = ()) -> dict[str, list]:
    """Store frames once per distinct line.

    Parameters
    ----------
    frames : list of list of str
        The lines of each frame.
    given : sequence of str
        Lines that whoever unpacks the frames has: they are counted, and not stored.

    Returns
    -------
    dict
        ``lines``: every distinct line that is not given, once or nearly so; ``frames``: each frame
        as a flat list ``[start, count, start, count, …]`` of runs of all lines, the given first.

    Examples
    --------
    >>> pack([["a", "b", "c"], ["a", "x", "c"]])
    {'lines': ['a', 'b', 'c', 'x'], 'frames': [[0, 3], [0, 1, 3, 1, 2, 1]]}
    >>> pack([["a", "b", "c"], ["a", "x", "c"]], ["a", "b", "c"])
    {'lines': ['x'], 'frames': [[0, 3], [0, 1, 3, 1, 2, 1]]}
    """
    lines = list(given)
    place: dict[str, int] = {}
    for number, line in enumerate(lines):
        place.setdefault(line, number)
    packed = []
    for frame in frames:
        runs: list[int] = []
        end = 0  # one past the line that came last
        for line in frame:
            # A line that stands there twice (a second tick, say) goes on with the run it is in.
            start = end if lines[end : end + 1] == [line] else place.setdefault(line, len(lines))
            if start == len(lines):
                lines.append(line)
            if runs and start == end:
                runs[-1] += 1
            else:
                runs += [start, 1]
            end = start + 1
        packed.append(runs)
    return {"lines": lines[len(given) :], "frames": packed}


def unpack(packed: dict[str, list], given: Sequence[str] = ()) -> list[list[str]]:
    """Return the frames that :func:`pack` stored.

    Examples
    --------
    >>> unpack(pack([["a", "b"], ["b", "a"]]))
    [['a', 'b'], ['b', 'a']]
    >>> unpack(pack([["a", "b"], ["b", "a"]], ["a", "b"]), ["a", "b"])
    [['a', 'b'], ['b', 'a']]
    """
    lines = [*given, *packed["lines"]]
    return [
        [
            line
            for start, count in zip(runs[::2], runs[1::2], strict=True)
            for line in lines[start : start + count]
        ]
        for runs in packed["frames"]
    ]
