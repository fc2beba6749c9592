"""amoCRM: webhooks of leads and contacts, and REST v4 for the past and for what webhooks leave out."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.brackets import nested
from collectors.deliveries import Delivery
from collectors.sources.source import Source, Told
from collectors.vendors.amocrm import VENDOR
from infra.errors import InvalidInput
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.collectors.vendors.fake_amocrm import FakeAmo

GOLDEN = Path(__file__).parent / "golden" / "amocrm"
LEAD_STATUS = (GOLDEN / "lead_status.form").read_text()
CONTACT_UPDATE = (GOLDEN / "contact_update.form").read_text()
LEAD: dict[str, Any] = json.loads((GOLDEN / "leads_page.json").read_text())["_embedded"]["leads"][0]
CONTACT: dict[str, Any] = json.loads((GOLDEN / "contact.json").read_text())
WON_AT = 1735725600


@pytest.fixture
def amo() -> FakeAmo:
    return FakeAmo()


@pytest.fixture
def address(amo: FakeAmo) -> Iterator[str]:
    with serving_fake(amo.app()) as served:
        yield served


def hooked(desk: Desk, **settings: str) -> Source:
    """A source without a token: what webhooks bring is all that is known."""
    return desk.connect("amocrm", settings={"account": "dealer1.amocrm.ru", **settings})


def pulled(desk: Desk, address: str, secrets: dict[str, str] | None = None, **settings: str) -> Source:
    return desk.connect(
        "amocrm",
        settings={"account": "dealer1.amocrm.ru", "base_url": address, "client_id": "id", **settings},
        secrets=secrets or {"access_token": "token-1"},
    )


def lead_hook(action: str = "update", **fields: Any) -> str:
    told = {"id": 1, "status_id": 142, "pipeline_id": 8, "last_modified": WON_AT, "date_create": 1735639200} | fields
    return urlencode({f"leads[{action}][0][{name}]": value for name, value in told.items()})


def rest_lead(key: int, **fields: Any) -> dict[str, Any]:
    return LEAD | {"id": key, "_embedded": {"contacts": []}} | fields


def moments(desk: Desk) -> list[tuple[str, str]]:
    return [(event["stage"], event["occurred_at"]) for event in desk.events("deals")]


def test_the_documented_lead_is_one_sale(desk: Desk) -> None:
    assert desk.deliver(hooked(desk, dealer_field="Салон"), LEAD_STATUS).status_code == 200
    desk.read()
    assert desk.events("deals") == json.loads((GOLDEN / "lead_status.deals.json").read_text())


def test_the_documented_contact_is_a_person_tied_to_the_deal(desk: Desk) -> None:
    desk.deliver(hooked(desk), CONTACT_UPDATE)
    desk.read()
    (profile,) = desk.events("profiles")
    assert (profile["phone"], profile["crm_id"]) == ("+79000000001", "north:contact:40012345")
    (tie,) = desk.events("deals")
    assert tie["deal_id"] == "north:deal:30012345"
    assert tie["contact"] == {"crm_id": "north:contact:40012345", "phone": "+79000000001"}


def test_a_repeated_delivery_is_one_event(desk: Desk) -> None:
    source = hooked(desk)
    for _ in range(3):
        desk.deliver(source, LEAD_STATUS)
    desk.read()
    assert len(desk.events("deals")) == 1
    assert desk.rejections() == []


def test_an_older_word_that_comes_later_does_not_win(desk: Desk) -> None:
    source = hooked(desk)
    desk.deliver(source, lead_hook(price=300, last_modified=WON_AT + 60))
    desk.deliver(source, lead_hook(price=100, status_id=70000003, last_modified=WON_AT))
    desk.read()
    latest = max(desk.events("deals"), key=lambda event: event["occurred_at"])
    assert (latest["stage"], latest["amount"]) == ("sale", "300.0000")


@pytest.mark.parametrize(
    ("fields", "stage"),
    [
        ({"status_id": 142}, "sale"),
        ({"status_id": 143}, "lost"),
        ({"status_id": 70000003}, "visit"),
        ({"status_id": 70000003, "pipeline_id": 9}, "test_drive"),
        ({"status_id": 142, "pipeline_id": 9}, "visit"),
        ({"status_id": 5}, "lead"),
    ],
)
def test_a_status_means_what_the_settings_say(desk: Desk, fields: dict[str, int], stage: str) -> None:
    meanings = json.dumps({"70000003": "visit", "9:70000003": "test_drive", "9:142": "visit"})
    desk.deliver(hooked(desk, stages=meanings), lead_hook("update", **fields))
    desk.read()
    assert [event["stage"] for event in desk.events("deals")] == [stage]


def test_a_spam_status_takes_the_lead_out_of_the_count(desk: Desk) -> None:
    desk.deliver(hooked(desk, stages='{"7": "junk"}', kinds='{"8": "used_car"}'), lead_hook("add", status_id=7))
    desk.read()
    assert desk.events("leads")[0]["status"] == "junk"
    assert {(event["stage"], event.get("kind")) for event in desk.events("deals")} == {
        ("lead", None), ("lost", "used_car"),
    }  # fmt: skip


def test_settings_that_cannot_be_read_are_told_of(desk: Desk) -> None:
    desk.deliver(hooked(desk, stages='{"7": "won"}'), lead_hook())
    desk.read()
    (rejected,) = desk.rejections()
    assert "cannot mean 'won'" in rejected.errors[0].message


def test_a_new_lead_brings_its_marks(desk: Desk) -> None:
    marks = {
        ("UTM_SOURCE", "utm_source"): "yandex", ("", "utm_medium"): "cpc", ("UTM_CAMPAIGN", "x"): "{campaign_id}",
        ("ROISTAT", "roistat"): "100500", ("_YM_UID", "_ym_uid"): "1735640000123456789", ("YCLID", "yclid"): "77",
        ("", "Салон"): "Север", ("", "Модель"): "Monjaro",
    }  # fmt: skip
    fields: dict[str, str] = {}
    for place, ((code, name), value) in enumerate(marks.items()):
        start = f"leads[add][0][custom_fields][{place}]"
        fields |= {f"{start}[code]": code, f"{start}[name]": name, f"{start}[values][0][value]": value}
    source = hooked(desk, dealer_field="салон", product_field="Модель")
    desk.deliver(source, lead_hook("add", name="Заявка") + "&" + urlencode(fields))
    desk.read()
    (lead,) = desk.events("leads")
    assert lead == {
        "id": "north:lead:1", "created_at": "2024-12-31T10:00:00Z", "kind": "form", "source": "yandex",
        "medium": "cpc", "visitor_id": "100500", "dealer": "Север", "product": "Monjaro",
        "properties": {
            "title": "Заявка", "roistat": "100500", "ym_uid": "1735640000123456789", "yclid": "77",
            "collected_from": "north",
        },
    }  # fmt: skip
    assert {event["lead_id"] for event in desk.events("deals")} == {"north:lead:1"}


def test_a_field_of_a_name_that_is_set_is_the_visitor(desk: Desk) -> None:
    field = {"leads[update][0][custom_fields][0][id]": "11", "leads[update][0][custom_fields][0][values][0]": "v-9"}
    desk.deliver(hooked(desk, visitor_field="11"), lead_hook() + "&" + urlencode(field))
    desk.read()
    assert desk.events("deals")[0]["visitor_id"] == "v-9"


def test_our_own_changes_are_passed_over(desk: Desk) -> None:
    source = hooked(desk, own_user="5")
    desk.deliver(source, lead_hook(modified_user_id=5))
    desk.deliver(source, lead_hook(id=2, modified_user_id=6))
    desk.read()
    assert [event["deal_id"] for event in desk.events("deals")] == ["north:deal:2"]


def test_a_deleted_lead_is_lost_and_a_restored_one_is_not(desk: Desk) -> None:
    source = hooked(desk)
    desk.deliver(source, lead_hook())
    desk.deliver(source, urlencode({"leads[delete][0][id]": 1, "leads[delete][0][status_id]": 142}))
    desk.deliver(source, lead_hook("restore"))
    desk.read()
    in_order = sorted(desk.events("deals"), key=lambda event: event["occurred_at"])
    assert [event["stage"] for event in in_order] == ["sale", "lost", "sale"]
    assert in_order[1]["lost_reason"] == "deleted"


def test_one_delivery_may_hold_several_entities_actions_and_indexes(desk: Desk) -> None:
    third = lead_hook("status", id=3).replace("%5B0%5D", "%5B7%5D")
    body = "&".join([lead_hook("add", id=1), lead_hook("status", id=2), third, CONTACT_UPDATE])
    desk.deliver(hooked(desk), body)
    desk.read()
    assert {event["deal_id"] for event in desk.events("deals")} == {
        "north:deal:1", "north:deal:2", "north:deal:3", "north:deal:30012345",
    }  # fmt: skip
    assert len(desk.events("profiles")) == 1


def test_sparse_indexes_and_double_names_are_read_at_once(desk: Desk) -> None:
    body = lead_hook().replace("%5B0%5D", "%5B4294967295%5D") + (
        "&contacts[note][0][note][type]=3&contacts[note][0][note][type][message_uuid]=u"
    )
    assert nested([("a[4294967295][b]", "1")]) == {"a": {"4294967295": {"b": "1"}}}
    desk.deliver(hooked(desk), body)
    desk.read()
    assert len(desk.events("deals")) == 1
    assert desk.rejections() == []


def test_missing_fields_are_told_and_unknown_ones_do_no_harm(desk: Desk) -> None:
    source = hooked(desk)
    desk.deliver(source, lead_hook(new_field="x") + "&talks[add][0][id]=1&account[subdomain]=dealer1")
    desk.deliver(source, "leads[add][0][name]=no+id")
    desk.deliver(source, "contacts[add][0][id]=9")
    desk.read()
    assert len(desk.events("deals")) == 1
    (rejected,) = desk.rejections()
    assert rejected.family == "deliveries"


def test_the_past_comes_with_contacts_names_and_marks(desk: Desk, amo: FakeAmo, address: str) -> None:
    amo.leads, amo.contacts = [LEAD], [CONTACT]
    state = desk.pull(pulled(desk, address, dealer_field="Салон"))
    assert state.error == ""
    for family in ("leads", "deals", "profiles"):
        assert desk.events(family) == json.loads((GOLDEN / f"pulled.{family}.json").read_text()), family


def test_an_empty_account_answers_204_and_that_is_all(desk: Desk, amo: FakeAmo, address: str) -> None:
    state = desk.pull(pulled(desk, address))
    assert (state.error, state.accepted) == ("", 0)
    assert [each.partition("?")[0] for each in amo.asked] == ["leads", "contacts"]


def test_every_page_is_read_and_what_changes_meanwhile_is_not_skipped(desk: Desk, amo: FakeAmo, address: str) -> None:
    amo.page_size = 2
    same = [rest_lead(key, updated_at=WON_AT) for key in range(1, 6)]
    amo.leads = [*same, *(rest_lead(key, updated_at=WON_AT + key) for key in range(6, 10))]
    source = pulled(desk, address)
    desk.pull(source)
    assert {event["deal_id"] for event in desk.events("deals")} == {f"north:deal:{key}" for key in range(1, 10)}
    assert desk.state(source).cursor["leads"] == WON_AT + 9


def test_the_next_pull_asks_for_what_changed_since(desk: Desk, amo: FakeAmo, address: str) -> None:
    amo.leads = [rest_lead(1)]
    source = pulled(desk, address)
    desk.pull(source)
    amo.asked.clear()
    amo.leads.append(rest_lead(2, updated_at=WON_AT + 900, closed_at=None, status_id=70000003))
    desk.pull(source)
    assert f"filter%5Bupdated_at%5D%5Bfrom%5D={WON_AT - 300}" in amo.asked[0]
    assert "north:deal:2" in {event["deal_id"] for event in desk.events("deals")}


def test_a_pull_that_fails_between_pages_loses_and_doubles_nothing(desk: Desk, amo: FakeAmo, address: str) -> None:
    amo.page_size = 1
    amo.leads = [rest_lead(key, updated_at=WON_AT + 600 * key) for key in range(1, 4)]
    amo.failing = [200, 200, 403]
    source = pulled(desk, address)
    assert "403" in desk.pull(source).error
    first = desk.events("leads")
    assert desk.pull(source).error == ""
    assert len(first) < len(desk.events("leads")) == 3


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_account_is_asked_again(desk: Desk, amo: FakeAmo, address: str, status: int) -> None:
    amo.leads, amo.failing = [rest_lead(1)], [status, status]
    assert desk.pull(pulled(desk, address)).error == ""
    assert {1.0, 2.0} <= set(desk.pauses)
    assert len(desk.events("leads")) == 1


def test_an_expired_token_is_renewed_once_and_the_new_one_is_kept(desk: Desk, amo: FakeAmo, address: str) -> None:
    amo.leads = [rest_lead(1)]
    source = pulled(desk, address, {"access_token": "old", "refresh_token": "refresh-1", "client_secret": "secret"})
    assert desk.pull(source).error == ""
    assert desk.services.sources.get(source.id).secrets["refresh_token"] == "refresh-2"
    assert desk.pull(source).error == ""
    assert amo.asked.count("refresh_token") == 1


def test_the_new_token_is_kept_though_the_pull_fails_right_after(desk: Desk, amo: FakeAmo, address: str) -> None:
    amo.failing = [200, 403]
    source = pulled(desk, address, {"access_token": "old", "refresh_token": "refresh-1", "client_secret": "secret"})
    assert "403" in desk.pull(source).error
    kept = desk.services.sources.get(source.id).secrets
    assert (kept["access_token"], kept["refresh_token"]) == ("token-2", "refresh-2")
    assert desk.pull(source).error == ""


def test_an_authorization_code_opens_the_account(desk: Desk, amo: FakeAmo, address: str) -> None:
    amo.code, amo.leads = "code-1", [rest_lead(1)]
    source = pulled(desk, address, {"code": "code-1", "client_secret": "secret"})
    assert desk.pull(source).error == ""
    assert desk.pull(source).error == ""
    assert amo.asked.count("authorization_code") == 1


def test_a_token_that_is_no_longer_good_is_said_so(desk: Desk, amo: FakeAmo, address: str) -> None:
    assert "long-lived token" in desk.pull(pulled(desk, address, {"access_token": "old"})).error


def test_without_a_token_nothing_is_asked(desk: Desk, amo: FakeAmo, address: str) -> None:
    assert desk.pull(hooked(desk, base_url=address)).error == ""
    assert amo.asked == []


def test_with_a_token_a_webhook_lets_the_lead_be_fetched(desk: Desk, amo: FakeAmo, address: str) -> None:
    amo.contacts = [CONTACT]
    amo.leads = [LEAD | {"id": 1, "updated_at": WON_AT}]
    source = pulled(desk, address)
    desk.pull(source)
    desk.deliver(source, lead_hook("add"))
    desk.deliver(source, CONTACT_UPDATE)
    desk.read()
    asked = {each.key for each in desk.services.progress.wanted(source.id)}
    assert asked == {"1", "30012345"}
    desk.pull(source)
    assert desk.services.progress.wanted(source.id) == []
    (lead,) = desk.events("leads")
    assert (lead["source"], lead["phone"]) == ("yandex", "+79000000001")


def test_a_late_webhook_takes_nothing_from_what_was_fetched(desk: Desk, amo: FakeAmo, address: str) -> None:
    amo.leads, amo.contacts = [LEAD | {"id": 1}], [CONTACT]
    source = pulled(desk, address)
    desk.pull(source)
    before = desk.events("leads")
    desk.deliver(source, lead_hook("add", price=1, last_modified=WON_AT - 100))
    desk.read()
    assert desk.events("leads") == before
    assert any(event.get("contact", {}).get("crm_id") for event in desk.events("deals"))


def test_a_deal_that_was_closed_long_before_is_a_sale_of_that_day(desk: Desk, amo: FakeAmo, address: str) -> None:
    amo.leads = [rest_lead(1, updated_at=WON_AT + 86_400)]
    desk.pull(pulled(desk, address))
    assert moments(desk) == [
        ("sale", "2025-01-01T10:00:00Z"), ("sale", "2025-01-02T10:00:00Z"), ("lead", "2024-12-31T10:00:00Z"),
    ]  # fmt: skip


def test_a_card_that_nobody_foresaw_is_kept_and_the_others_come(desk: Desk, amo: FakeAmo, address: str) -> None:
    amo.leads = [rest_lead(1, custom_fields_values=[7]), rest_lead(2)]
    state = desk.pull(pulled(desk, address))
    assert (state.error, state.rejected) == ("", 1)
    assert {event["deal_id"] for event in desk.events("deals")} == {"north:deal:2"}


def test_a_code_without_the_integration_is_refused_before() -> None:
    source = Source("n", "amocrm", "t", ZoneInfo("UTC"), settings={"account": "dealer1"}, secrets={"code": "c"})
    with pytest.raises(InvalidInput, match="authorization code"):
        VENDOR.examine(source)


@given(st.data())
def test_the_order_of_arrival_does_not_matter(data: st.DataObject) -> None:
    moments = data.draw(st.lists(st.integers(0, 9), min_size=1, unique=True))
    hooks = {at: lead_hook("update", price=at, status_id=data.draw(st.sampled_from([7, 142, 143]))) for at in moments}
    bodies = [body.replace(str(WON_AT), str(WON_AT + at)) for at, body in hooks.items()]
    source = Source("n", "amocrm", "t", ZoneInfo("UTC"), settings={"account": "dealer1", "stages": '{"7": "visit"}'})

    def told(order: list[str]) -> dict[str, dict[str, Any]]:
        deliveries = (
            Delivery("n", "POST", "", "", "", {}, body.encode(), datetime(2025, 1, 2, tzinfo=UTC)) for body in order
        )
        found = (each for delivery in deliveries for each in VENDOR.read(source, delivery))
        return {each.item["id"]: each.item for each in found if isinstance(each, Told)}

    repeated = bodies + data.draw(st.lists(st.sampled_from(bodies)))
    events = told(data.draw(st.permutations(repeated)))
    assert events == told(bodies)
    latest = max(events.values(), key=lambda event: event["occurred_at"])
    assert latest["amount"] == str(max(moments))
