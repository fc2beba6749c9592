"""Taking events in: validate, normalise, drop repetitions, make durable, answer.

What is accepted is in the event log, and what is rejected in the rejections, before anybody is told so.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from collectors.events import Event, family_model, to_json
from collectors.items import Item, Unreadable
from collectors.plain import Line, plain_lines
from collectors.recent import Recent
from collectors.rejections import FieldError, Rejection, RejectionStore
from collectors.tracker.calls import with_visits
from collectors.tracker.codes import VisitorCodes, with_visitors
from collectors.tracker.leases import NumberLeases
from collectors.values import Reading
from infra.clock import Clock
from infra.errors import UnreadableBody
from infra.log.base import EventLog, NewRecord
from infra.settings import Settings

RECORD_BYTES = 800 * 1024


@dataclass
class Outcome:
    """What became of a request's items. `accepted` counts events that are durable in the log."""

    accepted: int = 0
    duplicates: int = 0
    rejected: list[Rejection] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        self.accepted += other.accepted
        self.duplicates += other.duplicates
        self.rejected += other.rejected


@dataclass(frozen=True, slots=True)
class ReadItems:
    """The items of a request once read: `fresh` holds a line for each id; `outcome` is true once they are kept."""

    family: str
    fresh: dict[str, bytes]
    outcome: Outcome
    at: datetime
    replay: bool


class Intake:
    """Safe to use from several threads.

    Where it is `alone`, no other process takes events in: what came just like that before need not go to the log again.
    Elsewhere another process may have taken a change in meanwhile, which this one takes back.
    """

    def __init__(
        self,
        log: EventLog,
        rejections: RejectionStore,
        clock: Clock,
        settings: Settings,
        leases: NumberLeases,
        codes: VisitorCodes,
        *,
        alone: bool,
    ) -> None:
        self._alone = alone
        self._log = log
        self._leases = leases
        self._codes = codes
        self._rejections = rejections
        self._clock = clock
        self._settings = settings
        self._recent = Recent()
        self._stamp_lock = threading.Lock()
        self._last_stamp = datetime.min.replace(tzinfo=clock.now().tzinfo)

    def accept(
        self,
        family: str,
        items: Iterable[Item],
        *,
        naive_zone: ZoneInfo | None = None,
        first_index: int = 0,
        replay: bool = False,
    ) -> Outcome:
        """Take the items of one request: `read` them, and `keep` what was read. Raises as both do."""
        return self.keep(self.read(family, items, naive_zone=naive_zone, first_index=first_index, replay=replay))

    def read(
        self,
        family: str,
        items: Iterable[Item],
        *,
        naive_zone: ZoneInfo | None = None,
        first_index: int = 0,
        replay: bool = False,
    ) -> ReadItems:
        """Validate, normalise and drop repetitions: waits for nothing, and keeps nothing.

        A replay is of items that are kept as rejections: what is rejected again is not kept a second time, and what
        was accepted before goes to the log again, for it may be the warehouse that refused it.

        Raises `UnknownFamily`; `UnreadableBody` for an item that could be neither taken nor kept.
        """
        model = family_model(family)
        reading = Reading(self._clock.now(), naive_zone, self._settings.country, self._settings.currency)
        found = list(self._read(model, family, list(items), first_index, reading))
        lines = [each for each in found if not isinstance(each, Rejection)]
        fresh = dict(lines)
        duplicates = len(lines) - len(fresh)
        new = fresh
        if not replay and self._recent.knows_any(family, fresh):
            new, duplicates = self._without_known(family, lines)
        rejected = [each for each in found if isinstance(each, Rejection)]
        kept = new if self._alone else fresh
        return ReadItems(family, kept, Outcome(len(new), duplicates, rejected), reading.now, replay)

    def keep(self, read: ReadItems) -> Outcome:
        """Make what was read durable; calls to leased numbers get their visits, leads and deals their codes' visitors.

        Raises `LogUnavailable` or `DatabaseUnavailable` where that failed: then nothing is acknowledged.
        """
        if not read.replay:
            self._rejections.keep(read.outcome.rejected, read.at)
        if read.fresh:
            lines = self._tied(read.family, read.fresh)
            self._log.append(read.family, list(_records(lines.values(), self._next_stamp())))
            self._recent.remember(read.family, read.fresh)
        return read.outcome

    def _tied(self, family: str, lines: Mapping[str, bytes]) -> Mapping[str, bytes]:
        if family == "calls":
            return with_visits(lines, self._leases)
        return with_visitors(lines, self._codes) if family in ("leads", "deals") else lines

    def accept_stream(
        self, family: str, items: Iterator[Item], *, naive_zone: ZoneInfo | None = None, batch: int = 5000
    ) -> Iterator[Outcome]:
        """Take a file of any size, a batch at a time; each outcome is of one batch."""
        index = 0
        while part := list(islice(items, batch)):
            yield self.accept(family, part, naive_zone=naive_zone, first_index=index)
            index += len(part)

    def _read(
        self, model: type[Event], family: str, items: list[Item], first_index: int, reading: Reading
    ) -> Iterator[Line | Rejection]:
        most_bytes = self._settings.max_event_kb * 1024
        for index, (item, plain) in enumerate(zip(items, plain_lines(family, items, reading), strict=True)):
            if plain and len(plain[1]) <= most_bytes:
                yield plain
            else:
                yield _read(model, item, first_index + index, family, reading, most_bytes)

    def _without_known(self, family: str, lines: list[Line]) -> tuple[dict[str, bytes], int]:
        """What is new, and how much is not. A change that is taken back within the request is a change."""
        fresh: dict[str, bytes] = {}
        for key, line in lines:
            if key in fresh or not self._recent.knows(family, key, line):
                fresh[key] = line
        return fresh, len(lines) - len(fresh)

    def _next_stamp(self) -> datetime:
        """The time of receipt, in UTC: each request's is later than the one before, so that later versions win."""
        with self._stamp_lock:
            self._last_stamp = max(self._clock.now(), self._last_stamp + timedelta(microseconds=1))
            return self._last_stamp


