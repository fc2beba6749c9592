"""What a dealer's own page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import pandas as pd

from api.bootstrap import Services
from api.dealers_questions import DealerQuestion
from api.dealers_view import (
    MEASURE_OF,
    Cell,
    Row,
    cell,
    choices,
    compared,
    footing,
    holding_of,
    peers_mean,
    triple,
)
from api.language import gettext as _
from api.numbers import written_in
from api.periods import LongPeriod, as_days, in_words
from api.planned import planned_of
from api.report_tables import ReportTable, report_table
from api.tiles import overview_of, tiles_of
from api.trend import SPARK_HEIGHT, SPARK_WIDTH, draw_trend
from api.whiskers import Whisker, place, scale_for, whisker
from attribution.answer import Answer, records
from attribution.bottleneck import StepLoss, bottleneck
from attribution.dealers import COMPARABLE
from attribution.funnel import FUNNEL, VISITOR, funnel_report
from attribution.lost_leads import LOST_LEADS, LostLeadsQuestion, lost_leads_report
from attribution.meanings import MEANINGS
from attribution.measures import Unit
from attribution.opportunities import OpportunityQuestion
from attribution.overview import BETTER, Step
from attribution.question import Condition, Question
from attribution.reference import reference_document
from attribution.visibility import Visibility
from infra.errors import NotFound

_LEADS_ASKED = ("leads", "unprocessed", "not_called_back", "late", "response_median", "margin_lost")
_WAITING = ("unprocessed", "not_called_back", "margin_lost")
_LEADS = {measure.slug: measure for measure in LOST_LEADS}
_STAGES = {measure.slug: measure for measure in FUNNEL}


@dataclass(frozen=True, slots=True)
class Beside:
    """A measure of the dealer beside the holding and its peers; places are in percent of a scale of its own."""

    title: str
    slug: str
    raw: Cell
    fair: Cell
    holding: str
    peers: str
    rank: str
    drawn: Whisker | None
    holding_at: float | None
    peers_at: float | None


def dealer_view(services: Services, seen: Visibility, question: DealerQuestion) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet, `NotFound` for a dealer that is not there, or not seen."""
    comparison, dealer = question.comparison, question.dealer
    answer = compared(services, seen, comparison)
    row = _row_of(answer, dealer)
    period, peers = comparison.period, comparison.peers
    where = (Condition("dealer", (dealer,)),)
    found = overview_of(services, seen, period, question.step, where)
    planned = planned_of(services, seen, period, frozenset({dealer}))
    report = Question(
        ("channel",), period.first_day, period.last_day, comparison.model, share=comparison.share, where=where
    )
    holding = holding_of(answer, seen)
    return {
        "question": question,
        "dealer": dealer,
        "row": row,
        "others": len(answer.rows) - 1,
        "path": question.address().partition("?")[0],
        "back": question.comparison_address(),
        "comparison": comparison,
        "period": in_words(period),
        "before": in_words(found.before),
        "is_empty": found.is_empty and not row["cohort_leads"],
        "tiles": tiles_of(found, lambda slug: question.address(measure=slug), planned),
        "trend": draw_trend(found, question.measure),
        "chosen": MEASURE_OF[question.measure],
        "measures": [MEASURE_OF[slug] for slug in BETTER],
        "steps": list(Step),
        "meanings": MEANINGS,
        "beside": [_beside(answer, row, holding, slug) for slug in COMPARABLE],
        "channels": report_table(services, seen, report),
        "contractors": contractors_in(services, report_table(services, seen, replace(report, by=("contractor",)))),
        "stages": _stages(services, seen, question),
        "stage_exports": _exports("funnel", question),
        "loses": _loss_in_words(bottleneck(row), choices(peers)["peers_words"]),
        "leads": _leads(services, seen, question),
        "lead_exports": _exports("lost-leads", question),
        "spark_width": SPARK_WIDTH,
        "spark_height": SPARK_HEIGHT,
        **choices(peers),
        "periods": [(each.label, question.address(named=each), question.named is each) for each in LongPeriod],
        **footing(services, answer),
    }


def contractors_in(services: Services, table: ReportTable) -> ReportTable:
    """Under their names, where the reference data have them."""
    names = {owner.id: owner.name for owner in reference_document(services.database).contractors}
    return replace(table, lines=[replace(line, name=names.get(line.key) or line.key) for line in table.lines])


