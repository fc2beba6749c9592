"""What the code says of the warehouse is what the migrations make, and every statement is asked by somebody."""

import ast
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from api.bootstrap import PACKAGES, Services
from attribution.runs import BASE_TABLES, READ_TABLES, RUN_TABLES
from collectors.events import FAMILIES
from infra.sql import Statements

LOADERS = {"log_partition", "log_offset", "received_at", "loaded_at"}
_WITH_STATEMENTS = (*PACKAGES, "planning", "infra.log")
NOT_OF_RUNS = {"attribution_runs", "run_bases"}


def columns(services: Services, table: str) -> dict[str, str]:
    sql = "select name, type from system.columns where database = currentDatabase() and table = {table:String}"
    return {row["name"]: row["type"] for row in services.warehouse.rows(sql, {"table": table})}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_landing_table_has_a_column_for_each_field(services: Services, family: str) -> None:
    fields = {field.alias or name for name, field in FAMILIES[family].model_fields.items()}
    assert set(columns(services, family)) - LOADERS == fields


def test_every_table_of_attribution_belongs_to_runs_and_goes_with_them(services: Services) -> None:
    tables = """
        select name, partition_key from system.tables
        where database = currentDatabase() and engine like '%MergeTree' and name not in {landing:Array(String)}
    """
    found = services.warehouse.rows(tables, {"landing": [*FAMILIES, "warehouse_migrations"]})
    assert {row["name"] for row in found} - NOT_OF_RUNS == {*RUN_TABLES, *BASE_TABLES}
    assert {row["partition_key"] for row in found if row["name"] in RUN_TABLES} == {"run"}
    assert {row["partition_key"] for row in found if row["name"] in BASE_TABLES} == {"base"}
    assert set(READ_TABLES) < set(RUN_TABLES)


def statements() -> Iterator[tuple[str, str]]:
    for package in _WITH_STATEMENTS:
        for file in (files(package) / "sql").iterdir():
            if file.name.endswith(".sql"):
                subject = file.name.removesuffix(".sql")
                yield from ((package, statement.name) for statement in Statements(package, subject))


@pytest.mark.parametrize("package", _WITH_STATEMENTS)
def test_no_statement_is_left_that_nobody_asks(package: str) -> None:
    sources = Path(str(files(package))).rglob("*.py")
    words = {
        node.value for source in sources for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }  # fmt: skip
    named = {name for owner, name in statements() if owner == package}
    assert named
    assert named <= words
