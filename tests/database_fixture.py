"""The operational database, of both kinds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from infra.database import open_database
from tests.migrated import lay_database


@pytest.fixture(params=["sqlite", "postgres"])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'operational.db'}"
    return str(request.getfixturevalue("postgres_address"))


@pytest.fixture(params=["sqlite", "postgres"])
def migrated_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a database with tables, and no rows in them."""
    if request.param == "sqlite":
        file = tmp_path / "operational.db"
        lay_database(file)
        return f"sqlite:///{file}"
    return str(request.getfixturevalue("migrated_postgres_address"))


@pytest.fixture
def database(migrated_address: str) -> Iterator[Engine]:
    """Migrated, and empty."""
    engine = open_database(migrated_address)
    yield engine
    engine.dispose()
