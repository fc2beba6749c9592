"""The best split where groups cross each other or leads are limited: linear programs on ever finer pieces.

A concave curve is cut into straight pieces within a window around each spot's spend; the program fills them under all
bounds at once. Then the windows follow the answer and become narrower, until a piece is no more than a trifle. Leads
are concave as well, so a limit on them is kept by spending less where they come: while pieces fill in their order, the
answer is the best there is (Dantzig, On the significance of solving linear programming problems, 1960).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import scipy.sparse as sparse
from scipy.optimize import linprog

from infra.errors import InvalidInput
from planning.recommend.limits import Limits, Room, Totals, amount, members
from planning.response.curves import Curves, Numbers

_PIECES = 10
_ROUNDS = 40
_NARROWER = 0.3
_TRIFLE = 1e-6


class Aim(StrEnum):
    """What is told: the budget, the outcome, or the price that a unit more must bring."""

    BUDGET = "budget"
    OUTCOME = "outcome"
    PRICE = "price"


@dataclass(frozen=True)
class Wanted:
    """`worth` is what is most wanted, in minor units; `outcome` what an amount is told of, where `aim` says so."""

    aim: Aim
    amount: float
    worth: Curves
    leads: Curves
    outcome: Curves


@dataclass(frozen=True)
class _Pieces:
    """Of each spot `at` which spend its pieces begin, and how long each is."""

    at: Numbers
    long: Numbers

    @property
    def ends(self) -> Numbers:
        return self.at + self.long * np.arange(_PIECES + 1)[:, None]

    def rises(self, curves: Curves) -> Numbers:
        """What a unit of each piece brings, of the shape (pieces, spots)."""
        long = np.where(self.long > 0, self.long, 1.0)
        return np.asarray(np.where(self.long > 0, np.diff(curves.at(self.ends), axis=0) / long, 0.0))


def split_by_pieces(wanted: Wanted, room: Room) -> Numbers:
    """Raises `InvalidInput` where the bounds leave no such split, and says which cannot be kept."""
    low, high = room.low.astype(float), room.high.astype(float)
    window_low, window_high = low, high
    spend: Numbers | None = None
    for _ in range(_ROUNDS):
        pieces = _Pieces(window_low, (window_high - window_low) / _PIECES)
        found = _filled(wanted, room, pieces)
        if found is None:
            break
        spend = found
        width = window_high - window_low
        at_edge = ((spend <= window_low) & (window_low > low)) | ((spend >= window_high) & (window_high < high))
        width = np.where(at_edge, width, width * _NARROWER)
        window_low, window_high = np.maximum(low, spend - width / 2), np.minimum(high, spend + width / 2)
        if (width <= np.maximum(_TRIFLE * high, 0.01)).all():
            break
    if spend is None or not all(each.are_kept(wanted.leads.at(spend)) for each in room.limits):
        raise _impossible(wanted, room)
    return np.clip(spend, low, high)


def _filled(wanted: Wanted, room: Room, pieces: _Pieces) -> Numbers | None:
    """None where there is no way, or the windows are too narrow for one."""
    scale = max(1.0, float(room.high.max()))
    spots = len(room.low)
    rows = _most(wanted, room, pieces, scale)
    is_exact = wanted.aim is Aim.BUDGET
    worth = pieces.rises(wanted.worth)
    gain = -np.ones_like(worth) if wanted.aim is Aim.OUTCOME else worth - (wanted.aim is Aim.PRICE) * wanted.amount
    found = linprog(  # type: ignore[call-overload]
        -gain.ravel(),
        A_ub=rows.matrix if rows else None,
        b_ub=rows.bounds if rows else None,
        A_eq=np.ones((1, spots * _PIECES)) if is_exact else None,
        b_eq=np.array([(wanted.amount - pieces.at.sum()) / scale]) if is_exact else None,
        bounds=np.column_stack([np.zeros(_PIECES * spots), np.tile(pieces.long / scale, _PIECES)]),
        method="highs",
    )
    return None if found.x is None else np.asarray(pieces.at + scale * found.x.reshape(_PIECES, spots).sum(axis=0))


@dataclass(frozen=True)
class _Rows:
    """What sums of pieces may come to, in order of their unknowns: spend of each piece in units of `scale`."""

    matrix: sparse.csr_array
    bounds: Numbers


def _most(wanted: Wanted, room: Room, pieces: _Pieces, scale: float) -> _Rows | None:
    """Sums that may be no more; those of which there must be as much are turned round."""
    rows, bounds = [], []
    for totals in room.totals:
        base, of_spots = totals.sums(pieces.at), members(totals.of, len(totals.names))
        matrix = sparse.hstack([of_spots] * _PIECES, format="csr")
        rows += [matrix, -matrix]
        bounds += [(totals.most - base) / scale, (base - totals.least) / scale]
    for limits in room.limits:
        unit = np.maximum(1.0, np.where(np.isfinite(limits.most), limits.most, 1.0))
        rises = pieces.rises(wanted.leads) * limits.weight * scale
        of_pieces = [members(limits.of, len(limits.names), each) for each in rises]
        rows.append(sparse.diags_array(1 / unit) @ sparse.hstack(of_pieces, format="csr"))
        bounds.append((limits.most - limits.sums(wanted.leads.at(pieces.at))) / unit)
    if wanted.aim is Aim.OUTCOME:
        unit_of = max(1.0, wanted.amount)
        rows.append(sparse.csr_array(-(pieces.rises(wanted.outcome) * scale / unit_of).reshape(1, -1)))
        bounds.append(np.array([(float(wanted.outcome.at(pieces.at).sum()) - wanted.amount) / unit_of]))
    if not rows:
        return None
    matrix, bound = sparse.vstack(rows, format="csr"), np.concatenate(bounds)
    counts = np.flatnonzero(np.isfinite(bound))
    return _Rows(matrix[counts], bound[counts])


def _impossible(wanted: Wanted, room: Room) -> InvalidInput:
    return InvalidInput(
        f"There is no split that keeps all of this at once: {'; '.join(_told(wanted, room))}.",
        where="amount" if wanted.aim is Aim.OUTCOME else "limits" if room.limits else "totals",
        help="Leave out or widen one of them, or ask for another budget.",
    )


def _told(wanted: Wanted, room: Room) -> list[str]:
    """Every demand in words, as far as they are few."""
    first = {
        Aim.BUDGET: f"a budget of {amount(wanted.amount)}",
        Aim.OUTCOME: f"an outcome of {wanted.amount:,.1f}",
        Aim.PRICE: "",
    }[wanted.aim]
    said = [first] if first else []
    for totals in room.totals:
        said += [_of_total(totals, place) for place in range(len(totals.names))]
    for limits in room.limits:
        said += [_of_limit(limits, place) for place in np.flatnonzero(np.isfinite(limits.most)).tolist()]
    return said[:8] + ([f"{len(said) - 8} more"] if len(said) > 8 else [])


def _of_total(totals: Totals, place: int) -> str:
    least, most = totals.least[place], totals.most[place]
    parts = [f"at least {amount(least)}"] if least > 0 else []
    parts += [f"at most {amount(most)}"] if np.isfinite(most) else []
    return f"{' and '.join(parts) or 'any amount'} for {totals.names[place]}"


def _of_limit(limits: Limits, place: int) -> str:
    return f"{limits.what} of {limits.most[place]:,.0f} for {limits.names[place] or 'the holding'}"
