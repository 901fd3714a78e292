"""Run the notebooks, store their text outputs, and keep what is not the course's out of them.

    python tools/notebooks.py                        every notebook of the book
    python tools/notebooks.py chapters/03-….ipynb    these
    python tools/notebooks.py --check [...]          change nothing, name what is off

A notebook as it should be stored holds its code, formatted and without lint, its text outputs
from one run from top to bottom, and nothing of the machine it ran on. Pictures and widgets are
left out: the site draws them anew, nbval does not compare them, and their diffs say nothing.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode

ROOT = Path(__file__).parent.parent
BOOK = ROOT / "chapters"
REPAIR = "make notebooks"

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
CELL_METADATA = frozenset({"tags"})
TAGS = frozenset(
    {"deeper", "hide-cell", "hide-input", "hide-output", "raises-exception", "remove-input"}
)
"""No tag that makes nbval look away, nor one that hides from the reader that code has run."""

NOT_TEXT = re.compile(r"(?:image|audio|video)/.*|application/(?:pdf|vnd\.jupyter\.widget-.*)")
SEEN_BY_NBVAL = frozenset({"image/svg+xml"})  # so it cannot be left out
NBVAL_COMMENT = re.compile(r"^\s*#\s*(?:NBVAL|PYTEST_VALIDATE)_\w+\s*$", re.MULTILINE)
BEGINS_SECTION = re.compile(r"(?:\([\w-]+\)=\s+)*#{2,6} ")
OF_THE_MACHINE = re.compile(
    r"0x[0-9a-f]{6,}"  # an address in memory
    r"|(?<![\w.~:/])/(?:home|Users|root|tmp|var|usr|opt|private|work|builds|mnt)/\S*"
    r"|\b[A-Za-z]:\\\S+"
    r"|\bipykernel_\d+"
)


# Run


def run(notebook: NotebookNode, folder: Path, *, timeout: int = 600) -> None:
    """Run all cells in a fresh kernel, in `folder`, and put their outputs into `notebook`.

    Raises
    ------
    CellExecutionError
        If a cell raises that is not tagged ``raises-exception``.
    """
    environment = {k: v for k, v in os.environ.items() if k != "EXPLORE_FRONT"}  # live
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=timeout,
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # it warns of its own TCP ports
    )
    client.execute(env=environment)


# Keep what is the course's


def normalize(notebook: NotebookNode) -> None:
    """Leave out what is not the course's: metadata of machine and editor, pictures, widgets."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(METADATA)
    # An editor always leaves one empty cell at the end.
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    ids: set[str] = set()
    for cell in notebook.cells:
        cell.metadata = NotebookNode(
            {key: cell.metadata[key] for key in sorted(CELL_METADATA & cell.metadata.keys())}
        )
        cell.source = cell.source.strip("\n")
        # An id that stands stays, so that a new cell changes no other.
        if not re.fullmatch(r"[\w-]{1,64}", cell.get("id", "")) or cell.id in ids:
            cell.id = _new_id(cell.source, ids)
        ids.add(cell.id)
        if cell.cell_type == "code":
            cell.outputs = [kept for output in cell.outputs if (kept := _text_of(output))]


def _new_id(source: str, taken: set[str]) -> str:
    number = 0
    while (new := hashlib.sha256(f"{number}{source}".encode()).hexdigest()[:8]) in taken:
        number += 1
    return new


def _text_of(output: NotebookNode) -> NotebookNode | None:
    if output.output_type == "error":
        # The traceback names files of this machine; nbval compares only its last line.
        output.traceback = [f"{output.ename}: {output.evalue}"]
    if "data" in output:
        output.metadata = NotebookNode()
        for mime in [m for m in output.data if NOT_TEXT.fullmatch(m) and m not in SEEN_BY_NBVAL]:
            del output.data[mime]
        if not output.data:
            return None
    return output


# Say what is off


def problems(notebook: NotebookNode) -> list[str]:
    """Return what is off in a stored notebook, one sentence each.

    nbval runs each notebook and compares its outputs. These rules are for what it lets pass: a
    cell stored without having been run, an exception that is announced and never comes, a tag or
    a comment that switches the comparison off, pictures, and all metadata.
    """
    found = [
        f"the notebook's metadata has {key!r}" for key in notebook.metadata if key not in METADATA
    ]
    for key, value in METADATA.items():
        if dict(notebook.metadata.get(key, {})) != value:
            found.append(f"the notebook's {key} is not {value}")
    count = 0
    for number, cell in enumerate(notebook.cells, start=1):
        count += cell.cell_type == "code"
        found += [f"cell {number}: {problem}" for problem in _problems_of_cell(cell, count)]
    return found


