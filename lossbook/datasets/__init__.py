"""Small real datasets that come with the package; README.md beside the files says where from."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BelgianPhoneCalls",
    "Dataset",
    "EngelFood",
    "load_belgian_phone_calls",
    "load_engel_food",
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
    """Load annual income and food expenditure of 235 Belgian working-class households.

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
            "Annual income and food expenditure of 235 Belgian working-class households, "
            "surveyed by Ernst Engel."
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


def _columns(file: str) -> list[NDArray[np.float64]]:
    """Return the columns of a CSV file of numbers beside this module."""
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    _, *rows = csv.reader(text.splitlines())
    return [np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)]


def _frozen(column: NDArray[Any]) -> NDArray[Any]:
    """Make an array read-only: a dataset is the same for everyone who loads it."""
    column.flags.writeable = False
    return column
