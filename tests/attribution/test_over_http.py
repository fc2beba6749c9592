"""What runs derive over HTTP is what they derive in the process."""

from typing import Any

from tests.attribution.conftest import OpenServices
from tests.attribution.test_conversions import WHOLE
from tests.attribution.test_increments import derived
from tests.attribution.world import World, lead, profile, visit

LATER = {
    "touches": [visit("late", "v1", 2, "avito", session_id="s"), visit("page", "v1", 2.1, session_id="s")],
    "leads": [lead("l1", 4, phone="+79000000003", dealer="south"), lead("l-new", 40, session_id="s")],
    "profiles": [profile("p", 1, user_id="u", visitor_id="v1", phone="+79000000002")],
}


def two_runs(world: World) -> list[Any]:
    world.refer(
        dealers=[{"id": "north", "brand": "geely", "weight": 2}],
        contractors=[
            {
                "id": "agency",
                "campaigns": [{"source": "yandex"}],
                "fees": [{"percent": 10, "fixed_month": 30, "per_lead": 5}],
            }
        ],
        tracking_numbers=[{"number": "100", "dealer": "north", "source": "radio"}],
    )
    world.tell(WHOLE)
    world.attribute()
    first = derived(world)
    world.tell(LATER)
    world.attribute()
    return [first, derived(world), world.report("source", "dealer").items()]


def test_runs_over_http_derive_the_same(open_services: OpenServices) -> None:
    found = []
    for kind in ("chdb", "http"):
        with open_services(kind) as services:
            found.append(two_runs(World(services)))
    assert found[0] == found[1]
    assert found[0][0] != found[0][1]
