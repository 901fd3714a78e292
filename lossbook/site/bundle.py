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
import itertools
from collections.abc import Iterator
from pathlib import Path

import tinycss2
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ThemeError
from tinycss2.ast import Node

from lossbook.explore import static as explore
from lossbook.site import WRITTEN
from lossbook.site.live import START

__all__ = ["LEFT_OUT", "SCRIPTS", "asked_by", "connect", "prune"]

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

_NESTING = frozenset({"media", "supports", "layer", "container"})
"""The at-rules whose content is rules."""


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


# A style sheet without the rules that can match nothing


def asked_by(text: str) -> set[str]:
    """Return the custom properties that a style sheet or a page asks for.

    >>> sorted(asked_by("a{b:var(--c) var(--d, red)}"))
    ['--c', '--d']
    """
    return {part.replace(",", ")").partition(")")[0].strip() for part in text.split("var(")[1:]}


def prune(css: str, names: set[str]) -> str:
    """Return a style sheet without the rules that can match nothing.

    Without the custom properties that nothing asks for, too, and the fonts of icons, which are in
    book.css.

    `names` are every class that a page has, and every class or custom property that a script names.
    A selector is kept if all its classes are among them; what stands inside ``:not()``, ``:is()``
    and the like is not looked at.

    >>> prune(".a .b{x:y} .a,.c{x:y} @media print{.c{x:y}} p:not(.c){x:y}", {"a", "b"})
    '.a .b{x:y}.a{x:y}p:not(.c){x:y}'
    >>> prune("a{--a:1;--b:2;x:var(--a);}b{--d:3}", {"--d"})
    'a{--a:1;x:var(--a)}b{--d:3}'
    """
    for _ in range(2):  # what goes first asks for nothing any more
        css = "".join(_kept(css, names | asked_by(css)))
    return css


def _kept(rules: str | list[Node], names: set[str]) -> Iterator[str]:
    for rule in tinycss2.parse_rule_list(rules, skip_comments=True, skip_whitespace=True):
        if rule.type == "error" or (rule.type == "at-rule" and rule.lower_at_keyword == "import"):
            problem = getattr(rule, "message", "it imports another")
            raise ValueError(f"no style sheet, line {rule.source_line}: {problem}")
        if rule.type == "qualified-rule":
            selectors = _split(rule.prelude, ",")
            head = ",".join(_text(s) for s in selectors if names.issuperset(_classes(s)))
            parts = [_text(part) for part in _split(rule.content, ";")]
            unasked = (p.startswith("--") and p.split(":")[0].strip() not in names for p in parts)
            body = ";".join(p for p, skip in zip(parts, unasked, strict=True) if p and not skip)
            if head and body:
                yield f"{head}{{{body}}}"
            continue
        head, content = f"@{rule.at_keyword} {_text(rule.prelude)}", rule.content or []
        nests = rule.lower_at_keyword in _NESTING
        body = "".join(_kept(content, names)) if nests else _text(content)
        if body and (nests or "Font Awesome" not in body):
            yield f"{head}{{{body}}}"


def _split(tokens: list[Node], mark: str) -> list[list[Node]]:
    """Split a rule's selectors at the commas between them, its declarations at the semicolons."""
    parts: list[list[Node]] = [[]]
    for token in tokens:
        if token == mark:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _classes(selector: list[Node]) -> Iterator[str]:
    for before, token in itertools.pairwise(selector):
        if before == "." and token.type == "ident":
            yield token.value


def _text(tokens: list[Node]) -> str:
    """Write tokens without comments, and with single spaces."""
    kept = [token for token in tokens if token.type != "comment"]
    for token in kept:
        if token.type == "whitespace":
            token.value = " "
    return tinycss2.serialize(kept).strip()
