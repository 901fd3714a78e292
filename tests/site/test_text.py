"""Where lines break on the pages."""

import pytest

from lossbook.site.text import breakable, cell, heading, prose


@pytest.mark.parametrize(
    "text",
    [
        "12.7 %",
        "50 €",
        "2 s",
        "30 ms",
        "3 min/km",
        "4 min²",
        "5 km",
        "6 kB",
        "10 Mbit/s",
        "Chapter 3",
        "exercise 2",
    ],
)
def test_number_stays_with_its_unit_or_name(text):
    assert prose(f"About {text}, or so.") == f"About {text}, or so.".replace(
        text, text.replace(" ", "\u00a0")
    )


def test_name_of_the_licence_stays_together():
    assert prose("Under CC BY 4.0.") == "Under CC\u00a0BY\u00a04.0."


def test_et_al_stays_together():
    assert prose("Müller et al. met Alma.") == "Müller et\u00a0al. met Alma."


@pytest.mark.parametrize("text", ["5 minutes", "2 samples", "a %", "Chapter one", "3 kilometres"])
def test_other_spaces_may_break(text):
    assert prose(text) == text


@pytest.mark.parametrize(
    "word", ["0-1", "0.8-quantile", "64-bit", "1e-7", "2.2e-16", "[1e-7, 1]", "[1e-7, 1 - 1e-7]"]
)
def test_compound_and_interval_are_one_piece(word):
    assert prose(f"({word} loss)") == f'(<span class="whole">{word}</span> loss)'


@pytest.mark.parametrize("word", ["0-1", "mini-batch", "one-to-one"])
def test_heading_breaks_no_word_at_its_hyphen(word):
    assert heading(f"A {word} loss") == f'A <span class="whole">{word}</span> loss'


@pytest.mark.parametrize(
    "text", ["2026-05-01", "03-regression-losses", "v1.0-beta", "half-hearted"]
)
def test_no_date_and_no_name_of_a_file_is_taken_for_one(text):
    assert prose(text) == text


@pytest.mark.parametrize(
    ("code", "broken"),
    [
        ("y_true", "y_true"),
        ("len(y_true)", "len(y_true)"),
        ("MeanSquaredError()(y_true,", "MeanSquaredError()(|y_true,"),
        ("torch.nn.HuberLoss(delta=1.0)", "torch.|nn.|HuberLoss(|delta=1.0)"),
        ("sigmoid_focal_crossentropy", "sigmoid_|focal_|crossentropy"),
        ("_static/katex/katex.min.css", "_static/|katex/|katex.|min.|css"),
        ("reduction=&quot;none&quot;", "reduction=&quot;none&quot;"),
    ],
)
def test_code_breaks_at_its_joints_and_nowhere_else(code, broken):
    assert breakable(code) == broken.replace("|", "<wbr>")


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("SparseCategoricalCrossentropy", "Sparse|Categorical|Crossentropy"),
        ("CategoricalCrossentropy", "CategoricalCrossentropy"),
        ("PyTorch, TensorFlow and NumPy", "PyTorch, TensorFlow and NumPy"),
        ("PyTorch clips at 5 %", "PyTorch clips at 5\u00a0%"),
    ],
)
def test_long_class_breaks_in_a_cell_at_its_capitals(text, broken):
    assert cell(text) == broken.replace("|", "<wbr>")
