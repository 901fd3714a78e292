"""A Jupyter server as a program speaks to it: its REST interface, and a kernel's websocket."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import requests
import websocket


class Server:
    """A Jupyter server.

    Parameters
    ----------
    address : str
        Any address at it, with its token.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.base, self.host = f"{parts.scheme}://{parts.netloc}", parts.netloc
        self.token = parse_qs(parts.query)["token"][0]

    def ask(self, method: str, path: str, body: object = None) -> dict:
        """Return the server's answer, which must be a good one."""
        answer = requests.request(
            method,
            f"{self.base}/api/{path}",
            json=body,
            headers={"Authorization": f"token {self.token}"},
            timeout=30,
        )
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
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
