"""A table as HTML, for objects that show themselves in a notebook."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

_LEFT = ' style="text-align: left"'


def html_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table; the first cell of each row is its heading, and `code` is set as code.

    >>> table = html_table(("what", "answer"), [("loss", "`huber`, p < 1")])
    >>> print(table.replace(' style="text-align: left"', ""))
    <table class="dataframe">
    <thead><tr><th scope="col">what</th><th scope="col">answer</th></tr></thead>
    <tbody>
    <tr><th scope="row">loss</th><td><code>huber</code>, p &lt; 1</td></tr>
    </tbody>
    </table>
    """
    # The class that themes know, also dark ones; JupyterLab aligns right unless a cell says not to.
    lines = [
        '<table class="dataframe">',
        f"<thead><tr>{''.join(map(_column, head))}</tr></thead>",
        "<tbody>",
    ]
    for heading, *cells in rows:
        data = "".join(f"<td{_LEFT}>{_marked(cell)}</td>" for cell in cells)
        lines.append(f'<tr><th scope="row"{_LEFT}>{_marked(heading)}</th>{data}</tr>')
    return "\n".join([*lines, "</tbody>", "</table>"])


def _column(name: str) -> str:
    return f'<th scope="col"{_LEFT}>{_marked(name)}</th>'


def _marked(text: str) -> str:
    """Escape a text; what stands between backquotes is code."""
    return re.sub("`(.+?)`", r"<code>\1</code>", html.escape(text))
