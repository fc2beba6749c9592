"""Destinations of conversions, and the ledger of what was handed to each."""

import sqlalchemy as sa
from alembic import op

revision = "attribution_0002"
down_revision = "attribution_0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MONEY = sa.Numeric(18, 4)


def upgrade() -> None:
    op.create_table(
        "destinations",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("system", sa.String(60), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("secrets", sa.LargeBinary, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_run", sa.Integer, nullable=False),
        sa.Column("next_at", MOMENT),
        sa.Column("leased_until", MOMENT),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("error_at", MOMENT),
    )
    op.create_table(
        "handovers",
        sa.Column("destination", sa.String(60), sa.ForeignKey("destinations.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("conversion", sa.String(200), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("value", MONEY),
        sa.Column("value_sent", MONEY),
        sa.Column("batch", sa.String(60), nullable=False),
        sa.Column("receipt", sa.String(200), nullable=False),
        sa.Column("begun_at", MOMENT),
        sa.Column("sent_at", MOMENT),
        sa.Column("next_check_at", MOMENT),
        sa.Column("times", sa.Integer, nullable=False),
    )
    op.create_index("handovers_by_state", "handovers", ["destination", "state"])
