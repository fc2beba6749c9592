"""`closedloop reference rules`: channel rules: list, show, try on history, set, go back."""

import getpass
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import RenderableType
from rich.table import Table

from api.bootstrap import Services
from api.cli.answers import plain_table, show_answer
from api.cli.json_files import read_json
from api.cli.terminal import console, running_services
from attribution.channel_preview import FIGURES, RuleUse, preview_rules
from attribution.channel_rules import read_rules, rule_versions, rules_of_version
from attribution.channels import ChannelRule
from attribution.reference import keep_channel_rules

rules_app = typer.Typer(help="Channel rules, in versions.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="JSON: a list of rules, or a document that has channel_rules.")]


@rules_app.command("list")
def list_command() -> None:
    """Every version of the rules, the one in force first."""
    with running_services() as services:
        table = Table("version", "kept", "by", "rules")
        for each in rule_versions(services.database):
            at = f"{each.at.astimezone(services.settings.zone):%Y-%m-%d %H:%M}" if each.at else "ships"
            table.add_row(str(each.version), at, each.author or "—", str(len(each.rules)))
        console.print(table)


@rules_app.command("show")
def show_command(
    version: Annotated[int | None, typer.Option(help="The version; the one in force unless said.")] = None,
) -> None:
    """Print the rules as JSON, in the form that the others take."""
    with running_services() as services:
        versions = rule_versions(services.database)
        told = versions[0] if version is None else rules_of_version(services.database, version)
        rules = [{name: text for name, text in rule.as_dict().items() if text} for rule in told.rules]
        sys.stdout.buffer.write(orjson.dumps(rules, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


@rules_app.command("preview")
def preview_command(
    file: File,
    form: Annotated[str, typer.Option("--format", help="table, csv, json, xlsx or parquet.")] = "table",
) -> None:
    """Say what the rules of a file would move on what was seen so far; keep nothing."""
    with running_services() as services:
        proposed = read_rules(read_json(file))
        current = rule_versions(services.database)[0].rules
        show_answer(
            services,
            "/api/channel-rules/preview",
            {},
            lambda: preview_rules(services.warehouse, current, proposed),
            form,
            _moves,
            body=[rule.as_dict() for rule in proposed],
        )


@rules_app.command("set")
def set_command(file: File) -> None:
    """Put the rules of a file in force, from the next attribution run on."""
    with running_services() as services:
        _keep(services, read_rules(read_json(file)))


@rules_app.command("restore")
def restore_command(
    version: Annotated[int, typer.Argument(help="An earlier version; 0 is the one that ships.")],
) -> None:
    """Go back to an earlier version, as a new one."""
    with running_services() as services:
        _keep(services, rules_of_version(services.database, version).rules)


def _keep(services: Services, rules: tuple[ChannelRule, ...]) -> None:
    version = keep_channel_rules(services.database, rules, author=getpass.getuser(), clock=services.clock)
    console.print(f"Version {version} with {len(rules):,} rules is in force from the next run on.", highlight=False)


def _moves(document: Mapping[str, Any]) -> RenderableType:
    unmatched = document["unmatched"]
    idle = [
        f"rule {each['position']} ({each['channel']}) "
        + (f"is shadowed by rule {each['shadowed_by']}" if each["use"] == RuleUse.SHADOWED else "matches nothing")
        for each in document["rules"]
        if each["use"] != RuleUse.USED
    ]
    before, after = (f"{unmatched[side]['sessions']:,}" for side in ("before", "after"))
    caption = "\n".join(
        [f"Site visits of channel other: {before} before, {after} after.", *(f"R{each[1:]}." for each in idle)]
    )
    return plain_table("What would move", {"from": "From", "to": "To"}, FIGURES, caption)(document)
