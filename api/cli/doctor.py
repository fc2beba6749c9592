"""`closedloop doctor`: what is wrong with an installation, in sentences."""

import typer

from api.cli.terminal import console
from api.doctor import examine


def doctor_command() -> None:
    """Check package names, data folder, stores and clock. Exit code 1 where something is wrong."""
    findings = list(examine())
    for finding in findings:
        console.print(f"{'[green]ok[/]' if finding.ok else '[red]wrong[/]'}  ", end="")
        console.print(finding.sentence, markup=False, highlight=False, soft_wrap=True)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
