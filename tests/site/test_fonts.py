"""The fonts of formulas."""

import pytest
from fontTools.ttLib import TTFont

from lossbook.site.fonts import FONTS, characters, cut
from lossbook.site.mathematics import STYLES, typeset

MAIN = STYLES / FONTS / "KaTeX_Main-Regular.woff"


def known(font):
    with TTFont(font) as loaded:
        return set(loaded.getBestCmap() or ())


def test_letters_of_quantities_are_told_from_the_rest():
    formulas = typeset(r"\hat y = \mathbf{w} x"), typeset(r"\log 2")
    page = "<p>Prose {} and {} more.</p>".format(*formulas)
    italic, others = characters(page)
    assert italic == {"y", "x"}
    assert set("=^wlog2") <= others
    assert not set("Prsmx") & others


def test_text_beside_formulas_belongs_to_none():
    assert characters('<p><span class="a">no formula</span></p>') == (set(), set())


@pytest.mark.parametrize("letters", ["", "abc−", "θ…ab"])
def test_cut_font_has_what_is_asked_for_and_no_more(tmp_path, letters):
    whole = known(MAIN)
    cut(MAIN, tmp_path / "cut.woff", set(letters))
    assert known(tmp_path / "cut.woff") == whole & set(map(ord, letters))
    assert (tmp_path / "cut.woff").stat().st_size < MAIN.stat().st_size / 5


def test_cut_font_is_the_same_each_time(tmp_path):
    for name in ("one", "other"):
        cut(MAIN, tmp_path / name, set("abc"))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
