"""Mango Office: signed events of calls."""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from starlette.responses import Response

from collectors.sources.source import Source
from tests.collectors.vendors.call_fakes import MangoFake
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.collectors.vendors.fake_api import FakeApi

KEY, SALT = "testapikey000000000000000000000001", "testsalt00000000000000000000000001"
SIGNED_SUMMARY = (
    "vpbx_api_key=testapikey000000000000000000000001"
    "&sign=c6781c53d7f0d6c29e0c9c5a6ddbbf5ef69ca255c320ec91ba550d31cf4434e6"
    "&json=%7B%22entry_id%22%3A%22MTIzNDU2Nzg5OjE%3D%22%2C%22call_direction%22%3A1%2C%22from%22%3A%7B%22number%22%3A%22"
    "79000000001%22%7D%2C%22to%22%3A%7B%22extension%22%3A%22101%22%2C%22number%22%3A%22sip%3Asales%40dealer.mangosip.ru"
    "%22%7D%2C%22line_number%22%3A%2274950000001%22%2C%22create_time%22%3A1735689600%2C%22forward_time%22%3A1735689605"
    "%2C%22talk_time%22%3A1735689612%2C%22end_time%22%3A1735689700%2C%22entry_result%22%3A1%2C%22disconnect_reason%22"
    "%3A1110%2C%22sip_call_id%22%3A%22a1b2c3%22%7D"
)
SUMMARY: dict[str, Any] = {
    "entry_id": "e", "call_direction": 1, "from": {"number": "79000000001"}, "to": {"extension": 101},
    "line_number": "74950000001", "create_time": 1735689600, "forward_time": 1735689605, "talk_time": 1735689612,
    "end_time": 1735689700, "entry_result": 1,
}  # fmt: skip


def connected(desk: Desk, **settings: str) -> Source:
    return desk.connect("mango", secrets={"api_key": KEY, "api_salt": SALT}, settings=settings)


def signed(told: dict[str, Any]) -> str:
    text = orjson.dumps(told).decode()
    sign = hashlib.sha256(f"{KEY}{text}{SALT}".encode()).hexdigest()
    return urlencode({"vpbx_api_key": KEY, "sign": sign, "json": text})


