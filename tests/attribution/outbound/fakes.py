"""Ad systems as real HTTP servers that behave as documented: they check, refuse, take, and fail on demand."""

import csv
import io
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import HTTP
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Fault = Callable[[], Response | None]
HASH = re.compile(r"[0-9a-f]{64}")
METRICA_TOKEN, GOOGLE_TOKEN, META_TOKEN = "metrica-token", "google-refresh", "meta-token"
CLICKS = ("gclid", "gbraid", "wbraid")


@dataclass
class Fake(ABC):
    """`before` are answers given, one a request, instead of doing what was asked; `after`, having done it.

    `now` is what the system takes for the present.
    """

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    before: list[Response] = field(default_factory=list)
    after: list[Response] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    on_taken: Callable[[], None] = lambda: None

    def wrapped(self, answer: Response) -> Response:
        self.on_taken()
        return self.after.pop(0) if self.after else answer

    @abstractmethod
    def app(self) -> Starlette: ...


@dataclass
class FakeMetrica(Fake):
    """Counts every row that it takes, repeated or not: whether the real one does is not documented."""

    token: str = METRICA_TOKEN
    goals: tuple[str, ...] = ("deal_won", "lead_made")
    uploads: dict[int, dict[str, Any]] = field(default_factory=dict)
    lists_comments: bool = True

    def rows(self) -> list[dict[str, str]]:
        return [row for each in self.uploads.values() for row in each["rows"]]

    async def upload(self, request: Request) -> Response:
        if self.before:
            return self.before.pop(0)
        if request.headers.get("authorization") != f"OAuth {self.token}":
            return _metrica_error(403, "Invalid oauth_token")
        table = _file(request.headers["content-type"], await request.body())
        rows = list(csv.DictReader(io.StringIO(table)))
        if any(int(row["DateTime"]) > self.now.timestamp() for row in rows):
            return _metrica_error(400, "DateTime lies in the future")
        if any(row["Target"] not in self.goals for row in rows):
            return _metrica_error(400, "There is no such goal")
        number = len(self.uploads) + 100
        self.bodies.append(table)
        self.uploads[number] = {
            "id": number, "comment": request.query_params.get("comment"), "source_quantity": len(rows),
            "line_quantity": len(rows), "status": "UPLOADED", "rows": rows,
        }  # fmt: skip
        return self.wrapped(JSONResponse({"uploading": self.told(number)}))

    def told(self, number: int) -> dict[str, Any]:
        hidden = ("rows",) if self.lists_comments else ("rows", "comment")
        return {name: value for name, value in self.uploads[number].items() if name not in hidden}

    async def listed(self, request: Request) -> Response:
        return JSONResponse({"uploadings": [self.told(number) for number in self.uploads]})

    async def one(self, request: Request) -> Response:
        return JSONResponse({"uploading": self.told(int(request.path_params["number"]))})

    def app(self) -> Starlette:
        place = "/management/v1/counter/77/offline_conversions"
        return Starlette(
            routes=[
                Route(f"{place}/upload", self.upload, methods=["POST"]),
                Route(f"{place}/uploadings", self.listed),
                Route(f"{place}/uploading/{{number:int}}", self.one),
            ]
        )


