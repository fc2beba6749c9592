"""Calls that wait for operators: with people who hang up (Erlang A), and with people who never do (Erlang C).

Calls come at random (Poisson, λ), an operator needs 1/μ on average, and n operators serve one queue in its order.
The offered load is r = λ/μ, in Erlangs.

Erlang C (Erlang, 1917; Cooper, Introduction to Queueing Theory, 1981, section 3.5): from the blocking B of Erlang's
loss formula, P(wait) = B / (1 − (r/n)(1 − B)), and P(wait > t) = P(wait) exp(−(nμ − λ) t). It has no answer
where r ≥ n.

Erlang A (Palm, 1957; Garnett, Mandelbaum and Reiman, Designing a call center with impatient customers, M&SOM 4, 2002;
Zeltyn and Mandelbaum, Call centers with impatient customers: many-server asymptotics of the M/M/n+G queue, Queueing
Systems 51, 2005): patience is exponential of mean 1/θ, so any load is served somehow. With

    ε = Σ_{j<n} (r^j / j!) / (r^(n−1) / (n−1)!)      J(t) = ∫_t^∞ exp((λ/θ)(1 − e^(−θx)) − nμx) dx

    P(wait) = λJ(0) / (ε + λJ(0))      P(hang up) = (1 + (λ − nμ) J(0)) / (ε + λJ(0))      mean wait = P(hang up) / θ

and the share that is answered later than t is J with one more θ in its exponent, over the same denominator. ε is 1/B of
n − 1 operators, by Erlang's recursion; J is an incomplete gamma function, held as a logarithm: hundreds of operators
neither overflow nor vanish.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaln

Numbers: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]

HOUR_S = 3600.0
_LEAST_CALLS = 1e-9
_TINY = 1e-200


@dataclass(frozen=True)
class Queue:
    """Arrays of the shape (most + 1, hours): row n is for n operators.

    `waits`: the share of calls that find everybody busy. `lost`: the share that hangs up before it is answered; 0 where
    nobody ever does. `in_time`: the share of all calls that is answered within the time asked for. `waiting_s` is the
    mean of all calls, infinite where the queue grows without end.
    """

    waits: Numbers
    lost: Numbers
    in_time: Numbers
    waiting_s: Numbers

    def needed(self, service_level: ArrayLike) -> Counts:
        """The fewest operators who answer so great a share in time; -1 where even the most do not."""
        is_enough = self.in_time >= np.asarray(service_level, float) - 1e-12
        return np.where(is_enough.any(axis=0), is_enough.argmax(axis=0), -1)


def impatient(calls: ArrayLike, handling_s: ArrayLike, patience_s: ArrayLike, within_s: ArrayLike, most: int) -> Queue:
    """Erlang A. `calls` come in each hour; times are of each hour, too, or of all."""
    r = _loads(calls, handling_s)
    n = _operators(most, r)[1:]
    patience, within = np.asarray(patience_s, float), np.asarray(within_s, float)
    patience_in_calls = patience / np.asarray(handling_s, float)
    eta, c = r * patience_in_calls, n * patience_in_calls
    log_inverse = np.log(_inverse_blocking(r, most)[:-1])
    log_tail = _log_tail(c, eta, np.zeros(()))
    log_whole = np.logaddexp(log_inverse, log_tail)
    waits = np.exp(log_tail - log_whole)
    lost = np.clip(np.exp(-log_whole) + (1 - n / r) * waits, 0, 1)
    too_late = np.exp(_log_tail(c + 1, eta, within / patience) - log_whole)
    nobody = np.ones((1, *r.shape))
    return Queue(
        np.concatenate([nobody, waits]),
        np.concatenate([nobody, lost]),
        np.concatenate([0 * nobody, np.clip(1 - lost - too_late, 0, 1)]),
        np.concatenate([nobody, lost]) * patience,
    )


def patient(calls: ArrayLike, handling_s: ArrayLike, within_s: ArrayLike, most: int) -> Queue:
    """Erlang C. Where operators are too few for the load, everybody waits, and nobody is answered in time."""
    r, handling = _loads(calls, handling_s), np.asarray(handling_s, float)
    n = _operators(most, r)
    blocked = 1 / _inverse_blocking(r, most)
    spare = (n - r) / handling
    is_stable = n > r
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        waits = np.where(is_stable, blocked / (1 - r / np.maximum(n, 1) * (1 - blocked)), 1.0)
        in_time = np.where(is_stable, 1 - waits * np.exp(-spare * np.asarray(within_s, float)), 0.0)
        waiting = np.where(is_stable, waits / spare, np.inf)
    return Queue(waits, np.zeros_like(waits), in_time, waiting)


def enough_for(calls: ArrayLike, handling_s: ArrayLike) -> int:
    """So many operators that hardly anybody waits in any of these hours."""
    load = float(np.max(_loads(calls, handling_s), initial=0.0))
    return int(np.ceil(load + 6 * np.sqrt(load) + 6))


def _loads(calls: ArrayLike, handling_s: ArrayLike) -> Numbers:
    return np.asarray(np.maximum(np.asarray(calls, float), _LEAST_CALLS) * np.asarray(handling_s, float) / HOUR_S)


def _operators(most: int, r: Numbers) -> Numbers:
    return np.arange(most + 1, dtype=float).reshape(-1, *[1] * r.ndim)


def _inverse_blocking(r: Numbers, most: int) -> Numbers:
    """1/B for 0 to `most` operators: 1/B(n) = 1 + (n/r) / B(n − 1); infinite where nobody is ever turned away."""
    found = np.ones((most + 1, *r.shape))
    with np.errstate(over="ignore"):
        for n in range(1, most + 1):
            found[n] = 1 + n / r * found[n - 1]
    return found


def _log_tail(c: Numbers, eta: Numbers, turns: Numbers) -> Numbers:
    """log(λJ(t)), by u = e^(−θx) an incomplete gamma function γ(c, ηe^(−θt)); c = nμ/θ, η = λ/θ, and `turns` = θt."""
    x = eta * np.exp(-turns)
    return np.asarray(np.log(eta) + (eta - x) - c * turns - np.log(c) + _log_series(c, x))


def _log_series(c: Numbers, x: Numbers) -> Numbers:
    """log of Σ_j x^j / ((c+1)…(c+j)) = log(c γ(c, x) e^x / x^c)."""
    c, x = np.broadcast_arrays(c, x)
    share = gammainc(c, x)
    is_far = share < _TINY
    with np.errstate(divide="ignore"):
        found = np.log(share) + gammaln(c + 1) - c * np.log(x) + x
    if is_far.any():
        found[is_far] = np.log(_summed(c[is_far], x[is_far]))
    return np.asarray(found)


def _summed(c: Numbers, x: Numbers) -> Numbers:
    """Where x is far below c: each term is smaller than the one before by x / (c + j) at least."""
    total, term, j = np.ones_like(x), np.ones_like(x), 0
    while (term > 1e-17 * total).any():
        j += 1
        term = term * x / (c + j)
        total = total + term
    return total
