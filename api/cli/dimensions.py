"""`closedloop dimensions`: own groupings of reports, by rules or by a property."""

import getpass
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api.cli.json_files import read_json
from api.cli.terminal import console, running_services
from attribution.defining import read_dimension
from attribution.definitions import Kind
from attribution.dimensions import Dimension

dimensions_app = typer.Typer(help="Dimensions: own groupings of reports, by rules or a property.", no_args_is_help=True)


@dimensions_app.command("list")
def list_command() -> None:
    """Every dimension, and what it is found from."""
    with running_services() as services:
        table = Table("dimension", "found from", "version")
        for each in services.definitions.catalog().dimensions.values():
            table.add_row(each.name, _found_from(each), str(each.version or "built in"))
        console.print(table)


@dimensions_app.command("add")
def add_command(
    name: Annotated[str, typer.Argument(help="How reports call it: segment.")],
    file: Annotated[Path, typer.Argument(help="JSON: rules, or a property.")],
) -> None:
    """Define a dimension, or a new version of it."""
    with running_services() as services:
        kept = services.definitions.keep_dimension(name, read_dimension(read_json(file)), author=getpass.getuser())
        console.print(f"{name} v{kept.version} is found from {_found_from(kept)}.", highlight=False, markup=False)


@dimensions_app.command("remove")
def remove_command(name: Annotated[str, typer.Argument(help="The dimension.")]) -> None:
    """Remove a dimension."""
    with running_services() as services:
        services.definitions.remove(Kind.DIMENSION, name, author=getpass.getuser())
        console.print(f"{name} is removed.", highlight=False, markup=False)


def _found_from(dimension: Dimension) -> str:
    if dimension.own is None:
        return "events"
    count = len(dimension.rules)
    rules = f" by {count:,} rule{'s' if count > 1 else ''}" if count else ""
    return f"{', '.join(dimension.inputs) or 'nothing'}{rules}"
