"""Stand-ins for CRMs that leads can be put into: real HTTP servers that keep cards, with the troubles a test wants.

They are as careless as the real ones: put in twice, a lead is there twice, unless the vendor says otherwise.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.collectors.vendors.fake_amocrm import FakeAmo
from tests.collectors.vendors.fake_bitrix24 import TIME, FakeBitrix
from tests.collectors.vendors.fake_hubspot import FakeHubSpot

SECRET = "shared-secret"


class Lost(Enum):
    """An answer that breaks off."""

    AFTER_TAKING = auto()
    BEFORE_TAKING = auto()


Trouble = Lost | Response


@dataclass
class Gate:
    """In front of a CRM. `troubles` befall the next calls that put a lead in; `on_taken` and `on_asked` are called
    once it has taken one, and before."""

    app: ASGIApp
    puts: str
    troubles: list[Trouble] = field(default_factory=list)
    on_asked: Callable[[], None] = lambda: None
    on_taken: Callable[[], None] = lambda: None
    puts_asked: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith(self.puts):
            await self.app(scope, receive, send)
            return
        self.puts_asked += 1
        self.on_asked()
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, Response):
            await trouble(scope, receive, send)
        elif trouble is Lost.BEFORE_TAKING:
            await _break_off(send)
        else:
            await self._take(scope, receive, send, lost=trouble is Lost.AFTER_TAKING)

    async def _take(self, scope: Scope, receive: Receive, send: Send, *, lost: bool) -> None:
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        await self.app(scope, receive, hold)
        self.on_taken()
        if lost:
            await _break_off(send)
        else:
            for message in held:
                await send(message)


async def _break_off(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": False})


@dataclass
class AmoCards(FakeAmo):
    """`fields` are the codes of a lead's fields; a lead that names another one is refused."""

    fields: set[str] = field(default_factory=lambda: {"UTM_SOURCE", "UTM_MEDIUM", "UTM_CAMPAIGN"})
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    puts = "/leads/complex"

    def app(self) -> Starlette:
        routes = [
            Route("/api/v4/leads/custom_fields", self._fields, methods=["GET", "POST"]),
            Route("/api/v4/leads/complex", self._add, methods=["POST"]),
            Route("/api/v4/contacts", self._contacts),
        ]
        return Starlette(routes=[*routes, *super().app().routes])

    async def _fields(self, request: Request) -> Response:
        if objection := self._objection(request):
            return objection
        if request.method == "POST":
            self.fields |= {each["code"] for each in await request.json()}
        rows = [{"id": place, "code": code} for place, code in enumerate(sorted(self.fields))]
        return JSONResponse({"_embedded": {"custom_fields": rows}})

    async def _contacts(self, request: Request) -> Response:
        if "query" not in request.query_params:
            request.path_params["entity"] = "contacts"
            return await self._list(request)
        if objection := self._objection(request):
            return objection
        rows = [each for each in self.contacts if request.query_params["query"] in str(each)]
        return JSONResponse({"_embedded": {"contacts": rows}}) if rows else Response(status_code=204)

    async def _add(self, request: Request) -> Response:
        if objection := self._objection(request):
            return objection
        (told,) = await request.json()
        codes = {each["field_code"] for each in told["custom_fields_values"]}
        if codes - self.fields:
            return JSONResponse({"title": "Bad Request", "validation-errors": []}, 400)
        now = int(self.clock().timestamp())
        (contact,) = told["_embedded"]["contacts"]
        if "id" not in contact:
            contact = {**contact, "id": 900 + len(self.contacts), "created_at": now, "updated_at": now}
            self.contacts.append(contact)
        key = 500 + len(self.leads)
        self.leads.append({
            "id": key, "name": told["name"], "price": 0, "status_id": 70000003, "pipeline_id": 8000001,
            "created_at": now, "updated_at": now, "custom_fields_values": told["custom_fields_values"],
            "_embedded": {"contacts": [{"id": contact["id"], "is_main": True}]},
        })  # fmt: skip
        return JSONResponse([{"id": key, "contact_id": contact["id"], "request_id": ["0"], "merged": False}])

    def cards(self) -> list[dict[str, str]]:
        contacts = {each["id"]: each for each in self.contacts}
        found = []
        for lead in self.leads:
            told = {each["field_code"].lower(): each["values"][0]["value"] for each in lead["custom_fields_values"]}
            contact = contacts[lead["_embedded"]["contacts"][0]["id"]]
            phones = [each["values"][0]["value"] for each in contact["custom_fields_values"]]
            found.append({**told, "phone": phones[0]})
        return found


