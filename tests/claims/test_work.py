"""What chapter 6 says, claim by claim."""

import math
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from lossbook import (
    Cost,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy_with_logits,
    dice,
    kl_divergence_with_logits,
    ordinal_nll,
    pairwise_logistic,
    sigmoid,
    softmax,
)
from lossbook.figures import work as draw

from .predicting import prediction

# Tokens


def reported(length):
    """Return the mean over the tokens, and over all places with 0 for the padding."""
    targets = draw.encode(draw.UNREAD, length).reshape(-1)
    logits = draw.next_logits(draw.encode(draw.UNREAD, length)).reshape(-1, len(draw.TOKENS))
    mean = float(Cost(categorical_cross_entropy_with_logits, ignore=draw.PADDING)(targets, logits))
    return mean, mean * np.mean(targets != draw.PADDING)


@prediction("predict-padded-lines")
def _():
    short, long = reported(36)[1], reported(72)[1]
    assert math.isclose(long, short / 2), "half as surprised at twice the length"
    return [math.isclose(long, short), long < short, long > short]


def test_mean_over_the_tokens_does_not_depend_on_the_padding():
    assert math.isclose(reported(36)[0], reported(60)[0])


def test_lines_have_28_to_36_letters_and_the_poem_29_tokens():
    lengths = [len(line) for line in draw.UNREAD]
    assert (len(lengths), min(lengths), max(lengths)) == (8, 28, 36)
    assert len(draw.TOKENS) == 29


def test_perplexity_is_that_of_eleven_equally_likely_letters():
    assert round(math.exp(reported(40)[0])) == 11
    even = np.zeros((1, 11))
    assert math.isclose(math.exp(categorical_cross_entropy_with_logits([0], even)[0]), 11)


def test_a_place_without_a_token_gets_no_gradient():
    cost = Cost(categorical_cross_entropy_with_logits, ignore=-100)
    slopes = cost.gradient(np.array([3, -100]), np.array([[1.0, 2, 3, 4], [900.0, 0, 0, -900]]))
    assert not slopes[1].any()
    assert slopes[0].any()


def test_among_the_logits_of_the_same_probabilities_the_z_loss_is_lowest_at_sum_1():
    logits = np.array([0.3, -1.0, 2.0])
    shifts = np.linspace(-5, 5, 2001)
    total = [np.log(np.exp(logits + shift).sum()) for shift in shifts]
    assert abs(total[int(np.argmin(np.square(total)))]) < 0.005


# Grades


@cache
def fitted():
    """Maximise the likelihood of the tonsils by gradient descent: the cuts, and the carriers."""
    counts = np.concatenate(list(draw.TONSILS.values())).astype(float)
    grade, carrier = np.tile(np.arange(3), 2), np.repeat([1.0, 0.0], 3)
    cuts, score = np.array([-1.0, 1.0]), 0.0
    for _ in range(4000):
        by_score, by_cuts = ordinal_nll.gradient(grade, carrier * score, cuts)
        score -= 2 * float(counts @ (carrier * by_score)) / counts.sum()
        cuts = cuts - 2 * (counts @ by_cuts) / counts.sum()
    return cuts, score


def test_cut_points_and_score_are_those_of_the_highest_likelihood():
    cuts, score = fitted()
    np.testing.assert_allclose(cuts, draw.CUTS, atol=2e-4)
    assert abs(score - 0.603) < 1e-3, "as published"
    assert round(math.exp(score), 1) == 1.8


@prediction("predict-ordered-grades")
def _():
    middle = [draw.grade_shares(score)[1] for score in np.arange(-2, 3.05, 0.1)]
    steps = np.sign(np.diff(middle))
    assert abs(np.arange(-2, 3.05, 0.1)[np.argmax(middle)] - np.mean(draw.CUTS)) < 0.05
    turns = np.flatnonzero(np.diff(steps))
    return [(steps > 0).all(), (steps < 0).all(), len(turns) == 1 and steps[0] > 0 > steps[-1]]


@pytest.mark.parametrize(("children", "score"), [("carriers", 0.6), ("not carriers", 0.0)])
def test_one_score_gives_all_three_shares_as_they_were_seen(children, score):
    counts = draw.TONSILS[children]
    assert np.abs(draw.grade_shares(score) - counts / counts.sum()).max() < 0.04


def test_slope_for_the_score_is_a_difference_of_probabilities():
    score = np.linspace(-8, 8, 33)
    for grade in range(3):
        slope, _ = ordinal_nll.gradient(np.full(33, grade), score, np.array(draw.CUTS))
        at_most = np.array([draw.grade_shares(s).cumsum() for s in score])
        below = at_most[:, grade - 1] if grade else 0
        np.testing.assert_allclose(slope, 1 - at_most[:, grade] - below, atol=1e-12)
        assert (np.abs(slope) < 1).all()


def test_two_grades_are_binary_cross_entropy():
    score, cut = np.linspace(-5, 5, 11), 0.7
    for grade in (0, 1):
        np.testing.assert_allclose(
            ordinal_nll(np.full(11, grade), score, np.array([cut])),
            binary_cross_entropy_with_logits(np.full(11, grade), score - cut),
        )


