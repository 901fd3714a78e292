"""Notebooks run side by side, before their pages are read."""

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

MEET = """\
import pathlib, time
pathlib.Path("{mine}").touch()
until = time.monotonic() + 30
while not pathlib.Path("{other}").exists() and time.monotonic() < until:
    time.sleep(0.05)
pathlib.Path("{other}").exists()"""


def test_notebooks_run_side_by_side(two):
    two.notebook(MEET.format(mine="a", other="b"))
    two.notebook(MEET.format(mine="b", other="a"), name="second")
    done = two.build()
    assert done.returncode == 0, done.stderr
    for page in ("chapter", "second"):
        assert ">True" in two.read(page), "each saw the other while it ran"


def test_every_notebook_that_fails_is_reported_with_its_name_and_traceback(two):
    two.notebook("def one():\n    1 / 0", "one()")
    two.notebook("{}['key']", name="second")
    done = two.build()
    printed = re.sub(r"\x1b\[[\d;]*m", "", done.stdout + done.stderr)
    assert done.returncode != 0
    assert "ZeroDivisionError: division by zero" in printed
    assert "KeyError: 'key'" in printed
    for name in ("chapter.ipynb", "second.ipynb"):
        assert re.search(rf"{name}: ERROR: Executing notebook failed", printed)
    assert "in one()" in printed


def test_notebooks_that_the_cache_has_lost_run_again(two):
    assert two.build().returncode == 0
    stored = {
        path.read_text(): path
        for path in (two.folder / "_build" / ".jupyter_cache").glob("*/executed/*/base.ipynb")
    }
    next(path for text, path in stored.items() if "first" in text).unlink()
    whole, path = next((text, path) for text, path in stored.items() if "second" in text)
    path.write_text(whole[: len(whole) // 2])
    done = two.build("--all")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Executed notebook") == 2
    assert "first" in two.read()
    assert "second" in two.read("second")


def test_interrupted_build_ends_its_kernels_and_leaves_nothing_that_the_next_one_trusts(two):
    assert two.build().returncode == 0
    whole = two.read("index")
    (two.folder / "pid").unlink(missing_ok=True)
    two.notebook("import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(100)")
    started = two.start_to_build()
    assert any("executing 1 notebook" in line for line in started.stdout)
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
    assert two.read("index") == whole
    assert "third" in two.read()


SLOW_TO_END = """
import asyncio, pathlib, sys
from lossbook.site.execution import Running

async def work():
    try:
        pathlib.Path(sys.argv[1], "begun").touch()
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0.5)  # as long as a kernel takes to end
        pathlib.Path(sys.argv[1], "ended").touch()

Running(work())
while not pathlib.Path(sys.argv[1], "begun").exists():
    pass
"""


def test_what_runs_when_the_main_thread_ends_is_cancelled_once_and_cleans_up(tmp_path):
    subprocess.run([sys.executable, "-c", SLOW_TO_END, tmp_path], timeout=30, check=False)
    assert (tmp_path / "ended").exists()


def test_what_a_cell_prints_in_pieces_is_one_block_with_no_break_added(two):
    two.notebook(
        "import sys\n"
        "for piece in ('held out, ', '5.8\\n', 'trained, ', '4.1\\n'):\n"
        "    print(piece, end='')\n"
        "    sys.stdout.flush()"
    )
    done = two.build()
    assert done.returncode == 0, done.stderr
    assert "<pre><span></span>held out, 5.8\ntrained, 4.1\n</pre>" in two.read()
