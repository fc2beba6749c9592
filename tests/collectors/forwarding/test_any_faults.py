"""Whatever befalls the calls, wherever the service is killed: each lead is in the CRM once in the end, never twice."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.responses import JSONResponse

from collectors.forwarding.ledger import ForwardLedger
from tests.collectors.forwarding.crms import Lost, Trouble
from tests.collectors.forwarding.office import Office

TROUBLES = ("none", "lost after", "lost before", "500", "429", "400", "killed after", "killed before")
STEPS = st.lists(st.tuples(st.sampled_from(TROUBLES), st.integers(0, 600)), min_size=1, max_size=5)


class Killed(BaseException):
    """What no handler of the product catches: it is gone where it stands."""


def trouble_of(name: str) -> list[Trouble]:
    found: dict[str, Trouble] = {
        "lost after": Lost.AFTER_TAKING, "lost before": Lost.BEFORE_TAKING, "500": JSONResponse({}, 500),
        "429": JSONResponse({}, 429, {"Retry-After": "90"}), "400": JSONResponse({}, 400),
    }  # fmt: skip
    return [found[name]] if name in found else []


def die_after_noting(ledger: ForwardLedger, target: str, lead: str, *, visit_number: str, look_at: datetime) -> None:
    BEGIN(ledger, target, lead, visit_number=visit_number, look_at=look_at)
    raise Killed


def die(*_: object) -> None:
    raise Killed


BEGIN = ForwardLedger.begin


def step(own: Office, trouble: str, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    own.gate.troubles = trouble_of(trouble)
    with monkeypatch.context() as patch:
        if trouble == "killed after":
            patch.setattr(ForwardLedger, "settle", die)
        if trouble == "killed before":
            patch.setattr(ForwardLedger, "begin", die_after_noting)
        try:
            own.later(timedelta(seconds=after))
        except Killed:
            own.services.forward_targets.free_all()


@given(leads=st.integers(1, 3), steps=STEPS)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_lead_is_there_once(
    own: Office, monkeypatch: pytest.MonkeyPatch, leads: int, steps: list[tuple[str, int]]
) -> None:
    own.crm.taken.clear()  # type: ignore[union-attr]
    for target in own.services.forward_targets.all():
        own.services.forward_targets.remove(target.id, author="test")
    own.clock.advance(timedelta(hours=1))
    own.connect(repeat_minutes="0")
    names = [f"l{count}" for count in range(leads)]
    own.tell("leads", *(own.lead(name) for name in names))
    own.read()
    for trouble, after in steps:
        step(own, trouble, after, monkeypatch)
        assert len(own.marks()) == len(set(own.marks()))
    own.gate.troubles = []
    for _ in range(4):
        own.later(timedelta(hours=1))
    assert own.marks() == names
    assert set(own.states().values()) == {"sent"}
