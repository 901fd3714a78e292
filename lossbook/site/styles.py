"""One style sheet out of many: without imports, and without the rules that can match nothing."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import tinycss2
from tinycss2.ast import AtRule, Node, QualifiedRule

__all__ = ["flatten", "prune", "without_unused"]

#: At-rules whose content is rules.
_NESTING = frozenset({"media", "supports", "layer", "container"})


def prune(css: str, names: set[str]) -> str:
    """Return a style sheet without the rules that can match nothing.

    Parameters
    ----------
    css : str
        The style sheet.
    names : set of str
        Every class that a page has or a script may set. A selector is kept if all its classes are
        among them; what stands inside ``:not()``, ``:is()`` and the like is not looked at.

    Raises
    ------
    ValueError
        If part of the style sheet cannot be read.

    Examples
    --------
    >>> prune(".a .b{x:y} .a,.c{x:y} @media print{.c{x:y}} p:not(.c){x:y}", {"a", "b"})
    '.a .b{x:y}.a{x:y}p:not(.c){x:y}'
    """
    return "".join(_pruned(_rules(css), names))


def _rules(css: str | list[Node]) -> list[Node]:
    rules = tinycss2.parse_rule_list(css, skip_comments=True, skip_whitespace=True)
    for rule in rules:
        if rule.type == "error":
            raise ValueError(f"no style sheet, line {rule.source_line}: {rule.message}")
    return rules


def _pruned(rules: list[Node], names: set[str]) -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, QualifiedRule):
            kept = [p for p in _split(rule.prelude, ",") if names.issuperset(_classes(p))]
            content = _text(rule.content)
            if kept and content:
                yield f"{','.join(map(_text, kept))}{{{content}}}"
        elif rule.content is None:
            yield f"@{rule.at_keyword} {_text(rule.prelude)};"
        elif rule.lower_at_keyword in _NESTING:
            if inner := "".join(_pruned(_rules(rule.content), names)):
                yield f"@{rule.at_keyword} {_text(rule.prelude)}{{{inner}}}"
        else:
            yield f"@{rule.at_keyword} {_text(rule.prelude)}{{{_text(rule.content)}}}"


def _split(tokens: list[Node], mark: str) -> Iterator[list[Node]]:
    """Split a rule's selectors at the commas between them, its declarations at the semicolons."""
    part: list[Node] = []
    for token in tokens:
        if token == mark:
            yield part
            part = []
        else:
            part.append(token)
    yield part


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


def without_unused(css: str, names: set[str]) -> str:
    """Return a style sheet without the custom properties that nothing asks for.

    Parameters
    ----------
    css : str
        The style sheet: all of it, since one part asks for what another one sets.
    names : set of str
        Custom properties that pages or scripts ask for, among other names.

    Examples
    --------
    >>> without_unused("a{--a:1;--b:var(--a);--c:2;x:var(--c);}b{--d:3}", {"--d"})
    'a{--c:2;x:var(--c);}b{--d:3}'
    """
    rules = _rules(css)
    asks: dict[str, set[str]] = {}  # what the values of each ask for; "" stands for what is none
    for declaration in _declarations(rules):
        asks.setdefault(_property(declaration), set()).update(_asked(declaration))
    used, new = set(), {"", *names}
    while new:
        used |= new
        new = set().union(*(asks.get(name, set()) for name in new)) - used
    return "".join(_with_used(rules, used))


def _with_used(rules: list[Node], used: set[str]) -> Iterator[str]:
    for rule in rules:
        if isinstance(rule, AtRule) and rule.lower_at_keyword in _NESTING:
            inner = "".join(_with_used(_rules(rule.content), used))
            yield f"@{rule.at_keyword} {_text(rule.prelude)}{{{inner}}}"
        elif isinstance(rule, QualifiedRule):
            parts = [d for d in _split(rule.content, ";") if _property(d) in used]
            if content := ";".join(map(_text, parts)):
                yield f"{_text(rule.prelude)}{{{content}}}"
        else:
            yield rule.serialize()


def _declarations(rules: list[Node]) -> Iterator[list[Node]]:
    for rule in rules:
        if isinstance(rule, QualifiedRule):
            yield from _split(rule.content, ";")
        elif rule.content and rule.lower_at_keyword in _NESTING:
            yield from _declarations(_rules(rule.content))
        elif rule.content:
            yield rule.content


def _property(declaration: list[Node]) -> str:
    """Return the custom property that a declaration sets, or nothing if it sets another."""
    marks = (token for token in declaration if token.type not in ("whitespace", "comment"))
    first = next(marks, None)
    name = first.value if first is not None and first.type == "ident" else ""
    return name if name.startswith("--") else ""


def _asked(declaration: list[Node]) -> Iterator[str]:
    for token in _tokens(declaration):
        if token.type == "function" and token.lower_name == "var":
            yield next(t.value for t in token.arguments if t.type == "ident")


def flatten(path: Path, folder: Path) -> str:
    """Return a style sheet with its imports in it and its addresses as seen from `folder`."""
    text = []
    for rule in _rules(path.read_text("utf-8")):
        if isinstance(rule, AtRule) and rule.lower_at_keyword == "import":
            imported = next(t.value for t in rule.prelude if t.type in ("string", "url"))
            text.append(flatten(path.parent / imported, folder))
            continue
        _move(rule, path.parent, folder)
        written = rule.serialize()
        # Servers say which encoding it is; the icons are in book.css.
        icons = written.startswith("@font-face") and "Font Awesome" in written
        if not icons and not written.startswith("@charset"):
            text.append(written)
    return "\n".join(text)


def _move(rule: Node, here: Path, there: Path) -> None:
    """Make the addresses in a rule those that are seen from another folder."""
    for token in _tokens([*rule.prelude, *(rule.content or [])]):
        quoted = token.type == "function" and token.lower_name == "url"
        if not quoted and token.type != "url":
            continue
        address = token.arguments[0] if quoted else token
        if urlsplit(address.value).scheme or address.value.startswith(("/", "#")):
            continue
        address.value = Path(os.path.relpath(here / address.value, there)).as_posix()
        address.representation = f'"{address.value}"' if quoted else f'url("{address.value}")'


def _tokens(tokens: list[Node]) -> Iterator[Node]:
    for token in tokens:
        yield token
        yield from _tokens(
            getattr(token, "content", None) or getattr(token, "arguments", None) or []
        )
