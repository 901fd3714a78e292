"""Every row of the syllabus is a section that a reader finds, with its figures."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent

#: The chapters, and each row of the syllabus with the anchor of its section.
SYLLABUS = {
    "chapters/01-loss-cost-objective": {
        "ch1-loss": "One prediction, one target: how wrong?",
        "ch1-cost": "From one example to the dataset: the cost. Sum or mean",
        "ch1-regularisation": "Regularisation belongs to the cost: L2, L1",
        "ch1-objective": "Objective: anything minimised or maximised",
        "ch1-likelihood": "Maximum likelihood: Gaussian noise gives squared error, ...",
        "ch1-metric": "Loss is not metric: accuracy is flat almost everywhere",
        "ch1-words": "The words differ between authors and frameworks: a table",
    },
    "chapters/02-training-loop": {
        "ch2-stages": "The six stages",
        "ch2-backpropagation": "Backpropagation is the chain rule, by hand",
        "ch2-update": "The update rule and the learning rate",
        "ch2-batch": "Full batch, mini-batch, one at a time",
        "ch2-initialisation": "Initialisation: all zeros leaves hidden units identical",
        "ch2-digits": "A real network: the handwritten digits",
        "ch2-landscape": "The loss shapes the landscape",
    },
    "chapters/03-regression-losses": {
        "ch3-mse": "Mean squared error (L2)",
        "ch3-mae": "Mean absolute error (L1)",
        "ch3-outliers": "Outliers",
        "ch3-telephone": "The real case: Belgian telephone calls",
        "ch3-estimates": "What does a loss estimate?",
        "ch3-huber": "Between the two: Huber, log-cosh, pseudo-Huber",
        "ch3-redescending": "Beyond: Tukey's biweight, Cauchy",
        "ch3-general": "The one family that holds them all",
        "ch3-pinball": "Quantiles and prediction intervals",
        "ch3-scale": "Scale and units: RMSE, MAPE, MSLE",
        "ch3-counts": "Counts: Poisson, negative binomial",
        "ch3-uncertainty": "A network that predicts its own uncertainty",
        "ch3-crps": "Predicting a distribution: the Gaussian likelihood, its pitfalls, CRPS",
        "ch3-censored": "Censored targets",
        "ch3-choose": "Which one when: a table with reasons",
    },
    "chapters/04-classification-losses": {
        "ch4-entropy": "Surprise, entropy, cross-entropy, KL",
        "ch4-binary": "Two classes: logit, sigmoid, binary cross-entropy",
        "ch4-multiclass": "One of many classes",
        "ch4-multilabel": "Several labels at once",
        "ch4-heads": "Which head with which loss",
        "ch4-numbers": "Numbers that break: log 0, overflow, float32",
        "ch4-squared": "Why not squared error for classes",
        "ch4-imbalance": "Imbalance and noise",
        "ch4-margins": "Margins: perceptron, hinge, ..., as one picture",
        "ch4-calibration": "Calibration: Brier score, reliability diagram",
    },
    "chapters/05-choose-a-loss": {
        "ch5-chooser": "The loss chooser",
        "ch5-own": "Your own loss, worked through",
        "ch5-good": "Is it a good loss?",
        "ch5-different": "Why is my number different?",
        "ch5-bugs": "A gallery of bugs",
    },
    "chapters/06-losses-at-work": {
        "ch6-tokens": "Tokens and sequences: masking, mean over tokens, perplexity",
        "ch6-ordinal": "Ordered classes",
        "ch6-overlap": "Overlap losses for masks, on small real images",
        "ch6-pairs": "Pairwise preferences, with ranking and DPO named",
        "ch6-several": "Several losses at once: scales, weights, learned uncertainty",
        "ch6-distillation": "Distillation",
        "ch6-map": "Where your field's loss lives",
    },
}

#: What each chapter ends with.
ENDINGS = ("summary", "exercises", "quiz", "further")

#: The front page and the back matter.
PAGES = {
    "index": "Front page",
    "reference/loss-cards": "Loss cards (one per loss of the library)",
    "reference/cheat-sheet": "Cheat sheet on one printable page",
    "reference/why-is-my-number-different": "Why is my number different?",
    "reference/glossary": "Glossary",
    "reference/notation": "Notation",
    "reference/bibliography": "Bibliography",
    "reference/package": "The package reference",
}

ROWS = [
    (chapter, anchor, row) for chapter, rows in SYLLABUS.items() for anchor, row in rows.items()
]


@cache
def anchors(chapter: str) -> tuple[str, ...]:
    """Return the anchors of a chapter that stand directly above a heading."""
    cells = nbformat.read((ROOT / chapter).with_suffix(".ipynb"), as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return tuple(re.findall(r"^\(([\w-]+)\)=\n+(?=#{2,4} |\([\w-]+\)=)", text, re.MULTILINE))


@pytest.mark.parametrize(("chapter", "anchor", "row"), ROWS, ids=[anchor for _, anchor, _ in ROWS])
def test_row_of_the_syllabus_is_a_section(chapter, anchor, row):
    assert anchors(chapter).count(anchor) == 1, f"{chapter} has no section for {row!r}"


@pytest.mark.parametrize("chapter", SYLLABUS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_chapter_ends_with(chapter, ending):
    number = int(chapter.split("/")[1][:2])
    assert f"ch{number}-{ending}" in anchors(chapter)


@pytest.mark.parametrize("chapter", SYLLABUS)
def test_every_section_asks_and_ends_with_one_sentence_to_keep(chapter):
    cells = nbformat.read((ROOT / chapter).with_suffix(".ipynb"), as_version=4).cells
    sections = re.split(r"^## ", "\n".join(c.source for c in cells), flags=re.MULTILINE)[1:]
    teaching = [section for section in sections if ":class: keep" in section]
    assert len(teaching) >= 5
    for section in teaching:
        title, question = section.split("\n")[0], section.split("\n")[2]
        assert re.fullmatch(r"\*\*.*\?\*\*", question), f"{title}: {question}"
        parts = re.split(r"^#{3,} ", section, flags=re.MULTILINE)
        assert all(part.count(":class: keep") <= 1 for part in parts), title
        assert ":class: predict" in section or "explore(" not in section, title


def test_no_anchor_stands_twice_in_the_book():
    count = Counter(anchor for chapter in SYLLABUS for anchor in anchors(chapter))
    assert [anchor for anchor, times in count.items() if times > 1] == []


def test_every_chapter_is_in_the_syllabus():
    chapters = (ROOT / "chapters").glob("[0-9]*.ipynb")
    assert {f"chapters/{path.stem}" for path in chapters} == set(SYLLABUS)


def test_every_page_of_the_syllabus_is_in_the_table_of_contents():
    contents = (ROOT / "_toc.yml").read_text("utf-8")
    for page, words in (PAGES | dict.fromkeys(SYLLABUS, "chapter")).items():
        assert re.search(rf"(?:root|file): {re.escape(page)}$", contents, re.MULTILINE), words


def test_book_has_thirty_figures_and_each_chapter_five(docnames, figures_on):
    count = {page: len(figures_on(page)) for page in docnames}
    for chapter in SYLLABUS:
        assert count[chapter] >= 5, f"{chapter}: {count[chapter]} interactive figures"
    assert sum(count.values()) >= 30
