"""Reading from the warehouse what may be handed back: conversions of a run with their clicks, contacts and consent."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from attribution.outbound.export import Click, Destination, Export, Said
from attribution.outbound.options import Value
from attribution.outbound.system import AdSystem
from infra.sql import Statements
from infra.warehouse import Warehouse

_OUTBOUND = Statements("attribution", "outbound")
HORIZON = timedelta(days=120)
_MOST_CONTACTS = 5
_CHUNK = 500

Gone = tuple[str, str, datetime]
"""Kind, id and time of a conversion that was handed over."""


def read_exports(
    warehouse: Warehouse, run: int, destination: Destination, system: AdSystem, now: datetime, zone: ZoneInfo
) -> list[Export]:
    """In order of time, back to the destination's first day, but no farther than the horizon."""
    first = datetime(destination.since.year, destination.since.month, destination.since.day, tzinfo=zone)
    parameters = _parameters(run, system, now) | {
        "kinds": list(destination.options.conversions),
        "since": _milliseconds(max(first.astimezone(UTC), now - HORIZON)),
    }
    rows = warehouse.rows(_OUTBOUND["find_exports"], parameters)
    return [_export(row, destination.options.value) for row in rows]


def read_gone(warehouse: Warehouse, run: int, system: AdSystem, now: datetime, missing: Sequence[Gone]) -> list[Export]:
    """Of conversions that were handed over, those that the run has no more."""
    found: list[Export] = []
    for start in range(0, len(missing), _CHUNK):
        asked = missing[start : start + _CHUNK]
        gone = _not_there(warehouse, run, asked)
        if gone:
            parameters = _parameters(run, system, now) | {
                "gone_kinds": [kind for kind, _, _ in gone],
                "gone_ids": [key for _, key, _ in gone],
                "gone_ats": [_milliseconds(at) for _, _, at in gone],
            }
            rows = warehouse.rows(_OUTBOUND["find_exports"], parameters)
            found += [_export(row, Value.NONE) for row in rows]
    return found


def _not_there(warehouse: Warehouse, run: int, asked: Sequence[Gone]) -> list[Gone]:
    keys = [f"{kind}:{key}" for kind, key, _ in asked]
    there = {row["key"] for row in warehouse.rows(_OUTBOUND["still_conversions"], {"run": run, "keys": keys})}
    return [each for each, key in zip(asked, keys, strict=True) if key not in there]


def _parameters(run: int, system: AdSystem, now: datetime) -> dict[str, Any]:
    return {
        "run": run,
        "now": _milliseconds(now),
        "since": _milliseconds(now),
        "kinds": [],
        "gone_kinds": [],
        "gone_ids": [],
        "gone_ats": [],
        "click_ids": list(system.click_ids),
        "cookies": list(system.cookies),
        "sorts": list(system.uses),
        "clicks_since": _milliseconds(now - system.reach),
        "most_contacts": _MOST_CONTACTS,
    }


def _export(row: dict[str, Any], worth: Value) -> Export:
    return Export(
        kind=row["kind"],
        id=row["id"],
        at=_utc(row["at"]),
        value=Decimal(0) if row["is_gone"] else _value(row, worth),
        click=Click(row["click_name"], row["click"], _utc(row["click_at"])) if row["click"] else None,
        cookie=row["cookie"],
        phones=tuple(row["phones"]),
        emails=tuple(row["emails"]),
        users=tuple(row["users"]),
        ad_user_data=cast(Said, row["ad_user_data"]),
        ad_personalization=cast(Said, row["ad_personalization"]),
        gone=row["is_gone"],
    )


def _value(row: dict[str, Any], worth: Value) -> Decimal | None:
    """None where nothing is known: 0 would be a claim, and ad systems take nothing below it."""
    amount: Decimal = Decimal(0) if worth is Value.NONE else row[worth.value]
    return amount if amount > 0 else None


def _utc(moment: datetime) -> datetime:
    """The warehouse tells moments in UTC without saying so."""
    return moment.replace(tzinfo=UTC)


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
