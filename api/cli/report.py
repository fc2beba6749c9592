"""`closedloop report romi`: the ROMI/CPL report in the terminal or as a file."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from api.caveats import caveats_in_words, computed_in_words, to_come
from api.cli.answers import show_answer
from api.cli.terminal import running_services
from api.numbers import written_in
from api.questions import Asked, as_parameters
from attribution.caveats import romi_report_with_caveats
from attribution.measures import Measure, Unit
from attribution.reports import Question

report_app = typer.Typer(help="Reports.", no_args_is_help=True)

_SHOWN = ("cost", "leads", "visits", "sales", "margin", "cpl", "cps", "romi")
_SHORT = {"visits": "Visits"}


@report_app.callback()
def reports() -> None:
    """Reports from what the newest attribution run stored."""


@report_app.command("romi")
def romi_command(
    by: Annotated[str, typer.Option(help="From one to four groupings, with commas: channel,month.")] = "channel",
    model: Annotated[str, typer.Option(help="Attribution model.")] = "last_non_direct",
    first: Annotated[str, typer.Option("--from", help="First day, as 2026-01-01.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day, inclusive.")] = "",
    calendar: Annotated[str, typer.Option(help="conversion or touch.")] = "conversion",
    share: Annotated[
        str, typer.Option(help="How cost without a dealer is shared out: leads, even, weights, none.")
    ] = "leads",
    models: Annotated[str, typer.Option(help="Models of single measures: leads:first,sales:linear.")] = "",
    measures: Annotated[str, typer.Option(help="Which measures, with commas; own ones, too.")] = "",
    where: Annotated[str, typer.Option(help="Only these: channel:email|maps,-dealer:north.")] = "",
    sort: Annotated[str, typer.Option(help="A measure or grouping; -cpl for the largest first.")] = "",
    limit: Annotated[int | None, typer.Option(help="At most so many groups.")] = None,
    form: Annotated[str, typer.Option("--format", help="table, csv, json, xlsx or parquet.")] = "table",
) -> None:
    """What each group cost and brought. A server that holds the data is asked over HTTP."""
    with running_services() as services:
        today = services.clock.now().astimezone(services.settings.zone).date()
        asked = Asked(by, model, calendar, share, first, last, models, measures, where, sort, limit)
        question = asked.question(services.definitions.catalog(), today)
        show_answer(
            services,
            "/api/reports/romi",
            as_parameters(question),
            lambda: romi_report_with_caveats(services.warehouse, question, services.settings),
            form,
            lambda document: romi_table(question, document, services.settings.currency, caveats_of(document)),
        )


def caveats_of(report: Mapping[str, Any]) -> list[str]:
    """What stands below the table of a report."""
    unripe = ["* More of it is still to come."] if to_come(report) else []
    return [computed_in_words(report), *caveats_in_words(report), *unripe]


def romi_table(question: Question, report: Mapping[str, Any], currency: str, notes: Sequence[str] = ()) -> Table:
    """Money in thousands, so that it fits a terminal; the other formats have every figure in full.

    A period of which something is still to come is marked with *. `notes` stand below, a line each.
    """
    unripe = to_come(report)
    figures = shown_figures(question)
    table = Table(
        title=f"ROMI/CPL by {', '.join(question.by)}, {question.first_day} – {question.last_day}",
        caption=Text("\n".join([f"{_models(question)}. Money in thousands of {currency}.", *notes])),
        title_justify="left",
        caption_justify="left",
        show_footer=True,
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for place, name in enumerate(question.by):
        table.add_column(name, footer="" if place else "Total", min_width=12, no_wrap=True)
    for figure in figures:
        title = _SHORT.get(figure.slug, figure.title)
        table.add_column(title, justify="right", footer=_cell(figure, report["totals"]), no_wrap=True)
    for row in report["items"]:
        names = [f"{row[name]} *" if row[name] in unripe else str(row[name]) for name in question.by]
        table.add_row(*names, *(_cell(figure, row) for figure in figures))
    return table


def shown_figures(question: Question) -> tuple[Measure, ...]:
    """Those that were asked for, or the few that fit a terminal."""
    if question.measures:
        return question.figures
    return tuple(figure for slug in _SHOWN for figure in question.figures if figure.slug == slug)


def _models(question: Question) -> str:
    exceptions = ", ".join(f"{name} by {model.in_sentence}" for name, model in question.models)
    return f"{question.model.label}; {exceptions}" if exceptions else question.model.label


def _cell(figure: Measure, row: dict[str, Any]) -> str:
    value = row[figure.slug]
    if value is None or figure.unit not in (Unit.SHARE, Unit.MONEY):
        return written_in(figure.unit, value)
    if figure.unit is Unit.SHARE:
        return f"{value:,.0%}".replace(",", " ")
    thousands = value / 1000
    return f"{thousands:,.0f}".replace(",", " ") if abs(thousands) >= 100 else f"{thousands:,.1f}"
