"""How the losses' formulas are written: in equations, and in docstrings."""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Any

__all__ = ["documented", "left_side"]

#: What formulas make of a prediction.
_RESIDUALS = {"y_pred": ("r", r"r = \hat y - y"), "score": ("m", "m = y s")}


def documented(function: Any, declaration: Any) -> str | None:
    """Return the docstring, with the formula, errors and source from the declaration."""
    doc = function.__doc__
    if not doc or not declaration.formula:
        return doc
    summary, *rest = inspect.cleandoc(doc).split("\n\n")
    sections = ["Raises\n------\nValueError, TypeError\n    By the rules of every loss: "]
    sections[0] += ":class:`.Loss`."
    if declaration.source:
        source = textwrap.wrap(str(declaration.source), 88, break_on_hyphens=False)
        sections.append("\n".join(["References", "----------", *source]))
    place = next((i for i, x in enumerate(rest) if x.startswith("Examples\n")), len(rest))
    formula = rf".. math:: \ell = {declaration.formula}"
    for name in inspect.signature(function).parameters:
        letter, meaning = _RESIDUALS.get(name, ("", ""))
        if letter and re.search(rf"(?<![\\a-z]){letter}(?![a-z])", declaration.formula):
            formula += rf",\quad {meaning}"
    return "\n\n".join([summary, formula, *rest[:place], *sections, *rest[place:]]) + "\n"


#: How the formulas write a row of predictions.
_LETTERS = {"p": "p", "q": "q", "logits": "z", "scores": "s", "similarities": "s"}


def left_side(loss: Any) -> str:
    """Return what the derivative of a loss is the derivative of, up to the equals sign."""
    derivative, name = loss.declaration.derivative, loss.predictions[0]
    if len(loss.predictions) > 1:
        return ""  # the formula says itself which derivative is which
    if not loss.domains[name].row:
        return r"\ell' = "
    letter = _LETTERS.get(name, r"\hat y")
    if re.search(r"\bk\b|_k", derivative):
        return rf"\frac{{\partial \ell}}{{\partial {letter}_k}} = "
    return rf"\nabla_{{{letter}}}\,\ell = "
