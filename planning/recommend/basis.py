"""The plan that a month's budgets stand in, and what it says of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, or_, select

from planning.in_force import version_in_force
from planning.media.months import Month
from planning.plans import PlanVersion, State, version_with
from planning.tables import MONTHS, edited_lines, plan_edits, plan_lines, plan_versions, plans


@dataclass(frozen=True)
class Planned:
    """`version` is where the budgets stand: the plan's draft, else what is in force, else its newest; None without.

    `budgets` are of dealers, in minor units.
    """

    version: int | None = None
    budgets: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {"version": self.version, "budgets": dict(self.budgets)}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Planned":
        return cls(told["version"], told["budgets"])


def planned_in(connection: Connection, month: Month, dealers: Sequence[str]) -> Planned:
    version = version_to_change(connection, month)
    if version is None:
        return Planned()
    its = plan_lines.c
    rows = (
        select(its.dealer, func.sum(its[MONTHS[month.month - 1]]))
        .where(its.version == version.id, its.measure == "budget", its.dealer.in_(dealers))
        .group_by(its.dealer)
    )
    return Planned(version.id, {dealer: int(value) for dealer, value in connection.execute(rows)})


def version_to_change(connection: Connection, month: Month) -> PlanVersion | None:
    """Of the plan that holds in the month: the approved one, else the newest of the month, else of the year."""
    in_force = version_in_force(connection, month.year, month.month)
    its, of = plan_versions.c, plans.c
    if in_force is not None:
        plan = version_with(connection, in_force.id).plan
        draft = select(its.id).where(its.plan == plan, its.state == State.DRAFT.value)
        return version_with(connection, connection.scalar(draft) or in_force.id)
    newest = (
        select(its.id)
        .join(plans, of.id == its.plan)
        .where(of.year == month.year, or_(of.month == month.month, of.month.is_(None)))
        .order_by(of.month.is_(None), of.id.desc(), its.number.desc())
        .limit(1)
    )
    found = connection.scalar(newest)
    return None if found is None else version_with(connection, found)


def who_changed(connection: Connection, version: int, dealer: str) -> str:
    """The author of the newest change of a dealer's budgets in it; empty where nobody is known."""
    its = edited_lines.c
    rows = (
        select(plan_edits.c.author)
        .join(edited_lines, its.edit == plan_edits.c.id)
        .where(plan_edits.c.version == version, its.dealer == dealer, its.measure == "budget")
        .order_by(plan_edits.c.id.desc())
        .limit(1)
    )
    return connection.scalar(rows) or ""
