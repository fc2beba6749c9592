"""What people say of call centres: the service they aim at, who is at work when, and the shifts there are."""

import sqlalchemy as sa
from alembic import op

revision = "planning_0009"
down_revision = "planning_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_centres",
        sa.Column("centre", sa.String(200), primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
