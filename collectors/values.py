"""The kinds of values that events are made of: moments, money, phones, e-mails, plain text.

Each reads what people and systems really write, and raises `ValueError` in words for the sender.
What a reading depends on (time zone of times without one, country of phones) comes as `Reading`,
the validation context.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_SPREADSHEET_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # day 0 of spreadsheets; the zone is the reader's
_SPREADSHEET_DAYS = (36_526, 73_051)  # 2000-01-01 to 2100-01-01: no Unix time of our days is so small
LONGEST_ID = 200
LONGEST_TEXT = 8_000
MOST_SECONDS = 7 * 86_400
_LONGEST_PHONE = 64
_LONGEST_EMAIL = 320
CLOCK_SKEW = timedelta(days=1)
LONGEST_PLAN = timedelta(days=800)
_MONEY_PLACES = Decimal("0.0001")
_MOST_MONEY = Decimal(10) ** 13
_EXTENSION = re.compile(r"\s*(?:доб|вн|ext|x|#)\.?\s*\d+\s*$", re.IGNORECASE)
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")


@dataclass(frozen=True, slots=True)
class Reading:
    """`naive_zone` is None where a time must name its zone itself."""

    now: datetime
    naive_zone: ZoneInfo | None = None
    country: str = "RU"


def reading_of(info: ValidationInfo) -> Reading:
    assert isinstance(info.context, Reading), "events are validated with a Reading as context"  # noqa: S101
    return info.context


def read_moment(value: object, info: ValidationInfo) -> datetime:
    """A moment in UTC from RFC 3339, `dd.mm.yyyy[ hh:mm[:ss]]`, a date, or a spreadsheet's date."""
    reading = reading_of(info)
    moment = _parse_moment(value)
    if moment.tzinfo is None:
        if reading.naive_zone is None:
            raise ValueError("the time has no zone: write 2026-01-31T09:00:00+03:00, or send ?timezone=Europe/Moscow")
        moment = moment.replace(tzinfo=reading.naive_zone)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"the year {moment.year} is out of reach") from None
    if moment < EARLIEST:
        raise ValueError(f"{moment:%Y-%m-%d} is before {EARLIEST:%Y-%m-%d}, the earliest date that is taken")
    if moment > reading.now + CLOCK_SKEW:
        raise ValueError(f"{moment:%Y-%m-%d %H:%M}Z lies in the future")
    return moment


def _parse_moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  # the zone is the reader's
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _spreadsheet_moment(value)
    if not isinstance(value, str):
        raise ValueError("a time is text such as 2026-01-31T09:00:00+03:00")
    text = value.strip()
    if re.fullmatch(r"\d{5}([.,]\d{1,15})?", text):
        return _spreadsheet_moment(float(text.replace(",", ".")))
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  # the zone is the reader's
        except ValueError:
            continue
    raise ValueError("the time is neither RFC 3339, such as 2026-01-31T09:00:00+03:00, nor dd.mm.yyyy hh:mm")


def _spreadsheet_moment(days: float) -> datetime:
    """A spreadsheet's date whose cell is not formatted as one: days since 1899-12-30."""
    first, last = _SPREADSHEET_DAYS
    if not first <= days < last:
        raise ValueError("a time is text such as 2026-01-31T09:00:00+03:00; Unix times are not taken")
    return _SPREADSHEET_EPOCH + timedelta(seconds=round(days * 86_400))


def read_day(value: object, info: ValidationInfo) -> date:
    """A calendar day in the account's time zone."""
    day = value if type(value) is date else _parse_moment(value).date()
    if day < EARLIEST.date():
        raise ValueError(f"{day} is before {EARLIEST.date()}, the earliest date that is taken")
    if day > (reading_of(info).now + LONGEST_PLAN).date():
        raise ValueError(f"{day} lies more than {LONGEST_PLAN.days} days in the future")
    return day


def read_number(value: object) -> object:
    """`1 234,50`, `1,234.50`, `1.234,50` and `1234.5` are the same number.

    The sign that comes last is the decimal one, unless it comes more than once; a comma alone is a decimal one.
    """
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")
    if not isinstance(value, str):
        return value
    text = re.sub(r"[\s\u00a0\u202f'’₽]", "", value)
    decimal, thousands = (",", ".") if text.rfind(",") > text.rfind(".") else (".", ",")
    if text.count(decimal) > 1:
        return text if thousands in text else text.replace(decimal, "")
    return text.replace(thousands, "").replace(decimal, ".")


