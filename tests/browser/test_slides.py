"""A chapter as slides: every block is on one of them, and the figures work."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

CHAPTER = "chapters/03-regression-losses.html"
SCREEN = {"width": 1280, "height": 800}


@pytest.fixture
def slides(visit: Callable, served: str) -> Page:
    page = visit(f"{served}/{CHAPTER}?slides", viewport=SCREEN)
    expect(page.get_by_role("navigation", name="Slides")).to_be_visible()
    return page


def place(page: Page) -> tuple[int, int]:
    """Return the number of the slide, and of all."""
    text = page.locator(".slide-bar p").inner_text()
    return tuple(map(int, re.search(r"slide (\d+) of (\d+)$", text).groups()))


def test_keys_and_buttons_turn_the_slides_and_stop_at_both_ends(slides: Page) -> None:
    assert place(slides)[0] == 1
    slides.keyboard.press("PageDown")
    slides.get_by_role("button", name="Next").click()
    assert place(slides)[0] == 3
    slides.get_by_role("button", name="Previous").click()
    for _ in range(5):
        slides.keyboard.press("PageUp")
    assert place(slides)[0] == 1
    expect(slides.locator(".slide-bar p")).to_contain_text("Regression losses")


def test_every_block_is_on_one_slide_and_few_slides_are_higher_than_the_screen(
    slides: Page,
) -> None:
    blocks = "[...document.querySelectorAll('article section > :not(section, span)')]"
    seen = slides.evaluate(f"{blocks}.map(() => 0)")
    _, count = place(slides)
    high = 0
    for number in range(count):
        shown = slides.evaluate(f"{blocks}.map((b) => b.getBoundingClientRect().height > 0)")
        seen = [before + now for before, now in zip(seen, shown, strict=True)]
        high += slides.evaluate("document.documentElement.scrollHeight > innerHeight + 1")
        if number < count - 1:
            slides.keyboard.press("PageDown")
    assert place(slides) == (count, count)
    slides.keyboard.press("Escape")
    reader = slides.evaluate(f"{blocks}.map((b) => b.getBoundingClientRect().height > 0)")
    assert [n for n, visible in zip(seen, reader, strict=True) if visible and n != 1] == []
    assert high <= count / 10


def test_figure_on_a_slide_moves_and_the_page_comes_back(slides: Page) -> None:
    figure = slides.locator("figure.explore").first
    for _ in range(place(slides)[1]):
        if figure.is_visible():
            break
        slides.keyboard.press("PageDown")
    caption = figure.locator("output").first
    before = caption.inner_text()
    figure.locator("input[type=range]").first.press("ArrowRight")
    expect(caption).not_to_have_text(before)
    slides.keyboard.press("Escape")
    expect(slides.get_by_role("navigation", name="Slides")).to_have_count(0)
    assert slides.locator(".off-slide").count() == 0
    expect(figure).to_be_visible()
    slides.keyboard.press("Shift+S")
    expect(slides.get_by_role("navigation", name="Slides")).to_be_visible()
    assert figure.is_visible() or place(slides)[0] > 1
