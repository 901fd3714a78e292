"""Links of the chapters lead somewhere in JupyterLab and Jupyter Notebook too.

There a link is followed to a file, or to a label of the same notebook; a role that needs Sphinx
shows its key. That labels, terms and entries exist is what the build says.
"""

import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
PAGES = [*sorted((ROOT / "chapters").glob("*.ipynb")), ROOT / "reference" / "glossary.md"]

ROLE = re.compile(r"\{[\w:]+\}`[^`\n]*`")
LINK = re.compile(r"(?<!\\)\]\(([^)\s]+)\)")
LABEL = re.compile(r"^\(([\w-]+)\)=$|^:(?:label|name): ([\w-]+)$", re.MULTILINE)


def text_of(path: Path) -> str:
    if path.suffix == ".md":
        return path.read_text("utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def dead(text: str, path: Path) -> list[str]:
    """Return the roles and the addresses that lead nowhere in Jupyter."""
    labels = {label for found in LABEL.findall(text) for label in found}
    bad = ROLE.findall(text)
    for address in LINK.findall(text):
        file, _, label = address.partition("#")
        if re.match(r"https?:", address):
            continue
        if not ((path.parent / file).is_file() if file else label in labels):
            bad.append(address)
    return bad


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_links_lead_somewhere_in_jupyter(path: Path) -> None:
    assert dead(text_of(path), path) == []


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("[a](https://example.org) [b](02-training-loop.ipynb#ch2-update)", []),
        ("(ch1-cost)=\n## Cost\n\n[here](#ch1-cost) [there](#ch1-loss)", ["#ch1-loss"]),
        ("[elsewhere](ch2-update)", ["ch2-update"]),
        ("a {term}`loss`", ["{term}`loss`"]),
        ("[gone](07-nothing.ipynb)", ["07-nothing.ipynb"]),
    ],
)
def test_dead_links_are_found(text: str, bad: list[str]) -> None:
    assert dead(text, ROOT / "chapters" / "01-loss-cost-objective.ipynb") == bad
