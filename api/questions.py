"""Reading a report's question as people write it, on the command line and in addresses alike."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attribution.answer import Period
from attribution.catalog import SHIPPED, Catalog
from attribution.models import Model
from attribution.reports import Calendar, Condition, Order, Question
from attribution.sharing import DealerShare
from infra.errors import InvalidInput

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2149, 6, 6)
"""The days that the warehouse can tell apart."""

Choice = TypeVar("Choice", bound=StrEnum)
_CONDITION = re.compile(r"(?:\\[|,\\]|(?!,\s*-?[\w.]+:).)+", re.DOTALL)
_VALUE = re.compile(r"(?:\\[|,\\]|[^|])+")
_ESCAPED, _ESCAPING = re.compile(r"\\([|,\\])"), re.compile(r"([|,\\])")


@dataclass(frozen=True, slots=True)
class Asked:
    """The question of the ROMI/CPL report, as its parameters say it. Lists have commas between."""

    by: str = "channel"
    model: str = "last_non_direct"
    calendar: str = "conversion"
    share: str = "leads"
    first: str = ""
    last: str = ""
    models: str = ""
    measures: str = ""
    where: str = ""
    sort: str = ""
    limit: int | None = None
    next: str = ""

    def question(self, catalog: Catalog, today: date) -> Question:
        """Empty days mean the last twelve months up to today. Raises `InvalidInput`, naming the parameter."""
        first_day, last_day = _days(self.first, self.last, today)
        return Question(
            by=read_names(self.by),
            first_day=first_day,
            last_day=last_day,
            model=read_model(self.model),
            calendar=read_choice(Calendar, self.calendar, "calendar"),
            share=read_choice(DealerShare, self.share, "share"),
            models=tuple(_models(self.models)),
            measures=read_names(self.measures),
            where=read_conditions(self.where),
            order=read_order(self.sort),
            limit=self.limit,
            offset=read_offset(self.next),
            catalog=catalog,
        )


def read_question(
    by: str, model: str, calendar: str, share: str, first: str, last: str, today: date, catalog: Catalog = SHIPPED
) -> Question:
    """The plainest questions. Raises `InvalidInput`, naming the parameter."""
    return Asked(by, model, calendar, share, first, last).question(catalog, today)


def as_parameters(question: Question) -> dict[str, str]:
    """The parameters that ask a question again."""
    written = {
        "by": ",".join(question.by),
        "model": question.model.value,
        "calendar": question.calendar.value,
        "share": question.share.value,
        "from": question.first_day.isoformat(),
        "to": question.last_day.isoformat(),
        "models": ",".join(f"{name}:{model}" for name, model in question.models),
        "measures": ",".join(question.measures),
        "where": written_conditions(question.where),
        "sort": f"{'-' if question.order.descending else ''}{question.order.name}" if question.order else "",
        "limit": str(question.limit or ""),
        "next": str(question.offset or ""),
    }
    return {name: value for name, value in written.items() if value}


def written_conditions(where: Iterable[Condition]) -> str:
    """As `where` takes them."""
    return ",".join(f"{'-' if each.excluded else ''}{each.dimension}:{_values(each)}" for each in where)


def _values(condition: Condition) -> str:
    return "|".join(_ESCAPING.sub(r"\\\1", value) for value in condition.values)


def _models(text: str) -> Iterator[tuple[str, Model]]:
    for each in read_names(text):
        name, colon, model = each.partition(":")
        if not colon:
            raise InvalidInput(
                f"{each!r} names no model for a measure.", where="models", help="Write leads:first,sales:linear."
            )
        yield name.strip(), read_choice(Model, model.strip(), "models")


def read_conditions(text: str) -> tuple[Condition, ...]:
    """As `where` has them. Raises `InvalidInput`."""
    return tuple(_conditions(text))


def _conditions(text: str) -> Iterator[Condition]:
    """`channel:paid_search,-dealer:d1|d2`; `|`, `,` and `\\` within a value have a `\\` before them."""
    for each in _CONDITION.findall(text) if text.strip() else ():
        name, colon, values = each.strip().partition(":")
        if not colon or not values:
            raise InvalidInput(
                f"{each!r} is no condition.",
                where="where",
                help="Write channel:paid_search|email, or -dealer:north for all but that dealer.",
            )
        yield Condition(
            name.removeprefix("-").strip(),
            tuple(_ESCAPED.sub(r"\1", value) for value in _VALUE.findall(values)),
            excluded=name.startswith("-"),
        )


def read_order(text: str) -> Order | None:
    """A name, with `-` before it for the largest first."""
    name = text.strip()
    return Order(name.removeprefix("-"), descending=name.startswith("-")) if name else None


def read_offset(text: str) -> int:
    """Raises `InvalidInput` where it is no page."""
    if text and not (text.isascii() and text.isdigit() and len(text) < 18):
        raise InvalidInput(f"{text!r} is no page.", where="next", help="Give `next` as the answer before told it.")
    return int(text or 0)


def read_period(first: str, last: str, today: date) -> Period:
    """Empty days mean the last twelve months up to today. Raises `InvalidInput`, naming the parameter."""
    return Period(*_days(first, last, today))


def read_names(text: str) -> tuple[str, ...]:
    """Names with commas between."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _days(first: str, last: str, today: date) -> tuple[date, date]:
    last_day = read_day(last, "to") if last else today
    usual = (last_day.replace(day=1) - timedelta(days=335)).replace(day=1)
    return read_day(first, "from") if first else max(usual, FIRST_DAY), last_day


def read_day(text: str, where: str) -> date:
    """Raises `InvalidInput`, naming the parameter."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is no date.", where=where, help="Write a date as 2026-01-31.") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InvalidInput(
            f"Nothing is kept of {day}.", where=where, help=f"Write a date from {FIRST_DAY} to {LAST_DAY}."
        )
    return day


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


def read_model(text: str) -> Model:
    """Raises `InvalidInput`, naming the parameter."""
    return read_choice(Model, text, "model")


def read_choice(kind: type[Choice], text: str, where: str) -> Choice:
    """Raises `InvalidInput`, naming the parameter and what can be chosen."""
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(kind)
        raise InvalidInput(f"There is no {where} {text!r}.", where=where, help=f"Choose one of {known}.") from None
