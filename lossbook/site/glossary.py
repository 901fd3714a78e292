"""The words of the glossary, explained where they are used.

At its end a page has the definitions of the terms that it links to, once each, resolved for that
page. ``glossary.js`` shows them beside the links. Without a script they stay hidden, and the links
lead to the glossary as ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

__all__ = ["connect"]

GLOSSARY = "reference/glossary"
_TERM = "std-term"  # the class that Sphinx gives to the text of such a link


def connect(app: Sphinx) -> None:
    """Give templates the definitions of a page."""
    app.connect("doctree-read", _depend_on_glossary)
    app.connect("html-page-context", _define)


def _depend_on_glossary(app: Sphinx, tree: nodes.document) -> None:
    links = tree.findall(addnodes.pending_xref)
    if GLOSSARY in app.env.found_docs and any(
        link["reftype"] == "term" or link["reftarget"] == GLOSSARY for link in links
    ):
        app.env.note_dependency(app.env.doc2path(GLOSSARY))


def _define(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], tree: nodes.document | None
) -> None:
    # Not in the page's tree: who searches for a term is to find its definition in one place.
    if tree is None or page == GLOSSARY or GLOSSARY not in app.env.found_docs:
        return
    if wanted := set(_terms_on(tree)):
        builder: Any = app.builder  # of HTML, or there was no such event
        boxes = _boxes(app, page, wanted)
        context["definitions"] = "".join(builder.render_partial(box)["fragment"] for box in boxes)


def _terms_on(tree: nodes.document) -> Iterator[str]:
    for link in tree.findall(nodes.reference):
        if any(_TERM in child["classes"] for child in link.findall(nodes.inline)):
            yield link.get("refuri", "").partition("#")[2]


def _boxes(app: Sphinx, page: str, wanted: set[str]) -> list[nodes.Node]:
    """Return a box for each term: what the glossary says, and the link to it there."""
    tree = app.env.get_doctree(GLOSSARY)  # a copy of its own
    boxes = []
    for item in tree.findall(nodes.definition_list_item):
        term, definition = item[0], item[-1]
        for name in wanted.intersection(term["ids"]):
            address = f"{app.builder.get_relative_uri(page, GLOSSARY)}#{name}"
            says = f"{term.astext()} in the glossary"
            link = nodes.reference("", says, refuri=address, internal=True)
            text = nodes.container("", *definition.children, ids=[f"about-{name}"])
            last = nodes.paragraph("", "", link)
            boxes.append(nodes.container("", text, last, classes=["definition"]))
    for reference in (node for box in boxes for node in box.findall(addnodes.pending_xref)):
        reference["refdoc"] = page  # where links start
    tree.children = boxes
    for box in boxes:
        box.parent = tree
    app.env.resolve_references(tree, page, app.builder)
    return boxes
