"""A stand-in for a 1C base's OData interface: an entity set, asked as the interface is documented to be."""

import base64
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ENTITY = "Document_ЗаказКлиента"
AUTHORIZATION = f"Basic {base64.b64encode('робот:пароль'.encode()).decode()}"


@dataclass
class FakeOneC:
    """`failing` are statuses of the next answers; `asked` are the raw addresses."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    failing: list[int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/odata/standard.odata/{entity}", self._list)])

    async def _list(self, request: Request) -> Response:
        raw = f"{request.scope['raw_path'].decode()}?{request.scope['query_string'].decode()}"
        self.asked.append(raw)
        if self.failing and (status := self.failing.pop(0)) != 200:
            return JSONResponse({"odata.error": {"code": "-1"}}, status)
        if request.headers["authorization"] != AUTHORIZATION:
            return Response(status_code=401)
        if "+" in raw or not raw.isascii():
            return JSONResponse({"odata.error": {"code": "8", "message": {"value": "Ошибка разбора"}}}, 400)
        if request.path_params["entity"] != ENTITY:
            return JSONResponse({"odata.error": {"code": "8"}}, 404)
        query = {name: unquote(value) for name, value in (pair.split("=", 1) for pair in raw.split("?")[1].split("&"))}
        assert query["$format"] == "json"
        assert query["$orderby"] == "Date,Ref_Key"
        return JSONResponse({"odata.metadata": "https://1c.example.com/$metadata", "value": self._chosen(query)})

    def _chosen(self, query: dict[str, str]) -> list[dict[str, Any]]:
        since = re.match(r"Date ge datetime'([\dT:-]{19})'", query["$filter"])
        assert since is not None
        posted = " and Posted eq true" in query["$filter"]
        rows = [row for row in self.rows if row["Date"] >= since[1] and (row["Posted"] or not posted)]
        rows.sort(key=lambda row: (row["Date"], row["Ref_Key"]))
        start = int(query["$skip"])
        return rows[start : start + int(query["$top"])]
