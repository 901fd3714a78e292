"""Gather the Python that a page can run: Pyodide, NumPy and lossbook, each file as it should be.

    make live
    make live PYODIDE=FOLDER        from a folder that holds a release of Pyodide
    python tools/runtime.py --lock  write down sizes and hashes anew, from the release (`make lock`)

The pinned release and what each of its files must be stand in ``runtime.lock.json``. What was
fetched once is kept in the user's cache. A folder that is named is somebody's own choice: its NumPy
is held against the ``pyodide-lock.json`` beside it, and the page *Build facts* says what was taken.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import io
import json
import os
import re
import shutil
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LOCK = Path(__file__).with_name("runtime.lock.json")
LICENCES = Path(__file__).with_name("runtime-licences")
TARGET = ROOT / "_build" / "runtime"
MANIFEST = "runtime.json"
CORE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
PACKAGES = "pyodide-lock.json"
SECONDS = 30


class RuntimeFileError(Exception):
    """A file of the runtime that is missing or is another one, in a sentence for the reader."""


def cache() -> Path:
    """Return the folder where fetched files stay."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lossbook"


def measured(content: bytes) -> dict[str, Any]:
    """Return what the lock says of a file: its size in bytes, and its SHA-256."""
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def held_against(name: str, content: bytes, wanted: dict[str, Any], place: str) -> bytes:
    """Return the content of a file.

    Raises
    ------
    RuntimeFileError
        If it is not what it should be; the message names the file, both hashes and the place.
    """
    found = measured(content)
    if any(found[key] != value for key, value in wanted.items() if key in found):
        raise RuntimeFileError(
            f"{name}: expected {_told(wanted)}, found {_told(found)}, in {place}"
        )
    return content


def _told(entry: dict[str, Any]) -> str:
    size = f"{entry['size']:,} bytes with " if "size" in entry else ""
    return f"{size}SHA-256 {entry['sha256']}"


# Where the files come from


def pinned(lock: dict[str, Any], kept: Path | None = None) -> dict[str, bytes]:
    """Return the files of the pinned release, from the cache or else from the release's address.

    Raises
    ------
    RuntimeFileError
        If a file cannot be had, or is not the one that the lock names.
    """
    folder = (kept or cache()) / f"pyodide-{lock['release']}"
    files = {}
    for name, wanted in lock["files"].items():
        path = folder / name
        if path.is_file() and measured(path.read_bytes()) == wanted:
            files[name] = path.read_bytes()
            continue
        address = lock["address"] + name
        files[name] = held_against(name, _fetched(address, lock, wanted), wanted, address)
        folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".part")
        partial.write_bytes(files[name])
        partial.replace(path)  # an interrupted run leaves no half a file under the name
    return files


def _fetched(address: str, lock: dict[str, Any], wanted: dict[str, Any] | None = None) -> bytes:
    name = address.rpartition("/")[2]
    told = f" ({_told(wanted)})" if wanted else ""
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:
            return answer.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise RuntimeFileError(
            f"{name}{told} is not in {cache()} and cannot be fetched from {address} ({reason}): "
            f"connect to the network once, or say where Pyodide {lock['release']} is, with "
            "make live PYODIDE=<folder>"
        ) from None


def chosen(folder: Path) -> tuple[str, dict[str, bytes]]:
    """Return the release that a folder holds, and its files.

    Raises
    ------
    RuntimeFileError
        If a file is missing, or NumPy is not the one that the folder's ``pyodide-lock.json`` names.
    """
    index = json.loads(_read(folder, PACKAGES, "what the release's packages are"))
    names = dict.fromkeys(CORE, "a file of Pyodide's core")
    try:
        numpy = index["packages"]["numpy"]
        names[numpy["file_name"]] = f"NumPy, SHA-256 {numpy['sha256']}"
    except KeyError as error:
        raise RuntimeFileError(
            f"{folder / PACKAGES} names no NumPy ({error} is not in it)"
        ) from None
    files = {name: _read(folder, name, wanted) for name, wanted in names.items()}
    name = numpy["file_name"]
    held_against(name, files[name], {"sha256": numpy["sha256"]}, f"{folder}, see its {PACKAGES}")
    files[PACKAGES] = (folder / PACKAGES).read_bytes()
    # Its lock names a version of its own; the core knows which release it is.
    version = re.search(rb'="(\d+\.\d+\.\d+[\w.-]*)"', files["pyodide.mjs"])
    return (version[1].decode() if version else "unknown"), files


