"""The operational database: what needs transactions. SQLite, or PostgreSQL when it grows."""

from infra.database.engine import is_there, metadata, open_database
from infra.database.migrate import migrate_database
from infra.database.turns import Turn, taking_turns
from infra.database.upsert import insert_or_meet

__all__ = [
    "Turn", "insert_or_meet", "is_there", "metadata", "migrate_database", "open_database", "taking_turns",
]  # fmt: skip
