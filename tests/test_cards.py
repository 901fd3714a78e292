"""Loss cards: of every loss, and of a reader's own."""

import numpy as np
import pytest
from matplotlib.figure import Figure

import lossbook
from lossbook import Formula, Loss, card, huber, loss, pinball

LOSSES = [getattr(lossbook, n) for n in lossbook.__all__ if isinstance(getattr(lossbook, n), Loss)]


@pytest.mark.parametrize("each", LOSSES, ids=lambda each: each.name)
def test_every_loss_has_a_card_with_curves(each):
    made = card(each)
    assert made.name == repr(each)
    assert made.facts["task"] == each.declaration.task
    assert set(made.elsewhere) == set(each.declaration.elsewhere)
    assert made.x.shape == made.value.shape == made.slope.shape
    assert np.isfinite(made.value).any()
    assert (np.diff(made.x) > 0).all()
    # The slope is the slope of the curve, unless other classes move along.
    if not isinstance(each.arguments[each.predictions[0]], lossbook.Distribution):
        numerical = np.gradient(made.value, made.x)
        close = np.abs(numerical - made.slope) <= 0.05 * (1 + np.abs(made.slope))
        assert close.mean() > 0.95
    figure = Figure(figsize=(5.4, 3.6))
    caption = made.draw(figure)
    assert len(figure.axes) == 2
    assert made.name in caption
    assert made.caption == caption
    assert each.declaration.formula in made._repr_markdown_()
    assert each.declaration.derivative in made._repr_markdown_()


def test_card_shows_the_parameters_it_was_asked_for():
    assert card(huber, delta=3).facts["outliers"] == (
        "limited: the derivative is never larger than 3"
    )
    assert card(huber, delta=3).name == "huber(delta=3.0)"
    assert card(pinball).facts["shape"] == "convex, kink at 0"


def test_a_loss_that_is_flat_on_both_sides_jumps():
    facts = card(lossbook.zero_one).facts
    assert facts["shape"] == "not convex, jump at 0"
    assert facts["outliers"] == "insensitive: there is no slope"


def test_no_derivative_is_larger_than_a_card_says():
    assert (
        "never larger than 1.125" in card(lossbook.poly_cross_entropy_with_logits).facts["outliers"]
    )


@pytest.mark.parametrize(
    ("each", "variable", "kink", "slopes"),
    [
        (lossbook.triplet, "difference of the distances", -1, (0, 1)),
        (lossbook.margin_ranking, "margin", 0, (-1, 0)),
        (lossbook.absolute_percentage_error, "residual", 0, (-1, 1)),
        (lossbook.multiclass_hinge, "score of the first class", 1.5, (-1, 0)),
        (lossbook.contrastive, "distance", None, None),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_curves_are_drawn_against_what_the_axis_says(each, variable, kink, slopes):
    made = card(each)
    assert made.variable == variable
    if kink is not None:
        jump = np.argmax(np.abs(np.diff(made.slope)))
        assert made.x[jump] == pytest.approx(kink, abs=0.03)
        assert (made.slope[0], made.slope[-1]) == slopes


def test_caption_has_true_minus_signs_and_no_negative_zero():
    for each in LOSSES:
        assert "-" not in card(each).caption.removeprefix(repr(each))
        assert "−0 " not in card(each).caption


def test_card_of_a_readers_own_loss():
    @loss
    def own(y_true, y_pred):
        r = y_pred - y_true
        return Formula(value=r**4, gradient=4 * r**3)

    made = card(own)
    assert made.facts == {"shape": "convexity not stated, differentiable"}
    assert made.value.min() == 0
    made.draw(Figure(figsize=(5.4, 3.6)))

    @loss
    def unfinished(y_true, y_pred):
        return Formula(value=(y_pred - y_true) ** 4)

    made = card(unfinished)
    assert np.isnan(made.slope).all()
    made.draw(Figure(figsize=(5.4, 3.6)))


def test_card_of_something_else_is_refused():
    with pytest.raises(TypeError, match="loss must be a Loss: got"):
        card(np.square)
