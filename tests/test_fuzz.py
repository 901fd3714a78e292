"""Every public function takes what users have, or says by name what is wrong with it.

Each array argument of each function is given in turn in many forms. What comes out is the result
for the same numbers as a plain float64 array, or a ValueError or TypeError that names the argument;
never a warning, a bare error of NumPy, or NaN.
"""

import re
import warnings
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest

import lossbook
from lossbook import (
    L1,
    L2,
    MLP,
    Adam,
    Cost,
    GradientDescent,
    Linear,
    Momentum,
    Objective,
    brier,
    categorical_cross_entropy_with_logits,
    check_gradient,
    gaussian_nll,
    huber,
    squared_error,
    train,
)
from lossbook.fitting import (
    Line,
    fit_line,
    least_squares_line,
    pinball_line,
    reweighted_line,
)
from lossbook.losses import Loss

LOSSES = [
    each for each in map(lossbook.__dict__.get, lossbook.losses.__all__) if isinstance(each, Loss)
]

# What is called ---------------------------------------------------------------------------------

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 1.0]])
Y = np.array([1.0, 3.0, 2.0, 5.0])
P = np.array([0.25, 0.5, 0.75, 0.25])
LABELS = np.array([0, 1, 1, 0])
ROWS = np.array([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.125, 0.25, 0.625], [0.0, 1.0, 0.0]])
CLASSES = np.array([0, 2, 1, 1])
WEIGHTS = np.array([1.0, 2.0, 0.0, 1.0])
MASK = np.array([True, True, False, True])


class Case(NamedTuple):
    """A function, and arrays that are right for it."""

    call: Any
    arguments: dict


def _trained(X, y, sample_weight=None, mask=None):
    model = Linear(2)
    cost = Cost(squared_error, penalties=[L2(0.1)])
    history = train(
        model, X, y, cost, GradientDescent(0.1), 2, sample_weight=sample_weight, mask=mask
    )
    return history.cost, model.parameters["w"]


def _objective(X, y, sample_weight=None, mask=None):
    start = {"w": np.array([1.0, 2.0]), "b": np.array(0.5)}
    J = Objective.from_cost(Linear(2), X, y, Cost(squared_error), sample_weight, mask)
    return J(start), J.gradient(start)["w"]


def _linear(X=X, gradient=Y, w=(1.0, 2.0)):
    model = Linear(2).with_parameters({"w": w, "b": 0.5})
    return model.forward(X), *model.backward(X, gradient).values()


def _mlp(X, gradient):
    model = MLP((2, 3, 3))
    return model.forward(X), *model.backward(X, gradient).values()


def _checked(*arguments):
    found = check_gradient(*arguments)
    return found.passed, found.analytic


def _of_cost(cost):
    def call(y_true, y_pred, sample_weight=None, mask=None):
        value, slope = cost.value_and_gradient(y_true, y_pred, None, sample_weight, mask)
        alone = cost(y_true, y_pred, None, sample_weight, mask)
        weights = cost.weights(y_true, y_pred, sample_weight, mask)
        return value, slope, alone, 0 if weights is None else weights

    return call