def _read(
    model: type[Event], item: Item, index: int, family: str, reading: Reading, most_bytes: int
) -> Line | Rejection:
    if isinstance(item, Unreadable):
        return Rejection(index, family, item.text.encode(), (FieldError("", item.reason),))
    try:
        event = model.model_validate(item, context=reading)
        line = to_json(event.canonical())
    except ValidationError as error:
        return Rejection(index, family, _raw(item, index), tuple(_field_errors(error)))
    except (TypeError, UnicodeEncodeError) as error:
        return Rejection(index, family, _raw(item, index), (FieldError("", f"the event cannot be stored: {error}"),))
    if len(line) > most_bytes:
        text = f"the event is {len(line) // 1024} KiB long; at most {most_bytes // 1024} KiB are taken"
        return Rejection(index, family, _raw(item, index), (FieldError("", text),))
    return event.id, line


def _raw(item: dict[str, Any], index: int) -> bytes:
    """The item as it is kept. Raises `UnreadableBody` for one that JSON cannot hold: then nothing is acknowledged."""
    try:
        return orjson.dumps(item, default=str, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError as error:
        raise UnreadableBody(
            f"Item {index} can be neither taken nor kept: {error}.", where=str(index), help="Send it less nested."
        ) from error


def _field_errors(error: ValidationError) -> Iterator[FieldError]:
    for found in error.errors(include_input=False, include_url=False):
        yield FieldError(".".join(str(part) for part in found["loc"]), _in_our_words(found))


_WORDS = {
    "missing": "the field is missing",
    "string_type": "text is expected here",
    "string_too_short": "the text is empty",
    "string_too_long": "the text is longer than {max_length} characters",
    "literal_error": "must be one of {expected}",
    "dict_type": "an object of names and values is expected here",
    "model_type": "an object of names and values is expected here",
    "list_type": "a list is expected here",
    "bool_parsing": "true or false is expected here",
    "bool_type": "true or false is expected here",
    "extra_forbidden": "there is no such field",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
}


def _in_our_words(found: ErrorDetails) -> str:
    words = _WORDS.get(found["type"])
    return words.format(**found.get("ctx", {})) if words else found["msg"].removeprefix("Value error, ")


def _records(events: Iterable[bytes], at: datetime) -> Iterator[NewRecord]:
    """The events as records of NDJSON, none longer than `RECORD_BYTES` unless a single event is."""
    stamp = b"," + to_json({"received_at": at})[1:]
    lines: list[bytes] = []
    size = 0
    for event in events:
        length = len(event) + len(stamp)
        if lines and size + length > RECORD_BYTES:
            yield NewRecord(b"\n".join(lines), len(lines))
            lines, size = [], 0
        lines.append(event[:-1] + stamp)
        size += length
    if lines:
        yield NewRecord(b"\n".join(lines), len(lines))
