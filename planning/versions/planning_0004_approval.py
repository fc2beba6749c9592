"""Approval of plans: processes, submissions, approvals, delegations, feeds of deadlines, who wants no reminders."""

import sqlalchemy as sa
from alembic import op

revision = "planning_0004"
down_revision = "planning_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval_processes",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
    )
    op.create_table(
        "plan_submissions",
        sa.Column("version", sa.Integer, sa.ForeignKey("plan_versions.id"), primary_key=True, autoincrement=False),
        sa.Column("path", sa.String(20), nullable=False),
        sa.Column("process", sa.Integer, nullable=False),
        sa.Column("stages", sa.JSON, nullable=False),
        sa.Column("decisions", sa.Integer, nullable=False),
    )
    op.create_table(
        "plan_approvals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, sa.ForeignKey("plan_versions.id"), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("per", sa.String(10), nullable=False),
        sa.Column("scope", sa.String(200), nullable=False),
        sa.Column("dealers", sa.JSON, nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("people", sa.JSON, nullable=False),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("due_on", sa.Date),
        sa.Column("opened_at", sa.DateTime(timezone=True)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.String(200), nullable=False),
        sa.Column("decided_for", sa.String(200), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("proposed", sa.JSON, nullable=False),
        sa.Column("carried_over", sa.Boolean, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.UniqueConstraint("version", "stage", "scope", name="plan_approvals_once"),
    )
    op.create_table(
        "delegations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("absent", sa.String(200), nullable=False, index=True),
        sa.Column("deputy", sa.String(200), nullable=False, index=True),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "calendar_feeds",
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "reminders_off",
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
