"""The calendar as a file that other programs read (iCalendar, RFC 5545): whole days, and ids that stay."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from planning.calendar.entries import FLIGHT, Entry

_PRODUCT = "-//Closed Loop//Marketing calendar//EN"


def as_icalendar(
    entries: Sequence[Entry], now: datetime, *, host: str, name: str, dealer_names: Mapping[str, str]
) -> bytes:
    """`now` is in UTC; `host` makes ids differ from those of other installations."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for entry in entries:
        calendar.add_component(_event(entry, now, host, dealer_names))
    return bytes(calendar.to_ical())


def _event(entry: Entry, now: datetime, host: str, dealer_names: Mapping[str, str]) -> Event:
    event = Event()
    event.add("uid", f"{entry.key}@{host}")
    event.add("dtstamp", now)
    event.add("dtstart", entry.first)
    event.add("dtend", entry.last + timedelta(days=1))
    event.add("summary", entry.title)
    event.add("categories", [entry.kind])
    event.add("sequence", entry.revision - 1)
    event.add("transp", "TRANSPARENT")
    said = [dealer_names.get(entry.dealer, entry.dealer) or entry.brand]
    said += [entry.contractor if entry.kind == FLIGHT else "", entry.note]
    if text := "\n".join(filter(None, said)):
        event.add("description", text)
    return event
