"""How long a chapter takes, as its head says and as the course wants it: 30 to 60 minutes."""

import re
from pathlib import Path

import nbformat
import pytest

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("[0-9][0-9]-*.ipynb"))


def minutes(path: Path) -> tuple[float, float]:
    """Estimate the reading of a chapter, without its exercises: fast and slow.

    People read 200 to 230 words a minute; a figure takes one or two minutes.
    """
    words = figures = 0
    for cell in nbformat.read(path, as_version=4).cells:
        if re.search(r"^## Exercises", cell.source, re.MULTILINE):
            break
        if cell.cell_type == "code":
            figures += len(re.findall(r"^explore\(", cell.source, re.MULTILINE))
            continue
        text = re.sub(r"^(```|:::).*$|^:\w+:.*$", "", cell.source, flags=re.MULTILINE)
        text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " formula ", text, flags=re.DOTALL)
        words += len(re.findall(r"[\w\'’-]+", re.sub(r"\]\([^)]*\)", "]", text)))
    return words / 230 + figures, words / 200 + 2 * figures


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_takes_30_to_60_minutes(path: Path) -> None:
    fast, slow = minutes(path)
    assert slow >= 30
    assert fast <= 60


def test_regression_losses_take_about_an_hour() -> None:
    (path,) = (path for path in CHAPTERS if path.stem.startswith("03-"))
    fast, slow = minutes(path)
    assert 35 < fast < slow < 65
    head = nbformat.read(path, as_version=4).cells[0].source
    assert "takes about an hour" in head
    assert "About an hour" in (path.parents[1] / "index.md").read_text("utf-8")
