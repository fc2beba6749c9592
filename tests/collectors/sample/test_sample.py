"""The sample holding: the same seed writes the same bytes, and the reports find what the truth says."""

import hashlib
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.bootstrap import Services
from attribution.attributing import attribute
from attribution.models import Model
from attribution.reference import replace_reference
from attribution.reference_document import read_document
from attribution.reports import Question, romi_report
from attribution.runs import Run
from collectors.formats import Format, read_items
from collectors.mapping import Mapping
from collectors.sample import SAMPLED, write_sample
from collectors.sample.channels import CHANNELS
from infra.settings import read_settings
from infra.sql import Statements
from tests.migrated import lay_warehouse

UNTIL = date(2026, 6, 30)
KIND_COLUMNS = {
    "lead": "leads",
    "qualified": "qualified",
    "visit": "visits",
    "sale": "sales",
    "service_visit": "service_visits",
}
_SQL = Statements("tests", "sample")


@dataclass(frozen=True)
class Filled:
    """An installation that took in the whole sample, and what the sample wrote."""

    services: Services
    folder: Path
    counts: dict[str, int]
    accepted: Counter[str]
    rejected: list[Any]
    run: Run

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in (self.folder / f"{name}.ndjson").read_bytes().splitlines()]

    def report(self, by: str, model: Model = Model.LAST_NON_DIRECT) -> dict[str, dict[str, Any]]:
        question = Question((by,), date(2025, 1, 1), UNTIL, model)
        rows = romi_report(self.services.warehouse, question, "Europe/Moscow").rows
        return {str(row[by]): {str(k): v for k, v in row.items()} for row in rows.to_dict("records")}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    folder = tmp_path_factory.mktemp("sample")
    counts = write_sample(folder, until=UNTIL, dealers=12, months=9, seed=7)
    data = tmp_path_factory.mktemp("data")
    lay_warehouse(data)
    services = Services(read_settings(data=data, _env_file=None))
    reference = read_document((folder / "reference.json").read_bytes(), services.settings.country)
    replace_reference(services.database, reference, author="test", clock=services.clock)
    accepted: Counter[str] = Counter()
    rejected: list[Any] = []
    for family in SAMPLED:
        with (folder / f"{family}.ndjson").open("rb") as stream:
            for outcome in services.intake.accept_stream(family, read_items(stream, Format.NDJSON, Mapping())):
                accepted[family] += outcome.accepted
                rejected += outcome.rejected
    loader = services.new_loader()
    loader.drain()
    loader.close()
    run = attribute(services.warehouse, services.database, services.clock, services.settings)
    yield Filled(services, folder, counts, accepted, rejected, run)
    services.close()


def test_every_event_is_canonical(filled: Filled) -> None:
    assert filled.rejected == []
    assert filled.accepted == {family: filled.counts[family] for family in SAMPLED}
    assert all(filled.counts[family] > 1000 for family in SAMPLED if family != "calls")


def test_some_who_called_in_vain_are_called_back_by_their_dealer(filled: Filled) -> None:
    calls = {call["id"]: call for call in filled.lines("calls")}
    missed = {key for key, call in calls.items() if call["status"] in ("missed", "busy") and "direction" not in call}
    back = {key.removesuffix("-back"): call for key, call in calls.items() if "direction" in call}
    assert 0 < len(back) < len(missed)
    assert back.keys() <= missed
    for key, call in back.items():
        assert (call["called"], call["dealer"]) == (calls[key]["caller"], calls[key]["dealer"])
        assert call["started_at"] > calls[key]["started_at"]


def test_the_counts_of_the_report_are_those_of_the_truth(filled: Filled) -> None:
    truth = Counter((row["kind"], row["dealer"]) for row in filled.lines("truth") if row["kind"] in KIND_COLUMNS)
    report = filled.report("dealer")
    found = {
        (kind, dealer): round(row[column], 6)
        for dealer, row in report.items()
        for kind, column in KIND_COLUMNS.items()
        if row[column]
    }
    junk = Counter(lead["dealer"] for lead in filled.lines("leads") if lead["status"] == "junk")
    assert junk.total() > 0
    assert found == dict(truth)


