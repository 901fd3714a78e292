"""The picture of a loss card: the loss of one example and its derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lossbook.explore import INK, MUTED, figure
from lossbook.figures.style import GRADIENT, LOSS, TEXT_SIZE, name_axes, panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from lossbook.cards import Card


@figure(size=(5.4, 1.9))
def draw_card(fig: Figure, card: Card) -> str:
    """Draw a card's curves: on the left the loss, on the right its derivative, over one variable.

    Look for where the derivative is flat (every example pulls alike), where it grows, and where it
    comes back to zero (far examples are ignored).
    """
    height = fig.get_figheight()
    for left, right, y, color, name in (
        (0.42, 2.54, card.value, LOSS, "loss"),
        (3.2, 5.32, card.slope, GRADIENT, "derivative"),  # room for −0.50 before it
    ):
        ax = panel(fig, left, right, 0.48, height - 0.32)
        low, high = _limits(y)
        ax.axhline(0, color=MUTED, linewidth=0.8)
        y = np.where(np.isfinite(y), y, np.nan)
        shown = _corners(card.x, np.clip(y, 2 * low - high, 2 * high - low), (high - low) / 500)
        ax.plot(card.x[shown], y[shown], color=color, linewidth=2.2)
        ax.set(xlim=(card.x[0], card.x[-1]), ylim=(low, high))
        ax.locator_params(nbins=4)
        ax.tick_params(labelsize=TEXT_SIZE, colors=INK)
        name_axes(ax, x=card.variable, y=name)
    return card.caption


def _limits(y: NDArray) -> tuple[float, float]:
    """Return limits that leave out the few values near a pole."""
    shown = y[np.isfinite(y)]
    if not shown.size:  # a reader's own loss, without its gradient yet
        return -0.5, 0.5
    low, high = np.quantile(shown, [0.02, 0.98])
    if np.ptp(shown) < 2 * (high - low):  # no pole
        low, high = shown.min(), shown.max()
    low, high = min(low, 0.0), max(high, 0.0)
    gap = 0.08 * (high - low) or 0.5
    return low - gap, high + gap


def _corners(x: NDArray, y: NDArray, tolerance: float) -> list[int]:
    """Return the places of the few points whose polygon stays within a tolerance of the curve."""
    kept, pending = [0], [(0, len(x) - 1)]
    while pending:
        first, last = pending.pop()
        part = slice(first, last + 1)
        straight = np.interp(x[part], x[[first, last]], y[[first, last]])
        off = np.abs(y[part] - straight)
        worst = first + int(np.argmax(off))
        if last - first > 1 and off.max() > tolerance:
            pending += [(worst, last), (first, worst)]
        else:
            kept.append(last)
    return kept
