"""A lead is in the CRM once, whatever becomes of the call, in every CRM."""

from datetime import timedelta

import pytest
from starlette.responses import JSONResponse

from collectors.forwarding.sending import try_again
from tests.collectors.forwarding.crms import Lost, Trouble
from tests.collectors.forwarding.office import PHONE, Office

MINUTE = timedelta(minutes=1)


def test_a_lead_is_handed_over_with_its_visit(office: Office) -> None:
    office.connect()
    at = office.clock.now().isoformat()
    office.tell("touches", {
        "id": "t1", "occurred_at": at, "visitor_id": "v1", "session_id": "s1", "region": "Moscow", "device": "mobile",
        "url": "https://dealer.test/monjaro?utm_source=yandex&utm_medium=cpc&utm_campaign=suv&utm_term=buy",
    })  # fmt: skip
    office.load()
    office.tell("leads", office.lead("l1", visitor_id="v1", session_id="s1", name="Иван", product="Monjaro"))
    office.forward()
    (card,) = office.crm.cards()
    row = office.rows()["l1"]
    assert (row.state, card["closedloop_lead"], card["closedloop_visit"]) == ("sent", "l1", "v1")
    assert (card["phone"], card["utm_source"]) == (PHONE, "yandex")
    assert card["closedloop_number"].replace("-", "") == row.visit_number
    assert card["closedloop_card"].startswith("https://loop.test/visits/card/")
    known = office.services.visits.by_link(card["closedloop_card"].rpartition("/")[2])
    assert (known.card.visit.source, known.card.visit.term) == ("yandex", "buy")
    assert office.services.visits.by_number(card["closedloop_number"]) == known


def test_what_is_read_and_sent_again_is_there_once(office: Office) -> None:
    office.connect()
    office.tell("leads", office.lead("l1"))
    office.forward()
    office.tell("leads", office.lead("l1", name="Later"))
    office.forward()
    office.later(MINUTE)
    assert office.marks() == ["l1"]


def test_after_a_lost_answer_it_is_there_once(office: Office) -> None:
    hold_through(office, Lost.AFTER_TAKING)


@pytest.mark.parametrize("trouble", [
    Lost.BEFORE_TAKING, JSONResponse({}, 500), JSONResponse({}, 429, {"Retry-After": "60"}),
], ids=["lost", "500", "429"])  # fmt: skip
def test_after_a_trouble_it_is_there_once(own: Office, trouble: Trouble) -> None:
    hold_through(own, trouble)


def hold_through(office: Office, trouble: Trouble) -> None:
    office.connect()
    office.gate.troubles = [trouble]
    office.tell("leads", office.lead("l1"), office.lead("l2", phone="+79000000002"))
    office.forward()
    assert office.error()
    for _ in range(4):
        office.later(MINUTE)
    assert office.marks() == ["l1", "l2"]
    assert office.states() == {"l1": "sent", "l2": "sent"}
    assert not office.error()


def test_nothing_is_put_in_again_before_the_crm_was_looked_into(office: Office) -> None:
    office.connect()
    office.gate.troubles = [Lost.AFTER_TAKING]
    office.tell("leads", office.lead("l1"))
    office.forward()
    assert office.states() == {"l1": "sending"}
    office.later(timedelta(seconds=59))
    assert office.gate.puts_asked == 1
    office.later(timedelta(seconds=2))
    assert (office.gate.puts_asked, office.states()) == (1, {"l1": "sent"})


def test_what_is_refused_for_two_days_is_given_up_and_can_be_tried_again(own: Office) -> None:
    own.connect()
    own.gate.troubles = [JSONResponse({"error": "no"}, 400)] * 200
    own.tell("leads", own.lead("l1"))
    own.forward()
    tried = []
    while own.states() == {"l1": "waiting"}:
        tried.append(own.clock.now())
        own.later(timedelta(hours=1))
    assert timedelta(days=2) <= tried[-1] + timedelta(hours=1) - tried[0] <= timedelta(days=2, hours=3)
    assert 20 < own.gate.puts_asked < 60
    row = own.rows()["l1"]
    assert row.state == "failed"
    assert "given up after two days" in row.reason
    assert PHONE not in row.reason
    own.gate.troubles = []
    own.later(timedelta(days=1))
    assert not own.crm.cards()
    assert try_again(own.services.forward_targets, own.services.forward_ledger, "crm", ["l1"]) == 1
    own.forward()
    assert own.marks() == ["l1"]


def test_pauses_grow_while_the_network_is_down(own: Office) -> None:
    own.connect()
    own.gate.troubles = [JSONResponse({}, 503, {"Retry-After": "30"})] * 500
    own.tell("leads", own.lead("l1"))
    own.forward()
    waits = []
    for _ in range(12):
        (state,) = own.services.forward_targets.states()
        assert state.next_at
        waits.append(state.next_at - own.clock.now())
        own.later(waits[-1] + MINUTE)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=1)
    own.gate.troubles = []
    own.later(timedelta(hours=2))
    assert own.marks() == ["l1"]


def test_an_answer_that_nobody_foresaw_holds_up_no_other_lead(office: Office) -> None:
    office.connect()
    office.gate.troubles = [JSONResponse([[]])]
    office.tell("leads", office.lead("l1"), office.lead("l2", phone="+79000000002"))
    office.forward()
    assert "l2" in office.marks()
    if office.system != "webhook":  # which takes any 2xx as taken
        assert office.states() == {"l1": "sending", "l2": "sent"}
        office.later(2 * MINUTE)
        assert office.marks() == ["l1", "l2"]
