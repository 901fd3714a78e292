"""Every page of the built site, in Chromium."""

import gzip
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import nbformat
import pytest
from browsing import by_id, lay_out
from playwright.sync_api import Browser, Page, expect

PHONE = {"width": 390, "height": 844}
SMALL_PHONE = {"width": 320, "height": 640}
ZOOMED = {"width": 640, "height": 450}  # a window of 1280 by 900 at 200 %
MOST_BYTES = 175_000  # of a chapter's HTML with all its frames, gzipped
LEAST_CONTRAST = 4.5  # WCAG 2, AA, for text
LEAST_CONTRAST_OF_DATA = 3  # and for graphics


@pytest.fixture(params=["http", "file"])
def address(request: pytest.FixtureRequest, site: Path) -> str:
    """The site served, and the site as a folder on a disk."""
    return request.getfixturevalue("served") if request.param == "http" else site.as_uri()


# Nothing goes wrong, nobody else is asked: of the site as it is served, each test sees to it


def read_through(page: Page) -> None:
    """Scroll to the end, so that whatever loads late does."""
    page.evaluate(
        """async () => {
            scrollTo(0, document.body.scrollHeight);
            for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
            await document.fonts.ready;
            await new Promise(requestIdleCallback);
        }"""
    )


def test_page_from_a_disk_is_quiet_and_asks_nobody(
    same_page: Callable, site: Path, docname: str
) -> None:
    read_through(same_page(f"{site.as_uri()}/{docname}.html"))


def test_search_page_is_quiet(visit: Callable, served: str) -> None:
    read_through(visit(f"{served}/search.html"))


def test_complaints_and_strangers_are_seen(
    visit_unchecked: type, browser: Browser, site: Path
) -> None:
    context = browser.new_context()
    visited = visit_unchecked(context)
    visited.page.goto(f"{site.as_uri()}/index.html")
    visited.page.evaluate("console.warn('careful')")
    visited.page.evaluate("setTimeout(() => { throw new Error('thrown') })")
    visited.page.evaluate("fetch('https://example.org/').catch(() => 'blocked')")
    visited.page.wait_for_timeout(100)
    context.close()
    assert visited.strangers == ["https://example.org/"]
    seen = "\n".join(visited.complaints)
    assert "careful" in seen
    assert "thrown" in seen


# What each page is


def test_ids_are_unique(same_page: Callable, served: str, docname: str) -> None:
    page = same_page(f"{served}/{docname}.html")
    ids = Counter(page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id)"))
    assert [ident for ident, count in ids.items() if count > 1] == []
    assert "" not in ids


def test_references_inside_pictures_lead_somewhere(
    same_page: Callable, served: str, docname: str
) -> None:
    page = same_page(f"{served}/{docname}.html")
    lost = page.evaluate(
        r"""() => [...document.querySelectorAll("svg.explore-frame *")].flatMap((element) =>
            [...element.attributes]
                .map((a) => a.name === "href" ? a.value : (/url\((#.+?)\)/.exec(a.value) ?? [])[1])
                .filter((to) => to && !document.getElementById(to.slice(1))))"""
    )
    assert lost == []


SCREENS = {
    "phone": {"viewport": PHONE, "is_mobile": True, "has_touch": True},
    "small phone": {"viewport": SMALL_PHONE, "is_mobile": True, "has_touch": True},
    # Zoom doubles the size of what a window of half the width shows.
    "200 % zoom": {"viewport": ZOOMED, "device_scale_factor": 2},
}


