"""Where a dealer stands in plans, and the days between which it is open."""

import sqlalchemy as sa
from alembic import op

revision = "attribution_0009"
down_revision = "attribution_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("group", "holding"):
        op.add_column("dealers", sa.Column(name, sa.String(200), nullable=False, server_default=""))
    for name in ("opened", "closed"):
        op.add_column("dealers", sa.Column(name, sa.Date))
