"""`$filter`: what it lets through is what Python lets through, and what cannot be read is said."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from api.odata.filters import read_filter
from attribution.feed.entities import EPOCH, FACTS
from attribution.feed.predicate import holds
from infra.errors import InvalidInput
from tests.api.odata.feed import Feed
from tests.attribution.feed.holding import CAMPAIGNS, DEALERS

Row = dict[str, Any]
Asked = tuple[str, Callable[[Row], bool]]

COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda one, other: one == other,
    "ne": lambda one, other: one != other,
    "lt": lambda one, other: one < other,
    "le": lambda one, other: one <= other,
    "gt": lambda one, other: one > other,
    "ge": lambda one, other: one >= other,
}
SEARCHED: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
TEXTS = some.sampled_from(
    [*CAMPAIGNS[:-1], *DEALERS[:-1], "(none)", "(no touch)", "'", "spring", "рин", "a", ") or (", "\\'"]
)
TEXT_COLUMNS = some.sampled_from(["Channel", "Campaign", "Dealer", "Contractor"])
FIGURES = some.sampled_from(["Cost", "Clicks", "Leads", "Sales", "Revenue", "Margin"])
DAYS = some.dates(date(2025, 1, 1), date(2026, 12, 31))


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _text_compared(name: str, operator: str, text: str) -> Asked:
    test = COMPARED[operator]
    return f"{name} {operator} {quoted(text)}", lambda row: test(row[name].encode(), text.encode())


def _listed(name: str, texts: Sequence[str]) -> Asked:
    return f"{name} in ({','.join(map(quoted, texts))})", lambda row: row[name] in texts


def _searched(function: str, name: str, text: str) -> Asked:
    test = SEARCHED[function]
    return f"{function}({name},{quoted(text)})", lambda row: test(row[name], text)


def _figure_compared(name: str, operator: str, number: Decimal) -> Asked:
    test = COMPARED[operator]
    return f"{name} {operator} {number:f}", lambda row: test(Decimal(str(row[name])), number)


def _day_compared(operator: str, day: date, form: str) -> Asked:
    test = COMPARED[operator]
    return f"Day {operator} {day}{form}", lambda row: test(date.fromisoformat(row["Day"]), day)


def _part_compared(part: str, operator: str, number: int) -> Asked:
    test = COMPARED[operator]
    return f"{part}(Day) {operator} {number}", lambda row: test(getattr(date.fromisoformat(row["Day"]), part), number)


OPERATORS = some.sampled_from(list(COMPARED))
FORMS = some.sampled_from(["", "T00:00:00Z", "T00:00:00.0000000Z", "T00:00:00+03:00", "T00:00Z", "T00:00:00"])
CONDITIONS = some.one_of(
    some.builds(_text_compared, TEXT_COLUMNS, OPERATORS, TEXTS),
    some.builds(_listed, TEXT_COLUMNS, some.lists(TEXTS, min_size=1, max_size=3)),
    some.builds(_searched, some.sampled_from(list(SEARCHED)), TEXT_COLUMNS, TEXTS),
    some.builds(_figure_compared, FIGURES, OPERATORS, some.decimals(-10, 10**6, places=6) | some.just(Decimal(0))),
    some.builds(_day_compared, OPERATORS, DAYS, FORMS),
    some.builds(_part_compared, some.just("year"), OPERATORS, some.integers(2024, 2027)),
    some.builds(_part_compared, some.sampled_from(["month", "day"]), OPERATORS, some.integers(0, 32)),
)


def _joined(word: str, one: Asked, other: Asked) -> Asked:
    both = all if word == "and" else any
    return f"({one[0]}) {word} ({other[0]})", lambda row: both((one[1](row), other[1](row)))


def _turned(one: Asked) -> Asked:
    return f"not ({one[0]})", lambda row: not one[1](row)


FILTERS = some.recursive(
    CONDITIONS,
    lambda parts: some.one_of(
        some.builds(_joined, some.sampled_from(["and", "or"]), parts, parts), some.builds(_turned, parts)
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def facts(feed: Feed) -> list[Row]:
    return feed.rows("Facts")


@settings(max_examples=40)
@given(asked=FILTERS)
def test_the_feed_answers_what_python_lets_through(feed: Feed, facts: list[Row], asked: Asked) -> None:
    text, lets_through = asked
    assert feed.rows("Facts", filter=text) == [row for row in facts if lets_through(row)]


def test_months_apart_are_the_whole(feed: Feed, facts: list[Row]) -> None:
    """As incremental refresh asks: from a moment on, and before another."""
    months = [date(2025 + month // 12, month % 12 + 1, 1) for month in range(25)]
    found = [
        row
        for first, last in pairwise(months)
        for row in feed.rows("Facts", filter=f"Day ge {first}T00:00:00Z and Day lt {last}T00:00:00Z")
    ]
    assert found == facts
    assert len({row["Day"][:7] for row in facts}) > 10


FACT: dict[str, str | int] = {
    **dict.fromkeys((each.name for each in FACTS.properties), 0),
    "Day": (date(2026, 1, 31) - EPOCH).days, "Channel": "paid_search", "Campaign": "O'Brien", "Dealer": "north",
    "Contractor": "(none)", "Model": "linear", "Cost": 12_005_000, "Clicks": 7, "Leads": 1_500_000_000,
}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Campaign eq 'O''Brien'",
        "contains(Campaign,'''')",
        "Day eq 2026-01-31",
        "Day eq 2026-01-31T00:00:00Z",
        "Day gt 2026-01-30T23:59:59.999Z",
        "Day lt 2026-01-31T00:00:00.001Z",
        "Day lt 2026-02-01T00:00:00 03:00",
        "2026-01-01 le Day",
        "Cost eq 1200.5",
        "Cost gt 1200.49999999",
        "Cost le 1.2005e3",
        "Cost ne 1200.50001",
        "Cost lt 99999999999999999999999999",
        "Leads eq 1.5",
        "Channel in ('paid_search')",
        "Channel in ( 'email' , 'paid_search' )",
        "Clicks in (6,7,8.5)",
        "year(Day) eq 2026 and month(Day) eq 1 and day(Day) eq 31",
        "year(Day) in (2025,2026)",
        "not Channel eq 'email'",
        "not (Channel eq 'email' or Clicks gt 8)",
        "not not (Clicks eq 7)",
        "Channel eq 'email' and Clicks eq 0 or Clicks eq 7",
        "contains(tolower(Campaign),'brien') eq true",
        "contains(Campaign,'Z') eq false",
        "toupper(Dealer) eq 'NORTH'",
        "(Cost) gt (0)",
        "Dealer ne null",
        "contains(Dealer,'')",
        "Dealer ge 'nort'",
        "true",
        " Clicks  eq  7 ",
    ],
)
def test_what_is_let_through(text: str) -> None:
    assert holds(read_filter(text, FACTS), FACT)
    assert not holds(read_filter(f"not ({text})", FACTS), FACT)


@pytest.mark.parametrize(
    "text",
    ["Dealer eq null", "Dealer gt null", "Day eq 2026-01-31T00:00:01Z", "Cost eq 1200.50001", "Cost gt 1e60", "false"],
)
def test_what_is_not_let_through(text: str) -> None:
    assert not holds(read_filter(text, FACTS), FACT)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Colour eq 'red'", "Colour"),
        ("channel eq 'email'", "Channel"),
        ("Channel = 'email'", "= 'email"),
        ("Channel eq email", "email"),
        ("Channel eq 'email", "'email"),
        ("Channel eq 5", "single quotes"),
        ("Clicks eq '5'", "a number"),
        ("Day ge '2026-01-01'", "a day"),
        ("Day ge 2026-02-30", "2026-02-30"),
        ("Day ge datetime'2026-01-01T00:00:00'", "datetime"),
        ("Clicks eq 7 and", "its end"),
        ("(Clicks eq 7", "`)`"),
        ("Clicks eq 7)", "character 12"),
        ("Clicks add 1 eq 8", "add"),
        ("Clicks eq Cost", "literal"),
        ("5 eq 5", "column"),
        ("Clicks", "no condition"),
        ("length(Channel) eq 5", "length"),
        ("year(Channel) eq 5", "year"),
        ("contains(Clicks,'7')", "Clicks"),
        ("contains(Channel)", "contains"),
        ("Channel in 'email'", "`(`"),
        ("Channel in ()", "literals"),
        ("Clicks eq 7M", "7M"),
        ("(" * 100 + "Clicks eq 7" + ")" * 100, "50"),
        ("🚗", "🚗"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, word: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_filter(text, FACTS)
    assert raised.value.where == "$filter"
    assert word in f"{raised.value.message} {raised.value.help}"
    assert raised.value.help


@given(text=some.text(max_size=60) | some.text("()',. aeinotrqdy0129-TZ:", max_size=60))
def test_any_text_is_a_filter_or_is_refused(text: str) -> None:
    try:
        found = holds(read_filter(text, FACTS), FACT)
    except InvalidInput as error:
        where = error.where
    else:
        where = "$filter" if found in (True, False) else ""
    assert where == "$filter"


def test_days_are_told_apart_by_their_clock() -> None:
    day = date(2026, 1, 31)
    before, after = (read_filter(f"Day ge {day + timedelta(days=more)}T00:00:00-11:00", FACTS) for more in (0, 1))
    assert (holds(before, FACT), holds(after, FACT)) == (True, False)
