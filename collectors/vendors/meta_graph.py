"""Asking Meta's Graph API: pages of insights, and errors, which come with status 400 and a code in the body."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import orjson

from collectors.vendors.asking import Api
from collectors.vendors.spending import AdDay, Span
from infra.errors import VendorRefused, VendorUnavailable

_FIELDS = (
    "account_id,account_currency,campaign_id,campaign_name,adset_id,ad_id,spend,impressions,clicks,"
    "inline_link_clicks,actions"
)
_THROTTLED = frozenset({1, 2, 4, 17, 32, 341, 613, *range(80000, 80015)})
"""Codes of Meta's own troubles, and of limits of requests."""
_THROTTLED_WAIT = 300.0
_PAGE = 500
_DONE, _FAILED = "Job Completed", frozenset({"Job Failed", "Job Skipped"})
_JOB_WAIT, _LONGEST_JOB = 15.0, 300.0
_KEPT = ("adset_id", "inline_link_clicks")


class TooMuchAsked(VendorRefused):
    """The answer would be too large: ask for less, or let a job make it."""


class Graph:
    """Methods raise `VendorUnavailable` where Meta is busy or asked too often, and `VendorRefused`."""

    def __init__(self, api: Api, version: str) -> None:
        self._api = api
        self._version = version

    def get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        return self._ask("GET", path, params)

    def insights(self, account: str, span: Span) -> Iterator[dict[str, Any]]:
        """What each ad did on each day of a span. Raises `TooMuchAsked`."""
        return self._pages(f"act_{account}/insights", _insights(span))

    def insights_by_job(self, account: str, span: Span) -> Iterator[dict[str, Any]]:
        """The same, made by a job that is awaited for some minutes."""
        job = str(self._ask("POST", f"act_{account}/insights", _insights(span))["report_run_id"])
        waited = 0.0
        while (status := self.get(job, {"fields": "async_status"}).get("async_status")) != _DONE:
            if status in _FAILED or waited >= _LONGEST_JOB:
                raise VendorUnavailable("Meta has not made the insights.", retry_after=_THROTTLED_WAIT)
            self._api.wait(_JOB_WAIT)
            waited += _JOB_WAIT
        return self._pages(f"{job}/insights", {"limit": str(_PAGE)})

    def _pages(self, path: str, params: dict[str, str]) -> Iterator[dict[str, Any]]:
        while True:
            told = self.get(path, params)
            yield from told.get("data", [])
            paging = told.get("paging", {})
            if "next" not in paging:
                return
            params = {**params, "after": paging["cursors"]["after"]}

    def _ask(self, method: str, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        answer = self._api.ask(method, f"/{self._version}/{path}", accept=(400, 401, 403, 404), params=params)
        told: dict[str, Any] = answer.json()
        if not answer.is_success or "error" in told:
            raise _error(answer.status_code, told.get("error", {}))
        return told


def _insights(span: Span) -> dict[str, str]:
    return {
        "level": "ad",
        "fields": _FIELDS,
        "time_increment": "1",
        "time_range": orjson.dumps({"since": f"{span.first}", "until": f"{span.last}"}).decode(),
        "limit": str(_PAGE),
    }


def ad_days(rows: Iterable[Mapping[str, Any]]) -> Iterator[AdDay]:
    """Insights as costs."""
    for row in rows:
        actions = {each["action_type"]: each["value"] for each in row.get("actions", [])}
        kept = {name: row[name] for name in _KEPT if row.get(name)}
        yield AdDay(
            day=date.fromisoformat(row["date_start"]),
            campaign=str(row.get("campaign_id", "")),
            campaign_name=row.get("campaign_name", ""),
            ad=str(row.get("ad_id", "")),
            cost=Decimal(row.get("spend") or 0),
            currency=row.get("account_currency", ""),
            impressions=int(row.get("impressions") or 0),
            clicks=int(row.get("clicks") or 0),
            properties=kept | ({"actions": actions} if actions else {}),
        )


def _error(status: int, error: Mapping[str, Any]) -> VendorRefused | VendorUnavailable:
    if "reduce the amount of data" in str(error.get("message", "")):
        return TooMuchAsked("Meta has too much to tell at once.", status=status)
    code, kind = int(error.get("code") or 0), error.get("type", "an error that it does not explain")
    if code in _THROTTLED or error.get("is_transient"):
        return VendorUnavailable(f"Meta is busy, or was asked too often ({kind} {code}).", retry_after=_THROTTLED_WAIT)
    return VendorRefused(
        f"Meta refuses what was asked ({kind} {code}).",
        status=status,
        help="Check the token, its rights to the ad account and page, and the version of the API.",
    )
