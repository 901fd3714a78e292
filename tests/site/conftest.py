"""Small books, built as the real one is."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

import lossbook
from lossbook.site.links import ALSO_CALLED

ROOT = Path(__file__).parent.parent.parent
PAGES = ("a", "b", "c")
FRONT_PAGE = "# Front\n\nInline $x$ and\n\n$$\na = b\n$$ (eq-a)\n\nSee {eq}`eq-a`.\n"
FIGURE = """\
from lossbook.explore import explore
def line(ax, slope=1):
    ax.plot([0, slope])
    return f"slope {slope}"
explore(line, slope=(0, 2, 1))"""


class Book:
    """A small book in a folder of its own."""

    def __init__(self, folder, package=None):
        self.folder = folder
        self.package = package
        (folder / "_config.yml").write_text((ROOT / "_config.yml").read_text())
        shutil.copy(ROOT / "references.bib", folder)
        (folder / "reference").mkdir()
        shutil.copy(ROOT / ALSO_CALLED, folder / ALSO_CALLED)
        (folder / "_toc.yml").write_text(
            "format: jb-book\nroot: index\nchapters:\n- file: chapter\n"
        )
        self.reset()

    def reset(self):
        self.page(FRONT_PAGE)
        self.notebook("print(1)")

    def page(self, text):
        (self.folder / "index.md").write_text(text)

    def notebook(self, *codes, text="# Chapter", name="chapter"):
        cells = [nbformat.v4.new_markdown_cell(text, id="text")]
        cells += [nbformat.v4.new_code_cell(c, id=f"c{i}") for i, c in enumerate(codes)]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata.kernelspec = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        nbformat.write(notebook, self.folder / f"{name}.ipynb")

    def build(self, *options, **environment):
        command, settings = self._build(*options, **environment)
        return subprocess.run(command, capture_output=True, check=False, **settings)

    def start_to_build(self):
        command, settings = self._build()
        return subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # What a shell runs in the background does not hear Ctrl-C, nor do its children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            **settings,
        )

    def _build(self, *options, **environment):
        variables = {k: v for k, v in os.environ.items() if not k.startswith("GITHUB_")}
        if self.package:
            variables["PYTHONPATH"] = str(self.package)
        variables |= {"GIT_CEILING_DIRECTORIES": str(self.folder.parent), **environment}
        program = Path(sys.executable).with_name("jupyter-book")
        command = [program, "build", ".", "-W", "-n", "--keep-going", *options]
        return command, {"cwd": self.folder, "env": variables, "text": True}

    def read(self, page="chapter"):
        return (self.folder / "_build" / "html" / f"{page}.html").read_text()


@pytest.fixture(scope="session")
def copied(tmp_path_factory):
    """A copy of lossbook that a test may change."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(
        Path(lossbook.__file__).parent,
        folder / "lossbook",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return folder


@pytest.fixture(scope="session")
def book_maker():
    """How to make a book in a folder: ``book_maker(folder, package=None)``."""
    return Book


@pytest.fixture(scope="session")
def _one(tmp_path_factory, copied):
    return Book(tmp_path_factory.mktemp("book"), copied)


@pytest.fixture
def book(_one):
    """A book of a front page and a chapter, as it is at first; what was built may be there."""
    _one.reset()
    return _one


@pytest.fixture(scope="session")
def _two(tmp_path_factory, copied):
    folder = tmp_path_factory.mktemp("two")
    book = Book(folder, copied)
    names = ["chapter", "second", *PAGES]
    files = "".join(f"- file: {name}\n" for name in names)
    (folder / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{files}")
    return book


@pytest.fixture
def two(_two):
    """A book of two notebooks, and of as many pages as Sphinx takes to read side by side."""
    for name in PAGES:
        (_two.folder / f"{name}.md").write_text(f"# Page {name}\n")
    _two.page(FRONT_PAGE)
    _two.notebook("print('first')")
    _two.notebook("print('second')", name="second")
    return _two


@pytest.fixture(scope="session")
def figure_code():
    """A cell with a figure of three positions."""
    return FIGURE
