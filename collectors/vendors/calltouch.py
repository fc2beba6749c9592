"""Calltouch: calls by webhook and by the diary of calls, requests by their journal.

A webhook has no signature and is not repeated, so the diary and the journal are asked every hour; a call has one id in
both. The names of the webhook's parameters are of the user's choice: they are read by the preset `calltouch`. A request
that a webhook names is fetched from the journal, whose form is known exactly. `visitor_id` is Metrica's client id, or
else Google's; `session_id` is Calltouch's session.
Source: shared format notes on the official documentation; the webhook's names are agreed by clients.
"""

import re
from collections.abc import Iterator
from typing import Any

from collectors.deliveries import Delivery
from collectors.flatten import flat
from collectors.sources.source import Found, Source, Told, Wanted
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask, Level, Page, Pull
from collectors.vendors.call_fields import key, session, text
from collectors.vendors.calltouch_journals import call_of, calls_of_page, request_of
from collectors.vendors.reconciling import HISTORY, Days, ReconciledVendor, pages_of_days
from collectors.vendors.webhook import payloads, preset_of

_PLACEHOLDER = re.compile(r"\{\w+\}")
_UNDER_WAY = frozenset({"callconnecting", "callconnected"})
_PAGE = 1000


class Calltouch(ReconciledVendor):
    slug = "calltouch"
    title = "Calltouch"
    level = Level.DOCUMENTED
    asks = (
        Ask("site_id", "Id of the site (siteId)"),
        Ask("api_token", "API token (clientApiId)", secret=True),
        Ask("preset", "Preset of the webhook's names", default="calltouch", may_be_file=True),
        HISTORY,
    )
    guide = (
        "The token: Settings → API and webhooks → API. The webhook: Settings → API and webhooks → Webhooks, by leads,\n"
        "GET or POST, at the end of a call and when a request is fixed, to {address}\n"
        "Switch all its parameters on. Names other than callId, callerphone, phonenumber, calltime, duration,\n"
        "waiting_time, status … need a preset of your own: copy the one that ships, and --set preset=your.toml."
    )

    def examine(self, source: Source) -> None:
        super().examine(source)
        preset_of(source)

    def is_test(self, source: Source, delivery: Delivery) -> bool:
        values = [value for payload in payloads(delivery) for value in flat(payload).values()]
        return not values or any(isinstance(value, str) and _PLACEHOLDER.fullmatch(value) for value in values)

    def read(self, source: Source, delivery: Delivery) -> Iterator[Found]:
        chosen = preset_of(source)
        for payload in payloads(delivery):
            request = text(payload.get("requestId"))
            if request and not payload.get("callId"):
                yield Wanted("request", request)
                continue
            call = chosen.read(payload)
            if text(call.get("properties", {}).get("phase")).lower() in _UNDER_WAY:
                continue
            call["id"] = key(source, "call", call.get("id"))
            if "session_id" in call:
                call["session_id"] = session(self.slug, call["session_id"])
            yield Told(chosen.family, call)

    def pull(self, pull: Pull) -> Iterator[Page]:
        with pull.open_api("https://api.calltouch.ru", per_second=2) as api:
            yield from pages_of_days(pull, lambda days: _day(api, pull.source, days))


def _day(api: Api, source: Source, days: Days) -> Iterator[list[Told]]:
    for rows in _diary(api, source, days):
        yield [Told("calls", call_of(source, row)) for row in rows]
    yield [Told("leads", request_of(source, row)) for row in _requests(api, source, days)]


def _diary(api: Api, source: Source, days: Days) -> Iterator[list[dict[str, Any]]]:
    path = f"/calls-service/RestAPI/{source.settings['site_id']}/calls-diary/calls"
    number, last = 1, 1
    while number <= last:
        answer = api.ask("GET", path, params={
            "clientApiId": source.secrets["api_token"],
            "dateFrom": f"{days.first:%d/%m/%Y}", "dateTo": f"{days.last:%d/%m/%Y}",
            "page": number, "limit": _PAGE, "withCallTags": "true", "withYandexDirect": "true",
            "withGoogleAdwords": "true",
        })  # fmt: skip
        rows, last = calls_of_page(answer.json())
        yield rows
        number += 1


def _requests(api: Api, source: Source, days: Days) -> list[dict[str, Any]]:
    """The journal of requests wants the month first."""
    answer = api.ask("GET", "/calls-service/RestAPI/requests", params={
        "clientApiId": source.secrets["api_token"], "siteId": source.settings["site_id"],
        "dateFrom": f"{days.first:%m/%d/%Y}", "dateTo": f"{days.last:%m/%d/%Y}",
        "timeFrom": "00:00:00", "timeTo": "23:59:59",
    })  # fmt: skip
    return calls_of_page(answer.json())[0]


VENDOR = Calltouch()
