"""Where the script's requests come in: checked, turned into events, taken in, and answered.

What is dropped is counted with its reason: `bot`, `privacy` (the browser asks not to be followed), `malformed`,
`too_old`. A hit that comes again is known by its id.
"""

import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from collectors.intake import Intake
from collectors.sources.source import completed
from collectors.tracker.agents import device_of, is_bot
from collectors.tracker.hits import OLDEST, Hit, Lease, Letter, told_by, true_time
from collectors.tracker.leases import NumberLeases
from collectors.tracker.sites import VISIT, Site, Sites
from collectors.tracker.tally import ACCEPTED, REJECTED, SiteTally
from collectors.visits.issued import VisitNumbers
from collectors.visits.number import written
from infra.clock import Clock
from infra.errors import NotAllowed, Unavailable, UnreadableBody

MOST_BYTES = 64 * 1024
_REMEMBERED = 100_000
_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: the page's origin, the browser's name, and whether it asks not to be followed."""

    origin: str
    agent: str
    wants_privacy: bool = False


class Reception:
    """Safe to use from several threads."""

    def __init__(
        self,
        sites: Sites,
        leases: NumberLeases,
        visits: VisitNumbers,
        intake: Intake,
        tally: SiteTally,
        clock: Clock,
    ) -> None:
        self._sites = sites
        self._leases = leases
        self._visits = visits
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
        return self._numbers(site, letter.lease) if letter.lease else {}

    def _numbers(self, site: Site, lease: Lease) -> dict[str, Any]:
        number = self._visits.number_of(lease.visitor, lease.session)
        told = {"number": self._telephone(site, lease)} if lease.phones else {}
        told["visit"] = written(number)
        return told | ({"address": site.address.replace(VISIT, number)} if site.address else {})

    def _telephone(self, site: Site, lease: Lease) -> str:
        if not site.numbers:
            return site.default_number
        source = site.source
        leased = self._leases.lease(site.numbers, lease.visitor, lease.session, site=source.id, dealer=source.dealer)
        return leased or site.default_number

    def _take_hits(self, site: Site, letter: Letter, device: str) -> None:
        received_at = self._clock.now()
        told: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        counts: Counter[str] = Counter()
        hits = {(hit.id, hit.at): hit for hit in _hits(letter.events, counts)}
        with self._seen.claim(hits) as (fresh, others_take):
            for hit in (hits[key] for key in fresh):
                at = true_time(hit, letter.sent, received_at)
                if received_at - at > OLDEST:
                    counts["too_old"] += 1
                else:
                    event = completed(site.source, told_by(hit, site.source, at, device))
                    told[event.family].append(event.item)
            for family, items in told.items():
                outcome = self._intake.accept(family, items)
                counts += Counter({ACCEPTED: outcome.accepted, REJECTED: len(outcome.rejected)})
        self._tally.add(site.source.id, counts)
        if others_take:
            raise Unavailable("The same events are being taken in just now.", help="Send them again in a moment.")


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
        self._taken: OrderedDict[_Key, None] = OrderedDict()
        self._under_way: set[_Key] = set()
        self._lock = threading.Lock()

    @contextmanager
    def claim(self, keys: Iterable[_Key]) -> Iterator[tuple[list[_Key], bool]]:
        """Those that are to be taken within the block, and whether another request is at some of the others.

        They count as taken once the block ends, unless it raises.
        """
        with self._lock:
            new = [key for key in keys if key not in self._taken]
            mine = [key for key in new if key not in self._under_way]
            self._under_way.update(mine)
        try:
            yield mine, len(mine) < len(new)
            with self._lock:
                self._taken.update(dict.fromkeys(mine))
                while len(self._taken) > _REMEMBERED:
                    self._taken.popitem(last=False)
        finally:
            with self._lock:
                self._under_way.difference_update(mine)
