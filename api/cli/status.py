"""`closedloop status`: how far events have come."""

from typing import Any

import httpx2 as httpx
from rich.table import Table

from api.bootstrap import Services
from api.cli.terminal import console, running_services
from api.status import status
from infra.errors import DataHeld
from infra.warehouse.hold import read_holder


def status_command() -> None:
    """What was accepted, loaded and attributed, per family. A server that holds the data is asked over HTTP."""
    with running_services() as services:
        try:
            found = status(services)
        except DataHeld:
            found = _ask_server(services)
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


def _ask_server(services: Services) -> dict[str, Any]:
    """The holder's own answer. Raises `DataHeld` where it does not answer."""
    folder = services.settings.embedded_warehouse
    holder = read_holder(folder) if folder else {}
    try:
        answer = httpx.get(
            f"{holder.get('address')}/api/status",
            headers={"Authorization": f"Bearer {services.api_key}"},
            timeout=10,
        )
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise DataHeld(
            f"The data are held by process {holder.get('pid')}, which does not answer at {holder.get('address')}.",
            help="Wait until it is done, or stop it.",
        ) from error
    found: dict[str, Any] = answer.json()
    return found
