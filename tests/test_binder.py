"""What Binder makes of this repository: the recipe that repo2docker writes, without Docker."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import lock
import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def recipe():
    """What repo2docker says, and the Dockerfile that it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def test_python_is_the_one_of_runtime_txt(recipe):
    version = (ROOT / "runtime.txt").read_text().strip().removeprefix("python-")
    assert f"Building conda environment for python={version}\n" in recipe


def test_steps_come_in_the_order_that_the_book_needs(recipe):
    steps = [
        r"^FROM .*buildpack-deps",
        r"^WORKDIR \$\{REPO_DIR\}$",
        # In a layer of their own: a change in a chapter does not install them anew.
        r"^COPY --chown=\S+ src/requirements\.txt \$\{REPO_DIR\}/requirements\.txt$",
        r"^COPY --chown=\S+ src/ \$\{REPO_DIR\}/?$",
        r"^RUN \$\{KERNEL_PYTHON_PREFIX\}/bin/pip install --no-cache-dir -r \"requirements\.txt\"",
        r"^RUN \$\{KERNEL_PYTHON_PREFIX\}/bin/pip install --no-cache-dir \.$",
        r"^USER \$\{NB_USER\}$",
        r"^ENTRYPOINT ",
        r"^CMD \[\"jupyter\"",
    ]
    places = [[m.start() for m in re.finditer(step, recipe, flags=re.MULTILINE)] for step in steps]
    assert all(places), [step for step, found in zip(steps, places, strict=True) if not found]
    last = [found[-1] for found in places]
    assert last == sorted(last)


def test_nothing_else_is_installed(recipe):
    installs = re.findall(r"^RUN .*(?:pip|conda|mamba|npm) install.*$", recipe, flags=re.MULTILINE)
    assert len(installs) == 2, installs


def test_every_front_that_binder_brings_is_pinned_too():
    """Its own environment has these already; one that stayed would not fit our JupyterLab."""
    (package,) = importlib.util.find_spec("repo2docker").submodule_search_locations
    folder = Path(package) / "buildpacks" / "conda"
    version = (ROOT / "runtime.txt").read_text().strip().removeprefix("python-")
    brought = (folder / f"environment.py-{version}-linux-64.lock").read_text()
    fronts = {"jupyterlab", "notebook", "nbclassic", "ipywidgets", "jupyter-server", "ipykernel"}
    names = {n.replace("_", "-") for n in re.findall(r"/([\w.-]+?)-\d[^/]*\.conda", brought)}
    assert {"jupyterlab", "notebook"} <= names
    pins = lock.entries_of((ROOT / "requirements.txt").read_text())
    assert names & fronts <= pins.keys()
