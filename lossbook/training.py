"""The training loop, the optimisers, and the check that a gradient is right."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.losses import Distribution, Interval, Loss
from lossbook.losses.domains import (
    POSITIVE,
    check_labels,
    finite_array,
    float_number,
    label_array,
    named_arrays,
    random_generator,
    real_array,
    whole_number,
)
from lossbook.models import passes
from lossbook.objective import Cost

__all__ = [
    "Adam",
    "DivergenceError",
    "GradientCheck",
    "GradientDescent",
    "History",
    "Momentum",
    "Optimizer",
    "check_gradient",
    "train",
]

#: What a share of the past may be.
_SHARE = Interval(0, 1, includes_low=True)

Parameters = Mapping[str, NDArray[Any]]


class Optimizer(Protocol):
    """What uses a gradient: it turns parameters into better ones."""

    @property
    def learning_rate(self) -> float:
        """About how far a step goes."""

    def update(self, parameters: Parameters, gradient: Parameters) -> dict[str, NDArray[Any]]:
        """Return the parameters after one step."""


@dataclass(frozen=True)
class GradientDescent:
    r"""Gradient descent: :math:`\theta \leftarrow \theta - \eta\,\nabla J(\theta)`.

    Parameters
    ----------
    learning_rate : float
        η, in (0, ∞).

    Raises
    ------
    ValueError, TypeError
        `learning_rate` is not a number or outside its interval.

    References
    ----------
    A. Cauchy (1847), "Méthode générale pour la résolution des systèmes d'équations simultanées".

    Examples
    --------
    >>> step = GradientDescent(learning_rate=0.1)
    >>> step.update({"w": np.array([1.0])}, {"w": np.array([4.0])})
    {'w': array([0.6])}
    """

    learning_rate: float

    def __post_init__(self) -> None:
        POSITIVE.parameter("learning_rate", self.learning_rate)

    @np.errstate(over="ignore")
    def update(self, parameters: Parameters, gradient: Parameters) -> dict[str, NDArray[Any]]:
        """Return the parameters after one step down the gradient."""
        return {
            name: np.asarray(p - self.learning_rate * g)
            for name, p, g in _paired(parameters, gradient)
        }


@dataclass
class Momentum:
    r"""Gradient descent with momentum: a step remembers the steps before it.

    .. math:: v \leftarrow \mu v - \eta\,\nabla J(\theta), \qquad \theta \leftarrow \theta + v

    It keeps its velocity :math:`v` from one update to the next: take a new one for a new run.

    Parameters
    ----------
    learning_rate : float
        η, in (0, ∞).
    momentum : float
        μ, in [0, 1): the share of a step that is kept; 0 is plain gradient descent.

    Raises
    ------
    ValueError, TypeError
        A parameter is not a number or outside its interval.

    References
    ----------
    B. T. Polyak (1964), "Some methods of speeding up the convergence of iteration methods".

    Examples
    --------
    >>> step = Momentum(learning_rate=0.1, momentum=0.5)
    >>> p = step.update({"w": np.array([1.0])}, {"w": np.array([4.0])})
    >>> step.update(p, {"w": np.array([0.0])})["w"].round(6)
    array([0.4])
    """

    learning_rate: float
    momentum: float = 0.9
    _velocity: dict[str, NDArray[Any]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        POSITIVE.parameter("learning_rate", self.learning_rate)
        _SHARE.parameter("momentum", self.momentum)

    @np.errstate(over="ignore")
    def update(self, parameters: Parameters, gradient: Parameters) -> dict[str, NDArray[Any]]:
        """Return the parameters after one step."""
        updated = {}
        for name, p, g in _paired(parameters, gradient):
            v = self.momentum * self._velocity.get(name, 0.0) - self.learning_rate * g
            self._velocity[name], updated[name] = v, np.asarray(p + v)
        return updated


@dataclass
class Adam:
    r"""Adam: each parameter's step is scaled by the size that its gradient has had.

    .. math::
        m &\leftarrow \beta_1 m + (1 - \beta_1)\,g \\
        v &\leftarrow \beta_2 v + (1 - \beta_2)\,g^2 \\
        \theta &\leftarrow \theta -
        \eta\,\frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}

    It keeps :math:`m`, :math:`v` and :math:`t` from one update to the next: take a new one for a
    new run.

    Parameters
    ----------
    learning_rate : float
        η, in (0, ∞): about the largest change of a parameter in one step.
    beta1, beta2 : float
        How long the means remember; in [0, 1).
    epsilon : float
        Keeps the quotient finite; in (0, ∞).

    Raises
    ------
    ValueError, TypeError
        A parameter is not a number or outside its interval.

    References
    ----------
    D. P. Kingma and J. Ba (2015), "Adam: a method for stochastic optimization".

    Examples
    --------
    The first step has the size of the learning rate, whatever the gradient's:

    >>> step = Adam(learning_rate=0.1)
    >>> step.update({"w": np.array([1.0, 1.0])}, {"w": np.array([4.0, -0.01])})["w"].round(6)
    array([0.9, 1.1])
    """

    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    _steps: int = field(default=0, init=False, repr=False)
    _mean: dict[str, NDArray[Any]] = field(default_factory=dict, init=False, repr=False)
    _square: dict[str, NDArray[Any]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        POSITIVE.parameter("learning_rate", self.learning_rate)
        _SHARE.parameter("beta1", self.beta1)
        _SHARE.parameter("beta2", self.beta2)
        POSITIVE.parameter("epsilon", self.epsilon)

    @np.errstate(over="ignore")
    def update(self, parameters: Parameters, gradient: Parameters) -> dict[str, NDArray[Any]]:
        """Return the parameters after one step."""
        self._steps += 1
        updated = {}
        for name, p, g in _paired(parameters, gradient):
            m = self.beta1 * self._mean.get(name, 0.0) + (1 - self.beta1) * g
            v = self.beta2 * self._square.get(name, 0.0) + (1 - self.beta2) * g * g
            if np.isinf(v).any():
                raise ValueError(
                    f"gradient of {name} must be of a size whose squares are floats: "
                    f"got {np.max(np.abs(g)):.3g}"
                )
            self._mean[name], self._square[name] = m, v
            m = m / (1 - self.beta1**self._steps)  # at first both means are too near zero
            v = v / (1 - self.beta2**self._steps)
            updated[name] = np.asarray(p - self.learning_rate * m / (np.sqrt(v) + self.epsilon))
        return updated


def _paired(
    parameters: Parameters, gradient: Parameters
) -> list[tuple[str, NDArray[Any], NDArray[Any]]]:
    """Return each parameter with its gradient, or raise where they are not of one kind."""
    arrays, slopes = named_arrays("parameters", parameters), named_arrays("gradient", gradient)
    if set(arrays) != set(slopes):
        raise ValueError(
            f"gradient must be of the parameters {sorted(arrays)}: got {sorted(slopes)}"
        )
    for name, p in arrays.items():
        if slopes[name].shape != p.shape:
            raise ValueError(
                f"gradient of {name} must have its shape {p.shape}: got {slopes[name].shape}"
            )
    return [(name, p, slopes[name]) for name, p in arrays.items()]


class DivergenceError(ArithmeticError):
    """The cost is no longer a finite number; ``history`` holds the epochs before.

    Attributes
    ----------
    history : History
        The run up to the last finite cost.
    """

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


@dataclass(frozen=True, eq=False)
class History:
    """What happened in training; entry 0 is before the first epoch.

    Attributes
    ----------
    cost : ndarray of shape (epochs + 1,)
        The cost over the whole dataset, penalties included, after each epoch.
    parameters : dict of str to ndarray of shape (epochs + 1, ...)
        The parameters after each epoch.
    """

    cost: NDArray[np.float64]
    parameters: dict[str, NDArray[Any]]

    def at(self, epoch: int) -> dict[str, NDArray[Any]]:
        """Return the parameters after an epoch, as a model holds them."""
        epoch, last = whole_number("epoch", epoch), len(self.cost) - 1
        if not -last - 1 <= epoch <= last:
            raise ValueError(f"epoch must be from 0 to {last}: got {epoch}")
        return {name: p[epoch] for name, p in self.parameters.items()}


def train(
    model: Any,
    X: ArrayLike,
    y: ArrayLike,
    cost: Cost,
    optimizer: Optimizer,
    epochs: int,
    *,
    batch_size: int | None = None,
    seed: int | None = None,
    sample_weight: ArrayLike | None = None,
    mask: ArrayLike | None = None,
) -> History:
    """Train a model: forward pass, loss, backpropagation, parameter update, again and again.

    Parameters
    ----------
    model : model with ``parameters``, ``forward`` and ``backward``
        It is initialised already and training goes on from its parameters; afterwards it holds the
        trained ones.
    X : array_like of shape (n, d)
        Examples.
    y : array_like of shape (n, ...)
        Targets.
    cost : Cost
        What is minimised.
    optimizer : Optimizer
        What uses the gradient, such as :class:`GradientDescent`.
    epochs : int
        How often the model sees the whole dataset; 0 or more.
    batch_size : int, optional
        Examples per update; all of them unless given. In every epoch the examples are shuffled
        before they are cut into batches, and the last batch may be smaller.
    seed : int, optional
        Makes the shuffling repeatable.
    sample_weight : array_like of shape (n,), optional
        One weight per example.
    mask : array_like of bool, shape (n,), optional
        Whether an example counts, for each. One that does not, or whose weight is 0, is not there.

    Returns
    -------
    History
        Cost and parameters before the first epoch and after each.

    Raises
    ------
    DivergenceError
        The cost is not finite any more: the learning rate is too high.
    ValueError, TypeError
        There is not one target per example, `X` or `y` is not finite, or `epochs` or `batch_size`
        is not a whole number or too small.

    Examples
    --------
    >>> from lossbook import Cost, Linear, squared_error
    >>> X, y = [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]
    >>> model = Linear(1)
    >>> history = train(model, X, y, Cost(squared_error), GradientDescent(0.2), epochs=200)
    >>> model.parameters["w"].round(3), model.parameters["b"].round(3)
    (array([2.]), np.float64(1.0))
    >>> history.cost[[0, 1, 200]].round(3)
    array([11.667,  0.052,  0.   ])
    """
    for name, part, methods in (
        ("model", model, ("parameters", "forward", "backward")),
        ("optimizer", optimizer, ("learning_rate", "update")),
    ):
        if not all(hasattr(part, method) for method in methods):
            raise TypeError(f"{name} must have {', '.join(methods)}: got {part!r}")
    if not isinstance(cost, Cost):
        raise TypeError(f"cost must be a Cost, such as Cost(squared_error): got {cost!r}")
    check_labels(("X", "y", "sample_weight", "mask"), (X, y, sample_weight, mask), ("index",))
    X, y = real_array("X", X), label_array("y", y)
    if cost.classes is None:
        real_array("y", y)
    if X.ndim == 0 or y.ndim == 0 or len(X) != len(y):
        raise ValueError(
            f"X and y must have one entry per example: got shapes {X.shape} and {y.shape}"
        )
    epochs = whole_number("epochs", epochs, least=0)
    weights = cost.weights(y, _outputs(model, X), sample_weight, mask)
    if weights is not None:
        cost = cost.without_weights()
        there = weights.reshape(len(y), -1).any(axis=1)
        X, y, weights = X[there], y[there], weights[there]
    else:
        there = np.ones(len(y), dtype=bool)
    for name, x in (("X", X), ("y", y)):
        if x.dtype.kind == "f" and not np.isfinite(x).all():
            bad = np.flatnonzero(~np.isfinite(x).reshape(len(x), -1).all(axis=1))[0]
            value = x[bad][~np.isfinite(x[bad])].flat[0]
            raise ValueError(
                f"{name} must be finite: got {value} in row {np.flatnonzero(there)[bad]}. "
                "Leave the example out, or fill in what is missing"
            )
    forward, backward = passes(model)
    n = len(y)
    size = n if batch_size is None else min(n, whole_number("batch_size", batch_size, least=1))
    shuffle = random_generator(seed)
    costs: list[float] = []
    states: list[dict[str, NDArray[Any]]] = []

    def history() -> History:
        return History(
            np.array(costs),
            {name: np.stack([state[name] for state in states]) for name in model.parameters},
        )

    def diverges(what: str, epoch: int) -> DivergenceError:
        return DivergenceError(
            f"{what} is not finite in epoch {epoch}: training diverges with "
            f"learning_rate={optimizer.learning_rate}. Try a smaller one",
            history(),
        )

    @np.errstate(over="ignore", invalid="ignore")  # divergence is found here
    def record(epoch: int) -> None:
        y_pred = forward(X)
        small = (np.abs(y_pred) < np.finfo(np.float64).max / 4).all()
        now = cost(y, y_pred, model.parameters, weights) if small else math.inf
        if not math.isfinite(now) and epoch == 0:
            raise DivergenceError(
                "the cost is not finite before the first epoch: the model's first predictions "
                "are too large, or their loss is infinite",
                History(np.array([]), {}),
            )
        if not math.isfinite(now):
            raise DivergenceError(
                f"the cost is not finite after epoch {epoch}: training diverges with "
                f"learning_rate={optimizer.learning_rate}. Try a smaller one",
                history(),
            )
        costs.append(now)
        states.append({name: np.array(p) for name, p in model.parameters.items()})

    # 1. Initialise: the model came with its parameters.
    record(0)
    for epoch in range(1, epochs + 1):
        order = np.arange(n) if size == n else shuffle.permutation(n)
        with np.errstate(over="ignore", invalid="ignore"):  # divergence is found below
            for start in range(0, n, size):
                batch = order[start : start + size]
                # 2. Forward pass.
                y_pred = forward(X[batch])
                if not np.isfinite(y_pred).all():
                    break
                # 3. Loss: here its derivative with respect to each prediction.
                slope = cost.gradient(y[batch], y_pred, None if weights is None else weights[batch])
                if not np.isfinite(slope).all():
                    raise diverges("the derivative of the cost", epoch)
                # 4. Backpropagation computes the gradient ...
                gradient = backward(X[batch], slope)
                if not all(np.isfinite(g).all() for g in gradient.values()):
                    raise diverges("the gradient", epoch)
                penalty = cost.penalty_gradient(model.parameters)
                # 5. ... and the optimiser uses it: parameter update.
                model.parameters = optimizer.update(
                    model.parameters, {name: g + penalty[name] for name, g in gradient.items()}
                )
        # 6. Iterate.
        record(epoch)
    return history()


def _outputs(model: Any, X: NDArray[Any]) -> Any:
    return model.forward(np.where(np.isfinite(X), X, 0))  # what is not there may be missing in X


@dataclass(frozen=True)
class GradientCheck:
    """The result of :func:`check_gradient`; it counts as true if the gradient is right.

    Attributes
    ----------
    passed : bool
        Whether analytic and numerical derivative agree everywhere.
    error : float
        The largest difference between them, relative to the derivative.
    where : str
        The place of the largest difference.
    analytic, numerical : float
        The two derivatives there.
    checked, skipped : int
        How many derivatives were compared, and how many not because the place is at a kink.
    """

    passed: bool
    error: float
    where: str
    analytic: float
    numerical: float
    checked: int
    skipped: int

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        verdict = "The gradient is right" if self.passed else "The gradient is wrong"
        skipped = f", {self.skipped} at a kink left out" if self.skipped else ""
        return (
            f"{verdict}: the largest relative error is {self.error:.1e} at {self.where} "
            f"(analytic {self.analytic:.6g}, numerical {self.numerical:.6g}; "
            f"{self.checked} places{skipped})"
        )


#: Fourth-order differences, central and to one side: offsets in steps, and weights.
_CENTRAL = ((-2, 1 / 12), (-1, -2 / 3), (0, 0.0), (1, 2 / 3), (2, -1 / 12))
_ONE_SIDED = ((0, -25 / 12), (1, 4.0), (2, -3.0), (3, 4 / 3), (4, -1 / 4))


def check_gradient(
    function: Loss | Callable[[Any], float],
    *arguments: Any,
    gradient: Callable[[Any], Any] | None = None,
    step: float = 1e-3,
    tolerance: float = 1e-6,
    **parameters: Any,
) -> GradientCheck:
    """Compare a gradient with fourth-order central differences of the value.

    Parameters
    ----------
    function : Loss or callable
        A loss, ours or the reader's own, or any function of one array (or of one mapping of names
        to arrays, such as a model's parameters) that returns a number. An
        :class:`.Objective` knows its own gradient.
    *arguments : array_like
        Where to check: for a loss its arguments, by default a spread of places in their domains;
        for any other function its one argument.
    gradient : callable, optional
        ``gradient(x)``: the gradient of a function that is not a loss.
    step : float
        The step of the differences, for arguments of size 1 or less; larger ones take larger steps.
        In [1e-6, 0.1]: with smaller ones the differences are nothing but rounding errors.
    tolerance : float
        The largest relative error that passes; in (0, 1).
    **parameters
        Parameters of the loss.

    Returns
    -------
    GradientCheck

    Raises
    ------
    ValueError, TypeError
        There is no place to check, a function has no gradient or not one argument, or `step` or
        `tolerance` is outside its interval.

    Notes
    -----
    At a kink there is no derivative to compare with: places within two steps of a declared kink or
    seam of the loss are left out and counted. So are places where the loss or its slope is
    infinite. Where the domain ends, the differences are one-sided. An undeclared kink shows up as an error: declare
    ``kinks`` when you define the loss.

    Examples
    --------
    >>> from lossbook import Formula, check_gradient, huber, loss
    >>> bool(check_gradient(huber, delta=2))
    True
    >>> @loss
    ... def wrong(y_true, y_pred):
    ...     r = y_pred - y_true
    ...     return Formula(value=r**2, gradient=r)
    >>> print(check_gradient(wrong, [0.0], [3.0]))
    The gradient is wrong: the largest relative error is 5.0e-01 at y_true=0, y_pred=3 (analytic 3, numerical 6; 1 places)
    >>> bool(check_gradient(lambda x: np.sum(x**3), [1.0, 2.0], gradient=lambda x: 3 * x**2))
    True
    """  # noqa: E501
    step = Interval(1e-6, 0.1, includes_low=True, includes_high=True).parameter("step", step)
    tolerance = Interval(0, 1).parameter("tolerance", tolerance)
    if isinstance(function, Loss):
        if gradient is not None:
            raise TypeError("gradient must not be given for a loss: it has its own")
        return _check_loss(function, arguments, step, tolerance, parameters)
    gradient = gradient or getattr(function, "gradient", None)
    if gradient is None:
        raise TypeError("gradient must be given for a function that is not a loss")
    if len(arguments) != 1:
        raise TypeError(f"give the one argument of the function: got {len(arguments)}")
    return _check_function(function, gradient, arguments[0], step, tolerance)


def _check_loss(
    loss: Loss, arguments: tuple[Any, ...], step: float, tolerance: float, parameters: Any
) -> GradientCheck:
    loss = loss.bind(**parameters)
    if not arguments:
        arguments = tuple(loss.sample())
    names = list(loss.arguments)
    check_labels(names, arguments)
    if len(arguments) != len(names):
        loss(*arguments)  # says what is missing, or too much
    arrays = [np.atleast_1d(real_array(n, a)) for n, a in zip(names, arguments, strict=True)]
    arrays = [
        a.astype(np.float64) if n in loss.predictions else a
        for n, a in zip(names, arrays, strict=True)
    ]
    analytic = loss.gradient(*arrays)
    analytic = analytic if isinstance(analytic, tuple) else (analytic,)
    rows = []
    with np.errstate(all="ignore"):
        infinite = ~np.isfinite(loss(*arrays))
        for name, slopes in zip(loss.predictions, analytic, strict=True):
            k = names.index(name)
            for what, direction in _directions(loss, name, arrays[k]):
                h, side = _steps(loss, name, arrays[k], direction, step)
                size = np.abs(arrays[k]).max(axis=-1) if direction.ndim else np.abs(arrays[k])
                slope = (slopes * direction).sum(axis=-1) if direction.ndim else slopes

                def shifted(offset: Any, k: int = k, h: Any = h, d: Any = direction) -> list[Any]:
                    move = (offset * h)[..., np.newaxis] * d if d.ndim else offset * h
                    return [a + move if i == k else a for i, a in enumerate(arrays)]

                numerical, floor = _differences(loss, shifted, h, side, 1, size)
                # Where the loss bends on a shorter scale than the step, a shorter one is nearer.
                finer, higher = _differences(loss, shifted, h, side, 1 / 8, size)
                better = (
                    np.abs(finer - slope) - 10 * higher < np.abs(numerical - slope) - 10 * floor
                )
                numerical = np.where(better, finer, numerical)
                floor = np.where(better, higher, floor)
                reach = np.where(side == 0, 2, 4) * h
                above, below = (shifted(np.where(side == -s, 0, reach / h) * s) for s in (1, -1))
                skip = _near_kink(loss, arrays, above, below, 2 * reach)
                skip |= infinite | (h == 0) | ((side != 0) & ~np.isfinite(slope))
                rows += [
                    (
                        slope[i],
                        numerical[i],
                        floor[i],
                        bool(skip[i]),
                        _where(names, arrays, i) + what,
                    )
                    for i in np.ndindex(h.shape)
                ]
    return _verdict(rows, tolerance)


def _differences(
    loss: Loss,
    shifted: Callable[[Any], list[Any]],
    h: NDArray[np.float64],
    side: NDArray[np.float64],
    scale: float,
    size: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return fourth-order differences of a loss, and their rounding errors.

    Those are the errors of the values, and those of the places: x + h is rounded, too.
    """
    numerical, floor = np.zeros(h.shape), np.zeros(h.shape)
    eps, here = np.finfo(float).eps, loss(*shifted(0))
    for central, one_sided in zip(_CENTRAL, _ONE_SIDED, strict=True):
        offset = np.where(side == 0, central[0], side * one_sided[0])
        weight = np.where(side == 0, central[1], side * one_sided[1])
        value = loss(*shifted(offset * scale))
        numerical += np.where(weight == 0, 0, weight * value / (h * scale))
        rise = np.abs(value - here) / (h * scale) * size
        floor = np.maximum(floor, eps * (np.abs(value) + rise) / (h * scale))
    return numerical, floor


