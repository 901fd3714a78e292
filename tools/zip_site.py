"""Put the built site into one zip, which reads from a disk without a server.

    make zip
    python tools/zip_site.py [SITE [ZIP]]

The zip of the same site is the same file, byte for byte: names in order, one date for all, no
trace of who packed it, when, or on which machine.
"""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
NAME = "loss-functions-interactively"
DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold
LEFT_OUT = frozenset({".buildinfo", ".buildinfo.bak", ".doctrees", ".nojekyll"})  # the builder's


def pack(site: Path, target: Path) -> int:
    """Write the files of `site`, in a folder of the book's name, and return how many they are.

    Raises
    ------
    FileNotFoundError
        If `site` holds no ``index.html``.
    """
    if not (site / "index.html").is_file():
        raise FileNotFoundError(f"{site} holds no index.html: `make book` builds the site")
    paths = {path.relative_to(site): path for path in site.rglob("*") if path.is_file()}
    kept = sorted((r.as_posix(), p) for r, p in paths.items() if LEFT_OUT.isdisjoint(r.parts))
    partial = target.with_suffix(".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, path in kept:
            entry = zipfile.ZipInfo(f"{NAME}/{name}", DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # whatever this one is: the attributes below are Unix's
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, path.read_bytes())
    partial.replace(target)  # an interrupted run leaves no half a zip under the name
    return len(kept)


def main() -> None:
    """Pack the site."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("site", nargs="?", type=Path, default=SITE)
    parser.add_argument("zip", nargs="?", type=Path, default=ROOT / "_build" / f"{NAME}.zip")
    options = parser.parse_args()
    try:
        count = pack(options.site, options.zip)
    except FileNotFoundError as error:
        parser.exit(1, f"{error}\n")
    size = options.zip.stat().st_size / 1e6
    print(f"{options.zip}: {count} files, {size:.1f} MB. Unpack it and open index.html.")


if __name__ == "__main__":
    main()
