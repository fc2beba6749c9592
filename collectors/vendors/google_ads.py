"""Google Ads: the cost of each campaign by day, by `searchStream` of the REST interface.

It is asked for by campaign, not by ad, since Performance Max spends without ads of its own. Whole numbers come as text,
what is zero may be left out, money is in millionths of the account's currency, days are in the account's time zone. An
access token lives an hour: one that ends during a pull is renewed.
Source: shared format notes on the official documentation.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx2 as httpx

from collectors.vendors.account_settings import setting, spending_asks
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask, Level, Page, Pull, PulledVendor
from collectors.vendors.spending import AdDay, Span, Spending
from infra.errors import VendorRefused

_QUERY = (
    "SELECT segments.date, campaign.id, campaign.name, metrics.impressions, metrics.clicks, metrics.cost_micros, "
    "customer.currency_code FROM campaign WHERE segments.date BETWEEN '{first}' AND '{last}'"
)
_MICROS = Decimal(1_000_000)
_SPAN_DAYS = 30
_REFUSALS = (400, 401, 403, 404)


class GoogleAds(PulledVendor):
    slug = "google_ads"
    title = "Google Ads"
    level = Level.DOCUMENTED
    every = timedelta(hours=3)
    asks = (
        Ask("customer", "Number of the account (customer id)"),
        Ask("login_customer", "Number of the manager account that it is reached through", required=False),
        Ask("client_id", "Client id of the OAuth application"),
        Ask("client_secret", "Client secret of the OAuth application", secret=True),
        Ask("refresh_token", "Refresh token with the scope adwords", secret=True),
        Ask("developer_token", "Developer token, where the account still needs one", secret=True, required=False),
        Ask("version", "Version of the API", default="v26"),
        *spending_asks("google", "cpc"),
    )
    guide = (
        "In Google Cloud: an OAuth client of the kind «Desktop app», the Google Ads API switched on; get a refresh\n"
        "token with the scope https://www.googleapis.com/auth/adwords. In Google Ads: put {campaignid} into\n"
        "utm_campaign of the final URL suffix. Connect it with --timezone: the time zone of the account."
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        customer = _digits(pull.source.settings["customer"])
        spending = Spending(pull, self.asks, customer)
        path = f"/{setting(pull.source, self.asks, 'version')}/customers/{customer}/googleAds:searchStream"
        with pull.open_api("https://googleads.googleapis.com", headers=_headers(pull), timeout=120.0) as api:
            _renew(api, pull)
            for span in spending.spans(_SPAN_DAYS):
                yield from spending.pages(span, read_batches(_ask(api, pull, path, span)))


def read_batches(batches: list[dict[str, Any]]) -> Iterator[AdDay]:
    """The rows of all batches of an answer."""
    for row in (row for batch in batches for row in batch.get("results", [])):
        campaign, metrics = row.get("campaign", {}), row.get("metrics", {})
        yield AdDay(
            day=date.fromisoformat(row["segments"]["date"]),
            campaign=str(campaign["id"]),
            campaign_name=campaign.get("name", ""),
            cost=Decimal(metrics.get("costMicros", 0)) / _MICROS,
            currency=row.get("customer", {}).get("currencyCode", ""),
            impressions=int(metrics.get("impressions", 0)),
            clicks=int(metrics.get("clicks", 0)),
        )


def _digits(number: str) -> str:
    """A customer id as the API takes it: `123-456-7890` is how it is shown."""
    return "".join(sign for sign in number if sign.isdigit())


def _headers(pull: Pull) -> dict[str, str]:
    told = {
        "developer-token": pull.source.secrets.get("developer_token", ""),
        "login-customer-id": _digits(pull.source.settings.get("login_customer", "")),
    }
    return {name: value for name, value in told.items() if value}


def _renew(api: Api, pull: Pull) -> None:
    """Have the API asked with a fresh access token. Raises `VendorRefused` where the refresh token is not taken."""
    form = {
        "grant_type": "refresh_token",
        "client_id": pull.source.settings["client_id"],
        "client_secret": pull.source.secrets["client_secret"],
        "refresh_token": pull.source.secrets["refresh_token"],
    }
    with pull.open_api("https://oauth2.googleapis.com") as login:
        answer = login.ask("POST", "/token", accept=_REFUSALS, data=form)
    if not answer.is_success:
        raise VendorRefused(
            "Google takes the refresh token no more, or not from this client.",
            status=answer.status_code,
            help="Get a new refresh token and connect the source again: `closedloop connect`.",
        )
    api.set_header("Authorization", f"Bearer {answer.json()['access_token']}")


def _ask(api: Api, pull: Pull, path: str, span: Span) -> list[dict[str, Any]]:
    query = {"query": _QUERY.format(first=span.first, last=span.last)}
    answer = api.ask("POST", path, accept=_REFUSALS, json=query)
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        _renew(api, pull)
        answer = api.ask("POST", path, accept=_REFUSALS, json=query)
    told = answer.json()
    if not answer.is_success:
        raise _error(answer.status_code, told)
    return told if isinstance(told, list) else [told]


def _error(status: int, told: Any) -> VendorRefused:
    """Errors come as an object, or in an array as the batches do."""
    error = (told[0] if isinstance(told, list) and told else told).get("error", {})
    codes = [
        str(code)
        for detail in error.get("details", [])
        for each in detail.get("errors", [])
        for code in each.get("errorCode", {}).values()
    ]
    return VendorRefused(
        f"Google Ads refuses the query: {', '.join(codes) or error.get('status') or status}.",
        status=status,
        help="Check the account's number, the manager account and the rights of the login.",
    )


VENDOR = GoogleAds()