def _cases():
    pair = {"x": X[:, 0], "y": Y}
    weighed = {"sample_weight": WEIGHTS, "mask": MASK}
    yield "sigmoid", Case(lossbook.sigmoid, {"z": Y})
    yield "log_sigmoid", Case(lossbook.log_sigmoid, {"z": Y})
    yield "softmax", Case(lossbook.softmax, {"z": X})
    yield "log_softmax", Case(lossbook.log_softmax, {"z": X})
    yield "one_hot", Case(lambda labels: lossbook.one_hot(labels, 3), {"labels": CLASSES})
    yield (
        "class_numbers",
        Case(lambda labels: lossbook.class_numbers(labels, [0, 1, 2]), {"labels": CLASSES}),
    )
    yield (
        "reliability",
        Case(lossbook.reliability, {"y_true": LABELS, "p": P}),
    )
    ece = lossbook.expected_calibration_error
    yield "ece of two classes", Case(ece, {"y_true": LABELS, "p": P})
    yield "ece of classes", Case(ece, {"y_true": CLASSES, "p": ROWS})
    wrong = np.array([1, 0, 2, 1])
    yield "fit_temperature", Case(lossbook.fit_temperature, {"y_true": wrong, "logits": 9 * ROWS})
    yield "fit_temperature of two", Case(lossbook.fit_temperature, {"y_true": LABELS, "logits": Y})
    yield (
        "adjust_logits",
        Case(
            lambda logits, frequencies, target: lossbook.adjust_logits(
                logits, frequencies, target=target
            ),
            {"logits": ROWS, "frequencies": Y[:3], "target": Y[1:]},
        ),
    )
    yield "perplexity", Case(lossbook.perplexity, {"y_true": CLASSES, "logits": ROWS})
    yield "cost", Case(_of_cost(Cost(squared_error)), {"y_true": Y, "y_pred": X[:, 0], **weighed})
    yield (
        "cost of classes",
        Case(
            _of_cost(Cost(categorical_cross_entropy_with_logits, "sum")),
            {"y_true": CLASSES, "y_pred": ROWS, **weighed},
        ),
    )
    yield (
        "cost by label",
        Case(
            _of_cost(Cost(brier, classes=[0, 1], class_weight="balanced", ignore=-1)),
            {"y_true": LABELS, "y_pred": P, **weighed},
        ),
    )
    yield (
        "cost of two predictions",
        Case(
            lambda y_true, mean, variance, sample_weight: Cost(gaussian_nll)(
                y_true, (mean, variance), None, sample_weight
            ),
            {"y_true": Y, "mean": X[:, 0], "variance": P, "sample_weight": WEIGHTS},
        ),
    )
    yield "optimal_constant", Case(Cost(huber).optimal_constant, {"y_true": Y, **weighed})
    yield "train", Case(_trained, {"X": X, "y": Y, **weighed})
    yield "objective", Case(_objective, {"X": X, "y": Y, **weighed})
    yield "linear", Case(_linear, {"X": X, "gradient": Y, "w": np.array([1.0, 2.0])})
    yield "MLP", Case(_mlp, {"X": X, "gradient": ROWS})
    for penalty in (L1(0.1), L2(0.1)):
        yield (
            repr(penalty),
            Case(
                lambda w, penalty=penalty: (penalty({"w": w}), penalty.gradient({"w": w})), {"w": Y}
            ),
        )
    for optimizer in (GradientDescent, Momentum, Adam):
        yield (
            optimizer.__name__,
            Case(
                lambda w, gradient, optimizer=optimizer: optimizer(0.1).update(
                    {"w": w}, {"w": gradient}
                ),
                {"w": Y, "gradient": X[:, 0]},
            ),
        )
    yield "fit_line", Case(lambda x, y: fit_line(x, y, huber), pair)
    yield (
        "least_squares_line",
        Case(
            lambda x, y, sample_weight: least_squares_line(x, y, sample_weight=sample_weight),
            {**pair, "sample_weight": WEIGHTS},
        ),
    )
    yield "pinball_line", Case(pinball_line, pair)
    yield "reweighted_line", Case(lambda x, y: reweighted_line(x, y, huber), pair)
    yield "line", Case(Line(2.0, 1.0), {"x": Y})
    yield (
        "check_gradient of a loss",
        Case(
            lambda y_true, y_pred: _checked(huber, y_true, y_pred), {"y_true": Y, "y_pred": X[:, 0]}
        ),
    )
    for each in LOSSES:
        sample = dict(zip(each.arguments, each.sample(4, 3), strict=True))
        yield each.name, Case(each.value_and_gradient, sample)


CASES = dict(_cases())
#: What else an argument is called: by the loss of a cost, or by the cost of a model.
ALSO = {
    "cost of classes": {"y_pred": ["logits"]},
    "cost by label": {"y_pred": ["p"]},
    "train": {"y": ["y_true"]},
    "objective": {"y": ["y_true"]},
}

# The forms ----------------------------------------------------------------------------------------


