"""The Sphinx extension that makes the static site.

Add ``lossbook.site`` to the extensions of a book. For builders that make HTML it

- loads :mod:`lossbook.explore.sphinx`, which has figures drawn for pages without a kernel;
- brings styles and scripts;
- connects the modules beside it. Each does one thing, and says which.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

import lossbook
from lossbook.site.mathematics import STYLES

__all__ = ["WRITTEN", "setup"]

WRITTEN = "lossbook-written"
"""The event when all pages and what they load are there: what stands beside them can be made."""


def _serve_assets(_app: Sphinx, config: Config) -> None:
    folders = (Path(__file__).parent / "assets", STYLES)
    config.html_static_path = [*config.html_static_path, *map(str, folders)]


def _leave_numbers(_app: Sphinx, config: Config) -> None:
    # Nothing of the book has a number but equations, and for a look at each whether it has one
    # every build would read back all pages.
    config.numfig = False


def _announce(app: Sphinx) -> Iterable[Any]:
    """Announce :data:`WRITTEN` at the end of a build that has written pages, if it ends well."""
    app.connect("build-finished", lambda app, error: None if error else app.emit(WRITTEN))
    return ()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect all of the above to Sphinx."""
    app.add_event(WRITTEN)
    app.setup_extension("lossbook.explore.sphinx")
    for module in iter_modules(__path__):
        part = import_module(f"{__name__}.{module.name}")
        if hasattr(part, "connect"):
            part.connect(app)
    app.connect("config-inited", _serve_assets)
    app.connect("config-inited", _leave_numbers, priority=900)  # after sphinx-exercise
    app.connect("html-collect-pages", _announce)
    return {
        "version": lossbook.__version__,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
