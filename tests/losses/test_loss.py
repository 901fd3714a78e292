"""The rules that hold for every loss: arguments, dtypes, parameters, blocks."""

import inspect
import pickle
import subprocess
import sys

import numpy as np
import pytest

import lossbook
from lossbook import Formula, Loss, absolute_error, huber, loss, pinball, squared_error
from lossbook.losses import _loss
from lossbook.losses.domains import POSITIVE, REAL

LOSSES = [getattr(lossbook, n) for n in lossbook.__all__ if isinstance(getattr(lossbook, n), Loss)]
every_loss = pytest.mark.parametrize("each", LOSSES, ids=lambda each: each.name)
regression = [
    each
    for each in LOSSES
    if each.declaration.task == "regression" and set(each.arguments.values()) == {REAL}
]
every_regression_loss = pytest.mark.parametrize("each", regression, ids=lambda each: each.name)


@loss
def plain(y_true, y_pred, *, weight=2.0):
    """Squared error, defined as a reader would: with arrays."""
    r = y_pred - y_true
    return Formula(value=weight * r**2, gradient=2 * weight * r)


def test_import_loads_numpy_and_nothing_heavy():
    heavy = ["matplotlib", "ipywidgets", "IPython", "scipy", "sphinx", "pandas", "sklearn"]
    code = f"import lossbook, sys; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == "[]", result.stderr


# -- shapes -------------------------------------------------------------------------------------


@every_regression_loss
def test_column_against_vector_is_refused_naming_both_shapes(each):
    for method in (each, each.gradient, each.value_and_gradient):
        with pytest.raises(ValueError, match=r"y_true and y_pred .* got \(3,\) and \(3, 1\)"):
            method(np.zeros(3), np.zeros((3, 1)))


def test_shape_error_suggests_ravel_only_where_it_would_help():
    with pytest.raises(ValueError, match="ravel"):
        squared_error(np.zeros(3), np.zeros((1, 3)))
    with pytest.raises(ValueError, match=r"got \(3,\) and \(2,\)$"):
        squared_error(np.zeros(3), np.zeros(2))


def test_number_is_not_broadcast_against_array():
    with pytest.raises(ValueError, match=r"got \(2,\) and \(\)"):
        squared_error([1.0, 2.0], 1.0)


@every_regression_loss
@pytest.mark.parametrize("shape", [(), (1,), (5,), (2, 3), (2, 1, 3)])
def test_result_has_the_shape_of_the_arguments(each, shape):
    y_true, y_pred = np.zeros(shape), np.ones(shape)
    value, gradient = each.value_and_gradient(y_true, y_pred)
    assert np.shape(value) == np.shape(gradient) == shape
    np.testing.assert_array_equal(value, each(y_true, y_pred))
    np.testing.assert_array_equal(gradient, each.gradient(y_true, y_pred))


@every_regression_loss
def test_numbers_give_a_scalar(each):
    assert isinstance(each(1.0, 2), np.float64)
    assert isinstance(each.gradient(1, 2.5), np.float64)


@every_regression_loss
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_no_examples_give_no_values(each, shape):
    value, gradient = each.value_and_gradient(np.zeros(shape), np.zeros(shape))
    assert value.shape == gradient.shape == shape


def test_arguments_may_be_views_and_of_any_memory_order():
    y = np.arange(24.0).reshape(4, 6)
    expected = (y.T[::2] - 1) ** 2
    result = squared_error(np.ones((3, 4), order="F"), y.T[::2])
    np.testing.assert_array_equal(result, expected)


def test_arguments_are_left_as_they_are_and_never_handed_out():
    @loss
    def lazy(y_true, y_pred):
        return Formula(value=y_pred, gradient=y_pred[:])

    y_pred = np.ones(3)
    value, gradient = lazy.value_and_gradient(np.zeros(3), y_pred)
    value[:], gradient[:] = 7, 8
    assert y_pred.tolist() == [1, 1, 1]


# -- dtypes -------------------------------------------------------------------------------------


@every_regression_loss
@pytest.mark.parametrize(
    ("first", "second", "result"),
    [
        (np.float32, np.float32, np.float32),
        (np.float32, np.float64, np.float64),
        (np.float64, np.float32, np.float64),
        (np.int64, np.float32, np.float64),
        (np.uint8, np.int8, np.float64),
        (np.bool_, np.float64, np.float64),
        (">f8", "<f8", np.float64),
    ],
)
def test_dtype_is_float32_only_if_both_are(each, first, second, result):
    y_true, y_pred = np.array([0, 1], first), np.array([1, 1], second)
    for x in each.value_and_gradient(y_true, y_pred):
        assert x.dtype == result
    assert each(y_true[0], y_pred[0]).dtype == result


