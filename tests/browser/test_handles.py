"""Handles of the built site, dragged with the mouse and with a finger."""

import itertools
import math
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import browsing
import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from lossbook.explore.handles import Grip

CHAPTER = "chapters/03-regression-losses"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
DRAGS = 10


def held(book_figure: Any, values: dict[str, Any]) -> tuple[Grip, ...]:
    return book_figure.frame(values).grips


def with_handles(figures: list[Any]) -> list[Any]:
    return [figure for figure in figures if held(figure, figure.grid.default)]


class View(NamedTuple):
    """Where a figure's picture lies on the screen."""

    left: float
    top: float
    scale: float

    @classmethod
    def of(cls, figure: Locator) -> "View":
        box = figure.locator("svg").bounding_box()
        width = float(figure.locator("svg").get_attribute("viewBox").split()[2])
        return cls(box["x"], box["y"], box["width"] / width)

    def screen(self, grip: Grip) -> tuple[float, float]:
        return tuple(
            start + self.scale * place / 10
            for start, place in zip(self[:2], grip.place, strict=True)
        )


def ready(figure: Locator) -> Locator:
    """Bring a figure to the middle of the screen, and wait for its handles."""
    figure.locator(".explore-picture").evaluate("(e) => e.scrollIntoView({block: 'center'})")
    figure.locator(".explore-grip").first.wait_for(state="attached")
    return figure


def position(figure: Locator) -> list[int]:
    return figure.evaluate(
        """(figure) => [...figure.querySelectorAll("input, select")].map(
            (c) => c.type === "checkbox" ? Number(c.checked) : Number(c.value))"""
    )


def next_frame(page: Page) -> None:
    page.evaluate("() => new Promise(requestAnimationFrame)")


class Mouse:
    """Drags with the mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=3)
        self.page.mouse.up()

    def tap(self, x: float, y: float) -> None:
        self.page.mouse.click(x, y)


class Finger:
    """Drags with a finger."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        self.session.send(
            "Input.dispatchTouchEvent",
            {"type": f"touch{kind}", "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.touch("Start", start)
        for share in (0.1, 0.4, 0.7, 1):
            self.touch("Move", tuple(a + share * (b - a) for a, b in zip(start, end, strict=True)))
        self.touch("End")

    def tap(self, x: float, y: float) -> None:
        self.page.touchscreen.tap(x, y)


HANDS = {"mouse": (Mouse, DESK), "finger": (Finger, PHONE)}


def candidates(book_figure: Any, at: list[int], number: int) -> Iterator[tuple[list[int], Grip]]:
    """Yield the positions to which a handle can lead, each with the handle there."""
    parameters = book_figure.grid.parameters

    def grips(indices: list[int]) -> tuple[Grip, ...]:
        pairs = zip(parameters, indices, strict=True)
        return held(book_figure, {p.name: p.values[i] for p, i in pairs})

    names = grips(at)[number].names
    ranges = [
        range(len(p.values)) if p.name in names else [i]
        for p, i in zip(parameters, at, strict=True)
    ]
    for indices in itertools.product(*ranges):
        there = grips(list(indices))
        if number < len(there):
            yield list(indices), there[number]


@pytest.mark.parametrize("hand", HANDS)
def test_drag_lands_where_the_handle_is_nearest(
    visit: Callable, served: str, docname: str, figures_on: Callable, hand: str
) -> None:
    figures = with_handles(figures_on(docname))
    if not figures:
        return
    hold, options = HANDS[hand]
    page = visit(f"{served}/{docname}.html", **options)
    browsing.lay_out(page)  # what is laid out while a hand is down would move under it
    hand = hold(page)
    for book_figure in figures:
        figure = ready(page.locator(f"figure#{book_figure.id}"))
        some = random.Random(book_figure.id)
        for number in range(len(held(book_figure, book_figure.grid.default))):
            at = position(figure)
            reach = {tuple(where): grip for where, grip in candidates(book_figure, at, number)}
            for _ in range(DRAGS):
                view, box = View.of(figure), figure.locator("svg").bounding_box()
                end = (
                    box["x"] + some.random() * box["width"],
                    box["y"] + some.random() * box["height"],
                )
                hand.drag(view.screen(reach[tuple(at)]), end)
                next_frame(page)
                at = position(figure)
                away = {where: math.dist(view.screen(grip), end) for where, grip in reach.items()}
                nearest = min(away.values())
                assert away[tuple(at)] <= nearest + 0.1, f"{book_figure}: handle {number} to {end}"
            pairs = zip(book_figure.grid.parameters, at, strict=True)
            caption = book_figure.frame({p.name: p.values[i] for p, i in pairs}).caption
            expect(figure.locator("figcaption")).to_have_text(caption)


@pytest.fixture
def outlier(visit: Callable, served: str, figures_on: Callable) -> Callable[..., tuple]:
    """Open the figure of the punctured delivery; return it and what the book knows of it."""
    book_figure = next(f for f in figures_on(CHAPTER) if f.id == "outlier")

    def opened(**options: Any) -> tuple[Locator, Any]:
        page = visit(f"{served}/{CHAPTER}.html", **options)
        return ready(page.locator("figure#outlier")), book_figure

    return opened


def place_of(figure: Locator, book_figure: Any, minutes_lost: int) -> tuple[float, float]:
    (grip,) = held(book_figure, {"minutes_lost": minutes_lost})
    return View.of(figure).screen(grip)


@pytest.mark.parametrize("hand", HANDS)
def test_drag_counts_as_a_move_of_the_control(outlier: Callable, hand: str) -> None:
    hold, options = HANDS[hand]
    figure, book_figure = outlier(**options)
    figure.evaluate(
        """(figure) => {
            window.heard = [];
            for (const type of ["input", "change"])
                figure.addEventListener(type, (e) => window.heard.push([type, e.target.value]));
        }"""
    )
    start = place_of(figure, book_figure, 0)
    hold(figure.page).drag(start, place_of(figure, book_figure, 20))
    slider = figure.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "20")
    expect(figure.locator(".explore-value")).to_have_text("20")
    expect(figure.locator("figcaption")).to_have_text(
        book_figure.frame({"minutes_lost": 20}).caption
    )
    figure.page.wait_for_url("**#outlier?minutes_lost=20")
    heard = figure.page.evaluate("window.heard")
    assert heard[-2:] == [["input", "20"], ["change", "20"]]
    expect(slider).to_be_focused()
    slider.press("ArrowRight")  # the keyboard goes on from there
    expect(slider).to_have_attribute("aria-valuetext", "21")


