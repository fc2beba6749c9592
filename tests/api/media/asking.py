"""Media plans as a program writes them."""

from itertools import zip_longest
from typing import Any

from fastapi.testclient import TestClient

from tests.api.media.holding import MONTH

ITEMS: list[dict[str, Any]] = [
    {"channel": "paid_search", "budget": 60_000, "from": "2026-11-01", "to": "2026-11-30", "campaign": "Cars"},
    {"channel": "paid_social", "budget": 20_000.5, "from": "2026-11-01", "to": "2026-11-20", "contractor": "studio",
     "leads": 10},
]  # fmt: skip


def ask(client: TestClient, method: str, path: str, status: int = 200, **more: Any) -> dict[str, Any]:
    answer = client.request(method, f"/api/media-plans{path}", **more)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json() if answer.content else {}
    return told


def begun(client: TestClient, dealer: str = "north") -> dict[str, Any]:
    return ask(client, "POST", "", 201, json={"dealer": dealer, "month": MONTH})


def approved(client: TestClient, items: list[dict[str, Any]] = ITEMS, dealer: str = "north") -> dict[str, Any]:
    """The plan with these items, whatever it was before."""
    plan = begun(client, dealer)
    back = {"approved": "reopen", "submitted": "return"}.get(plan["state"])
    if back:
        plan = ask(client, "POST", f"/{plan['id']}/{back}", json={"based_on": plan["revision"], "why": "test"})
    known = [each["id"] for each in plan["items"]]
    numbered = [item | {"id": key} for item, key in zip_longest(items, known, fillvalue=None) if item]
    told = {"items": numbered, "based_on": plan["revision"]}
    plan = ask(client, "PUT", f"/{plan['id']}/items", json=told)
    for step in ("submit", "approve"):
        plan = ask(client, "POST", f"/{plan['id']}/{step}", json={"based_on": plan["revision"]})
    return plan
