"""What stands beside a ROMI report: in the answer, on the page and in the terminal the same."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.cli.closedloop import closedloop, serving
from tests.api.test_page import await_fresh, lead, reported, sale, send, visit

pytestmark = pytest.mark.browser

LAGS = (2, 4, 6, 8, 10, 20, 20, 20, 20, 20, 20, 20)
PERIOD = "from=2026-01-01&to=2026-03-31"


def a_day(number: int) -> str:
    return (date(2026, 1, 1) + timedelta(days=number)).isoformat()


def told() -> dict[str, list[dict[str, Any]]]:
    """Twelve who buy some days after their click of January, five of late March of whom none has bought yet, one who
    comes twice before asking, one of whom no click is known; and spend in a currency without a rate."""
    buyers = range(len(LAGS))
    late = range(len(LAGS), len(LAGS) + 5)
    twice, unseen = late.stop, late.stop + 1
    return {
        "touches": [
            *(visit(n, a_day(n), "yandex") for n in buyers),
            *(visit(n, a_day(76 + n - late.start), "vk") for n in late),
            visit(twice, a_day(50), "vk"),
            visit(twice, a_day(52), "yandex") | {"id": "again"},
        ],
        "leads": [
            *(lead(n, a_day(n), "north") for n in buyers),
            *(lead(n, a_day(76 + n - late.start), "north") for n in late),
            lead(twice, a_day(53), "north"),
            lead(unseen, a_day(81), "north"),
        ],
        "deals": [sale(n, a_day(n + lag), "north", 1_000_000) for n, lag in zip(buyers, LAGS, strict=True)],
        "spend": [
            {"date": a_day(3), "cost": 50_000, "source": "yandex", "medium": "cpc"},
            {"date": a_day(60), "cost": 1_200, "currency": "USD", "source": "vk", "medium": "cpc"},
        ],
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("caveats")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder, CLOSEDLOOP_TIMEZONE="UTC", CLOSEDLOOP_CURRENCY="RUB") as (_, place):
        for family, events in told().items():
            send(place, family, events)
        await_fresh(place)
        yield place


def test_the_answer_tells_them(address: str) -> None:
    found = reported(address, f"by=week&{PERIOD}")
    journeys = found["journeys"]
    assert journeys["lead"]["conversions"] == 19
    assert journeys["lead"]["one_touch_share"] == pytest.approx(17 / 19)
    assert journeys["lead"]["no_touch_share"] == pytest.approx(1 / 19)
    assert journeys["sale"] == {"conversions": 12, "one_touch_share": 1.0, "no_touch_share": 0.0}
    assert found["missing_rates"][0] == {
        "family": "spend", "currency": "USD", "from": a_day(60), "to": a_day(60), "events": 1, "amount": 1200.0,
    }  # fmt: skip
    maturity = found["maturity"]
    assert (maturity["of"], maturity["by"]) == ("sale", "week")
    # Data end on 23 March, Monday: of the week before, days are 7 to 1 days old; 1/12 of sales came within each 2 days.
    weeks = {each["week"]: each["to_come"] for each in maturity["periods"]}
    ages = range(7, 0, -1)
    seen = sum(sum(lag < age for lag in LAGS) / 12 for age in ages) / 7
    assert weeks["2026-03-16"] == pytest.approx(1 - seen)
    assert weeks["2026-03-23"] == 1
    assert "2026-02-23" not in weeks
    assert found["computed_at"].endswith("+00:00")


def test_periods_are_by_month_unless_rows_are_by_time(address: str) -> None:
    maturity = reported(address, f"by=channel&{PERIOD}&where=channel:email")["maturity"]
    assert [each["month"] for each in maturity["periods"]] == ["2026-03-01"]
    assert reported(address, "by=channel&from=2026-01-01&to=2026-01-31")["maturity"]["periods"] == []


def test_the_page_shows_them(page: Page, address: str) -> None:
    page.goto(f"{address}/?key=r")
    page.goto(f"{address}/channels?by=month&model=markov&{PERIOD}")
    told = page.get_by_role("list", name="What to know about these figures")
    share = reported(address, f"by=month&{PERIOD}")["maturity"]["periods"][0]["to_come"]
    expect(told.get_by_text(f"Still to come of the sales that touches bring: {share:.0%} of Mar 2026.")).to_be_visible()
    expect(told.get_by_text("no exchange rate is known: 1 200 USD of spend (2026-03-02 – 2026-03-02)")).to_be_visible()
    expect(told.get_by_text("89% of leads come of one touch, 5% of none")).to_be_visible()
    rows = page.locator("tbody th")
    expect(rows.filter(has_text="2026-03-01")).to_have_text(f"2026-03-01 {share:.0%} to come")
    expect(rows.filter(has_text="2026-01-01")).to_have_text("2026-01-01")
    expect(page.get_by_text("Credit by Markov, at the date of the conversion")).to_be_visible()
    expect(page.get_by_text("with the default channel rules")).to_be_visible()


def test_the_terminal_says_the_same(address: str, folder: Path) -> None:
    ran = closedloop(
        folder, "report", "romi", "--by", "month", "--model", "markov", "--from", "2026-01-01", "--to", "2026-03-31",
        CLOSEDLOOP_API_KEY="r",
    )  # fmt: skip
    assert ran.code == 0, ran.problems
    out = " ".join(ran.out.split())
    assert "2026-03-01 *" in out
    assert "2026-01-01 *" not in out
    assert "Still to come of the sales that touches bring:" in out
    assert "1 200 USD of spend (2026-03-02 – 2026-03-02)" in out
    assert "89% of leads come of one touch, 5% of none" in out
    assert "in run " in out
    assert "with the default channel rules." in out
