"""What ads cost: days are asked again while their figures may still change, and what vanished costs nothing any more.

A pull asks for `again_days` days up to today, the first one for `first_days`; a row replaces the one that the same ad
had on the same day. Vendors report only what ran: an ad that was told of a day before, and is reported no more, is told
again at no cost. For that the cursor keeps which ads were told of the days that will be asked again. It does so before
they are told, so that a pull that dies in between forgets none.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from collectors.sources.source import Told
from collectors.vendors.account_settings import days_setting, setting
from collectors.vendors.base import Ask, Page, Pull

_LONGEST_MARK = 70
_TOLD_AT = "costs_told_at"


class Span(NamedTuple):
    """Days, both inclusive, as the account counts them."""

    first: date
    last: date

    @property
    def is_one_day(self) -> bool:
        return self.first == self.last

    def halves(self) -> "tuple[Span, Span]":
        """For a report that is too heavy; of more than one day."""
        middle = self.first + (self.last - self.first) // 2
        return Span(self.first, middle), Span(middle + timedelta(days=1), self.last)


class _Key(NamedTuple):
    day: str
    campaign: str
    ad: str


@dataclass(frozen=True, slots=True)
class AdDay:
    """One ad on one day. `campaign` and `ad` are the vendor's ids; `cost` is in whole units of `currency`."""

    day: date
    campaign: str
    cost: Decimal
    currency: str
    ad: str = ""
    campaign_name: str = ""
    impressions: int = 0
    clicks: int = 0
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def says_nothing(self) -> bool:
        return not (self.cost or self.impressions or self.clicks)


def costs_are_due(pull: Pull, every: timedelta) -> bool:
    """Whether costs are to be asked for: not at each pull that something wanted brings about.

    `costs_told` says when they were.
    """
    if not pull.wanted or _TOLD_AT not in pull.cursor:
        return True
    return pull.now - datetime.fromisoformat(pull.cursor[_TOLD_AT]) >= every


def costs_told(pull: Pull, cursor: Mapping[str, Any]) -> Page:
    """The last page of a pull's costs."""
    return Page((), {**cursor, _TOLD_AT: pull.now.isoformat()})


class Spending:
    """The spend of one account during one pull. `asks` are the vendor's settings, those of `spending_asks` among them.

    Where the source was of another account before, what was told of that one is left as it is.
    """

    def __init__(self, pull: Pull, asks: Sequence[Ask], account: str) -> None:
        self._source = pull.source
        self._asks = asks
        self._account = account
        self._today = pull.now.astimezone(pull.source.timezone).date()
        self._again = days_setting(pull.source, asks, "again_days")
        cursor = pull.cursor if pull.cursor.get("account") == account else {}
        self._last = date.fromisoformat(cursor["day"]) if "day" in cursor else None
        self._currency = str(cursor.get("currency", ""))
        self._told = set(_keys(cursor.get("told", {})))

    def spans(self, most_days: int) -> Iterator[Span]:
        """What is to be asked for, in order, in spans of `most_days` at most."""
        back = self._again if self._last else days_setting(self._source, self._asks, "first_days")
        first = min(self._last or self._today, self._today) - timedelta(days=back - 1)
        while first <= self._today:
            last = min(first + timedelta(days=most_days - 1), self._today)
            yield Span(first, last)
            first = last + timedelta(days=1)

    def pages(self, span: Span, rows: Iterable[AdDay]) -> Iterator[Page]:
        """Tell all that the vendor reports of a span."""
        found = self._by_key(rows)
        before = {key for key in self._told if span.first.isoformat() <= key.day <= span.last.isoformat()}
        self._told |= set(found)
        if not set(found) <= before:
            yield Page((), self.cursor())
        vanished = before - set(found)
        told = [self._item(key, found.get(key)) for key in sorted(before | set(found))]
        self._told -= vanished
        self._last = max(span.last, self._last or span.last)
        self._forget()
        yield Page([Told("spend", item) for item in told], self.cursor())

    def cursor(self) -> dict[str, Any]:
        """Where the next pull goes on."""
        told: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for key in sorted(self._told):
            told[key.day][key.campaign].append(key.ad)
        day = {"day": self._last.isoformat()} if self._last else {}
        return {"account": self._account, "currency": self._currency, "told": told} | day

    def _by_key(self, rows: Iterable[AdDay]) -> dict[_Key, AdDay]:
        """Rows that a report splits further are one; those that say nothing are none."""
        by_name = setting(self._source, self._asks, "campaign_as") == "name"
        found: dict[_Key, AdDay] = {}
        for row in rows:
            self._currency = row.currency
            if row.says_nothing:
                continue
            mark = row.campaign_name if by_name and row.campaign_name else row.campaign
            key = _Key(row.day.isoformat(), mark, row.ad)
            found[key] = _sum(found[key], row) if key in found else row
        return found

    def _item(self, key: _Key, row: AdDay | None) -> dict[str, Any]:
        parts = (self._account, key.day, _short(key.campaign), _short(key.ad))
        named: dict[str, Any] = {"account": self._account}
        if row:
            named |= {"campaign_id": row.campaign, "campaign_name": row.campaign_name, **row.properties}
        return {
            "id": self._source.key("spend", *parts),
            "date": key.day,
            "cost": f"{row.cost:f}" if row else "0",
            "currency": self._currency,
            "source": setting(self._source, self._asks, "source"),
            "medium": setting(self._source, self._asks, "medium"),
            "campaign": key.campaign,
            "content": key.ad,
            "impressions": row.impressions if row else 0,
            "clicks": row.clicks if row else 0,
            "properties": {name: value for name, value in named.items() if value},
        }

    def _forget(self) -> None:
        """Keep only what was told of days that will be asked again."""
        if self._last:
            first = (self._last - timedelta(days=self._again - 1)).isoformat()
            self._told = {key for key in self._told if key.day >= first}


def _keys(told: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[_Key]:
    for day, campaigns in told.items():
        for campaign, ads in campaigns.items():
            yield from (_Key(day, campaign, ad) for ad in ads)


def _sum(one: AdDay, other: AdDay) -> AdDay:
    return replace(
        one,
        cost=one.cost + other.cost,
        impressions=one.impressions + other.impressions,
        clicks=one.clicks + other.clicks,
    )


def _short(mark: str) -> str:
    """A mark as a part of an id, which may not be of any length."""
    return mark if len(mark) <= _LONGEST_MARK else hashlib.blake2b(mark.encode(), digest_size=12).hexdigest()
