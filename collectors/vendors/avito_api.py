"""Asking Avito: one token, a pace for each method, pages, and errors that come with status 200."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from collectors.vendors.asking import Api
from collectors.vendors.base import Pull
from collectors.vendors.kept_token import KeptToken
from collectors.vendors.spending import AdDay, Span
from infra.errors import InvalidInput, VendorRefused, VendorUnavailable

_HOST = "https://api.avito.ru"
_ONCE_A_MINUTE = 1 / 60
_CHATS_A_SECOND = 40 / 60
_CALLS, _CHATS, _TRACKED, _MESSAGES = 1000, 100, 100, 100
_TRACKED_DAYS = 30
_INTERNAL_ERROR = 1003
_BUSY_WAIT = 300.0
_MOST_DAYS_BACK = 269
_UNITS = {"kopecks": Decimal("0.01"), "roubles": Decimal(1)}
_CURRENCY = "RUB"
_NAME = "closedloop"


class AvitoApi:
    """The API for one pull."""

    def __init__(self, pull: Pull) -> None:
        self._zone = pull.source.timezone
        self._now = pull.now
        self._open = ExitStack()
        self._usual = self._opened(pull, per_second=1.0)
        self._calls = self._opened(pull, per_second=_ONCE_A_MINUTE)
        self._chats = self._opened(pull, per_second=_CHATS_A_SECOND)
        self._costs = self._opened(pull, per_second=_ONCE_A_MINUTE)
        client = {"client_id": pull.source.settings["client_id"], "client_secret": pull.source.secrets["client_secret"]}
        self._token = KeptToken(self._usual, pull, "/token", client)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def cpa_calls(self, span: Span) -> Iterator[list[dict[str, Any]]]:
        return self._since(span, self._calls, "/cpa/v2/callsByTime", "calls", _CALLS, lambda call: call["startTime"])

    def cpa_chats(self, span: Span) -> Iterator[list[dict[str, Any]]]:
        return self._since(span, self._chats, "/cpa/v2/chatsByTime", "chats", _CHATS, lambda told: told["chat"]["date"])

    def tracked_calls(self, span: Span) -> Iterator[list[dict[str, Any]]]:
        """Asked for by months: Avito takes no longer ones."""
        since = self._start(span.first)
        while since <= self._now:
            until = min(since + timedelta(days=_TRACKED_DAYS), self._now)
            yield from self._tracked_between(since, until)
            since = until + timedelta(seconds=1)

    def _tracked_between(self, since: datetime, until: datetime) -> Iterator[list[dict[str, Any]]]:
        period = {"dateTimeFrom": since.isoformat(), "dateTimeTo": until.isoformat(), "limit": _TRACKED}
        for offset in count(0, _TRACKED):
            told = self._post(self._usual, "/calltracking/v1/getCalls/", {**period, "offset": offset})
            found: list[dict[str, Any]] = told.get("calls") or []
            yield found
            if len(found) < _TRACKED:
                return

    def spendings(self, span: Span, unit: str) -> Iterator[AdDay]:
        """What the account spent by day and kind. Raises `InvalidInput` for a unit that is none, or cannot be it."""
        if unit not in _UNITS:
            raise InvalidInput(f"{unit!r} is no unit.", where="spendings_in", help="Write kopecks or roubles.")
        account = self._token.ask("GET", "/core/v1/accounts/self").json()["id"]
        first = max(span.first, span.last - timedelta(days=_MOST_DAYS_BACK))
        body = {"dateFrom": f"{first}", "dateTo": f"{span.last}", "grouping": "day", "spendingTypes": ["all"]}
        told = self._post(self._costs, f"/stats/v2/accounts/{account}/spendings", body)
        for group in told["result"]["groupings"]:
            by_kind = {each["slug"]: Decimal(str(each["value"])) for each in group["spendings"]}
            for kind, value in by_kind.items():
                if kind == "all" and len(by_kind) > 1:
                    continue
                _check_unit(value, unit)
                yield AdDay(date.fromisoformat(group["date"][:10]), kind, value * _UNITS[unit], _CURRENCY)

    def chat(self, own: str, key: str) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        """A chat, and its newest messages; None where it is no more."""
        end = f"accounts/{own}/chats/{quote(key, safe='')}"
        answer = self._token.ask("GET", f"/messenger/v2/{end}", accept=(404,))
        if answer.status_code == 404:
            return None
        messages = self._token.ask("GET", f"/messenger/v3/{end}/messages/", params={"limit": _MESSAGES, "offset": 0})
        return answer.json(), messages.json()

    def _since(
        self,
        span: Span,
        api: Api,
        path: str,
        name: str,
        limit: int,
        moment: Callable[[Mapping[str, Any]], str],
    ) -> Iterator[list[dict[str, Any]]]:
        """Pages that each begin at the last moment of the one before: what stands there is told twice."""
        since, offset = self._start(span.first), 0
        while True:
            body = {"dateTimeFrom": since.isoformat(), "limit": limit, "offset": offset}
            found: list[dict[str, Any]] = self._post(api, path, body).get(name) or []
            yield found
            if len(found) < limit:
                return
            last = max(datetime.fromisoformat(moment(each)) for each in found)
            since, offset = (last, 0) if last > since else (since, offset + limit)

    def _start(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone)

    def _post(self, api: Api, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"X-Source": _NAME}
        told: dict[str, Any] = self._token.ask("POST", path, api, json=body, headers=headers).json()
        error = told.get("error") or {}
        code = int(error.get("code") or 0)
        if code == _INTERNAL_ERROR:
            raise VendorUnavailable(f"Avito is out of order (error {code}).", retry_after=_BUSY_WAIT)
        if code:
            raise VendorRefused(
                f"Avito refuses what was asked (error {code}).",
                status=200,
                help="Check that the account has the services that `parts` names.",
            )
        return told

    def _opened(self, pull: Pull, per_second: float) -> Api:
        opened: Api = pull.open_api(_HOST, per_second=per_second, timeout=60.0)
        return self._open.enter_context(opened)


def _check_unit(value: Decimal, unit: str) -> None:
    """Avito's document says kopecks in one place and roubles in another; kopecks have no fractions."""
    if unit == "kopecks" and value != value.to_integral_value():
        raise InvalidInput(
            "Avito counts spendings in roubles here.",
            where="spendings_in",
            help="Connect the source again with --set spendings_in=roubles.",
        )
