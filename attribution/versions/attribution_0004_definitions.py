"""Measures and dimensions that users define for their reports, in versions."""

import sqlalchemy as sa
from alembic import op

revision = "attribution_0004"
down_revision = "attribution_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_definitions",
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("body", sa.JSON),
    )
