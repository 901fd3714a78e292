"""One script and one style sheet for all pages, and what single pages have besides.

A script or style sheet of ours is a file in a folder of ``html_static_path``. How it is registered
says where it goes:

- ``app.add_js_file("answers.js")`` in ``setup``, or before pages are written: into the bundle,
  which every page loads, deferred;
- ``app.add_js_file("live.js", loading_method="defer")`` in a handler of ``html-page-context``: a
  tag of its own on that page, after the bundle, so that the bundle's functions are there. The pages
  of this book that have files of their own stand in ``templates/layout.html``.

``app.add_css_file`` alike. A rule of a style sheet stays if all its classes occur on some page or
in a string of some script; a custom property, if something asks for it. Scripts of other packages
are loaded if :data:`SCRIPTS` says so; one that it does not know is an error, so that nothing new
comes in unseen.
"""

from __future__ import annotations

import hashlib
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.errors import ThemeError

import lossbook
from lossbook.site.styles import asked_by, prune, words_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

__all__ = ["SCRIPTS", "connect", "scripts_of"]

#: The scripts of Sphinx and other packages, and whether the pages have them.
SCRIPTS = {
    "documentation_options.js": True,
    "doctools.js": True,
    "sphinx_highlight.js": True,
    "clipboard.min.js": True,
    "copybutton.js": True,
    "design-tabs.js": False,  # the book has no tabs
    "scripts/sphinx-book-theme.js": False,  # frame.js does what it does
}
#: The theme's own, which it does not register: what it names in its templates.
_BEFORE = (
    *("basic.css", "styles/theme.css", "styles/pydata-sphinx-theme.css", "pygments.css"),
    "styles/sphinx-book-theme.css",
)


def connect(app: Sphinx) -> None:
    """Let templates ask for the bundles, and write them when all pages are there."""
    app.connect("env-before-read-docs", _settle_version)
    # What is added from now on is for single pages.
    app.connect("env-updated", lambda app, _env: _registered(app) and None)
    app.connect("html-page-context", _offer, priority=990)  # after all that add files
    app.connect("build-finished", _write, priority=900)  # after all that write style sheets


def _settle_version(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Settle by which version pages ask for the style sheet, so that browsers may keep it.

    What it holds is known after the last page only; what it depends on is known here: the package
    and all pages. It stays where only some pages are read again, so that the others need not be
    written: who puts a site on a server builds it from nothing.
    """
    if env.found_docs.issubset(docnames):
        pages = (Path(env.doc2path(name)).read_bytes() for name in sorted(docnames))
        env.lossbook_style_version = _hash(app, b"".join(pages))


def _hash(app: Sphinx, more: bytes = b"") -> str:
    return hashlib.sha256(app.config.lossbook_fingerprint.encode() + more).hexdigest()[:8]


# What templates ask for


def _offer(app: Sphinx, _page: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    everywhere = _everywhere(app)

    def own(files: Iterable[Any]) -> list[Any]:
        return [each for each in files if each.filename and str(each.filename) not in everywhere]

    context["bundle"] = {
        "version": _hash(app),
        "style_version": app.env.lossbook_style_version,
        "page_scripts": own(context["script_files"]),
        "page_styles": own(context["css_files"]),
    }
    vars(app)["lossbook_has_written"] = True


def _registered(app: Sphinx) -> tuple[list[Any], list[Any]]:
    """Return the scripts and styles that are registered for every page, as names and attributes.

    The first call settles them: Sphinx's registry also takes what is added for a single page.
    """
    now = [*app.registry.js_files], [*app.registry.css_files]
    return vars(app).setdefault("lossbook_registered", now)


def _everywhere(app: Sphinx) -> set[str]:
    """Return the files of all pages, as templates see them."""
    files = {*_BEFORE, *list(SCRIPTS)[:3], *(name for each in _registered(app) for name, _ in each)}
    return {posixpath.join("_static", name) for name in files if name}


# The bundles


def scripts_of(app: Sphinx) -> list[str]:
    """Return the scripts of the bundle, in order.

    Raises
    ------
    ThemeError
        If a package has registered a script that nobody has decided about.
    """
    ours = _ours(app)
    registered = sorted(_registered(app)[0], key=lambda each: each[1].get("priority", 500))
    names = [*SCRIPTS][:3]
    for name, _ in registered:
        if not name or name in names:
            continue
        if SCRIPTS.get(name, name in ours):
            names.append(name)
        elif name not in SCRIPTS:
            raise ThemeError(
                f"a package wants {name!r} on every page: say in lossbook/site/bundle.py, SCRIPTS, "
                "whether it is to be there"
            )
    return names


def _ours(app: Sphinx) -> dict[str, Path]:
    """Return the scripts that the package brings, by name."""
    package = Path(lossbook.__file__).parent
    entries = [Path(entry) for entry in app.config.html_static_path]
    own = [entry for entry in entries if package in entry.parents]
    paths = [path for entry in own for path in (entry.glob("*.js") if entry.is_dir() else [entry])]
    return {path.name: path for path in paths if path.suffix == ".js"}


def _styles(app: Sphinx, static: Path) -> str:
    registered = sorted(_registered(app)[1], key=lambda each: each[1].get("priority", 500))
    names = dict.fromkeys([*_BEFORE, *(name for name, _ in registered)])
    css = "\n".join((static / name).read_text("utf-8") for name in names)
    # The first is there already; fonts are named as seen from the bundle.
    return css.replace('@import "../basic.css";', "").replace("url(fonts/", "url(katex/fonts/")


def _write(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html" or "lossbook_has_written" not in vars(app):
        return
    static = Path(app.outdir, "_static")
    scripts = [(static / name).read_text("utf-8") for name in scripts_of(app)]
    (static / "bundle.js").write_text("\n;".join(scripts), "utf-8")
    names: set[str] = set()
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text("utf-8")
        names |= asked_by(page)
        for part in page.split('class="')[1:]:
            names.update(part.partition('"')[0].split())
    for path in (*_ours(app).values(), static / "searchtools.js"):
        scripts.append(path.read_text("utf-8"))
    names |= {word for script in scripts for word in words_in(script)}
    (static / "bundle.css").write_text(prune(_styles(app, static), names), "utf-8")
