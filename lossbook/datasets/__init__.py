"""Small real datasets that come with the package; README.md beside the files says where from."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbook.losses.domains import UNIT_OPEN, random_generator, whole_number

__all__ = [
    "BelgianPhoneCalls",
    "BreastCancer",
    "Dataset",
    "EngelFood",
    "HandwrittenDigits",
    "load_belgian_phone_calls",
    "load_breast_cancer",
    "load_engel_food",
    "load_handwritten_digits",
    "split",
]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A dataset: its columns are attributes, read-only arrays of one length.

    Attributes
    ----------
    description : str
        What the rows are.
    units : mapping of str to str
        The unit of each column.
    source, licence : str
        Where the numbers come from, and under which terms they may be used.
    """

    description: str
    units: Mapping[str, str]
    source: str
    licence: str

    def __len__(self) -> int:
        return len(getattr(self, next(iter(self.units))))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self)} rows: {', '.join(self.units)})"


@dataclass(frozen=True, eq=False, repr=False)
class BelgianPhoneCalls(Dataset):
    """Belgian international telephone calls; made by :func:`load_belgian_phone_calls`.

    Attributes
    ----------
    year : ndarray of int, shape (24,)
        1950 to 1973.
    calls : ndarray of float64, shape (24,)
        Calls in millions; where `in_minutes` is true, mostly minutes of calls.
    in_minutes : ndarray of bool, shape (24,)
        The years 1964 to 1969.
    """

    year: NDArray[np.int64]
    calls: NDArray[np.float64]
    in_minutes: NDArray[np.bool_]


@dataclass(frozen=True, eq=False, repr=False)
class EngelFood(Dataset):
    """Income and food expenditure of households; made by :func:`load_engel_food`.

    Attributes
    ----------
    income, food_expenditure : ndarray of float64, shape (235,)
        Belgian francs a year.
    """

    income: NDArray[np.float64]
    food_expenditure: NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class HandwrittenDigits(Dataset):
    """Small images of handwritten digits; made by :func:`load_handwritten_digits`.

    Attributes
    ----------
    images : ndarray of float64, shape (1797, 8, 8)
        Ink, from 0 (none) to 16; row by row from the top left.
    labels : ndarray of int, shape (1797,)
        The digit that was written, 0 to 9.
    """

    images: NDArray[np.float64]
    labels: NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class BreastCancer(Dataset):
    """Cell nuclei of breast tumours and their diagnosis; made by :func:`load_breast_cancer`.

    Attributes
    ----------
    features : ndarray of float64, shape (569, 30)
        One row per tumour. Lengths and areas are in the unit of the image, a pixel.
    malignant : ndarray of bool, shape (569,)
        The diagnosis.
    feature_names : tuple of str
        What each column of `features` is.
    """

    features: NDArray[np.float64]
    malignant: NDArray[np.bool_]
    feature_names: tuple[str, ...]


def load_belgian_phone_calls() -> BelgianPhoneCalls:
    """Load the international telephone calls made from Belgium from 1950 to 1973.

    From 1964 to 1969 another recording system was in use, which gave the total *minutes* of the
    calls; 1963 and 1970 are partly affected. Real outliers, and a textbook case.

    Returns
    -------
    BelgianPhoneCalls

    References
    ----------
    P. J. Rousseeuw and A. M. Leroy (1987), *Robust Regression and Outlier Detection*, p. 26.

    Examples
    --------
    >>> data = load_belgian_phone_calls()
    >>> data
    BelgianPhoneCalls(24 rows: year, calls, in_minutes)
    >>> data.year[[0, -1]], data.calls.max()
    (array([1950, 1973]), np.float64(212.0))
    """
    year, calls = _columns("belgian_phone_calls.csv")
    year = _frozen(1900 + year.astype(np.int64))
    return BelgianPhoneCalls(
        description=(
            "International telephone calls made from Belgium, year by year. From 1964 to 1969 "
            "another recording system gave the minutes of the calls in place of their number; "
            "1963 and 1970 are partly affected."
        ),
        units=MappingProxyType(
            {"year": "year", "calls": "millions of calls", "in_minutes": "true or false"}
        ),
        source=(
            "Belgian Statistical Survey, published in P. J. Rousseeuw and A. M. Leroy, Robust "
            "Regression and Outlier Detection (Wiley, 1987), p. 26; values as distributed with "
            "R's package MASS (phones)"
        ),
        licence="Facts, not subject to copyright",
        year=year,
        calls=_frozen(calls),
        in_minutes=_frozen((year >= 1964) & (year <= 1969)),
    )


def load_engel_food() -> EngelFood:
    """Load annual income and food expenditure of 235 working-class households.

    The spread of the expenditure grows with the income: one line cannot describe it, several
    quantiles can.

    Returns
    -------
    EngelFood

    References
    ----------
    E. Engel (1857), "Die Productions- und Consumtionsverhältnisse des Königreichs Sachsen";
    R. Koenker and G. Bassett (1982), "Robust tests for heteroscedasticity based on regression
    quantiles".

    Examples
    --------
    >>> data = load_engel_food()
    >>> len(data), data.units["income"]
    (235, 'Belgian francs a year')
    >>> float(np.median(data.income).round(2))
    883.98
    """
    income, food = _columns("engel_food.csv")
    return EngelFood(
        description=(
            "Annual income and food expenditure of 235 working-class households (Belgian, "
            "according to statsmodels), from the data behind Ernst Engel's study of 1857."
        ),
        units=MappingProxyType(
            {"income": "Belgian francs a year", "food_expenditure": "Belgian francs a year"}
        ),
        source=(
            "E. Engel (1857); R. Koenker and G. Bassett, Robust tests for heteroscedasticity "
            "based on regression quantiles, Econometrica 50 (1982); values as distributed with "
            "statsmodels (engel)"
        ),
        licence="Public domain",
        income=_frozen(income),
        food_expenditure=_frozen(food),
    )


