"""Attribution on shards by person, one after another: the union equals the whole, and what each of them costs.

A shard has the events of its persons. It is told which keys too many share, as that shows only where all keys are.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson

from attribution.attributing import attribute
from attribution.runs import newest_run
from bench.holding import open_services, prepare
from bench.timing import peak_memory, seconds
from infra.sql import Statements

_SQL = Statements("bench", "shards")
_SAMPLE = 2_500_000
_SHARDS = 4
_NAMED = {
    "touches": ("visitor:", "visitor_id"),
    "leads": ("lead:", "id"),
    "calls": ("call:", "id"),
    "deals": ("deal:", "deal_id"),
}
_MASK = 2**64 - 1
Taken = dict[str, Any]


def main(folder: Path) -> list[dict[str, str]]:
    sample = folder.parent / str(_SAMPLE)
    prepare(sample, _SAMPLE)
    with TemporaryDirectory(dir=folder.parent) as scratch:
        whole_folder = Path(scratch) / "whole"
        shutil.copytree(sample, whole_folder, symlinks=True)
        whole = _apart("whole", whole_folder)
        shards = [_apart("shard", whole_folder, Path(scratch), str(number)) for number in range(_SHARDS)]
    union = {name: sum(shard["sums"][name] for shard in shards) & _MASK for name in whole["sums"]}
    assert union == whole["sums"], f"shards differ from the whole: {union} is not {whole['sums']}"
    slowest, largest = (max(shard[name] for shard in shards) for name in ("seconds", "memory"))
    return [
        _row("the slowest", slowest, whole["seconds"], "s"),
        _row("peak memory of the largest", largest, whole["memory"], "GiB"),
    ]


def _row(what: str, shard: float, whole: float, unit: str) -> dict[str, str]:
    return {
        "what": f"{what} of {_SHARDS} shards, whose union equals the whole",
        "measured": f"{shard:.2f} {unit}",
        "against": f"the whole: {whole:.2f} {unit}",
        "ratio": f"{shard / whole:.2f}",
        "wanted": "",
    }


def _apart(*words: str | Path) -> Taken:
    ran = subprocess.run([sys.executable, "-m", "bench.shards", *map(str, words)], stdout=subprocess.PIPE, check=True)
    taken: Taken = orjson.loads(ran.stdout.splitlines()[-1])
    return taken


def _whole(folder: Path) -> Taken:
    return _attributed(folder)


def _shard(whole: Path, scratch: Path, number: str) -> Taken:
    folder = scratch / f"shard {number}"
    shutil.copytree(whole, folder, symlinks=True)
    _keep(folder, int(number))
    taken = _attributed(folder)
    shutil.rmtree(folder)
    return taken


def _keep(folder: Path, shard: int) -> None:
    """Leave the events of the shard's persons, and tell it which keys are shared."""
    services = open_services(folder)
    warehouse = services.warehouse
    run = newest_run(warehouse).number
    keys = [row["key"] for row in warehouse.rows(_SQL["shared_keys"], {"run": run})]
    for family, (prefix, named) in _NAMED.items():
        names = {"family": family, "prefix": prefix, "named": named}
        warehouse.command(_SQL["choose"], {**names, "run": run, "shards": _SHARDS, "shard": shard})
        warehouse.command(_SQL["leave"], {"family": family})
        warehouse.command(_SQL["forget"])
    for family in ("spend", "messages"):
        warehouse.command(_SQL["leave_none"], {"family": family})
    warehouse.command(_SQL["share_keys"], {"next": run + 1, "keys": keys})
    services.close()


def _attributed(folder: Path) -> Taken:
    services = open_services(folder)
    asked = (services.warehouse, services.database, services.clock, services.settings)
    taken = seconds(lambda: attribute(*asked, full=True))
    memory = peak_memory()
    sums = services.warehouse.rows(_SQL["sums"], {"run": newest_run(services.warehouse).number})[0]
    services.close()
    return {"seconds": taken, "memory": memory, "sums": sums}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["whole", folder]:
            answer: object = _whole(Path(folder))
        case ["shard", whole, scratch, number]:
            answer = _shard(Path(whole), Path(scratch), number)
        case [folder]:
            answer = main(Path(folder))
    print(orjson.dumps(answer).decode())
