"""What the page of calls shows: when they come, who answers, and which channels bring junk."""

from dataclasses import dataclass
from typing import Any

from api.bootstrap import Services
from api.language import gettext as _
from api.numbers import written_in
from api.page_periods import PagePeriod, exports_of
from api.shading import HOURS, WEEKDAYS, ShadedRow, shaded, weekday_name
from attribution.answer import Answer
from attribution.calls import CALL_MEASURES, CallsQuestion, calls_report
from attribution.intervals import share_interval
from attribution.lost_leads import LostLeadsQuestion, lost_leads_report
from attribution.measures import Unit
from attribution.opportunities import OpportunityQuestion
from attribution.runs import newest_run
from attribution.staffing import STAFFING, StaffingQuestion, staffing_report
from attribution.target_calls import target_rules
from attribution.visibility import Visibility
from infra.errors import InvalidInput

MOST_ROWS = 200
GROUPINGS = ("dealer", "operator", "channel", "number", "brand")
HEATED = ("unanswered", "share_unanswered", "calls", "staff")
CALL_COLUMNS = (
    "calls", "answered", "unanswered", "share_unanswered", "waiting_median", "called_back", "never_called_back",
    "back_median", "talk_mean", "target_calls", "leads",
)  # fmt: skip
_CALLS = {measure.slug: measure for measure in CALL_MEASURES}
_STAFFING = {measure.slug: measure for measure in STAFFING}


@dataclass(frozen=True, slots=True)
class CallsPage:
    """Raises `InvalidInput`."""

    period: PagePeriod
    by: str = "dealer"
    shown: str = "unanswered"

    def __post_init__(self) -> None:
        for name, value, known in (("by", self.by, GROUPINGS), ("shown", self.shown, HEATED)):
            if value not in known:
                told = f"Choose one of {', '.join(known)}."
                raise InvalidInput(f"Calls are not told by {value!r}.", where=name, help=told)

    @property
    def others(self) -> dict[str, str]:
        return {"by": self.by, "shown": self.shown}

    @property
    def groupings(self) -> tuple[str, ...]:
        return ("dealer", "operator") if self.by == "operator" else (self.by,)


