"""Kept scenarios beside each other."""

from collections.abc import Sequence
from typing import Any

from api.bootstrap import Services
from api.calculator.form import form_of
from api.calculator.view import address_of
from api.calculator.words import interval_words
from api.dates import dated
from api.numbers import written_in
from api.viewer import Viewer
from attribution.measures import Unit
from infra.errors import ClosedLoopError
from planning.calculator.scenarios import Scenario
from planning.dimensions import known_network

_FIGURES = (
    ("budget", Unit.MONEY), ("leads", Unit.COUNT), ("visits", Unit.COUNT), ("sales", Unit.COUNT),
    ("margin", Unit.MONEY),
)  # fmt: skip
MOST_COMPARED = 6


def scenarios_view(
    services: Services,
    viewer: Viewer,
    chosen: Sequence[int],
    *,
    done: str = "",
    error: ClosedLoopError | None = None,
    failed: int = 0,
) -> dict[str, Any]:
    """All that are seen, and those that are chosen compared, in the order in which they were chosen."""
    known = services.scenarios.list(viewer=viewer.name, seen=viewer.seen)
    by_id = {each.id: each for each in known}
    compared = [by_id[key] for key in dict.fromkeys(chosen) if key in by_id][:MOST_COMPARED]
    with services.database.connect() as connection:
        names = {each.id: each.shown_name for each in known_network(connection, viewer.seen).dealers}
    return {
        "scenarios": [_told(each, names) for each in known],
        "chosen": [each.id for each in compared],
        "compared": [_told(each, names) for each in compared],
        "channels": _channels(compared),
        "bars": {name: _bars(compared, name) for name in ("budget", "sales", "margin")},
        "done": done,
        "error": error,
        "failed": failed,
        "most": MOST_COMPARED,
    }


def _told(scenario: Scenario, names: dict[str, str]) -> dict[str, Any]:
    totals = scenario.answer["totals"]
    return {
        "id": scenario.id,
        "name": scenario.name,
        "revision": scenario.revision,
        "dealer": scenario.dealer,
        "dealer_name": names.get(scenario.dealer, scenario.dealer),
        "month": dated(scenario.month.first, "LLLL y"),
        "currency": scenario.currency,
        "changed_by": scenario.changed_by,
        "changed_at": dated(scenario.changed_at, "dd MMM y"),
        "address": address_of(form_of(scenario.question)),
        "figures": {
            name: (
                written_in(unit, _rounded(totals[name]["mean"])) if totals.get(name) else "—",
                _interval(totals.get(name), unit),
            )
            for name, unit in _FIGURES
        },
        "cost_per_sale": written_in(Unit.MONEY, totals.get("cost_per_sale")),
    }


def _interval(told: dict[str, float] | None, unit: Unit) -> str:
    if not told or told["low"] == told["high"]:
        return ""
    return interval_words(_rounded(told["low"]), _rounded(told["high"]), unit)


def _channels(compared: Sequence[Scenario]) -> list[tuple[str, list[str]]]:
    """Budgets by channel, one column a scenario."""
    budgets = [{row["channel"]: row["budget"] for row in each.answer["channels"]} for each in compared]
    names = sorted({name for each in budgets for name, value in each.items() if value})
    return [(name, [written_in(Unit.MONEY, each.get(name)) for each in budgets]) for name in names]


def _bars(compared: Sequence[Scenario], name: str) -> list[dict[str, float]]:
    """Of each its mean and interval, in percent of the largest."""
    told = [each.answer["totals"].get(name) for each in compared]
    most = max((abs(each["high"]) for each in told if each), default=0)
    return [
        {end: round(100 * max(each[end], 0) / most, 2) for end in ("mean", "low", "high")} if each and most else {}
        for each in told
    ]


def _rounded(value: float) -> float:
    return round(value, 1 if abs(value) < 100 else 0)
