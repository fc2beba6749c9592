"""What the operational database keeps of destinations, and of every conversion that was handed to one."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, Numeric, String, Table, Text

from infra.database import metadata
from infra.database.moments import UtcMoment

destinations = Table(
    "destinations",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("system", String(60), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("secrets", LargeBinary, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("seen_run", Integer, nullable=False),
    Column("next_at", UtcMoment),
    Column("leased_until", UtcMoment),
    Column("failures", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("error_at", UtcMoment),
)
handovers = Table(
    "handovers",
    metadata,
    Column("destination", String(60), ForeignKey("destinations.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(40), primary_key=True),
    Column("conversion", String(200), primary_key=True),
    Column("at", UtcMoment, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("value", Numeric(18, 4)),
    Column("value_sent", Numeric(18, 4)),
    Column("batch", String(60), nullable=False),
    Column("receipt", String(200), nullable=False),
    Column("begun_at", UtcMoment),
    Column("sent_at", UtcMoment),
    Column("next_check_at", UtcMoment),
    Column("times", Integer, nullable=False),
    Index("handovers_by_state", "destination", "state"),
)