@pytest.mark.parametrize("hand", HANDS)
def test_tap_beside_a_handle_on_its_track_brings_it_there(outlier: Callable, hand: str) -> None:
    hold, options = HANDS[hand]
    figure, book_figure = outlier(**options)
    x, y = place_of(figure, book_figure, 25)
    hold(figure.page).tap(x + 10, y)
    expect(figure.get_by_role("slider")).to_have_attribute("aria-valuetext", "25")
    x, y = place_of(figure, book_figure, 10)
    hold(figure.page).tap(x - 80, y)  # not on the track
    next_frame(figure.page)
    expect(figure.get_by_role("slider")).to_have_attribute("aria-valuetext", "25")


def test_finger_on_a_handle_moves_it_and_beside_it_the_page(outlier: Callable) -> None:
    figure, book_figure = outlier(**PHONE)
    page, finger = figure.page, Finger(figure.page)
    grip = figure.locator(".explore-grip").bounding_box()
    assert min(grip["width"], grip["height"]) >= 44
    x, y = place_of(figure, book_figure, 0)
    before = page.evaluate("scrollY")
    finger.drag((x, y), (x, y - 120))
    next_frame(page)
    assert position(figure) != [0]
    assert page.evaluate("scrollY") == before
    at = position(figure)
    x, y = figure.locator("svg").bounding_box()["x"] + 60, y
    finger.drag((x, y), (x, y - 120))
    page.wait_for_function("(before) => scrollY > before + 50", arg=before)
    assert position(figure) == at


def test_second_finger_does_not_move_what_the_first_one_holds(outlier: Callable) -> None:
    figure, book_figure = outlier(**PHONE)
    finger = Finger(figure.page)
    first, then = place_of(figure, book_figure, 0), place_of(figure, book_figure, 12)
    finger.touch("Start", first)
    finger.touch("Move", then)
    finger.touch("Start", then, (then[0] - 100, then[1]))
    finger.touch("Move", then, (then[0] - 100, then[1] - 100))
    finger.touch("End")
    next_frame(figure.page)
    assert position(figure) == [12]


def test_handles_are_not_printed_and_not_spoken(outlier: Callable) -> None:
    figure, _ = outlier()
    grip = figure.locator(".explore-grip").first
    expect(grip).to_have_attribute("aria-hidden", "true")
    expect(grip).to_be_visible()
    figure.page.emulate_media(media="print")
    expect(grip).to_be_hidden()
