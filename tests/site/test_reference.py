"""The pages that are made of the losses' declarations, and of docstrings."""

import platform
import re
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest
from jinja2 import UndefinedError

import lossbook
from lossbook import Loss, card, huber, js_divergence, loss, smooth_l1
from lossbook.cards import redescends
from lossbook.site.mathematics import typeset
from lossbook.site.reference import (
    TASKS,
    LossDocumenter,
    initials,
    key,
    losses,
    plain,
    written,
)

ROOT = Path(__file__).parent.parent.parent
PUBLIC = {n for n in lossbook.__all__ if isinstance(getattr(lossbook, n), Loss)}
every_loss = pytest.mark.parametrize("each", losses(), ids=lambda each: each.name)


def test_every_public_loss_has_a_card_once_and_by_task():
    names = [each.name for each in losses()]
    assert sorted(names) == sorted(PUBLIC)
    tasks = [each.declaration.task for each in losses()]
    assert list(dict.fromkeys(tasks)) == list(TASKS)
    assert tasks == sorted(tasks, key=list(TASKS).index)
    assert names[0] == "squared_error"


@every_loss
def test_card_says_all_that_the_loss_declares(each):
    text = written("loss-card", loss=each)
    d = each.declaration
    assert f"(card-{each.name})=" in text
    for declared in (d.formula, d.derivative, plain(d.use), plain(d.estimates)):
        assert declared in text
    assert plain(d.noise_model) in text
    assert not d.source or f"](bibliography.md#{key(d.source)})" in text
    for library, there in d.elsewhere.items():
        assert f"{library}\n: `{there.call}`" in text
        assert plain(there.differs) in text
    assert text.count("<svg ") == 1
    assert 'role="img" aria-label="' in text
    assert "currentColor" in text
    assert not re.search(r"(?:fill|stroke): ?#(?:000|1b1e23)", text)


@every_loss
def test_equations_of_a_card_can_be_typeset(each):
    for equation in card(each).equations:
        assert "katex" in typeset(equation, display=True)


def traits(each):
    return re.findall(r"\.is-(\w+)", written("loss-card", loss=each))


def test_traits_are_what_the_loss_declares():
    assert traits(lossbook.squared_error) == ["convex", "smooth", "likelihood"]
    assert traits(lossbook.tukey_biweight) == ["bounded", "smooth"]
    assert traits(lossbook.absolute_error) == ["convex", "bounded", "likelihood"]
    all_traits = re.findall(r'type="checkbox" value="(\w+)"', written("loss-filter"))
    assert len(all_traits) == 4
    for trait in all_traits:
        share = np.mean([trait in traits(each) for each in losses()])
        assert 0.1 < share < 0.9, trait


def test_losses_that_let_go_are_told_from_those_that_hold_on():
    found = {each.name for each in losses() if redescends(each)}
    assert found == {"cauchy", "geman_mcclure", "welsch", "tukey_biweight"}
    assert redescends(lossbook.general_robust.bind(alpha=-2))
    assert not redescends(lossbook.general_robust.bind(alpha=1))


def test_text_is_taken_literally():
    assert plain("a*b_c [d] <e> $f$ `g`") == r"a\*b\_c \[d\] \<e\> \$f\$ \`g\`"


def test_tables_name_every_call_of_every_library():
    text = written("loss-elsewhere")
    for each in losses():
        for library, there in each.declaration.elsewhere.items():
            name = plain(each.name).replace("_", "_<wbr>")
            line = f"[{name}](card-{each.name}) | {library} | `{there.call}` |"
            assert line in text
    assert "nothing" not in written("loss-reasons")
    assert "`ctc_loss`" in written("loss-reasons")
    assert "`CategoricalHinge`" in written("loss-other-names")


