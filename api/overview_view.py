"""What the overview shows, and answers as JSON: one computing of it for both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from api.bootstrap import Services
from api.caveats import caveats_in_words, computed_in_words
from api.concerns import Concern, concerns
from api.exports import as_document
from api.language import gettext as _
from api.numbers import written_in
from api.overview_questions import NamedPeriod, OverviewQuestion
from api.periods import as_days, in_words
from api.planned import planned_of
from api.questions import written_conditions
from api.status import freshness
from api.tiles import tiles_of
from api.trend import SPARK_HEIGHT, SPARK_WIDTH, draw_trend
from api.viewer import Viewer
from attribution.answer import Answer
from attribution.meanings import MEANINGS
from attribution.measures import MEASURES, Unit
from attribution.overview import BETTER, Compared, Overview, Step, overview
from attribution.reports import Condition
from attribution.runs import newest_run
from attribution.standings import Standing, Standings, standings
from attribution.visibility import Visibility

MOST_STANDINGS = 4
MOST_CONCERNS = 8
_MEASURES = {measure.slug: measure for measure in MEASURES}


@dataclass(frozen=True, slots=True)
class _Found:
    """`report` is without its rows: it is there for what it says about them."""

    overview: Overview
    report: Answer
    standings: Sequence[Standings]
    concerns: Sequence[Concern]


def overview_document(services: Services, viewer: Viewer, question: OverviewQuestion) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet."""
    found = _find(services, viewer, question)
    planned = planned_of(services, viewer.seen, found.overview.period)
    return {
        "items": [_figure_document(each, planned.get(each.measure.slug)) for each in found.overview.figures],
        "total": len(found.overview.figures),
        "next": None,
        "question": question.as_dict(),
        "before": as_days(found.overview.before),
        "steps": [day.isoformat() for day in found.overview.steps],
        "steps_before": [day.isoformat() for day in found.overview.steps_before],
        "attention": [each.as_dict() for each in found.concerns],
        "standings": [_standings_document(each) for each in found.standings],
        "currency": services.settings.currency,
        "computed_at": found.report.about["computed_at"],
        "maturity": found.report.about["maturity"],
        "missing_rates": found.overview.about.get("missing_rates", []),
        **freshness(services),
    }


def overview_view(services: Services, viewer: Viewer, question: OverviewQuestion) -> dict[str, Any]:
    """What the page's templates take. Raises `NotReady` where nothing was attributed yet."""
    found = _find(services, viewer, question)
    seen, today = found.overview, services.today
    planned = planned_of(services, viewer.seen, seen.period)
    document = as_document(found.report)
    return {
        "question": question,
        "period": in_words(seen.period),
        "before": in_words(seen.before),
        "is_empty": seen.is_empty,
        "tiles": tiles_of(seen, lambda slug: _address(question, measure=slug), planned),
        "measures": [_MEASURES[slug] for slug in BETTER],
        "meanings": MEANINGS,
        "chosen": _MEASURES[question.measure],
        "trend": draw_trend(seen, question.measure),
        "steps": list(Step),
        "periods": [(each, _address(question, named=each)) for each in NamedPeriod],
        "concerns": found.concerns[:MOST_CONCERNS],
        "more_concerns": found.concerns[MOST_CONCERNS:],
        "standings": [_table(each, question) for each in found.standings],
        "caveats": [*_not_over(question, today), *caveats_in_words(document)],
        "computed": computed_in_words(document),
        "report": f"/channels?{urlencode(as_days(question.period))}",
        "currency": services.settings.currency,
        "zone": services.settings.zone,
        "run": seen.run,
        "fresh": freshness(services)["fresh"],
        "spark_width": SPARK_WIDTH,
        "spark_height": SPARK_HEIGHT,
    }


def _find(services: Services, viewer: Viewer, question: OverviewQuestion) -> _Found:
    run = newest_run(services.warehouse)
    asked = ("overview", viewer.seen, question.period, question.step)
    seen, report, tables = services.per_run.answer(run.number, asked, lambda: _of_run(services, viewer.seen, question))
    return _Found(seen, report, tables, concerns(services, viewer, run, seen.about.get("missing_rates", [])))


def _of_run(
    services: Services, visible: Visibility, question: OverviewQuestion
) -> tuple[Overview, Answer, Sequence[Standings]]:
    warehouse, settings = services.warehouse, services.settings
    seen = overview(warehouse, question.period, question.step, settings.timezone, seen=visible)
    report, tables = standings(warehouse, question.period, settings, seen=visible)
    return seen, replace(report, rows=report.rows.head(0)), tables


def _figure_document(figure: Compared, planned: float | None) -> dict[str, Any]:
    return {
        "name": figure.measure.slug,
        "title": figure.measure.title,
        "unit": figure.measure.unit,
        "formula": figure.measure.formula,
        "meaning": MEANINGS[figure.measure.slug],
        "value": figure.value,
        "before": figure.before,
        "difference": figure.difference,
        "change": figure.change,
        "better": figure.better,
        "good": figure.is_good,
        "plan": planned,
        "line": list(figure.line),
        "line_before": list(figure.line_before),
    }


def _standings_document(table: Standings) -> dict[str, Any]:
    return {
        "by": table.subject,
        "measure": table.measure.slug,
        "of": len(table.rows),
        "best": [_standing_document(row) for row in table.best(MOST_STANDINGS)],
        "worst": [_standing_document(row) for row in table.worst(MOST_STANDINGS)],
    }


def _standing_document(row: Standing) -> dict[str, Any]:
    return {
        "name": row.name,
        "cost": row.cost,
        "counted": row.counted,
        "value": row.value,
        "low": row.low,
        "high": row.high,
        "few": row.few,
    }


def _table(table: Standings, question: OverviewQuestion) -> dict[str, Any]:
    def shown(rows: Sequence[Standing]) -> list[dict[str, Any]]:
        return [_row(table, row, question) for row in rows]

    return {
        "subject": table.subject,
        "measure": table.measure,
        "best": shown(table.best(MOST_STANDINGS)),
        "worst": shown(table.worst(MOST_STANDINGS)),
        "of": len(table.rows),
        "counted": "sales" if table.measure.slug == "romi" else "leads",
    }


def _row(table: Standings, row: Standing, question: OverviewQuestion) -> dict[str, Any]:
    unit = table.measure.unit
    inside = "campaign" if table.subject == "channel" else "channel"
    where = written_conditions([Condition(table.subject, (row.name,))])
    return {
        "name": row.name,
        "address": f"/channels?{urlencode({'by': inside, **as_days(question.period), 'where': where})}",
        "value": written_in(unit, row.value),
        "interval": f"{written_in(unit, row.low)} … {written_in(unit, row.high)}",
        "cost": written_in(Unit.MONEY, row.cost),
        "counted": written_in(Unit.COUNT, row.counted),
        "few": row.few,
        "loses": table.measure.slug == "romi" and row.value is not None and row.value < 0,
    }


def _not_over(question: OverviewQuestion, today: date) -> list[str]:
    if question.period.first_day <= today <= question.period.last_day:
        return [_("Today is not over: its figures still grow, and the period before has all of its days.")]
    return []


def _address(question: OverviewQuestion, *, named: NamedPeriod | None = None, measure: str = "") -> str:
    """The overview of another period, or with another line; steps follow the period unless it stays."""
    chosen = named or question.named
    asked = {"period": chosen.value} if chosen else as_days(question.period)
    kept = {} if named else {"step": question.step.value}
    return f"/overview?{urlencode({**asked, 'measure': measure or question.measure, **kept})}"
