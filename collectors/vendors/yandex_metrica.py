"""Yandex Metrica: visits as touches, by the Logs API; and, if wanted, told what other ads cost.

Days before today are asked for: a log is ordered, awaited, downloaded part by part, and always cleaned away, for a
counter has room for 10 GB of them. Nearly all visits are closed within three days, so the last `again_days` days are
asked for again; a visit keeps its id. 420 and 429 both mean to wait. `visitor_id` is Metrica's ClientID (the cookie
`_ym_uid`), `session_id` the visit's number: what a CRM or form keeps of them ties a lead to its visit.
Source: shared format notes on the official documentation.
"""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from collectors.vendors.account_settings import days_setting, setting
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask, Level, Page, Pull, PulledVendor
from collectors.vendors.metrica_expenses import expenses_csv, upload_expenses
from collectors.vendors.metrica_logs import Logs
from infra.errors import Unavailable

_EXPENSE_DAYS = 30

_log = logging.getLogger(__name__)


class YandexMetrica(PulledVendor):
    slug = "yandex_metrica"
    title = "Yandex Metrica"
    level = Level.DOCUMENTED
    every = timedelta(hours=6)
    asks = (
        Ask("token", "OAuth token with the right metrika:read (and metrika:write to clean logs)", secret=True),
        Ask("counter", "Number of the counter"),
        Ask("first_days", "Days back that are taken at first", default="90"),
        Ask("again_days", "Days back that are asked again at each pull", default="4"),
        Ask("expenses", "Whether Metrica is told what other ads cost: yes or no", default="no"),
    )
    guide = (
        "Register an application at oauth.yandex.ru with the rights metrika:read and metrika:write, and get a token\n"
        "for a login that may see the counter. Connect it with --timezone: the counter's time zone."
    )

    def pull(self, pull: Pull) -> Iterator[Page]:
        counter = pull.source.settings["counter"]
        cursor = pull.cursor if pull.cursor.get("counter") == counter else {"counter": counter}
        yesterday = pull.now.astimezone(pull.source.timezone).date() - timedelta(days=1)
        headers = {"Authorization": f"OAuth {pull.source.secrets['token']}"}
        with pull.open_api("https://api-metrika.yandex.net", headers=headers, per_second=5.0, timeout=120.0) as api:
            logs = Logs(api, pull.source, cursor)
            if logs.open:
                first = yield from logs.take(logs.open)
            else:
                first = self._first_day(pull, cursor, yesterday)
            while first <= yesterday:
                first = yield from logs.take(logs.order(first, yesterday))
            if setting(pull.source, self.asks, "expenses") == "yes":
                yield from self._expenses(pull, api, counter, logs.cursor)

    def _expenses(self, pull: Pull, api: Api, counter: str, cursor: Mapping[str, Any]) -> Iterator[Page]:
        """Tell Metrica what the last days cost, where that is not what it was told last."""
        today = pull.now.astimezone(pull.source.timezone).date()
        try:
            found = list(pull.expenses(today - timedelta(days=_EXPENSE_DAYS - 1), today))
        except Unavailable as error:
            _log.warning("expenses wait for the next pull: %s", error.message)
            return
        table = expenses_csv(found, pull.siblings("yandex_direct"))
        digest = hashlib.blake2b(table, digest_size=12).hexdigest()
        if table and digest != cursor.get("expenses"):
            upload_expenses(api, counter, table)
            yield Page((), {**cursor, "expenses": digest})

    def _first_day(self, pull: Pull, cursor: Mapping[str, Any], yesterday: date) -> date:
        last = min(date.fromisoformat(cursor["day"]), yesterday) if "day" in cursor else yesterday
        back = days_setting(pull.source, self.asks, "again_days" if "day" in cursor else "first_days")
        return last - timedelta(days=back - 1)


VENDOR = YandexMetrica()
