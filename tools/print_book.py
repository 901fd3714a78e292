"""Print the built site as one PDF: title, contents with page numbers, chapters, solutions.

    make pdf
    python tools/print_book.py [SITE [PDF]]

Chromium prints. The figures stand at their default position, formulas are text, headings are the
outline, and links within the book lead to the page where their target is printed. Solutions and
answers, hidden on the site until asked for, stand at the end.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from pathlib import Path

import browsing
from playwright.sync_api import Page
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject
from sphinx_external_toc.parsing import parse_toc_yaml

ROOT = Path(__file__).parent.parent
NAME = "loss-functions-interactively.pdf"
ASSEMBLE = (Path(__file__).parent / "print_book.js").read_text("utf-8")
MOST_PRINTINGS = 4
STYLE = """
@page { size: A4; margin: 18mm 20mm 20mm; }
html { font-size: 10.5pt; }
body { padding: 0; }
h1 { break-before: page; margin-top: 0; }
h1, h2, h3, h4 { break-after: avoid; }
.title-page { padding-top: 40vh; text-align: center; }
.title-page .title { font-size: 30pt; font-weight: 650; }
.contents-page { break-before: page; }
.contents-page h1 { break-before: auto; }
.contents-page ol { padding: 0; list-style: none; }
.contents-page ol ol { padding-left: 1.5em; font-size: 0.95em; }
.contents-page li { display: flex; flex-wrap: wrap; align-items: baseline; margin: 0.15em 0; }
.contents-page li > ol { flex-basis: 100%; }
.contents-page a { color: inherit; text-decoration: none; }
.contents-page .dots { flex: 1; margin: 0 0.4em; border-bottom: 1px dotted #63686f; }
.contents-page .number { min-width: 2em; text-align: right; font-variant-numeric: tabular-nums; }
article, section#solutions { padding: 0 !important; }
.bd-article pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.bd-article div.math, .bd-article pre { overflow: visible; }
details > summary { list-style: none; }
.sd-summary-state-marker, .copybtn { display: none !important; }
"""
FOOTER = (
    '<p style="width: 100%; margin: 0; text-align: center; font: 8pt sans-serif; color: #63686f">'
    '<span class="pageNumber"></span></p>'
)


def pages_of_the_book(site: Path) -> list[str]:
    """Return the pages in the order of the table of contents, as paths within the site."""
    pages = (f"{name}.html" for name in parse_toc_yaml(ROOT / "_toc.yml"))
    return [page for page in pages if (site / page).is_file()]


def print_book(site: Path, target: Path) -> int:
    """Print a built site and return how many pages the PDF has.

    Raises
    ------
    FileNotFoundError
        If `site` holds no ``index.html``.
    """
    if not (site / "index.html").is_file():
        raise FileNotFoundError(f"{site} holds no index.html: `make book` builds the site")
    pages = pages_of_the_book(site)
    with browsing.serve(site) as address, browsing.chromium() as chromium:
        page = chromium.new_page(color_scheme="light")
        # The numbers in the contents are known when the book has been printed with others.
        numbers: dict[str, int] = {}
        for _ in range(MOST_PRINTINGS):
            pdf, headings = _print(page, address, pages, numbers)
            before, numbers = numbers, _numbers(pdf)
            if numbers == before:
                break
        else:
            raise RuntimeError(f"after {MOST_PRINTINGS} printings, page numbers still change")
        title = page.title()
    printed = PdfWriter(clone_from=io.BytesIO(pdf))
    printed.metadata = {"/Title": title, "/Author": f"The authors of {title}"}
    _rename_outline(printed, headings)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    printed.write(partial)
    partial.replace(target)  # an interrupted run leaves no half a book under the name
    return len(printed.pages)


def _print(
    page: Page, address: str, pages: list[str], numbers: dict[str, int]
) -> tuple[bytes, list[str]]:
    """Return the PDF as Chromium makes it, and the book's headings."""
    page.goto(f"{address}/index.html")
    title = page.title()
    page.add_style_tag(content=STYLE)
    headings = page.evaluate(ASSEMBLE, {"title": title, "pages": pages, "numbers": numbers})
    pdf = page.pdf(
        prefer_css_page_size=True,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOTER,
        outline=True,
        tagged=True,
        print_background=True,
    )
    return pdf, headings


def _rename_outline(printed: PdfWriter, headings: list[str]) -> None:
    """Write headings into the outline, where Chromium doubles those that it broke before.

    Raises
    ------
    RuntimeError
        If the outline has another number of entries than the book has headings.
    """

    def entries(parent: DictionaryObject) -> Iterator[DictionaryObject]:
        entry = parent.get("/First")
        while entry:
            entry = entry.get_object()
            yield entry
            yield from entries(entry)
            entry = entry.get("/Next")

    found = list(entries(printed.root_object["/Outlines"].get_object()))
    if len(found) != len(headings):
        raise RuntimeError(f"{len(headings)} headings, but the outline has {len(found)} entries")
    for entry, heading in zip(found, headings, strict=True):
        entry[NameObject("/Title")] = TextStringObject(heading)


def _numbers(pdf: bytes) -> dict[str, int]:
    """Return the page, counted from 1, on which each target of a link stands."""
    reader = PdfReader(io.BytesIO(pdf))
    return {
        name.removeprefix("/"): reader.get_destination_page_number(destination) + 1
        for name, destination in reader.named_destinations.items()
    }


def main() -> None:
    """Print the book."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("site", nargs="?", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("pdf", nargs="?", type=Path, default=ROOT / "_build" / "pdf" / NAME)
    options = parser.parse_args()
    try:
        count = print_book(options.site, options.pdf)
    except FileNotFoundError as error:
        parser.exit(1, f"{error}\n")
    print(f"{options.pdf}: {count} pages, {options.pdf.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
