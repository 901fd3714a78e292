"""Assess an answer: part by part, against the reference and against the usual mistakes."""

from __future__ import annotations

import dis
import inspect
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbook.exercises._exercise import Exercise, Satisfying
from lossbook.losses import Formula, Loss
from lossbook.text import number

Array = NDArray[Any]

_WIDTH = 76
_STEP = 1e-5
_NEAR = 3  # times as far off as a number may be: rounded, most likely
_MEAN = (
    "it gives the mean over the examples, where one value for each example is wanted: a loss "
    "belongs to one example, the mean makes it a cost."
)
_SUM = (
    "it gives the sum over the examples, where one value for each example is wanted: a loss "
    "belongs to one example, the sum makes it a cost."
)


@dataclass(frozen=True)
class Verdict:
    """What is said of an answer.

    Attributes
    ----------
    name : str
        The exercise.
    answered : bool
        Whether there is an answer at all.
    right : bool
        Whether all of it is right.
    hints : tuple of str
        The hints of the mistakes that were recognised, each once.
    text : str
        What the reader is told.
    """

    name: str
    answered: bool
    right: bool
    hints: tuple[str, ...]
    text: str


def agreement(exercise: Exercise, n: int) -> str:
    """Return that functions agree with the reference at `n` inputs, as a phrase."""
    names = [name for name in exercise.part_names if name]
    what = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "it"
    agree = "agree" if len(names) > 1 else "agrees"
    return f", {what} {agree} with the reference at {n} inputs"


class _UnusableError(Exception):
    """Why a part of an answer gives nothing that could be compared."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class _Missing:
    """A part that is not answered yet."""


_MISSING = _Missing()


def assess(exercise: Exercise, answer: object) -> Verdict:
    """Return the verdict on an answer; whatever the answer is, nothing is raised."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _verdict(exercise, answer)


@dataclass(frozen=True)
class Tabulated:
    """What the reference and each usual mistake give, part by part.

    A part that is a number, an array or a function is a list of arrays, one for each comparison:
    for a function one for each setting of parameters (and each call, where it is not elementwise).
    A word and a `Satisfying` are themselves. Of a mistake, parts that it leaves alone are None.
    """

    right: list[Any]
    mistakes: list[tuple[list[Any], str]]
    functions: list[bool]


def tabulate(exercise: Exercise) -> Tabulated:
    """Return what an exercise compares with, as numbers."""
    comparison = _Comparison(exercise, [_MISSING] * len(exercise.part_names))
    right: list[Any] = [
        part if isinstance(part, Satisfying | str) else comparison.numbers(i, part)
        for i, part in enumerate(comparison.reference)
    ]
    mistakes = []
    for parts, hint in comparison.mistakes:
        wrong: list[Any] = []
        for i, (part, wanted) in enumerate(zip(parts, right, strict=True)):
            if part is _MISSING or isinstance(part, Satisfying | str):
                wrong.append(None if part is _MISSING else part)
                continue
            with np.errstate(all="ignore"):
                wrong.append(comparison.numbers(i, part, wanted))
        mistakes.append((wrong, hint))
    return Tabulated(right, mistakes, [callable(part) for part in comparison.reference])


def _verdict(exercise: Exercise, answer: object) -> Verdict:
    wanted = f"Wanted: {exercise.wanted.rstrip('.')}."
    try:
        given = _split(exercise, answer)
    except _UnusableError as error:
        text = _wrapped([f"{exercise.name}: not yet. {error.text} {wanted}"])
        return Verdict(exercise.name, answered=True, right=False, hints=(), text=text)
    if all(part is _MISSING for part in given):
        text = _wrapped([f"{exercise.name}: no answer yet. {wanted}"])
        return Verdict(exercise.name, answered=False, right=False, hints=(), text=text)

    comparison = _Comparison(exercise, given)
    said = [comparison.of_part(i) for i in range(len(given))]
    right = all(of.right for of in said)
    if right:
        where = comparison.where()
        text = f"{exercise.name}: right{where}. {exercise.remark}".rstrip()
        return Verdict(exercise.name, True, True, (), _wrapped([text]))
    lines = [f"{exercise.name}: not yet."]
    known: list[str] = []
    for name, of in zip(exercise.part_names, said, strict=True):
        message = of.text
        if of.hint:
            message = of.hint if of.hint not in known else "the same."
            known += [of.hint] if of.hint not in known else []
        lines.append(f"  {name}: {message}" if name else f"  {message[:1].upper()}{message[1:]}")
    return Verdict(exercise.name, True, False, tuple(known), _wrapped(lines))


