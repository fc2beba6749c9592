"""A slow, obviously right reference of the report of calls, where a phone is a person."""

from datetime import datetime, timedelta
from statistics import fmean
from typing import Any

import numpy as np

UNANSWERED = ("missed", "busy", "failed")
Row = dict[str, Any]


def at(event: Row) -> datetime:
    return datetime.fromisoformat(event.get("started_at") or event["created_at"])


def figures(calls: list[Row], leads: list[Row], dealer: str | None, window: timedelta, talk_s: int) -> Row:
    """Of one dealer, or of all."""
    incoming = sorted((c for c in calls if c["direction"] != "out"), key=lambda c: (at(c), c["id"]))
    requests = [each for each in leads if not is_card(each, incoming)]
    contacts = [(c["called"], at(c)) for c in calls if c["direction"] == "out"]
    contacts += [(c["caller"], at(c)) for c in incoming if c["status"] == "answered" and c["caller"]]
    contacts += [
        (r["phone"], datetime.fromisoformat(r["first_response_at"])) for r in requests if r["first_response_at"]
    ]
    mine = [c for c in incoming if dealer in (None, c["dealer"])]
    asked = [r for r in requests if dealer in (None, r["dealer"])]
    firsts = [c for c in mine if is_first(c, incoming, window)]
    targets = [c for c in mine if is_target(c, talk_s)]
    lost = [c for c in mine if c["status"] in UNANSWERED]
    back = [took for c in lost if (took := took_back(c["caller"], at(c), contacts, window)) is not None]
    called = [took for r in asked if (took := took_back(r["phone"], at(r), contacts, window)) is not None]
    waits = [c["waiting_s"] for c in mine if c["waiting_s"] is not None]
    return {
        "calls": len(mine),
        "first_calls": len(firsts),
        "repeat_calls": len(mine) - len(firsts),
        "callers": len({c["caller"] or c["id"] for c in mine}),
        "target_calls": len(targets),
        "first_target_calls": sum(c in firsts for c in targets),
        "answered": sum(c["status"] == "answered" for c in mine),
        **{status: sum(c["status"] == status for c in mine) for status in UNANSWERED},
        "unanswered": len(lost),
        "share_unanswered": len(lost) / len(mine) if mine else None,
        "waiting_mean": fmean(waits) if waits else None,
        "waiting_median": percentile(waits, 50),
        "waiting_p90": percentile(waits, 90),
        "talk_mean": mean([c["talk_s"] for c in mine if c["status"] == "answered" and c["talk_s"] is not None]),
        "called_back": len(back),
        "never_called_back": len(lost) - len(back),
        "share_called_back": len(back) / len(lost) if lost else None,
        "back_median": percentile(back, 50),
        "back_p90": percentile(back, 90),
        "requests": len(asked),
        "requests_called": len(called),
        "request_median": percentile(called, 50),
        "request_p90": percentile(called, 90),
    }


def is_first(call: Row, incoming: list[Row], window: timedelta) -> bool:
    before = incoming[: incoming.index(call)]
    return not any(c["caller"] and c["caller"] == call["caller"] and at(call) - at(c) <= window for c in before)


def is_target(call: Row, talk_s: int) -> bool:
    if call["target"] is not None:
        return bool(call["target"])
    spoken = call["talk_s"] or 0
    return call["status"] == "answered" and spoken >= talk_s and "spam" not in call["tags"]


def is_card(lead: Row, incoming: list[Row]) -> bool:
    """Whether the lead is the card of a call."""
    return any(
        c["caller"] == lead["phone"] and timedelta(0) <= at(lead) - at(c) <= timedelta(hours=1) for c in incoming
    )


def took_back(phone: str, asked_at: datetime, contacts: list[tuple[str, datetime]], window: timedelta) -> float | None:
    later = [moment for known, moment in contacts if phone and known == phone and moment > asked_at]
    took = min(later) - asked_at if later else None
    return took.total_seconds() if took is not None and took <= window else None


def mean(values: list[float]) -> float | None:
    return fmean(values) if values else None


def percentile(values: list[float], share: float) -> float | None:
    return float(np.percentile(values, share)) if values else None
