"""Where words lead: links that work in Jupyter too, the glossary in place, the words of a search.

``[text](02-training-loop.ipynb#ch2-update)`` is what JupyterLab and Jupyter Notebook can follow.
MyST takes what stands behind ``#`` for a heading of that page; here it may be any label of the
page, a term of its glossary (``#term-loss``) or an entry of its bibliography (``#huber1964``).

At its end a page has the definitions of the terms that it links to, once each, resolved for that
page. ``glossary.js`` shows them beside the links. Without a script they stay hidden, and the links
lead to the glossary as ever.

The words that others use for the subject of a section stand in ``reference/also-called.toml``: they
are entries of Sphinx's index, and with it of the search.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util.index_entries import split_index_msg

__all__ = ["ALSO_CALLED", "connect"]

ALSO_CALLED = Path("reference", "also-called.toml")
GLOSSARY = "reference/glossary"


def connect(app: Sphinx) -> None:
    """Tell MyST of all targets, give each page its definitions, and complete the search."""
    app.add_transform(_AlsoCalled)
    app.connect("env-updated", _note_targets, priority=900)  # after the bibliography has its ids
    app.connect("html-page-context", _define)
    app.connect("html-collect-pages", _complete)


def _note_targets(_app: Sphinx, env: BuildEnvironment) -> None:
    standard = env.get_domain("std")
    found = [(label, *place) for label, place in standard.anonlabels.items()]
    found += [(place[1].lower(), *place) for place in standard.objects.values()]
    found += [
        (citation.key, citation.bibliography_key.docname, citation.citation_id)
        for citation in (env.domains["cite"].citations if "cite" in env.domains else ())
    ]
    for name, docname, labelid in found:
        slugs = env.metadata[docname].setdefault("myst_slugs", {})
        slugs.setdefault(name, (0, labelid, name))


def _define(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], tree: nodes.document | None
) -> None:
    # Not in the page's tree: who searches for a term is to find its definition in one place.
    if tree is None or page == GLOSSARY or GLOSSARY not in app.env.found_docs:
        return
    links = tree.findall(nodes.reference)
    wanted = {link.get("refuri", "").partition("#")[2] for link in links}
    builder: Any = app.builder  # of HTML, or there was no such event
    glossary = app.env.get_doctree(GLOSSARY)  # a copy of its own
    boxes = []
    for item in glossary.findall(nodes.definition_list_item):
        term, definition = item[0], item[-1]
        for name in wanted.intersection(term["ids"]):
            address = f"{builder.get_relative_uri(page, GLOSSARY)}#{name}"
            says = f"{term.astext()} in the glossary"
            link = nodes.reference("", says, refuri=address, internal=True)
            text = nodes.container("", *definition.children, ids=[f"about-{name}"])
            last = nodes.paragraph("", "", link)
            boxes.append(nodes.container("", text, last, classes=["definition"]))
    glossary.clear()
    glossary.extend(boxes)
    for reference in glossary.findall(addnodes.pending_xref):
        reference["refdoc"] = page  # where links start
    app.env.resolve_references(glossary, page, builder)
    context["definitions"] = "".join(builder.render_partial(box)["fragment"] for box in boxes)


class _AlsoCalled(SphinxTransform):
    """Before Sphinx collects the entries of a page."""

    default_priority = 800

    def apply(self, **_: Any) -> None:
        table = tomllib.loads((self.env.srcdir / ALSO_CALLED).read_text("utf-8"))
        for label in table.keys() & self.document.nameids.keys():
            place = self.document.nameids[label]
            entries = [("single", name, place, "main", None) for name in table[label]]
            self.document += addnodes.index(entries=entries)


def _complete(app: Sphinx) -> Iterable[Any]:
    """Give the search the entries of pages that this build does not write anew.

    Sphinx takes the search index of the last build, and loses them (sphinx-doc/sphinx#12599).
    """
    if indexer := getattr(app.builder, "indexer", None):
        for page, entries in app.env.get_domain("index").data["entries"].items():
            indexer._index_entries[page] = sorted(
                (text, place or "", rank)
                for kind, value, place, rank, _key in entries
                for text in split_index_msg(kind, value)
            )
    return ()
