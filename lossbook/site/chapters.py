"""What the page of a chapter has beside its text: marks of what can be skipped, and forms.

A section that can be skipped begins with a markdown cell that has the tag ``deeper``. It gets that
class, and so does the link to it in the page's contents; ``book.css`` says how both look.

The form below each exercise is made of the same :class:`lossbook.exercises.Exercise` as ``check``;
``answers.js`` judges what is typed. Without a script there is no form, and the page is as it was.
"""

from __future__ import annotations

import json
from typing import Any

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_exercise.nodes import is_exercise_node

from lossbook.exercises import find
from lossbook.exercises.forms import form

__all__ = ["WAYS", "connect"]

DEEPER = "deeper"
CELL = 10_000  # MyST-NB counts the lines of a notebook's cells from multiples of this
WAYS = "use-this-book"  # a label of the front page


def _mark_sections(app: Sphinx, tree: nodes.document) -> None:
    path = app.env.doc2path(app.env.docname)
    if not path.endswith(".ipynb"):
        return
    cells = nbformat.read(path, as_version=4).cells
    tagged = {i for i, cell in enumerate(cells) if DEEPER in cell.metadata.get("tags", [])}
    links = {
        link["anchorname"].removeprefix("#"): link
        for link in app.env.tocs[app.env.docname].findall(nodes.reference)
    }
    for section in tree.findall(nodes.section):
        cell = (section.line or 0) // CELL - 1
        if cell in tagged:
            tagged.remove(cell)  # its first section; others of the cell are within
            section["classes"].append(DEEPER)
            for name in links.keys() & set(section["ids"]):
                links[name]["classes"].append(DEEPER)


class _Ask(SphinxPostTransform):
    """After sphinx-exercise has settled the titles."""

    default_priority = 160
    formats = ("html",)

    def run(self, **_: Any) -> None:
        root = self.app.builder.get_relative_uri(self.env.docname, self.config.root_doc)
        for node in list(self.document.findall(is_exercise_node)):
            # sphinx-exercise wraps what it says into a section, with the same id in all of them.
            title, section = node.children
            node.children = [title]
            node.extend(section.children)
            try:
                made = form(find(node["label"].removeprefix("ex-")))
            except ValueError:
                continue  # an exercise that nothing checks
            # "</" would end the script element, wherever it stands.
            data = json.dumps(made.data(), ensure_ascii=False, separators=(",", ":"))
            values = {"form": made, "ways": f"{root}#{WAYS}", "data": data.replace("</", "<\\/")}
            text = self.app.builder.templates.render("answer.html", values)
            node += nodes.raw("", text, format="html")


def connect(app: Sphinx) -> None:
    """Mark sections while pages are read, and put forms below exercises."""
    app.connect("doctree-read", _mark_sections, priority=600)  # after the contents are collected
    app.add_post_transform(_Ask)
