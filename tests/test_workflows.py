"""The files in .github: each follows its schema; the workflows may do what they need, no more."""

import re
import subprocess
from pathlib import Path

import check_jsonschema
import pytest
import yaml

ROOT = Path(__file__).parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))


def workflow(name):
    # In YAML 1.1, the key `on` is true.
    return yaml.safe_load((GITHUB / "workflows" / f"{name}.yml").read_text("utf-8"))


def check(schema, *paths):
    """Return the exit code of check-jsonschema."""
    with pytest.raises(SystemExit) as stopped:
        check_jsonschema.main(["--builtin-schema", f"vendor.{schema}", *map(str, paths)])
    return stopped.value.code


@pytest.mark.parametrize(
    ("schema", "paths"),
    [
        ("github-workflows", WORKFLOWS),
        ("dependabot", [GITHUB / "dependabot.yml"]),
        ("github-issue-forms", sorted((GITHUB / "ISSUE_TEMPLATE").glob("[!c]*.yml"))),
        ("github-issue-config", [GITHUB / "ISSUE_TEMPLATE" / "config.yml"]),
        ("citation-file-format", [ROOT / "CITATION.cff"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_file_follows_its_schema(schema, paths):
    assert paths
    assert check(schema, *paths) == 0


def test_schema_check_refuses_a_workflow_without_jobs(tmp_path):
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("name: Wrong\non: push\n")
    assert check("github-workflows", wrong) == 1


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_reads_and_no_more_unless_it_deploys(path):
    content = workflow(path.stem)
    assert content["permissions"] == {"contents": "read"}
    for name, job in content["jobs"].items():
        writes = {k for k, v in job.get("permissions", {}).items() if v == "write"}
        assert writes == ({"pages", "id-token"} if name == "deploy" else set()), name
        assert "uses" in job or "timeout-minutes" in job, name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_and_leave_no_credentials_behind(path):
    for job in workflow(path.stem)["jobs"].values():
        for step in job.get("steps", []):
            if "uses" in step:
                assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"])
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_a_workflow_installs_is_pinned_or_within_the_floors(path):
    newest = "torch keras optax scikit-learn"  # that they are the newest is what its job is about
    for command in re.findall(r"pip install (.*)", path.read_text("utf-8")):
        allowed = re.match(r"-r requirements|--no-deps|-e \.|-e \"\.\[|.*==", command)
        assert allowed or command == newest, command


def test_tests_run_on_every_python_that_the_package_names():
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    named = re.findall(r"Programming Language :: Python :: (3\.\d+)", project)
    assert workflow("test")["jobs"]["book"]["strategy"]["matrix"]["python"] == named


def test_only_what_was_tested_on_main_is_deployed():
    site = workflow("site")
    assert site[True]["push"] == {"branches": ["main"]}
    assert site["jobs"]["build"]["needs"] == "test"
    assert site["jobs"]["test"]["uses"] == "./.github/workflows/test.yml"
    assert site["jobs"]["deploy"]["needs"] == "build"
    for name in ("test", "weekly"):
        assert "deploy" not in (GITHUB / "workflows" / f"{name}.yml").read_text("utf-8").replace(
            "Nothing is deployed", ""
        )


def test_commands_of_the_workflows_are_the_makefile_s():
    texts = "\n".join(path.read_text("utf-8") for path in WORKFLOWS)
    called = set(re.findall(r"\bmake(?: \w+=\w+)* ([\w-]+)", texts))
    assert {"zip", "test-lowest"} <= called
    done = subprocess.run(
        ["make", "--dry-run", *called], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for command in re.findall(r"run: (jupyter-book .*)", texts):
        assert f"bin/{command}\n" in done.stdout
