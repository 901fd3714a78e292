"""What a page needs to judge an answer without Python: everything as numbers.

:func:`form` makes an :class:`Exercise` into questions that numbers answer, with the numbers that
are right and those that usual mistakes give. A function is asked for its values at one to three
inputs. They are picked so that each usual mistake which numbers can tell from the right answer, and
from the other mistakes, is told there. An answer that satisfies a test is looked up in a table.

The page says what :func:`lossbook.exercises.check` says, in the words of the exercise.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbook.exercises._assess import Tabulated, Verdict, agreement, assess, tabulate
from lossbook.exercises._exercise import Exercise, Mistake, Satisfying

__all__ = ["DIGITS", "Form", "Part", "form"]

Array = NDArray[np.float64]

MOST = 3  # inputs at which a function is asked
# Values of functions are typed as programs print them: half a unit of the third digit may be off.
DIGITS = 5e-3
_CANDIDATES = 40  # of the inputs, the shortest: those that are quickly typed
_UP_TO_FEW = 12  # where each choice has to be assessed in full


@dataclass(frozen=True)
class Part:
    """A part of an answer, as fields of a form.

    Attributes
    ----------
    name : str
        What the exercise calls it; empty where it has one part only.
    at : tuple of str
        For a function, at which inputs it is asked, one for each field; else empty.
    labels : tuple of str
        What each field is called within the part, where it has several for one input.
    right : tuple of float, str or Satisfying
        The numbers that are right, or a word; where there are many right answers, their test.
    least : float
        Below this size of a number, the tolerance is no longer relative.
    """

    name: str
    at: tuple[str, ...]
    labels: tuple[str, ...]
    right: tuple[float, ...] | str | Satisfying
    least: float

    @property
    def labels_at(self) -> list[tuple[str, str]]:
        """Return for each field at which input it is asked, and what it is called there."""
        return list(zip(self.at or [""] * len(self.labels), self.labels, strict=True))

    @property
    def note(self) -> str:
        """Return which answers can be judged, where these are not all numbers."""
        if not isinstance(self.right, Satisfying) or not self.right.among:
            return ""
        low, high, step = self.right.among[0]
        kind = "whole numbers" if float(step).is_integer() else "numbers"
        steps = "" if step == 1 else f", in steps of {step:g}"
        name = f"For \u201c{self.name}\u201d: " if self.name else ""
        text = f"{name}{kind} from {low:g} to {high:g}{steps}."
        return (text[:1].upper() + text[1:]).replace("-", "\u2212")


@dataclass(frozen=True)
class Form:
    """An exercise as a page asks it.

    Attributes
    ----------
    exercise : Exercise
        The exercise.
    parts : tuple of Part
        Its parts, in order.
    mistakes : tuple of (str, tuple)
        The hint of each usual mistake, and what it gives in each part: numbers, a word, a
        `Satisfying`, or None where the mistake is about other parts.
    asked : Exercise
        The same exercise, with functions that are compared where the form asks for them. They are
        called without arguments, so that numbers can be given as an answer.
    """

    exercise: Exercise
    parts: tuple[Part, ...]
    mistakes: tuple[tuple[str, tuple[Any, ...]], ...]
    asked: Exercise

    @property
    def judges(self) -> bool:
        """Whether a page can judge every part: no test without a table, no factor left open."""
        tests = (p.right for p in self.parts if isinstance(p.right, Satisfying))
        return "scale" not in self.exercise.up_to and all(test.among for test in tests)

    def assess(self, given: Sequence[Sequence[float] | str | None]) -> Verdict:
        """Return the verdict on an answer, part by part: numbers, a word, or None for none."""
        answers: list[Any] = []
        for part, numbers in zip(self.parts, given, strict=True):
            if numbers is None or isinstance(numbers, str):
                answers.append(... if numbers is None else numbers)
            elif part.at:
                answers.append(_constant(numbers))
            else:
                answers.append(numbers[0] if len(numbers) == 1 else np.array(numbers))
        return assess(self.asked, tuple(answers) if len(answers) > 1 else answers[0])

    def data(self) -> dict[str, Any]:
        """Return what a script needs to judge an answer, as JSON.

        Returns
        -------
        dict
        """
        parts, mistakes = [], [hint for hint, _ in self.mistakes]
        for i, part in enumerate(self.parts):
            of_part = [wrong[i] for _, wrong in self.mistakes]
            entry: dict[str, Any] = {"name": part.name}
            if isinstance(part.right, Satisfying):
                entry |= _table(part.right, of_part) | {"note": part.note}
            elif isinstance(part.right, str):
                entry |= {"word": part.right, "wrong": of_part}
            else:
                entry |= {"right": _rounded(part.right), "wrong": [*map(_rounded, of_part)]}
                entry |= {"least": part.least, "function": bool(part.at)}
            parts.append(entry)
        inputs = len(set(self.parts[0].at))
        where = agreement(self.exercise, inputs) if inputs else ""
        return {
            "parts": parts,
            "hints": mistakes,
            "tolerance": self.asked.tolerance,
            "constant": "constant" in self.exercise.up_to and bool(self.parts[0].at),
            "right": f"Right{where}. {self.exercise.remark}".rstrip(),
            "missing": f"No answer yet. Wanted: {self.exercise.wanted.rstrip('.')}.",
        }


def _rounded(numbers: Sequence[float] | None) -> list[float | str] | None:
    """Return numbers as JSON has them, which knows no infinity."""
    if numbers is None:
        return None
    names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return [names.get(str(x)) or float(f"{x:.10g}") for x in numbers]


def form(exercise: Exercise) -> Form:
    """Return the form of an exercise.

    Examples
    --------
    >>> from lossbook.exercises import find
    >>> made = form(find("ch3-lateness"))
    >>> [part.name for part in made.parts]
    ['value', 'gradient']
    >>> 1 <= len(made.parts[0].right) <= 3
    True
    """
    numbers = tabulate(exercise)
    if not any(numbers.functions):
        return _at(exercise, numbers, ())
    questions = _questions(exercise)
    best, most = None, -1
    for picked in _choices(exercise, numbers, questions):
        made = _at(exercise, numbers, picked)
        told = sum(_is_told(made, k) for k in range(len(made.mistakes)))
        if told > most:
            best, most = made, told
        if told == len(made.mistakes):
            break
    assert best is not None
    return best


# Where a function is asked


def _questions(exercise: Exercise) -> list[tuple[str, int]]:
    """Return each input that may be asked: how it is written, and its setting of parameters."""
    questions = []
    for setting, parameters in enumerate(exercise.parameters):
        if exercise.elementwise:
            calls: Any = zip(*exercise.inputs, strict=True)
        else:
            calls = exercise.inputs
        questions += [(_written(exercise, call, parameters), setting) for call in calls]
    return questions


def _written(exercise: Exercise, call: Sequence[Any], parameters: Mapping[str, Any]) -> str:
    shown = [*zip(exercise.arguments, call, strict=False), *parameters.items()]
    return ", ".join(f"{name} = {_code(value)}" for name, value in shown)


def _code(value: Any) -> str:
    """Return a number or an array as one writes it in Python."""
    if np.ndim(value):
        return "[" + ", ".join(map(_code, value)) + "]"
    return str(value) if isinstance(value, str) else f"{float(value):.10g}"


def _at_questions(exercise: Exercise, groups: list[Array]) -> list[Array]:
    """Return what a function gives at each question, of what it gives in each comparison."""
    return [row for group in groups for row in group] if exercise.elementwise else groups


def _choices(
    exercise: Exercise, numbers: Tabulated, questions: list[tuple[str, int]]
) -> Iterator[tuple[int, ...]]:
    """Yield sets of questions that may tell the mistakes apart, the best ones first.

    The fewer the better; then those with more settings of the parameters, then those where the
    answers have other signs (both sides of a residual), then the shorter ones.
    """
    relative = bool(exercise.up_to)
    answers = [
        _at_questions(exercise, right)
        for right, function in zip(numbers.right, numbers.functions, strict=True)
        if function
    ]
    signs = [
        tuple(np.sign(rows[k]).ravel().tolist() for rows in answers) for k in range(len(questions))
    ]

    def length(picked: tuple[int, ...]) -> int:
        return sum(len(questions[k][0]) for k in picked)

    candidates = []
    for setting in range(len(exercise.parameters)):
        mine = [k for k, (_, of) in enumerate(questions) if of == setting]
        few = (_UP_TO_FEW if relative else _CANDIDATES) // len(exercise.parameters)
        candidates += sorted(mine, key=lambda k: length((k,)))[:few]
    apart = None if relative else _apart(exercise, numbers)
    for n in range(min(2, len(candidates)), MOST + 1):
        sets = list(itertools.combinations(sorted(candidates), n))
        if "constant" in exercise.up_to:  # it may be another one for other parameters
            sets = [s for s in sets if len({questions[k][1] for k in s}) == 1]
        sets.sort(
            key=lambda s: (
                -len({questions[k][1] for k in s}),
                -len({str(signs[k]) for k in s}),
                length(s),
            )
        )
        yield from sets if apart is None else filter(apart, sets)
    yield tuple(candidates[:MOST])


def _apart(exercise: Exercise, numbers: Tabulated) -> Callable[[tuple[int, ...]], bool]:
    """Return a quick look at whether a set of questions shows each mistake as what it is."""
    tolerance = max(exercise.tolerance, DIGITS)
    shown: dict[int, list[NDArray[np.bool_]]] = {}  # of each mistake, where it differs in a part
    taken = []  # a later mistake is taken for an earlier one where all of these hold
    for i, is_function in enumerate(numbers.functions):
        if not is_function:
            continue
        right = _at_questions(exercise, numbers.right[i])
        wrong = {
            k: _at_questions(exercise, parts[i])
            for k, (parts, _) in enumerate(numbers.mistakes)
            if parts[i] is not None
        }
        off = {
            k: [~_close(w, r, tolerance) for w, r in zip(rows, right, strict=True)]
            for k, rows in wrong.items()
        }
        shows = {k: np.array([o.any() for o in rows]) for k, rows in off.items()}
        for k, where in shows.items():
            shown.setdefault(k, []).append(where)
            for m in (m for m in wrong if m < k):
                agrees = [
                    _close(a, b, tolerance)[o].all()
                    for a, b, o in zip(wrong[k], wrong[m], off[m], strict=True)
                ]
                taken.append((shows[m], np.array(agrees), where))

    def apart(picked: tuple[int, ...]) -> bool:
        at = list(picked)
        return all(any(part[at].any() for part in parts) for parts in shown.values()) and not any(
            differs[at].any() and agrees[at].all() and where[at].any()
            for differs, agrees, where in taken
        )

    return apart


def _close(found: Array, right: Array, tolerance: float) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        near = np.abs(found - right) <= tolerance * np.maximum(np.abs(right), 1e-3)
    return np.asarray(near | (found == right) | (np.isnan(found) & np.isnan(right)))


# The form


def _at(exercise: Exercise, numbers: Tabulated, picked: tuple[int, ...]) -> Form:
    """Return the form that asks functions at the picked questions."""
    questions = _questions(exercise) if picked else []

    def asked(i: int, given: Any) -> Any:
        """Return what is given in a part: a tuple of numbers, a word, or a test."""
        if given is None or isinstance(given, str | Satisfying):
            return given
        if numbers.functions[i]:
            rows = _at_questions(exercise, given)
            given = [rows[k] for k in picked]
        return tuple(float(x) for array in given for x in np.ravel(array))

    parts = []
    for i, name in enumerate(exercise.part_names):
        right = numbers.right[i]
        at: tuple[str, ...] = ()
        labels: tuple[str, ...] = ()
        if numbers.functions[i]:
            rows = _at_questions(exercise, right)
            at = tuple(questions[k][0] for k in picked for _ in range(np.size(rows[k])))
            labels = tuple(label for k in picked for label in _numbered(np.size(rows[k])))
        elif isinstance(right, Satisfying):
            labels = _numbered(max(len(right.among), 1))
        elif not isinstance(right, str):
            labels = _numbered(np.size(right[0]))
        least = 1e-3 if numbers.functions[i] else 1.0
        parts.append(Part(name, at, labels, asked(i, right), least))
    mistakes = tuple(
        (hint, tuple(asked(i, part) for i, part in enumerate(wrong)))
        for wrong, hint in numbers.mistakes
    )
    return Form(exercise, tuple(parts), mistakes, _as_exercise(exercise, numbers, parts, mistakes))


def _numbered(n: int) -> tuple[str, ...]:
    return tuple(f"number {k} of {n}" for k in range(1, n + 1)) if n > 1 else ("",)


def _as_exercise(
    exercise: Exercise,
    numbers: Tabulated,
    parts: list[Part],
    mistakes: tuple[tuple[str, tuple[Any, ...]], ...],
) -> Exercise:
    if not any(numbers.functions):
        return exercise

    def part(i: int, given: Any) -> Any:
        if given is None:
            return ...
        if numbers.functions[i]:
            return _constant(given)
        return given[0] if len(given) == 1 else np.array(given)

    def answer(given: Sequence[Any]) -> Any:
        made = tuple(part(i, x) for i, x in enumerate(given))
        return made if len(made) > 1 else made[0]

    return replace(
        exercise,
        answer=answer([p.right for p in parts]),
        inputs=[()],
        parameters=({},),
        elementwise=False,
        tolerance=max(exercise.tolerance, DIGITS),
        mistakes=tuple(Mistake(answer(wrong), hint) for hint, wrong in mistakes),
        parts=exercise.part_names if len(parts) > 1 else (),
    )


def _constant(numbers: Sequence[float]) -> Callable[[], Array]:
    return lambda: np.array(numbers)


def _is_told(made: Form, k: int) -> bool:
    """Whether the form gives a mistake its hint and no other."""
    hint, wrong = made.mistakes[k]
    parts = [p.right if w is None else w for p, w in zip(made.parts, wrong, strict=True)]
    given = [np.ravel(p.example).tolist() if isinstance(p, Satisfying) else p for p in parts]
    return made.assess(given).hints == (hint,)


# Answers of which there are many


def _table(right: Satisfying, mistakes: list[Any]) -> dict[str, Any]:
    """Return the axes of all answers that can be judged, and what is said of each, in runs.

    Said is 0 for wrong, 1 for right, and 2 and more for the mistakes in their order.
    """
    axes = [np.round(np.arange(a, b + s / 2, s), 10) for a, b, s in right.among]
    tests = [right.test, *(m.test if m is not None else None for m in mistakes)]

    def said(given: tuple[float, ...]) -> int:
        answer = list(given) if len(given) > 1 else given[0]
        for k, test in enumerate(tests, start=1):
            try:
                if test is not None and test(answer):
                    return k
            except Exception:  # what a test raises counts as wrong
                continue
        return 0

    runs = itertools.groupby(map(said, itertools.product(*(axis.tolist() for axis in axes))))
    return {
        "axes": [
            [float(a), float(s), len(axis)]
            for (a, _, s), axis in zip(right.among, axes, strict=True)
        ],
        "runs": [[k, len(list(run))] for k, run in runs],
    }
