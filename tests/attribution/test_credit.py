"""Credit: every model of a single journey equals the plain reference, and adds up to the CRM's totals exactly."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.bootstrap import Services
from attribution.attributing import attribute
from attribution.models import Model
from attribution.reports import Calendar, Question, romi_report
from attribution.runs import BASE_TABLES, RUN_TABLES
from collectors.events import FAMILIES
from infra.settings import read_settings
from tests.attribution.reference_credit import shares
from tests.migrated import lay_warehouse

START = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_DAY, LAST_DAY = date(2025, 1, 1), date(2026, 12, 31)

History = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder: Path = tmp_path_factory.mktemp("credit")
    lay_warehouse(folder)
    opened = Services(read_settings(data=folder, timezone="UTC", load_interval_ms=10, _env_file=None))
    yield opened
    opened.close()


def empty(services: Services) -> None:
    services.__dict__.pop("intake", None)  # it remembers what it has seen
    for table in (*FAMILIES, *RUN_TABLES, *BASE_TABLES, "attribution_runs", "run_bases"):
        services.warehouse.command("truncate table {table:Identifier}", {"table": table})


def moment(hours: int) -> str:
    return (START + timedelta(hours=hours)).isoformat()


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Visitors with visits and sales; some visits lie before a sale's window, behind the sale, or at its moment."""
    touches: list[dict[str, Any]] = []
    deals: list[dict[str, Any]] = []
    for visitor in range(draw(st.integers(1, 4))):
        for _ in range(draw(st.integers(0, 7))):
            source = draw(st.sampled_from(["yandex", "vk", "avito", "", "радио"]))
            touch = {
                "id": f"t{len(touches):03}",
                "visitor_id": f"v{visitor}",
                "occurred_at": moment(draw(st.integers(0, 24 * 120))),
            }
            touches.append(touch | ({"source": source, "medium": "cpc"} if source else {}))
        for _ in range(draw(st.integers(0, 2))):
            deals.append(
                {
                    "id": f"d{len(deals)}",
                    "deal_id": f"d{len(deals)}",
                    "stage": "sale",
                    "visitor_id": f"v{visitor}",
                    "occurred_at": moment(draw(st.integers(0, 24 * 120))),
                    "amount": str(draw(st.decimals(0, 10_000_000, places=2))),
                    "margin": str(draw(st.decimals(-10_000, 1_000_000, places=2))),
                }
            )
    return {"touches": touches, "deals": deals}


def of_dealer(dealer: str, history: History) -> History:
    """The same history, at the dealer and of visitors whom nobody else has."""
    own = ("id", "deal_id", "visitor_id")
    return {
        family: [
            event | {"dealer": dealer} | {name: dealer + event[name] for name in own if name in event}
            for event in events
        ]
        for family, events in history.items()
    }


def expected(history: History, model: str) -> dict[str, float]:
    """Sales by source."""
    found: dict[str, float] = defaultdict(float)
    for deal in history["deals"]:
        at = datetime.fromisoformat(deal["occurred_at"])
        journey = sorted(
            (datetime.fromisoformat(touch["occurred_at"]), touch["id"], touch.get("source", ""))
            for touch in history["touches"]
            if touch["visitor_id"] == deal["visitor_id"]
            and at - timedelta(days=90) <= datetime.fromisoformat(touch["occurred_at"]) <= at
        )
        if not journey:
            found["(no touch)"] += 1
            continue
        parts = shares(model, [(when, source == "", source) for when, _, source in journey], at)
        for (_, _, source), share in zip(journey, parts, strict=True):
            if share:
                found[source or "(none)"] += share
    return found


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(histories(), min_size=4, max_size=4))
def test_every_model_equals_the_reference_and_conserves(services: Services, told: list[History]) -> None:
    """Each history is a dealer's, so that one run and one report hold four of them, each with its own figures."""
    empty(services)
    dealers = {f"north-{number}": history for number, history in enumerate(told)}
    for dealer, history in dealers.items():
        for family, events in of_dealer(dealer, history).items():
            assert not services.intake.accept(family, events).rejected
    loader = services.new_loader()
    loader.drain()
    loader.close()
    attribute(services.warehouse, services.database, services.clock, services.settings)
    for model in set(Model) - {Model.MARKOV}:  # which looks at all journeys: test_markov_credit
        for calendar in Calendar:
            question = Question(("dealer", "source"), FIRST_DAY, LAST_DAY, model, calendar)
            rows = romi_report(services.warehouse, question, "UTC").rows
            for dealer, history in dealers.items():
                assert_credited(rows[rows["dealer"] == dealer], history, model)


def assert_credited(rows: pd.DataFrame, history: History, model: Model) -> None:
    sales = {row["source"]: row["sales"] for _, row in rows.iterrows() if row["sales"]}
    assert sales == pytest.approx(expected(history, model), abs=1e-7)
    for name, field in (("revenue", "amount"), ("margin", "margin")):
        whole = sum((Decimal(deal[field]) for deal in history["deals"]), Decimal(0))
        assert sum(round(value * 100) for value in rows[name]) == int(whole * 100)
    assert round(rows["sales"].sum(), 9) == len(history["deals"])
