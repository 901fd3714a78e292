"""Citations by author and year, and the entry of the bibliography that a loss comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from lossbook.losses import Source

__all__ = ["cited", "connect", "keys", "surname"]


def _round() -> BracketStyle:
    return BracketStyle(left="(", right=")")


@dataclass
class RoundAuthorYear(AuthorYearReferenceStyle):
    """Huber (1964) in the text, (Huber, 1964) in brackets."""

    bracket_parenthetical: BracketStyle = field(default_factory=_round)
    bracket_textual: BracketStyle = field(default_factory=_round)
    bracket_author: BracketStyle = field(default_factory=_round)
    bracket_label: BracketStyle = field(default_factory=_round)
    bracket_year: BracketStyle = field(default_factory=_round)


def surname(authors: str) -> str:
    """Return the surname of the first author, as declared: initials, surname, next author.

    Examples
    --------
    >>> surname("A. van den Oord, Y. Li and O. Vinyals"), surname("S. S. M. Salehi")
    ('van den Oord', 'Salehi')
    """
    first = authors.split(",")[0].split(" and ")[0].split()
    return " ".join(word for word in first if not word.endswith("."))


@cache
def keys(*files: Path) -> dict[tuple[str, int], str]:
    """Return the key of each entry of bibliographies, by first author's surname and year."""
    from pybtex.database import parse_file

    found = {}
    for file in files:
        for key, entry in parse_file(str(file)).entries.items():
            person = entry.persons["author"][0]
            name = " ".join([*person.prelast_names, *person.last_names])
            found[name, int(entry.fields["year"])] = key
    return found


def cited(source: Source, files: Iterable[Path]) -> str:
    """Return the key of the bibliography's entry for the source of a loss.

    Raises
    ------
    LookupError
        There is none.
    """
    try:
        return keys(*files)[surname(source.author), source.year]
    except KeyError:
        raise LookupError(f"no entry of the bibliography for {source}") from None


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
