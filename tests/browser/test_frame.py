"""The frame of a page: colours, menus, sidebars, search, jumps, and what a reader takes away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browsing import MOVED_AFTER_JUMP
from playwright.sync_api import Browser, BrowserContext, Page, expect

CHAPTER = "chapters/03-regression-losses"
CARDS = "reference/loss-cards"
WIDE = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}}


# Colours


def test_reader_chooses_the_colours_and_finds_them_again(visit: Callable, served: str) -> None:
    page = visit(f"{served}/reference/notation.html", color_scheme="light", **WIDE)
    html = page.locator("html")
    button = page.get_by_role("button", name="Color mode")
    for mode, theme in (("dark", "dark"), ("light", "light"), ("auto", "light"), ("dark", "dark")):
        button.click()
        assert html.get_attribute("data-mode") == mode
        assert html.get_attribute("data-theme") == theme
    page.goto(f"{served}/reference/glossary.html")
    assert html.get_attribute("data-theme") == "dark"


def test_colours_of_the_system_are_followed_when_they_change(visit: Callable, served: str) -> None:
    page = visit(f"{served}/reference/notation.html", color_scheme="light")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("background", [True, False])
def test_paper_has_the_light_colours(visit: Callable, served: str, background: bool) -> None:
    page = visit(f"{served}/reference/notation.html", color_scheme="dark")
    page.evaluate(
        """() => addEventListener("beforeprint", () => {
            window.printed = getComputedStyle(document.querySelector("article p")).color; })"""
    )
    light = visit(f"{served}/reference/notation.html", color_scheme="light")
    page.pdf(print_background=background)
    text = "getComputedStyle(document.querySelector('article p')).color"
    assert page.evaluate("printed") == light.evaluate(text)
    assert page.evaluate(text) != light.evaluate(text)


# Menus, sidebars, search


def test_menu_opens_and_closes_with_mouse_and_keyboard(visit: Callable, served: str) -> None:
    page = visit(f"{served}/{CHAPTER}.html", **WIDE)
    button = page.locator("summary[aria-label='Download this page']")
    entry = page.locator("a.btn-download-source-button")
    button.press("Enter")
    expect(entry).to_be_visible()
    entry.press("Escape")
    expect(entry).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    expect(entry).to_be_visible()
    page.mouse.click(640, 800)
    expect(entry).to_be_hidden()


def test_book_contents_beside_the_text_can_be_put_away(visit: Callable, served: str) -> None:
    page = visit(f"{served}/{CHAPTER}.html", **WIDE)
    link = page.get_by_role("link", name="Glossary")
    expect(link).to_be_visible()
    toggle = page.get_by_role("button", name="Toggle primary sidebar")
    toggle.click()
    expect(link).to_be_hidden()
    toggle.click()
    expect(link).to_be_visible()


@pytest.mark.parametrize(("name", "beside"), [("primary", (385, 500)), ("secondary", (5, 500))])
def test_contents_are_a_dialog_on_a_phone(
    visit: Callable, served: str, name: str, beside: tuple[int, int]
) -> None:
    page = visit(f"{served}/{CHAPTER}.html", **PHONE)
    side = page.locator(f"#pst-{name}-sidebar")
    words = side.text_content()
    dialog = page.locator(f"#pst-{name}-sidebar-modal")
    for close in (lambda: page.keyboard.press("Escape"), lambda: page.mouse.click(*beside)):
        page.get_by_role("button", name=f"Toggle {name} sidebar").click()
        expect(dialog.locator("nav")).to_be_visible()
        close()
        expect(dialog).to_be_hidden()
        expect(side.locator("nav").first).to_be_attached()
        assert side.text_content() == words


def test_link_within_the_page_closes_the_contents_on_a_phone(visit: Callable, served: str) -> None:
    page = visit(f"{served}/{CHAPTER}.html", **PHONE)
    page.get_by_role("button", name="Toggle secondary sidebar").click()
    page.locator("#pst-secondary-sidebar-modal a[href='#outliers']").click()
    expect(page.locator("#pst-secondary-sidebar-modal")).to_be_hidden()
    expect(page.locator("#outliers h2")).to_be_in_viewport()


def test_contents_mark_where_the_reader_is(visit: Callable, served: str) -> None:
    page = visit(f"{served}/{CHAPTER}.html#outliers", **WIDE)
    current = page.locator("#pst-page-toc-nav a[aria-current]")
    expect(current).to_have_attribute("href", "#outliers")
    page.locator("#pst-page-toc-nav a[href='#summary']").click()
    expect(current).to_have_attribute("href", "#summary")


def test_search_field_opens_and_closes_by_button_and_key(visit: Callable, served: str) -> None:
    page = visit(f"{served}/index.html", **WIDE)
    field = page.locator("#pst-search-dialog input")
    page.get_by_role("button", name="Search").first.click()
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.mouse.click(5, 5)
    expect(field).to_be_hidden()


@pytest.mark.parametrize(
    "word", ["constructor", "__proto__", "hasOwnProperty", "toString", "x" * 50_000, "(["]
)
def test_odd_search_finds_something_or_says_that_it_does_not(
    visit: Callable, served: str, word: str
) -> None:
    page = visit(f"{served}/search.html")
    page.locator("form.bd-search input").last.fill(word)
    page.evaluate(
        "Search.performSearch(document.querySelector('.bd-search-container input').value)"
    )
    expect(page.locator("#search-results h2")).to_have_text("Search Results")
    expect(page.locator("#search-results .search-summary")).not_to_be_empty()


# Storage that is blocked


def block_storage(context: BrowserContext) -> None:
    context.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"])
            Object.defineProperty(window, name, {
                configurable: true,
                get() { throw new DOMException("denied", "SecurityError"); } });"""
    )


