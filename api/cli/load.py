"""`closedloop load`: from the event log into the warehouse."""

import contextlib
import threading
from collections.abc import Callable
from typing import Annotated

import typer

from api.bootstrap import Services
from api.cli.terminal import console, progress_bar, running_services
from api.questions import read_time
from collectors.events import FAMILIES
from infra.loader import Loaded, Loader

_MORE_LOOKS = 10


def load_command(
    drain: Annotated[bool, typer.Option("--drain", help="Stop when the log holds nothing more.")] = False,
    replay: Annotated[bool, typer.Option("--replay", help="First go back to the beginning of the log.")] = False,
    replay_since: Annotated[
        str, typer.Option("--replay-since", metavar="TIME", help="First go back to what came at this time.")
    ] = "",
) -> None:
    """Load accepted events into the warehouse, each once."""
    with running_services() as services:
        if replay or replay_since:
            _go_back(services, replay_since)
        with progress_bar() as progress:
            bar = progress.add_task("Loading", total=None)

            def show(loaded: Loaded) -> None:
                progress.update(bar, advance=loaded.events, description=f"Loading {loaded.topic}")

            with contextlib.closing(services.new_loader()) as loader:
                if drain:
                    total = _drain(services, loader, show)
                    console.print(f"{total:,} events loaded.", highlight=False)
                else:
                    with contextlib.suppress(KeyboardInterrupt):
                        loader.run(threading.Event(), show)


def _drain(services: Services, loader: Loader, show: Callable[[Loaded], None]) -> int:
    """How many events were loaded. A broker under load may take longer to hand records out than the loader waits."""
    total = loader.drain(show)
    for _ in range(_MORE_LOOKS):
        if not any(services.backlog(family).records for family in FAMILIES):
            break
        total += loader.drain(show)
    return total


def _go_back(services: Services, time: str) -> None:
    since = read_time(time, "--replay-since", services.settings.zone) if time else None
    services.warehouse  # noqa: B018  # held by us, or refused, before anything is changed
    records = services.replay(since)
    console.print(f"{records:,} records of the log are loaded again.", highlight=False)
