"""What the check of an exercise says, whatever a reader answers."""

import subprocess
import sys
import warnings

import numpy as np
import pytest

from lossbook import Formula, loss, squared_error
from lossbook.exercises import Exercise, Mistake, Satisfying, check, exercises, find, pairs
from lossbook.exercises._assess import assess


@loss
def half_square(y_true, y_pred, *, width=1.0):
    r = y_pred - y_true
    return Formula(value=r**2 / (2 * width), gradient=r / width)


LOSS = Exercise(
    name="ch9-half-square",
    wanted="a loss",
    answer=half_square,
    inputs=pairs(),
    mistakes=(
        Mistake(
            (lambda y, p: (p - y) ** 2, lambda y, p: 2 * (p - y)),
            "the ½ is missing.",
        ),
    ),
    remark="It is.",
)
SCALED = Exercise(
    name="ch9-scaled", wanted="a loss", answer=half_square, inputs=pairs(),
    up_to=("constant", "scale"),
)  # fmt: skip
WIDE = Exercise(
    name="ch9-wide", wanted="a loss", answer=half_square, inputs=pairs(),
    parameters=({"width": 1.0}, {"width": 4.0}),
)  # fmt: skip
NUMBERS = Exercise(
    name="ch9-numbers",
    wanted="a number and a list",
    parts=("number", "list"),
    answer=(2.5, np.array([1.0, 2.0])),
    tolerance=0.01,
)
WORD = Exercise(
    name="ch9-word", wanted="a word", answer="median", options=("mean", "median", "mode"),
    mistakes=(Mistake("mean", "squares?"),),
)  # fmt: skip
EVEN = Exercise(
    name="ch9-even",
    wanted="an even number",
    answer=Satisfying(lambda n: n % 2 == 0, 4),
    mistakes=(Mistake(Satisfying(lambda n: n % 2 == 1, 3), "that is odd."),),
)
SOFTMAX = Exercise(
    name="ch9-rows",
    wanted="a function of (y_true, rows) that returns one row for each example",
    answer=lambda y, rows: np.exp(rows) / np.exp(rows).sum(axis=-1, keepdims=True),
    inputs=(np.arange(5.0), np.arange(15.0).reshape(5, 3) / 5),
)
TOTAL = Exercise(
    name="ch9-total",
    wanted="a function of a list of losses",
    arguments=("losses",),
    answer=lambda losses: np.mean(losses),
    inputs=[(np.array([1.0, 3.0]),), (np.array([2.0, 2.0, 8.0]),)],
    elementwise=False,
)


def half(y_true, y_pred):
    return (y_pred - y_true) ** 2 / 2


def residual(y_true, y_pred):
    return y_pred - y_true


# What is right


def scalar_half(y_true, y_pred):
    return (y_pred - y_true) ** 2 / 2 if y_pred > y_true else (y_true - y_pred) ** 2 / 2


def numerical(y_true, y_pred, step=1e-6):
    return (half(y_true, y_pred + step) - half(y_true, y_pred - step)) / (2 * step)


@pytest.mark.parametrize(
    "answer",
    [
        half_square,
        (half, residual),
        [half, residual],
        (scalar_half, numerical),
        (half_square, half_square.gradient),
        half_square.value_and_gradient,
        lambda y, p: (half(y, p), residual(y, p)),
        lambda y, p: Formula(value=half(y, p), gradient=residual(y, p)),
        loss(lambda y_true, y_pred: Formula(lambda: half(y_true, y_pred), lambda: y_pred - y_true)),
        (lambda y, p: list(half(np.array(y), np.array(p))), residual),
    ],
)
def test_every_form_of_a_right_loss_is_right(answer):
    verdict = assess(LOSS, answer)
    assert verdict.right, verdict.text
    assert verdict.text.startswith("ch9-half-square: right, value and gradient agree")
    assert verdict.text.endswith("It is.")


@pytest.mark.parametrize(
    ("factor", "constant", "right"), [(1, 0, True), (3, 5, True), (-3, 0, False), (0, 0, False)]
)
def test_up_to_a_factor_and_a_constant(factor, constant, right):
    answer = (lambda y, p: factor * half(y, p) + constant, lambda y, p: factor * residual(y, p))
    assert assess(SCALED, answer).right == right
    assert assess(LOSS, answer).right == (factor == 1 and constant == 0)


def test_factor_is_the_same_in_value_and_gradient():
    assert not assess(SCALED, (lambda y, p: 3 * half(y, p), residual)).right


@pytest.mark.parametrize("name", ["width", "w"])
def test_parameters_are_given_by_name_or_by_place(name):
    names: dict = {}
    exec(f"def value(y, p, {name}): return (p - y) ** 2 / (2 * {name})", names)
    exec(f"def slope(y, p, *, {name}): return (p - y) / {name}", names)
    verdict = assess(WIDE, (names["value"], names["slope"]))
    assert "value: right." in verdict.text or verdict.right
    assert verdict.right == (name == "width")  # one that takes it by name only must know the name
    assert not assess(WIDE, (half, residual)).right


