"""Exercises and solutions of sphinx-exercise, as a page without script needs them.

sphinx-exercise hides a solution with a script and gives all of them the same ids. Here a solution
of the class ``dropdown`` becomes a native disclosure, that of sphinx-design's ``{dropdown}``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_design.dropdown import dropdown_main
from sphinx_design.shared import create_component
from sphinx_exercise.nodes import is_exercise_node, is_solution_node

__all__ = ["connect", "disclosure"]


def disclosure(
    heading: nodes.rubric, body: Sequence[nodes.Node], *, classes: list[str]
) -> nodes.container:
    """Return what sphinx-design draws as a native disclosure."""
    dropdown = create_component(
        "dropdown",
        opened=False,
        type="dropdown",
        has_title=True,
        icon=None,
        chevron=None,
        container_classes=classes,
        title_classes=[],
        body_classes=[],
    )
    dropdown += heading
    dropdown.extend(body)
    return dropdown


def connect(app: Sphinx) -> None:
    """Unfold what sphinx-exercise makes."""
    app.add_post_transform(_Disclose)
    app.add_post_transform(_NameBefore)


class _Disclose(SphinxPostTransform):
    """After sphinx-exercise has settled the titles, and before sphinx-design draws dropdowns."""

    default_priority = 150
    formats = ("html",)

    def run(self, **_: Any) -> None:
        titles = {}
        for node in list(self.document.findall(is_exercise_node)):
            title, section = node.children
            titles[node["label"]] = title.astext()
            node.children = [title]
            node.extend(section.children)
        for node in list(self.document.findall(is_solution_node)):
            title, section = node.children
            if "dropdown" not in node["classes"]:
                node.children = [title]
                node.extend(section.children)
                continue
            # Headed by the exercise's title too, for those who jump from one to the next.
            target = node["target_label"]
            name = nodes.inline("", classes=["visually-hidden"])
            name += nodes.Text(f" to {titles[target]}")
            heading = nodes.rubric("", "", *title.children, name, ids=[f"{target}-solution"])
            node.replace_self(disclosure(heading, section.children, classes=["solution"]))


class _NameBefore(SphinxPostTransform):
    """Put all names of a disclosure but the first before it: docutils would before its title."""

    default_priority = 300  # after sphinx-design
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for node in list(self.document.findall(dropdown_main)):
            if others := node["ids"][1:]:
                del node["ids"][1:]
                place = node.parent.index(node)
                node.parent.insert(place, [nodes.target(ids=[name]) for name in others])
