"""What `make live` adds to a page, and that a plain build has no trace of it."""

import json
import re

import pytest
from jinja2 import Template

from lossbook.site import live, pages

FILES = {"pyodide.mjs": "core", "licences/README.txt": "licences"}


@pytest.fixture
def runtime(tmp_path):
    """A folder as tools/runtime.py fills one, but for what is in its files."""
    folder = tmp_path / "runtime"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    about = {
        "release": "9.8.7",
        "pinned": "9.8.6",
        "differing": ["pyodide.mjs"],
        "python": "3.99",
        "numpy": "9.9",
        "files": {"pyodide.mjs": {"size": 1234567, "sha256": "ab" * 32}},
    }
    (folder / live.MANIFEST).write_text(json.dumps(about))
    return folder


PAGE = "# Front\n\n(use-this-book)=\n## Ways\n\n:::{only} live\n```{runtime}\n```\n:::\n"


def test_live_build_adds_buttons_and_files_and_a_plain_one_takes_them_away(book, runtime):
    book.page(PAGE)
    book.notebook("x = 1", "print(x)")
    built = book.folder / "_build" / "html"
    done = book.build(LOSSBOOK_RUNTIME=str(runtime))
    assert done.returncode == 0, done.stderr
    page, front = book.read(), book.read("index")
    assert page.count("data-run>") == page.count("data-edit>") == 2
    for button in ("data-run-all", "data-restart", "data-stop"):
        assert page.count(button) == 1
    assert 'data-ways="index.html#use-this-book"' in page
    name = re.search(r'data-live="_static/live/([0-9a-f]{16})/"', page)[1]
    folder = built / "_static" / "live"
    assert {path.name for path in folder.iterdir()} == {"cache.js", name}
    for file in (*FILES, live.MANIFEST, "live.js", "worker.js", "run.py", "editor.js"):
        assert (folder / name / file).is_file(), file
    assert "data-live" in (built / "_static" / "bundle.js").read_text()
    assert "Pyodide 9.8.7, with Python 3.99 and NumPy 9.9." in front
    assert "1,234,567" in front
    assert "ab" * 32 in front
    assert "data-run" not in front, "a page without code has no buttons"

    manifest = runtime / live.MANIFEST
    manifest.write_text(manifest.read_text().replace("ab" * 32, "cd" * 32))
    assert book.build(LOSSBOOK_RUNTIME=str(runtime)).returncode == 0
    assert name not in {path.name for path in folder.iterdir()}, "other files, another folder"

    assert book.build().returncode == 0
    texts = [p.read_text() for p in (*built.glob("*.html"), *(built / "_static").glob("bundle.*"))]
    assert not [t for t in texts if re.search(r"data-run|data-live|live-bar|Pyodide", t)]
    assert not folder.exists()
    assert not [path for path in built.rglob("*") if path.name in {*FILES, "worker.js"}]


def test_folder_that_was_not_filled_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv(live.RUNTIME_VARIABLE, str(tmp_path))
    with pytest.raises(ValueError, match=r"LOSSBOOK_RUNTIME='.*': no runtime.json is there; `make"):
        live.runtime()


def test_what_a_page_gets_before_anything_is_pressed_is_light():
    import gzip

    buttons = Template((pages.TEMPLATES / "live.html").read_text("utf-8"))
    cells = "".join(f"<p>{number}</p>{buttons.render()}" for number in range(60))
    bare = "".join(f"<p>{number}</p>" for number in range(60))
    bar = buttons.render(folder="../_static/live/0123456789abcdef/", ways="../index.html#ways")
    assets = [path.read_bytes() for path in live.START.iterdir()]
    html = len(gzip.compress((bar + cells).encode())) - len(gzip.compress(bare.encode()))
    assert html + sum(len(gzip.compress(asset)) for asset in assets) <= 3000