def read_money(value: object) -> Decimal:
    """An amount with four decimals; further ones are rounded."""
    try:
        amount = Decimal(str(read_number(value)))
    except InvalidOperation:
        raise ValueError("the amount is not a number") from None
    if not amount.is_finite() or not -_MOST_MONEY < amount < _MOST_MONEY:
        raise ValueError(f"the amount must lie between -{_MOST_MONEY:f} and {_MOST_MONEY:f}")
    return amount.quantize(_MONEY_PLACES, ROUND_HALF_UP)


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError("the amount is negative")
    return value


def _whole(value: object) -> int:
    number = read_number(value)
    try:
        exact = Decimal(str(number)) if isinstance(number, str | int | float) else None
    except InvalidOperation:
        exact = None
    if exact is None or not exact.is_finite() or not -_MOST_MONEY < exact < _MOST_MONEY:
        raise ValueError("a whole number is expected here")
    if exact != exact.to_integral_value():
        raise ValueError("the number must be whole, without a fraction")
    return int(exact)


def _seconds(value: object) -> object:
    """Seconds, also from `1:35`, `0:01:35`, or a spreadsheet's duration or time of day."""
    if isinstance(value, timedelta):
        return round(value.total_seconds())
    if isinstance(value, time):
        value = value.isoformat("seconds")
    if isinstance(value, str) and re.fullmatch(r"\s*\d{1,3}(:[0-5]\d){1,2}\s*", value):
        parts = [int(part) for part in value.split(":")]
        return sum(part * 60**place for place, part in enumerate(reversed(parts)))
    return _whole(value)


def _flag(value: object) -> object:
    known = {"да": True, "нет": False}
    return known.get(value.strip().lower(), value) if isinstance(value, str) else value


def _list_of_words(value: object) -> object:
    """A cell holds a list as words between commas or semicolons."""
    return [word for part in re.split("[,;]", value) if (word := part.strip())] if isinstance(value, str) else value


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the text holds a NUL character")
    return text


def e164(text: str, country: str) -> str | None:
    """The phone in E.164 without its extension, or None where the text is no valid number.

    Reads national spellings of `country`, and what spreadsheets make of long numbers (`7.9E+10`, `79….0`).
    """
    return _e164(text, country) if len(text) <= _LONGEST_PHONE else None


@lru_cache(maxsize=100_000)
def _e164(text: str, country: str) -> str | None:
    plain = _EXTENSION.sub("", text.strip())
    if re.fullmatch(r"\d+(\.\d+)?E\+\d{1,2}|\d{8,}\.0+", plain, re.IGNORECASE):
        plain = str(int(Decimal(plain)))
    candidates = [plain] if plain.startswith("+") else [plain, "+" + plain.lstrip("0")]
    for candidate in candidates:
        try:
            number = phonenumbers.parse(candidate, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def normal_email(text: str) -> str | None:
    """The e-mail trimmed and in lower case, or None where the text is none."""
    plain = text.strip().lower()
    return plain if len(plain) <= _LONGEST_EMAIL and _EMAIL.match(plain) else None


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _no_cut(value: Any) -> Any:
    if isinstance(value, bool | list | dict):
        raise ValueError("text is expected here")
    return value


Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LONGEST_ID, strip_whitespace=True),
    BeforeValidator(_no_cut),
    AfterValidator(_no_nul),
]
Text = Annotated[
    str,
    StringConstraints(max_length=LONGEST_TEXT, strip_whitespace=True),
    BeforeValidator(_no_cut),
    AfterValidator(_no_nul),
]
Moment = Annotated[datetime, BeforeValidator(read_moment)]
Day = Annotated[date, BeforeValidator(read_day)]
Money = Annotated[Decimal, BeforeValidator(read_money)]
Cost = Annotated[Money, AfterValidator(_not_negative)]
Whole = Annotated[int, BeforeValidator(_whole)]
Seconds = Annotated[int, BeforeValidator(_seconds), Field(ge=0, le=MOST_SECONDS)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Words = Annotated[list[Text], BeforeValidator(_list_of_words)]
Word = BeforeValidator(_lower)
