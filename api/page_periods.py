"""Which period a page of reports is of: named, or from one day to another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query

from api.periods import as_days, in_words
from api.questions import read_choice, read_day
from attribution.answer import Period
from infra.errors import InvalidInput

First = Annotated[str, Query(alias="from")]
Last = Annotated[str, Query(alias="to")]


class Span(StrEnum):
    """A period with a name, that ends today unless it says otherwise."""

    LAST_30_DAYS = "last_30_days"
    LAST_90_DAYS = "last_90_days"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_YEAR = "this_year"
    LAST_12_MONTHS = "last_12_months"

    @property
    def label(self) -> str:
        """In English."""
        return "This month so far" if self is Span.THIS_MONTH else self.value.replace("_", " ").capitalize()

    def days(self, today: date) -> Period:
        this_month = today.replace(day=1)
        last_of_before = this_month - timedelta(days=1)
        return {
            Span.LAST_30_DAYS: Period(today - timedelta(days=29), today),
            Span.LAST_90_DAYS: Period(today - timedelta(days=89), today),
            Span.THIS_MONTH: Period(this_month, today),
            Span.LAST_MONTH: Period(last_of_before.replace(day=1), last_of_before),
            Span.THIS_YEAR: Period(today.replace(month=1, day=1), today),
            Span.LAST_12_MONTHS: Period((this_month - timedelta(days=335)).replace(day=1), today),
        }[self]


@dataclass(frozen=True, slots=True)
class PagePeriod:
    """`named` is None where the period is of own dates."""

    period: Period
    named: Span | None

    @property
    def parameters(self) -> dict[str, str]:
        """As an address keeps it: a name moves along with the days."""
        return {"period": self.named.value} if self.named else self.days

    @property
    def days(self) -> dict[str, str]:
        """As the API takes it."""
        return as_days(self.period)

    @property
    def in_words(self) -> str:
        return in_words(self.period)

    def links(self, path: str, others: Mapping[str, str]) -> list[tuple[str, str, bool]]:
        """Of each named period its label, its address with the page's other parameters, and whether it is shown."""
        return [(each.label, address(path, {"period": each.value, **others}), each is self.named) for each in Span]


def read_page_period(period: str, first: str, last: str, today: date, usual: Span) -> PagePeriod:
    """A missing first day is the first of the last day's month. Raises `InvalidInput`, naming the parameter."""
    if period and (first or last):
        raise InvalidInput("A period and days are asked for at once.", where="period", help="Give one of them.")
    if not (first or last):
        named = read_choice(Span, period or usual, "period")
        return PagePeriod(named.days(today), named)
    last_day = read_day(last, "to") if last else today
    return PagePeriod(Period(read_day(first, "from") if first else last_day.replace(day=1), last_day), None)


def address(path: str, parameters: Mapping[str, str]) -> str:
    """With what is not empty."""
    given = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def exports_of(path: str, parameters: Mapping[str, str]) -> list[tuple[str, str]]:
    """Of each form of a report its name and address."""
    return [
        (name, address(path, {**parameters, "format": name.lower()})) for name in ("CSV", "XLSX", "Parquet", "JSON")
    ]