def load_handwritten_digits() -> HandwrittenDigits:
    """Load 1797 handwritten digits, 8 by 8 pixels each, by 13 writers.

    Returns
    -------
    HandwrittenDigits

    References
    ----------
    E. Alpaydın and C. Kaynak (1998), "Optical Recognition of Handwritten Digits", UCI Machine
    Learning Repository, https://doi.org/10.24432/C50P49.

    Examples
    --------
    >>> data = load_handwritten_digits()
    >>> data.images.shape, data.labels[:5]
    ((1797, 8, 8), array([0, 1, 2, 3, 4]))
    >>> float(data.images.max())
    16.0
    """
    packed = resources.files(__package__).joinpath("handwritten_digits.csv.gz").read_bytes()
    rows = np.array(
        [line.split(",") for line in gzip.decompress(packed).decode("ascii").splitlines()],
        dtype=np.float64,
    )
    return HandwrittenDigits(
        description=(
            "1797 handwritten digits by 13 writers: 32 by 32 bitmaps, reduced to 8 by 8 by "
            "counting the ink in blocks of 4 by 4."
        ),
        units=MappingProxyType({"images": "ink, 0 to 16", "labels": "the digit, 0 to 9"}),
        source=(
            "E. Alpaydın and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine "
            "Learning Repository (1998), test set; values as distributed with scikit-learn "
            "(digits)"
        ),
        licence="CC BY 4.0",
        images=_frozen(rows[:, :-1].reshape(-1, 8, 8)),
        labels=_frozen(rows[:, -1].astype(np.int64)),
    )


def load_breast_cancer() -> BreastCancer:
    """Load 569 breast tumours: 30 measurements of the cell nuclei, and the diagnosis.

    For ten properties of the nuclei the table has the mean over all nuclei in an image, its
    standard error, and the mean of the three largest ("worst").

    Returns
    -------
    BreastCancer

    References
    ----------
    W. H. Wolberg, O. L. Mangasarian, W. N. Street and W. Street (1993), "Breast Cancer Wisconsin
    (Diagnostic)", UCI Machine Learning Repository, https://doi.org/10.24432/C5DW2B.

    Examples
    --------
    >>> data = load_breast_cancer()
    >>> data.features.shape, int(data.malignant.sum())
    ((569, 30), 212)
    >>> data.feature_names[20]
    'worst radius'
    """
    *features, benign = _columns("breast_cancer.csv")
    return BreastCancer(
        description=(
            "569 breast tumours: measurements of the cell nuclei in an image of a fine needle "
            "aspirate, and the diagnosis."
        ),
        units=MappingProxyType({"features": "see feature_names", "malignant": "true or false"}),
        source=(
            "W. H. Wolberg, O. L. Mangasarian, N. Street and W. Street, Breast Cancer Wisconsin "
            "(Diagnostic), UCI Machine Learning Repository (1993); values as distributed with "
            "scikit-learn (breast_cancer)"
        ),
        licence="CC BY 4.0",
        features=_frozen(np.stack(features, axis=1)),
        malignant=_frozen(benign == 0),
        feature_names=tuple(
            name.format(of) for name in ("mean {}", "{} error", "worst {}") for of in _NUCLEI
        ),
    )


_NUCLEI = (
    *("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity"),
    *("concave points", "symmetry", "fractal dimension"),
)


def split(
    n: int, test_share: float = 0.25, seed: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which of `n` examples to train on, and which to hold out for a test.

    Parameters
    ----------
    n : int
        The number of examples, at least 2.
    test_share : float
        The share that is held out, in (0, 1), rounded to whole examples: at least one is held out
        and at least one is not.
    seed : int
        Makes the choice repeatable.

    Returns
    -------
    train, test : ndarray of int
        Indices in rising order; each example is in one of them.

    Raises
    ------
    ValueError, TypeError
        `n` is not a whole number above 1, or `test_share` is not in (0, 1).

    Examples
    --------
    >>> train, test = split(8)
    >>> train, test
    (array([0, 1, 3, 5, 6, 7]), array([2, 4]))
    """
    n = whole_number("n", n, least=2)
    test_share = UNIT_OPEN.parameter("test_share", test_share)
    held_out = min(max(round(n * test_share), 1), n - 1)
    order = random_generator(seed).permutation(n)
    return np.sort(order[held_out:]), np.sort(order[:held_out])


def _columns(file: str) -> list[NDArray[np.float64]]:
    """Return the columns of a CSV file of numbers beside this module."""
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    _, *rows = csv.reader(text.splitlines())
    return [np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)]


def _frozen(column: NDArray[Any]) -> NDArray[Any]:
    """Make an array read-only: a dataset is the same for everyone who loads it."""
    column.flags.writeable = False
    return column
