"""Write ``requirements.txt`` and ``requirements-test.txt`` from the floors in ``pyproject.toml``.

    make lock

Both are complete, with hashes, for Python 3.11 and later on every platform.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
OLDEST_PYTHON = "3.11"
HEADERS = {
    "requirements.txt": "# What a reader needs, pinned; Binder installs this file.",
    "requirements-test.txt": "# What only the tests need, on top of requirements.txt.",
}
FOOTER = "# Written by `make lock` from the floors in pyproject.toml: do not edit.\n"


def compiled(*options: str) -> dict[str, str]:
    """Resolve and return each package's entry (its pins for all Pythons, with hashes)."""
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml"),
                *("--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes"),
                *("--fork-strategy", "fewest"),  # one version for every Python, where one exists
                *("--no-header", "--no-annotate", "--no-emit-index-url", "--quiet"),
                *("--no-emit-package", "lossbook", "--output-file", file.name, *options),
            ],
            cwd=ROOT,
            check=True,
        )
        text = Path(file.name).read_text()
    entries: dict[str, str] = {}
    for entry in re.findall(r"^\S.*(?:\n[ ].*)*\n", text, flags=re.MULTILINE):
        name = re.match(r"[\w.-]+", entry)[0]
        entries[name] = entries.get(name, "") + entry
    return entries


def write(name: str, entries: dict[str, str]) -> None:
    """Write one lock."""
    (ROOT / name).write_text(f"{HEADERS[name]}\n{FOOTER}" + "".join(entries.values()))
    print(f"{name}: {len(entries)} packages")


def main() -> None:
    """Write both locks."""
    book = compiled("--extra", "book")
    write("requirements.txt", book)
    both = compiled("--extra", "book", "--extra", "test", "--constraint", "requirements.txt")
    write("requirements-test.txt", {n: e for n, e in both.items() if n not in book})


if __name__ == "__main__":
    main()
