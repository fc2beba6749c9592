"""Tables of plans.

A plan has versions, a version has lines. A line is one measure of a dealer, direction, channel and contractor, empty
where the plan is not broken down by them, over the twelve months of the year, in whole numbers of the measure's
smallest unit. Every change is an edit, and a line names its newest one; what it said before stands beside the edit.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from infra.database import metadata
from infra.database.moments import UtcMoment

MONTHS = tuple(f"m{number}" for number in range(1, 13))
"""The columns of a line's months, January first."""

KEY = ("measure", "dealer", "direction", "channel", "contractor")
"""What a line is of."""

NAME = String(200)

directions = Table(
    "directions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("name", NAME, nullable=False),
    Column("kinds", JSON, nullable=False),
)
plans = Table(
    "plans",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", NAME, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("year", Integer, nullable=False),
    Column("month", Integer),
    Column("currency", String(3), nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("created_by", NAME, nullable=False),
)
plan_versions = Table(
    "plan_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan", Integer, ForeignKey("plans.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("based_on", Integer, ForeignKey("plan_versions.id")),
    Column("state", String(20), nullable=False),
    Column("is_amendment", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    Column("newest_edit", Integer, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("created_by", NAME, nullable=False),
    Column("submitted_at", UtcMoment),
    Column("submitted_by", NAME),
    Column("decided_at", UtcMoment),
    UniqueConstraint("plan", "number"),
)


def _line_columns() -> list[Column[int]]:
    """Of each month a whole number, and a bit for each month that is locked."""
    months: list[Column[int]] = [Column(name, BigInteger, nullable=False) for name in MONTHS]
    return [*months, Column("locked", Integer, nullable=False), Column("edit", Integer, nullable=False)]


def _key_columns() -> list[Column[str]]:
    return [
        Column("measure", String(40), primary_key=True),
        Column("dealer", NAME, primary_key=True),
        Column("direction", String(40), primary_key=True),
        Column("channel", NAME, primary_key=True),
        Column("contractor", NAME, primary_key=True),
    ]


plan_lines = Table(
    "plan_lines",
    metadata,
    Column("version", Integer, ForeignKey("plan_versions.id"), primary_key=True, autoincrement=False),
    *_key_columns(),
    *_line_columns(),
)
plan_edits = Table(
    "plan_edits",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, ForeignKey("plan_versions.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("author", NAME, nullable=False),
    Column("why", Text, nullable=False),
    Column("told", JSON, nullable=False),
)
edited_lines = Table(
    "edited_lines",
    metadata,
    Column("edit", Integer, ForeignKey("plan_edits.id"), primary_key=True, autoincrement=False),
    *_key_columns(),
    Column("months", Integer, nullable=False),
    Column("before", String(300), nullable=False),
    Index("edited_lines_of_dealer", "dealer", "edit"),
)
plan_targets = Table(
    "plan_targets",
    metadata,
    Column("version", Integer, ForeignKey("plan_versions.id"), primary_key=True, autoincrement=False),
    Column("measure", String(40), primary_key=True),
    Column("holding", NAME, primary_key=True),
    Column("brand", NAME, primary_key=True),
    Column("dealer", NAME, primary_key=True),
    Column("direction", String(40), primary_key=True),
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("value", BigInteger, nullable=False),
    Column("edit", Integer, nullable=False),
)
fact_lines = Table(
    "fact_lines",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    *_key_columns(),
    *(Column(name, BigInteger) for name in MONTHS),
    Column("taken_at", UtcMoment, nullable=False),
    Column("taken_by", NAME, nullable=False),
    Column("file", NAME, nullable=False),
)
capacities = Table(
    "capacities",
    metadata,
    Column("dealer", NAME, primary_key=True),
    Column("direction", String(40), primary_key=True),
    Column("units", Integer, nullable=False),
)
service_assumptions = Table(
    "service_assumptions",
    metadata,
    Column("dealer", NAME, primary_key=True),
    Column("other_cars", Integer, nullable=False),
    Column("interval_months", Integer, nullable=False),
)
