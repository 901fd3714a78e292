"""Record the losses of PyTorch, Keras, optax and scikit-learn, to compare ours with.

Run it in an environment of its own that has the four libraries::

    KERAS_BACKEND=torch python tools/record_values.py > tests/data/recorded_values.json

The tests read the file and need none of them. Each entry holds the call as a reader would write it,
its result in float64 (or float32 where the library has no other), and what was given. Losses that
scikit-learn has only inside estimators are recorded by what these estimators fit.

With ``--check`` nothing is written: it says which values and names differ from the file, and ends
with an error if any do.
"""

# ruff: noqa: E402 (the environment is set before the libraries are imported)

from __future__ import annotations

import inspect
import json
import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("JAX_ENABLE_X64", "1")
warnings.simplefilter("ignore")

import jax.numpy as jnp
import keras
import numpy as np
import optax
import sklearn
import torch
from sklearn import ensemble, linear_model, metrics, svm

F = torch.nn.functional

keras.config.set_floatx("float64")

Y = [1.0, -0.5, 2.0, 0.0, 3.0]
P = [1.5, -2.5, 2.0, 0.25, -1.0]
POSITIVE = [0.5, 1.0, 2.0, 4.0, 3.0]
MEANS = [1.0, 1.0, 3.0, 2.5, 3.5]
LABELS = [1.0, 0.0, 1.0, 0.0, 1.0]
SIGNS = [1.0, -1.0, 1.0, -1.0, 1.0]
LOGITS = [2.0, -1.0, -0.5, 3.0, 0.1]
SHARES = [0.9, 0.2, 0.4, 0.95, 0.5]
CLASSES = [0, 2, 1, 1]
ROWS = [[2.0, 0.5, -1.0], [0.0, 0.0, 0.0], [-3.0, 1.0, 4.0], [0.5, 2.5, 1.0]]
TABLE = [[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.05, 0.9, 0.05], [0.25, 0.5, 0.25]]
OTHER = [[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.1, 0.8, 0.1], [0.4, 0.4, 0.2]]
ONE_HOT = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]
TOKENS = [[0, 2, -100], [1, -100, -100]]
TOKEN_ROWS = [
    [[2.0, 0.5, -1.0], [0.0, 0.0, 0.0], [5.0, 1.0, 4.0]],
    [[0.5, 2.5, 1.0], [9.0, 0.0, 0.0], [0.0, 7.0, 0.0]],
]
COUNTS = [0.0, 1.0, 7.0, 3.0, 20.0]
DISPERSION = [0.5, 2.0, 0.1, 1.0, 0.3]
#: Two inputs and labels that no line separates, for estimators.
X = [[1.0, 0.5], [-1.0, 0.25], [0.5, -1.0], [2.0, 1.0], [-0.5, -0.25], [0.25, 1.5]]
X_LABELS = [1.0, 0.0, 0.0, 1.0, 1.0, 0.0]
X_SIGNS = [1.0, -1.0, -1.0, 1.0, 1.0, -1.0]
X_CLASSES = [0, 1, 2, 0, 1, 2]
X_TARGETS = [1.0, -2.0, 0.5, 3.0, 0.25, 9.0]
GIVEN = {name: value for name, value in list(globals().items()) if isinstance(value, list)}

