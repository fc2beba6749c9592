"""The report of a saved address: its parameters mean what they mean on the page, with the same defaults.

A parameter that a page has beside its report is kept in the address and means nothing here.
"""

from collections.abc import Callable, Mapping

from api.bootstrap import Services
from api.call_questions import read_calls_question
from api.comparison_questions import read_comparison, read_contractors, read_self_reported
from api.opportunity_questions import (
    read_cohort_question,
    read_lost_leads_question,
    read_maturity_question,
    read_opportunity_question,
)  # fmt: skip
from api.questions import Asked, read_names, read_period
from api.views.address import ViewAddress
from api.views.page_reports import PAGE_REPORTS
from attribution.answer import Answer
from attribution.calls import calls_report
from attribution.caveats import romi_report_with_caveats
from attribution.cohorts import cohort_report
from attribution.contractors import contractor_report
from attribution.cost_matching import cost_matching
from attribution.dealers import dealer_comparison
from attribution.funnel import funnel_report
from attribution.lost_leads import lost_leads_report
from attribution.maturity import maturity_report
from attribution.model_report import ModelQuestion, model_report
from attribution.offline import offline_report
from attribution.open_deals import OpenDealsQuestion, open_deals_report
from attribution.self_reported import self_reported_report
from attribution.target_calls import target_rules
from attribution.visibility import EVERYTHING, Visibility


def report_of(services: Services, address: ViewAddress, *, seen: Visibility = EVERYTHING) -> Answer:
    """The report that stands on the page, as somebody who sees these rows sees it.

    Raises `InvalidInput` where the parameters ask for what does not exist, `NotPermitted` where the report is not
    theirs, and `NotReady` where nothing was attributed yet.
    """
    return _REPORTS[address.report](services, address, seen)


def _romi(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    told = Asked(
        asked.joined("by", "channel"),
        _model(asked),
        asked.get("calendar", "conversion"),
        asked.get("share", "leads"),
        *_days(asked),
        asked.get("models"),
        asked.get("measures"),
        asked.get("where"),
        asked.get("sort"),
        asked.number("limit", 0) or None,
    )
    question = told.question(services.definitions.catalog(), services.today)
    return romi_report_with_caveats(services.warehouse, question, services.settings, seen=seen)


def _dealers(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    question = read_comparison(
        asked.joined("measures", "cr_lead_sale,cps,romi"),
        asked.get("peers", "holding"),
        _model(asked),
        asked.get("share", "leads"),
        *_days(asked),
        services.today,
    )
    return dealer_comparison(services.warehouse, question, services.settings.timezone, seen=seen)


def _contractors(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    question = read_contractors(asked.joined("by", "contractor"), _model(asked), *_days(asked), services.today)
    return contractor_report(services.warehouse, services.database, question, services.settings.timezone, seen=seen)


def _self_reported(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    question = read_self_reported(asked.get("of", "lead"), _model(asked), *_days(asked), services.today)
    answered_in = services.settings.self_reported_property
    return self_reported_report(services.warehouse, services.database, question, answered_in, seen=seen)


def _funnel(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    question = read_opportunity_question(asked.joined("by"), _model(asked), *_days(asked), services.today)
    return funnel_report(services.warehouse, question, services.settings, seen=seen)


def _lost_leads(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    limits = asked.number("unprocessed_hours", 24), asked.number("late_minutes", 60)
    question = read_lost_leads_question(
        asked.joined("by", "dealer"), _model(asked), *_days(asked), *limits, services.today
    )
    return lost_leads_report(services.warehouse, question, services.settings, seen=seen)


def _cohorts(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    predicts = asked.get("predict", "false").lower() in ("true", "1", "yes", "on")
    question = read_cohort_question(
        asked.joined("by", "month"), asked.get("start", "sale"), *_days(asked), predicts, services.today
    )
    return cohort_report(services.warehouse, question, services.settings, seen=seen)


def _maturity(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    told = asked.get("by", "month"), asked.get("since", "lead"), asked.get("kind", "sale"), _model(asked)
    question = read_maturity_question(*told, *_days(asked), services.today)
    return maturity_report(services.warehouse, question, services.settings, seen=seen)


def _open_deals(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    question = OpenDealsQuestion(read_names(asked.joined("by", "stage")))
    return open_deals_report(services.warehouse, question, services.settings, seen=seen)


def _calls(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    told = asked.joined("by", "dealer"), *_days(asked), asked.number("window", 30), asked.get("whose", "holding")
    question = read_calls_question(*told, services.today)
    rules = target_rules(services.database)
    return calls_report(services.warehouse, question, rules, services.settings, seen=seen)


def _cost_matching(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    return cost_matching(services.warehouse, read_period(*_days(asked), services.today), seen=seen)


def _offline(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    period = read_period(*_days(asked), services.today)
    return offline_report(services.warehouse, services.database, period, services.settings.timezone, seen=seen)


def _models(services: Services, asked: ViewAddress, seen: Visibility) -> Answer:
    period = read_period(*_days(asked), services.today)
    told = asked.get("kind", "sale"), asked.get("by", "channel"), asked.number("order", 1)
    return model_report(services.warehouse, ModelQuestion(period, *told), services.settings, seen=seen)


def _model(asked: ViewAddress) -> str:
    return asked.get("model", "last_non_direct")


def _days(asked: ViewAddress) -> tuple[str, str]:
    return asked.get("from"), asked.get("to")


_REPORTS: Mapping[str, Callable[[Services, ViewAddress, Visibility], Answer]] = {
    **PAGE_REPORTS,
    "romi": _romi,
    "dealers": _dealers,
    "contractors": _contractors,
    "self-reported": _self_reported,
    "funnel": _funnel,
    "lost-leads": _lost_leads,
    "cohorts": _cohorts,
    "maturity": _maturity,
    "open-deals": _open_deals,
    "calls": _calls,
    "cost-matching": _cost_matching,
    "offline": _offline,
    "models": _models,
}
