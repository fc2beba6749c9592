"""The dynamic optimised theta model (Fiorucci and others, 2016) of many series at once.

    y(t) is expected at  level(t-1) + ω [(1-α)ᵗ A(t-1) + (1 - (1-α)ᵗ⁺¹)/α B(t-1)],   ω = 1 - 1/θ, months from 0
    level(t) = α y(t) + (1-α) level(t-1)

A and B are intercept and slope of the straight line through the months so far. Given α, what is expected is linear in ω
and in the level before the first month: both follow from least squares, ω within [0, 1]. So one parameter is searched,
on a grid and then a finer one, where others search three: the optimum is exact, and all series share the arithmetic.
With ω = 0 it is simple exponential smoothing.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from planning.response.curves import Numbers

Places: TypeAlias = NDArray[np.int_]
_GRID = np.linspace(0.1, 0.99, 24)
_FINE = np.linspace(-1, 1, 9)
_FIRST = 3
"""The first month, from 0, whose error counts: before it, lines through the months so far are no lines."""
_RIDGE = 1e-6


@dataclass(frozen=True)
class Theta:
    """Arrays by series. `expected`, of the shape (series, months), is of a month ahead, within those known."""

    alpha: Numbers
    omega: Numbers
    start: Numbers
    expected: Numbers
    ahead: Numbers


@dataclass(frozen=True)
class _Lines:
    """Of each month: intercept and slope of the line through the months up to it, and their mean."""

    intercept: Numbers
    slope: Numbers
    mean: Numbers


def theta(values: Numbers, lengths: Places, horizon: int, *, with_trend: bool = True) -> Theta:
    """`values` begin in the first column; a series has `lengths` of them, at least one; what follows is not read."""
    months = values.shape[1]
    values = np.where(np.arange(months) < lengths[:, None], values, 0.0)
    lines = _lines(values)
    alpha = _best(values, lengths, lines, np.broadcast_to(_GRID[:, None], (len(_GRID), len(values))), with_trend)
    width = _GRID[1] - _GRID[0]
    finer = np.clip(alpha + width * _FINE[:, None], _GRID[0], _GRID[-1])
    alpha = _best(values, lengths, lines, finer, with_trend)
    return with_alpha(values, lengths, horizon, alpha, with_trend=with_trend)


def with_alpha(values: Numbers, lengths: Places, horizon: int, alpha: Numbers, *, with_trend: bool = True) -> Theta:
    """The same, α being given."""
    values = np.where(np.arange(values.shape[1]) < lengths[:, None], values, 0.0)
    lines = _lines(values)
    omega, start, _, expected, levels = _fitted(values, lengths, lines, alpha[None, :], with_trend)
    ahead = _ahead(lines, levels[0], lengths, alpha, omega[0], horizon)
    return Theta(alpha, omega[0], start[0], expected[0], ahead)


def shared_alpha(values: Numbers, lengths: Places, scales: Numbers) -> float:
    """The α of plain smoothing that is best for all series together, errors being told in their scales."""
    lines = _lines(values)
    grid = np.broadcast_to(np.linspace(0.02, 0.8, 20)[:, None], (20, len(values)))
    _, _, losses, _, _ = _fitted(values, lengths, lines, grid, False)
    return float(grid[np.nanargmin((losses / scales**2).sum(axis=1)), 0])


def _best(values: Numbers, lengths: Places, lines: _Lines, alphas: Numbers, with_trend: bool) -> Numbers:
    losses = _fitted(values, lengths, lines, alphas, with_trend)[2]
    return np.asarray(np.take_along_axis(alphas, losses.argmin(axis=0)[None, :], axis=0)[0])


def _lines(values: Numbers) -> _Lines:
    series, months = values.shape
    intercept, slope, mean = (np.zeros((series, months)) for _ in range(3))
    intercept[:, 0] = mean[:, 0] = values[:, 0]
    for at in range(1, months):
        intercept[:, at], slope[:, at], mean[:, at] = _line_after(at, values[:, at], slope[:, at - 1], mean[:, at - 1])
    return _Lines(intercept, slope, mean)


def _line_after(at: int | Places, value: Numbers, slope: Numbers, mean: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    new_mean = (at * mean + value) / (at + 1)
    new_slope = ((at - 1) * slope + 6 * (value - mean) / (at + 1)) / (at + 2)
    return new_mean - new_slope * (at + 2) / 2, new_slope, new_mean


def _fitted(
    values: Numbers, lengths: Places, lines: _Lines, alphas: Numbers, with_trend: bool
) -> tuple[Numbers, Numbers, Numbers, Numbers, Numbers]:
    """ω, first level and loss of each α (first axis) and series; what is expected of each month, and levels."""
    months = values.shape[1]
    decay = (1 - alphas)[:, :, None] ** np.arange(1, months + 1)
    levels = np.empty((*alphas.shape, months))
    levels[:, :, 0] = alphas * values[:, 0]
    for at in range(1, months):
        levels[:, :, at] = alphas * values[:, at] + (1 - alphas) * levels[:, :, at - 1]
    trend = lines.intercept[:, :-1] * decay[:, :, :-1] + lines.slope[:, :-1] * (
        (1 - decay[:, :, 1:]) / alphas[:, :, None]
    )
    places = np.arange(1, months)
    first = np.minimum(_FIRST, np.maximum(lengths - 1, 1))[:, None]
    counted = ((places >= first) & (places < lengths[:, None])).astype(float)
    begun = decay[:, :, :-1]
    left = (values[:, 1:] - levels[:, :, :-1]) * counted
    omega, start = _least_squares(left, begun * counted, trend * counted, values[:, 0], with_trend)
    expected = levels[:, :, :-1] + start[:, :, None] * begun + omega[:, :, None] * trend
    losses = (((values[:, 1:] - expected) * counted) ** 2).sum(axis=2)
    whole = np.concatenate([np.broadcast_to(values[:, :1], (*alphas.shape, 1)), expected], axis=2)
    return omega, start, losses, whole, levels + start[:, :, None] * decay


def _least_squares(
    left: Numbers, begun: Numbers, trend: Numbers, first: Numbers, with_trend: bool
) -> tuple[Numbers, Numbers]:
    """ω within [0, 1], and the first level: drawn to the first value by next to nothing, where no month tells of it."""
    of_start, of_trend, of_both = ((a * b).sum(axis=2) for a, b in ((begun, begun), (trend, trend), (begun, trend)))
    with_start, with_both = (left * begun).sum(axis=2), (left * trend).sum(axis=2)
    of_start = of_start + _RIDGE
    with_start = with_start + _RIDGE * first
    if not with_trend:
        return np.zeros_like(of_start), with_start / of_start
    rest = of_trend - of_both**2 / of_start
    omega = np.where(rest > 1e-9, (with_both - of_both * with_start / of_start) / np.maximum(rest, 1e-9), 0.0)
    omega = np.clip(omega, 0.0, 1.0)
    return omega, (with_start - omega * of_both) / of_start


def _ahead(lines: _Lines, levels: Numbers, lengths: Places, alpha: Numbers, omega: Numbers, horizon: int) -> Numbers:
    """What is expected takes the place of what happens."""
    row, last = np.arange(len(lengths)), lengths - 1
    level, intercept, slope, mean = (each[row, last] for each in (levels, lines.intercept, lines.slope, lines.mean))
    found = np.empty((len(lengths), horizon))
    for ahead in range(horizon):
        at = lengths + ahead
        trend = intercept * (1 - alpha) ** at + slope * (1 - (1 - alpha) ** (at + 1)) / alpha
        value = level + omega * trend
        level = alpha * value + (1 - alpha) * level
        intercept, slope, mean = _line_after(at, value, slope, mean)
        found[:, ahead] = value
    return found
