"""What calls of every vendor have in common."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from collectors.sources.source import Source
from collectors.vendors.call_fields import in_country, key, marks, plain_number, said, seconds, session, text, unix

SOURCE = Source("north", "some", "", ZoneInfo("UTC"), settings={})


@pytest.mark.parametrize(("written", "number"), [
    ("sip:74950000002@192.0.2.10", "74950000002"), ("sip:sales@dealer.example", "sales"),
    ("74950000002", "74950000002"), (74950000002, "74950000002"), (None, ""),
])  # fmt: skip
def test_numbers_of_sip_addresses(written: Any, number: str) -> None:
    assert plain_number(written) == number


@pytest.mark.parametrize(("written", "country", "phone"), [
    ("0500000001", "UA", "+380500000001"), ("380500000001", "UA", "+380500000001"), ("0500000001", "RU", "0500000001"),
    ("901", "UA", "901"), ("anonymous", "UA", "anonymous"), (None, "UA", ""),
])  # fmt: skip
def test_phones_of_a_country(written: Any, country: str, phone: str) -> None:
    assert in_country(SOURCE, written, country) == phone


def test_what_says_nothing_is_left_out() -> None:
    marked = {"utm_source": "yandex", "utm_medium": "<не указано>", "utm_term": "(not set)"}
    row: dict[str, Any] = {**marked, "a": None, "b": "", "c": [], "d": 0, "e": False}
    assert said(row) == {"utm_source": "yandex", "d": 0, "e": False}
    assert marks(row) == {"source": "yandex"}
    assert (text("(none)"), text(7), text(" a ")) == ("", "7", "a")
    assert (seconds(""), seconds("95"), seconds(95.4), seconds(-1)) == (0, 95, 95, 0)
    assert (session("roistat", 0), session("roistat", "5")) == ("", "roistat:5")
    assert (key(SOURCE, "call", None), key(SOURCE, "call", 5)) == ("", "north:call:5")
    assert (unix(None), unix("0"), unix("soon")) == (None, None, "soon")
