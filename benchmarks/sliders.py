"""How long a figure takes from a moved control to the new frame.

    python benchmarks/sliders.py           the website, then JupyterLab
    python benchmarks/sliders.py static    every figure of every page: script, and until painted
    python benchmarks/sliders.py drags     handles and sliders in the hand, also on a slow processor
    python benchmarks/sliders.py live      `explore` against `ipywidgets.interact`, one kernel

Real key presses, a mouse and a finger move the controls of the built site and of JupyterLab, both
on loopback. Close other programs first: what is measured is a few milliseconds.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import browsing  # noqa: E402
import nbformat  # noqa: E402
import notebooks  # noqa: E402
from nbformat import v4  # noqa: E402
from playwright.sync_api import Locator, Page  # noqa: E402

FRAME = 1000 / 60  # ms
MOST_SCRIPT, MOST_PAINT = 2.0, 2 * FRAME
SLOWER = 6  # a phone of some years
MOST_PAINT_SLOW, MOST_STEP_SLOW = 4 * FRAME, 50.0
MOST_RATIOS = {"step": 0.25, "back": 0.25, "jump": 0.4}
MOVES = 20  # at most, of each control
WARM_UP = 2


def percentile(times: list[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def verdict(good: bool) -> str:
    return "met" if good else "NOT MET"


# The website

WATCH = """() => {
    window.moves = [];
    let pressed, began;
    for (const type of ["keydown", "keyup", "pointermove", "touchmove"])
        addEventListener(type, (event) => { pressed = event.timeStamp; }, true);
    // The picture is drawn in the next frame: measured from before the figure's turn to after it.
    addEventListener("input", () => {
        requestAnimationFrame(() => { began = performance.now(); });
    }, true);
    addEventListener("input", () => {
        const move = {};
        const from = pressed;
        // A message that is sent before a frame is painted arrives when it has been.
        const painted = new MessageChannel();
        painted.port1.onmessage = () => {
            move.paint = performance.now() - from;
            window.moves.push(move);
        };
        requestAnimationFrame(() => {
            move.script = performance.now() - began;
            painted.port2.postMessage(null);
        });
    });
}"""


def moves_of(figure: Locator) -> Iterator[tuple[float, float]]:
    """Move every control of a figure and yield script and paint time of each move, in ms."""
    page = figure.page
    figure.scroll_into_view_if_needed()
    for control in figure.locator("input, select").all():
        kind = control.evaluate("(c) => c.type")
        count = control.evaluate("(c) => Number(c.max) || c.length - 1 || 1")
        control.focus()
        if kind == "checkbox":
            keys = ["Space"] * 6
        else:
            page.keyboard.press("Home")
            forth = ["ArrowRight" if kind == "range" else "ArrowDown"] * count
            back = ["ArrowLeft" if kind == "range" else "ArrowUp"] * count
            keys = (forth + back)[:MOVES]
        page.wait_for_timeout(100)
        page.evaluate("window.moves.length = 0")
        for number, key in enumerate(keys, start=1):
            page.keyboard.press(key)
            page.wait_for_function("(n) => window.moves.length === n", arg=number)
            # Presses must not keep step with frames.
            page.wait_for_timeout((number * 7) % 17)
        yield from ((m["script"], m["paint"]) for m in page.evaluate("window.moves"))


def static() -> bool:
    site = browsing.build()
    figures: dict[str, list[tuple[float, float]]] = {}
    with browsing.serve(site) as address, browsing.chromium() as chromium:
        for path in sorted(site.rglob("*.html")):
            name = path.relative_to(site).as_posix()
            page = chromium.new_page(viewport={"width": 1200, "height": 900})
            page.goto(f"{address}/{name}")
            page.evaluate(WATCH)
            for figure in page.locator("figure.explore").all():
                ident = figure.get_attribute("id")
                figures[f"{name}#{ident}"] = list(moves_of(figure))
            page.close()
    if not figures:
        sys.exit("no page has a figure")
    width = max(map(len, figures))
    print(f"{'website: ms from a move':{width}}  moves  script  painted (p95)")
    for name, times in figures.items():
        script, paint = zip(*times, strict=True)
        print(
            f"{name:{width}}  {len(times):5}  {statistics.median(script):6.2f}"
            f"  {percentile(paint, 95):7.1f}"
        )
    script = statistics.median(statistics.median(s for s, _ in t) for t in figures.values())
    paint = percentile([p for times in figures.values() for _, p in times], 95)
    good = script <= MOST_SCRIPT, paint <= MOST_PAINT
    print(
        f"script, median over all figures: {script:.2f} ms (bar {MOST_SCRIPT}) {verdict(good[0])}"
    )
    print(f"painted, p95 of all moves: {paint:.1f} ms (bar {MOST_PAINT:.1f}) {verdict(good[1])}")
    return all(good)


# Places of the first handle, at all positions of the first control that it moves, in pixels.
PLACES = """(figure) => {
    const data = JSON.parse(figure.querySelector("script").textContent);
    const svg = figure.querySelector("svg.explore-frame");
    const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width / 10;
    const at = [...figure.querySelectorAll("input, select")].map(
        (c) => c.type === "checkbox" ? Number(c.checked) : Number(c.value));
    const { moves: [number], x, y } = data.handles[0];
    const lookUp = ([lengths, values], at) =>
        values[lengths.reduce((index, n, i) => index * n + (n > 1 ? at[i] : 0), 0)];
    const place = (k) => {
        const there = Object.assign([...at], { [number]: k });
        return [box.left + scale * lookUp(x, there), box.top + scale * lookUp(y, there)];
    };
    return [at[number], Array.from({ length: data.shape[number] }, (_, k) => place(k))];
}"""
# The same of its first slider.
TRACK = """(figure) => {
    const slider = figure.querySelector("input[type=range]");
    const box = slider.getBoundingClientRect(), thumb = 16;
    return [Number(slider.value), Array.from({ length: Number(slider.max) + 1 }, (_, k) => [
        box.left + thumb / 2 + (box.width - thumb) * k / slider.max, box.top + box.height / 2])];
}"""


def there_and_back(start: int, count: int) -> list[int]:
    """Return the positions of a drag: to the farther end, and back."""
    up, down = list(range(start + 1, count)), list(range(start - 1, -1, -1))
    way = max(up, down, key=len)
    return (way + [start, *way][-2::-1])[:MOVES]


def drag_of(figure: Locator, where: str, *, touch: bool) -> list[float]:
    """Drag what lies at some places through its positions; return times until painted, in ms."""
    page = figure.page
    session = page.context.new_cdp_session(page)
    figure.locator(".explore-picture").evaluate("(e) => e.scrollIntoView({block: 'center'})")
    figure.locator(".explore-grip").first.wait_for(state="attached")
    page.wait_for_timeout(200)
    start, places = figure.evaluate(where)

    def send(kind: str, place: list[float]) -> None:
        x, y = place
        if touch:
            points = [] if kind == "End" else [{"x": x, "y": y}]
            event = {"type": f"touch{kind}", "touchPoints": points}
            session.send("Input.dispatchTouchEvent", event)
        elif kind == "Move":
            page.mouse.move(x, y)
        elif kind == "Start":
            page.mouse.move(x, y)
            page.mouse.down()
        else:
            page.mouse.up()

    send("Start", places[start])
    # A finger has to go some way before it counts as moving.
    page.evaluate("window.moves.length = 0")
    for number, k in enumerate(there_and_back(start, len(places)), start=1):
        send("Move", places[k])
        page.wait_for_timeout(40 + (number * 7) % 17)  # moves must not keep step with frames
    send("End", places[start])
    page.wait_for_timeout(300)
    return [move["paint"] for move in page.evaluate("window.moves")]


def drags() -> bool:
    site = browsing.build()
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    ways = {
        "handle, mouse": (PLACES, 1, {"viewport": {"width": 1200, "height": 900}}),
        "handle, mouse, slow": (PLACES, SLOWER, {"viewport": {"width": 1200, "height": 900}}),
        "handle, finger, slow": (PLACES, SLOWER, phone),
        "slider, finger, slow": (TRACK, SLOWER, phone),
    }
    found: dict[str, dict[str, list[float]]] = {}
    with browsing.serve(site) as address, browsing.chromium() as chromium:
        for path in sorted(site.rglob("*.html")):
            if "data-handle" not in path.read_text("utf-8"):
                continue
            name = path.relative_to(site).as_posix()
            for way, (where, rate, options) in ways.items():
                page = chromium.new_page(**options)
                page.goto(f"{address}/{name}")
                browsing.lay_out(page)
                page.evaluate(WATCH)
                session = page.context.new_cdp_session(page)
                session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
                for figure in page.locator("figure.explore:has([data-handle])").all():
                    if where == TRACK and not figure.locator("input[type=range]").count():
                        continue
                    ident = f"{name}#{figure.get_attribute('id')}"
                    times = drag_of(figure, where, touch="finger" in way)
                    if times:
                        found.setdefault(ident, {})[way] = times
                page.close()
    width = max(map(len, found))
    print(f"{'ms from a move to the painted frame: median, p95':{width}}  {'  '.join(ways)}")
    for ident, of in found.items():
        cells = [
            f"{statistics.median(of[way]):.0f} {percentile(of[way], 95):.0f}" if way in of else "-"
            for way in ways
        ]
        row = "  ".join(f"{cell:>{len(way)}}" for cell, way in zip(cells, ways, strict=True))
        print(f"{ident:{width}}  {row}")
    good = True
    for way, (where, rate, _) in ways.items():
        paint = percentile([t for of in found.values() for t in of.get(way, [])], 95)
        bar = MOST_PAINT if rate == 1 else MOST_PAINT_SLOW
        good &= paint <= bar
        print(f"{way}: p95 {paint:.1f} ms (bar {bar:.1f}) {verdict(paint <= bar)}")
        if where == TRACK:
            step = max(statistics.median(of[way]) for of in found.values() if way in of)
            good &= step <= MOST_STEP_SLOW
            print(
                f"{way}: a step, median, heaviest figure {step:.1f} ms (bar {MOST_STEP_SLOW:.0f})"
                f" {verdict(step <= MOST_STEP_SLOW)}"
            )
    return good


# JupyterLab

FIGURES = {
    "constant_pull": ("step", (0, 24, 1)),
    "outlier": ("minutes_lost", (0, 30, 1)),
    "quantile_line": ("quantile_τ", (0.05, 0.95, 0.05)),
}
IMPORTS = """
import ipywidgets as widgets
import matplotlib.pyplot as plt

