"""Plans over the interface: made, filled, shared out, compared."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from infra.audit import find_changes
from infra.clock import SystemClock
from planning.plans import State, move

CELL = {"measure": "sales", "dealer": "north", "direction": "new_car", "month": 1, "value": 10}


def put(client: TestClient, plan: int, *cells: dict[str, Any], **told: Any) -> Any:
    return client.put(f"/api/plans/{plan}/versions/1/cells", json={"cells": [CELL | each for each in cells], **told})


def lines(client: TestClient, plan: int, **asked: str) -> dict[str, list[float]]:
    found = client.get(f"/api/plans/{plan}/versions/1/cells", params=asked).json()["items"]
    return {f"{each['measure']} {each['dealer']}": each["months"] for each in found}


def test_cells_are_put_and_told(director: TestClient, plan: int) -> None:
    assert (
        put(director, plan, {}, {"measure": "budget", "value": 1500.5, "month": 12}, why="first").json()["lines"] == 2
    )
    assert lines(director, plan) == {"sales north": [10, *[0] * 11], "budget north": [*[0] * 11, 1500.5]}
    told = director.get(f"/api/plans/{plan}/versions/1").json()
    assert told["totals"] == {"sales": 10, "budget": 1500.5}
    assert [(each["author"], each["why"], each["lines"]) for each in told["edits"]] == [("API key", "first", 2)]


@pytest.mark.parametrize(("cell", "said"), [
    ({"value": 1.5}, "'1.5' is no whole number of sales"),
    ({"value": -1}, "Sales cannot be -1"),
    ({"measure": "budget", "value": 0.001}, "no amount of marketing budget"),
    ({"month": 13}, "no month 13"),
    ({"dealer": "nowhere"}, "no dealer 'nowhere'"),
    ({"value": 1e17}, "Sales cannot be"),
])  # fmt: skip
def test_bad_numbers_are_refused_whole(director: TestClient, plan: int, cell: dict[str, Any], said: str) -> None:
    refused = put(director, plan, {}, cell)
    assert refused.status_code in (404, 422)
    assert said in refused.json()["error"]["message"]
    assert lines(director, plan) == {}


def test_a_conflict_says_who_wrote_what(director: TestClient, marketer: TestClient, plan: int) -> None:
    seen = put(director, plan, {}).json()["edit"]
    assert put(marketer, plan, {"value": 12}).status_code == 200
    refused = put(director, plan, {"value": 11, "based_on": seen})
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "conflict"
    assert "key north has meanwhile changed sales of north for month 1 to 12" in refused.json()["error"]["message"]


def test_a_dealers_marketer_sees_and_changes_their_own(director: TestClient, marketer: TestClient, plan: int) -> None:
    put(director, plan, {}, {"dealer": "south", "value": 7})
    assert lines(marketer, plan) == {"sales north": [10, *[0] * 11]}
    assert put(marketer, plan, {"dealer": "south"}).status_code == 404
    assert marketer.post("/api/plans", json={"name": "x", "year": 2027}).status_code == 403
    assert marketer.get(f"/api/plans/{plan}/versions/1").json()["totals"] == {"sales": 10}


def test_an_analyst_reads_only(director: TestClient, analyst: TestClient, plan: int) -> None:
    put(director, plan, {})
    assert lines(analyst, plan) == {"sales north": [10, *[0] * 11]}
    assert put(analyst, plan, {"value": 1}).status_code == 403


def test_a_total_is_shared_out_and_differs_after_an_edit_below(director: TestClient, plan: int) -> None:
    split = {"measure": "sales", "totals": [100], "method": "even", "directions": ["new_car"]}
    done = director.post(f"/api/plans/{plan}/versions/1/split", json=split)
    assert done.json()["lines"] == 3
    assert sum(map(sum, lines(director, plan).values())) == 100
    put(director, plan, {"value": 40})
    (target,) = director.get(f"/api/plans/{plan}/versions/1/targets").json()["items"]
    assert (target["value"], target["month"]) == (100, None)
    assert target["difference"] == target["below"] - 100 != 0


@pytest.mark.parametrize(("told", "said"), [
    ({"method": "history"}, "nothing of the kind happened"),
    ({"method": "weights", "weights": {"north": 0}}, "the weights of all open dealers and months are 0"),
    ({"totals": [1, 2]}, "one total for all months together, or one for each"),
    ({"months": [13]}, "no month 13"),
    ({"directions": ["boats"]}, "no direction 'boats'"),
    ({"brand": "BMW"}, "No dealer stands under BMW"),
    ({"month_weights": [1, 2]}, "twelve weights of months"),
])  # fmt: skip
def test_what_cannot_be_shared_says_why(director: TestClient, plan: int, told: dict[str, Any], said: str) -> None:
    split = {"measure": "sales", "totals": [100], "method": "even", **told}
    refused = director.post(f"/api/plans/{plan}/versions/1/split", json=split)
    assert refused.status_code == 422
    assert said in refused.json()["error"]["message"]
    assert refused.json()["error"]["help"]


def test_others_give_what_one_takes(director: TestClient, plan: int) -> None:
    put(director, plan, {"value": 10}, {"month": 2, "value": 20})
    assert put(director, plan, {"value": 25}, keep="year").status_code == 200
    assert lines(director, plan)["sales north"][:2] == [25, 5]
    refused = put(director, plan, {"value": 25}, {"month": 2, "value": 25}, keep="year")
    assert "one cell at a time" in refused.json()["error"]["message"]


def test_the_newest_change_is_taken_back(director: TestClient, marketer: TestClient, plan: int) -> None:
    edit = put(director, plan, {}).json()["edit"]
    address = f"/api/plans/{plan}/versions/1/undo"
    assert marketer.post(address, json={"edit": edit}).status_code == 403
    assert director.post(address, json={"edit": edit}).json()["lines"] == 1
    assert lines(director, plan)["sales north"] == [0] * 12
    assert director.post(address, json={"edit": edit}).status_code == 409


def test_versions_are_compared(services: Services, director: TestClient, marketer: TestClient, plan: int) -> None:
    put(director, plan, {}, {"dealer": "south"})
    version = services.plans.version_of(plan, 1).id
    with services.database.begin() as connection:
        for state in (State.SUBMITTED, State.RETURNED):
            move(connection, version, state, SystemClock(), author="boss")
    second = director.post(f"/api/plans/{plan}/versions", json={"why": "north asked"})
    assert (second.status_code, second.json()["number"]) == (201, 2)
    told = {"cells": [CELL | {"value": 9}, CELL | {"dealer": "south", "value": 8}], "why": "fewer cars"}
    director.put(f"/api/plans/{plan}/versions/2/cells", json=told)
    asked = {"from": 1, "to": 2}
    found = director.get(f"/api/plans/{plan}/compare", params=asked).json()
    assert [(each["dealer"], each["before"], each["after"], each["why"]) for each in found["items"]] == [
        ("north", 10, 9, "fewer cars"), ("south", 10, 8, "fewer cars"),
    ]  # fmt: skip
    assert [each["dealer"] for each in marketer.get(f"/api/plans/{plan}/compare", params=asked).json()["items"]] == [
        "north"
    ]
    assert director.get(f"/api/plans/{plan}/compare", params={"from": 1, "to": 9}).status_code == 404


def test_directions_and_capacities_are_set(services: Services, director: TestClient, marketer: TestClient) -> None:
    boats = {"directions": [{"id": "boats", "name": "Boats", "kinds": ["boat"]}]}
    assert director.put("/api/plans/directions", json=boats).json()["items"] == boats["directions"]
    assert director.put("/api/plans/directions", json={"directions": boats["directions"] * 2}).status_code == 422
    assert director.put("/api/plans/directions", json={"directions": []}).json()["total"] == 3
    capacity = {"dealer": "north", "direction": "new_car", "units": 40}
    assert director.put("/api/plans/capacities", json={"capacities": [capacity]}).json()["items"] == [capacity]
    for wrong in ({"dealer": "nowhere"}, {"direction": "boats"}, {"units": -1}):
        assert director.put("/api/plans/capacities", json={"capacities": [capacity | wrong]}).status_code in (404, 422)
    assert marketer.put("/api/plans/capacities", json={"capacities": []}).status_code == 403
    south = capacity | {"dealer": "south"}
    director.put("/api/plans/capacities", json={"capacities": [capacity, south]})
    assert marketer.get("/api/plans/capacities").json()["items"] == [capacity]
    changes, _ = find_changes(services.database, what="capacities")
    assert changes[0].after == "north new_car: 40; south new_car: 40"
