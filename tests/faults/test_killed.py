"""Whatever is killed at whatever moment: what was acknowledged is in the warehouse, each event once."""

import random
import sys
import time

import pytest

from tests.faults.installation import ROLES, Installation
from tests.faults.outcome import assert_each_is_there_once, assert_stages_are_in_order
from tests.faults.senders import STAGES, Sender, Sending, deals, touches
from tests.kafka_fixture import Broker

pytestmark = pytest.mark.kafka


def sending(grown: Installation) -> Sending:
    return Sending(
        [
            Sender(grown.collector, "touches", touches("a")),
            Sender(grown.collector, "touches", touches("b")),
            Sender(grown.collector, "deals", deals("c", random.Random(3))),
        ]
    )


def await_progress(work: Sending, events: int = 500) -> None:
    """Until so many more events are acknowledged."""
    goal, deadline = work.count() + events, time.monotonic() + 180
    while work.count() < goal:
        assert time.monotonic() < deadline, "nothing is acknowledged any more"
        time.sleep(0.05)


def assert_well(grown: Installation, work: Sending) -> None:
    assert_each_is_there_once(grown, work)
    assert_stages_are_in_order(grown, len(work.acknowledged("deals")) // len(STAGES))
    assert grown.troubles() == []


def test_roles_killed_at_random(grown: Installation, soak_seconds: float) -> None:
    chance = random.Random(11)
    end = time.monotonic() + soak_seconds
    with sending(grown) as work:
        while time.monotonic() < end:
            time.sleep(chance.uniform(0.5, 3))
            role = chance.choice(ROLES)
            grown.kill(role)
            grown.start(role)
        await_progress(work)
    assert_well(grown, work)
    sys.stderr.write(f"\n{work.count():,} events, {work.refusals()} requests sent again, killed {dict(grown.killed)}\n")


def test_stores_that_go_away_and_come_back(grown: Installation, own_broker: Broker) -> None:
    """The broker and the warehouse are killed under load. Without a broker senders are refused; else all goes on."""
    with sending(grown) as work:
        await_progress(work)
        grown.kill_warehouse()
        await_progress(work, 2000)
        grown.start_warehouse()
        own_broker.kill()
        await_refusal(work)
        own_broker.start()
        await_progress(work)
    assert_well(grown, work)


def await_refusal(work: Sending) -> None:
    refused, deadline = work.refusals(), time.monotonic() + 180
    while work.refusals() == refused:
        assert time.monotonic() < deadline, "nothing is refused"
        time.sleep(0.05)
