"""Run notebooks before Sphinx reads their pages, so many at a time that all cores are busy.

MyST-NB runs a notebook while Sphinx reads it, one after the other. Here all notebooks that the
cache does not hold run while Sphinx reads the other pages, each in a kernel, and go into the cache,
where MyST-NB finds them.

jupyter-cache's own parallel executor does not serve: interrupted by Ctrl-C it hangs (1.0.1, tried
with two notebooks that sleep), it does not mend a cache that lost a file, and it keeps what a cell
prints in as many pieces as the kernel sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import threading
import time
import traceback
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from myst_nb.core.read import create_nb_reader
from nbclient import NotebookClient
from nbformat import NotebookNode
from sphinx.errors import SphinxError
from sphinx.util import logging

if TYPE_CHECKING:
    from myst_nb.core.config import NbParserConfig
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = ["ExecutionFailedError", "connect"]

WORKERS = "lossbook_workers"
"""The setting that says how many notebooks run at a time; 0 is one more than there are cores."""

logger = logging.getLogger(__name__)


class ExecutionFailedError(SphinxError):
    """At least one notebook raised an error; all of them were reported."""

    category = "Executing notebooks failed"


class _Job(NamedTuple):
    """A notebook to run."""

    docname: str
    path: Path
    notebook: NotebookNode


class Running:
    """A coroutine that runs in another thread.

    In the main thread nbclient would answer Ctrl-C itself: by ending one kernel, while the build
    goes on with the others.
    """

    def __init__(self, work: Coroutine[Any, Any, list[str]]) -> None:
        self._loop = asyncio.new_event_loop()
        self._task = self._loop.create_task(work)
        # Interrupted, a thread's own join takes it for ended (CPython up to 3.12).
        self._ended = threading.Event()
        threading.Thread(target=self._run).start()

    def _run(self) -> None:
        async def supervise() -> None:
            # An error or Ctrl-C among the other pages ends the main thread, which then waits for
            # this one.
            while threading.main_thread().is_alive() and not self._task.done():
                await asyncio.wait([self._task], timeout=0.1)
            self._task.cancel()  # once: to cancel again would cancel the clean-up
            await asyncio.wait([self._task])

        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(supervise())
        finally:
            self._ended.set()

    def wait(self) -> list[str]:
        """Return the result; where the wait is interrupted, cancel the work."""
        try:
            self._ended.wait()
        except BaseException:
            self.cancel()
            raise
        return self._task.result()

    def cancel(self) -> None:
        """Cancel the work, if it has not ended, and wait until it has cleaned up."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: it has ended
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._ended.wait()


def connect(app: Sphinx) -> None:
    """Run stale notebooks whenever Sphinx is about to read pages."""
    app.add_config_value(WORKERS, 0, "", int)
    app.connect("env-before-read-docs", _run_ahead)


def _run_ahead(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    config: NbParserConfig = env.mystnb_config
    if config.execution_mode != "cache":
        return
    jobs = list(_stale(env, docnames))
    if not jobs:
        return
    # The longest first, so that none is left alone at the end; what is long to read runs long.
    jobs.sort(key=lambda job: job.path.stat().st_size, reverse=True)
    # One more than cores: no core is idle while a kernel starts, or while the last notebook runs.
    wanted = getattr(app.config, WORKERS)
    workers = min(len(jobs), wanted or _cores() + 1)
    logger.info("executing %d notebook(s), %d at a time", len(jobs), workers)
    running = Running(_run_all(jobs, config, workers))
    names = {job.docname for job in jobs}

    def wait(_app: Sphinx, docname: str | None, _content: object) -> None:
        if docname in names:
            names.clear()
            failed = running.wait()
            if failed and config.execution_raise_on_error:
                raise ExecutionFailedError(", ".join(failed))

    docnames.sort(key=names.__contains__)  # the other pages first
    app.connect("source-read", wait, priority=0)
    app.connect("build-finished", lambda _app, _error: running.cancel())
    if wanted == 1:
        wait(app, jobs[0].docname, None)  # who wants one thing at a time gets it


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _stale(env: BuildEnvironment, docnames: list[str]) -> Iterator[_Job]:
    """Yield the notebooks among some pages that the cache does not hold whole."""
    config: NbParserConfig = env.mystnb_config
    cache = get_cache(config.execution_cache_path)
    for docname in docnames:
        path = Path(env.doc2path(docname))
        text = path.read_text("utf-8")
        reader = create_nb_reader(str(path), env.myst_config, config, text)
        if reader is None or any(map(path.match, config.execution_excludepatterns)):
            continue
        notebook = reader.read(text)
        # A notebook with settings of its own is left to MyST-NB, which reads them.
        if config.metadata_key not in notebook.metadata and not _is_cached(cache, notebook):
            yield _Job(docname, path, notebook)


def _is_cached(cache: JupyterCacheAbstract, notebook: NotebookNode) -> bool:
    """Say whether the cache holds a notebook, and take out what an interrupted build left of it."""
    try:
        record = cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    try:
        cache.get_cache_bundle(record.pk)
    except Exception:  # missing, cut short, not a notebook: whatever it is, it is of no use
        # What runs anew takes the place of a record, but not of a folder without its file.
        shutil.rmtree(cache.path / "executed" / record.hashkey, ignore_errors=True)
        return False
    return True


async def _run_all(jobs: list[_Job], config: NbParserConfig, workers: int) -> list[str]:
    """Run notebooks, keep those that end well, report the others and return their names."""
    cache = get_cache(config.execution_cache_path)
    slots = asyncio.Semaphore(workers)

    async def run(job: _Job) -> str | None:
        async with slots:
            started = time.perf_counter()
            try:
                await _execute(job, config)
            except Exception as error:
                told = "".join(traceback.format_exception(error))
                logger.error("Executing notebook failed: %s", told, location=job.docname)
                return job.path.name
            seconds = time.perf_counter() - started
        kept = CacheBundleIn(job.notebook, str(job.path), data={"execution_seconds": seconds})
        cache.cache_notebook_bundle(kept, check_validity=False, overwrite=True)
        logger.info("%s: Executed notebook in %.2f seconds", job.path, seconds)
        return None

    return [name for name in await asyncio.gather(*map(run, jobs)) if name]


async def _execute(job: _Job, config: NbParserConfig) -> None:
    client = NotebookClient(
        job.notebook,
        resources={"metadata": {"path": str(job.path.parent)}},
        timeout=config.execution_timeout,
        allow_errors=config.execution_allow_errors,
        coalesce_streams=True,  # what a cell prints is one block, however it was sent
        record_timing=False,  # times in the cells would be part of what the cache compares
        shutdown_kernel="immediate",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # it warns of its own TCP ports
    )
    await client.async_execute()
