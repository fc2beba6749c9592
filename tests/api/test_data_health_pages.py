"""Whatever is wrong with the data has a count, and a page on which somebody acts."""

from datetime import date

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from attribution.anomalies.finding import Finding
from attribution.rates import list_rates
from attribution.same_campaigns import list_same
from infra.access.rights import UserRole
from tests.api.forms import come_as, come_as_admin, post
from tests.api.test_sources_page import fill
from tests.attribution.world import World, lead, stage, visit
from tests.told import OpenTold, Told

READ = {"Authorization": "Bearer r"}
DAYS = {"from": "2026-06-01", "to": "2026-06-30"}


def tell(world: World) -> None:
    """In June: money of `vesna`, visits of `spring_sale` and of a mark that nobody knows, a deal of nobody, dollars."""
    world.tell({
        "touches": [
            visit("t1", "v1", 160, "yandex", campaign="spring_sale"), visit("t2", "v2", 160, "mystery"),
            visit("t3", "v3", 160, "google", campaign="brand"),
        ],
        "leads": [lead("l1", 161, visitor_id="v1")],
        "deals": [stage("nobodys", "sale", 165, dealer="north"), stage("d2", "sale", 165, lead_id="l1")],
        "spend": [
            {"date": "2026-06-10", "cost": 900, "source": "yandex", "medium": "cpc", "campaign": "spring_sales"},
            {"date": "2026-06-10", "cost": 70, "currency": "USD", "source": "google", "medium": "cpc",
             "campaign": "brand"},
        ],
    })  # fmt: skip
    world.attribute()


@pytest.fixture
def june(open_told: OpenTold) -> Told:
    return open_told(tell)


def check(page: str, title: str) -> str:
    """The text of a line of data health."""
    return page.partition(f"<h3>{title}</h3>")[2].partition("</li>")[0]


def test_each_trouble_is_counted_and_leads_to_its_page(june: Told) -> None:
    client = june.client
    page = client.get("/sources", headers=READ).text
    for title, number in (
        ("Spend without touches", "900"), ("Touches without spend", "3"), ("Unknown UTM", "1"),
        ("Deals without contacts", "1"), ("Missing exchange rates", "1"), ("Noise left out", "0"),
        ("Rejected items", "0"), ("Gaps against the usual", "0"),
    ):  # fmt: skip
        text = check(page, title)
        assert f'<p class="value">{number}<span' in text, (title, text)
        address = text.partition('<a href="')[2].partition('"')[0]
        assert client.get(address, headers=READ).status_code == 200, title


def test_before_the_first_run_the_page_opens(client: TestClient) -> None:
    page = client.get("/sources", headers=READ)
    assert page.status_code == 200
    assert "Rejected items" in page.text
    assert "Unknown UTM" not in page.text
    assert "No source is connected yet" in page.text
    assert "No report yet" in client.get("/sources/utm", headers=READ).text


def test_unknown_marks_and_nameless_deals_are_listed_and_exported(june: Told) -> None:
    client = june.client
    assert "mystery" in client.get("/sources/utm", params=DAYS, headers=READ).text
    assert "Every mark is known" in client.get("/sources/utm", params={"to": "2026-01-31"}, headers=READ).text
    page = client.get("/sources/contacts", params=DAYS, headers=READ).text
    assert "<code>nobodys</code>" in page
    for report in ("unknown-utm", "deals-without-contacts"):
        found = client.get(f"/api/reports/{report}", params=DAYS, headers=READ).json()
        assert found["total"] == 1
        for form in ("csv", "xlsx", "parquet"):
            exported = client.get(f"/api/reports/{report}", params={**DAYS, "format": form}, headers=READ)
            assert exported.status_code == 200


def test_spend_is_joined_with_its_touches_and_parted_again(june: Told) -> None:
    services, client = june.services, june.client
    come_as_admin(client)
    page = client.get("/sources/matching", params=DAYS).text
    assert "yandex / cpc / spring_sales" in page
    told = {"from": "2026-06-01", "to": "2026-06-30", "cost_source": "yandex", "cost_medium": "cpc",
            "cost_campaign": "spring_sales", "touch_source": "yandex", "touch_medium": "cpc",
            "touch_campaign": "spring_sale"}  # fmt: skip
    answer = post(client, "/sources/matching", told)
    assert answer.url.query == b"from=2026-06-01&to=2026-06-30&done=joined"
    assert "from the next run on" in answer.text
    june.world.attribute()
    assert "All spend of these days found its touches" not in page
    assert "All spend of these days found its touches" in client.get("/sources/matching", params=DAYS).text
    (same,) = list_same(services.database)
    post(client, f"/sources/matching/{same.id}/undo", {})
    assert list_same(services.database) == []
    assert post(client, "/sources/matching", {}).status_code == 422


