"""Where leads are lost: by hand, and against plain Python over random events."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from attribution.answer import Answer, Period
from attribution.lost_leads import RESPONSES, LostLeadsQuestion, lost_leads_report
from attribution.opportunities import OpportunityQuestion
from infra.errors import InvalidInput
from tests.attribution.reference_opportunities import Opportunity, opportunities, quantile, random_events
from tests.attribution.test_funnel import known_until
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, call, lead, moment, stage, visit

HOUR, MINUTE = 1 / 24, 1 / 1440


def lost_leads(world: World, *by: str, hours: int = 24, minutes: int = 60) -> Answer:
    question = LostLeadsQuestion(OpportunityQuestion(by, Period(FIRST_DAY, LAST_DAY)), hours, minutes)
    return lost_leads_report(world.services.warehouse, question, world.services.settings)


def rows_by(world: World, by: str, **asked: int) -> dict[str, dict[str, Any]]:
    return {row[by]: row for row in lost_leads(world, by, **asked).items()}


def phone(number: int) -> str:
    return f"+7903000{number:04d}"


def answered(name: str, days: float, after: float, number: int, **fields: Any) -> dict[str, Any]:
    return lead(name, days, phone=phone(number), first_response_at=moment(days + after), **fields)


def test_who_was_answered_when(world: World) -> None:
    """By dealer and by how long it took; the data reach to day 40."""
    world.tell({
        "leads": [
            answered("quick", 1, 4 * MINUTE, 1, dealer="north"), answered("hour", 1, 50 * MINUTE, 2, dealer="north"),
            answered("late", 1, 3 * HOUR, 3, dealer="north"), lead("never", 1, phone=phone(4), dealer="north"),
            lead("fresh", 39.5, phone=phone(5), dealer="north"), lead("end", 40, phone=phone(6), dealer="south"),
        ],
        "deals": [
            stage("late", "lead", 1.01, lead_id="late", contact={"phone": phone(3)}, dealer="north"),
            stage("late", "lost", 5, lead_id="late", contact={"phone": phone(3)}, dealer="north", lost_reason="price"),
            stage("never", "lead", 1.001, lead_id="never", contact={"phone": phone(4)}, dealer="north"),
        ],
    })  # fmt: skip
    world.attribute()
    north = rows_by(world, "dealer")["north"]
    told = {name: north[name] for name in ("leads", "sales", "lost", "unprocessed", "late")}
    assert told == {"leads": 5, "sales": 0, "lost": 1, "unprocessed": 1, "late": 1}
    assert (north["response_median"], north["response_p90"]) == (50 * 60, 3 * 3600)
    assert rows_by(world, "dealer", minutes=30)["north"]["late"] == 2
    assert rows_by(world, "dealer", hours=6)["north"]["unprocessed"] == 2
    buckets = lost_leads(world, "response").items()
    assert [(row["response"], row["leads"]) for row in buckets] == [
        ("within 5 min", 1), ("within 1 h", 1), ("within 4 h", 1), ("never", 3),
    ]  # fmt: skip
    assert {row["response"] for row in buckets} < set(RESPONSES)
    reasons = rows_by(world, "reason")
    assert (reasons["price"]["lost"], reasons["(none)"]["lost"]) == (1, 0)


def test_missed_calls_and_calls_back(world: World) -> None:
    """One missed call is followed by an answered one, two by calls to the caller, one by a stage, one by nothing."""
    world.tell({
        "calls": [
            *(call(f"m{n}", 1, "+74950000000", caller=phone(n), status="missed", dealer="north") for n in range(4)),
            call("m4", 1, "+74950000000", caller=phone(400), status="missed", dealer="north"),
            call("out", 1.1, phone(400), caller="+74950000000", status="answered", direction="out"),
            call("not reached", 1.1, phone(3), caller="+74950000000", status="missed", direction="out", dealer="north"),
            call("again", 1.5, "+74950000000", caller=phone(0), status="answered", waiting_s=10, dealer="north"),
            call("back", 1.2, phone(1), caller="+74950000001", status="answered", dealer="north"),
            call("other", 9, "+74950000000", caller=phone(9), status="answered", waiting_s=30, dealer="south"),
        ],
        "deals": [stage("d", "appointment", 3, contact={"phone": phone(2)}, dealer="north")],
    })  # fmt: skip
    world.attribute()
    rows = rows_by(world, "dealer")
    assert (rows["north"]["missed_calls"], rows["north"]["not_called_back"], rows["north"]["unprocessed"]) == (5, 1, 1)
    assert rows["south"]["response_median"] == 30


def test_the_margin_that_went_with_them(world: World) -> None:
    """A tenth of the leads that were dealt with is sold, for a margin of 100 each; five were not dealt with."""
    leads = [answered(f"l{n}", 1 + n / 10, 5 * MINUTE, n, dealer="north") for n in range(200)]
    leads += [lead(f"lost{n}", 2, phone=phone(1000 + n), dealer="south") for n in range(5)]
    deals = [
        stage(f"d{n}", "sale", 11 + n / 10, lead_id=f"l{n}", contact={"phone": phone(n)}, dealer="north", amount=1000,
              margin=90 if n % 20 else 110)
        for n in range(0, 200, 10)
    ]  # fmt: skip
    world.tell({"leads": [*leads, lead("now", 90, phone=phone(3000), dealer="north")], "deals": deals})
    world.attribute()
    south = rows_by(world, "dealer")["south"]
    assert (south["unprocessed"], south["conversion_own"], south["margin_own"]) == (5, 0, 0)
    assert south["expected_conversion"] == pytest.approx(0.1)
    assert south["expected_margin"] == pytest.approx(100)
    assert south["margin_lost"] == pytest.approx(5 * 0.1 * 100)
    error = np.hypot((0.1 * 0.9 / 200) ** 0.5 / 0.1, (20 * 100 / 19 / 20) ** 0.5 / 100)
    assert south["margin_lost_low"] == pytest.approx(50 / np.exp(1.645 * error))
    assert south["margin_lost_high"] == pytest.approx(50 * np.exp(1.645 * error))
    reasons = lost_leads(world, "reason")
    assert reasons.totals["margin_lost"] == pytest.approx(50)


def test_recent_leads_had_no_time_to_be_sold(world: World) -> None:
    """Sales take 30 days: the leads of the last 30 days do not lower the expected conversion."""
    leads = [answered(f"l{n}", n, 5 * MINUTE, n) for n in range(90)]
    deals = [
        stage(f"d{n}", "sale", n + 30, lead_id=f"l{n}", contact={"phone": phone(n)}, margin=10) for n in range(0, 60, 2)
    ]
    world.tell({"leads": leads, "deals": deals})
    world.attribute()
    (row,) = lost_leads(world).items()
    assert row["cr_lead_sale"] == pytest.approx(1 / 3)
    assert row["expected_conversion"] == pytest.approx(0.5, abs=0.02)


def test_junk_and_duplicates_by_channel(world: World) -> None:
    world.tell({
        "touches": [
            visit("a", "v1", 1, "yandex"), visit("b", "v1", 1.5), visit("c", "v2", 1), visit("d", "v3", 1, "vk"),
        ],
        "leads": [
            lead("bad", 2, visitor_id="v1", status="junk"), lead("good", 2, visitor_id="v1"),
            lead("same", 3, visitor_id="v1", status="duplicate"), lead("direct", 2, visitor_id="v2", status="junk"),
            lead("old", 130, visitor_id="v3", status="junk"), lead("nobody", 2, status="junk"),
            lead("service", 2, visitor_id="v1", status="junk", direction="service"),
        ],
    })  # fmt: skip
    world.attribute()
    rows = rows_by(world, "source")
    shares = {name: (row["requests"], row["junk"], row["duplicates"], row["junk_share"]) for name, row in rows.items()}
    assert shares == {
        "yandex": (3, 1, 1, pytest.approx(1 / 3)), "(none)": (1, 1, 0, 1), "(no touch)": (2, 2, 0, 1),
    }  # fmt: skip
    totals = lost_leads(world, "source").totals
    assert (totals["requests"], totals["junk"], totals["duplicate_share"]) == (6, 4, pytest.approx(1 / 6))


def test_it_is_what_plain_python_finds(world: World) -> None:
    events = random_events(11, 100)
    world.tell(events)
    world.attribute()
    found = [each for each in opportunities(events) if not each.is_service]
    until = known_until(events)

    def waited(each: Opportunity) -> float | None:
        return (each.responded - each.at).total_seconds() if each.responded else None

    rows = rows_by(world, "manager")
    assert {name for name, row in rows.items() if row["leads"]} == {each.manager or "(none)" for each in found}
    for manager, row in rows.items():
        members = [each for each in found if (each.manager or "(none)") == manager]
        waits = [wait for each in members if (wait := waited(each)) is not None]
        neglected = [
            each for each in members
            if waited(each) is None and each.state == "open" and each.at <= until - timedelta(hours=24)
        ]  # fmt: skip
        expected = {
            "leads": len(members),
            "sales": sum(each.state == "sold" for each in members),
            "lost": sum(each.state == "lost" for each in members),
            "unprocessed": len(neglected),
            "late": sum(int(wait) > 3600 for wait in waits),
            "missed_calls": sum(each.was_missed for each in members),
            "not_called_back": sum(each.was_missed for each in neglected),
        }
        assert {name: row[name] for name in expected} == expected, manager
        for name, level in (("response_median", 0.5), ("response_p90", 0.9)):
            assert row[name] == (pytest.approx(quantile(waits, level), abs=1.01) if waits else None)


def test_what_cannot_be_asked_is_said(world: World) -> None:
    with pytest.raises(InvalidInput) as raised:
        lost_leads(world, "dealer", hours=0)
    assert raised.value.where == "unprocessed_hours"
    with pytest.raises(InvalidInput):
        lost_leads(world, "colour")
