"""What is done to pages when they are finished."""

import re
from types import SimpleNamespace

import pytest

from lossbook.site.head import describe, site_address
from lossbook.site.pages import prune


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".a{x:y}", ".a{x:y}"),
        (".z{x:y}", ""),
        (".a.z{x:y}.a .b{x:y}", ".a .b{x:y}"),
        ("p,.z{x:y}", "p{x:y}"),
        (":not(.z)>p{x:y}", ":not(.z)>p{x:y}"),
        (":is(.a,.z) p{x:y}", ":is(.a,.z) p{x:y}"),
        ("@media print{.z{x:y}}", ""),
        ("@media print{.a{x:y}.z{x:y}}p{x:y}", "@media print{.a{x:y}}p{x:y}"),
        ("/* .a{ */.z{x:y}", ""),
        ('@charset "utf-8";.a{x:y}', '@charset "utf-8";.a{x:y}'),
        ("@keyframes k{0%{x:y}100%{x:z}}", "@keyframes k{0%{x:y}100%{x:z}}"),
        ("@font-face{font-family:Font Awesome 6}", ""),
        ("@font-face{font-family:KaTeX_Main}", "@font-face{font-family:KaTeX_Main}"),
    ],
)
def test_pruning_drops_only_what_can_match_nothing(css, kept):
    assert prune(css, {"a", "b"}) == kept


PAGE = """\
<html><head><title>Chapter &#8212; Old name</title>
<meta name="viewport" content="width=device-width" /></head>
<body><article><h1>Chapter</h1><div><p>Losses &amp; <b>gradients</b> of
<span class="math"><span class="katex"><math><mi>x</mi><annotation>\\x</annotation></math>
<span class="katex-html">x</span></span></span>.</p><p>More.</p></div></article></body></html>
"""


def described(page="a/chapter.html", text=PAGE, address=""):
    return describe(text, page=page, root="../", book="A <Book>", address=address)


def test_title_names_page_and_book():
    assert "<title>Chapter — A &lt;Book&gt;</title>" in described()


def test_title_of_the_front_page_is_the_books_own():
    front = PAGE.replace("Chapter &#8212; Old name", "A &lt;Book&gt; &#8212; A &lt;Book&gt;")
    assert "<title>A &lt;Book&gt;</title>" in described("index.html", front)


def test_description_is_the_first_paragraph_with_its_formulas_once():
    assert '<meta name="description" content="Losses &amp; gradients of x .">' in described()


def test_long_description_ends_at_a_word():
    text = PAGE.replace("<b>gradients</b>", "gradients " * 40)
    found = re.search(r'name="description" content="([^"]*)"', described(text=text))[1]
    assert len(found) <= 170
    assert found.endswith("gradients …")


def test_description_of_the_author_stays():
    own = '<meta content="mine" name="description"></head>'
    assert described(text=PAGE.replace("</head>", own)).count('name="description"') == 1


def test_only_one_viewport_is_left():
    assert described().count('name="viewport"') == 1


def test_absolute_links_need_an_address():
    assert "canonical" not in described()
    assert "og:image" not in described()
    text = described(address="https://example.org/b/")
    assert '<link rel="canonical" href="https://example.org/b/a/chapter.html">' in text
    assert '<meta property="og:image" content="https://example.org/b/_static/social.png">' in text


@pytest.mark.parametrize(
    ("configured", "environment", "address"),
    [
        ("", "", ""),
        ("https://a.org/b", "", "https://a.org/b/"),
        ("", "https://c.org", "https://c.org/"),
        ("https://a.org/", "https://c.org", "https://a.org/"),
    ],
)
def test_address_comes_from_configuration_or_environment(
    monkeypatch, configured, environment, address
):
    monkeypatch.setenv("SITE_URL", environment)
    assert site_address(SimpleNamespace(html_baseurl=configured)) == address


@pytest.mark.parametrize("wrong", ["example.org", "ftp://example.org", "/book"])
def test_address_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match="allowed: http"):
        site_address(SimpleNamespace(html_baseurl=wrong))
