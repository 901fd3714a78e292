"""The extension for any book, on a small one that is not ours."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lossbook.explore.sources import are_unchanged

BOOK = Path(__file__).parent.parent / "other_book"


class Book:
    """A copy of the other book, built with Sphinx."""

    def __init__(self, folder: Path) -> None:
        self.source, self.out = folder / "source", folder / "_build" / "html"
        shutil.copytree(BOOK, self.source)

    def build(self, *options: str) -> str:
        """Build it, and return what Sphinx said."""
        done = subprocess.run(
            [sys.executable, "-m", "sphinx", "-W", *options, str(self.source), str(self.out)],
            capture_output=True,
            text=True,
            check=False,
            env={k: v for k, v in os.environ.items() if not k.startswith("EXPLORE_")},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def page(self, name: str) -> str:
        return (self.out / f"{name}.html").read_text("utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.source / name).read_text("utf-8")
        assert old in text
        (self.source / name).write_text(text.replace(old, new), "utf-8")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    book = Book(tmp_path_factory.mktemp("with"))
    book.build()
    return book


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """The same book, that knows nothing of explore."""
    book = Book(tmp_path_factory.mktemp("without"))
    book.edit("conf.py", ', "lossbook.explore.sphinx"', "")
    book.edit("conf.py", "numfig = True", 'numfig = True\nnb_execution_mode = "cache"')
    book.build()
    return book


def test_pages_with_figures_have_frames_script_and_style(book):
    start = book.page("start")
    assert start.count('<figure class="explore"') == 2
    assert start.count('src="_static/explore.js') == start.count('href="_static/explore.css') == 1
    assert "widget-view" not in start
    for name in ("explore.js", "explore.css"):
        assert (book.out / "_static" / name).is_file()


def test_nothing_else_of_the_book_is_touched(book, without):
    assert book.page("plain") == without.page("plain")
    assert book.page("index") == without.page("index")
    for text in (book.page("widgets"), without.page("widgets")):
        assert "application/vnd.jupyter.widget-state+json" in text, "the author's own control"
        assert "explore" not in text
    assert "application/vnd.jupyter.widget-view+json" in without.page("start")


def test_an_unchanged_book_is_not_read_again(book):
    said = book.build()
    assert "0 added, 0 changed, 0 removed" in said
    assert "Executed notebook" not in said


def test_a_change_in_the_authors_own_module_is_drawn(book):
    book.edit("drawings.py", "exponent {exponent}", "to the power of {exponent}")
    said = book.build()
    assert "Executed notebook" in said
    assert "to the power of 2, dashed False" in book.page("start")


def test_what_was_cached_before_the_extension_came_is_drawn_anew(without):
    assert '<figure class="explore"' not in without.page("start")
    shutil.copy(BOOK / "conf.py", without.source / "conf.py")
    without.build()
    assert without.page("start").count('<figure class="explore"') == 2


def test_a_mode_of_the_projects_own_stays(tmp_path):
    book = Book(tmp_path)
    book.edit("conf.py", "numfig = True", 'nb_execution_mode = "force"')
    assert "Cached executed notebook" not in book.build()
    assert book.page("start").count('<figure class="explore"') == 2


def test_sources_are_unchanged_while_each_file_is_what_it_was(tmp_path):
    notes, module = tmp_path / "notes", tmp_path / "module.py"
    assert are_unchanged(notes)
    module.write_text("x = 1")
    code = f"""\
import os, sys
os.environ["EXPLORE_SOURCES"] = {str(notes)!r}
sys.path.insert(0, {str(tmp_path)!r})
import module
from lossbook.explore.sources import note
note(lambda ax: "")
note(lambda ax: "")
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    lines = notes.read_text().splitlines()
    assert sum(line.endswith(str(module)) for line in lines) == 1
    assert not any("site-packages" in line or "/json/" in line for line in lines)
    assert are_unchanged(notes)
    module.write_text("x = 2")
    assert not are_unchanged(notes)
    module.unlink()
    assert not are_unchanged(notes)
