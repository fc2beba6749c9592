"""What the marketing calendar shows: flights and events by dealer or channel, over a month or a year, drawn as bars.

A month has a column a day, a year one a week. Places are classes of the stylesheet: `from-3 for-10`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from api.bootstrap import Services
from api.dates import dated
from api.language import gettext as _
from api.media.texts import kind_words
from api.viewer import Viewer
from infra.access.rights import Right
from infra.errors import ClosedLoopError
from planning.calendar.entries import CO_OP, FLIGHT, Entry, calendar_entries, dealers_of
from planning.calendar.events import CalendarEvent, EventKind
from planning.dimensions import Network, known_network
from planning.media.months import Month, month_of
from planning.media.waiting import address_of

_WEEK = 7


class Span(StrEnum):
    MONTH = "month"
    YEAR = "year"


class Rows(StrEnum):
    DEALER = "dealer"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class CalendarQuestion:
    """`dealer` and `channel` are empty where all are shown."""

    month: Month
    span: Span = Span.MONTH
    rows: Rows = Rows.DEALER
    dealer: str = ""

    def address(self, **changed: str) -> str:
        told = {"month": str(self.month), "span": self.span.value, "rows": self.rows.value, "dealer": self.dealer}
        return f"/calendar?{urlencode({name: text for name, text in (told | changed).items() if text})}"

    @property
    def days(self) -> tuple[date, date]:
        if self.span is Span.MONTH:
            return self.month.first, self.month.last
        return date(self.month.year, 1, 1), date(self.month.year, 12, 31)

    def moved(self, by: int) -> str:
        if self.span is Span.YEAR:
            return self.address(month=f"{self.month.year + by}-{self.month.month:02}")
        return self.address(month=str(self.month.after if by > 0 else self.month.before))


@dataclass(frozen=True, slots=True)
class Bar:
    """Columns count from 1."""

    entry: Entry
    title: str
    place: int
    length: int
    address: str
    said: str


@dataclass(frozen=True, slots=True)
class Track:
    name: str
    bars: Sequence[Bar]


def calendar_view(services: Services, viewer: Viewer, question: CalendarQuestion) -> dict[str, Any]:
    first, last = question.days
    seen = viewer.seen
    entries = list(calendar_entries(services.database, services.calendar_events, first, last, seen=seen))
    with services.database.connect() as connection:
        network = known_network(connection, seen)
    if question.dealer:
        dealer = network.dealer(question.dealer)
        entries = [each for each in entries if dealer.id in dealers_of(each, network)]
    words = kind_words()
    drawn = _Drawing(question, network, words)
    may_change = viewer.may(Right.PLANS) and seen.contractors is None
    return {
        "question": question,
        "title": dated(first, "LLLL y") if question.span is Span.MONTH else str(first.year),
        "columns": drawn.columns(),
        "size": drawn.size,
        "tracks": drawn.tracks(entries),
        "list": [
            (each, words[each.kind], drawn.days_of(each), drawn.whose(each), drawn.address(each)) for each in entries
        ],
        "kinds": words,
        "spans": [(span, question.address(span=span.value)) for span in Span],
        "groupings": [(rows, question.address(rows=rows.value)) for rows in Rows],
        "dealers": network.dealers if seen.contractors is None else (),
        "may_change": may_change,
        "icalendar": f"/api/media-plans/calendar.ics?{urlencode({'from': first, 'to': last})}",
        "today": services.today,
        **event_choices(network, viewer),
    }


def event_view(
    services: Services,
    viewer: Viewer,
    *,
    event: CalendarEvent | None = None,
    told: Mapping[str, str] | None = None,
    error: ClosedLoopError | None = None,
) -> dict[str, Any]:
    """The form of one event; a new one where none is there yet."""
    with services.database.connect() as connection:
        network = known_network(connection, viewer.seen)
    return {
        "event": event,
        "told": dict(told) if told is not None else _told(event, services.today),
        "error": error,
        "may_change": viewer.may(Right.PLANS) and viewer.seen.contractors is None,
        **event_choices(network, viewer),
    }


def event_choices(network: Network, viewer: Viewer) -> dict[str, Any]:
    words = kind_words()
    brands = sorted({each.brand for each in network.dealers if each.brand})
    return {
        "event_kinds": [(kind.value, words[kind.value]) for kind in EventKind],
        "own_dealers": network.dealers,
        "brands": brands if viewer.seen.is_everything else [],
        "of_all": viewer.seen.is_everything,
    }


def _told(event: CalendarEvent | None, today: date) -> dict[str, str]:
    if event is None:
        return {"title": "", "kind": "", "from": today.isoformat(), "to": today.isoformat(), "dealer": "", "brand": ""}
    told = {name: str(value) for name, value in event.as_dict().items()}
    return told | {"kind": event.kind.value}


class _Drawing:
    def __init__(self, question: CalendarQuestion, network: Network, words: Mapping[str, str]) -> None:
        self._question = question
        self._network = network
        self._words = words
        self._first, self._last = question.days

    @property
    def _unit(self) -> int:
        return 1 if self._question.span is Span.MONTH else _WEEK

    @property
    def size(self) -> int:
        """How many columns there are."""
        return (self._last - self._first).days // self._unit + 1

    def columns(self) -> list[tuple[str, int, int, bool]]:
        """What stands above: a name, where it begins, how long it is, and whether it is a day of rest."""
        if self._question.span is Span.MONTH:
            days = self._question.month.days
            return [(str(day.day), place, 1, day.weekday() >= 5) for place, day in enumerate(days, 1)]
        months = [Month(self._first.year, number) for number in range(1, 13)]
        places = [*(self._place(each.first, each.first)[0] for each in months), self.size + 1]
        return [
            (dated(each.first, "LLL"), place, after - place, False)
            for each, place, after in zip(months, places, places[1:], strict=False)
        ]

    def tracks(self, entries: Sequence[Entry]) -> list[Track]:
        named: dict[str, list[Entry]] = {}
        for entry in entries:
            named.setdefault(self._track_of(entry), []).append(entry)
        return [Track(name, [self._bar(each) for each in named[name]]) for name in sorted(named, key=self._order)]

    def address(self, entry: Entry) -> str:
        if entry.kind == FLIGHT:
            return address_of(entry.dealer, month_of(entry.first))
        if entry.kind == CO_OP:
            return f"/funds/activities/{entry.key.removeprefix('co-op-')}"
        return f"/calendar/events/{entry.key.removeprefix('event-')}"

    def whose(self, entry: Entry) -> str:
        if entry.dealer:
            known = self._network.by_id.get(entry.dealer)
            return known.shown_name if known else entry.dealer
        return entry.brand or _("All dealers")

    def days_of(self, entry: Entry) -> str:
        first, last = dated(entry.first, "d MMM y"), dated(entry.last, "d MMM y")
        return first if entry.first == entry.last else f"{first} – {last}"

    def _track_of(self, entry: Entry) -> str:
        if self._question.rows is Rows.CHANNEL:
            return entry.channel or _("Events")
        return self.whose(entry)

    def _order(self, name: str) -> tuple[bool, str]:
        """What concerns all stands first."""
        return name not in (_("All dealers"), _("Events")), name

    def _bar(self, entry: Entry) -> Bar:
        place, length = self._place(max(entry.first, self._first), min(entry.last, self._last))
        said = f"{self._words[entry.kind]}: {entry.title}, {self.whose(entry)}, {self.days_of(entry)}"
        return Bar(entry, self._title(entry), place, length, self.address(entry), said)

    def _title(self, entry: Entry) -> str:
        """What its row does not say already."""
        if self._question.rows is Rows.DEALER or entry.kind != FLIGHT:
            return entry.title
        campaign = entry.title.removeprefix(entry.channel).removeprefix(" / ")
        return " / ".join(filter(None, (self.whose(entry), campaign)))

    def _place(self, first: date, last: date) -> tuple[int, int]:
        begin = (first - self._first) // timedelta(days=self._unit)
        end = (last - self._first) // timedelta(days=self._unit)
        return begin + 1, end - begin + 1
