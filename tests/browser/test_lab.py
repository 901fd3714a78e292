"""The figures in a real JupyterLab, with a live kernel behind them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import browsing
import nbformat
import pytest
from nbformat import v4
from notebooks import METADATA, run
from playwright.sync_api import Browser, Locator, Page, expect

CHAPTER = "chapters/03-regression-losses"

FAILING = """
from lossbook.explore import explore


def fragile(ax, a=0):
    if a == 1:
        raise RuntimeError("there is nothing at one")
    ax.plot([0, a])
    return f"a is {a}"


explore(fragile, a=(0, 2, 1))
"""


@pytest.fixture(scope="module")
def open_notebook(lab: Callable, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Open a notebook in JupyterLab and run all its cells."""
    contexts, errors = [], []

    def open_and_run(name: str) -> Page:
        contexts.append(browser.new_context(viewport={"width": 1200, "height": 900}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(lab(name))
        browsing.run_all(page)
        return page

    yield open_and_run
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture(scope="module")
def chapter(open_notebook: Callable) -> Page:
    """Chapter 3, run."""
    return open_notebook(Path(CHAPTER).with_suffix(".ipynb").name)


def figures(page: Page) -> Locator:
    return page.locator(".jp-OutputArea-output .widget-vbox:has([role=img])")


def shown(figure: Locator) -> tuple[str, str]:
    """Return picture and caption."""
    picture = figure.locator("svg[role=img]").evaluate("(svg) => svg.innerHTML")
    return picture, figure.get_by_role("status").inner_text()


def test_every_figure_of_the_chapter_is_there(chapter: Page, figures_on: Callable) -> None:
    here = figures_on(CHAPTER)
    expect(figures(chapter)).to_have_count(len(here))
    assert chapter.locator(".jp-RenderedText[data-mime-type*=stderr]").count() == 0
    for element, figure in zip(figures(chapter).all(), here, strict=True):
        assert shown(element)[1] == figure.frame(figure.grid.default).caption


def test_slider_moves_picture_and_caption(chapter: Page, figures_on: Callable) -> None:
    here = figures_on(CHAPTER)
    number, figure = next(
        (i, f) for i, f in enumerate(here) if [p.kind for p in f.grid.parameters] == ["range"]
    )
    parameter = figure.grid.parameters[0]
    element = figures(chapter).nth(number)
    element.scroll_into_view_if_needed()
    handle = element.get_by_role("slider").first

    def at(index: int) -> str:
        return figure.frame({parameter.name: parameter.values[index]}).caption

    before = shown(element)
    assert before[1] == at(parameter.default)

    last = len(parameter.values) - 1
    step = 1 if parameter.default < last else -1
    handle.focus()
    chapter.keyboard.press("ArrowRight" if step == 1 else "ArrowLeft")
    expect(element.get_by_role("status")).to_have_text(at(parameter.default + step))
    assert shown(element)[0] != before[0]

    box = element.locator(".noUi-base").first.bounding_box()
    grip = handle.bounding_box()
    middle = grip["y"] + grip["height"] / 2
    chapter.mouse.move(grip["x"] + grip["width"] / 2, middle)
    chapter.mouse.down()
    chapter.mouse.move(box["x"] + box["width"] / 3, middle, steps=3)
    chapter.mouse.move(box["x"] + box["width"] + 20, middle, steps=3)
    chapter.mouse.up()
    expect(element.get_by_role("status")).to_have_text(at(last))
    picture, _ = shown(element)
    assert picture != before[0]
    name = element.locator("svg[role=img]").get_attribute("aria-label")
    assert name.endswith(at(last))


def test_control_keeps_the_focus_until_the_reader_leaves_it(chapter: Page) -> None:
    figure = figures(chapter).first
    slider = figure.get_by_role("slider").first
    slider.press("ArrowRight")
    cell = figure.locator("xpath=ancestor::*[contains(@class, 'jp-CodeCell')]")
    cell.evaluate("(cell) => cell.focus()")  # as JupyterLab does ten seconds after *Run All*
    expect(slider).to_be_focused()
    cell.locator(".cm-content").click()
    expect(slider).not_to_be_focused()


DRAGGED = """
from lossbook.explore import explore, handle


def dragged(ax, a=1):
    ax.set(xlim=(-1, 6), ylim=(-1, 6))
    handle(ax.plot([a], [2], "o"), "a")
    return f"a is {a}"


explore(dragged, a=(0, 5))
"""


@pytest.mark.parametrize("module", ["__main__", "another"])
def test_handle_moves_the_control(lab_folder: Path, open_notebook: Callable, module: str) -> None:
    """A function of a module is drawn once for each position, one of the notebook each time."""
    source = DRAGGED.replace("\n\n\nexplore", f"\n\n\ndragged.__module__ = {module!r}\nexplore")
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source)], metadata=METADATA)
    nbformat.write(notebook, lab_folder / f"dragged-{module}.ipynb")
    page = open_notebook(f"dragged-{module}.ipynb")
    figure = page.locator(".jp-OutputArea-output .widget-vbox")
    expect(figure.get_by_role("status")).to_have_text("a is 1")

    def middle() -> tuple[float, float]:
        box = figure.locator(".explore-grip").bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    x, y = middle()
    step = figure.locator("svg").bounding_box()["width"] * 0.85 / 7  # of the axes, 7 wide
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + step, y, steps=2)
    page.mouse.move(x + 3 * step, y - 40, steps=2)
    # The pointer rests, and the picture follows as soon as the kernel has said where to.
    expect(figure.get_by_role("status")).to_have_text("a is 4")
    expect(figure.get_by_role("slider")).to_have_attribute("aria-valuenow", "4.0")
    page.mouse.up()
    assert abs(middle()[0] - (x + 3 * step)) < 3
    figure.get_by_role("slider").press("ArrowLeft")
    expect(figure.get_by_role("status")).to_have_text("a is 3")