def test_a_missing_rate_is_set(june: Told) -> None:
    services, client = june.services, june.client
    come_as_admin(client)
    page = client.get("/sources/rates").text
    assert '<input name="currency" value="USD"' in page
    assert 'value="2026-06-10"' in page
    told = {"currency": "usd", "date": "2026-06-01", "nominal": "1", "rate": "90,5"}
    assert "The rate is set" in post(client, "/sources/rates", told).text
    assert list_rates(services.database)[0] == [{"currency": "USD", "date": "2026-06-01", "rate": 90.5}]
    assert post(client, "/sources/rates", told | {"rate": "much"}).status_code == 422
    june.world.attribute()
    assert "All money has its rate" in client.get("/sources/rates").text


def test_a_notice_is_acknowledged_by_whoever_presses(services: Services, client: TestClient) -> None:
    found = Finding("calls_low", "dealer", "d1", date(2026, 6, 29), 1.0, 20.0, 1e-9, 500.0, "too few calls")
    services.notices.raise_new(found, "Look at the <line>.", date(2026, 6, 30))
    come_as_admin(client)
    page = client.get("/sources/notices").text
    assert "too few calls" in page
    assert "Look at the &lt;line&gt;." in page
    (notice,) = services.notices.all()
    answer = post(client, f"/sources/notices/{notice.id}/acknowledge", {})
    assert "admin link looks after it" in answer.text
    assert services.notices.all(["open"]) == []
    assert "Nothing is out of the usual" in client.get("/sources/notices", params={"state": "open"}).text
    assert client.get("/sources/notices", params={"state": "lost"}).status_code == 422
    assert post(client, "/sources/notices/99/acknowledge", {}).status_code == 404


def tell_a_test_lead(world: World) -> None:
    world.tell({"leads": [lead("l1", 170, phone="+79160000001") | {"name": "test"}, lead("l2", 170, phone="+7916")]})
    world.attribute()


def test_noise_is_told_by_rule(open_told: OpenTold) -> None:
    client = open_told(tell_a_test_lead).client
    page = client.get("/sources/noise", params=DAYS, headers=READ).text
    assert "test_lead" in page
    shown = client.get("/sources/noise", params={**DAYS, "reason": "test_lead"}, headers=READ).text
    assert "Examples of test_lead" in shown
    assert "l1" in shown
    assert client.get("/sources/noise", params={"reason": "x"}, headers=READ).status_code == 422


def test_an_analyst_sees_and_changes_nothing(june: Told) -> None:
    client = june.client
    come_as(client, june.services.users, UserRole.ANALYST)
    page = client.get("/sources").text
    assert "/sources/rejections" not in page, "rejected items name people"
    for name, button in (("matching", "It is the same"), ("rates", "Set the rate")):
        assert button not in client.get(f"/sources/{name}", params=DAYS).text
        assert post(client, f"/sources/{name}", {}).status_code == 403


def test_the_flow_of_each_source_is_drawn(services: Services, client: TestClient) -> None:
    fill(services)
    page = client.get("/sources", headers=READ).text
    row = page.partition('<tr id="source-north">')[2].partition("</tr>")[0]
    assert "50.0" in row
    assert "too new to say" in row
    assert 'aria-label="Events of the last 24 hours: 1200"' in row
    assert '<rect x="23" y="0.0" width="0.8" height="20.0">' in row
    (north, _, west) = client.get("/api/sources", headers=READ).json()["items"]
    assert (north["per_hour"], north["usual_per_hour"], north["hours"][-1]) == (50, None, 1200)
    assert west["hours"] == [0] * 24


def test_what_is_handed_on_is_told(client: TestClient) -> None:
    page = client.get("/sources/handover", headers=READ).text
    assert "closedloop forward connect" in page
    assert "closedloop conversions connect" in page
