"""Plans, their versions and lines, the edits of lines, targets, facts that come by file, and capacities."""

import sqlalchemy as sa
from alembic import op

revision = "planning_0001"
down_revision = None
branch_labels = None
depends_on = None

_MONTHS = tuple(f"m{number}" for number in range(1, 13))


def upgrade() -> None:
    op.create_table(
        "directions",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kinds", sa.JSON, nullable=False),
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("month", sa.Integer),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
    )
    op.create_table(
        "plan_versions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plan", sa.Integer, sa.ForeignKey("plans.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("based_on", sa.Integer, sa.ForeignKey("plan_versions.id")),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("is_amendment", sa.Boolean, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("newest_edit", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True)),
        sa.Column("submitted_by", sa.String(200)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("plan", "number"),
    )
    op.create_table(
        "plan_lines",
        sa.Column("version", sa.Integer, sa.ForeignKey("plan_versions.id"), primary_key=True, autoincrement=False),
        *_key(),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in _MONTHS),
        sa.Column("locked", sa.Integer, nullable=False),
        sa.Column("edit", sa.Integer, nullable=False),
    )
    op.create_table(
        "plan_edits",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("version", sa.Integer, sa.ForeignKey("plan_versions.id"), nullable=False, index=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
    )
    op.create_table(
        "edited_lines",
        sa.Column("edit", sa.Integer, sa.ForeignKey("plan_edits.id"), primary_key=True, autoincrement=False),
        *_key(),
        sa.Column("months", sa.Integer, nullable=False),
        sa.Column("before", sa.String(300), nullable=False),
    )
    op.create_index("edited_lines_of_dealer", "edited_lines", ["dealer", "edit"])
    op.create_table(
        "plan_targets",
        sa.Column("version", sa.Integer, sa.ForeignKey("plan_versions.id"), primary_key=True, autoincrement=False),
        sa.Column("measure", sa.String(40), primary_key=True),
        sa.Column("holding", sa.String(200), primary_key=True),
        sa.Column("brand", sa.String(200), primary_key=True),
        sa.Column("dealer", sa.String(200), primary_key=True),
        sa.Column("direction", sa.String(40), primary_key=True),
        sa.Column("month", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.Column("edit", sa.Integer, nullable=False),
    )
    op.create_table(
        "fact_lines",
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        *_key(),
        *(sa.Column(name, sa.BigInteger) for name in _MONTHS),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by", sa.String(200), nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
    )
    op.create_table(
        "capacities",
        sa.Column("dealer", sa.String(200), primary_key=True),
        sa.Column("direction", sa.String(40), primary_key=True),
        sa.Column("units", sa.Integer, nullable=False),
    )


def _key() -> list[sa.Column[str]]:
    lengths = {"measure": 40, "dealer": 200, "direction": 40, "channel": 200, "contractor": 200}
    return [sa.Column(name, sa.String(length), primary_key=True) for name, length in lengths.items()]
