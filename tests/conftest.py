"""What tests of more than one room share: the book's pages and their interactive figures."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

import browsing
import matplotlib
import nbformat
import pytest
from hypothesis import settings
from sphinx_external_toc.parsing import parse_toc_yaml
from xdist.scheduler import LoadScopeScheduling

import lossbook.explore
from lossbook.explore import FRONT_VARIABLE, Frame, Grid, Stage
from lossbook.explore.static import figure_id

ROOT = Path(__file__).parent.parent
BROWSER = "tests/browser/"
SPLIT = (BROWSER, "tests/figures/test_sweep.py")


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
    return tuple(parse_toc_yaml(ROOT / "_toc.yml"))


@cache
def figure_names(page: str) -> tuple[str, ...]:
    """Return the ids of a page's interactive figures, read from its cells without running them."""
    used: Counter[str] = Counter()
    return tuple(
        figure_id(ast.unparse(call.args[0]).rpartition(".")[2], used)
        for cell in _code_cells(page)
        for call in ast.walk(ast.parse(cell.source))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("explore")
    )


@cache
def figures_of(page: str) -> dict[str, BookFigure]:
    """Run a page's cells, and return by id what they give to `explore`."""
    found: dict[str, BookFigure] = {}
    used: Counter[str] = Counter()
    explore = lossbook.explore.explore

    def recording(draw: Callable, /, **options: Any) -> Any:
        shown = explore(draw, **options)
        limit = {k: options.pop(k) for k in ("max_positions",) if k in options}
        options.pop("label", None)
        ident = figure_id(Stage(draw).name, used)
        found[ident] = BookFigure(page, ident, draw, options, Grid.of(draw, options, **limit))
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
    assert tuple(found) == figure_names(page), "the cells show other figures than they name"
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
        names = [(page, name) for page in pages() for name in figure_names(page)]
        ids = ["#".join(name) for name in names]
        metafunc.parametrize("book_figure", names, ids=ids, indirect=True)
    if "figure_name" in metafunc.fixturenames:
        names = [(page, name) for page in pages() for name in figure_names(page)]
        metafunc.parametrize("figure_name", names, ids="#".join)
    if "docname" in metafunc.fixturenames:
        metafunc.parametrize("docname", pages())
    if "chapter_name" in metafunc.fixturenames:
        metafunc.parametrize("chapter_name", [p for p in pages() if p.startswith("chapters/")])
    if "anypage" in metafunc.fixturenames:
        metafunc.parametrize("anypage", [*pages(), "search", "404"])


@pytest.fixture
def book_figure(request: pytest.FixtureRequest) -> BookFigure:
    """Each interactive figure of the book in turn."""
    page, name = request.param
    return figures_of(page)[name]


@pytest.fixture(scope="session")
def figures_on() -> Callable[[str], list[BookFigure]]:
    """From a page to its interactive figures."""
    return lambda page: list(figures_of(page).values())


@pytest.fixture(scope="session")
def docnames() -> tuple[str, ...]:
    """Every page of the book, as the table of contents names them."""
    return pages()


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> Path:
    """The folder of the site, built as `make book` builds it, by the first process that asks."""
    mine, done, failed = (
        tmp_path_factory.getbasetemp().parent / f"site-{testrun_uid}-{state}"
        for state in ("taken", "done", "failed")
    )
    try:
        mine.touch(exist_ok=False)
    except FileExistsError:
        while not done.exists():
            if failed.exists():
                pytest.fail("the build failed, as another process has said")
            time.sleep(0.2)
        return browsing.SITE
    try:
        folder = browsing.build()
    except BaseException:
        failed.touch()
        raise
    done.touch()
    return folder


# Which tests a process runs one after the other: those of one file, and in the large files those of
# one page, so that a browser opens each page once and no process is left with a long file.


@cache
def group_of(nodeid: str) -> str:
    """Return the group of a test: its file, and the page it is about."""
    file, _, test = nodeid.partition("::")
    if not file.startswith(SPLIT):
        return file
    given = re.search(r"\[(.*)\]", test)
    about = [page for page in (*pages(), "search", "404") if given and page in given[1]]
    return f"{file}::{max(about, key=len, default='')}"


# Last: within a group, pytest has put tests with the same large fixtures next to each other.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    groups = list(dict.fromkeys(group_of(item.nodeid) for item in items))
    browser = [group for group in groups if group.startswith(BROWSER)]
    # The first of the browser's begins with building the site; the others wait for the end of it.
    order = [*browser[:1], *(g for g in groups if g not in browser), *browser[1:]]
    place = {group: number for number, group in enumerate(order)}
    items.sort(key=lambda item: place[group_of(item.nodeid)])


class _ByGroup(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    return _ByGroup(config, log)
