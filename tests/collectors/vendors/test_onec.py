"""1C: an entity set of its OData interface, read by a preset."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors.sources.source import Source
from collectors.vendors.onec import VENDOR
from infra.errors import InvalidInput, NotFound
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.collectors.vendors.fake_onec import FakeOneC

EXAMPLE = Path(__file__).parents[1] / "golden" / "presets" / "onec_orders.json"
PASSWORD = "пароль"
ORDER: dict[str, Any] = json.loads(EXAMPLE.read_text("utf-8"))["value"][0]


@pytest.fixture
def base() -> FakeOneC:
    return FakeOneC()


@pytest.fixture
def address(base: FakeOneC) -> Iterator[str]:
    with serving_fake(base.app()) as served:
        yield served


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(VENDOR), "PAGE", 2)


def connected(desk: Desk, address: str, password: str = PASSWORD, **settings: str) -> Source:
    told = {"address": "https://1c.example.com/dms", "user": "робот", "preset": "onec_orders", "base_url": address}
    return desk.connect("onec", settings=told | settings, secrets={"password": password})


def order(number: int, day: int, **fields: Any) -> dict[str, Any]:
    key = f"7d1c7c2e-0000-11ef-9000-{number:012}"
    return ORDER | {"Ref_Key": key, "Date": f"2025-01-{day:02}T18:02:11", "DataVersion": f"V{number}"} | fields


def test_the_documented_order_is_a_sale(desk: Desk, base: FakeOneC, address: str) -> None:
    base.rows = [ORDER]
    assert desk.pull(connected(desk, address)).error == ""
    (deal,) = desk.events("deals")
    assert deal == {
        "id": "north:7d1c7c2e-0000-11ef-9000-000000000001:Закрыт",
        "deal_id": "7d1c7c2e-0000-11ef-9000-000000000001", "occurred_at": "2025-01-17T15:02:11Z", "stage": "sale",
        "amount": "2349000.0000", "contact": {"crm_id": "1f0c7c2e-0000-11ef-9000-000000000002"},
        "properties": {
            "vin": "XTA000000R0000001", "number": "0000-000123", "DataVersion": "AAAAAQAAAAA=", "DeletionMark": False,
            "Posted": True, "collected_from": "north",
        },
    }  # fmt: skip


def test_names_and_conditions_are_percent_encoded(desk: Desk, base: FakeOneC, address: str) -> None:
    desk.pull(connected(desk, address, filter="Posted eq true", since="2025-01-01"))
    (asked,) = base.asked
    assert asked.startswith("/odata/standard.odata/Document_%D0%97%D0%B0%D0%BA%D0%B0%D0%B7")
    assert "Date%20ge%20datetime%272025-01-01T00%3A00%3A00%27%20and%20Posted%20eq%20true" in asked


@pytest.mark.usefixtures("small_pages")
def test_every_page_is_read_in_order(desk: Desk, base: FakeOneC, address: str) -> None:
    base.rows = [order(number, day) for number, day in enumerate((5, 3, 3, 3, 9), 1)]
    source = connected(desk, address)
    assert desk.pull(source).error == ""
    assert len(desk.events("deals")) == 5
    assert len(base.asked) == 3
    assert desk.state(source).cursor == {"since": "2024-12-10T18:02:11"}


@pytest.mark.usefixtures("small_pages")
def test_a_pull_that_fails_between_pages_loses_and_doubles_nothing(desk: Desk, base: FakeOneC, address: str) -> None:
    base.rows = [order(number, number) for number in range(1, 6)]
    base.failing = [200, 404]
    source = connected(desk, address)
    assert "404" in desk.pull(source).error
    assert len(desk.events("deals")) == 2
    assert desk.pull(source).error == ""
    assert len(desk.events("deals")) == 5
    assert "skip=2" in base.asked[2]


def test_a_document_that_was_changed_later_is_read_again(desk: Desk, base: FakeOneC, address: str) -> None:
    base.rows = [order(1, 10), order(2, 20)]
    source = connected(desk, address, again_days="15")
    desk.pull(source)
    base.rows[0] |= {"СуммаДокумента": 1, "DataVersion": "V9"}
    desk.pull(source)
    assert "2025-01-05T18%3A02%3A11" in base.asked[1]
    assert [deal["amount"] for deal in desk.events("deals")] == ["1.0000", "2349000.0000"]


@pytest.mark.parametrize(
    ("fields", "stage", "reason"),
    [
        ({"DeletionMark": True, "Posted": False}, "lost", "deleted"),
        ({"Posted": False}, "lost", "unposted"),
        ({"Статус": "К выполнению"}, "contract", None),
        ({"Статус": ""}, "contract", None),
        ({"Статус": "Отменен"}, "lost", None),
    ],
)
def test_the_stage_of_an_order(
    desk: Desk, base: FakeOneC, address: str, fields: dict[str, Any], stage: str, reason: str | None
) -> None:
    base.rows = [order(1, 10, **fields)]
    assert desk.pull(connected(desk, address)).error == ""
    (deal,) = desk.events("deals")
    assert (deal["stage"], deal.get("lost_reason")) == (stage, reason)


def test_empty_references_and_dates_are_nothing(desk: Desk, base: FakeOneC, address: str) -> None:
    own = 'title = "x"\nlevel = "C"\nfamily = "deals"\n[fields]\nid = "Ref_Key"\ndeal_id = "Ref_Key"\n' + (
        'occurred_at = ["ДатаОтгрузки", "Date"]\ncontact.crm_id = "X"\n[constants]\nstage = "sale"\n'
    ).replace("contact.crm_id", '"contact.crm_id"')
    base.rows = [order(1, 10, X="00000000-0000-0000-0000-000000000000")]
    assert desk.pull(connected(desk, address, preset=own)).error == ""
    (deal,) = desk.events("deals")
    assert deal["occurred_at"] == "2025-01-10T15:02:11Z"
    assert "contact" not in deal
    assert "00000000-0000-0000-0000-000000000000" not in json.dumps(deal)


def test_times_are_those_of_the_base(desk: Desk, base: FakeOneC, address: str) -> None:
    base.rows = [order(1, 10)]
    told = {"address": "a", "user": "робот", "preset": "onec_orders", "base_url": address}
    source = desk.connect("onec", settings=told, secrets={"password": "пароль"}, timezone="Asia/Novosibirsk")
    desk.pull(source)
    assert desk.events("deals")[0]["occurred_at"] == "2025-01-10T11:02:11Z"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_base_is_asked_again(desk: Desk, base: FakeOneC, address: str, status: int) -> None:
    base.rows, base.failing = [ORDER], [status, status]
    assert desk.pull(connected(desk, address)).error == ""
    assert len(desk.events("deals")) == 1


def test_a_wrong_password_or_entity_is_said_and_an_empty_base_is_fine(desk: Desk, base: FakeOneC, address: str) -> None:
    assert desk.pull(connected(desk, address)).error == ""
    assert "401" in desk.pull(connected(desk, address, password="x")).error
    assert "404" in desk.pull(connected(desk, address, entity="Catalog_Нет")).error


def test_settings_that_cannot_work_are_told_of_before() -> None:
    def source(**settings: str) -> Source:
        return Source("north", "onec", "t", ZoneInfo("UTC"), settings={"preset": "onec_orders", **settings})

    VENDOR.examine(source(again_days="3", since="2026-01-01"))
    with pytest.raises(NotFound):
        VENDOR.examine(source(preset="none"))
    for wrong in ({"again_days": "many"}, {"since": "soon"}):
        with pytest.raises(InvalidInput, match="cannot be read"):
            VENDOR.examine(source(**wrong))
