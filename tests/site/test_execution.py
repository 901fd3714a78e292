"""Pages are read side by side, and notebooks run while they are."""

import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from lossbook.site.execution import Ports

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
from lossbook.site.execution import Ports

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
