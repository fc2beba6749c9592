"""What may be done only once is asked once, unless it is sure that nothing was done."""

from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from collectors.vendors.asking import Api, Pace
from infra.errors import AnswerLost, VendorRefused, VendorUnavailable
from tests.collectors.vendors.desk import serving_fake
from tests.ports import free_port

QUICK = Pace(pause=lambda _: None, clock=lambda: 0.0)


class Counting:
    """Answers one status after the other, the last one for good."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.asked = 0

    async def answer(self, request: Request) -> Response:
        self.asked += 1
        return Response(status_code=self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0])


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Counting, str]]:
    counting = Counting()
    with serving_fake(Starlette(routes=[Route("/", counting.answer, methods=["POST"])])) as address:
        yield counting, address


@pytest.fixture
def ask(served: tuple[Counting, str]) -> Callable[..., int]:
    counting, address = served

    def ask(*statuses: int, once: bool = True) -> int:
        counting.statuses, counting.asked = list(statuses), 0
        with Api(address, pace=QUICK) as api:
            return api.ask("POST", "/", once=once).status_code

    return ask


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_error_of_the_server_may_have_come_after_the_deed(
    served: tuple[Counting, str], ask: Callable[..., int], status: int
) -> None:
    with pytest.raises(AnswerLost):
        ask(status, 200)
    assert served[0].asked == 1
    assert ask(status, 200, once=False) == 200
    assert served[0].asked == 2


@pytest.mark.parametrize("status", [420, 429])
def test_a_throttled_request_was_not_done_and_is_asked_again(
    served: tuple[Counting, str], ask: Callable[..., int], status: int
) -> None:
    assert ask(status, status, 200) == 200
    assert served[0].asked == 3
    with pytest.raises(VendorUnavailable) as raised:
        ask(status)
    assert not isinstance(raised.value, AnswerLost)


def test_a_refusal_is_a_refusal(ask: Callable[..., int]) -> None:
    with pytest.raises(VendorRefused):
        ask(403)


def test_what_never_got_there_was_not_done() -> None:
    with Api(f"http://127.0.0.1:{free_port()}", pace=QUICK) as api, pytest.raises(VendorUnavailable) as raised:
        api.ask("POST", "/", once=True)
    assert not isinstance(raised.value, AnswerLost)