@pytest.fixture(params=SCREENS, scope="module")
def screen(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def on_screen(same_page: Callable, served: str, docname: str) -> Callable[[str], Page]:
    """Show a page, laid out, on a narrow screen."""
    return lambda name: same_page(f"{served}/{docname}.html", laid_out=True, **SCREENS[name])


@pytest.fixture
def narrow(on_screen: Callable[[str], Page], screen: str) -> Page:
    """A page on a narrow screen."""
    return on_screen(screen)


def test_narrow_screen_scrolls_only_downwards(narrow: Page) -> None:
    wide = narrow.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            const wide = [...document.querySelectorAll("article *")].filter((element) => {
                // Code and tables may scroll inside the text; text and figures may not.
                const whole = element.closest("figure.explore");
                for (let e = element; !whole && e.tagName !== "ARTICLE"; e = e.parentElement)
                    if (/auto|scroll|hidden|clip/.test(getComputedStyle(e).overflowX)) return false;
                return element.getBoundingClientRect().right > width + 0.5;
            });
            return [document.scrollingElement.scrollWidth - width,
                    wide.slice(0, 3).map((e) => e.outerHTML.slice(0, 200))];
        }"""
    )
    assert wide == [0, []]


LINE_BEGINS_WITH_PUNCTUATION = """() => [...document.querySelectorAll("article span.math")].filter(
    (formula) => {
        const text = document.createTreeWalker(document.querySelector("article"), 4);
        text.currentNode = formula;
        const inside = formula.querySelector(".katex");
        let next = text.nextNode();
        while (next && (inside.contains(next) || inside.compareDocumentPosition(next) & 2))
            next = text.nextNode();  // what stands in the formula, or before it
        const last = [...formula.querySelectorAll(".katex-base")].pop();
        if (!next || !last || !/^[,.;:?!)]/.test(next.data)) return false;
        const range = document.createRange();
        range.setStart(next, 0);
        range.setEnd(next, 1);
        const [mark, base] = [range, last].map((e) => e.getBoundingClientRect());
        return mark.height > 0 && mark.left < base.right - 2 && mark.top > base.top + 8;
    }).map((formula) => formula.parentElement.textContent.slice(0, 200))"""


def test_punctuation_stays_with_its_formula(narrow: Page) -> None:
    assert narrow.evaluate(LINE_BEGINS_WITH_PUNCTUATION) == []


def test_punctuation_that_leaves_its_formula_is_found(visit: Callable, served: str) -> None:
    page = visit(f"{served}/{LONG}.html", viewport=PHONE)
    lay_out(page)
    # As if nothing held them together: the marks around a formula stand outside.
    page.evaluate(
        """() => document.querySelectorAll(".math.glued").forEach((formula) => {
            const marks = [...formula.childNodes];
            formula.replaceWith(...marks);
            const katex = marks.find((node) => node.nodeType === Node.ELEMENT_NODE);
            katex.replaceWith(formula);
            formula.className = "math";
            formula.replaceChildren(katex);
        })"""
    )
    assert page.evaluate(LINE_BEGINS_WITH_PUNCTUATION) != []


def test_what_goes_on_beside_a_narrow_screen_fades_until_it_is_scrolled_to(
    narrow: Page,
) -> None:
    wide = "pre, div.math, .pst-scrollable-table-container"
    scrolls, fades = narrow.evaluate(
        """async (wide) => {
            const blocks = [...document.querySelectorAll(wide)];
            const scrolls = blocks.filter((b) => b.scrollWidth > b.clientWidth + 1);
            const fading = () =>
                scrolls.filter((b) => getComputedStyle(b).maskImage !== "none").length;
            const fadingAfter = async (scroll) => {
                scrolls.forEach(scroll);
                for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
                return fading();
            };
            return [scrolls.length, [
                fading(),
                await fadingAfter((b) => { b.scrollLeft = b.scrollWidth; }),
                await fadingAfter((b) => { b.scrollLeft = 0; }),
            ]];
        }""",
        wide,
    )
    assert fades == [scrolls, 0, scrolls]


def test_names_in_tables_break_only_at_their_joints(narrow: Page) -> None:
    torn = narrow.evaluate(
        r"""() => [...document.querySelectorAll("article table code .pre")].flatMap((name) =>
            [...name.childNodes].filter((part) => part.nodeType === Node.TEXT_NODE).map((part) => {
                const range = document.createRange();
                range.selectNode(part);
                const lines = new Set([...range.getClientRects()].map((r) => Math.round(r.top)));
                return [part.data, lines.size];
            })).filter(([text, lines]) => lines > 1 && !/-|\)\(/.test(text))"""
    )
    assert torn == []


def test_short_code_in_tables_stays_in_one_piece(narrow: Page) -> None:
    torn = narrow.evaluate(
        """() => [...document.querySelectorAll("article table code")].filter((code) =>
            code.textContent.length < 14 && code.getClientRects().length > 1
        ).map((code) => code.textContent)"""
    )
    assert torn == []


def test_headings_become_smaller_level_by_level(narrow: Page) -> None:
    sizes = narrow.evaluate(
        """() => ["h1", "h2", "h3"].map((level) => document.querySelector(
            `article section:not(.loss-card) > ${level}`)).filter(Boolean).map(
            (heading) => parseFloat(getComputedStyle(heading).fontSize))"""
    )
    assert sizes == sorted(set(sizes), reverse=True)


def test_text_in_figures_can_be_read_on_a_narrow_screen(narrow: Page) -> None:
    sizes, outside = narrow.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            const sizes = {}, outside = [];
            for (const svg of document.querySelectorAll("svg.explore-frame")) {
                const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
                const texts = [...svg.querySelectorAll("text")];
                sizes[svg.closest("figure").id] = scale * Math.min(
                    ...texts.map((t) => parseFloat(getComputedStyle(t).fontSize)));
                for (const text of texts) {
                    const { left, right } = text.getBoundingClientRect();
                    // A letter has a little air around it.
                    if (left < -1 || right > width + 1) outside.push(text.textContent);
                }
            }
            return [sizes, outside];
        }"""
    )
    assert outside == []
    width = narrow.viewport_size["width"]
    least = 8 if width > PHONE["width"] else 12 * width / PHONE["width"]
    assert {figure: size for figure, size in sizes.items() if size < least} == {}


