"""Promo codes and tracked addresses: which touches they are."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.bootstrap import Services
from attribution.models import Model
from attribution.promo_codes import folded
from attribution.question import Condition
from attribution.reference import reference_document
from tests.attribution.test_increments import assert_as_if_derived_anew
from tests.attribution.world import World, call, lead, stage, visit

RADIO = {"code": "Лето-24", "source": "radio", "medium": "offline", "dealer": "north", "contractor": "waves"}
SPRING = RADIO | {"code": "Весна"}
PAPER = {"address": "Paper@Dealer.example", "source": "newspaper", "medium": "offline"}
LINE = {"number": "+74950000001", "dealer": "line", "source": "radio"}
PHONE = "+79000000001"


def touches(world: World, story: str) -> list[str]:
    """Their ids, of a story whose events have its name within theirs."""
    sql = "select id from touches_of_run(run = {run:UInt32}) where position(id, {story:String}) > 0 order by id"
    return [row["id"] for row in world.rows_of_run(sql, story=story)]


def figures(world: World, by: str, name: str, story: str, **asked: Any) -> dict[str, float]:
    """Of the story's dealer."""
    return world.figures(by, name, where=(Condition("dealer", (story,)),), **asked)


WRITTEN = ["Лето-24", "лето 24", "ЛETO24", " лeтo–24 ", "ЛЕТО24"]


def stories(world: World) -> None:
    """Each is of persons and a dealer of its own."""
    world.refer(
        promo_codes=[
            RADIO, SPRING | {"to": "2026-01-31"},
            SPRING | {"source": "tv", "from": "2026-02-01", "to": "2026-02-10"},
        ],
        tracking_addresses=[PAPER],
        tracking_numbers=[LINE],
    )  # fmt: skip
    coded, sent = {"promo_code": "лето24"}, {"properties": {"sent_to": "paper@dealer.example"}, "dealer": "paper"}
    deal, known = {"dealer": "deal"}, {"dealer": "known"}
    out = {"direction": "out", "source": "crm", "dealer": "line"}
    world.tell({
        "touches": [visit("beside-t", "beside", 4, "yandex", session_id="s"), visit("paper-t", "paper", 4, "vk")],
        "leads": [
            *(lead(f"written-{n}", 5, promo_code=code, dealer="written") for n, code in enumerate(WRITTEN)),
            lead("beside-l", 5, visitor_id="beside", session_id="s", source="yandex", medium="cpc", dealer="beside",
                 **coded),
            lead("same-l", 5, source="radio", medium="offline", dealer="same", **coded),
            *(lead(f"days-{day}", day, promo_code="весна", dealer="days") for day in (5, 33, 45)),
            lead("known-l", 5, phone="+79000000002", **known, **coded),
            lead("paper-plain", 5, email="a@x.example", **sent),
            lead("paper-visit", 5, email="b@x.example", visitor_id="paper", **sent),
            lead("paper-own", 5, email="c@x.example", source="yandex", **sent),
            lead("paper-elsewhere", 5, email="d@x.example", dealer="paper",
                 properties={"sent_to": "sales@dealer.example"}),
        ],
        "deals": [
            stage("deal-d", "lead", 5, contact={"phone": PHONE}, **deal), stage("deal-d", "visit", 8, **deal, **coded),
            stage("deal-d", "sale", 12, amount=100, **deal, **coded),
            stage("known-d", "sale", 12, lead_id="known-l", promo_code="Лето-24", amount=100, **known),
        ],
        "calls": [
            call("line-in", 1, LINE["number"]), call("line-out", 2, "+79000000003", caller=LINE["number"], **out),
        ],
    })  # fmt: skip
    world.attribute()


def test_a_code_is_a_touch_however_it_is_written(shared: World) -> None:
    shared.hold(stories)
    assert figures(shared, "source", "leads", "written") == {"radio": len(WRITTEN)}
    assert figures(shared, "contractor", "leads", "written") == {"waves": len(WRITTEN)}
    assert touches(shared, "written-") == [f"promo:lead:written-{n}" for n in range(len(WRITTEN))]


def test_a_code_counts_beside_the_visit_that_brought_the_lead(shared: World) -> None:
    shared.hold(stories)
    assert touches(shared, "beside-") == ["beside-t", "promo:lead:beside-l"]
    found = figures(shared, "source", "leads", "beside", model=Model.LINEAR)
    assert found == {"radio": 0.5, "yandex": 0.5}


