"""Media plans: one of each dealer and month, which is drafted, submitted and approved.

Law: items change only while the plan is a draft, or by a reallocation once it is approved. Every change raises the
revision by one, and whoever changes says on which revision.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, update

from attribution.visibility import EVERYTHING, Visibility
from infra.clock import Clock
from infra.database import insert_or_meet
from infra.errors import Conflict, InvalidInput, NotFound
from planning.dimensions import known_network
from planning.media.budget import budget_of
from planning.media.changes import MediaChange, changes_of, newest_media_change, note_media_change
from planning.media.item_rows import put_items, read_items
from planning.media.items import MediaItem, ToldItem, check_items, check_total
from planning.media.months import Month
from planning.media.tables import media_items, media_plans


class MediaState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"


class Step(StrEnum):
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    REOPEN = "reopen"


STEPS: Mapping[Step, tuple[MediaState, MediaState]] = {
    Step.SUBMIT: (MediaState.DRAFT, MediaState.SUBMITTED),
    Step.APPROVE: (MediaState.SUBMITTED, MediaState.APPROVED),
    Step.RETURN: (MediaState.SUBMITTED, MediaState.DRAFT),
    Step.REOPEN: (MediaState.APPROVED, MediaState.DRAFT),
}
"""From which state each step leads into which."""

DECISIONS = (Step.APPROVE, Step.RETURN)
"""Steps of whoever decides, not of whoever plans."""

_WITH_A_REASON = (Step.RETURN, Step.REOPEN)


@dataclass(frozen=True, slots=True)
class MediaPlan:
    """Moments are in UTC."""

    id: int
    dealer: str
    month: Month
    currency: str
    state: MediaState
    revision: int
    created_at: datetime
    created_by: str
    submitted_at: datetime | None
    submitted_by: str | None
    decided_at: datetime | None
    decided_by: str | None

    @property
    def is_open(self) -> bool:
        return self.state is MediaState.DRAFT

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "dealer": self.dealer,
            "month": str(self.month),
            "currency": self.currency,
            "state": self.state.value,
            "revision": self.revision,
            "created_at": self.created_at.isoformat(),
            "created_by": self.created_by,
            "submitted_at": self.submitted_at.isoformat() if self.submitted_at else None,
            "submitted_by": self.submitted_by,
            "decided_at": self.decided_at.isoformat() if self.decided_at else None,
            "decided_by": self.decided_by,
        }


class MediaPlans:
    """Safe to use from several threads and processes. `currency` is that of plans whose dealer has no approved budget.

    `seen` narrows to dealers; who sees contractors only finds the plans that have an item of theirs.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def open(
        self, dealer: str, month: Month, *, author: str, currency: str, seen: Visibility = EVERYTHING
    ) -> MediaPlan:
        """The plan of a dealer and month, drafted where there is none. Raises `NotFound`, and `InvalidInput`."""
        with self._engine.begin() as connection:
            place = known_network(connection, seen).dealer(dealer)
            if not place.is_open(month.year, month.month):
                raise InvalidInput(
                    f"{place.why_closed(month.year, month.month)}: {month} cannot have a media plan.",
                    where="month",
                    help="Choose another month, or correct the dealer's days on the settings' page of dealers.",
                )
            budget = budget_of(connection, dealer, month)
            row = {
                "dealer": dealer,
                "year": month.year,
                "month": month.month,
                "currency": budget.currency if budget else currency,
                "state": MediaState.DRAFT.value,
                "revision": 1,
                "created_at": self._clock.now(),
                "created_by": author,
            }
            once = insert_or_meet(connection, media_plans).on_conflict_do_nothing().returning(media_plans.c.id)
            made = connection.execute(once, row).scalar_one_or_none()
            found = connection.execute(select(media_plans).where(*_of(dealer, month))).one()
            if made is not None:
                after = {"dealer": dealer, "month": str(month)}
                note_media_change(connection, self._clock, found.id, 1, "open", author=author, after=after)
            return _plan(found)

    def get(self, key: int, *, seen: Visibility = EVERYTHING) -> MediaPlan:
        """Raises `NotFound`."""
        with self._engine.connect() as connection:
            return media_plan(connection, key, seen)

    def find(self, dealer: str, month: Month, *, seen: Visibility = EVERYTHING) -> MediaPlan | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(media_plans).where(*_of(dealer, month))).one_or_none()
            return _plan(row) if row is not None and is_seen(connection, _plan(row), seen) else None

    def items(self, key: int, *, seen: Visibility = EVERYTHING) -> Sequence[MediaItem]:
        """Those of the plan that are seen, in its order. Raises `NotFound`."""
        with self._engine.connect() as connection:
            media_plan(connection, key, seen)
            return [each for each in read_items(connection, [key]) if seen.sees_contractor(each.contractor)]

    def changes(self, key: int) -> Sequence[MediaChange]:
        with self._engine.connect() as connection:
            return changes_of(connection, key)

    def put(
        self,
        key: int,
        items: Sequence[ToldItem],
        *,
        based_on: int,
        author: str,
        why: str = "",
        kind: str = "items",
        seen: Visibility = EVERYTHING,
    ) -> MediaPlan:
        """All items in place of those before, or nothing. Raises `InvalidInput`, `NotFound`, and `Conflict`."""

        def changed(connection: Connection, plan: MediaPlan) -> tuple[Any, Any]:
            check_items(items, plan.month, plan.currency)
            check_total(items, _available(connection, plan, items), plan.currency)
            return put_items(connection, plan.id, items)

        return self._change(
            key, MediaState.DRAFT, changed, based_on=based_on, author=author, why=why, kind=kind, seen=seen
        )

    def step(
        self, key: int, step: Step, *, based_on: int, author: str, why: str = "", seen: Visibility = EVERYTHING
    ) -> MediaPlan:
        """Raises `InvalidInput`, `NotFound`, and `Conflict`. Who may decide is for the caller to know."""
        if step in _WITH_A_REASON and not why.strip():
            raise InvalidInput(
                "Say why, so that whoever goes on knows.", where="why", help="One sentence about what is to change."
            )
        before, after = STEPS[step]

        def changed(connection: Connection, plan: MediaPlan) -> tuple[Any, Any]:
            if after is not MediaState.DRAFT:
                _check_ready(connection, plan)
            connection.execute(
                update(media_plans).where(media_plans.c.id == key).values(_stamps(step, author, self._clock.now()))
            )
            if step is Step.APPROVE:
                its = media_items.c
                connection.execute(
                    update(media_items).where(its.plan == key).values(approved=its.budget, moved_freely=0)
                )
            return before.value, after.value

        return self._change(
            key, before, changed, based_on=based_on, author=author, why=why.strip(), kind=step.value, seen=seen
        )

    def _change(
        self,
        key: int,
        state: MediaState,
        change: Callable[[Connection, MediaPlan], tuple[Any, Any]],
        *,
        based_on: int,
        author: str,
        why: str,
        kind: str,
        seen: Visibility,
    ) -> MediaPlan:
        with self._engine.begin() as connection:
            plan = hold_plan(connection, key, based_on=based_on, seen=seen)
            if plan.state is not state:
                raise Conflict(
                    f"This media plan is {plan.state}, and no {state}.",
                    where="state",
                    help=_way_back(plan.state),
                )
            before, after = change(connection, plan)
            note_media_change(
                connection, self._clock, key, plan.revision, kind, author=author, why=why, before=before, after=after
            )
            return media_plan(connection, key)


