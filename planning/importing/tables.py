"""Files on their way into a plan: each with its bytes, what the user has said about it, and what was read."""

from sqlalchemy import JSON, Column, ForeignKey, Integer, LargeBinary, String, Table

from infra.database import metadata
from infra.database.moments import UtcMoment
from planning.tables import NAME

plan_imports = Table(
    "plan_imports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("plan", Integer, ForeignKey("plans.id"), nullable=False, index=True),
    Column("version", Integer, ForeignKey("plan_versions.id")),
    Column("kind", String(10), nullable=False),
    Column("name", NAME, nullable=False),
    Column("file", LargeBinary, nullable=False),
    Column("state", String(10), nullable=False),
    Column("progress", Integer, nullable=False),
    Column("choices", JSON, nullable=False),
    Column("found", JSON, nullable=False),
    Column("lines", LargeBinary),
    Column("seen_edit", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("worker", String(40)),
    Column("worker_until", UtcMoment),
    Column("edit", Integer),
    Column("dealers", JSON),
    Column("created_at", UtcMoment, nullable=False),
    Column("created_by", NAME, nullable=False),
    Column("changed_at", UtcMoment, nullable=False),
    Column("changed_by", NAME, nullable=False),
)
"""`dealers` are those that whoever sent it sees; null is all. `seen_edit` is the newest edit when it was read."""
