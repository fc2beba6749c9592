"""Moments, money, numbers, phones: as people and systems really write them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.links import read_link
from collectors.values import e164, normal_email, read_number
from tests.collectors.readings import read, refusal, stored


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-31T12:30:00+03:00", "2026-01-31T09:30:00Z", "2026-01-31 12:30", " 31.01.2026 12:30 ",
        "31.01.2026 12:30:00", datetime.fromisoformat("2026-01-31T12:30"), 46053.520833333336, "46053.520833333336",
        "46053,520833333336", "20260131T123000",
    ],
)  # fmt: skip
def test_one_moment_however_it_is_written(written: object) -> None:
    assert stored("leads", created_at=written)["created_at"] == datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("written", ["2026-01-31", "31.01.2026", date(2026, 1, 31), 46053, "46053"])
def test_a_day_begins_at_the_accounts_midnight(written: object) -> None:
    assert stored("leads", created_at=written)["created_at"] == datetime(2026, 1, 30, 21, tzinfo=UTC)
    assert stored("spend", date=written)["from"] == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("2026-01-31T12:30:00", "the time has no zone"),
        ("1999-12-31T23:59:59Z", "1999-12-31 is before 2000-01-01"),
        ("0001-01-01T00:00:00+14:00", "the year 1 is out of reach"),
        ("9999-12-31T23:59:59-14:00", "the year 9999 is out of reach"),
        ("2026-03-03T12:00:00Z", "2026-03-03 12:00Z lies in the future"),
        (1_769_850_000, "Unix times are not taken"),
        (12, "Unix times are not taken"),
        (True, "a time is text"),
        ([], "a time is text"),
        ("tomorrow", "neither RFC 3339"),
        ("31/01/2026", "neither RFC 3339"),
        ("30.02.2026", "neither RFC 3339"),
        ("\u0661\u0662", "neither RFC 3339"),
    ],
)
def test_a_moment_is_refused_in_words(written: object, words: str) -> None:
    field, message = refusal("leads", created_at=written)
    assert field == "created_at"
    assert words in message


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"date": "1999-01-01"}, "from", "before 2000-01-01"),
        ({"date": "2030-01-01"}, "from", "more than 800 days in the future"),
        ({"date": "soon"}, "from", "neither RFC 3339"),
        ({"from": "2026-02-01", "to": "2026-01-01", "date": None}, "", "`to` lies before `from`"),
        ({"from": "2020-01-01", "to": "2026-01-01", "date": None}, "", "longer than 800 days"),
    ],
)
def test_days_of_spend_are_refused_in_words(fields: dict[str, Any], field: str, words: str) -> None:
    if field == "from":
        fields = {"from": fields["date"], "to": "2026-01-31", "date": None}
    found, message = refusal("spend", **fields)
    assert found == field
    assert words in message


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1234.5", "1234.5"), ("1234,5", "1234.5"), ("1 234,50", "1234.5"), ("1\u00a0234,50", "1234.5"),
        ("1\u202f234.50", "1234.5"), ("1,234.50", "1234.5"), ("1.234,50", "1234.5"), ("1'234.50", "1234.5"),
        ("1 234,50 ₽", "1234.5"), ("12,345,678", "12345678"), ("12.345.678", "12345678"),
        ("12.345.678,9", "12345678.9"), (1234.5, "1234.5"), (1234, "1234"), ("0.00005", "0.0001"),
        ("1e-999999999", "0"), ("1e3", "1000"),
    ],
)  # fmt: skip
def test_one_amount_however_it_is_written(written: object, amount: str) -> None:
    assert stored("spend", cost=written)["cost"] == Decimal(amount)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (-1, "the amount is negative"), ("-0,01", "the amount is negative"), ("many", "not a number"),
        ("1.2,3.4", "not a number"),
        (True, "no numbers"), ("", "required"), ([], "not a number"), ("NaN", "must lie between"),
        ("1e999999999", "must lie between"), ("9" * 1_000_000, "must lie between"), (1e14, "must lie between"),
    ],
)  # fmt: skip
def test_an_amount_is_refused_in_words(written: object, words: str) -> None:
    field, message = refusal("spend", cost=written)
    assert field == "cost"
    assert words in message


@given(st.decimals(min_value=Decimal(0), max_value=Decimal(10) ** 12, places=2))
def test_every_amount_survives_every_spelling(amount: Decimal) -> None:
    english, german = f"{amount:,.2f}", f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
    russian = german.replace(".", "\u00a0")
    assert {Decimal(str(read_number(text))) for text in (english, german, russian, str(amount))} == {amount}


@pytest.mark.parametrize(
    ("written", "number"), [(7, 7), (7.0, 7), ("7", 7), ("7.0", 7), ("1 234", 1234), ("1,234,567", 1234567)]
)
def test_counts(written: object, number: int) -> None:
    assert stored("spend", clicks=written)["clicks"] == number


@pytest.mark.parametrize(
    ("written", "words"),
    [(7.5, "whole"), ("7,5", "whole"), ("x", "whole number"), (-1, "greater"), (True, "no numbers"),
     ({}, "whole number")],
)  # fmt: skip
def test_a_count_is_refused_in_words(written: object, words: str) -> None:
    field, message = refusal("spend", clicks=written)
    assert field == "clicks"
    assert words in message


@pytest.mark.parametrize("written", [95, "95", "1:35", "0:01:35", "00:01:35", timedelta(seconds=95), time(0, 1, 35)])
def test_a_duration_however_it_is_written(written: object) -> None:
    assert stored("calls", duration_s=written)["duration_s"] == 95


@pytest.mark.parametrize("written", ["1:75", "-5", 10**9, "long"])
def test_a_wrong_duration_is_refused(written: object) -> None:
    assert refusal("calls", duration_s=written)[0] == "duration_s"


def test_flags_and_lists_of_a_table() -> None:
    assert stored("spend", vat_included="Да")["vat_included"] is True
    assert read("spend", vat_included="нет") == read("spend")
    assert stored("calls", tags="new; vip , ")["tags"] == ["new", "vip"]
    assert stored("calls", tags=["a,b"])["tags"] == ["a,b"]


PHONES = {
    "RU": ["+7 900 000-00-01", "8 (900) 000-00-01", "9000000001", "007 900 000 00 01", "+79000000001"],
    "KZ": ["+7 701 123 45 67", "8 (701) 123-45-67", "7011234567", "007 701 123 45 67", "+77011234567"],
    "BY": ["+375 29 491-19-11", "8 (029) 491-19-11", "294911911", "00375 29 491 19 11", "+375294911911"],
    "DE": ["+49 30 901820", "030 901820", "(030) 90 18 20", "0049 30 901820", "+4930901820"],
    "FR": ["+33 1 42 68 53 00", "01 42 68 53 00", "01.42.68.53.00", "0033 1 42 68 53 00", "+33142685300"],
    "GB": ["+44 20 7946 0958", "020 7946 0958", "(020) 79460958", "0044 20 7946 0958", "+442079460958"],
    "US": ["+1 202-456-1111", "(202) 456-1111", "1 202 456 1111", "001 202 456 1111", "+12024561111"],
    "TR": ["+90 212 402 00 00", "0 (212) 402 00 00", "2124020000", "0090 212 402 00 00", "+902124020000"],
    "CN": ["+86 10 6552 9988", "010-65529988", "(010) 6552 9988", "0086 10 6552 9988", "+861065529988"],
    "IN": ["+91 22 2204 0404", "022 2204 0404", "(022) 2204-0404", "0091 22 2204 0404", "+912222040404"],
}
"""Spellings as people of each country write a number of theirs; the last is its E.164 form."""


@pytest.mark.parametrize("country", PHONES)
def test_national_spellings_are_one_phone(country: str) -> None:
    assert {written: e164(written, country) for written in PHONES[country]} == dict.fromkeys(
        PHONES[country], PHONES[country][-1]
    )


@pytest.mark.parametrize("country", PHONES)
def test_a_foreign_phone_is_read_by_its_code(country: str) -> None:
    """`+` and `00` mean the same phone wherever it is read."""
    with_plus, with_zeros = PHONES[country][0], PHONES[country][3]
    for reader in PHONES:
        assert e164(with_plus, reader) == PHONES[country][-1]
        assert e164(with_zeros, reader) == PHONES[country][-1]


@pytest.mark.parametrize(
    "written",
    ["", "anonymous", "123", "+", "1E+999999999", "9" * 1_000_000, " " * 1_000_000 + "x", "x" + " " * 1_000_000 + "x",
     "\x00", "٠١٢", "+7 900 000"],
)  # fmt: skip
def test_what_is_no_phone_is_none(written: str) -> None:
    assert e164(written, "RU") is None


@pytest.mark.parametrize("written", ["", "x", "a@b", "a b@c.d", "@c.d", "a@c.", "a@" + "b" * 1_000_000 + ".c"])
def test_what_is_no_email_is_none(written: str) -> None:
    assert normal_email(written) is None


@given(st.text())
def test_any_text_may_come_as_a_phone_or_an_address(text: str) -> None:
    assert e164(text, "RU") is None or str(e164(text, "RU")).startswith("+")
    marks, clicks = read_link(f"https://d.example/?utm_source={text}&yclid={text}")
    assert set(marks) <= {"source"}
    assert set(clicks) <= {"yclid"}


def test_an_address_encoded_over_and_over_ends() -> None:
    assert read_link("https://d.example/?utm_source=%" + "25" * 5000 + "41")[0]["source"].startswith("%25")
    assert read_link("https://d.example/?utm_source=%2541") == ({"source": "A"}, {})
