"""Cost and objective: what the losses of many examples are turned into.

- The *loss* is of one example (:mod:`lossbook.losses`).
- The *cost* aggregates the losses of a dataset, by their mean or their sum, and adds the penalties
  on the parameters (:class:`Cost`, :class:`L1`, :class:`L2`).
- The *objective* is any function of the parameters that an optimiser minimises or maximises
  (:class:`Objective`): a cost is one, a likelihood is another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.activations import class_labels, label_weights, numbers_of
from lossbook.losses import Loss
from lossbook.losses.domains import (
    NON_NEGATIVE,
    Labels,
    check_labels,
    finite_array,
    float_number,
    label_array,
    named_arrays,
    one_of,
    real_array,
)
from lossbook.losses.numerics import float64_sum

__all__ = ["L1", "L2", "Cost", "Objective", "Penalty"]

Parameters = Mapping[str, NDArray[Any]]


class Penalty(Protocol):
    """What a :class:`Cost` adds for the parameters: a number, with its gradient."""

    def __call__(self, parameters: Parameters) -> float:
        """Return the penalty."""
        ...

    def gradient(self, parameters: Parameters) -> dict[str, NDArray[Any]]:
        """Return its gradient, one array for each parameter."""
        ...


@dataclass(frozen=True)
class _NormPenalty:
    """A penalty on the size of the weights; biases go free.

    A bias shifts every prediction alike and does not make the model more complex, so it is not
    held back.
    """

    strength: float

    def __post_init__(self) -> None:
        NON_NEGATIVE.parameter("strength", self.strength)

    def _of(self, w: NDArray[Any]) -> NDArray[Any]:
        raise NotImplementedError

    def _slope(self, w: NDArray[Any]) -> NDArray[Any]:
        raise NotImplementedError

    @np.errstate(over="ignore")
    def __call__(self, parameters: Parameters) -> float:
        """Return the penalty of the weights among ``parameters``."""
        weights = named_arrays("parameters", parameters)
        return float(sum(np.sum(self._of(w)) for name, w in weights.items() if not _is_bias(name)))

    @np.errstate(over="ignore")
    def gradient(self, parameters: Parameters) -> dict[str, NDArray[Any]]:
        """Return the gradient, one array for each parameter; zeros for biases."""
        return {
            name: np.asarray(np.zeros_like(w) if _is_bias(name) else self._slope(w))
            for name, w in named_arrays("parameters", parameters).items()
        }


def _is_bias(name: str) -> bool:
    return "bias" in name.lower() or (name[:1] == "b" and (name[1:].isdigit() or name == "b"))


class L1(_NormPenalty):
    r"""The penalty :math:`\lambda \sum |w|` ("lasso"): it drives weights to exactly zero.

    At ``w = 0`` its gradient is the subgradient 0. Biases are not penalised: parameters named "b",
    "b1", "b2", ..., or with "bias" in their name. Every other one is, also one named "beta".

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

    def _of(self, w: NDArray[Any]) -> NDArray[Any]:
        return float(self.strength) * np.abs(w)

    def _slope(self, w: NDArray[Any]) -> NDArray[Any]:
        return float(self.strength) * np.sign(w)


