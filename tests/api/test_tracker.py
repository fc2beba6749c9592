"""`GET /t.js` and `POST /t`: who may send, what is answered and dropped, and that a public key opens nothing else."""

import gzip
import json
import time
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.sources_view import source_rows
from collectors.links import CLICK_IDS
from collectors.sources.register import new_token
from collectors.sources.source import Source
from collectors.tracker.agents import device_of, is_bot
from collectors.tracker.rates import Rate, Rates
from collectors.tracker.script import script
from collectors.tracker.sites import read_site
from infra.clock import FrozenClock
from infra.errors import DatabaseUnavailable
from tests.api.test_collect import stored

ORIGIN = "https://dealer.example"
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
NOW_MS = int(time.time() * 1000)


@pytest.fixture
def source(services: Services) -> Source:
    settings = {"origins": "dealer.example *.dealer.example", "numbers": "8 900 000-01-01"}
    made = Source("site", "site", new_token(), ZoneInfo("Europe/Moscow"), settings=settings, dealer="north")
    services.sources.connect(made, author="test", next_pull_at=None)
    return services.sources.get("site")


def hit(number: int = 1, type_: str = "visit", **fields: Any) -> dict[str, Any]:
    return {
        "id": f"e{number:016}", "type": type_, "at": NOW_MS, "visitor": "v" + "1" * 16, "session": "s" + "2" * 16,
        "url": "https://dealer.example/?utm_source=vk", "title": "Home",
    } | fields  # fmt: skip


def post(
    client: TestClient, source: Source, *hits: dict[str, Any], origin: str = ORIGIN, agent: str = BROWSER, **more: Any
) -> httpx.Response:
    body = {"key": source.token, "sent": NOW_MS, "events": hits} | more
    headers = {"Origin": origin, "User-Agent": agent, "Content-Type": "text/plain;charset=UTF-8"}
    answer: httpx.Response = client.post("/t", content=json.dumps(body).encode(), headers=headers)
    return answer


def drops(services: Services) -> dict[str, int]:
    (row,) = source_rows(services)
    found: dict[str, int] = row["dropped"]
    return found


