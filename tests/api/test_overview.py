"""`GET /api/overview`: figures, and what needs attention, of a told world on a day that stands still."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from attribution.anomalies.finding import Finding
from collectors.rejections import FieldError, Rejection
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.api.test_collect import READ
from tests.api.test_sources_page import fill
from tests.attribution.world import NOW, World, call, lead, spend, stage, visit
from tests.migrated import lay_warehouse

JUNE = {"from": "2026-06-01", "to": "2026-06-30"}  # days 151 to 180


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Where it is the first of July."""
    lay_warehouse(tmp_path)
    settings = read_settings(
        data=tmp_path, write_key="w", api_key="r", timezone="UTC", currency="RUB", load_interval_ms=1, _env_file=None
    )
    opened = Services(settings, FrozenClock(NOW))
    yield opened
    opened.close()


@pytest.fixture
def world(services: Services) -> World:
    return World(services)


def tell(world: World) -> None:
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
    world.attribute()


def asked(client: TestClient, **parameters: str) -> dict[str, Any]:
    answer = client.get("/api/overview", headers=READ, params=parameters)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_figures_stand_beside_those_before(world: World, client: TestClient) -> None:
    tell(world)
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


def test_the_same_totals_as_the_report(world: World, client: TestClient) -> None:
    tell(world)
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
def test_named_periods(world: World, client: TestClient, period: str, first: str, last: str, before: str) -> None:
    tell(world)
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
def test_a_wrong_question_is_explained(
    world: World, client: TestClient, parameters: dict[str, str], where: str
) -> None:
    tell(world)
    answer = client.get("/api/overview", headers=READ, params=parameters)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert (error["where"], bool(error["message"])) == (where, True)


def test_it_needs_a_key_and_a_run(client: TestClient) -> None:
    assert client.get("/api/overview").status_code == 401
    assert client.get("/overview").status_code == 401
    assert client.get("/api/overview", headers=READ).status_code == 409
    assert "No report yet" in client.get("/overview", headers=READ).text


def test_nothing_needs_attention(world: World, client: TestClient) -> None:
    tell(world)
    assert asked(client)["attention"] == []
    assert "Nothing needs attention" in client.get("/overview", headers=READ).text


def test_what_needs_attention_has_the_most_money_first(services: Services, world: World, client: TestClient) -> None:
    world.tell({
        "leads": [lead("never", 170, phone="+79160000001", dealer="south"), lead("now", 179, phone="+79160000002")],
        "calls": [call("m", 171, "+74950000000", caller="+79160000003", status="missed", dealer="south")],
        "spend": [{"date": "2026-06-10", "cost": 70, "currency": "USD", "source": "google", "medium": "cpc"}],
    })  # fmt: skip
    tell(world)
    fill(services)
    for subject, money in (("d1", 500.0), ("d2", 9_000.0)):
        found = Finding("calls_low", "dealer", subject, date(2026, 6, 29), 1.0, 20.0, 1e-9, money, "too few calls")
        services.notices.raise_new(found, "Look at the telephone line.", date(2026, 6, 30))
    services.rejections.keep([Rejection(0, "leads", b"{}", (FieldError("id", "is missing"),))], NOW)
    found = asked(client)["attention"]
    at_stake = [each["money"] or 0 for each in found]
    assert at_stake == sorted(at_stake, reverse=True)
    assert found[0]["money"] == 9_000
    by_kind = {each["kind"]: each for each in found}
    assert set(by_kind) == {
        "calls_low", "source_failing", "source_waiting", "rejections", "unprocessed_leads", "missed_calls",
        "missing_rate",
    }  # fmt: skip
    assert found[0]["text"] == "Dealer d2: too few calls, since 29 Jun"
    assert (found[0]["number"], found[0]["why"]) == ("1, usual 20", "Look at the telephone line.")
    assert found[0]["address"].startswith("/sources/notices#notice-")
    assert by_kind["unprocessed_leads"]["number"] == "1 lead"
    assert by_kind["missed_calls"]["number"] == "1 call"
    assert "south: 1" in by_kind["missed_calls"]["why"]
    assert by_kind["missing_rate"]["number"] == "70 USD"
    assert by_kind["rejections"]["number"] == "1 item"
    assert "mango.example is busy" in by_kind["source_failing"]["why"]
    assert by_kind["source_waiting"]["address"] == "/sources#source-west"
    assert by_kind["missing_rate"]["address"] == "/sources/rates"
    assert by_kind["rejections"]["address"] == "/sources/rejections"
    assert not any(each["command"] for each in found)


def test_every_place_to_act_answers(services: Services, world: World, client: TestClient) -> None:
    test_what_needs_attention_has_the_most_money_first(services, world, client)
    for each in asked(client)["attention"]:
        assert client.get(each["address"], headers=READ).status_code == 200, each


def test_a_notice_that_somebody_looks_after_needs_no_attention(
    services: Services, world: World, client: TestClient
) -> None:
    tell(world)
    found = Finding("calls_low", "all", "all", date(2026, 6, 29), 1.0, 20.0, 1e-9, None, "too few calls")
    services.notices.raise_new(found, "", date(2026, 6, 30))
    (told,) = asked(client)["attention"]
    assert (told["text"], told["urgent"], told["money"]) == ("All together: too few calls, since 29 Jun", True, None)
    (notice,) = services.notices.all()
    services.notices.acknowledge(notice.id, who="anna")
    assert asked(client)["attention"] == []


def test_noise_that_is_left_out_is_told(world: World, client: TestClient) -> None:
    """Crawlers that name themselves are left out unless a rule says otherwise."""
    tell(world)
    robot = {"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
    world.tell({"touches": [visit(f"r{n}", f"r{n}", 175, "yandex", properties=robot) for n in range(3)]})
    world.attribute()
    noise = [each for each in asked(client)["attention"] if each["kind"] == "noise"]
    assert [each["number"] for each in noise] == ["3 events"]
    assert noise[0]["why"].startswith("touches: 3.")


def test_standings_of_channels_and_dealers(world: World, client: TestClient) -> None:
    tell(world)
    tables = {(each["by"], each["measure"]): each for each in asked(client, **JUNE)["standings"]}
    assert set(tables) == {(by, measure) for by in ("channel", "dealer") for measure in ("romi", "cpl")}
    (north,) = tables["dealer", "cpl"]["best"]
    assert (north["name"], north["value"], north["counted"], north["few"]) == ("north", 150, 2, True)
    assert north["low"] < 150 < north["high"]
    assert tables["dealer", "cpl"]["worst"] == []


def test_texts_from_events_are_only_texts(world: World, client: TestClient) -> None:
    hostile = "<script>alert(1)</script>"
    world.tell({
        "leads": [lead("l", 170, phone="+79160000001", dealer=hostile), lead("now", 179, phone="+79160000002")],
        "spend": [spend("2026-06-10", "2026-06-10", 100, "yandex", dealer=hostile)],
    })  # fmt: skip
    world.attribute()
    page = client.get("/overview", headers=READ).text
    assert hostile not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_page_has_no_inline_script_or_style_and_speaks_of_no_plan(world: World, client: TestClient) -> None:
    tell(world)
    page = client.get("/overview", headers=READ).text
    assert "<style" not in page
    assert " style=" not in page
    assert page.count("<script") == page.count("<script src=")
    assert " plan" not in page.lower()
    assert len(page.encode()) < 250_000