def test_numbers_words_properties_rows_and_totals():
    assert assess(NUMBERS, (2.501, [1, 2])).right
    assert assess(NUMBERS, {"number": 2.5, "list": (1, 2)}).right
    assert assess(WORD, " Median ").right
    assert assess(EVEN, 10).right
    assert assess(SOFTMAX, SOFTMAX.answer).right
    assert assess(SOFTMAX, lambda y, row: np.exp(row) / sum(np.exp(row))).right
    assert assess(TOTAL, lambda losses: sum(losses) / len(losses)).right


# What is not


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (([4, 16], [-4, 8, 0], 20 / 3), "losses: 3 numbers are wanted, and there are 2."),
        (([4], [-4, 8, 0], 20 / 3), "losses: 3 numbers are wanted, and there is 1."),
        (([[4, 16, 0]], [-4, 8, 0], 20 / 3), "(3,) is wanted, and this is one of shape (1, 3)."),
        (([4, 16, 0], 8, 20 / 3), "slopes: an array of shape (3,) is wanted, and this is a number"),
        (([4, 16, 0], [-4, 8, 0], [20, 3]), "one number is wanted, and this is a list of 2."),
        (([4, 16, 0], [-4, 8, 0], 6.7), "cost: near, but off by more than 0.01333: give more"),
        (([4, 16, 0], [-4, 8, 0], 7), "cost: not right."),
        (([4, 16, 0], [-4, 8, 0], 6.67), "ch1-by-hand: right."),
    ],
)
def test_how_many_numbers_and_how_exact_is_said(answer, said):
    text = assess(find("ch1-by-hand"), answer).text
    assert said in " ".join(text.split())


def test_the_wrong_way_round_is_seen_in_both_rates():
    verdict = assess(find("ch1-learning-rate"), (0.08 * 32, 0.08 * 64))
    assert verdict.text.count("the wrong way round") == 1
    assert "sum over 64: the same." in verdict.text


def stub(y_true, y_pred): ...


def forgotten_return(y_true, y_pred):
    y_pred - y_true


def words(y_true, y_pred):
    """A docstring is no answer."""


@pytest.mark.parametrize(
    "answer",
    [
        ..., None, (), (..., ...), stub, words, (stub, stub), loss(stub),
        loss(lambda y_true, y_pred: Formula(value=..., gradient=...)),
    ],
)  # fmt: skip
def test_what_is_not_answered_yet(answer):
    verdict = assess(LOSS, answer)
    if answer == ():
        assert not verdict.right
        return
    assert not verdict.answered
    assert verdict.text == "ch9-half-square: no answer yet. Wanted: a loss."


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((half, ...), "value: right. gradient: no answer yet."),
        (half, "value: right. gradient: no answer yet."),
        (loss(lambda y, p: Formula(half(y, p))), "value: right. gradient: no answer yet."),
        ((half, forgotten_return), "gradient: it returns None: is a `return` missing?"),
        ((lambda y, p: half(y, p).mean(), residual), "value: it gives the mean over the examples"),
        (loss(lambda y, p: Formula(half(y, p).mean(), p - y)), "value: it gives the mean"),
        ((lambda y, p: half(y, p).sum(), residual), "value: it gives the sum over the examples"),
        ((lambda y, p: half(y, p).max(), residual), "value: the shape is wrong: one number for 60"),
        ((half, lambda y, p: p[:, None] - y), "gradient: the shape is wrong: (60, 60). Each"),
        ((half, lambda y, p: (p - y)[:7]), "gradient: the shape is wrong: (7,), where (60,)"),
        ((half, lambda y, p: residual(y, p) / 60), "gradient: it is divided by the number of"),
        ((half, lambda y, p: 3 * (p - y)), "gradient: it is 3 times the right one, everywhere."),
        ((half, lambda y, p: y - p), "gradient: it is right but for its sign, everywhere."),
        ((lambda y, p: half(y, p) + 2, residual), "value: it is off by 2, everywhere."),
        ((half, lambda y, p: np.sqrt(p - y)), "gradient: it is NaN (not a number) at y_true ="),
        ((half, lambda y, p: 1 / 0 if p > y else p - y), "ZeroDivisionError: division by zero at"),
        ((half, lambda y, p: (p - y) / np.zeros(60)), "gradient: it is infinite at y_true ="),
        ((half, lambda y, p: undefined), "name 'undefined' is not defined"),  # noqa: F821
        ((half, lambda y: y), "gradient: it raises TypeError"),
        ((half, 3), "gradient: a function is wanted, and this is a number."),
        ((half, lambda y, p: "up"), "gradient: numbers are wanted, and it is text."),
        ((lambda y, p: (p - y) ** 4 / 4, lambda y, p: (p - y) ** 3), "derivative of your value"),
        ((half, lambda y, p: p), "gradient: it is not right at y_true ="),
        ("a loss", "Yours is text."),
        (3, "Yours is a number."),
        ((half, residual, residual, residual), "Yours is a tuple."),
    ],
)
def test_what_is_wrong_is_said(answer, said):
    verdict = assess(LOSS, answer)
    assert verdict.answered
    assert not verdict.right
    assert said in " ".join(verdict.text.split())