@dataclass
class BitrixCards(FakeBitrix):
    may_make_fields: bool = True
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    fields: set[str] = field(default_factory=set)
    puts = "/crm.lead.add.json"

    def app(self) -> Starlette:
        routes = [
            Route("/crm.lead.add.json", self._add, methods=["POST"]),
            Route("/crm.lead.fields.json", self._list_fields, methods=["POST"]),
            Route("/crm.lead.userfield.add.json", self._add_field, methods=["POST"]),
            Route("/crm.lead.list.json", self._find, methods=["POST"]),
        ]
        return Starlette(routes=[*routes, *super().app().routes])

    async def _add(self, request: Request) -> Response:
        told = (await request.json())["fields"]
        now = self.clock().isoformat()
        known = {name: value for name, value in told.items() if not name.startswith("UF_") or name in self.fields}
        lead = {"ID": str(800 + len(self.leads)), "DATE_CREATE": now, "DATE_MODIFY": now, **known}
        self.leads.append(lead)
        return JSONResponse({"result": int(lead["ID"]), "time": TIME})

    async def _list_fields(self, request: Request) -> Response:
        return JSONResponse({"result": {name: {} for name in self.fields | {"TITLE"}}, "time": TIME})

    async def _add_field(self, request: Request) -> Response:
        if not self.may_make_fields:
            return JSONResponse({"error": "ERROR_CORE", "error_description": "Access denied."}, 400)
        self.fields.add(f"UF_CRM_{(await request.json())['fields']['FIELD_NAME']}")
        return JSONResponse({"result": 1, "time": TIME})

    async def _find(self, request: Request) -> Response:
        told = await request.json()
        wanted = {name.lstrip("="): value for name, value in told["filter"].items() if name.startswith("=")}
        if not wanted:
            request.path_params["method"] = "crm.lead.list"
            return await self._answer(request)
        rows = [each for each in self.leads if wanted.items() <= each.items()]
        return JSONResponse({"result": rows, "total": len(rows), "time": TIME})

    def cards(self) -> list[dict[str, str]]:
        found = []
        for lead in self.leads:
            ours = {
                name.removeprefix("UF_CRM_").lower(): value for name, value in lead.items() if name[:2] in ("UF", "UT")
            }
            mark = {"closedloop_lead": lead["ORIGIN_ID"]}
            found.append({**mark, **ours, "phone": lead["PHONE"][0]["VALUE"]})
        return found


