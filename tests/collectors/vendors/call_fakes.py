"""Fakes of the APIs that calls are pulled from: each holds the same calls, and answers as it is documented to.

A fake has calls of two days: it tells those of the time it is asked for, at most two in a page where it has pages.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from starlette.responses import JSONResponse, PlainTextResponse, Response

from tests.collectors.vendors.fake_api import Asked
from tests.collectors.vendors.golden import golden_json

PAGE = 2
MOSCOW = ZoneInfo("Europe/Moscow")
CALLS = {
    number: datetime(2025, 1, 17, 21, 30, tzinfo=MOSCOW) + timedelta(hours=number - 900000001)
    for number in range(900000001, 900000006)
}
"""Three on 2025-01-17 and two on the 18th."""


class CallFake(ABC):
    vendor: ClassVar[str]
    settings: ClassVar[Mapping[str, str]] = {}
    secrets: ClassVar[Mapping[str, str]]

    def __init__(self, calls: Mapping[int, datetime] = CALLS) -> None:
        self.calls = dict(calls)

    @abstractmethod
    def answer(self, asked: Asked) -> Response: ...

    def between(self, start: datetime, end: datetime) -> list[int]:
        return [number for number, at in self.calls.items() if start <= at <= end]


class CalltouchFake(CallFake):
    vendor = "calltouch"
    settings: ClassVar[Mapping[str, str]] = {"site_id": "40001"}
    secrets: ClassVar[Mapping[str, str]] = {"api_token": "token"}
    bare = False
    requests: Sequence[dict[str, Any]] = ()

    def answer(self, asked: Asked) -> Response:
        if asked.query.get("clientApiId") != "token":
            return Response(status_code=401)
        if asked.path == "/calls-service/RestAPI/requests":
            return JSONResponse(self.requests_of(asked.query["dateFrom"]))
        assert asked.path == "/calls-service/RestAPI/40001/calls-diary/calls"
        day = datetime.strptime(asked.query["dateFrom"], "%d/%m/%Y").replace(tzinfo=MOSCOW)
        assert asked.query["dateTo"] == asked.query["dateFrom"]
        rows = [self.row(number) for number in self.between(day, day + timedelta(days=1))]
        if self.bare:
            return JSONResponse(rows)
        page, pages = int(asked.query["page"]), max(1, -(-len(rows) // PAGE))
        return JSONResponse({
            "page": page, "pageTotal": pages, "pageSize": PAGE, "recordsTotal": len(rows),
            "records": rows[(page - 1) * PAGE : page * PAGE],
        })  # fmt: skip

    def requests_of(self, day: str) -> list[dict[str, Any]]:
        """The month comes first."""
        asked = datetime.strptime(day, "%m/%d/%Y").replace(tzinfo=MOSCOW).date()
        return [each for each in self.requests if datetime.fromtimestamp(each["date"] / 1000, MOSCOW).date() == asked]

    def row(self, number: int) -> dict[str, Any]:
        row: dict[str, Any] = golden_json("calltouch/diary.json")["records"][0]
        return row | {"callId": number, "timestamp": int(self.calls[number].timestamp())}


class ComagicFake(CallFake):
    vendor = "comagic"
    secrets: ClassVar[Mapping[str, str]] = {"access_token": "token"}
    zone = "Europe/Moscow"
    missing: frozenset[str] = frozenset()

    def __init__(self, calls: Mapping[int, datetime] = CALLS) -> None:
        super().__init__(calls)
        self.leads: dict[str, Sequence[dict[str, Any]]] = {}

    def answer(self, asked: Asked) -> Response:
        call = asked.json()
        assert asked.path == "/v2.0"
        method, params = call["method"], call["params"]
        if params["access_token"] != "token":
            return self.error("access_token_invalid")
        if method == "get.account":
            return self.result([{"app_id": 1, "timezone": self.zone}], 1)
        if method in self.missing:
            return self.error("method_component_disabled")
        start, end = (_moscow(params[name]) for name in ("date_from", "date_till"))
        if method == "get.calls_report":
            rows = [self.row(number) for number in self.between(start, end)]
        else:
            rows = [row for row in self.leads.get(method, ()) if start <= _moscow(row["date_time"]) <= end]
        offset = params["offset"]
        return self.result([_named(row, params["fields"]) for row in rows[offset : offset + PAGE]], len(rows))

    def row(self, number: int) -> dict[str, Any]:
        row: dict[str, Any] = golden_json("comagic/calls_report.json")["result"]["data"][0]
        return row | {"id": number, "start_time": f"{self.calls[number].astimezone(MOSCOW):%Y-%m-%d %H:%M:%S}"}

    def result(self, data: list[dict[str, Any]], total: int) -> Response:
        return JSONResponse({"jsonrpc": "2.0", "id": "1", "result": {"data": data, "metadata": {"total_items": total}}})

    def error(self, mnemonic: str) -> Response:
        error = {"code": -32001, "message": "No.", "data": {"mnemonic": mnemonic, "params": {}}}
        return JSONResponse({"jsonrpc": "2.0", "id": "1", "error": error})


class MangoFake(CallFake):
    vendor = "mango"
    secrets: ClassVar[Mapping[str, str]] = {
        "api_key": "testapikey000000000000000000000001", "api_salt": "testsalt00000000000000000000000001",
    }  # fmt: skip
    shift = timedelta(0)

    def __init__(self, calls: Mapping[int, datetime] = CALLS) -> None:
        super().__init__(calls)
        self.reports: dict[str, list[str]] = {}
        self.not_ready = 1

    def answer(self, asked: Asked) -> Response:
        form = asked.form()
        signed = f"{self.secrets['api_key']}{form['json']}{self.secrets['api_salt']}"
        if hashlib.sha256(signed.encode()).hexdigest() != form["sign"]:
            return JSONResponse({"name": "Unauthorized"}, 401)
        told = Asked("", "", {}, {}, form["json"].encode()).json()
        if asked.path == "/stats/request":
            start, end = (
                datetime.fromtimestamp(int(told[name]), UTC) - self.shift for name in ("date_from", "date_to")
            )
            assert end - start < timedelta(days=31)
            key = f"key-{len(self.reports)}=="
            self.reports[key] = ["later"] * self.not_ready + [self.table(start, end)]
            return JSONResponse({"key": key})
        report = self.reports.get(told["key"])
        if not report:
            return Response(status_code=404)
        told_now = report.pop(0)
        return Response(status_code=204) if told_now == "later" else PlainTextResponse(told_now)

    def table(self, start: datetime, end: datetime) -> str:
        return "".join(self.row(number) for number in self.between(start, end))

    def row(self, number: int) -> str:
        at = int((self.calls[number] + self.shift).timestamp())
        return f"[rec{number}];{at};{at + 100};{at + 12};;79000000001;101;sip:a@b.ru;1110;74950000001;{number}\n"


class RoistatFake(CallFake):
    vendor = "roistat"
    settings: ClassVar[Mapping[str, str]] = {"project": "7"}
    secrets: ClassVar[Mapping[str, str]] = {"api_key": "key"}

    def answer(self, asked: Asked) -> Response:
        assert asked.query["project"] == "7"
        if asked.headers.get("api-key") != "key":
            status = 401 if asked.headers.get("use-http-code") == "1" else 200
            return JSONResponse({"status": "error", "error": "authentication_failed"}, status)
        if asked.path == "/project/proxy-leads":
            return JSONResponse({"ProxyLeads": [], "status": "success"})
        assert asked.path == "/project/calltracking/call/list"
        told = asked.json()
        after, before = (datetime.fromisoformat(condition[2]) for condition in told["filters"]["and"])
        second = timedelta(seconds=1)
        rows = [self.row(number) for number in self.between(after + second, before - second)]
        offset = told["offset"]
        return JSONResponse({"data": rows[offset : offset + PAGE], "total": len(rows), "status": "success"})

    def row(self, number: int) -> dict[str, Any]:
        row: dict[str, Any] = golden_json("roistat/calls.json")["data"][0]
        return row | {"id": str(number), "date": f"{self.calls[number].astimezone(UTC):%Y-%m-%dT%H:%M:%S}+0000"}


class RingostatFake(CallFake):
    vendor = "ringostat"
    secrets: ClassVar[Mapping[str, str]] = {"auth_key": "key"}

    def answer(self, asked: Asked) -> Response:
        assert (asked.path, asked.query["export_type"]) == ("/calls/list", "json")
        if asked.headers.get("auth-key") != "key":
            return Response(status_code=403)
        start, end = (_moscow(asked.query[name]) for name in ("from", "to"))
        fields = asked.query["fields"].split(",")
        return JSONResponse([_named(self.row(number), fields) for number in self.between(start, end)])

    def row(self, number: int) -> dict[str, Any]:
        row: dict[str, Any] = golden_json("ringostat/call.json")
        return row | {"uniqueid": str(number), "calldate": f"{self.calls[number]:%Y-%m-%d %H:%M:%S}"}


class BinotelFake(CallFake):
    vendor = "binotel"
    secrets: ClassVar[Mapping[str, str]] = {"key": "key", "secret": "secret"}

    def answer(self, asked: Asked) -> Response:
        assert asked.path == "/stats/list-of-calls-for-period.json"
        told = asked.json()
        if (told["key"], told["secret"]) != ("key", "secret"):
            return JSONResponse({"status": "error", "code": "101", "message": "Invalid key or secret"})
        if told["stopTime"] - told["startTime"] >= 24 * 3600:
            return JSONResponse({"status": "error", "code": "103", "message": "Period is too long"})
        start, end = (datetime.fromtimestamp(told[name], UTC) for name in ("startTime", "stopTime"))
        rows = {str(number): self.row(number) for number in self.between(start, end)}
        return JSONResponse({"status": "success", "callDetails": rows or []})

    def row(self, number: int) -> dict[str, Any]:
        return {
            "companyID": "10001", "generalCallID": str(number), "callID": str(number), "callType": "0",
            "startTime": int(self.calls[number].timestamp()), "internalNumber": "901", "externalNumber": "0500000001",
            "waitsec": "7", "billsec": "62", "disposition": "ANSWER", "isNewCall": "1", "customerData": [],
            "employeeData": {"name": "Олена Тестова", "email": "olena@example.com"},
            "pbxNumberData": {"number": "0440000001", "name": "Сайт"},
        }  # fmt: skip


class CallRailFake(CallFake):
    vendor = "callrail"
    settings: ClassVar[Mapping[str, str]] = {"account": "ACC1"}
    secrets: ClassVar[Mapping[str, str]] = {"signing_key": "callrailtestkey", "api_key": "key"}

    def answer(self, asked: Asked) -> Response:
        assert asked.path == "/v3/a/ACC1/calls.json"
        if asked.headers.get("authorization") != 'Token token="key"':
            return JSONResponse({"error": "HTTP Token: Access denied."}, 401)
        start = _moscow(f"{asked.query['start_date']} 00:00:00")
        end = _moscow(f"{asked.query['end_date']} 23:59:59")
        rows = [self.row(number) for number in self.between(start, end)]
        page = int(asked.query["page"])
        return JSONResponse({
            "page": page, "per_page": PAGE, "total_pages": max(1, -(-len(rows) // PAGE)), "total_records": len(rows),
            "calls": rows[(page - 1) * PAGE : page * PAGE],
        })  # fmt: skip

    def row(self, number: int) -> dict[str, Any]:
        row: dict[str, Any] = golden_json("callrail/call.json")
        row.pop("resource_id")
        return row | {"id": str(number), "start_time": self.calls[number].isoformat()}


FAKES: Sequence[type[CallFake]] = (
    CalltouchFake, ComagicFake, MangoFake, RoistatFake, RingostatFake, BinotelFake, CallRailFake,
)  # fmt: skip


def _moscow(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


def _named(row: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    return {name: row.get(name) for name in fields}
