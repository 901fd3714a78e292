"""The book's own source, as one file that the site carries.

It is what ``git archive`` would give of what the site is built from: the files that git knows, or,
where git knows nothing of the folder, all that ``.gitignore`` does not name. The same files make
the same archive, byte for byte. The role ``source`` links to it.
"""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from lossbook.site import WRITTEN
from lossbook.site.links import ARCHIVE, git

__all__ = ["Source", "connect", "files", "pack"]

DATE = 315_532_800  # 1980-01-01, the first that a wheel can hold
NEVER = (".git", "_build")


def files(folder: Path) -> list[str]:
    """Return the names of the source files below a folder, in order.

    Where git knows files of the folder these are they, as they are now; a new file belongs to them
    once it is added.
    """
    known = git(folder, "ls-files", "-z").split("\0")
    names = [name for name in known if name and (folder / name).is_file()]
    return sorted(names or _not_ignored(folder))


def _not_ignored(folder: Path) -> Iterator[str]:
    rules = folder / ".gitignore"
    lines = rules.read_text("utf-8").split("\n") if rules.is_file() else []
    # Names and patterns of names, those with a slash before them for the folder itself: the kinds
    # that the book's file has.
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        is_ignored = any(
            fnmatchcase(part, pattern.strip("/"))
            for pattern in (*NEVER, *patterns)
            for part in name.parts[: 1 if pattern.startswith("/") else None]
        )
        if path.is_file() and not is_ignored:
            yield name.as_posix()


def pack(folder: Path, target: Path) -> None:
    """Write the source files below a folder into a ``.tar.gz``, in a folder of its name.

    Times, owners and permissions are those of no machine, but for whether a file can be run.
    """
    top = target.name.removesuffix(".tar.gz")
    with (
        gzip.GzipFile(target, "wb", compresslevel=9, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for name in files(folder):
            content = (folder / name).read_bytes()
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size, entry.mtime = len(content), DATE
            entry.mode = 0o755 if os.access(folder / name, os.X_OK) else 0o644
            archive.addfile(entry, io.BytesIO(content))


class Source(SphinxRole):
    """A link to the archive, from any page."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link."""
        root = "../" * self.env.docname.count("/")
        return [nodes.reference("", self.text, refuri=f"{root}{ARCHIVE}", internal=True)], []


def _carry(app: Sphinx) -> None:
    pack(Path(app.srcdir), Path(app.outdir, ARCHIVE))


def connect(app: Sphinx) -> None:
    """Make the role known, and put the archive beside the pages."""
    app.add_role("source", Source())
    app.connect(WRITTEN, _carry)
