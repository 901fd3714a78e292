"""The set-up: which Python and which Chromium are taken, and what is said where there is none."""

import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import lock
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / "tools"


def program(folder, name, version):
    """Write a program that answers the questions of find_python.sh as a Python would."""
    path = folder / name
    code = 0 if version >= (3, 11) else 1
    number = ".".join(map(str, version))
    path.write_text(
        f'#!/bin/sh\ncase "$2" in *version_info\\[:3\\]*) echo {number};;'
        f" *sys.exit*) exit {code};; *) exit 0;; esac\n"
    )
    path.chmod(0o755)


def find_python(folder, *arguments):
    return subprocess.run(
        ["/bin/sh", TOOLS / "find_python.sh", *arguments],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_newest_tested_python_is_taken(tmp_path):
    program(tmp_path, "python3", (3, 14, 0))
    program(tmp_path, "python3.11", (3, 11, 2))
    program(tmp_path, "python3.12", (3, 12, 1))
    assert find_python(tmp_path).stdout == "python3.12\n"


def test_too_old_a_python_is_named_with_what_is_needed(tmp_path):
    program(tmp_path, "python3", (3, 9, 2))
    done = find_python(tmp_path)
    assert done.returncode == 1
    assert "needs Python 3.11 or later; found: python3(3.9.2)" in done.stderr
    assert done.stdout == ""


def test_machine_without_python_is_told_so(tmp_path):
    done = find_python(tmp_path)
    assert done.returncode == 1
    assert "found: none" in done.stderr


def test_python_that_is_named_is_the_only_one_asked(tmp_path):
    program(tmp_path, "python3.12", (3, 12, 1))
    program(tmp_path, "mine", (3, 13, 0))
    assert find_python(tmp_path, "mine").stdout == "mine\n"
    program(tmp_path, "mine", (3, 8, 0))
    assert "mine(3.8.0)" in find_python(tmp_path, "mine").stderr


# The Makefile

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


@pytest.fixture
def set_up(tmp_path):
    """A folder that looks set up, as make sees it."""
    folder = tmp_path / "a folder"
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    for name in ("Makefile", "pyproject.toml", "requirements.txt"):
        (folder / name).write_text(MAKEFILE if name == "Makefile" else "")
        os.utime(folder / name, (0, 0))
    stamp = folder / ".venv" / ".book"
    stamp.write_text(f"{stamp.parent.resolve()}\n")
    os.utime(stamp, (1, 1))
    return folder


def would_do(folder):
    """Return what `make` would do in a folder."""
    done = subprocess.run(
        ["make", "--dry-run", "--no-print-directory"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "jupyter-book build" in done.stdout
    return done.stdout


def test_set_up_happens_once(set_up):
    assert "venv .venv" not in would_do(set_up)
    (set_up / ".venv" / ".book").write_text("")  # as older versions left it
    assert "venv .venv" not in would_do(set_up)


def test_set_up_happens_again_for_other_pins(set_up):
    (set_up / "requirements.txt").touch()
    assert "-m venv  .venv" in would_do(set_up)


def test_set_up_that_moved_with_its_folder_is_made_anew(set_up):
    moved = set_up.rename(set_up.with_name("elsewhere"))
    assert "-m venv --clear .venv" in would_do(moved)


def test_set_up_whose_python_has_gone_is_made_anew(set_up):
    python = set_up / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3.11")
    assert "-m venv --clear .venv" in would_do(set_up)


# Chromium


def find_chromium(**environment):
    return subprocess.run(
        [sys.executable, TOOLS / "find_chromium.py"],
        env={"PATH": "", "HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a browser need not be on the PATH")
def test_missing_chromium_is_a_clear_failure():
    done = find_chromium()
    assert done.returncode == 1
    assert "The browser tests need Chromium, and there is none here" in done.stderr


def test_chromium_that_is_named_but_missing_is_a_clear_failure():
    done = find_chromium(CHROMIUM="/nowhere/chromium")
    assert done.returncode == 1
    assert "CHROMIUM=/nowhere/chromium: there is no such program" in done.stderr


def pins(name):
    """Return package to (version, number of hashes) of a lock."""
    text = (ROOT / name).read_text()
    found = {}
    for entry in re.findall(r"^\S.*(?:\n[ ].*)*", text, flags=re.MULTILINE):
        if not entry.startswith("#"):
            package, version = re.match(r"([\w.-]+)(?:\[.*?\])?==([^ ;\\]+)", entry).groups()
            found[canonicalize_name(package)] = version
            assert "--hash=sha256:" in entry, package
    return found


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.mark.parametrize("extra", ["figures", "book", "test"])
def test_locks_hold_a_pin_above_every_floor(project, extra):
    pinned = pins("requirements.txt")
    if extra == "test":
        pinned |= pins("requirements-test.txt")
    for text in [*project["dependencies"], *project["optional-dependencies"][extra]]:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        if name != project["name"]:
            assert pinned[name] in requirement.specifier, text


def test_pin_of_a_package_with_extras_names_them():
    """Else pip 23, which Python 3.11 brings, takes the newest release and misses its hash."""
    entries = lock.entries_of((ROOT / "requirements.txt").read_text())
    asked = {}
    for name in entries:
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # of another platform
            continue
        for need in map(Requirement, needs):
            if need.extras and (need.marker is None or need.marker.evaluate({"extra": ""})):
                asked.setdefault(canonicalize_name(need.name), set()).update(need.extras)
    assert "jsonschema" in asked
    pinned = {
        name: set(re.findall(r"[\w-]+", m[1]))
        for name, entry in entries.items()
        if (m := re.match(r"[\w.-]+\[(.*?)\]", entry))
    }
    assert {n: e for n, e in asked.items() if n in entries} == pinned


def test_the_two_locks_do_not_overlap():
    assert not pins("requirements.txt").keys() & pins("requirements-test.txt").keys()


def test_binder_installs_a_python_that_the_package_allows(project):
    version = re.fullmatch(r"python-(3\.\d+)\n", (ROOT / "runtime.txt").read_text())[1]
    assert Requirement(f"python{project['requires-python']}").specifier.contains(version)
    assert not (ROOT / "binder").exists()  # it would hide the files at the top


def test_no_lock_names_a_host():
    for name in ("requirements.txt", "requirements-test.txt"):
        assert "://" not in (ROOT / name).read_text()


def test_stored_scripts_may_be_run():
    for script in (ROOT / ".ci" / "run", TOOLS / "find_python.sh"):
        assert os.access(script, os.X_OK), script


def test_lock_that_cannot_be_made_is_a_clear_failure_and_changes_nothing(tmp_path):
    for name in ("pyproject.toml", "requirements.txt", "requirements-test.txt", "tools/lock.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text())
    done = subprocess.run(
        [sys.executable, tmp_path / "tools" / "lock.py"],
        env={**os.environ, "UV_OFFLINE": "1", "UV_NO_CACHE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.endswith("says above why. No lock has changed.\n")
    assert "Traceback" not in done.stderr
    for name in ("requirements.txt", "requirements-test.txt"):
        assert (tmp_path / name).read_text() == (ROOT / name).read_text()


def test_what_a_new_lock_would_change_is_named():
    old = lock.entries_of("# made\na==1.0 \\\n    --hash=x\nb==2 ; python_version < '3.12' \\\n")
    new = lock.entries_of("a==1.1 \\\n    --hash=y\nb==2 \\\n    --hash=z\nc==3\n")
    assert lock.changes(old, new) == ["a: 1.0 -> 1.1", "c: none -> 3"]
    assert lock.changes(new, new) == []
    two = lock.entries_of(
        "n==2.4.6 ; python_version < '3.12'\nn==2.5.5 ; python_version >= '3.12'\n"
    )
    assert lock.changes({}, two) == ["n: none -> 2.4.6, 2.5.5"]
