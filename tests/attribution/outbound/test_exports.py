"""What the warehouse tells of conversions that may be handed back: the click, the cookie, the contacts, the consent."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from attribution.outbound.connecting import make_destination
from attribution.outbound.export import Click, Export
from attribution.outbound.exports import read_exports, read_gone
from attribution.outbound.systems import ad_system
from attribution.outbound.systems.meta import fbc
from attribution.runs import newest_run
from infra.errors import NotReady
from tests.attribution.outbound.handing import ACCOUNTS, LATE
from tests.attribution.world import NOW, START, World, action, call, lead, profile, stage, visit

ZONE = ZoneInfo("UTC")


def newest_number(world: World) -> int:
    """Of the test's one run."""
    try:
        return newest_run(world.services.warehouse).number
    except NotReady:
        return world.attribute().number


def exported(world: World, system: str, **told: str) -> dict[str, Export]:
    run = newest_number(world)
    chosen = ad_system(system)
    destination = make_destination(system, chosen, ACCOUNTS[system] | told, date(2026, 3, 15))
    found = read_exports(world.services.warehouse, run, destination, chosen, NOW, ZONE)
    return {f"{each.kind}:{each.id}": each for each in found}


def sale_after(world: World, *touches: dict[str, Any], system: str = "google") -> Export:
    """The export of a sale to the visitor of these touches."""
    world.tell({"touches": touches, "deals": [stage("d", "sale", LATE, visitor_id="v")]})
    return exported(world, system)["sale:d"]


def test_the_newest_click_of_the_system_before_the_conversion_counts(world: World) -> None:
    found = sale_after(
        world,
        visit("old", "v", LATE - 5, click_ids={"gclid": "old"}),
        visit("new", "v", LATE - 2, click_ids={"gclid": "New-Case", "yclid": "1"}),
        visit("else", "v", LATE - 1, click_ids={"yclid": "2"}),
        visit("late", "v", LATE + 1, click_ids={"gclid": "late"}),
        visit("other", "w", LATE - 1, click_ids={"gclid": "other"}),
    )
    assert found.click == Click("gclid", "New-Case", START + timedelta(days=LATE - 2))


@pytest.mark.parametrize(
    ("there", "wanted"),
    [
        ({"gclid": "g", "gbraid": "b", "wbraid": "w"}, "gclid"),
        ({"wbraid": "w", "gbraid": "b"}, "gbraid"),
        ({"wbraid": "w"}, "wbraid"),
        ({"gclid": "", "wbraid": "w"}, "wbraid"),
    ],
)
def test_of_several_click_ids_of_a_touch_one_counts(world: World, there: dict[str, str], wanted: str) -> None:
    click = sale_after(world, visit("t", "v", LATE - 1, click_ids=there)).click
    assert click is not None
    assert click.name == wanted


@pytest.mark.parametrize(("ago", "is_there"), [(20.9, True), (21.1, False)])
def test_a_click_is_told_as_long_as_the_system_can_use_it(world: World, ago: float, is_there: bool) -> None:
    days = (NOW - START).days - ago
    found = sale_after(world, visit("t", "v", days, click_ids={"ymclid": "1"}), system="metrica")
    assert (found.click is not None) == is_there


def test_the_system_s_own_cookie_is_found_in_properties(world: World) -> None:
    world.tell({
        "touches": [
            visit("t1", "v", LATE - 2, properties={"ym_uid": 17356400001234567890, "fbp": "fb.1.1.1"}),
            visit("t2", "v", LATE - 1, properties={"_ym_uid": "18356400001234567890"}),
        ],
        "leads": [lead("l", LATE - 0.5, properties={"ym_client_id": "777", "gclid": "of-the-form"})],
        "deals": [stage("d", "sale", LATE, visitor_id="v"), stage("e", "sale", LATE, lead_id="l")],
    })  # fmt: skip
    found = exported(world, "metrica")
    assert found["sale:d"].cookie == "18356400001234567890"
    assert found["sale:e"].cookie == "777"
    assert exported(world, "meta")["sale:d"].cookie == "fb.1.1.1"
    click = exported(world, "google")["sale:e"].click
    assert click is not None
    assert click.value == "of-the-form"


def test_meta_s_own_cookie_of_the_click_stands_in_for_a_click_that_we_did_not_see(world: World) -> None:
    world.tell({
        "leads": [lead("l", LATE - 1, visitor_id="v", properties={"fbc": "fb.1.1781000000000.AbC"})],
        "deals": [stage("d", "sale", LATE, visitor_id="v")],
    })  # fmt: skip
    click = exported(world, "meta")["sale:d"].click
    assert click is not None
    assert fbc(click) == "fb.1.1781000000000.AbC"
    assert fbc(Click("fbclid", "AbC", START)) == "fb.1.1767225600000.AbC"


