"""Figures in pages that are not this book's."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import browsing
import nbformat
import pytest
from playwright.sync_api import Page, expect

from lossbook.explore import FRONT_VARIABLE

OTHER_BOOK = browsing.ROOT / "tests" / "other_book"
CELLS = tuple(
    re.findall(
        r"```\{code-cell\}\n(.*?)```", (OTHER_BOOK / "start.md").read_text("utf-8"), flags=re.DOTALL
    )
)


def expect_life(page: Page) -> None:
    """Move each control of the other book's figures, and see picture and caption follow."""
    line, power = page.locator("figure#line"), page.locator("figure#power")
    expect(line.locator("output")).to_have_text("slope 1")
    before = line.locator("svg.explore-frame").inner_html()
    line.locator("[name=slope]").press("ArrowRight")
    expect(line.locator("output")).to_have_text("slope 2")
    assert line.locator("svg.explore-frame").inner_html() != before
    expect(line.locator(".explore-value")).to_have_text("2")
    power.locator("[name=exponent]").select_option("3")
    power.locator("[name=dashed]").check()
    expect(power.locator("output")).to_have_text("exponent 3, dashed True")
    # The style is there too: a frame has the width of its figure.
    assert line.evaluate("f => getComputedStyle(f).borderTopStyle") == "solid"


# What nbconvert's own template asks of another host, left out.
ALONE = ("--HTMLExporter.mathjax_url=", "--HTMLExporter.require_js_url=")


@pytest.fixture(scope="module")
def single_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook of nobody's book as one file, made by nbconvert."""
    folder = tmp_path_factory.mktemp("single")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    nbformat.write(notebook, folder / "one.ipynb")
    shutil.copy(OTHER_BOOK / "drawings.py", folder)
    subprocess.run(
        [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", *ALONE, "one.ipynb"],
        cwd=folder,
        env={**os.environ, FRONT_VARIABLE: "page"},
        check=True,
        capture_output=True,
    )
    return folder / "one.html"


def test_figures_live_in_the_one_file_that_nbconvert_makes(
    single_file: Path, visit: Callable
) -> None:
    text = single_file.read_text("utf-8")
    assert text.count("ExploreStart extends") == text.count("/* Interactive figures:") == 1
    expect_life(visit(single_file.as_uri()))


@pytest.mark.parametrize("script_first", [True, False])
def test_a_figure_that_comes_into_the_page_later_lives(
    single_file: Path, visit: Callable, script_first: bool, tmp_path: Path
) -> None:
    """As in an output area that is filled when its cell has run: the script may be there before."""
    text = single_file.read_text("utf-8")
    start, end = text.index("<figure"), text.rindex("</figure>") + len("</figure>")
    style = text[text.index("<style>\n/* Interactive figures") : start]
    script = style[style.index("<script>") :]
    style = style[: style.index("<script>")]
    figures = text[start:end]
    before, after = (script, "") if script_first else ("", script)
    (tmp_path / "later.html").write_text(
        f"<!doctype html><meta charset=utf-8><title>Later</title>{style}{before}<main></main>"
        f"<template>{figures}</template>{after}",
        "utf-8",
    )
    page = visit((tmp_path / "later.html").as_uri())
    page.evaluate(
        """() => document.querySelector("main").innerHTML =
             document.querySelector("template").innerHTML"""
    )
    expect_life(page)


BUILDERS = {
    "furo": ("sphinx-build", "-W", "-D", "html_theme=furo", "source", "built/_build/html"),
    "alabaster": (
        "sphinx-build",
        "-W",
        "-D",
        "html_theme=alabaster",
        "source",
        "built/_build/html",
    ),
    "jupyter-book": ("jupyter-book", "build", "-W", "--path-output", "built", "source"),
}


@pytest.fixture(scope="module", params=BUILDERS)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the other book with figures, built with a theme or by Jupyter Book."""
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copytree(OTHER_BOOK, folder / "source")
    if request.param == "jupyter-book":
        for name in ("conf.py", "index.md"):
            (folder / "source" / name).unlink()
    program, *options = BUILDERS[request.param]
    done = subprocess.run(
        [Path(sys.executable).with_name(program), *options],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder / "built" / "_build" / "html" / "start.html"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_live_in_another_book(built: Path, browser: object, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(built.as_uri())
    expect_life(page)
    # What stands back is seen too, in each theme, dark or light.
    frame = page.locator("figure#line svg.explore-frame")
    muted, ink, paper = frame.evaluate(
        """(svg) => {
            const seen = document.createElement("canvas").getContext("2d");
            const brightness = (color) => {
              seen.fillStyle = color;
              seen.fillRect(0, 0, 1, 1);
              const [r, g, b] = seen.getImageData(0, 0, 1, 1).data;
              return 0.3 * r + 0.6 * g + 0.1 * b;
            };
            const line = [...svg.querySelectorAll("path")].find(
              (path) => path.getAttribute("style")?.includes("stroke: var(--explore-muted"));
            let ground = svg;
            const clear = "rgba(0, 0, 0, 0)";
            while (ground && getComputedStyle(ground).backgroundColor === clear)
              ground = ground.parentElement;
            return [getComputedStyle(line).stroke, getComputedStyle(svg).color,
                    ground ? getComputedStyle(ground).backgroundColor : "white"].map(brightness);
        }"""
    )
    assert abs(ink - paper) > 130
    assert abs(muted - paper) > 80
    context.close()
