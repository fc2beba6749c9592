"""How many events each source brought in each hour of the last days."""

import sqlalchemy as sa
from alembic import op

revision = "collectors_0006"
down_revision = "collectors_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source_hours",
        sa.Column("source", sa.String(60), sa.ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("accepted", sa.Integer(), nullable=False),
    )
