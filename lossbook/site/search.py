"""Make the search index whole, and have it know what people type.

The words that others use for the subject of a section stand in ``reference/also-called.toml``.

Sphinx takes the index of the last build and feeds it the pages that it writes anew. On the way it
loses the index entries of all other pages (sphinx-doc/sphinx#12599), by which a reader finds the
terms of the glossary and the functions, and it keeps words that no page has any more.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.index_entries import split_index_msg

__all__ = ["ALSO_CALLED", "connect"]

ALSO_CALLED = Path("reference", "also-called.toml")


def connect(app: Sphinx) -> None:
    """Complete the index after the last page, and before it is stored."""
    app.connect("html-collect-pages", _complete)


def _complete(app: Sphinx) -> Iterable[Any]:
    if indexer := getattr(app.builder, "indexer", None):
        known = app.env.get_domain("index").data["entries"]
        labels = app.env.get_domain("std").data["labels"]
        entries = {page: _texts(known.get(page, ())) for page in app.env.found_docs}
        for label, names in tomllib.loads((app.srcdir / ALSO_CALLED).read_text("utf-8")).items():
            if label in labels:  # no small book has them all
                page, place, _title = labels[label]
                entries[page] += [(name, place, "main") for name in names]
        _mend(indexer, entries)
    return ()


def _mend(indexer: Any, entries: dict[str, list[tuple[str, str, str]]]) -> None:
    # What Sphinx keeps for itself: there is no public way to what an index holds.
    for words in (indexer._mapping, indexer._title_mapping):
        for word in [word for word, pages in words.items() if not pages]:
            del words[word]
    indexer._index_entries = {page: entries[page] for page in sorted(indexer._titles)}


def _texts(entries: Iterable[tuple]) -> list[tuple[str, str, str]]:
    """Return what the search index holds of a page's index entries: text, place, and rank."""
    return sorted(
        {
            (text, place or "", rank)
            for kind, value, place, rank, _key in entries
            for text in split_index_msg(kind, value)
        }
    )
