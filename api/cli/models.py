"""`closedloop models`: every attribution model on a table of journeys."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from api.cli.models_view import draw_models
from api.cli.terminal import console, read_setting, running_services
from api.exports import ExportFormat, export
from attribution.journeys.on_file import FileQuestion, compare_file
from infra.errors import InvalidInput


def models_command(
    file: Annotated[Path, typer.Argument(help="CSV, JSON or Parquet: journey patterns, or raw touches.")],
    order: Annotated[int, typer.Option(help="Order of the Markov chain, 1 to 4.")] = 1,
    separator: Annotated[str, typer.Option(help="What stands between the steps of a path.")] = ">",
    rules: Annotated[list[str] | None, typer.Option("--map", help="ours=column: path=route, visitor=client.")] = None,
    lookback: Annotated[float | None, typer.Option(help="Days that a touch counts; else the account's.")] = None,
    by: Annotated[str, typer.Option(help="channel, or campaign: channel and campaign together.")] = "channel",
    direct: Annotated[str, typer.Option(help="The channel that last non-direct passes over.")] = "direct",
    form: Annotated[str, typer.Option("--format", help="table, csv, json, xlsx or parquet.")] = "table",
) -> None:
    """Every model side by side, on journeys of your own. No data folder is needed, and none is held."""
    with running_services() as services:
        if form != "table" and form not in list(ExportFormat):
            raise InvalidInput(f"There is no format {form!r}.", help="Choose table, csv, json, xlsx or parquet.")
        columns = dict(read_setting(rule) for rule in rules or [])
        days = services.settings.lookback_days if lookback is None else lookback
        question = FileQuestion(order, separator, columns, days, by, direct)
        found = compare_file(file, question, services.settings)
        if form == "table":
            draw = draw_models(f"Conversions by model, {file.name}", found.figures)
            console.print(draw(orjson.loads(export(found, ExportFormat.JSON, services.settings))), highlight=False)
        else:
            sys.stdout.buffer.write(export(found, ExportFormat(form), services.settings))
