"""What one reader costs: a kernel with a chapter open, a moving slider, a visit to the site.

    python benchmarks/classroom.py    measure, write use/measured-*.csv, print them

Each chapter is opened on a real Jupyter server and run from top to bottom; then every one of its
sliders is moved through its range. The site is built and each page opened in a fresh Chromium.
A class is computed from that: :func:`load`. Close other programs first.
"""

from __future__ import annotations

import csv
import gzip
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
USE = ROOT / "use"
sys.path.insert(0, str(ROOT / "tools"))

import browsing  # noqa: E402
import notebooks  # noqa: E402
import psutil  # noqa: E402
import yaml  # noqa: E402
from playwright.sync_api import Response  # noqa: E402
from serving import Server  # noqa: E402

CLASSES = (30, 300, 3000)
MOVING = 0.1  # of the class, at the same moment
MOVES_PER_SECOND = 5  # of somebody who drags
ARRIVAL = 300  # s in which a class opens the same page of the site

MOVE = """
import os, time
from ipywidgets.widgets.widget import _instances

def _move():
    moves, began = 0, time.process_time()  # what all the cells have taken
    for control in list(_instances.values()):
        if control._model_name == "SelectionSliderModel":
            for control.index in range(len(control.options)):
                moves += 1
        elif control._model_name in ("IntSliderModel", "FloatSliderModel"):
            count = round((control.max - control.min) / control.step)
            for i in range(count + 1):
                control.value = control.min + i * control.step
                moves += 1
    return began, moves, time.process_time() - began

print(os.getpid(), *_move())
"""


def chapters() -> list[Path]:
    """Return the notebooks of the chapters, in the order of the book."""
    text = (ROOT / "_toc.yml").read_text("utf-8")
    parts = yaml.safe_load(text)["parts"]
    files = [chapter["file"] for part in parts for chapter in part["chapters"]]
    return [ROOT / f"{file}.ipynb" for file in files if file.startswith("chapters/")]


def megabytes(process: psutil.Process) -> float:
    """Return the memory that would be free without this process."""
    return process.memory_full_info().uss / 1e6


def kernels() -> Iterator[dict[str, float | str]]:
    """Open, run and move each chapter, and yield what that took."""
    with (
        tempfile.TemporaryDirectory() as home,
        browsing.jupyter_lab(ROOT / "chapters", Path(home)) as at,
    ):
        jupyter = next(p for p in psutil.Process().children() if "jupyterlab" in p.cmdline())
        server = Server(at(""))
        for path in chapters():
            cells = [c for c in notebooks.read(path).cells if c.cell_type == "code"]
            with server.kernel(path.name) as run:
                for cell in cells:
                    status, outputs = run(cell.source)
                    if status != "ok" and "raises-exception" not in cell.metadata.get("tags", []):
                        raise RuntimeError(f"{path.name}: {outputs}")
                before = sum(jupyter.cpu_times()[:2])
                _, outputs = run(MOVE)
                pid, seconds, moves, cpu = outputs[0]["text"].split()
                moves = int(moves) or 1
                sending = sum(jupyter.cpu_times()[:2]) - before
                yield {
                    "chapter": path.stem,
                    "seconds": float(seconds),
                    "kernel": megabytes(psutil.Process(int(pid))),
                    "server": megabytes(jupyter),
                    "move": 1000 * (float(cpu) + sending) / moves,
                }


def sent(url: str, body: bytes) -> int:
    """Return how many bytes a server sends that compresses what is not compressed yet."""
    compressed = url.partition("?")[0].endswith((".woff", ".png"))
    return len(body if compressed else gzip.compress(body))


def visits() -> dict[str, float]:
    """Return the kilobytes, as a server sends them, of a first visit to each chapter's page."""
    found = {}
    site = browsing.build()
    with browsing.serve(site) as address, browsing.chromium() as chromium:
        for path in chapters():
            page = chromium.new_page(viewport={"width": 1200, "height": 900})
            answers: list[Response] = []
            page.on("response", lambda answer, answers=answers: answers.append(answer))
            page.goto(f"{address}/chapters/{path.stem}.html", wait_until="networkidle")
            found[path.stem] = sum(sent(a.url, a.body()) for a in answers) / 1000
            page.close()
    return found


def load(students: int, *, kernel: float, server: float, move: float, visit: float) -> list[str]:
    """Return the row of a class: what it takes if all come at once.

    Parameters
    ----------
    students : int
        All of them have a chapter open, and `MOVING` of them drag a slider.
    kernel, server : float
        Memory of one student's kernel and Jupyter server, in MB.
    move : float
        Processor time of one move of a slider, in ms.
    visit : float
        What a first visit to a page of the site sends, in kB.
    """
    memory = students * (kernel + server) / 1000
    cores = students * MOVING * MOVES_PER_SECOND * move / 1000
    rate = students * visit * 8 / 1000 / ARRIVAL
    return [f"{students:,}", f"{memory:.0f} GB", f"{cores:.1f}", f"{rate:.2g} Mbit/s"]


def write(name: str, header: list[str], rows: list[list[str]]) -> None:
    """Write a table for the page that shows it, and print it."""
    with (USE / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    print("\n".join("  ".join(f"{text:>18}" for text in row) for row in [header, *rows]))


def main() -> None:
    """Measure and write."""
    measured = list(kernels())
    visited = visits()
    write(
        "measured-chapters.csv",
        ["Chapter", "Run all cells", "Kernel", "Server", "One move", "Visit to the site"],
        [
            [
                str(row["chapter"]),
                f"{row['seconds']:.0f} s",
                f"{row['kernel']:.0f} MB",
                f"{row['server']:.0f} MB",
                f"{row['move']:.0f} ms",
                f"{visited[row['chapter']]:.0f} kB",
            ]
            for row in measured
        ],
    )
    # Every chapter may be the one of the day: the dearest counts.
    worst = {key: max(float(r[key]) for r in measured) for key in ("kernel", "server", "move")}
    worst = {key: float(f"{value:.0f}") for key, value in worst.items()}
    visit = float(f"{max(visited.values()):.0f}")
    write(
        "measured-classes.csv",
        ["Students", "Hub: memory", "Hub: busy cores", "Site: traffic"],
        [load(n, visit=visit, **worst) for n in CLASSES],
    )


if __name__ == "__main__":
    main()
