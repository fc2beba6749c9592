"""Roistat: calls and requests by webhook and by its API.

`visitor_id` is the number of the visit as it stands in the cookie `roistat_visit` and in the field `roistat` of CRM
cards; client ids of Google and Metrica go into `properties`. Times without a zone are UTC. Roistat says nothing of
repetitions, so its lists of calls and requests are asked every hour. The webhook of a call's beginning makes no call.
Source: shared format notes on the official help pages and on answers that clients recorded.
"""

from collections.abc import Iterator
from typing import Any

from collectors.deliveries import Delivery
from collectors.sources.source import Source, Told
from collectors.vendors.base import Ask, Level, Page, Pull
from collectors.vendors.reconciling import HISTORY, Days, ReconciledVendor, pages_of_days
from collectors.vendors.roistat_api import RoistatApi
from collectors.vendors.roistat_rows import call_of_list, call_of_webhook, is_final, lead_of_list, lead_of_webhook
from infra.errors import UnreadableBody


class Roistat(ReconciledVendor):
    slug = "roistat"
    title = "Roistat"
    level = Level.DOCUMENTED
    asks = (
        Ask("project", "Number of the project"),
        Ask("api_key", "API key of the project or its user", secret=True),
        HISTORY,
    )
    guide = (
        "The key: profile → API key; the project's number stands in the address of its pages.\n"
        "Calls: Call tracking → settings of the script → webhook after the call: {address}\n"
        "Requests: Integrations → webhook of deals: {address}"
    )

    def is_test(self, source: Source, delivery: Delivery) -> bool:
        return delivery.body.strip() in (b"", b"{}") and not delivery.query

    def read(self, source: Source, delivery: Delivery) -> Iterator[Told]:
        told = _pairs(delivery)
        if "caller" in told or "callee" in told:
            if is_final(told):
                yield Told("calls", call_of_webhook(source, told))
        elif "id" in told:
            yield Told("leads", lead_of_webhook(source, told))
        else:
            raise UnreadableBody("It is neither a call nor a request.", where="body")

    def pull(self, pull: Pull) -> Iterator[Page]:
        with RoistatApi(pull) as api:
            yield from pages_of_days(pull, lambda days: _tell(api, pull.source, days), at_once=7)


def _tell(api: RoistatApi, source: Source, days: Days) -> Iterator[list[Told]]:
    for rows in api.calls(days):
        yield [Told("calls", call_of_list(source, row)) for row in rows if is_final(row)]
    yield [Told("leads", lead_of_list(source, row)) for row in api.proxy_leads(days)]


def _pairs(delivery: Delivery) -> dict[str, Any]:
    """A call comes as JSON, a request in the query; a form's fields count as well."""
    if not delivery.body.lstrip().startswith(b"{"):
        return dict(delivery.query_pairs()) | dict(delivery.form())
    told: dict[str, Any] = delivery.json()
    return dict(delivery.query_pairs()) | told


VENDOR = Roistat()
