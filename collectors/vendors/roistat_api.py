"""Roistat's API: its lists of calls and of requests (proxy leads).

Errors come with status 200 unless `Use-Http-Code` asks for others; the body is looked at all the same.
"""

from collections.abc import Iterator
from datetime import UTC, timedelta
from types import TracebackType
from typing import Any, Self

from collectors.vendors.base import Pull
from collectors.vendors.call_fields import text
from collectors.vendors.reconciling import Days
from infra.errors import VendorRefused, VendorUnavailable

_PAGE = 1000
_WAIT = 60.0
_PASSING = ("limit", "internal")


class RoistatApi:
    def __init__(self, pull: Pull) -> None:
        self._project = pull.source.settings["project"]
        headers = {"Api-key": pull.source.secrets["api_key"], "Use-Http-Code": "1"}
        self._api = pull.open_api("https://cloud.roistat.com/api/v1", headers=headers, per_second=5)

    def __enter__(self) -> Self:
        self._api.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._api.__exit__(kind, error, trace)

    def calls(self, days: Days) -> Iterator[list[dict[str, Any]]]:
        """A page of calls after another, oldest first."""
        after, before = days.start - timedelta(seconds=1), days.end + timedelta(seconds=1)
        filters = {
            "and": [["date", ">", _moment(after.astimezone(UTC))], ["date", "<", _moment(before.astimezone(UTC))]]
        }
        offset, total = 0, 1
        while offset < total:
            answer = self._ask("POST", "/project/calltracking/call/list", json={
                "filters": filters, "extend": ["visit"], "sort": ["date"], "limit": _PAGE, "offset": offset,
            })  # fmt: skip
            rows = answer.get("data") or []
            yield rows
            offset, total = offset + len(rows), int(answer["total"]) if rows else 0

    def proxy_leads(self, days: Days) -> list[dict[str, Any]]:
        """The requests of these days, as UTC counts them."""
        first, last = days.start.astimezone(UTC), days.end.astimezone(UTC)
        answer = self._ask("GET", "/project/proxy-leads", params={"period": f"{first:%Y-%m-%d}-{last:%Y-%m-%d}"})
        return answer.get("ProxyLeads") or []

    def _ask(self, method: str, path: str, *, params: dict[str, str] | None = None, **request: Any) -> dict[str, Any]:
        named = {"project": self._project, **(params or {})}
        answer: dict[str, Any] = self._api.ask(method, path, params=named, **request).json()
        if answer.get("status") != "error" and not answer.get("error"):
            return answer
        told = text(answer.get("error")) or "error"
        if any(word in told for word in _PASSING):
            raise VendorUnavailable(f"Roistat asks to wait: {told}.", retry_after=_WAIT)
        raise VendorRefused(
            f"Roistat refuses the request: {told}.",
            status=200,
            help="Check the project's number and the API key, and connect it again: `closedloop connect`.",
        )


def _moment(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}+0000"
