"""How long a chapter takes, by the rule."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from reading import chapter, count, measure, minutes, sections

ROOT = Path(__file__).parent.parent
CHAPTERS = sorted((ROOT / "chapters").glob("[0-9][0-9]-*.ipynb"))


def words(count):
    return " ".join(["word"] * count)


def cell(text, *tags):
    made = new_markdown_cell(text)
    made.metadata["tags"] = list(tags)
    return made


def test_the_rule():
    assert minutes(Counter(words=200)) == 1
    assert minutes(Counter(formulas=15)) == 1
    assert minutes(Counter(cells=12)) == 5
    assert minutes(Counter(figures=1)) == 2


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("It's 2.5 or 8 × 8, side-by-side.", Counter(words=6)),
        ("$r$ and $$\na = b\n$$", Counter(words=1, formulas=2)),
        ("a price of \\$5 and \\$6", Counter(words=6)),
        ("```{math}\na = b\n```", Counter(formulas=1)),
        ("```{note}\none\n```\n\n```{note}\ntwo words\n```", Counter(words=3)),
        ("[one link](../reference/a-page.md)", Counter(words=2)),
        ("{term}`a loss <loss>`, {cite:t}`huber1964`", Counter(words=3)),
        ("| a | b |\n|---|---:|\n| c | $d$ |", Counter(words=3, formulas=1)),
        (":::{dropdown} The mean\n**No.** Not it.\n:::", Counter(words=5)),
        ("```{admonition} Keep this\n:class: keep\n:name: me\nWords.\n```", Counter(words=3)),
        ("(an-anchor)=\n## A title", Counter(words=2)),
        ("before\n```python\nx = 1  # no words\n```\nafter", Counter(words=2, cells=1)),
    ],
)
def test_text_is_counted_as_it_is_read(text, amount):
    assert count(text) == amount


def test_a_figure_is_no_cell_of_code_beside():
    codes = ("x = 1", "explore(\n    draw.one,\n)\nexplore(draw.two)")
    (part,) = sections(new_notebook(cells=[new_code_cell(code) for code in codes]))
    assert part.all == Counter(cells=1, figures=2)


def test_deeper_sections_end_at_the_next_heading_of_their_level_or_above():
    notebook = new_notebook(
        cells=[
            cell(f"# Chapter\n\n{words(198)}"),
            cell(f"(ch1-proof)=\n### A proof\n\n{words(198)}", "deeper"),
            new_code_cell("explore(draw.proof)"),
            cell(f"#### A detail\n\n{words(198)}\n\n### Another section\n\n{words(198)}"),
            cell(f"## Deep again\n\n{words(198)}\n\n### Within\n\n{words(199)}", "deeper"),
            cell(f"## The end\n\n{words(198)}"),
        ]
    )
    parts = sections(notebook)
    assert [part.title for part in parts if part.deeper] == [
        "A proof",
        "A detail",
        "Deep again",
        "Within",
    ]
    time = measure(parts)
    assert time.essential == pytest.approx(3, abs=0.05)
    assert time.all == pytest.approx(3 + 2 + 2 + 2, abs=0.05)


def test_deeper_boxes_are_not_on_the_essential_way():
    box = "```{dropdown} Deeper: why\n:name: why\n:class-container: deeper\n$a$ because\n```"
    (part,) = sections(new_notebook(cells=[cell(f"# A\n\nfour\n\n{box}\n\nfive")]))
    assert part.all == Counter(words=6, formulas=1)
    assert part.essential == Counter(words=3)


def test_exercises_and_quiz_are_apart():
    exercise = "```{exercise} One\n:label: ex-one\nThink.\n```"
    question = "::::{admonition} Which?\n:class: quiz\n:::{dropdown} This\n**Right.**\n:::\n::::"
    notebook = new_notebook(
        cells=[
            cell("# Chapter"),
            cell(f"## Exercises\n\n{exercise}\n\n### Hard ones\n\n{exercise}"),
            new_code_cell("answer = ..."),
            cell("## Quiz"),
            cell(question),
            cell(f"## Further reading\n\n{words(198)}"),
            cell(f"## Last words\n\n{words(198)}"),
        ]
    )
    time = measure(sections(notebook))
    assert time.practice == 2 * 8 + 1
    assert time.all == pytest.approx(1, abs=0.02)


def test_headings_in_code_are_none():
    (part,) = sections(new_notebook(cells=[cell("# A\n\n```bash\n# not a heading\n```\n")]))
    assert part.title == "A"


@pytest.mark.parametrize("text", ["no heading", "first words\n\n## A heading"])
def test_tag_that_marks_no_section_is_refused(text):
    with pytest.raises(ValueError, match="cell 1 has the tag 'deeper' and does not begin"):
        sections(new_notebook(cells=[cell(text, "deeper")]))


def test_command_prints_chapters_and_sections(tmp_path):
    path = tmp_path / "01-small.ipynb"
    nbformat.write(new_notebook(cells=[cell(f"# Small\n\n{words(199)}")]), path)

    def printed(*names):
        command = [sys.executable, ROOT / "tools" / "reading.py", *names]
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout

    assert [line.split()[0] for line in printed().splitlines()[1:]] == [p.stem for p in CHAPTERS]
    assert "200         0     0        0    1.0        1.0  Small" in printed(path)


# The course


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_takes_at_most_75_minutes_and_its_essential_way_40(path):
    time = chapter(path)
    assert 30 <= time.all <= 75
    assert time.essential <= 40


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_and_its_card_say_how_long_it_takes(path):
    time = str(chapter(path))
    assert f"\n\n> {time}\n\n" in nbformat.read(path, as_version=4).cells[0].source
    card = (ROOT / "index.md").read_text("utf-8").partition(f":link: chapters/{path.stem}\n")[2]
    assert f"```{{card-footer}}\n{time}\n```" in card.partition("\n:::\n")[0]