def calls_view(services: Services, seen: Visibility, question: CallsPage) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet."""
    by_hour, by_day_and_hour, calls, junk = _find(services, seen, question)
    days = question.period.days
    rows = calls.items(MOST_ROWS)
    return {
        "question": question,
        "groupings": GROUPINGS,
        "heated": [_STAFFING[name] for name in HEATED],
        "chosen": _STAFFING[question.shown],
        "periods": question.period.links("/funnel/calls", question.others),
        "totals": calls.totals,
        "is_empty": not calls.totals.get("calls"),
        "hour_rows": by_hour.items(),
        "hours": HOURS,
        "drawn": _drawn(by_hour),
        "has_staff": bool(by_hour.rows["staff"].notna().any()),
        "heat": _heat(by_day_and_hour, question.shown),
        "columns": [_CALLS[name] for name in CALL_COLUMNS],
        "rows": rows,
        "more_rows": len(calls.rows) - len(rows),
        "junk": _junk(junk),
        "exports": exports_of("/api/reports/calls", {**days, "by": ",".join(question.groupings)}),
        "hour_exports": exports_of("/api/reports/staffing", {**days, "by": "hour"}),
        "heat_exports": exports_of("/api/reports/staffing", {**days, "by": "weekday,hour"}),
        "junk_exports": exports_of("/api/reports/lost-leads", {**days, "by": "channel"}),
        "zone": services.settings.zone,
        "run": calls.run_read,
    }


def _find(services: Services, seen: Visibility, question: CallsPage) -> tuple[Answer, Answer, Answer, Answer]:
    warehouse, settings, period = services.warehouse, services.settings, question.period.period
    run, kept = newest_run(warehouse).number, services.per_run

    def staffing(*by: str) -> Answer:
        told = StaffingQuestion(period, by)
        key = ("staffing", told, seen)
        return kept.answer(run, key, lambda: staffing_report(warehouse, told, settings, seen=seen))

    asked = CallsQuestion(question.groupings, period)
    rules = target_rules(services.database)
    calls = kept.answer(
        run,
        ("calls", asked, str(rules.as_told()), seen),
        lambda: calls_report(warehouse, asked, rules, settings, seen=seen),
    )
    lost = LostLeadsQuestion(OpportunityQuestion(("channel",), period))
    junk = kept.answer(run, ("lost leads", lost, seen), lambda: lost_leads_report(warehouse, lost, settings, seen=seen))
    return staffing("hour"), staffing("weekday", "hour"), calls, junk


def _drawn(by_hour: Answer) -> list[dict[str, Any]]:
    """For each hour of the day the heights of its bars, from 0 to 100."""
    found = {row["hour"]: row for row in by_hour.items()}
    most = max((row["calls_per_hour"] for row in found.values()), default=0) or 1
    staff = max((row["staff"] or 0 for row in found.values()), default=0) or 1
    return [_hour(hour, found.get(hour), most, staff) for hour in HOURS]


def _hour(hour: str, row: dict[str, Any] | None, most: float, staff: float) -> dict[str, Any]:
    if not row:
        told = _("%(hour)s:00–%(hour)s:59: no call") % {"hour": hour}
        return {"hour": hour, "answered": 0, "unanswered": 0, "staff": 0, "told": told}
    height = 100 * row["calls_per_hour"] / most
    answered = height * row["answered"] / row["calls"] if row["calls"] else 0
    return {
        "hour": hour,
        "answered": round(answered, 2),
        "unanswered": round(height - answered, 2),
        "staff": round(100 * (row["staff"] or 0) / staff, 2),
        "told": _hour_in_words(hour, row),
    }


def _hour_in_words(hour: str, row: dict[str, Any]) -> str:
    told = {
        "hour": hour,
        "calls": written_in(Unit.TIMES, row["calls_per_hour"]),
        "share": written_in(Unit.SHARE, row["share_unanswered"]),
        "people": written_in(Unit.COUNT, row["staff"]),
    }
    if row["staff"] is None:
        return _("%(hour)s:00–%(hour)s:59: %(calls)s calls an hour, %(share)s unanswered") % told
    return (
        _("%(hour)s:00–%(hour)s:59: %(calls)s calls an hour, %(share)s unanswered, %(people)s people answering") % told
    )


def _heat(answer: Answer, shown: str) -> list[ShadedRow]:
    unit = _STAFFING[shown].unit
    found = {(row["weekday"], row["hour"]): row[shown] for row in answer.items()}
    return shaded(
        [[found.get((day, hour)) for hour in HOURS] for day in WEEKDAYS],
        [(weekday_name(day), "") for day in WEEKDAYS],
        lambda value: "" if not value else f"{value * 100:.0f}" if unit is Unit.SHARE else written_in(unit, value),
        lambda place, column, value: (
            f"{weekday_name(WEEKDAYS[place])}, {HOURS[column]}:00–{HOURS[column]}:59: {written_in(unit, value)}"
        ),
    )


def _junk(answer: Answer) -> list[dict[str, Any]]:
    """Channels with requests, the greatest share of junk first; those with few requests last."""
    rows = [row for row in answer.items() if row["requests"]]
    for row in rows:
        low, high = share_interval(row["junk"], row["requests"])
        row |= {"low": float(low), "high": float(high), "few": row["requests"] < 20}
    top = max((row["high"] for row in rows if not row["few"]), default=0.0) or 1.0
    for row in rows:
        row["places"] = {name: min(100.0, round(100 * row[name] / top, 2)) for name in ("low", "high", "junk_share")}
    return sorted(rows, key=lambda row: (row["few"], -row["junk_share"]))
