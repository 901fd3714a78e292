"""The cells of a page that run: order, states and editing, with a stand-in for Python's worker.

The real one needs Pyodide, and is tested by `make test-live`.
"""

import html
import re
import shutil
from pathlib import Path

import browsing
import pytest
from jinja2 import Template
from playwright.sync_api import expect

from lossbook.site import live, pages

BUTTONS = Template((pages.TEMPLATES / "live.html").read_text("utf-8"))
STAND_IN = Path(__file__).parent / "stand_in" / "worker.js"
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)
CELL = (
    '<div class="cell{kind}"><div class="cell_input"><div class="highlight"><pre>{code}\n</pre>'
    '</div></div>{tools}<div class="cell_output"><div class="output">stored {number}</div>'
    "</div></div>"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A site of one page, with the scripts as they are and the worker as it is not."""
    folder = tmp_path_factory.mktemp("live")
    (folder / "_static" / "live").mkdir(parents=True)
    shutil.copytree(live.ASSETS, folder / "_static" / "live" / "build")
    shutil.copy(live.ASSETS / "cache.js", folder / "_static" / "live")
    shutil.copy(STAND_IN, folder / "_static" / "live" / "build")
    shutil.copytree(live.START, folder / "_static", dirs_exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with browsing.serve(folder, POLICY) as address:
        yield address


def write(folder, *codes, raises=()):
    cells = [
        CELL.format(
            code=html.escape(code),
            tools=BUTTONS.render(),
            number=number,
            kind=" tag_raises-exception" if number in raises else "",
        )
        for number, code in enumerate(codes, start=1)
    ]
    bar = BUTTONS.render(folder="_static/live/build/", ways="#ways")
    (folder / "index.html").write_text(
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Cells</title>'
        '<link rel="icon" href="data:,"><link rel="stylesheet" href="_static/start.css">'
        '<script defer src="_static/start.js"></script></head>'
        f"<body><main>{bar}{''.join(cells)}</main></body></html>",
        "utf-8",
    )


class Cells:
    def __init__(self, page):
        self.page = page

    def __getitem__(self, number):
        return self.page.locator(".cell").nth(number - 1)

    def run(self, number, state="done"):
        """Press Run, and wait until the cell fares so."""
        self[number].locator("[data-run]").click()
        self.fares(number, state)

    def fares(self, number, state):
        expect(self[number]).to_have_attribute("data-state", state)

    def shows(self, number, text):
        expect(self[number].locator(".live-output")).to_have_text(text)

    def write(self, number, text):
        self[number].locator("[data-edit]").click()
        self[number].locator(".cm-content").wait_for()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)


@pytest.fixture
def opened(visit, folder, address):
    """Write a page of cells and open it."""

    def open_page(*codes, **options):
        write(folder, *codes, **options)
        return Cells(visit(address))

    return open_page


# Before anything is run


def test_page_asks_for_nothing_before_a_button_is_pressed(visit, folder, address):
    write(folder, "count")
    page = visit("about:blank")
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert [name for name in asked if name] == ["start.css", "start.js"]


def test_page_from_a_disk_says_why_and_what_helps(visit, folder):
    write(folder, "count")
    cells = Cells(visit((folder / "index.html").as_uri()))
    cells.run(1, "error")
    expect(cells[1].locator(".live-output")).to_contain_text("“make serve”")
    cells.page.locator("[data-run-all]").click()
    expect(cells.page.locator("[role=status]")).to_contain_text("“make serve”")
    expect(cells[1]).to_contain_text("stored 1")


# Order


def test_cells_above_run_first_and_once(opened):
    cells = opened("count", "count", "count")
    cells.run(2)
    cells.shows(1, "1 ran as number 1")
    cells.shows(2, "2 ran as number 2")
    assert cells[3].get_attribute("data-state") is None
    cells.run(3)
    cells.shows(3, "3 ran as number 3")
    cells.run(2)
    cells.shows(2, "2 ran as number 4")
    cells.shows(1, "1 ran as number 1")


def test_edited_cell_above_runs_again(opened):
    cells = opened("count", "count")
    cells.run(2)
    cells.write(1, "stdout changed")
    cells.run(2)
    cells.shows(2, "2 ran as number 4")
    cells.shows(1, "changed")


def test_run_all_runs_every_cell_in_order(opened):
    cells = opened("count", "count", "count")
    cells.run(1)
    cells.page.locator("[data-run-all]").click()
    for number in (1, 2, 3):
        cells.shows(number, f"{number} ran as number {number + 1}")


def test_error_above_ends_it_and_is_linked_to(opened):
    cells = opened("fail no", "count", "count")
    cells.run(3, "error")
    cells.fares(1, "error")
    cells.shows(1, "no")
    link = cells[3].locator(".live-output a")
    expect(link).to_have_text("a cell above ended with an error")
    assert cells.page.locator(link.get_attribute("href")).count() == 1
    expect(cells[3]).to_contain_text("stored 3")
    assert cells[2].get_attribute("data-state") is None
    cells.write(1, "count")
    cells.run(3)
    cells.shows(3, "3 ran as number 4")


def test_error_that_the_text_is_about_ends_nothing(opened):
    cells = opened("fail on purpose", "count", raises=[1])
    cells.run(2)
    cells.shows(2, "2 ran as number 2")
    cells.fares(1, "error")
    cells.shows(1, "on purpose")
    cells.run(2)
    cells.shows(2, "2 ran as number 3")


# What is shown


def test_stored_output_stays_until_a_new_one_comes(opened):
    cells = opened("forever", "count")
    stored = cells[1].locator(".output")
    cells.run(1, "running")
    expect(stored).to_be_visible()
    cells.page.locator("[data-stop]").click()
    cells.write(1, "stdout new")
    cells.run(1)
    cells.shows(1, "new")
    expect(stored).to_be_hidden()
    expect(cells[2].locator(".output")).to_be_visible()


def test_kinds_come_in_order(opened):
    cells = opened(
        "stdout a\nstdout b\nresult c\nhtml <table><tr><td>d</td></tr></table>\nstdout e"
    )
    cells.run(1)
    parts = cells[1].locator(".live-output > *")
    assert parts.evaluate_all("all => all.map(e => [e.localName, e.textContent])") == [
        ["pre", "a\nb\n"],
        ["pre", "c"],
        ["div", "d"],
        ["pre", "e\n"],
    ]


@pytest.mark.parametrize(
    "code",
    [
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "<a href='javascript:alert(1)'>x</a>",
        "<svg><script>alert(1)</script></svg>",
        "<p onclick=alert(1) style='position:fixed'>x</p>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<form action=//example.org><button>x</button></form>",
        "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    ],
)
def test_html_of_a_cell_can_run_and_load_nothing(visit, folder, code):
    write(folder, f"html {code}")
    with browsing.serve(folder) as address:  # as a host serves it that sets no policy
        cells = Cells(visit(address))
        dialogs = []
        cells.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        cells.run(1)
        cells.page.mouse.click(5, 5)
    assert not dialogs
    names = (
        cells[1]
        .locator(".live-output *")
        .evaluate_all("all => all.flatMap(e => [e.localName, ...e.getAttributeNames()])")
    )
    assert set(names) <= {"div", "p", "class"}


def test_text_that_looks_like_html_is_text(opened):
    cells = opened("stdout <b>x</b>")
    cells.run(1)
    cells.shows(1, "<b>x</b>")


def test_note_of_a_kernel_links_to_the_ways_in(opened):
    cells = opened("kernel This needs one.")
    cells.run(1)
    expect(cells[1].locator(".live-output a")).to_have_attribute("href", "#ways")


def test_loading_shows_progress_in_bytes(opened):
    cells = opened("count")
    seen = cells.page.locator("[role=status]").evaluate_handle(
        """status => {
             const seen = [];
             const see = new MutationObserver(() => seen.push(status.textContent));
             see.observe(status, { childList: true });
             return seen;
           }"""
    )
    cells.run(1)
    assert "Loading Python: 1.2 of 15.0 MB" in seen.json_value()


# Stop and Restart


def test_endless_loop_stops_and_the_cells_above_run_again(opened):
    cells = opened("count", "forever", "count")
    cells.run(3, "loading")
    cells.fares(2, "running")
    cells.page.locator("[data-stop]").click()
    cells.fares(2, "stopped")
    cells.fares(3, "stopped")
    expect(cells[2].locator(".live-output")).to_contain_text("the cells above run first again")
    cells.write(2, "count")
    cells.run(2)
    cells.shows(2, "2 ran as number 2")
    cells.shows(1, "1 ran as number 1")


def test_restart_forgets_what_ran_and_keeps_what_was_written(opened):
    cells = opened("count", "count")
    cells.run(2)
    cells.write(2, "stdout mine")
    cells.page.locator("[data-restart]").click()
    assert cells[1].get_attribute("data-state") is None
    expect(cells[1].locator(".live-output")).to_have_count(0)
    expect(cells[1].locator(".output")).to_be_visible()
    cells.run(2)
    cells.shows(1, "1 ran as number 1")
    cells.shows(2, "mine")


def test_python_that_cannot_go_on_says_so_and_restart_helps(opened):
    cells = opened("count", "crash out of memory")
    cells.run(2, "error")
    expect(cells[2].locator(".live-output")).to_contain_text("not enough free memory")
    cells.page.locator("[data-restart]").click()
    cells.run(1)
    cells.shows(1, "1 ran as number 1")


def test_buttons_do_nothing_where_nothing_runs(opened):
    cells = opened("count")
    cells.page.locator("[data-stop]").click()
    expect(cells.page.locator("[role=status]")).to_have_text("Nothing is running")
    cells.page.locator("[data-restart]").click()
    cells.run(1)


# Editing


def test_click_into_code_edits_it_and_put_back_takes_it_back(opened):
    cells = opened("stdout old")
    cells[1].locator("pre").first.click()
    cells[1].locator(".cm-content").wait_for()
    cells.page.keyboard.press("End")
    cells.page.keyboard.type(" and more")
    cells.run(1)
    cells.shows(1, "old and more")
    cells[1].locator("[data-put-back]").click()
    expect(cells[1].locator(".cm-editor")).to_have_count(0)
    expect(cells[1].locator(".cell_input pre")).to_have_text("stdout old")
    expect(cells[1].locator(".output")).to_be_visible()
    expect(cells[1].locator("[data-put-back]")).to_be_hidden()
    cells.run(1)
    cells.shows(1, "old")


def test_keyboard_gets_in_and_out_and_runs(opened):
    cells = opened("stdout a", "count")
    page = cells.page
    cells[1].locator("[data-edit]").focus()
    page.keyboard.press("Enter")
    expect(cells[1].locator(".cm-content")).to_be_focused()
    page.keyboard.press("Tab")
    expect(cells[1].locator(".cm-content")).to_be_focused()
    expect(cells[1].locator(".cell_input pre")).to_have_text(re.compile("^    stdout a"))
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+Enter")
    cells.shows(1, "a")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(cells[1].locator(".cm-content")).not_to_be_focused()


def test_python_is_indented_and_coloured(opened):
    cells = opened("x = 1")
    cells.write(1, "def f(x):")
    cells.page.keyboard.press("Enter")
    cells.page.keyboard.type("return (x)")
    expect(cells[1].locator(".cell_input pre")).to_have_text("def f(x):\n    return (x)")
    assert cells[1].locator(".cm-line .k").all_text_contents() == ["def", "return"]
    expect(cells[1].locator(".cm-matchingBracket")).to_have_count(2)


def test_marking_code_does_not_open_the_editor(opened):
    cells = opened("stdout something to copy")
    box = cells[1].locator("pre").first.bounding_box()
    mouse = cells.page.mouse
    mouse.move(box["x"] + 2, box["y"] + 8)
    mouse.down()
    mouse.move(box["x"] + 90, box["y"] + 8, steps=4)
    mouse.up()
    assert "stdout" in cells.page.evaluate("getSelection().toString()")
    cells.run(1)
    expect(cells[1].locator(".cm-editor")).to_have_count(0)
