"""A full run over the touches in a folder, and runs that go on from it after ten thousand new events each.

`python -m bench.increments FOLDER` tells in JSON how many seconds each took, and the memory of the full run in GiB.
"""

import sys
from pathlib import Path
from statistics import median
from zlib import crc32

import orjson

from api.bootstrap import Services
from attribution.attributing import attribute
from bench.holding import UNTIL, open_services
from bench.timing import peak_memory, seconds
from infra.sql import Statements

_SQL = Statements("bench", "increments")
EVENTS = 10_000
_ROUNDS = 3


def main(folder: Path) -> dict[str, float]:
    services = open_services(folder)
    full = seconds(lambda: _attribute(services, full=True))
    memory = peak_memory()
    steps = []
    for number in range(_ROUNDS):
        for family, events in _new_events(services, f"{number}-{full:.3f}", hour=number).items():
            assert not services.intake.accept(family, events).rejected
        loader = services.new_loader()
        loader.drain()
        loader.close()
        steps.append(seconds(lambda: _attribute(services, full=False)))
    services.close()
    return {"full": full, "memory": memory, "step": median(steps)}


def _attribute(services: Services, *, full: bool) -> None:
    settings = services.settings.model_copy(update={"late_visible_s": 0})
    attribute(services.warehouse, services.database, services.clock, settings, full=full)


def _new_events(services: Services, mark: str, hour: int) -> dict[str, list[dict[str, str]]]:
    """Nine visits of known visitors to one lead of such a visitor, who leaves a phone of their own."""
    at = f"{UNTIL}T{hour:02}:00:00Z"
    asked = {"mark": mark, "visitors": EVENTS}
    known = [row["visitor_id"] for row in services.warehouse.rows(_SQL["some_visitors"], asked)]
    visits = [
        {"id": f"{mark}-{n}", "occurred_at": at, "visitor_id": visitor, "source": "yandex", "medium": "cpc"}
        for n, visitor in enumerate(known)
        if n % 10
    ]
    leads = [
        {"id": f"{mark}-{n}", "created_at": at, "kind": "form", "visitor_id": visitor, "phone": _phone(mark, n)}
        for n, visitor in enumerate(known)
        if not n % 10
    ]
    return {"touches": visits, "leads": leads}


def _phone(mark: str, number: int) -> str:
    return f"+79{crc32(f'{mark}-{number}'.encode()) % 10**9:09}"


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
