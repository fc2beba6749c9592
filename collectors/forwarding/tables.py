"""What the operational database keeps of CRMs that leads are forwarded to, and of every lead that was to be."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from infra.database import metadata
from infra.database.moments import UtcMoment

forward_targets = Table(
    "forward_targets",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("system", String(60), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("secrets", LargeBinary, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("next_at", UtcMoment),
    Column("leased_until", UtcMoment),
    Column("failures", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("error_at", UtcMoment),
)
forwards = Table(
    "forwards",
    metadata,
    Column("target", String(60), ForeignKey("forward_targets.id", ondelete="CASCADE"), primary_key=True),
    Column("lead", String(200), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("dealer", String(200), nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("arrived_at", UtcMoment, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("origin", JSON, nullable=False),
    Column("sealed", LargeBinary),
    Column("person", String(64), nullable=False),
    Column("visit_number", String(12), nullable=False),
    Column("remote", String(200), nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("next_at", UtcMoment),
    Column("begun_at", UtcMoment),
    Column("sent_at", UtcMoment),
    Index("forwards_by_state", "target", "state", "next_at"),
    Index("forwards_by_lead", "lead"),
    Index("forwards_by_person", "target", "person"),
)
