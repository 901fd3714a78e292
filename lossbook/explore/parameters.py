"""The controls of a figure as plain data: which positions each one has, and what they are called.

Both fronts read these, so that a slider has the same positions with a kernel and without.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import product
from numbers import Integral, Real
from typing import Any, Literal

__all__ = ["MAX_POSITIONS", "Grid", "Parameter"]

MAX_POSITIONS = 600
"""How many positions a grid may have, unless `explore` is told otherwise."""

TIME_NAMES = frozenset({"epoch", "epochs", "iteration", "iterations", "step", "steps"})
"""Parameters of these names are time, and get a play button."""

ALLOWED = (
    "(min, max, step), (min, max), a list or another iterable of values, a list of (label, value) "
    "pairs, a dict {label: value}, a bool, an ipywidgets control or fixed(value)"
)

Kind = Literal["range", "choice", "switch"]


@dataclass(frozen=True)
class Parameter:
    """One control: its positions in order, their labels, and where it starts.

    Attributes
    ----------
    name : str
        The argument of the draw function.
    kind : {"range", "choice", "switch"}
        A slider, a list to choose from, or a check box.
    values, labels : tuple
        What `draw` gets at each position, and how a reader sees it.
    default : int
        The position shown first.
    description : str
        The label of the control.
    is_time : bool
        Whether the control gets a play button.
    widget : ipywidgets control or None
        The control that was given, for the live front.
    """

    name: str
    kind: Kind
    values: tuple[Any, ...]
    labels: tuple[str, ...]
    default: int
    description: str = ""
    is_time: bool = False
    widget: Any = field(default=None, compare=False, repr=False)

    def index(self, value: Any) -> int:
        """Return the position of `value`; floats that differ by rounding noise are the same.

        Noise is small against the number, and against the step to the next position.

        Raises
        ------
        ValueError
            If `value` is at no position.
        """
        for i, candidate in enumerate(self.values):
            if _same(candidate, value):
                return i
        if self.kind == "range" and isinstance(value, Real) and isinstance(self.values[0], Real):
            distances = [abs(candidate - value) for candidate in self.values]
            nearest = min(range(len(distances)), key=distances.__getitem__)
            gaps = [abs(self.values[nearest] - other) for other in self.values]
            if distances[nearest] < 1e-3 * min(filter(None, gaps), default=0):
                return nearest
        raise ValueError(
            f"{self.name}={value!r} is not a position of its control; allowed: {_few(self.labels)}"
        )

    @property
    def step(self) -> Any:
        """The distance of two positions of a range, as its author wrote it."""
        first, second = (_decimal(value) for value in self.values[:2])
        return type(self.values[0])(second - first)

    @classmethod
    def of(cls, name: str, given: Any, default: Any = inspect.Parameter.empty) -> Parameter:
        """Read one abbreviation or control.

        Parameters
        ----------
        name : str
            The argument of the draw function.
        given
            What `explore` was given for it.
        default
            The default of the draw function's argument, where it has one.
        """
        if isinstance(given, bool):
            kind: Kind = "switch"
            values: tuple[Any, ...] = (False, True)
            labels: tuple[str, ...] = ("off", "on")
            start = int(given)
        elif isinstance(given, tuple):
            kind = "range"
            values, labels = _range(name, given)
            start = (len(values) - 1) // 2
        elif _is_of_ipywidgets(given):
            return _from_control(name, given)
        elif isinstance(given, Iterable) and not isinstance(given, str | bytes):
            kind, start = "choice", 0
            values, labels = _choice(name, given)
        else:
            raise TypeError(f"{name}={given!r}; allowed: {ALLOWED}")
        parameter = cls(
            name=name,
            kind=kind,
            values=values,
            labels=labels,
            default=start,
            description=name.replace("_", " "),
            is_time=kind == "range" and name in TIME_NAMES,
        )
        if default is inspect.Parameter.empty or kind == "switch":
            return parameter
        try:
            start = parameter.index(default)
        except ValueError:
            raise ValueError(
                f"the draw function's default {name}={default!r} is not a position of {given!r}"
            ) from None
        return replace(parameter, default=start)


@dataclass(frozen=True)
class Grid:
    """All controls of a figure, and every combination of their positions."""

    parameters: tuple[Parameter, ...]
    constants: Mapping[str, Any] = field(default_factory=dict)
    """What was given as ``fixed(value)``: no control."""

    @classmethod
    def of(
        cls,
        draw: Callable[..., str],
        parameters: Mapping[str, Any],
        *,
        max_positions: int | None = MAX_POSITIONS,
    ) -> Grid:
        """Check the parameters against what `draw` takes, and read each of them."""
        name = getattr(draw, "__name__", type(draw).__name__)
        arguments = list(inspect.signature(draw).parameters.values())[1:]
        named = {a.name: a for a in arguments if a.kind not in (a.VAR_KEYWORD, a.VAR_POSITIONAL)}
        takes_any = any(a.kind is a.VAR_KEYWORD for a in arguments)
        takes = ", ".join(named) or "no parameter"
        unknown = [p for p in parameters if p not in named]
        if unknown and not takes_any:
            raise TypeError(f"{name} has no parameter {unknown[0]!r}; it takes: {takes}")
        missing = [a for a in named if named[a].default is inspect.Parameter.empty]
        missing = [a for a in missing if a not in parameters]
        if missing:
            raise TypeError(f"{name} needs the parameter {missing[0]!r}, which was not given")
        empty = inspect.Parameter.empty
        grid = cls(
            tuple(
                Parameter.of(p, given, named[p].default if p in named else empty)
                for p, given in parameters.items()
                if not _is_fixed(given)
            ),
            {p: given.value for p, given in parameters.items() if _is_fixed(given)},
        )
        if max_positions is not None and len(grid) > max_positions:
            shape = " × ".join(str(len(p.values)) for p in grid.parameters)
            raise ValueError(
                f"{name}: the grid has {len(grid):,} positions ({shape}), and each is a frame to "
                f"draw; the limit is {max_positions:,}. Use fewer or coarser controls, or "
                "max_positions=None for a figure that never leaves the kernel"
            )
        return grid

    def __len__(self) -> int:
        """Return the number of positions."""
        return math.prod(len(p.values) for p in self.parameters)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the values of every position; the last parameter moves fastest."""
        for position in product(*(range(len(p.values)) for p in self.parameters)):
            yield self.at(position)

    def at(self, position: Sequence[int]) -> dict[str, Any]:
        """Return the values at a position: of each parameter the place in its list."""
        at = zip(self.parameters, position, strict=True)
        return {**{p.name: p.values[index] for p, index in at}, **self.constants}

    @property
    def default(self) -> dict[str, Any]:
        """The values of the position that is shown first."""
        return self.at([p.default for p in self.parameters])

    @property
    def default_index(self) -> int:
        """Where the default stands in the order of iteration."""
        index = 0
        for p in self.parameters:
            index = index * len(p.values) + p.default
        return index


