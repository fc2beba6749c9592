"""Limits hold whatever dealers are called, whoever shares cost, and wherever a name may stand."""

from datetime import date

import pytest

from attribution.answer import Period
from attribution.channel_rules import rule_versions, rules_of_version
from attribution.defining import read_dimension, told_of
from attribution.definitions import Kind, report_definitions
from attribution.feed.entities import FACTS
from attribution.feed.pages import PageQuestion
from attribution.feed.reading import read_page
from attribution.funnel import funnel_report
from attribution.noise.report import noise_examples
from attribution.noise.rule_sets import noise_rule_sets
from attribution.noise.rules import Action, Reason
from attribution.opportunities import OpportunityQuestion
from attribution.overview import Step, overview
from attribution.question import Question
from attribution.reference import reference_document
from attribution.reports import romi_report
from attribution.same_campaigns import list_same
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import NotPermitted
from tests.attribution.noise.noisy import at, click, rule
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, lead, spend, stage, visit

PERIOD = Period(FIRST_DAY, LAST_DAY)
AGENCY = Visibility(contractors=frozenset({"agency"}))


def of_dealers(*names: str) -> Visibility:
    return Visibility(dealers=frozenset(names))


NAMES = ["O'Brien\\", 'a, "b"]', "[x', 'y]", "{run:UInt32}", "%_ tab\\t", "' or 1 = 1 --"]


def dealers_of_any_name(world: World) -> None:
    """Each has a lead by yandex; one of another name has a lead by vk and a sale."""
    world.tell({
        "touches": [
            *(visit(f"t{n}", f"v{n}", 1, "yandex") for n in range(len(NAMES))), visit("t-other", "other", 1, "vk"),
        ],
        "leads": [
            *(lead(f"l{n}", 2, visitor_id=f"v{n}", dealer=name) for n, name in enumerate(NAMES)),
            lead("l-other", 2, visitor_id="other", dealer="other"),
        ],
        "deals": [stage("d", "sale", 5, visitor_id="other", dealer="other", amount=9, margin=3)],
    })  # fmt: skip
    world.attribute()


@pytest.mark.parametrize("dealer", NAMES)
def test_dealers_of_any_name_see_theirs_alone(shared: World, dealer: str) -> None:
    shared.hold(dealers_of_any_name)
    seen, warehouse = of_dealers(dealer), shared.services.warehouse
    question = Question(("source",), FIRST_DAY, LAST_DAY, measures=("leads", "sales"))
    found = romi_report(warehouse, question, "UTC", seen=seen)
    assert (found.items(), found.totals) == (
        [{"source": "yandex", "leads": 1, "sales": 0}], {"leads": 1, "sales": 0},
    )  # fmt: skip
    funnel = funnel_report(warehouse, OpportunityQuestion(("source",), PERIOD), shared.services.settings, seen=seen)
    assert set(funnel.rows["source"]) == {"yandex"}
    facts = read_page(warehouse, shared.services.database, PageQuestion(FACTS), seen=seen).rows
    assert {row["Dealer"] for row in facts} == {dealer}


def test_the_overview_shares_cost_as_the_report_of_each_period_does(world: World) -> None:
    """In January nine leads of ten were north's, in February one."""
    months = [(5, 9), (40, 1)]
    world.tell({
        "leads": [
            lead(f"l{day}-{n}", day, phone=f"+7916000{day:02}{n:02}", dealer="north" if n < norths else "south")
            for day, norths in months
            for n in range(10)
        ],
        "spend": [spend("2026-01-10", "2026-01-10", 1000, "radio"), spend("2026-02-10", "2026-02-10", 1000, "radio")],
    })  # fmt: skip
    world.attribute()
    february, january = Period(date(2026, 2, 1), date(2026, 2, 28)), Period(date(2026, 1, 4), date(2026, 1, 31))
    seen = of_dealers("north")
    cost = overview(world.services.warehouse, february, Step.WEEK, "UTC", seen=seen).of("cost")
    assert (cost.value, cost.before) == (100, 900)
    for period, told in ((february, cost.value), (january, cost.before)):
        question = Question(("channel",), period.first_day, period.last_day)
        assert romi_report(world.services.warehouse, question, "UTC", seen=seen).totals["cost"] == told
    assert overview(world.services.warehouse, february, Step.WEEK, "UTC").of("cost").value == 1000


