"""Captions of chapter 4's figures, against numbers computed here in another way."""

import math
import re
from functools import cache

import numpy as np
import pytest

from lossbook.datasets import load_breast_cancer, load_handwritten_digits, split
from lossbook.explore import Stage
from lossbook.figures import classification
from lossbook.figures.digits import LABELS, draw_digit, network

NUMBER = re.compile(r"(?<![\w.])−?\d+(?:\.\d+)?")


@cache
def stage(name):
    return Stage(getattr(classification, name))


def caption(name, **values):
    return stage(name).frame(values).caption.replace("\N{NO-BREAK SPACE}", " ")


def numbers(name, **values):
    return [float(n.replace("−", "-")) for n in NUMBER.findall(caption(name, **values))]


def sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


def softmax(z):
    e = np.exp(np.asarray(z, dtype=float))
    return e / e.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(("p", "q"), [(0.1, 0.1), (0.3, 0.75), (0.9, 0.05)])
def test_two_distributions_states_entropy_cross_entropy_and_divergence(p, q):
    def h(a, b):
        return -a * math.log(b) - (1 - a) * math.log(1 - b)

    expected = [p, q, h(p, p), h(p, q), h(p, q) - h(p, p), h(q, p)]
    assert numbers("two_distributions", truth_p=p, forecast_q=q) == pytest.approx(
        expected, abs=5.1e-3
    )
    for surprise in (-math.log(q), -math.log(1 - q)):
        assert (
            f"{surprise:.2f}"
            in stage("two_distributions").frame({"truth_p": p, "forecast_q": q}).svg
        )


@pytest.mark.parametrize(("z", "y"), [(-6.0, 1), (0.0, 0), (2.5, 1), (6.0, 0)])
def test_logit_states_probability_loss_and_slope(z, y):
    p = sigmoid(z)
    loss = -math.log(p if y else 1 - p)
    expected = [z, p, 1, y, loss, p - y]
    assert numbers("logit", logit_z=z, label_y=y) == pytest.approx(expected, abs=6e-4)


@pytest.mark.parametrize("miss_costs", [1, 9, 19])
@pytest.mark.parametrize("threshold", [0.05, 0.5, 0.95])
def test_missed_case_counts_the_mistakes_on_held_out_tumours(threshold, miss_costs):
    data = load_breast_cancer()
    _, held_out = split(len(data))
    columns = [data.feature_names.index(n) for n in ("mean radius", "mean concave points")]
    case = classification.diagnosis()
    p = sigmoid(data.features[held_out][:, columns] @ case.weights + case.bias)
    sick = data.malignant[held_out]
    missed, false = (sick & (p < threshold)).sum(), (~sick & (p >= threshold)).sum()
    stated = numbers("missed_case", threshold=threshold, miss_costs=miss_costs)
    expected = [miss_costs, threshold, missed, sick.sum(), false, (~sick).sum()]
    assert stated[:6] == pytest.approx(expected)
    assert stated[6] == miss_costs * missed + false
    assert stated[7] == pytest.approx(1 / (1 + miss_costs), abs=5e-3)


def test_the_boundary_of_the_diagnosis_is_where_the_probability_is_the_threshold():
    case = classification.diagnosis()
    radius = np.array([8.0, 15.0, 22.0])
    for threshold in (0.05, 0.5, 0.9):
        points = case.boundary(threshold, radius)
        p = sigmoid(case.weights[0] * radius + case.weights[1] * points + case.bias)
        assert p == pytest.approx(np.full(3, threshold))


@pytest.mark.parametrize("logits", [(2, 0, 4), (4, 4, 4), (0, 4, 2)])
@pytest.mark.parametrize("t", [0.5, 1, 4])
def test_three_logits_states_the_softmax_and_the_loss_of_the_cat(logits, t):
    p = softmax(np.array(logits) / t)
    stated = numbers(
        "three_logits", **dict(zip(classification.ANIMALS, logits, strict=True)), temperature=t
    )
    assert stated[:4] == [*logits, t]
    assert stated[4:7] == pytest.approx(p, abs=6e-4)
    assert stated[7] == pytest.approx(-math.log(p[0]), abs=6e-3)


@pytest.mark.parametrize("image", list(classification.IMAGES))
@pytest.mark.parametrize("epoch", [0, 30])
def test_digit_states_what_the_network_of_that_epoch_says_of_a_held_out_image(image, epoch):
    data = load_handwritten_digits()
    place = split(len(data))[1][classification.IMAGES[image]]
    model = network("multi-class").history.at(epoch)
    hidden = np.maximum(data.images[place].ravel() / 16 @ model["W1"] + model["b1"], 0)
    p = softmax(hidden @ model["W2"] + model["b2"])
    label = data.labels[place]
    # The name of the image may start with a digit of its own.
    stated = numbers("digit", image=image, epoch=epoch)
    assert stated[-5] == label
    assert stated[-4:-2] == pytest.approx([p[label], -math.log(p[label])], abs=6e-4)
    assert stated[-2] == p.argmax()
    assert stated[-1] == pytest.approx(p.max(), abs=6e-4)


