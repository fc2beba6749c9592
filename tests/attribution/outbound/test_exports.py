"""What the warehouse tells of conversions that may be handed back: the click, the cookie, the contacts, the consent."""

from datetime import date, timedelta
from decimal import Decimal
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


THERE = [
    ({"gclid": "g", "gbraid": "b", "wbraid": "w"}, "gclid"),
    ({"wbraid": "w2", "gbraid": "b2"}, "gbraid"),
    ({"wbraid": "w3"}, "wbraid"),
    ({"gclid": "", "wbraid": "w4"}, "wbraid"),
]
AGES = [(20.9, True), (21.1, False)]


def persons(world: World) -> None:
    """Each story is of a visitor of its own, with a sale that has the visitor's name."""
    cookie, form = {"ym_uid": 17356400001234567890, "fbp": "fb.1.1.1"}, {"ym_client_id": "777", "gclid": "of-the-form"}
    last, meta = {"_ym_uid": "18356400001234567890"}, {"fbc": "fb.1.1781000000000.AbC"}
    granted = {"ad_user_data": "GRANTED", "ad_personalization": "granted"}
    perhaps = {"ad_user_data": "perhaps", "ad_personalization": "denied"}
    denied = {"context": {"consent": {"ad_user_data": "DENIED"}}}
    ages = {f"age-{n}": (NOW - START).days - ago for n, (ago, _) in enumerate(AGES)}
    ids = {f"ids-{n}": there for n, (there, _) in enumerate(THERE)}
    buyers = ["newest", "cookie", "meta", "contacts", "consent", "no consent", *ages, *ids]
    world.tell({
        "touches": [
            visit("old", "newest", LATE - 5, click_ids={"gclid": "old"}),
            visit("new", "newest", LATE - 2, click_ids={"gclid": "New-Case", "yclid": "1"}),
            visit("else", "newest", LATE - 1, click_ids={"yclid": "2"}),
            visit("late", "newest", LATE + 1, click_ids={"gclid": "late"}),
            visit("other", "w", LATE - 1, click_ids={"gclid": "other"}),
            *(visit(name, name, LATE - 1, click_ids=there) for name, there in ids.items()),
            *(visit(name, name, days, click_ids={"ymclid": name}) for name, days in ages.items()),
            visit("cookie-1", "cookie", LATE - 2, properties=cookie),
            visit("cookie-2", "cookie", LATE - 1, properties=last),
            visit("consent-1", "consent", 10, properties={"consent": granted}),
            visit("consent-2", "consent", 20, properties={"consent": perhaps}),
            visit("consent-3", "consent", 30, properties={"consent": True}),
        ],
        "calls": [call("contacts-c", LATE - 3, "100", caller="+79000000001", visitor_id="contacts")],
        "leads": [
            lead("form-l", LATE - 0.5, properties=form), lead("meta-l", LATE - 1, visitor_id="meta", properties=meta),
            lead("contacts-l", LATE - 2, visitor_id="contacts", phone="+79000000002", email="old@example.com"),
        ],
        "profiles": [profile("contacts-p", LATE - 1, visitor_id="contacts", user_id="u1", email="new@example.com")],
        "actions": [
            action("consent-a", 5, visitor_id="consent", properties={"consent": {"ad_user_data": "denied"}}),
            action("consent-b", 25, visitor_id="no consent", properties=denied),
        ],
        "deals": [
            *(stage(name, "sale", LATE, visitor_id=name) for name in buyers),
            stage("form", "sale", LATE, lead_id="form-l"),
            stage("other contacts", "sale", LATE, contact={"phone": "89000000009"}),
        ],
    })  # fmt: skip
    world.attribute()


def test_the_newest_click_of_the_system_before_the_conversion_counts(shared: World) -> None:
    shared.hold(persons)
    found = exported(shared, "google")["sale:newest"]
    assert found.click == Click("gclid", "New-Case", START + timedelta(days=LATE - 2))


@pytest.mark.parametrize("place", range(len(THERE)))
def test_of_several_click_ids_of_a_touch_one_counts(shared: World, place: int) -> None:
    shared.hold(persons)
    click = exported(shared, "google")[f"sale:ids-{place}"].click
    assert click is not None
    assert click.name == THERE[place][1]


@pytest.mark.parametrize("place", range(len(AGES)))
def test_a_click_is_told_as_long_as_the_system_can_use_it(shared: World, place: int) -> None:
    shared.hold(persons)
    assert (exported(shared, "metrica")[f"sale:age-{place}"].click is not None) == AGES[place][1]


def test_the_system_s_own_cookie_is_found_in_properties(shared: World) -> None:
    shared.hold(persons)
    found = exported(shared, "metrica")
    assert found["sale:cookie"].cookie == "18356400001234567890"
    assert found["sale:form"].cookie == "777"
    assert exported(shared, "meta")["sale:cookie"].cookie == "fb.1.1.1"
    click = exported(shared, "google")["sale:form"].click
    assert click is not None
    assert click.value == "of-the-form"


def test_meta_s_own_cookie_of_the_click_stands_in_for_a_click_that_we_did_not_see(shared: World) -> None:
    shared.hold(persons)
    click = exported(shared, "meta")["sale:meta"].click
    assert click is not None
    assert fbc(click) == "fb.1.1781000000000.AbC"
    assert fbc(Click("fbclid", "AbC", START)) == "fb.1.1767225600000.AbC"


def test_contacts_are_those_of_the_person_newest_first(shared: World) -> None:
    shared.hold(persons)
    found = exported(shared, "google")
    assert found["sale:contacts"].phones == ("+79000000002", "+79000000001")
    assert found["sale:contacts"].emails == ("new@example.com", "old@example.com")
    assert found["sale:other contacts"].phones == ("+79000000009",)
    sale = exported(shared, "metrica")["sale:contacts"]
    assert (sale.phones, sale.users) == ((), ("u1",))


def test_consent_is_what_was_said_last_and_words_that_mean_nothing_do_not_count(shared: World) -> None:
    shared.hold(persons)
    found = exported(shared, "google")
    said = found["sale:consent"], found["sale:no consent"]
    assert (said[0].ad_user_data, said[0].ad_personalization) == ("granted", "denied")
    assert (said[1].ad_user_data, said[1].ad_personalization) == ("denied", "")


def test_only_kinds_that_the_destination_names_are_told(world: World) -> None:
    world.tell({"leads": [lead("l", LATE)], "deals": [stage("d", "visit", LATE), stage("d", "sale", LATE)]})
    assert set(exported(world, "google")) == {"lead:l", "sale:d"}
    assert set(exported(world, "google", conversions='{"visit": "1"}')) == {"visit:d"}


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
