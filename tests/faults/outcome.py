"""What must be true once everything that was accepted is loaded, whatever happened on the way."""

import time
from contextlib import suppress
from datetime import date

from attribution.models import Model
from attribution.reports import Calendar, Question, romi_report
from attribution.sharing import DealerShare
from infra.errors import Unavailable
from infra.warehouse import Warehouse
from tests.faults.installation import Installation
from tests.faults.senders import STAGES, Sending

_MOST_SECONDS = 300


def assert_each_is_there_once(grown: Installation, sending: Sending) -> None:
    """The ids acknowledged are those in the warehouse, and no record was inserted twice."""
    with grown.warehouse() as warehouse:
        for family in ("touches", "deals"):
            acknowledged = sending.acknowledged(family)
            await_count(warehouse, family, len(acknowledged))
            ids = warehouse.rows("select id from {table:Identifier} final", {"table": family})
            assert len(ids) == len(acknowledged)
            assert {row["id"] for row in ids} == acknowledged
            assert twice_inserted(warehouse, family) == []


def await_count(warehouse: Warehouse, table: str, wanted: int) -> None:
    """A loader that was killed holds its place in the group for ten seconds, and failures are waited out."""
    deadline = time.monotonic() + _MOST_SECONDS
    found = 0
    while found < wanted and time.monotonic() < deadline:
        with suppress(Unavailable):
            found = warehouse.value("select uniqExact(id) from {table:Identifier}", {"table": table})
        time.sleep(0.3)
    assert found == wanted


def twice_inserted(warehouse: Warehouse, table: str) -> list[dict[str, object]]:
    """Records of the log whose mark stands on more than one row."""
    return warehouse.rows(
        "select log_partition, log_offset, count() as times from {table:Identifier} "
        "where log_partition != 65535 group by all having times > 1 order by all limit 10",
        {"table": table},
    )


def assert_stages_are_in_order(grown: Installation, deals: int) -> None:
    """Of each deal all stages are there, and reports know it by the one that was reached last."""
    grown.stop("scheduler", "worker")  # two runs at once would get the same number
    grown.run("attribute", "--full")
    with grown.warehouse() as warehouse:
        orders = warehouse.rows(
            "select stages, count() as deals from "
            "(select deal_id, arrayMap(x -> x.2, arraySort(groupArray((occurred_at, stage)))) as stages "
            "from deals final group by deal_id) group by stages"
        )
        assert [(list(row["stages"]), row["deals"]) for row in orders] == [(list(STAGES), deals)]
        question = Question(
            ("month",), date(2026, 1, 1), date(2026, 1, 31), Model.LINEAR, Calendar.CONVERSION, DealerShare.LEADS
        )
        totals = romi_report(warehouse, question, "Europe/Moscow").totals
        assert (totals["sales"], totals["visits"]) == (deals, deals)
        assert totals["revenue"] == deals * (1000 + len(STAGES) - 1)