def _wrapped(lines: Sequence[str]) -> str:
    return "\n".join(
        textwrap.fill(
            line,
            _WIDTH,
            subsequent_indent="    " if line.startswith(" ") else "",
            break_on_hyphens=False,
            break_long_words=False,
        )
        for line in lines
    )


# The parts of an answer


def _split(exercise: Exercise, answer: Any) -> list[Any]:
    """Return one entry for each part of the exercise: a value, a function, or `_MISSING`."""
    names = exercise.part_names
    if _is_missing(answer) or (
        isinstance(answer, tuple | list) and answer and all(map(_is_missing, answer))
    ):
        return [_MISSING] * len(names)
    if exercise.is_loss:
        return _split_loss(exercise, answer)
    if not isinstance(exercise.answer, tuple):
        return [answer]
    if callable(answer) and all(map(callable, exercise.answer)):
        return [_Item(answer, i, len(names)) for i in range(len(names))]
    if isinstance(answer, dict) and set(answer) <= set(names):
        answer = [answer.get(name, ...) for name in names]
    if isinstance(answer, np.ndarray) and answer.ndim == 1:
        answer = answer.tolist()
    if not isinstance(answer, tuple | list) or len(answer) != len(names):
        found = f" of {len(answer)}" if isinstance(answer, tuple | list) else ""
        raise _UnusableError(
            f"The answer has {len(names)} parts, in this order: {', '.join(names)}. "
            f"Yours is {_kind(answer)}{found}."
        )
    return [_MISSING if _is_missing(part) else part for part in answer]


def _split_loss(exercise: Exercise, answer: Any) -> list[Any]:
    """Return value and gradients as functions: of a loss, of a pair, or of one function."""
    n_gradients = len(exercise.part_names) - 1

    def gradients(function: Any) -> list[Any]:
        if _is_missing(function):
            return [_MISSING] * n_gradients
        if n_gradients == 1:
            return [function]
        return [_Item(function, i, n_gradients) for i in range(n_gradients)]

    if isinstance(answer, Loss):
        probe = _formula(answer, exercise)
        value: Any = _MISSING if _is_missing(probe.value) else _OfLoss(answer, 0)
        if _is_missing(probe.gradient):
            return [value, *[_MISSING] * n_gradients]
        return [value, *[_OfLoss(answer, i + 1) for i in range(n_gradients)]]
    if isinstance(answer, tuple | list) and len(answer) == 2:
        return [_MISSING if _is_missing(answer[0]) else answer[0], *gradients(answer[1])]
    if isinstance(answer, tuple | list) and len(answer) == 1 + n_gradients:
        return [_MISSING if _is_missing(part) else part for part in answer]
    if callable(answer):
        result = _probe(answer, exercise)
        if isinstance(result, Formula):  # the decorator was forgotten: its meaning is clear
            value = _MISSING if _is_missing(result.value) else _OfFormula(answer, 0)
            if _is_missing(result.gradient):
                return [value, *[_MISSING] * n_gradients]
            return [value, *[_OfFormula(answer, i + 1) for i in range(n_gradients)]]
        if isinstance(result, tuple) and len(result) == 2:
            second = _Item(answer, 1, 2)
            return [_Item(answer, 0, 2), *gradients(second)]
        return [answer, *[_MISSING] * n_gradients]
    raise _UnusableError(f"Yours is {_kind(answer)}.")


@dataclass(frozen=True)
class _Item:
    """One of the things that a function returns."""

    function: Callable[..., Any]
    index: int
    of: int

    def __call__(self, *arguments: Any, **parameters: Any) -> Any:
        result = _call(self.function, arguments, parameters)
        if not isinstance(result, tuple | list) or len(result) != self.of:
            raise TypeError(f"{self.of} arrays are wanted, it returns {_kind(result)}")
        return result[self.index]


