"""What search engines, other sites and a browser's tab show of each page of the built site."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

BOOK = "Loss Functions, Interactively"


@cache
def parsed(page: Path) -> BeautifulSoup:
    """Parse a page once for all tests; a chapter takes seconds."""
    return BeautifulSoup(page.read_text("utf-8"), "html.parser")


@pytest.fixture
def head(site: Path, anypage: str) -> BeautifulSoup:
    return parsed(site / f"{anypage}.html")


def described(page: BeautifulSoup) -> str:
    found = page.select("meta[name=description]")
    assert len(found) == 1
    return found[0]["content"]


def test_page_has_one_heading_one_title_and_a_language(head: BeautifulSoup, anypage: str) -> None:
    assert len(head.select("h1")) == 1
    assert len(head.select("head title")) == 1
    title = head.title.get_text()
    assert title == BOOK if anypage == "index" else title.endswith(f" — {BOOK}")
    assert head.html["lang"] == "en-GB"
    assert len(head.select("meta[name=viewport]")) == 1


def test_page_says_what_it_is_about(head: BeautifulSoup) -> None:
    assert 20 <= len(described(head)) <= 170


def test_no_two_pages_share_a_title_or_a_description(site: Path, docnames: tuple[str, ...]) -> None:
    pages = [parsed(site / f"{name}.html") for name in docnames]
    for what in ([p.title.get_text() for p in pages], [described(p) for p in pages]):
        assert len(set(what)) == len(docnames), sorted(what)


def test_page_has_an_icon_that_is_there(head: BeautifulSoup, site: Path, anypage: str) -> None:
    (icon,) = head.select("link[rel=icon]")
    path = icon["href"].lstrip("/") if anypage == "404" else icon["href"]
    assert ((site / f"{anypage}.html").parent / path).resolve().is_file()


def test_page_can_be_shared(site: Path, docname: str) -> None:
    page = parsed(site / f"{docname}.html")
    named = {m["property"]: m["content"] for m in page.select("meta[property^='og:']")}
    assert named["og:site_name"] == BOOK
    assert named["og:description"] == described(page)
    assert page.title.get_text().startswith(named["og:title"])


def test_without_an_address_no_page_claims_one(head: BeautifulSoup) -> None:
    assert head.select("link[rel=canonical], meta[property='og:url']") == []


@pytest.mark.parametrize("name", ["katex", "scripts"])
def test_licences_are_shipped(site: Path, name: str) -> None:
    texts = [p.read_text("utf-8") for p in (site / "_static" / name).glob("*LICENSE*")]
    assert "MIT" in "".join(texts)
