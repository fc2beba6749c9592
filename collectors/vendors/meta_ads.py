"""Meta (Facebook, Instagram): the cost of each ad by day, and the leads of lead forms.

Insights come in pages, all numbers as text. `actions` name one thing several times under different names: they are kept
beside the cost and never added up. A lead's webhook names only its id; the lead itself is fetched by the next pull, and
counts once whatever is delivered again. A lead that Meta does not give stays wanted and holds up no other.
Source: shared format notes on the official SDK and documentation; the webhook's body is from a third party's notes.
"""

import hashlib
import hmac
from collections.abc import Generator, Iterator
from datetime import timedelta
from typing import Any

from collectors.deliveries import Delivery
from collectors.sources.source import Source, Told, Wanted
from collectors.vendors.account_settings import setting, spending_asks
from collectors.vendors.base import Ask, Level, Page, Pull, Reply, WebhookVendor
from collectors.vendors.meta_graph import Graph, TooMuchAsked, ad_days
from collectors.vendors.spending import Spending, costs_are_due, costs_told
from infra.errors import NotAllowed, UnreadableBody, VendorRefused

_SPAN_DAYS = 7
_SAMPLE_LEAD = "444444444444"
_LEAD_FIELDS = (
    "id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,is_organic,platform,field_data"
)
_NAMES = ("full_name", "first_name", "last_name")
_KNOWN = frozenset({*_NAMES, "phone_number", "email"})
_KEPT = ("form_id", "ad_name", "adset_id", "adset_name", "campaign_id", "campaign_name", "platform")


class MetaAds(WebhookVendor):
    slug = "meta_ads"
    title = "Meta Ads and lead forms"
    level = Level.DOCUMENTED
    every = timedelta(hours=3)
    asks = (
        Ask("token", "Access token of a system user (ads_read; leads_retrieval for lead forms)", secret=True),
        Ask("account", "Number of the ad account; none where only leads are wanted", required=False),
        Ask("app_secret", "App secret, for the webhook of lead forms", secret=True, required=False),
        Ask("verify_token", "A word of your own, to verify the webhook with", secret=True, required=False),
        Ask("version", "Version of the Graph API", default="v25.0"),
        *spending_asks("facebook", "cpc"),
    )
    guide = (
        "In Business settings: a system user with the ad account and the page, and a token of it.\n"
        "In the app: Webhooks → Page → address {address}, the verify token that you chose, the field leadgen.\n"
        "Put {{campaign.id}} into utm_campaign and {{ad.id}} into utm_content of the ads' URL parameters.\n"
        "Connect it with --timezone: the time zone of the ad account."
    )

    def check(self, source: Source, delivery: Delivery) -> None:
        if delivery.method == "GET":
            told = dict(delivery.query_pairs()).get("hub.verify_token", "")
            wanted = source.secrets.get("verify_token", "")
        else:
            told = delivery.headers.get("x-hub-signature-256", "")
            wanted = _signature(source.secrets.get("app_secret", ""), delivery.body)
        if not wanted or not hmac.compare_digest(wanted.encode(), told.encode()):
            raise NotAllowed(
                "The signature or verify token is wrong.", where="X-Hub-Signature-256", help="Check the app's secret."
            )

    def is_test(self, source: Source, delivery: Delivery) -> bool:
        return delivery.method == "GET" or f'"{_SAMPLE_LEAD}"'.encode() in delivery.body

    def reply(self, source: Source, delivery: Delivery) -> Reply:
        if delivery.method != "GET":
            return Reply()
        challenge = dict(delivery.query_pairs()).get("hub.challenge", "")
        return Reply(challenge.encode(), "text/plain")

    def read(self, source: Source, delivery: Delivery) -> Iterator[Wanted]:
        told = delivery.json()
        if not isinstance(told, dict):
            raise UnreadableBody("The body is no object.", where="body")
        for entry in told.get("entry", []):
            for change in entry.get("changes", []):
                if change.get("field") == "leadgen":
                    yield Wanted("lead", str(change["value"]["leadgen_id"]))

    def pull(self, pull: Pull) -> Iterator[Page]:
        headers = {"Authorization": f"Bearer {pull.source.secrets['token']}"}
        version = setting(pull.source, self.asks, "version")
        with pull.open_api("https://graph.facebook.com", headers=headers, timeout=120.0) as api:
            graph = Graph(api, version)
            refused = yield from self._leads(pull, graph)
            if pull.source.settings.get("account") and costs_are_due(pull, self.every):
                yield from self._spending(pull, graph)
        if refused:
            raise refused

    def _spending(self, pull: Pull, graph: Graph) -> Iterator[Page]:
        account = pull.source.settings["account"].removeprefix("act_")
        spending = Spending(pull, self.asks, account)
        waiting = list(spending.spans(_SPAN_DAYS))
        while waiting:
            span = waiting.pop(0)
            try:
                rows = list(graph.insights(account, span))
            except TooMuchAsked:
                if not span.is_one_day:
                    waiting = [*span.halves(), *waiting]
                    continue
                rows = list(graph.insights_by_job(account, span))
            yield from spending.pages(span, ad_days(rows))
        yield costs_told(pull, spending.cursor())

    def _leads(self, pull: Pull, graph: Graph) -> Generator[Page, None, VendorRefused | None]:
        """Fetch what is wanted; returns why some leads were not given, if so."""
        refused: VendorRefused | None = None
        for wanted in pull.wanted:
            try:
                lead = graph.get(wanted.key, {"fields": _LEAD_FIELDS})
            except VendorRefused as error:
                refused = error
            else:
                yield Page([Told("leads", self._lead(pull.source, lead))], pull.cursor, [wanted])
        return refused

    def _lead(self, source: Source, lead: dict[str, Any]) -> dict[str, Any]:
        answers = {each["name"]: ", ".join(each.get("values", [])) for each in lead.get("field_data", [])}
        names = [answers.get(name, "") for name in _NAMES]
        by_name = setting(source, self.asks, "campaign_as") == "name"
        paid = bool(lead.get("ad_id")) and not lead.get("is_organic")
        return {
            "id": source.key("lead", lead["id"]),
            "created_at": lead["created_time"],
            "kind": "form",
            "name": names[0] or " ".join(name for name in names[1:] if name),
            "phone": answers.get("phone_number", ""),
            "email": answers.get("email", ""),
            "source": setting(source, self.asks, "source"),
            "medium": setting(source, self.asks, "medium") if paid else "social",
            "campaign": lead.get("campaign_name" if by_name else "campaign_id", ""),
            "content": lead.get("ad_id", ""),
            "properties": {name: lead[name] for name in _KEPT if lead.get(name)}
            | {name: value for name, value in answers.items() if name not in _KNOWN},
        }


def _signature(secret: str, body: bytes) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}" if secret else ""


VENDOR = MetaAds()
