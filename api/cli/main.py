"""`closedloop`: every command, registered."""

import typer

from api.cli.attribute import attribute_command
from api.cli.calls import calls_command
from api.cli.collect import collect_command
from api.cli.connect import connect_command
from api.cli.conversions import conversions_app
from api.cli.doctor import doctor_command
from api.cli.load import load_command
from api.cli.numbers import numbers_app
from api.cli.reference import reference_app
from api.cli.rejections import rejections_app
from api.cli.report import report_app
from api.cli.sample import sample_command
from api.cli.serve import serve_command
from api.cli.sources import sources_app
from api.cli.status import status_command
from api.cli.vendors import vendors_command
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
report_app.command("calls")(calls_command)
app.add_typer(report_app, name="report")
app.add_typer(numbers_app, name="numbers")
app.command("sample")(sample_command)
app.add_typer(reference_app, name="reference")
app.add_typer(rejections_app, name="rejections")
app.add_typer(conversions_app, name="conversions")
app.command("vendors")(vendors_command)
app.command("connect")(connect_command)
app.add_typer(sources_app, name="sources")
app.command("status")(status_command)
app.command("doctor")(doctor_command)


def main() -> None:
    write_logs()
    app()
