"""Channels' returns from totals, where leads cannot be credited: a panel of places and weeks, or one series.

    outcome = place + time + controls + Σ β_k s_k(adstock_k(media_k)) + noise,    s(x) = x / (x + half),  β ≥ 0

Effects of places and of times (in one series: trend and yearly waves) and controls are taken off all sides first
(Frisch, Waugh and Lovell), so that of each channel only candidates are left: adstock and half-saturation on a grid.
Their inner products are found once; Gibbs sampling over the grid, the coefficients drawn along, then costs next to
nothing. Noise that is alike from week to week counts for less.

Before anything is seen, adstock and half-saturation may be anything on the grid, and returns, where outcome and spend
are money, are lognormal as `RETURN` says, which is Meridian's default.
"""

from dataclasses import dataclass

import numpy as np

from planning.response.curves import Numbers, Places

CARRIES = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
HALVES = np.array([0.5, 1.0, 2.0, 4.0, 8.0, 16.0])
"""Half-saturation, as a multiple of the mean of what works."""
RETURN = (0.2, 0.9)
"""Mean and deviation of the log of what a unit of money brings."""
_WEEKS = 52.18
_WAVES = 2
_SWEEPS, _BURNT = 1500, 300
_TRIED = 16
_NEGATIVE = 20.0
"""In log likelihood: how unlikely it is that more media bring less."""
_LEAST = 1e-9
_RIDGE = 1e-6


