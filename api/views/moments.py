"""When a mail is due: on days of the week or of the month, at an hour of the account's time zone."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import get_day_names

from api.language import gettext as _
from api.language import language
from infra.errors import InvalidInput

EVERY_WORKDAY = (1, 2, 3, 4, 5)
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
_LOOK = 62
"""Days within which any rhythm is due."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """On `weekdays` (1 is Monday), or once a month on `month_day`: in months that are shorter, on their last day.

    Raises `InvalidInput`.
    """

    weekdays: tuple[int, ...]
    month_day: int
    hour: int

    def __post_init__(self) -> None:
        if bool(self.weekdays) == bool(self.month_day):
            raise InvalidInput(
                "A mail is due on days of the week or on a day of the month.",
                where="weekdays",
                help="Give weekdays, such as [1, 2, 3, 4, 5] for Monday to Friday, or month_day, such as 1.",
            )
        if any(not 1 <= day <= 7 for day in self.weekdays) or len(set(self.weekdays)) != len(self.weekdays):
            raise InvalidInput(
                "A day of the week is a number from 1 to 7, each once.", where="weekdays", help="1 is Monday."
            )
        if self.month_day and not 1 <= self.month_day <= 31:
            raise InvalidInput("A day of the month is from 1 to 31.", where="month_day", help="31 is always the last.")
        if not 0 <= self.hour <= 23:
            raise InvalidInput("An hour is from 0 to 23.", where="hour", help="It is of the account's time zone.")

    @property
    def in_words(self) -> str:
        """In the reader's language."""
        at = _("at %(hour)s:00") % {"hour": self.hour}
        if self.month_day:
            return _("on day %(day)s of each month %(at)s") % {"day": self.month_day, "at": at}
        days = tuple(sorted(self.weekdays))
        if days == EVERY_WORKDAY:
            return _("Mon to Fri %(at)s") % {"at": at}
        if days == EVERY_DAY:
            return _("every day %(at)s") % {"at": at}
        names = get_day_names("abbreviated", locale=language())
        return f"{', '.join(names[day - 1] for day in days)} {at}"

    def last_until(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The newest moment at which one was due, in UTC. `now` is one where it is due now."""
        today = now.astimezone(zone).date()
        moments = (self._moment(today - timedelta(days=back), zone) for back in self._days(today, -1))
        return next(moment for moment in moments if moment <= now)

    def next_after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The next moment at which one is due, in UTC."""
        today = now.astimezone(zone).date()
        moments = (self._moment(today + timedelta(days=on), zone) for on in self._days(today, 1))
        return next(moment for moment in moments if moment > now)

    def _days(self, today: date, step: int) -> Iterator[int]:
        """How many days from today one is due, the nearest first."""
        return (away for away in range(_LOOK) if self._is_on(today + timedelta(days=away * step)))

    def _is_on(self, day: date) -> bool:
        if self.weekdays:
            return day.isoweekday() in self.weekdays
        return day.day == min(self.month_day, monthrange(day.year, day.month)[1])

    def _moment(self, day: date, zone: ZoneInfo) -> datetime:
        """An hour that a change of clocks leaves out is the one after it; of one that comes twice, the first counts."""
        return datetime.combine(day, time(self.hour), zone).astimezone(UTC)
