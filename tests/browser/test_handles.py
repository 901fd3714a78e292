"""Handles of the built site, dragged with the mouse and with a finger."""

import itertools
import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import browsing
import numpy as np
import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from lossbook.explore.handles import Grip

CHAPTER = "chapters/03-regression-losses"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 900}}
FIRST = 12  # minutes that are lost before each drag
PRESSES, MOVES = 2, 5  # ten drags of each handle


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

    def screen(self, place: tuple[int, int]) -> tuple[float, float]:
        return tuple(
            start + self.scale * tenths / 10 for start, tenths in zip(self[:2], place, strict=True)
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

    def drag(self, start: tuple[float, float], *ends: tuple[float, float]) -> None:
        self.page.mouse.move(*start)
        self.page.mouse.down()
        for end in ends:
            self.page.mouse.move(*end)
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

    def drag(self, start: tuple[float, float], *ends: tuple[float, float]) -> None:
        self.touch("Start", start)
        for end in ends:
            self.touch("Move", end)
        self.touch("End")

    def tap(self, x: float, y: float) -> None:
        self.page.touchscreen.tap(x, y)


HANDS = {"mouse": (Mouse, DESK), "finger": (Finger, PHONE)}


class Places:
    """Where the handles of a figure lie at each position, as its page says."""

    def __init__(self, figure: Locator) -> None:
        data = json.loads(figure.locator("script").text_content())
        self.shape = tuple(data["shape"])
        self.moves: list[list[int]] = [handle["moves"] for handle in data["handles"]]
        # The shapes are those of NumPy: a 1 stands where a control changes nothing.
        self.xy = [
            [
                np.broadcast_to(np.array(v, object).reshape(n), self.shape)
                for n, v in (h["x"], h["y"])
            ]
            for h in data["handles"]
        ]

    def at(self, number: int, position: Sequence[int]) -> tuple[int, int]:
        x, y = self.xy[number]
        return x[tuple(position)], y[tuple(position)]

    def reachable(self, number: int, position: list[int]) -> Iterator[tuple[int, ...]]:
        """Yield the positions to which a handle can lead."""
        ranges = [
            range(n) if i in self.moves[number] else [at]
            for i, (n, at) in enumerate(zip(self.shape, position, strict=True))
        ]
        for there in itertools.product(*ranges):
            if None not in self.at(number, there):
                yield there


# Where the pointer has been, and where the controls were then.
NOTE_MOVES = """(figure) => {
    window.moves = [];
    const controls = [...figure.querySelectorAll("input, select")];
    window.noted?.abort();
    window.noted = new AbortController();
    addEventListener("pointermove", ({ clientX, clientY, buttons }) => {
        if (buttons) window.moves.push([clientX, clientY, controls.map(
            (c) => c.type === "checkbox" ? Number(c.checked) : Number(c.value))]);
    }, window.noted);
}"""


def test_page_knows_where_python_draws_each_handle(
    same_page: Callable, served: str, docname: str, figures_on: Callable
) -> None:
    figures = with_handles(figures_on(docname))
    if not figures:
        return
    page = same_page(f"{served}/{docname}.html")
    for book_figure in figures:
        places = Places(browsing.by_id(page, book_figure.id))
        some = random.Random(book_figure.id)
        parameters = book_figure.grid.parameters
        for _ in range(2):
            at = [some.randrange(n) for n in places.shape]
            values = {p.name: p.values[i] for p, i in zip(parameters, at, strict=True)}
            known = [places.at(number, at) for number in range(len(places.xy))]
            drawn = {
                grip.place
                for grip in held(book_figure, values)
                if any(len(p.values) > 1 and p.name in grip.names for p in parameters)
            }
            assert {place for place in known if None not in place} == drawn, (
                f"{book_figure}: {values}"
            )


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
        figure = ready(browsing.by_id(page, book_figure.id))
        figure.evaluate(NOTE_MOVES)
        places, view = Places(figure), View.of(figure)
        left, top, width, height = figure.locator("svg").bounding_box().values()
        some = random.Random(book_figure.id)
        for number in range(len(places.xy)):
            at = position(figure)
            reachable = list(places.reachable(number, at))
            onscreen = {there: view.screen(places.at(number, there)) for there in reachable}
            for _ in range(PRESSES):
                ends = [
                    (left + some.random() * width, top + some.random() * height)
                    for _ in range(MOVES)
                ]
                hand.drag(onscreen[tuple(at)], *ends)
                moves = page.evaluate("window.moves.splice(0)")
                assert np.allclose([move[:2] for move in moves], ends, atol=1)
                for *pointer, at in moves:
                    away = {there: math.dist(place, pointer) for there, place in onscreen.items()}
                    assert away[tuple(at)] <= min(away.values()) + 0.1, (
                        f"{book_figure}: handle {number} to {pointer}"
                    )
        at = position(figure)
        pairs = zip(book_figure.grid.parameters, at, strict=True)
        caption = book_figure.frame({p.name: p.values[i] for p, i in pairs}).caption
        expect(figure.locator("figcaption")).to_have_text(caption)


@pytest.fixture
def outlier(same_page: Callable, served: str, figures_on: Callable) -> Callable[..., tuple]:
    """Show the figure of the punctured delivery; return it and what the book knows of it."""
    book_figure = next(f for f in figures_on(CHAPTER) if f.id == "outlier")

    def opened(**options: Any) -> tuple[Locator, Any]:
        # What is laid out while a hand is down would move under it.
        page = same_page(f"{served}/{CHAPTER}.html", laid_out=True, **options)
        figure = ready(browsing.by_id(page, "outlier"))
        figure.get_by_role("slider").fill(str(FIRST))
        return figure, book_figure

    return opened


def place_of(figure: Locator, book_figure: Any, minutes_lost: int) -> tuple[float, float]:
    (grip,) = held(book_figure, {"minutes_lost": minutes_lost})
    return View.of(figure).screen(grip.place)


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
    start = place_of(figure, book_figure, FIRST)
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
    x, y = place_of(figure, book_figure, FIRST)
    before = page.evaluate("scrollY")
    finger.drag((x, y), (x, y - 120))
    next_frame(page)
    assert position(figure) != [FIRST]
    assert page.evaluate("scrollY") == before
    at = position(figure)
    x, y = figure.locator("svg").bounding_box()["x"] + 60, y
    page.evaluate("window.rest = new Promise((done) => { onscrollend = done; }); 0")
    finger.drag((x, y), (x, y - 120))
    page.evaluate("window.rest.then(() => 0)")
    assert page.evaluate("scrollY") > before + 50
    assert position(figure) == at


def test_second_finger_does_not_move_what_the_first_one_holds(outlier: Callable) -> None:
    figure, book_figure = outlier(**PHONE)
    finger = Finger(figure.page)
    first, then = place_of(figure, book_figure, FIRST), place_of(figure, book_figure, 24)
    finger.touch("Start", first)
    finger.touch("Move", then)
    finger.touch("Start", then, (then[0] - 100, then[1]))
    finger.touch("Move", then, (then[0] - 100, then[1] - 100))
    finger.touch("End")
    next_frame(figure.page)
    assert position(figure) == [24]


def test_handles_are_not_printed_and_not_spoken(outlier: Callable) -> None:
    figure, _ = outlier(**DESK)
    grip = figure.locator(".explore-grip").first
    expect(grip).to_have_attribute("aria-hidden", "true")
    expect(grip).to_be_visible()
    figure.page.emulate_media(media="print")
    expect(grip).to_be_hidden()
    figure.page.emulate_media(media="screen")
