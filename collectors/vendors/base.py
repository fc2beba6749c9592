"""What a vendor's module tells of its vendor: how its webhooks are read, and how its API is pulled.

A module of `collectors/vendors` holds one `VENDOR`. A webhook is checked and answered within the request, and read
later: `check` and `reply` must be quick and may not ask anybody. What `read` and `pull` find goes through the intake: a
repetition counts once if its `id` is the same: make ids with `Source.key`, of the vendor's own keys.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from collectors.deliveries import Delivery
from collectors.expenses import Expense
from collectors.sources.source import Found, Source, Told, Wanted
from collectors.vendors.asking import Api


class Level(StrEnum):
    """How well a vendor's format is known."""

    DOCUMENTED = "A"
    AGREED = "B"
    UNVERIFIED = "C"


@dataclass(frozen=True, slots=True)
class Ask:
    """A setting that connecting asks for.

    A secret one is stored encrypted and never shown again; of one that may name a .toml file, the file's text is kept.
    """

    name: str
    title: str
    secret: bool = False
    default: str = ""
    required: bool = True
    may_be_file: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a webhook."""

    body: bytes = b'{"status":"ok"}'
    media_type: str = "application/json"
    status: int = 200


@dataclass(frozen=True, slots=True)
class Page:
    """What one step of a pull found.

    Once its events are durable, the source goes on at `cursor`, and what was `fetched` is no longer wanted.
    """

    found: Sequence[Told]
    cursor: Mapping[str, Any]
    fetched: Sequence[Wanted] = ()


def no_expenses(first: date, last: date) -> Iterable[Expense]:
    """Where there is no warehouse, nothing was spent."""
    return ()


@dataclass(frozen=True, slots=True)
class Pull:
    """What a pull starts from. `now` is in UTC; `wanted` is what webhooks only named; `save_secrets` keeps rotated
    tokens, durably and at once.

    `expenses` are what was spent between two days, for systems that are told so; they are not to be had while the
    warehouse is out of reach (`Unavailable`). `siblings` are ids of connected sources by their vendor.
    """

    source: Source
    cursor: Mapping[str, Any]
    wanted: Sequence[Wanted]
    now: datetime
    open_api: Callable[..., Api] = field(repr=False)
    save_secrets: Callable[[Mapping[str, str]], None] = field(repr=False)
    expenses: Callable[[date, date], Iterable[Expense]] = field(default=no_expenses, repr=False)
    siblings: Callable[[str], Collection[str]] = field(default=lambda _: (), repr=False)


class Vendor(ABC):
    slug: ClassVar[str]
    title: ClassVar[str]
    level: ClassVar[Level]
    asks: ClassVar[Sequence[Ask]]
    guide: ClassVar[str]
    """What to do at the vendor's, in a few lines; `{address}` is where its webhook is to be sent."""
    every: ClassVar[timedelta | None]
    """How often its API is pulled; None where nothing is pulled."""
    has_webhook: ClassVar[bool]

    def examine(self, source: Source) -> None:
        """Raises `InvalidInput` where the source's settings cannot work: before it is connected."""
        return

    @abstractmethod
    def check(self, source: Source, delivery: Delivery) -> None:
        """Raises `NotAllowed` where the signature, or what stands for one, is missing or wrong."""
        ...

    @abstractmethod
    def is_test(self, source: Source, delivery: Delivery) -> bool:
        """Whether it is the vendor's test of the address: answered, and not kept."""
        ...

    @abstractmethod
    def reply(self, source: Source, delivery: Delivery) -> Reply: ...

    @abstractmethod
    def read(self, source: Source, delivery: Delivery) -> Iterable[Found]:
        """Raises `InvalidInput` where the delivery cannot be understood."""
        ...

    @abstractmethod
    def pull(self, pull: Pull) -> Iterator[Page]:
        """Raises `Unavailable` and `VendorRefused`, as `Api` does."""
        ...


class WebhookVendor(Vendor):
    """The usual ways of a vendor: no signature, no tests, and nothing to pull."""

    asks: ClassVar[Sequence[Ask]] = ()
    every: ClassVar[timedelta | None] = None
    has_webhook: ClassVar[bool] = True

    def check(self, source: Source, delivery: Delivery) -> None:
        """The secret in the address is all that there is."""

    def is_test(self, source: Source, delivery: Delivery) -> bool:
        return False

    def reply(self, source: Source, delivery: Delivery) -> Reply:
        return Reply()

    def pull(self, pull: Pull) -> Iterator[Page]:
        yield from ()


class PulledVendor(WebhookVendor):
    """The usual ways of a vendor that is only pulled."""

    has_webhook: ClassVar[bool] = False

    def read(self, source: Source, delivery: Delivery) -> Iterable[Found]:
        return ()
