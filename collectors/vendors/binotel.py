"""Binotel: calls by its API CALL COMPLETED webhook and by its list of calls.

The webhook is a form with bracketed names, without a signature. An answer other than `{"status":"success"}` makes
Binotel repeat it; a repetition differs only in `attemptsCounter`. At the beginning of a call Binotel asks who calls
(`apiCallSettings`): the answer says that we do not know. Phones are written as the source's country writes them.
Source: shared format notes on clients that agree; the marks of its call tracking are unverified.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.brackets import nested, values
from collectors.deliveries import Delivery
from collectors.sources.source import Source, Told
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask, Level, Page, Pull, Reply
from collectors.vendors.call_fields import (
    check_country,
    country_ask,
    in_country,
    key,
    marks,
    said,
    seconds,
    sides,
    text,
    unix,
)
from collectors.vendors.reconciling import HISTORY, Days, ReconciledVendor, pages_of_days
from infra.errors import UnreadableBody, VendorRefused, VendorUnavailable

_SETTINGS = frozenset({"apiCallSettings", "gettingCallSettings"})
_COMPLETED = "apiCallCompleted"
_INCOMING, _OUTGOING = "0", "1"
_STATUSES = {
    "ANSWER": "answered", "TRANSFER": "answered", "BUSY": "busy", "NOANSWER": "missed", "CANCEL": "missed",
    "VM": "missed", "VM-SUCCESS": "missed", "CONGESTION": "failed", "CHANUNAVAIL": "failed",
}  # fmt: skip
_UNDER_WAY = "ONLINE"
_COUNTRY = "UA"
_LONGEST = timedelta(hours=24)
_PROPERTIES = frozenset({"disposition", "isNewCall", "whoHungUp", "internalNumber", "recordingStatus", "callID"})


class Binotel(ReconciledVendor):
    slug = "binotel"
    title = "Binotel"
    level = Level.AGREED
    asks = (
        Ask("key", "Key of the API", secret=True),
        Ask("secret", "Secret of the API", secret=True),
        country_ask(_COUNTRY),
        HISTORY,
    )
    guide = (
        "Ask Binotel's support for the key and the secret of API 4.0, and to send the webhook API CALL COMPLETED\n"
        "(and API CALL SETTINGS, if you like) to {address}"
    )

    def examine(self, source: Source) -> None:
        super().examine(source)
        check_country(source)

    def is_test(self, source: Source, delivery: Delivery) -> bool:
        return not delivery.body.strip()

    def reply(self, source: Source, delivery: Delivery) -> Reply:
        if dict(delivery.form()).get("requestType") in _SETTINGS:
            return Reply(b'{"customerData":{}}')
        return Reply(b'{"status":"success"}')

    def read(self, source: Source, delivery: Delivery) -> Iterator[Told]:
        told = nested(delivery.form())
        if told.get("requestType") in _SETTINGS:
            return
        details = told.get("callDetails")
        if told.get("requestType") != _COMPLETED or not isinstance(details, dict):
            raise UnreadableBody("It is no completed call.", where="requestType")
        yield from _calls(source, [details])

    def pull(self, pull: Pull) -> Iterator[Page]:
        with pull.open_api("https://api.binotel.com/api/4.0", per_second=1) as api:
            yield from pages_of_days(pull, lambda days: _day(api, pull.source, days))


def _day(api: Api, source: Source, days: Days) -> Iterator[list[Told]]:
    """Binotel takes 24 hours at most, and a day in autumn has 25."""
    start = days.start.astimezone(UTC)
    while start <= days.end:
        end = min(start + _LONGEST - timedelta(seconds=1), days.end.astimezone(UTC))
        yield list(_calls(source, _ask(api, source, start, end)))
        start = end + timedelta(seconds=1)


def _ask(api: Api, source: Source, start: datetime, end: datetime) -> list[dict[str, Any]]:
    answer = api.ask("POST", "/stats/list-of-calls-for-period.json", json={
        "key": source.secrets["key"], "secret": source.secrets["secret"],
        "startTime": int(start.timestamp()), "stopTime": int(end.timestamp()),
    }).json()  # fmt: skip
    if answer.get("status") == "success":
        return values(answer.get("callDetails"))  # an object by ids; an array where there are none
    told = text(answer.get("message")) or "no reason given"
    if "limit" in told.lower() or "too many" in told.lower():
        raise VendorUnavailable(f"Binotel asks to wait: {told}.", retry_after=60)
    raise VendorRefused(f"Binotel refuses the request: {told}.", status=200, help="Check the key and the secret.")


def _calls(source: Source, details: list[dict[str, Any]]) -> Iterator[Told]:
    for each in details:
        if text(each.get("callType")) in (_INCOMING, _OUTGOING) and each.get("disposition") != _UNDER_WAY:
            yield Told("calls", _call(source, each))


def _call(source: Source, told: Mapping[str, Any]) -> dict[str, Any]:
    talk, waiting = seconds(told.get("billsec")), seconds(told.get("waitsec"))
    employee, line, tracking = (_inner(told, name) for name in ("employeeData", "pbxNumberData", "callTrackingData"))
    return {
        "id": key(source, "call", told.get("generalCallID")),
        "started_at": unix(told.get("startTime")),
        **sides(
            in_country(source, told.get("externalNumber"), _COUNTRY),
            in_country(source, line.get("number") or told.get("internalNumber"), _COUNTRY),
            outgoing=text(told.get("callType")) == _OUTGOING,
        ),
        "status": _STATUSES.get(text(told.get("disposition")), "answered" if talk else "missed"),
        "duration_s": waiting + talk,
        "talk_s": talk,
        "waiting_s": waiting,
        "visitor_id": text(tracking.get("gaClientId")),
        "operator": text(employee.get("name")),
        "recording_url": text(told.get("linkToCallRecordInMyBusiness")),
        "properties": said(told, _PROPERTIES) | said({"line": text(line.get("name"))}),
        **marks(tracking),
    }


def _inner(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """PHP writes an empty object as an array."""
    found = told.get(name)
    return found if isinstance(found, dict) else {}


VENDOR = Binotel()
