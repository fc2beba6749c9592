"""Where tests connect a CRM, let leads come, forward them, and see what the CRM and the ledger have."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from api.bootstrap import Services
from collectors.forwarding.connecting import make_target
from collectors.forwarding.ledger import Forward
from collectors.forwarding.sending import Forwarder
from collectors.forwarding.systems import crm_system
from collectors.sources.register import new_token
from collectors.sources.source import Source
from collectors.vendors.asking import Pace
from infra.clock import FrozenClock
from tests.collectors.forwarding.crms import SECRET, AmoCards, BitrixCards, Gate, HubSpotCards, OwnCrm
from tests.collectors.vendors.desk import serving_fake

PHONE = "+79000000001"
FAKES = {"amocrm": AmoCards, "bitrix24": BitrixCards, "hubspot": HubSpotCards, "webhook": OwnCrm}
Crm = AmoCards | BitrixCards | HubSpotCards | OwnCrm


@dataclass
class Office:
    """`pauses` are the seconds that requests would have been put off."""

    services: Services
    crm: Crm
    gate: Gate
    system: str
    address: str
    pauses: list[float] = field(default_factory=list)

    @property
    def clock(self) -> FrozenClock:
        assert isinstance(self.services.clock, FrozenClock)
        return self.services.clock

    def connect_source(self) -> None:
        settings, secrets = {
            "amocrm": ({"account": "north.amocrm.ru", "client_id": "c"},
                       {"access_token": "token-1", "refresh_token": "refresh-1", "client_secret": "secret"}),
            "bitrix24": ({}, {"address": f"{self.address}/", "application_token": "a"}),
            "hubspot": ({}, {"access_token": "token", "client_secret": "c"}),
        }[self.system]  # fmt: skip
        source = Source(
            "crm", self.system, new_token(), ZoneInfo("UTC"), settings={**settings, "base_url": self.address},
            secrets=secrets,
        )  # fmt: skip
        self.services.sources.connect(source, author="test", next_pull_at=None)

    def connect(self, **told: str) -> None:
        """The CRM, and the source that it is, where it is one."""
        values = dict(told)
        if self.system == "webhook":
            own = {"url": f"{self.address}/take", "secret": SECRET}
            lookup = {"lookup": f"{self.address}/known?id={{{{ lead.id | urlencode }}}}"}
            values = own | lookup | values
            values = {name: value for name, value in values.items() if value}
        else:
            self.connect_source()
            values = {"source": "crm"} | values
        now = self.clock.now()
        target = make_target("crm", crm_system(self.system), values, self.services.sources, now)
        self.services.forward_targets.connect(target, author="test")

    def lead(self, key: str, **fields: Any) -> dict[str, Any]:
        return {"id": key, "kind": "form", "created_at": self.clock.now().isoformat(), "phone": PHONE} | fields

    def tell(self, family: str, *events: dict[str, Any]) -> None:
        outcome = self.services.intake.accept(family, list(events))
        assert not outcome.rejected, outcome.rejected

    def load(self) -> None:
        loader = self.services.new_loader()
        loader.drain()
        loader.close()

    def read(self) -> None:
        read_leads(self.services)

    def forward(self) -> None:
        """Read what came, and hand over what is due."""
        self.read()
        self.later(timedelta(0))

    def later(self, after: timedelta) -> None:
        """Hand over what is due some time later."""
        self.clock.advance(after)
        self.forwarder().send_due()

    def forwarder(self) -> Forwarder:
        services = self.services
        pace = Pace(pause=self.pauses.append, clock=lambda: 0.0)
        return Forwarder(
            services.forward_targets,
            services.forward_ledger,
            services.sources,
            services.visits,
            services.clock,
            pace=pace,
        )

    def rows(self) -> dict[str, Forward]:
        return {row.lead: row for row in self.services.forward_ledger.find()}

    def states(self) -> dict[str, str]:
        return {key: row.state for key, row in self.rows().items()}

    def error(self) -> str:
        (state,) = self.services.forward_targets.states()
        return state.error

    def marks(self) -> list[str]:
        """The leads that the CRM has cards of, as often as it has."""
        return sorted(card["closedloop_lead"] for card in self.crm.cards())


def read_leads(services: Services) -> None:
    reader = services.new_forward_reader()
    while reader.step(timeout=0.02):
        pass
    reader.close()


@contextmanager
def open_office(services: Services, system: str) -> Iterator[Office]:
    crm: Crm = FAKES[system]()
    crm.clock = services.clock.now
    gate = Gate(crm.app(), crm.puts)
    with serving_fake(gate) as address:  # type: ignore[arg-type]  # any ASGI application will do
        yield Office(services, crm, gate, system, address)
