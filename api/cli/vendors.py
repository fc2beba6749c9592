"""`closedloop vendors`: what can be connected."""

from rich.table import Table

from api.cli.terminal import console, running_services
from collectors.preset import preset, preset_names
from collectors.vendors.register import vendors

_WORDS = {"A": "by its documentation", "B": "as several clients agree; check it", "C": "unverified"}


def vendors_command() -> None:
    """Every vendor and preset that `closedloop connect` knows, and how well its format is known."""
    with running_services():
        table = Table("connect", "what", "webhook", "API", "format")
        for each in vendors().values():
            ways = ("yes" if each.has_webhook else "", "yes" if each.every else "")
            table.add_row(each.slug, each.title, *ways, _WORDS[each.level])
        for name in preset_names():
            if name not in vendors():
                found = preset(name)
                table.add_row(name, f"{found.title} ({found.family}, a preset)", "yes", "", _WORDS[found.level])
        console.print(table)
