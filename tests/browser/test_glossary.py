"""Words of the glossary, explained in place."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

CHAPTER = "chapters/01-loss-cost-objective"
SHOWN = ".definition:popover-open"


def word(page: Page, term: str) -> Locator:
    return page.locator(f"article a[href$='#term-{term}']").first


def test_each_word_has_its_definition_once(site: Path, same_page: Callable, served: str) -> None:
    page = same_page(f"{served}/{CHAPTER}.html")
    links = page.locator("article a[href*='#term-']")
    names = links.evaluate_all("all => all.map((link) => link.hash.slice(1))")
    assert len(names) >= 10
    described = links.evaluate_all(
        "all => all.map((link) => link.getAttribute('aria-describedby'))"
    )
    assert described == [f"about-{name}" for name in names]
    boxes = page.locator(".definition")
    assert boxes.count() == len(set(names))
    assert page.locator(".definition:visible").count() == 0  # until it is asked for
    glossary = (site / "reference/glossary.html").read_text("utf-8")
    assert 'id="term-accuracy"' in glossary
    assert "about-term" not in glossary


@pytest.mark.parametrize("from_disk", [False, True], ids=["served", "disk"])
def test_word_is_explained_under_the_mouse_and_by_keyboard(
    same_page: Callable, served: str, site: Path, from_disk: bool
) -> None:
    root = site.as_uri() if from_disk else served
    page = same_page(f"{root}/{CHAPTER}.html")
    shown = page.locator(SHOWN)
    accuracy = word(page, "accuracy")
    accuracy.hover()
    expect(shown).to_contain_text("The share of examples whose predicted class is the true one.")
    shown.hover()  # it stays while it is read
    expect(shown).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(shown).to_have_count(0)
    page.mouse.move(0, 0)
    page.keyboard.press("Tab")  # from here on, focus comes by keyboard
    accuracy.focus()
    expect(shown).to_contain_text("The share of examples")
    definition = " ".join(shown.locator("[id]").inner_text().split())
    expect(accuracy).to_have_accessible_description(definition)
    page.keyboard.press("Tab")
    assert shown.evaluate("(box) => box.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(accuracy).to_be_focused()
    expect(shown).to_have_count(0)
    page.keyboard.press("Tab")
    expect(shown).not_to_contain_text("The share of examples")
    page.keyboard.press("Escape")


def test_first_tap_explains_and_the_link_is_within(visit: Callable, served: str) -> None:
    page = visit(
        f"{served}/{CHAPTER}.html",
        has_touch=True,
        is_mobile=True,
        viewport={"width": 390, "height": 844},
    )
    before = page.url
    shown = page.locator(SHOWN)
    for term in ("likelihood", "accuracy"):
        word(page, term).tap()
        expect(shown).to_have_count(1)
        expect(shown).to_be_in_viewport(ratio=1)
    page.locator("h1").tap()
    expect(shown).to_have_count(0)
    assert page.url == before
    word(page, "accuracy").tap()
    shown.get_by_role("link", name="accuracy in the glossary").tap()
    page.wait_for_url("**/reference/glossary.html#term-accuracy")


def test_without_a_script_the_word_is_a_link(visit: Callable, served: str) -> None:
    page = visit(f"{served}/{CHAPTER}.html", java_script_enabled=False)
    expect(page.locator(".definition").first).to_be_hidden()
    word(page, "accuracy").click()
    page.wait_for_url("**/reference/glossary.html#term-accuracy")
