"""A stand-in for an amoCRM account: REST v4 over HTTP, as far as it is documented.

Tokens are rotated: a refresh token and a code are good once. Lists end with 204 where nothing fits, and name the next
page.
"""

from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PIPELINES = {
    "_embedded": {"pipelines": [{
        "id": 8000001, "name": "Новые авто", "_embedded": {"statuses": [
            {"id": 70000003, "name": "Визит"}, {"id": 142, "name": "Успешно реализовано"},
        ]},
    }]}
}  # fmt: skip


@dataclass
class FakeAmo:
    """`failing` are statuses of the next answers; `asked` are the paths and queries that came."""

    leads: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    page_size: int = 250
    token: str = "token-1"
    refresh: str = "refresh-1"
    code: str = ""
    failing: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(routes=[
            Route("/oauth2/access_token", self._give_token, methods=["POST"]),
            Route("/api/v4/leads/pipelines", self._pipelines),
            Route("/api/v4/{entity}", self._list),
        ])  # fmt: skip

    async def _give_token(self, request: Request) -> Response:
        told = await request.json()
        self.asked.append(told["grant_type"])
        good = {"refresh_token": self.refresh, "authorization_code": self.code}[told["grant_type"]]
        if not good or good not in (told.get("refresh_token"), told.get("code")) or told["client_secret"] != "secret":
            return JSONResponse({"hint": "Token has been revoked"}, 400)
        number = int(self.refresh.partition("-")[2]) + 1
        self.token, self.refresh, self.code = f"token-{number}", f"refresh-{number}", ""
        return JSONResponse({
            "token_type": "Bearer", "expires_in": 86400, "access_token": self.token, "refresh_token": self.refresh,
        })  # fmt: skip

    async def _pipelines(self, request: Request) -> Response:
        return self._objection(request) or JSONResponse(PIPELINES)

    async def _list(self, request: Request) -> Response:
        objection = self._objection(request)
        if objection:
            return objection
        entity, query = request.path_params["entity"], request.query_params
        rows = {"leads": self.leads, "contacts": self.contacts}[entity]
        ids = query.getlist("filter[id][]")
        if ids:
            rows = [row for row in rows if str(row["id"]) in ids]
        since = int(query.get("filter[updated_at][from]", 0))
        rows = sorted((row for row in rows if row["updated_at"] >= since), key=lambda row: row["updated_at"])
        page = int(query.get("page", 1))
        part = rows[(page - 1) * self.page_size : page * self.page_size]
        if not part:
            return Response(status_code=204)
        links = {"self": {"href": str(request.url)}}
        if len(rows) > page * self.page_size:
            links["next"] = {"href": str(request.url.include_query_params(page=page + 1))}
        return JSONResponse({"_page": page, "_links": links, "_embedded": {entity: part}})

    def _objection(self, request: Request) -> Response | None:
        self.asked.append(str(request.url).partition("/api/v4/")[2])
        if self.failing and (status := self.failing.pop(0)) != 200:
            return JSONResponse({"title": "error"}, status)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return JSONResponse({"title": "Unauthorized", "status": 401}, 401)
        return None
