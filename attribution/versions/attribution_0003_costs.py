"""Rates of currencies, campaigns told to be the same, offline media, and fees in steps with bounds."""

import sqlalchemy as sa
from alembic import op

revision = "attribution_0003"
down_revision = "attribution_0002"
branch_labels = None
depends_on = None

MONEY = sa.Numeric(18, 4)
NAMES = ("source", "medium", "campaign", "touch_source", "touch_medium", "touch_campaign")


def upgrade() -> None:
    op.create_table(
        "currency_rates",
        sa.Column("currency", sa.String(3), primary_key=True),
        sa.Column("date", sa.Date, primary_key=True),
        sa.Column("rate", sa.Numeric(24, 10), nullable=False),
    )
    op.create_table(
        "same_campaigns",
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.String(500), nullable=False) for name in NAMES),
        sa.UniqueConstraint("source", "medium", "campaign", name="same_campaigns_once"),
    )
    op.create_table(
        "offline_media",
        sa.Column("medium", sa.String(200), primary_key=True),
        sa.Column("marks", sa.JSON, nullable=False),
        sa.Column("half_life_days", sa.Float, nullable=False),
    )
    for column in (
        sa.Column("currency", sa.String(3), nullable=False, server_default=""),
        sa.Column("steps", sa.JSON, nullable=False, server_default="[]"),
        sa.Column("steps_of", sa.String(20), nullable=False, server_default="whole"),
        sa.Column("minimum", MONEY, nullable=False, server_default="0"),
        sa.Column("maximum", MONEY),
    ):
        op.add_column("contractor_fees", column)
