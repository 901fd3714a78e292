"""What an argument or a parameter of a loss may be, declared as data and checked in one place."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.losses.numerics import row_sums, sum_of_squares
from lossbook.text import number

__all__ = [
    "BINARY",
    "CLASSES",
    "DISTRIBUTION",
    "NON_NEGATIVE",
    "NON_ZERO",
    "POSITIVE",
    "PROBABILITY",
    "REAL",
    "REAL_ROW",
    "SIGNS",
    "UNIT_OPEN",
    "ClassWeights",
    "Classes",
    "Counts",
    "Distribution",
    "Domain",
    "Grades",
    "Increasing",
    "Interval",
    "LabelWeights",
    "Labels",
    "Limited",
    "NonZero",
    "PerLabel",
    "check_labels",
    "finite_array",
    "float_number",
    "label_array",
    "named_arrays",
    "one_of",
    "random_generator",
    "real_array",
    "vector",
    "whole_number",
]


Place = Callable[[tuple[Any, ...]], tuple[Any, ...]]

#: The length of the rows that show a loss of several classes.
_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A set of allowed numbers; a subclass says which.

    Parameters
    ----------
    row : bool
        Whether there is one row per example, along the last axis, and not one number.
    labels : bool
        Whether these are labels: integers and booleans among them do not settle the dtype of the
        result, as they would for measured targets.
    or_none : bool
        For a parameter: whether None is allowed too.
    """

    row: bool = False
    labels: bool = False
    or_none: bool = False

    #: Whether one row may be given for all examples.
    shared = False
    #: Whether any finite number is allowed, as far as its differences are finite.
    unlimited = False
    #: Whether the numbers are class numbers, which stay integers.
    integers = False

    def contains(self, x: NDArray[Any]) -> bool:
        """Whether every element of the non-empty array ``x`` is allowed."""
        allowed = self.allowed(x)
        return np.count_nonzero(allowed) == allowed.size

    def allowed(self, x: Any) -> Any:
        """Return which elements of ``x``, an array or a number of NumPy, are allowed."""
        raise NotImplementedError

    def error(self, name: str, x: NDArray[Any], place: Place = tuple) -> ValueError:
        """Return the error that names the first element of ``x`` that is not allowed.

        ``place(index)`` says where it stands in what the user gave.
        """
        index = np.unravel_index(int(np.argmin(self.allowed(x))), x.shape)
        return ValueError(f"{name} must be {self}: got {x[index]!s}{_told(place(index))}")

    def resolve(self, name: str, x: NDArray[Any], ndim: int, width: int) -> Domain:
        """Return what holds for ``x``, next to rows of a width in an array of ``ndim`` axes."""
        return self

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[Any]:
        """Return allowed numbers to check a loss with: rows of ``shape[-1]`` if it takes rows."""
        raise NotImplementedError

    def typical(self, n: int) -> NDArray[Any]:
        """Return a typical number or row, n times."""
        if not self.row:
            return np.full(n, 0.0 if self.allowed(np.zeros(1))[0] else 1.0)
        return np.tile(np.eye(1, _SHOWN), (n, 1))

    def places(self, reach: float) -> NDArray[np.float64]:
        """Return the places that a curve is drawn over: as far as `reach`, or to the ends."""
        return np.linspace(-reach, reach, 401)

    def along(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `x`, or rows of which it is the first entry, all else being equal."""
        return np.column_stack([x, np.full(len(x), 0.5), np.zeros(len(x))]) if self.row else x

    def parameter(self, name: str, value: Any) -> Any:
        """Return the value of a parameter as a float; raise TypeError or ValueError."""
        if value is None and self.or_none:
            return None
        number = float_number(name, value, self)
        if math.isnan(number) or not self.allowed(np.float64(number)):
            raise ValueError(f"{name} must be {self}: got {value!r}")
        return number


#: What Python or NumPy would turn into a number, or into a row of them.
_NO_NUMBERS = (str, bytes, bool, np.bool_, list, tuple, np.ma.MaskedArray)


def float_number(name: str, value: Any, wanted: object = "a float") -> float:
    """Return a value as a float; raise where it is no number, several, or one too large."""
    if isinstance(value, _NO_NUMBERS) or getattr(value, "ndim", False):
        raise TypeError(f"{name} must be a number: got {value!r}")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number: got {value!r}") from None
    except OverflowError:
        raise ValueError(f"{name} must be {wanted}: got a number of {_digits(value)}") from None


def whole_number(name: str, value: Any, *, least: int | None = None) -> int:
    """Return the value of a parameter as an int; raise TypeError or ValueError."""
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number: got {value!r}") from None
    if least is not None and number < least:
        raise ValueError(f"{name} must be at least {least}: got {number}")
    return number


def one_of(name: str, value: Any, *allowed: str) -> None:
    """Raise `ValueError` where the value of a parameter is none of the texts that it may be."""
    if not isinstance(value, str) or value not in allowed:
        told = " or ".join(f'"{each}"' for each in allowed)
        raise ValueError(f"{name} must be {told}: got {value!r}")


def random_generator(seed: Any) -> np.random.Generator:
    """Return the generator of random numbers that a seed stands for; None for a fresh one."""
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(None if seed is None else whole_number("seed", seed, least=0))


def _told(index: tuple[Any, ...]) -> str:
    return f" at index {', '.join(str(i) for i in index)}" if index else ""


def _digits(number: int) -> str:
    return f"about {int(number.bit_length() * math.log10(2)) + 1} digits"


def _ends(x: NDArray[Any]) -> tuple[Any, Any]:
    """Return the least and the greatest number: NaN, both, if there is one among them.

    That is faster than a comparison with an end for every element, and for a few elements faster
    than `numpy.min` and `numpy.max`.
    """
    flat = x.ravel(order="K")
    return flat.item(flat.argmin()), flat.item(flat.argmax())


@dataclass(frozen=True)
class Interval(Domain):
    """The real numbers between two ends; an infinite end that is not included means *finite*."""

    low: float = -math.inf
    high: float = math.inf
    includes_low: bool = False
    includes_high: bool = False

    def __post_init__(self) -> None:
        if not float_number("low", self.low) < float_number("high", self.high):
            raise ValueError(f"low must be below high: got {self.low!r} and {self.high!r}")

    def contains(self, x: NDArray[Any]) -> bool:
        low, high = _ends(x)
        return bool(
            (low >= self.low if self.includes_low else low > self.low)
            and (high <= self.high if self.includes_high else high < self.high)
        )

    def allowed(self, x: NDArray[Any]) -> NDArray[np.bool_]:
        above = x >= self.low if self.includes_low else x > self.low
        return above & (x <= self.high if self.includes_high else x < self.high)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[Any]:
        if self.low > -math.inf and self.high < math.inf:
            return self.low + (self.high - self.low) * rng.uniform(0.02, 0.98, shape)
        return max(self.low, 0) + rng.lognormal(0, 1, shape)

    def typical(self, n: int) -> NDArray[Any]:
        return super().typical(n) if self.row else np.full(n, 1.0)

    def places(self, reach: float) -> NDArray[np.float64]:
        if self.high < math.inf:
            return np.linspace(self.low, self.high, 403)[1:-1]
        return np.linspace(max(self.low, 0), max(self.low, 0) + 5, 402)[1:]

    def along(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([x, *[np.zeros(len(x))] * (_SHOWN - 1)]) if self.row else x

    def __str__(self) -> str:
        left, right = "[" if self.includes_low else "(", "]" if self.includes_high else ")"
        ends = (number(end).replace("inf", "∞") for end in (self.low, self.high))
        return f"in {left}{', '.join(ends)}{right}"


@dataclass(frozen=True)
class Real(Domain):
    """Finite numbers whose differences are finite too: at most half of the largest float."""

    unlimited = True

    def contains(self, x: NDArray[Any]) -> bool:
        # One fast pass: a finite sum of squares has no term that is not, or not small enough.
        flat = x if x.ndim == 1 else x.ravel(order="K")
        if math.isfinite(flat.dot(flat) if flat.size < 10_000 else sum_of_squares(flat)):
            return True
        largest = _LARGEST[x.dtype.char]
        low, high = _ends(x)
        return bool(high <= largest and low >= -largest)

    def allowed(self, x: NDArray[Any]) -> NDArray[np.bool_]:
        return np.abs(x) <= _LARGEST[x.dtype.char]

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[Any]:
        return 3 * rng.standard_normal(shape)

    def error(self, name: str, x: NDArray[Any], place: Place = tuple) -> ValueError:
        problem = super().error(name, x, place)
        largest = _LARGEST[x.dtype.char]
        if np.isfinite(x).all() and np.max(np.abs(x)) > largest:
            return ValueError(f"{problem} (the largest size in {x.dtype} is {largest:.3g})")
        return problem

    def __str__(self) -> str:
        return "finite"


_LARGEST = {np.dtype(t).char: np.finfo(t).max / 2 for t in (np.float32, np.float64)}


@dataclass(frozen=True)
class NonZero(Real):
    """Finite numbers but 0; of rows, those that are not all zero."""

    unlimited = False

    def contains(self, x: NDArray[Any]) -> bool:
        members = x.any(axis=-1) if self.row else x
        return super().contains(x) and np.count_nonzero(members) == members.size

    def allowed(self, x: NDArray[Any]) -> NDArray[np.bool_]:
        return super().allowed(x) & (x.any(axis=-1, keepdims=True) if self.row else x != 0)

    def __str__(self) -> str:
        return "finite and not all zero in a row" if self.row else "finite and not 0"


@dataclass(frozen=True)
class Increasing(Real):
    """Rows of finite numbers, each larger than the one before; one row may serve all examples."""

    row: bool = True

    shared = True
    unlimited = False

    def contains(self, x: NDArray[Any]) -> bool:
        rises = x[..., 1:] > x[..., :-1]
        return super().contains(x) and np.count_nonzero(rises) == rises.size

    def allowed(self, x: NDArray[Any]) -> NDArray[np.bool_]:
        allowed = super().allowed(x)
        allowed[..., 1:] &= x[..., 1:] > x[..., :-1]
        return allowed

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[Any]:
        steps = 0.2 + rng.exponential(1, shape)
        return np.cumsum(steps, axis=-1) - steps.sum(axis=-1, keepdims=True) / 2

    def typical(self, n: int) -> NDArray[Any]:
        return np.tile([-1.0, 1.0], (n, 1))

    def __str__(self) -> str:
        return "finite and increasing along a row"


@dataclass(frozen=True)
class Limited(Interval):
    """The real numbers between two limits, at which many of them may lie."""

    def contains(self, x: NDArray[Any]) -> bool:
        return super().contains(x) and REAL.contains(x)

    def allowed(self, x: NDArray[Any]) -> NDArray[np.bool_]:
        return super().allowed(x) & REAL.allowed(x)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[Any]:
        return np.clip(3 * rng.standard_normal(shape), self.low, self.high)

    def __str__(self) -> str:
        return f"{super().__str__()}, and finite"


@dataclass(frozen=True)
class Counts(Interval):
    """The numbers from 0 to 1e150, whose squares are floats too."""

    low: float = 0
    includes_low: bool = True

    def contains(self, x: NDArray[Any]) -> bool:
        low, high = _ends(x)
        return low >= 0 and high <= 1e150

    def allowed(self, x: NDArray[Any]) -> NDArray[np.bool_]:
        return (x >= 0) & (x <= 1e150)

    def __str__(self) -> str:
        return "in [0, 1e150]"


@dataclass(frozen=True)
class Labels(Domain):
    """A few numbers that stand for classes."""

    values: tuple[float, ...] = (0, 1)
    labels: bool = True

    def contains(self, x: NDArray[Any]) -> bool:
        return np.count_nonzero(x.reshape(-1) == self._column) == x.size

    @functools.cached_property
    def _column(self) -> NDArray[np.float64]:
        return np.array(self.values, dtype=np.float64)[:, np.newaxis]

    def allowed(self, x: NDArray[Any]) -> NDArray[np.bool_]:
        allowed = x == self.values[0]
        for value in self.values[1:]:
            allowed |= x == value
        return allowed

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[Any]:
        return rng.choice(np.array(self.values, dtype=np.float64), shape)

    def typical(self, n: int) -> NDArray[Any]:
        return np.full(n, float(max(self.values)))

    def __str__(self) -> str:
        return " or ".join(map(number, self.values))


@dataclass(frozen=True)
class Distribution(Interval):
    """Rows of probabilities: each in [0, 1], and each row sums to 1.

    The sum may be off by the square root of the machine epsilon (1.5e-8 in float64, 3.5e-4 in
    float32), as in scikit-learn's ``log_loss``.
    """

    low: float = 0
    high: float = 1
    includes_low: bool = True
    includes_high: bool = True
    row: bool = True

    def contains(self, x: NDArray[Any]) -> bool:
        low, high = _ends(x)
        if not (low >= 0 and high <= 1):
            return False
        low, high = _ends(row_sums(x))
        tolerance = _TOLERANCES[x.dtype.char]
        return low >= 1 - tolerance and high <= 1 + tolerance

    def error(self, name: str, x: NDArray[Any], place: Place = tuple) -> ValueError:
        if not self.allowed(x).all():
            return super().error(name, x, place)
        index = np.unravel_index(int(np.argmin(self._sums_to_one(x))), x.shape[:-1])
        return ValueError(
            f"each row of {name} must sum to 1 (within {_TOLERANCES[x.dtype.char]:.2g}): "
            f"got {row_sums(x[index]):.10g}{_told(place(index))}"
        )

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[Any]:
        weights = rng.uniform(0.1, 1, shape)
        return weights / weights.sum(axis=-1, keepdims=True)

    def along(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([x, *[(1 - x) / (_SHOWN - 1)] * (_SHOWN - 1)])

    def _sums_to_one(self, x: NDArray[Any]) -> NDArray[np.bool_]:
        return np.abs(row_sums(x) - 1) <= _TOLERANCES[x.dtype.char]


_TOLERANCES = {np.dtype(t).char: math.sqrt(np.finfo(t).eps) for t in (np.float32, np.float64)}


@dataclass(frozen=True)
class ClassNumbers(Domain):
    """The whole numbers 0, ..., classes - 1."""

    classes: int = 2
    labels: bool = True

    integers = True

    def contains(self, x: NDArray[Any]) -> bool:
        # Read without a sign, a negative number is larger than any class.
        unsigned = x.view(np.uintp)
        return bool(unsigned.item(unsigned.argmax()) < self.classes)

    def allowed(self, x: NDArray[Any]) -> NDArray[np.bool_]:
        return (x >= 0) & (x < self.classes)

    def __str__(self) -> str:
        return f"a class number from 0 to {self.classes - 1}"


_class_numbers = functools.cache(lambda classes: ClassNumbers(classes=classes))


@dataclass(frozen=True)
class Classes(Domain):
    """Targets of one label per example: class numbers, or rows of probabilities.

    Which of the two is told by the number of axes: one less than the predictions have, or as many.
    """

    labels: bool = True
    #: Whether rows of probabilities are allowed.
    rows: bool = True

    def resolve(self, name: str, x: NDArray[Any], ndim: int, width: int) -> Domain:
        if x.size == 0 and x.ndim < ndim:  # an empty list is of no type yet
            return _class_numbers(width)
        if self.rows and x.ndim == ndim:
            return _DISTRIBUTION_OF_LABELS
        if x.dtype.kind not in "iu":
            raise TypeError(
                f"{name} must hold class numbers of an integer dtype"
                f"{' or one row of probabilities per example' if self.rows else ''}: "
                f"got dtype {x.dtype} and shape {x.shape}"
            )
        return _class_numbers(width)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[Any]:
        return rng.integers(0, shape[-1], shape[:-1])

    def typical(self, n: int) -> NDArray[Any]:
        return np.zeros(n, dtype=np.intp)

    def __str__(self) -> str:
        return "a class number" + (" or a row of probabilities" if self.rows else "")


@dataclass(frozen=True)
class Grades(Classes):
    """Class numbers in an order, one more than there are cut points between them."""

    rows: bool = False

    def resolve(self, name: str, x: NDArray[Any], ndim: int, width: int) -> Domain:
        return super().resolve(name, x, ndim, width + 1)

    def sample(self, rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[Any]:
        return rng.integers(0, shape[-1] + 1, shape[:-1])

    def typical(self, n: int) -> NDArray[Any]:
        return np.ones(n, dtype=np.intp)  # with a cut on either side


@dataclass(frozen=True)
class ClassWeights(Domain):
    """For a parameter: one non-negative number per class, or None for no weights."""

    or_none: bool = True

    def parameter(self, name: str, value: Any) -> Any:
        """Return the weights as a float64 array, or None; raise TypeError or ValueError."""
        if value is None:
            return None
        weights = vector(name, value, "class")
        good = (weights >= 0) & (weights < np.inf)
        if not good.all():
            raise ValueError(
                f"{name} must be finite and not negative: got {weights[~good][0]} "
                f"for class {int(np.argmin(good))}"
            )
        return weights

    def __str__(self) -> str:
        return "one non-negative number per class"


def vector(name: str, value: Any, each: str) -> NDArray[np.float64]:
    """Return one number for each class or label, as an array of its own that does not change."""
    if isinstance(value, Mapping):
        raise TypeError(
            f"{name} must be one number per {each}, in their order: got a {type(value).__name__}, "
            f"which has labels. A cost takes weights by label: Cost(..., class_weight=...)"
        )
    index = getattr(value, "index", None)
    if index is not None and not callable(index) and list(index) != list(range(len(index))):
        raise TypeError(
            f"{name} must be one number per {each}, in their order: got labels {list(index)}. "
            "Give .to_numpy() if the order is right already"
        )
    try:
        numbers = np.array(value)
    except ValueError:  # a ragged list
        raise TypeError(f"{name} must be one number per {each}: got {value!r}") from None
    if numbers.dtype.kind not in "biuf" or numbers.ndim != 1:
        raise TypeError(
            f"{name} must be one number per {each}: got shape {numbers.shape}, "
            f"dtype {numbers.dtype}"
        )
    numbers = numbers.astype(np.float64)
    numbers.flags.writeable = False
    return numbers


class PerLabel:
    """A parameter with one number for each label: for each place along the last axis of examples.

    Formulas get one number for each example that they are given.
    """

    def __init__(self, numbers: NDArray[np.float64]) -> None:
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.numbers, dtype=dtype)

    def __repr__(self) -> str:
        return repr(self.numbers.tolist())


@dataclass(frozen=True)
class LabelWeights(Interval):
    """For a parameter: a number of an interval, or one for each label."""

    def parameter(self, name: str, value: Any) -> Any:
        """Return a float, or numbers for each label; raise TypeError or ValueError."""
        if isinstance(value, PerLabel):
            value = value.numbers
        if not isinstance(value, Iterable) or isinstance(value, str | bytes):
            return super().parameter(name, value)
        numbers = vector(name, value, "label")
        if not numbers.size or not self.contains(numbers):
            raise self.error(name, numbers) if numbers.size else ValueError(f"{name} is empty")
        return PerLabel(numbers)


# What every argument must be

_REAL_TYPES = "?bBhHiIlLqQfd"


def real_array(name: str, x: ArrayLike) -> NDArray[Any]:
    """Return ``x`` as an array of a type that the losses take, or raise `TypeError`."""
    if type(x) is not np.ndarray:
        if isinstance(x, np.ma.MaskedArray):
            raise TypeError(
                f"{name} must not be a masked array: its mask would be lost. "
                "Give a cost its data, and mask=~numpy.ma.getmaskarray(...)"
            )
        if isinstance(x, Mapping | Set):
            raise TypeError(f"{name} must be an array of numbers: got a {type(x).__name__}")
        try:
            x = np.asarray(x)
        except ValueError as error:  # a ragged list
            raise TypeError(f"{name} must be an array of numbers: {error}") from None
    if x.dtype.char in _REAL_TYPES:
        return x
    raise TypeError(
        f"{name} must hold real numbers (float64, float32, integers or booleans): got dtype "
        f"{x.dtype}"
    )


@np.errstate(over="ignore")
def finite_array(name: str, x: ArrayLike) -> NDArray[Any]:
    """Return ``x`` as an array of finite numbers, float64 unless it is float32, or raise."""
    numbers = real_array(name, x)
    if numbers.dtype.kind != "f" or not numbers.dtype.isnative:
        numbers = numbers.astype(np.float64)
    if numbers.size and not REAL.contains(numbers):
        raise REAL.error(name, numbers)
    return numbers


def named_arrays(name: str, given: Any) -> dict[str, NDArray[Any]]:
    """Return arrays of finite numbers by their names, or raise."""
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise TypeError(f"{name} must be a mapping of names to arrays: got {given!r}")
    arrays = {}
    for key, x in given.items():
        told = key if name == "parameters" else f"{name} of {key}"
        array = real_array(told, x)
        if array.dtype.kind != "f":
            array = array.astype(np.float64)
        if not np.isfinite(array).all():
            raise ValueError(f"{told} must be finite: got {array[~np.isfinite(array)][0]}")
        arrays[key] = array
    return arrays


def label_array(name: str, labels: ArrayLike) -> NDArray[Any]:
    """Return labels of any type as an array, or raise `TypeError`."""
    if isinstance(labels, np.ma.MaskedArray):
        raise TypeError(f"{name} must not be a masked array: its mask would be lost")
    try:
        given = np.asarray(labels)
    except ValueError as error:
        raise TypeError(f"{name} must be an array of labels: {error}") from None
    if given.dtype.kind == "V" or isinstance(labels, Mapping | Set):
        raise TypeError(f"{name} must be an array of labels: got a {type(labels).__name__}")
    if given.dtype.kind in "US" and not isinstance(labels, np.ndarray):
        given = np.asarray(labels, dtype=object)  # NumPy would turn [1, "a"] into texts
    return given


def check_labels(
    names: Sequence[str],
    arguments: Sequence[Any],
    axes: Sequence[str] = ("index", "columns"),
) -> None:
    """Raise where arguments that label their entries (pandas) do so differently.

    They are not paired by their labels, since the order of one of them would then have to change
    in silence; nor by position, since that may pair a target with another one's prediction.
    """
    if all(type(x) is np.ndarray for x in arguments):
        return
    for axis in axes:
        first, labels = "", None
        for name, x in zip(names, arguments, strict=True):
            found = getattr(x, axis, None)
            if found is None or callable(found):  # also a list, whose `index` is a method
                continue
            if labels is None:
                first, labels = name, found
            elif not labels.equals(found):
                raise ValueError(
                    f"{first} and {name} must have the same {axis}, in the same order: bring them "
                    f"into one order, for instance with .reindex, or give .to_numpy() if the "
                    f"order is right already"
                )


# The domains

REAL = Real()
REAL_ROW = Real(row=True)
POSITIVE = Interval(0)
NON_NEGATIVE = Interval(0, includes_low=True)
NON_ZERO = NonZero()
PROBABILITY = Interval(0, 1, includes_low=True, includes_high=True)
UNIT_OPEN = Interval(0, 1)
BINARY = Labels(values=(0, 1))
SIGNS = Labels(values=(-1, 1))
DISTRIBUTION = Distribution()
_DISTRIBUTION_OF_LABELS = Distribution(labels=True)
CLASSES = Classes()
