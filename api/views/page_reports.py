"""The report that stands first on each page, as the page itself asks for it: with its periods and its defaults."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from api.bootstrap import Services
from api.calls_view import CallsPage
from api.cohorts_view import CohortsPage
from api.contractors_questions import Asked as OfContractors
from api.contractors_questions import ContractorsQuestion, read_contractors_question
from api.dealers_questions import Asked as OfDealers
from api.dealers_questions import DealersQuestion, read_dealers_question
from api.funnel_view import FunnelPage
from api.journeys_view import JourneysPage
from api.lost_leads_view import LostPage
from api.overview_questions import read_overview_question
from api.page_periods import PagePeriod, Span, read_page_period
from api.performance_view import PerformancePage
from api.questions import Asked, read_choice, read_model
from api.sources_view import source_rows
from api.views.address import ViewAddress
from attribution.answer import Answer
from attribution.calls import CallsQuestion, calls_report
from attribution.caveats import romi_report_with_caveats
from attribution.cohorts import CohortQuestion, Start, cohort_report
from attribution.contractors import contractor_report
from attribution.dealers import dealer_comparison
from attribution.funnel import funnel_report
from attribution.lost_leads import lost_leads_report
from attribution.measures import Measure, Unit
from attribution.opportunities import OpportunityQuestion
from attribution.overview import BETTER
from attribution.paths import Step, path_report
from attribution.performance import PerformanceQuestion, performance_report
from attribution.question import Condition, Question
from attribution.target_calls import target_rules
from attribution.visibility import NOBODYS, Visibility

_MODEL = "last_non_direct"
_SOURCE_NAMES = ("id", "title", "dealer", "health", "last_event_at")
_SOURCE_FIGURES = (
    Measure("per_hour", "Events per hour", unit=Unit.TIMES),
    Measure("accepted", "Accepted", unit=Unit.COUNT),
    Measure("rejected", "Rejected", unit=Unit.COUNT),
)


def _overview(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    """The figures of the overview, a row a day or week."""
    measure, step = asked.get("measure"), asked.get("step")
    question = read_overview_question(asked.get("period"), *_days(asked), measure, step, services.today)
    first, last = question.period.first_day.isoformat(), question.period.last_day.isoformat()
    by = question.step.value
    told = Asked(by, first=first, last=last, measures=",".join(BETTER), sort=by)
    return _romi(services, told.question(services.definitions.catalog(), services.today), seen)


def _dealers(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    comparison = _dealers_question(services, asked).comparison
    return dealer_comparison(services.warehouse, comparison, services.settings.timezone, seen=seen)


def _dealer(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    """The dealer's channels."""
    told = _dealers_question(services, asked).comparison
    where = (Condition("dealer", (asked.of_one,)),)
    days = told.period.first_day, told.period.last_day
    return _romi(services, Question(("channel",), *days, told.model, share=told.share, where=where), seen)


def _dealers_question(services: Services, asked: ViewAddress) -> DealersQuestion:
    told = OfDealers(
        asked.get("period"),
        *_days(asked),
        asked.get("peers", "holding"),
        asked.get("model", _MODEL),
        asked.get("share", "leads"),
    )
    return read_dealers_question(told, "", "", "", "raw", services.today)


