"""Make the search index whole, and have it know what people type.

The words that others use for the subject of a section stand in :data:`ALSO_CALLED`. They are index
entries that no page shows, so a search for one of them finds that section first.

Sphinx takes the index of the last build and feeds it the pages that it writes anew. On the way it
loses the index entries of all other pages (sphinx-doc/sphinx#12599), by which a reader finds the
terms of the glossary and the functions, and it keeps words that no page has any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sphinx.util.index_entries import split_index_msg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx


ALSO_CALLED = {
    "ch1-likelihood": "negative log likelihood; nll loss; maximum likelihood",
    "ch1-metric": "accuracy loss; loss vs metric",
    "ch1-regularisation": "regularization; weight decay; l1 and l2; l1 regularization;"
    " l2 regularization; lasso; ridge; overfitting",
    "ch2-backpropagation": "backprop; back propagation; autograd",
    "ch2-batch": "minibatch; mini batch; sgd; stochastic gradient descent; batch size",
    "ch2-initialisation": "weight initialization; dead units",
    "ch2-update": "step size; diverging loss; exploding gradient",
    "ch3-censored": "tobit; tobit regression; censoring; censored data; detection limit",
    "ch3-counts": "count regression; poisson regression; negative binomial; overdispersion",
    "ch3-crps": "crps; continuous ranked probability score; probabilistic forecast",
    "ch3-estimates": "mean or median",
    "ch3-huber": "smooth l1; smooth l1 loss; smoothl1loss; log cosh",
    "ch3-mae": "mae; l1 loss; l1loss; absolute loss; least absolute deviations",
    "ch3-mse": "mse; mseloss; mse loss; l2 loss; squared loss; quadratic loss; least squares",
    "ch3-outliers": "outlier; robust loss; robust regression",
    "ch3-pinball": "quantile loss; quantile regression; prediction interval",
    "ch3-redescending": "tukey biweight; cauchy loss",
    "ch3-scale": "rmse; root mean squared error; mape; msle; percentage error",
    "ch3-uncertainty": "gaussian nll; gaussiannllloss; heteroscedastic; heteroskedastic",
    "ch4-binary": "bce; bceloss; bce loss; log loss; logloss; logistic loss; logistic regression;"
    " binary cross entropy; binary crossentropy",
    "ch4-bins": "ece bins; top-label; classwise ece",
    "ch4-calibration": "brier; brier score; ece; overconfident; temperature scaling",
    "ch4-costs": "cost sensitive; decision threshold; false negative",
    "ch4-focal": "focalloss; focal loss",
    "ch4-imbalance": "imbalance; imbalanced; unbalanced; class imbalance; class weight;"
    " pos_weight; rare class",
    "ch4-logit-adjustment": "long tail; long-tailed; rare classes; prior shift; label shift",
    "ch4-margins": "svm; hinge loss; exponential loss",
    "ch4-multiclass": "cross entropy loss; crossentropyloss; softmax loss; cce; multiclass;"
    " categorical cross entropy; categorical crossentropy; sparse categorical crossentropy",
    "ch4-multilabel": "multilabel; multi label; multiple labels",
    "ch4-numbers": "logsumexp; log sum exp; nan; nan loss; overflow; numerical stability;"
    " from_logits; bcewithlogitsloss; bce with logits",
    "ch4-smoothing": "noisy labels; label noise; label_smoothing",
    "ch4-squared": "mse for classification; vanishing gradient",
    "ch5-chooser": "which loss; choose a loss; loss function list",
    "ch5-own": "custom loss; own loss; custom loss function; gradient check",
    "ch6-distillation": "knowledge distillation; teacher student",
    "ch6-ordinal": "ordinal regression; ordinal classification",
    "ch6-overlap": "dice; dice loss; iou; jaccard; segmentation",
    "ch6-pairs": "dpo; rlhf; reward model; ranking loss; bradley terry; learning to rank",
    "ch6-several": "multi task; multitask; loss weights; multiple losses",
    "ch6-tokens": "perplexity; language model loss; ignore_index; padding",
}
"""What people type to find a section, by the section's label."""


def connect(app: Sphinx) -> None:
    """Complete the index after the last page, and before it is stored."""
    app.connect("html-collect-pages", _complete)


def _complete(app: Sphinx) -> Iterable[Any]:
    if indexer := getattr(app.builder, "indexer", None):
        known = app.env.get_domain("index").data["entries"]
        labels = app.env.get_domain("std").data["labels"]
        entries = {page: _texts(known.get(page, ())) for page in app.env.found_docs}
        for label in sorted(ALSO_CALLED.keys() & labels.keys()):
            page, place, _title = labels[label]
            entries[page] += [(words, place, "main") for words in ALSO_CALLED[label].split("; ")]
        _mend(indexer, entries)
    return ()


def _mend(indexer: Any, entries: dict[str, list[tuple[str, str, str]]]) -> None:
    # What Sphinx keeps for itself: there is no public way to what an index holds.
    for words in (indexer._mapping, indexer._title_mapping):
        for word in [word for word, pages in words.items() if not pages]:
            del words[word]
    indexer._index_entries = {page: entries[page] for page in sorted(indexer._titles)}


def _texts(entries: Iterable[tuple]) -> list[tuple[str, str, str]]:
    """Return what the search index holds of a page's index entries: text, place, and rank."""
    return sorted(
        {
            (text, place or "", rank)
            for kind, value, place, rank, _key in entries
            for text in split_index_msg(kind, value)
        }
    )
