"""What the templates of the pages ask for, and what stands beside the pages.

The templates are in ``lossbook/site/templates``. They stand before the theme's, whose classes,
components and style sheets they use; where one that they take the place of has changed, the build
stops and names it (:data:`TAKEN_OVER`).

The address of the site is ``html_baseurl`` of the configuration (``html: baseurl`` in
``_config.yml``) or ``SITE_URL`` in the environment. Without one, what needs an absolute address is
left out: canonical links, the preview picture and the site map.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ThemeError

from lossbook.site import WRITTEN
from lossbook.site.mathematics import spoken

__all__ = ["connect", "describe", "site_address"]

TEMPLATES = Path(__file__).parent / "templates"
PREVIEW = "_static/social.png"
PREVIEW_TEXT = "Squared, Huber and absolute error as curves over the residual."
NO_CONTENT = frozenset({"404", "genindex", "search"})
DESCRIPTION_LENGTH = 160

#: The theme's templates that ours take the place of, with the beginning of their SHA-256.
TAKEN_OVER = {
    "sphinx_book_theme/layout.html": "2cd2fbbe2cae",
    "pydata_sphinx_theme/layout.html": "fe5c35806042",
    "basic/layout.html": "677b8a118e60",
    "pydata_sphinx_theme/search.html": "098d19aa34f7",
    "article-header-buttons.html": "01d586c72ac2",
    "sbt-sidebar-nav.html": "38342bd74404",
    "search-button-field.html": "518dda81dd8c",
}


def connect(app: Sphinx) -> None:
    """Put our templates before the theme's, and give them what they ask for."""
    app.connect("config-inited", _settle)
    app.connect("builder-inited", check_templates)
    app.connect("html-page-context", _give, priority=900)
    app.connect("html-collect-pages", _not_found)
    app.connect(WRITTEN, _finish)


def _settle(_app: Sphinx, config: Config) -> None:
    config.templates_path.insert(0, str(TEMPLATES))
    config.html_baseurl = site_address(config)


def check_templates(app: Sphinx) -> None:
    """Stop where a template of the theme is another one than ours were written for."""
    if app.builder.format != "html":
        return
    environment = app.builder.templates.environment
    for name, known in TAKEN_OVER.items():
        source = environment.loader.get_source(environment, name)[0]
        found = hashlib.sha256(source.encode()).hexdigest()[:12]
        if found != known:
            raise ThemeError(
                f"the theme's template {name} is not the one that ours were written for: compare "
                f"it with lossbook/site/templates, then give TAKEN_OVER its hash, {found!r}"
            )


def site_address(config: Config) -> str:
    """Return the address that the site will have, with a slash at its end, or nothing.

    Raises
    ------
    ValueError
        If it is no http(s) address.
    """
    address = config.html_baseurl or os.environ.get("SITE_URL", "")
    if not address:
        return ""
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc:
        raise ValueError(f"the site's address is {address!r}; allowed: http://... or https://...")
    return address.rstrip("/") + "/"


# What the templates ask for


def _give(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], tree: nodes.document | None
) -> None:
    book, address = app.config.html_title, app.config.html_baseurl
    title = app.env.titles[page].astext() if page in app.env.titles else page.capitalize()
    metas = [*tree.findall(nodes.meta)] if tree is not None else []
    # Without docutils' viewport: the layout has one.
    context["metatags"] = "".join(f"\n    {meta.starttag()}" for meta in metas)
    is_content = address and page not in NO_CONTENT
    context["pageurl"] = _at(address, page) if is_content else None
    context["head"] = {
        "title": title,
        "full_title": book if title == book else f"{title} — {book}",
        "has_description": any(meta.get("name") == "description" for meta in metas),
        "description": describe(tree) or f"{title}: {book}",
        "preview": urljoin(address, PREVIEW),
        "preview_text": PREVIEW_TEXT,
    }


def describe(tree: nodes.document | None) -> str:
    """Return the beginning of the first plain paragraph of a page that stands in no box."""
    paragraphs = tree.findall(nodes.paragraph) if tree is not None else ()
    first = next(
        (p for p in paragraphs if isinstance(p.parent, nodes.section) and not p["classes"]), None
    )
    if first is None:
        return ""
    parts = [
        spoken(node.astext()) if isinstance(node.parent, nodes.math) else node.astext()
        for node in first.findall(nodes.Text)
    ]
    return shorten("".join(parts), DESCRIPTION_LENGTH, placeholder=" …")


def _at(address: str, page: str) -> str:
    return urljoin(address, quote("" if page == "index" else f"{page}.html"))


def _not_found(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    yield "404", {"root": urlsplit(app.config.html_baseurl).path or "/"}, "404.html"


# What stands beside the pages


def _finish(app: Sphinx) -> None:
    folder = Path(app.outdir)
    for macros in (folder / "_static").glob("*webpack-macros.html"):
        macros.unlink()  # the theme's own, and no page
    pages = {*app.env.found_docs, "404", "search"}
    known = {folder / app.builder.get_target_uri(page) for page in pages}
    for path in folder.rglob("*.html"):
        if path not in known and (folder / "_static") not in path.parents:
            path.unlink()  # of an earlier build: this book no longer has it
    if address := app.config.html_baseurl:
        places = [_at(address, page) for page in sorted(app.env.found_docs)]
        text = app.builder.templates.render("sitemap.xml", {"places": places})
        (folder / "sitemap.xml").write_text(text, "utf-8")
