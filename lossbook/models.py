"""Models: a forward pass, and a backward pass written by hand."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Linear"]


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
        try:
            n_features = operator.index(n_features)
        except TypeError:
            raise TypeError(f"n_features must be a whole number: got {n_features!r}") from None
        if n_features < 1:
            raise ValueError(f"n_features must be at least 1: got {n_features}")
        self.n_features = n_features
        self.parameters: dict[str, NDArray[Any]] = {"w": np.zeros(n_features), "b": np.zeros(())}

    def __repr__(self) -> str:
        return f"Linear({self.n_features})"

    def with_parameters(self, parameters: Mapping[str, ArrayLike]) -> Linear:
        """Return a model with these parameters; this one stays as it is."""
        if set(parameters) != {"w", "b"}:
            raise ValueError(f'parameters must be "w" and "b": got {sorted(parameters)}')
        model = Linear(self.n_features)
        for name, wanted in model.parameters.items():
            given = np.asarray(parameters[name], dtype=np.float64)
            if given.shape != wanted.shape:
                raise ValueError(f"{name} must have shape {wanted.shape}: got {given.shape}")
            model.parameters[name] = given
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
        return self._examples(X) @ self.parameters["w"] + self.parameters["b"]

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
        X, g = self._examples(X), np.asarray(gradient)
        if g.shape != X.shape[:1]:
            raise ValueError(
                f"gradient must have one entry per example, shape {X.shape[:1]}: got {g.shape}"
            )
        return {"w": X.T @ g, "b": np.asarray(g.sum())}

    def _examples(self, X: ArrayLike) -> NDArray[Any]:
        X = np.asarray(X)
        if X.dtype.kind not in "biuf":
            raise TypeError(f"X must hold real numbers: got dtype {X.dtype}")
        if X.ndim != 2 or X.shape[1] != self.n_features:
            hint = ". For one feature: X[:, np.newaxis]" if X.ndim == 1 else ""
            raise ValueError(
                f"X must have shape (n, {self.n_features}), one row per example: "
                f"got {X.shape}{hint}"
            )
        return X
