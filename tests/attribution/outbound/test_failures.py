"""Whatever an ad system answers, or does not: nothing is handed over twice, nothing is lost, and it is said."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.responses import JSONResponse, Response

from api.bootstrap import Services
from tests.attribution.outbound.fakes import Fake, FakeGoogle, FakeMeta, FakeMetrica, meta_error
from tests.attribution.outbound.handing import LATE, Handing
from tests.attribution.world import World, stage, visit
from tests.ports import free_port

SYSTEMS = ("metrica", "google", "meta")
SALES = ("d0", "d1", "d2", "d3", "d4")


@pytest.fixture(scope="module")
def sold(embedded: Services) -> World:
    """Five sales, each of somebody who clicked everywhere a day before."""
    world = World(embedded)
    world.clear()
    clicks = {"yclid": "7", "fbclid": "f"}
    world.tell({
        "touches": [visit(f"t-{n}", f"v-{n}", LATE, click_ids={**clicks, "gclid": f"g-{n}"}) for n in SALES],
        "deals": [stage(n, "sale", LATE + 1, visitor_id=f"v-{n}", amount=100) for n in SALES],
    })  # fmt: skip
    world.attribute()
    return world


@pytest.fixture
def handing(sold: World) -> Handing:
    handing = Handing(sold)
    handing.clear()
    return handing


def taken(fake: Fake) -> list[str]:
    """What the system counts, one entry each time."""
    if isinstance(fake, FakeMetrica):
        return [row["Yclid"] for row in fake.rows()]
    if isinstance(fake, FakeGoogle):
        return [transaction for _, transaction in fake.conversions]
    assert isinstance(fake, FakeMeta)
    return [event for _, event in fake.events]


def error_of(handing: Handing, key: str) -> str:
    (state,) = [each for each in handing.world.services.destinations.states() if each.id == key]
    return state.error


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_busy_system_is_waited_for(handing: Handing, system: str) -> None:
    with handing.system(system) as fake:
        fake.before = [Response(status_code=429, headers={"retry-after": "7"})]
        assert handing.send(system) == ""
        assert 7.0 in handing.pauses
        assert len(taken(fake)) == 5


@pytest.mark.parametrize("system", SYSTEMS)
def test_one_that_is_out_of_reach_has_taken_nothing(handing: Handing, system: str) -> None:
    dead = f"http://127.0.0.1:{free_port()}"
    handing.connect(system, dead)
    assert "does not answer" in handing.send(system)
    assert set(handing.states(system).values()) == {"planned"}
    (state,) = handing.world.services.destinations.states()
    assert state.failures == 1
    assert state.next_at is not None
    assert state.next_at > handing.clock.now()


@pytest.mark.parametrize("system", ["google", "meta"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_lost_answer_is_repeated_where_that_does_no_harm(handing: Handing, system: str, moment: str) -> None:
    with handing.system(system) as fake:
        getattr(fake, moment).append(Response(status_code=502))
        assert "may have done what was asked" in handing.send(system)
        assert set(handing.states(system).values()) == {"sending"}
        assert handing.send(system) == ""
        assert sorted(taken(fake)) == sorted(SALES)
        assert set(handing.states(system).values()) <= {"sent", "accepted"}


def test_a_lost_upload_is_found_by_its_comment(handing: Handing) -> None:
    with handing.system("metrica") as metrica:
        metrica.after.append(Response(status_code=504))
        assert handing.send("metrica")
        assert handing.send("metrica") == ""
        assert len(metrica.rows()) == 5
        assert set(handing.states("metrica").values()) == {"sent"}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_upload_that_nobody_can_tell_of_is_uncertain_and_stays_so(handing: Handing, moment: str) -> None:
    with handing.system("metrica") as metrica:
        metrica.lists_comments = False
        getattr(metrica, moment).append(Response(status_code=500))
        handing.send("metrica")
        for _ in range(3):
            assert handing.send("metrica") == ""
        assert len(metrica.rows()) == (5 if moment == "after" else 0)
        assert set(handing.told("metrica").values()) == {
            ("uncertain", "Yandex Metrica may have it: its answer was lost")
        }
        assert handing.send("metrica", again=True) == ""  # somebody has looked, and says so
        assert len(metrica.rows()) == (10 if moment == "after" else 5)
        assert set(handing.states("metrica").values()) == {"sent"}


def test_meta_drops_repetitions_for_two_days_so_later_ones_are_uncertain(handing: Handing) -> None:
    with handing.system("meta") as meta:
        meta.after.append(Response(status_code=500))
        assert handing.send("meta")
        handing.clock.advance(timedelta(hours=47))
        assert handing.send("meta") == ""
        assert set(handing.states("meta").values()) == {"uncertain"}
        assert len(meta.bodies) == 1


@pytest.mark.parametrize(
    ("system", "secret", "said"),
    [
        ("metrica", "token", "refuses the request with status 403"),
        ("google", "refresh_token", "takes the refresh token no more"),
        ("meta", "access_token", "refuses the access token"),
    ],
)
def test_a_token_that_has_run_out_is_said_and_a_new_one_goes_on(
    handing: Handing, system: str, secret: str, said: str
) -> None:
    with handing.system(system, **{secret: "expired"}) as fake:
        assert said in handing.send(system)
        assert "closedloop conversions connect" in error_of(handing, system)
        assert set(handing.states(system).values()) == {"planned"}
    with handing.system(system) as fake:
        assert handing.send(system) == ""
        assert len(taken(fake)) == 5
        assert error_of(handing, system) == ""


def test_what_google_names_is_rejected_and_the_others_go_on(sold: World, handing: Handing) -> None:
    with handing.system("google") as google:
        refusal = {
            "code": 400, "status": "INVALID_ARGUMENT", "message": "There was a problem with the request.",
            "details": [{
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{"field": "events.events[1].ad_identifiers.gclid", "reason": "INVALID_FORMAT"}],
            }],
        }  # fmt: skip
        google.before.append(JSONResponse({"error": refusal}, 400))
        assert handing.send("google") == ""
        told = handing.told("google")
        assert [state for state in told.values() if state[0] == "rejected"] == [("rejected", "INVALID_FORMAT")]
        assert len(taken(google)) == 4
        assert handing.send("google") == ""
        assert len(taken(google)) == 4
        assert handing.send("google", again=True) == ""
        assert len(taken(google)) == 5


def test_a_request_is_divided_until_the_bad_one_stands_alone(handing: Handing) -> None:
    with handing.system("meta") as meta:
        meta.refused_ids = frozenset({"d3"})
        assert handing.send("meta") == ""
        assert handing.told("meta")["sale:d3"] == ("rejected", "Invalid parameter")
        assert sorted(taken(meta)) == ["d0", "d1", "d2", "d4"]


def test_where_everything_is_refused_it_is_the_settings_that_are_wrong(handing: Handing) -> None:
    with handing.system("metrica", conversions='{"sale": "no_such_goal"}') as metrica:
        assert "There is no such goal" in handing.send("metrica")
        assert set(handing.states("metrica").values()) == {"planned"}
        assert metrica.rows() == []
        handing.connect("metrica", _address_of(handing, "metrica"))
        assert handing.send("metrica") == ""
        assert len(metrica.rows()) == 5


def _address_of(handing: Handing, key: str) -> str:
    return handing.world.services.destinations.get(key).options.account["base_url"]


@pytest.mark.parametrize(
    ("code", "more", "states"),
    [(4, {}, "planned"), (80004, {}, "planned"), (2, {}, "sending"), (100, {"is_transient": True}, "sending")],
)
def test_meta_hides_its_load_in_status_400(handing: Handing, code: int, more: dict[str, bool], states: str) -> None:
    with handing.system("meta") as meta:
        meta.before.append(meta_error(code, "Please wait", **more))
        assert handing.send("meta")
        assert set(handing.states("meta").values()) == {states}
        assert handing.send("meta") == ""
        assert len(taken(meta)) == 5


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        ({"requestStatus": "SUCCESS"}, "accepted", ""),
        ({"requestStatus": "PROCESSING"}, "sent", ""),
        (
            {"requestStatus": "FAILED", "errorInfo": {"errorCounts": [
                {"reason": "PROCESSING_ERROR_REASON_INVALID_GCLID", "recordCount": "5"}]}},
            "rejected", "INVALID_GCLID",
        ),
        (
            {"requestStatus": "PARTIAL_SUCCESS", "errorInfo": {"errorCounts": [
                {"reason": "PROCESSING_ERROR_REASON_EVENT_TOO_OLD", "recordCount": "2"}]}},
            "partly", "Google failed 2 of 5 of the request: EVENT_TOO_OLD",
        ),
        (
            {"requestStatus": "FAILED", "errorInfo": {"errorCounts": [
                {"reason": "PROCESSING_ERROR_REASON_DUPLICATE_TRANSACTION_ID", "recordCount": "5"}]}},
            "accepted", "",
        ),
    ],
)  # fmt: skip
def test_google_is_asked_later_what_became_of_a_request(
    handing: Handing, told: dict[str, object], state: str, reason: str
) -> None:
    with handing.system("google") as google:
        google.statuses = {"7001": told}
        assert handing.send("google") == ""
        assert set(handing.states("google").values()) == {"sent"}
        assert handing.send("google") == ""  # not yet: half an hour has to go by
        assert set(handing.states("google").values()) == {"sent"}
        handing.clock.advance(timedelta(minutes=30))
        assert handing.send("google") == ""
        assert set(handing.told("google").values()) == {(state, reason)}
        assert len(google.bodies) == 1


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        ({"status": "PROCESSED"}, "accepted", ""),
        ({"status": "PROCESSED", "linked_quantity": 5}, "accepted", ""),
        (
            {"status": "PROCESSED", "linked_quantity": 2},
            "partly", "Metrica tied 2 of 5 conversions of the upload to visits",
        ),
        ({"status": "LINKAGE_FAILURE"}, "rejected", "Metrica tied nothing of the upload to a visit"),
        ({"status": "EXPORTED"}, "sent", ""),
    ],
)  # fmt: skip
def test_metrica_is_asked_later_what_became_of_an_upload(
    handing: Handing, told: dict[str, object], state: str, reason: str
) -> None:
    with handing.system("metrica") as metrica:
        assert handing.send("metrica") == ""
        metrica.uploads[100] |= told
        handing.clock.advance(timedelta(minutes=31))
        assert handing.send("metrica") == ""
        assert set(handing.told("metrica").values()) == {(state, reason)}


def test_meta_says_at_once_how_many_it_has_received(handing: Handing) -> None:
    with handing.system("meta") as meta:
        meta.short_by = 2
        assert handing.send("meta") == ""
        assert set(handing.told("meta").values()) == {("partly", "Meta received 3 of 5 events of the request")}


def test_an_answer_that_cannot_be_read_is_noted_and_nothing_is_sent_twice(handing: Handing) -> None:
    with handing.system("metrica") as metrica:
        metrica.after.append(JSONResponse({"surprise": True}))
        assert "could not be read" in handing.send("metrica")
        assert handing.send("metrica") == ""
        assert len(metrica.rows()) == 5


@pytest.fixture
def running(handing: Handing) -> Iterator[Handing]:
    stopping = threading.Event()
    thread = threading.Thread(target=handing.sender().run, args=(stopping,))
    handing.connect("google", f"http://127.0.0.1:{free_port()}", key="down")
    thread.start()
    yield handing
    stopping.set()
    thread.join()


def test_one_that_is_down_does_not_hold_up_the_others(handing: Handing, running: Handing) -> None:
    with handing.system("meta") as meta:
        for _ in range(400):
            if error_of(handing, "down") and len(taken(meta)) == 5:
                break
            threading.Event().wait(0.05)
        assert "does not answer" in error_of(handing, "down")
        assert len(taken(meta)) == 5
