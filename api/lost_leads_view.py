"""What the page of lost leads shows: where they are lost, when, and which they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from api.bootstrap import Services
from api.numbers import written_in
from api.page_periods import PagePeriod, address, exports_of
from api.shading import HOURS, WEEKDAYS, ShadedRow, shaded, short_money, weekday_name
from attribution.answer import Answer
from attribution.lost_leads import LOST_GROUPINGS, LOST_LEADS, LostLeadsQuestion, lost_leads_report
from attribution.measures import Measure, Unit
from attribution.opportunities import OF_TIME, OpportunityQuestion
from attribution.runs import newest_run
from attribution.unprocessed import UnprocessedQuestion, unprocessed_report
from attribution.visibility import Visibility
from infra.errors import InvalidInput

MOST_ROWS, MOST_LEADS = 200, 50
HEATED = ("unprocessed", "late", "missed_calls", "not_called_back", "leads", "margin_lost")
LOST_COLUMNS = (
    "leads", "unprocessed", "late", "response_median", "response_p90", "missed_calls", "not_called_back", "lost",
    "margin_lost",
)  # fmt: skip
_MEASURES = {measure.slug: measure for measure in LOST_LEADS}


@dataclass(frozen=True, slots=True)
class LostPage:
    """`by` is a grouping of lost leads; `shown` is what weekdays and hours are shaded by. Raises `InvalidInput`."""

    period: PagePeriod
    by: str = "dealer"
    shown: str = "late"
    unprocessed_hours: int = 24
    late_minutes: int = 60
    dealer: str = ""

    def __post_init__(self) -> None:
        _ = self.asked(self.groupings)
        if self.shown not in HEATED:
            raise InvalidInput(
                f"Hours are not shaded by {self.shown!r}.", where="shown", help=f"Choose one of {', '.join(HEATED)}."
            )

    @property
    def groupings(self) -> tuple[str, ...]:
        """Two sales people of one name work at two dealers."""
        return ("dealer", "manager") if self.by == "manager" else (self.by,)

    @property
    def others(self) -> dict[str, str]:
        return {
            "by": self.by,
            "shown": self.shown,
            "unprocessed_hours": str(self.unprocessed_hours),
            "late_minutes": str(self.late_minutes),
            "dealer": self.dealer,
        }

    def asked(self, by: tuple[str, ...]) -> LostLeadsQuestion:
        told = OpportunityQuestion(by, self.period.period)
        return LostLeadsQuestion(told, self.unprocessed_hours, self.late_minutes)


def lost_leads_view(services: Services, seen: Visibility, question: LostPage) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet."""
    table, hours, waiting = _find(services, seen, question)
    asked = {
        **question.period.days,
        "unprocessed_hours": str(question.unprocessed_hours),
        "late_minutes": str(question.late_minutes),
    }
    rows = _most_lost_first(table, question.by)[:MOST_ROWS]
    of_dealer = {
        **question.period.days,
        "unprocessed_hours": str(question.unprocessed_hours),
        "dealer": question.dealer,
    }
    return {
        "question": question,
        "groupings": LOST_GROUPINGS,
        "heated": [_MEASURES[name] for name in HEATED],
        "periods": question.period.links("/funnel/lost", question.others),
        "columns": [_MEASURES[name] for name in LOST_COLUMNS],
        "rows": [_with_bars(row, table) for row in rows],
        "more_rows": len(table.rows) - len(rows),
        "totals": table.totals,
        "is_empty": not table.totals.get("leads"),
        "hours": HOURS,
        "heat": _heat(hours, _MEASURES[question.shown]),
        "chosen": _MEASURES[question.shown],
        "waiting": waiting.items(),
        "waiting_in_all": waiting.groups or 0,
        "of_all": address("/funnel/lost", {**question.period.parameters, **question.others, "dealer": ""}),
        "dealer_links": _dealer_links(table, question),
        "exports": exports_of("/api/reports/lost-leads", {**asked, "by": ",".join(question.groupings)}),
        "hour_exports": exports_of("/api/reports/lost-leads", {**asked, "by": "weekday,hour"}),
        "lead_exports": exports_of("/api/reports/unprocessed-leads", {**of_dealer, "limit": "10000"}),
        "until": table.about["until"],
        "currency": services.settings.currency,
        "zone": services.settings.zone,
        "run": table.run_read,
    }


def _find(services: Services, seen: Visibility, question: LostPage) -> tuple[Answer, Answer, Answer]:
    warehouse, settings = services.warehouse, services.settings
    run = newest_run(warehouse).number

    def lost(by: tuple[str, ...]) -> Answer:
        told = question.asked(by)
        return services.per_run.answer(
            run, ("lost leads", told, seen), lambda: lost_leads_report(warehouse, told, settings, seen=seen)
        )

    listed = UnprocessedQuestion(question.period.period, question.unprocessed_hours, question.dealer, limit=MOST_LEADS)
    waiting = services.per_run.answer(
        run, ("unprocessed", listed, seen), lambda: unprocessed_report(warehouse, listed, settings, seen=seen)
    )
    return lost(question.groupings), lost(("weekday", "hour")), waiting


def _most_lost_first(table: Answer, by: str) -> list[dict[str, Any]]:
    """Groups that have an order of their own stay in it."""
    rows = table.items()
    if by in (*OF_TIME, "response"):
        return rows
    return sorted(rows, key=lambda row: (-(row["margin_lost"] or 0), -row["unprocessed"], -row["late"]))


def _with_bars(row: dict[str, Any], table: Answer) -> dict[str, Any]:
    greatest = table.rows["margin_lost"].astype(float).max()
    lost = row["margin_lost"]
    interval = ""
    if lost and row["margin_lost_low"] is not None:
        low, high = (written_in(Unit.MONEY, row[f"margin_lost_{end}"]) for end in ("low", "high"))
        interval = f"{low} … {high}"
    return row | {"bar": round(100 * lost / greatest, 2) if lost and greatest > 0 else 0, "interval": interval}


def _heat(answer: Answer, measure: Measure) -> list[ShadedRow]:
    found = {(row["weekday"], row["hour"]): row[measure.slug] for row in answer.items()}
    values: Sequence[Sequence[float | None]] = [[found.get((day, hour), 0) or 0 for hour in HOURS] for day in WEEKDAYS]
    return shaded(
        values,
        [
            (weekday_name(day), written_in(measure.unit, sum(value or 0 for value in row)))
            for day, row in zip(WEEKDAYS, values, strict=True)
        ],
        lambda value: _short(measure.unit, value),
        lambda place, column, value: (
            f"{weekday_name(WEEKDAYS[place])}, {HOURS[column]}:00–{HOURS[column]}:59: {written_in(measure.unit, value)}"
        ),
    )


def _short(unit: Unit, value: float) -> str:
    if not value:
        return ""
    return short_money(value) if unit is Unit.MONEY else written_in(unit, round(value))


def _dealer_links(table: Answer, question: LostPage) -> dict[str, str]:
    """Where the list of leads is that of one dealer alone."""
    if "dealer" not in table.rows:
        return {}
    asked = {**question.period.parameters, **question.others}
    return {
        str(dealer): address("/funnel/lost", {**asked, "dealer": str(dealer)}) + "#leads"
        for dealer in table.rows["dealer"].unique()
    }
