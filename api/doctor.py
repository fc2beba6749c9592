"""Examining an installation."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import httpx2 as httpx

from api.bootstrap import Services
from api.sources_view import source_rows
from collectors.arrivals import newest_arrival
from infra.clock import Clock
from infra.errors import ClosedLoopError, DataHeld
from infra.settings import read_settings
from infra.warehouse.clock import warehouse_time

OUR_PACKAGES = ("infra", "collectors", "attribution", "segments", "campaigns", "planning", "api")
_MOST_CLOCK_ERROR = timedelta(minutes=2)
_LEAST_ROOM = 2**30


@dataclass(frozen=True, slots=True)
class Finding:
    ok: bool
    sentence: str


def examine(clock: Clock) -> Iterator[Finding]:
    """Every finding, in the order of the parts that build on each other."""
    yield from _package_owners()
    try:
        services = Services(read_settings(), clock)
    except ClosedLoopError as error:
        yield Finding(False, f"{error.message} {error.help}")
        return
    yield Finding(True, f"The settings can be read; data are kept in {services.environment.data}.")
    yield _room(services.environment.data)
    try:
        yield _reach("event log", services.environment.log, lambda: services.backlog("touches"))
        yield _reach("operational database", services.environment.database, lambda: services.rejections.count_open())
        yield _reach("warehouse", services.environment.warehouse, lambda: services.warehouse.value("select 1"))
        if "warehouse" in services.__dict__:
            yield _clock(services)
        if "database" in services.__dict__:
            yield from _sources(services)
    finally:
        services.close()


@cache
def _package_owners() -> tuple[Finding, ...]:
    """They stay what they are while a process runs."""
    return tuple(_find_package_owners())


def _find_package_owners() -> Iterator[Finding]:
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


def _room(folder: Path) -> Finding:
    place = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(place).free
    if free < _LEAST_ROOM:
        return Finding(
            False, f"Only {free / 2**20:,.0f} MiB are free for {folder}: make room, or no event can be kept."
        )
    return Finding(True, f"{free / 2**30:,.0f} GiB are free there.")


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


def _sources(services: Services) -> Iterator[Finding]:
    try:
        rows = source_rows(services)
    except ClosedLoopError as error:
        yield Finding(False, f"The sources cannot be read: {error.message} {error.help}")
        return
    failing = [row for row in rows if row["health"] == "failing"]
    yield from (Finding(False, f"The source {row['id']} ({row['title']}) fails: {row['error']}") for row in failing)
    if rows and not failing:
        yield Finding(True, f"None of {len(rows)} sources fails.")


def _clock(services: Services) -> Finding:
    ours = services.clock.now()
    apart = abs(ours - warehouse_time(services.warehouse))
    if apart > _MOST_CLOCK_ERROR:
        return Finding(False, f"The clocks of this machine and of the warehouse are {apart} apart: set them by NTP.")
    newest = newest_arrival(services.warehouse)
    if newest and newest > ours + _MOST_CLOCK_ERROR:
        return Finding(
            False, f"Events came in at {newest:%Y-%m-%d %H:%M} UTC, but it is {ours:%Y-%m-%d %H:%M} now: set it by NTP."
        )
    return Finding(True, "The clock agrees with the warehouse's, and no event came from its future.")
