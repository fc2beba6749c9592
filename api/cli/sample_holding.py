"""Filling an empty installation with the sample holding, on the way that all events go."""

import tempfile
from datetime import date, timedelta
from pathlib import Path

from rich.progress import Progress

from api.bootstrap import Services
from api.cli.sample_funds import fund_the_sample
from api.cli.sample_media import lay_out_the_sample
from api.cli.sample_plans import plan_the_sample
from api.cli.sample_stock import stock_the_sample
from api.cli.terminal import console, progress_bar
from attribution.attributing import attribute
from attribution.reference import replace_reference
from attribution.reference_document import read_document
from attribution.runs import loaded_marks
from collectors.events import FAMILIES
from collectors.formats import Format, read_items
from collectors.mapping import Mapping
from collectors.sample import SAMPLED, write_sample

DEALERS = 60
MONTHS = 14
"""Two more than a report shows unless asked: so that its first month has the deals of earlier requests."""


def fill_with_sample(services: Services, dealers: int = DEALERS, months: int = MONTHS) -> bool:
    """Simulate, collect, load and attribute, where nothing was collected yet. False where there was something.

    What was interrupted is done again for the same last day: its events have the same ids, so none counts twice.
    """
    unfinished = services.environment.data / "sample.unfinished"
    if not unfinished.exists():
        if not _is_empty(services):
            return False
        yesterday = services.clock.now().astimezone(services.environment.zone).date() - timedelta(days=1)
        unfinished.write_text(yesterday.isoformat())
    console.print(
        f"Filling the empty warehouse with the sample holding: {dealers} dealers, {months} months.", highlight=False
    )
    until = date.fromisoformat(unfinished.read_text())
    with tempfile.TemporaryDirectory() as folder, progress_bar() as progress:
        _simulate(Path(folder), until, dealers, months, progress)
        reference = read_document((Path(folder) / "reference.json").read_bytes(), services.environment.country)
        replace_reference(services.database, reference, author="sample", clock=services.clock)
        _collect(services, Path(folder), progress)
        _load(services, progress)
        _attribute(services, progress)
    plan_the_sample(services, until)
    fund_the_sample(services, until)
    lay_out_the_sample(services)
    stock_the_sample(services)
    unfinished.unlink()
    return True


def _is_empty(services: Services) -> bool:
    return not loaded_marks(services.warehouse) and not any(services.backlog(family).records for family in FAMILIES)


def _simulate(out: Path, until: date, dealers: int, months: int, progress: Progress) -> None:
    bar = progress.add_task("Simulating days")
    write_sample(
        out,
        until=until,
        dealers=dealers,
        months=months,
        on_progress=lambda done, total: progress.update(bar, completed=done, total=total),
    )


def _collect(services: Services, folder: Path, progress: Progress) -> None:
    for family in SAMPLED:
        path = folder / f"{family}.ndjson"
        bar = progress.add_task(f"Collecting {family}", total=_lines(path))
        with path.open("rb") as stream:
            for outcome in services.intake.accept_stream(family, read_items(stream, Format.NDJSON, Mapping())):
                progress.update(bar, advance=outcome.accepted + outcome.duplicates)


def _lines(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(1 for _ in stream)


def _load(services: Services, progress: Progress) -> None:
    bar = progress.add_task("Loading events", total=sum(services.backlog(family).events or 0 for family in FAMILIES))
    loader = services.new_loader()
    try:
        loader.drain(lambda loaded: progress.update(bar, advance=loaded.events))
    finally:
        loader.close()


def _attribute(services: Services, progress: Progress) -> None:
    bar = progress.add_task("Attributing")
    attribute(
        services.warehouse,
        services.database,
        services.clock,
        services.settings,
        lambda title, place, steps: progress.update(bar, description=title, completed=place, total=steps),
    )
    progress.update(bar, description="Attributed", completed=1, total=1)
