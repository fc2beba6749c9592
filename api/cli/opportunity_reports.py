"""`closedloop report funnel`, `lost-leads`, `cohorts`, `maturity` and `open-deals`, in the terminal or as a file."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

import typer

from api.bootstrap import Services
from api.cli.answers import plain_table, show_answer
from api.cli.terminal import running_services
from api.opportunity_questions import (
    deadlines,
    read_cohort_question,
    read_lost_leads_question,
    read_maturity_question,
    read_opportunity_question,
)  # fmt: skip
from api.questions import read_names
from attribution.answer import Period
from attribution.cohorts import AGE, CELLS, WORTH, cohort_report
from attribution.customers import PREDICTED
from attribution.funnel import FUNNEL, funnel_report
from attribution.lost_leads import LOST_LEADS, lost_leads_report
from attribution.maturity import MATURITY, maturity_report
from attribution.measures import Measure
from attribution.open_deals import OPEN_DEALS, OpenDealsQuestion, open_deals_report

Model = Annotated[str, typer.Option(help="Attribution model by which a lead has a channel.")]
First = Annotated[str, typer.Option("--from", help="First day, as 2026-01-01.")]
Last = Annotated[str, typer.Option("--to", help="Last day, inclusive.")]
Form = Annotated[str, typer.Option("--format", help="table, csv, json, xlsx or parquet.")]

_FUNNEL_SHOWN = ("reached", "to_next", "from_lead", "lag_median", "open", "open_median", "lost", "seen")
_OPEN_SHOWN = ("open", "sales", "sales_low", "sales_high", "chance", "revenue", "margin")
_CELLS_SHOWN = ("persons", "observed", "active", "retention", "sales", "service_visits", "margin", "margin_per_person")
_LOST_SHOWN = (
    "leads", "sales", "cr_lead_sale", "lost", "unprocessed", "late", "response_median", "not_called_back",
    "margin_lost", "junk_share",
)  # fmt: skip
_WORTH_SHOWN = ("persons", "sales", "service_visits", "ltv_3", "ltv_12", "observed_12", "cac", "payback")


def funnel_command(
    by: Annotated[str, typer.Option(help="One grouping or two, with a comma; the whole unless said.")] = "",
    model: Model = "last_non_direct",
    first: First = "",
    last: Last = "",
    form: Form = "table",
) -> None:
    """How many of the opportunities opened in the period reached each stage so far."""
    with running_services() as services:
        question = read_opportunity_question(by, model, first, last, _today(services))
        names = _headings((*question.by, "stage"))
        show_answer(
            services,
            "/api/reports/funnel",
            {**_days(question.period), "by": by, "model": model},
            lambda: funnel_report(services.warehouse, question, services.settings),
            form,
            plain_table(_title("Funnel", question.by, question.period), names, _some(FUNNEL, _FUNNEL_SHOWN)),
        )


def lost_leads_command(
    by: Annotated[str, typer.Option(help="One grouping or two: dealer, manager, hour, reason, response …")] = "dealer",
    model: Model = "last_non_direct",
    first: First = "",
    last: Last = "",
    unprocessed_hours: Annotated[
        int | None, typer.Option(help="Without a response for so long is unprocessed; else the account's.")
    ] = None,
    late_minutes: Annotated[int | None, typer.Option(help="A response after more is late; else the account's.")] = None,
    form: Form = "table",
) -> None:
    """Where leads are lost, and the margin expected to go with those nobody dealt with."""
    with running_services() as services:
        hours, minutes = deadlines(services.settings, unprocessed_hours, late_minutes)
        question = read_lost_leads_question(by, model, first, last, (hours, minutes), _today(services))
        asked = question.opportunities
        limits = {"unprocessed_hours": str(hours), "late_minutes": str(minutes)}
        show_answer(
            services,
            "/api/reports/lost-leads",
            {**_days(asked.period), **limits, "by": by, "model": model},
            lambda: lost_leads_report(services.warehouse, question, services.settings),
            form,
            plain_table(
                _title("Lost leads", asked.by, asked.period),
                _headings(asked.by),
                _some(LOST_LEADS, _LOST_SHOWN),
                f"Money in {services.settings.currency}. Other formats hold every figure.",
            ),
        )


def cohorts_command(
    by: Annotated[str, typer.Option(help="One grouping or two; with age, a row for each month since.")] = "month",
    start: Annotated[str, typer.Option(help="What persons begin with: their first sale, or lead.")] = "sale",
    first: First = "",
    last: Last = "",
    predict: Annotated[bool, typer.Option("--predict", help="Predict LTV, too.")] = False,
    form: Form = "table",
) -> None:
    """What persons who began in the period bought since, their LTV, CAC and payback."""
    with running_services() as services:
        question = read_cohort_question(by, start, first, last, predict, _today(services))
        figures = _some(CELLS, _CELLS_SHOWN) if AGE in question.by else _worth_shown(predict)
        show_answer(
            services,
            "/api/reports/cohorts",
            {**_days(question.period), "by": by, "start": start, "predict": str(predict).lower()},
            lambda: cohort_report(services.warehouse, question, services.settings),
            form,
            plain_table(
                _title("Cohorts", question.by, question.period),
                _headings(question.by),
                figures,
                f"Money in {services.settings.currency}. — is not observed yet. Other formats hold every figure.",
            ),
        )


def maturity_command(
    by: Annotated[str, typer.Option(help="day, week or month.")] = "month",
    since: Annotated[str, typer.Option(help="lead or touch: from when a conversion's lag counts.")] = "lead",
    kind: Annotated[str, typer.Option(help="The conversion, or the stage.")] = "sale",
    model: Annotated[str, typer.Option(help="Attribution model, for touches.")] = "last_non_direct",
    first: First = "",
    last: Last = "",
    form: Form = "table",
) -> None:
    """What share of each period's conversions has come by now."""
    with running_services() as services:
        question = read_maturity_question(by, since, kind, model, first, last, _today(services))
        show_answer(
            services,
            "/api/reports/maturity",
            {**_days(question.period), "by": by, "since": since, "kind": kind, "model": model},
            lambda: maturity_report(services.warehouse, question, services.settings),
            form,
            plain_table(_title(f"Maturity, {since} → {kind},", (by,), question.period), _headings((by,)), MATURITY),
        )


