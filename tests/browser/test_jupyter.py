"""The book behind other fronts: the server's own interface, Jupyter Notebook 7, and nbclassic.

JupyterLab has a file of its own. All fronts are served by one Jupyter server, as on Binder.
"""

import contextlib
import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import nbformat
import pytest
import requests
import websocket
from nbformat import v4
from notebooks import METADATA
from playwright.sync_api import Browser, Page, expect

PATIENCE = 120_000  # ms, of a machine that is busy
NAME = "one-figure.ipynb"
FIGURE = """
from lossbook.explore import explore
from lossbook.figures.regression import flat_tyre

explore(flat_tyre, minutes_lost=(0, 30))
"""


class Server:
    """A Jupyter server, as a program speaks to it."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.base, self.host = f"{parts.scheme}://{parts.netloc}", parts.netloc
        self.token = parse_qs(parts.query)["token"][0]

    def ask(self, method: str, path: str, body: object = None) -> dict:
        answer = requests.request(
            method,
            f"{self.base}/api/{path}",
            json=body,
            headers={"Authorization": f"token {self.token}"},
            timeout=30,
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else {}

    @contextlib.contextmanager
    def kernel(self, notebook: str) -> Iterator[Callable[[str], tuple[str, list[dict]]]]:
        """Open a notebook, and yield what runs code: from code to its status and its outputs."""
        session = self.ask(
            "POST",
            "sessions",
            {"path": notebook, "name": "", "type": "notebook", "kernel": {"name": "python3"}},
        )
        channels = f"ws://{self.host}/api/kernels/{session['kernel']['id']}/channels"
        socket = websocket.create_connection(f"{channels}?token={self.token}", timeout=120)

        def run(code: str) -> tuple[str, list[dict]]:
            header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.4"}
            header |= {"username": "", "session": "test"}
            content = {"code": code, "store_history": True, "stop_on_error": False}
            message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
            socket.send(json.dumps({**message, "channel": "shell", "buffers": []}))
            status, idle, outputs = "", False, []
            while not (status and idle):
                answer = json.loads(socket.recv())
                if answer["parent_header"].get("msg_id") != header["msg_id"]:
                    continue
                kind, content = answer["msg_type"], answer["content"]
                if kind == "execute_reply":
                    status = content["status"]
                elif kind == "status":
                    idle = content["execution_state"] == "idle"
                elif kind in ("stream", "display_data", "execute_result", "error"):
                    outputs.append({"output_type": kind, **content})
            return status, outputs

        try:
            yield run
        finally:
            socket.close()
            self.ask("DELETE", f"sessions/{session['id']}")


@pytest.fixture(scope="module")
def server(lab: Callable[[str], str]) -> Server:
    return Server(lab(NAME))


def texts(outputs: list[dict]) -> list[str]:
    """Return what a reader without pictures would read."""
    printed = "".join(o["text"] for o in outputs if o["output_type"] == "stream")
    shown = [o["data"].get("text/plain", "") for o in outputs if "data" in o]
    errors = [f"{o['ename']}: {o['evalue']}" for o in outputs if o["output_type"] == "error"]
    return [*filter(None, [printed]), *shown, *errors]


def test_chapter_runs_through_the_server(
    server: Server, lab_folder: Path, chapter_name: str
) -> None:
    """Through the interface alone: read it, start its kernel, run its cells, compare."""
    name = f"{Path(chapter_name).name}.ipynb"
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
    for _attempt in range(5):  # it says idle a moment before it listens
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
    before, picture = caption.inner_text(), box.locator("svg[role=img]").inner_html()
    prompt = page.locator(".jp-CodeCell .jp-InputPrompt, .input_prompt").first
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=PATIENCE)  # nothing more to run
    box.get_by_role("slider").first.press("ArrowLeft")
    expect(caption).not_to_have_text(before)
    assert box.locator("svg[role=img]").inner_html() != picture
    context.close()
