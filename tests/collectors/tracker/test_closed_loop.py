"""From the click to the sale: a visitor clicks an ad, asks in a form, buys, and the report knows what brought them."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2 as httpx
import pytest

from api.bootstrap import Services
from infra.settings import read_settings
from tests.api.cli.closedloop import closedloop, serving
from tests.collectors.tracker.conftest import NewVisitor
from tests.collectors.tracker.dealer_site import DealerSite
from tests.collectors.vendors.desk import serving_fake

pytestmark = pytest.mark.browser
FORM = """<form action="/form-target" method="post"><input name="name"><input name="phone" type="tel">
    <button>Send</button></form>"""


def test_a_click_a_form_and_a_deal_are_a_sale_of_paid_search(tmp_path: Path, new_visitor: NewVisitor) -> None:
    with serving(tmp_path, CLOSEDLOOP_LOAD_INTERVAL_MS="10") as (_, address):
        site = DealerSite(Services(read_settings(data=tmp_path / "unused", _env_file=None)), tracker=address)
        site.bodies["monjaro"] = FORM
        with serving_fake(site.app()) as place:
            ran = closedloop(tmp_path, "connect", "site", "--set", f"origins={place}", "--wait", "0")
            assert ran.code == 0, ran.problems
            assert '/t.js" data-key="' in ran.out
            site.attributes["key"] = ran.out.partition('data-key="')[2].partition('"')[0]
            page = new_visitor().new_page()
            page.goto(f"{place}/monjaro?yclid=12345678901234567890", referer="https://yandex.ru/")
            page.locator("[name=name]").fill("Иван")
            page.locator("[name=phone]").fill("8 (900) 000-00-01")
            page.get_by_role("button").click()
            page.wait_for_url("**/form-target")
        deal = {
            "id": "d1-sale", "deal_id": "d1", "stage": "sale", "visitor_id": site.posted[0]["closedloop_visit"],
            "amount": 3_000_000, "occurred_at": (datetime.now(UTC) + timedelta(seconds=5)).isoformat(),
        }  # fmt: skip
        write, read = {"Authorization": "Bearer w"}, {"Authorization": "Bearer r"}
        httpx.post(f"{address}/collect/deals", json=deal, headers=write, timeout=60).raise_for_status()
        for _ in range(300):
            told = httpx.get(f"{address}/api/status", headers=read, timeout=60).json()
            loaded = {family: each["loaded"] for family, each in told["families"].items()}
            if told["fresh"] and loaded["leads"] and loaded["deals"] and loaded["touches"]:
                break
            time.sleep(0.1)
        report = httpx.get(f"{address}/api/reports/romi?by=channel", headers=read, timeout=60).json()
        found = {row["channel"]: (row["sessions"], row["leads"], row["sales"]) for row in report["items"]}
        assert found == {"paid_search": (1, 1, 1)}
        (row,) = httpx.get(f"{address}/api/sources", headers=read, timeout=60).json()["items"]
        assert (row["id"], row["health"]) == ("site", "ok")
