"""Stock by dealer and model with what is on its way, candidates of the hiring sheet, and figures of benchmarks."""

import sqlalchemy as sa
from alembic import op

revision = "planning_0010"
down_revision = "planning_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _stock()
    _candidates()
    _figures()


def _name(column: str, *, is_key: bool = False) -> sa.Column[str]:
    return sa.Column(column, sa.String(200), primary_key=True) if is_key else _told(column)


def _told(column: str) -> sa.Column[str]:
    return sa.Column(column, sa.String(200), nullable=False)


def _revised() -> list[sa.Column[object]]:
    return [
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False),
    ]


def _stock() -> None:
    op.create_table(
        "stock_levels",
        _name("dealer", is_key=True),
        _name("model", is_key=True),
        sa.Column("in_stock", sa.Integer, nullable=False),
        sa.Column("counted_on", sa.Date, nullable=False),
        *_revised(),
    )
    op.create_table(
        "stock_transit",
        _name("dealer", is_key=True),
        _name("model", is_key=True),
        sa.Column("arrives", sa.String(7), primary_key=True),
        sa.Column("units", sa.Integer, nullable=False),
    )
    op.create_table(
        "stock_terms",
        _name("brand", is_key=True),
        _name("model", is_key=True),
        sa.Column("lead_days", sa.Integer, nullable=False),
        sa.Column("service_percent", sa.Integer, nullable=False),
        sa.Column("most_months", sa.Integer, nullable=False),
    )


def _candidates() -> None:
    op.create_table(
        "hiring_candidates",
        sa.Column("id", sa.Integer, primary_key=True),
        _name("name"),
        _name("channel"),
        sa.Column("claimed_budget", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("claimed_romi", sa.Float, nullable=False),
        sa.Column("claimed_months", sa.Integer, nullable=False),
        sa.Column("weight", sa.Float),
        sa.Column("starts_on", sa.Date),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        *_revised(),
    )


def _figures() -> None:
    op.create_table(
        "benchmark_figures",
        sa.Column("id", sa.Integer, primary_key=True),
        _name("who"),
        sa.Column("model", sa.String(40), nullable=False),
        sa.Column("figure", sa.String(40), nullable=False),
        sa.Column("share", sa.Float),
        sa.Column("amount", sa.BigInteger),
        sa.Column("amount_to", sa.BigInteger),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("dated", sa.String(10), nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        *_revised(),
    )
