"""Tables of approval.

A version that is submitted has one submission, which keeps the stages that were in force then, and an approval for each
stage and dealer, brand or holding. The row of the submission is held by whoever decides, so that decisions on one
version come one after the other.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from infra.database import metadata
from infra.database.moments import UtcMoment

_NAME = String(200)

approval_processes = Table(
    "approval_processes",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcMoment, nullable=False),
    Column("author", _NAME, nullable=False),
    Column("document", JSON, nullable=False),
)
plan_submissions = Table(
    "plan_submissions",
    metadata,
    Column("version", Integer, ForeignKey("plan_versions.id"), primary_key=True, autoincrement=False),
    Column("path", String(20), nullable=False),
    Column("process", Integer, nullable=False),
    Column("stages", JSON, nullable=False),
    Column("decisions", Integer, nullable=False),
)
plan_approvals = Table(
    "plan_approvals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, ForeignKey("plan_versions.id"), nullable=False),
    Column("stage", String(40), nullable=False),
    Column("place", Integer, nullable=False),
    Column("per", String(10), nullable=False),
    Column("scope", _NAME, nullable=False),
    Column("dealers", JSON, nullable=False),
    Column("role", String(40), nullable=False),
    Column("people", JSON, nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("due_on", Date),
    Column("opened_at", UtcMoment),
    Column("decided_at", UtcMoment),
    Column("decided_by", _NAME, nullable=False),
    Column("decided_for", _NAME, nullable=False),
    Column("comment", Text, nullable=False),
    Column("proposed", JSON, nullable=False),
    Column("carried_over", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    UniqueConstraint("version", "stage", "scope", name="plan_approvals_once"),
)
delegations = Table(
    "delegations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("absent", _NAME, nullable=False, index=True),
    Column("deputy", _NAME, nullable=False, index=True),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("made_at", UtcMoment, nullable=False),
    Column("made_by", _NAME, nullable=False),
    Column("ended_at", UtcMoment),
)
calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    Column("person", _NAME, primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("made_at", UtcMoment, nullable=False),
)
reminders_off = Table(
    "reminders_off",
    metadata,
    Column("person", _NAME, primary_key=True),
    Column("at", UtcMoment, nullable=False),
)
