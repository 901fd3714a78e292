"""What holds for every loss of the library, whatever its arguments."""

import importlib
import inspect
import math
from pathlib import Path

import numpy as np
import pytest

import lossbook
from lossbook import Loss, check_gradient, losses
from lossbook.losses.domains import Distribution, Increasing, Labels, Real

LOSSES = [getattr(lossbook, n) for n in lossbook.__all__ if isinstance(getattr(lossbook, n), Loss)]
every_loss = pytest.mark.parametrize("each", LOSSES, ids=lambda each: each.name)

#: Those that can be negative, and why: a likelihood without its constant.
NEGATIVE = {
    "poisson_nll",
    "gaussian_nll",
    "laplace_nll",
    "negative_binomial_nll",
    "censored_gaussian_nll",
}
#: Those that are evaluated in float32 where all arguments are: nothing in them cancels.
IN_FLOAT32 = {
    "absolute_error",
    "binary_cross_entropy_with_logits",
    "brier",
    "contrastive",
    "expectile",
    "half_squared_error",
    "hinge",
    "huber",
    "modified_huber",
    "multiclass_hinge",
    "perceptron",
    "pinball",
    "smooth_l1",
    "squared_error",
    "squared_hinge",
    "weston_watkins_hinge",
    "zero_one",
}
#: Those of no single origin.
NO_SOURCE = {
    "squared_log_error",
    "absolute_percentage_error",
    "zero_one",
    "cosine_distance",
}


def gradients(each, arguments):
    result = each.gradient(*arguments)
    return result if isinstance(result, tuple) else (result,)


@every_loss
def test_gradient_is_the_derivative_of_the_value(each):
    result = check_gradient(each)
    assert result, str(result)
    if each.name != "zero_one":
        assert result.checked > 50


@every_loss
def test_value_and_gradient_are_those_of_each_alone(each):
    arguments = each.sample(40)
    value, gradient = each.value_and_gradient(*arguments)
    np.testing.assert_array_equal(value, each(*arguments))
    gradient = gradient if isinstance(gradient, tuple) else (gradient,)
    for a, b in zip(gradient, gradients(each, arguments), strict=True):
        np.testing.assert_array_equal(a, b)


@every_loss
def test_shapes(each):
    arguments = each.sample(6)
    value = each(*arguments)
    assert value.shape == (6,)
    for name, g in zip(each.predictions, gradients(each, arguments), strict=True):
        assert g.shape == arguments[list(each.arguments).index(name)].shape
    folded = [a.reshape(2, 3, *a.shape[1:]) for a in arguments]
    np.testing.assert_allclose(each(*folded), value.reshape(2, 3), rtol=1e-14)
    np.testing.assert_allclose(
        gradients(each, folded)[0].reshape(gradients(each, arguments)[0].shape),
        gradients(each, arguments)[0],
        rtol=1e-14,
    )
    one = [a[0] for a in arguments]
    assert np.ndim(each(*one)) == 0
    assert each(*one) == pytest.approx(value[0], rel=1e-14)
    none = [a[:0] for a in arguments]
    assert each(*none).shape == (0,)


@every_loss
def test_float32_stays_and_is_rounded_once(each):
    rng = np.random.default_rng(2)
    arguments = [
        a.astype(np.float32) if a.dtype == np.float64 else a for a in each.sample(300, seed=2)
    ]
    for i, domain in enumerate(each.arguments.values()):
        if isinstance(domain, Distribution):  # rows that sum to 1 in both types
            counts = 1 + rng.multinomial(1020, [0.1, 0.2, 0.3, 0.4], 300)
            arguments[i] = (counts / 1024).astype(np.float32)
    exact = [a.astype(np.float64) if a.dtype == np.float32 else a for a in arguments]
    results = [each(*arguments), *gradients(each, arguments)]
    references = [each(*exact), *gradients(each, exact)]
    for result, reference in zip(results, references, strict=True):
        assert result.dtype == np.float32
        spacing = np.spacing(np.abs(reference).astype(np.float32))
        if each is lossbook.binary_cross_entropy_with_logits and result is not results[0]:
            # Between soft labels and sigmoids the gradient crosses zero.
            spacing = np.maximum(spacing, np.finfo(np.float32).eps / 8)
        bar = 4 if each.name in IN_FLOAT32 else 0.51
        assert (np.abs(result - reference) / spacing).max() <= bar


