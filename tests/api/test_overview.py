"""`GET /api/overview` and its page: the figures of a told world on a day that stands still."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.api.test_collect import READ
from tests.attribution.world import World, lead, spend, stage, visit
from tests.told import told_services

JUNE = {"from": "2026-06-01", "to": "2026-06-30"}  # days 151 to 180


def tell_events(world: World) -> None:
    """May: 100 for a lead and a sale; June: 300 for two leads, one of which is sold."""
    world.tell({
        "touches": [visit("a", "v1", 130, "yandex"), visit("b", "v2", 152, "yandex"), visit("c", "v3", 153, "vk")],
        "leads": [
            lead(f"l{n}", day, visitor_id=f"v{n}", dealer="north", first_response_at=f"2026-06-{4 + n:02d}T00:00:00Z")
            for n, day in ((1, 130), (2, 152), (3, 153))
        ],
        "deals": [
            stage("d1", "sale", 135, lead_id="l1", dealer="north", amount=1000, margin=150),
            stage("d2", "sale", 160, lead_id="l2", dealer="north", amount=2000, margin=600),
        ],
        "spend": [spend("2026-05-10", "2026-05-10", 100, "yandex"), spend("2026-06-02", "2026-06-03", 300, "yandex")],
    })  # fmt: skip


def tell(world: World) -> None:
    tell_events(world)
    world.attribute()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Where it is the first of July."""
    with (
        told_services(tmp_path_factory.mktemp("overview"), tell, currency="RUB") as services,
        TestClient(create_app(services)) as opened,
    ):
        yield opened


def asked(client: TestClient, **parameters: str) -> dict[str, Any]:
    answer = client.get("/api/overview", headers=READ, params=parameters)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_figures_stand_beside_those_before(client: TestClient) -> None:
    found = asked(client, **JUNE)
    assert (found["total"], found["next"], found["before"]) == (10, None, {"from": "2026-05-02", "to": "2026-05-31"})
    figures = {each["name"]: each for each in found["items"]}
    assert {name: (each["value"], each["before"]) for name, each in figures.items()} == {
        "cost": (300, 100), "leads": (2, 1), "visits": (0, 0), "sales": (1, 1), "revenue": (2000, 1000),
        "margin": (600, 150), "cpl": (150, 100), "cps": (300, 100), "romi": (1, 0.5), "drr": (0.15, 0.1),
    }  # fmt: skip
    cpl = figures["cpl"]
    assert (cpl["change"], cpl["better"], cpl["good"], cpl["formula"]) == (0.5, "down", False, "cost / leads")
    assert (figures["cost"]["good"], figures["sales"]["good"]) == (None, None)
    assert len(found["steps"]) == len(cpl["line"]) == len(cpl["line_before"]) == 30
    assert sum(figures["leads"]["line"]) == 2


def test_the_same_totals_as_the_report(client: TestClient) -> None:
    totals = client.get("/api/reports/romi", headers=READ, params=JUNE).json()["totals"]
    for each in asked(client, **JUNE)["items"]:
        assert each["value"] == pytest.approx(totals[each["name"]])


@pytest.mark.parametrize(("period", "first", "last", "before"), [
    ("", "2026-06-02", "2026-07-01", "2026-05-03"),
    ("last_30_days", "2026-06-02", "2026-07-01", "2026-05-03"),
    ("last_7_days", "2026-06-25", "2026-07-01", "2026-06-18"),
    ("this_month", "2026-07-01", "2026-07-01", "2026-06-30"),
    ("last_month", "2026-06-01", "2026-06-30", "2026-05-02"),
])  # fmt: skip
def test_named_periods(client: TestClient, period: str, first: str, last: str, before: str) -> None:
    found = asked(client, period=period)
    assert (found["question"]["from"], found["question"]["to"], found["before"]["from"]) == (first, last, before)


@pytest.mark.parametrize(("parameters", "where"), [
    ({"period": "yesteryear"}, "period"),
    ({"period": "last_month", "from": "2026-01-01"}, "period"),
    ({"from": "tomorrow"}, "from"),
    ({"from": "2026-02-01", "to": "2026-01-01"}, "to"),
    ({"from": "0001-01-01", "to": "0001-01-02"}, "to"),
    ({"from": "2000-01-01", "to": "2026-01-01"}, "from"),
    ({"measure": "clicks"}, "measure"),
    ({"step": "year"}, "step"),
])  # fmt: skip
def test_a_wrong_question_is_explained(client: TestClient, parameters: dict[str, str], where: str) -> None:
    answer = client.get("/api/overview", headers=READ, params=parameters)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["where"], bool(error["message"])) == (where, True)


def test_nothing_needs_attention(client: TestClient) -> None:
    assert asked(client)["attention"] == []
    assert "Nothing needs attention" in client.get("/overview", headers=READ).text


def test_standings_of_channels_and_dealers(client: TestClient) -> None:
    tables = {(each["by"], each["measure"]): each for each in asked(client, **JUNE)["standings"]}
    assert set(tables) == {(by, measure) for by in ("channel", "dealer") for measure in ("romi", "cpl")}
    (north,) = tables["dealer", "cpl"]["best"]
    assert (north["name"], north["value"], north["counted"], north["few"]) == ("north", 150, 2, True)
    assert north["low"] < 150 < north["high"]
    assert tables["dealer", "cpl"]["worst"] == []


def test_the_page_has_no_inline_script_or_style_and_speaks_of_no_plan(client: TestClient) -> None:
    page = client.get("/overview", headers=READ).text
    assert "<style" not in page
    assert " style=" not in page
    assert page.count("<script") == page.count("<script src=")
    assert " plan" not in page.lower()
    assert len(page.encode()) < 250_000
