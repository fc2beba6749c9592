"""`closedloop report romi`: the ROMI/CPL report in the terminal or as a file."""

from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from api.cli.answers import show_answer
from api.cli.terminal import running_services
from api.numbers import UNITS, written
from api.questions import read_question
from attribution.measures import Unit
from attribution.reports import Question, romi_report

report_app = typer.Typer(help="Reports.", no_args_is_help=True)

SHOWN = {
    "cost": "Cost",
    "leads": "Leads",
    "visits": "Visits",
    "sales": "Sales",
    "margin": "Margin",
    "cpl": "CPL",
    "cps": "CPS",
    "romi": "ROMI",
}


@report_app.callback()
def reports() -> None:
    """Reports from what the newest attribution run stored."""


@report_app.command("romi")
def romi_command(
    by: Annotated[str, typer.Option(help="One grouping or two, with a comma: channel,month.")] = "channel",
    model: Annotated[str, typer.Option(help="Attribution model.")] = "last_non_direct",
    first: Annotated[str, typer.Option("--from", help="First day, as 2026-01-01.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day, inclusive.")] = "",
    calendar: Annotated[str, typer.Option(help="conversion or touch.")] = "conversion",
    share: Annotated[
        str, typer.Option(help="How cost without a dealer is shared out: leads, even, weights, none.")
    ] = "leads",
    form: Annotated[str, typer.Option("--format", help="table, csv, json, xlsx or parquet.")] = "table",
) -> None:
    """What each group cost and brought. A server that holds the data is asked over HTTP."""
    with running_services() as services:
        today = services.clock.now().astimezone(services.settings.zone).date()
        question = read_question(by, model, calendar, share, first, last, today)
        asked = {**question.as_dict(), "by": ",".join(question.by)}
        show_answer(
            services,
            "/api/reports/romi",
            asked,
            lambda: romi_report(services.warehouse, question, services.settings.timezone),
            form,
            lambda document: romi_table(question, document["items"], document["totals"], services.settings.currency),
        )


def romi_table(question: Question, rows: list[dict[str, Any]], totals: dict[str, Any], currency: str) -> Table:
    """Money in thousands, so that it fits a terminal; the other formats have every figure in full."""
    table = Table(
        title=f"ROMI/CPL by {', '.join(question.by)}, {question.first_day} – {question.last_day}",
        caption=f"{question.model.label}. Money in thousands of {currency}.",
        title_justify="left",
        caption_justify="left",
        show_footer=True,
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for place, name in enumerate(question.by):
        table.add_column(name, footer="" if place else "Total", min_width=12, no_wrap=True)
    for slug, title in SHOWN.items():
        table.add_column(title, justify="right", footer=_cell(slug, totals), no_wrap=True)
    for row in rows:
        table.add_row(*(str(row[name]) for name in question.by), *(_cell(slug, row) for slug in SHOWN))
    return table


def _cell(slug: str, row: dict[str, Any]) -> str:
    value = row[slug]
    if value is None or UNITS[slug] is Unit.COUNT:
        return written(slug, value)
    if UNITS[slug] is Unit.SHARE:
        return f"{value:,.0%}".replace(",", " ")
    thousands = value / 1000
    return f"{thousands:,.0f}".replace(",", " ") if abs(thousands) >= 100 else f"{thousands:,.1f}"
