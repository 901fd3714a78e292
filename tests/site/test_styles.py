"""Style sheets: put into one, and without what can match nothing."""

import pytest

from lossbook.site.styles import flatten, prune


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


def test_imports_are_put_in_and_addresses_follow(tmp_path):
    (tmp_path / "theme" / "fonts").mkdir(parents=True)
    (tmp_path / "base.css").write_text('@charset "utf-8"; a { b: url(img/x.png) }')
    (tmp_path / "theme" / "main.css").write_text(
        """@import "../base.css"; @font-face { src: url('fonts/a b.woff2') }
        i { b: url(data:image/png;base64,AA==); c: url("#mark"); d: url(https://a.org/b.png) }"""
    )
    css = flatten(tmp_path / "theme" / "main.css", tmp_path)
    assert "charset" not in css
    assert 'url("img/x.png")' in css
    assert 'url("theme/fonts/a b.woff2")' in css
    for same in ("url(data:image/png;base64,AA==)", 'url("#mark")', "url(https://a.org/b.png)"):
        assert same in css


def test_font_of_icons_is_left_out(tmp_path):
    (tmp_path / "a.css").write_text(
        '@font-face{font-display:block;font-family:"Font Awesome 6 Free"}'
        "@font-face { font-family: Mine }"
    )
    assert flatten(tmp_path / "a.css", tmp_path) == "@font-face { font-family: Mine }"
