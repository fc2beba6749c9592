"""The operational database: what needs transactions. SQLite, or PostgreSQL when it grows."""

from infra.database.engine import metadata, open_database
from infra.database.migrate import migrate_database

__all__ = ["metadata", "migrate_database", "open_database"]
