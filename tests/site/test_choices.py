"""The quiz and the predictions, as the page gets them."""

import subprocess
import sys
from pathlib import Path

import pytest

from lossbook.site.choices import Number

CONFIG = """
extensions = ["myst_parser", "sphinx_design", "choices_alone"]
myst_enable_extensions = ["colon_fence"]
html_theme = "basic"
"""
ALONE = "from lossbook.site.choices import connect as setup\n"

OPTIONS = """
::::{admonition} Which one?
:class: predict
:name: predict-this

:::{dropdown} One
**No.** For a reason.
:::

:::{dropdown} Two
**Right.** For another.
:::
::::
"""
NUMBER = """
::::{admonition} How many?
:class: predict number
:name: predict-many

:::{dropdown} A number
**Right: 30 ± 5 minutes.** For a reason.
:::
::::
"""
PLAIN = """
```{admonition} Predict first
:class: predict
What will happen?
```
"""


def build(folder: Path, text: str) -> tuple[str, str]:
    """Return the page that is made of a text, and what the build complained of."""
    (folder / "conf.py").write_text(CONFIG)
    (folder / "choices_alone.py").write_text(ALONE)
    (folder / "index.md").write_text("# Title\n" + text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "out"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    return (folder / "out" / "index.html").read_text("utf-8"), done.stderr


def test_answers_know_whether_they_are_right(tmp_path):
    page, complaints = build(tmp_path, OPTIONS + OPTIONS.replace("predict", "quiz") + PLAIN)
    assert not complaints
    assert page.count('sd-mb-3 wrong"') == page.count('sd-mb-3 right"') == 2
    assert page.index('sd-mb-3 wrong"') < page.index('sd-mb-3 right"')


def test_number_is_asked_for_before_it_is_told(tmp_path):
    page, complaints = build(tmp_path, NUMBER)
    assert not complaints
    assert '<form class="answer" data-number="30" data-within="5"' in page
    assert "Your number, in minutes" in page
    assert page.index("<form") < page.index("<strong>30 ± 5 minutes.</strong>")
    assert "The number, and why" in page


def test_question_of_the_quiz_has_an_id_made_of_its_title(tmp_path):
    page, _ = build(tmp_path, OPTIONS.replace("predict", "quiz").replace(":name: quiz-this\n", ""))
    assert 'id="quiz-which-one"' in page


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (OPTIONS.replace("**No.**", "No."), "begins with"),
        (OPTIONS.replace("**No.**", "**Right.**"), "2 are"),
        (OPTIONS.replace("**Right.**", "**No.**"), "0 are"),
        (OPTIONS.replace("predict\n", "quiz several\n"), "1 are"),
        (OPTIONS.replace("**No.**", "{}"), "begins with"),
        (NUMBER.replace("30", "some"), "a number has one dropdown"),
        (OPTIONS + OPTIONS.replace(":name: predict-this\n", ""), None),
    ],
)
def test_question_without_a_right_answer_is_an_error(tmp_path, text, complaint):
    _, complaints = build(tmp_path, text)
    assert (complaint in complaints) if complaint else not complaints


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Right: 5 ± 0.2.", (5, 0.2, "")),
        ("Right: −3.", (-3, 0, "")),
        ("Right: 2.5 ± 1 %.", (2.5, 1, "%")),
        ("Right: 4 ± 1 times as many.", (4, 1, "times as many")),
    ],
)
def test_number_is_read(text, number):
    assert Number.read(text) == number


@pytest.mark.parametrize("text", ["Right.", "Right: five.", "5 ± 0.2.", "Right: 5 ± -1.", ""])
def test_what_says_no_number_is_none(text):
    assert Number.read(text) is None