def _same(a: Any, b: Any) -> bool:
    """Say whether two values are the same; they may be anything, such as arrays or NaN."""
    if a is b:
        return True
    if isinstance(a, Real) and isinstance(b, Real):
        return bool(a == b or math.isclose(a, b, rel_tol=1e-12) or (a != a and b != b))
    if type(a) is not type(b) or getattr(a, "shape", None) != getattr(b, "shape", None):
        return False
    try:
        equal = a == b
        return bool(equal.all() if hasattr(equal, "all") else equal)
    except (TypeError, ValueError):  # such as two Series with other labels
        return False


def _few(labels: Sequence[str], most: int = 8) -> str:
    if len(labels) <= most:
        return ", ".join(labels)
    return ", ".join([*labels[:3], "…", labels[-1]])


def _decimal(x: Real) -> Decimal:
    # By way of the shortest decimal that reads back as x: what its author wrote.
    if isinstance(x, Integral):
        return Decimal(int(x))
    return Decimal(
        str(x) if hasattr(x, "dtype") else repr(float(x))
    )  # a float32 is short in its own


def _range(name: str, given: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    is_number = all(isinstance(x, Real) and not isinstance(x, bool) for x in given)
    if len(given) not in (2, 3) or not is_number:
        raise TypeError(f"{name}={given!r}; a tuple is (min, max) or (min, max, step), in numbers")
    if not all(math.isfinite(x) for x in given):
        raise ValueError(f"{name}={given!r}; the numbers of a range must be finite")
    whole = all(isinstance(x, Integral) for x in given)
    if len(given) == 2:
        given = (*given, 1 if whole else 0.1)  # ipywidgets' steps
    low, high, step = (_decimal(x) for x in given)
    if step <= 0:
        raise ValueError(f"{name}={given!r}; the step must be above zero, got {step}")
    if high < low:
        raise ValueError(f"{name}={given!r}; the range is empty: {high} is below {low}")
    count = int((high - low) / step)
    if low + count * step != high:
        raise ValueError(
            f"{name}={given!r}: steps of {step} from {low} end at {low + count * step}, "
            f"not at {high}; change the end or the step"
        )
    exact = [low + i * step for i in range(count + 1)]
    if whole:
        return tuple(int(x) for x in exact), tuple(_label(x) for x in exact)
    digits = max(_digits(low), _digits(step))
    return tuple(float(x) for x in exact), tuple(_label(x, digits) for x in exact)


def _digits(x: Decimal) -> int:
    return max(0, -int(x.normalize().as_tuple().exponent))


def _label(x: Decimal, digits: int = 0) -> str:
    return f"{x:.{digits}f}".replace("-", "−")  # a minus sign, not a hyphen


def _choice(name: str, given: Iterable[Any]) -> tuple[tuple, tuple]:
    pairs: list[tuple[Any, Any]] = list(given.items() if isinstance(given, Mapping) else given)
    if not pairs:
        raise ValueError(f"{name}={given!r}; there must be at least one value to choose")
    if not isinstance(given, Mapping) and not all(
        isinstance(x, tuple) and len(x) == 2 and isinstance(x[0], str) for x in pairs
    ):
        pairs = list(zip(_texts(pairs), pairs, strict=True))
    labels = tuple(" ".join(str(label).split()) for label, _ in pairs)
    twice = {label for label in labels if labels.count(label) > 1}
    if twice:
        raise ValueError(f"{name}={given!r}; the label {min(twice)!r} is there twice")
    return tuple(value for _, value in pairs), labels


def _texts(values: Sequence[Any]) -> list[str]:
    """Return what a reader sees of each value; of floats without their noise, if that is enough."""
    short = [_text(float(f"{x:.12g}") if isinstance(x, float) else x) for x in values]
    return short if len(set(short)) == len(values) else [_text(x) for x in values]


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, Real):
        return str(value)
    return str(value).replace("-", "−")


