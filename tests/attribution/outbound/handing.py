"""Where tests connect a fake ad system to a small world, hand conversions over, and see what the ledger says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
from sqlalchemy import delete

from attribution.outbound.connecting import make_destination
from attribution.outbound.ledger import Ledger, Plan
from attribution.outbound.sending import Sender
from attribution.outbound.system import State
from attribution.outbound.systems import ad_system
from attribution.outbound.tables import destinations, handovers
from collectors.vendors.asking import Pace
from infra.clock import FrozenClock
from tests.attribution.outbound.fakes import (
    GOOGLE_TOKEN,
    META_TOKEN,
    METRICA_TOKEN,
    Fake,
    FakeGoogle,
    FakeMeta,
    FakeMetrica,
)
from tests.attribution.world import NOW, World
from tests.collectors.vendors.desk import serving_fake

LATE = 175.0
"""A day after the world's start that is six before its present."""
ACCOUNTS: dict[str, dict[str, str]] = {
    "metrica": {"counter": "77", "token": METRICA_TOKEN, "conversions": '{"sale": "deal_won", "lead": "lead_made"}'},
    "google": {
        "customer_id": "123-456-7890", "client_id": "client", "client_secret": "secret", "refresh_token": GOOGLE_TOKEN,
        "conversions": '{"sale": "7001", "lead": "7002"}',
    },
    "meta": {"pixel_id": "55", "access_token": META_TOKEN, "conversions": '{"sale": "Purchase", "lead": "Lead"}'},
}  # fmt: skip
FAKES: dict[str, type[Fake]] = {"metrica": FakeMetrica, "google": FakeGoogle, "meta": FakeMeta}


@dataclass
class Handing:
    """`pauses` are the seconds that requests would have been put off."""

    world: World
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(NOW))
    pauses: list[float] = field(default_factory=list)

    def clear(self) -> None:
        with self.world.services.database.begin() as connection:
            connection.execute(delete(handovers))
            connection.execute(delete(destinations))

    def connect(self, system: str, address: str, *, key: str = "", **told: str) -> str:
        since = {"since": "2026-06-01", "consent": "assumed", "base_url": address, "token_url": address}
        values = {name: text for name, text in (ACCOUNTS[system] | since | told).items() if text}
        destination = make_destination(key or system, ad_system(system), values, date(2026, 6, 1))
        self.world.services.destinations.connect(destination, author="test")
        return destination.id

    def sender(self) -> Sender:
        services = self.world.services
        pace = Pace(pause=self.pauses.append, clock=lambda: 0.0)
        settings = services.settings.model_copy(update=self.world.changed)
        register = type(services.destinations)(services.database, services.secret_box, self.clock)
        return Sender(lambda: services.warehouse, services.database, register, self.clock, lambda: settings, pace=pace)

    def send(self, key: str, *, again: bool = False) -> str:
        """One pass; what went wrong, or nothing."""
        return self.sender().send(key, again=again)

    def preview(self, key: str) -> list[Plan]:
        return self.sender().preview(key)

    def told(self, key: str) -> dict[str, tuple[str, str]]:
        """The ledger: state and reason by `kind:id`."""
        rows = Ledger(self.world.services.database, self.clock, key).in_state(*State)
        return {f"{row.kind}:{row.conversion}": (row.state.value, row.reason) for row in rows}

    def states(self, key: str) -> dict[str, str]:
        return {name: state for name, (state, _) in self.told(key).items()}

    @contextmanager
    def system(self, name: str, **told: Any) -> Iterator[Any]:
        """A fake ad system that answers, connected under its name."""
        fake = FAKES[name](now=NOW)
        with serving_fake(fake.app()) as address:
            self.connect(name, address, **told)
            yield fake


def as_json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode() + "\n"