def test_error_in_draw_is_shown_and_passes(lab_folder: Path, open_notebook: Callable) -> None:
    notebook = v4.new_notebook(cells=[v4.new_code_cell(FAILING)], metadata=METADATA)
    nbformat.write(notebook, lab_folder / "fails.ipynb")
    page = open_notebook("fails.ipynb")
    box = page.locator(".jp-OutputArea-output .widget-vbox")
    expect(box.get_by_role("status")).to_have_text("a is 0")
    slider = box.get_by_role("slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    alert = box.get_by_role("alert")
    expect(alert).to_contain_text("RuntimeError: there is nothing at one")
    expect(alert).to_contain_text("Traceback (most recent call last)")
    expect(box.locator("svg[role=img]")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(box.get_by_role("status")).to_have_text("a is 2")
    expect(box.locator("svg[role=img]")).to_be_visible()
    expect(alert).to_have_count(0)


def test_saved_figure_shows_its_picture_until_it_is_run(
    lab: Callable, lab_folder: Path, browser: Browser
) -> None:
    """As when a notebook is saved, the server ends, and the notebook is opened again."""
    notebook = v4.new_notebook(cells=[v4.new_code_cell(FAILING)], metadata=METADATA)
    run(notebook, lab_folder)
    nbformat.write(notebook, lab_folder / "saved.ipynb")
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto(lab("saved.ipynb"))
    picture = page.locator(".jp-OutputArea-output img")
    expect(picture).to_be_visible(timeout=60_000)
    assert picture.evaluate("(img) => img.naturalWidth") > 400
    browsing.run_all(page)
    expect(page.locator(".jp-OutputArea-output .widget-vbox [role=img]")).to_be_visible()
    expect(picture).to_be_hidden()
    page.locator(".jp-OutputArea-output").get_by_role("slider").press("ArrowRight")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(picture).to_be_hidden()
    context.close()
