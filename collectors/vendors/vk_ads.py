"""VK Ads: the cost of each campaign (ad plan) by day.

`spent` is in roubles, as text or as a number. A client may have few tokens, so one is kept with the source's secrets
and renewed only when it ends. Campaigns are listed, and their days asked for in chunks; one that cost something lately
is asked for though the list has it no more, for it may have been deleted.
Source: shared format notes on rows and clients of third parties: level B.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from collectors.vendors.account_settings import spending_asks
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask, Level, Page, Pull, PulledVendor
from collectors.vendors.kept_token import KeptToken
from collectors.vendors.spending import AdDay, Span, Spending

_SPAN_DAYS = 90
_LISTED = 250
_CHUNK = 100
_CURRENCY = "RUB"


class VkAds(PulledVendor):
    slug = "vk_ads"
    title = "VK Ads"
    level = Level.AGREED
    every = timedelta(hours=3)
    asks = (
        Ask("client_id", "Client id"),
        Ask("client_secret", "Client secret", secret=True),
        *spending_asks("vk", "cpc"),
    )
    guide = (
        "In the cabinet of VK Ads: Settings → Access to the API → get a client id and secret.\n"
        "Put {{campaign_id}} into utm_campaign of the ads. Connect it with --vat-included where the account's costs\n"
        "hold VAT: compare a day with the cabinet."
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        spending = Spending(pull, self.asks, pull.source.settings["client_id"])
        with pull.open_api("https://ads.vk.com", timeout=60.0) as api:
            cabinet = _Cabinet(api, pull)
            lately: dict[str, str] = dict(pull.cursor.get("plans", {}))
            plans = lately | cabinet.plans()
            still: dict[str, str] = {}
            for span in spending.spans(_SPAN_DAYS):
                rows = list(cabinet.days(plans, span))
                still |= {row.campaign: row.campaign_name for row in rows if not row.says_nothing}
                for page in spending.pages(span, rows):
                    yield Page(page.found, {**page.cursor, "plans": lately | still})
            yield Page((), {**spending.cursor(), "plans": still})


class _Cabinet:
    """What the API tells of one account."""

    def __init__(self, api: Api, pull: Pull) -> None:
        source = pull.source
        client = {"client_id": source.settings["client_id"], "client_secret": source.secrets["client_secret"]}
        self._token = KeptToken(api, pull, "/api/v2/oauth2/token.json", client)

    def plans(self) -> dict[str, str]:
        """Names of campaigns by id."""
        found: dict[str, str] = {}
        offset = 0
        while True:
            told = self._get("ad_plans.json", {"fields": "id,name", "limit": str(_LISTED), "offset": str(offset)})
            found |= {str(each["id"]): str(each.get("name", "")) for each in told["items"]}
            offset += _LISTED
            if offset >= int(told.get("count") or 0):
                return found

    def days(self, plans: Mapping[str, str], span: Span) -> Iterator[AdDay]:
        ids = sorted(plans)
        for start in range(0, len(ids), _CHUNK):
            params = {
                "id": ",".join(ids[start : start + _CHUNK]),
                "date_from": f"{span.first}",
                "date_to": f"{span.last}",
                "metrics": "base",
            }
            yield from read_statistics(self._get("statistics/ad_plans/day.json", params)["items"], plans)

    def _get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        told: dict[str, Any] = self._token.ask("GET", f"/api/v2/{path}", params=params).json()
        return told


def read_statistics(items: Sequence[Mapping[str, Any]], plans: Mapping[str, str]) -> Iterator[AdDay]:
    """The days of campaigns. A number is read as it is written, not as binary floats would have it."""
    for item in items:
        key = str(item["id"])
        for row in item.get("rows", []):
            base = row.get("base", {})
            yield AdDay(
                day=date.fromisoformat(row["date"]),
                campaign=key,
                campaign_name=plans.get(key, ""),
                cost=Decimal(str(base.get("spent") or 0)),
                currency=_CURRENCY,
                impressions=int(base.get("shows") or 0),
                clicks=int(base.get("clicks") or 0),
            )


VENDOR = VkAds()
