"""`closedloop forward`: leads to CRMs: connect, list, status, retry, remove."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from api.cli.terminal import ask_for, console, problems, read_setting, running_services
from api.forwarding_view import forward_row, target_rows
from collectors.forwarding.connecting import asked_by, make_target
from collectors.forwarding.ledger import State
from collectors.forwarding.sending import try_again
from collectors.forwarding.systems import crm_system
from infra.errors import InvalidInput

forward_app = typer.Typer(help="Leads to CRMs: connect, list, status, retry, remove.", no_args_is_help=True)
_AUTHOR = "command line"
_NOTHING = (
    "Leads are forwarded nowhere yet. `closedloop forward connect amocrm` (or bitrix24, hubspot, webhook) connects one."
)


@forward_app.command("connect")
def connect_command(
    system: Annotated[str, typer.Argument(help="amocrm, bitrix24, hubspot or webhook.")],
    key: Annotated[str, typer.Option("--id", help="How the CRM is called here; else the system's name.")] = "",
    given: Annotated[
        list[str] | None, typer.Option("--set", help="name=value: a setting that is then not asked for.")
    ] = None,
) -> None:
    """Connect a CRM, or change one that is connected. What is not set is asked for."""
    with running_services() as services:
        chosen = crm_system(system)
        chosen.check_country(services.settings.country if services.settings.data_stay_in_country else "")
        console.print(chosen.guide, markup=False, highlight=False, soft_wrap=True)
        values = dict(read_setting(text) for text in given or [])
        values |= ask_for(ask for ask in asked_by(chosen) if ask.name not in values)
        target = make_target(key or system, chosen, values, services.sources, services.clock.now())
        services.forward_targets.connect(target, author=_AUTHOR)
        since = target.options.since.astimezone(services.settings.zone)
        console.print(f"{target.id} is connected; leads go there from {since:%Y-%m-%d %H:%M} on.", highlight=False)


@forward_app.command("status")
def status_command() -> None:
    """How many leads stand where with each CRM, and what is wrong. The exit code is 1 where any were given up."""
    with running_services() as services:
        rows = target_rows(services)
        if not rows:
            console.print(_NOTHING)
            return
        table = Table("CRM", "system", "state", "leads", "oldest")
        for row in rows:
            for each in row["leads"] or [{"state": "—", "count": 0, "oldest": None}]:
                oldest = _moment(each["oldest"], services.settings.zone)
                table.add_row(row["id"], row["system"], each["state"], f"{each['count']:,}", oldest)
        console.print(table)
        for row in rows:
            if row["error"]:
                said = f"{row['id']}: {row['error']} Next try: {_moment(row['next_at'], services.settings.zone)}."
                problems.print(said, markup=False, highlight=False, soft_wrap=True)
        given_up = sum(
            each["count"] for row in rows for each in row["leads"] if each["state"] in (State.FAILED, State.UNCERTAIN)
        )
        if given_up:
            said = f"{given_up:,} leads were given up: `closedloop forward list --state failed`, `… --state uncertain`."
            problems.print(said, markup=False, highlight=False, soft_wrap=True)
            raise typer.Exit(1)


@forward_app.command("list")
def list_command(
    target: Annotated[str, typer.Option("--crm", help="Only this CRM; else all of them.")] = "",
    state: Annotated[str, typer.Option(help="waiting, sending, sent, skipped, failed or uncertain.")] = "",
    lead: Annotated[str, typer.Option(help="Only this lead, by its id.")] = "",
    most: Annotated[int, typer.Option("--limit", min=1, help="Most leads to show.")] = 50,
) -> None:
    """The newest leads and where each stands, with the reason."""
    if state and state not in list(State):
        raise typer.BadParameter(f"The states are {', '.join(State)}.", param_hint="--state")
    with running_services() as services:
        if target:
            services.forward_targets.get(target)
        table = Table("CRM", "lead", "kind", "dealer", "visit", "state", "tries", "arrived", "reason")
        for each in services.forward_ledger.find(target=target, state=state, lead=lead, most=most):
            row = forward_row(each)
            names = ("target", "lead", "kind", "dealer", "visit", "state", "tries")
            arrived = _moment(row["arrived_at"], services.settings.zone)
            table.add_row(*(str(row[name]) for name in names), arrived, row["reason"])
        console.print(
            table if table.row_count else "No such lead was forwarded. `closedloop forward status` shows all."
        )


@forward_app.command("retry")
def retry_command(
    target: Annotated[str, typer.Argument(metavar="CRM", help="The CRM's id.")],
    leads: Annotated[
        list[str] | None, typer.Option("--lead", help="Only this lead; else all that were given up.")
    ] = None,
) -> None:
    """Try again, for two more days, what was given up; what waits is tried at once."""
    with running_services() as services:
        count = try_again(services.forward_targets, services.forward_ledger, target, leads or [])
        if leads and count < len(leads):
            raise InvalidInput(
                f"{len(leads) - count} of these leads were not given up, or more than 30 days ago.",
                where="--lead",
                help=f"`closedloop forward list --crm {target}` tells where each stands.",
            )
        console.print(f"{count:,} leads are tried again; the service does it within seconds.", highlight=False)


@forward_app.command("remove")
def remove_command(target: Annotated[str, typer.Argument(metavar="CRM", help="The CRM's id.")]) -> None:
    """Forget a CRM and what it was handed; what the CRM tells of those leads counts as leads of its own then."""
    with running_services() as services:
        services.forward_targets.remove(target, author=_AUTHOR)
        console.print(f"Nothing is forwarded to {target} any more.", highlight=False)


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else "—"