TORCH = {
    "squared_error": "F.mse_loss(t(P), t(Y), reduction='none')",
    "absolute_error": "F.l1_loss(t(P), t(Y), reduction='none')",
    "huber": "F.huber_loss(t(P), t(Y), delta=1.5, reduction='none')",
    "smooth_l1": "F.smooth_l1_loss(t(P), t(Y), beta=1.5, reduction='none')",
    "poisson_nll": "F.poisson_nll_loss(t(P), t(POSITIVE), reduction='none')",
    "gaussian_nll": "F.gaussian_nll_loss(t(P), t(Y), t(POSITIVE), reduction='none')",
    "binary_cross_entropy": "F.binary_cross_entropy(t(SHARES), t(LABELS), reduction='none')",
    "binary_cross_entropy_with_logits": (
        "F.binary_cross_entropy_with_logits(t(LOGITS), t(LABELS), reduction='none')"
    ),
    "binary_cross_entropy_with_logits pos_weight": (
        "F.binary_cross_entropy_with_logits(t(LOGITS), t(LABELS), pos_weight=t(3.0), "
        "reduction='none')"
    ),
    "logistic": "F.soft_margin_loss(t(LOGITS), t(SIGNS), reduction='none')",
    "categorical_cross_entropy": "F.nll_loss(t(TABLE).log(), i(CLASSES), reduction='none')",
    "categorical_cross_entropy_with_logits": (
        "F.cross_entropy(t(ROWS), i(CLASSES), reduction='none')"
    ),
    "categorical_cross_entropy_with_logits smoothing": (
        "F.cross_entropy(t(ROWS), i(CLASSES), label_smoothing=0.1, reduction='none')"
    ),
    "categorical_cross_entropy_with_logits weight": (
        "F.cross_entropy(t(ROWS), i(CLASSES), weight=t([1.0, 2.0, 0.5]), reduction='none')"
    ),
    "categorical_cross_entropy_with_logits rows": (
        "F.cross_entropy(t(ROWS), t(OTHER), reduction='none')"
    ),
    "weston_watkins_hinge": "F.multi_margin_loss(t(ROWS), i(CLASSES), reduction='none')",
    "kl_divergence": "F.kl_div(t(OTHER).log(), t(TABLE), reduction='none')",
    "cosine_distance": "F.cosine_embedding_loss(t(ROWS), t(OTHER), t([1.0] * 4), reduction='none')",
    "contrastive": "F.hinge_embedding_loss(t(POSITIVE), t(SIGNS), reduction='none')",
    "triplet": "F.triplet_margin_loss(t(ROWS), t(TABLE), t(OTHER), eps=0, reduction='none')",
    "margin_ranking": ("F.margin_ranking_loss(t(P), t(Y), t(SIGNS), margin=0.5, reduction='none')"),
    "kl_divergence_with_logits": (
        "F.kl_div(F.log_softmax(t(OTHER), -1), F.log_softmax(t(ROWS), -1), log_target=True, "
        "reduction='none')"
    ),
    "kl_divergence_with_logits temperature": (
        "4 * F.kl_div(F.log_softmax(t(OTHER) / 2, -1), F.log_softmax(t(ROWS) / 2, -1), "
        "log_target=True, reduction='none')"
    ),
    "negative_binomial_nll": (
        "torch.distributions.NegativeBinomial(1 / t(DISPERSION), "
        "logits=t(P) + t(DISPERSION).log()).log_prob(t(COUNTS))"
    ),
    "token_cross_entropy": (
        "F.cross_entropy(t(TOKEN_ROWS).flatten(0, -2), i(TOKENS).flatten(), ignore_index=-100)"
    ),
    "info_nce": "F.cross_entropy(t(ROWS) / 0.5, i(CLASSES), reduction='none')",
    "pairwise_logistic": (
        "F.binary_cross_entropy_with_logits(t(P) - t(Y), t(SHARES), reduction='none')"
    ),
    "linear_cross_entropy": (
        "F.linear_cross_entropy(t(TABLE), t(ROWS), i(CLASSES), reduction='none')"
    ),
    "multilabel_soft_margin_loss": (
        "F.multilabel_soft_margin_loss(t(ROWS), t(ONE_HOT), reduction='none')"
    ),
    "triplet_margin_with_distance_loss": (
        "F.triplet_margin_with_distance_loss(t(ROWS), t(TABLE), t(OTHER), "
        "distance_function=lambda a, b: (a - b).norm(dim=-1), reduction='none')"
    ),
}
KERAS = {
    "squared_error": "K.MeanSquaredError(reduction=None)(c(Y), c(P))",
    "absolute_error": "K.MeanAbsoluteError(reduction=None)(c(Y), c(P))",
    "huber": "K.Huber(delta=1.5, reduction=None)(c(Y), c(P))",
    "log_cosh": "K.LogCosh(reduction=None)(c(Y), c(P))",
    "absolute_percentage_error": (
        "K.MeanAbsolutePercentageError(reduction=None)(c(POSITIVE), c(MEANS))"
    ),
    "squared_log_error": "K.MeanSquaredLogarithmicError(reduction=None)(c(POSITIVE), c(MEANS))",
    "poisson_nll": "K.Poisson(reduction=None)(c(POSITIVE), c(MEANS))",
    "binary_cross_entropy": "K.BinaryCrossentropy(reduction=None)(c(LABELS), c(SHARES))",
    "binary_cross_entropy_with_logits": (
        "K.BinaryCrossentropy(from_logits=True, reduction=None)(c(LABELS), c(LOGITS))"
    ),
    "binary_cross_entropy_with_logits smoothing": (
        "K.BinaryCrossentropy(from_logits=True, label_smoothing=0.2, reduction=None)"
        "(c(LABELS), c(LOGITS))"
    ),
    "focal_with_logits": (
        "K.BinaryFocalCrossentropy(gamma=2.0, from_logits=True, reduction=None)"
        "(c(LABELS), c(LOGITS))"
    ),
    "hinge": "K.Hinge(reduction=None)(c(SIGNS), c(LOGITS))",
    "squared_hinge": "K.SquaredHinge(reduction=None)(c(SIGNS), c(LOGITS))",
    "categorical_cross_entropy": "K.CategoricalCrossentropy(reduction=None)(n(ONE_HOT), n(TABLE))",
    "categorical_cross_entropy_with_logits": (
        "K.SparseCategoricalCrossentropy(from_logits=True, reduction=None)(n(CLASSES), n(ROWS))"
    ),
    "categorical_focal_with_logits": (
        "K.CategoricalFocalCrossentropy(from_logits=True, reduction=None)(n(ONE_HOT), n(ROWS))"
    ),
    "kl_divergence": "K.KLDivergence(reduction=None)(n(TABLE), n(OTHER))",
    "cosine_distance": "K.CosineSimilarity(reduction=None)(n(ROWS), n(OTHER))",
    "dice": "K.Dice(reduction=None)(n([LABELS]), n([SHARES]))",
    "tversky": "K.Tversky(alpha=0.3, beta=0.7, reduction=None)(n([LABELS]), n([SHARES]))",
    "dice empty": "K.Dice(reduction=None)(n([[0.0, 0.0]]), n([[0.0, 0.0]]))",
    "tversky empty": "K.Tversky(reduction=None)(n([[0.0, 0.0]]), n([[0.0, 0.0]]))",
    "cross_entropy": "K.CategoricalCrossentropy(reduction=None)(n(TABLE), n(OTHER))",
    "generalized_cross_entropy": (
        "K.CategoricalGeneralizedCrossEntropy(q=0.7, reduction=None)(n(CLASSES), n(TABLE))"
    ),
    "token_cross_entropy": (
        "K.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-100)"
        "(n(TOKENS), n(TOKEN_ROWS))"
    ),
    "CategoricalHinge": "K.CategoricalHinge(reduction=None)(n(ONE_HOT), n(ROWS))",
}
OPTAX = {
    "squared_error": "O.squared_error(j(P), j(Y))",
    "half_squared_error": "O.l2_loss(j(P), j(Y))",
    "huber": "O.huber_loss(j(P), j(Y), delta=1.5)",
    "log_cosh": "O.log_cosh(j(P), j(Y))",
    "binary_cross_entropy_with_logits": "O.sigmoid_binary_cross_entropy(j(LOGITS), j(LABELS))",
    "focal_with_logits": "O.sigmoid_focal_loss(j(LOGITS), j(LABELS), alpha=0.25, gamma=2.0)",
    "hinge": "O.hinge_loss(j(LOGITS), j(SIGNS))",
    "perceptron": "O.perceptron_loss(j(LOGITS), j(SIGNS))",
    "categorical_cross_entropy_with_logits": (
        "O.softmax_cross_entropy_with_integer_labels(j(ROWS), jnp.asarray(CLASSES))"
    ),
    "categorical_cross_entropy_with_logits rows": "O.softmax_cross_entropy(j(ROWS), j(OTHER))",
    "poly_cross_entropy_with_logits": (
        "O.poly_loss_cross_entropy(j(ROWS), j(ONE_HOT), epsilon=2.0)"
    ),
    "multiclass_hinge": "O.multiclass_hinge_loss(j(ROWS), jnp.asarray(CLASSES))",
    "sparsemax_loss": "O.multiclass_sparsemax_loss(j(ROWS), jnp.asarray(CLASSES))",
    "kl_divergence": "O.kl_divergence(jnp.log(j(OTHER)), j(TABLE))",
    "cosine_distance": "O.cosine_distance(j(ROWS), j(OTHER))",
    "triplet": "O.triplet_margin_loss(j(ROWS), j(TABLE), j(OTHER), eps=0.0)",
    "logistic": "O.sigmoid_binary_cross_entropy(j(LOGITS), (j(SIGNS) + 1) / 2)",
    "token_cross_entropy": (
        "O.softmax_cross_entropy_with_integer_labels(j(ROWS), jnp.asarray(CLASSES))"
    ),
    "binary_dice_loss": "O.binary_dice_loss(j([LOGITS]), j([LABELS]), smooth=0.5)",
    "dice_loss": "O.dice_loss(j([ROWS]), j([ONE_HOT]), smooth=0.5)",
    "convex_kl_divergence": "O.convex_kl_divergence(jnp.log(j(OTHER)), j(TABLE))",
    "generalized_kl_divergence": "O.generalized_kl_divergence(jnp.log(j(OTHER)), j(TABLE))",
    "kl_divergence_with_log_targets": (
        "O.kl_divergence_with_log_targets(jnp.log(j(OTHER)), jnp.log(j(TABLE)))"
    ),
    "cosine_similarity": "O.cosine_similarity(j(OTHER), j(TABLE))",
    "ntxent": "O.ntxent(j(OTHER), jnp.asarray([0, 0, 1, 1]), temperature=0.5)",
    "safe_softmax_cross_entropy": "O.safe_softmax_cross_entropy(j(ROWS), j(ONE_HOT))",
    "sparsemax_loss one logit": "O.sparsemax_loss(j(LOGITS), j(LABELS))",
}
SKLEARN = {
    "squared_error": "metrics.mean_squared_error(Y, P)",
    "absolute_error": "metrics.mean_absolute_error(Y, P)",
    "pinball": "metrics.mean_pinball_loss(Y, P, alpha=0.75)",
    "squared_log_error": "metrics.mean_squared_log_error(POSITIVE, MEANS)",
    "absolute_percentage_error": "metrics.mean_absolute_percentage_error(POSITIVE, MEANS)",
    "poisson_nll": "metrics.mean_poisson_deviance(POSITIVE, MEANS)",
    "gamma_deviance": "metrics.mean_gamma_deviance(POSITIVE, MEANS)",
    "tweedie_deviance": "metrics.mean_tweedie_deviance(POSITIVE, MEANS, power=1.5)",
    "binary_cross_entropy": "metrics.log_loss(LABELS, SHARES)",
    "categorical_cross_entropy": "metrics.log_loss(CLASSES, TABLE)",
    "brier": "metrics.brier_score_loss(LABELS, SHARES)",
    "hinge": "metrics.hinge_loss(SIGNS, LOGITS)",
    "multiclass_hinge": "metrics.hinge_loss(CLASSES, ROWS, labels=[0, 1, 2])",
    "zero_one": "metrics.zero_one_loss(SIGNS, np.sign(LOGITS))",
    "hamming_loss": "metrics.hamming_loss(n([LABELS, SIGNS]) > 0, n([LOGITS, LOGITS]) > 0)",
    "root_mean_squared_error": "metrics.root_mean_squared_error(Y, P)",
    "root_mean_squared_log_error": "metrics.root_mean_squared_log_error(POSITIVE, MEANS)",
    "median_absolute_error": "metrics.median_absolute_error(Y, P)",
    "max_error": "metrics.max_error(Y, P)",
}
#: What estimators fit to X: weights, and whatever else belongs to the fit.
FITTED = {
    "binary_cross_entropy_with_logits": (
        "linear_model.LogisticRegression(C=1.0, fit_intercept=False, tol=1e-12, max_iter=10_000)"
        ".fit(X, X_LABELS).coef_[0]"
    ),
    "categorical_cross_entropy_with_logits": (
        "linear_model.LogisticRegression(C=1.0, fit_intercept=False, tol=1e-12, max_iter=10_000)"
        ".fit(X, X_CLASSES).coef_"
    ),
    "squared_hinge": (
        "svm.LinearSVC(loss='squared_hinge', dual=False, C=1.0, fit_intercept=False, tol=1e-12, "
        "max_iter=1_000_000).fit(X, X_SIGNS).coef_[0]"
    ),
    "squared_epsilon_insensitive": (
        "svm.LinearSVR(loss='squared_epsilon_insensitive', epsilon=0.25, dual=False, C=1.0, "
        "fit_intercept=False, tol=1e-12, max_iter=1_000_000).fit(X, X_TARGETS).coef_"
    ),
    "epsilon_insensitive": (
        "svm.LinearSVR(loss='epsilon_insensitive', epsilon=0.25, dual=True, C=1.0, "
        "fit_intercept=False, tol=1e-12, max_iter=1_000_000, random_state=0)"
        ".fit(X, X_TARGETS).coef_"
    ),
    "huber": (
        "(lambda fit: [*fit.coef_, fit.scale_])(linear_model.HuberRegressor(epsilon=1.35, "
        "alpha=0.0, fit_intercept=False, tol=1e-12, max_iter=10_000).fit(X, X_TARGETS))"
    ),
    "half_squared_error": (
        "ensemble.HistGradientBoostingRegressor(loss='squared_error', max_iter=1, "
        "early_stopping=True, scoring='loss', validation_fraction=None).fit(X, X_TARGETS)"
        ".train_score_[:1]"
    ),
    "exponential": (
        "(lambda fit: [*fit.decision_function(X), *fit.train_score_])"
        "(ensemble.GradientBoostingClassifier(loss='exponential', n_estimators=1, max_depth=1, "
        "random_state=0).fit(X, X_LABELS))"
    ),
    "modified_huber": "sgd_slopes('modified_huber')",
    "perceptron": "sgd_slopes('perceptron')",
}


