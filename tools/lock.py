"""Write ``requirements.txt`` and ``requirements-test.txt`` from the floors in ``pyproject.toml``.

    make lock
    make outdated    change nothing, name what `make lock` would change

Both are complete, with hashes, for Python 3.11 and later on every platform.
"""

import argparse
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
        done = subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml"),
                *("--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes"),
                # pip before 24 finds no pin for a package with extras where the lock has none.
                "--no-strip-extras",
                *("--fork-strategy", "fewest"),  # one version for every Python, where one exists
                *("--no-header", "--no-annotate", "--no-emit-index-url", "--quiet"),
                *("--no-emit-package", "lossbook", "--output-file", file.name, *options),
            ],
            cwd=ROOT,
            check=False,
        )
        if done.returncode:
            sys.exit("uv found no versions that fit, and says above why. No lock has changed.")
        return entries_of(Path(file.name).read_text())


def entries_of(text: str) -> dict[str, str]:
    """Return the entries of a lock by package."""
    entries: dict[str, str] = {}
    for entry in re.findall(r"^\w.*(?:\n[ ].*)*\n", text, flags=re.MULTILINE):
        name = re.match(r"[\w.-]+", entry)[0]
        entries[name] = entries.get(name, "") + entry
    return entries


def write(name: str, entries: dict[str, str]) -> None:
    """Write one lock."""
    (ROOT / name).write_text(f"{HEADERS[name]}\n{FOOTER}" + "".join(entries.values()))
    print(f"{name}: {len(entries)} packages")


def versions(entry: str) -> str:
    """Return the versions that a package's entry pins, as a person reads them."""
    return (
        ", ".join(re.findall(r"^[\w.-]+(?:\[.*?\])?==([^ ;\\\n]+)", entry, flags=re.MULTILINE))
        or "none"
    )


def changes(old: dict[str, str], new: dict[str, str]) -> list[str]:
    """Return what differs between two locks, a line for each package."""
    lines = []
    for name in sorted(old.keys() | new.keys()):
        before, after = versions(old.get(name, "")), versions(new.get(name, ""))
        if before != after:
            lines.append(f"{name}: {before} -> {after}")
    return lines


def main() -> None:
    """Write both locks, or say what would change in them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--outdated", action="store_true", help="change nothing, name what is old")
    only_report = parser.parse_args().outdated
    book = compiled("--extra", "book")
    pins = "".join(book.values())
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as constraint:
        constraint.write(pins)
        constraint.flush()
        both = compiled("--extra", "book", "--extra", "test", "--constraint", constraint.name)
    test = {name: entry for name, entry in both.items() if name not in book}
    for name, new in (("requirements.txt", book), ("requirements-test.txt", test)):
        if not only_report:
            write(name, new)
            continue
        found = changes(entries_of((ROOT / name).read_text()), new)
        print(f"{name}: " + ("nothing is outdated" if not found else f"{len(found)} outdated"))
        print("".join(f"  {line}\n" for line in found), end="")


if __name__ == "__main__":
    main()
