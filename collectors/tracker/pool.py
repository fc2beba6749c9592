"""How large a pool of numbers must be, and how well one does.

A visit has a number of its own if it gets one, and nobody else gets it through the visit's lease and until the call:
the delay is the time from a visit's beginning within which the wanted share of calls came. Hours are taken as steady:
each has its own load.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from collectors.tracker.erlang import Loads, accuracy, as_loads, numbers_needed
from infra.errors import InvalidInput
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("collectors", "pool")
ACCURACIES = (0.8, 0.9, 0.95, 0.98, 0.99)


@dataclass(frozen=True, slots=True)
class Traffic:
    """Visits in each hour that had any; how long a visit lasts and how long its number is leased, on average; and for
    each wanted accuracy how long it needs the number.

    `calls` is how many delays were measured; None where they were given. Where none was, a number is needed through
    lease and grace time.
    """

    visits: tuple[float, ...]
    lasting: timedelta
    leased: timedelta
    needed: tuple[timedelta, ...]
    calls: int | None = None


@dataclass(frozen=True, slots=True)
class PoolSize:
    """`at_busiest` is the accuracy in the busiest hour, whose load is in erlangs."""

    accuracy: float
    numbers: int
    at_busiest: float
    needed: timedelta
    busiest_load: float

    def as_dict(self) -> dict[str, Any]:
        return {
            "accuracy": self.accuracy,
            "numbers": self.numbers,
            "busiest_hour_accuracy": round(self.at_busiest, 6),
            "needed_minutes": round(self.needed.total_seconds() / 60, 3),
            "busiest_hour_load": round(self.busiest_load, 3),
        }


def given_traffic(
    visits_an_hour: float, lasting: timedelta, delay: timedelta, lease: timedelta, wanted: Sequence[float]
) -> Traffic:
    """Of figures that somebody gives, for their busiest hour. Raises `InvalidInput`."""
    if visits_an_hour <= 0:
        raise InvalidInput("The visits of an hour must be more than 0.", where="visits")
    if lasting < timedelta(0) or delay < timedelta(0):
        raise InvalidInput("Visits and delays cannot last less than nothing.", where="duration")
    leased = lasting + lease
    return Traffic((visits_an_hour,), lasting, leased, tuple(max(leased, delay) for _ in wanted))


def measured_traffic(
    warehouse: Warehouse,
    source: str,
    since: datetime,
    until: datetime,
    lease: timedelta,
    grace: timedelta,
    wanted: Sequence[float],
) -> Traffic:
    """Of the visits that a site's tracker told in this time. Raises `InvalidInput` where it told none."""
    period = {"prefix": f"{source}:", "since": since, "until": until}
    (told,) = warehouse.rows(_SQL["delays"], period | {"shares": list(wanted)})
    delays = told["delays"] if told["calls"] else [int((lease + grace).total_seconds())] * len(wanted)
    (held,) = warehouse.rows(_SQL["holdings"], period | {"lease_s": int(lease.total_seconds()), "delays": delays})
    if not held["visits"]:
        raise InvalidInput(
            f"The site {source} told of no visits in this time.",
            where="from",
            help="Name other days, or figures of your own: visits, duration and delay.",
        )
    hours = warehouse.rows(_SQL["visits_by_hour"], period)
    lasting = timedelta(seconds=held["lasted_s"])
    return Traffic(
        tuple(float(row["visits"]) for row in hours),
        lasting,
        lasting + lease,
        tuple(timedelta(seconds=seconds) for seconds in held["needed_s"]),
        told["calls"],
    )


def pool_sizes(traffic: Traffic, wanted: Sequence[float]) -> list[PoolSize]:
    """How many numbers each wanted accuracy takes. Raises `InvalidInput`."""
    visits = as_loads(traffic.visits)
    busiest = visits.max(keepdims=True)
    found = []
    for share, needed in zip(wanted, traffic.needed, strict=True):
        numbers = numbers_needed(_loads(visits, traffic.leased), _loads(visits, needed), visits, share)
        load = _loads(busiest, needed)
        at_busiest = accuracy(_loads(busiest, traffic.leased), load, busiest, numbers)
        found.append(PoolSize(share, numbers, at_busiest, needed, float(load[0])))
    return found


def expected_accuracy(traffic: Traffic, numbers: int) -> list[float]:
    """What a pool of this size would reach, for each time that the traffic needs a number."""
    visits = as_loads(traffic.visits)
    leased = _loads(visits, traffic.leased)
    return [accuracy(leased, _loads(visits, needed), visits, numbers) for needed in traffic.needed]


def calls_of_pool(warehouse: Warehouse, numbers: Sequence[str], since: datetime, until: datetime) -> tuple[int, int]:
    """Calls to these numbers, and those whose visit is known."""
    (row,) = warehouse.rows(_SQL["calls_of_pool"], {"numbers": list(numbers), "since": since, "until": until})
    return row["calls"], row["matched"]


def read_accuracies(text: str) -> tuple[float, ...]:
    """Shares between 0 and 1, or in percent, with commas between. Raises `InvalidInput`."""
    try:
        shares = [float(part.strip().removesuffix("%")) for part in text.split(",") if part.strip()]
    except ValueError:
        shares = []
    found = tuple(share / 100 if share > 1 else share for share in shares)
    if not found or not all(0 < share < 1 for share in found):
        raise InvalidInput(f"{text!r} are no accuracies.", where="accuracy", help="Write such as 95,99.")
    return found


def _loads(visits: Loads, held: timedelta) -> Loads:
    return visits * (held.total_seconds() / 3600)
