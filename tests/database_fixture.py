"""The operational database, of both kinds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.bootstrap import WITH_TABLES
from infra.database import migrate_database, open_database


@pytest.fixture(params=["sqlite", "postgres"])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'operational.db'}"
    return str(request.getfixturevalue("postgres_address"))


@pytest.fixture
def database(database_address: str) -> Iterator[Engine]:
    """Migrated, and empty."""
    engine = open_database(database_address)
    migrate_database(engine, WITH_TABLES)
    yield engine
    engine.dispose()