def test_contacts_are_those_of_the_person_newest_first(world: World) -> None:
    world.tell({
        "calls": [call("c", LATE - 3, "100", caller="+79000000001", visitor_id="v")],
        "leads": [lead("l", LATE - 2, visitor_id="v", phone="+79000000002", email="old@example.com")],
        "profiles": [profile("p", LATE - 1, visitor_id="v", user_id="u1", email="new@example.com")],
        "deals": [
            stage("d", "sale", LATE, visitor_id="v"), stage("other", "sale", LATE, contact={"phone": "89000000009"}),
        ],
    })  # fmt: skip
    found = exported(world, "google")
    assert found["sale:d"].phones == ("+79000000002", "+79000000001")
    assert found["sale:d"].emails == ("new@example.com", "old@example.com")
    assert found["sale:other"].phones == ("+79000000009",)
    sale = exported(world, "metrica")["sale:d"]
    assert (sale.phones, sale.users) == ((), ("u1",))


def test_a_run_that_goes_on_keeps_what_it_does_not_concern(world: World) -> None:
    asked = [lead(f"l{n}", LATE - 2, visitor_id="v", phone=f"+7900000000{n}") for n in (1, 2, 3)]
    world.tell({"leads": asked, "deals": [stage("d", "sale", LATE, visitor_id="v")]})
    base = world.attribute(full=True).number
    before = exported(world, "google")["sale:d"]
    world.tell({"leads": [lead("m", LATE - 1, visitor_id="w", phone="+79000000004")]})
    goes_on = world.attribute()
    assert goes_on.base == base != goes_on.number
    assert exported(world, "google")["sale:d"] == before
    assert len(before.phones) == 3
    handed = [("sale", "d", before.at)]
    assert not read_gone(world.services.warehouse, goes_on.number, ad_system("google"), NOW, handed)


def test_a_phone_that_many_share_is_nobody_s(world: World) -> None:
    world.set(shared_key_limit=3)
    world.tell({
        "leads": [lead(f"l{n}", LATE - 1, phone="+79000000001", email=f"p{n}@example.com") for n in range(5)],
        "deals": [stage("d", "sale", LATE, lead_id="l1")],
    })  # fmt: skip
    sale = exported(world, "google")["sale:d"]
    assert (sale.phones, sale.emails) == ((), ("p1@example.com",))


def test_consent_is_what_was_said_last_and_words_that_mean_nothing_do_not_count(world: World) -> None:
    def said(**words: Any) -> dict[str, Any]:
        return {"consent": words}

    world.tell({
        "touches": [
            visit("t1", "v", 10, properties=said(ad_user_data="GRANTED", ad_personalization="granted")),
            visit("t2", "v", 20, properties=said(ad_user_data="perhaps", ad_personalization="denied")),
            visit("t3", "v", 30, properties={"consent": True}),
        ],
        "actions": [
            action("a", 5, visitor_id="v", properties=said(ad_user_data="denied")),
            action("b", 25, visitor_id="w", properties={"context": said(ad_user_data="DENIED")}),
        ],
        "deals": [stage("d", "sale", LATE, visitor_id="v"), stage("e", "sale", LATE, visitor_id="w")],
    })  # fmt: skip
    found = exported(world, "google")
    assert (found["sale:d"].ad_user_data, found["sale:d"].ad_personalization) == ("granted", "denied")
    assert (found["sale:e"].ad_user_data, found["sale:e"].ad_personalization) == ("denied", "")


def test_only_kinds_that_the_destination_names_are_told(world: World) -> None:
    world.tell({"leads": [lead("l", LATE)], "deals": [stage("d", "visit", LATE), stage("d", "sale", LATE)]})
    assert set(exported(world, "google")) == {"lead:l", "sale:d"}
    assert set(exported(world, "google", conversions='{"visit": "1"}')) == {"visit:d"}


def test_what_is_no_conversion_any_more_is_told_with_what_it_was_known_by(world: World) -> None:
    world.tell({
        "touches": [visit("t", "v", LATE - 1, click_ids={"gclid": "g"})],
        "leads": [lead("l", LATE, visitor_id="v", status="junk")],
        "deals": [stage("d", "sale", LATE, visitor_id="v"), stage("d", "lost", LATE + 1), stage("e", "sale", LATE)],
    })  # fmt: skip
    run = world.attribute().number
    at = START + timedelta(days=LATE)
    asked = [(kind, key, at) for kind, key in [("sale", "d"), ("sale", "e"), ("lead", "l"), ("sale", "unknown")]]
    found = {each.id: each for each in read_gone(world.services.warehouse, run, ad_system("google"), NOW, asked)}
    assert set(found) == {"d", "l", "unknown"}
    for key in ("d", "l"):
        click = found[key].click
        assert click is not None
        assert (click.value, found[key].value, found[key].at, found[key].gone) == ("g", Decimal(0), at, True)
    assert found["unknown"].click is None
