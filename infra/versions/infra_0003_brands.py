"""Brands of users: brand managers see the dealers of theirs."""

import sqlalchemy as sa
from alembic import op

revision = "infra_0003"
down_revision = "infra_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("brands", sa.Text, nullable=False, server_default="[]"))
