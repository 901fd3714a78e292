"""What readers do, in each engine: move figures, follow links, search, choose colours, answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browsing import MOVED_AFTER_JUMP
from webdriver import END, Browser

from lossbook.exercises import exercises

CHAPTER = "chapters/03-regression-losses"
LOGIT = "chapters/04-classification-losses"
CAPTION_IS = "return document.querySelector(`#${args[0]} figcaption`).textContent === args[1]"
# Where a picture lies in the window, and how large it is drawn.
VIEW = """const svg = document.querySelector(`#${args[0]} svg`);
    svg.scrollIntoView({ block: "center", behavior: "instant" });
    await new Promise(requestAnimationFrame);
    const { x, y, width } = svg.getBoundingClientRect();
    return [x, y, width / svg.viewBox.baseVal.width]"""


@pytest.fixture
def figure(figures_on: Callable) -> Callable[[str, str], Any]:
    """From a page and an id to what the book knows of a figure."""
    return lambda page, ident: next(f for f in figures_on(page) if f.id == ident)


def test_slider_moves_picture_and_caption(browser: Browser, served: str, figure: Callable) -> None:
    logit = figure(LOGIT, "logit")
    browser.go(f"{served}/{LOGIT}.html#logit")
    before = browser.run("return document.querySelector('#logit svg').innerHTML")
    browser.run("document.querySelector('#logit [name=logit_z]').focus()")
    browser.press(END)
    (z, y) = logit.grid.parameters
    at = {"logit_z": z.values[-1], "label_y": y.values[y.default]}
    browser.until(CAPTION_IS, "logit", logit.frame(at).caption)
    assert browser.run("return document.querySelector('#logit svg').innerHTML") != before
    browser.until("return location.hash.startsWith('#logit?')")


@pytest.mark.parametrize("ident", ["outlier", "huber-delta"])
def test_handle_follows_the_pointer(
    browser: Browser, served: str, figure: Callable, ident: str
) -> None:
    held = figure(CHAPTER, ident)
    here = held.frame(held.grid.default)
    (parameter,) = (p for p in held.grid.parameters if p.name in here.grips[0].names)
    there = held.frame({**held.grid.default, parameter.name: parameter.values[-1]})
    browser.go(f"{served}/{CHAPTER}.html#{ident}")
    browser.until("return document.querySelector(`#${args[0]} .explore-grip`) !== null", ident)
    left, top, scale = browser.run(VIEW, ident)
    start, end = (
        (left + scale * grip.place[0] / 10, top + scale * grip.place[1] / 10)
        for grip in (here.grips[0], there.grips[0])
    )
    browser.drag(start, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2), end)
    browser.until(CAPTION_IS, ident, there.caption)


@pytest.mark.parametrize("base", ["served", "site"])
@pytest.mark.parametrize(
    "typed",
    ["?logit_z=-5.0&label_y=0", "?label_y=0&logit_z=\u22125", "%3Flogit_z%3D-5.0%26label_y%3D0"],
)
def test_link_into_a_figure_restores_it_and_it_stays_in_view(
    browser: Browser, request: pytest.FixtureRequest, figure: Callable, base: str, typed: str
) -> None:
    caption = figure(LOGIT, "logit").frame({"logit_z": -5.0, "label_y": 0}).caption
    browser.go(f"{request.getfixturevalue(base)}/{LOGIT}.html#logit{typed}")
    browser.until(CAPTION_IS, "logit", caption)
    top = "return document.getElementById('logit').getBoundingClientRect().top"
    browser.until(
        f"const top = await (async () => {{ {top} }})(); return 0 <= top && top < innerHeight"
    )
    first = browser.run(f"await document.fonts.ready; {top}")
    later = browser.run(f"await new Promise((done) => setTimeout(done, 500)); {top}")
    assert abs(first - later) <= 20


@pytest.mark.parametrize("part", [0.3, 0.6])
def test_what_a_reader_jumps_to_stays_where_it_is(
    browser: Browser, served: str, part: float
) -> None:
    browser.go(f"{served}/{CHAPTER}.html")
    moved = browser.run(MOVED_AFTER_JUMP, part)
    assert moved <= 20


def test_search_finds_the_chapter(browser: Browser, served: str) -> None:
    browser.go(f"{served}/search.html?q=huber")
    first = browser.until(
        "return document.querySelector('#search-results ul.search a')?.getAttribute('href')"
    )
    assert CHAPTER in first


def test_chosen_colours_hold_on_the_next_page(browser: Browser, served: str) -> None:
    browser.go(f"{served}/reference/notation.html")
    for _ in range(3):
        theme, ground = browser.run(
            """document.querySelector(".theme-switch-button").click();
            return [document.documentElement.dataset.mode,
                    getComputedStyle(document.body).backgroundColor];"""
        )
        if theme == "dark":
            break
    assert theme == "dark"
    browser.go(f"{served}/reference/glossary.html")
    assert browser.run("return document.documentElement.dataset.theme") == "dark"
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == ground
    browser.run("localStorage.clear()")


def test_quiz_opens_and_prediction_is_remembered(browser: Browser, served: str) -> None:
    browser.go(f"{served}/{CHAPTER}.html")
    name = browser.run(
        """const box = document.querySelector(".predict:has(> details)");
        box.querySelector("summary").click();
        return box.id || box.getAttribute("name");"""
    )
    assert browser.run("return document.querySelector('.predict details[open]').textContent.trim()")
    browser.until("return Object.values(localStorage).some((kept) => kept.includes(args[0]))", name)
    browser.run("localStorage.clear()")


def test_answer_is_judged(browser: Browser, served: str) -> None:
    """A form says what is wrong with a word, and takes the keyboard."""
    name = next(iter(exercises(3)))
    browser.go(f"{served}/{CHAPTER}.html")
    verdict = """const form = document.querySelector(`form.answer[data-exercise="${args[0]}"]`);
        const [field] = form.querySelectorAll("input, select");
        field.value = args[1];
        form.requestSubmit();
        return form.querySelector("output").textContent;"""
    assert browser.run(verdict, name, "a word")
