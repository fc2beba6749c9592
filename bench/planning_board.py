"""How long people wait while a plan of 100 dealers is approved: for the board, their inbox, a dealer's part.

The plan has 48,000 cells of budget (12 months, 4 directions, 10 channels). A service over an empty warehouse, asked
over HTTP; times are the server's and the client's.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx2 as httpx
import orjson

from api.bootstrap import Services
from api.credentials import COOKIE
from attribution.reference import replace_reference
from attribution.reference_document import Dealer, ReferenceDocument
from infra.access.rights import UserRole
from infra.access.users import User
from infra.settings import read_settings
from planning.approval.people import Person
from planning.directions import Direction, replace_directions
from planning.editing import Cell
from planning.grid import LineKey
from tests.api.cli.closedloop import serving
from tests.migrated import lay_warehouse

_DEALERS, _CHANNELS, _BRANDS = 100, 10, 4
_DIRECTIONS = ("new_car", "used_car", "after_sales", "fleet")
_TIMES, _WANTED_MS = 31, 300
Sessions = dict[str, tuple[str, str]]
"""Cookie and token of each person."""


def main(_folder: Path) -> list[dict[str, str]]:
    with TemporaryDirectory() as scratch:
        lay_warehouse(Path(scratch) / "data")
        services = Services(read_settings(data=Path(scratch) / "data", _env_file=None))
        plan, submitting = _submitted(services)
        sessions = {name: _session(services, name) for name in ("director", "brand1", *map(str, range(_DEALERS)))}
        approvals = _open(services, plan)
        services.close()
        with serving(Path(scratch), CLOSEDLOOP_REQUESTS_PER_MINUTE="100000") as (_, address):
            return [_row("submitting it", [submitting]), *_measured(address, sessions, plan, approvals)]


def _measured(address: str, sessions: Sessions, plan: int, approvals: Sequence[int]) -> list[dict[str, str]]:
    director = _browser(address, sessions["director"])
    dealers = [_browser(address, sessions[str(at)]) for at in range(_TIMES)]
    version = f"/api/plans/{plan}/versions/1"
    board = [_taken(lambda: director.get(f"/plans/{plan}/board")) for _ in range(_TIMES)]
    part = [_taken(_getting(dealers[at], f"/plans/approvals/{approvals[at]}")) for at in range(_TIMES)]
    inbox = [_taken(_getting(_browser(address, sessions["brand1"]), "/inbox")) for _ in range(_TIMES)]
    agreed = [_taken(_posting(dealers[at], f"{version}/approvals/{approvals[at]}/agree")) for at in range(_TIMES)]
    return [
        _row("the board of a plan: 100 dealers by three stages", board),
        _row("a dealer's part of the plan: 40 lines", part),
        _row("the inbox", inbox),
        _row("agreeing to a dealer's part", agreed),
    ]


def _submitted(services: Services) -> tuple[int, float]:
    """The plan, and how many milliseconds it took to submit it."""
    dealers = tuple(Dealer(id=str(at), name=f"Dealer {at}", brand=f"brand{at % _BRANDS}") for at in range(_DEALERS))
    replace_reference(services.database, ReferenceDocument(dealers=dealers), author="bench", clock=services.clock)
    told = [Direction(id=each, name=each, kinds=(each,)) for each in _DIRECTIONS]
    replace_directions(services.database, told, author="bench", clock=services.clock)
    services.users.add(User("director@example.com", UserRole.MARKETING_DIRECTOR), author="bench")
    for at in range(_BRANDS):
        brand = f"brand{at}"
        services.users.add(User(f"{brand}@example.com", UserRole.BRAND_MANAGER, brands=(brand,)), author="bench")
    for at in range(_DEALERS):
        services.users.add(User(f"{at}@example.com", UserRole.DEALER_MARKETER, dealers=(str(at),)), author="bench")
    version = services.plans.create("Plan", services.today.year + 1, currency="RUB", author="bench")
    keys = [
        LineKey("budget", dealer.id, direction, f"channel {channel}")
        for dealer in dealers
        for direction in _DIRECTIONS
        for channel in range(_CHANNELS)
    ]
    cells = [Cell(key, month, 100_000 + month) for key in keys for month in range(1, 13)]
    services.plan_editor.put(version.id, cells, author="bench")
    began = time.perf_counter()
    services.approvals.submit(version.id, author="director@example.com")
    return version.plan, 1000 * (time.perf_counter() - began)


def _session(services: Services, name: str) -> tuple[str, str]:
    user = services.users.by_email(f"{name}@example.com")
    token = services.sessions.begin(user)
    session = services.sessions.find(token)
    assert session
    return token, session.csrf


def _open(services: Services, plan: int) -> list[int]:
    """Ids of the approvals of dealers, in their order."""
    version = services.plans.version_of(plan, 1)
    found = services.approvals.of_version(version.id, person=Person("bench"))
    by_dealer = {each.scope: each.id for each in found if each.stage == "dealers"}
    return [by_dealer[str(at)] for at in range(_DEALERS)]


def _browser(address: str, session: tuple[str, str]) -> httpx.Client:
    cookie, token = session
    return httpx.Client(base_url=address, cookies={COOKIE: cookie}, headers={"X-CSRF-Token": token}, timeout=60)


def _getting(client: httpx.Client, path: str) -> Callable[[], httpx.Response]:
    return lambda: client.get(path)


def _posting(client: httpx.Client, path: str) -> Callable[[], httpx.Response]:
    return lambda: client.post(path)


def _taken(ask: Callable[[], httpx.Response]) -> float:
    began = time.perf_counter()
    ask().raise_for_status()
    return 1000 * (time.perf_counter() - began)


def _row(what: str, taken: Sequence[float]) -> dict[str, str]:
    return {
        "what": what,
        "measured": f"{median(taken):.0f} ms at the median, {max(taken):.0f} ms at most",
        "against": f"{_WANTED_MS} ms",
        "ratio": f"{median(taken) / _WANTED_MS:.2f}",
        "wanted": "≤ 1",
    }


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
