"""What every page loads."""

import gzip
from types import SimpleNamespace

import pytest
from sphinx.errors import ThemeError

from lossbook.site import bundle


def app_with(*scripts, folders=()):
    return SimpleNamespace(
        registry=SimpleNamespace(js_files=list(scripts), css_files=[]),
        config=SimpleNamespace(html_static_path=[str(folder) for folder in folders]),
    )


def test_script_of_ours_follows_those_of_sphinx_by_priority():
    app = app_with(
        ("book.js", {}),
        ("copybutton.js", {"priority": 200}),
        (None, {"body": "x"}),
        folders=[bundle.Path(bundle.__file__).parent / "assets"],
    )
    assert bundle.scripts_of(app)[3:] == ["copybutton.js", "book.js"]


def test_script_that_nobody_has_decided_about_is_an_error_that_names_it():
    with pytest.raises(ThemeError, match=r"'new\.js'"):
        bundle.scripts_of(app_with(("new.js", {})))


def test_what_is_added_once_pages_are_written_is_for_single_pages():
    app = app_with(("copybutton.js", {}))
    before = bundle.scripts_of(app)
    app.registry.js_files.append(("mine.js", {}))
    assert bundle.scripts_of(app) == before


def test_answers_and_what_remembers_them_are_light():
    assets = bundle.Path(bundle.__file__).parent / "assets"
    scripts = b"".join((assets / name).read_bytes() for name in ("answers.js", "memory.js"))
    assert len(gzip.compress(scripts, 9)) <= 6_000
