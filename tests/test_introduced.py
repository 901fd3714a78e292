"""No word of the glossary, no loss and no Greek letter is used before the course has introduced it.

The chapters are read in their order. A word is introduced where it stands out, in bold or italic,
or where it leads on: to the glossary or to a section. A letter is introduced by the words beside it
in `LETTERS`.
"""

import re
from functools import cache
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
CHAPTERS = sorted((ROOT / "chapters").glob("[0-9][0-9]-*.ipynb"))

#: Words of the glossary that everybody knows well enough to read on, or that have another sense.
EVERYDAY = {
    "class",
    "head",
    "label",
    "margin",
    "mean",
    "outlier",
    "prediction",
    "surprise",
    "target",
    "weight",
}

#: What a word is called besides its entry in the glossary.
FORMS = {
    "KL divergence": ["KL"],
    "convex": ["convexity"],
    "kink": ["kinked"],
    "negative log-likelihood": ["NLL"],
    "optimiser": ["optimizer"],
    "regularisation": ["regularised"],
    "robust": ["robustness"],
}

#: Losses and metrics that have no entry in the glossary, with the words that give each away.
NAMES = {
    "Brier score": ["Brier score"],
    "Cauchy loss": ["Cauchy"],
    "focal loss": ["focal"],
    "hinge loss": ["hinge"],
    "Huber loss": ["Huber"],
    "log-cosh": ["log-cosh"],
    "pinball loss": ["pinball"],
    "ROC curve": ["ROC"],
    "Tukey's biweight": ["Tukey", "biweight"],
}

#: The letters of each chapter, with the words that introduce them. A chapter that uses one in the
#: meaning of an earlier chapter does not list it again.
LETTERS = {
    "01-loss-cost-objective": {
        r"\theta": r"parameters of the model are $\theta",
        r"\eta": r"(../reference/glossary.md#term-learning-rate) is $\eta",
        r"\lambda": r"The **strength** $\lambda",
        r"\Omega": r"\lambda\,\Omega(w)}_{\text{the penalty}}",
        r"\sigma": r"standard deviation $\sigma$",
    },
    "02-training-loop": {
        r"\varepsilon": r"by a small $\varepsilon$",
        r"\alpha": r"J(\theta^* + \alpha\,d_1 + \beta\,d_2)",
        r"\beta": r"J(\theta^* + \alpha\,d_1 + \beta\,d_2)",
    },
    "03-regression-losses": {
        r"\psi": r"slope of each loss, $\psi(r)",
        r"\delta": r"up to a miss of $\delta$",
        r"\tau": r"charges $\tau$ per minute too low",
        r"\alpha": r"a shape parameter $\alpha$",
        r"\lambda": r"at a constant rate of $\lambda$",
        r"\kappa": r"a **dispersion** $\kappa$",
        r"\Phi": r"$2\Phi(r/\sigma) - 1$, where $\Phi$ is the normal distribution function",
    },
    "04-classification-losses": {
        r"\sigma": r"p = \sigma(z) = \frac{1}{1 + e^{-z}}",
        r"\tau": r"z_k - \tau \log f_k",
        r"\alpha": r"\ell = -\alpha_y\,(1 - p_y)^\gamma \log p_y",
        r"\gamma": r"\ell = -\alpha_y\,(1 - p_y)^\gamma \log p_y",
        r"\varepsilon": r"takes a share $\varepsilon$ of the target",
    },
}