class Labelled:
    """An array with an index, as pandas has them."""

    class Index(list):
        def equals(self, other):
            return self == other

    def __init__(self, values):
        self.values = np.asarray(values)
        self.index = self.Index(range(len(self.values)))

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)

    def __len__(self):
        return len(self.values)


def _read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


def _strided(x):
    wide = np.empty((2 * x.shape[0], *x.shape[1:]), x.dtype)
    wide[::2] = x
    return wide[::2]


def _ragged(x):
    rows = x.tolist()
    return [*rows, [1.0, [2.0]]]


def _with(value, dtype=np.float64):
    def form(x):
        y = x.astype(dtype)
        y.flat[-1] = value
        return y

    return form


def _as(dtype):
    return lambda x: x.astype(dtype)


#: The same numbers: the result must be the same, or the argument be refused by name.
SAME = {
    "list": lambda x: x.tolist(),
    "tuple": lambda x: tuple(map(tuple, x.tolist())) if x.ndim > 1 else tuple(x.tolist()),
    "list of arrays": list,
    "Fortran order": np.asfortranarray,
    "reversed twice": lambda x: x[::-1].copy()[::-1],
    "every other": _strided,
    "read-only": _read_only,
    "big-endian": lambda x: x.astype(x.dtype.newbyteorder(">")),
    "subclass": lambda x: x.view(np.recarray) if x.dtype.kind == "f" else x,
    "float32": _as(np.float32),
    "float16": _as(np.float16),
    "long double": _as(np.longdouble),
    "object": _as(object),
    "complex": _as(complex),
    "int8": _as(np.int8),
    "uint8": _as(np.uint8),
    "bool": _as(bool),
    "masked": lambda x: np.ma.masked_array(x, np.zeros(x.shape, bool)),
    "labelled": Labelled,
    "memoryview": lambda x: memoryview(x.copy()),
}
#: Something else: it must be refused by name, or be a good argument of its own.
OTHER = {
    "text": lambda x: x.astype(str),
    "one text": lambda x: "1.0",
    "bytes": lambda x: b"1.0",
    "None": lambda x: None,
    "None within": _with(None, object),
    "text within": _with("a", object),
    "masked one": lambda x: np.ma.masked_array(x, np.arange(x.size).reshape(x.shape) == 0),
    "NaN": _with(np.nan),
    "infinite": _with(np.inf),
    "minus infinite": _with(-np.inf),
    "huge": _with(1e308),
    "huge negative": _with(-1e308),
    "NaN in float32": _with(np.nan, np.float32),
    "not a date": lambda x: np.full(x.shape, np.datetime64("NaT")),
    "date": lambda x: np.full(x.shape, np.datetime64("2020-01-01")),
    "duration": lambda x: np.ones(x.shape, "m8[s]"),
    "dict": lambda x: dict(enumerate(x.tolist())),
    "set": lambda x: set(x.ravel().tolist()),
    "generator": lambda x: (row for row in x.tolist()),
    "ragged": _ragged,
    "function": lambda x: len,
    "number": lambda x: x.flat[0],
    "0-d": lambda x: np.array(x.flat[0]),
    "empty list": lambda x: [],
    "empty": lambda x: x[:0],
    "list of empty": lambda x: [[]],
    "one axis more": lambda x: x[..., np.newaxis],
    "one axis less": lambda x: x[0],
    "one longer": lambda x: np.concatenate([x, x[:1]]),
    "one shorter": lambda x: x[1:],
    "records": lambda x: np.zeros(x.shape, "i4,f4"),
    "float for integers": _as(np.float64),
    "negative": lambda x: -x if x.dtype.kind != "b" else x,
    "uint64": lambda x: np.full(x.shape, 2**64 - 1, np.uint64),
    "big integers": lambda x: [2**70] * len(x),
}


def _numbers(result):
    if isinstance(result, Mapping):
        return _numbers(tuple(result.values()))
    if isinstance(result, tuple | list):
        return [x for part in result for x in _numbers(part)]
    return [np.asarray(result)]


