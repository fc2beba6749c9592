"""Without a whole month of history, and with one."""

import pytest

from tests.api.calculator.holding import READ, tell_nothing, tell_one_month
from tests.told import OpenTold


def test_no_history(open_told: OpenTold) -> None:
    empty = open_told(tell_nothing)
    answer = empty.client.post("/api/calculator", json={}, headers=READ)
    assert answer.status_code == 422
    assert "no whole month of history" in answer.json()["error"]["message"]
    page = empty.client.get("/calculator", headers=READ)
    assert page.status_code == 200
    assert "once a month is over" in page.text


def test_one_month(open_told: OpenTold) -> None:
    short = open_told(tell_one_month)
    found = short.client.post("/api/calculator", json={"budget": 1000}, headers=READ).json()
    assert "one_month" in {each["caveat"] for each in found["caveats"]}
    assert found["totals"]["leads"]["mean"] == pytest.approx(10, rel=0.15)