def sgd_slopes(loss):
    """Return the derivatives of a loss of SGDClassifier: what one step takes off a weight."""
    slopes = []
    for label, score in zip(SIGNS, LOGITS, strict=True):
        model = linear_model.SGDClassifier(
            loss=loss, penalty=None, learning_rate="constant", eta0=1.0, fit_intercept=False
        )
        model.partial_fit([[0.0]], [label], classes=[-1.0, 1.0])
        model.coef_[:] = score
        model.partial_fit([[1.0]], [label])
        slopes.append(score - float(model.coef_[0, 0]))
    return slopes


def names():
    """Return every public loss of each library, to test the coverage with."""
    functional = {
        n
        for n in dir(F)
        if n.endswith(("_loss", "cross_entropy"))
        or n in ("binary_cross_entropy_with_logits", "kl_div")
    }
    with_layer = {n for n in dir(torch.nn) if n.endswith("WithLoss")}
    return {
        "PyTorch": sorted(n for n in functional | with_layer if not n.startswith("_")),
        "Keras": sorted(
            n
            for n, o in vars(keras.losses).items()
            if inspect.isclass(o) and issubclass(o, keras.losses.Loss) and n != "Loss"
        ),
        "optax": sorted(
            n for n, o in vars(optax.losses).items() if callable(o) and not n.startswith("_")
        ),
        "scikit-learn": sorted(
            n
            for n in metrics.__all__
            if n.endswith(("_loss", "_error", "_deviance")) or n.startswith("log_loss")
        ),
    }


