"""amoCRM and Kommo: webhooks of leads and contacts, and REST v4 for the past and for what webhooks leave out.

A lead of amo is our deal; 142 is won and 143 lost in every pipeline, unless `stages` says otherwise. The canonical
lead is told of by the API alone where there is a token, since it holds the newest version; else by the webhook of a
new lead, which comes once. Times are Unix times; prices are whole units of the account's currency.
Source: shared format notes on the official documentation and the official PHP client.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from collectors.brackets import nested, values
from collectors.deliveries import Delivery
from collectors.sources.source import Found, Source, Told, Wanted
from collectors.vendors.amocrm_api import AmoApi, has_api
from collectors.vendors.amocrm_cards import contact_of, deal_of, moment, text
from collectors.vendors.base import Ask, Level, Page, Pull, WebhookVendor
from collectors.vendors.card_fields import FIELD_ASKS
from collectors.vendors.card_reading import Card, told_of
from collectors.vendors.change_walk import by_change
from collectors.vendors.contacts import CrmContact
from collectors.vendors.crm_deals import deleted_deal
from collectors.vendors.stages import Stages, stage_asks
from infra.errors import InvalidInput

_OVERLAP = 300
_AT_ONCE = 100


class AmoCrm(WebhookVendor):
    slug = "amocrm"
    title = "amoCRM / Kommo"
    level = Level.DOCUMENTED
    every = timedelta(minutes=10)
    asks = (
        Ask("account", "Address of the account, such as dealer1.amocrm.ru or dealer1.kommo.com"),
        Ask("access_token", "Long-lived token of a private integration (empty: OAuth)", secret=True, required=False),
        Ask("client_id", "OAuth: id of the integration", required=False),
        Ask("client_secret", "OAuth: secret key of the integration", secret=True, required=False),
        Ask("redirect_uri", "OAuth: redirect address of the integration", required=False),
        Ask("code", "OAuth: authorization code, good for 20 minutes", secret=True, required=False),
        *stage_asks("8000001:70000003", "8000001"),
        *FIELD_ASKS,
        Ask("own_user", "Id of the user who writes for Closed Loop, whose changes are passed over", required=False),
    )
    guide = (
        "For the past and for contacts: Settings → Integrations → Create integration → private; allow access to\n"
        "data, and copy the long-lived token. Without one only what webhooks bring is known.\n"
        "Then Settings → Integrations → Webhooks → {address}\n"
        "Tick: lead added, edited, status changed, responsible changed, deleted, restored; contact added, edited."
    )

    def examine(self, source: Source) -> None:
        Stages.of(source)
        if source.secrets.get("code") and not (
            source.settings.get("client_id") and source.secrets.get("client_secret")
        ):
            raise InvalidInput(
                "An authorization code is of no use without the integration's id and secret key.",
                where="code",
                help="Set client_id and client_secret too, or take a long-lived token.",
            )

    def read(self, source: Source, delivery: Delivery) -> Iterator[Found]:
        told = nested(delivery.form())
        for action, raw in _items(told.get("leads")):
            yield from _lead(source, delivery, action, raw)
        for action, raw in _items(told.get("contacts")):
            yield from _contact(source, action, raw)

    def pull(self, pull: Pull) -> Iterator[Page]:
        if not has_api(pull.source):
            return
        with AmoApi(pull) as api:
            cursor = dict(pull.cursor)
            yield from _wanted_leads(pull, api, cursor)
            for page in by_change(api.changed_leads, _begin(cursor, "leads")):
                cursor["leads"] = max(page.last, cursor.get("leads", 0))
                yield Page(_told_of_leads(pull.source, api, page.rows), dict(cursor))
            for page in by_change(api.changed_contacts, _begin(cursor, "contacts")):
                cursor["contacts"] = max(page.last, cursor.get("contacts", 0))
                found = told_of("profiles", page.rows, lambda raw: contact_of(raw).profiles(pull.source))
                yield Page(found, dict(cursor))


def _items(entity: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the form says of an entity: every action, every index."""
    if isinstance(entity, dict):
        for action, listed in entity.items():
            for raw in values(listed):
                if isinstance(raw, dict) and "id" in raw:
                    yield action, raw


def _lead(source: Source, delivery: Delivery, action: str, raw: dict[str, Any]) -> Iterator[Found]:
    own = source.settings.get("own_user")
    if action == "note" or (own and text(raw.get("modified_user_id")) == own):
        return
    if action == "delete":
        yield deleted_deal(source, text(raw["id"]), delivery.received_at)
        return
    fetched = has_api(source)
    deal = deal_of(source, raw, tells_lead=fetched or action == "add", otherwise_at=delivery.received_at)
    yield deal.stage(source, delivery.received_at if action == "restore" else deal.changed_at)
    if fetched:
        yield Wanted("lead", deal.id)
    elif action == "add":
        yield from deal.opened(source)
        yield from deal.lead_row(source, _kind(deal.card.marks() or deal.card.traces()))


def _contact(source: Source, action: str, raw: dict[str, Any]) -> Iterator[Found]:
    if action not in ("add", "update"):
        return
    contact = contact_of(raw)
    yield from contact.profiles(source)
    for lead, link in (raw.get("linked_leads_id") or {}).items():
        key = text(link.get("ID")) or lead if isinstance(link, dict) else text(link)
        if has_api(source):
            yield Wanted("lead", key)
        else:
            yield _tie(source, key, contact, raw)


def _tie(source: Source, lead: str, contact: CrmContact, raw: Mapping[str, Any]) -> Told:
    """That a deal is of a contact. Its stage is not said: it was a lead by the time the contact was new, or before."""
    return Told("deals", {
        "id": source.key("deal", lead, "contact", contact.id), "deal_id": source.key("deal", lead),
        "occurred_at": moment(raw.get("created_at") or raw.get("date_create")) or contact.changed_at,
        "stage": "lead", "contact": contact.named(source),
    })  # fmt: skip


def _kind(traces: object) -> str:
    """Leads with traces of a site came from its forms; of the others nobody knows."""
    return "form" if traces else "offline"


def _begin(cursor: Mapping[str, Any], what: str) -> int:
    """A little before where the last pull ended: changes become visible late."""
    return max(0, int(cursor.get(what, 0)) - _OVERLAP)


def _wanted_leads(pull: Pull, api: AmoApi, cursor: Mapping[str, Any]) -> Iterator[Page]:
    wanted = [each for each in pull.wanted if each.kind == "lead"]
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        yield Page(_told_of_leads(pull.source, api, api.leads([each.key for each in part])), dict(cursor), part)


def _told_of_leads(source: Source, api: AmoApi, rows: Sequence[Card]) -> list[Told]:
    contacts = api.main_contacts(rows)

    def read(raw: Card) -> Iterator[Told]:
        contact = contacts.get(text(raw["id"]))
        deal = deal_of(source, raw, tells_lead=True, contact=contact, names=api.status_names())
        if contact:
            yield from contact.profiles(source)
        yield from deal.events(source)
        yield from deal.lead_row(source, _kind(deal.card.marks() or deal.card.traces()))

    return told_of("deals", rows, read)


VENDOR = AmoCrm()
