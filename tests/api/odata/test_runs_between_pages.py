"""A reader pages while the figures are computed anew."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.api.live import listening
from tests.api.odata.feed import KEY, Feed
from tests.api.odata.worlds import holding_in
from tests.attribution.world import World, spend

FIRST_PAGE = "Facts?$orderby=Day&$count=true"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with holding_in(tmp_path) as found:
        yield found


@pytest.fixture
def feed(world: World) -> Iterator[Feed]:
    with listening(world.services) as address:
        yield Feed(f"{address}/odata/")


def compute_anew(world: World, number: int) -> None:
    """With a cost on a day of each year."""
    days = [f"{year}-07-0{number}" for year in (2025, 2026)]
    world.tell({"spend": [spend(day, day, 77, "maps", id=f"late-{day}") for day in days]})
    world.attribute()


def page(address: str) -> httpx.Response:
    return httpx.get(address, auth=KEY, headers={"Prefer": "odata.maxpagesize=40"}, timeout=60)


def all_behind(answer: httpx.Response) -> list[dict[str, Any]]:
    found = []
    while True:
        assert answer.status_code == 200, answer.text
        found += answer.json()["value"]
        following = answer.json().get("@odata.nextLink")
        if following is None:
            return found
        answer = page(following)


def test_all_pages_are_of_the_run_that_the_first_was_of_and_of_one_that_is_gone_there_are_none(
    world: World, feed: Feed
) -> None:
    before = feed.rows("Facts")
    first = page(f"{feed.root}{FIRST_PAGE}")
    compute_anew(world, 1)
    assert all_behind(first) == before
    assert sum(row["Cost"] == 77 for row in feed.rows("Facts")) == 2
    compute_anew(world, 2)
    answer = page(first.json()["@odata.nextLink"])
    assert (answer.status_code, answer.headers["OData-Version"]) == (410, "4.0")
    error = answer.json()["error"]
    assert (error["code"], error["target"]) == ("replaced", "$skiptoken")
    assert "first page" in error["message"]
    assert len(all_behind(page(f"{feed.root}{FIRST_PAGE}"))) == len(feed.rows("Facts"))


def test_a_run_that_never_was_is_no_page(feed: Feed) -> None:
    """`[99, 20000, "", "", "", ""]`."""
    answer = page(f"{feed.root}Facts?$skiptoken=Wzk5LDIwMDAwLCIiLCIiLCIiLCIiXQ")
    assert answer.status_code == 410
