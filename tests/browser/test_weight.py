"""What a reader waits for: the bytes of each page, and text that moves while she reads."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

MOST_AT_FIRST, MOST_SCRIPT, MOST_OF_THE_NEXT = 250_000, 60_000, 175_000  # bytes, gzipped
MOST_SHIFT, READINGS = 0.01, 3
COMPRESSED = {".woff", ".png"}  # no server compresses these again
WATCH = """
window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(
    ...list.getEntries().filter((e) => !e.hadRecentInput).map((e) => [e.startTime, e.value,
        e.sources.map((s) => s.node?.outerHTML?.slice(0, 100) ?? s.node?.textContent)])
)).observe({ type: "layout-shift", buffered: true });
"""


def read_to_the_end(page: Page) -> None:
    page.evaluate(
        """async () => {
            await document.fonts.ready;
            const painted = () =>
                new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            for (let y = 0; y < document.body.scrollHeight; y += innerHeight / 2) {
                scrollTo({ top: y, behavior: "instant" });
                await painted();
            }
            await document.fonts.ready;
            await new Promise(requestIdleCallback);
        }"""
    )


class Reading:
    """A page read to its end by somebody who has nothing of the site yet."""

    def __init__(
        self, visit: type, browser: Browser, served: str, site: Path, docname: str
    ) -> None:
        # On a busy machine a font that was loaded ahead can still come a frame late, and words go
        # to another line. That happens now and then; what a page does wrong it does each time.
        for _ in range(READINGS):
            urls, self.shifts = self._read(visit, browser, f"{served}/{docname}.html")
            if self.shift <= MOST_SHIFT:
                break
        self.sizes = {
            path: transferred(site / path)
            for path in {urlsplit(url).path.lstrip("/") for url in urls if url.startswith("http")}
        }

    @property
    def shift(self) -> float:
        return sum(value for _, value, _ in self.shifts)

    @staticmethod
    def _read(visit: type, browser: Browser, url: str) -> tuple[list[str], list]:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        visited = visit(context)
        page = visited.page
        urls: list[str] = []
        page.on("request", lambda request: urls.append(request.url))
        page.add_init_script(WATCH)
        page.goto(url)
        read_to_the_end(page)
        shifts = page.evaluate("window.shifts")
        context.close()
        visited.check()
        return urls, shifts


def transferred(path: Path) -> int:
    """Return the bytes of a file as a server sends it."""
    content = path.read_bytes()
    return len(content) if path.suffix in COMPRESSED else len(gzip.compress(content, 9))


@pytest.fixture(scope="module")
def reading(
    visit_unchecked: type, browser: Browser, served: str, site: Path
) -> Callable[[str], Reading]:
    read: dict[str, Reading] = {}

    def of(docname: str) -> Reading:
        if docname not in read:
            read[docname] = Reading(visit_unchecked, browser, served, site, docname)
        return read[docname]

    return of


def named(sizes: dict[str, int]) -> str:
    return ", ".join(f"{path}: {size}" for path, size in sorted(sizes.items()))


def test_first_visit_is_light(reading: Callable, docname: str) -> None:
    sizes = reading(docname).sizes
    assert f"{docname}.html" in sizes
    assert sum(sizes.values()) <= MOST_AT_FIRST, named(sizes)
    scripts = {path: size for path, size in sizes.items() if path.endswith(".js")}
    assert scripts
    assert sum(scripts.values()) <= MOST_SCRIPT, named(scripts)


def test_next_page_is_light_for_who_has_read_the_front_page(
    reading: Callable, docname: str
) -> None:
    """The fonts of formulas, which the front page has none of, are not counted."""
    known = reading("index").sizes
    fresh = {path: size for path, size in reading(docname).sizes.items() if path not in known}
    own = {path: size for path, size in fresh.items() if "/fonts/" not in path}
    assert sum(own.values()) <= MOST_OF_THE_NEXT, named(own)


def test_nothing_moves_while_a_page_is_read(reading: Callable, docname: str) -> None:
    read = reading(docname)
    assert read.shift <= MOST_SHIFT, read.shifts


def test_shift_is_seen(browser: Browser, served: str) -> None:
    page = browser.new_page()
    page.add_init_script(WATCH)
    page.goto(f"{served}/index.html")
    page.evaluate(
        """document.querySelector("h1").insertAdjacentHTML(
            "beforebegin", "<p>An advertisement.</p>".repeat(9))"""
    )
    page.wait_for_timeout(300)
    assert sum(value for _, value, _ in page.evaluate("window.shifts")) > MOST_SHIFT
    page.close()
