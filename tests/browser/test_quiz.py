"""Quizzes, predictions and hidden solutions: by keyboard, and without a script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page


@pytest.fixture
def chapter(same_page: Callable, served: str, chapter_name: str) -> Page:
    """A chapter as it is with scripts switched off."""
    return same_page(f"{served}/{chapter_name}.html", java_script_enabled=False)


def test_quiz_and_solutions_open_by_keyboard_and_without_a_script(chapter: Page) -> None:
    reasons = chapter.locator(".bd-article details.sd-dropdown > .sd-summary-content")
    summaries = chapter.locator(".bd-article details.sd-dropdown > summary").element_handles()
    assert len(summaries) >= 20  # five questions of three answers, five solutions

    def read() -> list[str | bool]:
        return reasons.evaluate_all(
            "all => all.map((e) => e.checkVisibility() && e.innerText.trim())"
        )

    assert read() == [False] * len(summaries)
    for summary in summaries:
        summary.press("Enter")
    assert all(read())
    for summary in summaries:
        summary.press("Space")
    assert read() == [False] * len(summaries)


def test_every_question_has_one_right_answer_and_a_reason_for_each(chapter: Page) -> None:
    assert chapter.locator(".quiz").count() >= 5
    questions = chapter.locator(":is(.quiz, .predict:not(.number)):has(> details)").evaluate_all(
        """all => all.map((question) => {
            const texts = (selector) =>
                [...question.querySelectorAll(selector)].map((e) => e.textContent.trim());
            const reasons = texts("details > .sd-summary-content");
            const [title] = texts(".admonition-title");
            return [title, texts("summary"), reasons, question.classList.contains("several")];
        })"""
    )
    for title, answers, reasons, several in questions:
        assert len(reasons) >= 2, title
        assert len(set(answers)) == len(reasons), title
        for reason in reasons:
            verdict, _, why = reason.partition(" ")
            assert verdict in ("Right.", "No."), f"{title}: {reason}"
            assert len(why) > 20, f"{title}: {reason}"
        right = sum(reason.startswith("Right.") for reason in reasons)
        assert right >= 2 if several else right == 1, title


def test_number_is_judged_before_it_is_told(visit: Callable, served: str) -> None:
    page = visit(f"{served}/chapters/01-loss-cost-objective.html")
    box = page.locator(".predict.number").first
    told, output = box.locator("details"), box.locator("output")
    number, within = map(float, told.locator("strong").first.text_content()[:-1].split("±"))
    for text, verdict in {
        "": "One number is wanted",
        "nan": "One number is wanted",
        "inf": "One number is wanted",
        str(number + 9 * within): "No.",
        str(number + 2 * within): "Close.",
        str(number): "Right.",
    }.items():
        box.locator("input").fill(text)
        box.get_by_role("button").click()
        assert output.text_content().startswith(verdict), text
        assert (told.get_attribute("open") is None) == verdict.startswith("One"), text


def test_solution_is_named_after_its_exercise(chapter: Page) -> None:
    titles = chapter.locator(".exercise > .admonition-title").all_inner_texts()
    solutions = chapter.locator("details.solution > summary .sd-summary-text").all_text_contents()
    assert [f"Exercise ({name.removeprefix('Solution: ')})" for name in solutions] == titles
    ids = chapter.locator("[id]").evaluate_all("all => all.map(e => e.id)")
    assert len(set(ids)) == len(ids)
