"""The forms below the exercises, in a real Chromium: what they accept, and what they say."""

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from lossbook.exercises import Exercise, Satisfying, exercises
from lossbook.exercises.forms import Form, form

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("[0-9][0-9]-*.ipynb"))
NUMBERS = {int(path.stem[:2]): path.stem for path in CHAPTERS}
FILLED = """(all) => all.map(([name, values]) => {
    const form = document.querySelector(`form.answer[data-exercise="${name}"]`);
    const fields = [...form.querySelectorAll("input, select")];
    if (fields.length !== values.length) throw Error(`${name} has ${fields.length} fields`);
    fields.forEach((field, k) => { field.value = values[k]; });
    form.requestSubmit();
    return form.querySelector("output").textContent.split("\\n");
})"""


@cache
def made(exercise: Exercise) -> Form:
    return form(exercise)


def typed(part: object, digits: int) -> list[str]:
    """Return what a reader types into the fields of a part."""
    if isinstance(part, str):
        return [part]
    numbers = part.example if isinstance(part, Satisfying) else part
    return [f"{x:.{digits}g}" for x in np.ravel(numbers)]


def fields(of: Form, wrong: tuple, digits: int = 10) -> list[str]:
    chosen = (part.right if w is None else w for part, w in zip(of.parts, wrong, strict=True))
    return [text for part in chosen for text in typed(part, digits)]


def told(message: str) -> str:
    return " ".join(message.split()).casefold()


