"""The pages of saved views and of what is mailed, as a browser uses them."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from api.language import COOKIE
from api.views.address import report_at
from api.views.ledger import MailState
from api.views.moments import Rhythm
from api.views.page_reports import PAGE_REPORTS
from infra.access.rights import UserRole
from tests.api.forms import come_as, come_as_admin, post
from tests.api.views.conftest import ANNA, BORIS, go_to, mails
from tests.api.views.conftest import post as send_mail
from tests.postfix_fixture import Postfix

REPORT_PAGES = (
    "/overview", "/channels", "/dealers", "/dealers/north", "/contractors", "/funnel", "/funnel/lost", "/funnel/calls",
    "/managers", "/managers/products", "/journeys", "/journeys/cohorts", "/sources",
)  # fmt: skip
FORM = {"recipients": ANNA, "form": "xlsx", "rhythm": "workdays", "hour": "9", "language": ""}


@pytest.fixture
def browser(services: Services) -> Any:
    with TestClient(create_app(services), base_url="https://testserver") as opened:
        come_as_admin(opened)
        yield opened


def saved(browser: TestClient, address: str = "/channels?by=dealer", **told: str) -> str:
    """Its address."""
    answer = post(browser, "/views", {"name": "Mondays", "address": address, **told}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    location: str = answer.headers["location"]
    return location


def page(browser: TestClient, address: str = "/views") -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("path", REPORT_PAGES)
def test_every_report_page_is_saved_where_it_stands(browser: TestClient, services: Services, path: str) -> None:
    asked = f"{path}?from=2026-01-01&to=2026-01-31" if path != "/sources" else path
    form = page(browser, asked).partition('action="/views"')[2].partition("</form>")[0]
    address = re.search(r'name="address" value="([^"]+)"', form)
    assert address is not None
    view = saved(browser, address[1].replace("&amp;", "&"))
    opened = browser.get(view)
    assert opened.status_code == 200
    assert opened.url.path == path
    assert ">Mondays</a>" in opened.text
    if path not in ("/sources",):
        assert (opened.url.params["from"], opened.url.params["to"]) == ("2026-01-01", "2026-01-31")
    assert ">Mondays</a>" in page(browser)


def test_every_page_that_can_be_saved_has_its_report(services: Services) -> None:
    assert {report_at(path) for path in (*REPORT_PAGES, "/contractors/acme")} == set(PAGE_REPORTS) | {"romi"}


def test_a_page_that_cannot_be_saved_offers_nothing(browser: TestClient) -> None:
    for path in ("/settings", "/views", "/account", "/dealers/nobody"):
        assert 'class="saved-here"' not in browser.get(path).text


def test_a_name_may_hold_any_sign(browser: TestClient, services: Services) -> None:
    path = f"/dealers/{quote('Автоцентр «Север» 50% a/b?#', safe='')}"
    view = browser.get(saved(browser, f"{path}?model=linear"), follow_redirects=False)
    assert view.headers["location"] == f"{path.replace('%2F', '/')}?model=linear"


def test_a_view_is_renamed_shared_and_deleted(browser: TestClient, services: Services) -> None:
    assert "You have saved no view yet" in page(browser)
    view = saved(browser)
    told = {"name": "Tuesdays", "period": "last_month", "shared": "1"}
    assert "The view is changed." in post(browser, view, told).text
    shown = page(browser)
    assert ">Tuesdays</a>" in shown
    assert "Last month" in shown
    assert f"https://loop.example.com{view}" in shown
    saved(browser, "/dealers?period=last_90_days")
    assert "<td>Last 90 days</td>" in page(browser)
    assert post(browser, view, {"name": " "}).status_code == 422
    assert "The view is deleted." in post(browser, f"{view}/remove", {}).text
    assert browser.get(view).status_code == 404


def test_a_page_is_opened_with_a_view_of_ones_own_choice(browser: TestClient, services: Services) -> None:
    view = saved(browser)
    link = f'<a href="{view}" >Channels</a>'
    assert link not in page(browser)
    assert link in post(browser, f"{view}/default", {"chosen": "1"}).text
    assert link in page(browser, "/overview")
    come_as(browser, services.users, UserRole.ANALYST)
    assert link not in page(browser, "/overview")
    come_as_admin(browser)
    assert link not in post(browser, f"{view}/default", {}).text
    post(browser, f"{view}/default", {"chosen": "1"})
    post(browser, f"{view}/remove", {})
    assert '<a href="/channels" >Channels</a>' in page(browser)


def test_a_view_is_sent_paused_and_no_longer_sent(browser: TestClient, services: Services, postfix: Postfix) -> None:
    view = saved(browser)
    assert "Nothing is sent yet" in page(browser)
    assert "Send “Mondays” by mail" in page(browser, f"{view}/mail")
    told = {**FORM, "recipients": f"{ANNA}\n{BORIS}, {ANNA}", "rhythm": "weekly", "weekdays": ["1", "3"], "hour": "8"}
    shown = post(browser, f"{view}/mail", told).text
    assert "Mon, Wed at 8:00" in shown
    assert "01 Jul 2026, 08:00" in shown
    (schedule,) = services.schedules.list("admin link")
    assert (schedule.recipients, schedule.rhythm) == ((ANNA, BORIS), Rhythm((1, 3), 0, 8))
    address = f"/schedules/{schedule.id}"
    assert "On its way" in post(browser, f"{address}/send", {}).text
    send_mail(services)
    assert "Sent to 2 recipients" in page(browser)
    assert len(postfix.letters("anna", 1)) == 1
    assert "paused" in post(browser, f"{address}/pause", {"paused": "1"}).text
    assert services.schedules.get(schedule.id, "admin link").paused
    post(browser, f"{address}/pause", {})
    monthly = {**FORM, "rhythm": "monthly", "month_day": "31", "form": "png"}
    assert "on day 31 of each month at 9:00" in post(browser, address, monthly).text
    assert "Sent to 2 recipients" in page(browser, address)
    assert post(browser, f"{view}/remove", {}).status_code == 422
    assert "Nothing is sent yet" in post(browser, f"{address}/remove", {}).text


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({"recipients": "anna"}, "is no e-mail address"), ({"recipients": ""}, "from 1 to 50 recipients"),
        ({"rhythm": "weekly"}, "No day of the week is chosen"),
        ({"rhythm": "monthly", "month_day": "0"}, "from 1 to 31"),
        ({"rhythm": "monthly", "month_day": "x"}, "from 1 to 31"), ({"language": "xx"}, "There is no language"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_above_the_form(browser: TestClient, told: dict[str, str], text: str) -> None:
    view = saved(browser)
    answer = post(browser, f"{view}/mail", {**FORM, "recipients": BORIS, **told})
    assert answer.status_code == 422
    assert text in answer.text
    assert told.get("recipients", BORIS) in answer.text


def test_a_mail_that_failed_says_why(browser: TestClient, services: Services) -> None:
    post(browser, f"{saved(browser)}/mail", {**FORM, "recipients": "nobody@holding.example"})
    (schedule,) = services.schedules.list("admin link")
    post(browser, f"/schedules/{schedule.id}/send", {})
    send_mail(services)
    shown = page(browser)
    assert "Not sent" in shown
    assert "The mail server refuses nobody@holding.example" in shown
    assert "Correct or remove these recipients" in shown


def test_without_a_mail_server_the_page_says_how_to_name_one(
    browser: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "CLOSEDLOOP_SMTP" not in page(browser)
    unset = services.environment.model_copy(update={"smtp": type(services.environment.smtp)("")})
    monkeypatch.setattr(services, "environment", unset)
    view = saved(browser)
    for shown in (page(browser), page(browser, f"{view}/mail")):
        assert "No mail goes out yet" in shown
        assert "CLOSEDLOOP_SMTP=smtp://user:password@" in shown


def test_nobody_sends_a_page_that_they_may_not_open(browser: TestClient, services: Services) -> None:
    shared = {path: saved(browser, path, shared="1") for path in ("/sources", "/managers", "/channels")}
    come_as(browser, services.users, UserRole.CONTRACTOR, contractors=("acme",))
    for path, view in shared.items():
        allowed = path == "/channels"
        assert browser.get(f"{view}/mail").status_code == (200 if allowed else 403), path
        assert post(browser, f"{view}/mail", FORM).status_code == (200 if allowed else 403), path
    assert [each.view for each in services.schedules.all()] == [shared["/channels"].rpartition("/")[2]]


def test_who_lost_the_right_gets_no_mail(browser: TestClient, services: Services, postfix: Postfix) -> None:
    user = come_as(browser, services.users, UserRole.MARKETING_DIRECTOR)
    post(browser, f"{saved(browser, '/sources')}/mail", FORM)
    services.users.change(
        type(user)(user.email, UserRole.DEALER_MARKETER, dealers=("north",), id=user.id), author="test"
    )
    go_to(services, "2026-07-01T09:00")
    send_mail(services)
    (mail,) = mails(services)
    assert mail.state is MailState.FAILED
    assert "of the whole holding" in mail.error


def test_only_ones_own_are_changed(browser: TestClient, services: Services) -> None:
    view = saved(browser, shared="1")
    post(browser, f"{view}/mail", FORM)
    (schedule,) = services.schedules.all()
    come_as(browser, services.users, UserRole.ANALYST)
    shown = page(browser)
    assert "Shared by others" in shown
    assert "Nothing is sent yet" in shown
    assert post(browser, view, {"name": "Mine"}).status_code == 422
    for what in ("", "/send", "/pause", "/remove"):
        assert post(browser, f"/schedules/{schedule.id}{what}", FORM).status_code == 404
    assert browser.get(f"/schedules/{schedule.id}").status_code == 404


def test_the_pages_speak_the_readers_language(browser: TestClient) -> None:
    view = saved(browser)
    browser.cookies.set(COOKIE, "ru")
    shown = page(browser, f"{view}/mail")
    assert "понедельник" in shown
    assert '<option value="ru" selected>' in shown
    post(browser, f"{view}/mail", {**FORM, "rhythm": "weekly", "weekdays": ["1"]})
    assert "пн" in page(browser)
