"""What every fake of a vendor's API has: it notes what it is asked, and fails when a test wants it to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class FakeApi:
    """`troubles` are answers given in place of the true ones, by the number of the request, from 0."""

    answer: Callable[[Asked], Response]
    troubles: dict[int, Response] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self._take, methods=["GET", "POST"])])

    async def _take(self, request: Request) -> Response:
        asked = Asked(
            request.method, request.url.path, dict(request.query_params), dict(request.headers), await request.body()
        )
        self.asked.append(asked)
        return self.troubles.get(len(self.asked) - 1) or self.answer(asked)
