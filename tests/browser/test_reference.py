"""The back matter, in Chromium: the filter of the loss cards, and the cheat sheet on paper."""

import io
from collections.abc import Callable

from browsing import lay_out
from playwright.sync_api import expect
from pypdf import PdfReader

from lossbook.site.reference import losses, written

CARDS = "section.loss-card"


def shown(page, *, script: bool = True) -> set[str]:
    if script:  # without, all of the page is laid out
        lay_out(page)
    names = page.locator(f"{CARDS}:not([hidden]) > h3").all_inner_texts()
    return {name.rstrip("#").strip() for name in names}


def of(**wanted) -> set[str]:
    task, trait = wanted.get("task"), wanted.get("trait")
    return {
        each.name
        for each in losses()
        if (not task or each.declaration.task == task)
        and (not trait or f".is-{trait}" in written("loss-card", loss=each))
    }


def test_filter_shows_what_fits_and_says_how_many(visit: Callable, served: str) -> None:
    page = visit(f"{served}/reference/loss-cards.html")
    count = page.locator("form.card-filter output")
    expect(count).to_have_text(f"{len(losses())} of {len(losses())} losses")
    assert count.get_attribute("aria-live") == "polite"

    page.get_by_label("Task").select_option("binary")
    assert shown(page) == of(task="binary")
    expect(count).to_have_text(f"{len(of(task='binary'))} of {len(losses())} losses")
    expect(page.locator("section > h2", has_text="Regression")).to_be_hidden()

    page.get_by_label("bounded derivative").check()
    assert shown(page) == of(task="binary", trait="bounded")

    page.get_by_label("Task").select_option("")
    page.get_by_label("bounded derivative").uncheck()
    page.get_by_label("Words").fill("HuberRegressor")
    assert shown(page) == {"huber"}
    page.get_by_label("Words").fill("no such loss")
    expect(count).to_have_text(f"0 of {len(losses())} losses")


def test_filter_works_with_the_keyboard_alone(visit: Callable, served: str) -> None:
    page = visit(f"{served}/reference/loss-cards.html")
    page.get_by_label("Words").focus()
    page.keyboard.type("quantile")
    assert "pinball" in shown(page)
    assert "hinge" not in shown(page)
    page.keyboard.press("Enter")  # sends no form
    assert "pinball" in shown(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.get_by_label("convex").is_checked()


def test_link_to_a_card_that_is_filtered_out_shows_it(visit: Callable, served: str) -> None:
    page = visit(f"{served}/reference/loss-cards.html")
    page.get_by_label("Task").select_option("binary")
    page.evaluate("location.hash = 'card-huber'")
    expect(page.locator(f"{CARDS} > h3", has_text="pseudo_huber")).to_be_visible()


def test_without_script_every_card_is_there_and_no_dead_control(
    visit: Callable, served: str
) -> None:
    page = visit(f"{served}/reference/loss-cards.html", java_script_enabled=False)
    assert shown(page, script=False) == of()
    expect(page.locator("form.card-filter")).to_be_hidden()
    assert page.locator("svg.card-curves[role=img][aria-label]").count() == len(losses())


def test_cheat_sheet_is_in_view_with_all_its_columns(visit: Callable, served: str) -> None:
    size = {"width": 1280, "height": 900}
    page = visit(f"{served}/reference/cheat-sheet.html", viewport=size)
    for sheet in page.locator(".pst-scrollable-table-container").all():
        assert sheet.evaluate("(e) => e.scrollWidth <= e.clientWidth")


def test_cheat_sheet_prints_on_one_page_of_a4(visit: Callable, served: str) -> None:
    page = visit(f"{served}/reference/cheat-sheet.html", color_scheme="light")
    margin = dict.fromkeys(("top", "right", "bottom", "left"), "10mm")
    paper = PdfReader(io.BytesIO(page.pdf(format="A4", margin=margin))).pages
    assert len(paper) == 1
    text = paper[0].extract_text()
    for word in ("squared_error", "dice", "any of several labels"):
        assert word in text
