"""What the "Predict first" boxes call right is what the library computes."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from .predicting import ANSWERS, Box, boxes

for path in sorted(Path(__file__).parent.glob("test_*.py")):  # they say what is right
    if path.stem != Path(__file__).stem:
        import_module(f".{path.stem}", __package__)

BOXES = boxes()
QUIZ = boxes("quiz")


def test_every_box_takes_an_answer() -> None:
    assert [box for box in BOXES if not box.options] == []


def test_every_box_has_a_name_of_its_own_and_no_answer_is_left_over() -> None:
    names = [box.name for box in BOXES]
    assert len(set(names)) == len(names)
    assert all(name.startswith("predict-") for name in names), names
    assert set(ANSWERS) <= set(names), set(ANSWERS) - set(names)


@pytest.mark.parametrize("box", BOXES, ids=lambda box: box.name)
def test_what_a_prediction_calls_right_is_computed(box: Box) -> None:
    assert box.name in ANSWERS, f"a function with @prediction({box.name!r}) says what is right"
    computed = ANSWERS[box.name]()
    if "number" in box.classes:
        assert box.number, "the body begins with **5 ± 0.2.**"
        # The number that is told is the computed one, as exactly as it is written.
        assert abs(float(computed) - box.number.value) <= max(box.number.within / 2, 1e-9)
        assert [title for title, _ in box.options] == ["The number, and why"]
    else:
        assert [bool(right) for right in computed] == box.right
        assert sum(box.right) == 1 or "several" in box.classes
        assert_each_says_why(box)


def assert_each_says_why(box: Box) -> None:
    for _, reason in box.options:
        assert re.match(r"\*\*(?:Right|No)\.\*\* .{20}", reason), reason


@pytest.mark.parametrize("box", QUIZ, ids=lambda box: box.name)
def test_question_has_a_right_answer_and_each_answer_says_why(box: Box) -> None:
    assert_each_says_why(box)
    assert sum(box.right) > 1 if "several" in box.classes else sum(box.right) == 1


def test_every_question_has_a_name_of_its_own() -> None:
    names = [box.name for box in QUIZ]
    assert len(set(names)) == len(names) > 30
    assert all(name.startswith("quiz-") for name in names), names
