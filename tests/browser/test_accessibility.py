"""Every page by the rules of WCAG 2.2 AA, and under a strict Content-Security-Policy."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import lay_out
from playwright.sync_api import Browser, Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 900}
OF_COLOUR = ["color-contrast", "link-in-text-block"]
ALL = {"runOnly": {"type": "tag", "values": TAGS}}
# A phone shows no text that a wide screen does not, and in a program that goes on beside its screen
# axe cannot tell what is behind the text.
COLOURS = {"runOnly": {"type": "rule", "values": OF_COLOUR}}
REST = {**ALL, "rules": {rule: {"enabled": False} for rule in OF_COLOUR}}
LOOKS = {
    "dark": (WIDE, "dark", COLOURS),
    "light": (WIDE, "light", ALL),
    "phone": (PHONE, "dark", REST),
}
WITH_CODE = "use/explore"
BROKEN = '<img src="x.png"><h5>.</h5>'


# Axe takes minutes where formulas and programs have thousands of elements. What stands in a line
# and looks in all ways like something before it becomes plain text. Pictures have their own test.
NOTE_LOOKS = """() => {
    const papers = new Map();
    const paper = (element) => {
        if (!element) return "";
        if (!papers.has(element)) {
            const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
            const own = [backgroundColor, backgroundImage, opacity].join();
            const clear = own === "rgba(0, 0, 0, 0),none,1";
            papers.set(element, paper(element.parentElement) + (clear ? "" : own));
        }
        return papers.get(element);
    };
    window.looks ??= new Map();
    const inLine = "article :is(.katex, code, em, strong, span):not(.katex *)";
    const special = "[id], [role], [tabindex], [title], [aria-label], [aria-live]";
    for (const element of document.querySelectorAll(`${inLine}:not(${special})`)) {
        const { color, fontSize, fontWeight, position, display } = getComputedStyle(element);
        const look = [paper(element), color, fontSize, fontWeight, position, display].join("|");
        looks.set(element, (looks.get(element) ?? "") + look);
    }
}"""
KEEP_ONE_OF_EACH_LOOK = """() => {
    const seen = new Set();
    let left = [...looks], before;
    do {
        before = left.length;
        left = left.filter(([element, look]) => {
            if (element.firstElementChild && !element.matches(".katex")) return true;
            const text = element.querySelector(".katex-html") ?? element;
            if (seen.has(look)) element.replaceWith(text.textContent);
            seen.add(look);
        });
    } while (left.length < before);
    for (const picture of document.querySelectorAll("svg[role=img]")) picture.replaceChildren();
}"""


def look_at(page: Page, name: str) -> dict:
    """Give a page one of its looks, and return the rules that it is tested by."""
    viewport, scheme, rules = LOOKS[name]
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=scheme)
    # The page answers with the next picture: with its colours, and with what scrolls then.
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    return {**rules, "resultTypes": ["violations"]}


def violations(page: Page) -> list[str]:
    lay_out(page)
    for name in ("light", "dark"):  # on a phone no colours are compared
        look_at(page, name)
        page.evaluate(NOTE_LOOKS)
    page.evaluate(KEEP_ONE_OF_EACH_LOOK)
    return [
        f"{name}: {v['id']}: {v['help']}: {node['html'][:200]}"
        for name in LOOKS
        for v in Axe().run(page, options=look_at(page, name)).response["violations"]
        for node in v["nodes"]
    ]


def test_page_keeps_the_rules_of_accessibility_and_its_text_stands_out(
    visit: Callable, served: str, anypage: str
) -> None:
    page = visit(f"{served}/{anypage}.html")
    if "chapters/" in anypage:
        assert page.locator("figure.explore svg[role=img]").count() >= 5
    assert violations(page) == []


@pytest.mark.parametrize(("theme", "faint"), [("light", "#bbb"), ("dark", "#333")])
def test_faint_text_is_found_in_a_program(
    browser: Browser, served: str, theme: str, faint: str
) -> None:
    page = browser.new_page(reduced_motion="reduce")
    page.goto(f"{served}/{WITH_CODE}.html")
    style = f"html[data-theme={theme}] pre span:is(.k, .kn) {{ color: {faint} !important; }}"
    page.add_style_tag(content=style)
    found = violations(page)
    page.close()
    assert found
    assert all(v.startswith(f"{theme}: color-contrast") for v in found), found


def test_broken_rules_are_found(browser: Browser, served: str) -> None:
    page = browser.new_page(reduced_motion="reduce")
    page.goto(f"{served}/index.html")
    page.evaluate(
        "html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", BROKEN
    )
    found = " ".join(violations(page))
    page.close()
    for name in ("light", "phone"):
        assert f"{name}: image-alt" in found
        assert f"{name}: heading-order" in found


def test_policy_under_which_all_pages_are_tested_is_enforced(browser: Browser, served: str) -> None:
    """What it forbids shows as an error on the console, and `visit` fails on it."""
    page = browser.new_page(reduced_motion="reduce")
    seen: list[str] = []
    page.on("console", lambda message: seen.append(message.text))
    page.goto(f"{served}/index.html")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'ran'";
            document.head.append(script);
        }"""
    )
    assert page.title() != "ran"
    assert "Content Security Policy" in " ".join(seen)
    page.close()


