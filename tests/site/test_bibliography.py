"""The bibliography, and the sources that the losses declare."""

import re
from pathlib import Path

import nbformat
import pytest
from pybtex.database import parse_file

import lossbook
from lossbook import Loss
from lossbook.site.reference import key as key_of

FILE = Path(__file__).parent.parent.parent / "references.bib"
ENTRIES = parse_file(str(FILE)).entries
LOSSES = [getattr(lossbook, n) for n in lossbook.__all__ if isinstance(getattr(lossbook, n), Loss)]
SOURCES = {each.name: each.declaration.source for each in LOSSES if each.declaration.source}


def _bare(title: str) -> str:
    return title.replace("{", "").replace("}", "").lower()


@pytest.mark.parametrize("name", SOURCES)
def test_source_of_a_loss_is_in_the_bibliography(name):
    source = SOURCES[name]
    entry = ENTRIES[key_of(source)]
    assert _bare(entry.fields["title"]).startswith(_bare(source.title))
    named = source.author.replace(" and ", ", ").split(", ")
    assert len(entry.persons["author"]) == len(named)
    for person, initials_and_surname in zip(entry.persons["author"], named, strict=True):
        assert initials_and_surname.endswith(" ".join(person.last_names))


def test_every_entry_is_cited_and_every_citation_has_an_entry():
    pages = [*FILE.parent.glob("chapters/*.ipynb"), *FILE.parent.glob("*/*.md")]
    texts = [page.read_text("utf-8") for page in pages]
    in_text = {key for text in texts for key in re.findall(r"bibliography\.md#(\w+)", text)}
    on_cards = {key_of(source) for source in SOURCES.values()}
    assert in_text <= set(ENTRIES)
    assert set(ENTRIES) - in_text - on_cards == set()


def cited_as(key):
    """Return how a text may name an entry: its year, or its authors too."""
    year = ENTRIES[key].fields["year"]
    authors = [" ".join(p.prelast_names + p.last_names) for p in ENTRIES[key].persons["author"]]
    several = len(authors) > 2 or authors[-1] == "others"
    names = authors[0] + " et al." if several else " and ".join(authors)
    names = re.sub("[{}]", "", names)
    return {year, f"{names} ({year})", f"{names}, {year}"}


def test_citations_name_authors_and_year_of_their_entry():
    for page in FILE.parent.glob("chapters/*.ipynb"):
        cells = nbformat.read(page, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells)
        for shown, key in re.findall(r"\[([^\]]+)\]\([./\w]*bibliography\.md#(\w+)\)", text):
            assert shown in cited_as(key), f"{page.name}: [{shown}] for {key}"


def test_key_is_the_first_surname_and_the_year():
    for key, entry in ENTRIES.items():
        year = entry.fields["year"]
        assert key.endswith(year) or key[:-1].endswith(year), key


def test_no_two_entries_have_the_same_title():
    titles = [_bare(entry.fields["title"]) for entry in ENTRIES.values()]
    assert len(set(titles)) == len(titles)
