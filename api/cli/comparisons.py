"""`closedloop report dealers`, `contractors`, `self-reported` and `calibrated`."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from api.bootstrap import Services
from api.cli.answers import Draw, plain_table, show_answer
from api.cli.report import romi_table
from api.cli.terminal import running_services
from api.comparison_questions import read_comparison, read_contractors, read_self_reported
from api.numbers import UNITS, written_in
from api.questions import read_question
from attribution.contractors import contractor_report
from attribution.dealers import dealer_comparison
from attribution.experiments.calibration import calibrated_report
from attribution.experiments.register import experiments
from attribution.measures import MEASURES, Unit
from attribution.self_reported import FIGURES as SELF_REPORTED
from attribution.self_reported import self_reported_report

Model = Annotated[str, typer.Option(help="Attribution model.")]
First = Annotated[str, typer.Option("--from", help="First day, as 2026-01-01.")]
Last = Annotated[str, typer.Option("--to", help="Last day, inclusive.")]
Form = Annotated[str, typer.Option("--format", help="table, csv, json, xlsx or parquet.")]

_TITLES = {measure.slug: measure.title for measure in MEASURES}
_FLAGS = {"better": "▲", "worse": "▼", "": ""}


def add_comparisons(report_app: typer.Typer) -> None:
    report_app.command("dealers")(dealers_command)
    report_app.command("contractors")(contractors_command)
    report_app.command("self-reported")(self_reported_command)
    report_app.command("calibrated")(calibrated_command)


def dealers_command(
    measures: Annotated[str, typer.Option(help="What is compared, with commas between.")] = "cr_lead_sale,cps,romi",
    peers: Annotated[str, typer.Option(help="With whom: holding, brand or city.")] = "holding",
    model: Model = "last_non_direct",
    share: Annotated[
        str, typer.Option(help="How cost without a dealer is shared out: leads, even, weights, none.")
    ] = "leads",
    first: First = "",
    last: Last = "",
    form: Form = "table",
) -> None:
    """Every dealer's figures, as they are and like for like. A server that holds the data is asked over HTTP."""
    with running_services() as services:
        question = read_comparison(measures, peers, model, share, first, last, _today(services))
        asked = {**question.as_dict(), "measures": ",".join(question.measures)}
        show_answer(
            services, "/api/reports/dealers", asked,
            lambda: dealer_comparison(services.warehouse, question, services.settings.timezone),
            form, _dealers_table(services.settings.currency),
        )  # fmt: skip


def contractors_command(
    by: Annotated[str, typer.Option(help="contractor, or contractor,month.")] = "contractor",
    model: Model = "last_non_direct",
    first: First = "",
    last: Last = "",
    form: Form = "table",
) -> None:
    """What each contractor cost and brought, raw and pooled. A server that holds the data is asked over HTTP."""
    with running_services() as services:
        question = read_contractors(by, model, first, last, _today(services))
        asked = {**question.as_dict(), "by": ",".join(question.by)}
        show_answer(
            services, "/api/reports/contractors", asked,
            lambda: contractor_report(services.warehouse, services.database, question, services.settings.timezone),
            form, _contractors_table(question.by, services.settings.currency),
        )  # fmt: skip


def self_reported_command(
    of: Annotated[str, typer.Option(help="Of whom: lead or sale.")] = "lead",
    model: Model = "last_non_direct",
    first: First = "",
    last: Last = "",
    form: Form = "table",
) -> None:
    """What people say brought them, beside the channel that attribution allocates."""
    with running_services() as services:
        question = read_self_reported(of, model, first, last, _today(services))
        answered_in = services.settings.self_reported_property
        names = {"channel": "attributed", "self_reported": "self-reported"}
        show_answer(
            services, "/api/reports/self-reported", question.as_dict(),
            lambda: self_reported_report(services.warehouse, services.database, question, answered_in),
            form, plain_table("What people say brought them", names, SELF_REPORTED),
        )  # fmt: skip


