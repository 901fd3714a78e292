"""The book on paper: one PDF of some of its pages, and a chapter printed from the browser."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from copy import copy
from functools import cache
from pathlib import Path

import print_book
import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader
from pypdf.generic import Destination

# A page of each kind, in the book's order. `make pdf` prints all, and fails where they do not fit.
CHAPTER = "chapters/03-regression-losses"
WITH_PLAY_BUTTONS = "chapters/02-training-loop"
PRINTED = ("index", CHAPTER, "reference/glossary", "reference/bibliography", "use/teaching")
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl"})


def squeezed(text: str) -> str:
    """Return a text without its spaces, which a PDF does not keep, and with letters one by one."""
    return re.sub(r"\s", "", text).translate(LIGATURES)


@cache
def soup(site: Path, docname: str) -> BeautifulSoup:
    return BeautifulSoup((site / f"{docname}.html").read_text("utf-8"), "html.parser")


def title_of(page: BeautifulSoup) -> str:
    heading = copy(page.select_one("article h1"))
    for formula in heading.select(".katex-html, annotation, a.headerlink"):
        formula.decompose()
    return " ".join(heading.get_text().split())


@pytest.fixture(scope="module")
def pdf(site: Path, tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    book = tmp_path_factory.mktemp("book")
    for path in ("_static", *(f"{name}.html" for name in PRINTED)):
        (book / path).parent.mkdir(exist_ok=True)
        (book / path).symlink_to(site / path)
    target = tmp_path_factory.mktemp("pdf") / "deeper" / "book.pdf"
    count = print_book.print_book(book, target)
    reader = PdfReader(target)
    assert len(reader.pages) == count
    assert [path.name for path in target.parent.iterdir()] == ["book.pdf"]
    return reader


@pytest.fixture(scope="module")
def texts(pdf: PdfReader) -> list[str]:
    """The text of each page, without spaces."""
    return [squeezed(page.extract_text()) for page in pdf.pages]


@pytest.fixture(scope="module")
def chapters(pdf: PdfReader) -> dict[str, int]:
    """The entries of the outline's first level, with the number of their page."""
    return {
        entry.title: pdf.get_destination_page_number(entry)
        for entry in pdf.outline
        if isinstance(entry, Destination)
    }


def test_every_page_of_the_book_is_printed_in_its_order(
    site: Path, docnames: tuple[str, ...]
) -> None:
    assert print_book.pages_of_the_book(site) == [f"{name}.html" for name in docnames]


def test_outline_has_every_page_in_the_order_of_the_book(
    chapters: dict[str, int], site: Path
) -> None:
    titles = [title_of(soup(site, name)) for name in PRINTED]
    assert list(chapters) == ["Contents", *titles, "Solutions"]
    assert list(chapters.values()) == sorted(chapters.values())


def test_contents_name_the_page_where_each_chapter_begins(
    chapters: dict[str, int], texts: list[str]
) -> None:
    contents = "".join(texts[chapters["Contents"] : list(chapters.values())[1]])
    for title, page in list(chapters.items())[1:]:
        assert f"{squeezed(title)}{page + 1}" in contents
        assert texts[page].startswith(squeezed(title))


def test_figures_stand_in_the_pdf_at_their_default_position(
    texts: list[str], figures_on: Callable
) -> None:
    text = "".join(texts)
    missing = [
        str(figure)
        for docname in PRINTED
        for figure in figures_on(docname)
        if squeezed(figure.frame(figure.grid.default).caption) not in text
    ]
    assert missing == []


def test_formulas_are_text_in_the_pdf(texts: list[str], chapters: dict[str, int]) -> None:
    chapter = "".join(texts[chapters["Regression losses"] :])
    assert "𝑟" in chapter or "r=" in chapter
    assert re.search(r"[ℓ𝜓ψ]", chapter)
    assert "\\frac" not in chapter


def test_solutions_stand_at_the_end_and_only_there(
    texts: list[str], chapters: dict[str, int], site: Path
) -> None:
    before, after = (
        "".join(part) for part in (texts[: chapters["Solutions"]], texts[chapters["Solutions"] :])
    )
    codes = [s.select_one("pre") for s in soup(site, CHAPTER).select("details.solution")]
    lines = [squeezed(code.get_text().strip().splitlines()[-1]) for code in codes if code]
    long = [line for line in lines if len(line) > 20]
    assert len(long) >= 3
    for line in long:
        assert line in after
        assert line not in before


def test_links_within_the_book_stay_within_the_pdf(pdf: PdfReader) -> None:
    links = [
        annotation.get_object()
        for page in pdf.pages
        for annotation in page.get("/Annots", [])
        if annotation.get_object().get("/Subtype") == "/Link"
    ]
    addresses = [link["/A"]["/URI"] for link in links if "/URI" in link.get("/A", {})]
    assert len(links) > len(addresses)
    assert not [a for a in addresses if not a.startswith(("https://", "mailto:"))], addresses


def test_pdf_says_what_it_is(pdf: PdfReader) -> None:
    assert pdf.metadata.title == "Loss Functions, Interactively"
    assert pdf.root_object["/Lang"] == "en-GB"
    assert pdf.root_object["/MarkInfo"]["/Marked"]


def test_site_that_is_not_there_is_a_clear_failure(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="`make book` builds the site"):
        print_book.print_book(tmp_path, tmp_path / "book.pdf")


def test_chapter_prints_from_the_browser_with_its_figures_and_formulas(
    visit: Callable, served: str, figures_on: Callable
) -> None:
    page = visit(f"{served}/{WITH_PLAY_BUTTONS}.html")
    reader = PdfReader(io.BytesIO(page.pdf(format="A4")))
    text = "".join(squeezed(p.extract_text()) for p in reader.pages)
    for figure in figures_on(WITH_PLAY_BUTTONS):
        assert squeezed(figure.frame(figure.grid.default).caption) in text
    assert "Skiptomaincontent" not in text
    assert re.search(r"[ℓ𝑦]", text)
