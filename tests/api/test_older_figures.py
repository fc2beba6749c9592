"""A page does not wait for the newest run's figures where it has those of the run before: it shows them and says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from infra.settings import read_settings
from tests.attribution.world import World, spend
from tests.migrated import lay_warehouse

NOTICE = "Newer events have come"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    lay_warehouse(tmp_path)
    told = read_settings(
        data=tmp_path,
        timezone="UTC",
        api_key="r",
        write_key="w",
        load_interval_ms=20,
        page_patience_ms=0,
        _env_file=None,
    )
    opened = Services(told)
    yield opened
    opened.close()


def test_a_page_shows_older_figures_and_leads_to_the_newest(services: Services) -> None:
    world = World(services)
    world.tell({"spend": [spend("2026-01-01", "2026-01-01", 11111, "yandex", id="one")]})
    world.attribute()
    with TestClient(create_app(services)) as client:
        client.get("/?key=r")

        def page() -> str:
            return client.get("/channels?from=2026-01-01&to=2026-01-31").text

        assert "11 111" in page()
        world.tell({"spend": [spend("2026-01-02", "2026-01-02", 22222, "yandex", id="two")]})
        world.attribute()
        older = page()
        assert NOTICE in older
        assert 'href="?from=2026-01-01&amp;to=2026-01-31&amp;newest=1">Show them' in older
        assert "33 333" not in older
        newest = client.get("/channels?from=2026-01-01&to=2026-01-31&newest=1").text
        assert NOTICE not in newest
        assert "33 333" in newest
        assert "33 333" in page()
