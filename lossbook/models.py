"""Models: a forward pass, and a backward pass written by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.losses.domains import (
    NON_NEGATIVE,
    finite_array,
    one_of,
    random_generator,
    whole_number,
)
from lossbook.losses.numerics import product

__all__ = ["MLP", "Linear"]


class Linear:
    r"""A linear model :math:`\hat y = Xw + b`.

    Parameters
    ----------
    n_features : int
        The number of columns of ``X``.

    Attributes
    ----------
    parameters : dict of str to ndarray
        ``"w"`` of shape (n_features,) and ``"b"`` of shape (); both start at zero, which is as good
        a start as any for a linear model.

    Raises
    ------
    ValueError, TypeError
        `n_features` is below 1 or no whole number.

    Examples
    --------
    >>> model = Linear(1)
    >>> model.parameters = {"w": np.array([2.0]), "b": np.array(1.0)}
    >>> model.forward([[0.0], [10.0]])
    array([ 1., 21.])

    The backward pass turns the gradient with respect to the predictions into the gradient with
    respect to the parameters:

    >>> model.backward([[0.0], [10.0]], [1.0, 0.5])
    {'w': array([5.]), 'b': array(1.5)}
    """

    def __init__(self, n_features: int) -> None:
        self.n_features: int = whole_number("n_features", n_features, least=1)
        self.parameters: dict[str, NDArray[Any]] = {
            "w": np.zeros(self.n_features),
            "b": np.zeros(()),
        }

    def __repr__(self) -> str:
        return f"Linear({self.n_features})"

    def with_parameters(self, parameters: Mapping[str, ArrayLike]) -> Linear:
        """Return a model with these parameters; this one stays as it is."""
        model = Linear(self.n_features)
        model.parameters = _like(model.parameters, parameters)
        return model

    def forward(self, X: ArrayLike) -> NDArray[Any]:
        """Return the predictions.

        Parameters
        ----------
        X : array_like of shape (n, n_features)

        Returns
        -------
        ndarray of shape (n,)
        """
        return _whole("X", self._forward, _examples(X, self.n_features))

    def _forward(self, X: NDArray[Any]) -> NDArray[Any]:
        return product(X, self.parameters["w"]) + self.parameters["b"]

    def backward(self, X: ArrayLike, gradient: ArrayLike) -> dict[str, NDArray[Any]]:
        r"""Return the gradient with respect to the parameters: the chain rule.

        Parameters
        ----------
        X : array_like of shape (n, n_features)
            What :meth:`forward` was given.
        gradient : array_like of shape (n,)
            The derivative of the cost with respect to each prediction.

        Returns
        -------
        dict of str to ndarray
            :math:`\partial J / \partial w = X^\top g` and :math:`\partial J / \partial b = \sum g`.
        """
        X = _examples(X, self.n_features)
        return _whole("X and gradient", self._backward, X, _gradient(gradient, X.shape[:1]))

    def _backward(self, X: NDArray[Any], g: NDArray[Any]) -> dict[str, NDArray[Any]]:
        return {"w": product(X.T, g), "b": np.asarray(g.sum())}


#: Activations of hidden units: the function, and its derivative in terms of its result.
_ACTIVATIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "relu": (lambda z: np.maximum(z, 0), lambda h: (h > 0).astype(h.dtype)),
    "tanh": (np.tanh, lambda h: 1 - h * h),
}
#: Var(w) · inputs: with it the size of the signal is kept from layer to layer.
_GAINS = {"relu": 2.0, "tanh": 1.0}


class MLP:
    r"""A multi-layer perceptron: linear layers with an activation between them.

    .. math::
        h_0 &= x \\
        h_k &= \phi(h_{k-1} W_k + b_k) \\
        z &= h_{K-1} W_K + b_K

    The last layer has no activation: what comes out are logits, or predictions of a regression.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, hidden units of each layer, outputs: ``(64, 32, 10)`` has one hidden layer.
    activation : {"relu", "tanh"}
        What follows each hidden layer. At its kink, 0, "relu" takes the derivative 0.
    scale : float
        Multiplies the usual size of the initial weights, a standard deviation of
        :math:`\sqrt{2 / \text{inputs}}` for "relu" (He et al., 2015) and
        :math:`\sqrt{1 / \text{inputs}}` for "tanh"; in [0, ∞). With 0 all hidden units of a layer
        stay alike for ever. Biases start at zero.
    seed : int
        Makes the initial weights repeatable.

    Attributes
    ----------
    parameters : dict of str to ndarray
        ``"W1"`` of shape (inputs, hidden), ``"b1"`` of shape (hidden,), ``"W2"``, ...

    Raises
    ------
    ValueError, TypeError
        There are fewer than two sizes or one is below 1, the activation is unknown, or `scale` is
        not in [0, ∞).

    References
    ----------
    D. E. Rumelhart, G. E. Hinton and R. J. Williams (1986), "Learning representations by
    back-propagating errors". K. He, X. Zhang, S. Ren and J. Sun (2015), "Delving deep into
    rectifiers". Y. LeCun, L. Bottou, G. B. Orr and K.-R. Müller (1998), "Efficient BackProp".

    Examples
    --------
    >>> model = MLP((2, 3, 4))
    >>> {name: p.shape for name, p in model.parameters.items()}
    {'W1': (2, 3), 'b1': (3,), 'W2': (3, 4), 'b2': (4,)}
    >>> model.forward([[0.0, 0.0], [1.0, 2.0]]).shape
    (2, 4)

    One output gives one number per example, as the losses take it:

    >>> MLP((2, 3, 1)).forward([[0.0, 0.0], [1.0, 2.0]]).shape
    (2,)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "relu",
        scale: float = 1.0,
        seed: int = 0,
    ) -> None:
        if isinstance(sizes, str) or not isinstance(sizes, Sequence):
            raise TypeError(f"sizes must be a list of whole numbers: got {sizes!r}")
        if len(sizes) < 2:
            raise ValueError(f"sizes must be inputs, hidden units and outputs: got {sizes!r}")
        one_of("activation", activation, *_ACTIVATIONS)
        scale = NON_NEGATIVE.parameter("scale", scale)
        self.sizes: tuple[int, ...] = tuple(
            whole_number(f"sizes[{k}]", size, least=1) for k, size in enumerate(sizes)
        )
        self.activation: str = activation
        rng = random_generator(seed)
        self.parameters: dict[str, NDArray[Any]] = {}
        for k, (wide, narrow) in enumerate(zip(self.sizes, self.sizes[1:], strict=False), start=1):
            spread = scale * math.sqrt(_GAINS[activation] / wide)
            self.parameters[f"W{k}"] = spread * rng.standard_normal((wide, narrow))
            self.parameters[f"b{k}"] = np.zeros(narrow)

    def __repr__(self) -> str:
        return f"MLP({self.sizes}, {self.activation!r})"

    def with_parameters(self, parameters: Mapping[str, ArrayLike]) -> MLP:
        """Return a model with these parameters; this one stays as it is."""
        model = MLP(self.sizes, self.activation, scale=0)
        model.parameters = _like(model.parameters, parameters)
        return model

    def forward(self, X: ArrayLike) -> NDArray[Any]:
        """Return the outputs, before any softmax or sigmoid.

        Parameters
        ----------
        X : array_like of shape (n, inputs)

        Returns
        -------
        ndarray of shape (n, outputs), or (n,) where there is one output
        """
        return _whole("X", self._forward, _examples(X, self.sizes[0]))

    def _forward(self, X: NDArray[Any]) -> NDArray[Any]:
        z = self._layers(X)[-1]
        return z[:, 0] if self.sizes[-1] == 1 else z

    def backward(self, X: ArrayLike, gradient: ArrayLike) -> dict[str, NDArray[Any]]:
        """Return the gradient with respect to the parameters: the chain rule, layer by layer.

        Parameters
        ----------
        X : array_like of shape (n, inputs)
            What :meth:`forward` was given.
        gradient : array_like of shape (n, outputs), or (n,) where there is one output
            The derivative of the cost with respect to each output.

        Returns
        -------
        dict of str to ndarray
            One array for each parameter.
        """
        X = _examples(X, self.sizes[0])
        n, outputs = len(X), self.sizes[-1]
        g = _gradient(gradient, (n,) if outputs == 1 else (n, outputs))
        return _whole("X and gradient", self._backward, X, g)

    def _backward(self, X: NDArray[Any], g: NDArray[Any]) -> dict[str, NDArray[Any]]:
        *hidden, z = self._layers(X)
        g = g.reshape(z.shape)
        _, derivative = _ACTIVATIONS[self.activation]
        gradients = {}
        for k in range(len(hidden), 0, -1):
            h = hidden[k - 1]
            gradients[f"b{k}"] = g.sum(axis=0)
            gradients[f"W{k}"] = product(h.T, g)
            if k > 1:  # through the weights, then through the activation
                g = product(g, self.parameters[f"W{k}"].T) * derivative(h)
        return {name: gradients[name] for name in self.parameters}

    def _layers(self, X: NDArray[Any]) -> list[NDArray[Any]]:
        """Return what goes into each layer, and what comes out of the last."""
        function, _ = _ACTIVATIONS[self.activation]
        layers = [X]
        for k in range(1, len(self.sizes)):
            z = product(layers[-1], self.parameters[f"W{k}"]) + self.parameters[f"b{k}"]
            layers.append(z if k == len(self.sizes) - 1 else function(z))
        return layers


