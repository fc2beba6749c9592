"""Where the script's requests come in: checked, turned into events, taken in, and answered.

What is dropped is counted with its reason: `bot`, `privacy` (the browser asks not to be followed), `malformed`,
`too_old`. A hit that comes again is known by its id.
"""

import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from collectors.intake import Intake
from collectors.sources.source import completed
from collectors.tracker.agents import device_of, is_bot
from collectors.tracker.hits import OLDEST, Hit, Lease, Letter, told_by, true_time
from collectors.tracker.leases import NumberLeases
from collectors.tracker.sites import Site, Sites
from collectors.tracker.tally import ACCEPTED, REJECTED, SiteTally
from infra.clock import Clock
from infra.errors import NotAllowed, UnreadableBody

MOST_BYTES = 64 * 1024
_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the page's origin, the browser's name, and whether it asks not to be followed."""

    origin: str
    agent: str
    wants_privacy: bool = False


class Reception:
    """Safe to use from several threads."""

    def __init__(self, sites: Sites, leases: NumberLeases, intake: Intake, tally: SiteTally, clock: Clock) -> None:
        self._sites = sites
        self._leases = leases
        self._intake = intake
        self._tally = tally
        self._clock = clock
        self._seen = _Seen()

    def take(self, body: bytes, sender: Sender) -> dict[str, Any]:
        """What the page is answered, once its events are durable.

        Raises `UnreadableBody`; `NotAllowed` for a wrong key or origin; `Unavailable`, and then it is sent again.
        """
        letter = _read(body)
        site = self._sites.by_key(letter.key)
        if site is None:
            raise NotAllowed("The site key is wrong.", where="key", help="`closedloop sources show` tells it.")
        if not site.allows(sender.origin):
            raise NotAllowed(
                "This origin is none of the site's.",
                where="Origin",
                help="Connect the site again with all of its hosts: `closedloop connect site`.",
            )
        reason = "privacy" if sender.wants_privacy else "bot" if is_bot(sender.agent) else ""
        if reason:
            self._tally.add(site.source.id, Counter({reason: len(letter.events)}))
            return {}
        self._take_hits(site, letter, device_of(sender.agent))
        return self._number(site, letter.lease) if letter.lease else {}

    def _number(self, site: Site, lease: Lease) -> dict[str, Any]:
        leased = self._leases.lease(site.numbers, lease.visitor, lease.session) if site.numbers else None
        return {"number": leased or site.default_number}

    def _take_hits(self, site: Site, letter: Letter, device: str) -> None:
        received_at = self._clock.now()
        told: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        counts: Counter[str] = Counter()
        fresh: list[tuple[str, int]] = []
        for hit in _hits(letter.events, counts):
            at = true_time(hit, letter.sent, received_at)
            if received_at - at > OLDEST:
                counts["too_old"] += 1
            elif not self._seen.knows((hit.id, hit.at)):
                event = completed(site.source, told_by(hit, site.source, at, device))
                told[event.family].append(event.item)
                fresh.append((hit.id, hit.at))
        for family, items in told.items():
            outcome = self._intake.accept(family, items)
            counts += Counter({ACCEPTED: outcome.accepted, REJECTED: len(outcome.rejected)})
        self._seen.remember(fresh)
        self._tally.add(site.source.id, counts)


def _read(body: bytes) -> Letter:
    try:
        return Letter.model_validate(orjson.loads(body))
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise UnreadableBody("The body is no request of the tracker's.", where="body") from error


def _hits(events: Sequence[Any], counts: Counter[str]) -> Sequence[Hit]:
    found = []
    for event in events:
        try:
            found.append(Hit.model_validate(event))
        except ValidationError:
            counts["malformed"] += 1
    return found


class _Seen:
    """The hits that came last, by id and the browser's time: what a page sends twice is taken once."""

    def __init__(self) -> None:
        self._keys: OrderedDict[tuple[str, int], None] = OrderedDict()
        self._lock = threading.Lock()

    def knows(self, key: tuple[str, int]) -> bool:
        return key in self._keys

    def remember(self, keys: Sequence[tuple[str, int]]) -> None:
        with self._lock:
            self._keys.update(dict.fromkeys(keys))
            while len(self._keys) > _REMEMBERED:
                self._keys.popitem(last=False)
