"""Stock, hiring and benchmarks of a holding of which hardly anything is known."""

from datetime import UTC, datetime

from tests.attribution.world import World, lead, spend
from tests.told import OpenTold

READ = {"Authorization": "Bearer r"}
NOW = datetime(2026, 7, 2, tzinfo=UTC)


def _tell_little(world: World) -> None:
    """A lead and a cost, and no car, contractor, dealer or model."""
    world.refer()
    world.tell({"leads": [lead("l1", 100)], "spend": [spend("2026-04-01", "2026-04-30", 100, "vk")]})
    world.attribute()


ADDRESSES = (
    "/api/stock-need", "/api/stock-need?by=model,month", "/api/stock/table", "/api/hiring", "/api/benchmarks", "/stock",
    "/stock/levels", "/hiring", "/benchmarks",
)  # fmt: skip


def test_hardly_anything_is_enough_for_every_page(open_told: OpenTold) -> None:
    client = open_told(_tell_little, NOW).client
    found = {address: client.get(address, headers=READ).status_code for address in ADDRESSES}
    assert found == dict.fromkeys(ADDRESSES, 200)
