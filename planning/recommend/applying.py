"""From a recommendation to the next version of a month's plan, which goes through the usual approval.

Law: a recommendation goes into a month's plan once, whole or not at all; what somebody has meanwhile planned otherwise
is not overwritten unless that is said.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import Connection, Engine, insert, update

from attribution.visibility import EVERYTHING, Visibility
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import Conflict, InvalidInput
from planning.dimensions import known_network
from planning.editing import Cell, put_cells
from planning.grid import Grid, LineKey
from planning.lines import read_lines
from planning.media.months import Month
from planning.media.parts import in_parts
from planning.plans import PlanVersion, State, new_draft, new_plan, open_draft, plan_with
from planning.recommend.basis import Planned, planned_in, version_to_change, who_changed
from planning.recommend.limits import amount
from planning.recommend.register import Recommendation, Use, recommendation_with
from planning.recommend.tables import recommendation_uses, recommendations

_BUDGET = "budget"
_SHOWN = 3


class Applying:
    """Safe to use from several threads and processes, and to repeat. `today` is the account's."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def apply(
        self,
        key: int,
        month: Month,
        *,
        author: str,
        today: date,
        replaces: bool = False,
        seen: Visibility = EVERYTHING,
    ) -> Use:
        """Into a draft: the plan's own, an amendment of what is in force, or a plan of the month where there is none.

        Where it is in that month's plan already, that is told. Raises `NotFound`, `InvalidInput`, and `Conflict` where
        budgets are other than when it was made, unless it `replaces` them, or where a version waits for approval.
        """
        with self._engine.begin() as connection:
            its = recommendations.c
            connection.execute(update(recommendations).where(its.id == key).values(uses=its.uses + 0))
            told = recommendation_with(connection, key, seen)
            if used := next((use for use in told.uses if use.month == month), None):
                return used
            _check(connection, told, month, today)
            if not replaces:
                _check_unchanged(connection, told, month)
            draft = _draft(connection, told, month, self._clock, author)
            why = _why(told)
            cells = _cells(read_lines(connection, draft.id, measure=_BUDGET, dealers=told.dealers), told, month)
            put_cells(
                connection, draft.id, cells, self._clock, author=author, why=why, kind="recommendation", seen=seen,
                told={"recommendation": key},
            )  # fmt: skip
            row = {
                "recommendation": key,
                "year": month.year,
                "month": month.month,
                "version": draft.id,
                "at": self._clock.now(),
                "author": author,
            }
            connection.execute(insert(recommendation_uses), row)
            connection.execute(update(recommendations).where(its.id == key).values(uses=its.uses + 1))
            said = f"applied to {month}: version {draft.number} of plan {draft.plan}"
            note_change(connection, self._clock, who=author, what=f"recommendation {key}", after=said)
            return next(use for use in recommendation_with(connection, key).uses if use.month == month)


def _why(told: Recommendation) -> str:
    return f"Recommendation {told.id}"


def _check(connection: Connection, told: Recommendation, month: Month, today: date) -> None:
    if month not in told.months:
        first, last = told.months[0], told.months[-1]
        raise InvalidInput(
            f"Recommendation {told.id} is not of {month}.",
            where="month",
            help=f"It is of {first}." if first == last else f"It is of {first} to {last}.",
        )
    if month.last < today:
        raise InvalidInput(f"{month} is over.", where="month", help="Ask for a month that is still to come.")
    if not told.dealers:
        raise InvalidInput(
            "Nothing of it names a dealer, and plans have budgets of dealers.",
            where="key",
            help="Change these channels where they are bought for all dealers together.",
        )
    known = known_network(connection).by_id
    if missing := [dealer for dealer in told.dealers if dealer not in known]:
        raise InvalidInput(
            f"No such dealers are entered: {', '.join(missing[:_SHOWN])}.",
            where="dealers",
            help="Enter them on the settings' page of dealers, then apply again.",
        )
    version = version_to_change(connection, month)
    if version is not None and (currency := plan_with(connection, version.plan).currency) != told.currency:
        raise InvalidInput(
            f"The plan of {month} is in {currency}, and the recommendation in {told.currency}.",
            where="currency",
            help="Plan the month in the account's currency: amounts of two currencies are not mixed.",
        )


def _check_unchanged(connection: Connection, told: Recommendation, month: Month) -> None:
    before, now = told.planned.get(str(month), Planned()), planned_in(connection, month, told.dealers)
    other = [dealer for dealer in told.dealers if before.budgets.get(dealer, 0) != now.budgets.get(dealer, 0)]
    if not other or now.version is None:
        return
    dealer = other[0]
    who = who_changed(connection, now.version, dealer) or "Somebody"
    more = f" {len(other) - 1} more dealers' budgets have changed." if len(other) > 1 else ""
    raise Conflict(
        f"{who} has changed the budget of {dealer} for {month} from {amount(before.budgets.get(dealer, 0))} to"
        f" {amount(now.budgets.get(dealer, 0))} since recommendation {told.id} was made.{more}",
        where="budget",
        help="Look at the plan, and ask anew; or apply all the same, in place of these budgets.",
    )


def _draft(connection: Connection, told: Recommendation, month: Month, clock: Clock, author: str) -> PlanVersion:
    version = version_to_change(connection, month)
    if version is None:
        return new_plan(
            connection, str(month), month.year, clock, currency=told.currency, author=author, month=month.month
        )
    draft = open_draft(connection, version.plan)
    if draft is not None:
        return draft
    based_on = version.id if version.state is State.APPROVED else None
    return new_draft(connection, version.plan, clock, author=author, why=_why(told), based_on=based_on)


def _cells(lines: Grid, told: Recommendation, month: Month) -> list[Cell]:
    """Amounts of the recommendation in the lines that the plan has of each dealer, as far broken down as these are."""
    by_dealer: dict[str, list[LineKey]] = defaultdict(list)
    for key in lines.keys:
        if lines.values[lines.places[key], month.month - 1] or not by_dealer[key.dealer]:
            by_dealer[key.dealer].append(key)
    amounts: dict[tuple[LineKey, ...], int] = defaultdict(int)
    for cell in told.cells:
        if cell["month"] == str(month) and cell["dealer"]:
            amounts[_lines_of(by_dealer[cell["dealer"]], cell)] += round(cell["recommended"] * 100)
    found = []
    for keys, total in amounts.items():
        now = [float(lines.values[lines.places[key], month.month - 1]) if key in lines.places else 0.0 for key in keys]
        parts = in_parts(total, now if any(now) else [1.0] * len(keys))
        found += [Cell(key, month.month, part) for key, part in zip(keys, parts, strict=True)]
    return found


def _lines_of(keys: Sequence[LineKey], cell: Mapping[str, str]) -> tuple[LineKey, ...]:
    """The nearest to the cell: of its channel and contractor, its channel, or the dealer; else a line of its own."""
    channel, contractor = cell["channel"], cell["contractor"]
    for named in ((channel, contractor), (channel, ""), ("", "")):
        if fitting := tuple(key for key in keys if (key.channel, key.contractor) == named):
            return fitting
    return (LineKey(_BUDGET, cell["dealer"], "", channel, contractor),)
