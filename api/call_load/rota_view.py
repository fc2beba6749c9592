"""The advised rota in words and as a picture."""

from dataclasses import dataclass
from typing import Any

from api.language import gettext as _
from api.numbers import written_in
from api.shading import HOURS, WEEKDAYS, weekday_name
from attribution.measures import Unit
from planning.call_load.centres import HOURS as HOURS_A_DAY
from planning.call_load.load import Load
from planning.call_load.queues import Counts, Numbers
from planning.call_load.reports import shifts_told
from planning.call_load.study import Advice

WIDTH, HEIGHT = 672.0, 100.0
MOST_MOVES = 12


@dataclass(frozen=True, slots=True)
class Move:
    """So many people more, or fewer, from one hour to another of a day; `kept` is what that keeps in a month."""

    day: int
    first: int
    after: int
    change: int
    kept: float


def rota_view(load: Load, advice: Advice) -> dict[str, Any]:
    unit = Unit.MONEY if advice.in_money else Unit.COUNT
    staff, then = load.staff[0], advice.rota.staff
    most = int(max(staff.max(initial=0), then.max(initial=0), 1))
    moves = sorted(moves_of(then - staff, advice.change), key=lambda each: -abs(each.kept))
    return {
        "advice": advice,
        "unit": unit.value,
        "moves": [_in_words(each, unit) for each in moves[:MOST_MOVES]],
        "more_moves": max(0, len(moves) - MOST_MOVES),
        "shifts": shifts_told(advice),
        "days": [weekday_name(day) for day in WEEKDAYS],
        "line_now": path_of(staff.ravel().astype(float), most, WIDTH, HEIGHT),
        "line_then": path_of(then.ravel().astype(float), most, WIDTH, HEIGHT),
        "most": most,
        "cells": [
            (weekday_name(day), [(_cell(now, new), _direction(now, new)) for now, new in zip(*rows, strict=True)])
            for day, rows in zip(WEEKDAYS, zip(staff.tolist(), then.tolist(), strict=True), strict=True)
        ],
        "is_best": advice.then - advice.rota.least <= 0.001 * max(advice.now, 1e-9),
        "hours_now": int(staff.sum()),
        "hours_then": int(then.sum()),
    }


def moves_of(change: Counts, kept: Numbers) -> list[Move]:
    """Hours that follow each other on one day with one change are one move."""
    found: list[Move] = []
    for day, (changes, worth) in enumerate(zip(change.tolist(), kept.tolist(), strict=True)):
        for hour in range(HOURS_A_DAY):
            if not changes[hour]:
                continue
            last = found[-1] if found else None
            if last and (last.day, last.after, last.change) == (day, hour, changes[hour]):
                found[-1] = Move(day, last.first, hour + 1, last.change, last.kept + worth[hour])
            else:
                found.append(Move(day, hour, hour + 1, changes[hour], worth[hour]))
    return found


def path_of(people: Numbers, most: int, width: float, height: float) -> str:
    """Steps, one an hour."""
    wide = width / len(people)
    heights = [round(height - height * each / most, 2) for each in people.tolist()]
    steps = [f"V{high}H{round((place + 1) * wide, 2)}" for place, high in enumerate(heights)]
    return f"M0,{heights[0]}" + "".join(steps)


def _in_words(move: Move, unit: Unit) -> str:
    told = {
        "day": weekday_name(WEEKDAYS[move.day]),
        "first": f"{HOURS[move.first]}:00",
        "last": f"{move.after:02}:00",
        "people": abs(move.change),
        "kept": written_in(unit, abs(move.kept)),
    }
    if move.change > 0:
        return _("%(day)s, %(first)s–%(last)s: %(people)s more, which keeps %(kept)s a month") % told
    return _("%(day)s, %(first)s–%(last)s: %(people)s fewer, which costs %(kept)s a month") % told


def _cell(now: int, then: int) -> str:
    if now == then:
        return str(now) if now else ""
    return f"{now}→{then}"


def _direction(now: int, then: int) -> str:
    return "" if now == then else "up" if then > now else "down"
