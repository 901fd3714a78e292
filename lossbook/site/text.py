"""Where a line of text may break, and where it may not.

Only what is written to a page knows of it: the search index and the sources hold the words as they
stand in the chapters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.addnodes import desc_content, desc_name

from lossbook.explore.words import unbroken

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["breakable", "cell", "connect", "heading", "prose"]

_COMPOUND = re.compile(
    # 0-1 loss, 0.8-quantile, 64-bit; no date and no name of a file.
    r"(?<![\w./-])(?:0|(?:0\.|[1-9])\d*)-[A-Za-z\d]+\b(?!-)"
    # [1e-7, 1 - 1e-7], 2.2e-16
    r"|\[[\d.e-]+, [\d.e -]+\]|(?<![\w.])\d[\d.]*e-\d+\b"
)
_HYPHENATED = re.compile(r"\w+(?:-\w+)+")
# Within calls, and within names.
_JOINT = re.compile(r"((?<=\w)\.(?=[A-Za-z])|/(?=\w)|\((?=[\w\[&]))")
_NAME = re.compile(r"\w{12,}")
# Within the name of a class that stands in a cell as a word.
_CLASS = re.compile(r"\b(?:[A-Z][a-z]+){3,}\b")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
LONG = 14  # from so many characters on, a call may break
LINE = 24  # more characters may not fit into a line of the package reference on a phone


def _whole(text: str) -> str:
    return f'<span class="whole">{text}</span>'


def _broken_names(text: str) -> str:
    return _NAME.sub(lambda name: name[0].replace("_", "_<wbr>"), text)


def prose(text: str) -> str:
    r"""Return text of HTML that breaks between words, and within long names.

    Examples
    --------
    >>> prose("5 % of [0, 1) in chapter 2")
    '5\xa0% of [0,\xa01) in chapter\xa02'
    >>> prose("the 0-1 loss of y_true, sparsemax_loss of 2026-05-01")
    'the <span class="whole">0-1</span> loss of y_true, sparsemax_<wbr>loss of 2026-05-01'
    """
    return _COMPOUND.sub(lambda found: _whole(found[0]), _broken_names(unbroken(text)))


def heading(text: str) -> str:
    r"""Return text of HTML for a heading, whose lines are short: no word breaks at a hyphen.

    Examples
    --------
    >>> heading("A mini-batch of 5 %")
    'A <span class="whole">mini-batch</span> of 5\xa0%'
    """
    return _HYPHENATED.sub(lambda found: _whole(found[0]), unbroken(text))


def cell(text: str) -> str:
    """Return text of HTML for a narrow column: as :func:`prose`, and a long class may break.

    Examples
    --------
    >>> cell("CategoricalCrossentropy"), cell("BinaryFocalCrossentropy for rows")
    ('CategoricalCrossentropy', 'Binary<wbr>Focal<wbr>Crossentropy for rows')
    """
    return _CLASS.sub(lambda name: _CAPITAL.sub("<wbr>", name[0]), prose(text))


def breakable(code: str) -> str:
    """Return code of HTML that may break after the dots, underscores and brackets of long names.

    Examples
    --------
    >>> breakable("optax.huber_loss(y_pred,")
    'optax.<wbr>huber_loss(<wbr>y_pred,'
    >>> breakable("binary_cross_entropy"), breakable("Cost(loss)")
    ('binary_<wbr>cross_<wbr>entropy', 'Cost(loss)')
    """
    return code if len(code) < LONG else _broken_names(_JOINT.sub(r"\1<wbr>", code))


def _is_narrow(node: nodes.Node | None) -> bool:
    """Whether the column may be too narrow for this: in tables, cards, contents and references."""
    long = node is not None and len(node.astext()) > LINE
    while node is not None:
        if isinstance(node, nodes.entry | desc_name) or (long and isinstance(node, desc_content)):
            return True
        if "loss-card" in node.get("classes", ()) or "anchorname" in node:
            return True
        node = node.parent
    return False


def _is_heading(node: nodes.Node) -> bool:
    return isinstance(node, nodes.title) and isinstance(node.parent, nodes.section)


def _visit_text(writer: Any, node: nodes.Text) -> None:
    start = len(writer.body)
    type(writer).visit_Text(writer, node)
    narrow = _is_narrow(node.parent)
    if not writer.protect_literal_text:
        change = cell if narrow else heading if _is_heading(node.parent) else prose
    elif isinstance(node.parent, nodes.literal) and " " in node and len(node) < LONG:
        change = _whole
    else:
        change = breakable if narrow else None
    if change:
        writer.body[start:] = [
            re.sub(r"(?:^|(?<=>))[^<>]+", lambda m: change(m[0]), part)
            for part in writer.body[start:]
        ]


def connect(app: Sphinx) -> None:
    """Let the writer of HTML ask this where lines break."""
    app.registry.add_translation_handlers(nodes.Text, html=(_visit_text, None))
