"""Promo codes and tracked addresses: which touches they are."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from api.bootstrap import Services
from attribution.models import Model
from attribution.promo_codes import folded
from attribution.reference import reference_document
from tests.attribution.test_increments import assert_as_if_derived_anew
from tests.attribution.world import World, call, lead, stage, visit

RADIO = {"code": "Лето-24", "source": "radio", "medium": "offline", "dealer": "north", "contractor": "waves"}
PHONE = "+79000000001"


def touches(world: World) -> list[str]:
    return [row["id"] for row in world.rows_of_run("select id from touches_of_run(run = {run:UInt32}) order by id")]


def test_a_code_is_a_touch_however_it_is_written(world: World) -> None:
    world.refer(promo_codes=[RADIO])
    written = ["Лето-24", "лето 24", "ЛETO24", " лeтo–24 ", "ЛЕТО24"]
    world.tell({"leads": [lead(f"l{place}", 5, promo_code=code) for place, code in enumerate(written)]})
    world.attribute()
    assert world.figures("source", "leads") == {"radio": 5}
    assert world.figures("contractor", "leads") == {"waves": 5}
    assert touches(world) == [f"promo:lead:l{place}" for place in range(5)]


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


def test_a_code_counts_beside_the_visit_that_brought_the_lead(world: World) -> None:
    world.refer(promo_codes=[RADIO])
    world.tell({
        "touches": [visit("t", "v", 4, "yandex", session_id="s")],
        "leads": [lead("l", 5, visitor_id="v", session_id="s", source="yandex", medium="cpc", promo_code="лето24")],
    })  # fmt: skip
    world.attribute()
    assert touches(world) == ["promo:lead:l", "t"]
    assert world.figures("source", "leads", model=Model.LINEAR) == {"radio": 0.5, "yandex": 0.5}


def test_a_lead_that_says_the_same_as_its_code_is_one_touch(world: World) -> None:
    world.refer(promo_codes=[RADIO])
    world.tell({"leads": [lead("l", 5, source="radio", medium="offline", promo_code="лето24")]})
    world.attribute()
    assert touches(world) == ["l"]


def test_a_code_holds_on_its_days(world: World) -> None:
    spring = RADIO | {"source": "tv", "from": "2026-02-01", "to": "2026-02-10"}
    world.refer(promo_codes=[RADIO | {"to": "2026-01-31"}, spring])
    world.tell({"leads": [lead(f"l{day}", day, promo_code="лето24") for day in (5, 33, 45)]})
    world.attribute()
    assert world.figures("source", "leads") == {"radio": 1, "tv": 1, "(no touch)": 1}


def test_a_code_that_a_deal_names_is_a_touch_when_it_is_first_named(world: World) -> None:
    world.refer(promo_codes=[RADIO])
    world.tell({
        "deals": [
            stage("d", "lead", 5, contact={"phone": PHONE}),
            stage("d", "visit", 8, promo_code="лето24"),
            stage("d", "sale", 12, promo_code="лето24", amount=100),
        ],
    })  # fmt: skip
    world.attribute()
    assert touches(world) == ["promo:deal:d"]
    assert world.figures("source", "sales") == {"radio": 1}
    assert world.figures("source", "visits") == {"radio": 1}
    assert world.figures("source", "leads") == {"(no touch)": 1}


def test_a_code_that_the_deals_lead_named_already_is_no_second_touch(world: World) -> None:
    world.refer(promo_codes=[RADIO])
    world.tell({
        "leads": [lead("l", 5, phone=PHONE, promo_code="лето24")],
        "deals": [stage("d", "sale", 12, lead_id="l", promo_code="Лето-24", amount=100)],
    })  # fmt: skip
    world.attribute()
    assert touches(world) == ["promo:lead:l"]


def test_an_address_says_where_a_letter_came_from(world: World) -> None:
    paper = {"address": "Paper@Dealer.example", "source": "newspaper", "medium": "offline"}
    world.refer(tracking_addresses=[paper])
    sent = {"sent_to": "paper@dealer.example"}
    told: list[dict[str, Any]] = [
        lead("plain", 5, email="a@x.example", properties=sent),
        lead("of a visit", 5, email="b@x.example", visitor_id="v", properties=sent),
        lead("own", 5, email="c@x.example", source="yandex", properties=sent),
        lead("elsewhere", 5, email="d@x.example", properties={"sent_to": "sales@dealer.example"}),
    ]
    world.tell({"leads": told, "touches": [visit("t", "v", 4, "vk")]})
    world.attribute()
    assert world.figures("source", "leads") == {"newspaper": 1, "vk": 1, "yandex": 1, "(no touch)": 1}


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
    assert touches(world) == []
    world.wait()
    world.tell({"leads": [lead("later", 6, phone="+79000000002", promo_code="north")]})
    world.attribute()
    assert world.figures("dealer", "leads") == {"north": 3, "south": 1, "west": 1}
    assert_as_if_derived_anew(world)


def test_a_call_that_an_employee_made_is_neither_a_lead_nor_a_touch(world: World) -> None:
    world.refer(tracking_numbers=[{"number": "+74950000001", "dealer": "north", "source": "radio"}])
    out = {"direction": "out", "source": "crm"}
    world.tell({"calls": [call("in", 1, "+74950000001"), call("out", 2, PHONE, caller="+74950000001", **out)]})
    world.attribute()
    assert touches(world) == ["in"]
    assert world.figures("source", "leads") == {"radio": 1}


def test_the_reference_data_come_back_as_they_were_set(world: World) -> None:
    told = {
        "promo_codes": [RADIO | {"from": "2026-01-01"}],
        "tracking_addresses": [{"address": "a@dealer.example", "source": "paper"}],
        "target_calls": [{"talk_s": 45, "without_tags": ["spam"]}, {"dealer": "north", "believe_sender": False}],
    }
    world.refer(**told)
    shown = reference_document(world.services.database).as_dict()
    assert {name: shown[name] for name in told} == told
