"""What attribution is told: dealers, contractors, tracking numbers, channel rules, undone ties."""

import sqlalchemy as sa
from alembic import op

revision = "attribution_0001"
down_revision = None
branch_labels = ("attribution",)
depends_on = "collectors_0001"

MONEY = sa.Numeric(18, 4)


def upgrade() -> None:
    op.create_table(
        "dealers",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("brand", sa.String(200), nullable=False),
        sa.Column("city", sa.String(200), nullable=False),
        sa.Column("weight", sa.Float, nullable=False),
    )
    op.create_table(
        "contractors",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
    )
    op.create_table(
        "contractor_campaigns",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("contractor", sa.String(200), sa.ForeignKey("contractors.id"), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("medium", sa.String(200), nullable=False),
        sa.Column("campaign", sa.String(200), nullable=False),
    )
    op.create_table(
        "contractor_fees",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("contractor", sa.String(200), sa.ForeignKey("contractors.id"), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("percent", sa.Float, nullable=False),
        sa.Column("fixed_month", MONEY, nullable=False),
        sa.Column("per_lead", MONEY, nullable=False),
    )
    op.create_table(
        "tracking_numbers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("dealer", sa.String(200), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("medium", sa.String(200), nullable=False),
        sa.Column("campaign", sa.String(200), nullable=False),
        sa.Column("contractor", sa.String(200), nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("until", sa.Date, nullable=False),
    )
    op.create_table(
        "channel_rule_sets",
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("rules", sa.JSON, nullable=False),
    )
    op.create_table(
        "untied_keys",
        sa.Column("one", sa.String(300), primary_key=True),
        sa.Column("other", sa.String(300), primary_key=True),
    )
