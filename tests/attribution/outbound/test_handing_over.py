"""Conversions reach each ad system in its own form, each once."""

from pathlib import Path
from typing import Any

import pytest

from tests.attribution.outbound.handing import LATE, Handing, as_json
from tests.attribution.world import World, lead, stage, visit

GOLDEN = Path(__file__).parent / "golden"
CONSENT = {"consent": {"ad_user_data": "granted", "ad_personalization": "denied"}}


def golden_world(world: World) -> None:
    """Ivan clicks everywhere and buys; Anna is known by her contacts alone; the third by Metrica's cookie."""
    world.tell({
        "touches": [
            visit("t1", "ivan", LATE, click_ids={"yclid": "1234567890123456789"}, properties=CONSENT),
            visit("t2", "ivan", LATE + 0.25, click_ids={"gclid": "Cj0KCQtest"}),
            visit("t3", "ivan", LATE + 0.5, click_ids={"fbclid": "AbCtest"}, properties={"fbp": "fb.1.17371199.1"}),
            visit("t4", "third", LATE, properties={"ym_uid": "1735640000123456789"}),
        ],
        "leads": [
            lead("l1", LATE + 1, visitor_id="ivan", phone="8 (900) 000-00-01", email=" Ivan@Example.com "),
            lead("l2", LATE + 1, phone="+380500000001", email="a.nna+auto@gmail.com"),
            lead("l3", LATE + 1, visitor_id="third"),
        ],
        "deals": [
            stage("30012345", "sale", LATE + 2, lead_id="l1", amount="2349000.00", margin=210000),
            stage("30012346", "sale", LATE + 3, lead_id="l2"),
            stage("30012347", "sale", LATE + 3, lead_id="l3", amount="99.5"),
        ],
    })  # fmt: skip
    world.attribute()


def same_as_golden(name: str, text: str) -> None:
    assert text == (GOLDEN / name).read_text("utf-8"), text


def test_metrica_gets_a_table_for_each_kind_of_key(kept: Handing) -> None:
    kept.world.hold(golden_world)
    with kept.system("metrica") as metrica:
        assert kept.send("metrica") == ""
        assert len(metrica.bodies) == 2
        for table in metrica.bodies:
            same_as_golden(f"metrica_{table.partition(',')[0].lower()}.csv", table)
        assert kept.told("metrica")["sale:30012346"] == ("skipped", "no click id or contact")


def test_google_gets_events_with_exactly_the_click_id_that_there_is(kept: Handing) -> None:
    kept.world.hold(golden_world)
    with kept.system("google", login_customer_id="999-888-7777") as google:
        assert kept.send("google") == ""
        (body,) = google.bodies
        same_as_golden("google_ingest.json", as_json(body))


def test_meta_gets_events_with_click_cookie_and_contacts(kept: Handing) -> None:
    kept.world.hold(golden_world)
    with kept.system("meta", test_event_code="TEST1") as meta:
        assert kept.send("meta") == ""
        (body,) = meta.bodies
        same_as_golden("meta_events.json", as_json(body))


def test_a_second_pass_hands_nothing_over(kept: Handing) -> None:
    kept.world.hold(golden_world)
    with kept.system("metrica") as metrica, kept.system("google") as google, kept.system("meta") as meta:
        for _ in range(3):
            assert [kept.send(system) for system in ("metrica", "google", "meta")] == [""] * 3
            kept.world.attribute()
        assert [len(fake.bodies) for fake in (metrica, google, meta)] == [2, 1, 1]


def wares(names: list[str], **fields: Any) -> dict[str, list[dict[str, Any]]]:
    """A sale each, of somebody who clicked everywhere a day before."""
    clicks = {"yclid": "7", "gclid": "g", "fbclid": "f"}
    return {
        "touches": [visit(f"t-{name}", f"v-{name}", LATE, click_ids=clicks) for name in names],
        "deals": [
            stage(name, "sale", LATE + 1, visitor_id=f"v-{name}", **({"amount": 100} | fields)) for name in names
        ],
    }


def test_requests_hold_no_more_than_the_system_takes(handing: Handing, monkeypatch: pytest.MonkeyPatch) -> None:
    handing.world.tell(wares([f"d{n}" for n in range(5)]))
    handing.world.attribute()
    with handing.system("meta") as meta:
        monkeypatch.setattr("attribution.outbound.systems.meta.Meta.most", 2)
        assert handing.send("meta") == ""
        assert [len(body["data"]) for body in meta.bodies] == [2, 2, 1]
        assert set(handing.states("meta").values()) == {"accepted"}
