"""Callibri, and any other exchange: by a preset."""

from tests.collectors.vendors.desk import Desk
from tests.collectors.vendors.golden import expected, golden


def test_the_payload_that_was_seen_is_a_call(january: Desk) -> None:
    source = january.connect("webhook", settings={"preset": "callibri"})
    assert january.deliver(source, golden("callibri/call.txt")).status_code == 200
    january.read()
    assert january.events("calls") == expected("callibri/call")


def test_a_call_that_was_not_answered_was_missed(january: Desk) -> None:
    source = january.connect("webhook", settings={"preset": "callibri"})
    january.deliver(source, "lid_id=1&phone=79000000001&date=17.01.2025+18%3A52&call_status=%D0%9D%D0%B5%D1%82")
    january.read()
    assert january.events("calls")[0]["status"] == "missed"
