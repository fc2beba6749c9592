"""What a contractor's own page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from api.bootstrap import Services
from api.contractors_questions import ContractorPage
from api.contractors_view import (
    claimed_days,
    fee_share,
    in_ranks,
    is_few,
    known_rows,
    pooled,
    raw,
    reported,
    shown_name,
)
from api.dealers_view import MEASURE_OF, Row, footing, interval
from api.language import gettext as _
from api.numbers import written_in
from api.periods import LongPeriod, as_days, in_words
from api.report_tables import report_table
from api.scale import Tick
from api.tiles import overview_of, tiles_of
from api.trend import SPARK_HEIGHT, SPARK_WIDTH, draw_trend
from api.whiskers import Whisker, place, scale_for, whisker
from attribution.answer import Answer
from attribution.contractor_register import contractors_seen, fee_in_words
from attribution.contractors import NOBODYS, POOLED
from attribution.meanings import MEANINGS
from attribution.measures import Unit
from attribution.overview import BETTER, Step
from attribution.question import Condition, Question
from attribution.reference_document import Contractor
from attribution.visibility import Visibility
from infra.errors import NotFound


@dataclass(frozen=True, slots=True)
class Month:
    """A month in the history, `x` percent from the left; places of the whisker are from the bottom up."""

    name: str
    x: float
    drawn: Whisker | None
    next: tuple[float, float] | None
    value: str
    interval: str
    raw: str
    cost: str
    fees: str
    counted: str
    is_few: bool


def contractor_view(services: Services, seen: Visibility, page: ContractorPage) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet, `NotFound` for one that is not there, or not seen."""
    question, contractor = page.all, page.contractor
    answer = reported(services, seen, question.report)
    rows = known_rows(answer)
    row = next((each for each in rows if each["contractor"] == contractor), None)
    owner = next((each for each in contractors_seen(services.database, seen) if each.id == contractor), None)
    if contractor in NOBODYS or (row is None and owner is None):
        raise NotFound(
            _("There is no contractor “%s”.") % contractor,
            where="contractor",
            help=_("The page of contractors lists all that you see."),
        )
    period, model = question.report.period, question.report.model
    where = (Condition("contractor", (contractor,)),)
    found = overview_of(services, seen, period, page.step, where)
    report = Question(("dealer",), period.first_day, period.last_day, model, where=where)
    campaigns = Question(("campaign",), period.first_day, period.last_day, model, where=where)
    months = known_rows(reported(services, seen, question.months()))
    return {
        "page": page,
        "question": question,
        "report": question.report,
        "contractor": contractor,
        "name": (owner.name if owner else "") or (shown_name(row) if row else contractor),
        "path": page.address().partition("?")[0],
        "back": question.address(),
        "period": in_words(period),
        "before": in_words(found.before),
        "is_empty": row is None,
        "tiles": tiles_of(found, lambda slug: page.address(measure=slug)),
        "trend": draw_trend(found, page.measure),
        "chosen": MEASURE_OF[page.measure],
        "measures": [MEASURE_OF[slug] for slug in BETTER],
        "steps": list(Step),
        "meanings": MEANINGS,
        "standing": [_standing(answer, rows, row, slug) for slug in POOLED] if row else [],
        "facts": _facts(row) if row else [],
        "claims": _claimed(row, owner),
        "agreed": _agreed(owner, services.settings.currency),
        "ranked": MEASURE_OF[question.ranked],
        "rankable": [MEASURE_OF[slug] for slug in POOLED],
        "history": _history([each for each in months if each["contractor"] == contractor], question.ranked),
        "dealers": report_table(services, seen, report),
        "campaigns": report_table(services, seen, campaigns),
        "spark_width": SPARK_WIDTH,
        "spark_height": SPARK_HEIGHT,
        "periods": [(each.label, page.address(named=each), question.named is each) for each in LongPeriod],
        "month_exports": [(form, question.export(form, by="contractor,month")) for form in ("csv", "xlsx", "parquet")],
        "whole": f"/channels?{urlencode({'by': 'contractor', 'model': model.value, **as_days(period)})}",
        **footing(services, answer),
    }


