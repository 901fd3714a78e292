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
import json
import os
import re
from pathlib import Path
from textwrap import shorten
from typing import Any
from urllib.parse import urljoin, urlsplit

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ThemeError

from lossbook.site import WRITTEN

__all__ = ["connect", "describe", "site_address"]

TEMPLATES = Path(__file__).parent / "templates"
#: The theme's templates that ours take the place of, with the beginning of their SHA-256.
TAKEN_OVER = json.loads((TEMPLATES / "taken-over.json").read_text("utf-8"))


def connect(app: Sphinx) -> None:
    """Put our templates before the theme's, and give them what they ask for."""
    app.connect("config-inited", _settle)
    app.connect("builder-inited", check_templates)
    app.connect("html-page-context", describe, priority=900)
    app.connect(WRITTEN, _write_site_map)


def _settle(_app: Sphinx, config: Config) -> None:
    config.templates_path.insert(0, str(TEMPLATES))
    address = config.html_baseurl = site_address(config)
    config.html_context |= {"site_address": address, "root": urlsplit(address).path or "/"}


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
                f"it with lossbook/site/templates, then give taken-over.json its hash, {found!r}"
            )


def site_address(config: Config) -> str:
    """Return the address that the site will have, with a slash at its end, or nothing."""
    address = config.html_baseurl or os.environ.get("SITE_URL", "")
    if address and not re.match("https?://.", address):
        raise ValueError(f"the site's address is {address!r}; allowed: http://... or https://...")
    return address and address.rstrip("/") + "/"


def describe(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], tree: nodes.document | None
) -> None:
    """Give a page's template the beginning of its first paragraph that stands in no box."""
    metas = tree.findall(nodes.meta) if tree is not None else ()
    # Without docutils' viewport: the layout has one.
    context["metatags"] = "".join(f"\n    {meta.starttag()}" for meta in metas)
    paragraphs = tree.findall(nodes.paragraph) if tree is not None else ()
    texts = [p.astext() for p in paragraphs if isinstance(p.parent, nodes.section)]
    context["description"] = shorten(texts[0], 160, placeholder=" …") if texts else ""


def _write_site_map(app: Sphinx) -> None:
    if address := app.config.html_baseurl:
        uris = [app.builder.get_target_uri(page) for page in sorted(app.env.found_docs)]
        places = [urljoin(address, uri) for uri in uris]
        text = app.builder.templates.render("sitemap.xml", {"places": places})
        Path(app.outdir, "sitemap.xml").write_text(text, "utf-8")
