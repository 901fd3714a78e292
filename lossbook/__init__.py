"""Loss functions for regression and classification, in NumPy.

``import lossbook`` loads numpy and nothing else heavy: the interactive figures
(:mod:`lossbook.explore`, :mod:`lossbook.figures`) are imported on their own.
"""

from lossbook import datasets, losses
from lossbook._version import __version__
from lossbook.activations import (
    class_numbers,
    log_sigmoid,
    log_softmax,
    one_hot,
    sigmoid,
    softmax,
)
from lossbook.assessment import Assessment, assess
from lossbook.calibration import (
    Reliability,
    adjust_logits,
    expected_calibration_error,
    fit_temperature,
    perplexity,
    reliability,
)
from lossbook.cards import Card, card
from lossbook.choosing import Choice, choose
from lossbook.losses import *  # noqa: F403
from lossbook.models import MLP, Linear
from lossbook.objective import L1, L2, Cost, Objective
from lossbook.training import (
    Adam,
    DivergenceError,
    GradientCheck,
    GradientDescent,
    History,
    Momentum,
    check_gradient,
    train,
)

__all__ = [
    "L1",
    "L2",
    "MLP",
    "Adam",
    "Assessment",
    "Card",
    "Choice",
    "Cost",
    "DivergenceError",
    "GradientCheck",
    "GradientDescent",
    "History",
    "Linear",
    "Momentum",
    "Objective",
    "Reliability",
    "__version__",
    "adjust_logits",
    "assess",
    "card",
    "check_gradient",
    "choose",
    "class_numbers",
    "datasets",
    "expected_calibration_error",
    "fit_temperature",
    "log_sigmoid",
    "log_softmax",
    "one_hot",
    "perplexity",
    "reliability",
    "sigmoid",
    "softmax",
    "train",
]
__all__ += losses.__all__
