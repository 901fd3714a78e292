"""The bibliography, and the sources that the losses declare."""

import re
from pathlib import Path

import pytest
from pybtex.database import parse_file

import lossbook
from lossbook import Loss
from lossbook.losses import Source
from lossbook.site.bibliography import cited

FILE = Path(__file__).parent.parent.parent / "references.bib"
ENTRIES = parse_file(str(FILE)).entries
LOSSES = [getattr(lossbook, n) for n in lossbook.__all__ if isinstance(getattr(lossbook, n), Loss)]
SOURCES = {each.name: each.declaration.source for each in LOSSES if each.declaration.source}


def _bare(title: str) -> str:
    return title.replace("{", "").replace("}", "").lower()


@pytest.mark.parametrize("name", SOURCES)
def test_source_of_a_loss_is_in_the_bibliography(name):
    source = SOURCES[name]
    entry = ENTRIES[cited(source, [FILE])]
    assert _bare(entry.fields["title"]).startswith(_bare(source.title))
    named = source.author.replace(" and ", ", ").split(", ")
    assert len(entry.persons["author"]) == len(named)
    for person, initials_and_surname in zip(entry.persons["author"], named, strict=True):
        assert initials_and_surname.endswith(" ".join(person.last_names))


def test_source_without_an_entry_is_an_error():
    with pytest.raises(LookupError, match=r"no entry of the bibliography for A\. Nobody"):
        cited(Source("A. Nobody", 1964, "Nothing"), [FILE])


def test_every_entry_is_cited_and_every_citation_has_an_entry():
    pages = [*FILE.parent.glob("chapters/*.ipynb"), *FILE.parent.glob("*/*.md")]
    texts = [page.read_text("utf-8") for page in pages]
    given = [keys for text in texts for keys in re.findall(r"\{cite:\w+\}`([^`]*)`", text)]
    in_text = {key.strip() for keys in given for key in keys.split(",")}
    on_cards = {cited(source, [FILE]) for source in SOURCES.values()}
    assert in_text <= set(ENTRIES)
    assert set(ENTRIES) - in_text - on_cards == set()


def test_key_is_the_first_surname_and_the_year():
    for key, entry in ENTRIES.items():
        year = entry.fields["year"]
        assert key.endswith(year) or key[:-1].endswith(year), key


def test_no_two_entries_have_the_same_title():
    titles = [_bare(entry.fields["title"]) for entry in ENTRIES.values()]
    assert len(set(titles)) == len(titles)
