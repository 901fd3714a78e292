"""The fonts of formulas, cut down to what the book's formulas are made of.

All formulas are typeset while the site is built, so it is known which characters they need. KaTeX's
fonts hold some hundreds each, and whoever opens a first chapter waits for five of them.
"""

from __future__ import annotations

import logging
from html import unescape
from pathlib import Path

from sphinx.application import Sphinx

from lossbook.site import WRITTEN
from lossbook.site.mathematics import STYLES

__all__ = ["characters", "connect", "cut"]

FONTS = Path("katex", "fonts")
#: The letters of quantities have a font of their own.
_ITALIC, _ITALIC_CLASS = "KaTeX_Math-Italic", "mathnormal"


def characters(page: str) -> tuple[set[str], set[str]]:
    r"""Return the italic letters of a page's formulas, and all other characters of them.

    >>> from lossbook.site.mathematics import typeset
    >>> italic, others = characters(typeset(r"\log x + 1"))
    >>> sorted(italic), sorted(others - {"\u200b"})
    (['x'], ['+', '1', 'g', 'l', 'o'])
    """
    italic: set[str] = set()
    others: set[str] = set()
    within: list[str] = []  # the spans around a text, from that of a formula on
    for piece in page.split("<"):
        tag, _, text = piece.partition(">")
        if tag == "/span" and within:
            within.pop()
        elif tag.startswith("span") and (within or 'class="katex-html"' in tag):
            within.append(tag)
        if within:
            kind = italic if _ITALIC_CLASS in within[-1] else others
            kind.update(unescape(text))
    return italic, others


def cut(font: Path, target: Path, letters: set[str]) -> None:
    """Write a font that has the given characters and no others."""
    from fontTools import subset  # takes its time, and most builds of an author write no page

    options = subset.Options(flavor="woff", hinting=False)
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # it warns of the dates in these fonts
    with subset.load_font(str(font), options) as loaded:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=map(ord, letters))
        cutter.subset(loaded)
        subset.save_font(loaded, str(target), options)


def _cut_all(app: Sphinx) -> None:
    pages = Path(app.outdir).rglob("*.html")
    found = [characters(page.read_text("utf-8")) for page in pages]
    italic, others = (set().union(*letters) for letters in zip(*found, strict=True))
    for font in sorted((STYLES / FONTS).glob("*.woff")):
        letters = italic if font.stem == _ITALIC else others
        cut(font, Path(app.outdir, "_static", FONTS, font.name), letters)


def connect(app: Sphinx) -> None:
    """Cut the fonts down when all pages are there."""
    app.connect(WRITTEN, _cut_all)
