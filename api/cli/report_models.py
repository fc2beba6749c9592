"""`closedloop report models`: every attribution model on the journeys of the newest run."""

from typing import Annotated

import typer

from api.cli.answers import show_answer
from api.cli.models_view import draw_models
from api.cli.terminal import running_services
from api.questions import read_period
from attribution.model_report import FIGURES, ModelQuestion, model_report


def report_models_command(
    kind: Annotated[str, typer.Option(help="lead, qualified, visit, sale or service_visit.")] = "sale",
    by: Annotated[str, typer.Option(help="channel, or campaign: channel and campaign together.")] = "channel",
    order: Annotated[int, typer.Option(help="Order of the Markov chain, 1 to 4.")] = 1,
    first: Annotated[str, typer.Option("--from", help="First day, as 2026-01-01.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day, inclusive.")] = "",
    form: Annotated[str, typer.Option("--format", help="table, csv, json, xlsx or parquet.")] = "table",
) -> None:
    """All models side by side, by channel. A server that holds the data is asked over HTTP."""
    with running_services() as services:
        today = services.clock.now().astimezone(services.settings.zone).date()
        period = read_period(first, last, today)
        question = ModelQuestion(period, kind, by, order)
        show_answer(
            services,
            "/api/reports/models",
            {name: str(value) for name, value in question.as_dict().items()},
            lambda: model_report(services.warehouse, question, services.settings),
            form,
            draw_models(f"Conversions ({kind}) by model, {period.first_day} – {period.last_day}", FIGURES),
        )
