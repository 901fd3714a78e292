"""What README.md and CONTRIBUTING.md tell a newcomer to do: it works as written."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import yaml

from lossbook import huber
from lossbook.explore import Stage
from lossbook.figures import regression

ROOT = Path(__file__).parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


def block(text, beginning):
    """Return the fenced code whose first lines hold `beginning`."""
    blocks = re.findall(r"^ *```\w+\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL)
    (found,) = [code for code in blocks if beginning in code]
    return textwrap.dedent(found)


def test_figure_of_the_worked_example_draws_as_the_text_says():
    namespace = dict(vars(regression))
    exec(block(CONTRIBUTING, "def growth"), namespace)
    stage = Stage(namespace["growth"])
    captions = [stage.frame({"residual": r}).caption for r in (-4.0, 0.0, 2.0, 4.0)]
    assert captions[2] == "At a residual of 2.00 the squared error is 4.00."
    assert len(set(captions)) == 4
    assert "explore(draw.growth, residual=(-4, 4, 0.5))" in CONTRIBUTING


def test_worked_example_fits_its_module_and_its_chapter(tmp_path):
    module = tmp_path / "regression.py"
    source = Path(regression.__file__).read_text("utf-8")
    module.write_text(f"{source}\n\n{block(CONTRIBUTING, 'def growth')}", "utf-8")
    options = ("--config", ROOT / "pyproject.toml", "--quiet", module)
    for command in (("check",), ("format", "--check")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *options], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
    chapter = (ROOT / "chapters" / "03-regression-losses.ipynb").read_text("utf-8")
    assert "from lossbook.figures import regression as draw" in chapter


def test_first_ten_minutes_name_what_is_there():
    assert (ROOT / "chapters" / "03-regression-losses.ipynb").exists()
    cell = block(CONTRIBUTING, "minutes_lost=(0, 30, 5)")
    assert "from lossbook.figures.regression import flat_tyre" in cell
    assert Stage(regression.flat_tyre).frame({"minutes_lost": 30}).caption


def test_example_of_the_readme_gives_its_numbers():
    code = block(README, "huber.gradient")
    namespace = {"huber": huber}
    lines = [line for line in code.splitlines() if line.startswith("huber")]
    for line in lines:
        expression, _, comment = line.partition("#")
        values = [float(v) for v in re.findall(r"-?\d+\.\d+", comment)]
        np.testing.assert_allclose(eval(expression, namespace), values)
    assert len(lines) == 2


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_files_and_commands_that_a_document_names_exist(name):
    text = (ROOT / name).read_text("utf-8")
    for link in re.findall(r"\]\(([^):#]+)\)", text):
        assert (ROOT / link).exists(), link
    commands = set(re.findall(r"`make ([\w-]+)`", text))
    assert commands
    subprocess.run(["make", "--dry-run", *commands], cwd=ROOT, capture_output=True, check=True)
    for path in re.findall(r"python ((?:tools|benchmarks)/\w+\.py)", text):
        assert (ROOT / path).exists(), path


def test_hooks_run_offline_with_commands_of_the_project():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    (repository,) = config["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/")
        for path in re.findall(r"(?:tools|tests)/\w+\.py", hook["entry"]):
            assert (ROOT / path).exists(), path
