"""The pages of channels over HTTP: from the report down to one conversion's journey, and models side by side."""

import html
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.attribution.world import NOW, World, lead, spend, stage, visit
from tests.migrated import lay_warehouse

READ = {"Authorization": "Bearer r"}
PERIOD = "from=2026-01-01&to=2026-03-31"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("channels")
    lay_warehouse(folder)
    settings = read_settings(
        data=folder, write_key="w", api_key="r", timezone="UTC", load_interval_ms=1, _env_file=None
    )
    opened = Services(settings, FrozenClock(NOW))
    _tell(World(opened))
    yield opened
    opened.close()


def _tell(world: World) -> None:
    """Two of yandex's visitors buy at north, after 1 and 2 touches; vk's at south; a|b is a campaign with a bar."""
    world.tell({
        "touches": [
            visit("a", "v1", 0, "yandex", campaign="a|b"), visit("b", "v1", 7, "vk", campaign="lookalike"),
            visit("c", "v2", 3, "yandex", campaign="spring"), visit("d", "v3", 20, "vk", campaign="lookalike"),
        ],
        "leads": [
            lead("l1", 8, visitor_id="v1", dealer="north"), lead("l2", 4, visitor_id="v2", dealer="north"),
            lead("l3", 21, visitor_id="v3", dealer="south"),
        ],
        "deals": [
            stage("d/1", "sale", 15, lead_id="l1", dealer="north", amount=900, margin=600),
            stage("d2", "sale", 16, lead_id="l2", dealer="north", amount=700, margin=500),
        ],
        "spend": [
            spend("2026-01-01", "2026-01-31", 310, "yandex"), spend("2026-01-01", "2026-01-31", 100, "vk"),
            spend("2026-01-01", "2026-01-31", 50, "radio"),
        ],
    })  # fmt: skip
    world.attribute()


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), headers=READ) as opened:
        yield opened


