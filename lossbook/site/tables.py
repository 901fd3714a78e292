"""Tables that are made of what the losses declare: calls of other libraries, the cheat sheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import lossbook
from lossbook.losses import Loss
from lossbook.losses.coverage import OTHER_NAMES, REASONS

__all__ = [
    "LIBRARIES",
    "TASKS",
    "elsewhere_text",
    "losses",
    "other_names_text",
    "plain",
    "reasons_text",
    "sheet_text",
]

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

    def place(each: Loss) -> tuple[int, str, int]:
        code = each.__wrapped__.__code__
        # Regression begins with what the others are measured by.
        module = each.__module__ if each.__module__ != "lossbook.losses.regression" else ""
        return list(TASKS).index(each.declaration.task), module, code.co_firstlineno

    return tuple(sorted(found, key=place))


def plain(text: str) -> str:
    """Return text so that MyST reads it as it stands."""
    return re.sub(r"([\\`*_\[\]<>$])", r"\\\1", text)


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
