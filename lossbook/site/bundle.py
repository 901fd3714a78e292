"""One script and one style sheet for all pages, and what single pages have besides.

A script or style sheet of ours is a file in a folder of ``html_static_path``. How it is registered
says where it goes:

- ``app.add_js_file("answers.js")`` in ``setup``, or before pages are written: into the bundle,
  which every page loads, deferred;
- ``app.add_js_file("live.js", loading_method="defer")`` in a handler of ``html-page-context``: a
  tag of its own on that page, after the bundle, so that the bundle's functions are there.

``app.add_css_file`` alike. A rule of a style sheet stays if all its classes occur on some page or
in a string of some script; a custom property, if something asks for it. Scripts of other packages
are loaded if :data:`SCRIPTS` says so; one that it does not know is an error, so that nothing new
comes in unseen.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.errors import ThemeError

import lossbook
from lossbook.site.names import names_on, words_in
from lossbook.site.styles import flatten, prune, without_unused

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
    "design-tabs.js": False,  # where there are tabs only: see _PAGES_WITH
    "scripts/sphinx-book-theme.js": False,  # frame.js does what it does
}
_PAGES_WITH = {"sd-tab-set": "design-tabs.js"}
#: The theme's own, which it does not register: what it names in its templates.
_BEFORE = ("styles/theme.css", "styles/pydata-sphinx-theme.css")
_CLASSES = "lossbook_classes"  # where the metadata of a page holds the classes in its text


def connect(app: Sphinx) -> None:
    """Let templates ask for the bundles, and write them when all pages are there."""
    app.connect("doctree-read", _note_classes)
    app.connect("env-updated", _settle_version)
    app.connect("html-page-context", _offer, priority=990)  # after all that add files
    app.connect("build-finished", _write, priority=900)  # after all that write style sheets


# The version by which pages ask for the bundles, so that servers may let browsers keep them


def _note_classes(app: Sphinx, tree: nodes.document) -> None:
    classes = {name for node in tree.findall(nodes.Element) for name in node.get("classes", ())}
    classes |= {type(node).__name__ for node in tree.findall(nodes.Element)}
    app.env.metadata[app.env.docname][_CLASSES] = sorted(classes)


def _settle_version(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Settle the style sheet's version, before the first page is written that asks for it.

    What the style sheet holds is known after the last page only; what it depends on is known here:
    the package, and which elements and classes the pages are made of. Where that has changed, all
    pages are written again, since all ask for it.
    """
    known = sorted({name for data in env.metadata.values() for name in data.get(_CLASSES, ())})
    _registered(app)  # what is added from now on is for single pages
    version = _hash(app.config.lossbook_fingerprint + json.dumps(known))
    changed = getattr(env, "lossbook_style_version", version) != version
    env.lossbook_style_version = version
    return env.found_docs if changed else ()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


# What templates ask for


def _offer(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], tree: nodes.document | None
) -> None:
    everywhere = _everywhere(app)
    classes = app.env.metadata.get(page, {}).get(_CLASSES, ())
    for name, script in _PAGES_WITH.items():
        if name in classes:
            everywhere.discard(f"_static/{script}")

    def own(files: Iterable[Any]) -> list[Any]:
        return [each for each in files if each.filename and str(each.filename) not in everywhere]

    context["bundle"] = {
        "version": _hash(app.config.lossbook_fingerprint),
        "style_version": app.env.lossbook_style_version,
        "has_formulas": tree is not None and any(tree.findall(_is_formula)),
        "page_scripts": own(context["script_files"]),
        "page_styles": own(context["css_files"]),
    }
    _written(app).append(app.builder.get_outfilename(page))


def _is_formula(node: nodes.Node) -> bool:
    return isinstance(node, nodes.math | nodes.math_block)


def _written(app: Sphinx) -> list[str]:
    """Return the files of the pages that this build has written, to be added to."""
    return vars(app).setdefault("lossbook_written", [])


def _registered(app: Sphinx) -> tuple[list[Any], list[Any]]:
    """Return the scripts and styles that are registered for every page, as names and attributes.

    The first call settles them: Sphinx's registry also takes what is added for a single page.
    """
    now = [*app.registry.js_files], [*app.registry.css_files]
    return vars(app).setdefault("lossbook_registered", now)


def _everywhere(app: Sphinx) -> set[str]:
    """Return the files of all pages, as templates see them."""
    scripts, styles = _registered(app)
    files = {"documentation_options.js", "doctools.js", "sphinx_highlight.js", "pygments.css"}
    files |= {"styles/sphinx-book-theme.css", *(name for name, _ in [*scripts, *styles] if name)}
    return {posixpath.join("_static", name) for name in files}


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


def _styles(app: Sphinx) -> list[str]:
    registered = sorted(_registered(app)[1], key=lambda each: each[1].get("priority", 500))
    names = ["pygments.css", "styles/sphinx-book-theme.css", *(name for name, _ in registered)]
    return [*_BEFORE, *dict.fromkeys(names)]


def _write(app: Sphinx, error: Exception | None) -> None:
    written = _written(app)
    if error or app.builder.format != "html" or not written:
        return
    static = Path(app.outdir, "_static")
    # The classes of the pages that this build has not written are those of the last time.
    store = Path(app.doctreedir, "classes.json")
    classes = json.loads(store.read_text("utf-8")) if store.exists() else {}
    for page in written:
        path = Path(page)
        classes[path.relative_to(app.outdir).as_posix()] = sorted(names_on(path.read_text("utf-8")))
    classes = {page: names for page, names in classes.items() if Path(app.outdir, page).exists()}
    store.write_text(json.dumps(classes), "utf-8")

    scripts = [(static / name).read_text("utf-8") for name in scripts_of(app)]
    (static / "bundle.js").write_text("\n;".join(scripts), "utf-8")
    names = {name for each in classes.values() for name in each}
    for path in (*_ours(app).values(), static / "searchtools.js"):
        scripts.append(path.read_text("utf-8"))
    names |= {word for script in scripts for word in words_in(script)}
    styles = [prune(flatten(static / name, static), names) for name in _styles(app)]
    (static / "bundle.css").write_text(without_unused("".join(styles), names), "utf-8")
