"""A stand-in for a Bitrix24 portal's REST: cards, lists by id, batches, and its ways of saying no."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PAGE = 50
TIME = {"start": 1737126131.54, "duration": 0.43, "operating": 0.2}


@dataclass
class FakeBitrix:
    """`failing` are the next answers to be given instead: a status and an error code; an empty code is none.

    `inner_error` is what calls inside a batch answer; without a `history` there is no such method.
    """

    deals: list[dict[str, Any]] = field(default_factory=list)
    leads: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] | None = field(default_factory=list)
    failing: list[tuple[int, str]] = field(default_factory=list)
    inner_error: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{method}.json", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        method, told = request.path_params["method"], await request.json()
        self.asked.append((method, told))
        status, code = self.failing.pop(0) if self.failing else (200, "")
        if code:
            return JSONResponse({"error": code, "error_description": "Too many requests"}, status)
        if method == "crm.stagehistory.list":
            return self._passed(told)
        result = self._batch(told["cmd"]) if method == "batch" else self._list(method, told)
        return JSONResponse({"result": result, "time": TIME})

    def _batch(self, commands: dict[str, str]) -> dict[str, Any]:
        assert len(commands) <= PAGE
        found: dict[str, Any] = {}
        errors: dict[str, Any] = {}
        for name, command in commands.items():
            method, _, query = command.partition("?")
            cards = {card["ID"]: card for card in self._cards(method)}
            key = parse_qs(query)["id"][0]
            if self.inner_error:
                errors[name] = {"error": self.inner_error, "error_description": "No"}
            elif key in cards:
                found[name] = cards[key]
            else:
                errors[name] = {"error": "", "error_description": "Not found"}
        return {"result": found or [], "result_error": errors or [], "result_total": [], "result_next": []}

    def _passed(self, told: dict[str, Any]) -> Response:
        if self.history is None:
            return JSONResponse({"error": "ERROR_METHOD_NOT_FOUND", "error_description": "Method not found!"}, 404)
        assert told["entityTypeId"] == 2
        owners = {int(key) for key in told["filter"]["@OWNER_ID"]}
        after = told["filter"][">ID"]
        rows = [row for row in self.history if row["OWNER_ID"] in owners and row["ID"] > after]
        items = sorted(rows, key=lambda row: int(row["ID"]))[:PAGE]
        return JSONResponse({"result": {"items": items}, "total": len(rows), "time": TIME})

    def _list(self, method: str, told: dict[str, Any]) -> list[dict[str, Any]]:
        assert told["start"] == -1
        assert {"UF_*", "UTM_SOURCE"} <= set(told["select"])
        chosen = [card for card in self._cards(method) if int(card["ID"]) > int(told["filter"][">ID"])]
        since = told["filter"].get(">=DATE_MODIFY")
        if since:
            from_then = datetime.fromisoformat(since)
            chosen = [card for card in chosen if datetime.fromisoformat(card["DATE_MODIFY"]) >= from_then]
        return sorted(chosen, key=lambda card: int(card["ID"]))[:PAGE]

    def _cards(self, method: str) -> list[dict[str, Any]]:
        return {"deal": self.deals, "lead": self.leads, "contact": self.contacts}[method.split(".")[1]]
