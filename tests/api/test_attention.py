"""What the overview says needs attention, each time in another world, and before there is any."""

from datetime import date

from fastapi.testclient import TestClient

from attribution.anomalies.finding import Finding
from collectors.rejections import FieldError, Rejection
from tests.api.test_collect import READ
from tests.api.test_overview import asked, tell, tell_events
from tests.api.test_sources_page import fill
from tests.attribution.world import NOW, World, call, lead, spend, visit
from tests.told import OpenTold

HOSTILE = "<script>alert(1)</script>"


def test_it_needs_a_key_and_a_run(client: TestClient) -> None:
    assert client.get("/api/overview").status_code == 401
    assert client.get("/overview").status_code == 401
    assert client.get("/api/overview", headers=READ).status_code == 409
    assert "No report yet" in client.get("/overview", headers=READ).text


def tell_troubles(world: World) -> None:
    """Of every kind, with money at stake in some."""
    world.tell({
        "leads": [lead("never", 170, phone="+79160000001", dealer="south"), lead("now", 179, phone="+79160000002")],
        "calls": [call("m", 171, "+74950000000", caller="+79160000003", status="missed", dealer="south")],
        "spend": [{"date": "2026-06-10", "cost": 70, "currency": "USD", "source": "google", "medium": "cpc"}],
    })  # fmt: skip
    tell(world)
    services = world.services
    fill(services)
    for subject, money in (("d1", 500.0), ("d2", 9_000.0)):
        found = Finding("calls_low", "dealer", subject, date(2026, 6, 29), 1.0, 20.0, 1e-9, money, "too few calls")
        services.notices.raise_new(found, "Look at the telephone line.", date(2026, 6, 30))
    services.rejections.keep([Rejection(0, "leads", b"{}", (FieldError("id", "is missing"),))], NOW)


def test_what_needs_attention_has_the_most_money_first(open_told: OpenTold) -> None:
    client = open_told(tell_troubles, currency="RUB").client
    found = asked(client)["attention"]
    at_stake = [each["money"] or 0 for each in found]
    assert at_stake == sorted(at_stake, reverse=True)
    assert found[0]["money"] == 9_000
    by_kind = {each["kind"]: each for each in found}
    assert set(by_kind) == {
        "calls_low", "source_failing", "source_waiting", "rejections", "unprocessed_leads", "missed_calls",
        "missing_rate",
    }  # fmt: skip
    assert found[0]["text"] == "Dealer d2: too few calls, since 29 Jun"
    assert (found[0]["number"], found[0]["why"]) == ("1, usual 20", "Look at the telephone line.")
    assert found[0]["address"].startswith("/sources/notices#notice-")
    assert by_kind["unprocessed_leads"]["number"] == "1 lead"
    assert by_kind["missed_calls"]["number"] == "1 call"
    assert "south: 1" in by_kind["missed_calls"]["why"]
    assert by_kind["missing_rate"]["number"] == "70 USD"
    assert by_kind["rejections"]["number"] == "1 item"
    assert "mango.example is busy" in by_kind["source_failing"]["why"]
    assert by_kind["source_waiting"]["address"] == "/sources#source-west"
    assert by_kind["missing_rate"]["address"] == "/sources/rates"
    assert by_kind["rejections"]["address"] == "/sources/rejections"
    assert not any(each["command"] for each in found)


def test_every_place_to_act_answers(open_told: OpenTold) -> None:
    client = open_told(tell_troubles, currency="RUB").client
    places = asked(client)["attention"]
    assert places
    for each in places:
        assert client.get(each["address"], headers=READ).status_code == 200, each


def test_a_notice_that_somebody_looks_after_needs_no_attention(open_told: OpenTold) -> None:
    opened = open_told(tell, currency="RUB")
    services, client = opened.services, opened.client
    found = Finding("calls_low", "all", "all", date(2026, 6, 29), 1.0, 20.0, 1e-9, None, "too few calls")
    services.notices.raise_new(found, "", date(2026, 6, 30))
    (needing,) = asked(client)["attention"]
    assert (needing["text"], needing["urgent"], needing["money"]) == (
        "All together: too few calls, since 29 Jun", True, None
    )  # fmt: skip
    (notice,) = services.notices.all()
    services.notices.acknowledge(notice.id, who="anna")
    assert asked(client)["attention"] == []


def tell_of_strangers(world: World) -> None:
    """Robots, and a dealer whose name is a script."""
    tell_events(world)
    robot = {"user_agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
    world.tell({
        "touches": [visit(f"r{n}", f"r{n}", 175, "yandex", properties=robot) for n in range(3)],
        "leads": [lead("l", 170, phone="+79160000001", dealer=HOSTILE), lead("now", 179, phone="+79160000002")],
        "spend": [spend("2026-06-10", "2026-06-10", 100, "yandex", dealer=HOSTILE)],
    })  # fmt: skip
    world.attribute()


def test_noise_that_is_left_out_is_told(open_told: OpenTold) -> None:
    """Crawlers that name themselves are left out unless a rule says otherwise."""
    client = open_told(tell_of_strangers, currency="RUB").client
    noise = [each for each in asked(client)["attention"] if each["kind"] == "noise"]
    assert [each["number"] for each in noise] == ["3 events"]
    assert noise[0]["why"].startswith("touches: 3.")


def test_texts_from_events_are_only_texts(open_told: OpenTold) -> None:
    client = open_told(tell_of_strangers, currency="RUB").client
    page = client.get("/overview", headers=READ).text
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
