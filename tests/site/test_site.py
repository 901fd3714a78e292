"""A whole small book, built as the real one is."""

import json
import os
import re
import tomllib

import pytest

from lossbook.explore import FRONT_VARIABLE
from lossbook.site.links import ALSO_CALLED

# A whole small book, built as the real one is


@pytest.fixture(scope="module")
def shown(_one, figure_code):
    """A book with figures: what was built of it, by name."""
    control = "from ipywidgets import SelectionSlider\n"
    widget = figure_code.replace("(0, 2, 1)", "SelectionSlider(options=[1, 2, 4], value=1)")
    _one.reset()
    _one.notebook(figure_code, control + widget)
    done = _one.build()
    assert done.returncode == 0, done.stderr
    names = ("index.html", "chapter.html", "_static/bundle.js", "_static/bundle.css")
    return {name: (_one.folder / "_build" / "html" / name).read_text() for name in names}


def test_built_page_has_baked_figures_and_asks_no_other_host(shown):
    page, front = shown["chapter.html"], shown["index.html"]
    assert '<figure class="explore" id="line">' in page
    for text, own in ((page, []), (front, ["_static/remembered.js"])):
        scripts = ["_static/mode.js", "_static/bundle.js", *own]
        assert re.findall(r'<script[^>]* src="(?:\.\./)*([^"?]*)', text) == scripts
        assert not re.search(r"<script(?![^>]*(?: src=|application/json))", text)
        assert not re.search(r"widget-view|require|thebe|fontawesome|mybinder", text.lower())
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
    assert '<span class="eqno">(1)' in front


def test_control_of_ipywidgets_leaves_no_state_in_the_page(shown):
    page = shown["chapter.html"]
    assert '<figure class="explore" id="line-2">' in page
    assert not re.search(r"jupyter.widget|require\.|html-manager|//cdn", page)


def test_bundles_hold_what_the_pages_need_and_little_else(shown, book):
    script, style = shown["_static/bundle.js"], shown["_static/bundle.css"]
    assert "figure.explore" in script
    for unused in ("THEBE", "togglebutton", "bootstrap"):
        assert unused not in script
    assert ".katex-display" in style
    assert "figure.explore" in style
    assert "fa-solid-900" not in style
    assert ".fa-yen-sign" not in style
    static = book.folder / "_build" / "html" / "_static"
    for url in re.findall(r"url\(([^)]*)\)", style):
        if not url.strip("\"'").startswith("data:"):
            assert (static / url.strip('"')).is_file(), url


def test_build_after_a_change_keeps_the_styles_of_all_pages(book):
    assert book.build().returncode == 0
    html = book.folder / "_build" / "html"
    book.page("# Front\n\n:::{tip}\nChanged.\n:::\n")
    assert book.build().returncode == 0
    assert "Changed." in book.read("index")
    style = (html / "_static" / "bundle.css").read_text()
    assert ".admonition.tip" in style, "what a page needs first joins the rest"
    assert "figure.explore" in style, "pages that were not written again keep their rules"


def canonical(page):
    return re.search(r'<link rel="canonical" href="([^"]*)"', page)[1]


VERSION = re.compile(r"bundle\.css\?v=(\w+)")


@pytest.fixture(scope="module")
def published(_one):
    """A book that knows its address and its repository: what was built of it, by name."""
    _one.reset()
    _one.notebook("print(2)")
    where = {"SITE_URL": "https://example.org/book", "GITHUB_REPOSITORY": "someone/book"}
    done = _one.build("--all", GITHUB_REF_NAME="main", **where)
    assert done.returncode == 0, done.stderr
    site = _one.folder / "_build" / "html"
    assert (site / "_static" / "social.png").stat().st_size > 1000
    names = ("index.html", "chapter.html", "404.html", "sitemap.xml")
    return {name: (site / name).read_text() for name in names}


