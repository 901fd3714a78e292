"""The reference: what pages are made of what the losses declare, and of docstrings.

Parts of pages are made of declarations, and of what this build is made with: cards, cheat sheet,
names in other libraries, versions. Each is a directive, and each is a template in MyST of the
directive's name. What is written is read in its place, so that formulas and links are those of
every other page.

In the package's reference a loss, which is an object, is documented as the function that it is
called as.
"""

from __future__ import annotations

import inspect
import platform
import re
from functools import cache
from html import escape
from importlib.metadata import version
from typing import Any

from docutils import nodes
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sphinx.application import Sphinx
from sphinx.ext.autodoc import FunctionDocumenter
from sphinx.util.docutils import SphinxDirective

import lossbook
from lossbook.cards import card
from lossbook.explore import Stage
from lossbook.figures.card import draw_card
from lossbook.losses import Loss, Source
from lossbook.losses.coverage import OTHER_NAMES, REASONS
from lossbook.site.live import about_runtime
from lossbook.site.pages import TEMPLATES

__all__ = ["TASKS", "LossDocumenter", "connect", "initials", "key", "losses", "plain", "written"]

#: The tasks in the order of the pages, with their headings.
TASKS = {
    "regression": "Regression",
    "binary": "Two classes",
    "multi-class": "One of several classes",
    "multi-label": "Several labels at once",
    "distributions": "Between distributions",
    "similarity": "Similarity and order",
}

LIBRARIES = ("PyTorch", "Keras", "optax", "scikit-learn")


@cache
def losses() -> tuple[Loss, ...]:
    """Return every public loss: by task, in the order of their definition."""
    found = [getattr(lossbook, name) for name in lossbook.__all__]
    found = [each for each in found if isinstance(each, Loss)]

    def place(each: Loss) -> tuple[Any, ...]:
        # Regression begins with what the others are measured by.
        module = each.__module__.removesuffix(".regression")
        line = each.__wrapped__.__code__.co_firstlineno
        return list(TASKS).index(each.declaration.task), module, line

    return tuple(sorted(found, key=place))


def plain(text: str) -> str:
    """Return text so that MyST reads it as it stands."""
    return re.sub(r"([\\`*_\[\]<>$])", r"\\\1", text)


def link(name: str) -> str:
    """Return a link to the card of a loss, which may break after an underscore."""
    return f"[{plain(name).replace('_', '_<wbr>')}](card-{name})"


def key(source: Source) -> str:
    """Return the key that a source has in the bibliography: first surname and year.

    >>> key(Source("A. van den Oord, Y. Li and O. Vinyals", 2018, "Representation learning"))
    'oord2018'
    """
    first = source.author.split(",")[0].split(" and ")[0]
    return f"{first.split()[-1]}{source.year}".lower().replace("ø", "o")


@cache
def _stage() -> Stage:
    return Stage(draw_card)  # one figure for all the cards


def curves(loss: Loss) -> str:
    """Return the drawing of a card, with the text that stands for it."""
    drawn = _stage().frame({"card": card(loss)}, prefix=f"card-{loss.name}-")
    label = f'role="img" aria-label="{escape(drawn.caption, quote=True)}"'
    return drawn.svg.replace("<svg ", f'<svg class="card-curves" {label} ', 1)


@cache
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), trim_blocks=True, undefined=StrictUndefined
    )
    filters = (plain, link, key, curves, card, version, inspect.signature)
    made.filters |= {function.__name__: function for function in filters}
    made.filters["cell"] = lambda text: text.replace("|", r"\|")
    made.globals |= {"losses": losses(), "tasks": TASKS, "libraries": LIBRARIES}
    made.globals |= {"lossbook": lossbook, "other_names": OTHER_NAMES, "reasons": REASONS}
    made.globals |= {"python": platform.python_version(), "runtime": about_runtime}
    return made


def written(template: str, **values: Any) -> str:
    """Return what a template makes of the losses and of further values, in MyST."""
    return _templates().get_template(f"{template}.md").render(values)


class Written(SphinxDirective):
    """What the template of the directive's name makes of the lines in its body."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Read what was written; its headings go on where the page's own stand."""
        text = written(self.name, lines=list(self.content))
        return self.parse_text_to_nodes(text, allow_section_headings=True)


class LossDocumenter(FunctionDocumenter):
    """Documents a loss: how it is called, its docstring, and where its card is."""

    objtype = "loss"
    directivetype = "function"
    priority = FunctionDocumenter.priority + 10

    @classmethod
    def can_document_member(cls, member: Any, membername: str, isattr: bool, parent: Any) -> bool:
        """Whether this is a loss."""
        return isinstance(member, Loss)

    def add_content(self, more_content: Any) -> None:
        """Add the docstring, and a link to the card."""
        super().add_content(more_content)
        source = self.get_sourcename()
        self.add_line("", source)
        self.add_line(f"At a glance: :ref:`its card <card-{self.object.name}>`.", source)


def initials(*arguments: Any) -> None:
    """Keep a line that begins with an author's initial from being read as an item of a list."""
    lines = arguments[-1]
    lines[:] = [re.sub(r"^(\s*)(?=[A-Z]\. )", r"\1\\", line) for line in lines]


def connect(app: Sphinx) -> None:
    """Add the directives, and set up autodoc for losses."""
    for template in TEMPLATES.glob("*.md"):
        app.add_directive(template.stem, Written)
    app.add_autodocumenter(LossDocumenter)
    app.connect("autodoc-process-docstring", initials, priority=600)  # after napoleon
