"""Yandex Metrica: visits as touches, by the Logs API.

Days before today are asked for: a log is ordered, awaited, downloaded part by part, and always cleaned away, for a
counter has room for 10 GB of them. Nearly all visits are closed within three days, so the last `again_days` days are
asked for again; a visit keeps its id. 420 and 429 both mean to wait. `visitor_id` is Metrica's ClientID (the cookie
`_ym_uid`), `session_id` the visit's number: what a CRM or form keeps of them ties a lead to its visit.
Source: shared format notes on the official documentation.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from collectors.sources.source import Source, Told
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask, Level, Page, Pull, PulledVendor
from collectors.vendors.metrica_visits import FIELDS, read_visits, touch
from collectors.vendors.spending import days_setting
from infra.errors import UnreadableBody, VendorUnavailable

_MOST_DAYS = 30
_WAIT, _LONGEST_WAIT = 15.0, 300.0
_NO_ROOM_WAIT = 3600.0
_AWAITED = frozenset({"created", "awaiting_retry"})
_PAGE = 5000
_FIELDS = tuple(f"ym:s:{name}" for name in FIELDS)


class YandexMetrica(PulledVendor):
    slug = "yandex_metrica"
    title = "Yandex Metrica"
    level = Level.DOCUMENTED
    every = timedelta(hours=6)
    asks = (
        Ask("token", "OAuth token with the right metrika:read (and metrika:write to clean logs)", secret=True),
        Ask("counter", "Number of the counter"),
        Ask("first_days", "Days back that are taken at first", default="90"),
        Ask("again_days", "Days back that are asked again at each pull", default="4"),
    )
    guide = (
        "Register an application at oauth.yandex.ru with the rights metrika:read and metrika:write, and get a token\n"
        "for a login that may see the counter. Connect it with --timezone: the counter's time zone."
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        counter = pull.source.settings["counter"]
        cursor = pull.cursor if pull.cursor.get("counter") == counter else {"counter": counter}
        yesterday = pull.now.astimezone(pull.source.timezone).date() - timedelta(days=1)
        headers = {"Authorization": f"OAuth {pull.source.secrets['token']}"}
        with pull.open_api("https://api-metrika.yandex.net", headers=headers, per_second=5.0, timeout=120.0) as api:
            logs = _Logs(api, pull.source, cursor)
            if logs.open:
                first = yield from logs.take(logs.open)
            else:
                first = self._first_day(pull, cursor, yesterday)
            while first <= yesterday:
                first = yield from logs.take(logs.order(first, yesterday))

    def _first_day(self, pull: Pull, cursor: Mapping[str, Any], yesterday: date) -> date:
        last = min(date.fromisoformat(cursor["day"]), yesterday) if "day" in cursor else yesterday
        back = days_setting(pull.source, self.asks, "again_days" if "day" in cursor else "first_days")
        return last - timedelta(days=back - 1)


@dataclass(frozen=True, slots=True)
class _Log:
    """A log that was ordered, of the days from `first` to `last`; `part` of its `parts` is to be downloaded next."""

    id: int
    first: str
    last: str
    part: int = 0
    parts: int = -1

    @property
    def is_taken(self) -> bool:
        return self.part == self.parts


class _Logs:
    """The logs of one counter."""

    def __init__(self, api: Api, source: Source, cursor: Mapping[str, Any]) -> None:
        self._api = api
        self._source = source
        self._path = f"/management/v1/counter/{cursor['counter']}"
        self._base = {name: value for name, value in cursor.items() if name != "log"}
        self.open = _Log(**cursor["log"]) if "log" in cursor else None

    def order(self, first: date, until: date) -> _Log:
        """Order the log of as many days from `first` as the counter has room for."""
        last = min(first + timedelta(days=_MOST_DAYS - 1), until)
        told = self._evaluation(first, last)
        if not told["possible"]:
            days = int(told.get("max_possible_day_quantity") or 0)
            if days < 1:
                raise VendorUnavailable(
                    "The counter has no room for another log.",
                    retry_after=_NO_ROOM_WAIT,
                    help="Clean logs that other programs prepared; it is tried again by itself.",
                )
            last = min(last, first + timedelta(days=days - 1))
        number = self._known(first, last) or self._ordered(first, last)
        return _Log(number, first.isoformat(), last.isoformat())

    def take(self, log: _Log) -> Generator[Page, None, date]:
        """Await, download and clean a log; returns the day after its last one."""
        yield self._page(log)
        log = yield from self._prepared(log)
        while not log.is_taken:
            path = f"{self._path}/logrequest/{log.id}/part/{log.part}/download"
            following = replace(log, part=log.part + 1)
            try:
                visits = [
                    touch(self._source, visit) for visit in read_visits(self._api.ask("GET", path).content.decode())
                ]
            except UnreadableBody:
                self._clean(log)
                yield Page((), self._base)
                raise
            for start in range(0, len(visits), _PAGE):
                yield self._page(log, visits[start : start + _PAGE])
            log = following
            yield self._page(log)
        self._clean(log)
        self._base["day"] = max(log.last, str(self._base.get("day", "")))
        yield Page((), self._base)
        return date.fromisoformat(log.last) + timedelta(days=1)

    def _prepared(self, log: _Log) -> Generator[Page, None, _Log]:
        """The log when it can be downloaded, or was; one that came to nothing is forgotten."""
        waited = 0.0
        while not log.is_taken:
            answer = self._api.ask("GET", f"{self._path}/logrequest/{log.id}", accept=(404,))
            told = answer.json().get("log_request", {})
            if told.get("status") == "processed":
                return replace(log, parts=len(told.get("parts") or ()))
            if told.get("status") not in _AWAITED:
                yield Page((), self._base)
                raise VendorUnavailable("Metrica dropped a log that was ordered.", retry_after=_WAIT)
            if waited >= _LONGEST_WAIT:
                raise VendorUnavailable("Metrica has not prepared the log yet.", retry_after=_WAIT)
            self._api.wait(_WAIT)
            waited += _WAIT
            yield self._page(log)
        return log

    def _page(self, log: _Log, visits: Sequence[dict[str, Any]] = ()) -> Page:
        return Page([Told("touches", visit) for visit in visits], {**self._base, "log": asdict(log)})

    def _evaluation(self, first: date, last: date) -> dict[str, Any]:
        answer = self._api.ask("GET", f"{self._path}/logrequests/evaluate", params=_params(first, last))
        found: dict[str, Any] = answer.json()["log_request_evaluation"]
        return found

    def _known(self, first: date, last: date) -> int | None:
        """The same log, where a pull ordered it and died before it could note so."""
        for told in self._api.ask("GET", f"{self._path}/logrequests").json().get("requests", []):
            same = (told["date1"], told["date2"], told["source"]) == (first.isoformat(), last.isoformat(), "visits")
            if same and told["status"] in {"processed", *_AWAITED} and set(told["fields"]) == set(_FIELDS):
                return int(told["request_id"])
        return None

    def _ordered(self, first: date, last: date) -> int:
        answer = self._api.ask("POST", f"{self._path}/logrequests", params=_params(first, last))
        return int(answer.json()["log_request"]["request_id"])

    def _clean(self, log: _Log) -> None:
        """A log that is cleaned already is refused: that is well."""
        self._api.ask("POST", f"{self._path}/logrequest/{log.id}/clean", accept=(400, 404))


def _params(first: date, last: date) -> dict[str, str]:
    return {"date1": f"{first}", "date2": f"{last}", "fields": ",".join(_FIELDS), "source": "visits"}


VENDOR = YandexMetrica()
