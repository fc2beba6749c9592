"""`closedloop report cost-matching`, `report offline`, `same-campaigns` and `rates`."""

from collections.abc import Mapping as Told
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from api.bootstrap import Services
from api.cli.answers import plain_table, show_answer
from api.cli.holder import ask_holder
from api.cli.report import report_app
from api.cli.terminal import console, running_services
from api.numbers import written_in
from api.questions import read_day, read_period
from attribution.answer import Period
from attribution.cost_matching import FIGURES, NAMES, TOUCHES, MatchState, cost_matching
from attribution.offline import FIGURES as OFFLINE_FIGURES
from attribution.offline import NAMES as OFFLINE_NAMES
from attribution.offline import offline_report
from attribution.rates import list_rates, missing_rates, read_rates, remove_rate, set_rates
from attribution.runs import newest_run
from attribution.same_campaigns import SEPARATOR, CampaignNames, list_same, tell_same, undo_same
from collectors.formats import HEAD_BYTES, format_of, read_items
from collectors.mapping import Mapping
from infra.errors import DataHeld, InvalidInput, NotReady

same_app = typer.Typer(
    help="Campaigns of spend and of touches that are the same: list, add, remove.", no_args_is_help=True
)
rates_app = typer.Typer(help="Rates of currencies: list, set, remove.", no_args_is_help=True)
_AUTHOR = "command line"

First = Annotated[str, typer.Option("--from", help="First day, as 2026-01-01.")]
Last = Annotated[str, typer.Option("--to", help="Last day, inclusive.")]
Form = Annotated[str, typer.Option("--format", help="table, csv, json, xlsx or parquet.")]


@report_app.command("cost-matching")
def cost_matching_command(first: First = "", last: Last = "", form: Form = "table") -> None:
    """Which spend found its touches by which rule, and what found nothing on either side, with suggestions."""
    with running_services() as services:
        period = _period(services, first, last)
        show_answer(
            services,
            "/api/reports/cost-matching",
            _asked(period),
            lambda: cost_matching(services.warehouse, period),
            form,
            lambda document: _matching_table(period, document, services.settings.currency),
        )


@report_app.command("offline")
def offline_command(first: First = "", last: Last = "", form: Form = "table") -> None:
    """What TV, radio, outdoor and print cost, and how much more there was where and when they ran."""
    with running_services() as services:
        period = _period(services, first, last)
        show_answer(
            services,
            "/api/reports/offline",
            _asked(period),
            lambda: offline_report(services.warehouse, services.database, period, services.settings.timezone),
            form,
            plain_table(
                f"Offline media, {period.first_day} – {period.last_day}",
                {name: name for name in OFFLINE_NAMES},
                OFFLINE_FIGURES,
                "Estimated from places and days with and without it; in 95 of 100 cases the truth lies from – to.",
            ),
        )


@same_app.command("list")
def list_same_command() -> None:
    """What people said is the same."""
    with running_services() as services:
        told = list_same(services.database)
        if not told:
            console.print("Nothing yet: `closedloop report cost-matching` suggests pairs.", highlight=False)
            return
        table = Table("id", "spend", "touches", box=SIMPLE_HEAD)
        for each in told:
            table.add_row(str(each.id), str(each.cost), str(each.touches))
        console.print(table)


@same_app.command("add")
def add_same_command(
    cost: Annotated[str, typer.Option("--cost", help="As spend names it: source / medium / campaign.")],
    touches: Annotated[str, typer.Option("--touches", help="As touches name it: source / medium / campaign.")],
) -> None:
    """Say that a campaign of spend is one of touches. Reports follow with the next attribution run."""
    with running_services() as services:
        one, other = CampaignNames.parse(cost, "--cost"), CampaignNames.parse(touches, "--touches")
        told = tell_same(services.database, one, other, author=_AUTHOR, clock=services.clock)
        console.print(
            f"{told.id}: spend on {one} lies with {other} from the next run on.", highlight=False, markup=False
        )


@same_app.command("remove")
def remove_same_command(
    key: Annotated[int, typer.Argument(metavar="NUMBER", help="Its id, as the list shows it.")],
) -> None:
    """Take that back; the rules match the spend again."""
    with running_services() as services:
        told = undo_same(services.database, key, author=_AUTHOR, clock=services.clock)
        console.print(f"Spend on {told.cost} is matched by the rules again.", highlight=False, markup=False)