def _contractors(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    report = _contractors_question(services, asked).report
    return contractor_report(services.warehouse, services.database, report, services.settings.timezone, seen=seen)


def _contractor(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    """The contractor's campaigns."""
    told = _contractors_question(services, asked).report
    where = (Condition("contractor", (asked.of_one,)),)
    days = told.period.first_day, told.period.last_day
    return _romi(services, Question(("campaign",), *days, told.model, where=where), seen)


def _contractors_question(services: Services, asked: ViewAddress) -> ContractorsQuestion:
    told = OfContractors(asked.get("period"), *_days(asked), asked.get("model", _MODEL))
    return read_contractors_question(told, services.today)


def _funnel(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    model = read_model(asked.get("model", _MODEL))
    page = FunnelPage(_period(services, asked, Span.LAST_90_DAYS), asked.get("by"), model)
    told = OpportunityQuestion((page.by,) if page.by else (), page.period.period, page.model)
    return funnel_report(services.warehouse, told, services.settings, seen=seen)


def _lost_leads(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    limits = asked.number("unprocessed_hours", 24), asked.number("late_minutes", 60)
    page = LostPage(_period(services, asked, Span.LAST_90_DAYS), asked.get("by", "dealer"), "late", *limits)
    return lost_leads_report(services.warehouse, page.asked(page.groupings), services.settings, seen=seen)


def _calls(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    page = CallsPage(_period(services, asked, Span.LAST_90_DAYS), asked.get("by", "dealer"))
    told = CallsQuestion(page.groupings, page.period.period)
    return calls_report(services.warehouse, told, target_rules(services.database), services.settings, seen=seen)


def _managers(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    return _performance(services, asked, seen, "manager")


def _products(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    return _performance(services, asked, seen, "product")


def _performance(services: Services, asked: ViewAddress, seen: Visibility, subject: str) -> Answer:
    page = PerformancePage(_period(services, asked, Span.LAST_90_DAYS), subject, dealer=asked.get("dealer"))
    told = PerformanceQuestion(page.period.period, page.by)
    if not page.dealer:
        return performance_report(services.warehouse, told, services.settings, seen=seen)
    known = seen.sees_dealer(page.dealer) and page.dealer not in NOBODYS
    of_one = replace(seen, dealers=frozenset({page.dealer}) if known else frozenset())
    found = performance_report(services.warehouse, told, services.settings, seen=of_one)
    where = [{"dimension": "dealer", "values": [page.dealer], "excluded": False}]
    return replace(found, asked={**found.asked, "where": where})


def _journeys(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    page = JourneysPage(
        _period(services, asked, Span.LAST_12_MONTHS),
        asked.get("kind", "sale"),
        read_choice(Step, asked.get("of", Step.CHANNEL.value), "of"),
        _is_on(asked.get("folded", "true")),
        asked.number("limit", 20),
    )
    return path_report(services.warehouse, page.asked, seen=seen)


def _cohorts(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    """What persons of each group are worth."""
    start = read_choice(Start, asked.get("start", "touch"), "start")
    page = CohortsPage(
        _period(services, asked, Span.LAST_12_MONTHS), start, asked.get("shown", "margin_per_person"),
        asked.get("by", "first_channel"),
    )  # fmt: skip
    told = CohortQuestion((page.by,), page.period.period, page.start)
    return cohort_report(services.warehouse, told, services.settings, seen=seen)


def _sources(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    """How each source fares. Times are of the account's zone."""
    seen.check_sees_everything("The page of sources", "Save the overview or the channels: they show what is yours.")
    zone = services.settings.zone
    rows = [
        row | {"last_event_at": f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if (at := row["last_event_at"]) else ""}
        for row in source_rows(services)
    ]
    told = pd.DataFrame(rows, columns=[*_SOURCE_NAMES, *(each.slug for each in _SOURCE_FIGURES)])
    return Answer("sources", None, _SOURCE_NAMES, _SOURCE_FIGURES, told, {})


def _romi(services: Services, question: Question, seen: Visibility) -> Answer:
    return romi_report_with_caveats(services.warehouse, question, services.settings, seen=seen)


def _period(services: Services, asked: ViewAddress, usual: Span) -> PagePeriod:
    return read_page_period(asked.get("period"), *_days(asked), services.today, usual)


def _days(asked: ViewAddress) -> tuple[str, str]:
    return asked.get("from"), asked.get("to")


def _is_on(text: str) -> bool:
    return text.lower() in ("true", "1", "yes", "on")


PAGE_REPORTS: Mapping[str, Callable[[Services, ViewAddress, Visibility], Answer]] = {
    "page of the overview": _overview,
    "page of dealers": _dealers,
    "page of a dealer": _dealer,
    "page of contractors": _contractors,
    "page of a contractor": _contractor,
    "page of the funnel": _funnel,
    "page of lost leads": _lost_leads,
    "page of calls": _calls,
    "page of managers": _managers,
    "page of products": _products,
    "page of journeys": _journeys,
    "page of cohorts": _cohorts,
    "page of sources": _sources,
}
