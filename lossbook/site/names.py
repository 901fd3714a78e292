"""What pages and scripts name: classes and custom properties, by which style sheets are pruned."""

from __future__ import annotations

import re
from html.parser import HTMLParser

__all__ = ["names_on", "words_in"]

_ASKED = re.compile(r"var\(\s*(--[\w-]+)")
_WORD = re.compile(r"[\w-]+")
# Comments are found too, so that an apostrophe in them begins nothing.
_STRING = re.compile(
    r"""//[^\n]*|/\*.*?\*/|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)""",
    re.DOTALL,
)


class _Names(HTMLParser):
    """Collects the classes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, _tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name == "class" and value:
                self.names.update(value.split())


def names_on(page: str) -> set[str]:
    """Return all classes on a page, and the custom properties that it asks for.

    Examples
    --------
    >>> sorted(names_on('<p class="a b">x <b class=c style="color: var(--d, red)">y</b></p>'))
    ['--d', 'a', 'b', 'c']
    """
    parser = _Names()
    parser.feed(page)
    return parser.names | set(_ASKED.findall(page))


def words_in(script: str) -> set[str]:
    """Return all words in the strings of a script; a class that it sets is one of them.

    Examples
    --------
    >>> sorted(words_in("e.classList.add('is-on', `is-${kind}`); // it's 'so'"))
    ['is-', 'is-on', 'kind']
    """
    strings = [match[1] for match in _STRING.finditer(script) if match[1]]
    return set(_WORD.findall(" ".join(strings)))
