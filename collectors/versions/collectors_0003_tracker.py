"""Telephone numbers leased to visits, and what was dropped of the sites' events."""

import sqlalchemy as sa
from alembic import op

revision = "collectors_0003"
down_revision = "collectors_0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pool_numbers",
        sa.Column("number", sa.String(40), primary_key=True),
        sa.Column("held_until", MOMENT, nullable=False),
    )
    op.create_table(
        "number_leases",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.String(40), nullable=False, index=True),
        sa.Column("visitor_id", sa.String(40), nullable=False),
        sa.Column("session_id", sa.String(40), nullable=False, index=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False, index=True),
    )
    op.create_table(
        "site_drops",
        sa.Column("source", sa.String(60), sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("reason", sa.String(40), primary_key=True),
        sa.Column("dropped", sa.Integer, nullable=False),
    )
