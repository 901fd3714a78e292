"""Find the Chromium that the browser tests run in.

    python tools/find_chromium.py            prints where it is
    python tools/find_chromium.py --install  installs one where there is none
    python tools/find_chromium.py --lean     installs the one without windows, where apt has it

``CHROMIUM`` in the environment names one and wins.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

LEAN = "chromium-headless-shell"  # it opens a page in half the time: each window costs a toolbar
NAMES = (LEAN, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
MISSING = (
    "The browser tests need Chromium, and there is none here: looked for {names} on the PATH and "
    "for Playwright's own. Install one (Debian: apt-get install chromium; anywhere: "
    "playwright install chromium), or set CHROMIUM=/path/to/it."
)


def find(names: tuple[str, ...] = NAMES) -> str | None:
    """Return the path of the first Chromium that is there, or None."""
    if named := os.environ.get("CHROMIUM"):
        if not shutil.which(named):
            sys.exit(f"CHROMIUM={named}: there is no such program")
        return shutil.which(named)
    for name in names:
        if path := shutil.which(name):
            return path
    if MACOS.exists():
        return str(MACOS)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def apt_install(*packages: str) -> None:
    """Install Debian's packages, where there is apt and leave to use it."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            subprocess.run(["apt-get", "--quiet", "--quiet", *command], env=quiet, check=False)


def install() -> None:
    """Install a Chromium: with apt where that is possible, else Playwright's own."""
    apt_install("chromium")
    if find() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


def main() -> None:
    """Print the path, or fail with what is missing."""
    if "--lean" in sys.argv[1:] and not (shutil.which(LEAN) or os.environ.get("CHROMIUM")):
        apt_install(LEAN)
    if "--install" in sys.argv[1:] and find() is None:
        install()
    path = find()
    if path is None:
        sys.exit(MISSING.format(names=", ".join(NAMES)))
    print(f"Chromium: {path}")


if __name__ == "__main__":
    main()
