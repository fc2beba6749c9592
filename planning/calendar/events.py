"""Events of the marketing calendar that people enter: promotions, launches, deadlines."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from attribution.visibility import EVERYTHING, Visibility
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import Conflict, InvalidInput, NotFound, NotPermitted
from planning.dimensions import Network, known_network
from planning.media.tables import calendar_events

_its = calendar_events.c
_LONGEST_DAYS = 731


class EventKind(StrEnum):
    PROMOTION = "promotion"
    LAUNCH = "launch"
    EVENT = "event"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """Days are inclusive. Of one dealer, of a brand, or of all where both are empty."""

    title: str
    kind: EventKind
    first: date
    last: date
    dealer: str = ""
    brand: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    id: int
    title: str
    kind: EventKind
    first: date
    last: date
    dealer: str
    brand: str
    note: str
    revision: int
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str

    def as_dict(self) -> dict[str, Any]:
        told = {name: value for name, value in asdict(self).items() if name not in ("first", "last")}
        moments = {"created_at": self.created_at.isoformat(), "changed_at": self.changed_at.isoformat()}
        days = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        return told | days | moments | {"kind": self.kind.value}


class CalendarEvents:
    """Safe to use from several threads and processes.

    Whoever sees some dealers only enters and changes events of these, and sees those of their brands and of all, too.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def between(self, first: date, last: date, *, seen: Visibility = EVERYTHING) -> Sequence[CalendarEvent]:
        """Those of which a day lies between, by their first one. Contractors see none."""
        if seen.contractors is not None:
            return []
        rows = select(calendar_events).where(_its.first_day <= last, _its.last_day >= first)
        with self._engine.connect() as connection:
            network = known_network(connection, seen)
            found = [_event(row) for row in connection.execute(rows.order_by(_its.first_day, _its.id))]
        return [each for each in found if _is_seen(each, network, seen)]

    def get(self, key: int, *, seen: Visibility = EVERYTHING) -> CalendarEvent:
        """Raises `NotFound`."""
        with self._engine.connect() as connection:
            return _event_with(connection, key, seen)

    def add(self, told: ToldEvent, *, author: str, seen: Visibility = EVERYTHING) -> CalendarEvent:
        """Raises `InvalidInput`, `NotFound` and `NotPermitted`."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            _check(told, known_network(connection, seen), seen)
            stamps = {"revision": 1, "created_at": now, "created_by": author, "changed_at": now, "changed_by": author}
            key = connection.execute(insert(calendar_events).returning(_its.id), _row(told) | stamps).scalar_one()
            made = _event_with(connection, key)
            self._note(connection, author, key, after=made)
            return made

    def change(
        self, key: int, told: ToldEvent, *, based_on: int, author: str, seen: Visibility = EVERYTHING
    ) -> CalendarEvent:
        """Raises `InvalidInput`, `NotFound`, `NotPermitted` and `Conflict`."""
        with self._engine.begin() as connection:
            before = _event_with(connection, key, seen)
            network = known_network(connection, seen)
            _check_owner(before.dealer, seen)
            _check(told, network, seen)
            stamps = {"revision": based_on + 1, "changed_at": self._clock.now(), "changed_by": author}
            wanted = (_its.id == key) & (_its.revision == based_on)
            changed = connection.execute(update(calendar_events).where(wanted).values(_row(told) | stamps))
            _check_based(changed.rowcount, before)
            after = _event_with(connection, key)
            self._note(connection, author, key, before=before, after=after)
            return after

    def remove(self, key: int, *, based_on: int, author: str, seen: Visibility = EVERYTHING) -> None:
        """Raises `NotFound`, `NotPermitted` and `Conflict`."""
        with self._engine.begin() as connection:
            before = _event_with(connection, key, seen)
            _check_owner(before.dealer, seen)
            wanted = (_its.id == key) & (_its.revision == based_on)
            _check_based(connection.execute(delete(calendar_events).where(wanted)).rowcount, before)
            self._note(connection, author, key, before=before)

    def _note(
        self,
        connection: Connection,
        author: str,
        key: int,
        *,
        before: CalendarEvent | None = None,
        after: CalendarEvent | None = None,
    ) -> None:
        what = f"calendar event {key}"
        note_change(connection, self._clock, who=author, what=what, before=_text(before), after=_text(after))


def _check(told: ToldEvent, network: Network, seen: Visibility) -> None:
    if not told.title.strip() or len(told.title) > 200 or not told.title.isprintable():
        raise InvalidInput("An event needs a title of up to 200 characters.", where="title", help="Say what happens.")
    if told.last < told.first:
        raise InvalidInput("The event ends before it begins.", where="to", help="Correct the days.")
    if (told.last - told.first).days > _LONGEST_DAYS:
        raise InvalidInput("An event lasts two years at most.", where="to", help="Is the year right?")
    if told.dealer and told.brand:
        raise InvalidInput(
            "An event is of a dealer, of a brand, or of all.", where="brand", help="Leave one of the two empty."
        )
    if told.dealer:
        network.dealer(told.dealer)
    if told.brand and all(dealer.brand != told.brand for dealer in network.dealers):
        raise InvalidInput(
            f"No dealer has the brand {told.brand!r}.", where="brand", help="The settings' page of dealers has brands."
        )
    if len(told.note) > 2000:
        raise InvalidInput("A note has 2000 characters at most.", where="note", help="Shorten it.")
    _check_owner(told.dealer, seen)


def _check_owner(dealer: str, seen: Visibility) -> None:
    if not dealer and not seen.is_everything:
        raise NotPermitted(
            "An event of a brand or of all dealers is entered by whoever sees all of them.",
            where="dealer",
            help="Choose one of your dealers, or ask the director.",
        )


def _check_based(rowcount: int, before: CalendarEvent) -> None:
    if rowcount == 0:
        raise Conflict(
            f"{before.changed_by} has changed this event meanwhile: {before.title}, {before.first} to {before.last}.",
            where="based_on",
            help="Load the page again, and change what is there now.",
        )


def _is_seen(event: CalendarEvent, network: Network, seen: Visibility) -> bool:
    if seen.is_everything or not (event.dealer or event.brand):
        return True
    if event.dealer:
        return event.dealer in network.by_id
    return any(dealer.brand == event.brand for dealer in network.dealers)


def _event_with(connection: Connection, key: int, seen: Visibility = EVERYTHING) -> CalendarEvent:
    row = connection.execute(select(calendar_events).where(_its.id == key)).one_or_none()
    hidden = seen.contractors is not None
    if row is None or hidden or not _is_seen(_event(row), known_network(connection, seen), seen):
        raise NotFound(f"There is no event {key}.", where="key", help="The calendar lists them.")
    return _event(row)


def _row(told: ToldEvent) -> dict[str, Any]:
    return {
        "title": " ".join(told.title.split()),
        "kind": told.kind.value,
        "first_day": told.first,
        "last_day": told.last,
        "dealer": told.dealer,
        "brand": told.brand,
        "note": told.note.strip(),
    }


def _event(row: Row[Any]) -> CalendarEvent:
    told = dict(row._mapping)
    days = {"first": told.pop("first_day"), "last": told.pop("last_day")}
    return CalendarEvent(**{**told, **days, "kind": EventKind(row.kind)})


def _text(event: CalendarEvent | None) -> str:
    return orjson.dumps(event.as_dict()).decode() if event else ""
