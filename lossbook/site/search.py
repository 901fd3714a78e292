"""Make the search index of every build that of a build from nothing.

Sphinx takes the index of the last build and feeds it the pages that it writes anew. On the way it
loses the index entries of all other pages (sphinx-doc/sphinx#12599), by which a reader finds the
terms of the glossary and the functions, and it keeps words that no page has any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sphinx.util.index_entries import split_index_msg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx


def connect(app: Sphinx) -> None:
    """Complete the index after the last page, and before it is stored."""
    app.connect("html-collect-pages", _complete)


def _complete(app: Sphinx) -> Iterable[Any]:
    indexer = getattr(app.builder, "indexer", None)
    if indexer is not None:
        for words in (indexer._mapping, indexer._title_mapping):
            for word in [word for word, pages in words.items() if not pages]:
                del words[word]
        known = app.env.get_domain("index").data["entries"]
        indexer._index_entries = {
            page: _texts(known.get(page, ())) for page in sorted(indexer._titles)
        }
    return ()


def _texts(entries: Iterable[tuple]) -> list[tuple[str, str, str]]:
    """Return what the search index holds of a page's index entries: text, place, and rank."""
    return sorted(
        {
            (text, place or "", rank)
            for kind, value, place, rank, _key in entries
            for text in split_index_msg(kind, value)
        }
    )
