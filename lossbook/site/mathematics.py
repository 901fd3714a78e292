"""Mathematics typeset while the site is built: pages need no script for it."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

__all__ = ["STYLES", "connect", "typeset"]

FOLDER = Path(__file__).parent / "katex"
STYLES = FOLDER / "static"

_APPLIED = "<mo>\u2061</mo>"
SHORT = 24  # characters of TeX that no line breaks

logger = logging.getLogger(__name__)

OPTIONS = {
    "output": "htmlAndMathml",
    "throwOnError": True,
    "macros": {r"\argmin": r"\operatorname*{arg\,min}", r"\argmax": r"\operatorname*{arg\,max}"},
    "strict": "error",  # Unicode text in a formula is fine; every other doubt is an error
}


@cache
def _katex() -> Any:
    """Return a V8 with KaTeX in it."""
    from py_mini_racer import MiniRacer

    engine = MiniRacer()
    engine.eval((FOLDER / "katex.min.js").read_text("utf-8"))
    return engine


@cache
def typeset(tex: str, *, display: bool = False) -> str:
    r"""Return a formula as HTML for the eye and MathML for screen readers.

    >>> typeset(r"\nonsense")
    Traceback (most recent call last):
      ...
    ValueError: '\\nonsense' is no formula that KaTeX reads: ...
    """
    from py_mini_racer import JSEvalException

    options = {**OPTIONS, "displayMode": display}
    try:
        formula = _katex().call("katex.renderToString", tex, options)
    except JSEvalException as error:
        message = re.search(r"KaTeX parse error: .*", str(error))
        raise ValueError(
            f"{tex!r} is no formula that KaTeX reads: {message[0] if message else error}"
        ) from None
    # KaTeX applies a name in a subscript, such as max, to nothing: one element too many.
    for end in ("</msub>", "</msup>"):
        formula = formula.replace(_APPLIED + end, end)
    return formula


def _formula(node: nodes.Node, tex: str, *, display: bool) -> str:
    try:
        return typeset(tex, display=display)
    except ValueError as error:
        logger.error("%s", error, location=node)
        return f"<code>{escape(tex)}</code>"


# What belongs to the line of the formula that it stands at.
_OPENS = re.compile(r"[(\[“‘]+$")
_CLOSES = re.compile(r"^(?:(?:[-’']\w{1,2}\b)[,.;:?!)\]’”…]*|[,.;:?!)\]’”…]+)")


def glue(tree: nodes.Element) -> None:
    """Give each formula in a text the punctuation around it.

    A browser may break the line on both sides of a formula, and would begin a line with a comma.

    >>> words = nodes.Text("of ("), nodes.math("", "x"), nodes.Text("), the "), nodes.Text("n")
    >>> text = nodes.paragraph("", "", *words)
    >>> glue(text)
    >>> print(text)
    <paragraph>of <math after="),"  before="(">x</math> the n</paragraph>
    """
    for node in list(tree.findall(nodes.math)):
        place = node.parent.index(node)
        for name, pattern, near in (("before", _OPENS, place - 1), ("after", _CLOSES, place + 1)):
            if not 0 <= near < len(node.parent):
                continue
            text = node.parent[near]
            if isinstance(text, nodes.Text) and (found := pattern.search(text)):
                node[name] = found[0]
                node.parent[near] = nodes.Text(pattern.sub("", text))


def _glue(app: Sphinx, tree: nodes.document, _docname: str) -> None:
    if app.builder.format == "html":
        glue(tree)


def _visit_inline(writer: Any, node: nodes.math) -> None:
    tex = node.astext()
    before, after = (escape(node.get(name, "")) for name in ("before", "after"))
    classes = ["math"]
    if before or after:
        classes.append("glued")
    if len(tex) <= SHORT:
        classes.append("whole")
    formula = _formula(node, tex, display=False)
    writer.body.append(f'<span class="{" ".join(classes)}">{before}{formula}{after}</span>')
    raise nodes.SkipNode


def _visit_block(writer: Any, node: nodes.math_block) -> None:
    tex = node.astext().strip()
    if "\\\\" in tex and "\\begin" not in tex:
        tex = f"\\begin{{aligned}}{tex}\\end{{aligned}}"
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    if node["number"]:
        number = get_node_equation_number(writer, node)
        writer.body.append(f'<span class="eqno">({number})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append(_formula(node, tex, display=True))
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def connect(app: Sphinx) -> None:
    """Make this the way that Sphinx writes formulas."""
    app.add_html_math_renderer(
        "katex", inline_renderers=(_visit_inline, None), block_renderers=(_visit_block, None)
    )
    app.config.html_math_renderer = "katex"
    app.connect("doctree-resolved", _glue)
