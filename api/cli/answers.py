"""A report in the terminal or as a file, from the data at hand or from the server that holds them."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table

from api.bootstrap import Services
from api.cli.holder import ask_holder
from api.cli.terminal import console
from api.exports import ExportFormat, export
from api.numbers import written_in
from attribution.answer import Answer
from attribution.measures import Measure
from infra.errors import DataHeld, InvalidInput

Draw = Callable[[Mapping[str, Any]], RenderableType]
"""Makes a table of a report as the API says it: `items`, `totals`, `question`."""


def show_answer(
    services: Services,
    path: str,
    asked: Mapping[str, str],
    compute: Callable[[], Answer],
    form: str,
    draw: Draw,
    *,
    body: object = None,
) -> None:
    """Ask `path` of the server that holds the data, where one does; with a `body`, as JSON.

    `form` is `table` or an `ExportFormat`.
    """
    if form != "table" and form not in list(ExportFormat):
        raise InvalidInput(f"There is no format {form!r}.", help="Choose table, csv, json, xlsx or parquet.")
    exported = ExportFormat.JSON if form == "table" else ExportFormat(form)
    try:
        found = export(compute(), exported, services.settings)
    except DataHeld as held:
        found = ask_holder(services, held, path, {**asked, "format": exported.value}, body)
    if form == "table":
        console.print(draw(orjson.loads(found)))
    else:
        sys.stdout.buffer.write(found)


def plain_table(title: str, names: Mapping[str, str], figures: tuple[Measure, ...], caption: str = "") -> Draw:
    """Every row with these names (column to title) and figures, as they are written for people."""

    def draw(document: Mapping[str, Any]) -> Table:
        table = Table(
            title=title,
            caption=caption,
            title_justify="left",
            caption_justify="left",
            box=SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
        )
        for heading in names.values():
            table.add_column(heading)
        for figure in figures:
            table.add_column(figure.title, justify="right")
        for row in document["items"]:
            values = (written_in(figure.unit, row[figure.slug]) for figure in figures)
            table.add_row(*(str(row[name]) for name in names), *values)
        return table

    return draw