# By keyboard


START_OF_THE_PAGE = """() => {
    const html = document.documentElement;
    html.tabIndex = -1;
    html.focus();
    html.removeAttribute("tabindex");
}"""


def test_first_stop_is_a_link_that_skips_to_the_text(
    same_page: Callable, served: str, docname: str
) -> None:
    page = same_page(f"{served}/{docname}.html", viewport=WIDE)
    page.evaluate(START_OF_THE_PAGE)
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.inner_text() == "Skip to main content"
    box = focused.bounding_box()
    assert box["y"] >= 0
    assert box["height"] >= 15, "it shows when it is reached"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


FOCUS = """() => {
    const look = (element) => {
        // What shows the focus may be drawn on a parent, for a field without a frame of its own.
        const seen = [];
        for (let e = element, level = 0; e && level < 3; e = e.parentElement, level++) {
            const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, borderWidth,
                    backgroundColor, textDecorationLine, color } = getComputedStyle(e);
            seen.push(outlineStyle === "none" ? "" : outlineWidth + outlineColor, boxShadow,
                      borderColor + borderWidth, backgroundColor, textDecorationLine, color);
        }
        return seen.join("|");
    };
    const missing = [];
    let count = 0;
    const may = "a[href], button, input, select, summary, [tabindex='0']";
    for (const element of document.querySelectorAll(may)) {
        if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        if (element.tabIndex < 0 || element.disabled) continue;
        const before = look(element);
        element.focus({ focusVisible: true, preventScroll: true });
        if (document.activeElement !== element) continue;
        count++;
        if (look(element) === before) missing.push(element.outerHTML.slice(0, 200));
        element.blur();
    }
    return [count, missing];
}"""


def test_focus_is_visible_on_everything_that_takes_it(
    same_page: Callable, served: str, anypage: str
) -> None:
    page = same_page(f"{served}/{anypage}.html", viewport=WIDE)
    page.add_style_tag(content="* { transition: none !important; }")
    count, missing = page.evaluate(FOCUS)
    assert count >= 2
    assert missing == []


def test_focus_that_does_not_show_is_found(browser: Browser, served: str) -> None:
    page = browser.new_page(reduced_motion="reduce")
    page.goto(f"{served}/index.html")
    style = "a.hidden { all: unset !important; }"
    page.add_style_tag(content=style)
    page.evaluate(
        """document.querySelector("main").insertAdjacentHTML(
            "afterbegin", '<div><div><p><a class="hidden" href="#x">x</a></p></div></div>')"""
    )
    assert "hidden" in " ".join(page.evaluate(FOCUS)[1])
    page.close()
