"""What plans are made of, edited as tables."""

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from attribution.reference import replace_reference
from attribution.reference_document import ReferenceDocument
from planning.directions import known_directions
from planning.service_plan import known_assumptions
from planning.sharing import known_capacities
from tests.api.forms import come_as_admin, post
from tests.api.plans.conftest import DEALERS


@pytest.fixture
def known(services: Services, client: TestClient) -> TestClient:
    replace_reference(services.database, ReferenceDocument(dealers=DEALERS), author="t", clock=services.clock)
    come_as_admin(client)
    return client


def test_tables_are_kept(services: Services, known: TestClient) -> None:
    kept = post(known, "/plans/basis/capacities", {
        "dealer": ["north", "south", ""], "direction": ["new_car", "new_car", ""], "units": ["1 000", "20", ""],
        "do": "keep",
    })  # fmt: skip
    assert "The change is kept." in kept.text
    told = {"dealer": ["", "north"], "interval_months": ["10", ""], "other_cars": ["", "500"], "do": "keep"}
    post(known, "/plans/basis/service", told)
    told = {"id": ["boats"], "name": ["Катера"], "kinds": ["boat, yacht"], "do": "keep"}
    page = post(known, "/plans/basis/directions", told).text
    assert 'value="boat, yacht"' in page
    with services.database.connect() as connection:
        assert known_capacities(connection) == {("north", "new_car"): 1000, ("south", "new_car"): 20}
        found = known_assumptions(connection)
    assert (found[""].interval_months, found["north"].other_cars, found["north"].interval_months) == (10, 500, 12)
    assert [each.kinds for each in known_directions(services.database)] == [("boat", "yacht")]


@pytest.mark.parametrize(("table", "told", "said"), [
    ("capacities", {"dealer": ["nowhere"], "direction": ["new_car"], "units": ["1"]}, "no dealer"),
    ("capacities", {"dealer": ["north"], "direction": ["boats"], "units": ["1"]}, "no direction"),
    ("capacities", {"dealer": ["north"], "direction": ["new_car"], "units": ["many"]}, "no whole number"),
    ("capacities", {"dealer": ["north"] * 2, "direction": ["new_car"] * 2, "units": ["1", "2"]}, "told twice"),
    ("service", {"dealer": [""], "interval_months": ["0"], "other_cars": [""]}, "not due every 0 months"),
    ("directions", {"id": ["Катера"], "name": ["Катера"], "kinds": [""]}, "cannot be kept: id"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_kept(
    services: Services, known: TestClient, table: str, told: dict[str, list[str]], said: str
) -> None:
    answer = post(known, f"/plans/basis/{table}", {**told, "do": "keep"})
    assert said in answer.text.replace("&#39;", "'")
    assert known_directions(services.database)[0].id == "new_car"
    with services.database.connect() as connection:
        assert known_capacities(connection) == {}
        assert known_assumptions(connection) == {}


def test_a_button_adds_a_line(known: TestClient) -> None:
    assert known.get("/plans/basis").status_code == 200
    told = {"dealer": ["north"], "direction": ["new_car"], "units": ["7"], "do": "add 1"}
    assert post(known, "/plans/basis/capacities", told).text.count('name="units"') == 2
    assert known.get("/plans/basis/lizards").status_code in (404, 405)