def _problems_of_cell(cell: NotebookNode, count: int) -> list[str]:
    found = [f"metadata {key!r}" for key in cell.metadata if key not in CELL_METADATA]
    tags = cell.metadata.get("tags", [])
    allowed = ", ".join(sorted(TAGS))
    found += [f"tag {tag!r}; allowed: {allowed}" for tag in tags if tag not in TAGS]
    if "deeper" in tags and not BEGINS_SECTION.match(cell.source):
        found.append("tag 'deeper' on a cell that does not begin a section")
    if not cell.source.strip():
        found.append("it is empty")
    if "attachments" in cell:
        found.append("an attached file; put it into the repository")
    if cell.cell_type != "code":
        return found
    if "remove-input" in tags and not _only_shows(cell.source):
        found.append("its code is not shown, and what it does may be needed by code that is")
    if NBVAL_COMMENT.search(cell.source):
        found.append("a comment that makes nbval look away")
    if cell.execution_count != count:
        found.append(f"its execution count is {cell.execution_count}, not {count}")
    raised = any(output.output_type == "error" for output in cell.outputs)
    if raised and "raises-exception" not in tags:
        found.append("it raises, and is not tagged raises-exception")
    if "raises-exception" in tags and not raised:
        found.append("it is tagged raises-exception, and raises nothing")
    for output in cell.outputs:
        found += _problems_of_output(output, count)
    return found


def _only_shows(source: str) -> bool:
    try:
        return all(isinstance(statement, ast.Expr) for statement in ast.parse(source).body)
    except SyntaxError:  # a magic of IPython
        return False


def _problems_of_output(output: NotebookNode, count: int) -> list[str]:
    found = []
    if output.output_type == "stream" and output.name == "stderr":
        found.append(f"it writes to stderr: {output.text.strip().splitlines()[-1]!r}")
    if output.get("execution_count", count) != count:
        found.append(f"its output's count is {output.execution_count}, not {count}")
    if output.get("metadata"):
        found.append("metadata of an output")
    for mime, data in output.get("data", {}).items():
        if mime in SEEN_BY_NBVAL:
            found.append(f"an output of {mime}; draw it with explore or Matplotlib")
        elif NOT_TEXT.fullmatch(mime):
            found.append(f"an output of {mime} is stored")
        elif match := OF_THE_MACHINE.search(str(data)):
            found.append(f"its output holds a detail of the machine: {match[0]!r}")
    texts = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
    if match := OF_THE_MACHINE.search("\n".join(texts)):
        found.append(f"its output holds a detail of the machine: {match[0]!r}")
    return found


# The command


def read(path: Path) -> NotebookNode:
    """Read a notebook as the current format has it."""
    return nbformat.read(path, as_version=4)


def text(notebook: NotebookNode) -> str:
    """Return a notebook as it is stored: keys in order, one line of source a line."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT).rstrip("\n") + "\n"


def check(path: Path) -> list[str]:
    """Return what is off in the stored notebook `path`."""
    found = problems(read(path))
    if not found:
        notebook = read(path)
        normalize(notebook)
        if text(notebook) != path.read_text("utf-8"):
            found.append("it is not stored as the tool writes it (order of keys, spaces, ids)")
    return found


def renew(path: Path) -> list[str]:
    """Run `path` and store it, unless something is off that only its author can mend."""
    notebook = read(path)
    normalize(notebook)
    try:
        run(notebook, path.parent)
    except CellExecutionError as error:
        return [f"a cell fails\n{error}"]
    normalize(notebook)
    found = problems(notebook)
    if not found and (new := text(notebook)) != path.read_text("utf-8"):
        path.write_text(new, "utf-8")
        print(f"{_shown(path)}: stored anew")
    return found


def ruff(paths: list[Path], *, check_only: bool) -> bool:
    """Lint and format the code of the notebooks; say whether nothing is left to mend."""
    mend = [("check", "--fix-only"), ("format",)]
    look = [("check",), ("format", "--check")]
    done = [
        subprocess.run([sys.executable, "-m", "ruff", *command, "--quiet", *paths], check=False)
        for command in (look if check_only else mend + look)
    ]
    return all(process.returncode == 0 for process in done)


def _shown(path: Path) -> Path:
    path = path.resolve()
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def main() -> int:
    """Renew or check the notebooks that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="by default all of chapters/")
    parser.add_argument("--check", action="store_true", help="change nothing, name what is off")
    options = parser.parse_args()
    paths = options.notebooks or sorted(
        p for p in BOOK.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts
    )
    for path in paths:
        if not path.is_file():
            parser.error(f"{path}: there is no such notebook")
    if not paths:
        print(f"{BOOK} holds no notebook")
        return 0
    good = ruff(paths, check_only=options.check)
    for path in paths:
        found = check(path) if options.check else renew(path)
        good = good and not found
        for problem in found:
            print(f"{_shown(path)}: {problem}", file=sys.stderr)
    if options.check and not good:
        print(f"`{REPAIR}` mends what needs no author.", file=sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
