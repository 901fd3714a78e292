"""Cost and objective: what the losses of many examples are turned into.

- The *loss* is of one example (:mod:`lossbook.losses`).
- The *cost* aggregates the losses of a dataset, by their mean or their sum, and adds the penalties
  on the parameters (:class:`Cost`, :class:`L1`, :class:`L2`).
- The *objective* is any function of the parameters that an optimiser minimises or maximises
  (:class:`Objective`): a cost is one, a likelihood is another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.losses import Loss
from lossbook.losses._numerics import float64_sum

__all__ = ["L1", "L2", "Cost", "Objective", "Penalty"]

Parameters = Mapping[str, NDArray[Any]]


class Penalty(Protocol):
    """What a :class:`Cost` adds for the parameters: a number, with its gradient."""

    def __call__(self, parameters: Parameters) -> float:
        """Return the penalty."""

    def gradient(self, parameters: Parameters) -> dict[str, NDArray[Any]]:
        """Return its gradient, one array for each parameter."""


@dataclass(frozen=True)
class _NormPenalty:
    """A penalty on the size of the weights; biases (names that begin with "b") go free.

    A bias shifts every prediction alike and does not make the model more complex, so it is not
    held back.
    """

    strength: float

    def __post_init__(self) -> None:
        if isinstance(self.strength, str | bool) or np.ndim(self.strength):
            raise TypeError(f"strength must be a number: got {self.strength!r}")
        if not 0 <= float(self.strength) < math.inf:
            raise ValueError(f"strength must be in [0, ∞): got {self.strength!r}")

    def _of(self, w: NDArray[Any]) -> float:
        raise NotImplementedError

    def _slope(self, w: NDArray[Any]) -> NDArray[Any]:
        raise NotImplementedError

    def __call__(self, parameters: Parameters) -> float:
        """Return the penalty of the weights among ``parameters``."""
        return self.strength * sum(
            self._of(np.asarray(w)) for name, w in parameters.items() if not name.startswith("b")
        )

    def gradient(self, parameters: Parameters) -> dict[str, NDArray[Any]]:
        """Return the gradient, one array for each parameter; zeros for biases."""
        return {
            name: np.zeros_like(w) if name.startswith("b") else self.strength * self._slope(w)
            for name, w in parameters.items()
        }


class L1(_NormPenalty):
    r"""The penalty :math:`\lambda \sum |w|` ("lasso"): it drives weights to exactly zero.

    At ``w = 0`` its gradient is the subgradient 0. Biases (parameters whose name begins with "b")
    are not penalised.

    Parameters
    ----------
    strength : float
        λ, in [0, ∞).

    Raises
    ------
    ValueError, TypeError
        `strength` is negative, not finite or no number.

    References
    ----------
    R. Tibshirani (1996), "Regression shrinkage and selection via the lasso".

    Examples
    --------
    >>> L1(0.5)({"w": np.array([3.0, -4.0]), "b": np.array(10.0)})
    3.5
    """

    def _of(self, w: NDArray[Any]) -> float:
        return float(np.sum(np.abs(w)))

    def _slope(self, w: NDArray[Any]) -> NDArray[Any]:
        return np.sign(w)


class L2(_NormPenalty):
    r"""The penalty :math:`\lambda \sum w^2` ("ridge"): it shrinks all weights towards zero.

    There is no ½, as in Keras's ``L2`` and scikit-learn's ``Ridge``; ``weight_decay`` in PyTorch is
    twice this λ. Biases (parameters whose name begins with "b") are not penalised.

    Parameters
    ----------
    strength : float
        λ, in [0, ∞).

    Raises
    ------
    ValueError, TypeError
        `strength` is negative, not finite or no number.

    References
    ----------
    A. E. Hoerl and R. W. Kennard (1970), "Ridge regression: biased estimation for nonorthogonal
    problems".

    Examples
    --------
    >>> L2(0.5)({"w": np.array([3.0, -4.0]), "b": np.array(10.0)})
    12.5
    >>> L2(0.5).gradient({"w": np.array([3.0, -4.0]), "b": np.array(10.0)})
    {'w': array([ 3., -4.]), 'b': array(0.)}
    """

    def _of(self, w: NDArray[Any]) -> float:
        return float(np.sum(w * w))

    def _slope(self, w: NDArray[Any]) -> NDArray[Any]:
        return 2 * w


class Cost:
    r"""The losses of a dataset as one number, plus penalties on the parameters.

    .. math:: J = \frac{\sum_i s_i\,\ell(y_i, \hat y_i)}{\sum_i s_i} + \sum_k \Omega_k(\theta)

    with sample weights :math:`s_i`, all 1 unless given. With ``reduction="sum"`` there is no
    denominator.

    Parameters
    ----------
    loss : Loss
        The loss of one example; bind its parameters first: ``Cost(huber.bind(delta=2))``.
    reduction : {"mean", "sum"}
        How losses become one number.
    penalties : iterable of Penalty
        Terms for the parameters, such as :class:`L2`; they are added once, not averaged.

    Raises
    ------
    ValueError, TypeError
        `loss` is no Loss, `reduction` is unknown or `penalties` are no list. A call raises by the
        rules of the loss, and where weights are negative, all zero or of another shape.

    Notes
    -----
    The weighted mean divides by the *sum of the weights*, so that a weight of 2 is the same as the
    example being there twice. scikit-learn's metrics and ``torch.nn.CrossEntropyLoss`` (class
    weights) do so too. Keras by default (``"sum_over_batch_size"``) and
    ``torch.nn.BCEWithLogitsLoss`` (element weights) divide by the *number* of examples instead;
    Keras's ``reduction="mean_with_sample_weight"`` divides by the sum of the weights.

    Examples
    --------
    >>> from lossbook import squared_error
    >>> cost = Cost(squared_error, penalties=[L2(0.1)])
    >>> cost([1.0, 2.0], [1.0, 4.0], parameters={"w": np.array([2.0])})
    2.4
    >>> cost.gradient([1.0, 2.0], [1.0, 4.0])
    array([0., 2.])
    >>> Cost(squared_error)([1.0, 2.0], [1.0, 4.0], sample_weight=[3, 1])
    1.0
    """

    def __init__(
        self, loss: Loss, reduction: str = "mean", penalties: Iterable[Penalty] = ()
    ) -> None:
        if not isinstance(loss, Loss):
            raise TypeError(f"loss must be a Loss, such as squared_error: got {loss!r}")
        if reduction not in ("mean", "sum"):
            raise ValueError(f'reduction must be "mean" or "sum": got {reduction!r}')
        if callable(penalties):
            raise TypeError(f"penalties must be a list of penalties: got {penalties!r}")
        self.loss = loss
        self.reduction = reduction
        self.penalties = tuple(penalties)

    def __repr__(self) -> str:
        return f"Cost({self.loss!r}, {self.reduction!r}, {self.penalties!r})"

    def __call__(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        parameters: Parameters | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the cost.

        Parameters
        ----------
        y_true, y_pred : array_like
            What the loss takes, at least one example; for a loss of several predictions ``y_pred``
            is a tuple of them.
        parameters : mapping of str to ndarray, optional
            The parameters that the penalties are of. Needed if there are penalties.
        sample_weight : array_like, optional
            One non-negative weight per example.

        Returns
        -------
        float
        """
        predictions = self._predictions(y_pred)
        if sample_weight is None:
            cost = self._plain(*self.loss._total(y_true, *predictions))
        else:
            cost = self._weighted(self.loss(y_true, *predictions), sample_weight)
        return cost + self.penalty(parameters)

    def gradient(
        self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None
    ) -> Any:
        """Return the derivative of the cost with respect to each prediction.

        It has the shape of ``y_pred``. Penalties do not depend on the predictions: their gradient
        is :meth:`penalty_gradient`.
        """
        losses, gradients = self.loss.value_and_gradient(y_true, *self._predictions(y_pred))
        return self._scaled(gradients, np.shape(losses), sample_weight)

    def value_and_gradient(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        parameters: Parameters | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> tuple[float, Any]:
        """Return the cost and its derivative with respect to each prediction."""
        losses, gradients = self.loss.value_and_gradient(y_true, *self._predictions(y_pred))
        if sample_weight is None:
            cost = self._plain(float64_sum(np.asarray(losses)), np.shape(losses))
        else:
            cost = self._weighted(losses, sample_weight)
        cost += self.penalty(parameters)
        return cost, self._scaled(gradients, np.shape(losses), sample_weight)

    def penalty(self, parameters: Parameters | None) -> float:
        """Return the sum of the penalties; 0 without penalties."""
        if not self.penalties:
            return 0.0
        if parameters is None:
            raise ValueError("parameters must be given: the cost has penalties on them")
        return float(sum(penalty(parameters) for penalty in self.penalties))

    def penalty_gradient(self, parameters: Parameters) -> dict[str, NDArray[Any]]:
        """Return the gradient of the sum of the penalties, one array for each parameter."""
        total = {name: np.zeros_like(p, dtype=np.float64) for name, p in parameters.items()}
        for penalty in self.penalties:
            for name, g in penalty.gradient(parameters).items():
                total[name] = total[name] + g
        return total

    def optimal_constant(self, y_true: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the best constant prediction: the one number with the lowest cost.

        It says what a loss estimates: the mean, the median, a quantile. Where a whole interval is
        best, as for the median of an even number of targets, the answer is its middle. Penalties do
        not count.

        Parameters
        ----------
        y_true : array_like of shape (n,)
            Targets of a regression loss.
        sample_weight : array_like of shape (n,), optional
            One non-negative weight per example.

        Returns
        -------
        float

        Raises
        ------
        ValueError, TypeError
            The loss is none of regression, or `y_true` has another shape.

        Examples
        --------
        >>> from lossbook import absolute_error, pinball, squared_error
        >>> y = [1.0, 2.0, 3.0, 10.0]
        >>> [Cost(each).optimal_constant(y) for each in (squared_error, absolute_error)]
        [4.0, 2.5]
        >>> Cost(pinball.bind(quantile=0.9)).optimal_constant(y)
        10.0
        """
        if self.loss.declaration.task != "regression":
            raise TypeError(f"optimal_constant is for regression losses: got {self.loss.name}")
        y = np.asarray(y_true, dtype=np.float64)
        if y.ndim != 1:
            raise ValueError(f"y_true must have shape (n,): got {y.shape}")
        weights = np.broadcast_to(self._factors(y.shape, sample_weight), y.shape)
        y, weights = y[weights > 0], weights[weights > 0]

        def slope(constant: float) -> float:
            """Return the derivative of the cost, 0 where it is nothing but rounding errors."""
            pulls = weights * self.loss.gradient(y, np.full(y.shape, constant))
            total = math.fsum(pulls)
            return total if abs(total) > 1e-14 * math.fsum(np.abs(pulls)) else 0.0

        def cost(constant: float) -> float:
            return math.fsum(weights * self.loss(y, np.full(y.shape, constant)))

        low, high = float(y.min()), float(y.max())
        if not self.loss.convex:
            # Several valleys: look at many places, then follow the slope in the deepest.
            places = np.unique(np.concatenate([y[:1000], np.linspace(low, high, 1001)]))
            best = int(np.argmin([cost(place) for place in places]))
            low, high = places[max(best - 1, 0)], places[min(best + 1, len(places) - 1)]
        # The slope is negative below the best constants and positive above them.
        first = _bisect(lambda constant: slope(constant) >= 0, low, high)
        last = _bisect(lambda constant: slope(constant) > 0, low, high)
        best = first + (last - first) / 2
        # Where the slope jumps it is negative, then positive and nowhere 0: that is at a target.
        nearest = y[np.argmin(np.abs(y - best))]
        return float(nearest if abs(nearest - best) <= 2 * np.spacing(abs(best)) else best)

    def _predictions(self, y_pred: Any) -> tuple[ArrayLike, ...]:
        if len(self.loss.predictions) == 1:
            return (y_pred,)
        if not isinstance(y_pred, tuple) or len(y_pred) != len(self.loss.predictions):
            raise TypeError(
                f"y_pred must be a tuple ({', '.join(self.loss.predictions)}) for {self.loss.name}"
            )
        return y_pred

    def _scaled(
        self, gradients: Any, shape: tuple[int, ...], sample_weight: ArrayLike | None
    ) -> Any:
        """Multiply each example's gradient by its factor in the cost."""
        factors = self._factors(shape, sample_weight)
        several = isinstance(gradients, tuple)
        scaled = []
        for g in gradients if several else (gradients,):
            g = np.asarray(g)
            factor = factors.reshape(factors.shape + (1,) * (g.ndim - factors.ndim))
            scaled.append((factor * g).astype(g.dtype, copy=False)[()])
        return tuple(scaled) if several else scaled[0]

    def _factors(
        self, shape: tuple[int, ...], sample_weight: ArrayLike | None
    ) -> NDArray[np.float64]:
        """Return each example's factor in the cost, weight over denominator; one if all are one."""
        if sample_weight is None:
            return np.array(self._plain(1.0, shape))
        weights = self._weights(shape, sample_weight)
        return weights if self.reduction == "sum" else weights / weights.sum()

    def _weights(self, shape: tuple[int, ...], sample_weight: ArrayLike) -> NDArray[np.float64]:
        """Return the weights, checked."""
        if 0 in shape:
            raise ValueError(_NO_EXAMPLE)
        weights = np.asarray(sample_weight)
        if weights.dtype.kind not in "biuf":
            raise TypeError(f"sample_weight must hold real numbers: got {weights.dtype}")
        weights = weights.astype(np.float64)
        if weights.shape != shape:
            raise ValueError(
                f"sample_weight must have one weight per example, shape {shape}: "
                f"got shape {weights.shape}"
            )
        bad = ~((weights >= 0) & (weights < np.inf))
        if bad.any():
            raise ValueError(
                f"sample_weight must be finite and not negative: got {weights[bad].flat[0]}"
            )
        if self.reduction == "mean" and not weights.any():
            raise ValueError("sample_weight must not be all zero: the mean would have no meaning")
        return weights

    def _plain(self, total: float, shape: tuple[int, ...]) -> float:
        """Return the cost of losses with this sum, each counted once."""
        if 0 in shape:
            raise ValueError(_NO_EXAMPLE)
        return total / math.prod(shape) if self.reduction == "mean" else total

    def _weighted(self, losses: Any, sample_weight: ArrayLike) -> float:
        weights = self._weights(np.shape(losses), sample_weight)
        if self.reduction == "mean":
            return float(np.average(losses, weights=weights))
        return float(np.sum(weights * losses))


_NO_EXAMPLE = "a cost needs at least one example: got none"


@dataclass(frozen=True)
class Objective:
    """A function of the parameters that an optimiser minimises or maximises.

    Parameters
    ----------
    function : callable
        ``function(parameters)`` returns a number.
    derivative : callable, optional
        ``derivative(parameters)`` returns its gradient, in the form of the parameters.
    direction : {"minimize", "maximize"}
        Which way is better.

    Raises
    ------
    ValueError, TypeError
        `function` is not callable or `direction` is unknown.

    Examples
    --------
    The log-likelihood of a coin that fell heads 7 times out of 10 is maximised; its negative, the
    cost, is minimised. They are one problem:

    >>> likelihood = Objective(lambda p: 7 * np.log(p) + 3 * np.log(1 - p), direction="maximize")
    >>> likelihood.better(0.7, 0.6)
    True
    >>> likelihood.negated().direction, likelihood.negated().better(0.7, 0.6)
    ('minimize', True)
    """

    function: Callable[[Any], float]
    derivative: Callable[[Any], Any] | None = None
    direction: str = "minimize"

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise TypeError(f"function must be callable: got {self.function!r}")
        if self.direction not in ("minimize", "maximize"):
            raise ValueError(f'direction must be "minimize" or "maximize": got {self.direction!r}')

    def __call__(self, parameters: Any) -> float:
        """Return the value at these parameters."""
        return float(self.function(parameters))

    def gradient(self, parameters: Any) -> Any:
        """Return the gradient at these parameters."""
        if self.derivative is None:
            raise NotImplementedError("this objective was made without a derivative")
        return self.derivative(parameters)

    def better(self, first: Any, second: Any) -> bool:
        """Whether ``first`` is better than ``second``: lower, or higher when maximising."""
        difference = self(first) - self(second)
        return bool(difference < 0 if self.direction == "minimize" else difference > 0)

    def negated(self) -> Objective:
        """Return the same problem with the other sign and the other direction."""
        negative = None
        if self.derivative is not None:
            derivative = self.derivative

            def negative(parameters: Any) -> Any:
                g = derivative(parameters)
                return {k: -v for k, v in g.items()} if isinstance(g, Mapping) else -np.asarray(g)

        other = "maximize" if self.direction == "minimize" else "minimize"
        return Objective(lambda parameters: -self.function(parameters), negative, other)

    @classmethod
    def from_cost(
        cls,
        model: Any,
        X: ArrayLike,
        y: ArrayLike,
        cost: Cost,
        sample_weight: ArrayLike | None = None,
    ) -> Objective:
        """Return the cost of a model on data as a function of the model's parameters.

        The model keeps its own parameters: it is a copy that tries the others.

        Examples
        --------
        >>> from lossbook import Linear, squared_error
        >>> X, y = [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]
        >>> J = Objective.from_cost(Linear(1), X, y, Cost(squared_error))
        >>> J({"w": np.array([2.0]), "b": np.array(1.0)})
        0.0
        >>> J.gradient({"w": np.array([2.0]), "b": np.array(0.0)})
        {'w': array([-2.]), 'b': array(-2.)}
        """

        def function(parameters: Parameters) -> float:
            trial = model.with_parameters(parameters)
            return cost(y, trial.forward(X), trial.parameters, sample_weight)

        def derivative(parameters: Parameters) -> dict[str, NDArray[Any]]:
            trial = model.with_parameters(parameters)
            slope = cost.gradient(y, trial.forward(X), sample_weight)
            penalty = cost.penalty_gradient(trial.parameters)
            return {k: np.asarray(g + penalty[k]) for k, g in trial.backward(X, slope).items()}

        return cls(function, derivative)


def _bisect(condition: Callable[[float], bool], low: float, high: float) -> float:
    """Return where a condition becomes true between two numbers, to the last bit."""
    while low < (middle := low + (high - low) / 2) < high:
        if condition(middle):
            high = middle
        else:
            low = middle
    return low if condition(low) else high
