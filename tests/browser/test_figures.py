"""Each interactive figure of the built site, moved as a reader moves it."""

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from browsing import by_id
from playwright.sync_api import Locator, expect

from lossbook.explore.parameters import Parameter

CHAPTER = "chapters/05-choose-a-loss"
TIMED = "chapters/02-training-loop"  # its figures have play buttons


@pytest.fixture
def figure(same_page: Callable, served: str, book_figure: Any) -> Locator:
    """The figure on its page, at its default position."""
    figure = by_id(same_page(f"{served}/{book_figure.page}.html"), book_figure.id)
    place(figure, default_of(book_figure))
    figure.scroll_into_view_if_needed()
    return figure


def default_of(book_figure: Any) -> dict[str, int]:
    return {parameter.name: parameter.default for parameter in book_figure.grid.parameters}


def once_time_has_passed(book_figure: Any) -> dict[str, int]:
    """Before the first step, nothing that is set shows yet."""
    parameters = book_figure.grid.parameters
    return {p.name: len(p.values) // 2 if p.is_time else p.default for p in parameters}


def open_figure(visit: Callable, base: str, book_figure: Any, **options: Any) -> Locator:
    """Return the figure on a page of its own."""
    return open_at(visit, f"{base}/{book_figure.page}.html", book_figure, **options)


def open_at(visit: Callable, url: str, book_figure: Any, **options: Any) -> Locator:
    """Return the figure on a page that is opened at an address."""
    return by_id(visit(url, **options), book_figure.id)


def control_of(figure: Locator, parameter: Parameter) -> Locator:
    return figure.locator(f"[name={parameter.name}]")


def squeezed(picture: str) -> str:
    """Take out the space between elements, which draws nothing."""
    return re.sub(r">\s+<", "><", picture).strip()


def place(figure: Locator, positions: dict[str, int]) -> tuple[str, str]:
    """Bring controls to positions; return picture and caption as the next frame shows them."""
    picture, caption = figure.evaluate(
        """async (figure, positions) => {
            for (const [name, at] of Object.entries(positions)) {
                const control = figure.querySelector(`[name=${name}]`);
                if (control.type === "checkbox") control.checked = at === 1;
                else control.value = at;
                for (const type of ["input", "change"])
                    control.dispatchEvent(new Event(type, { bubbles: true }));
            }
            await new Promise(requestAnimationFrame);
            return [figure.querySelector("svg").innerHTML,
                    figure.querySelector("figcaption").textContent];
        }""",
        positions,
    )
    return squeezed(picture), caption


def shown(figure: Locator) -> tuple[str, str]:
    return place(figure, {})


def state(control: Locator) -> tuple[int, str | None]:
    """Return a control's position, and what a screen reader calls it."""
    return tuple(
        control.evaluate(
            """(c) => [c.type === "checkbox" ? Number(c.checked) : Number(c.value),
                       c.getAttribute("aria-valuetext")]"""
        )
    )


def expected_picture(figure: Locator, book_figure: Any, values: dict[str, Any]) -> str:
    """Return a frame drawn in Python as the page would hold it."""
    svg = book_figure.frame(values).svg.split("\n", 1)[1].removesuffix("</svg>")
    picture = figure.evaluate(
        """(figure, inner) => {
            const svg = figure.querySelector("svg").cloneNode();
            svg.innerHTML = inner;
            return svg.innerHTML;
        }""",
        svg,
    )
    return squeezed(picture)


def accessible_name(element: Locator) -> str:
    """Return what the browser tells a screen reader."""
    page = element.page
    element.evaluate("(e) => { window.named = e; }")
    session = page.context.new_cdp_session(page)
    handle = session.send("Runtime.evaluate", {"expression": "window.named"})["result"]
    nodes = session.send("Accessibility.getPartialAXTree", {"objectId": handle["objectId"]})
    session.detach()
    return nodes["nodes"][0]["name"]["value"]


# What it is


def test_default_position_is_there_and_named(figure: Locator, book_figure: Any) -> None:
    caption = book_figure.frame(book_figure.grid.default).caption
    expect(figure).to_be_visible()
    pictures = figure.locator("svg[role=img]")
    assert pictures.count() == figure.locator("svg").count() == 1
    expect(pictures).to_be_visible()
    assert accessible_name(pictures) == caption
    expect(figure.locator("figcaption output[aria-live=polite]")).to_have_text(caption)
    assert shown(figure)[0] == expected_picture(figure, book_figure, book_figure.grid.default)
    group = figure.get_by_role("group")
    assert group.get_attribute("aria-label")
    assert figure.locator("input, select").count() == len(book_figure.grid.parameters)
    roles = {"range": "slider", "choice": "combobox", "switch": "checkbox"}
    for parameter in book_figure.grid.parameters:
        control = figure.get_by_role(roles[parameter.kind], name=parameter.description, exact=True)
        expect(control).to_be_visible()
        at = state(control)
        assert at[0] == parameter.default
        if parameter.kind == "range":
            assert at[1] == parameter.labels[parameter.default]


# Every position, by keyboard


RECORD = """(figure) => {
    const [svg, caption] = ["svg", "figcaption"].map((name) => figure.querySelector(name));
    const pictures = [];
    window.seen = [];
    figure.addEventListener("input", ({ target, isTrusted }) => requestAnimationFrame(() => {
        if (!isTrusted) return; // it is not from the keyboard
        const picture = svg.innerHTML.replaceAll(/>\\s+</g, "><");
        if (!pictures.includes(picture)) pictures.push(picture);
        const at = target.type === "checkbox" ? Number(target.checked) : Number(target.value);
        const value = target.parentElement.querySelector(".explore-value")?.textContent;
        window.seen.push([at, target.getAttribute("aria-valuetext"), value, caption.textContent,
                          pictures.indexOf(picture)]);
    }));
}"""
NEXT_FRAME = "() => new Promise(requestAnimationFrame)"


def test_keyboard_reaches_every_position(figure: Locator, book_figure: Any) -> None:
    page = figure.page
    figure.evaluate(RECORD)
    for parameter in book_figure.grid.parameters:
        last = len(parameter.values) - 1
        elsewhere = {parameter.name: last if parameter.default == 0 else 0}
        place(figure, {**once_time_has_passed(book_figure), **elsewhere})
        control_of(figure, parameter).focus()
        if parameter.kind == "switch":
            keys, expected = ["Space"] * 2, [0, 1] if parameter.default == 0 else [1, 0]
        elif parameter.kind == "choice":
            keys = ["End", "Home", *["ArrowDown"] * last]
            expected = list(range(last + 1))
        else:
            keys = ["End", "Home", *["ArrowRight"] * last]
            expected = list(range(last + 1))
        for key in keys:
            page.keyboard.press(key)
            page.evaluate(NEXT_FRAME)
        seen = page.evaluate("window.seen.splice(0)")
        positions, spoken, written, captions, pictures = zip(*seen, strict=True)
        assert list(positions[-len(expected) :]) == expected
        if parameter.kind == "range":
            labels = [parameter.labels[at] for at in positions]
            assert list(spoken) == list(written) == labels
        assert len(set(pictures)) > 1, f"{parameter.name} never changes the picture"
        assert len(set(captions)) > 1, f"{parameter.name} never changes the caption"


def test_pointer_moves_picture_and_caption(figure: Locator, book_figure: Any) -> None:
    page = figure.page
    for parameter in book_figure.grid.parameters:
        control = control_of(figure, parameter)
        start = once_time_has_passed(book_figure)
        before, start = place(figure, start), start[parameter.name]
        if parameter.kind == "range":
            control.scroll_into_view_if_needed()
            box = control.bounding_box()
            middle = box["y"] + box["height"] / 2
            share = start / max(1, len(parameter.values) - 1)
            thumb = box["x"] + 8 + share * (box["width"] - 16)
            goal = box["x"] + (2 if share > 0.5 else box["width"] - 2)
            page.mouse.move(thumb, middle)
            page.mouse.down()
            page.mouse.move((thumb + goal) / 2, middle)
            half_way = shown(figure)
            page.mouse.move(goal, middle)
            page.mouse.up()
            assert state(control)[0] == (0 if share > 0.5 else len(parameter.values) - 1)
            assert half_way != before, "it follows while it is dragged"
        elif parameter.kind == "switch":
            figure.get_by_text(parameter.description, exact=True).click()
        else:
            control.select_option(index=(start + 1) % len(parameter.values))
        picture, caption = shown(figure)
        assert picture != before[0], f"{parameter.name} does not change the picture"
        assert caption != before[1], f"{parameter.name} does not change the caption"


# What the page shows is what Python draws


def test_page_shows_what_python_draws_at_both_ends_and_four_random_positions(
    figure: Locator, book_figure: Any
) -> None:
    positions = list(book_figure.grid)
    some = random.Random(book_figure.id).sample(positions, min(4, len(positions)))
    for values in [positions[0], *some, positions[-1]]:
        parameters = book_figure.grid.parameters
        picture, caption = place(figure, {p.name: p.index(values[p.name]) for p in parameters})
        assert caption == book_figure.frame(values).caption
        assert picture == expected_picture(figure, book_figure, values)
        assert figure.locator("svg").count() == 1
    assert accessible_name(figure.locator("svg")) == caption


def test_what_two_positions_share_stays_in_the_page(
    visit: Callable, served: str, figures_on: Callable
) -> None:
    here = figures_on("chapters/03-regression-losses")
    book_figure = next(f for f in here if f.id == "quantile-line")
    parameter = book_figure.grid.parameters[0].name
    figure = open_figure(visit, served, book_figure)
    place(figure, {parameter: 0})
    before, kept = (
        figure.locator("svg").evaluate_handle("(svg) => [...svg.children]"),
        ("(svg, before) => [before.filter((e) => e.isConnected).length, before.length]"),
    )
    place(figure, {parameter: 1})
    stay, all_ = figure.locator("svg").evaluate(kept, before)
    assert all_ - 10 < stay < all_


# The address keeps the position


def move_all(figure: Locator, book_figure: Any) -> dict[str, str]:
    """Move every control, wait until the address tells, and return the labels."""
    parameters = book_figure.grid.parameters
    there = {p.name: (p.default + len(p.values) // 2 + 1) % len(p.values) for p in parameters}
    place(figure, there)
    wanted = {p.name: p.labels[there[p.name]] for p in parameters}
    fragment = f"{book_figure.id}?{urlencode(wanted)}"
    figure.page.wait_for_url(lambda url: urlsplit(url).fragment == fragment)
    return wanted


def check_restored(figure: Locator, book_figure: Any, wanted: dict, moved: tuple) -> None:
    expect(figure.locator("figcaption")).to_have_text(moved[1])
    assert shown(figure) == moved
    for parameter in book_figure.grid.parameters:
        at, text = state(control_of(figure, parameter))
        assert parameter.labels[at] == wanted[parameter.name]
        assert text in (None, wanted[parameter.name])
    expect(figure).to_be_in_viewport()


def test_address_keeps_and_restores_the_position(figure: Locator, book_figure: Any) -> None:
    wanted = move_all(figure, book_figure)
    moved, address = shown(figure), figure.page.url
    assert place(figure, default_of(book_figure)) != moved
    figure.page.evaluate("scrollTo(0, 0)")
    figure.page.evaluate("(url) => { location.hash = ''; location.href = url; }", address)
    check_restored(figure, book_figure, wanted, moved)


def test_address_restores_the_first_and_last_figure_of_a_page_that_is_opened_anew(
    visit: Callable, served: str, docname: str, figures_on: Callable
) -> None:
    here = figures_on(docname)
    for book_figure in {id(f): f for f in (here[:1] + here[-1:])}.values():
        figure = open_figure(visit, served, book_figure)
        wanted = move_all(figure, book_figure)
        fresh = open_at(visit, figure.page.url, book_figure)
        check_restored(fresh, book_figure, wanted, shown(figure))


def test_address_works_in_a_folder_on_a_disk(
    visit: Callable, site: Path, figures_on: Callable
) -> None:
    for book_figure in (*figures_on("index"), figures_on(CHAPTER)[-1]):
        figure = open_figure(visit, site.as_uri(), book_figure)
        assert urlsplit(figure.page.url).fragment == ""
        wanted = move_all(figure, book_figure)
        fresh = open_at(visit, figure.page.url, book_figure)
        check_restored(fresh, book_figure, wanted, shown(figure))


def test_address_is_understood_as_it_is_typed_or_passed_on(
    visit: Callable, served: str, figures_on: Callable
) -> None:
    book_figure = next(
        f for f in figures_on("chapters/04-classification-losses") if f.id == "logit"
    )
    caption = book_figure.frame({"logit_z": -5.0, "label_y": 0}).caption
    address = f"{served}/{book_figure.page}.html#logit"
    for typed in (
        "?logit_z=-5.0&label_y=0",
        "?label_y=0&logit_z=-5",
        "?logit_z=\u22125.0&label_y=0",
        "%3Flogit_z%3D-5.0%26label_y%3D0",
        "%3flogit_z=%E2%88%925.0&label_y=0",
    ):
        figure = open_at(visit, address + typed, book_figure)
        expect(figure.locator("figcaption")).to_have_text(caption)
        expect(figure).to_be_in_viewport()


def test_address_with_nonsense_changes_nothing(
    visit: Callable, served: str, figures_on: Callable
) -> None:
    book_figure = figures_on(CHAPTER)[-1]
    name = book_figure.grid.parameters[0].name
    address = f"{served}/{book_figure.page}.html#{book_figure.id}"
    for nonsense in (f"?{name}=nonsense&other=1", "?", "?%E0%A4%A", ""):
        page = visit(address + nonsense)
        figure = page.locator(f"figure#{book_figure.id}")
        expect(figure.locator("figcaption")).to_have_text(
            book_figure.frame(book_figure.grid.default).caption
        )


@pytest.fixture
def linked(
    visit: Callable, served: str, figures_on: Callable
) -> tuple[Locator, Parameter, str, str]:
    """A figure, its first control, a link to that control's last position, the caption there."""
    book_figure = figures_on(CHAPTER)[-1]
    parameter = book_figure.grid.parameters[0]
    link = f"#{book_figure.id}?{urlencode({parameter.name: parameter.labels[-1]})}"
    values = {**book_figure.grid.default, parameter.name: parameter.values[-1]}
    figure = open_figure(visit, served, book_figure)
    return figure, parameter, link, book_figure.frame(values).caption


def test_link_to_another_position_on_the_same_page_moves_the_figure(linked: tuple) -> None:
    figure, _, link, caption = linked
    figure.page.evaluate("(link) => { location.hash = link; }", link)
    expect(figure.locator("figcaption")).to_have_text(caption)


def test_link_that_is_followed_just_after_a_move_wins(linked: tuple) -> None:
    figure, parameter, link, caption = linked
    control_of(figure, parameter).evaluate(
        """(control, link) => {
            control.dispatchEvent(new Event("change"));
            const start = performance.now();  // busy until the address of the move is due too
            while (performance.now() < start + 300);
            location.href = link;
        }""",
        link,
    )
    expect(figure.locator("figcaption")).to_have_text(caption)
    figure.page.wait_for_timeout(300)
    assert figure.page.url.endswith(link)


# Play


def timed(book_figure: Any) -> Parameter | None:
    return next((p for p in book_figure.grid.parameters if p.is_time), None)


def test_play_button_stands_where_time_passes(figure: Locator, book_figure: Any) -> None:
    expected = sum(p.is_time for p in book_figure.grid.parameters)
    assert figure.get_by_role("button", name=re.compile("^Play ")).count() == expected


def test_play_runs_to_the_end_and_stops(visit: Callable, served: str, figures_on: Callable) -> None:
    book_figure = next(f for f in figures_on(TIMED) if timed(f))
    parameter = timed(book_figure)
    figure = open_figure(visit, served, book_figure, reduced_motion="no-preference")
    button = figure.get_by_role("button", name=f"Play {parameter.description}")
    slider = control_of(figure, parameter)
    expect(button).to_have_attribute("aria-pressed", "false")

    place(figure, {parameter.name: 0})
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    figure.page.wait_for_function("(s) => Number(s.value) >= 3", arg=slider.element_handle())
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    at = state(slider)[0]
    figure.page.wait_for_timeout(500)
    assert state(slider)[0] == at, "it stops where it is told to"

    last = len(parameter.values) - 1
    place(figure, {parameter.name: last - 2})
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false", timeout=3000)
    assert state(slider) == (last, parameter.labels[last]), "it stops at the end"
    values = {**book_figure.grid.default, parameter.name: parameter.values[last]}
    expect(figure.locator("figcaption")).to_have_text(book_figure.frame(values).caption)

    button.click()
    figure.page.wait_for_function(
        "([s, n]) => Number(s.value) > 0 && Number(s.value) < n",
        arg=[slider.element_handle(), last],
    )
    slider.press("ArrowRight")
    expect(button).to_have_attribute("aria-pressed", "false")


def test_play_goes_one_step_a_press_where_motion_is_unwanted(
    visit: Callable, served: str, figures_on: Callable
) -> None:
    book_figure = next(f for f in figures_on(TIMED) if timed(f))
    parameter = timed(book_figure)
    figure = open_figure(visit, served, book_figure, reduced_motion="reduce")
    place(figure, {parameter.name: 1})
    button = figure.get_by_role("button", name=f"Play {parameter.description}")
    button.click()
    figure.page.wait_for_timeout(600)
    assert state(control_of(figure, parameter))[0] == 2
    expect(button).to_have_attribute("aria-pressed", "false")
