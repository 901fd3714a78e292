"""A whole small book, built as the real one is."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

import lossbook
from lossbook.explore import FRONT_VARIABLE
from lossbook.site import fingerprint

ROOT = Path(__file__).parent.parent.parent


# What the cache depends on


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "package"
    (folder / "data").mkdir(parents=True)
    (folder / "code.py").write_text("x = 1\n")
    (folder / "data" / "numbers.csv").write_text("1,2\n")
    (folder / "README.md").write_text("words\n")
    return folder


def test_fingerprint_is_stable(package):
    assert fingerprint(package) == fingerprint(package)


@pytest.mark.parametrize("name", ["code.py", "data/numbers.csv", "new.py"])
def test_fingerprint_changes_with_code_and_data(package, name):
    before = fingerprint(package)
    (package / name).write_text("x = 2\n")
    assert fingerprint(package) != before


def test_fingerprint_changes_when_a_file_moves(package):
    before = fingerprint(package)
    (package / "code.py").rename(package / "core.py")
    assert fingerprint(package) != before


@pytest.mark.parametrize("name", ["style.css", "script.js", "icon.svg", "site/code.py"])
def test_pages_depend_on_assets_and_site_and_notebooks_do_not(package, name):
    pages, notebooks = fingerprint(package, pages=True), fingerprint(package)
    (package / "site").mkdir()
    (package / name).write_text("changed")
    assert fingerprint(package, pages=True) != pages
    assert fingerprint(package) == notebooks


def test_fingerprint_ignores_what_no_notebook_reads(package):
    before = fingerprint(package)
    (package / "README.md").write_text("other words\n")
    (package / "style.css").write_text("a {}\n")
    assert fingerprint(package) == before


# A whole book, built


class Book:
    """A small book in a folder of its own."""

    def __init__(self, folder, package=None):
        self.folder = folder
        self.package = package
        (folder / "_config.yml").write_text((ROOT / "_config.yml").read_text())
        shutil.copy(ROOT / "references.bib", folder)
        (folder / "_toc.yml").write_text(
            "format: jb-book\nroot: index\nchapters:\n- file: chapter\n"
        )
        self.page("# Front\n\nInline $x$ and\n\n$$\na = b\n$$ (eq-a)\n\nSee {eq}`eq-a`.\n")
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


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of lossbook that a test may change."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(
        Path(lossbook.__file__).parent,
        folder / "lossbook",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return folder


@pytest.fixture(scope="module")
def book(tmp_path_factory, copied):
    return Book(tmp_path_factory.mktemp("book"), copied)


FIGURE = """\
from lossbook.explore import explore
def line(ax, slope=1):
    ax.plot([0, slope])
    return f"slope {slope}"