def test_unsigned_integers_do_not_wrap_around():
    assert squared_error(np.uint8(3), np.uint8(1)) == 4


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros(2, np.float16),
        np.zeros(2, np.longdouble),
        np.zeros(2, complex),
        np.array([0.0, None]),
        ["a", "b"],
        np.array(["2020-01-01", "2020-01-02"], "datetime64[D]"),
        [[1.0], [1.0, 2.0]],
        None,
    ],
    ids=lambda bad: str(getattr(bad, "dtype", bad)),
)
def test_other_types_are_refused_by_name(bad):
    with pytest.raises(TypeError, match="y_pred must"):
        squared_error([0.0, 0.0], bad)
    with pytest.raises(TypeError, match="y_true must"):
        squared_error(bad, [0.0, 0.0])


def test_masked_array_is_refused_since_its_mask_would_be_lost():
    with pytest.raises(TypeError, match="y_true must not be a masked array"):
        squared_error(np.ma.masked_array([1.0, 2.0], [False, True]), [1.0, 2.0])


# -- values -------------------------------------------------------------------------------------


@every_regression_loss
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_not_finite_is_refused_with_value_and_place(each, bad):
    y = np.zeros((2, 3))
    y[1, 2] = bad
    with pytest.raises(ValueError, match=rf"y_pred must be finite: got {bad} at index 1, 2"):
        each(np.zeros((2, 3)), y)
    with pytest.raises(ValueError, match="y_true must be finite"):
        each.gradient(y, np.zeros((2, 3)))


def test_not_finite_number_needs_no_index():
    with pytest.raises(ValueError, match=r"y_pred must be finite: got nan$"):
        squared_error(0.0, np.nan)


@pytest.mark.parametrize("n", [10, 300_000])
def test_bad_value_is_placed_in_small_and_large_arrays(n):
    y = np.zeros(n)
    y[n - 2] = np.nan
    with pytest.raises(ValueError, match=rf"index {n - 2}\b"):
        squared_error(y, np.zeros(n))


@every_regression_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_largest_numbers_never_give_nan(each, dtype):
    top = np.finfo(dtype).max / 2
    y_true, y_pred = np.array([-top, top, 0, top], dtype), np.array([top, -top, top, top], dtype)
    value, gradient = each.value_and_gradient(y_true, y_pred)
    assert not np.isnan(value).any()
    assert not np.isnan(gradient).any()


def test_number_whose_differences_overflow_is_refused():
    with pytest.raises(ValueError, match=r"got inf at index 0$"):  # it is of no size
        squared_error([np.inf, 1.0], [0.0, 0.0])
    with pytest.raises(ValueError, match=r"the largest size in float64 is 8.99e\+307"):
        squared_error(0.0, 1.7e308)
    with pytest.raises(ValueError, match=r"the largest size in float32 is 1.7e\+38"):
        squared_error(np.float32(0), np.float32(3e38))
    with pytest.raises(ValueError, match=r"must be finite: got nan at index 1$"):
        squared_error([0.0, np.nan], [0.0, 0.0])


def test_overflow_of_the_value_is_infinite_without_warning():
    assert squared_error(0.0, 1e200) == np.inf


# -- parameters ---------------------------------------------------------------------------------


def test_unknown_parameter_is_refused_naming_the_known_ones():
    with pytest.raises(TypeError, match=r"huber has no parameter 'beta'.*: delta"):
        huber(0.0, 1.0, beta=1)
    with pytest.raises(TypeError, match=r"squared_error has no parameter 'delta'.*none"):
        squared_error(0.0, 1.0, delta=1)
    with pytest.raises(TypeError, match="huber has no parameter 'beta'"):
        huber.bind(beta=1)


def test_parameter_is_keyword_only():
    with pytest.raises(TypeError, match=r"takes 2 arguments \(y_true, y_pred\): got 3"):
        huber(0.0, 1.0, 2.0)


def test_missing_argument_is_named():
    with pytest.raises(TypeError, match="squared_error needs y_pred"):
        squared_error(1.0)


def test_arguments_may_be_given_by_name():
    assert pinball(y_pred=1.0, y_true=3.0, quantile=0.75) == 1.5
    assert pinball(3.0, y_pred=1.0) == 1.0


