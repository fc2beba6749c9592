"""Mango's statistics of calls: a report is ordered, and fetched once it is ready.

It is a table without a header, whose cells stand between `;` and are never quoted. A row is one leg of a call; the legs
of an `entry_id` are one call. At most a month goes into a report, and its result may be asked for every five seconds.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from collectors.sources.source import Source, Told
from collectors.vendors.asking import Api
from collectors.vendors.call_fields import said, sides
from collectors.vendors.reconciling import Days
from infra.errors import VendorUnavailable

REPORT_DAYS = 30
SPACING = 5.0
_FIELDS = (
    "records", "start", "finish", "answer", "from_extension", "from_number", "to_extension", "to_number",
    "disconnect_reason", "line_number", "entry_id",
)  # fmt: skip
_NOT_READY, _UNKNOWN_KEY = 204, 404
_TRIES = 60
_WAIT = 60.0


def ahead(source: Source) -> timedelta:
    """How far Mango's times are ahead of true Unix time."""
    return timedelta(hours=float(source.settings.get("offset_hours") or 0))


def signature(source: Source, text: str) -> str:
    signed = source.secrets["api_key"] + text + source.secrets["api_salt"]
    return hashlib.sha256(signed.encode()).hexdigest()


class Statistics:
    def __init__(self, api: Api, source: Source) -> None:
        self._api = api
        self._source = source

    def tell(self, days: Days) -> Iterator[list[Told]]:
        """The calls of these days with somebody outside.

        Raises `VendorUnavailable` where the report is not ready in time.
        """
        legs: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        misshapen: list[Told] = []
        for line in self._report(days).splitlines():
            cells = line.split(";")
            if len(cells) == len(_FIELDS):
                leg = dict(zip(_FIELDS, cells, strict=True))
                legs[leg["entry_id"]].append(leg)
            elif line.strip():
                misshapen.append(Told("calls", {"row": line}))  # the intake keeps it, with its reason
        calls = [_call(self._source, entry, found) for entry, found in legs.items() if _is_outside(found)]
        yield [Told("calls", call) for call in calls] + misshapen

    def _report(self, days: Days) -> str:
        shift = ahead(self._source)
        ordered = self._ask("/stats/request", {
            "date_from": str(int((days.start + shift).timestamp())),
            "date_to": str(int((days.end + shift).timestamp())),
            "fields": ",".join(_FIELDS),
        })  # fmt: skip
        key = orjson.loads(ordered[1])["key"]
        for _ in range(_TRIES):
            status, body = self._ask("/stats/result", {"key": key})
            if status == _UNKNOWN_KEY:
                break
            if status != _NOT_READY:
                return body.decode("utf-8", "replace")
        raise VendorUnavailable("Mango's report did not become ready.", retry_after=_WAIT)

    def _ask(self, path: str, told: dict[str, str]) -> tuple[int, bytes]:
        text = orjson.dumps(told).decode()
        form = {
            "vpbx_api_key": self._source.secrets["api_key"], "sign": signature(self._source, text), "json": text,
        }  # fmt: skip
        answer = self._api.ask("POST", path, data=form, accept=[_UNKNOWN_KEY])
        return answer.status_code, answer.content


def _is_outside(legs: Sequence[dict[str, str]]) -> bool:
    """Somebody outside calls, or is called."""
    first = _first(legs)
    return (
        bool(first["to_number"] and not first["to_extension"])
        if first["from_extension"]
        else bool(first["from_number"])
    )


def _first(legs: Sequence[dict[str, str]]) -> dict[str, str]:
    return min(legs, key=lambda leg: int(leg["start"] or 0))


def _call(source: Source, entry: str, legs: list[dict[str, str]]) -> dict[str, Any]:
    started = min(int(leg["start"]) for leg in legs)
    finished = max(int(leg["finish"] or leg["start"]) for leg in legs)
    talks = sorted((int(leg["answer"]), leg["to_extension"]) for leg in legs if int(leg["answer"] or 0))
    talked, operator = talks[0] if talks else (0, "")
    records = [name for leg in legs for name in leg["records"].strip("[]").split(",") if name]
    first = _first(legs)
    outgoing = bool(first["from_extension"])  # an employee who calls has one
    customer, line = (first["to_number"], "") if outgoing else (first["from_number"], first["to_number"])
    return {
        "id": source.key("call", entry),
        "started_at": datetime.fromtimestamp(started, UTC) - ahead(source),
        **sides(customer, first["line_number"] or line, outgoing=outgoing),
        "status": "answered" if talked else "missed",
        "duration_s": finished - started,
        "talk_s": finished - talked if talked else 0,
        "waiting_s": (talked or finished) - started,
        "operator": first["from_extension"] if outgoing else operator or first["to_extension"],
        "properties": said({"disconnect_reason": legs[-1]["disconnect_reason"], "recordings": records}),
    }
