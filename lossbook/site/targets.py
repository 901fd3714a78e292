"""Links that lead somewhere in Jupyter too: a file, and what it holds.

``[text](02-training-loop.ipynb#ch2-update)`` is what JupyterLab and Jupyter Notebook can follow.
MyST takes what stands behind ``#`` for a heading of that page; here it may be any label of the
page, a term of its glossary (``#term-loss``) or an entry of its bibliography (``#huber1964``).
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

__all__ = ["connect"]


def _note_targets(_app: Sphinx, env: BuildEnvironment) -> None:
    standard = env.get_domain("std")
    found = [(label, *place) for label, place in standard.anonlabels.items()]
    found += [
        (labelid.lower(), docname, labelid)
        for (kind, _), (docname, labelid) in standard.objects.items()
        if kind == "term"
    ]
    if "cite" in env.domains:
        found += [
            (citation.key, citation.bibliography_key.docname, citation.citation_id)
            for citation in env.get_domain("cite").citations
        ]
    for name, docname, labelid in found:
        slugs = env.metadata[docname].setdefault("myst_slugs", {})
        slugs.setdefault(name, (0, labelid, name))


def _mark_terms(_app: Sphinx, tree: nodes.document, _page: str) -> None:
    """Give a link to a term the classes that Sphinx's own role for terms gives it."""
    for link in tree.findall(nodes.reference):
        if link.get("refuri", "").partition("#")[2].startswith("term-"):
            for text in link.findall(nodes.inline):
                text["classes"] = ["xref", "std", "std-term"]


def connect(app: Sphinx) -> None:
    """Tell MyST of these targets once all pages are read."""
    app.connect("env-updated", _note_targets, priority=900)  # after the bibliography has its ids
    app.connect("doctree-resolved", _mark_terms)
