"""The package reference."""

import sys
from pathlib import Path

import pytest

import lossbook
from lossbook import Loss, huber
from lossbook.fitting import Line
from lossbook.losses import Declaration
from lossbook.objective import Penalty
from lossbook.site.autodoc import LossDocumenter, home, is_listed, readable

ROOT = Path(__file__).parent.parent.parent


def documented() -> set[str]:
    text = "\n".join(p.read_text("utf-8") for p in (ROOT / "reference/package").glob("*.md"))
    return {line.split()[-1] for line in text.splitlines() if line.startswith(".. automodule::")}


@pytest.mark.parametrize(
    "name", [n for n in lossbook.__all__ if n not in ("__version__", "datasets")]
)
def test_all_that_is_public_is_on_a_page(name):
    module = getattr(lossbook, name).__module__
    assert module in documented()
    assert name in getattr(sys.modules[module], "__all__", [name])


def test_losses_are_documented_as_they_are_called():
    assert LossDocumenter.can_document_member(huber, "huber", False, None)
    assert not LossDocumenter.can_document_member(Loss, "Loss", False, None)


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("lossbook.Cost", "lossbook.objective.Cost"),
        ("lossbook.losses.Loss", "lossbook.losses._loss.Loss"),
        ("lossbook.Loss.gradient", "lossbook.losses._loss.Loss.gradient"),
        ("lossbook.nothing", ""),
    ],
)
def test_short_names_lead_to_where_things_are_documented(short, full):
    assert home(short) == full


def test_signatures_hold_what_a_reader_can_write():
    arguments = "(*, domains=<factory>, kinks=<function _no_points>)"
    assert readable(None, "", "", Declaration, None, arguments, "") == (
        "(*, domains=..., kinks=...)",
        "",
    )
    assert readable(None, "", "", Penalty, None, "(*args, **kwargs)", "") == ("", "")
    assert readable(None, "", "", huber, None, "(y_true, y_pred, *, delta=1.0)", "") is None


def test_fields_of_named_tuples_are_described_once():
    assert is_listed(None, "", "slope", Line.slope, None, None)
    assert is_listed(None, "", "update", Penalty.gradient, None, None) is None
    assert "slope : float" in Line.__doc__
