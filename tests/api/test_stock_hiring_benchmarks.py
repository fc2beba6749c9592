"""Stock, hiring and benchmarks over HTTP, and their pages."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from api.app import create_app
from api.bootstrap import Services
from api.credentials import COOKIE
from infra.access.rights import UserRole
from infra.access.users import User
from planning.media.months import Month
from tests.api.live import listening
from tests.attribution.world import World, lead, spend, stage, visit
from tests.told import told_services

READ = {"Authorization": "Bearer r"}
NOW = datetime(2026, 7, 2, tzinfo=UTC)


def _tell(world: World) -> None:
    """North sells two of each three cars as Granta; the agency's spend brings leads."""
    world.refer(
        dealers=[{"id": "north", "name": "North", "brand": "Lada"}, {"id": "south", "name": "South", "brand": "Lada"}],
        contractors=[{"id": "agency", "campaigns": [{"source": "vk"}]}],
    )
    days = [10 + 2 * n for n in range(80)]
    world.tell({
        "touches": [visit(f"t{n}", f"v{n}", day - 1, "vk") for n, day in enumerate(days)],
        "leads": [
            lead(f"l{n}", day, visitor_id=f"v{n}", dealer=("north", "south")[n % 2]) for n, day in enumerate(days)
        ],
        "deals": [
            stage(f"d{n}", "sale", day + 1, lead_id=f"l{n}", dealer=("north", "south")[n % 2], kind="new_car",
                  product="Vesta" if n % 3 == 0 else "Granta", amount=1000, margin=100)
            for n, day in enumerate(days)
        ],
        "spend": [spend("2026-01-01", "2026-06-30", 3000, "vk", dealer="north")],
    })  # fmt: skip
    world.attribute()


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with told_services(tmp_path_factory.mktemp("stock") / "data", _tell, NOW, requests_per_minute=10**6) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), headers=READ) as opened:
        yield opened


def test_stock_that_is_told_is_taken_off_what_is_to_be_ordered(client: TestClient, services: Services) -> None:
    def need() -> dict[str, float]:
        rows = client.get("/api/stock-need", params={"by": "dealer,model", "dealer": "north", "months": 2}).json()[
            "items"
        ]
        return next(row for row in rows if row["model"] == "Granta")

    before = need()
    assert before["to_order"] == round(before["expected"]) > 3
    item = {"dealer": "north", "model": "Granta", "in_stock": 2, "transit": [{"month": "2026-08", "units": 1}]}
    assert client.put("/api/stock", json={"items": [item]}).json() == {"told": 1, "changed": 1}
    after = need()
    assert (after["in_stock"], after["in_transit"]) == (2, 1)
    assert after["to_order"] == round(after["expected"] - 3)
    assert services.stock_position().available_units("north", Month(2026, 7)) == 2
    stale = client.put("/api/stock", json={"items": [item | {"in_stock": 9, "based_on": 0}]})
    assert stale.status_code == 409
    assert client.get("/api/stock", params={"dealer": "north"}).json()["items"][0]["revision"] == 1


def test_wrong_stock_is_refused(client: TestClient) -> None:
    item = {"dealer": "north", "model": "Granta", "in_stock": 2}
    for wrong, status in (
        ({"in_stock": 2.5}, 422), ({"in_stock": -1}, 422), ({"dealer": "west"}, 404), ({"model": ""}, 422),
        ({"transit": [{"month": "soon", "units": 1}]}, 422), ({"in_stock": "2"}, 422),
    ):  # fmt: skip
        assert client.put("/api/stock", json={"items": [item | wrong]}).status_code == status, wrong
    for query in ("by=colour", "by=month", "months=0", "months=99", "direction=boats"):
        answer = client.get(f"/api/stock-need?{query}")
        assert answer.status_code == 422
        assert answer.json()["error"]["help"] if "error" in answer.json() else True


def test_the_table_to_fill_in_can_be_sent_back(client: TestClient) -> None:
    for form in ("csv", "xlsx"):
        table = client.get("/api/stock/table", params={"format": form}).content
        assert client.post("/api/stock/file", files={"file": (f"stock.{form}", table)}).status_code == 200
    wrong = client.post("/api/stock/file", files={"file": ("stock.csv", b"Dealer;Model;In stock\nwest;Granta;1\n")})
    assert wrong.status_code == 422
    assert "west" in wrong.text


@pytest.mark.parametrize(
    "address", ["stock-need?by=dealer,model", "stock-need?by=model,month", "hiring?", "benchmarks?"]
)
@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "parquet"])
def test_reports_come_in_every_form(client: TestClient, address: str, form: str) -> None:
    answer = client.get(f"/api/{address}&format={form}")
    assert answer.status_code == 200
    assert b"NaN" not in answer.content or form in ("xlsx", "parquet")