def page(client: TestClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.text


def rows_of(text: str) -> list[str]:
    """The first cell of each row, as text."""
    body = text.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<tr[^>]*>\s*<th[^>]*>(.*?)</th>", body, re.DOTALL)]
    return [html.unescape(cell).strip() for cell in cells]


def way_into(text: str, name: str) -> str:
    """The address behind a row."""
    found = re.search(rf'class="inside" href="([^"]+)">{re.escape(html.escape(name))}</a>', text)
    assert found is not None, name
    return html.unescape(found[1])


def crumbs(text: str) -> list[tuple[str, str]]:
    told = text.partition('class="crumbs"')[2].partition("</nav>")[0]
    found = re.findall(r'<li>(?:<a href="([^"]+)">|<span[^>]*>)(.*?)</(?:a|span)></li>', told)
    return [(html.unescape(title), html.unescape(address)) for address, title in found]


def test_the_best_by_romi_come_first_and_what_has_none_last(client: TestClient) -> None:
    text = page(client, f"/channels?by=source&{PERIOD}")
    assert rows_of(text) == ["vk", "yandex", "radio"]  # 500 %, 61 % and -100 %
    assert 'aria-sort="descending"><button form="sorting" name="sort" value="romi"' in text
    assert rows_of(page(client, f"/channels?by=source&{PERIOD}&sort=cost")) == ["radio", "vk", "yandex"]


def test_the_way_leads_from_a_channel_to_one_journey_and_each_level_can_be_left(client: TestClient) -> None:
    channels = page(client, f"/channels?{PERIOD}&model=linear&calendar=touch")
    (channel,) = {name for name in rows_of(channels) if "search" in name or "yandex" in name} or {rows_of(channels)[0]}
    text = channels
    for name in (channel, "a|b", "(none)", "(none)"):
        address = way_into(text, name)
        assert parse_qs(urlsplit(address).query)["model"] == ["linear"]
        text = page(client, address)
    assert urlsplit(address).path == "/channels/conversions"
    assert rows_of(text) == ["Sale d/1", "Lead l1"]
    assert "v1" not in rows_of(text)
    way = crumbs(text)
    assert [title for title, _ in way][:3] == ["All", f"Channel: {channel}", "Campaign: a|b"]
    assert rows_of(page(client, way[0][1])) == rows_of(channels)
    assert set(rows_of(page(client, way[1][1]))) == {"a|b", "spring", "lookalike", "(none)"} & set(
        rows_of(page(client, way[1][1]))
    )
    journey = page(client, way_into(text, "Sale d/1"))
    assert rows_of(journey) == [f"1. {channel}", "2. " + rows_of(journey)[1][3:]]
    assert crumbs(journey)[-1] == ("Sale d/1", "")
    assert rows_of(page(client, crumbs(journey)[-2][1])) == ["Sale d/1", "Lead l1"]
    assert "50.0%" in journey
    assert "2 touches led to it" in journey


def test_credit_without_a_touch_leads_straight_to_its_conversions(client: TestClient) -> None:
    text = page(client, f"/channels/conversions?where=channel:(no touch)&{PERIOD}")
    assert "No conversion is credited here" in text


def test_a_condition_is_set_from_what_occurs_and_told_in_the_address(client: TestClient) -> None:
    text = page(client, f"/channels?by=source&{PERIOD}&only=campaign")
    assert {"a|b", "spring", "lookalike"} <= set(re.findall(r'name="value" value="([^"]+)"', text))
    answer = client.get(
        f"/channels?by=source&{PERIOD}&only=campaign&apply=1&value=a|b&value=spring", follow_redirects=False
    )
    assert answer.status_code == 303
    assert parse_qs(urlsplit(answer.headers["location"]).query)["where"] == ["campaign:a\\|b|spring"]
    shown = page(client, answer.headers["location"])
    assert rows_of(shown) == ["yandex"]
    assert "Campaign is <b>a|b, spring</b>" in shown
    without = re.search(r'class="remove" href="([^"]+)"', shown)
    assert without is not None
    assert "radio" in rows_of(page(client, html.unescape(without[1])))
    hidden = client.get(f"/channels?by=source&{PERIOD}&only=source&apply=1&value=vk&excluded=1")
    assert rows_of(hidden.text) == ["yandex", "radio"]


def test_the_chart_follows_the_picked_rows(client: TestClient) -> None:
    together = page(client, f"/channels?by=source&{PERIOD}&pick=source:vk&pick=source:radio")
    costs = [int(each) for each in re.findall(r"<title>[^<]*Cost (\d+)", together)]
    assert sum(costs) == pytest.approx(150, abs=4)  # each is written as a whole one
    assert together.count('class="picked"') == 2
    lines = page(client, f"/channels?by=source&{PERIOD}&pick=source:vk&pick=source:yandex&line=cost")
    told = lines.partition('<figure class="over-time lines">')[2].partition("</figure>")[0]
    assert re.findall(r"</svg>(\w+)</span>", told) == ["vk", "yandex"]
    table = told.partition("<tbody>")[2]
    figures = [float(each.replace(" ", "")) for each in re.findall(r'<td class="number">([\d ]+)</td>', table)]
    assert (sum(figures[::2]), sum(figures[1::2])) == pytest.approx((100, 310), abs=4)  # each figure is a whole one
    too_many = "&".join(f"pick=source:s{n}" for n in range(7))
    assert client.get(f"/channels?by=source&{too_many}").status_code == 422


def test_columns_and_shares_are_chosen(client: TestClient) -> None:
    text = page(client, f"/channels?by=source&{PERIOD}&measures=cost&measures=romi&shares=1")
    head = text.partition("<thead>")[2].partition("</thead>")[0]
    assert re.findall(r'data-name="(\w+)"', head) == ["source", "cost", "romi"]
    assert "<small>67.4%</small>" in text
    assert text.count("<rect") >= 5


def test_models_stand_side_by_side_with_their_differences(client: TestClient) -> None:
    text = page(client, f"/channels/models?by=source&{PERIOD}&compare=first&compare=last&measure=sales")
    assert rows_of(text) == ["yandex", "radio", "vk"] or rows_of(text)[0] == "yandex"
    body = text.partition("<tbody>")[2].partition("</tbody>")[0]
    told = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", body, re.DOTALL)]
    assert told[:3] == ["2", "1", "−1"]
    answer = client.get(f"/api/reports/models-beside?by=source&{PERIOD}&compare=first,last&measure=sales").json()
    assert answer["items"][0] == {"source": "yandex", "first": 2, "last": 1, "last_difference": -1}
    assert client.get("/channels/models?compare=first").status_code == 422
    assert client.get("/channels/models?measure=cost").status_code == 422


def test_what_is_listed_is_exported(client: TestClient) -> None:
    answer = client.get(f"/api/reports/conversions?where=source:vk&kind=sale&{PERIOD}").json()
    assert [(row["id"], row["credit"], row["revenue"]) for row in answer["items"]] == [("d/1", 1.0, 900.0)]
    journey = client.get("/api/reports/journey?kind=sale&id=d/1").json()
    assert [row["source"] for row in journey["items"]] == ["yandex", "vk"]
    assert client.get("/api/reports/journey?kind=sale&id=nothing").status_code == 404
    assert client.get("/channels/journeys/sale/nothing").status_code == 404
