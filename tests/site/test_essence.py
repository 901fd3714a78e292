"""The page that gathers the essence of the chapters."""

import ast
import re
from collections import Counter

import pytest
from myst_nb.core.read import read_myst_markdown_notebook
from nbformat import read
from reading import count, minutes

KEPT = re.compile(
    r"^```\{admonition\} \[\]\(#(ch\d-\w+)\)\n:class: keep\n(.*?)\n```$", re.MULTILINE | re.DOTALL
)


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


def prose(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_it_has_a_dozen_sentences_and_takes_at_most_a_quarter_of_an_hour(page):
    text = prose(page)
    labels = [label for label, _ in KEPT.findall(text)]
    titles = 5 * len(labels)  # words, about: each box has the title of its section
    amount = count(text) + Counter(words=titles, figures=len(figures(page)))
    assert len(set(labels)) == 12
    assert 12 < minutes(amount) <= 15


def test_a_box_says_what_the_section_has_in_its_box_to_keep(page, chapters):
    for label, says in KEPT.findall(prose(page)):
        chapter = prose(read(chapters[int(label[2]) - 1], as_version=4))
        section = chapter.partition(f"({label})=\n")[2].partition("\n## ")[0]
        there = says.replace("](reference/", "](../reference/")
        assert f"{{admonition}} Keep this\n:class: keep\n{there}\n```" in section, label
