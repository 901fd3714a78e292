"""The types that the package declares hold: for who uses it, and by and large within."""

import subprocess
import sys


def mypy(root, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--no-error-summary", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "", "MYPY_CACHE_DIR": str(root / "_build" / "mypy")},
    )
    assert done.returncode < 2, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if ": error:" in line]


def test_a_users_script_has_no_error_under_strict(root):
    script = "tests/data/users_script.py"
    assert not mypy(root, "--strict", "--follow-imports=silent", script)


def test_a_name_that_is_none_is_an_error(root, tmp_path):
    wrong = tmp_path / "wrong.py"
    wrong.write_text("from lossbook import hubert\n")
    errors = mypy(root, "--strict", "--follow-imports=silent", str(wrong))
    assert len(errors) == 1


def test_errors_within_the_package_stay_few(root):
    errors = mypy(root)
    assert len(errors) < 40, "\n".join(errors)
