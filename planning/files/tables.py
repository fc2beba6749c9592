"""Which file is attached to what; its bytes lie in the data folder under their digest."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, UniqueConstraint

from infra.database import metadata
from infra.database.moments import UtcMoment

attached_files = Table(
    "attached_files",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject_kind", String(40), nullable=False),
    Column("subject_id", Integer, nullable=False),
    Column("purpose", String(40), nullable=False),
    Column("name", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("added_at", UtcMoment, nullable=False),
    Column("added_by", String(200), nullable=False),
    UniqueConstraint("subject_kind", "subject_id", "purpose", "name", "version", name="attached_files_versions"),
    Index("attached_files_by_content", "sha256"),
)
