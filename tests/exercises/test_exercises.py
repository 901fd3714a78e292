"""The exercises of the book: every reference passes, every mistake gets its hint, every solution
that a notebook prints is right."""

import contextlib
import io
import re
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

import nbformat
import pytest

from lossbook.exercises import Exercise, Satisfying, assess, exercises, find
from lossbook.losses import Loss

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("[0-9][0-9]-*.ipynb"))
NUMBERS = {int(path.stem[:2]): path for path in CHAPTERS}
EXERCISES = list(chain.from_iterable(exercises(number).values() for number in range(1, 10)))
MISTAKES = [(exercise, i) for exercise in EXERCISES for i in range(len(exercise.mistakes))]

DIRECTIVE = re.compile(
    r"^(`{3,}|:{3,})\{(exercise|dropdown)\}[ \t]*([^\n]*)\n((?::[\w-]+:[^\n]*\n)*)(.*?)^\1[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
PYTHON = re.compile(r"^```(?:python|\{code-block\} python)\n(.*?)^```", re.MULTILINE | re.DOTALL)
CHECK = re.compile(r"""\bcheck\(\s*["']([\w-]+)["']""")


@dataclass(frozen=True)
class Directive:
    """An {exercise} of a notebook, or the {dropdown} with its solution."""

    kind: str
    title: str
    options: dict[str, str]
    body: str


def directives(path: Path) -> list[Directive]:
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            for _, name, title, options, body in DIRECTIVE.findall(cell.source + "\n"):
                pairs = (line[1:].partition(":") for line in options.splitlines())
                given = {key: value.strip() for key, _, value in pairs}
                kind = given.get("class-container", name)
                found.append(Directive(kind, title.strip(), given, body))
    return found


def tasks(path: Path) -> list[Directive]:
    return [directive for directive in directives(path) if directive.kind == "exercise"]


def solutions(path: Path) -> list[Directive]:
    return [directive for directive in directives(path) if directive.kind == "solution"]


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


@cache
def namespace(path: Path) -> dict:
    """Return what a reader has in the kernel who ran the notebook from top to bottom."""
    names: dict = {"__name__": "__main__", "display": lambda *_, **__: None}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.chdir(path.parent):
        for number, cell in enumerate(code_cells(path), start=1):
            try:
                exec(compile(cell.source, f"{path.stem}, code cell {number}", "exec"), names)
            except Exception:
                if "raises-exception" not in cell.metadata.get("tags", []):
                    raise
    return names


SOLUTIONS = [
    pytest.param(
        path, task.options["label"].removeprefix("ex-"), solution, id=task.options["label"]
    )
    for path in CHAPTERS
    for task, solution in zip(tasks(path), solutions(path), strict=True)
]


def as_answer(answer: object) -> object:
    """Return a reference as a reader would give it."""
    if isinstance(answer, Satisfying):
        return answer.example
    return tuple(map(as_answer, answer)) if isinstance(answer, tuple) else answer


def with_mistake(exercise: Exercise, wrong: object) -> object:
    """Return the reference with those parts replaced that a mistake is about."""
    right = exercise.answer
    if not isinstance(wrong, tuple):
        return as_answer(wrong)
    if isinstance(right, Loss):
        right = (right, right.gradient)
        if len(wrong) > 2:
            gradient = exercise.answer.gradient
            right = (right[0], *(_nth(gradient, i) for i in range(len(wrong) - 1)))
    return tuple(as_answer(r if w is ... else w) for w, r in zip(wrong, right, strict=True))


def _nth(gradient, i):
    return lambda *arguments, **parameters: gradient(*arguments, **parameters)[i]


# The exercises


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_reference_passes(exercise: Exercise) -> None:
    verdict = assess(exercise.name, as_answer(exercise.answer))
    assert verdict.right, verdict.text
    assert exercise.remark, "say a sentence worth knowing to who has it right"


@pytest.mark.parametrize(
    ("exercise", "i"), MISTAKES, ids=[f"{exercise.name}-{i}" for exercise, i in MISTAKES]
)
def test_mistake_gets_its_own_hint_and_no_other(exercise: Exercise, i: int) -> None:
    mistake = exercise.mistakes[i]
    verdict = assess(exercise.name, with_mistake(exercise, mistake.answer))
    assert verdict.answered
    assert not verdict.right
    assert verdict.hints == (mistake.hint,), verdict.text


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_unanswered_exercise_says_so(exercise: Exercise) -> None:
    def stub(*arguments): ...

    unanswered = [..., None, (...,) * len(exercise.part_names)]
    if callable(exercise.answer):
        unanswered += [stub]
    if isinstance(exercise.answer, Loss):
        unanswered += [(stub, stub)]
    for answer in unanswered:
        verdict = assess(exercise.name, answer)
        assert not verdict.answered
        assert not verdict.right
        assert verdict.text.startswith(f"{exercise.name}: no answer yet. Wanted: ")


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
@pytest.mark.parametrize(
    "nonsense",
    [0, 1e300, "nonsense", float("nan"), [], {}, object(), len, int, lambda: 1, lambda *a: 1 / 0],
    ids=lambda n: type(n).__name__,
)
def test_nonsense_is_not_right_and_raises_nothing(exercise: Exercise, nonsense: object) -> None:
    if nonsense == 0 and not isinstance(exercise.answer, tuple):
        pytest.skip("0 may be right")
    verdict = assess(exercise.name, nonsense)
    assert not verdict.right
    assert "0x" not in verdict.text  # no address in memory: the same text in every run


def test_names_and_hints_are_each_used_once() -> None:
    names = [exercise.name for exercise in EXERCISES]
    assert len(set(names)) == len(names)
    for number in NUMBERS:
        for exercise in exercises(number).values():
            assert exercise.name.startswith(f"ch{number}-")
            assert find(exercise.name) is exercise


# The notebooks


@pytest.mark.parametrize("number", NUMBERS)
def test_every_chapter_has_at_least_five_exercises_with_mistakes(number: int) -> None:
    found = exercises(number)
    assert len(found) >= 5
    assert all(exercise.mistakes for exercise in found.values())


@pytest.mark.parametrize("number", NUMBERS)
def test_exercises_checks_and_solutions_of_a_notebook_belong_together(number: int) -> None:
    path = NUMBERS[number]
    labels = [task.options["label"] for task in tasks(path)]
    assert labels == [f"ex-{name}" for name in exercises(number)]
    checks = list(chain.from_iterable(CHECK.findall(cell.source) for cell in code_cells(path)))
    assert checks == list(exercises(number))
    titles = [f"Solution: {task.title}" for task in tasks(path)]
    assert [solution.title for solution in solutions(path)] == titles
    for task in tasks(path):
        assert "nonumber" in task.options, task.title
        assert task.title, "an exercise needs a title"


@pytest.mark.parametrize("number", NUMBERS)
def test_stored_checks_say_that_there_is_no_answer_yet(number: int) -> None:
    for cell in code_cells(NUMBERS[number]):
        if names := CHECK.findall(cell.source):
            said = "".join(output.get("text", "") for output in cell.outputs)
            assert said.startswith(f"{names[0]}: no answer yet."), said


@pytest.mark.parametrize(("path", "name", "solution"), SOLUTIONS)
def test_solution_in_the_notebook_is_right(path: Path, name: str, solution: Directive) -> None:
    names = dict(namespace(path))
    names.pop("answer", None)
    code = "\n".join(PYTHON.findall(solution.body))
    assert code, "a solution holds the code of its answer"
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(code, name, "exec"), names)
    verdict = assess(name, names["answer"])
    assert verdict.right, verdict.text