@rates_app.command("list")
def list_rates_command(
    currency: Annotated[str, typer.Option("--currency", help="Only this one.")] = "",
) -> None:
    """The newest rates, and the money that the newest run found none for."""
    with running_services() as services:
        found, total = list_rates(services.database, currency, 50)
        table = Table("currency", "from", "rate", box=SIMPLE_HEAD, caption=f"{total:,} in all")
        for each in found:
            table.add_row(each["currency"], each["date"], f"{each['rate']:.10g}")
        console.print(table if found else "No rates yet: `closedloop rates set FILE` takes them.")
        for each in _missing(services):
            console.print(_said(each), highlight=False, markup=False)


@rates_app.command("set")
def set_rates_command(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or JSON of currency, date, rate and perhaps nominal.")],
) -> None:
    """Add rates, or replace those of the same currency and date. Reports follow with the next attribution run."""
    with running_services() as services:
        taken = set_rates(services.database, _rates_of(file), author=_AUTHOR, clock=services.clock)
        console.print(f"{file.name}: {taken:,} rates, in force from the next attribution run on.", highlight=False)


@rates_app.command("remove")
def remove_rate_command(
    currency: Annotated[str, typer.Argument(help="As USD.")], day: Annotated[str, typer.Argument(help="Its first day.")]
) -> None:
    """Forget a rate: the one before it holds on."""
    with running_services() as services:
        remove_rate(services.database, currency, read_day(day, "DAY"), author=_AUTHOR, clock=services.clock)
        console.print(f"The rate of {currency.upper()} from {day} on is removed.", highlight=False)


def _rates_of(file: Path) -> Any:
    try:
        with file.open("rb") as stream:
            form = format_of(file.suffix, stream.read(HEAD_BYTES))
            stream.seek(0)
            return read_rates(read_items(stream, form, Mapping()))
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.", where="FILE") from error


def _missing(services: Services) -> list[dict[str, Any]]:
    try:
        return [each.as_dict() for each in missing_rates(services.warehouse, newest_run(services.warehouse))]
    except NotReady:
        return []
    except DataHeld as held:
        missing: list[dict[str, Any]] = orjson.loads(ask_holder(services, held, "/api/rates"))["missing"]
        return missing


def _said(missing: Told[str, Any]) -> str:
    days = missing["from"] if missing["from"] == missing["to"] else f"{missing['from']} – {missing['to']}"
    money = f"{missing['amount']:,.2f} {missing['currency']} of {missing['family']}"
    return f"No rate for {money} ({missing['events']:,}, {days}): this money is in no report."


def _matching_table(period: Period, document: Told[str, Any], currency: str) -> Table:
    """Of what matched, and of what did not, each side's names in one cell, as `same-campaigns add` takes them."""
    parts = [
        f"{each['rule']} {written_in(FIGURES[0].unit, each['cost'])}" for each in document["by_rule"] if each["cost"]
    ]
    notes = [f"Cost by rule, {currency}: {', '.join(parts) or 'none'}.", *map(_said, document["missing_rates"])]
    table = Table(
        title=f"Spend and its touches, {period.first_day} – {period.last_day}",
        caption="\n".join(notes),
        title_justify="left",
        caption_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for heading in ("", "rule", "spend", "touches"):
        table.add_column(heading, overflow="fold")
    for figure in FIGURES:
        table.add_column(figure.title, justify="right")
    for row in document["items"]:
        figures = (written_in(figure.unit, row[figure.slug]) for figure in FIGURES)
        table.add_row(row["state"], row["rule"], *_sides(row), *figures)
    return table


def _sides(row: Told[str, Any]) -> tuple[str, str]:
    """Names of spend and of touches, `=` where they are the same; what is but suggested says so."""
    spend, touches = (SEPARATOR.join(row[name] for name in names) for names in (NAMES, TOUCHES))
    if row["state"] == MatchState.COST_ALONE:
        return spend, f"perhaps {touches}" if row["similarity"] else ""
    if row["state"] == MatchState.TOUCHES_ALONE:
        return f"perhaps {spend}" if row["similarity"] else "", touches
    return spend, touches if touches != spend else "="


def _asked(period: Period) -> dict[str, str]:
    return {"from": period.first_day.isoformat(), "to": period.last_day.isoformat()}


def _period(services: Services, first: str, last: str) -> Period:
    return read_period(first, last, services.clock.now().astimezone(services.settings.zone).date())
