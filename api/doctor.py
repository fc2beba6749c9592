"""Examining an installation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import packages_distributions

import httpx2 as httpx

from api.bootstrap import Services
from infra.errors import ClosedLoopError, DataHeld
from infra.settings import read_settings

OUR_PACKAGES = ("infra", "collectors", "attribution", "segments", "campaigns", "planning", "api")
_MOST_CLOCK_ERROR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Finding:
    ok: bool
    sentence: str


def examine() -> Iterator[Finding]:
    yield from _package_owners()
    try:
        services = Services(read_settings())
    except ClosedLoopError as error:
        yield Finding(False, f"{error.message} {error.help}")
        return
    yield Finding(True, f"The settings can be read; data are kept in {services.settings.data}.")
    try:
        yield _reach("event log", services.settings.log, lambda: services.backlog("touches"))
        yield _reach("operational database", services.settings.database, lambda: services.rejections.count_open())
        yield _reach("warehouse", services.settings.warehouse, lambda: services.warehouse.value("select 1"))
        if "warehouse" in services.__dict__:
            yield _clock(services)
    finally:
        services.close()


def _package_owners() -> Iterator[Finding]:
    owners = packages_distributions()
    for package in OUR_PACKAGES:
        foreign = sorted(set(owners.get(package, [])) - {"closedloop"})
        if foreign:
            names = ", ".join(foreign)
            yield Finding(
                False,
                f"The package {package!r} also belongs to {names}, which overwrites ours: "
                f"uninstall it and install closedloop again in an environment of its own.",
            )
    if not any(set(owners.get(package, [])) - {"closedloop"} for package in OUR_PACKAGES):
        yield Finding(True, "No other distribution owns one of our package names.")


def _reach(what: str, address: str, ask: Callable[[], object]) -> Finding:
    place = address.rpartition("@")[2]
    try:
        ask()
    except DataHeld as error:
        return _ask_holder(error)
    except ClosedLoopError as error:
        return Finding(False, f"The {what} cannot be used: {error.message} {error.help}".strip())
    except Exception as error:  # a doctor names every ailment, known or not
        return Finding(False, f"The {what} at {place} cannot be used: {type(error).__name__}: {error}")
    return Finding(True, f"The {what} answers at {place}.")


def _ask_holder(error: DataHeld) -> Finding:
    """A service that holds the embedded warehouse is no ailment, if it answers."""
    try:
        httpx.get(f"{error.holder}/healthz", timeout=5).raise_for_status()
    except httpx.HTTPError:
        return Finding(False, f"{error.message} But nobody answers there. {error.help}")
    return Finding(True, f"{error.message}")


def _clock(services: Services) -> Finding:
    ours = datetime.now(UTC)
    theirs = services.warehouse.value("select now64(3, 'UTC')")
    apart = abs(ours - (theirs.replace(tzinfo=UTC) if theirs.tzinfo is None else theirs))
    newest = services.warehouse.value("select max(received_at) from touches")
    if apart > _MOST_CLOCK_ERROR:
        return Finding(False, f"The clocks of this machine and of the warehouse are {apart} apart: set them by NTP.")
    if newest and newest.replace(tzinfo=UTC) > ours + _MOST_CLOCK_ERROR:
        return Finding(False, "Events were received in the future of this machine's clock: set it by NTP.")
    return Finding(True, "The clock agrees with the warehouse's.")
