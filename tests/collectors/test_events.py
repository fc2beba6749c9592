"""What is stored can be read again, and is then the same."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from collectors.events import FAMILIES, Contact, Event, to_json
from tests.collectors.readings import NOW, SMALLEST, read, reading, refusal, stored

_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)
_WORD = _TEXT.map(str.strip).filter(bool)
_MOMENT = st.datetimes(datetime.fromisoformat("2000-01-02"), NOW.replace(tzinfo=None), timezones=st.just(UTC))
_DAY = st.dates(date(2000, 1, 1), date(2002, 1, 1))
_MONEY = st.decimals(Decimal(0), Decimal(10) ** 12, places=4)
_PHONE = st.sampled_from(["8 900 000-00-01", "+4930901820", "anonymous", "123", ""])
_EMAIL = st.sampled_from(["Ivan@Example.com", "no address", ""])
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "id": _WORD, "visitor_id": _WORD, "deal_id": _WORD, "message_id": _WORD, "occurred_at": _MOMENT,
    "started_at": _MOMENT, "created_at": _MOMENT, "first_response_at": _MOMENT, "from": _DAY,
    "to": st.dates(date(2002, 1, 1), date(2002, 3, 1)), "cost": _MONEY, "amount": _MONEY, "margin": _MONEY,
    "phone": _PHONE, "caller": _PHONE, "called": _PHONE.filter(bool), "email": _EMAIL, "currency": st.just("rub"),
    "duration_s": st.integers(0, 604_800), "talk_s": st.integers(0, 604_800), "waiting_s": st.integers(0, 604_800),
    "impressions": st.integers(0, 10**12), "clicks": st.integers(0, 10**12), "vat_included": st.booleans(),
    "tags": st.lists(_TEXT, max_size=3), "click_ids": st.dictionaries(_WORD, _WORD, max_size=2),
    "properties": st.dictionaries(_TEXT, _ANY, max_size=3),
    "url": st.sampled_from(["", "https://d.example/?utm_source=vk&yclid=7", "no address", "https://[d"]),
    "target": st.none() | st.booleans() | st.sampled_from(["да", "нет", "true", "0"]),
    "contact": st.fixed_dictionaries({}, optional={"crm_id": _WORD, "phone": _PHONE, "email": _EMAIL}),
}  # fmt: skip


def _fields(family: str) -> st.SearchStrategy[dict[str, Any]]:
    required: dict[str, Any] = {}
    optional: dict[str, Any] = {}
    for name, field in FAMILIES[family].model_fields.items():
        alias = field.alias or name
        words = [each for each in get_args(field.annotation) if each]
        text = _WORD if field.is_required() else _TEXT
        named = _BY_NAME.get(alias, st.sampled_from(words) if words else text)
        (required if field.is_required() or alias == "id" else optional)[alias] = named
    return st.fixed_dictionaries(required, optional=optional)


def again(event: Event) -> Event:
    return type(event).model_validate(orjson.loads(to_json(event.canonical())), context=reading(zone=None))


@pytest.mark.parametrize("family", FAMILIES)
@given(data=st.data())
def test_an_event_survives_storing(family: str, data: st.DataObject) -> None:
    event = FAMILIES[family].model_validate(data.draw(_fields(family)), context=reading())
    assert again(event) == event


@pytest.mark.parametrize("family", FAMILIES)
@given(unknown=st.dictionaries(_WORD.filter(lambda name: name not in ["date", "from", "to"]), _ANY, max_size=4))
def test_unknown_fields_become_properties_once(family: str, unknown: dict[str, Any]) -> None:
    unknown = {name: value for name, value in unknown.items() if name not in FAMILIES[family].model_fields}
    event = FAMILIES[family].model_validate(unknown | SMALLEST[family], context=reading())
    kept = event.canonical().get("properties", {})
    assert {name: value for name, value in unknown.items() if value not in (None, "")} == kept
    assert again(event).canonical() == event.canonical()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_smallest_event_is_taken_and_nothing_less(family: str) -> None:
    read(family)
    for name in SMALLEST[family]:
        field, _ = refusal(family, **{name: None})
        assert field == ("" if name == "date" else name)


def test_the_same_cost_has_the_same_name_however_it_is_written() -> None:
    marks: dict[str, Any] = {"source": "yandex", "campaign": "c"}
    one = stored("spend", date="31.01.2026", **marks)
    assert (
        one
        == stored("spend", date=46053, **marks)
        == stored("spend", date="2026-01-31", source=" yandex ", campaign="c")
    )
    assert one["id"] != stored("spend", date="2026-01-30", **marks)["id"]
    assert stored("spend", id="own")["id"] == "own"


def test_money_is_in_any_currency_that_exists() -> None:
    assert stored("spend", currency="rub")["currency"] == "RUB"
    assert stored("deals", currency=" usd")["currency"] == "USD"
    assert refusal("spend", currency="₽")[0] == "currency"


def test_rows_of_two_regions_are_two_rows() -> None:
    names = {stored("spend", date="2026-01-31", region=region)["id"] for region in ("", "Тверь", "Тула")}
    assert len(names) == 3


def test_a_contact_has_no_other_fields() -> None:
    assert refusal("deals", contact={"tel": "1"})[0] == "contact.tel"
    assert set(Contact.model_fields) == {"crm_id", "phone", "email"}


@pytest.mark.parametrize("caller", ["", "anonymous"])
def test_a_call_from_a_hidden_number_is_a_call(caller: str) -> None:
    event = read("calls", caller=caller)
    assert event.canonical()["caller"] == ""
    assert again(event) == event


def test_a_blank_mark_leaves_it_to_the_address() -> None:
    told = SMALLEST["touches"] | {"source": "\r ", "url": "https://d.example/?utm_source=vk"}
    event = FAMILIES["touches"].model_validate(told, context=reading())
    assert event.canonical()["source"] == again(event).canonical()["source"] == "vk"


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"spend"}))
@pytest.mark.parametrize("blank", ["", " ", "\r\n", "\t\t"])
def test_a_blank_id_is_none(family: str, blank: str) -> None:
    """Two events of blank ids would be one."""
    with pytest.raises(ValidationError, match="id"):
        FAMILIES[family].model_validate(SMALLEST[family] | {"id": blank}, context=reading())
