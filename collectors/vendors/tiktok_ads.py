"""TikTok Ads: the cost of each ad by day, by the integrated report.

Errors come with status 200 and a `code` other than 0; lists in the query are JSON; numbers are text; days are in the
advertiser's zone.
Source: shared format notes: parameters from the official SDK, the answer from memory, so level B.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import orjson

from collectors.vendors.account_settings import setting, spending_asks
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask, Level, Page, Pull, PulledVendor
from collectors.vendors.spending import AdDay, Span, Spending
from infra.errors import VendorRefused, VendorUnavailable

_PATH = "/open_api/v1.3/report/integrated/get/"
_DIMENSIONS = ("ad_id", "stat_time_day")
_METRICS = ("spend", "impressions", "clicks", "conversion", "campaign_id", "campaign_name", "adgroup_id", "currency")
_SPAN_DAYS = 30
_PAGE = 1000
_THROTTLED = 40100
_THEIR_TROUBLES = range(50000, 60000)
_BUSY_WAIT = 60.0
_KEPT = ("adgroup_id", "conversion")


class TikTokAds(PulledVendor):
    slug = "tiktok_ads"
    title = "TikTok Ads"
    level = Level.AGREED
    every = timedelta(hours=3)
    asks = (
        Ask("token", "Access token of the application, long-lived", secret=True),
        Ask("advertiser", "Number of the advertiser (advertiser_id)"),
        Ask("currency", "Currency of the account", default="RUB"),
        *spending_asks("tiktok", "cpc"),
    )
    guide = (
        "At business-api.tiktok.com: an application with the right Reporting, authorised by the advertiser;\n"
        "its access token. Put __CAMPAIGN_ID__ into utm_campaign and __CID__ into utm_content of the ads.\n"
        "Connect it with --timezone: the time zone of the advertiser's account."
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        advertiser = pull.source.settings["advertiser"]
        spending = Spending(pull, self.asks, advertiser)
        currency = setting(pull.source, self.asks, "currency")
        headers = {"Access-Token": pull.source.secrets["token"]}
        with pull.open_api("https://business-api.tiktok.com", headers=headers, timeout=60.0) as api:
            for span in spending.spans(_SPAN_DAYS):
                rows = [_ad_day(row, currency) for row in _rows(api, advertiser, span)]
                yield from spending.pages(span, rows)


def _rows(api: Api, advertiser: str, span: Span) -> Iterator[dict[str, Any]]:
    params = {
        "advertiser_id": advertiser,
        "report_type": "BASIC",
        "data_level": "AUCTION_AD",
        "dimensions": orjson.dumps(_DIMENSIONS).decode(),
        "metrics": orjson.dumps(_METRICS).decode(),
        "start_date": f"{span.first}",
        "end_date": f"{span.last}",
        "page_size": str(_PAGE),
    }
    page = last = 1
    while page <= last:
        told = _data(api.ask("GET", _PATH, params={**params, "page": str(page)}).json())
        yield from told.get("list", [])
        last = int(told.get("page_info", {}).get("total_page") or 1)
        page += 1


def _data(told: Mapping[str, Any]) -> dict[str, Any]:
    code = int(told.get("code", -1))
    if code == 0:
        return dict(told.get("data") or {})
    if code == _THROTTLED or code in _THEIR_TROUBLES:
        raise VendorUnavailable(f"TikTok is busy, or was asked too often (code {code}).", retry_after=_BUSY_WAIT)
    raise VendorRefused(
        f"TikTok refuses the report (code {code}).",
        status=200,
        help="Check the token, and that the application may report on this advertiser.",
    )


def _ad_day(row: Mapping[str, Any], currency: str) -> AdDay:
    dimensions, metrics = row["dimensions"], row.get("metrics", {})
    return AdDay(
        day=date.fromisoformat(dimensions["stat_time_day"][:10]),
        campaign=str(metrics.get("campaign_id", "")),
        campaign_name=metrics.get("campaign_name", ""),
        ad=str(dimensions["ad_id"]),
        cost=Decimal(str(metrics.get("spend") or 0)),
        currency=metrics.get("currency") or currency,
        impressions=int(metrics.get("impressions") or 0),
        clicks=int(metrics.get("clicks") or 0),
        properties={name: metrics[name] for name in _KEPT if metrics.get(name)},
    )


VENDOR = TikTokAds()
