"""What packages keep in the operational database, whichever it is."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from api.bootstrap import PACKAGES
from attribution.channels import DEFAULT_RULES, ChannelRule
from attribution.reference import (
    copy_reference,
    current_rules,
    dealers,
    replace_reference,
    save_rules,
    untie,
    untied_keys,
)
from collectors.rejections import DISCARDED, FieldError, Rejection, RejectionStore
from infra.clock import FrozenClock
from infra.errors import LogUnavailable, NotFound
from infra.settings import read_settings
from infra.warehouse import open_warehouse
from infra.warehouse.migrate import migrate

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


def test_channel_rules_have_versions(database: Engine) -> None:
    clock = FrozenClock(NOW)
    assert current_rules(database) == (0, list(DEFAULT_RULES))
    own = [ChannelRule("наружная", source="щит|billboard"), *DEFAULT_RULES]
    assert save_rules(database, own, author="anna", clock=clock) == 1
    assert save_rules(database, own[:1], author="anna", clock=clock) == 2
    assert current_rules(database) == (2, own[:1])


def test_keys_untied_twice_are_untied(database: Engine) -> None:
    untie(database, "visitor:b", "phone:+79000000001")
    untie(database, "phone:+79000000001", "visitor:b")
    with database.connect() as connection:
        assert connection.execute(select(untied_keys)).all() == [("phone:+79000000001", "visitor:b")]


def test_reference_data_reach_the_warehouse_to_the_cent(database: Engine, tmp_path: Path) -> None:
    number = {"number": "+74951234567", "dealer": "d1", "source": "radio", "from": "2026-02-01"}
    fee = {"from": "2026-01-01", "to": "2026-02-01", "percent": 12.5, "fixed_month": "99999.99", "per_lead": "0.01"}
    owner = {"id": "c1", "name": "Агентство", "campaigns": [{"source": "radio"}], "fees": [fee]}
    document = {
        "dealers": [{"id": "d1", "name": "Север", "brand": "Lada", "city": "Москва"}],
        "contractors": [owner],
        "tracking_numbers": [number],
    }
    for _ in range(2):
        replace_reference(database, document)
    warehouse = open_warehouse(read_settings(data=tmp_path, _env_file=None))
    migrate(warehouse, PACKAGES)
    copy_reference(database, warehouse, 7)
    assert warehouse.rows("select dealer, brand, city from dealers where run = 7") == [
        {"dealer": "d1", "brand": "Lada", "city": "Москва"}
    ]
    assert warehouse.rows("select percent, fixed_month, per_lead from contractor_fees") == [
        {"percent": 12.5, "fixed_month": Decimal("99999.99"), "per_lead": Decimal("0.01")}
    ]
    (copied,) = warehouse.rows("select number, dealer, medium, toString(since) as since from tracking_numbers")
    assert copied == {"number": "+74951234567", "dealer": "d1", "medium": "", "since": "2026-02-01"}
    assert warehouse.value("select count() from channel_rules where run = 7") == len(DEFAULT_RULES)
    warehouse.close()


def test_an_interrupted_replacement_leaves_what_was(database: Engine) -> None:
    replace_reference(database, {"dealers": [{"id": "d1", "name": "Север", "brand": "Lada", "city": "Москва"}]})
    with pytest.raises(KeyError):
        replace_reference(database, {"contractors": [{"id": "c1", "name": "A", "campaigns": []}]})
    with database.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(dealers)) == 1
