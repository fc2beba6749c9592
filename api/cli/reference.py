"""`closedloop reference`: dealers, contractors, tracking numbers and channel rules, as one JSON document."""

import getpass
import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from api.cli.channel_rules import rules_app
from api.cli.json_files import read_bytes
from api.cli.terminal import console, running_services
from attribution.reference import reference_document, replace_reference
from attribution.reference_document import read_document

reference_app = typer.Typer(
    help="Dealers, contractors, tracking numbers and channel rules, as one JSON document.", no_args_is_help=True
)


reference_app.add_typer(rules_app, name="rules")


@reference_app.command("show")
def show_command() -> None:
    """Print what is in force, in the form that `set` takes."""
    with running_services() as services:
        document = reference_document(services.database).as_dict()
        sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


@reference_app.command("set")
def set_command(file: Annotated[Path, typer.Argument(help="The JSON document.")]) -> None:
    """Replace all of it by the document's. Reports follow with the next attribution run."""
    with running_services() as services:
        document = read_document(read_bytes(file), services.settings.country)
        replace_reference(services.database, document, author=getpass.getuser(), clock=services.clock)
        console.print(
            f"In force from the next attribution run on: dealers {len(document.dealers):,}, "
            f"contractors {len(document.contractors):,}, tracking numbers {len(document.tracking_numbers):,}.",
            highlight=False,
        )
