"""Ties the "Predict first" boxes of the chapters to the library: the right answer is computed.

Beside the claim tests of a chapter stands a function for each of its boxes::

    @prediction("predict-one-prediction")
    def _():
        return [math.isclose(squared_error(0, r), absolute_error(0, r)) for r in (1, 0, 2)]

It returns whether each option of the box is right, in their order; or the number, where a number is
asked for. ``test_predictions.py`` compares every box of the book with its function.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import nbformat

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("[0-9][0-9]-*.ipynb"))

Answer = Sequence[bool] | float
ANSWERS: dict[str, Callable[[], Answer]] = {}

_BOX = re.compile(
    r"^(`{3,}|:{3,})\{admonition\}[ \t]*([^\n]*)\n((?::[\w-]+:[^\n]*\n)+)(.*?)^\1[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_NUMBER = re.compile(r"\*\*([-\u2212]?\d+(?:\.\d+)?)(?: ± (\d+(?:\.\d+)?))?\.\*\* ")
_OPTION = re.compile(
    r"^(`{3,}|:{3,})\{dropdown\}[ \t]*([^\n]*)\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL
)


def prediction(name: str) -> Callable[[Callable[[], Answer]], Callable[[], Answer]]:
    """Register what is right in the box of this name."""

    def register(function: Callable[[], Answer]) -> Callable[[], Answer]:
        if name in ANSWERS:
            raise ValueError(f"{name} has two functions that say what is right")
        ANSWERS[name] = function
        return function

    return register


class Number(NamedTuple):
    """A number that is asked for, and how far off an answer may be."""

    value: float
    within: float


@dataclass(frozen=True)
class Box:
    """A "Predict first" box of a chapter, or a question of its quiz."""

    chapter: str
    title: str
    classes: tuple[str, ...]
    name: str
    options: tuple[tuple[str, str], ...]  # what can be chosen, and what is said of it

    @property
    def right(self) -> list[bool]:
        """Which options are called right."""
        return [reason.startswith("**Right.**") for _, reason in self.options]

    @property
    def number(self) -> Number | None:
        """The number that is called right."""
        if not (found := _NUMBER.match(self.options[0][1])):
            return None
        return Number(*(float(n.replace("\u2212", "-")) for n in found.groups("0")))


def boxes(kind: str = "predict") -> list[Box]:
    """Return the boxes of all chapters, in their order."""
    found = []
    for path in CHAPTERS:
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "markdown":
                continue
            for _, title, lines, body in _BOX.findall(cell.source + "\n"):
                given = {
                    key: value.strip()
                    for key, _, value in (line[1:].partition(":") for line in lines.splitlines())
                }
                classes = tuple(given.get("class", "").split())
                if kind in classes:
                    options = tuple(
                        (option.strip(), reason.strip())
                        for _, option, reason in _OPTION.findall(body)
                    )
                    name = given.get("name", "")
                    found.append(Box(path.stem, title.strip(), classes, name, options))
    return found
