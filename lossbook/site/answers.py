"""The form below each exercise, in which a reader of the page gives an answer.

It is made of the same :class:`lossbook.exercises.Exercise` as ``check``; ``answers.js`` judges what
is typed. Without a script there is no form, and the page is as it was.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_exercise.nodes import is_exercise_node

from lossbook.exercises import Exercise, find
from lossbook.exercises.forms import Form, Part, form

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["connect", "html"]

WAYS = "use-this-book"  # a label of the front page
MEMORY = "use/memory"  # the page that lists what is remembered


def connect(app: Sphinx) -> None:
    """Put forms below exercises, and bring the script of the pages that show what is remembered."""
    app.add_post_transform(_Ask)
    app.connect("html-page-context", _show_memory)


def _show_memory(app: Sphinx, page: str, *_: Any) -> None:
    if page in (MEMORY, app.config.root_doc):
        app.add_js_file("remembered.js", loading_method="defer")


class _Ask(SphinxPostTransform):
    """After the exercises are unfolded (:mod:`lossbook.site.exercises`)."""

    default_priority = 160
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for node in list(self.document.findall(is_exercise_node)):
            try:
                exercise = find(node["label"].removeprefix("ex-"))
            except ValueError:
                continue  # an exercise that nothing checks
            made = form(exercise)
            root = self.app.builder.get_relative_uri(self.env.docname, self.config.root_doc)
            text = html(made) if made.judges else _elsewhere(f"{root}#{WAYS}")
            node += nodes.raw("", text, format="html")


def _elsewhere(ways: str) -> str:
    return (
        '<p class="answer-elsewhere">There are more right answers than this page can know. '
        f'<a href="{escape(ways)}">With Python</a>, the cell below judges yours.</p>'
    )


def html(made: Form) -> str:
    """Return the form of an exercise: fields, a button, the verdict, and what is right."""
    exercise = made.exercise
    numbers = iter(range(1, 100))
    rows = "\n".join(_part(exercise, part, numbers) for part in made.parts)
    asks = any(part.at for part in made.parts)
    lead = (
        "<p>What does your function give? Three significant digits will do.</p>\n" if asks else ""
    )
    notes = "".join(f"<p>{escape(part.note)}</p>\n" for part in made.parts if part.note)
    # "</" would end the script element, wherever it stands.
    data = json.dumps(made.data(), ensure_ascii=False, separators=(",", ":"))
    data = data.replace("</", "<\\/")
    return (
        f'<form class="answer" data-exercise="{exercise.name}" novalidate autocomplete="off">\n'
        f"{lead}{rows}\n{notes}"
        '<p><button type="submit">Check</button></p>\n'
        '<output aria-live="polite"></output>\n'
        f'<script type="application/json">{data}</script>\n'
        "</form>"
    )


def _part(exercise: Exercise, part: Part, numbers: Iterator[int]) -> str:
    name = part.name or "Your answer"
    if isinstance(part.right, str):
        options = "".join(f"<option>{escape(word)}</option>" for word in exercise.options)
        field = f"{exercise.name}-{next(numbers)}"
        return (
            f'<p class="field"><label for="{field}">{escape(name)}</label> '
            f'<select id="{field}"><option value=""></option>{options}</select></p>'
        )
    if len(part.labels) == 1 and not part.at:
        field = f"{exercise.name}-{next(numbers)}"
        label = f'<label for="{field}">{escape(name)}</label>'
        return f'<p class="field">{label} {_input(field, part)}</p>'
    rows = []
    # One line for each input at which a function is asked; each number has its field and its label.
    for at, labels in itertools.groupby(part.labels_at, key=lambda pair: pair[0]):
        shown = f"<code>{escape(at)}</code>" if at else ""
        several = [label for _, label in labels]
        row = [f"<span>{shown}</span>"] if shown and len(several) > 1 else []
        for label in several:
            field = f"{exercise.name}-{next(numbers)}"
            hidden = ' class="visually-hidden"' if len(several) > 1 else ""
            text = ", ".join(filter(None, (shown, label)))
            row.append(f'<label{hidden} for="{field}">{text}</label> {_input(field, part)}')
        rows.append(f'<p class="field">{" ".join(row)}</p>')
    fields = "\n".join(rows)
    return f"<fieldset><legend>{escape(name)}</legend>\n{fields}\n</fieldset>"


def _input(field: str, part: Part) -> str:
    # Keypads for decimals have no sign on some phones.
    positive = isinstance(part.right, tuple) and not part.at and min(part.right) > 0
    keypad = "decimal" if positive else "text"
    return f'<input id="{field}" inputmode="{keypad}" autocapitalize="off" spellcheck="false">'