def test_a_grade_pulls_only_on_the_cut_points_beside_it():
    _, slopes = ordinal_nll.gradient(np.arange(5), np.zeros(5), np.array([-2.0, -1, 1, 2]))
    beside = [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [0, 0, 0, 1]]
    assert ((slopes != 0) == beside).all()


# Regions


@prediction("predict-mask-map")
def _():
    shares = draw.eights().mean(axis=0)
    half = int(np.argmin(np.abs(shares - 0.5)))
    entropy, overlap = (draw.best_map(name)[-1][half] for name in ("cross-entropy", "Dice"))
    return [
        abs(entropy - 0.5) < 0.05 and abs(overlap - 0.5) < 0.05,
        abs(entropy - 0.5) < 0.05 and overlap > 0.95,
        abs(overlap - 0.5) < 0.05 and abs(entropy - 0.5) > 0.4,
    ]


def test_cross_entropy_finds_the_shares_and_dice_a_mask():
    shares = draw.eights().mean(axis=0)
    assert np.abs(draw.best_map("cross-entropy")[-1] - shares).max() < 0.03
    p = draw.best_map("Dice")[-1]
    assert np.mean((p < 0.05) | (p > 0.95)) > 0.9


def test_threshold_of_the_best_mask_is_half_the_overlap_that_can_be_reached():
    masks = draw.eights()
    shares = masks.mean(axis=0)
    cost = {
        t: float(dice(masks, np.tile((shares > t) * 1.0, (len(masks), 1))).mean())
        for t in np.unique(shares)
    }
    best = min(cost, key=cost.get)
    above = min(t for t in cost if t > best)
    reached = 1 - cost[best]
    assert round(reached, 1) == 0.8
    assert best - 0.02 < reached / 2 < above + 0.02
    everywhere = np.tile(shares, (len(masks), 1))
    assert float(dice(masks, everywhere).mean()) > 1.3 * cost[best]


def best_map_under(slope, steps=2000):
    """Return the map for all eights that gradient descent finds with a slope for each pixel."""
    logits = np.zeros(64)
    for _ in range(steps):
        p = sigmoid(logits)
        logits = logits - 20 * slope(p) * p * (1 - p)
    return sigmoid(logits)


def test_with_squares_in_the_denominator_the_best_map_is_a_multiple_of_the_shares():
    masks = draw.eights()
    shares = masks.mean(axis=0)

    def slope(p):
        common, sizes = masks @ p, masks.sum(axis=1) + np.sum(p**2)
        return (4 * np.outer(common / sizes**2, p) - 2 * masks / sizes[:, np.newaxis]).mean(axis=0)

    between = (shares > 0.3) & (shares < 0.8)
    ratio = best_map_under(slope)[between] / shares[between]
    assert ratio.round(1).tolist() == [1.2] * between.sum()


def test_with_cross_entropy_added_the_best_map_lies_between_shares_and_decisions():
    masks = draw.eights()
    shares = masks.mean(axis=0)

    def slope(p):
        everywhere = np.tile(p, (len(masks), 1))
        entropy = (p - shares) / (p * (1 - p)) / 64
        return dice.gradient(masks, everywhere).mean(axis=0) + entropy

    p = best_map_under(slope)
    above, below = shares > 0.5, (shares > 0) & (shares < 0.3)
    assert (p[above] > shares[above]).mean() > 0.9
    assert (p[below] < shares[below]).mean() > 0.9
    assert np.mean((p > 0.05) & (p < 0.95)) > 0.3


def test_the_better_of_two_masks_is_the_same_by_dice_and_by_the_intersection_over_the_union():
    true, *others = draw.eights()
    common, sizes = true @ np.transpose(others), true.sum() + np.sum(others, axis=1)
    overlap, iou = 2 * common / sizes, common / (sizes - common)
    np.testing.assert_allclose(iou, overlap / (2 - overlap))
    assert (np.diff(iou[np.argsort(overlap)]) > -1e-12).all()


def test_mean_of_the_images_is_not_the_loss_of_the_batch_as_one_image():
    masks = draw.eights()[:2]
    guess = np.tile(masks.mean(axis=0), (2, 1))
    whole = dice(masks.reshape(1, -1), guess.reshape(1, -1))[0]
    assert not math.isclose(dice(masks, guess).mean(), whole, rel_tol=1e-4)


def test_a_tiny_region_pulls_harder_than_a_large_one():
    tiny, large = np.zeros((1, 64)), np.ones((1, 64))
    tiny[0, 0] = 1
    pulls = [np.abs(dice.gradient(m, 0.5 * m + 0.01)).max() for m in (tiny, large)]
    assert pulls[0] > 10 * pulls[1]


# Pairs


