"""An activity that a fund pays a part of, and what is told of it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select

from attribution.visibility import Visibility
from infra.errors import NotFound
from planning.files import Subject
from planning.funds.ledger import Fund
from planning.funds.states import State
from planning.funds.tables import fund_activities
from planning.money import part_of, told_amount

SUBJECT = "fund_activity"
CREATIVE, PROOF = "creative", "proof"

_its = fund_activities.c


@dataclass(frozen=True, slots=True)
class Activity:
    """Amounts are in minor units of the programme's currency, shares in percent, moments in UTC, days the account's.

    `claim_until` is the last day on which it can be claimed, once it is approved; `payable` is what its claim comes to
    at most; `settled_percent` is how much of that was settled.
    """

    id: int
    programme: int
    dealer: str
    state: State
    title: str
    description: str
    channel: str
    contractor: str
    first_day: date
    last_day: date
    cost: int
    share: int
    approved_share: int | None
    claim_until: date | None
    payable: int | None
    settled_percent: int | None
    paid_on: date | None
    payment: str
    asked_by: str
    asked_at: datetime
    state_since: datetime
    revision: int
    changed_by: str
    changed_at: datetime

    @property
    def fund(self) -> Fund:
        return Fund(self.programme, self.dealer)

    @property
    def subject(self) -> Subject:
        """What its files are attached to."""
        return Subject(SUBJECT, self.id)

    @property
    def wanted(self) -> int:
        """What the dealer asks the fund for."""
        return part_of(self.cost, Decimal(self.share))

    @property
    def approved(self) -> int | None:
        """What was reserved for it when it was approved."""
        return None if self.approved_share is None else part_of(self.cost, Decimal(self.approved_share))

    @property
    def settled(self) -> int | None:
        if self.payable is None or self.settled_percent is None:
            return None
        return part_of(self.payable, Decimal(self.settled_percent))

    def as_dict(self) -> dict[str, Any]:
        amounts = {name: getattr(self, name) for name in ("cost", "wanted", "approved", "payable", "settled")}
        days = {name: getattr(self, name) for name in ("first_day", "last_day", "claim_until", "paid_on")}
        moments = {name: getattr(self, name) for name in ("asked_at", "state_since", "changed_at")}
        plain = (
            "id", "programme", "dealer", "title", "description", "channel", "contractor", "share", "approved_share",
            "settled_percent", "payment", "asked_by", "revision", "changed_by",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in plain},
            "state": self.state.value,
            **{name: None if units is None else told_amount(units) for name, units in amounts.items()},
            **{name: day.isoformat() if day else None for name, day in days.items()},
            **{name: moment.isoformat() for name, moment in moments.items()},
        }


def find_activity(connection: Connection, key: int, seen: Visibility) -> Activity:
    """Raises `NotFound`, for one of a dealer who is not seen, too."""
    row = connection.execute(select(fund_activities).where(_its.id == key)).one_or_none()
    if row is None or not seen.sees_dealer(row.dealer):
        raise NotFound(f"There is no activity {key}.", where="activity", help="The page Funds lists them.")
    return activity_of(row)


def activity_of(row: Row[Any]) -> Activity:
    return Activity(**{**row._mapping, "state": State(row.state)})
