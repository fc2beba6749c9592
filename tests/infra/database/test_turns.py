"""Processes of one installation take turns where two at once would undo what the other does."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.bootstrap import PACKAGES
from infra.database import Turn, open_database, taking_turns
from infra.settings import read_settings
from infra.warehouse import open_warehouse
from infra.warehouse.migrate import migrate
from tests.ports import free_port
from tests.warehouses import clickhouse_front


@pytest.fixture
def engine(postgres_address: str) -> Iterator[Engine]:
    opened = open_database(postgres_address)
    yield opened
    opened.dispose()


def test_one_at_a_time(engine: Engine) -> None:
    begun, may_end, second = threading.Event(), threading.Event(), threading.Event()

    def go_first() -> None:
        with taking_turns(engine, Turn.MIGRATE_WAREHOUSE):
            begun.set()
            assert may_end.wait(60)

    def go_second() -> None:
        with taking_turns(engine, Turn.MIGRATE_WAREHOUSE):
            second.set()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(go_first)
        assert begun.wait(60)
        other = pool.submit(go_second)
        assert not second.wait(0.5)
        may_end.set()
        first.result()
        other.result()
    assert second.is_set()


def test_roles_that_start_together_migrate_a_warehouse_once(tmp_path: Path, engine: Engine) -> None:
    port = free_port()
    told = read_settings(data=tmp_path, warehouse=f"clickhouse://127.0.0.1:{port}/default", _env_file=None)

    def start(_: int) -> int:
        warehouse = open_warehouse(told)
        try:
            with taking_turns(engine, Turn.MIGRATE_WAREHOUSE):
                return len(migrate(warehouse, PACKAGES))
        finally:
            warehouse.close()

    with clickhouse_front(tmp_path / "front", port), ThreadPoolExecutor(3) as pool:
        none, nothing, every = sorted(pool.map(start, range(3)))
    assert (none, nothing) == (0, 0)
    assert every > 20
