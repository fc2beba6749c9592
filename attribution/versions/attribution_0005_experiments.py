"""What contractors claim, rules for self-reported sources, and experiments."""

import sqlalchemy as sa
from alembic import op

revision = "attribution_0005"
down_revision = "attribution_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contractors", sa.Column("claimed_budget", sa.Numeric(18, 4)))
    op.add_column("contractors", sa.Column("claimed_romi", sa.Float))
    op.add_column("contractors", sa.Column("claimed_from", sa.Date))
    op.add_column("contractors", sa.Column("claimed_to", sa.Date))
    op.create_table(
        "self_reported_rules",
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("answer", sa.String(1000), nullable=False),
        sa.Column("channel", sa.String(200), nullable=False),
    )
    op.create_table(
        "channel_experiments",
        sa.Column("id", sa.String(60), primary_key=True),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
    )
