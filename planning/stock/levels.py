"""What is in stock and on its way, by dealer and model, as people or their systems told it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, delete, insert, select, update

from attribution.visibility import EVERYTHING, Visibility
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import Conflict, InvalidInput
from planning.dimensions import known_network
from planning.media.months import Month, read_month
from planning.stock.tables import stock_levels, stock_transit

MOST_UNITS = 10**6
MOST_LEVELS = 50_000
_LONGEST_NAME = 200
Key = tuple[str, str]
"""A dealer and a model."""


@dataclass(frozen=True, slots=True)
class Level:
    """`transit` are units by the month in which they arrive. `counted_on` is the day `in_stock` was true on."""

    dealer: str
    model: str
    in_stock: int
    counted_on: date
    transit: Mapping[Month, int] = field(default_factory=dict)
    revision: int = 0
    changed_at: datetime | None = None
    changed_by: str = ""

    @property
    def key(self) -> Key:
        return self.dealer, self.model

    @property
    def transit_text(self) -> str:
        """As people write it: `2026-12: 5, 2027-01: 3`."""
        return ", ".join(f"{month}: {units}" for month, units in sorted(self.transit.items()))

    def as_dict(self) -> dict[str, Any]:
        return {
            "dealer": self.dealer,
            "model": self.model,
            "in_stock": self.in_stock,
            "counted_on": self.counted_on.isoformat(),
            "transit": [{"month": str(month), "units": units} for month, units in sorted(self.transit.items())],
            "revision": self.revision,
            "changed_at": self.changed_at.isoformat() if self.changed_at else None,
            "changed_by": self.changed_by,
        }


@dataclass(frozen=True, slots=True)
class ToldLevel:
    """`in_stock` None takes the model out. `based_on` is the revision that was looked at; None changes whatever is.

    `transit` None leaves what is on its way as it is.
    """

    dealer: str
    model: str
    in_stock: int | None
    transit: Mapping[Month, int] | None = None
    counted_on: date | None = None
    based_on: int | None = None

    @property
    def key(self) -> Key:
        return self.dealer, self.model


def known_levels(connection: Connection, seen: Visibility = EVERYTHING, *, dealer: str = "") -> dict[Key, Level]:
    """In the order of dealers and models."""
    wanted = [stock_levels.c.dealer == dealer] if dealer else []
    transit: dict[Key, dict[Month, int]] = {}
    for row in connection.execute(select(stock_transit)):
        transit.setdefault((row.dealer, row.model), {})[read_month(row.arrives)] = row.units
    order = (stock_levels.c.dealer, stock_levels.c.model)
    return {
        (row.dealer, row.model): Level(
            row.dealer,
            row.model,
            row.in_stock,
            row.counted_on,
            transit.get((row.dealer, row.model), {}),
            row.revision,
            row.changed_at,
            row.changed_by,
        )
        for row in connection.execute(select(stock_levels).where(*wanted).order_by(*order))
        if seen.sees_dealer(row.dealer)
    }


def keep_levels(
    engine: Engine,
    clock: Clock,
    told: Sequence[ToldLevel],
    today: date,
    *,
    author: str,
    seen: Visibility = EVERYTHING,
) -> int:
    """All or nothing; how many differ from what was there.

    Raises `InvalidInput`, `NotFound` for a dealer that is not seen, and `Conflict` where somebody was faster.
    """
    check_levels(told, today)
    with engine.begin() as connection:
        network, before = known_network(connection, seen), known_levels(connection, seen)
        for dealer in sorted({each.dealer for each in told}):
            network.dealer(dealer)
        changed = [each for each in told if _differs(each, before.get(each.key), today)]
        for each in changed:
            _keep(connection, each, before.get(each.key), clock, today, author)
        if changed:
            note_change(
                connection,
                clock,
                who=author,
                what="stock",
                before=_text(before[each.key].as_dict() for each in changed if each.key in before),
                after=_text(_told(each) for each in changed),
            )
    return len(changed)


def check_levels(told: Sequence[ToldLevel], today: date) -> None:
    """Raises `InvalidInput`."""
    if len(told) > MOST_LEVELS:
        raise InvalidInput(
            f"{len(told)} levels are told at once.", where="items", help=f"Send at most {MOST_LEVELS} at once."
        )
    keys: set[Key] = set()
    for each in told:
        if not each.model.strip() or len(each.model) > _LONGEST_NAME:
            raise InvalidInput("A model has no name.", where="model", help="Write it as deals name their product.")
        if each.key in keys:
            raise InvalidInput(
                f"{each.model} of {each.dealer} is told twice.", where="items", help="Put both lines together."
            )
        keys.add(each.key)
        numbers = [0 if each.in_stock is None else each.in_stock, *(each.transit or {}).values()]
        if not all(0 <= number <= MOST_UNITS for number in numbers):
            raise InvalidInput(
                f"{each.model} of {each.dealer}: units are whole numbers from 0 to {MOST_UNITS}.",
                where="in_stock",
                help="Write how many cars there are.",
            )
        if each.counted_on and each.counted_on > today:
            raise InvalidInput(
                f"{each.model} of {each.dealer} is counted on {each.counted_on}, which is yet to come.",
                where="counted_on",
                help="Write the day on which it was counted, or leave it out for today.",
            )


def _differs(told: ToldLevel, before: Level | None, today: date) -> bool:
    if before is None:
        return told.in_stock is not None or bool(told.based_on)
    transit = before.transit if told.transit is None else _some(told.transit)
    kept = (before.in_stock, before.counted_on, dict(before.transit))
    return (told.in_stock, told.counted_on or today, dict(transit)) != kept


def _keep(
    connection: Connection, told: ToldLevel, before: Level | None, clock: Clock, today: date, author: str
) -> None:
    stands = before.revision if before else 0
    if told.based_on is not None and told.based_on != stands:
        raise _overtaken(told, before)
    its = stock_levels.c
    here = (its.dealer == told.dealer, its.model == told.model)
    values = {
        "in_stock": told.in_stock,
        "counted_on": told.counted_on or today,
        "revision": stands + 1,
        "changed_at": clock.now(),
        "changed_by": author,
    }
    if before is None:
        connection.execute(insert(stock_levels).values(dealer=told.dealer, model=told.model, **values))
    else:
        change = delete(stock_levels) if told.in_stock is None else update(stock_levels).values(**values)
        if connection.execute(change.where(*here, its.revision == stands)).rowcount == 0:
            raise _overtaken(told, before)
    if told.transit is not None or told.in_stock is None:
        transit = {} if told.in_stock is None else _some(told.transit or {})
        _keep_transit(connection, told.key, transit)


def _keep_transit(connection: Connection, key: Key, transit: Mapping[Month, int]) -> None:
    dealer, model = key
    its = stock_transit.c
    connection.execute(delete(stock_transit).where(its.dealer == dealer, its.model == model))
    rows = [
        {"dealer": dealer, "model": model, "arrives": str(month), "units": units} for month, units in transit.items()
    ]
    if rows:
        connection.execute(insert(stock_transit), rows)


def _overtaken(told: ToldLevel, before: Level | None) -> Conflict:
    now = f"{before.changed_by} has set it to {before.in_stock}" if before else "somebody has taken it out"
    return Conflict(
        f"{told.model} of {told.dealer} was changed meanwhile: {now}.",
        where="based_on",
        help="Load the page again, and change what is there now.",
    )


def _some(transit: Mapping[Month, int]) -> dict[Month, int]:
    return {month: units for month, units in transit.items() if units}


def _told(each: ToldLevel) -> dict[str, Any]:
    transit = None if each.transit is None else {str(month): units for month, units in each.transit.items()}
    return {"dealer": each.dealer, "model": each.model, "in_stock": each.in_stock, "transit": transit}


def _text(told: Iterable[dict[str, Any]]) -> str:
    return orjson.dumps(list(told)).decode()
