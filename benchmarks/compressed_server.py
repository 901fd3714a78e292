"""The built site as a server on the web sends it: compressed, on loopback."""

from __future__ import annotations

import contextlib
import gzip
import threading
from collections.abc import Iterator
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TEXT = {".html", ".css", ".js", ".svg", ".xml"}


@cache
def compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 9)


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # a connection serves many requests

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        packed = path.suffix in TEXT
        body = compressed(path) if packed else path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Length", str(len(body)))
        if "_static" in path.parts:
            self.send_header("Cache-Control", "max-age=31536000")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512


@contextlib.contextmanager
def serve(site: Path) -> Iterator[str]:
    """Serve a folder on loopback; the value is its address."""
    with _Server(("127.0.0.1", 0), partial(_Handler, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