def test_the_script_is_small_and_kept_by_browsers(client: TestClient) -> None:
    answer = client.get("/t.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "max-age=86400" in answer.headers["Cache-Control"]
    assert answer.content == script().body
    packed = script().packed
    assert len(packed) <= 6 * 1024
    assert gzip.decompress(packed) == script().body
    again = client.get("/t.js", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = client.get("/t.js", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.content == script().body


def test_the_script_knows_every_click_id_and_no_word_of_block_lists() -> None:
    text = script(letters=True).body.decode()
    assert "|".join(CLICK_IDS) in text
    assert "CLICK_IDS" not in text
    assert not [word for word in ("track", "analytic", "collect/", "pixel", "beacon.js") if word in text]


def test_events_of_a_page_are_taken(client: TestClient, services: Services, source: Source) -> None:
    answer = post(client, source, hit(), hit(2, "page"), hit(3, "goal", name="Calc", properties={"amount": 5, "x": 1}))
    assert (answer.status_code, answer.json()) == (200, {})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in answer.headers["Vary"]
    (touch,) = stored(services.log, "touches")
    assert (touch["id"], touch["source"], touch["dealer"]) == ("site:visit:e0000000000000001", "vk", "north")
    assert "testclient" not in str(touch)
    view, goal = stored(services.log, "actions")
    assert (view["name"], goal["name"], goal["amount"], goal["properties"]["x"]) == ("page", "Calc", "5.0000", 1)
    (row,) = source_rows(services)
    assert (row["accepted"], row["rejected"], row["health"]) == (3, 0, "ok")


@pytest.mark.parametrize(("origin", "allowed"), [
    ("https://dealer.example", True), ("http://dealer.example", True), ("https://shop.dealer.example", True),
    ("https://evildealer.example", False), ("https://dealer.example.evil.test", False), ("null", False), ("", False),
    ("file://", False), ("https://[", False),
])  # fmt: skip
def test_only_pages_of_the_site_may_send(client: TestClient, source: Source, origin: str, allowed: bool) -> None:
    answer = post(client, source, hit(), origin=origin)
    assert answer.status_code == (200 if allowed else 401)
    question = client.options("/t", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    assert question.status_code == (204 if allowed else 403)
    assert question.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
    assert "Access-Control-Allow-Credentials" not in question.headers


def test_a_browser_that_tells_only_the_pages_address_may_send(client: TestClient, source: Source) -> None:
    body = json.dumps({"key": source.token, "sent": NOW_MS, "events": [hit()]})
    headers = {"Referer": f"{ORIGIN}/page", "User-Agent": BROWSER}
    assert client.post("/t", content=body, headers=headers).status_code == 200


def test_hosts_are_read_as_people_write_them() -> None:
    settings = {"origins": "Дилер.рф, https://a.example:8443/", "numbers": "8 900 000-01-01; +7 900 000 01 02, none"}
    site = read_site(Source("s", "site", "k", ZoneInfo("UTC"), settings=settings), "RU")
    assert site.allows("https://" + "дилер.рф".encode("idna").decode())
    assert site.allows("https://a.example:8443")
    assert not site.allows("http://a.example:8443")
    assert site.numbers == ("+79000000101", "+79000000102")


def test_a_public_key_opens_nothing_else(client: TestClient, services: Services, source: Source) -> None:
    as_key = {"Authorization": f"Bearer {source.token}"}
    for path in ("/collect/touches", f"/hooks/site/{source.token}", "/api/rejections/x/replay"):
        assert client.post(path, json={}, headers=as_key).status_code in (401, 404)
    for path in ("/api/status", "/api/sources", "/api/reports/romi", "/api/rejections"):
        assert client.get(path, headers=as_key).status_code == 401


def test_no_event_of_another_source_can_be_replaced(client: TestClient, services: Services, source: Source) -> None:
    told = {"phone": "+79000000001", "id": "amo:lead:1", "status": "junk", "source": "yandex", "user_id": "u"}
    post(client, source, hit(1, "lead", lead=told, lead_id="l" + "3" * 16), hit(2, "lead", lead_id="amo:lead:1"))
    post(client, source, hit(3, "identify", traits={"user_id": "u1", "crm_id": "c1", "id": "x", "phone": ["+7"]}))
    (lead,) = stored(services.log, "leads")
    assert lead["id"] == "site:lead:l3333333333333333"
    assert not {"status", "source", "user_id"} & set(lead)
    (profile,) = stored(services.log, "profiles")
    assert not {"crm_id", "phone", "previous_id"} & set(profile)
    assert drops(services) == {"malformed": 1}


@pytest.mark.parametrize(
    "agent", ["", "Mozilla/5.0 (compatible; Googlebot/2.1)", "python-requests/2.31", "HeadlessChrome/126"]
)
def test_bots_are_dropped_and_counted(client: TestClient, services: Services, source: Source, agent: str) -> None:
    answer = post(
        client, source, hit(), hit(2, "page"), agent=agent, lease={"visitor": "v" + "1" * 16, "session": "s" + "2" * 16}
    )
    assert (answer.status_code, answer.json()) == (200, {})
    assert not stored(services.log, "touches")
    assert drops(services) == {"bot": 2}


@pytest.mark.parametrize(("agent", "device"), [
    (BROWSER, "desktop"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1", "mobile"),
    ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "mobile"),
    ("Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 Chrome/126.0 Safari/537.36", "tablet"),
    ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1", "tablet"),
    ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/124.0 YaBrowser/24.6.0 Safari/537.36", "desktop"),
])  # fmt: skip
def test_browsers_are_people_with_devices(agent: str, device: str) -> None:
    assert not is_bot(agent)
    assert device_of(agent) == device


@pytest.mark.parametrize("agent", [
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", "facebookexternalhit/1.1", "curl/8.5",
    "Mozilla/5.0 (compatible; YandexMetrika/2.0; +http://yandex.com/bots)", "Mozilla/5.0 (compatible; bingbot/2.0)",
    "Mediapartners-Google",
])  # fmt: skip
def test_machines_are_known(agent: str) -> None:
    assert is_bot(agent)


def test_a_hit_that_comes_again_is_taken_once(client: TestClient, services: Services, source: Source) -> None:
    for _ in range(3):
        assert post(client, source, hit(), hit(), sent=NOW_MS + 700).status_code == 200
    assert len(stored(services.log, "touches")) == 1


def test_a_log_that_cannot_be_written_is_told_and_the_hit_taken_later(
    client: TestClient, services: Services, source: Source
) -> None:
    services.reception  # noqa: B018  # opened before its log goes
    services.log.close()
    assert post(client, source, hit()).status_code == 503
    for part in ("log", "intake"):
        services.__dict__.pop(part)
    services.reception._intake = services.intake
    assert post(client, source, hit()).status_code == 200
    assert len(stored(services.log, "touches")) == 1


def test_time_is_the_servers(client: TestClient, services: Services, source: Source) -> None:
    fast = NOW_MS + 3 * 365 * 86_400_000
    post(client, source, hit(1, at=fast - 60_000), hit(2, at=fast + 5000), hit(3, at=fast - 9 * 86_400_000), sent=fast)
    minute_ago, now = stored(services.log, "touches")
    received = now["received_at"]
    assert now["occurred_at"] <= received
    assert minute_ago["occurred_at"] < now["occurred_at"]
    assert drops(services) == {"too_old": 1}


@pytest.mark.parametrize("body", [
    b"", b"no json", b"[]", b'{"key": "x"}', b'{"key": "x", "sent": -1, "events": []}', b"\xff",
])  # fmt: skip
def test_what_is_no_request_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/t", content=body, headers={"Origin": ORIGIN, "User-Agent": BROWSER})
    assert answer.status_code == 400
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["error"]["code"] == "unreadable_body"


def test_a_wrong_key_and_a_large_body_are_refused(client: TestClient, source: Source) -> None:
    assert post(client, source, hit(), key="wrong").status_code == 401
    large = post(client, source, hit(title="x" * 70_000))
    assert large.status_code == 413
    assert large.json()["error"]["message"] == "A request holds at most 64 KiB."
    assert post(client, source, *(hit(number) for number in range(201))).status_code == 400


def test_hostile_values_harm_nothing(client: TestClient, services: Services, source: Source) -> None:
    odd: list[Any] = [None, 7, [], {"id": "x"}, hit(2, "deal"), hit(3, visitor="100500"), hit(4, at="soon")]
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"deep": deep}
    answer = post(client, source, *odd, hit(5, "goal", name="deep", properties=deep), hit(6, "goal", name="\x00"))
    assert answer.status_code == 200
    assert drops(services)["malformed"] == len(odd)


def test_a_number_is_leased_and_a_page_without_a_pool_keeps_its_own(
    client: TestClient, services: Services, source: Source
) -> None:
    lease = {"visitor": "v" + "1" * 16, "session": "s" + "2" * 16}
    first = post(client, source, lease=lease).json()
    assert first["number"] == "+79000000101"
    assert post(client, source, lease=lease).json() == first
    other = post(client, source, lease=lease | {"session": "s" + "4" * 16}).json()
    assert other["number"] == ""
    assert other["visit"] != first["visit"]


def test_a_page_without_a_place_for_a_telephone_leases_none(
    client: TestClient, services: Services, source: Source
) -> None:
    lease = {"visitor": "v" + "1" * 16, "session": "s" + "2" * 16}
    assert set(post(client, source, lease=lease | {"phones": 0}).json()) == {"visit"}
    other = post(client, source, lease=lease | {"session": "s" + "4" * 16}).json()
    assert other["number"] == "+79000000101"


def test_calls_collected_over_http_get_the_visit(client: TestClient, services: Services, source: Source) -> None:
    post(client, source, lease={"visitor": "v" + "1" * 16, "session": "s" + "2" * 16})
    now = services.clock.now()
    calls = [
        {"id": f"c{minutes}", "caller": "89000000001", "called": "+7 900 000-01-01",
         "started_at": (now + timedelta(minutes=minutes)).isoformat()}
        for minutes in (-5, 1, 80, 100)
    ]  # fmt: skip
    answer = client.post("/collect/calls", json=calls, headers={"Authorization": "Bearer w"})
    assert answer.json()["accepted"] == 4
    found = {call["id"]: call.get("session_id") for call in stored(services.log, "calls")}
    mine = "s" + "2" * 16
    assert found == {"c-5": None, "c1": mine, "c80": mine, "c100": None}


def test_a_flood_is_slowed_down() -> None:
    seconds = [0.0]
    rates = Rates(Rate(per_second=2, burst=3), lambda: seconds[0])
    assert [rates.allow("a") for _ in range(4)] == [True, True, True, False]
    assert rates.allow("b")
    seconds[0] = 0.6
    assert [rates.allow("a") for _ in range(2)] == [True, False]


def test_a_site_that_is_connected_or_removed_is_known_soon(services: Services, source: Source) -> None:
    clock = FrozenClock(services.clock.now())
    services.__dict__["clock"] = clock
    assert services.sites.by_key(source.token) is not None
    other = Source("other", "site", new_token(), ZoneInfo("UTC"), settings={"origins": "b.example"})
    services.sources.connect(other, author="test", next_pull_at=None)
    clock.advance(timedelta(seconds=1))
    assert services.sites.by_key(other.token) is not None
    services.sources.remove("site", author="test")
    clock.advance(timedelta(seconds=15))
    assert services.sites.by_key(source.token) is None


def test_counts_of_a_removed_site_trouble_nobody(client: TestClient, services: Services, source: Source) -> None:
    post(client, source, hit(), agent="curl/8")
    services.sources.remove("site", author="test")
    post(client, source, hit(2), agent="curl/8")  # it is known for some seconds more
    services.site_tally.flush()
    assert services.site_tally.drops() == {}


def test_hits_are_taken_while_the_database_is_out_of_reach(
    client: TestClient, services: Services, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(client, source, hit())

    def fail(*_: object) -> None:
        raise DatabaseUnavailable("It is gone.")

    clock = FrozenClock(services.clock.now() + timedelta(minutes=1))
    for part, name in ((services.sites, "_clock"), (services.site_tally, "_clock")):
        monkeypatch.setattr(part, name, clock)
    monkeypatch.setattr(services.sources, "all", fail)
    monkeypatch.setattr(services.site_tally, "_note", fail)
    assert post(client, source, hit(2)).status_code == 200
    assert len(stored(services.log, "touches")) == 2
    monkeypatch.undo()
    services.site_tally.flush()
    (row,) = source_rows(services)
    assert row["accepted"] == 2