LARGE = "style.fontSize", "200%"
MIRRORED = "dir", "rtl"


@pytest.mark.parametrize(("what", "value"), [LARGE, MIRRORED], ids=["large", "mirrored"])
def test_large_text_and_other_directions_flow(
    on_screen: Callable[[str], Page], what: str, value: str
) -> None:
    # A formula breaks only where KaTeX allows it.
    wide, directions = on_screen("phone").evaluate(
        f"""(value) => {{
            const html = document.documentElement;
            html.{what} = value;
            const width = html.clientWidth;
            const past = [...document.querySelectorAll(".math")].map(
                (formula) => formula.getBoundingClientRect().right - width);
            const over = document.scrollingElement.scrollWidth - width;
            const directions = [...document.querySelectorAll("svg[role=img]")].map(
                (svg) => getComputedStyle(svg).direction);
            html.{what} = "";
            return [over - Math.max(0, ...past.map(Math.ceil)), directions];
        }}""",
        value,
    )
    assert wide <= 0
    assert set(directions) <= {"ltr"}


def test_chapter_is_light(site: Path, docname: str) -> None:
    size = len(gzip.compress((site / f"{docname}.html").read_bytes(), 9))
    assert size <= MOST_BYTES, f"{docname}: {size} bytes"


def test_formulas_are_typeset_without_a_script(
    same_page: Callable, served: str, docname: str
) -> None:
    page = same_page(f"{served}/{docname}.html", java_script_enabled=False)
    text = page.locator("article").inner_text()
    for code in page.locator("article pre").all_inner_texts():  # TeX in a program is a program
        text = text.replace(code, "")
    assert not re.search(r"\\(?:frac|hat|ell|sum|left)\b|\$\$", text)
    if "chapters/" in docname:
        assert page.locator(".katex math").count() > 10


# Without a script


def test_without_script_the_default_position_stands_there(
    same_page: Callable, served: str, docname: str, figures_on: Callable
) -> None:
    page = same_page(f"{served}/{docname}.html", java_script_enabled=False)
    here = figures_on(docname)
    assert page.locator("figure.explore").count() == len(here)
    for figure in here:
        element = by_id(page, figure.id)
        expect(element.locator("svg[role=img]")).to_be_visible()
        expect(element.locator("figcaption")).to_have_text(
            figure.frame(figure.grid.default).caption
        )
        expect(element.locator(".explore-controls")).to_be_hidden()


def test_no_button_is_dead_without_scripts(same_page: Callable, served: str, docname: str) -> None:
    page = same_page(f"{served}/{docname}.html", java_script_enabled=False)
    seen = page.evaluate(
        """() => [...document.querySelectorAll("button")].filter(
            (button) => button.checkVisibility({ visibilityProperty: true })
        ).map((button) => button.outerHTML)"""
    )
    assert seen == []


# Light and dark


