"""What the site remembers of a reader: on her device alone, and no more than it says."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import by_id
from playwright.sync_api import Page, expect

CHAPTER = "chapters/03-regression-losses"
STORED = "() => localStorage.getItem('lossbook')"
HIDE = """() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
}"""
BLOCKED = """
for (const name of ["localStorage", "sessionStorage"]) {
    const get = () => { throw new DOMException("denied", "SecurityError"); };
    Object.defineProperty(window, name, { get, configurable: true });
}
"""
FULL = """
const set = Storage.prototype.setItem;
Storage.prototype.setItem = function (...pair) {
    if (this === localStorage) throw new DOMException("full", "QuotaExceededError");
    set.apply(this, pair);
};
"""


def answer(page: Page, name: str, *texts: str) -> str:
    form = by_id(page, f"ex-{name}").locator("form.answer")
    for field, text in zip(form.locator("input").all(), texts, strict=True):
        field.fill(text)
    form.get_by_role("button").click()
    return form.get_by_role("status").inner_text()


def stored(page: Page) -> dict:
    return json.loads(page.evaluate(STORED) or "{}")


@pytest.fixture
def read(visit: Callable, served: str) -> Page:
    """A page after a visit: two exercises and a question answered, and a section read."""
    page = visit(f"{served}/{CHAPTER}.html")
    answer(page, "ch3-huber-constant", "23/2")
    answer(page, "ch3-by-hand", "17", "-2", "5/3", "0")
    page.locator(".quiz").first.locator("summary").nth(1).press("Enter")
    page.goto(f"{served}/{CHAPTER}.html#ch3-huber")
    page.wait_for_function("() => scrollY > 0")
    page.evaluate(HIDE)
    return page


def test_front_page_offers_to_go_on_and_shows_how_far_one_is(read: Page, served: str) -> None:
    read.goto(f"{served}/index.html")
    link = read.locator(".go-on a")
    expect(link).to_be_visible()
    assert read.locator(".go-on").inner_text().startswith("Go on with ")
    expect(read.locator(".chapter-state")).to_have_count(1)
    expect(read.locator(".chapter-state")).to_contain_text(
        re.compile(r"^1 of \d+ exercises, 1 of \d+ questions(, 0 of \d+ predictions)?$")
    )
    link.click()
    assert re.search(rf"{CHAPTER}.html#[\w-]+$", read.url)


def test_what_was_answered_has_its_mark_on_the_next_visit(read: Page, served: str) -> None:
    read.goto(f"{served}/{CHAPTER}.html")
    assert "answered" in read.locator("#ex-ch3-huber-constant").get_attribute("class").split()
    assert "answered" not in read.locator("#ex-ch3-by-hand").get_attribute("class").split()
    chosen = read.locator(".quiz").first.locator("details").nth(1)
    assert "chosen" in chosen.get_attribute("class").split()
    assert chosen.get_attribute("open") is None
    assert read.locator("details.chosen").count() == 1
    signs = (
        read.locator(".quiz")
        .first.locator(".sd-summary-text")
        .evaluate_all("all => all.map((e) => getComputedStyle(e, '::before').backgroundColor)")
    )
    assert signs[0] == signs[2] != signs[1]


def test_no_more_is_stored_than_it_says(read: Page) -> None:
    kept = stored(read)
    assert set(kept) == {"version", "last", "chapters"}
    assert set(kept["last"]) == {"page", "id", "title"}
    assert list(kept["chapters"]) == [CHAPTER]
    chapter = kept["chapters"][CHAPTER]
    assert chapter["answers"]["ch3-huber-constant"] == [0, True]
    assert chapter["answers"]["ch3-by-hand"] == [0, False]
    assert len(chapter["answers"]) == 3
    assert set(read.evaluate("Object.keys(localStorage)")) <= {"lossbook", "mode", "theme"}
    assert read.context.storage_state()["cookies"] == []


def test_answering_everything_fits_into_20_kb(visit: Callable, served: str) -> None:
    page = visit(f"{served}/index.html")
    chapters = {
        f"chapters/0{k}-{'x' * 20}": {
            "title": "A title of a chapter",
            "of": {"exercises": 8, "questions": 8, "predictions": 12},
            "answers": {f"{'x' * 40}-{k}": [1, False] for k in range(30)},
        }
        for k in range(8)
    }
    text = json.dumps({"version": 1, "chapters": chapters}, separators=(",", ":"))
    assert len(text) < 20_000
    page.evaluate("text => localStorage.setItem('lossbook', text)", text)
    page.goto(f"{served}/{CHAPTER}.html")
    answer(page, "ch3-huber-constant", "23/2")
    assert CHAPTER in stored(page)["chapters"]
    assert len(page.evaluate(STORED)) < 20_000


def test_first_prediction_stays_and_a_right_exercise_stays_right(read: Page) -> None:
    question = read.locator(".quiz").first
    name = question.get_attribute("id")
    first = stored(read)["chapters"][CHAPTER]["answers"][name]
    question.locator("summary").nth(0).press("Enter")
    assert stored(read)["chapters"][CHAPTER]["answers"][name] == first
    answer(read, "ch3-huber-constant", "11")
    assert stored(read)["chapters"][CHAPTER]["answers"]["ch3-huber-constant"] == [0, True]


def test_page_shows_all_empties_it_and_switches_it_off(read: Page, served: str) -> None:
    read.goto(f"{served}/use/memory.html")
    shown = read.locator("#memory")
    expect(shown).to_contain_text("huber constant: right")
    expect(shown).to_contain_text("by hand: not right")
    expect(shown).to_contain_text("Last read: ")
    read.get_by_role("button", name="Forget everything").click()
    expect(shown).to_contain_text("Nothing is remembered yet.")
    assert read.evaluate(STORED) is None
    read.get_by_role("button", name="Switch it off").click()
    expect(shown).to_contain_text("you have switched it off")
    read.goto(f"{served}/{CHAPTER}.html")
    assert answer(read, "ch3-huber-constant", "23/2").startswith("Right")
    assert stored(read) == {"version": 1, "chapters": {}, "off": True}
    read.goto(f"{served}/use/memory.html")
    read.get_by_role("button", name="Remember again").click()
    read.goto(f"{served}/{CHAPTER}.html")
    answer(read, "ch3-huber-constant", "23/2")
    assert CHAPTER in stored(read)["chapters"]


FOREIGN = {
    "no JSON": "{",
    "empty": "",
    "null": "null",
    "a number": "5",
    "another version": json.dumps(
        {"version": 2, "last": {"page": CHAPTER, "id": "x", "title": "x"}}
    ),
    "wrong kinds": json.dumps({"version": 1, "chapters": [1, 2], "last": "there", "off": "yes"}),
    "wrong answers": json.dumps(
        {
            "version": 1,
            "chapters": {
                CHAPTER: {
                    "title": "x",
                    "of": {"exercises": "8"},
                    "answers": {"a": 5, "ch3-by-hand": [0]},
                }
            },
        }
    ),
    "markup": json.dumps(
        {
            "version": 1,
            "last": {"page": "javascript:alert(1)", "id": "x", "title": "x"},
            "chapters": {"chapters/../../x": {"title": "<img src=x onerror=alert(1)>"}},
        }
    ),
    "prototypes": '{"version": 1, "__proto__": {"off": true}, "chapters": {"__proto__": {}}}',
    "large": json.dumps({"version": 1, "chapters": {}, "more": "x" * 100_000}),
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_foreign_data_is_dropped_without_harm(visit: Callable, served: str, text: str) -> None:
    page = visit(f"{served}/index.html")
    page.evaluate("text => localStorage.setItem('lossbook', text)", text)
    page.goto(f"{served}/index.html")
    assert not page.locator(".go-on a, .chapter-state").count()
    page.goto(f"{served}/use/memory.html")
    assert page.locator("#memory button").count() == 2
    assert not page.locator("#memory img").count()
    page.goto(f"{served}/{CHAPTER}.html")
    assert answer(page, "ch3-huber-constant", "23/2").startswith("Right")
    kept = stored(page)
    assert kept["version"] == 1
    assert set(kept["chapters"]) == {CHAPTER}
    assert kept["chapters"][CHAPTER]["answers"] == {"ch3-huber-constant": [0, True]}


@pytest.mark.parametrize("obstacle", [BLOCKED, FULL], ids=["blocked", "full"])
def test_without_storage_everything_else_works(visit: Callable, served: str, obstacle: str) -> None:
    page = visit("about:blank")
    page.add_init_script(obstacle)
    page.goto(f"{served}/{CHAPTER}.html")
    assert answer(page, "ch3-huber-constant", "23/2").startswith("Right")
    option = page.locator(".quiz").first.locator("details").nth(1)
    option.locator("summary").press("Enter")
    expect(option.locator(".sd-summary-content")).to_be_visible()
    page.goto(f"{served}/use/memory.html")
    expect(page.locator("#memory button").first).to_be_visible()
    page.goto(f"{served}/index.html")


def test_nothing_moves_when_the_page_remembers(read: Page, served: str) -> None:
    read.add_init_script(
        """window.shifts = [];
        new PerformanceObserver((list) => {
            for (const { value } of list.getEntries()) window.shifts.push(value);
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    for page in ("index", CHAPTER):
        read.goto(f"{served}/{page}.html")
        read.wait_for_load_state("networkidle")
        assert sum(read.evaluate("window.shifts")) < 0.01


def test_memory_from_a_disk(visit: Callable, site: Path) -> None:
    page = visit((site / f"{CHAPTER}.html").as_uri())
    answer(page, "ch3-huber-constant", "23/2")
    page.reload()
    assert "answered" in page.locator("#ex-ch3-huber-constant").get_attribute("class").split()
