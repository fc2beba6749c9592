"""Files on their way into a plan, and what was explained about earlier ones."""

import sqlalchemy as sa
from alembic import op

revision = "planning_0002"
down_revision = "planning_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_imports",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plan", sa.Integer, sa.ForeignKey("plans.id"), nullable=False, index=True),
        sa.Column("version", sa.Integer, sa.ForeignKey("plan_versions.id")),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("file", sa.LargeBinary, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("progress", sa.Integer, nullable=False),
        sa.Column("choices", sa.JSON, nullable=False),
        sa.Column("found", sa.JSON, nullable=False),
        sa.Column("lines", sa.LargeBinary),
        sa.Column("seen_edit", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(40)),
        sa.Column("worker_until", sa.DateTime(timezone=True)),
        sa.Column("edit", sa.Integer),
        sa.Column("dealers", sa.JSON),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "import_mappings",
        sa.Column("shape", sa.String(40), primary_key=True),
        sa.Column("mapping", sa.JSON, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "import_names",
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("spelling", sa.String(500), primary_key=True),
        sa.Column("owner", sa.String(200), primary_key=True),
        sa.Column("meant", sa.String(200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    )
