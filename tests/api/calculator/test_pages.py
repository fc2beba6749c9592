"""The calculator's page without a script, and in a browser: set a goal, hold a value, keep it, compare, lay it out."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, Page, expect

from api.app import create_app
from api.bootstrap import Services
from tests.api.calculator.holding import AT, READ, tell
from tests.api.calculator.test_calculator import approve
from tests.api.live import listening
from tests.told import told_services


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("calculator")
    with told_services(folder / "told", tell, at=AT, currency="RUB", requests_per_minute=10**6) as opened:
        approve(opened, 20_000)
        yield opened


def test_it_works_without_a_script(services: Services) -> None:
    client = TestClient(create_app(services))
    page = client.get("/calculator?goal=sales&amount=20&lock=cpl|paid_search&cpl|paid_search=1 200,5", headers=READ)
    assert page.status_code == 200
    assert 'value="1 200,5"' in page.text
    assert page.text.count("checked") == 1
    for by in ("dealer", "direction", "season"):
        assert client.get(f"/calculator?by={by}&dealer=north&from=2026-02&to=2026-04", headers=READ).status_code == 200


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("goal=sales&amount=many", "is no number"), ("goal=sales", "The goal has no number"),
        ("goal=sales&amount=9&visit_rate=0", "With a conversion of 0"),
        ("goal=budget&amount=9&lock=share|paid_search&share|paid_search=120", "from 0 to 100%"),
    ],
)  # fmt: skip
def test_mistakes_stand_in_the_form(services: Services, query: str, words: str) -> None:
    client = TestClient(create_app(services))
    page = client.get(f"/calculator?{query}", headers=READ)
    assert page.status_code == 422
    assert words in page.text
    assert "paid_search" in page.text
    assert client.get(f"/calculator?{query}&part=work", headers=READ).status_code == 200


@pytest.fixture
def page(services: Services, browser: Browser) -> Iterator[Page]:
    with listening(services) as address:
        context = browser.new_context(base_url=address)
        found = context.new_page()
        found.goto(f"{address}/?key=r")
        yield found
        context.close()


@pytest.mark.browser
def test_a_goal_is_reckoned_kept_compared_and_laid_out(page: Page) -> None:
    page.goto("/calculator?dealer=north&month=2026-10")
    budget = page.locator(".figures div").first.locator("dd").first
    before = budget.inner_text()
    page.get_by_label("Number or amount").fill("10")
    expect(budget).not_to_have_text(before)
    expect(page.get_by_label("Goal")).to_have_value("sales")
    wanted = budget.inner_text()
    page.get_by_label("paid_search: CPL", exact=True).fill("100")
    expect(budget).not_to_have_text(wanted)
    expect(page.get_by_label("Lock paid_search: CPL")).to_be_checked()
    expect(page.get_by_label("paid_search: CPL", exact=True)).to_be_focused()
    expect(page).to_have_url(re.compile("lock=cpl%7Cpaid_search"))
    _keep(page, "Ten sales")
    page.goto("/calculator?dealer=north&month=2026-10&goal=budget&amount=15000")
    _keep(page, "Fifteen thousand")
    page.get_by_label("Compare Ten sales").check()
    page.get_by_role("button", name="Compare those ticked").click()
    expect(page.get_by_role("table", name="Beside each other").locator("thead th")).to_have_count(3)
    page.locator("section", has_text="Fifteen thousand").last.get_by_role(
        "button", name="Lay out as media plan"
    ).click()
    expect(page).to_have_url(re.compile("/media-plans/north/2026-10"))
    expect(page.locator("input[name='channel']").first).to_be_visible()
    page.goto("/calculator/scenarios")
    page.get_by_label("Compare Ten sales").check()
    page.get_by_role("button", name="Compare those ticked").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_have_text("The scenario is deleted.")


def _keep(page: Page, name: str) -> None:
    page.get_by_label("Name of the scenario").fill(name)
    page.get_by_role("button", name="Keep as a scenario").click()
    expect(page.get_by_role("status")).to_have_text("The scenario is kept.")
