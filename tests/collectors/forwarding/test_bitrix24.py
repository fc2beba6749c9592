"""A portal whose webhook may make no fields: the lead goes there, and is known again, without them."""

from collections.abc import Iterator

import pytest

from api.bootstrap import Services
from tests.collectors.forwarding.conftest import forget
from tests.collectors.forwarding.crms import BitrixCards
from tests.collectors.forwarding.office import Office, open_office


@pytest.fixture
def bitrix(still: Services) -> Iterator[Office]:
    with open_office(still, "bitrix24") as opened:
        yield opened
        forget(still)


def test_a_portal_without_our_fields_gets_the_visit_in_the_comments(bitrix: Office) -> None:
    assert isinstance(bitrix.crm, BitrixCards)
    bitrix.crm.may_make_fields = False
    bitrix.connect()
    number = bitrix.services.visit_numbers.number_of("v3", "s3")
    bitrix.tell("touches", {
        "id": "t3", "occurred_at": bitrix.clock.now().isoformat(), "visitor_id": "v3", "session_id": "s3",
        "url": "https://dealer.test/atlas?utm_source=vk&phone=79000000001",
    })  # fmt: skip
    bitrix.load()
    bitrix.tell("leads", bitrix.lead("l1", visitor_id="v3", session_id="s3"))
    bitrix.forward()
    (lead,) = bitrix.crm.leads
    assert (lead["ORIGINATOR_ID"], lead["ORIGIN_ID"], lead["UTM_SOURCE"]) == ("CLOSEDLOOP", "l1", "vk")
    assert not [name for name in lead if name.startswith("UF_")]
    assert f"Visit number: {number[:3]}-{number[3:5]}-{number[5:]}" in lead["COMMENTS"]
    assert "79000000001" not in lead["COMMENTS"]
