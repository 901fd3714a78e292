r"""What a loss is: a value, a gradient, a declaration, and one shared evaluation.

A loss is defined by one decorated function that returns its formulas::

    @loss(task="regression", formula=r"(\hat y - y)^2", ...)
    def squared_error(y_true, y_pred):
        r = y_pred - y_true
        return Formula(value=lambda: r * r, gradient=lambda: 2 * r)

Everything else is here, once: arguments and parameters are checked, the dtype is settled, and
large arrays are evaluated block by block, so that the intermediate results stay in the cache.
"""

from __future__ import annotations

import functools
import inspect
import math
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar, cast, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.losses._notation import documented, left_side
from lossbook.losses.domains import (
    REAL,
    Classes,
    Domain,
    PerLabel,
    Place,
    check_labels,
    random_generator,
    real_array,
    whole_number,
)
from lossbook.losses.numerics import float64_sum

__all__ = ["Declaration", "Elsewhere", "Formula", "Loss", "Source", "loss"]

#: Arrays of more than this many elements are evaluated in blocks, so that what a formula puts down
#: in between stays in the cache, and small; those below are faster in one piece.
_UNDIVIDED = 131_072
#: The elements of a block. Formulas with much to put down are those that are evaluated in float64.
_BLOCK, _WIDE_BLOCK = 24_576, 12_288

# The C library of Linux asks the system for every large block anew, which costs more than most
# formulas, until it sees one of that size given back: this is 32 MB, never touched, the most that
# it learns from.
np.empty(4_000_000)

_WHOLE = [slice(None)]
#: The types of parameters that are told apart by how they print.
_PLAIN = {bool, int, float, str, type(None)}
_FLOAT32, _FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


@dataclass(eq=False, slots=True)
class Formula:
    """The formulas of a loss for one set of arguments.

    Parameters
    ----------
    value : array or callable that returns one
        One number per example.
    gradient : array or callable that returns one, optional
        The derivative with respect to the prediction, of the prediction's shape; for a loss of
        several predictions a tuple, one array for each.

    Notes
    -----
    A callable is evaluated only when its result is asked for; callables share intermediate
    results by closing over them.
    """

    value: Any
    gradient: Any = None


@dataclass(slots=True)
class _Plan:
    """What follows from parameters and from the layout of arguments alone."""

    #: The shape of the examples, the elements of the largest argument, the dtype of the results.
    examples: tuple[int, ...]
    size: int
    dtype: np.dtype[Any]
    #: The arguments that are one row for all examples; and those that are not of the dtype and
    #: shape that blocks are cut from, with these.
    shared: list[int]
    forms: list[tuple[int, np.dtype[Any], tuple[int, ...]]]
    #: What each argument may be, and the dtype that a block of it is brought to, if it is.
    steps: list[tuple[Domain, np.dtype[Any] | None]]
    #: The dtype that formulas are evaluated in, and whether that is float64 for all arguments.
    working: np.dtype[Any]
    wide: bool
    #: The parameters that hold one number for each label.
    per_label: dict[str, PerLabel]


@dataclass(frozen=True)
class Source:
    """Where a loss comes from: author, year and title of the original work."""

    author: str
    year: int
    title: str

    def __str__(self) -> str:
        return f"{self.author} ({self.year}). {self.title}."


@dataclass(frozen=True)
class Elsewhere:
    """The same loss in another library: the call, and what differs from ours."""

    call: str
    differs: str = ""


