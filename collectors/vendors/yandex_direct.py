"""Yandex Direct: the cost of each ad by day, by the Reports service (API version 5).

A report is made at once or queued: then the same request, under the same name, is sent again until it is ready. Its
name is of the pull that asks for it, for Direct gives an older report of the same name as it was. Money is asked for in
whole units and read in micros too. Days are those of Moscow. Costs hold VAT where the source's costs do.
Source: shared format notes on the official documentation.
"""

import hashlib
from collections.abc import Generator, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx2 as httpx
import orjson

from collectors.sources.source import Source
from collectors.vendors.account_settings import setting, spending_asks
from collectors.vendors.asking import Api, retry_after
from collectors.vendors.base import Ask, Level, Page, Pull, PulledVendor
from collectors.vendors.spending import AdDay, Span, Spending
from infra.errors import UnreadableBody, VendorRefused, VendorUnavailable

_FIELDS = ("Date", "CampaignId", "CampaignName", "AdId", "Impressions", "Clicks", "Cost")
_MISSING = "--"
_MICROS = Decimal(1_000_000)
_QUEUED = (201, 202)
_TOO_HEAVY = 502
_USUAL_WAIT, _LONGEST_WAIT = 10.0, 300.0
_SPAN_DAYS = 30
_PASSING = frozenset({52, 56, 152, 506, 1000, 1001, 1002, 9000})
"""Errors that pass: too many requests or reports at once, points used up, the server in trouble."""


class YandexDirect(PulledVendor):
    slug = "yandex_direct"
    title = "Yandex Direct"
    level = Level.DOCUMENTED
    every = timedelta(hours=3)
    asks = (
        Ask("token", "OAuth token with the right direct:api", secret=True),
        Ask("client_login", "Client-Login, where an agency's token is used", required=False),
        Ask("currency", "Currency of the account", default="RUB"),
        *spending_asks("yandex", "cpc"),
    )
    guide = (
        "Register an application at oauth.yandex.ru with the right direct:api, ask for access to the API in Direct's\n"
        "settings, and get a token for the login that owns the campaigns. Put {campaign_id} into utm_campaign and\n"
        "{ad_id} into utm_content of the ads. Connect it with --timezone Europe/Moscow, and with --vat-included where\n"
        "its costs are wanted with VAT."
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        spending = Spending(pull, self.asks, pull.source.settings.get("client_login") or "own")
        currency = setting(pull.source, self.asks, "currency")
        with pull.open_api("https://api.direct.yandex.com", headers=_headers(pull.source), timeout=120.0) as api:
            waiting = list(spending.spans(_SPAN_DAYS))
            while waiting:
                span = waiting.pop(0)
                report = yield from _fetched(api, pull, spending, span)
                if report is None:
                    waiting = [*span.halves(), *waiting]
                else:
                    yield from spending.pages(span, read_report(report, currency))


def read_report(text: str, currency: str) -> Iterator[AdDay]:
    """The rows of a TSV report, with or without its name above and its total below.

    Costs are in whole units where any of them has a decimal point, else in micros. Raises `UnreadableBody`.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    head = next((number for number, line in enumerate(lines) if {"Date", "Cost"} <= set(line.split("\t"))), None)
    if head is None:
        raise UnreadableBody("The report has no line of column names.", where="report")
    names = lines[head].split("\t")
    rows = [
        dict(zip(names, (_cell(cell) for cell in line.split("\t")), strict=False))
        for line in lines[head + 1 :]
        if not line.startswith("Total rows:")
    ]
    if any(len(row) != len(names) for row in rows):
        raise UnreadableBody("A row of the report is not whole.", where="report")
    unit = Decimal(1) if any("." in row["Cost"] for row in rows) else _MICROS
    for row in rows:
        yield AdDay(
            day=date.fromisoformat(row["Date"]),
            campaign=row.get("CampaignId", ""),
            campaign_name=row.get("CampaignName", ""),
            ad=row.get("AdId", ""),
            cost=Decimal(row["Cost"] or 0) / unit,
            currency=currency,
            impressions=int(row.get("Impressions") or 0),
            clicks=int(row.get("Clicks") or 0),
        )


def _cell(text: str) -> str:
    return "" if text == _MISSING else text


def _headers(source: Source) -> dict[str, str]:
    login = source.settings.get("client_login", "")
    return {
        "Authorization": f"Bearer {source.secrets['token']}",
        "Accept-Language": "en",
        "processingMode": "auto",
        "returnMoneyInMicros": "false",
        "skipReportHeader": "true",
        "skipReportSummary": "true",
    } | ({"Client-Login": login} if login else {})


def _fetched(api: Api, pull: Pull, spending: Spending, span: Span) -> Generator[Page, None, str | None]:
    """The report of a span, when it is ready; None where it is too heavy and is to be asked for in parts."""
    params = _params(span, vat_included=pull.source.vat_included)
    name = _name(params, pull)
    asked = spending.cursor() | {"report": name}
    waited = 0.0
    while True:
        yield Page((), asked)
        answer = api.ask("POST", "/json/v5/reports", accept=(400, _TOO_HEAVY), json=_body(params, name))
        if answer.status_code == 400:
            raise _error(answer)
        if answer.status_code == _TOO_HEAVY:
            _check_divisible(span)
            return None
        if answer.status_code not in _QUEUED:
            return answer.content.decode()
        pause = retry_after(answer.headers.get("retryIn", "")) or _USUAL_WAIT
        if waited + pause > _LONGEST_WAIT:
            raise VendorUnavailable("Direct has not made the report yet.", retry_after=pause)
        api.wait(pause)
        waited += pause


def _params(span: Span, *, vat_included: bool) -> dict[str, Any]:
    return {
        "SelectionCriteria": {"DateFrom": span.first.isoformat(), "DateTo": span.last.isoformat()},
        "FieldNames": list(_FIELDS),
        "ReportType": "CUSTOM_REPORT",
        "DateRangeType": "CUSTOM_DATE",
        "Format": "TSV",
        "IncludeVAT": "YES" if vat_included else "NO",
        "IncludeDiscount": "NO",
    }


def _name(params: Mapping[str, Any], pull: Pull) -> str:
    """The name that these parameters were asked for under, if that report is still awaited; else one of this pull."""
    prefix = f"closedloop {hashlib.sha256(orjson.dumps(params)).hexdigest()[:16]}"
    awaited = str(pull.cursor.get("report", ""))
    return awaited if awaited.startswith(prefix) else f"{prefix} {pull.now:%Y%m%d%H%M%S}"


def _body(params: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {"params": {**params, "ReportName": name}}


def _check_divisible(span: Span) -> None:
    if span.is_one_day:
        raise VendorUnavailable("Direct cannot make the report of a single day.", retry_after=_LONGEST_WAIT)


def _error(answer: httpx.Response) -> VendorRefused | VendorUnavailable:
    try:
        told = answer.json()["error"]
        code, text = int(told["error_code"]), str(told["error_string"])
    except (ValueError, KeyError, TypeError):
        code, text = 0, "an error that it does not explain"
    if code in _PASSING:
        return VendorUnavailable(f"Direct is busy: {text} ({code}).", retry_after=_LONGEST_WAIT)
    return VendorRefused(
        f"Direct refuses the report: {text} ({code}).", status=400, help="Check the token, its rights and the login."
    )


VENDOR = YandexDirect()