@pytest.mark.parametrize("model", list(Model))
def test_revenue_and_margin_are_those_of_the_truth_to_the_cent(filled: Filled, model: Model) -> None:
    rows = filled.report("channel", model).values()
    for money in ("revenue", "margin"):
        whole = sum((Decimal(row[money]) for row in filled.lines("truth")), Decimal(0))
        assert sum((Decimal(str(row[money])) for row in rows), Decimal(0)) == whole


def test_each_touch_has_the_channel_that_the_truth_names(filled: Filled) -> None:
    true_channel = {touch["id"]: touch["channel"] for row in filled.lines("truth") for touch in row["touches"]}
    rows = filled.services.warehouse.rows(_SQL["touch_channels"], {"run": filled.run.number})
    found = {row["id"]: row["channel"] for row in rows if row["id"] in true_channel}
    assert found == true_channel
    assert set(found.values()) == set(CHANNELS)


def test_journeys_hold_the_touches_of_all_devices_that_events_tie(filled: Filled) -> None:
    """A journey is what the truth saw on the devices that a request, or a login, ever tied to the person."""
    truth = filled.lines("truth")
    tied: defaultdict[int, set[str]] = defaultdict(set)
    for row in truth:
        tied[row["person"]].update(row["tied_visitor_ids"])
    rows = filled.services.warehouse.rows(_SQL["journeys"], {"run": filled.run.number})
    found = {(row["kind"], row["id"]): row["touches"] for row in rows}
    window = timedelta(days=filled.services.settings.lookback_days)
    checked = 0
    for row in (row for row in truth if row["kind"] == "lead"):
        at = datetime.fromisoformat(row["at"])
        expected = [
            touch["id"]
            for touch in sorted(row["touches"], key=lambda touch: (touch["at"], touch["id"]))
            if touch["visitor_id"] in tied[row["person"]] and at - window <= datetime.fromisoformat(touch["at"]) <= at
        ]
        assert found[row["kind"], row["id"]] == expected
        checked += len(expected) > 1
    assert checked > 100


def test_what_convinced_people_is_not_what_they_came_through_last(filled: Filled) -> None:
    """Brand search and retargeting follow a decision made before: a last-touch model praises them for it."""
    truth = Counter(row["brought_by"] for row in filled.lines("truth") if row["kind"] == "lead")
    last = filled.report("channel", Model.LAST)
    followers = ("brand_search", "retargeting")
    assert sum(last[name]["leads"] for name in followers) > 1.2 * sum(truth[name] for name in followers)


def test_cost_is_that_of_the_truth(filled: Filled) -> None:
    spend = filled.lines("spend")
    gross = sum(Decimal(row["cost"]) for row in spend if row["vat_included"]) / Decimal("1.2")
    net = gross + sum(Decimal(row["cost"]) for row in spend if not row["vat_included"])
    rows = filled.services.warehouse.rows(_SQL["cost_parts"], {"run": filled.run.number})
    parts = {row["part"]: row["cost"] for row in rows}
    assert abs(parts["media"] - net) < Decimal("0.0001") * len(spend)
    messages = sum(Decimal(row.get("cost", "0")) for row in filled.lines("messages"))
    assert parts["messages"] == messages
    assert parts["fees"] > 0


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    def digest(name: str, seed: int) -> dict[str, str]:
        write_sample(tmp_path / name, until=UNTIL, dealers=3, months=2, seed=seed)
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((tmp_path / name).iterdir())
        }

    first = digest("first", 5)
    assert set(first) == {*(f"{family}.ndjson" for family in SAMPLED), "truth.ndjson", "reference.json"}
    assert digest("again", 5) == first
    other = digest("other", 6)
    assert all(other[name] != first[name] for name in first if name != "reference.json")


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    def peak(months: int) -> int:
        tracemalloc.start()
        write_sample(tmp_path / str(months), until=UNTIL, dealers=3, months=months, seed=1, touches=4000 * months)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(10) < 1.6 * peak(3)


def test_as_many_touches_as_asked_for(tmp_path: Path) -> None:
    counts = write_sample(tmp_path, until=UNTIL, dealers=5, months=6, seed=3, touches=30_000)
    assert counts["touches"] == pytest.approx(30_000, rel=0.15)


@pytest.mark.parametrize("dealers", [0, 10_000])
def test_a_holding_has_a_number_of_dealers(tmp_path: Path, dealers: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 9999"):
        write_sample(tmp_path, until=UNTIL, dealers=dealers, months=1)
