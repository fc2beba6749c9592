"""`closedloop attribute`: from events to credit and cost."""

from typing import Annotated

import typer

from api.cli.terminal import console, progress_bar, running_services
from attribution.attributing import attribute
from attribution.runs import Run, is_fresh


def attribute_command(
    full: Annotated[
        bool, typer.Option("--full", help="Compute everything anew, even where nothing has changed.")
    ] = False,
) -> None:
    """Tie spend to leads, visits and sales. Does nothing where nothing is new since the last run, unless `--full`."""
    with running_services() as services:
        if not full and is_fresh(services.warehouse, services.database, services.settings):
            console.print("Nothing new since the last run.")
            return
        with progress_bar() as progress:
            bar = progress.add_task("Attributing")

            def show(title: str, place: int, steps: int) -> None:
                progress.update(bar, description=title, completed=place, total=steps)

            run = attribute(services.warehouse, services.database, services.clock, services.settings, show, full=full)
        console.print(_said(run), highlight=False)


def _said(run: Run) -> str:
    return f"Run {run.number} done in {(run.finished_at - run.started_at).total_seconds():.1f} s."