def _row_of(answer: Answer, dealer: str) -> Row:
    rows = answer.rows[answer.rows["dealer"] == dealer]
    if rows.empty:
        raise NotFound(
            _("There is no dealer “%s”.") % dealer, where="dealer", help=_("The comparison lists all that you see.")
        )
    return records(rows, answer.counts)[0]


def _beside(answer: Answer, row: Row, holding: Mapping[str, float | None], slug: str) -> Beside:
    unit = MEASURE_OF[slug].unit
    fair = triple(row, slug, fair=True)
    peers = peers_mean(row, slug)
    every = answer.rows[f"{slug}_adjusted"].dropna()
    scale = scale_for([fair, *((float(value), None, None) for value in every)])
    ranked = int(answer.rows[f"{slug}_rank"].notna().sum())
    rank = row[f"{slug}_rank"]
    return Beside(
        MEASURE_OF[slug].title,
        slug,
        cell(row, slug, fair=False),
        cell(row, slug, fair=True),
        written_in(unit, holding.get(slug)),
        written_in(unit, peers),
        "—" if rank is None else _("%(rank)s of %(count)s") % {"rank": round(rank), "count": ranked},
        whisker(scale, fair),
        place(scale, holding.get(slug)),
        place(scale, peers),
    )


def _stages(services: Services, seen: Visibility, question: DealerQuestion) -> Sequence[Mapping[str, Any]]:
    """From the site visit to the sale, each with its part of the leads."""
    asked = OpportunityQuestion(("dealer",), question.comparison.period, question.comparison.model)
    rows = _of_dealer(services, seen, "funnel", asked, question)
    leads = next((row["reached"] for row in records(rows, frozenset()) if row["stage"] == "lead"), 0)
    words = {
        "lead": _("Lead"), "qualified": _("Qualified"), "appointment": _("Appointment"), "visit": _("Showroom visit"),
        "test_drive": _("Test drive"), "contract": _("Contract"), "sale": _("Sale"),
    }  # fmt: skip
    return [
        {
            "name": words[row["stage"]],
            "share": round(100 * row["reached"] / leads, 1) if leads else 0,
            **{slug: written_in(each.unit, row[slug]) for slug, each in _STAGES.items()},
        }
        for row in records(rows, frozenset(["reached"]))
        if row["stage"] != VISITOR
    ]


def _leads(services: Services, seen: Visibility, question: DealerQuestion) -> list[tuple[str, str, str]]:
    """What became of leads: title, figure, and `bad` where somebody waits."""
    asked = OpportunityQuestion(("dealer",), question.comparison.period, question.comparison.model)
    rows = records(_of_dealer(services, seen, "lost-leads", asked, question), frozenset())
    if not rows:
        return []
    waits = ("unprocessed", "not_called_back", "margin_lost")
    return [
        (
            _LEADS[slug].title,
            written_in(_LEADS[slug].unit, rows[0][slug]),
            "bad" if slug in waits and rows[0][slug] else "",
        )
        for slug in _LEADS_ASKED
    ]


def _of_dealer(
    services: Services, seen: Visibility, report: str, asked: OpportunityQuestion, question: DealerQuestion
) -> pd.DataFrame:
    """The dealer's rows of a report by dealer, which is found once for all dealers."""
    warehouse, settings = services.warehouse, services.settings

    def find() -> Answer:
        if report == "funnel":
            return funnel_report(warehouse, asked, settings, seen=seen)
        return lost_leads_report(warehouse, LostLeadsQuestion.by_deadlines(asked, settings), settings, seen=seen)

    run = compared(services, seen, question.comparison).run_read
    deadlines = (settings.unprocessed_hours, settings.late_minutes)
    rows = services.per_run.answer(run.number, (report, asked, deadlines, seen), find).rows
    return rows[rows["dealer"] == question.dealer]


def _exports(report: str, question: DealerQuestion) -> list[tuple[str, str]]:
    asked = {"by": "dealer", "model": question.comparison.model.value, **as_days(question.comparison.period)}
    return [
        (form, f"/api/reports/{report}?{urlencode(asked | {'format': form})}") for form in ("csv", "xlsx", "parquet")
    ]


def _loss_in_words(loss: StepLoss | None, peers: str) -> dict[str, str] | None:
    if loss is None:
        return None
    return {
        "step": MEASURE_OF[loss.slug].title,
        "own": written_in(Unit.SHARE, loss.own),
        "peers": written_in(Unit.SHARE, loss.peers),
        "came": written_in(Unit.COUNT, loss.came),
        "sales": f"{loss.sales:.1f}",
        "whom": peers,
        "is_notable": "yes" if loss.is_notable else "",
    }
