"""What a user writes, checked with `mypy --strict`: costs, training, a loss of their own."""

import numpy as np
from numpy.typing import NDArray

from lossbook import (
    L2,
    Adam,
    Cost,
    Formula,
    GradientDescent,
    Linear,
    Momentum,
    card,
    check_gradient,
    huber,
    loss,
    softmax,
    train,
)
from lossbook.fitting import fit_line
from lossbook.losses import Loss


@loss(estimates="a quantile")
def lateness(
    y_true: NDArray[np.float64], y_pred: NDArray[np.float64], *, ratio: float = 4.0
) -> Formula:
    late = y_true - y_pred
    return Formula(value=np.where(late > 0, ratio * late, -late), gradient=lambda: -np.sign(late))


def compare(losses: list[Loss], x: list[float], y: list[float]) -> dict[str, float]:
    """Return the slope of the best line under each loss."""
    return {each.name: fit_line(x, y, each).slope for each in losses}


X, y = np.linspace(0, 1, 20)[:, np.newaxis], np.linspace(1, 3, 20)
cost = Cost(huber.bind(delta=2), penalties=[L2(0.01)], class_weight=None)
for optimizer in (GradientDescent(0.1), Momentum(0.1), Adam()):
    model = Linear(1)
    history = train(model, X, y, cost, optimizer, epochs=5, mask=np.ones(20, dtype=bool))
    last: float = float(history.cost[-1])
history = train(Linear(1), X, y, cost, GradientDescent(0.1), 3)
values: NDArray[np.floating] = huber([1.0, 2.0], [1.5, 2.5], delta=1)
value, slope = lateness.value_and_gradient(y, y + 1)
print(compare([huber, lateness], [0, 1, 2], [1, 2, 4]), bool(check_gradient(huber)))
text: str = repr(card(lateness)) + str(softmax([0.0, 1.0]))
