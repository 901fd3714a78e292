"""The quiz and the predictions: what is right, known to the page.

Both are admonitions, of the class ``quiz`` or ``predict``, with one ``{dropdown}`` for each answer
that says whether it is right and why. Without a script that is all there is to it: to open one is
to choose it. Here each dropdown learns whether it is right, so that the style sheet can mark it,
and each question gets an id, under which an answer may be remembered.

A prediction that is a number has one dropdown, which holds the number and the reason. A form before
it asks for the reader's own number first (``answers.js``).
"""

from __future__ import annotations

import re
from html import escape
from textwrap import shorten
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx_design.shared import is_component

__all__ = ["Number", "connect"]

logger = logging.getLogger(__name__)

_MINUS = str.maketrans("\u2212", "-")  # text has the sign of its own
_DECIMAL = r"[-\u2212]?\d+(?:\.\d+)?"
_NUMBER = re.compile(rf"Right: ({_DECIMAL})(?: ± (\d+(?:\.\d+)?))?(?: ([^\d\s.±][^.]*))?\.")


class Number(NamedTuple):
    """A number that is asked for, how far off it may be, and its unit."""

    value: float
    within: float
    unit: str

    @classmethod
    def read(cls, text: str) -> Number | None:
        """Read "Right: 5 ± 0.2." at the beginning of a text.

        Examples
        --------
        >>> Number.read("Right: −0.5 ± 0.1. Both pulls balance there.")
        Number(value=-0.5, within=0.1, unit='')
        >>> Number.read("Right: 30 ± 5 minutes.")
        Number(value=30.0, within=5.0, unit='minutes')
        >>> Number.read("Right.")
        """
        found = _NUMBER.match(" ".join(text.split()))
        if not found:
            return None
        value, within, unit = found.groups()
        return cls(float(value.translate(_MINUS)), float(within or 0), unit or "")


def connect(app: Sphinx) -> None:
    """Mark the answers of quiz and predictions."""
    app.add_post_transform(_Mark)


class _Mark(SphinxPostTransform):
    """Before sphinx-design draws dropdowns."""

    default_priority = 150
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for box in list(self.document.findall(nodes.admonition)):
            if {"quiz", "predict"}.isdisjoint(box["classes"]):
                continue
            answers = [child for child in box.children if is_component(child, "dropdown")]
            if not answers:
                continue
            if not box["ids"]:
                words = nodes.make_id(box[0].astext()).replace("-", " ")
                box["ids"] = [nodes.make_id(f"quiz {shorten(words, 40, placeholder='')}")]
            if "number" in box["classes"]:
                _ask_for_number(box, answers)
            else:
                _mark(box, answers)


def _complain(box: nodes.Element, problem: str) -> None:
    logger.error("%s: %s", box[0].astext(), problem, location=box)


def _verdict(answer: nodes.Element) -> nodes.strong | None:
    """Return the words in bold with which the reason of an answer begins."""
    first = answer[1] if len(answer) > 1 else nodes.paragraph()
    bold = next((child for child in first if child.astext()), None)  # MyST leaves empty text
    return bold if isinstance(bold, nodes.strong) else None


def _mark(box: nodes.Element, answers: list[nodes.Element]) -> None:
    kinds = {"Right.": "right", "No.": "wrong"}
    for answer in answers:
        verdict = _verdict(answer)
        kind = kinds.get(verdict.astext()) if verdict else None
        if kind is None:
            _complain(box, "each answer begins with **Right.** or **No.**, and says why")
            return
        answer["container_classes"].append(kind)
    right = sum("right" in answer["container_classes"] for answer in answers)
    if right < 2 if "several" in box["classes"] else right != 1:
        _complain(box, f"one answer is right, several if the class says so: {right} are")


def _ask_for_number(box: nodes.Element, answers: list[nodes.Element]) -> None:
    verdict = _verdict(answers[0])
    number = Number.read(verdict.astext()) if verdict else None
    if len(answers) != 1 or verdict is None or number is None:
        _complain(box, "a number has one dropdown that begins with **Right: 5 ± 0.2.**, or so")
        return
    (answer,) = answers
    title, name = answer[0], box["ids"][0]
    title.children = [nodes.Text("The number, and why")]
    told = verdict.astext().removeprefix("Right: ")
    verdict.children = [nodes.Text(f"{told[:1].upper()}{told[1:]}")]
    unit = f", in {number.unit}" if len(number.unit) > 1 else ""
    sign = f" {number.unit}" if number.unit and not unit else ""  # %, or m
    form = (
        f'<form class="answer" data-number="{number.value:g}" data-within="{number.within:g}" '
        f'novalidate autocomplete="off"><p><label for="{name}-number">Your number{escape(unit)}'
        f'</label> <input id="{name}-number" inputmode="decimal" autocapitalize="off" '
        f'spellcheck="false">{escape(sign)} <button type="submit">That is my guess</button></p>'
        '<output aria-live="polite"></output></form>'
    )
    box.insert(box.index(answer), nodes.raw("", form, format="html"))
