"""Versions of what administrators set for the account."""

import sqlalchemy as sa
from alembic import op

revision = "attribution_0008"
down_revision = "attribution_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_settings",
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
    )
