"""Citations by author and year, and the bibliography as a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

__all__ = ["connect"]


_round = partial(BracketStyle, left="(", right=")")


@dataclass
class RoundAuthorYear(AuthorYearReferenceStyle):
    """Huber (1964) in the text, (Huber, 1964) in brackets."""

    bracket_parenthetical: BracketStyle = field(default_factory=_round)
    bracket_textual: BracketStyle = field(default_factory=_round)
    bracket_author: BracketStyle = field(default_factory=_round)
    bracket_label: BracketStyle = field(default_factory=_round)
    bracket_year: BracketStyle = field(default_factory=_round)


def _visit_entry(writer: Any, node: nodes.citation) -> None:
    # Docutils' role for an entry is deprecated, and none that a list may hold.
    if not isinstance(node.previous_sibling(), nodes.citation):
        writer.body.append('<div role="list" class="citation-list">\n')
    writer.body.append(writer.starttag(node, "div", classes=["citation"], role="listitem"))


def _depart_entry(writer: Any, node: nodes.citation) -> None:
    last = not isinstance(node.next_node(descend=False, siblings=True), nodes.citation)
    writer.body.append("</div>\n</div>\n" if last else "</div>\n")


def connect(app: Sphinx) -> None:
    """Let the configuration name the style ``author_year_round``; make the bibliography a list."""
    name = "author_year_round"
    register_plugin("sphinxcontrib.bibtex.style.referencing", name, RoundAuthorYear, force=True)
    app.add_node(nodes.citation, override=True, html=(_visit_entry, _depart_entry))
