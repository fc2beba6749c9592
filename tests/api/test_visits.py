"""`GET /api/visits/{number}` and the card behind a link: what is told, to whom, and what a wrong number is told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from collectors.visits.number import with_check_digit, written
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.migrated import lay_warehouse

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
READ = {"Authorization": "Bearer r"}


def visit(key: str, session: str, days: float, **fields: str) -> dict[str, str]:
    at = (NOW - timedelta(days=days)).isoformat()
    return {"id": key, "visitor_id": "v1", "session_id": session, "occurred_at": at, **fields}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Services, TestClient, str]]:
    """A visitor of three visits, the last of which has the number."""
    folder: Path = tmp_path_factory.mktemp("visits")
    lay_warehouse(folder)
    settings = read_settings(
        data=folder, write_key="w", api_key="r", timezone="UTC", load_interval_ms=1, public_url="https://x.test",
        _env_file=None,
    )  # fmt: skip
    services = Services(settings, FrozenClock(NOW))
    services.intake.accept("touches", [
        visit("t1", "s1", 9, referrer="https://ya.ru/search?q=secret", url="https://d.test/", region="Omsk"),
        visit("t2", "s2", 5, source="vk", medium="social", url="https://d.test/a?email=x@example.com"),
        visit("t3", "s3", 1, source="yandex", medium="cpc", campaign="suv", term="buy", device="mobile",
              url="https://d.test/m?yclid=77"),
        {**visit("t4", "s9", 1, source="other"), "visitor_id": "v2"},
    ])  # fmt: skip
    services.intake.accept("touches", [visit("t2", "s2", 5, source="vk", medium="cpc", url="https://d.test/a")])
    services.intake.accept("actions", [
        {**visit("a1", "s3", 0.9, url="https://d.test/credit#part"), "name": "page", "properties": {"title": "Credit"}},
        {**visit("a2", "s3", 0.8, url="https://d.test/x"), "name": "goal"},
    ])  # fmt: skip
    loader = services.new_loader()
    loader.drain()
    loader.close()
    number = services.visit_numbers.number_of("v1", "s3")
    with TestClient(create_app(services)) as client:
        yield services, client, number
    services.close()


def test_a_visit_its_pages_and_those_before(known: tuple[Services, TestClient, str]) -> None:
    _, client, number = known
    told = client.get(f"/api/visits/{written(number)}", headers=READ).json()
    assert told["number"] == written(number)
    assert told["visit"] == {
        "began_at": "2026-06-30T12:00:00Z", "source": "yandex", "medium": "cpc", "campaign": "suv", "content": "",
        "term": "buy", "clicks": ["yclid"], "referrer": "", "landing": "d.test/m", "device": "mobile", "region": "",
        "pages": 2,
    }  # fmt: skip
    assert [(each["address"], each["title"]) for each in told["pages"]] == [
        ("d.test/m", ""),
        ("d.test/credit", "Credit"),
    ]
    assert [(each["source"], each["medium"], each["landing"]) for each in told["former"]] == [
        ("vk", "cpc", "d.test/a"), ("ya.ru", "", "d.test/"),
    ]  # fmt: skip
    assert told["former_count"] == 2
    assert "secret" not in str(told)
    assert "example.com" not in str(told)
    assert "'v1'" not in str(told)


def test_a_wrong_number_says_what_to_check(known: tuple[Services, TestClient, str]) -> None:
    services, client, number = known
    mistyped = number[:-1] + str((int(number[-1]) + 1) % 10)
    answer = client.get(f"/api/visits/{mistyped}", headers=READ)
    assert answer.status_code == 422
    assert "a digit of it is wrong" in answer.json()["error"]["message"]
    assert client.get("/api/visits/hello", headers=READ).status_code == 422
    unloaded = services.visit_numbers.number_of("v1", "s77")
    told = client.get(f"/api/visits/{unloaded}", headers=READ)
    assert (told.status_code, "not in the warehouse yet" in told.json()["error"]["message"]) == (404, True)
    nobodys = with_check_digit("99999999999")
    told = client.get(f"/api/visits/{nobodys}", headers=READ)
    assert (told.status_code, "No visit has the number" in told.json()["error"]["message"]) == (404, True)
    page = client.get(f"/visits/{mistyped}", headers=READ)
    assert (page.status_code, "a digit of it is wrong" in page.text) == (422, True)


def test_who_has_no_key_sees_nothing(known: tuple[Services, TestClient, str]) -> None:
    _, client, number = known
    assert client.get(f"/api/visits/{number}").status_code == 401
    page = client.get(f"/visits/{number}")
    assert (page.status_code, "yandex" in page.text) == (401, False)


def test_a_link_shows_one_visit_without_a_login_until_it_ends(known: tuple[Services, TestClient, str]) -> None:
    services, client, number = known
    link = services.visits.link(number, NOW + timedelta(days=1))
    assert link.startswith("https://x.test/visits/card/")
    path = link.removeprefix("https://x.test")
    card = client.get(path)
    assert (card.status_code, "yandex / cpc" in card.text) == (200, True)
    assert card.headers["Content-Security-Policy"] == "frame-ancestors *"
    assert (card.headers["Cache-Control"], card.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    broken = client.get(path[:-4] + "zzzz")
    assert (broken.status_code, "yandex" in broken.text) == (401, False)
    other = services.visit_numbers.number_of("v1", "s1")
    for forged in (path.replace(number, other), "/visits/card/x", f"/visits/card/{number}"):
        assert client.get(forged).status_code == 401
    assert len(link) < 130  # CRMs cut long texts
    ended = services.visits.link(number, NOW - timedelta(seconds=1)).removeprefix("https://x.test")
    assert (client.get(ended).status_code, "has ended" in client.get(ended).text) == (401, True)
