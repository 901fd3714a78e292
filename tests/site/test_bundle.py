"""What every page loads: put into one, and without what can match nothing."""

import gzip
from pathlib import Path

import pytest

from lossbook.site import bundle
from lossbook.site.bundle import prune


def test_answers_and_what_remembers_them_are_light():
    assets = Path(bundle.__file__).parent / "assets"
    scripts = b"".join((assets / name).read_bytes() for name in ("answers.js", "memory.js"))
    assert len(gzip.compress(scripts, 9)) <= 6_000


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".a{x:y}", ".a{x:y}"),
        (".z{x:y}", ""),
        (".a.z{x:y}.a .b{x:y}", ".a .b{x:y}"),
        ("p,.z{x:y}", "p{x:y}"),
        (":not(.z)>p{x:y}", ":not(.z)>p{x:y}"),
        (":is(.a,.z) p{x:y}", ":is(.a,.z) p{x:y}"),
        ('[data-x=".z,.z"]{x:y}', '[data-x=".z,.z"]{x:y}'),
        ("@media print{.z{x:y}}", ""),
        ("@media print{.a{x:y}.z{x:y}}p{x:y}", "@media print{.a{x:y}}p{x:y}"),
        (
            "@media screen{@supports (x:y){.a{x:y}.z{x:y}}}",
            "@media screen{@supports (x:y){.a{x:y}}}",
        ),
        ("/* .a{ */.z{x:y}", ""),
        ('.a{x:"}"}', '.a{x:"}"}'),
        (r".a\:b{x:y}", ""),
        ("@keyframes k{0%{x:y}100%{x:z}}", "@keyframes k{0%{x:y}100%{x:z}}"),
        ("@font-face{font-family:KaTeX_Main}", "@font-face {font-family:KaTeX_Main}"),
    ],
)
def test_pruning_drops_only_what_can_match_nothing(css, kept):
    assert prune(css, {"a", "b"}) == kept


def test_what_is_no_style_sheet_is_refused():
    with pytest.raises(ValueError, match="no style sheet"):
        prune("a{x:y}}", set())


def test_sheet_that_imports_another_is_refused():
    with pytest.raises(ValueError, match="line 1: it imports another"):
        prune("@import 'more.css';", set())


def test_font_of_icons_is_left_out():
    css = '@font-face{font-display:block;font-family:"Font Awesome 6 Free"}@font-face{src:url(a)}'
    assert prune(css, set()) == "@font-face {src:url(a)}"


def test_what_stands_beside_an_icon_of_that_font_stays():
    css = '@media print{a{x:y}i{font-family:"Font Awesome 6 Free"}}'
    assert prune(css, set()).startswith("@media print{a{x:y}")
