"""Media plans with their items, changes, orders and reallocations, the rules of these, and the marketing calendar."""

import sqlalchemy as sa
from alembic import op

revision = "planning_0005"
down_revision = "planning_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _plans()
    _orders()
    _reallocations()
    op.create_table(
        "media_rules",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
    )
    op.create_table(
        "calendar_events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("dealer", sa.String(200), nullable=False),
        sa.Column("brand", sa.String(200), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
    op.create_index("calendar_events_by_day", "calendar_events", ["first_day", "last_day"])


def _plans() -> None:
    op.create_table(
        "media_plans",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("dealer", sa.String(200), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("month", sa.Integer, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.Column("submitted_by", sa.String(200)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.String(200)),
        sa.UniqueConstraint("dealer", "year", "month", name="media_plans_once"),
    )
    op.create_index("media_plans_of_month", "media_plans", ["year", "month"])
    op.create_table(
        "media_items",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plan", sa.Integer, sa.ForeignKey("media_plans.id"), nullable=False, index=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("campaign", sa.String(500), nullable=False),
        sa.Column("contractor", sa.String(200), nullable=False),
        sa.Column("budget", sa.BigInteger, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("pacing", sa.String(20), nullable=False),
        sa.Column("impressions", sa.BigInteger),
        sa.Column("clicks", sa.BigInteger),
        sa.Column("leads", sa.BigInteger),
        sa.Column("cpl_of", sa.String(20), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("approved", sa.BigInteger, nullable=False),
        sa.Column("moved_freely", sa.BigInteger, nullable=False),
        sa.CheckConstraint("budget >= 0", name="media_items_budget"),
    )
    op.create_table(
        "media_changes",
        sa.Column("plan", sa.Integer, sa.ForeignKey("media_plans.id"), primary_key=True, autoincrement=False),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("after", sa.JSON, nullable=False),
    )


def _orders() -> None:
    op.create_table(
        "media_commitments",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plan", sa.Integer, sa.ForeignKey("media_plans.id"), nullable=False),
        sa.Column("number", sa.String(200), nullable=False),
        sa.Column("ordered_on", sa.Date, nullable=False),
        sa.Column("contractor", sa.String(200), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("vat_percent", sa.Numeric(5, 2), nullable=False),
        sa.Column("is_vat_included", sa.Boolean, nullable=False),
        sa.Column("net", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("cancel_by", sa.Date),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        sa.Column("cancelled_by", sa.String(200)),
        sa.UniqueConstraint("plan", "contractor", "number", name="media_commitments_once"),
    )
    op.create_table(
        "committed_items",
        sa.Column(
            "commitment", sa.Integer, sa.ForeignKey("media_commitments.id"), primary_key=True, autoincrement=False
        ),
        sa.Column(
            "item", sa.Integer, sa.ForeignKey("media_items.id"), primary_key=True, autoincrement=False, index=True
        ),
        sa.Column("net", sa.BigInteger, nullable=False),
    )


def _reallocations() -> None:
    op.create_table(
        "media_reallocations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("month", sa.Integer, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("is_across", sa.Boolean, nullable=False),
        sa.Column("is_free", sa.Boolean, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("amendment", sa.Integer, sa.ForeignKey("plan_versions.id")),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.String(200)),
        sa.Column("comment", sa.Text, nullable=False),
    )
    op.create_table(
        "media_transfers",
        sa.Column(
            "reallocation", sa.Integer, sa.ForeignKey("media_reallocations.id"), primary_key=True, autoincrement=False
        ),
        sa.Column(
            "item", sa.Integer, sa.ForeignKey("media_items.id"), primary_key=True, autoincrement=False, index=True
        ),
        sa.Column("plan", sa.Integer, sa.ForeignKey("media_plans.id"), nullable=False, index=True),
        sa.Column("dealer", sa.String(200), nullable=False),
        sa.Column("change", sa.BigInteger, nullable=False),
    )
