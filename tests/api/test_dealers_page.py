"""The pages of dealers over HTTP, on a told world on a day that stands still."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from infra.access.keys import Key
from infra.access.rights import Right
from tests.api.dealers_world import DEALERS, ODD, ODD_PATH, tell
from tests.api.test_collect import READ
from tests.told import told_services


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with told_services(tmp_path_factory.mktemp("dealers"), tell, currency="RUB") as opened:
        yield opened


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), headers=READ) as opened:
        yield opened


def page(client: TestClient, address: str, **asked: str) -> str:
    return told(client, address, 200, asked)


def told(client: TestClient, address: str, status: int, asked: dict[str, str] | None = None) -> str:
    answer = client.get(address, params=asked or None)
    assert answer.status_code == status, answer.text
    return answer.text


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def section(html: str, name: str) -> str:
    found = re.search(rf'aria-labelledby="{name}".*?</section>', html, re.DOTALL)
    assert found is not None
    return found[0]


def ranked_rows(html: str) -> list[str]:
    return [words(row) for row in re.findall(r"<tr>.*?</tr>", section(html, "ranking"), re.DOTALL)[1:]]


def test_all_dealers_stand_in_the_ranking_the_best_first(client: TestClient) -> None:
    html = page(client, "/dealers")
    first, *others = ranked_rows(html)
    assert first.startswith(f"1 {ODD}")
    assert "better than its peers 5" in first
    assert len(others) == len(DEALERS) - 1
    assert all("better" not in row and "worse" not in row for row in others)


def test_a_dealer_of_three_leads_is_not_punished_for_noise(client: TestClient) -> None:
    row = next(row for row in ranked_rows(page(client, "/dealers")) if " d7 " in row)
    assert " d7 few " in row
    assert "33.3%" in row, "as it is"
    assert re.search(r"\d\.\d% … \d\d\.\d%", row)


def test_the_ranking_is_of_the_measure_that_is_chosen(client: TestClient) -> None:
    html = page(client, "/dealers", measure="cps")
    assert "Ranking by CPS, like for like" in html
    assert ranked_rows(html)[0].startswith(f"1 {ODD}"), "it pays least for a sale"


def test_peers_are_of_the_brand_and_city(client: TestClient) -> None:
    html = page(client, "/dealers", peers="brand_and_city")
    found = words(html)
    for group in ("Geely, Казань", "Geely, Москва", "Lada, Казань", "Lada, Москва"):
        assert f"Mean of {group} (2), like for like" in found
    assert "mean of its brand and city" in found


def test_the_holding_is_the_sum_of_its_dealers(client: TestClient) -> None:
    found = words(page(client, "/dealers"))
    assert re.search(r"Holding 53 896 255 61 ", found), found[-3000:]


def test_every_dot_of_the_scatter_says_what_it_is_and_leads_on(client: TestClient) -> None:
    html = page(client, "/dealers", x="cps", y="cr_visit_sale")
    dots = re.findall(r'<a href="([^"]+)" class="spot" aria-label="([^"]+)"', html)
    assert len(dots) == len(DEALERS)
    address, said = next((address, unescape(said)) for address, said in dots if unescape(said).startswith("Север"))
    assert unescape(address).startswith(ODD_PATH)
    assert re.fullmatch(rf"{re.escape(ODD)}: CPS [\d ]+, CR showroom → sale 100.0%, sales 24", said)


def test_the_table_like_for_like_is_another(client: TestClient) -> None:
    raw, fair = (words(section(page(client, "/dealers", figures=kind), "all")) for kind in ("raw", "like_for_like"))
    assert "All measures, as they are" in raw
    assert "All measures, like for like" in fair
    assert "83.3%" in raw
    assert "83.3%" not in fair


def test_every_table_can_be_taken_out(client: TestClient) -> None:
    for address in ("/dealers?peers=brand_and_city", ODD_PATH):
        links = re.findall(r'href="(/api/reports/[^"]+format=(?:csv|xlsx|parquet))"', page(client, address))
        assert len(links) % 3 == 0
        assert len(links) == (3 if "peers" in address else 12)
        for link in links:
            assert client.get(unescape(link)).status_code == 200, link


def test_links_of_the_ranking_lead_to_the_dealer_whatever_it_is_called(client: TestClient) -> None:
    html = page(client, "/dealers", peers="brand", period="last_12_months")
    links = {
        unescape(link) for link in re.findall(r'<th scope="row">(?:<span[^>]*>\d+</span>)?<a href="([^"]+)"', html)
    }
    assert len(links) == len(DEALERS)
    for link in links:
        assert "peers=brand" in link
        found = page(client, link)
        assert "All dealers" in found
    assert f"<h1>{ODD}</h1>" in unescape(page(client, next(link for link in links if link.startswith(ODD_PATH))))
    assert "<b>" not in page(client, ODD_PATH).partition("<h1>")[2].partition("</h1>")[0]


def test_a_dealers_page_has_its_figures_and_those_of_others(client: TestClient) -> None:
    html = page(client, ODD_PATH)
    found = words(html)
    assert "Lada, Казань" in found
    beside = words(section(html, "beside"))
    assert re.search(r"CR lead → sale .*? 66\.7% .*? 23\.9% .*? 1 of 8 ", beside)
    assert "Sales ? What Sales means" not in found
    assert "Search & Co" in words(section(html, "contractors"))
    assert "paid_search" in words(section(html, "channels"))
    assert re.search(r"Lead 36 ", words(section(html, "funnel")))


def test_a_dealers_tiles_are_its_own(client: TestClient) -> None:
    html = page(client, "/dealers/d1", **{"from": "2026-05-01", "to": "2026-06-30"})
    tiles = dict(
        re.findall(r'<h2><a href="[^"]+"[^>]*>([^<]+)</a></h2>.*?<p class="value">([^<]+)</p>', html, re.DOTALL)
    )
    assert (tiles["Leads"], tiles["Sales"], tiles["Margin"]) == ("36", "6", "18 000")
    assert page(client, "/dealers/d1", measure="leads", step="week").count("Leads by week") >= 2


def test_who_loses_is_told_where_and_whether_it_may_be_chance(client: TestClient) -> None:
    funnel = words(section(page(client, "/dealers/d1"), "funnel"))
    assert "It loses most at CR" in funnel
    assert "of all dealers: about" in funnel
    assert "may be chance" in funnel or "beyond noise" in funnel
    assert "At no step does it lie below all dealers." in words(section(page(client, ODD_PATH), "funnel"))


def test_leads_that_wait_are_told(client: TestClient) -> None:
    waiting = words(section(page(client, "/dealers/d6"), "leads"))
    assert re.search(r"Unprocessed [1-9]\d* ", waiting)
    assert "Unprocessed 0 " in words(section(page(client, "/dealers/d1"), "leads"))


def test_a_dealer_marketer_sees_their_own_beside_the_holding(services: Services, client: TestClient) -> None:
    _, secret = services.keys.add(Key("d1", frozenset({Right.REPORTS}), dealers=("d1",)), author="t")
    own = {"Authorization": f"Bearer {secret}"}
    html = client.get("/dealers", headers=own).text
    assert [row.split()[1] for row in ranked_rows(html)] == ["d1"]
    assert "d2" not in html
    assert "holding: 23.9%" in html
    assert client.get("/dealers/d1", headers=own).status_code == 200
    assert client.get("/dealers/d2", headers=own).status_code == 404
    assert (
        client.get("/dealers/nobody", headers=own).text.replace("nobody", "d2")
        == client.get("/dealers/d2", headers=own).text
    )
    _, secret = services.keys.add(Key("agency", frozenset({Right.REPORTS}), contractors=("search-co",)), author="t")
    agency = {"Authorization": f"Bearer {secret}"}
    assert client.get("/dealers", headers=agency).status_code == 403
    assert 'href="/dealers"' not in client.get("/contractors", headers=agency).text


@pytest.mark.parametrize(
    ("address", "asked", "sentence"),
    [
        ("/dealers", {"measure": "colour"}, "There is no measure &#39;colour&#39; here"),
        ("/dealers", {"x": "leads"}, "There is no x &#39;leads&#39; here"),
        ("/dealers", {"peers": "street"}, "There is no peers"),
        ("/dealers", {"period": "this_year", "from": "2026-01-01"}, "at once"),
        ("/dealers/d1", {"step": "hour"}, "There is no step"),
    ],
)
def test_a_wrong_question_is_answered_in_words(
    client: TestClient, address: str, asked: dict[str, str], sentence: str
) -> None:
    assert sentence in told(client, address, 422, asked)


def test_days_without_anything_say_what_to_do(client: TestClient) -> None:
    days = {"from": "2024-01-01", "to": "2024-01-31"}
    assert "No dealer in this period" in page(client, "/dealers", **days)
    assert "Nothing in this period" in page(client, "/dealers/d1", **days)
