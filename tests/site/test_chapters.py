"""What can be skipped is marked, in a small book of Sphinx."""

import io

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_markdown_cell, new_notebook
from sphinx.application import Sphinx

CONF = """
extensions = ["myst_nb"]
nb_execution_mode = "off"
root_doc = "index"
html_theme = "alabaster"

def setup(app):
    from lossbook.site import chapters
    chapters.connect(app)
"""
FRONT = "# Front\n\n```{toctree}\n01-first\n```\n"


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    (folder / "conf.py").write_text(CONF)
    (folder / "index.md").write_text(FRONT)
    deeper = new_markdown_cell("(the-proof)=\n### A *proof*\n\nWhy.\n\n#### Within\n\nSo.")
    deeper.metadata["tags"] = ["deeper"]
    cells = [
        new_markdown_cell("# First\n\n## Section\n\nText."),
        deeper,
        new_markdown_cell("## Next\n\nSee [](the-proof)."),
    ]
    nbformat.write(new_notebook(cells=cells), folder / "01-first.ipynb")
    said = io.StringIO()
    out = folder / "html"
    Sphinx(folder, folder, out, folder / "doctrees", "html", status=None, warning=said).build()
    assert said.getvalue() == ""
    return BeautifulSoup((out / "01-first.html").read_text(), "html.parser")


def test_section_that_goes_deeper_has_a_class(book):
    (section,) = book.select("section.deeper")
    assert section.select_one("h3").text.startswith("A proof")


def test_page_contents_mark_what_goes_deeper(book):
    (link,) = book.select(".sphinxsidebar a.deeper")
    assert link.text == "A proof"


def test_reference_to_what_goes_deeper_has_its_title_alone(book):
    assert "See A proof." in book.text