@dataclass
class FakeGoogle(Fake):
    """Keeps one conversion for each conversion action and transaction: the same again is a correction."""

    refresh_token: str = GOOGLE_TOKEN
    issued: int = 0
    conversions: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def issue(self, request: Request) -> Response:
        form = dict(pair.split("=") for pair in (await request.body()).decode().split("&"))
        if form.get("refresh_token") != self.refresh_token or form.get("grant_type") != "refresh_token":
            return JSONResponse(
                {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400
            )
        self.issued += 1
        return JSONResponse({"access_token": f"access-{self.issued}", "expires_in": 3599, "token_type": "Bearer"})

    async def ingest(self, request: Request) -> Response:
        if self.before:
            return self.before.pop(0)
        if request.headers.get("authorization") != f"Bearer access-{self.issued}":
            return JSONResponse({"error": {"code": 401, "status": "UNAUTHENTICATED", "message": "expired"}}, 401)
        body = orjson.loads(await request.body())
        if violations := _violations(body):
            details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}]
            error = {"code": 400, "status": "INVALID_ARGUMENT", "message": "There was a problem.", "details": details}
            return JSONResponse({"error": error}, 400)
        self.bodies.append(body)
        actions = {each["reference"]: each["productDestinationId"] for each in body["destinations"]}
        for event in body["events"]:
            for reference in event["destinationReferences"]:
                self.conversions[actions[reference], event["transactionId"]] = event
        key = f"request-{len(self.requests) + 1}"
        self.requests[key] = body
        return self.wrapped(JSONResponse({"requestId": key}))

    async def retrieve(self, request: Request) -> Response:
        body = self.requests[request.query_params["requestId"]]
        told = []
        for each in body["destinations"]:
            said = self.statuses.get(each["productDestinationId"], {"requestStatus": "PROCESSING"})
            count = sum(each["reference"] in event["destinationReferences"] for event in body["events"])
            told.append({"destination": each, "eventsIngestionStatus": {"recordCount": str(count)}, **said})
        return JSONResponse({"requestStatusPerDestination": told})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/token", self.issue, methods=["POST"]),
                Route("/v1/events:ingest", self.ingest, methods=["POST"]),
                Route("/v1/requestStatus:retrieve", self.retrieve),
            ]
        )


@dataclass
class FakeMeta(Fake):
    """Drops an event whose id and name it has."""

    token: str = META_TOKEN
    events: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    refused_ids: frozenset[str] = frozenset()
    short_by: int = 0

    async def take(self, request: Request) -> Response:
        if self.before:
            return self.before.pop(0)
        body = orjson.loads(await request.body())
        if body.pop("access_token", None) != self.token:
            return meta_error(190, "Error validating access token: Session has expired", status=400)
        if len(body["data"]) > 1000:
            return meta_error(100, "Too many events")
        if any(
            self.now.timestamp() - event["event_time"] > timedelta(days=7).total_seconds() for event in body["data"]
        ):
            return meta_error(100, "Event Timestamp Too Old")
        if any(event["event_id"] in self.refused_ids for event in body["data"]):
            return meta_error(100, "Invalid parameter")
        self.bodies.append(body)
        for event in body["data"]:
            self.events.setdefault((event["event_name"], event["event_id"]), event)
        taken = len(body["data"]) - self.short_by
        return self.wrapped(JSONResponse({"events_received": taken, "messages": [], "fbtrace_id": "A1"}))

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/v25.0/55/events", self.take, methods=["POST"])])


def meta_error(code: int, message: str, *, status: int = 400, **more: Any) -> Response:
    return JSONResponse({"error": {"message": message, "type": "OAuthException", "code": code, **more}}, status)


def _metrica_error(code: int, message: str) -> Response:
    told = {"errors": [{"error_type": "invalid_parameter", "message": message}], "code": code, "message": message}
    return JSONResponse(told, code)


def _file(content_type: str, body: bytes) -> str:
    """The part `file` of a multipart body."""
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=HTTP)
    (part,) = [part for part in message.iter_parts() if part.get_param("name", header="content-disposition") == "file"]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode("utf-8")


def _violations(body: dict[str, Any]) -> list[dict[str, str]]:
    found = []
    if len(body["events"]) > 2000:
        found.append({"field": "events", "description": "At most 2000.", "reason": "TOO_MANY_EVENTS"})
    for place, event in enumerate(body["events"]):
        clicks = [name for name in CLICKS if name in event.get("adIdentifiers", {})]
        people = event.get("userData", {}).get("userIdentifiers", [])
        hashes = [value for each in people for value in each.values()]
        if len(clicks) > 1 or not (clicks or people):
            found.append(_violation(place, "ad_identifiers", "REQUIRED_FIELD_MISSING"))
        if any("bad" in event["adIdentifiers"][name] for name in clicks):
            found.append(_violation(place, "ad_identifiers.gclid", "INVALID_FORMAT"))
        if len(people) > 10 or not all(HASH.fullmatch(value) for value in hashes):
            found.append(_violation(place, "user_data.user_identifiers[0]", "INVALID_SHA256_FORMAT"))
    return found


def _violation(place: int, name: str, reason: str) -> dict[str, str]:
    return {"field": f"events.events[{place}].{name}", "description": "It is wrong.", "reason": reason}
