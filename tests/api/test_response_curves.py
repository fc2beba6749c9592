"""Response curves over HTTP: the report, its forms, the page, and whose cells are shown to whom."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect

from api.app import create_app
from api.bootstrap import Services
from attribution.experiments.design import Experiment
from attribution.experiments.register import add_experiment, remove_experiment
from infra.access.keys import Key
from infra.access.rights import Right
from tests.api.live import follow_admin_link, listening
from tests.api.test_collect import READ
from tests.attribution.world import World, lead, spend, stage, visit
from tests.told import told_services

NOW = datetime(2026, 7, 10, tzinfo=UTC)
MONTHS, DEALERS, SOURCES = 6, ("north", "south", "west", "east", "hill"), ("yandex", "vk")
LAST_DAYS = (31, 28, 31, 30, 31, 30)


def tell(world: World) -> None:
    """Spend on vk never varies, that on yandex does; radio is bought for all dealers."""
    world.refer(dealers=[{"id": name, "name": name.title()} for name in DEALERS])
    rng = np.random.default_rng(5)
    told: dict[str, list[dict[str, Any]]] = {"touches": [], "leads": [], "deals": [], "spend": []}
    for month, days in enumerate(LAST_DAYS):
        ends = f"2026-{month + 1:02}-01", f"2026-{month + 1:02}-{days}"
        told["spend"].append(spend(*ends, 5000, "radio", medium="offline"))
        for dealer in DEALERS:
            for source in SOURCES:
                cost = 1000.0 if source == "vk" else float(rng.uniform(400, 2000))
                told["spend"].append(spend(*ends, round(cost), source, dealer=dealer))
                for number in range(rng.poisson(4 * (cost / 1000) ** 0.6)):
                    _come(told, f"{dealer}-{source}-{month}-{number}", 30.2 * month + 2 + number % 20, dealer, source)
    world.tell(told)
    world.attribute()


def _come(told: dict[str, list[dict[str, Any]]], name: str, day: float, dealer: str, source: str) -> None:
    told["touches"].append(visit(f"t-{name}", f"v-{name}", day, source, dealer=dealer))
    told["leads"].append(lead(f"l-{name}", day + 0.1, visitor_id=f"v-{name}", dealer=dealer))
    if len(told["leads"]) % 4 == 0:
        told["deals"].append(
            stage(f"d-{name}", "sale", day + 3, visitor_id=f"v-{name}", dealer=dealer, amount=90000, margin=4000)
        )


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with told_services(tmp_path_factory.mktemp("response"), tell, NOW) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), headers=READ) as opened:
        yield opened


def test_every_cell_has_its_figures_with_intervals(client: TestClient) -> None:
    told = client.get("/api/response-curves").json()
    items = told["items"]
    paid = [each for each in items if each["dealer"]]
    assert {each["dealer"] for each in paid} == set(DEALERS)
    assert len(paid) == len(DEALERS) * len(SOURCES)
    assert [each["spend"] for each in items if not each["dealer"]] == [5000]
    for each in paid:
        for slug in ("leads", "elasticity", "cost_of_next", "romi_of_next"):
            assert each[f"{slug}_low"] <= each[slug] <= each[f"{slug}_high"]
        assert each["lowest"] <= each["spend"] <= each["highest"]
    assert told["months"] == [f"2026-{month:02}" for month in range(1, 7)]


def test_a_channel_whose_spend_never_varied_is_unknown_and_has_a_test(client: TestClient) -> None:
    told = client.get("/api/response-curves").json()
    still = {each["channel"] for each in told["items"] if each["dealer"] and each["lowest"] == each["highest"]}
    assert still <= set(told["unknown"])
    trials = {each["channel"]: each for each in told["trials"]}
    assert len(trials[still.pop()]["dealers"]) == 3


def test_points_of_curves_begin_at_nothing_and_rise(client: TestClient) -> None:
    rows = pd.DataFrame(client.get("/api/response-curves?by=curve").json()["items"])
    for _, curve in rows.groupby("channel"):
        assert (curve["spend"].iloc[0], curve["leads"].iloc[0]) == (0, 0)
        assert (curve["leads"].diff().dropna() >= 0).all()


def test_it_is_exported(client: TestClient) -> None:
    as_csv = pd.read_csv(io.BytesIO(client.get("/api/response-curves?format=csv").content))
    as_parquet = pd.read_parquet(io.BytesIO(client.get("/api/response-curves?format=parquet").content))
    assert len(as_csv) == len(as_parquet) == len(client.get("/api/response-curves").json()["items"])
    assert client.get("/api/response-curves?format=xlsx&by=curve").content[:2] == b"PK"


@pytest.mark.parametrize(("asked", "said"), [
    ("channel=tv", "Nothing was spent on the channel"), ("dealer=nobody", "Nothing was spent on the dealer"),
    ("by=month", "by"),
])  # fmt: skip
def test_what_is_not_there_is_said(client: TestClient, asked: str, said: str) -> None:
    answer = client.get(f"/api/response-curves?{asked}")
    assert answer.status_code == 422
    assert said in answer.text


def test_one_sees_ones_own_dealers_curves_as_the_holding_fitted_them(services: Services, client: TestClient) -> None:
    _, secret = services.keys.add(Key("north", frozenset({Right.REPORTS}), dealers=("north",)), author="t")
    own = client.get("/api/response-curves", headers={"Authorization": f"Bearer {secret}"}).json()
    whole = client.get("/api/response-curves?dealer=north").json()
    assert own["items"] == whole["items"]
    assert own["trials"] == []
    assert "south" not in str(own)


def test_a_lift_test_that_tells_something_is_named(services: Services, client: TestClient) -> None:
    told = {"id": "off", "channels": ["paid_search"], "design": "geo", "switched": "off", "test": ["north", "west"],
            "baseline_from": "2026-03-01", "periods": [{"from": "2026-05-01", "to": "2026-05-31"}]}  # fmt: skip
    add_experiment(services.database, Experiment.model_validate(told), author="t", clock=services.clock)
    try:
        found = client.get("/api/response-curves").json()
        assert len(found["items"]) == len(DEALERS) * len(SOURCES) + 1
        for channel, each in found["tests"].items():
            assert (channel, each["experiment"]) == ("paid_search", "off")
    finally:
        remove_experiment(services.database, "off", author="t", clock=services.clock)


@pytest.mark.browser
def test_one_reads_a_curve_and_narrows_to_a_dealer(page: Page, services: Services) -> None:
    with listening(services) as address:
        follow_admin_link(page, address)
        page.goto(f"{address}/response-curves")
        expect(page.get_by_role("img", name="Leads by spend on")).to_have_count(3)
        expect(page.get_by_role("heading", name="Curves that are not known")).to_be_visible()
        page.locator("select[name=dealer]").select_option("North")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("table.report tbody tr")).to_have_count(2)
        page.get_by_text("As a table").first.click()
        expect(page.get_by_role("columnheader", name="Interval").first).to_be_visible()
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