def open_deals_command(
    by: Annotated[str, typer.Option(help="One grouping or two: stage, age, dealer, manager …")] = "stage",
    form: Form = "table",
) -> None:
    """What is open now, and what it will still bring."""
    with running_services() as services:
        question = OpenDealsQuestion(read_names(by))
        show_answer(
            services,
            "/api/reports/open-deals",
            {"by": by},
            lambda: open_deals_report(services.warehouse, question, services.settings),
            form,
            plain_table(
                f"Open deals by {', '.join(question.by)}" if question.by else "Open deals",
                _headings(question.by),
                _some(OPEN_DEALS, _OPEN_SHOWN),
                f"Money in {services.settings.currency}; intervals hold 90 %. Other formats hold every figure.",
            ),
        )


def _worth_shown(predict: bool) -> tuple[Measure, ...]:
    if predict:
        return (*_some(WORTH, ("persons", "ltv_12", "cac", "payback")), *PREDICTED)
    return _some(WORTH, _WORTH_SHOWN)


def _today(services: Services) -> date:
    return services.clock.now().astimezone(services.settings.zone).date()


def _days(period: Period) -> dict[str, str]:
    return {"from": period.first_day.isoformat(), "to": period.last_day.isoformat()}


def _title(subject: str, by: Iterable[str], period: Period) -> str:
    groupings = ", ".join(by)
    return f"{subject}{f' by {groupings}' if groupings else ''}, {period.first_day} – {period.last_day}"


def _headings(names: Iterable[str]) -> dict[str, str]:
    return {name: name for name in names}


def _some(figures: tuple[Measure, ...], slugs: tuple[str, ...]) -> tuple[Measure, ...]:
    return tuple(figure for figure in figures if figure.slug in slugs)