def test_a_lead_that_says_the_same_as_its_code_is_one_touch(shared: World) -> None:
    shared.hold(stories)
    assert touches(shared, "same-") == ["same-l"]


def test_a_code_holds_on_its_days(shared: World) -> None:
    shared.hold(stories)
    assert figures(shared, "source", "leads", "days") == {"radio": 1, "tv": 1, "(no touch)": 1}


def test_a_code_that_a_deal_names_is_a_touch_when_it_is_first_named(shared: World) -> None:
    shared.hold(stories)
    assert touches(shared, "deal-") == ["promo:deal:deal-d"]
    assert figures(shared, "source", "sales", "deal") == {"radio": 1}
    assert figures(shared, "source", "visits", "deal") == {"radio": 1}
    assert figures(shared, "source", "leads", "deal") == {"(no touch)": 1}


def test_a_code_that_the_deals_lead_named_already_is_no_second_touch(shared: World) -> None:
    shared.hold(stories)
    assert touches(shared, "known-") == ["promo:lead:known-l"]


def test_an_address_says_where_a_letter_came_from(shared: World) -> None:
    shared.hold(stories)
    found = figures(shared, "source", "leads", "paper")
    assert found == {"newspaper": 1, "vk": 1, "yandex": 1, "(no touch)": 1}


def test_a_call_that_an_employee_made_is_neither_a_lead_nor_a_touch(shared: World) -> None:
    shared.hold(stories)
    assert touches(shared, "line-") == ["line-in"]
    assert figures(shared, "source", "leads", "line") == {"radio": 1}


SPELLED = st.text(alphabet="abcxyzABCXYZавекмнорстухАВЕЁКМНОРСТУХіѕј0123456789 -_.–№", max_size=20)


@settings(max_examples=5)
@given(st.lists(SPELLED, min_size=20, max_size=40))
def test_the_warehouse_folds_codes_as_we_do(services: Services, codes: list[str]) -> None:
    world = World(services)
    world.clear()
    known = {folded(code): code for code in codes if folded(code)}
    world.refer(promo_codes=[{"code": code, "source": f"of {name}"} for name, code in known.items()])
    world.tell({"leads": [lead(f"l{place}", 5, promo_code=code) for place, code in enumerate(codes)]})
    run = world.attribute()
    sql = "select id, source from coded_touches(run = {run:UInt32})"
    found = {row["id"]: row["source"] for row in world.rows(sql, run=run.number)}
    assert found == {f"promo:lead:l{place}": f"of {folded(code)}" for place, code in enumerate(codes) if folded(code)}


def test_a_lead_that_names_no_dealer_is_of_the_one_that_its_code_or_address_is_bound_to(world: World) -> None:
    world.refer(
        promo_codes=[{"code": "north", "dealer": "north"}],
        tracking_addresses=[{"address": "paper@dealer.example", "dealer": "south"}],
    )
    sent = {"sent_to": "paper@dealer.example"}
    told: list[dict[str, Any]] = [
        lead("coded", 5, phone=PHONE, promo_code="NORTH"),
        lead("written", 5, email="a@x.example", visitor_id="v", properties=sent),
        lead("both", 5, email="b@x.example", promo_code="north", properties=sent),
        lead("own", 5, email="c@x.example", dealer="west", properties=sent),
    ]
    world.tell({"leads": told})
    world.attribute()
    assert world.figures("dealer", "leads") == {"north": 2, "south": 1, "west": 1}
    assert touches(world, "") == []
    world.wait()
    world.tell({"leads": [lead("later", 6, phone="+79000000002", promo_code="north")]})
    world.attribute()
    assert world.figures("dealer", "leads") == {"north": 3, "south": 1, "west": 1}
    assert_as_if_derived_anew(world)


def test_the_reference_data_come_back_as_they_were_set(world: World) -> None:
    told = {
        "promo_codes": [RADIO | {"from": "2026-01-01"}],
        "tracking_addresses": [{"address": "a@dealer.example", "source": "paper"}],
        "target_calls": [{"talk_s": 45, "without_tags": ["spam"]}, {"dealer": "north", "believe_sender": False}],
    }
    world.refer(**told)
    shown = reference_document(world.services.database).as_dict()
    assert {name: shown[name] for name in told} == told
