"""The warehouse through both clients: chDB in the process, and HTTP."""

import subprocess
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from infra.errors import DataHeld, MisfitRows, WarehouseError, WarehouseUnavailable
from infra.settings import read_settings
from infra.warehouse import Warehouse, open_warehouse
from infra.warehouse.migrate import migrate

PACKAGES = ["infra", "collectors", "attribution"]


def test_values_travel_as_parameters(warehouse: Warehouse) -> None:
    odd = 'it\'s \\ "odd" \t; -- 🚗'
    assert warehouse.value("select {text:String}", {"text": odd}) == odd
    assert warehouse.value("select {days:Array(String)}", {"days": ["a'", "b"]}) == ["a'", "b"]
    assert warehouse.value("select count() from {table:Identifier}", {"table": "touches"}) == 0


def test_a_token_inserts_once(warehouse: Warehouse) -> None:
    line = b'{"id":"t","visitor_id":"v","occurred_at":"2026-01-01T00:00:00.123+03:00","click_ids":{"yclid":"1"}}'
    for _ in range(2):
        warehouse.insert_json("touches", line, token="a")  # no secret, a deduplication token
    rows = warehouse.rows("select occurred_at, click_ids from touches")
    assert len(rows) == 1
    assert rows[0]["click_ids"] == {"yclid": "1"}
    at = rows[0]["occurred_at"]
    assert at.replace(tzinfo=at.tzinfo or UTC) == datetime(2025, 12, 31, 21, 0, 0, 123000, UTC)


def test_a_misfit_inserts_nothing(warehouse: Warehouse) -> None:
    lines = b'{"id":"a","cost":"1.5","from":"2026-01-01","to":"2026-01-01"}\n{"id":"b","cost":"many"}'
    with pytest.raises(MisfitRows):
        warehouse.insert_json("spend", lines)
    assert warehouse.value("select count() from spend") == 0


def test_tables_and_frames(warehouse: Warehouse) -> None:
    query = "select number as n, toDecimal64(number, 4) as d from numbers(3) order by n"
    assert warehouse.table(query).num_rows == 3
    assert warehouse.frame(query)["d"].tolist() == [Decimal(0), Decimal(1), Decimal(2)]


def test_the_engines_words_become_ours(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseError, match="no_such_table"):
        warehouse.value("select * from no_such_table")


def test_migrations_run_once_and_are_not_changed_afterwards(bare_warehouse: Warehouse) -> None:
    warehouse = bare_warehouse
    assert [each.package for each in migrate(warehouse, PACKAGES[:2])][-1] == PACKAGES[1]
    assert {each.package for each in migrate(warehouse, PACKAGES)} == {PACKAGES[2]}
    assert migrate(warehouse, PACKAGES) == []
    warehouse.command("truncate table warehouse_migrations")
    row = ["collectors", "0001_landing", "changed"]
    warehouse.insert_rows("warehouse_migrations", ["package", "name", "checksum"], [row])
    with pytest.raises(WarehouseError, match=r"set up by another version .* collectors/0001_landing differs"):
        migrate(warehouse, PACKAGES)


def test_a_held_folder_is_told_in_one_sentence(tmp_path: Path) -> None:
    settings = read_settings(data=tmp_path, _env_file=None)
    holder = open_warehouse(settings)
    with pytest.raises(DataHeld, match=r"held by process \d+, which answers at http://127.0.0.1:8000"):
        open_warehouse(settings)
    holder.close()
    open_warehouse(settings).close()


def test_a_server_out_of_reach_is_told_in_one_sentence(tmp_path: Path) -> None:
    settings = read_settings(data=tmp_path, warehouse="clickhouse://u:p@127.0.0.1:1/d", _env_file=None)
    with pytest.raises(WarehouseUnavailable, match="does not answer"):
        open_warehouse(settings)


def test_the_cluster_variant_is_replicated() -> None:
    from infra.warehouse import migrate as module

    text = next(iter(module.find_migrations(["collectors"]))).text
    clustered = module._for_engine(text, "main")
    assert "engine = ReplicatedReplacingMergeTree(received_at)" in clustered
    assert "create table if not exists touches on cluster 'main'" in clustered
    assert "engine = ReplacingMergeTree" not in clustered


def test_the_front_is_another_process(http_warehouse: subprocess.Popen[str]) -> None:
    assert http_warehouse.poll() is None
