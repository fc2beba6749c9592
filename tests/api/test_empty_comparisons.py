"""The pages of dealers and contractors where there is nothing to show yet."""

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from tests.api.test_collect import READ
from tests.attribution.world import World, visit


@pytest.mark.parametrize("address", ["/dealers", "/dealers/d1", "/contractors", "/contractors/x"])
def test_nothing_is_there_before_the_first_run(client: TestClient, address: str) -> None:
    answer = client.get(address, headers=READ)
    assert answer.status_code == 200
    assert "No report yet" in answer.text


def test_who_has_no_contractor_is_told_how_to_enter_one(services: Services, client: TestClient) -> None:
    world = World(services)
    world.tell({"touches": [visit("t1", "v1", 5, "yandex")]})
    world.attribute()
    told = client.get("/contractors", headers=READ)
    assert "No contractor is entered yet" in told.text
    assert "closedloop reference set holding.json" in told.text
    assert client.get("/contractors/x", headers=READ).status_code == 404
    assert "No dealer in this period" in client.get("/dealers", headers=READ).text
