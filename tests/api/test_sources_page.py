"""The sources page and `GET /api/sources`."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from api.bootstrap import Services
from api.rendering import ago
from collectors.sources.register import new_token
from collectors.sources.source import Source
from infra.settings import read_settings
from tests.api.cli.closedloop import serving
from tests.migrated import lay_warehouse

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
def filled(tmp_path: Path) -> Iterator[str]:
    """The address of a service with three sources: one that works, one that fails, and one that waits."""
    lay_warehouse(tmp_path / "data")
    services = Services(read_settings(data=tmp_path / "data", _env_file=None))
    fill(services)
    services.close()
    with serving(tmp_path) as (_, address):
        yield address


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
def test_the_page_shows_how_sources_fare(filled: str, page: Page) -> None:
    page.goto(f"{filled}/?key=r")
    page.get_by_role("link", name="Sources").click()
    expect(page.get_by_text("3 connected, 1 failing")).to_be_visible()
    expect(page.get_by_role("row", name="north")).to_contain_text("1 200")
    expect(page.get_by_role("row", name="south")).to_contain_text("mango.example is busy <b>now</b>.")
    expect(page.get_by_role("row", name="west")).to_contain_text("closedloop sources show west")
    page.get_by_role("button", name="Accepted").click()
    expect(page.locator("tbody tr").first).to_contain_text("north")


@pytest.mark.browser
def test_an_empty_page_says_what_comes_next(tmp_path: Path, page: Page) -> None:
    with serving(tmp_path) as (_, address):
        page.goto(f"{address}/?key=r")
        page.goto(f"{address}/sources")
        expect(page.get_by_text("No source is connected yet")).to_be_visible()
        expect(page.get_by_text("closedloop connect calltouch")).to_be_visible()
        page.goto("about:blank")


@pytest.mark.parametrize(("seconds", "words"), [
    (None, "—"), (0, "just now"), (59, "just now"), (60, "1 min ago"), (7300, "2 h ago"), (200_000, "2 d ago"),
])  # fmt: skip
def test_how_long_ago_is_said_in_one_unit(seconds: float | None, words: str) -> None:
    assert ago(seconds) == words
