"""The datasets: the numbers, what is said of them, and that they cannot be changed."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from lossbook import datasets
from lossbook.datasets import (
    Dataset,
    load_belgian_phone_calls,
    load_breast_cancer,
    load_engel_food,
    load_handwritten_digits,
    split,
)

LOADERS = [getattr(datasets, name) for name in datasets.__all__ if name.startswith("load_")]


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


def test_each_file_has_its_loader_its_class_and_its_row():
    folder = Path(datasets.__file__).parent
    files = {file.name for file in folder.iterdir() if file.suffix in (".csv", ".gz")}
    assert {f"load_{file.split('.')[0]}" for file in files} == {load.__name__ for load in LOADERS}
    rows = [line.split("|")[1:-1] for line in (folder / "README.md").read_text().splitlines()[6:]]
    assert {row[0].strip().strip("`") for row in rows} == files
    for cells in rows:
        assert all(cell.strip() for cell in cells), cells
    assert {type(load()) for load in LOADERS} == set(Dataset.__subclasses__())
    assert {type(load()).__name__ for load in LOADERS} < set(datasets.__all__)


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


def test_handwritten_digits_are_the_test_set_of_the_repository():
    data = load_handwritten_digits()
    # The counts per digit as the repository states them.
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(data.labels).tolist() == counts
    assert data.images.min() == 0
    assert data.images.max() == 16
    # The first image is a zero: ink around, none in the middle.
    assert data.images[0, 3:5, 3:5].sum() < data.images[0, 3:5].sum() / 10


def test_breast_cancer_agrees_with_its_published_summary():
    data = load_breast_cancer()
    assert int(data.malignant.sum()) == 212
    assert len(data.feature_names) == data.features.shape[1] == 30
    ranges = {  # as published with the data
        "mean radius": (6.981, 28.11),
        "mean area": (143.5, 2501.0),
        "area error": (6.802, 542.2),
        "worst texture": (12.02, 49.54),
        "worst concave points": (0.0, 0.291),
        "worst fractal dimension": (0.055, 0.2075),
    }
    for name, expected in ranges.items():
        column = data.features[:, data.feature_names.index(name)]
        assert (column.min(), column.max()) == pytest.approx(expected, abs=5e-4), name
    radius = data.features[:, 0]
    assert radius[data.malignant].mean() > radius[~data.malignant].mean()


def test_split_holds_out_its_share_and_uses_each_example_once():
    train, test = split(1797, test_share=0.25, seed=3)
    assert len(test) == 449
    assert sorted([*train, *test]) == list(range(1797))
    assert not np.array_equal(test, split(1797, test_share=0.25, seed=4)[1])
    np.testing.assert_array_equal(test, split(1797, test_share=0.25, seed=3)[1])
    assert [len(part) for part in split(2, test_share=0.01)] == [1, 1]


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"n": 1}, ValueError, "n must be at least 2: got 1"),
        ({"n": 2.5}, TypeError, "n must be a whole number: got 2.5"),
        ({"n": 10, "test_share": 1}, ValueError, r"test_share must be in \(0, 1\): got 1"),
    ],
)
def test_split_refuses_what_cannot_be_split(wrong, error, says):
    with pytest.raises(error, match=says):
        split(**wrong)
