"""Note what a figure was drawn with, for a build that must not show what other code has drawn."""

from __future__ import annotations

import hashlib
import os
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["SOURCES_VARIABLE", "are_unchanged", "note"]

SOURCES_VARIABLE = "EXPLORE_SOURCES"
"""The environment variable that names the file in which a kernel notes its sources."""

_noted: set[str] = set()


def note(draw: Callable[..., str]) -> None:
    """Add to the file that the environment names, if it does, the modules imported so far.

    These are the author's own ones, which stand outside of the folders of installed packages, and
    those of the package that `draw` is from. Each is a line with the hash of its content.
    """
    file = os.environ.get(SOURCES_VARIABLE)
    if not file:
        return
    new = {path for path in _imported(draw) if path not in _noted}
    _noted.update(new)
    lines = [f"{_hash(Path(path))} {path}\n" for path in sorted(new)]
    with open(file, "a", encoding="utf-8") as notes:  # one write: kernels share the file
        notes.write("".join(lines))


def _imported(draw: Callable[..., str]) -> Iterator[str]:
    library = sysconfig.get_path("stdlib")
    package = getattr(draw, "__module__", "").partition(".")[0]
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if not path or not path.endswith(".py"):
            continue
        installed = path.startswith(library) or "-packages" in path  # site- or, in Debian, dist-
        if not installed or name.partition(".")[0] == package:
            yield os.path.abspath(path)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else "-"


def are_unchanged(file: Path) -> bool:
    """Say whether each source that was noted in `file` is still what it was."""
    notes = file.read_text("utf-8").splitlines() if file.exists() else []
    pairs = (line.partition(" ") for line in notes)
    return all(_hash(Path(path)) == digest for digest, _, path in pairs)
