"""All that stands in the marketing calendar: flights of media plans, activities of co-op funds, and events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine, select

from attribution.visibility import EVERYTHING, Visibility
from planning.calendar.events import CalendarEvents
from planning.dimensions import Network, known_network
from planning.funds.states import State
from planning.funds.tables import fund_activities
from planning.media.tables import media_items, media_plans

FLIGHT, CO_OP = "flight", "co_op"
_NOT_RUN = (State.ASKED, State.RETURNED, State.REFUSED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Entry:
    """`kind` is `flight`, `co_op`, or that of an event. Days are inclusive. `key` tells it from all others for ever."""

    key: str
    kind: str
    title: str
    first: date
    last: date
    dealer: str = ""
    brand: str = ""
    channel: str = ""
    contractor: str = ""
    note: str = ""
    revision: int = 1

    def as_dict(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "kind": self.kind,
            "title": self.title,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "dealer": self.dealer,
            "brand": self.brand,
            "channel": self.channel,
            "contractor": self.contractor,
            "note": self.note,
        }


def calendar_entries(
    engine: Engine, events: CalendarEvents, first: date, last: date, *, seen: Visibility = EVERYTHING
) -> Sequence[Entry]:
    """Those of which a day lies between, as far as they are seen: the first to begin comes first."""
    told = [
        Entry(
            f"event-{each.id}",
            each.kind.value,
            each.title,
            each.first,
            each.last,
            each.dealer,
            each.brand,
            note=each.note,
            revision=each.revision,
        )
        for each in events.between(first, last, seen=seen)
    ]
    found = [*_flights(engine, first, last, seen), *_activities(engine, first, last, seen), *told]
    return sorted(found, key=lambda each: (each.first, each.last, each.kind, each.title, each.key))


def dealers_of(entry: Entry, network: Network) -> Sequence[str]:
    """The ids of those that it concerns."""
    if entry.dealer:
        return [entry.dealer]
    return [each.id for each in network.dealers if not entry.brand or each.brand == entry.brand]


def by_dealer(entries: Sequence[Entry]) -> Mapping[str, Sequence[Entry]]:
    """Those of all dealers or of a brand stand under an empty id."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.dealer, []).append(entry)
    return found


def _flights(engine: Engine, first: date, last: date, seen: Visibility) -> list[Entry]:
    item, plan = media_items.c, media_plans.c
    rows = (
        select(
            item.id,
            item.channel,
            item.campaign,
            item.contractor,
            item.first_day,
            item.last_day,
            item.note,
            plan.dealer,
            plan.revision,
        )
        .join(media_plans, plan.id == item.plan)
        .where(item.first_day <= last, item.last_day >= first)
    )
    with engine.connect() as connection:
        brands = {each.id: each.brand for each in known_network(connection).dealers}
        return [
            Entry(
                f"flight-{row.id}",
                FLIGHT,
                " / ".join(filter(None, (row.channel, row.campaign))),
                row.first_day,
                row.last_day,
                row.dealer,
                brands.get(row.dealer, ""),
                row.channel,
                row.contractor,
                row.note if seen.contractors is None else "",
                row.revision,
            )
            for row in connection.execute(rows)
            if seen.sees_dealer(row.dealer) and seen.sees_contractor(row.contractor)
        ]


def _activities(engine: Engine, first: date, last: date, seen: Visibility) -> list[Entry]:
    """Those that a fund has approved. Contractors see none: they are the dealer's and the payer's."""
    if seen.contractors is not None:
        return []
    its = fund_activities.c
    wanted = (its.first_day <= last, its.last_day >= first, its.state.not_in([each.value for each in _NOT_RUN]))
    with engine.connect() as connection:
        brands = {each.id: each.brand for each in known_network(connection).dealers}
        return [
            Entry(
                f"co-op-{row.id}",
                CO_OP,
                row.title,
                row.first_day,
                row.last_day,
                row.dealer,
                brands.get(row.dealer, ""),
                row.channel,
                row.contractor,
                revision=row.revision,
            )
            for row in connection.execute(select(fund_activities).where(*wanted))
            if seen.sees_dealer(row.dealer)
        ]
