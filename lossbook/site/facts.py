"""What a page says of its own build: the ``versions`` directive."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

__all__ = ["Versions", "connect"]


class Versions(SphinxDirective):
    """A table of the versions that made this page: of Python, and of the packages in the body.

    The body names one package a line, and after a colon what the book has it for.
    """

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        # A version is no part of the page's text: without this, an old one would stay.
        self.env.note_reread()
        rows = [("Python", platform.python_version(), "runs the chapters")]
        for line in self.content:
            name, _, purpose = (part.strip() for part in line.partition(":"))
            try:
                rows.append((name, version(name), purpose))
            except PackageNotFoundError:
                raise self.error(f"versions: {name!r} is not installed") from None
        table = ["| package | version | what for |", "|---|---|---|"]
        return self.parse_text_to_nodes(
            "\n".join([*table, *(f"| {' | '.join(r)} |" for r in rows)])
        )


def connect(app: Sphinx) -> None:
    """Make the directive known."""
    app.add_directive("versions", Versions)
