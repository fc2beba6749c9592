"""Periods as pages name and write them."""

from datetime import date, timedelta
from enum import StrEnum

from api.dates import dated
from api.language import gettext as _
from api.questions import read_choice, read_day
from attribution.answer import Period
from infra.errors import InvalidInput


class LongPeriod(StrEnum):
    """Long enough for sales to come, so that whoever is compared by them has some. All end today."""

    LAST_30_DAYS = "last_30_days"
    LAST_90_DAYS = "last_90_days"
    THIS_YEAR = "this_year"
    LAST_12_MONTHS = "last_12_months"

    @property
    def label(self) -> str:
        return {
            LongPeriod.LAST_30_DAYS: _("last 30 days"),
            LongPeriod.LAST_90_DAYS: _("last 90 days"),
            LongPeriod.THIS_YEAR: _("this year"),
            LongPeriod.LAST_12_MONTHS: _("last 12 months"),
        }[self]

    def days(self, today: date) -> Period:
        """Twelve months are this one and the eleven before it."""
        first = {
            LongPeriod.LAST_30_DAYS: today - timedelta(days=29),
            LongPeriod.LAST_90_DAYS: today - timedelta(days=89),
            LongPeriod.THIS_YEAR: today.replace(month=1, day=1),
            LongPeriod.LAST_12_MONTHS: (today.replace(day=1) - timedelta(days=320)).replace(day=1),
        }[self]
        return Period(first, today)


def read_long_period(period: str, first: str, last: str, today: date) -> tuple[LongPeriod | None, Period]:
    """Its name, None for own days. Without either, the last 90 days. Raises `InvalidInput`, naming the parameter."""
    if period and (first or last):
        raise InvalidInput("A period and days are asked for at once.", where="period", help="Give one of them.")
    if not (first or last):
        named = read_choice(LongPeriod, period or LongPeriod.LAST_90_DAYS, "period")
        return named, named.days(today)
    last_day = read_day(last, "to") if last else today
    return None, Period(read_day(first, "from") if first else last_day.replace(day=1), last_day)


def as_days(period: Period) -> dict[str, str]:
    """The parameters that ask for it."""
    return {"from": period.first_day.isoformat(), "to": period.last_day.isoformat()}


def in_words(period: Period) -> str:
    first, last = period.first_day, period.last_day
    if first == last:
        return dated(last, "dd MMM y")
    return (
        f"{dated(first, 'dd MMM')} – {dated(last, 'dd MMM y')}"
        if first.year == last.year
        else f"{dated(first, 'dd MMM y')} – {dated(last, 'dd MMM y')}"
    )