class L2(_NormPenalty):
    r"""The penalty :math:`\lambda \sum w^2` ("ridge"): it pulls all weights towards zero.

    There is no ½, as in Keras's ``L2`` and scikit-learn's ``Ridge``; ``weight_decay`` in PyTorch is
    twice this λ. Biases are not penalised: parameters named "b", "b1", "b2", ..., or with "bias" in
    their name. Every other one is, also one named "beta".

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

    def _of(self, w: NDArray[Any]) -> NDArray[Any]:
        return float(self.strength) * w * w

    def _slope(self, w: NDArray[Any]) -> NDArray[Any]:
        return float(self.strength) * w * 2


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
    classes : sequence of labels, optional
        The labels that targets may be, of any type: the first stands for class 0 (or for the lower
        label of a loss of two classes), the second for class 1, ... Targets are the losses' own
        class numbers or labels unless given.
    class_weight : mapping of label to float, or "balanced", optional
        What the weight of an example is multiplied by, by its target. ``"balanced"`` is n / (k c)
        for a class that c of the n examples are of, with k classes.
    ignore : label, optional
        Targets that are not there, such as -100 for padding: see below.

    Raises
    ------
    ValueError, TypeError
        `loss` is not a Loss, `reduction` is unknown, `penalties` are not a list, or `classes` or
        `class_weight` cannot be used. A call raises by the rules of the loss, where weights are
        negative, all zero or of another shape, and where a target is none of the classes.

    Notes
    -----
    An example of weight 0 is not there: neither is one that ``mask`` leaves out, or one whose
    target is ``ignore``. Its target may be missing and its loss infinite; its gradient is 0, and
    the mean is over those that count.

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

    Targets that are missing, and labels with weights:

    >>> Cost(squared_error)([1.0, np.nan], [2.0, 4.0], mask=[True, False])
    1.0
    >>> from lossbook import brier
    >>> cost = Cost(brier, classes=["ham", "spam"], class_weight={"ham": 1, "spam": 3})
    >>> cost(["ham", "spam"], [0.0, 0.5])
    0.1875
    """

    def __init__(
        self,
        loss: Loss,
        reduction: str = "mean",
        penalties: Iterable[Penalty] = (),
        *,
        classes: Sequence[Any] | None = None,
        class_weight: Mapping[Any, float] | str | None = None,
        ignore: Any = None,
    ) -> None:
        if not isinstance(loss, Loss):
            raise TypeError(f"loss must be a Loss, such as squared_error: got {loss!r}")
        one_of("reduction", reduction, "mean", "sum")
        if not isinstance(penalties, Iterable) or callable(penalties):
            raise TypeError(f"penalties must be a list of penalties: got {penalties!r}")
        self.loss: Loss = loss
        self.reduction: str = reduction
        self.penalties: tuple[Penalty, ...] = tuple(penalties)
        for each in self.penalties:
            if not callable(each) or not hasattr(each, "gradient"):
                raise TypeError(f"penalties must be penalties, such as L2(0.1): got {each!r}")
        self.classes: tuple[Any, ...] | None = (
            None if classes is None else tuple(class_labels("classes", classes))
        )
        self.class_weight: Any = _checked_weights(class_weight, self.classes)
        if np.ndim(np.asarray(ignore, dtype=object)):
            raise TypeError(f"ignore must be one label: got {ignore!r}")
        self.ignore: Any = ignore
        #: What tools call it that take it for a function.
        self.__name__: str = f"{reduction}_{loss.name}"

    def __repr__(self) -> str:
        options = {k: getattr(self, k) for k in ("classes", "class_weight", "ignore")}
        told = "".join(f", {k}={v!r}" for k, v in options.items() if v is not None)
        return f"Cost({self.loss!r}, {self.reduction!r}, {self.penalties!r}{told})"

    def __call__(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        parameters: Parameters | None = None,
        sample_weight: ArrayLike | None = None,
        mask: ArrayLike | None = None,
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
        mask : array_like of bool, optional
            Whether an example counts, for each; all do unless given.

        Returns
        -------
        float
        """
        examples = self._examples(y_true, y_pred, sample_weight, mask)
        if examples.weights is None:
            total, shape = self.loss.total(*examples.arguments)
            if math.isfinite(total):
                return self._mean(total, shape) + self.penalty(parameters)
        return self._value(examples, examples.losses()[0]) + self.penalty(parameters)

    def gradient(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        sample_weight: ArrayLike | None = None,
        mask: ArrayLike | None = None,
    ) -> Any:
        """Return the derivative of the cost with respect to each prediction.

        It has the shape of ``y_pred``. Penalties do not depend on the predictions: their gradient
        is :meth:`penalty_gradient`.
        """
        examples = self._examples(y_true, y_pred, sample_weight, mask)
        return self._gradient(examples, *examples.losses(gradient=True))

    def value_and_gradient(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        parameters: Parameters | None = None,
        sample_weight: ArrayLike | None = None,
        mask: ArrayLike | None = None,
    ) -> tuple[float, Any]:
        """Return the cost and its derivative with respect to each prediction."""
        examples = self._examples(y_true, y_pred, sample_weight, mask)
        losses, *gradients = examples.losses(gradient=True)
        cost = self._value(examples, losses) + self.penalty(parameters)
        return cost, self._gradient(examples, losses, *gradients)

    def weights(
        self,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        sample_weight: ArrayLike | None = None,
        mask: ArrayLike | None = None,
    ) -> NDArray[np.float64] | None:
        """Return what each example counts, 0 where it does not; None where all count once.

        >>> from lossbook import brier
        >>> cost = Cost(brier, class_weight="balanced", ignore=-100)
        >>> cost.weights([1, 0, 0, 0, -100], [0.5, 0.5, 0.5, 0.5, 0.5]).round(4)
        array([2.    , 0.6667, 0.6667, 0.6667, 0.    ])
        """
        return self._examples(y_true, y_pred, sample_weight, mask).weights

    def without_weights(self) -> Cost:
        """Return the same cost without `class_weight` and `ignore`: :meth:`weights` has them."""
        return Cost(self.loss, self.reduction, self.penalties, classes=self.classes)

    def penalty(self, parameters: Parameters | None) -> float:
        """Return the sum of the penalties; 0 without penalties."""
        if not self.penalties:
            return 0.0
        if parameters is None:
            raise ValueError("parameters must be given: the cost has penalties on them")
        return float(sum(penalty(parameters) for penalty in self.penalties))

    def penalty_gradient(self, parameters: Parameters) -> dict[str, NDArray[Any]]:
        """Return the gradient of the sum of the penalties, one array for each parameter."""
        arrays = named_arrays("parameters", parameters)
        total = {name: np.zeros(p.shape) for name, p in arrays.items()}
        for penalty in self.penalties:
            for name, g in penalty.gradient(parameters).items():
                total[name] = total[name] + g
        return total

    @np.errstate(over="ignore", invalid="ignore")
    def optimal_constant(
        self,
        y_true: ArrayLike,
        sample_weight: ArrayLike | None = None,
        mask: ArrayLike | None = None,
    ) -> float:
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
        mask : array_like of bool, shape (n,), optional
            Whether an example counts, for each.

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
        if self.loss.declaration.task not in ("", "regression") or len(self.loss.arguments) != 2:
            raise TypeError(f"optimal_constant is for regression losses: got {self.loss.name}")
        real_array("y_true", y_true)
        examples = self._examples(y_true, y_true, sample_weight, mask)
        y = np.asarray(examples.arguments[0], dtype=np.float64)
        if y.ndim != 1:
            raise ValueError(f"y_true must have shape (n,): got {y.shape}")
        if not y.size:
            raise ValueError(_NO_EXAMPLE)
        weights = np.ones(y.shape)
        if examples.weights is not None:
            y, weights = y[examples.counts], examples.shares()
        y = finite_array("y_true", y)

        domain = self.loss.domains[self.loss.predictions[0]]

        def allowed(constant: float) -> bool:  # a target may be where no prediction is
            return domain.contains(np.array([constant]))

        def slope(constant: float) -> float:
            """Return the derivative of the cost, 0 where it is nothing but rounding errors."""
            if not allowed(constant):
                return -1.0
            pulls = weights * self.loss.gradient(y, np.full(y.shape, constant))
            total = _exact_sum(pulls)
            return total if abs(total) > 1e-14 * _exact_sum(np.abs(pulls)) else 0.0

        def cost(constant: float) -> float:
            if not allowed(constant):
                return math.inf
            return _exact_sum(weights * self.loss(y, np.full(y.shape, constant)))

        places = np.array([y.min(), y.max()])
        if not self.loss.convex:  # there may be several valleys: look at many places
            places = np.unique(np.concatenate([y[:1000], np.linspace(*places, 1001)]))
        first, last = lowest_constants(places, np.array([cost(p) for p in places]), slope)
        best = first + (last - first) / 2
        # Where the slope jumps it is negative, then positive and nowhere 0: that is at a target.
        nearest = y[np.argmin(np.abs(y - best))]
        return float(nearest if abs(nearest - best) <= 2 * np.spacing(abs(best)) else best)

    def _examples(self, y_true: Any, y_pred: Any, sample_weight: Any, mask: Any) -> _Examples:
        """Return the arguments of the loss, and what each example counts."""
        names = (next(iter(self.loss.arguments)), *self.loss.predictions)
        predictions = (y_pred,) if len(names) == 2 else y_pred
        if not isinstance(predictions, tuple) or len(predictions) != len(names) - 1:
            raise TypeError(f"y_pred must be a tuple ({', '.join(names[1:])}) for {self.loss.name}")
        plain = self.classes is None and self.class_weight is None and self.ignore is None
        if plain and sample_weight is None and mask is None:
            return _Examples(self.loss, (y_true, *predictions))
        check_labels((*names, "sample_weight", "mask"), (y_true, *predictions, sample_weight, mask))
        first = real_array(names[1], predictions[0])
        shape = first.shape[: first.ndim - self.loss.domains[names[1]].row]
        weights = np.ones(shape)
        if sample_weight is not None:
            weights = _weights(sample_weight, shape)
        if mask is not None:
            weights = np.where(_mask(mask, shape), weights, 0.0)
        if not plain:
            labels = label_array("y_true", y_true)
            if labels.shape != shape:
                raise ValueError(
                    f"y_true must hold one label per example, shape {shape}: "
                    f"got shape {labels.shape}"
                )
            if self.ignore is not None:
                weights = np.where(labels == self.ignore, 0.0, weights)
            y_true, weights = self._labelled(labels, weights)
        if (weights == 1).all():
            return _Examples(self.loss, (y_true, *predictions))
        return _Examples(self.loss, (y_true, *predictions), weights)

    def _labelled(
        self, labels: NDArray[Any], weights: NDArray[np.float64]
    ) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """Return the targets that labels stand for, and weights with those of the classes."""
        counts = weights > 0
        targets = labels
        if self.classes is not None:
            domain = next(iter(self.loss.domains.values()))
            values = np.array(domain.values if isinstance(domain, Labels) else ())
            numbers = numbers_of("y_true", labels[counts], self.classes)
            if len(values) and len(values) != len(self.classes):
                raise ValueError(
                    f"classes must be {len(values)} labels for {self.loss.name}: "
                    f"got {len(self.classes)}"
                )
            targets = np.zeros(labels.shape, dtype=values.dtype if len(values) else np.intp)
            targets[counts] = values[numbers] if len(values) else numbers
        if self.class_weight is not None:
            weights = weights.copy()
            weights[counts] *= label_weights(labels[counts], self.class_weight)
        return targets, weights

    @np.errstate(over="ignore", under="ignore", invalid="ignore")
    def _value(self, examples: _Examples, losses: NDArray[Any]) -> float:
        """Return the cost of losses, without penalties."""
        if examples.weights is not None:
            mean = self.reduction == "mean"
            total = losses * (examples.shares() if mean else examples.kept_weights)
            cost = float(np.add.reduce(total))
        else:
            cost = self._mean(float64_sum(np.asarray(losses)), np.shape(losses))
            if math.isinf(cost) and self.reduction == "mean":  # as the mean need not be
                cost = float64_sum(np.asarray(losses / np.float64(np.size(losses))))
        return math.inf if math.isnan(cost) else cost  # infinite likelihoods of both signs

    def _mean(self, total: float, shape: tuple[int, ...]) -> float:
        """Return the cost of losses with this sum, each counted once."""
        if 0 in shape:
            raise ValueError(_NO_EXAMPLE)
        return total / math.prod(shape) if self.reduction == "mean" else total

    @np.errstate(over="ignore", under="ignore", invalid="ignore")
    def _gradient(self, examples: _Examples, losses: NDArray[Any], *gradients: Any) -> Any:
        """Multiply each example's gradient by its factor in the cost."""
        shape = np.shape(losses)
        if examples.weights is None:
            factors: Any = self._mean(1.0, shape)
        else:
            factors = examples.shares() if self.reduction == "mean" else examples.kept_weights
        scaled = []
        for g in map(np.asarray, gradients):
            factor = factors if np.ndim(factors) == 0 else factors[(..., *[None] * (g.ndim - 1))]
            g = (factor * g).astype(g.dtype, copy=False)
            scaled.append(examples.spread(g)[()])
        return scaled[0] if len(scaled) == 1 else tuple(scaled)


class _Examples:
    """The arguments of a loss for a dataset, and what each example counts."""

    def __init__(
        self, loss: Loss, arguments: tuple[Any, ...], weights: NDArray[np.float64] | None = None
    ) -> None:
        self.loss = loss
        self.arguments = arguments
        self.weights = weights
        if weights is not None:
            if not weights.size:
                raise ValueError(_NO_EXAMPLE)
            self.counts = weights > 0
            self.kept_weights = weights[self.counts]

    def losses(self, *, gradient: bool = False) -> tuple[Any, ...]:
        """Return the losses of those that count, and the gradients."""
        where = None if self.weights is None else self.counts
        return self.loss.evaluate(*self.arguments, where=where, gradient=gradient)

    def shares(self) -> NDArray[np.float64]:
        """Return the weights of those that count, divided by their sum."""
        if not self.kept_weights.size:
            raise ValueError("sample_weight must not be all zero: the mean would have no meaning")
        weights = self.kept_weights
        with np.errstate(over="ignore", under="ignore"):
            total = weights.sum()
            if not 1e-290 < total < math.inf:  # a size whose sum and quotients are exact
                weights = weights / weights.max()
                total = weights.sum()
            # What counts at all counts something: an infinite loss is not 0 times infinity.
            return np.maximum(weights / total, np.nextafter(0.0, 1.0))

    def spread(self, g: NDArray[Any]) -> NDArray[Any]:
        """Return gradients of those that count at their places, with 0 at the others."""
        if self.weights is None:
            return g
        whole = np.zeros((*self.counts.shape, *g.shape[1:]), g.dtype)
        whole[self.counts] = g
        return whole


def _exact_sum(x: NDArray[Any]) -> float:
    """Return the sum of numbers, of which none counts more than 1e300."""
    return math.fsum(np.clip(x, -1e300, 1e300))


_NO_EXAMPLE = "a cost needs at least one example: got none"


def _weights(sample_weight: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return weights, checked."""
    weights = real_array("sample_weight", sample_weight).astype(np.float64)
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
    return weights


def _mask(mask: Any, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = real_array("mask", mask)
    if mask.dtype.kind != "b":
        raise TypeError(f"mask must hold booleans, True where an example counts: got {mask.dtype}")
    if mask.shape != shape:
        raise ValueError(
            f"mask must have one entry per example, shape {shape}: got shape {mask.shape}"
        )
    return mask


def _checked_weights(given: Any, classes: tuple[Any, ...] | None) -> Any:
    """Return the weights of the classes as a cost keeps them."""
    if given is None or (isinstance(given, str) and given == "balanced"):
        return given
    if not isinstance(given, Mapping):
        raise TypeError(
            f'class_weight must be a mapping of labels to weights, or "balanced": got {given!r}'
        )
    for label, weight in given.items():
        NON_NEGATIVE.parameter(f"class_weight[{label!r}]", weight)
        if classes is not None and label not in classes:
            raise ValueError(f"class_weight must be for the classes {list(classes)}: got {label!r}")
    return dict(given)


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
        one_of("direction", self.direction, "minimize", "maximize")

    def __call__(self, parameters: Any) -> float:
        """Return the value at these parameters."""
        return float_number("what function returns", self.function(parameters))

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
        negative: Callable[[Any], Any] | None = None
        if self.derivative is not None:
            derivative = self.derivative

            def negated(parameters: Any) -> Any:
                g = derivative(parameters)
                return {k: -v for k, v in g.items()} if isinstance(g, Mapping) else -np.asarray(g)

            negative = negated

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
        mask: ArrayLike | None = None,
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
        labelled = (X, y, sample_weight, mask)
        check_labels(("X", "y", "sample_weight", "mask"), labelled, ("index",))

        def function(parameters: Parameters) -> float:
            trial = model.with_parameters(parameters)
            return cost(y, trial.forward(X), trial.parameters, sample_weight, mask)

        def derivative(parameters: Parameters) -> dict[str, NDArray[Any]]:
            trial = model.with_parameters(parameters)
            slope = cost.gradient(y, trial.forward(X), sample_weight, mask)
            penalty = cost.penalty_gradient(trial.parameters)
            return {k: np.asarray(g + penalty[k]) for k, g in trial.backward(X, slope).items()}

        return cls(function, derivative)


def lowest_constants(
    places: NDArray[Any], costs: NDArray[Any], slope: Callable[[float], float]
) -> tuple[float, float]:
    """Return the first and the last of the constants with the lowest cost.

    Parameters
    ----------
    places : ndarray
        Constants in rising order: the ends of where to look, and, if there may be several valleys,
        at least one place in each.
    costs : ndarray
        The cost of each.
    slope : callable
        Of a constant: below 0 where the cost falls, 0 where it stays, above 0 where it grows.

    Examples
    --------
    >>> places = np.array([-3.0, 3.0])
    >>> ends = lowest_constants(places, np.abs(places), lambda c: np.trunc(c))
    >>> [round(end, 9) for end in ends]
    [-1.0, 1.0]
    """
    lowest = int(np.argmin(costs))
    worse = np.flatnonzero(costs > costs[lowest] + 1e-12 * (1 + abs(costs[lowest])))
    after = int(np.searchsorted(worse, lowest))
    low = float(places[worse[after - 1]] if after else places[0])
    high = float(places[worse[after]] if after < len(worse) else places[-1])
    # The slope is negative below the best constants and positive above them.
    first = _bisect(lambda constant: slope(constant) >= 0, low, high)
    return first, _bisect(lambda constant: slope(constant) > 0, low, high)


def _bisect(condition: Callable[[float], bool], low: float, high: float) -> float:
    """Return where a condition becomes true between two numbers, to the last bit."""
    while low < (middle := low + (high - low) / 2) < high:
        if condition(middle):
            high = middle
        else:
            low = middle
    return low if condition(low) else high