def media_plan(connection: Connection, key: int, seen: Visibility = EVERYTHING) -> MediaPlan:
    """Raises `NotFound`, for one that is not seen, too."""
    row = connection.execute(select(media_plans).where(media_plans.c.id == key)).one_or_none()
    if row is None or not is_seen(connection, _plan(row), seen):
        raise NotFound(f"There is no media plan {key}.", where="key", help="The page of media plans lists them.")
    return _plan(row)


def media_plans_of(
    connection: Connection, month: Month, seen: Visibility = EVERYTHING, dealer: str = ""
) -> Sequence[MediaPlan]:
    """Those of the dealers that are seen, or of one."""
    its = media_plans.c
    wanted = [its.year == month.year, its.month == month.month, *([its.dealer == dealer] if dealer else [])]
    rows = select(media_plans).where(*wanted).order_by(its.dealer)
    return [_plan(row) for row in connection.execute(rows) if seen.sees_dealer(row.dealer)]


def is_seen(connection: Connection, plan: MediaPlan, seen: Visibility) -> bool:
    if not seen.sees_dealer(plan.dealer):
        return False
    if seen.contractors is None:
        return True
    its = media_items.c
    count = select(func.count()).where(its.plan == plan.id, its.contractor.in_(sorted(seen.contractors)))
    return bool(connection.scalar(count))


