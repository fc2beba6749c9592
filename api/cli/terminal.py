"""What commands share: the console, services, and errors in one clear sentence."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from api.bootstrap import Services
from infra.errors import ClosedLoopError
from infra.settings import read_settings

WIDTH_OF_FILES = 120
console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_FILES)
problems = Console(stderr=True)


@contextmanager
def running_services() -> Iterator[Services]:
    """The services, closed afterwards. An error of ours ends the command with its sentence and exit code 1."""
    services = None
    try:
        services = Services(read_settings())
        yield services
    except ClosedLoopError as error:
        say_error(error)
        raise typer.Exit(1) from None
    finally:
        if services:
            services.close()


def say_error(error: ClosedLoopError) -> None:
    problems.print(error.message, style="red", markup=False, highlight=False, soft_wrap=True)
    if error.help:
        problems.print(error.help, markup=False, highlight=False, soft_wrap=True)


def progress_bar() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=problems,
        transient=True,
        disable=not problems.is_terminal,
    )
