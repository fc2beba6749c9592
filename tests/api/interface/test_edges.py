"""Values at the edges of what can be kept are refused, and nothing breaks of them."""

import httpx2 as httpx
import pytest

KEY = {"Authorization": "Bearer r"}
HUGE = 10**30


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/api/reports/romi?to=0001-01-01", "to"),
        ("/api/reports/romi?to=9999-12-31", "to"),
        ("/api/reports/contractors?from=1969-12-31", "from"),
        (f"/api/reports/romi?limit={HUGE}", "limit"),
        (f"/api/reports/models-beside?limit={2**64}", "limit"),
        ("/api/reports/power?test=" + "x" * 201, "test"),
        ("/api/reports/power?test=north&control=" + "x" * 201, "control"),
        ("/api/numbers/pool-size?visits=100&duration=inf", "duration"),
        ("/api/numbers/pool-size?visits=100&delay=1e308", "delay"),
        ("/api/numbers/pool-size?visits=nan", "visits"),
        (f"/api/channel-rules?version={HUGE}", "query.version"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(address: str, path: str, where: str) -> None:
    answer = httpx.get(f"{address}{path}", headers=KEY, timeout=60)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["where"] == where


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/notices/{key}/acknowledge"), ("DELETE", "/api/same-campaigns/{key}")]
)
@pytest.mark.parametrize("key", [0, 2**31, 2**63, HUGE])
def test_no_row_has_such_a_number(address: str, method: str, path: str, key: int) -> None:
    answer = httpx.request(method, f"{address}{path.format(key=key)}", headers=KEY, timeout=60)
    assert (answer.status_code, answer.json()["error"]["where"]) == (422, "path.key")


def test_the_first_day_that_is_kept_has_a_report(address: str) -> None:
    answer = httpx.get(f"{address}/api/reports/romi?to=1970-01-02", headers=KEY, timeout=60)
    assert (answer.status_code, answer.json()["question"]["from"]) == (200, "1970-01-01")


@pytest.mark.parametrize("body", [b"", b"  \n", b"date,currency,rate\n", b"{}", b"[]"])
def test_rates_without_a_rate_are_refused(address: str, body: bytes) -> None:
    answer = httpx.post(f"{address}/api/rates", headers=KEY, content=body, timeout=60)
    assert answer.status_code in (400, 422)
    assert "rate" in answer.json()["error"]["help"] + answer.json()["error"]["message"]
