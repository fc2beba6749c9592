"""Tables of recommendations: what was asked and answered, into which plans it went, and what came of it."""

from sqlalchemy import JSON, Boolean, Column, Double, ForeignKey, Index, Integer, String, Table

from infra.database import metadata
from infra.database.moments import UtcMoment
from planning.tables import NAME

recommendations = Table(
    "recommendations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("created_at", UtcMoment, nullable=False),
    Column("created_by", NAME, nullable=False),
    Column("run", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("goal", String(20), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("dealers", JSON, nullable=False),
    Column("question", JSON, nullable=False),
    Column("answer", JSON, nullable=False),
    Column("planned", JSON, nullable=False),
    Column("uses", Integer, nullable=False),
)
recommendation_uses = Table(
    "recommendation_uses",
    metadata,
    Column("recommendation", Integer, ForeignKey("recommendations.id"), primary_key=True, autoincrement=False),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, ForeignKey("plan_versions.id"), nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("author", NAME, nullable=False),
)
recommendation_outcomes = Table(
    "recommendation_outcomes",
    metadata,
    Column("recommendation", Integer, ForeignKey("recommendations.id"), primary_key=True, autoincrement=False),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("figure", String(20), primary_key=True),
    Column("promised", Double, nullable=False),
    Column("low", Double, nullable=False),
    Column("high", Double, nullable=False),
    Column("at_spend", Double, nullable=False),
    Column("fact", Double, nullable=False),
    Column("spend_planned", Double, nullable=False),
    Column("spend_fact", Double, nullable=False),
    Column("followed", Double, nullable=False),
    Column("measured_at", UtcMoment, nullable=False),
    Column("is_settled", Boolean, nullable=False),
    Index("recommendation_outcomes_open", "is_settled"),
)
