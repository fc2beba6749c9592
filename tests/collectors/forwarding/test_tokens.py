"""Keys of a CRM that end: they are renewed where that is possible, and everything waits where it is not."""

from datetime import timedelta

from tests.collectors.forwarding.crms import AmoCards
from tests.collectors.forwarding.office import Office


def test_a_token_that_has_ended_is_renewed_and_kept(amo: Office) -> None:
    amo.connect()
    assert isinstance(amo.crm, AmoCards)
    amo.crm.token = "token-of-tomorrow"
    amo.tell("leads", amo.lead("l1"))
    amo.forward()
    assert amo.marks() == ["l1"]
    assert amo.services.sources.get("crm").secrets["refresh_token"] == "refresh-2"


def test_a_token_that_nobody_can_renew_holds_all_leads_until_the_source_is_connected_anew(amo: Office) -> None:
    amo.connect()
    assert isinstance(amo.crm, AmoCards)
    amo.crm.token, amo.crm.refresh = "token-of-tomorrow", "refresh-of-tomorrow"
    amo.tell("leads", amo.lead("l1"))
    amo.forward()
    assert amo.states() == {"l1": "waiting"}
    assert "refuses" in amo.error()
    amo.services.sources.save_secrets("crm", {"access_token": "token-of-tomorrow"})
    amo.later(timedelta(minutes=1))
    assert amo.marks() == ["l1"]


def test_a_person_who_is_known_is_not_made_again(amo: Office) -> None:
    amo.connect(repeat_minutes="0")
    assert isinstance(amo.crm, AmoCards)
    amo.tell("leads", amo.lead("l1"), amo.lead("l2"))
    amo.forward()
    assert amo.marks() == ["l1", "l2"]
    assert len(amo.crm.contacts) == 1
