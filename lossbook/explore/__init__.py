"""One Python function, one interactive figure, on two fronts.

>>> from lossbook.explore import explore
>>> def parabola(ax, prediction):
...     ax.plot([0, 1, 2], [0, 1, 4])
...     return f"prediction {prediction}: squared error {prediction**2}"
>>> figure = explore(parabola, prediction=(0, 2, 1))
>>> figure.caption
'prediction 1: squared error 1'

In a live notebook the figure has real ipywidgets controls. While a website is built, the same
call draws every position once, and the page shows them without a kernel. The environment variable
``EXPLORE_FRONT`` says which: ``live``, ``static``, or ``page``, which is ``static`` with style and
script in the first figure shown, for a notebook that becomes a single file. With ``kept`` nothing
is drawn: the page on which the code runs has the figure already.

The package imports nothing else of lossbook: any book may use it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lossbook.explore.frame import FAINT, INK, MUTED, PAPER, Frame, Stage, figure, panel
from lossbook.explore.handles import handle
from lossbook.explore.parameters import MAX_POSITIONS, Grid
from lossbook.explore.sources import note

if TYPE_CHECKING:
    from lossbook.explore.kept import KeptFigure
    from lossbook.explore.live import LiveFigure
    from lossbook.explore.static import StaticFigure

__all__ = [
    "FAINT",
    "FRONT_VARIABLE",
    "INK",
    "MAX_POSITIONS",
    "MUTED",
    "PAPER",
    "Frame",
    "Grid",
    "Stage",
    "explore",
    "figure",
    "handle",
    "panel",
]

FRONT_VARIABLE = "EXPLORE_FRONT"
"""The environment variable that picks the front; it is ``live`` where the variable is not set."""

FRONTS = ("live", "static", "page", "kept")


def explore(
    draw: Callable[..., str],
    /,
    *,
    label: str | None = None,
    max_positions: int | None = MAX_POSITIONS,
    **parameters: Any,
) -> LiveFigure | StaticFigure | KeptFigure:
    """Put controls in front of a function that draws a figure.

    Parameters
    ----------
    draw : callable
        ``draw(ax, **values)`` or ``draw(fig, **values)``: the name of the first argument says
        whether it gets one Matplotlib ``Axes`` or a whole ``Figure``. It draws one position and
        returns the caption, a sentence with the numbers of that position. The caption is also
        the figure's text alternative.
    label : str, optional
        What the group of controls is called for a screen reader. By default the name of `draw`
        in words.
    max_positions : int or None
        The most positions that the grid of all controls may have; ``None`` lifts the limit, for
        a figure that only ever lives in a kernel.
    **parameters
        One control for each argument of `draw`, written as in ``ipywidgets.interact``:
        ``(min, max, step)`` or ``(min, max)`` for a slider, a list of values, a list of
        ``(label, value)`` pairs or a dict ``{label: value}`` for a choice, a bool for a check
        box, or an ipywidgets control. The first position shown is the default of `draw`'s
        argument, if it has one; else the middle of a range and the first of a list. A parameter
        named ``epoch(s)``, ``step(s)`` or ``iteration(s)``, or given as ``widgets.Play``, also
        gets a play button.

    Returns
    -------
    LiveFigure or StaticFigure
        Shown by being the last expression of its cell. Both have ``caption`` and ``svg``.

    Raises
    ------
    TypeError
        If `draw` has no argument of that name, needs one that is not given, returns something
        else than a string, or if a parameter is none of the forms above.
    ValueError
        If a range or list is empty, a step is not positive or does not lead to the end of its
        range, the default is not a position, the caption is empty, or the grid is too large; the
        message then names the number of positions. If a handle's parameter is a check box, or if a
        handle has the same place at every position of its parameter.

    Notes
    -----
    A live figure draws a function of the notebook anew at each move. A function of a module must
    draw the same picture for the same values: what it has drawn is kept, and while the reader
    looks, the positions to which the moved control can lead are drawn ahead.

    Examples
    --------
    >>> def line(ax, slope=0.3, dashed=False):
    ...     ax.plot([0, 1], [0, slope], "--" if dashed else "-")
    ...     return f"slope {slope}"
    >>> explore(line, slope=(0.0, 1.0, 0.1), dashed=False)
    slope 0.3
    >>> explore(line, slope=(0.0, 1.0, 0.3))
    Traceback (most recent call last):
      ...
    ValueError: slope=(0.0, 1.0, 0.3): steps of 0.3 from 0.0 end at 0.9, not at 1.0; \
change the end or the step
    """
    front = os.environ.get(FRONT_VARIABLE, "live")
    if front not in FRONTS:
        allowed = ", ".join(FRONTS)
        raise ValueError(f"{FRONT_VARIABLE}={front!r} in the environment; allowed: {allowed}")
    if front == "kept":
        from lossbook.explore.kept import KeptFigure

        return KeptFigure(label or getattr(draw, "__name__", type(draw).__name__).replace("_", " "))
    grid = Grid.of(draw, parameters, max_positions=max_positions)
    stage = Stage(draw)
    label = stage.name.replace("_", " ") if label is None else label
    # Imported here: the static front needs no widgets, the live one no files.
    if front != "live":
        from lossbook.explore.static import StaticFigure

        note(draw)
        return StaticFigure(stage, grid, label=label, brings_assets=front == "page")
    from lossbook.explore.live import LiveFigure

    return LiveFigure(stage, grid, label=label)
