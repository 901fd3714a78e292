"""The built site with its Python, in a real Chromium. `make test-live` runs these; `make test` does
not, since they need the files of Pyodide."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import browsing
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from lossbook.site.live import RUNTIME_VARIABLE

# By name: as a pattern, a folder with brackets in its name would match nothing.
HERE = Path(__file__).parent
collect_ignore = (
    [] if os.environ.get(RUNTIME_VARIABLE) else [p.name for p in HERE.glob("test_*.py")]
)

HOSTING = browsing.ROOT / "use" / "hosting.md"
SECONDS = 1000
LONG = 240 * SECONDS  # a chapter that trains networks, on a machine with other work


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The address of the live site, built as `make live` does, under the documented policy."""
    policies = re.findall(r'Content-Security-Policy "([^"]*)"', HOSTING.read_text("utf-8"))
    (policy,) = [policy for policy in policies if "wasm-unsafe-eval" in policy]
    with browsing.serve(browsing.build(), policy) as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with browsing.chromium() as browser:
        yield browser


class LivePage:
    """A page whose cells run."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cells = page.locator(".cell:has([data-run])")

    def cell(self, number: int) -> Locator:
        return self.cells.nth(number)

    def press(self, name: str) -> None:
        self.page.locator(f"[data-{name}]").click()

    def run(self, number: int, state: str = "done", timeout: float = 180 * SECONDS) -> str:
        """Run a cell and return what it shows."""
        cell = self.cell(number)
        cell.locator("[data-run]").click()
        expect(cell).to_have_attribute("data-state", re.compile("done|error"), timeout=timeout)
        text = self.text(number)
        assert cell.get_attribute("data-state") == state, text
        return text

    def run_all(self) -> None:
        self.press("run-all")
        expect(self.cells.last).to_have_attribute(
            "data-state", re.compile("done|error"), timeout=LONG
        )

    def text(self, number: int) -> str:
        return self.cell(number).locator(".live-output").evaluate("e => e.textContent")

    def write(self, number: int, code: str) -> None:
        """Type another code into a cell."""
        cell = self.cell(number)
        cell.locator("[data-edit]").click()
        cell.locator(".cm-content").wait_for()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(code)

    def try_code(self, code: str, state: str = "done") -> str:
        """Run a code in place of the first cell."""
        self.write(0, code)
        return self.run(0, state)


class Visits:
    """Pages of one browser context, and what went wrong on them."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.context, self.address = context, address
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        self.asked: list[str] = []
        context.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        self.asked.append(url)
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname != browsing.LOOPBACK:
            self.strangers.append(url)

    def __call__(self, path: str) -> LivePage:
        page = self.context.new_page()
        page.set_default_timeout(30 * SECONDS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None,
        )
        page.goto(f"{self.address}/{path}.html")
        return LivePage(page)

    def check(self) -> None:
        assert not self.strangers, f"asked another host: {self.strangers}"
        assert not self.complaints, self.complaints


@pytest.fixture(scope="module")
def visiting(chromium: Browser, address: str) -> Callable[[], contextlib.AbstractContextManager]:
    """Open pages in a fresh browser context; at its end, nothing may have gone wrong."""

    @contextlib.contextmanager
    def fresh() -> Iterator[Visits]:
        context = chromium.new_context(reduced_motion="reduce")
        found = Visits(context, address)
        yield found
        context.close()
        found.check()

    return fresh


@pytest.fixture
def visits(visiting: Callable) -> Iterator[Visits]:
    with visiting() as found:
        yield found
