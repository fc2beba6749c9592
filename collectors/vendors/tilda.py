"""Tilda: forms of its sites.

Fields have the names that the site's maker gave them: the preset knows the usual ones, and can be replaced. A form may
come three times, for Tilda asks again where an answer is late: `tranid` and `formid` tell. The test `test=test` wants
`ok`.
"""

from collections.abc import Iterator
from typing import Any

from collectors.cookies import marks_of_tilda, other_ids, read_cookies, visitor_of
from collectors.deliveries import Delivery
from collectors.sources.source import Source, Told
from collectors.vendors.base import Ask, Level, Reply
from collectors.vendors.webhook import Webhook, payloads, preset_of
from infra.errors import NotAllowed


class Tilda(Webhook):
    slug = "tilda"
    title = "Tilda forms"
    level = Level.AGREED
    asks = (
        Ask("preset", "Preset of the form's field names", default="tilda", may_be_file=True),
        Ask("key_name", "Name of the field or header that carries an API key, if one is set", required=False),
        Ask("key", "That API key", secret=True, required=False),
    )
    guide = (
        "In the site's settings: Forms → Webhook → {address}\n"
        "Switch on «Send cookies», so that the visit comes with the form."
    )

    def check(self, source: Source, delivery: Delivery) -> None:
        name, key = source.settings.get("key_name", ""), source.secrets.get("key", "")
        if name and key and not self._is_ping(delivery):
            given = {**dict(delivery.form()), **delivery.headers}
            if key not in (given.get(name), given.get(name.lower())):
                raise NotAllowed(f"The form's API key ({name}) is missing or wrong.", where=name)

    def is_test(self, source: Source, delivery: Delivery) -> bool:
        return self._is_ping(delivery) or super().is_test(source, delivery)

    def reply(self, source: Source, delivery: Delivery) -> Reply:
        return Reply(b"ok", "text/plain")

    def read(self, source: Source, delivery: Delivery) -> Iterator[Told]:
        chosen = preset_of(source)
        for payload in payloads(delivery):
            yield Told(chosen.family, _event(source, delivery, chosen.read(payload)))

    def _is_ping(self, delivery: Delivery) -> bool:
        return dict(delivery.form()) == {"test": "test"}


def _event(source: Source, delivery: Delivery, event: dict[str, Any]) -> dict[str, Any]:
    properties = dict(event.get("properties", {}))
    cookies = read_cookies(str(properties.pop("COOKIES", "")))
    if source.settings.get("key_name"):
        properties.pop(source.settings["key_name"], None)
    own = {
        "visitor_id": visitor_of(cookies),
        "created_at": delivery.received_at,
        "properties": properties | other_ids(cookies),
    }
    told = {**own, **marks_of_tilda(cookies), **event, "properties": own["properties"]}
    if "id" in event:
        told["id"] = source.key("form", properties.get("formid", ""), event["id"])
    return told


VENDOR = Tilda()
