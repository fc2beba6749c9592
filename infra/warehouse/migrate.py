"""Numbered migrations of the warehouse: `<package>/schema/NNNN_what.sql`, run once each, in import order.

A file holds statements that end with `;` at a line's end. Table engines are written for a single server;
with a cluster named in the settings, MergeTree engines become Replicated ones and statements run on the cluster.
Views are no longer made by migrations: see `infra.warehouse.views`, which follows at each start.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from infra.errors import WarehouseError
from infra.sql import Statements
from infra.warehouse.client import Warehouse
from infra.warehouse.views import define_views

_SQL = Statements("infra", "migrations")
_ENGINE = re.compile(r"\bengine = (\w*)MergeTree\b(?:\((.*?)\))?", re.IGNORECASE)
_CREATE = re.compile(r"^(create (?:table|view) if not exists \w+)", re.IGNORECASE | re.MULTILINE)
_CHANGE = re.compile(r"^((?:alter table|drop view if exists) \w+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Migration:
    package: str
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def find_migrations(packages: Sequence[str]) -> Iterator[Migration]:
    for package in packages:
        folder = files(package) / "schema"
        if folder.is_dir():
            for file in sorted(folder.iterdir(), key=lambda item: item.name):
                if file.name.endswith(".sql"):
                    yield Migration(package, file.name.removesuffix(".sql"), file.read_text("utf-8"))


def migrate(warehouse: Warehouse, packages: Sequence[str]) -> list[Migration]:
    """Bring the warehouse up to date, its views as well, and return the migrations that were run.

    Raises `WarehouseError` where a migration that was run before has been changed since.
    """
    for statement in split_statements(_for_engine(_SQL["create_migrations"], warehouse.cluster)):
        warehouse.command(statement)
    done = {(row["package"], row["name"]): row["checksum"] for row in warehouse.rows(_SQL["list_migrations"])}
    ran = []
    for migration in find_migrations(packages):
        known = done.get((migration.package, migration.name))
        if known is None:
            _run(warehouse, migration)
            ran.append(migration)
        elif known != migration.checksum:
            raise WarehouseError(
                "The warehouse was set up by another version of Closed Loop: its migration "
                f"{migration.package}/{migration.name} differs from this version's.",
                where="CLOSEDLOOP_WAREHOUSE",
                help="Start that version, or let CLOSEDLOOP_WAREHOUSE (or CLOSEDLOOP_DATA) name another place. "
                "A change of the schema belongs into a migration of its own.",
            )
    define_views(warehouse, packages, anew=bool(ran))
    return ran


def _run(warehouse: Warehouse, migration: Migration) -> None:
    for statement in split_statements(_for_engine(migration.text, warehouse.cluster)):
        warehouse.command(statement)
    warehouse.insert_rows(
        "warehouse_migrations",
        ["package", "name", "checksum"],
        [[migration.package, migration.name, migration.checksum]],
    )


def split_statements(text: str) -> list[str]:
    """The statements of a file, in order. Tables are created `if not exists`: a half-run file can be run again."""
    return [part.strip().rstrip(";") for part in re.split(r";\s*\n", text.strip() + "\n") if part.strip().rstrip(";")]


def _for_engine(text: str, cluster: str) -> str:
    """The same tables for a cluster: replicated engines with paths by table name, created on every node."""
    if not cluster:
        return text
    text = _ENGINE.sub(lambda found: f"engine = Replicated{found[1]}MergeTree({found[2] or ''})", text)
    for pattern in (_CREATE, _CHANGE):
        text = pattern.sub(rf"\1 on cluster '{cluster}'", text)
    return text.replace("non_replicated_deduplication_window", "replicated_deduplication_window")
