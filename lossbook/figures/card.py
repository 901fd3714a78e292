"""The picture of a loss card: the loss of one example and its derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lossbook.explore import INK, MUTED
from lossbook.figures.style import GRADIENT, LOSS, TEXT_SIZE, name_axes, panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from lossbook.cards import Card


def draw_card(fig: Figure, card: Card) -> str:
    """Draw a card's curves: above the loss, below its derivative, over the same variable.

    Look for where the derivative is flat (every example pulls alike), where it grows, and where it
    comes back to zero (far examples are ignored).
    """
    width, height = fig.get_size_inches()
    middle = height / 2
    for bottom, top, y, color, name in (
        (middle + 0.1, height - 0.35, card.value, LOSS, "loss"),
        (0.45, middle - 0.3, card.slope, GRADIENT, "derivative"),
    ):
        ax = panel(fig, 0.55, width - 0.15, bottom, top)
        shown = y[np.isfinite(y)]
        low, high = (shown.min(), shown.max()) if shown.size else (0.0, 1.0)
        gap = 0.08 * (high - low) or 0.5
        ax.axhline(0, color=MUTED, linewidth=0.8)
        ax.plot(card.x, y, color=color, linewidth=2.2)
        ax.set_xlim(card.x[0], card.x[-1])
        ax.set_ylim(low - gap, high + gap)
        ax.tick_params(labelsize=TEXT_SIZE, colors=INK)
        name_axes(ax, x=card.variable if name == "derivative" else "", y=name)
    start, end = card.x[0], card.x[-1]
    return (
        f"{card.name}: the loss is {card.value[0]:.3g} at {start:.3g}, least "
        f"({np.min(card.value):.3g}) at {card.x[int(np.argmin(card.value))]:.3g} and "
        f"{card.value[-1]:.3g} at {end:.3g}; "
        f"{'; '.join(f'{heading}: {text}' for heading, text in card.facts.items())}."
    )
