"""Migrations of the operational database: Alembic revisions in `<package>/versions`, in import order of packages."""

import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from sqlalchemy import Connection, Engine, column, inspect, select, table

from infra.database.turns import Turn, taking_turns

_VERSIONS = table("alembic_version", column("version_num"))
_NAMED = re.compile(r'^(revision|down_revision) = "(\w+)"', re.MULTILINE)


def migrate_database(engine: Engine, packages: Sequence[str]) -> None:
    """Bring the database up to the newest revision of every package. Does nothing where it is.

    Roles that start together take turns.
    """
    with taking_turns(engine, Turn.MIGRATE_DATABASE) as connection:
        if _reached(connection) != _newest(packages):
            _upgrade(connection, packages)


def _reached(connection: Connection) -> set[str]:
    """The revisions at which a database stands; none where it is empty."""
    if not inspect(connection).has_table(_VERSIONS.name):
        return set()
    return set(connection.scalars(select(_VERSIONS.c.version_num)))


def _newest(packages: Sequence[str]) -> set[str]:
    """The revisions after which none comes, read as text: to run them all would keep every command waiting."""
    found = [name for text in _revisions(packages) for name in _NAMED.findall(text)]
    gone_on_from = {name for kind, name in found if kind == "down_revision"}
    return {name for kind, name in found if kind == "revision"} - gone_on_from


def _revisions(packages: Sequence[str]) -> Iterator[str]:
    for package in packages:
        for file in (files(package) / "versions").iterdir():
            if file.name.endswith(".py"):
                yield file.read_text("utf-8")


def _upgrade(connection: Connection, packages: Sequence[str]) -> None:
    from alembic import command  # here, for only a database that is not up to date needs it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(files(package) / "versions") for package in packages))
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")
