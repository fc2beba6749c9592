"""Files that are attached to anything; programmes of co-op funds, their activities, and the ledger of their money."""

import sqlalchemy as sa
from alembic import op

revision = "planning_0003"
down_revision = "planning_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _files()
    _programmes()
    _activities()
    _ledger()


def _files() -> None:
    op.create_table(
        "attached_files",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Integer, nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.UniqueConstraint("subject_kind", "subject_id", "purpose", "name", "version", name="attached_files_versions"),
    )
    op.create_index("attached_files_by_content", "attached_files", ["sha256"])


def _programmes() -> None:
    op.create_table(
        "fund_programmes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("payer", sa.String(200), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("first_quarter", sa.String(7), nullable=False),
        sa.Column("last_quarter", sa.String(7), nullable=False),
        sa.Column("share", sa.Integer, nullable=False),
        sa.Column("claim_days", sa.Integer, nullable=False),
        sa.Column("carry_quarters", sa.Integer),
        sa.Column("pays_vat", sa.Boolean, nullable=False),
        sa.Column("is_closed", sa.Boolean, nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "fund_purchases",
        sa.Column("programme", sa.Integer, sa.ForeignKey("fund_programmes.id"), primary_key=True),
        sa.Column("dealer", sa.String(200), primary_key=True),
        sa.Column("quarter", sa.String(7), primary_key=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "fund_accounts",
        sa.Column("programme", sa.Integer, sa.ForeignKey("fund_programmes.id"), primary_key=True),
        sa.Column("dealer", sa.String(200), primary_key=True),
        sa.Column("postings", sa.Integer, nullable=False),
    )


def _activities() -> None:
    op.create_table(
        "fund_activities",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("programme", sa.Integer, sa.ForeignKey("fund_programmes.id"), nullable=False),
        sa.Column("dealer", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("contractor", sa.String(200), nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("cost", sa.BigInteger, nullable=False),
        sa.Column("share", sa.Integer, nullable=False),
        sa.Column("approved_share", sa.Integer),
        sa.Column("claim_until", sa.Date),
        sa.Column("payable", sa.BigInteger),
        sa.Column("settled_percent", sa.Integer),
        sa.Column("paid_on", sa.Date),
        sa.Column("payment", sa.String(200), nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cost > 0", name="fund_activities_cost"),
    )
    op.create_index("fund_activities_by_state", "fund_activities", ["state", "dealer"])
    op.create_index("fund_activities_by_dealer", "fund_activities", ["programme", "dealer"])
    op.create_table(
        "fund_steps",
        sa.Column("activity", sa.Integer, sa.ForeignKey("fund_activities.id"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("act", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
    )
    op.create_table(
        "fund_claims",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("activity", sa.Integer, sa.ForeignKey("fund_activities.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("net", sa.BigInteger, nullable=False),
        sa.Column("vat", sa.BigInteger, nullable=False),
        sa.Column("payable", sa.BigInteger, nullable=False),
        sa.Column("invoices", sa.JSON, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.UniqueConstraint("activity", "number", name="fund_claims_numbers"),
    )


def _ledger() -> None:
    op.create_table(
        "fund_entries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("programme", sa.Integer, sa.ForeignKey("fund_programmes.id"), nullable=False),
        sa.Column("dealer", sa.String(200), nullable=False),
        sa.Column("posting", sa.Integer, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("quarter", sa.String(7), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("target", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("activity", sa.Integer, sa.ForeignKey("fund_activities.id")),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.CheckConstraint("amount > 0", name="fund_entries_amount"),
        sa.UniqueConstraint("programme", "dealer", "posting", "line", name="fund_entries_once"),
    )
    op.create_index("fund_entries_by_activity", "fund_entries", ["activity"])
