"""Straight lines of lowest cost, one loss at a time, without a learning rate.

Gradient descent (:mod:`lossbook.training`) works for every differentiable cost, and it
leaves a question open: has it arrived? For a straight line through points there are
direct routes, and this module has the three that matter.

* :func:`least_squares_line`: the closed form for the squared error.
* :func:`pinball_line`: exact for the pinball loss, hence for the absolute error.
* :func:`reweighted_line`: iteratively reweighted least squares, for smooth losses.

:func:`fit_line` picks the route for a given loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lossbook.losses import Loss
from lossbook.losses.domains import (
    NON_NEGATIVE,
    REAL,
    UNIT_OPEN,
    check_labels,
    finite_array,
    whole_number,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Line", "fit_line", "least_squares_line", "pinball_line", "reweighted_line"]


class Line(NamedTuple):
    """A straight line ``slope * x + intercept``.

    Attributes
    ----------
    slope : float
        Change of the prediction per unit of ``x``.
    intercept : float
        Prediction at ``x = 0``.

    Examples
    --------
    >>> line = Line(slope=2.0, intercept=1.0)
    >>> line([3.0, 4.0])
    array([7., 9.])
    """

    slope: float
    intercept: float

    def __call__(self, x: ArrayLike) -> NDArray[np.floating]:
        """Return the predictions at ``x``."""
        slope, intercept = (REAL.parameter(k, v) for k, v in self._asdict().items())
        with np.errstate(over="ignore"):
            return slope * finite_array("x", x) + intercept


def fit_line(x: ArrayLike, y: ArrayLike, loss: Loss) -> Line:
    """Return the line of lowest mean loss, by the route that suits the loss.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        The points.
    loss : Loss
        A regression loss, with its parameters bound: ``huber.bind(delta=2)``.

    Returns
    -------
    Line
        Exact for what pulls as the squared error, the absolute error or the pinball loss do; by
        :func:`reweighted_line` for the others, with what is said there of losses that are
        not convex.

    Raises
    ------
    ValueError, TypeError, RuntimeError
        As the route that is taken: :func:`least_squares_line`, :func:`pinball_line` or
        :func:`reweighted_line`.

    Examples
    --------
    >>> from lossbook import absolute_error, huber, squared_error
    >>> x, y = [1, 2, 3, 4, 5], [1, 2, 3, 4, 50]
    >>> for loss in (squared_error, huber.bind(delta=2), absolute_error):
    ...     line = fit_line(x, y, loss)
    ...     print(f"{loss.name:14} {line.slope:5.2f} {line.intercept:6.2f}")
    squared_error  10.00 -18.00
    huber           2.00  -2.00
    absolute_error  1.00   0.00
    """
    _check_loss(loss)
    pulls = _pulls(loss)
    if pulls is not None:
        up, down, r = pulls
        if np.allclose(up / r, up[0] / r[0], 1e-12) and np.allclose(down, -up, 1e-12):
            return least_squares_line(x, y)
        if np.ptp(up) == np.ptp(down) == 0 and up[0] > 0 > down[0]:
            return pinball_line(x, y, quantile=float(-down[0] / (up[0] - down[0])))
    return reweighted_line(x, y, loss)


def _pulls(loss: Loss) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]] | None:
    """Return the slopes above and below the target at residuals of every size: what a loss is."""
    r = 10.0 ** np.arange(-150, 151)
    try:
        return loss.gradient(0 * r, r), loss.gradient(0 * r, -r), r
    except ValueError:  # it takes no such targets or predictions: not a loss of the residual
        return None


def least_squares_line(
    x: ArrayLike, y: ArrayLike, *, sample_weight: ArrayLike | None = None
) -> Line:
    """Return the line with the lowest (weighted) mean squared error.

    Setting both derivatives of the cost to zero gives
    ``slope = sum(v (x - x̄)(y - ȳ)) / sum(v (x - x̄)²)`` and ``intercept = ȳ - slope x̄``,
    where x̄ and ȳ are means with the weights ``v``.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        The points.
    sample_weight : array_like, shape (n,), optional
        Weights ``v >= 0``; all equal by default.

    Returns
    -------
    Line

    Raises
    ------
    ValueError, TypeError
        If the shapes differ, a value is not finite, a weight is negative, or the points
        with positive weight have fewer than two different ``x``.

    References
    ----------
    A.-M. Legendre, *Nouvelles méthodes pour la détermination des orbites des comètes*
    (1805), appendix on least squares.

    Examples
    --------
    >>> line = least_squares_line([1, 2, 3], [2, 3, 7])
    >>> round(float(line.slope), 6), round(float(line.intercept), 6)
    (2.5, -1.0)
    """
    check_labels(("x", "y", "sample_weight"), (x, y, sample_weight))
    x, y = _points(x, y)
    if sample_weight is None:
        weight = np.ones_like(x)
    else:
        weight = _vector("sample_weight", sample_weight)
        if weight.shape != x.shape:
            raise ValueError(
                f"sample_weight must have the shape of x, {x.shape}, not {weight.shape}"
            )
        if (weight < 0).any():
            raise ValueError(f"sample_weight must be at least 0, got {weight.min()}")
    _need_two_positions(x[weight > 0])
    with np.errstate(all="ignore"):
        if not 1e-290 < weight.sum() < np.inf:
            weight = weight / weight.max()
        weight = weight / weight.sum()
        x_mean, y_mean = (weight * x).sum(), (weight * y).sum()
        x_centred = x - x_mean
        pull = weight * x_centred
        slope = (pull * (y - y_mean)).sum() / (pull * x_centred).sum()
        return _line(slope, y_mean - slope * x_mean)


@np.errstate(all="ignore")  # of a line that is not finite something is said at the end
def pinball_line(x: ArrayLike, y: ArrayLike, *, quantile: float = 0.5) -> Line:
    """Return a line with the lowest mean pinball loss, exactly.

    The cost is piecewise linear in slope and intercept, so that it takes its minimum at a
    corner, and a corner is a line through two of the points. All pairs are tried: time
    and memory are those of n³/2 residuals, in blocks, which suits a few hundred points.
    ``quantile=0.5`` is the line of least absolute errors. Where several lines share the
    lowest cost, the one through the first pair in the order of the data is returned.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        The points.
    quantile : float
        Strictly between 0 and 1: the share of the points that should lie below the line.

    Returns
    -------
    Line

    Raises
    ------
    ValueError, TypeError
        If the shapes differ, a value is not finite, ``quantile`` is outside (0, 1), or
        there are fewer than two different ``x``.

    References
    ----------
    R. Koenker and G. Bassett, "Regression Quantiles", *Econometrica* 46 (1978),
    theorem 3.1: a solution passes through as many points as there are parameters.

    Examples
    --------
    The last point is far off; the line stays with the other four.

    >>> line = pinball_line([1, 2, 3, 4, 5], [1, 2, 3, 4, 50])
    >>> round(float(line.slope), 6), round(float(line.intercept), 6)
    (1.0, 0.0)
    """
    x, y = _points(x, y)
    quantile = UNIT_OPEN.parameter("quantile", quantile)
    _need_two_positions(x)
    first, second = np.triu_indices(len(x), k=1)
    sloped = x[first] != x[second]
    first, second = first[sloped], second[sloped]
    slopes = (y[second] - y[first]) / (x[second] - x[first])
    intercepts = y[first] - slopes * x[first]
    costs = np.empty_like(slopes)
    block = max(1, 500_000 // len(x))
    for start in range(0, len(slopes), block):
        rows = slice(start, start + block)
        excess = y - slopes[rows, None] * x - intercepts[rows, None]
        costs[rows] = (quantile * excess - np.minimum(excess, 0)).mean(axis=1)
    # Equal costs differ by rounding: the tolerance keeps the choice the same everywhere.
    lowest = np.min(costs, where=~np.isnan(costs), initial=np.inf)
    if lowest == np.inf:
        raise _too_large()
    best = np.flatnonzero(costs <= lowest + 1e-12 * max(abs(lowest), np.ptp(y)))[0]
    return _line(slopes[best], intercepts[best])


def reweighted_line(
    x: ArrayLike,
    y: ArrayLike,
    loss: Loss,
    *,
    start: Line | None = None,
    max_iterations: int = 2000,
    tolerance: float = 1e-10,
) -> Line:
    r"""Return the line at which iteratively reweighted least squares comes to rest.

    A residual :math:`r = \hat y - y` under the loss :math:`\ell` pulls as hard as under a squared
    error with the weight :math:`\ell'(r) / (2r)`. Each round computes these weights from the
    present line and solves the weighted least-squares problem. For a loss whose weight falls as
    ``|r|`` grows, no round raises the cost.

    A convex loss (Huber, pseudo-Huber, log-cosh, expectile) has one lowest cost and the
    route leads there. A non-convex loss (Tukey, Cauchy, ``general_robust`` with
    ``alpha < 1``) may have several local minima: the answer then depends on ``start``.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        The points.
    loss : Loss
        A loss of the residual whose gradient is continuous and never points away from the
        target. The absolute error and the pinball loss have a jump: see
        :func:`pinball_line`.
    start : Line, optional
        Where to begin. By default the least-squares line for a loss that is declared
        convex, and otherwise the line of least absolute errors, which outliers in ``y``
        hardly move.
    max_iterations : int
        Rounds after which to give up.
    tolerance : float
        Stop when no prediction moves by more than this times the spread of ``y``.

    Returns
    -------
    Line

    Raises
    ------
    ValueError, TypeError
        As :func:`least_squares_line`; also if the loss declares a kink, or if too few
        points keep a positive weight.
    RuntimeError
        If the line still moves after ``max_iterations`` rounds.

    References
    ----------
    P. W. Holland and R. E. Welsch, "Robust regression using iteratively reweighted
    least-squares", *Communications in Statistics A* 6 (1977). For expectiles:
    W. K. Newey and J. L. Powell, "Asymmetric least squares estimation and testing",
    *Econometrica* 55 (1987).

    Examples
    --------
    >>> from lossbook import huber
    >>> line = reweighted_line([1, 2, 3, 4, 5], [1, 2, 3, 4, 50], huber.bind(delta=1))
    >>> round(float(line.slope), 3), round(float(line.intercept), 3)
    (1.5, -1.0)
    """
    x, y = _points(x, y)
    _check_loss(loss)
    max_iterations = whole_number("max_iterations", max_iterations, least=1)
    tolerance = NON_NEGATIVE.parameter("tolerance", tolerance)
    if start is not None and not isinstance(start, Line):
        raise TypeError(f"start must be a Line: got {start!r}")
    if loss.kinks:
        raise ValueError(
            f"loss={loss!r} has a kink at {loss.kinks[0]}; "
            "allowed: losses with a continuous gradient"
        )
    if start is not None:
        line = start
    else:
        line = least_squares_line(x, y) if loss.declaration.convex else pinball_line(x, y)
    spread = np.ptp(y) or 1.0
    # At r = 0 the weight ℓ'(r)/r is a limit; it is taken at a residual this small.
    nearly_zero = 1e-9 * spread
    for _ in range(max_iterations):
        residual = line(x) - y
        if not np.isfinite(residual).all():
            raise _too_large()
        residual = np.where(np.abs(residual) < nearly_zero, nearly_zero, residual)
        pull = loss.gradient(np.zeros_like(residual), residual)
        weight = pull / residual
        if (weight < 0).any():
            raise ValueError(
                f"loss={loss!r} pulls away from the target at a residual of "
                f"{residual[np.argmin(weight)]:.3g}; allowed: losses that never do"
            )
        moved = least_squares_line(x, y, sample_weight=weight)
        step = np.abs(moved(x) - line(x)).max()
        line = moved
        if step <= tolerance * spread:
            return line
    raise RuntimeError(
        f"the line still moves by {step:.3g} after max_iterations={max_iterations} rounds"
    )


def _points(x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    check_labels(("x", "y"), (x, y))
    x, y = _vector("x", x), _vector("y", y)
    if x.shape != y.shape:
        raise ValueError(f"x and y must have the same shape, got {x.shape} and {y.shape}")
    return x, y


def _vector(name: str, values: ArrayLike) -> NDArray[np.floating]:
    numbers = finite_array(name, values)
    if numbers.ndim != 1:
        raise ValueError(f"{name} must have shape (n,), got {numbers.shape}")
    return numbers.astype(np.float64, copy=False)


def _line(slope: Any, intercept: Any) -> Line:
    line = Line(float(slope), float(intercept))
    if not np.isfinite(line).all():
        raise _too_large()
    return line


def _too_large() -> ValueError:
    return ValueError("x and y must be of a size whose squares are floats: choose other units")


def _check_loss(loss: Any) -> None:
    if not isinstance(loss, Loss):
        raise TypeError(f"loss must be a Loss, such as squared_error: got {loss!r}")
    residuals = np.array([-1.5, 1.5])
    try:
        here, there = (loss.gradient(y + 0 * residuals, y + residuals) for y in (0, 0.25))
        alike = np.array_equal(here, there)
    except (ValueError, TypeError):  # other arguments, or not all numbers
        alike = False
    if not alike:
        raise ValueError(f"loss must be a loss of the residual, such as huber: got {loss!r}")


def _need_two_positions(x: NDArray[np.floating]) -> None:
    if len(x) == 0 or x.min() == x.max():
        raise ValueError(
            "a line needs points at two different x at least, "
            f"got {len(x)} point(s) at {len(np.unique(x))} position(s)"
        )