@pytest.mark.parametrize("bad", [0, -1, np.inf, np.nan])
def test_parameter_outside_its_interval_is_refused(bad):
    with pytest.raises(ValueError, match=r"delta must be in \(0, ∞\): got"):
        huber(0.0, 1.0, delta=bad)
    with pytest.raises(ValueError, match=r"delta must be in \(0, ∞\): got"):
        huber.bind(delta=bad)


def test_parameters_that_come_again_are_told_apart_by_type_and_sign():
    @loss
    def told(y_true, y_pred, *, p=None):
        return Formula(value=np.full(len(y_true), np.copysign(2 if type(p) is int else 3, p)))

    for _ in range(2):
        assert [told(0.0, 0.0, p=p) for p in (0, 0.0, -0.0, True)] == [2, 3, -3, 3]
    assert huber(0.0, 3.0, delta=1) == 2.5
    with pytest.raises(TypeError, match="delta"):
        huber(0.0, 3.0, delta=True)


@pytest.mark.filterwarnings("error")
def test_parameter_of_any_size_is_bound_without_a_warning():
    lossbook.censored_gaussian_nll.bind(lower=-1e300, upper=1e300)


@pytest.mark.parametrize("bad", ["1", True, None, [1.0], np.ones(2), 1j])
def test_parameter_that_is_no_number_is_refused(bad):
    with pytest.raises(TypeError, match="delta must be a number"):
        huber(0.0, 1.0, delta=bad)


@pytest.mark.parametrize("good", [2, 2.0, np.float32(2), np.int8(2), np.array(2.0)])
def test_parameter_of_any_number_type_keeps_float32(good):
    y = np.array([3.0], np.float32)
    assert huber(np.zeros(1, np.float32), y, delta=good).dtype == np.float32
    assert huber(np.zeros(1, np.float32), y, delta=good) == 4


@every_loss
def test_every_parameter_declares_its_interval(each):
    assert set(each.parameters) == set(each.declaration.intervals)


def test_bind_sets_new_defaults_and_leaves_the_loss():
    bound = huber.bind(delta=2)
    assert bound(0.0, 3.0) == huber(0.0, 3.0, delta=2) != huber(0.0, 3.0)
    assert bound(0.0, 3.0, delta=1) == huber(0.0, 3.0)
    assert bound.parameters == {"delta": 2.0}
    assert huber.parameters == {"delta": 1.0}
    assert repr(bound) == "huber(delta=2.0)"


def test_loss_survives_pickling_with_its_parameters():
    copy = pickle.loads(pickle.dumps(huber.bind(delta=3)))
    assert copy.parameters == {"delta": 3.0}
    assert pickle.loads(pickle.dumps(squared_error))(0.0, 3.0) == 9


def test_loss_documents_itself_as_the_function_it_was_made_of():
    assert huber.__doc__.startswith("Huber's loss")
    assert huber.__name__ == "huber"
    assert str(inspect.signature(huber)) == "(y_true, y_pred, *, delta=1.0)"


# -- blocks -------------------------------------------------------------------------------------


@every_regression_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocks_give_the_same_bits_as_one_piece(each, dtype, monkeypatch):
    rng = np.random.default_rng(0)
    y_true, y_pred = (5 * rng.standard_normal((7, 43))).astype(dtype), np.zeros((7, 43), dtype)
    whole = each.value_and_gradient(y_true, y_pred)
    monkeypatch.setattr(_loss, "_BLOCK", 8)
    for x, expected in zip(each.value_and_gradient(y_true, y_pred), whole, strict=True):
        assert x.dtype == dtype
        # SIMD remainders may differ in the last bit.
        np.testing.assert_array_max_ulp(x, expected, maxulp=2)


def test_large_arrays_are_evaluated_in_blocks():
    sizes = []

    @loss
    def watched(y_true, y_pred):
        sizes.append(y_pred.size)
        return Formula(value=y_pred - y_true)

    n = 250_001
    np.testing.assert_array_equal(watched(np.zeros(n), np.arange(n)), np.arange(n))
    assert max(sizes) == lossbook.losses._loss._BLOCK
    assert sum(sizes) == n


# -- a reader's own loss ------------------------------------------------------------------------


def test_own_loss_of_arrays_follows_every_rule():
    assert plain([1.0, 2.0], [2.0, 4.0]).tolist() == [2, 8]
    assert plain.gradient([1.0, 2.0], [2.0, 4.0], weight=1).tolist() == [2, 4]
    with pytest.raises(ValueError, match="must have the same shape"):
        plain([1.0], [[1.0]])


