"""From the form to the sale: our lead goes to the CRM, the CRM tells of its deal, and all of it counts once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.errors import DatabaseUnavailable
from infra.settings import read_settings
from tests.attribution.world import World
from tests.collectors.forwarding.crms import AmoCards, BitrixCards, HubSpotCards
from tests.collectors.forwarding.office import Office, open_office
from tests.collectors.vendors.desk import Desk
from tests.migrated import lay_warehouse

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AD = "https://dealer.test/monjaro?utm_source=yandex&utm_medium=cpc&utm_campaign=suv"


@pytest.fixture
def march(tmp_path: Path) -> Iterator[Services]:
    lay_warehouse(tmp_path)
    settings = read_settings(
        data=tmp_path, timezone="UTC", load_interval_ms=1, public_url="https://x.test", _env_file=None
    )
    services = Services(settings, FrozenClock(NOW))
    yield services
    services.close()


def ask(office: Office) -> None:
    """Somebody comes by an ad, asks in a form, and the CRM gets the lead."""
    visit = {"visitor_id": "v1", "session_id": "s1"}
    office.tell("touches", {"id": "t1", "occurred_at": NOW.isoformat(), "url": AD, **visit})
    office.load()
    properties = {"form": "test-drive", "url": AD}
    office.tell("leads", office.lead("l1", name="Иван", properties=properties, **visit))
    office.forward()
    assert office.states() == {"l1": "sent"}


def sell(office: Office) -> None:
    """The CRM's seller wins the deal, an hour later."""
    later = int(NOW.timestamp()) + 3600
    moment = datetime.fromtimestamp(later, UTC).isoformat()
    crm = office.crm
    if isinstance(crm, AmoCards):
        crm.leads[0] |= {"status_id": 142, "price": 3_000_000, "updated_at": later, "closed_at": later}
        for contact in crm.contacts:
            contact["custom_fields_values"] = contact["custom_fields_values"] or []
    elif isinstance(crm, BitrixCards):
        lead = crm.leads[0]
        lead |= {
            "STATUS_ID": "CONVERTED",
            "STATUS_SEMANTIC_ID": "S",
            "DATE_MODIFY": moment,
            "DATE_CREATE": NOW.isoformat(),
        }
        crm.deals.append({
            "ID": "31", "LEAD_ID": lead["ID"], "STAGE_ID": "C1:WON", "STAGE_SEMANTIC_ID": "S", "DATE_MODIFY": moment,
            "DATE_CREATE": moment, "MOVED_TIME": moment, "OPPORTUNITY": "3000000", "CURRENCY_ID": "RUB",
        })  # fmt: skip
    elif isinstance(crm, HubSpotCards):
        crm.deals[0]["properties"] |= {
            "dealstage": "closedwon", "hs_lastmodifieddate": moment, "closedate": moment, "amount": "3000000",
            "createdate": NOW.isoformat(),
        }  # fmt: skip


@pytest.mark.parametrize("system", ["amocrm", "bitrix24", "hubspot"])
def test_one_lead_and_one_sale_of_the_channel_that_brought_them(march: Services, system: str) -> None:
    with open_office(march, system) as office, TestClient(create_app(march)) as client:
        office.connect()
        ask(office)
        office.load()
        world = World(march)
        world.attribute()
        sell(office)
        desk = Desk(march, client)
        assert not desk.pull(march.sources.get("crm")).error
        assert not desk.rejections()
        (lead,) = desk.events("leads")
        assert (lead["id"], lead["visitor_id"], lead["session_id"]) == ("l1", "v1", "s1")
        assert (lead["created_at"], lead["kind"]) == ("2026-03-01T12:00:00Z", "form")
        assert lead["phone"] == "+79000000001"
        assert (lead["properties"]["form"], lead["properties"]["collected_from"]) == ("test-drive", "crm")
        assert {deal.get("lead_id") for deal in desk.events("deals")} == {"l1"}
        assert "v1" in {deal.get("visitor_id") for deal in desk.events("deals")}
        office.load()
        world.attribute()
        rows = world.report("channel").rows
        found = {row["channel"]: (row["sessions"], row["leads"], row["sales"]) for _, row in rows.iterrows()}
        assert found == {"paid_search": (1, 1, 1)}
        office.forward()
        assert len(office.crm.cards()) == 1  # what came back goes nowhere again


def test_the_number_that_a_seller_wrote_down_names_the_visitor(march: Services) -> None:
    number = march.visit_numbers.number_of("v1", "s1")
    with TestClient(create_app(march)) as client:
        desk = Desk(march, client)
        told: dict[str, Any] = {"id": "d1-sale", "deal_id": "d1", "stage": "sale", "occurred_at": NOW.isoformat()}
        spelled = f"{number[:3]} {number[3:]}"
        march.intake.accept("deals", [told | {"properties": {"closedloop_number": spelled}}])
        march.intake.accept("leads", [
            {"id": "l1", "kind": "call", "created_at": NOW.isoformat(), "closedloop_number": number},
            {"id": "l2", "kind": "call", "created_at": NOW.isoformat(), "closedloop_number": "12345"},
        ])  # fmt: skip
        (deal,) = desk.events("deals")
        assert deal["visitor_id"] == "v1"
        tied, wrong = desk.events("leads")
        assert (tied["visitor_id"], tied["session_id"]) == ("v1", "s1")
        assert "visitor_id" not in wrong


def test_a_lost_lead_that_the_crm_tells_of_is_known_to_be_there(march: Services) -> None:
    with open_office(march, "webhook") as office:
        office.connect(lookup="")
        office.tell("leads", office.lead("l1"))
        office.read()
        march.forward_ledger.begin("crm", "l1", visit_number="", look_at=NOW)
        march.forward_ledger.doubt("crm", "l1", "its answer was lost")
        office.tell("leads", {"id": "own:7", "kind": "form", "created_at": NOW.isoformat(), "closedloop_lead": "l1"})
        office.forward()
        assert office.states() == {"l1": "sent"}


def test_a_lead_that_names_nothing_of_ours_is_taken_without_a_database(march: Services, tmp_path: Path) -> None:
    march.intake  # noqa: B018  # opened while the database is there
    march.database.dispose()
    (tmp_path / "closedloop.db").rename(tmp_path / "away.db")
    (tmp_path / "closedloop.db").mkdir()
    lead = {"id": "l1", "kind": "form", "created_at": NOW.isoformat()}
    assert march.intake.accept("leads", [lead]).accepted == 1
    with pytest.raises(DatabaseUnavailable):
        march.intake.accept("leads", [lead | {"id": "l2", "closedloop_lead": "l1"}])