def test_site_with_an_address_has_canonical_links_and_site_map(published):
    assert canonical(published["chapter.html"]) == "https://example.org/book/chapter.html"
    assert canonical(published["index.html"]) == "https://example.org/book/index.html"
    assert "<loc>https://example.org/book/chapter.html</loc>" in published["sitemap.xml"]
    assert 'href="/book/index.html"' in published["404.html"]


def test_repository_and_binder_links_come_from_the_environment(published):
    page = published["chapter.html"]
    assert 'href="https://github.com/someone/book"' in page
    binder = "https://mybinder.org/v2/gh/someone/book/main?urlpath=lab/tree/chapter.ipynb"
    assert f'href="{binder}"' in page


def test_pages_ask_for_another_style_sheet_after_they_were_all_made_anew(published, book):
    before = VERSION.findall(published["chapter.html"])
    assert before == VERSION.findall(published["index.html"])
    book.page("# Front\n\nChanged.\n")
    assert book.build("--all").returncode == 0
    assert VERSION.findall(book.read()) == VERSION.findall(book.read("index")) != before


def test_second_build_runs_no_notebook_until_the_package_changes(book):
    book.notebook("from lossbook._version import __version__\n__version__")
    assert book.build().returncode == 0
    second = book.build()
    assert second.returncode == 0, second.stderr
    assert "Execut" not in second.stdout
    version = book.package / "lossbook" / "_version.py"
    before = version.read_text()
    version.write_text('__version__ = "8.8.8"\n')
    try:
        third = book.build()
    finally:
        version.write_text(before)
    assert "Executed notebook" in third.stdout
    assert "8.8.8" in book.read()
    caches = list((book.folder / "_build" / ".jupyter_cache").iterdir())
    assert len(caches) == 1


def test_search_knows_terms_and_other_names_after_a_change_of_another_page_too(book):
    glossary = "```{glossary}\npinball\n  A loss.\n```"
    book.page(f"# Front\n\n{glossary}\n\n(ch3-mse)=\n## Squares\n")
    for options, word in ((("--all",), "words"), ((), "zebras")):
        book.notebook("print(2)", text=f"# Chapter\n\nAbout {word}.")
        assert book.build(*options).returncode == 0
        index = (book.folder / "_build" / "html" / "searchindex.js").read_text()
        found = json.loads(index[index.index("{") : index.rindex("}") + 1])
        assert found["indexentries"]["pinball"] == [[1, "term-pinball", True]]
        assert found["indexentries"]["l2 loss"] == [[1, "ch3-mse", True]]
        assert word.removesuffix("s") in found["terms"]


def test_each_section_that_has_other_names_is_a_section_of_the_course(root):
    course = "".join(path.read_text() for path in (root / "chapters").glob("*.ipynb"))
    labels = tomllib.loads((root / ALSO_CALLED).read_text())
    assert [label for label in labels if f"({label})=" not in course] == []


@pytest.fixture(scope="module")
def complaints(_one):
    """What a build says of a formula that is none, and of an extension's script."""
    _one.reset()
    _one.notebook("print(3)", text="# Chapter\n\nA formula:\n\n$\\nonsense$")
    (_one.folder / "mine.py").write_text("def setup(app):\n    app.add_js_file('mine.js')\n")
    file = _one.folder / "_config.yml"
    config = file.read_text()
    with_mine = config.replace("      - lossbook.site\n", "      - lossbook.site\n      - mine\n")
    file.write_text(f"{with_mine}  local_extensions: {{mine: .}}\n")
    done = _one.build()
    file.write_text(config)
    assert done.returncode != 0
    return done.stderr


def test_formula_that_does_not_parse_stops_the_build_with_its_page(complaints):
    assert re.search(r"chapter\.ipynb.*no formula that KaTeX reads", complaints)


def test_script_that_nobody_has_decided_about_stops_the_build_and_is_named(complaints):
    assert "a package wants ['mine.js'] on every page" in complaints


def test_front_is_switched_in_the_build_only():
    assert FRONT_VARIABLE not in os.environ
