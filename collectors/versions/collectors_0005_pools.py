"""Of which site and dealer a lease is, and the visits that got no number."""

import sqlalchemy as sa
from alembic import op

revision = "collectors_0005"
down_revision = "collectors_forwarding"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("number_leases", sa.Column("site", sa.String(60), nullable=False, server_default=""))
    op.add_column("number_leases", sa.Column("dealer", sa.String(200), nullable=False, server_default=""))
    op.create_table(
        "number_refusals",
        sa.Column("session_id", sa.String(40), primary_key=True),
        sa.Column("site", sa.String(60), nullable=False),
        sa.Column("at", MOMENT, nullable=False, index=True),
    )