def hold_plan(
    connection: Connection, key: int, *, based_on: int | None = None, seen: Visibility = EVERYTHING
) -> MediaPlan:
    """The plan at its next revision: nobody else changes it until the transaction is over.

    Raises `NotFound`, and `Conflict` where it is another revision than the one that is built on.
    """
    its = media_plans.c
    wanted = [its.id == key, *([its.revision == based_on] if based_on is not None else [])]
    held = connection.execute(update(media_plans).where(*wanted).values(revision=its.revision + 1))
    plan = media_plan(connection, key, seen)
    if held.rowcount == 0:
        newest = newest_media_change(connection, key)
        who = f"{newest.author} has changed this media plan meanwhile ({newest.kind})" if newest else "It has changed"
        raise Conflict(
            f"{who}; it is {plan.state} now.",
            where="based_on",
            help="Load the page again, look at what is there now, and change that.",
        )
    return plan


def _available(connection: Connection, plan: MediaPlan, items: Sequence[ToldItem]) -> int:
    """Raises `InvalidInput` where nothing is approved, or in another currency."""
    budget = budget_of(connection, plan.dealer, plan.month)
    if budget is None:
        if not any(item.budget for item in items):
            return 0
        raise InvalidInput(
            f"No budget of {plan.dealer} for {plan.month} is approved.",
            where="items",
            help="Have the plan of the month or of the year approved first; until then items can have a budget of 0.",
        )
    if budget.currency != plan.currency:
        raise InvalidInput(
            f"The approved budget is in {budget.currency}, and this media plan in {plan.currency}.",
            where="currency",
            help="Have the plan amended in the same currency: amounts of two currencies are not mixed.",
        )
    return budget.amount


def _check_ready(connection: Connection, plan: MediaPlan) -> None:
    """Raises `InvalidInput`."""
    told = [_as_told(each) for each in read_items(connection, [plan.id])]
    if not any(item.budget for item in told):
        raise InvalidInput(
            "A media plan without money is not submitted.", where="items", help="Lay its budget out over items first."
        )
    check_total(told, _available(connection, plan, told), plan.currency)


def _as_told(item: MediaItem) -> ToldItem:
    return ToldItem(item.channel, item.budget, item.first, item.last, id=item.id)


def _stamps(step: Step, author: str, now: datetime) -> dict[str, Any]:
    state = {"state": STEPS[step][1].value}
    if step is Step.SUBMIT:
        return state | {"submitted_at": now, "submitted_by": author}
    return state | ({"decided_at": now, "decided_by": author} if step in DECISIONS else {})


def _way_back(state: MediaState) -> str:
    return {
        MediaState.DRAFT: "Submit it first.",
        MediaState.SUBMITTED: "It waits for a decision: have it sent back to change it.",
        MediaState.APPROVED: "Move money between its items, or reopen it with a reason.",
    }[state]


def _of(dealer: str, month: Month) -> tuple[Any, ...]:
    its = media_plans.c
    return its.dealer == dealer, its.year == month.year, its.month == month.month


def _plan(row: Row[Any]) -> MediaPlan:
    told = dict(row._mapping)
    month = Month(told.pop("year"), told.pop("month"))
    return MediaPlan(**{**told, "month": month, "state": MediaState(row.state)})
