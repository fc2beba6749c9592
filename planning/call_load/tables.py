"""The table of call centres: what people say of each."""

from sqlalchemy import JSON, Column, Integer, String, Table

from infra.database import metadata
from infra.database.moments import UtcMoment

call_centres = Table(
    "call_centres",
    metadata,
    Column("centre", String(200), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("told", JSON, nullable=False),
    Column("changed_at", UtcMoment, nullable=False),
    Column("changed_by", String(200), nullable=False),
)
