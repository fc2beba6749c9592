"""The account's settings on their page and as JSON: reports and runs follow, in another process too."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from attribution.runs import is_computed_by, is_fresh, newest_run
from infra.access.rights import UserRole
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.api.forms import come_as, come_as_admin, post
from tests.attribution.world import World, lead, moment, spend
from tests.migrated import lay_warehouse

READ = {"Authorization": "Bearer r"}
PAGE = "/settings/account"
NOW = datetime(2026, 2, 1, tzinfo=UTC)
MINUTE = 1 / 1440


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    lay_warehouse(tmp_path)
    settings = read_settings(data=tmp_path, write_key="w", api_key="r", load_interval_ms=20, timezone="UTC",
                             vat_percent=18, _env_file=None)  # fmt: skip
    with closing(Services(settings, FrozenClock(NOW))) as opened:
        yield opened


@pytest.fixture
def client(services: Services) -> TestClient:
    return TestClient(create_app(services))


def form(**told: str) -> dict[str, str]:
    return {"do": "keep", "based_on": "0"} | told


def value_of(text: str, name: str) -> str:
    return text.partition(f'name="{name}" value="')[2].partition('"')[0]


def test_a_change_is_kept_shown_and_left_to_the_environment_again(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    page = client.get(PAGE).text
    assert "All is as the environment says" in page
    assert "Empty: as the environment says, 18." in page
    assert "as the environment says: RUB" in page
    assert "Nobody changed anything here yet" in page
    told = {"vat_percent": "22,5", "net_of_vat": "no", "lookback_days_by_kind-sale": "180", "currency": "KZT"}
    page = post(client, PAGE, form(**told, late_minutes="30")).text
    assert "It is set" in page
    assert "Version 1 is in force" in page
    assert "Set by admin link, 01 Feb 2026, 00:00." in page
    assert value_of(page, "vat_percent") == "22.5"
    assert value_of(page, "lookback_days_by_kind-sale") == "180"
    assert '<option value="KZT" selected>' in page
    held = services.settings
    assert (held.vat_percent, held.net_of_vat, held.currency, held.late_minutes) == (22.5, False, "KZT", 30)
    assert held.lookback_days_by_kind == {"sale": 180}
    page = post(client, PAGE, {"do": "environment"}).text
    assert "All is as the environment says again" in page
    assert "<td>22.5</td><td>as the environment says</td>" in page
    assert services.settings.vat_percent == 18
    assert "account settings" in client.get("/audit", params={"what": "account settings"}).text


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_kept(services: Services, client: TestClient) -> None:
    come_as_admin(client)
    told = {"vat_percent": "120", "lookback_days": "many", "lookback_days_by_kind-sale": "0", "late_minutes": "30"}
    answer = post(client, PAGE, form(**told))
    assert answer.status_code == 422
    assert "Nothing is kept yet" in answer.text
    assert "Write a number from 0 to 100." in answer.text
    assert answer.text.count("Write a whole number from 1 to 3650.") == 2
    for name in ("vat_percent", "lookback_days", "lookback_days_by_kind-sale"):
        assert f'aria-describedby="of-{name} wrong-{name}" aria-invalid="true"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 3
    assert value_of(answer.text, "lookback_days") == "many"
    assert services.settings.late_minutes == 60
    assert "There is no such currency" in post(client, PAGE, form(currency="ABC")).text


def test_nobody_overwrites_what_somebody_kept_meanwhile(client: TestClient) -> None:
    come_as_admin(client)
    post(client, PAGE, form(vat_percent="22"))
    answer = post(client, PAGE, form(vat_percent="5"))
    assert answer.status_code == 422
    assert "admin link changed the settings meanwhile" in answer.text
    assert value_of(answer.text, "vat_percent") == "5"


def test_an_analyst_looks_and_changes_nothing(services: Services, client: TestClient) -> None:
    come_as(client, services.users, UserRole.ANALYST)
    page = client.get(PAGE).text
    assert "<button name=" not in page
    assert "Audit log" not in page
    assert post(client, PAGE, form(vat_percent="5")).status_code == 403
    come_as(client, services.users, UserRole.MARKETING_DIRECTOR)
    assert "It is set" in post(client, PAGE, form(vat_percent="5")).text


def test_settings_as_json(services: Services, client: TestClient) -> None:
    told = client.put("/api/settings", json={"vat_percent": 5, "late_minutes": 30}, headers=READ).json()
    items = {each["name"]: each for each in told["items"]}
    vat = items["vat_percent"]
    assert (vat["value"], vat["environment"], vat["is_set"], vat["author"]) == (5, 18, True, "API key")
    assert vat["changed_at"] == NOW.isoformat()
    assert (items["currency"]["value"], items["currency"]["is_set"]) == ("RUB", False)
    assert told["versions"] == [
        {"version": 1, "at": NOW.isoformat(), "author": "API key", "set": {"vat_percent": 5, "late_minutes": 30}}
    ]
    client.put("/api/settings", json={"vat_percent": None}, headers=READ)
    assert client.get("/api/settings", headers=READ).json()["versions"][0]["set"] == {"late_minutes": 30}
    assert services.settings.vat_percent == 18
    for wrong in ({"vat_percent": "a lot"}, {"timezone": "UTC"}):
        refused = client.put("/api/settings", json=wrong, headers=READ)
        assert refused.status_code == 422
        assert refused.json()["error"]["where"] == next(iter(wrong))


def test_runs_and_reports_follow(services: Services, client: TestClient) -> None:
    world = World(services)
    world.tell({"spend": [spend("2026-01-05", "2026-01-05", 118, "yandex", vat_included=True)]})
    run = world.attribute()

    def cost() -> float:
        days = {"from": "2026-01-01", "to": "2026-01-31"}
        told = client.get("/api/reports/romi", params=days, headers=READ).json()
        return float(told["totals"]["cost"])

    assert cost() == pytest.approx(100)
    assert is_fresh(services.warehouse, services.database, services.settings)
    client.put("/api/settings", json={"vat_percent": 0}, headers=READ)
    assert not is_fresh(services.warehouse, services.database, services.settings), "a run is asked for"
    come_as_admin(client)
    assert f"still show the figures of run {run.number}" in client.get(PAGE).text
    assert cost() == pytest.approx(100)
    full = world.attribute()
    assert full.base == full.number, "it derives everything anew"
    assert cost() == pytest.approx(118)
    assert is_computed_by(newest_run(services.warehouse), services.settings)
    assert f"run {full.number}, which is computed by these settings" in client.get(PAGE).text


def test_deadlines_hold_at_once_unless_a_page_has_its_own(services: Services, client: TestClient) -> None:
    world = World(services)
    answered = lead("slow", 1, phone="+79030000001", dealer="north", first_response_at=moment(1 + 40 * MINUTE))
    world.tell({"leads": [answered, lead("waits", 2, phone="+79030000002"), lead("end", 2.5, phone="+79030000003")]})
    world.attribute()

    def told(**asked: Any) -> tuple[int, int]:
        asked |= {"from": "2026-01-01", "to": "2026-01-31"}
        totals = client.get("/api/reports/lost-leads", params=asked, headers=READ).json()["totals"]
        return totals["late"], totals["unprocessed"]

    def page(**asked: Any) -> str:
        return client.get("/funnel/lost", params=asked | {"from": "2026-01-01", "to": "2026-01-31"}).text

    come_as_admin(client)
    assert told() == (0, 0)
    assert value_of(page(), "unprocessed_hours") == ""
    assert 'value="24"' in page()
    assert "Leads without a response" not in client.get("/overview").text
    client.cookies.clear()
    client.put("/api/settings", json={"late_minutes": 30, "unprocessed_hours": 10}, headers=READ)
    assert told() == (1, 1)
    assert told(late_minutes=60, unprocessed_hours=24) == (0, 0), "what is asked for wins"
    waiting = client.get("/api/reports/unprocessed-leads", params={"from": "2026-01-01"}, headers=READ).json()
    assert [each["id"] for each in waiting["items"]] == ["waits"]
    come_as_admin(client)
    assert 'value="10"' in page()
    assert 'value="48"' in page(unprocessed_hours=48)
    assert "Leads without a response for 10 hours" in client.get("/overview").text
    late = client.get("/api/reports/performance", params={"by": "dealer", "from": "2026-01-01"}, headers=READ).json()
    assert late["totals"]["late"] == 1


def test_another_process_sees_it_within_a_second(services: Services, client: TestClient) -> None:
    """A second `Services` over the same operational database: a role of its own."""
    clock = FrozenClock(NOW)
    with closing(Services(services.environment, clock)) as other:
        assert other.settings.late_minutes == 60
        client.put("/api/settings", json={"late_minutes": 30, "currency": "EUR"}, headers=READ)
        clock.advance(timedelta(seconds=1))
        assert (other.settings.late_minutes, other.settings.currency) == (30, "EUR")
        assert other.environment.late_minutes == 60


def test_what_is_kept_is_asked_for_anew(services: Services) -> None:
    """Whoever turns messages into events, and is made once, knows the currency of now."""
    services.inbox  # noqa: B018  # made before the change
    services.account.change({"currency": "EUR"}, author="test")
    told = {
        "type": "track", "event": "Car Reserved", "messageId": "m1", "anonymousId": "a1",
        "properties": {"revenue": 100, "currency": "EUR"},
    }  # fmt: skip
    services.inbox.take([told], NOW)
    loader = services.new_loader()
    loader.drain()
    loader.close()
    assert services.warehouse.value("select amount from actions") == 100


def test_a_folder_without_data_stays_without(tmp_path: Path) -> None:
    with closing(Services(read_settings(data=tmp_path / "data", lookback_days=7, _env_file=None))) as services:
        assert services.settings.lookback_days == 7
    assert not (tmp_path / "data").exists()
