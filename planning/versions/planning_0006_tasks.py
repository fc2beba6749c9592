"""Contractor work: briefs, tasks, versions and decisions on them, comments, acts, and what happened to each."""

import sqlalchemy as sa
from alembic import op

revision = "planning_0006"
down_revision = "planning_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _briefs()
    _tasks()
    _comments()
    _acts()
    _story()


def _revised() -> list[sa.Column[object]]:
    return [
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    ]


def _briefs() -> None:
    op.create_table(
        "work_briefs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("brand", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("campaign", sa.String(200), nullable=False),
        sa.Column("contractor", sa.String(200), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("budget", sa.BigInteger),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("media_item", sa.Integer),
        sa.Column("deadline", sa.Date),
        sa.Column("needs_brand", sa.Boolean, nullable=False),
        sa.Column("is_closed", sa.Boolean, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_revised(),
        sa.CheckConstraint("budget >= 0", name="work_briefs_budget"),
    )
    op.create_index("work_briefs_of_month", "work_briefs", ["contractor", "month"])
    op.create_table(
        "work_brief_dealers",
        sa.Column("brief", sa.Integer, sa.ForeignKey("work_briefs.id"), primary_key=True, autoincrement=False),
        sa.Column("dealer", sa.String(200), primary_key=True),
    )
    op.create_index("work_brief_dealers_by_dealer", "work_brief_dealers", ["dealer"])


def _tasks() -> None:
    op.create_table(
        "work_tasks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("brief", sa.Integer, sa.ForeignKey("work_briefs.id"), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("contractor", sa.String(200), nullable=False),
        sa.Column("assignee", sa.String(200), nullable=False),
        sa.Column("due", sa.Date),
        sa.Column("formats", sa.JSON, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("newest_version", sa.Integer, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_revised(),
    )
    op.create_index("ix_work_tasks_brief", "work_tasks", ["brief"])
    op.create_index("work_tasks_by_state", "work_tasks", ["state", "due"])
    op.create_index("work_tasks_of_contractor", "work_tasks", ["contractor", "state"])
    op.create_table(
        "work_versions",
        sa.Column("task", sa.Integer, sa.ForeignKey("work_tasks.id"), primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
    )
    op.create_table(
        "work_decisions",
        sa.Column("task", sa.Integer, sa.ForeignKey("work_tasks.id"), primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("side", sa.String(20), primary_key=True),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
    )


def _comments() -> None:
    op.create_table(
        "work_comments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("brief", sa.Integer, sa.ForeignKey("work_briefs.id"), nullable=False),
        sa.Column("task", sa.Integer, sa.ForeignKey("work_tasks.id")),
        sa.Column("contractor", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
    )
    op.create_index("ix_work_comments_brief", "work_comments", ["brief"])
    op.create_index("ix_work_comments_task", "work_comments", ["task"])
    op.create_table(
        "work_mentions",
        sa.Column("comment", sa.Integer, sa.ForeignKey("work_comments.id"), primary_key=True, autoincrement=False),
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("seen_at", sa.DateTime(timezone=True)),
    )
    op.create_index("work_mentions_of_person", "work_mentions", ["person", "seen_at"])


def _acts() -> None:
    op.create_table(
        "work_acts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.String(200), nullable=False),
        sa.Column("invoice", sa.String(200), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("contractor", sa.String(200), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("net", sa.BigInteger, nullable=False),
        sa.Column("vat", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why_over", sa.Text, nullable=False),
        sa.Column("paid_on", sa.Date),
        sa.Column("payment", sa.String(200), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *_revised(),
        sa.CheckConstraint("net > 0", name="work_acts_net"),
        sa.CheckConstraint("vat >= 0", name="work_acts_vat"),
    )
    op.create_index("work_acts_of_month", "work_acts", ["contractor", "month", "state"])
    op.create_table(
        "work_act_numbers",
        sa.Column("contractor", sa.String(200), primary_key=True),
        sa.Column("number", sa.String(200), primary_key=True),
        sa.Column("act", sa.Integer, sa.ForeignKey("work_acts.id"), nullable=False, unique=True),
    )
    op.create_table(
        "work_act_lines",
        sa.Column("act", sa.Integer, sa.ForeignKey("work_acts.id"), primary_key=True, autoincrement=False),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("what", sa.String(200), nullable=False),
        sa.Column("brief", sa.Integer, sa.ForeignKey("work_briefs.id")),
        sa.Column("task", sa.Integer, sa.ForeignKey("work_tasks.id")),
        sa.Column("media_item", sa.Integer),
        sa.Column("purchase_order", sa.Integer),
        sa.Column("net", sa.BigInteger, nullable=False),
        sa.Column("vat", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_work_act_lines_brief", "work_act_lines", ["brief"])
    op.create_table(
        "work_settlements",
        sa.Column("contractor", sa.String(200), primary_key=True),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("currency", sa.String(3), primary_key=True),
        sa.Column("accepted", sa.BigInteger, nullable=False),
        sa.CheckConstraint("accepted >= 0", name="work_settlements_accepted"),
    )


def _story() -> None:
    op.create_table(
        "work_story",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("brief", sa.Integer, sa.ForeignKey("work_briefs.id")),
        sa.Column("task", sa.Integer, sa.ForeignKey("work_tasks.id")),
        sa.Column("act", sa.Integer, sa.ForeignKey("work_acts.id")),
        sa.Column("contractor", sa.String(200), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
    )
    op.create_index("ix_work_story_brief", "work_story", ["brief"])
    op.create_index("ix_work_story_act", "work_story", ["act"])
