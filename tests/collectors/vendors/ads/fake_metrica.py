"""A Yandex Metrica that behaves as its documentation says."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

HEAD = "ym:s:visitID\tym:s:dateTime\tym:s:clientID\tym:s:pageViews"
COUNTER = "/management/v1/counter/123"


@dataclass
class FakeMetrica:
    """A counter: its Logs API, and uploads of expenses, which are kept as `tables`.

     `visits` are by day; a log has a part for each day, and room for `room` days in all.

    `pending` is how often a log is still being made; `errors` are answered first, by the last part of a path.
    """

    visits: dict[str, list[str]] = field(default_factory=dict)
    room: int = 1000
    pending: int = 0
    logs: dict[int, dict[str, Any]] = field(default_factory=dict)
    errors: dict[str, list[Response]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: Request) -> Response:
        rest = request.url.path.removeprefix(COUNTER).strip("/").split("/")
        self.asked.append(f"{request.method} {'/'.join(rest)}")
        assert request.headers["authorization"] == "OAuth t"
        if self.errors.get(rest[-1]):
            return self.errors[rest[-1]].pop(0)
        if rest[0] == "expense":
            return await self._upload(request)
        if rest[0] == "logrequests":
            return self._orders(request, rest)
        log = self.logs.get(int(rest[1]))
        if log is None:
            return JSONResponse({"code": 404}, 404)
        if rest[-1] == "clean":
            if log["status"] != "processed":
                return JSONResponse({"code": 400}, 400)
            log["status"] = "cleaned_by_user"
            return JSONResponse({"log_request": log})
        return self._part(log, int(rest[3])) if rest[-1] == "download" else self._status(log)

    async def _upload(self, request: Request) -> Response:
        assert request.headers["content-type"].startswith("multipart/form-data")
        body = (await request.body()).decode()
        found = re.search(r'name="file"; filename="\S+"\r\n.*?\r\n\r\n(.*)\r\n--', body, re.DOTALL)
        assert found
        self.tables.append(found[1])
        return JSONResponse({"uploading": {"id": len(self.tables), "status": "UPLOADED"}})

    def _orders(self, request: Request, rest: list[str]) -> Response:
        if request.method == "GET" and rest[-1] == "logrequests":
            return JSONResponse({"requests": list(self.logs.values())})
        first, last = request.query_params["date1"], request.query_params["date2"]
        days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
        if rest[-1] == "evaluate":
            told = {"possible": days <= self.room, "max_possible_day_quantity": self.room}
            return JSONResponse({"log_request_evaluation": told})
        assert days <= self.room
        number = len(self.logs) + 1
        fields = request.query_params["fields"].split(",")
        self.logs[number] = {
            "request_id": number, "date1": first, "date2": last, "fields": fields, "status": "created",
            "source": request.query_params["source"], "looks": 0,
        }  # fmt: skip
        return JSONResponse({"log_request": self.logs[number]})

    def _status(self, log: dict[str, Any]) -> Response:
        log["looks"] += 1
        if log["status"] == "created" and log["looks"] > self.pending:
            parts = [{"part_number": number} for number, _ in enumerate(self._days(log))]
            log |= {"status": "processed", "parts": parts}
        return JSONResponse({"log_request": log})

    def _part(self, log: dict[str, Any], number: int) -> Response:
        assert log["status"] == "processed"
        return PlainTextResponse("\n".join([HEAD, *self.visits[self._days(log)[number]], ""]))

    def _days(self, log: dict[str, Any]) -> list[str]:
        return [day for day in sorted(self.visits) if log["date1"] <= day <= log["date2"]]