def test_own_loss_may_compute_lazily():
    calls = []

    @loss
    def lazy(y_true, y_pred):
        return Formula(
            value=lambda: calls.append("value") or y_pred - y_true,
            gradient=lambda: calls.append("gradient") or np.ones_like(y_pred),
        )

    lazy([1.0], [2.0])
    assert calls == ["value"]
    lazy.gradient([1.0], [2.0])
    assert calls == ["value", "gradient"]


def test_own_loss_without_gradient_says_so():
    @loss
    def no_gradient(y_true, y_pred):
        return Formula(value=(y_pred - y_true) ** 2)

    assert no_gradient(1.0, 3.0) == 4
    with pytest.raises(NotImplementedError, match="no_gradient has no gradient"):
        no_gradient.gradient(1.0, 3.0)


def test_own_loss_that_returns_a_mean_is_refused():
    @loss
    def mean(y_true, y_pred):
        return Formula(value=np.mean((y_pred - y_true) ** 2))

    with pytest.raises(ValueError, match=r"mean: the value must have shape \(2,\).*never a mean"):
        mean([1.0, 2.0], [1.0, 3.0])


def test_own_loss_with_a_gradient_of_the_wrong_shape_is_refused():
    @loss
    def wrong(y_true, y_pred):
        return Formula(value=y_pred, gradient=1.0)

    with pytest.raises(ValueError, match="the gradient with respect to y_pred must have shape"):
        wrong.gradient([1.0, 2.0], [1.0, 3.0])


def test_own_loss_that_returns_no_formula_is_refused():
    @loss
    def bare(y_true, y_pred):
        return (y_pred - y_true) ** 2

    with pytest.raises(TypeError, match="bare must return Formula"):
        bare(1.0, 2.0)


def test_own_loss_of_several_predictions_returns_a_tuple_of_gradients():
    @loss
    def two(y_true, mean, scale):
        return Formula(value=scale * (mean - y_true), gradient=lambda: (scale, mean - y_true))

    value, (first, second) = two.value_and_gradient(1.0, 3.0, 5.0)
    assert (value, first, second) == (10, 5, 2)

    @loss
    def averaged(y_true, mean, scale):
        return Formula(value=scale, gradient=(scale, scale.mean()))

    with pytest.raises(ValueError, match="the gradient with respect to scale must have shape"):
        averaged.value_and_gradient(1.0, 3.0, 5.0)

    @loss
    def one_missing(y_true, mean, scale):
        return Formula(value=scale, gradient=scale)

    with pytest.raises(ValueError, match="one gradient for each of mean, scale: got 1"):
        one_missing.gradient(1.0, 3.0, 5.0)


def test_default_of_a_parameter_is_checked_and_one_without_is_asked_for():
    with pytest.raises(ValueError, match="ratio must be in "):

        @loss(intervals={"ratio": POSITIVE})
        def wrong(y_true, y_pred, *, ratio=-1):
            return Formula(value=ratio * (y_pred - y_true))

    @loss(intervals={"ratio": POSITIVE})
    def asking(y_true, y_pred, *, ratio):
        return Formula(value=ratio * (y_pred - y_true))

    with pytest.raises(TypeError, match="asking needs the parameter ratio"):
        asking(1.0, 2.0)
    assert asking(1.0, 2.0, ratio=3) == 3


def test_own_loss_must_be_a_function_of_named_arguments():
    with pytest.raises(TypeError, match=r"at least a target and a prediction: got y_pred$"):

        @loss
        def alone(y_pred):
            return Formula(value=y_pred)

    with pytest.raises(TypeError, match=r"at least a target and a prediction: got nothing$"):

        @loss
        def empty():
            return Formula(value=0)

    with pytest.raises(TypeError, match="named arguments"):

        @loss
        def anything(*y):
            return Formula(value=y[0])


def test_declaration_of_an_unknown_name_is_refused():
    with pytest.raises(TypeError, match="intervals names 'beta'"):

        @loss(intervals={"beta": lossbook.Interval(0)})
        def typo(y_true, y_pred, *, delta=1.0):
            return Formula(value=y_pred)


def test_parameter_without_default_must_be_given():
    @loss
    def needy(y_true, y_pred, *, scale):
        return Formula(value=scale * y_pred)

    with pytest.raises(TypeError, match="needy needs the parameter scale"):
        needy(1.0, 2.0)
    assert needy(1.0, 2.0, scale=3.0) == needy.bind(scale=3.0)(1.0, 2.0) == 6


def test_absolute_error_at_a_perfect_prediction_does_not_pull():
    assert absolute_error.gradient(2.0, 2.0) == 0


# -- nothing silent --------------------------------------------------------------------------------


