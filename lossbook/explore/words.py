"""Where a line must not end, in captions and on the pages."""

import re

__all__ = ["unbroken"]

# All spaces of what matches; what may follow another piece looks back instead of taking it.
_TIED = re.compile(
    r"(?<=\S) (?==\s[−\d])|(?<=\S\s=) (?=[−\d])"  # w = 3
    # q = p, x ≤ ∞, in HTML too
    r"|\b[^\W\d] (?:[=≤≥<>]|&[lg]t;) (?=[-−]?[\d∞]|[^\W\d]\b)"
    r"|(?<=\b\w) (?=−\s\w\b)|(?<=\b\w\s−) (?=\w\b)"  # p − y
    r"|(?<=\blog) (?=\d)"
    r"|[\[(][-−]?[\w.…∞]{1,3}, (?=[-−]?[\w.…∞]{1,3}[\])])"  # [0, 1), (n, C), (−∞, 20]
    r"|(?<=\d) (?=·\s10[⁻⁰-⁹¹²³])|(?<=\d\s·) (?=10[⁻⁰-⁹¹²³])"  # 4 · 10⁻⁵
    r"|(?<=\d) (?=(?:[%€]|m?s|min|km|[kMG]B|Mbit)(?![A-Za-z]))"  # 20 %, 3 min/km
    r"|\b(?:[Cc]hapters?|[Ee]xercises?|CC BY) (?=\d)|\bCC (?=BY\b)|\bet (?=al\.)"
)


def unbroken(text: str) -> str:
    """Put no-break spaces where a line must not end: in a formula, before a unit or a number.

    Examples
    --------
    >>> unbroken("w = 3, 20 % of 1.5 · 10⁻⁸").replace("\N{NO-BREAK SPACE}", "_")
    'w_=_3, 20_% of 1.5_·_10⁻⁸'
    >>> unbroken("p − y = −1, H(p, q) in [0, 1), (−20, 150]").replace("\N{NO-BREAK SPACE}", "_")
    'p_−_y_=_−1, H(p,_q) in [0,_1), (−20,_150]'
    """
    return _TIED.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), text)
