"""`closedloop numbers`: pools of telephone numbers."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import orjson
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from api.call_questions import read_pool_question
from api.cli.holder import ask_holder
from api.cli.terminal import console, running_services
from api.numbers import written_in
from api.pool_sizing import pool_size
from attribution.measures import Unit
from infra.errors import DataHeld

numbers_app = typer.Typer(help="Pools of telephone numbers.", no_args_is_help=True)


@numbers_app.callback()
def numbers() -> None:
    """Pools of telephone numbers that are leased to visits."""


@numbers_app.command("pool-size")
def pool_size_command(
    accuracy: Annotated[str, typer.Option(help="Wanted shares in percent, with commas between.")] = "80,90,95,98,99",
    site: Annotated[str, typer.Option(help="Id of the site, where there are several.")] = "",
    first: Annotated[str, typer.Option("--from", help="First day, as 2026-01-01.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day, inclusive.")] = "",
    visits: Annotated[float | None, typer.Option(help="Visits in the busiest hour, in place of measured ones.")] = None,
    duration: Annotated[float, typer.Option(help="Minutes that such a visit lasts.")] = 5.0,
    delay: Annotated[float, typer.Option(help="Minutes from a visit's beginning to its call.")] = 30.0,
    form: Annotated[str, typer.Option("--format", help="table or json.")] = "table",
) -> None:
    """How many numbers it takes that so many visits have one of their own. A server that holds the data is asked."""
    if form not in ("table", "json"):
        raise typer.BadParameter("Choose table or json.")
    with running_services() as services:
        today = services.clock.now().astimezone(services.settings.zone).date()
        question = read_pool_question(accuracy, site, first, last, visits, duration, delay, today)
        try:
            found = orjson.dumps(pool_size(services, question), option=orjson.OPT_INDENT_2)
        except DataHeld as held:
            asked = {name: str(value) for name, value in question.as_dict().items()}
            found = ask_holder(services, held, "/api/numbers/pool-size", asked)
        if form == "json":
            sys.stdout.buffer.write(found + b"\n")
        else:
            _show(orjson.loads(found))


def _show(document: Mapping[str, Any]) -> None:
    traffic = document["traffic"]
    table = Table(title=_title(traffic), title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("accuracy", "numbers", "in the busiest hour", "needed, min", "load, erlangs"):
        table.add_column(heading, justify="right")
    for row in document["items"]:
        table.add_row(
            written_in(Unit.SHARE, row["accuracy"]), f"{row['numbers']:,}",
            written_in(Unit.SHARE, row["busiest_hour_accuracy"]), f"{row['needed_minutes']:,.1f}",
            f"{row['busiest_hour_load']:,.1f}",
        )  # fmt: skip
    console.print(table)
    if pool := document["pool"]:
        console.print(_fares(pool), highlight=False, soft_wrap=True)


def _title(traffic: Mapping[str, Any]) -> str:
    calls = "" if traffic["calls"] is None else f", {traffic['calls']:,} calls of visits"
    return (
        f"{traffic['visits']:,} visits, {traffic['busiest_hour_visits']:,.0f} in the busiest hour, "
        f"{traffic['duration_minutes']:,.1f} min long, numbers leased {traffic['leased_minutes']:,.1f} min{calls}"
    )


def _fares(pool: Mapping[str, Any]) -> str:
    served, matched = (written_in(Unit.SHARE, pool[name]) for name in ("measured_accuracy", "matched_share"))
    return (
        f"The pool has {pool['numbers']:,} numbers. {pool['visits_served']:,} visits got one, "
        f"{pool['visits_refused']:,} did not: {served}. Of {pool['calls']:,} calls to it, the visit of "
        f"{pool['calls_matched']:,} is known: {matched}."
    )