explore(line, slope=(0, 2, 1))"""


def test_built_page_has_baked_figures_and_asks_no_other_host(book):
    book.notebook(FIGURE)
    done = book.build()
    assert done.returncode == 0, done.stderr
    page, front = book.read(), book.read("index")
    assert '<figure class="explore" id="line">' in page
    for text in (page, front):
        assert re.findall(r'<script[^>]* src="(?:\.\./)*([^"?]*)', text) == [
            "_static/mode.js",
            "_static/bundle.js",
        ]
        assert not re.search(r"<script(?![^>]*(?: src=|application/json))", text)
        assert not re.search(r"widget-view|require|thebe|fontawesome|mybinder", text.lower())
        assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
    assert '<span class="eqno">(1)' in front


def test_control_of_ipywidgets_leaves_no_state_in_the_page(book):
    control = "from ipywidgets import SelectionSlider\n"
    book.notebook(
        control + FIGURE.replace("(0, 2, 1)", "SelectionSlider(options=[1, 2, 4], value=1)")
    )
    assert book.build().returncode == 0
    page = book.read()
    assert '<figure class="explore" id="line">' in page
    assert not re.search(r"jupyter.widget|require\.|html-manager|//cdn", page)
    book.notebook(FIGURE)  # what the next tests expect
    assert book.build().returncode == 0


def test_bundles_hold_what_the_pages_need_and_little_else(book):
    static = book.folder / "_build" / "html" / "_static"
    script, style = ((static / f"bundle.{kind}").read_text() for kind in ("js", "css"))
    assert "figure.explore" in script
    for unused in ("THEBE", "togglebutton", "bootstrap"):
        assert unused not in script
    assert ".katex-display" in style
    assert "figure.explore" in style
    assert "fa-solid-900" not in style
    assert ".fa-yen-sign" not in style
    for url in re.findall(r"url\(([^)]*)\)", style):
        if not url.strip("\"'").startswith("data:"):
            assert (static / url).is_file(), url


STYLE = re.compile(r"bundle\.css\?v=(\w+)")


def test_page_of_a_removed_chapter_goes(book):
    stale = book.folder / "_build" / "html" / "old.html"
    stale.write_text("<p>an old page</p>")
    book.page("# Front\n\nChanged.\n")
    assert book.build().returncode == 0
    assert not stale.exists()
    assert "Changed." in book.read("index")


def test_style_that_one_page_needs_first_is_asked_for_anew_by_all(book):
    before = STYLE.findall(book.read())
    book.page("# Front\n\n:::{tip}\nA tip.\n:::\n")
    assert book.build().returncode == 0
    assert STYLE.findall(book.read()) == STYLE.findall(book.read("index")) != before
    style = (book.folder / "_build" / "html" / "_static" / "bundle.css").read_text()
    assert ".admonition.tip" in style
    assert "figure.explore" in style, "pages that were not written again keep their rules"


def test_script_of_a_page_is_on_that_page_alone(book):
    (book.package / "lossbook" / "site" / "assets" / "mine.js").write_text("/* mine */")
    (book.folder / "mine.py").write_text(
        "def add(app, page, *_):\n"
        "    if page == 'chapter':\n"
        "        app.add_js_file('mine.js', loading_method='defer')\n"
        "def setup(app):\n"
        "    app.connect('html-page-context', add)\n"
        "    return {'parallel_read_safe': True}\n"
    )
    config = (book.folder / "_config.yml").read_text()
    (book.folder / "_config.yml").write_text(f"{config}  local_extensions: {{mine: .}}\n")
    done = book.build()
    (book.folder / "_config.yml").write_text(config)
    assert done.returncode == 0, done.stderr
    assert re.search(r'<script defer="defer" src="_static/mine.js\?v=\w+">', book.read())
    assert "mine.js" not in book.read("index")


def test_site_with_an_address_has_canonical_links_preview_and_site_map(book):
    done = book.build("--all", SITE_URL="https://example.org/book")
    assert done.returncode == 0, done.stderr
    site = book.folder / "_build" / "html"
    assert '<link rel="canonical" href="https://example.org/book/chapter.html">' in book.read()
    assert '<link rel="canonical" href="https://example.org/book/">' in book.read("index")
    assert (site / "_static" / "social.png").stat().st_size > 1000
    assert "<loc>https://example.org/book/chapter.html</loc>" in (site / "sitemap.xml").read_text()
    assert 'href="/book/index.html"' in book.read("404")


def test_second_build_runs_no_notebook_until_the_package_changes(book):
    """The order matters: the book of the test above, unchanged, then with another lossbook."""
    code = "from lossbook._version import __version__\n__version__"
    book.notebook(code)
    assert "Executed notebook" in book.build().stdout
    second = book.build()
    assert second.returncode == 0, second.stderr
    assert "Execut" not in second.stdout
    assert "8.8.8" not in book.read()
    (book.package / "lossbook" / "_version.py").write_text('__version__ = "8.8.8"\n')
    assert "Executed notebook" in book.build().stdout
    assert "8.8.8" in book.read()
    caches = list((book.folder / "_build" / ".jupyter_cache").iterdir())
    assert len(caches) == 1


def test_search_index_after_changes_is_that_of_a_build_from_nothing(book):
    book.page("# Front\n\n```{glossary}\npinball\n  A loss.\n```\n")
    book.notebook("print(2)", text="# Chapter\n\nAbout words.")
    assert book.build("--all").returncode == 0
    index = book.folder / "_build" / "html" / "searchindex.js"
    first = index.read_text()
    assert '"indexentries": {"pinball": [[1, ' in first
    book.notebook("print(2)", text="# Chapter\n\nAbout zebras.")
    assert book.build().returncode == 0
    assert '"zebra": 0' in index.read_text()
    book.notebook("print(2)", text="# Chapter\n\nAbout words.")
    assert book.build().returncode == 0
    assert index.read_text() == first


def test_repository_and_binder_links_come_from_the_environment(book):
    book.notebook("print(2)")
    done = book.build("--all", GITHUB_REPOSITORY="someone/book", GITHUB_REF_NAME="main")
    assert done.returncode == 0, done.stderr
    page = book.read()
    assert 'href="https://github.com/someone/book"' in page
    binder = "https://mybinder.org/v2/gh/someone/book/main?urlpath=lab/tree/chapter.ipynb"
    assert f'href="{binder}"' in page


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import warnings; warnings.warn('careful')", "careful"),
        (FIGURE.replace("(0, 2, 1)", "(0, 2, 0)"), "the step must be above zero"),
    ],
    ids=["error", "warning", "figure"],
)
def test_notebook_that_fails_or_warns_stops_the_build_with_its_name(book, code, says):
    book.notebook(code)
    for _attempt in range(2):  # nothing changed: no success by forgetting
        done = book.build()
        printed = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)
        assert done.returncode != 0
        assert "chapter.ipynb" in printed
        assert says in printed


# Notebooks run side by side, before their pages are read

MEET = """\
import pathlib, time
pathlib.Path("{mine}").touch()
until = time.monotonic() + 30
while not pathlib.Path("{other}").exists() and time.monotonic() < until:
    time.sleep(0.05)