@dataclass(frozen=True)
class _OfFormula:
    """The value (0) or a gradient (1, 2, ...) of a function that returns a `Formula`."""

    function: Callable[..., Any]
    index: int

    def __call__(self, *arguments: Any, **parameters: Any) -> Any:
        return _of_formula(_call(self.function, arguments, parameters), self.index)


@dataclass(frozen=True)
class _OfLoss:
    """The value (0) or a gradient (1, 2, ...) of a loss."""

    loss: Loss
    index: int

    def __call__(self, *arguments: Any, **parameters: Any) -> Any:
        try:
            if self.index == 0:
                return _call(self.loss, arguments, parameters)
            result = _call(self.loss.gradient, arguments, parameters)
        except ValueError:
            # A loss refuses a mean and a wrong shape; look at what its formula gives.
            raw = _of_formula(_call(self.loss.__wrapped__, arguments, parameters), self.index)
            if np.shape(raw) != np.shape(arguments[0]) and np.ndim(arguments[0]):
                return raw
            raise
        if len(self.loss.predictions) == 1:
            return result
        return result[self.index - 1]


def _of_formula(formula: Formula, index: int) -> Any:
    part = formula.gradient if index else formula.value
    part = part() if callable(part) else part
    if index and isinstance(part, tuple):
        part = part[index - 1]
        part = part() if callable(part) else part
    return part


def _formula(answer: Loss, exercise: Exercise) -> Formula:
    """Return what the function of a loss returns: its parts may still be missing."""
    found = _probe(answer.__wrapped__, exercise)
    if _is_missing(found):
        return Formula(value=..., gradient=...)
    if not isinstance(found, Formula):
        return Formula(value=found, gradient=found)  # calling the loss will say what is wrong
    value, gradient = (_shown(part) for part in (found.value, found.gradient))
    return Formula(value, gradient)


def _shown(part: Any) -> Any:
    try:
        return part() if callable(part) else part
    except Exception:
        return part


def _probe(function: Callable[..., Any], exercise: Exercise) -> Any:
    """Return what a function makes of some examples, or an exception."""
    arguments = _first_call(exercise)
    try:
        return _call(function, arguments, exercise.parameters[0])
    except Exception:
        pass
    try:
        return _call(function, [x[0] for x in arguments], exercise.parameters[0])
    except Exception as error:
        return error


def _first_call(exercise: Exercise) -> list[Any]:
    call = exercise.inputs if exercise.elementwise else exercise.inputs[0]
    return [_copy(x) for x in call]


def _is_missing(answer: Any) -> bool:
    return answer is None or answer is ... or answer is _MISSING or _is_stub(answer)


