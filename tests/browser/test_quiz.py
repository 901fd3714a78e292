"""Quizzes, predictions and hidden solutions: by keyboard, and without a script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect


@pytest.fixture
def chapter(visit: Callable, served: str, chapter_name: str) -> Page:
    """A chapter as it is with scripts switched off."""
    return visit(f"{served}/{chapter_name}.html", java_script_enabled=False)


def test_quiz_and_solutions_open_by_keyboard_and_without_a_script(chapter: Page) -> None:
    disclosures = chapter.locator(".bd-article details.sd-dropdown")
    assert disclosures.count() >= 20  # five questions of three answers, five solutions
    for i in range(disclosures.count()):
        one = disclosures.nth(i)
        reason = one.locator("> .sd-summary-content")
        assert one.get_attribute("open") is None
        expect(reason).to_be_hidden()
        one.locator("summary").press("Enter")
        expect(reason).to_be_visible()
        assert reason.inner_text().strip()
        one.locator("summary").press("Space")
        expect(reason).to_be_hidden()


def test_every_question_has_one_right_answer_and_a_reason_for_each(chapter: Page) -> None:
    assert chapter.locator(".quiz").count() >= 5
    questions = chapter.locator(":is(.quiz, .predict:not(.number)):has(> details)")
    for i in range(questions.count()):
        question = questions.nth(i)
        title = question.locator(".admonition-title").inner_text()
        reasons = [
            reason.text_content().strip()
            for reason in question.locator("details > .sd-summary-content").all()
        ]
        assert len(reasons) >= 2, title
        assert len(set(question.locator("summary").all_inner_texts())) == len(reasons), title
        for reason in reasons:
            verdict, _, why = reason.partition(" ")
            assert verdict in ("Right.", "No."), f"{title}: {reason}"
            assert len(why) > 20, f"{title}: {reason}"
        right = sum(reason.startswith("Right.") for reason in reasons)
        several = "several" in question.get_attribute("class").split()
        assert right >= 2 if several else right == 1, title


def test_solution_is_named_after_its_exercise(chapter: Page) -> None:
    titles = chapter.locator(".exercise > .admonition-title").all_inner_texts()
    solutions = chapter.locator("details.solution > summary .sd-summary-text").all()
    assert [s.text_content() for s in solutions] == [f"Solution to {title}" for title in titles]
    ids = chapter.locator("[id]").evaluate_all("all => all.map(e => e.id)")
    assert len(set(ids)) == len(ids)
