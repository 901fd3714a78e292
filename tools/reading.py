"""Print how long the chapters take to read, by a rule.

Run it with::

    python tools/reading.py                       # every chapter
    python tools/reading.py chapters/03-*.ipynb   # these, section by section

A chapter says below its title what comes out, and so does its card on the front page. The rule: 200
words a minute, 4 seconds a formula, 25 seconds a cell of code, 2 minutes an interactive figure. Of
the answers to a prediction one is opened. Exercises, their solutions and the quiz are apart, 8
minutes an exercise and 1 minute a question, and so is the list of further reading. What goes
*deeper* is a section whose first cell has the tag ``deeper``, or a dropdown of that class; what is
left without it is the essential way through the chapter.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

__all__ = ["DEEPER", "Chapter", "Section", "chapter", "count", "measure", "minutes", "sections"]

CHAPTERS = Path(__file__).parent.parent / "chapters"

DEEPER = "deeper"
"""The tag of a cell, and the class of a dropdown, that can be skipped without loss."""

APART = frozenset({"Exercises", "Quiz", "Further reading"})
"""The headings of what is not read on the way."""

READ = {"words": 60 / 200, "formulas": 4, "cells": 25, "figures": 120}
PRACTISED = {"exercises": 8 * 60, "questions": 60}
"""The seconds that each takes."""

_HEADING = re.compile(r"^(#{1,6}) +(.+?)\s*$", re.MULTILINE)
# A block names its language: without one, the fence that ends a box would begin a block.
_CODE = re.compile(r"^(`{3,})(?:\w+|\{code-block\}.*)\n.*?^\1`*\s*$", re.MULTILINE | re.DOTALL)
_CELL = "\0"  # stands for one
_FORMULA = re.compile(
    r"^(`{3,}|:{3,})\{math\}.*?^\1[`:]*\s*$|\$\$.*?\$\$|(?<!\\)\$[^$]+\$", re.MULTILINE | re.DOTALL
)
_BOX = re.compile(
    rf"^(`{{3,}})\{{dropdown\}}[^\n]*\n(?::name:[^\n]*\n)?:class-container: {DEEPER}\n.*?^\1`*\s*$",
    re.MULTILINE | re.DOTALL,
)
_OPTION = re.compile(r"^(:{3,})\{dropdown\}([^\n]*)\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
# What nobody reads: anchors, options, the marks of directives and roles, addresses of links; what a
# chapter says of its time.
_MARKUP = re.compile(
    r"^> About .*$|^\([\w-]+\)=\s*$|^:[\w-]+:.*$|^(?:`{3,}|:{3,})(?:\{[\w-]+\})?|\{[\w:-]+\}(?=`)"
    r"|(?<=\])\([^)\s]*\)|<[\w -]+>(?=`)",
    re.MULTILINE,
)
_WORD = re.compile(r"\w(?:[\w'’.,/-]*\w)?")
_FIGURE = re.compile(r"^explore\(", re.MULTILINE)
_EXERCISE = re.compile(r"^(?:`{3,}|:{3,})\{exercise\}", re.MULTILINE)
_QUESTION = re.compile(r"^:class:.*\bquiz\b", re.MULTILINE)


def count(text: str) -> Counter[str]:
    r"""Count the words, formulas, blocks of code, exercises and questions of a text in MyST.

    Examples
    --------
    >>> count("The {term}`loss` $\\ell$ of [one](ch1-loss) example is 2.5.")
    Counter({'words': 7, 'formulas': 1})
    """
    found = {"exercises": len(_EXERCISE.findall(text)), "questions": len(_QUESTION.findall(text))}
    reasons = [reason for _, _, reason in _OPTION.findall(text)]
    text = "\n".join([_OPTION.sub(r"\2", text), max(reasons, key=len, default="")])
    text = _CODE.sub(_CELL, text)
    found["cells"] = text.count(_CELL)
    text, found["formulas"] = _FORMULA.subn("", text)
    found["words"] = len(_WORD.findall(_MARKUP.sub("", text)))
    return +Counter(found)


def minutes(found: Mapping[str, int], seconds: Mapping[str, float] = READ) -> float:
    """Return the time that it takes to read what was counted, or with `PRACTISED` to solve it.

    Examples
    --------
    >>> minutes(Counter(words=400, formulas=15, cells=12, figures=1))
    10.0
    """
    return sum(each * found[what] for what, each in seconds.items()) / 60


@dataclass
class Section:
    """What stands between one heading and the next."""

    title: str
    level: int
    deeper: bool = False
    apart: bool = False
    all: Counter[str] = field(default_factory=Counter)
    boxes: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> None:
        """Add what there is to read in a text."""
        self.all += count(text)
        self.boxes += sum((count(box[0]) for box in _BOX.finditer(text)), Counter())

    @property
    def essential(self) -> Counter[str]:
        """What is left without the boxes that go deeper; nothing where the section does."""
        return Counter() if self.deeper else self.all - self.boxes


class Chapter(NamedTuple):
    """The times of a chapter, in minutes."""

    all: float
    essential: float
    practice: float

    def __str__(self) -> str:
        """Say it as the pages do, to the nearest five minutes.

        Examples
        --------
        >>> str(Chapter(56.2, 38.9, 0))
        'About 55 minutes, or 40 without what goes deeper.'
        >>> str(Chapter(56.2, 56.2, 62.0))
        'About 55 minutes. The exercises and the quiz take another 60.'
        """
        whole, essential, practice = (5 * round(each / 5) for each in self)
        shorter = f", or {essential} without what goes deeper" if essential < whole else ""
        apart = f" The exercises and the quiz take another {practice}." if practice else ""
        return f"About {whole} minutes{shorter}.{apart}"


def sections(notebook: NotebookNode) -> list[Section]:
    """Return the sections of a notebook, in order, each with what there is to read.

    Raises
    ------
    ValueError
        If a cell has the tag ``deeper`` and does not begin a section.
    """
    found = [Section("", 1)]
    deeper_from = 0  # the level of the heading below which all goes deeper; 0 where none does
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            figures = len(_FIGURE.findall(cell.source))
            found[-1].all += Counter(figures=figures) if figures else Counter(cells=1)
            continue
        # What looks like a heading within code is none.
        before, *pieces = _HEADING.split(_CODE.sub(_CELL, cell.source))
        tagged = DEEPER in cell.metadata.get("tags", [])
        if tagged and (not pieces or _MARKUP.sub("", before).strip()):
            raise ValueError(f"cell {number} has the tag {DEEPER!r} and does not begin a section")
        found[-1].add(before)
        for marks, title, text in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
            level = len(marks)
            if level <= deeper_from:
                deeper_from = 0
            if tagged and not deeper_from:
                deeper_from = level
            tagged = False
            apart = title in APART if level <= 2 else found[-1].apart
            found.append(Section(title, level, bool(deeper_from), apart))
            found[-1].add(f"{title}\n{text}")
    return [part for part in found if part.all]


def measure(parts: Iterable[Section]) -> Chapter:
    """Return the times of a chapter that has these sections."""
    parts = list(parts)
    read = [part for part in parts if not part.apart]
    return Chapter(
        sum(minutes(part.all) for part in read),
        sum(minutes(part.essential) for part in read),
        sum(minutes(part.all, PRACTISED) for part in parts),
    )


def chapter(path: Path) -> Chapter:
    """Return the times of the chapter in the notebook `path`."""
    return measure(sections(nbformat.read(path, as_version=4)))


def show_sections(path: Path) -> None:
    """Print what each section of a chapter has, and the minutes that it takes."""
    print(f"{path.stem}\n  words  formulas  code  figures    all  essential")
    parts = sections(nbformat.read(path, as_version=4))
    for part in parts:
        if part.apart:
            continue
        a = part.all
        print(
            f"{a['words']:7}{a['formulas']:10}{a['cells']:6}{a['figures']:9}{minutes(a):7.1f}"
            f"{minutes(part.essential):11.1f}  {'  ' * (part.level - 1)}{part.title}"
        )
    time = measure(parts)
    print(f"{time.all:39.1f}{time.essential:11.1f}  in all, and {time.practice} of practice\n")


def main() -> None:
    """Print the times of all chapters, or the sections of those that are named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="by default all of chapters/")
    paths = parser.parse_args().notebooks
    for path in paths:
        show_sections(path)
    if not paths:
        print(f"{'minutes':32}all  essential  practice")
        for path in sorted(CHAPTERS.glob("[0-9][0-9]-*.ipynb")):
            time = chapter(path)
            print(f"{path.stem:30}{time.all:5.0f}{time.essential:11.0f}{time.practice:10.0f}")


if __name__ == "__main__":
    main()
