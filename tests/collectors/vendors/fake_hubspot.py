"""A stand-in for HubSpot's CRM v3: search, reading in batches, and associations (v4)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CHANGE = {"deals": "hs_lastmodifieddate", "contacts": "lastmodifieddate"}


def milliseconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@dataclass
class FakeHubSpot:
    """`failing` are statuses of the next answers; `page_size` replaces the limit that is asked for."""

    deals: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    contact_of: dict[str, str] = field(default_factory=dict)
    page_size: int = 100
    failing: list[int] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(routes=[
            Route("/crm/v3/objects/{kind}/search", self._search, methods=["POST"]),
            Route("/crm/v3/objects/{kind}/batch/read", self._read, methods=["POST"]),
            Route("/crm/v4/associations/deals/contacts/batch/read", self._associations, methods=["POST"]),
        ])  # fmt: skip

    async def _search(self, request: Request) -> Response:
        told = await request.json()
        if objection := self._objection(request, told):
            return objection
        kind, change = request.path_params["kind"], CHANGE[request.path_params["kind"]]
        (condition,) = told["filterGroups"][0]["filters"]
        assert (condition["propertyName"], condition["operator"]) == (change, "GTE")
        rows = sorted(
            (row for row in self._rows(kind) if milliseconds(row["properties"][change]) >= int(condition["value"])),
            key=lambda row: milliseconds(row["properties"][change]),
        )
        start = int(told.get("after", 0))
        end = start + min(self.page_size, told["limit"])
        paging = {"paging": {"next": {"after": str(end), "link": "?after=x"}}} if end < len(rows) else {}
        return JSONResponse({"total": len(rows), "results": rows[start:end], **paging})

    async def _read(self, request: Request) -> Response:
        told = await request.json()
        if objection := self._objection(request, told):
            return objection
        assert len(told["inputs"]) <= 100
        assert told["properties"]
        keys = {each["id"] for each in told["inputs"]}
        rows = [row for row in self._rows(request.path_params["kind"]) if row["id"] in keys]
        missing = len(keys) - len(rows)
        errors = {"numErrors": 1, "errors": [{"status": "error", "category": "OBJECT_NOT_FOUND"}]} if missing else {}
        return JSONResponse({"status": "COMPLETE", "results": rows, **errors}, 207 if missing else 200)

    async def _associations(self, request: Request) -> Response:
        told = await request.json()
        if objection := self._objection(request, told):
            return objection
        known = [(each["id"], self.contact_of[each["id"]]) for each in told["inputs"] if each["id"] in self.contact_of]
        results = [{"from": {"id": deal}, "to": [{"toObjectId": int(contact)}]} for deal, contact in known]
        return JSONResponse({"status": "COMPLETE", "results": results}, 200 if known else 207)

    def _rows(self, kind: str) -> list[dict[str, Any]]:
        return {"deals": self.deals, "contacts": self.contacts}[kind]

    def _objection(self, request: Request, told: dict[str, Any]) -> Response | None:
        self.asked.append((request.url.path, told))
        if self.failing and (status := self.failing.pop(0)) != 200:
            return JSONResponse({"status": "error", "category": "RATE_LIMITS"}, status)
        if request.headers.get("authorization") != "Bearer token":
            return JSONResponse({"status": "error", "category": "INVALID_AUTHENTICATION"}, 401)
        return None
