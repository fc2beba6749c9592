"""What the page of plan against fact shows: a measure at a level, drawn, and what a file says otherwise."""

from datetime import date
from typing import Any

from api.bootstrap import Services
from api.dates import dated
from api.dimension_titles import dimension_title
from api.language import gettext as _
from api.numbers import written_in
from api.plan_facts import of_year
from api.plan_view import chosen_version, fact_answer, written_sum
from api.viewer import Viewer
from attribution.answer import Answer
from attribution.measures import Unit
from planning.dimensions import Network, known_network
from planning.directions import directions_in
from planning.facts import Disagreement, last_whole_month
from planning.measures import PLANNED, PlannedMeasure, planned_measure
from planning.rolled import LEVELS

_FORMS = ("csv", "xlsx", "parquet")


def fact_view(
    services: Services, viewer: Viewer, plan: int, number: int | None, by: str, measure: str, upto: int | None
) -> dict[str, Any]:
    """By dealer unless said. Raises `InvalidInput` and `NotFound`."""
    level = by or "dealer"
    asked = planned_measure(measure)
    found, versions, version = chosen_version(services, plan, number)
    answer = fact_answer(services, viewer.seen, plan, number, (level,), (measure,), upto)
    last = answer.asked["upto"]
    with services.database.connect() as connection:
        network = known_network(connection, viewer.seen)
        directions = {each.id: each.name for each in directions_in(connection)}
    facts = of_year(services, found.year, viewer.seen, by_channel=level == "channel")
    told = f"version={version.number}&by={level}&measures={measure}&upto={last}"
    return {
        "plan": found,
        "version": version,
        "versions": versions,
        "measure": asked,
        "measures": list(PLANNED.values()),
        "by": level,
        "levels": [(each, _level_title(each)) for each in ("month", *LEVELS)],
        "upto": last,
        "is_early": last == 0 and upto is None,
        "last_whole": last_whole_month(found.year, services.today),
        "months": [(month, dated(date(found.year, month, 1), "LLLL")) for month in found.months],
        "rows": _rows(answer, asked, level, network, directions, found.year),
        "totals": _cells(answer.totals, asked),
        "disagreements": [
            _disagreeing(each, network, found.year) for each in facts.disagreements if each.key.measure == measure
        ],
        "is_other_currency": asked.is_money and found.currency != services.settings.currency,
        "currency": found.currency,
        "account_currency": services.settings.currency,
        "exports": [(form, f"/api/plans/{plan}/fact?{told}&format={form}") for form in _FORMS],
    }


def _disagreeing(each: Disagreement, network: Network, year: int) -> dict[str, str]:
    dealer = network.by_id.get(each.key.dealer)
    return {
        "dealer": dealer.shown_name if dealer else each.key.dealer,
        "month": dated(date(year, each.month, 1), "LLL"),
        "of_file": written_sum(each.key.measure, each.of_file),
        "of_crm": written_sum(each.key.measure, each.of_crm),
        "file": each.file,
    }


def _level_title(level: str) -> str:
    own = {"direction": _("Direction"), "holding": _("Holding"), "group": _("Group")}
    return own.get(level) or dimension_title(level)


def _rows(
    answer: Answer, measure: PlannedMeasure, level: str, network: Network, directions: dict[str, str], year: int
) -> list[dict[str, Any]]:
    """The furthest behind its plan first; months in their order."""
    rows = []
    items = answer.items()
    drawn = [row[f"{measure.slug}_{name}"] or 0 for row in items for name in ("plan", "fact")]
    largest = max(drawn, default=0)
    for row in items:
        plan, fact = row[f"{measure.slug}_plan"] or 0, row[f"{measure.slug}_fact"] or 0
        rows.append(
            {
                "name": _named(row[level], level, network, directions, year),
                "cells": _cells(row, measure),
                "fulfilment": row[f"{measure.slug}_fulfilment"],
                "difference": row[f"{measure.slug}_difference"] or 0,
                "plan_width": round(100 * plan / largest, 2) if largest else 0,
                "fact_width": round(100 * fact / largest, 2) if largest else 0,
            }
        )
    return rows if level == "month" else sorted(rows, key=lambda each: each["difference"])


def _named(value: Any, level: str, network: Network, directions: dict[str, str], year: int) -> str:
    if level == "month":
        return dated(date(year, int(value), 1), "LLLL")
    if level == "dealer" and value in network.by_id:
        return network.by_id[value].shown_name
    if level == "direction" and value in directions:
        return _(directions[value])
    return str(value) or _("(none)")


def _cells(row: Any, measure: PlannedMeasure) -> dict[str, str]:
    named = {name: row.get(f"{measure.slug}_{name}") for name in ("plan", "fact", "difference", "year_plan", "pace")}
    written = {name: written_in(measure.unit, value) for name, value in named.items()}
    return written | {"fulfilment": written_in(Unit.SHARE, row.get(f"{measure.slug}_fulfilment"))}