def test_a_candidate_is_judged_by_those_who_were_measured(client: TestClient) -> None:
    told = {"name": "New", "channel": "paid_social", "claimed_budget": 1000, "claimed_romi": 4.0}
    made = client.post("/api/hiring", json=told).json()
    assert made["revision"] == 1
    row = client.get("/api/hiring").json()["items"][0]
    assert row["expected"] is not None
    assert client.post("/api/hiring", json=told | {"claimed_romi": -2}).status_code == 422
    assert client.post("/api/hiring", json=told | {"currency": "USD"}).status_code == 422
    body = {"candidate": told | {"state": "hired"}, "based_on": 1}
    assert client.put(f"/api/hiring/{made['id']}", json=body).json()["state"] == "hired"
    assert client.put(f"/api/hiring/{made['id']}", json=body).status_code == 409
    assert client.put("/api/hiring/999", json=body).status_code == 404


def test_benchmarks_are_entered_and_taken_out(client: TestClient) -> None:
    told = {
        "who": "Rolf",
        "model": "new_internet",
        "figure": "contact",
        "share": 0.7,
        "source": "Call",
        "dated": "2026-05",
    }
    made = client.post("/api/benchmarks", json=told).json()
    rows = client.get("/api/benchmarks").json()["items"]
    assert next(row for row in rows if row["who"] == "Rolf")["own"] is not None
    assert client.post("/api/benchmarks", json=told | {"source": ""}).status_code == 422
    changed = client.put(f"/api/benchmarks/{made['id']}", json={"figure": told | {"share": 0.6}, "based_on": 1}).json()
    assert changed["share"] == 0.6
    assert client.delete(f"/api/benchmarks/{made['id']}", params={"based_on": 1}).status_code == 409
    assert client.delete(f"/api/benchmarks/{made['id']}", params={"based_on": 2}).status_code == 204


def test_a_dealer_marketer_sees_their_dealer_alone(services: Services) -> None:
    user = services.users.add(User("s@example.com", UserRole.DEALER_MARKETER, dealers=("south",)), author="t")
    token = services.sessions.begin(user)
    session = services.sessions.find(token)
    assert session
    with TestClient(create_app(services), cookies={COOKIE: token}, headers={"X-CSRF-Token": session.csrf}) as own:
        assert {row["dealer"] for row in own.get("/api/stock-need").json()["items"]} == {"south"}
        item = {"dealer": "north", "model": "Granta", "in_stock": 2}
        assert own.put("/api/stock", json={"items": [item]}).status_code == 404
        assert own.put("/api/stock", json={"items": [item | {"dealer": "south"}]}).status_code == 200
        assert own.get("/api/hiring").status_code == 403
        assert own.get("/benchmarks").status_code == 200
        assert own.post("/api/benchmarks", json={}).status_code == 403


def test_stock_is_entered_candidates_added_and_figures_compared(
    services: Services, browser: Browser, tmp_path: Path
) -> None:
    with listening(services) as address:
        page = browser.new_page()
        page.goto(f"{address}/?key=r")
        page.goto(f"{address}/stock/levels?dealer=south")
        page.get_by_label("In stock, line 1").fill("40")
        page.get_by_label("On its way, line 1").fill("soon")
        page.get_by_role("button", name="Keep").click()
        expect(page.get_by_role("alert")).to_contain_text("does not say what arrives when")
        page.get_by_label("On its way, line 1").fill("2026-09: 5")
        page.get_by_role("button", name="Keep").click()
        expect(page.get_by_role("status")).to_contain_text("kept")
        table = tmp_path / "stock.csv"
        table.write_text("Dealer;Model;In stock\nsouth;Vesta;7\n")
        page.get_by_label("File").set_input_files(table)
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("status")).to_contain_text("kept")
        page.goto(f"{address}/stock?dealer=south")
        expect(page.get_by_role("row", name=re.compile("South.*Granta")).last).to_contain_text("40")
        page.goto(f"{address}/stock/terms")
        page.get_by_role("button", name="Add one").last.click()
        page.get_by_label("Lead time, days, 1").fill("30")
        page.get_by_role("button", name="Keep").click()
        expect(page.get_by_role("status")).to_contain_text("kept")
        page.goto(f"{address}/hiring")
        for label, value in (
            ("Name", "Ads"),
            ("Channel", "paid_social"),
            ("Claimed budget", "1000"),
            ("Claimed ROMI", "x"),
        ):
            page.locator("section:has(#add)").get_by_label(label).fill(value)
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("is no number")
        page.locator("section:has(#add)").get_by_label("Claimed ROMI").fill("150")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("row", name=re.compile("^Ads")).last).to_contain_text("150.0%")
        page.goto(f"{address}/benchmarks")
        form = page.locator("section:has(#add)")
        for label, value in (("Whose", "Rolf"), ("Share in", "99"), ("Source", "Interview"), ("Date", "2026-05")):
            form.get_by_label(label).fill(value)
        form.get_by_role("button", name="Enter").click()
        expect(page.get_by_role("row", name=re.compile("Rolf, 2026-05"))).to_contain_text("99.0%")
        page.get_by_role("button", name=re.compile("Remove .* of Rolf")).click()
        expect(page.get_by_text("Rolf, 2026-05")).to_have_count(0)
        page.close()
