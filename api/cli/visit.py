"""`closedloop visit`: the visit behind a number that somebody said."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.table import Table

from api.cli.holder import ask_holder
from api.cli.terminal import console, running_services
from api.visit_view import visit_document
from infra.errors import DataHeld

_FACTS = {
    "source": "Source", "medium": "Medium", "campaign": "Campaign", "content": "Ad", "term": "Search phrase",
    "referrer": "Referring page", "landing": "First page", "region": "Region", "device": "Device",
}  # fmt: skip


def visit_command(
    number: Annotated[str, typer.Argument(help="As it was said or written: 123-45-67, or 1234567.")],
) -> None:
    """Where a visit came from, what it looked at, and the visits before it. A server that holds the data is asked."""
    with running_services() as services:
        try:
            told = orjson.dumps(visit_document(services.visits.by_number(number)))
        except DataHeld as held:
            told = ask_holder(services, held, f"/api/visits/{quote(number, safe='')}")
        _show(orjson.loads(told), services.settings.zone)


def _show(document: Mapping[str, Any], zone: ZoneInfo) -> None:
    visit = document["visit"]
    facts = Table("", "", title=f"Visit {document['number']}", title_justify="left", show_header=False)
    facts.add_row("Began", _moment(visit["began_at"], zone))
    for name, title in _FACTS.items():
        if visit[name]:
            facts.add_row(title, visit[name])
    facts.add_row("Visits before", str(document["former_count"]))
    console.print(facts, highlight=False)
    pages = Table("at", "page", "title")
    for page in document["pages"]:
        pages.add_row(_moment(page["at"], zone), page["address"], page["title"])
    console.print(pages, highlight=False)
    if document["former"]:
        former = Table("visit before", "source", "medium", "campaign", "search phrase", "pages")
        for one in document["former"]:
            names = ("source", "medium", "campaign", "term", "pages")
            former.add_row(_moment(one["began_at"], zone), *(str(one[name]) for name in names))
        console.print(former, highlight=False)


def _moment(text: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(text).astimezone(zone):%Y-%m-%d %H:%M}"
