"""Parts of pages that are made of what the losses declare, and of what this build is made with.

Each is a directive, and each is a template in MyST of the directive's name: cards, cheat sheet,
names in other libraries, versions. What is written is read in its place, so that formulas,
citations and links are those of every other page.
"""

from __future__ import annotations

import inspect
import platform
import re
from functools import cache
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from docutils import nodes
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import lossbook
from lossbook.cards import card
from lossbook.explore import Stage
from lossbook.figures.card import draw_card
from lossbook.losses import Loss, Source
from lossbook.losses.coverage import OTHER_NAMES, REASONS
from lossbook.site.live import about_runtime

__all__ = ["LIBRARIES", "TASKS", "TRAITS", "connect", "key", "losses", "plain", "traits", "written"]

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

#: What the cards can be filtered by, besides the task, with the words for it.
TRAITS = {
    "convex": "convex",
    "bounded": "bounded derivative",
    "smooth": "no kink",
    "likelihood": "is a likelihood",
}

TEMPLATES = Path(__file__).parent / "templates"


@cache
def losses() -> tuple[Loss, ...]:
    """Return every public loss: by task, in the order of their definition."""
    found = [getattr(lossbook, name) for name in lossbook.__all__]
    found = [each for each in found if isinstance(each, Loss)]

    def place(each: Loss) -> tuple[int, str, int]:
        code = each.__wrapped__.__code__
        # Regression begins with what the others are measured by.
        module = each.__module__ if each.__module__ != "lossbook.losses.regression" else ""
        return list(TASKS).index(each.declaration.task), module, code.co_firstlineno

    return tuple(sorted(found, key=place))


def traits(loss: Loss) -> list[str]:
    """Return which of :data:`TRAITS` a loss has, with its default parameters.

    Examples
    --------
    >>> from lossbook import hinge, huber
    >>> traits(huber), traits(hinge)
    (['convex', 'bounded', 'smooth', 'likelihood'], ['convex', 'bounded'])
    """
    bound = loss.gradient_bound
    has = {
        "convex": bool(loss.convex),
        "bounded": bound is not None and bound < float("inf"),
        "smooth": not loss.kinks and loss.declaration.kink_distance is None,
        "likelihood": bool(loss.declaration.noise_model),
    }
    return [trait for trait in TRAITS if has[trait]]


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
    made.filters |= {"plain": plain, "link": link, "key": key, "curves": curves, "card": card}
    made.filters |= {"traits": traits, "version": version, "signature": inspect.signature}
    made.filters["cell"] = lambda text: text.replace("|", r"\|")
    made.globals |= {"losses": losses(), "tasks": TASKS, "traits": TRAITS, "libraries": LIBRARIES}
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


def connect(app: Sphinx) -> None:
    """Add the directives."""
    for template in TEMPLATES.glob("*.md"):
        app.add_directive(template.stem, Written)
