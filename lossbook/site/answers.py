"""The form below each exercise, in which a reader of the page gives an answer.

It is made of the same :class:`lossbook.exercises.Exercise` as ``check``; ``answers.js`` judges what
is typed. Without a script there is no form, and the page is as it was.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_exercise.nodes import is_exercise_node

from lossbook.exercises import find
from lossbook.exercises.forms import Part, form

__all__ = ["connect"]

WAYS = "use-this-book"  # a label of the front page


def connect(app: Sphinx) -> None:
    """Put forms below exercises."""
    app.add_post_transform(_Ask)


def _lines(part: Part) -> list[tuple[str, list[str]]]:
    """Return the inputs at which a part is asked, each with the labels of its numbers."""
    grouped = itertools.groupby(part.labels_at, key=lambda pair: pair[0])
    return [(at, [label for _, label in pairs]) for at, pairs in grouped]


class _Ask(SphinxPostTransform):
    """After the exercises are unfolded (:mod:`lossbook.site.exercises`)."""

    default_priority = 160
    formats = ("html",)

    def run(self, **_: Any) -> None:
        root = self.app.builder.get_relative_uri(self.env.docname, self.config.root_doc)
        for node in list(self.document.findall(is_exercise_node)):
            try:
                made = form(find(node["label"].removeprefix("ex-")))
            except ValueError:
                continue  # an exercise that nothing checks
            # "</" would end the script element, wherever it stands.
            data = json.dumps(made.data(), ensure_ascii=False, separators=(",", ":"))
            values = {"form": made, "lines": _lines, "ways": f"{root}#{WAYS}"}
            values["data"] = data.replace("</", "<\\/")
            text = self.app.builder.templates.render("answer.html", values)
            node += nodes.raw("", text, format="html")