def _directions(loss: Loss, name: str, x: NDArray[Any]) -> list[tuple[str, NDArray[np.float64]]]:
    """Return the directions in which a prediction may be moved, with their names."""
    told = f", with respect to {name}" if len(loss.predictions) > 1 else ""
    domain = loss.domains[name]
    if not domain.row:
        return [(told, np.array(1.0))]
    told = told or f", with respect to {name}"
    axes = np.eye(x.shape[-1])
    if isinstance(domain, Distribution):  # what one probability gains another must lose
        axes = axes - np.roll(axes, 1, axis=1)
        return [(f"{told}[{k}] less the next", axis) for k, axis in enumerate(axes)]
    return [(f"{told}[{k}]", axis) for k, axis in enumerate(axes)]


def _steps(
    loss: Loss, name: str, x: NDArray[Any], direction: NDArray[np.float64], step: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a step for each place, smaller where the domain ends nearby, and its side.

    The side is 0 where steps go both ways, and 1 or -1 where the domain ends at the place itself;
    the step is 0 where it ends on both sides.
    """
    domain = loss.domains[name]
    here = (x * direction).sum(axis=-1) if direction.ndim else x
    h = step * np.maximum(1, np.abs(here))
    side = np.zeros(h.shape)
    if not isinstance(domain, Interval):
        return h, side
    above, below = domain.high - x, x - domain.low
    if direction.ndim:  # the entries that move, each its own way
        above, below = (
            np.where(direction > 0, up, np.where(direction < 0, down, np.inf)).min(axis=-1)
            for up, down in ((above, below), (below, above))
        )
    side = np.where(below == 0, 1.0, 0.0) - np.where(above == 0, 1.0, 0.0)
    room = np.where(side > 0, above, np.where(side < 0, below, np.minimum(above, below)))
    h = np.minimum(h, room / 1000)
    return (np.minimum(h, 1e-3) if isinstance(domain, Distribution) else h), side


def _where(names: list[str], arrays: list[NDArray[Any]], index: tuple[int, ...]) -> str:
    """Say which example it is: by its numbers, or by its index where there are rows."""
    if all(a.shape == arrays[0].shape for a in arrays) and len(index) == arrays[0].ndim:
        return ", ".join(f"{n}={a[index]:.6g}" for n, a in zip(names, arrays, strict=True))
    return f"example {', '.join(map(str, index))}"


def _near_kink(
    loss: Loss,
    here: list[NDArray[Any]],
    above: list[NDArray[Any]],
    below: list[NDArray[Any]],
    reach: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Where a kink or a seam lies between two places."""
    if loss.declaration.kink_distance is not None:
        return loss.declaration.kink_distance(*here, **loss.parameters) <= reach
    kinks = loss.kinks + loss.seams
    near = np.zeros(reach.shape, dtype=bool)
    if not kinks:
        return near
    variable = {
        "residual": lambda y_true, y_pred: y_pred - y_true,
        "margin": lambda y_true, y_pred: y_true * y_pred,
    }.get(loss.declaration.variable, lambda *arguments: arguments[-1])
    ends = np.sort([variable(*above), variable(*below)], axis=0)
    for kink in kinks:
        near |= (ends[0] <= kink) & (kink <= ends[1])
    return near


def _check_function(
    function: Callable[[Any], float],
    gradient: Callable[[Any], Any],
    x: Any,
    step: float,
    tolerance: float,
) -> GradientCheck:
    named = isinstance(x, Mapping)
    given = x.items() if named else [("x", x)]
    parts = {k: finite_array(k, v).astype(np.float64) for k, v in given}

    def call(f: Callable[[Any], Any], values: dict[str, NDArray[Any]]) -> Any:
        return f(values if named else values["x"])

    slopes = call(gradient, {k: v.copy() for k, v in parts.items()})
    slopes = slopes if named else {"x": slopes}
    rows = []
    for name, part in parts.items():
        slope = real_array(f"gradient of {name}", slopes[name])
        if slope.shape != part.shape:
            raise ValueError(
                f"the gradient of {name} must have its shape {part.shape}: got {slope.shape}"
            )
        for i in np.ndindex(part.shape):
            h = step * max(1.0, abs(float(part[i])))
            numerical = floor = 0.0
            for offset, weight in _CENTRAL:
                moved = {k: v.copy() for k, v in parts.items()}
                moved[name][i] += offset * h
                value = float_number("what function returns", call(function, moved))
                numerical += weight * value / h
                floor = max(floor, np.finfo(float).eps * abs(value) / h)
            place = f"{name}[{', '.join(map(str, i))}]" if i else name
            rows.append((slope[i], numerical, floor, False, f"{place}={part[i]:.6g}"))
    return _verdict(rows, tolerance)


def _verdict(rows: list[tuple[Any, Any, Any, bool, str]], tolerance: float) -> GradientCheck:
    """Find the worst place; ``floor`` is the rounding error that a difference cannot avoid."""
    compared = [row for row in rows if not row[3]]
    if not compared:
        raise ValueError("there is no place to check: each one is at a kink, or none was given")

    def error(row: tuple[float, float, float, bool, str]) -> float:
        analytic, numerical, floor = (float(v) for v in row[:3])
        if not math.isfinite(analytic) or not math.isfinite(numerical):
            return math.inf
        size = max(abs(analytic), abs(numerical))
        excess = max(0.0, abs(analytic - numerical) - 10 * floor)
        return excess / size if size else 0.0

    worst = max(compared, key=error)
    return GradientCheck(
        passed=error(worst) <= tolerance,
        error=error(worst),
        where=worst[4],
        analytic=float(worst[0]),
        numerical=float(worst[1]),
        checked=len(compared),
        skipped=len(rows) - len(compared),
    )
