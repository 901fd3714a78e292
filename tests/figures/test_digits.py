"""The digits network that chapters 2 and 4 look at."""

import numpy as np
import pytest

from lossbook.figures.digits import EPOCHS, HEADS, LABELS, digits, heads_targets, network


def test_no_digit_is_both_trained_on_and_held_out():
    data = digits()
    assert len(data.y_train) + len(data.y_test) == 1797
    assert len(np.unique(np.concatenate([data.X_train, data.X_test]), axis=0)) == 1797
    assert data.X_train.min() == 0
    assert data.X_train.max() == 1


def test_network_of_one_hidden_layer_reaches_95_percent_on_held_out_digits():
    data = digits()
    predicted = network().logits(data.X_test).argmax(axis=1)
    assert (predicted == data.y_test).mean() >= 0.95


@pytest.mark.parametrize("head", ["binary", "multi-label"])
def test_other_heads_reach_95_percent_of_their_labels(head):
    data = digits()
    targets = heads_targets(head, data.y_test)
    assert ((network(head).logits(data.X_test) > 0) == targets).mean() >= 0.95


@pytest.mark.parametrize("head", HEADS)
def test_run_keeps_every_epoch(head):
    run = network(head)
    assert len(run.history.cost) == EPOCHS + 1
    assert run.history.cost[-1] < run.history.cost[0] / 10
    X = digits().X_test
    np.testing.assert_array_equal(run.logits(X), run.model.forward(X))
    assert not np.array_equal(run.logits(X, epoch=1), run.logits(X))


def test_targets_of_the_heads():
    digits_0_to_9 = np.arange(10)
    assert heads_targets("multi-class", digits_0_to_9).tolist() == list(range(10))
    assert heads_targets("binary", digits_0_to_9).tolist() == [0] * 5 + [1] * 5
    labels = heads_targets("multi-label", digits_0_to_9)
    assert labels.shape == (10, len(LABELS))
    assert labels[7].tolist() == [0, 1, 0, 1]  # odd, prime, no loop, at least five
    with pytest.raises(ValueError, match="head must be one of multi-class, binary, multi-label"):
        heads_targets("regression", digits_0_to_9)
