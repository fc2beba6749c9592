"""Orders to contractors: money of items that is promised, and moves no more.

Law: what is ordered of an item never exceeds the item's budget.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from attribution.visibility import EVERYTHING, Visibility
from infra.clock import Clock
from infra.errors import Conflict, InvalidInput, NotFound
from planning.media.changes import note_media_change
from planning.media.item_rows import committed_by_item, read_items
from planning.media.items import MediaItem
from planning.media.money import in_words, net_of, shown
from planning.media.parts import in_parts
from planning.media.plans import MediaPlan, MediaState, hold_plan, media_plan
from planning.media.tables import committed_items, media_commitments

_ORDERED, _CANCELLED = "ordered", "cancelled"


@dataclass(frozen=True, slots=True)
class Order:
    """`amount` is in minor units, with VAT where `is_vat_included`. `items` say how much of its net is of which item.

    With items but no amounts (None), the net is shared out by what is left of each.
    """

    number: str
    ordered_on: date
    contractor: str
    amount: int
    currency: str
    first: date
    last: date
    items: Mapping[int, int | None]
    vat_percent: Decimal = Decimal(0)
    is_vat_included: bool = False
    cancel_by: date | None = None
    note: str = ""

    @property
    def net(self) -> int:
        return net_of(self.amount, self.vat_percent, is_vat_included=self.is_vat_included)


@dataclass(frozen=True, slots=True)
class Commitment:
    """`items` are the parts of `net`. Until `cancel_by`, inclusive, the contractor lets it be cancelled."""

    id: int
    plan: int
    number: str
    ordered_on: date
    contractor: str
    amount: int
    vat_percent: Decimal
    is_vat_included: bool
    net: int
    currency: str
    first: date
    last: date
    cancel_by: date | None
    state: str
    note: str
    created_at: datetime
    created_by: str
    cancelled_at: datetime | None
    cancelled_by: str | None
    items: Mapping[int, int] = field(default_factory=dict)

    @property
    def is_binding(self) -> bool:
        return self.state == _ORDERED

    @property
    def parts(self) -> Sequence[tuple[int, int]]:
        """Of each item, its part of the net."""
        return list(self.items.items())

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "plan": self.plan,
            "number": self.number,
            "ordered_on": self.ordered_on.isoformat(),
            "contractor": self.contractor,
            "amount": shown(self.amount),
            "vat_percent": float(self.vat_percent),
            "is_vat_included": self.is_vat_included,
            "net": shown(self.net),
            "currency": self.currency,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "cancel_by": self.cancel_by.isoformat() if self.cancel_by else None,
            "state": self.state,
            "note": self.note,
            "items": [{"item": key, "net": shown(net)} for key, net in self.items.items()],
            "created_at": self.created_at.isoformat(),
            "created_by": self.created_by,
        }


class Commitments:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def of_plan(self, plan: int, *, seen: Visibility = EVERYTHING) -> Sequence[Commitment]:
        """The newest first; to contractors their own. Raises `NotFound`."""
        with self._engine.connect() as connection:
            media_plan(connection, plan, seen)
            return [each for each in read_commitments(connection, [plan]) if seen.sees_contractor(each.contractor)]

    def order(self, plan: int, told: Order, *, author: str, seen: Visibility = EVERYTHING) -> Commitment:
        """Raises `InvalidInput`, `NotFound`, and `Conflict`."""
        try:
            with self._engine.begin() as connection:
                held = hold_plan(connection, plan, seen=seen)
                parts = _checked(connection, held, told)
                row = _row(plan, told) | {"created_at": self._clock.now(), "created_by": author}
                key = connection.execute(insert(media_commitments).returning(media_commitments.c.id), row).scalar_one()
                connection.execute(
                    insert(committed_items),
                    [{"commitment": key, "item": item, "net": net} for item, net in parts.items()],
                )
                made = commitment_with(connection, key)
                note_media_change(
                    connection, self._clock, plan, held.revision, "order", author=author, after=made.as_dict()
                )
                return made
        except IntegrityError:
            raise Conflict(
                f"Order {told.number} to {told.contractor} is entered already.",
                where="number",
                help="Look at it in the list of orders, or give this one another number.",
            ) from None

    def cancel(
        self,
        key: int,
        *,
        author: str,
        why: str,
        today: date,
        is_agreed: bool = False,
        seen: Visibility = EVERYTHING,
    ) -> Commitment:
        """After the day until which it may be cancelled only where the contractor has agreed.

        Raises `InvalidInput`, `NotFound`, and `Conflict`.
        """
        if not why.strip():
            raise InvalidInput("Say why the order is cancelled.", where="why", help="One sentence is enough.")
        with self._engine.begin() as connection:
            before = commitment_with(connection, key)
            held = hold_plan(connection, before.plan, seen=seen)
            if before.cancel_by and today > before.cancel_by and not is_agreed:
                raise InvalidInput(
                    f"Order {before.number} could be cancelled until {before.cancel_by}.",
                    where="is_agreed",
                    help=f"Ask {before.contractor}, and say here that they have agreed.",
                )
            its = media_commitments.c
            values = {"state": _CANCELLED, "cancelled_at": self._clock.now(), "cancelled_by": author}
            done = connection.execute(
                update(media_commitments).where(its.id == key, its.state == _ORDERED).values(values)
            )
            after = commitment_with(connection, key)
            if done.rowcount == 0:
                raise Conflict(
                    f"{after.cancelled_by} has cancelled order {after.number} already.",
                    where="state",
                    help="There is nothing left to do.",
                )
            note_media_change(
                connection,
                self._clock,
                before.plan,
                held.revision,
                "cancel_order",
                author=author,
                why=why.strip(),
                before=before.as_dict(),
                after=after.as_dict(),
            )
            return after


def commitment_with(connection: Connection, key: int) -> Commitment:
    """Raises `NotFound`."""
    row = connection.execute(select(media_commitments).where(media_commitments.c.id == key)).one_or_none()
    if row is None:
        raise NotFound(f"There is no order {key}.", where="key", help="The media plan's page lists its orders.")
    return _commitment(row, _parts(connection, [key]).get(key, {}))


def read_commitments(connection: Connection, plans: Sequence[int]) -> Sequence[Commitment]:
    """The newest first."""
    if not plans:
        return []
    its = media_commitments.c
    rows = connection.execute(select(media_commitments).where(its.plan.in_(plans)).order_by(its.id.desc())).all()
    parts = _parts(connection, [row.id for row in rows])
    return [_commitment(row, parts.get(row.id, {})) for row in rows]


def _parts(connection: Connection, keys: Sequence[int]) -> Mapping[int, Mapping[int, int]]:
    found: dict[int, dict[int, int]] = {}
    its = committed_items.c
    rows = select(committed_items).where(its.commitment.in_(keys)).order_by(its.commitment, its.item)
    for row in connection.execute(rows) if keys else ():
        found.setdefault(row.commitment, {})[row.item] = row.net
    return found


def _checked(connection: Connection, plan: MediaPlan, told: Order) -> Mapping[int, int]:
    """The parts of each item. Raises `InvalidInput`, and `Conflict`."""
    if plan.state is not MediaState.APPROVED:
        raise Conflict(
            f"This media plan is {plan.state}: nothing is ordered by it yet.",
            where="state",
            help="Have it approved first.",
        )
    _check_facts(plan, told)
    items = {each.id: each for each in read_items(connection, [plan.id])}
    _check_items(items, told)
    committed = committed_by_item(connection, [plan.id])
    free = {key: items[key].budget - committed.get(key, 0) for key in told.items}
    parts = _parts_of(told, free)
    for key, part in parts.items():
        if part > free[key]:
            raise InvalidInput(
                f"The order takes {in_words(part, plan.currency)} of {items[key].title}, of which"
                f" {in_words(free[key], plan.currency)} are left: it is {in_words(part - free[key], plan.currency)}"
                " too much.",
                where="items",
                help="Move money to the item first, or order less.",
            )
    return parts


def _check_facts(plan: MediaPlan, told: Order) -> None:
    if not told.number.strip() or len(told.number) > 200:
        raise InvalidInput("An order needs a number.", where="number", help="As it stands on the order, such as 17/11.")
    if told.currency != plan.currency:
        raise InvalidInput(
            f"The order is in {told.currency}, and the media plan in {plan.currency}.",
            where="currency",
            help=f"Write its amount in {plan.currency}.",
        )
    if told.amount <= 0:
        raise InvalidInput("An order has an amount.", where="amount", help="Write what is ordered.")
    if not 0 <= told.vat_percent <= 100:
        raise InvalidInput("VAT is from 0 to 100 %.", where="vat_percent", help="Write 20, or 0 where there is none.")
    if told.last < told.first:
        raise InvalidInput("The order ends before it begins.", where="to", help="Correct the days.")


def _check_items(items: Mapping[int, MediaItem], told: Order) -> None:
    if not told.items:
        raise InvalidInput("Say which items the order covers.", where="items", help="Tick one at least.")
    for key in told.items:
        if key not in items:
            raise InvalidInput(f"This plan has no item {key}.", where="items", help="Its page lists them.")
        owner = items[key].contractor
        if owner and owner != told.contractor:
            raise InvalidInput(
                f"{items[key].title} is of {owner}, and the order goes to {told.contractor}.",
                where="contractor",
                help="Choose items of this contractor.",
            )


def _parts_of(told: Order, free: Mapping[int, int]) -> Mapping[int, int]:
    """Raises `InvalidInput` where amounts are told that do not make the net."""
    parts = {key: part for key, part in told.items.items() if part is not None}
    if len(parts) == len(told.items):
        if sum(parts.values()) != told.net or min(parts.values()) < 0:
            raise InvalidInput(
                f"The parts of the items make {in_words(sum(parts.values()), told.currency)}, and the order without"
                f" VAT is {in_words(told.net, told.currency)}.",
                where="items",
                help="Correct the parts, or leave them out: then they are shared out by what is left.",
            )
        return parts
    if parts:
        raise InvalidInput("Tell the part of each item, or of none.", where="items", help="Leave them all empty.")
    keys = list(told.items)
    weights = [float(max(0, free[key])) for key in keys]
    return dict(zip(keys, in_parts(told.net, weights if any(weights) else [1.0] * len(keys)), strict=True))


def _row(plan: int, told: Order) -> dict[str, Any]:
    return {
        "plan": plan,
        "number": told.number.strip(),
        "ordered_on": told.ordered_on,
        "contractor": told.contractor,
        "amount": told.amount,
        "vat_percent": told.vat_percent,
        "is_vat_included": told.is_vat_included,
        "net": told.net,
        "currency": told.currency,
        "first_day": told.first,
        "last_day": told.last,
        "cancel_by": told.cancel_by,
        "state": _ORDERED,
        "note": told.note,
    }


def _commitment(row: Row[Any], items: Mapping[int, int]) -> Commitment:
    told = dict(row._mapping)
    days = {"first": told.pop("first_day"), "last": told.pop("last_day")}
    return Commitment(**{**told, **days, "items": items})