def test_row_of_the_cheat_sheet():
    _, head, _, row = written("loss-sheet", lines=["absolute_error"]).splitlines()
    assert head == "| loss | ℓ | ℓ′ | estimates | when to take it |"
    assert row.startswith(r"| [absolute\_<wbr>error](card-absolute_error) | $\|\hat y - y\|$ |")
    with pytest.raises(UndefinedError, match="no_loss"):
        written("loss-sheet", lines=["no_loss"])


def test_versions_are_those_that_run():
    assert written("versions", lines=["numpy: arrays: all of them"]).splitlines()[2:] == [
        f"| Python | {platform.python_version()} | runs the chapters |",
        f"| numpy | {np.__version__} | arrays: all of them |",
    ]
    with pytest.raises(PackageNotFoundError, match="no-such-package"):
        written("versions", lines=["no-such-package: nothing"])


def test_links_of_the_back_matter_to_cards_lead_to_losses():
    for page in ROOT.glob("reference/*.md"):
        for name in re.findall(r"\(card-(\w+)\)", page.read_text("utf-8")):
            assert name in PUBLIC, f"{page.name}: {name}"


# What the cards say beyond the declarations' numbers


def test_smooth_l1_is_huber_divided_by_its_delta():
    y, p = np.zeros(7), np.linspace(-3, 3, 7)
    assert np.allclose(smooth_l1(y, p, beta=2), huber(y, p, delta=2) / 2)


def test_jensen_shannon_divergence_is_symmetric_and_at_most_log_2():
    p, q = np.random.default_rng(0).dirichlet(np.full(4, 0.2), (2, 1000))
    assert np.allclose(js_divergence(p, q), js_divergence(q, p))
    assert js_divergence(p, q).max() <= np.log(2)
    assert js_divergence([1.0, 0], [0.0, 1]) == pytest.approx(np.log(2))


def test_perceptron_is_lowest_at_the_score_zero_whatever_the_label():
    assert lossbook.perceptron([-1, 1], [0.0, 0.0]).tolist() == [0, 0]


def test_generalized_cross_entropy_leads_from_log_loss_to_a_line():
    y, p = np.eye(3), np.full((3, 3), [0.2, 0.3, 0.5])
    assert np.allclose(lossbook.generalized_cross_entropy(y, p, q=1), 1 - p[0])
    near = lossbook.generalized_cross_entropy(y, p, q=1e-6)
    assert np.allclose(near, lossbook.categorical_cross_entropy(y, p), atol=1e-5)


def test_mistake_costs_1_under_brier_however_confident():
    assert lossbook.brier([1, 0], [0.0, 1.0]).tolist() == [1, 1]


def test_own_loss_has_a_card_text_of_its_own():
    @loss
    def own(y_true, y_pred):
        return lossbook.Formula(value=(y_pred - y_true) ** 4, gradient=4 * (y_pred - y_true) ** 3)

    text = written("loss-card", loss=own)
    assert "### own" in text
    assert "source" not in text


# The package reference


def documented() -> set[str]:
    text = "\n".join(p.read_text("utf-8") for p in (ROOT / "reference/package").glob("*.md"))
    return {line.split()[-1] for line in text.splitlines() if line.startswith(".. automodule::")}


@pytest.mark.parametrize(
    "name", [n for n in lossbook.__all__ if n not in ("__version__", "datasets")]
)
def test_all_that_is_public_is_on_a_page(name):
    module = getattr(lossbook, name).__module__
    assert module in documented()
    assert name in getattr(sys.modules[module], "__all__", [name])


def test_losses_are_documented_as_they_are_called():
    assert LossDocumenter.can_document_member(huber, "huber", False, None)
    assert not LossDocumenter.can_document_member(Loss, "Loss", False, None)


def test_line_that_begins_with_an_initial_begins_no_list():
    lines = ["D. R. Cox (1958).", "   P. J. Huber", "It is."]
    initials(None, "", "", None, None, lines)
    assert lines == [r"\D. R. Cox (1958).", r"   \P. J. Huber", "It is."]
