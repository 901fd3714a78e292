"""Code with the places where long names may break, which book.css opens in narrow columns."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from lossbook.text import breakable

__all__ = ["connect"]

SHORT = 14  # so many characters of code stay on one line


def _visit_text(writer: Any, node: nodes.Text) -> None:
    if not writer.protect_literal_text:
        type(writer).visit_Text(writer, node)
        return
    text = node.astext()
    words = [text] if len(text) < SHORT else text.split(" ")
    parts = (f'<span class="pre">{breakable(escape(word))}</span>' for word in words)
    writer.body.append(" ".join(parts))


def connect(app: Sphinx) -> None:
    """Let the writer of HTML ask here."""
    app.add_node(nodes.Text, override=True, html=(_visit_text, None))