@prediction("predict-pairs")
def _():
    boston = draw.TEAMS.index("Boston")
    grid = np.arange(-1, 10, 0.1)
    best = grid[np.argmin([draw.pair_cost(boston, s) for s in grid])]
    return [abs(best) < 0.2, abs(best - 1.1) < 0.05, best > 9]


def test_every_pair_played_13_games_and_the_teams_won_as_told():
    assert (draw.WINS + draw.WINS.T)[~np.eye(7, dtype=bool)].tolist() == [13] * 42
    won = dict(zip(draw.TEAMS, draw.WINS.sum(axis=1), strict=True))
    assert (won["Boston"], won["Baltimore"]) == (40, 18)


def test_strengths_are_the_published_ones_and_explain_the_wins():
    published = [1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0]  # Agresti (1990), rounded
    np.testing.assert_allclose(draw.strengths(), published, atol=6e-3)
    z = draw.strengths()
    expected = 13 * (sigmoid(z[:, np.newaxis] - z).sum(axis=1) - 0.5)
    np.testing.assert_allclose(expected, draw.WINS.sum(axis=1), atol=0.01)


def test_a_preference_is_binary_cross_entropy_of_a_difference():
    d = np.linspace(-40, 40, 17)
    for y in (0.0, 1.0):
        np.testing.assert_allclose(
            pairwise_logistic(np.full(17, y), d),
            binary_cross_entropy_with_logits(np.full(17, y), d),
        )


# Several losses


@prediction("predict-two-losses")
def _():
    before, after = (draw.weighted_speed(1.0, unit) for unit in draw.UNITS)
    first, second = draw.speed_costs(draw.SPEEDS)
    newcomb, michelson = draw.SPEEDS[np.argmin(first)], draw.SPEEDS[np.argmin(second)]
    return [
        before == after,
        abs(before - michelson) <= 1 and abs(after - newcomb) <= 1,
        0 < abs(after - before) < 30,
    ]


def test_speeds_with_equal_weights_and_with_learnt_widths_are_as_told():
    assert draw.weighted_speed(1.0, "nanoseconds") == pytest.approx(299_852, abs=0.5)
    assert draw.weighted_speed(1.0, "picoseconds") == pytest.approx(299_781, abs=0.5)
    learned = {round(draw.learned_speed(unit)[0]) for unit in draw.UNITS}
    assert learned == {299_834}


def test_best_width_of_a_head_is_the_root_of_its_mean_squared_error():
    s = np.linspace(0.01, 5, 4991)
    for J in (0.3, 1.0, 7.0):
        value = J / (2 * s**2) + np.log(s)
        assert abs(s[np.argmin(value)] ** 2 - J) < 0.01


# Distillation


@cache
def accuracies():
    return {
        T: np.array([draw.student_accuracy(seed, T) for seed in range(20)])
        for T in (None, 1, 2, 4, 8)
    }


def test_sixty_images_teach_almost_ten_points_more_with_a_teacher():
    gain = accuracies()[8] - accuracies()[None]
    assert 0.085 < gain.mean() < 0.11
    for T in (1, 2, 4, 8):
        assert (accuracies()[T] > accuracies()[None]).all(), "on each of 20 seeds"


def test_teacher_is_right_98_times_in_100():
    data, (_, logits) = draw.digits(), draw.teacher_logits()
    assert round(100 * np.mean(np.argmax(logits, axis=1) == data.y_test)) == 98
    assert len(data.X_train) == 1348


@prediction("predict-teacher")
def _():
    teacher = draw.teacher_logits()[1][350:351]
    bare = [
        np.linalg.norm(softmax(np.zeros((1, 10))) - softmax(teacher / T)) / T for T in (8, 16, 32)
    ]
    ratio = [a / b for a, b in pairwise(bare)]
    # Doubling the temperature divides the bare pull by four, in the limit.
    return [False, all(3 < r < 5 for r in ratio) and abs(ratio[1] - 4) < 0.6, False]


def test_divergence_at_a_temperature_has_the_factor_with_which_pulls_stay_of_a_size():
    teacher, student = np.array([[3.0, 1.0, -2.0]]), np.array([[0.5, 0.0, 1.0]])
    for T in (1.0, 2.0, 10.0):
        slope = kl_divergence_with_logits.gradient(teacher, student, temperature=T)
        np.testing.assert_allclose(slope, T * (softmax(student / T) - softmax(teacher / T)))


def test_with_its_factor_the_pull_settles_at_a_size_as_the_temperature_grows():
    for image in draw.IMAGES.values():
        temperatures, _, full = draw._pulls(image)
        settled = full[temperatures > 6]
        assert settled.max() < 1.1 * settled.min()


def test_at_a_high_temperature_the_divergence_compares_centred_logits_by_squared_error():
    teacher, student = np.array([[3.0, 1.0, -2.0]]), np.array([[0.5, 0.0, 1.0]])
    difference = (teacher - teacher.mean()) - (student - student.mean())
    loss = kl_divergence_with_logits(teacher, student, temperature=1e4)[0]
    assert math.isclose(loss, float(np.sum(difference**2)) / (2 * 3), rel_tol=1e-3)