def test_a_formula_cannot_change_the_callers_array():
    @loss
    def careless(y_true, y_pred):
        y_pred -= y_true
        return Formula(value=y_pred**2)

    y, p = np.ones(3), np.full(3, 2.0)
    for arguments in ((y, p), (y[::-1], p[::-1]), (y.reshape(3, 1), p.reshape(3, 1))):
        with pytest.raises(ValueError, match="read-only"):
            careless(*arguments)
    assert p.tolist() == [2, 2, 2]
    assert p.flags.writeable


def test_results_are_the_callers_own():
    @loss
    def itself(y_true, y_pred):
        return Formula(value=y_pred, gradient=y_pred)

    p = np.full(3, 2.0)
    for result in itself.value_and_gradient(np.zeros(3), p):
        result += 1
    assert p.tolist() == [2, 2, 2]


def test_methods_show_the_signature_of_their_loss():
    for method in (huber, huber.gradient, huber.bind(delta=3).value_and_gradient):
        assert str(inspect.signature(method)) == "(y_true, y_pred, *, delta=1.0)"
    assert huber.gradient.__doc__ == Loss.gradient.__doc__
    bound = huber.bind(delta=0.5)
    assert huber.gradient(0.0, 3.0) == 1
    assert bound.gradient(0.0, 3.0) == 0.5


def test_a_loss_goes_by_value_where_its_module_is_not():
    # What joblib does with what a notebook defines: the function is sent, not its name.
    @loss(estimates="nothing", intervals={"k": POSITIVE})
    def mine(y_true, y_pred, *, k=2.0):
        return Formula(value=k * (y_pred - y_true))

    rebuild, arguments = mine.bind(k=3).__reduce_ex__(5)
    there = rebuild(*arguments)
    assert repr(there) == "mine(k=3.0)"
    assert there([1.0], [2.0]).tolist() == [3]
    assert there.declaration.estimates == "nothing"
    for protocol in range(2, 6):  # joblib's hashes and caches take the third
        assert pickle.loads(pickle.dumps(huber, protocol)) is huber
        assert repr(pickle.loads(pickle.dumps(huber.bind(delta=3), protocol))) == "huber(delta=3.0)"


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: huber(1.0, 2.0, delta=10**400), ValueError, "delta must be in .*401 digits"),
        (
            lambda: lossbook.categorical_cross_entropy_with_logits(
                0, [0.5, 0.5], class_weight=[[1], [1, 2]]
            ),
            TypeError,
            "class_weight must be one number per class",
        ),
        (
            lambda: lossbook.categorical_cross_entropy_with_logits(
                0, [0.5, 0.5], class_weight={0: 1, 1: 2}
            ),
            TypeError,
            "class_weight must be one number per class, in their order: got a dict",
        ),
        (
            lambda: lossbook.binary_cross_entropy_with_logits(
                [[1, 0]], [[0.0, 0.0]], pos_weight=[1, 2, 3]
            ),
            ValueError,
            r"pos_weight must be one number, or one per label .*\(1, 2\)\): got 3",
        ),
        (
            lambda: lossbook.binary_cross_entropy_with_logits(
                [1, 0], [0.0, 0.0], pos_weight=[1, 0]
            ),
            ValueError,
            r"pos_weight must be in \(0, ∞\): got 0.0 at index 1",
        ),
    ],
)
def test_bad_parameters_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_empty_class_numbers_are_of_no_type_yet():
    for each in (lossbook.categorical_cross_entropy_with_logits, lossbook.multiclass_hinge):
        value, gradient = each.value_and_gradient([], np.zeros((0, 3)))
        assert (value.shape, gradient.shape) == ((0,), (0, 3))


@pytest.mark.parametrize("n", [4, 60_000])
def test_positives_are_weighted_label_by_label(n):
    rng = np.random.default_rng(0)
    y, z, weights = rng.integers(0, 2, (n, 3)), rng.standard_normal((n, 3)), [0.5, 1.0, 3.0]
    found = lossbook.binary_cross_entropy_with_logits.value_and_gradient(y, z, pos_weight=weights)
    for k, weight in enumerate(weights):
        one = lossbook.binary_cross_entropy_with_logits.bind(pos_weight=weight)
        for a, b in zip(found, one.value_and_gradient(y[:, k], z[:, k]), strict=True):
            np.testing.assert_allclose(a[:, k], b, rtol=1e-14)
    bound = lossbook.binary_cross_entropy_with_logits.bind(pos_weight=weights)
    assert bound.gradient_bound == 3
    np.testing.assert_allclose(lossbook.Cost(bound).gradient(y, z) * y.size, found[1], 1e-15)
