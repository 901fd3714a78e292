"""Firefox and WebKit, driven as WebDriver says: for what must hold in every engine.

Playwright drives builds of its own of both. These are the ones that Debian brings, which readers
have: firefox-esr, by its own protocol Marionette, and WebKitGTK, by webkit2gtk-driver. Both take
the commands of https://www.w3.org/TR/webdriver2/.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import find_chromium

PACKAGES = {
    "firefox": {"firefox-esr": "firefox-esr"},
    "webkit": {"WebKitWebDriver": "webkit2gtk-driver", "Xvfb": "xvfb"},
}
SIZE = {"width": 1200, "height": 900}
STARTS_WITHIN = 60  # seconds
WAITS = 60  # seconds, for an answer
FIREFOX = {
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "ui.prefersReducedMotion": 1,
}
END = "\ue010"  # the key, as WebDriver calls it


class Browser:
    """A browser that goes to pages, runs scripts on them, and moves pointer and keys."""

    def __init__(self, send: Callable[[str, str, dict[str, Any]], Any]) -> None:
        self._send = send

    def go(self, url: str) -> None:
        """Open an address, as if there had been no page before."""
        self._send("Navigate", "url", {"url": "about:blank"})
        self._send("Navigate", "url", {"url": url})

    def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of an async function on the page, and return what it returns."""
        body = f"""const done = arguments[arguments.length - 1];
            (async (...args) => {{ {script} }})(...[...arguments].slice(0, -1))
                .then((value) => done([value]), (error) => done(String(error)));"""
        answer = self._send(
            "ExecuteAsyncScript", "execute/async", {"script": body, "args": [*arguments]}
        )
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer[0]

    def until(self, script: str, *arguments: Any) -> Any:
        """Run a script until what it returns is true, and return that."""
        end = time.monotonic() + WAITS
        while time.monotonic() < end:
            if value := self.run(script, *arguments):
                return value
            time.sleep(0.05)
        raise TimeoutError(f"never true in {WAITS} s: {script}")

    def drag(self, *points: tuple[float, float]) -> None:
        """Press the pointer at the first point of the window, move it along, let it go."""
        moves = [
            {
                "type": "pointerMove",
                "x": round(x),
                "y": round(y),
                "duration": 0,
                "origin": "viewport",
            }
            for x, y in points
        ]
        down, up = ({"type": f"pointer{way}", "button": 0} for way in ("Down", "Up"))
        self._act("pointer", [moves[0], down, *moves[1:], up], parameters={"pointerType": "mouse"})

    def press(self, keys: str) -> None:
        """Press keys one after the other."""
        self._act(
            "key", [{"type": way, "value": key} for key in keys for way in ("keyDown", "keyUp")]
        )

    def _act(self, kind: str, actions: list[dict[str, Any]], **more: Any) -> None:
        source = {"type": kind, "id": kind, "actions": actions, **more}
        self._send("PerformActions", "actions", {"actions": [source]})


@contextlib.contextmanager
def open_browser(engine: str) -> Iterator[Browser]:
    """Start an engine, "firefox" or "webkit", without a window that anybody sees.

    Raises
    ------
    RuntimeError
        If it is not on this machine, or does not start.
    """
    missing = [p for program, p in PACKAGES[engine].items() if not shutil.which(program)]
    if missing:
        raise RuntimeError(f"{engine} is not here: apt-get install {' '.join(missing)} brings it")
    with (
        tempfile.TemporaryDirectory() as folder,
        {"firefox": _firefox, "webkit": _webkit}[engine](Path(folder)) as send,
    ):
        send("SetTimeouts", "timeouts", {"script": 1000 * WAITS, "pageLoad": 1000 * WAITS})
        send("SetWindowRect", "window/rect", SIZE)
        yield Browser(send)


def install(engine: str) -> None:
    """Install what an engine needs, where apt can."""
    missing = [p for program, p in PACKAGES[engine].items() if not shutil.which(program)]
    if missing:
        find_chromium.apt_install(*missing)


@contextlib.contextmanager
def _running(*command: str, **options: Any) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def _as_soon_as(connect: Callable[[], Any]) -> Any:
    end = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            return connect()
        except OSError as error:
            if time.monotonic() > end:
                raise RuntimeError(f"the browser does not start: {error}") from error
            time.sleep(0.1)


@contextlib.contextmanager
def _firefox(folder: Path) -> Iterator[Callable]:
    """Marionette: a length, and [0, number, command, parameters] or [1, number, error, result]."""
    port = _free_port()
    settings = {**FIREFOX, "marionette.port": port}
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in settings.items()]
    (folder / "user.js").write_text("\n".join(lines), "utf-8")
    quiet = {**os.environ, "HOME": str(folder), "MOZ_HEADLESS": "1"}
    with (
        _running("firefox-esr", "--marionette", "--profile", str(folder), env=quiet),
        _as_soon_as(lambda: socket.create_connection(("127.0.0.1", port), WAITS + 5)) as connection,
        connection.makefile("rb") as stream,
    ):

        def read() -> Any:
            digits = b""
            while (byte := stream.read(1)) != b":":
                if not byte:
                    raise RuntimeError("Firefox has ended")
                digits += byte
            return json.loads(stream.read(int(digits)))

        def send(command: str, _path: str, parameters: dict[str, Any]) -> Any:
            message = json.dumps([0, 1, f"WebDriver:{command}", parameters]).encode()
            connection.sendall(b"%d:%b" % (len(message), message))
            _, _, error, result = read()
            if error:
                raise RuntimeError(f"{command}: {error['message']}")
            return result["value"] if result and set(result) == {"value"} else result

        read()  # who it is
        send("NewSession", "", {"capabilities": {}})
        yield send


@contextlib.contextmanager
def _webkit(folder: Path) -> Iterator[Callable]:
    """WebDriver as it is written: JSON over HTTP."""
    port = _free_port()
    ours, theirs = os.pipe()
    with contextlib.ExitStack() as stack:
        screen = f"{SIZE['width']}x{SIZE['height']}x24"
        command = ("Xvfb", "-displayfd", str(theirs), "-screen", "0", screen, "-nolisten", "tcp")
        stack.enter_context(_running(*command, pass_fds=[theirs]))
        os.close(theirs)
        with open(ours) as numbers:
            display = numbers.readline().strip()
        quiet = {
            **os.environ,
            "DISPLAY": f":{display}",
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(folder),
        }
        stack.enter_context(_running("WebKitWebDriver", f"--port={port}", env=quiet))

        def ask(path: str, parameters: dict[str, Any]) -> Any:
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/{path}",
                json.dumps(parameters).encode(),
                {"Content-Type": "application/json"},
            )
            try:
                with urllib.request.urlopen(request, timeout=WAITS + 5) as answer:
                    return json.load(answer)["value"]
            except urllib.error.HTTPError as error:
                raise RuntimeError(json.load(error)["value"]["message"]) from error

        _as_soon_as(lambda: socket.create_connection(("127.0.0.1", port), 5)).close()
        session = ask("session", {"capabilities": {}})["sessionId"]
        yield lambda _command, path, parameters: ask(f"session/{session}/{path}", parameters)
