"""Ours reproduce what PyTorch, Keras, optax and scikit-learn return, and cover what they offer.

The values were recorded with ``tools/record_values.py``; the file names the versions.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import lossbook
from lossbook.losses.coverage import OTHER_NAMES, REASONS, coverage

RECORDED = json.loads(
    (Path(__file__).parents[1] / "data" / "recorded_values.json").read_text(encoding="utf-8")
)
GIVEN = {name: np.array(value) for name, value in RECORDED["given"].items()}
G = type("Given", (), GIVEN)

CE = lossbook.categorical_cross_entropy_with_logits
BCE = lossbook.binary_cross_entropy_with_logits


def mean(losses):
    return losses.mean()


def poisson_constant():
    """Return what the saturated prediction costs."""
    return lossbook.poisson_nll(G.POSITIVE, np.log(G.POSITIVE))


#: Ours, with the conversion that the declaration documents.
OURS = {
    "PyTorch": {
        "squared_error": lambda: lossbook.squared_error(G.Y, G.P),
        "absolute_error": lambda: lossbook.absolute_error(G.Y, G.P),
        "huber": lambda: lossbook.huber(G.Y, G.P, delta=1.5),
        "smooth_l1": lambda: lossbook.smooth_l1(G.Y, G.P, beta=1.5),
        "poisson_nll": lambda: lossbook.poisson_nll(G.POSITIVE, G.P),
        "gaussian_nll": lambda: lossbook.gaussian_nll(G.Y, G.P, G.POSITIVE),
        "binary_cross_entropy": lambda: lossbook.binary_cross_entropy(G.LABELS, G.SHARES),
        "binary_cross_entropy_with_logits": lambda: BCE(G.LABELS, G.LOGITS),
        "binary_cross_entropy_with_logits pos_weight": lambda: BCE(
            G.LABELS, G.LOGITS, pos_weight=3
        ),
        "logistic": lambda: lossbook.logistic(G.SIGNS, G.LOGITS),
        "categorical_cross_entropy": lambda: lossbook.categorical_cross_entropy(G.CLASSES, G.TABLE),
        "categorical_cross_entropy_with_logits": lambda: CE(G.CLASSES, G.ROWS),
        "categorical_cross_entropy_with_logits smoothing": lambda: CE(
            G.CLASSES, G.ROWS, label_smoothing=0.1
        ),
        "categorical_cross_entropy_with_logits weight": lambda: CE(
            G.CLASSES, G.ROWS, class_weight=[1, 2, 0.5]
        ),
        "categorical_cross_entropy_with_logits rows": lambda: CE(G.OTHER, G.ROWS),
        "weston_watkins_hinge": lambda: lossbook.weston_watkins_hinge(G.CLASSES, G.ROWS) / 3,
        "kl_divergence": lambda: lossbook.kl_divergence(G.TABLE, G.OTHER),
        "cosine_distance": lambda: lossbook.cosine_distance(G.ROWS[[0, 2, 3]], G.OTHER[[0, 2, 3]]),
        "contrastive": lambda: np.sqrt(
            2 * lossbook.contrastive((G.SIGNS + 1) / 2, G.POSITIVE)
        ),  # theirs is not squared
        "triplet": lambda: lossbook.triplet(G.ROWS, G.TABLE, G.OTHER),
        "margin_ranking": lambda: lossbook.margin_ranking(G.SIGNS, G.P, G.Y, margin=0.5),
    },
    "Keras": {
        "squared_error": lambda: lossbook.squared_error(G.Y, G.P),
        "absolute_error": lambda: lossbook.absolute_error(G.Y, G.P),
        "huber": lambda: lossbook.huber(G.Y, G.P, delta=1.5),
        "log_cosh": lambda: lossbook.log_cosh(G.Y, G.P),
        "absolute_percentage_error": lambda: (
            100 * lossbook.absolute_percentage_error(G.POSITIVE, G.MEANS)
        ),
        "squared_log_error": lambda: lossbook.squared_log_error(G.POSITIVE, G.MEANS),
        "poisson_nll": lambda: lossbook.poisson_nll(G.POSITIVE, np.log(G.MEANS)),
        "binary_cross_entropy": lambda: lossbook.binary_cross_entropy(G.LABELS, G.SHARES),
        "binary_cross_entropy_with_logits": lambda: BCE(G.LABELS, G.LOGITS),
        "binary_cross_entropy_with_logits smoothing": lambda: BCE(
            G.LABELS, G.LOGITS, label_smoothing=0.2
        ),
        "focal_with_logits": lambda: lossbook.focal_with_logits(G.LABELS, G.LOGITS),
        "hinge": lambda: lossbook.hinge(G.SIGNS, G.LOGITS),
        "squared_hinge": lambda: lossbook.squared_hinge(G.SIGNS, G.LOGITS),
        "categorical_cross_entropy": lambda: lossbook.categorical_cross_entropy(G.ONE_HOT, G.TABLE),
        "categorical_cross_entropy_with_logits": lambda: CE(G.CLASSES, G.ROWS),
        "categorical_focal_with_logits": lambda: (
            0.25 * lossbook.categorical_focal_with_logits(G.CLASSES, G.ROWS)
        ),
        "kl_divergence": lambda: lossbook.kl_divergence(G.TABLE, G.OTHER),
        "cosine_distance": lambda: (
            lossbook.cosine_distance(G.ROWS[[0, 2, 3]], G.OTHER[[0, 2, 3]]) - 1
        ),
        "dice": lambda: lossbook.dice(G.LABELS, G.SHARES, smooth=1e-7),
        # Recorded with alpha=0.3 and beta=0.7, which Keras applies the other way round.
        "tversky": lambda: lossbook.tversky(G.LABELS, G.SHARES, alpha=0.7, beta=0.3, smooth=1e-7),
    },
    "optax": {
        "squared_error": lambda: lossbook.squared_error(G.Y, G.P),
        "half_squared_error": lambda: lossbook.half_squared_error(G.Y, G.P),
        "huber": lambda: lossbook.huber(G.Y, G.P, delta=1.5),
        "log_cosh": lambda: lossbook.log_cosh(G.Y, G.P),
        "binary_cross_entropy_with_logits": lambda: BCE(G.LABELS, G.LOGITS),
        "focal_with_logits": lambda: lossbook.focal_with_logits(G.LABELS, G.LOGITS, alpha=0.25),
        "hinge": lambda: lossbook.hinge(G.SIGNS, G.LOGITS),
        "perceptron": lambda: lossbook.perceptron(G.SIGNS, G.LOGITS),
        "categorical_cross_entropy_with_logits": lambda: CE(G.CLASSES, G.ROWS),
        "categorical_cross_entropy_with_logits rows": lambda: CE(G.OTHER, G.ROWS),
        "poly_cross_entropy_with_logits": lambda: lossbook.poly_cross_entropy_with_logits(
            G.CLASSES, G.ROWS
        ),
        "multiclass_hinge": lambda: lossbook.multiclass_hinge(G.CLASSES, G.ROWS),
        "sparsemax_loss": lambda: lossbook.sparsemax_loss(G.CLASSES, G.ROWS),
        "kl_divergence": lambda: lossbook.kl_divergence(G.TABLE, G.OTHER),
        "cosine_distance": lambda: lossbook.cosine_distance(G.ROWS[[0, 2, 3]], G.OTHER[[0, 2, 3]]),
        "triplet": lambda: lossbook.triplet(G.ROWS, G.TABLE, G.OTHER),
    },
    "scikit-learn": {
        "squared_error": lambda: mean(lossbook.squared_error(G.Y, G.P)),
        "absolute_error": lambda: mean(lossbook.absolute_error(G.Y, G.P)),
        "pinball": lambda: mean(lossbook.pinball(G.Y, G.P, quantile=0.75)),
        "squared_log_error": lambda: mean(lossbook.squared_log_error(G.POSITIVE, G.MEANS)),
        "absolute_percentage_error": lambda: mean(
            lossbook.absolute_percentage_error(G.POSITIVE, G.MEANS)
        ),
        "poisson_nll": lambda: mean(
            2 * (lossbook.poisson_nll(G.POSITIVE, np.log(G.MEANS)) - poisson_constant())
        ),
        "gamma_deviance": lambda: mean(lossbook.gamma_deviance(G.POSITIVE, G.MEANS)),
        "tweedie_deviance": lambda: mean(lossbook.tweedie_deviance(G.POSITIVE, G.MEANS, power=1.5)),
        "binary_cross_entropy": lambda: mean(lossbook.binary_cross_entropy(G.LABELS, G.SHARES)),
        "categorical_cross_entropy": lambda: mean(
            lossbook.categorical_cross_entropy(G.CLASSES, G.TABLE)
        ),
        "brier": lambda: mean(lossbook.brier(G.LABELS, G.SHARES)),
        "hinge": lambda: mean(lossbook.hinge(G.SIGNS, G.LOGITS)),
        "multiclass_hinge": lambda: mean(lossbook.multiclass_hinge(G.CLASSES, G.ROWS)),
        "zero_one": lambda: mean(lossbook.zero_one(G.SIGNS, G.LOGITS)),
    },
}
PAIRS = [(library, name) for library, calls in RECORDED["values"].items() for name in calls]


def test_every_recorded_value_is_compared():
    assert sorted(PAIRS) == sorted((lib, name) for lib, calls in OURS.items() for name in calls)
    assert RECORDED["versions"].keys() == OURS.keys()


@pytest.mark.parametrize(("library", "name"), PAIRS)
def test_ours_reproduces_the_recorded_value(library, name):
    theirs = np.array(RECORDED["values"][library][name]["value"])
    if name == "kl_divergence" and library == "PyTorch":
        theirs = theirs.sum(axis=-1)
    if name == "cosine_distance":
        theirs = theirs[[0, 2, 3]]  # one row is zero, which ours refuses
    # Keras clips by 1e-7, so its digits end there.
    tolerance = 1e-6 if library == "Keras" else 1e-10
    np.testing.assert_allclose(OURS[library][name](), theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("lead", [40.0, 100.0])
def test_cross_entropy_keeps_what_pytorch_loses(lead):
    theirs = RECORDED["PyTorch cross_entropy at a lead"][str(lead)]
    value, gradient = CE.value_and_gradient(0, [lead, 0.0])
    assert theirs["value"] == theirs["gradient"][0] == 0  # 100 % wrong
    assert value == pytest.approx(math.exp(-lead), rel=1e-14)
    assert gradient[0] == pytest.approx(-math.exp(-lead), rel=1e-14)


# -- coverage -----------------------------------------------------------------------------------


def test_every_loss_of_the_four_libraries_has_a_row():
    rows = coverage(RECORDED["names"])
    assert len(rows) == sum(map(len, RECORDED["names"].values())) > 80
    for row in rows:
        assert row.ours or row.note
        if row.ours:
            assert isinstance(getattr(lossbook, row.ours), lossbook.Loss)


def test_no_row_is_about_a_name_that_does_not_exist():
    known = {(library, name) for library, names in RECORDED["names"].items() for name in names}
    assert set(OTHER_NAMES) | set(REASONS) <= known
    assert not set(OTHER_NAMES) & set(REASONS)


def test_missing_name_is_an_error():
    with pytest.raises(LookupError, match="PyTorch: new_loss has neither"):
        coverage({"PyTorch": ["new_loss"]})
