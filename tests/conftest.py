"""What tests of more than one room share: the book's pages and their interactive figures."""

from __future__ import annotations

import contextlib
import io
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

import matplotlib
import nbformat
import pytest
import yaml
from hypothesis import settings

import lossbook.explore
from lossbook.explore import FRONT_VARIABLE, Frame, Grid, Stage

ROOT = Path(__file__).parent.parent


# The same examples in every run, at any load of the machine; HYPOTHESIS_PROFILE=default draws new
# ones, which is worth doing after a change in a formula.
settings.register_profile("same", derandomize=True, deadline=None, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


def pytest_configure() -> None:
    # The kernels that nbval starts inherit it: notebooks are tested as a reader runs them.
    os.environ.pop(FRONT_VARIABLE, None)
    matplotlib.use("agg")


@dataclass(frozen=True, eq=False)
class BookFigure:
    """One call of `explore` on a page of the book."""

    page: str
    id: str
    draw: Callable[..., str]
    given: dict[str, Any]
    grid: Grid

    @cached_property
    def frames(self) -> dict[tuple[int, ...], Frame]:
        """Those positions that were drawn."""
        return {}

    @cached_property
    def stage(self) -> Stage:
        return Stage(self.draw)

    def frame(self, values: dict[str, Any]) -> Frame:
        """Draw a position as the page holds it."""
        key = tuple(p.index(values[p.name]) for p in self.grid.parameters)
        if key not in self.frames:
            self.frames[key] = self.stage.frame(values, prefix=f"{self.id}-")
        return self.frames[key]

    def __str__(self) -> str:
        return f"{self.page}#{self.id}"


@cache
def pages() -> tuple[str, ...]:
    """Every page of the book, as the table of contents names them."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))

    def names(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from (part[key] for key in ("root", "file") if key in part)
            part = list(part.values())
        if isinstance(part, list):
            for child in part:
                yield from names(child)

    return tuple(names(contents))


@cache
def book_figures() -> tuple[BookFigure, ...]:
    """Every interactive figure of the book: what a page's cells give to `explore`."""
    return tuple(figure for page in pages() for figure in _figures_of(page))


def _figures_of(page: str) -> list[BookFigure]:
    found: list[BookFigure] = []
    names: Counter[str] = Counter()
    explore = lossbook.explore.explore

    def recording(draw: Callable, /, **options: Any) -> Any:
        shown = explore(draw, **options)
        limit = {k: options.pop(k) for k in ("max_positions",) if k in options}
        options.pop("label", None)
        name = Stage(draw).name.strip("_").replace("_", "-")
        names[name] += 1
        ident = name if names[name] == 1 else f"{name}-{names[name]}"
        found.append(BookFigure(page, ident, draw, options, Grid.of(draw, options, **limit)))
        return shown

    namespace: dict[str, Any] = {"__name__": "__main__", "display": lambda *_, **__: None}
    folder = (ROOT / page).parent
    with (
        patch.object(lossbook.explore, "explore", recording),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        for number, cell in enumerate(_code_cells(page), start=1):
            try:
                exec(compile(cell.source, f"{page}, code cell {number}", "exec"), namespace)
            except Exception:
                if "raises-exception" not in cell.metadata.get("tags", []):
                    raise
    return found


def _code_cells(page: str) -> list[nbformat.NotebookNode]:
    notebook, text = (ROOT / page).with_suffix(".ipynb"), (ROOT / page).with_suffix(".md")
    if notebook.exists():
        cells = nbformat.read(notebook, as_version=4).cells
    elif "{code-cell}" in (source := text.read_text("utf-8")):
        from myst_nb.core.read import read_myst_markdown_notebook

        cells = read_myst_markdown_notebook(source, path=text).cells
    else:
        cells = []
    return [cell for cell in cells if cell.cell_type == "code"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "book_figure" in metafunc.fixturenames:
        metafunc.parametrize("book_figure", book_figures(), ids=str)
    if "docname" in metafunc.fixturenames:
        metafunc.parametrize("docname", pages())
    if "chapter_name" in metafunc.fixturenames:
        metafunc.parametrize("chapter_name", [p for p in pages() if p.startswith("chapters/")])
    if "anypage" in metafunc.fixturenames:
        metafunc.parametrize("anypage", [*pages(), "search", "404"])


@pytest.fixture(scope="session")
def all_figures() -> tuple[BookFigure, ...]:
    """Every interactive figure of the book."""
    return book_figures()


@pytest.fixture(scope="session")
def docnames() -> tuple[str, ...]:
    """Every page of the book, as the table of contents names them."""
    return pages()


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT
