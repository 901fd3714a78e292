"""Print how long the chapters take to read.

Run it with::

    python tools/reading.py                       # every chapter
    python tools/reading.py chapters/03-*.ipynb   # these, section by section
"""

from __future__ import annotations

import argparse
from pathlib import Path

import nbformat

from lossbook.site.reading import chapter, measure, minutes, sections

CHAPTERS = Path(__file__).parent.parent / "chapters"


def show_sections(path: Path) -> None:
    """Print what each section of a chapter has, and the minutes that it takes."""
    print(f"{path.stem}\n  words  formulas  code  figures    all  essential")
    parts = sections(nbformat.read(path, as_version=4))
    for part in parts:
        if part.apart:
            continue
        a = part.all
        print(
            f"{a['words']:7}{a['formulas']:10}{a['cells']:6}{a['figures']:9}{minutes(a):7.1f}"
            f"{minutes(part.essential):11.1f}  {'  ' * (part.level - 1)}{part.title}"
        )
    time = measure(parts)
    print(f"{time.all:39.1f}{time.essential:11.1f}  in all, and {time.practice} of practice\n")


def main() -> None:
    """Print the times of all chapters, or the sections of those that are named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="by default all of chapters/")
    paths = parser.parse_args().notebooks
    for path in paths:
        show_sections(path)
    if not paths:
        print(f"{'minutes':32}all  essential  practice")
        for path in sorted(CHAPTERS.glob("[0-9][0-9]-*.ipynb")):
            time = chapter(path)
            print(f"{path.stem:30}{time.all:5.0f}{time.essential:11.0f}{time.practice:10.0f}")


if __name__ == "__main__":
    main()