def _luminance(color: str) -> float:
    # Of mixed colours Chromium says "color(srgb 0.1 0.2 0.3)", of others "rgb(26, 51, 77)".
    most = 1 if color.startswith("color(srgb") else 255
    channels = [float(x) / most for x in re.findall(r"\d[\d.]*", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_follow_the_colours_of_the_page(
    same_page: Callable, served: str, docname: str, scheme: str
) -> None:
    page = same_page(f"{served}/{docname}.html", color_scheme=scheme)
    assert page.locator("html").get_attribute("data-theme") == scheme
    if not page.locator("figure.explore").count():
        return
    paper, texts = page.evaluate(
        """() => {
            let e = document.querySelector("figure.explore");
            while (getComputedStyle(e).backgroundColor === "rgba(0, 0, 0, 0)") e = e.parentElement;
            const texts = document.querySelectorAll("svg.explore-frame text, figcaption output");
            return [getComputedStyle(e).backgroundColor, [...texts].map((text) => {
                const { fill, color } = getComputedStyle(text);
                return [text.textContent, fill, color, text.tagName];
            })];
        }"""
    )
    assert (_luminance(paper) > 0.5) == (scheme == "light")
    assert texts
    for string, fill, color, tag in texts:
        # A label in the colour of its curve is as clear as the curve.
        is_label = tag == "text" and fill != color
        contrast = _contrast(fill if tag == "text" else color, paper)
        assert contrast >= (LEAST_CONTRAST_OF_DATA if is_label else LEAST_CONTRAST), (
            f"{string!r}: {fill} on {paper} is {contrast:.1f}:1"
        )


# Find and take away


@pytest.mark.parametrize("word", ["pinball", "huber"])
def test_search_finds_the_chapter(visit: Callable, address: str, word: str) -> None:
    page = visit(f"{address}/search.html?q={word}")
    first = page.locator("#search-results ul.search a").first
    expect(first).to_be_visible()
    assert "chapters/03-regression-losses.html" in first.get_attribute("href")


@pytest.mark.parametrize(
    ("words", "place"),
    {
        "imbalanced": "ch4-imbalance",
        "minibatch": "ch2-batch",
        "mse": "ch3-mse",
        "logsumexp": "ch4-numbers",
        "l2 loss": "ch3-mse",
        "log loss": "ch4-binary",
        "bce": "ch4-binary",
        "cross entropy loss": "ch4-multiclass",
        "outlier": "ch3-outliers",
        "custom loss": "ch5-own",
    }.items(),
)
def test_search_finds_what_people_type(
    same_page: Callable, served: str, words: str, place: str
) -> None:
    page = same_page(f"{served}/search.html?q={words}")
    expect(page.locator("#search-results .search-summary")).to_contain_text("found")
    found = page.locator("#search-results ul.search > li > a").all()[:3]
    links = [link.get_attribute("href") for link in found]
    assert any(link.endswith(f"#{place}") for link in links), links


def test_excerpt_of_a_search_shows_a_formula_once(same_page: Callable, served: str) -> None:
    page = same_page(f"{served}/search.html?q=mse")
    found = page.locator("#search-results li", has=page.locator("[href$='#ch3-mse']"))
    excerpt = found.locator(".context")
    expect(excerpt).to_be_visible()
    assert "\\" not in excerpt.inner_text()


def test_search_field_of_a_page_leads_to_the_results(visit: Callable, served: str) -> None:
    page = visit(f"{served}/index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("huber")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=huber*")
    expect(page.locator("#search-results ul.search a").first).to_be_visible()


def test_source_of_a_page_can_be_downloaded(
    same_page: Callable, served: str, docname: str, root: Path
) -> None:
    notebook, text = ((root / docname).with_suffix(suffix) for suffix in (".ipynb", ".md"))
    page = same_page(f"{served}/{docname}.html")
    link = page.locator("a.btn-download-source-button")
    assert link.count() == 1
    answer = page.request.get(link.evaluate("(a) => a.href"))
    assert answer.ok
    if notebook.exists():
        given = nbformat.reads(answer.text(), as_version=4)
        assert given == nbformat.read(notebook, as_version=4)
    else:
        assert answer.text() == text.read_text("utf-8")


@cache
def anchors_in(page: Path) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', page.read_text("utf-8")))


def test_links_within_the_site_lead_somewhere(
    same_page: Callable, served: str, docname: str, site: Path
) -> None:
    page = same_page(f"{served}/{docname}.html")
    links = set(page.evaluate("[...document.querySelectorAll('a[href]')].map((a) => a.href)"))
    for link in sorted(links):
        if not link.startswith(served):
            continue
        path, _, fragment = link.removeprefix(served).lstrip("/").partition("#")
        target = site / (path.partition("?")[0] or "index.html")
        assert target.exists(), link
        if fragment and target.suffix == ".html":
            assert fragment in anchors_in(target), link


def test_link_to_a_section_opens_at_its_heading(
    same_page: Callable, visit: Callable, served: str, docname: str
) -> None:
    address = f"{served}/{docname}.html"
    anchors = (
        same_page(address)
        .locator("section > section > h2 a.headerlink")
        .evaluate_all("links => links.map((link) => link.getAttribute('href'))")
    )
    assert anchors or "chapters/" not in docname
    for anchor in {*anchors[len(anchors) // 2 :][:1], *anchors[-1:]}:  # in the middle, and the last
        page = visit(f"{address}{anchor}", viewport={"width": 1280, "height": 900})
        # At the top of the window, or as far down as the page goes.
        page.wait_for_function(
            """(anchor) => {
                const { top } = document.getElementById(anchor.slice(1))
                    .querySelector("h2").getBoundingClientRect();
                const left = document.documentElement.scrollHeight - innerHeight - scrollY;
                return (top >= 0 && top <= 150) || (left < 2 && top > 0 && top < innerHeight);
            }""",
            arg=anchor,
        )


def test_link_of_a_section_is_reached_by_keyboard_and_then_seen(
    visit: Callable, served: str
) -> None:
    page = visit(f"{served}/reference/notation.html", viewport={"width": 1280, "height": 900})
    link = page.locator("h2 a.headerlink").first
    assert link.evaluate("(a) => getComputedStyle(a).opacity") == "0"
    for _ in range(100):
        page.keyboard.press("Tab")
        if link.evaluate("(a) => a === document.activeElement"):
            break
    assert link.evaluate("(a) => getComputedStyle(a).opacity") == "1"


# Laid out when it is needed

LONG = "chapters/03-regression-losses"
SECTIONS = "article.bd-article > section > section"
WAITING = f"""() => [...document.querySelectorAll("{SECTIONS}")].filter(
    (section) => getComputedStyle(section).contentVisibility === "auto").length"""


def test_long_page_is_laid_out_once_the_reader_begins(visit: Callable, served: str) -> None:
    page = visit(f"{served}/{LONG}.html")
    count = page.locator(SECTIONS).count()
    assert count >= 10
    assert page.evaluate(WAITING) == count
    page.keyboard.press("Shift")
    page.wait_for_function(f"() => ({WAITING})() === 0")


def test_place_within_a_long_page_is_reached_at_once(visit: Callable, served: str) -> None:
    assert visit(f"{served}/{LONG}.html#outliers").evaluate(WAITING) == 0
    page = visit(f"{served}/{LONG}.html", viewport={"width": 1280, "height": 900})
    page.locator("nav a[href='#scale-and-units']").first.click()
    assert page.evaluate(WAITING) == 0
    heading = page.locator("#scale-and-units > h2")
    page.wait_for_function(
        "(heading) => Math.abs(heading.getBoundingClientRect().top - 75) <= 75",
        arg=heading.element_handle(),
    )


def test_end_of_a_long_page_is_reached_at_once(visit: Callable, served: str) -> None:
    page = visit(f"{served}/{LONG}.html")
    page.keyboard.press("End")
    page.wait_for_function(
        "() => innerHeight + scrollY > document.documentElement.scrollHeight - 2"
        f" && ({WAITING})() === 0"
    )


def test_without_script_or_on_paper_all_of_a_page_is_laid_out(visit: Callable, served: str) -> None:
    assert visit(f"{served}/{LONG}.html", java_script_enabled=False).evaluate(WAITING) == 0
    page = visit(f"{served}/{LONG}.html")
    page.emulate_media(media="print")
    assert page.evaluate(WAITING) == 0
