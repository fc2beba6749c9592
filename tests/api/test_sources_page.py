"""The sources page and `GET /api/sources`."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from api.bootstrap import Services
from api.rendering import ago
from collectors.sources.register import new_token
from collectors.sources.source import Source
from tests.api.live import follow_admin_link, listening

READ = {"Authorization": "Bearer r"}


def connect(services: Services, key: str, vendor: str = "mango") -> Source:
    source = Source(key, vendor, new_token(), ZoneInfo("Europe/Moscow"), secrets={"api_key": "k", "api_salt": "s"})
    services.sources.connect(source, author="test", next_pull_at=None)
    return source


def fill(services: Services) -> None:
    for key in ("north", "south", "west"):
        connect(services, key)
    services.progress.note_events("north", accepted=1200, rejected=3)
    services.progress.fail_pull("south", "mango.example is busy <b>now</b>.", not_before=timedelta(minutes=5))


@pytest.fixture
def address(services: Services) -> Iterator[str]:
    """Of a service without an event."""
    with listening(services) as place:
        yield place


def test_each_source_is_told(services: Services, client: TestClient) -> None:
    fill(services)
    found = client.get("/api/sources", headers=READ).json()
    assert found["total"] == 3
    assert [(row["id"], row["health"]) for row in found["items"]] == [
        ("north", "ok"), ("south", "failing"), ("west", "waiting"),
    ]  # fmt: skip
    assert found["items"][0]["lag_s"] >= 0
    assert "token" not in str(found)
    assert client.get("/api/sources").status_code == 401
    assert client.get("/sources").status_code == 401


@pytest.mark.browser
def test_the_page_shows_how_sources_fare(services: Services, address: str, page: Page) -> None:
    """Of three, one works, one fails, and one waits."""
    fill(services)
    page.goto(f"{address}/?key=r")
    page.get_by_role("link", name="Sources").click()
    expect(page.get_by_text("3 connected, 1 failing")).to_be_visible()
    expect(page.get_by_role("row", name="north")).to_contain_text("1 200")
    expect(page.get_by_role("row", name="south")).to_contain_text("mango.example is busy <b>now</b>.")
    expect(page.get_by_role("row", name="west")).to_contain_text("closedloop sources show west")
    page.get_by_role("button", name="Accepted").click()
    expect(page.locator("tbody tr").first).to_contain_text("north")


@pytest.mark.browser
def test_an_empty_page_says_what_comes_next(address: str, page: Page) -> None:
    follow_admin_link(page, address)
    page.goto(f"{address}/sources")
    expect(page.get_by_text("No source is connected yet")).to_be_visible()
    expect(page.get_by_text("closedloop connect calltouch")).to_be_visible()


@pytest.mark.browser
def test_the_overview_says_what_comes_before_the_first_event(address: str, page: Page) -> None:
    page.goto(f"{address}/?key=r")
    page.goto(f"{address}/overview")
    expect(page.get_by_role("heading")).to_have_text("No report yet")
    expect(page.get_by_text("closedloop collect leads.csv")).to_be_visible()


@pytest.mark.parametrize(("seconds", "words"), [
    (None, "—"), (0, "just now"), (59, "just now"), (60, "1 min ago"), (7300, "2 h ago"), (200_000, "2 d ago"),
])  # fmt: skip
def test_how_long_ago_is_said_in_one_unit(seconds: float | None, words: str) -> None:
    assert ago(seconds) == words
