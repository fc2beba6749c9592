"""`closedloop report funnel` and its siblings: what the terminal shows, and files."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from api.bootstrap import Services
from api.cli.main import app
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.attribution.world import NOW, World, lead, spend, stage, visit
from tests.migrated import lay_warehouse

PERIOD = ["--from", "2026-01-01", "--to", "2026-06-30"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("told")
    lay_warehouse(folder)
    services = Services(
        read_settings(data=folder, timezone="UTC", load_interval_ms=1, _env_file=None), FrozenClock(NOW)
    )
    world = World(services)
    world.tell({
        "touches": [visit(f"t{n}", f"v{n}", n, "yandex") for n in range(20)],
        "leads": [lead(f"l{n}", n + 0.1, visitor_id=f"v{n}", dealer="north") for n in range(20)],
        "deals": [
            *(stage(f"d{n}", "visit", n + 2, lead_id=f"l{n}", visitor_id=f"v{n}", dealer="north") for n in range(16)),
            *(
                stage(f"d{n}", "sale", n + 5, lead_id=f"l{n}", visitor_id=f"v{n}", dealer="north", margin=400)
                for n in range(0, 16, 2)
            ),
        ],
        "spend": [spend("2026-01-01", "2026-01-31", 800, "yandex")],
    })  # fmt: skip
    world.attribute()
    services.close()
    return folder


def report(data: Path, *words: str) -> str:
    environment = {"CLOSEDLOOP_DATA": str(data), "CLOSEDLOOP_TIMEZONE": "UTC"}
    ran = CliRunner().invoke(app, ["report", *words], env=environment)
    assert ran.exit_code == 0, ran.output
    return ran.output


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["funnel", *PERIOD], ["Funnel, 2026-01-01", "visitor", "lead", "test_drive", "sale", "80.0%", "40.0%"]),
        (["funnel", "--by", "channel,dealer", *PERIOD], ["Funnel by channel, dealer,", "paid_search", "north"]),
        (["lost-leads", *PERIOD], ["Lost leads by dealer", "north", "40.0%"]),
        (["lost-leads", "--by", "response", *PERIOD], ["never", "later"]),
        (["cohorts", *PERIOD], ["Cohorts by month", "2026-01-01", "100"]),
        (["cohorts", "--by", "first_channel", "--predict", *PERIOD], ["paid_search", "Predicted"]),
        (["cohorts", "--by", "month,age", *PERIOD], ["Cohorts by month, age", "2026-01-01", "Retention"]),
        (["maturity", *PERIOD], ["Maturity, lead → sale, by month", "2026-01-01"]),
        (["maturity", "--since", "touch", "--kind", "lead", "--by", "week", *PERIOD], ["2025-12-29"]),
        (["open-deals"], ["Open deals by stage", "lead", "visit", "at most"]),
    ],
)
def test_the_terminal_shows_a_table(data: Path, words: list[str], shown: list[str]) -> None:
    out = report(data, *words)
    for text in shown:
        assert text in out


def test_files_hold_every_figure(data: Path) -> None:
    document = orjson.loads(report(data, "lost-leads", "--by", "", "--format", "json", "--late-minutes", "5", *PERIOD))
    (row,) = document["items"]
    assert (row["leads"], row["unprocessed"], row["late"]) == (20, 3, 16)
    assert document["question"]["late_minutes"] == 5
    lines = report(data, "open-deals", "--by", "", "--format", "csv").splitlines()
    assert lines[0].startswith("open,sales,sales_low")
    assert lines[1].startswith("12.0,")


def test_what_is_wrong_is_said(data: Path) -> None:
    environment = {"CLOSEDLOOP_DATA": str(data)}
    ran = CliRunner().invoke(app, ["report", "cohorts", "--by", "colour"], env=environment)
    assert ran.exit_code == 1
    assert "There is no grouping 'colour' here." in ran.output
