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


def tokens():
    """Return the mean over the tokens that count."""
    counts = G.TOKENS >= 0
    return lossbook.token_cross_entropy(G.TOKENS[counts], G.TOKEN_ROWS[counts]).mean()


def log_factorial(y):
    return np.array([math.lgamma(v + 1) for v in y])


def dice_with_logits():
    """Return the loss of optax, which smooths twice as much for the same number."""
    return lossbook.dice([G.LABELS], lossbook.sigmoid([G.LOGITS]), smooth=1.0)


def dice_of_classes():
    p = lossbook.softmax(G.ROWS)
    return [lossbook.dice(G.ONE_HOT.T, p.T, smooth=1.0).mean()]


def pairs_of_a_batch():
    """Return InfoNCE of a batch in which rows 0 and 1 are partners, and rows 2 and 3."""
    unit = G.OTHER / np.linalg.norm(G.OTHER, axis=-1, keepdims=True)
    s = unit @ unit.T
    others = [[1, 2, 3], [0, 2, 3], [3, 0, 1], [2, 0, 1]]  # the partner first
    rows = np.take_along_axis(s, np.array(others), axis=-1)
    return lossbook.info_nce(np.zeros(4, int), rows, temperature=0.5).mean()


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
        "kl_divergence_with_logits": lambda: lossbook.kl_divergence_with_logits(G.ROWS, G.OTHER),
        "kl_divergence_with_logits temperature": lambda: lossbook.kl_divergence_with_logits(
            G.ROWS, G.OTHER, temperature=2
        ),
        "negative_binomial_nll": lambda: (
            -lossbook.negative_binomial_nll(G.COUNTS, G.P, G.DISPERSION) - log_factorial(G.COUNTS)
        ),
        "token_cross_entropy": tokens,
        "info_nce": lambda: lossbook.info_nce(G.CLASSES, G.ROWS, temperature=0.5),
        "pairwise_logistic": lambda: lossbook.pairwise_logistic(G.SHARES, G.P - G.Y),
        "linear_cross_entropy": lambda: CE(G.CLASSES, G.TABLE @ G.ROWS.T),
        "multilabel_soft_margin_loss": lambda: BCE(G.ONE_HOT, G.ROWS).mean(axis=-1),
        "triplet_margin_with_distance_loss": lambda: lossbook.triplet(G.ROWS, G.TABLE, G.OTHER),
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
        "dice": lambda: lossbook.dice(G.LABELS, G.SHARES, smooth=0),
        # Recorded with alpha=0.3 and beta=0.7, which Keras 3.15.1 applies the other way round.
        "tversky": lambda: lossbook.tversky(G.LABELS, G.SHARES, alpha=0.7, beta=0.3, smooth=0),
        # With a number in the denominator only, two empty sets cost 1 there, and 0 here.
        "dice empty": lambda: 1 + lossbook.dice([0.0, 0.0], [0.0, 0.0], smooth=0),
        "tversky empty": lambda: 1 + lossbook.tversky([0.0, 0.0], [0.0, 0.0], smooth=0),
        "cross_entropy": lambda: lossbook.cross_entropy(G.TABLE, G.OTHER),
        "generalized_cross_entropy": lambda: lossbook.generalized_cross_entropy(G.CLASSES, G.TABLE),
        "token_cross_entropy": tokens,
        "CategoricalHinge": lambda: lossbook.multiclass_hinge(G.CLASSES, G.ROWS),
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
        "logistic": lambda: lossbook.logistic(G.SIGNS, G.LOGITS),
        "token_cross_entropy": lambda: lossbook.token_cross_entropy(G.CLASSES, G.ROWS),
        "binary_dice_loss": dice_with_logits,
        "dice_loss": dice_of_classes,
        "convex_kl_divergence": lambda: lossbook.kl_divergence(G.TABLE, G.OTHER),
        "generalized_kl_divergence": lambda: lossbook.kl_divergence(G.TABLE, G.OTHER),
        "kl_divergence_with_log_targets": lambda: lossbook.kl_divergence(G.TABLE, G.OTHER),
        "cosine_similarity": lambda: 1 - lossbook.cosine_distance(G.TABLE, G.OTHER),
        "ntxent": pairs_of_a_batch,
        "safe_softmax_cross_entropy": lambda: CE(G.CLASSES, G.ROWS),
        "sparsemax_loss one logit": lambda: lossbook.sparsemax_loss(
            G.LABELS.astype(int), np.column_stack([0 * G.LOGITS, G.LOGITS])
        ),
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
        "hamming_loss": lambda: mean(lossbook.zero_one([G.SIGNS, G.SIGNS], [G.LOGITS, G.LOGITS])),
        "root_mean_squared_error": lambda: math.sqrt(mean(lossbook.squared_error(G.Y, G.P))),
        "root_mean_squared_log_error": lambda: math.sqrt(
            mean(lossbook.squared_log_error(G.POSITIVE, G.MEANS))
        ),
        "median_absolute_error": lambda: np.median(lossbook.absolute_error(G.Y, G.P)),
        "max_error": lambda: lossbook.absolute_error(G.Y, G.P).max(),
    },
}
PAIRS = [(library, name) for library, calls in RECORDED["values"].items() for name in calls]


