"""Rejections are kept as they came, whichever the database."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from collectors.rejections import DISCARDED, FieldError, Rejection, RejectionStore
from infra.errors import LogUnavailable, NotFound

NOW = datetime(2026, 7, 1, tzinfo=UTC)
HARD_TEXT = "NUL \x00, emoji 🚗, right to left \u202eabc, quotes '\", surrogate \ud83d"


def rejection(item: bytes, message: str = "is missing", family: str = "leads") -> Rejection:
    return Rejection(0, family, item, (FieldError("created_at", message),))


def test_rejections_come_back_as_they_were_sent(database: Engine) -> None:
    store = RejectionStore(database)
    item = HARD_TEXT.encode("utf-8", "surrogatepass") + bytes(range(256))
    store.keep([rejection(item, HARD_TEXT)], NOW)
    (kept,), total = store.list_open("leads")
    assert (kept.item, kept.times, kept.received_at, total) == (item, 1, NOW, 1)
    assert kept.errors == [FieldError("created_at", HARD_TEXT)]
    assert store.get(kept.id) == kept


def test_the_same_item_again_is_counted_and_open_again(database: Engine) -> None:
    store = RejectionStore(database)
    store.keep([rejection(b"{}"), rejection(b"{}", family="calls")], NOW)
    (kept,), _ = store.list_open("leads")
    store.close(kept.id, DISCARDED)
    assert store.count_open() == {"calls": 1}
    store.keep([rejection(b"{}")], NOW)
    assert store.get(kept.id).times == 2
    assert store.count_open() == {"calls": 1, "leads": 1}


def test_pages_of_rejections_hold_each_once(database: Engine) -> None:
    store = RejectionStore(database)
    store.keep([rejection(b"%d" % number) for number in range(1500)], NOW)
    seen: list[str] = []
    while page := store.list_open(limit=400, after=seen[-1] if seen else "")[0]:
        seen += [each.id for each in page]
    assert len(set(seen)) == len(seen) == 1500


def test_senders_of_the_same_item_at_the_same_moment(database: Engine) -> None:
    store = RejectionStore(database)
    with ThreadPoolExecutor(4) as pool:
        items = [[rejection(b"%d" % number) for number in range(50)] for _ in range(8)]
        list(pool.map(lambda found: store.keep(found, NOW), items))
    kept, total = store.list_open()
    assert total == 50
    assert {each.times for each in kept} == {8}


def test_one_that_nobody_kept(database: Engine) -> None:
    with pytest.raises(NotFound, match="no rejection 'abc'"):
        RejectionStore(database).get("abc")


def test_a_rejection_that_cannot_be_kept_is_not_acknowledged(database: Engine) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("drop table rejections")
    with pytest.raises(LogUnavailable, match="nothing was taken"):
        RejectionStore(database).keep([rejection(b"{}")], NOW)
