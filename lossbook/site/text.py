"""Where a line of text may break, and where it may not.

Only what is written to a page knows of it: the search index and the sources hold the words as they
stand in the chapters.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["breakable", "connect", "unbroken"]

# A number and its unit, a word and its number.
_UNIT = re.compile(r"(?<=\d) (?=(?:[%€]|m?s|min|km|[kMG]B|Mbit)(?![A-Za-z]))")
_NUMBERED = re.compile(r"\b([Cc]hapters?|[Ee]xercises?|CC BY) (?=\d)")
# 0-1 loss, 0.8-quantile, 64-bit; no date and no name of a file.
_COMPOUND = re.compile(r"(?<![\w./-])(?:0|(?:0\.|[1-9])\d*)-[A-Za-z\d]+\b(?!-)")
_HYPHENATED = re.compile(r"\w+(?:-\w+)+")
# Within calls, and within names.
_JOINT = re.compile(r"((?<=\w)\.(?=[A-Za-z])|/(?=\w)|\((?=[\w\[&]))")
_NAME = re.compile(r"\w{12,}")
LONG = 14  # from so many characters on, a call may break


def unbroken(text: str, *, heading: bool = False) -> str:
    r"""Return text of HTML in which a number stays with its unit, and 0-1 in one piece.

    In a heading, whose lines are short, every word with a hyphen stays in one piece.

    Examples
    --------
    >>> unbroken("5 % in chapter 2")
    '5\xa0% in chapter\xa02'
    >>> unbroken("the 0-1 loss of 2026-05-01")
    'the <span class="whole">0-1</span> loss of 2026-05-01'
    >>> unbroken("A mini-batch", heading=True)
    'A <span class="whole">mini-batch</span>'
    """
    text = _NUMBERED.sub("\\1\u00a0", _UNIT.sub("\u00a0", text))
    return (_HYPHENATED if heading else _COMPOUND).sub(r'<span class="whole">\g<0></span>', text)


def breakable(code: str) -> str:
    """Return code of HTML that may break after the dots, underscores and brackets of long names.

    Examples
    --------
    >>> breakable("optax.huber_loss(y_pred,")
    'optax.<wbr>huber_loss(<wbr>y_pred,'
    >>> breakable("binary_cross_entropy"), breakable("Cost(loss)")
    ('binary_<wbr>cross_<wbr>entropy', 'Cost(loss)')
    """
    if len(code) < LONG:
        return code
    return _NAME.sub(lambda name: name[0].replace("_", "_<wbr>"), _JOINT.sub(r"\1<wbr>", code))


def _is_narrow(node: nodes.Node | None) -> bool:
    """Whether this stands in a table, or on the card of a loss."""
    while node is not None:
        if isinstance(node, nodes.entry) or "loss-card" in node.get("classes", ()):
            return True
        node = node.parent
    return False


def _visit_text(writer: Any, node: nodes.Text) -> None:
    start = len(writer.body)
    type(writer).visit_Text(writer, node)
    if writer.protect_literal_text:
        change = breakable if _is_narrow(node.parent) else None
        if change and " " in node and len(node) < LONG:  # the shape of an array
            writer.body[start:] = ['<span class="whole">', *writer.body[start:], "</span>"]
    elif isinstance(node.parent, nodes.title) and isinstance(node.parent.parent, nodes.section):
        change = partial(unbroken, heading=True)
    else:
        change = unbroken
    if change:
        writer.body[start:] = [
            re.sub(r"(?:^|(?<=>))[^<>]+", lambda m: change(m[0]), part)
            for part in writer.body[start:]
        ]


def connect(app: Sphinx) -> None:
    """Let the writer of HTML ask this where lines break."""
    app.registry.add_translation_handlers(nodes.Text, html=(_visit_text, None))
