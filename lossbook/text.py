"""How numbers are written, and tables as HTML for objects that show themselves in a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterable

__all__ = ["breakable", "html_table", "number"]

LONG = 14  # from so many characters on, code may break
_LEFT = ' style="text-align: left"'


def number(value: float, spec: str = "g", *, minus: str = "−") -> str:
    """Return a number as text with a true minus sign, and never a negative zero.

    Where readers may want to copy it into code, `minus` is a hyphen.

    Examples
    --------
    >>> number(-1.234), number(-0.001, ".2f"), number(0.00012, ".1g"), number(-3, minus="-")
    ('−1.234', '0.00', '0.0001', '-3')
    """
    text = f"{value:{spec}}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", minus)


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
    words = html.escape(text).split("`")
    if len(words) % 2 == 0:  # the last backquote has no other one
        words[-2:] = ["`".join(words[-2:])]
    words[1::2] = [f"<code>{breakable(code)}</code>" for code in words[1::2]]
    return "".join(words)


def breakable(code: str) -> str:
    """Return code of HTML with the places where a line may end within its long names.

    >>> breakable("optax.huber_loss(y_pred, delta=1.0)")
    'optax.<wbr>huber_<wbr>loss(<wbr>y_<wbr>pred, delta=1.0)'
    >>> breakable("y_pred")
    'y_pred'
    """
    if len(code) < LONG:
        return code
    pairs = zip(code, code[1:] + " ", strict=True)
    return "".join(
        f"{letter}<wbr>" if letter in "._(/" and (after.isalpha() or after in "[&") else letter
        for letter, after in pairs
    )
