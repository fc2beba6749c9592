"""`closedloop doctor`: what is wrong with an installation, in sentences."""

import typer

from api.cli.terminal import console
from api.doctor import examine
from infra.clock import SystemClock


def doctor_command() -> None:
    """Check package names, data folder, stores and clock. Exit code 1 where something is wrong."""
    well = True
    for finding in examine(SystemClock()):
        well &= finding.ok
        console.print(f"{'[green]ok[/]' if finding.ok else '[red]wrong[/]'}  ", end="")
        console.print(finding.sentence, markup=False, highlight=False, soft_wrap=True)
    if not well:
        raise typer.Exit(1)
