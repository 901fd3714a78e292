"""What is drawn over a domain lies in it; arguments with labels are not read by position."""

from types import SimpleNamespace

import numpy as np
import pytest

from lossbook.losses.domains import (
    DISTRIBUTION,
    NON_NEGATIVE,
    POSITIVE,
    PROBABILITY,
    REAL,
    REAL_ROW,
    UNIT_OPEN,
    Interval,
    check_labels,
)

NUMBERS = [REAL, POSITIVE, NON_NEGATIVE, PROBABILITY, UNIT_OPEN, Interval(2), Interval(-1, 3)]
ROWS = [REAL_ROW, DISTRIBUTION, Interval(0, row=True)]


@pytest.mark.parametrize("domain", NUMBERS, ids=str)
def test_curves_are_drawn_over_401_places_of_the_domain(domain):
    places = domain.places(3)
    assert len(places) == 401
    assert domain.allowed(places).all()
    assert (np.diff(places) > 0).all()


@pytest.mark.parametrize("low", [0, 2])
def test_curves_over_a_domain_without_an_upper_end_are_five_long(low):
    np.testing.assert_allclose(Interval(low).places(3)[[0, -1]], [low + 5 / 401, low + 5])


@pytest.mark.parametrize("domain", [*NUMBERS, *ROWS], ids=repr)
def test_a_curve_moves_the_number_or_the_first_of_a_row(domain):
    x = np.array([0.25, 0.5])
    along = domain.along(x)
    assert along.shape == ((2, 3) if domain.row else (2,))
    np.testing.assert_array_equal(along[:, 0] if domain.row else along, x)
    if domain is DISTRIBUTION:
        assert domain.contains(along)


def labelled(*labels):
    index = SimpleNamespace(equals=lambda other: other.labels == labels, labels=labels)
    return SimpleNamespace(index=index)


def test_labels_are_compared_with_the_first_that_has_any():
    names = ("y_true", "mean", "scale")
    check_labels(names, ([1, 2], labelled("a", "b"), labelled("a", "b")))
    check_labels(names, ([1, 2], labelled("a", "b"), [1, 2]))
    with pytest.raises(ValueError, match="mean and scale must have the same index"):
        check_labels(names, ([1, 2], labelled("a", "b"), labelled("b", "a")))
