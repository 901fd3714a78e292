"""Which loss of PyTorch, Keras, optax and scikit-learn is which of ours, or why it is none.

Most of it stands in the declarations (``loss.declaration.elsewhere``); here are the other names of
the same losses, and the reasons for those that are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["OTHER_NAMES", "REASONS", "Row", "coverage"]

_OUR_FORM = "our form; the prediction comes first, as a logarithm"

#: (library, name there) to (our loss, what differs).
OTHER_NAMES = {
    ("PyTorch", "linear_cross_entropy"): (
        "categorical_cross_entropy_with_logits",
        "applies the last linear layer itself",
    ),
    ("PyTorch", "multilabel_soft_margin_loss"): (
        "binary_cross_entropy_with_logits",
        "averages over the labels of an example, and over the examples",
    ),
    ("PyTorch", "triplet_margin_with_distance_loss"): (
        "triplet",
        "takes any distance; with the Euclidean one it is ours",
    ),
    ("Keras", "CategoricalHinge"): ("multiclass_hinge", "averages; takes one-hot rows"),
    ("optax", "binary_dice_loss"): (
        "dice",
        "takes logits; the prediction comes first; its smooth counts twice",
    ),
    ("optax", "dice_loss"): (
        "dice",
        "takes logits of several classes; the prediction comes first; its smooth counts twice",
    ),
    ("optax", "convex_kl_divergence"): ("kl_divergence", _OUR_FORM),
    ("optax", "generalized_kl_divergence"): ("kl_divergence", _OUR_FORM),
    ("optax", "kl_divergence_with_log_targets"): ("kl_divergence", "takes logarithms of both"),
    ("optax", "cosine_similarity"): ("cosine_distance", "1 minus ours"),
    ("optax", "ntxent"): ("info_nce", "builds the similarities of a batch itself"),
    ("optax", "safe_softmax_cross_entropy"): (
        "categorical_cross_entropy_with_logits",
        "the prediction comes first; allows logits of -∞",
    ),
    ("optax", "sparsemax_loss"): ("sparsemax_loss", "for two classes and one logit"),
    ("scikit-learn", "hamming_loss"): ("zero_one", "averages over labels; takes labels"),
    ("scikit-learn", "root_mean_squared_error"): ("squared_error", "root of the mean"),
    ("scikit-learn", "root_mean_squared_log_error"): ("squared_log_error", "root of the mean"),
    ("scikit-learn", "median_absolute_error"): ("absolute_error", "median over the examples"),
    ("scikit-learn", "max_error"): ("absolute_error", "maximum over the examples"),
}

_ALIGNMENT = "aligns sequences of unknown length: neither regression nor classification"
_RANKING = "judges the order of a whole list, not one example"
_ORDER = "judges only the order of the labels of an example: a metric, flat almost everywhere"

#: (library, name there) to the reason why there is no loss of ours.
REASONS = {
    ("PyTorch", "AdaptiveLogSoftmaxWithLoss"): "a layer with its loss, for very many classes",
    ("PyTorch", "ctc_loss"): _ALIGNMENT,
    ("Keras", "CTC"): _ALIGNMENT,
    ("optax", "ctc_loss"): _ALIGNMENT,
    ("optax", "ctc_loss_with_forward_probs"): _ALIGNMENT,
    ("PyTorch", "multilabel_margin_loss"): (
        "the hinge of each true label against each other one; binary_cross_entropy_with_logits or "
        "hinge per label do its work with labels that are independent"
    ),
    ("Keras", "Circle"): "learns a metric from all pairs of a batch, not one example",
    ("optax", "make_fenchel_young_loss"): "makes losses; it is none itself",
    ("optax", "multiclass_generalized_dice_loss"): (
        "dice with a weight for each class from the whole batch, not one example"
    ),
    ("optax", "multiclass_perceptron_loss"): "multiclass_hinge without its margin, for history",
    ("optax", "ranking_softmax_loss"): _RANKING,
    ("optax", "smooth_labels"): "a helper; ours is the parameter label_smoothing",
    ("scikit-learn", "coverage_error"): _ORDER,
    ("scikit-learn", "label_ranking_loss"): _ORDER,
}


@dataclass(frozen=True)
class Row:
    """One loss of another library: which of ours it is, and what differs; or why it is none."""

    library: str
    name: str
    ours: str
    note: str


def coverage(names: dict[str, Iterable[str]]) -> list[Row]:
    """Return a row for each loss of other libraries.

    Parameters
    ----------
    names : mapping of str to iterable of str
        Library to the names of its losses.

    Returns
    -------
    list of Row

    Raises
    ------
    LookupError
        A name has neither a loss of ours nor a reason.

    Examples
    --------
    >>> coverage({"PyTorch": ["huber_loss"]})[0].ours
    'huber'
    """
    import lossbook

    losses = [getattr(lossbook, n) for n in lossbook.__all__]
    losses = [each for each in losses if isinstance(each, lossbook.Loss)]
    rows = []
    for library, theirs in names.items():
        for name in theirs:
            if (library, name) in OTHER_NAMES:
                rows.append(Row(library, name, *OTHER_NAMES[library, name]))
                continue
            if (library, name) in REASONS:
                rows.append(Row(library, name, "", REASONS[library, name]))
                continue
            pattern = re.compile(rf"\b{name}\b")
            ours, note = next(
                (
                    (each.name, there.differs)
                    for each in losses
                    if (there := each.declaration.elsewhere.get(library))
                    and (pattern.search(there.call) or pattern.search(there.differs))
                ),
                ("", ""),
            )
            if not ours:
                raise LookupError(f"{library}: {name} has neither a loss of ours nor a reason")
            rows.append(Row(library, name, ours, note))
    return rows
