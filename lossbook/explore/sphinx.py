"""A Sphinx extension: figures of ``explore`` live on the pages of any book.

Add it to a project that runs notebooks with MyST-NB, with any theme::

    extensions = ["myst_nb", "lossbook.explore.sphinx"]

or to the ``_config.yml`` of a Jupyter Book 1.x::

    sphinx:
      extra_extensions: [lossbook.explore.sphinx]
    execute:
      execute_notebooks: cache

While notebooks run, :func:`lossbook.explore.explore` draws every position, and pages with figures
get style and scripts that show them. A cached notebook runs again after a change in what has
drawn: the author's own modules, this package, Matplotlib, NumPy, Python. Nothing else of the book
changes.

In its mode ``auto`` MyST-NB shows what a notebook was saved with, so figures need the mode
``cache`` or ``force``. Where ``conf.py`` sets none, it is ``cache``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from lossbook.explore import FRONT_VARIABLE
from lossbook.explore.sources import SOURCES_VARIABLE, are_unchanged
from lossbook.explore.static import ASSETS, SCRIPTS, START

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

__all__ = ["setup"]

# Besides the notebooks that MyST-NB caches, or the pages that Sphinx has read, stand two files.
SOURCES = "explore-sources"  # what notebooks have imported, as the kernels note it
TOOLS = "explore-tools"  # a hash of what drew: this package, Matplotlib, NumPy, Python


# The static front


def _bake(app: Sphinx, config: Config) -> None:
    # The same for all builders, since they share what is cached.
    os.environ[FRONT_VARIABLE] = "static"
    if "myst_nb" in app.extensions and not _is_given(config, "nb_execution_mode"):
        config.nb_execution_mode = "cache"


def _is_given(config: Config, name: str) -> bool:
    # Sphinx tells nobody else whether a value is a default.
    return name in config._raw_config or name in config.overrides


def _stop_baking(_app: Sphinx, _error: Exception | None) -> None:
    for variable in (FRONT_VARIABLE, SOURCES_VARIABLE):
        os.environ.pop(variable, None)


# Style and script


def _serve_assets(_app: Sphinx, config: Config) -> None:
    config.html_static_path = [*config.html_static_path, str(ASSETS)]


def _ask_for_assets(
    app: Sphinx, _page: str, _template: str, _context: dict[str, Any], tree: nodes.document | None
) -> None:
    if any(name == "explore.js" for name, _ in app.registry.js_files):
        return  # the book has put it on every page
    if tree and any(START in raw.astext() for raw in tree.findall(nodes.raw)):
        app.add_css_file("explore.css", priority=600)  # after the theme's and the author's
        for script in SCRIPTS:
            app.add_js_file(script, loading_method="defer")


# What the pages depend on


def _notice_changes(app: Sphinx, config: Config) -> None:
    folder = Path(app.doctreedir)
    is_cached = "myst_nb" in app.extensions and config.nb_execution_mode == "cache"
    if is_cached:
        given = config.nb_execution_cache_path
        folder = Path(given) if given else Path(app.outdir).parent / ".jupyter_cache"
    tools = folder / TOOLS
    is_fresh = tools.exists() and tools.read_text() == _tools()
    if not (is_fresh and are_unchanged(folder / SOURCES)):
        folder.mkdir(parents=True, exist_ok=True)
        if is_cached:  # jupyter-cache compares the cells only, so what it holds would be shown
            shutil.rmtree(folder / "executed", ignore_errors=True)
            (folder / "global.db").unlink(missing_ok=True)
        (folder / SOURCES).write_text("")
        tools.write_text(_tools())
    os.environ[SOURCES_VARIABLE] = str((folder / SOURCES).absolute())
    _tell_sphinx(app)


def _tell_sphinx(app: Sphinx, _env: BuildEnvironment | None = None) -> None:
    # When this setting is not what it was at the end of the last build, Sphinx reads all pages.
    sources = Path(os.environ[SOURCES_VARIABLE])
    lines = sorted(set(sources.read_text("utf-8").splitlines()))
    digest = hashlib.sha256("\n".join([_tools(), *lines]).encode())
    app.config.explore_fingerprint = digest.hexdigest()


def _tools() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for library in ("matplotlib", "numpy"):
        try:
            digest.update(version(library).encode())
        except PackageNotFoundError:  # the kernels may have an environment of their own
            digest.update(b"-")
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in (".py", ".css", ".js"):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect all of the above to Sphinx."""
    app.add_config_value("explore_fingerprint", "", "env", str)
    # After the extensions that settle where things are.
    app.connect("config-inited", _bake, priority=900)
    app.connect("config-inited", _serve_assets, priority=900)
    app.connect("config-inited", _notice_changes, priority=900)
    app.connect("env-updated", _tell_sphinx)
    app.connect("html-page-context", _ask_for_assets)
    app.connect("build-finished", _stop_baking)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
