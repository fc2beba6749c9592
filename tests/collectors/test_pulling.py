"""Pulls: pages are durable before the cursor moves, and a vendor that is down waits alone."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collectors.pulling import Puller
from collectors.sources.source import Told
from collectors.vendors.asking import Pace
from collectors.vendors.base import Level, Page, Pull, PulledVendor, Vendor
from infra.errors import NotFound
from tests.collectors.vendors.conftest import desk
from tests.collectors.vendors.desk import Desk, serving_fake

__all__ = ["desk"]


class Leaflets(PulledVendor):
    """A vendor whose API gives one lead a page."""

    slug = "leaflets"
    title = "Leaflets"
    level = Level.DOCUMENTED
    guide = ""
    every = timedelta(minutes=15)

    def pull(self, pull: Pull) -> Iterator[Page]:
        number = pull.cursor.get("next", 0)
        with pull.open_api("https://leaflets.example", per_second=10) as api:
            while True:
                found = api.ask("GET", f"/leads/{number}", accept=[404])
                if found.status_code == 404:
                    return
                item = {"id": pull.source.key(number), "created_at": found.json()["at"], "kind": "form"}
                number += 1
                yield Page([Told("leads", item)], {"next": number})


class Fake:
    """Answers as its script says: statuses to give before the true answer, per page."""

    def __init__(self, pages: int, script: dict[int, list[int]]) -> None:
        self.pages = pages
        self.script = script
        self.asked: list[int] = []
        self.app = Starlette(routes=[Route("/leads/{number:int}", self.answer)])

    async def answer(self, request: Request) -> Response:
        number = request.path_params["number"]
        self.asked.append(number)
        if self.script.get(number):
            return Response(status_code=self.script[number].pop(0), headers={"Retry-After": "7"})
        if number >= self.pages:
            return Response(status_code=404)
        return JSONResponse({"at": "2026-01-31 09:00:00"})


def puller(desk: Desk) -> Puller:
    services = desk.services
    pace = Pace(pause=desk.pauses.append, clock=lambda: 0.0)
    known: dict[str, Vendor] = {"leaflets": Leaflets()}
    return Puller(
        services.sources, services.progress, services.intake, services.clock, pace=pace, vendor_of=known.__getitem__
    )


def ids(desk: Desk) -> list[str]:
    return [event["id"] for event in desk.events("leads")]


def test_every_page_is_taken_in_the_zone_of_the_source(desk: Desk) -> None:
    fake = Fake(3, {})
    with serving_fake(fake.app) as address:
        source = desk.connect("leaflets", settings={"base_url": address}, timezone="Asia/Yekaterinburg", dealer="ural")
        assert puller(desk).pull_due() == 1
    assert ids(desk) == ["north:0", "north:1", "north:2"]
    event = desk.events("leads")[0]
    assert (event["created_at"], event["dealer"]) == ("2026-01-31T04:00:00Z", "ural")
    state = desk.state(source)
    assert (state.cursor, state.accepted, state.error) == ({"next": 3}, 3, "")
    assert state.next_pull_at is not None
    assert state.last_pull_at is not None
    assert state.next_pull_at - state.last_pull_at == timedelta(minutes=15)


def test_a_pull_that_dies_goes_on_where_it_was(desk: Desk) -> None:
    fake = Fake(4, {2: [500] * 4})
    with serving_fake(fake.app) as address:
        source = desk.connect("leaflets", settings={"base_url": address})
        puller(desk).pull_due()
        state = desk.state(source)
        assert (state.cursor, state.failures) == ({"next": 2}, 1)
        assert "127.0.0.1 is busy or out of order (status 500)" in state.error
        fake.asked.clear()
        desk.services.progress.pull_now(source.id)
        puller(desk).pull_due()
    assert fake.asked == [2, 3, 4]
    assert ids(desk) == [f"north:{number}" for number in range(4)]
    assert desk.state(source).error == ""


def test_throttling_waits_as_long_as_it_is_told(desk: Desk) -> None:
    fake = Fake(1, {0: [429, 503]})
    with serving_fake(fake.app) as address:
        desk.connect("leaflets", settings={"base_url": address})
        puller(desk).pull_due()
    assert desk.pauses.count(7.0) == 2
    assert ids(desk) == ["north:0"]


def test_requests_are_paced(desk: Desk) -> None:
    fake = Fake(3, {})
    with serving_fake(fake.app) as address:
        desk.connect("leaflets", settings={"base_url": address})
        puller(desk).pull_due()
    assert desk.pauses == pytest.approx([0.1, 0.2, 0.3])


@pytest.mark.parametrize("status", [401, 403, 400])
def test_a_refusal_is_told_and_not_asked_again_at_once(desk: Desk, status: int) -> None:
    fake = Fake(1, {0: [status] * 9})
    with serving_fake(fake.app) as address:
        source = desk.connect("leaflets", settings={"base_url": address})
        puller(desk).pull_due()
    assert fake.asked == [0]
    assert f"refuses the request with status {status}" in desk.state(source).error


def test_a_vendor_that_does_not_answer_is_told(desk: Desk) -> None:
    source = desk.connect("leaflets", settings={"base_url": "http://127.0.0.1:1"})
    puller(desk).pull_due()
    assert "does not answer" in desk.state(source).error


def test_a_surprise_of_one_vendor_is_its_own(desk: Desk) -> None:
    async def rubbish(_request: Request) -> Response:
        return Response("<html>", media_type="text/html")

    fake = Fake(1, {})
    with (
        serving_fake(Starlette(routes=[Route("/leads/{number:int}", rubbish)])) as bad,
        serving_fake(fake.app) as good,
    ):
        first = desk.connect("leaflets", key="bad", settings={"base_url": bad})
        second = desk.connect("leaflets", key="good", settings={"base_url": good})
        assert puller(desk).pull_due() == 2
    assert "could not be read" in desk.state(first).error
    assert desk.state(second).error == ""
    assert ids(desk) == ["good:0"]


def test_a_slow_vendor_holds_up_nobody(desk: Desk) -> None:
    answering = threading.Event()

    def slow(_request: Request) -> Response:
        answering.wait(20)
        return Response(status_code=404)

    fake = Fake(1, {})
    stopping = threading.Event()
    with serving_fake(Starlette(routes=[Route("/leads/{n:int}", slow)])) as bad, serving_fake(fake.app) as good:
        desk.connect("leaflets", key="bad", settings={"base_url": bad})
        desk.connect("leaflets", key="good", settings={"base_url": good})
        working = threading.Thread(target=puller(desk).run, args=(stopping,))
        working.start()
        while not desk.services.progress.states()["good"].accepted:
            assert working.is_alive()
            threading.Event().wait(0.02)
        assert desk.services.progress.states()["bad"].last_pull_at is None
        answering.set()
        stopping.set()
        working.join()


def test_a_source_that_went_away_is_nothing_to_pull(desk: Desk) -> None:
    source = desk.connect("leaflets")
    desk.services.sources.remove(source.id, author="a")
    with pytest.raises(NotFound):
        desk.services.sources.get(source.id)
    assert puller(desk).pull_due() == 0
