"""A saved address asks for what its page or route answers, and every report can be drawn."""

import io
from collections.abc import Iterator
from typing import Any

import orjson
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from api.app import create_app
from api.bootstrap import Services
from api.exports import as_document
from api.report_notes import report_notes
from api.views.address import PAGES, read_address
from api.views.drawing import picture
from api.views.reports import report_of
from attribution.answer import Answer
from attribution.measures import MEASURES
from tests.api.test_every_export import tell
from tests.told import told_services

DAYS = "from=2026-01-01&to=2026-02-28"
ASKED = {
    "/api/reports/romi": f"{DAYS}&by=dealer&by=month&where=-dealer:south&sort=-romi&limit=3&models=leads:first",
    "/api/reports/dealers": f"{DAYS}&measures=cpl&peers=city&share=even",
    "/api/reports/contractors": f"{DAYS}&by=contractor,month&model=linear",
    "/api/reports/self-reported": f"{DAYS}&of=sale",
    "/api/reports/funnel": f"{DAYS}&by=dealer",
    "/api/reports/lost-leads": f"{DAYS}&by=channel&unprocessed_hours=2&late_minutes=5",
    "/api/reports/cohorts": f"{DAYS}&by=first_source&start=lead",
    "/api/reports/maturity": f"{DAYS}&by=week&since=touch&kind=lead",
    "/api/reports/open-deals": "by=dealer",
    "/api/reports/calls": f"{DAYS}&by=day&window=5",
    "/api/reports/models": f"{DAYS}&kind=lead&order=2",
}
EVERY_PAGE = [*PAGES, "/dealers/north", "/contractors/acme"]
ROUTES = [path for path in PAGES if path.startswith("/api/")]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with told_services(tmp_path_factory.mktemp("views"), tell) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), headers={"Authorization": "Bearer r"}) as opened:
        yield opened


def plain(document: Any) -> Any:
    return orjson.loads(orjson.dumps(document))


@pytest.mark.parametrize("query", ["default", "chosen"])
@pytest.mark.parametrize("path", ROUTES)
def test_an_address_asks_for_what_its_route_answers(
    services: Services, client: TestClient, path: str, query: str
) -> None:
    """With the same defaults, too."""
    asked = ASKED.get(path, DAYS) if query == "chosen" else ""
    if path == "/api/reports/romi" and asked:
        asked = asked.replace("by=dealer&by=month", "by=dealer,month")
    told = client.get(f"{path}?{asked}")
    assert told.status_code == 200, told.text
    assert plain(as_document(report_of(services, read_address(f"{path}?{asked}")))) == told.json()


def test_a_page_sends_its_groupings_one_by_one(services: Services) -> None:
    found = report_of(services, read_address(f"/channels?by=dealer&by=month&by=&{DAYS}&picked=3&sort="))
    assert found.names == ("dealer", "month")


def test_the_overview_is_a_row_a_day(services: Services) -> None:
    found = report_of(services, read_address("/overview?from=2026-01-01&to=2026-01-31&measure=leads"))
    assert found.names == ("day",)
    assert found.rows["day"].is_monotonic_increasing
    assert found.totals["leads"] == found.rows["leads"].sum()


@pytest.mark.parametrize("address", [f"{path}?{ASKED.get(path, DAYS)}" for path in EVERY_PAGE])
def test_every_report_can_be_drawn(services: Services, address: str) -> None:
    answer = report_of(services, read_address(address))
    assert size_of(answer, services) >= (1520, 300)
    none = report_of(services, read_address(f"{address.partition('?')[0]}?from=2020-01-01&to=2020-01-31"))
    assert size_of(none, services)[0] == 1520


def size_of(answer: Answer, services: Services) -> tuple[int, int]:
    return Image.open(io.BytesIO(picture(answer, report_notes(answer, services.settings)))).size


@pytest.mark.parametrize(
    "name", ["$x$ \\frac{1}{0}", "🚗 汽车", "a\nb\0c", "", "x" * 5000, "<b>&amp;", "наружная реклама"]
)
def test_any_name_can_be_drawn(services: Services, name: str) -> None:
    figures = {measure.slug: 1e12 for measure in MEASURES}
    rows = pd.DataFrame([
        {"campaign": name, "channel": "paid", **figures},
        {"campaign": "other", "channel": name, **dict.fromkeys(figures, float("nan"))},
        {"campaign": "third", "channel": "x", **dict.fromkeys(figures, -3.0)},
    ])  # fmt: skip
    asked = {"by": ["campaign", "channel"], "where": [{"dimension": "campaign", "values": [name], "excluded": True}]}
    answer = Answer("romi", None, ("campaign", "channel"), MEASURES, rows, asked, figures)
    assert size_of(answer, services)[0] == 1520


@pytest.mark.parametrize(
    ("address", "where"),
    [("/api/reports/lost-leads?late_minutes=soon", "late_minutes"), ("/channels?model=best", "model"),
     ("/api/reports/calls?window=x", "window"), ("/overview?period=never", "period")],
)  # fmt: skip
def test_what_an_address_cannot_ask_is_told(services: Services, address: str, where: str) -> None:
    with pytest.raises(Exception, match=r"\w") as raised:
        report_of(services, read_address(address))
    assert getattr(raised.value, "where", None) == where
