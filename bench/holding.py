"""The data of the benchmarks: the sample holding, loaded once and kept."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

import orjson

from api.bootstrap import Services
from attribution.reference import replace_reference
from attribution.reference_document import read_document
from collectors.formats import Format, read_items
from collectors.mapping import Mapping
from collectors.sample import SAMPLED, write_sample
from infra.settings import read_settings
from infra.sql import Statements

_GROWING = Statements("bench", "growing")
UNTIL = date(2026, 6, 30)
_LINES = 250_000


def prepare(folder: Path, touches: int) -> dict[str, int]:
    """Fill `folder` with the sample of about so many touches, unless it is filled already; return its counts."""
    ready = folder / "counts.json"
    if not ready.exists():
        print(f"simulating and loading {touches:,} touches, kept in {folder} …", file=sys.stderr, flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as written:
            counts = write_sample(Path(written), until=UNTIL, touches=touches)
            _load(folder, Path(written))
        truth_kinds = counts.pop("truth")
        ready.write_bytes(orjson.dumps(counts | {"conversions": truth_kinds}))
    known: dict[str, int] = orjson.loads(ready.read_bytes())
    return known


def grow(folder: Path, sample: Path, times: int) -> dict[str, int]:
    """Fill `folder` with so many holdings like the one in `sample`, unless it is filled already; return its counts."""
    ready = folder / "counts.json"
    if not ready.exists():
        print(f"making {times} holdings of one, kept in {folder} …", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(sample, folder, symlinks=True, ignore=shutil.ignore_patterns(ready.name))
        services = open_services(folder)
        for statement in _GROWING:
            services.warehouse.command(statement.text, {"times": times})
        services.close()
        one = orjson.loads((sample / ready.name).read_bytes())
        ready.write_bytes(orjson.dumps({name: count * times for name, count in one.items()}))
    known: dict[str, int] = orjson.loads(ready.read_bytes())
    return known


def open_services(folder: Path) -> Services:
    return Services(read_settings(data=folder, _env_file=None))


def _load(folder: Path, written: Path) -> None:
    services = open_services(folder)
    reference = read_document((written / "reference.json").read_bytes(), services.settings.country)
    replace_reference(services.database, reference, author="bench", clock=services.clock)
    for family in SAMPLED:
        with (written / f"{family}.ndjson").open("rb") as stream:
            if family == "touches":
                _insert_canonical(services, stream)
            else:
                for _ in services.intake.accept_stream(family, read_items(stream, Format.NDJSON, Mapping())):
                    pass
    loader = services.new_loader()
    loader.drain()
    loader.close()
    services.close()


def _insert_canonical(services: Services, lines: Iterator[bytes]) -> None:
    """The sample's touches are canonical as they are: ten millions need not be checked one by one to be measured."""
    while block := list(islice(lines, _LINES)):
        services.warehouse.insert_json("touches", b"".join(block))
