"""The Sphinx extension that makes the static site.

Add ``lossbook.site`` to the extensions of a book. For builders that make HTML it

- loads :mod:`lossbook.explore.sphinx`, which has figures drawn for pages without a kernel;
- makes what is cached depend on the content of ``lossbook``: after a change in the package every
  notebook runs again;
- brings styles and scripts, those of explore on every page too;
- connects the modules beside it. Each does one thing, and says which.
"""

from __future__ import annotations

import gc
import hashlib
import os
import shutil
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

import lossbook
from lossbook.explore import static as explore
from lossbook.site.mathematics import STYLES

__all__ = ["fingerprint", "setup"]

WRITTEN = "lossbook-written"
"""The event when all pages and what they load are there: what stands beside them can be made."""

PACKAGE = Path(lossbook.__file__).parent
# What a notebook can read, and what else a page is made of.
_CODE_AND_DATA = frozenset({".py", ".csv", ".gz", ".json"})
_ASSETS = frozenset({".js", ".css", ".svg", ".html", ".md"})


def fingerprint(package: Path = PACKAGE, *, pages: bool = False) -> str:
    """Return a hash of all that a notebook's output depends on besides the notebook.

    These are the code and the data of `package`, Python, and all libraries that are installed. With
    `pages`, it is what a page depends on: the scripts, styles and icons too, and the code that
    makes the site, which no notebook uses.

    Examples
    --------
    >>> len(fingerprint())
    16
    """
    digest = hashlib.sha256(sys.version.encode())
    # Beside each installed package a folder has its name and version: numpy-2.0.0.dist-info.
    folders = {path.name for place in sys.path for path in Path(place).glob("*.dist-info")}
    digest.update(" ".join(sorted(folders)).encode())
    suffixes = _CODE_AND_DATA | _ASSETS if pages else _CODE_AND_DATA
    for path in sorted(package.rglob("*")):
        name = path.relative_to(package).as_posix()
        if path.suffix in suffixes and (pages or not name.startswith("site/")):
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
    if caches.is_dir():
        for old in caches.iterdir():
            if old != mine:
                shutil.rmtree(old) if old.is_dir() else old.unlink()


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


def _serve_assets(app: Sphinx, config: Config) -> None:
    folders = (Path(__file__).parent / "assets", STYLES)
    config.html_static_path = [*config.html_static_path, *map(str, folders)]
    for script in explore.SCRIPTS:
        app.add_js_file(script)  # explore brings none where all pages have them


def _announce(app: Sphinx) -> Iterable[Any]:
    """Announce :data:`WRITTEN` at the end of a build that has written pages, if it ends well."""

    def finish(app: Sphinx, error: Exception | None) -> None:
        if not error:
            app.emit(WRITTEN)

    app.connect("build-finished", finish)
    return ()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect all of the above to Sphinx."""
    app.add_config_value("lossbook_fingerprint", "", "env")
    app.add_event(WRITTEN)
    app.setup_extension("lossbook.explore.sphinx")
    for module in iter_modules(__path__):
        part = import_module(f"{__name__}.{module.name}")
        if hasattr(part, "connect"):
            part.connect(app)
    app.connect("config-inited", _depend_on_package)
    app.connect("config-inited", _serve_assets)
    # After sphinx-exercise: nothing of the book has a number but equations, and for a look at each
    # whether it has one every build would read back all pages.
    app.connect(
        "config-inited", lambda _app, config: setattr(config, "numfig", False), priority=900
    )
    app.connect("builder-inited", _hurry)
    app.connect("html-collect-pages", _announce)
    return {
        "version": lossbook.__version__,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
