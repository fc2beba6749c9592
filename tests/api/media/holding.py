"""A holding of two dealers on 16 November 2026: three months of spend, half a month beside an approved budget."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from api.bootstrap import Services
from planning.editing import Cell
from planning.grid import LineKey
from planning.plans import PlanVersion, State, move
from tests.attribution.world import World

AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
MONTH = "2026-11"
NOVEMBER = date(2026, 11, 1)
READ = {"Authorization": "Bearer r"}
CONTRACTORS = [
    {"id": "wave", "name": "Wave", "campaigns": [{"source": "radio"}]},
    {"id": "studio", "name": "Studio", "campaigns": [{"source": "vk"}]},
]


def tell(world: World) -> None:
    world.refer(
        dealers=[
            {"id": "north", "name": "North", "brand": "Lada"},
            {"id": "south", "name": "South", "brand": "Haval"},
        ],
        contractors=CONTRACTORS,
    )
    world.tell(events(NOVEMBER, AT.date()))
    world.attribute()


def events(month: date, today: date) -> Mapping[str, list[dict[str, Any]]]:
    """Of a month up to yesterday and the 91 days before it.

    Before: search of north costs 1 000 a day for a lead every other day, vk 500 for one every fifth. In the month:
    search 3 000 a day, vk 500 a day, and 7 000 once on radio of wave.
    """
    before = [month - timedelta(days=number) for number in range(91, 0, -1)]
    gone = [month + timedelta(days=number) for number in range((today - month).days)]
    leads = [(day, "yandex") for day in before[::2]] + [(day, "vk") for day in before[::5]]
    leads += [(day, "yandex") for day in gone]
    return {
        "touches": [
            {"id": f"t{n}", "visitor_id": f"v{n}", "occurred_at": f"{day}T08:00:00Z", "source": source,
             "medium": "cpc", "campaign": "cars" if source == "yandex" else "autumn", "dealer": "north"}
            for n, (day, source) in enumerate(leads)
        ],
        "leads": [
            {"id": f"l{n}", "visitor_id": f"v{n}", "created_at": f"{day}T09:00:00Z", "kind": "form", "dealer": "north"}
            for n, (day, _source) in enumerate(leads)
        ],
        "spend": [
            *(_spend(day, 1_000, "yandex", "cars") for day in before),
            *(_spend(day, 500, "vk", "autumn") for day in before),
            *(_spend(day, 3_000, "yandex", "cars") for day in gone),
            *(_spend(day, 500, "vk", "autumn") for day in gone),
            _spend(gone[3] if len(gone) > 3 else month, 7_000, "radio", "jingle", medium="radio"),
        ],
    }  # fmt: skip


def _spend(day: date, cost: int, source: str, campaign: str, medium: str = "cpc") -> dict[str, Any]:
    return {
        "date": day.isoformat(), "cost": cost, "source": source, "medium": medium, "campaign": campaign,
        "dealer": "north",
    }  # fmt: skip


def approve_budgets(services: Services, budgets: Mapping[str, int], month: date = NOVEMBER) -> PlanVersion:
    """Of the month, in whole roubles."""
    version = services.plans.create(
        f"Plan {month.year}", month.year, currency=services.settings.currency, author="director"
    )
    cells = [Cell(LineKey("budget", dealer), month.month, value * 100) for dealer, value in budgets.items()]
    services.plan_editor.put(version.id, cells, author="director")
    with services.database.begin() as connection:
        for state in (State.SUBMITTED, State.APPROVED):
            move(connection, version.id, state, services.clock, author="director")
    return services.plans.version(version.id)
