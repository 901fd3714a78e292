"""The exercises of the chapters, and the checks of a reader's answers.

In a notebook::

    from lossbook.exercises import check

    answer = ...
    check("ch3-lateness", answer)

An answer may be whatever is right: a number or an array, a function (for one example or for
arrays of them), a pair of functions, a loss made with :func:`.loss`. It is compared with
the exercise's reference at many inputs, value and gradient alike. A usual mistake gets its own
hint. ``...`` is an answer not given yet: the check says so, and nothing fails.

The exercises are data: one module for each chapter (``lossbook/exercises/chapter3.py``) with a
tuple ``EXERCISES`` of :class:`Exercise`. CONTRIBUTING.md says how to add one.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from lossbook.exercises._assess import Verdict
from lossbook.exercises._assess import assess as _assess
from lossbook.exercises._exercise import Exercise, Mistake, Satisfying
from lossbook.exercises._inputs import binary_logits, multi_class_logits, pairs

__all__ = [
    "Exercise",
    "Mistake",
    "Satisfying",
    "Verdict",
    "assess",
    "binary_logits",
    "check",
    "exercises",
    "find",
    "multi_class_logits",
    "pairs",
]


def check(name: str, answer: object) -> None:
    """Say whether `answer` is right, and if it is not, what may be wrong with it.

    Parameters
    ----------
    name : str
        The exercise, for instance ``"ch3-lateness"``.
    answer : object
        The answer; ``...`` while there is none.

    Raises
    ------
    ValueError
        If there is no such exercise. A wrong answer raises nothing.

    Examples
    --------
    >>> check("ch3-by-hand", ...)  # doctest: +ELLIPSIS
    ch3-by-hand: no answer yet. Wanted: ...
    """
    print(assess(name, answer).text)


def assess(name: str, answer: object) -> Verdict:
    """Return what :func:`check` says, as data.

    Returns
    -------
    Verdict

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    return _assess(find(name), answer)


def find(name: str) -> Exercise:
    """Return the exercise of a name, such as ``"ch3-lateness"``.

    Returns
    -------
    Exercise

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    chapter = str(name).partition("-")[0].removeprefix("ch")
    known = exercises(int(chapter)) if chapter.isdecimal() else {}
    if name not in known:
        names = ", ".join(exercise for number in _chapters() for exercise in exercises(number))
        raise ValueError(f"name must be one of the exercises {names}: got {name!r}")
    return known[name]


def exercises(chapter: int) -> dict[str, Exercise]:
    """Return the exercises of a chapter by name, in their order; none if it has no module."""
    module = f"{__name__}.chapter{chapter}"
    if find_spec(module) is None:
        return {}
    return {exercise.name: exercise for exercise in import_module(module).EXERCISES}


def _chapters() -> list[int]:
    modules = Path(__file__).parent.glob("chapter*.py")
    return sorted(int(path.stem.removeprefix("chapter")) for path in modules)
