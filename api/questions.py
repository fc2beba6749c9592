"""Reading a report's question as people write it, on the command line and in addresses alike."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from api.pool_sizing import PoolQuestion
from attribution.answer import Period
from attribution.calls import CallsQuestion, Whose
from attribution.models import Model
from attribution.reports import Calendar, Question
from attribution.sharing import DealerShare
from collectors.tracker.pool import read_accuracies
from infra.errors import InvalidInput

Choice = TypeVar("Choice", bound=StrEnum)


def read_question(by: str, model: str, calendar: str, share: str, first: str, last: str, today: date) -> Question:
    """Empty days mean the last twelve months up to today. Raises `InvalidInput`, naming the parameter."""
    last_day = _day(last, "to") if last else today
    first_day = _day(first, "from") if first else (last_day.replace(day=1) - timedelta(days=335)).replace(day=1)
    return Question(
        by=tuple(name.strip() for name in by.split(",") if name.strip()),
        first_day=first_day,
        last_day=last_day,
        model=_choice(Model, model, "model"),
        calendar=_choice(Calendar, calendar, "calendar"),
        share=_choice(DealerShare, share, "share"),
    )


def read_calls_question(by: str, first: str, last: str, window: int, whose: str, today: date) -> CallsQuestion:
    """Empty days mean the last 30 up to today. Raises `InvalidInput`, naming the parameter."""
    return CallsQuestion(
        by=tuple(name.strip() for name in by.split(",") if name.strip()),
        period=read_period(first, last, today, days=30),
        window_days=window,
        whose=_choice(Whose, whose, "whose"),
    )


def read_pool_question(
    accuracy: str, site: str, first: str, last: str, visits: float | None, duration: float, delay: float, today: date
) -> PoolQuestion:
    """Empty days mean the last 30 up to today. Raises `InvalidInput`, naming the parameter."""
    return PoolQuestion(
        read_accuracies(accuracy), read_period(first, last, today, days=30), site, visits, duration, delay
    )


def read_period(first: str, last: str, today: date, *, days: int) -> Period:
    """Empty days mean the last `days` up to today. Raises `InvalidInput`, naming the parameter."""
    last_day = _day(last, "to") if last else today
    return Period(_day(first, "from") if first else last_day - timedelta(days=days - 1), last_day)


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no date.", where=where, help="Write a date as 2026-01-31.") from None


def read_time(text: str, where: str, zone: ZoneInfo) -> datetime:
    """A time, or a day, which means its midnight; in `zone` where it names none. Raises `InvalidInput`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput(
            f"{text!r} is no time.", where=where, help="Write one such as 2026-11-01T00:00:00+03:00, or 2026-11-01."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def read_zone(name: str, where: str) -> ZoneInfo:
    """Raises `InvalidInput`, naming the parameter."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(
            f"{name!r} is no time zone.", where=where, help="Write a name such as Europe/Moscow."
        ) from None


def _choice(kind: type[Choice], text: str, where: str) -> Choice:
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(kind)
        raise InvalidInput(f"There is no {where} {text!r}.", where=where, help=f"Choose one of {known}.") from None
