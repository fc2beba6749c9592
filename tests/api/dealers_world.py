"""A holding of eight dealers in two brands and cities, of whom one sells more and one hardly anything."""

from typing import Any
from urllib.parse import quote

from tests.attribution.world import World, lead, spend, stage, visit

ODD = 'Север / №1 & <b>"q"</b>?#%'
DEALERS = [ODD, *(f"d{n}" for n in range(1, 8))]
ODD_PATH = f"/dealers/{quote(ODD, safe='')}"
FIRST_DAY = 120  # the first of May


def tell(world: World) -> None:
    """The odd dealer sells two of three leads, the others one of six; d7 has three leads, and one sale.

    Each has two visits of vk's agency more than of yandex's. d6 lets its leads wait.
    """
    world.refer(
        dealers=[
            {"id": name, "brand": "Lada" if n < 4 else "Geely", "city": "Москва" if n % 2 else "Казань"}
            for n, name in enumerate(DEALERS)
        ],
        contractors=[
            {
                "id": "search-co", "name": "Search & Co", "campaigns": [{"source": "yandex"}],
                "fees": [{"percent": 10}], "claimed_budget": "50000", "claimed_romi": 5.0,
                "claimed_from": "2026-05-01", "claimed_to": "2026-05-31",
            },
            {"id": "social/co", "campaigns": [{"source": "vk"}], "fees": [{"per_lead": 7}]},
        ],
    )  # fmt: skip
    events: dict[str, list[dict[str, Any]]] = {"touches": [], "leads": [], "deals": [], "spend": []}
    for dealer in DEALERS:
        asked = 3 if dealer == "d7" else 36
        for n in range(asked):
            tell_one(events, dealer, n, sold=n % 3 < 2 if dealer == ODD else n % 6 == 0)
    events["spend"] = [
        spend("2026-05-01", "2026-05-31", 40_000, "yandex"),
        spend("2026-06-01", "2026-06-10", 9_000, "vk"),
    ]
    world.tell(events)
    world.attribute()


def tell_one(events: dict[str, list[dict[str, Any]]], dealer: str, n: int, *, sold: bool) -> None:
    name, day = f"{dealer}-{n}", FIRST_DAY + n
    answered = {} if dealer == "d6" else {"first_response_at": f"2026-06-30T{n % 24:02d}:00:00Z"}
    events["touches"].append(visit(f"t{name}", f"v{name}", day, "yandex" if n % 2 else "vk"))
    events["leads"].append(lead(f"l{name}", day + 0.1, visitor_id=f"v{name}", dealer=dealer, **answered))
    stages = ["qualified", "visit", "sale"] if sold else ["qualified"] if n % 2 else []
    for place, reached in enumerate(stages):
        money = {"amount": 9000, "margin": 3000} if reached == "sale" else {}
        events["deals"].append(stage(f"d{name}", reached, day + 1 + place, lead_id=f"l{name}", dealer=dealer, **money))
