"""How some elements are written as HTML, where docutils, Sphinx or MyST-NB write it otherwise."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.application import Sphinx

from lossbook.text import breakable

__all__ = ["connect"]

SHORT = 14  # so many characters of code stay on one line


def connect(app: Sphinx) -> None:
    """Let the writer of HTML ask here."""
    app.add_node(nodes.Text, override=True, html=(_visit_text, None))
    app.add_node(HideCodeCellNode, override=True, html=(_visit_hidden, _depart_hidden))


def _visit_text(writer: Any, node: nodes.Text) -> None:
    """Write text; where it is code, with the places where book.css may let long names break."""
    if not writer.protect_literal_text:
        type(writer).visit_Text(writer, node)
        return
    text = node.astext()
    words = [text] if len(text) < SHORT else text.split(" ")
    parts = (f'<span class="pre">{breakable(escape(word))}</span>' for word in words)
    writer.body.append(" ".join(parts))


def _visit_hidden(writer: Any, node: HideCodeCellNode) -> None:
    # As MyST-NB does it, but for the paragraphs, which no summary may hold.
    writer.body.append(writer.starttag(node, "details", CLASS="admonition hide"))
    parts = "".join(
        f'<span class="{state} admonition-title">{escape(node[prompt])}</span>'
        for state, prompt in (("collapsed", "prompt_show"), ("expanded", "prompt_hide"))
    )
    writer.body.append(f"<summary>{parts}</summary>\n")


def _depart_hidden(writer: Any, _node: HideCodeCellNode) -> None:
    writer.body.append("</details>\n")
