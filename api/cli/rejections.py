"""`closedloop rejections`: what could not be accepted: list, repair, replay, discard."""

import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from api.bootstrap import Services
from api.cli.terminal import console, problems, running_services
from api.questions import read_zone
from collectors.rejections import DISCARDED, KeptRejection, check_kept_family
from collectors.replay import replay
from infra.errors import InvalidInput

rejections_app = typer.Typer(help="Rejected items: list, repair, replay, discard.", no_args_is_help=True)

_PAGE = 500
Ids = Annotated[list[str] | None, typer.Argument(help="Ids of rejections, as the list shows them.")]
Family = Annotated[str, typer.Option("--as", help="Only those of this family.")]
All = Annotated[bool, typer.Option("--all", help="All open ones instead of ids.")]


@rejections_app.command("list")
def list_command(
    family: Family = "",
    limit: Annotated[int, typer.Option(min=1, help="Show at most so many.")] = 20,
    form: Annotated[str, typer.Option("--format", help="table, or ndjson with every item whole.")] = "table",
) -> None:
    """Open rejections, with their reasons."""
    with running_services() as services:
        check_kept_family(family)
        if form not in ("table", "ndjson"):
            raise InvalidInput(f"There is no format {form!r}.", where="--format", help="Choose table or ndjson.")
        found = _open_ones(services, family, limit)
        if form == "ndjson":
            sys.stdout.buffer.writelines(orjson.dumps(each.as_dict()) + b"\n" for each in found)
            return
        table = Table("id", "family", "received", "times", "why")
        for each in found:
            why = "; ".join(str(error) for error in each.errors)
            received = f"{each.received_at.astimezone(services.settings.zone):%Y-%m-%d %H:%M}"
            table.add_row(each.id, each.family, received, str(each.times), why)
        console.print(table)
        console.print(f"{sum(services.rejections.count_open().values()):,} open in all.", highlight=False)


@rejections_app.command("replay")
def replay_command(
    ids: Ids = None,
    every: All = False,
    family: Family = "",
    repaired: Annotated[
        Path | None, typer.Option("--with", help="A JSON file with the repaired event, in place of one id's item.")
    ] = None,
    timezone: Annotated[str, typer.Option(help="Zone of times that name none; else the account's.")] = "",
) -> None:
    """Send rejections again, as they were or repaired. Each is closed once its event is accepted."""
    with running_services() as services:
        check_kept_family(family)
        zone = read_zone(timezone, "--timezone") if timezone else services.settings.zone
        chosen = _chosen(services, ids, every, family)
        if repaired and len(chosen) != 1:
            raise InvalidInput("A repaired event takes the place of one rejection.", where="--with")
        item = _read_event(repaired) if repaired else None
        still = 0
        for key in chosen:
            outcome = replay(services.delivery_reader, key, repaired=item, naive_zone=zone)
            for rejected in outcome.rejected:
                still += 1
                for error in rejected.errors:
                    problems.print(f"{key}: {error}", markup=False, highlight=False, soft_wrap=True)
        console.print(f"{len(chosen) - still:,} accepted, {still:,} still rejected.", highlight=False)
        if still:
            raise typer.Exit(1)


@rejections_app.command("discard")
def discard_command(ids: Ids = None, every: All = False, family: Family = "") -> None:
    """Close rejections that nobody wants."""
    with running_services() as services:
        check_kept_family(family)
        chosen = _chosen(services, ids, every, family)
        for key in chosen:
            services.rejections.close(services.rejections.get(key).id, DISCARDED)
        console.print(f"{len(chosen):,} discarded.", highlight=False)


def _chosen(services: Services, ids: list[str] | None, every: bool, family: str) -> list[str]:
    if bool(ids) == every:
        raise InvalidInput("Name the ids of rejections, or --all.", help="`closedloop rejections list` shows the ids.")
    return ids or [each.id for each in _open_ones(services, family, None)]


def _open_ones(services: Services, family: str, most: int | None) -> list[KeptRejection]:
    found: list[KeptRejection] = []
    while most is None or len(found) < most:
        limit = _PAGE if most is None else min(_PAGE, most - len(found))
        page, _ = services.rejections.list_open(family, limit=limit, after=found[-1].id if found else "")
        found += page
        if len(page) < limit:
            break
    return found


def _read_event(path: Path) -> dict[str, Any]:
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}.", where="--with") from error
    if not isinstance(found, dict):
        raise InvalidInput(f"{path} holds no JSON object.", where="--with")
    return found
