"""`closedloop status`: how far events have come."""

import orjson
from rich.table import Table

from api.cli.holder import ask_holder
from api.cli.terminal import console, running_services
from api.status import status
from infra.errors import DataHeld


def status_command() -> None:
    """What was accepted, loaded and attributed, per family. A server that holds the data is asked over HTTP."""
    with running_services() as services:
        try:
            found = status(services)
        except DataHeld as held:
            found = orjson.loads(ask_holder(services, held, "/api/status"))
        table = Table("family", "accepted", "loaded", "waiting", "rejected", "in reports")
        for family, row in found["families"].items():
            table.add_row(
                family,
                *(
                    "?" if row[name] is None else f"{row[name]:,}"
                    for name in ("accepted", "loaded", "waiting", "rejected")
                ),
                "yes" if row["attributed"] else "not yet",
            )
        console.print(table)
        console.print(
            "Reports hold all that was accepted." if found["fresh"] else "Reports are behind what was accepted."
        )
