"""Recommendations: what was asked and answered, into which plans it went, and what came of it."""

import sqlalchemy as sa
from alembic import op

revision = "planning_0011"
down_revision = "planning_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recommendations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("goal", sa.String(20), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("dealers", sa.JSON, nullable=False),
        sa.Column("question", sa.JSON, nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
        sa.Column("planned", sa.JSON, nullable=False),
        sa.Column("uses", sa.Integer, nullable=False),
    )
    op.create_table(
        "recommendation_uses",
        sa.Column(
            "recommendation", sa.Integer, sa.ForeignKey("recommendations.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, sa.ForeignKey("plan_versions.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
    )
    op.create_table(
        "recommendation_outcomes",
        sa.Column(
            "recommendation", sa.Integer, sa.ForeignKey("recommendations.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("figure", sa.String(20), primary_key=True),
        sa.Column("promised", sa.Double, nullable=False),
        sa.Column("low", sa.Double, nullable=False),
        sa.Column("high", sa.Double, nullable=False),
        sa.Column("at_spend", sa.Double, nullable=False),
        sa.Column("fact", sa.Double, nullable=False),
        sa.Column("spend_planned", sa.Double, nullable=False),
        sa.Column("spend_fact", sa.Double, nullable=False),
        sa.Column("followed", sa.Double, nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_settled", sa.Boolean, nullable=False),
    )
    op.create_index("recommendation_outcomes_open", "recommendation_outcomes", ["is_settled"])
