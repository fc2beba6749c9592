"""WordPress Contact Form 7, by the small plugin of `docs/how-to/connect-forms.md`: it posts each form as JSON.

The plugin's body is ours: fields, cookies, page and time of a form. UTM marks are those of the page's address where the
form has no fields of its own for them. The same hash of a form's content is the same form.
"""

from collections.abc import Iterator
from typing import Any

from collectors.cookies import other_ids, visitor_of
from collectors.deliveries import Delivery
from collectors.links import read_link
from collectors.sources.source import Source, Told
from collectors.vendors.base import Ask, Level
from collectors.vendors.webhook import Webhook, payloads, preset_of

_OF_COOKIES = "cookies."


class ContactForm7(Webhook):
    slug = "cf7"
    title = "WordPress Contact Form 7"
    level = Level.DOCUMENTED
    asks = (Ask("preset", "Preset of the form's field names", default="cf7", may_be_file=True),)
    guide = "Put the plugin of docs/how-to/connect-forms.md into wp-content/mu-plugins, with this address: {address}"

    def read(self, source: Source, delivery: Delivery) -> Iterator[Told]:
        chosen = preset_of(source)
        for payload in payloads(delivery):
            event = chosen.read(payload)
            marks, clicks = read_link(str(payload.get("page") or ""))
            yield Told(chosen.family, _event(source, delivery, payload, {**marks, **event}, clicks))


def _event(
    source: Source, delivery: Delivery, payload: Any, event: dict[str, Any], clicks: dict[str, str]
) -> dict[str, Any]:
    found = payload.get("cookies")
    cookies = {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
    kept = {name: each for name, each in event.get("properties", {}).items() if not name.startswith(_OF_COOKIES)}
    told = {"created_at": delivery.received_at, "visitor_id": visitor_of(cookies), **event}
    told["properties"] = kept | other_ids(cookies) | clicks
    if "id" in event:
        told["id"] = source.key("form", payload.get("form_id", ""), event["id"])
    return told


VENDOR = ContactForm7()
