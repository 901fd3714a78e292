"""What others see of a page before they open it: title, description, links, preview.

The address of the site is ``html_baseurl`` of the configuration (``html: baseurl`` in
``_config.yml``) or ``SITE_URL`` in the environment. Without one, what needs an absolute address is
left out: canonical links, the preview picture and the site map.
"""

from __future__ import annotations

import os
import re
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

if TYPE_CHECKING:
    from sphinx.config import Config

__all__ = ["describe", "not_found", "site_address", "site_map", "social_card"]

PREVIEW = "_static/social.png"
NO_CONTENT = ("404.html", "genindex.html", "search.html")
DESCRIPTION_LENGTH = 160

_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_VIEWPORT = re.compile(r'[ \t]*<meta name="viewport"[^>]*>\n?')
_DOCSEARCH = re.compile(r'[ \t]*<meta name="docsearch:[^>]*>\n?')
_FIRST_PARAGRAPH = re.compile(r"</h1>.*?<p>(.*?)</p>", re.DOTALL)


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


def describe(text: str, *, page: str, root: str, book: str, address: str) -> str:
    """Return a page with title, description, icon and, given an address, links and preview.

    Parameters
    ----------
    text : str
        The page.
    page : str
        Its path within the site.
    root : str
        The way from the page to the site's root: ``""`` or ``"../"``.
    book : str
        The title of the book.
    address : str
        What :func:`site_address` returned.
    """
    found = _TITLE.search(text)
    title = re.split(r"\s+[—-]\s+", unescape(found[1]))[0].strip() if found else book
    full = book if title == book else f"{title} — {book}"
    lines = [
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f'<link rel="icon" type="image/svg+xml" href="{root}_static/favicon.svg">',
    ]
    description = _description(text) or f"{title}: {book}"
    if 'name="description"' not in text:
        lines.append(f'<meta name="description" content="{escape(description, quote=True)}">')
    lines += [
        f'<meta property="og:title" content="{escape(title, quote=True)}">',
        f'<meta property="og:description" content="{escape(description, quote=True)}">',
        f'<meta property="og:site_name" content="{escape(book, quote=True)}">',
        '<meta property="og:type" content="article">',
    ]
    if address and page not in NO_CONTENT:
        here = escape(_at(address, page), quote=True)
        lines += [
            f'<meta property="og:url" content="{here}">',
            f'<meta property="og:image" content="{escape(urljoin(address, PREVIEW), quote=True)}">',
            f'<meta property="og:image:alt" content="{escape(ALTERNATIVE, quote=True)}">',
            '<meta name="twitter:card" content="summary_large_image">',
        ]
        if 'rel="canonical"' not in text:
            lines.append(f'<link rel="canonical" href="{here}">')
    text = _DOCSEARCH.sub("", _VIEWPORT.sub("", text))
    head = f"<title>{escape(full, quote=False)}</title>\n" + "\n".join(lines)
    return _TITLE.sub(lambda _: head, text, count=1)


def _description(text: str) -> str:
    """Return the beginning of the first paragraph below the page's title."""
    from bs4 import BeautifulSoup

    article = text.partition("<article")[2]
    found = _FIRST_PARAGRAPH.search(article)
    if not found:
        return ""
    paragraph = BeautifulSoup(found[1], "html.parser")
    for twice in paragraph.select(".katex-html, annotation"):
        twice.decompose()
    words = paragraph.get_text().split()
    description = " ".join(words)
    while len(description) > DESCRIPTION_LENGTH:
        words.pop()
        description = " ".join(words) + " …"
    return description


def _at(address: str, page: str) -> str:
    return urljoin(address, quote("" if page == "index.html" else page))


def site_map(pages: list[str], address: str) -> str:
    """Return ``sitemap.xml`` for pages, given by their paths within the site.

    Examples
    --------
    >>> print(site_map(["index.html", "search.html", "a.html"], "https://example.org/book/"))
    <?xml version="1.0" encoding="UTF-8"?>
    <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <url><loc>https://example.org/book/</loc></url>
    <url><loc>https://example.org/book/a.html</loc></url>
    </urlset>
    <BLANKLINE>
    """
    places = [
        f"<url><loc>{escape(_at(address, page))}</loc></url>"
        for page in pages
        if page not in NO_CONTENT
    ]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *places,
            "</urlset>\n",
        ]
    )


def not_found(book: str, address: str) -> str:
    """Return the page for an address that does not exist.

    A server shows it at any depth, so it holds its style and counts paths from the site's root.
    """
    root = urlsplit(address).path or "/"
    return f"""<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<title>Page not found — {escape(book)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="description" content="There is no page at this address.">
<link rel="icon" type="image/svg+xml" href="{root}_static/favicon.svg">
<style>
body {{ background: #fff; color: #1b1e23; font: 1.1rem/1.6 system-ui, sans-serif; }}
a {{ color: #0a5cad; }}
@media (prefers-color-scheme: dark) {{
body {{ background: #121212; color: #e6e6e6; }}
a {{ color: #8ab4f8; }}
}}
main {{ max-width: 34rem; margin: 15vh auto; padding: 0 1rem; }}
</style>
</head>
<body>
<main>
<h1>Page not found</h1>
<p>There is no page at this address. It may have moved.</p>
<p><a href="{root}index.html">Begin at the front page</a>, or
<a href="{root}search.html">search the book</a>.</p>
</main>
</body>
</html>
"""


ALTERNATIVE = "Squared, Huber and absolute error as curves over the residual."


def social_card(book: str, path: Path) -> None:
    """Draw the picture that a link to the book is shown with: 1200 by 630 pixels."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from lossbook import absolute_error, huber, squared_error

    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="#fffefd")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 0.72))
    r = np.linspace(-3, 3, 300)
    zero = np.zeros_like(r)
    for loss, colour in (
        (squared_error, "#0072b2"),
        (huber, "#009e73"),
        (absolute_error, "#d55e00"),
    ):
        axes.plot(r, loss(zero, r), color=colour, linewidth=7)
    axes.set_ylim(-0.15, 3)
    axes.axis("off")
    figure.text(0.5, 0.82, book, ha="center", va="center", fontsize=44, color="#1b1e23")
    figure.savefig(path, metadata={"Software": None})
