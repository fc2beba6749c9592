"""`closedloop load`: from the event log into the warehouse."""

import contextlib
import threading
from typing import Annotated

import typer

from api.cli.terminal import console, progress_bar, running_services
from infra.loader import Loaded


def load_command(
    drain: Annotated[bool, typer.Option("--drain", help="Stop when the log holds nothing more.")] = False,
) -> None:
    """Load accepted events into the warehouse, each once."""
    with running_services() as services, progress_bar() as progress:
        bar = progress.add_task("Loading", total=None)
        loader = services.new_loader()

        def show(loaded: Loaded) -> None:
            progress.update(bar, advance=loaded.events, description=f"Loading {loaded.topic}")

        try:
            if drain:
                total = loader.drain(show)
                console.print(f"{total:,} events loaded.", highlight=False)
            else:
                with contextlib.suppress(KeyboardInterrupt):
                    loader.run(threading.Event(), show)
        finally:
            loader.close()
