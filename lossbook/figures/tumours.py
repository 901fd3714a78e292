"""The 21 tumours that chapter 1 classifies with a single weight: data and scores, no drawing."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from lossbook import Cost, binary_cross_entropy_with_logits
from lossbook.datasets import load_breast_cancer

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BIAS", "tumour_scores", "tumours"]

#: The model is z = w · radius + BIAS, and only w moves.
BIAS = -15.0


@cache
def tumours() -> tuple[NDArray, NDArray]:
    """Return mean radius and diagnosis (1 malignant) of every 28th tumour, by radius."""
    data = load_breast_cancer()
    radius, malignant = data.features[::28, 0], data.malignant[::28].astype(float)
    order = np.argsort(radius, kind="stable")
    return radius[order], malignant[order]


def tumour_scores(w: float) -> tuple[float, float, float]:
    """Return accuracy, mean log loss and the slope of the log loss dJ/dw of the 21 tumours."""
    radius, malignant = tumours()
    logits = w * radius + BIAS
    J, to_logits = Cost(binary_cross_entropy_with_logits).value_and_gradient(malignant, logits)
    return float(((logits > 0) == malignant).mean()), J, float(to_logits @ radius)
