"""Rejected items, kept with their reasons until they are replayed or dismissed."""

import sqlalchemy as sa
from alembic import op

revision = "collectors_0001"
down_revision = None
branch_labels = ("collectors",)
depends_on = "infra_0001"


def upgrade() -> None:
    op.create_table(
        "rejections",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("family", sa.String(40), nullable=False, index=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("item", sa.LargeBinary, nullable=False),
        sa.Column("errors", sa.Text, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("status", sa.String(20), nullable=False, index=True),
    )
