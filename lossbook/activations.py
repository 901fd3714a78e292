"""Activations: what turns scores into probabilities, and labels into rows.

They follow the losses' rule for dtypes (:class:`.Loss`): float32 stays float32, everything
else becomes float64; NaN and infinities raise `ValueError`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossbook.losses.domains import finite_array, label_array, real_array, whole_number
from lossbook.losses.numerics import Softmax, sigmoids, softplus

__all__ = [
    "class_labels",
    "class_numbers",
    "label_weights",
    "log_sigmoid",
    "log_softmax",
    "one_hot",
    "sigmoid",
    "softmax",
]


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


def one_hot(labels: ArrayLike, classes: int | Sequence[Any]) -> NDArray[np.float64]:
    """Return one row per label: 1 for its class, 0 elsewhere.

    Parameters
    ----------
    labels : array_like, shape (...)
        Class numbers from 0 to ``classes - 1``; labels of any type where `classes` lists them.
    classes : int or sequence of labels
        How many classes there are, or which, in the order of the columns.

    Returns
    -------
    ndarray of float64, shape (..., number of classes)

    Raises
    ------
    ValueError, TypeError
        A class number is out of range or not an integer, or a label is none of the classes.

    Examples
    --------
    >>> one_hot([2, 0], 3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    >>> one_hot(["dog", "cat"], ["cat", "dog"])
    array([[0., 1.],
           [1., 0.]])
    """
    if not isinstance(classes, Iterable):
        numbers = real_array("labels", labels)
        if numbers.dtype.kind not in "iu" and numbers.size:
            raise TypeError(f"labels must be integers: got dtype {numbers.dtype}")
        n = whole_number("classes", classes, least=1)
        bad = (numbers < 0) | (numbers >= n)
        if bad.any():
            raise ValueError(
                f"labels must be class numbers from 0 to {n - 1}: got {numbers[bad].flat[0]}"
            )
        return np.eye(n)[numbers.astype(np.intp)]
    classes = class_labels("classes", classes)
    return np.eye(len(classes))[class_numbers(labels, classes)]


def class_numbers(labels: ArrayLike, classes: Sequence[Any]) -> NDArray[np.intp]:
    """Return the class number of each label: its place in the list of the classes.

    Parameters
    ----------
    labels : array_like, shape (...)
        Labels of any type.
    classes : sequence of labels
        The classes; the order of the columns of logits or probabilities.

    Returns
    -------
    ndarray of int, shape (...)

    Raises
    ------
    ValueError, TypeError
        A label is none of the classes, or a class is listed twice.

    Examples
    --------
    >>> class_numbers(["dog", "cat", "dog"], ["cat", "dog"])
    array([1, 0, 1])
    """
    return numbers_of("labels", labels, classes)


def numbers_of(name: str, labels: ArrayLike, classes: Sequence[Any]) -> NDArray[np.intp]:
    """Return the class number of each label of an argument; the name is for messages."""
    places = {label: k for k, label in enumerate(class_labels("classes", classes))}
    given = label_array(name, labels)
    try:
        numbers = [places[label] for label in given.ravel().tolist()]
    except (KeyError, TypeError) as error:
        unknown = next(x for x in given.ravel().tolist() if not _hashable(x) or x not in places)
        raise ValueError(f"{name} must be classes, of {list(places)}: got {unknown!r}") from (
            None if isinstance(error, KeyError) else error
        )
    return np.array(numbers, dtype=np.intp).reshape(given.shape)


def label_weights(labels: ArrayLike, weight: Mapping[Any, float] | str) -> NDArray[np.float64]:
    """Return the weight of each label's class.

    Parameters
    ----------
    labels : array_like, shape (...)
        Labels of any type.
    weight : mapping of label to float, or "balanced"
        The weight of each class; ``"balanced"`` is n / (k c) for a class that c of the n labels
        are of, with k classes.

    Returns
    -------
    ndarray of float64, shape (...)

    Raises
    ------
    ValueError, TypeError
        A label has no weight.

    Examples
    --------
    >>> label_weights(["ham", "ham", "spam"], "balanced")
    array([0.75, 0.75, 1.5 ])
    """
    given = label_array("labels", labels)
    flat = given.ravel().tolist()
    if isinstance(weight, str):
        counts = Counter(flat)
        weight = {label: len(flat) / (len(counts) * count) for label, count in counts.items()}
    for label in dict.fromkeys(flat):
        if label not in weight:
            raise ValueError(f"class_weight has no weight for the label {label!r}")
    return np.array([weight[label] for label in flat], dtype=np.float64).reshape(given.shape)


def class_labels(name: str, classes: Iterable[Any]) -> list[Any]:
    """Return the labels of the classes, or raise where they are not a list of different ones."""
    if isinstance(classes, str | bytes | Mapping | Set) or not isinstance(classes, Iterable):
        raise TypeError(f"{name} must be a list of labels: got {classes!r}")
    labels = classes.tolist() if isinstance(classes, np.ndarray) else list(classes)
    if not isinstance(labels, list):  # an array of no axes
        raise TypeError(f"{name} must be a list of labels: got {classes!r}")
    if not labels:
        raise ValueError(f"{name} must be at least one label: got none")
    for k, label in enumerate(labels):
        if not _hashable(label):
            raise TypeError(f"{name} must be numbers, texts or the like: got {label!r}")
        try:
            twice = label in labels[:k]
        except TypeError:  # pandas.NA is neither equal to anything nor not
            raise TypeError(f"{name} must be numbers, texts or the like: got {label!r}") from None
        if twice:
            raise ValueError(f"{name} must be different labels: got {label!r} twice")
    return labels


def _hashable(label: Any) -> bool:
    try:
        hash(label)
    except TypeError:
        return False
    return True


def _logits(z: ArrayLike, rows: bool = False) -> NDArray[np.floating]:
    z = finite_array("z", z)
    if rows and (z.ndim == 0 or z.shape[-1] == 0):
        raise ValueError(f"z must have rows of at least one logit: got shape {z.shape}")
    return z


def _wide(z: NDArray[np.floating]) -> NDArray[np.float64]:
    return z.astype(np.float64, copy=False)


def _narrow(x: NDArray[np.float64], z: NDArray[np.floating]) -> NDArray[np.floating]:
    return x.astype(z.dtype, copy=False)[()]
