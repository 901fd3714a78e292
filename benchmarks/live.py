"""Python in the page: the first output, a next one, what is loaded, and how long the page is busy.

    make live
    .venv/bin/python benchmarks/live.py

Chromium, loopback, an empty cache each time. The time in parentheses is that of a bare page that
loads the same Pyodide and NumPy and nothing else, in the same run.
"""

from __future__ import annotations

import gzip
import json
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import browsing  # noqa: E402
from playwright.sync_api import Browser  # noqa: E402

PAGE = "chapters/01-loss-cost-objective.html"
TIMES = 3
PATIENCE = 240_000  # ms
FLOOD = "for number in range(10**5): print(number)"
LONG_TASKS = """
self.longTasks = [];
new PerformanceObserver((list) => longTasks.push(...list.getEntries().map((e) => e.duration)))
  .observe({ type: "longtask" });
"""
# By the page's own clock: what Playwright waits between two looks is longer than most cells take.
PRESS = """
([selector, number]) => new Promise((resolve, reject) => {
  const cell = [...document.querySelectorAll(".cell:has([data-run])")].at(number);
  const start = performance.now();
  new MutationObserver(() => {
    if (cell.dataset.state === "done") resolve(performance.now() - start);
    if (cell.dataset.state === "error") reject(cell.textContent);
  }).observe(cell, { attributeFilter: ["data-state"] });
  (selector ? document : cell).querySelector(selector || "[data-run]").click();
})
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
    """Return the ms until NumPy is imported, in a worker that does nothing else."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}/index.html")
        start = time.perf_counter()
        page.evaluate(WAIT, f"{address}/{folder}/bare.js")
        return 1000 * (time.perf_counter() - start)


def of_page(browser: Browser, address: str) -> tuple[float, float, float]:
    """Return the ms of a first cell, of the slowest of the next three, and of the longest task.

    For the last, the page also runs all its cells, opens an editor, and shows as much text as a
    cell may print.
    """
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}/{PAGE}")
        page.wait_for_load_state("networkidle")
        page.evaluate(LONG_TASKS)
        first, *following = [page.evaluate(PRESS, ["", number]) for number in range(4)]
        page.evaluate(PRESS, ["[data-run-all]", -1])
        page.locator("[data-edit]").first.click()
        page.locator(".cm-content").wait_for()
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.insert_text(FLOOD)
        page.evaluate(PRESS, ["", 0])
        return first, max(following), max(page.evaluate("longTasks"), default=0)


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
                (of_page(browser, address), bare(browser, address, folder)) for _ in range(TIMES)
            ]
    finally:
        (builds[0] / "bare.js").unlink()
    first, following, longest = (statistics.median(run[i] for run, _ in pairs) for i in range(3))
    alone = statistics.median(ms for _, ms in pairs)
    print(f"first Run until its output: {first / 1000:.1f} s ({alone / 1000:.1f} s)")
    print(f"the slowest of three next cells: {following:.0f} ms")
    print(f"the longest task of the page meanwhile: {longest:.0f} ms")
    print(f"processes that wanted a core, on average of the last minute: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
