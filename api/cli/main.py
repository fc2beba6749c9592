"""`closedloop`: every command, registered."""

import typer

from api.cli.attribute import attribute_command
from api.cli.calls import calls_command
from api.cli.collect import collect_command
from api.cli.comparisons import add_comparisons
from api.cli.connect import connect_command
from api.cli.conversions import conversions_app
from api.cli.costs import rates_app, same_app
from api.cli.dimensions import dimensions_app
from api.cli.doctor import doctor_command
from api.cli.experiments import experiments_app
from api.cli.forward import forward_app
from api.cli.load import load_command
from api.cli.measures import measures_app
from api.cli.models import models_command
from api.cli.noise import noise_app
from api.cli.notices import notices_app
from api.cli.numbers import numbers_app
from api.cli.opportunity_reports import (
    cohorts_command,
    funnel_command,
    lost_leads_command,
    maturity_command,
    open_deals_command,
)  # fmt: skip
from api.cli.reference import reference_app
from api.cli.rejections import rejections_app
from api.cli.report import report_app
from api.cli.report_models import report_models_command
from api.cli.sample import sample_command
from api.cli.serve import serve_command
from api.cli.sources import sources_app
from api.cli.status import status_command
from api.cli.vendors import vendors_command
from api.cli.visit import visit_command
from infra.logs import write_logs

app = typer.Typer(
    name="closedloop",
    help="End-to-end attribution for dealer holdings: from ad clicks, calls, leads, deals and spend to ROMI and CPL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve_command)
app.command("collect")(collect_command)
app.command("load")(load_command)
app.command("attribute")(attribute_command)
add_comparisons(report_app)
report_app.command("models")(report_models_command)
report_app.command("funnel")(funnel_command)
report_app.command("lost-leads")(lost_leads_command)
report_app.command("cohorts")(cohorts_command)
report_app.command("maturity")(maturity_command)
report_app.command("open-deals")(open_deals_command)
report_app.command("calls")(calls_command)
app.add_typer(report_app, name="report")
app.add_typer(experiments_app, name="experiments")
app.add_typer(measures_app, name="measures")
app.add_typer(dimensions_app, name="dimensions")
app.command("models")(models_command)
app.add_typer(numbers_app, name="numbers")
app.command("sample")(sample_command)
app.add_typer(reference_app, name="reference")
app.add_typer(same_app, name="same-campaigns")
app.add_typer(rates_app, name="rates")
app.add_typer(rejections_app, name="rejections")
app.add_typer(conversions_app, name="conversions")
app.add_typer(forward_app, name="forward")
app.command("visit")(visit_command)
app.add_typer(noise_app, name="noise")
app.add_typer(notices_app, name="notices")
app.command("vendors")(vendors_command)
app.command("connect")(connect_command)
app.add_typer(sources_app, name="sources")
app.command("status")(status_command)
app.command("doctor")(doctor_command)


def main() -> None:
    write_logs()
    app()
