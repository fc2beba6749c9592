"""A small holding with odd names, whose days lie in three years."""

import random
from typing import Any

from tests.attribution.world import World, lead, spend, stage, visit

SOURCES = ("yandex", "vk", "google", "")
CAMPAIGNS = ("spring", "O'Brien & Söhne", "акция 1+1, 50%", "Spring", "")
DEALERS = ("north", "south", "Юг «O'K»", "")


def tell_holding(world: World) -> None:
    """Told, loaded and attributed."""
    world.refer(
        dealers=[
            {"id": "north", "name": "Север", "brand": "Lada", "city": "Москва"},
            {"id": "south", "name": "Юг", "brand": "Geely", "city": "Тула"},
            {"id": "sleepy", "name": "Сонный", "brand": "Lada", "city": "Тверь"},
        ],
        contractors=[
            {
                "id": "agency", "name": "Агентство", "campaigns": [{"source": "yandex"}],
                "fees": [{"from": "2025-01-01", "percent": 12, "fixed_month": "50000"}],
            },
            {"id": "idle", "name": "Без дела"},
        ],
    )  # fmt: skip
    chance = random.Random(5)
    world.tell({
        "touches": [_visit(chance, number) for number in range(300)],
        "leads": [
            lead(f"l{number}", chance.uniform(-300, 170), visitor_id=f"v{chance.randrange(120)}", **_dealer(chance))
            for number in range(60)
        ],
        "deals": [
            stage(
                f"d{number}", chance.choice(("sale", "visit", "qualified")), chance.uniform(-300, 170),
                visitor_id=f"v{chance.randrange(150)}", amount=f"{chance.randrange(10**8)}.{chance.randrange(100):02}",
                margin=f"{chance.randrange(10**6)}.37", **_dealer(chance),
            )
            for number in range(60)
        ],
        "spend": [_spend(chance, number) for number in range(60)],
    })  # fmt: skip
    world.attribute()


def _dealer(chance: random.Random) -> dict[str, Any]:
    dealer = chance.choice(DEALERS)
    return {"dealer": dealer} if dealer else {}


def _campaign(chance: random.Random) -> dict[str, Any]:
    campaign = chance.choice(CAMPAIGNS)
    return {"campaign": campaign} if campaign else {}


def _visit(chance: random.Random, number: int) -> dict[str, Any]:
    more = _dealer(chance) | _campaign(chance)
    return visit(f"t{number}", f"v{number % 120}", chance.uniform(-300, 170), chance.choice(SOURCES), **more)


def _spend(chance: random.Random, number: int) -> dict[str, Any]:
    first = f"2026-0{chance.randrange(1, 7)}-0{chance.randrange(1, 9)}"
    last = f"{first[:8]}{chance.randrange(10, 28)}"
    cost = f"{chance.randrange(10**6)}.{chance.randrange(100):02}"
    figures = {"impressions": chance.randrange(1000), "clicks": chance.randrange(100)}
    names = _dealer(chance) | _campaign(chance)
    return spend(first, last, cost, chance.choice(SOURCES), id=f"s{number}", currency="RUB", **figures, **names)
