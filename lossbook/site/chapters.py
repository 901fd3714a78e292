"""What a chapter's page says of its reading: how long it takes, and what can be skipped.

The times are computed from the notebook (:mod:`lossbook.site.reading`): they stand under the title
of each chapter, and wherever the role ``{time}`` names one.

A section whose first cell has the tag ``deeper`` gets that class, a note under its heading and a
mark in the page's contents. An admonition of the classes ``deeper dropdown`` becomes a native
disclosure.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxRole

from lossbook.site import reading
from lossbook.site.exercises import disclosure
from lossbook.site.reading import DEEPER

__all__ = ["NOTE", "Time", "connect"]

NOTE = "Goes deeper: can be skipped."
CELL = 10_000  # MyST-NB counts the lines of a notebook's cells from multiples of this


class Time(SphinxRole):
    """How long the chapter takes whose document the role names."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the sentence."""
        path = Path(self.env.doc2path(self.text))
        if path.suffix != ".ipynb" or not path.is_file():
            message = self.inliner.reporter.error(
                f"time: there is no notebook {self.text!r}", line=self.lineno
            )
            return [], [message]
        self.env.note_dependency(str(path))
        return [nodes.Text(str(reading.chapter(path)))], []


def _mark_sections(app: Sphinx, tree: nodes.document) -> None:
    """Say how long a chapter takes, and give the sections that go deeper their class and note."""
    path = Path(app.env.doc2path(app.env.docname))
    if path.suffix != ".ipynb":
        return
    title = next(tree.findall(nodes.title), None)
    if title and re.match(r"\d\d-", path.name):
        line = nodes.paragraph("", str(reading.chapter(path)), classes=["reading-time"])
        title.parent.insert(title.parent.index(title) + 1, line)
    cells = nbformat.read(path, as_version=4).cells
    tagged = {i for i, cell in enumerate(cells) if DEEPER in cell.metadata.get("tags", [])}
    for section in tree.findall(nodes.section):
        cell = (section.line or 0) // CELL - 1
        if cell in tagged:
            tagged.remove(cell)  # its first section; others of the cell are within
            section["classes"].append(DEEPER)
            section.insert(1, nodes.paragraph("", NOTE, classes=["deeper-note"]))


def _mark_contents(app: Sphinx, tree: nodes.document) -> None:
    """Mark in the page's contents what goes deeper: a sign to see, words to hear."""
    deeper = {
        f"#{name}"
        for section in tree.findall(nodes.section)
        if DEEPER in section["classes"]
        for name in section["ids"]
    }
    for link in app.env.tocs[app.env.docname].findall(nodes.reference):
        if link.get("anchorname") in deeper:
            link += nodes.inline(
                "",
                "",
                nodes.inline("", " (goes deeper)", classes=["visually-hidden"]),
                classes=["deeper-mark"],
            )


class _Disclose(SphinxPostTransform):
    """Before sphinx-design draws dropdowns."""

    default_priority = 150
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for node in list(self.document.findall(nodes.admonition)):
            if {DEEPER, "dropdown"} <= set(node["classes"]):
                title, *body = node.children
                node.replace_self(
                    disclosure(nodes.rubric("", "", *title.children), body, classes=[DEEPER])
                )


def connect(app: Sphinx) -> None:
    """Make the role known, and mark what goes deeper."""
    app.add_role("time", Time())
    app.add_post_transform(_Disclose)
    app.connect("doctree-read", _mark_sections, priority=400)
    app.connect("doctree-read", _mark_contents, priority=600)  # after the contents are collected
