"""What a reader does with a page that has a Python: changes, loops, errors, tabs, no network."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

PAGE = "chapters/01-loss-cost-objective"
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture(scope="module")
def live(visiting):
    """One page for the tests that leave Python as it was."""
    with visiting() as visits:
        yield visits(PAGE)


def test_nothing_is_asked_for_before_a_button_is_pressed(visits):
    live = visits(PAGE)
    live.page.wait_for_load_state("networkidle")
    assert not [url for url in visits.asked if "_static/live" in url]


def test_edit_run_and_put_back(live):
    before = live.cell(0).locator(".cell_input pre").text_content()
    assert live.try_code("import numpy as np\nprint(np.arange(3).sum())") == "3\n"
    live.cell(0).locator("[data-put-back]").click()
    assert live.cell(0).locator(".cell_input pre").text_content() == before
    assert live.run(0) == ""


def test_endless_loop_is_stopped_and_the_page_goes_on(visits):
    live = visits(PAGE)
    live.write(0, "x = 1\nwhile True: pass")
    live.cell(0).locator("[data-run]").click()
    expect(live.cell(0)).to_have_attribute("data-state", "running", timeout=180_000)
    live.press("stop")
    expect(live.cell(0)).to_have_attribute("data-state", "stopped")
    assert live.try_code("1 + 1") == "2"


def test_error_shows_the_reader_s_own_lines(live):
    code = "from lossbook import squared_error\n\nsquared_error([1, 2], [1, 2, 3])"
    text = live.try_code(code, "error")
    assert 'File "cell 1", line 3' in text
    assert "ValueError: " in text
    assert "lossbook/" not in text
    assert "site-packages" not in text


BROKEN_MODULE = """
import pathlib, sys
pathlib.Path("broken.py").write_text("1 / 0")
sys.path.append(".")
import broken
"""


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("input('Who? ')", "cannot wait for an answer in a page"),
        ("import torch", "no torch: that needs a kernel"),
        ("import sqlite3", "no sqlite3: that needs a kernel"),
        ("import matplotlib.pyplot as plt", "no matplotlib: that needs a kernel"),
        ("import lossbook.nothing", "ModuleNotFoundError: No module named 'lossbook.nothing'"),
        (BROKEN_MODULE, "line 5, in <module>\n    import broken\nZeroDivisionError"),
        ("def f(): return f()\nf()", "RecursionError"),
        ("import numpy as np\nnp.ones(10**9)", "ValueError: array is too big"),
        ("x = [0] * 10**9", "MemoryError"),
        ("1 +", "SyntaxError"),
        ("import threading\nthreading.Thread(target=print).start()", "can't start new thread"),
        ("import subprocess\nsubprocess.run('ls')", "does not support processes"),
    ],
)
def test_what_cannot_be_done_is_answered_and_python_goes_on(live, code, says):
    assert says in live.try_code(code, "error")
    assert live.try_code("1 + 1") == "2"


def test_ten_million_lines_are_cut_with_a_word(live):
    live.write(0, "for i in range(10**7): print(i)")
    text = live.run(0, timeout=240_000)
    assert len(text) < 110_000
    assert re.search(r"The rest is not shown: 78,\d{3},\d{3} more characters\.$", text)
    assert live.try_code("1 + 1") == "2"


def test_deleted_name_is_told_and_restart_brings_it_back(visits):
    live = visits(PAGE)
    assert live.try_code("import numpy as np\nnp.pi") == "3.141592653589793"
    live.write(1, "del np")
    live.run(1)
    live.write(2, "np.pi")
    text = live.run(2, "error")
    assert "NameError: name 'np' is not defined" in text
    assert "choose Restart" in text
    live.press("restart")
    live.cell(1).locator("[data-put-back]").click()
    assert live.run(2) == "3.141592653589793"


def test_python_that_breaks_down_says_so_and_restart_begins_anew(visits):
    live = visits(PAGE)
    nested = "x = []\nfor _ in range(10**5): x = [x]\nx"
    assert "Restart begins anew" in live.try_code(nested, "error")
    visits.complaints.clear()  # Pyodide reports it to the console
    live.press("restart")
    assert live.try_code("1 + 1") == "2"


def test_restart_mends_what_a_cell_has_broken(visits):
    live = visits(PAGE)
    live.try_code("import numpy, builtins\nnumpy.array = None\nbuiltins.print = None")
    live.press("restart")
    assert live.try_code("import numpy\nprint(numpy.array([1]))") == "[1]\n"


def test_two_tabs_have_a_python_each(visits):
    first, second = visits(PAGE), visits(PAGE)
    assert first.try_code("x = 'first'\nx") == "'first'"
    assert second.try_code("x = 'second'\nx") == "'second'"
    first.write(0, "x")
    assert first.run(0) == "'first'"


def test_python_starts_without_a_network_once_it_was_there(visits):
    live = visits(PAGE)
    assert live.try_code("1 + 1") == "2"
    visits.context.set_offline(True)
    live.press("restart")
    assert live.try_code("2 + 2") == "4"


REACHES = """
import sys
found = []
def attempt(code):
    try:
        exec(code)
        found.append(code)
    except BaseException:
        pass
for name in ("fetch", "indexedDB", "caches", "location", "navigator", "XMLHttpRequest",
             "WebSocket", "importScripts", "localStorage", "document", "self", "globalThis"):
    attempt(f"import js; js.{name}")
    attempt(f"from pyodide.code import run_js; run_js('{name}.x')")
attempt("from pyodide.code import run_js; run_js('1 + 1')")
attempt("import pyodide_js; pyodide_js.loadPackage.constructor('return 1')()")
attempt("import pyodide.http; pyodide.http.open_url('/index.html')")
found
"""


def test_code_reaches_neither_network_nor_storage_nor_address(visits):
    live = visits(PAGE)
    assert live.try_code(REACHES) == "[]"
    visits.complaints.clear()  # the browser says what its policy forbids


def test_cells_keep_the_rules_of_accessibility(live):
    live.try_code("print('text')\n1 / 0", "error")
    live.write(1, "from lossbook import choose\nchoose(predict='a count')")
    for scheme, width in (("light", 1280), ("dark", 390)):
        live.page.emulate_media(color_scheme=scheme)
        live.page.set_viewport_size({"width": width, "height": 900})
        for context in (".live-bar", ".cell:has(.live-output)", ".cell:has(.cm-editor)"):
            found = Axe().run(live.page, context=context, options={"runOnly": RULES})
            assert not found.response["violations"], (scheme, found.generate_report())
        scrolls = live.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not scrolls, f"at {width} pixels something is wider than the window"
