"""Response curves where nothing was spent yet, and where nothing was attributed."""

from datetime import UTC, datetime

from tests.api.test_collect import READ
from tests.attribution.world import World, lead, visit
from tests.told import OpenTold

NOW = datetime(2026, 7, 10, tzinfo=UTC)


def one_lead(world: World) -> None:
    world.tell({"touches": [visit("t", "v", 3, "vk")], "leads": [lead("l", 3.1, visitor_id="v")]})
    world.attribute()


def test_before_anything_was_spent_the_page_says_what_comes(open_told: OpenTold) -> None:
    client = open_told(one_lead, NOW).client
    for by in ("cell", "curve"):
        assert client.get(f"/api/response-curves?by={by}", headers=READ).json()["items"] == []
    assert "No curve can be drawn yet" in client.get("/response-curves", headers=READ).text


def test_before_anything_was_attributed_it_is_not_ready(open_told: OpenTold) -> None:
    client = open_told(lambda _world: None, NOW).client
    assert client.get("/api/response-curves", headers=READ).status_code == 409
    assert "No report yet" in client.get("/response-curves", headers=READ).text
