"""`closedloop notices`: what is not as usual: check, list, acknowledge."""

import getpass
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.table import Table

from api.cli.terminal import console, running_services
from api.numbers import written_in
from api.routes.notices import notice_document, read_states
from attribution.anomalies.watch import check_anomalies
from attribution.measures import Unit
from infra.errors import DataHeld

notices_app = typer.Typer(help="Notices of what is not as usual: check, list, acknowledge.", no_args_is_help=True)


@notices_app.command("check")
def check_command() -> None:
    """Judge the days up to yesterday by what the newest run stored, raise what is new, end what is over."""
    with running_services() as services:
        try:
            told = check_anomalies(services.warehouse, services.notices, services.settings, services.today)
        except DataHeld as held:
            console.print(f"{held.message} It checks by itself after runs, once an hour.", highlight=False)
        else:
            console.print(
                f"{told.judged:,} series judged: {told.raised} notices raised, {told.going_on} going on, "
                f"{told.ended} ended.",
                highlight=False,
            )
        _show(services.notices.all())


@notices_app.command("list")
def list_command(
    state: Annotated[str, typer.Option(help="open, acknowledged, ended; several with commas.")] = "open,acknowledged",
) -> None:
    """The most urgent first."""
    with running_services() as services:
        _show(services.notices.all(read_states(state)))


@notices_app.command("acknowledge")
def acknowledge_command(
    notice: Annotated[int, typer.Argument(help="The notice's number.")],
    who: Annotated[str, typer.Option(help="Who looks after it; else the user of this computer.")] = "",
) -> None:
    """Say that somebody looks after it."""
    with running_services() as services:
        found = services.notices.acknowledge(notice, who=who or getpass.getuser())
        console.print(f"Notice {found.id} is {found.state}.", highlight=False)


def _show(found: Any) -> None:
    if not found:
        console.print(
            "Nothing is unusual. Checks run after attribution, at most once an hour; "
            "`closedloop notices check` runs them now."
        )
        return
    table = Table("", "since", "what", "observed", "expected", "at stake", "likely cause", show_lines=True)
    for each in found:
        table.add_row(*_cells(notice_document(each)))
    console.print(table)


def _cells(notice: Mapping[str, Any]) -> tuple[str, ...]:
    subject = f"{notice['subject_kind']} {notice['subject']}" if notice["subject_kind"] != "all" else "all together"
    what = f"{subject}: {notice['text']} ({notice['severity']}, {notice['state']})"
    figures = (written_in(Unit.COUNT, notice[name]) for name in ("observed", "expected"))
    return str(notice["id"]), notice["since"], what, *figures, written_in(Unit.MONEY, notice["money"]), notice["cause"]
