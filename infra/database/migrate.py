"""Migrations of the operational database: Alembic revisions in `<package>/versions`, in import order of packages."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, func, select

_TURN = 0x636C6F70  # any number that all roles use


def migrate_database(engine: Engine, packages: Sequence[str]) -> None:
    """Bring the database up to the newest revision of every package. Does nothing where it is.

    Roles that start together take turns.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(files(package) / "versions") for package in packages))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_TURN)))
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")
