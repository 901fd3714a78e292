"""How a build runs: what it trusts of another, and notebooks side by side."""

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lossbook.site.building import Ports, fingerprint

MEET = """\
import pathlib, time
pathlib.Path("{mine}").touch()
until = time.monotonic() + 30
while not pathlib.Path("{other}").exists() and time.monotonic() < until:
    time.sleep(0.05)
pathlib.Path("{other}").exists()"""


PIECES = """
import sys
for piece in ("held out, ", "5.8\\n", "trained, ", "4.1\\n"):
    print(piece, end="")
    sys.stdout.flush()
"""


def test_notebooks_run_side_by_side_and_what_they_print_in_pieces_is_one_block(two):
    two.notebook(MEET.format(mine="a", other="b"), PIECES)
    two.notebook(MEET.format(mine="b", other="a"), name="second")
    done = two.build()
    assert done.returncode == 0, done.stderr
    for page in ("chapter", "second"):
        assert ">True" in two.read(page), "each saw the other while it ran"
    printed = "<pre><span></span>held out, 5.8\ntrained, 4.1\n</pre>"
    assert printed in two.read(), "no break is added"


def test_interrupted_build_ends_its_kernels_and_leaves_nothing_that_the_next_one_trusts(two):
    assert two.build().returncode == 0
    whole = two.read("index")
    (two.folder / "pid").unlink(missing_ok=True)
    two.notebook("import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(100)")
    started = two.start_to_build()
    until = time.monotonic() + 30
    while not (pid := (two.folder / "pid")).exists() or not pid.read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    printed, _ = started.communicate(timeout=30)
    assert started.returncode != 0
    assert "atexit" not in printed, "nothing is left for the end of the process"
    assert not Path("/proc", pid.read_text()).exists(), "its kernel has ended"

    page = two.folder / "_build" / "html" / "index.html"
    page.write_text(whole[: len(whole) // 2])  # as a build leaves it that ends while it writes
    two.notebook("print('third')")
    done = two.build()
    assert done.returncode == 0, done.stderr
    version = r"\?v=\w+"  # of the style sheet: it depends on all pages
    assert re.sub(version, "", two.read("index")) == re.sub(version, "", whole)
    assert "third" in two.read()


MANY_PROCESSES = """
import multiprocessing
from jupyter_client.connect import LocalPortCache
from lossbook.site.building import Ports

def find(found):
    found.put([LocalPortCache.instance().find_available_port("127.0.0.1") for _ in range(20)])

Ports.instance()
fork = multiprocessing.get_context("fork")
found = fork.Queue()
processes = [fork.Process(target=find, args=(found,)) for _ in range(4)]
for process in processes:
    process.start()
print(len({port for _ in processes for port in found.get()}))
"""


def test_no_two_processes_find_the_same_port_for_their_kernels():
    command = [sys.executable, "-c", MANY_PROCESSES]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "80"


def test_port_of_somebody_else_is_left_out():
    ports = Ports()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        ports.last.value = taken - 1
        assert ports.find_available_port("127.0.0.1") > taken


# What one build trusts of another

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


# What the cache depends on


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "package"
    (folder / "data").mkdir(parents=True)
    (folder / "code.py").write_text("x = 1\n")
    (folder / "data" / "numbers.csv").write_text("1,2\n")
    (folder / "README.md").write_text("words\n")
    return folder


def test_fingerprint_is_stable(package):
    assert fingerprint(package) == fingerprint(package)


@pytest.mark.parametrize("name", ["code.py", "data/numbers.csv", "new.py"])
def test_fingerprint_changes_with_code_and_data(package, name):
    before = fingerprint(package)
    (package / name).write_text("x = 2\n")
    assert fingerprint(package) != before


def test_fingerprint_changes_when_a_file_moves(package):
    before = fingerprint(package)
    (package / "code.py").rename(package / "core.py")
    assert fingerprint(package) != before


@pytest.mark.parametrize("name", ["style.css", "script.js", "icon.svg", "site/code.py"])
def test_pages_depend_on_assets_and_site_and_notebooks_do_not(package, name):
    pages, notebooks = fingerprint(package, pages=True), fingerprint(package)
    (package / "site").mkdir()
    (package / name).write_text("changed")
    assert fingerprint(package, pages=True) != pages
    assert fingerprint(package) == notebooks


def test_fingerprint_ignores_what_no_notebook_reads(package):
    before = fingerprint(package)
    (package / "README.md").write_text("other words\n")
    (package / "style.css").write_text("a {}\n")
    assert fingerprint(package) == before
