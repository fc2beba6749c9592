"""`closedloop experiments`: entering experiments with channels, and what they found or would find."""

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from api.cli.answers import plain_table, show_answer
from api.cli.terminal import console, running_services
from api.comparison_questions import read_planned
from api.numbers import written_in
from api.questions import read_choice
from attribution.experiments.design import read_experiment
from attribution.experiments.power import FIGURES as POWER_FIGURES
from attribution.experiments.power import power_report
from attribution.experiments.register import add_experiment, experiment_of, experiments, remove_experiment
from attribution.experiments.reporting import experiment_report
from attribution.measures import Unit
from attribution.models import Model
from infra.errors import InvalidInput

experiments_app = typer.Typer(
    help="Experiments that switch channels on or off: add, list, show, remove, power.", no_args_is_help=True
)

Form = Annotated[str, typer.Option("--format", help="table, csv, json, xlsx or parquet.")]
_OUTCOMES = {"leads": Unit.COUNT, "sales": Unit.COUNT, "revenue": Unit.MONEY, "margin": Unit.MONEY}


@experiments_app.command("add")
def add_command(file: Annotated[Path, typer.Argument(help="The experiment as JSON.")]) -> None:
    """Enter an experiment. Reports that experiments calibrate follow at once."""
    with running_services() as services:
        try:
            told = file.read_bytes()
        except OSError as error:
            raise InvalidInput(f"{file} cannot be read: {error.strerror}.", where="FILE") from error
        experiment = read_experiment(told)
        add_experiment(services.database, experiment, author=getpass.getuser(), clock=services.clock)
        console.print(
            f"{experiment.id} is entered. `closedloop experiments show {experiment.id}` says what it found.",
            highlight=False,
        )


@experiments_app.command("list")
def list_command() -> None:
    """All experiments, as they were entered."""
    with running_services() as services:
        table = Table("experiment", "channels", "design", "switched", "days", "test", "control")
        for each in experiments(services.database):
            days = ", ".join(f"{span.first} – {span.last}" for span in each.periods)
            switched = ", ".join(each.test) or "everything"
            table.add_row(
                each.id, ", ".join(each.channels), each.design, each.switched, days, switched, ", ".join(each.control)
            )
        console.print(table if table.row_count else "No experiment yet: `closedloop experiments add` enters one.")


@experiments_app.command("show")
def show_command(
    experiment: Annotated[str, typer.Argument(help="Its id.")],
    model: Annotated[str, typer.Option(help="Attribution model.")] = "last_non_direct",
    form: Form = "table",
) -> None:
    """What an experiment found, beside what attribution allocates. A server that holds the data is asked over HTTP."""
    with running_services() as services:
        told = experiment_of(services.database, experiment)
        chosen = read_choice(Model, model, "model")
        show_answer(
            services, "/api/reports/experiments", {"experiment": experiment, "model": model},
            lambda: experiment_report(services.warehouse, [told], chosen), form, _found_table,
        )  # fmt: skip


@experiments_app.command("remove")
def remove_command(experiment: Annotated[str, typer.Argument(help="Its id.")]) -> None:
    """Forget an experiment; reports are no longer calibrated by it."""
    with running_services() as services:
        remove_experiment(services.database, experiment, author=getpass.getuser(), clock=services.clock)
        console.print(f"{experiment} is removed.", highlight=False)


@experiments_app.command("power")
def power_command(
    test: Annotated[str, typer.Option(help="Units that are to be switched, with commas between.")] = "",
    control: Annotated[str, typer.Option(help="Units that are not; all others unless said.")] = "",
    design: Annotated[str, typer.Option(help="geo or time.")] = "geo",
    unit: Annotated[str, typer.Option(help="dealer, city, brand or region.")] = "dealer",
    weeks: Annotated[int, typer.Option(help="How long it is to be switched.")] = 4,
    baseline_weeks: Annotated[int, typer.Option(help="How long before that is compared.")] = 8,
    form: Form = "table",
) -> None:
    """The smallest effect that a planned experiment would find in four of five cases."""
    with running_services() as services:
        planned = read_planned(design, unit, test, control, weeks, baseline_weeks)
        asked = {
            "design": design, "unit": unit, "test": test, "control": control, "weeks": str(weeks),
            "baseline_weeks": str(baseline_weeks),
        }  # fmt: skip
        show_answer(
            services, "/api/reports/power", asked, lambda: power_report(services.warehouse, planned), form,
            plain_table("By what these units did before", {"from": "from", "to": "to"}, POWER_FIGURES),
        )  # fmt: skip


def _found_table(document: Mapping[str, Any]) -> Table:
    (row,) = document["items"]
    caption = (
        f"Cost {written_in(Unit.MONEY, row['cost'])}, a lead {written_in(Unit.MONEY, row['cost_per_lead'])}, "
        f"a sale {written_in(Unit.MONEY, row['cost_per_sale'])}; iROAS {_ranged(Unit.TIMES, row, 'iroas')}."
    )
    table = Table(
        title=f"{row['experiment']}: {row['channels']} switched {row['switched']}, {row['from']} – {row['to']}",
        caption=caption, title_justify="left", caption_justify="left", box=SIMPLE_HEAD,
    )  # fmt: skip
    for title in ("", "lift", "incremental", "attributed", "experimental / attributed", "p"):
        table.add_column(title, justify="right" if title else "left")
    for name, unit in _OUTCOMES.items():
        table.add_row(
            name,
            written_in(Unit.SHARE, row[f"{name}_lift"]),
            _ranged(unit, row, f"{name}_incremental"),
            written_in(unit, row[f"{name}_attributed"]),
            _ranged(Unit.TIMES, row, f"{name}_factor"),
            written_in(Unit.TIMES, row[f"{name}_p"]),
        )
    return table


def _ranged(unit: Unit, row: Mapping[str, Any], slug: str) -> str:
    if row[slug] is None:
        return "—"
    low, high = (written_in(unit, row[f"{slug}_{end}"]) for end in ("low", "high"))
    return f"{written_in(unit, row[slug])} ({low} … {high})"
