"""The approved budget of a dealer and month: of the month's newest approved plan, else of the year's.

Money that a reallocation moved between dealers counts at once: until a version that came after its amendment is
approved, it is added to the plan's number.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from planning.media.money import shown
from planning.media.months import Month
from planning.media.tables import media_reallocations, media_transfers
from planning.plans import State
from planning.tables import MONTHS, plan_lines, plan_versions, plans


@dataclass(frozen=True, slots=True)
class ApprovedBudget:
    """`approved` is what version `number` of the plan says; `moved` what came from other dealers since, or left."""

    approved: int
    moved: int
    currency: str
    plan: int
    plan_name: str
    version: int
    number: int
    is_of_month: bool

    @property
    def amount(self) -> int:
        return self.approved + self.moved

    def as_dict(self) -> dict[str, Any]:
        return {
            "amount": shown(self.amount),
            "approved": shown(self.approved),
            "moved": shown(self.moved),
            "currency": self.currency,
            "plan": self.plan,
            "plan_name": self.plan_name,
            "version": self.number,
        }


def budget_of(connection: Connection, dealer: str, month: Month) -> ApprovedBudget | None:
    """None where nothing is approved."""
    return approved_budgets(connection, month, dealer).get(dealer)


def approved_budgets(connection: Connection, month: Month, dealer: str = "") -> Mapping[str, ApprovedBudget]:
    """By dealer; those without an approved budget are not there."""
    moved = _moved(connection, month, dealer)
    found: dict[str, ApprovedBudget] = {}
    for row in _approved_rows(connection, month, dealer):
        if row.dealer not in found:
            change = sum(
                int(each.change)
                for each in moved[row.dealer]
                if each.plan == row.plan and each.number > row.number and each.state != State.WITHDRAWN.value
            )
            found[row.dealer] = ApprovedBudget(
                int(row.amount), change, row.currency, row.plan, row.name, row.version, row.number, bool(row.month)
            )
    return found


def _approved_rows(connection: Connection, month: Month, dealer: str) -> list[Row[Any]]:
    """The month's plans before the year's, the newest first."""
    line, version, plan = plan_lines.c, plan_versions.c, plans.c
    amount = func.sum(line[MONTHS[month.month - 1]])
    rows = (
        select(
            line.dealer,
            amount.label("amount"),
            plan.id.label("plan"),
            plan.name,
            plan.month,
            plan.currency,
            version.id.label("version"),
            version.number,
        )
        .join(plan_versions, version.id == line.version)
        .join(plans, plan.id == version.plan)
        .where(
            version.state == State.APPROVED.value,
            line.measure == "budget",
            plan.year == month.year,
            or_(plan.month.is_(None), plan.month == month.month),
            *([line.dealer == dealer] if dealer else []),
        )
        .group_by(
            line.dealer,
            plan.id,
            plan.name,
            plan.month,
            plan.currency,
            version.id,
            version.number,
            version.decided_at,
        )
        .order_by(func.coalesce(plan.month, 0).desc(), version.decided_at.desc(), version.id.desc())
    )
    return list(connection.execute(rows))


def _moved(connection: Connection, month: Month, dealer: str) -> Mapping[str, list[Row[Any]]]:
    """By dealer: what done reallocations between dealers changed, and by which version the plan is to follow."""
    moving, transfer, version = media_reallocations.c, media_transfers.c, plan_versions.c
    rows: Select[Any] = (
        select(transfer.dealer, func.sum(transfer.change).label("change"), version.plan, version.number, version.state)
        .join(media_reallocations, moving.id == transfer.reallocation)
        .join(plan_versions, version.id == moving.amendment)
        .where(
            and_(moving.year == month.year, moving.month == month.month, moving.state == "done"),
            *([transfer.dealer == dealer] if dealer else []),
        )
        .group_by(transfer.dealer, version.id, version.plan, version.number, version.state)
    )
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(rows):
        found[row.dealer].append(row)
    return found