pathlib.Path("{other}").exists()"""


@pytest.fixture(scope="module")
def two(tmp_path_factory, copied):
    """A book of two notebooks that run side by side on any machine."""
    folder = tmp_path_factory.mktemp("two")
    book = Book(folder, copied)
    (folder / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n- file: chapter\n- file: second\n"
    )
    config = (folder / "_config.yml").read_text()
    (folder / "_config.yml").write_text(f"{config}    lossbook_workers: 2\n")
    return book


def test_notebooks_run_side_by_side(two):
    two.notebook(MEET.format(mine="a", other="b"))
    two.notebook(MEET.format(mine="b", other="a"), name="second")
    done = two.build()
    assert done.returncode == 0, done.stderr
    for page in ("chapter", "second"):
        assert ">True" in two.read(page), "each saw the other while it ran"


def test_every_notebook_that_fails_is_reported_with_its_name_and_traceback(two):
    two.notebook("def one():\n    1 / 0", "one()")
    two.notebook("{}['key']", name="second")
    done = two.build()
    printed = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)
    assert done.returncode != 0
    assert "ZeroDivisionError: division by zero" in printed
    assert "KeyError: 'key'" in printed
    for name in ("chapter.ipynb", "second.ipynb"):
        assert re.search(rf"{name}: ERROR: Executing notebook failed", printed)
    assert "in one()" in printed


def test_notebooks_that_the_cache_has_lost_run_again(two):
    two.notebook("print('first')")
    two.notebook("print('second')", name="second")
    assert two.build().returncode == 0
    stored = {
        path.read_text(): path
        for path in (two.folder / "_build" / ".jupyter_cache").glob("*/executed/*/base.ipynb")
    }
    next(path for text, path in stored.items() if "first" in text).unlink()
    whole, path = next((text, path) for text, path in stored.items() if "second" in text)
    path.write_text(whole[: len(whole) // 2])
    done = two.build("--all")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Executed notebook") == 2
    assert "first" in two.read()
    assert "second" in two.read("second")


def test_interrupted_build_ends_its_kernels_and_leaves_nothing_that_the_next_one_trusts(two):
    """The book of the test above."""
    whole = two.read("index")
    two.notebook("import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(100)")
    started = two.start_to_build()
    assert any("executing 1 notebook" in line for line in started.stdout)
    until = time.monotonic() + 30
    while not (pid := (two.folder / "pid")).exists() or not pid.read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    started.communicate(timeout=30)
    assert started.returncode != 0
    assert not Path("/proc", pid.read_text()).exists(), "its kernel has ended"

    page = two.folder / "_build" / "html" / "index.html"
    page.write_text(whole[: len(whole) // 2])  # as a build leaves it that ends while it writes
    two.notebook("print('third')")
    done = two.build()
    assert done.returncode == 0, done.stderr
    assert two.read("index") == whole
    assert "third" in two.read()


def test_formula_that_does_not_parse_stops_the_build_with_its_page(book):
    book.notebook("print(3)", text="# Chapter\n\n$\\nonsense$")
    done = book.build()
    assert done.returncode != 0
    assert "chapter.ipynb" in done.stderr
    assert "no formula that KaTeX reads" in done.stderr


def test_front_is_switched_in_the_build_only():
    assert FRONT_VARIABLE not in os.environ
