"""One script and one style sheet for all pages.

A script or style sheet of ours is a file in a folder of ``html_static_path``; :data:`SCRIPTS` and
:data:`STYLES` have those that every page loads, ``templates/layout.html`` those of single pages.
Nothing else is loaded: another package that brings a script of its own is an error until
:data:`SCRIPTS` or :data:`LEFT_OUT` names it, so that nothing comes in unseen.

The style sheets of other packages all are in the bundle. Of all of them a rule stays if all its
classes occur on some page or in some script; a custom property, if something asks for it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ThemeError

from lossbook.explore import static as explore
from lossbook.site import WRITTEN
from lossbook.site.live import START
from lossbook.site.styles import asked_by, prune

__all__ = ["LEFT_OUT", "SCRIPTS", "connect"]

SCRIPTS = (
    *("documentation_options.js", "doctools.js", "sphinx_highlight.js"),
    *("clipboard.min.js", "copybutton.js"),
    *("frame.js", *explore.SCRIPTS, "book.js", "answers.js", "memory.js", "glossary.js"),
    "slides.js",
)
"""The script of all pages, in order: Sphinx's, those of other packages, ours."""

LEFT_OUT = {
    "design-tabs.js": "the book has no tabs",
    "scripts/sphinx-book-theme.js": "frame.js does what it does",
}
"""What packages register and no page loads, and why."""

STYLES = ("katex/katex.min.css", "explore.css", "book.css")
"""Our part of the style sheet. It stands after all others, to have the last word."""

_THEME = (
    *("basic.css", "styles/theme.css", "styles/pydata-sphinx-theme.css", "pygments.css"),
    "styles/sphinx-book-theme.css",
)
"""The theme's style sheets, which it does not register: what it names in its templates."""


def connect(app: Sphinx) -> None:
    """Settle what pages ask for, and write it when all of them are there."""
    app.connect("env-before-read-docs", _settle_version)
    app.connect(WRITTEN, _write, priority=900)  # after all that write or remove scripts


def _settle_version(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Settle by which version pages ask for the bundle, so that browsers may keep it.

    What it holds is known after the last page only; what it depends on is known here: the package
    and all pages. It stays where only some pages are read again, so that the others need not be
    written: who puts a site on a server builds it from nothing.
    """
    if env.found_docs.issubset(docnames):
        digest = hashlib.sha256(app.config.lossbook_fingerprint.encode())
        for name in sorted(docnames):
            digest.update(Path(env.doc2path(name)).read_bytes())
        env.lossbook_version = digest.hexdigest()[:8]
    app.config.html_context["bundle_version"] = env.lossbook_version


def _styles(app: Sphinx, static: Path) -> str:
    others = sorted(app.registry.css_files, key=lambda each: each[1].get("priority", 500))
    names = dict.fromkeys([*_THEME, *(name for name, _ in others), *STYLES])
    css = "\n".join((static / name).read_text("utf-8") for name in names)
    # The first is there already; fonts are named as seen from the bundle.
    return css.replace('@import "../basic.css";', "").replace("url(fonts/", "url(katex/fonts/")


def _write(app: Sphinx) -> None:
    known = {*SCRIPTS, *LEFT_OUT}
    others = [name for name, _ in app.registry.js_files if name and "://" not in name]
    if unknown := [name for name in others if name not in known]:
        raise ThemeError(
            f"a package wants {unknown} on every page: say in lossbook/site/bundle.py, in SCRIPTS "
            "or LEFT_OUT, whether it is to be there"
        )
    static = Path(app.outdir, "_static")
    (static / "bundle.js").unlink(missing_ok=True)  # of an earlier build
    scripts = {path.name: path.read_text("utf-8") for path in static.glob("*.js")}
    bundled, styles = [scripts[name] for name in SCRIPTS], _styles(app, static)
    if app.config.lossbook_live:
        bundled.append((START / "start.js").read_text("utf-8"))
        styles += (START / "start.css").read_text("utf-8")
    (static / "bundle.js").write_text("\n;".join(bundled), "utf-8")
    names: set[str] = set()
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text("utf-8")
        names |= asked_by(page)
        for part in page.split('class="')[1:]:
            names.update(part.partition('"')[0].split())
    for script in (*bundled, *(scripts[name] for name in scripts.keys() - LEFT_OUT.keys())):
        names.update("".join(c if c.isalnum() or c in "-_" else " " for c in script).split())
    (static / "bundle.css").write_text(prune(styles, names), "utf-8")