def _no_points(**parameters: float) -> tuple[float, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Declaration:
    r"""What is known of a loss, as data; cards and :func:`.check_gradient` read it.

    Attributes
    ----------
    task : str
        ``"regression"``, ``"binary"``, ``"multi-class"``, ...
    domains : mapping of str to Domain
        What each argument may be; an argument that is not named may be any finite number. Where it
        depends on parameters: a callable ``domain(**parameters)`` that returns a domain.
    predictions : sequence of str, optional
        The arguments that the gradient is with respect to; all but the first unless given.
    intervals : mapping of str to Domain
        What each parameter may be.
    formula, derivative : str
        Value and derivative with respect to the prediction, in TeX; ``r`` is the residual
        :math:`\hat y - y`.
    variable : str
        What the loss is a function of: ``"residual"``, ``"margin"``, ``"logit"``,
        ``"prediction"``.
    axis : str
        What curves of the loss are drawn over, in words, where that is not `variable` (of the first
        class, where there are several).
    curve : callable or None
        ``curve(x)`` returns the name of the prediction that varies along such curves, and all
        arguments by name, for losses that are drawn over something of several arguments.
    link : str
        What the prediction is of what it estimates, such as ``"log"``; empty where it is that
        itself.
    convex : bool, callable or None
        Whether the loss is convex in the prediction; ``convex(**parameters)`` where it depends.
    kinks : callable
        ``kinks(**parameters)`` returns the values of `variable` at which the derivative jumps.
    seams : callable
        ``seams(**parameters)`` returns where pieces meet with equal derivatives but unequal second
        derivatives (of Tukey's biweight: unequal third ones).
    kink_distance : callable or None
        ``kink_distance(*arguments, **parameters)`` returns how far each example is from the nearest
        kink or seam, for losses in which it takes several numbers to say where they are.
    gradient_bound : callable or None
        ``gradient_bound(**parameters)`` returns the supremum of the size of the derivative (of each
        of its components), or, where a comment says so, an upper bound; None where none is known.
    estimates : str
        What the best constant prediction is: the mean, the median, ...
    use : str
        When to take it, in one sentence.
    noise_model : str
        The noise under which minimising the loss is maximum likelihood.
    source : Source or None
        The original work.
    elsewhere : mapping of str to Elsewhere
        Library ("PyTorch", "Keras", "optax", "scikit-learn") to its call and what differs.
    wide : bool or callable
        Whether float32 arguments are evaluated in float64 and rounded at the end, because the
        formula would lose accuracy in float32; ``wide(**parameters)`` where it depends.
    """

    task: str = ""
    domains: Mapping[str, Domain | Callable[..., Domain]] = field(default_factory=dict)
    predictions: Sequence[str] | None = None
    intervals: Mapping[str, Domain] = field(default_factory=dict)
    formula: str = ""
    derivative: str = ""
    variable: str = "residual"
    axis: str = ""
    curve: Callable[[NDArray[np.float64]], tuple[str, dict[str, NDArray[Any]]]] | None = None
    link: str = ""
    convex: bool | Callable[..., bool] | None = None
    kinks: Callable[..., Sequence[float]] = _no_points
    seams: Callable[..., Sequence[float]] = _no_points
    kink_distance: Callable[..., NDArray[Any]] | None = None
    gradient_bound: Callable[..., float | None] | None = None
    estimates: str = ""
    use: str = ""
    noise_model: str = ""
    source: Source | None = None
    elsewhere: Mapping[str, Elsewhere] = field(default_factory=dict)
    wide: bool | Callable[..., bool] = False


_M = TypeVar("_M", bound=Callable[..., Any])
#: The methods that take the arguments and parameters of a loss, and show them in their signature.
_METHODS = ("gradient", "value_and_gradient")


class _Signed:
    """A method with the signature of the loss that it belongs to, for help and for editors."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    def __get__(self, loss: Loss | None, owner: type) -> Any:
        if loss is None:
            return self.function
        method = functools.partial(self.function, loss)
        functools.update_wrapper(method, self.function)
        method.__signature__ = inspect.signature(loss)  # type: ignore[attr-defined]
        loss.__dict__[self.function.__name__] = method  # found there from now on
        return method


def _signed(function: _M) -> _M:
    return cast(_M, _Signed(function))


class Loss:
    """The loss of one example, with its gradient; made by :func:`loss`.

    Call it as ``loss(y_true, y_pred, **parameters)``: the result holds one value per example, never
    their mean (that is a cost: :class:`.Cost`).

    Attributes
    ----------
    name : str
        The public name.
    arguments : mapping of str to Domain
        The arguments, in order, and what each may be (a callable where it depends on parameters).
    predictions : tuple of str
        The arguments that :meth:`gradient` differentiates with respect to.
    parameters : mapping of str to object
        The parameters and their present defaults.
    declaration : Declaration
        What is known of the loss, as data.

    Notes
    -----
    These rules hold for every loss:

    - Arguments are array-likes of real numbers of one and the same shape. Nothing is broadcast:
      ``(n,)`` against ``(n, 1)`` raises `ValueError`. Losses of several classes take one row per
      example along the last axis, and reduce it.
    - The result is float32 when all arguments are float32 and float64 otherwise. Integers and
      booleans count as float64, but for labels, which do not count. Other types (float16, long
      double, complex, object, text) raise `TypeError`.
    - NaN, infinities and numbers outside the declared domain raise `ValueError`, and so does a
      parameter outside its interval; an unknown parameter raises `TypeError`.
    - Numbers give a number; arrays without elements give an array without elements.
    - A value or gradient too large for its dtype is ``inf``, and one too small is 0, as always in
      floating-point arithmetic.
    """

    def __init__(self, function: Callable[..., Formula], declaration: Declaration) -> None:
        self.name: str = function.__name__
        self.__name__: str = function.__name__
        self.__qualname__ = function.__qualname__
        self.__doc__ = documented(function, declaration)
        self.__module__ = function.__module__
        self.__wrapped__: Any = _renamed(function, declaration)
        self.declaration = declaration
        arguments, parameters = {}, {}
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind is parameter.KEYWORD_ONLY:
                parameters[parameter.name] = parameter.default
            elif parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
                arguments[parameter.name] = declaration.domains.get(parameter.name, REAL)
            else:
                raise TypeError(
                    f"{self.name}: a loss has named arguments and keyword-only parameters: "
                    f"got {parameter}"
                )
        self.predictions: tuple[str, ...] = tuple(declaration.predictions or tuple(arguments)[1:])
        if not self.predictions:
            raise TypeError(
                f"{self.name}: a loss takes at least a target and a prediction: "
                f"got {', '.join(arguments) or 'nothing'}"
            )
        for kind, declared, known in (
            ("predictions", self.predictions, arguments),
            ("domains", declaration.domains, arguments),
            ("intervals", declaration.intervals, parameters),
        ):
            for name in declared:
                if name not in known:
                    raise TypeError(f"{self.name}: {kind} names {name!r}, which is not in {known}")
        self.arguments: Mapping[str, Any] = MappingProxyType(arguments)
        self._differentiated = [i for i, name in enumerate(arguments) if name in self.predictions]
        self._names = tuple(arguments)
        self._domains: list[Any] = list(arguments.values())
        self._set(
            {
                name: value if value is inspect.Parameter.empty else self._check(name, value)
                for name, value in parameters.items()
            }
        )

    def __call__(self, *arguments: ArrayLike, **parameters: Any) -> NDArray[np.floating]:
        """Return the loss of each example."""
        return self._evaluate(arguments, parameters, True, False)[0]

    @_signed
    def gradient(self, *arguments: ArrayLike, **parameters: Any) -> Any:
        """Return the derivative of each example's loss with respect to its prediction.

        At a kink it is the subgradient that the loss documents. A loss of several predictions
        returns a tuple, one array for each.
        """
        gradients = self._evaluate(arguments, parameters, False, True)
        return gradients[0] if len(self.predictions) == 1 else tuple(gradients)

    @_signed
    def value_and_gradient(self, *arguments: ArrayLike, **parameters: Any) -> tuple[Any, Any]:
        """Return value and gradient, at less than the price of both."""
        value, *gradients = self._evaluate(arguments, parameters, True, True)
        return value, gradients[0] if len(self.predictions) == 1 else tuple(gradients)

    def bind(self, **parameters: Any) -> Loss:
        """Return the same loss with other defaults.

        >>> from lossbook import huber
        >>> huber.bind(delta=2)
        huber(delta=2.0)
        >>> huber.bind(delta=2)(0, 3)
        np.float64(4.0)
        """
        bound = object.__new__(type(self))
        bound.__dict__.update(self.__dict__)
        for method in _METHODS:  # which belong to this loss
            bound.__dict__.pop(method, None)
        checked = {name: self._check(name, value) for name, value in parameters.items()}
        bound._set({**self.parameters, **checked})
        return bound

    def _set(self, parameters: dict[str, Any]) -> None:
        self._settings = parameters
        self.parameters: Mapping[str, Any] = MappingProxyType(parameters)
        self._missing = [k for k, v in parameters.items() if v is inspect.Parameter.empty]
        self._plans: dict[Any, _Plan] = {}
        self._bound: dict[Any, Loss] = {}

    @property
    def domains(self) -> dict[str, Domain]:
        """What each argument may be, with the present parameters."""
        found: dict[str, Any] = {}
        for name, domain in self.arguments.items():
            found[name] = domain(**self._settings) if callable(domain) else domain
        return found

    @property
    def equations(self) -> tuple[str, ...]:
        r"""What is declared of value and derivative, as equations in TeX.

        >>> from lossbook import half_squared_error
        >>> print(*half_squared_error.equations, sep=", ")
        \ell = \tfrac12 (\hat y - y)^2, \ell' = \hat y - y
        """
        d = self.declaration
        value = [rf"\ell = {d.formula}"] if d.formula else []
        return (*value, left_side(self) + d.derivative) if d.derivative else tuple(value)

    @property
    def convex(self) -> bool | None:
        """Whether the loss is convex in the prediction, with its present parameters."""
        convex = self.declaration.convex
        return convex(**self.parameters) if callable(convex) else convex

    @property
    def kinks(self) -> tuple[float, ...]:
        """Where the derivative jumps, with the present parameters."""
        return tuple(self.declaration.kinks(**self.parameters))

    @property
    def seams(self) -> tuple[float, ...]:
        """Where a higher derivative jumps, but not the first, with the present parameters."""
        return tuple(self.declaration.seams(**self.parameters))

    @property
    def gradient_bound(self) -> float | None:
        """The most that the size of the derivative can be, with the present parameters."""
        bound = self.declaration.gradient_bound
        return None if bound is None else bound(**self.parameters)

    def sample(self, n: int = 200, classes: int = 4, seed: int = 0) -> list[NDArray[Any]]:
        """Return arguments spread over their domains, to check or to draw the loss with.

        Parameters
        ----------
        n : int
            The number of examples.
        classes : int
            The length of a row, where the loss takes rows.
        seed : int
            Makes the choice repeatable.

        Returns
        -------
        list of ndarray
            One array for each argument: of shape (n,), or (n, classes) where it takes rows.
        """
        rng = random_generator(seed)
        n, classes = whole_number("n", n, least=0), whole_number("classes", classes, least=1)
        return [
            domain.sample(rng, (n, classes) if domain.row or isinstance(domain, Classes) else (n,))
            for domain in self.domains.values()
        ]

    def __repr__(self) -> str:
        known = {k: v for k, v in self.parameters.items() if v is not inspect.Parameter.empty}
        return f"{self.name}({', '.join(f'{k}={v!r}' for k, v in known.items())})"

    def __reduce_ex__(self, protocol: Any) -> str | tuple[Any, ...]:
        # Before protocol 4 (joblib's hashes) a nested name is pickled by what it is nested in.
        if protocol < 4 and _found(self.__wrapped__) is self:
            return self.__qualname__
        return _restore, (self.__wrapped__, dict(self.parameters))

    # -- the shared evaluation ---------------------------------------------------------------

    def evaluate(
        self,
        *arguments: ArrayLike,
        where: NDArray[np.bool_] | None = None,
        gradient: bool = False,
    ) -> tuple[NDArray[Any], ...]:
        """Return the losses of some of the examples, and their gradients: what costs are made of.

        Parameters
        ----------
        *arguments : array_like
            The arguments, all by position.
        where : ndarray of bool, optional
            Which examples count, of their shape; all unless given. The others may be anything.
        gradient : bool
            Whether the gradients are asked for, too.

        Returns
        -------
        tuple of ndarray
            The losses, and one gradient for each of `predictions`; with `where`, of the examples
            that count alone, along one axis.
        """
        return tuple(self._evaluate(arguments, {}, True, gradient, where))

    @np.errstate(over="ignore", under="ignore")
    def total(self, *arguments: ArrayLike) -> tuple[float, tuple[int, ...]]:
        """Return the sum of the losses (only a block of them is kept) and the examples' shape."""
        arrays, plan = self._prepare(arguments)
        parts = _parts(len(arrays[0]), plan)
        blocks = (self._block(arrays, plan, part, True, False) for part in parts)
        return sum(float64_sum(x) for (x,) in blocks), plan.examples

    @np.errstate(over="ignore", under="ignore")
    def _evaluate(
        self,
        arguments: tuple[ArrayLike, ...],
        parameters: dict[str, Any],
        value: bool,
        gradient: bool,
        where: NDArray[np.bool_] | None = None,
    ) -> list[Any]:
        """Return the value (if asked for) and then one gradient per prediction (if asked for)."""
        if parameters or len(arguments) != len(self._names) or self._missing:
            arguments, bound = self._split(arguments, parameters)
            return bound._evaluate(arguments, {}, value, gradient, where)
        arrays, plan = self._prepare(arguments)
        examples, kept = plan.examples, None
        if where is not None:
            if real_array("where", where).dtype.kind != "b" or np.shape(where) != examples:
                raise ValueError(f"where must hold booleans, of the examples' shape {examples}")
            kept = np.flatnonzero(where)
            arrays = [x[kept] for x in arrays]
            examples = kept.shape
        parts = _parts(len(arrays[0]), plan)
        if len(parts) == 1:
            results = self._block(arrays, plan, parts[0], value, gradient, kept)
        else:
            results = []
            for part in parts:
                block = self._block(arrays, plan, part, value, gradient, kept)
                results = results or [
                    np.empty((len(arrays[0]), *x.shape[1:]), plan.dtype) for x in block
                ]
                for x, y in zip(results, block, strict=True):
                    x[part] = y
        if len(examples) == 1:
            return results
        return [x.reshape(examples + x.shape[1:])[()] for x in results]

    def _split(
        self, arguments: tuple[ArrayLike, ...], parameters: dict[str, Any]
    ) -> tuple[tuple[ArrayLike, ...], Loss]:
        """Sort what a call was given into arguments and a loss with parameters bound."""
        names = self._names
        if len(arguments) > len(names):
            raise TypeError(
                f"{self.name} takes {len(names)} arguments ({', '.join(names)}): got "
                f"{len(arguments)}. Give parameters by name"
            )
        for name in names[len(arguments) :]:
            if name not in parameters:
                raise TypeError(f"{self.name} needs {name}")
            arguments = (*arguments, parameters[name])
            parameters = {k: v for k, v in parameters.items() if k != name}
        # What comes again is not checked again.
        key = tuple([(k, type(v), repr(v)) for k, v in parameters.items() if type(v) in _PLAIN])
        loss = self._bound.get(key) if len(key) == len(parameters) else None
        if loss is None:
            loss = self.bind(**parameters)
            for name in loss._missing:
                raise TypeError(f"{self.name} needs the parameter {name}")
            if len(key) == len(parameters):
                _keep(self._bound, key, loss)
        return arguments, loss

    def _block(
        self,
        arrays: list[NDArray[Any]],
        plan: _Plan,
        part: slice,
        value: bool,
        gradient: bool,
        kept: NDArray[np.intp] | None = None,
    ) -> list[NDArray[Any]]:
        """Check and evaluate a part of the examples, along one axis."""
        parts = []
        for i, (domain, dtype) in enumerate(plan.steps):
            x = arrays[i][part]
            if domain.row:  # laid out by columns: reductions along rows are fast then
                x = np.asfortranarray(x)
            if x.size and not domain.contains(x):
                raise domain.error(self._names[i], arrays[i], _place(plan.examples, kept))
            if dtype is not None:
                x = x.astype(dtype)
            # Read-only: a formula that changes its arguments is told so. By name it is slower.
            x.setflags(False)  # type: ignore[call-arg]
            parts.append(x)
        given = self._settings
        if plan.per_label:
            numbers = np.arange(len(arrays[0]))[part] if kept is None else kept[part]
            given = given | {
                k: v.numbers[numbers % len(v)].astype(plan.working)
                for k, v in plan.per_label.items()
            }
        return self._called(self.__wrapped__(*parts, **given), parts, plan.dtype, value, gradient)

    def _check(self, name: str, value: Any) -> Any:
        """Return the value of a parameter in the form that formulas get, or raise."""
        if name not in getattr(self, "parameters", {name: None}):
            allowed = ", ".join(self.parameters) or "none"
            raise TypeError(f"{self.name} has no parameter {name!r}: its parameters are: {allowed}")
        if name not in self.declaration.intervals:
            return value
        return self.declaration.intervals[name].parameter(name, value)

    def _prepare(self, arguments: tuple[ArrayLike, ...]) -> tuple[list[NDArray[Any]], _Plan]:
        """Return arrays with one axis of examples, and the plan of the call."""
        arrays: list[Any] = list(arguments)
        for x in arguments:
            if type(x) is not np.ndarray:
                check_labels(self._names, arguments)
                arrays = [real_array(n, x) for n, x in zip(self._names, arguments, strict=True)]
                break
        layout = tuple([(x.shape, x.strides, x.dtype) for x in arrays])
        plan = self._plans.get(layout)
        if plan is None:
            plan = self._plan(arrays)
            _keep(self._plans, layout, plan)
        for i in plan.shared:
            arrays[i] = np.broadcast_to(arrays[i], plan.examples + arrays[i].shape)
        for i, dtype, shape in plan.forms:
            arrays[i] = np.ascontiguousarray(arrays[i], dtype).reshape(shape)
        return arrays, plan

    def _plan(self, arrays: Sequence[NDArray[Any]]) -> _Plan:
        """Return the plan of a call with arrays like these, or raise.

        Domains are those of this call: they may depend on parameters and on what was given.
        """
        names, settings = self._names, self._settings
        arrays = [real_array(name, x) for name, x in zip(names, arrays, strict=True)]
        domains: list[Any] = [d(**settings) if callable(d) else d for d in self._domains]
        shared = [i for i, d in enumerate(domains) if d.shared and arrays[i].ndim == 1]
        for i in shared:
            arrays[i] = np.broadcast_to(arrays[i], arrays[0].shape + arrays[i].shape)
        ndim = width = 0
        for name, domain, x in zip(names, domains, arrays, strict=True):
            if domain.row:
                if x.ndim == 0 or x.shape[-1] == 0:
                    raise ValueError(
                        f"{name} must have one row per example, of at least one number: "
                        f"got shape {x.shape}"
                    )
                if not width:
                    ndim, width = x.ndim, x.shape[-1]
        if width:
            domains = [d.resolve(names[i], arrays[i], ndim, width) for i, d in enumerate(domains)]
        examples: tuple[int, ...] | None = None
        dtype: np.dtype[Any] = _FLOAT32
        for domain, x in zip(domains, arrays, strict=True):
            shape = x.shape[: x.ndim - domain.row]
            if examples is None:
                examples = shape
            if shape != examples or (domain.row and x.shape[-1] != width):
                rows = sum(d.row for d in domains) in (0, len(names))
                raise _shape_error(names, [x.shape for x in arrays], rows)
            # Integers that are not labels count as float64.
            if x.dtype.itemsize == 8 if x.dtype.kind == "f" else not domain.labels:
                dtype = _FLOAT64
        assert examples is not None  # a loss has arguments
        per_label = {k: v for k, v in settings.items() if type(v) is PerLabel}
        for name, weights in per_label.items():
            if not examples or examples[-1] != len(weights):
                raise ValueError(
                    f"{name} must be one number, or one per label (the last axis of shape "
                    f"{examples}): got {len(weights)}"
                )
        wide = self.declaration.wide
        wide = wide(**settings) if callable(wide) else wide
        if dtype is _FLOAT32:  # a parameter may be out of the range of float32 itself
            wide = wide or any(
                type(v) is float and v and not 1e-30 < abs(v) < 1e30 for v in settings.values()
            )
        n = math.prod(examples)
        working = _FLOAT64 if wide else dtype
        steps: list[tuple[Domain, np.dtype[Any] | None]] = []
        forms: list[tuple[int, np.dtype[Any], tuple[int, ...]]] = []
        for i, (domain, x) in enumerate(zip(domains, arrays, strict=True)):
            form = np.dtype(np.intp) if domain.integers else dtype
            shape = (n, width) if domain.row else (n,)
            if x.dtype is not form or x.shape != shape or not x.flags.c_contiguous:
                forms.append((i, form, shape))
            brought = form is not working and not domain.integers
            steps.append((domain, working if brought else None))
        size = max(x.size for x in arrays)
        return _Plan(examples, size, dtype, shared, forms, steps, working, bool(wide), per_label)

    def _called(
        self,
        formula: Any,
        parts: list[NDArray[Any]],
        dtype: np.dtype[Any],
        value: bool,
        gradient: bool,
    ) -> list[NDArray[Any]]:
        """Evaluate a formula for one block and check that its results have the shapes they must."""
        if not isinstance(formula, Formula):
            raise TypeError(
                f"{self.name} must return Formula(value=..., gradient=...): got {type(formula)}"
            )
        results: list[Any] = []
        if value:
            results.append(formula.value() if callable(formula.value) else formula.value)
        if gradient:
            if formula.gradient is None:
                raise NotImplementedError(
                    f"{self.name} has no gradient: give its Formula gradient=..."
                )
            gradients = formula.gradient() if callable(formula.gradient) else formula.gradient
            gradients = gradients if isinstance(gradients, tuple) else (gradients,)
            if len(gradients) != len(self.predictions):
                raise ValueError(
                    f"{self.name} must give one gradient for each of "
                    f"{', '.join(self.predictions)}: got {len(gradients)}"
                )
            results += gradients
        shape = parts[0].shape[:1]
        for i, x in enumerate(results):
            if type(x) is not np.ndarray or x.dtype is not dtype:
                x = real_array(f"what {self.name} returns", x)
            if i or not value:
                shape = parts[self._differentiated[i - value]].shape
            if x.shape != shape:
                what = "value"
                if i or not value:
                    what = f"gradient with respect to {self.predictions[i - value]}"
                raise ValueError(
                    f"{self.name}: the {what} must have shape {shape}, one entry per example, "
                    f"never a mean: got shape {x.shape}"
                )
            # A formula may return an argument (a view), or an array of its own that it keeps
            # read-only: never hand it out.
            if x.base is not None or x.dtype is not dtype or not x.flags.carray:
                x = np.array(x, dtype, order="C")
            results[i] = x
        return results


def _parts(n: int, plan: _Plan) -> list[slice]:
    """Return the slices that n examples are evaluated by."""
    if plan.size <= _UNDIVIDED:
        return _WHOLE
    block = _WIDE_BLOCK if plan.wide else _BLOCK
    rows = max(1, block * math.prod(plan.examples) // plan.size)
    return [slice(i, i + rows) for i in range(0, n, rows)] or _WHOLE


def _place(examples: tuple[int, ...], kept: NDArray[np.intp] | None) -> Place:
    """Return where a number of the arrays of examples stands in what was given."""

    def place(index: tuple[int, ...]) -> tuple[int, ...]:
        i = index[0] if kept is None else kept[index[0]]
        return (*map(int, np.unravel_index(i, examples)), *index[1:])

    return place


def _keep(cache: dict[Any, Any], key: Any, found: Any) -> None:
    if len(cache) == 100:  # of many shapes and parameters, few come again
        cache.clear()
    cache[key] = found


def _renamed(function: Callable[..., Formula], declaration: Declaration) -> Any:
    """Return a copy of a function that pickle and cloudpickle take as they take any function.

    The name of the function itself stands for the loss now, so that the copy goes by the name
    under which it is found; and it brings the declaration along where it is sent by value, as
    joblib does with what a notebook defines.
    """
    if isinstance(function, types.FunctionType):
        copy: Any = types.FunctionType(
            function.__code__,
            function.__globals__,
            function.__name__,
            function.__defaults__,
            function.__closure__,
        )
        functools.update_wrapper(copy, function)
        copy.__kwdefaults__ = function.__kwdefaults__
        del copy.__wrapped__
        copy.__qualname__ = f"{function.__qualname__}.__wrapped__"
        copy.declaration = declaration
        return copy
    return function


def _found(function: Any) -> Any:
    """Return what stands where the loss of a function is looked for."""
    found: Any = sys.modules.get(function.__module__)
    for name in function.__qualname__.split(".")[:-1]:
        found = getattr(found, name, None)
    return found


def _restore(function: Any, parameters: dict[str, Any]) -> Loss:
    """Return the loss of a pickled function, with its parameters bound again."""
    found = _found(function)
    if not isinstance(found, Loss) or found.__wrapped__ is not function:
        found = Loss(function, function.declaration)
    if all(np.array_equal(found.parameters[k], v) for k, v in parameters.items()):
        return found
    return found.bind(**{k: v for k, v in parameters.items() if v is not inspect.Parameter.empty})


def _shape_error(names: tuple[str, ...], shapes: list[tuple[int, ...]], alike: bool) -> ValueError:
    what = " and ".join([", ".join(names[:-1]), names[-1]])
    given = " and ".join([", ".join(map(str, shapes[:-1])), str(shapes[-1])])
    if not alike:
        return ValueError(
            f"{what} must have as many examples, the rows counted as one: got {given}"
        )
    message = f"{what} must have the same shape: got {given}"
    if len({math.prod(s) for s in shapes}) == 1:
        message += ". They are not broadcast: reshape one of them, for instance with .ravel()"
    return ValueError(message)


@overload
def loss(function: Callable[..., Formula], /) -> Loss: ...
@overload
def loss(**declarations: Any) -> Callable[[Callable[..., Formula]], Loss]: ...
def loss(function: Callable[..., Formula] | None = None, /, **declarations: Any) -> Any:
    r"""Make a loss of a function that returns its :class:`Formula`.

    Parameters
    ----------
    function : callable
        ``function(y_true, y_pred, *, parameters)``. It gets arrays with one axis of examples,
        already checked and of one dtype, and parameters by keyword only.
    **declarations
        What is known of the loss: the fields of :class:`.Declaration`.

    Returns
    -------
    Loss

    Raises
    ------
    TypeError
        The function takes no target and prediction, or a declaration names an argument or a
        parameter that it does not have.

    Examples
    --------
    Being late costs four times what being early costs:

    >>> import numpy as np
    >>> from lossbook import Formula, loss
    >>> @loss
    ... def lateness(y_true, y_pred, *, ratio=4.0):
    ...     late = y_true - y_pred
    ...     return Formula(
    ...         value=np.where(late > 0, ratio * late, -late),
    ...         gradient=np.where(late > 0, -ratio, 1.0),
    ...     )
    >>> lateness([10, 10], [8, 12])
    array([8., 2.])
    >>> lateness.gradient([10, 10], [8, 12], ratio=3)
    array([-3.,  1.])
    """
    if function is not None:
        return Loss(function, Declaration())
    declaration = Declaration(**declarations)
    return lambda function: Loss(function, declaration)