def test_contractors_are_not_told_of_leads_of_others_by_shares_of_their_cost(world: World) -> None:
    world.refer(contractors=[{"id": "agency", "campaigns": [{"source": "yandex"}]}])
    world.tell({
        "touches": [visit("t", "v", 1, "yandex")],
        "leads": [lead("theirs", 2, visitor_id="v", dealer="north"), lead("of another", 2, dealer="south")],
        "spend": [spend("2026-01-02", "2026-01-02", 100, "yandex")],
    })  # fmt: skip
    world.attribute()
    question = Question(("dealer",), FIRST_DAY, LAST_DAY, measures=("cost", "leads"))
    found = romi_report(world.services.warehouse, question, "UTC", seen=AGENCY)
    assert {row["dealer"]: (row["cost"], row["leads"]) for row in found.items()} == {
        "(none)": (100, 0),
        "north": (0, 1),
    }
    assert found.asked["share"] == "none"
    whole = romi_report(world.services.warehouse, question, "UTC")
    assert {row["dealer"]: row["cost"] for row in whole.items() if row["cost"]} == {"north": 50, "south": 50}
    north = Visibility(frozenset({"north"}), frozenset({"agency"}))
    assert romi_report(world.services.warehouse, question, "UTC", seen=north).totals == {"cost": 50, "leads": 1}


def test_examples_of_noise_are_of_the_same_rows(world: World) -> None:
    bot = {"user_agent": "Googlebot/2.1"}
    world.refer(contractors=[{"id": "agency", "campaigns": [{"source": "yandex"}]}])
    rule(world, Reason.BOT, Action.FLAG)
    world.tell({"touches": [
        click("n", 0, "v1", dealer="north", properties=bot), click("s", 60, "v2", dealer="south", properties=bot),
        click("r", 90, "v3", dealer="south", properties=bot) | {"source": "radio"},
    ]})  # fmt: skip
    world.attribute(full=True)
    day = date.fromisoformat(at(0)[:10])

    def shown(seen: Visibility) -> set[str]:
        answer = noise_examples(world.services.warehouse, Period(day, day), "UTC", seen=seen)
        return set(answer.rows["id"])

    assert shown(EVERYTHING) == {"n", "s", "r"}
    assert shown(of_dealers("north")) == {"n"}
    assert shown(AGENCY) == {"n", "s"}
    assert shown(of_dealers()) == set()
    with world.services.database.begin() as connection:
        connection.execute(noise_rule_sets.delete())


def test_reference_data_for_contractors_say_what_dealers_are_called(world: World) -> None:
    world.refer(
        dealers=[{"id": "north", "name": "Север", "weight": 7}],
        contractors=[{"id": "agency"}, {"id": "other"}],
        target_calls=[{"dealer": "north", "tags": ["sale"]}, {"tags": ["deal"]}],
        promo_codes=[{"code": "A1", "contractor": "agency", "source": "x"}, {"code": "B1", "contractor": "other"}],
    )
    shown = reference_document(world.services.database, seen=AGENCY)
    assert [(each.id, each.name, each.weight) for each in shown.dealers] == [("north", "Север", 1)]
    assert not shown.target_calls
    assert [each.code for each in shown.promo_codes] == ["A1"]
    own = reference_document(world.services.database, seen=of_dealers("north"))
    assert [each.weight for each in own.dealers] == [7]
    assert len(own.target_calls) == 2
    assert not own.promo_codes


def test_rules_that_may_name_anybody_are_not_shown(world: World) -> None:
    definitions = world.services.definitions
    told = {"rules": [{"value": "big", "when": {"dealer": ["south"]}}], "otherwise": "small"}
    kept = definitions.keep_dimension("size", read_dimension(told), author="world")
    seen = of_dealers("north")
    assert told_of(kept, seen=seen) == {"name": "size", "version": kept.version}
    assert told_of(kept)["rules"]
    assert definitions.versions(Kind.DIMENSION, "size")
    refused = (
        lambda: definitions.versions(Kind.DIMENSION, "size", seen=seen),
        lambda: list_same(world.services.database, seen=seen),
        lambda: rule_versions(world.services.database, seen=seen),
        lambda: rules_of_version(world.services.database, 0, seen=seen),
    )
    for ask in refused:
        with pytest.raises(NotPermitted) as error:
            ask()
        assert error.value.help
    with world.services.database.begin() as connection:
        connection.execute(report_definitions.delete())


def test_a_report_by_an_own_dimension_is_of_what_is_seen(world: World) -> None:
    world.tell({"leads": [lead("l1", 2, dealer="north"), lead("l2", 2, dealer="south")]})
    world.attribute()
    told = {"rules": [{"value": "big", "when": {"dealer": ["south"]}}], "otherwise": "small"}
    world.services.definitions.keep_dimension("size", read_dimension(told), author="world")
    catalog = world.services.definitions.catalog()
    question = Question(("size",), FIRST_DAY, LAST_DAY, measures=("leads",), catalog=catalog)
    found = romi_report(world.services.warehouse, question, "UTC", seen=of_dealers("north"))
    assert found.items() == [{"size": "small", "leads": 1}]
    assert "south" not in repr((found.about, found.asked, found.totals))
    with world.services.database.begin() as connection:
        connection.execute(report_definitions.delete())