def test_names_of_the_images_say_what_they_show_and_what_the_network_takes_them_for():
    data = load_handwritten_digits()
    _, held_out = split(len(data))
    run = network("multi-class")
    for name, place in classification.IMAGES.items():
        shown, *taken = map(int, re.findall(r"\d", name))
        assert data.labels[held_out[place]] == shown
        if taken:
            pixels = data.images[held_out[place]].reshape(1, -1) / 16
            assert run.logits(pixels)[0].argmax() == taken[0]


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("head", ["four sigmoids", "one softmax"])
def test_several_labels_counts_right_answers_and_sums_probabilities(digit, head):
    data = load_handwritten_digits()
    _, held_out = split(len(data))
    place = held_out[data.labels[held_out] == digit][0]
    pixels = data.images[place].reshape(1, -1) / 16
    if head == "one softmax":
        p = softmax(classification.softmax_over_labels().forward(pixels))[0]
    else:
        p = sigmoid(network("multi-label").logits(pixels))[0]
    truth = [digit in having for having in LABELS.values()]
    text = caption("several_labels", digit=digit, head=head)
    stated = [float(n) for n in NUMBER.findall(text)]
    assert stated[0] == digit
    assert stated[1] == ((p >= 0.5) == truth).sum()
    assert stated[3] == pytest.approx(p.sum(), abs=6e-3)
    for name, value in zip(LABELS, p, strict=True):
        assert (name in text) == (value >= 0.5)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("logit", classification.STEEP_LOGITS)
def test_naive_and_stable_states_infinity_exactly_where_the_sigmoid_rounds_to_one(logit, precision):
    rounds = {"float32": 17, "float64": 37}[precision]
    text = caption("naive_and_stable", logit=logit, precision=precision)
    assert ("infinity" in text) == (logit >= rounds)
    assert ("the label 1 costs 0 and" in text) == (logit >= rounds)
    if logit >= rounds:
        assert f"infinity and {logit}," in text


@pytest.mark.parametrize("start", [-2, -8])
@pytest.mark.parametrize("step", [0, 20, 60])
def test_race_states_where_both_runners_are(start, step):
    squared = entropy = float(start)
    for _ in range(step):
        p = sigmoid(squared)
        squared += 27 / 8 * 2 * (1 - p) ** 2 * p
        entropy += 1 - sigmoid(entropy)
    stated = numbers("race", start=start, step=step)
    assert stated == pytest.approx([step, start, sigmoid(entropy), sigmoid(squared)], abs=6e-4)


@pytest.mark.parametrize("α", [0.0, 0.25])
@pytest.mark.parametrize("γ", [0.0, 2.0, 5.0])
def test_focal_states_pulls_and_best_prediction(γ, α):
    of_one, of_zero = (α, 1 - α) if α else (1, 1)

    def pull(p):
        return of_one * (1 - p) ** γ * (1 - p - γ * p * math.log(p))

    grid = np.linspace(1e-6, 1 - 1e-6, 200001)
    cost = -0.9 * of_one * (1 - grid) ** γ * np.log(grid)
    cost -= 0.1 * of_zero * grid**γ * np.log(1 - grid)
    text = caption("focal", focusing_γ=γ, weight_α=α)
    hard, taught = re.search(r"with ([\d.]+) where it is hard .* is ([\d.]+)\.$", text).groups()
    assert float(hard) == pytest.approx(pull(0.2), abs=6e-4)
    assert float(taught) == pytest.approx(grid[cost.argmin()], abs=6e-3)
    if γ == 0:
        easy = re.search(r"pulls with ([\d.]+) where", text)[1]
        assert float(easy) == pytest.approx(pull(0.9), rel=0.02)
    assert ("α" in text) == bool(α)


@pytest.mark.parametrize("weight", [1, 9])
@pytest.mark.parametrize("threshold", [0.05, 0.5])
def test_weight_or_threshold_counts_the_mistakes_of_both_routes(weight, threshold):
    stated = numbers("weight_or_threshold", weight=weight, threshold=threshold)
    mistakes = []
    plain = classification.diagnosis()
    sick = plain.malignant
    same = 1 / (1 + weight * (1 / threshold - 1))
    for p, at in (
        (sigmoid(classification.diagnosis(float(weight)).logits), threshold),
        (sigmoid(plain.logits), same),
    ):
        mistakes.append([(sick & (p < at)).sum(), (~sick & (p >= at)).sum()])
    (missed, false), other = mistakes
    assert stated[:6] == pytest.approx(
        [weight, threshold, missed, sick.sum(), false, (~sick).sum()]
    )
    assert stated[6] == pytest.approx(same, abs=6e-4)
    assert stated[7:9] == other
    mean = sigmoid(classification.diagnosis(float(weight)).logits).mean()
    assert stated[9:] == pytest.approx([mean, sick.mean()], abs=6e-3)


