"""Sources, how far each has been read, and what they named that is still to be fetched."""

import sqlalchemy as sa
from alembic import op

revision = "collectors_0002"
down_revision = "collectors_0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sources",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("vendor", sa.String(60), nullable=False),
        sa.Column("token", sa.String(60), nullable=False, unique=True),
        sa.Column("timezone", sa.String(60), nullable=False),
        sa.Column("vat_included", sa.Boolean, nullable=False),
        sa.Column("dealer", sa.String(200), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("secrets", sa.LargeBinary, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "source_states",
        sa.Column("source", sa.String(60), sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("cursor", sa.JSON, nullable=False),
        sa.Column("next_pull_at", MOMENT),
        sa.Column("leased_until", MOMENT),
        sa.Column("last_delivery_at", MOMENT),
        sa.Column("last_pull_at", MOMENT),
        sa.Column("last_event_at", MOMENT),
        sa.Column("accepted", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("error_at", MOMENT),
    )
    op.create_table(
        "wanted_records",
        sa.Column("source", sa.String(60), sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.String(60), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("asked_at", MOMENT, nullable=False),
    )
