"""Yandex Metrica: visits by the Logs API."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from collectors.sources.source import Source
from collectors.vendors.metrica_visits import FIELDS, elements, read_visits, touch
from infra.clock import FrozenClock
from infra.errors import UnreadableBody
from tests.collectors.vendors.ads.fake_metrica import COUNTER, HEAD, FakeMetrica
from tests.collectors.vendors.ads.golden import meant, sent
from tests.collectors.vendors.desk import Desk, serving_fake

AD = {"lastTrafficSource": "ad"}


@pytest.fixture
def logs() -> Iterator[FakeMetrica]:
    fake = FakeMetrica()
    app = Starlette(routes=[Route(COUNTER + "/{rest:path}", fake.answer, methods=["GET", "POST"])])
    with serving_fake(app) as fake.url:
        yield fake


def connected(desk: Desk, logs: FakeMetrica, **settings: str) -> Source:
    chosen = {"base_url": logs.url, "counter": "123", "first_days": "5", "again_days": "2", **settings}
    return desk.connect("yandex_metrica", secrets={"token": "t"}, settings=chosen)


def visit(number: int, day: str, views: int = 1) -> str:
    return f"{number}\t{day} 10:00:00\t17356400001234567890\t{views}"


def views(desk: Desk) -> dict[str, str]:
    return {event["session_id"]: event["properties"]["pageViews"] for event in desk.events("touches")}


def test_the_documented_visit_is_a_touch(desk: Desk, logs: FakeMetrica, clock: FrozenClock) -> None:
    logs.visits = {"2025-01-16": []}
    logs.errors = {"download": [PlainTextResponse(sent("yandex_metrica", "visits.tsv").decode())]}
    clock.advance(timedelta(hours=4))
    assert desk.pull(connected(desk, logs)).error == ""
    assert desk.events("touches") == meant("yandex_metrica", "touches.json")


def test_a_log_is_ordered_awaited_downloaded_by_parts_and_cleaned(desk: Desk, logs: FakeMetrica) -> None:
    logs.visits = {f"2025-01-{day}": [visit(day, f"2025-01-{day}")] for day in (12, 13, 16, 17)}
    logs.pending = 2
    assert desk.pull(connected(desk, logs)).error == ""
    assert set(views(desk)) == {"12", "13", "16"}, "today is not asked for"
    assert (logs.logs[1]["date1"], logs.logs[1]["date2"]) == ("2025-01-12", "2025-01-16")
    assert logs.logs[1]["status"] == "cleaned_by_user"
    assert [pause for pause in desk.pauses if pause >= 10] == [15.0, 15.0]
    assert len(",".join(logs.logs[1]["fields"])) <= 3000


def test_the_last_days_are_asked_for_again_and_a_visit_is_replaced(
    desk: Desk, logs: FakeMetrica, clock: FrozenClock
) -> None:
    source = connected(desk, logs)
    logs.visits = {"2025-01-16": [visit(1, "2025-01-16")]}
    desk.pull(source)
    clock.advance(timedelta(days=1))
    logs.visits = {"2025-01-16": [visit(1, "2025-01-16", 9)], "2025-01-17": [visit(2, "2025-01-17")]}
    desk.pull(source)
    assert views(desk) == {"1": "9", "2": "1"}
    assert (logs.logs[2]["date1"], logs.logs[2]["date2"]) == ("2025-01-15", "2025-01-17")


def test_a_pull_that_dies_between_parts_goes_on_with_the_same_log(desk: Desk, logs: FakeMetrica) -> None:
    source = connected(desk, logs)
    logs.visits = {f"2025-01-{day}": [visit(day, f"2025-01-{day}")] for day in (12, 13, 14)}
    logs.errors = {"clean": [], "download": []}
    first = PlainTextResponse("\n".join([HEAD, visit(12, "2025-01-12"), ""]))
    logs.errors["download"] = [first, JSONResponse({"code": 403}, 403)]
    assert "403" in desk.pull(source).error
    assert set(views(desk)) == {"12"}
    assert desk.pull(source).error == ""
    assert set(views(desk)) == {"12", "13", "14"}
    assert len(logs.logs) == 1
    assert [path for path in logs.asked if "part/0" in path] == ["GET logrequest/1/part/0/download"]
    assert desk.state(source).accepted == 3


def test_a_log_that_was_ordered_and_not_noted_is_found_again(desk: Desk, logs: FakeMetrica) -> None:
    source = connected(desk, logs)
    logs.visits = {"2025-01-16": [visit(1, "2025-01-16")]}
    logs.pending = 1000
    assert "not prepared the log yet" in desk.pull(source).error
    desk.services.progress.set_cursor(source.id, {})
    logs.pending = 0
    assert desk.pull(source).error == ""
    assert len(logs.logs) == 1


def test_a_log_that_is_gone_is_ordered_anew(desk: Desk, logs: FakeMetrica) -> None:
    source = connected(desk, logs)
    logs.visits = {"2025-01-16": [visit(1, "2025-01-16")]}
    logs.pending = 1000
    desk.pull(source)
    logs.pending = 0
    logs.logs[1]["status"] = "processing_failed"
    assert "dropped a log" in desk.pull(source).error
    assert desk.pull(source).error == ""
    assert set(views(desk)) == {"1"}


def test_as_many_days_are_ordered_as_there_is_room_for(desk: Desk, logs: FakeMetrica) -> None:
    source = connected(desk, logs)
    logs.visits = {f"2025-01-{day}": [visit(day, f"2025-01-{day}")] for day in (12, 14, 16)}
    logs.room = 2
    assert desk.pull(source).error == ""
    assert len(views(desk)) == 3
    assert len(logs.logs) == 3
    logs.room = 0
    assert "no room" in desk.pull(source).error


@pytest.mark.parametrize("status", [420, 429])
def test_420_and_429_both_mean_to_wait(desk: Desk, logs: FakeMetrica, status: int) -> None:
    logs.visits = {"2025-01-16": [visit(1, "2025-01-16")]}
    logs.errors = {"evaluate": [Response(status_code=status, headers={"Retry-After": "3"})]}
    assert desk.pull(connected(desk, logs)).error == ""
    assert 3.0 in desk.pauses
    assert len(views(desk)) == 1


def test_an_expired_token_is_told_and_an_empty_log_is_well(desk: Desk, logs: FakeMetrica) -> None:
    source = connected(desk, logs)
    logs.errors = {"evaluate": [JSONResponse({"code": 401}, 401)]}
    assert "401" in desk.pull(source).error
    assert desk.pull(source).error == ""
    assert desk.events("touches") == []


def test_a_log_that_cannot_be_read_is_cleaned_and_told(desk: Desk, logs: FakeMetrica) -> None:
    logs.visits = {"2025-01-16": []}
    logs.errors = {"download": [PlainTextResponse("<html>")]}
    assert "no line of column names" in desk.pull(connected(desk, logs)).error
    assert logs.logs[1]["status"] == "cleaned_by_user"


def read(**cells: str) -> dict[str, Any]:
    source = Source(id="s", vendor="yandex_metrica", token="", timezone=ZoneInfo("UTC"))
    return touch(source, {"visitID": "1", "dateTime": "2025-01-17 18:40:00", "clientID": "2", **cells})


@pytest.mark.parametrize(
    ("cells", "source", "medium", "campaign"),
    [
        (AD | {"lastAdvEngine": "ya_direct", "lastDirectClickOrder": "77"}, "yandex", "cpc", "77"),
        (AD | {"lastAdvEngine": "google_adwords", "lastDirectClickOrder": "0"}, "google", "cpc", ""),
        ({"lastTrafficSource": "organic", "lastSearchEngineRoot": "yandex"}, "yandex", "organic", ""),
        ({"lastTrafficSource": "social", "lastSocialNetwork": "vkontakte"}, "vkontakte", "social", ""),
        ({"lastTrafficSource": "messenger", "lastMessenger": "telegram"}, "telegram", "messenger", ""),
        ({"lastTrafficSource": "email"}, "email", "email", ""),
        ({"lastTrafficSource": "referral", "referer": "https://drive.example/a"}, "drive.example", "referral", ""),
        ({"lastTrafficSource": "direct"}, "", "", ""),
        ({"lastTrafficSource": "internal"}, "", "", ""),
        ({"lastTrafficSource": "undefined"}, "", "", ""),
        ({"lastTrafficSource": "organic", "UTMSource": "vk", "UTMMedium": "cpc"}, "vk", "cpc", ""),
    ],
)  # fmt: skip
def test_where_no_marks_are_metricas_word_on_the_traffic_counts(
    cells: dict[str, str], source: str, medium: str, campaign: str
) -> None:
    found = read(**cells)
    assert [found.get(name, "") for name in ("source", "medium", "campaign")] == [source, medium, campaign]


@pytest.mark.parametrize(("kind", "kept"), [("internal", False), ("direct", False), ("organic", True)])
def test_the_sites_own_pages_are_no_referrers(kind: str, kept: bool) -> None:
    assert ("referrer" in read(lastTrafficSource=kind, referer="https://dealer.example/")) is kept


@given(st.lists(st.text(max_size=20), max_size=6))
def test_lists_of_texts_are_read_as_they_were_written(texts: list[str]) -> None:
    escaped = [
        text.replace("\\", "\\\\").replace("'", "\\'").replace("\t", "\\t").replace("\n", "\\n") for text in texts
    ]
    assert elements("[" + ",".join(f"'{text}'" for text in escaped) + "]") == texts


def test_numbers_and_marks_with_escapes_are_read() -> None:
    assert elements("[17356400001234567890,2]") == ["17356400001234567890", "2"]
    assert elements("[]") == elements("") == []
    (row,) = read_visits("ym:s:visitID\tym:s:UTMTerm\n1\tнаписал\\tтак\\\\\n")
    assert read(**row)["term"] == "написал\tтак\\"


def test_a_broken_row_is_refused_and_new_fields_do_no_harm() -> None:
    with pytest.raises(UnreadableBody):
        list(read_visits("ym:s:visitID\tym:s:dateTime\n1\n"))
    assert len(list(read_visits("ym:s:new\tym:s:visitID\r\nx\t1\r\n"))) == 1
    assert "visitID" in FIELDS
