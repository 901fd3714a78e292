"""Every page by the rules of WCAG 2.2 AA, and under a strict Content-Security-Policy."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import lay_out, serve
from playwright.sync_api import Browser, Page

CONTRAST = "color-contrast"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'"
)
ALL = {"runOnly": {"type": "tag", "values": RULES}}
LIGHT = {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}}
DARK = {"color_scheme": "dark", "viewport": {"width": 390, "height": 900}}
WITH_CODE = "chapters/01-loss-cost-objective"
BROKEN = '<img src="x.png"><h5>.</h5>'


def violations(page: Page, **options: dict) -> list[str]:
    found = Axe().run(page, options={**ALL, "resultTypes": ["violations"], **options})
    return [
        f"{v['id']}: {v['help']}: {node['html'][:200]}"
        for v in found.response["violations"]
        for node in v["nodes"]
    ]


# For contrast axe lays every box on a grid, which takes minutes where formulas and programs have
# thousands. A part that looks like one before it is left out; pictures have a test of their own.
ONE_OF_EACH_LOOK = """() => {
    const papers = new Map(), seen = new Set();
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
    const again = [...document.querySelectorAll(".katex-html, pre span")].filter((element) => {
        const { color, fontSize, fontWeight } = getComputedStyle(element);
        const look = [paper(element), color, fontSize, fontWeight].join("|");
        return seen.has(look) || !seen.add(look);
    });
    for (const element of again) element.replaceWith(element.textContent);
    for (const picture of document.querySelectorAll("svg[role=img]")) picture.replaceChildren();
}"""


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_page_keeps_the_rules_of_accessibility_and_its_text_stands_out(
    visit: Callable, served: str, anypage: str, look: dict
) -> None:
    page = visit(f"{served}/{anypage}.html", **look)
    lay_out(page)
    if "chapters/" in anypage:
        assert page.locator("figure.explore svg[role=img]").count() >= 5
    assert violations(page, rules={CONTRAST: {"enabled": False}}) == []
    page.evaluate(ONE_OF_EACH_LOOK)
    assert violations(page, runOnly={"type": "rule", "values": [CONTRAST]}) == []


def test_faint_text_is_found_in_a_program(browser: Browser, served: str) -> None:
    page = browser.new_page()
    page.goto(f"{served}/{WITH_CODE}.html")
    lay_out(page)
    page.add_style_tag(content="pre span.k, pre span.kn { color: #bbb !important; }")
    page.evaluate(ONE_OF_EACH_LOOK)
    found = violations(page, runOnly={"type": "rule", "values": [CONTRAST]})
    page.close()
    assert "color-contrast" in " ".join(found)


def test_broken_rules_are_found(browser: Browser, served: str) -> None:
    page = browser.new_page()
    page.goto(f"{served}/index.html")
    page.evaluate(
        "html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", BROKEN
    )
    found = " ".join(violations(page))
    page.close()
    assert "image-alt" in found
    assert "heading-order" in found


@pytest.fixture(scope="module")
def served_strictly(site: Path) -> Iterator[str]:
    with serve(site, policy=POLICY) as address:
        yield address


def test_page_works_under_a_strict_policy(
    visit: Callable, served_strictly: str, anypage: str
) -> None:
    """What the policy forbids shows as an error on the console, and `visit` fails on it."""
    page = visit(f"{served_strictly}/{anypage}.html")
    page.wait_for_load_state("networkidle")
    figure = page.locator("figure.explore:has(input[type=range])").first
    if figure.count():
        caption = figure.locator("output")
        slider = figure.locator("input[type=range]").first
        before = caption.inner_text()
        slider.press("End")
        slider.press("ArrowLeft")
        assert caption.inner_text() != before


def test_policy_is_enforced(browser: Browser, served_strictly: str) -> None:
    page = browser.new_page()
    seen: list[str] = []
    page.on("console", lambda message: seen.append(message.text))
    page.goto(f"{served_strictly}/index.html")
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


def test_first_stop_is_a_link_that_skips_to_the_text(
    visit: Callable, served: str, docname: str
) -> None:
    page = visit(f"{served}/{docname}.html")
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
    page = same_page(f"{served}/{anypage}.html", **LIGHT)
    page.add_style_tag(content="* { transition: none !important; }")
    count, missing = page.evaluate(FOCUS)
    assert count >= 2
    assert missing == []


def test_focus_that_does_not_show_is_found(browser: Browser, served: str) -> None:
    page = browser.new_page()
    page.goto(f"{served}/index.html")
    style = "a.hidden { all: unset !important; }"
    page.add_style_tag(content=style)
    page.evaluate(
        """document.querySelector("main").insertAdjacentHTML(
            "afterbegin", '<div><div><p><a class="hidden" href="#x">x</a></p></div></div>')"""
    )
    assert "hidden" in " ".join(page.evaluate(FOCUS)[1])
    page.close()