def passes(
    model: Any,
) -> tuple[Callable[..., NDArray[Any]], Callable[..., dict[str, NDArray[Any]]]]:
    """Return the forward and the backward pass of a model, for arrays that have been checked.

    A :class:`Linear` or :class:`MLP` does not check them again. Any other model, one that inherits
    from these included, has its own passes.
    """
    if type(model) in (Linear, MLP):
        return model._forward, model._backward
    return model.forward, model.backward


@np.errstate(over="ignore", invalid="ignore")
def _whole(names: str, run: Callable[..., Any], *arguments: NDArray[Any]) -> Any:
    """Return the result of a pass, or raise where it is out of the range of floats."""
    result = run(*arguments)
    for x in result.values() if isinstance(result, dict) else [result]:
        if not np.isfinite(x).all():
            raise ValueError(f"{names} and the parameters must be smaller: products are no floats")
    return result


def _like(
    wanted: Mapping[str, NDArray[Any]], given: Mapping[str, ArrayLike]
) -> dict[str, NDArray[Any]]:
    """Return given parameters in the order and with the shapes that a model wants."""
    if not isinstance(given, Mapping):
        raise TypeError(f"parameters must be a mapping of names to arrays: got {given!r}")
    if set(given) != set(wanted):
        *names, last = (f'"{name}"' for name in wanted)
        told = f"{', '.join(names)} and {last}"
        raise ValueError(f"parameters must be {told}: got {sorted(given)}")
    parameters = {name: np.asarray(finite_array(name, given[name]), np.float64) for name in wanted}
    for name, p in parameters.items():
        if p.shape != wanted[name].shape:
            raise ValueError(f"{name} must have shape {wanted[name].shape}: got {p.shape}")
    return parameters


def _gradient(gradient: ArrayLike, wanted: tuple[int, ...]) -> NDArray[Any]:
    g = finite_array("gradient", gradient)
    if g.shape != wanted:
        raise ValueError(
            f"gradient must have the shape of the predictions, {wanted}: got {g.shape}"
        )
    return g


def _examples(X: ArrayLike, n_features: int) -> NDArray[Any]:
    X = finite_array("X", X)
    if X.ndim != 2 or X.shape[1] != n_features:
        hint = ". For one feature: X[:, np.newaxis]" if X.ndim == 1 else ""
        raise ValueError(
            f"X must have shape (n, {n_features}), one row per example: got {X.shape}{hint}"
        )
    return X
