"""Recommendations over HTTP: asked, kept, exported, applied, and shown to whom they are of."""

import io
from datetime import date
from typing import Any

import orjson
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.credentials import COOKIE
from planning.media.months import Month
from tests.api.sampled import DEALER, Sampled

DECEMBER = "2026-12"


@pytest.fixture(scope="module")
def client(holding: Sampled) -> TestClient:
    return TestClient(create_app(holding.services), headers={"Authorization": "Bearer r"})


@pytest.fixture(scope="module")
def anna(holding: Sampled) -> TestClient:
    """The marketer of one dealer."""
    user = holding.services.users.by_email("anna@example.com")
    assert user
    token = holding.services.sessions.begin(user)
    session = holding.services.sessions.find(token)
    assert session
    return TestClient(create_app(holding.services), headers={"X-CSRF-Token": session.csrf}, cookies={COOKIE: token})


def usual(holding: Sampled, dealer: str = "") -> float:
    known = holding.services.response()
    told = zip(known.cells, known.curves.usual, strict=True)
    return round(float(sum(spend for cell, spend in told if not dealer or cell.dealer == dealer)), 2)


def asked(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/recommendations", json={"month": DECEMBER, "goal": "budget", **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_budget_is_split_to_the_last_minor_unit_and_kept(client: TestClient, holding: Sampled) -> None:
    budget = usual(holding)
    told = asked(client, amount=budget)
    assert sum(round(cell["best"] * 100) for cell in told["items"]) == round(budget * 100)
    assert sum(round(cell["now"] * 100) for cell in told["items"]) == round(budget * 100)
    gain = told["gain"]["net"]
    assert gain["low"] <= gain["mean"] <= gain["high"]
    assert b"NaN" not in orjson.dumps(told)
    again = client.get(f"/api/recommendations/{told['id']}").json()
    assert again["items"] == told["items"]
    listed = client.get("/api/recommendations").json()
    assert listed["items"][0]["id"] == told["id"]
    assert "cells" not in listed["items"][0]


@pytest.mark.parametrize(("goal", "share"), [("margin", 1.0), ("sales", 1.0), ("marginal_romi", 0)])
def test_the_other_questions_are_answered(client: TestClient, holding: Sampled, goal: str, share: float) -> None:
    promised = asked(client, amount=usual(holding))["promised"]
    amount = round(promised[goal]["mean"] * share, 2) if share else 0.2
    told = asked(client, goal=goal, amount=amount)
    assert told["verdict"] in ("change", "stay", "needed")
    assert told["spend"]["recommended"] > 0


def test_it_is_exported(client: TestClient, holding: Sampled) -> None:
    key = asked(client, amount=usual(holding))["id"]
    rows = pd.read_csv(io.BytesIO(client.get(f"/api/recommendations/{key}?format=csv").content))
    assert rows["best"].sum() == pytest.approx(usual(holding))
    sheet = pd.read_excel(io.BytesIO(client.get(f"/api/recommendations/{key}?format=xlsx").content), engine="calamine")
    assert len(sheet) >= len(rows)
    parquet = pd.read_parquet(io.BytesIO(client.get(f"/api/recommendations/{key}?format=parquet").content))
    assert len(parquet) == len(rows)


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"amount": 1}, "budget"),
        ({"amount": 10**12}, "budget"),
        ({"amount": 100, "currency": "USD"}, "currency"),
        ({"amount": 100, "locks": [{"dealer": "nobody"}]}, "locks"),
        ({"amount": 100, "least": 2.0}, "least"),
        ({"amount": 0, "goal": "sales"}, "amount"),
        ({"amount": 10**9, "goal": "sales"}, "amount"),
        ({"amount": 100, "months": 2.0}, "months"),
    ],
)
def test_what_cannot_be_is_said(client: TestClient, more: dict[str, Any], where: str) -> None:
    answer = client.post("/api/recommendations", json={"month": DECEMBER, "goal": "budget", **more})
    assert answer.status_code in (404, 422), answer.text
    error = answer.json()["error"]
    assert where in error["where"]
    assert error["message"]


def test_a_dealers_marketer_asks_of_their_dealer_alone(client: TestClient, anna: TestClient, holding: Sampled) -> None:
    whole = asked(client, amount=usual(holding))
    own = asked(anna, amount=usual(holding, DEALER))
    assert {cell["dealer"] for cell in own["items"]} == {DEALER}
    assert anna.get(f"/api/recommendations/{whole['id']}").status_code == 404
    assert anna.get(f"/recommendations/{whole['id']}").status_code == 404
    apply = anna.post(f"/api/recommendations/{whole['id']}/apply", json={"month": DECEMBER})
    assert apply.status_code == 404
    assert {each["id"] for each in anna.get("/api/recommendations").json()["items"]} == {own["id"]}
    page = anna.get("/recommendations").text
    others = {cell["dealer"] for cell in whole["items"]} - {DEALER, ""}
    assert not any(dealer in page for dealer in others)


def test_it_is_applied_once_and_told_again(client: TestClient, holding: Sampled) -> None:
    told = asked(client, amount=usual(holding))
    before = client.get("/api/plans").json()["total"]
    month = {"month": DECEMBER}
    use = client.post(f"/api/recommendations/{told['id']}/apply", json=month)
    assert use.status_code == 200, use.text
    assert client.post(f"/api/recommendations/{told['id']}/apply", json=month).json() == use.json()
    assert client.get("/api/plans").json()["total"] - before in (0, 1)
    assert client.get(f"/api/recommendations/{told['id']}").json()["uses"] == [use.json()]
    assert "Applied to" in client.get(f"/recommendations/{told['id']}").text
    audit = client.get("/api/audit", params={"what": f"recommendation {told['id']}"}).json()
    assert audit["total"] == 2


def test_what_came_is_measured_when_the_month_is_over(client: TestClient, holding: Sampled) -> None:
    """Of December nothing has come in the sample, which ends in November."""
    told = asked(client, amount=usual(holding))
    applied = client.post(f"/api/recommendations/{told['id']}/apply", json={"month": DECEMBER, "replaces": True})
    assert applied.status_code == 200, applied.text
    services = holding.services
    services.keep_up_outcomes()
    assert client.get("/api/recommendations").json()["outcomes"] == []
    services.recommendation_outcomes.keep_up(date(2027, 1, 2), services.happened)
    found = client.get("/api/recommendations").json()
    assert {each["fact"] for each in found["outcomes"]} == {0}
    assert [each["coverage"] for each in found["accuracy"]] == [0, 0]
    assert "0 of" in client.get("/recommendations").text
    october = services.happened(Month(2026, 10))
    assert october["cost"].sum() > 0


def test_stock_limits_where_that_is_wanted(client: TestClient, holding: Sampled) -> None:
    units = holding.services.stock_position().available_units(DEALER, Month(2026, 12))
    told = asked(client, amount=round(usual(holding) * 0.5, 2), within_stock=True, least=0, moves_unknown=True)
    assert units
    assert told["question"]["stock"][DEALER] == units
    assert asked(client, amount=usual(holding))["question"]["stock"] == {}
    body = {"month": "2029-12", "goal": "budget", "amount": usual(holding), "within_stock": True}
    refused = client.post("/api/recommendations", json=body)
    assert (refused.status_code, refused.json()["error"]["where"]) == (422, "within_stock")