def _is_stub(answer: Any) -> bool:
    """Whether a function's body is only ``...`` or ``pass``."""
    if isinstance(answer, Loss):
        answer = answer.__wrapped__
    if not inspect.isfunction(answer):
        return False
    found = {i.opname for i in dis.get_instructions(answer)} - {"RESUME", "NOP"}
    if not found <= {"LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}:
        return False
    constants = [i.argval for i in dis.get_instructions(answer) if i.opname.endswith("CONST")]
    return all(constant is None or constant is ... for constant in constants)


def _kind(answer: Any) -> str:
    """Return what an answer is, in words that are the same in every run."""
    if isinstance(answer, Exception):
        return f"an error ({type(answer).__name__})"
    if answer is None:
        return "None: is a `return` missing?"
    if isinstance(answer, str):
        return "text"
    if isinstance(answer, bool | np.bool_):
        return "True or False"
    if isinstance(answer, int | float | np.number):
        return "a number"
    if isinstance(answer, np.ndarray):
        return f"an array of shape {answer.shape}"
    if isinstance(answer, type):
        return f"the class {answer.__name__}"
    if isinstance(answer, Loss):
        return "a loss"
    if callable(answer):
        return "a function"
    name = type(answer).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"


def _other_shape(part: Any, found: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """Say that numbers do not have the shape that is wanted."""
    if len(wanted) == len(found) == 1:
        return f"{wanted[0]} numbers are wanted, and there {_are(found[0])}."
    kind = f"an array of shape {wanted}" if wanted else "one number"
    found_kind = _kind(part) if not isinstance(part, list | tuple) else f"one of shape {found}"
    if not wanted and len(found) == 1:
        found_kind = f"{_kind(part)} of {found[0]}"
    return f"{kind} is wanted, and this is {found_kind}."


def _are(n: int) -> str:
    return "is 1" if n == 1 else f"are {n}"


# Calling what a reader wrote


def _copy(x: Any) -> Any:
    return x.copy() if isinstance(x, np.ndarray) else x


def _call(
    function: Callable[..., Any], arguments: Sequence[Any], parameters: Mapping[str, Any]
) -> Any:
    """Call with parameters by name where the function has the name, else by place."""
    arguments = [_copy(x) for x in arguments]
    if not parameters:
        return function(*arguments)
    if isinstance(function, Loss | _OfLoss | _OfFormula | _Item):
        return function(*arguments, **parameters)
    try:
        known = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return function(*arguments, **parameters)
    if all(name in known for name in parameters) or any(
        p.kind is p.VAR_KEYWORD for p in known.values()
    ):
        return function(*arguments, **parameters)
    return function(*arguments, *parameters.values())


def _number(x: Any) -> Array:
    """Return a result as an array of real numbers, or raise `_UnusableError`."""
    if x is None or x is ...:
        raise _UnusableError("it returns None: is a `return` missing?")
    try:
        array = np.asarray(x)
        if array.dtype.kind not in "biuf":
            array = array.astype(float)
    except Exception:  # what np.asarray raises is up to the object
        raise _UnusableError(f"numbers are wanted, and it is {_kind(x)}.") from None
    return array.astype(float)


def _results(function: Any, exercise: Exercise, expected: Sequence[Array] | None) -> list[Array]:
    """Return what a function gives, for each setting of parameters (and each call)."""
    if not callable(function):
        raise _UnusableError(f"a function is wanted, and this is {_kind(function)}.")
    results: list[Any] = []
    calls = [exercise.inputs] if exercise.elementwise else exercise.inputs
    for parameters in exercise.parameters:
        for arguments in calls:
            wanted = None if expected is None else expected[len(results)]
            one = _elementwise if exercise.elementwise and wanted is not None else _once
            results.append(one(function, exercise, arguments, parameters, wanted))
    return results


def _once(
    function: Callable[..., Any],
    exercise: Exercise,
    arguments: Sequence[Any],
    parameters: Mapping[str, Any],
    wanted: Array | None,
) -> Array:
    try:
        result = _call(function, arguments, parameters)
    except Exception as error:
        raise _raised(error, exercise, arguments, parameters) from None
    result = _number(result)
    if wanted is not None and result.shape != wanted.shape:
        raise _UnusableError(
            f"the shape is {result.shape}, where {wanted.shape} is wanted"
            f"{_at(exercise, arguments, parameters)}."
        )
    return result


def _elementwise(
    function: Callable[..., Any],
    exercise: Exercise,
    arguments: Sequence[Array],
    parameters: Mapping[str, Any],
    wanted: Array,
) -> Array:
    try:
        result = _call(function, arguments, parameters)
    except Exception:
        return _each(function, exercise, arguments, parameters, wanted)
    whole = _number(result)
    if whole.shape == wanted.shape:
        return whole
    if whole.ndim == 0 and np.ptp(wanted) == 0:  # a slope that is the same everywhere
        return np.full(wanted.shape, whole)
    raise _wrong_shape(whole, wanted, exercise)


def _each(
    function: Callable[..., Any],
    exercise: Exercise,
    arguments: Sequence[Array],
    parameters: Mapping[str, Any],
    wanted: Array,
) -> Array:
    """Return what a function that is written for one example gives for each of them."""
    each = []
    for i in range(len(wanted)):
        example = [x[i] for x in arguments]
        try:
            result = _call(function, example, parameters)
        except Exception as error:
            raise _raised(error, exercise, example, parameters) from None
        one = _number(result)
        if one.shape != wanted.shape[1:]:
            raise _UnusableError(
                f"for one example the shape is {one.shape}, where {wanted.shape[1:]} is wanted."
                if wanted.ndim > 1
                else f"for one example it gives {_kind(one)}, where one number is wanted."
            )
        each.append(one)
    return np.array(each)


def _wrong_shape(whole: Array, wanted: Array, exercise: Exercise) -> _UnusableError:
    n = len(wanted)
    for reduce, text in ((np.mean, _MEAN), (np.sum, _SUM)):
        for axis in (None, 0):
            reduced = reduce(wanted, axis=axis)
            if whole.shape == reduced.shape and np.allclose(whole, reduced, exercise.tolerance):
                return _UnusableError(text)
    if whole.ndim == 0:
        return _UnusableError(
            f"the shape is wrong: one number for {n} examples, where one value for each example "
            "is wanted. Is there a mean or a sum in it?"
        )
    if whole.shape == (n, n):
        return _UnusableError(
            f"the shape is wrong: {whole.shape}. Each target has met each prediction: something "
            "was broadcast."
        )
    return _UnusableError(f"the shape is wrong: {whole.shape}, where {wanted.shape} is wanted.")


def _raised(
    error: Exception,
    exercise: Exercise,
    arguments: Sequence[Any],
    parameters: Mapping[str, Any],
) -> _UnusableError:
    said = str(error).strip().splitlines()
    what = f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
    return _UnusableError(f"it raises {what.rstrip('.')}{_at(exercise, arguments, parameters)}.")


def _at(exercise: Exercise, arguments: Sequence[Any], parameters: Mapping[str, Any]) -> str:
    """Return " at y_true = 1, y_pred = 3" where that is short."""
    shown = [*zip(exercise.arguments, arguments, strict=False), *parameters.items()]
    if any(np.size(x) > 6 for _, x in shown):
        return ""
    return " at " + ", ".join(f"{name} = {_short(x)}" for name, x in shown)


def _short(x: Any) -> str:
    """Return numbers as they are quoted: four digits, the same on every machine."""
    if isinstance(x, str):
        return repr(x)
    array = np.asarray(x)
    if array.ndim:
        return "[" + ", ".join(_short(each) for each in array) + "]"
    if array.dtype.kind not in "biuf":
        return str(x)
    return number(0.0 if abs(array) < 5e-9 else float(array), ".4g")


# Comparing


@dataclass(frozen=True)
class _OfPart:
    right: bool
    text: str
    hint: str = ""


class _Comparison:
    """An answer beside the reference."""

    def __init__(self, exercise: Exercise, given: list[Any]) -> None:
        self.exercise, self.given = exercise, given
        self.reference = _split(exercise, exercise.answer)
        self.mistakes = [(_split(exercise, m.answer), m.hint) for m in exercise.mistakes]
        self.factor = 1.0
        if "scale" in exercise.up_to:
            self.factor = self._common_factor()

    def where(self) -> str:
        """Return at how many inputs the answer was compared, as a phrase."""
        if not any(callable(part) for part in self.reference):
            return ""
        exercise = self.exercise
        n = len(exercise.inputs[0]) if exercise.elementwise else len(exercise.inputs)
        return agreement(exercise, n * len(exercise.parameters))

    def of_part(self, i: int) -> _OfPart:
        given, reference = self.given[i], self.reference[i]
        if given is _MISSING:
            return _OfPart(False, "no answer yet.")
        if isinstance(reference, Satisfying):
            return self._of_satisfying(i)
        if isinstance(reference, str):
            return self._of_word(i)
        try:
            right = self.numbers(i, reference)
            found = self.numbers(i, given, right)
        except _UnusableError as error:
            return _OfPart(False, error.text)
        found = self._normal(found, right, i)
        if all(self._close(f, r, i).all() for f, r in zip(found, right, strict=True)):
            return _OfPart(True, "right.")
        for parts, hint in self.mistakes:
            if parts[i] is _MISSING:
                continue
            try:
                wrong = self.numbers(i, parts[i], right)
            except _UnusableError:
                continue
            if self._makes(found, wrong, right, i):
                return _OfPart(False, "", hint)
        if self._is_right_row_by_row(i, given, right):
            return _OfPart(True, "right.")
        return _OfPart(False, self._in_general(i, found, right))

    def _is_right_row_by_row(self, i: int, given: Any, right: list[Array]) -> bool:
        """Whether a function of rows, wrong for all rows at once, is right for each alone."""
        exercise = self.exercise
        if not (exercise.elementwise and any(np.ndim(x) > 1 for x in exercise.inputs)):
            return False
        try:
            found = [
                _each(given, exercise, exercise.inputs, parameters, wanted)
                for parameters, wanted in zip(exercise.parameters, right, strict=True)
            ]
        except _UnusableError:
            return False
        found = self._normal(found, right, i)
        return all(self._close(f, r, i).all() for f, r in zip(found, right, strict=True))

    def numbers(self, i: int, part: Any, expected: list[Array] | None = None) -> list[Array]:
        """Return the numbers that a part gives, in a list: one array for each comparison."""
        if callable(self.reference[i]):
            return _results(part, self.exercise, expected)
        array = _number(part)
        if expected is not None and array.shape != expected[0].shape:
            raise _UnusableError(_other_shape(part, array.shape, expected[0].shape))
        return [array]

    def _close(self, found: Array, right: Array, i: int) -> Array:
        """Return where two arrays agree."""
        least = 1e-3 if callable(self.reference[i]) else 1.0
        near = np.abs(found - right) <= self.exercise.tolerance * np.maximum(np.abs(right), least)
        return near | (found == right) | (np.isnan(found) & np.isnan(right))

    def _makes(self, found: list[Array], wrong: list[Array], right: list[Array], i: int) -> bool:
        """Whether an answer agrees with a mistake wherever that differs from what is right."""
        wrong = self._normal(wrong, right, i)
        differs = [~self._close(w, r, i) for w, r in zip(wrong, right, strict=True)]
        if not any(d.any() for d in differs):
            return False
        return all(
            self._close(f, w, i)[d].all() for f, w, d in zip(found, wrong, differs, strict=True)
        )

    # Up to a constant, up to a factor

    def _normal(self, found: list[Array], right: list[Array], i: int) -> list[Array]:
        if "scale" in self.exercise.up_to and callable(self.reference[i]):
            found = [f / self.factor for f in found]
        if "constant" in self.exercise.up_to and i == 0 and callable(self.reference[i]):
            found = [f - np.mean(f - r) for f, r in zip(found, right, strict=True)]
        return found

    def _common_factor(self) -> float:
        for i, (given, reference) in enumerate(zip(self.given, self.reference, strict=True)):
            if given is _MISSING or not callable(reference):
                continue
            try:
                right = self.numbers(i, reference)
                found = self.numbers(i, given, right)
            except _UnusableError:
                continue
            f, r = (np.concatenate([np.ravel(x) for x in parts]) for parts in (found, right))
            if "constant" in self.exercise.up_to and i == 0:
                f, r = f - f.mean(), r - r.mean()
            factor = float(f @ r / (r @ r))
            if np.isfinite(factor) and factor > 0:
                return factor
        return 1.0

    # Words, and answers of which there is more than one

    def _of_word(self, i: int) -> _OfPart:
        given, reference = self.given[i], self.reference[i]

        def plain(word: Any) -> str:
            return " ".join(str(word).casefold().split())

        options = [plain(word) for word in self.exercise.options]
        if not isinstance(given, str) or (options and plain(given) not in options):
            words = ", ".join(repr(word) for word in self.exercise.options)
            return _OfPart(False, f"one of these words is wanted: {words}.")
        if plain(given) == plain(reference):
            return _OfPart(True, "right.")
        for parts, hint in self.mistakes:
            if isinstance(parts[i], str) and plain(parts[i]) == plain(given):
                return _OfPart(False, "", hint)
        return _OfPart(False, "not right.")

    def _of_satisfying(self, i: int) -> _OfPart:
        given = self.given[i]

        def holds(test: Callable[[Any], bool]) -> bool:
            try:
                return bool(test(given))
            except Exception:
                return False

        if holds(self.reference[i].test):
            return _OfPart(True, "right.")
        for parts, hint in self.mistakes:
            if isinstance(parts[i], Satisfying) and holds(parts[i].test):
                return _OfPart(False, "", hint)
        return _OfPart(False, "not right.")

    # What can be said of any wrong answer

    def _in_general(self, i: int, found: list[Array], right: list[Array]) -> str:
        f, r = (np.concatenate([np.ravel(x) for x in parts]) for parts in (found, right))
        for test, what in ((np.isnan, "NaN (not a number)"), (np.isinf, "infinite")):
            if (test(f) & ~test(r)).any():
                return f"it is {what}{self._example(i, found, right, test)}."
        if not callable(self.reference[i]):
            if f.size > 1:
                wrong = int(np.count_nonzero(~self._close(f, r, i)))
                return f"{wrong} of {f.size} numbers {'is' if wrong == 1 else 'are'} not right."
            if self._is(-f, r, i):
                return "right but for its sign."
            allowed = self.exercise.tolerance * max(abs(r[0]), 1.0)
            if abs(f[0] - r[0]) <= _NEAR * allowed:
                return f"near, but off by more than {_short(allowed)}: give more digits."
            return "not right."
        if self._is(-f, r, i):
            return "it is right but for its sign, everywhere."
        if i > 0 and self._is_own_derivative(i, found):
            return "it is the derivative of your value: mend the value, and differentiate again."
        if (r != 0).any():
            factor = float(np.median(f[r != 0] / r[r != 0]))
            if np.isfinite(factor) and abs(factor) > 1e-3 and self._is(f / factor, r, i):
                if self.exercise.elementwise and np.isclose(factor * len(found[0]), 1):
                    return "it is divided by the number of examples: that belongs to the cost."
                return f"it is {_short(factor)} times the right one, everywhere."
        if self._is(f - np.mean(f - r), r, i) and f.size > 1:
            return f"it is off by {_short(np.mean(f - r))}, everywhere."
        return f"it is not right{self._example(i, found, right)}."

    def _is(self, f: Array, r: Array, i: int) -> bool:
        return bool(self._close(f, r, i).all())

    def _example(
        self,
        i: int,
        found: list[Array],
        right: list[Array],
        test: Callable[[Array], Array] | None = None,
    ) -> str:
        """Return an input at which the answer is off, what it is there, and what is right."""
        exercise = self.exercise
        if not callable(self.reference[i]):
            return ""
        calls = [exercise.inputs] if exercise.elementwise else exercise.inputs
        groups = [(arguments, p) for p in exercise.parameters for arguments in calls]
        for f, r, (arguments, parameters) in zip(found, right, groups, strict=True):
            off = test(f) & ~test(r) if test else ~self._close(f, r, i)
            if not off.any():
                continue
            if exercise.elementwise:
                rows = off.reshape(len(off), -1).any(axis=1)
                k = int(np.argmax(rows))
                f, r, arguments = f[k], r[k], [x[k] for x in arguments]
            at = _at(exercise, arguments, parameters)
            if not at or f.size > 6:
                return ""
            return f"{at}: it is {_short(f)}, and {_short(r)} is right" if not test else at
        return ""

    def _is_own_derivative(self, i: int, found: list[Array]) -> bool:
        """Whether a gradient belongs to the value that was answered with it."""
        exercise, value = self.exercise, self.given[0]
        if not (isinstance(exercise.answer, Loss) and callable(value)):
            return False
        place = list(exercise.answer.arguments).index(exercise.answer.predictions[i - 1])
        if np.ndim(exercise.inputs[place]) != 1:
            return False
        try:
            right = self.numbers(0, self.reference[0])
            sides = []
            for step in (_STEP, -_STEP):
                moved = list(exercise.inputs)
                moved[place] = moved[place] + step
                sides.append(
                    [
                        _elementwise(value, exercise, moved, parameters, wanted)
                        for parameters, wanted in zip(exercise.parameters, right, strict=True)
                    ]
                )
        except _UnusableError:
            return False
        slopes = [(up - down) / (2 * _STEP) for up, down in zip(*sides, strict=True)]
        return all(
            np.allclose(s, f, rtol=1e-4, atol=1e-4) for s, f in zip(slopes, found, strict=True)
        )
