"""How large a pool of telephone numbers must be, for the API and the command line alike."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from api.bootstrap import Services
from attribution.answer import Period
from collectors.tracker.pool import (
    Traffic,
    calls_of_pool,
    expected_accuracy,
    given_traffic,
    measured_traffic,
    pool_sizes,
)
from collectors.tracker.sites import Site, read_site
from infra.errors import InvalidInput, NotFound

_MOST_VISITS = 1_000_000
_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class PoolQuestion:
    """With `visits`, of that many visits in the busiest hour; else of those that a site's tracker told in the period.

    `visits` is in an hour, `duration` and `delay` are in minutes.
    """

    accuracies: tuple[float, ...]
    period: Period
    site: str = ""
    visits: float | None = None
    duration: float = 5.0
    delay: float = 30.0

    def __post_init__(self) -> None:
        """Raises `InvalidInput`, naming the parameter."""
        bounds = (("visits", self.visits, _MOST_VISITS), ("duration", self.duration, _DAY), ("delay", self.delay, _DAY))
        for where, told, most in bounds:
            if told is not None and not told <= most:
                raise InvalidInput(f"{told} is too much.", where=where, help=f"Write a number up to {most:,}.")

    def as_dict(self) -> dict[str, Any]:
        wanted = ",".join(f"{share:.10g}" for share in self.accuracies)
        if self.visits is not None:
            return {"accuracy": wanted, "visits": self.visits, "duration": self.duration, "delay": self.delay}
        days = {"from": self.period.first_day.isoformat(), "to": self.period.last_day.isoformat()}
        return {"accuracy": wanted, "site": self.site, **days}


def pool_size(services: Services, question: PoolQuestion) -> dict[str, Any]:
    """A row a wanted accuracy, and how the site's pool fares where it has one. Raises `InvalidInput`, `NotFound`."""
    settings = services.settings
    lease = timedelta(minutes=settings.number_lease_minutes)
    if question.visits is not None:
        lasting, delay = timedelta(minutes=question.duration), timedelta(minutes=question.delay)
        traffic = given_traffic(question.visits, lasting, delay, lease, question.accuracies)
        return _document(question, traffic, None)
    site = _site(services, question.site)
    since, until = _moments(services, question.period)
    grace = timedelta(minutes=settings.number_grace_minutes)
    traffic = measured_traffic(services.warehouse, site.source.id, since, until, lease, grace, question.accuracies)
    return _document(question, traffic, _pool(services, site, traffic, since, until) if site.numbers else None)


def _document(question: PoolQuestion, traffic: Traffic, pool: dict[str, Any] | None) -> dict[str, Any]:
    items = [size.as_dict() for size in pool_sizes(traffic, question.accuracies)]
    return {
        "items": items,
        "total": len(items),
        "next": None,
        "question": question.as_dict(),
        "traffic": {
            "visits": round(sum(traffic.visits)),
            "busiest_hour_visits": max(traffic.visits),
            "duration_minutes": round(traffic.lasting.total_seconds() / 60, 3),
            "leased_minutes": round(traffic.leased.total_seconds() / 60, 3),
            "calls": traffic.calls,
        },
        "pool": pool,
    }


def _pool(services: Services, site: Site, traffic: Traffic, since: datetime, until: datetime) -> dict[str, Any]:
    record = services.leases.record(site.source.id, since, until)
    calls, matched = calls_of_pool(services.warehouse, site.numbers, since, until)
    return {
        "numbers": len(site.numbers),
        "expected_accuracy": [round(each, 6) for each in expected_accuracy(traffic, len(site.numbers))],
        "visits_served": record.served,
        "visits_refused": record.refused,
        "measured_accuracy": record.accuracy,
        "calls": calls,
        "calls_matched": matched,
        "matched_share": matched / calls if calls else None,
    }


def _site(services: Services, name: str) -> Site:
    known = {source.id: source for source in services.sources.all() if source.vendor == "site"}
    if name and name not in known:
        raise NotFound(f"There is no site {name!r}.", where="site", help="`closedloop sources list` shows them.")
    if not name and len(known) != 1:
        told = f"name one of {', '.join(sorted(known))}" if known else "connect one: `closedloop connect site`"
        raise InvalidInput(
            f"There are {len(known)} sites.",
            where="site",
            help=f"Please {told}, or give figures: visits, duration, delay.",
        )
    return read_site(known[name or next(iter(known))], services.settings.country)


def _moments(services: Services, period: Period) -> tuple[datetime, datetime]:
    """The first moment of the period and the last one, in UTC."""
    zone = services.settings.zone
    after = datetime.combine(period.last_day + timedelta(days=1), time(), zone)
    first = datetime.combine(period.first_day, time(), zone)
    return first.astimezone(UTC), after.astimezone(UTC) - timedelta(milliseconds=1)