@dataclass(frozen=True)
class Returns:
    """`draws` of the shape (draws, channels): what a unit of spend brought in the mean, in units of the outcome."""

    draws: Numbers
    carry: Numbers

    @property
    def mean(self) -> Numbers:
        return np.asarray(self.draws.mean(axis=0))

    def interval(self, level: float = 0.9) -> tuple[Numbers, Numbers]:
        low, high = np.quantile(self.draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
        return low, high


def returns_of(
    outcome: Numbers,
    media: Numbers,
    spend: Numbers,
    controls: Numbers,
    size: Numbers,
    *,
    expected: tuple[float, float] | None = RETURN,
    seed: int = 0,
) -> Returns:
    """`outcome` (places, times) and `media`, `spend`, `controls` (…, places, times); `size` of places, as inhabitants.

    Outcome and media are looked at a head. `media` is what works, such as impressions; spend where that is all one has.
    """
    rng = np.random.default_rng(seed)
    a_head = outcome / size[:, None]
    candidates = _candidates(media / size[:, None])
    takes_off = _Off.of(controls, outcome.shape)
    columns = takes_off(candidates.reshape(-1, *outcome.shape)).reshape(len(candidates) * candidates.shape[1], -1)
    scale = np.sqrt((columns**2).sum(axis=1)) + _LEAST
    columns = columns / scale[:, None]
    wanted = takes_off(a_head[None]).reshape(-1)
    whole = float(wanted @ wanted)
    gram, pull = columns @ columns.T, columns @ wanted / np.sqrt(whole)
    free = _free(outcome, columns, wanted, takes_off.taken)
    worked = (candidates * size[:, None]).sum(axis=(2, 3))
    worked = worked / scale.reshape(worked.shape) * np.sqrt(whole)
    returns = worked / spend.sum(axis=(1, 2))[:, None]
    places, beta = _sample(_Grid(gram, pull, returns, free, expected), rng)
    carry = CARRIES[places // len(HALVES)].mean(axis=0)
    return Returns(beta * returns[np.arange(len(media)), places], carry)


def _candidates(media: Numbers) -> Numbers:
    """(channels, candidates, places, times)."""
    found = []
    for carry in CARRIES:
        works = media.copy()
        for week in range(1, media.shape[2]):
            works[:, :, week] = media[:, :, week] * (1 - carry) + carry * works[:, :, week - 1]
        usual = works.mean(axis=(1, 2), keepdims=True)
        found += [works / (works + half * usual + _LEAST * usual) for half in HALVES]
    return np.stack(found, axis=1)


@dataclass(frozen=True)
class _Off:
    """Takes effects of places, times and controls off columns."""

    basis: Numbers
    two_way: bool
    taken: int

    @classmethod
    def of(cls, controls: Numbers, shape: tuple[int, ...]) -> "_Off":
        places, times = shape
        two_way = places > 1
        columns = list(controls)
        if not two_way:
            at = np.arange(times)
            columns += [at[None] / times, (at[None] / times) ** 2]
            for wave in range(1, _WAVES + 1):
                angle = 2 * np.pi * wave * at / _WEEKS
                columns += [np.sin(angle)[None], np.cos(angle)[None]]
        taken = places + (times - 1 if two_way else 0) + len(columns)
        if not columns:
            return cls(np.zeros((0, places * times)), two_way, taken)
        told = _demeaned(np.stack(columns), two_way).reshape(len(columns), -1)
        return cls(np.linalg.qr(told.T)[0].T, two_way, taken)

    def __call__(self, columns: Numbers) -> Numbers:
        left = _demeaned(columns, self.two_way).reshape(len(columns), -1)
        return np.asarray(left - (left @ self.basis.T) @ self.basis)


def _demeaned(columns: Numbers, two_way: bool) -> Numbers:
    left = columns - columns.mean(axis=2, keepdims=True)
    return np.asarray(left - left.mean(axis=1, keepdims=True)) if two_way else np.asarray(left)


def _free(outcome: Numbers, columns: Numbers, wanted: Numbers, taken: int) -> float:
    """Degrees of freedom; fewer where what is left of neighbouring weeks is alike."""
    middle = columns[:: len(CARRIES) * len(HALVES) // 2]
    left = (wanted - np.linalg.lstsq(middle.T, wanted, rcond=None)[0] @ middle).reshape(outcome.shape)
    alike = float((left[:, 1:] * left[:, :-1]).sum() / max(float((left**2).sum()), _LEAST))
    alike = float(np.clip(alike, 0, 0.9))
    return max((outcome.size - taken) * (1 - alike) / (1 + alike), 5.0)


@dataclass(frozen=True)
class _Grid:
    """Inner products of all candidates of all channels. `returns` (channels, candidates) are of a coefficient 1."""

    gram: Numbers
    pull: Numbers
    returns: Numbers
    free: float
    expected: tuple[float, float] | None

    def log_returns(self, returns: Numbers) -> Numbers:
        """How likely returns are, before anything is seen; the last axis is that of channels."""
        if self.expected is None:
            return np.zeros(returns.shape[:-1])
        centre, far = self.expected
        logs = np.log(np.maximum(returns, _LEAST))
        return np.asarray((-0.5 * ((logs - centre) / far) ** 2 - logs).sum(axis=-1))

    def within(self, at: Places) -> Numbers:
        return np.asarray(self.gram[at[..., :, None], at[..., None, :]] + _RIDGE * np.eye(at.shape[-1]))


def _sample(grid: _Grid, rng: np.random.Generator) -> tuple[Places, Numbers]:
    """Places of candidates and their coefficients, by sweep; the outcome's squares sum to 1."""
    channels, count = grid.returns.shape
    chosen = np.full(channels, count // 2)
    offsets = np.arange(channels) * count
    kept, betas = [], []
    for sweep in range(_SWEEPS):
        for channel in range(channels):
            places = np.repeat(chosen[None], count, axis=0)
            places[:, channel] = np.arange(count)
            log = _log_evidence(grid, places, offsets)
            weight = np.exp(log - log.max())
            chosen[channel] = rng.choice(count, p=weight / weight.sum())
        if sweep >= _BURNT:
            kept.append(chosen.copy())
            betas.append(_coefficients(grid, chosen, offsets, rng))
    return np.array(kept), np.array(betas)


def _log_evidence(grid: _Grid, places: Places, offsets: Places) -> Numbers:
    """Of rows of candidates, the coefficients taken at their likeliest."""
    at = offsets + places
    solved = np.linalg.solve(grid.within(at), grid.pull[at][..., None])[..., 0]
    left = np.maximum(1 - (solved * grid.pull[at]).sum(axis=1), 1e-6)
    scale = grid.returns[np.arange(len(offsets)), places]
    log = -0.5 * grid.free * np.log(left) - np.where((solved < 0).any(axis=1), _NEGATIVE, 0.0)
    if grid.expected is not None:
        log += np.log(scale).sum(axis=1)
    return np.asarray(log + grid.log_returns(np.maximum(solved, 0) * scale))


def _coefficients(grid: _Grid, chosen: Places, offsets: Places, rng: np.random.Generator) -> Numbers:
    """One of several draws of the normal, by how likely its returns are; none below 0."""
    at = offsets + chosen
    within = grid.within(at)
    mean = np.linalg.solve(within, grid.pull[at])
    variance = max(1 - float(mean @ grid.pull[at]), 1e-6) / (2 * rng.gamma(grid.free / 2))
    apart = np.linalg.solve(np.linalg.cholesky(within).T, rng.standard_normal((len(at), _TRIED)))
    tried = (mean[:, None] + apart * np.sqrt(variance)).T
    log = grid.log_returns(np.maximum(tried, 0) * grid.returns[np.arange(len(at)), chosen])
    log -= np.where((tried < 0).any(axis=1), _NEGATIVE, 0.0)
    weight = np.exp(log - log.max())
    return np.asarray(np.maximum(tried[rng.choice(_TRIED, p=weight / weight.sum())], 0))
