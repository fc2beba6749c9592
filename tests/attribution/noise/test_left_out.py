"""Excluded noise is no touch and no lead, what is flagged counts, and the report says what it cost."""

from datetime import date

import pytest
from sqlalchemy import Engine, select

from api.bootstrap import Services
from attribution.answer import Period
from attribution.models import Model
from attribution.noise.report import NoiseQuestion, noise_examples, noise_report
from attribution.noise.rule_sets import (
    change_noise_rules,
    current_noise_rules,
    noise_rule_versions,
    read_noise_rules,
)
from attribution.noise.rules import DEFAULT_RULES, Action, NoiseRule, Reason
from attribution.reference import newest_reference
from infra.audit import audit_log
from infra.clock import FrozenClock
from infra.errors import InvalidInput
from tests.attribution.noise.noisy import ask, at, clear_noise, click, ring, rule
from tests.attribution.test_increments import assert_as_if_derived_anew
from tests.attribution.world import NOW, World

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
DAY = at(0)[:10]


@pytest.fixture
def quiet(services: Services) -> World:
    world = World(services)
    clear_noise(world)
    return world


@pytest.fixture(scope="module")
def by_default(services: Services) -> World:
    """Rules are those that there are before anybody changed one."""
    world = World(services)
    clear_noise(world)
    return world


@pytest.fixture
def shared(by_default: World) -> World:
    """To hold a world by the default rules: those that ask for it stand before all that change rules."""
    return by_default


BOT = {"user_agent": "Googlebot/2.1"}
PHONE = "+79161234567"


def noisy(world: World) -> None:
    """A flood of calls, a form of a bot's visit, and a form that was sent five times."""
    world.refer(tracking_numbers=[{"number": "+74950000001", "source": "radio", "medium": "offline"}])
    again = [ask(f"l{n}", n, phone=PHONE, name="Анна", session_id="again") for n in range(5)]
    world.tell({
        "calls": [ring(f"f{n}", n, "+79160000001") for n in range(9)] + [ring("c", 0, "+79160000002")],
        "touches": [click("b", 0, "bot", session_id="bot", properties=BOT), click("t", 0, session_id="again")],
        "leads": [ask("l", 60, session_id="bot", source="own"), *again],
    })  # fmt: skip
    world.attribute(full=True)


def test_a_flood_is_no_lead_and_credits_still_add_up(shared: World) -> None:
    shared.hold(noisy)
    assert shared.figures("source", "leads") == {"radio": 1, "own": 1, "yandex": 1}


def test_a_lead_whose_visit_is_all_noise_speaks_for_itself(shared: World) -> None:
    shared.hold(noisy)
    assert shared.figures("source", "leads")["own"] == 1


def test_examples_name_events_and_nobody(shared: World) -> None:
    shared.hold(noisy)
    told = noise_examples(shared.services.warehouse, YEAR, "UTC", "duplicate_lead", 2)
    assert [row["id"] for row in told.items()] == ["l4", "l3"]
    assert {row["channel"] for row in told.items()} == {"paid_search"}
    assert PHONE not in str(told.items())
    assert "Анна" not in str(told.items())
    with pytest.raises(InvalidInput, match="no reason"):
        noise_examples(shared.services.warehouse, YEAR, "UTC", "luck")


def quiet_day(world: World) -> None:
    """A click, a call, and what employees called."""
    line, person = "+74950000001", "+79160000001"
    out = {"direction": "out", "status": "answered", "talk_s": 1}
    made = [ring(f"o{n}", n, line, called=f"+7916000{n:04}", **out) for n in range(9)]
    world.tell({"calls": [*made, ring("c", 20, person)], "touches": [click("t", 0)]})
    world.attribute(full=True)


def test_calls_that_employees_make_are_no_flood(shared: World) -> None:
    shared.hold(quiet_day)
    assert noise_report(shared.services.warehouse, NoiseQuestion("reason", YEAR), "UTC").items() == []
    assert shared.report("source").totals["leads"] == 1


def test_without_noise_the_report_is_empty_and_its_totals_are_nothing(shared: World) -> None:
    shared.hold(quiet_day)
    told = noise_report(shared.services.warehouse, NoiseQuestion("reason", YEAR), "UTC")
    assert told.items() == []
    assert told.totals["noise_touches"] == 0
    with pytest.raises(InvalidInput, match="no grouping"):
        NoiseQuestion("phone", YEAR)


def test_excluded_touches_take_no_credit_and_flagged_ones_do(quiet: World) -> None:
    bot = {"user_agent": "Googlebot/2.1"}
    quiet.tell({
        "touches": [click("t1", 0, source="x"), click("t2", 60, properties=bot)],
        "deals": [{"id": "d", "deal_id": "d", "stage": "sale", "occurred_at": at(600), "visitor_id": "v", "amount": 9}],
    })  # fmt: skip
    quiet.attribute(full=True)
    assert quiet.figures("source", "sales") == {"x": 1}
    rule(quiet, Reason.BOT, Action.FLAG)
    quiet.attribute(full=True)
    assert quiet.figures("source", "sales") == {"yandex": 1}


