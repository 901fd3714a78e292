"""The digits network: what chapters 2 and 4 train, once, and then look at from all sides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lossbook import (
    MLP,
    Adam,
    Cost,
    binary_cross_entropy_with_logits,
    categorical_cross_entropy_with_logits,
    train,
)
from lossbook.datasets import load_handwritten_digits, split
from lossbook.figures.style import pixels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from lossbook import History

__all__ = ["HEADS", "LABELS", "Digits", "Run", "digits", "draw_digit", "heads_targets", "network"]

EPOCHS = 30
HIDDEN = 32

#: What is asked of a digit where several labels are given at once, and which digits have it. A 4
#: is written with an open top or a closed one, so it does not count as having a loop.
LABELS = {
    "even": (0, 2, 4, 6, 8),
    "prime": (2, 3, 5, 7),
    "closed loop": (0, 6, 8, 9),
    "at least five": (5, 6, 7, 8, 9),
}
#: Each head by name, with the number of its outputs.
HEADS = {"multi-class": 10, "binary": 1, "multi-label": len(LABELS)}


class Digits(NamedTuple):
    """The digits in two parts: pixels from 0 to 1, one row of 64 per image, and the digits."""

    X_train: NDArray[np.float64]
    y_train: NDArray[np.int64]
    X_test: NDArray[np.float64]
    y_test: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Run:
    """A trained network, with its history.

    Attributes
    ----------
    model : MLP
        With the parameters of the last epoch.
    history : History
        Cost and parameters after each epoch.
    """

    model: MLP
    history: History

    def logits(self, X: NDArray[np.float64], epoch: int = -1) -> NDArray[np.float64]:
        """Return what the network of an epoch, by default the last, makes of images."""
        return self.model.with_parameters(self.history.at(epoch)).forward(X)


@cache
def digits() -> Digits:
    """Return the digits: three quarters to train on, one quarter held out."""
    data = load_handwritten_digits()
    pixels = data.images.reshape(len(data), -1) / 16
    training, test = split(len(data), test_share=0.25, seed=0)
    return Digits(pixels[training], data.labels[training], pixels[test], data.labels[test])


def heads_targets(head: str, labels: NDArray[np.int64]) -> NDArray[Any]:
    """Return what a head is to predict for digits.

    The digit itself ("multi-class"), whether it is at least five ("binary"), or one 0 or 1 for
    each of :data:`LABELS` ("multi-label").

    Examples
    --------
    >>> heads_targets("multi-label", np.array([6, 7]))
    array([[1, 0, 1, 1],
           [0, 1, 0, 1]])
    """
    if head == "multi-class":
        return labels
    if head == "binary":
        return (labels >= 5).astype(int)
    if head == "multi-label":
        return np.column_stack([np.isin(labels, having) for having in LABELS.values()]).astype(int)
    raise ValueError(f"head must be one of {', '.join(HEADS)}: got {head!r}")


def draw_digit(ax: Axes, image: NDArray[np.float64]) -> None:
    """Draw an image of 8 × 8 pixels from 0 to 1, ink in the colour of the page's text."""
    ax.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    ax.set_axis_off()
    pixels(ax, np.reshape(image, (8, 8)), 0, 0, 1)


@cache
def network(head: str = "multi-class") -> Run:
    """Train one hidden layer of 32 units on the digits, with one of :data:`HEADS`.

    Mini-batches of 32, Adam with a learning rate of 0.003, and the cross-entropy that belongs to
    the head.
    """
    data = digits()
    loss = binary_cross_entropy_with_logits
    if head == "multi-class":
        loss = categorical_cross_entropy_with_logits
    targets = heads_targets(head, data.y_train)
    model = MLP((64, HIDDEN, HEADS[head]), seed=0)
    history = train(
        model,
        data.X_train,
        targets,
        Cost(loss),
        Adam(learning_rate=0.003),
        epochs=EPOCHS,
        batch_size=32,
        seed=0,
    )
    return Run(model, history)
