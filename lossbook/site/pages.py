"""Make each finished page light and self-contained.

The theme writes pages that load some twenty scripts and ten style sheets, among them an icon font
as a script of half a megabyte, and that run scripts which stand in the page itself. When a build
ends, this module puts one script and one style sheet in their place:

- the scripts in their order, without those that no page of the book needs, and with the theme's own
  left for later;
- the rules whose classes occur on some page or in some script, and no others;
- nothing inline, so that a strict Content-Security-Policy can be set.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from lossbook.site import head
from lossbook.site.text import breakable

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["connect", "prune"]

SCRIPT, STYLE = "_static/bundle.js", "_static/bundle.css"
# Loaded on every page by the theme, of use on the search page alone.
SEARCH = ("searchtools.js", "language_data.js", "searchindex.js")
# The icons are in book.css; there is no version to switch, and no server to compute for Thebe.
UNUSED = ("fontawesome.js",)
# Of use on pages with such elements alone, and only there where some page of the book has one.
FOR_ELEMENTS = {
    "togglebutton.js": re.compile(
        r'class="(?:[^"]* )?(?:toggle[" ]|admonition (?:[^"]* )?dropdown[" ])'
    ),
    "design-tabs.js": re.compile(r'class="[^"]*\bsd-tab-set\b'),
}
UNUSED_INLINE = "DOCUMENTATION_OPTIONS.pagename"
# The theme's own, which the first paint does not need and which take long: the last thing that the
# bundle does is to ask for them, so that each runs in a task of its own.
LATER = ("sphinx-book-theme.js", "bootstrap.js", "pydata-sphinx-theme.js")
_ASK = """
{
  const { src } = document.currentScript;
  for (const name of %s) {
    const script = document.createElement("script");
    document.head.append(Object.assign(script, { src: new URL(name, src), async: false }));
  }
}
"""
# From so many characters on, a page is laid out as it is read.
LONG = 200_000
# Asked for at once where there are formulas: a font that comes late moves the text.
MATHEMATICS = ("KaTeX_Main-Regular", "KaTeX_Math-Italic")

_FRESH = 'data-cfasync="false"'  # stands in each page as the theme writes it
_SCRIPT = re.compile(r"[ \t]*<script(?![^>]*application/)([^>]*)>(.*?)</script>\n?", re.DOTALL)
_STYLE = re.compile(r'[ \t]*<link (?=[^>]*rel="stylesheet")[^>]*href="([^"]*)"[^>]*>\n?')
_PRELOAD = re.compile(r'[ \t]*<link rel="preload" as="script"[^>]*>\n?')
_BUNDLE = re.compile(rf"({re.escape(SCRIPT)}|{re.escape(STYLE)})\?v=\w*")
_PRINTED_TWICE = re.compile(r'<div id="jb-print-docs-body".*?</div>\s*</div>\s*</div>', re.DOTALL)
_SIDEBAR = '<div role="complementary" aria-label="Book" id="pst-primary-sidebar"'
_SEARCH_BUTTON = re.compile(r'(<button class="btn search-button-field[^>]*?) aria-label="Search"')
_TOGGLE = '<summary><span class="toctree-toggle"'
# The theme's script measures all blocks that may scroll as a page loads, and again whenever a
# figure moves, for which the whole page must be laid out. book.js asks when each comes near.
_MEASURES = re.compile(
    r'function (\w+)\(\)\{const (\w+)=\(\)=>\{document\.querySelectorAll\(\["pre",.*?'
    r"\{subtree:!0,childList:!0\}\),\2\(\)\}"
)
# In what opens and closes, the words that are always there come first; docutils puts names there.
_NOT_FIRST = re.compile(r'(<details[^>]*>\s*)((?:<span id="[^"]*"></span>\s*)+)(<summary[^>]*>)')
# In the tables that a cell returns; all other code has a class.
_CODE_OF_OUTPUT = re.compile(r"<code>([^<]*)</code>")
# MyST-NB writes paragraphs there, which HTML does not allow; its style sheet follows (_style).
_IN_SUMMARY = re.compile(r'<p( class="(?:collapsed|expanded) admonition-title")>([^<]*)</p>')
_EMPTY_FOOTER = re.compile(r'\s*<footer class="bd-footer">\s*</footer>')
_ARTICLE = re.compile(r'(<article class="[^"]*)')
_HANDLER = re.compile(r'onclick="(?:window\.)?(\w+)\(\)"')
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def connect(app: Sphinx) -> None:
    """Finish the pages when a build of HTML ends well."""
    app.connect("build-finished", _finish, priority=900)  # after all that write style sheets


def _finish(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    _remove_stale(app, folder)
    pages = {p: p.read_text("utf-8") for p in _pages(folder) if p.name != "404.html"}
    fresh = {p: text for p, text in pages.items() if _FRESH in text}
    if not fresh:
        return
    for template in (folder / "_static").glob("*webpack-macros.html"):
        template.unlink()  # the theme's own, and no page
    first = next(iter(fresh))
    unused = {
        name
        for name, element in FOR_ELEMENTS.items()
        if not any(element.search(text) for text in pages.values())
    }
    scripts = _scripts(first, fresh[first], {*SEARCH, *UNUSED, *unused})
    styles = [(first.parent / urlsplit(url).path).resolve() for url in _STYLE.findall(fresh[first])]
    later = {f"later-{s.name}": s.text for s in scripts if s.name in LATER}
    urls = [f"{name}?v={_hash(text)}" for name, text in later.items()]
    script = "\n;".join(
        [*(s.text for s in scripts if s.name not in LATER), _ASK % json.dumps(urls)]
    )
    data = dict(pair for s in scripts for pair in s.data)
    book, address = app.config.html_title, head.site_address(app.config)
    for page in fresh:
        path = page.relative_to(folder).as_posix()
        root = "../" * path.count("/")
        text = _light(pages[page], path, root, data)
        pages[page] = head.describe(text, page=path, root=root, book=book, address=address)
    names = set(
        re.findall(r"[\w-]+", " ".join([*_classes(pages.values()), script, *later.values()]))
    )
    style = "\n".join(prune(_style(path, folder / "_static"), names) for path in styles)
    (folder / SCRIPT).write_text(script, "utf-8")
    for name, text in later.items():
        (folder / "_static" / name).write_text(text, "utf-8")
    (folder / STYLE).write_text(style, "utf-8")
    (folder / "404.html").write_text(head.not_found(book, address), "utf-8")
    if address:
        paths = sorted(page.relative_to(folder).as_posix() for page in pages)
        (folder / "sitemap.xml").write_text(head.site_map(paths, address), "utf-8")
        head.social_card(book, folder / head.PREVIEW)
    version = {SCRIPT: _hash(script), STYLE: _hash(style)}
    for page, text in pages.items():
        text = _BUNDLE.sub(lambda m: f"{m[1]}?v={version[m[1]]}", text)
        if page in fresh or text != page.read_text("utf-8"):
            page.write_text(text, "utf-8")


def _pages(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*.html") if "_static" not in p.parts)


def _remove_stale(app: Sphinx, folder: Path) -> None:
    """Remove pages that an earlier build wrote and this book no longer has."""
    known = {app.builder.get_target_uri(document) for document in app.env.found_docs}
    known |= {"404.html", "search.html"} | (
        {"genindex.html"} if app.config.html_use_index else set()
    )
    for page in _pages(folder):
        if page.relative_to(folder).as_posix() not in known:
            page.unlink()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


class _Script(NamedTuple):
    """A script that every page runs: its file, what it says, and the attributes that it reads."""

    name: str
    text: str
    data: list[tuple[str, str]]


def _scripts(page: Path, text: str, unused: set[str]) -> list[_Script]:
    """Return the scripts that every page runs, in order."""
    at_once, deferred = [], []
    body = text.index("</head>")
    for match in _SCRIPT.finditer(text):
        attributes, inline = match.groups()
        if match.start() > body and inline.strip():
            continue  # the search page's own, which book.js does
        named = dict(_ATTRIBUTE.findall(attributes))
        data = [(k, v) for k, v in named.items() if k.startswith("data-")]
        if "data-cfasync" in named or UNUSED_INLINE in inline:
            continue
        name = ""
        if "src" in named:
            path = (page.parent / urlsplit(named["src"]).path).resolve()
            name = path.name
            if name in unused:
                continue
            inline = _MEASURES.sub(r"function \1(){}", path.read_text("utf-8"))
        (deferred if "defer" in attributes else at_once).append(_Script(name, inline, data))
    return at_once + deferred


def _light(text: str, page: str, root: str, data: dict[str, str]) -> str:
    """Return a page with the two bundles in place of all that it loaded."""
    attributes = "".join(f' {name}="{value}"' for name, value in data.items())
    fonts = f' data-fonts="{" ".join(MATHEMATICS)}"' if 'class="katex"' in text else ""

    def script(match: re.Match[str]) -> str:
        if _FRESH in match[1]:
            # Before anything is painted: the colours that the reader chose.
            return (
                f'<script{fonts} src="{root}_static/mode.js"></script>\n'
                f'<link rel="stylesheet" href="{root}{STYLE}?v=">\n'
                f'<script defer{attributes} src="{root}{SCRIPT}?v="></script>\n'
            )
        source = dict(_ATTRIBUTE.findall(match[1])).get("src", "")
        if page == "search.html" and urlsplit(source).path.endswith(SEARCH):
            return f'<script defer src="{source}"></script>\n'
        return ""

    text = _SCRIPT.sub(script, _PRELOAD.sub("", _STYLE.sub("", text)))
    text = _EMPTY_FOOTER.sub("", _PRINTED_TWICE.sub("", text))
    text = _NOT_FIRST.sub(r"\1\3\2", text)
    text = _CODE_OF_OUTPUT.sub(lambda m: f"<code>{breakable(m[1])}</code>", text)
    text = _IN_SUMMARY.sub(r"<span\1>\2</span>", text)
    if len(text) > LONG:
        text = _ARTICLE.sub(r"\1 waits", text)  # to be laid out: book.css
    # A landmark for what is left of the text, and the words on the button as its name.
    text = text.replace('<div id="pst-primary-sidebar"', f"{_SIDEBAR}", 1)
    text = _SEARCH_BUTTON.sub(r"\1", text)
    # What opens and closes a part of the book's contents is an icon without a name.
    text = text.replace(_TOGGLE, _TOGGLE.replace("<summary", '<summary aria-label="Pages below"'))
    return _HANDLER.sub(r'data-action="\1"', text)


def _classes(pages: Iterable[str]) -> set[str]:
    return {value for text in pages for value in re.findall(r'class="([^"]*)"', text)}


def _style(path: Path, folder: Path) -> str:
    """Return a style sheet with its imports in it and its addresses as seen from `folder`."""

    def address(match: re.Match[str]) -> str:
        url = match[1].strip("\"'")
        if re.match(r"[a-z]+:|/|#", url):
            return match[0]
        return f"url({Path(os.path.relpath(path.parent / url, folder)).as_posix()})"

    css = _COMMENT.sub("", path.read_text("utf-8"))
    css = re.sub(r"(summary *> *)p(?=\.)", r"\1span", css)
    css = _IMPORT.sub(lambda m: f"@import url({m[1]});", css)
    css = re.sub(r"url\(([^)]*)\)", address, css)
    return _IMPORTED.sub(lambda m: _style(folder / m[1], folder), css)


_IMPORT = re.compile(r'@import "([^"]*)";')
_IMPORTED = re.compile(r"@import url\(([^)]*)\);")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_EMPTY = re.compile(r"@(?:media|supports|layer)[^{};]*\{\s*\}")
_FUNCTION = re.compile(r":[\w-]+\([^()]*(?:\([^()]*\)[^()]*)*\)")
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_COMMA = re.compile(r",(?![^(]*\))")


def prune(css: str, names: set[str]) -> str:
    """Return a style sheet without the rules that can match nothing.

    Parameters
    ----------
    css : str
        The style sheet.
    names : set of str
        Every class that a page has or a script may set. A selector is kept if all its classes are
        among them; what stands inside ``:not()``, ``:is()`` and the like is not looked at.

    Examples
    --------
    >>> prune(".a .b{x:y} .a,.c{x:y} @media print{.c{x:y}} p:not(.c){x:y}", {"a", "b"})
    '.a .b{x:y}.a{x:y}p:not(.c){x:y}'
    """

    def rule(match: re.Match[str]) -> str:
        prelude, body = match[1].strip(), match[2].strip()
        at_rule = ""
        if ";" in prelude:  # @charset "utf-8"; and its like end there
            at_rule, prelude = prelude.rsplit(";", 1)
            at_rule, prelude = at_rule + ";", prelude.strip()
        if prelude.startswith("@"):
            used = "Font Awesome" not in body.replace("\\", "")
            return f"{at_rule}{prelude}{{{body}}}" if used else at_rule
        kept = [
            selector.strip()
            for selector in _COMMA.split(prelude)
            if names.issuperset(_CLASS.findall(_FUNCTION.sub("", selector)))
        ]
        return at_rule + (f"{','.join(kept)}{{{body}}}" if kept and body else "")

    css = _RULE.sub(rule, _COMMENT.sub("", css))
    while (fewer := _EMPTY.sub("", css)) != css:
        css = fewer
    return re.sub(r"\s*([{}])\s*", r"\1", css).strip()
