"""What a chapter's page says of its reading, in a small book of Sphinx."""

import io

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_markdown_cell, new_notebook
from sphinx.application import Sphinx

from lossbook.site.chapters import NOTE

CONF = """
extensions = ["myst_nb", "sphinx_design"]
myst_enable_extensions = ["colon_fence"]
nb_execution_mode = "off"
root_doc = "index"

def setup(app):
    from lossbook.site import chapters
    chapters.connect(app)
"""
FRONT = "# Front\n\nRead {time}`01-first`\n\n```{toctree}\n01-first\n```\n"
BOX = "```{admonition} Deeper: a proof\n:class: deeper dropdown\nBecause.\n```"


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    def build(front=FRONT):
        folder = tmp_path_factory.mktemp("book")
        (folder / "conf.py").write_text(CONF)
        (folder / "index.md").write_text(front)
        deeper = new_markdown_cell("(the-proof)=\n### A *proof*\n\nWhy.\n\n#### Within\n\nSo.")
        deeper.metadata["tags"] = ["deeper"]
        cells = [
            new_markdown_cell(f"# First\n\n{'word ' * 2000}\n\n## Section\n\n{BOX}"),
            deeper,
            new_markdown_cell("## Next\n\nSee [](the-proof)."),
        ]
        nbformat.write(new_notebook(cells=cells), folder / "01-first.ipynb")
        said = io.StringIO()
        out = folder / "html"
        app = Sphinx(folder, folder, out, folder / "doctrees", "html", status=None, warning=said)
        app.build()
        pages = {
            name: BeautifulSoup((out / f"{name}.html").read_text(), "html.parser")
            for name in ("index", "01-first")
        }
        return pages, said.getvalue(), (out / "searchindex.js").read_text()

    return build


@pytest.fixture(scope="module")
def book(build):
    return build()


def test_time_stands_under_the_title_and_where_the_role_names_the_chapter(book):
    pages, said, _ = book
    assert said == ""
    (line,) = pages["01-first"].select("h1 + p.reading-time")
    assert line.text == "About 10 minutes."
    assert f"Read {line.text}" in pages["index"].text


def test_section_that_goes_deeper_has_a_class_and_a_note(book):
    pages, _, index = book
    (section,) = pages["01-first"].select("section.deeper")
    assert section.select_one("h3").text.startswith("A proof")
    assert section.select_one("h3 + p.deeper-note").text == NOTE
    assert "A proof" in index


def test_page_contents_mark_what_goes_deeper_for_eye_and_ear(book):
    pages, _, _ = book
    marked = pages["01-first"].select("a:has(.deeper-mark)")
    assert {link.text for link in marked} == {"A proof (goes deeper)"}
    assert marked[0].select_one(".deeper-mark .visually-hidden")


def test_reference_to_what_goes_deeper_has_its_title_alone(book):
    pages, _, _ = book
    assert "See A proof." in pages["01-first"].text


def test_deeper_box_is_a_native_disclosure(book):
    pages, _, _ = book
    (box,) = pages["01-first"].select("details.deeper")
    assert box.summary.text.strip() == "Deeper: a proof"
    assert not box.has_attr("open")
    assert "Because." in box.text


def test_role_that_names_no_notebook_is_an_error(build):
    _, said, _ = build("# Front\n\n{time}`index`\n\n```{toctree}\n01-first\n```\n")
    assert "time: there is no notebook 'index'" in said