def calibrated_command(
    model: Model = "last_non_direct",
    calendar: Annotated[str, typer.Option(help="conversion or touch.")] = "conversion",
    first: First = "",
    last: Last = "",
    form: Form = "table",
) -> None:
    """The ROMI report by channel, scaled by what experiments found."""
    with running_services() as services:
        question = read_question("channel", model, calendar, "leads", first, last, _today(services))
        asked = {name: value for name, value in question.as_dict().items() if name not in ("by", "share")}

        def draw(document: Mapping[str, Any]) -> Table:
            table = romi_table(question, document, services.settings.currency)
            table.title = f"Calibrated by experiments: {', '.join(document['calibrated_by']) or 'no channel yet'}"
            return table

        show_answer(
            services, "/api/reports/calibrated", asked,
            lambda: calibrated_report(
                services.warehouse, experiments(services.database), question, services.settings.timezone
            ),
            form, draw,
        )  # fmt: skip


def _dealers_table(currency: str) -> Draw:
    def draw(document: Mapping[str, Any]) -> Table:
        measures = document["question"]["measures"]
        caption = (
            f"Each figure as it is, then like for like with its interval and rank. ▲ better and ▼ worse than its peers "
            f"beyond noise. Money in thousands of {currency}."
        )
        table = _empty_table("Dealers like for like", caption)
        totals = document["totals"]
        table.show_footer = True
        table.add_column("dealer", footer="Holding", no_wrap=True)
        table.add_column("leads", justify="right", footer=written_in(Unit.COUNT, totals["leads"]))
        for slug in measures:
            holding = _short(UNITS[slug], totals[slug])
            table.add_column(_TITLES[slug], justify="right", footer=holding, no_wrap=True)
            table.add_column("like for like", no_wrap=True)
        for row in document["items"]:
            cells = [cell for slug in measures for cell in (_short(UNITS[slug], row[slug]), _like_for_like(slug, row))]
            table.add_row(row["dealer"], written_in(Unit.COUNT, row["leads"]), *cells)
        return table

    return draw


def _like_for_like(slug: str, row: Mapping[str, Any]) -> str:
    if row[f"{slug}_adjusted"] is None:
        return "—"
    rank = f"{row[f'{slug}_rank']:.0f}"
    return f"{_ranged(UNITS[slug], row, f'{slug}_adjusted')} #{rank} {_FLAGS[row[f'{slug}_flag']]}".rstrip()


def _contractors_table(by: tuple[str, ...], currency: str) -> Draw:
    def draw(document: Mapping[str, Any]) -> Table:
        caption = f"Pooled figures with their intervals. Money in thousands of {currency}."
        table = _empty_table("Contractors", caption)
        claims = by == ("contractor",)
        for name in by:
            table.add_column(name, no_wrap=True)
        for title in ("media", "fees", "leads", "sales", "CPL", "pooled", "ROMI", "pooled"):
            table.add_column(title, justify="right", no_wrap=True)
        if claims:
            table.add_column("claimed", justify="right")
            table.add_column("measured", justify="right")
        for row in document["items"]:
            cells = [_short(Unit.MONEY, row[name]) for name in ("media", "fees")]
            cells += [written_in(Unit.COUNT, row[name]) for name in ("leads", "sales")]
            for slug in ("cpl", "romi"):
                cells += [_short(UNITS[slug], row[slug]), _ranged(UNITS[slug], row, f"{slug}_pooled")]
            if claims:
                cells += [_short(Unit.SHARE, row[name]) for name in ("claimed_romi", "measured_romi")]
            table.add_row(*(row[name] for name in by), *cells)
        return table

    return draw


def _ranged(unit: Unit, row: Mapping[str, Any], slug: str) -> str:
    """The figure, then the ends of its interval in the same unit."""
    if row[slug] is None:
        return "—"
    ends = (_short(unit, row[f"{slug}_{end}"]).removesuffix("%") for end in ("low", "high"))
    return f"{_short(unit, row[slug])} ({'…'.join(ends)})"


def _short(unit: Unit, value: float | None) -> str:
    """Money in thousands and shares in percent, with a decimal where they are small."""
    if value is None:
        return "—"
    size = value / 1000 if unit is Unit.MONEY else value * 100
    text = (f"{size:,.0f}" if abs(size) >= 10 else f"{size:.1f}").replace(",", " ")
    return text if unit is Unit.MONEY else f"{text}%"


def _empty_table(title: str, caption: str) -> Table:
    return Table(
        title=title, caption=caption, title_justify="left", caption_justify="left", box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )  # fmt: skip


def _today(services: Services) -> date:
    return services.clock.now().astimezone(services.settings.zone).date()
