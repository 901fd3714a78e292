"""The package reference: a loss is an object, documented as the function that it is called as."""

from __future__ import annotations

import re
from pydoc import locate
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext.autodoc import FunctionDocumenter
from sphinx.util.inspect import signature, stringify_signature

from lossbook.losses import Loss

__all__ = ["LossDocumenter", "connect"]


class LossDocumenter(FunctionDocumenter):
    """Documents a loss: how it is called, its docstring, and where its card is."""

    objtype = "loss"
    directivetype = "function"
    priority = FunctionDocumenter.priority + 10

    @classmethod
    def can_document_member(cls, member: Any, membername: str, isattr: bool, parent: Any) -> bool:
        """Whether this is a loss."""
        return isinstance(member, Loss)

    def format_args(self, **_: Any) -> str:
        """Return the arguments and parameters of a call."""
        return stringify_signature(signature(self.object.__wrapped__), show_annotation=False)

    def add_content(self, more_content: Any) -> None:
        """Add the docstring, and a link to the card."""
        super().add_content(more_content)
        source = self.get_sourcename()
        self.add_line("", source)
        self.add_line(f"At a glance: :ref:`its card <card-{self.object.name}>`.", source)


def home(target: str) -> str:
    """Return the full name of what can also be imported from a shorter one, or nothing."""
    found: Any = locate(target)
    return f"{found.__module__}.{found.__qualname__}" if hasattr(found, "__qualname__") else ""


def _resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.Element
) -> nodes.Element | None:
    """Lead references such as ``lossbook.Cost`` to where the class is documented."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or not target.startswith("lossbook."):
        return None
    place = (env, node["refdoc"], app.builder, node["reftype"])
    link = env.get_domain("py").resolve_xref(*place, home(target), node, content)
    if link is not None:
        link["reftitle"] = target
    return link


def initials(*arguments: Any) -> None:
    r"""Keep a line that begins with an author's initial from being read as an item of a list.

    >>> lines = ["D. R. Cox (1958).", "   P. J. Huber", "It is."]
    >>> initials(None, "", "", None, None, lines)
    >>> print(*lines, sep="|")
    \D. R. Cox (1958).|   \P. J. Huber|It is.
    """
    lines = arguments[-1]
    lines[:] = [re.sub(r"^(\s*)(?=[A-Z]\. )", r"\1\\", line) for line in lines]


def readable(
    _app: Any, _kind: Any, _name: str, thing: Any, _options: Any, arguments: str, returns: str
) -> tuple[str, str] | None:
    """Return a signature without what no reader could write, or nothing where there is none such.

    >>> readable(None, "class", "", None, None, "(domains=<factory>, kinks=<function _f>)", "")
    ('(domains=..., kinks=...)', '')
    """
    if getattr(thing, "_is_protocol", False):
        return "", ""  # nobody makes one
    if arguments and "<" in arguments:
        return re.sub(r"<[^<>]*>", "...", arguments), returns
    return None


def is_listed(_app: Any, _kind: Any, _name: str, thing: Any, _skip: Any, _o: Any) -> bool | None:
    """Leave out what the docstring of a named tuple lists among its attributes."""
    return True if (thing.__doc__ or "").startswith("Alias for field number") else None


def connect(app: Sphinx) -> None:
    """Set up autodoc for losses, and for docstrings in NumPy's style."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.napoleon")
    app.add_autodocumenter(LossDocumenter)
    app.connect("autodoc-process-docstring", initials, priority=600)  # after napoleon
    app.connect("autodoc-process-signature", readable)
    app.connect("autodoc-skip-member", is_listed)
    app.connect("missing-reference", _resolve)
