"""An Avito that behaves as its Swagger files say."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass
class FakeAvito:
    """`calls`, `chats` and `tracked` are told by time; `spendings` by day and kind; `answers` are given first, by the
    last part of a path; `asked` are bodies by that part."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    chats: list[dict[str, Any]] = field(default_factory=list)
    tracked: list[dict[str, Any]] = field(default_factory=list)
    spendings: dict[str, dict[str, float]] = field(default_factory=dict)
    messenger: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    answers: dict[str, list[Response]] = field(default_factory=dict)
    asked: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tokens: int = 0
    most_calls: int = 1000
    url: str = ""

    def routes(self) -> list[Route]:
        post = ["POST"]
        return [
            Route("/token", self.token, methods=post),
            Route("/cpa/v2/callsByTime", self.cpa, methods=post),
            Route("/cpa/v2/chatsByTime", self.cpa, methods=post),
            Route("/calltracking/v1/getCalls/", self.tracking, methods=post),
            Route("/core/v1/accounts/self", self.account),
            Route("/stats/v2/accounts/94235311/spendings", self.costs, methods=post),
            Route("/messenger/v2/accounts/94235311/chats/{key}", self.chat),
            Route("/messenger/v3/accounts/94235311/chats/{key}/messages/", self.chat_messages),
        ]

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if form != {"grant_type": "client_credentials", "client_id": "c", "client_secret": "s"}:
            return JSONResponse({"error": "invalid_client"}, 401)
        self.tokens += 1
        return JSONResponse({"access_token": f"a{self.tokens}", "expires_in": 86400, "token_type": "Bearer"})

    async def cpa(self, request: Request) -> Response:
        assert request.headers["x-source"]
        body, given = await self._heard(request)
        if given:
            return given
        since, limit = datetime.fromisoformat(body["dateTimeFrom"]), min(body["limit"], self.most_calls)
        told = self.calls if request.url.path.endswith("callsByTime") else self.chats
        found = sorted((each for each in told if _moment(each) >= since), key=_moment)
        name = "calls" if told is self.calls else "chats"
        return JSONResponse({name: found[body["offset"] : body["offset"] + limit]})

    async def tracking(self, request: Request) -> Response:
        body, given = await self._heard(request)
        if given:
            return given
        assert body["limit"] <= 100
        first, last = (datetime.fromisoformat(body[name]) for name in ("dateTimeFrom", "dateTimeTo"))
        assert (last - first).days <= 31
        found = [call for call in self.tracked if first <= datetime.fromisoformat(call["callTime"]) <= last]
        page = found[body["offset"] : body["offset"] + body["limit"]]
        return JSONResponse({"calls": page, "error": {"code": 0, "message": ""}})

    async def account(self, request: Request) -> Response:
        return JSONResponse({"id": 94235311, "name": "Dealer"})

    async def costs(self, request: Request) -> Response:
        body, given = await self._heard(request)
        groups = [
            {"date": day, "type": "day", "spendings": [{"slug": slug, "value": value} for slug, value in kinds.items()]}
            for day, kinds in self.spendings.items()
            if body["dateFrom"] <= day <= body["dateTo"]
        ]
        return given or JSONResponse({"result": {"groupings": groups, "timestamp": 1}})

    async def chat(self, request: Request) -> Response:
        chat = self.messenger.get(request.path_params["key"])
        _, given = await self._heard(request)
        return given or (JSONResponse(chat) if chat else JSONResponse({"error": "no such chat"}, 404))

    async def chat_messages(self, request: Request) -> Response:
        return JSONResponse(self.messages[request.path_params["key"]])

    async def _heard(self, request: Request) -> tuple[dict[str, Any], Response | None]:
        name = request.url.path.strip("/").rpartition("/")[2]
        body = await request.json() if request.method == "POST" else {}
        self.asked.setdefault(name, []).append(body)
        if request.headers["authorization"] != f"Bearer a{self.tokens}":
            return body, JSONResponse({"error": "expired"}, 401)
        given = self.answers.get(name)
        return body, given.pop(0) if given else None


def _moment(told: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(told["chat"]["date"] if "chat" in told else told["startTime"])