from lossbook.explore import explore
from lossbook.figures import regression
""".strip()
EXPLORE = "explore(regression.{name}, {parameter}={values})"
INTERACT = """
@widgets.interact({parameter}={values})
def show({parameter}=regression.{name}.__defaults__[0]):
    fig = plt.figure(figsize=regression.{name}.explore_size)
    caption = regression.{name}(fig, {parameter})
    plt.show()
    print(caption)
""".strip()

ARM = """(box) => {
    const picture = () =>
        box.querySelector("svg[role=img]")?.innerHTML ?? box.querySelector("img")?.src;
    const before = picture();
    let pressed;
    addEventListener("keydown", (event) => { pressed = event.timeStamp; },
                     { capture: true, once: true });
    window.redrawn = new Promise((resolve) => {
        new MutationObserver((_, observer) => {
            const now = picture();
            if (!now || now === before) return;
            observer.disconnect();
            resolve(performance.now() - pressed);
        }).observe(box, { subtree: true, childList: true, attributes: true, characterData: true });
    });
}"""


def redraw(page: Page, box: Locator, key: str) -> float:
    """Press a key on the slider of a figure; return the time to the new picture, in ms."""
    box.evaluate(ARM)
    box.get_by_role("slider").first.focus()
    page.keyboard.press(key)
    time = page.evaluate("window.redrawn")
    page.wait_for_timeout(150)  # until all is quiet
    return time


def redraws(page: Page, box: Locator, keys: list[str]) -> list[float]:
    """Move the slider of a figure from its start; return the times, the first ones left out."""
    box.scroll_into_view_if_needed()
    box.get_by_role("slider").first.focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(1000)
    return [redraw(page, box, key) for key in keys][WARM_UP:]


STEPS = MOVES // 2 + WARM_UP
ROUND_TRIP = ["ArrowRight"] * STEPS + ["ArrowLeft"] * STEPS
# 5 up, 1 down: all lead where no move has been, and where the move before did not point.
JUMPS = ["PageUp", "ArrowLeft"] * 4


def live() -> bool:
    """Compare `explore` with `interact` and a new Matplotlib figure, in one JupyterLab."""
    sources = [IMPORTS]
    for name, (parameter, values) in FIGURES.items():
        for source in (EXPLORE, EXPLORE, INTERACT):
            sources.append(source.format(name=name, parameter=parameter, values=values))
    cells = [v4.new_code_cell(source) for source in sources]
    times: dict[str, dict[str, list[float]]] = {}
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home, "notebooks")
        folder.mkdir()
        notebook = v4.new_notebook(cells=cells, metadata=notebooks.METADATA)
        nbformat.write(notebook, folder / "sliders.ipynb")
        with browsing.jupyter_lab(folder, Path(home)) as address, browsing.chromium() as chromium:
            page = chromium.new_page(viewport={"width": 1200, "height": 900})
            page.goto(address("sliders.ipynb"))
            browsing.run_all(page)
            outputs = page.locator(".jp-OutputArea-output")
            ours = outputs.locator(".widget-vbox:has([role=img])")
            theirs = outputs.locator(".widget-interact:has(img)")
            theirs.nth(len(FIGURES) - 1).wait_for()
            for number, name in enumerate(FIGURES):
                there_and_back = redraws(page, ours.nth(2 * number), ROUND_TRIP)
                times[name] = {
                    "step": there_and_back[: MOVES // 2],
                    "back": there_and_back[MOVES // 2 :],
                    "jump": redraws(page, ours.nth(2 * number + 1), JUMPS),
                    "interact": redraws(page, theirs.nth(number), ROUND_TRIP),
                }
    kinds = ("step", "back", "jump")
    width = max(map(len, FIGURES))
    print(f"{'JupyterLab: ms to new picture, median':{width}}")
    print(f"{'':{width}}  step  back  jump  interact   ratios")
    for name, found in times.items():
        of = {kind: statistics.median(found[kind]) for kind in found}
        ratios = "  ".join(f"{of[kind] / of['interact']:.2f}" for kind in kinds)
        print(
            f"{name:{width}}  {of['step']:4.0f}  {of['back']:4.0f}  {of['jump']:4.0f}"
            f"  {of['interact']:8.0f}   {ratios}"
        )
    of = {
        kind: statistics.median(itertools.chain(*(found[kind] for found in times.values())))
        for kind in (*kinds, "interact")
    }
    good = True
    for kind, means in {
        "step": "to the next position, seen for the first time",
        "back": "to a position seen before",
        "jump": "to a position that no move led to expect",
    }.items():
        ratio = of[kind] / of["interact"]
        bar = MOST_RATIOS[kind]
        good &= ratio <= bar
        print(f"{kind}, {means}: {ratio:.2f} (bar {bar}) {verdict(ratio <= bar)}")
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("front", nargs="?", choices=["static", "drags", "live"])
    front = parser.parse_args().front
    runs = {"static": static, "drags": drags, "live": live}
    results = []
    for name in [front] if front else runs:
        print(f"{name}: load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        results.append(runs[name]())
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
