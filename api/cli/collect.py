"""`closedloop collect`: a file of any size into the event log."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, BinaryIO, cast
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from api.bootstrap import Services
from api.cli.terminal import console, progress_bar, running_services
from api.questions import read_zone
from collectors.events import FAMILIES, family_model
from collectors.formats import HEAD_BYTES, Format, format_of, read_items
from collectors.intake import Outcome
from collectors.items import Item
from collectors.mapping import Mapping
from collectors.preset import preset
from collectors.preset_files import read_by_preset
from collectors.rejections import Rejection
from infra.errors import InvalidInput

_SHOWN = 5


@dataclass
class _Totals:
    """What became of a file: counts of all, and the first of the rejected."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    first_rejected: list[Rejection] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.accepted += outcome.accepted
        self.duplicates += outcome.duplicates
        self.rejected += len(outcome.rejected)
        self.first_rejected += outcome.rejected[: _SHOWN - len(self.first_rejected)]

    @property
    def items(self) -> int:
        return self.accepted + self.duplicates + self.rejected


def collect_command(
    file: Annotated[Path, typer.Argument(help="A CSV, XLSX, JSON or NDJSON file; it may be packed with gzip.")],
    family: Annotated[str, typer.Option("--as", help=f"One of {', '.join(FAMILIES)}; a preset says it itself.")] = "",
    rules: Annotated[
        list[str] | None, typer.Option("--map", help="field=column, field=column+column, or field:=text.")
    ] = None,
    mapping_file: Annotated[
        Path | None, typer.Option("--mapping", help="The same rules as a TOML or JSON file.")
    ] = None,
    preset_name: Annotated[
        str, typer.Option("--preset", help="A preset that ships, or a .toml file, in place of rules.")
    ] = "",
    timezone: Annotated[str, typer.Option(help="Zone of times that name none; else the account's.")] = "",
) -> None:
    """Take the events of a file in. What is rejected is kept with its reason; the others go on."""
    with running_services() as services:
        read = _reading(family, rules or [], mapping_file, preset_name)
        family = read.family
        zone = read_zone(timezone, "--timezone") if timezone else services.settings.zone
        totals = _collect(services, file, read, zone)
        console.print(
            f"{file.name}: {totals.accepted:,} {family} accepted, {totals.duplicates:,} duplicates, "
            f"{totals.rejected:,} rejected.",
            highlight=False,
            soft_wrap=True,
        )
        if totals.rejected:
            _show_rejected(totals)
            raise typer.Exit(0 if totals.accepted else 1)


def _collect(services: Services, file: Path, read: "_Reading", zone: ZoneInfo) -> _Totals:
    totals = _Totals()
    try:
        with _open(file) as stream, progress_bar() as progress:
            form = format_of("".join(file.suffixes[-1:]), _head(stream))
            bar = progress.add_task(file.name, total=None)
            for outcome in services.intake.accept_stream(read.family, read.items(stream, form), naive_zone=zone):
                totals.add(outcome)
                progress.update(bar, completed=totals.items)
    except InvalidInput as error:
        raise InvalidInput(f"{file}: {error.message}", where="FILE", help=error.help) from error
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInput(f"{file} cannot be read: {reason}.", where="FILE") from error
    return totals


def _open(file: Path) -> BinaryIO:
    with file.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(file, "rb")) if packed else file.open("rb")


def _head(stream: BinaryIO) -> bytes:
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise InvalidInput("This is empty.", where="FILE")
    return head


@dataclass(frozen=True)
class _Reading:
    """How a file is read: by rules, or by a preset."""

    family: str
    items: Callable[[BinaryIO, Format], Iterator[Item]]


def _reading(family: str, rules: list[str], mapping_file: Path | None, preset_name: str) -> _Reading:
    if preset_name:
        chosen = preset(preset_name)
        if rules or mapping_file or family not in ("", chosen.family):
            raise InvalidInput(
                f"The preset {chosen.name} says itself that its columns are {chosen.family}, and of which names.",
                where="--preset",
                help="Leave --as, --map and --mapping out, or copy the preset and change it.",
            )
        return _Reading(chosen.family, lambda stream, form: read_by_preset(stream, form, chosen))
    if not family:
        raise typer.BadParameter(f"say one of {', '.join(FAMILIES)}, or a --preset", param_hint="--as")
    family_model(family)
    mapping = _mapping(rules, mapping_file, family)
    return _Reading(family, lambda stream, form: read_items(stream, form, mapping))


def _mapping(rules: list[str], file: Path | None, family: str) -> Mapping:
    from_file = Mapping.read(file, family).rules if file else ()
    return Mapping(from_file + Mapping.parse(rules, family).rules, family)


def _show_rejected(totals: _Totals) -> None:
    table = Table("row", "field", "why", title="Rejected and kept; `closedloop rejections list` shows all")
    for rejection in totals.first_rejected:
        for error in rejection.errors:
            table.add_row(str(rejection.index + 1), error.field, error.message)
    console.print(table)
