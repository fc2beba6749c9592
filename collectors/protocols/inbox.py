"""Taking messages in: read them, make their events durable family by family, and know those that come again.

A message is known by its id and its content, without the times at which it was sent and came in: these change whenever
it is sent again, and its events with them.
"""

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from collectors.events import family_model
from collectors.intake import Intake, Outcome
from collectors.items import Item, Unreadable
from collectors.protocols.fields import members, text
from collectors.protocols.segment import SegmentReader
from collectors.rejections import FieldError
from collectors.values import Reading
from infra.errors import ClosedLoopError, InvalidInput

REMEMBERED = 200_000
_ANY_LENGTH = 1 << 40
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Heard:
    """An event of a message, or what came in its place; `digest` is of the message."""

    family: str
    item: Item
    key: str
    digest: bytes


class Inbox:
    """Safe to use from several threads."""

    def __init__(self, intake: Intake, reader: SegmentReader) -> None:
        self._intake = intake
        self._reader = reader
        self._known = _Known()

    def take(self, messages: Iterable[Any], received: datetime, most_bytes: int = _ANY_LENGTH) -> Outcome:
        """Take messages that came in at `received`; one longer than `most_bytes` is kept as a rejection.

        Raises `LogUnavailable`: then all of them can be sent again.
        """
        by_family: dict[str, list[_Heard]] = {}
        for message in messages:
            for heard in self._hear(message, received, most_bytes):
                by_family.setdefault(heard.family, []).append(heard)
        outcome = Outcome()
        for family, found in by_family.items():
            fresh = [each for each in found if not self._known.knows(each)]
            outcome.duplicates += len(found) - len(fresh)
            if fresh:
                outcome.add(self._intake.accept(family, [each.item for each in fresh]))
                self._known.note(fresh)
        return outcome

    def problems(self, messages: Iterable[Any], reading: Reading) -> list[FieldError]:
        """What would be refused of these messages; nothing is taken."""
        return [
            problem
            for message in messages
            for heard in self._hear(message, reading.now, _ANY_LENGTH)
            for problem in _problems(heard, reading)
        ]

    def _hear(self, message: Any, received: datetime, most_bytes: int) -> Sequence[_Heard]:
        try:
            plain = _content(message)
        except orjson.JSONEncodeError as error:
            kept = orjson.dumps({"messageId": text(members(message).get("messageId"))})
            return [_unread(kept, f"the message cannot be kept: {error}")]
        try:
            if len(plain) > most_bytes:
                raise InvalidInput(f"the message is {len(plain) >> 10} KiB long; at most {most_bytes >> 10} are taken")
            if not isinstance(message, dict):
                raise InvalidInput("the message is no object")
            told = self._reader.read(message, received)
        except ClosedLoopError as error:
            return [_unread(plain, error.message)]
        except Exception as error:  # a message that nobody foresaw must not stop the others
            _log.error("a message cannot be read: %s", type(error).__name__)
            return [_unread(plain, f"the message cannot be read: {type(error).__name__}")]
        digest = hashlib.blake2b(plain, digest_size=16).digest()
        return [_Heard(each.family, each.item, str(each.item.get("id")), digest) for each in told]


class _Known:
    """The latest content of the messages heard last, by family and id of their events."""

    def __init__(self) -> None:
        self._digests: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def knows(self, heard: _Heard) -> bool:
        return self._digests.get((heard.family, heard.key)) == heard.digest

    def note(self, found: Sequence[_Heard]) -> None:
        with self._lock:
            for heard in found:
                self._digests[heard.family, heard.key] = heard.digest
                self._digests.move_to_end((heard.family, heard.key))
            while len(self._digests) > REMEMBERED:
                self._digests.popitem(last=False)


def _unread(plain: bytes, reason: str) -> _Heard:
    """Kept as a rejected action, to be repaired and replayed as one."""
    digest = hashlib.blake2b(plain, digest_size=16)
    return _Heard("actions", Unreadable(plain.decode("utf-8", "replace"), reason), digest.hexdigest(), digest.digest())


def _problems(heard: _Heard, reading: Reading) -> Iterator[FieldError]:
    if isinstance(heard.item, Unreadable):
        yield FieldError("", heard.item.reason)
        return
    try:
        family_model(heard.family).model_validate(heard.item, context=reading)
    except ValidationError as error:
        for found in error.errors(include_input=False, include_url=False):
            yield FieldError(".".join(str(part) for part in found["loc"]), found["msg"])


def _content(message: Any) -> bytes:
    """The message without its time of sending. It is written within some objects more, as its events will hold it.

    Raises `JSONEncodeError` where it is nested too deeply for that.
    """
    told = members(message)
    content = {name: value for name, value in told.items() if name != "sentAt"} if told else message
    return orjson.dumps([[[[content]]]], option=orjson.OPT_SORT_KEYS)[4:-4]
