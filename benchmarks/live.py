"""Python in the page: the first output, a next one, what is loaded, and how long the page is busy.

    make live
    .venv/bin/python benchmarks/live.py

Chromium, loopback, an empty cache each time. The second number of a pair is a bare page that loads
the same Pyodide and NumPy and nothing else, in the same run.
"""

from __future__ import annotations

import gzip
import json
import re
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import browsing  # noqa: E402
from playwright.sync_api import Browser, expect  # noqa: E402

PAGE = "chapters/01-loss-cost-objective.html"
TIMES = 3
ENDED = re.compile("done|error")
LONG_TASKS = """
self.longTasks = [];
new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((e) => e.duration)))
  .observe({ type: "longtask", buffered: true });
"""
BARE = """
import { loadPyodide } from "./pyodide.mjs";
const pyodide = await loadPyodide({ packages: ["numpy"] });
pyodide.runPython("import numpy");
postMessage(1);
"""
WAIT = """
(url) => new Promise((resolve) => {
  new Worker(url, { type: "module" }).onmessage = resolve;
}).then(() => 1)
"""


def bare(browser: Browser, address: str, folder: str) -> float:
    """Return the seconds until NumPy is imported, in a worker that does nothing else."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/index.html")
        start = time.perf_counter()
        page.evaluate(WAIT, f"{address}/{folder}/bare.js")
        return time.perf_counter() - start


def first_and_next(browser: Browser, address: str) -> tuple[float, float, float]:
    """Return the seconds of a first and of a next cell, and the longest task of the page in ms."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/{PAGE}")
        page.wait_for_load_state("networkidle")
        page.evaluate(LONG_TASKS)
        page.evaluate("longTasks.length = 0")
        cells = page.locator(".cell:has([data-run])")
        seconds = []
        for number in (0, 2):
            start = time.perf_counter()
            cells.nth(number).locator("[data-run]").click()
            expect(cells.nth(number)).to_have_attribute("data-state", ENDED, timeout=120_000)
            seconds.append(time.perf_counter() - start)
        return *seconds, max(page.evaluate("longTasks"), default=0)


def main() -> None:
    """Measure, and print a line for each."""
    site = browsing.SITE
    builds = [p for p in site.glob("_static/live/*") if p.is_dir()]
    if not builds:
        sys.exit(f"{site} has no Python in it: `make live` builds the site with one")
    folder = builds[0].relative_to(site).as_posix()
    about = json.loads((builds[0] / "runtime.json").read_text("utf-8"))
    loaded = [*about["files"], "worker.js", "live.js", "live.css", "run.py"]
    names = [name for name in loaded if not name.startswith("licences/")]
    sizes = [len(gzip.compress((builds[0] / name).read_bytes())) for name in names]
    print(f"loaded with the first Run, compressed: {sum(sizes) / 1e6:.1f} MB")
    editor = len(gzip.compress((builds[0] / "editor.js").read_bytes()))
    print(f"loaded with the first click into code, compressed: {editor / 1e3:.0f} kB")
    (builds[0] / "bare.js").write_text(BARE)
    try:
        with browsing.serve(site) as address, browsing.chromium() as browser:
            pairs = [
                (first_and_next(browser, address), bare(browser, address, folder))
                for _ in range(TIMES)
            ]
    finally:
        (builds[0] / "bare.js").unlink()
    first, following, longest = (statistics.median(run[i] for run, _ in pairs) for i in range(3))
    alone = statistics.median(seconds for _, seconds in pairs)
    print(f"first Run until its output: {first:.1f} s (Pyodide and NumPy alone: {alone:.1f} s)")
    print(f"a next cell: {1000 * following:.0f} ms")
    print(f"the longest task of the page meanwhile: {longest:.0f} ms")


if __name__ == "__main__":
    main()
