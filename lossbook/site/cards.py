"""Pages that are made of what the losses declare: cards, cheat sheet, names in other libraries.

Each is a directive that writes MyST text and has it read, so that formulas, citations and links
are those of every other page. The declarations are the only source.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.statemachine import StringList
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sphinx.util.docutils import SphinxDirective

import lossbook
from lossbook.cards import card
from lossbook.losses import Loss
from lossbook.losses.coverage import OTHER_NAMES, REASONS
from lossbook.site.bibliography import cited

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["TASKS", "connect", "losses", "traits"]

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
    >>> traits(lossbook.huber), traits(lossbook.hinge)
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


def plain(text: str) -> str:
    """Return text so that MyST reads it as it stands."""
    return re.sub(r"([\\`*_\[\]<>$])", r"\\\1", text)


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
    from lossbook.explore import Stage
    from lossbook.figures.card import draw_card

    made = card(loss)
    drawn = _stage(Stage, draw_card).frame({"card": made}, prefix=f"card-{loss.name}-")
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
def _stage(make: Any, draw: Any) -> Any:
    return make(draw)  # one figure for all the cards


def filters() -> Iterator[str]:
    """Write the controls that filter the cards."""
    return _written("loss-filter.md", tasks=TASKS, traits=TRAITS, count=len(losses()))


def table(
    heads: Iterable[str], rows: Iterable[Iterable[str]], look: str = "loss-calls"
) -> Iterator[str]:
    """Write a table in MyST."""
    heads = list(heads)
    yield f"{{.{look}}}"
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        cells = [cell.replace("|", r"\|") for cell in row]
        yield f"| {' | '.join(cells)} |"
    yield ""


def link(name: str) -> str:
    """Return a link to the card of a loss, which may break after an underscore."""
    return f"[{plain(name).replace('_', '_<wbr>')}](card-{name})"


def elsewhere_text() -> Iterator[str]:
    """Write, for each task, which call of each library is which loss, and what differs."""
    for task, heading in TASKS.items():
        yield from (f"### {heading}", "")
        rows = []
        for loss in losses():
            if loss.declaration.task != task:
                continue
            for library in LIBRARIES:
                if there := loss.declaration.elsewhere.get(library):
                    rows.append((link(loss.name), library, f"`{there.call}`", _differs(there)))
        yield from table(("loss", "library", "call there", "what differs"), rows)


def _differs(there: Any) -> str:
    return plain(there.differs) or "nothing"


def other_names_text() -> Iterator[str]:
    """Write the other names that libraries have for the same losses."""
    rows = [
        (library, f"`{name}`", link(ours), plain(differs))
        for (library, name), (ours, differs) in OTHER_NAMES.items()
    ]
    yield from table(("library", "name there", "loss", "what differs"), rows)


def reasons_text() -> Iterator[str]:
    """Write which losses of other libraries are none here, and why."""
    rows = [(library, f"`{name}`", plain(why)) for (library, name), why in REASONS.items()]
    yield from table(("library", "name there", "why there is none here"), rows)


def sheet_text(names: Iterable[str]) -> Iterator[str]:
    """Write one line for each of some losses: formula, derivative, what it estimates, when."""
    rows = []
    for name in names:
        loss = getattr(lossbook, name)
        d = loss.declaration
        rows.append(
            (
                link(name),
                f"${d.formula}$",
                f"${d.derivative}$",
                plain(d.estimates),
                plain(d.use),
            )
        )
    yield from table(("loss", "ℓ", "ℓ′", "estimates", "when to take it"), rows, "loss-sheet")


# Directives


class _Written(SphinxDirective):
    """A directive that writes MyST text, which is read in its place."""

    has_content = True
    write: Callable[[_Written], Iterator[str]]

    def run(self) -> list[nodes.Node]:
        """Read what was written; its headings go on where the page's own stand."""
        place = nodes.Element()
        lines = StringList(list(self.write()), source=f"<{self.name}>")
        self.state.nested_parse(lines, self.content_offset, place, match_titles=True)
        return place.children


def _all_cards(directive: _Written) -> Iterator[str]:
    """Write one card for each loss, under headings for the tasks."""
    files = [Path(directive.env.srcdir, file) for file in directive.config.bibtex_bibfiles]
    for task, heading in TASKS.items():
        yield from (f"## {heading}", "")
        for loss in losses():
            if loss.declaration.task == task:
                source = loss.declaration.source
                yield from card_text(loss, cited(source, files) if source else "")


#: The directives by name, with what writes their text.
DIRECTIVES: dict[str, Callable[[_Written], Iterator[str]]] = {
    "loss-filter": lambda _: filters(),
    "loss-cards": _all_cards,
    "loss-elsewhere": lambda _: elsewhere_text(),
    "loss-other-names": lambda _: other_names_text(),
    "loss-reasons": lambda _: reasons_text(),
    "loss-sheet": lambda directive: sheet_text(" ".join(directive.content).split()),
}


def connect(app: Sphinx) -> None:
    """Add the directives."""
    for name, write in DIRECTIVES.items():
        app.add_directive(name, type(name, (_Written,), {"write": write}))
