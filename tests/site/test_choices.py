"""The quiz and the predictions, as the page gets them."""

import subprocess
import sys
from collections.abc import Callable

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


FAULTS = {
    "no-verdict": (OPTIONS.replace("**No.**", "No."), "begins with"),
    "two-right": (OPTIONS.replace("**No.**", "**Right.**"), "2 are"),
    "none-right": (OPTIONS.replace("**Right.**", "**No.**"), "0 are"),
    "one-of-several": (OPTIONS.replace("predict\n", "quiz several\n"), "1 are"),
    "empty": (OPTIONS.replace("**No.**", "{}"), "begins with"),
    "no-number": (NUMBER.replace("30", "some"), "a number has one dropdown"),
}
PAGES = {
    "options": OPTIONS + OPTIONS.replace("predict", "quiz") + PLAIN,
    "unnamed": OPTIONS + OPTIONS.replace(":name: predict-this\n", ""),
    "quiz": OPTIONS.replace("predict", "quiz").replace(":name: quiz-this\n", ""),
    "number": NUMBER,
    **{name: text for name, (text, _) in FAULTS.items()},
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[str, str]]:
    """A page by its name, and what the build complained of there."""
    folder = tmp_path_factory.mktemp("choices")
    (folder / "conf.py").write_text(CONFIG)
    (folder / "choices_alone.py").write_text(ALONE)
    (folder / "index.md").write_text("# Title\n")
    for name, text in PAGES.items():
        # Each page has names of its own, as in a book.
        own = text.replace("-this", f"-{name}").replace("-many", f"-{name}")
        (folder / f"{name}.md").write_text(f"---\norphan: true\n---\n# Title\n{own}", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "out"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = done.stderr.splitlines()
    faulty = tuple(f"/{name}.md" for name in FAULTS)
    assert all(any(page in line for page in faulty) for line in complaints), done.stderr

    def page(name: str) -> tuple[str, str]:
        found = [line for line in complaints if f"/{name}.md" in line]
        return (folder / "out" / f"{name}.html").read_text("utf-8"), "\n".join(found)

    return page


def test_answers_know_whether_they_are_right(built):
    page, complaints = built("options")
    assert not complaints
    assert page.count('sd-mb-3 wrong"') == page.count('sd-mb-3 right"') == 2
    assert page.index('sd-mb-3 wrong"') < page.index('sd-mb-3 right"')


def test_number_is_asked_for_before_it_is_told(built):
    page, complaints = built("number")
    assert not complaints
    assert '<form class="answer" data-number="30" data-within="5"' in page
    assert "Your number, in minutes" in page
    assert page.index("<form") < page.index("<strong>30 ± 5 minutes.</strong>")
    assert "The number, and why" in page


def test_question_of_the_quiz_has_an_id_made_of_its_title(built):
    page, complaints = built("quiz")
    assert not complaints
    assert 'id="quiz-which-one"' in page


def test_two_boxes_may_have_the_same_title(built):
    _, complaints = built("unnamed")
    assert not complaints


@pytest.mark.parametrize("name", FAULTS)
def test_question_without_a_right_answer_is_an_error(built, name):
    _, complaints = built(name)
    assert FAULTS[name][1] in complaints


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
