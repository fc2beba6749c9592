"""Avito: calls and chats that are paid for one by one, call tracking, the account's spendings, and the messenger.

Avito may decide for weeks that a call was no target, so the last `again_days` days are asked for at each pull. Errors
may come with status 200. CPA calls and spendings are asked for once a minute at most. Costs are the prices of calls and
chats, or, where `parts` names spendings, those of the whole account, which hold them: never both. A message of the
messenger only makes its chat wanted; the chat is fetched, and is one lead whatever is written in it later.
Source: shared format notes on the official Swagger files.
"""

from collections.abc import Generator, Iterator, Mapping
from datetime import timedelta

from collectors.deliveries import Delivery
from collectors.sources.source import Source, Told, Wanted
from collectors.vendors.account_settings import setting, spending_asks
from collectors.vendors.avito_api import AvitoApi
from collectors.vendors.avito_events import call_price, chat_price, cpa_call, cpa_chat, messenger_lead, tracked_call
from collectors.vendors.base import Ask, Level, Page, Pull, WebhookVendor
from collectors.vendors.spending import AdDay, Span, Spending, costs_are_due, costs_told
from infra.errors import InvalidInput, UnreadableBody, VendorRefused

_PARTS = ("calls", "chats", "calltracking", "spendings")
_ALL_DAYS = 100_000


class Avito(WebhookVendor):
    slug = "avito"
    title = "Avito"
    level = Level.DOCUMENTED
    every = timedelta(hours=1)
    asks = (
        Ask("client_id", "Client id"),
        Ask("client_secret", "Client secret", secret=True),
        Ask("parts", f"What is taken, of {', '.join(_PARTS)}", default="calls,chats"),
        Ask("spendings_in", "What spendings are counted in: kopecks or roubles", default="kopecks"),
        *(ask for ask in spending_asks("avito", "cpa", again_days=30) if ask.name != "campaign_as"),
    )
    guide = (
        "At avito.ru/professionals/api: client id and secret.\n"
        "For chats of the messenger, let Avito send them to {address}: POST /messenger/v3/webhook with that url."
    )

    def is_test(self, source: Source, delivery: Delivery) -> bool:
        return delivery.body.strip() in (b"", b"{}")

    def read(self, source: Source, delivery: Delivery) -> Iterator[Wanted]:
        told = delivery.json()
        if not isinstance(told, dict):
            raise UnreadableBody("The body is no object.", where="body")
        payload = told.get("payload") or {}
        value = payload.get("value") or {}
        own, author = value.get("user_id"), value.get("author_id")
        if payload.get("type") == "message" and author and author != own and value.get("type") != "system":
            yield Wanted("chat", f"{own}/{value['chat_id']}")

    def pull(self, pull: Pull) -> Iterator[Page]:
        with AvitoApi(pull) as api:
            refused = yield from self._wanted_chats(pull, api)
            if costs_are_due(pull, self.every):
                yield from self._parts(pull, api)
        if refused:
            raise refused

    def _wanted_chats(self, pull: Pull, api: AvitoApi) -> Generator[Page, None, VendorRefused | None]:
        """Fetch the chats that were written in; returns why some were not given, if so."""
        refused: VendorRefused | None = None
        for wanted in pull.wanted:
            own, _, key = wanted.key.partition("/")
            try:
                found = api.chat(own, key)
            except VendorRefused as error:
                refused = error
                continue
            leads = [messenger_lead(pull.source, own, *found, self._marks(pull.source))] if found else []
            yield Page([Told("leads", lead) for lead in leads], pull.cursor, [wanted])
        return refused

    def _parts(self, pull: Pull, api: AvitoApi) -> Iterator[Page]:
        parts = _parts(setting(pull.source, self.asks, "parts"))
        spending = Spending(pull, self.asks, pull.source.settings["client_id"])
        (span,) = spending.spans(_ALL_DAYS)
        prices: dict[str, AdDay] = {}
        if "calls" in parts:
            yield from self._cpa_calls(pull, api, span, prices)
        if "chats" in parts:
            yield from self._cpa_chats(pull, api, span, prices)
        if "calltracking" in parts:
            yield from self._tracked_calls(pull, api, span)
        whole = setting(pull.source, self.asks, "spendings_in")
        yield from spending.pages(span, api.spendings(span, whole) if "spendings" in parts else prices.values())
        yield costs_told(pull, spending.cursor())

    def _cpa_calls(self, pull: Pull, api: AvitoApi, span: Span, prices: dict[str, AdDay]) -> Iterator[Page]:
        marks = self._marks(pull.source)
        for calls in api.cpa_calls(span):
            prices |= {f"call {call['id']}": call_price(pull.source, call) for call in calls}
            yield Page([Told("calls", cpa_call(pull.source, call, marks)) for call in calls], pull.cursor)

    def _cpa_chats(self, pull: Pull, api: AvitoApi, span: Span, prices: dict[str, AdDay]) -> Iterator[Page]:
        marks = self._marks(pull.source)
        for chats in api.cpa_chats(span):
            prices |= {f"chat {told['chat']['actionId']}": chat_price(pull.source, told) for told in chats}
            yield Page([Told("leads", cpa_chat(pull.source, told, marks)) for told in chats], pull.cursor)

    def _tracked_calls(self, pull: Pull, api: AvitoApi, span: Span) -> Iterator[Page]:
        marks = self._marks(pull.source)
        for calls in api.tracked_calls(span):
            yield Page([Told("calls", tracked_call(pull.source, call, marks)) for call in calls], pull.cursor)

    def _marks(self, source: Source) -> Mapping[str, str]:
        return {name: setting(source, self.asks, name) for name in ("source", "medium")}


def _parts(told: str) -> set[str]:
    parts = {part.strip() for part in told.split(",") if part.strip()}
    if unknown := parts - set(_PARTS):
        raise InvalidInput(
            f"Avito has no {sorted(unknown)[0]!r}.", where="parts", help=f"There are {', '.join(_PARTS)}."
        )
    return parts


VENDOR = Avito()
