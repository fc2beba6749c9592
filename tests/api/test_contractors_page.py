"""The pages of contractors over HTTP, on a told world on a day that stands still."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from infra.access.keys import Key
from infra.access.rights import Right
from tests.api.dealers_world import tell
from tests.api.test_collect import READ
from tests.api.test_dealers_page import page, section, told, words
from tests.told import told_services


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with told_services(tmp_path_factory.mktemp("contractors"), tell, currency="RUB") as opened:
        yield opened


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), headers=READ) as opened:
        yield opened


def test_contractors_are_ranked_by_the_pooled_figure_with_its_interval(client: TestClient) -> None:
    rows = section(page(client, "/contractors", ranked="cpl"), "ranking")
    first, second = (words(row) for row in re.findall(r"<tr>.*?</tr>", rows, re.DOTALL)[1:])
    assert re.match(r"1 social/co \d+ \d+ … \d+ 77 ", first), first
    assert re.match(r"2 Search & Co 34\d ", second), second


def test_what_each_costs_is_told_in_media_and_fees(client: TestClient) -> None:
    shown = words(section(page(client, "/contractors"), "costs"))
    assert "Search & Co 44 000 40 000 4 000 10.0% 127 " in shown
    assert "social/co 9 896 9 000 896 10.0% 128 " in shown
    assert "All contractors 53 896 49 000 4 896 10.0% 255 61 " in shown


def test_claims_stand_beside_what_was_measured_on_their_days(client: TestClient) -> None:
    html = page(client, "/contractors")
    budget, romi = (words(section(html, f"claims-{slug}")) for slug in ("budget", "romi"))
    assert "Search & Co 2026-05-01 – 2026-05-31 50 000" in budget
    assert "44 000 -12%" in budget
    assert re.search(r"2026-05-31 500\.0% .*-\d+ pp", romi)
    assert "social/co" not in budget


def test_the_history_has_a_cell_a_month(client: TestClient) -> None:
    html = page(client, "/contractors", ranked="cpl")
    months = section(html, "months")
    assert words(months).index("2026-06") < words(months).index("2026-05"), "the newest first"
    own = words(section(page(client, "/contractors/search-co", ranked="cpl"), "history"))
    assert re.search(r"2026-05 \d+ \d+ … \d+ \d+ 44 000 4 000 ", own), own


def test_the_register_has_fees_and_claims_as_they_were_told(client: TestClient) -> None:
    shown = words(section(page(client, "/contractors"), "register"))
    assert "Search & Co search-co yandex / any / any 10 % of spend 50 000 500.0% 2026-05-01 – 2026-05-31" in shown
    assert "social/co vk / any / any 7 RUB a lead — — —" in shown
    register = client.get("/api/reports/contractor-register").json()
    assert [row["contractor"] for row in register["items"]] == ["search-co", "social/co"]


def test_every_table_can_be_taken_out(client: TestClient) -> None:
    for address, tables in (("/contractors", 3), ("/contractors/search-co", 3)):
        links = re.findall(r'href="(/api/reports/[^"]+format=(?:csv|xlsx|parquet))"', page(client, address))
        assert len(links) == 3 * tables
        for link in links:
            assert client.get(unescape(link)).status_code == 200, link


def test_links_lead_to_the_contractor_whatever_it_is_called(client: TestClient) -> None:
    html = page(client, "/contractors")
    links = {
        unescape(link) for link in re.findall(r'<th scope="row">[^<]*(?:<span[^>]*>\d+</span>)?<a href="([^"]+)"', html)
    }
    assert {link.partition("?")[0] for link in links} == {"/contractors/search-co", "/contractors/social%2Fco"}
    assert "<h1>social/co</h1>" in page(client, "/contractors/social%2Fco")


def test_a_contractors_page_tells_what_it_does_for_whom(client: TestClient) -> None:
    html = page(client, "/contractors/search-co")
    assert "<h1>Search &amp; Co</h1>" in html
    shown = words(html)
    assert "10 % of spend" in shown
    assert "yandex / any / any" in shown
    assert "d1" in words(section(html, "dealers"))
    assert re.search(r"Budget 50 000 44 000 2026-05-01 – 2026-05-31", words(section(html, "claims")))
    assert re.search(r"CPL .* 2 of 2", words(section(html, "standing")))


def test_a_contractor_sees_itself_pooled_with_all(services: Services, client: TestClient) -> None:
    _, secret = services.keys.add(Key("agency", frozenset({Right.REPORTS}), contractors=("search-co",)), author="t")
    own = {"Authorization": f"Bearer {secret}"}
    html = client.get("/contractors", headers=own).text
    assert "Search &amp; Co" in html
    assert "social" not in html
    assert client.get("/contractors/search-co", headers=own).status_code == 200
    unseen, unknown = (client.get(f"/contractors/{name}", headers=own) for name in ("social%2Fco", "nobody"))
    assert (unseen.status_code, unknown.status_code) == (404, 404)


def test_a_dealer_marketer_sees_names_and_no_claims(services: Services, client: TestClient) -> None:
    _, secret = services.keys.add(Key("d1", frozenset({Right.REPORTS}), dealers=("d1",)), author="t")
    html = client.get("/contractors", headers={"Authorization": f"Bearer {secret}"}).text
    assert "Search &amp; Co" in html
    assert "Claimed against measured" not in html
    assert "50 000" not in html


@pytest.mark.parametrize("name", ["nobody", "(none)", "(no touch)"])
def test_who_is_not_there_is_not_found(client: TestClient, name: str) -> None:
    assert f"There is no contractor “{name}”." in told(client, f"/contractors/{name}", 404)


def test_a_wrong_question_is_answered_in_words(client: TestClient) -> None:
    assert "There is no ranked &#39;sales&#39; here" in told(client, "/contractors", 422, {"ranked": "sales"})


def test_days_without_anything_say_what_to_do(client: TestClient) -> None:
    days = {"from": "2024-01-01", "to": "2024-01-31"}
    html = page(client, "/contractors", **days)
    assert "Nothing in this period" in html
    assert "Search &amp; Co" in html, "the register stays"
    assert "Nothing in this period" in page(client, "/contractors/search-co", **days)
