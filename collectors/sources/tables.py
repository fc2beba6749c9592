"""What the operational database keeps of sources."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from infra.database import metadata
from infra.database.moments import UtcMoment

sources = Table(
    "sources",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("vendor", String(60), nullable=False),
    Column("token", String(60), nullable=False, unique=True),
    Column("timezone", String(60), nullable=False),
    Column("vat_included", Boolean, nullable=False),
    Column("dealer", String(200), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("secrets", LargeBinary, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
)
source_states = Table(
    "source_states",
    metadata,
    Column("source", String(60), ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("cursor", JSON, nullable=False),
    Column("next_pull_at", UtcMoment),
    Column("leased_until", UtcMoment),
    Column("last_delivery_at", UtcMoment),
    Column("last_pull_at", UtcMoment),
    Column("last_event_at", UtcMoment),
    Column("accepted", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("error_at", UtcMoment),
)
wanted_records = Table(
    "wanted_records",
    metadata,
    Column("source", String(60), ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(60), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("asked_at", UtcMoment, nullable=False),
)
source_hours = Table(
    "source_hours",
    metadata,
    Column("source", String(60), ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("hour", UtcMoment, primary_key=True),
    Column("accepted", Integer, nullable=False),
)
