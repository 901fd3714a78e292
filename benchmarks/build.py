"""How long the site takes to build: cold on all cores and serially, again, and after a change.

    python benchmarks/build.py               the book as it stands
    python benchmarks/build.py --copies 5    with each chapter five times, to see how it will scale

The book is copied to a temporary folder and built there with the plain `jupyter-book build .`,
with an empty cache first. Close other programs: notebooks keep all cores busy.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).parent.parent
MOST_COLD, MOST_RATIO, MOST_AGAIN, MOST_PROSE = 120.0, 0.6, 5.0, 8.0
TIMES = 3  # of the fast builds; the median counts


def copy_of_the_book(folder: Path, copies: int) -> Path:
    """Copy what a build reads, with each chapter `copies` times, and return the folder."""
    book = folder / "book"
    ignored = shutil.ignore_patterns(
        ".*", "_build", "build", "dist", "tests", "tools", "benchmarks", "__pycache__"
    )
    shutil.copytree(ROOT, book, ignore=ignored)
    contents = yaml.safe_load((book / "_toc.yml").read_text("utf-8"))
    parts = contents.get("parts", [contents])
    for part in parts:
        for entry in list(part["chapters"]):
            notebook = book / f"{entry['file']}.ipynb"
            for number in range(2, copies + 1) if notebook.exists() else ():
                name = f"{entry['file']}-{number}"
                _copy_notebook(notebook, book / f"{name}.ipynb", number)
                part["chapters"].append({"file": name})
    (book / "_toc.yml").write_text(yaml.safe_dump(contents), "utf-8")
    return book


def _copy_notebook(source: Path, target: Path, number: int) -> None:
    """Copy a notebook with labels of its own, and code that the cache does not know."""
    notebook = nbformat.read(source, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"^\(([\w-]+)\)=$", rf"(\1-{number})=", cell.source, flags=re.M)
            cell.source = re.sub(
                r"^:label: (.*)$", rf":label: \1-{number}", cell.source, flags=re.M
            )
    next(c for c in notebook.cells if c.cell_type == "code").source += f"\n# copy {number}"
    nbformat.write(notebook, target)


def build(book: Path, *, strict: bool) -> float:
    """Build a book and return the seconds it took."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    program, *options = shlex.split(re.search(r"^BUILD := \$\(BIN\)/(.+)$", makefile, re.M)[1])
    command = [Path(sys.executable).with_name(program), *(options if strict else options[:2])]
    environment = {**os.environ, "PYTHONPATH": str(book), "GIT_CEILING_DIRECTORIES": str(book)}
    started = time.perf_counter()
    done = subprocess.run(command, cwd=book, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    if done.returncode:
        sys.exit(f"the build failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return seconds


def median_of(book: Path, *, strict: bool, change: Path | None = None) -> float:
    """Build several times, each after a change of prose in `change`."""
    times = []
    for number in range(TIMES):
        if change:
            notebook = nbformat.read(change, as_version=4)
            prose = next(c for c in notebook.cells[1:] if c.cell_type == "markdown")
            prose.source += f"\n\nSentence {number}."
            nbformat.write(notebook, change)
        times.append(build(book, strict=strict))
    return sorted(times)[TIMES // 2]


def serially(book: Path) -> None:
    """Have one notebook run at a time, from an empty cache."""
    shutil.rmtree(book / "_build")
    path = book / "_config.yml"
    config = yaml.safe_load(path.read_text("utf-8"))
    config["sphinx"]["config"]["lossbook_workers"] = 1
    path.write_text(yaml.safe_dump(config), "utf-8")


def report(name: str, value: float, bar: float, unit: str = " s") -> bool:
    good = value <= bar
    verdict = "met" if good else "NOT MET"
    print(f"{name:42} {value:7.2f}{unit:3} at most {bar:6.1f}  {verdict}", flush=True)
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--copies", type=int, default=1, help="of each chapter")
    copies = parser.parse_args().copies
    strict = copies == 1  # copies refer to the labels of their originals
    with tempfile.TemporaryDirectory() as folder:
        book = copy_of_the_book(Path(folder), copies)
        count = len(list((book / "chapters").glob("*.ipynb")))
        print(f"{count} notebooks and the other pages, {os.cpu_count()} cores")
        cold = build(book, strict=strict)
        good = [report("cold, on all cores", cold, MOST_COLD)]
        good.append(report("again, nothing changed", median_of(book, strict=strict), MOST_AGAIN))
        change = sorted((book / "chapters").glob("*.ipynb"))[0]
        seconds = median_of(book, strict=strict, change=change)
        good.append(report("after a change of one chapter's prose", seconds, MOST_PROSE))
        serially(book)
        serial = build(book, strict=strict)
        print(f"{'cold, one notebook at a time':42} {serial:7.2f} s")
        good.append(report("cold, parallel over serial", cold / serial, MOST_RATIO, ""))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
