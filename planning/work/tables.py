"""Tables of contractor work. Amounts are whole minor units; months are texts like 2027-03; days are the account's.

Items of media plans and purchase orders are named by their numbers alone: they may be kept elsewhere.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from infra.database import metadata
from infra.database.moments import UtcMoment

NAME = String(200)
MONTH = String(7)


def _revised() -> list[Column[object]]:
    """Who changed it last; `revision` is what changes are based on."""
    return [
        Column("revision", Integer, nullable=False),
        Column("changed_at", UtcMoment, nullable=False),
        Column("changed_by", NAME, nullable=False),
    ]


work_briefs = Table(
    "work_briefs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", NAME, nullable=False),
    Column("text", Text, nullable=False),
    Column("brand", NAME, nullable=False),
    Column("channel", NAME, nullable=False),
    Column("campaign", NAME, nullable=False),
    Column("contractor", NAME, nullable=False),
    Column("month", MONTH, nullable=False),
    Column("budget", BigInteger),
    Column("currency", String(3), nullable=False),
    Column("media_item", Integer),
    Column("deadline", Date),
    Column("needs_brand", Boolean, nullable=False),
    Column("is_closed", Boolean, nullable=False),
    Column("author", NAME, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    *_revised(),
    CheckConstraint("budget >= 0", name="work_briefs_budget"),
    Index("work_briefs_of_month", "contractor", "month"),
)
work_brief_dealers = Table(
    "work_brief_dealers",
    metadata,
    Column("brief", Integer, ForeignKey("work_briefs.id"), primary_key=True, autoincrement=False),
    Column("dealer", NAME, primary_key=True),
    Index("work_brief_dealers_by_dealer", "dealer"),
)
work_tasks = Table(
    "work_tasks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("brief", Integer, ForeignKey("work_briefs.id"), nullable=False, index=True),
    Column("title", NAME, nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("contractor", NAME, nullable=False),
    Column("assignee", NAME, nullable=False),
    Column("due", Date),
    Column("formats", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("state_since", UtcMoment, nullable=False),
    Column("newest_version", Integer, nullable=False),
    Column("author", NAME, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    *_revised(),
    Index("work_tasks_by_state", "state", "due"),
    Index("work_tasks_of_contractor", "contractor", "state"),
)
work_versions = Table(
    "work_versions",
    metadata,
    Column("task", Integer, ForeignKey("work_tasks.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("author", NAME, nullable=False),
)
work_decisions = Table(
    "work_decisions",
    metadata,
    Column("task", Integer, ForeignKey("work_tasks.id"), primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("side", String(20), primary_key=True),
    Column("verdict", String(20), nullable=False),
    Column("comment", Text, nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("author", NAME, nullable=False),
)
work_comments = Table(
    "work_comments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("brief", Integer, ForeignKey("work_briefs.id"), nullable=False, index=True),
    Column("task", Integer, ForeignKey("work_tasks.id"), index=True),
    Column("contractor", NAME, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("author", NAME, nullable=False),
)
work_mentions = Table(
    "work_mentions",
    metadata,
    Column("comment", Integer, ForeignKey("work_comments.id"), primary_key=True, autoincrement=False),
    Column("person", NAME, primary_key=True),
    Column("seen_at", UtcMoment),
    Index("work_mentions_of_person", "person", "seen_at"),
)
work_acts = Table(
    "work_acts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("number", NAME, nullable=False),
    Column("invoice", NAME, nullable=False),
    Column("day", Date, nullable=False),
    Column("contractor", NAME, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("month", MONTH, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("vat", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("comment", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("state_since", UtcMoment, nullable=False),
    Column("why_over", Text, nullable=False),
    Column("paid_on", Date),
    Column("payment", NAME, nullable=False),
    Column("author", NAME, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    *_revised(),
    CheckConstraint("net > 0", name="work_acts_net"),
    CheckConstraint("vat >= 0", name="work_acts_vat"),
    Index("work_acts_of_month", "contractor", "month", "state"),
)
work_act_numbers = Table(
    "work_act_numbers",
    metadata,
    Column("contractor", NAME, primary_key=True),
    Column("number", NAME, primary_key=True),
    Column("act", Integer, ForeignKey("work_acts.id"), nullable=False, unique=True),
)
"""Numbers that are taken: those of acts that are not withdrawn."""

work_act_lines = Table(
    "work_act_lines",
    metadata,
    Column("act", Integer, ForeignKey("work_acts.id"), primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("what", NAME, nullable=False),
    Column("brief", Integer, ForeignKey("work_briefs.id"), index=True),
    Column("task", Integer, ForeignKey("work_tasks.id")),
    Column("media_item", Integer),
    Column("purchase_order", Integer),
    Column("net", BigInteger, nullable=False),
    Column("vat", BigInteger, nullable=False),
)
work_settlements = Table(
    "work_settlements",
    metadata,
    Column("contractor", NAME, primary_key=True),
    Column("month", MONTH, primary_key=True),
    Column("currency", String(3), primary_key=True),
    Column("accepted", BigInteger, nullable=False),
    CheckConstraint("accepted >= 0", name="work_settlements_accepted"),
)
work_story = Table(
    "work_story",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("brief", Integer, ForeignKey("work_briefs.id"), index=True),
    Column("task", Integer, ForeignKey("work_tasks.id")),
    Column("act", Integer, ForeignKey("work_acts.id"), index=True),
    Column("contractor", NAME, nullable=False),
    Column("step", String(20), nullable=False),
    Column("state", String(20), nullable=False),
    Column("version", Integer),
    Column("comment", Text, nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("author", NAME, nullable=False),
)
