"""Losses of several classes: hand values, high-precision references, identities, tails."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from mpmath import mp, mpf

from lossbook import (
    Cost,
    Loss,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy,
    categorical_cross_entropy_with_logits,
    categorical_focal_with_logits,
    check_gradient,
    generalized_cross_entropy,
    hinge,
    multiclass_hinge,
    one_hot,
    ordinal_nll,
    perplexity,
    poly_cross_entropy_with_logits,
    softmax,
    sparsemax_loss,
    token_cross_entropy,
    weston_watkins_hinge,
)

from .reference import ulps

CE = categorical_cross_entropy_with_logits
LOG = math.log
QUARTERS = [LOG(2), 0.0, 0.0]  # softmax 1/2, 1/4, 1/4
P = [0.5, 0.25, 0.25]
EPS = np.finfo(float).eps


@pytest.mark.parametrize(
    ("each", "parameters", "y_true", "prediction", "value", "gradient"),
    [
        (CE, {}, 0, QUARTERS, LOG(2), [-0.5, 0.25, 0.25]),
        (CE, {}, 2, QUARTERS, LOG(4), [0.5, 0.25, -0.75]),
        (CE, {}, [0.5, 0.5, 0.0], QUARTERS, LOG(8) / 2, [0, -0.25, 0.25]),
        (
            CE,
            {"label_smoothing": 0.3},
            0,
            QUARTERS,
            0.8 * LOG(2) + 0.2 * LOG(4),
            [-0.3, 0.15, 0.15],
        ),
        (CE, {"class_weight": [2, 1, 4]}, 2, QUARTERS, 4 * LOG(4), [2, 1, -3]),
        (categorical_cross_entropy, {}, 1, P, LOG(4), [0, -4, 0]),
        (categorical_cross_entropy, {}, [0.5, 0, 0.5], P, LOG(8) / 2, [-1, 0, -2]),
        (categorical_cross_entropy, {}, 0, [1, 0, 0], 0, [-1, 0, 0]),
        (categorical_focal_with_logits, {"gamma": 2}, 0, QUARTERS, LOG(2) / 4, None),
        (categorical_focal_with_logits, {"gamma": 1}, 1, QUARTERS, LOG(4) * 0.75, None),
        (poly_cross_entropy_with_logits, {"epsilon": 2}, 1, QUARTERS, LOG(4) + 1.5, None),
        (generalized_cross_entropy, {"q": 0.5}, 1, P, 1, [0, -2, 0]),
        (generalized_cross_entropy, {"q": 1}, 0, P, 0.5, [-1, 0, 0]),
        (multiclass_hinge, {}, 0, [2.0, 1.5, 1.75], 0.75, [-1, 0, 1]),
        (multiclass_hinge, {}, 0, [2.0, 1.0, 0.0], 0, [0, 0, 0]),  # at the kink
        (multiclass_hinge, {}, 2, [2.0, 2.0, 0.0], 3, [1, 0, -1]),  # rivals tie
        (weston_watkins_hinge, {}, 0, [2.0, 1.5, 1.75], 1.25, [-2, 1, 1]),
        (weston_watkins_hinge, {"margin": 3}, 0, [2.0, 1.0, -1.0], 2, [-1, 1, 0]),
        (sparsemax_loss, {}, 0, [0.5, 0.0], 0.0625, [-0.25, 0.25]),
        (sparsemax_loss, {}, 1, [3.0, 0.0], 3 - 0.0, [1, -1]),  # 1/2 (1 + 1) + 2
        (sparsemax_loss, {}, 0, [3.0, 0.0, 0.0], 0, [0, 0, 0]),
    ],
)
def test_value_and_gradient_by_hand(each, parameters, y_true, prediction, value, gradient):
    assert each(y_true, prediction, **parameters) == pytest.approx(value, rel=1e-14)
    if gradient is not None:
        slope = each.gradient(y_true, prediction, **parameters)
        assert slope == pytest.approx(gradient, rel=1e-14, abs=1e-16)


@pytest.mark.parametrize(
    ("each", "parameters"),
    [
        (CE, {"class_weight": [1, 3]}),
        *[(categorical_focal_with_logits, {"gamma": gamma}) for gamma in (0, 0.5, 2, 30)],
        (categorical_focal_with_logits, {"gamma": 1, "class_weight": [3, 1]}),
        *[(poly_cross_entropy_with_logits, {"epsilon": e}) for e in (-1, -0.5, 0, 1, 1.5, 9)],
    ],
)
def test_gradient_bound_holds_and_is_nearly_reached(each, parameters):
    bound = each.bind(**parameters)
    lead = np.linspace(-60, 60, 2001)
    z = np.stack([lead, np.zeros_like(lead)], axis=1)
    steepest = max(np.abs(bound.gradient(np.full(2001, k), z)).max() for k in (0, 1))
    assert bound.gradient_bound * (1 - 1e-3) <= steepest <= bound.gradient_bound * (1 + 1e-12)


@pytest.mark.parametrize(
    ("scores", "distance"),
    [
        ([2.0, 1.5, 0.25], 0.5),  # the margin of 1 is half a unit away
        ([2.0, 1.75, 1.625], 0.125),  # the two rivals are nearer to a tie
        ([2.0, 1.75], 0.75),  # one rival has no tie
    ],
)
def test_distance_to_a_kink_of_the_hinge_is_to_its_margin_or_to_a_tie(scores, distance):
    far = multiclass_hinge.declaration.kink_distance([0], [scores])
    assert far == pytest.approx([distance])


def test_certain_and_wrong_costs_infinity():
    value, gradient = categorical_cross_entropy.value_and_gradient(1, [1.0, 0.0])
    assert (value, gradient.tolist()) == (math.inf, [0, -math.inf])
    assert generalized_cross_entropy(1, [1.0, 0.0], q=0.5) == 2


# -- high-precision references ------------------------------------------------------------------


def exact_softmax(row):
    """Return p, 1 - p and -log p of each class, to 60 digits."""
    row = [mpf(float(x)) for x in row]
    top = max(row)
    exps = [mp.exp(x - top) for x in row]
    total = sum(exps)
    p = [e / total for e in exps]
    q = [sum(exps[:k] + exps[k + 1 :]) / total for k in range(len(row))]
    k_top = row.index(top)
    rest = sum(exps[:k_top] + exps[k_top + 1 :])
    return p, q, [top - x + mp.log1p(rest) for x in row]


def rows(dtype=np.float64):
    rng = np.random.default_rng(8)
    z = np.concatenate(
        [
            rng.uniform(-3, 3, (60, 5)),
            rng.uniform(-50, 50, (60, 5)),
            rng.uniform(-1000, 1000, (40, 5)),
            1000 + rng.uniform(-1, 1, (20, 5)),
            1e-9 * rng.standard_normal((20, 5)),
        ]
    )
    z[0], z[1], z[2] = [40, 0, 0, 0, 0], [1000, 0, 0, 0, -1000], [2, 2, 2, 2, 2]
    y = rng.integers(0, 5, len(z))
    y[::2] = z[::2].argmax(axis=-1)
    return y, z.astype(dtype)


def relative(x, exact):
    return np.array(
        [
            [float(abs(mpf(float(a)) - e) / abs(e)) if abs(e) > 1e-290 else 0.0 for a, e in pair]
            for pair in (zip(r, e, strict=True) for r, e in zip(x, exact, strict=True))
        ]
    )


def focal_terms(p, q, n, gamma):
    return q**gamma * n, q**gamma * (1 + gamma * p * (n / q if q else 1))


TERMS = {
    CE: lambda p, q, n: (n, mpf(1)),
    categorical_focal_with_logits: focal_terms,
    poly_cross_entropy_with_logits: lambda p, q, n, epsilon: (
        n + epsilon * q,
        1 + epsilon * p,
    ),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("each", "parameters"),
    [
        (CE, {}),
        (categorical_focal_with_logits, {"gamma": 0.5}),
        (categorical_focal_with_logits, {"gamma": 2.0}),
        (poly_cross_entropy_with_logits, {"epsilon": 2.0}),
    ],
    ids=lambda x: x.name if isinstance(x, Loss) else str(x),
)
def test_value_and_gradient_are_within_the_bound(each, parameters, dtype):
    y, z = rows(dtype)
    value, gradient = each.value_and_gradient(y, z, **parameters)
    values, slopes = [], []
    for k, row in zip(y, z, strict=True):
        p, q, n = exact_softmax(row)
        v, a = TERMS[each](p[k], q[k], n[k], **{k: mpf(v) for k, v in parameters.items()})
        values.append([v])
        slopes.append([-q[j] * a if j == k else p[j] * a for j in range(5)])
    eps = float(np.finfo(dtype).eps)
    spread = (z.max(axis=-1) - z.min(axis=-1)).astype(float)
    bound = (8 * eps + (eps / 2) * spread)[:, np.newaxis]
    tiny = 1e-300 if dtype == np.float64 else 1e-37
    for result, exact in ((value[:, np.newaxis], values), (gradient, slopes)):
        exact = [[e if abs(e) > tiny else mpf(0) for e in row] for row in exact]
        error = relative(result, exact)
        assert (error <= bound).all(), (error / bound).max()


@pytest.mark.parametrize("epsilon", [-1, -0.5, 0, 0.5, 1, 1.2, 2])
def test_poly_is_convex_up_to_epsilon_1(epsilon):
    each = poly_cross_entropy_with_logits.bind(epsilon=epsilon)
    z = np.linspace(-9, 9, 2001)
    slope = each.gradient(np.zeros(2001, dtype=int), np.column_stack([z, 0 * z]))[:, 0]
    assert (np.diff(slope).min() >= -1e-12) == each.convex == (epsilon <= 1)


def test_sparsemax_estimates_the_class_probabilities():
    p = np.array([0.7, 0.2, 0.1])
    slope = sum(p[k] * sparsemax_loss.gradient(k, p + 5) for k in range(3))
    assert slope == pytest.approx(np.zeros(3), abs=1e-15)


def test_gradient_is_right_at_a_lead_where_p_minus_one_is_zero():
    for lead in (37.0, 40.0, 100.0, 700.0):
        z = [lead, 0.0]
        assert CE.gradient(0, z)[0] == pytest.approx(-math.exp(-lead), rel=1e-14)
        assert CE(0, z) == pytest.approx(math.exp(-lead), rel=1e-14)
    assert softmax([40.0, 0.0])[0] - 1 == 0


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_losses_of_probabilities_are_exact_to_4_ulp(dtype):
    low = -300 if dtype == np.float64 else -36
    p = (10.0 ** np.random.default_rng(9).uniform(low, 0, 200)).astype(dtype)
    table = np.column_stack([p, 1 - p])
    values, gradient = categorical_cross_entropy.value_and_gradient(np.zeros(200, int), table)
    numbers = [mpf(float(x)) for x in p]
    assert ulps(values, [-mp.log(x) for x in numbers]).max() <= 4
    assert ulps(gradient[:, 0], [-1 / x for x in numbers]).max() <= 4
    q = mpf(0.5)
    values, gradient = generalized_cross_entropy.value_and_gradient(
        np.zeros(200, int), table, q=0.5
    )
    assert ulps(values, [(1 - x**q) / q for x in numbers]).max() <= 4
    exact = [-(x ** (q - 1)) for x in numbers]
    relative_error = [
        float(abs((mpf(float(g)) - e) / e)) for g, e in zip(gradient[:, 0], exact, strict=True)
    ]
    # exp(q log p) has the rounding of the logarithm in its exponent.
    eps = float(np.finfo(dtype).eps)
    assert max(relative_error) <= 4 * eps + EPS * 0.5 * 0.5 * 700


# -- gradients ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("each", "parameters"),
    [
        (CE, {}),
        (CE, {"label_smoothing": 0.1, "class_weight": [1, 2, 0, 0.5]}),
        (categorical_cross_entropy, {}),
        (categorical_focal_with_logits, {}),
        (categorical_focal_with_logits, {"gamma": 0.5, "class_weight": [1, 2, 3, 4]}),
        (poly_cross_entropy_with_logits, {}),
        (poly_cross_entropy_with_logits, {"epsilon": -1}),
        (generalized_cross_entropy, {}),
        (multiclass_hinge, {}),
        (weston_watkins_hinge, {}),
        (weston_watkins_hinge, {"margin": 0.5}),
        (sparsemax_loss, {}),
    ],
    ids=lambda x: x.name if isinstance(x, Loss) else str(x),
)
def test_gradient_is_the_derivative_of_the_value(each, parameters):
    result = check_gradient(each, **parameters)
    assert result, str(result)
    prediction = each.sample(100, seed=1)[1]
    if each not in (multiclass_hinge, weston_watkins_hinge):
        soft = np.random.default_rng(0).dirichlet(np.ones(4), 100)
        result = check_gradient(each, soft, prediction, **parameters)
        assert result, str(result)


LOGITS = [CE, categorical_focal_with_logits, poly_cross_entropy_with_logits, sparsemax_loss]
SCORES = [*LOGITS, multiclass_hinge, weston_watkins_hinge]
finite = hnp.arrays(np.float64, (3, 4), elements=st.floats(-1e6, 1e6))


@given(st.sampled_from(SCORES), finite, hnp.arrays(np.int64, 3, elements=st.integers(0, 3)))
@settings(max_examples=300, deadline=None)
def test_never_nan_never_negative_and_gradients_sum_to_zero(each, z, y):
    value, gradient = each.value_and_gradient(y, z)
    assert (value >= 0).all()
    assert not np.isnan(gradient).any()
    np.testing.assert_allclose(gradient.sum(axis=-1), 0, atol=1e-12)


@given(finite, finite, hnp.arrays(np.int64, 3, elements=st.integers(0, 3)))
@settings(max_examples=200, deadline=None)
def test_convex_where_it_says_so(first, second, y):
    for each in SCORES:
        if each.convex:
            ends = (each(y, first) + each(y, second)) / 2
            assert (each(y, first + (second - first) / 2) <= ends * (1 + 1e-9) + 1e-9).all()


@given(finite, st.floats(-1e6, 1e6))
@settings(max_examples=200, deadline=None)
def test_common_shift_of_the_logits_changes_nothing(z, shift):
    z = np.round(z)  # so that the shift rounds nothing off
    shift = round(shift)
    for each in SCORES:
        np.testing.assert_allclose(each([0, 1, 2], z + shift), each([0, 1, 2], z), rtol=1e-12)


# -- identities ---------------------------------------------------------------------------------

Y, Z = rows()


@pytest.mark.parametrize("each", LOGITS, ids=lambda each: each.name)
def test_class_number_is_the_one_hot_row(each):
    numbers, table = each.value_and_gradient(Y, Z), each.value_and_gradient(one_hot(Y, 5), Z)
    for a, b in zip(numbers, table, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_focal_and_poly_without_their_parameter_are_cross_entropy():
    expected = CE.value_and_gradient(Y, Z)
    for each, parameters in [
        (categorical_focal_with_logits, {"gamma": 0}),
        (poly_cross_entropy_with_logits, {"epsilon": 0}),
    ]:
        for a, b in zip(each.value_and_gradient(Y, Z, **parameters), expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-13)


def test_two_classes_are_the_binary_loss():
    z = np.linspace(-30, 30, 61)
    table, labels = np.column_stack([np.zeros(61), z]), np.arange(61) % 2
    np.testing.assert_allclose(
        CE(labels, table), binary_cross_entropy_with_logits(labels, z), rtol=1e-14
    )
    np.testing.assert_allclose(
        CE.gradient(labels, table)[:, 1],
        binary_cross_entropy_with_logits.gradient(labels, z),
        rtol=1e-14,
    )
    for each in (multiclass_hinge, weston_watkins_hinge):
        np.testing.assert_allclose(each(labels, table), hinge(2 * labels - 1, z))


def test_generalized_cross_entropy_tends_to_cross_entropy():
    p = softmax(Z[3:60])
    near = generalized_cross_entropy(Y[3:60], p, q=1e-9)
    np.testing.assert_allclose(near, categorical_cross_entropy(Y[3:60], p), rtol=1e-7)


def test_logits_and_probabilities_agree():
    p = softmax(Z[3:60])
    np.testing.assert_allclose(
        CE(Y[3:60], Z[3:60]), categorical_cross_entropy(Y[3:60], p), rtol=1e-12
    )


def test_ones_as_weights_change_nothing_and_smoothing_mixes_in_the_uniform():
    np.testing.assert_allclose(CE(Y, Z, class_weight=np.ones(5)), CE(Y, Z), rtol=1e-14)
    mixed = 0.9 * one_hot(Y, 5) + 0.1 / 5
    np.testing.assert_allclose(CE(Y, Z, label_smoothing=0.1), CE(mixed, Z), rtol=1e-13)


def test_sparsemax_loss_is_zero_from_a_lead_of_one():
    assert sparsemax_loss(0, [1.0, 0.0, 0.0]) == 0
    assert sparsemax_loss(0, [0.999, 0.0, 0.0]) > 0
    assert sparsemax_loss(0, [1e6 + 1, 1e6]) == 0


def test_sparsemax_loss_says_how_far_its_kinks_are():
    distance = sparsemax_loss.declaration.kink_distance
    # Class 1 leaves the support at a lead of 1, class 2 of (0.5, 0, z) joins it at z = -0.25.
    np.testing.assert_allclose(distance(0, [1.0, 0.0]), 0, atol=1e-15)
    np.testing.assert_allclose(distance(0, [0.5, 0.0, -0.25]), 0, atol=1e-15)
    np.testing.assert_allclose(distance(0, [0.5, 0.0, -1.25]), 0.25)


# -- shapes, dtypes, bad input ------------------------------------------------------------------


@pytest.mark.parametrize("each", SCORES, ids=lambda each: each.name)
def test_shapes_and_dtypes(each):
    z = np.random.default_rng(0).standard_normal((2, 3, 4))
    y = np.array([[0, 1, 2], [3, 0, 1]])
    value, gradient = each.value_and_gradient(y, z)
    assert (value.shape, gradient.shape) == ((2, 3), (2, 3, 4))
    np.testing.assert_array_equal(value[1], each(y[1], z[1]))
    assert each(y, z.astype(np.float32)).dtype == np.float32
    assert np.ndim(each(1, z[0, 0])) == 0
    assert each(np.zeros(0, int), np.zeros((0, 4))).shape == (0,)
    assert each.gradient(np.zeros(0, int), np.zeros((0, 4))).shape == (0, 4)


@pytest.mark.parametrize("each", SCORES, ids=lambda each: each.name)
def test_blocks_give_the_same(each):
    rng = np.random.default_rng(0)
    z, y = rng.standard_normal((90_000, 3)), rng.integers(0, 3, 90_000)
    value, gradient = each.value_and_gradient(y, z)
    part = slice(30_000, 40_000)
    np.testing.assert_allclose(value[part], each(y[part], z[part]), rtol=1e-14)
    np.testing.assert_allclose(gradient[part], each.gradient(y[part], z[part]), rtol=1e-14)


@pytest.mark.parametrize(
    ("each", "y_true", "prediction", "error", "message"),
    [
        (CE, [0, 3], np.zeros((2, 3)), ValueError, "class number from 0 to 2: got 3 at index 1"),
        (CE, [0, -1], np.zeros((2, 3)), ValueError, "class number from 0 to 2: got -1 at index 1"),
        (CE, [0.0, 1.0], np.zeros((2, 3)), TypeError, "integer dtype or one row of probabilities"),
        (multiclass_hinge, [0.0], np.zeros((1, 3)), TypeError, "integer dtype: got dtype float64"),
        (multiclass_hinge, [[1, 0]], [[0.0, 0.0]], ValueError, "as many examples"),
        (CE, [0, 1, 2], np.zeros((2, 3)), ValueError, r"got \(3,\) and \(2, 3\)"),
        (CE, [[0.5, 0.6]], [[0.0, 0.0]], ValueError, "each row of y_true must sum to 1"),
        (CE, [[0.5, 0.5, 0.0]], [[0.0, 0.0]], ValueError, r"got \(1, 3\) and \(1, 2\)"),
        (CE, [[1.5, -0.5]], [[0.0, 0.0]], ValueError, r"y_true must be in \[0, 1\]: got 1.5"),
        (CE, [0], [[np.nan, 0.0]], ValueError, "logits must be finite: got nan at index 0, 0"),
        (CE, 0, 1.0, ValueError, "logits must have one row per example"),
        (CE, [], np.zeros((0, 0)), ValueError, "of at least one number"),
        (
            categorical_cross_entropy,
            [0, 0],
            [[0.5, 0.5], [0.5, 0.4]],
            ValueError,
            r"each row of p must sum to 1 \(within 1.5e-08\): got 0.9 at index 1",
        ),
    ],
)
def test_bad_input_is_named(each, y_true, prediction, error, message):
    with pytest.raises(error, match=message):
        each(y_true, prediction)


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ([1, 2], ValueError, "class_weight must have one number per class, 3: got 2"),
        ([1, -2, 1], ValueError, "finite and not negative: got -2.0 for class 1"),
        (2.0, TypeError, "class_weight must be one number per class"),
        (["a", "b", "c"], TypeError, "class_weight must be one number per class"),
    ],
)
def test_bad_class_weights_are_named(bad, error, message):
    with pytest.raises(error, match=message):
        CE(0, [0.0, 0.0, 0.0], class_weight=bad)


def test_float32_rows_may_be_off_by_their_rounding():
    p = softmax(np.random.default_rng(0).standard_normal((50, 7)).astype(np.float32))
    assert categorical_cross_entropy(np.zeros(50, int), p).dtype == np.float32


def test_what_targets_may_be_is_said_in_words():
    assert str(CE.arguments["y_true"]) == "a class number or a row of probabilities"
    assert str(multiclass_hinge.arguments["y_true"]) == "a class number"


# -- tokens ---------------------------------------------------------------------------------------


def test_tokens_without_z_loss_are_cross_entropy_in_any_number_of_axes():
    rng = np.random.default_rng(50)
    y, z = rng.integers(0, 7, (3, 5)), rng.standard_normal((3, 5, 7))
    pairs = token_cross_entropy.value_and_gradient(y, z), CE.value_and_gradient(y, z)
    for a, b in zip(*pairs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_padding_counts_neither_in_the_sum_nor_in_the_number():
    rng = np.random.default_rng(54)
    y, z = rng.integers(0, 7, (3, 5)), rng.standard_normal((3, 5, 7))
    y[:, 3:] = -100
    cost = Cost(token_cross_entropy, ignore=-100)
    assert cost(y, z) == pytest.approx(token_cross_entropy(y[:, :3], z[:, :3]).mean(), rel=1e-14)
    assert math.exp(cost(y, z)) == pytest.approx(perplexity(y, z), rel=1e-14)
    slope = cost.gradient(y, z)
    assert (slope[:, 3:] == 0).all()
    np.testing.assert_allclose(
        slope[:, :3], token_cross_entropy.gradient(y[:, :3], z[:, :3]) / 9, rtol=1e-13
    )


def test_z_loss_is_the_square_of_the_logarithm_of_the_normaliser():
    rng = np.random.default_rng(51)
    y, z = rng.integers(0, 4, 200), 30 * rng.standard_normal((200, 4))
    value, gradient = token_cross_entropy.value_and_gradient(y, z, z_loss=0.25)
    for k in range(200):
        row = [mpf(float(v)) for v in z[k]]
        total = sum(map(mp.exp, row))
        log_z = mp.log(total)
        exact = log_z - row[y[k]] + log_z**2 / 4
        assert abs(value[k] - float(exact)) <= 8 * EPS * float(exact)
        p = [mp.exp(v) / total for v in row]
        slopes = [v * (1 + log_z / 2) - (j == y[k]) for j, v in enumerate(p)]
        largest = max(1, float(abs(log_z)) / 2)
        np.testing.assert_allclose(gradient[k], np.array(slopes, float), atol=8 * EPS * largest)


def test_z_loss_fixes_the_constant_that_cross_entropy_leaves_free():
    z = np.array([1.0, 0.0, -2.0])
    shifted = z - np.log(np.exp(z).sum())
    assert CE(0, z) == pytest.approx(CE(0, shifted), rel=1e-14)
    assert token_cross_entropy(0, shifted, z_loss=1) == pytest.approx(CE(0, z), rel=1e-14)
    assert token_cross_entropy(0, z, z_loss=1) > token_cross_entropy(0, shifted, z_loss=1)


def test_z_loss_is_declared_not_convex_and_is_not():
    assert token_cross_entropy.convex
    assert not token_cross_entropy.bind(z_loss=1).convex
    ends = np.array([[-4.0, -9.0], [-9.0, -4.0]])
    value = token_cross_entropy([0, 0], ends, z_loss=1).mean()
    assert token_cross_entropy(0, ends.mean(axis=0), z_loss=1) > value


# -- grades ---------------------------------------------------------------------------------------


def _probability(grade, score, cuts):
    """Return the probability of a grade with high precision, and the two sigmoids around it."""
    edges = [-mp.inf, *(mpf(float(c)) for c in cuts), mp.inf]
    high, low = edges[grade + 1] - mpf(float(score)), edges[grade] - mpf(float(score))
    above = 1 if high == mp.inf else 1 / (1 + mp.exp(-high))
    below = 0 if low == -mp.inf else 1 / (1 + mp.exp(-low))
    return above - below, above, below


@pytest.mark.parametrize("spread", [1, 30, 700])
def test_ordinal_is_within_4_ulp_of_its_terms(spread):
    mp.dps = 1400
    rng = np.random.default_rng(52)
    n = 120
    cuts = np.sort(spread * rng.standard_normal((n, 3)), axis=-1)
    cuts[:20] = np.arange(3) * 10.0 ** -np.arange(1, 21)[:, np.newaxis]  # nearly one cut
    score, y = spread * rng.standard_normal(n), rng.integers(0, 4, n)
    value, (slope, rows) = ordinal_nll.value_and_gradient(y, score, cuts)
    exact, slopes, pulls = [], [], []
    for k in range(n):
        p, above, below = _probability(y[k], score[k], cuts[k])
        exact.append(-mp.log(p))
        slopes.append(((above * (1 - above) - below * (1 - below)) / p, max(1 - above, below)))
        row = [mpf(0)] * 5
        row[y[k]], row[y[k] + 1] = below * (1 - below) / p, -above * (1 - above) / p
        pulls.append(row[1:4])
    assert ulps(value, exact).max() <= 4
    for got, (wanted, term) in zip(slope, slopes, strict=True):
        assert abs(mpf(float(got)) - wanted) <= 4 * EPS * max(term, mpf(10) ** -300)
    for got, wanted in zip(rows, pulls, strict=True):
        assert ulps(got, wanted).max() <= 8
    mp.dps = 60


def test_one_row_of_cuts_serves_all_examples():
    y, score, cuts = np.array([0, 1, 2, 2]), np.array([0.5, -1, 0.25, 3]), np.array([-0.5, 1.5])
    every = np.broadcast_to(cuts, (4, 2))
    value, slopes = ordinal_nll.value_and_gradient(y, score, cuts=cuts)
    wanted, each = ordinal_nll.value_and_gradient(y, score, every)
    np.testing.assert_array_equal(value, wanted)
    for a, b in zip(slopes, each, strict=True):
        np.testing.assert_array_equal(a, b)
    assert ordinal_nll.gradient(y, score, cuts)[1].shape == (4, 2)
    assert ordinal_nll(1, 0.0, cuts) == pytest.approx(
        -LOG(1 / (1 + math.exp(-1.5)) - 1 / (1 + math.exp(0.5)))
    )
    folded = ordinal_nll(y.reshape(2, 2), score.reshape(2, 2), cuts)
    np.testing.assert_array_equal(folded.ravel(), ordinal_nll(y, score, cuts))


def test_one_cut_makes_it_binary_cross_entropy():
    z = np.linspace(-50, 50, 101)
    for y in (0, 1):
        full = np.full(101, y)
        value, (slope, cut) = ordinal_nll.value_and_gradient(full, z, [0.0])
        wanted, slopes = binary_cross_entropy_with_logits.value_and_gradient(full, z)
        np.testing.assert_allclose(value, wanted, rtol=1e-15)
        np.testing.assert_allclose(slope, slopes, rtol=1e-15)
        np.testing.assert_allclose(cut[:, 0], -slopes, rtol=1e-15)


def test_probabilities_of_grades_sum_to_one_and_moving_all_changes_nothing():
    cuts = np.array([-1.0, 0.5, 0.75])
    p = np.exp(-ordinal_nll(np.arange(4), np.full(4, 0.3), cuts))
    assert p.sum() == pytest.approx(1, rel=1e-15)
    moved = np.exp(-ordinal_nll(np.arange(4), np.full(4, 2.3), cuts + 2))
    np.testing.assert_allclose(p, moved, rtol=1e-13)
    slope, pulls = ordinal_nll.gradient(np.arange(4), np.full(4, 0.3), cuts)
    np.testing.assert_allclose(slope, -pulls.sum(axis=-1), rtol=1e-12, atol=1e-16)


def test_ordinal_asks_fewer_questions_than_all_thresholds_and_keeps_its_cuts_apart():
    cuts, z = np.array([-1.0, 0.5, 2.0]), np.linspace(-4, 4, 17)
    for grade in range(4):
        questions = [
            binary_cross_entropy_with_logits(np.full(17, float(grade > k)), z - c)
            for k, c in enumerate(cuts)
        ]
        around = sum(questions[max(grade - 1, 0) : grade + 1])
        apart = -np.log1p(-np.exp(-np.diff(cuts)[grade - 1])) if 0 < grade < 3 else 0
        np.testing.assert_allclose(ordinal_nll(np.full(17, grade), z, cuts), around + apart)


def test_ordinal_is_convex_in_score_and_cuts_together():
    rng = np.random.default_rng(53)
    y = rng.integers(0, 4, 500)
    (s, a), (t, b) = (
        (rng.standard_normal(500), np.sort(rng.standard_normal((500, 3)))) for _ in "12"
    )
    ends = (ordinal_nll(y, s, a) + ordinal_nll(y, t, b)) / 2
    assert (ordinal_nll(y, (s + t) / 2, (a + b) / 2) <= ends * (1 + 1e-12)).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 3], [0.0, 0.0], [0.0, 1.0]), "y_true must be a class number from 0 to 2: got 3"),
        (
            ([0, 1], [0.0, 0.0], [1.0, 0.0]),
            "cuts must be finite and increasing along a row: got 0.0",
        ),
        (
            ([0, 1], [0.0, 0.0], [1.0, 1.0]),
            "cuts must be finite and increasing along a row: got 1.0",
        ),
        (([0, 1], [0.0, 0.0], [0.0, math.inf]), "cuts must be finite and increasing .*: got inf"),
        (([0, 1], [0.0, 0.0], []), "cuts must have one row per example, of at least one number"),
        (([0, 1], [0.0, 0.0], [[0.0, 1.0]]), "must have as many examples"),
        (([0, 1], [0.0, 0.0, 0.0], [0.0, 1.0]), "must have as many examples"),
        (([0, 1], [0.0, 0.0], 0.0), "cuts must have one row per example"),
    ],
)
def test_bad_grades_and_cuts_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ordinal_nll(*arguments)


def test_grades_must_be_integers():
    with pytest.raises(TypeError, match="y_true must hold class numbers of an integer dtype: got"):
        ordinal_nll([0.0, 1.0], [0.0, 0.0], [0.0])
