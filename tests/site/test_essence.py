"""The page that gathers the essence of the chapters."""

import ast
import re
from collections import Counter

import pytest
from myst_nb.core.read import read_myst_markdown_notebook
from nbformat import read

from lossbook.site.essence import kept
from lossbook.site.reading import count, minutes

KEEP = re.compile(r"^```\{keep\} (\S+)\n```$", re.MULTILINE)


@pytest.fixture(scope="module")
def page(root):
    path = root / "essence.md"
    return read_myst_markdown_notebook(path.read_text("utf-8"), path=path)


@pytest.fixture(scope="module")
def chapters(root):
    return sorted((root / "chapters").glob("[0-9][0-9]-*.ipynb"))


def figures(notebook):
    """Return what the figures of a notebook are made of, but for the name of their module."""
    calls = [
        node
        for cell in notebook.cells
        if cell.cell_type == "code"
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "explore"
    ]
    return [re.sub(r"^explore\(\w+\.", "explore(", ast.unparse(call)) for call in calls]


def test_its_six_figures_are_those_of_the_chapters(page, chapters):
    known = {figure for path in chapters for figure in figures(read(path, as_version=4))}
    assert len(figures(page)) == 6
    assert set(figures(page)) <= known


def test_it_has_a_dozen_sentences_and_takes_at_most_a_quarter_of_an_hour(page, chapters):
    text = "\n\n".join(cell.source for cell in page.cells if cell.cell_type == "markdown")
    labels = KEEP.findall(text)
    boxes = [kept(chapters[int(label[2]) - 1], label) for label in labels]
    titles = 5 * len(boxes)  # words, about
    amount = count(KEEP.sub("", text) + "\n\n".join(boxes))
    amount += Counter(words=titles, figures=len(figures(page)))
    assert len(set(labels)) == 12
    assert 12 < minutes(amount) <= 15


def test_a_box_is_that_of_the_section(chapters):
    assert kept(chapters[0], "ch1-loss").startswith("A loss is the price of one prediction.")
    assert kept(chapters[0], "ch1-loss") != kept(chapters[0], "ch1-cost")


@pytest.mark.parametrize("label", ["ch1-nothing", "ch1-summary"])
def test_section_without_a_box_is_refused(chapters, label):
    with pytest.raises(LookupError, match=f"01-.* has no box 'Keep this' in a section '{label}'"):
        kept(chapters[0], label)
