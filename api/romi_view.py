"""What the page of the ROMI/CPL report shows."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from api.bootstrap import Services
from api.caveats import caveats_in_words, computed_in_words, to_come
from api.channels_address import BEHIND, BESIDE, REPORT, Place
from api.condition_editor import chips, condition_editor
from api.dimension_titles import dimension_title, dimensions_in_groups
from api.exports import ExportFormat, as_document
from api.questions import as_parameters
from api.romi_chart import chart_view
from api.romi_table import table_rows
from api.status import freshness
from attribution.caveats import romi_report_with_caveats
from attribution.dimensions import OF_DEALERS
from attribution.meanings import MEANINGS
from attribution.measures import MEASURES, Measure
from attribution.models import Model
from attribution.reports import Calendar, Question
from attribution.runs import newest_run
from attribution.sharing import DealerShare
from attribution.visibility import Visibility

_COLUMNS = (
    "cost", "leads", "cpl", "visits", "cpv", "sales", "cps", "revenue", "margin", "romi", "roas", "drr", "clicks",
    "sessions", "qualified", "cpql", "cr_lead_sale",
)  # fmt: skip
_CARDS = ("cost", "leads", "cpl", "sales", "cps", "revenue", "margin", "romi")
_LINES = ("romi", "cost", "revenue", "margin", "leads", "sales", "visits", "cpl", "cps", "cr_lead_sale")
_PICKERS = ("Group by", "then by", "and by", "and last by")
_MEASURES = {measure.slug: measure for measure in MEASURES}


def romi_view(services: Services, seen: Visibility, place: Place, only: str = "") -> dict[str, Any]:
    """`only` is the dimension whose condition is edited. Raises `NotReady` where nothing was attributed yet."""
    run = newest_run(services.warehouse).number
    found = services.per_run.answer(
        run, ("channels", seen, place.key, only), lambda: _of_run(services, seen, place, only)
    )
    viewed = frame_view(services, place, REPORT)
    return {**found, **viewed, "fresh": freshness(services)["fresh"]}


def frame_view(services: Services, place: Place, page: str) -> dict[str, Any]:
    """What the pages of channels have in common: pickers, conditions, the way there."""
    question = place.question
    return {
        "page": page,
        "place": place,
        "question": question,
        "crumbs": place.crumbs(),
        "chips": chips(place, page),
        "tabs": [
            ("Report", place.address(), page == REPORT),
            ("Models side by side", place.address(BESIDE), page == BESIDE),
        ],
        "behind": place.address(BEHIND),
        "models": list(Model),
        "calendars": list(Calendar),
        "shares": list(DealerShare),
        "dimensions": dimensions_in_groups(question.catalog, question.by),
        "title_of": dimension_title,
        "pickers": _pickers(question),
        "asked": as_parameters(question),
        "shares_cost": bool(set(question.inputs) & set(OF_DEALERS)),
        "periods": [
            (name, place.asking(replace(question, first_day=first, last_day=last)).address(page))
            for name, first, last in _periods(services.today)
        ],
        "currency": services.settings.currency,
        "zone": services.settings.zone,
    }


def export_links(path: str, question: Question, **more: str) -> list[tuple[str, str]]:
    """The same in each form, without the page's own limit."""
    asked = as_parameters(replace(question, limit=None, offset=0)) | more
    return [(form.value, f"{path}?{urlencode({**asked, 'format': form.value})}") for form in ExportFormat]


def _of_run(services: Services, seen: Visibility, place: Place, only: str) -> dict[str, Any]:
    question = place.question
    columns = _columns(question)
    needed = dict.fromkeys(figure.slug for figure in (*columns, *MEASURES))
    shown = replace(question, measures=tuple(needed))
    report = romi_report_with_caveats(services.warehouse, shown, services.settings, seen=seen)
    document = as_document(report)
    chosen = {measure.slug for measure in columns}
    return {
        "rows": table_rows(document["items"], report.totals, columns, place),
        "caveats": caveats_in_words(document),
        "to_come": to_come(document),
        "computed": computed_in_words(document),
        "hidden_rows": (report.groups or 0) - len(report.rows),
        "totals": report.totals,
        "columns": columns,
        "meanings": MEANINGS,
        "offered": [(each, each.slug in chosen) for each in question.catalog.measures.values()],
        "line_measures": [_MEASURES[slug] for slug in _LINES],
        "cards": [_MEASURES[slug] for slug in _CARDS],
        "exports": export_links("/api/reports/romi", question),
        "editor": condition_editor(services, seen, place, only),
        "run": report.run,
        **chart_view(services, seen, place),
    }


def _columns(question: Question) -> list[Measure]:
    """The measures that were asked for; else the usual ones, and all that users defined."""
    if question.measures:
        return list(question.figures)
    return [*(_MEASURES[slug] for slug in _COLUMNS), *question.catalog.own_measures]


def _pickers(question: Question) -> list[tuple[str, str]]:
    """A picker for each grouping, and an empty one for the next: its label, and what is chosen."""
    chosen = [*question.by, ""][: len(_PICKERS)]
    return list(zip(_PICKERS, chosen, strict=False))


def _periods(today: date) -> list[tuple[str, date, date]]:
    this_month = today.replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    a_year_ago = (this_month - timedelta(days=330)).replace(day=1)
    return [
        ("this month", this_month, today),
        ("last month", last_month, this_month - timedelta(days=1)),
        ("last 30 days", today - timedelta(days=29), today),
        ("this year", today.replace(month=1, day=1), today),
        ("12 months", a_year_ago, today),
    ]
