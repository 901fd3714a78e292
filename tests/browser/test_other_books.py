"""Figures in pages that are not this book's."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

from lossbook.explore import FRONT_VARIABLE

CELLS = (
    """\
from lossbook.explore import explore

def line(ax, slope=1):
    ax.plot([0, 1], [0, slope])
    ax.set_ylim(0, 3)
    return f"slope {slope}"

explore(line, slope=(0, 3, 1))""",
    """\
def power(ax, exponent=2, dashed=False):
    ax.plot(range(9), [x**exponent for x in range(9)], "--" if dashed else "-")
    return f"exponent {exponent}, dashed {dashed}"

explore(power, exponent=[1, 2, 3], dashed=False)""",
)


def expect_life(page: Page) -> None:
    """Move each control of the figures of `CELLS`, and see picture and caption follow."""
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
