"""The fast reading of plain events takes nothing that the models would not, and stores it as they would."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from collectors.events import FAMILIES, to_json
from collectors.items import Unreadable
from collectors.plain import plain_lines
from collectors.values import LONGEST_ID, LONGEST_TEXT, MOST_SECONDS
from tests.collectors.readings import NOW, SMALLEST, reading

PLAIN = [family for family in FAMILIES if family not in ("deals", "spend")]
_SPACES = [" ", "\t", "\x0b", "\x1c", "\x85", "\xa0", "\u1680", "\u2003", "\u2028", "\u202f", "\u205f", "\u3000"]
_ODD_TEXTS = [
    "", "\x00", "a\x00b", '"', "\\", "a\\", "«Ромашка»", "ООО \"Р\"", "\x7f", "\u202e", "\u200b", "🚗", "\ufeff",
    *(space + "a" for space in _SPACES), *("a" + space for space in _SPACES), *(f"a{space}b" for space in _SPACES),
    "a" * LONGEST_ID, "a" * (LONGEST_ID + 1), "я" * LONGEST_TEXT, "я" * (LONGEST_TEXT + 1),
]  # fmt: skip
_TEXT = st.text(max_size=12) | st.sampled_from(_ODD_TEXTS)
_MOMENT = st.sampled_from([
    "2026-01-31T09:00:00Z", "2026-01-31T09:00:00z", "2026-01-31 09:00:00Z", "2026-01-31T09:00:00+03:00",
    "2026-01-31T09:00:00.123Z", "2026-01-31T09:00:00.123456789Z", "2026-01-31T09:00:00,5Z", "2026-01-31T09:00:00-00:00",
    "2026-01-31T09:00:60Z", "2026-01-31T24:00:00Z", "2026-01-31T09:00Z", "2026-01-31T09:00:00", "20260131T090000Z",
    "2026-W05-6T09:00:00.000Z", "2026-01-31T09:00:00+03:00:30.5", "0001-01-01T00:00:00+14:00", "31.01.2026 09:00",
    "1999-12-31T23:59:59Z", "2000-01-01T00:00:00Z", "2000-01-01T01:00:00+03:00", "2026-03-02T12:00:00Z",
    "2026-03-02T12:00:00.000001Z", "2026-01-31", "46053", "46053.123456789012345", " 2026-01-31T09:00:00Z", "", "x",
    "9999-12-31T23:59:59-14:00", "2026-02-30T09:00:00.000Z", "\u0662026-01-31T09:00:00Z",
]) | st.datetimes(NOW.replace(tzinfo=None) - timedelta(days=9), NOW.replace(tzinfo=None), timezones=st.just(UTC)).map(
    lambda moment: moment.isoformat()
)  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([1e16, 1e-7, 1e22, 0.1, -0.0]) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=6,
)
_URL = st.lists(
    st.sampled_from([
        "https://d.example/", "?", "#", "&", "utm_source=vk", "utm_medium= cpc ", "UTM_Term=%D0%BF+%00", "yclid=7",
        "utm_campaign={macro}", "gclid=%C2%A0", "utm_content=%22", " ", "erid=" + "a" * (LONGEST_TEXT + 1), "[",
    ]), max_size=6,
).map("".join)  # fmt: skip
_PHONE = st.sampled_from(["+79000000001", "8 900 000-00-01", "79000000001", "+380500000001", "anonymous", "", "123"])
_BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "occurred_at": _MOMENT, "started_at": _MOMENT, "created_at": _MOMENT, "first_response_at": _MOMENT,
    "phone": _PHONE, "caller": _PHONE, "called": _PHONE, "email": st.sampled_from(["a@b.example", "A@b.example", "a"]),
    "url": _URL, "cost": st.sampled_from(["0.35", 0, 0.0, 1e-9, "1 000,5", "", "-1", -1, "x", 1e300, True, 10**30]),
    "duration_s": st.sampled_from([0, 5, 5.0, 5.5, MOST_SECONDS, MOST_SECONDS + 1, -1, "5", "1:35", True]),
    "tags": st.lists(_TEXT | st.integers(), max_size=3), "properties": st.dictionaries(_TEXT, _JSON, max_size=3),
    "click_ids": st.dictionaries(_TEXT, _TEXT | st.integers(), max_size=3),
}  # fmt: skip
_FOREIGN = st.sampled_from([datetime(2026, 1, 31, tzinfo=UTC), Decimal("1.5"), b"x", {1: 2}, {"a"}, 10**40, "\ud800"])


@st.composite
def _items(draw: st.DrawFn, family: str) -> Any:
    """Most fields as their senders might write them, some with anything, a few of a kind that only tables bring."""
    fields = FAMILIES[family].model_fields
    words = {name: [word for word in get_args(field.annotation) if word] for name, field in fields.items()}
    usual = {
        field.alias or name: _BY_NAME.get(name, st.sampled_from([*words[name], "Sale"]) if words[name] else _TEXT)
        for name, field in fields.items()
    }
    chosen = draw(st.fixed_dictionaries({}, optional=usual))
    odd = draw(st.dictionaries(st.sampled_from(list(usual)) | _TEXT, _JSON | _FOREIGN, max_size=1))
    return draw(st.sampled_from([SMALLEST[family] | chosen, SMALLEST[family] | chosen | odd, Unreadable("x", "y")]))


def _by_model(family: str, item: Any) -> tuple[str, bytes] | None:
    try:
        event = FAMILIES[family].model_validate(item, context=reading(zone=None))
        return event.id, to_json(event.canonical())
    except (ValidationError, TypeError, UnicodeEncodeError):
        return None


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=150)
@given(data=st.data())
def test_a_plain_line_is_the_models_line(family: str, data: st.DataObject) -> None:
    items = data.draw(st.lists(_items(family), max_size=4))
    wanted = [_by_model(family, item) for item in items]
    for found, model in zip(plain_lines(family, items, reading(zone=None)), wanted, strict=True):
        assert found is None or found == model


@pytest.mark.parametrize("family", PLAIN)
@settings(max_examples=100)
@given(data=st.data())
def test_what_is_stored_is_plain(family: str, data: st.DataObject) -> None:
    """Canonical events are taken without their model: else nothing would be fast."""
    stored = _by_model(family, data.draw(_items(family)))
    if stored is None or b"\\" in stored[1] or not stored[1].decode().isprintable():
        return
    if any(sign in stored[1] for sign in (b'" ', b' "', b"unread_called")):
        return
    (found,) = plain_lines(family, [orjson.loads(stored[1])], reading(zone=None))
    assert found is not None
    assert orjson.loads(found[1]) == orjson.loads(stored[1])


@pytest.mark.parametrize("depth", range(245, 260))
@pytest.mark.parametrize("opening", ['{"a":', "["])
def test_nesting_ends_where_the_model_ends(depth: int, opening: str) -> None:
    closing = "}" if opening.startswith("{") else "]"
    item = SMALLEST["touches"] | {"properties": {"a": orjson.loads(opening * depth + "1" + closing * depth)}}
    assert plain_lines("touches", [item], reading())[0] in (None, _by_model("touches", item))


@pytest.mark.parametrize(
    ("family", "fields", "plain"),
    [
        ("deals", {}, True), ("deals", {"amount": 1}, False), ("deals", {"contact": {}}, False), ("spend", {}, False),
        ("actions", {}, True), ("actions", {"currency": "RUB"}, False), ("profiles", {"phone": "+79000000001"}, True),
    ],
)  # fmt: skip
def test_money_and_contacts_are_read_by_the_model(family: str, fields: dict[str, Any], plain: bool) -> None:
    (found,) = plain_lines(family, [SMALLEST[family] | fields], reading())
    assert (found is not None) == plain