@every_loss
def test_blocks_give_the_same(each, monkeypatch):
    arguments = each.sample(500, seed=3)
    whole = [each(*arguments), *gradients(each, arguments)]
    for name in ("_UNDIVIDED", "_BLOCK", "_WIDE_BLOCK"):
        monkeypatch.setattr(lossbook.losses._loss, name, 60)
    for a, b in zip([each(*arguments), *gradients(each, arguments)], whole, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14, atol=1e-300)


@every_loss
def test_not_a_number_is_refused_in_every_argument(each):
    for k, name in enumerate(each.arguments):
        arguments = [a.copy() for a in each.sample(5)]
        if arguments[k].dtype.kind == "f":
            arguments[k].flat[-1] = np.nan
            with pytest.raises(ValueError, match=rf"{name} must be .*: got nan"):
                each(*arguments)
            arguments[k].flat[-1] = np.inf
            with pytest.raises(ValueError, match=rf"{name} must be .*: got inf"):
                each(*arguments)


@every_loss
def test_other_types_are_refused_in_every_argument(each):
    for k, name in enumerate(each.arguments):
        for bad in (complex, object, np.float16):
            arguments = each.sample(5)
            arguments[k] = arguments[k].astype(bad)
            with pytest.raises(TypeError, match=f"{name} must hold real numbers"):
                each(*arguments)


@every_loss
def test_shapes_that_differ_are_refused(each):
    if len(each.arguments) == 1:
        return
    arguments = each.sample(5)
    arguments[-1] = arguments[-1][:-1]
    with pytest.raises(ValueError, match=r"must have .*: got \(5"):
        each(*arguments)


@every_loss
def test_extreme_arguments_never_give_nan(each):
    arguments = each.sample(400, seed=4)
    rng = np.random.default_rng(5)
    for k, (name, domain) in enumerate(each.arguments.items()):
        domain = domain(**each.parameters) if callable(domain) else domain
        if isinstance(domain, Labels) or arguments[k].dtype.kind != "f":
            continue
        if isinstance(domain, Real):
            top = 1e150 if each.name in ("triplet",) else 8e307
            extremes = [0, 1, -1, 1e-300, -1e-300, 1e3, -1e3, top, -top]
            if isinstance(domain, Increasing):
                arguments[k] = np.sort([rng.choice(extremes, 4, replace=False) for _ in range(400)])
                continue
            if name in ("y_true", "y_pred") and domain.row:
                extremes = [1, -1, 1e-300, 1e300, -1e300]
            elif type(domain).__name__ == "NonZero":
                extremes = extremes[1:]
            arguments[k] = rng.choice(extremes, arguments[k].shape)
        elif not domain.row:
            ends = [domain.low] * domain.includes_low + [domain.high] * domain.includes_high
            ends += [max(domain.low, 0) + 1e-12]
            ends += [1e6] if domain.high == math.inf else [domain.high - 1e-12]
            arguments[k] = rng.choice(ends, arguments[k].shape)
        elif type(domain).__name__ == "Distribution":
            arguments[k] = np.eye(4)[rng.integers(0, 4, 400)]
        else:
            arguments[k] = rng.choice([0.0, 1.0], arguments[k].shape)
    for result in [each(*arguments), *gradients(each, arguments)]:
        assert not np.isnan(result).any()
    if each.name not in NEGATIVE:
        assert (each(*arguments) >= 0).all()


@every_loss
def test_loss_is_not_negative_unless_it_says_so(each):
    lowest = min(each(*each.sample(500, seed=seed)).min() for seed in range(3))
    assert (lowest < 0) == (each.name in NEGATIVE)
    if each.name in NEGATIVE:
        assert "can be negative" in each.__doc__


@every_loss
def test_convex_where_it_says_so(each):
    if not each.convex or len(each.predictions) > 1:
        return
    first, second = each.sample(500, seed=6), each.sample(500, seed=7)
    k = list(each.arguments).index(each.predictions[0])
    for j in range(len(first)):
        if j != k:
            second[j] = first[j]
    middle = list(first)
    middle[k] = (first[k] + second[k]) / 2
    ends = (each(*first) + each(*second)) / 2
    assert (each(*middle) <= ends * (1 + 1e-12) + 1e-15).all()


