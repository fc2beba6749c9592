"""The tutorial's own commands are run as they stand, and the report equals what the tables say, exactly."""

import csv
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[1]
TUTORIAL = ROOT / "docs" / "tutorial.md"
OLIST = ROOT.parent / "shared" / "data" / "olist"
NO_TOUCH = "(no touch)"
ORIGINS = ("organic search", "paid search", "social", "unknown", "direct traffic", "email", "")
COST = {"paid search": 60_000.0, "social": 25_000.0}
PERIOD = ["--from", "2017-06-01", "--to", "2018-12-31"]


@dataclass(frozen=True, slots=True)
class Funnel:
    """A folder of the three tables, and what they say by origin."""

    folder: Path
    leads: dict[str, int]
    sales: dict[str, int]
    revenue: dict[str, float]


def olist() -> Funnel:
    names = [
        "organic search", "paid search", "social", "unknown", "direct traffic", "email", "referral", "other", "display",
        "other publicities", NO_TOUCH,
    ]  # fmt: skip
    leads = [2296, 1586, 1350, 1099, 499, 493, 284, 150, 118, 65, 60]
    sales = [271, 195, 75, 179, 56, 15, 24, 4, 6, 3, 14]
    revenue = [21762.10, 16921.93, 2705.61, 16189.62, 2032.67, 936.90, 2496.54, 805.99, 125.00, 0, 0]
    return Funnel(
        OLIST,
        dict(zip(names, leads, strict=True)),
        dict(zip(names, sales, strict=True)),
        dict(zip(names, revenue, strict=True)),
    )


def made_up(folder: Path) -> Funnel:
    """A smaller funnel with the same columns."""
    chance = random.Random(5)
    leads: list[list[object]] = []
    deals: list[list[object]] = []
    revenues: list[list[object]] = []
    sold: Counter[str] = Counter()
    earned: Counter[str] = Counter()
    for number in range(800):
        first_day = date(2017, 6, 14) + timedelta(days=chance.randrange(350))
        origin = chance.choice(ORIGINS)
        leads.append([f"m{number}", first_day, f"page{number % 7}", origin])
        if chance.random() < 0.2:
            won = f"{first_day + timedelta(days=chance.randrange(1, 200))} {chance.randrange(24):02}:15:00"
            deals.append([f"m{number}", f"s{number}", "sdr1", f"sr{number % 3}", won, "pet, home", "online_big"])
            sold[origin or NO_TOUCH] += 1
            if chance.random() < 0.5:
                cents = chance.randrange(1, 900_000)
                revenues.append([f"s{number}", chance.randrange(1, 9), cents / 100])
                earned[origin or NO_TOUCH] += cents
    _write(folder / "marketing_qualified_leads.csv", "mql_id first_contact_date landing_page_id origin", leads)
    _write(folder / "closed_deals.csv", "mql_id seller_id sdr_id sr_id won_date business_segment lead_type", deals)
    _write(folder / "seller_revenue.csv", "seller_id order_items revenue", revenues)
    counted = Counter(str(lead[3]) or NO_TOUCH for lead in leads)
    return Funnel(folder, dict(counted), dict(sold), {name: cents / 100 for name, cents in earned.items()})


def _write(path: Path, header: str, table: list[list[object]]) -> None:
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([header.split(), *table])


@pytest.fixture(params=["olist", "made up"])
def funnel(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Funnel]:
    if request.param == "olist":
        if not OLIST.exists():
            pytest.skip("the public Olist funnel is not beside the checkout (shared/data/olist)")
        yield olist()
    else:
        folder = tmp_path / "tables"
        folder.mkdir()
        yield made_up(folder)


def commands(funnel: Path, data: Path) -> str:
    """The tutorial's indented lines, with its two places filled in."""
    blocks = re.findall(r"(?:^    .*\n)+", TUTORIAL.read_text("utf-8"), re.MULTILINE)
    script = "".join(re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in blocks)
    for place, real in (("/path/to/the/folder", funnel), ("/tmp/funnel", data)):  # noqa: S108  # the reader's example
        assert script.count(place) == 1
        script = script.replace(place, str(real))
    return script


def test_the_tutorial(funnel: Funnel, tmp_path: Path) -> None:
    said = bash(commands(funnel.folder, tmp_path / "data"), tmp_path)
    total = sum(funnel.leads.values())
    assert f"marketing_qualified_leads.csv: {total:,} leads accepted, 0 duplicates, 0 rejected." in said
    assert f"closed_deals.csv: {sum(funnel.sales.values())} deals accepted, 0 duplicates, 0 rejected." in said
    assert "costs.csv: 2 spend accepted, 0 duplicates, 0 rejected." in said
    assert "ROMI/CPL by source" in " ".join(said.split())
    report = by_source(tmp_path)
    assert report["leads"].to_dict() == funnel.leads
    assert {name: sales for name, sales in report["sales"].items() if sales} == funnel.sales
    assert {name: sum_ for name, sum_ in report["revenue"].items() if sum_} == {
        name: sum_ for name, sum_ in funnel.revenue.items() if sum_
    }
    assert {name: cost for name, cost in report["cost"].items() if cost} == COST
    for name, cost in COST.items():
        assert report["cpl"][name] == pytest.approx(cost / funnel.leads[name])
    by_product = pd.read_csv(tmp_path / "by-product.csv")
    assert by_product["sales"].sum() == sum(funnel.sales.values())


def by_source(folder: Path) -> pd.DataFrame:
    words = ["closedloop", "report", "romi", "--by", "source", *PERIOD, "--format", "csv"]
    (folder / "by-source.csv").write_text(
        bash(f"export CLOSEDLOOP_DATA={folder / 'data'} CLOSEDLOOP_CURRENCY=BRL\n{' '.join(words)}", folder)
    )
    return pd.read_csv(folder / "by-source.csv").set_index("source")


def bash(script: str, folder: Path) -> str:
    """Run a script in `folder`, where `closedloop` is this source tree's."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    program = programs / "closedloop"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "from api.cli import main; main()" "$@"\n')
    program.chmod(0o755)
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "COLUMNS": "120"},
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout
