"""Yandex Direct: reports of cost."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collectors.sources.source import Source
from collectors.vendors.yandex_direct import read_report
from infra.clock import FrozenClock
from infra.errors import UnreadableBody
from tests.collectors.vendors.ads.golden import meant, sent
from tests.collectors.vendors.desk import Desk, serving_fake

HEAD = "Date\tCampaignId\tCampaignName\tAdId\tImpressions\tClicks\tCost"
MICROS = sent("yandex_direct", "micros.tsv").decode()


@dataclass
class FakeDirect:
    """The Reports service: makes what it is asked for of `rows`, at once or after `queued` more requests of one name.

    `rows` are (date, campaign, ad, cost); `too_heavy` is the longest span in days that it makes; `errors` come first.
    """

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)
    queued: int = 0
    too_heavy: int = 1000
    errors: list[Response] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def report(self, request: Request) -> Response:
        params = (await request.json())["params"]
        self.asked.append(params)
        self.headers.append(dict(request.headers))
        if self.errors:
            return self.errors.pop(0)
        first, last = (params["SelectionCriteria"][name] for name in ("DateFrom", "DateTo"))
        if int(last[-2:]) - int(first[-2:]) + 1 > self.too_heavy:
            return Response(status_code=502)
        times = [each["ReportName"] for each in self.asked].count(params["ReportName"])
        if times <= self.queued:
            return Response(status_code=201 if times == 1 else 202, headers={"retryIn": "7", "reportsInQueue": "1"})
        lines = [
            f"{day}\t{campaign}\tname {campaign}\t{ad}\t10\t1\t{cost}"
            for day, campaign, ad, cost in self.rows
            if first <= day <= last
        ]
        return Response("\n".join([HEAD, *lines, ""]), media_type="text/tab-separated-values")

    def names(self) -> list[str]:
        return [each["ReportName"] for each in self.asked]


@pytest.fixture
def direct() -> Iterator[FakeDirect]:
    fake = FakeDirect()
    with serving_fake(Starlette(routes=[Route("/json/v5/reports", fake.report, methods=["POST"])])) as fake.url:
        yield fake


def connected(desk: Desk, direct: FakeDirect, *, vat_included: bool = False, **settings: str) -> Source:
    return desk.connect(
        "yandex_direct", secrets={"token": "t"}, vat_included=vat_included,
        settings={"base_url": direct.url, "first_days": "2", "again_days": "2", **settings},
    )  # fmt: skip


def costs(desk: Desk) -> dict[str, str]:
    """By day, campaign and ad."""
    return {event["id"].removeprefix("north:spend:own:"): event["cost"] for event in desk.events("spend")}


def test_the_documented_report_is_spend(desk: Desk, direct: FakeDirect) -> None:
    source = connected(desk, direct)
    direct.errors = [Response(MICROS)]
    assert desk.pull(source).error == ""
    assert desk.events("spend") == meant("yandex_direct", "spend.json")


@pytest.mark.parametrize("name", ['"cost (2025-01-16)"\n', "cost (2025-01-16)\n", ""])
@pytest.mark.parametrize(("cost", "wanted"), [("6450120000", "6450.12"), ("6450.12", "6450.12"), ("0", "0")])
def test_a_report_is_read_with_and_without_its_name_in_micros_and_in_units(name: str, cost: str, wanted: str) -> None:
    (row,) = read_report(f"{name}{HEAD}\n2025-01-16\t1\tx\t--\t1520\t43\t{cost}\nTotal rows: 1\n", "RUB")
    assert (row.cost, row.ad, row.impressions) == (Decimal(wanted), "", 1520)


def test_columns_that_nobody_asked_for_and_their_order_do_no_harm() -> None:
    (row,) = read_report("Cost\tNew\tDate\n1.50\tx\t2025-01-16\n", "RUB")
    assert (row.cost, row.campaign, row.clicks) == (Decimal("1.50"), "", 0)


@pytest.mark.parametrize("text", ["", "Date\tClicks\n", f"{HEAD}\n2025-01-16\t1\n"])
def test_what_is_no_report_is_refused(text: str) -> None:
    with pytest.raises(UnreadableBody):
        list(read_report(text, "RUB"))


def test_a_queued_report_is_asked_for_again_under_its_name(desk: Desk, direct: FakeDirect) -> None:
    direct.rows, direct.queued = [("2025-01-17", "1", "2", "5.00")], 2
    assert desk.pull(connected(desk, direct)).error == ""
    assert len(direct.asked) == 3
    assert direct.asked[0] == direct.asked[1] == direct.asked[2]
    assert [pause for pause in desk.pauses if pause >= 1] == [7.0, 7.0]
    assert costs(desk) == {"2025-01-17:1:2": "5.0000"}


def test_a_report_that_takes_long_is_awaited_by_the_next_pull(
    desk: Desk, direct: FakeDirect, clock: FrozenClock
) -> None:
    source = connected(desk, direct)
    direct.rows, direct.queued = [("2025-01-17", "1", "2", "5.00")], 50
    assert "not made the report yet" in desk.pull(source).error
    clock.advance(timedelta(minutes=5))
    assert desk.pull(source).error == ""
    assert len(set(direct.names())) == 1
    clock.advance(timedelta(hours=3))
    direct.queued = 0
    desk.pull(source)
    assert len(set(direct.names())) == 2


def test_what_is_asked_for(desk: Desk, direct: FakeDirect) -> None:
    desk.pull(connected(desk, direct, vat_included=True, client_login="client"))
    (params,), (headers,) = direct.asked, direct.headers
    assert params["SelectionCriteria"] == {"DateFrom": "2025-01-16", "DateTo": "2025-01-17"}
    assert (params["IncludeVAT"], params["Format"], params["DateRangeType"]) == ("YES", "TSV", "CUSTOM_DATE")
    assert headers["authorization"] == "Bearer t"
    assert headers["client-login"] == "client"
    assert (headers["returnmoneyinmicros"], headers["skipreportsummary"]) == ("false", "true")


def test_costs_hold_vat_as_they_were_asked_for(desk: Desk, direct: FakeDirect) -> None:
    direct.rows = [("2025-01-17", "1", "2", "5.00")]
    desk.pull(connected(desk, direct, vat_included=True))
    assert desk.events("spend")[0]["vat_included"] is True


def test_a_report_that_is_too_heavy_is_asked_for_in_parts(desk: Desk, direct: FakeDirect) -> None:
    direct.rows, direct.too_heavy = [(f"2025-01-{day}", "1", "2", "1.00") for day in (11, 12, 16, 17)], 2
    source = connected(desk, direct, first_days="7")
    assert desk.pull(source).error == ""
    assert len(costs(desk)) == 4
    spans = [tuple(params["SelectionCriteria"].values()) for params in direct.asked]
    assert ("2025-01-11", "2025-01-12") in spans
    assert ("2025-01-13", "2025-01-14") in spans
    direct.too_heavy = 0
    assert "single day" in desk.pull(source).error


def test_figures_that_changed_replace_and_rows_that_vanished_cost_nothing(
    desk: Desk, direct: FakeDirect, clock: FrozenClock
) -> None:
    source = connected(desk, direct)
    direct.rows = [("2025-01-16", "1", "a", "5.00"), ("2025-01-17", "1", "a", "3.00"), ("2025-01-17", "2", "b", "2.00")]
    desk.pull(source)
    clock.advance(timedelta(days=1))
    direct.rows = [("2025-01-16", "1", "a", "9.00"), ("2025-01-17", "1", "a", "2.50"), ("2025-01-18", "2", "b", "1.00")]
    desk.pull(source)
    assert costs(desk) == {
        "2025-01-16:1:a": "9.0000", "2025-01-17:1:a": "2.5000", "2025-01-17:2:b": "0.0000", "2025-01-18:2:b": "1.0000"
    }  # fmt: skip
    gone = next(event for event in desk.events("spend") if event["id"].endswith("2025-01-17:2:b"))
    assert (gone["source"], gone["campaign"], gone["content"]) == ("yandex", "2", "b")
    assert gone.get("impressions", 0) == 0
    direct.rows.append(("2025-01-17", "2", "b", "2.00"))
    desk.pull(source)
    assert costs(desk)["2025-01-17:2:b"] == "2.0000"


def test_a_pull_that_dies_between_spans_goes_on_and_doubles_nothing(desk: Desk, direct: FakeDirect) -> None:
    source = connected(desk, direct, first_days="40")
    direct.rows = [("2024-12-20", "1", "a", "5.00"), ("2025-01-15", "1", "a", "3.00"), ("2025-01-17", "1", "a", "2.00")]
    direct.errors = [Response(f"{HEAD}\n2024-12-20\t1\tx\ta\t10\t1\t5.00\n"), JSONResponse({}, 400)]
    assert "refuses the report" in desk.pull(source).error
    assert costs(desk) == {"2024-12-20:1:a": "5.0000"}
    assert desk.pull(source).error == ""
    assert list(costs(desk).values()) == ["5.0000", "3.0000", "2.0000"]
    assert direct.asked[-1]["SelectionCriteria"]["DateFrom"] == "2025-01-06"


def test_names_may_stand_for_ids_of_campaigns(desk: Desk, direct: FakeDirect) -> None:
    direct.rows = [("2025-01-17", "1", "a", "5.00"), ("2025-01-17", "x" * 300, "a", "5.00")]
    desk.pull(connected(desk, direct, campaign_as="name", source="ya", medium="ppc"))
    assert [event["campaign"] for event in desk.events("spend")][1] == "name 1"
    assert {(event["source"], event["medium"]) for event in desk.events("spend")} == {("ya", "ppc")}


@pytest.mark.parametrize(("code", "words"), [(53, "refuses the report"), (9000, "Direct is busy")])
def test_errors_are_told_in_words(desk: Desk, direct: FakeDirect, code: int, words: str) -> None:
    error = {"request_id": "1", "error_code": code, "error_string": "Some reason", "error_detail": "a login"}
    direct.errors = [JSONResponse({"error": error}, 400)]
    told = desk.pull(connected(desk, direct)).error
    assert words in told
    assert f"Some reason ({code})" in told
    assert "a login" not in told


def test_throttling_and_an_empty_report(desk: Desk, direct: FakeDirect) -> None:
    direct.errors = [Response(status_code=429, headers={"Retry-After": "2"}), Response(status_code=500)]
    assert desk.pull(connected(desk, direct)).error == ""
    assert [pause for pause in desk.pauses if pause >= 1] == [2.0, 2.0]
    assert desk.events("spend") == []
    assert desk.rejections() == []


def test_spend_keeps_its_currency(desk: Desk, direct: FakeDirect) -> None:
    direct.rows = [("2025-01-17", "1", "2", "5.00")]
    desk.pull(connected(desk, direct, currency="KZT"))
    assert [row["currency"] for row in desk.events("spend")] == ["KZT"]
