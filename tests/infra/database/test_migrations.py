"""Migrations make the tables that the code declares, once, whoever starts first."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, insert, inspect, select

import infra.jobs  # noqa: F401  # its table is declared where it is imported
from api.bootstrap import WITH_TABLES
from attribution.reference import channel_rule_sets
from infra.database import metadata, migrate_database, open_database
from infra.errors import DatabaseUnavailable, InvalidSettings
from tests.api.cli.closedloop import ROOT
from tests.attribution.world import NOW
from tests.ports import free_port


@pytest.fixture
def database(database_address: str) -> Iterator[Engine]:
    """Migrated here and now."""
    engine = open_database(database_address)
    migrate_database(engine, WITH_TABLES)
    yield engine
    engine.dispose()


def test_they_make_the_tables_that_the_code_declares(database: Engine) -> None:
    assert metadata.tables
    with database.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_second_time_changes_nothing(database: Engine) -> None:
    tables = inspect(database).get_table_names()
    migrate_database(database, WITH_TABLES)
    assert inspect(database).get_table_names() == tables


def test_one_that_is_up_to_date_is_opened_without_alembic(migrated_address: str) -> None:
    """To load it would keep every command waiting."""
    opening = (
        "import sys; from api.bootstrap import WITH_TABLES; from infra.database import *; "
        "migrate_database(open_database(sys.argv[1]), WITH_TABLES); print('alembic.script' in sys.modules)"
    )
    words = [sys.executable, "-c", opening, migrated_address]
    ran = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    assert ran.stdout == "False\n"


def test_one_of_an_earlier_version_goes_on_from_there(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'operational.db'}")
    migrate_database(engine, WITH_TABLES[:2])
    earlier = set(inspect(engine).get_table_names())
    migrate_database(engine, WITH_TABLES)
    assert earlier < set(inspect(engine).get_table_names()) == {*metadata.tables, "alembic_version"}
    engine.dispose()


def test_roles_that_start_together_take_turns(database_address: str) -> None:
    engines = [open_database(database_address) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda engine: migrate_database(engine, WITH_TABLES), engines))
    assert set(metadata.tables) <= set(inspect(engines[0]).get_table_names())
    for engine in engines:
        engine.dispose()


def test_moments_come_back_in_utc(database: Engine) -> None:
    moscow = NOW.astimezone(timezone(timedelta(hours=3)))
    row = {"version": 1, "created_at": moscow, "author": "", "rules": []}
    with database.begin() as connection:
        connection.execute(insert(channel_rule_sets), row)
        found = connection.scalar(select(channel_rule_sets.c.created_at))
    assert found is not None
    assert (found, found.utcoffset()) == (NOW, timedelta(0))


def test_one_out_of_reach_is_said_in_a_sentence() -> None:
    engine = open_database(f"postgresql+psycopg://closedloop:secret-word@127.0.0.1:{free_port()}/closedloop")
    with pytest.raises(DatabaseUnavailable) as raised:
        engine.connect()
    assert raised.value.message.startswith("The operational database cannot be used: ")
    assert raised.value.help
    assert "secret-word" not in f"{raised.value.message} {raised.value.help}"


def test_a_wrong_password_is_said_without_the_password(postgres_server: str) -> None:
    user, _, place = postgres_server.rpartition("@")
    engine = open_database(f"{user[:-4]}wrong-word@{place}/postgres")
    with pytest.raises(DatabaseUnavailable, match="password authentication failed") as raised:
        engine.connect()
    assert "wrong-word" not in raised.value.message


@pytest.mark.parametrize("address", ["", "mysql://root:secret-word@db/closedloop", "sqlite://", "postgresql://db"])
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(InvalidSettings, match="CLOSEDLOOP_DATABASE") as raised:
        open_database(address)
    assert "secret-word" not in raised.value.message
