"""Python in the page: what ``make live`` adds to the site.

``LOSSBOOK_RUNTIME`` in the environment names the folder that ``tools/runtime.py`` has filled.
Without it this module adds nothing to any page, and takes away what an earlier build had added.

A page gets three buttons above its first cell and two below each, and the site a folder that is
named by the content of all that it holds, so that a browser may keep it for ever.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform

from lossbook.site import WRITTEN
from lossbook.site.chapters import WAYS

__all__ = ["RUNTIME_VARIABLE", "about_runtime", "connect"]

RUNTIME_VARIABLE = "LOSSBOOK_RUNTIME"
"""The environment variable that names the folder with Python for the pages."""

ASSETS = Path(__file__).parent / "assets" / "live"
START = ASSETS / "start"  # joins the bundles; all else is asked for when somebody presses Run
MANIFEST = "runtime.json"


def runtime() -> Path | None:
    """Return the folder with Python for the pages, if there is one."""
    named = os.environ.get(RUNTIME_VARIABLE)
    if not named:
        return None
    if not (Path(named) / MANIFEST).is_file():
        raise ValueError(
            f"{RUNTIME_VARIABLE}={named!r}: no {MANIFEST} is there; `make live` fills a folder"
        )
    return Path(named)


def _settle(app: Sphinx, config: Config) -> None:
    # Copied below into the folder of the content's name, and in a plain build not at all.
    config.exclude_patterns = [*config.exclude_patterns, ASSETS.name]
    if folder := runtime():
        # The manifest has the hash of each of Python's files.
        content = config.lossbook_fingerprint + (folder / MANIFEST).read_text("utf-8")
        config.lossbook_live = hashlib.sha256(content.encode()).hexdigest()[:16]
        config.lossbook_fingerprint += config.lossbook_live  # every page changes with it
        app.tags.add("live")


def _copy(app: Sphinx) -> None:
    """Lay Python's folder into the site, and take away that of an earlier build."""
    place = Path(app.outdir, "_static", "live")
    shutil.rmtree(place, ignore_errors=True)
    if folder := runtime():
        target = place / app.config.lossbook_live
        shutil.copytree(folder, target)
        without = shutil.ignore_patterns(START.name)
        shutil.copytree(ASSETS, target, ignore=without, dirs_exist_ok=True)
        # Its address stays, so that a new service worker takes the place of the old.
        shutil.copyfile(ASSETS / "cache.js", place / "cache.js")


class _AddButtons(SphinxPostTransform):
    """Put the buttons where the code is."""

    default_priority = 800
    formats = ("html",)

    def run(self, **_: Any) -> None:
        blocks = self.document.findall(nodes.container)
        inputs = [node for node in blocks if "cell_input" in node["classes"]]
        if not (self.config.lossbook_live and inputs):
            return
        up = "../" * self.env.docname.count("/")
        root = self.app.builder.get_relative_uri(self.env.docname, self.config.root_doc)
        folder = f"{up}_static/live/{self.config.lossbook_live}/"

        def buttons(**values: str) -> nodes.raw:
            text = self.app.builder.templates.render("live.html", values)
            return nodes.raw("", text, format="html")

        for code in inputs:
            code.parent.insert(code.parent.index(code) + 1, buttons())
        first = inputs[0].parent
        bar = buttons(folder=folder, ways=f"{root}#{WAYS}")
        first.parent.insert(first.parent.index(first), bar)


def about_runtime() -> dict[str, Any]:
    """Return what the manifest says of the Python that the site carries; nothing without one."""
    folder = runtime()
    return json.loads((folder / MANIFEST).read_text("utf-8")) if folder else {}


def connect(app: Sphinx) -> None:
    """Add Python where a build has one."""
    app.add_config_value("lossbook_live", "", "")
    app.add_post_transform(_AddButtons)
    app.connect("config-inited", _settle, priority=600)  # after what pages depend on is known
    app.connect(WRITTEN, _copy)
