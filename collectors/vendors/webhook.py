"""Any system that can send a webhook: a preset says what its payload means.

The payload is JSON (an object, or an array of them), a form, or the query of the address. The preset is one that ships,
by name, or one of the user's own, kept with the source.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from collectors.brackets import nested
from collectors.deliveries import Delivery
from collectors.preset import Preset, preset
from collectors.sources.source import Source, Told
from collectors.vendors.base import Ask, Level, WebhookVendor
from infra.errors import UnreadableBody


class Webhook(WebhookVendor):
    slug = "webhook"
    title = "Any system with a webhook"
    level = Level.DOCUMENTED
    asks: ClassVar[Sequence[Ask]] = (Ask("preset", "Preset: a name that ships, or a .toml file", may_be_file=True),)
    guide = "Let the system send its webhook to {address}, as JSON or as a form."

    def examine(self, source: Source) -> None:
        preset_of(source)

    def is_test(self, source: Source, delivery: Delivery) -> bool:
        chosen = preset_of(source)
        return all(chosen.is_test(item) for item in items(delivery, chosen))

    def read(self, source: Source, delivery: Delivery) -> Iterator[Told]:
        chosen = preset_of(source)
        for item in items(delivery, chosen):
            event = chosen.read(item)
            if "id" in event:
                event["id"] = source.key(event["id"])
            yield Told(chosen.family, event)


def preset_of(source: Source) -> Preset:
    """The preset that the source's settings name or hold. Raises `NotFound`, `InvalidInput`."""
    told = source.settings["preset"]
    return Preset.parse(told, source.id) if "\n" in told else preset(told)


def items(delivery: Delivery, chosen: Preset) -> list[Mapping[str, Any]]:
    return [item for payload in payloads(delivery) for item in chosen.items(payload)]


def payloads(delivery: Delivery) -> list[Mapping[str, Any]]:
    """The objects of a delivery, whatever they came as. Raises `UnreadableBody`."""
    start = delivery.body.lstrip()[:1]
    if start not in (b"{", b"["):
        return [nested(delivery.form())]
    told = delivery.json()
    found = told if isinstance(told, list) else [told]
    if not all(isinstance(each, dict) for each in found):
        raise UnreadableBody("The body is neither an object nor an array of objects.", where="body")
    return found


VENDOR = Webhook()