def test_page_works_where_nothing_may_be_stored(browser: Browser, served: str) -> None:
    context = browser.new_context(**WIDE, color_scheme="light")
    block_storage(context)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{served}/{CHAPTER}.html")
    page.get_by_role("button", name="Color mode").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    slider = page.locator("figure.explore input[type=range]").first
    caption = page.locator("figure.explore:has(input[type=range]) output").first
    before = caption.inner_text()
    slider.press("ArrowRight")
    assert caption.inner_text() != before
    assert page.locator("button.copybtn").count() > 5
    page.goto(f"{served}/search.html?q=pinball")
    expect(page.locator("#search-results ul.search a").first).to_be_visible()
    assert problems == []
    context.close()


# Jumps


@pytest.mark.parametrize("part", [0.3, 0.6])
@pytest.mark.parametrize("device", [WIDE, PHONE], ids=["wide", "phone"])
def test_what_a_reader_jumps_to_stays_where_it_is(
    visit: Callable, served: str, part: float, device: dict
) -> None:
    page = visit(f"{served}/{CHAPTER}.html", **device)
    page.wait_for_load_state("networkidle")
    moved = page.evaluate(f"async (...args) => {{ {MOVED_AFTER_JUMP} }}", part)
    assert moved <= 20


# What a reader takes away

COPY = """(element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    const data = new DataTransfer();
    element.dispatchEvent(new ClipboardEvent("copy", {
        clipboardData: data, bubbles: true, cancelable: true }));
    return data.getData("text/plain");
}"""


def test_formula_is_copied_as_its_tex_once(visit: Callable, served: str) -> None:
    page = visit(f"{served}/{CHAPTER}.html")
    formula = page.locator("article p .katex").first
    tex = formula.locator("annotation").text_content()
    assert formula.evaluate(COPY) == f"${tex}$"
    shown = page.locator("article .katex-display").first
    assert shown.evaluate(COPY).count(shown.locator("annotation").text_content()) == 1
    paragraph = page.locator("article p:has(.katex)").first.evaluate(COPY)
    assert f"${tex}$" in paragraph
    assert "\u200b" not in paragraph


def test_text_without_a_formula_is_copied_by_the_browser(visit: Callable, served: str) -> None:
    page = visit(f"{served}/index.html")
    assert page.locator("article p").first.evaluate(COPY) == ""


# By keyboard, with an odd address


def test_buttons_that_copy_are_one_stop_and_arrows_lead_on(visit: Callable, served: str) -> None:
    page = visit(f"{served}/{CHAPTER}.html")
    buttons = page.locator("button.copybtn")
    expect(buttons.first).to_have_attribute("tabindex", "0")
    stops = buttons.evaluate_all("all => all.filter((button) => button.tabIndex >= 0).length")
    assert stops == 1
    buttons.first.focus()
    page.keyboard.press("ArrowDown")
    expect(buttons.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(buttons.first).to_be_focused()


def test_address_with_an_odd_place_is_taken_for_none(visit: Callable, served: str) -> None:
    page: Page = visit(f"{served}/{CARDS}.html#%")
    page.evaluate("location.hash = '%E0%A4%A'")
    page.get_by_label("Words").fill("huber")
    expect(page.locator("section.loss-card:not([hidden]) > h3").first).to_be_visible()
