"""Versions of the noise rules, and notices of anomalies."""

import sqlalchemy as sa
from alembic import op

revision = "attribution_0006"
down_revision = "attribution_0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
MONEY = sa.Numeric(18, 4)


def upgrade() -> None:
    op.create_table(
        "noise_rule_sets",
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(400), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("seen_on", sa.Date, nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("observed", sa.Float, nullable=False),
        sa.Column("expected", sa.Float, nullable=False),
        sa.Column("money", MONEY),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("acknowledged_at", MOMENT),
        sa.Column("acknowledged_by", sa.String(200), nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.UniqueConstraint("kind", "subject_kind", "subject", "since"),
    )
    op.create_index("notices_by_state", "notices", ["state"])
