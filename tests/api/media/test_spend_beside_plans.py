"""Spend and leads beside media plans, and budgets that are laid out by them."""

import pytest

from tests.api.media.asking import ITEMS, approved, ask, begun
from tests.api.media.holding import AT, MONTH, READ, approve_budgets, tell
from tests.told import OpenTold


def test_spend_stands_beside_items_and_the_rest_is_not_planned(open_told: OpenTold) -> None:
    told = open_told(tell, AT)
    told.client.headers.update(READ)
    approve_budgets(told.services, {"north": 100_000})
    plan = approved(told.client)
    search, social = plan["items"]
    assert (search["spent"], search["actual_leads"], search["actual_cpl"]) == (45_000, 15, 3_000)
    assert (social["spent"], social["cpl"]) == (7_500, 2_000.05)
    assert (plan["unplanned"], plan["spent"], plan["not_laid_out"]) == (7_000, 59_500, 19_999.5)
    assert plan["spent_upto"] == "2026-11-15"
    assert search["forecast"]["low"] < 90_000 < search["forecast"]["high"]
    kinds = {(each["kind"], each["item"]) for each in plan["warnings"]}
    assert {("overspend", search["id"]), ("underspend", social["id"])} <= kinds
    days = ask(told.client, "GET", f"/{plan['id']}/actuals")["items"]
    assert len(days) == 30
    assert days[-1]["planned_so_far"] == 80_000.5
    assert (days[3]["cost"], days[14]["cost_so_far"], days[0]["leads"]) == (10_500, 59_500, 1)


def test_a_budget_is_laid_out_by_what_was_spent_and_what_leads_cost(open_told: OpenTold) -> None:
    told = open_told(tell, AT)
    told.client.headers.update(READ)
    approve_budgets(told.services, {"north": 90_000})
    plan = begun(told.client)
    plan = ask(told.client, "POST", f"/{plan['id']}/layout", json={"by": "spend", "based_on": plan["revision"]})
    found = {each["channel"]: each for each in plan["items"]}
    assert {name: each["budget"] for name, each in found.items()} == {"paid_search": 60_000, "paid_social": 30_000}
    assert found["paid_social"]["contractor"] == "studio"
    assert (found["paid_search"]["leads"], found["paid_search"]["cpl_of"]) == (30, "dealer")
    assert plan["not_laid_out"] == 0
    by_cpl = {"by": "cpl", "based_on": plan["revision"]}
    plan = ask(told.client, "POST", f"/{plan['id']}/layout", json=by_cpl)
    budgets = {each["channel"]: each["budget"] for each in plan["items"]}
    assert budgets["paid_search"] / budgets["paid_social"] == pytest.approx((45_500 / 19) / (91_000 / 46), rel=0.001)
    own = {"by": "weights", "weights": [1, 2], "based_on": plan["revision"]}
    plan = ask(told.client, "POST", f"/{plan['id']}/layout", json=own)
    assert [each["budget"] for each in plan["items"]] == [30_000, 60_000]
    assert [each["kind"] for each in ask(told.client, "GET", f"/{plan['id']}/changes")["items"]] == [
        "layout", "layout", "layout", "open",
    ]  # fmt: skip


def test_without_any_run_plans_are_there_and_spend_is_not(open_told: OpenTold) -> None:
    told = open_told(lambda world: world.refer(dealers=[{"id": "north"}]), AT)
    told.client.headers.update(READ)
    assert "No budget of this month is approved yet" in told.client.get(f"/media-plans?month={MONTH}").text
    approve_budgets(told.services, {"north": 100_000})
    plan = approved(told.client, ITEMS[:1])
    assert (plan["spent"], plan["forecast"], plan["warnings"]) == (0, None, [])
    refused = ask(told.client, "POST", f"/{plan['id']}/layout", 409, json={"by": "even", "based_on": plan["revision"]})
    assert "is approved, and no draft" in refused["error"]["message"]
