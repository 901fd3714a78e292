"""Activations: what turns scores into probabilities, and labels into rows.

They follow the losses' rule for dtypes (:class:`lossbook.Loss`): float32 stays float32, everything
else becomes float64; NaN and infinities raise `ValueError`.
"""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.losses._domains import REAL
from lossbook.losses._loss import real_array
from lossbook.losses._numerics import Softmax, sigmoids, softplus

__all__ = ["log_sigmoid", "log_softmax", "one_hot", "sigmoid", "softmax"]


def sigmoid(z: ArrayLike) -> NDArray[np.floating]:
    r"""Return the sigmoid :math:`1 / (1 + e^{-z})`: the probability that a logit stands for.

    Parameters
    ----------
    z : array_like
        Logits, any finite numbers.

    Returns
    -------
    ndarray
        Probabilities, of the shape of `z`; good to 4 ulp, also in the tails.

    Raises
    ------
    ValueError, TypeError
        `z` is not finite, or holds no real numbers.

    Examples
    --------
    >>> sigmoid([0.0, 2.0, -800.0]).round(4)
    array([0.5   , 0.8808, 0.    ])
    """
    z = _logits(z)
    return _narrow(sigmoids(_wide(z))[0], z)


def log_sigmoid(z: ArrayLike) -> NDArray[np.floating]:
    r"""Return the logarithm of the sigmoid, :math:`-\log(1 + e^{-z})`.

    Parameters
    ----------
    z : array_like
        Logits, any finite numbers.

    Returns
    -------
    ndarray
        Log-probabilities, of the shape of `z`; good to 4 ulp.

    Raises
    ------
    ValueError, TypeError
        `z` is not finite, or holds no real numbers.

    Examples
    --------
    >>> log_sigmoid([0.0, -1000.0]).round(4)
    array([-6.931e-01, -1.000e+03])
    """
    z = _logits(z)
    return _narrow(-softplus(-_wide(z)), z)


def softmax(z: ArrayLike) -> NDArray[np.floating]:
    r"""Return the softmax of each row, :math:`e^{z_k} / \sum_j e^{z_j}`.

    Parameters
    ----------
    z : array_like of shape (..., C)
        Logits, one row per example along the last axis.

    Returns
    -------
    ndarray of shape (..., C)
        Probabilities; each row sums to 1.

    Raises
    ------
    ValueError, TypeError
        `z` is not finite, has no rows, or holds no real numbers.

    Examples
    --------
    >>> softmax([[0.0, 0.0], [1000.0, 0.0]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    z = _logits(z, rows=True)
    return _narrow(Softmax(_wide(z).reshape(-1, z.shape[-1])).p.reshape(z.shape), z)


def log_softmax(z: ArrayLike) -> NDArray[np.floating]:
    r"""Return the logarithm of the softmax of each row.

    Right for the top class too, where the usual :math:`z_k - \log \sum_j e^{z_j}` is 0 as soon as
    it leads by 37.

    Parameters
    ----------
    z : array_like of shape (..., C)
        Logits, one row per example along the last axis.

    Returns
    -------
    ndarray of shape (..., C)
        Log-probabilities.

    Raises
    ------
    ValueError, TypeError
        `z` is not finite, has no rows, or holds no real numbers.

    Examples
    --------
    >>> log_softmax([100.0, 0.0])
    array([-3.72007598e-44, -1.00000000e+02])
    """
    z = _logits(z, rows=True)
    return _narrow(-Softmax(_wide(z).reshape(-1, z.shape[-1])).surprise.reshape(z.shape), z)


def one_hot(classes: ArrayLike, n_classes: int) -> NDArray[np.float64]:
    """Return one row per label: 1 for its class, 0 elsewhere.

    Parameters
    ----------
    classes : array_like of int, shape (...)
        Class numbers from 0 to ``n_classes - 1``.
    n_classes : int
        How many classes there are.

    Returns
    -------
    ndarray of float64, shape (..., n_classes)

    Raises
    ------
    ValueError, TypeError
        A class number is out of range, or not an integer.

    Examples
    --------
    >>> one_hot([2, 0], 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    classes = np.asarray(classes)
    if classes.dtype.kind not in "iu":
        raise TypeError(f"classes must be integers: got dtype {classes.dtype}")
    n_classes = operator.index(n_classes)
    if n_classes < 1:
        raise ValueError(f"n_classes must be at least 1: got {n_classes}")
    bad = (classes < 0) | (classes >= n_classes)
    if bad.any():
        raise ValueError(
            f"classes must be class numbers from 0 to {n_classes - 1}: got {classes[bad].flat[0]}"
        )
    return np.eye(n_classes)[classes]


@np.errstate(over="ignore")
def _logits(z: ArrayLike, rows: bool = False) -> NDArray[np.floating]:
    z = real_array("z", z)
    z = z.astype(np.float32 if z.dtype.kind == "f" and z.dtype.itemsize == 4 else np.float64)
    if rows and (z.ndim == 0 or z.shape[-1] == 0):
        raise ValueError(f"z must have rows of at least one logit: got shape {z.shape}")
    if z.size and not REAL.contains(z):
        raise REAL.error("z", z)
    return z


def _wide(z: NDArray[np.floating]) -> NDArray[np.float64]:
    return z.astype(np.float64, copy=False)


def _narrow(x: NDArray[np.float64], z: NDArray[np.floating]) -> NDArray[np.floating]:
    return x.astype(z.dtype, copy=False)[()]
