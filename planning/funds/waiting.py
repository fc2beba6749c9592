"""What waits for whom: decisions, claims, checks and payments that are due, and money that will expire."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select

from attribution.visibility import Visibility
from planning.desk import Desk
from planning.funds.activity import Activity, activity_of
from planning.funds.balances import Balance, balances
from planning.funds.states import Party, State
from planning.funds.tables import fund_activities
from planning.money import told_amount

SOON = timedelta(days=30)
"""So long before money expires it is told."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """`kind` is `decide`, `answer`, `claim`, `extend`, `check`, `pay` or `expires`; `acts` is whose turn it is.

    `due` is a day of the account, or None where nothing says when; `since` is from when on it waits. `amount` is in
    minor units.
    """

    kind: str
    title: str
    link: str
    due: date | None
    since: date
    acts: Party
    programme: int
    dealer: str
    amount: int

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "title": self.title,
            "link": self.link,
            "due": self.due.isoformat() if self.due else None,
            "since": self.since.isoformat(),
            "acts": self.acts.value,
            "programme": self.programme,
            "dealer": self.dealer,
            "amount": told_amount(self.amount),
        }


def waiting(
    connection: Connection, desk: Desk, seen: Visibility, found: Sequence[Balance] | None = None
) -> list[Waiting]:
    """What is due first comes first; what has no day comes last. `found` are the balances where they are known."""
    known = balances(connection, desk, seen) if found is None else found
    told = [*_of_activities(connection, desk, seen), *_of_expiries(known, desk.today)]
    return sorted(told, key=lambda each: (each.due or date.max, each.since, each.link))


def _of_activities(connection: Connection, desk: Desk, seen: Visibility) -> Iterator[Waiting]:
    its = fund_activities.c
    under_way = [state.value for state in State if not state.is_over]
    for row in connection.execute(select(fund_activities).where(its.state.in_(under_way)).order_by(its.id)):
        activity = activity_of(row)
        if seen.sees_dealer(activity.dealer) and (turn := _turn(activity, desk.today)):
            kind, due, acts = turn
            yield Waiting(
                kind,
                activity.title,
                f"/funds/activities/{activity.id}",
                due,
                desk.day_of(activity.state_since),
                acts,
                activity.programme,
                activity.dealer,
                _amount(activity),
            )


def _turn(activity: Activity, today: date) -> tuple[str, date | None, Party] | None:
    """What is to be done, until when, and by whom; None while an activity runs."""
    state, until = activity.state, activity.claim_until
    if state is State.ASKED:
        return "decide", activity.first_day, Party.PAYER
    if state is State.RETURNED:
        return "answer", activity.first_day, Party.DEALER
    if state in (State.APPROVED, State.CLAIM_RETURNED) and until and until < today:
        return "extend", until, Party.PAYER
    if state is State.CLAIM_RETURNED or (state is State.APPROVED and activity.last_day < today):
        return "claim", until, Party.DEALER
    if state is State.CLAIMED:
        return "check", None, Party.PAYER
    return ("pay", None, Party.PAYER) if state is State.SETTLED else None


def _amount(activity: Activity) -> int:
    known = (activity.settled, activity.payable, activity.approved)
    return next((amount for amount in known if amount is not None), activity.wanted)


def _of_expiries(found: Sequence[Balance], today: date) -> Iterator[Waiting]:
    for balance in found:
        for expiry in balance.expiring:
            if expiry.day - today <= SOON:
                yield Waiting(
                    "expires",
                    balance.programme.told.name,
                    f"/funds?programme={balance.programme.id}",
                    expiry.day,
                    today,
                    Party.DEALER,
                    balance.programme.id,
                    balance.dealer.id,
                    expiry.amount,
                )
