"""What deals do not tell of cars in operation, and how often they are due for service."""

import sqlalchemy as sa
from alembic import op

revision = "planning_0007"
down_revision = "planning_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_assumptions",
        sa.Column("dealer", sa.String(200), primary_key=True),
        sa.Column("other_cars", sa.Integer, nullable=False),
        sa.Column("interval_months", sa.Integer, nullable=False),
    )
