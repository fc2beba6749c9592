"""What attribution is told beside: tracked addresses, promo codes, and what a target call is."""

import sqlalchemy as sa
from alembic import op

revision = "attribution_0007"
down_revision = "attribution_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, key in (
        ("tracking_addresses", sa.Column("address", sa.String(320), nullable=False)),
        ("promo_codes", sa.Column("code", sa.String(200), nullable=False)),
    ):
        op.create_table(
            name,
            sa.Column("id", sa.Integer, primary_key=True),
            key,
            sa.Column("dealer", sa.String(200), nullable=False),
            sa.Column("source", sa.String(200), nullable=False),
            sa.Column("medium", sa.String(200), nullable=False),
            sa.Column("campaign", sa.String(200), nullable=False),
            sa.Column("contractor", sa.String(200), nullable=False),
            sa.Column("since", sa.Date, nullable=False),
            sa.Column("until", sa.Date, nullable=False),
        )
    op.create_table(
        "target_calls",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("dealer", sa.String(200), nullable=False),
        sa.Column("talk_s", sa.Integer, nullable=False),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("without_tags", sa.JSON, nullable=False),
        sa.Column("believe_sender", sa.Boolean, nullable=False),
    )
