"""Reference data: checked as a whole, kept all or nothing, and seen by the next run."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from api.bootstrap import PACKAGES
from attribution.channels import DEFAULT_RULES
from attribution.reference import (
    copy_reference,
    newest_reference,
    reference_document,
    replace_reference,
    untie,
    untied_keys,
)
from attribution.reference_document import ReferenceDocument, read_document
from attribution.runs import is_fresh
from infra.audit import audit_log
from infra.clock import FrozenClock
from infra.errors import InvalidInput
from infra.settings import read_settings
from infra.warehouse import open_warehouse
from infra.warehouse.migrate import migrate
from tests.attribution.world import NOW, World, visit

CLOCK = FrozenClock(NOW)
NUMBER = {"number": "+74951234567", "dealer": "d1", "source": "radio", "from": "2026-02-01"}
FEE = {"from": "2026-01-01", "to": "2026-02-01", "percent": 12.5, "fixed_month": "99999.9900", "per_lead": "0.0100"}
FULL = {
    "dealers": [{"id": "d1", "name": "Север", "brand": "Lada", "city": "Москва", "weight": 2.5}, {"id": "d2"}],
    "contractors": [{"id": "c1", "name": "Агентство", "campaigns": [{"source": "radio"}], "fees": [FEE]}],
    "tracking_numbers": [NUMBER],
    "channel_rules": [{"channel": "наружная", "source": "щит|billboard"}, {"channel": "other"}],
}


def read(**document: Any) -> ReferenceDocument:
    return read_document(json.dumps(document).encode(), "RU")


def put(database: Engine, **document: Any) -> None:
    replace_reference(database, read(**document), author="anna", clock=CLOCK)


def test_it_comes_back_as_it_was_told(database: Engine) -> None:
    for _ in range(2):
        put(database, **FULL)
    assert reference_document(database) == read(**FULL)
    assert json.loads(json.dumps(reference_document(database).as_dict())) == read(**FULL).as_dict()


def test_what_was_never_told_is_the_rules_that_ship(database: Engine) -> None:
    assert reference_document(database) == ReferenceDocument(channel_rules=tuple(DEFAULT_RULES))
    put(database, dealers=FULL["dealers"])
    assert reference_document(database).channel_rules == tuple(DEFAULT_RULES)


def test_every_change_is_noted_with_what_was_before(database: Engine) -> None:
    put(database, **FULL)
    put(database, **FULL)
    put(database, dealers=[{"id": "d3"}])
    with database.connect() as connection:
        first, second = connection.execute(select(audit_log).order_by(audit_log.c.id)).all()
    assert (second.who, second.at, json.loads(second.after)["dealers"]) == ("anna", NOW, [{"id": "d3"}])
    assert second.before == first.after
    assert newest_reference(database) == second.id


def test_keys_untied_twice_are_untied(database: Engine) -> None:
    untie(database, "visitor:b", "phone:+79000000001", author="anna", clock=CLOCK)
    untie(database, "phone:+79000000001", "visitor:b", author="anna", clock=CLOCK)
    with database.connect() as connection:
        assert connection.execute(select(untied_keys)).all() == [("phone:+79000000001", "visitor:b")]


def test_it_reaches_the_warehouse_to_the_cent(database: Engine, tmp_path: Path) -> None:
    put(database, **FULL)
    warehouse = open_warehouse(read_settings(data=tmp_path, _env_file=None))
    migrate(warehouse, PACKAGES)
    assert copy_reference(database, warehouse, 7) == 1
    assert warehouse.rows("select dealer, brand, city, weight from dealers where run = 7 order by dealer limit 1") == [
        {"dealer": "d1", "brand": "Lada", "city": "Москва", "weight": 2.5}
    ]
    assert warehouse.rows("select percent, fixed_month, per_lead from contractor_fees") == [
        {"percent": 12.5, "fixed_month": Decimal("99999.99"), "per_lead": Decimal("0.01")}
    ]
    assert warehouse.rows("select number, dealer, medium, toString(since) as since from tracking_numbers") == [
        {"number": "+74951234567", "dealer": "d1", "medium": "", "since": "2026-02-01"}
    ]
    assert warehouse.rows("select channel from channel_rules order by position") == [
        {"channel": "наружная"}, {"channel": "other"},
    ]  # fmt: skip
    warehouse.close()


def test_a_number_is_read_as_people_write_it() -> None:
    told = read(tracking_numbers=[{"number": "8 (495) 123-45-67"}, {"number": "2104"}]).tracking_numbers
    assert [each.number for each in told] == ["+74951234567", "2104"]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"dealers": [{"name": "Север"}]}, "dealers.0.id: Field required"),
        ({"dealers": [{"id": "d1"}, {"id": "d1"}]}, "dealer 'd1' is listed 2 times"),
        ({"dealer": []}, "dealer: Extra inputs are not permitted"),
        ({"dealers": [{"id": "d1", "weight": -1}]}, "dealers.0.weight: "),
        ({"dealers": [{"id": "d" * 201}]}, "dealers.0.id: String should have at most 200 characters"),
        ({"contractors": [{"id": "c", "fees": [{"percent": "many"}]}]}, "contractors.0.fees.0.percent: "),
        ({"contractors": [{"id": "c", "fees": [{"fixed_month": "-1"}]}]}, "contractors.0.fees.0.fixed_month: "),
        ({"contractors": [{"id": "c", "campaigns": [{}]}]}, "campaigns.0: names no source, medium or campaign"),
        (
            {"contractors": [{"id": name, "campaigns": [{"source": "ya", "medium": "cpc"}]} for name in "ab"]},
            "contractors 'a' and 'b' run the same: ya / cpc / any",
        ),
        ({"contractors": [{"id": "c", "fees": [{"from": "2026-02-01", "to": "2026-01-01"}]}]}, "before it begins"),
        ({"tracking_numbers": [{"number": "8 495 123"}]}, "tracking_numbers.0.number: '8 495 123' is no phone"),
        ({"channel_rules": [{"source": "ya"}]}, "channel_rules.0.channel: "),
        ({"channel_rules": [{"channel": "a", "source": "(ya"}]}, "'(ya' is no regular expression"),
        ({"channel_rules": [{"channel": "a", "source": "ya(?!hoo)"}]}, "'ya(?!hoo)' looks ahead or back"),
        ({"channel_rules": [{"channel": "a", "medium": r"(a)\1"}]}, "looks ahead or back, or refers to a group"),
    ],
)
def test_what_is_wrong_with_it_is_said(document: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read(**document)
    assert sentence in raised.value.message
    assert "nothing was changed" in raised.value.message
    assert raised.value.help


def test_many_wrongs_are_told_at_once_but_not_endlessly() -> None:
    with pytest.raises(InvalidInput, match=r"dealers.0.id.*dealers.9.id.*and 90 more"):
        read(dealers=[{} for _ in range(100)])


def test_a_text_that_is_no_json() -> None:
    with pytest.raises(InvalidInput, match="Invalid JSON"):
        read_document(b"{dealers", "RU")


def test_a_change_asks_for_a_run(world: World) -> None:
    warehouse, database, settings = world.services.warehouse, world.services.database, world.services.settings
    world.tell({"touches": [visit("t", "v", 1, "щит-1")]})
    world.attribute()
    assert is_fresh(warehouse, database, settings)
    world.refer(channel_rules=FULL["channel_rules"])
    assert not is_fresh(warehouse, database, settings)
    world.attribute()
    assert is_fresh(warehouse, database, settings)
    assert world.figures("channel", "sessions") == {"наружная": 1}


def test_the_rules_that_ship_match_in_the_engine(world: World) -> None:
    for rule in DEFAULT_RULES:
        for pattern in filter(None, (rule.source, rule.medium, rule.campaign, rule.click_id, rule.referrer)):
            world.rows("select match('', {pattern:String})", pattern=pattern)
