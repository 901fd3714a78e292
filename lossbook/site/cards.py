"""Pages that are made of what the losses declare: cards, cheat sheet, names in other libraries.

Each is a directive that writes MyST text and has it read, so that formulas, citations and links
are those of every other page. The declarations are the only source.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sphinx.util.docutils import SphinxDirective

from lossbook.cards import card
from lossbook.explore import Stage
from lossbook.figures.card import draw_card
from lossbook.losses import Loss
from lossbook.site import tables
from lossbook.site.bibliography import cited
from lossbook.site.tables import LIBRARIES, TASKS, losses, plain

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

__all__ = ["TRAITS", "card_text", "connect", "traits"]

#: What the cards can be filtered by, besides the task, with the words for it.
TRAITS = {
    "convex": "convex",
    "bounded": "bounded derivative",
    "smooth": "no kink",
    "likelihood": "is a likelihood",
}


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


def signature(loss: Loss) -> str:
    """Return how a loss is called: ``huber(y_true, y_pred, *, delta=1.0)``."""
    return f"{loss.name}{inspect.signature(loss.__wrapped__)}"


# Text of the pages


@cache
def _templates() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent / "templates")
    made = Environment(loader=loader, trim_blocks=True, undefined=StrictUndefined)
    made.filters["plain"] = plain
    return made


def _written(template: str, **values: Any) -> Iterator[str]:
    yield from _templates().get_template(template).render(values).splitlines()


def card_text(loss: Loss, source: str = "") -> Iterator[str]:
    """Write the card of a loss, whose source has the key `source` in the bibliography."""
    made = card(loss)
    drawn = _stage().frame({"card": made}, prefix=f"card-{loss.name}-")
    label = f'role="img" aria-label="{escape(drawn.caption, quote=True)}"'
    facts = {k: plain(v) for k, v in made.facts.items() if k not in ("task", "use", "source")}
    if source:
        facts["source"] = f"{{cite:t}}`{source}`"
    for library in LIBRARIES:
        if there := loss.declaration.elsewhere.get(library):
            facts[library] = f"`{there.call}`{'; ' if there.differs else ''}{plain(there.differs)}"
    yield from _written(
        "loss-card.md",
        loss=loss,
        traits=traits(loss),
        signature=signature(loss),
        use=made.facts.get("use", ""),
        equations=made.equations,
        svg=drawn.svg.replace("<svg ", f'<svg class="card-curves" {label} ', 1),
        facts=facts,
    )


@cache
def _stage() -> Stage:
    return Stage(draw_card)  # one figure for all the cards


def filters() -> Iterator[str]:
    """Write the controls that filter the cards."""
    return _written("loss-filter.md", tasks=TASKS, traits=TRAITS, count=len(losses()))


# Directives


class _Written(SphinxDirective):
    """A directive that writes MyST text, which is read in its place."""

    has_content = True
    write: Callable[[_Written], Iterator[str]]

    def run(self) -> list[nodes.Node]:
        """Read what was written; its headings go on where the page's own stand."""
        return self.parse_text_to_nodes("\n".join(self.write()), allow_section_headings=True)


def _all_cards(directive: _Written) -> Iterator[str]:
    """Write one card for each loss, under headings for the tasks."""
    files = [Path(directive.env.srcdir, file) for file in directive.config.bibtex_bibfiles]
    for task, heading in TASKS.items():
        yield from (f"## {heading}", "")
        for loss in losses():
            if loss.declaration.task == task:
                source = loss.declaration.source
                yield from card_text(loss, cited(source, files) if source else "")


#: What pages have of their own, besides the bundle.
ASSETS = {
    "reference/loss-cards": ("cards.css", "cards.js"),
    "reference/cheat-sheet": ("sheet.css",),
}

#: The directives by name, with what writes their text.
DIRECTIVES: dict[str, Callable[[_Written], Iterator[str]]] = {
    "loss-filter": lambda _: filters(),
    "loss-cards": _all_cards,
    "loss-elsewhere": lambda _: tables.elsewhere_text(),
    "loss-other-names": lambda _: tables.other_names_text(),
    "loss-reasons": lambda _: tables.reasons_text(),
    "loss-sheet": lambda directive: tables.sheet_text(" ".join(directive.content).split()),
}


def connect(app: Sphinx) -> None:
    """Add the directives, and to some of their pages styles and a script."""
    app.connect("html-page-context", _add_assets)
    for name, write in DIRECTIVES.items():
        app.add_directive(name, type(name, (_Written,), {"write": write}))


def _add_assets(app: Sphinx, page: str, *_: Any) -> None:
    for name in ASSETS.get(page, ()):
        if name.endswith(".js"):
            app.add_js_file(name, loading_method="defer")
        else:
            app.add_css_file(name, priority=900)
