"""The datasets: the numbers, what is said of them, and that they cannot be changed."""

import dataclasses

import numpy as np
import pytest

from lossbook.datasets import load_belgian_phone_calls, load_engel_food

LOADERS = [load_belgian_phone_calls, load_engel_food]


def test_belgian_phone_calls_are_those_of_the_book():
    data = load_belgian_phone_calls()
    assert data.year.tolist() == list(range(1950, 1974))
    # Rousseeuw and Leroy (1987), p. 26 (there in tens of millions).
    assert data.calls.tolist() == [
        *(4.4, 4.7, 4.7, 5.9, 6.6, 7.3, 8.1, 8.8, 10.6, 12.0, 13.5, 14.9, 16.1, 21.2),
        *(119.0, 124.0, 142.0, 159.0, 182.0, 212.0, 43.0, 24.0, 27.0, 29.0),
    ]
    assert data.year[data.in_minutes].tolist() == [1964, 1965, 1966, 1967, 1968, 1969]
    assert data.calls[data.in_minutes].min() > 2 * data.calls[~data.in_minutes].max()


def test_engel_food_is_the_known_sample():
    data = load_engel_food()
    assert len(data) == len(data.food_expenditure) == 235
    # The means of the sample as distributed with R's quantreg.
    assert data.income.mean() == pytest.approx(982.473, abs=5e-4)
    assert data.food_expenditure.mean() == pytest.approx(624.150, abs=5e-4)


def test_engel_food_spreads_with_income():
    data = load_engel_food()
    rich = data.income > np.median(data.income)
    share = data.food_expenditure - np.polyval(
        np.polyfit(data.income, data.food_expenditure, 1), data.income
    )
    assert share[rich].std() > 2 * share[~rich].std()


@pytest.mark.parametrize("load", LOADERS)
def test_dataset_says_what_and_whence_and_cannot_be_changed(load):
    data = load()
    for text in (data.description, data.source, data.licence):
        assert text
    for column in data.units:
        assert len(getattr(data, column)) == len(data)
        with pytest.raises(ValueError, match="read-only"):
            getattr(data, column)[0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.source = "elsewhere"
    assert type(data).__name__ in repr(data)
