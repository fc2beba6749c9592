"""`closedloop sample`: a simulated dealer holding whose truth is known."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from api.cli.terminal import console, progress_bar, running_services
from collectors.sample import write_sample
from infra.errors import InvalidInput


def sample_command(
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
    dealers: Annotated[int, typer.Option(min=1, max=1000)] = 60,
    months: Annotated[int, typer.Option(min=1, max=120)] = 12,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 1,
    touches: Annotated[int | None, typer.Option(help="Aim for about so many touches.")] = None,
    until: Annotated[str, typer.Option(help="Last day; else yesterday.")] = "",
) -> None:
    """Write canonical events (NDJSON), reference.json, and truth.ndjson: who was really brought by what."""
    with running_services() as services, progress_bar() as progress:
        bar = progress.add_task("Simulating")
        yesterday = services.clock.now().astimezone(services.environment.zone).date() - timedelta(days=1)
        try:
            last_day = datetime.fromisoformat(until).date() if until else yesterday
        except ValueError:
            raise InvalidInput(f"{until!r} is no date.", where="--until", help="Write it as 2026-01-31.") from None
        try:
            counts = write_sample(
                out,
                dealers=dealers,
                months=months,
                seed=seed,
                until=last_day,
                touches=touches,
                on_progress=lambda done, total: progress.update(bar, completed=done, total=total),
            )
        except OSError as error:
            raise InvalidInput(f"{out} cannot be written: {error.strerror}.", where="--out") from error
    written = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    console.print(f"{out}: {written}, and reference.json.", highlight=False, soft_wrap=True)
