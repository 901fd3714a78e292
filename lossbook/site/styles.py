"""One style sheet out of many, without the rules that can match nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import tinycss2
from tinycss2.ast import Node

__all__ = ["asked_by", "prune"]

#: At-rules whose content is rules.
_NESTING = frozenset({"media", "supports", "layer", "container"})


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
        head, content = f"@{rule.at_keyword} {_text(rule.prelude)}", rule.content
        body = _text(content or [])
        if content and rule.lower_at_keyword in _NESTING:
            body = "".join(_kept(content, names))
        if body and "Font Awesome" not in body:
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
