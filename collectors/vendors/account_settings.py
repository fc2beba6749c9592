"""Settings that ad accounts share: the marks of their ads, and how many days are asked for."""

from collections.abc import Iterable

from collectors.sources.source import Source
from collectors.vendors.base import Ask
from infra.errors import InvalidInput

_MOST_DAYS = 2000


def spending_asks(source: str, medium: str, *, again_days: int = 4, first_days: int = 90) -> tuple[Ask, ...]:
    """The settings that every account of ads has."""
    return (
        Ask("source", "utm_source that its ads carry", default=source),
        Ask("medium", "utm_medium that its ads carry", default=medium),
        Ask("campaign_as", "What utm_campaign holds: id or name", default="id"),
        Ask("first_days", "Days back that are taken at first", default=str(first_days)),
        Ask("again_days", "Days back that are asked again at each pull", default=str(again_days)),
    )


def setting(source: Source, asks: Iterable[Ask], name: str) -> str:
    """The setting, or what is asked for where nobody set it."""
    return source.settings.get(name) or next((ask.default for ask in asks if ask.name == name), "")


def days_setting(source: Source, asks: Iterable[Ask], name: str) -> int:
    """A number of days. Raises `InvalidInput`."""
    told = setting(source, asks, name)
    if not told.isdecimal() or not 1 <= int(told) <= _MOST_DAYS:
        raise InvalidInput(
            f"{told!r} is no number of days.", where=name, help=f"Write a number from 1 to {_MOST_DAYS}."
        )
    return int(told)
