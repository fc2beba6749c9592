"""`closedloop conversions`: handing conversions back to ad systems: connect, list, send, remove."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated

import typer
from rich.table import Table

from api.bootstrap import Services
from api.cli.terminal import ask_for, console, problems, read_setting, running_services
from attribution.outbound.connecting import asked_by, make_destination
from attribution.outbound.ledger import count_handovers
from attribution.outbound.systems import ad_system
from infra.errors import InvalidInput

conversions_app = typer.Typer(help="Conversions back to ad systems: connect, list, send, remove.", no_args_is_help=True)

Chosen = Annotated[str, typer.Option("--destination", help="Only this destination; else all of them.")]


@conversions_app.command("connect")
def connect_command(
    system: Annotated[str, typer.Argument(help="metrica, google or meta.")],
    key: Annotated[str, typer.Option("--id", help="Name of the destination; else the system's.")] = "",
    given: Annotated[
        list[str] | None, typer.Option("--set", help="name=value: a setting that is then not asked for.")
    ] = None,
) -> None:
    """Connect an ad system, or change one that is connected. What is not set is asked for."""
    with running_services() as services:
        chosen = ad_system(system)
        console.print(chosen.guide, markup=False, highlight=False, soft_wrap=True)
        values = dict(read_setting(text) for text in given or [])
        values |= ask_for(ask for ask in asked_by(chosen) if ask.name not in values)
        today = services.clock.now().astimezone(services.settings.zone).date()
        destination = make_destination(key or system, chosen, values, today)
        services.destinations.connect(destination, author="command line")
        console.print(f"{destination.id} is connected; conversions go out from {destination.since}.", highlight=False)


@conversions_app.command("list")
def list_command(destination: Chosen = "") -> None:
    """How many conversions stand where with each destination, and why."""
    with running_services() as services:
        _check(destination, [each.id for each in services.destinations.states()])
        _show(services, destination)
        for each in services.destinations.states():
            if each.error and destination in ("", each.id):
                at = f"{each.next_at.astimezone(services.settings.zone):%Y-%m-%d %H:%M}" if each.next_at else "unknown"
                said = f"{each.id}: {each.error} Next try: {at}."
                problems.print(said, markup=False, highlight=False, soft_wrap=True)


@conversions_app.command("send")
def send_command(
    destination: Chosen = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; send and write nothing.")] = False,
    again: Annotated[bool, typer.Option("--again", help="What was rejected or is uncertain, too.")] = False,
) -> None:
    """Hand over what the newest attribution run found, each conversion once. The exit code is 1 where one failed."""
    with running_services() as services:
        keys = [each.id for each in services.destinations.states()]
        _check(destination, keys)
        chosen = [destination] if destination else keys
        if not chosen:
            raise InvalidInput("No destination is connected.", help="Connect one: `closedloop conversions connect`.")
        if dry_run:
            console.print(_preview(services, chosen))
            return
        failed = 0
        for key in chosen:
            if why := services.sender.send(key, again=again):
                failed += 1
                problems.print(f"{key}: {why}", markup=False, highlight=False, soft_wrap=True)
        _show(services, destination)
        if failed:
            raise typer.Exit(1)


@conversions_app.command("remove")
def remove_command(destination: Annotated[str, typer.Argument(help="The destination's id.")]) -> None:
    """Forget a destination and what it was handed; connected anew, it would be handed the same again."""
    with running_services() as services:
        services.destinations.remove(destination, author="command line")
        console.print(f"{destination} is removed.", highlight=False)


_EMPTY = (
    "Nothing was handed over yet. `closedloop conversions connect metrica` (or google, or meta) connects an ad system, "
    "and `closedloop conversions send --dry-run` shows what it would get."
)


def _show(services: Services, destination: str) -> None:
    table = Table("destination", "conversion", "state", "reason", "count")
    for each in count_handovers(services.database):
        if destination in ("", each.destination):
            table.add_row(each.destination, each.kind, each.state, each.reason, f"{each.count:,}")
    console.print(table if table.row_count else _EMPTY)


def _preview(services: Services, keys: Iterable[str]) -> Table:
    table = Table("destination", "conversion", "would be", "reason", "count")
    for key in keys:
        counts = Counter((plan.kind, plan.state.value, plan.reason) for plan in services.sender.preview(key))
        for (kind, state, reason), count in sorted(counts.items()):
            table.add_row(key, kind, state, reason, f"{count:,}")
    return table


def _check(destination: str, known: Iterable[str]) -> None:
    if destination and destination not in known:
        raise InvalidInput(
            f"There is no destination {destination!r}.",
            where="--destination",
            help=f"The destinations are {', '.join(known) or 'none yet'}.",
        )