def differences(old, new, path=""):
    """Yield where two recordings differ, but for the versions."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            if key == "versions":
                continue
            if key not in old or key not in new:
                yield f"{path}/{key}: only {'here' if key in new else 'in the file'}"
            else:
                yield from differences(old[key], new[key], f"{path}/{key}")
    elif isinstance(old, str) or isinstance(new, str) or path.startswith("/names/"):
        if old != new:
            yield f"{path}: {old!r} in the file, {new!r} here"
    elif np.shape(old) != np.shape(new) or not np.allclose(old, new, 1e-6, 1e-9, equal_nan=True):
        yield f"{path}: {old} in the file, {new} here"


def main():
    """Print the recorded values as JSON, or compare them with those of the file."""
    recorded = record()
    if sys.argv[1:] != ["--check"]:
        print(json.dumps(recorded, indent=1))
        return
    path = Path(__file__).parents[1] / "tests" / "data" / "recorded_values.json"
    found = list(differences(json.loads(path.read_text("utf-8")), recorded))
    print("versions:", recorded["versions"])
    print("\n".join(found) or "nothing differs")
    sys.exit(bool(found))


def record():
    """Return all recorded values."""
    tools = {
        **globals(),
        "K": keras.losses,
        "O": optax.losses,
        "ensemble": ensemble,
        "svm": svm,
        "t": lambda x: torch.tensor(x, dtype=torch.float64),
        "i": torch.tensor,
        "n": np.array,
        "c": lambda x: np.array(x)[:, np.newaxis],
        "j": lambda x: jnp.asarray(x, dtype=jnp.float64),
    }
    values = {}
    for library, calls in (
        ("PyTorch", TORCH),
        ("Keras", KERAS),
        ("optax", OPTAX),
        ("scikit-learn", SKLEARN),
        ("fitted by scikit-learn", FITTED),
    ):
        values[library] = {}
        for name, call in calls.items():
            result = eval(call, tools)  # the calls are those above
            if hasattr(result, "detach"):
                result = result.detach().numpy()
            values[library][name] = {"call": call, "value": np.asarray(result, float).tolist()}
    versions = {
        "PyTorch": torch.__version__.split("+")[0],
        "Keras": keras.__version__,
        "optax": optax.__version__,
        "scikit-learn": sklearn.__version__,
    }
    far = {}
    for lead in (20.0, 40.0, 100.0):
        z = torch.tensor([[lead, 0.0]], dtype=torch.float64, requires_grad=True)
        value = F.cross_entropy(z, torch.tensor([0]))
        value.backward()
        far[str(lead)] = {"value": value.item(), "gradient": z.grad[0].tolist()}
    fading = {}
    for logit in (27.0, 28.0, 34.0, 37.0):
        z = torch.tensor(logit, dtype=torch.float64, requires_grad=True)
        value = F.binary_cross_entropy(torch.sigmoid(z), torch.zeros((), dtype=torch.float64))
        value.backward()
        fading[str(logit)] = {"value": value.item(), "gradient": z.grad.item()}
    summed = {
        name: {
            str(shape): float(kind(y.reshape(shape), p.reshape(shape))) for shape in [(5,), (5, 1)]
        }
        for name, kind, y, p in (
            (
                "squared_error",
                keras.losses.MeanSquaredError(reduction="sum"),
                np.array(Y),
                np.array(P),
            ),
            (
                "binary_cross_entropy_with_logits",
                keras.losses.BinaryCrossentropy(from_logits=True, reduction="sum"),
                np.array(LABELS),
                np.array(LOGITS),
            ),
        )
    }
    fitted = values.pop("fitted by scikit-learn")
    return {
        "versions": versions,
        "given": GIVEN,
        "values": values,
        "fitted by scikit-learn": fitted,
        "PyTorch cross_entropy at a lead": far,
        "PyTorch binary_cross_entropy of a label 0 at a logit": fading,
        "Keras reduction='sum'": summed,
        "names": names(),
    }


if __name__ == "__main__":
    main()
