"""A recommendation: the best split beside the present one, what it gains, how sure that is, and what to know with it.

«No confident change» is an answer: where the gain's interval holds 0, or the gain is a trifle, the present split stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from planning.recommend.asked import USUAL_LEAST, USUAL_MOST, Goal, Question
from planning.recommend.gain import LEVEL, Gain, estimate, gain_of, outcome_of
from planning.recommend.limits import Flags, Room, Whole
from planning.recommend.linear import Aim
from planning.recommend.measured import Measured
from planning.recommend.moves import moves_between
from planning.recommend.scene import Orders, Scene, set_scene
from planning.recommend.splitting import best_split, check_spendable
from planning.recommend.whole import in_steps
from planning.response.curves import Numbers
from planning.response.model import Ground, Response

_MOST_MOVES = 200
_MOST_NAMES = 10
_TESTED = 3
_DOUBT = 0.05


class Verdict(StrEnum):
    """`needed`: the present split breaks what has to be kept, so it cannot stay."""

    CHANGE = "change"
    STAY = "stay"
    NEEDED = "needed"


@dataclass(frozen=True)
class Advice:
    """`present`, `best` and `recommended` are minor units of each spot; recommended is one of the two others."""

    scene: Scene
    verdict: Verdict
    present: Whole
    best: Whole
    gain: Gain

    @property
    def recommended(self) -> Whole:
        return self.present if self.verdict is Verdict.STAY else self.best

    def as_dict(self) -> dict[str, Any]:
        scene, spend = self.scene, self.recommended
        promised = outcome_of(scene, spend)
        return {
            "verdict": self.verdict.value,
            "level": LEVEL,
            "spend": {"now": _money(self.present.sum()), "recommended": _money(spend.sum())},
            "gain": self.gain.as_dict(),
            "gain_share": self._gain_share,
            "promised": {
                name: estimate(getattr(promised, name).sum(axis=1)).as_dict() for name in ("leads", "sales", "margin")
            },
            "promised_by_month": self._by_month(promised.leads, promised.margin),
            "cells": self._cells(),
            "moves": self._moves() if self.verdict is not Verdict.STAY else [],
            "notes": self._notes(),
            "to_learn": self._to_learn(),
        }

    @property
    def _gain_share(self) -> float | None:
        """Of the margin that the present split brings."""
        brought = float(self.scene.worth.at(self.present.astype(float)).sum()) / 100
        return round(self.gain.net.mean / brought, 4) if brought > 0 else None

    def _by_month(self, leads: Numbers, margin: Numbers) -> dict[str, Any]:
        months, cells = self.scene.question.span, len(self.scene.response)
        return {
            str(month): {
                name: estimate(drawn[:, place * cells : (place + 1) * cells].sum(axis=1)).as_dict()
                for name, drawn in (("leads", leads), ("margin", margin))
            }
            for place, month in enumerate(months)
        }

    def _cells(self) -> list[dict[str, Any]]:
        scene, spend = self.scene, self.recommended.astype(float)
        marginal = scene.worth.slope(spend) - 1
        before, after = (scene.leads.at(each.astype(float)) for each in (self.present, self.recommended))
        is_thin, room = thin(scene, self.recommended), scene.room
        found = []
        for spot, cell in enumerate(scene.cells):
            rise = after[spot] - before[spot]
            found.append({
                "month": str(scene.told(spot)[0]),
                "dealer": cell.dealer,
                "channel": cell.channel,
                "contractor": cell.contractor,
                "now": _money(self.present[spot]),
                "recommended": _money(self.recommended[spot]),
                "best": _money(self.best[spot]),
                "least": _money(room.low[spot]),
                "most": _money(room.high[spot]),
                "marginal_romi": _number(marginal[spot], 4),
                "leads_now": _number(before[spot]),
                "leads": _number(after[spot]),
                "margin_gain": _number(rise * scene.margin[spot] / 100),
                "ground": scene.response.grounds[spot % len(scene.response)].value,
                "is_thin": bool(is_thin[spot]),
                "curve": self._curve(spot),
            })  # fmt: skip
        return found

    def _curve(self, spot: int) -> list[float]:
        """Usual spend and leads of it, elasticity, family, and margin a lead: what is promised at another spend."""
        leads, scene = self.scene.leads, self.scene
        family = float(np.broadcast_to(np.asarray(leads.family, float), len(leads.usual))[spot])
        told = leads.usual[spot] / 100, leads.brought[spot], leads.elasticity[spot], family, scene.margin[spot] / 100
        return [round(float(value), 6) for value in told]

    def _moves(self) -> list[dict[str, Any]]:
        return [
            {
                "from": None if move.source is None else self._place(move.source),
                "to": None if move.target is None else self._place(move.target),
                "amount": _money(move.amount),
                "gain": _money(round(move.gain)),
            }
            for move in moves_between(self.present, self.best, self.scene.worth)[:_MOST_MOVES]
        ]

    def _place(self, spot: int) -> dict[str, str]:
        month, cell = self.scene.told(spot)
        return {"month": str(month), **cell._asdict()}

    def _notes(self) -> list[dict[str, Any]]:
        """What to know with it, each with the spots that it is of."""
        scene, room = self.scene, self.scene.room
        grounds = np.array(scene.response.grounds * len(scene.question.span))
        stuck = ~room.is_free & (room.low < room.high)
        flags = {
            "thin": thin(scene, self.recommended),
            "unknown": grounds == Ground.NONE,
            "ordered": scene.ordered,
            "stuck": stuck,
        }
        found = [
            {
                "kind": kind,
                "count": int(which.sum()),
                "spend": _money(self.recommended[which].sum()),
                "names": [self._named(spot) for spot in np.flatnonzero(which)[:_MOST_NAMES].tolist()],
            }
            for kind, which in flags.items()
            if which.any()
        ]
        for kind, names in (("limited", self._held()), ("credited", self._credited())):
            if names:
                found.append({"kind": kind, "count": len(names), "names": names[:_MOST_NAMES]})
        return found

    def _credited(self) -> list[str]:
        """Channels that get more, of which no lift test has shown what they cause."""
        scene, more = self.scene, self.recommended.astype(float) - self.present
        gains: dict[str, float] = {}
        for cell, ground, change in zip(
            scene.response.cells * len(scene.question.span),
            scene.response.grounds * len(scene.question.span),
            more.tolist(),
            strict=True,
        ):
            if ground is not Ground.TEST:
                gains[cell.channel] = gains.get(cell.channel, 0.0) + change
        return sorted((channel for channel, gain in gains.items() if gain > 0), key=lambda each: -gains[each])

    def _held(self) -> list[str]:
        """Limits and totals that hold the split back."""
        spend, found = self.best.astype(float), []
        for totals in self.scene.room.totals:
            sums = totals.sums(spend)
            near = (sums >= totals.most - 2 * self.scene.room.step) | (
                (totals.least > 0) & (sums <= totals.least + 2 * self.scene.room.step)
            )
            found += [totals.names[place] for place in np.flatnonzero(near).tolist()]
        for limits in self.scene.room.limits:
            near = limits.sums(self.scene.leads.at(spend)) >= limits.most * 0.999
            found += [f"{limits.what} {limits.names[place]}".strip() for place in np.flatnonzero(near).tolist()]
        return found

    def _named(self, spot: int) -> str:
        return " / ".join(filter(None, self.scene.told(spot)[1]))

    def _to_learn(self) -> list[dict[str, Any]]:
        """Channels whose curves are not known, and those in which most of the doubt lies: tests there tell most."""
        known, spend = self.scene.response, self.recommended.reshape(-1, len(self.scene.response)).sum(axis=0)
        told: dict[str, dict[str, Any]] = {}
        for cell, ground, of_cell in zip(known.cells, known.grounds, spend.tolist(), strict=True):
            one = told.setdefault(cell.channel, {"channel": cell.channel, "share": None, "ground": ground, "spend": 0})
            one["spend"] += of_cell
            one["ground"] = Ground.NONE if Ground.NONE in (one["ground"], ground) else ground
        unknown = sorted((one for one in told.values() if one["ground"] is Ground.NONE), key=lambda one: -one["spend"])
        doubtful = [
            told[channel] | {"share": round(share, 4)} for channel, share in self.gain.doubt.items() if share > _DOUBT
        ]
        found = {one["channel"]: one for one in (*unknown[:_TESTED], *doubtful[:_TESTED])}
        return [one | {"ground": one["ground"].value, "spend": _money(one["spend"])} for one in found.values()]


def advise(response: Response, measured: Measured, question: Question, orders: Orders) -> Advice:
    """Raises `InvalidInput` where what is asked for contradicts itself, and `NotFound`."""
    scene = set_scene(response, measured, question, orders)
    scene.room.check()
    check_spendable(scene.wanted, scene.room)
    present = present_split(scene)
    if not question.moves_unknown and _keeps(scene, present):
        scene = replace(scene, room=_keeping_unknown(scene, present))
    best = best_split(scene.wanted, scene.room)
    gain = gain_of(scene, present, best)
    return Advice(scene, _verdict(scene, present, gain), present, best, gain)


def _keeping_unknown(scene: Scene, present: Whole) -> Room:
    unknown = np.array([ground is Ground.NONE for ground in scene.response.grounds] * len(scene.question.span))
    room = scene.room
    return replace(room, low=np.where(unknown, present, room.low), high=np.where(unknown, present, room.high))


def present_split(scene: Scene) -> Whole:
    """The usual spend in its proportions, within the bounds of spots: of the same budget, or for the same outcome.

    Where all spend down to a marginal ROMI is asked for, it is just the usual one.
    """
    low, high = scene.room.low.astype(float), scene.room.high.astype(float)
    usual = scene.usual.astype(float)
    wanted = scene.wanted
    if wanted.aim is Aim.PRICE:
        return np.clip(scene.usual, scene.room.low, scene.room.high)

    def split(times: float) -> Numbers:
        return np.clip(usual * times, low, high)

    def reached(times: float) -> float:
        spend = split(times)
        return float(spend.sum() if wanted.aim is Aim.BUDGET else wanted.outcome.at(spend).sum())

    goal = wanted.amount
    small, large = 0.0, 1e6
    for _ in range(100):
        middle = (small + large) / 2
        small, large = (middle, large) if reached(middle) < goal else (small, middle)
    spend = split(large)
    if wanted.aim is Aim.OUTCOME:
        return np.clip(np.rint(spend).astype(np.int64), scene.room.low, scene.room.high)
    free = replace(scene.room, step=1, totals=(), limits=())
    return in_steps(spend, round(wanted.amount), free, wanted.worth, wanted.leads)


def thin(scene: Scene, spend: Whole) -> Flags:
    """Spots that spend what hardly any month has shown: far from the usual, or beyond what was ever seen."""
    months = len(scene.question.span)
    seen_most = np.tile(scene.response.highest * 100, months)
    usual = np.maximum(scene.usual, 1)
    far = (spend > usual * USUAL_MOST * 1.0001 + 100) | (spend < usual * USUAL_LEAST * 0.9999 - 100)
    return np.asarray(far | (spend > np.maximum(seen_most, usual * USUAL_MOST) * 1.0001 + 100))


def _verdict(scene: Scene, present: Whole, gain: Gain) -> Verdict:
    if not _keeps(scene, present):
        return Verdict.NEEDED
    spend = present.astype(float)
    margin = float(scene.worth.at(spend).sum()) / 100
    is_sure = gain.net.low > 0 and gain.net.mean > scene.question.least_gain * margin
    return Verdict.CHANGE if is_sure else Verdict.STAY


def _keeps(scene: Scene, present: Whole) -> bool:
    """Whether it is all that was told; an outcome within a thousandth, which whole money may miss."""
    spend = present.astype(float)
    keeps = all(totals.are_kept(present) for totals in scene.room.totals) and all(
        limits.are_kept(scene.leads.at(spend)) for limits in scene.room.limits
    )
    if scene.question.goal in (Goal.SALES, Goal.MARGIN):
        keeps &= float(scene.wanted.outcome.at(spend).sum()) >= scene.question.amount * (1 - 1e-3)
    return keeps


def _money(minor: float) -> float:
    return round(float(minor) / 100, 2)


def _number(value: float, places: int = 2) -> float | None:
    return round(float(value), places) if np.isfinite(value) else None


def dealers_in(cells: Sequence[dict[str, Any]]) -> list[str]:
    return sorted({cell["dealer"] for cell in cells})
