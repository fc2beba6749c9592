"""Moving money between items of approved media plans, within a dealer and between dealers.

Law: what leaves some items comes to others, to the last minor unit, and what is ordered of an item never leaves it.
Between dealers the plan's budgets follow by an amendment, in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select, update

from attribution.visibility import EVERYTHING, Visibility
from infra.clock import Clock
from infra.errors import Conflict, InvalidInput, NotFound, NotPermitted
from planning.media.amendment import amend_budgets
from planning.media.changes import note_media_change
from planning.media.item_rows import committed_by_item, read_items
from planning.media.items import MediaItem
from planning.media.money import in_words, shown
from planning.media.months import Month
from planning.media.plans import MediaPlan, MediaState, hold_plan, media_plan, media_plans_of
from planning.media.rules import Approver, rules_in_force
from planning.media.tables import media_items, media_reallocations, media_transfers


class ReallocationState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Transfer:
    """`change` is in minor units; less than 0 where money leaves the item."""

    item: int
    plan: int
    dealer: str
    change: int


@dataclass(frozen=True, slots=True)
class Reallocation:
    """`rule` is the one by which it needs approval, or none. `amendment` is the version by which plans follow."""

    id: int
    month: Month
    currency: str
    is_across: bool
    is_free: bool
    amount: int
    state: ReallocationState
    why: str
    rule: str
    amendment: int | None
    asked_at: datetime
    asked_by: str
    decided_at: datetime | None
    decided_by: str | None
    comment: str
    transfers: tuple[Transfer, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "month": str(self.month),
            "currency": self.currency,
            "is_across": self.is_across,
            "needs_approval": not self.is_free,
            "amount": shown(self.amount),
            "state": self.state.value,
            "why": self.why,
            "rule": self.rule,
            "amendment": self.amendment,
            "asked_at": self.asked_at.isoformat(),
            "asked_by": self.asked_by,
            "decided_at": self.decided_at.isoformat() if self.decided_at else None,
            "decided_by": self.decided_by,
            "comment": self.comment,
            "transfers": [
                {"item": each.item, "plan": each.plan, "dealer": each.dealer, "change": shown(each.change)}
                for each in self.transfers
            ],
        }


class Reallocations:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def of_month(self, month: Month, *, plan: int | None = None, seen: Visibility = EVERYTHING) -> list[Reallocation]:
        """The newest first; those in which all dealers are seen. To contractors none: they name other items."""
        if seen.contractors is not None:
            return []
        its = media_reallocations.c
        with self._engine.connect() as connection:
            found = _read(connection, (its.year == month.year) & (its.month == month.month))
        return [
            each
            for each in found
            if all(seen.sees_dealer(part.dealer) for part in each.transfers)
            and (plan is None or any(part.plan == plan for part in each.transfers))
        ]

    def ask(self, changes: Mapping[int, int], *, author: str, why: str, seen: Visibility = EVERYTHING) -> Reallocation:
        """Move money, at once where the rules let it; `changes` of items add up to 0, in minor units.

        Raises `InvalidInput`, `NotFound`, and `Conflict`.
        """
        _check_adds_up(changes, why)
        with self._engine.begin() as connection:
            items, plans = _held(connection, changes, seen)
            transfers = tuple(
                Transfer(key, items[key].plan, plans[items[key].plan].dealer, change)
                for key, change in sorted(changes.items())
            )
            _check_free(connection, items, plans, transfers)
            is_across = len({each.dealer for each in transfers}) > 1
            amount = sum(change for change in changes.values() if change > 0)
            rules, _number = rules_in_force(connection)
            rule = rules.rule_for(is_across=is_across, amount=amount, percents=_percents(items, transfers))
            is_free = rule.approver is Approver.NOBODY
            plan = next(iter(plans.values()))
            row = {
                "year": plan.month.year,
                "month": plan.month.month,
                "currency": plan.currency,
                "is_across": is_across,
                "is_free": is_free,
                "amount": amount,
                "state": ReallocationState.PENDING.value,
                "why": why.strip(),
                "rule": str(rule),
                "asked_at": self._clock.now(),
                "asked_by": author,
                "comment": "",
            }
            key = connection.execute(insert(media_reallocations).returning(media_reallocations.c.id), row).scalar_one()
            connection.execute(insert(media_transfers), [_transfer_row(key, each) for each in transfers])
            asked = reallocation_with(connection, key)
            if is_free:
                return self._carry_out(connection, asked, items, plans, author=author, comment="")
            self._note(connection, asked, plans, "ask_reallocation", author)
            return asked

    def decide(self, key: int, *, is_approved: bool, author: str, comment: str = "", may_decide: bool) -> Reallocation:
        """Raises `NotPermitted`, `InvalidInput`, `NotFound`, and `Conflict` where it is decided already."""
        if not may_decide:
            raise NotPermitted(
                "The director decides on this reallocation.",
                where="role",
                help="It waits in their list; ask them, or move less.",
            )
        if not is_approved and not comment.strip():
            raise InvalidInput("Say why it is refused.", where="comment", help="One sentence is enough.")
        with self._engine.begin() as connection:
            asked = _hold_pending(connection, key)
            items, plans = _held(connection, {each.item: each.change for each in asked.transfers}, EVERYTHING)
            if is_approved:
                _check_free(connection, items, plans, asked.transfers)
                return self._carry_out(connection, asked, items, plans, author=author, comment=comment.strip())
            self._decided(connection, key, ReallocationState.REFUSED, author, comment.strip())
            refused = reallocation_with(connection, key)
            self._note(connection, refused, plans, "refuse_reallocation", author)
            return refused

    def _carry_out(
        self,
        connection: Connection,
        asked: Reallocation,
        items: Mapping[int, MediaItem],
        plans: Mapping[int, MediaPlan],
        *,
        author: str,
        comment: str,
    ) -> Reallocation:
        its = media_items.c
        for each in asked.transfers:
            freely = -each.change if asked.is_free and each.change < 0 else 0
            values = {"budget": its.budget + each.change, "moved_freely": its.moved_freely + freely}
            connection.execute(update(media_items).where(its.id == each.item).values(values))
        amendment = None
        if asked.is_across:
            by_dealer: dict[str, int] = {}
            for each in asked.transfers:
                by_dealer[each.dealer] = by_dealer.get(each.dealer, 0) + each.change
            amendment = amend_budgets(connection, asked.month, by_dealer, self._clock, author=author, why=asked.why)
        self._decided(connection, asked.id, ReallocationState.DONE, author, comment, amendment)
        done = reallocation_with(connection, asked.id)
        self._note(connection, done, plans, "reallocation", author)
        return done

    def _decided(
        self,
        connection: Connection,
        key: int,
        state: ReallocationState,
        author: str,
        comment: str,
        amendment: int | None = None,
    ) -> None:
        values = {
            "state": state.value,
            "decided_at": self._clock.now(),
            "decided_by": author,
            "comment": comment,
            "amendment": amendment,
        }
        connection.execute(update(media_reallocations).where(media_reallocations.c.id == key).values(values))

    def _note(
        self, connection: Connection, told: Reallocation, plans: Mapping[int, MediaPlan], kind: str, author: str
    ) -> None:
        for plan in plans.values():
            note_media_change(
                connection,
                self._clock,
                plan.id,
                plan.revision,
                kind,
                author=author,
                why=told.comment or told.why,
                after=told.as_dict(),
            )


def reallocation_with(connection: Connection, key: int) -> Reallocation:
    """Raises `NotFound`."""
    found = _read(connection, media_reallocations.c.id == key)
    if not found:
        raise NotFound(
            f"There is no reallocation {key}.", where="key", help="The page of the media plan lists those that wait."
        )
    return found[0]


def pending_reallocations(connection: Connection) -> list[Reallocation]:
    return _read(connection, media_reallocations.c.state == ReallocationState.PENDING.value)


@dataclass(frozen=True, slots=True)
class Movable:
    """An item of an approved plan; `free` is what is not ordered of it, in minor units."""

    item: int
    dealer: str
    title: str
    free: int


def movable_items(engine: Engine, month: Month, *, seen: Visibility = EVERYTHING) -> Sequence[Movable]:
    """Between which money can move."""
    with engine.connect() as connection:
        plans = {
            each.id: each.dealer
            for each in media_plans_of(connection, month, seen)
            if each.state is MediaState.APPROVED
        }
        committed = committed_by_item(connection, list(plans))
        return [
            Movable(each.id, plans[each.plan], each.title, each.budget - committed.get(each.id, 0))
            for each in read_items(connection, list(plans))
        ]


def _check_adds_up(changes: Mapping[int, int], why: str) -> None:
    if not why.strip():
        raise InvalidInput("Say why the money moves.", where="why", help="One sentence is enough.")
    if not any(change > 0 for change in changes.values()) or 0 in changes.values():
        raise InvalidInput(
            "Money leaves some items and comes to others.", where="changes", help="Tell less than 0 for what gives."
        )
    if total := sum(changes.values()):
        raise InvalidInput(
            f"What leaves and what comes differ by {abs(total) / 100:,.2f}.",
            where="changes",
            help="Let them add up exactly: money is neither made nor lost.",
        )


def _held(
    connection: Connection, changes: Mapping[int, int], seen: Visibility
) -> tuple[Mapping[int, MediaItem], Mapping[int, MediaPlan]]:
    """The items and their plans, each at its next revision, held in one order by whoever moves money."""
    its = media_items.c
    of_items = {row.id: row.plan for row in connection.execute(select(its.id, its.plan).where(its.id.in_(changes)))}
    for key in changes:
        if key not in of_items:
            raise NotFound(f"There is no item {key}.", where="changes", help="The pages of media plans list them.")
    keys = sorted(set(of_items.values()))
    for key in keys:
        media_plan(connection, key, seen)
    plans = {key: hold_plan(connection, key) for key in keys}
    _check_alike(list(plans.values()))
    items = {each.id: each for each in read_items(connection, keys) if each.id in changes}
    return items, plans


def _check_alike(plans: Sequence[MediaPlan]) -> None:
    for plan in plans:
        if plan.state is not MediaState.APPROVED:
            raise Conflict(
                f"The media plan of {plan.dealer} for {plan.month} is {plan.state}.",
                where="state",
                help="A draft is changed by its items; money moves once the plan is approved.",
            )
    if len({(plan.month, plan.currency) for plan in plans}) > 1:
        raise InvalidInput(
            "Money moves within one month and one currency.", where="changes", help="Choose items of the same month."
        )


def _check_free(
    connection: Connection,
    items: Mapping[int, MediaItem],
    plans: Mapping[int, MediaPlan],
    transfers: Sequence[Transfer],
) -> None:
    committed = committed_by_item(connection, list(plans))
    for each in transfers:
        ordered = committed.get(each.item, 0)
        free = items[each.item].budget - ordered
        if each.change < 0 and -each.change > free:
            currency = plans[each.plan].currency
            raise InvalidInput(
                f"{items[each.item].title} can give {in_words(free, currency)}: {in_words(ordered, currency)} of its"
                f" {in_words(items[each.item].budget, currency)} are ordered.",
                where="changes",
                help="Move less, or cancel the order first.",
            )


def _percents(items: Mapping[int, MediaItem], transfers: Sequence[Transfer]) -> list[float]:
    """Of what each giving item had when approved, how much has left it without approval, with this."""
    found = []
    for each in transfers:
        if each.change < 0:
            item = items[each.item]
            left = item.moved_freely - each.change
            found.append(100 * left / item.approved if item.approved else 100.0)
    return found


def _hold_pending(connection: Connection, key: int) -> Reallocation:
    its = media_reallocations.c
    pending = (its.id == key) & (its.state == ReallocationState.PENDING.value)
    held = connection.execute(update(media_reallocations).where(pending).values(comment=its.comment))
    found = reallocation_with(connection, key)
    if held.rowcount == 0:
        raise Conflict(
            f"{found.decided_by} has decided on this already: it is {found.state}.",
            where="state",
            help="There is nothing left to decide.",
        )
    return found


def _read(connection: Connection, wanted: Any) -> list[Reallocation]:
    its, part = media_reallocations.c, media_transfers.c
    rows = connection.execute(select(media_reallocations).where(wanted).order_by(its.id.desc())).all()
    keys = [row.id for row in rows]
    parts: dict[int, list[Transfer]] = {key: [] for key in keys}
    if keys:
        of_keys = select(media_transfers).where(part.reallocation.in_(keys)).order_by(part.change, part.item)
        for row in connection.execute(of_keys):
            parts[row.reallocation].append(Transfer(row.item, row.plan, row.dealer, row.change))
    return [_reallocation(row, tuple(parts[row.id])) for row in rows]


def _reallocation(row: Row[Any], transfers: tuple[Transfer, ...]) -> Reallocation:
    told = dict(row._mapping)
    month = Month(told.pop("year"), told.pop("month"))
    return Reallocation(**{**told, "month": month, "state": ReallocationState(row.state), "transfers": transfers})


def _transfer_row(key: int, told: Transfer) -> dict[str, Any]:
    return {"reallocation": key, "item": told.item, "plan": told.plan, "dealer": told.dealer, "change": told.change}
