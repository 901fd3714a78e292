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
from lossbook.site.answers import WAYS

__all__ = ["RUNTIME_VARIABLE", "about_runtime", "connect"]

RUNTIME_VARIABLE = "LOSSBOOK_RUNTIME"
"""The environment variable that names the folder with Python for the pages."""

ASSETS = Path(__file__).parent / "assets" / "live"
START = ASSETS / "start"  # part of every page; all else is asked for when somebody presses Run
MANIFEST = "runtime.json"

TOOLS = (
    '<div class="live-tools"><button type="button" data-run>Run</button>'
    '<button type="button" data-edit>Edit</button></div>'
)
BAR = (
    '<div class="live-place"><div class="live-bar" role="group" aria-label="Python in this page" '
    'data-live="{folder}" data-ways="{ways}">'
    '<button type="button" data-run-all>Run all</button>'
    '<button type="button" data-restart>Restart</button>'
    '<button type="button" data-stop>Stop</button><span role="status"></span></div></div>'
)


def runtime() -> Path | None:
    """Return the folder with Python for the pages, if there is one.

    Raises
    ------
    ValueError
        If the environment names a folder that ``tools/runtime.py`` has not filled.
    """
    named = os.environ.get(RUNTIME_VARIABLE)
    if not named:
        return None
    if not (Path(named) / MANIFEST).is_file():
        raise ValueError(
            f"{RUNTIME_VARIABLE}={named!r}: no {MANIFEST} is there; `make live` fills a folder"
        )
    return Path(named)


def files(folder: Path) -> dict[str, Path]:
    """Return what the site's folder holds: names in it, and where each file comes from."""
    return {p.name: p for p in ASSETS.iterdir() if p.is_file()} | {
        p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()
    }


def fingerprint(folder: Path) -> str:
    """Return the name of the site's folder: a hash of all that it holds."""
    digest = hashlib.sha256()
    for name, path in sorted(files(folder).items()):
        digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def _settle(app: Sphinx, config: Config) -> None:
    # Copied below into the folder of the content's name, and in a plain build not at all.
    config.exclude_patterns = [*config.exclude_patterns, ASSETS.name]
    if folder := runtime():
        config.lossbook_live = fingerprint(folder)
        config.lossbook_fingerprint += config.lossbook_live  # every page changes with it
        app.tags.add("live")
        config.html_static_path = [*config.html_static_path, str(START)]


def _copy(app: Sphinx) -> None:
    """Lay Python's folder into the site, and take away what an earlier build has left of one."""
    static = Path(app.outdir, "_static")
    place = static / "live"
    shutil.rmtree(place, ignore_errors=True)
    folder = runtime()
    if folder is None:
        for path in START.iterdir():
            (static / path.name).unlink(missing_ok=True)
    else:
        for name, source in files(folder).items():
            target = place / app.config.lossbook_live / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        # Its address stays, so that a new service worker takes the place of the old.
        shutil.copyfile(ASSETS / "cache.js", place / "cache.js")


class _AddButtons(SphinxPostTransform):
    """Put the buttons where the code is."""

    default_priority = 800
    formats = ("html",)

    def run(self, **_: Any) -> None:
        inputs = [
            node if node.parent.get("nb_element") else node.parent  # where it is folded
            for node in self.document.findall(nodes.container)
            if "cell_input" in node["classes"]
        ]
        if not (self.config.lossbook_live and inputs):
            return
        for code in inputs:
            code.parent.insert(code.parent.index(code) + 1, _raw(TOOLS))
        up = "../" * self.env.docname.count("/")
        root = self.app.builder.get_relative_uri(self.env.docname, self.config.root_doc)
        folder = f"{up}_static/live/{self.config.lossbook_live}/"
        bar = BAR.format(folder=folder, ways=f"{root}#{WAYS}")
        first = inputs[0].parent
        first.parent.insert(first.parent.index(first), _raw(bar))


def _raw(html: str) -> nodes.raw:
    return nodes.raw("", html, format="html")


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
