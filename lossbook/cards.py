"""Loss cards: all that is known of a loss on one card, for ours and for a reader's own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossbook.losses import Loss
from lossbook.text import number

__all__ = ["Card", "card", "redescends"]


@dataclass(frozen=True, eq=False)
class Card:
    """The card of one loss; made by :func:`card`.

    Attributes
    ----------
    name : str
        The loss, with the parameters that it is drawn with.
    equations : tuple of str
        Value and derivative in TeX; none where the loss declares none.
    facts : dict of str to str
        What is known, by heading: task, use, what it estimates, outliers, source, ...
    elsewhere : dict of str to str
        Library to the call there and what differs.
    variable : str
        What the curves are drawn against.
    x, value, slope : ndarray
        The curves: the loss of one example and its derivative.
    """

    name: str
    equations: tuple[str, ...]
    facts: dict[str, str]
    elsewhere: dict[str, str]
    variable: str
    x: NDArray[np.float64]
    value: NDArray[np.float64]
    slope: NDArray[np.float64]

    def draw(self, fig: Any) -> str:
        """Draw the two curves on a matplotlib figure and return :attr:`caption`."""
        from lossbook.figures.card import draw_card

        return draw_card(fig, self)

    @property
    def caption(self) -> str:
        """The curves in one sentence."""
        (start, value), (end, last) = (self.x[0], self.value[0]), (self.x[-1], self.value[-1])
        least = int(np.argmin(self.value))
        return (
            f"{self.name}: over the {self.variable}, the loss is {_number(value)} at "
            f"{_number(start)}, least ({_number(self.value[least])}) at {_number(self.x[least])} "
            f"and {_number(last)} at {_number(end)}; its derivative goes from "
            f"{_number(self.slope[0])} to {_number(self.slope[-1])}."
        )

    def __repr__(self) -> str:
        lines = [self.name, *(f"  {heading}: {text}" for heading, text in self.facts.items())]
        return "\n".join(
            lines + [f"  {library}: {call}" for library, call in self.elsewhere.items()]
        )

    def _repr_markdown_(self) -> str:
        rows = [f"### {self.name}", ""]
        for equation in self.equations:
            rows += [f"$${equation}$$", ""]
        rows += ["| what is known | of this loss |", "|---|---|"]
        rows += [f"| **{heading}** | {_cell(text)} |" for heading, text in self.facts.items()]
        rows += [f"| **{library}** | {_cell(call)} |" for library, call in self.elsewhere.items()]
        return "\n".join(rows)


def _number(value: float) -> str:
    return number(value, ".3g")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def card(loss: Loss, **parameters: Any) -> Card:
    """Return the card of any loss, ours or the reader's own.

    Parameters
    ----------
    loss : Loss
        The loss.
    **parameters
        Parameters to show it with, other than its defaults.

    Returns
    -------
    Card
        It shows itself in a notebook; ``.draw(fig)`` draws its curves.

    Raises
    ------
    TypeError
        ``loss`` is not a Loss.

    Examples
    --------
    >>> from lossbook import huber
    >>> print(card(huber, delta=2))  # doctest: +ELLIPSIS
    huber(delta=2.0)
      task: regression
      use: A few targets may be wild and the fit should settle smoothly; δ is in the unit ...
      estimates: usually between the median (small δ) and the mean (large δ)
      noise model: Gaussian in the middle with Laplace tails
      outliers: limited: the derivative is never larger than 2
      shape: convex, differentiable
      source: P. J. Huber (1964). Robust estimation of a location parameter.
      PyTorch: torch.nn.functional.huber_loss(y_pred, y_true) ...
    """
    if not isinstance(loss, Loss):
        raise TypeError(f"loss must be a Loss: got {loss!r}")
    loss = loss.bind(**parameters)
    d = loss.declaration
    x, value, slope = _curves(loss)
    facts = {
        "task": d.task,
        "use": d.use,
        "estimates": d.estimates,
        "noise model": d.noise_model,
        "outliers": _outliers(loss),
        "shape": _shape(loss),
        "source": str(d.source or ""),
    }
    return Card(
        name=repr(loss),
        equations=loss.equations,
        facts={heading: text for heading, text in facts.items() if text},
        elsewhere={
            library: f"{there.call} ({there.differs})" if there.differs else there.call
            for library, there in d.elsewhere.items()
        },
        variable=_variable(loss),
        x=x,
        value=value,
        slope=slope,
    )


def _shape(loss: Loss) -> str:
    convex = {True: "convex", False: "not convex", None: "convexity not stated"}[loss.convex]
    if loss.declaration.kink_distance is not None:
        return f"{convex}, with kinks"
    kinks = [_number(kink) for kink in sorted(set(loss.kinks))]
    if not kinks:
        return f"{convex}, differentiable"
    # Flat on both sides of it: there it is the loss itself that jumps.
    place = "jump" if loss.gradient_bound == 0 else "kink"
    return f"{convex}, {place}{'s' if len(kinks) > 1 else ''} at {', '.join(kinks)}"


def redescends(loss: Loss) -> bool:
    """Whether the derivative returns to zero far away, so that outliers lose their pull."""
    if loss.declaration.variable != "residual" or loss.gradient_bound in (None, 0, math.inf):
        return False
    if len(loss.predictions) > 1:
        return False
    far = loss.gradient(np.zeros(2), np.array([-1e9, 1e9]))
    return bool(np.all(np.abs(far) < 1e-3 * loss.gradient_bound))


def _outliers(loss: Loss) -> str:
    bound = loss.gradient_bound
    if bound is None:
        return ""
    if bound == math.inf:
        return "sensitive: the derivative grows without bound"
    if bound == 0:
        return "insensitive: there is no slope"
    limit = f"the derivative is never larger than {bound:.4g}"
    if redescends(loss):
        return f"insensitive: {limit}, and returns to 0 far away"
    return f"limited: {limit}"


def _variable(loss: Loss) -> str:
    """Return what the curves of a loss are drawn over."""
    d = loss.declaration
    if d.axis or not loss.domains[loss.predictions[0]].row:
        return d.axis or d.variable
    return f"{d.variable} of the first {'label' if d.task == 'multi-label' else 'class'}"


def _curves(loss: Loss) -> tuple[NDArray[np.float64], ...]:
    """Return places of the variable, and value and derivative there."""
    domains, name = loss.domains, loss.predictions[0]
    x = domains[name].places(1.6 * max([2.5, *map(abs, (*loss.kinks, *loss.seams))]))
    if loss.declaration.curve:
        name, arguments = loss.declaration.curve(x)
    else:
        arguments = {key: domain.typical(len(x)) for key, domain in domains.items()}
        if loss.declaration.variable == "residual" and domains[name].unlimited:
            arguments[name] = x + next(v for k, v in arguments.items() if k not in loss.predictions)
        else:
            arguments[name] = domains[name].along(x)
    try:
        value, slope = loss.value_and_gradient(*arguments.values())
    except NotImplementedError:  # a reader's own loss, not finished yet
        value, slope = loss(*arguments.values()), np.full(len(x), np.nan)
    if isinstance(slope, tuple):
        slope = slope[loss.predictions.index(name)]
    return x, value, slope[:, 0] if slope.ndim > 1 else slope