def _read(folder: Path, name: str, wanted: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        reason = error.strerror or error
        raise RuntimeFileError(f"{name}: expected {wanted}, in {folder}: {reason}") from None


# What the site gets


def wheel(package: Path = ROOT / "lossbook") -> tuple[str, bytes]:
    """Return the name and the content of lossbook's wheel for the page.

    It is the package without what makes the site, which no page runs. The same sources give the
    same bytes.
    """
    version = re.search(
        r'^__version__ = "(.+)"', (package / "_version.py").read_text("utf-8"), re.M
    )[1]
    info = f"lossbook-{version}.dist-info"
    files = {
        f"lossbook/{path.relative_to(package).as_posix()}": path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file() and path.suffix in (".py", ".csv", ".gz", ".md", ".typed")
    }
    files = {name: content for name, content in files.items() if "lossbook/site/" not in name}
    files[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.4\nName: lossbook\nVersion: {version}\n"
        "License-Expression: BSD-3-Clause\nLicense-File: LICENSE\nRequires-Dist: numpy>=2.0\n"
    ).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/licenses/LICENSE"] = (ROOT / "LICENSE").read_bytes()
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.writerow((name, f"sha256={digest}", len(content)))
    rows.writerow((f"{info}/RECORD", "", ""))
    files[f"{info}/RECORD"] = record.getvalue().encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return f"lossbook-{version}-py3-none-any.whl", packed.getvalue()


def licences(numpy: bytes) -> dict[str, bytes]:
    """Return the licences of what is shipped: the project's copies, and NumPy's from its wheel."""
    files = {f"licences/{p.name}": p.read_bytes() for p in sorted(LICENCES.iterdir())}
    with zipfile.ZipFile(io.BytesIO(numpy)) as archive:
        for name in archive.namelist():
            if re.fullmatch(r"numpy-[^/]+\.dist-info/(?:licenses/)?LICENSE.*", name):
                files[f"licences/NumPy-{name.rpartition('/')[2]}"] = archive.read(name)
    return files


def gather(target: Path, folder: Path | None = None, kept: Path | None = None) -> dict[str, Any]:
    """Write the runtime into `target`, and return what its manifest says."""
    lock = json.loads(LOCK.read_text("utf-8"))
    if folder:
        release, files = chosen(folder)
    else:
        release, files = lock["release"], pinned(lock, kept)
    differing = [
        n for n, f in files.items() if n != PACKAGES and measured(f) != lock["files"].get(n)
    ]
    index = json.loads(files.pop(PACKAGES))
    # The page asks for one package only; that others exist would be an offer that it cannot keep.
    numpy = index["packages"]["numpy"]
    lean = json.dumps({**index, "packages": {"numpy": numpy}}, sort_keys=True).encode()
    own_name, own = wheel()
    python = index["info"]["python"]
    written = {**files, PACKAGES: lean, own_name: own}
    written |= licences(files[numpy["file_name"]])
    manifest = {
        "release": release,
        "pinned": lock["release"],
        "differing": differing,
        "python": python,
        "numpy": numpy["version"],
        "wheel": own_name,
        "numpy_file": numpy["file_name"],
        "files": {name: measured(content) for name, content in sorted(written.items())},
    }
    shutil.rmtree(target, ignore_errors=True)
    for name, content in written.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
    (target / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    return manifest


def locked(release: str, address: str) -> dict[str, Any]:
    """Return the lock of a release, from its files at `address`.

    Raises
    ------
    RuntimeFileError
        If a file cannot be had, or NumPy is not the one that the release names.
    """
    stub = {"release": release}
    index = _fetched(address + PACKAGES, stub)
    numpy = json.loads(index)["packages"]["numpy"]
    files = {PACKAGES: measured(index)}
    for name in (*CORE, numpy["file_name"]):
        files[name] = measured(_fetched(address + name, stub))
    if files[numpy["file_name"]]["sha256"] != numpy["sha256"]:
        raise RuntimeFileError(f"{numpy['file_name']} at {address} is not the one that it names")
    return {"release": release, "address": address, "files": files}


def main() -> None:
    """Gather the runtime, or renew its lock."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="a folder with a release of Pyodide")
    parser.add_argument("--lock", action="store_true", help="renew runtime.lock.json")
    options = parser.parse_args()
    try:
        if options.lock:
            old = json.loads(LOCK.read_text("utf-8"))
            new = locked(old["release"], old["address"])
            LOCK.write_text(json.dumps(new, indent=1) + "\n", "utf-8")
            print(f"{LOCK.name}: Pyodide {new['release']}, {len(new['files'])} files")
            return
        manifest = gather(TARGET, options.folder)
    except RuntimeFileError as error:
        sys.exit(str(error))
    size = sum(entry["size"] for entry in manifest["files"].values()) / 1e6
    print(f"Pyodide {manifest['release']}, NumPy {manifest['numpy']}, lossbook: {size:.1f} MB")


if __name__ == "__main__":
    main()
