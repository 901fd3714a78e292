"""The front of the Python in a page: the figure stands there already, and moves without it."""

from __future__ import annotations

__all__ = ["KeptFigure"]


class KeptFigure:
    """What a call of ``explore`` returns where the page keeps the figure that was drawn for it.

    Parameters
    ----------
    label : str
        What the figure is called.
    """

    stays_on_the_page = True

    def __init__(self, label: str) -> None:
        self.label = label

    def __repr__(self) -> str:
        return (
            f"The figure “{self.label}” stays as it is on the page: its controls work without "
            "Python. To draw it anew after a change of the code needs a kernel with Matplotlib."
        )
