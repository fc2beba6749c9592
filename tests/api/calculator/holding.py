"""A holding of two dealers over eight months: 4 leads a week each, of which a third visit and a third of these buy."""

from datetime import UTC, datetime
from typing import Any

from tests.attribution.world import World, lead, spend, stage, visit

AT = datetime(2026, 9, 1, 9, tzinfo=UTC)
DAYS = 242
READ = {"Authorization": "Bearer r"}
DEALERS = (("north", "North", "Lada"), ("south", "South", "Haval"))
SOURCES = ("yandex", "vk", "")


def tell(world: World) -> None:
    """Search and social cost money, others come by themselves, and radio costs and brings nothing."""
    world.refer(dealers=[{"id": key, "name": name, "brand": brand} for key, name, brand in DEALERS])
    world.tell(_events())
    world.attribute()


def tell_nothing(world: World) -> None:
    """Dealers alone, and a run that found no lead."""
    world.refer(dealers=[{"id": "north", "name": "North"}])
    world.attribute()


def tell_one_month(world: World) -> None:
    """A month of a few leads with spend, and a lead of the month after it."""
    world.refer(dealers=[{"id": "north", "name": "North"}])
    world.tell({
        "touches": [visit(f"t{n}", f"v{n}", n, "yandex") for n in range(20)],
        "leads": [lead(f"l{n}", n + 0.1, visitor_id=f"v{n}", dealer="north") for n in (*range(20), 33)],
        "deals": [
            stage(f"d{n}", reached, n + lag, visitor_id=f"v{n}", lead_id=f"l{n}", dealer="north", amount=10, margin=4)
            for n in range(0, 20, 2)
            for reached, lag in (("visit", 2), ("sale", 6))
        ],
        "spend": [spend("2026-01-01", "2026-01-31", 2000, "yandex", dealer="north")],
    })  # fmt: skip
    world.attribute()


def _events() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"touches": [], "leads": [], "deals": [], "spend": []}
    number = 0
    for day in range(0, DAYS, 2):
        for dealer, _name, _brand in DEALERS:
            number += 1
            key = f"{dealer}-{number}"
            found["touches"].append(visit(f"t{key}", f"v{key}", day + 0.1, SOURCES[number % 3], dealer=dealer))
            found["leads"].append(lead(f"l{key}", day + 0.2, visitor_id=f"v{key}", dealer=dealer))
            told = {"visitor_id": f"v{key}", "lead_id": f"l{key}", "dealer": dealer, "kind": "new_car"}
            if number % 3 == 0 or number % 5 == 0:
                found["deals"].append(stage(f"d{key}", "visit", day + 5, **told))
                if number % 2:
                    found["deals"].append(stage(f"d{key}", "sale", day + 20, **told, amount=1000, margin=300))
    for month in range(1, 9):
        first, last = f"2026-{month:02}-01", f"2026-{month:02}-28"
        for dealer, _name, _brand in DEALERS:
            found["spend"] += [
                spend(first, last, 5000, "yandex", dealer=dealer), spend(first, last, 9000, "vk", dealer=dealer),
                spend(first, last, 700, "radio", dealer=dealer),
            ]  # fmt: skip
    found["deals"] = [each for each in found["deals"] if each["occurred_at"] < AT.isoformat()]
    return found