@cache
def prose(path: Path) -> str:
    """Return the text of a chapter without code, headings, aims and exercises."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    text = re.split(r"^## (?:Summary|Exercises)$", text, maxsplit=1, flags=re.MULTILINE)[0]
    text = text[text.index("**Notation.**") :] if "**Notation.**" in text else text
    text = re.sub(r"^\([\w-]+\)=$|^#+ .*$", "", text, flags=re.MULTILINE)
    return re.sub(r"(\{[\w:]+\}`[^`\n]+`)|`[^`\n]+`", lambda found: found[1] or "", text)


def glossary() -> dict[str, list[str]]:
    """Return the words of the glossary, each with its forms."""
    text = (ROOT / "reference/glossary.md").read_text("utf-8")
    words = re.findall(r"^(?! |[:#(])(\w[^\n]*)\n  \S", text, re.MULTILINE)
    return {word: [word, *FORMS.get(word, [])] for word in words if word not in EVERYDAY}


def uses(text: str, forms: list[str]) -> list[re.Match[str]]:
    """Return where a word stands, in any of its forms, singular or plural."""
    names = "|".join(re.escape(form).replace(r"\ ", r"\s+") for form in forms)
    return list(re.finditer(rf"(?<![\w-])(?:{names})(?:e?s)?(?![\w-])", text, re.IGNORECASE))


# Bold, italic, a link, a role: what stands between its marks has no line end.
INTRODUCTION = re.compile(
    r"\*\*[^*\n]+\*\*|(?<!\*)\*[^*\n]+\*(?!\*)|\[[^\]\n]+\]\([^)\n]+\)|\{term\}`[^`\n]+`"
)


def introduced(text: str, use: re.Match[str]) -> bool:
    """Return whether a word is introduced where it stands."""
    return any(
        found.start() <= use.start() and use.end() <= found.end()
        for found in INTRODUCTION.finditer(text)
    )


def test_every_word_of_the_glossary_is_looked_for() -> None:
    words = glossary()
    assert len(words) > 50
    assert {"accuracy", "negative log-likelihood", "subgradient"} <= set(words)
    assert set(FORMS) <= set(words)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("The **kink** and the kink.", True),
        ("A {term}`kink`, a kink.", True),
        ("See [kinks](ch3-mae). A kink", True),
        ("The kink, a **kink**.", False),
        ("*kinks* in italics", True),
        ("Nothing of it.", True),
    ],
)
def test_first_use_introduces(text: str, good: bool) -> None:
    assert all(introduced(text, use) for use in uses(text, ["kink"])[:1]) == good


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_words_are_introduced_before_they_are_used(path: Path) -> None:
    before = "\n\n".join(prose(each) for each in CHAPTERS if each.stem < path.stem)
    text = prose(path)
    early = []
    for word, forms in (glossary() | NAMES).items():
        if uses(before, forms):
            continue  # by its introduction there, or that chapter's test says so
        for use in uses(text, forms)[:1]:
            if not introduced(text, use):
                line = text[max(use.start() - 50, 0) : use.end() + 30].replace("\n", " ")
                early.append(f"{word}: …{line}…")
    assert early == [], "\n".join(early)


GREEK = re.compile(
    r"\\(?:var)?(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|kappa|lambda|mu|nu|xi|rho|sigma|tau"
    r"|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Sigma|Phi|Psi|Omega)(?![A-Za-z])"
)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_letters_are_introduced_before_they_are_used(path: Path) -> None:
    text = prose(path)
    own = LETTERS.get(path.stem, {})
    earlier = {letter for stem, known in LETTERS.items() if stem < path.stem for letter in known}
    first = {use[0]: use.start() for use in reversed(list(GREEK.finditer(text)))}
    unknown = set(first) - set(own) - earlier
    assert unknown == set(), "these letters have no entry in LETTERS"
    for letter, words in own.items():
        at = text.find(words)
        assert at >= 0, f"{words!r}, which introduces {letter}, does not stand in the chapter"
        assert at <= first[letter] <= at + len(words), f"{letter} is used before {words!r}"


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_sigma_is_a_width_or_the_sigmoid_in_one_chapter(path: Path) -> None:
    kinds = {bool(use[1]) for use in re.finditer(r"\\sigma(?![A-Za-z])(\s*\()?", prose(path))}
    assert len(kinds) <= 1