@dataclass
class HubSpotCards(FakeHubSpot):
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    properties: dict[str, bool] = field(default_factory=lambda: {"utm_source": False, "utm_medium": False})
    puts = "/deals/batch/upsert"

    def app(self) -> Starlette:
        routes = [
            Route("/crm/v3/properties/deals", self._properties, methods=["GET", "POST"]),
            Route("/crm/v3/objects/{kind}/batch/upsert", self._upsert, methods=["POST"]),
            Route("/crm/v3/objects/contacts", self._new_contact, methods=["POST"]),
            Route("/crm/v3/objects/contacts/search", self._contacts, methods=["POST"]),
            Route("/crm/v3/objects/deals/{key}", self._one),
            Route("/crm/v4/objects/deals/{deal}/associations/default/contacts/{contact}", self._tie, methods=["PUT"]),
        ]
        return Starlette(routes=[*routes, *super().app().routes])

    async def _properties(self, request: Request) -> Response:
        if objection := self._objection(request, {}):
            return objection
        if request.method == "POST":
            told = await request.json()
            self.properties[told["name"]] = told["hasUniqueValue"]
        return JSONResponse({"results": [{"name": name} for name in self.properties]})

    async def _upsert(self, request: Request) -> Response:
        told = await request.json()
        if objection := self._objection(request, told):
            return objection
        rows = self._rows(request.path_params["kind"])
        (one,) = told["inputs"]
        assert one["idProperty"] == "email" or self.properties[one["idProperty"]]
        known = next((row for row in rows if row["properties"].get(one["idProperty"]) == one["id"]), None)
        row = known or self._add(rows, {one["idProperty"]: one["id"]})
        row["properties"] |= one["properties"]
        return JSONResponse({"status": "COMPLETE", "results": [{**row, "new": known is None}]})

    async def _new_contact(self, request: Request) -> Response:
        told = await request.json()
        return self._objection(request, told) or JSONResponse(self._add(self.contacts, told["properties"]), 201)

    async def _contacts(self, request: Request) -> Response:
        told = await request.json()
        (condition,) = told["filterGroups"][0]["filters"]
        if condition["propertyName"] != "phone":
            request.path_params["kind"] = "contacts"
            return await self._search(request)
        if objection := self._objection(request, told):
            return objection
        rows = [row for row in self.contacts if row["properties"].get("phone") == condition["value"]]
        return JSONResponse({"total": len(rows), "results": rows})

    async def _one(self, request: Request) -> Response:
        if objection := self._objection(request, {}):
            return objection
        wanted = request.path_params["key"]
        by = request.query_params["idProperty"]
        rows = [row for row in self.deals if row["properties"].get(by) == wanted]
        return JSONResponse(rows[0]) if rows else JSONResponse({"category": "OBJECT_NOT_FOUND"}, 404)

    async def _tie(self, request: Request) -> Response:
        self.contact_of[request.path_params["deal"]] = request.path_params["contact"]
        return JSONResponse({"status": "COMPLETE"})

    def _add(self, rows: list[dict[str, Any]], properties: dict[str, str]) -> dict[str, Any]:
        now = self.clock().isoformat()
        changed = {"hs_lastmodifieddate": now, "lastmodifieddate": now, "createdate": now}
        row = {"id": str(7000 + len(rows)), "properties": {**properties, **changed}, "createdAt": now, "updatedAt": now}
        rows.append(row)
        return row

    def cards(self) -> list[dict[str, str]]:
        contacts = {row["id"]: row["properties"] for row in self.contacts}
        return [{**deal["properties"], "phone": contacts[self.contact_of[deal["id"]]]["phone"]} for deal in self.deals]


@dataclass
class OwnCrm:
    """Takes POSTs at `/take`, tells at `/known?id=` what it has. One that `keeps_keys` knows a repetition."""

    keeps_keys: bool = False
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    taken: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    puts = "/take"

    def app(self) -> Starlette:
        return Starlette(routes=[
            Route("/take", self._take, methods=["POST"]), Route("/known", self._known),
        ])  # fmt: skip

    async def _take(self, request: Request) -> Response:
        body, key = await request.body(), request.headers["idempotency-key"]
        stamp, _, digest = request.headers["x-closedloop-signature"].removeprefix("t=").partition(",v1=")
        wanted = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, digest):
            return JSONResponse({"error": "signature"}, 403)
        if not (self.keeps_keys and key in self.keys):
            self.taken.append(orjson.loads(body))
        self.keys.add(key)
        return JSONResponse({"id": len(self.taken)})

    async def _known(self, request: Request) -> Response:
        rows = [each for each in self.taken if each["id"] == request.query_params["id"]]
        return JSONResponse({"id": 1}) if rows else Response(status_code=404)

    def cards(self) -> list[dict[str, str]]:
        return [
            {
                "closedloop_lead": each["id"], "closedloop_visit": each["visitor_id"], "phone": each["phone"],
                "closedloop_number": each["number"], "closedloop_card": each["card_url"], "utm_source": each["source"],
            }
            for each in self.taken
        ]  # fmt: skip
