"""The forms of the exercises: what a page asks, and what it knows to be right."""

import json
from itertools import chain

import numpy as np
import pytest

from lossbook.exercises import Exercise, Mistake, Satisfying, exercises, pairs
from lossbook.exercises.forms import MOST, Form, form

EXERCISES = list(chain.from_iterable(exercises(number).values() for number in range(1, 10)))
FORMS = [form(exercise) for exercise in EXERCISES]
MISTAKES = [
    pytest.param(made, k, id=f"{made.exercise.name}-{k}")
    for made in FORMS
    for k in range(len(made.mistakes))
]


def numbers(part: object) -> object:
    return np.ravel(part.example).tolist() if isinstance(part, Satisfying) else part


def looked_up(table: dict, answer: list[float]) -> int:
    """Return what the table of a form says of an answer, as the page looks it up."""
    cell = 0
    for (start, step, n), x in zip(table["axes"], answer, strict=True):
        k = round((x - start) / step)
        assert 0 <= k < n
        assert abs(start + k * step - x) < 1e-9
        cell = cell * n + k
    end = 0
    for said, length in table["runs"]:
        end += length
        if cell < end:
            return said
    raise AssertionError("the table ends early")


def test_all_but_three_exercises_can_be_answered_on_the_page() -> None:
    assert sum(not made.judges for made in FORMS) <= 3


@pytest.mark.parametrize("made", FORMS, ids=lambda made: made.exercise.name)
def test_reference_is_right(made: Form) -> None:
    verdict = made.assess([numbers(part.right) for part in made.parts])
    assert verdict.right, verdict.text


@pytest.mark.parametrize(("made", "k"), MISTAKES)
def test_mistake_is_told_from_the_right_answer_and_from_the_others(made: Form, k: int) -> None:
    hint, wrong = made.mistakes[k]
    given = [numbers(p.right if w is None else w) for p, w in zip(made.parts, wrong, strict=True)]
    verdict = made.assess(given)
    assert not verdict.right
    assert verdict.hints == (hint,)
    assert hint == made.exercise.mistakes[k].hint


@pytest.mark.parametrize("made", FORMS, ids=lambda made: made.exercise.name)
def test_functions_are_asked_at_one_to_three_inputs(made: Form) -> None:
    for part in made.parts:
        assert len(set(part.at)) <= MOST
        if part.at:
            assert len(part.at) == len(part.right) == len(part.labels)
            assert np.isfinite(part.right).all(), "nobody can type that"


@pytest.mark.parametrize("made", FORMS, ids=lambda made: made.exercise.name)
def test_data_of_a_form_is_small_and_strict_json(made: Form) -> None:
    text = json.dumps(made.data(), allow_nan=False)
    assert len(text) < 4000


@pytest.mark.parametrize("made", FORMS, ids=lambda made: made.exercise.name)
def test_tables_say_what_the_tests_say(made: Form) -> None:
    for i, (part, data) in enumerate(zip(made.parts, made.data()["parts"], strict=True)):
        if not isinstance(part.right, Satisfying):
            continue
        assert looked_up(data, numbers(part.right)) == 1
        for k, (_, wrong) in enumerate(made.mistakes):
            if wrong[i] is not None:
                assert looked_up(data, numbers(wrong[i])) == k + 2
        assert sum(length for _, length in data["runs"]) == np.prod([n for *_, n in data["axes"]])


# Exercises that the book has none of


def word_exercise() -> Exercise:
    return Exercise(
        name="ch9-word",
        wanted="a word and a number",
        parts=("word", "number"),
        answer=("mean", 2.0),
        options=("mean", "median"),
        mistakes=(Mistake(("median", ...), "that is the other one."),),
    )


def test_word_is_chosen() -> None:
    made = form(word_exercise())
    assert [part.right for part in made.parts] == ["mean", (2.0,)]
    assert made.assess(["mean", [2.0]]).right
    assert made.assess(["median", [2.0]]).hints == ("that is the other one.",)
    assert made.data()["parts"][0] == {"name": "word", "word": "mean", "wrong": ["median"]}


def test_answers_without_a_table_are_not_judged_on_the_page() -> None:
    exercise = Exercise(name="ch9-many", wanted="any", answer=Satisfying(lambda x: True, 1.0))
    assert not form(exercise).judges


def test_mistake_that_numbers_cannot_tell_is_left_out_of_the_search() -> None:
    exercise = Exercise(
        name="ch9-same",
        wanted="a function",
        answer=lambda y, p: p - y,
        inputs=pairs(),
        mistakes=(
            Mistake(lambda y, p: (p - y) * (1 + 1e-4), "hardly another function."),
            Mistake(lambda y, p: y - p, "the sign."),
        ),
    )
    made = form(exercise)
    given = made.mistakes[1][1][0]
    assert made.assess([given]).hints == ("the sign.",)


def test_constant_that_does_not_count_is_accepted() -> None:
    exercise = Exercise(
        name="ch9-constant",
        wanted="a function",
        answer=lambda y, p: (p - y) ** 2,
        inputs=pairs(),
        up_to=("constant",),
        mistakes=(Mistake(lambda y, p: np.abs(p - y), "that is not squared."),),
    )
    made = form(exercise)
    (part,) = made.parts
    assert made.judges
    assert made.assess([[x + 5 for x in part.right]]).right
    assert made.assess([made.mistakes[0][1][0]]).hints == ("that is not squared.",)


def test_factor_that_does_not_count_is_not_judged_on_the_page() -> None:
    exercise = Exercise(
        name="ch9-scale",
        wanted="a function",
        answer=lambda y, p: p - y,
        inputs=pairs(),
        up_to=("scale",),
    )
    assert not form(exercise).judges