def test_every_recorded_value_is_compared():
    assert sorted(PAIRS) == sorted((lib, name) for lib, calls in OURS.items() for name in calls)
    assert RECORDED["versions"].keys() == OURS.keys()


@pytest.mark.parametrize(("library", "name"), PAIRS)
def test_ours_reproduces_the_recorded_value(library, name):
    theirs = np.array(RECORDED["values"][library][name]["value"])
    if name.startswith("kl_divergence") and library == "PyTorch":
        theirs = theirs.sum(axis=-1)
    if name == "cosine_distance":
        theirs = theirs[[0, 2, 3]]  # one row is zero, which ours refuses
    # Keras clips by 1e-7, so its digits end there.
    tolerance = 1e-6 if library == "Keras" else 1e-10
    np.testing.assert_allclose(OURS[library][name](), theirs, rtol=tolerance, atol=tolerance)


#: What scikit-learn has only inside estimators, recorded by what these fit.
FITTED = {
    name: np.array(each["value"]) for name, each in RECORDED["fitted by scikit-learn"].items()
}


@pytest.mark.parametrize(
    ("name", "slope"),
    [
        # Each minimises |w|² / 2 and the sum of the losses: at its weights the gradient is 0.
        ("binary_cross_entropy_with_logits", lambda w: BCE.gradient(G.X_LABELS, G.X @ w)),
        ("categorical_cross_entropy_with_logits", lambda w: CE.gradient(G.X_CLASSES, G.X @ w.T)),
        ("squared_hinge", lambda w: lossbook.squared_hinge.gradient(G.X_SIGNS, G.X @ w)),
        (
            "squared_epsilon_insensitive",
            lambda w: lossbook.squared_epsilon_insensitive.gradient(
                G.X_TARGETS, G.X @ w, epsilon=0.25
            ),
        ),
    ],
)
def test_estimator_stops_where_our_gradient_is_zero(name, slope):
    w = FITTED[name]
    np.testing.assert_allclose(w, -(slope(w).T @ G.X), atol=2e-5)


def test_estimator_with_a_kink_stops_where_our_objective_is_least():
    def objective(w):
        losses = lossbook.epsilon_insensitive(G.X_TARGETS, G.X @ w, epsilon=0.25)
        return w @ w / 2 + losses.sum()

    w = FITTED["epsilon_insensitive"]
    for angle in np.linspace(0, 2 * math.pi, 16):
        assert objective(w) <= objective(w + 1e-3 * np.array([math.cos(angle), math.sin(angle)]))


def test_huber_regressor_has_our_gradient_in_units_of_the_scale_that_it_fits():
    *w, scale = FITTED["huber"]
    z = (G.X @ w - G.X_TARGETS) / scale
    slope = lossbook.huber.gradient(np.zeros(6), z, delta=1.35)
    np.testing.assert_allclose(slope @ G.X, 0, atol=1e-4)
    # n σ + σ Σ H(r / σ), of which the derivative with respect to σ, with H twice ours:
    assert 6 + (
        2 * (lossbook.huber(np.zeros(6), z, delta=1.35) - slope * z)
    ).sum() == pytest.approx(0, abs=1e-4)


def test_boosting_has_our_losses():
    constant = np.full(6, G.X_TARGETS.mean())
    half = lossbook.half_squared_error(G.X_TARGETS, constant).mean()
    assert FITTED["half_squared_error"] == pytest.approx([-half])
    *scores, mean_loss = FITTED["exponential"]
    assert lossbook.exponential(G.X_SIGNS, scores).mean() == pytest.approx(mean_loss)


@pytest.mark.parametrize("name", ["modified_huber", "perceptron"])
def test_a_step_of_stochastic_gradient_descent_is_our_gradient(name):
    slopes = getattr(lossbook, name).gradient(G.SIGNS, G.LOGITS)
    np.testing.assert_allclose(FITTED[name], slopes, atol=1e-12)


def test_every_row_is_proven_by_a_recorded_value():
    recorded = {(library, name.split(" ")[0]) for library, name in PAIRS}
    recorded |= {("scikit-learn", name) for name in FITTED}
    rows = {
        (library, name)
        for name in lossbook.__all__
        if isinstance(each := getattr(lossbook, name), lossbook.Loss)
        for library in each.declaration.elsewhere
    }
    assert rows | OTHER_NAMES.keys() <= recorded


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