@pytest.mark.parametrize("weights", ["none", "1 / frequency"])
@pytest.mark.parametrize("τ", [0.0, 1.0])
def test_long_tail_states_what_adjusted_logits_find(weights, τ):
    run = classification.long_tailed(weights != "none")
    said = (run.logits - τ * np.log(classification.TAIL)).argmax(axis=1)
    found = np.array([(said[run.truth == k] == k).mean() for k in range(10)])
    stated = numbers("long_tail", strength_τ=τ, class_weights=weights)[-3:]
    usual = found @ classification.TAIL / classification.TAIL.sum()
    assert stated == pytest.approx([100 * found[9], 100 * found.mean(), 100 * usual], abs=0.51)


@pytest.mark.parametrize("wrong", [0.0, 0.3])
def test_label_smoothing_states_accuracy_and_confidence_in_percent(wrong):
    for ε in (0.0, 0.6):
        run = classification.smoothed(ε, wrong)
        stated = numbers("label_smoothing", smoothing_ε=ε, wrong_labels=wrong)
        expected = [ε, 100 * wrong, 100 * run.accuracy, 100 * run.confidence]
        assert stated == pytest.approx(expected, abs=0.51)


@pytest.mark.parametrize("m", [-3.0, -1.0, 0.5, 3.0])
def test_margins_states_losses_and_slopes(m):
    losses = [m <= 0, max(0, -m), max(0, 1 - m), max(0, 1 - m) ** 2]
    losses += [math.log1p(math.exp(-m)), math.exp(-m)]
    slopes = [0, m < 0, m < 1, 2 * max(0, 1 - m), 1 / (1 + math.exp(m)), math.exp(-m)]
    stated = caption("margins", margin=m, show="loss")
    for show, expected in (("loss", losses), ("slope", slopes)):
        text = caption("margins", margin=m, show=show).partition(": ")[2].replace("0-1", "step")
        stated = [float(n) for n in NUMBER.findall(text)]
        assert stated == pytest.approx([float(v) for v in expected], abs=5.1e-3)


def calibration_error(p, truth, bins):
    place = np.ceil(p * bins).clip(1, bins)
    return sum(abs((truth - p)[place == b].sum()) for b in range(1, bins + 1)) / len(p)


@pytest.mark.parametrize("trained_with", ["log loss", "focal, γ = 2"])
@pytest.mark.parametrize("t", [0.5, 1.0, 5.0])
def test_reliability_states_log_loss_brier_score_and_calibration_error(t, trained_with):
    logits, truth = classification.overconfident(classification.TRAINED_WITH[trained_with])
    p = sigmoid(logits / t)
    expected = [
        t,
        -np.log(np.where(truth == 1, p, 1 - p)).mean(),
        ((p - truth) ** 2).mean(),
        calibration_error(p, truth, 10),
    ]
    *stated, right, _ = re.findall(
        NUMBER, caption("reliability", temperature=t, trained_with=trained_with) + " 0"
    )
    assert [float(n) for n in stated[-4:]] == pytest.approx(expected, abs=6e-4)
    assert float(right) == pytest.approx(100 * ((logits > 0) == truth).mean(), abs=0.51)


@pytest.mark.parametrize("forecasts", [100, 1600])
def test_calibration_bins_states_the_error_and_that_of_perfect_models(forecasts):
    p, truth = (each[:forecasts] for each in classification._cooled(1697))
    rng = np.random.default_rng(7)
    perfect = [calibration_error(p, rng.random(forecasts) < p, 15) for _ in range(400)]
    expected = [calibration_error(p, truth, 15), *np.percentile(perfect, [50, 5, 95])]
    stated = numbers("calibration_bins", bins=15, forecasts=forecasts)
    assert stated[:3] == pytest.approx([forecasts, 15, expected[0]], abs=6e-4)
    assert stated[3:] == pytest.approx(expected[1:], abs=0.008)


def test_a_drawn_digit_has_one_path_for_each_shade():
    pixels = np.zeros(64)
    pixels[[0, 9]], pixels[63] = 0.5, 1.0

    def draw(ax):
        draw_digit(ax, pixels)
        return "three pixels"

    svg = Stage(draw).frame({}).svg
    assert len(re.findall(r"<path d=\"[^\"]*\"[^>]*fill: currentColor", svg)) == 2
    assert svg.count("opacity: 0.5") >= 1
