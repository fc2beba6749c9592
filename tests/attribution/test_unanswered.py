"""Leads and calls that nobody dealt with, apart, with what goes with them."""

from datetime import date

import pytest

from attribution.answer import Period
from attribution.lost_leads import LostLeadsQuestion, lost_leads_report
from attribution.opportunities import OpportunityQuestion
from attribution.unanswered import unanswered
from tests.attribution.test_lost_leads import MINUTE, answered, phone
from tests.attribution.world import World, call, lead, stage

JANUARY = Period(date(2026, 1, 1), date(2026, 1, 31))


def test_missed_calls_are_counted_once_and_not_among_the_leads(world: World) -> None:
    """A tenth of the leads that were dealt with is sold, for a margin of 100 each."""
    sold = [answered(f"l{n}", 1 + n / 10, 5 * MINUTE, n, dealer="north") for n in range(200)]
    world.tell({
        "leads": [
            *sold, *(lead(f"lost{n}", 2, phone=phone(1000 + n), dealer="south") for n in range(3)),
            lead("nowhere", 2, phone=phone(2000)), lead("now", 90, phone=phone(3000), dealer="north"),
        ],
        "calls": [
            call(f"m{n}", 2, "+74950000000", caller=phone(4000 + n), status="missed", dealer="west") for n in range(2)
        ],
        "deals": [
            stage(
                f"d{n}", "sale", 11 + n / 10, lead_id=f"l{n}", contact={"phone": phone(n)}, dealer="north", amount=1000,
                margin=90 if n % 20 else 110,
            )
            for n in range(0, 200, 10)
        ],
    })  # fmt: skip
    world.attribute()
    leads, calls = unanswered(world.services.warehouse, JANUARY, world.services.settings)
    assert (leads.number, leads.dealer, leads.at_dealer) == (4, "south", 3)
    assert (calls.number, calls.dealer, calls.at_dealer) == (2, "west", 2)
    question = LostLeadsQuestion(OpportunityQuestion(("dealer",), JANUARY), 24, 60)
    whole = lost_leads_report(world.services.warehouse, question, world.services.settings).totals
    assert leads.margin is not None
    assert calls.margin is not None
    assert leads.margin + calls.margin == pytest.approx(whole["margin_lost"])
    assert calls.margin == pytest.approx(2 * 0.1 * 100)


def test_without_a_sale_nobody_can_say_what_is_lost(world: World) -> None:
    world.tell({"leads": [lead("l", 2, phone=phone(1)), lead("now", 30, phone=phone(2))]})
    world.attribute()
    leads, calls = unanswered(world.services.warehouse, JANUARY, world.services.settings)
    assert (leads.number, leads.margin, leads.dealer) == (1, None, "")
    assert (calls.number, calls.margin) == (0, None)
