"""An importer above several holdings: one level more, by having them."""

import re

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from attribution.reference import replace_reference
from attribution.reference_document import Dealer, ReferenceDocument
from tests.api.forms import come_as_admin, post

DEALERS = (
    Dealer(id="a1", name="Север", brand="Lada", holding="Альфа"),
    Dealer(id="a2", name="Юг", brand="Chery", holding="Альфа"),
    Dealer(id="b1", name="Восток", brand="Lada", holding="Бета"),
    Dealer(id="free", name="Вольный", brand="Lada"),
)


@pytest.fixture
def plan(services: Services, client: TestClient) -> str:
    replace_reference(services.database, ReferenceDocument(dealers=DEALERS), author="t", clock=services.clock)
    come_as_admin(client)
    version = services.plans.create("План", 2027, currency="RUB", author="t")
    return f"/plans/{version.plan}"


def names(client: TestClient, address: str) -> list[str]:
    """What the rows of the table are called."""
    page = client.get(address).text
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.sub(r"<[^>]+>", "", head).strip() for head in re.findall(r'<th scope="row">(.*?)</th>', body, re.DOTALL)]


def test_levels_follow_each_other_down(client: TestClient, plan: str) -> None:
    assert names(client, plan) == ["Альфа", "Бета", "Вольный"]
    assert names(client, f"{plan}?holding=Альфа") == ["Chery", "Lada"]
    assert names(client, f"{plan}?holding=Альфа&brand=Lada") == ["Север"]
    assert names(client, f"{plan}?holding=Бета") == ["Восток"]


def test_what_is_shared_below_a_holding_stays_below_it(client: TestClient, plan: str) -> None:
    told = {"do": "share", "total": "240", "method": "even", "directions": "new_car", "step": "1", "based_on": "0"}
    post(client, f"{plan}?holding=Альфа", told)
    lines = client.get(f"/api{plan}/versions/1/cells").json()["items"]
    assert {each["dealer"]: sum(each["months"]) for each in lines} == {"a1": 120, "a2": 120}
    (target,) = client.get(f"/api{plan}/versions/1/targets").json()["items"]
    assert (target["holding"], target["value"], target["difference"]) == ("Альфа", 240, 0)