def _is_of_ipywidgets(given: Any) -> bool:
    # A given control means that ipywidgets is loaded already: no need to import it here.
    return any(t.__module__.startswith("ipywidgets.") for t in type(given).__mro__)


def _is_fixed(given: Any) -> bool:
    return _is_of_ipywidgets(given) and type(given).__name__ == "fixed"


def _labelled(control: Any) -> list[tuple[str, Any]]:
    """Return the labels and values of a control that chooses one of them."""
    # In public, `options` are as they were given: a mapping, pairs, or values without labels.
    return list(control._options_full)


def _from_control(name: str, control: Any) -> Parameter:
    import ipywidgets as widgets

    description = control.description or name.replace("_", " ")
    options: dict[str, Any] = {"name": name, "description": description, "widget": control}
    if isinstance(control, widgets.Checkbox | widgets.ToggleButton):  # the ones that a click moves
        return Parameter(
            kind="switch",
            values=(False, True),
            labels=("off", "on"),
            default=int(control.value),
            **options,
        )
    if isinstance(
        control,
        widgets.Dropdown
        | widgets.RadioButtons
        | widgets.Select
        | widgets.SelectionSlider
        | widgets.ToggleButtons,
    ):
        values, labels = _choice(name, _labelled(control))
        if control.index is None:
            raise ValueError(f"{name}: the {type(control).__name__} has nothing selected")
        kind: Kind = "range" if isinstance(control, widgets.SelectionSlider) else "choice"
        return Parameter(kind=kind, values=values, labels=labels, default=control.index, **options)
    if isinstance(control, widgets.FloatLogSlider):
        exponents, _ = _range(name, (control.min, control.max, control.step))
        values = tuple(control.base**e for e in exponents)
        labels = next(
            labels
            for digits in range(3, 18)
            if len(set(labels := tuple(_text(f"{v:.{digits}g}") for v in values))) == len(values)
        )
    elif isinstance(
        control,
        widgets.IntSlider
        | widgets.FloatSlider
        | widgets.BoundedIntText
        | widgets.BoundedFloatText
        | widgets.Play,
    ):
        if control.step is None:
            raise ValueError(f"{name}: the {type(control).__name__} has no step, and needs one")
        values, labels = _range(name, (control.min, control.max, control.step))
    else:
        raise TypeError(
            f"{name} is a {type(control).__name__}, whose positions cannot be counted; allowed: "
            "sliders, bounded numbers, choices of one, check boxes, toggle buttons and Play"
        )
    parameter = Parameter(kind="range", values=values, labels=labels, default=0, **options)
    is_time = name in TIME_NAMES or isinstance(control, widgets.Play)
    start = parameter.index(control.value)
    return replace(parameter, default=start, is_time=is_time)
