"""The reader's browser gives what the notebooks store, and checks the exercises."""

import importlib.util
import inspect
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
PAGES = [f"chapters/{path.stem}" for path in CHAPTERS]

_spec = importlib.util.spec_from_file_location(
    "exercise_tests", ROOT / "tests" / "exercises" / "test_exercises.py"
)
exercise_tests = importlib.util.module_from_spec(_spec)
sys.modules["exercise_tests"] = exercise_tests  # where its dataclass looks
_spec.loader.exec_module(exercise_tests)


def code_cells(page):
    """Return the cells of a notebook whose code the page shows."""
    cells = nbformat.read(ROOT / f"{page}.ipynb", as_version=4).cells
    return [
        cell
        for cell in cells
        if cell.cell_type == "code" and "remove-input" not in cell.metadata.get("tags", [])
    ]


def draws(cell):
    return "explore(" in cell.source


class Words(HTMLParser):
    """What a reader sees of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_data(self, data):
        self.found += data.split()


def stored(cell):
    """Return a cell's outputs as the page would show them: kinds and texts, in order."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.name, output.text
        elif output.output_type == "error":
            yield "error", f"{output.ename}: {output.evalue}"
        elif "text/html" in output.data:
            yield "html", Words(output.data["text/html"]).found
        else:
            yield "result", output.data["text/plain"]


def shown(live, number):
    parts = live.cell(number).locator(".live-output > *")
    for name, text, html in parts.evaluate_all(
        "all => all.map(e => [e.className, e.textContent, e.innerHTML])"
    ):
        kind = name.removeprefix("live-")
        if kind == "html":
            yield kind, Words(html).found
        elif kind == "error":
            yield kind, text.rstrip().rpartition("\n")[2]
        else:
            yield kind, text


@pytest.fixture(scope="module", params=PAGES)
def chapter(request, visiting):
    """A chapter on which every cell has run: its page, its cells, and what each of them showed."""
    with visiting() as visits:
        live, cells = visits(request.param), code_cells(request.param)
        live.run_all()
        states = [live.cell(n).get_attribute("data-state") for n in range(live.cells.count())]
        parts = [list(shown(live, number)) for number in range(live.cells.count())]
        yield SimpleNamespace(
            page=request.param, live=live, cells=cells, states=states, parts=parts
        )


def test_every_cell_that_draws_nothing_gives_exactly_the_stored_output(chapter):
    assert len(chapter.parts) == len(chapter.cells) > 5
    different = [
        (cell.source[:80], found, list(stored(cell)))
        for cell, found in zip(chapter.cells, chapter.parts, strict=True)
        if not draws(cell) and found != list(stored(cell))
    ]
    assert not different


def test_every_cell_ends_as_in_the_notebook(chapter):
    for cell, state, parts in zip(chapter.cells, chapter.states, chapter.parts, strict=True):
        raises = "raises-exception" in cell.metadata.get("tags", [])
        assert state == ("error" if raises else "done"), (cell.source[:80], parts)


def test_cell_with_a_figure_keeps_it_and_says_so(chapter):
    with_figures = [n for n, cell in enumerate(chapter.cells) if draws(cell)]
    for number in with_figures:
        assert chapter.live.cell(number).locator("figure.explore").is_visible()
        kind, text = chapter.parts[number][-1]
        assert kind == "note"
        assert "stays as it is on the page" in text
        link = chapter.live.cell(number).locator(".live-output a").last
        assert link.get_attribute("href").endswith("index.html#use-this-book")


# The exercises


@cache
def solutions(page):
    path = ROOT / f"{page}.ipynb"
    return {
        solution.argument.removeprefix("ex-"): "\n".join(
            exercise_tests.PYTHON.findall(solution.body)
        )
        for solution in exercise_tests.solutions(path)
    }


def test_every_solution_passes_in_the_page(chapter):
    live, page, found = chapter.live, chapter.page, 0
    for number, cell in enumerate(chapter.cells):
        for name in exercise_tests.CHECK.findall(cell.source):
            found += 1
            imports = "from lossbook.exercises import check\n"
            live.write(number, f"{imports}{solutions(page)[name]}\ncheck('{name}', answer)")
            text = live.run(number, timeout=240_000)
            right = exercise_tests.assess(
                name, exercise_tests.as_answer(exercise_tests.find(name).answer)
            )
            assert text.endswith(f"{right.text}\n"), text  # a solution may print before
    assert found == len(solutions(page)) > 0


ASSESS = """
from lossbook.exercises import Exercise, Satisfying, assess, exercises
from lossbook.losses import Loss

{helpers}

count = 0
for exercise in exercises({chapter}).values():
    verdict = assess(exercise.name, as_answer(exercise.answer))
    if not verdict.right:
        print(exercise.name, "has a reference that is not right:", verdict.text)
    for mistake in exercise.mistakes:
        verdict = assess(exercise.name, with_mistake(exercise, mistake.answer))
        count += 1
        if verdict.right or verdict.hints != (mistake.hint,):
            print(exercise.name, mistake.hint, "but:", verdict.text)
print(count)
"""


def test_every_reference_is_right_and_every_listed_mistake_gets_its_hint_in_the_page(chapter):
    live, number = chapter.live, int(Path(chapter.page).name[:2])
    helpers = [exercise_tests.as_answer, exercise_tests._nth, exercise_tests.with_mistake]
    code = ASSESS.format(chapter=number, helpers="\n".join(map(inspect.getsource, helpers)))
    last = live.cells.count() - 1
    live.write(last, code)
    exercises = exercise_tests.exercises(number).values()
    wanted = sum(len(exercise.mistakes) for exercise in exercises)
    assert live.run(last, timeout=240_000) == f"{wanted}\n"
