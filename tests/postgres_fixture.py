"""A real PostgreSQL for tests: in a container where Docker answers, else Debian's package as a process here."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import mkdtemp

import pytest
from sqlalchemy import create_engine, text
from testcontainers.community.postgres import PostgresContainer

from api.bootstrap import WITH_TABLES
from infra.database import migrate_database, open_database
from tests.debian import program
from tests.ports import free_port
from tests.warehouses import docker_answers

_IMAGE = "postgres:17"
_CARELESS = "-c fsync=off -c full_page_writes=off"  # no test cuts this machine's power
_USER = "postgres"  # the package's: the server refuses to run as root


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """`postgresql+psycopg://user:password@host:port` of a server. A missing one fails in CI, else it skips."""
    with _container() if docker_answers() else _process() as address:
        yield address


@pytest.fixture
def postgres_address(postgres_server: str) -> Iterator[str]:
    """What `CLOSEDLOOP_DATABASE` says for an empty database of the test's own."""
    with _own_database(postgres_server, like="template0") as address:
        yield address


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> Iterator[str]:
    """The name of a database of which every migration is done: others are made like it."""
    with _own_database(postgres_server, like="template0") as address:
        engine = open_database(address)
        migrate_database(engine, WITH_TABLES)
        engine.dispose()
        yield address.rpartition("/")[2]


@pytest.fixture
def migrated_postgres_address(postgres_server: str, migrated_postgres: str) -> Iterator[str]:
    """Of a migrated database of the test's own."""
    with _own_database(postgres_server, like=migrated_postgres) as address:
        yield address


@contextmanager
def _own_database(server: str, like: str) -> Iterator[str]:
    """The address of a new one, dropped at the end of the block."""
    database = f"test_{token_hex(6)}"
    administration = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text(f"create database {database} template {like}"))
        yield f"{server}/{database}"
        connection.execute(text(f"drop database {database} with (force)"))
    administration.dispose()


@contextmanager
def _container() -> Iterator[str]:
    with PostgresContainer(_IMAGE, driver="psycopg").with_command(f"postgres {_CARELESS}") as container:
        yield container.get_connection_url().rpartition("/")[0]


@contextmanager
def _process() -> Iterator[str]:
    control = _control_program()
    folder = Path(mkdtemp(prefix="closedloop-postgres-"))
    data, password, port = folder / "data", token_hex(8), free_port()
    (folder / "password").write_text(password)
    if os.geteuid() == 0:
        for path in (folder, folder / "password"):
            shutil.chown(path, _USER)
    start = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=200 {_CARELESS}"
    initial = f"--auth=scram-sha-256 --username=tests --pwfile={folder / 'password'} --encoding=UTF8"
    try:
        _run(control, "initdb", "--silent", "--pgdata", str(data), "--options", initial)
        _run(control, "start", "--wait", "--pgdata", str(data), "--log", str(folder / "log"), "--options", start)
        yield f"postgresql+psycopg://tests:{password}@127.0.0.1:{port}"
        _run(control, "stop", "--mode", "fast", "--pgdata", str(data))
    finally:
        shutil.rmtree(folder)


def _control_program() -> str:
    """`pg_ctl`, which Debian keeps away from the path, in a folder by version."""
    program("pg_lsclusters", "postgresql")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return str(found[-1])


def _run(*command: str) -> None:
    become = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
    ran = subprocess.run([*become, *command], check=False, capture_output=True, text=True, timeout=120, cwd="/")
    if ran.returncode:
        raise RuntimeError(f"{command[1]}: {ran.stderr or ran.stdout}")
