"""Read the pages in several processes, so that notebooks run side by side.

MyST-NB runs a notebook while Sphinx reads it. Sphinx can read many pages at a time; Jupyter Book
has no option for it, and Sphinx gives each process a run of neighbouring pages, which here are the
chapters. So they are spread over the list.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
from typing import Any

from docutils import nodes
from jupyter_cache import get_cache
from jupyter_client.connect import LocalPortCache
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx

__all__ = ["Ports", "connect", "spread"]

WORKERS = "lossbook_workers"
"""The setting that says how many processes read; 0 is one for each notebook, up to 4 a core."""


class Ports(LocalPortCache):
    """Ports for kernels, of which no two processes of a build take the same.

    Jupyter looks for a free port in each process by itself, and takes it a second later: two that
    look at once find the same one. These are counted, below those that a system gives away.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.last = multiprocessing.Value("i", 10_000 + os.getpid() * 61 % 20_000)

    def find_available_port(self, ip: str) -> int:
        """Return the next port that is free."""
        while True:
            with self.last.get_lock():
                self.last.value += 1
                port = self.last.value
            with socket.socket() as probe:
                try:
                    probe.bind((ip, port))
                except OSError:  # somebody else's
                    continue
            return port


def connect(app: Sphinx) -> None:
    """Read in parallel, and write in one process: it holds the engine that typesets formulas."""
    app.add_config_value(WORKERS, 0, "", int)
    app.connect("env-before-read-docs", _read_side_by_side)
    app.connect("env-updated", _write_alone)
    app.connect("doctree-read", _join_streams)


def spread(some: list[str], others: list[str]) -> list[str]:
    """Return all of both lists, with equal distances between those of the first.

    Examples
    --------
    >>> spread(["a", "b"], ["1", "2", "3"])
    ['a', '1', 'b', '2', '3']
    """
    distance = (len(some) + len(others)) // max(len(some), 1)
    mixed = list(others)
    for place, each in enumerate(some):
        mixed.insert(place * distance, each)
    return mixed


def _read_side_by_side(app: Sphinx, env: Any, docnames: list[str]) -> None:
    config = env.mystnb_config
    for name in ("sphinx_jupyterbook_latex", "sphinx_multitoc_numbering"):
        app.extensions[name].parallel_read_safe = True  # they keep nothing of what they read
    notebooks = []
    for docname in docnames:
        path = env.doc2path(docname)
        with open(path, encoding="utf-8") as file:
            if create_nb_reader(path, env.myst_config, config, file.read()):
                notebooks.append(docname)
    docnames[:] = spread(notebooks, [name for name in docnames if name not in notebooks])
    most = getattr(app.config, WORKERS) or 4 * (os.cpu_count() or 1)
    app.parallel = min(len(notebooks), most)
    Ports.instance()  # Jupyter's own from now on, here and in all processes that come from here
    if config.execution_mode == "cache":
        get_cache(config.execution_cache_path).list_cache_records()  # makes it, once for all


def _write_alone(app: Sphinx, _env: object) -> None:
    app.parallel = 1


def _join_streams(_app: Sphinx, tree: nodes.document) -> None:
    """Make one block of what a cell prints, however many pieces the kernel has sent."""
    for block in list(tree.findall(nodes.literal_block)):
        before = block.previous_sibling()
        if "stream" in block["classes"] and before and before["classes"] == block["classes"]:
            block.rawsource = before.rawsource + block.rawsource
            block.children = [nodes.Text(block.rawsource)]
            block.parent.remove(before)