def _standing(answer: Answer, rows: Sequence[Row], row: Row, slug: str) -> dict[str, Any]:
    """A measure of the contractor on the scale of all."""
    unit = MEASURE_OF[slug].unit
    scale = scale_for([pooled(row, slug), *((pooled(each, slug)[0], None, None) for each in rows)])
    ranks = [each["contractor"] for each in in_ranks(rows, slug) if pooled(each, slug)[0] is not None]
    together = answer.about["contractors"][slug]
    at = ranks.index(row["contractor"]) + 1 if row["contractor"] in ranks else None
    return {
        "title": MEASURE_OF[slug].title,
        "slug": slug,
        "raw": written_in(unit, row[slug]),
        "raw_interval": interval(unit, *raw(row, slug)[1:]),
        "pooled": written_in(unit, row[f"{slug}_pooled"]),
        "pooled_interval": interval(unit, *pooled(row, slug)[1:]),
        "drawn": whisker(scale, pooled(row, slug)),
        "together": written_in(unit, together),
        "together_at": place(scale, together),
        "rank": _("%(rank)s of %(count)s") % {"rank": at, "count": len(ranks)} if at else "—",
        "is_few": is_few(row, slug),
    }


def _facts(row: Row) -> list[tuple[str, str]]:
    return [
        (_("Media"), written_in(Unit.MONEY, row["media"])),
        (_("Fees"), written_in(Unit.MONEY, row["fees"])),
        (_("Fees of media"), written_in(Unit.SHARE, fee_share(row))),
        (_("Leads"), written_in(Unit.COUNT, row["leads"])),
        (_("Sales"), written_in(Unit.COUNT, row["sales"])),
        (_("Margin"), written_in(Unit.MONEY, row["margin"])),
    ]


def _claimed(row: Row | None, owner: Contractor | None) -> list[dict[str, str]]:
    """What it claims, beside what was measured on those days."""
    if row is None or owner is None:
        return []
    told = (("budget", _("Budget"), Unit.MONEY), ("romi", "ROMI", Unit.SHARE))
    return [
        {
            "title": title,
            "days": claimed_days(owner),
            "claimed": written_in(unit, row[f"claimed_{slug}"]),
            "measured": written_in(unit, row[f"measured_{slug}"]),
        }
        for slug, title, unit in told
        if row[f"claimed_{slug}"] is not None
    ]


def _agreed(owner: Contractor | None, currency: str) -> dict[str, list[str]]:
    if owner is None:
        return {"campaigns": [], "fees": []}
    return {
        "campaigns": [str(each) for each in owner.campaigns],
        "fees": [fee_in_words(fee, currency) for fee in owner.fees],
    }


def _history(rows: Sequence[Row], slug: str) -> dict[str, Any]:
    """The pooled figure month by month, with its interval."""
    unit = MEASURE_OF[slug].unit
    scale = scale_for([pooled(row, slug) for row in rows])
    room = 100 / len(rows) if rows else 100.0
    marks = [whisker(scale, pooled(row, slug)) for row in rows]
    months = [
        Month(
            row["month"][:7],
            round(room * (at + 0.5), 2),
            marks[at],
            _next(marks, at, room),
            written_in(unit, row[f"{slug}_pooled"]),
            interval(unit, *pooled(row, slug)[1:]),
            written_in(unit, row[slug]),
            written_in(Unit.MONEY, row["cost"]),
            written_in(Unit.MONEY, row["fees"]),
            written_in(Unit.COUNT, row["leads"] if slug == "cpl" else row["sales"]),
            is_few(row, slug),
        )
        for at, row in enumerate(rows)
    ]
    return {"months": months, "ticks": [Tick(round(100 - each.at, 2), each.label) for each in scale.ticks(slug)]}


def _next(marks: Sequence[Whisker | None], at: int, room: float) -> tuple[float, float] | None:
    """Where the line goes on to."""
    following = marks[at + 1] if at + 1 < len(marks) else None
    return (round(room * (at + 1.5), 2), following.at) if following and marks[at] else None