def test_what_is_left_out_late_keeps_its_ties_and_loses_all_that_it_counted_for(quiet: World) -> None:
    quiet.refer(promo_codes=[{"code": "summer", "source": "radio"}])
    rule(quiet, Reason.PHONE_ACROSS_DEALERS, Action.EXCLUDE, most=1, seconds=3600)
    phone = "+79160000001"
    code = {"promo_code": "summer"}
    sale = {"id": "e", "deal_id": "d", "lead_id": "one", "stage": "sale", "occurred_at": at(900), "amount": 9}
    quiet.tell({
        "touches": [click("t", 0)],
        "leads": [ask("one", 60, phone=phone, visitor_id="v", dealer="north", properties=code)],
        "deals": [sale | {"contact": {"phone": phone}, "properties": code}],
    })  # fmt: skip
    quiet.attribute(full=True)
    assert quiet.figures("source", "leads") == {"radio": 1}
    assert quiet.figures("source", "sales") == {"radio": 1}
    quiet.wait()
    quiet.tell({"leads": [ask("other", 120, phone=phone, dealer="south"), ask("hidden", 180, dealer="south")]})
    quiet.attribute()
    assert quiet.figures("source", "leads") == {"(no touch)": 1}
    assert quiet.figures("source", "sales", model=Model.LINEAR) == {"radio": 0.5, "yandex": 0.5}
    assert_as_if_derived_anew(quiet)


def test_the_cost_of_excluded_clicks_is_their_share_of_the_channels_cost_of_the_day(quiet: World) -> None:
    quiet.tell({
        "touches": [click(f"t{n}", n * 100, f"v{n}", dealer="d1") for n in range(6)]
        + [click("twice", 5, "v0", dealer="d2")]
        + [click("bot", 7, "b", dealer="d2", properties={"user_agent": "curl/8"})],
        "spend": [{"date": DAY, "cost": "800", "source": "yandex", "medium": "cpc", "campaign": "c"},
                  {"date": DAY, "cost": "50", "source": "vk", "medium": "cpc"}],
    })  # fmt: skip
    quiet.attribute(full=True)
    (row,) = noise_report(quiet.services.warehouse, NoiseQuestion("channel", YEAR), "UTC").items()
    assert (row["channel"], row["noise_touches"], row["excluded_touches"], row["clicks"]) == ("paid_search", 2, 2, 8)
    assert (row["cost"], row["excluded_cost"], row["excluded_cost_share"]) == (800, 200, 0.25)
    by_reason = noise_report(quiet.services.warehouse, NoiseQuestion("reason", YEAR), "UTC")
    assert {each["reason"]: each["noise_cost"] for each in by_reason.items()} == {"bot": 100, "duplicate_click": 100}
    assert by_reason.totals["noise_cost"] == 200
    assert by_reason.totals["excluded_cost_share"] == pytest.approx(200 / 850)
    by_dealer = noise_report(quiet.services.warehouse, NoiseQuestion("dealer", YEAR), "UTC").items()
    assert [(each["dealer"], each["noise_cost"]) for each in by_dealer] == [("d2", 200)]
    assert by_reason.about["rules"]["version"] == 0


def test_rules_have_versions_and_every_change_stands_in_the_audit_log(database: Engine) -> None:
    clock = FrozenClock(NOW)
    assert current_noise_rules(database).rules == DEFAULT_RULES
    mark = newest_reference(database)
    changed = read_noise_rules([{"reason": "call_flood", "action": "flag", "most": 9, "seconds": 60}])
    saved = change_noise_rules(database, changed, author="anna", clock=clock)
    assert (saved.version, saved.author) == (1, "anna")
    assert NoiseRule(Reason.CALL_FLOOD, Action.FLAG, 9, 60) in saved.rules
    assert len(saved.rules) == len(DEFAULT_RULES)
    assert newest_reference(database) > mark  # so that the newest run is not fresh any more
    assert change_noise_rules(database, changed, author="ivan", clock=clock).version == 1
    assert [each.version for each in noise_rule_versions(database)] == [1]
    with database.connect() as connection:
        assert [row.who for row in connection.execute(select(audit_log).where(audit_log.c.what == "noise rules"))] == [
            "anna"
        ]


@pytest.mark.parametrize(
    "told",
    [
        {"reason": "luck", "action": "flag"},
        {"reason": "bot", "action": "maybe"},
        {"reason": "bot", "action": "flag", "most": 3},
        {"reason": "call_flood", "action": "flag", "most": 3},
        {"reason": "call_flood", "action": "flag", "most": -3, "seconds": 3},
    ],
)
def test_a_rule_that_cannot_be_is_refused(database: Engine, told: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        change_noise_rules(database, read_noise_rules([told]), author="x", clock=FrozenClock(NOW))