def _says(error, names):
    words = "|".join(map(re.escape, names))
    return re.search(rf"(?<!\w)({words})(?!\w)", str(error))


def outcome(case, name, given):
    """Return the numbers that a call gives, or its error."""
    try:
        return _numbers(case.call(**{**case.arguments, name: given}))
    except Exception as error:
        return error


def problem(which, name, label, form, *, same):
    """Return what is wrong with a call in which one argument has another form, or None."""
    case = CASES[which]
    plain = case.arguments[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = form(plain)
        if same:  # as integers they may be other numbers, but those are then what is meant
            plain = np.array(np.ma.getdata(given) if np.ma.isMA(given) else given).astype(
                plain.dtype
            )
        wanted = outcome(case, name, plain)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = outcome(case, name, given)
    if isinstance(result, ValueError | TypeError):
        names = [name] if same else list(case.arguments)
        names += ALSO.get(which, {}).get(name, [])
        if _says(result, names) or ("empty" in label and "at least one" in str(result)):
            return None
    if same and type(result) is type(wanted) and str(result) == str(wanted):
        return None
    if isinstance(result, Exception):
        return f"{type(result).__name__}: {result}"
    if any(x.dtype.kind == "f" and np.isnan(x).any() for x in result):
        return f"NaN: {result}"
    if same and isinstance(wanted, Exception):
        if label == "float32":  # rows whose sum is 1 in float32 alone
            return None
        return f"{result} where a plain array is refused: {wanted}"
    if same:
        for x, w in zip(result, wanted, strict=True):
            if x.shape != w.shape or not np.allclose(x, w, rtol=3e-6, atol=1e-6):
                return f"{x} where {w} is right"
    return None


@pytest.mark.parametrize("which", CASES)
def test_arguments_of_every_form_are_taken_or_refused_by_name(which):
    case = CASES[which]
    problems = [
        f"{name} as {label}: {told}"
        for name in case.arguments
        for forms, same in ((SAME, True), (OTHER, False))
        for label, form in forms.items()
        if (told := problem(which, name, label, form, same=same))
    ]
    assert not problems, "\n".join(problems)


# Parameters: one number, one text, one object ---------------------------------------------------

VALUES = [
    *("a", "1", "", b"1", None, True, np.True_, np.nan, np.inf, -np.inf, -1, 0, 1, 0.5, 1e308),
    *(5e-324, 10**400, 2**70, 1j, object(), len, float, Decimal("0.5"), Fraction(1, 2), np.int8(1)),
    *(np.float16(0.5), np.longdouble(0.5), np.array(0.5), np.array([1.0, 2.0]), np.array("a")),
    *(np.array(None), np.ma.masked, np.datetime64("NaT"), [], [1.0], [[1], [1, 2]], {}, {1: 2}),
    set(),
]


def _counts(call):
    """Leave out what would only take long."""
    return lambda v: None if type(v) is int and v > 1e6 else call(v)


def _history():
    return train(Linear(2), X, Y, Cost(squared_error), GradientDescent(0.1), 1)


def _parameters():
    y, tame = [0, 1, 1, 0], {"X": X, "y": Y, "epochs": 2}

    def training(**changed):
        given = {"model": Linear(2), "cost": Cost(squared_error), "optimizer": GradientDescent(0.1)}
        return train(**given | tame | changed).cost

    yield "strength of L2", "strength", lambda v: L2(v)({"w": Y})
    yield "strength of logits", "strength", lambda v: lossbook.adjust_logits(X, [1, 2], strength=v)
    yield "learning_rate", "learning_rate", GradientDescent
    yield "momentum", "momentum", lambda v: Momentum(0.1, v)
    yield "beta1", "beta1", lambda v: Adam(0.1, beta1=v)
    yield "n_features", "n_features", _counts(Linear)
    yield "sizes", "sizes", MLP
    yield "activation", "activation", lambda v: MLP((2, 1), v)
    yield "scale", "scale", lambda v: MLP((2, 1), scale=v)
    yield "seed of MLP", "seed", lambda v: MLP((2, 1), seed=v)
    yield "epochs", "epochs", _counts(lambda v: training(epochs=v))
    yield "batch_size", "batch_size", lambda v: training(batch_size=v)
    yield "seed of train", "seed", lambda v: training(seed=v, batch_size=2)
    yield "model", "model", lambda v: training(model=v)
    yield "cost", "cost", lambda v: training(cost=v)
    yield "optimizer", "optimizer", lambda v: training(optimizer=v)
    yield "loss of a cost", "loss", Cost
    yield "reduction", "reduction", lambda v: Cost(brier, v)
    yield "classes of a cost", "classes", lambda v: Cost(brier, classes=v)
    yield "class_weight", "class_weight", lambda v: Cost(brier, class_weight=v)
    yield "ignore", "ignore", lambda v: Cost(brier, ignore=v)(y, P)
    yield "bins", "bins", _counts(lambda v: lossbook.reliability(y, P, bins=v))
    yield "equal", "equal", lambda v: lossbook.reliability(y, P, equal=v)
    yield "ignore of tokens", "ignore", lambda v: lossbook.perplexity(y, X, ignore=v)
    yield "classes", "classes", lambda v: lossbook.class_numbers([], v)
    yield "one_hot", "classes", _counts(lambda v: lossbook.one_hot([0], v))
    yield "quantile", "quantile", lambda v: pinball_line(Y, Y, quantile=v)
    yield "loss of a line", "loss", lambda v: fit_line(Y, Y, v)
    yield "start", "start", lambda v: reweighted_line(Y, Y, huber, start=v)
    yield "iterations", "max_iterations", lambda v: reweighted_line(Y, Y, huber, max_iterations=v)
    yield "step", "step", lambda v: check_gradient(huber, step=v)
    yield "loss of assess", "loss", lossbook.assess
    yield "loss of a card", "loss", lossbook.card
    yield "predict", "predict", lossbook.choose
    yield "function", "function", Objective
    yield "direction", "direction", lambda v: Objective(len, direction=v)
    yield "n", "n", _counts(lossbook.datasets.split)
    given = {"w": np.array([1.0, 2.0]), "b": np.array(0.5)}
    yield "of a penalty", "parameters", L2(0.1)
    yield "of its gradient", "parameters", L1(0.1).gradient
    yield "of a cost", "parameters", Cost(squared_error, penalties=[L2(0.1)]).penalty_gradient
    yield "of a model", "parameters", Linear(2).with_parameters
    yield "of an update", "parameters", lambda v: Momentum(0.1).update(v, given)
    yield "gradient of an update", "gradient", lambda v: Adam(0.1).update(given, v)
    yield "epoch", "epoch", _history().at
    yield "n of a sample", "n", _counts(huber.sample)
    yield "classes of a sample", "classes", _counts(lambda v: huber.sample(2, v))
    yield "seed of a sample", "seed", lambda v: huber.sample(2, seed=v)
    yield "low", "low", lambda v: lossbook.losses.Interval(v, 2.0)
    yield "high", "high", lambda v: lossbook.losses.Interval(-2.0, v)
    yield "slope", "slope|x", lambda v: Line(v, 1.0)(Y)
    yield "where", "where", lambda v: huber.evaluate(Y, Y, where=v)
    yield (
        "what a function returns",
        "function",
        lambda v: check_gradient(lambda x: v, Y, gradient=lambda x: x),
    )
    yield "what an objective returns", "function", lambda v: Objective(lambda p: v)(0)
    for each in LOSSES:
        for name in each.parameters:
            # The targets of a censored loss must lie between its two parameters.
            names = "y_true|" + name if each is lossbook.censored_gaussian_nll else name

            def call(v, each=each, name=name):
                return each.value_and_gradient(*each.sample(4, 3), **{name: v})

            yield f"{name} of {each.name}", names, call


PARAMETERS = {what: (names, call) for what, names, call in _parameters()}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("which", PARAMETERS)
def test_parameters_of_every_kind_are_taken_or_refused_by_name(which):
    names, call = PARAMETERS[which]
    problems = []
    for value in VALUES:
        try:
            result = call(value)
        except (ValueError, TypeError) as error:
            if not re.search(rf"(?<!\w)({names})(?!\w)", str(error)):
                problems.append(f"{value!r}: {type(error).__name__}: {error}")
        except Exception as error:
            problems.append(f"{value!r}: {type(error).__name__}: {error}")
        else:
            if isinstance(result, tuple) and any(np.isnan(x).any() for x in _numbers(result)):
                problems.append(f"{value!r}: {result}")
    assert not problems, "\n".join(problems)


# Numbers of any size -----------------------------------------------------------------------------

SIZES = np.array([0, 5e-324, 1e-310, 1e-160, 1e-16, 0.5, 2, 37, 710, 1e16, 1e154, 1e200, 8e307])


def _sized(rng):
    """Yield calls with numbers of any size."""

    def some(*shape):
        return rng.choice([*SIZES, *-SIZES], shape)

    a, b, z, k = some(4), some(4), some(4, 3), float(rng.choice(SIZES))
    classes, labels, weights = rng.integers(0, 3, 4), rng.integers(0, 2, 4), np.abs(some(4))
    named = {"w": a, "b": b}
    loss = REGRESSION[rng.integers(len(REGRESSION))]
    yield lambda: (lossbook.softmax(z), lossbook.log_softmax(z), lossbook.log_sigmoid(a))
    yield lambda: lossbook.fit_temperature(labels, a)
    yield lambda: lossbook.fit_temperature(classes, z)
    yield lambda: lossbook.adjust_logits(z, np.abs(some(3)), strength=k)
    yield lambda: lossbook.perplexity(classes, z)
    yield lambda: Cost(loss).optimal_constant(np.abs(a), weights)
    yield lambda: Cost(loss).value_and_gradient(np.abs(a), np.abs(b), None, weights)
    yield lambda: Cost(lossbook.poisson_nll).value_and_gradient(np.abs(a), b, None, weights)
    yield lambda: Cost(lossbook.binary_cross_entropy)(labels, [0, 1, 0, 1], None, weights)
    for line in (least_squares_line, pinball_line, lambda x, y: fit_line(x, y, loss)):
        yield lambda line=line: line(a, b)
    yield lambda: least_squares_line(a, b, sample_weight=weights)
    yield lambda: Line(k, -k)(a)
    yield lambda: Linear(3).with_parameters({"w": a[:3], "b": k}).forward(z)
    yield lambda: Linear(3).backward(z, a)
    yield lambda: MLP((3, 2, 1)).backward(z, a)
    for penalty in (L1(k), L2(k)):
        yield lambda penalty=penalty: (penalty(named), penalty.gradient(named))
    for optimizer in (GradientDescent, Momentum, Adam):
        yield lambda optimizer=optimizer: optimizer(k or 1).update(named, {"w": b, "b": a})
        yield (
            lambda optimizer=optimizer: (
                train(Linear(3), z, a, Cost(loss), optimizer(k or 1), 2, sample_weight=weights).cost
            )
        )
    yield lambda: check_gradient(lambda x: float(np.sin(x).sum()), a, gradient=np.cos).analytic


REGRESSION = [
    each for each in LOSSES if each.declaration.task == "regression" and len(each.arguments) == 2
]


#: How an error of ours says what is wrong.
REASON = "must|needs|has a kink|diverges|is not finite|still moves|every prediction is right"


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("seed", range(12))
def test_numbers_of_any_size_give_numbers_or_an_error_that_says_why(seed):
    problems = []
    for k, call in enumerate(_sized(np.random.default_rng(seed))):
        try:
            result = call()
        except (ValueError, lossbook.DivergenceError, RuntimeError) as error:
            if not re.search(REASON, str(error)):
                problems.append(f"{k}: {error}")
        except Exception as error:
            problems.append(f"{k}: {type(error).__name__}: {error}")
        else:
            if any(np.isnan(x).any() for x in _numbers(result)):
                problems.append(f"{k}: {result}")
    assert not problems, "\n".join(problems)
