"""How a build runs: alone, its notebooks side by side, and with nothing that is out of date.

MyST-NB runs a notebook while Sphinx reads it. Sphinx can read many pages at a time; Jupyter Book
has no option for it, and Sphinx gives each process a run of neighbouring pages, which here are the
chapters. So each process gets one of them, and its share of the other pages.
"""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
import shutil
import socket
import sqlite3
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from jupyter_cache import get_cache
from jupyter_client.connect import LocalPortCache
from myst_nb.core.read import create_nb_reader
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import SphinxError

import lossbook

__all__ = ["BuildRunningError", "Ports", "connect", "fingerprint"]

PACKAGE = Path(lossbook.__file__).parent
NO_INPUT = frozenset({".js", ".css", ".svg", ".html", ".md"})  # what no notebook reads
WORKERS = "lossbook_workers"
"""The setting that says how many processes read; 0 is one for each notebook, up to 4 a core."""
UNFINISHED = "unfinished"  # stands beside what Sphinx has read, while a build runs
LOCK = "lock.db"  # held by the build that runs


class BuildRunningError(SphinxError):
    """Another build writes to the same folder."""

    category = "Building the book"


def connect(app: Sphinx) -> None:
    """Look at what is there before a build begins, and say so when it has ended well."""
    app.add_config_value("lossbook_fingerprint", "", "env")
    app.add_config_value(WORKERS, 0, "", int)
    app.connect("config-inited", _begin, priority=0)
    app.connect("config-inited", _depend_on_package)
    app.connect("builder-inited", _hurry)
    app.connect("env-before-read-docs", _read_side_by_side)
    app.connect("doctree-read", _join_streams)
    app.connect("env-updated", _write_alone)
    app.connect("build-finished", _end, priority=999)  # after all others


# What may be trusted


def _begin(app: Sphinx, _config: Config) -> None:
    folder = Path(app.doctreedir)
    folder.mkdir(parents=True, exist_ok=True)
    # A database that is held open: the lock of files that Python has on every system.
    lock = sqlite3.connect(folder / LOCK, timeout=0)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        raise BuildRunningError(
            f"another build writes to {app.outdir}: wait until it has ended"
        ) from error
    # Held until the process ends or lets go of it, however that comes about.
    app.connect("build-finished", lambda _app, _error: lock.close(), priority=1000)
    # Pages that were read stay read, their warnings would not be seen again, and pages may be
    # half written: where the last build has not ended well, this one reads and writes all anew.
    mark = folder / UNFINISHED
    if mark.exists():
        (folder / "environment.pickle").unlink(missing_ok=True)
    mark.touch()


def _end(app: Sphinx, error: Exception | None) -> None:
    # The status code says whether there were warnings only after all handlers, this one too.
    if not error and not app._warncount:
        Path(app.doctreedir, UNFINISHED).unlink()


def fingerprint(package: Path = PACKAGE, *, pages: bool = False) -> str:
    """Return a hash of all that a notebook's output depends on besides the notebook.

    These are the code and the data of `package`, Python, and all libraries that are installed. With
    `pages`, it is what a page depends on: the scripts, styles and icons too, and the code that
    makes the site, which no notebook uses.
    """
    digest = hashlib.sha256(sys.version.encode())
    # Beside each installed package a folder has its name and version: numpy-2.0.0.dist-info.
    folders = {path.name for place in sys.path for path in Path(place).glob("*.dist-info")}
    digest.update(" ".join(sorted(folders)).encode())
    for path in sorted(package.rglob("*")):
        name = path.relative_to(package).as_posix()
        is_input = path.suffix not in NO_INPUT and not name.startswith("site/")
        if path.is_file() and path.suffix != ".pyc" and (pages or is_input):
            digest.update(name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _depend_on_package(app: Sphinx, config: Config) -> None:
    # Sphinx reads all pages anew when this value changes, ...
    config.lossbook_fingerprint = fingerprint(pages=True)
    # ... and jupyter-cache, whose own key is the notebook's code alone, starts empty.
    caches = Path(app.outdir).parent / ".jupyter_cache"
    mine = caches / fingerprint()
    config.nb_execution_cache_path = str(mine)
    if not mine.is_dir():
        shutil.rmtree(caches, ignore_errors=True)


# Side by side


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


def _hurry(app: Sphinx) -> None:
    # Of the millions of objects of a build most live to its end: to look for others takes a tenth.
    gc.set_threshold(100_000, 50, 50)
    # Kernels inherit it. With one on each core, threads of its own only get in the way.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Settings of their own, not those of whoever builds: they warn of their ports no more.
    profile = Path(app.outdir).parent / ".ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text("c.Application.log_level = 'ERROR'\n")
    os.environ["IPYTHONDIR"] = str(profile.parent)


def _read_side_by_side(app: Sphinx, env: Any, docnames: list[str]) -> None:
    config = env.mystnb_config
    for name in ("sphinx_jupyterbook_latex", "sphinx_multitoc_numbering"):
        app.extensions[name].parallel_read_safe = True  # they keep nothing of what they read

    def is_notebook(docname: str) -> bool:
        path = env.doc2path(docname)
        text = Path(path).read_text("utf-8")
        return create_nb_reader(path, env.myst_config, config, text) is not None

    notebooks = [docname for docname in docnames if is_notebook(docname)]
    number = max(len(notebooks), 1)
    ordered = [*notebooks, *(docname for docname in docnames if docname not in notebooks)]
    docnames[:] = [docname for i in range(number) for docname in ordered[i::number]]
    app.parallel = min(number, getattr(app.config, WORKERS) or 4 * (os.cpu_count() or 1))
    Ports.instance()  # Jupyter's own from now on, here and in all processes that come from here
    if config.execution_mode == "cache":
        get_cache(config.execution_cache_path).list_cache_records()  # makes it, once for all


def _join_streams(_app: Sphinx, tree: nodes.document) -> None:
    """Make one block of what a cell prints, however many pieces the kernel has sent."""
    for block in list(tree.findall(nodes.literal_block)):
        before = block.previous_sibling()
        if "stream" in block["classes"] and before and before["classes"] == block["classes"]:
            block.rawsource = before.rawsource + block.rawsource
            block.children = [nodes.Text(block.rawsource)]
            block.parent.remove(before)


def _write_alone(app: Sphinx, _env: object) -> None:
    app.parallel = 1  # the process holds the engine that typesets formulas
