"""`closedloop sources`: how each source fares; show, pull and remove one."""

from datetime import datetime
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from api.cli.connect import tell_how, try_pull
from api.cli.terminal import console, running_services
from api.rendering import since
from api.sources_view import source_rows
from infra.errors import InvalidInput

sources_app = typer.Typer(help="Sources: list, show, pull, remove.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's id, as the list shows it.")]


@sources_app.command("list")
def list_command(
    form: Annotated[str, typer.Option("--format", help="table, or json.")] = "table",
) -> None:
    """Every source: when it was last heard of, what it brought, and what is wrong with it."""
    with running_services() as services:
        if form not in ("table", "json"):
            raise InvalidInput(f"There is no format {form!r}.", where="--format", help="Choose table or json.")
        rows = source_rows(services)
        if form == "json":
            console.print_json(orjson.dumps(rows).decode())
        elif rows:
            console.print(_table(rows, services.clock.now()))
        else:
            console.print("No source is connected yet: `closedloop vendors` lists what can be.", highlight=False)


@sources_app.command("show")
def show_command(key: Key) -> None:
    """One source: its settings without secrets, how it fares, and what to do at the vendor's."""
    with running_services() as services:
        source = services.sources.get(key)
        (row,) = (each for each in source_rows(services) if each["id"] == key)
        table = Table(show_header=False)
        settings = {name: "…" if "\n" in value else value for name, value in source.settings.items()}
        for name, value in (row | settings | dict.fromkeys(source.secrets, "(secret)")).items():
            table.add_row(name, "" if value is None else str(value))
        console.print(table)
        tell_how(services, source)


@sources_app.command("pull")
def pull_command(
    key: Key,
    anew: Annotated[
        bool, typer.Option("--anew", help="From its beginning; what is known already counts once.")
    ] = False,
) -> None:
    """Ask a source's API now for what is new."""
    with running_services() as services:
        source = services.sources.get(key)
        if anew:
            services.progress.set_cursor(key, {})
        before = services.progress.states()[key].accepted
        state = try_pull(services, source)
        console.print(f"{state.accepted - before:,} events came.", highlight=False)


@sources_app.command("remove")
def remove_command(key: Key) -> None:
    """Forget a source, its secrets and its address; its events stay."""
    with running_services() as services:
        services.sources.remove(key, author="command line")
        console.print(f"{key} is removed.", highlight=False)


def _table(rows: list[dict[str, Any]], now: datetime) -> Table:
    table = Table("source", "vendor", "health", "last event", "webhook", "pull", "accepted", "rejected", "why")
    for row in rows:
        moments = (since(row[name], now) for name in ("last_event_at", "last_delivery_at", "last_pull_at"))
        counts = (f"{row[name]:,}" for name in ("accepted", "rejected"))
        table.add_row(row["id"], row["vendor"], row["health"], *moments, *counts, row["error"])
    return table
