"""What one build may trust of another: nothing that failed, was interrupted or still runs."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import SphinxError

__all__ = ["BuildRunningError", "connect"]

UNFINISHED = "unfinished"  # stands beside what Sphinx has read, while a build runs
LOCK = "lock.db"  # held by the build that runs


class BuildRunningError(SphinxError):
    """Another build writes to the same folder."""

    category = "Building the book"


def connect(app: Sphinx) -> None:
    """Look at what is there before a build begins, and say so when it has ended well."""
    app.connect("config-inited", _begin, priority=0)
    app.connect("build-finished", _end, priority=999)  # after all others


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
    if not error and not _has_warned(app):
        Path(app.doctreedir, UNFINISHED).unlink()


def _has_warned(app: Sphinx) -> bool:
    # The status code says so only after all handlers, this one too.
    return app._warncount > 0