def test_the_documented_summary_is_a_call(desk: Desk) -> None:
    source = connected(desk)
    assert desk.deliver(source, SIGNED_SUMMARY, path="events/summary").status_code == 200
    desk.read()
    assert desk.events("calls") == [
        {
            "id": "north:call:MTIzNDU2Nzg5OjE=", "started_at": "2025-01-01T00:00:00Z", "caller": "+79000000001",
            "called": "+74950000001", "status": "answered", "duration_s": 100, "talk_s": 88, "waiting_s": 12,
            "operator": "101",
            "properties": {"disconnect_reason": 1110, "sip_call_id": "a1b2c3", "collected_from": "north"},
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body", [SIGNED_SUMMARY.replace("sign=c", "sign=d"), SIGNED_SUMMARY.replace("1110", "1111"), "json=%7B%7D", ""]
)
def test_a_wrong_signature_is_refused_and_nothing_is_kept(desk: Desk, body: str) -> None:
    source = connected(desk)
    answer = desk.deliver(source, body, path="events/summary")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_allowed"
    desk.read()
    assert desk.events("calls") == []
    assert "refused" in desk.state(source).error


def test_the_same_summary_twice_is_one_call(desk: Desk) -> None:
    source = connected(desk)
    for _ in range(2):
        desk.deliver(source, SIGNED_SUMMARY, path="events/summary")
    desk.read()
    assert len(desk.events("calls")) == 1


def test_nobody_talked_so_it_was_missed_whatever_the_result_says(desk: Desk) -> None:
    desk.deliver(connected(desk), signed(SUMMARY | {"talk_time": 0}), path="events/summary")
    desk.read()
    (call,) = desk.events("calls")
    assert (call["status"], call["waiting_s"]) == ("missed", 100)
    assert call["talk_s"] == 0


def test_a_call_of_an_employee_is_outgoing(desk: Desk) -> None:
    sides = {"from": {"extension": 101}, "to": {"number": "79000000001"}, "line_number": "74950000001"}
    desk.deliver(connected(desk), signed(SUMMARY | sides | {"call_direction": 2}), path="events/summary")
    desk.read()
    (call,) = desk.events("calls")
    assert (call["direction"], call["caller"], call["called"]) == ("out", "+74950000001", "+79000000001")
    assert call["operator"] == "101"


def test_events_of_a_call_under_way_and_calls_within_the_exchange_are_no_calls(desk: Desk) -> None:
    source = connected(desk)
    for seq in (2, 1):
        desk.deliver(source, signed({"entry_id": "e", "seq": seq, "call_state": "Connected"}), path="events/call")
    desk.deliver(source, signed(SUMMARY | {"call_direction": 0}), path="events/summary")
    desk.read()
    assert desk.events("calls") == []
    assert desk.rejections() == []


def test_times_that_are_ahead_are_set_right(desk: Desk) -> None:
    desk.deliver(connected(desk, offset_hours="3"), signed(SUMMARY), path="events/summary")
    desk.read()
    assert desk.events("calls")[0]["started_at"] == "2024-12-31T21:00:00Z"


def test_unknown_fields_do_no_harm_and_a_missing_one_is_told(desk: Desk) -> None:
    source = connected(desk)
    desk.deliver(source, signed(SUMMARY | {"new": {"deep": [1]}}), path="events/summary")
    desk.deliver(source, signed({"call_direction": 1}), path="events/summary")
    desk.read()
    assert len(desk.events("calls")) == 1
    (rejected,) = desk.rejections()
    assert rejected.family == "deliveries"


STARTED = datetime.fromisoformat("2025-01-17T18:52:05+03:00")
AT = int(STARTED.timestamp())
LEGS = (
    f"[rec1,rec2];{AT};{AT + 100};{AT + 12};;79000000001;101;sip:a@b.ru;1110;74950000001;one\n"
    f"[rec3];{AT + 60};{AT + 140};{AT + 70};101;sip:a@b.ru;102;sip:c@b.ru;1100;74950000001;one\n"
    f"[];{AT};{AT + 30};0;;79000000002;101;sip:a@b.ru;1121;74950000001;missed\n"
    f"[];{AT};{AT + 30};{AT + 5};101;sip:a@b.ru;;79000000003;1110;74950000001;outgoing\n"
)


class Reporting(MangoFake):
    def table(self, start: datetime, end: datetime) -> str:
        return LEGS if start <= STARTED <= end else ""


def pulled(january: Desk, fake: MangoFake, **settings: str) -> FakeApi:
    api = FakeApi(fake.answer)
    with serving_fake(api.app) as address:
        assert january.pull(connected(january, base_url=address, **settings)).error == ""
    return api


def test_the_legs_of_an_entry_are_one_call_and_bring_their_recordings(january: Desk) -> None:
    pulled(january, Reporting())
    missed, one, outgoing = january.events("calls")
    assert one == {
        "id": "north:call:one", "started_at": "2025-01-17T15:52:05Z", "caller": "+79000000001",
        "called": "+74950000001", "status": "answered", "duration_s": 140, "talk_s": 128, "waiting_s": 12,
        "operator": "101",
        "properties": {
            "disconnect_reason": "1100", "recordings": ["rec1", "rec2", "rec3"], "collected_from": "north",
        },
    }  # fmt: skip
    assert (missed["id"], missed["status"], missed["talk_s"], missed["waiting_s"]) == (
        "north:call:missed", "missed", 0, 30,
    )  # fmt: skip
    assert (outgoing["direction"], outgoing["caller"], outgoing["called"], outgoing["operator"]) == (
        "out", "+74950000001", "+79000000003", "101",
    )  # fmt: skip


def test_the_summary_and_the_statistics_are_one_call(january: Desk) -> None:
    source = connected(january)
    told = {"entry_id": "one", "create_time": AT, "talk_time": AT + 12, "end_time": AT + 140}
    january.deliver(source, signed(SUMMARY | told), path="events/summary")
    january.read()
    (summary,) = january.events("calls")
    pulled(january, Reporting())
    call = next(each for each in january.events("calls") if each["id"] == "north:call:one")
    assert call | {"properties": {}} == summary | {"properties": {}}


def test_a_month_is_asked_for_at_once_and_its_result_every_five_seconds(january: Desk) -> None:
    fake = Reporting()
    fake.not_ready = 2
    api = pulled(january, fake, history_days="20")
    assert [asked.path for asked in api.asked] == ["/stats/request"] + ["/stats/result"] * 3
    assert january.pauses == [5.0, 10.0, 15.0]


def test_statistics_of_times_that_are_ahead(january: Desk) -> None:
    fake = MangoFake()
    fake.shift = timedelta(hours=3)
    pulled(january, fake, offset_hours="3")
    assert january.events("calls")[0]["started_at"] == "2025-01-17T18:30:00Z"


def test_a_report_that_does_not_become_ready_or_is_forgotten_is_asked_for_later(january: Desk) -> None:
    for tries, asked in ((1000, 61), (-1, 2)):
        fake = Reporting()
        fake.not_ready = tries
        api = FakeApi(fake.answer if tries > 0 else forgetful(fake))
        with serving_fake(api.app) as address:
            state = january.pull(connected(january, base_url=address))
        assert "did not become ready" in state.error
        assert state.cursor == {}
        assert len(api.asked) == asked


def forgetful(fake: MangoFake) -> Any:
    return lambda asked: Response(status_code=404) if asked.path == "/stats/result" else fake.answer(asked)


def test_a_row_of_another_shape_is_kept(january: Desk) -> None:
    class Strange(Reporting):
        def table(self, start: datetime, end: datetime) -> str:
            return "[];1;2\n" + super().table(start, end)

    pulled(january, Strange())
    assert len(january.events("calls")) == 3
    (rejected,) = january.rejections()
    assert b"[];1;2" in rejected.item
