"""What the page of the load of calls shows: calls by hour, people against need, what is missed, and a better rota."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import numpy as np

from api.bootstrap import Services
from api.call_load.keeping import may_keep
from api.call_load.opened import LoadQuestion, OpenedLoad, open_load
from api.call_load.reports import about, advised
from api.call_load.rota_view import rota_view
from api.call_load.week import week_chart
from api.call_load.words import event_words, handled_words, source_words
from api.numbers import written_in
from api.page_periods import exports_of
from api.shading import HOURS, WEEKDAYS, ShadedRow, shaded, short_money, weekday_name
from api.viewer import Viewer
from attribution.measures import Unit
from infra.errors import InvalidInput
from planning.call_load.load import Load
from planning.call_load.queues import Numbers
from planning.call_load.reports import BY_DEALER, by_dealer, by_hour, known
from planning.media.months import Month, month_of

MOST_ROWS, MONTHS_AHEAD = 100, 6


def call_load_view(services: Services, viewer: Viewer, question: LoadQuestion, way: str) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet, `InvalidInput`, and `NotFound`."""
    opened = open_load(services, viewer.seen, question)
    load = opened.load(question.dealer)
    told = about(services, opened, load, question.dealer)
    answer = by_hour(opened.study, load, opened.run, question.as_dict(), told)
    asked = {name: str(value) for name, value in question.as_dict().items() if value != ""}
    return {
        "question": question,
        "way": way,
        "centre": opened.centre,
        "dealers": opened.network.dealers,
        "dealer_name": opened.network.by_id[question.dealer].shown_name if question.dealer else "",
        "months": _months(month_of(services.today)),
        "is_empty": not load.expected.month_calls.any(),
        "totals": answer.totals,
        "about": told,
        "is_staffed": load.is_staffed,
        "hours": HOURS,
        **_heats(load),
        "week": week_chart(load),
        "rota": _rota(opened, load, way, asked),
        "sources": source_words(told),
        "handled": handled_words(load, told, answer.totals),
        "events": event_words(opened),
        "campaigns": [
            (opened.network.by_id[name].shown_name, lift)
            for name, lift in opened.campaigns.items()
            if name in opened.network.by_id and lift != 1
        ],
        **_by_dealer(services, opened, question),
        "exports": exports_of("/api/call-load", asked),
        "may_change": may_keep(viewer, question.dealer),
        "settings": f"/call-load/settings?{urlencode({'dealer': question.dealer})}",
        "money": services.settings.currency,
    }


def _months(first: Month) -> list[Month]:
    found = [first]
    while len(found) < MONTHS_AHEAD:
        found.append(found[-1].after)
    return found


def _heats(load: Load) -> dict[str, Any]:
    """Calls, people, and what is lost in the month, by weekday and hour."""
    lost, is_money = load.margin[0] * load.expected.weekdays[:, None], bool(np.isfinite(load.margin).all())
    if not is_money:
        lost = load.missed[0] * load.expected.weekdays[:, None]
    unit = Unit.MONEY if is_money else Unit.TIMES
    return {
        "calls_heat": _heat(load.expected.calls[0], _short_count, Unit.TIMES),
        "people_cells": [
            (weekday_name(day), [_people(*each) for each in zip(*rows, strict=True)])
            for day, rows in zip(
                WEEKDAYS, zip(load.staff[0].tolist(), load.needed[0].tolist(), strict=True), strict=True
            )
        ],
        "lost_heat": _heat(lost, short_money if is_money else _short_count, unit),
    }


def _heat(values: Numbers, text: Callable[[float], str], unit: Unit) -> list[ShadedRow]:
    return shaded(
        [[float(value) if np.isfinite(value) else None for value in row] for row in values],
        [(weekday_name(day), "") for day in WEEKDAYS],
        lambda value: text(value) if value and text(value) not in ("0", "0.0") else "",
        lambda place, column, value: (
            f"{weekday_name(WEEKDAYS[place])}, {HOURS[column]}:00–{HOURS[column]}:59: {written_in(unit, value)}"
        ),
    )


def _people(staff: int, needed: int) -> tuple[str, str]:
    """How many are at work of how many are needed, and whether that is too few."""
    if staff <= 0 and not needed:
        return "", ""
    return f"{'?' if staff < 0 else staff}/{needed}", "short" if 0 <= staff < needed else ""


def _short_count(value: float) -> str:
    return written_in(Unit.COUNT, round(value) if value >= 10 else round(value, 1))


def _rota(opened: OpenedLoad, load: Load, way: str, asked: dict[str, str]) -> dict[str, Any]:
    """The advice, or why there is none."""
    try:
        found = rota_view(load, advised(opened, load, way))
    except InvalidInput as error:
        return {"error": error}
    kept = {name: value for name, value in asked.items() if name not in ("service_level", "within_s")}
    return found | {"exports": exports_of("/api/call-load/shifts", {**kept, "way": way})}


def _by_dealer(services: Services, opened: OpenedLoad, question: LoadQuestion) -> dict[str, Any]:
    """Each dealer by its own people, where all are asked of."""
    if question.dealer:
        return {"dealer_rows": []}
    load = opened.study.by_dealer()
    answer = by_dealer(opened.study, load, opened.run, question.as_dict(), {})
    rows = answer.items()
    for row in rows:
        place = opened.network.by_id.get(row["dealer"])
        row["name"] = place.shown_name if place else row["dealer"]
        row["address"] = f"/call-load?{urlencode({'dealer': row['dealer'], 'month': question.month})}" if place else ""
    asked = {"month": str(question.month), "by": "dealer"}
    return {
        "dealer_rows": rows[:MOST_ROWS],
        "more_dealers": len(rows) - MOST_ROWS,
        "dealer_columns": BY_DEALER,
        "dealer_totals": answer.totals,
        "separately": int(known(load.needed).sum()),
        "dealer_exports": exports_of("/api/call-load", asked),
    }
