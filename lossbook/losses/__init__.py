"""The losses, and what a loss is."""

from lossbook.losses._domains import Distribution, Domain, Interval, Labels
from lossbook.losses._loss import Declaration, Elsewhere, Formula, Loss, Source, loss
from lossbook.losses.binary import *  # noqa: F403
from lossbook.losses.binary import __all__ as _binary
from lossbook.losses.distributions import *  # noqa: F403
from lossbook.losses.distributions import __all__ as _distributions
from lossbook.losses.likelihoods import *  # noqa: F403
from lossbook.losses.likelihoods import __all__ as _likelihoods
from lossbook.losses.multiclass import *  # noqa: F403
from lossbook.losses.multiclass import __all__ as _multiclass
from lossbook.losses.overlap import *  # noqa: F403
from lossbook.losses.overlap import __all__ as _overlap
from lossbook.losses.regression import *  # noqa: F403
from lossbook.losses.regression import __all__ as _regression
from lossbook.losses.similarity import *  # noqa: F403
from lossbook.losses.similarity import __all__ as _similarity

__all__ = [
    "Declaration",
    "Distribution",
    "Domain",
    "Elsewhere",
    "Formula",
    "Interval",
    "Labels",
    "Loss",
    "Source",
    "loss",
    *_binary,
    *_distributions,
    *_likelihoods,
    *_multiclass,
    *_overlap,
    *_regression,
    *_similarity,
]