@every_loss
def test_gradient_stays_within_its_declared_bound(each):
    bound = each.gradient_bound
    if bound is not None and len(each.predictions) == 1:
        steepest = max(np.abs(each.gradient(*each.sample(500, seed=s))).max() for s in range(3))
        assert steepest <= bound * (1 + 1e-12)


@every_loss
def test_declaration_is_complete(each):
    d = each.declaration
    assert d.task in {
        "regression",
        "binary",
        "multi-class",
        "multi-label",
        "distributions",
        "similarity",
    }
    for text in (d.formula, d.derivative, d.estimates):
        assert text
        assert text.count("{") == text.count("}")
    assert d.use.endswith(".")
    assert d.use[0].isupper()
    assert len(d.use) <= 110
    assert each.convex in (True, False)
    assert set(d.elsewhere) <= {"PyTorch", "Keras", "optax", "scikit-learn"}
    assert (d.source is None) == (each.name in NO_SOURCE)


@every_loss
def test_docstring_has_every_part(each):
    doc = inspect.getdoc(each)
    for part in ("Parameters", "Returns", "Raises", "Examples", ">>> ", f"{each.name}.gradient("):
        assert part in doc
    for name in (*each.arguments, *each.parameters):
        assert name in doc.split("Returns")[0]
    assert set(each.parameters) == set(each.declaration.intervals)


@every_loss
def test_docstring_takes_from_the_declaration_what_that_says_and_repeats_none_of_it(each):
    written, shown = inspect.getdoc(each.__wrapped__), inspect.getdoc(each)
    for part in (rf"\ell = {each.declaration.formula}", "Raises\n------"):
        assert part in shown
        assert part not in written
    if each.declaration.source:
        assert f"References\n----------\n{each.declaration.source.author}"[:30] in shown
        assert str(each.declaration.source) in " ".join(shown.split())
    assert "References\n-----" not in written


EXPECTED = {
    "regression": (
        "squared_error half_squared_error absolute_error huber smooth_l1 pseudo_huber log_cosh "
        "pinball expectile quantile_huber epsilon_insensitive squared_epsilon_insensitive "
        "tukey_biweight cauchy geman_mcclure welsch general_robust squared_log_error "
        "absolute_percentage_error poisson_nll gamma_deviance tweedie_deviance gaussian_nll "
        "laplace_nll negative_binomial_nll censored_gaussian_nll crps_gaussian crps_laplace"
    ),
    "binary": (
        "binary_cross_entropy binary_cross_entropy_with_logits focal_with_logits brier zero_one "
        "logistic hinge squared_hinge modified_huber exponential perceptron"
    ),
    "multi-class": (
        "categorical_cross_entropy categorical_cross_entropy_with_logits "
        "categorical_focal_with_logits multiclass_hinge weston_watkins_hinge "
        "poly_cross_entropy_with_logits generalized_cross_entropy sparsemax_loss "
        "token_cross_entropy ordinal_nll"
    ),
    "multi-label": "asymmetric_with_logits dice tversky jaccard",
    "distributions": (
        "entropy cross_entropy kl_divergence kl_divergence_with_logits js_divergence"
    ),
    "similarity": ("cosine_distance contrastive triplet margin_ranking info_nce pairwise_logistic"),
}


def test_every_loss_of_a_module_stands_in_its_all():
    for path in Path(losses.__file__).parent.glob("[!_]*.py"):
        module = importlib.import_module(f"lossbook.losses.{path.stem}")
        for name, value in vars(module).items():
            if isinstance(value, Loss) and not name.startswith("_"):
                assert name in lossbook.__all__, (
                    f"add {name!r} to __all__ of {path}: nobody sees it"
                )


def test_every_loss_is_public_under_its_task():
    tasks = {task: set(names.split()) for task, names in EXPECTED.items()}
    found = {task: {e.name for e in LOSSES if e.declaration.task == task} for task in tasks}
    assert found == tasks
    assert len(LOSSES) == sum(map(len, tasks.values()))
