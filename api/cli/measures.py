"""`closedloop measures`: own formulas over the figures of reports."""

import getpass
from typing import Annotated

import typer
from rich.table import Table

from api.cli.terminal import console, running_services
from attribution.defining import read_measure
from attribution.definitions import Kind

measures_app = typer.Typer(help="Measures: own formulas over the figures of reports.", no_args_is_help=True)


@measures_app.command("list")
def list_command() -> None:
    """Every measure, with its formula."""
    with running_services() as services:
        catalog = services.definitions.catalog()
        table = Table("measure", "title", "unit", "formula", "version")
        for each in catalog.measures.values():
            version = catalog.versions.get(each.slug)
            table.add_row(each.slug, each.title, each.unit, each.formula or "—", str(version or "built in"))
        console.print(table)


@measures_app.command("add")
def add_command(
    name: Annotated[str, typer.Argument(help="How reports call it: margin_per_sale.")],
    formula: Annotated[str, typer.Argument(help="Over other measures: '(margin - cost) / sales'.")],
    title: Annotated[str, typer.Option(help="How people call it; the name unless said.")] = "",
    unit: Annotated[str, typer.Option(help="money, count, share, times, days or seconds; told by the formula.")] = "",
) -> None:
    """Define a measure, or a new version of it."""
    with running_services() as services:
        told = read_measure({"formula": formula, "title": title, **({"unit": unit} if unit else {})})
        kept = services.definitions.keep_measure(name, told, author=getpass.getuser())
        console.print(f"{name} = {kept.formula}, in {kept.unit}.", highlight=False, markup=False)


@measures_app.command("remove")
def remove_command(name: Annotated[str, typer.Argument(help="The measure.")]) -> None:
    """Remove a measure that no other is made of."""
    with running_services() as services:
        services.definitions.remove(Kind.MEASURE, name, author=getpass.getuser())
        console.print(f"{name} is removed.", highlight=False, markup=False)
