"""The offline report, from spend with a place and events to what there was in addition."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from attribution.answer import Answer, Period
from attribution.offline import MORE, UNCLEAR, offline_report
from tests.attribution.world import START, World, call, lead, spend, visit

CITIES = ["Тверь", "Тула", "Псков", "Орёл"]
DEALERS = [{"id": f"d{n}", "city": city} for n, city in enumerate(CITIES)]
WHOLE = Period(date(2026, 1, 1), date(2026, 6, 29))


def day(number: int) -> str:
    return (START.date() + timedelta(days=number)).isoformat()


def flights(*, effect: float) -> dict[str, list[dict[str, Any]]]:
    """Ninety days of four towns; posters in two of them, for two fortnights each."""
    random = np.random.default_rng(7)
    shown = {0: (20, 55), 1: (30, 65)}
    told: dict[str, list[dict[str, Any]]] = {"leads": [], "spend": [], "touches": [], "calls": []}
    for town in range(4):
        for number in range(90):
            runs = any(start <= number < start + 14 for start in shown.get(town, ()))
            for n in range(random.poisson(6 + (effect if runs else 0))):
                told["leads"].append(lead(f"l{town}-{number}-{n}", number + 0.4, dealer=f"d{town}"))
            region = CITIES[town].upper()
            told["touches"].append(visit(f"t{town}-{number}", f"v{town}-{number}", number, "yandex", region=region))
    for town, starts in shown.items():
        place = {"region": CITIES[town]} if town else {"dealer": "d0"}
        told["spend"] += [
            spend(day(start), day(start + 13), 1400, "город", medium="Наружная реклама", **place, id=f"{town}{start}")
            for start in starts
        ]
    told["spend"].append(spend(day(0), day(89), 900, "radio", medium="fm"))
    told["calls"] = [call("c", 3, "+74951234567", dealer="d1")]
    return told


def asked(world: World, events: dict[str, list[dict[str, Any]]]) -> Answer:
    world.refer(dealers=DEALERS, offline_media=[
        {"medium": "outdoor", "marks": ["наружная реклама"], "half_life_days": 1}, {"medium": "radio"},
    ])  # fmt: skip
    world.tell(events)
    world.attribute()
    return offline_report(world.services.warehouse, world.services.database, WHOLE, "UTC")


def test_what_posters_brought_is_found_where_they_stood(world: World) -> None:
    told = flights(effect=6)
    found = asked(world, told)
    rows = {(row["medium"], row["outcome"]): row for row in found.items()}
    leads = rows["outdoor", "leads"]
    assert leads["finding"] == MORE
    assert (leads["cost"], leads["observed"]) == (5600, len(told["leads"]) + 1)  # a call is a lead
    assert leads["low"] < 6 * 56 < leads["high"]
    assert leads["additional"] == pytest.approx(6 * 56, rel=0.3)
    assert leads["cost_per_additional"] == pytest.approx(5600 / leads["additional"])
    sessions = rows["outdoor", "sessions"]
    assert sessions["observed"] == 360
    assert sessions["finding"] == UNCLEAR
    assert rows["outdoor", "calls"]["finding"].startswith("too little data")
    assert rows["radio", "leads"]["finding"] == "too little data: fewer than 14 days with it, or without it"
    assert found.totals == {"cost": 6500}
    assert found.about["places"] == sorted(city.lower() for city in CITIES)


def test_where_posters_brought_nothing_nothing_is_found(world: World) -> None:
    found = asked(world, flights(effect=0)).items()
    (leads,) = (row for row in found if (row["medium"], row["outcome"]) == ("outdoor", "leads"))
    assert leads["finding"] == UNCLEAR
    assert leads["low"] < 0 < leads["high"]
    assert leads["cost_per_additional"] is None


def test_without_offline_spend_the_report_is_empty(world: World) -> None:
    found = asked(world, {"leads": [lead("l", 1, dealer="d1")]})
    assert found.rows.empty
    assert found.totals == {"cost": 0}


def test_spend_without_any_event_is_told(world: World) -> None:
    found = asked(world, {"spend": [spend(day(0), day(9), 10, "радио", medium="radio")]})
    assert set(found.rows["finding"]) == {"too little data: fewer than two places: a season cannot be told from it"}
    assert set(found.rows["cost"]) == {10.0}
