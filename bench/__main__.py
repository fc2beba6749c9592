"""`python -m bench`: make the data once, measure each thing in a process of its own, and write the ratios down."""

import argparse
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson

from bench.holding import prepare

PAGE = Path(__file__).parent / "README.md"
BEGINS, ENDS = "<!-- results -->\n", "<!-- end of results -->\n"
MEASURES = (
    "attribution",
    "report",
    "freshness",
    "pages",
    "models",
    "loading",
    "kafka",
    "ingest",
    "growth",
    "shards",
    "plans",
    "media",
    "planning_board",
    "calculator",
    "plan_import",
    "forecast",
    "planning",
    "recommend",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--touches", type=int, default=10_000_000)
    parser.add_argument("--data", type=Path, default=Path(".bench"), help="kept between runs")
    asked = parser.parse_args()
    folder = asked.data.absolute() / str(asked.touches)
    counts = prepare(folder, asked.touches)
    rows = [row for name in MEASURES for row in _measured(name, folder)]
    text = _page(counts, rows)
    print(text)
    before, _, rest = PAGE.read_text("utf-8").partition(BEGINS)
    PAGE.write_text(before + BEGINS + text + ENDS + rest.partition(ENDS)[2], "utf-8")


def _measured(name: str, folder: Path) -> list[dict[str, str]]:
    print(f"measuring {name} …", flush=True)
    ran = subprocess.run([sys.executable, "-m", f"bench.{name}", str(folder)], stdout=subprocess.PIPE, check=True)
    rows: list[dict[str, str]] = orjson.loads(ran.stdout.splitlines()[-1])
    return rows


def _page(counts: dict[str, int], rows: list[dict[str, str]]) -> str:
    data = f"{counts['touches']:,} touches, {counts['conversions']:,} conversions"
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    lines = [
        f"{data}; {machine}; {datetime.now(UTC):%Y-%m-%d}.",
        "",
        "| what | measured | against | ratio | wanted |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        "| " + " | ".join(row[name] for name in ("what", "measured", "against", "ratio", "wanted")) + " |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


main()
