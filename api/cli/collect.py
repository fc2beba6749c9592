"""`closedloop collect`: a file of any size into the event log."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from api.bootstrap import Services
from api.cli.terminal import console, progress_bar, running_services
from collectors.events import family_model
from collectors.formats import HEAD_BYTES, format_of, read_items
from collectors.intake import Outcome
from collectors.mapping import Mapping
from infra.errors import InvalidInput

_SHOWN = 5


def collect_command(
    file: Annotated[Path, typer.Argument(help="A CSV, XLSX, JSON or NDJSON file.")],
    family: Annotated[str, typer.Option("--as", help="touches, calls, leads, deals, spend or messages.")],
    rules: Annotated[
        list[str] | None, typer.Option("--map", help="field=column, field=column+column, or field:=text.")
    ] = None,
    mapping_file: Annotated[
        Path | None, typer.Option("--mapping", help="The same rules as a TOML or JSON file.")
    ] = None,
    timezone: Annotated[str, typer.Option(help="Zone of times that name none; else the account's.")] = "",
) -> None:
    """Take the events of a file in. What is rejected is kept with its reason; the others go on."""
    with running_services() as services:
        family_model(family)
        mapping = _mapping(rules or [], mapping_file, family)
        zone = _zone(timezone) if timezone else services.settings.zone
        outcome = _collect(services, file, family, mapping, zone)
        console.print(
            f"{file.name}: {outcome.accepted:,} {family} accepted, {outcome.duplicates:,} duplicates, "
            f"{len(outcome.rejected):,} rejected.",
            highlight=False,
        )
        if outcome.rejected:
            _show_rejected(outcome)
            raise typer.Exit(0 if outcome.accepted else 1)


def _collect(services: Services, file: Path, family: str, mapping: Mapping, zone: ZoneInfo) -> Outcome:
    total = Outcome()
    try:
        stream = file.open("rb")
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.", where="FILE") from error
    with stream, progress_bar() as progress:
        form = format_of("", stream.read(HEAD_BYTES))
        stream.seek(0)
        bar = progress.add_task(file.name, total=None)
        for outcome in services.intake.accept_stream(family, read_items(stream, form, mapping), naive_zone=zone):
            total.add(outcome)
            progress.update(bar, completed=total.accepted + total.duplicates + len(total.rejected))
    return total


def _mapping(rules: list[str], file: Path | None, family: str) -> Mapping:
    from_file = Mapping.read(file, family).rules if file else ()
    return Mapping(from_file + Mapping.parse(rules, family).rules)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidInput(f"{name!r} is no time zone.", where="--timezone", help="Write Europe/Moscow.") from None


def _show_rejected(outcome: Outcome) -> None:
    table = Table("row", "field", "why", title="Rejected (kept; GET /api/rejections lists all)", title_justify="left")
    for rejection in outcome.rejected[:_SHOWN]:
        for error in rejection.errors:
            table.add_row(str(rejection.index + 1), error.field, error.message)
    console.print(table)
