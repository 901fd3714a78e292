"""The book in a browser, for tests and benchmarks: build it, serve it, run JupyterLab, Chromium.

All stays on this machine: servers listen on loopback, and Chromium resolves no name.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shlex
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import find_chromium
from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
LOOPBACK = "127.0.0.1"
CHROMIUM = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--no-first-run",
    "--font-render-hinting=none",  # as in a Chromium with windows
    # A toolbar that nobody sees costs more than most pages do, and to offer a translation Chromium
    # lays out what a page leaves for later. (This takes the place of Playwright's own list.)
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,"
    "AutofillServerCommunication,HttpsUpgrades,PaintHolding,"
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,PreloadTopChromeWebUI",
    # Every name is unknown: whatever a page asks another host for fails, and is seen.
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}",
]

#: The body of an async function on a page: it jumps to a share of the page's length, and returns by
#: how many pixels moves what is then in the middle of the window.
MOVED_AFTER_JUMP = """const frame = () => new Promise(requestAnimationFrame);
    scrollTo({ top: args[0] * document.documentElement.scrollHeight, behavior: "instant" });
    await frame(); await frame();
    const x = document.querySelector("article p").getBoundingClientRect().left + 20;
    const seen = document.elementFromPoint(x, innerHeight / 2);
    const before = seen.getBoundingClientRect().top;
    for (let i = 0; i < 60; i++) await frame();
    await document.fonts.ready;
    // WebKit does not say when it is idle.
    await new Promise((done) => (globalThis.requestIdleCallback ?? setTimeout)(done));
    return Math.abs(seen.getBoundingClientRect().top - before);"""


# The site


def build() -> Path:
    """Build the site as `make book` does, and return its folder.

    Raises
    ------
    RuntimeError
        If the build fails, with the end of what it wrote.
    """
    makefile = (ROOT / "Makefile").read_text("utf-8")
    command = re.search(r"^BUILD := \$\(BIN\)/(.+)$", makefile, flags=re.MULTILINE)[1]
    program, *options = shlex.split(command)
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *options],
        cwd=ROOT,
        # As on a machine at home: a CI would have links to its repository.
        env={k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"the build failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return SITE


class _Quiet(SimpleHTTPRequestHandler):
    policy: str | None = None

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serve(folder: Path, policy: str | None = None) -> Iterator[str]:
    """Serve a folder on loopback, under a Content-Security-Policy; the value is its address."""
    handler = type("Handler", (_Quiet,), {"policy": policy})
    with ThreadingHTTPServer((LOOPBACK, 0), partial(handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{LOOPBACK}:{server.server_port}"
        server.shutdown()


# Chromium


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run a Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium.find(), args=CHROMIUM, headless=True
        )
        yield browser
        browser.close()


# JupyterLab

LAB_SETTINGS = {
    # Nothing asks for news, and all cells are in the page, not only those that are in sight.
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}
LAB_ROOMS = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
}


@contextlib.contextmanager
def jupyter_lab(folder: Path, home: Path) -> Iterator[Callable[[str], str]]:
    """Run JupyterLab on loopback.

    Parameters
    ----------
    folder : Path
        What it opens.
    home : Path
        An empty folder for its settings, so that it has none of this machine's.

    Yields
    ------
    callable
        From the name of a notebook to the address at which JupyterLab opens it.
    """
    for name, values in LAB_SETTINGS.items():
        path = home / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values))
    with socket.create_server((LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    token = secrets.token_hex()
    options = {
        "ip": LOOPBACK,
        "port": port,
        "port_retries": 0,
        "open_browser": False,
        "allow_root": True,
        "root_dir": folder,
    }
    (home / "env").symlink_to(sys.prefix)  # see the Makefile
    log = home / "lab.log"
    with log.open("w") as file:
        server = subprocess.Popen(
            [
                *(home / "env/bin/python", "-m", "jupyterlab"),
                f"--LabApp.app_dir={home}/env/share/jupyter/lab",
                "--LabApp.extension_manager=readonly",
                *(f"--ServerApp.{name}={value}" for name, value in options.items()),
            ],
            env={
                **{k: v for k, v in os.environ.items() if k != "EXPLORE_FRONT"},
                **{name: str(home / room) for name, room in LAB_ROOMS.items()},
                "JUPYTER_TOKEN": token,
            },
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    base = f"http://{LOOPBACK}:{port}"
    try:
        _wait_for(f"{base}/api/status?token={token}", server, log)
        yield lambda notebook: f"{base}/lab/tree/{notebook}?reset&token={token}"
    finally:
        server.terminate()  # it ends its kernels first
        server.wait(30)


def _wait_for(url: str, server: subprocess.Popen, log: Path, *, seconds: int = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(url):
            return
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab ended:\n{log.read_text()[-3000:]}")
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab does not answer:\n{log.read_text()[-3000:]}")


def by_id(page: Page, ident: str) -> Locator:
    """Find an element. For a CSS selector, Playwright asks all elements for their shadow roots."""
    return page.locator(f"xpath=id('{ident}')")


def lay_out(page: object) -> None:
    """Lay out all of a page of the site, as it is when a reader has begun to read."""
    page.keyboard.press("Shift")
    page.wait_for_function(
        """() => document.fonts.status === "loaded" && !document.querySelector(
            "html:not(.laid-out) article.bd-article > section > section:not(.laid-out)")"""
    )
    # With a font that came late, some formulas have become wider: another look at what scrolls.
    page.evaluate(
        "async () => { for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame); }"
    )


def run_all(page: object, *, milliseconds: int = 90_000) -> None:
    """Run all cells of the notebook that JupyterLab has opened in `page`, and wait for the last."""
    page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for(timeout=milliseconds)
    # The name of the kernel stands in the status bar once it is there.
    page.get_by_text(re.compile(r"\| Idle$")).wait_for(timeout=milliseconds)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    last = page.locator(".jp-CodeCell .jp-InputPrompt").last
    last.filter(has_text=re.compile(r"\[\d+\]:")).wait_for(timeout=milliseconds)
