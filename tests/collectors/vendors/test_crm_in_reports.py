"""What CRMs tell, in the reports: a click's lead and sale under its source, each counted once."""

from collections.abc import Callable
from datetime import date

import pytest
from starlette.applications import Starlette

from collectors.sources.source import Source
from tests.attribution.world import World
from tests.collectors.vendors import test_amocrm, test_bitrix24, test_hubspot
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.collectors.vendors.fake_amocrm import FakeAmo
from tests.collectors.vendors.fake_bitrix24 import FakeBitrix
from tests.collectors.vendors.fake_hubspot import FakeHubSpot

Ways = tuple[Starlette, Callable[[Desk, str], Source], Callable[[Desk, Source], object]]
"""A CRM's stand-in, how it is connected, and the webhook that it sends."""


def amo() -> Ways:
    fake = FakeAmo(leads=[test_amocrm.LEAD], contacts=[test_amocrm.CONTACT])
    return fake.app(), test_amocrm.pulled, lambda desk, source: desk.deliver(source, test_amocrm.LEAD_STATUS)


def bitrix() -> Ways:
    contact = test_bitrix24.CONTACT | {"DATE_MODIFY": test_bitrix24.DEAL["DATE_MODIFY"]}
    fake = FakeBitrix(deals=[test_bitrix24.DEAL], contacts=[contact])
    return fake.app(), test_bitrix24.connected, lambda desk, source: desk.deliver(source, test_bitrix24.DEAL_ADD)


def hubspot() -> Ways:
    fake = FakeHubSpot(deals=[test_hubspot.DEAL], contacts=[test_hubspot.CONTACT], contact_of={"50000001": "60000001"})
    events = test_hubspot.EVENTS.replace("50000002", "50000001")
    return fake.app(), test_hubspot.connected, lambda desk, source: test_hubspot.deliver(desk, source, events)


@pytest.mark.parametrize(
    ("made", "source", "revenue"), [(amo, "yandex", 3990000), (bitrix, "yandex", 2349000), (hubspot, "google", 3990000)]
)
def test_a_lead_and_its_sale_stand_under_their_source(
    desk: Desk, made: Callable[[], Ways], source: str, revenue: int
) -> None:
    app, connect, send = made()
    with serving_fake(app) as address:
        connected = connect(desk, address)
        desk.pull(connected)
        send(desk, connected)
        desk.read()
        assert desk.pull(connected).error == ""
    world = World(desk.services)
    world.tell({})
    world.attribute()
    told = {name: world.figures("source", name, first=date(2024, 12, 1)) for name in ("leads", "sales", "revenue")}
    assert told == {"leads": {source: 1}, "sales": {source: 1}, "revenue": {source: revenue}}
