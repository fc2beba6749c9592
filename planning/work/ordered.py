"""How much of a contractor's work of a month was ordered, and how much is accepted.

Law: what is accepted never exceeds what was ordered, unless somebody has said why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select, update

from attribution.visibility import Visibility
from infra.database import insert_or_meet
from infra.errors import InvalidInput
from planning.money import written_amount
from planning.work.acts import Act, seen_acts
from planning.work.briefs import seen_briefs
from planning.work.states import ActState
from planning.work.tables import work_acts, work_briefs, work_settlements

ACCEPTED = (ActState.ACCEPTED, ActState.PAID)
_WAITING = (ActState.HANDED_IN, ActState.CHECKED, ActState.DISPUTED)
_its = work_settlements.c


@dataclass(frozen=True, slots=True)
class Settlement:
    """Of a contractor, month and currency, in minor units without VAT; `waiting` is handed in and not accepted."""

    contractor: str
    month: str
    currency: str
    ordered: int
    waiting: int
    accepted: int
    paid: int

    @property
    def rest(self) -> int:
        """What is ordered and not accepted; below 0 where a reason was told for more."""
        return self.ordered - self.accepted


def ordered_in(connection: Connection, contractor: str, month: str, currency: str) -> int:
    """By the budgets of briefs, closed ones included, in minor units without VAT."""
    its = work_briefs.c
    mine = its.contractor == contractor, its.month == month, its.currency == currency
    return int(connection.scalar(select(func.coalesce(func.sum(its.budget), 0)).where(*mine)) or 0)


def accepted_in(connection: Connection, contractor: str, month: str, currency: str) -> int:
    """In minor units without VAT."""
    mine = _its.contractor == contractor, _its.month == month, _its.currency == currency
    return connection.scalar(select(_its.accepted).where(*mine)) or 0


def hold_settlement(connection: Connection, contractor: str, month: str, currency: str) -> None:
    """Whoever else would accept an act of them waits until this transaction ends."""
    row = {"contractor": contractor, "month": month, "currency": currency, "accepted": 0}
    connection.execute(insert_or_meet(connection, work_settlements).on_conflict_do_nothing(), row)
    mine = _its.contractor == contractor, _its.month == month, _its.currency == currency
    connection.execute(select(work_settlements).where(*mine).with_for_update()).one()


def settle(connection: Connection, act: Act, why: str) -> str:
    """Add the act to what is accepted; the reason where it is needed, else nothing. Raises `InvalidInput`."""
    place = act.contractor, act.month, act.currency
    hold_settlement(connection, *place)
    ordered, accepted = ordered_in(connection, *place), accepted_in(connection, *place)
    over = accepted + act.net - ordered
    if over > 0 and not why:
        raise InvalidInput(
            f"Of {act.contractor} for {act.month}, {written_amount(ordered, act.currency)} is ordered and"
            f" {written_amount(accepted, act.currency)} accepted: this act is"
            f" {written_amount(over, act.currency)} too much.",
            where="comment",
            help="Say in the comment why more is accepted, raise the budget of a brief, or dispute the act.",
        )
    mine = _its.contractor == act.contractor, _its.month == act.month, _its.currency == act.currency
    connection.execute(update(work_settlements).where(*mine).values(accepted=_its.accepted + act.net))
    return why if over > 0 else ""


def settlements(
    connection: Connection, seen: Visibility, *, month: str = "", contractor: str = ""
) -> Sequence[Settlement]:
    """Of briefs and acts that are seen, the newest month first."""
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    for row in connection.execute(_ordered(seen, month, contractor)):
        found.setdefault((row.contractor, row.month, row.currency), {})["ordered"] = int(row.ordered)
    for row in connection.execute(_acted(seen, month, contractor)):
        amounts = {name: int(getattr(row, name) or 0) for name in ("waiting", "accepted", "paid")}
        found.setdefault((row.contractor, row.month, row.currency), {}).update(amounts)
    names = ("ordered", "waiting", "accepted", "paid")
    told = [Settlement(*place, *(amounts.get(name, 0) for name in names)) for place, amounts in found.items()]
    return sorted(sorted(told, key=lambda each: (each.contractor, each.currency)), key=lambda each: each.month)[::-1]


def _ordered(seen: Visibility, month: str, contractor: str) -> Any:
    its = work_briefs.c
    where = [*seen_briefs(seen), its.budget.is_not(None), *_narrowed(its, seen, month, contractor)]
    key = its.contractor, its.month, its.currency
    return select(*key, func.sum(its.budget).label("ordered")).where(*where).group_by(*key)


def _acted(seen: Visibility, month: str, contractor: str) -> Any:
    its = work_acts.c

    def sum_in(*states: ActState) -> Any:
        return func.sum(case((its.state.in_([state.value for state in states]), its.net), else_=0))

    key = its.contractor, its.month, its.currency
    sums = (
        sum_in(*_WAITING).label("waiting"),
        sum_in(*ACCEPTED).label("accepted"),
        sum_in(ActState.PAID).label("paid"),
    )
    where = [*seen_acts(seen), *_narrowed(its, seen, month, contractor)]
    told = [state.value for state in (*_WAITING, *ACCEPTED)]
    return select(*key, *sums).where(*where, its.state.in_(told)).group_by(*key)


def _narrowed(its: Any, seen: Visibility, month: str, contractor: str) -> list[Any]:
    """A contractor sees briefs of others in which they have a task, and not their money."""
    return [
        *([its.month == month] if month else []),
        *([its.contractor == contractor] if contractor else []),
        *([its.contractor.in_(sorted(seen.contractors))] if seen.contractors is not None else []),
    ]
