"""The book behind other fronts: the server's own interface, Jupyter Notebook 7, and nbclassic.

JupyterLab has a file of its own. All fronts are served by one Jupyter server, as on Binder.
"""

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from notebooks import METADATA
from playwright.sync_api import Browser, Page, expect
from serving import Server

PATIENCE = 120_000  # ms, of a machine that is busy
NAME = "one-figure.ipynb"
FIGURE = """
from lossbook.explore import explore
from lossbook.figures.regression import flat_tyre

explore(flat_tyre, minutes_lost=(0, 30))
"""


@pytest.fixture(scope="module")
def server(lab: Callable[[str], str]) -> Server:
    return Server(lab(NAME))


def texts(outputs: list[dict]) -> list[str]:
    """Return what a reader without pictures would read."""
    printed = "".join(o["text"] for o in outputs if o["output_type"] == "stream")
    shown = [o["data"]["text/plain"] for o in outputs if "text/plain" in o.get("data", {})]
    errors = [f"{o['ename']}: {o['evalue']}" for o in outputs if o["output_type"] == "error"]
    return [*filter(None, [printed]), *shown, *errors]


def test_chapter_runs_through_the_server(server: Server, lab_folder: Path) -> None:
    """Through the interface alone: read it, start its kernel, run its cells, compare.

    One stands for all: nbval runs each in a kernel of its own.
    """
    name = "05-choose-a-loss.ipynb"
    stored = server.ask("GET", f"contents/{name}")["content"]["cells"]
    assert len(stored) == len(nbformat.read(lab_folder / name, as_version=4).cells)
    views = 0
    with server.kernel(name) as run:
        for cell in (nbformat.from_dict(c) for c in stored if c["cell_type"] == "code"):
            status, outputs = run(cell.source)
            raises = "raises-exception" in cell.metadata.get("tags", [])
            assert status == ("error" if raises else "ok"), outputs
            assert texts(outputs) == texts(cell.outputs), cell.source
            views += sum(
                "application/vnd.jupyter.widget-view+json" in o.get("data", {}) for o in outputs
            )
    assert views == sum("explore(" in c["source"] for c in stored if c["cell_type"] == "code")


def open_in_notebook(page: Page, server: Server) -> None:
    page.goto(f"{server.base}/notebooks/{NAME}?token={server.token}")
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=PATIENCE)
    prompt = page.locator(".jp-CodeCell .jp-InputPrompt").first
    dialog = page.locator("dialog.jp-Dialog")
    for _attempt in range(5):  # it says idle a moment before it listens
        if dialog.count():  # and may complain that it was asked too early
            dialog.get_by_role("button").last.click()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        with contextlib.suppress(AssertionError):
            expect(prompt).not_to_have_text("[ ]:", timeout=5_000)
            return


def open_in_nbclassic(page: Page, server: Server) -> None:
    page.goto(f"{server.base}/nbclassic/notebooks/{NAME}?token={server.token}")
    page.locator(".kernel_idle_icon").wait_for(timeout=PATIENCE)
    page.locator("#menubar").get_by_text("Cell", exact=True).click()
    page.locator("#run_all_cells").click()


@pytest.mark.parametrize("open_in", [open_in_notebook, open_in_nbclassic])
def test_slider_works_in(
    open_in: Callable, server: Server, lab_folder: Path, browser: Browser
) -> None:
    notebook = v4.new_notebook(cells=[v4.new_code_cell(FIGURE)], metadata=METADATA)
    nbformat.write(notebook, lab_folder / NAME)
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    open_in(page, server)
    box = page.locator(".widget-vbox:has([role=img])")
    caption = box.get_by_role("status")
    expect(caption).to_contain_text("minutes", timeout=PATIENCE)
    picture = box.locator("svg[role=img]").inner_html()
    prompt = page.locator(".jp-CodeCell .jp-InputPrompt, .input_prompt").first
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=PATIENCE)  # nothing more to run
    slider = box.get_by_role("slider").first
    slider.press("Home")
    expect(caption).to_contain_text("With 0 minutes", timeout=PATIENCE)
    assert box.locator("svg[role=img]").inner_html() != picture
    slider.press("ArrowRight")  # not to the next cell, as elsewhere in Jupyter Notebook 7
    expect(caption).to_contain_text("With 1 minute", timeout=PATIENCE)
    expect(slider).to_be_focused()
    grip = box.locator(".explore-grip").bounding_box()
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 80, steps=3)  # the late delivery becomes later
    expect(caption).not_to_contain_text("With 1 minute", timeout=PATIENCE)
    page.mouse.up()
    context.close()
