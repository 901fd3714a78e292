"""Bring the editor of cells: CodeMirror and ``tools/editor/editor.js`` in one file.

    python tools/vendor_editor.py

Asks npm for the packages that ``tools/editor/package-lock.json`` names, each with its hash,
bundles them with esbuild into ``lossbook/site/assets/live/editor.js``, and writes down the hashes
of what it has made (``sha256sum --check editor.SHA256SUMS``). To update, change the versions in
``tools/editor/package.json`` and run it with ``--lock`` first.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("editor")
TARGET = Path(__file__).parent.parent / "lossbook" / "site" / "assets" / "live"
MADE = ("editor.js", "editor.LICENSE.txt")
SUMS = "editor.SHA256SUMS"
# The bundle as a browser of 2023 reads it, and the licences in a file of their own.
BUNDLE = ("--bundle", "--minify", "--format=esm", "--target=es2022", "--legal-comments=none")


def sums() -> str:
    """Return the hashes of the files that are there, as ``sha256sum`` reads them."""
    return "".join(
        f"{hashlib.sha256((TARGET / name).read_bytes()).hexdigest()}  {name}\n" for name in MADE
    )


def licences(modules: Path) -> str:
    """Return the licence of each package that the bundle holds.

    Raises
    ------
    RuntimeError
        If one is not under the MIT licence, or brings none.
    """
    texts = []
    lock = json.loads((SOURCE / "package-lock.json").read_text("utf-8"))
    for path, entry in sorted(lock["packages"].items()):
        name = path.removeprefix("node_modules/")
        if not name or entry.get("dev"):
            continue
        if entry["license"] != "MIT":
            raise RuntimeError(f"{name} is under {entry['license']}; allowed: MIT")
        text = (modules / name / "LICENSE").read_text("utf-8").strip()
        texts.append(f"{name} {entry['version']}\n\n{text}\n")
    return ("\n" + "-" * 72 + "\n\n").join(texts)


def npm(*arguments: str, folder: Path) -> None:
    """Run npm, without the scripts that a package may bring."""
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--omit-lockfile-registry-resolved")
    subprocess.run(["npm", *arguments, *quiet], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Fetch, check and bundle."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lock", action="store_true", help="write package-lock.json anew, first")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "editor")
        shutil.copytree(SOURCE, folder)
        if parser.parse_args().lock:
            npm("install", "--package-lock-only", folder=folder)
            shutil.copy(folder / "package-lock.json", SOURCE)
        npm("ci", folder=folder)
        modules = folder / "node_modules"
        esbuild = modules / "esbuild" / "bin" / "esbuild"
        subprocess.run(
            [
                esbuild,
                "editor.js",
                *BUNDLE,
                f"--outfile={TARGET / 'editor.js'}",
                "--log-level=error",
            ],
            cwd=folder,
            check=True,
        )
        (TARGET / "editor.LICENSE.txt").write_text(licences(modules), "utf-8")
    (TARGET / SUMS).write_text(sums(), "utf-8")
    print(f"{TARGET / 'editor.js'}: {(TARGET / 'editor.js').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
