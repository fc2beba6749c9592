"""Views of the warehouse: put flat, and brought to what their files say."""

import re
from pathlib import Path

import pytest

from api.bootstrap import PACKAGES
from infra.settings import read_settings
from infra.warehouse import Warehouse, open_warehouse
from infra.warehouse.views import View, define_views, find_views, flat
from tests.migrated import lay_warehouse

_CTE = re.compile(r"^(\w+) as\s*\($", re.MULTILINE)


@pytest.fixture
def embedded(tmp_path: Path) -> Warehouse:
    lay_warehouse(tmp_path)
    return open_warehouse(read_settings(data=tmp_path, _env_file=None))


def flattened(**queries: str) -> dict[str, str]:
    return {view.name: " ".join(view.query.split()) for view in flat([View(*each) for each in queries.items()])}


def test_what_a_view_is_given_stands_for_its_parameters() -> None:
    found = flattened(
        numbers_upto="select number from numbers({most:UInt64}) where ({is_odd:Bool} or number % 2 = 0)",
        few="select number from numbers_upto(most = {few:UInt64}, is_odd = true)",
        pairs="select a.number from few(few = 3) as a inner join few(few = least(4, 5)) using number",
    )
    upto = "( select number from numbers({}) where (true or number % 2 = 0) ) as numbers_upto"
    few = " ".join(("select number from", upto))
    assert found["few"] == few.format("{few:UInt64}")
    assert found["pairs"].split("from", 1)[1].split(" inner join ") == [
        f" ( {few} ) as a".format("3"),
        f"( {few} ) as few using number".format("least(4, 5)"),
    ]


def test_none_asks_another_and_none_hides_a_table(embedded: Warehouse) -> None:
    views = list(find_views(PACKAGES))
    names = {view.name for view in views}
    tables = {row["name"] for row in embedded.rows("select name from system.tables where database = currentDatabase()")}
    embedded.close()
    assert names <= tables
    for view in flat(views):
        asked = set(re.findall(r"\b(?:from|join)\s+(\w+)", view.query))
        assert not asked & names
        assert not set(_CTE.findall(view.query)) & tables


def test_they_are_brought_to_what_the_files_say(embedded: Warehouse) -> None:
    count = len(list(find_views(PACKAGES)))
    try:
        assert define_views(embedded, PACKAGES) == []
        embedded.command("drop view base_of_run")
        embedded.command("create or replace view dealers_of_run as select 1 as dealer")
        assert define_views(embedded, PACKAGES) == ["base_of_run", "dealers_of_run"]
        assert embedded.rows("select dealer, name from dealers_of_run(run = 1)") == []
        assert len(define_views(embedded, PACKAGES, anew=True)) == count
    finally:
        embedded.close()
