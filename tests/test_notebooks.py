"""The stored notebooks: nbval runs them, these tests look at what nbval lets pass."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import notebooks
import pytest
from nbformat import NotebookNode, v4

BOOK = sorted(notebooks.BOOK.rglob("*.ipynb"))


@pytest.mark.parametrize("path", BOOK, ids=lambda path: path.stem)
def test_stored_notebook_is_clean(path: Path) -> None:
    found = notebooks.check(path)
    assert not found, f"{path.name}: {'; '.join(found)}. `{notebooks.REPAIR}` mends it"


def test_book_has_notebooks() -> None:
    assert BOOK, f"no notebook in {notebooks.BOOK}: the tests of this file would all pass"


# Each rule fires: a clean notebook, and one way to spoil it


def clean() -> NotebookNode:
    result = v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)
    error = v4.new_output("error", ename="ZeroDivisionError", evalue="division by zero")
    error.traceback = ["ZeroDivisionError: division by zero"]
    raising = v4.new_code_cell("1 / 0", execution_count=2, outputs=[error])
    raising.metadata.tags = ["raises-exception"]
    cells = [
        v4.new_markdown_cell("# A chapter"),
        v4.new_code_cell("1 + 1", execution_count=1, outputs=[result]),
        raising,
        v4.new_code_cell("x = 3", execution_count=3),
    ]
    return v4.new_notebook(cells=cells, metadata=nbformat.from_dict(notebooks.METADATA))


def output_of(mime: str, data: object) -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        notebook.cells[1].outputs.append(v4.new_output("display_data", {mime: data}))

    return spoil


def printed(text: str, name: str = "stdout") -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        notebook.cells[1].outputs.append(v4.new_output("stream", name=name, text=text))

    return spoil


def tag(name: str, cell: int = 1) -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        notebook.cells[cell].metadata.tags = [name]

    return spoil


def hide(source: str) -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        notebook.cells[3].source, notebook.cells[3].metadata.tags = source, ["remove-input"]

    return spoil


def set_source(source: str) -> Callable[[NotebookNode], None]:
    def spoil(notebook: NotebookNode) -> None:
        notebook.cells[1].source = source

    return spoil


def not_run(notebook: NotebookNode) -> None:
    notebook.cells[3].execution_count = None


def run_twice(notebook: NotebookNode) -> None:
    notebook.cells[3].execution_count = 17


def run_out_of_order(notebook: NotebookNode) -> None:
    notebook.cells[1].execution_count, notebook.cells[2].execution_count = 2, 1


def result_of_another_run(notebook: NotebookNode) -> None:
    notebook.cells[1].outputs[0].execution_count = 8


def raises_no_longer(notebook: NotebookNode) -> None:
    notebook.cells[2].outputs = []


def raises_untagged(notebook: NotebookNode) -> None:
    del notebook.cells[2].metadata["tags"]


def path_in_error(notebook: NotebookNode) -> None:
    notebook.cells[2].outputs[0].traceback = ["File /home/ada/book/lossbook/objective.py:12"]


def widget_state(notebook: NotebookNode) -> None:
    notebook.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {}}


def python_version(notebook: NotebookNode) -> None:
    notebook.metadata.language_info.version = "3.11.7"


def own_kernel(notebook: NotebookNode) -> None:
    notebook.metadata.kernelspec.name = "ada-venv"


def timing(notebook: NotebookNode) -> None:
    notebook.cells[1].metadata.execution = {"iopub.execute_input": "2026-01-01T00:00:00Z"}


def output_metadata(notebook: NotebookNode) -> None:
    notebook.cells[1].outputs[0].metadata = {"needs_background": "light"}


def attachment(notebook: NotebookNode) -> None:
    notebook.cells[0].attachments = {"plot.png": {"image/png": "AAAA"}}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (not_run, "cell 4: its execution count is None, not 3"),
        (run_twice, "cell 4: its execution count is 17, not 3"),
        (run_out_of_order, "cell 2: its execution count is 2, not 1"),
        (result_of_another_run, "cell 2: its output's count is 8, not 1"),
        (raises_no_longer, "cell 3: it is tagged raises-exception, and raises nothing"),
        (raises_untagged, "cell 3: it raises, and is not tagged raises-exception"),
        (tag("nbval-skip"), "cell 2: tag 'nbval-skip'; allowed: "),
        (tag("nbval-ignore-output"), "cell 2: tag 'nbval-ignore-output'; allowed: "),
        (tag("no-such-tag", cell=0), "cell 1: tag 'no-such-tag'; allowed: "),
        (tag("deeper"), "cell 2: tag 'deeper' on a cell that does not begin a section"),
        (hide("print(1)\nexplore(draw.x)"), None),
        (
            hide("x = 3\nexplore(x)"),
            "cell 4: its code is not shown, and what it",
        ),
        (hide("%matplotlib inline"), "cell 4: its code is not shown, and what it"),
        (set_source("# NBVAL_SKIP\n1 + 1"), "cell 2: a comment that makes nbval look away"),
        (set_source("#NBVAL_IGNORE_OUTPUT\n2"), "cell 2: a comment that makes nbval look away"),
        (set_source(" \n"), "cell 2: it is empty"),
        (printed("a warning", name="stderr"), "cell 2: it writes to stderr: 'a warning'"),
        (output_of("image/png", "AAAA"), "cell 2: an output of image/png is stored"),
        (output_of("image/jpeg", "AAAA"), "cell 2: an output of image/jpeg is stored"),
        (output_of("image/svg+xml", "<svg/>"), "cell 2: an output of image/svg+xml; draw it"),
        (
            output_of("application/vnd.jupyter.widget-view+json", {"model_id": "0"}),
            "cell 2: an output of application/vnd.jupyter.widget-view+json is stored",
        ),
        (output_of("text/plain", "<object at 0x7f1>"), None),
        (output_of("text/plain", "<object at 0x7f3b2c1d>"), "a detail of the machine: '0x7f3b2c1d"),
        (printed("in /home/ada/book"), "a detail of the machine: '/home/ada/book'"),
        (printed("in C:\\Users\\Ada"), "a detail of the machine: 'C:\\\\Users\\\\Ada'"),
        (printed("at /tmp/ipykernel_12/3.py"), "a detail of the machine: '/tmp/ipykernel_12/3.py'"),
        (printed("mean/median, https://example.org/home/, ~/tmp/x"), None),
        (path_in_error, "a detail of the machine: '/home/ada/book/lossbook/objective.py:12'"),
        (widget_state, "the notebook's metadata has 'widgets'"),
        (python_version, "the notebook's language_info is not {'name': 'python'}"),
        (own_kernel, "the notebook's kernelspec is not {"),
        (timing, "cell 2: metadata 'execution'"),
        (output_metadata, "cell 2: metadata of an output"),
        (attachment, "cell 1: an attached file"),
    ],
)
def test_each_rule_fires_alone(spoil: Callable[[NotebookNode], None], message: str | None) -> None:
    notebook = clean()
    assert notebooks.problems(notebook) == []
    spoil(notebook)
    found = notebooks.problems(notebook)
    if message is None:
        assert found == []
    else:
        assert message in found[0]


def test_order_of_keys_and_layout_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "chapter.ipynb"
    path.write_text(notebooks.text(clean()), "utf-8")
    assert notebooks.check(path) == []
    path.write_text(notebooks.text(clean()).replace("\n ", "\n  "), "utf-8")
    assert notebooks.check(path) == [
        "it is not stored as the tool writes it (order of keys, spaces, ids)"
    ]


# The command


def messy() -> NotebookNode:
    """A notebook as an editor leaves it."""
    notebook = v4.new_notebook(
        metadata={"widgets": {}, "language_info": {"name": "python", "version": "3"}}
    )
    plot = "import matplotlib.pyplot as plt\n\nplt.plot( [1,2] );"
    sources = ["# %% one", plot, "print('front', __import__('os').getenv('EXPLORE_FRONT'))", "1/0"]
    notebook.cells = [v4.new_code_cell(source, execution_count=9) for source in [*sources, ""]]
    notebook.cells[3].metadata = {"tags": ["raises-exception"], "scrolled": True}
    return notebook


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tools/notebooks.py", *map(str, arguments)],
        cwd=notebooks.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_command_makes_a_messy_notebook_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPLORE_FRONT", "static")  # as in a shell that has just built the site
    path = tmp_path / "chapter.ipynb"
    nbformat.write(messy(), path)
    before = path.read_bytes()

    checked = command("--check", path)
    assert checked.returncode == 1
    assert "its execution count is 9, not 1" in checked.stderr
    assert "`make notebooks`" in checked.stderr
    assert path.read_bytes() == before, "--check changes nothing"

    renewed = command(path)
    assert renewed.returncode == 0, renewed.stderr
    assert notebooks.check(path) == []
    stored = notebooks.read(path)
    assert len(stored.cells) == 4
    assert stored.cells[1].source.endswith("plt.plot([1, 2]);")
    assert stored.cells[1].outputs[-1].data == {"text/plain": "<Figure size 640x480 with 1 Axes>"}
    assert stored.cells[2].outputs[0].text == "front None\n"
    assert stored.cells[3].outputs[0].traceback == ["ZeroDivisionError: division by zero"]

    once = path.read_bytes()
    assert command(path).returncode == 0
    assert path.read_bytes() == once, "a second run finds nothing to change"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('import sys\n\nprint("careful", file=sys.stderr)', "cell 1: it writes to stderr"),
        ("1 / 0", "division by zero"),
        ("print(undefined)", "F821"),
    ],
)
def test_command_refuses_what_only_an_author_can_mend(
    tmp_path: Path, source: str, message: str
) -> None:
    path = tmp_path / "chapter.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(source)]), path)
    before = path.read_bytes()
    refused = command(path)
    assert refused.returncode == 1
    assert message in refused.stdout + refused.stderr
    assert path.read_bytes() == before


def test_command_names_a_missing_notebook(tmp_path: Path) -> None:
    refused = command(tmp_path / "none.ipynb")
    assert refused.returncode == 2
    assert "there is no such notebook" in refused.stderr
