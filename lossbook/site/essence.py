"""The sentences to keep, for a page that gathers them from the chapters.

The directive ``keep`` names a section by its label. Its box *Keep this* is read from the chapter's
notebook while the page is read, so that the two cannot drift apart.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

__all__ = ["Keep", "connect", "kept"]

_BOX = r"(?:(?!^## ).)*?^```\{admonition\} Keep this\n:class: keep\n(.*?)^```"
_ADDRESS = re.compile(r"\]\((?=[\w./-]+\.(?:md|ipynb)\b)")


def kept(chapter: Path, label: str) -> str:
    """Return what the first box *Keep this* of a chapter's section says, in MyST.

    Raises
    ------
    LookupError
        If the chapter has no section of that label, or the section no such box.
    """
    cells = nbformat.read(chapter, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    found = re.search(rf"^\({label}\)=\n## {_BOX}", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"{chapter.name} has no box 'Keep this' in a section {label!r}")
    return found[1].strip()


class Keep(SphinxDirective):
    """The box of the section whose label it names, under a link to the section."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the box."""
        label = self.arguments[0]
        for chapter in sorted(Path(self.env.srcdir).glob(f"chapters/{label[2:3]:0>2}-*.ipynb")):
            self.env.note_dependency(str(chapter))
            try:
                says = kept(chapter, label)
            except LookupError as error:
                raise self.error(str(error)) from error
            # What it links to, the chapter names from its own folder.
            here = Path(self.env.doc2path(self.env.docname)).parent
            folder = Path(os.path.relpath(chapter.parent, here)).as_posix()
            says = _ADDRESS.sub(f"]({folder}/", says)
            box = f":::{{admonition}} [](#{label})\n:class: keep\n{says}\n:::"
            return self.parse_text_to_nodes(box)
        raise self.error(f"keep: there is no chapter for {label!r}")


def connect(app: Sphinx) -> None:
    """Make the directive known."""
    app.add_directive("keep", Keep)
