"""`closedloop report calls`: how calls were taken, who was called back and when."""

from typing import Annotated

import typer

from api.call_questions import read_calls_question
from api.cli.answers import plain_table, show_answer
from api.cli.terminal import running_services
from attribution.calls import CALL_MEASURES, calls_report
from attribution.target_calls import target_rules

_SHOWN = (
    "calls", "first_calls", "target_calls", "unanswered", "waiting_median", "never_called_back", "back_median",
    "requests", "leads",
)  # fmt: skip


def calls_command(
    by: Annotated[str, typer.Option(help="One grouping or two, with a comma: dealer,hour.")] = "dealer",
    first: Annotated[str, typer.Option("--from", help="First day, as 2026-01-01.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day, inclusive.")] = "",
    window: Annotated[int, typer.Option(help="Days in which a person's further call is a repeat one.")] = 30,
    whose: Annotated[str, typer.Option(help="First call to the holding, or to each dealer.")] = "holding",
    form: Annotated[str, typer.Option("--format", help="table, csv, json, xlsx or parquet.")] = "table",
) -> None:
    """How calls were taken and called back. A server that holds the data is asked over HTTP."""
    with running_services() as services:
        today = services.clock.now().astimezone(services.settings.zone).date()
        question = read_calls_question(by, first, last, window, whose, today)
        asked = {name: str(value) for name, value in question.as_dict().items()} | {"by": ",".join(question.by)}
        period = question.period
        show_answer(
            services,
            "/api/reports/calls",
            asked,
            lambda: calls_report(services.warehouse, question, target_rules(services.database), services.settings),
            form,
            plain_table(
                f"Calls by {', '.join(question.by)}, {period.first_day} – {period.last_day}",
                {name: name for name in question.by},
                tuple(measure for measure in CALL_MEASURES if measure.slug in _SHOWN),
                "Times in seconds. The other formats have every figure.",
            ),
        )
