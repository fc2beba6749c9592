"""Logs of a Metrica counter: ordered, awaited, downloaded part by part, and always cleaned away.

A log is noted in the cursor from when it was ordered until it is cleaned, so that a pull that dies goes on with it; one
that could not even be noted is found again among the counter's logs.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from collectors.sources.source import Source, Told
from collectors.vendors.asking import Api
from collectors.vendors.base import Page
from collectors.vendors.metrica_visits import FIELDS, read_visits, touch
from infra.errors import UnreadableBody, VendorUnavailable

_MOST_DAYS = 30
_WAIT, _LONGEST_WAIT = 15.0, 300.0
_NO_ROOM_WAIT = 3600.0
_AWAITED = frozenset({"created", "awaiting_retry"})
_PAGE = 5000
_FIELDS = tuple(f"ym:s:{name}" for name in FIELDS)


@dataclass(frozen=True, slots=True)
class Log:
    """A log that was ordered, of the days from `first` to `last`; `part` of its `parts` is to be downloaded next."""

    id: int
    first: str
    last: str
    part: int = 0
    parts: int = -1

    @property
    def is_taken(self) -> bool:
        return self.part == self.parts


class Logs:
    """The logs of one counter."""

    def __init__(self, api: Api, source: Source, cursor: Mapping[str, Any]) -> None:
        self._api = api
        self._source = source
        self._path = f"/management/v1/counter/{cursor['counter']}"
        self._base = {name: value for name, value in cursor.items() if name != "log"}
        self.open = Log(**cursor["log"]) if "log" in cursor else None

    @property
    def cursor(self) -> Mapping[str, Any]:
        return self._base

    def order(self, first: date, until: date) -> Log:
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
        return Log(number, first.isoformat(), last.isoformat())

    def take(self, log: Log) -> Generator[Page, None, date]:
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

    def _prepared(self, log: Log) -> Generator[Page, None, Log]:
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

    def _page(self, log: Log, visits: Sequence[dict[str, Any]] = ()) -> Page:
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

    def _clean(self, log: Log) -> None:
        """A log that is cleaned already is refused: that is well."""
        self._api.ask("POST", f"{self._path}/logrequest/{log.id}/clean", accept=(400, 404))


def _params(first: date, last: date) -> dict[str, str]:
    return {"date1": f"{first}", "date2": f"{last}", "fields": ",".join(_FIELDS), "source": "visits"}
