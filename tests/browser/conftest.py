"""A real Chromium on the built site, which is served on loopback and reaches no other host."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import browsing
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'"
)
USUAL = {
    "reduced_motion": "reduce",
    "viewport": {"width": 1000, "height": 900},
    "color_scheme": "light",
}


@pytest.fixture(scope="session")
def served(site: Path) -> Iterator[str]:
    """The address at which the site is served, under a strict Content-Security-Policy."""
    with browsing.serve(site, POLICY) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium. One a module: while it lives, its event loop is in the way of others."""
    with browsing.chromium() as chromium:
        yield chromium


class Visit:
    """A page that a test visits, and what it complained of."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", lambda request: self._on_request(request.url))
        self.page.on("websocket", lambda socket: self._on_request(socket.url))

    def _on_console(self, message: object) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console {message.type}: {message.text}")

    def _on_request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != browsing.LOOPBACK:
            self.strangers.append(url)

    def check(self) -> None:
        """Nothing may have gone wrong since the last check."""
        complaints, strangers = self.complaints[:], self.strangers[:]
        self.complaints.clear()
        self.strangers.clear()
        assert not complaints, complaints
        assert not strangers, f"the page asks another host: {strangers}"


@pytest.fixture(scope="session")
def visit_unchecked() -> type[Visit]:
    """For who calls the checks themselves, or tests them."""
    return Visit


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open an address in a fresh browser context; afterwards, nothing may have gone wrong."""
    visits, contexts = [], []

    def open_page(url: str, **options: object) -> Page:
        contexts.append(browser.new_context(**{"reduced_motion": "reduce", **options}))
        visits.append(Visit(contexts[-1]))
        visits[-1].page.goto(url)
        return visits[-1].page

    yield open_page
    for context in contexts:
        context.close()
    for visited in visits:
        visited.check()


@pytest.fixture(scope="module")
def _opened(browser: Browser) -> Iterator[dict[str, tuple[str, Visit]]]:
    opened: dict[str, tuple[str, Visit]] = {}
    yield opened
    for _, visited in opened.values():
        visited.page.context.close()


@pytest.fixture
def same_page(_opened: dict[str, tuple[str, Visit]], browser: Browser) -> Iterator[Callable]:
    """Return the page at an address as the test before has left it, or opened where it has not.

    For each set of options the page that was used last stays open. A test that changes more than
    it takes back opens one of its own, with `visit`.
    """
    used = []

    def page_at(url: str, *, laid_out: bool = False, **options: object) -> Page:
        options = {**USUAL, **options}
        kind = repr((laid_out, options))
        before, visited = _opened.get(kind, ("", None))
        if before != url:
            if visited:
                visited.page.context.close()
            visited = Visit(browser.new_context(**options))
            _opened[kind] = url, visited
            visited.page.goto(url)
            if laid_out:
                browsing.lay_out(visited.page)
        used.append(visited)
        return visited.page

    yield page_at
    for visited in used:
        visited.check()


# JupyterLab


@pytest.fixture(scope="module")
def lab_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that JupyterLab opens: the chapters, copied, and what a test adds."""
    folder = tmp_path_factory.mktemp("lab") / "chapters"
    shutil.copytree(browsing.ROOT / "chapters", folder, ignore=shutil.ignore_patterns(".*"))
    return folder


@pytest.fixture(scope="module")
def lab(
    lab_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], str]]:
    """Run JupyterLab, and say at which address a notebook opens."""
    with browsing.jupyter_lab(lab_folder, tmp_path_factory.mktemp("home")) as address:
        yield address
