"""What commands share: the console, services, and errors in one clear sentence."""

import sys
from collections.abc import Iterable, Iterator
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
from rich.prompt import Prompt

from api.bootstrap import Services
from collectors.vendors.base import Ask
from infra.errors import ClosedLoopError, InvalidInput
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


def read_setting(text: str) -> tuple[str, str]:
    """Name and value of `name=value`. Raises `InvalidInput`."""
    name, separator, value = text.partition("=")
    if not separator:
        raise InvalidInput(f"{text!r} sets nothing.", where="--set", help="Write --set name=value.")
    return name.strip(), value.strip()


def ask_for(asks: Iterable[Ask]) -> dict[str, str]:
    """The answers by name; none where nobody is there to be asked: then the defaults hold."""
    if not sys.stdin.isatty():
        return {}
    return {
        ask.name: Prompt.ask(
            ask.title, console=problems, password=ask.secret, default=ask.default, show_default=bool(ask.default)
        )
        for ask in asks
    }