@pytest.fixture(params=NUMBERS, scope="module")
def chapter(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest.fixture
def opened(chapter: int, same_page: Callable, served: str) -> tuple[int, Page]:
    return chapter, same_page(f"{served}/chapters/{NUMBERS[chapter]}.html")


def test_reference_is_accepted(opened: tuple[int, Page]) -> None:
    chapter, page = opened
    asked = []
    for exercise in exercises(chapter).values():
        of = made(exercise)
        digits = 3 if of.parts[0].at else 10
        asked.append([exercise.name, fields(of, (None,) * len(of.parts), digits)])
    answers = page.evaluate(FILLED, asked)
    for exercise, said in zip(exercises(chapter).values(), answers, strict=True):
        assert len(said) == 1, (exercise.name, said)
        assert re.match(r"Right[.,] ", said[0]), (exercise.name, said)
        assert said[0].endswith(exercise.remark), (exercise.name, said)


def test_mistake_gets_its_hint_and_no_other(opened: tuple[int, Page]) -> None:
    chapter, page = opened
    for exercise in exercises(chapter).values():
        of = made(exercise)
        hints = [told(hint) for hint, _ in of.mistakes]
        asked = [[exercise.name, fields(of, wrong)] for _, wrong in of.mistakes]
        for hint, said in zip(hints, page.evaluate(FILLED, asked), strict=True):
            text = told(" | ".join(said))
            assert hint in text, (exercise.name, hint, said)
            others = [other for other in hints if other != hint]
            assert not [other for other in others if other in text], (exercise.name, said)


def test_page_judges_as_check_does(opened: tuple[int, Page]) -> None:
    """Whatever numbers are given: the same parts are right, and get the same hints."""
    chapter, page = opened
    rng = random.Random(chapter)
    for exercise in exercises(chapter).values():
        of = made(exercise)
        if any(isinstance(part.right, str) for part in of.parts):
            continue
        tries = []
        for _ in range(12):
            given = []
            for i, part in enumerate(of.parts):
                wrong = [w[i] for _, w in of.mistakes if w[i] is not None]
                chosen = rng.choice([part.right, *wrong])
                numbers = chosen.example if isinstance(chosen, Satisfying) else chosen
                factor = 1 if isinstance(part.right, Satisfying) else rng.choice((1, 1, -1, 2, 1.1))
                given.append([float(x) * factor for x in np.ravel(numbers)])
            tries.append(given)
        asked = [[exercise.name, [repr(x) for part in given for x in part]] for given in tries]
        for given, said in zip(tries, page.evaluate(FILLED, asked), strict=True):
            verdict = of.assess(given)
            assert said[0].startswith("Right") == verdict.right, (exercise.name, given, said)
            for hint in verdict.hints:
                assert told(hint) in told(" ".join(said)), (exercise.name, given, said)
            for hint, _ in of.mistakes:
                if hint not in verdict.hints:
                    assert told(hint) not in told(" ".join(said)), (exercise.name, given, said)


# What can be typed


@pytest.fixture
def constant(same_page: Callable, served: str) -> Callable[[str], str]:
    """Answer the exercise whose answer is 11.5, and return what is said."""
    page = same_page(f"{served}/chapters/{NUMBERS[3]}.html")
    return lambda text: " ".join(page.evaluate(FILLED, [["ch3-huber-constant", [text]]])[0])


@pytest.mark.parametrize(
    "text",
    [
        *("11.5", " 11.5 ", "+11.5", "11,5", "11.50", "1.15e1", "1150e-2", "1.15E+1", "23/2"),
        *("√132.25", "sqrt(132.25)", "√(529/4)", "2.3·5", "2.3 * 5", "2.3×5", "10 + 1.5"),
        *("12 − 1/2", "115·10^-1", "115·10⁻¹", "1.15 * 10**1", "(23)/(2)", "exp(log(11.5))"),
        *("3.660563 π", "ln(e)*11.5", "2(5.75)"),
    ],
)
def test_number_may_be_written_in_many_ways(constant: Callable[[str], str], text: str) -> None:
    assert constant(text).startswith("Right. ")


@pytest.mark.parametrize("text", ["-11.5", "−11.5", "– 11.5", "-23/2"])
def test_sign_counts(constant: Callable[[str], str], text: str) -> None:
    assert constant(text) == "Right but for its sign."


@pytest.mark.parametrize(
    "text",
    [
        *("abc", "--11.5", "−−11.5", "11.5 12", "1, 2, 3", "[11.5]", "11.5; 3", "1/0", "1e999"),
        *("(((", "√", "√−1", "e^", "11.5 %", "constructor", "__proto__", "<b>11.5</b>", "0x10"),
        *("1.2.3", "11.5" * 25_000, "(" * 50, "2^^3", "log(0)", "³", "5 minutes", "1'000"),
    ],
    ids=lambda text: text[:12],
)
def test_what_is_no_number_is_answered_with_what_is(
    constant: Callable[[str], str], text: str
) -> None:
    assert constant(text).startswith("One number is wanted in each field, such as 5, −0.25")


@pytest.mark.parametrize(
    ("text", "said"),
    [("nan", "It is NaN"), ("-inf", "It is infinite"), ("∞", "It is infinite"), (" ", "No answer")],
)
def test_what_a_program_gives_is_understood(
    constant: Callable[[str], str], text: str, said: str
) -> None:
    assert constant(text).startswith(said)


# By keyboard, on a phone, under a policy, from a disk


def test_exercise_is_answered_by_keyboard(visit: Callable, served: str) -> None:
    page = visit(f"{served}/chapters/{NUMBERS[3]}.html")
    form = page.locator("form.answer[data-exercise='ch3-by-hand']")
    form.get_by_label("mean squared error", exact=True).focus()
    for text in ("17/3", "-2", "5/3", "1/3"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(form.get_by_role("button", name="Check")).to_be_focused()
    page.keyboard.press("Enter")
    verdict = form.get_by_role("status")
    expect(verdict).to_contain_text("slope of that: one residual is zero")
    expect(verdict).to_have_attribute("aria-live", "polite")
    expect(form.get_by_label("slope of that")).to_have_attribute("aria-invalid", "true")
    form.get_by_label("slope of that").fill("0")
    page.keyboard.press("Enter")
    expect(verdict).to_have_text(re.compile("^Right[.] Squared error"))


def test_without_a_script_there_is_no_form(visit: Callable, served: str) -> None:
    page = visit(f"{served}/chapters/{NUMBERS[3]}.html", java_script_enabled=False)
    assert page.locator("form.answer").count() > 0
    assert not page.locator("form.answer:visible").count()


def test_every_number_has_a_label_of_its_own(opened: tuple[int, Page]) -> None:
    _, page = opened
    unlabelled = page.locator("form.answer :is(input, select)").evaluate_all(
        "all => all.filter((f) => f.labels.length !== 1 || !f.labels[0].textContent.trim())"
    )
    assert not unlabelled
    forms = page.locator("form.answer[data-exercise]").count()
    assert forms == page.locator(".exercise").count() - page.locator(".answer-elsewhere").count()


def test_answer_from_a_disk(visit: Callable, site: Path) -> None:
    page = visit((site / "chapters" / f"{NUMBERS[3]}.html").as_uri())
    [said] = page.evaluate(FILLED, [["ch3-huber-constant", ["11.5"]]])
    assert said[0].startswith("Right. ")
