"""CoMagic, UIS, CallGear, Novofon: calls by notifications, and calls, requests and chats by the Data API.

The body of a notification is a template that the user pastes in: `TEMPLATE` is ours, and what is read here. The
platform does not escape what it fills in, so that a quote in a name can break the JSON: such a delivery is kept as a
rejection, and the call comes with the hourly report, as does the recording of each. A call sends several notifications;
only that of its end makes a call: `call_finished`, or whatever name says lost, or the call's finish or end.
`visitor_id` is Metrica's client id, or else Google's; `session_id` is CoMagic's session.
Source: shared format notes on clients of the official Data API; names of events but `call_finished` are unverified.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from collectors.deliveries import Delivery
from collectors.preset import read_time
from collectors.sources.source import Source, Told
from collectors.vendors.base import Ask, Level, Page, Pull
from collectors.vendors.call_fields import key, said, seconds, sides, text
from collectors.vendors.comagic_reports import tell_days
from collectors.vendors.reconciling import HISTORY, ReconciledVendor, pages_of_days
from infra.errors import UnreadableBody

TEMPLATE = (
    '{"v":1,"event":"{{notification_mnemonic}}","time":"{{notification_time}}","session":"{{call_session_id}}",'
    '"communication":"{{communication_id}}","direction":"{{direction}}","virtual":"{{virtual_phone_number}}",'
    '"contact":"{{contact_phone_number}}","lost":"{{is_lost}}","talk":"{{talk_time_duration}}",'
    '"wait":"{{wait_time_duration}}","total":"{{total_time_duration}}","employee":"{{employee_full_name}}",'
    '"scenario":"{{scenario_name}}","tags":"{{tag_names}}","record":"{{file_link}}"}'
)
_TRUE = frozenset({"true", "1", "yes", "да"})


class Comagic(ReconciledVendor):
    slug = "comagic"
    title = "CoMagic, UIS, CallGear"
    level = Level.AGREED
    asks = (
        Ask("access_token", "Key of the Data API (access_token)", secret=True),
        Ask("platform", "Domain of the platform, such as comagic.ru or callgear.com", default="uiscom.ru"),
        HISTORY,
    )
    guide = (
        "The key: account → users → API keys, with the right to the Data API. Connect with the account's --timezone.\n"
        "The webhook: Notifications → add «HTTP» for the events call finished and lost call, method POST,\n"
        "address {address}\nHeader: Content-Type: application/json\nBody:\n" + TEMPLATE
    )

    def is_test(self, source: Source, delivery: Delivery) -> bool:
        """A template that was not filled in, or an empty object."""
        try:
            told = delivery.json()
        except UnreadableBody:
            return False
        return told == {} or (isinstance(told, dict) and text(told.get("session")).startswith("{{"))

    def read(self, source: Source, delivery: Delivery) -> Iterator[Told]:
        told = delivery.json()
        if not isinstance(told, dict) or "event" not in told:
            raise UnreadableBody("The body is not made by our template.", where="body")
        if _is_final(told["event"]) and text(told.get("direction")) in ("in", "out", ""):
            yield Told("calls", _call(source, told))

    def pull(self, pull: Pull) -> Iterator[Page]:
        platform = pull.source.settings.get("platform") or "uiscom.ru"
        with pull.open_api(f"https://dataapi.{platform}", per_second=2) as api:
            yield from pages_of_days(pull, lambda days: tell_days(api, pull.source, days, platform), at_once=7)


def _is_final(event: Any) -> bool:
    words = set(re.split(r"[^a-z]+", text(event).lower()))
    return "lost" in words or ("call" in words and not words.isdisjoint({"finished", "ended", "end"}))


def _call(source: Source, told: dict[str, Any]) -> dict[str, Any]:
    total, talk = seconds(told.get("total")), seconds(told.get("talk"))
    missed = text(told.get("lost")).lower() in _TRUE or not talk
    return {
        "id": key(source, "call", told.get("session")),
        "started_at": _started(told, total),
        **sides(text(told.get("contact")), text(told.get("virtual")), outgoing=told.get("direction") == "out"),
        "status": "missed" if missed else "answered",
        "duration_s": total,
        "talk_s": talk,
        "waiting_s": seconds(told.get("wait")),
        "operator": text(told.get("employee")),
        "recording_url": text(told.get("record")),
        "tags": text(told.get("tags")),
        "properties": said(
            {"communication_id": text(told.get("communication")), "scenario_name": text(told.get("scenario"))}
        ),
    }


def _started(told: dict[str, Any], total: int) -> Any:
    """The notification's own time is that of the call's end."""
    ended = read_time(told.get("time", ""), "%Y-%m-%d %H:%M:%S")
    return ended - timedelta(seconds=total) if isinstance(ended, datetime) else ended


VENDOR = Comagic()
