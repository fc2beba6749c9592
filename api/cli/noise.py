"""`closedloop report noise`, `noise-examples`, and `closedloop noise`: noise and the rules by which it is found."""

from typing import Annotated

import typer
from rich.table import Table

from api.cli.answers import plain_table, show_answer
from api.cli.report import report_app
from api.cli.terminal import console, running_services
from api.questions import read_period
from attribution.noise.report import EXAMPLE_NAMES, FIGURES, NoiseQuestion, noise_examples, noise_report
from attribution.noise.rule_sets import RuleSet, change_noise_rules, current_noise_rules, read_noise_rules
from infra.errors import InvalidInput

noise_app = typer.Typer(help="Rules that keep noise out: list, set.", no_args_is_help=True)

First = Annotated[str, typer.Option("--from", help="First day, as 2026-01-01.")]
Last = Annotated[str, typer.Option("--to", help="Last day, inclusive.")]
Form = Annotated[str, typer.Option("--format", help="table, csv, json, xlsx or parquet.")]
_IN_FILES_ONLY = ("excluded_calls", "excluded_leads", "clicks", "noise_cost", "noise_cost_share")
_IN_TERMINAL = tuple(figure for figure in FIGURES if figure.slug not in _IN_FILES_ONLY)


@report_app.command("noise")
def noise_command(
    by: Annotated[
        str, typer.Option(help="reason, family, channel, source, medium, campaign, dealer, contractor or day.")
    ] = "reason",
    first: First = "",
    last: Last = "",
    form: Form = "table",
) -> None:
    """Bots, clicks counted twice, floods of calls, forged leads: how many, and what they cost."""
    with running_services() as services:
        question = NoiseQuestion(by, read_period(first, last, services.today))
        period = question.period
        show_answer(
            services,
            "/api/reports/noise",
            question.as_dict(),
            lambda: noise_report(services.warehouse, question, services.settings.timezone),
            form,
            plain_table(
                f"Noise by {by}, {period.first_day} – {period.last_day}",
                {by: by},
                _IN_TERMINAL,
                f"Money in {services.settings.currency}. A click costs what its channel cost that day, by its clicks. "
                "`closedloop report noise-examples` names events; `closedloop noise list` shows the rules.",
            ),
        )


@report_app.command("noise-examples")
def examples_command(
    reason: Annotated[str, typer.Option(help="Only this reason.")] = "",
    most: Annotated[int, typer.Option(min=1, max=1000, help="So many of each reason.")] = 10,
    first: First = "",
    last: Last = "",
    form: Form = "table",
) -> None:
    """The newest noise of each reason, without anything that names a person."""
    with running_services() as services:
        period = read_period(first, last, services.today)
        asked = {"from": str(period.first_day), "to": str(period.last_day), "reason": reason, "most": str(most)}
        show_answer(
            services,
            "/api/reports/noise/examples",
            asked,
            lambda: noise_examples(services.warehouse, period, services.settings.timezone, reason, most),
            form,
            plain_table("Examples of noise", {name: name for name in EXAMPLE_NAMES}, ()),
        )


@noise_app.command("list")
def list_command() -> None:
    """The rules in force: what each does with the events that it finds, and its limits."""
    with running_services() as services:
        _show(current_noise_rules(services.database))


@noise_app.command("set")
def set_command(
    reason: Annotated[str, typer.Argument(help="The rule's reason, as `closedloop noise list` shows it.")],
    action: Annotated[str, typer.Option(help="off, flag or exclude; else as it is.")] = "",
    most: Annotated[int, typer.Option(help="More than so many are noise; else as it is.")] = 0,
    seconds: Annotated[int, typer.Option(help="Within so many seconds; else as it is.")] = 0,
) -> None:
    """Change one rule, as a new version. It holds from the next run on."""
    with running_services() as services:
        known = {rule.reason.value: rule for rule in current_noise_rules(services.database).rules}
        if reason not in known:
            raise InvalidInput(f"There is no reason {reason!r}.", help=f"The reasons are {', '.join(known)}.")
        given = {"action": action, "most": most, "seconds": seconds}
        told = {**known[reason].as_dict(), **{name: value for name, value in given.items() if value}}
        _show(
            change_noise_rules(services.database, read_noise_rules([told]), author="command line", clock=services.clock)
        )


def _show(rules: RuleSet) -> None:
    table = Table(
        "reason", "action", "more than", "within", title=f"Noise rules, version {rules.version}", title_justify="left"
    )
    for rule in rules.rules:
        table.add_row(
            rule.reason, rule.action, str(rule.most) if rule.most else "—", f"{rule.seconds} s" if rule.seconds else "—"
        )
    console.print(table)