def test_mistake_is_recognised_in_each_part_and_said_once():
    verdict = assess(LOSS, squared_error)
    assert verdict.hints == ("the ½ is missing.",)
    assert " ".join(verdict.text.split()) == (
        "ch9-half-square: not yet. value: the ½ is missing. gradient: the same."
    )
    verdict = assess(LOSS, (half, squared_error.gradient))
    assert "value: right." in verdict.text
    assert verdict.hints == ("the ½ is missing.",)


@pytest.mark.parametrize(
    ("exercise", "answer", "said"),
    [
        (NUMBERS, (2.5, ...), "list: no answer yet."),
        (NUMBERS, (-2.5, [1, 2]), "number: right but for its sign."),
        (NUMBERS, (2.6, [1, 3]), "number: not right. list: 1 of 2 numbers is not right."),
        (NUMBERS, (2.5, 1), "list: an array of shape (2,) is wanted, and this is a number."),
        (NUMBERS, 2.5, "The answer has 2 parts, in this order: number, list."),
        (WORD, "mean", "Squares?"),
        (WORD, "average", "One of these words is wanted: 'mean', 'median', 'mode'."),
        (EVEN, 3, "That is odd."),
        (EVEN, 2.5, "Not right."),
        (EVEN, "two", "Not right."),
        (TOTAL, np.sum, "It is not right at losses = [1, 3]: it is 4, and 2 is right."),
        (TOTAL, lambda losses: losses, "The shape is (2,), where () is wanted"),
    ],
)
def test_what_is_wrong_with_other_answers(exercise, answer, said):
    verdict = assess(exercise, answer)
    assert not verdict.right
    assert said in " ".join(verdict.text.split())


class Hostile:
    """An object that raises at everything a check might ask it."""

    def __array__(self, *_, **__):
        raise RuntimeError

    def __float__(self):
        raise RuntimeError

    def __eq__(self, _):
        raise RuntimeError

    __hash__ = None


@pytest.mark.parametrize("exercise", [LOSS, NUMBERS, WORD, EVEN, SOFTMAX, TOTAL])
def test_nothing_that_a_reader_answers_raises_or_warns(exercise):
    answers = [Hostile(), lambda *_: Hostile(), (Hostile(), Hostile()), [[1], [2, 3]], {1: 2}]
    answers += [np.array([1, "a"], dtype=object), 1j, b"", range(3), np.ma.masked, print, Exception]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for answer in answers:
            assert not assess(exercise, answer).right


def test_arguments_are_not_changed_by_an_answer():
    def spoils(y_true, y_pred):
        y_pred -= y_true
        return y_pred**2 / 2

    before = [x.copy() for x in LOSS.inputs]
    assert assess(LOSS, (spoils, residual)).right
    assert all((x == y).all() for x, y in zip(before, LOSS.inputs, strict=True))


# The names, and what is imported


def test_unknown_exercise_is_refused_with_the_names_that_there_are():
    known = list(exercises(3))
    for wrong in ("ch3-nothing", "ch77-by-hand", "nothing", "", None):
        with pytest.raises(ValueError, match=r"name must be one of the exercises ") as error:
            check(wrong, 1)
        assert all(name in str(error.value) for name in known)
        assert repr(wrong) in str(error.value)
    assert find(known[0]).name == known[0]
    assert exercises(99) == {}


def test_check_prints(capsys):
    check("ch3-by-hand", ...)
    assert capsys.readouterr().out.startswith("ch3-by-hand: no answer yet. Wanted: four numbers")


def test_exercises_need_numpy_alone_and_the_package_does_not_load_them():
    code = (
        "import sys, lossbook; assert 'lossbook.exercises' not in sys.modules\n"
        "from lossbook.exercises import exercises\n"
        "from lossbook.exercises import Satisfying, assess\n"
        "def own(a):\n"
        "    if isinstance(a, Satisfying): return a.example\n"
        "    return tuple(map(own, a)) if isinstance(a, tuple) else a\n"
        "for k in range(1, 10):\n"
        "    for name, exercise in exercises(k).items():\n"
        "        assert assess(name, own(exercise.answer)).right, name\n"
        "heavy = {'matplotlib', 'ipywidgets', 'IPython', 'sphinx', 'scipy', 'pandas'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
