"""Where a line of text may break, and where it may not.

Only what is written to a page knows of it: the search index and the sources hold the words as they
stand in the chapters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.addnodes import desc_content, desc_name

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["breakable", "cell", "connect", "unbroken"]

# A number and its unit, a word and its number.
_UNIT = re.compile(r"(?<=\d) (?=(?:[%€]|m?s|min|km|[kMG]B|Mbit)(?![A-Za-z]))")
_NUMBERED = re.compile(r"\b([Cc]hapters?|[Ee]xercises?) (?=\d)")
_OTHERS = re.compile(r"\bet (?=al\.)")
_COMPOUND = re.compile(
    # 0-1 loss, 0.8-quantile, 64-bit; no date and no name of a file.
    r"(?<![\w./-])(?:0|(?:0\.|[1-9])\d*)-[A-Za-z\d]+\b(?!-)"
    # [1e-7, 1 - 1e-7], 2.2e-16
    r"|\[[\d.e-]+, [\d.e -]+\]|(?<![\w.])\d[\d.]*e-\d+\b"
)
# Within calls, and within names.
_JOINT = re.compile(r"((?<=\w)\.(?=[A-Za-z])|/(?=\w)|\((?=[\w\[&]))")
_NAME = re.compile(r"\w{12,}")
# Within the name of a class that stands in a cell as a word.
_CLASS = re.compile(r"\b(?:[A-Z][a-z]+){3,}\b")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
LONG = 14  # from so many characters on, a call may break


def unbroken(text: str) -> str:
    r"""Return text of HTML in which a number stays with its unit, and 0-1 or 1e-7 in one piece.

    Examples
    --------
    >>> unbroken("5 % in chapter 2")
    '5\xa0% in chapter\xa02'
    >>> unbroken("the 0-1 loss of 2026-05-01")
    'the <span class="whole">0-1</span> loss of 2026-05-01'
    """
    text = _NUMBERED.sub("\\1\u00a0", _UNIT.sub("\u00a0", _OTHERS.sub("et\u00a0", text)))
    return _COMPOUND.sub(r'<span class="whole">\g<0></span>', text)


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


def cell(text: str) -> str:
    """Return text of HTML for a table or a card: as :func:`unbroken`, and a long class may break.

    Examples
    --------
    >>> cell("CategoricalCrossentropy"), cell("BinaryFocalCrossentropy for rows")
    ('CategoricalCrossentropy', 'Binary<wbr>Focal<wbr>Crossentropy for rows')
    """
    return _CLASS.sub(lambda name: _CAPITAL.sub("<wbr>", name[0]), unbroken(text))


def _is_narrow(node: nodes.Node | None) -> bool:
    """Whether this stands in a table, on a card, in the package reference or in the contents."""
    long = node is not None and len(node.astext()) > LINE
    while node is not None:
        if isinstance(node, nodes.entry | desc_name) or (long and isinstance(node, desc_content)):
            return True
        if "loss-card" in node.get("classes", ()) or "anchorname" in node:
            return True
        node = node.parent
    return False


def _visit_text(writer: Any, node: nodes.Text) -> None:
    start = len(writer.body)
    type(writer).visit_Text(writer, node)
    narrow = _is_narrow(node.parent)
    if writer.protect_literal_text:
        change = breakable if narrow else None
    else:
        change = cell if narrow else unbroken
    if change:
        writer.body[start:] = [
            re.sub(r"(?:^|(?<=>))[^<>]+", lambda m: change(m[0]), part)
            for part in writer.body[start:]
        ]
    if isinstance(node.parent, nodes.literal) and " " in node and len(node) < LONG:
        writer.body[start:] = ['<span class="whole">', *writer.body[start:], "</span>"]
    elif not writer.protect_literal_text:
        writer.body[start:] = [
            re.sub(r"(?:^|(?<=>))[^<>]+", lambda m: prose(m[0]), part)
            for part in writer.body[start:]
        ]


LINE = 24  # more characters may not fit into a line of the package reference on a phone
_EQUATION = re.compile(r"(?<!\w)([^\W\d]) ([=≤≥]|&lt;|&gt;) (?=[-−]?[\d∞]|[^\W\d](?!\w))")
_LOGARITHM = re.compile(r"\blog (?=\d)")
_PAIR = re.compile(r"([\[(][-−]?[\w.…∞]{1,3},) (?=[-−]?[\w.…∞]{1,3}[\])])")


def prose(text: str) -> str:
    r"""Return text of HTML with small formulas in one piece, in which long names may break.

    Examples
    --------
    >>> prose("p = 1, q = p, log 2, in [0, 1), (−∞, 2] and shape (n, C)")
    'p\xa0=\xa01, q\xa0=\xa0p, log\xa02, in [0,\xa01), (−∞,\xa02] and shape (n,\xa0C)'
    >>> prose("sparsemax_loss of y_true, a = not (this, that)")
    'sparsemax_<wbr>loss of y_true, a = not (this, that)'
    """
    text = _EQUATION.sub("\\1\u00a0\\2\u00a0", _LOGARITHM.sub("log\u00a0", text))
    text = _PAIR.sub("\\1\u00a0", text)
    return _NAME.sub(lambda name: name[0].replace("_", "_<wbr>"), text)


def connect(app: Sphinx) -> None:
    """Let the writer of HTML ask this where lines break."""
    app.registry.add_translation_handlers(nodes.Text, html=(_visit_text, None))
