"""What one build trusts of another."""

import re
import time

FAULTS = {
    "error": ("def one():\n    1 / 0\none()", "ZeroDivisionError: division by zero"),
    "other": ("{}['key']", "KeyError: 'key'"),
    "warning": ("import warnings; warnings.warn('careful')", "stderr was found in the cell"),
    "figure": (
        "from lossbook.explore import explore\nexplore(print, end=(0, 2, 0))",
        "the step must be above zero",
    ),
}


def test_notebooks_that_fail_or_warn_stop_the_build_with_their_names(book_maker, tmp_path):
    book = book_maker(tmp_path)
    for name, (code, _) in FAULTS.items():
        book.notebook(code, name=name)
    files = "".join(f"- file: {name}\n" for name in FAULTS)
    (tmp_path / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{files}")
    (tmp_path / "chapter.ipynb").unlink()
    for _attempt in range(2):  # nothing changed: no success by forgetting
        done = book.build()
        printed = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)
        assert done.returncode != 0
        for name, (_, says) in FAULTS.items():
            assert re.search(rf"/{name}\.ipynb\S*: (WARNING|ERROR): ", printed), printed
            assert says in printed
        assert "in one()" in printed, "the traceback, for those who see no more than a log"


WAITING = """
import pathlib, time
pathlib.Path("begun").touch()
while not pathlib.Path("go").exists():
    time.sleep(0.05)
"""


def test_second_build_at_the_same_time_says_that_one_is_running(book):
    book.notebook(WAITING)
    begun, go = book.folder / "begun", book.folder / "go"
    for file in (begun, go):
        file.unlink(missing_ok=True)
    with book.start_to_build() as first:
        try:
            until = time.monotonic() + 60
            while not begun.exists():
                assert time.monotonic() < until
                assert first.poll() is None
                time.sleep(0.05)
            second = book.build()
        finally:
            go.touch()
        printed, _ = first.communicate(timeout=60)
    assert second.returncode != 0
    assert "another build writes to" in second.stdout + second.stderr
    assert first.returncode == 0, printed


def test_book_builds_in_a_folder_of_any_name(book_maker, tmp_path):
    folder = tmp_path / "Kurs [2026] ü # 100% & {x}"
    folder.mkdir()
    book = book_maker(folder)
    for name in ("README.md", "CONTRIBUTING.md", "lossbook/datasets/README.md"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# No page\n")
    done = book.build()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "(1)" in book.read("index")
